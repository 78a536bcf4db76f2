"""The two networks that WavPool was compared with: two dense layers without activation, and a small CNN."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .sizes import check_images, checked_size, positive
from .weights import dense, draw


class LinearMLP(nn.Module):
    """Two dense layers with nothing between them: a linear classifier with more weights than it needs.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the images.
    hidden : int
        Width between the two layers.
    classes : int
        Numbers that come out.
    in_channels : int
        Channels of the images.
    generator : torch.Generator, optional
        Draws the weights; torch's own by default.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is smaller than 1.

    References
    ----------
    S. D. McDermott, M. Voetberg, B. Nord, "WavPool: A New Block for Deep Neural Networks",
    arXiv:2306.08734, 2023: the MLP of its comparisons, as its code has it.

    Examples
    --------
    >>> model = LinearMLP((28, 28), hidden=272)
    >>> model(torch.rand(5, 1, 28, 28)).shape, sum(p.numel() for p in model.parameters())
    (torch.Size([5, 10]), 216250)
    """

    def __init__(
        self,
        shape: tuple[int, int],
        hidden: int,
        classes: int = 10,
        in_channels: int = 1,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.shape = checked_size("LinearMLP", "shape", shape)
        self.in_channels = positive("LinearMLP", "in_channels", in_channels)
        inputs, hidden = self.in_channels * math.prod(self.shape), positive("LinearMLP", "hidden", hidden)
        self.first = dense(inputs, hidden, generator)
        self.second = dense(hidden, positive("LinearMLP", "classes", classes), generator)

    def forward(self, x: Float[Tensor, "batch in_channels height width"]) -> Float[Tensor, "batch classes"]:
        """Give one number a class, before the softmax.

        Raises
        ------
        ValueError
            If the images have another shape than the model was made for.
        """
        check_images("LinearMLP", x, (self.in_channels, *self.shape))
        logits: Tensor = self.second(self.first(x.flatten(1)))
        return logits


class VanillaCNN(nn.Module):
    """Two convolutions, each with batch normalisation and ReLU, and a dense layer; nothing is subsampled.

    Each convolution pads one pixel on every side, whatever its kernel, and has no bias.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the images.
    channels : (int, int)
        Maps after the first and after the second convolution.
    kernel : int
        Side of the kernels.
    classes : int
        Numbers that come out.
    in_channels : int
        Channels of the images.
    generator : torch.Generator, optional
        Draws the weights; torch's own by default.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is smaller than 1, or the kernels leave nothing of the image.

    References
    ----------
    S. D. McDermott, M. Voetberg, B. Nord, "WavPool: A New Block for Deep Neural Networks",
    arXiv:2306.08734, 2023: the CNN of its comparisons, as its code has it.

    Examples
    --------
    >>> model = VanillaCNN((28, 28), channels=(19, 12), kernel=3)
    >>> model(torch.rand(5, 1, 28, 28)).shape, sum(p.numel() for p in model.parameters())
    (torch.Size([5, 10]), 96375)
    """

    def __init__(
        self,
        shape: tuple[int, int],
        channels: Sequence[int],
        kernel: int,
        classes: int = 10,
        in_channels: int = 1,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.shape = checked_size("VanillaCNN", "shape", shape)
        self.in_channels = positive("VanillaCNN", "in_channels", in_channels)
        first, second = (positive("VanillaCNN", "channels", count) for count in channels)
        size = [side + 2 * (3 - positive("VanillaCNN", "kernel", kernel)) for side in self.shape]
        if min(size) < 1:
            raise ValueError(
                f"VanillaCNN: kernels of side {kernel} leave nothing of a {self.shape[0]}x{self.shape[1]} "
                f"image; use kernel <= {(min(self.shape) + 5) // 2}."
            )
        self.features = nn.Sequential(
            *_convolution(self.in_channels, first, kernel, generator),
            *_convolution(first, second, kernel, generator),
        )
        self.readout = dense(second * math.prod(size), positive("VanillaCNN", "classes", classes), generator)

    def forward(self, x: Float[Tensor, "batch in_channels height width"]) -> Float[Tensor, "batch classes"]:
        """Give one number a class, before the softmax.

        Raises
        ------
        ValueError
            If the images have another shape than the model was made for.
        """
        check_images("VanillaCNN", x, (self.in_channels, *self.shape))
        logits: Tensor = self.readout(self.features(x).flatten(1))
        return logits


def _convolution(
    inputs: int, outputs: int, kernel: int, generator: torch.Generator | None
) -> tuple[nn.Module, nn.Module, nn.Module]:
    layer = nn.Conv2d(inputs, outputs, kernel, padding=1, bias=False, device="meta")
    layer = layer.to_empty(device=torch.get_default_device())
    draw(layer.weight, inputs * kernel**2, generator)
    return layer, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
