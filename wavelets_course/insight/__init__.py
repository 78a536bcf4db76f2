"""With this folder you can: look inside trained networks, and measure what they ignore and what they cost.

How often an answer flips when the picture moves, turns, grows or is deformed, and how far features move; how
close max pooling comes to the modulus; how alike two first layers are; parameters, multiply-adds, memory and
time side by side.
"""

from .cost import Cost as Cost
from .cost import CostTable as CostTable
from .cost import cost_table as cost_table
from .cost import kept_for_backward as kept_for_backward
from .cost import parameter_count as parameter_count
from .feature_distances import distances as distances
from .invariance import accuracies as accuracies
from .invariance import consistency as consistency
from .invariance import flip_rate as flip_rate
from .invariance import flips as flips
from .kernels import KernelMatches as KernelMatches
from .kernels import kernel_similarity as kernel_similarity
from .kernels import shuffled_kernels as shuffled_kernels
from .multiply_adds import multiply_adds as multiply_adds
from .natural_kernels import natural_kernels as natural_kernels
from .pooling import expected_pooling_gap as expected_pooling_gap
from .pooling import gabor_pooling_gaps as gabor_pooling_gaps
from .pooling import max_pooled as max_pooled
from .pooling import moduli as moduli
from .pooling import pooling_gap as pooling_gap
from .warping import FAMILIES as FAMILIES
from .warping import unit_fields as unit_fields
from .warping import warped as warped

__all__ = [
    "FAMILIES",
    "Cost",
    "CostTable",
    "KernelMatches",
    "accuracies",
    "consistency",
    "cost_table",
    "distances",
    "expected_pooling_gap",
    "flip_rate",
    "flips",
    "gabor_pooling_gaps",
    "kept_for_backward",
    "kernel_similarity",
    "max_pooled",
    "moduli",
    "multiply_adds",
    "natural_kernels",
    "parameter_count",
    "pooling_gap",
    "shuffled_kernels",
    "unit_fields",
    "warped",
]
