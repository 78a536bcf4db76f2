"""Wavelet packets of colour images: three learned weights make them grey, frozen filters do the rest."""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float, Inexact
from torch import Tensor, nn

from ...filters import HalfSampleTaps
from ...transforms import DualTreeWaveletPacket2d

Colours = tuple[float, float, float]
Part = Literal["real", "complex"]


class GreyPackets(nn.Module):
    r"""Dual-tree wavelet packets of :math:`\sum_c \beta_c x_c`, the image in learned shades of grey.

    The filters are buffers of the transform: frozen, and no parameters. The backward pass runs through them
    for the three weights alone; with ``colours.requires_grad_(False)`` it does not, and a training step
    saves about half of the layer's time.

    Parameters
    ----------
    J
        Stages of the packet transform.
    packets
        Channels of `transforms.DualTreeWaveletPacket2d`.
    stride
        Pixels from one output to the next: a power of 2. Beyond ``2**J`` the others are computed and dropped.
    padding
        Zeros before and behind each axis.
    part
        ``"real"``, or ``"complex"`` at about twice the cost.
    taps
        Filters of the two trees, see `filters.dual_tree_taps`.
    colours
        Where :math:`\beta` starts.

    Attributes
    ----------
    colours : Parameter
        :math:`\beta`, 3 numbers.
    transform : DualTreeWaveletPacket2d
        The packets.

    Raises
    ------
    TypeError, ValueError
        As `transforms.DualTreeWaveletPacket2d`.

    Examples
    --------
    >>> packets = GreyPackets(2, [1, 2, 3], stride=2, padding=14)
    >>> tuple(packets(torch.rand(5, 3, 32, 32)).shape), sum(p.numel() for p in packets.parameters())
    ((5, 3, 16, 16), 3)
    """

    def __init__(
        self,
        J: int,
        packets: Sequence[int],
        *,
        stride: int,
        padding: int,
        part: Part = "real",
        taps: HalfSampleTaps = "half_sample",
        colours: Colours = (1.0, 1.0, 1.0),
    ) -> None:
        super().__init__()
        self.thinning = max(1, stride // 2**J)
        self.transform = DualTreeWaveletPacket2d(
            J,
            taps=taps,
            stride=stride // self.thinning,
            packets=packets,
            boundary="zero",
            padding=padding,
            part=part,
        )
        self.colours = nn.Parameter(torch.tensor(colours))

    def forward(
        self, x: Float[Tensor, "batch 3 height width"]
    ) -> Inexact[Tensor, "batch packets rows columns"]:
        """Compute packets of images ``(batch, 3, height, width)``, in full precision also under an autocast.

        Raises
        ------
        ValueError
            If ``x`` is no batch of colour images, or smaller than a kernel with the padding around it.
        """
        if x.ndim != 4 or x.shape[1] != 3:
            raise ValueError(
                f"GreyPackets: expected colour images (batch, 3, height, width), got {tuple(x.shape)}; "
                "make a batch of one by x[None], colours of a grey image by x.expand(-1, 3, -1, -1)."
            )
        with torch.autocast(x.device.type, enabled=False):
            dtype = torch.promote_types(x.dtype, self.colours.dtype)
            grey = self.colours.to(dtype) @ x.flatten(-2).to(dtype)
        packets: Tensor = self.transform(grey.view(-1, *x.shape[-2:]))
        return packets[..., :: self.thinning, :: self.thinning]

    def resulting_kernel(self) -> Inexact[Tensor, "packets 3 size size"]:
        """Give the kernel of each packet, as `torch.nn.functional.conv2d` would use it; differentiable."""
        kernels, real = self.kernels(), torch.promote_types(self.colours.dtype, torch.float32)
        return self.colours.to(real)[:, None, None] * kernels[:, None]

    def kernels(self) -> Inexact[Tensor, "packets size size"]:
        """Give the kernels for grey images, in the precision of the weights (at least float32)."""
        kernels = self.transform.resulting_kernels()
        real = torch.promote_types(self.colours.dtype, torch.float32)
        return kernels.to(real.to_complex() if kernels.is_complex() else real)
