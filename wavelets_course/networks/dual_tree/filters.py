"""Wavelet channels of a first layer: colours to grey, wavelet packets, real mixtures of siblings."""

import math

import torch
from jaxtyping import Float, Inexact
from torch import Tensor, nn

from ...filters import HalfSampleTaps
from .grey import Colours, GreyPackets, Part
from .mixing import PacketMixing


class DualTreeFilters(nn.Module):
    r"""A convolution whose kernels are real mixtures of dual-tree wavelet packets.

    Colours become one image; the chosen packets of it are mixed, within groups of siblings,

    .. math:: y_o = b_o + \sum_{k \in \text{group of } o} w_{ok}\;
              \mathrm{packet}_k\Big(\sum_c \beta_c\, x_c\Big).

    The packets' filters are frozen: they are buffers of the transform, and cost no parameters. What learns
    are the 3 weights :math:`\beta` of the colours and the few :math:`w_{ok}`, which real and imaginary part
    share: a mixture of nearly analytic filters of one orientation is again one.

    Parameters
    ----------
    mixing
        Packets, groups, outputs.
    stride
        Pixels from one output to the next: a power of 2. Beyond ``2**mixing.J`` the others are computed and
        dropped.
    padding
        Zeros before and behind each axis.
    part
        ``"real"``, or ``"complex"`` at about twice the cost.
    bias
        Whether to learn :math:`b`. Complex outputs have none: it belongs behind the modulus.
    taps
        Filters of the two trees, see `filters.dual_tree_taps`.
    colours
        Where :math:`\beta` starts.
    generator
        Draws the weights of the mixture, uniform in ``+-1 / sqrt(packets of the group)`` as torch starts a
        convolution, and the bias; None means torch's own generator.

    Attributes
    ----------
    packets : GreyPackets
        The frozen transform and, as its ``colours``, :math:`\beta`.
    weights : ParameterList
        One tensor ``(groups, outputs, packets)`` for each of ``mixing.kinds``.
    bias : Parameter or None
        One number for each output.

    Raises
    ------
    TypeError, ValueError
        As `GreyPackets`; if complex outputs are to have a bias.

    References
    ----------
    H. Leterme, K. Polisano, V. Perrier and K. Alahari, "Modélisation parcimonieuse de CNNs avec des
    paquets d'ondelettes dual-tree", ORASIS, 2021.

    Examples
    --------
    >>> from wavelets_course.networks import alexnet_mixing
    >>> filters = DualTreeFilters(alexnet_mixing(3), stride=4, padding=30)
    >>> tuple(filters(torch.rand(2, 3, 224, 224)).shape)
    (2, 32, 55, 55)
    >>> sum(p.numel() for p in filters.parameters())  # 3 colours, 206 weights, 32 biases
    241
    """

    def __init__(
        self,
        mixing: PacketMixing,
        *,
        stride: int,
        padding: int,
        part: Part = "real",
        bias: bool | None = None,
        taps: HalfSampleTaps = "half_sample",
        colours: Colours = (1.0, 1.0, 1.0),
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if bias and part == "complex":
            raise ValueError(
                "DualTreeFilters: complex outputs have no bias; leave it out, and add one behind the modulus."
            )
        self.mixing = mixing
        self.packets = GreyPackets(
            mixing.J, mixing.packets, stride=stride, padding=padding, part=part, taps=taps, colours=colours
        )
        self.weights = nn.ParameterList(
            torch.empty(len(kind.packets), kind.outputs, len(kind.packets[0])) for kind in mixing.kinds
        )
        learned = part == "real" if bias is None else bias
        self.bias = nn.Parameter(torch.empty(mixing.outputs)) if learned else None
        self.reset_parameters(generator)

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weights of the mixture and the bias anew."""
        starts = []
        for weight in self.weights:
            limit = 1 / math.sqrt(weight.shape[-1])
            nn.init.uniform_(weight, -limit, limit, generator=generator)
            starts += [limit] * (weight.shape[0] * weight.shape[1])
        if self.bias is not None:
            with torch.no_grad():
                nn.init.uniform_(self.bias, -1, 1, generator=generator).mul_(self.bias.new_tensor(starts))

    def forward(
        self, x: Float[Tensor, "batch 3 height width"]
    ) -> Inexact[Tensor, "batch outputs rows columns"]:
        """Filter images.

        Parameters
        ----------
        x
            ``(batch, 3, height, width)``, large enough for one kernel with the padding around it.

        Returns
        -------
        Tensor
            ``(batch, outputs, rows, columns)``: real in the dtype of the products (bfloat16 under such an
            autocast), or complex64 (complex128 for float64).

        Raises
        ------
        ValueError
            If ``x`` is no batch of colour images, or too small.
        """
        packets = self.packets(x)
        mix = self._mixed_complex if packets.is_complex() else self._mixed
        return mix(packets)

    def mixture(self) -> Float[Tensor, "outputs packets"]:
        """Give the weights as one matrix, with zeros between packets and the outputs of other groups."""
        groups = (group for weight in self.weights for group in weight)
        matrix: Tensor = torch.block_diag(*groups)  # type: ignore[no-untyped-call]
        return matrix

    def resulting_kernel(self) -> Inexact[Tensor, "outputs 3 size size"]:
        """Give the kernel of each output, as `torch.nn.functional.conv2d` would use it.

        Returns
        -------
        Tensor
            ``(outputs, 3, size, size)``, differentiable; complex if the outputs are. With this layer's stride
            and padding, and its bias, a plain convolution gives the same numbers.
        """
        kernels = self.packets.resulting_kernel()
        mixed: Tensor = torch.tensordot(self.mixture().to(kernels.dtype), kernels, 1)
        return mixed

    def sparsity(self) -> Float[Tensor, ""]:
        r"""Say how far the mixtures are from single packets: a penalty to be added to a loss.

        .. math:: \sum_o \lambda_o \left( \frac{\|w_o\|_1}{\|w_o\|_\infty} - 1 \right)

        is 0 where each output sees one packet, whatever its weight. The :math:`\lambda` are the ``penalty``
        of the groups.

        Returns
        -------
        Tensor
            One number ``>= 0``, differentiable.

        Examples
        --------
        >>> from wavelets_course.networks import alexnet_mixing
        >>> filters = DualTreeFilters(alexnet_mixing(2), stride=4, padding=12)
        >>> with torch.no_grad():
        ...     for weight in filters.weights:
        ...         _ = weight.fill_(1.0)
        >>> round(filters.sparsity().item(), 4)  # 8 outputs of 4 packets each, 0.0041 * (4 - 1)
        0.0984
        """
        total: Tensor = self.weights[0].new_zeros(())
        for weight, kind in zip(self.weights, self.mixing.kinds, strict=True):
            size = weight.abs()
            spread = size.sum(-1) / size.amax(-1).clamp_min(torch.finfo(size.dtype).tiny) - 1
            total += kind.penalty * spread.clamp_min(0).sum()
        return total

    def extra_repr(self) -> str:
        """Show how many packets become how many outputs."""
        return f"{len(self.mixing.packets)} packets -> {self.mixing.outputs} outputs"

    def _mixed(self, packets: Tensor) -> Tensor:
        flat, weight = packets.flatten(-2), self.mixture().to(packets.dtype)
        weight = weight.expand(len(flat), -1, -1)
        mixed: Tensor = (
            torch.bmm(weight, flat)
            if self.bias is None
            else torch.baddbmm(self.bias.to(packets.dtype)[:, None], weight, flat)
        )
        return mixed.view(*mixed.shape[:2], *packets.shape[-2:])

    def _mixed_complex(self, packets: Tensor) -> Tensor:
        """Mix real and imaginary parts with the same weights: two more columns of one matrix."""
        parts = torch.view_as_real(packets).flatten(2)
        mixed = torch.bmm(self.mixture().to(parts.dtype).expand(len(parts), -1, -1), parts)
        back = mixed.to(parts.dtype).view(*mixed.shape[:2], *packets.shape[-2:], 2)
        mixture: Tensor = torch.view_as_complex(back)
        return mixture


def dual_tree_sparsity(network: nn.Module) -> Float[Tensor, ""]:
    """Add up `DualTreeFilters.sparsity` over a whole network: a regulariser for `training.fit`.

    Parameters
    ----------
    network
        Any module with `DualTreeFilters` inside.

    Returns
    -------
    Tensor
        One number ``>= 0``, differentiable.

    Raises
    ------
    ValueError
        If there are none: nothing would be penalised.

    Examples
    --------
    >>> from wavelets_course.networks import dual_tree_resnet, dual_tree_sparsity
    >>> dual_tree_sparsity(dual_tree_resnet(10, nonlinearity="modulus")).item()  # each output sees one packet
    0.0
    """
    found = [module.sparsity() for module in network.modules() if isinstance(module, DualTreeFilters)]
    if not found:
        raise ValueError(
            f"dual_tree_sparsity: no DualTreeFilters in {type(network).__name__}; leave the penalty out."
        )
    return torch.stack(found).sum()
