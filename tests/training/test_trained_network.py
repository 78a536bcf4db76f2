"""Networks that come trained: the file is the one described, and it does what its sheet says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from wavelets_course import networks
from wavelets_course.training import trained_network as shelf
from wavelets_course.training.trained_network import TrainedNetwork, build_network, keep_trained, trained

FACTS = TrainedNetwork(
    "tiny",
    "LinearMLP",
    {"shape": (8, 8), "hidden": 4, "classes": 3},
    "make it",
    "nothing",
    {"top1": 0.3},
    "today",
)


@pytest.fixture
def own_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shelf, "SHELF", tmp_path)
    return tmp_path


def test_what_is_kept_comes_back(own_shelf: Path, generator: torch.Generator) -> None:
    model = networks.LinearMLP((8, 8), hidden=4, classes=3)
    kept = keep_trained(model, FACTS, own_shelf)
    found = trained("tiny")
    x = torch.randn(2, 1, 8, 8, generator=generator)
    assert not found.training
    assert_close(found(x), model.eval()(x), rtol=0, atol=0)
    assert shelf.trained_names() == ("tiny",)
    described = shelf.describe_trained("tiny")
    assert (described.sha256, described.scores) == (kept.sha256, {"top1": 0.3})
    assert len(kept.sha256) == 64


def test_a_damaged_file_is_refused(own_shelf: Path) -> None:
    keep_trained(networks.LinearMLP((8, 8), hidden=4, classes=3), FACTS, own_shelf)
    path = own_shelf / "tiny.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="has SHA-256"):
        trained("tiny")


def test_large_networks_stay_outside(tmp_path: Path) -> None:
    facts = replace(FACTS, settings={"shape": (512, 512), "hidden": 4, "classes": 3})
    with pytest.raises(ValueError, match=r"4,19\d,\d+ bytes, at most 1,000,000"):
        keep_trained(networks.LinearMLP((512, 512), hidden=4, classes=3), facts, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("network", ["resnet18", "StemPlan", "__all__"])
def test_what_is_no_network(network: str) -> None:
    with pytest.raises(ValueError, match="build_network: "):
        build_network(network, {})


def test_every_sheet_is_true() -> None:
    for path in shelf.SHELF.glob("*.safetensors"):
        assert path.stem in shelf.trained_names()
        assert path.stat().st_size <= shelf.LARGEST + 2**14
        trained(path.stem)
        sheet = json.loads(path.with_suffix(".json").read_text())
        assert sheet["scores"]
        assert sheet["command"].startswith("wavelets-course train ")
