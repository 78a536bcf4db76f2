r"""The curvelet transform of images: a product in Fourier, folded, and one small inverse FFT a band.

.. math::
    c_{j,\ell}[m] = \langle x, \varphi_{j,\ell,m} \rangle, \qquad
    \hat\varphi_{j,\ell,m}(\omega) \propto \sqrt 2 \, \hat\psi_{j,\ell}(\omega) \, e^{-i m \cdot A_j \omega}

where ``A_j`` holds the distances of the samples, (height / rows, width / columns) pixels. FFTs are
unitary, so ``||c||^2 = ||x||^2`` over all coefficients of a real image, complex ones by their modulus.
"""

from collections.abc import Callable
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.fft import fft2, ifft2

from ..filters.curvelet import CurveletBand, CurveletBank, Finest, curvelet_bank
from ..filters.whole import whole
from ..signals.inputs import check_real_images
from .chunks import unwatched
from .curvelet_coefficients import (
    CurveletCoefficients,
    bands_of,
    check_coefficients,
    from_row,
    nest,
    to_row,
)
from .curvelet_folding import Layout, fold, folding, unfold
from .precision import complex_dtype, working_dtype


def curvelets(
    x: Float[Tensor, "*batch height width"],
    J: int | None = None,
    *,
    angles: int = 6,
    finest: Finest = "curvelet",
) -> CurveletCoefficients:
    """Analyse real images into curvelet coefficients: ``Curvelet2d(shape, J, ...).analysis(x)`` in one call.

    The windows of the last few designs are remembered; `Curvelet2d` keeps its own, on the device.

    Parameters
    ----------
    x
        Real images ``(*batch, height, width)``, taken as periodic.
    J, angles, finest
        As for `Curvelet2d`.

    Returns
    -------
    CurveletCoefficients
        ``coarse`` and ``wedges``, finest scale first.

    Raises
    ------
    TypeError, ValueError
        As `Curvelet2d` and its `Curvelet2d.analysis`.

    Examples
    --------
    >>> c = curvelets(torch.rand(5, 64, 64), J=2)
    >>> tuple(c.coarse.shape), [len(scale) for scale in c.wedges]
    ((5, 20, 20), [2, 2])
    """
    check_images("curvelets", x)
    J, angles = J if J is None else whole("curvelets", "J", J), whole("curvelets", "angles", angles)
    bank = _remembered((x.shape[-2], x.shape[-1]), J, angles, finest)
    return analysed(x, bank, _remembered_folding(bank).to(x))


