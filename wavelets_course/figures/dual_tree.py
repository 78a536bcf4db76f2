"""Two trees of real filters: the pair and its one-sided spectrum, and what subsampling folds together."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from .arrays import Number, to_numpy
from .banks import TURNS, angle_text
from .curves import Samples
from .figure import Figure
from .pyramids import percent
from .style import DASHES, GRID, INK, MUTED, PALETTE, WIDTH, styled

GRID_SIZE = 1024  # frequencies drawn


@styled
def hilbert_pair(
    first: Samples,
    second: Samples,
    *,
    alt: str | None = None,
    names: tuple[str, str] = ("tree a", "tree b"),
    width: Number = WIDTH,
) -> Figure:
    r"""Draw two real filters with their common envelope, and the spectrum of ``first + i second``.

    Where the two are a Hilbert pair, one fills the gaps of the other and the spectrum has one side only.

    Parameters
    ----------
    first, second
        Real filters of one length, ``(time,)``.
    alt
        By default the length and the share of energy on the weaker side of the spectrum.
    names
        Of the two filters.
    width
        Inches.

    Returns
    -------
    Figure
        Two axes. On the first the lines are the two filters, the envelope and its mirror image; on the
        second the energy at each frequency, relative to the largest, the weaker side filled.

    Raises
    ------
    ValueError
        If the filters are complex or differ in length.

    Examples
    --------
    >>> import torch
    >>> n = torch.arange(-16, 17)
    >>> window = torch.exp(-((n / 6.0) ** 2))
    >>> hilbert_pair(window * (1.5 * n).cos(), window * (1.5 * n).sin()).alt[-47:]
    '0.00 % of the energy of a + i b is on one side.'
    """
    a, b = to_numpy(first), to_numpy(second)
    if a.shape != b.shape or a.size == 0 or np.iscomplexobj(a) or np.iscomplexobj(b):
        raise ValueError(
            f"hilbert_pair: expected two real filters of one length, got {a.size} and {b.size} taps; "
            "give the real and the imaginary part of one complex filter."
        )
    omega, energy = _spectrum(a + 1j * b)
    share, side = weaker_side(a + 1j * b)
    said = (
        f"Two real filters of {a.size} taps, each oscillating where the other crosses zero, under one "
        f"envelope. {100 * share:.2f} % of the energy of a + i b is on one side."
    )
    figure = Figure(alt=alt or said, width=width, height=0.46 * width)
    time, frequency = figure.subplots(1, 2, width_ratios=(1.2, 1))
    _pair(time, a, b, names)
    frequency.plot(omega, energy, color=PALETTE[0])
    frequency.fill_between(omega, energy, where=side * omega > 0, color=PALETTE[1], alpha=0.5, linewidth=0)
    place = 0.5 * side * math.pi
    frequency.annotate(f"{100 * share:.2f} %", (place, 0.08), ha="center", color=INK)
    frequency.set(ylim=(0, 1.05), yticks=[0, 1], ylabel="energy, largest = 1", title="spectrum of a + i b")
    _frequency_axis(frequency)
    return figure


@styled
def folded_spectra(
    filters: Mapping[str, Samples], step: int, *, alt: str | None = None, width: Number = WIDTH
) -> Figure:
    r"""Draw what keeping every `step`-th sample adds to the spectrum of each filter: copies of itself.

    Sampling at every ``M``-th place repeats the spectrum at distances ``2 pi m / M``. A unit impulse at
    place ``s`` leaves ``E(s) = sum_n |psi(M n + s)|^2`` in the samples, and with ``psi_hat_m`` the copy
    moved by ``2 pi m / M``,

    .. math:: E(s) = \frac1M \sum_m e^{i 2 \pi m s / M} \langle \hat\psi, \hat\psi_m \rangle,

    so that ``E`` is constant where no copy overlaps the spectrum.

    Parameters
    ----------
    filters
        ``{name: filter}``, real or complex, ``(time,)``; at most six.
    step
        ``M``, at least 2.
    alt
        By default how far ``E`` varies for each filter.
    width
        Inches.

    Returns
    -------
    Figure
        One axes a filter. Line 0 is the magnitude of its spectrum, line 1 the largest of its copies there.

    Raises
    ------
    ValueError
        If there is no filter or more than six, or the step is below 2.

    Examples
    --------
    >>> import torch
    >>> n = torch.arange(-32, 33)
    >>> wave = torch.exp(-((n / 4.0) ** 2) + 1.0j * n)
    >>> folded_spectra({"real": wave.real, "complex": wave}, 4).alt.split(": ")[-1]
    'the energy of an impulse varies by 141 % for real, by 2.9 % for complex.'
    """
    if not 1 <= len(filters) <= len(PALETTE):
        raise ValueError(f"folded_spectra: got {len(filters)} filters; draw one to six in a figure.")
    if step < 2:
        raise ValueError(f"folded_spectra: step must be at least 2, got {step}; at 1 every sample is kept.")
    taps = {name: to_numpy(values) for name, values in filters.items()}
    each = ", ".join(f"by {percent(impulse_flicker(psi, step))} for {name}" for name, psi in taps.items())
    said = (
        f"Spectra of {len(taps)} filters, and the copies that keeping one sample in {step} adds. The more "
        f"they overlap, the more the samples depend on the place: the energy of an impulse varies {each}."
    )
    figure = Figure(alt=alt or said, width=width, height=1.35 * len(taps) + 0.65)
    axes = figure.subplots(len(taps), 1, sharex=True, squeeze=False)[:, 0]
    for index, (axis, (name, psi)) in enumerate(zip(axes, taps.items(), strict=True)):
        _folded(axis, psi, step, PALETTE[index], DASHES[index])
        axis.set_title(f"{name}: an impulse's energy varies by {percent(impulse_flicker(psi, step))}")
    _frequency_axis(axes[-1])
    return figure


def weaker_side(psi: npt.NDArray[Any]) -> tuple[float, int]:
    """Give the share of energy on the weaker side of the spectrum, and which side: -1 or +1.

    Frequencies 0 and pi belong to no side.

    Examples
    --------
    >>> share, side = weaker_side(np.exp(1j * np.pi / 2 * np.arange(64)))
    >>> round(share, 3), side
    (0.005, -1)
    """
    omega, energy = _spectrum(psi)
    inside = np.abs(omega) < math.pi
    negative, positive = energy[inside & (omega < 0)].sum(), energy[inside & (omega > 0)].sum()
    total = negative + positive
    share = min(negative, positive) / total if total > 0 else 0.0
    return float(share), -1 if negative <= positive else 1


def impulse_flicker(psi: npt.NDArray[Any], step: int) -> float:
    """Largest minus smallest energy that an impulse leaves in every `step`-th sample, over the mean.

    Examples
    --------
    >>> impulse_flicker(np.array([1.0, 1.0, 0.0, 0.0]), 2), impulse_flicker(np.ones(4), 2)
    (0.0, 0.0)
    >>> impulse_flicker(np.array([1.0, 0.0]), 2)
    2.0
    """
    energies = [float((np.abs(psi[s::step]) ** 2).sum()) for s in range(step)]
    mean = sum(energies) / step
    return (max(energies) - min(energies)) / mean if mean > 0 else 0.0


def _spectrum(psi: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Frequencies from -pi to pi, both ends, and the energy there relative to the largest."""
    size = max(GRID_SIZE, 1 << math.ceil(math.log2(4 * psi.size)))
    energy = np.fft.fftshift(np.abs(np.fft.fft(psi, size)) ** 2)
    energy = np.append(energy, energy[0])  # pi is -pi
    omega = np.linspace(-math.pi, math.pi, size + 1)
    return omega, energy / (energy.max() or 1.0)


