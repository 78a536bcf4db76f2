"""With this folder you can: keep the few coefficients that matter, and say how few are enough.

Hard and soft thresholds, real or complex, one-sided or not.
"""

from .thresholds import hard_threshold as hard_threshold
from .thresholds import soft_threshold as soft_threshold

__all__ = ["hard_threshold", "soft_threshold"]
