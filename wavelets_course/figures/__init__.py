"""With this folder you can: draw images, curves and every topic of the course as figures that read aloud."""

from .curves import bars as bars
from .curves import curves as curves
from .curves import histogram as histogram
from .figure import Figure as Figure
from .images import image_grid as image_grid

__all__ = ["Figure", "bars", "curves", "histogram", "image_grid"]
