"""Rates of loaders and networks, and who waits for whom."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from wavelets_course.training import throughput
from wavelets_course.training.throughput import Rates, compare_rates, loader_rate, model_rate


class Clock:
    """Time that passes only where it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(throughput, "time", made)
    return made


class Sleeper(nn.Module):
    """A model whose first two steps take long, the others a known time."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        super().__init__()
        self.linear, self.norm, self.seconds, self.clock = nn.Linear(3, 2), nn.BatchNorm1d(3), seconds, clock
        self.steps = 0

    def forward(self, x: Tensor) -> Tensor:
        self.steps += 1
        self.clock.sleep(9.0 if self.steps <= 2 else self.seconds)
        return self.linear(self.norm(x))


class SlowLoader:
    def __init__(self, seconds: float, clock: Clock, start: float = 5.0) -> None:
        self.seconds, self.start, self.clock = seconds, start, clock

    def __iter__(self) -> Iterator[tuple[Tensor, int]]:
        self.clock.sleep(self.start)
        for _ in range(12):
            self.clock.sleep(self.seconds)
            yield torch.randn(8, 3), 0


def test_a_known_pace_is_found_and_the_start_not_counted(clock: Clock) -> None:
    assert loader_rate(SlowLoader(0.04, clock), batches=6) == pytest.approx(200)
    assert model_rate(Sleeper(0.02, clock), torch.randn(8, 3), repeats=5) == pytest.approx(400)
    assert model_rate(Sleeper(0.02, clock), torch.randn(8, 3), repeats=5, train=False) == pytest.approx(400)


def test_the_slower_one_is_named(clock: Clock) -> None:
    slow_data = compare_rates(SlowLoader(0.08, clock), Sleeper(0.02, clock))
    slow_model = compare_rates(SlowLoader(0.02, clock), Sleeper(0.08, clock))
    assert (slow_data.slower, slow_model.slower) == ("loader", "model")
    assert (slow_data.idle, slow_model.idle) == (pytest.approx(0.75), 0)


def test_a_real_clock_runs_too() -> None:
    rates = compare_rates([torch.randn(4, 8)] * 5, nn.Linear(8, 2), repeats=2)
    assert rates.loader > 0
    assert rates.model > 0


def test_a_loader_is_gone_through_only_once() -> None:
    used_up = iter([torch.randn(4, 8)] * 5)
    assert compare_rates(used_up, nn.Linear(8, 2), batches=3, repeats=2).model > 0


def test_what_rates_say() -> None:
    starved = Rates(loader=250.0, model=1000.0)
    assert str(starved) == "loader 250/s, model 1,000/s: the model waits 75% of the time"
    assert (starved.workers_needed(2), starved.workers_needed(0)) == (8, 4)
    assert str(Rates(1500.0, 1000.0)) == "loader 1,500/s, model 1,000/s: it never waits"


def test_the_model_is_left_as_it_was() -> None:
    model = Sleeper(0.0, Clock()).eval()
    model.linear.train()
    model.linear.weight.grad = torch.ones(2, 3)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model_rate(model, torch.randn(8, 3), repeats=2)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert (model.training, model.norm.training, model.linear.training) == (False, False, True)
    assert torch.equal(model.linear.weight.grad, torch.ones(2, 3))
    assert model.linear.bias.grad is None


@pytest.mark.untyped
def test_too_few_batches_and_no_tensors() -> None:
    with pytest.raises(ValueError, match="got fewer than three batches of samples; take smaller"):
        loader_rate([torch.zeros(2)] * 2)
    with pytest.raises(TypeError, match=r"expected batches of tensors.* got str"):
        loader_rate([("a", 1)] * 3)
