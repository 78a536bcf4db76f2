"""Writing shards: the same bytes each time, whole or not there, readable by the webdataset library."""

import gc
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor

from wavelets_course.datasets import DamagedFileError, MissingFileError
from wavelets_course.training.shard_reader import Shards
from wavelets_course.training.shards import read_index, verify_shards, write_shards


def pictures(count: int = 7) -> list[tuple[Image.Image, int]]:
    random = np.random.default_rng(3)
    return [(Image.fromarray(random.integers(0, 256, (5, 6, 3), np.uint8)), k % 3) for k in range(count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_shards(pictures(), tmp_path / "shards", shard_samples=3, classes=["a", "b", "c"])
    return tmp_path / "shards"


def test_sizes_sums_and_classes(folder: Path) -> None:
    index = verify_shards(folder)
    assert [shard.samples for shard in index.shards] == [3, 3, 1]
    assert (index.samples, index.classes) == (7, ("a", "b", "c"))
    assert index.size == sum(path.stat().st_size for path in folder.glob("*.tar"))
    assert sorted(path.name for path in folder.iterdir()) == [
        "000000.tar",
        "000001.tar",
        "000002.tar",
        "index.json",
    ]


def test_the_same_samples_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = write_shards(pictures(), tmp_path / "again", shard_samples=3)
    assert again.identity == read_index(folder).identity
    other = write_shards(pictures()[::-1], tmp_path / "other", shard_samples=3)
    assert other.identity != again.identity


def test_a_shard_is_closed_by_its_bytes_too(tmp_path: Path) -> None:
    samples = ((torch.zeros(1000), 0) for _ in range(10))
    index = write_shards(samples, tmp_path, shard_bytes=10_000)
    assert [shard.samples for shard in index.shards] == [2] * 5


def test_webdataset_reads_the_same(folder: Path) -> None:
    webdataset = pytest.importorskip("webdataset")
    files = [str(folder / shard.name) for shard in read_index(folder).shards]
    theirs = webdataset.WebDataset(files, shardshuffle=False).decode("pil").to_tuple("png", "cls")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves closing to the garbage collector
        found = [(pil_to_tensor(picture), label) for picture, label in theirs]
        del theirs
        gc.collect()
    assert len(found) == 7
    for (pixels, label), (picture, truth) in zip(found, pictures(), strict=True):
        assert label == truth
        torch.testing.assert_close(pixels, pil_to_tensor(picture), rtol=0, atol=0)


def test_files_are_copied_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "x.JPEG"
    pictures(1)[0][0].save(path, "JPEG")
    write_shards([(str(path), 4)], tmp_path / "shards")
    assert path.read_bytes() in (tmp_path / "shards/000000.tar").read_bytes()
    picture, label = Shards(tmp_path / "shards", transform=pil_to_tensor)[0]
    with Image.open(path) as opened:
        torch.testing.assert_close(picture, pil_to_tensor(opened.convert("RGB")), rtol=0, atol=0)
    assert label == 4


def test_a_whole_sample_of_bytes_is_stored_as_it_is(tmp_path: Path) -> None:
    [content] = [path.read_bytes() for path in [tmp_path / "a.png"] if not pictures(1)[0][0].save(path)]
    write_shards([{"png": content, "cls": b"2", "txt": b"a note"}], tmp_path / "shards")
    assert Shards(tmp_path / "shards")[0][1] == 2


def test_stopped_while_writing_it_leaves_no_index_and_can_start_again(tmp_path: Path) -> None:
    def stops() -> Iterator[Any]:
        yield from pictures()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_shards(stops(), tmp_path, shard_samples=3)
    assert (tmp_path / "000001.tar").exists()
    with pytest.raises(MissingFileError, match=r"no .*index\.json; write_shards makes it last"):
        read_index(tmp_path)
    write_shards(pictures(), tmp_path, shard_samples=3)
    assert verify_shards(tmp_path).samples == 7


@pytest.mark.untyped
def test_nothing_is_overwritten_and_nonsense_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError, match="holds shards already; remove it"):
        write_shards(pictures(), folder)
    with pytest.raises(ValueError, match="there are no samples"):
        write_shards([], tmp_path / "none")
    with pytest.raises(ValueError, match="sizes must be positive, got shard_bytes = 0"):
        write_shards(pictures(), tmp_path / "none", shard_bytes=0)
    for sample in (3, (1, 2, 3), ("a", "b", "c"), {"png": "text"}, (4, 5)):
        with pytest.raises(TypeError, match=r"expected pairs of picture \(path, PIL picture or tensor\)"):
            write_shards([sample], tmp_path / "none")


@pytest.mark.untyped
def test_what_is_missing_cut_or_changed_is_named(folder: Path) -> None:
    path = folder / "000001.tar"
    content = path.read_bytes()
    path.write_bytes(content[:-512])
    with pytest.raises(DamagedFileError, match=r"000001\.tar has [\d,]+ bytes, [\d,]+ were written; copy it"):
        read_index(folder)
    path.write_bytes(content[:600] + bytes([content[600] ^ 1]) + content[601:])
    read_index(folder)
    with pytest.raises(DamagedFileError, match=r"000001\.tar is damaged and was not read: its SHA-256 is"):
        verify_shards(folder)
    path.unlink()
    with pytest.raises(
        MissingFileError, match=r"1 of 3 shards are missing from .*, the first is 000001\.tar"
    ):
        read_index(folder)


@pytest.mark.untyped
@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format": "another"}', '{"format": "wavelets_course shards 1"}']
)
def test_a_damaged_index_is_named(text: str, folder: Path) -> None:
    (folder / "index.json").write_text(text)
    with pytest.raises(DamagedFileError, match=r"index\.json is no index of shards \(.*copy it again"):
        read_index(folder)


def test_tensors_come_back_with_every_bit(tmp_path: Path, generator: torch.Generator) -> None:
    tensors: list[Tensor] = [torch.randn(2, 3, generator=generator, dtype=torch.float64) for _ in range(3)]
    write_shards([(tensor, k) for k, tensor in enumerate(tensors)], tmp_path)
    for tensor, (stored, _) in zip(tensors, Shards(tmp_path), strict=False):
        torch.testing.assert_close(stored, tensor, rtol=0, atol=0)
    assert json.loads((tmp_path / "index.json").read_text())["shards"][0]["samples"] == 3
