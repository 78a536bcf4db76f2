"""Inversion: finds what can be found, each image by itself, goes on where it stopped, says no clearly."""

import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from kymatio import Scattering2D as KymatioScattering2D
from torch import Tensor, nn

from wavelets_course import laws
from wavelets_course.scattering import Scattering2D, invert
from wavelets_course.signals import disk, psnr, random_polygons

SHAPE = (16, 20)


@pytest.fixture(scope="module")
def layer() -> Scattering2D:
    return Scattering2D(2, SHAPE, L=4, max_order=1)


@pytest.fixture
def images(generator: torch.Generator) -> Tensor:
    return torch.stack([random_polygons(SHAPE, 3, generator) for _ in range(3)])


def error(layer: nn.Module, image: Tensor, target: Tensor) -> float:
    return laws.relative_error(layer(image), target)


def test_finds_an_image_with_these_coefficients_and_near_the_original(layer: Scattering2D) -> None:
    image = disk(SHAPE, radius=5)
    easy = Scattering2D(1, SHAPE, L=4, max_order=1)  # 5 numbers for 4 pixels
    target = easy(image)
    found, history = invert(easy, target, steps=60)
    assert history.reason == "stop"
    assert history.best <= 2e-3 < history.losses[-2]
    assert error(easy, found, target) == pytest.approx(history.best, rel=1e-3)
    assert psnr(found, image) > 30
    with_few, deep = invert(layer, layer(image), steps=40)  # 9 numbers for 16 pixels
    assert deep.best < 3e-2
    assert 12 < psnr(with_few, image) < 25
    assert found.shape == SHAPE
    assert not found.requires_grad


def test_a_linear_transform_is_inverted_as_lstsq_does(generator: torch.Generator) -> None:
    """Without modulus the least-squares solution is known; from 0 descent ends at the one nearest to 0."""
    A = torch.randn(12, 20, generator=generator, dtype=torch.float64)
    target = torch.randn(12, 1, 1, generator=generator, dtype=torch.float64)
    found, _ = invert(
        lambda y: (y.flatten(1) @ A.T)[..., None, None],
        target,
        start=torch.zeros(4, 5, dtype=torch.float64),
        tolerance=1e-12,
    )
    nearest = torch.linalg.lstsq(A, target[:, 0, 0], driver="gelsd").solution
    torch.testing.assert_close(found.flatten(), nearest, rtol=0, atol=1e-9)


def test_kymatio_agrees_that_it_is_found(layer: Scattering2D) -> None:
    target = layer(disk(SHAPE, radius=5))
    found, history = invert(layer, target, steps=30)
    theirs = KymatioScattering2D(2, SHAPE, L=4, max_order=1, frontend="numpy")(found.numpy())
    assert laws.relative_error(torch.from_numpy(np.asarray(theirs)), target) == pytest.approx(
        history.best, rel=0.05
    )


def test_kymatio_can_be_inverted_too() -> None:
    theirs = KymatioScattering2D(2, SHAPE, L=4, max_order=1, frontend="torch")
    image = disk(SHAPE, radius=5)
    found, history = invert(theirs, theirs(image), shape=SHAPE, steps=60, tolerance=2e-2)
    assert history.converged
    assert psnr(found, image) > 14


@pytest.mark.parametrize("method", ["lbfgs", "adam"])
def test_batch_is_loop(method: Any, images: Tensor) -> None:
    layer = Scattering2D(2, SHAPE, L=4, max_order=1).double()
    target = layer(images.double())
    settings: Any = {"method": method, "steps": 12, "tolerance": 0.08}
    together, history = invert(layer, target, **settings)
    alone = [invert(layer, one, **settings) for one in target]
    torch.testing.assert_close(together, torch.stack([image for image, _ in alone]), rtol=0, atol=1e-6)
    for part, (_, own) in zip(history.parts, alone, strict=True):
        assert (part.steps, part.reason) == (own.steps, own.reason)
        assert part.losses == pytest.approx(own.losses, rel=1e-5)
    assert history.steps == max(part.steps for part in history.parts)


def test_any_batch_shape(layer: Scattering2D, images: Tensor) -> None:
    target = layer(images)
    nested, _ = invert(layer, target[:, None].expand(3, 2, -1, -1, -1), steps=3)
    flat, _ = invert(layer, target, steps=3)
    assert nested.shape == (3, 2, *SHAPE)
    torch.testing.assert_close(nested[:, 1], flat, rtol=0, atol=1e-4)
    nothing, history = invert(layer, target[:0], steps=3)
    assert nothing.shape == (0, *SHAPE)
    assert history.parts == ()


