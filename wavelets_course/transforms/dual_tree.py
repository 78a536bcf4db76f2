"""Dual-tree complex wavelet packets of images: oriented, nearly analytic, with an exact inverse."""

from collections.abc import Callable, Sequence
from typing import get_args

import torch
from jaxtyping import Float, Inexact
from torch import Tensor, nn

from ..filters.half_sample import HalfSampleTaps
from ..filters.packet_kernels import checked_depth, packet_trees_1d
from .dual_tree_bank import PacketBank, packet_bank
from .dual_tree_kernels import packet_centres, packet_kernels
from .dual_tree_plan import AxisPlan, PacketBoundary, plan_axis
from .dual_tree_run import images_of, packets_of
from .dual_tree_settings import (
    PacketPart,
    check_coefficients,
    check_image,
    check_invertible,
    check_room,
    check_sizes,
    checked_packets,
    checked_padding,
    checked_shape,
    checked_stride,
    implied_shape,
    one_of,
    real_dtype,
)
from .precision import working_dtype


class DualTreeWaveletPacket2d(nn.Module):
    r"""Dual-tree complex wavelet packet transform of images, its inverse and its transpose.

    Every channel is a correlation with one kernel, taken every ``stride`` pixels,

    .. math:: c_k[n, m] = \sum_{u, v} K_k[u, v]\; x[\text{stride}\, n - \text{before} + u,\;
              \text{stride}\, m - \text{before} + v].

    The kernel is separable: ``K = (a + i b)(y) z(x)`` or ``(a - i b)(y) z(x)``, with ``z`` a nearly analytic
    packet along x (`filters.packet_kernels_1d`). Its energy therefore lies at positive horizontal
    frequencies, in one quadrant of the Fourier plane: it has one orientation, and its modulus varies slowly.

    Channels come in two blocks of ``4**J``, ``Psi_a`` and ``Psi_b``. Within a block the index in base 4 has
    one digit a stage, the first most significant: ``2 * (vertical high-pass) + (horizontal high-pass)``. Of
    the four products aa, ab, ba, bb of trees (vertical first)

    .. math:: \Psi_a = (aa - bb) \pm i\,(ab + ba), \qquad \Psi_b = (aa + bb) \pm i\,(ba - ab),

    where the sign of the imaginary part puts the packet at positive horizontal frequencies. It is computed
    from the filters, for any ``J``.

    Parameters
    ----------
    J
        Number of stages, at least 1.
    taps
        ``"half_sample"``: filters designed here. ``"kingsbury"``: his published 10-tap Q-shift filters. Or
        a pair of one's own, ``filters.half_sample_taps(4, 3)`` for instance. See `filters.dual_tree_taps`.
    stride
        Pixels from one coefficient to the next: a power of 2 up to ``2**J``, which is the default.
        ``2**(J - 1)`` leaves the last stage undecimated, and so on. Coefficients at a larger stride are every
        second of those at half of it (for sizes that the larger one divides).
    packets
        Channels to compute, in the order wanted; None for all ``2 * 4**J``. The others cost nothing, or
        little.
    boundary
        ``"periodic"``: the image goes on periodically; a side that is no multiple of the stride first
        repeats its last row or column until it is. ``"zero"``: it is zero outside.
    padding
        For ``"zero"``: zeros before and behind each axis, as `torch.nn.functional.conv2d` counts them (34
        and 14 reproduce the first layers of Leterme et al.). None takes every position from which a
        kernel sees the image, so that nothing is lost.
    part
        ``"complex"``; ``"real"`` computes the real part alone, at half the cost.

    Attributes
    ----------
    J, taps, stride, packets, boundary, padding, part
        The settings; ``packets`` as a tuple of all channels that are computed.
    frame_bound : float
        ``||analysis(x)||^2 / ||x||^2`` where all packets are computed and no row or column is repeated: the
        transform is a tight frame. 8 for complex packets at ``stride = 2**J``, 4 for their real part; times
        ``(2**J / stride)**2``.

    Raises
    ------
    TypeError, ValueError
        If a setting is none of the above.

    Notes
    -----
    Constants are designed in float64 and kept as non-persistent float64 buffers: they follow the module to
    another device, no cast can round them, and checkpoints stay small. They are used in the precision of the
    image; bfloat16 and float16 images are computed in float32.

    Gradients of any order, `torch.func` and `torch.autograd.functional`, backward and forward, one by one and
    ``vectorize=True``, all apply. Jacobians are torch's for real results: take ``torch.view_as_real`` of
    complex packets.

    Coefficients of a batch fill much memory, and taking it anew on each call costs complex packets of 16
    images of 224x224 a fifth of their time and more on a processor. With ``THP_MEM_ALLOC_ENABLE=1`` in the
    environment torch asks Linux for large pages, which saves most of that.

    References
    ----------
    I. Bayram and I. W. Selesnick, "On the dual-tree complex wavelet packet and M-band transforms", IEEE
    Trans. Signal Processing 56(6), 2298-2310, 2008.

    H. Leterme, K. Polisano, V. Perrier and K. Alahari, "Modélisation parcimonieuse de CNNs avec des
    paquets d'ondelettes dual-tree", ORASIS, 2021.

    Examples
    --------
    >>> from wavelets_course import laws
    >>> packets, x = DualTreeWaveletPacket2d(J=2), torch.randn(3, 48, 80)
    >>> c = packets(x)
    >>> tuple(c.shape), c.dtype
    ((3, 32, 12, 20), torch.complex64)
    >>> laws.relative_error(packets.synthesis(c), x) < 1e-6
    True
    """

    columns: Tensor

    def __init__(
        self,
        J: int,
        *,
        taps: HalfSampleTaps = "half_sample",
        stride: int | None = None,
        packets: Sequence[int] | None = None,
        boundary: PacketBoundary = "periodic",
        padding: int | None = None,
        part: PacketPart = "complex",
    ) -> None:
        super().__init__()
        self.J = checked_depth("DualTreeWaveletPacket2d", J)
        self.taps = taps
        self.stride = checked_stride(self.J, stride)
        self.packets = checked_packets(self.J, packets)
        self.boundary, self.padding = boundary, checked_padding(boundary, padding)
        self.part = one_of("part", part, get_args(PacketPart))
        self._kernel_size = packet_trees_1d(self.J, taps).shape[-1]
        self._bank = packet_bank(self.J, taps, self.packets, self.stride, part == "real")
        for name, tensor in self._bank.tensors().items():
            self.register_buffer(name, tensor.to(torch.get_default_device()), persistent=False)
        self.frame_bound: float = (8.0 if part == "complex" else 4.0) * (2**self.J / self.stride) ** 2

    def forward(
        self, x: Float[Tensor, "*batch height width"]
    ) -> Inexact[Tensor, "*batch packets rows columns"]:
        """Compute the packets of images: `analysis`."""
        return self.analysis(x)

    def analysis(
        self, x: Float[Tensor, "*batch height width"]
    ) -> Inexact[Tensor, "*batch packets rows columns"]:
        """Compute the packets of images.

        Parameters
        ----------
        x
            ``(*batch, height, width)``, real, any size from 1x1. NaN and infinity spread to the coefficients
            near them.

        Returns
        -------
        Tensor
            ``(*batch, packets, rows, columns)``: complex64, or complex128 for float64 images; for the real
            part the image's dtype. ``rows = ceil(height / stride)`` where the image is periodic.

        Raises
        ------
        TypeError, ValueError
            If ``x`` is no tensor of real images, or too small for the padding.
        """
        check_image(x)
        work = x.to(working_dtype(x.dtype))
        c = packets_of(work, self._working_bank(work), *self._axes("analysis", x.shape[-2], x.shape[-1]))
        return torch.view_as_complex(c) if self.part == "complex" else c.squeeze(-1).to(x.dtype)

    def synthesis(
        self,
        coefficients: Inexact[Tensor, "*batch packets rows columns"],
        shape: tuple[int, int] | None = None,
    ) -> Float[Tensor, "*batch height width"]:
        """Build images back: the inverse of `analysis`, exact for any size.

        Parameters
        ----------
        coefficients
            All packets, as `analysis` gives them, or edited.
        shape
            ``(height, width)`` of the images; None for ``(stride * rows, stride * columns)``.

        Returns
        -------
        Tensor
            ``(*batch, height, width)``, real.

        Raises
        ------
        TypeError, ValueError
            If coefficients do not fit the layer and the shape; if packets or positions are missing, without
            which no image can be rebuilt.
        """
        c, rows, columns = self._prepared("synthesis", coefficients, shape)
        check_invertible(self.J, self.packets, (rows, columns), self.padding)
        laps = (axis._replace(length=axis.period or axis.length) for axis in (rows, columns))
        x: Tensor = images_of(c, self._working_bank(c), *laps)[..., : rows.length, : columns.length]
        return (x / self.frame_bound).to(real_dtype(coefficients.dtype))

    def adjoint(
        self,
        coefficients: Inexact[Tensor, "*batch packets rows columns"],
        shape: tuple[int, int] | None = None,
    ) -> Float[Tensor, "*batch height width"]:
        """Apply the exact transpose of `analysis`, any packets, any positions: what a gradient needs.

        ``Re <analysis(x), c> = <x, adjoint(c)>``. Where all packets are there and no row or column had to be
        repeated, it is `synthesis` times ``frame_bound``.

        Parameters
        ----------
        coefficients, shape
            As in `synthesis`.

        Returns
        -------
        Tensor
            ``(*batch, height, width)``, real.

        Raises
        ------
        TypeError, ValueError
            If coefficients do not fit the layer and the shape.
        """
        c, rows, columns = self._prepared("adjoint", coefficients, shape)
        x = images_of(c, self._working_bank(c), rows, columns)
        return x.to(real_dtype(coefficients.dtype))

    def resulting_kernels(self) -> Inexact[Tensor, "packets size size"]:
        """Give the kernel of each channel, as `torch.nn.functional.conv2d` would use it.

        Returns
        -------
        Tensor
            ``(packets, size, size)``, complex128, or float64 for the real part.
            ``size = (taps - 1) (2**J - 1) + 3``: 30 for J = 2 and 66 for J = 3 with 10 taps.
        """
        kernels = packet_kernels(self.J, self.taps, self.packets).to(self._device)
        return kernels if self.part == "complex" else kernels.real.clone()

    @property
    def frequencies(self) -> Float[Tensor, "packets 2"]:
        """Centre of each channel's band in the Fourier plane: ``(y, x)`` in radians per pixel, float64.

        The horizontal frequency is always positive.
        """
        return packet_centres(self.J, self.taps, self.packets).to(self._device)

    @property
    def redundancy(self) -> float:
        """Real numbers out for each pixel in, of a large image."""
        return len(self.packets) * (2 if self.part == "complex" else 1) / self.stride**2

    def output_shape(self, shape: tuple[int, int]) -> tuple[int, int, int]:
        """Say how many numbers an image becomes: (packets, rows, columns).

        Parameters
        ----------
        shape
            ``(height, width)`` of the image.

        Returns
        -------
        tuple of int
            The last three sizes of ``analysis(x)``.

        Raises
        ------
        TypeError, ValueError
            If the shape is not of two whole numbers from 1 on, or the image is too small for the padding.

        Examples
        --------
        >>> DualTreeWaveletPacket2d(3, stride=4, boundary="zero", padding=34).output_shape((224, 224))
        (128, 57, 57)
        """
        rows, columns = self._axes("output_shape", *checked_shape("output_shape", shape))
        return len(self.packets), rows.positions, columns.positions

    def extra_repr(self) -> str:
        """Show the settings where the layer is printed."""
        count = "all" if len(self.packets) == 2 * 4**self.J else len(self.packets)
        taps = self.taps if isinstance(self.taps, str) else self.taps.name
        padding = "" if self.padding is None else f", padding={self.padding}"
        return (
            f"J={self.J}, taps={taps!r}, stride={self.stride}, {count} packets, "
            f"boundary={self.boundary!r}{padding}, part={self.part!r}"
        )

    @property
    def _device(self) -> torch.device:
        return self.columns.device

    def _working_bank(self, like: Tensor) -> PacketBank:
        """The buffers; the design where they hold no numbers."""
        held = {name: getattr(self, name) for name in self._bank.tensors()}
        empty = self._device.type == "meta"
        return self._bank.with_tensors(
            {name: (self._bank.tensors()[name] if empty else held[name]).to(like) for name in held}
        )

    def _axes(self, operation: str, height: int, width: int) -> tuple[AxisPlan, AxisPlan]:
        rows, columns = (
            plan_axis(side, self._kernel_size, self.J, self.stride, self.boundary, self.padding)
            for side in (height, width)
        )
        check_room(operation, (rows, columns), self._kernel_size, self.J, self.padding)
        return rows, columns

    def _prepared(
        self, operation: str, coefficients: Tensor, shape: tuple[int, int] | None
    ) -> tuple[Tensor, AxisPlan, AxisPlan]:
        check_coefficients(operation, coefficients, self.part)
        if shape is None:
            shape = implied_shape(operation, coefficients, self.stride, self.boundary)
        rows, columns = self._axes(operation, *checked_shape(operation, shape))
        check_sizes(operation, coefficients, len(self.packets), (rows, columns))
        if self.part == "complex":
            return torch.view_as_real(coefficients.resolve_conj()), rows, columns
        return coefficients.to(working_dtype(coefficients.dtype))[..., None], rows, columns

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "DualTreeWaveletPacket2d":
        """Move the matrices, but take their digits from the design: a cast would round or lose them."""
        before = {name: getattr(self, name) for name in self._bank.tensors()}
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        for name, design in self._bank.tensors().items():
            if (moved := getattr(self, name)) is not before[name]:
                setattr(self, name, design.to(moved.device))
        return self
