"""Views of photographs: sizes, constants, what is random and what is not."""

import os
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.testing import assert_close
from torchvision.models import ResNet50_Weights

from wavelets_course import datasets
from wavelets_course.training import augmentation as views

RANDOM: dict[str, Callable[[Any], Tensor]] = {
    "random_resized_crop": views.random_resized_crop(24),
    "crop_and_flip": views.crop_and_flip(24),
}
FIXED = {"one_crop": views.one_crop(24), "ten_crop": views.ten_crop(24), "normalize": views.normalize()}


@pytest.fixture
def picture(generator: torch.Generator) -> Tensor:
    return torch.randint(0, 256, (3, 40, 52), generator=generator, dtype=torch.uint8)


@pytest.mark.parametrize("name", [*RANDOM, *FIXED])
def test_pil_bytes_and_floats_are_one_picture(name: str, picture: Tensor) -> None:
    view = (RANDOM | FIXED)[name]
    given = [picture, Image.fromarray(picture.permute(1, 2, 0).numpy()), picture / 255]
    shown = []
    for version in given:
        torch.manual_seed(3)
        shown.append(view(version))
    assert type(shown[0]) is Tensor
    assert shown[0].dtype == torch.float32
    assert_close(shown[1], shown[0])
    assert_close(shown[2], shown[0], atol=0.02, rtol=0)  # bytes are rounded after scaling, floats are not


@pytest.mark.parametrize("name", RANDOM)
def test_the_seed_decides_and_the_picture_stays(name: str, picture: Tensor) -> None:
    before, seen = picture.clone(), []
    for seed in (0, 0, 1, 2, 3):
        torch.manual_seed(seed)
        seen.append(RANDOM[name](picture))
    assert_close(seen[0], seen[1], atol=0, rtol=0)
    assert any(not torch.equal(seen[0], other) for other in seen[2:])
    assert all(tuple(view.shape) == (3, 24, 24) for view in seen)
    assert torch.equal(picture, before)


@pytest.mark.parametrize("name", FIXED)
def test_evaluation_draws_nothing(name: str, picture: Tensor) -> None:
    state = torch.random.get_rng_state()
    first = FIXED[name](picture)
    assert_close(FIXED[name](picture), first, atol=0, rtol=0)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_one_crop_is_torchvisions_preset(picture: Tensor) -> None:
    preset = ResNet50_Weights.IMAGENET1K_V1.transforms()
    # Up to one grey level: the preset rounds at another place.
    assert_close(views.one_crop(224)(picture), preset(picture), atol=1.01 / 255 / 0.224, rtol=0)
    assert (preset.mean, preset.std) == (list(views.IMAGENET_MEAN), list(views.IMAGENET_STD))


def test_ten_crops_are_corners_centre_and_mirrors(picture: Tensor) -> None:
    ten, whole = views.ten_crop(24, resize=40)(picture), views.normalize()(picture)
    corners = [whole[:, :24, :24], whole[:, :24, -24:], whole[:, -24:, :24], whole[:, -24:, -24:]]
    for view, corner in zip(ten, corners, strict=False):
        assert_close(view, corner)
    assert_close(ten[4], views.one_crop(24, resize=40)(picture))
    assert_close(ten[5:], ten[[1, 0, 3, 2, 4]].flip(-1))  # corners of the mirrored picture


def test_crop_and_flip_moves_by_at_most_the_padding(picture: Tensor) -> None:
    view = views.crop_and_flip(32, padding=2, mean=(0.0,) * 3, std=(1.0,) * 3)
    whole = torch.nn.functional.pad(picture[:, :32, :32] / 255, (2, 2, 2, 2))
    places = [whole[:, dy : dy + 32, dx : dx + 32] for dy in range(5) for dx in range(5)]
    found = set()
    for seed in range(40):
        torch.manual_seed(seed)
        shown = view(picture[:, :32, :32])
        found |= {k for k, place in enumerate(places) if torch.allclose(shown, place)}
        found |= {-1 for place in places if torch.allclose(shown, place.flip(-1))}
    assert -1 in found
    assert len(found) > 8


def test_denormalize_undoes_normalize(picture: Tensor) -> None:
    shown = views.denormalize(views.normalize()(picture)[None])
    assert_close(shown[0], picture / 255)
    with pytest.raises(AssertionError):  # the check sees a wrong constant
        assert_close(views.denormalize(shown[0], mean=views.CIFAR10_MEAN), picture / 255)


@pytest.mark.parametrize("name", RANDOM)
def test_views_go_to_worker_processes(name: str, picture: Tensor) -> None:
    again = pickle.loads(pickle.dumps(RANDOM[name]))
    torch.manual_seed(5)
    first = RANDOM[name](picture)
    torch.manual_seed(5)
    assert_close(again(picture), first, atol=0, rtol=0)


def test_ten_crop_goes_to_worker_processes(picture: Tensor) -> None:
    again = pickle.loads(pickle.dumps(FIXED["ten_crop"]))
    assert_close(again(picture), FIXED["ten_crop"](picture), atol=0, rtol=0)


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: views.random_resized_crop(0), "size must be at least 1 pixel, got 0"),
        (lambda: views.random_resized_crop(scale=(0, 1)), r"0 < low <= high <= 1.*got scale = \(0, 1\)"),
        (lambda: views.random_resized_crop(flip=2), "flip a probability"),
        (lambda: views.one_crop(32, resize=16), r"the shorter side \(16\) must be at least size = 32"),
        (lambda: views.ten_crop(std=(1, 0, 1)), "one positive standard deviation for each channel"),
        (lambda: views.normalize(mean=(0,)), r"got mean = \(0,\)"),
    ],
)
def test_nonsense_is_refused(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.parametrize("name", ["cifar10", "mnist", "fashion_mnist"])
def test_constants_are_those_of_the_real_sets(name: str) -> None:
    if "WAVELETS_COURSE_DATA" not in os.environ:
        pytest.skip("needs WAVELETS_COURSE_DATA")
    try:
        data = torch.as_tensor(getattr(datasets, name)().data)
    except datasets.MissingFileError:
        pytest.skip(f"{name} is not on this machine")
    channels = data.reshape(-1, data.shape[-1] if data.ndim == 4 else 1).double() / 255
    stored = [getattr(views, f"{name.upper()}_{what}") for what in ("MEAN", "STD")]
    assert_close(channels.mean(0), torch.tensor(stored[0], dtype=torch.float64), atol=6e-5, rtol=0)
    assert_close(channels.std(0), torch.tensor(stored[1], dtype=torch.float64), atol=6e-5, rtol=0)
