"""Functions of which autograd keeps the argument alone, and computes the rest again on the way back."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]
PullBack = Callable[[Tensor, Tensor], Tensor]


def recomputed(function: Function, x: Tensor, pull_back: PullBack | None = None) -> Tensor:
    """Return ``function(x)``; derivatives of any degree compute it again from ``x``.

    Parameters
    ----------
    function
        A differentiable function of one tensor.
    x
        Its argument.
    pull_back
        Another way from ``x`` and the gradient with respect to ``function(x)`` to that with respect to
        ``x``, itself differentiable; by default `pulled_back`.
    """
    y: Tensor = _Recomputed.apply(x, function, pull_back or partial(pulled_back, function))
    return y


def pulled_back(function: Function, x: Tensor, gradient: Tensor) -> Tensor:
    """The gradient with respect to ``x`` from the one with respect to ``function(x)``."""
    kept = x.view_as(x)  # what another vjp has kept is tied to that one; an operation unties it
    back: Tensor = torch.func.vjp(function, kept)[1](gradient)[0]
    return back


class _Recomputed(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, function: Function, pull_back: PullBack) -> Tensor:
        return function(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Function, PullBack], output: Tensor) -> None:
        x, _, ctx.pull_back = inputs
        ctx.save_for_backward(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return ctx.pull_back(*ctx.saved_tensors, gradient), None, None