def _pair(axis: Axes, a: npt.NDArray[Any], b: npt.NDArray[Any], names: tuple[str, str]) -> None:
    envelope = np.hypot(a, b)
    for values, name, colour, dash in zip((a, b), names, PALETTE, DASHES, strict=False):
        axis.plot(values, color=colour, linestyle=dash, linewidth=1.6, label=name)
    axis.plot(envelope, color=MUTED, linewidth=1, label="envelope")
    axis.plot(-envelope, color=MUTED, linewidth=1)
    top = float(envelope.max()) or 1.0
    axis.set(xlabel="n (samples)", yticks=[0], ylim=(-1.65 * top, 1.1 * top))
    axis.grid(axis="y", color=GRID)
    axis.legend(loc="lower center", ncols=3, columnspacing=1.0, handlelength=1.6)


def _folded(axis: Axes, psi: npt.NDArray[Any], step: int, colour: str, dash: object) -> None:
    omega, energy = _spectrum(psi)
    height = np.sqrt(energy)
    size = height.size - 1
    moved = [np.roll(height[:-1], round(m * size / step)) for m in range(1, step)]
    copies = np.max(moved, axis=0)
    copies = np.append(copies, copies[0])
    axis.plot(omega, height, color=colour, linestyle=dash, linewidth=1.8)
    axis.plot(omega, copies, color=MUTED, linewidth=0.8)
    axis.fill_between(omega, np.minimum(height, copies), color=colour, alpha=0.3, linewidth=0)
    axis.set(ylim=(0, 1.08), yticks=[0, 1], ylabel=r"$|\hat\psi|$")


def _frequency_axis(axis: Axes) -> None:
    axis.set_xticks(TURNS, [angle_text(turn) for turn in TURNS])
    axis.set(xlim=(-math.pi, math.pi), xlabel=r"$\omega$ (radians per sample)")
