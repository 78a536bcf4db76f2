"""Dual-tree wavelet packets of images in one call."""

from collections.abc import Sequence

from jaxtyping import Float, Inexact
from torch import Tensor

from ..filters.half_sample import HalfSampleTaps
from .dual_tree import DualTreeWaveletPacket2d
from .dual_tree_plan import PacketBoundary
from .dual_tree_settings import PacketPart


def dual_tree_packets(
    x: Float[Tensor, "*batch height width"],
    J: int,
    *,
    taps: HalfSampleTaps = "half_sample",
    stride: int | None = None,
    packets: Sequence[int] | None = None,
    boundary: PacketBoundary = "periodic",
    padding: int | None = None,
    part: PacketPart = "complex",
) -> Inexact[Tensor, "*batch packets rows columns"]:
    """Compute dual-tree wavelet packets in one call: `DualTreeWaveletPacket2d`'s analysis.

    Parameters
    ----------
    x
        Images ``(*batch, height, width)``, real, any size.
    J, taps, stride, packets, boundary, padding, part
        As for `DualTreeWaveletPacket2d`.

    Returns
    -------
    Tensor
        ``(*batch, packets, rows, columns)``.

    Raises
    ------
    TypeError, ValueError
        As `DualTreeWaveletPacket2d` and its analysis.

    Examples
    --------
    >>> import torch
    >>> tuple(dual_tree_packets(torch.randn(31, 17), J=2).shape)
    (32, 8, 5)
    """
    layer = DualTreeWaveletPacket2d(
        J, taps=taps, stride=stride, packets=packets, boundary=boundary, padding=padding, part=part
    )
    return layer.analysis(x)
