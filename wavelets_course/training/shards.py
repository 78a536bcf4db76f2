"""Shards: many samples in one tar file, in WebDataset's layout, with an index that makes them countable.

A file system that opens a million small files a day is slow; a few thousand large ones are read in long runs,
copied at full speed and checked with one sum each. A sample ``000042`` is a run of members ``000042.jpg``,
``000042.cls``: what the ``webdataset`` library reads as well. ``index.json`` says how many samples each shard
holds, how many bytes, and its SHA-256.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from PIL.Image import Image
from torch import Tensor
from tqdm import tqdm

from ..datasets import DamagedFileError, MissingFileError
from .writing import write_atomically

FORMAT = "wavelets_course shards 1"
INDEX = "index.json"
MIB = 2**20
Fields: TypeAlias = Mapping[str, bytes]


@dataclass(frozen=True)
class Shard:
    """One tar file: its name, number of samples, bytes, and SHA-256."""

    name: str
    samples: int
    size: int
    sha256: str


@dataclass(frozen=True)
class ShardIndex:
    """All shards of a data set.

    Attributes
    ----------
    folder : Path
        Where they lie.
    shards : tuple of Shard
        In the order in which they were written.
    classes : tuple of str
        Names of the labels; empty where none were given.
    """

    folder: Path
    shards: tuple[Shard, ...]
    classes: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """Samples in all."""
        return sum(shard.samples for shard in self.shards)

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(shard.size for shard in self.shards)

    @property
    def identity(self) -> str:
        """One checksum for all: equal for equal samples in equal shards."""
        return hashlib.sha256(json.dumps([asdict(shard) for shard in self.shards]).encode()).hexdigest()


def write_shards(
    samples: Iterable[Any],
    folder: str | os.PathLike[str],
    *,
    classes: Iterable[str] = (),
    shard_bytes: int = 256 * MIB,
    shard_samples: int = 10_000,
    progress: bool | None = None,
) -> ShardIndex:
    """Pack a data set into shards.

    The same samples give the same bytes. Each shard is written under another name, brought to the disk and
    renamed, the index last: a folder with an index is whole, whatever happened while it was written.

    Parameters
    ----------
    samples : iterable
        Pairs of picture and label, as data sets give them. A picture is a path (its bytes are copied, not
        encoded anew), a PIL picture (stored as PNG, exactly) or a tensor (stored as ``.npy``); or a whole
        sample as ``{extension: bytes}``. For a torchvision ``ImageFolder`` give its `.samples`. They are
        stored in the order given: shuffle before, if classes lie together (a reader shuffles a few shards
        at a time).
    folder : path
        Made if needed; it must hold no index yet.
    classes : iterable of str
        Names of the labels.
    shard_bytes, shard_samples : int
        A shard is closed when it reaches either.
    progress : bool, optional
        Show a bar on stderr; by default only if stderr is a terminal.

    Returns
    -------
    ShardIndex

    Raises
    ------
    FileExistsError
        If there are shards already.
    TypeError
        If a sample is of none of these kinds.
    ValueError
        If there are no samples, or a size is not positive.

    References
    ----------
    A. Aizman, G. Maltby and T. Breuel, "High performance I/O for large scale deep learning", IEEE Big Data,
    2019, https://github.com/webdataset/webdataset.

    Examples
    --------
    >>> import torch
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     index = write_shards(((torch.zeros(1, 8, 8), k % 2) for k in range(5)), folder, shard_samples=2)
    >>> index.samples, [shard.samples for shard in index.shards], index.shards[0].name
    (5, [2, 2, 1], '000000.tar')
    """
    place = Path(folder).expanduser().absolute()
    if shard_bytes < 1 or shard_samples < 1:
        raise ValueError(
            f"write_shards: sizes must be positive, got shard_bytes = {shard_bytes}, "
            f"shard_samples = {shard_samples}."
        )
    if (place / INDEX).exists():
        raise FileExistsError(
            f"write_shards: {place} holds shards already; remove it, or take another folder."
        )
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob(".*.tar-*"):  # of a writer that was killed
        left.unlink()
    with tqdm(samples, "write_shards", disable=None if progress is None else not progress) as bar:
        shards = tuple(_write(bar, place, shard_bytes, shard_samples))
    if not shards:
        raise ValueError("write_shards: there are no samples; is the data set open, or an iterator used up?")
    index = ShardIndex(place, shards, tuple(classes))
    table = {"format": FORMAT, "classes": index.classes, "shards": [asdict(shard) for shard in shards]}
    write_atomically(place / INDEX, json.dumps(table, indent=1).encode())
    return index


def read_index(folder: str | os.PathLike[str]) -> ShardIndex:
    """Read the index of a folder of shards, and see that every shard is there in its full length.

    Parameters
    ----------
    folder : path
        What `write_shards` filled.

    Returns
    -------
    ShardIndex

    Raises
    ------
    MissingFileError
        If there is no index, or shards are missing.
    DamagedFileError
        If the index cannot be read, or a shard has another length.

    Examples
    --------
    >>> read_index("/nowhere")
    Traceback (most recent call last):
    ...
    wavelets_course.datasets.verification.MissingFileError: read_index: there is no /nowhere/index.json; ...
    """
    place = Path(folder).expanduser().absolute()
    index = _parse_index(place)
    missing = [shard.name for shard in index.shards if not (place / shard.name).is_file()]
    if missing:
        raise MissingFileError(
            f"read_index: {len(missing)} of {len(index.shards)} shards are missing from {place}, "
            f"the first is {missing[0]}; copy the folder again."
        )
    for shard in index.shards:
        size = (place / shard.name).stat().st_size
        if size != shard.size:
            raise DamagedFileError(
                f"read_index: {place / shard.name} has {size:,} bytes, {shard.size:,} were written; "
                "copy it again, or write the shards anew."
            )
    return index


def verify_shards(folder: str | os.PathLike[str], *, progress: bool | None = None) -> ShardIndex:
    """Compare every shard with its SHA-256, once; readers can then do without.

    Parameters
    ----------
    folder : path
        What `write_shards` filled.
    progress : bool, optional
        Show a bar on stderr; by default only if stderr is a terminal.

    Returns
    -------
    ShardIndex

    Raises
    ------
    MissingFileError, DamagedFileError
        As for `read_index`; also where a sum differs.

    Examples
    --------
    >>> verify_shards("/data/imagenet-shards")  # doctest: +SKIP
    """
    index = read_index(folder)
    for shard in tqdm(index.shards, "verify_shards", disable=None if progress is None else not progress):
        check_shard(index, shard)
    return index


def check_shard(index: ShardIndex, shard: Shard) -> None:
    """Refuse a shard whose bytes are not those that were written.

    Raises
    ------
    DamagedFileError
        With both sums.
    """
    path = index.folder / shard.name
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != shard.sha256:
        raise DamagedFileError(
            f"shards: {path} is damaged and was not read: its SHA-256 is {found}, not {shard.sha256}. "
            "Copy it again from where it came, or write the shards anew."
        )


def _parse_index(place: Path) -> ShardIndex:
    path = place / INDEX
    if not path.is_file():
        raise MissingFileError(
            f"read_index: there is no {path}; write_shards makes it last, so without it they are not whole."
        )
    try:
        table = json.loads(path.read_bytes())
        if table["format"] != FORMAT:
            raise ValueError(f"format is {table['format']!r}")
        shards = tuple(Shard(**entry) for entry in table["shards"])
        return ShardIndex(place, shards, tuple(table["classes"]))
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFileError(
            f"read_index: {path} is no index of shards ({error}); copy it again."
        ) from error


def _write(samples: Iterable[Any], place: Path, most_bytes: int, most_samples: int) -> Iterator[Shard]:
    """One shard after the other, each in memory until it is full."""
    number, held, full = 0, 0, io.BytesIO()
    tar = _open_tar(full)
    for count, sample in enumerate(samples):
        for extension, content in encode_sample(sample).items():
            member = tarfile.TarInfo(
                f"{count:09d}.{extension}"
            )  # no date, no owner: the same bytes each time
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        held += 1
        if held == most_samples or full.tell() >= most_bytes:
            yield _close(tar, full, place, number, held)
            full, number, held = io.BytesIO(), number + 1, 0
            tar = _open_tar(full)
    if held:
        yield _close(tar, full, place, number, held)


def _open_tar(full: io.BytesIO) -> tarfile.TarFile:
    return tarfile.open(fileobj=full, mode="w", format=tarfile.USTAR_FORMAT)


def _close(tar: tarfile.TarFile, full: io.BytesIO, place: Path, number: int, held: int) -> Shard:
    tar.close()
    content = full.getbuffer()
    name = f"{number:06d}.tar"
    write_atomically(place / name, content)
    return Shard(name, held, len(content), hashlib.sha256(content).hexdigest())


def encode_sample(sample: Any) -> Fields:
    """Turn a picture and its label into the bytes of a sample.

    Parameters
    ----------
    sample : pair, or mapping
        See `write_shards`.

    Returns
    -------
    mapping
        Extension to bytes; the label, as text, is ``cls``.

    Raises
    ------
    TypeError
        If it is of none of the known kinds.

    Examples
    --------
    >>> import torch
    >>> sorted(encode_sample((torch.zeros(2), 7)).items())[0]
    ('cls', b'7')
    """
    if isinstance(sample, Mapping) and all(isinstance(content, bytes) for content in sample.values()):
        return sample
    if not isinstance(sample, tuple | list) or len(sample) != 2:
        raise TypeError(_UNKNOWN.format(type(sample).__name__))
    picture, label = sample
    if isinstance(picture, str | os.PathLike):
        path = Path(picture)
        name = {"jpeg": "jpg"}.get(path.suffix[1:].lower(), path.suffix[1:].lower())
        return {name: path.read_bytes(), "cls": str(int(label)).encode()}
    stream = io.BytesIO()
    if isinstance(picture, Image):
        picture.save(stream, "PNG")
        return {"png": stream.getvalue(), "cls": str(int(label)).encode()}
    if isinstance(picture, Tensor):
        np.save(stream, picture.detach().cpu().numpy(), allow_pickle=False)
        return {"npy": stream.getvalue(), "cls": str(int(label)).encode()}
    raise TypeError(_UNKNOWN.format(f"a {type(picture).__name__} with a label"))


_UNKNOWN = (
    "write_shards: expected pairs of picture (path, PIL picture or tensor) and label, or "
    "{{extension: bytes}}, got {}."
)
