"""With this folder you can: re-measure what the sources claim, and read published beside measured."""

from . import page as page
from .ledger import CLAIMS as CLAIMS
from .ledger import find as find
from .measurement import Measurement as Measurement
from .measurement import save as save
from .measurement import stored as stored
from .page import markdown as markdown
from .registry import Claim as Claim
from .registry import Expected as Expected
from .registry import Source as Source
from .runner import compare as compare
from .runner import run as run
from .wording import summary as summary

__all__ = [
    "CLAIMS",
    "Claim",
    "Expected",
    "Measurement",
    "Source",
    "compare",
    "find",
    "markdown",
    "page",
    "run",
    "save",
    "stored",
    "summary",
]
