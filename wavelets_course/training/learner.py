"""One optimiser step: forward, loss, backward, clip, move."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from .config import TrainingConfig
from .data import check_outputs
from .loading import Batch
from .optimizers import make_optimizer
from .processes import Processes, autocast
from .seeds import seed_everything

Regularizer: TypeAlias = Callable[[nn.Module], Tensor]


class Learner:
    """A model with what moves it: optimiser, loss scale, regulariser.

    Parameters
    ----------
    model : nn.Module
        Trained in place.
    config : TrainingConfig
        How.
    team : Processes
        Where.
    classes : int
        Number of classes.
    regularizer : callable, optional
        See `fit`.

    Attributes
    ----------
    model, optimizer, scaler
        What a checkpoint has to hold.

    Examples
    --------
    >>> from .batches import Share
    >>> learner = Learner(nn.Linear(2, 3), TrainingConfig(), Processes(torch.device("cpu")), classes=3)
    >>> batch = Batch(torch.zeros(1, 2), torch.tensor([0]), Share([0], real=1, fraction=1.0, closes=True))
    >>> learner.learn(batch, 0, 0).shape
    torch.Size([2])
    >>> learner.move(lr=0.1)
    """

    def __init__(
        self,
        model: nn.Module,
        config: TrainingConfig,
        team: Processes,
        classes: int,
        regularizer: Regularizer | None = None,
    ) -> None:
        self.model, self.config, self.team, self.classes = model, config, team, classes
        self.regularizer = _regularizer(model, config, regularizer)
        model.to(team.device)
        if config.channels_last:
            model.to(memory_format=torch.channels_last)
        self.optimizer = make_optimizer(model, config)
        self.scaler = torch.amp.GradScaler(team.device.type, enabled=config.precision == "fp16")
        team.copy_from_main(model)
        # Compiled before it is wrapped: DistributedDataParallel's hooks stay out of the compiler's sight.
        self.runner = team.share_gradients(torch.compile(model) if config.compile else model)  # type: ignore[arg-type]

    def learn(self, batch: Batch, step: int, piece: int) -> Float[Tensor, "2"]:
        """Add one piece's gradient.

        Parameters
        ----------
        batch : Batch
            This process's share of the piece.
        step, piece : int
            Where in the run; dropout's draws follow from it.

        Returns
        -------
        Tensor
            This process's part of the step's loss and of its penalty: the sums over pieces and processes are
            both.
        """
        seed_everything(self.config.seed, step, piece, self.team.index)
        share = batch.share
        with self._syncing(share.closes):
            with autocast(self.team.device, self.config.precision):
                outputs = self.runner(self._laid_out(batch.images))
            check_outputs(outputs, len(batch.labels), self.classes, "fit")
            scores = outputs.to(torch.promote_types(outputs.dtype, torch.float32))
            losses = cross_entropy(
                scores, batch.labels, reduction="none", label_smoothing=self.config.label_smoothing
            )
            loss = losses[: share.real].sum() * share.fraction
            penalty = self._penalty(loss, share.closes)
            # Gradients are averaged over processes, so each process's part of the sum counts that many times.
            self.scaler.scale(loss * self.team.count + penalty).backward()  # type: ignore[no-untyped-call]
        return torch.stack((loss.detach(), penalty.detach() / self.team.count)).float()

    def move(self, lr: float) -> None:
        """Take the step that the gradients ask for, and forget them.

        Parameters
        ----------
        lr : float
            Learning rate.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        if self.config.clip_norm is not None:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)

    def _laid_out(self, images: Tensor) -> Tensor:
        if self.config.channels_last and images.ndim == 4:
            return images.contiguous(memory_format=torch.channels_last)
        return images

    def _penalty(self, loss: Tensor, closes: bool) -> Tensor:
        """Once a step, with its last piece."""
        if self.regularizer is None or not closes:
            return torch.zeros_like(loss)
        value = self.regularizer(self.model)
        if not isinstance(value, Tensor) or value.numel() != 1:
            came = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
            raise ValueError(f"fit: the regularizer must give one number as a tensor, got {came}.")
        return self.config.regularization * value.reshape(()).to(loss)

    def _syncing(self, closes: bool) -> AbstractContextManager[object]:
        """Processes exchange gradients once a step, with its last piece."""
        if closes or not isinstance(self.runner, nn.parallel.DistributedDataParallel):
            return nullcontext()
        waiting: AbstractContextManager[object] = self.runner.no_sync()
        return waiting


def _regularizer(model: nn.Module, config: TrainingConfig, given: Regularizer | None) -> Regularizer | None:
    if not config.regularization:
        if given is not None:
            raise ValueError("fit: a regularizer needs its weight; set TrainingConfig(regularization=...).")
        return None
    if given is None and not callable(getattr(model, "regularizer", None)):
        raise ValueError(
            f"fit: regularization = {config.regularization}, but {type(model).__name__} has none; "
            "pass fit(..., regularizer=...) or set it to 0."
        )
    return given or (lambda model: model.regularizer())  # type: ignore[operator]
