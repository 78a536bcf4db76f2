"""W3 to W8: what WavPool has, costs and reaches."""

import statistics
from collections.abc import Mapping

import torch
from torch import nn

from ..networks import WavPool
from .lectures import MULTIRESOLUTION
from .registry import Claim, Expected, Number, around, at_least, at_most, exactly, reported
from .wavpool_costs import MADE, costs, speed
from .wavpool_protocol import SETTINGS, Network, Pictures, accuracies

COUNTS = {
    "naive_28": ("naive, 28×28 images", 182_192),
    "naive_32": ("naive, 32×32 images", 235_964),
    "optimised_28": ("optimised, MNIST and Fashion-MNIST", 186_722),
    "optimised_32": ("optimised, CIFAR-10", 201_672),
}
"""Published parameters of the four networks."""

TABLE: Mapping[Network, Mapping[Pictures, float]] = {
    "wavpool": {"mnist": 0.958, "fashion_mnist": 0.863, "cifar10": 0.386},
    "mlp": {"mnist": 0.905, "fashion_mnist": 0.843, "cifar10": 0.268},
}
"""Published validation accuracies after the last epoch."""

WORDS = {
    "wavpool": "WavPool",
    "mlp": "linear MLP",
    "cnn": "CNN",
    "mnist": "MNIST",
    "fashion_mnist": "Fashion-MNIST",
    "cifar10": "CIFAR-10 in grey",
}
SPREAD_ON: tuple[Pictures, ...] = ("fashion_mnist", "cifar10")


# ---- W3: how many parameters ----------------------------------------------------------------


def parameters(seed: int) -> dict[str, Number]:
    """Count the parameters of the published networks, and those that pooling leaves without a say."""
    values: dict[str, Number] = {}
    for name, (side, hidden, pool_size) in MADE.items():
        model = WavPool((side, side), hidden, pool_size)
        values[name] = count(model)
        values[f"{name}_silent"] = model.silent_weights()
    return values


def count(model: nn.Module) -> int:
    """All parameters."""
    return sum(p.numel() for p in model.parameters())


# ---- W4, W5, W7: what it reaches ------------------------------------------------------------


def table(seed: int) -> dict[str, Number]:
    """Train WavPool and the linear MLP on three data sets, three times each."""
    return {
        name: value
        for network, row in TABLE.items()
        for pictures in row
        for name, value in _mean_and_spread(network, pictures, seed).items()
    }


def lead(seed: int) -> dict[str, Number]:
    """Compare WavPool with the linear MLP on MNIST."""
    ahead = statistics.mean(accuracies("wavpool", "mnist", seed))
    behind = statistics.mean(accuracies("mlp", "mnist", seed))
    sizes = [count(SETTINGS[name, "mnist"].make(torch.Generator())) for name in ("wavpool", "mlp")]
    return {"points": 100 * (ahead - behind), "fewer_parameters": sizes[1] - sizes[0]}


def spread(seed: int) -> dict[str, Number]:
    """Compare how far three runs lie apart, WavPool's and the CNN's."""
    values: dict[str, Number] = {}
    for pictures in SPREAD_ON:
        ours, theirs = (_mean_and_spread(network, pictures, seed) for network in ("wavpool", "cnn"))
        values |= ours | theirs
        ratio = ours[f"wavpool_{pictures}_spread"] / theirs[f"cnn_{pictures}_spread"]
        values[f"{pictures}_ratio"] = ratio
    return values


def _mean_and_spread(network: Network, pictures: Pictures, seed: int) -> dict[str, Number]:
    found = accuracies(network, pictures, seed)
    name = f"{network}_{pictures}"
    return {name: statistics.mean(found), f"{name}_spread": statistics.stdev(found)}


def _row(network: Network, pictures: Pictures, judged: bool) -> dict[str, Expected]:
    words = f"{WORDS[network]}, {WORDS[pictures]}"
    label = f"{words}: validation accuracy after the last epoch, mean of 3 runs"
    name = f"{network}_{pictures}"
    expected = around(label, TABLE[network][pictures], 0.015) if judged else reported(label)
    return {name: expected, f"{name}_spread": reported(f"{words}: standard deviation of the 3 runs")}


PROTOCOL = (
    "the authors' stored logs, optimised settings, mean of three runs on the first 10,000 images of each "
    "training file, judged on the next 4,000"
)
CITED = ("voetberg2023wavpool",)
NEEDS = ("cifar10", "fashion_mnist", "mnist")

