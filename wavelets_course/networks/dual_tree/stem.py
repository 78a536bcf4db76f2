"""The first layers of a CNN, half of them wavelets: filters, pooling or modulus, normalisation."""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Float, Inexact
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, pad, relu

from ...filters import HalfSampleTaps
from ...filters.packet_kernels import packet_trees_1d
from .filters import DualTreeFilters
from .grey import Colours
from .mixing import PacketMixing
from .norm import ChannelBias, ModulusBatchNorm2d
from .trunk import drawing_from

Nonlinearity = Literal["max", "modulus"]


@dataclass(frozen=True)
class StemPlan:
    """The first layers of a network, as far as its stem in wavelets has to keep them.

    Attributes
    ----------
    channels, kernel, stride, padding : int
        Of the first convolution, with square kernels.
    normalised : bool
        Whether a batch normalisation follows; otherwise the convolution has a bias.
    pool_padding : int
        Of the max pooling that ends the stem, 3x3 at stride 2.
    before : int
        Places the packets: their kernels, ``size`` long, see ``size / 2 - before`` zeros before the image.
        Their middle then lies half a pixel from the middle of the convolution's kernels.
    colours : tuple of float
        Where the weights of red, green and blue start.
    """

    channels: int
    kernel: int
    stride: int
    padding: int
    normalised: bool
    pool_padding: int
    before: int
    colours: Colours


ALEXNET_STEM = StemPlan(64, 11, 4, 2, False, 0, 3, (1.0036, 1.1630, 0.8334))
RESNET_STEM = StemPlan(64, 7, 2, 3, True, 1, 1, (0.9802, 1.3060, 0.7138))
"""The colours' weights are those from which Leterme et al. start."""


