"""The files of a feature store: chunks of features and labels, and a table of what they belong to."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from ..datasets import DamagedFileError
from .writing import write_atomically

FORMAT = "wavelets_course features 1"
TABLE = "features.json"


@dataclass(frozen=True)
class Chunk:
    """One file: its name, number of samples, bytes, and SHA-256."""

    name: str
    samples: int
    size: int
    sha256: str


@dataclass(frozen=True)
class FeatureTable:
    """What the features are of, and the files that hold those computed so far.

    Attributes
    ----------
    stem, data : str
        Identities of what was applied to what.
    dtype : str
        Of the features.
    samples : int
        Of the whole data set.
    chunk_samples : int
        Of each file but the last.
    chunks : tuple of Chunk
        In the order of the samples.
    """

    stem: str
    data: str
    dtype: str
    samples: int
    chunk_samples: int
    chunks: tuple[Chunk, ...] = ()

    @property
    def held(self) -> int:
        """Samples whose features are there."""
        return sum(chunk.samples for chunk in self.chunks)


def read_table(folder: Path) -> FeatureTable | None:
    """Read the table of a folder.

    Returns
    -------
    FeatureTable or None
        None where there is none.

    Raises
    ------
    DamagedFileError
        If it cannot be read.
    """
    path = folder / TABLE
    if not path.is_file():
        return None
    try:
        entries = json.loads(path.read_bytes())
        if entries.pop("format") != FORMAT:
            raise ValueError("it has another format")
        entries["chunks"] = tuple(Chunk(**entry) for entry in entries["chunks"])
        return FeatureTable(**entries)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedFileError(
            f"features: {path} is no table of features ({error}); remove the folder and compute them again."
        ) from error


def add_chunk(folder: Path, table: FeatureTable, features: Tensor, labels: Tensor) -> FeatureTable:
    """Write one more file, then the table that knows of it.

    Returns
    -------
    FeatureTable
        With the new chunk. Stopped in between, the file is there and nobody knows it: it is written again.
    """
    content = save({"features": features.contiguous(), "labels": labels})
    name = f"{len(table.chunks):06d}.safetensors"
    write_atomically(folder / name, content)
    chunk = Chunk(name, len(labels), len(content), hashlib.sha256(content).hexdigest())
    longer = replace(table, chunks=(*table.chunks, chunk))
    write_atomically(folder / TABLE, json.dumps({"format": FORMAT} | asdict(longer), indent=1).encode())
    return longer


def check_chunk(folder: Path, chunk: Chunk, *, whole: bool = True) -> None:
    """Refuse a file that is not what was written.

    Parameters
    ----------
    folder : Path
        Where it lies.
    chunk : Chunk
        What was written.
    whole : bool
        False compares the length only.

    Raises
    ------
    DamagedFileError
        If it is missing, or has another length or sum.
    """
    path = folder / chunk.name
    way_out = "remove the folder and compute the features again."
    if not path.is_file() or path.stat().st_size != chunk.size:
        found = f"{path.stat().st_size:,} bytes" if path.is_file() else "nothing"
        raise DamagedFileError(f"features: expected {chunk.size:,} bytes in {path}, found {found}; {way_out}")
    if whole:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != chunk.sha256:
            raise DamagedFileError(
                f"features: {path} is damaged: its SHA-256 is {found}, not {chunk.sha256}; {way_out}"
            )
