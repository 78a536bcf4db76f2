"""What a training run did, epoch by epoch and step by step."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Record:
    """One epoch.

    Attributes
    ----------
    epoch : int
        Epochs done, so 1 for the first.
    step : int
        Optimiser steps done.
    lr : float
        Learning rate of the epoch's last step.
    train_loss : float
        Mean over the epoch's samples, each as it was met: cross-entropy with label smoothing.
    penalty : float
        Mean of the regulariser's part, to be added to it; 0 without one.
    validation_loss : float
        Cross-entropy, without label smoothing; NaN where there was no validation, as `top1` and `top5`.
    top1, top5 : float
        Share of validation images whose class is first, or among the first five.
    samples_per_second : float
        Training throughput, all processes together, without validation.
    seconds : float
        Wall-clock time of the epoch with everything, as far as this process saw it.
    peak_memory : int
        Bytes: most memory that tensors took on the GPU in this epoch; on a CPU the most that the process held
        since it began.
    """

    epoch: int
    step: int
    lr: float
    train_loss: float
    penalty: float = 0.0
    validation_loss: float = math.nan
    top1: float = math.nan
    top5: float = math.nan
    samples_per_second: float = math.nan
    seconds: float = math.nan
    peak_memory: int = 0


@dataclass(frozen=True)
class History:
    """Record of one training run.

    Attributes
    ----------
    records : tuple of Record
        One for each epoch.
    losses : tuple of float
        Training loss of each optimiser step, as it was before that step.
    penalties : tuple of float
        The regulariser's part besides, step by step.
    reason : {"epochs", "patience", "callback"}
        Why it ended: all epochs done, no new best for too long, or a callback said so.

    Examples
    --------
    >>> rows = tuple(Record(epoch, epoch, 0.1, 1 / epoch, top1=top) for epoch, top in ((1, 0.5), (2, 0.4)))
    >>> history = History(rows, (1.0, 0.5))
    >>> history.last.epoch, history.best.epoch
    (2, 1)
    """

    records: tuple[Record, ...] = ()
    losses: tuple[float, ...] = ()
    penalties: tuple[float, ...] = ()
    reason: str = "epochs"

    @property
    def last(self) -> Record:
        """The last epoch.

        Raises
        ------
        ValueError
            If there is none.
        """
        self._refuse_if_empty()
        return self.records[-1]

    @property
    def best(self) -> Record:
        """The epoch of highest top-1 (the first such), or of lowest training loss where nothing was
        validated.

        Raises
        ------
        ValueError
            If there is no epoch.
        """
        self._refuse_if_empty()
        return max(self.records, key=merit)

    def to_csv(self, path: Path | str | None = None) -> str:
        """Write one line for each epoch, with a header.

        Parameters
        ----------
        path : path, optional
            A file to write besides.

        Returns
        -------
        str
            What the file holds.
        """
        return table(Record, self.records, path)

    def _refuse_if_empty(self) -> None:
        if not self.records:
            raise ValueError("History: no epoch was trained.")


def table(kind: type, records: Sequence[Any], path: Path | str | None = None) -> str:
    """Write records as CSV, one line each, under a header.

    Parameters
    ----------
    kind : type
        The records' dataclass; its fields are the columns.
    records : sequence
        Of that class.
    path : path, optional
        A file to write besides.

    Returns
    -------
    str
        What the file holds.

    Examples
    --------
    >>> table(Record, [])[:14]
    'epoch,step,lr,'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(kind))
    writer.writerows(astuple(record) for record in records)
    if path is not None:
        Path(path).write_text(text.getvalue(), encoding="utf-8")
    return text.getvalue()


def merit(record: Record) -> tuple[bool, float]:
    """Rank an epoch: by top-1 where it was validated, else by training loss.

    Parameters
    ----------
    record : Record
        An epoch.

    Returns
    -------
    tuple
        Higher is better.

    Examples
    --------
    >>> merit(Record(1, 1, 0.1, 0.3, top1=0.9)) > merit(Record(2, 2, 0.1, 0.2, top1=0.8))
    True
    """
    validated = not math.isnan(record.top1)
    return validated, record.top1 if validated else -record.train_loss
