"""S9: what a hybrid backbone costs a detector, and how well it detects."""

from . import detection_cost as cost
from . import detection_small_set as small_set
from .lectures import COMPRESSING
from .needs import NEEDS
from .registry import Claim, Expected, around, at_least, at_most, reported

CHAPTER = "detection"
CITATION = ("oyallon2018compressing",)
TABLE_2 = "Table 2, one GPU, 4 images at 800 px: 0.073 against 0.104 and 0.182 s, that is 0.70 and 0.40"
IMAGES = (
    "A 480x640 photograph as the detectors resize and pad it, 800x1088; the shared map, at a sixteenth, from "
    "the encoding on."
)


def _times(name: str, what: str, bound: float | None) -> dict[str, Expected]:
    """Ratios of medians to both references, and the least and the most of a round."""
    found = {}
    for reference, limit in (("50", bound), ("101", None)):
        label = f"time of {what}, ScatResNet-50 over ResNet-{reference}"
        found[f"{name}_{reference}"] = reported(label) if limit is None else at_most(label, limit)
        found[f"{name}_{reference}_least"] = reported(f"{label}, least of a round")
        found[f"{name}_{reference}_most"] = reported(f"{label}, most of a round")
    return found


def _both() -> dict[str, Expected]:
    """The times that count, and those with the scattering."""
    return (
        _times("features", "the shared map from the encoding", 0.75)
        | _times("whole", "the shared map from the image, scattering included", None)
        | {"scattering_share": reported("share of the scattering in the latter, ScatResNet-50")}
    )


def _precisions(trials: int) -> dict[str, Expected]:
    median = "" if trials == 1 else f", median of {trials} seeds"
    found = {
        "lead": at_least(f"points of mAP at overlap 0.5 that the hybrid detector is ahead{median}", 0),
    }
    for name, words in (("hybrid", "hybrid"), ("plain", "plain")):
        found[f"{name}_50"] = reported(f"mAP at overlap 0.5 in per cent, {words}{median}")
        found[f"{name}_50_least"] = reported(f"{words}, least")
        found[f"{name}_50_most"] = reported(f"{words}, most")
        found[f"{name}"] = reported(f"mAP over overlaps 0.5 to 0.95 in per cent, {words}{median}")
    for kind in small_set.CLASSES:
        for name in ("hybrid", "plain"):
            found[f"{name}_{kind.lower()}"] = reported(f"AP at 0.5 in per cent, {kind}, {name}{median}")
    return found | {"time": reported("training time, hybrid over plain")}


SMALL_SET = "Tables 3 and 4, trained from ImageNet's weights: VOC 73.3 against 70.5, COCO 32.2 against 31.0"
OWN_TEST = (
    "On a small set, from random weights: blood cells (BCCD), both networks with the same blocks and widths, "
    "as ScatResNet-50 has ResNet-50's, trained alike. The sign is what is judged."
)

ON_BLOOD_CELLS = (
    Claim(
        id="S9D",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="Hybrid and plain detectors of blood cells",
        sentence="The results clearly show that our architecture and base network leads to a substantially "
        "better performance in terms of the mAP.",
        published=f"{SMALL_SET}. {OWN_TEST}",
        citation=CITATION,
        expected=_precisions(small_set.TRIALS),
        measure=small_set.on_a_laptop,
        scale="laptop",
        needs=("bccd",),
    ),
    Claim(
        id="S9E",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="The same with ScatResNet-50 and ResNet-50",
        sentence="The results clearly show that our architecture and base network leads to a substantially "
        "better performance in terms of the mAP.",
        published=f"{SMALL_SET}. {OWN_TEST}",
        citation=CITATION,
        expected=_precisions(small_set.MANY_TRIALS),
        measure=small_set.on_a_gpu,
        scale="gpu",
        needs=("cuda", "bccd"),
    ),
)

CLAIMS = (
    Claim(
        id="S9",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="A detector's features take less time",
        sentence="The inference speed of the base network feature extractor is shown. The tradeoff in mAP "
        "vs. speed and mAP vs. memory consumption here clearly favors the scattering based models.",
        published=f"{TABLE_2}. {IMAGES} On a CPU: processor time of one thread, one image.",
        citation=CITATION,
        expected=_both()
        | {
            "multiply_adds_50": around("multiply-adds from the encoding, over ResNet-50", 0.94, 0.005),
            "multiply_adds_101": around("multiply-adds from the encoding, over ResNet-101", 0.44, 0.005),
        },
        measure=cost.on_a_cpu,
        scale="laptop",
    ),
    Claim(
        id="S9B",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="The same on a GPU, 4 images",
        sentence="We use a single 11GB Ti 1080 GPU for all comparisons. For memory, we show the maximum "
        "batch size that one can train with: 9 images for ScatResNet-50, 7 for ResNet-50, 2 for ResNet-101.",
        published=f"{TABLE_2}; in 11 GB, 9 images against 7 and 2",
        citation=CITATION,
        expected=_both()
        | {
            "batch": reported("images of one training step in 11 GB, ScatResNet-50"),
            "batch_50": reported("images of one training step in 11 GB, ResNet-50"),
            "batch_101": reported("images of one training step in 11 GB, ResNet-101"),
        },
        measure=cost.on_a_gpu,
        scale="gpu",
        needs=("cuda",),
    ),
    *(ON_BLOOD_CELLS if "bccd" in NEEDS else ()),
    Claim(
        id="S9V",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="Mean average precision on VOC and COCO",
        sentence="Table 3, PASCAL VOC 2007, mAP: Faster R-CNN on ScatResNet-50 73.3, ResNet-50 70.5, "
        "ResNet-101 72.5, VGG-16 70.2. Table 4, COCO 2015 minival: 32.2, 31.0, 34.5 and 29.2.",
        published="VOC 73.3 against 70.5; COCO 32.2 against 31.0",
        citation=CITATION,
        expected={},
        scale="cite",
        why="Both start from networks trained on ImageNet, 90 epochs of 1.2 million images each; no weights "
        "of a ScatResNet-50 for this package exist. Then VOC takes 6 epochs of 5,011 images, COCO 6 "
        "epochs of 115,000 images on 4 GPUs. The package has all parts: `scattering_faster_rcnn(20, network, "
        "frozen_groups=2)`, `fit_detector` and `datasets.voc_detection`.",
    ),
)
