"""Hybrid networks: fixed scattering coefficients in front, a residual network behind."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import Frame
from ..scattering import Scattering2D, scattering_channels
from .scatresnet_trunk import Block, ResidualTrunk, Stem

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class ScatResNet(nn.Module):
    """Classifier of images: normalise, scatter, and let a residual network do the rest.

    ``forward(x) = trunk(encode(x))``, where ``encode`` subtracts ``mean``, divides by ``std`` and scatters
    each colour; its ``channels * K`` maps are ``2**J`` times smaller than the image. Only ``trunk`` learns:
    ``encode`` has no parameters and nothing in the state dict, and where the image needs no gradient it
    keeps nothing for one.

    Parameters
    ----------
    shape
        Images, (height, width), any with ``2**J <= min(shape)``. Weights fit every shape: see `with_shape`.
    J, L, max_order, frame
        As in `scattering.Scattering2D`.
    widths, depths, block, stem, classes, generator
        As in `ResidualTrunk`.
    mean, std
        Of each colour, for images with values in [0, 1]. Their number is the number of colours.

    Raises
    ------
    ValueError
        If ``mean`` and ``std`` differ in length or a ``std`` is not positive; and as the two parts do.

    References
    ----------
    E. Oyallon, E. Belilovsky, S. Zagoruyko and M. Valko, Compressing the input for CNNs with the first-order
    scattering transform, ECCV (2018), section 3.1.

    Examples
    --------
    >>> network = ScatResNet((32, 32), J=2, widths=(16, 32), depths=(1, 1), classes=10)
    >>> x = torch.rand(5, 3, 32, 32)
    >>> tuple(network.encode(x).shape), tuple(network(x).shape)
    ((5, 51, 8, 8), (5, 10))
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        shape: tuple[int, int],
        J: int,
        widths: Sequence[int],
        depths: Sequence[int],
        *,
        block: Block = "basic",
        stem: Stem = "plain",
        max_order: int = 1,
        classes: int = 1000,
        L: int = 8,
        frame: Frame = "kymatio",
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if not mean or len(mean) != len(std) or min(std) <= 0:
            raise ValueError(
                f"ScatResNet: expected a mean and a positive std for each colour, got mean {tuple(mean)} and "
                f"std {tuple(std)}; give as many of both."
            )
        self.scattering = Scattering2D(J, shape, L, max_order, frame=frame)
        maps = len(mean) * scattering_channels(
            self.scattering.J, self.scattering.L, self.scattering.max_order
        )
        for name, values in (("mean", mean), ("std", std)):
            self.register_buffer(name, torch.tensor(values)[:, None, None], persistent=False)
        self.trunk = ResidualTrunk(
            maps, widths, depths, block=block, stem=stem, classes=classes, generator=generator
        )

    def encode(
        self, x: Float[Tensor, "batch colours height width"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """Scattering coefficients of normalised images, colour by colour.

        Parameters
        ----------
        x
            ``(batch, colours, height, width)`` with values in [0, 1], of the network's shape.

        Returns
        -------
        Tensor
            ``(batch, colours * K, height // 2**J, width // 2**J)``; channel ``c * K + k`` is path ``k`` of
            colour ``c``, in the order of `scattering.scattering_paths`.

        Raises
        ------
        TypeError, ValueError
            If ``x`` has another shape, or is complex or holds integers.
        """
        self._check(x)
        return torch.as_tensor(self.scattering((x - self.mean) / self.std)).flatten(1, 2)

    def forward(self, x: Float[Tensor, "batch colours height width"]) -> Float[Tensor, "batch classes"]:
        """Logits of images as `encode` takes them."""
        logits: Tensor = self.trunk(self.encode(x))
        return logits

    def with_shape(self, shape: tuple[int, int]) -> "ScatResNet":
        """Make the network for images of another shape; it shares the trunk with this one, weight by weight.

        Examples
        --------
        >>> network = ScatResNet((32, 32), J=2, widths=(16,), depths=(1,), classes=10)
        >>> larger = network.with_shape((48, 40))
        >>> tuple(larger(torch.rand(1, 3, 48, 40)).shape), larger.trunk is network.trunk
        ((1, 10), True)
        """
        own = self.scattering
        other = ScatResNet.__new__(ScatResNet)
        nn.Module.__init__(other)
        other.scattering = Scattering2D(own.J, shape, own.L, own.max_order, frame=own.frame)
        other.scattering.to(device=self.mean.device, dtype=self.mean.dtype)
        for name, buffer in self.named_buffers(recurse=False):
            other.register_buffer(name, buffer, persistent=False)
        other.trunk = self.trunk
        return other.train(self.training)

    def _check(self, x: Tensor) -> None:
        expected = (len(self.mean), *self.scattering.shape)
        if x.ndim != 4 or tuple(x.shape[1:]) != expected:
            raise ValueError(
                f"ScatResNet: expected images (batch, {', '.join(map(str, expected))}), got "
                f"{tuple(x.shape)}; network.with_shape((height, width)) takes another size, same weights."
            )
        if not x.is_floating_point():
            raise TypeError(
                f"ScatResNet: expected floating-point images with values in [0, 1], got {x.dtype}; "
                "x / 255 makes them of bytes."
            )


def scatresnet10(
    shape: tuple[int, int] = (224, 224),
    J: int = 3,
    max_order: int = 1,
    classes: int = 1000,
    *,
    L: int = 8,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
    generator: torch.Generator | None = None,
) -> ScatResNet:
    """ScatResNet-10: two groups of two basic blocks, 256 and 512 wide, on normalised coefficients.

    Its 11,441,640 parameters (order 1, ``J = 3``, 1000 classes) are the paper's 11.4 million; orders 1 and 2
    make them 12,768,744, for 651 maps come in and not 75.

    Parameters
    ----------
    shape, J, max_order, classes, L, mean, std, generator
        As in `ScatResNet`.

    References
    ----------
    E. Oyallon, E. Belilovsky and S. Zagoruyko, Scaling the scattering transform: deep hybrid networks, ICCV
    (2017).

    Examples
    --------
    >>> network = scatresnet10()
    >>> f"{sum(weights.numel() for weights in network.parameters()):,}"
    '11,441,640'
    """
    return ScatResNet(
        shape, J, (256, 512), (2, 2), block="basic", stem="normalised",
        max_order=max_order, classes=classes, L=L, mean=mean, std=std, generator=generator,
    )  # fmt: skip


def scatresnet50(
    shape: tuple[int, int] = (224, 224),
    J: int = 3,
    max_order: int = 1,
    classes: int = 1000,
    *,
    L: int = 8,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
    generator: torch.Generator | None = None,
) -> ScatResNet:
    """ScatResNet-50: ResNet-50's sixteen bottleneck blocks, in three groups of 5, 8 and 3.

    ResNet-50's first group is left out, for the coefficients are smaller than its maps; the other three have
    ResNet-50's widths, 128, 256 and 512, and share the sixteen blocks. 27,850,856 parameters (``J = 3``, 1000
    classes), the paper's 27.8 million.

    Parameters
    ----------
    shape, J, max_order, classes, L, mean, std, generator
        As in `ScatResNet`.

    Examples
    --------
    >>> network = scatresnet50(shape=(64, 96))
    >>> tuple(network.trunk.features(network.encode(torch.rand(1, 3, 64, 96))).shape)
    (1, 2048, 2, 3)
    """
    return _bottlenecks(1, shape, J, max_order, classes, L, mean, std, generator)


def wide_scatresnet50_2(
    shape: tuple[int, int] = (224, 224),
    J: int = 3,
    max_order: int = 1,
    classes: int = 1000,
    *,
    L: int = 8,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
    generator: torch.Generator | None = None,
) -> ScatResNet:
    """WideScatResNet-50-2: ScatResNet-50 with every map twice, inside the blocks and between them.

    107,015,400 parameters (``J = 3``, 1000 classes); the paper prints 107.2 million. Zagoruyko's
    WideResNet-50-2 doubles only the inside of its blocks and has 68.9 million.

    Parameters
    ----------
    shape, J, max_order, classes, L, mean, std, generator
        As in `ScatResNet`.

    Examples
    --------
    >>> with torch.device("meta"):  # 428 MB otherwise
    ...     network = wide_scatresnet50_2()
    >>> f"{sum(weights.numel() for weights in network.parameters()):,}"
    '107,015,400'
    """
    return _bottlenecks(2, shape, J, max_order, classes, L, mean, std, generator)


def _bottlenecks(
    factor: int,
    shape: tuple[int, int],
    J: int,
    max_order: int,
    classes: int,
    L: int,
    mean: Sequence[float],
    std: Sequence[float],
    generator: torch.Generator | None,
) -> ScatResNet:
    widths = [factor * width for width in (128, 256, 512)]
    return ScatResNet(
        shape, J, widths, (5, 8, 3), block="bottleneck",
        max_order=max_order, classes=classes, L=L, mean=mean, std=std, generator=generator,
    )  # fmt: skip
