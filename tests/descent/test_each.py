"""Problems side by side against the same problems one after the other, SciPy, and torch's own Adam."""

import math
import re
from typing import Any

import pytest
import torch
from scipy.optimize import minimize as scipy_minimize
from scipy.optimize import rosen, rosen_der
from torch import Tensor

from wavelets_course.descent import History, minimise_each, rows, step_decay

STARTS = torch.tensor([[-1.2, 1.0, 0.5], [0.5, 1.0, -1.2], [1.0, 1.0, 1.0], [3.0, -2.0, 1.0]]).double()
GOALS = torch.tensor([1.0, 4.0, 9.0], dtype=torch.float64)
METHODS = ["lbfgs", "adam", "gradient"]


def rosenbrock(x: Tensor, index: Tensor) -> Tensor:
    return (100 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1 - x[:, :-1]) ** 2).sum(1)


def bowls(x: Tensor, index: Tensor) -> Tensor:
    return 0.5 * (x - GOALS.to(x)[index, None]).square().sum(1)


def test_lbfgs_finds_the_minima_that_scipy_finds() -> None:
    x, history = minimise_each(rosenbrock, STARTS)
    for found, part, start in zip(x, history.parts, STARTS, strict=True):
        theirs = scipy_minimize(rosen, start.numpy(), jac=rosen_der, method="L-BFGS-B", tol=1e-14)
        torch.testing.assert_close(found, torch.from_numpy(theirs.x), rtol=0, atol=1e-5)
        assert part.losses[0] == pytest.approx(rosen(start.numpy()))
        assert part.best == pytest.approx(rosen(found.numpy()), abs=1e-18)
        assert part.steps < 3 * theirs.nit + 5
        assert part.reason == "stationary"


def test_adam_takes_the_steps_of_torch_with_the_schedule() -> None:
    settings: Any = {"method": "adam", "steps": 25, "learning_rate": 0.1, "schedule": step_decay(10)}
    _, history = minimise_each(rosenbrock, STARTS, **settings)
    x = STARTS.clone().requires_grad_()
    optimizer = torch.optim.Adam([x], lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.1)
    for _ in range(25):
        optimizer.zero_grad()
        rosenbrock(x, torch.arange(4)).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        scheduler.step()
    last = torch.tensor([part.losses[-1] for part in history.parts], dtype=torch.float64)
    torch.testing.assert_close(last, rosenbrock(x.detach(), torch.arange(4)))


def test_gradient_contracts_as_on_paper() -> None:
    _, history = minimise_each(bowls, torch.zeros(1, 1), method="gradient", steps=4, learning_rate=0.5)
    assert history.losses == pytest.approx([0.5 / 4**k for k in range(5)])


@pytest.mark.parametrize("method", METHODS)
def test_a_problem_does_not_notice_its_company(method: Any) -> None:
    settings: Any = {"method": method, "steps": 30, "learning_rate": None if method == "lbfgs" else 1e-4}
    together, history = minimise_each(rosenbrock, STARTS, stop=0.5, **settings)
    for number, start in enumerate(STARTS):
        alone, own = minimise_each(rosenbrock, start[None], stop=0.5, **settings)
        torch.testing.assert_close(together[number], alone[0])
        assert history.parts[number].reason == own.reason
        assert history.parts[number].losses == pytest.approx(own.losses)


def test_each_ends_when_it_is_done_and_is_not_computed_again() -> None:
    asked: list[list[int]] = []

    def watched(x: Tensor, index: Tensor) -> Tensor:
        asked.append(index.tolist())
        return bowls(x, index)

    x, history = minimise_each(
        watched, torch.zeros(3, 2), method="gradient", steps=90, learning_rate=0.1, stop=0.5
    )
    ends = [part.steps for part in history.parts]
    assert ends == sorted(ends)
    assert ends[0] < ends[2]
    assert [sum(number in row for row in asked) for number in range(3)] == [end + 1 for end in ends]
    assert history.steps == ends[2]
    assert all(part.losses[-1] <= 0.5 < part.losses[-2] for part in history.parts)
    torch.testing.assert_close(bowls(x, torch.arange(3)), torch.tensor([part.best for part in history.parts]))


def test_the_best_iterate_is_returned_and_the_start_untouched() -> None:
    start = torch.full((1, 2), 0.9)
    x, history = minimise_each(bowls, start, method="gradient", steps=3, learning_rate=2.5)
    assert history.best_step == 0
    torch.testing.assert_close(x, torch.full((1, 2), 0.9), rtol=0, atol=0)
    torch.testing.assert_close(start, torch.full((1, 2), 0.9), rtol=0, atol=0)


