"""With this folder you can: have an answer to an exercise checked, and read what it lacks."""

from .checking import EXERCISES as EXERCISES
from .checking import check as check
from .checking import names as names
from .checking import prompt as prompt
from .checking import stub as stub
from .exercise import Exercise as Exercise
from .exercise import Property as Property
from .exercise import Wrong as Wrong
from .verdict import Verdict as Verdict

__all__ = ["EXERCISES", "Exercise", "Property", "Verdict", "Wrong", "check", "names", "prompt", "stub"]
