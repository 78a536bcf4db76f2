"""ResNets whose first layer is part wavelets, or wavelets alone."""

import torch
from torch import nn

from ...filters import HalfSampleTaps
from .mixing import PacketMixing, chosen_mixing, poster_packets, resnet_mixing
from .parts import WaveletConv2d
from .stem import RESNET_STEM, DualTreeStem, Nonlinearity, packet_padding
from .trunk import standard_resnet


def dual_tree_resnet34(
    J: int = 2,
    nonlinearity: Nonlinearity = "max",
    *,
    mixing: PacketMixing | None = None,
    classes: int = 1000,
    taps: HalfSampleTaps = "half_sample",
    generator: torch.Generator | None = None,
) -> nn.Module:
    """Build ResNet-34 with 40 free and 24 wavelet channels in its first layer.

    Everything behind the first pooling is torchvision's. ``network.conv1`` is the `DualTreeStem`, which does
    the work of ``bn1``, ``relu`` and ``maxpool``, too. For ``J = 2`` it has the sizes of ``WResNet-34-Ex`` of
    Leterme et al.: 21,794,171 parameters, where ResNet-34 has 21,797,672; with 10 classes 21,286,301.

    Parameters
    ----------
    J
        Stages of the packet transform, 2 or 3; any with a mixing of your own.
    nonlinearity
        ``"max"``: real part, max pooling. ``"modulus"``: modulus of the complex packets, no pooling.
    mixing
        Packets and how they are mixed; by default `resnet_mixing`.
    classes
        Numbers that come out.
    taps
        Filters of the two trees; ``"kingsbury"`` are those of the reference.
    generator
        Draws all weights; None means torch's own, so that `torch.manual_seed` before the call decides.
        Weights behind the stem are those of `standard_resnet` from a generator in the same state.

    Returns
    -------
    Module
        ``(batch, 3, height, width)`` to ``(batch, classes)``.

    Raises
    ------
    ValueError
        If ``J`` is not 2 or 3 and no mixing is given, or does not agree with the mixing.

    References
    ----------
    H. Leterme, K. Polisano, V. Perrier and K. Alahari, "From CNNs to shift-invariant twin models based on
    complex wavelets", arXiv:2212.00394.

    Examples
    --------
    >>> sum(p.numel() for p in dual_tree_resnet34().parameters())
    21794171
    """
    return dual_tree_resnet(
        34, J, nonlinearity, mixing=mixing, classes=classes, taps=taps, generator=generator
    )


def dual_tree_resnet(
    depth: int,
    J: int = 2,
    nonlinearity: Nonlinearity = "max",
    *,
    mixing: PacketMixing | None = None,
    classes: int = 10,
    taps: HalfSampleTaps = "half_sample",
    generator: torch.Generator | None = None,
) -> nn.Module:
    """Build a ResNet of another depth with 40 free and 24 wavelet channels in its first layer.

    The stem is that of `dual_tree_resnet34`, made for ImageNet: a 32x32 image becomes 64 maps of 8x8. So it
    is in the published experiments on CIFAR-10, which is why they end below what networks made for
    such images reach. ResNet-18 then has 11,178,141 parameters instead of 11,181,642.

    Parameters
    ----------
    depth
        10 (one block a group, for small experiments), 18 or 34.
    J, nonlinearity, mixing, classes, taps, generator
        As in `dual_tree_resnet34`.

    Returns
    -------
    Module
        As `dual_tree_resnet34`.

    Raises
    ------
    ValueError
        If the depth is none of these; as `dual_tree_resnet34`.

    Examples
    --------
    >>> sum(p.numel() for p in dual_tree_resnet(18).parameters())
    11178141
    """
    network = standard_resnet(depth, classes=classes, generator=generator)
    chosen = chosen_mixing("dual_tree_resnet", J, mixing, resnet_mixing)
    network.conv1 = DualTreeStem(RESNET_STEM, chosen, nonlinearity, taps=taps, generator=generator)
    network.bn1 = network.relu = network.maxpool = nn.Identity()
    return network


def poster_resnet(
    J: int = 2,
    *,
    depth: int = 34,
    classes: int = 1000,
    taps: HalfSampleTaps = "half_sample",
    generator: torch.Generator | None = None,
) -> nn.Module:
    """Build a ResNet with a first layer of wavelets alone, as the poster of 2021 draws it.

    As `poster_alexnet`: ``network.conv1`` is a `WaveletConv2d` with 3 weights, those of the colours.

    Parameters
    ----------
    J
        2 (all packets) or 3 (those below pi/2 both ways).
    depth
        As in `standard_resnet`.
    classes, taps, generator
        As in `dual_tree_resnet34`.

    Returns
    -------
    Module
        As `dual_tree_resnet34`.

    Raises
    ------
    ValueError
        If ``J`` or the depth is none of these.

    Examples
    --------
    >>> sum(p.numel() for p in poster_resnet().parameters())
    21788267
    """
    network = standard_resnet(depth, classes=classes, generator=generator)
    network.conv1 = WaveletConv2d(
        J,
        poster_packets(J),
        stride=RESNET_STEM.stride,
        padding=packet_padding(RESNET_STEM, J, taps),
        bias=False,
        taps=taps,
        colours=RESNET_STEM.colours,
    )
    return network