def test_lbfgs_goes_over_kinks() -> None:
    weights = torch.arange(1.0, 9.0, dtype=torch.float64)
    start = torch.linspace(-3, 2, 16, dtype=torch.float64).reshape(2, 8)
    _, history = minimise_each(lambda x, index: (weights * x.abs()).sum(1), start, steps=300)
    assert max(part.best for part in history.parts) < 1e-6


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_dtypes_devices_shapes_and_nothing(method: Any, dtype: torch.dtype, device: torch.device) -> None:
    for shape in ((0, 3), (2, 0, 3), (0,)):
        x, history = minimise_each(
            lambda x, index: x.flatten(1).sum(1),
            torch.zeros(shape, dtype=dtype, device=device),
            method=method,
        )
        assert (x.shape, history.reason) == (shape, "stationary")
    start = torch.zeros(4, 2, 3, dtype=dtype, device=device).transpose(1, 2)
    with torch.no_grad():
        x, _ = minimise_each(lambda x, index: (x - 1).square().sum((1, 2)), start, method=method, steps=150)
    assert (x.dtype, x.device.type, x.shape) == (dtype, device.type, start.shape)
    torch.testing.assert_close(x, torch.ones_like(x), rtol=0, atol=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_stands_still_where_the_gradient_is_zero(method: Any) -> None:
    _, history = minimise_each(bowls, GOALS[:, None], method=method)
    assert [(part.reason, part.steps) for part in history.parts] == [("stationary", 1)] * 3


@pytest.mark.parametrize("method", METHODS)
def test_a_warm_up_from_rate_zero_does_not_end_the_descent(method: Any) -> None:
    x, history = minimise_each(
        bowls, torch.ones(3, 1), method=method, steps=400, schedule=lambda step: min(1.0, step / 10)
    )
    assert history.losses[1] == history.losses[0]
    torch.testing.assert_close(x[:, 0], GOALS.float(), rtol=0, atol=0.1)


def test_the_mean_counts_those_that_ended() -> None:
    _, history = minimise_each(bowls, torch.zeros(3, 1), method="gradient", learning_rate=0.5, stop=0.5)
    parts = history.parts
    assert parts[0].steps == 0
    assert history.losses[0] == pytest.approx((0.5 + 8 + 40.5) / 3)
    assert history.losses[1] == pytest.approx((0.5 + 2 + 40.5 / 4) / 3)
    assert history.reason == "stop"
    assert History.of((), 0.0).losses == (0.0,)


def test_a_search_that_ignores_the_armijo_condition_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sabotage: without sufficient decrease Rosenbrock's valley is left uphill."""
    monkeypatch.setattr(rows, "ARMIJO", -1e9)
    _, history = minimise_each(rosenbrock, STARTS, steps=60)
    assert any(b > a for part in history.parts for a, b in zip(part.losses, part.losses[1:], strict=False))


def test_lbfgs_never_goes_uphill() -> None:
    _, history = minimise_each(rosenbrock, STARTS, steps=60)
    assert all(b <= a for part in history.parts for a, b in zip(part.losses, part.losses[1:], strict=False))


def test_progress_says_how_many_are_done(capsys: pytest.CaptureFixture[str]) -> None:
    minimise_each(bowls, torch.zeros(3, 1), steps=3)
    assert capsys.readouterr().err == ""
    minimise_each(bowls, GOALS[:, None] + 0.5, steps=3, stop=0, method="gradient", progress=True)
    assert re.search(r"loss \d.*, 0 of 3 done", capsys.readouterr().err)


@pytest.mark.parametrize("method", METHODS)
def test_a_loss_that_is_not_finite_names_the_problem(method: Any) -> None:
    def broken(x: Tensor, index: Tensor) -> Tensor:
        return bowls(x, index) * torch.where(index == 1, math.nan, 1.0)

    with pytest.raises(FloatingPointError, match=rf"problem 1 is not finite at step 0 of '{method}'"):
        minimise_each(broken, torch.zeros(3, 1), method=method)


def test_a_search_backs_out_of_nan() -> None:
    x, _ = minimise_each(lambda x, index: x[:, 0] - x[:, 0].log(), torch.full((1, 1), 40.0).double())
    torch.testing.assert_close(x, torch.ones(1, 1).double())


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("losses", "text"),
    [
        (lambda x, index: x.sum(), r"one real number for each of 2 problems, got \(\); sum over all axes"),
        (lambda x, index: x, r"got \(2, 3\)"),
        (lambda x, index: 1.0, "got float"),
        (lambda x, index: x.detach().sum(1), r"do not depend on x .* without \.detach"),
        (lambda x, index: torch.ones(2, requires_grad=True) * 2, "do not depend on x"),
    ],
)
def test_losses_that_cannot_be_minimised_are_refused(losses: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        minimise_each(losses, torch.ones(2, 3))


@pytest.mark.untyped
def test_problems_need_an_axis_and_real_numbers() -> None:
    with pytest.raises(
        ValueError, match=r"expected real problems \(problems, \*shape\), got torch.complex64"
    ):
        minimise_each(bowls, torch.zeros(2, 2, dtype=torch.complex64))
    with pytest.raises(ValueError, match=r"of shape \(\); use minimise for one problem"):
        minimise_each(bowls, torch.zeros(()))
    with pytest.raises(ValueError, match="minimise_each: method must be one of"):
        minimise_each(bowls, torch.zeros(2, 2), method="newton")  # type: ignore[arg-type]
