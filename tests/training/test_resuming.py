"""A run that is stopped anywhere goes on to the same bits; damage and full disks are reported."""

import errno
import json
import math
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from wavelets_course.training import (
    CheckpointError,
    CheckpointWarning,
    Data,
    History,
    TrainingConfig,
    evaluate,
    fit,
    load_weights,
)
from wavelets_course.training.checkpoints import Checkpoint, Checkpoints
from wavelets_course.training.weights import unpack

CLASSES = 3


class StoppedError(Exception):
    """As if someone pressed a key."""


class Stopping(nn.Module):
    """Dropout, batch normalisation, a frozen layer: all that has state. Stops at a given forward pass."""

    def __init__(self, stop: int | None = None) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(3)
            self.body = nn.Sequential(
                nn.Conv2d(1, 4, 3),
                nn.BatchNorm2d(4),
                nn.ReLU(),
                nn.Dropout(0.2),
                nn.Flatten(),
                nn.Linear(64, CLASSES),
            )
        self.body[0].requires_grad_(False)
        self.calls, self.stop = 0, stop

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            if self.calls == self.stop:
                raise StoppedError
            self.calls += 1
        return self.body(x)  # type: ignore[no-any-return]


def jitter(x: Tensor) -> Tensor:
    return x + 0.1 * torch.randn(x.shape)


def pictures(count: int = 22) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(4)
    labels = torch.arange(count) % CLASSES
    return torch.randn(count, 1, 6, 6, generator=generator) + labels[:, None, None, None] / 2, labels


DATA = Data(pictures(), pictures(9), CLASSES, augment=jitter)
SETTINGS: dict[str, Any] = {
    "epochs": 3,
    "batch_size": 8,
    "lr": 0.05,
    "schedule": "cosine",
    "warmup_epochs": 0.5,
    "label_smoothing": 0.1,
    "clip_norm": 1.0,
    "weight_decay": 0.01,
    "checkpoint_every": 1,
}
STEPS = 9


@pytest.fixture(scope="module")
def unbroken() -> Callable[[str], tuple[nn.Module, History]]:
    """What a run comes to that nothing stops."""
    runs: dict[str, tuple[nn.Module, History]] = {}

    def run(optimizer: str) -> tuple[nn.Module, History]:
        if optimizer not in runs:
            model = Stopping()
            runs[optimizer] = model, fit(model, DATA, TrainingConfig(**SETTINGS | {"optimizer": optimizer}))
        return runs[optimizer]

    return run


def assert_same_bits(model: nn.Module, other: nn.Module) -> None:
    torch.testing.assert_close(model.state_dict(), other.state_dict(), rtol=0, atol=0)


def stop_at(step: int, folder: Path, **changes: Any) -> None:
    with pytest.raises(StoppedError):
        fit(Stopping(step), DATA, TrainingConfig(**SETTINGS | changes), folder=folder)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize("step", [0, 1, 3, 4, 8])
def test_goes_on_to_the_same_bits(optimizer: Any, step: int, tmp_path: Path, unbroken: Any) -> None:
    model, history = unbroken(optimizer)
    stop_at(step, tmp_path, optimizer=optimizer)
    again = Stopping()
    resumed = fit(again, DATA, TrainingConfig(**SETTINGS | {"optimizer": optimizer}), folder=tmp_path)
    assert again.calls == STEPS - step
    assert_same_bits(again, model)
    assert resumed.losses == history.losses
    assert [record.train_loss for record in resumed.records] == [
        record.train_loss for record in history.records
    ]
    assert [record.top1 for record in resumed.records] == [record.top1 for record in history.records]


def test_stopped_again_and_again_with_workers_and_pieces(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"accumulate": 2, "workers": 1, "checkpoint_every": 2}
    config = TrainingConfig(**SETTINGS | changes)
    model, again = Stopping(), Stopping()
    history = fit(model, DATA, config)
    for calls in (5, 5, 3, 1):
        with pytest.raises(StoppedError):
            fit(Stopping(calls), DATA, config, folder=tmp_path)
    assert fit(again, DATA, config, folder=tmp_path).losses == history.losses
    assert_same_bits(again, model)


def test_without_its_state_a_run_ends_elsewhere(tmp_path: Path, unbroken: Any) -> None:
    """The check above can fail: leave the optimiser's memory out, and the bits differ."""
    stop_at(4, tmp_path)
    store = Checkpoints(tmp_path)
    whole = store.newest()
    assert whole is not None
    for path in store.paths():
        path.unlink()
    kept = {name: value for name, value in whole.tensors.items() if not name.startswith("optimizer/")}
    store.save(Checkpoint(whole.step, kept, whole.facts))
    again = Stopping()
    fit(again, DATA, TrainingConfig(**SETTINGS), folder=tmp_path)
    with pytest.raises(AssertionError):
        assert_same_bits(again, unbroken("sgd")[0])


