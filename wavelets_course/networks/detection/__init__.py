"""With this folder you can: find objects with Faster R-CNN on a hybrid backbone, and on ResNet-50."""

from .build import faster_rcnn_resnet50 as faster_rcnn_resnet50
from .build import scattering_faster_rcnn as scattering_faster_rcnn
from .network import Detector as Detector
from .scattering import TiledScattering as TiledScattering

__all__ = [
    "Detector",
    "TiledScattering",
    "faster_rcnn_resnet50",
    "scattering_faster_rcnn",
]
