r"""The scattering transform: wavelets, moduli, and a local average.

.. math::
    S_0 = x * \phi_J, \qquad
    S_1(\lambda_1) = |x * \psi_{\lambda_1}| * \phi_J, \qquad
    S_2(\lambda_1, \lambda_2) = \bigl||x * \psi_{\lambda_1}| * \psi_{\lambda_2}\bigr| * \phi_J

with ``lambda = (j, ell)`` and ``j2 > j1``, sampled at step ``2**J``. What has passed ``psi_j`` is kept at
step ``2**j`` on the way.
"""

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.fft import fft2, ifft2

from ..filters import FilterBank2d
from ..signals import extend
from .padding import margins, padded_shape
from .paths import checked_order, scattering_channels


def scattering_2d(
    x: Float[Tensor, "*batch height width"], bank: FilterBank2d, max_order: int = 2
) -> Float[Tensor, "*batch channels rows columns"]:
    """Scatter images with a given bank.

    An image of the bank's own shape is taken to be periodic. One whose `padded_shape` is the bank's
    shape is extended to it by reflection first, and one coefficient is dropped on each side at the end:
    this is what `Scattering2D` does.

    Parameters
    ----------
    x
        Images ``(*batch, height, width)``, floating point. float64 is computed in float64, all else in
        float32 and cast back.
    bank
        From `filters.morlet_bank_2d`; moved to the device and precision of ``x``.
    max_order
        0, 1 or 2.

    Returns
    -------
    Tensor
        ``(*batch, channels, rows, columns)``, channels as in `scattering_paths`. On the torus
        ``rows = height / 2**J``, else ``height // 2**J``. A NaN or an infinity in an image spreads to
        all its coefficients, to no other image's.

    Raises
    ------
    TypeError
        If ``x`` is no tensor, or holds integers or complex numbers.
    ValueError
        If the image fits neither shape, or the order is not 0, 1 or 2.

    References
    ----------
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE PAMI 35 (2013).

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.filters import morlet_bank_2d
    >>> x = torch.rand(5, 3, 32, 32)
    >>> tuple(scattering_2d(x, morlet_bank_2d((32, 32), J=2)).shape)
    (5, 3, 81, 8, 8)
    """
    return scatter(x, bank.psi_hat, bank.phi_hat, max_order)


def scatter(
    x: Float[Tensor, "*batch height width"],
    psi_hat: Float[Tensor, "J L tall wide"],
    phi_hat: Float[Tensor, "tall wide"],
    max_order: int,
) -> Float[Tensor, "*batch channels rows columns"]:
    """Do what `scattering_2d` does, given the filters themselves."""
    check_image("scattering_2d", x)
    max_order = checked_order("scattering_2d", max_order)
    J, L, *grid = psi_hat.shape
    shape = (x.shape[-2], x.shape[-1])
    periodic = _is_periodic(shape, (grid[0], grid[1]), J)
    if x.numel() == 0:
        return _nothing(x, scattering_channels(J, L, max_order), 2**J)
    working = x if x.dtype == torch.float64 else x.float()
    if not periodic:
        working = extend(working, margins(shape, J), "reflect")
    S = cascade(working, psi_hat.to(working), phi_hat.to(working), max_order)
    return (S if periodic else S[..., 1:-1, 1:-1]).to(x.dtype)


def cascade(
    x: Float[Tensor, "*batch height width"],
    psi_hat: Float[Tensor, "J L height width"],
    phi_hat: Float[Tensor, "height width"],
    max_order: int,
) -> Float[Tensor, "*batch channels rows columns"]:
    """The formula, on the torus: all angles of a scale at once."""
    J = len(psi_hat)
    x_hat = fft2(x).unsqueeze(-3)
    S0 = [average(x_hat, phi_hat, 2**J)]
    S1, S2 = [], []
    for j1 in range(J if max_order >= 1 else 0):
        U1 = envelope(x_hat, psi_hat[j1], 2**j1)  # |x * psi_1|, (*batch, L, height / 2^j1, width / 2^j1)
        U1_hat = fft2(U1)
        S1.append(average(U1_hat, phi_hat, 2 ** (J - j1)))
        finer = []
        for j2 in range(j1 + 1, J if max_order == 2 else 0):
            U2 = envelope(U1_hat.unsqueeze(-3), psi_hat[j2], 2 ** (j2 - j1))  # ||x * psi_1| * psi_2|
            finer.append(average(fft2(U2), phi_hat, 2 ** (J - j2)))
        if finer:
            S2.append(torch.cat(finer, dim=-3).flatten(-4, -3))  # (ell1, j2, ell2) -> channels
    return torch.cat([*S0, *S1, *S2], dim=-3)


