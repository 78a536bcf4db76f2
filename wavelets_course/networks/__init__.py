"""With this folder you can: build networks whose first layers are wavelets, beside the networks they
change.
"""

from .detection import Detector as Detector
from .detection import TiledScattering as TiledScattering
from .detection import faster_rcnn_resnet50 as faster_rcnn_resnet50
from .detection import scattering_faster_rcnn as scattering_faster_rcnn
from .dual_tree import ALEXNET_STEM as ALEXNET_STEM
from .dual_tree import RESNET_STEM as RESNET_STEM
from .dual_tree import DualTreeFilters as DualTreeFilters
from .dual_tree import DualTreeStem as DualTreeStem
from .dual_tree import GreyPackets as GreyPackets
from .dual_tree import ModulusBatchNorm2d as ModulusBatchNorm2d
from .dual_tree import PacketGroups as PacketGroups
from .dual_tree import PacketMixing as PacketMixing
from .dual_tree import StemPlan as StemPlan
from .dual_tree import WaveletConv2d as WaveletConv2d
from .dual_tree import alexnet_mixing as alexnet_mixing
from .dual_tree import dual_tree_alexnet as dual_tree_alexnet
from .dual_tree import dual_tree_resnet as dual_tree_resnet
from .dual_tree import dual_tree_resnet34 as dual_tree_resnet34
from .dual_tree import dual_tree_sparsity as dual_tree_sparsity
from .dual_tree import frozen_first_layer as frozen_first_layer
from .dual_tree import poster_alexnet as poster_alexnet
from .dual_tree import poster_packets as poster_packets
from .dual_tree import poster_resnet as poster_resnet
from .dual_tree import resnet_mixing as resnet_mixing
from .dual_tree import standard_alexnet as standard_alexnet
from .dual_tree import standard_resnet as standard_resnet
from .scatresnet import ScatResNet as ScatResNet
from .scatresnet import scatresnet10 as scatresnet10
from .scatresnet import scatresnet50 as scatresnet50
from .scatresnet import wide_scatresnet50_2 as wide_scatresnet50_2
from .scatresnet_trunk import ResidualTrunk as ResidualTrunk
from .wavpool import LinearMLP as LinearMLP
from .wavpool import MicroWav as MicroWav
from .wavpool import VanillaCNN as VanillaCNN
from .wavpool import WavPool as WavPool

__all__ = [
    "ALEXNET_STEM",
    "RESNET_STEM",
    "Detector",
    "DualTreeFilters",
    "DualTreeStem",
    "GreyPackets",
    "LinearMLP",
    "MicroWav",
    "ModulusBatchNorm2d",
    "PacketGroups",
    "PacketMixing",
    "ResidualTrunk",
    "ScatResNet",
    "StemPlan",
    "TiledScattering",
    "VanillaCNN",
    "WavPool",
    "WaveletConv2d",
    "alexnet_mixing",
    "dual_tree_alexnet",
    "dual_tree_resnet",
    "dual_tree_resnet34",
    "dual_tree_sparsity",
    "faster_rcnn_resnet50",
    "frozen_first_layer",
    "poster_alexnet",
    "poster_packets",
    "poster_resnet",
    "resnet_mixing",
    "scatresnet10",
    "scatresnet50",
    "scattering_faster_rcnn",
    "standard_alexnet",
    "standard_resnet",
    "wide_scatresnet50_2",
]
