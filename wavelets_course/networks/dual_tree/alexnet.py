"""AlexNet whose first layer is half wavelets, or wavelets alone."""

from itertools import islice

import torch
from torch import nn

from ...filters import HalfSampleTaps
from .mixing import PacketMixing, alexnet_mixing, chosen_mixing, poster_packets
from .parts import WaveletConv2d
from .stem import ALEXNET_STEM, DualTreeStem, Nonlinearity, packet_padding
from .trunk import standard_alexnet

STEM_LAYERS = 3  # convolution, ReLU, max pooling


def dual_tree_alexnet(
    J: int = 3,
    nonlinearity: Nonlinearity = "max",
    *,
    mixing: PacketMixing | None = None,
    classes: int = 1000,
    dropout: float = 0.5,
    taps: HalfSampleTaps = "half_sample",
    generator: torch.Generator | None = None,
) -> nn.Module:
    """Build AlexNet with 32 free and 32 wavelet channels in its first layer.

    Everything behind the first pooling is torchvision's. ``network.features[0]`` is the `DualTreeStem`. For
    ``J = 3`` it has the sizes of ``WAlexNet`` of Leterme et al.: 61,089,433 parameters, where AlexNet has
    61,100,840; with ``nonlinearity="modulus"`` as many.

    Parameters
    ----------
    J
        Stages of the packet transform, 2 or 3; any with a mixing of your own.
    nonlinearity
        ``"max"``: real part, max pooling. ``"modulus"``: modulus of the complex packets, no pooling.
    mixing
        Packets and how they are mixed; by default `alexnet_mixing`.
    classes, dropout
        As in `standard_alexnet`.
    taps
        Filters of the two trees; ``"kingsbury"`` are those of the reference.
    generator
        Draws all weights; None means torch's own, so that `torch.manual_seed` before the call decides.
        Weights behind the stem are those of `standard_alexnet` from a generator in the same state.

    Returns
    -------
    Module
        ``(batch, 3, height, width)`` of at least 63x63 to ``(batch, classes)``.

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
    >>> network = dual_tree_alexnet()
    >>> sum(p.numel() for p in network.parameters())
    61089433
    """
    network = standard_alexnet(classes=classes, dropout=dropout, generator=generator)
    chosen = chosen_mixing("dual_tree_alexnet", J, mixing, alexnet_mixing)
    stem = DualTreeStem(ALEXNET_STEM, chosen, nonlinearity, taps=taps, generator=generator)
    return _begin_with(network, stem, layers=STEM_LAYERS)


def poster_alexnet(
    J: int = 3,
    *,
    classes: int = 1000,
    dropout: float = 0.5,
    taps: HalfSampleTaps = "half_sample",
    generator: torch.Generator | None = None,
) -> nn.Module:
    """Build AlexNet with a first layer of wavelets alone, as the poster of 2021 draws it.

    32 complex packets (`poster_packets`), real and imaginary parts in separate channels, take the place
    of the 64 kernels: ``network.features[0]`` is a `WaveletConv2d` with 3 weights for the colours and 64
    biases. The poster does not print how colours are treated, nor a count of parameters; this is the
    plainest network that fits it.

    Parameters
    ----------
    J
        2 (all packets) or 3 (those below pi/2 both ways).
    classes, dropout, taps, generator
        As in `dual_tree_alexnet`.

    Returns
    -------
    Module
        As `dual_tree_alexnet`.

    Raises
    ------
    ValueError
        If ``J`` is neither.

    References
    ----------
    H. Leterme, K. Polisano, V. Perrier and K. Alahari, "Sparsifying Convolutional Layers with Dual-Tree
    Wavelet Packets", poster, 2021.

    Examples
    --------
    >>> sum(p.numel() for p in poster_alexnet().parameters())
    61077611
    """
    network = standard_alexnet(classes=classes, dropout=dropout, generator=generator)
    layer = WaveletConv2d(
        J,
        poster_packets(J),
        stride=ALEXNET_STEM.stride,
        padding=packet_padding(ALEXNET_STEM, J, taps),
        taps=taps,
        colours=ALEXNET_STEM.colours,
    )
    return _begin_with(network, layer, layers=1)


def _begin_with(network: nn.Module, first: nn.Module, layers: int) -> nn.Module:
    """Let a layer stand for the first ones."""
    features = network.get_submodule("features").children()
    network.features = nn.Sequential(first, *islice(features, layers, None))
    return network
