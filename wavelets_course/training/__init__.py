"""With this folder you can: train a network on a laptop or on many machines, stop at any moment and go on."""

from .checkpoints import CheckpointError as CheckpointError
from .checkpoints import CheckpointWarning as CheckpointWarning
from .config import TrainingConfig as TrainingConfig
from .data import Data as Data
from .detection import fit_detector as fit_detector
from .detection import random_mirror as random_mirror
from .detection_history import DetectionHistory as DetectionHistory
from .detection_history import DetectionRecord as DetectionRecord
from .detection_scores import DetectionScores as DetectionScores
from .detection_scores import evaluate_detector as evaluate_detector
from .evaluation import Scores as Scores
from .evaluation import evaluate as evaluate
from .history import History as History
from .history import Record as Record
from .loading import DeadWorkerError as DeadWorkerError
from .loading import UnreadableSampleError as UnreadableSampleError
from .loop import fit as fit
from .weights import load_weights as load_weights
from .weights import save_weights as save_weights

__all__ = [
    "CheckpointError",
    "CheckpointWarning",
    "Data",
    "DeadWorkerError",
    "DetectionHistory",
    "DetectionRecord",
    "DetectionScores",
    "History",
    "Record",
    "Scores",
    "TrainingConfig",
    "UnreadableSampleError",
    "evaluate",
    "evaluate_detector",
    "fit",
    "fit_detector",
    "load_weights",
    "random_mirror",
    "save_weights",
]
