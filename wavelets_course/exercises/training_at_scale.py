"""Exercises of the chapter on training at scale."""

import random

import numpy as np
import torch

from ..training.seeds import kept_random_states
from .exercise import Answer, Exercise, Property, Wrong, call, describe, whole

FLOAT = 4  # bytes


# training_at_scale-1: memory of a step


def _bytes(answer: Answer, parameters: int, kept: int, batch: int, beside: int) -> None:
    given = (parameters, kept, batch, beside)
    found = whole(call(answer, *given), "the number of bytes", given)
    right = FLOAT * (parameters * (2 + beside) + kept * batch)
    if found == right:
        return
    near = {
        right - FLOAT * parameters: "the gradient of each parameter takes as much as the parameter",
        right - FLOAT * parameters * beside: "the optimiser's numbers beside each parameter are missing",
        FLOAT * (parameters * (2 + beside) + kept): "what is kept grows with the batch",
        right // FLOAT: "these are numbers; each takes 4 bytes",
        FLOAT * (parameters * (2 + beside)) * batch + FLOAT * kept * batch: "the parameters are there once, "
        "whatever the batch",
    }
    hint = near.get(found, "weights, gradients, optimiser, and what is kept for the backward pass")
    raise Wrong(f"{found:,} bytes instead of {right:,} for {describe(given)}: {hint}")


def _draw(generator: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high, (), generator=generator))


def _plain_sgd(answer: Answer, generator: torch.Generator) -> None:
    _bytes(answer, _draw(generator, 100, 999), _draw(generator, 1000, 9999), 1, 0)


def _any_batch(answer: Answer, generator: torch.Generator) -> None:
    _bytes(answer, _draw(generator, 100, 999), _draw(generator, 1000, 9999), _draw(generator, 2, 99), 0)


def _any_optimizer(answer: Answer, generator: torch.Generator) -> None:
    for beside in (1, 2):
        _bytes(
            answer, _draw(generator, 100, 999), _draw(generator, 1000, 9999), _draw(generator, 2, 99), beside
        )


# training_at_scale-2: each process's part of a batch


def _share(answer: Answer, count: int, batch: int, step: int, process: int, processes: int) -> list[int]:
    given = (count, batch, step, process, processes)
    found = call(answer, *given)
    if found is None:
        raise Wrong("the samples are None: does the function end in `return`?")
    try:
        return [int(index) for index in found]
    except (TypeError, ValueError) as error:
        raise Wrong(f"the samples should be a list of whole numbers, got {type(found).__name__}") from error


def _batch(answer: Answer, count: int, batch: int, step: int, processes: int) -> list[list[int]]:
    return [_share(answer, count, batch, step, process, processes) for process in range(processes)]


def _one_process(answer: Answer, generator: torch.Generator) -> None:
    count, batch = _draw(generator, 40, 60), _draw(generator, 8, 12)
    for step in (0, 2):
        found = _share(answer, count, batch, step, 0, 1)
        right = list(range(step * batch, (step + 1) * batch))
        if found != right:
            raise Wrong(
                f"alone, at step {step} with batches of {batch}, a process takes samples {right[0]} to "
                f"{right[-1]}; yours are {found}"
            )


def _same_batch(answer: Answer, generator: torch.Generator) -> None:
    count, batch = _draw(generator, 40, 60), 2 * _draw(generator, 4, 7)
    for processes in (2, 3, 5):
        found = sorted(index for part in _batch(answer, count, batch, 1, processes) for index in part)
        right = list(range(batch, 2 * batch))
        if len(found) > len(set(found)):
            raise Wrong(f"with {processes} processes and batches of {batch}, some samples are taken twice")
        if found != right:
            raise Wrong(
                f"{processes} processes should together take the batch that one would take, {right[0]} to "
                f"{right[-1]}; yours take {found}: batch is the global one"
            )


def _last_batch(answer: Answer, generator: torch.Generator) -> None:
    batch = 12
    count = 3 * batch + _draw(generator, 1, 11)
    for processes in (1, 2, 5):
        found = sorted(index for part in _batch(answer, count, batch, 3, processes) for index in part)
        if found != list(range(3 * batch, count)):
            raise Wrong(
                f"the last batch holds samples {3 * batch} to {count - 1}, for there are {count}; "
                f"{processes} of your processes take {found}"
            )


def _even(answer: Answer, generator: torch.Generator) -> None:
    for processes in (3, 5):
        sizes = [len(part) for part in _batch(answer, 100, _draw(generator, 11, 24), 0, processes)]
        if max(sizes) - min(sizes) > 1:
            raise Wrong(f"{processes} processes should take equally many, up to one; yours take {sizes}")


# training_at_scale-3: an order without memory


