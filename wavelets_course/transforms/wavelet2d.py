"""The wavelet transform as a layer, for use inside networks."""

from jaxtyping import Inexact
from torch import Tensor, nn

from ..filters.taps import named_taps
from ..signals import BoundaryMode, check_mode
from .coefficients import Pyramid2d
from .dwt import checked_count, wavedec2, wavedec2_adjoint, waverec2


class Wavelet2d(nn.Module):
    """Discrete wavelet transform of images, with its inverse and its transpose as separate methods.

    Parameters
    ----------
    wavelet : str
        ``"haar"`` or ``"db1"`` to ``"db38"``.
    J : int, optional
        Number of scales; None takes as many as each image has.
    mode : BoundaryMode
        What an image is beyond its edges.

    Attributes
    ----------
    taps : filters.Taps
        The filters, to look at: the layer computes with those that its name stands for. They are float64
        constants, not buffers: ``.to(device)`` has nothing to move and ``.half()`` cannot round them. The
        layer has no parameters and adds nothing to a checkpoint.

    Raises
    ------
    TypeError
        If ``J`` is not an integer.
    ValueError
        If ``J`` is negative, or the wavelet or the mode is unknown.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course import laws
    >>> wavelet, x = Wavelet2d("db2", J=2), torch.randn(8, 1, 31, 45)
    >>> laws.reconstruction_error(wavelet.analysis, wavelet.synthesis, x) < 1e-6
    True
    """

    def __init__(self, wavelet: str = "haar", J: int | None = None, mode: BoundaryMode = "symmetric") -> None:
        super().__init__()
        check_mode("Wavelet2d", mode)
        self.taps = named_taps("Wavelet2d", wavelet)
        self.wavelet, self.J, self.mode = wavelet, checked_count("Wavelet2d", J), mode

    def forward(self, x: Inexact[Tensor, "*batch height width"]) -> Pyramid2d:
        """Analyse images: `wavedec2`."""
        return self.analysis(x)

    def analysis(self, x: Inexact[Tensor, "*batch height width"]) -> Pyramid2d:
        """Analyse images ``(*batch, height, width)`` into coefficients: `wavedec2`."""
        return wavedec2(x, self.wavelet, self.J, mode=self.mode)

    def synthesis(self, pyramid: Pyramid2d) -> Inexact[Tensor, "*batch height width"]:
        """Build images back from coefficients, the inverse of `analysis`: `waverec2`."""
        return waverec2(pyramid, self.wavelet, mode=self.mode)

    def adjoint(self, pyramid: Pyramid2d) -> Inexact[Tensor, "*batch height width"]:
        """Apply the exact transpose of `analysis`: `wavedec2_adjoint`. Not the inverse in most modes."""
        return wavedec2_adjoint(pyramid, self.wavelet, mode=self.mode)

    def extra_repr(self) -> str:
        """Show the settings where the layer is printed."""
        return f"{self.wavelet!r}, J={self.J}, mode={self.mode!r}"
