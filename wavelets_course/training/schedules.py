"""The learning rate's course: a function of the step alone, so that nothing needs to be remembered."""

import math

from .config import TrainingConfig


def rate_multiple(config: TrainingConfig, step: int, steps_per_epoch: int) -> float:
    r"""Give what the learning rate is multiplied by at a step.

    With :math:`e` the epochs done and :math:`E` their number:

    - ``"constant"``: 1
    - ``"step"``: :math:`\gamma^m`, m the milestones reached (or :math:`\lfloor e / \text{step\_size}
      \rfloor`)
    - ``"cosine"``: :math:`(1 + \cos \pi t) / 2`, t going from 0 at the end of the warm-up to 1 after the last
      step

    During a warm-up over :math:`w` steps it is multiplied by :math:`(\text{step} + 1) / w`: the first step
    does move, and the last of them has the full rate.

    Parameters
    ----------
    config : TrainingConfig
        Its `schedule`, `epochs`, `warmup_epochs`, `step_size`, `milestones` and `gamma` count.
    step : int
        Optimiser steps taken before.
    steps_per_epoch : int
        Optimiser steps of one epoch.

    Returns
    -------
    float

    References
    ----------
    I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, for the
    cosine. P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", arXiv:1706.02677,
    2017, for the warm-up.

    Examples
    --------
    >>> config = TrainingConfig(epochs=4, schedule="cosine")
    >>> [round(rate_multiple(config, step, steps_per_epoch=1), 3) for step in range(4)]
    [1.0, 0.854, 0.5, 0.146]
    """
    warmup = config.warmup_epochs * steps_per_epoch
    rise = min(1.0, (step + 1) / warmup) if warmup else 1.0
    epoch = step // steps_per_epoch
    if config.schedule == "constant":
        return rise
    if config.schedule == "step":
        reached = sum(epoch >= milestone for milestone in config.milestones)
        return rise * config.gamma ** (reached if config.milestones else epoch // config.step_size)
    left = config.epochs * steps_per_epoch - warmup
    done = min(1.0, max(0.0, (step - warmup) / left)) if left > 0 else 0.0
    return rise * (1 + math.cos(math.pi * done)) / 2
