"""The folder of a detector's run: a checkpoint after each epoch, the best weights, and a table."""

from dataclasses import asdict
from pathlib import Path

from .checkpoints import Checkpoint, Checkpoints
from .config import TrainingConfig
from .detection_history import DetectionHistory, DetectionRecord
from .history import History
from .learner import Learner
from .processes import Processes, broadcast_object_list
from .state import restore, take
from .weights import PREFIX

RECORDS = "detection records"


class DetectionFolder:
    """What a detector's run keeps. Process 0 reads and writes it.

    Parameters
    ----------
    folder
        Made if it is not there.
    learner
        Saved and restored.
    config
        Of the run.
    samples
        Training images there are.
    team
        This process among all.
    """

    def __init__(
        self, folder: Path, learner: Learner, config: TrainingConfig, samples: int, team: Processes
    ) -> None:
        self.learner, self.config, self.samples, self.team = learner, config, samples, team
        self.store = Checkpoints(folder, config.keep_last)

    def open(self, resume: bool) -> DetectionHistory:
        """Go on from the newest good checkpoint, where there is one.

        Raises
        ------
        ValueError
            If there are checkpoints and ``resume`` is False, or they are of another run.
        """
        if not resume and self.store.paths():
            raise ValueError(
                f"fit_detector: {self.store.folder} holds checkpoints of a run, and resume is False; take "
                "another folder, or resume=True to go on."
            )
        found: list[Checkpoint | None] = [None]
        if self.team.main:
            self.store.clean()
            found = [self.store.newest()]
        if self.team.count > 1:
            broadcast_object_list(found)
        checkpoint = found[0]
        if checkpoint is None:
            return DetectionHistory()
        if RECORDS not in checkpoint.facts:
            raise ValueError(
                f"fit_detector: the checkpoint in {self.store.folder} is no detector's; take another folder."
            )
        before = restore(checkpoint, self.learner, self.config, self.samples)
        records = tuple(DetectionRecord(**record) for record in checkpoint.facts[RECORDS])
        return DetectionHistory(records, before.losses)

    def close_epoch(self, history: DetectionHistory) -> None:
        """Write all that an epoch leaves behind.

        Raises
        ------
        CheckpointError
            If it cannot be written; earlier checkpoints are intact.
        """
        if not self.team.main:
            return
        plain = History(losses=history.losses, penalties=(0.0,) * len(history.losses))
        checkpoint = take(self.learner, plain, self.config, self.samples)
        checkpoint.facts[RECORDS] = [asdict(record) for record in history.records]
        if history.best is history.last:
            weights = {
                name.removeprefix(PREFIX): value
                for name, value in checkpoint.tensors.items()
                if name.startswith(PREFIX)
            }
            last = history.last
            self.store.save_best(weights, {"epoch": str(last.epoch), "mean_ap_50": str(last.mean_ap_50)})
        self.store.save(checkpoint)
        history.to_csv(self.store.folder / "history.csv")
