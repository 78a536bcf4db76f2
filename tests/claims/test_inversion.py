"""S4 and S5: what they need, what they say when it is not there, and that they can fail."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from wavelets_course.claims import find, inversion
from wavelets_course.datasets import DamagedFileError, MissingFileError, photograph
from wavelets_course.descent import History


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WAVELETS_COURSE_DATA", str(tmp_path))
    return tmp_path


def test_photographs_that_are_not_here_are_named(folder: Path) -> None:
    with pytest.raises(MissingFileError, match=r"S4: there is no .*kodim01\.png; put the Kodak suite"):
        inversion.centre_crop("kodim01")


def test_a_damaged_photograph_is_not_read(folder: Path) -> None:
    (folder / "kodak").mkdir()
    (folder / "kodak" / "kodim01.png").write_bytes(b"not it")
    with pytest.raises(DamagedFileError, match="is not the file of the Kodak suite"):
        inversion.centre_crop("kodim01")


def test_crops_are_central_and_grey(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "kodak").mkdir()
    path = folder / "kodak" / "kodim01.png"
    picture = Image.new("RGB", (768, 512), "black")
    picture.paste((255, 0, 0), (320, 192, 448, 320))
    picture.save(path)
    monkeypatch.setattr(
        inversion.hashlib, "sha256", lambda data: type("", (), {"hexdigest": lambda self: "s"})()
    )
    monkeypatch.setitem(inversion.KODAK, "kodim01", "s")
    crop = inversion.centre_crop("kodim01")
    torch.testing.assert_close(crop, torch.full((128, 128), 0.2125))


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps on small crops of embedded photographs, in place of Kodak's."""
    names = iter(["camera", "chelsea", "coins"])
    crops = {name: photograph(next(names), size=32) for name in list(inversion.KODAK)[:3]}
    crops |= {name: crops["kodim01"].flip(-1) for name in list(inversion.KODAK)[3:]}
    monkeypatch.setattr(inversion, "centre_crop", lambda name: crops[name])
    for name, value in {"SIDE": 32, "STEPS": 4, "MORE": 2}.items():
        monkeypatch.setattr(inversion, name, value)


def test_s4_measures_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    [claim] = find("S4")
    assert claim.measure is not None
    values = claim.measure(0)
    assert set(values) == set(claim.expected)
    gaps = [values[f"{name}_3"] - values[f"{name}_4"] for name in inversion.KODAK]
    assert values["smallest_gap"] == min(gaps)
    assert sorted(gaps)[5] <= values["median_gap"] <= sorted(gaps)[6]
    assert all(map(math.isfinite, values.values()))
    assert claim.judge(values) == "fails"  # six steps are not enough


def test_s4_fails_where_inversion_returns_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    still = History((1.0,), "steps", 0.0)

    def lazy(layer: object, target: torch.Tensor, **_: object) -> tuple[torch.Tensor, History]:
        return torch.zeros(len(target), 32, 32), History.of((still,) * len(target), 0.0)

    monkeypatch.setattr(inversion, "invert", lazy)
    [claim] = find("S4")
    assert claim.measure is not None
    assert claim.judge(claim.measure(0)) == "fails"


@pytest.mark.parametrize(
    ("name", "sabotage"),
    [
        ("blob_attenuation", lambda C, bank: torch.ones(bank.J, bank.L)),
        ("gabor_bank_2d", inversion.morlet_bank_2d),
    ],
)
def test_s5_can_fail(monkeypatch: pytest.MonkeyPatch, name: str, sabotage: Callable[..., object]) -> None:
    monkeypatch.setattr(inversion, name, sabotage)
    monkeypatch.setattr(inversion, "BLOBS", 2)
    monkeypatch.setattr(inversion, "FEW", 1)
    [claim] = find("S5")
    assert claim.measure is not None
    values = claim.measure(0)
    assert not claim.expected["gap"].admits(values["gap"])