def envelope(x_hat: Tensor, psi_hat: Tensor, step: int) -> Tensor:
    """``|x * psi|`` at every ``step``-th pixel. Its gradient is 0 where the modulus is."""
    modulus: Tensor = ifft2(filtered(x_hat, psi_hat, step)).abs()
    return modulus


def average(x_hat: Tensor, phi_hat: Tensor, step: int) -> Tensor:
    """``x * phi`` at every ``step``-th pixel."""
    mean: Tensor = ifft2(filtered(x_hat, phi_hat, step)).real
    return mean


def filtered(
    x_hat: Complex[Tensor, "*batch height width"],
    filter_hat: Float[Tensor, "*filters fine_height fine_width"],
    step: int,
) -> Complex[Tensor, "*filtered rows columns"]:
    """Fourier transform of ``x * filter`` at every ``step``-th pixel: the mean over aliases."""
    height, width = x_hat.shape[-2:]
    y_hat = x_hat * lowest(lowest(filter_hat, height, -2), width, -1)
    return folded(folded(y_hat, step, -2), step, -1)


def folded(y_hat: Tensor, step: int, axis: int) -> Tensor:
    """The mean over aliases along one axis; adding slices takes half the time of a strided mean."""
    first, *others = torch.split(y_hat, y_hat.shape[axis] // step, dim=axis)
    total: Tensor = sum(others, first)
    return total / step if others else first


def lowest(filter_hat: Tensor, size: int, axis: int) -> Tensor:
    """The ``size`` lowest frequencies of a filter along an axis: the same filter on a coarser grid."""
    extra = filter_hat.shape[axis] - size
    half = size // 2
    head, tail = filter_hat.narrow(axis, 0, half), filter_hat.narrow(axis, half + extra, size - half)
    return torch.cat([head, tail], dim=axis) if extra else filter_hat


def check_image(operation: str, x: Tensor) -> None:
    """Refuse what is not a floating-point image."""
    if not isinstance(x, Tensor):
        raise TypeError(
            f"{operation}: expected a tensor, got a {type(x).__name__}; convert it: torch.from_numpy(x)."
        )
    if x.is_complex():
        raise TypeError(
            f"{operation}: expected a real image, got {x.dtype}; scatter x.real and x.imag, or x.abs()."
        )
    if not x.is_floating_point():
        raise TypeError(
            f"{operation}: expected a floating-point image, got {x.dtype}; convert it: x.float()."
        )
    if x.ndim < 2:
        raise ValueError(
            f"{operation}: expected images (*batch, height, width), got shape {tuple(x.shape)}; "
            "a single image needs two axes."
        )


def _is_periodic(shape: tuple[int, int], grid: tuple[int, int], J: int) -> bool:
    """True for images of the bank's shape, False for those to be extended to it; refuse all others."""
    height, width = shape
    step = 2**J
    if shape == grid:
        if height % step or width % step:
            raise ValueError(
                f"scattering_2d: expected periodic images that 2**J = {step} divides, "
                f"got {height}x{width}; use Scattering2D, which extends them."
            )
        return True
    padded = padded_shape(shape, J)
    if grid != padded:
        raise ValueError(
            f"scattering_2d: expected images that fit the bank's shape {grid[0]}x{grid[1]} "
            f"as they are or padded, got {height}x{width}; design the bank on that shape, "
            f"or on {padded[0]}x{padded[1]} (scattering.padded_shape) for reflected borders."
        )
    if min(shape) < step:
        raise ValueError(
            f"scattering_2d: J = {J} is too deep for a {height}x{width} image "
            f"(2**J = {step} pixels must fit); use a smaller J or enlarge it with signals.extend."
        )
    return False


def _nothing(x: Tensor, channels: int, step: int) -> Tensor:
    """The coefficients of no image: FFT libraries refuse an empty batch."""
    rows, columns = x.shape[-2] // step, x.shape[-1] // step
    return x[..., None, :rows, :columns].expand(*x.shape[:-2], channels, rows, columns)
