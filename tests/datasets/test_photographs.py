"""Photographs come from files on this machine, with the numbers scikit-image gives."""

import socket

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from wavelets_course.datasets import credit_photograph, describe_photograph, photograph, photograph_names


@pytest.mark.parametrize("name", photograph_names())
def test_each_photograph_loads_without_a_network(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a photograph reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    image = photograph(name)
    assert image.ndim == 2
    assert image.dtype == torch.float32
    assert image.min() >= 0
    assert image.max() <= 1
    assert image.std() > 0.02


@pytest.mark.parametrize("name", photograph_names())
def test_each_photograph_is_described_and_credited(name: str) -> None:
    sentence = describe_photograph(name)
    assert sentence.endswith(".")
    assert 40 <= len(sentence) <= 125
    assert "photograph" not in sentence.lower()
    assert any(word in credit_photograph(name) for word in ("CC0", "public domain", "no known copyright"))


def test_grey_is_scikit_images_luminance() -> None:
    data = pytest.importorskip("skimage.data")
    color = pytest.importorskip("skimage.color")
    expected = torch.from_numpy(color.rgb2gray(data.astronaut())).float()
    assert_close(photograph("astronaut"), expected, atol=1e-6, rtol=0)


def test_colour_keeps_the_stored_bytes() -> None:
    data = pytest.importorskip("skimage.data")
    bytes_back = (photograph("coffee", grey=False) * 255).round().byte().movedim(0, -1).numpy()
    np.testing.assert_array_equal(bytes_back, data.coffee())


def test_grey_file_has_three_equal_channels_in_colour() -> None:
    image = photograph("camera", grey=False)
    assert image.shape == (3, 512, 512)
    assert_close(image[0], image[2], atol=0, rtol=0)
    assert_close(image[1], photograph("camera"), atol=1e-7, rtol=0)


def test_no_two_calls_share_memory() -> None:
    first = photograph("camera")
    first.zero_()
    assert photograph("camera").max() == 1


@pytest.mark.parametrize(
    ("size", "expected"), [(64, (64, 64)), ((31, 70), (31, 70)), ((1, 9), (1, 9)), (700, (700, 700))]
)
def test_size_is_height_then_width(size: int | tuple[int, int], expected: tuple[int, int]) -> None:
    image = photograph("coffee", size=size)
    assert image.shape == expected
    assert 0 <= image.min() <= image.max() <= 1


def test_size_cuts_the_centre_and_does_not_stretch() -> None:
    """A square of 300 out of 300x451 is the middle window itself."""
    whole = photograph("chelsea")
    assert_close(photograph("chelsea", size=300), whole[:, 75:375], atol=1e-6, rtol=0)


def test_shrinking_averages_instead_of_skipping() -> None:
    """Antialiasing keeps the mean and takes variance away; picking every 8th pixel would not."""
    whole, small = photograph("gravel"), photograph("gravel", size=64)
    assert_close(small.mean(), whole.mean(), atol=2e-3, rtol=0)
    assert small.var() < 0.4 * whole[::8, ::8].var()


@pytest.mark.untyped
@pytest.mark.parametrize("function", [photograph, describe_photograph, credit_photograph])
def test_unknown_name_lists_the_known_ones(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match=r"there is no photograph 'lena'; choose one of astronaut, brick"):
        function("lena")


@pytest.mark.untyped
def test_size_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"photograph: size must be at least 1x1, got 0x5"):
        photograph("camera", size=(0, 5))


@pytest.mark.untyped
@pytest.mark.parametrize("size", [8.0, (8, 9.0), (8,), (8, 9, 10), "8"])
def test_size_is_whole(size: object) -> None:
    with pytest.raises(TypeError, match=r"photograph: size must be a whole number or \(height, width\), got"):
        photograph("camera", size=size)  # type: ignore[arg-type]


@pytest.mark.untyped
def test_integers_of_numpy_are_sizes_too() -> None:
    assert photograph("camera", size=np.int64(8)).shape == (8, 8)  # type: ignore[arg-type]
    assert photograph("camera", size=[8, np.int64(9)]).shape == (8, 9)  # type: ignore[arg-type]
