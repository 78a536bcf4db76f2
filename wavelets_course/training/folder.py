"""The folder of a run: checkpoints to go on from, the best weights, and logs."""

from pathlib import Path

from .checkpoints import Checkpoint, Checkpoints
from .config import TrainingConfig
from .history import History
from .learner import Learner
from .logs import Logs
from .processes import Processes, broadcast_object_list
from .state import restore, take
from .weights import PREFIX


class RunFolder:
    """What a run keeps. Process 0 reads and writes it; only that one needs to see the disk.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    learner : Learner
        Saved and restored.
    config : TrainingConfig
        Of the run.
    samples : int
        Training samples there are.
    team : Processes
        This process among all.
    """

    def __init__(
        self, folder: Path, learner: Learner, config: TrainingConfig, samples: int, team: Processes
    ) -> None:
        self.learner, self.config, self.samples, self.team = learner, config, samples, team
        self.store = Checkpoints(folder, config.keep_last)
        self.logs: Logs | None = None

    def open(self, resume: bool) -> History:
        """Go on from the newest good checkpoint, where there is one.

        Parameters
        ----------
        resume : bool
            If False, there must be none.

        Returns
        -------
        History
            So far.

        Raises
        ------
        ValueError
            If there are checkpoints and `resume` is False, or they are of another run.
        """
        if not resume and self.store.paths():
            raise ValueError(
                f"fit: {self.store.folder} holds checkpoints of a run, and resume is False; take another "
                "folder, or resume=True to go on."
            )
        found: list[Checkpoint | None] = [None]
        if self.team.main:
            self.store.clean()
            found = [self.store.newest()]
        if self.team.count > 1:
            broadcast_object_list(found)
        history = History()
        if found[0] is not None:
            history = restore(found[0], self.learner, self.config, self.samples)
        if self.team.main:
            self.store.folder.mkdir(parents=True, exist_ok=True)
            logged = history.last.step if history.records else 0
            self.logs = Logs(self.store.folder, self.config.tensorboard, logged)
        return history

    def save(self, history: History) -> None:
        """Write a checkpoint.

        Parameters
        ----------
        history : History
            So far.
        """
        if self.team.main:
            self.store.save(take(self.learner, history, self.config, self.samples))

    def close_epoch(self, history: History) -> None:
        """Write all that an epoch leaves behind: best weights first, so that no checkpoint promises them in
        vain.

        Parameters
        ----------
        history : History
            Its last record is the epoch's.
        """
        if not self.team.main:
            return
        checkpoint = take(self.learner, history, self.config, self.samples)
        if history.best is history.last:
            weights = {
                name.removeprefix(PREFIX): value
                for name, value in checkpoint.tensors.items()
                if name.startswith(PREFIX)
            }
            last = history.last
            self.store.save_best(weights, {"epoch": str(last.epoch), "top1": str(last.top1)})
        self.store.save(checkpoint)
        assert self.logs is not None
        self.logs.write(history)

    def last_good(self) -> str:
        """Say where the newest checkpoint lies."""
        paths = self.store.paths()
        return f"The last checkpoint is {paths[0]}." if paths else "There is no checkpoint yet."

    def close(self) -> None:
        """Finish the logs."""
        if self.logs is not None:
            self.logs.close()
