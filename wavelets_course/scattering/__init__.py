"""With this folder you can: scatter images, `|x * psi| * phi`, to orders 0, 1 and 2, and go back.

As a function of an image and a bank, or as a layer with kymatio's arguments and numbers; with the list
of paths that says which coefficient sits in which channel. Back: find an image with given
coefficients, or a Gaussian blob, whose coefficients are known in closed form.
"""

from .blobs import Blob as Blob
from .blobs import blob_attenuation as blob_attenuation
from .blobs import envelope_covariance as envelope_covariance
from .blobs import fit_blob as fit_blob
from .blobs import scatter_blob as scatter_blob
from .cascade import scattering_2d as scattering_2d
from .invert import InversionMethod as InversionMethod
from .invert import invert as invert
from .layer import OutType as OutType
from .layer import Scattering2D as Scattering2D
from .padding import margins as margins
from .padding import padded_shape as padded_shape
from .paths import Path as Path
from .paths import scattering_channels as scattering_channels
from .paths import scattering_paths as scattering_paths

__all__ = [
    "Blob",
    "InversionMethod",
    "OutType",
    "Path",
    "Scattering2D",
    "blob_attenuation",
    "envelope_covariance",
    "fit_blob",
    "invert",
    "margins",
    "padded_shape",
    "scatter_blob",
    "scattering_2d",
    "scattering_channels",
    "scattering_paths",
]
