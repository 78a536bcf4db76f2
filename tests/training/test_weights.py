"""Weights in files: round trips, files of others, and what is refused in words."""

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import nn

from wavelets_course.training import load_weights, save_weights
from wavelets_course.training.weights import copies, pack, unpack


def network(width: int = 4) -> nn.Module:
    return nn.Sequential(nn.Linear(3, width), nn.BatchNorm1d(width))


def test_round_trip_keeps_every_bit_and_facts(tmp_path: Path) -> None:
    model, twin = network(), network()
    model[1].running_mean.normal_()  # type: ignore[index]
    save_weights(model, tmp_path / "a.safetensors", {"made by": "a test"})
    load_weights(twin, tmp_path / "a.safetensors")
    torch.testing.assert_close(twin.state_dict(), model.state_dict(), rtol=0, atol=0)
    with safetensors.safe_open(tmp_path / "a.safetensors", "pt") as file:
        assert file.metadata() == {"made by": "a test"}


def test_the_same_numbers_make_the_same_file() -> None:
    numbers = copies(network().state_dict())
    facts = {letter: letter for letter in "abcdefgh"}
    contents = {pack(numbers, dict(sorted(facts.items(), reverse=turned))) for turned in (False, True)}
    contents |= {pack(numbers, facts) for _ in range(5)}
    assert len(contents) == 1
    found, kept = unpack(contents.pop(), "test")
    torch.testing.assert_close(found, numbers, rtol=0, atol=0)
    assert kept == facts


def test_files_of_others_are_read_into_the_models_own_dtype(tmp_path: Path) -> None:
    model, twin = network(), network().double()
    safetensors.torch.save_file(model.state_dict(), tmp_path / "theirs.safetensors")
    load_weights(twin, tmp_path / "theirs.safetensors")
    assert twin[0].weight.dtype == torch.float64  # type: ignore[index]
    torch.testing.assert_close(twin.float().state_dict(), model.state_dict())


def test_tied_and_channels_last_weights(tmp_path: Path) -> None:
    model, twin = nn.ModuleList(), nn.ModuleList()
    for pair in (model, twin):
        first = nn.Conv2d(3, 3, 3).to(memory_format=torch.channels_last)
        second = nn.Conv2d(3, 3, 3)
        second.weight = first.weight
        pair.extend((first, second))
    save_weights(model, tmp_path / "tied.safetensors")
    load_weights(twin, tmp_path / "tied.safetensors")
    torch.testing.assert_close(twin.state_dict(), model.state_dict(), rtol=0, atol=0, check_stride=True)


@pytest.mark.untyped
def test_what_does_not_fit_is_named_and_the_model_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_weights(network(5), path)
    model = network(4)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(
        ValueError, match=r"does not fit the model: 0\.weight has shape \(5, 3\), not \(4, 3\);"
    ):
        load_weights(model, path)
    with pytest.raises(
        ValueError, match=r"missing weight, bias; unknown 0\.bias, 0\.weight, .* and 3 more\."
    ):
        load_weights(nn.Linear(3, 5), path)
    torch.testing.assert_close(model.state_dict(), before, rtol=0, atol=0)


class Malice:
    def __reduce__(self) -> Any:
        return Path.touch, (Path("/nowhere/at/all"),)


@pytest.mark.parametrize("old", [True, False])
def test_pickles_are_not_opened(old: bool, tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"weight": Malice()}, path, _use_new_zipfile_serialization=not old)
    assert zipfile.is_zipfile(path) != old
    with pytest.raises(ValueError, match=r"is a pickle, which can run code, and was not read; convert it"):
        load_weights(network(), path)


def test_a_header_may_begin_like_a_pickle() -> None:
    """A file begins with its header's length, whose first byte can be a pickle's."""
    contents = [pack({"w": torch.zeros(1)}, {"note": "x" * size}) for size in range(0, 520, 8)]
    alike = [content for content in contents if content[0] == 0x80]
    assert alike
    for content in alike:
        assert unpack(content, "test")[0]["w"].shape == (1,)


def test_damaged_missing_and_wrong_files(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_weights(network(), path)
    content = path.read_bytes()
    load_weights(network(), path, sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(ValueError, match=r"has SHA-256 [0-9a-f]{64}, not 00; fetch or make it again"):
        load_weights(network(), path, sha256="00")
    for broken in (content[:-3], content[:20], b"", b"hello, this is text"):
        path.write_bytes(broken)
        with pytest.raises(ValueError, match=r"a\.safetensors is damaged, or no safetensors file"):
            load_weights(network(), path)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load_weights(network(), tmp_path / "b.safetensors")
