"""Filter banks: what the wavelets look like, which frequencies they see, and how much they keep."""

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from ..filters import FilterBank2d
from ..filters import littlewood_paley as paley
from .arrays import Number, to_numpy
from .figure import Figure
from .images import image_grid
from .style import DASHES, GRID, INK, MARKERS, MUTED, PALETTE, WIDTH, colour_map, styled

TURNS = (-math.pi, -math.pi / 2, 0, math.pi / 2, math.pi)


@styled
def filter_grid(
    bank: FilterBank2d, *, alt: str | None = None, crop: int | None = None, width: Number = WIDTH
) -> Figure:
    """Draw the real part of each wavelet: a row for each scale, a column for each angle, one pixel scale.

    Angles turn from x (to the right) towards y (downwards, as rows count), so the waves of angle pi/2 are
    horizontal stripes.

    Parameters
    ----------
    bank
        From ``filters.morlet_bank_2d`` or ``filters.gabor_bank_2d``.
    alt
        By default the numbers of scales and angles and the wavelengths.
    crop
        Pixels kept on each side of the centre; by default what the coarsest wavelet needs.
    width
        Inches.

    Returns
    -------
    Figure
        ``J * L`` axes, row by row; every wavelet on its own scale, symmetric about 0.

    Examples
    --------
    >>> from wavelets_course.filters import morlet_bank_2d
    >>> figure = filter_grid(morlet_bank_2d((32, 32), J=2, L=4))
    >>> len(figure.axes), figure.axes[0].get_title()
    (8, 'π/4')
    """
    height, across = bank.shape
    reach = crop or math.ceil(2.2 * float(bank.sigma[-1]) / min(bank.slant, 1.0))
    up, left = min(reach, height // 2), min(reach, across // 2)
    centred = torch.fft.fftshift(bank.psi().real, dim=(-2, -1))
    middle = centred[
        ..., height // 2 - up : height // 2 + up + 1, across // 2 - left : across // 2 + left + 1
    ]
    lengths = ", ".join(f"{2 * math.pi / float(xi):.3g}" for xi in bank.xi)
    said = (
        f"Real parts of {bank.J * bank.L} wavelets: {bank.J} scales (rows) by {bank.L} angles (columns); "
        f"from row to row the wavelength doubles: {lengths} pixels."
    )
    return image_grid(
        middle.flatten(0, 1),
        [angle_text(float(theta)) for theta in bank.theta] + [""] * (bank.L * (bank.J - 1)),
        alt=alt or said,
        columns=bank.L,
        colour="signed",
        limits="each",
        row_labels=[f"j = {j}" for j in range(bank.J)],
        width=width,
    )


@styled
def frequency_plane(bank: FilterBank2d, *, alt: str | None = None, width: Number = WIDTH) -> Figure:
    """Draw where each filter answers at half its height or more, in the plane of frequencies.

    Both axes run over [-pi, pi] radians per sample, ``omega_y`` downwards, as in the pictures of the
    filters. The pale mirror images are the conjugate wavelets, which see the same of a real image. A
    contour that leaves at one side and comes back at the other is aliased. The dashed circle is
    ``|omega| = pi``.

    Parameters
    ----------
    bank
        From ``filters.morlet_bank_2d`` or ``filters.gabor_bank_2d``.
    alt
        By default the numbers of filters and their centre frequencies.
    width
        Inches.

    Returns
    -------
    Figure
        One axes; ``axes.lines[j]`` marks the centres ``(omega_x, omega_y)`` of scale `j`.

    Examples
    --------
    >>> from wavelets_course.filters import morlet_bank_2d
    >>> frequency_plane(morlet_bank_2d((32, 32), J=2, L=4)).alt[:45]
    'Half-height contours of 8 wavelets in the pla'
    """
    centres = ", ".join(f"{float(xi):.3g}" for xi in bank.xi)
    said = (
        f"Half-height contours of {bank.J * bank.L} wavelets in the plane of frequencies: {bank.L} angles "
        f"on each of {bank.J} rings, centred at {centres} radians per sample; the low-pass in the middle."
    )
    figure = Figure(alt=alt or said, width=width, height=0.68 * width)
    axis = figure.subplots()
    _half_height(axis, bank.phi_hat, MUTED, "-", filled=True)
    for j in range(bank.J):
        colour, dash = PALETTE[j % len(PALETTE)], DASHES[j % len(DASHES)]
        for psi_hat in bank.psi_hat[j]:
            _half_height(axis, psi_hat, colour, dash)
            _half_height(axis, psi_hat.flip(0, 1).roll((1, 1), (0, 1)), colour, dash, alpha=0.3)
        centre = to_numpy(bank.wave_vectors()[j])
        axis.plot(centre[:, 1], centre[:, 0], color=colour, marker=MARKERS[j % len(MARKERS)], linestyle="")
    _plane(axis)
    look = [
        Line2D(
            [],
            [],
            color=PALETTE[j % 6],
            linestyle=DASHES[j % 6],
            marker=MARKERS[j % 6],
            label=f"j = {j}, ξ = {xi:.2f}",
        )
        for j, xi in enumerate(bank.xi.tolist())
    ]
    look.append(Line2D([], [], color=MUTED, linewidth=6, alpha=0.5, label="low-pass φ"))
    look.append(Line2D([], [], color=INK, linewidth=1, linestyle=(0, (4, 3)), label="|ω| = π"))
    axis.legend(handles=look, loc="center left", bbox_to_anchor=(1.03, 0.5), handlelength=2.6)
    return figure


@styled
def littlewood_paley(bank: FilterBank2d, *, alt: str | None = None, width: Number = WIDTH) -> Figure:
    """Draw how much of each frequency a bank keeps: as a map, and against the distance from frequency 0.

    Parameters
    ----------
    bank
        From ``filters.morlet_bank_2d`` or ``filters.gabor_bank_2d``.
    alt
        By default the smallest and largest value inside ``|omega| < pi``, and the smallest overall.
    width
        Inches.

    Returns
    -------
    Figure
        Three axes: the map, the profile (mean over angles; the band is smallest to largest), the bar.

    Examples
    --------
    >>> from wavelets_course.filters import morlet_bank_2d
    >>> littlewood_paley(morlet_bank_2d((64, 64), J=3)).alt[-73:]
    'from 0.348 to 1.014 inside the circle of radius pi, 0.123 in the corners.'
    """
    gain = to_numpy(torch.fft.fftshift(paley(bank)))
    radius = np.hypot(*np.meshgrid(*(_omega(size) for size in bank.shape), indexing="ij"))
    inside = gain[radius < math.pi]
    said = (
        f"Littlewood-Paley sum of a bank with {bank.J} scales and {bank.L} angles: from "
        f"{inside.min():.3f} to {inside.max():.3f} inside the circle of radius pi, "
        f"{gain.min():.3f} in the corners."
    )
    figure = Figure(alt=alt or said, width=width, height=0.5 * width)
    plane, profile = figure.subplots(1, 2, width_ratios=(1, 1.15))
    low, high = min(float(gain.min()), 0.0), max(float(gain.max()), 1.0)
    edge = (-math.pi, math.pi, math.pi, -math.pi)
    image = plane.imshow(gain, cmap=colour_map("energy"), vmin=low, vmax=high, extent=edge)
    figure.colorbar(image, ax=plane, orientation="horizontal", aspect=30, pad=0.03).outline.set_visible(False)
    _plane(plane, circle="white")
    _profile(profile, radius, gain)
    return figure


def angle_text(theta: Number) -> str:
    """Write an angle as a fraction of pi where it is one, else in degrees.

    Examples
    --------
    >>> angle_text(0.0), angle_text(3 * math.pi / 8), angle_text(-math.pi), angle_text(1.0)
    ('0', '3π/8', '−π', '57.3°')
    """
    turn = Fraction(theta / math.pi).limit_denominator(48)
    if abs(float(turn) * math.pi - theta) > 1e-6:
        return f"{math.degrees(theta):.1f}°"
    if turn == 0:
        return "0"
    sign, top = "−" * (turn < 0), abs(turn.numerator)
    return f"{sign}{'' if top == 1 else top}π" + (f"/{turn.denominator}" if turn.denominator > 1 else "")


def _omega(size: int) -> npt.NDArray[np.float64]:
    return 2 * math.pi * np.fft.fftshift(np.fft.fftfreq(size))


def _half_height(
    axis: Axes, x_hat: torch.Tensor, colour: str, dash: object, *, alpha: float = 1.0, filled: bool = False
) -> None:
    """Draw the contour at half the maximum; one more row and column close the period at +pi."""
    shifted = np.pad(to_numpy(torch.fft.fftshift(x_hat)), (0, 1), mode="wrap")
    y, x = (np.append(_omega(size), _omega(size)[0] + 2 * math.pi) for size in x_hat.shape)
    top = float(shifted.max())
    if filled:
        axis.contourf(x, y, shifted, levels=[top / 2, 2 * top], colors=[colour], alpha=0.3)
    axis.contour(
        x, y, shifted, levels=[top / 2], colors=[colour], linestyles=[dash], linewidths=1.6, alpha=alpha
    )


def _plane(axis: Axes, circle: str = INK) -> None:
    """Label the plane of frequencies and draw the circle of radius pi."""
    axis.add_patch(Circle((0, 0), math.pi, fill=False, color=circle, linewidth=1, linestyle=(0, (4, 3))))
    labels = [angle_text(turn) for turn in TURNS]
    axis.set_xticks(TURNS, labels)
    axis.set_yticks(TURNS, labels)
    axis.set(xlim=(-math.pi, math.pi), ylim=(math.pi, -math.pi), aspect="equal")
    axis.set(xlabel=r"$\omega_x$", ylabel=r"$\omega_y$")


def _profile(axis: Axes, radius: npt.NDArray[np.float64], gain: npt.NDArray[np.float64]) -> None:
    """Draw the mean, smallest and largest gain in rings one frequency sample wide."""
    step = 2 * math.pi / min(gain.shape)
    ring = np.rint(radius / step).astype(int).ravel()
    count = int(math.pi * math.sqrt(2) / step) + 1
    values = [gain.ravel()[ring == index] for index in range(count)]
    at = [index * step for index in range(count) if values[index].size]
    values = [inside for inside in values if inside.size]
    axis.fill_between(
        at, [v.min() for v in values], [v.max() for v in values], color=PALETTE[0], alpha=0.2, linewidth=0
    )
    axis.plot(at, [v.mean() for v in values], color=PALETTE[0])
    axis.axhline(1, color=MUTED, linewidth=1, linestyle=(0, (2, 2)))
    axis.axvline(math.pi, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axis.set_xticks([0, math.pi / 2, math.pi, math.pi * math.sqrt(2)], ["0", "π/2", "π", "√2 π"])
    axis.set(xlabel=r"$|\omega|$ (radians per sample)", title="mean over angles, and range")
    axis.set_ylim(0, 1.08 * max(1.0, float(gain.max())))
    axis.grid(axis="y", color=GRID)