def test_a_finished_run_is_not_trained_again(tmp_path: Path, unbroken: Any) -> None:
    fit(Stopping(), DATA, TrainingConfig(**SETTINGS), folder=tmp_path)
    again = Stopping(0)
    history = fit(again, DATA, TrainingConfig(**SETTINGS), folder=tmp_path)
    assert (history.last.epoch, again.training) == (3, False)
    assert_same_bits(again, unbroken("sgd")[0])


def test_more_epochs_go_on_where_fewer_ended(tmp_path: Path) -> None:
    constant = SETTINGS | {"schedule": "constant"}
    model, again = Stopping(), Stopping()
    fit(model, DATA, TrainingConfig(**constant))
    fit(Stopping(), DATA, TrainingConfig(**constant | {"epochs": 1}), folder=tmp_path)
    fit(again, DATA, TrainingConfig(**constant), folder=tmp_path)
    assert again.calls == 6
    assert_same_bits(again, model)


def test_a_run_that_ended_early_stays_ended(tmp_path: Path) -> None:
    config = TrainingConfig(**SETTINGS)
    fit(Stopping(), DATA, config, folder=tmp_path / "a", callbacks=[lambda model, history: True])
    assert fit(Stopping(0), DATA, config, folder=tmp_path / "a").reason == "callback"
    patient = TrainingConfig(**SETTINGS | {"lr": 1e-12, "patience": 1})
    fit(Stopping(), DATA, patient, folder=tmp_path / "b")
    assert fit(Stopping(0), DATA, patient, folder=tmp_path / "b").reason == "patience"


def test_last_and_best_are_kept_and_nothing_else(tmp_path: Path) -> None:
    model = Stopping()
    tops: list[float] = []

    def note(model: nn.Module, history: History) -> None:
        tops.append(evaluate(model, pictures(9), classes=CLASSES).top1)

    config = TrainingConfig(**SETTINGS | {"keep_last": 3})
    history = fit(model, DATA, config, folder=tmp_path, callbacks=[note])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[:2] == ["best.safetensors", "history.csv"]
    assert [name[:14] for name in names[2:]] == ["step-000000007", "step-000000008", "step-000000009"]
    assert (tmp_path / "history.csv").read_text() == history.to_csv()
    best = Stopping()
    load_weights(best, tmp_path / "best.safetensors")
    assert evaluate(best, pictures(9), classes=CLASSES).top1 == history.best.top1 == max(tops)
    load_weights(best, tmp_path / names[-1])
    assert_same_bits(best, model)


