"""With this folder you can: draw cartoons and noise, extend an image, warp it, and measure its quality."""

from .blobs import spectral_blob as spectral_blob
from .boundary import BOUNDARY_MODES as BOUNDARY_MODES
from .boundary import BoundaryMode as BoundaryMode
from .boundary import ExtensionRule as ExtensionRule
from .boundary import Padding as Padding
from .boundary import check_mode as check_mode
from .boundary import extend as extend
from .boundary import extend_axis as extend_axis
from .boundary import extension_rule as extension_rule
from .cartoons import dirac as dirac
from .cartoons import disk as disk
from .cartoons import gaussian_blob as gaussian_blob
from .cartoons import plane_wave as plane_wave
from .cartoons import step_edge as step_edge
from .fields import deformation_size as deformation_size
from .fields import smooth_field as smooth_field
from .interpolation import interpolate as interpolate
from .noise import power_law_noise as power_law_noise
from .noise import white_noise as white_noise
from .piecewise_smooth import piecewise_smooth as piecewise_smooth
from .polygons import polygon as polygon
from .polygons import random_polygons as random_polygons
from .quality import mse as mse
from .quality import psnr as psnr
from .quality import snr as snr
from .quality import ssim as ssim
from .warps import deform as deform
from .warps import dilate as dilate
from .warps import rotate as rotate
from .warps import shift as shift

__all__ = [
    "BOUNDARY_MODES",
    "BoundaryMode",
    "ExtensionRule",
    "Padding",
    "check_mode",
    "deform",
    "deformation_size",
    "dilate",
    "dirac",
    "disk",
    "extend",
    "extend_axis",
    "extension_rule",
    "gaussian_blob",
    "interpolate",
    "mse",
    "piecewise_smooth",
    "plane_wave",
    "polygon",
    "power_law_noise",
    "psnr",
    "random_polygons",
    "rotate",
    "shift",
    "smooth_field",
    "snr",
    "spectral_blob",
    "ssim",
    "step_edge",
    "white_noise",
]
