"""Run the cases one by one, show each at once, and keep what is measured if the run is interrupted."""

import sys
import time
from argparse import Namespace
from pathlib import Path

from . import growth, page
from .case import Entry, NotHereError, Setting
from .cases import entries
from .machine import machine, same
from .measure import measure
from .options import STDOUT
from .profile import profile
from .results import FOLDER, Report, as_json, from_json, write
from .table import HEADER, lines


def tell(text: str) -> None:
    """Say on stderr how far the run is."""
    print(text, file=sys.stderr, flush=True)


def run(options: Namespace) -> int:
    """Measure what the options name; the exit code is 130 after an interruption."""
    settings = [Setting(options.device, dtype, options.quick) for dtype in options.dtypes]
    wanted = entries(compiled=options.compile, only=options.only)
    if not wanted:
        tell(f"benchmarks: no case's name contains {options.only!r}; --list names them")
        return 1
    if options.profile:
        return profile(wanted, settings[0])
    file = FOLDER / f"{options.device.type}.json" if options.save else options.json
    printing = file != STDOUT
    report = begin(file, options)
    if printing:
        print(HEADER, flush=True)
    code = 0
    try:
        for setting in settings:
            report = over(wanted, setting, report, file, options)
    except KeyboardInterrupt as interruption:
        report = interruption.args[0] if interruption.args else report
        tell("benchmarks: interrupted; what is measured is kept, --resume goes on from there")
        code = 130
    if file == STDOUT:
        print(as_json(report), end="")
    if options.save:
        page.save()
    return code


def over(
    wanted: list[Entry], setting: Setting, report: Report, file: Path | None, options: Namespace
) -> Report:
    """Measure the cases at one precision; an interruption carries the report so far."""
    done = finished(report) if options.resume else set()
    for number, entry in enumerate(wanted, 1):
        start = time.perf_counter()
        head = f"[{number:2}/{len(wanted)}] {entry.name} {setting.dtype_name}"
        if (entry.name, setting.dtype_name) in done:
            tell(f"{head}: measured before")
            continue
        tell(f"{head} ...")
        try:
            result = measure(entry, setting)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(report) from None
        except Exception as failure:  # one broken case must not cost the others
            why = reason(failure)
            report = keep(report.without(entry.name, setting.dtype_name, why), file)
            tell(f"{head}: left out: {why}")
            continue
        report = keep(report.with_result(result), file)
        if file != STDOUT:
            print("\n".join(lines(result)), flush=True)
        tell(f"{head}: {time.perf_counter() - start:.1f} s")
    return report


def reason(failure: Exception) -> str:
    """Why a case is left out, on one line."""
    if isinstance(failure, NotHereError):
        return str(failure)
    first = next(iter(str(failure).strip().splitlines()), "")
    return f"it failed: {type(failure).__name__}: {first}".rstrip(": ")


def begin(file: Path | None, options: Namespace) -> Report:
    """Start from what the file has, if that was measured on the same machine with the same versions."""
    here = machine(options.device, measured=not options.quick)
    if file in (None, STDOUT) or not (options.resume or options.save) or not file.exists():
        return Report(here)
    try:
        before = from_json(file.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError):
        return Report(here)
    if not same(dict(before.machine), here):
        tell("benchmarks: the file was measured on another machine or with other versions; starting anew")
        return Report(here)
    return Report(here, before.results, before.absent)


def finished(report: Report) -> set[tuple[str, str]]:
    """Cases that the report has of the present commit."""
    present = report.machine["commit"]
    return {(result.case, result.dtype) for result in report.results if result.commit == present}


def keep(report: Report, file: Path | None) -> Report:
    """Write the report, in the order of all cases."""
    report = report.in_order(entry.name for entry in entries(compiled=True))
    if file is not None and file != STDOUT:
        write(file, as_json(report))
    return report


def run_growth(options: Namespace) -> int:
    """Measure how cost grows and keep it for the page (not if quick, unless a file is named)."""
    setting = Setting(options.device, quick=options.quick)
    file = options.json or (None if options.quick else FOLDER / f"growth-{options.device.type}.json")
    found = growth.grow(setting, tell)
    text = growth.as_json(machine(options.device, measured=False), found)
    if file in (None, STDOUT):
        print(text, end="")
        return 0
    write(file, text)
    if not options.json:
        page.save()
    return 0
