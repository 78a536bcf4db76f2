"""The page of the book: ``book/speed.md`` from the kept results, its words from ``speed_page.md``.

In the template, ``{{name}}`` stands for what this file writes. What bounds a missed target is written by hand
in the template, below the table of the targets.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from wavelets_course.figures import Figure
from wavelets_course.figures import growth as growth_figure

from .case import Target
from .peers import ABSENT
from .results import FOLDER, Report, Result, from_json, write
from .table import markdown, promise, spread_of, times

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE, PAGE = Path(__file__).with_name("speed_page.md"), ROOT / "book" / "speed.md"
PICTURES = {"side": "speed_growth_side.png", "batch": "speed_growth_batch.png"}
FITTED_FROM = {"side": 256**2, "batch": 8 * 256**2}  # pixels: below, a call's own cost shows
AXES = {
    "side": "pixels of one image",
    "batch": "pixels of a batch of 256×256 images",
}
NOTHING = "Not measured yet.\n"


def save(folder: Path = FOLDER, page: Path = PAGE) -> None:
    """Write the page and its pictures from the results of a folder."""
    write(page, text(folder))
    for axis, figure in figures(folder).items():
        figure.save(page.with_name("_static") / PICTURES[axis])


def text(folder: Path = FOLDER) -> str:
    """The page, the same for the same results on every machine."""
    found = TEMPLATE.read_text(encoding="utf-8")
    for name, part in parts(folder).items():
        found = found.replace("{{" + name + "}}\n", part)
    if "{{" in found:
        raise ValueError(f"speed_page.md: nothing is written for {found[found.index('{{') :][:30]!r}")
    return found


def parts(folder: Path) -> dict[str, str]:
    """What stands for each name of the template."""
    cpu, cuda = report(folder / "cpu.json"), report(folder / "cuda.json")
    return {
        "machine": machine(cpu),
        "targets": targets(cpu),
        "tables": tables(cpu),
        "cuda": f"{machine(cuda)}\n{targets(cuda)}\n{tables(cuda)}" if cuda else NOT_ON_A_GPU,
        "growth": growth(folder),
        "absent": absent(cpu),
    }


NOT_ON_A_GPU = (
    'No GPU has measured this yet: `make bench BENCH="--save --device cuda"` does, in float32 and bfloat16.\n'
)


def report(file: Path) -> Report | None:
    """Read kept results, None if there are none."""
    return from_json(file.read_text(encoding="utf-8")) if file.exists() else None


def machine(found: Report | None) -> str:
    """Where and when it was measured."""
    if found is None:
        return NOTHING
    m = found.machine
    versions = ", ".join(f"{name} {number}" for name, number in m["versions"].items())
    dates = sorted({result.date for result in found.results})
    commits = sorted({result.commit for result in found.results})
    speed = m.get("copy_bytes_per_second")
    memory = f"{m['memory_bytes'] / 2**30:.0f} GiB of memory"
    cores = f"{plural(m['cores'], 'core')}, {plural(m['threads'], 'thread')}"
    copied = f"; one large copy moves {speed / 1e9:.3g} GB/s, read and written" if speed else ""
    when, code = " to ".join(dict.fromkeys((dates[0], dates[-1]))), ", ".join(f"`{one}`" for one in commits)
    where = f"{m['device']}, {cores}, {memory}, {m['system']}{copied}"
    return f"{where}. {when}; commit {code}; {versions}.\n"


def plural(number: int, word: str) -> str:
    """``"1 core"``, ``"2 cores"``."""
    return f"{number} {word}{'s' * (number != 1)}"


def targets(found: Report | None) -> str:
    """Each promise with its number and its verdict."""
    if found is None:
        return NOTHING
    rows = [_promise_row(result, target) for result in found.results for target in result.targets]
    met = sum(row[-1].startswith("✓") for row in rows)
    head = f"{met} of {len(rows)} targets are met.\n\n"
    return head + markdown(("Case", "Target", "Measured", "Verdict"), rows) + "\n"


def _promise_row(result: Result, target: Target) -> tuple[str, ...]:
    verdict = {True: "✓ met", False: "✗ missed", None: "– nothing to compare with"}[result.met(target)]
    name = f"{result.group}: {result.title}" + _precision(result)
    return name, promise(result, target), times(result.value(target.kind)) or "–", verdict


def tables(found: Report | None) -> str:
    """One table a group: ours with its quartiles, each peer, the limit."""
    if found is None:
        return NOTHING
    header = ("Case", "Ours", "Peers", "Ratio", "Limit", "Ours over limit")
    blocks = []
    for group, results in groupby(sorted(found.results, key=_group(found)), key=lambda one: one.group):
        found_in = list(results)
        rows = markdown(header, [_row(result) for result in found_in])
        notes = "".join(f"\n{note}\n" for note in dict.fromkeys(one.note for one in found_in) if note)
        blocks.append(f"**{group}**\n\n{rows}\n{notes}")
    return "\n".join(blocks)


def _group(found: Report) -> Any:
    order = list(dict.fromkeys(result.group for result in found.results))
    return lambda result: order.index(result.group)


def _row(result: Result) -> tuple[str, ...]:
    peers = "; ".join(f"{name} {spread_of(one, result.unit)}" for name, one in result.peers.items())
    limit = f"{result.limit}: {spread_of(result.limits[result.limit], result.unit)}" if result.limit else "–"
    title = result.title + _precision(result)
    if result.prepared is not None:
        title += f" (compiled in {result.prepared:.0f} s)"
    better, over = (times(result.value("peer")), times(result.value("limit")))
    return title, spread_of(result.ours, result.unit), peers or "–", better or "–", limit, over or "–"


def _precision(result: Result) -> str:
    return "" if result.dtype == "float32" else f", {result.dtype}"


def absent(found: Report | None) -> str:
    """Peers that cannot run, and cases that were left out."""
    lines = [f"- {name} {why}." for name, why in ABSENT.items()]
    if found:
        lines += [f"- Left out: `{name}`, {why}." for name, why in found.absent.items()]
    return "\n".join(lines) + "\n"


def growth(folder: Path) -> str:
    """The pictures of how cost grows, with their text."""
    shown = figures(folder)
    if not shown:
        return NOTHING
    kept = json.loads((folder / "growth-cpu.json").read_text(encoding="utf-8"))
    blocks = [
        f":::{{image}} _static/{PICTURES[axis]}\n:alt: {figure.alt}\n:::\n" for axis, figure in shown.items()
    ]
    banded = [
        f"{name} at {point['pixels']:,} pixels in {point['bands']}"
        for points in kept["series"].values()
        for name, line in points.items()
        for point in line
        if point["bands"] > 1
    ]
    if banded:
        blocks.append(f"Done in bands of rows, because memory was short: {'; '.join(banded)}.\n")
    where = kept["machine"]
    measured = f"Measured on {where['device']}, {plural(where['threads'], 'thread')}, {where['date']}, "
    return "\n".join([*blocks, f"{measured}commit `{where['commit']}`.\n"])


def figures(folder: Path) -> dict[str, Figure]:
    """Draw time and memory against size, one figure an axis."""
    file = folder / "growth-cpu.json"
    if not file.exists():
        return {}
    series = json.loads(file.read_text(encoding="utf-8"))["series"]
    return {
        axis: growth_figure(_panels(lines), xlabel=AXES[axis], fit_from=FITTED_FROM[axis])
        for axis, lines in series.items()
        if lines
    }


def _panels(lines: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    def panel(key: str, scale: float) -> dict[str, Any]:
        return {name: tuple(zip(*_points(points, key, scale), strict=True)) for name, points in lines.items()}

    return {"seconds": panel("seconds", 1), "peak memory, MB": panel("bytes", 1e-6)}


def _points(points: Iterable[Mapping[str, Any]], key: str, scale: float) -> Iterator[tuple[float, float]]:
    for point in points:
        if point[key] > 0:  # a small image may find all its memory in place
            yield point["pixels"], point[key] * scale
