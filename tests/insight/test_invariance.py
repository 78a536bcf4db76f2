"""Flip rates, consistency and distances of networks whose answers are known."""

import math

import pytest
import torch
from torch import Tensor, nn

from wavelets_course.insight import (
    FAMILIES,
    accuracies,
    consistency,
    distances,
    flip_rate,
    flips,
    unit_fields,
    warped,
)
from wavelets_course.insight.evaluating import evaluating

IMAGES = torch.rand(7, 1, 16, 16, generator=torch.Generator().manual_seed(0))


def column_of_the_brightest(x: Tensor) -> Tensor:
    return x.amax((1, 2))


def coarse_column(x: Tensor) -> Tensor:
    """Which block of four columns is brightest."""
    return x.amax((1, 2)).unflatten(1, (-1, 4)).amax(2)


def invariant(x: Tensor) -> Tensor:
    return torch.stack([x.amax((1, 2, 3)), x.amin((1, 2, 3))], 1)


class Dizzy(nn.Module):
    """Right in evaluation mode only."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        assert not self.training
        assert not torch.is_grad_enabled()
        self.calls += 1
        return self.weight * invariant(x)


def test_a_flip_is_a_step_where_the_answer_changes():
    row = torch.zeros(1, 1, 1, 16)
    row[..., 2] = 1
    steps = flips(coarse_column, row, range(9), boundary="zero")
    assert steps.tolist() == [[False, True, False, False, False, True, False, False]]
    assert flip_rate(coarse_column, row, range(9), boundary="zero") == 0.25


def test_rates_of_the_two_extremes():
    assert flip_rate(invariant, IMAGES, boundary="periodic") == 0
    bright = torch.zeros(5, 1, 1, 16)
    bright[..., 0] = 1
    assert flip_rate(column_of_the_brightest, bright, boundary="zero") == 1


def test_rate_is_the_mean_over_images_and_steps_by_hand():
    answers = torch.stack([coarse_column(warped(IMAGES, s)).argmax(1) for s in range(4)], 1)
    by_hand = (answers[:, 1:] != answers[:, :-1]).double().mean().item()
    assert 0 < by_hand < 1
    assert flip_rate(coarse_column, IMAGES, range(4)) == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_batches_make_no_difference(family, batch_size):
    sizes = (0, 0.1, 0.3)

    def measured(size: int) -> tuple[Tensor, Tensor]:
        settings = {"family": family, "batch_size": size}
        return (
            flips(coarse_column, IMAGES, sizes, generator=torch.Generator().manual_seed(5), **settings),
            distances(coarse_column, IMAGES, sizes, generator=torch.Generator().manual_seed(5), **settings),
        )

    whole, parts = measured(7), measured(batch_size)
    assert torch.equal(whole[0], parts[0])
    torch.testing.assert_close(whole[1], parts[1], rtol=1e-6, atol=1e-7)


def test_consistency_of_extremes_and_its_seed():
    def draw(model, seed, **settings):
        return consistency(model, IMAGES, generator=torch.Generator().manual_seed(seed), **settings)

    assert draw(invariant, 0, boundary="periodic") == 1
    values = [draw(column_of_the_brightest, seed) for seed in range(4)]
    assert values == [draw(column_of_the_brightest, seed) for seed in range(4)]
    assert max(values) < 0.7
    assert draw(coarse_column, 0, largest=1) >= draw(coarse_column, 0, largest=8)


@pytest.mark.parametrize("family", FAMILIES)
def test_consistency_knows_every_family(family):
    generator = torch.Generator().manual_seed(0)
    value = consistency(
        coarse_column, IMAGES, {"shift": 8}.get(family, 0.6), family=family, generator=generator
    )
    assert 0 < value < 1


def test_consistency_is_a_share_of_images():
    """Half of the images are constant: their answer never changes."""
    images = torch.zeros(200, 1, 8, 16)
    images[::2, :, :, 0] = 1
    value = consistency(
        column_of_the_brightest, images, 8, boundary="periodic", generator=torch.Generator().manual_seed(0)
    )
    expected = 0.5 + 0.5 * (19 / 17**2)  # two of 17 shifts, modulo 16: equal, or -8 and 8
    assert value == pytest.approx(expected, abs=0.08)


def test_distances_of_pixels_follow_the_formula():
    gaps = distances(lambda x: x, IMAGES, (0, 1, 16), boundary="periodic")
    by_hand = (torch.roll(IMAGES, 1, -1) - IMAGES).flatten(1).norm(dim=1) / IMAGES.flatten(1).norm(dim=1)
    torch.testing.assert_close(gaps[1], by_hand.double(), rtol=1e-5, atol=0)
    assert gaps[[0, 2]].tolist() == [[0.0] * 7] * 2
    assert gaps.dtype == torch.float64


def test_distances_of_invariant_and_of_empty_features():
    gaps = distances(lambda x: torch.fft.fft2(x).abs(), IMAGES, range(1, 5), boundary="periodic")
    assert gaps.max() < 1e-5
    assert distances(lambda x: 0 * x, IMAGES, (1,)).tolist() == [[0.0] * 7]
    assert (
        distances(lambda x: x - x[..., :1, :1], torch.ones(1, 1, 4, 4), (1,), boundary="zero").isinf().all()
    )
    assert distances(lambda x: x, IMAGES, ()).shape == (0, 7)


def test_distances_of_complex_features_count_both_parts():
    gaps = distances(lambda x: torch.complex(x, 2 * x), IMAGES, (1,))
    torch.testing.assert_close(gaps, distances(lambda x: x, IMAGES, (1,)), rtol=1e-6, atol=0)


def test_deformations_grow_along_one_field_an_image():
    sizes = (0.05, 0.1)
    gaps = distances(
        lambda x: x, IMAGES, sizes, family="deformation", generator=torch.Generator().manual_seed(3)
    )
    fields = unit_fields(7, (16, 16), torch.Generator().manual_seed(3), like=IMAGES)
    moved = warped(IMAGES, 0.1, family="deformation", fields=fields)
    by_hand = (moved - IMAGES).flatten(1).norm(dim=1) / IMAGES.flatten(1).norm(dim=1)
    torch.testing.assert_close(gaps[1], by_hand.double(), rtol=1e-5, atol=0)
    assert (gaps[1] > gaps[0]).all()


def test_accuracy_falls_where_the_class_moves():
    images = torch.eye(16).reshape(16, 1, 1, 16)
    share = accuracies(column_of_the_brightest, images, torch.arange(16), (0, 1, -1), boundary="periodic")
    assert share.tolist() == [1.0, 0.0, 0.0]


def test_a_network_is_asked_in_evaluation_mode_and_put_back():
    model = nn.Sequential(Dizzy(), nn.Dropout(0.5).eval())
    model.train()
    model[1].eval()
    assert flip_rate(model, IMAGES, boundary="periodic", batch_size=4) == 0
    assert model[0].calls == 9 * 2
    assert [part.training for part in model.modules()] == [True, True, False]
    with pytest.raises(RuntimeError, match="stop"), evaluating(model):
        raise RuntimeError("stop")
    assert model.training


def test_images_go_where_the_network_is(device):
    model = nn.Sequential(nn.Flatten(), nn.Linear(256, 3)).to(device)
    rate = flips(model, IMAGES, range(3))
    assert rate.device.type == "cpu"
    assert rate.shape == (7, 2)


def test_progress_is_shown_on_request(capsys):
    flips(invariant, IMAGES, range(2), progress=True)
    assert "flips" in capsys.readouterr().err
    flips(invariant, IMAGES, range(2), progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("ask", "error", "text"),
    [
        (lambda: flips(invariant, IMAGES, (1,)), ValueError, "at least two frames"),
        (lambda: accuracies(invariant, IMAGES, torch.zeros(7).long(), ()), ValueError, "got no sizes"),
        (lambda: flips(invariant, IMAGES[0]), ValueError, "flips: expected at least one image"),
        (lambda: flips(lambda x: x, IMAGES), ValueError, r"logits \(7, classes\)"),
        (lambda: flips(lambda x: [x], IMAGES), ValueError, "got list"),
        (lambda: flips(invariant, IMAGES, batch_size=0), ValueError, "batch_size must be at least 1"),
        (lambda: flips(invariant, IMAGES, family="shear"), ValueError, "flips: family must be"),
        (lambda: consistency(invariant, IMAGES, 0), ValueError, "above 0, got 0"),
        (lambda: consistency(invariant, IMAGES, 1.5), ValueError, "a whole number of pixels"),
        (lambda: consistency(invariant, IMAGES, math.nan), ValueError, "got nan"),
        (lambda: distances(lambda x: x.sum(), IMAGES, (1,)), ValueError, "with 7 rows"),
        (lambda: distances("x", [1], (1,)), TypeError, "distances: expected a tensor of images"),
        (
            lambda: accuracies(invariant, IMAGES, torch.zeros(3).long(), (0,)),
            ValueError,
            "one label for each of 7 images",
        ),
    ],
)
def test_questions_that_make_no_sense_are_refused(ask, error, text):
    with pytest.raises(error, match=text):
        ask()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_precision_is_kept(family, dtype):
    """A network gets images of the precision they came in."""
    seen = []

    def network(x: Tensor) -> Tensor:
        seen.append(x.dtype)
        return invariant(x)

    flips(network, IMAGES.to(dtype), (0, 0.2), family=family)
    assert seen == [dtype, dtype]