def spoil(path: Path, how: str) -> None:
    content = bytearray(path.read_bytes())
    if how == "cut":
        content = content[: len(content) // 2]
    elif how == "empty":
        content = bytearray()
    else:
        content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("how", ["cut", "empty", "one bit"])
def test_a_damaged_checkpoint_is_passed_over_with_a_warning(how: str, tmp_path: Path, unbroken: Any) -> None:
    stop_at(5, tmp_path)
    newest = Checkpoints(tmp_path).paths()[0]
    spoil(newest, how)
    again = Stopping()
    with pytest.warns(CheckpointWarning, match=r"step-000000005.* is damaged: .*Going on .* of step 4"):
        fit(again, DATA, TrainingConfig(**SETTINGS), folder=tmp_path)
    assert (tmp_path / f"damaged-{newest.name}").exists()
    assert_same_bits(again, unbroken("sgd")[0])


def test_if_all_are_damaged_it_does_not_quietly_start_anew(tmp_path: Path) -> None:
    stop_at(5, tmp_path)
    for path in Checkpoints(tmp_path).paths():
        spoil(path, "one bit")
    with pytest.raises(CheckpointError, match=r"No checkpoint is left in .*; start anew in another folder"):
        fit(Stopping(), DATA, TrainingConfig(**SETTINGS), folder=tmp_path)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 0.999999), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(place: float, bit: int, tmp_path: Path) -> None:
    folder = tmp_path / f"{place}-{bit}"
    store = Checkpoints(folder)
    path = store.save(Checkpoint(3, {"model/w": torch.arange(50.0)}, {"reason": "epochs"}))
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="its checksum is not the one in its name"):
        store.newest()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow beyond: writing stops in the middle, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_that_fills_up_keeps_the_checkpoint_before(tmp_path: Path, unbroken: Any) -> None:
    stop_at(4, tmp_path)
    whole = sorted(path.name for path in tmp_path.iterdir())
    with (
        largest_file(3000),
        pytest.raises(
            CheckpointError,
            match=r"fit: the checkpoint of step 5 could not be written to .*: File too large; that of step 4 "
            r"is intact\. Make room and run again",
        ),
    ):
        fit(Stopping(), DATA, TrainingConfig(**SETTINGS), folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == whole
    again = Stopping()
    fit(again, DATA, TrainingConfig(**SETTINGS), folder=tmp_path)
    assert_same_bits(again, unbroken("sgd")[0])


def test_no_space_left_is_said_in_these_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("wavelets_course.training.writing.os.fsync", full)
    with pytest.raises(
        CheckpointError, match=r"No space left on device; there is no earlier one\. Make room"
    ):
        fit(Stopping(), DATA, TrainingConfig(**SETTINGS), folder=tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_what_breaks_the_weights_keeps_the_last_good_checkpoint(broken: str, tmp_path: Path) -> None:
    model, (x, y) = Stopping(), pictures()
    if broken == "loss":
        x[17] = math.inf
    else:
        model.body[5].weight.register_hook(lambda gradient: gradient / (model.calls != 3))  # type: ignore[operator]
    config = TrainingConfig(**SETTINGS | {"shuffle": False, "clip_norm": None})
    what = {"loss": "the loss is nan at", "gradient": "a weight is not finite after"}[broken]
    with pytest.raises(
        FloatingPointError,
        match=rf"fit: {what} step 3 of 9 \(epoch 1, lr = 0\.0495\); .*The last checkpoint is .*step-0+2-",
    ):
        fit(model, Data((x, y), classes=CLASSES), config, folder=tmp_path)
    checkpoint = Checkpoints(tmp_path).newest()
    assert checkpoint is not None
    assert checkpoint.step == 2
    assert all(value.isfinite().all() for value in checkpoint.tensors.values())


@pytest.mark.untyped
def test_changed_minds_are_refused(tmp_path: Path) -> None:
    config = TrainingConfig(**SETTINGS)
    stop_at(5, tmp_path)
    with pytest.raises(ValueError, match=r"holds checkpoints of a run, and resume is False"):
        fit(Stopping(), DATA, config, folder=tmp_path, resume=False)
    with pytest.raises(
        ValueError, match=r"step 5 was made differently: lr was 0.05, is 0.1\. Change it back"
    ):
        fit(Stopping(), DATA, TrainingConfig(**SETTINGS | {"lr": 0.1}), folder=tmp_path)
    with pytest.raises(ValueError, match="epochs was 3, is 4"):
        fit(Stopping(), DATA, TrainingConfig(**SETTINGS | {"epochs": 4}), folder=tmp_path)
    with pytest.raises(ValueError, match="there were 22 training samples, there are 23"):
        fit(Stopping(), Data(pictures(23), classes=CLASSES), config, folder=tmp_path)
    with pytest.raises(
        ValueError, match=r"step 5 does not fit the model: missing weight, bias; unknown body"
    ):
        fit(nn.Linear(6, CLASSES), DATA, config, folder=tmp_path)


def test_what_a_killed_process_left_half_written_is_removed(tmp_path: Path) -> None:
    stop_at(5, tmp_path)
    for name in (".step-000000006-0123456789abcdef.safetensors-x7", ".best.safetensors-y", "notes.txt"):
        (tmp_path / name).write_bytes(b"half")
    fit(Stopping(), DATA, TrainingConfig(**SETTINGS), folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert (tmp_path / "notes.txt").exists()


def test_a_checkpoint_holds_no_pickle_and_says_what_it_is(tmp_path: Path) -> None:
    stop_at(5, tmp_path)
    path = Checkpoints(tmp_path).paths()[0]
    tensors, header = unpack(path.read_bytes(), "test")
    assert tensors.keys() == safetensors.torch.load_file(path).keys()
    assert header["format"] == "wavelets_course checkpoint 1"
    facts = json.loads(header["facts"])
    assert facts["config"]["lr"] == 0.05
    assert len(facts["records"]) == 1
    assert "optimizer/0/momentum_buffer" in tensors


def test_tensorboard_that_is_not_there_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'wavelets-course\[training\]'"):
        fit(Stopping(), DATA, TrainingConfig(tensorboard=True), folder=tmp_path)


def test_tensorboard_reads_what_is_logged(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    config = TrainingConfig(**SETTINGS | {"tensorboard": True})
    with pytest.raises(StoppedError):
        fit(Stopping(5), DATA, config, folder=tmp_path)
    history = fit(Stopping(), DATA, config, folder=tmp_path)
    events = accumulator.EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    steps = [(event.step, event.value) for event in events.Scalars("loss/step")]
    assert [step for step, _ in steps] == list(range(1, STEPS + 1))
    assert [value for _, value in steps] == pytest.approx(history.losses)
    tops = [event.value for event in events.Scalars("accuracy/top1")]
    assert tops == pytest.approx([record.top1 for record in history.records])
