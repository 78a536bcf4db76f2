"""With this folder you can: extend an image past its edges."""

from .boundary import BOUNDARY_MODES as BOUNDARY_MODES
from .boundary import BoundaryMode as BoundaryMode
from .boundary import Padding as Padding
from .boundary import extend as extend
from .boundary import extend_axis as extend_axis
from .boundary import extension_rule as extension_rule

__all__ = ["BOUNDARY_MODES", "BoundaryMode", "Padding", "extend", "extend_axis", "extension_rule"]
