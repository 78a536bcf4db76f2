r"""Dual-tree wavelet packets in one dimension: their kernels, their spectra, and how one-sided they are.

Two trees of the same depth filter a signal. Node ``k`` of tree a and node ``k`` of tree b are nearly a
Hilbert pair, so that ``a + i b`` passes positive frequencies, or negative ones, and hardly both.

    node    its binary digits, first stage first, say which way the tree turned: 0 low-pass, 1 high-pass
    stage 1 tree a [0 0 h] and [g 0 0], tree b [0 h 0] and [0 -g 0]: one sample apart, h and g those of tree a
    stage 2 the tree's own pair after the low-pass, the other tree's after the high-pass
    later   the same pair again after a low-pass; pair a in both trees after a high-pass

The last rule is Bayram and Selesnick's: equal filters leave a Hilbert pair a Hilbert pair.
"""

from functools import cache

import torch
from jaxtyping import Complex, Float, Int
from torch import Tensor

from .half_sample import HalfSamplePair, HalfSampleTaps, dual_tree_taps
from .whole import whole

Pair = tuple[tuple[float, ...], tuple[float, ...]]


def packet_trees_1d(J: int, taps: HalfSampleTaps = "half_sample") -> Float[Tensor, "2 nodes length"]:
    r"""Give the kernels of all nodes of both trees: what ``J`` stages amount to in one correlation.

    .. math:: y_k[n] = \sum_t K_k[t]\, x[2^J n + t], \qquad
              K_k = f_1 * (\uparrow\! 2\, f_2) * \cdots * (\uparrow\! 2^{J-1} f_J).

    Parameters
    ----------
    J
        Number of stages, at least 1.
    taps
        ``"half_sample"``, ``"kingsbury"``, or a pair of one's own: see `dual_tree_taps`.

    Returns
    -------
    Tensor
        ``(2, 2**J, length)``, float64: tree a, tree b; ``length = (taps - 1) (2**J - 1) + 3``.

    Raises
    ------
    TypeError, ValueError
        If ``J`` is not a whole number of at least 1, or the taps are unknown.

    References
    ----------
    I. Bayram and I. W. Selesnick, "On the dual-tree complex wavelet packet and M-band transforms", IEEE
    Trans. Signal Processing 56(6), 2298-2310, 2008.

    Examples
    --------
    >>> from wavelets_course.filters import half_sample_taps
    >>> tuple(packet_trees_1d(3).shape), tuple(packet_trees_1d(3, half_sample_taps(4, 3)).shape)
    ((2, 8, 66), (2, 8, 94))
    """
    return _trees(checked_depth("packet_trees_1d", J), dual_tree_taps(taps)).clone()


def packet_kernels_1d(J: int, taps: HalfSampleTaps = "half_sample") -> Complex[Tensor, "nodes length"]:
    """Give the complex kernels ``a + i s b`` of all nodes, conjugated so that they pass positive frequencies.

    Parameters
    ----------
    J, taps
        As in `packet_trees_1d`.

    Returns
    -------
    Tensor
        ``(2**J, length)``, complex128; ``s`` are the `conjugation_signs`.

    Raises
    ------
    TypeError, ValueError
        As `packet_trees_1d`.

    Examples
    --------
    >>> spectrum = torch.fft.fft(packet_kernels_1d(2), 64).abs()
    >>> spectrum[:, 1:32].amax(1) > spectrum[:, 33:].amax(1)
    tensor([True, True, True, True])
    """
    a, b = packet_trees_1d(J, taps)
    return torch.complex(a, b * conjugation_signs(J, taps)[:, None])


def packet_spectra_1d(
    J: int, taps: HalfSampleTaps = "half_sample", points: int = 512
) -> Complex[Tensor, "nodes points"]:
    """Give the Fourier transforms of `packet_kernels_1d` on a grid of frequencies.

    Parameters
    ----------
    J, taps
        As in `packet_trees_1d`.
    points
        Frequencies ``2 pi m / points``, ``m = 0, ..., points - 1``, as `torch.fft.fftfreq` orders them; at
        least the length of the kernels.

    Returns
    -------
    Tensor
        ``(2**J, points)``, complex128.

    Raises
    ------
    TypeError, ValueError
        As `packet_trees_1d`; if there are fewer points than taps.

    Examples
    --------
    >>> tuple(packet_spectra_1d(3, points=128).shape)
    (8, 128)
    """
    kernels, count = packet_kernels_1d(J, taps), whole("packet_spectra_1d", "points", points)
    if count < kernels.shape[-1]:
        raise ValueError(
            f"packet_spectra_1d: the {kernels.shape[-1]} taps of J = {J} need as many points, got {count}; "
            f"give points={1 << kernels.shape[-1].bit_length()}."
        )
    spectra: Tensor = torch.fft.fft(kernels, count)
    return spectra


def wrong_side_energy(J: int, taps: HalfSampleTaps = "half_sample") -> Float[Tensor, " nodes"]:
    r"""Say how far from analytic each packet is: its share of energy on the wrong side of frequency 0.

    .. math:: \frac{\int_{-\pi}^0 |\hat K(\omega)|^2 d\omega}{\int_{-\pi}^{\pi} |\hat K(\omega)|^2 d\omega}

    after conjugation. The integral is exact: it is a sum over the kernel's autocorrelation at odd lags.

    Parameters
    ----------
    J, taps
        As in `packet_trees_1d`.

    Returns
    -------
    Tensor
        ``(2**J,)``, float64, in [0, 1/2].

    Raises
    ------
    TypeError, ValueError
        As `packet_trees_1d`.

    Notes
    -----
    The two `edge_nodes`, whose bands touch frequency 0 or pi, stay near 13 to 19 % with any finite filters:
    a real filter cannot stop between ``+0`` and ``-0``.

    Examples
    --------
    >>> [f"{100 * share:.2f} %" for share in wrong_side_energy(2, "kingsbury")]
    ['17.04 %', '0.16 %', '17.04 %', '0.16 %']
    """
    return (1 - _sidedness(packet_trees_1d(J, taps)).abs()) / 2


