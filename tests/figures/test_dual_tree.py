"""Two trees and their packets: curves hold the filters, tiles and mosaics stand at their frequencies."""

import math

import numpy as np
import pytest
import torch

from wavelets_course.figures import (
    folded_spectra,
    hilbert_pair,
    packet_kernels,
    packet_plane,
    packet_tree,
)
from wavelets_course.figures.dual_tree import impulse_flicker, weaker_side
from wavelets_course.figures.dual_tree_packets import by_frequency, node_at, one_quadrant
from wavelets_course.figures.style import PALETTE
from wavelets_course.transforms import DualTreeWaveletPacket2d

EIGHT = ("LLL", "LLH", "LHH", "LHL", "HHL", "HHH", "HLH", "HLL")
N = torch.arange(-24, 25, dtype=torch.float64)
WINDOW = torch.exp(-((N / 8) ** 2))
WAVE = WINDOW * torch.exp(1j * N)


def waves(places: list[tuple[float, float]], size: int = 33) -> torch.Tensor:
    """Windowed plane waves at frequencies (y, x)."""
    u = torch.arange(size, dtype=torch.float64) - size // 2
    window = torch.exp(-(u[:, None] ** 2 + u**2) / 50)
    return torch.stack([window * torch.exp(1j * (y * u[:, None] + x * u)) for y, x in places])


# Two blocks of 2 x 2 in Gray order: node 0, 1 at low frequencies, 3 and 2 above; here J = 1, so 0 and 1.
BLOCKS = waves([(y, x) for sign in (1, -1) for y in (sign * 0.8, sign * 2.2) for x in (0.8, 2.2)])


def test_pair_draws_both_filters_under_their_envelope():
    figure = hilbert_pair(WAVE.real, WAVE.imag, names=("even", "odd"))
    time, frequency = figure.axes
    np.testing.assert_array_equal(time.lines[0].get_ydata(), WAVE.real)
    np.testing.assert_array_equal(time.lines[1].get_ydata(), WAVE.imag)
    np.testing.assert_allclose(time.lines[2].get_ydata(), WINDOW, atol=1e-12)
    assert [text.get_text() for text in time.get_legend().get_texts()] == ["even", "odd", "envelope"]
    omega, energy = frequency.lines[0].get_data()
    assert omega[int(energy.argmax())] == pytest.approx(1.0, abs=0.01)
    assert figure.alt.endswith(
        "49 taps, each oscillating where the other crosses zero, under one envelope. "
        "0.00 % of the energy of a + i b is on one side."
    )


def test_weaker_side_knows_waves_real_filters_and_conjugates():
    share, side = weaker_side(WAVE.numpy())
    assert (share < 1e-9, side) == (True, -1)
    assert weaker_side(WAVE.conj().resolve_conj().numpy()) == (pytest.approx(share, abs=1e-12), 1)
    assert weaker_side(WAVE.real.numpy())[0] == pytest.approx(0.5)
    assert weaker_side(np.zeros(4))[0] == 0


def test_weaker_side_of_a_known_mixture():
    mixed = WAVE + 0.5 * WAVE.conj()
    assert weaker_side(mixed.numpy())[0] == pytest.approx(0.2, abs=1e-6)  # 1/4 of 5/4


