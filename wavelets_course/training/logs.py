"""What a run writes down for people: a table, and TensorBoard's files."""

from pathlib import Path
from typing import Any

from .history import History
from .writing import write_atomically

TABLE = "history.csv"
CURVES = {
    "loss/training": "train_loss",
    "loss/penalty": "penalty",
    "loss/validation": "validation_loss",
    "accuracy/top1": "top1",
    "accuracy/top5": "top5",
    "run/lr": "lr",
    "run/samples_per_second": "samples_per_second",
    "run/peak_memory": "peak_memory",
}


class Logs:
    """The logs of a run in its folder.

    Parameters
    ----------
    folder : Path
        ``history.csv`` is written there, and TensorBoard's files into ``tensorboard``.
    tensorboard : bool
        Whether to write those.
    step : int
        Steps written down before; what TensorBoard's files say of later ones is taken back.

    Raises
    ------
    ModuleNotFoundError
        If TensorBoard is wanted and not installed.
    """

    def __init__(self, folder: Path, tensorboard: bool, step: int = 0) -> None:
        self.folder, self.writer, self.written = folder, None, step
        if tensorboard:
            self.writer = _summary_writer(folder / "tensorboard", step)

    def write(self, history: History) -> None:
        """Write the last epoch down.

        Parameters
        ----------
        history : History
            With at least one epoch.
        """
        write_atomically(self.folder / TABLE, history.to_csv().encode())
        if self.writer is None:
            return
        for step, loss in enumerate(history.losses[self.written :], start=self.written + 1):
            self.writer.add_scalar("loss/step", loss, step)
        self.written = len(history.losses)
        for title, name in CURVES.items():
            value = getattr(history.last, name)
            if value == value:  # not NaN: nothing was validated
                self.writer.add_scalar(title, value, history.last.step)
        self.writer.flush()

    def close(self) -> None:
        """Finish TensorBoard's files."""
        if self.writer is not None:
            self.writer.close()


def _summary_writer(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "fit: tensorboard=True needs the package tensorboard: pip install 'wavelets-course[training]'"
        ) from error
    return SummaryWriter(str(folder), purge_step=step + 1 if step else None)
