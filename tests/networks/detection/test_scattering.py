"""Tiles give what the whole image gives, at any size, with one bank and no state."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from wavelets_course import laws
from wavelets_course.datasets import photograph
from wavelets_course.networks.detection.scattering import TiledScattering
from wavelets_course.scattering import Scattering2D

WHOLE = Scattering2D(3, (256, 384), L=4, max_order=1)
IMAGE = photograph("camera")[:256, :384]
INSIDE = (..., slice(3, -3), slice(3, -3))  # the two extend the image by different lengths


def gap(tiled: TiledScattering) -> float:
    whole = torch.as_tensor(WHOLE(IMAGE))[1:]
    return laws.relative_error(tiled(IMAGE)[1:][INSIDE], whole[INSIDE])


def test_tiles_are_the_whole_image() -> None:
    assert gap(TiledScattering(3, L=4, tile=128)) < 5e-4
    assert gap(TiledScattering(3, L=4, tile=256)) < 5e-4


def test_a_margin_too_narrow_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wavelets_course.networks.detection.scattering.REACH", 1)
    assert gap(TiledScattering(3, L=4, tile=128)) > 5e-3


def test_joined_in_their_places() -> None:
    """A single bright spot answers in its own cell, wherever it lies among the tiles."""
    tiled = TiledScattering(3, L=4, tile=88)  # 40 pixels inside
    for y, x in ((9, 17), (49, 97), (89, 57), (129, 9)):
        image = torch.zeros(140, 110)
        image[y, x] = 1
        order_0 = tiled(image)[0]
        assert order_0.shape == (18, 14)
        assert divmod(int(order_0.argmax()), 14) == (y // 8, x // 8)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 150), st.integers(1, 150), st.integers(1, 3))
def test_any_size(height: int, width: int, J: int) -> None:
    S = TiledScattering(J, L=2, tile=64)(torch.rand(2, 3, height, width))
    cell = 2**J
    assert S.shape == (2, 3, 1 + 2 * J, -(-height // cell), -(-width // cell))
    assert S.isfinite().all()


def test_one_bank_for_all_sizes_and_nothing_to_save() -> None:
    tiled = TiledScattering(3, L=4, tile=128)
    before = [buffer.data_ptr() for buffer in tiled.buffers()]
    for side in (40, 200, 333):
        tiled(torch.rand(side, side))
    assert [buffer.data_ptr() for buffer in tiled.buffers()] == before
    assert not tiled.state_dict()
    assert not list(tiled.parameters())
    assert_close(copy.deepcopy(tiled)(IMAGE), tiled(IMAGE))


def test_batches_are_independent_and_may_be_empty(generator: torch.Generator) -> None:
    tiled = TiledScattering(2, L=2, tile=64)
    x = torch.rand(3, 1, 70, 50, generator=generator)
    assert_close(tiled(x)[1:2], tiled(x[1:2]))
    assert tiled(x[:0]).shape == (0, 1, 5, 18, 13)


def test_gradient_reaches_the_image(generator: torch.Generator) -> None:
    tiled = TiledScattering(2, L=2, tile=32).double()
    x = torch.rand(20, 18, generator=generator, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(tiled, (x,), fast_mode=True)


def test_sixteen_bits(generator: torch.Generator) -> None:
    tiled = TiledScattering(3, L=4, tile=128)
    x = torch.rand(3, 96, 96, generator=generator)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert_close(tiled(x), tiled(x))
        assert tiled(x).dtype == torch.float32
    assert tiled(x.bfloat16()).dtype == torch.bfloat16


@pytest.mark.untyped
def test_it_can_be_exported(generator: torch.Generator) -> None:
    tiled, x = TiledScattering(2, L=2, tile=64), torch.rand(2, 3, 70, 50, generator=generator)
    exported = torch.export.export(tiled, (x,)).module()
    assert_close(exported(x), tiled(x))


@pytest.mark.untyped
def test_what_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"tile that is a multiple of 2\*\*J = 8 and at least 56 pixels, got 60"
    ):
        TiledScattering(3, tile=60)
    with pytest.raises(ValueError, match="at least 56 pixels, got 48"):
        TiledScattering(3, tile=48)
    with pytest.raises(ValueError, match="at least one pixel, got 0x8"):
        TiledScattering(3, tile=64)(torch.rand(0, 8))
    with pytest.raises(TypeError, match=r"floating-point image, got torch\.uint8"):
        TiledScattering(3, tile=64)(torch.zeros(8, 8, dtype=torch.uint8))
    with pytest.raises(TypeError, match="TiledScattering: expected a real image"):
        TiledScattering(3, tile=64)(torch.zeros(8, 8, dtype=torch.complex64))
