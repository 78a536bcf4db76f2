"""Curvelets: how they tile the plane of frequencies, what they look like, and which an image lights."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.cm import ScalarMappable
from matplotlib.colors import to_rgb
from matplotlib.patches import Wedge
from torch import Tensor

from ..filters import CurveletBank
from ..transforms import Curvelet2d, CurveletCoefficients
from .arrays import Number, to_numpy
from .banks import TURNS, angle_text
from .figure import Figure
from .images import image_grid
from .style import CARD, INK, MUTED, PALETTE, WIDTH, colour_map, styled

PALE = 0.4
"""How strongly the opposite half of the plane is coloured."""

LABEL: dict[str, Any] = {
    "ha": "center",
    "va": "center",
    "color": INK,
    "bbox": {"facecolor": CARD, "edgecolor": "none", "pad": 2},
}
"""The name of a ring, legible on every colour."""


@styled
def curvelet_tiling(bank: CurveletBank, *, alt: str | None = None, width: Number = WIDTH) -> Figure:
    """Colour each frequency by the wedge that sees most of it.

    Both axes run over [-pi, pi] radians per sample, ``omega_y`` downwards. Neighbouring wedges differ in
    colour; where two share a frequency the colour fades. The opposite half of the plane, which a real
    image repeats, is paler. The low-pass is grey, and so is a scale of one round window.

    Parameters
    ----------
    bank
        From ``filters.curvelet_bank``.
    alt
        By default the numbers of scales and wedges.
    width
        Inches.

    Returns
    -------
    Figure
        One axes, with one image.

    Examples
    --------
    >>> from wavelets_course.filters import curvelet_bank
    >>> curvelet_tiling(curvelet_bank((64, 64), J=3)).alt[:75]
    'The plane of frequencies, cut into concentric squares and wedges: 12, 6 and'
    """
    figure = Figure(alt=alt or _tiling_text(bank), width=width, height=0.78 * width)
    axis = figure.subplots()
    axis.imshow(_coloured(bank), extent=(-math.pi, math.pi, math.pi, -math.pi), interpolation="nearest")
    labels = [angle_text(turn) for turn in TURNS]
    axis.set_xticks(TURNS, labels)
    axis.set_yticks(TURNS, labels)
    axis.set(xlabel=r"$\omega_x$", ylabel=r"$\omega_y$")
    for j, K in enumerate(bank.angles):
        if K:
            axis.text(0, -0.77 * math.pi / 2**j, f"{K}", ha="center", va="center", color=INK)
    return figure


@styled
def curvelet_atoms(
    transform: Curvelet2d, *, columns: int = 4, alt: str | None = None, width: Number = WIDTH
) -> Figure:
    """Draw curvelets in space: a row for each scale with wedges, finest first, a column for each direction.

    Parameters
    ----------
    transform
        The frame.
    columns
        Directions in each row, evenly chosen from those of the scale.
    alt
        By default the numbers of scales and directions.
    width
        Inches.

    Returns
    -------
    Figure
        One axes a curvelet, all cropped to what the coarsest needs, each on its own scale about 0.

    Examples
    --------
    >>> from wavelets_course.transforms import Curvelet2d
    >>> figure = curvelet_atoms(Curvelet2d((64, 64), J=2))
    >>> len(figure.axes)
    8
    """
    scales = [j for j, K in enumerate(transform.bank.angles) if K]
    if not scales:
        raise ValueError(
            "curvelet_atoms: this frame has no wedges; make one with J >= 1 and finest='curvelet'."
        )
    images, titles = [], []
    for j in scales:
        theta = torch.cat([band.theta for band in transform.bank.scales[j]])
        for wedge in (torch.arange(columns) * len(theta) // columns).tolist():
            images.append(_atom(transform, j, wedge))
            titles.append(f"{math.degrees(float(theta[wedge])):.0f}°".replace("-", "−"))
    side = min(min(transform.shape), 24 * 2 ** max(scales)) // 2
    y, x = transform.shape[0] // 2, transform.shape[1] // 2
    said = (
        f"Real parts of {len(images)} curvelets: {len(scales)} scales (rows), {columns} directions. "
        "Each is a short wave under a bump that is longer along the crests than across them; from row to row "
        "the width doubles and the length grows by less."
    )
    return image_grid(
        [image[max(y - side, 0) : y + side, max(x - side, 0) : x + side] for image in images],
        titles,
        alt=alt or said,
        columns=columns,
        colour="signed",
        limits="each",
        row_labels=[f"j = {j}" for j in scales],
        width=width,
    )


@styled
def curvelet_energies(
    coefficients: CurveletCoefficients,
    bank: CurveletBank,
    *,
    alt: str | None = None,
    title: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw the energy that each wedge holds, as a rose: a ring for each scale, the finest outside.

    Parameters
    ----------
    coefficients
        Of one image.
    bank
        The frame's, ``transform.bank``.
    alt
        By default the share of each scale and its strongest direction.
    title
        Above the rose.
    width
        Inches.

    Returns
    -------
    Figure
        The rose and its colour bar. A wedge's colour is its energy over the largest of its scale; both
        halves of the turn are drawn.

    Examples
    --------
    >>> from wavelets_course.signals import disk
    >>> from wavelets_course.transforms import Curvelet2d
    >>> transform = Curvelet2d((64, 64), J=2)
    >>> len(curvelet_energies(transform(disk((64, 64))), transform.bank).axes)
    2
    """
    energies = wedge_energies(coefficients, bank)
    figure = Figure(alt=alt or _rose_text(energies, bank), width=width, height=0.72 * width)
    axis = figure.subplots()
    colours = colour_map("energy")
    rings = [j for j, K in enumerate(bank.angles) if K]
    for outside, j in enumerate(rings):
        top = float(energies[j].max()) or 1.0
        theta = torch.cat([band.theta for band in bank.scales[j]])
        edges = _edges(theta)
        for energy, (low, high) in zip(energies[j].tolist(), edges, strict=True):
            for turn in (0, 180):
                axis.add_patch(
                    Wedge(
                        (0, 0), len(rings) + 1 - outside, low + turn, high + turn, width=0.94,
                        facecolor=colours(energy / top), edgecolor="white", linewidth=0.8,
                    )
                )  # fmt: skip
        axis.text(0, -(len(rings) + 0.5 - outside), f"j = {j}", **LABEL)
    reach = len(rings) + 1.1
    axis.set(xlim=(-reach, reach), ylim=(reach, -reach), aspect="equal", title=title or "")
    axis.axis("off")
    figure.colorbar(
        ScalarMappable(cmap=colours), ax=axis, shrink=0.8, label="energy / largest of its scale"
    ).outline.set_visible(False)
    return figure


