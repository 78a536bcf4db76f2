"""Where a run computes: the device of this process, and how it agrees with the others.

Accelerate finds both: the same program runs alone, under ``torchrun`` or under ``accelerate launch``.
Precision is torch's own autocast, because Accelerate settles it once for the whole interpreter and a notebook
may want to train in float32 first and in bf16 after.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from accelerate import PartialState
from torch import Tensor, nn

from .config import Place, Precision

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Processes:
    """One process among all that train together.

    Attributes
    ----------
    device : torch.device
        Where this process computes.
    index, count : int
        Which of how many; process 0 writes files and speaks.
    """

    device: torch.device
    index: int = 0
    count: int = 1

    @property
    def main(self) -> bool:
        """Whether this one writes files and speaks."""
        return self.index == 0

    def total(self, values: Tensor) -> Tensor:
        """Sum a tensor over all processes; every one of them must ask."""
        if self.count > 1:
            values = values.clone()
            torch.distributed.all_reduce(values)
        return values

    def wait(self) -> None:
        """Wait until all processes have come here."""
        if self.count > 1:
            PartialState().wait_for_everyone()

    def share_gradients(self, model: nn.Module) -> nn.Module:
        """Wrap a model such that gradients are averaged over all processes."""
        if self.count == 1:
            return model
        ids = [self.device] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(model, device_ids=ids)


def join_processes(place: Place = "auto") -> Processes:
    """Find this process's device, and the processes it was launched with.

    Parameters
    ----------
    place : {"auto", "cpu"}
        See `TrainingConfig`.

    Returns
    -------
    Processes

    Examples
    --------
    >>> join_processes("cpu")
    Processes(device=device(type='cpu'), index=0, count=1)
    """
    state = PartialState(cpu=place == "cpu")
    device = torch.device("cpu") if place == "cpu" else state.device
    return Processes(device, state.process_index, state.num_processes)


def leave_processes() -> bool:
    """End what `join_processes` began, at the end of a program.

    Returns
    -------
    bool
        Whether this process is the one that speaks.

    Examples
    --------
    >>> leave_processes()
    True
    """
    state = PartialState()
    main: bool = state.is_main_process
    state.destroy_process_group()
    return main


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """Compute in 16 bits where torch holds it safe.

    Parameters
    ----------
    device : torch.device
        Where.
    precision : {"no", "bf16", "fp16"}
        See `TrainingConfig`.

    Returns
    -------
    context manager

    Examples
    --------
    >>> with autocast(torch.device("cpu"), "bf16"):
    ...     print((torch.ones(1, 1) @ torch.ones(1, 1)).dtype)
    torch.bfloat16
    """
    return nullcontext() if precision == "no" else torch.autocast(device.type, DTYPES[precision])
