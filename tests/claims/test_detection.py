"""S9: the ratios are of the right things, and the comparison on a small set can fail."""

import math
import time
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torchvision.models.resnet import BasicBlock, ResNet

from wavelets_course.claims import detection, detection_cost, detection_small_set
from wavelets_course.claims.registry import Claim
from wavelets_course.datasets import ShapePictures
from wavelets_course.networks import Detector, ScatResNet, faster_rcnn_resnet50, scattering_faster_rcnn
from wavelets_course.training import DetectionScores, TrainingConfig

SMALL: dict[str, Any] = {"min_size": 64, "max_size": 96, "anchors": (16, 32), "freeze_batch_norm": False}


def hybrid() -> ScatResNet:
    return ScatResNet((64, 64), 3, (8, 8, 8), (1, 1, 1), classes=1)


def claim(identity: str) -> Claim:
    return next(c for c in (*detection.CLAIMS, *detection.ON_BLOOD_CELLS) if c.id == identity)


def test_s9_measures_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = lambda: faster_rcnn_resnet50(2, ResNet(BasicBlock, [1, 1, 1, 1]), **SMALL)  # noqa: E731
    detectors: dict[str, Callable[[], Detector]] = {
        "ours": lambda: scattering_faster_rcnn(2, hybrid(), tile=128, **SMALL),
        "50": plain,
        "101": plain,
    }
    monkeypatch.setattr(detection_cost, "DETECTORS", detectors)
    monkeypatch.setattr(detection_cost, "SHAPE", (224, 224))
    monkeypatch.setattr(detection_cost, "ROUNDS", 3)
    threads = torch.get_num_threads()
    values = detection_cost.on_a_cpu(0)
    assert set(values) == set(claim("S9").expected)
    assert torch.get_num_threads() == threads
    assert all(math.isfinite(value) and value > 0 for value in values.values())
    assert values["features_50"] < values["whole_50"]
    assert values["multiply_adds_50"] < 0.2  # far from ResNet-50's ratio, and so
    assert claim("S9").judge(values) == "fails"


def test_waiting_for_others_is_not_counted() -> None:
    seconds = detection_cost.processor_seconds({"waits": lambda: time.sleep(0.2), "works": busy}, 2)
    assert {name: len(values) for name, values in seconds.items()} == {"waits": 2, "works": 2}
    assert max(seconds["waits"]) < 0.1
    assert min(seconds["works"]) > max(seconds["waits"])


def busy() -> None:
    start = time.process_time()
    while time.process_time() < start + 0.15:
        pass


def test_a_training_step_lowers_nothing_but_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection_cost, "SHAPE", (700, 700))
    detector = scattering_faster_rcnn(2, hybrid(), tile=128, **SMALL).train()
    optimiser = torch.optim.SGD(detector.parameters(), lr=1e-6, momentum=0.9)
    assert math.isfinite(detection_cost.training_step(detector, optimiser, 2))


def shapes_for_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two classes of shapes in place of three kinds of cells, and one short epoch of tiny networks."""
    monkeypatch.setattr(
        detection_small_set, "bccd", lambda split: ShapePictures(4, seed=len(split), sizes=((64, 64),))
    )
    protocol = detection_small_set.Protocol(
        hybrid,
        lambda: ResNet(BasicBlock, [1, 1, 1, 1]),
        SMALL,
        TrainingConfig(epochs=1, batch_size=2, lr=1e-3, device="cpu", progress=False),
    )
    monkeypatch.setattr(detection_small_set, "LAPTOP", protocol)


def test_s9d_measures_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes_for_cells(monkeypatch)
    values = detection_small_set.on_a_laptop(0)
    assert set(values) == set(claim("S9D").expected) == set(claim("S9E").expected)
    assert values["lead"] == values["hybrid_50"] - values["plain_50"]
    assert values["time"] > 0


def test_s9d_fails_where_the_plain_detector_is_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes_for_cells(monkeypatch)

    def scored(detector: Detector, *_: Any, **__: Any) -> DetectionScores:
        good = 0.2 if hasattr(detector.backbone.encode, "__getitem__") else 0.3
        return DetectionScores(good, good, good, (good,) * 3, torch.full((3, 101), good))

    monkeypatch.setattr(detection_small_set, "evaluate_detector", scored)
    values = detection_small_set.on_a_laptop(0)
    assert values["lead"] == pytest.approx(-10)
    assert claim("S9D").judge(values) == "fails"


def test_both_small_networks_have_the_same_blocks() -> None:
    with torch.device("meta"):
        for protocol in (detection_small_set.LAPTOP, detection_small_set.GPU):
            ours, theirs = protocol.hybrid(), protocol.plain()
            kinds = [
                [
                    type(m).__name__
                    for m in network.modules()
                    if type(m).__name__ in ("BasicBlock", "Bottleneck")
                ]
                for network in (ours, theirs)
            ]
            assert kinds[0] == kinds[1]
            assert ours.trunk.classifier.in_features == theirs.fc.in_features
