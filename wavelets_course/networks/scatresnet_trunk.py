"""The learned part of a hybrid network: a residual CNN that starts from maps that are already small."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck

Block = Literal["basic", "bottleneck"]
Stem = Literal["plain", "normalised"]

BLOCKS: dict[str, Any] = {"basic": BasicBlock, "bottleneck": Bottleneck}
STEMS = ("plain", "normalised")
MOMENTUM = 0.9  # of the normalised stem, in torch's convention: the running mean is mostly the last batch's


class ResidualTrunk(nn.Module):
    """Residual network without the usual shrinking first layers: a stem, groups of blocks, one mean, one map.

    The stem is a ``3 x 3`` convolution from ``channels`` to ``widths[0]`` at stride 1. Each group holds
    ``depths[i]`` of torchvision's residual blocks of width ``widths[i]``; every group but the first halves
    the maps. Then the mean over all places, and a linear classifier. Nothing depends on the maps' size.

    Convolutions start as independent Gaussians of variance ``2 / (k**2 * outputs)``, for ``k x k`` kernels;
    biases and the classifier as torch starts them.

    Parameters
    ----------
    channels
        Maps that come in: ``3 (1 + L J)`` from a first-order encoding, 3 from an image.
    widths, depths
        Width and number of blocks of each group.
    block
        ``"basic"`` (two ``3 x 3`` convolutions) or ``"bottleneck"`` (``1 x 1``, ``3 x 3``, ``1 x 1`` to four
        times the width).
    stem
        ``"plain"`` (convolution, batch norm, ReLU) or ``"normalised"`` (a batch norm without parameters
        before, and a bias in the convolution), which first gives all channels variance 1.
    classes
        Numbers that come out.
    generator
        Draws the weights; None means torch's own, so that `torch.manual_seed` before the call decides.

    Raises
    ------
    ValueError
        If a count is not a positive integer, if ``widths`` and ``depths`` differ in length or are empty, or
        if ``block`` or ``stem`` is none of the above.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition, CVPR (2016).
    E. Oyallon, E. Belilovsky, S. Zagoruyko and M. Valko, Compressing the input for CNNs with the first-order
    scattering transform, ECCV (2018), section 3.1.

    Examples
    --------
    >>> trunk = ResidualTrunk(75, (16, 32), (2, 2), classes=10)
    >>> tuple(trunk(torch.rand(5, 75, 28, 28)).shape), tuple(trunk.features(torch.rand(5, 75, 8, 6)).shape)
    ((5, 10), (5, 32, 4, 3))
    """

    def __init__(
        self,
        channels: int,
        widths: Sequence[int],
        depths: Sequence[int],
        *,
        block: Block = "basic",
        stem: Stem = "plain",
        classes: int = 1000,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        _check(channels, widths, depths, block, stem, classes)
        self.channels = channels
        with torch.device("meta"):  # the weights are drawn once, below
            self.stem = _stem(channels, widths[0], stem)
            self.groups = _groups(widths, depths, BLOCKS[block])
            self.pool = nn.AdaptiveAvgPool2d(1)
            self.classifier = nn.Linear(widths[-1] * BLOCKS[block].expansion, classes)
        self.to_empty(device=torch.get_default_device())
        for module in self.modules():
            _draw(module, generator)

    def features(
        self, encoding: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch features rows columns"]:
        """Maps after the last group, ``2**(groups - 1)`` times smaller than the encoding."""
        maps: Tensor = self.groups(self.stem(encoding))
        return maps

    def forward(
        self, encoding: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of maps ``(batch, channels, height, width)`` of any height and width.

        Raises
        ------
        ValueError
            If there are not as many channels as the trunk was made for, or no batch.
        """
        if encoding.ndim != 4 or encoding.shape[1] != self.channels:
            raise ValueError(
                f"ResidualTrunk: expected maps (batch, {self.channels}, height, width), got "
                f"{tuple(encoding.shape)}; an image comes here through ScatResNet.encode."
            )
        logits: Tensor = self.classifier(self.pool(self.features(encoding)).flatten(1))
        return logits


def _stem(channels: int, width: int, stem: Stem) -> nn.Sequential:
    normalised = stem == "normalised"
    first = [nn.BatchNorm2d(channels, affine=False, momentum=MOMENTUM)] if normalised else []
    convolution = nn.Conv2d(channels, width, 3, padding=1, bias=normalised)
    return nn.Sequential(*first, convolution, nn.BatchNorm2d(width), nn.ReLU(inplace=True))


def _groups(widths: Sequence[int], depths: Sequence[int], block: Any) -> nn.Sequential:
    inputs = [widths[0], *(width * block.expansion for width in widths)]
    strides = [1] + [2] * (len(widths) - 1)
    return nn.Sequential(*map(_group, inputs, widths, depths, strides, [block] * len(widths)))


def _group(inputs: int, width: int, depth: int, stride: int, block: Any) -> nn.Sequential:
    """Blocks of one width; the first changes the size, and then its shortcut is a convolution."""
    outputs = width * block.expansion
    shortcut = None
    if stride != 1 or inputs != outputs:
        convolution = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)
        shortcut = nn.Sequential(convolution, nn.BatchNorm2d(outputs))
    return nn.Sequential(
        block(inputs, width, stride, shortcut), *(block(outputs, width) for _ in range(depth - 1))
    )


def _draw(module: nn.Module, generator: torch.Generator | None) -> None:
    """Give a layer its first weights."""
    if isinstance(module, nn.BatchNorm2d):
        module.reset_parameters()
    elif isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=generator)
        _draw_bias(module, module.weight[0].numel(), generator)
    elif isinstance(module, nn.Linear):
        nn.init.kaiming_uniform_(module.weight, a=math.sqrt(5), generator=generator)
        _draw_bias(module, module.in_features, generator)


def _draw_bias(layer: nn.Conv2d | nn.Linear, inputs: int, generator: torch.Generator | None) -> None:
    if layer.bias is not None:
        bound = 1 / math.sqrt(inputs)
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)


def _check(
    channels: int, widths: Sequence[int], depths: Sequence[int], block: str, stem: str, classes: int
) -> None:
    if not widths or len(widths) != len(depths):
        raise ValueError(
            f"ResidualTrunk: expected a width and a depth for each group, got widths {tuple(widths)} and "
            f"depths {tuple(depths)}; give as many of both, at least one."
        )
    counts = {"channels": channels, "classes": classes}
    counts |= {f"widths[{i}]": width for i, width in enumerate(widths)}
    counts |= {f"depths[{i}]": depth for i, depth in enumerate(depths)}
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise ValueError(f"ResidualTrunk: expected {name} to be a positive integer, got {count!r}.")
    for name, value, known in (("block", block, tuple(BLOCKS)), ("stem", stem, STEMS)):
        if value not in known:
            raise ValueError(
                f"ResidualTrunk: expected {name} = {' or '.join(map(repr, known))}, got {value!r}."
            )
