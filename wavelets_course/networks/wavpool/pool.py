"""WavPool: dense layers on the details of every Haar level, pooled together (McDermott et al., 2023)."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...transforms import Detail2d, Wavelet2d
from .block import Pooling, known_pooling, pool_levels, stack_levels
from .microwav import DIRECTIONS, MicroWav
from .sizes import check_images, checked_size, level_sizes, positive
from .weights import dense


class WavPool(nn.Module):
    r"""Classify images by one `MicroWav` for each Haar level, pooled over width, direction and level.

    One Haar pyramid serves all levels. The answers are padded with zeros, in front, to the width of the
    widest; they are stacked, coarsest level first, into a block ``(hidden, 3, levels)``; the block is
    pooled by cubes of side ``pool_size``, what does not fill a cube at the far end is dropped; a dense
    layer reads the rest. With "average" the network is affine; with "max" pooling is all that is not.

    Because the far ends are dropped, whole parts of the network may have no say: with three directions and
    cubes of side 2 the diagonal one, with an odd number of levels also the finest, which holds most of the
    weights. `silent_weights` counts them.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the images, any; odd sides are extended by mirroring, level by level.
    hidden : int
        Width of the finest level's `MicroWav`.
    pool_size : int
        Side of the pooled cubes, at most 3, the number of levels, and ``hidden``.
    pooling : {"max", "average"}
        What a cube becomes.
    hidden_layer_scaling : bool
        Level ``j``, 0 the finest, has width ``hidden // (j + 1)``; otherwise all have ``hidden``.
    classes : int
        Numbers that come out.
    in_channels : int
        Channels of the images.
    J : int, optional
        Number of levels; None takes all that the image has.
    generator : torch.Generator, optional
        Draws the weights; torch's own by default.

    Attributes
    ----------
    levels : torch.nn.ModuleList of MicroWav
        Finest first, as everywhere in this package.
    readout : torch.nn.Linear
        From the pooled block, flattened in the order (hidden, direction, level), to the classes.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is too small, the pooling unknown, or a cube larger than the block.

    References
    ----------
    S. D. McDermott, M. Voetberg, B. Nord, "WavPool: A New Block for Deep Neural Networks",
    arXiv:2306.08734, 2023.

    Examples
    --------
    >>> model = WavPool((28, 28), hidden=268, pool_size=2)
    >>> model(torch.rand(5, 1, 28, 28)).shape
    torch.Size([5, 10])
    >>> model.hidden_sizes, sum(p.numel() for p in model.parameters())
    ((268, 134, 89, 67), 186722)
    """

    def __init__(
        self,
        shape: tuple[int, int],
        hidden: int,
        pool_size: int = 2,
        pooling: Pooling = "max",
        hidden_layer_scaling: bool = True,
        classes: int = 10,
        in_channels: int = 1,
        *,
        J: int | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.shape = checked_size("WavPool", "shape", shape)
        self.in_channels = positive("WavPool", "in_channels", in_channels)
        self.hidden, classes = positive("WavPool", "hidden", hidden), positive("WavPool", "classes", classes)
        self.pool_size, self.pooling = positive("WavPool", "pool_size", pool_size), known_pooling(pooling)
        self._sizes = sizes = level_sizes(self.shape, J)
        self.wavelet = Wavelet2d("haar", len(sizes))
        self.hidden_sizes = tuple(
            self.hidden // (j + 1) if hidden_layer_scaling else self.hidden for j in range(len(sizes))
        )
        self._check_block()
        self.levels = nn.ModuleList(
            MicroWav(size, width, in_channels, generator=generator)
            for size, width in zip(sizes, self.hidden_sizes, strict=True)
        )
        pooled = (side // self.pool_size for side in self.block_shape)
        self.readout = dense(math.prod(pooled), classes, generator)

    def forward(self, x: Float[Tensor, "batch in_channels height width"]) -> Float[Tensor, "batch classes"]:
        """Give one number a class, before the softmax, for images of the shape that the model was made for.

        Raises
        ------
        ValueError
            If the images have another shape.
        """
        check_images("WavPool", x, (self.in_channels, *self.shape))
        _, directions, levels = self._heard()
        pairs = self._coarsest_first(x)
        answers = [level(detail, directions) for level, detail in pairs[:levels]]
        pooled = pool_levels(answers, self.hidden, self.pool_size, self.pooling)
        logits: Tensor = self.readout(pooled.flatten(1))
        # What pooling drops is not computed; its weights still get a gradient, which is 0.
        return logits + sum(p[:0].sum() for level, _ in pairs[levels:] for p in level.parameters())

    def block(self, x: Float[Tensor, "batch in_channels height width"]) -> Float[Tensor, "batch hidden 3 J"]:
        """Give the whole block before pooling: all answers, coarsest level first, zeros in front."""
        check_images("WavPool", x, (self.in_channels, *self.shape))
        return stack_levels([level(detail) for level, detail in self._coarsest_first(x)], self.hidden)

    @property
    def block_shape(self) -> tuple[int, int, int]:
        """``(hidden, 3, levels)``."""
        return self.hidden, DIRECTIONS, len(self.hidden_sizes)

    def silent_weights(self) -> int:
        """Count the weights and biases of `levels` whose outputs pooling drops: they never change an answer.

        Examples
        --------
        >>> WavPool((32, 32), hidden=224, pool_size=2).silent_weights()
        181610
        """
        hidden, directions, levels = self._heard()
        dropped = self.hidden - hidden  # units at the far end, which every level has
        heard = 0
        for width, size in list(zip(self.hidden_sizes, self._sizes, strict=True))[::-1][:levels]:
            heard += directions * max(0, width - dropped) * (self.in_channels * math.prod(size) + 1)
        return sum(p.numel() for p in self.levels.parameters()) - heard

    def extra_repr(self) -> str:
        """Show the settings where the model is printed."""
        return f"{self.shape}, pool_size={self.pool_size}, pooling={self.pooling!r}"

    def _heard(self) -> tuple[int, int, int]:
        """How far whole cubes reach along each axis of the block."""
        hidden, directions, levels = (side // self.pool_size * self.pool_size for side in self.block_shape)
        return hidden, directions, levels

    def _coarsest_first(self, x: Tensor) -> list[tuple[nn.Module, Detail2d]]:
        return list(zip(self.levels, self.wavelet(x).details, strict=True))[::-1]

    def _check_block(self) -> None:
        if 0 in self.hidden_sizes:
            raise ValueError(
                f"WavPool: hidden = {self.hidden} leaves no unit for the coarsest of "
                f"{len(self.hidden_sizes)} levels; use hidden >= {len(self.hidden_sizes)}, or "
                "hidden_layer_scaling=False."
            )
        if self.pool_size > min(self.block_shape):
            raise ValueError(
                f"WavPool: pool_size = {self.pool_size} does not fit the block (hidden, directions, levels) "
                f"= {self.block_shape}; use at most {min(self.block_shape)}."
            )
