"""What a claim may need, and whether it is here.

With this file you can: ask whether a data set or a device is present, without downloading anything.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType

import torch

from ..datasets import check_files, data_set_names


def _intact(name: str) -> bool:
    """Whether every file of a data set is here, byte for byte."""
    return all(report.state == "intact" for report in check_files(name))


NEEDS: Mapping[str, Callable[[], bool]] = MappingProxyType(
    {"cuda": torch.cuda.is_available} | {name: partial(_intact, name) for name in data_set_names()}
)
"""Names that `Claim.needs` may use, each with the question whether it is present."""


def absent(needs: Iterable[str]) -> list[str]:
    """Names of the needs that are not met here.

    Parameters
    ----------
    needs : iterable of str
        Names from `NEEDS`.

    Returns
    -------
    list of str
        In the given order. A damaged data set counts as absent.

    Raises
    ------
    ValueError
        If a name is unknown.

    Examples
    --------
    >>> absent([])
    []
    """
    wanted = list(needs)
    if unknown := [name for name in wanted if name not in NEEDS]:
        raise ValueError(
            f"absent: {unknown[0]!r} is not a known need; use one of {', '.join(sorted(NEEDS))}."
        )
    return [name for name in wanted if not NEEDS[name]()]