@pytest.mark.parametrize("step", [2, 4, 8])
def test_an_impulses_flicker_is_the_overlap_with_the_copies(step):
    """The formula of `folded_spectra`, by a Fourier sum on a grid that the step divides."""
    size = 256
    for psi in (WAVE.real.numpy(), WAVE.numpy(), np.array([1.0, 2.0, 0.5])):
        psi_hat = np.fft.fft(psi, size)
        products = [np.vdot(np.roll(psi_hat, m * size // step), psi_hat) / size for m in range(step)]
        places = np.arange(step)
        turns = np.exp(2j * math.pi * np.outer(places, np.arange(step)) / step)
        energies = (turns @ np.array(products)).real / step
        direct = [(np.abs(psi[s::step]) ** 2).sum() for s in range(step)]
        np.testing.assert_allclose(energies, direct, atol=1e-10)
        flicker = (energies.max() - energies.min()) / energies.mean()
        assert impulse_flicker(psi, step) == pytest.approx(flicker, abs=1e-9)


def test_folded_spectra_draw_the_magnitude_and_the_largest_copy():
    figure = folded_spectra({"real": WAVE.real, "complex": WAVE}, 4)
    assert len(figure.axes) == 2
    for axis, psi in zip(figure.axes, (WAVE.real, WAVE), strict=True):
        omega, height = axis.lines[0].get_data()
        copies = axis.lines[1].get_ydata()
        at = [1.0, -1.0, 0.3, 1.9]
        exact = np.array([abs(complex((psi * torch.exp(-1j * w * N)).sum())) for w in at])
        exact /= exact[0]
        np.testing.assert_allclose(np.interp(at, omega, height), exact, atol=0.02)
        quarter = (height.size - 1) // 4
        moved = [np.roll(height[:-1], m * quarter) for m in (1, 2, 3)]
        np.testing.assert_allclose(copies[:-1], np.max(moved, axis=0), atol=1e-12)
    assert "one sample in 4" in figure.alt
    assert figure.axes[0].get_title().startswith("real: an impulse's energy varies by")


def test_tree_stands_in_order_of_frequency():
    figure = packet_tree(3)
    patches = figure.axes[0].patches
    assert [len(patch.get_label()) for patch in patches] == [1] * 2 + [2] * 4 + [3] * 8
    for row in (patches[:2], patches[2:6], patches[6:]):
        left = [patch.get_x() for patch in row]
        assert left == sorted(left)
    assert [patch.get_label() for patch in patches[6:]] == list(EIGHT)
    assert [patch.get_linestyle() for patch in patches[2:6]] == [":", "-", "-", ":"]
    assert "k = 0, 1, 3, 2, 6, 7, 5, 4." in figure.alt


@pytest.mark.parametrize("J", [1, 2, 3, 4])
def test_tree_of_every_depth_draws_and_uses_each_node_once(J):
    figure = packet_tree(J)
    assert sorted(node_at(place, J) for place in range(2**J)) == list(range(2**J))
    assert figure.png()


def test_node_bands_are_those_of_real_filters():
    """A cascade of ideal half-band filters: the node's energy is where the tree puts it."""
    size, J = 64, 3
    omega = np.fft.fftfreq(size)
    for place in range(2**J):
        k, inside = node_at(place, J), (2 * place + 1) * size // (4 * 2**J)
        for stage, letter in enumerate(format(k, f"0{J}b")):
            folded = abs((omega[inside] * 2**stage + 0.5) % 1 - 0.5)  # frequency after `stage` subsamplings
            assert (folded > 0.25) == (letter == "1")


def test_plane_gives_each_frequency_to_its_packet():
    figure = packet_plane({"J = 1": BLOCKS})
    axis = figure.axes[0]
    image = np.asarray(axis.images[0].get_array())
    rows, columns = image.shape[:2]
    texts = {text.get_text(): text.get_position() for text in axis.texts}
    assert set(texts) == {str(k) for k in range(8)}
    for k, (y, x) in enumerate([(y, x) for s in (1, -1) for y in (s * 0.8, s * 2.2) for x in (0.8, 2.2)]):
        assert texts[str(k)] == pytest.approx((math.pi / 4 if x < 1 else 3 * math.pi / 4, y), abs=0.35)
        pixel = image[int((y + math.pi) / (2 * math.pi) * rows), int(x / math.pi * columns)]
        bluer = pixel[2] > pixel[0]
        assert bluer == (k < 4), (k, pixel)
    assert figure.alt.endswith("J = 1: 8 packets, 8 of them in one quadrant.")
    assert PALETTE[0] != PALETTE[1]


def test_plane_of_many_packets_has_no_numbers():
    many = BLOCKS.repeat(16, 1, 1)
    assert packet_plane({"many": many, "few": BLOCKS}).axes[0].texts[:] == []


def test_a_real_kernel_is_in_no_single_quadrant():
    energy = np.abs(np.fft.fft2(np.stack([BLOCKS[0], BLOCKS[0].real]), (64, 64))) ** 2
    assert one_quadrant(energy).tolist() == [True, False]
    assert one_quadrant(np.zeros((1, 4, 4))).tolist() == [False]


def test_kernels_stand_by_frequency_whatever_their_numbers():
    shuffled = BLOCKS[[3, 0, 2, 1, 6, 7, 5, 4]]
    order = by_frequency(shuffled.numpy())
    assert order.tolist() == [1, 3, 2, 0, 7, 6, 4, 5]
    figure = packet_kernels(shuffled, crop=9, titles=("rising", "falling"))
    left, right = (np.asarray(axis.images[0].get_array()) for axis in figure.axes)
    assert [axis.get_title() for axis in figure.axes] == ["rising", "falling"]
    assert left.shape == (19, 19)
    assert (left[9] == 0).all()
    middle = BLOCKS[0, 12:21, 12:21].real
    np.testing.assert_allclose(left[:9, :9], middle / middle.abs().max())
    middle = BLOCKS[7, 12:21, 12:21].real
    np.testing.assert_allclose(right[10:, 10:], middle / middle.abs().max())


def test_crop_is_where_the_energy_is_and_its_share_is_told():
    spots = torch.zeros(2, 20, 30, dtype=torch.complex128)
    spots[0, 3:6, 22:25], spots[0, 15, 2] = 1j, 0.5
    spots[1, 19, 0] = 2
    figure = packet_kernels(spots + spots.imag, crop=3, order=torch.tensor([0, 1]))
    assert np.asarray(figure.axes[0].images[0].get_array()).tolist() == [[1] * 3] * 3
    assert "from 99 % to 100 % of their energy" in figure.alt


def test_small_kernels_are_not_cropped():
    figure = packet_kernels(waves([(1, 1), (-1, 1)], size=5), crop=11)
    assert figure.axes[0].images[0].get_array().shape == (5, 5)
    assert "100 % to 100 %" in figure.alt


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("draw", "text"),
    [
        (lambda: hilbert_pair(WAVE.real, WAVE.imag[1:]), "two real filters of one length, got 49 and 48"),
        (lambda: hilbert_pair(WAVE, WAVE), "the real and the imaginary part"),
        (lambda: folded_spectra({}, 4), "got 0 filters"),
        (lambda: folded_spectra({"a": WAVE}, 1), "at least 2, got 1"),
        (lambda: packet_tree(5), "must be 1 to 4, got 5"),
        (lambda: packet_tree(0), "must be 1 to 4, got 0"),
        (lambda: packet_plane({}), "got 0 sets of kernels"),
        (lambda: packet_kernels(BLOCKS[:6]), "two blocks of a square number of kernels, got 6"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, text):
    with pytest.raises(ValueError, match=text):
        draw()


def test_nothing_but_zeros_draws():
    nothing = torch.zeros(8, 5, 5, dtype=torch.complex64)
    assert hilbert_pair([0.0] * 4, [0.0] * 4).png()
    assert folded_spectra({"nothing": [0.0] * 4}, 2).png()
    assert packet_plane({"nothing": nothing}).png()
    assert packet_kernels(nothing).png()


@pytest.mark.parametrize("J", [1, 2, 3])
def test_packets_of_the_package_stand_at_the_frequencies_it_says(J):
    layer = DualTreeWaveletPacket2d(J)
    order = by_frequency(layer.resulting_kernels().numpy()).reshape(2, 2**J, 2**J)
    places = layer.frequencies.abs() * 2**J / math.pi - 0.5
    for block in order:
        assert places[block].round().int().tolist() == [[[y, x] for x in range(2**J)] for y in range(2**J)]
