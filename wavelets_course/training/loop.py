"""The training loop, as one call."""

import os
from collections.abc import Sequence
from pathlib import Path

from torch import nn

from .config import TrainingConfig
from .data import Data
from .history import History
from .learner import Regularizer
from .run import Callback, Run
from .seeds import kept_random_states


def fit(
    model: nn.Module,
    data: Data,
    config: TrainingConfig | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    resume: bool = True,
    callbacks: Sequence[Callback] = (),
    regularizer: Regularizer | None = None,
) -> History:
    """Train a network to sort images.

    Each step lowers the mean cross-entropy of `config.batch_size` samples (plus, if asked for, a
    regulariser). The same steps are taken, up to rounding, whatever the number of processes, pieces
    (`config.accumulate`) or workers. Two things see only a process's own share of a batch and so change with
    their number: the statistics of batch normalisation (see ``nn.SyncBatchNorm.convert_sync_batchnorm``) and
    dropout.

    Parameters
    ----------
    model : nn.Module
        Images ``(batch, channels, height, width)`` to scores ``(batch, classes)``. It is trained in place:
        moved to the device, and left there with its last weights in evaluation mode. Parameters that require
        no gradient stay as they are.
    data : Data
        What to learn from and judge by.
    config : TrainingConfig, optional
        Everything else; its defaults where None.
    folder : path, optional
        Where checkpoints (``step-...``), the weights of the best epoch (``best.safetensors``) and the table
        ``history.csv`` are kept. Without it nothing is written.
    resume : bool
        Go on from the newest good checkpoint in `folder`, where there is one: on a CPU the result is the same
        to the last bit as if the run had never been stopped. If False, `folder` must hold none.
    callbacks : sequence of callable
        Each is called after each epoch with the model and the history so far; training ends if one returns
        True.
    regularizer : callable, optional
        Model to one real number, weighed by `config.regularization` (which must be positive then). By default
        ``model.regularizer()``, where that weight is positive.

    Returns
    -------
    History

    Raises
    ------
    FloatingPointError
        If the loss is NaN or infinite; the message names step, learning rate and the last good checkpoint.
    CheckpointError
        If a checkpoint cannot be written, or all there are are damaged.
    UnreadableSampleError, DeadWorkerError
        If a sample cannot be loaded, or a process that loads them dies.
    ValueError
        If model, data and config do not fit each other, or not those that `folder` was made with.

    Examples
    --------
    >>> import torch
    >>> generator = torch.Generator().manual_seed(0)
    >>> x = torch.randn(64, 2, generator=generator)
    >>> data = Data((x, (x[:, 0] > x[:, 1]).long()), classes=2)
    >>> history = fit(nn.Linear(2, 2), data, TrainingConfig(epochs=20, batch_size=16))
    >>> history.last.train_loss < 0.3, len(history.losses)
    (True, 80)
    """
    with kept_random_states():
        run = Run(model, data, config or TrainingConfig(), callbacks, regularizer)
        if folder is not None:
            run.open(Path(folder), resume)
        return run.run()
