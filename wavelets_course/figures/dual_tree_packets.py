"""Wavelet packets: the tree of splits, the tiles of the frequency plane, the kernels themselves."""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from jaxtyping import Complex, Shaped
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from .arrays import Array, Number, to_numpy
from .banks import angle_text
from .figure import Figure
from .images import show
from .pyramids import percent
from .style import INK, MUTED, PALETTE, WIDTH, styled

Kernels = Complex[Array, "packets rows columns"]
Reals = npt.NDArray[np.float64]

PLANE = 128  # frequencies a side
CLEAN = 0.95  # share of energy in one quadrant from which a packet counts as one-sided
LOW, HIGH = "#dcebf5", "#fae3d3"


@styled
def packet_tree(J: int, *, alt: str | None = None, width: Number = WIDTH) -> Figure:
    r"""Draw how `J` stages split the band from 0 to pi: a row of nodes for each stage, low to high frequency.

    A node is split into a low (L) and a high (H) half. Keeping every second output of a high-pass turns its
    band upside down, so below a node with an odd number of H the lower half is the high-pass one. The nodes
    at both ends, dotted, touch frequency 0 or pi, where a spectrum cannot have one side only.

    Parameters
    ----------
    J
        Number of stages, 1 to 4.
    alt
        By default the numbers of the last row, from low to high frequency.
    width
        Inches.

    Returns
    -------
    Figure
        One axes. The patches are the nodes, stage by stage and from low to high frequency, each labelled
        with its letters; the texts of the last stage also give its number k, the letters read as binary
        digits (H is 1).

    Raises
    ------
    ValueError
        If `J` is not 1 to 4.

    Examples
    --------
    >>> [patch.get_label() for patch in packet_tree(2).axes[0].patches]
    ['L', 'H', 'LL', 'LH', 'HH', 'HL']
    """
    if not 1 <= J <= 4:
        raise ValueError(f"packet_tree: J must be 1 to 4, got {J}; deeper rows have no room for their names.")
    order = ", ".join(str(node_at(place, J)) for place in range(2**J))
    said = (
        f"Tree of {J} stages that split the band from 0 to pi into {2**J} nodes; from low to high frequency "
        f"the last row holds the nodes k = {order}. The first and the last touch 0 and pi."
    )
    figure = Figure(alt=alt or said, width=width, height=0.62 * J + 0.75)
    axis = figure.subplots()
    for stage in range(1, J + 1):
        for place in range(2**stage):
            _node(axis, stage, place, J)
    turns = [place / 4 for place in range(5)]
    axis.set_xticks(turns, [angle_text(turn * math.pi) for turn in turns])
    axis.set(xlim=(0, 1), ylim=(J + 0.03, 0), xlabel=r"$\omega$ (radians per sample)")
    axis.set_yticks([stage + 0.5 for stage in range(J)], [f"stage {stage + 1}" for stage in range(J)])
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    return figure


@styled
def packet_plane(kernels: Mapping[str, Kernels], *, alt: str | None = None, width: Number = WIDTH) -> Figure:
    """Draw which packet answers each frequency most strongly, in the right half of the frequency plane.

    The left half is the mirror image, which a real image fills with the same. Blue tiles belong to the first
    half of the packets, orange ones to the second; pale tiles to packets whose energy is not in one quadrant.

    Parameters
    ----------
    kernels
        ``{title: kernels}``, up to four; complex ``(packets, rows, columns)``, each with its energy at
        positive horizontal frequencies, as ``transforms.DualTreeWaveletPacket2d`` gives them.
    alt
        By default the number of packets of each, and how many lie in one quadrant.
    width
        Inches.

    Returns
    -------
    Figure
        One axes for each entry. Its image is coloured by packet; a packet's number stands in the middle of
        its tile where there is room.

    Raises
    ------
    ValueError
        If there is nothing to draw, or more than four.

    Examples
    --------
    >>> import torch
    >>> u = torch.arange(-8, 9)
    >>> window = torch.exp(-(u[:, None] ** 2 + u**2) / 16.0)
    >>> waves = torch.stack([torch.exp(1.5j * (u + s * u[:, None])) for s in (1, -1)]) * window
    >>> packet_plane({"two waves": waves}).alt[-62:]
    'is strongest. two waves: 2 packets, 2 of them in one quadrant.'
    """
    if not 1 <= len(kernels) <= 4:
        raise ValueError(f"packet_plane: got {len(kernels)} sets of kernels; draw one to four in a figure.")
    energies = {title: _energies(to_numpy(psi)) for title, psi in kernels.items()}
    each = "; ".join(
        f"{title}: {len(energy)} packets, {int(one_quadrant(energy).sum())} of them in one quadrant"
        for title, energy in energies.items()
    )
    said = f"Right half of the frequency plane, coloured by which packet is strongest. {each}."
    cell = width / len(kernels)
    figure = Figure(alt=alt or said, width=width, height=min(1.75 * cell + 0.9, 5.5))
    axes = figure.subplots(1, len(kernels), squeeze=False, sharey=True)[0]
    for axis, (title, energy) in zip(axes, energies.items(), strict=True):
        _territories(axis, energy)
        axis.set(title=title, xlabel=r"$\omega_x$")
    axes[0].set(ylabel=r"$\omega_y$")
    return figure


