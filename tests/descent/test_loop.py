"""The loop against SciPy, theory and a second implementation; what it keeps, refuses and reports."""

import math
import re
from typing import Any

import pytest
import torch
from scipy.optimize import rosen
from torch import Tensor

from wavelets_course.descent import minimise, step_decay


def rosenbrock(x: Tensor) -> Tensor:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def bowl(x: Tensor) -> Tensor:
    return 0.5 * (x - 3).square().sum()


START = torch.tensor([-1.2, 1.0, 0.5], dtype=torch.float64)


def test_lbfgs_finds_the_minimum_scipy_defines() -> None:
    x, history = minimise(rosenbrock, START)
    torch.testing.assert_close(x, torch.ones(3, dtype=torch.float64))
    assert history.losses[0] == pytest.approx(rosen(START.numpy()))
    assert history.best == pytest.approx(rosen(x.numpy()), abs=1e-20)
    assert history.best < 1e-15
    assert history.steps < 100
    assert history.reason == "stationary"


def test_adam_takes_the_steps_of_torch_with_the_schedule() -> None:
    _, history = minimise(
        rosenbrock, START, method="adam", steps=25, learning_rate=0.1, schedule=step_decay(10)
    )
    x = START.clone().requires_grad_()
    optimizer = torch.optim.Adam([x], lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.1)
    losses = []
    for _ in range(25):
        optimizer.zero_grad()
        loss = rosenbrock(x)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
        scheduler.step()
    torch.testing.assert_close(torch.tensor(history.losses), torch.tensor([*losses, rosenbrock(x).item()]))


def test_gradient_contracts_as_on_paper() -> None:
    start = torch.tensor([4.0], dtype=torch.float64)
    _, history = minimise(bowl, start, method="gradient", steps=4, learning_rate=0.5)
    assert history.losses == pytest.approx([0.5 / 4**k for k in range(5)])
    _, diverging = minimise(
        bowl, start, method="gradient", steps=4, learning_rate=2.5
    )  # beyond 2 / lipschitz
    assert diverging.best_step == 0
    assert diverging.losses[-1] > diverging.losses[0]


@pytest.mark.parametrize("method", ["lbfgs", "adam", "gradient"])
def test_best_iterate_is_returned_and_the_start_untouched(method: Any) -> None:
    start = START.clone().requires_grad_()
    x, history = minimise(
        rosenbrock, start, method=method, steps=30, learning_rate=1e-3 if method == "gradient" else None
    )
    assert rosenbrock(x).item() == history.best == min(history.losses)
    assert not x.requires_grad
    assert start.grad is None
    torch.testing.assert_close(start.detach(), START, rtol=0, atol=0)


def test_best_iterate_is_not_the_last_when_steps_overshoot() -> None:
    x, history = minimise(bowl, torch.tensor([2.9]), method="gradient", steps=3, learning_rate=2.5)
    assert history.best_step == 0
    torch.testing.assert_close(x, torch.tensor([2.9]), rtol=0, atol=0)


def test_stops_at_a_tolerance_and_not_before() -> None:
    _, history = minimise(bowl, torch.tensor([0.0]), method="gradient", stop=1e-3)
    assert history.reason == "stop"
    assert history.converged
    assert history.losses[-1] <= 1e-3 < history.losses[-2]
    _, at_once = minimise(bowl, torch.tensor([3.0]), stop=0)
    assert (at_once.reason, at_once.steps) == ("stop", 0)


def test_stops_when_a_callable_says_so_and_hands_it_copies() -> None:
    seen: list[tuple[float, Tensor]] = []

    def third(loss: float, x: Tensor) -> bool:
        seen.append((loss, x))
        return len(seen) == 3

    _, history = minimise(bowl, torch.zeros(2), method="adam", stop=third)
    assert history.reason == "stop"
    assert history.losses == tuple(loss for loss, _ in seen)
    assert [bowl(x).item() for _, x in seen] == [loss for loss, _ in seen]
    assert not seen[0][1].requires_grad


def test_runs_out_of_steps() -> None:
    x, history = minimise(bowl, torch.zeros(2), method="adam", steps=0)
    torch.testing.assert_close(x, torch.zeros(2))
    assert (history.losses, history.reason, history.converged) == ((9.0,), "steps", False)
    assert history.seconds >= 0


@pytest.mark.parametrize("method", ["lbfgs", "adam", "gradient"])
def test_stands_still_where_the_gradient_is_zero(method: Any) -> None:
    x, history = minimise(bowl, torch.full((2,), 3.0), method=method)
    assert (history.reason, history.steps) == ("stationary", 1)
    assert x.tolist() == [3, 3]


@pytest.mark.parametrize("method", ["adam", "gradient"])
def test_a_batch_is_solved_as_its_parts(method: Any) -> None:
    starts = torch.stack((START, START.flip(0), 2 * START))
    settings: Any = {"method": method, "steps": 20, "learning_rate": 1e-3}
    together, _ = minimise(lambda x: sum((rosenbrock(row) for row in x), x.new_zeros(())), starts, **settings)
    alone = torch.stack([minimise(rosenbrock, start, **settings)[0] for start in starts])
    torch.testing.assert_close(together, alone)


