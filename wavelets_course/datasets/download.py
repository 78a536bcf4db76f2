"""Downloads that leave whole, checked files behind, or nothing."""

import gzip
import http.client
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torchvision.datasets.utils import download_url

from .known_files import Archive, DataSet, data_set
from .verification import FileReport, check_files, fetch_command, resolve

# What a network, a server, a disk or an archive can do wrong.
_FAILURES = (
    OSError,
    RuntimeError,
    http.client.HTTPException,
    EOFError,
    tarfile.TarError,
    zlib.error,
    KeyError,
)


class DownloadError(RuntimeError):
    """A data set could not be fetched; the data folder is as it was before."""


def fetch(name: str, root: str | os.PathLike[str] | None = None) -> Path:
    """Download what is missing or damaged of a data set, check it, then put it in place.

    Everything happens in a temporary folder beside the data; only files whose SHA-256 is right are moved,
    each in one step. An interrupted download therefore leaves no half-written file; it starts afresh the
    next time. Intact files are never touched, and an intact data set needs no network.

    Parameters
    ----------
    name : str
        One of `data_set_names`.
    root : path, optional
        Data folder, made if needed; `data_folder` by default.

    Returns
    -------
    Path
        The data folder.

    Raises
    ------
    DownloadError
        If the network, the disk or the server fails, or if what arrives is not what was published.
    ValueError
        If there is no data set of that name.

    Examples
    --------
    >>> fetch("mnist")  # doctest: +SKIP
    PosixPath('/home/you/.cache/wavelets-course')
    """
    wanted = data_set(name)
    folder = resolve(root)
    paths = [report.expected.path for report in check_files(name, folder) if report.state != "intact"]
    if not paths:
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".unfinished-{name}-", dir=folder) as staging:
            _download(wanted, Path(staging))
            _refuse_strangers(check_files(name, staging))
            for path in paths:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                Path(staging, path).replace(folder / path)
    except _FAILURES as error:
        raise DownloadError(
            f"{name}: the download into {folder} failed, and nothing of it was kept: {_text(error)}."
            f" Check the network and the free space, then run `{fetch_command(name, folder)}` again;"
            f" or copy these files there from a machine that has them: {', '.join(paths)}."
        ) from error
    return folder


@contextmanager
def with_torchvision(name: str, folder: Path) -> Iterator[None]:
    """Say in our own words what went wrong while torchvision downloads a large set into a folder.

    Its archives are compared with their published MD5 before they are unpacked. Unlike `fetch`, an
    interrupted download can leave an archive or part of a folder behind.

    Raises
    ------
    DownloadError
        If the network, the disk or the server fails, or if the archive is not what was published.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except _FAILURES as error:
        raise DownloadError(
            f"{name}: the download into {folder} failed: {_text(error)}. Check the network and the space,"
            " remove what was left there, then try again; or copy the folder from a machine that has it."
        ) from error


def _refuse_strangers(reports: list[FileReport]) -> None:
    for report in reports:
        if report.state != "intact":
            raise OSError(
                f"{report.expected.path} is not what was published (SHA-256 {report.sha256}"
                f" instead of {report.expected.sha256})"
            )


def _download(wanted: DataSet, folder: Path) -> None:
    for file in wanted.files:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
    for archive, file in zip(wanted.archives, wanted.files, strict=False):
        packed = _first_that_answers(archive, folder)
        if packed.name.endswith(".tar.gz"):
            _unpack(packed, wanted, folder)
        elif not packed.name.endswith(".gz"):
            packed.replace(folder / file.path)
        else:
            with gzip.open(packed) as source, (folder / file.path).open("wb") as target:
                shutil.copyfileobj(source, target)


def _unpack(packed: Path, wanted: DataSet, folder: Path) -> None:
    """Take the known files out by name: nothing else in the archive can land anywhere."""
    with tarfile.open(packed) as tar:
        for file in wanted.files:
            source = tar.extractfile(file.path)
            if source is not None:
                with source, (folder / file.path).open("wb") as target:
                    shutil.copyfileobj(source, target)


def _first_that_answers(archive: Archive, folder: Path) -> Path:
    failures: list[str] = []
    for url in archive.urls:
        name = url.rsplit("/", 1)[-1]
        try:
            download_url(url, str(folder), filename=name, md5=archive.md5)
        except _FAILURES as error:
            failures.append(f"{url}: {_text(error)}")
        else:
            return folder / name
    raise OSError("; ".join(failures))


def _text(error: BaseException) -> str:
    return str(error).rstrip(".") or type(error).__name__
