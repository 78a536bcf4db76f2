"""Chunks: the same numbers as the whole batch, no piece lost, and nothing in place that is recorded."""

import pytest
import torch
from torch.autograd import forward_ad

from wavelets_course.transforms import chunks
from wavelets_course.transforms.chunks import in_chunks, pieces, unwatched

CPU = torch.device("cpu")


@pytest.mark.parametrize("size", [0, 1, 1000, 10**9])
@pytest.mark.parametrize("count", [0, 1, 7, 1000])
def test_pieces_cover_everything_once(count: int, size: int) -> None:
    covered = [k for piece in pieces(count, size, CPU) for k in range(count)[piece]]
    assert covered == list(range(count))
    assert len(list(pieces(count, size, torch.device("cuda")))) == min(count, 1)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch, generator: torch.Generator) -> None:
    x, y = torch.randn(2, 2, 5, 6, 4, generator=generator)
    monkeypatch.setattr(chunks, "CHUNK", 50)
    calls = []

    def step(u: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        calls.append(len(u))
        return (u + v)[..., 1:], u.sum(-1, keepdim=True)

    torch.testing.assert_close(in_chunks(step, x, y), ((x + y)[..., 1:], x.sum(-1, keepdim=True)))
    assert max(calls) < 10 == sum(calls)
    calls.clear()
    in_chunks(step, x.clone().requires_grad_(), y)
    assert calls == [2]  # recorded: the batch as it came
    assert [tuple(part.shape) for part in in_chunks(step, x[:0], y[:0])] == [(0, 5, 6, 3), (0, 5, 6, 1)]


# torch's own forward-mode rules still use torch.jit.script.
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")
def test_every_recorder_is_seen() -> None:
    x = torch.ones(2)
    assert unwatched(x)
    assert unwatched(torch.nn.Parameter(x, requires_grad=False))
    parameter = torch.nn.Parameter(x)
    assert not unwatched(x, parameter)
    with torch.no_grad():
        assert unwatched(x, parameter)
    with torch.inference_mode():
        assert unwatched(x + 1)
    seen = []
    torch.vmap(lambda u: seen.append(unwatched(u)) or u)(x)  # type: ignore[func-returns-value]
    assert seen == [False]
    with forward_ad.dual_level():
        assert not unwatched(forward_ad.make_dual(x, x))
    assert not unwatched(torch.Tensor._make_subclass(type("Other", (torch.Tensor,), {}), x))
