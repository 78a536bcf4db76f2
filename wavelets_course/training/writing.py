"""Files that are whole or not there."""

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: "bytes | memoryview") -> None:
    """Write a file so that no one ever sees part of it, a loss of power included.

    The bytes go to a file of another name in the same folder and are brought to the disk; then the file is
    renamed in one step, and the folder brought to the disk, for the name is kept there.

    Parameters
    ----------
    path : Path
        Where it shall lie; what lay there is replaced.
    content : bytes
        All of it.

    Raises
    ------
    OSError
        If the disk is full or cannot be written to; what lay there before is untouched.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder, "a"), b"all of it")
    ...     Path(folder, "a").read_bytes(), len(list(Path(folder).iterdir()))
    (b'all of it', 1)
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _umask() -> int:
    """What new files of this process may not be; mkstemp allows the owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows cannot open a folder
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
