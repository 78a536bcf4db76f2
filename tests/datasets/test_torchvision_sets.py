"""The three sets open with the right numbers, and only after their files were checked."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.testing import assert_close

from wavelets_course.datasets import (
    DamagedFileError,
    MissingFileError,
    cifar10,
    data_folder,
    fashion_mnist,
    mnist,
    torchvision_sets,
)

from .conftest import TinySet

OPEN: dict[str, Callable[..., Any]] = {"mnist": mnist, "fashion_mnist": fashion_mnist, "cifar10": cifar10}


@pytest.fixture(params=list(OPEN))
def tiny(request: pytest.FixtureRequest, make_tiny: Callable[[str], TinySet]) -> TinySet:
    return make_tiny(request.param)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
@pytest.mark.parametrize(("train", "count"), [(True, 5), (False, 3)])
def test_idx_sets_hold_the_written_bytes(
    name: str, train: bool, count: int, make_tiny: Callable[[str], TinySet]
) -> None:
    tiny = make_tiny(name)
    root = tiny.write(data_folder())
    opened = OPEN[name](train)
    assert len(opened) == count
    image, label = opened[count - 1]
    assert (image.shape, image.dtype, label) == ((1, 28, 28), torch.float32, count - 1)
    (path,) = root.glob(f"*/raw/{'train' if train else 't10k'}-images-*")
    expected = np.frombuffer(path.read_bytes(), np.uint8, offset=16).reshape(count, 28, 28)
    assert_close(image[0], torch.from_numpy(expected[-1].copy()) / 255, atol=0, rtol=0)


@pytest.mark.parametrize(("train", "count"), [(True, 4), (False, 2)])
def test_cifar_holds_the_written_bytes(train: bool, count: int, make_tiny: Callable[[str], TinySet]) -> None:
    tiny = make_tiny("cifar10")
    tiny.write(data_folder())
    opened = cifar10(train)
    assert len(opened) == count
    image, label = opened[count - 1]
    assert (image.shape, image.dtype, label) == ((3, 32, 32), torch.float32, 6)
    batch = "cifar-10-batches-py/" + ("data_batch_2" if train else "test_batch")
    expected = pickle.loads(tiny.files[batch])["data"][1].reshape(3, 32, 32)
    assert_close(image, torch.from_numpy(expected) / 255, atol=0, rtol=0)


def test_transforms_are_the_callers(tiny: TinySet) -> None:
    tiny.write(data_folder())
    picture, label = OPEN[tiny.name](transform=None, target_transform=str)[0]
    assert picture.size in {(28, 28), (32, 32)}
    assert isinstance(label, str)


@pytest.mark.untyped
def test_nothing_is_downloaded_unasked(tiny: TinySet, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("downloaded unasked")

    monkeypatch.setattr(torchvision_sets, "fetch", refuse)
    with pytest.raises(
        MissingFileError, match=rf"`wavelets-course data fetch {tiny.name}` or {tiny.name}\(down"
    ):
        OPEN[tiny.name]()


def test_download_fetches_first(tiny: TinySet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(torchvision_sets, "fetch", lambda name, root: tiny.write(Path(root)))
    assert len(OPEN[tiny.name](root=tmp_path / "new folder", download=True)) > 0


@pytest.mark.untyped
@pytest.mark.parametrize("train", [True, False])
def test_damage_anywhere_refuses_both_parts(train: bool, tiny: TinySet) -> None:
    root = tiny.write(data_folder())
    for path, content in tiny.files.items():
        (root / path).write_bytes(content[:-1] + bytes([content[-1] ^ 128]))
        with pytest.raises(DamagedFileError, match="is damaged and was not read"):
            OPEN[tiny.name](train)
        (root / path).write_bytes(content)


class Bomb:
    """Unpickling it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_a_hostile_pickle_is_never_opened(make_tiny: Callable[[str], TinySet], tmp_path: Path) -> None:
    root = make_tiny("cifar10").write(data_folder())
    marker = tmp_path / "exploded"
    hostile = pickle.dumps(Bomb(marker))
    for name in ("data_batch_1", "test_batch", "batches.meta"):
        path = root / "cifar-10-batches-py" / name
        content = path.read_bytes()
        path.write_bytes(hostile)
        with pytest.raises(DamagedFileError):
            cifar10()
        assert not marker.exists()
        path.write_bytes(content)
    pickle.loads(hostile)  # the bomb does work
    assert marker.exists()


@pytest.mark.untyped
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_files_of_an_old_torchvision_do_not_slip_past_the_check(
    name: str, make_tiny: Callable[[str], TinySet]
) -> None:
    root = make_tiny(name).write(data_folder())
    (raw,) = root.glob("*/raw")
    (raw.parent / "processed").mkdir()
    (raw.parent / "processed" / "training.pt").write_bytes(b"anything")
    with pytest.raises(
        DamagedFileError, match=r"processed was written by an old torchvision.*Delete that folder"
    ):
        OPEN[name]()


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4)])
def test_white_is_one(mode: str, channels: int) -> None:
    white = torchvision_sets.as_tensor(Image.new("RGBA", (3, 2), "white").convert(mode))
    assert_close(white, torch.ones(channels, 2, 3), atol=0, rtol=0)


@pytest.mark.parametrize("mode", ["1", "I;16", "I", "F", "CMYK", "P", "YCbCr", "HSV"])
def test_modes_whose_bytes_are_no_brightness_are_refused(mode: str) -> None:
    with pytest.raises(
        TypeError, match=rf"expected a picture in mode L, LA, RGB, RGBA, got {mode}; use picture"
    ):
        torchvision_sets.as_tensor(Image.new(mode, (3, 2)))
