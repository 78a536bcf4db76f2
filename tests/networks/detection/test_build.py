"""Detectors: counts, shared map, what is frozen, batches of any images, precision, files, and bad targets."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.testing import assert_close
from torchvision.models import resnet50
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from wavelets_course.networks import ScatResNet, scatresnet50
from wavelets_course.networks.detection.build import (
    FixedBatchNorm2d,
    faster_rcnn_resnet50,
    scattering_faster_rcnn,
    with_fixed_norms,
)
from wavelets_course.networks.detection.network import Detector

SMALL: dict[str, Any] = {"min_size": 64, "max_size": 96, "anchors": (16, 32), "box_score_thresh": 0.0}
IMAGES = [torch.rand(3, 64, 80, generator=torch.Generator().manual_seed(1)), torch.full((3, 50, 40), 0.5)]
BOXES = torch.tensor([[10.0, 12.0, 40.0, 50.0], [30.0, 5.0, 70.0, 30.0]])
TARGETS = [
    {"boxes": BOXES, "labels": torch.tensor([1, 2])},
    {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)},
]


def hybrid() -> ScatResNet:
    generator = torch.Generator().manual_seed(0)
    return ScatResNet((64, 64), 3, (8, 16, 16), (1, 1, 1), block="bottleneck", classes=5, generator=generator)


def plain() -> ResNet:
    torch.manual_seed(0)
    return ResNet(BasicBlock, [1, 1, 1, 1])


def small(kind: str, **settings: Any) -> Detector:
    torch.manual_seed(0)
    if kind == "hybrid":
        return scattering_faster_rcnn(2, hybrid(), tile=128, **(SMALL | settings))
    return faster_rcnn_resnet50(2, plain(), **(SMALL | settings))


KINDS = pytest.mark.parametrize("kind", ["hybrid", "plain"])


def count(module: nn.Module) -> int:
    return sum(weights.numel() for weights in module.parameters())


def test_parameters_are_those_of_the_classifiers_and_two_heads() -> None:
    """Proposals: a 3x3 convolution of 1024 maps and 1x1 ones for 9 anchors; then class and box of 21."""
    proposals = 9 * 1024**2 + 1024 + (1024 + 1) * 9 * 5
    predictor = (2048 + 1) * 21 * 5
    with torch.device("meta"):
        networks = {scatresnet50: scattering_faster_rcnn, resnet50: faster_rcnn_resnet50}
        for network, detector in networks.items():
            classifier = 2048 * 1000 + 1000
            expected = count(network()) - classifier + proposals + predictor
            assert count(detector(20)) == expected
    assert 27_850_856 - classifier + proposals + predictor == 35_501_334


@KINDS
def test_the_shared_map_is_a_sixteenth(kind: str) -> None:
    with torch.no_grad():
        maps = small(kind).eval().backbone(torch.rand(2, 3, 96, 160))
    assert maps.shape[0] == 2
    assert maps.shape[2:] == (6, 10)


def test_scatresnet50_shares_its_second_group() -> None:
    with torch.device("meta"):
        detector = scattering_faster_rcnn(20)
    blocks = [
        sum(isinstance(m, Bottleneck) for m in part.modules())
        for part in (detector.backbone, detector.roi_heads)
    ]
    assert blocks == [5 + 8, 3]
    assert detector.backbone.out_channels == 1024


@KINDS
def test_weights_of_the_network_come_along_and_it_stays_as_it_was(kind: str) -> None:
    network = hybrid() if kind == "hybrid" else plain()
    before = deepcopy(network.state_dict())
    build = scattering_faster_rcnn if kind == "hybrid" else faster_rcnn_resnet50
    detector = build(2, network, **SMALL)  # type: ignore[operator]
    with torch.no_grad():
        for weights in detector.parameters():
            weights.add_(1)
    assert_close(network.state_dict(), before)
    assert all(parameter.requires_grad for parameter in network.parameters())
    if isinstance(network, ScatResNet):
        x = (torch.rand(1, 3, 64, 64) - network.mean) / network.std
        fresh = scattering_faster_rcnn(2, network, tile=128, **SMALL).eval()
        # One tile is the whole image, but the classifier's scattering extends it by less.
        maps = fresh.backbone.encode(x), network.scattering(x).flatten(1, 2)
        assert_close(maps[0][..., 2:-2, 2:-2], maps[1][..., 2:-2, 2:-2], rtol=0.05, atol=0.05)
        encoding = network.eval().encode(torch.rand(1, 3, 64, 64))
        shared = fresh.backbone.groups(encoding)
        mine = fresh.roi_heads.box_head(shared)
        assert_close(mine, network.trunk.features(encoding).mean((2, 3)), rtol=1e-4, atol=1e-4)


@KINDS
def test_losses_and_gradients_are_finite(kind: str) -> None:
    detector = small(kind, freeze_batch_norm=False).train()
    losses = detector(IMAGES, TARGETS)
    assert isinstance(losses, dict)
    assert set(losses) == {"loss_classifier", "loss_box_reg", "loss_objectness", "loss_rpn_box_reg"}
    torch.stack(list(losses.values())).sum().backward()
    for name, weights in detector.named_parameters():
        assert weights.grad is not None, name
        assert weights.grad.isfinite().all(), name
    assert any(weights.grad.abs().max() > 0 for weights in detector.backbone.parameters())  # type: ignore[union-attr]


@KINDS
def test_images_without_objects_only_teach_what_is_no_object(kind: str) -> None:
    losses = small(kind).train()(IMAGES[1:], TARGETS[1:])
    assert isinstance(losses, dict)
    assert losses["loss_box_reg"] == losses["loss_rpn_box_reg"] == 0
    assert losses["loss_classifier"] > 0


@KINDS
def test_detections_of_each_image_are_its_own(kind: str) -> None:
    detector = small(kind).eval()
    with torch.no_grad():
        both, alone = detector(IMAGES), detector(IMAGES[:1])
    assert [sorted(found) for found in both] == [["boxes", "labels", "scores"]] * 2  # type: ignore[arg-type]
    for image, found in zip(IMAGES, both, strict=True):
        assert isinstance(found, dict)
        boxes, scores = found["boxes"], found["scores"]
        assert len(boxes)
        assert (boxes >= 0).all()
        assert (boxes[:, 2] <= image.shape[2]).all()
        assert (boxes[:, 3] <= image.shape[1]).all()
        assert (scores.diff() <= 0).all()
        assert set(found["labels"].tolist()) <= {1, 2}
    assert isinstance(alone, list)
    assert len(alone) == 1


def test_inputs_are_left_alone() -> None:
    images, targets = deepcopy(IMAGES), deepcopy(TARGETS)
    small("hybrid").train()(images, targets)
    assert_close(images, IMAGES, rtol=0, atol=0)
    assert_close(targets, TARGETS, rtol=0, atol=0)


@KINDS
def test_frozen_parts_do_not_move(kind: str) -> None:
    detector = small(kind, frozen_groups=1).train()
    before = {name: value.clone() for name, value in detector.state_dict().items()}
    trained = [weights for weights in detector.parameters() if weights.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.1)
    torch.stack(list(detector(IMAGES, TARGETS).values())).sum().backward()  # type: ignore[union-attr]
    optimizer.step()
    after = detector.state_dict()
    still = [name for name in after if torch.equal(after[name], before[name])]
    assert {name for name in after if name.startswith("backbone.groups.0.")} <= set(still)
    norms = {
        f"{name}.{part}"
        for name, module in detector.named_modules()
        if isinstance(module, FixedBatchNorm2d)
        for part in ("weight", "bias", "running_mean", "running_var")
    }
    assert norms
    assert norms <= set(still)
    assert not any(type(module) is nn.BatchNorm2d for module in detector.modules())
    assert any(name.startswith("roi_heads.box_head") for name in set(after) - set(still))


def test_new_networks_keep_their_norms_free() -> None:
    with torch.device("meta"):
        for detector in (scattering_faster_rcnn(3), faster_rcnn_resnet50(3)):
            assert any(isinstance(module, nn.BatchNorm2d) for module in detector.modules())
            assert not any(isinstance(module, FixedBatchNorm2d) for module in detector.modules())
            assert all(weights.requires_grad for weights in detector.parameters())


@pytest.mark.parametrize("affine", [True, False])
def test_a_fixed_norm_is_the_norm_in_evaluation(affine: bool, generator: torch.Generator) -> None:
    norm = nn.BatchNorm2d(4, eps=1e-3, affine=affine)
    for values in norm.state_dict().values():
        if values.is_floating_point():
            values.copy_(torch.rand(values.shape, generator=generator) + 0.5)
    x = torch.randn(2, 4, 5, 5, generator=generator)
    fixed = with_fixed_norms(nn.Sequential(deepcopy(norm)))
    assert_close(fixed.train()(x), norm.eval()(x))
    assert not torch.allclose(norm.train()(x), fixed(x))


@KINDS
def test_boxes_keep_their_precision_in_sixteen_bits(kind: str) -> None:
    detector = small(kind).eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert detector.backbone(torch.rand(1, 3, 64, 64)).dtype == torch.bfloat16
        found = detector(IMAGES)
    assert isinstance(found, list)
    assert found[0]["boxes"].dtype == found[0]["scores"].dtype == torch.float32
    assert not torch.equal(found[0]["boxes"], found[0]["boxes"].bfloat16().float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        losses = detector.train()(IMAGES, TARGETS)
    assert isinstance(losses, dict)
    assert torch.stack(list(losses.values())).isfinite().all()


@KINDS
def test_weights_go_through_a_file(kind: str, tmp_path: Path) -> None:
    detector = small(kind).eval()
    save_file(detector.state_dict(), tmp_path / "detector.safetensors")
    torch.manual_seed(7)
    other = small(kind, box_detections_per_img=100)
    for weights in other.parameters():
        weights.data.normal_()
    other.load_state_dict(load_file(tmp_path / "detector.safetensors"))
    with torch.no_grad():
        assert_close(other.eval()(IMAGES), detector(IMAGES))


def test_the_seed_decides() -> None:
    assert_close(small("hybrid").state_dict(), small("hybrid").state_dict(), rtol=0, atol=0)


def test_colours_of_the_network_are_the_detectors() -> None:
    network = ScatResNet((64, 64), 3, (8, 8), (1, 1), classes=2, mean=(0.1, 0.2, 0.3), std=(1.0, 2.0, 3.0))
    transform = scattering_faster_rcnn(1, network).transform
    assert transform.image_mean == pytest.approx([0.1, 0.2, 0.3])
    assert transform.image_std == pytest.approx([1, 2, 3])


def bad(**changes: Tensor) -> list[dict[str, Tensor]]:
    return [TARGETS[0] | changes, TARGETS[1]]


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("targets", "error", "text"),
    [
        (None, ValueError, r"expected targets while training, got none.*\.eval\(\)"),
        (TARGETS[:1], ValueError, "got 1 targets for 2 images"),
        ([{"boxes": BOXES}, TARGETS[1]], ValueError, r"target 0 has no labels.*\(0, 4\)"),
        (bad(boxes=torch.zeros(2)), ValueError, r"got shape \(2,\) in target 0"),
        (bad(boxes=BOXES.long()), TypeError, "floating point, got torch.int64"),
        (
            bad(boxes=BOXES[:, [2, 1, 0, 3]]),
            ValueError,
            r"box 0 of target 0 is \[40.0, 12.0, 10.0, 50.0\] and has no area",
        ),
        (
            bad(boxes=torch.tensor([[1.0, 1, 2, 2], [3, 3, 9, 3]])),
            ValueError,
            "box 1 of target 0 .* has no area",
        ),
        (bad(boxes=BOXES * float("nan")), ValueError, "box 0 of target 0 is .*nan"),
        (bad(labels=torch.tensor([1.0, 2.0])), TypeError, r"labels.long\(\)"),
        (bad(labels=torch.tensor([1])), ValueError, "expected 2 labels for 2 boxes"),
        (bad(labels=torch.tensor([0, 1])), ValueError, "labels from 1 to 2, got 0 .* 0 is the background"),
        (bad(labels=torch.tensor([1, 3])), ValueError, "labels from 1 to 2, got 3"),
    ],
)
def test_targets_that_teach_nothing_are_refused(targets: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        small("plain").train()(IMAGES, targets)


@pytest.mark.untyped
def test_images_that_are_none_are_refused() -> None:
    detector = small("plain").eval()
    with pytest.raises(ValueError, match="at least one image, got none"):
        detector([])
    with pytest.raises(TypeError, match=r"a list of images, got Tensor.*list\(batch\)"):
        detector(torch.rand(2, 3, 8, 8))
    with pytest.raises(TypeError, match=r"got torch\.uint8 for image 0"):
        detector([torch.zeros(3, 8, 8, dtype=torch.uint8)])
    with pytest.raises(ValueError, match=r"got \(1, 8, 8\) for image 1"):
        detector([torch.rand(3, 8, 8), torch.rand(1, 8, 8)])


@pytest.mark.untyped
def test_networks_that_do_not_fit_are_refused() -> None:
    one = ScatResNet((64, 64), 3, (8,), (1,), classes=2)
    with pytest.raises(ValueError, match="at least two groups, got 1"):
        scattering_faster_rcnn(2, one)
    with pytest.raises(ValueError, match="frozen_groups from 0 to 2, got 3"):
        scattering_faster_rcnn(2, hybrid(), frozen_groups=3)
    for classes in (0, True, 2.0):
        with pytest.raises(ValueError, match="expected classes to be a positive integer"):
            faster_rcnn_resnet50(classes, plain())  # type: ignore[arg-type]
