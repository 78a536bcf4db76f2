"""One grey for all photographs of the package."""

import torch
from jaxtyping import Float
from torch import Tensor

WEIGHTS = (0.2125, 0.7154, 0.0721)
"""Red, green and blue of the luminance (ITU-R BT.709), as scikit-image rounds them."""


def luminance(pixels: Float[Tensor, "3 height width"]) -> Float[Tensor, "height width"]:
    """Weigh red, green and blue as they are stored, gamma-encoded; float32."""
    weights = torch.tensor(WEIGHTS, dtype=torch.float64)
    return torch.einsum("c,chw->hw", weights, pixels.double()).float()
