"""MicroWav: a dense layer for each direction of one Haar level."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...transforms import Detail2d
from .sizes import checked_size, positive
from .weights import draw

DIRECTIONS = 3
"""Details of one level: horizontal, vertical, diagonal."""


class MicroWav(nn.Module):
    r"""Three dense layers, one for each detail of one level, without activation.

    .. math:: y^a = A^a \operatorname{vec}(W^a) + b^a, \qquad a \in \{h, v, d\}.

    Parameters
    ----------
    side : int or (int, int)
        Rows and columns of a detail; one number for a square.
    hidden : int
        Outputs of each of the three layers.
    in_channels : int
        Channels of the image; each layer sees those of its direction together.
    generator : torch.Generator, optional
        Draws the weights; torch's own by default.

    Attributes
    ----------
    weight : Tensor
        ``(3, hidden, in_channels * rows * columns)``; one product with all three is one batched product.
        Drawn as torch draws those of a dense layer: uniform, up to one over the root of its inputs.
    bias : Tensor
        ``(3, hidden)``, drawn alike.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is smaller than 1.

    References
    ----------
    S. D. McDermott, M. Voetberg, B. Nord, "WavPool: A New Block for Deep Neural Networks",
    arXiv:2306.08734, 2023.

    Examples
    --------
    >>> from wavelets_course.transforms import wavedec2
    >>> [detail] = wavedec2(torch.rand(5, 1, 28, 28), "haar", J=1).details
    >>> MicroWav(14, hidden=20)(detail).shape
    torch.Size([5, 20, 3])
    """

    def __init__(
        self,
        side: int | tuple[int, int],
        hidden: int,
        in_channels: int = 1,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.size = checked_size("MicroWav", "side", side)
        self.hidden = positive("MicroWav", "hidden", hidden)
        self.in_channels = positive("MicroWav", "in_channels", in_channels)
        inputs = self.in_channels * math.prod(self.size)
        self.weight = nn.Parameter(torch.empty(DIRECTIONS, self.hidden, inputs))
        self.bias = nn.Parameter(torch.empty(DIRECTIONS, self.hidden))
        draw(self.weight, inputs, generator)
        draw(self.bias, inputs, generator)

    def forward(
        self, detail: Detail2d, directions: int = DIRECTIONS
    ) -> Float[Tensor, "batch hidden {directions}"]:
        """Answer details ``(batch, in_channels, rows, columns)`` of one level.

        Parameters
        ----------
        detail : Detail2d
            The three details.
        directions : int
            Answer the first so many alone.

        Raises
        ------
        ValueError
            If the details have another size.
        """
        expected, got = (self.in_channels, *self.size), tuple(detail[0].shape[1:])
        if got != expected:
            raise ValueError(
                f"MicroWav: expected details (batch, {', '.join(map(str, expected))}), got "
                f"{tuple(detail[0].shape)}; make it for their size: MicroWav({got[1:]}, hidden)."
            )
        x = torch.stack(detail[:directions]).flatten(2)  # (directions, batch, inputs)
        weight, bias = self.weight[:directions], self.bias[:directions, None]
        return torch.baddbmm(bias, x, weight.mT).permute(1, 2, 0)

    def extra_repr(self) -> str:
        """Show the sizes where the layer is printed."""
        return f"{self.size}, hidden={self.hidden}, in_channels={self.in_channels}"
