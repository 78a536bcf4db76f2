"""The design of filters: beside kymatio's and pywph's."""

from collections.abc import Iterator
from functools import partial
from math import pi
from typing import Any

from wavelets_course import filters

from .case import Case, Entry, NotHereError, Setting
from .peers import peer
from .timing import Call

GROUP = "Filters"
SHAPE, J, L = (256, 256), 5, 4


def entries() -> Iterator[Entry]:
    """Morlet and bump-steerable banks of one shape."""
    yield Entry("bank-morlet", GROUP, "Morlet bank, J = 3, L = 8, 256×256", morlet)
    yield Entry("bank-morlet-deep", GROUP, "Morlet bank, J = 7, L = 8, 256×256", partial(morlet, scales=7))
    yield Entry("bank-bump", GROUP, f"Bump-steerable bank, J = {J}, 2 L = {2 * L}, 256×256", bump)


def morlet(setting: Setting, scales: int = 3) -> Case:
    """`morlet_bank_2d` beside kymatio's `filter_bank`, which also makes the coarser copies of each filter."""
    shape = (32, 32) if setting.quick else SHAPE
    scales = 2 if setting.quick else scales
    module = peer("kymatio.scattering2d.filter_bank")
    peers: dict[str, Call] = {}
    if module is not None and scales < 5:  # at J = 7 the peer takes a minute
        peers["kymatio"] = partial(module.filter_bank, *shape, scales, 8)
    return Case(partial(filters.morlet_bank_2d, shape, scales, 8), peers)


def bump(setting: Setting) -> Case:
    """`bump_steerable_bank_2d` beside the same number of pywph's filters."""
    if not hasattr(filters, "bump_steerable_bank_2d"):
        raise NotHereError("this version has no filters.bump_steerable_bank_2d")
    shape = (32, 32) if setting.quick else SHAPE
    scales = 2 if setting.quick else J
    module = peer("pywph")
    peers: dict[str, Call] = {"pywph": partial(_all_of, module, shape, scales)} if module else {}
    return Case(partial(filters.bump_steerable_bank_2d, shape, scales, L), peers)


def _all_of(module: Any, shape: tuple[int, int], scales: int) -> list[Any]:
    angles = [pi * ell / L for ell in range(2 * L)]
    make = partial(module.BumpSteerableWavelet, *shape, k0=0.85 * pi, L=L, fourier=True)
    return [make(j=j, theta=angle) for j in range(scales) for angle in angles]
