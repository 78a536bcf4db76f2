"""Where data sets are kept on this machine."""

import os
from pathlib import Path

import platformdirs

VARIABLE = "WAVELETS_COURSE_DATA"


def data_folder() -> Path:
    """Say where data sets are kept: ``WAVELETS_COURSE_DATA`` if it is set, else this system's cache.

    The folder need not exist yet; a download makes it.

    Returns
    -------
    Path
        Absolute.

    Examples
    --------
    >>> import os
    >>> os.environ["WAVELETS_COURSE_DATA"] = "/data/images"  # doctest: +SKIP
    >>> data_folder()  # doctest: +SKIP
    PosixPath('/data/images')
    >>> data_folder().is_absolute()
    True
    """
    chosen = os.environ.get(VARIABLE, "").strip()
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_cache_path("wavelets-course", appauthor=False).absolute()
