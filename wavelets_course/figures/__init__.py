"""With this folder you can: draw images, curves and every topic of the course as figures that read aloud."""

from .banks import filter_grid as filter_grid
from .banks import frequency_plane as frequency_plane
from .banks import littlewood_paley as littlewood_paley
from .bars import bars as bars
from .bars import histogram as histogram
from .best_terms import error_decay as error_decay
from .best_terms import kept_frequencies as kept_frequencies
from .best_terms import n_term_gallery as n_term_gallery
from .boundaries import boundary_modes as boundary_modes
from .choosing import trade_offs as trade_offs
from .compressions import compression as compression
from .curvelets import curvelet_atoms as curvelet_atoms
from .curvelets import curvelet_energies as curvelet_energies
from .curvelets import curvelet_tiling as curvelet_tiling
from .curves import curves as curves
from .detection import detections as detections
from .detection import precision_recall as precision_recall
from .diagrams import microwav as microwav
from .diagrams import wavpool as wavpool
from .dual_tree import folded_spectra as folded_spectra
from .dual_tree import hilbert_pair as hilbert_pair
from .dual_tree_cnn import kernel_mosaic as kernel_mosaic
from .dual_tree_packets import packet_kernels as packet_kernels
from .dual_tree_packets import packet_plane as packet_plane
from .dual_tree_packets import packet_tree as packet_tree
from .edge_covers import edge_covers as edge_covers
from .figure import Figure as Figure
from .growth import growth as growth
from .hybrid_networks import residual_groups as residual_groups
from .images import image_grid as image_grid
from .inversion import blob_outlines as blob_outlines
from .inversion import reconstructions as reconstructions
from .max_or_modulus import gap_planes as gap_planes
from .max_or_modulus import pooled_wave as pooled_wave
from .pyramids import pyramid as pyramid
from .pyramids import subbands as subbands
from .scattering_pictures import scattering_maps as scattering_maps
from .scattering_pictures import scattering_rose as scattering_rose
from .scattering_pictures import shift_comparison as shift_comparison
from .training_at_scale import memory_parts as memory_parts
from .training_at_scale import reading_orders as reading_orders
from .training_at_scale import stopped_run as stopped_run
from .wavpool_block import wavpool_block as wavpool_block

__all__ = [
    "Figure",
    "bars",
    "blob_outlines",
    "boundary_modes",
    "compression",
    "curvelet_atoms",
    "curvelet_energies",
    "curvelet_tiling",
    "curves",
    "detections",
    "edge_covers",
    "error_decay",
    "filter_grid",
    "folded_spectra",
    "frequency_plane",
    "gap_planes",
    "growth",
    "hilbert_pair",
    "histogram",
    "image_grid",
    "kept_frequencies",
    "kernel_mosaic",
    "littlewood_paley",
    "memory_parts",
    "microwav",
    "n_term_gallery",
    "packet_kernels",
    "packet_plane",
    "packet_tree",
    "pooled_wave",
    "precision_recall",
    "pyramid",
    "reading_orders",
    "reconstructions",
    "residual_groups",
    "scattering_maps",
    "scattering_rose",
    "shift_comparison",
    "stopped_run",
    "subbands",
    "trade_offs",
    "wavpool",
    "wavpool_block",
]
