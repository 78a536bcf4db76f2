"""The palette and the maps, computed: contrast, distance in simulated colour blindness, evenness."""

import itertools

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from skimage.color import rgb2lab

from wavelets_course.figures import style

# Severity 1 in linear RGB: Machado, Oliveira, Fernandes, IEEE TVCG 15(6), 1291-1298, 2009.
SIGHT = {
    "all cones": np.eye(3),
    "no long cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no middle cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no short cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour: str) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """WCAG 2 contrast ratio."""
    light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (a, b))
    return (light[1] + 0.05) / (light[0] + 0.05)


def seen(colour: str, sight: str) -> np.ndarray:
    """CIELAB of a colour as seen with one kind of cone missing."""
    rgb = np.clip(np.array(SIGHT[sight]) @ linear(colour), 0, 1)
    return rgb2lab(np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * rgb ** (1 / 2.4) - 0.055)[None, None])[
        0, 0
    ]


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("colour", style.PALETTE)
def test_lines_stand_out_from_the_card(colour):
    assert contrast(colour, style.CARD) >= 3


@pytest.mark.parametrize("colour", [style.INK, style.MUTED])
def test_text_stands_out_from_the_card(colour):
    assert contrast(colour, style.CARD) >= 4.5


@pytest.mark.parametrize("sight", SIGHT)
def test_every_two_lines_look_different_to_everyone(sight):
    gaps = [
        np.linalg.norm(seen(a, sight) - seen(b, sight)) for a, b in itertools.combinations(style.PALETTE, 2)
    ]
    assert min(gaps) >= 15


def test_that_check_rejects_red_beside_green():
    red, green = (seen(colour, "no middle cones") for colour in ("#b03a2e", "#5f6f1e"))
    assert np.linalg.norm(red - green) < 15


def test_each_line_has_its_own_marker_and_dash():
    assert len(set(style.PALETTE)) == len(set(style.MARKERS)) == len(set(map(str, style.DASHES))) == 6


def lightness(scale: style.ColourScale, at: np.ndarray) -> np.ndarray:
    return rgb2lab(style.colour_map(scale)(at)[None, :, :3])[0, :, 0]


def test_signed_map_is_even_and_symmetric():
    at = np.linspace(0, 1, style.SIGNED_COLOURS)
    light = lightness("signed", at)
    half = style.SIGNED_COLOURS // 2
    assert light.argmax() == half
    assert light[half] > 95
    np.testing.assert_allclose(light, light[::-1], atol=1.5)
    np.testing.assert_allclose(np.diff(light[: half + 1]), (light[half] - light[0]) / half, rtol=0.35)


def test_signed_map_gives_zero_a_colour_of_its_own():
    colours = style.colour_map("signed")(np.array([-1e-9, 0.0, 1e-9]) + 0.5)
    assert (colours == colours[0]).all()
    assert style.SIGNED_COLOURS % 2 == 1


def test_phase_map_closes():
    ends = style.colour_map("phase")([0.0, 1.0])
    np.testing.assert_allclose(ends[0], ends[1], atol=0.02)


@pytest.mark.parametrize("scale", ["grey", "energy"])
def test_magnitudes_grow_lighter(scale):
    assert (np.diff(lightness(scale, np.linspace(0, 1, 33))) > 0).all()


@pytest.mark.parametrize("scale", ["grey", "signed", "phase", "energy"])
def test_missing_values_have_a_colour_of_their_own(scale):
    bad = style.colour_map(scale)(np.ma.masked_invalid([np.nan]))[0, :3]
    np.testing.assert_allclose(bad, to_rgb(style.MISSING))


def test_style_leaves_no_trace():
    before = dict(matplotlib.rcParams)
    style.styled(lambda: None)()
    assert dict(matplotlib.rcParams) == before
