"""What a run is at one moment, as tensors and plain facts, and back.

Everything else follows from it: the schedule and the samples' order from the step, random draws from seed and
step.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch

from .checkpoints import Checkpoint, Facts
from .config import TrainingConfig
from .history import History, Record
from .learner import Learner
from .weights import PREFIX, Tensors, copies, put_weights

OPTIMIZER = "optimizer/"
FREE = {
    "epochs",
    "workers",
    "device",
    "compile",
    "evaluate_every",
    "checkpoint_every",
    "keep_last",
    "patience",
    "tensorboard",
    "progress",
}
"""Settings that may change between two parts of a run: they do not change the steps."""


def take(learner: Learner, history: History, config: TrainingConfig, samples: int) -> Checkpoint:
    """Take down what a run is.

    Parameters
    ----------
    learner : Learner
        Model, optimiser, loss scale.
    history : History
        So far; as many steps as it has losses were done.
    config : TrainingConfig
        Of the run.
    samples : int
        Training samples there are.

    Returns
    -------
    Checkpoint
        A copy: what happens to the learner later does not change it.
    """
    tensors = copies({PREFIX + name: value for name, value in learner.model.state_dict().items()})
    packed = learner.optimizer.state_dict()
    for index, state in packed["state"].items():
        held = {key: value for key, value in state.items() if value is not None}
        tensors |= copies({f"{OPTIMIZER}{index}/{key}": value for key, value in held.items()})
    for key in ("losses", "penalties"):
        tensors[f"history/{key}"] = torch.tensor(getattr(history, key), dtype=torch.float64)
    facts: Facts = {
        "config": asdict(config),
        "samples": samples,
        "groups": packed["param_groups"],
        "scaler": learner.scaler.state_dict(),
        "records": [asdict(record) for record in history.records],
        "reason": history.reason,
        "torch": torch.__version__,
    }
    return Checkpoint(len(history.losses), tensors, facts)


def restore(checkpoint: Checkpoint, learner: Learner, config: TrainingConfig, samples: int) -> History:
    """Make a run again what it was.

    Parameters
    ----------
    checkpoint : Checkpoint
        What `take` took.
    learner, config, samples
        Of the run that goes on; see `take`.

    Returns
    -------
    History
        So far.

    Raises
    ------
    ValueError
        If the checkpoint is of another model, other data, or was trained by other settings.
    """
    facts, tensors = checkpoint.facts, checkpoint.tensors
    name = f"fit: the checkpoint of step {checkpoint.step}"
    _refuse_changes(facts, config, samples, name)
    put_weights(learner.model, _below(tensors, PREFIX), name)
    state: dict[int, dict[str, Any]] = {}
    for key, value in _below(tensors, OPTIMIZER).items():
        index, _, what = key.partition("/")
        state.setdefault(int(index), {})[what] = value
    learner.optimizer.load_state_dict({"state": state, "param_groups": facts["groups"]})
    learner.scaler.load_state_dict(facts["scaler"])
    records = tuple(Record(**record) for record in facts["records"])
    losses, penalties = (tuple(tensors[f"history/{key}"].tolist()) for key in ("losses", "penalties"))
    return History(records, losses, penalties, facts["reason"])


def _below(tensors: Mapping[str, Any], prefix: str) -> Tensors:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def _refuse_changes(facts: Facts, config: TrainingConfig, samples: int, name: str) -> None:
    now = json.loads(json.dumps(asdict(config)))
    free = FREE - {"epochs"} if config.schedule == "cosine" else FREE  # a cosine ends with the last epoch
    changed = [
        f"{key} was {value!r}, is {now.get(key)!r}"
        for key, value in facts["config"].items()
        if key not in free and value != now.get(key)
    ]
    if facts["samples"] != samples:
        changed.append(f"there were {facts['samples']} training samples, there are {samples}")
    if changed:
        raise ValueError(
            f"{name} was made differently: {'; '.join(changed)}. Change it back to go on, or train in "
            "another folder (load_weights reads a checkpoint, to start from its weights)."
        )
