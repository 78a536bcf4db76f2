"""A training run: epochs of steps, each epoch judged and recorded."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from tqdm import tqdm

from .batches import Plan
from .config import TrainingConfig
from .data import Data, Samples
from .evaluation import Look, Scores, score
from .folder import RunFolder
from .history import History, Record, merit
from .learner import Learner, Regularizer
from .loading import Feed
from .memory import forget_peak, peak_memory
from .processes import join_processes
from .schedules import rate_multiple

Callback: TypeAlias = Callable[[nn.Module, History], Any]

STEPS_UNSEEN = 20
"""On a GPU or with many processes the losses are looked at once in so many steps: a look makes all wait."""


class Run:
    """One training run, in one of its processes.

    Parameters
    ----------
    model, data, config, callbacks, regularizer
        See `fit`.
    """

    def __init__(
        self,
        model: nn.Module,
        data: Data,
        config: TrainingConfig,
        callbacks: Sequence[Callback],
        regularizer: Regularizer | None,
    ) -> None:
        self.config, self.callbacks, self.classes = config, callbacks, data.classes
        self.team = join_processes(config.device)
        self.learner = Learner(model, config, self.team, data.classes, regularizer)
        self.feed = self._feed(data.train, "training data", data)
        self.judge = None if data.validation is None else self._feed(data.validation, "validation data")
        self.plan = self.feed.plan
        if self.plan.steps == 0:
            raise ValueError(
                f"fit: drop_last leaves none of {self.plan.count} samples in batches of {config.batch_size}; "
                "take smaller batches."
            )
        self.step, self.reason = 0, "epochs"
        self.losses: list[float] = []
        self.penalties: list[float] = []
        self.folder: RunFolder | None = None
        self.unseen: list[Tensor] = []
        self.records: tuple[Record, ...] = ()
        alone_on_cpu = self.team.count == 1 and self.team.device.type == "cpu"
        self.steps_unseen = 1 if alone_on_cpu else STEPS_UNSEEN

    @property
    def history(self) -> History:
        """What was done so far."""
        return History(self.records, tuple(self.losses), tuple(self.penalties), self.reason)

    def open(self, folder: Path, resume: bool) -> None:
        """Keep checkpoints and logs in a folder, and go on from what it holds."""
        self.folder = RunFolder(folder, self.learner, self.config, self.plan.count, self.team)
        history = self.folder.open(resume)
        self.records, self.reason = history.records, "epochs"
        self.losses, self.penalties = list(history.losses), list(history.penalties)
        self.step = len(self.losses)
        if history.reason == "callback":
            self.reason = "callback"
        elif self.records and self.step % self.plan.steps == 0:
            self._lose_patience()

    def run(self) -> History:
        """Train what is left."""
        self.learner.model.train()
        try:
            with self._bar() as self.bar:
                self._run_epochs()
        finally:
            self.learner.model.eval()
            if self.folder is not None:
                self.folder.close()
        return self.history

    def _run_epochs(self) -> None:
        for epoch in range(self.step // self.plan.steps, self.config.epochs):
            if self.reason != "epochs":
                break
            self.bar.set_description(f"epoch {epoch + 1} of {self.config.epochs}", refresh=False)
            self.records = (*self.records, self._epoch(epoch))
            self._close_epoch()

    def _epoch(self, epoch: int) -> Record:
        """Train an epoch, or what is left of it, and judge it."""
        began, first = time.perf_counter(), self.step
        forget_peak(self.team.device)
        self._train(epoch)
        seconds, samples = time.perf_counter() - began, self._samples(first)
        loss, penalty = self._means(epoch)
        scores = self._judge(epoch)
        return Record(
            epoch=epoch + 1,
            step=self.step,
            lr=self._lr(self.step - 1),
            train_loss=loss,
            penalty=penalty,
            validation_loss=math.nan if scores is None else scores.loss,
            top1=math.nan if scores is None else scores.top1,
            top5=math.nan if scores is None else scores.top5,
            samples_per_second=samples / seconds,
            seconds=time.perf_counter() - began,
            peak_memory=peak_memory(self.team.device),
        )

    def _train(self, epoch: int) -> None:
        pieces: list[Tensor] = []
        for batch in self.feed.batches(epoch, first=self.step % self.plan.steps):
            pieces.append(self.learner.learn(batch, self.step, len(pieces)))
            if not batch.share.closes:
                continue
            self.learner.move(self._lr(self.step))
            self.unseen.append(torch.stack(pieces).sum(0))
            self.step += 1
            pieces = []
            if len(self.unseen) >= self.steps_unseen:
                self._look()
            self.bar.update(self.plan.size((self.step - 1) % self.plan.steps))
            self._save_between()
        self._look()
        self._refuse_broken_weights()

    def _save_between(self) -> None:
        """Write a checkpoint in the middle of an epoch, if one is due."""
        every, ends = self.config.checkpoint_every, self.step % self.plan.steps == 0
        if self.folder is None or every is None or self.step % every or ends:
            return
        self._look()
        self._refuse_broken_weights()
        self.folder.save(self.history)

    def _look(self) -> None:
        """Fetch the losses of the last steps; stop at one that is no number."""
        if not self.unseen:
            return
        first = self.step - len(self.unseen)
        found = self.team.total(torch.stack(self.unseen)).tolist()
        self.unseen = []
        for step, (loss, penalty) in enumerate(found, start=first):
            if not math.isfinite(loss + penalty):
                raise FloatingPointError(self._broken(step, f"the loss is {loss + penalty} at"))
            self.losses.append(loss)
            self.penalties.append(penalty)
        self.bar.set_postfix_str(self._said(), refresh=False)

    def _refuse_broken_weights(self) -> None:
        """A finite loss may have an infinite gradient: no such weights are saved."""
        if not all(parameter.isfinite().all() for parameter in self.learner.model.parameters()):
            raise FloatingPointError(self._broken(self.step - 1, "a weight is not finite after"))

    def _broken(self, step: int, what: str) -> str:
        total = self.config.epochs * self.plan.steps
        kept = "" if self.folder is None else f" {self.folder.last_good()}"
        return (
            f"fit: {what} step {step + 1} of {total} (epoch {step // self.plan.steps + 1}, "
            f"lr = {self._lr(step):.3g}); lower lr, warm up for longer, set clip_norm, or look for infinite "
            f"pixels in the data.{kept}"
        )

    def _judge(self, epoch: int) -> Scores | None:
        due = (epoch + 1) % self.config.evaluate_every == 0 or epoch + 1 == self.config.epochs
        if self.judge is None or not due:
            return None
        self.team.copy_from_main(self.learner.model)  # running statistics differ between processes
        look = Look(self.config.precision, self.config.channels_last)
        return score(self.learner.model, self.judge.batches(0), self.classes, look)

    def _close_epoch(self) -> None:
        """Decide whether to end, then write it all down."""
        history = self.history
        wishes = [callback(self.learner.model, history) for callback in self.callbacks]
        if any(wish is True for wish in wishes):
            self.reason = "callback"
        else:
            self._lose_patience()
        if self.folder is not None:
            self.folder.close_epoch(self.history)

    def _lose_patience(self) -> None:
        """Whether too many evaluations went by without a new best."""
        judged = [record for record in self.records if not math.isnan(record.top1)] or list(self.records)
        waited = len(judged) - 1 - judged.index(max(judged, key=merit))
        if self.config.patience is not None and waited >= self.config.patience:
            self.reason = "patience"

    def _lr(self, step: int) -> float:
        return self.config.lr * rate_multiple(self.config, step, self.plan.steps)

    def _samples(self, first: int) -> int:
        """Samples trained on from a step to now."""
        return sum(self.plan.size(step % self.plan.steps) for step in range(first, self.step))

    def _means(self, epoch: int) -> tuple[float, float]:
        """Mean loss and penalty of an epoch's samples."""
        here = range(epoch * self.plan.steps, self.step)
        sizes = [self.plan.size(step % self.plan.steps) for step in here]
        return tuple(  # type: ignore[return-value]
            sum(values[step] * size for step, size in zip(here, sizes, strict=True)) / sum(sizes)
            for values in (self.losses, self.penalties)
        )

    def _feed(self, samples: Samples, name: str, data: Data | None = None) -> Feed:
        """Training data where `data` is given, else data to judge by."""
        config, training = self.config, data is not None
        plan = Plan(
            len(samples),
            config.batch_size,
            config.accumulate if training else 1,
            config.seed,
            shuffle=config.shuffle and training,
            drop_last=config.drop_last and training,
            process=self.team.index,
            processes=self.team.count,
        )
        augment = None if data is None else data.augment
        return Feed(
            samples,
            plan,
            classes=self.classes,
            augment=augment,
            workers=config.workers,
            device=self.team.device,
            name=name,
        )

    def _bar(self) -> Any:
        hidden = None if self.config.progress is None else not self.config.progress
        total, done = (
            self._samples_until(step) for step in (self.config.epochs * self.plan.steps, self.step)
        )
        return tqdm(
            total=total,
            initial=done,
            unit="image",
            unit_scale=True,
            disable=hidden if self.team.main else True,
        )

    def _samples_until(self, step: int) -> int:
        epochs, rest = divmod(step, self.plan.steps)
        whole = sum(map(self.plan.size, range(self.plan.steps)))
        return epochs * whole + sum(map(self.plan.size, range(rest)))

    def _said(self) -> str:
        judged = [record for record in self.records if not math.isnan(record.top1)]
        return f"loss {self.losses[-1]:.3f}" + (f", top-1 {judged[-1].top1:.1%}" if judged else "")
