"""Files are compared with their published checksums before anything reads them."""

import hashlib
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .known_files import RawFile, data_set
from .place import VARIABLE, data_folder

State = Literal["intact", "missing", "damaged"]


class DamagedFileError(ValueError):
    """A file is not, byte for byte, what was published. It has not been read any further."""


class MissingFileError(FileNotFoundError):
    """A data set, or some of its files, is not where it was looked for."""


@dataclass(frozen=True)
class FileReport:
    """What was found where a file should lie.

    Parameters
    ----------
    expected : RawFile
        What should be there.
    path : Path
        Where it was looked for.
    state : "intact", "missing" or "damaged"
        The verdict.
    size, sha256
        Of what lies there; None if missing.
    """

    expected: RawFile
    path: Path
    state: State
    size: int | None = None
    sha256: str | None = None


def check_files(name: str, root: str | os.PathLike[str] | None = None) -> list[FileReport]:
    """Compare every file of a data set with its published SHA-256.

    Parameters
    ----------
    name : str
        One of `data_set_names`.
    root : path, optional
        Data folder; `data_folder` by default.

    Returns
    -------
    list of FileReport
        One for each file, whatever its state. About 0.1 s for 200 MB.

    Raises
    ------
    ValueError
        If there is no data set of that name.

    Examples
    --------
    >>> [report.state for report in check_files("mnist", "/nowhere")]
    ['missing', 'missing', 'missing', 'missing']
    """
    folder = resolve(root)
    return [_report(expected, folder / expected.path) for expected in data_set(name).files]


def verify(name: str, root: str | os.PathLike[str] | None = None) -> Path:
    """Make sure that every file of a data set is there and intact; only then may it be read.

    Parameters
    ----------
    name : str
        One of `data_set_names`.
    root : path, optional
        Data folder; `data_folder` by default.

    Returns
    -------
    Path
        The data folder.

    Raises
    ------
    MissingFileError
        Naming every missing file and the command that fetches it.
    DamagedFileError
        Naming the first damaged file, both checksums and the way out.
    ValueError
        If there is no data set of that name.

    Examples
    --------
    >>> verify("mnist", "/nowhere")
    Traceback (most recent call last):
    ...
    wavelets_course.datasets.verification.MissingFileError: mnist: 4 of 4 files are missing from /nowhere...
    """
    folder = resolve(root)
    reports = check_files(name, folder)
    missing = [report for report in reports if report.state == "missing"]
    if missing:
        raise MissingFileError(_missing_text(name, folder, missing, len(reports)))
    for report in reports:
        if report.state == "damaged":
            raise DamagedFileError(_damaged_text(name, folder, report))
    return folder


def resolve(root: str | os.PathLike[str] | None) -> Path:
    """Turn an optional folder into an absolute one, `data_folder` by default."""
    return data_folder() if root is None else Path(root).expanduser().absolute()


def fetch_command(name: str, folder: Path) -> str:
    """Spell the shell command that downloads a data set into this very folder."""
    command = f"wavelets-course data fetch {name}"
    return command if folder == data_folder() else f"{command} --root {shlex.quote(str(folder))}"


def _report(expected: RawFile, path: Path) -> FileReport:
    if not path.is_file():
        return FileReport(expected, path, "missing")
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    state: State = "intact" if sha256 == expected.sha256 else "damaged"
    return FileReport(expected, path, state, path.stat().st_size, sha256)


def _missing_text(name: str, folder: Path, missing: list[FileReport], count: int) -> str:
    files = ", ".join(report.expected.path for report in missing)
    return (
        f"{name}: {len(missing)} of {count} files are missing from {folder}: {files}."
        f"{_whereabouts(folder, missing[0].expected.path)}"
        f" Fetch them with `{fetch_command(name, folder)}` or {name}(download=True),"
        f" or set {VARIABLE} to the folder that has them."
    )


def _whereabouts(folder: Path, path: str) -> str:
    """Notice the usual slips: no such folder, or one that is a level too deep."""
    for parent in (folder.parent, folder.parent.parent):
        if (parent / path).is_file():
            return f" They are in {parent}: give that folder instead."
    return "" if folder.is_dir() else " There is no such folder."


def _damaged_text(name: str, folder: Path, report: FileReport) -> str:
    expected, size = report.expected, report.size
    short = f" Only {size:,} of its {expected.size:,} bytes are there." if (size or 0) < expected.size else ""
    return (
        f"{name}: {report.path} is damaged and was not read.{short}"
        f" Its SHA-256 is {report.sha256}, the published one is {expected.sha256}."
        f" Delete it and fetch it again: `{fetch_command(name, folder)}` or {name}(download=True)."
    )
