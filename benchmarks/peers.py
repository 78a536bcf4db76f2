"""The peers: imported here alone, and a case whose peer is absent says so instead of failing."""

import warnings
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch
from torch import Tensor

PEERS = ("PyWavelets", "ptwt", "kymatio", "curvelets", "pywph")
ABSENT = {  # tried on the tested stack (torch 2.14, NumPy 2, setuptools 84)
    "pytorch_wavelets 1.3.0": "imports `pkg_resources`, which setuptools has removed",
    "dtcwt 0.14.0": "calls `numpy.asfarray`, which NumPy 2 has removed",
    "pyscatlight": "needs the torch of 2018 and compiles its kernels for CUDA alone",
    "wcnn": "is no package, and needs dtcwt and pytorch_wavelets for its filters",
}


def peer(module: str) -> Any | None:
    """Import a peer's module; None where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the versions of its own dependencies
            return import_module(module)
    except ImportError:
        return None


def versions() -> dict[str, str]:
    """Versions of the package, of torch and NumPy, and of every peer that is here."""
    found = {}
    for name in ("wavelets-course", "torch", "numpy", *PEERS):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def kymatio_layer(J: int, shape: tuple[int, int], max_order: int, device: torch.device) -> Any | None:
    """Make kymatio's layer, once: the design of its filters takes seconds."""
    module = peer("kymatio")
    if module is None:
        return None
    return module.Scattering2D(J, shape, max_order=max_order, frontend="torch").to(device)


def in_numpy(x: Tensor) -> Any:
    """Give images to a peer that computes in NumPy."""
    return x.float().cpu().numpy()
