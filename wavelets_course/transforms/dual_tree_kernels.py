"""What each two-dimensional packet is: its kernel, and the middle of its band."""

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from ..filters.half_sample import HalfSampleTaps
from ..filters.packet_kernels import conjugation_signs, packet_centres_1d, packet_trees_1d
from .dual_tree_channels import split_index


def packet_kernels(
    J: int, taps: HalfSampleTaps, packets: tuple[int, ...]
) -> Complex[Tensor, "packets size size"]:
    """Multiply out the kernels of channels, conjugated so that they lie at positive horizontal frequency."""
    trees = packet_trees_1d(J, taps)
    signs = conjugation_signs(J, taps).tolist()
    analytic = torch.complex(trees[0], trees[1])
    kernels = []
    for packet in packets:
        block, kv, kh = split_index(J, packet)
        along_x = analytic[kh] if block == 0 else analytic[kh].conj()
        kernel = torch.outer(analytic[kv], along_x)
        positive = (signs[kh] > 0) == (block == 0)
        kernels.append(kernel if positive else kernel.conj().resolve_conj())
    return torch.stack(kernels)


def packet_centres(J: int, taps: HalfSampleTaps, packets: tuple[int, ...]) -> Float[Tensor, "packets 2"]:
    """Give the middle of each channel's band, ``(y, x)`` in radians per pixel."""
    centres, signs = packet_centres_1d(J), conjugation_signs(J, taps)
    pairs = []
    for packet in packets:
        block, kv, kh = split_index(J, packet)
        side = signs[kv] * signs[kh] * (1 if block == 0 else -1)
        pairs.append(torch.stack([side * centres[kv], centres[kh]]))
    return torch.stack(pairs)