def test_goes_on_where_it_stopped(layer: Scattering2D, images: Tensor) -> None:
    target = layer(images)
    half, first = invert(layer, target, steps=5)
    kept = half.clone()
    _, second = invert(layer, target, start=half, steps=5)
    assert second.losses[0] == pytest.approx(sum(part.best for part in first.parts) / 3, rel=1e-5)
    assert second.best < first.best
    torch.testing.assert_close(half, kept, rtol=0, atol=0)
    again, third = invert(layer, target[0], start=images[0], steps=5)
    assert (third.steps, third.reason) == (0, "stop")
    torch.testing.assert_close(again, images[0], rtol=0, atol=0)


def test_start_is_a_blur_of_the_image_and_the_seed_moves_it_a_little(layer: Scattering2D) -> None:
    image = disk(SHAPE, radius=5)
    starts = [invert(layer, layer(image), steps=0, seed=seed)[0] for seed in (0, 0, 1)]
    torch.testing.assert_close(starts[0], starts[1], rtol=0, atol=0)
    assert 0 < laws.relative_error(starts[2], starts[0]) < 0.05
    assert laws.relative_error(starts[0], image) < 0.7


def test_adam_takes_the_papers_steps(layer: Scattering2D) -> None:
    """From 10 grey levels of 255, divided by 10 after each fifth: Adam's first step is the rate itself."""
    target = layer(disk(SHAPE, radius=5))
    start, _ = invert(layer, target, steps=0)
    once, _ = invert(layer, target, method="adam", start=start, steps=1, tolerance=0)
    moved = (once - start).abs()
    assert moved.max().item() == pytest.approx(10 / 255, rel=1e-3)
    _, history = invert(layer, target, method="adam", steps=20, tolerance=0)
    _, theirs = invert(
        layer,
        target,
        method="adam",
        steps=20,
        tolerance=0,
        learning_rate=10 / 255,
        schedule=lambda step: 0.1 ** (step // 4),
    )
    assert history.losses == pytest.approx(theirs.losses, rel=1e-3)


def test_lbfgs_beats_adam(layer: Scattering2D, images: Tensor) -> None:
    target = layer(images)
    adam, lbfgs = (invert(layer, target, method=m, steps=25, tolerance=0)[1] for m in ("adam", "lbfgs"))
    assert lbfgs.best < adam.best / 2


def test_flat_and_black_images(layer: Scattering2D) -> None:
    for level in (0.0, 0.7):
        image = torch.full(SHAPE, level)
        found, history = invert(layer, layer(image), steps=60)
        assert history.best <= 2e-3
        torch.testing.assert_close(found, image, rtol=0, atol=0.05)


def test_a_texture_is_left_from_a_flat_start(layer: Scattering2D) -> None:
    """Where order 0 is flat, the gradient of the moduli is 0: the noise of the start leads away."""
    waves = 0.5 + 0.3 * torch.cos(torch.arange(20.0) * 2).expand(SHAPE)
    _, history = invert(layer, layer(waves), steps=60, tolerance=0.05)
    assert history.converged


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64], ids=str)
def test_dtypes_and_devices(dtype: torch.dtype, device: torch.device) -> None:
    layer = Scattering2D(1, (8, 8), L=2, max_order=1).to(device)
    target = layer(disk((8, 8), device=device)).to(dtype)
    found, history = invert(layer, target, steps=20, tolerance=5e-2)
    assert (found.dtype, found.device.type) == (dtype, device.type)
    assert history.best < 5e-2


def test_orders_zero_and_two_and_padded_images() -> None:
    for order in (0, 2):
        layer = Scattering2D(2, SHAPE, L=2, max_order=order)
        target = layer(disk(SHAPE, radius=5))
        assert invert(layer, target, steps=30, tolerance=0.05)[1].converged
    padded = Scattering2D(2, SHAPE, L=2, max_order=1, pre_pad=True)
    found, _ = invert(padded, padded(torch.rand(padded.padded_shape)), steps=1)
    assert found.shape == padded.padded_shape


def test_inside_no_grad_and_inference_mode(layer: Scattering2D) -> None:
    target = layer(disk(SHAPE, radius=5))
    for mode in (torch.no_grad(), torch.inference_mode()):
        with mode:
            assert invert(layer, target, steps=10)[1].best < 0.2


def test_targets_that_are_not_contiguous(layer: Scattering2D, images: Tensor) -> None:
    target = layer(images)
    turned = target.transpose(0, 1).contiguous().transpose(0, 1)
    torch.testing.assert_close(
        invert(layer, turned, steps=3)[0], invert(layer, target, steps=3)[0], rtol=0, atol=1e-6
    )


def test_progress(layer: Scattering2D, capsys: pytest.CaptureFixture[str]) -> None:
    target = layer(disk(SHAPE, radius=5))
    invert(layer, target, steps=2)
    assert capsys.readouterr().err == ""
    invert(layer, target, steps=2, progress=True)
    assert re.search(r"2/2.*0 of 1 done", capsys.readouterr().err)


