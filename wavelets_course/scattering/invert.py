"""From scattering coefficients back to an image, by going downhill until they agree."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ..descent import History, minimise_each, step_decay
from ..descent.schedules import Schedule
from ..filters.whole import whole
from .layer import Scattering2D

InversionMethod: TypeAlias = Literal["lbfgs", "adam"]

PAPER_RATE = 10 / 255
"""Adam's first rate in the paper is 10 for pixels from 0 to 255; ours run from 0 to 1."""

NOISE = 0.02
"""Noise on the default start, relative to the size of order 0: enough to leave points of symmetry."""


def invert(
    scattering: nn.Module | Callable[[Tensor], Tensor],
    target: Float[Tensor, "*batch channels rows columns"],
    *,
    shape: tuple[int, int] | None = None,
    start: Float[Tensor, "*batch height width"] | None = None,
    method: InversionMethod = "lbfgs",
    steps: int = 1000,
    tolerance: float | int = 2e-3,
    learning_rate: float | int | None = None,
    schedule: Schedule | None = None,
    seed: int = 0,
    progress: bool | None = None,
) -> tuple[Float[Tensor, "*batch height width"], History]:
    r"""Look for an image with given scattering coefficients.

    It minimises, for each image of the batch by itself,

    .. math::
        \mathrm{err}(y)^2 = \|S y - T\|^2 / \|T\|^2

    and ends where ``err <= tolerance``. The modulus makes this a problem with many local minima, and from
    ``J = 3`` on there are fewer coefficients than pixels: a small error does not make a good image.

    - ``"lbfgs"``: quasi-Newton steps, see `descent.minimise_each`. Reaches in tens of steps what Adam
      reaches in hundreds.
    - ``"adam"``: what the paper does. The rate starts at 10 for pixels from 0 to 255, here ``10 / 255``,
      and is divided by 10 after each fifth of the steps.

    Units do not matter: each problem is solved for ``T`` over the power of two above its largest
    coefficient (1 for pixels from 0 to 1), and Adam's rate is in that unit, the default as a given one.

    Parameters
    ----------
    scattering
        A `Scattering2D`, or any differentiable function from images ``(n, height, width)`` to
        coefficients ``(n, channels, rows, columns)``, each image's from that image alone.
    target
        Coefficients ``(*batch, channels, rows, columns)``, finite. Half precision is computed in
        float32.
    shape
        Of the images, (height, width). Only needed where neither the layer nor ``start`` tells.
    start
        Where to begin, ``(*batch, height, width)``: an earlier result, say, to go on from there (the
        memory of the method begins anew). By default order 0, enlarged to the image's size by bicubic
        interpolation, with a little noise.
    method
        See above.
    steps
        Most steps to take.
    tolerance
        The relative error to stop at; the paper's 0.002 by default. 0 goes on until nothing moves.
    learning_rate, schedule
        In place of those of the method, as in `descent.minimise`.
    seed
        Of the noise on the default start. Another seed may end in another local minimum.
    progress
        Show a bar on stderr; by default only if stderr is a terminal.

    Returns
    -------
    image : Tensor
        ``(*batch, height, width)``, the best found; dtype and device of ``target``. Grey levels are not
        clipped.
    history : History
        ``losses`` are relative errors, means over the batch; ``parts`` holds each image's own.

    Raises
    ------
    TypeError
        If ``target`` or ``start`` is not a floating-point tensor, ``steps`` no whole number, or
        ``tolerance`` no number.
    ValueError
        If ``target`` has not the shape that ``scattering`` gives, lies on another device or is not
        finite, the images' shape is unknown, or no gradient comes back through ``scattering``.

    References
    ----------
    E. Oyallon, E. Belilovsky, S. Zagoruyko and M. Valko, Compressing the input for CNNs with the
    first-order scattering transform, ECCV 2018, section 2.2.

    Examples
    --------
    >>> import torch
    >>> from wavelets_course.scattering import Scattering2D
    >>> from wavelets_course.signals import disk, psnr
    >>> scattering, image = Scattering2D(J=2, shape=(32, 32), max_order=1), disk((32, 32))
    >>> found, history = invert(scattering, scattering(image), steps=50, tolerance=1e-2)
    >>> history.reason, bool(psnr(found, image) > 20)
    ('stop', True)
    """
    _check_target(scattering, target)
    steps = _checked_settings(method, steps, tolerance)
    wide = target.detach().to(torch.promote_types(target.dtype, torch.float32))
    goal = wide.reshape(math.prod(wide.shape[:-3]), *wide.shape[-3:])
    unit = _unit(goal)
    goal = _divided(goal, unit)
    first = _first(goal, _image_shape(scattering, shape, start), seed)
    if start is not None:
        first = _divided(_given(start, target).to(wide).reshape(len(goal), *start.shape[-2:]), unit)
    _check_agreement(scattering, first, target)
    size = torch.linalg.vector_norm(goal.flatten(1), dim=1)
    size = torch.where(size > 0, size, 1.0)  # nothing to be relative to: the error itself

    def squared_errors(y: Tensor, index: Tensor) -> Tensor:
        if isinstance(scattering, Scattering2D):  # S(c y) = c S(y)
            S = scattering(y)
        else:
            S = _divided(scattering(_divided(y, 1 / unit[index])), unit[index])
        gap: Tensor = (S - goal[index]).flatten(1)
        return (gap / size[index, None]).square().sum(1)

    if method == "adam":
        learning_rate = PAPER_RATE if learning_rate is None else learning_rate
        schedule = step_decay(max(1, steps // 5)) if schedule is None else schedule
    found, history = minimise_each(
        squared_errors,
        first,
        method=method,
        steps=steps,
        learning_rate=learning_rate,
        schedule=schedule,
        stop=tolerance**2,
        progress=progress,
    )
    found = _divided(found, 1 / unit)
    image = found.reshape(*target.shape[:-3], *found.shape[-2:]).to(target.dtype)
    return image, _in_relative_errors(history)


def _unit(goal: Tensor) -> Float[Tensor, " problems"]:
    """The power of two above each target's largest coefficient: where it is 1, pixels run from 0 to 1.

    Dividing by it costs no digit, so that images in other units take the same path.
    """
    if goal.numel() == 0:
        return goal.new_ones(len(goal), dtype=torch.float64)
    peak = goal.double().abs().flatten(1).amax(1)
    exponent = torch.where(peak > 0, peak, 1.0).log2().ceil().clamp(-1000, 1000)
    return torch.ldexp(torch.ones_like(peak), exponent)


def _divided(x: Tensor, unit: Tensor) -> Tensor:
    """Each problem over its unit, in float64: the unit may lie beyond the range of float32."""
    return (x.double() / unit.reshape(-1, *(1,) * (x.ndim - 1))).to(x.dtype)


def _first(goal: Tensor, shape: tuple[int, int], seed: int) -> Float[Tensor, "problems height width"]:
    """Order 0 enlarged, with noise drawn one image after the other so that company does not matter."""
    if goal.numel() == 0:
        return goal.new_zeros(len(goal), *shape)
    blurred = interpolate(goal[:, :1], size=shape, mode="bicubic", align_corners=False)[:, 0]
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    level = blurred.square().mean((-2, -1), keepdim=True).sqrt()
    level = torch.where(level > 0, level, goal.flatten(1).abs().amax(1)[:, None, None])
    first: Tensor = blurred + NOISE * level * noise.to(goal)
    return first


def _in_relative_errors(history: History) -> History:
    """Roots of the squared errors."""
    parts = tuple(replace(part, losses=tuple(map(math.sqrt, part.losses))) for part in history.parts)
    return History.of(parts, history.seconds)


def _image_shape(scattering: object, shape: tuple[int, int] | None, start: Tensor | None) -> tuple[int, int]:
    if shape is not None:
        return shape
    if isinstance(start, Tensor) and start.ndim >= 2:
        return start.shape[-2], start.shape[-1]
    known = "padded_shape" if getattr(scattering, "pre_pad", False) else "shape"
    found: tuple[int, int] | None = getattr(scattering, known, None)
    if found is None:
        raise ValueError(
            f"invert: {type(scattering).__name__} does not tell the shape of its images; "
            "give shape=(height, width) or start."
        )
    return found


def _check_target(scattering: object, target: Tensor) -> None:
    if not isinstance(target, Tensor) or not target.is_floating_point():
        came = target.dtype if isinstance(target, Tensor) else type(target).__name__
        raise TypeError(
            f"invert: expected floating-point coefficients, got {came}; give what scattering(image) returned "
            "(with out_type='array')."
        )
    if target.ndim < 3:
        raise ValueError(
            f"invert: expected coefficients (*batch, channels, rows, columns), got {tuple(target.shape)}."
        )
    buffers = list(scattering.buffers()) if isinstance(scattering, nn.Module) else []
    if buffers and buffers[0].device != target.device:
        raise ValueError(
            f"invert: the filters are on {buffers[0].device}, the target is on {target.device}; move one: "
            "scattering.to(target.device)."
        )
    if not target.isfinite().all():
        raise ValueError("invert: the target holds NaN or infinity, which no image has; leave it out.")


def _checked_settings(method: str, steps: int, tolerance: float | int) -> int:
    if method not in ("lbfgs", "adam"):
        raise ValueError(f"invert: method must be 'lbfgs' or 'adam', got {method!r}.")
    if not hasattr(tolerance, "__float__"):  # a string, for one
        raise TypeError(f"invert: tolerance must be a number, got {tolerance!r}; the paper's is 2e-3.")
    if not 0 <= tolerance < math.inf:
        raise ValueError(f"invert: tolerance must be >= 0, got {tolerance}; the paper's is 2e-3.")
    return whole("invert", "steps", steps)


def _given(start: Tensor, target: Tensor) -> Tensor:
    if not isinstance(start, Tensor) or not start.is_floating_point():
        came = start.dtype if isinstance(start, Tensor) else type(start).__name__
        raise TypeError(f"invert: expected a floating-point start, got {came}; convert it: start.float().")
    if start.ndim < 2 or start.shape[:-2] != target.shape[:-3]:
        raise ValueError(
            f"invert: expected a start of shape {(*target.shape[:-3], 'height', 'width')}, one image for "
            f"each target, got {tuple(start.shape)}; expand it."
        )
    if start.device != target.device or not start.isfinite().all():
        raise ValueError(
            f"invert: expected a finite start on {target.device}, got one on {start.device}; move it or "
            "leave it out."
        )
    return start.detach()


def _check_agreement(scattering: Callable[[Tensor], Tensor], first: Tensor, target: Tensor) -> None:
    """Scatter one image of zeros: does it give the target's shape, and a gradient?"""
    with torch.inference_mode(False), torch.enable_grad():
        probe = first.new_zeros(1, *first.shape[-2:]).requires_grad_()
        S = scattering(probe)
    if not isinstance(S, Tensor):
        raise TypeError(
            f"invert: scattering returned a {type(S).__name__}; make the layer with out_type='array'."
        )
    if S.shape[1:] != target.shape[-3:]:
        raise ValueError(
            f"invert: expected a target (*batch, {', '.join(map(str, S.shape[1:]))}) for images of "
            f"{first.shape[-2]}x{first.shape[-1]}, got {tuple(target.shape)}; use the layer that made it "
            "(J, L, max_order and shape)."
        )
    if not S.requires_grad:
        raise ValueError(
            "invert: scattering gives no gradient; compute it with torch, without .detach() or "
            "torch.no_grad()."
        )
