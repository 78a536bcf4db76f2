"""With this folder you can: build networks whose first layers are wavelets, beside the networks they
change.
"""

from .scatresnet import ScatResNet as ScatResNet
from .scatresnet import scatresnet10 as scatresnet10
from .scatresnet import scatresnet50 as scatresnet50
from .scatresnet import wide_scatresnet50_2 as wide_scatresnet50_2
from .scatresnet_trunk import ResidualTrunk as ResidualTrunk
from .wavpool import WavPool as WavPool
from .wavpool_baselines import LinearMLP as LinearMLP
from .wavpool_baselines import VanillaCNN as VanillaCNN
from .wavpool_microwav import MicroWav as MicroWav

__all__ = [
    "LinearMLP",
    "MicroWav",
    "ResidualTrunk",
    "ScatResNet",
    "VanillaCNN",
    "WavPool",
    "scatresnet10",
    "scatresnet50",
    "wide_scatresnet50_2",
]