class DualTreeStem(nn.Module):
    r"""First layers of a CNN, up to its first pooling, with wavelets in the place of some kernels.

    Free channels are as they were: convolution, batch normalisation (ResNet), ReLU, max pooling. Wavelet
    channels come from `DualTreeFilters`, and behind them

    - ``"max"``: real part, batch normalisation (ResNet), ReLU, max pooling, as before;
    - ``"modulus"``: modulus at the centres of the pooling's windows, `ModulusBatchNorm2d` (ResNet) or a bias,
      ReLU. The filters are computed at twice the stride, and nothing is pooled.

    The ReLU stands behind the pooling, where a quarter of the work is left: it commutes with a maximum.

    Parameters
    ----------
    plan
        What the stem stands for: `ALEXNET_STEM`, `RESNET_STEM`, or a `StemPlan` of your own.
    mixing
        The wavelet channels; the other ``plan.channels - mixing.outputs`` are free.
    nonlinearity
        ``"max"`` or ``"modulus"``.
    taps
        Filters of the two trees, see `filters.dual_tree_taps`.
    generator
        Draws the weights, those of the free kernels as torch starts them; None means torch's own.

    Attributes
    ----------
    free : Conv2d
        The free kernels.
    wavelets : DualTreeFilters
        The others, last in the output.

    Raises
    ------
    ValueError
        If the mixing leaves no channel free, or the nonlinearity is neither.

    References
    ----------
    H. Leterme, K. Polisano, V. Perrier and K. Alahari, "From CNNs to shift-invariant twin models based on
    complex wavelets", arXiv:2212.00394.

    Examples
    --------
    >>> from wavelets_course.networks import resnet_mixing
    >>> stem = DualTreeStem(RESNET_STEM, resnet_mixing(2))
    >>> tuple(stem(torch.rand(2, 3, 224, 224)).shape), tuple(stem.resulting_kernel().shape)
    ((2, 64, 56, 56), (64, 3, 30, 30))
    """

    def __init__(
        self,
        plan: StemPlan,
        mixing: PacketMixing,
        nonlinearity: Nonlinearity = "max",
        *,
        taps: HalfSampleTaps = "half_sample",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if nonlinearity not in get_args(Nonlinearity):
            raise ValueError(f"DualTreeStem: nonlinearity must be 'max' or 'modulus', got {nonlinearity!r}.")
        if mixing.outputs >= plan.channels:
            raise ValueError(
                f"DualTreeStem: {mixing.outputs} wavelet channels leave none of {plan.channels} free; mix to "
                f"fewer, or take WaveletConv2d, which has no free channels."
            )
        self.plan, self.nonlinearity = plan, nonlinearity
        modulus = nonlinearity == "modulus"
        #: Zeros before the image that put the packets' kernels where the convolution's are.
        self.kernel_padding = packet_padding(plan, mixing.J, taps)
        free = plan.channels - mixing.outputs
        with drawing_from(generator):
            self.free = nn.Conv2d(3, free, plan.kernel, plan.stride, plan.padding, bias=not plan.normalised)
            self.wavelets = DualTreeFilters(
                mixing,
                stride=plan.stride * (2 if modulus else 1),
                padding=self.kernel_padding - (plan.stride * (1 - plan.pool_padding) if modulus else 0),
                part="complex" if modulus else "real",
                bias=not (plan.normalised or modulus),
                taps=taps,
                colours=plan.colours,
            )
        self.free_norm = _norm(plan, free, modulus=False)
        self.wavelet_norm = _norm(plan, mixing.outputs, modulus)

    def forward(
        self, x: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """Compute the maps behind the first pooling.

        Parameters
        ----------
        x
            ``(batch, 3, height, width)``. Where the two kinds of channels would differ in size by a row
            or column, the larger gives it up.

        Returns
        -------
        Tensor
            ``(batch, plan.channels, rows, columns)``: free channels, then wavelet channels.

        Raises
        ------
        ValueError
            If ``x`` is no batch of colour images, or too small.
        """
        free = self._pooled(self.free_norm(self.free(x)))
        filtered = self.wavelets(x)
        if self.nonlinearity == "modulus":
            wavelets = self.wavelet_norm(filtered.abs())
        else:
            wavelets = self._pooled(self.wavelet_norm(filtered))
        rows = min(free.shape[-2], wavelets.shape[-2])
        columns = min(free.shape[-1], wavelets.shape[-1])
        both = (free[..., :rows, :columns], wavelets[..., :rows, :columns].to(free.dtype))
        return relu(torch.cat(both, 1))

    def resulting_kernel(self, size: int | None = None) -> Inexact[Tensor, "channels 3 size size"]:
        """Give the kernel of each channel, free ones first, as one convolution would use them all.

        ``torch.conv2d(x, kernel, stride=plan.stride, padding=kernel_padding)`` is what the stem sees before
        biases, normalisation and nonlinearity; moduli are taken at the centres of the pooling's windows.

        Parameters
        ----------
        size
            None for the packets' whole extent, the free kernels in the middle of zeros. ``plan.kernel`` crops
            to what the replaced convolution would see.

        Returns
        -------
        Tensor
            ``(channels, 3, size, size)``, differentiable; complex for ``"modulus"``.

        Raises
        ------
        ValueError
            If the size is not between those two.
        """
        wavelets = self.wavelets.resulting_kernel()
        full, kernel = wavelets.shape[-1], self.plan.kernel
        side = full if size is None else size
        before = self.kernel_padding - self.plan.padding  # where the free kernels begin
        if not kernel <= side <= full:
            raise ValueError(
                f"resulting_kernel: expected a size from {kernel} to {full}, got {size}; None keeps all, "
                f"{kernel} is the size of the convolution that was replaced."
            )
        cut = max(0, min(before - (side - kernel) // 2, full - side))
        wavelets = wavelets[..., cut : cut + side, cut : cut + side]
        front = before - cut
        around = (front, side - kernel - front) * 2
        return torch.cat((pad(self.free.weight, around).to(wavelets.dtype), wavelets))

    def sparsity(self) -> Float[Tensor, ""]:
        """Give the penalty on mixtures of many packets: `DualTreeFilters.sparsity`."""
        return self.wavelets.sparsity()

    def _pooled(self, y: Tensor) -> Tensor:
        return max_pool2d(y, 3, 2, self.plan.pool_padding)


def packet_padding(plan: StemPlan, J: int, taps: HalfSampleTaps) -> int:
    """Say how many zeros put the packets' kernels where the convolution's are.

    Examples
    --------
    >>> packet_padding(ALEXNET_STEM, 3, "kingsbury"), packet_padding(RESNET_STEM, 2, "kingsbury")
    (30, 14)
    """
    return packet_trees_1d(J, taps).shape[-1] // 2 - plan.before


def _norm(plan: StemPlan, channels: int, modulus: bool) -> nn.Module:
    if plan.normalised:
        return ModulusBatchNorm2d(channels) if modulus else nn.BatchNorm2d(channels)
    return ChannelBias(channels) if modulus else nn.Identity()
