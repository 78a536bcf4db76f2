"""With this folder you can: split images into wavelet coefficients, select some, and build back."""

from .coefficients import Detail2d as Detail2d
from .coefficients import Pyramid2d as Pyramid2d
from .coefficients import coefficient_count as coefficient_count
from .coefficients import flatten as flatten
from .coefficients import from_pywt as from_pywt
from .coefficients import largest as largest
from .coefficients import to_pywt as to_pywt
from .coefficients import unflatten as unflatten
from .curvelet2d import Curvelet2d as Curvelet2d
from .curvelet2d import curvelets as curvelets
from .curvelet_coefficients import CurveletCoefficients as CurveletCoefficients
from .dual_tree import DualTreeWaveletPacket2d as DualTreeWaveletPacket2d
from .dual_tree_function import dual_tree_packets as dual_tree_packets
from .dwt import max_level as max_level
from .dwt import wavedec2 as wavedec2
from .dwt import wavedec2_adjoint as wavedec2_adjoint
from .dwt import waverec2 as waverec2
from .fourier import Fourier2d as Fourier2d
from .fourier import fourier_coefficients as fourier_coefficients
from .fourier import fourier_synthesis as fourier_synthesis
from .wavelet2d import Wavelet2d as Wavelet2d

__all__ = [
    "Curvelet2d",
    "CurveletCoefficients",
    "Detail2d",
    "DualTreeWaveletPacket2d",
    "Fourier2d",
    "Pyramid2d",
    "Wavelet2d",
    "coefficient_count",
    "curvelets",
    "dual_tree_packets",
    "flatten",
    "fourier_coefficients",
    "fourier_synthesis",
    "from_pywt",
    "largest",
    "max_level",
    "to_pywt",
    "unflatten",
    "wavedec2",
    "wavedec2_adjoint",
    "waverec2",
]
