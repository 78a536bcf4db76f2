"""With this folder you can: ask of any operator whether it keeps what it should, each law as one number.

Whether it reconstructs, keeps energy, commutes with a shift, contracts, is linear, or has the adjoint it
claims to have. Every law is a Python float ``>= 0``. Errors and gaps are 0 when the law holds exactly; ratios
say by how much lengths change. All sums run in float64. An operator takes and returns a tensor or nested
tuples, lists or dicts of tensors (a `Pyramid2d`, say) or NumPy arrays; None and whole numbers beside them are
ignored.

A broken operator never passes: a NaN anywhere makes the result NaN, and ``nan < tolerance`` is False; a
result without any tensor, or with leaves of another kind, is refused with a TypeError. Operators get a copy
of the input, and one that edits it in place is refused with a ValueError.
"""

from .inverse import adjoint_gap as adjoint_gap
from .inverse import reconstruction_error as reconstruction_error
from .inverse import relative_error as relative_error
from .length import contraction_ratio as contraction_ratio
from .length import energy_ratio as energy_ratio
from .symmetry import equivariance_gap as equivariance_gap
from .symmetry import linearity_gap as linearity_gap
from .symmetry import translation_gap as translation_gap

__all__ = [
    "adjoint_gap",
    "contraction_ratio",
    "energy_ratio",
    "equivariance_gap",
    "linearity_gap",
    "reconstruction_error",
    "relative_error",
    "translation_gap",
]
