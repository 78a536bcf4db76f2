"""The optimiser of a training run."""

import torch
from torch import nn

from .config import TrainingConfig


def make_optimizer(model: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    """Make the optimiser for those parameters of a model that require a gradient.

    Parameters
    ----------
    model : nn.Module
        Frozen parameters (``requires_grad`` False) are left as they are.
    config : TrainingConfig
        Its `optimizer`, `lr`, `momentum`, `nesterov` and `weight_decay` count.

    Returns
    -------
    torch.optim.Optimizer

    Raises
    ------
    ValueError
        If nothing is to be trained.

    References
    ----------
    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019, for AdamW.

    Examples
    --------
    >>> model = nn.Linear(3, 2)
    >>> model.bias.requires_grad_(False).requires_grad
    False
    >>> [group["params"] == [model.weight] for group in make_optimizer(model, TrainingConfig()).param_groups]
    [True]
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trained:
        raise ValueError(
            "fit: the model has no parameter that requires a gradient; unfreeze some, or only evaluate it."
        )
    if config.optimizer == "adamw":
        return torch.optim.AdamW(trained, lr=config.lr, weight_decay=config.weight_decay)
    return torch.optim.SGD(
        trained,
        lr=config.lr,
        momentum=config.momentum,
        nesterov=config.nesterov,
        weight_decay=config.weight_decay,
    )