@styled
def packet_kernels(
    kernels: Kernels,
    *,
    crop: int = 11,
    order: Shaped[Array, " packets"] | None = None,
    alt: str | None = None,
    titles: tuple[str, str] = ("first half", "second half"),
    width: Number = WIDTH,
) -> Figure:
    """Draw the real part of each kernel, cropped to where its energy is: two mosaics side by side.

    Parameters
    ----------
    kernels
        Complex ``(packets, rows, columns)``; the packets are two blocks of a square number each.
    crop
        Pixels a side of what is kept of each kernel: the window that holds the most energy.
    order
        Which packet stands at each place, both blocks row by row; by default by frequency, downwards in
        ``|omega_y|`` and to the right in ``omega_x``.
    alt
        By default the number of kernels and the share of energy inside the crop.
    titles
        Above the two mosaics.
    width
        Inches.

    Returns
    -------
    Figure
        Two axes; each image is a mosaic, every kernel on its own scale, symmetric about 0.

    Raises
    ------
    ValueError
        If the packets are not two blocks of a square number.

    Examples
    --------
    >>> import torch
    >>> packet_kernels(torch.randn(8, 16, 16, dtype=torch.complex64)).alt[:50]
    'Real parts of 8 kernels, cropped to 11 by 11 pixel'
    """
    psi = to_numpy(kernels)
    side = math.isqrt(len(psi) // 2)
    if len(psi) != 2 * side**2 or side == 0:
        raise ValueError(
            f"packet_kernels: expected two blocks of a square number of kernels, got {len(psi)}; "
            "give all packets of a transform, 2 * 4**J."
        )
    places = by_frequency(psi) if order is None else to_numpy(order).astype(int)
    crops = [_window(kernel, crop) for kernel in psi]
    kept = sorted(_energy(small) / (_energy(kernel) or 1.0) for small, kernel in zip(crops, psi, strict=True))
    said = (
        f"Real parts of {len(psi)} kernels, cropped to {crop} by {crop} pixels, which hold from "
        f"{percent(kept[0])} to {percent(kept[-1])} of their energy; two mosaics of {side} by {side}."
    )
    figure = Figure(alt=alt or said, width=width, height=0.5 * width + 0.22)
    for axis, title, block in zip(figure.subplots(1, 2), titles, np.split(places, 2), strict=True):
        show(axis, _mosaic([crops[k].real for k in block], side), colour="signed", low=-1, high=1)
        axis.set_title(title)
        axis.spines[:].set_visible(False)
    return figure


def node_at(place: int, J: int) -> int:
    """Give the node whose band is the `place`-th from frequency 0, its letters read as binary digits.

    Examples
    --------
    >>> [node_at(place, 3) for place in range(8)]
    [0, 1, 3, 2, 6, 7, 5, 4]
    """
    return place ^ (place >> 1)


def one_quadrant(energy: Reals) -> npt.NDArray[np.bool_]:
    """Whether each packet has nearly all its energy in one quadrant of the plane; FFT order, even sides.

    Examples
    --------
    >>> energy = np.zeros((2, 4, 4))
    >>> energy[0, 1, 1], energy[1, 1, 1:] = 1, 1
    >>> one_quadrant(energy).tolist()
    [True, False]
    """
    half = energy.shape[-1] // 2
    sides = (slice(1, half), slice(half + 1, None))
    quadrants = np.array([[energy[:, rows, columns].sum((1, 2)) for columns in sides] for rows in sides])
    total = quadrants.sum((0, 1))
    clean: npt.NDArray[np.bool_] = quadrants.max((0, 1)) >= CLEAN * np.where(total > 0, total, np.inf)
    return clean


def by_frequency(psi: npt.NDArray[np.complex128]) -> npt.NDArray[np.int_]:
    """Order each half of the packets in a square: rows by the mean ``|omega_y|``, then by ``omega_x``."""
    energy = _energies(psi)
    omega = np.abs(2 * math.pi * np.fft.fftfreq(PLANE))
    total = energy.sum((1, 2)) + 1e-300
    down, across = (energy.sum(axis) @ omega / total for axis in (2, 1))
    side = math.isqrt(len(psi) // 2)
    order = []
    for block in np.split(np.arange(len(psi)), 2):
        rows = block[np.argsort(down[block], kind="stable")].reshape(side, side)
        order += [row[np.argsort(across[row], kind="stable")] for row in rows]
    return np.concatenate(order)


def _energies(psi: npt.NDArray[np.complex128]) -> Reals:
    """Energy of each kernel at each frequency, ``(packets, PLANE, PLANE)``, FFT order."""
    rows = np.fft.fft(psi, PLANE, axis=-1)
    energy: Reals = np.abs(np.fft.fft(rows, PLANE, axis=-2)) ** 2
    return energy


def _energy(psi: npt.NDArray[np.complex128]) -> float:
    return float((np.abs(psi) ** 2).sum())


def _window(psi: npt.NDArray[np.complex128], crop: int) -> npt.NDArray[np.complex128]:
    """Cut out the square of `crop` pixels a side that holds the most energy."""
    tall, wide = (min(crop, size) for size in psi.shape)
    total = np.pad((np.abs(psi) ** 2).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    inside = total[tall:, wide:] - total[:-tall, wide:] - total[tall:, :-wide] + total[:-tall, :-wide]
    top, left = (int(index) for index in np.unravel_index(int(inside.argmax()), inside.shape))
    return psi[top : top + tall, left : left + wide]


def _mosaic(images: list[Reals], side: int) -> Reals:
    """Put images, each scaled to a largest magnitude of 1, into a square with gaps of one pixel."""
    tall, wide = (max(sizes) + 1 for sizes in zip(*(image.shape for image in images), strict=True))
    canvas = np.zeros((side * tall - 1, side * wide - 1))
    for index, image in enumerate(images):
        top, left = index // side * tall, index % side * wide
        canvas[top : top + image.shape[0], left : left + image.shape[1]] = image / (np.abs(image).max() or 1)
    return canvas


def _node(axis: Axes, stage: int, place: int, J: int) -> None:
    """Draw one node of the tree over its band."""
    k, share = node_at(place, stage), 1 / 2**stage
    letters = format(k, f"0{stage}b").replace("0", "L").replace("1", "H")
    edge = place in (0, 2**stage - 1)
    inset = 0.06 * share
    spot = (place * share + inset, stage - 0.82)
    box = Rectangle(spot, share - 2 * inset, 0.64, label=letters, edgecolor=MUTED)
    box.set(facecolor=LOW if letters[-1] == "L" else HIGH)
    box.set(linestyle=":" if edge else "-", linewidth=1.6 if edge else 0.8)
    axis.add_patch(box)
    text = f"{letters}\nk = {k}" if stage == J and J <= 3 else str(k) if stage == J else letters
    axis.text((place + 0.5) * share, stage - 0.5, text, ha="center", va="center", fontsize=10, color=INK)


def _territories(axis: Axes, energy: Reals) -> None:
    """Colour each frequency by its strongest packet, and write the numbers where there is room."""
    half = PLANE // 2
    right = np.fft.fftshift(energy, axes=1)[:, :, : half + 1]
    strongest = right.argmax(0)
    clean, middle = one_quadrant(energy), len(energy) / 2
    tints = np.array([_tint(k < middle, bool(clean[k]), k) for k in range(len(energy))])
    axis.imshow(tints[strongest], extent=(0, math.pi, math.pi, -math.pi), interpolation="nearest")
    axis.set_xticks([0, math.pi], ["0", "π"])
    axis.set_yticks([-math.pi, 0, math.pi], ["−π", "0", "π"])
    if len(energy) > 32:
        return
    for k in np.unique(strongest):
        rows, columns = np.nonzero(strongest == k)
        y, x = (np.median(rows) - half) * 2 * math.pi / PLANE, np.median(columns) * 2 * math.pi / PLANE
        axis.text(x, y, str(k), ha="center", va="center", fontsize=9, color=INK)


def _tint(first: bool, clean: bool, k: int) -> tuple[float, float, float]:
    """A colour of the packet's block, darker or lighter by its number, paler where it has no one side."""
    base = np.array(to_rgb(PALETTE[0] if first else PALETTE[1]))
    weight = (0.55 if clean else 0.22) - 0.1 * (k.bit_count() % 2)
    red, green, blue = weight * base + (1 - weight)
    return float(red), float(green), float(blue)
