"""Exercises of the chapter on inversion."""

import math

import torch
from torch import Tensor

from ..filters import gabor_bank_2d
from ..scattering import Scattering2D, invert, scattering_2d
from ..signals import random_polygons, spectral_blob
from .exercise import Answer, Exercise, Property, Wrong, call, close, number, tensor

SIDE = 16


# inversion-1: one step downhill


def _step(answer: Answer, scattering: object, target: Tensor, y: Tensor, rate: float) -> Tensor:
    given = (scattering, target, y, rate)
    return tensor(call(answer, *given), y.shape, "the image after the step", given[1:])


def _step_linear(answer: Answer, generator: torch.Generator) -> None:
    A = torch.randn(7, 5 * 4, generator=generator, dtype=torch.float64)
    y, image = (torch.randn(5, 4, generator=generator, dtype=torch.float64) for _ in range(2))

    def operator(x: Tensor) -> Tensor:
        return A @ x.flatten()

    target, rate = operator(image), 0.01
    gradient = (A.T @ (operator(y) - target)).reshape(5, 4)
    found = _step(answer, operator, target, y, rate)
    if close(found, y - rate * gradient):
        return
    if close(found, y + rate * gradient):
        raise Wrong("this goes uphill: the step is minus rate times the gradient")
    if close(found, y - 2 * rate * gradient):
        raise Wrong("twice as far as asked: the loss has a factor 1/2")
    raise Wrong("for S y = A y the step should be y - rate A^T (A y - target)")


def _step_scattering(answer: Answer, generator: torch.Generator) -> None:
    scattering = Scattering2D(2, (SIDE, SIDE), L=4, max_order=1).double()
    y, image = (random_polygons((SIDE, SIDE), 3, generator).double() for _ in range(2))
    target = torch.as_tensor(scattering(image))
    before = torch.linalg.vector_norm(scattering(y) - target)
    found = _step(answer, scattering, target, y, 0.5)
    probe = y.clone().requires_grad_()
    loss = (scattering(probe) - target).square().sum() / 2
    (gradient,) = torch.autograd.grad(loss, probe)
    if not close(found, y - 0.5 * gradient, 1e-6):
        raise Wrong("on a scattering transform the step is not y - rate * gradient: use torch.autograd.grad")
    if not torch.linalg.vector_norm(scattering(found) - target) < before:
        raise Wrong("a small step should bring the coefficients nearer to the target")


# inversion-2: how wide is the blob?


def _widths(generator: torch.Generator, least: float) -> list[float]:
    return (least + 2 * torch.rand(3, generator=generator, dtype=torch.float64)).tolist()


def _width(answer: Answer, means: tuple[float, float], xi: float, sigma: float, expected: float) -> None:
    given = (*means, xi, sigma)
    found = number(call(answer, *given), "the standard deviation", given)
    if abs(found - expected) <= 2e-3 * expected:
        return
    case = f"means {means[0]:.4g} and {means[1]:.4g}, xi {xi:.3g}, sigma {sigma:.3g}: "
    if abs(found - expected**2) <= 2e-3 * expected**2:
        raise Wrong(case + "this is the variance; take its root")
    raise Wrong(case + f"the blob's standard deviation is {expected:.4g}, you say {found:.4g}")


def _width_formula(answer: Answer, generator: torch.Generator) -> None:
    for s in _widths(generator, 0.8):
        xi, sigma, mass = 1.0, 2.0, 0.3
        gamma = math.exp(-(xi**2) / 2 / (1 / s**2 + 1 / sigma**2))
        _width(answer, (mass, gamma * mass), xi, sigma, s)


def _width_measured(answer: Answer, generator: torch.Generator) -> None:
    bank = gabor_bank_2d((64, 64), J=2)
    for s in _widths(generator, 2.0):  # thinner ones alias when sampled every 4 pixels
        x = spectral_blob((64, 64), s**2 * torch.eye(2, dtype=torch.float64), dtype=torch.float64)
        S = scattering_2d(x, bank, max_order=1).mean((-2, -1))
        _width(answer, (S[0].item(), S[16].item()), bank.xi[1].item(), bank.sigma[1].item(), s)


# inversion-3: the best of several starts


def _several(answer: Answer, generator: torch.Generator) -> None:
    scattering = Scattering2D(2, (SIDE, SIDE), L=4, max_order=1)
    target = torch.as_tensor(scattering(random_polygons((SIDE, SIDE), 4, generator)))
    seeds = torch.randint(1000, (3,), generator=generator).tolist()
    given = (scattering, target, seeds)
    image = tensor(call(answer, *given), (SIDE, SIDE), "the image", (target, seeds)).to(target)
    errors = [invert(scattering, target, steps=8, tolerance=0, seed=s)[1].best for s in seeds]
    gap = torch.linalg.vector_norm(scattering(image) - target) / torch.linalg.vector_norm(target)
    if float(gap) > 1.02 * min(errors) + 1e-6:
        raise Wrong(
            f"the seeds {seeds} reach relative errors {', '.join(f'{e:.2g}' for e in errors)} in 8 steps; "
            f"yours has {float(gap):.2g}: return the image with the smallest history.best"
        )


EXERCISES = (
    Exercise(
        "inversion-1",
        "One step downhill",
        "Write `step_down(scattering, target, y, rate)`: the image after one gradient step from `y` on "
        "$\\frac12 \\|S y - T\\|^2$. `scattering` is any differentiable function; `torch.autograd.grad` is "
        "of use. Leave `y` as it is.",
        "def step_down(scattering, target, y, rate):\n    ...  # the shape of y",
        (
            Property("right for a matrix, where the gradient is known on paper", _step_linear),
            Property("right for a scattering transform, and it goes down", _step_scattering),
        ),
    ),
    Exercise(
        "inversion-2",
        "How wide is the blob?",
        "A round blob of standard deviation $s$ sits anywhere on black. You know only the mean of its order "
        "0, the mean of one channel of order 1, and that channel's $\\xi$ and $\\sigma$. Write "
        "`blob_width(mean_0, mean_1, xi, sigma)`, which returns $s$.",
        "def blob_width(mean_0, mean_1, xi, sigma):\n    ...  # s, in pixels",
        (
            Property("right for means from the formula", _width_formula),
            Property("right for means that were measured", _width_measured),
        ),
    ),
    Exercise(
        "inversion-3",
        "The best of several starts",
        "Write `best_of(scattering, target, seeds)`: invert `target` once from each seed, 8 steps with "
        "`tolerance=0`, and return the image whose relative error is smallest.",
        "def best_of(scattering, target, seeds):\n    ...  # an image",
        (Property("no seed does better", _several),),
    ),
)
