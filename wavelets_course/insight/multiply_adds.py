r"""Counting multiply-adds of anything that runs on torch, Fourier transforms included.

One multiply-add is one multiplication with the addition that follows it, the unit in which networks are
usually compared. What is counted:

- convolutions, matrix products and attention: torch's own counter (`torch.utils.flop_counter`), halved, for
  it counts the multiplication and the addition apart;
- a complex Fourier transform of ``N`` points: ``(5/2) N log2 N`` multiply-adds, half of the ``5 N log2 N``
  operations of a radix-2 transform; half of that again where one side is real;
- products of complex tensors, element by element: 4 (complex by complex) or 2 (complex by real) each; the
  modulus of a complex number: 2.

Other work on single elements (additions, activations, pooling, batch norms, copies) counts nothing, as in the
tables of the literature.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from .evaluating import Operator, evaluating


def multiply_adds(model: Operator, x: Tensor) -> int:
    """Count the multiply-adds of one forward pass.

    The kernels are those that run, so the count belongs to this implementation: a transform that has a faster
    algorithm counts less.

    Parameters
    ----------
    model
        Any callable; a module is called in evaluation mode.
    x
        Its input, a whole batch; the count is for all of it.

    Returns
    -------
    int

    References
    ----------
    M. Frigo and S. G. Johnson, "The design and implementation of FFTW3", Proc. IEEE 93(2), 2005, who measure
    transforms in units of ``5 N log2 N`` operations.

    Examples
    --------
    >>> multiply_adds(torch.nn.Conv2d(3, 8, 5, padding=2), torch.zeros(1, 3, 16, 16)) == 8 * 3 * 5**2 * 16**2
    True
    >>> multiply_adds(torch.fft.fft2, torch.zeros(1, 16, 16, dtype=torch.complex64)) == 2.5 * 256 * 8
    True
    """
    counter = FlopCounterMode(display=False, custom_mapping=_FOURIER)
    with evaluating(model), counter:
        model(x)
    return round(counter.get_total_flops() / 2)


def _raw(count: Callable[..., float]) -> Callable[..., float]:
    """Mark a rule that wants tensors, not only their shapes, as torch's counter asks for."""
    count._get_raw = True  # type: ignore[attr-defined]
    return count


def _transform_flops(signal: Tensor, axes: list[int], share: float) -> float:
    points = math.prod(signal.shape[axis] for axis in axes)
    return share * 5 * signal.numel() * math.log2(points) if points > 1 else 0.0


@_raw
def _complex_to_complex(x: Tensor, dim: list[int], *_: Any, **__: Any) -> float:
    return _transform_flops(x, dim, 1.0)


@_raw
def _real_to_complex(x: Tensor, dim: list[int], *_: Any, **__: Any) -> float:
    return _transform_flops(x, dim, 0.5)


@_raw
def _complex_to_real(x: Tensor, dim: list[int], *_: Any, out_val: Tensor, **__: Any) -> float:
    return _transform_flops(out_val, dim, 0.5)


@_raw
def _product(x: Any, y: Any, *_: Any, out_val: Tensor, **__: Any) -> float:
    complex_factors = sum(isinstance(factor, Tensor) and factor.is_complex() for factor in (x, y))
    return 2.0 * (0, 2, 4)[complex_factors] * out_val.numel()


@_raw
def _modulus(x: Tensor, *_: Any, **__: Any) -> float:
    return 4.0 * x.numel() if x.is_complex() else 0.0


_FOURIER: dict[Any, Callable[..., float]] = {
    torch.ops.aten._fft_c2c: _complex_to_complex,
    torch.ops.aten._fft_r2c: _real_to_complex,
    torch.ops.aten._fft_c2r: _complex_to_real,
    torch.ops.aten.mul: _product,
    torch.ops.aten.mul_: _product,
    torch.ops.aten.abs: _modulus,
}
