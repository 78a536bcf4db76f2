"""Faster R-CNN with a hybrid network for a backbone, beside the same detector on a plain one."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from torch import nn
from torchvision.models import resnet50
from torchvision.models.resnet import ResNet

from ..scatresnet import IMAGENET_MEAN, IMAGENET_STD, ScatResNet, scatresnet50
from .network import SIDES, Detector, RegionHead, SharedMap
from .scattering import TiledScattering


def scattering_faster_rcnn(
    classes: int,
    network: ScatResNet | None = None,
    *,
    anchors: Sequence[int] = SIDES,
    frozen_groups: int = 0,
    freeze_batch_norm: bool | None = None,
    tile: int = 256,
    **settings: Any,
) -> Detector:
    """Faster R-CNN on ScatResNet-50: scattering at an eighth, the shared map at a sixteenth of the image.

    As in the paper, one map is shared, the output of the second of the three groups, and the third group
    reads each region; there is no feature pyramid. The scattering takes images of any size, see
    `TiledScattering`.

    New weights are drawn by torch's own generator, so `torch.manual_seed` before the call decides.

    Parameters
    ----------
    classes
        Kinds of objects, the background not counted; labels are 1 to ``classes``.
    network
        A trained `ScatResNet` of two groups or more, whose layers are copied; its classifier is dropped.
        None makes a new `scatresnet50`.
    anchors
        Sides of the anchors, in pixels of the resized image.
    frozen_groups
        The stem and so many groups are not trained, nothing where it is 0. The paper keeps the shared ones,
        2, fixed; the implementation it builds on, 1.
    freeze_batch_norm
        Keep means, variances, scales and biases of every batch norm, as the paper does. None means: if a
        network is given, for in a new one there is nothing to keep.
    tile
        See `TiledScattering`.
    settings
        torchvision's keywords for `FasterRCNN`, such as ``min_size=600``, ``max_size=1000`` or
        ``box_score_thresh=0.05``.

    Returns
    -------
    Detector

    Raises
    ------
    ValueError
        If the network has fewer than two groups, if it has no more than ``frozen_groups`` before the last,
        or if ``classes`` or ``tile`` is out of range.

    References
    ----------
    E. Oyallon, E. Belilovsky, S. Zagoruyko and M. Valko, Compressing the input for CNNs with the first-order
    scattering transform, ECCV (2018), section 3.2.

    Examples
    --------
    >>> import torch
    >>> network = ScatResNet((64, 64), 3, (8, 16), (1, 1), block="bottleneck", classes=10)
    >>> detector = scattering_faster_rcnn(2, network, min_size=64, tile=128).eval()
    >>> found = detector([torch.rand(3, 64, 80), torch.rand(3, 48, 40)])
    >>> len(found), sorted(found[0])
    (2, ['boxes', 'labels', 'scores'])
    """
    source = scatresnet50(shape=(64, 64)) if network is None else network
    trunk, own = deepcopy(source.trunk), source.scattering
    scattering = TiledScattering(own.J, own.L, own.max_order, tile=tile, frame=own.frame)
    groups = [nn.Sequential(trunk.stem, trunk.groups[0]), *trunk.groups[1:]]
    mean, std = (
        (IMAGENET_MEAN, IMAGENET_STD) if network is None else (source.mean.flatten(), source.std.flatten())
    )
    return _detector(
        nn.Sequential(scattering.to(source.mean.device), nn.Flatten(1, 2)),
        groups,
        trunk.classifier.in_features,
        classes,
        anchors,
        frozen_groups,
        network is not None if freeze_batch_norm is None else freeze_batch_norm,
        {"image_mean": [float(m) for m in mean], "image_std": [float(s) for s in std]} | settings,
    )


def faster_rcnn_resnet50(
    classes: int,
    network: ResNet | None = None,
    *,
    anchors: Sequence[int] = SIDES,
    frozen_groups: int = 0,
    freeze_batch_norm: bool | None = None,
    **settings: Any,
) -> Detector:
    """Faster R-CNN on ResNet-50, put together as `scattering_faster_rcnn` is: the paper's baseline.

    The shared map is the output of the third of the four groups, at a sixteenth of the image; the fourth
    reads each region.

    Parameters
    ----------
    classes
        Kinds of objects, the background not counted.
    network
        One of torchvision's ResNets, whose layers are copied; None makes a new ``resnet50``. For trained
        weights, ``resnet50(weights="DEFAULT")``.
    anchors, frozen_groups, freeze_batch_norm, settings
        As in `scattering_faster_rcnn`, but there are four groups.

    Returns
    -------
    Detector

    Raises
    ------
    ValueError
        As `scattering_faster_rcnn`.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition, CVPR (2016).

    Examples
    --------
    >>> import torch
    >>> from torchvision.models.resnet import BasicBlock
    >>> small = ResNet(BasicBlock, [1, 1, 1, 1])
    >>> detector = faster_rcnn_resnet50(2, small, min_size=64).eval()
    >>> len(detector([torch.rand(3, 64, 80)]))
    1
    """
    own = deepcopy(resnet50() if network is None else network)
    first = nn.Sequential(own.conv1, own.bn1, own.relu, own.maxpool, own.layer1)
    return _detector(
        nn.Identity(),
        [first, own.layer2, own.layer3, own.layer4],
        own.fc.in_features,
        classes,
        anchors,
        frozen_groups,
        network is not None if freeze_batch_norm is None else freeze_batch_norm,
        {"image_mean": list(IMAGENET_MEAN), "image_std": list(IMAGENET_STD)} | settings,
    )


def _detector(
    encode: nn.Module,
    groups: list[nn.Module],
    features: int,
    classes: int,
    anchors: Sequence[int],
    frozen_groups: int,
    freeze_batch_norm: bool,
    settings: dict[str, Any],
) -> Detector:
    """Share all groups but the last; that one reads the regions."""
    if len(groups) < 2:
        raise ValueError(
            f"detector: expected a network of at least two groups, got {len(groups)}; the last one reads the "
            "regions, those before make the shared map."
        )
    if not 0 <= frozen_groups < len(groups):
        raise ValueError(
            f"detector: expected frozen_groups from 0 to {len(groups) - 1}, got {frozen_groups}; the last "
            "group is always trained."
        )
    for group in groups[:frozen_groups]:
        group.requires_grad_(False)
    if freeze_batch_norm:
        groups = [with_fixed_norms(group) for group in groups]
    *shared, last = groups
    backbone = SharedMap(encode, nn.Sequential(*shared), _inputs(last))
    return Detector(backbone, RegionHead(last), features, classes, anchors, **settings)


class FixedBatchNorm2d(nn.BatchNorm2d):
    """A batch norm that keeps its numbers, also while the rest is trained."""

    def train(self, mode: bool = True) -> "FixedBatchNorm2d":
        """Stay in evaluation mode, whatever is asked."""
        super().train(False)
        return self


def with_fixed_norms(module: nn.Module) -> nn.Module:
    """Replace each batch norm in ``module`` by one that keeps its numbers; the module itself is changed."""
    if isinstance(module, nn.BatchNorm2d):
        return _fixed(module)
    for name, child in module.named_children():
        setattr(module, name, with_fixed_norms(child))
    return module


def _fixed(norm: nn.BatchNorm2d) -> nn.Module:
    fixed = FixedBatchNorm2d(norm.num_features, norm.eps, affine=norm.affine)
    fixed.load_state_dict(norm.state_dict())
    return fixed.to(norm.running_mean).requires_grad_(False).eval()


def _inputs(group: nn.Module) -> int:
    """Channels that the first convolution of a group reads."""
    return next(layer.in_channels for layer in group.modules() if isinstance(layer, nn.Conv2d))