def conjugation_signs(J: int, taps: HalfSampleTaps = "half_sample") -> Int[Tensor, " nodes"]:
    """Say of each node whether ``a + i b`` lies at positive frequencies (1) or has to be conjugated (-1).

    Computed from the kernels, for any depth.

    Parameters
    ----------
    J, taps
        As in `packet_trees_1d`.

    Returns
    -------
    Tensor
        ``(2**J,)``, int64, of 1 and -1.

    Raises
    ------
    TypeError, ValueError
        As `packet_trees_1d`.

    Examples
    --------
    >>> conjugation_signs(3).tolist()
    [-1, 1, 1, 1, -1, 1, 1, 1]
    """
    positive = _sidedness(packet_trees_1d(J, taps)) > 0
    return 2 * positive.long() - 1


def packet_centres_1d(J: int) -> Float[Tensor, " nodes"]:
    """Give the middle of each packet's band, in radians per sample.

    The bands are ``[m, m + 1] pi / 2**J``. A high-pass filter followed by decimation turns the spectrum
    around, so that node ``k`` has the band ``m`` whose Gray code is ``k``.

    Parameters
    ----------
    J
        Number of stages.

    Returns
    -------
    Tensor
        ``(2**J,)``, float64, in (0, pi).

    Raises
    ------
    TypeError, ValueError
        If ``J`` is not a whole number of at least 1.

    Examples
    --------
    >>> (packet_centres_1d(2) * 8 / torch.pi).tolist()
    [1.0, 3.0, 7.0, 5.0]
    """
    count = 2 ** checked_depth("packet_centres_1d", J)
    bands = torch.arange(count, device="cpu")
    nodes = bands ^ (bands >> 1)
    centres = torch.empty(count, dtype=torch.float64)
    centres[nodes] = (bands.double() + 0.5) * torch.pi / count
    return centres


def edge_nodes(J: int) -> tuple[int, int]:
    """Give the two nodes whose bands touch frequency 0 and frequency pi: no filter makes them one-sided.

    Parameters
    ----------
    J
        Number of stages.

    Returns
    -------
    tuple of int
        ``(0, 2**(J - 1))``.

    Raises
    ------
    TypeError, ValueError
        If ``J`` is not a whole number of at least 1.

    Examples
    --------
    >>> edge_nodes(3)
    (0, 4)
    """
    return 0, 2 ** (checked_depth("edge_nodes", J) - 1)


def checked_depth(operation: str, J: int) -> int:
    """Read a number of stages, at least 1."""
    depth = whole(operation, "J", J)
    if depth < 1:
        raise ValueError(f"{operation}: J must be a number of stages >= 1, got {depth}; J = 2 or 3 is usual.")
    return depth


@cache
def _trees(J: int, pair: HalfSamplePair) -> Tensor:
    a, b = (pair.low_a, pair.high_a), (pair.low_b, pair.high_b)
    (h, g), minus_g = a, tuple(-tap for tap in pair.high_a)
    first_a = [((0.0, 0.0, *h), a), ((*g, 0.0, 0.0), b)]
    first_b = [((0.0, *h, 0.0), b), ((0.0, *minus_g, 0.0), a)]
    with torch.device("cpu"):
        return torch.stack([_grown(first, J, after_high=a) for first in (first_a, first_b)])


def _grown(first: list[tuple[tuple[float, ...], Pair]], J: int, after_high: Pair) -> Tensor:
    """Branch every node, with the pair of filters it is given, until the tree has ``J`` stages."""
    nodes = [(torch.tensor(kernel, dtype=torch.float64), pair) for kernel, pair in first]
    for stage in range(1, J):
        nodes = [
            (_followed_by(kernel, taps, 2**stage), after_high if high else pair)
            for kernel, pair in nodes
            for high, taps in enumerate(pair)
        ]
    return torch.stack([kernel for kernel, _ in nodes])


def _followed_by(kernel: Tensor, taps: tuple[float, ...], step: int) -> Tensor:
    """Correlate once more, every ``step`` samples: ``kernel * (taps with step - 1 zeros in between)``."""
    longer = kernel.new_zeros(len(kernel) + step * (len(taps) - 1))
    for t, tap in enumerate(taps):
        longer[step * t : step * t + len(kernel)] += tap * kernel
    return longer


def _sidedness(trees: Tensor) -> Tensor:
    """Energy of ``a + i b`` at positive less that at negative frequencies, relative: in [-1, 1].

    sign(omega) has the Fourier coefficients ``-2 i / (pi d)`` at odd ``d``, and 0 at even ones.
    """
    length = trees.shape[-1]
    energy_spectrum = torch.fft.fft(torch.complex(trees[0], trees[1]), 2 * length).abs().square()
    correlation = torch.fft.ifft(energy_spectrum)[:, :length]
    odd = torch.arange(1, length, 2, device=trees.device)
    difference = (correlation[:, odd].imag * (4 / (torch.pi * odd.double()))).sum(-1)
    sidedness: Tensor = difference / correlation[:, 0].real
    return sidedness
