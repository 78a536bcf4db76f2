"""What a network of some size costs on data of some size: work, memory, time, money, before anything is run.

A network is measured on tensors without numbers (torch's ``meta`` device), so ImageNet networks take a
moment and no memory. One sample's forward pass costs a number of multiply-adds; a training step costs about
three times that (forward, gradient of the input, gradient of the weights). Memory is parameters, their
gradients, what the optimiser keeps beside each, and what the forward pass keeps for the backward pass, which
grows with the batch. Time is work over a rate, and the rate must be measured: no peak of a data sheet is ever
reached.
"""

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils.flop_counter import FlopCounterMode

KEPT_BESIDE: dict[str, int] = {"sgd": 0, "momentum": 1, "adamw": 2}
"""Numbers that an optimiser keeps for each trained parameter."""

Optimizer: TypeAlias = Literal["sgd", "momentum", "adamw"]


@dataclass(frozen=True)
class Workload:
    """What one sample asks for.

    Attributes
    ----------
    parameters, trained : int
        Numbers in the network, and those of them that require a gradient.
    forward, step : float
        Multiply-adds of one sample in a forward pass, and in a whole training step.
    parameter_bytes, trained_bytes, buffer_bytes, input_bytes : int
        Of the network, the trained part of it, its buffers, and one sample.
    kept_bytes : float
        What each further sample of a batch adds to the memory kept for the backward pass.
    fixed_bytes : float
        What is kept whatever the batch.
    """

    parameters: int
    trained: int
    forward: float | int
    step: float | int
    parameter_bytes: int
    trained_bytes: int
    buffer_bytes: int
    input_bytes: int
    kept_bytes: float | int
    fixed_bytes: float | int


@dataclass(frozen=True)
class Memory:
    """Bytes of one training step, at its fullest: when the forward pass has ended.

    Attributes
    ----------
    parameters, gradients, optimizer, activations, samples : int
        Of the network with its buffers; of the trained parameters; beside these; kept for the backward
        pass; the batch itself.
    """

    parameters: int
    gradients: int
    optimizer: int
    activations: int
    samples: int

    @property
    def total(self) -> int:
        """All together. Workspaces of kernels and what an allocator holds back come on top."""
        return self.parameters + self.gradients + self.optimizer + self.activations + self.samples


@dataclass(frozen=True)
class TrainingCost:
    """Work, time and money of a training run.

    Attributes
    ----------
    multiply_adds : float
        All together.
    seconds : float
        From start to end.
    devices : int
        That work at the same time.
    price : float
        In the currency of the price an hour; NaN where none was given.
    """

    multiply_adds: float
    seconds: float
    devices: int
    price: float

    @property
    def device_hours(self) -> float:
        """Hours times devices: what is paid for."""
        return self.seconds * self.devices / 3600


def workload(model: nn.Module, shape: tuple[int, ...], *, meta: bool = True) -> Workload:
    """Measure what one sample asks for.

    Matrix products, convolutions and attention are counted, as in the tables of the literature, not what is
    done to each number alone, nor Fourier transforms: for a network with a scattering layer give the part
    behind it, and add the layer's own cost.

    Parameters
    ----------
    model : nn.Module
        Classifier or any other network of one input; it is not changed.
    shape : tuple of int
        Of one sample, such as ``(3, 224, 224)``.
    meta : bool
        Measure a copy without numbers. False runs the network itself, for those that look at numbers.

    Returns
    -------
    Workload

    References
    ----------
    D. Narayanan et al., "Efficient large-scale language model training on GPU clusters", SC 2021, for
    the factor of three.

    Examples
    --------
    >>> work = workload(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU()), (3, 32, 32))
    >>> work.parameters, work.forward == 8 * 3 * 9 * 32**2, work.kept_bytes == 4 * 8 * 32**2
    (224, True, True)
    """
    shadow = copy.deepcopy(model).to("meta") if meta else copy.deepcopy(model)
    shadow.train()
    held = next((tensor for tensor in shadow.parameters()), torch.empty(0, device="meta" if meta else "cpu"))
    batches = [torch.zeros(n, *shape, dtype=held.dtype, device=held.device) for n in (2, 4)]
    forward, step = _multiply_adds(shadow, batches[0])
    kept, more = (_kept(shadow, batch) for batch in batches)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return Workload(
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        trained=sum(parameter.numel() for parameter in trained),
        forward=forward / 2,
        step=step / 2,
        parameter_bytes=sum(parameter.nbytes for parameter in model.parameters()),
        trained_bytes=sum(parameter.nbytes for parameter in trained),
        buffer_bytes=sum(buffer.nbytes for buffer in model.buffers()),
        input_bytes=batches[0].nbytes // 2,
        kept_bytes=(more - kept) / 2,
        fixed_bytes=2 * kept - more,
    )


def training_memory(work: Workload, batch_size: int, optimizer: Optimizer = "momentum") -> Memory:
    """Memory of one training step on one device.

    Parameters
    ----------
    work : Workload
        Of the network.
    batch_size : int
        Samples on this device.
    optimizer : {"sgd", "momentum", "adamw"}
        How much is kept beside each parameter: nothing, one number, two.

    Returns
    -------
    Memory

    Raises
    ------
    ValueError
        If there is no such optimiser or the batch is empty.

    Examples
    --------
    >>> memory = training_memory(workload(nn.Linear(1000, 10), (1000,)), 32, "adamw")
    >>> memory.optimizer == 2 * memory.gradients == 2 * 4 * 10_010
    True
    """
    if optimizer not in KEPT_BESIDE or batch_size < 1:
        raise ValueError(
            f"training_memory: expected a batch of at least 1 and one of {', '.join(KEPT_BESIDE)}; "
            f"got {batch_size} and {optimizer!r}."
        )
    return Memory(
        parameters=work.parameter_bytes + work.buffer_bytes,
        gradients=work.trained_bytes,
        optimizer=KEPT_BESIDE[optimizer] * work.trained_bytes,
        activations=round(work.fixed_bytes + batch_size * work.kept_bytes),
        samples=batch_size * work.input_bytes,
    )


