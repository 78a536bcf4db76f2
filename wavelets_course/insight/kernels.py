"""How alike two sets of convolution kernels are, whatever their order, place and sign."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

CHUNK = 2**24  # numbers of one product of spectra


class KernelMatches(NamedTuple):
    """The most similar kernel of a set, for each kernel asked about.

    Attributes
    ----------
    similarity : Tensor
        ``(kernels,)``, in [0, 1].
    which : Tensor
        ``(kernels,)``: its index.
    shift : Tensor
        ``(kernels, 2)``: rows and columns by which it has to be moved.
    flipped : Tensor
        ``(kernels,)``: whether its sign has to be changed.
    """

    similarity: Float[Tensor, " kernels"]
    which: Int[Tensor, " kernels"]
    shift: Int[Tensor, "kernels 2"]
    flipped: Bool[Tensor, " kernels"]


def kernel_similarity(
    kernels: Float[Tensor, "kernels channels height width"],
    among: Float[Tensor, "others channels rows columns"],
    *,
    max_shift: int | None = None,
    signed: bool = False,
) -> KernelMatches:
    r"""Find for each kernel the most similar one of a set, up to a shift and the sign.

    .. math:: s(a) = \max_{b,\, t} \frac{|\langle a, T_t b\rangle|}{\|a\| \|b\|}

    over the other kernels ``b`` and whole-pixel shifts ``t``; what is moved out of sight counts as lost, and
    where the sizes differ both begin with their middles aligned. 1 means that the kernel is there, moved or
    negated.

    The mean of ``similarity`` is one number for "how much of this first layer is in that one". It is not
    symmetric, it is never 0, and it grows with the number of kernels to choose from: read it beside the
    same number for `shuffled_kernels` and for noise.

    Parameters
    ----------
    kernels
        ``(kernels, channels, height, width)``, real: those to be found.
    among
        ``(others, channels, rows, columns)``: where to look. Constant kernels, of norm 0, match nothing.
    max_shift
        Largest shift along either axis, in pixels; None for half of the smaller side.
    signed
        Whether a kernel and its negative differ.

    Returns
    -------
    KernelMatches
        Similarities, and where they were found.

    Raises
    ------
    TypeError
        If the kernels are not real.
    ValueError
        If they are no sets of kernels with equally many channels, or if there is none to choose from.

    Examples
    --------
    >>> a = torch.randn(4, 3, 7, 7, generator=torch.Generator().manual_seed(0))
    >>> match = kernel_similarity(a, -a.flip(0).roll(1, -1))
    >>> match.which.tolist(), match.flipped.tolist()
    ([3, 2, 1, 0], [True, True, True, True])
    """
    _check(kernels, among)
    if len(kernels) == 0:
        none = torch.zeros(0, dtype=torch.int64, device=kernels.device)
        return KernelMatches(kernels.new_zeros(0), none, none.new_zeros(0, 2), none.bool())
    limit = min(*kernels.shape[-2:], *among.shape[-2:]) // 2 if max_shift is None else max_shift
    correlation = _correlations(_unit(kernels), _unit(among), limit)
    size = correlation if signed else correlation.abs()
    best = size.flatten(1).max(-1)
    count = correlation.shape[-1]
    which, shift = best.indices // count**2, best.indices % count**2
    rows, columns = shift // count - limit, shift % count - limit
    chosen = correlation.flatten(1).gather(1, best.indices[:, None]).squeeze(1)
    similarity = best.values.clamp(0, 1).to(kernels.dtype)
    return KernelMatches(similarity, which, torch.stack((rows, columns), -1), chosen < 0)


def shuffled_kernels(
    kernels: Float[Tensor, "kernels channels height width"], *, generator: torch.Generator
) -> Float[Tensor, "kernels channels height width"]:
    """Shuffle the pixels of each kernel, all channels alike: the same numbers and colours, no pattern.

    A control for `kernel_similarity`: what is left of the similarity has nothing to do with where things
    are.

    Parameters
    ----------
    kernels
        ``(kernels, channels, height, width)``.
    generator
        Draws one order of the pixels for each kernel.

    Returns
    -------
    Tensor
        The same shape.

    Examples
    --------
    >>> a = torch.arange(8.0).view(1, 2, 2, 2)
    >>> b = shuffled_kernels(a, generator=torch.Generator().manual_seed(0))
    >>> sorted(b.flatten().tolist()) == a.flatten().tolist(), (b[:, 1] - b[:, 0]).unique().tolist()
    (True, [4.0])
    """
    flat = kernels.flatten(-2)
    noise = torch.rand(len(flat), flat.shape[-1], generator=generator, device=generator.device)
    order = noise.argsort(-1).to(flat.device)
    return flat.gather(-1, order[:, None].expand_as(flat)).view(kernels.shape)


def _correlations(a: Tensor, b: Tensor, limit: int) -> Tensor:
    """Correlate all pairs at all shifts: ``(kernels, others, shifts, shifts)``, 0 in the middle."""
    sides = [max(x, y) + 2 * limit for x, y in zip(a.shape[-2:], b.shape[-2:], strict=True)]
    a_hat, b_hat = (torch.fft.rfft2(_framed(x, sides), sides) for x in (a, b))
    rows = max(1, CHUNK // max(1, b_hat.numel()))
    pieces = [torch.fft.irfft2((part[:, None] * b_hat.conj()).sum(2), sides) for part in a_hat.split(rows)]
    shifts = torch.arange(-limit, limit + 1, device=a.device)
    return torch.cat(pieces)[..., shifts[:, None] % sides[0], shifts[None] % sides[1]]


def _framed(x: Tensor, sides: list[int]) -> Tensor:
    """Put a kernel's middle in the middle of zeros."""
    around: list[int] = []
    for side, own in zip(reversed(sides), reversed(x.shape[-2:]), strict=True):
        before = side // 2 - own // 2
        around += [before, side - own - before]
    return torch.nn.functional.pad(x, around)


def _unit(x: Tensor) -> Tensor:
    """Scale each kernel to norm 1, in float64; zeros stay."""
    wide = x.double()
    norm = wide.flatten(1).norm(dim=1)
    return wide / torch.where(norm > 0, norm, torch.ones_like(norm))[:, None, None, None]


def _check(kernels: Tensor, among: Tensor) -> None:
    for x in (kernels, among):
        if not x.is_floating_point():
            raise TypeError(
                f"kernel_similarity: expected real kernels, got {x.dtype}; take .real and .imag as kernels "
                "of their own."
            )
        if x.ndim != 4 or 0 in x.shape[1:]:
            raise ValueError(
                "kernel_similarity: expected kernels (kernels, channels, height, width) of at least one "
                f"pixel, got {tuple(x.shape)}; give a convolution's .weight."
            )
    if kernels.shape[1] != among.shape[1] or len(among) == 0:
        raise ValueError(
            f"kernel_similarity: expected kernels of as many channels, and at least one to choose from, got "
            f"{tuple(kernels.shape)} and {tuple(among.shape)}; average colours first: "
            "kernels.mean(1, keepdim=True)."
        )