def test_a_transform_with_the_wrong_gradient_is_not_inverted(images: Tensor) -> None:
    """Sabotage: a scattering that lies about its gradient's sign never gets below its start."""

    class Lying(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, y: Tensor) -> Tensor:
            return y.clone()

        @staticmethod
        def backward(ctx: Any, *gradients: Tensor) -> Any:
            return -gradients[0]

    layer = Scattering2D(2, SHAPE, L=4, max_order=1)
    target = layer(images)
    _, history = invert(lambda y: layer(Lying.apply(y)), target[0], shape=SHAPE, steps=2)
    assert history.best == history.losses[0]


@pytest.mark.parametrize("method", ["lbfgs", "adam"])
@pytest.mark.parametrize("exponent", [-100, -73, -50, 50, 66])
def test_units_do_not_matter(layer: Scattering2D, method: Any, exponent: int) -> None:
    target = layer(disk(SHAPE, radius=5))
    found, history = invert(layer, target, method=method, steps=60)
    assert history.best < history.losses[0]
    other, same = invert(layer, target * 2.0**exponent, method=method, steps=60)
    torch.testing.assert_close(other / 2.0**exponent, found, rtol=0, atol=0)
    assert same.losses == history.losses


@pytest.mark.parametrize("c", [1e-30, 1e-22, 1e-15, 1e15, 1e20])
def test_the_error_is_the_true_one_in_any_unit(layer: Scattering2D, c: float) -> None:
    target = layer(disk(SHAPE, radius=5))
    found, history = invert(layer, target * c, steps=25)
    assert history.best < 0.06
    assert error(layer, found / c, target) == pytest.approx(history.best, rel=1e-3)
    _, other = invert(lambda y: layer(y), target * 1e15, shape=SHAPE, steps=25)
    assert other.best < 0.06


@pytest.mark.untyped
def test_what_is_no_target_is_refused(layer: Scattering2D) -> None:
    good = layer(torch.zeros(SHAPE))
    with pytest.raises(
        ValueError, match=r"invert: expected a target \(\*batch, 9, 4, 5\) .* got \(8, 4, 5\)"
    ):
        invert(layer, good[:8])
    with pytest.raises(ValueError, match=r"images of 16x20, got \(9, 4, 4\); use the layer that made it"):
        invert(layer, good[..., :4])
    with pytest.raises(ValueError, match="holds NaN or infinity, which no image has"):
        invert(layer, good + math.nan)
    with pytest.raises(
        ValueError, match=r"expected coefficients \(\*batch, channels, rows, columns\), got \(4, 5\)"
    ):
        invert(layer, good[0])
    for wrong in (good.int(), good.numpy(), [good]):
        with pytest.raises(TypeError, match="invert: expected floating-point coefficients, got"):
            invert(layer, wrong)
    with pytest.raises(ValueError, match="filters are on cpu, the target is on meta; move one"):
        invert(layer, good.to("meta"))


@pytest.mark.untyped
def test_what_is_no_start_is_refused(layer: Scattering2D) -> None:
    target = layer(torch.zeros(2, *SHAPE))
    with pytest.raises(
        ValueError, match=r"a start of shape \(2, 'height', 'width'\), one image for each target"
    ):
        invert(layer, target, start=torch.zeros(SHAPE))
    with pytest.raises(TypeError, match=r"floating-point start, got torch.int64; convert it: start.float"):
        invert(layer, target, start=torch.zeros(2, *SHAPE, dtype=torch.int64))
    with pytest.raises(ValueError, match="expected a finite start on cpu"):
        invert(layer, target, start=torch.full((2, *SHAPE), math.nan))
    with pytest.raises(ValueError, match="expected images of 16x20, got 16x16"):
        invert(layer, target, start=torch.zeros(2, 16, 16))


@pytest.mark.untyped
def test_what_cannot_be_inverted_is_refused(layer: Scattering2D) -> None:
    target = layer(torch.zeros(SHAPE))
    with pytest.raises(
        ValueError, match=r"does not tell the shape of its images; give shape=\(height, width\)"
    ):
        invert(lambda y: layer(y), target)
    with pytest.raises(ValueError, match=r"gives no gradient; compute it with torch, without \.detach"):
        invert(lambda y: layer(y).detach(), target, shape=SHAPE)
    listed = Scattering2D(2, SHAPE, L=4, max_order=1, out_type="list")
    with pytest.raises(TypeError, match=r"returned a list; make the layer with out_type='array'"):
        invert(listed, target)
    with pytest.raises(ValueError, match="method must be 'lbfgs' or 'adam', got 'newton'"):
        invert(layer, target, method="newton")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="tolerance must be >= 0, got -1"):
        invert(layer, target, tolerance=-1)
    with pytest.raises(TypeError, match=r"invert: steps must be a whole number, got 2\.5"):
        invert(layer, target, steps=2.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="invert: tolerance must be a number, got 'a'"):
        invert(layer, target, tolerance="a")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="steps must be >= 0"):
        invert(layer, target, steps=-1)
