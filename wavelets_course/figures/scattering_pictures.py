"""Scattering coefficients: as maps, as a rose of directions, and under shifts."""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from jaxtyping import Shaped
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from .arrays import Array, Number, finite, to_numpy
from .banks import angle_text
from .curves import Samples, curves
from .figure import Figure
from .images import image_grid
from .pyramids import percent
from .style import CARD, WIDTH, colour_map, styled


@styled
def scattering_maps(
    coefficients: Shaped[Array, "channels height width"],
    J: int,
    L: int,
    *,
    theta: Shaped[Array, " L"] | None = None,
    alt: str | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw the order-1 coefficients of an image: a row for each scale, a column for each angle.

    Parameters
    ----------
    coefficients
        ``(channels, height, width)`` in the order of ``scattering.scattering_paths``: order 0, then
        order 1 with channel ``1 + j L + ell``; what follows is not drawn.
    J, L
        Numbers of scales and of angles.
    theta
        The bank's angles, radians, ``(L,)``; by default ``(ell + 1) pi / L``, those of an even `L`.
    alt
        By default the strongest scale and angle, with its share of the energy, and how many bands are
        not finite.
    width
        Inches.

    Returns
    -------
    Figure
        ``J * L`` axes, row by row; the maps of a row share one scale, dark for small values.

    Raises
    ------
    ValueError
        If there are fewer than ``1 + J L`` channels.

    Examples
    --------
    >>> import torch
    >>> len(scattering_maps(torch.rand(9, 4, 4), J=2, L=4).axes)
    8
    """
    maps = first_order(coefficients, J, L)
    angles = _angles(theta, L)
    energy = (maps**2).mean(axis=(-2, -1))
    said = f"Maps of order-1 scattering coefficients: {J} scales (rows) by {L} angles (columns). "
    return image_grid(
        list(maps.reshape(-1, *maps.shape[2:])),
        [angle_text(angle) for angle in angles] + [""] * (L * (J - 1)),
        alt=alt or said + _strongest(energy, angles),
        columns=L,
        colour="energy",
        limits="row",
        row_labels=[f"j = {j}" for j in range(J)],
        width=width,
    )


@styled
def scattering_rose(
    coefficients: Shaped[Array, "channels ..."],
    J: int,
    L: int,
    *,
    theta: Shaped[Array, " L"] | None = None,
    alt: str | None = None,
    title: str | None = None,
    width: Number = 5.0,
) -> Figure:
    """Draw the order-1 energy of an image as a disk: angle is the wave's angle, radius its frequency.

    The outer ring is the finest scale. Each petal is drawn at ``theta`` and at ``theta + pi``, because a
    wave and its conjugate see the same of a real image. Angles turn from x (right) towards y (down).

    Parameters
    ----------
    coefficients
        ``(channels, *space)`` in the order of ``scattering.scattering_paths``; the energy is the mean of
        the squares over space.
    J, L
        Numbers of scales and of angles.
    theta
        The bank's angles, radians, ``(L,)``; by default ``(ell + 1) pi / L``, those of an even `L`.
    alt
        By default the strongest scale and angle, with its share of the energy, and how many bands are
        not finite.
    title
        Above the disk.
    width
        Inches.

    Returns
    -------
    Figure
        A polar axes with ``2 J L`` patches, scale by scale from ``j = 0``, angle by angle, each followed
        by its mirror image; then the colour bar, in per cent of the order-1 energy.

    Raises
    ------
    ValueError
        If there are fewer than ``1 + J L`` channels.

    Examples
    --------
    >>> import torch
    >>> stripes = torch.full((9,), 0.1)
    >>> stripes[2] = 1.0
    >>> scattering_rose(stripes, J=2, L=4).alt[-61:]
    'Strongest: scale j = 0 at angle π/2, with 93 % of the energy.'
    """
    maps = first_order(coefficients, J, L)
    angles = _angles(theta, L)
    energy = (maps**2).reshape(J, L, -1).mean(axis=-1)
    shares = _shares(energy)
    said = f"Disk of order-1 scattering energy, {J} rings (fine scales outside) by {L} angles. "
    figure = Figure(alt=alt or said + _strongest(energy, angles), width=width, height=0.78 * width)
    axis = figure.add_subplot(projection="polar")
    top = float(finite(shares).max(initial=1e-12))
    colours = colour_map("energy")(shares / top)
    for j in range(J):
        for ell, angle in enumerate(angles):
            for turn in (angle, angle + math.pi):
                look = {"color": colours[j, ell], "edgecolor": CARD, "linewidth": 1}
                axis.bar(turn, 1.0, width=math.pi / L, bottom=J - j - 0.5, **look)
    axis.set(theta_direction=-1)
    axis.set_xticks([k * math.pi / 4 for k in range(8)], [angle_text(k * math.pi / 4) for k in range(8)])
    axis.set(yticks=[], ylim=(0, J + 0.5), title=title or "")
    axis.grid(visible=False)
    axis.spines["polar"].set_visible(False)
    figure.colorbar(
        _scale(100 * top), ax=axis, pad=0.12, aspect=30, label="% of order-1 energy"
    ).outline.set_visible(False)
    return figure


@styled
def shift_comparison(
    shifts: Samples,
    changes: Mapping[str, Samples],
    *,
    alt: str | None = None,
    title: str | None = None,
    levels: Mapping[str, Number] | None = None,
    marks: Mapping[str, Number] | None = None,
    width: Number = WIDTH,
) -> Figure:
    """Draw how much each representation changes when the image is shifted.

    Parameters
    ----------
    shifts
        Distances, pixels.
    changes
        ``{representation: relative change at each distance}``, at most six; the change is
        ``laws.translation_gap``, ``||A(shifted x) - A x|| / ||A x||``.
    alt
        By default each representation's change at the largest shift.
    title
        Above the axes.
    levels, marks
        ``{name: value}``: horizontal and vertical reference lines, as in `curves`.
    width
        Inches.

    Returns
    -------
    Figure
        One axes; line `i` is representation `i`.

    Examples
    --------
    >>> shift_comparison([0, 1, 2], {"pixels": [0, 0.4, 0.6], "scattering": [0, 0.02, 0.05]}).alt
    'Relative change under shifts of up to 2 pixels; at the largest: pixels 0.6, scattering 0.05.'
    """
    far = int(np.argmax(to_numpy(shifts)))
    listed = ", ".join(f"{name} {to_numpy(change)[far]:.2g}" for name, change in changes.items())
    reach = f"{to_numpy(shifts)[far]:g}"
    said = f"Relative change under shifts of up to {reach} pixels; at the largest: {listed}."
    return curves(
        {name: (shifts, change) for name, change in changes.items()},
        alt=alt or said,
        xlabel="shift (pixels)",
        ylabel="relative change",
        title=title,
        levels=levels,
        marks=marks,
        width=width,
    )


def first_order(coefficients: Shaped[Array, "channels ..."], J: int, L: int) -> npt.NDArray[np.float64]:
    """Give the order-1 coefficients as ``(J, L, *space)``."""
    values = to_numpy(coefficients)
    if values.shape[0] < 1 + J * L:
        raise ValueError(
            f"scattering_maps: J = {J}, L = {L} need at least {1 + J * L} channels, got {values.shape[0]}; "
            "give one image's coefficients, (channels, height, width)"
        )
    return values[1 : 1 + J * L].reshape(J, L, *values.shape[1:])


def _angles(theta: Array | None, L: int) -> list[float]:
    return [(ell + 1) * math.pi / L for ell in range(L)] if theta is None else to_numpy(theta).tolist()


def _shares(energy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Share of each band in the energy of the finite ones, NaN for the others."""
    total = float(finite(energy).sum())
    return np.where(np.isfinite(energy), energy / total if total > 0 else 0.0, np.nan)


def _strongest(energy: npt.NDArray[np.float64], angles: list[float]) -> str:
    shares = _shares(energy)
    missing = int(np.isnan(shares).sum())
    said = [f"{missing} of {shares.size} hold NaN or infinity and are left out."] if missing else []
    if (shares > 0).any():
        j, ell = (int(index) for index in np.unravel_index(int(np.nanargmax(shares)), shares.shape))
        share = percent(float(shares[j, ell]))
        strongest = (
            f"Strongest: scale j = {j} at angle {angle_text(angles[ell])}, with {share} of the energy."
        )
        return " ".join([strongest, *said])
    return " ".join([*said, *["All others are 0." if missing else "All are 0."] * (missing < shares.size)])


def _scale(top: float) -> ScalarMappable:
    return ScalarMappable(Normalize(0, top), colour_map("energy"))
