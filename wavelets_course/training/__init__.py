"""With this folder you can: train a network on a laptop or on many machines, stop at any moment and go on."""

from .augmentation import crop_and_flip as crop_and_flip
from .augmentation import denormalize as denormalize
from .augmentation import normalize as normalize
from .augmentation import one_crop as one_crop
from .augmentation import random_resized_crop as random_resized_crop
from .augmentation import ten_crop as ten_crop
from .checkpoints import CheckpointError as CheckpointError
from .checkpoints import CheckpointWarning as CheckpointWarning
from .config import TrainingConfig as TrainingConfig
from .cost import Memory as Memory
from .cost import TrainingCost as TrainingCost
from .cost import Workload as Workload
from .cost import largest_batch as largest_batch
from .cost import rate_of as rate_of
from .cost import training_cost as training_cost
from .cost import training_memory as training_memory
from .cost import utilization_of as utilization_of
from .cost import workload as workload
from .data import Data as Data
from .detection import fit_detector as fit_detector
from .detection import random_mirror as random_mirror
from .detection_history import DetectionHistory as DetectionHistory
from .detection_history import DetectionRecord as DetectionRecord
from .detection_scores import DetectionScores as DetectionScores
from .detection_scores import evaluate_detector as evaluate_detector
from .evaluation import Scores as Scores
from .evaluation import evaluate as evaluate
from .features import StoredFeatures as StoredFeatures
from .features import store_features as store_features
from .history import History as History
from .history import Record as Record
from .identity import data_identity as data_identity
from .identity import stem_identity as stem_identity
from .known_data import KnownData as KnownData
from .known_data import known_data as known_data
from .loading import DeadWorkerError as DeadWorkerError
from .loading import UnreadableSampleError as UnreadableSampleError
from .loop import fit as fit
from .recipe import Recipe as Recipe
from .recipe import follow as follow
from .recipe import read_recipe as read_recipe
from .shard_reader import ShardReader as ShardReader
from .shard_reader import Shards as Shards
from .shard_reader import shard_order as shard_order
from .shards import ShardIndex as ShardIndex
from .shards import read_index as read_index
from .shards import verify_shards as verify_shards
from .shards import write_shards as write_shards
from .throughput import Rates as Rates
from .throughput import compare_rates as compare_rates
from .throughput import loader_rate as loader_rate
from .throughput import model_rate as model_rate
from .trained_network import TrainedNetwork as TrainedNetwork
from .trained_network import build_network as build_network
from .trained_network import describe_trained as describe_trained
from .trained_network import keep_trained as keep_trained
from .trained_network import trained as trained
from .trained_network import trained_names as trained_names
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
    "KnownData",
    "Memory",
    "Rates",
    "Recipe",
    "Record",
    "Scores",
    "ShardIndex",
    "ShardReader",
    "Shards",
    "StoredFeatures",
    "TrainedNetwork",
    "TrainingConfig",
    "TrainingCost",
    "UnreadableSampleError",
    "Workload",
    "build_network",
    "compare_rates",
    "crop_and_flip",
    "data_identity",
    "denormalize",
    "describe_trained",
    "evaluate",
    "evaluate_detector",
    "fit",
    "fit_detector",
    "follow",
    "keep_trained",
    "known_data",
    "largest_batch",
    "load_weights",
    "loader_rate",
    "model_rate",
    "normalize",
    "one_crop",
    "random_mirror",
    "random_resized_crop",
    "rate_of",
    "read_index",
    "read_recipe",
    "save_weights",
    "shard_order",
    "stem_identity",
    "store_features",
    "ten_crop",
    "trained",
    "trained_names",
    "training_cost",
    "training_memory",
    "utilization_of",
    "verify_shards",
    "workload",
    "write_shards",
]
