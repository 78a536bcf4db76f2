"""With this folder you can: put dual-tree wavelets into the first layer of AlexNet and of ResNets, beside
the originals and a control whose first layer is frozen.
"""

from .alexnet import dual_tree_alexnet as dual_tree_alexnet
from .alexnet import poster_alexnet as poster_alexnet
from .filters import DualTreeFilters as DualTreeFilters
from .filters import dual_tree_sparsity as dual_tree_sparsity
from .grey import GreyPackets as GreyPackets
from .mixing import PacketGroups as PacketGroups
from .mixing import PacketMixing as PacketMixing
from .mixing import alexnet_mixing as alexnet_mixing
from .mixing import poster_packets as poster_packets
from .mixing import resnet_mixing as resnet_mixing
from .norm import ModulusBatchNorm2d as ModulusBatchNorm2d
from .parts import WaveletConv2d as WaveletConv2d
from .resnet import dual_tree_resnet as dual_tree_resnet
from .resnet import dual_tree_resnet34 as dual_tree_resnet34
from .resnet import poster_resnet as poster_resnet
from .stem import ALEXNET_STEM as ALEXNET_STEM
from .stem import RESNET_STEM as RESNET_STEM
from .stem import DualTreeStem as DualTreeStem
from .stem import StemPlan as StemPlan
from .trunk import frozen_first_layer as frozen_first_layer
from .trunk import standard_alexnet as standard_alexnet
from .trunk import standard_resnet as standard_resnet

__all__ = [
    "ALEXNET_STEM",
    "RESNET_STEM",
    "DualTreeFilters",
    "DualTreeStem",
    "GreyPackets",
    "ModulusBatchNorm2d",
    "PacketGroups",
    "PacketMixing",
    "StemPlan",
    "WaveletConv2d",
    "alexnet_mixing",
    "dual_tree_alexnet",
    "dual_tree_resnet",
    "dual_tree_resnet34",
    "dual_tree_sparsity",
    "frozen_first_layer",
    "poster_alexnet",
    "poster_packets",
    "poster_resnet",
    "resnet_mixing",
    "standard_alexnet",
    "standard_resnet",
]
