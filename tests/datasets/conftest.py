"""Tiny data sets in the layout of the real ones, with checksum tables of their own."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torchvision.datasets
from PIL import Image

from wavelets_course.datasets import known_files
from wavelets_course.datasets.known_files import Archive, DataSet, RawFile


@dataclass
class TinySet:
    """The bytes of a made-up data set: what its files and its archives hold."""

    name: str
    files: dict[str, bytes]
    archives: dict[str, bytes]

    def write(self, root: Path) -> Path:
        for path, content in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        return root

    def serve(self, folder: Path) -> Path:
        for name, content in self.archives.items():
            (folder / name).write_bytes(content)
        return folder

    def table(self, mirrors: tuple[str, ...] = ("http://127.0.0.1:9/",)) -> DataSet:
        return DataSet(
            title="made up",
            page="https://example.org",
            terms="none",
            download_bytes=sum(map(len, self.archives.values())),
            archives=tuple(
                Archive(tuple(mirror + name for mirror in mirrors), hashlib.md5(content).hexdigest())
                for name, content in self.archives.items()
            ),
            files=tuple(
                RawFile(path, len(content), hashlib.sha256(content).hexdigest())
                for path, content in self.files.items()
            ),
        )


def idx(values: np.ndarray) -> bytes:
    """LeCun's IDX format: two zero bytes, 8 for uint8, the number of axes, their lengths, the bytes."""
    return struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes()


def tiny_idx(name: str, folder: str) -> TinySet:
    random = np.random.default_rng(7)
    files = {}
    for part, count in (("train", 5), ("t10k", 3)):
        images = random.integers(0, 256, (count, 28, 28), np.uint8)
        files[f"{folder}/raw/{part}-images-idx3-ubyte"] = idx(images)
        files[f"{folder}/raw/{part}-labels-idx1-ubyte"] = idx(np.arange(count, dtype=np.uint8))
    archives = {f"{Path(path).name}.gz": gzip.compress(content) for path, content in files.items()}
    return TinySet(name, files, archives)


def tiny_cifar() -> TinySet:
    random = np.random.default_rng(8)
    files = {}
    for batch in ("data_batch_1", "data_batch_2", "test_batch"):
        pixels = random.integers(0, 256, (2, 3072), np.uint8)
        files[f"cifar-10-batches-py/{batch}"] = pickle.dumps({"data": pixels, "labels": [3, 6]}, protocol=2)
    files["cifar-10-batches-py/batches.meta"] = pickle.dumps({"label_names": list("abcdefghij")}, protocol=2)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return TinySet("cifar10", files, {"cifar-10-python.tar.gz": packed.getvalue()})


def tiny_kodak() -> TinySet:
    random = np.random.default_rng(9)
    pictures = {}
    for name, (height, width) in {
        "kodim01.png": (4, 6),
        "kodim02.png": (6, 4),
        "kodim03.png": (4, 6),
    }.items():
        encoded = io.BytesIO()
        Image.fromarray(random.integers(0, 256, (height, width, 3), np.uint8)).save(encoded, "PNG")
        pictures[name] = encoded.getvalue()
    return TinySet("kodak", {f"kodak/{name}": content for name, content in pictures.items()}, pictures)


@pytest.fixture(params=["mnist", "fashion_mnist", "cifar10", "kodak"])
def tiny(request: pytest.FixtureRequest, make_tiny: Callable[[str], TinySet]) -> TinySet:
    return make_tiny(request.param)


@pytest.fixture
def make_tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], TinySet]:
    """Put a tiny data set in the table in place of the real one."""
    monkeypatch.setenv("WAVELETS_COURSE_DATA", str(tmp_path / "a data folder"))

    def make(name: str) -> TinySet:
        if name == "cifar10":
            made = tiny_cifar()
            sums = [
                [Path(path).name, hashlib.md5(content).hexdigest()] for path, content in made.files.items()
            ]
            monkeypatch.setattr(torchvision.datasets.CIFAR10, "train_list", sums[:2])
            monkeypatch.setattr(torchvision.datasets.CIFAR10, "test_list", sums[2:3])
            meta = {"filename": "batches.meta", "key": "label_names", "md5": sums[3][1]}
            monkeypatch.setattr(torchvision.datasets.CIFAR10, "meta", meta)
        elif name == "kodak":
            made = tiny_kodak()
        else:
            made = tiny_idx(name, {"mnist": "MNIST", "fashion_mnist": "FashionMNIST"}[name])
        monkeypatch.setitem(known_files.DATA_SETS, name, made.table())
        return made

    return make
