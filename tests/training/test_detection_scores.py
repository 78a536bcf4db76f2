"""Average precision: by hand on few boxes, whatever the batches; what counts and what does not."""

import math
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from wavelets_course.training.detection_scores import DetectionScores, evaluate_detector

BOX = torch.tensor([10.0, 10.0, 50.0, 50.0])
FAR = BOX + 60
IMAGE = torch.zeros(3, 128, 128)


def shown(*objects: tuple[Tensor, int], **marks: list[int]) -> dict[str, Tensor]:
    boxes = torch.stack([box for box, _ in objects]) if objects else torch.zeros(0, 4)
    labels = torch.tensor([label for _, label in objects], dtype=torch.int64)
    return {"boxes": boxes, "labels": labels} | {name: torch.tensor(values) for name, values in marks.items()}


class Says(nn.Module):
    """Answers from a list, image after image."""

    def __init__(self, *answers: list[tuple[Tensor, int, float]]) -> None:
        super().__init__()
        self.answers, self.asked = answers, 0

    def forward(self, images: Sequence[Tensor]) -> list[dict[str, Tensor]]:
        assert not self.training
        given = self.answers[self.asked : self.asked + len(images)]
        self.asked += len(images)
        return [
            shown(*[(box, label) for box, label, _ in answer])
            | {"scores": torch.tensor([s for *_, s in answer])}
            for answer in given
        ]


def score(
    answers: Sequence[list[tuple[Tensor, int, float]]], targets: Sequence[dict[str, Tensor]], batch: int = 4
) -> DetectionScores:
    model = Says(*answers).train()
    found = evaluate_detector(model, [(IMAGE, target) for target in targets], classes=2, batch_size=batch)
    assert model.training
    return found


def test_by_hand() -> None:
    """Two objects; found: one right (.9), one wrong (.8), the other right (.7): precision 1, 1/2, 2/3.

    Interpolated from the right: 1 up to recall 1/2 (51 of 101 levels), then 2/3 (50 levels).
    """
    answers = [[(BOX, 1, 0.9), (FAR + 9, 1, 0.8)], [(FAR, 1, 0.7)]]
    targets = [shown((BOX, 1)), shown((FAR, 1))]
    expected = (51 * 1 + 50 * 2 / 3) / 101
    for batch in (1, 2, 4):
        found = score(answers, targets, batch)
        assert found.mean_ap_50 == pytest.approx(expected, abs=1e-6)
        assert found.mean_ap == pytest.approx(expected, abs=1e-6)
        assert found.ap_50[0] == pytest.approx(expected, abs=1e-6)
    assert math.isnan(found.ap_50[1])
    assert found.precision_50.shape == (2, 101)
    assert_close(found.precision_50[0, [0, 50, 51, 100]], torch.tensor([1, 1, 2 / 3, 2 / 3]))
    assert found.precision_50[1].isnan().all()


def test_overlap_decides() -> None:
    """Shifted by 8 of 40 pixels: intersection 32 x 40, union 48 x 40, overlap 2/3: right at .5 to .65."""
    found = score([[(BOX + torch.tensor([8.0, 0, 8, 0]), 1, 0.9)]], [shown((BOX, 1))])
    assert found.mean_ap_50 == pytest.approx(1)
    assert found.mean_ap_75 == pytest.approx(0)
    assert found.mean_ap == pytest.approx(0.4)


def test_the_wrong_class_and_the_second_look_are_wrong() -> None:
    assert score([[(BOX, 2, 0.9)]], [shown((BOX, 1))]).mean_ap_50 == 0
    twice = score([[(BOX, 1, 0.9), (BOX, 1, 0.8)], [(FAR, 1, 0.1)]], [shown((BOX, 1)), shown((FAR, 1))])
    assert twice.mean_ap_50 == pytest.approx((51 + 50 * 2 / 3) / 101, abs=1e-6)


@pytest.mark.parametrize("mark", ["iscrowd", "difficult"])
def test_marked_boxes_do_not_count(mark: str) -> None:
    targets = [shown((BOX, 1), (FAR, 1), **{mark: [0, 1]})]
    assert score([[(BOX, 1, 0.9)]], targets).mean_ap_50 == pytest.approx(1)
    assert score([[(FAR, 1, 0.95), (BOX, 1, 0.9)]], targets).mean_ap_50 == pytest.approx(1)
    unmarked = [shown((BOX, 1), (FAR, 1))]
    assert score([[(BOX, 1, 0.9)]], unmarked).mean_ap_50 < 0.6


def test_pictures_without_objects() -> None:
    """A false alarm there costs; nothing anywhere is no number."""
    clean = score([[(BOX, 1, 0.5)], []], [shown((BOX, 1)), shown()])
    alarm = score([[(BOX, 1, 0.5)], [(BOX, 1, 0.9)]], [shown((BOX, 1)), shown()])
    assert (clean.mean_ap_50, alarm.mean_ap_50) == pytest.approx((1, 0.5))
    assert math.isnan(score([[]], [shown()]).mean_ap)


@pytest.mark.untyped
def test_no_samples() -> None:
    with pytest.raises(ValueError, match="evaluate_detector: there are no samples"):
        evaluate_detector(Says(), [], classes=1)


SCRIPT = """
import sys
import torch
from wavelets_course.training import evaluate_detector
from wavelets_course.datasets import ShapePictures

class Half(torch.nn.Module):  # finds everything in large pictures, nothing in small ones
    def forward(self, images):
        known = {float(picture.sum()): target for picture, target in pictures}
        found = [known[float(image.sum())] for image in images]
        keep = [target["labels"] > (0 if image.shape[-1] > 48 else 9) for image, target in zip(images, found)]
        return [
            {"boxes": t["boxes"][k], "labels": t["labels"][k], "scores": torch.ones(int(k.sum()))}
            for t, k in zip(found, keep)
        ]

pictures = ShapePictures(5, seed=0, sizes=((48, 48), (40, 56)))
scores = evaluate_detector(Half(), pictures, classes=2, batch_size=4, progress=False)
print(f"mean {scores.mean_ap_50:.6f}\\n", end="")
"""


def test_two_processes_score_as_one_does(tmp_path: Path) -> None:
    """Five pictures: the shares of the last batch are 1 and 0."""
    (tmp_path / "score.py").write_text(SCRIPT)
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    said = []
    for start in ((), launcher):
        command = (sys.executable, *start, str(tmp_path / "score.py"))
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        said.append(re.findall(r"mean (\S+)", done.stdout))
    assert len(said[1]) == 2
    assert set(said[1]) == set(said[0])
    assert 0 < float(said[0][0]) < 1
