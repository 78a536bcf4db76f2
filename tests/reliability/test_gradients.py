"""Gradients of every transform: equal to finite differences, twice where used, finite where nothing is."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

NOT_SMOOTH = {
    "hard_threshold",
    "n_term_approximation",
    "soft_threshold",
}  # kinks: not where finite differences look
TWICE = {
    "wavedec2 haar",
    "waverec2",
    "Scattering2D",
    "dual_tree_packets",
    "curvelets",
    "shift",
    "extend symmetric",
}


def images(*shape: int) -> Tensor:
    x = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    return x.requires_grad_()


def parts(call: Callable[[Tensor], Any], reliable: SimpleNamespace, x: Tensor) -> tuple[Tensor, ...]:
    return tuple(reliable.tensors(call(x)))


@pytest.mark.filterwarnings("ignore:Input #0 requires gradient:UserWarning")
def test_gradients_are_those_of_finite_differences(
    call: Callable[[Tensor], Any], name: str, reliable: SimpleNamespace
) -> None:
    x = images(16, 17)
    if name in NOT_SMOOTH:
        with torch.no_grad():
            x += 0.02 * x.sign()
    assert torch.autograd.gradcheck(lambda u: parts(call, reliable, u), (x,), fast_mode=True)


@pytest.mark.parametrize("twice", sorted(TWICE))
def test_second_derivatives(twice: str, reliable: SimpleNamespace) -> None:
    def energies(u: Tensor) -> tuple[Tensor, ...]:
        return tuple(part.abs().square() for part in parts(reliable.calls[twice], reliable, u))

    assert torch.autograd.gradgradcheck(energies, (images(16, 16),), fast_mode=True)


@pytest.mark.parametrize("picture", ["zeros", "ones", "one pixel"])
def test_gradients_are_finite_where_the_modulus_is_zero(
    call: Callable[[Tensor], Any], reliable: SimpleNamespace, picture: str
) -> None:
    x = torch.ones(32, 32) if picture == "ones" else torch.zeros(32, 32)
    if picture == "one pixel":
        x[3, 4] = 1
    x.requires_grad_()
    loss = sum((part.abs().sum() for part in parts(call, reliable, x)), torch.zeros(()))
    (gradient,) = torch.autograd.grad(loss, x)
    assert bool(gradient.isfinite().all())


def test_a_leaf_and_a_batch_give_the_same_gradient(
    call: Callable[[Tensor], Any], reliable: SimpleNamespace
) -> None:
    x = torch.randn(2, 20, 22, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

    def gradient(u: Tensor) -> Tensor:
        u = u.clone().requires_grad_()
        loss = sum((part.abs().square().sum() for part in parts(call, reliable, u)), u.new_zeros(()))
        return torch.autograd.grad(loss, u)[0]

    together = gradient(x)
    torch.testing.assert_close(
        together, torch.stack([gradient(x[0]), gradient(x[1])]), rtol=1e-10, atol=1e-10
    )
