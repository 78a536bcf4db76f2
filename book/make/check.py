"""Run every check, one step after the other, and end with the test runner's closing lines.

``check.py`` runs all steps; ``check.py style tests`` only those. A failed step says how to go on, the others
still run, and the exit code is 0 only if all passed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
WORKERS = str(min(os.cpu_count() or 1, 8))
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Step:
    """One check: its name on the command line, what it does, its commands, and the way out of a failure."""

    name: str
    what: str
    commands: tuple[tuple[str, ...], ...]
    way_out: str
    needs: str = ""


@dataclass
class Outcome:
    """What became of a step."""

    step: Step
    verdict: str
    seconds: float = 0.0
    closing: list[str] = field(default_factory=list)


def python(*arguments: str) -> tuple[str, ...]:
    return (PYTHON, *arguments)


def pytest(*arguments: str) -> tuple[str, ...]:
    return python("-m", "pytest", "-q", *arguments)


def in_parallel(spread: str) -> tuple[str, ...]:
    return ("-n", WORKERS, "--dist", spread) if int(WORKERS) > 1 else ()


# A notebook is one file whose cells depend on each other: one worker each. Its session needs no option
# of the unit tests (doctests, shape checks): `-o addopts=` puts them aside.
NBVAL = (
    *("-o", "addopts=", "-p", "no:python", "--nbval", "--nbval-current-env"),
    *("--nbval-cell-timeout=120", "-rf"),
)

STEPS = (
    Step(
        "style",
        "the code's style (ruff)",
        (python("-m", "ruff", "check", "."), python("-m", "ruff", "format", "--check", ".")),
        "`make format` repairs most of it",
    ),
    Step("types", "the types (mypy)", (python("-m", "mypy"),), "the lines above say where"),
    Step(
        "ladder",
        "who imports whom (import-linter)",
        ((str(Path(PYTHON).with_name("lint-imports")),),),
        "import only from folders that stand lower in pyproject.toml's list",
    ),
    Step(
        "tests",
        "the package: laws, literature, peers, doctests",
        (pytest(*in_parallel("worksteal"), "--ignore=tests/book", "tests", "wavelets_course"),),
        "run one alone: .venv/bin/python -m pytest tests/FOLDER/test_FILE.py",
    ),
    Step(
        "notebooks",
        "every notebook, cell by cell, against its stored outputs (nbval)",
        (pytest(*NBVAL, *in_parallel("loadfile"), "book/chapters", "lectures"),),
        "`make notebooks CHAPTER=NAME` executes it again; commit what has truly changed",
    ),
    Step(
        "site",
        "the site, warnings as errors, and the slides",
        (python("book/make/site.py"), python("book/make/slides.py")),
        "the first WARNING above names the page and the line",
    ),
    Step(
        "pages",
        "the book: twins, chapters out of tree, the pages in a browser",
        (pytest(*in_parallel("loadfile"), "tests/book"),),
        "run one alone: .venv/bin/python -m pytest tests/book/test_FILE.py",
        needs="site",
    ),
)


def main(names: Sequence[str]) -> int:
    """Run the named steps (all, if none is named) and return the exit code."""
    unknown = set(names) - {step.name for step in STEPS}
    if unknown:
        say(f"no step is called {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in STEPS)}")
        return 2
    steps = [step for step in STEPS if not names or step.name in names]
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="wavelets-course-") as scratch:
        settings = surroundings(Path(scratch))
        for step in steps:
            failed = {outcome.step.name for outcome in outcomes if outcome.verdict != "passed"}
            outcomes.append(Outcome(step, "not run") if step.needs in failed else take(step, settings))
    report(outcomes)
    return int(any(outcome.verdict != "passed" for outcome in outcomes))


def surroundings(scratch: Path) -> dict[str, str]:
    """The environment variables of all steps: one thread a worker, nothing left over from an earlier run."""
    own = {
        "OMP_NUM_THREADS": "1",
        "TORCHINDUCTOR_CACHE_DIR": str(scratch / "inductor"),  # a warm cache hides warnings
        "PYTHONUNBUFFERED": "1",
        "PATH": os.pathsep.join([str(Path(PYTHON).parent), os.environ.get("PATH", os.defpath)]),
    }
    return os.environ | own


def take(step: Step, settings: dict[str, str]) -> Outcome:
    """Run a step's commands to the last, whatever the first says."""
    say(f"{step.name}: {step.what}")
    start, closing, passed = time.monotonic(), list[str](), True
    for command in step.commands:
        code, last = show(command, settings)
        passed &= code == 0
        closing += [last] if "pytest" in command else []
    seconds = time.monotonic() - start
    say(f"{step.name}: {'passed' if passed else f'FAILED; {step.way_out}'} ({seconds:.0f} s)")
    return Outcome(step, "passed" if passed else "FAILED", seconds, closing)


def show(command: Sequence[str], settings: dict[str, str]) -> tuple[int, str]:
    """Run a command, pass on what it prints, and return its exit code and its last line."""
    last = ""
    with subprocess.Popen(
        command, cwd=ROOT, env=settings, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            last = line.strip() or last
    return process.returncode, COLOUR.sub("", last).strip("= ")


def report(outcomes: Sequence[Outcome]) -> None:
    """Print a line a step, then what each test run closed with, then their sum."""
    say("all steps")
    for outcome in outcomes:
        print(
            f"  {outcome.step.name:<10} {outcome.verdict:<8} {outcome.seconds:6.0f} s   {outcome.step.what}"
        )
    runs = [(outcome.step.name, line) for outcome in outcomes for line in outcome.closing]
    for name, line in runs:
        print(f"{name}: {line}")
    if runs:
        bad = [outcome.step.name for outcome in outcomes if outcome.verdict != "passed"]
        print(closing_line([line for _, line in runs], sum(outcome.seconds for outcome in outcomes), bad))


def closing_line(lines: Sequence[str], seconds: float, bad: Sequence[str] = ()) -> str:
    """Add up the closing lines of several test runs, in their form; `bad` names the steps that did not pass.

    >>> closing_line(["3 passed, 1 skipped in 2.0s", "2 passed, 1 error in 1s"], 4)
    '== 5 passed, 1 skipped, 0 failed, 1 errors in 4 s =='
    """
    sums = {"passed": 0, "skipped": 0, "failed": 0}
    for number, kind in (pair for line in lines for pair in COUNT.findall(line)):
        kind = "errors" if kind == "error" else kind
        sums[kind] = sums.get(kind, 0) + int(number)
    failed = f"; not passed: {', '.join(bad)}" if bad else ""
    counts = ", ".join(f"{number} {kind}" for kind, number in sums.items())
    return f"== {counts} in {seconds:.0f} s{failed} =="


def say(text: str) -> None:
    print(f"\n--- {text}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("interrupted; `make test` starts again, `make test STEPS=NAME` runs one step")
        sys.exit(130)
