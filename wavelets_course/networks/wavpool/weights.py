"""Dense layers drawn by a generator of one's own."""

import math

import torch
from torch import Tensor, nn


def dense(inputs: int, outputs: int, generator: torch.Generator | None) -> nn.Linear:
    """Make a dense layer whose weights the generator draws, and nothing else is drawn."""
    layer = nn.Linear(inputs, outputs, device="meta").to_empty(device=torch.get_default_device())
    for parameter in layer.parameters():
        draw(parameter, inputs, generator)
    return layer


def draw(parameter: Tensor, inputs: int, generator: torch.Generator | None) -> None:
    """Draw weights or biases of units with so many inputs as torch does: uniform, up to 1 / sqrt(inputs)."""
    bound = 1 / math.sqrt(inputs)
    nn.init.uniform_(parameter, -bound, bound, generator=generator)
