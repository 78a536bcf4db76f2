"""Wavelets and convolutional networks: one idea a folder, each folder a chapter of the course.

With this package you can design filters (`filters`), transform images (`transforms`, `scattering`),
make and load what to look at (`signals`, `datasets`), draw it (`figures`), check an identity
(`laws`), re-measure a published claim (`claims`) and have an exercise checked (`exercises`).

Folders load on first use.

Examples
--------
>>> import wavelets_course as wc
>>> pyramid = wc.transforms.wavedec2(wc.datasets.photograph("camera"), "haar", J=3)
>>> [tuple(level.horizontal.shape) for level in pyramid.details]
[(256, 256), (128, 128), (64, 64)]
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import claims as claims
    from . import datasets as datasets
    from . import descent as descent
    from . import exercises as exercises
    from . import figures as figures
    from . import filters as filters
    from . import insight as insight
    from . import laws as laws
    from . import networks as networks
    from . import scattering as scattering
    from . import signals as signals
    from . import sparse as sparse
    from . import training as training
    from . import transforms as transforms

__all__ = [
    "claims",
    "datasets",
    "descent",
    "exercises",
    "figures",
    "filters",
    "insight",
    "laws",
    "networks",
    "scattering",
    "signals",
    "sparse",
    "training",
    "transforms",
]

__version__ = version("wavelets-course")


def __getattr__(name: str) -> Any:
    if name in __all__:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"wavelets_course has no folder {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
