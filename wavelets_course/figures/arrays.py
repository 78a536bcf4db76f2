"""From any tensor to what can be drawn: a NumPy array of float64, complex128 or booleans."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array: TypeAlias = Tensor | np.ndarray
Number: TypeAlias = float | int


def to_numpy(x: Array | Sequence[Number]) -> npt.NDArray[Any]:
    """Give `x` as float64 (complex128 where complex): detached, on the CPU, a copy of its own.

    Parameters
    ----------
    x
        A tensor on any device and of any dtype (bfloat16 too), or what NumPy can read.

    Returns
    -------
    numpy.ndarray
        Same shape; integers and booleans become float64.

    Examples
    --------
    >>> to_numpy(torch.ones(2, dtype=torch.bfloat16, requires_grad=True))
    array([1., 1.])
    """
    if isinstance(x, Tensor):
        wide = torch.complex128 if x.is_complex() else torch.float64
        return x.detach().resolve_conj().cpu().to(wide).numpy().copy()
    array = np.array(x)
    return array.astype(np.complex128 if np.iscomplexobj(array) else np.float64)


def finite(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Leave out NaN and infinities.

    Examples
    --------
    >>> finite(np.array([1.0, np.nan]))
    array([1.])
    """
    kept: npt.NDArray[Any] = values[np.isfinite(values)]
    return kept
