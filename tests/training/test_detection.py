"""Training a detector: it learns, steps are repeatable and add up, targets are what they should be."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from wavelets_course.datasets import ShapePictures
from wavelets_course.networks import Detector, ScatResNet, scattering_faster_rcnn
from wavelets_course.training import fit, load_weights
from wavelets_course.training.config import TrainingConfig
from wavelets_course.training.data import Data
from wavelets_course.training.detection import LOSSES, fit_detector, random_mirror
from wavelets_course.training.detection_history import DetectionHistory, DetectionRecord

SHAPES = ShapePictures(6, seed=0, sizes=((48, 48), (40, 56)), least=0)
QUICK = TrainingConfig(epochs=1, batch_size=4, lr=0.01, device="cpu")


def small(seed: int = 0) -> Detector:
    torch.manual_seed(seed)
    network = ScatResNet((48, 48), 2, (8, 8, 8), (1, 1, 1), classes=2)
    return scattering_faster_rcnn(
        2, network, tile=64, anchors=(8, 16), min_size=48, max_size=64, freeze_batch_norm=False,
        rpn_post_nms_top_n_train=20, rpn_post_nms_top_n_test=10, box_batch_size_per_image=8,
    )  # fmt: skip


class Told(nn.Module):
    """Losses known on paper: the weight times the number of boxes, of images, of wide images, and 0."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.seen: list[list[Mapping[str, Tensor]]] = []

    def forward(self, images: Sequence[Tensor], targets: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
        self.seen.append(list(targets))
        boxes = torch.tensor([float(len(target["boxes"])) for target in targets]).mean()
        wide = torch.tensor([float(image.shape[-1] > 48) for image in images]).mean()
        values = (boxes, torch.ones(()), wide, torch.zeros(()))
        return {name: self.weight * value for name, value in zip(LOSSES, values, strict=True)}


def test_the_loss_falls_and_history_tells() -> None:
    data = Data(ShapePictures(16, seed=0, sizes=((48, 48),)), ShapePictures(4, seed=1, sizes=((48, 48),)), 2)
    config = TrainingConfig(epochs=4, batch_size=8, optimizer="adamw", lr=3e-3, clip_norm=5.0, device="cpu")
    calls: list[int] = []
    detector = small()
    history = fit_detector(
        detector, data, config, callback=lambda model, so_far: calls.append(len(so_far.records))
    )
    assert calls == [1, 2, 3, 4]
    assert len(history.losses) == 8
    assert history.losses[-1] < history.losses[0]
    assert not detector.training
    last = history.last
    assert last.step == 8
    assert last.train_loss == pytest.approx(
        last.loss_classifier + last.loss_box_reg + last.loss_objectness + last.loss_rpn_box_reg
    )
    assert 0 <= last.mean_ap <= last.mean_ap_50 <= 1
    assert last.samples_per_second > 0
    assert history.to_csv().count("\n") == 5


def test_the_seed_decides_and_the_callers_generator_is_kept() -> None:
    before = torch.random.get_rng_state()
    runs = []
    for noise in (1, 2):
        torch.manual_seed(noise)
        detector = small()
        state = torch.random.get_rng_state()
        fit_detector(detector, Data(SHAPES, classes=2, augment=random_mirror), QUICK)
        assert torch.equal(torch.random.get_rng_state(), state)
        runs.append(detector.state_dict())
    torch.random.set_rng_state(before)
    assert_close(runs[0], runs[1], rtol=0, atol=0)


def test_workers_load_the_same_batches() -> None:
    states = []
    for workers in (0, 2):
        detector = small()
        config = TrainingConfig(epochs=2, batch_size=4, lr=0.01, device="cpu", workers=workers)
        fit_detector(detector, Data(SHAPES, classes=2, augment=random_mirror), config)
        states.append(detector.state_dict())
    assert_close(states[0], states[1], rtol=0, atol=0)


@pytest.mark.parametrize("accumulate", [1, 2, 3])
def test_pieces_weigh_as_many_images_as_they_have(accumulate: int) -> None:
    model = Told()
    config = TrainingConfig(
        epochs=1, batch_size=5, lr=0.1, accumulate=accumulate, shuffle=False, momentum=0, device="cpu"
    )
    history = fit_detector(model, Data(SHAPES, classes=2), config)
    boxes = [float(len(target["boxes"])) for _, target in SHAPES]
    wide = [float(image.shape[-1] > 48) for image, _ in SHAPES]
    first = sum(boxes[:5]) / 5 + 1 + sum(wide[:5]) / 5
    second = boxes[5] + 1 + wide[5]
    assert history.losses == pytest.approx((first, second * (1 - 0.1 * first)), rel=1e-5)
    assert model.weight.item() == pytest.approx(1 - 0.1 * first - 0.1 * second, rel=1e-5)


def test_crowds_are_not_shown() -> None:
    image, target = SHAPES[0]
    crowd = torch.zeros(len(target["labels"]), dtype=torch.int64)
    crowd[0] = 1
    model = Told()
    fit_detector(model, Data([(image, target | {"iscrowd": crowd})], classes=2), QUICK)
    [[seen]] = model.seen
    assert_close(seen["boxes"], target["boxes"][1:])
    assert_close(seen["labels"], target["labels"][1:])


def test_a_callback_ends_it() -> None:
    config = TrainingConfig(epochs=5, batch_size=4, lr=0.01, device="cpu")
    history = fit_detector(Told(), Data(SHAPES, classes=2), config, callback=lambda model, so_far: True)
    assert len(history.records) == 1
    assert math.isnan(history.last.mean_ap)


def test_mirrors_move_boxes_with_their_shapes() -> None:
    image, target = SHAPES[1]
    torch.manual_seed(3)
    turned = 0
    for _ in range(20):
        mirrored, boxes = random_mirror((image, target))
        if torch.equal(mirrored, image):
            assert_close(boxes["boxes"], target["boxes"])
            continue
        turned += 1
        assert torch.equal(mirrored.flip(-1), image)
        assert_close(boxes["boxes"][:, [1, 3]], target["boxes"][:, [1, 3]])
        assert_close(boxes["boxes"][:, [0, 2]], image.shape[-1] - target["boxes"][:, [2, 0]])
        assert torch.equal(boxes["labels"], target["labels"])
    assert 3 < turned < 17
    empty = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
    assert random_mirror((image, empty))[1]["boxes"].shape == (0, 4)


def test_a_stopped_run_goes_on_bit_for_bit(tmp_path: Path) -> None:
    config = TrainingConfig(epochs=3, batch_size=4, optimizer="adamw", lr=1e-3, device="cpu")
    data = Data(SHAPES, classes=2, augment=random_mirror)
    through, stopped = small(), small()
    whole = fit_detector(through, data, config, folder=tmp_path / "a")
    fit_detector(stopped, data, config, folder=tmp_path / "b", callback=lambda model, so_far: True)
    other = small(seed=7)  # its weights come from the checkpoint
    rest = fit_detector(other, data, config, folder=tmp_path / "b")
    assert_close(other.state_dict(), through.state_dict(), rtol=0, atol=0)
    assert rest.losses == whole.losses
    assert [record.epoch for record in rest.records] == [1, 2, 3]
    assert (tmp_path / "b" / "history.csv").read_text() == rest.to_csv()
    load_weights(small(seed=3), tmp_path / "b" / "best.safetensors")
    done = fit_detector(small(), data, config, folder=tmp_path / "b")
    assert done.losses == whole.losses  # nothing is left to do


@pytest.mark.untyped
def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    fit_detector(Told(), Data(SHAPES, classes=2), QUICK, folder=tmp_path)
    with pytest.raises(ValueError, match="holds checkpoints of a run, and resume is False"):
        fit_detector(Told(), Data(SHAPES, classes=2), QUICK, folder=tmp_path, resume=False)
    with pytest.raises(ValueError, match=r"lr was 0\.01, is 0\.02"):
        fit_detector(Told(), Data(SHAPES, classes=2), replace(QUICK, lr=0.02), folder=tmp_path)
    images = torch.rand(4, 3, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 1, 0, 1])
    fit(nn.Linear(3, 2), Data((images, labels), classes=2), QUICK, folder=tmp_path / "c")
    with pytest.raises(ValueError, match="is no detector's"):
        fit_detector(Told(), Data(SHAPES, classes=2), QUICK, folder=tmp_path / "c")