def wedge_energies(coefficients: CurveletCoefficients, bank: CurveletBank) -> list[Tensor]:
    """Energy of each wedge, one tensor a scale, finest first; empty for a round window."""
    return [
        torch.cat([band.detach().abs().double().square().sum((-2, -1)) for band in scale])
        if K
        else torch.zeros(0, dtype=torch.float64)
        for scale, K in zip(coefficients.wedges, bank.angles, strict=True)
    ]


def _tiling_text(bank: CurveletBank) -> str:
    counts = [f"{K}" if K else "one round window instead of" for K in bank.angles]
    listed = " and ".join(filter(None, [", ".join(counts[:-1]), *counts[-1:]]))
    return (
        f"The plane of frequencies, cut into concentric squares and wedges: {listed or 'no'} wedges on a "
        f"half turn, from the finest scale inwards, around a low-pass square of half width pi / {2**bank.J}."
    )


def _coloured(bank: CurveletBank) -> npt.NDArray[np.float64]:
    """Colour each frequency, centred, as the mean of the windows' colours, weighed by their squares."""
    picture = np.zeros((*bank.shape, 3))
    for band in bank.bands:
        if not band.directional:
            picture += _squares(bank.windows(band))[0][..., None] * np.array(to_rgb(MUTED))
    for j, scale in enumerate(bank.scales):
        windows = [w for band in scale if band.directional for w in _squares(bank.windows(band)) / 2]
        for ell, window in enumerate(windows):
            name = PALETTE[(ell + 2 * j) % 3 if len(windows) % 3 == 0 else ell % 2]
            colour = np.array(to_rgb(name))
            pale = PALE * colour + (1 - PALE) * np.array(to_rgb(CARD))
            mirror = np.roll(window[::-1, ::-1], (1, 1), (0, 1))
            picture += window[..., None] * colour + mirror[..., None] * pale
    return np.asarray(np.fft.fftshift(picture.clip(0, 1), axes=(0, 1)), dtype=np.float64)


def _squares(windows: Tensor) -> npt.NDArray[np.float64]:
    return to_numpy(windows.square())


def _atom(transform: Curvelet2d, j: int, wedge: int) -> Tensor:
    """The real part of the curvelet nearest the middle of the image, moved to the middle."""
    bank = transform.bank
    row = torch.zeros(transform.count, dtype=torch.float64, device=transform.window.device)
    coefficients = transform.unflatten(row)
    half = len(coefficients.wedges[j][0])
    band = coefficients.wedges[j][wedge // half]
    places = band.shape[-2:]
    band[wedge % half, places[0] // 2, places[1] // 2] = 1
    image = transform.adjoint(coefficients).cpu()
    shifts = [side // 2 - round(side * (n // 2) / n) for side, n in zip(bank.shape, places, strict=True)]
    return image.roll(shifts, (0, 1))


def _edges(theta: Tensor) -> list[tuple[float, float]]:
    """Where each wedge begins and ends, midway to its neighbours on the half turn, in degrees."""
    degrees = np.degrees(to_numpy(theta))
    around = np.concatenate([[degrees[-1] - 180], degrees, [degrees[0] + 180]])
    middles = (around[1:] + around[:-1]) / 2
    return [(float(low), float(high)) for low, high in pairwise(middles)]


def _rose_text(energies: list[Tensor], bank: CurveletBank) -> str:
    total = sum(float(energy.sum()) for energy in energies) or 1.0
    parts = []
    for j, energy in enumerate(energies):
        if len(energy) and float(energy.sum()):
            theta = torch.cat([band.theta for band in bank.scales[j]])
            at = math.degrees(float(theta[int(energy.argmax())]))
            parts.append(f"scale {j} {100 * float(energy.sum()) / total:.0f} %, most at {at:.0f} degrees")
    return f"Energy of the wedges of {len(parts)} scales: " + ("; ".join(parts) or "none") + "."
