"""Every kernel of a mosaic is where it belongs, with 0 grey and its own contrast."""

import re

import numpy as np
import pytest
import torch

from wavelets_course.figures import kernel_mosaic


def test_kernels_stand_row_by_row(generator: torch.Generator) -> None:
    kernels = torch.randn(5, 3, 4, 6, generator=generator)
    kernels[3] = 0
    before = kernels.clone()
    figure = kernel_mosaic({"first": kernels, "grey": 1e-3 * kernels[:, :1]}, columns=3)
    assert torch.equal(kernels, before)
    first, grey = (np.asarray(axis.get_images()[0].get_array()) for axis in figure.axes)
    assert first.shape == grey.shape == (9, 20, 3)
    for k in range(5):
        top, left = 5 * (k // 3), 7 * (k % 3)
        tile = first[top : top + 4, left : left + 6]
        wanted = kernels[k].permute(1, 2, 0) / max(float(kernels[k].abs().max()), 1e-9) / 2 + 0.5
        np.testing.assert_allclose(tile, wanted.numpy(), atol=1e-6)
        flat = grey[top : top + 4, left : left + 6]
        assert (flat == flat[..., :1]).all()
        assert k == 3 or abs(np.abs(flat - 0.5).max() - 0.5) < 1e-6
    assert (first[4] == 1).all()
    assert (first[5:, 14:] == 1).all()
    assert [axis.get_title() for axis in figure.axes] == ["first", "grey"]
    assert figure.alt == "Convolution kernels side by side. first: 5 kernels of 4x6; grey: 5 kernels of 4x6."
    assert kernel_mosaic({"a": kernels}, alt="Mine.").alt == "Mine."


@pytest.mark.untyped
def test_what_is_no_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        kernel_mosaic({})
    for kernels in (torch.ones(2, 2, 3, 3), torch.ones(3, 3, 3), torch.ones(0, 3, 3, 3)):
        with pytest.raises(ValueError, match=re.escape("(kernels, 1 or 3, height, width), got")):
            kernel_mosaic({"a": kernels})
