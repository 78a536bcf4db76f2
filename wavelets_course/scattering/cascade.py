"""The scattering transform of any images that fit a bank: what is refused, extended, cast, and cropped.

The formula itself is in `orders`.
"""

from jaxtyping import Float
from torch import Tensor

from ..filters import FilterBank2d
from ..signals.inputs import check_real_images
from .chunks import Padding, scatter_batch
from .padding import margins, padded_shape
from .paths import checked_order, scattering_channels
from .prepared import PreparedBank, prepared


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
        From `filters.morlet_bank_2d`. It is laid out for the device and precision of ``x`` at the first
        call, and that is kept as long as the bank is.
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
    check_image("scattering_2d", x)
    max_order = checked_order("scattering_2d", max_order)
    shape = (x.shape[-2], x.shape[-1])
    periodic = _is_periodic(shape, (bank.psi_hat.shape[-2], bank.psi_hat.shape[-1]), bank.J)
    ready = prepared(bank, max_order, 0 if periodic else 1, x)
    return scatter(x, ready, None if periodic else margins(shape, bank.J))


def scatter(
    x: Float[Tensor, "*batch height width"], bank: PreparedBank, padding: Padding | None = None
) -> Float[Tensor, "*batch channels rows columns"]:
    """Extend images, scatter them in float32 or float64, and cast back.

    Parameters
    ----------
    x
        Images that fit the bank once they are extended.
    bank
        The filters; they know what to drop at the borders.
    padding
        Pixels to add by reflection, None on the torus.
    """
    if x.numel() == 0:
        return _nothing(x, bank, padding or ((0, 0), (0, 0)))
    S = scatter_batch(x.reshape(-1, *x.shape[-2:]), bank, padding)
    return S.reshape(*x.shape[:-2], *S.shape[1:])


def check_image(operation: str, x: Tensor) -> None:
    """Refuse what is not a floating-point image."""
    check_real_images(operation, x, "scatter x.real and x.imag, or x.abs()")


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


def _nothing(x: Tensor, bank: PreparedBank, padding: Padding) -> Tensor:
    """The coefficients of no image: FFT libraries refuse an empty batch."""
    sizes = (size + sum(extra) for size, extra in zip(x.shape[-2:], padding, strict=True))
    rows, columns = ((size >> bank.J) - 2 * bank.margin for size in sizes)
    channels = scattering_channels(bank.J, bank.L, bank.max_order)
    return x[..., None, :rows, :columns].expand(*x.shape[:-2], channels, rows, columns)
