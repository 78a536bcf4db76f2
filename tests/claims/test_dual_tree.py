"""D1 to D3 fail when what they measure is broken."""

import pytest
import torch

from wavelets_course.claims import dual_tree, find
from wavelets_course.transforms import DualTreeWaveletPacket2d


class Louder(DualTreeWaveletPacket2d):
    """A synthesis that is too loud by 1e-5."""

    def synthesis(self, coefficients: torch.Tensor, shape: tuple[int, int] | None = None) -> torch.Tensor:
        return super().synthesis(coefficients, shape) * (1 + 1e-5)


class Conjugated(DualTreeWaveletPacket2d):
    """Kernels at negative frequencies."""

    def resulting_kernels(self) -> torch.Tensor:
        return super().resulting_kernels().conj().resolve_conj()


@pytest.mark.parametrize(
    ("identity", "name", "sabotage", "broken"),
    [
        ("D1", "DualTreeWaveletPacket2d", Louder, "error_float32"),
        ("D2", "wrong_side_energy", lambda J, taps: torch.full((2**J,), 0.3), "kingsbury_2"),
        ("D3", "DualTreeWaveletPacket2d", Conjugated, "wrong"),
    ],
)
def test_a_broken_dual_tree_fails(
    identity: str, name: str, sabotage: object, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dual_tree, name, sabotage)
    monkeypatch.setattr(dual_tree, "DEPTHS", (1,))
    [claim] = find(identity)
    assert claim.measure is not None
    values = claim.measure(0)
    assert not claim.expected[broken].admits(values[broken])
    assert claim.judge(values) == "fails"
