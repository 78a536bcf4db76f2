"""Packets for first layers: which, in which groups, and how many weights that takes."""

import re

import pytest

from wavelets_course.networks import (
    PacketGroups,
    PacketMixing,
    alexnet_mixing,
    dual_tree_alexnet,
    poster_packets,
    resnet_mixing,
)
from wavelets_course.transforms import DualTreeWaveletPacket2d

REFERENCE_ORDER = (1, 2, 19, 17, 18, 3, 5, 23, 10, 27, 31, 7, 21, 11, 26, 15)
"""Channels of the reference ResNet in their published order."""


def test_alexnet_keeps_the_94_packets_of_the_reference() -> None:
    mixing = alexnet_mixing(3)
    dropped = {0, 64, *range(48, 64), *range(112, 128)}
    assert set(mixing.packets) == set(range(128)) - dropped
    assert [len(kind.packets) * len(kind.packets[0]) for kind in mixing.kinds] == [6, 24, 64]
    assert [len(kind.packets) * kind.outputs for kind in mixing.kinds] == [6, 18, 8]
    assert [len(kind.packets) for kind in mixing.kinds] == [6, 6, 4]
    assert [kind.penalty for kind in mixing.kinds] == [0, 0.0041, 0.00032]
    assert mixing.weights == 206


def test_resnet_keeps_the_16_packets_of_the_reference() -> None:
    mixing = resnet_mixing(2)
    assert mixing.packets == REFERENCE_ORDER
    assert (mixing.outputs, mixing.weights) == (24, 24)


@pytest.mark.parametrize(
    "mixing",
    [alexnet_mixing(2), alexnet_mixing(3), resnet_mixing(3)],
    ids=["alexnet-2", "alexnet-3", "resnet-3"],
)
def test_a_group_has_one_direction(mixing: PacketMixing) -> None:
    """Siblings lie in one quadrant of the frequency plane, and in one octave of it."""
    for kind in mixing.kinds:
        for group in kind.packets:
            centres = DualTreeWaveletPacket2d(mixing.J, packets=group).frequencies
            assert len({tuple(sign) for sign in centres.sign().tolist()}) == 1
            octaves = (centres.abs().amax(-1) / 3.1416).log2().floor()
            assert len(octaves.unique()) == 1


def test_no_resnet_packet_touches_the_highest_frequency() -> None:
    for J in (2, 3):
        centres = DualTreeWaveletPacket2d(J, packets=resnet_mixing(J).packets).frequencies
        assert centres.abs().max().item() < 3.1416 * (1 - 2.0**-J)


def test_the_poster_takes_low_frequencies() -> None:
    assert poster_packets(2) == tuple(range(32))
    centres = DualTreeWaveletPacket2d(3).frequencies.abs()
    below = [k for k in range(128) if centres[k].max() < 3.1415 / 2]
    assert list(poster_packets(3)) == below


@pytest.mark.untyped
def test_what_is_no_mixing_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("groups of one length, at least 1, got lengths [1, 2]")):
        PacketGroups(((1,), (2, 3)), 1)
    with pytest.raises(ValueError, match="needs at least 1 output, got 0; leave a group out"):
        PacketGroups(((1,),), 0)
    with pytest.raises(ValueError, match=re.escape("packets from 0 to 7 (J = 1), each in one group")):
        PacketMixing(1, (PacketGroups(((1,), (1,)), 1),))
    with pytest.raises(ValueError, match="each in one group"):
        PacketMixing(1, (PacketGroups(((8,),), 1),))
    for choose in (alexnet_mixing, resnet_mixing, poster_packets):
        with pytest.raises(
            ValueError, match="chosen for J = 2 and J = 3, got J = 4; for another depth write"
        ):
            choose(4)
    with pytest.raises(ValueError, match="J = 2 but the mixing is of J = 3; give J = 3"):
        dual_tree_alexnet(2, mixing=alexnet_mixing(3))
