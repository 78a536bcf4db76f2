"""With this folder you can: design the filters that the course looks with.

Haar and Daubechies taps; Gabor and Morlet banks in one and two dimensions, kymatio's or tight;
bump-steerable banks; the Littlewood-Paley sum that says what a bank keeps, with its frame bounds before
and after subsampling; and the constants of the proposition on translations. Design only, in float64: no
signal passes here.
"""

from .bank import KYMATIO_PI as KYMATIO_PI
from .bank import FilterBank1d as FilterBank1d
from .bank import FilterBank2d as FilterBank2d
from .bank import Frame as Frame
from .bank import frequencies as frequencies
from .bump_steerable import bump_steerable_bank_2d as bump_steerable_bank_2d
from .curvelet import CurveletBand as CurveletBand
from .curvelet import CurveletBank as CurveletBank
from .curvelet import curvelet_bank as curvelet_bank
from .gabor import gabor_bank_2d as gabor_bank_2d
from .littlewood_paley import Bounds as Bounds
from .littlewood_paley import littlewood_paley as littlewood_paley
from .littlewood_paley import littlewood_paley_bounds as littlewood_paley_bounds
from .littlewood_paley import subsampled_bounds as subsampled_bounds
from .morlet import morlet_bank_1d as morlet_bank_1d
from .morlet import morlet_bank_2d as morlet_bank_2d
from .taps import Taps as Taps
from .taps import wavelet_taps as wavelet_taps
from .translation import spread as spread
from .translation import translation_bound as translation_bound
from .translation import translation_constant as translation_constant
from .translation import translation_gain as translation_gain

__all__ = [
    "KYMATIO_PI",
    "Bounds",
    "CurveletBand",
    "CurveletBank",
    "FilterBank1d",
    "FilterBank2d",
    "Frame",
    "Taps",
    "bump_steerable_bank_2d",
    "curvelet_bank",
    "frequencies",
    "gabor_bank_2d",
    "littlewood_paley",
    "littlewood_paley_bounds",
    "morlet_bank_1d",
    "morlet_bank_2d",
    "spread",
    "subsampled_bounds",
    "translation_bound",
    "translation_constant",
    "translation_gain",
    "wavelet_taps",
]
