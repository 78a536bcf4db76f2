"""Measure one case: how far the answers are apart, then all of its calls in turn."""

import os
import tempfile
import warnings

import torch

from wavelets_course.claims import provenance

from .case import Case, Entry, Setting
from .machine import today
from .results import Result
from .timing import Patience, Spread, once, side_by_side

THOROUGH, QUICK = Patience(seconds=4, fewest=5, most=101), Patience(seconds=0, fewest=2, most=2)


def measure(entry: Entry, setting: Setting) -> Result:
    """Build a case and measure it.

    Raises
    ------
    NotHereError
        If this version of the package, or the machine, lacks what the case needs.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # kymatio's, about SciPy and shapes; they are not what is measured
        case = entry.make(setting)
        prepared = compile_time(case, setting) if case.prepare else None
        gaps = {name: gap() for name, gap in case.gaps.items()}
        spreads = _bytes(case) if case.unit == "B" else _seconds(case, setting)
    return Result(
        case=entry.name,
        group=entry.group,
        title=entry.title,
        dtype=setting.dtype_name,
        unit=case.unit,
        ours=spreads["ours"],
        peers={name: spreads[f"peer {name}"] for name in case.peers},
        limits={name: spreads[f"limit {name}"] for name in case.limits},
        gaps=gaps,
        targets=entry.targets,
        prepared=prepared,
        note=case.note,
        date=today(),
        commit=provenance.commit(),
    )


def compile_time(case: Case, setting: Setting) -> float:
    """Seconds of the first call, when nothing compiled before can be used again."""
    assert case.prepare is not None
    torch.compiler.reset()
    if "TORCHINDUCTOR_CACHE_DIR" in os.environ:  # as in the tests: one's own, and empty
        return once(case.prepare, setting.device)
    with tempfile.TemporaryDirectory(prefix="wavelets-course-") as empty:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = empty
        try:
            return once(case.prepare, setting.device)
        finally:
            del os.environ["TORCHINDUCTOR_CACHE_DIR"]


def _seconds(case: Case, setting: Setting) -> dict[str, Spread]:
    calls = {"ours": case.ours}
    calls |= {f"peer {name}": call for name, call in case.peers.items()}
    calls |= {f"limit {name}": call for name, call in case.limits.items()}
    return side_by_side(calls, QUICK if setting.quick else THOROUGH, setting.device)


def _bytes(case: Case) -> dict[str, Spread]:
    """Memory is the same at every call: once is enough."""
    calls = {"ours": case.ours} | {f"peer {name}": call for name, call in case.peers.items()}
    found = {}
    for name, call in calls.items():
        size = call()
        assert isinstance(size, int | float), f"{name} returned {size!r}, not a number of bytes"
        found[name] = Spread.of([float(size)])
    return found
