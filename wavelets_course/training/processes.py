"""Where a run computes: the device of this process, and how it agrees with the others.

Accelerate finds both: the same program runs alone, under ``torchrun`` or under ``accelerate launch``.
Precision is torch's own autocast, because Accelerate settles it once for the whole interpreter and a notebook
may want to train in float32 first and in bf16 after.
"""

import inspect
import warnings
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .config import Place, Precision

with warnings.catch_warnings():
    # It asks tqdm for a bar that suits notebooks, which misses widgets that nothing here needs.
    warnings.filterwarnings("ignore", "IProgress not found")
    from accelerate import PartialState
    from accelerate.utils import broadcast_object_list as broadcast_object_list
    from accelerate.utils import gather_object as gather_object
    from accelerate.utils import parse_flag_from_env

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
        # By default it sends all buffers before each step: those of wavelets never change, and are complex,
        # which Gloo refuses.
        wrap = nn.parallel.DistributedDataParallel
        names = inspect.signature(wrap).parameters
        sends = (
            "forward_sync_buffers" if "forward_sync_buffers" in names else "broadcast_buffers"
        )  # torch < 2.14
        settings: dict[str, Any] = {"device_ids": ids, "init_sync": False, sends: False}
        return wrap(model, **settings)

    def copy_from_main(self, model: nn.Module) -> None:
        """Give every process process 0's weights and running statistics; every one of them must ask."""
        if self.count > 1:
            for tensor in model.state_dict().values():
                torch.distributed.broadcast(torch.view_as_real(tensor) if tensor.is_complex() else tensor, 0)


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
    cpu = place == "cpu" or parse_flag_from_env("ACCELERATE_USE_CPU")
    state = PartialState(cpu=cpu)
    # Accelerate's own device is settled once; a lone process may train on the CPU first and on a GPU after.
    found = state.device if state.num_processes > 1 else state.default_device
    return Processes(torch.device("cpu") if cpu else found, state.process_index, state.num_processes)


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
