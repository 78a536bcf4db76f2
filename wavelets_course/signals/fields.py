"""Displacement fields: what `deform` moves by, and how strong a deformation is."""

import torch
from jaxtyping import Float
from torch import Tensor

from .inputs import check_finite, check_tensor
from .noise import relative_gain


def smooth_field(
    shape: tuple[int, int],
    amplitude: float | int,
    generator: torch.Generator | None = None,
    *,
    scale: float | int | None = None,
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "2 height width"]:
    """Draw a random smooth displacement field on the torus.

    White noise, blurred by a Gaussian, without its mean (which would be a translation), scaled so that
    the longest displacement is ``amplitude``. For a given strength of deformation use
    ``field * size / deformation_size(field)``.

    Parameters
    ----------
    shape : (height, width)
        Size in pixels.
    amplitude : float
        Largest ``|tau(u)|``, in pixels.
    generator : torch.Generator, optional
        Source of randomness; the field lies on its device.
    scale : float, optional
        Standard deviation of the blur in pixels: distances over which the field changes. An eighth of
        the shorter side by default.
    dtype
        A real dtype.

    Returns
    -------
    Tensor
        ``(2, height, width)``, first ``tau_y``, then ``tau_x``.

    Raises
    ------
    ValueError
        If the amplitude or the scale is negative or not finite.

    Examples
    --------
    >>> import torch
    >>> field = smooth_field((32, 32), 2.0, torch.Generator().manual_seed(0))
    >>> round(field.norm(dim=0).max().item(), 3)
    2.0
    """
    width = min(shape) / 8 if scale is None else scale
    check_finite("smooth_field", amplitude=amplitude, scale=width)
    if amplitude < 0 or width < 0:
        raise ValueError(
            f"smooth_field: amplitude and scale must be >= 0, got {amplitude} and {width}, "
            "in pixels; omit scale for an eighth of the image."
        )
    device = generator.device if generator is not None else None
    noise = torch.randn((2, *shape), generator=generator, dtype=torch.float64, device=device)
    if noise.numel() == 0:
        return noise.to(dtype)
    fy, fx = (torch.fft.fftfreq(n, dtype=torch.float64, device=device) for n in shape)
    blur = relative_gain(-2 * (torch.pi * width * torch.hypot(fy[:, None], fx)) ** 2)
    field: Tensor = torch.fft.ifft2(blur * torch.fft.fft2(noise)).real
    longest = field.norm(dim=0).max()
    return (field * (amplitude / longest) if longest > 0 else field).to(dtype)


def deformation_size(field: Float[Tensor, "*batch 2 height width"]) -> Float[Tensor, "*batch"]:
    """Strength of a deformation, ``sup_u ||grad tau(u)||``: the largest operator norm of the Jacobian.

    A translation has size 0; ``deform`` is invertible while the size is below 1.

    Parameters
    ----------
    field : Tensor
        ``(*batch, 2, height, width)``: tau in pixels, first ``tau_y``, then ``tau_x``.

    Returns
    -------
    Tensor
        ``(*batch,)``. Derivatives are centred differences (one-sided at the edges), exact for linear
        fields such as rotations and dilations.

    Raises
    ------
    TypeError
        If the field is not real floating point.
    ValueError
        If its shape is not ``(*batch, 2, height, width)`` with at least one pixel.

    Notes
    -----
    The operator norm of ``[[a, b], [c, d]]`` is ``(|(a + d, b - c)| + |(a - d, b + c)|) / 2``.

    References
    ----------
    S. Mallat, "Group invariant scattering", Comm. Pure Appl. Math. 65(10), 2012: scattering changes by at
    most a constant times this number.

    Examples
    --------
    >>> import torch
    >>> y, x = torch.meshgrid(torch.arange(8.0), torch.arange(8.0), indexing="ij")
    >>> deformation_size(torch.stack((0.1 * y, 0.3 * x))).item()
    0.30...
    """
    check_tensor("deformation_size", "field", field)
    if not field.is_floating_point():
        raise TypeError(
            f"deformation_size: expected a real field, got {field.dtype}; convert it: field.float()."
        )
    if field.ndim < 3 or field.shape[-3] != 2 or 0 in field.shape[-2:]:
        raise ValueError(
            f"deformation_size: expected a field (*batch, 2, height, width), got {tuple(field.shape)}; "
            "stack (tau_y, tau_x) on axis -3."
        )
    down, across = _derivative(field, -2), _derivative(field, -1)
    (a, c), (b, d) = down.unbind(-3), across.unbind(-3)
    turning = torch.linalg.vector_norm(torch.stack((a + d, b - c)), dim=0)
    shearing = torch.linalg.vector_norm(torch.stack((a - d, b + c)), dim=0)
    norm: Tensor = (turning + shearing) / 2
    return norm.amax((-2, -1))


def _derivative(field: Tensor, axis: int) -> Tensor:
    if field.shape[axis] == 1 or field.numel() == 0:
        return torch.zeros_like(field)
    derivative: Tensor = torch.gradient(field, dim=axis)[0]
    return derivative
