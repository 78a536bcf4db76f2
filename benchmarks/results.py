"""What was measured, as values that JSON can hold, and the files that keep it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .case import Kind, Target, Unit
from .timing import Spread

FORMAT = 2
FOLDER = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Result:
    """One case as it was measured; seconds or bytes, as `unit` says."""

    case: str
    group: str
    title: str
    dtype: str
    unit: Unit
    ours: Spread
    peers: Mapping[str, Spread] = field(default_factory=dict)
    limits: Mapping[str, Spread] = field(default_factory=dict)
    gaps: Mapping[str, float] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    prepared: float | None = None
    note: str = ""
    date: str = ""
    commit: str = ""

    @property
    def best(self) -> str | None:
        """The peer that does best."""
        return min(self.peers, key=lambda name: self.peers[name].median, default=None)

    @property
    def limit(self) -> str | None:
        """What bounds the case."""
        return next(iter(self.limits), None)

    def value(self, kind: Kind) -> float | None:
        """How many times better than the best peer, or how many times the limit; None without one."""
        if kind == "peer":
            return self.peers[self.best].median / self.ours.median if self.best else None
        return self.ours.median / self.limits[self.limit].median if self.limit else None

    def met(self, target: Target) -> bool | None:
        """Whether a target is reached; None where there is nothing to compare with."""
        value = self.value(target.kind)
        if value is None:
            return None
        return value >= target.bound if target.kind == "peer" else value <= target.bound


@dataclass(frozen=True)
class Report:
    """All results of one machine, and what the machine was."""

    machine: Mapping[str, Any]
    results: tuple[Result, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)

    def with_result(self, result: Result) -> "Report":
        """Add a result; one of the same case and precision gives way."""
        key = (result.case, result.dtype)
        kept = [old for old in self.results if (old.case, old.dtype) != key]
        absent = {name: why for name, why in self.absent.items() if name != result.case}
        return Report(self.machine, (*kept, result), absent)

    def without(self, case: str, dtype: str, why: str) -> "Report":
        """Note why a case could not be measured; what was measured of it before goes."""
        kept = tuple(old for old in self.results if (old.case, old.dtype) != (case, dtype))
        return Report(self.machine, kept, {**self.absent, case: why})

    def in_order(self, names: Iterable[str]) -> "Report":
        """Put results in the order of these names; those of cases that are no more are left out."""
        place = {name: index for index, name in enumerate(names)}
        kept = [result for result in self.results if result.case in place]
        kept.sort(key=lambda result: (result.dtype != "float32", place[result.case]))
        return Report(self.machine, tuple(kept), {n: why for n, why in self.absent.items() if n in place})


def as_json(report: Report) -> str:
    """Write a report as JSON."""
    return compact({"format": FORMAT, **asdict(report)})


def compact(value: Any) -> str:
    """JSON with four digits a number and one line for each object that fits on one."""
    text = json.dumps(rounded(value), indent=1, ensure_ascii=False)
    return re.sub(r"\{[^{}]{,120}\}", lambda found: " ".join(found[0].split()), text) + "\n"


def from_json(text: str) -> Report:
    """Read a report.

    Raises
    ------
    ValueError
        If it was written in another format.
    """
    found = json.loads(text)
    if found.get("format") != FORMAT:
        raise ValueError(
            f"benchmarks: expected results in format {FORMAT}, got {found.get('format')}; measure again."
        )
    return Report(found["machine"], tuple(map(_result, found["results"])), found["absent"])


def write(path: Path, text: str) -> None:
    """Replace a file in one step, so that an interruption leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _result(found: dict[str, Any]) -> Result:
    many = {key: {name: Spread(**one) for name, one in found[key].items()} for key in ("peers", "limits")}
    targets = tuple(Target(**target) for target in found["targets"])
    return Result(**(found | many | {"ours": Spread(**found["ours"]), "targets": targets}))


def rounded(value: Any) -> Any:
    """Four digits: more are noise, and make every measurement a large change of the file."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: rounded(part) for key, part in value.items()}
    return [rounded(part) for part in value] if isinstance(value, list | tuple) else value