class Curvelet2d(nn.Module):
    """Curvelet transform of real images, with its inverse and its adjoint as separate methods.

    A tight frame with bounds 1: ``||analysis(x)||^2 = ||x||^2``, where complex coefficients count with
    their squared modulus. Inverse and adjoint coincide, for the inner product ``Re <a, b>`` of coefficients.
    It is redundant (about 4.6 real coefficients a pixel, 2.1 with ``finest="wavelet"``), hence ``analysis``
    does not undo ``synthesis``.

    The windows are non-persistent buffers, float32 unless the layer is made ``.double()``. A float64 image
    is computed with float64 windows in any case, fetched from the design on each call if the layer holds
    float32. bfloat16 and float16 images are computed in float32; then real coefficients are cast back and
    complex ones are complex64. FFTs sum before they divide: float32 images of 1e34 and more may overflow to
    infinity and NaN; change their unit, or pass float64.

    Gradients of any order, `torch.func` and `torch.autograd.functional`, backward and forward, one by one and
    ``vectorize=True``, all apply; take Jacobians of `flatten`, which is real as torch wants it.

    Parameters
    ----------
    shape
        Images, (height, width), any sizes.
    J
        Number of scales, ``2**J <= min(shape) / 4``; by default 32 to 63 pixels remain of the shorter side.
    angles
        Wedges on a half turn at the two coarsest scales, even and at least 4; the number doubles every
        other scale.
    finest
        ``"curvelet"``: wedges at the finest scale too. ``"wavelet"``: one round window.

    Attributes
    ----------
    bank : filters.CurveletBank
        The design in float64: windows, directions, wedges at each scale.

    Raises
    ------
    TypeError, ValueError
        If the design is impossible: see `filters.curvelet_bank`.

    References
    ----------
    E. Candes, L. Demanet, D. Donoho and L. Ying, Fast discrete curvelet transforms, Multiscale Model.
    Simul. 5 (2006). T. Nguyen and H. Chauris, Uniform discrete curvelet transform, IEEE Trans. Signal
    Process. 58 (2010).

    Examples
    --------
    >>> from wavelets_course import laws
    >>> curvelet, x = Curvelet2d((45, 64), J=3), torch.randn(8, 1, 45, 64)
    >>> laws.reconstruction_error(curvelet.analysis, curvelet.synthesis, x) < 1e-6
    True
    """

    weight: Tensor
    window: Tensor
    source: Tensor

    def __init__(
        self,
        shape: tuple[int, int],
        J: int | None = None,
        angles: int = 6,
        *,
        finest: Finest = "curvelet",
    ) -> None:
        super().__init__()
        with torch.inference_mode(False), torch.device("cpu"):  # "meta" holds no numbers
            self.bank: CurveletBank = curvelet_bank(shape, J, angles=angles, finest=finest)
            self.layout: Layout = folding(self.bank)
            single = self.layout.to(torch.empty(0, dtype=torch.float32))
        self.shape, self.J, self.angles, self.finest = self.bank.shape, self.bank.J, angles, finest
        for name in ("weight", "window", "source"):
            self.register_buffer(name, getattr(single, name), persistent=False)

    @property
    def redundancy(self) -> float:
        """Real coefficients for each pixel."""
        return self.bank.redundancy

    @property
    def count(self) -> int:
        """Real coefficients of one image: a complex one counts twice."""
        return self.bank.count

    def forward(self, x: Float[Tensor, "*batch height width"]) -> CurveletCoefficients:
        """Analyse images: `analysis`."""
        return self.analysis(x)

    def analysis(self, x: Float[Tensor, "*batch height width"]) -> CurveletCoefficients:
        """Analyse real images ``(*batch, height, width)``, taken as periodic.

        Returns
        -------
        CurveletCoefficients
            A NaN or an infinity in an image spreads to all its coefficients, to no other image's.

        Raises
        ------
        TypeError, ValueError
            If ``x`` is no tensor of real floating-point images of the layer's shape.
        """
        check_images("Curvelet2d.analysis", x)
        if (size := (x.shape[-2], x.shape[-1])) != self.shape:
            raise ValueError(
                f"Curvelet2d.analysis: expected images of {self.shape[0]}x{self.shape[1]}, got "
                f"{size[0]}x{size[1]}; make a layer with shape={size}."
            )
        return analysed(x, self.bank, self._layout(x))

    def synthesis(self, coefficients: CurveletCoefficients) -> Float[Tensor, "*batch height width"]:
        """Build images back from coefficients, the inverse of `analysis`.

        Of coefficients that are no image's, it gives the image whose coefficients are nearest.
        """
        return self._summed("Curvelet2d.synthesis", coefficients)

    def adjoint(self, coefficients: CurveletCoefficients) -> Float[Tensor, "*batch height width"]:
        """Apply the transpose of `analysis`: the sum of all curvelets, each times its coefficient.

        For a tight frame with bounds 1 this is `synthesis`.
        """
        return self._summed("Curvelet2d.adjoint", coefficients)

    def flatten(self, coefficients: CurveletCoefficients) -> Float[Tensor, "*batch count"]:
        """Write the coefficients of each image as real numbers in one row: coarse to fine.

        A complex coefficient becomes its real and its imaginary part. Their sum of squares is the image's,
        and each is the weight of one real curvelet, even or odd: the unit to count terms in.
        """
        check_coefficients("Curvelet2d.flatten", coefficients, self.bank)
        return to_row(coefficients)

    def unflatten(self, row: Float[Tensor, "*batch count"]) -> CurveletCoefficients:
        """Fold rows written by `flatten` back into coefficients."""
        if row.ndim < 1 or row.shape[-1] != self.count:
            raise ValueError(
                f"Curvelet2d.unflatten: expected rows of {self.count} coefficients, "
                f"got shape {tuple(row.shape)}; pass what flatten returned."
            )
        return from_row(row, self.bank)

    def largest(self, coefficients: CurveletCoefficients, count: int) -> CurveletCoefficients:
        """Keep the ``count`` largest real coefficients of each image (see `flatten`), set the others to 0.

        Curvelets of one scale have nearly equal norms, of different scales similar ones, so that this is
        the usual n-term approximation. It need not be the best: that is only so in an orthonormal basis.
        Of equal magnitudes the one that comes first in `flatten` is kept. A NaN ranks above every number.
        """
        row = self.flatten(coefficients)
        count = whole("Curvelet2d.largest", "count", count)
        if not 0 <= count <= self.count:
            raise ValueError(f"Curvelet2d.largest: count must lie in 0 to {self.count}, got {count}.")
        order = row.detach().abs().argsort(dim=-1, descending=True, stable=True)
        keep = torch.zeros_like(row, dtype=torch.bool).scatter(-1, order[..., :count], True)
        return self.unflatten(torch.where(keep, row, torch.zeros_like(row)))

    def extra_repr(self) -> str:
        """Say in ``print(layer)`` what the layer is."""
        return f"{self.shape}, J={self.J}, angles={self.angles}, finest={self.finest!r}"

    def _summed(self, operation: str, coefficients: CurveletCoefficients) -> Tensor:
        check_coefficients(operation, coefficients, self.bank)
        return summed(coefficients, self.bank, self._layout(coefficients.coarse))

    def _layout(self, x: Tensor) -> Layout:
        """The buffers; the design where they have fewer digits than float64 images, or are elsewhere."""
        if x.dtype == torch.float64 != self.window.dtype or x.device != self.window.device:
            return self.layout.to(x)
        single = Layout(self.layout.plan, self.weight, self.window, self.source)
        return single if x.dtype == self.window.dtype else single.to(x)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Curvelet2d":
        """Move the windows, but take their digits from the design: a cast would lose or lack some."""
        before = {name: getattr(self, name) for name in ("weight", "window", "source")}
        with torch.inference_mode(False):  # what is made inside it cannot be trained through
            super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
            for name, tensor in before.items():
                moved = getattr(self, name)
                if moved is not tensor:  # else nothing moved, or `share_memory` moved it in place
                    setattr(self, name, getattr(self.layout.to(moved), name))
        return self