def _order(answer: Answer, count: int, seed: int, epoch: int) -> list[int]:
    given = (count, seed, epoch)
    found = call(answer, *given)
    if found is None:
        raise Wrong("the order is None: does the function end in `return`?")
    try:
        return [int(index) for index in found]
    except (TypeError, ValueError) as error:
        raise Wrong(f"the order should be a list of whole numbers, got {type(found).__name__}") from error


def _each_once(answer: Answer, generator: torch.Generator) -> None:
    count = _draw(generator, 50, 90)
    found = _order(answer, count, _draw(generator, 0, 1000), 1)
    if sorted(found) != list(range(count)):
        raise Wrong(
            f"each of 0 to {count - 1} should come once; yours has {len(set(found))} different numbers"
        )
    if found == sorted(found):
        raise Wrong("the order is 0, 1, 2, ...: shuffle it")


def _no_memory(answer: Answer, generator: torch.Generator) -> None:
    seed = _draw(generator, 0, 1000)
    with kept_random_states():
        first = _order(answer, 60, seed, 3)
        for disturb in (torch.manual_seed, np.random.seed, random.seed):
            _order(answer, 60, seed, 0)
            disturb(5)
            if _order(answer, 60, seed, 3) != first:
                raise Wrong(
                    "asked again for the same seed and epoch, the order is another: it may depend on nothing "
                    "that was drawn before; make a generator of your own, `torch.Generator()`"
                )


def _others_undisturbed(answer: Answer, generator: torch.Generator) -> None:
    with kept_random_states():
        before = torch.random.get_rng_state()
        np.random.seed(7)  # noqa: NPY002
        _order(answer, 60, 1, 1)
        drawn = np.random.randint(2**30)  # noqa: NPY002
        np.random.seed(7)  # noqa: NPY002
        numpy_same = drawn == np.random.randint(2**30)  # noqa: NPY002
        torch_same = torch.equal(before, torch.random.get_rng_state())
    if not (torch_same and numpy_same):
        raise Wrong(
            "your function sets or draws from the global generator, so others (dropout, say) draw other "
            "numbers"
        )


def _epochs_differ(answer: Answer, generator: torch.Generator) -> None:
    seed = _draw(generator, 1, 1000)
    orders = [tuple(_order(answer, 60, seed, epoch)) for epoch in range(6)]
    if len(set(orders)) < len(orders):
        raise Wrong("two epochs have the same order: the epoch must count too")
    for shift in (1, 2):
        if _order(answer, 60, seed + shift, 1) == _order(answer, 60, seed, 1 + shift):
            raise Wrong(
                f"seed {seed + shift} in epoch 1 repeats seed {seed} in epoch {1 + shift}: runs with "
                "neighbouring seeds would not be independent; mix seed and epoch, do not add them"
            )


EXERCISES = (
    Exercise(
        "training_at_scale-1",
        "What a training step keeps",
        "Write `step_bytes(parameters, kept, batch, beside)`: bytes of one training step in 32-bit numbers, "
        "for a network of so many `parameters` that keeps `kept` numbers of each sample for the backward "
        "pass, with an optimiser that keeps `beside` numbers for each parameter. The samples themselves do "
        "not count.",
        "def step_bytes(parameters, kept, batch, beside):\n    ...  # bytes",
        (
            Property("one sample, an optimiser without memory", _plain_sgd),
            Property("any batch", _any_batch),
            Property("momentum and AdamW", _any_optimizer),
        ),
    ),
    Exercise(
        "training_at_scale-2",
        "Who takes which samples",
        "Write `share(count, batch, step, process, processes)`: the numbers of the samples that a process "
        "takes at a step of an epoch in stored order, `batch` being the size of the step for all processes "
        "together. The last batch may be smaller.",
        "def share(count, batch, step, process, processes):\n    ...  # a list of sample numbers",
        (
            Property("one process takes the whole batch", _one_process),
            Property("several processes take the same batch, no sample twice", _same_batch),
            Property("the last batch is complete", _last_batch),
            Property("the work is even", _even),
        ),
    ),
    Exercise(
        "training_at_scale-3",
        "An order without memory",
        "Write `epoch_order(count, seed, epoch)`: an order of `count` samples that looks random, and follows "
        "from `seed` and `epoch` alone. A run that is taken up again in epoch 57 asks for that one only.",
        "def epoch_order(count, seed, epoch):\n    ...  # a list of sample numbers",
        (
            Property("each sample comes once, in a mixed order", _each_once),
            Property("it follows from seed and epoch alone", _no_memory),
            Property("nobody else's random numbers change", _others_undisturbed),
            Property("epochs and neighbouring seeds have orders of their own", _epochs_differ),
        ),
    ),
)
