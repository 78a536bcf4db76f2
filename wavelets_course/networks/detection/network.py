"""Faster R-CNN on one shared map: torchvision's parts, put together for any backbone that ends in a group."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor
from torchvision.models.detection.rpn import AnchorGenerator, RPNHead
from torchvision.ops import MultiScaleRoIAlign

from .targets import check_images, check_targets

SIDES = (128, 256, 512)
"""Sides of the anchors in pixels of the resized image; on COCO 64 comes in addition."""

REGION = 7
"""Cells a side that a region is cut into."""

SETTINGS: Mapping[str, Any] = {
    "min_size": 600,
    "max_size": 1000,
    "rpn_pre_nms_top_n_train": 12000,
    "rpn_post_nms_top_n_train": 2000,
    "rpn_pre_nms_top_n_test": 6000,
    "rpn_post_nms_top_n_test": 300,
    "box_batch_size_per_image": 128,
    "box_nms_thresh": 0.3,
}
"""Where the implementation that the paper builds on differs from torchvision's defaults, on VOC."""


class Detector(FasterRCNN):  # type: ignore[misc]  # torchvision has no types
    """torchvision's Faster R-CNN, with its inputs checked and its classes counted without the background.

    Images go through torchvision's own transform (normalise, resize, pad a batch to one shape), region
    proposal network and region heads. Both networks here share one map at a sixteenth of the image: the
    proposals look at it, each region is cut out of it (``7 x 7`` cells, RoIAlign) and read by the backbone's
    last group of blocks; a mean and two linear layers give its class and its box.

    Training draws anchors and regions from torch's own generator, so `torch.manual_seed` decides.

    Parameters
    ----------
    backbone
        From normalised images to the shared map; ``out_channels`` says how many maps.
    head
        From a region ``(regions, out_channels, 7, 7)`` to vectors.
    features
        Length of these.
    classes
        Kinds of objects; their labels are 1 to ``classes``.
    anchors
        Sides of the anchors, each in the shapes 1:2, 1:1 and 2:1.
    settings
        Any of torchvision's keywords for `FasterRCNN`; those left out are as in `SETTINGS`.

    References
    ----------
    S. Ren, K. He, R. Girshick and J. Sun, Faster R-CNN: towards real-time object detection with region
    proposal networks, IEEE PAMI 39 (2017).
    """

    def __init__(
        self,
        backbone: "SharedMap",
        head: nn.Module,
        features: int,
        classes: int,
        anchors: Sequence[int] = SIDES,
        **settings: Any,
    ) -> None:
        if isinstance(classes, bool) or not isinstance(classes, int) or classes < 1:
            raise ValueError(
                f"detector: expected classes to be a positive integer, got {classes!r}; the background is "
                "not counted."
            )
        generator = AnchorGenerator((tuple(anchors),), ((0.5, 1.0, 2.0),))
        super().__init__(
            backbone,
            rpn_anchor_generator=generator,
            rpn_head=Proposals(backbone.out_channels, generator.num_anchors_per_location()[0]),
            box_roi_pool=MultiScaleRoIAlign(["0"], REGION, sampling_ratio=2),
            box_head=head,
            box_predictor=Predictor(features, classes + 1),
            **(dict(SETTINGS) | settings),
        )
        self.classes = classes

    def forward(
        self,
        images: Sequence[Float[Tensor, "3 _ _"]],
        targets: Sequence[Mapping[str, Tensor]] | None = None,
    ) -> dict[str, Tensor] | list[dict[str, Tensor]]:
        """Give the four losses while training, detections otherwise.

        Parameters
        ----------
        images
            A list of ``(3, height, width)`` in [0, 1]; each of its own size.
        targets
            One ``{"boxes": (n, 4), "labels": (n,)}`` an image: left, top, right, bottom in pixels of the
            image as given, labels from 1. An image without objects has ``n = 0``. Needed while training.

        Returns
        -------
        dict or list of dict
            ``loss_classifier``, ``loss_box_reg``, ``loss_objectness`` and ``loss_rpn_box_reg``; or for each
            image ``boxes``, ``labels`` and ``scores``, best first.

        Raises
        ------
        TypeError, ValueError
            If images or targets are not as above; a box without area is refused.
        """
        check_images(images)
        if self.training or targets is not None:
            check_targets(targets, len(images), self.classes)
        found: dict[str, Tensor] | list[dict[str, Tensor]] = super().forward(
            list(images), None if targets is None else [dict(target) for target in targets]
        )
        return found


class SharedMap(nn.Module):
    """From normalised images to the map that proposals and regions share.

    Parameters
    ----------
    encode
        What is not learned: the scattering transform, or nothing.
    groups
        What is: all groups of a network but the last.
    out_channels
        Channels of the map.
    """

    def __init__(self, encode: nn.Module, groups: nn.Module, out_channels: int) -> None:
        super().__init__()
        self.encode, self.groups, self.out_channels = encode, groups, out_channels

    def forward(
        self, x: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """The shared map, a sixteenth of the images' height and width."""
        maps: Tensor = self.groups(self.encode(x))
        return maps


class RegionHead(nn.Sequential):
    """A group of blocks, on one region at a time, and the mean over its places."""

    def __init__(self, group: nn.Module) -> None:
        super().__init__(group, nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Proposals(RPNHead):  # type: ignore[misc]
    """torchvision's region proposal head; its results are float32 even where autocast computes in 16 bits.

    Boxes are decoded in the precision of what comes from here, and bfloat16 counts pixels beyond 512 by
    fours.
    """

    def forward(self, maps: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Objectness and box offsets of every anchor, one tensor a map."""
        objectness, offsets = super().forward(maps)
        return _precise(objectness), _precise(offsets)


class Predictor(FastRCNNPredictor):  # type: ignore[misc]
    """torchvision's two linear layers for class and box, likewise."""

    def forward(self, x: Float[Tensor, "regions features"]) -> list[Tensor]:
        """Logits ``(regions, classes + 1)`` and box offsets ``(regions, 4 (classes + 1))``."""
        return _precise(super().forward(x))


def _precise(values: Sequence[Tensor]) -> list[Tensor]:
    return [value.to(torch.promote_types(value.dtype, torch.float32)) for value in values]
