"""D4 to D7: networks whose first layer is wavelets: their sizes, their kernels, what they reach."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..datasets import photograph
from ..insight import kernel_similarity, natural_kernels, parameter_count, shuffled_kernels
from ..laws import relative_error
from ..networks import (
    DualTreeStem,
    WaveletConv2d,
    dual_tree_alexnet,
    dual_tree_resnet,
    dual_tree_resnet34,
    poster_alexnet,
    poster_resnet,
    standard_alexnet,
    standard_resnet,
)
from . import dual_tree_cnn_training as training
from .lectures import DUAL_TREES
from .registry import Claim, Expected, Number, at_least, at_most, exactly, reported

CITATION = ("leterme2021modelisation", "leterme2024twin")
CHAPTER = "dual_tree_cnn"
ALEXNET_SIDE = 11  # of AlexNet's own first kernels
PICTURES = ("astronaut", "camera", "chelsea", "coffee")


# ---- D4: how many parameters ----------------------------------------------------------------


def sizes(seed: int) -> dict[str, Number]:
    """Count the parameters of the standard networks, the authors' later ones, and the poster's."""
    networks: dict[str, Callable[[], nn.Module]] = {
        "alexnet": standard_alexnet,
        "wavelet_alexnet": dual_tree_alexnet,
        "poster_alexnet": poster_alexnet,
        "resnet": standard_resnet,
        "wavelet_resnet": dual_tree_resnet34,
        "poster_resnet": poster_resnet,
        "cifar_18": lambda: standard_resnet(18, classes=10),
        "wavelet_cifar_18": lambda: dual_tree_resnet(18),
        "cifar_34": lambda: standard_resnet(34, classes=10),
        "wavelet_cifar_34": lambda: dual_tree_resnet(34),
    }
    with torch.device("meta"):  # counts need no numbers
        return {name: parameter_count(build()) for name, build in networks.items()}


# ---- D5: resulting kernels ------------------------------------------------------------------


def kernels(seed: int) -> dict[str, Number]:
    """Compare stems with one convolution by their resulting kernels, and see what a crop to 11x11 keeps."""
    found: dict[str, Number] = {}
    gaps = []
    for J in (2, 3):
        stem = dual_tree_alexnet(J, generator=torch.Generator().manual_seed(seed)).get_submodule("features.0")
        assert isinstance(stem, DualTreeStem)
        gaps.append(_gap_to_convolution(stem, seed))
        whole, cropped = stem.resulting_kernel(), stem.resulting_kernel(ALEXNET_SIDE)
        free = stem.free.out_channels
        kept = (_energy(cropped) / _energy(whole))[free:]
        found[f"side_{J}"] = whole.shape[-1]
        found[f"kept_{J}"] = 100 * kept.median().item()
        found[f"kept_least_{J}"] = 100 * kept.min().item()
    return {"gap": max(gaps), **found}


def _gap_to_convolution(stem: DualTreeStem, seed: int) -> float:
    """Relative error of the wavelet channels against a plain convolution, before pooling."""
    x = torch.randn(2, 3, 96, 80, generator=torch.Generator().manual_seed(seed))
    kernel = stem.resulting_kernel().detach()[stem.free.out_channels :]
    plain = nn.functional.conv2d(
        x.double(), kernel.double(), stride=stem.plan.stride, padding=stem.kernel_padding
    )
    assert stem.wavelets.bias is not None
    return relative_error(stem.wavelets(x) - stem.wavelets.bias[:, None, None], plain)


def _energy(kernel: Tensor) -> Tensor:
    return kernel.detach().square().sum((1, 2, 3))


# ---- D7: kernel similarity ------------------------------------------------------------------


def similarity(seed: int) -> dict[str, Number]:
    """Look for kernels learned from photographs among wavelet packets, and controls beside them."""
    generator = torch.Generator().manual_seed(seed)
    learned = natural_kernels([photograph(name) for name in PICTURES], generator=generator)
    noise = torch.randn(learned.shape, generator=generator)
    asked = {"learned": learned, "shuffled": shuffled_kernels(learned, generator=generator), "noise": noise}
    found: dict[str, Number] = {}
    for J in (2, 3):
        packets = packet_kernels(J)
        for name, kernel in asked.items():
            found[f"{name}_{J}"] = kernel_similarity(kernel, packets).similarity.mean().item()
    among_noise = torch.randn(packets.shape, generator=generator)
    found["learned_among_noise"] = kernel_similarity(learned, among_noise).similarity.mean().item()
    return found


def packet_kernels(J: int) -> Tensor:
    """Crop real and imaginary parts of all packets around their middle: ``(channels, 1, 11, 11)``."""
    kernels = WaveletConv2d(J, range(2 * 4**J), stride=1, padding=0).resulting_kernel().detach()[:, :1]
    first = kernels.shape[-1] // 2 - ALEXNET_SIDE // 2
    crop = slice(first, first + ALEXNET_SIDE)
    return kernels[..., crop, crop]


def _errors(more: bool) -> dict[str, Expected]:
    names = {"standard": "standard network", "wavelet": "wavelets", "frozen": "frozen random first layer"}
    if more:
        names |= {"modulus": "wavelets and modulus", "poster": "wavelets alone, real and imaginary parts"}
    found = {
        "behind_standard": at_most("points of error that the wavelets are behind the standard network", 2),
        "ahead_of_frozen": at_least("points that they are ahead of the frozen random first layer", 0),
    }
    for name, words in names.items():
        found[name] = reported(f"error in per cent, {words}, median of {training.TRIALS} seeds")
        found[f"{name}_least"] = reported(f"{words}, least")
        found[f"{name}_most"] = reported(f"{words}, most")
    return found


CLAIMS = (
    Claim(
        id="D4",
        source=DUAL_TREES,
        chapter=CHAPTER,
        title="Wavelets save parameters in the first layer",
        sentence="Models based on AlexNet and ResNet34. First convolutional layer replaced by dual-tree "
        "wavelet packets.",
        published="of the authors' later networks: AlexNet 61,100,840, with wavelets 61,089,433; ResNet-34 "
        "21,797,672, with wavelets 21,794,171; on CIFAR-10, with wavelets, 11,178,141 and 21,286,301",
        citation=CITATION,
        expected={
            "alexnet": exactly("AlexNet", 61_100_840),
            "wavelet_alexnet": exactly("AlexNet with 32 wavelet channels", 61_089_433),
            "poster_alexnet": reported("AlexNet, wavelets alone"),
            "resnet": exactly("ResNet-34", 21_797_672),
            "wavelet_resnet": exactly("ResNet-34 with 24 wavelet channels", 21_794_171),
            "poster_resnet": reported("ResNet-34, wavelets alone"),
            "cifar_18": exactly("ResNet-18, 10 classes", 11_181_642),
            "wavelet_cifar_18": exactly("with 24 wavelet channels", 11_178_141),
            "cifar_34": exactly("ResNet-34, 10 classes", 21_289_802),
            "wavelet_cifar_34": exactly("with 24 wavelet channels", 21_286_301),
        },
        measure=sizes,
    ),
    Claim(
        id="D5",
        source=DUAL_TREES,
        chapter=CHAPTER,
        title="A wavelet layer is a convolution",
        sentence="Resulting kernels of DT-CWPT AlexNet, compared to the standard architecture. Filters are "
        "cropped to 11x11 to match the original size of AlexNet's kernels.",
        published="a figure; no number",
        citation=CITATION,
        expected={
            "gap": at_most("relative error against one convolution with the resulting kernels", 1e-5),
            "side_2": exactly("side of a kernel, J = 2", 30),
            "side_3": exactly("side of a kernel, J = 3", 66),
            "kept_2": reported("energy that the crop keeps, per cent, median kernel, J = 2"),
            "kept_least_2": reported("least"),
            "kept_3": reported("energy that the crop keeps, per cent, median kernel, J = 3"),
            "kept_least_3": reported("least"),
        },
        measure=kernels,
    ),
    Claim(
        id="D6",
        source=DUAL_TREES,
        chapter=CHAPTER,
        title="Wavelets learn as well, a part of CIFAR-10",
        sentence="Validation error for AlexNet and ResNet34 along training. Dashed gray curves: standard "
        "architecture with frozen first layer.",
        published="ImageNet, a figure; CIFAR-10, the authors' later logs, top-1 accuracy of ResNet-18: "
        "standard 85.08, wavelets 85.77, modulus 86.17",
        citation=CITATION,
        expected=_errors(more=False),
        measure=training.small,
        scale="laptop",
        needs=("cifar10",),
    ),
    Claim(
        id="D6B",
        source=DUAL_TREES,
        chapter=CHAPTER,
        title="Wavelets learn as well, all of CIFAR-10",
        sentence="The same, with ResNet-18 and all images; the modulus and the poster's own layer beside "
        "them.",
        published="top-1 accuracy after 300 epochs: standard 85.08, wavelets 85.77, modulus 86.17",
        citation=CITATION,
        expected=_errors(more=True),
        measure=training.whole,
        scale="gpu",
        needs=("cuda", "cifar10"),
    ),
    Claim(
        id="D6I",
        source=DUAL_TREES,
        chapter=CHAPTER,
        title="Wavelets learn as well on ImageNet",
        sentence="Models trained on ImageNet ILSVRC2012.",
        published="top-1 accuracy, the authors' later logs: AlexNet 54.71, with wavelets 55.11, with the "
        "modulus 55.74; ResNet-34 72.38, with wavelets 72.57, with the modulus 72.82",
        citation=CITATION,
        expected={},
        scale="cite",
        why="it takes ImageNet's 1.28 million photographs, which one has to ask for, and 90 epochs of each "
        "network: at 3.7 billion multiply-adds an image, forwards and twice that backwards, about 2.5e18 "
        "operations for one ResNet-34, a GPU for the better part of a day.",
    ),
    Claim(
        id="D7",
        source=DUAL_TREES,
        chapter=CHAPTER,
        title="Learned kernels are found among packets",
        sentence="Future work: perform a quantitative evaluation of kernel similarity.",
        published="no number: it is future work there. The bounds are ours, set before measuring. As trained "
        "networks are no part of the course, kernels are learned from photographs: independent components",
        citation=CITATION,
        expected={
            "learned_2": at_least("mean similarity of the best match, learned kernels, J = 2", 0.7),
            "learned_3": at_least("learned kernels, J = 3", 0.7),
            "shuffled_2": at_most("the same with shuffled pixels, J = 2", 0.5),
            "shuffled_3": at_most("the same with shuffled pixels, J = 3", 0.5),
            "noise_2": at_most("noise, J = 2", 0.5),
            "noise_3": at_most("noise, J = 3", 0.5),
            "learned_among_noise": at_most("learned kernels among as many kernels of noise as at J = 3", 0.5),
        },
        measure=similarity,
    ),
)
