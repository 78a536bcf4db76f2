"""With this folder you can: build WavPool and MicroWav, which read Haar details with dense layers, and the
networks they were compared with.
"""

from .baselines import LinearMLP as LinearMLP
from .baselines import VanillaCNN as VanillaCNN
from .microwav import MicroWav as MicroWav
from .pool import WavPool as WavPool

__all__ = [
    "LinearMLP",
    "MicroWav",
    "VanillaCNN",
    "WavPool",
]
