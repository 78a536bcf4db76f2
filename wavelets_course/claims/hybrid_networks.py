"""S6, S7 and S8: how large hybrid networks are, what they cost, and how well they classify."""

from . import hybrid_networks_accuracy as accuracy
from . import hybrid_networks_cost as cost
from .lectures import COMPRESSING
from .registry import Claim, Expected, around, at_least, at_most, exactly, reported

CITATION = ("oyallon2018compressing",)
CHAPTER = "hybrid_networks"
TABLE_2 = "Table 2, one GPU, 64 images: 0.072 against 0.095 and 0.158 s, that is 0.76 and 0.46"
OWN = "The bound is ours, set before measuring: the paper times the network from its encoding only."


def _times(name: str, bounds: dict[str, float | None]) -> dict[str, Expected]:
    """A ratio of medians for each reference, and the least and the most of a round."""
    found = {}
    for reference, bound in bounds.items():
        label = f"time, ScatResNet-50 over ResNet-{reference}"
        found[f"{name}_{reference}"] = reported(label) if bound is None else at_most(label, bound)
        found[f"{name}_{reference}_least"] = reported(f"{label}, least of a round")
        found[f"{name}_{reference}_most"] = reported(f"{label}, most of a round")
    return found


def _accuracies() -> dict[str, Expected]:
    names = {"order_1": "order 1", "orders_1_2": "orders 1 and 2", "resnet": "the residual network on pixels"}
    found = {
        "lost_without_order_2": at_most("points that order 1 is behind orders 1 and 2", 1.5),
        "behind_resnet": at_most("points that order 1 is behind the residual network", 2),
    }
    for name, words in names.items():
        found[name] = reported(f"test accuracy in per cent, {words}, median of {accuracy.TRIALS} seeds")
        found[f"{name}_least"] = reported(f"{words}, least")
        found[f"{name}_most"] = reported(f"{words}, most")
    return found


CLAIMS = (
    Claim(
        id="S6",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="Hybrid networks in numbers of weights",
        sentence="Table 1: ScatResNet-10 has 11.4M parameters (12.8M with order 2), ScatResNet-50 27.8M, "
        "WideScatResNet-50-2 107.2M; ResNet-50 25.6M, ResNet-101 45.4M.",
        published="11.4M, 12.8M, 27.8M, 107.2M, 25.6M, 45.4M",
        citation=CITATION,
        corrected="WideScatResNet-50-2 has 107.0M and ResNet-101 44.5M; the other four are right.",
        expected={
            "scatresnet_10": exactly("ScatResNet-10, order 1", 11_441_640),
            "scatresnet_10_orders_1_2": exactly("ScatResNet-10, orders 1 and 2", 12_768_744),
            "scatresnet_50": exactly("ScatResNet-50", 27_850_856),
            "wide_scatresnet_50_2": exactly("WideScatResNet-50-2", 107_015_400),
            "resnet_50": exactly("ResNet-50", 25_557_032),
            "resnet_101": exactly("ResNet-101", 44_549_160),
        },
        measure=cost.parameters,
    ),
    Claim(
        id="S7",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="Inference from the encoding takes less time",
        sentence="We evaluate the inference time of the CNN from the encoding. Our scattering model has "
        "favorable properties in memory and speed usage compared to its non-scattering analogues.",
        published=TABLE_2,
        citation=CITATION,
        expected=_times("time", {"50": 0.80, "101": 0.50})
        | {
            "multiply_adds_50": around("multiply-adds, ScatResNet-50 over ResNet-50", 0.95, 0.005),
            "multiply_adds_101": around("multiply-adds, ScatResNet-50 over ResNet-101", 0.50, 0.005),
            "kept_50": reported("memory an image that training keeps, ResNet-50 over ScatResNet-50"),
            "kept_101": reported("memory an image that training keeps, ResNet-101 over ScatResNet-50"),
        },
        measure=cost.inference,
        scale="laptop",
    ),
    Claim(
        id="S7W",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="The whole network, scattering included",
        sentence="The smaller input size leads to gains in speed and memory.",
        published=f"no number. {OWN}",
        citation=CITATION,
        expected=_times("whole", {"50": 0.85})
        | {"scattering_share": reported("share of the scattering in ScatResNet-50's time")},
        measure=cost.whole,
        scale="laptop",
    ),
    Claim(
        id="S7B",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="A larger batch in the same memory",
        sentence="To evaluate memory we determine the maximum batch size possible for training on a single "
        "GPU: 175 images for ScatResNet-50, 120 for ResNet-50, 70 for ResNet-101.",
        published=f"in 11 GB, batches 1.46 and 2.5 times as large. {TABLE_2}",
        citation=CITATION,
        expected={
            "batch_ratio_50": at_least("largest batch, ScatResNet-50 over ResNet-50", 1.4),
            "batch_ratio_101": at_least("largest batch, ScatResNet-50 over ResNet-101", 2.2),
            "batch": reported("largest batch in 11 GB, ScatResNet-50"),
            "batch_resnet_50": reported("largest batch in 11 GB, ResNet-50"),
            "batch_resnet_101": reported("largest batch in 11 GB, ResNet-101"),
        }
        | _times("time", {"50": 0.80, "101": 0.50})
        | _times("whole", {"50": None})
        | {"scattering_share": reported("share of the scattering in ScatResNet-50's time")},
        measure=cost.on_a_gpu,
        scale="gpu",
        needs=("cuda",),
    ),
    Claim(
        id="S8",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="Order 1 is enough, a tenth of CIFAR-10",
        sentence="If enough data is available and there is a small invariance to translation J, then for "
        "natural image classification, the order 2 does not provide significantly more information that can "
        "be exploited by a CNN. Cascading a CNN with this representation performs on par with ImageNet "
        "classification models.",
        published="ImageNet, top 1: order 1 67.7, orders 1 and 2 68.7; ScatResNet-50 74.5, ResNet-50 76.1",
        citation=CITATION,
        expected=_accuracies(),
        measure=accuracy.small,
        scale="laptop",
        needs=("cifar10",),
    ),
    Claim(
        id="S8B",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="Order 1 is enough, all of CIFAR-10",
        sentence="The same, with networks eight times as wide and ten times the images.",
        published="ImageNet, top 1: order 1 67.7, orders 1 and 2 68.7; ScatResNet-50 74.5, ResNet-50 76.1",
        citation=CITATION,
        expected=_accuracies(),
        measure=accuracy.whole,
        scale="gpu",
        needs=("cuda", "cifar10"),
    ),
    Claim(
        id="S8I",
        source=COMPRESSING,
        chapter=CHAPTER,
        title="Accuracy on ImageNet",
        sentence="Table 1, top 1 and top 5 in per cent: ScatResNet-10 67.7 and 87.7 (with order 2 68.7 and "
        "88.6), ScatResNet-50 74.5 and 92.0, WideScatResNet-50-2 76.2 and 92.8; ResNet-50 76.1 and 92.9, "
        "ResNet-101 77.4 and 93.6.",
        published="these numbers",
        citation=CITATION,
        expected={},
        scale="cite",
        why="it takes ImageNet's 1.28 million photographs, which one has to ask for, and 90 epochs: for "
        "ScatResNet-50 at 3.9 billion multiply-adds an image, forwards and twice that backwards, about "
        "2.7e18 operations, a GPU for the better part of a day, and three times that for the wide one.",
    ),
)
