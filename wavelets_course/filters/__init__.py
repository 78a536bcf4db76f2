"""With this folder you can: design the filters that the course looks with.

Haar and Daubechies taps; dual-tree pairs and packets; Gabor and Morlet banks in one and two dimensions,
kymatio's or tight; bump-steerable banks; the Littlewood-Paley sum that says what a bank keeps, with its
frame bounds before and after subsampling; and the constants of the proposition on translations. Design
only, in float64: no signal passes here.
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
from .half_sample import HalfSamplePair as HalfSamplePair
from .half_sample import HalfSampleTaps as HalfSampleTaps
from .half_sample import dual_tree_taps as dual_tree_taps
from .half_sample import half_sample_taps as half_sample_taps
from .half_sample import qshift_taps as qshift_taps
from .littlewood_paley import Bounds as Bounds
from .littlewood_paley import littlewood_paley as littlewood_paley
from .littlewood_paley import littlewood_paley_bounds as littlewood_paley_bounds
from .littlewood_paley import subsampled_bounds as subsampled_bounds
from .morlet import morlet_bank_1d as morlet_bank_1d
from .morlet import morlet_bank_2d as morlet_bank_2d
from .packet_kernels import conjugation_signs as conjugation_signs
from .packet_kernels import edge_nodes as edge_nodes
from .packet_kernels import packet_centres_1d as packet_centres_1d
from .packet_kernels import packet_kernels_1d as packet_kernels_1d
from .packet_kernels import packet_spectra_1d as packet_spectra_1d
from .packet_kernels import packet_trees_1d as packet_trees_1d
from .packet_kernels import wrong_side_energy as wrong_side_energy
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
    "HalfSamplePair",
    "HalfSampleTaps",
    "Taps",
    "bump_steerable_bank_2d",
    "conjugation_signs",
    "curvelet_bank",
    "dual_tree_taps",
    "edge_nodes",
    "frequencies",
    "gabor_bank_2d",
    "half_sample_taps",
    "littlewood_paley",
    "littlewood_paley_bounds",
    "morlet_bank_1d",
    "morlet_bank_2d",
    "packet_centres_1d",
    "packet_kernels_1d",
    "packet_spectra_1d",
    "packet_trees_1d",
    "qshift_taps",
    "spread",
    "subsampled_bounds",
    "translation_bound",
    "translation_constant",
    "translation_gain",
    "wavelet_taps",
    "wrong_side_energy",
]
