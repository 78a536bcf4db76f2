"""What the training of a detector did, epoch by epoch and step by step."""

import math
from dataclasses import dataclass
from pathlib import Path

from .history import table


@dataclass(frozen=True)
class DetectionRecord:
    """One epoch of a detector's training.

    Attributes
    ----------
    epoch, step : int
        Epochs and optimiser steps done.
    lr : float
        Learning rate of the epoch's last step.
    train_loss : float
        Mean over the epoch's images of the sum of the four losses that follow.
    loss_classifier, loss_box_reg : float
        Which class, and which box: of the regions.
    loss_objectness, loss_rpn_box_reg : float
        Object or not, and which box: of the proposals.
    mean_ap, mean_ap_50 : float
        See `DetectionScores`; NaN where nothing was validated.
    samples_per_second : float
        Images trained on a second, all processes together, without validation.
    seconds : float
        Wall-clock time of the epoch with everything.
    peak_memory : int
        Bytes, see `Record`.
    """

    epoch: int
    step: int
    lr: float
    train_loss: float
    loss_classifier: float = math.nan
    loss_box_reg: float = math.nan
    loss_objectness: float = math.nan
    loss_rpn_box_reg: float = math.nan
    mean_ap: float = math.nan
    mean_ap_50: float = math.nan
    samples_per_second: float = math.nan
    seconds: float = math.nan
    peak_memory: int = 0


@dataclass(frozen=True)
class DetectionHistory:
    """Record of one training run of a detector.

    Attributes
    ----------
    records : tuple of DetectionRecord
        One for each epoch.
    losses : tuple of float
        Training loss of each optimiser step, as it was before that step.

    Examples
    --------
    >>> rows = tuple(DetectionRecord(n, n, 0.1, 1 / n, mean_ap_50=ap) for n, ap in ((1, 0.5), (2, 0.4)))
    >>> history = DetectionHistory(rows, (1.0, 0.5))
    >>> history.last.epoch, history.best.epoch
    (2, 1)
    """

    records: tuple[DetectionRecord, ...] = ()
    losses: tuple[float, ...] = ()

    @property
    def last(self) -> DetectionRecord:
        """The last epoch.

        Raises
        ------
        ValueError
            If there is none.
        """
        if not self.records:
            raise ValueError("DetectionHistory: no epoch was trained.")
        return self.records[-1]

    @property
    def best(self) -> DetectionRecord:
        """The first epoch of highest `mean_ap_50`, or of lowest loss where nothing was validated.

        Raises
        ------
        ValueError
            If there is no epoch.
        """
        self.last  # noqa: B018  (refuses an empty history)
        return max(self.records, key=_merit)

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
        return table(DetectionRecord, self.records, path)


def _merit(record: DetectionRecord) -> tuple[bool, float]:
    judged = not math.isnan(record.mean_ap_50)
    return judged, record.mean_ap_50 if judged else -record.train_loss
