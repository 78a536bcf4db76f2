"""Which wavelet packets a first layer sees, and which of them are mixed with which."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import torch

from ...filters.packet_kernels import checked_depth, edge_nodes
from ...transforms import DualTreeWaveletPacket2d

HORIZONTAL, VERTICAL, DIAGONAL = 1, 2, 3  # digits of a channel: which axes take the high-pass filter

PENALTIES = {1: 0.0, 4: 0.0041, 16: 0.00032}
"""Weight in the sparsity of an output, by the packets it sees."""

EX_GROUPS = (
    ((1, 2, 19, 17, 18, 3), 2),
    ((5, 23, 10, 27), 1),
    ((31,), 2),
    ((7, 21, 11, 26), 1),
    ((15,), 2),
)
"""Packets of ``WResNet-34-Ex`` and outputs for each, in the order of the reference network (J = 2)."""


@dataclass(frozen=True)
class PacketGroups:
    """Groups of packets of one kind, each mixed within itself.

    Attributes
    ----------
    packets : tuple of tuple of int
        Channels of `transforms.DualTreeWaveletPacket2d`, one tuple for each group, all of one length.
    outputs : int
        Linear combinations made from each group.
    penalty : float
        Weight of these combinations in `DualTreeFilters.sparsity`.
    """

    packets: tuple[tuple[int, ...], ...]
    outputs: int
    penalty: float = 0.0

    def __post_init__(self) -> None:
        if not self.packets or not self.packets[0] or len(set(map(len, self.packets))) > 1:
            raise ValueError(
                f"PacketGroups: expected groups of one length, at least 1, got lengths "
                f"{list(map(len, self.packets))}; put groups of another length into their own PacketGroups."
            )
        if self.outputs < 1:
            raise ValueError(
                f"PacketGroups: each group needs at least 1 output, got {self.outputs}; leave a group out "
                "that is not used."
            )


@dataclass(frozen=True)
class PacketMixing:
    """A selection of packets, split into groups, and how many output channels each group has.

    Attributes
    ----------
    J : int
        Stages of the packet transform.
    kinds : tuple of PacketGroups
        In the order of the output channels.

    Raises
    ------
    ValueError
        If a packet is none of the ``2 * 4**J``, or in two groups.

    Examples
    --------
    >>> mixing = alexnet_mixing(3)
    >>> len(mixing.packets), mixing.outputs, mixing.weights
    (94, 32, 206)
    """

    J: int
    kinds: tuple[PacketGroups, ...]

    def __post_init__(self) -> None:
        count = 2 * 4 ** checked_depth("PacketMixing", self.J)
        packets = self.packets
        if not packets or min(packets) < 0 or max(packets) >= count or len(set(packets)) < len(packets):
            raise ValueError(
                f"PacketMixing: expected packets from 0 to {count - 1} (J = {self.J}), each in one group, "
                f"got {list(packets)}; more outputs from one packet are PacketGroups(outputs=...)."
            )

    @property
    def packets(self) -> tuple[int, ...]:
        """All packets, group after group."""
        return tuple(packet for kind in self.kinds for group in kind.packets for packet in group)

    @property
    def outputs(self) -> int:
        """Output channels, all groups together."""
        return sum(kind.outputs * len(kind.packets) for kind in self.kinds)

    @property
    def weights(self) -> int:
        """Real numbers that do the mixing."""
        return sum(kind.outputs * len(group) for kind in self.kinds for group in kind.packets)


def alexnet_mixing(J: int = 3) -> PacketMixing:
    r"""Choose and group packets for the 32 wavelet channels of AlexNet.

    The low-pass packets are left out, and all that are high-pass both ways at the first stage, where
    images have little. Packets with the same first high-pass step and in the same quadrant of the Fourier
    plane are siblings, and form a group: its combinations lean one way, and are as selective as its weights
    make them. For J = 3

    ==================  ======  =======  =======  =======
    first high-pass at  groups  packets  outputs  weights
    ==================  ======  =======  =======  =======
    stage 3                  6        6        6        6
    stage 2                  6       24       18       72
    stage 1                  4       64        8      128
    ==================  ======  =======  =======  =======

    These numbers, and the penalties 0, 0.0041 and 0.00032, are those of the reference network; which packet
    stands in which group follows here from the tree. For J = 2, which has no such reference, 24 channels
    come from the 6 packets of stage 2 and 8 from the 16 of stage 1.

    Parameters
    ----------
    J
        2 or 3.

    Returns
    -------
    PacketMixing

    Raises
    ------
    ValueError
        If ``J`` is neither.

    Examples
    --------
    >>> [(len(kind.packets), len(kind.packets[0]), kind.outputs) for kind in alexnet_mixing().kinds]
    [(6, 1, 1), (6, 4, 3), (4, 16, 2)]
    """
    _check_known("alexnet_mixing", J)
    outputs = {3: (1, 3, 2), 2: (4, 2)}[J]
    return PacketMixing(J, tuple(_siblings(J, stage, many) for stage, many in _from_last(J, outputs)))


def resnet_mixing(J: int = 2) -> PacketMixing:
    """Choose and group packets for the 24 wavelet channels of ResNet.

    Packets whose band touches frequency pi, along x or along y, are left out: no filters make them analytic
    (`filters.edge_nodes`). For J = 2 the 16 others, without the low-pass ones, are the selection of the
    reference network ``WResNet-34-Ex``, with its order: each packet is a group of its own, with one output or
    two. For J = 3, which has no such reference, they are grouped as in `alexnet_mixing`, with 6, 6 and 12
    outputs.

    Parameters
    ----------
    J
        2 or 3.

    Returns
    -------
    PacketMixing

    Raises
    ------
    ValueError
        If ``J`` is neither.

    Examples
    --------
    >>> resnet_mixing(2).weights, len(resnet_mixing(3).packets), resnet_mixing(3).weights
    (24, 78, 174)
    """
    _check_known("resnet_mixing", J)
    if J == 2:
        return PacketMixing(J, tuple(PacketGroups(_alone(packets), many) for packets, many in EX_GROUPS))
    kinds = (_siblings(J, stage, many, nyquist=False) for stage, many in _from_last(J, (1, 1, 3)))
    return PacketMixing(J, tuple(kinds))


def poster_packets(J: int) -> tuple[int, ...]:
    """Choose the 32 packets of a first layer of 64 channels, real and imaginary parts apart.

    All 32 packets for J = 2; for J = 3 those below frequency pi/2 both ways: the 32 packets that grow from
    the first low-pass filter.

    Parameters
    ----------
    J
        2 or 3.

    Returns
    -------
    tuple of int
        32 channels of `transforms.DualTreeWaveletPacket2d`.

    Raises
    ------
    ValueError
        If ``J`` is neither.

    Examples
    --------
    >>> poster_packets(3)[:3], poster_packets(3)[-1]
    ((0, 1, 2), 79)
    """
    _check_known("poster_packets", J)
    low = (0,) * (J - 2)
    return _grown(J, low, 0) + _grown(J, low, 1)


def chosen_mixing(
    operation: str, J: int, mixing: PacketMixing | None, by_default: Callable[[int], PacketMixing]
) -> PacketMixing:
    """Take the mixing given, or the default for this depth."""
    if mixing is None:
        return by_default(J)
    if mixing.J != J:
        raise ValueError(f"{operation}: J = {J} but the mixing is of J = {mixing.J}; give J = {mixing.J}.")
    return mixing


def _siblings(J: int, stage: int, outputs: int, nyquist: bool = True) -> PacketGroups:
    """Group the packets that first pass high at this stage, by that step and by quadrant."""
    steps = (HORIZONTAL, VERTICAL, DIAGONAL) if stage > 1 else (HORIZONTAL, VERTICAL)
    with torch.device("cpu"):
        upward = (DualTreeWaveletPacket2d(J).frequencies[:, 0] > 0).tolist()
    groups = []
    for step, positive in product(steps, (True, False)):
        digits = (0,) * (stage - 1) + (step,)
        family = _grown(J, digits, 0) + _grown(J, digits, 1)
        groups.append(tuple(packet for packet in family if upward[packet] == positive))
    if not nyquist:
        groups = [tuple(packet for packet in group if not _at_nyquist(packet, J)) for group in groups]
    return PacketGroups(tuple(groups), outputs, PENALTIES[4 ** (J - stage)] if nyquist else 0.0)


def _grown(J: int, digits: Sequence[int], block: int) -> tuple[int, ...]:
    """Give all packets of a block whose index begins with these digits in base 4."""
    first = block * 4**J
    for stage, digit in enumerate(digits, start=1):
        first += digit * 4 ** (J - stage)
    return tuple(range(first, first + 4 ** (J - len(digits))))


def _at_nyquist(packet: int, J: int) -> bool:
    """Whether the packet's band touches frequency pi along an axis."""
    digits = [packet // 4**stage % 4 for stage in range(J)]
    across = sum((digit & 1) << stage for stage, digit in enumerate(digits))
    down = sum((digit >> 1) << stage for stage, digit in enumerate(digits))
    return edge_nodes(J)[1] in (across, down)


def _alone(packets: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    return tuple((packet,) for packet in packets)


def _from_last(J: int, outputs: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Pair stages with outputs, from the last stage to the first."""
    return zip(range(J, 0, -1), outputs, strict=True)


def _check_known(operation: str, J: int) -> None:
    if checked_depth(operation, J) not in (2, 3):
        raise ValueError(
            f"{operation}: packets are chosen for J = 2 and J = 3, got J = {J}; for another depth write a "
            "PacketMixing of your own."
        )
