"""With this folder you can: scatter images, `|x * psi| * phi`, to orders 0, 1 and 2.

As a function of an image and a bank, or as a layer with kymatio's arguments and numbers; with the list
of paths that says which coefficient sits in which channel.
"""

from .cascade import scattering_2d as scattering_2d
from .layer import OutType as OutType
from .layer import Scattering2D as Scattering2D
from .padding import margins as margins
from .padding import padded_shape as padded_shape
from .paths import Path as Path
from .paths import scattering_channels as scattering_channels
from .paths import scattering_paths as scattering_paths

__all__ = [
    "OutType",
    "Path",
    "Scattering2D",
    "margins",
    "padded_shape",
    "scattering_2d",
    "scattering_channels",
    "scattering_paths",
]
