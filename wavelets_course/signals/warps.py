"""Warps: move, turn, stretch and deform an image, differentiably.

All act as ``x(g^(-1) u)``: the picture moves the way the name says. Images live on the torus unless a
boundary mode says otherwise. Vectors are in the order of the axes, ``(y, x)``; angles are radians from
the x axis towards the y axis (downwards on a screen).
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Inexact
from torch import Tensor

from .boundary import BoundaryMode
from .inputs import check_axes, check_finite, check_images, check_tensor
from .interpolation import read_at


def shift(
    x: Inexact[Tensor, "*batch height width"], displacement: Sequence[float | int] | Float[Tensor, "2"]
) -> Inexact[Tensor, "*batch height width"]:
    """Translate images on the torus: ``x(u - displacement)``.

    Whole numbers roll the pixels, exactly. Fractions multiply the Fourier transform by
    ``exp(-i omega . displacement)``, exact for images with nothing at the Nyquist frequency.

    Parameters
    ----------
    x : Tensor
        ``(*batch, height, width)``, real or complex.
    displacement : (dy, dx)
        In pixels, reduced modulo the size in float64. A tensor goes through Fourier always, unchecked, and
        receives a gradient.

    Returns
    -------
    Tensor
        ``(*batch, height, width)``, dtype of ``x``; half precision is computed in float32. A real image
        stays real: at the Nyquist frequency of an even size, where ``exp(-i pi d)`` would not be, the
        factor is its real part ``cos(pi d)``.

    Raises
    ------
    TypeError
        If ``x`` is no tensor, or holds integers and the displacement is fractional.
    ValueError
        If the displacement is not finite or not a pair, or ``x`` has fewer than two axes.

    Examples
    --------
    >>> import torch
    >>> shift(torch.tensor([[1.0, 2.0, 3.0]]), (0, 1)).tolist()
    [[3.0, 1.0, 2.0]]
    """
    check_tensor("shift", "x", x)
    check_axes("shift", x)
    if len(displacement) != 2:
        raise ValueError(f"shift: expected a displacement (dy, dx), got {len(displacement)} numbers.")
    if not isinstance(displacement, Tensor):
        if not all(map(math.isfinite, displacement)):
            raise ValueError(f"shift: expected a finite displacement (dy, dx), got {displacement}.")
        if all(float(d).is_integer() for d in displacement):
            return torch.roll(x, [int(d) for d in displacement], (-2, -1))
    check_images("shift", x)
    if x.numel() == 0:
        return x.clone()
    wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    down, across = (_delay(n, d, wide) for n, d in zip(x.shape[-2:], displacement, strict=True))
    moved: Tensor = torch.fft.ifft2(torch.fft.fft2(wide) * down[:, None] * across)
    return (moved if x.is_complex() else moved.real).to(x.dtype)


def _delay(length: int, displacement: float | int | Tensor, like: Tensor) -> Tensor:
    """Fourier multiplier of a translation along one axis, real at the Nyquist frequency."""
    frequency = torch.fft.fftfreq(length, device=like.device, dtype=torch.float64)
    distance = torch.as_tensor(displacement, dtype=torch.float64, device=like.device) % length
    angle = -2 * torch.pi * frequency * distance
    delay = torch.complex(angle.cos(), torch.where(frequency == -0.5, 0.0, angle.sin()))
    return delay.to(like.dtype.to_complex())


def rotate(
    x: Inexact[Tensor, "*batch height width"],
    angle: float | int | Float[Tensor, ""],
    mode: BoundaryMode = "periodic",
) -> Inexact[Tensor, "*batch height width"]:
    """Rotate images about their middle: a wave of direction ``theta`` gets ``theta + angle``.

    Parameters
    ----------
    x : Tensor
        ``(*batch, height, width)``, real or complex.
    angle : float or scalar Tensor
        Radians; a tensor receives a gradient.
    mode : BoundaryMode
        What comes in at the corners.

    Returns
    -------
    Tensor
        ``(*batch, height, width)``, read off the cubic spline of `interpolate`.

    Raises
    ------
    TypeError, ValueError
        As `interpolate`; also if an angle that is no tensor is not finite.

    Examples
    --------
    >>> import math, torch
    >>> rotate(torch.tensor([[0.0, 1.0], [0.0, 0.0]]), math.pi / 2).round().abs().tolist()
    [[0.0, 0.0], [0.0, 1.0]]
    """
    check_images("rotate", x)
    if not isinstance(angle, Tensor):
        check_finite("rotate", angle=angle)
    a = torch.as_tensor(angle, dtype=torch.float64, device=x.device)
    y, across = _centred(x)
    return _read("rotate", x, a.cos() * y - a.sin() * across, a.sin() * y + a.cos() * across, mode)


def dilate(
    x: Inexact[Tensor, "*batch height width"],
    factor: float | int | Float[Tensor, ""],
    mode: BoundaryMode = "periodic",
) -> Inexact[Tensor, "*batch height width"]:
    """Enlarge images about their middle: ``x(u / factor)`` on the same grid.

    Parameters
    ----------
    x : Tensor
        ``(*batch, height, width)``, real or complex.
    factor : float or scalar Tensor
        Above 1 enlarges; below 1 shrinks, without the low-pass that would prevent aliasing. A tensor
        receives a gradient and is not checked: where it is not positive the result is NaN.
    mode : BoundaryMode
        What comes in from outside when shrinking.

    Returns
    -------
    Tensor
        ``(*batch, height, width)``, read off the cubic spline of `interpolate`.

    Raises
    ------
    TypeError, ValueError
        As `interpolate`; also if a factor that is no tensor is not positive and finite.

    Examples
    --------
    >>> import torch
    >>> dilate(torch.tensor([[0.0, 1.0, 2.0, 3.0, 4.0]]), 0.5, "antireflect").round().tolist()
    [[-2.0, -0.0, 2.0, 4.0, 6.0]]
    """
    check_images("dilate", x)
    if not isinstance(factor, Tensor) and not 0 < factor < math.inf:
        raise ValueError(f"dilate: factor must be > 0, got {factor}; 2.0 doubles sizes, 0.5 halves them.")
    s = torch.as_tensor(factor, dtype=torch.float64, device=x.device)
    s = torch.where(s > 0, s, torch.nan)
    y, across = _centred(x)
    return _read("dilate", x, y / s, across / s, mode)


def deform(
    x: Inexact[Tensor, "*#batch height width"],
    field: Float[Tensor, "*#batch 2 height width"],
    mode: BoundaryMode = "periodic",
) -> Inexact[Tensor, "*batch height width"]:
    """Deform images by a displacement field: ``(D_tau x)(u) = x(u - tau(u))``.

    Parameters
    ----------
    x : Tensor
        ``(*batch, height, width)``, real or complex.
    field : Tensor
        ``(*batch, 2, height, width)``: tau in pixels, first ``tau_y``, then ``tau_x``. Batch axes of images
        and fields broadcast.
    mode : BoundaryMode
        What comes in from outside.

    Returns
    -------
    Tensor
        ``(*batch, height, width)``, read off the cubic spline of `interpolate`; differentiable in the
        image and in the field.

    Raises
    ------
    TypeError, ValueError
        As `interpolate`; also if the field's size is not the image's.

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[1.0, 2.0, 3.0]])
    >>> deform(x, torch.tensor([0.0, 1.0]).reshape(2, 1, 1).expand(2, 1, 3)).round().tolist()
    [[3.0, 1.0, 2.0]]
    """
    check_images("deform", x)
    check_tensor("deform", "field", field)
    if field.ndim < 3 or field.shape[-3] != 2 or field.shape[-2:] != x.shape[-2:]:
        raise ValueError(
            f"deform: expected a field (*batch, 2, {x.shape[-2]}, {x.shape[-1]}), got {tuple(field.shape)}; "
            "stack (tau_y, tau_x) on axis -3."
        )
    dtype = torch.promote_types(field.dtype, torch.float32)  # half precision cannot count the pixels of a row
    rows, columns = (torch.arange(n, device=x.device, dtype=dtype) for n in x.shape[-2:])
    tau_y, tau_x = field.to(dtype).unbind(-3)
    return read_at("deform", x, rows[:, None] - tau_y, columns - tau_x, mode)


def _centred(x: Tensor) -> tuple[Tensor, Tensor]:
    """Coordinates relative to the middle of the image, float64."""
    axes = [torch.arange(n, device=x.device, dtype=torch.float64) - (n - 1) / 2 for n in x.shape[-2:]]
    y, across = torch.meshgrid(*axes, indexing="ij")
    return y, across


def _read(operation: str, x: Tensor, y: Tensor, across: Tensor, mode: BoundaryMode) -> Tensor:
    return read_at(operation, x, y + (x.shape[-2] - 1) / 2, across + (x.shape[-1] - 1) / 2, mode)
