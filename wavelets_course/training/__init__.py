"""With this folder you can: train a network on a laptop or on many machines, stop at any moment and go on."""

from .config import TrainingConfig as TrainingConfig
from .data import Data as Data
from .evaluation import Scores as Scores
from .evaluation import evaluate as evaluate
from .history import History as History
from .history import Record as Record
from .loading import DeadWorkerError as DeadWorkerError
from .loading import UnreadableSampleError as UnreadableSampleError
from .loop import fit as fit

__all__ = [
    "Data",
    "DeadWorkerError",
    "History",
    "Record",
    "Scores",
    "TrainingConfig",
    "UnreadableSampleError",
    "evaluate",
    "fit",
]
