"""With this folder you can: load photographs and digits to look at, without a download."""

from .embedded_digits import digits as digits
from .photographs import credit_photograph as credit_photograph
from .photographs import describe_photograph as describe_photograph
from .photographs import photograph as photograph
from .photographs import photograph_names as photograph_names

__all__ = ["credit_photograph", "describe_photograph", "digits", "photograph", "photograph_names"]