def test_sixteen_bits() -> None:
    config = TrainingConfig(epochs=1, batch_size=4, lr=0.01, device="cpu", precision="bf16")
    history = fit_detector(small(), Data(SHAPES, SHAPES, classes=2), config)
    assert all(map(math.isfinite, history.losses))


@pytest.mark.untyped
def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="fit_detector: label_smoothing is not for detectors"):
        fit_detector(Told(), Data(SHAPES, classes=2), TrainingConfig(label_smoothing=0.1))
    with pytest.raises(ValueError, match="drop_last leaves none of 6 images in batches of 7"):
        fit_detector(Told(), Data(SHAPES, classes=2), TrainingConfig(batch_size=7, drop_last=True))
    image, target = ShapePictures(1)[0]
    strange = Data([(image, target | {"labels": target["labels"] * 0 + 5})], classes=2)
    with pytest.raises(ValueError, match="labels from 1 to 2, got 5"):
        fit_detector(small(), strange, QUICK)
    broken = Told()
    broken.weight.data.fill_(math.nan)
    with pytest.raises(FloatingPointError, match=r"at step 1 of 2 \(loss_classifier nan, .*lr = 0\.01"):
        fit_detector(broken, Data(SHAPES, classes=2), QUICK)
    with pytest.raises(ValueError, match="no epoch was trained"):
        DetectionHistory().best  # noqa: B018


def test_best_is_the_first_highest_precision_or_lowest_loss() -> None:
    def of(*rows: tuple[float, float]) -> Any:
        return DetectionHistory(
            tuple(DetectionRecord(n, n, 0.1, loss, mean_ap_50=ap) for n, (loss, ap) in enumerate(rows, 1))
        ).best.epoch

    assert of((3.0, 0.2), (2.0, 0.4), (1.0, 0.4)) == 2
    assert of((3.0, math.nan), (1.0, math.nan), (2.0, math.nan)) == 2
    assert of((3.0, 0.1), (1.0, math.nan)) == 1