def analysed(
    x: Float[Tensor, "*batch height width"],
    bank: CurveletBank,
    layout: Layout,
) -> CurveletCoefficients:
    """The formula: to Fourier, to the bands, and from each band back to space."""
    batch = x.shape[:-2]
    if x.numel() == 0:  # FFT libraries refuse an empty batch
        return nest((_nothing(x, band) for band in bank.bands), bank)
    x_hat = fft2(x.to(working_dtype(x.dtype)), norm="ortho").reshape(-1, *bank.shape)
    bands = []
    for band, c_hat in zip(bank.bands, fold(x_hat, layout), strict=True):
        c = ifft2(c_hat, norm="ortho").reshape(*batch, *band.window_hat.shape)
        bands.append(c if band.directional else c.real.to(x.dtype))
    return nest(iter(bands), bank)


def summed(
    coefficients: CurveletCoefficients,
    bank: CurveletBank,
    layout: Layout,
) -> Float[Tensor, "*batch height width"]:
    """The transpose of `analysed`: each band to Fourier, all to the image's frequencies, and back."""
    coarse = coefficients.coarse
    batch, dtype = coarse.shape[:-2], complex_dtype(coarse.dtype)
    if coarse.numel() == 0:
        return coarse.new_zeros(*batch, *bank.shape)
    bands = [c.to(dtype).reshape(-1, *c.shape[-3:]) for c in bands_of(coefficients)]
    c_hat = (fft2(c, norm="ortho") for c in bands)
    graph = coarse.is_cuda or not unwatched(*bands)
    x_hat = unfold(tuple(c_hat) if graph else c_hat, layout)
    x: Tensor = ifft2(x_hat, norm="ortho").real
    return x.reshape(*batch, *bank.shape).to(coarse.dtype)


def check_images(operation: str, x: Tensor) -> None:
    """Refuse what is no real floating-point image."""
    check_real_images(operation, x, "analyse x.real and x.imag, one by one")


@lru_cache(maxsize=4)
def _remembered(shape: tuple[int, int], J: int | None, angles: int, finest: Finest) -> CurveletBank:
    with torch.inference_mode(False), torch.device("cpu"):
        return curvelet_bank(shape, J, angles=angles, finest=finest)


@lru_cache(maxsize=4)
def _remembered_folding(bank: CurveletBank) -> Layout:
    with torch.inference_mode(False), torch.device("cpu"):
        return folding(bank)


def _nothing(x: Tensor, band: CurveletBand) -> Tensor:
    dtype = complex_dtype(x.dtype) if band.directional else x.dtype
    return x.new_zeros(*x.shape[:-2], *band.window_hat.shape, dtype=dtype)
