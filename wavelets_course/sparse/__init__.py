"""With this folder you can: keep the few coefficients that matter, and say how few are enough.

Hard and soft thresholds, real or complex, one-sided or not; the best approximation from n terms of any
transform, its error, the rate at which it falls, and how many coefficients each scale needs.
"""

from .decay import coefficients_per_scale as coefficients_per_scale
from .decay import fit_slope as fit_slope
from .decay import geometric_counts as geometric_counts
from .n_term import Transform as Transform
from .n_term import n_term_approximation as n_term_approximation
from .n_term import n_term_error as n_term_error
from .thresholds import hard_threshold as hard_threshold
from .thresholds import soft_threshold as soft_threshold

__all__ = [
    "Transform",
    "coefficients_per_scale",
    "fit_slope",
    "geometric_counts",
    "hard_threshold",
    "n_term_approximation",
    "n_term_error",
    "soft_threshold",
]
