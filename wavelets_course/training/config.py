"""Every choice of a training run that is a number or a word."""

import math
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias, get_args

Optimizer: TypeAlias = Literal["sgd", "adamw"]
Schedule: TypeAlias = Literal["constant", "step", "cosine"]
Precision: TypeAlias = Literal["no", "bf16", "fp16"]
Place: TypeAlias = Literal["auto", "cpu"]

WORDS: dict[str, tuple[str, ...]] = {
    "optimizer": get_args(Optimizer),
    "schedule": get_args(Schedule),
    "precision": get_args(Precision),
    "device": get_args(Place),
}
AT_LEAST: dict[str, int] = {
    "epochs": 0,
    "batch_size": 1,
    "step_size": 1,
    "warmup_epochs": 0,
    "accumulate": 1,
    "momentum": 0,
    "weight_decay": 0,
    "regularization": 0,
    "label_smoothing": 0,
    "seed": 0,
    "workers": 0,
    "evaluate_every": 1,
    "checkpoint_every": 1,
    "keep_last": 1,
    "patience": 1,
}
POSITIVE = ("lr", "gamma", "clip_norm")


@dataclass(frozen=True)
class TrainingConfig:
    """How to train: everything but the model and the data.

    Parameters
    ----------
    epochs : int
        Passes through the training data.
    batch_size : int
        Samples of one optimiser step, all processes and all pieces together. So a run on four GPUs, or with
        `accumulate`, takes the same steps as on one.
    optimizer : {"sgd", "adamw"}
        Stochastic gradient descent with momentum, or AdamW.
    lr : float
        Learning rate after the warm-up; `schedule` multiplies it.
    momentum : float
        Of ``"sgd"``.
    nesterov : bool
        Of ``"sgd"``.
    weight_decay : float
        Of either; for ``"adamw"`` decoupled from the gradient.
    schedule : {"constant", "step", "cosine"}
        ``"step"``: times `gamma` at each of `milestones`, or every `step_size` epochs where there are none.
        ``"cosine"``: half a cosine from `lr` to 0, step by step.
    step_size : int
        In epochs.
    milestones : tuple of int
        In epochs.
    gamma : float
        Factor of ``"step"``.
    warmup_epochs : float
        The rate first rises in a straight line over so many epochs.
    accumulate : int
        Compute each batch in so many pieces, one after the other: less memory, the same step up to rounding.
    clip_norm : float, optional
        Longest gradient, over all parameters; a longer one is shortened to it.
    label_smoothing : float
        Share of each target spread evenly over all classes, in [0, 1).
    regularization : float
        Weight of ``model.regularizer()`` (or of `fit`'s ``regularizer``) in the loss; 0 leaves it out.
    precision : {"no", "bf16", "fp16"}
        ``"no"`` is the model's own dtype. The others compute in 16 bits where torch holds it safe (autocast)
        and keep the weights as they are; ``"fp16"`` scales the loss.
    channels_last : bool
        Store images and filters with the channels innermost: faster convolutions on recent GPUs.
    compile : bool
        Run the model through ``torch.compile``.
    device : {"auto", "cpu"}
        ``"auto"`` takes the GPU that Accelerate finds for this process, if there is one.
    seed : int
        Of the order of the samples, of augmentation and of dropout. Weights are drawn before, by the caller.
    shuffle : bool
        A new order each epoch; False is the data set's own order.
    drop_last : bool
        Leave out an epoch's last batch where it is not full.
    workers : int
        Processes that load data, for each training process; 0 loads in the training process itself.
    evaluate_every : int
        Epochs between two looks at the validation data; the last epoch is always followed by one.
    checkpoint_every : int, optional
        Optimiser steps between two checkpoints, besides the one after each epoch.
    keep_last : int
        Checkpoints to keep; the best weights are kept besides.
    patience : int, optional
        Stop early after so many evaluations in a row without a new best.
    tensorboard : bool
        Also write TensorBoard's event files into the folder.
    progress : bool, optional
        Whether to show a progress bar on standard error; None means only on a terminal.

    Raises
    ------
    ValueError
        If a number or a word is none that makes sense.

    Examples
    --------
    >>> TrainingConfig(epochs=90, schedule="step", milestones=(30, 60)).gamma
    0.1
    """

    epochs: int = 10
    batch_size: int = 128
    optimizer: Optimizer = "sgd"
    lr: float | int = 0.1
    momentum: float | int = 0.9
    nesterov: bool = False
    weight_decay: float | int = 0.0
    schedule: Schedule = "constant"
    step_size: int = 30
    milestones: tuple[int, ...] = ()
    gamma: float | int = 0.1
    warmup_epochs: float | int = 0.0
    accumulate: int = 1
    clip_norm: float | int | None = None
    label_smoothing: float | int = 0.0
    regularization: float | int = 0.0
    precision: Precision = "no"
    channels_last: bool = False
    compile: bool = False
    device: Place = "auto"
    seed: int = 0
    shuffle: bool = True
    drop_last: bool = False
    workers: int = 0
    evaluate_every: int = 1
    checkpoint_every: int | None = None
    keep_last: int = 2
    patience: int | None = None
    tensorboard: bool = False
    progress: bool | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                _check(field.name, value)
        if self.label_smoothing >= 1:
            raise ValueError(f"TrainingConfig: label_smoothing must be below 1, got {self.label_smoothing}.")
        if self.nesterov and not self.momentum:
            raise ValueError("TrainingConfig: nesterov needs momentum > 0, got momentum = 0.")


def _check(name: str, value: Any) -> None:
    if name in WORDS and value not in WORDS[name]:
        raise ValueError(f"TrainingConfig: {name} must be one of {', '.join(WORDS[name])}; got {value!r}.")
    if name in AT_LEAST and not (value >= AT_LEAST[name] and math.isfinite(value)):
        raise ValueError(f"TrainingConfig: {name} must be at least {AT_LEAST[name]}, got {value}.")
    if name in POSITIVE and not (value > 0 and math.isfinite(value)):
        raise ValueError(f"TrainingConfig: {name} must be positive, got {value}.")
