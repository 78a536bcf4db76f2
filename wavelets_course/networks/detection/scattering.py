"""Order 1 of images of every size, with one bank: detectors see no two batches of the same shape."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...filters import Frame
from ...scattering import Scattering2D
from ...signals import extend
from ...signals.inputs import check_real_images

REACH = 3
"""Cells of ``2**J`` pixels that a tile sees beyond its own: farther away the filters have died out."""


class TiledScattering(nn.Module):
    r"""Scattering transform of images of any size, tile by tile.

    `scattering.Scattering2D` serves one shape, and its filters take ``2 L J`` times an image of it: 175 MB
    at 800x1088. Here the image is cut into overlapping tiles of one size, a batch for one small bank, and of
    each tile the inner cells are kept,

    .. math:: S x(p) = S x_t(p), \qquad x_t = x \text{ on a tile that reaches 3 cells beyond } p,

    which is right but for what the filters hold farther out than :math:`3 \cdot 2^J` pixels: about 1e-4 of
    the coefficients of a photograph. It takes no more time.
    Beyond the border the image is reflected. Nothing is learned, the state dict stays empty.

    Parameters
    ----------
    J, L, max_order, frame
        As in `scattering.Scattering2D`.
    tile
        Side of a tile in pixels, a multiple of ``2**J`` with at least one cell inside the margins.

    Raises
    ------
    TypeError, ValueError
        If ``tile`` is no such multiple, and as `scattering.Scattering2D` does.

    Examples
    --------
    >>> scattering = TiledScattering(J=3, tile=128)
    >>> [tuple(scattering(torch.rand(3, *shape)).shape) for shape in ((160, 96), (97, 200))]
    [(3, 25, 20, 12), (3, 25, 13, 25)]
    """

    def __init__(
        self, J: int = 3, L: int = 8, max_order: int = 1, *, tile: int = 256, frame: Frame = "kymatio"
    ) -> None:
        super().__init__()
        step = 2**J
        if tile % step or tile < (2 * REACH + 1) * step:
            raise ValueError(
                f"TiledScattering: expected a tile that is a multiple of 2**J = {step} and at least "
                f"{(2 * REACH + 1) * step} pixels, got {tile}; {REACH} cells at each side are margin."
            )
        self.tile, self.margin, self.inner = tile, REACH * step, tile - 2 * REACH * step
        inside = tile - 2 * step  # the layer drops one cell at each border
        self.scattering = Scattering2D(J, (inside, inside), L, max_order, pre_pad=True, frame=frame)

    def forward(
        self, x: Float[Tensor, "*batch height width"]
    ) -> Float[Tensor, "*batch channels rows columns"]:
        """Scatter images to ``(*batch, K, ceil(height / 2**J), ceil(width / 2**J))``.

        Parameters
        ----------
        x
            Images, floating point, with at least one pixel.

        Raises
        ------
        TypeError, ValueError
            If ``x`` is no tensor of real images, or has no pixels.
        """
        check_real_images("TiledScattering", x, "scatter x.real and x.imag, or x.abs()")
        height, width = x.shape[-2:]
        if not height or not width:
            raise ValueError(f"TiledScattering: expected images of at least one pixel, got {height}x{width}.")
        step = 2**self.scattering.J
        rows, columns = -(-height // step), -(-width // step)
        return self._joined(torch.as_tensor(self.scattering(self._tiles(x))))[..., :rows, :columns]

    def _tiles(self, x: Tensor) -> Float[Tensor, "*batch down across tile tile"]:
        """Overlapping tiles, as few as cover the image."""
        covered = (-(-size // self.inner) * self.inner for size in x.shape[-2:])
        (below, right) = (side - size + self.margin for side, size in zip(covered, x.shape[-2:], strict=True))
        extended = extend(x, ((self.margin, below), (self.margin, right)), "reflect")
        return extended.unfold(-2, self.tile, self.inner).unfold(-2, self.tile, self.inner)

    def _joined(
        self, S: Float[Tensor, "*batch down across channels cells cells"]
    ) -> Float[Tensor, "*batch channels rows columns"]:
        """The inner cells of all tiles side by side."""
        crop = slice(REACH - 1, S.shape[-1] - REACH + 1)
        kept = S[..., crop, crop]
        *batch, down, across, channels, cells, _ = kept.shape
        side_by_side = kept.movedim((-3, -5, -2, -4, -1), (-5, -4, -3, -2, -1))
        return side_by_side.reshape(*batch, channels, down * cells, across * cells)
