"""Kernels that pictures ask for: independent components of their patches."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

ITERATIONS = 60


def natural_kernels(
    images: Sequence[Float[Tensor, "_ _"]],
    count: int = 64,
    side: int = 11,
    *,
    patches: int = 20_000,
    generator: torch.Generator,
) -> Float[Tensor, "count 1 side side"]:
    r"""Learn kernels from pictures alone: no network, no labels, seconds.

    Patches, without their means, are taken to be sums of patterns with independent strengths,
    :math:`x = \sum_k s_k a_k`, where most strengths are near 0 and few are large. FastICA finds the patterns
    :math:`a_k`. Of photographs they look like the first layers of trained networks: waves under an envelope,
    of all orientations.

    Parameters
    ----------
    images
        Grey pictures, ``(height, width)`` each, at least as large as a patch.
    count
        Kernels wanted, below ``side**2``: that many leading principal components are kept.
    side
        Of a patch, in pixels.
    patches
        Drawn at random, equally many from each picture.
    generator
        Draws patches and starting points.

    Returns
    -------
    Tensor
        ``(count, 1, side, side)``, float32, each of norm 1.

    Raises
    ------
    ValueError
        If a picture is smaller than a patch, or too many kernels are wanted.

    References
    ----------
    A. J. Bell and T. J. Sejnowski, "The 'independent components' of natural scenes are edge filters", Vision
    Research 37(23), 3327-3338, 1997.

    A. Hyvärinen, "Fast and robust fixed-point algorithms for independent component analysis", IEEE Trans.
    Neural Networks 10(3), 626-634, 1999.

    Examples
    --------
    >>> from wavelets_course.datasets import photograph
    >>> generator = torch.Generator().manual_seed(0)
    >>> kernels = natural_kernels([photograph("camera")], 16, 7, patches=2000, generator=generator)
    >>> tuple(kernels.shape)
    (16, 1, 7, 7)
    """
    _check(images, count, side)
    each = -(-patches // len(images))
    x = torch.cat([_patches(image, side, each, generator) for image in images]).double()
    x = x - x.mean(1, keepdim=True)
    energies, axes = torch.linalg.eigh(x.T @ x / len(x))
    deviations, axes = energies[-count:].clamp_min(0).sqrt(), axes[:, -count:]
    white = x @ axes / deviations
    rotation = _independent(white, torch.randn(count, count, dtype=x.dtype, generator=generator))
    kernels: Tensor = rotation * deviations @ axes.T
    return nn.functional.normalize(kernels).view(count, 1, side, side).float()


def _patches(image: Tensor, side: int, count: int, generator: torch.Generator) -> Tensor:
    rows = torch.randint(image.shape[0] - side + 1, (count,), generator=generator)
    columns = torch.randint(image.shape[1] - side + 1, (count,), generator=generator)
    windows = image.detach().cpu().unfold(0, side, 1).unfold(1, side, 1)
    return windows[rows, columns].flatten(1)


def _independent(white: Tensor, start: Tensor) -> Tensor:
    """Rotate white data so that its coordinates are as independent as can be: FastICA, all at once."""
    rotation = _nearest_rotation(start)
    for _ in range(ITERATIONS):
        strength = torch.tanh(white @ rotation.T)
        slope = (1 - strength.square()).mean(0)
        rotation = _nearest_rotation(strength.T @ white / len(white) - slope[:, None] * rotation)
    return rotation


def _nearest_rotation(matrix: Tensor) -> Tensor:
    left, _, right = torch.linalg.svd(matrix)
    product: Tensor = left @ right
    return product


def _check(images: Sequence[Tensor], count: int, side: int) -> None:
    sizes = [tuple(image.shape) for image in images]
    if not sizes or any(len(size) != 2 or min(size) < side for size in sizes):
        raise ValueError(
            f"natural_kernels: expected grey pictures (height, width) of at least {side}x{side}, got "
            f"{sizes}; take larger ones, or a smaller side."
        )
    if not 1 <= count < side**2:
        raise ValueError(
            f"natural_kernels: expected from 1 to {side**2 - 1} kernels of {side}x{side}, got {count}; "
            "patches without their means have one dimension less than pixels."
        )