@pytest.mark.parametrize("method", ["lbfgs", "adam", "gradient"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64, torch.complex64], ids=str)
def test_dtypes_devices_and_shapes(method: Any, dtype: torch.dtype, device: torch.device) -> None:
    start = torch.zeros(2, 0, 3, dtype=dtype, device=device)
    assert minimise(lambda x: x.abs().sum(), start, method=method)[0].shape == (2, 0, 3)
    start = torch.zeros(4, 2, dtype=dtype, device=device).T
    x, _ = minimise(lambda x: (x - 1).abs().square().sum(), start, method=method, steps=150)
    assert (x.dtype, x.device.type, x.shape) == (dtype, device.type, start.shape)
    torch.testing.assert_close(x, torch.ones_like(x), rtol=0, atol=0.02)


def test_equal_points_are_not_computed_twice() -> None:
    calls = []

    def counted(x: Tensor) -> Tensor:
        calls.append(x.detach().clone())
        return rosenbrock(x)

    minimise(counted, START, method="adam", steps=10)
    assert len(calls) == 11
    calls.clear()
    _, history = minimise(counted, START, steps=20)
    assert len(calls) < 2 * history.steps


def test_weights_inside_the_loss_get_no_gradient_and_no_grad_does_no_harm() -> None:
    layer = torch.nn.Linear(2, 1)
    with torch.no_grad():
        _, history = minimise(lambda x: layer(x).square().sum(), torch.ones(2), steps=20)
    assert history.best < 1e-8
    assert layer.weight.grad is None


@pytest.mark.parametrize("method", ["lbfgs", "adam", "gradient"])
def test_a_loss_that_turns_nan_is_reported_with_its_step(method: Any) -> None:
    calls = 0

    def breaks(x: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return rosenbrock(x) * (math.nan if calls == 4 else 1.0)

    start = START.clone()
    expected = rf"the loss \(nan\) is not finite at step \d of '{method}' with learning_rate = .*; lower"
    with pytest.raises(FloatingPointError, match=expected) as error:
        minimise(breaks, start, method=method, learning_rate=1e-3)
    if method != "lbfgs":
        assert "at step 3 " in str(error.value)
    torch.testing.assert_close(start, START, rtol=0, atol=0)


def test_a_gradient_that_is_not_finite_is_reported() -> None:
    with pytest.raises(FloatingPointError, match="the gradient is not finite at step 0"):
        minimise(lambda x: x.sqrt().sum(), torch.zeros(2))


def test_progress_goes_to_stderr_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    minimise(bowl, torch.zeros(2), steps=3, method="adam")
    minimise(bowl, torch.zeros(2), steps=3, method="adam", progress=False)
    assert capsys.readouterr() == ("", "")
    minimise(bowl, torch.zeros(2), steps=3, method="adam", progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(r"minimise: 100%.*3/3.*loss \d", err.replace("\r", "\n").splitlines()[-1])


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (lambda x: x, r"must be one real number, got shape \(2,\), torch.float32; return its \.sum"),
        (lambda x: x.sum() + 1j, r"must be one real number, got shape \(\), torch.complex64"),
        (lambda x: 1.0, "must be one real number, got float"),
        (lambda x: x.detach().sum(), r"does not depend on x .* without \.detach"),
        (lambda x: torch.ones((), requires_grad=True) * 2, "does not depend on x"),
    ],
)
def test_a_loss_that_cannot_be_minimised_is_refused(loss: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        minimise(loss, torch.ones(2))


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"method": "newton"}, "method must be one of lbfgs, adam, gradient; got 'newton'"),
        ({"steps": -1}, "steps must be >= 0, got -1"),
        ({"learning_rate": 0}, "learning_rate must be positive, got 0; try 0.1"),
        ({"learning_rate": math.nan}, "learning_rate must be positive, got nan"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        minimise(bowl, torch.ones(2), **settings)


@pytest.mark.parametrize("method", ["lbfgs", "adam", "gradient"])
def test_a_warm_up_from_rate_zero_does_not_end_the_descent(method: Any) -> None:
    x, history = minimise(
        bowl, torch.ones(3), method=method, steps=100, schedule=lambda step: min(1.0, step / 10)
    )
    assert history.losses[1] == history.losses[0]
    torch.testing.assert_close(x, torch.full((3,), 3.0), rtol=0, atol=0.1)
    _, frozen = minimise(bowl, torch.ones(3), method=method, steps=4, schedule=lambda step: 0)
    assert (frozen.steps, frozen.reason) == (4, "steps")


@pytest.mark.untyped
@pytest.mark.parametrize("multiple", [-1.0, math.nan, math.inf])
def test_a_schedule_that_goes_uphill_is_refused(multiple: float) -> None:
    with pytest.raises(ValueError, match=rf"schedule\(2\) must be finite and >= 0, got {multiple}"):
        minimise(bowl, torch.ones(2), method="adam", schedule=lambda step: multiple if step == 2 else 1)


@pytest.mark.parametrize("method", ["lbfgs", "adam", "gradient"])
def test_inference_mode_around_the_call_does_no_harm(method: Any) -> None:
    with torch.inference_mode():
        x, history = minimise(bowl, torch.zeros(2), method=method, stop=1e-3)
    assert history.reason == "stop"
    assert not x.is_inference()


@pytest.mark.untyped
def test_integers_are_refused() -> None:
    with pytest.raises(TypeError, match=r"minimise: expected a tensor to start from, got list; convert it"):
        minimise(bowl, [1.0, 2.0])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"got torch.int64; convert it: start\.float\(\)"):
        minimise(bowl, torch.ones(2, dtype=torch.int64))
