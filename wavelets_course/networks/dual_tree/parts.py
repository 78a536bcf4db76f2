"""A first convolution that is all wavelets: real and imaginary parts in separate channels."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...filters import HalfSampleTaps
from .grey import Colours, GreyPackets


class WaveletConv2d(nn.Module):
    """A convolution of frozen kernels: dual-tree packets of one grey image, each as two channels.

    The real part of a packet and its imaginary part, a quarter of a wave later, are neighbouring channels.
    Only the weights of the colours are learned, and a bias.

    Parameters
    ----------
    J
        Stages of the packet transform.
    packets
        Channels of `transforms.DualTreeWaveletPacket2d`; there are twice as many outputs.
    stride
        Pixels from one output to the next: a power of 2.
    padding
        Zeros before and behind each axis.
    bias
        Whether to learn a bias for each output, from 0.
    taps, colours
        As in `GreyPackets`.

    Raises
    ------
    TypeError, ValueError
        As `GreyPackets`.

    References
    ----------
    H. Leterme, K. Polisano, V. Perrier and K. Alahari, "Sparsifying Convolutional Layers with Dual-Tree
    Wavelet Packets", poster, 2021.

    Examples
    --------
    >>> layer = WaveletConv2d(2, range(32), stride=2, padding=14, bias=False)
    >>> tuple(layer(torch.rand(1, 3, 224, 224)).shape), sum(p.numel() for p in layer.parameters())
    ((1, 64, 112, 112), 3)
    """

    def __init__(
        self,
        J: int,
        packets: Sequence[int],
        *,
        stride: int,
        padding: int,
        bias: bool = True,
        taps: HalfSampleTaps = "half_sample",
        colours: Colours = (1.0, 1.0, 1.0),
    ) -> None:
        super().__init__()
        self.packets = GreyPackets(
            J, packets, stride=stride, padding=padding, part="complex", taps=taps, colours=colours
        )
        channels = 2 * len(self.packets.transform.packets)
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(
        self, x: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """Filter images ``(batch, 3, height, width)``.

        Raises
        ------
        ValueError
            If ``x`` is no batch of colour images, or too small.
        """
        parts = torch.view_as_real(self.packets(x)).movedim(-1, 2).flatten(1, 2)
        return parts if self.bias is None else parts + self.bias[:, None, None]

    def resulting_kernel(self) -> Float[Tensor, "channels 3 size size"]:
        """Give the kernel of each channel, as `torch.nn.functional.conv2d` would use it; differentiable."""
        return torch.view_as_real(self.packets.resulting_kernel()).movedim(-1, 1).flatten(0, 1)
