"""torchvision's networks, drawn from a generator, and the control whose first layer never learns."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torchvision.models import alexnet
from torchvision.models.resnet import BasicBlock, ResNet

BLOCKS = {10: (1, 1, 1, 1), 18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
"""Residual blocks in each of the four groups; the depth counts their convolutions, the first and the last."""


@contextmanager
def drawing_from(generator: torch.Generator | None) -> Iterator[None]:
    """Let torch's initialisers draw from a generator; None leaves them to torch's own."""
    if generator is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        seed = torch.randint(2**62, (), generator=generator, device=generator.device)
        torch.default_generator.manual_seed(int(seed))
        yield


def standard_alexnet(
    *, classes: int = 1000, dropout: float = 0.5, generator: torch.Generator | None = None
) -> nn.Module:
    """Build torchvision's AlexNet, untrained.

    Parameters
    ----------
    classes
        Numbers that come out.
    dropout
        Of the classifier, while training.
    generator
        Draws the weights; None means torch's own. Generators in the same state give this network and
        `dual_tree_alexnet` the same weights behind the stem.

    Returns
    -------
    Module
        ``(batch, 3, height, width)`` of at least 63x63 to ``(batch, classes)``.

    Examples
    --------
    >>> sum(p.numel() for p in standard_alexnet().parameters())
    61100840
    """
    with drawing_from(generator):
        network: nn.Module = alexnet(weights=None, num_classes=classes, dropout=dropout)
    return network


def standard_resnet(
    depth: int = 34, *, classes: int = 1000, generator: torch.Generator | None = None
) -> nn.Module:
    """Build torchvision's ResNet-18 or ResNet-34, or one of ten layers in the same way, untrained.

    Parameters
    ----------
    depth
        10, 18 or 34.
    classes
        Numbers that come out.
    generator
        As in `standard_alexnet`.

    Returns
    -------
    Module
        ``(batch, 3, height, width)`` to ``(batch, classes)``.

    Raises
    ------
    ValueError
        If the depth is none of these.

    Examples
    --------
    >>> sum(p.numel() for p in standard_resnet(34).parameters())
    21797672
    """
    if depth not in BLOCKS:
        raise ValueError(
            f"standard_resnet: expected depth 10, 18 or 34, got {depth}; deeper ones have other blocks "
            "(torchvision.models.resnet50)."
        )
    with drawing_from(generator):
        network: nn.Module = ResNet(BasicBlock, list(BLOCKS[depth]), num_classes=classes)
    return network


def frozen_first_layer(network: nn.Module) -> nn.Module:
    """Copy a network, with a first convolution that will not learn: the control for frozen wavelets.

    Kernels that stay as they were drawn say what the rest of the network can do alone. Weight decay leaves
    them as they are, too: torch's optimisers skip parameters without a gradient.

    Parameters
    ----------
    network
        Any network with a `torch.nn.Conv2d`. It is not changed.

    Returns
    -------
    Module
        The copy. The first convolution's kernels, and its bias, have ``requires_grad=False``.

    Raises
    ------
    ValueError
        If there is no convolution.

    Examples
    --------
    >>> network = frozen_first_layer(standard_resnet(18, classes=10))
    >>> network.conv1.weight.requires_grad, network.bn1.weight.requires_grad
    (False, True)
    """
    frozen = copy.deepcopy(network)
    first = next((module for module in frozen.modules() if isinstance(module, nn.Conv2d)), None)
    if first is None:
        raise ValueError(
            f"frozen_first_layer: no Conv2d in {type(network).__name__}; give a network that begins with one."
        )
    first.requires_grad_(False)
    return frozen
