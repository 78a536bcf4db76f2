"""Padding: kymatio's sizes and kymatio's reflected pixels."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from kymatio.scattering2d.backend.torch_backend import backend
from kymatio.scattering2d.utils import compute_padding
from torch.testing import assert_close

from wavelets_course.scattering import margins, padded_shape
from wavelets_course.signals import extend


@settings(deadline=None, max_examples=60)
@given(J=st.integers(1, 4), extra=st.tuples(st.integers(0, 20), st.integers(0, 20)))
def test_kymatio_pads_alike(J: int, extra: tuple[int, int]) -> None:
    height, width = 2**J + extra[0], 2**J + extra[1]
    assert padded_shape((height, width), J) == compute_padding(height, width, J)
    (top, bottom), (left, right) = margins((height, width), J)
    x = torch.arange(height * width, dtype=torch.float64).reshape(height, width)
    theirs = backend.Pad([top, bottom, left, right], [height, width])(x)[..., 0]
    assert_close(extend(x, margins((height, width), J), "reflect"), theirs)


@pytest.mark.parametrize("mode", ["symmetric", "periodic"])
def test_another_boundary_would_be_seen(mode: str) -> None:
    x = torch.randn(8, 8, generator=torch.Generator().manual_seed(0))
    right = extend(x, margins((8, 8), 2), "reflect")
    assert not torch.equal(extend(x, margins((8, 8), 2), mode), right)  # type: ignore[arg-type]


def test_padded_sizes_leave_a_cell_on_each_side() -> None:
    assert padded_shape((31, 224), 3) == (40, 240)
    assert margins((31, 32), 2) == ((2, 3), (4, 4))


@pytest.mark.untyped
def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"padded_shape: expected J >= 1 .* got J = -1"):
        padded_shape((32, 32), -1)
    with pytest.raises(TypeError, match=r"padded_shape: J must be a whole number, got 2\.0"):
        margins((32, 32), 2.0)  # type: ignore[arg-type]