CLAIMS = (
    Claim(
        id="W3",
        source=MULTIRESOLUTION,
        chapter="wavpool",
        title="WavPool has as many parameters as published",
        sentence="Trained networks of comparable size and complexity to the WavPool block.",
        published="182,192 parameters (naive, 28×28), 235,964 (naive, 32×32), 186,722 (optimised, MNIST and "
        "Fashion-MNIST), 201,672 (optimised, CIFAR-10)",
        citation=CITED,
        expected={name: exactly(words, number) for name, (words, number) in COUNTS.items()}
        | {
            f"{name}_silent": reported(f"{words}: of these, weights whose output pooling drops")
            for name, (words, _) in COUNTS.items()
        },
        measure=parameters,
    ),
    Claim(
        id="W4",
        source=MULTIRESOLUTION,
        chapter="wavpool",
        title="The published accuracies come out again",
        sentence="Trained networks of comparable size and complexity to the WavPool block on benchmark data.",
        published="validation accuracy after the last epoch: WavPool .958, .863, .386 on MNIST, "
        f"Fashion-MNIST and CIFAR-10 in grey; linear MLP .905, .843, .268 ({PROTOCOL})",
        citation=CITED,
        expected={
            name: entry
            for network, row in TABLE.items()
            for pictures in row
            for name, entry in _row(network, pictures, judged=True).items()
        },
        measure=table,
        scale="laptop",
        needs=NEEDS,
    ),
    Claim(
        id="W5",
        source=MULTIRESOLUTION,
        chapter="wavpool",
        title="WavPool beats the MLP with fewer parameters",
        sentence="Quality far above a comparable MLP, with fewer parameters.",
        published="5.4 points on MNIST (.958 against .905) with 186,722 against 216,250 parameters; the MLP "
        "has no activation, so it is a linear classifier",
        citation=CITED,
        expected={
            "points": at_least("MNIST: WavPool's accuracy minus the linear MLP's, in points", 4),
            "fewer_parameters": at_least("parameters that WavPool has fewer", 1),
        },
        measure=lead,
        scale="laptop",
        needs=("mnist",),
    ),
    Claim(
        id="W6",
        source=MULTIRESOLUTION,
        chapter="wavpool",
        title="What WavPool's layers cost, counted",
        sentence=r"The wavelet-dense calculation is less computational intensive than a 3D convolutional "
        r"block ($O(n + 3n^3)$ vs $O(m_{in} m_{out} n^4)$).",
        published="the two orders, no number",
        citation=CITED,
        corrected=r"Haar costs of order $n^2$, the dense layers $\sum_\ell 3 s_\ell^2 h_\ell$, the readout "
        r"its size; a convolution $m_{in} m_{out} k^2 n^2$. With one level and $s = h = n$ the first is "
        r"$n^2 + 3n^3$, with $k = n$ the second $m_{in} m_{out} n^4$; but no network uses a kernel as large "
        "as its image.",
        expected={
            "dense_gap": exactly(
                r"multiply-adds counted, minus $\sum 3 s^2 h$ and the readout, 4 networks", 0
            ),
            "convolution_gap": exactly(r"multiply-adds counted, minus $m_{in} m_{out} k^2 n^2$", 0),
            "haar_exponent": around("exponent of $n$ in the operations of the Haar transform", 2, 0.01),
            "haar_per_pixel": reported("additions and halvings of the Haar transform a pixel"),
            "cube_gap": exactly(r"MicroWav with $s = h = n$: multiply-adds minus $3n^3$", 0),
            "whole_kernel_gap": exactly(r"convolution with $k = n$: minus $m_{in} m_{out} n^4$", 0),
        },
        measure=costs,
    ),
    Claim(
        id="W7",
        source=MULTIRESOLUTION,
        chapter="wavpool",
        title="WavPool's runs lie closer than the CNN's",
        sentence="WavPool produces more consistent solutions.",
        published="standard deviation of the accuracy over three runs on Fashion-MNIST and CIFAR-10 in grey: "
        "WavPool .0021 and .0021, CNN .013 and .022; the CNN's means are .805 and .400, the second above "
        f"WavPool's .386 ({PROTOCOL})",
        citation=CITED,
        expected={
            name: entry
            for pictures in SPREAD_ON
            for name, entry in (
                {f"{pictures}_ratio": at_most(f"{WORDS[pictures]}: WavPool's spread over the CNN's", 1)}
                | _row("wavpool", pictures, judged=False)
                | _row("cnn", pictures, judged=False)
            ).items()
        },
        measure=spread,
        scale="laptop",
        needs=("cifar10", "fashion_mnist"),
    ),
    Claim(
        id="W8",
        source=MULTIRESOLUTION,
        chapter="wavpool",
        title="One pyramid for all levels, 20 times faster",
        sentence="Utilize the multiple 'levels' of the MRD using a Haar wavelet.",
        published="no number; the authors' code calls PyWavelets once for each level, on the CPU, without a "
        "gradient",
        citation=("voetberg2023wavpool", "lee2019pywavelets"),
        expected={
            "ratio_28": at_least("640 images of 28×28: PyWavelets a call a level over ours, seconds", 20),
            "ratio_32": at_least("640 images of 32×32: the same", 20),
            **{
                f"{whose}_{side}": reported(f"{words}, {side}×{side}, seconds")
                for side in (28, 32)
                for whose, words in (("ours", "ours"), ("theirs", "PyWavelets, a call a level"))
            },
        },
        measure=speed,
        scale="laptop",
    ),
)