def largest_batch(work: Workload, memory_bytes: float | int, optimizer: Optimizer = "momentum") -> int:
    """Samples whose training step fits into a device's memory.

    Parameters
    ----------
    work : Workload
        Of the network.
    memory_bytes : float
        Of the device; leave a tenth or more for workspaces.
    optimizer : {"sgd", "momentum", "adamw"}
        As for `training_memory`.

    Returns
    -------
    int
        0 if not even one fits.

    Examples
    --------
    >>> work = workload(nn.Sequential(nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 1)), (100,))
    >>> batch = largest_batch(work, 1e6)
    >>> training_memory(work, batch).total <= 1e6 < training_memory(work, batch + 1).total
    True
    """
    one, two = (training_memory(work, batch, optimizer).total for batch in (1, 2))
    return max(0, math.floor((memory_bytes - one) / (two - one)) + 1)


def training_cost(
    work: Workload,
    samples: int,
    epochs: float | int,
    *,
    rate: float | int,
    devices: int = 1,
    efficiency: float | int = 1.0,
    price_per_hour: float | int = math.nan,
) -> TrainingCost:
    """Time and price of a training run.

    Parameters
    ----------
    work : Workload
        Of the network.
    samples : int
        Of the training set.
    epochs : float
        Passes through it.
    rate : float
        Samples a second that one device trains on: measured (`training_rate`), or from `rate_of`.
    devices : int
        That work at the same time.
    efficiency : float
        What a device among many does of what it does alone, at most 1.
    price_per_hour : float
        Of one device.

    Returns
    -------
    TrainingCost

    Raises
    ------
    ValueError
        If a number makes no sense.

    Examples
    --------
    >>> work = workload(nn.Linear(100, 10), (100,))
    >>> cost = training_cost(work, 3600, 10, rate=100, devices=2, price_per_hour=3.0)
    >>> cost.seconds, cost.device_hours, round(cost.price, 6)
    (180.0, 0.1, 0.3)
    """
    if min(samples, epochs, rate, devices) <= 0 or not 0 < efficiency <= 1:
        raise ValueError(
            "training_cost: samples, epochs, rate and devices must be positive and efficiency in (0, 1]; got "
            f"{samples}, {epochs}, {rate}, {devices}, {efficiency}."
        )
    seconds = samples * epochs / (rate * devices * efficiency)
    return TrainingCost(
        samples * epochs * work.step, seconds, devices, price_per_hour * seconds * devices / 3600
    )


def rate_of(work: Workload, operations_per_second: float | int, utilization: float | int) -> float:
    """Samples a second, guessed from what a device's data sheet says.

    Parameters
    ----------
    work : Workload
        Of the network.
    operations_per_second : float
        The device's peak in the precision used; multiplications and additions count apart, as data sheets do.
    utilization : float
        Share of it that is reached: measure it on a network alike (`utilization_of`). Convolutional networks
        in 16 bits reach .1 to .4.

    Returns
    -------
    float

    Examples
    --------
    >>> rate_of(workload(nn.Linear(100, 10, bias=False), (100,)), 6e6, 0.5)
    750.0
    """
    return utilization * operations_per_second / (2 * work.step)


def utilization_of(work: Workload, rate: float | int, operations_per_second: float | int) -> float:
    """Share of a device's peak that a measured rate of training reaches.

    Parameters
    ----------
    work : Workload
        Of the network.
    rate : float
        Samples a second, measured.
    operations_per_second : float
        As for `rate_of`.

    Returns
    -------
    float

    Examples
    --------
    >>> work = workload(nn.Linear(100, 10, bias=False), (100,))
    >>> utilization_of(work, rate_of(work, 6e6, 0.5), 6e6)
    0.5
    """
    return 2 * work.step * rate / operations_per_second


def _multiply_adds(model: nn.Module, batch: Tensor) -> tuple[float, float]:
    """Of a batch's forward pass, and of the whole step."""
    with FlopCounterMode(display=False) as counter:
        output = model(batch)
        forward = counter.get_total_flops()
        if output.requires_grad:
            output.sum().backward()
    return forward / 2, counter.get_total_flops() / 2


def _kept(model: nn.Module, batch: Tensor) -> float:
    """Bytes that a batch's forward pass keeps for the backward pass."""
    with _keeping([*model.parameters(), *model.buffers(), batch]) as kept:
        output = model(batch)
    del output
    return float(sum(kept.values()))


@contextmanager
def _keeping(there: list[Tensor]) -> Iterator[dict[object, int]]:
    """Sizes of the pieces of memory that autograd keeps, beyond those that are there anyway."""
    reference: Callable[..., object] = StorageWeakRef  # equal for views of one piece of memory
    known = {reference(tensor.untyped_storage()) for tensor in there}
    kept: dict[object, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        place = reference(storage)
        if place not in known and place not in kept:
            kept[place] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        yield kept
