"""Run the unit tests in an environment at exactly the lower bounds of pyproject.toml.

``.venv-oldest`` holds the dependencies of the package and of its training at those bounds, and, at the
versions of requirements.txt, the test runner and what tests compare with; no book, no browser. Standard
library alone, like environment.py.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from environment import ROOT, Environment, say
from environment import main as make

NEWEST = (3, 12)  # the last Python that all of the oldest versions were built for
BESIDE = (
    *("pytest", "pytest-xdist", "hypothesis", "beartype", "kymatio", "hatchling", "editables"),
    *("nbformat", "nbclient", "ipykernel"),  # a figure's test runs a notebook
)
ELSEWHERE = (
    *("tests/book", "tests/make", "tests/figures/test_page.py"),
    *("tests/test_repository.py", "tests/test_benchmarks.py"),
)
OLD = (  # what old libraries say beside new ones
    *("-W", "ignore::DeprecationWarning", "-W", "ignore::FutureWarning"),
    *("-W", "ignore:Skipping serialization of skipfiles:UserWarning"),  # torch 2.6, of itself
)
FOLDER, REQUIREMENTS = ".venv-oldest", "build/oldest.txt"


def lower_bounds(root: Path) -> list[str]:
    """The dependencies of the package and of its training, each ``>=`` made ``==``."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dependencies: list[str] = [*project["dependencies"], *project["optional-dependencies"]["training"]]
    strange = [dependency for dependency in dependencies if not re.fullmatch(r"[\w.-]+>=[\d.]+", dependency)]
    if strange:
        raise ValueError(
            f"oldest: expected NAME>=VERSION in pyproject.toml, got {strange}; write it that way."
        )
    return [dependency.replace(">=", "==") for dependency in dependencies]


def pins(root: Path, names: tuple[str, ...]) -> list[str]:
    """The lines of requirements.txt for these names."""
    lines = (root / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = {line.split("==")[0].lower(): line for line in lines if "==" in line and not line.startswith("#")}
    return [found[name] for name in names]


def write_requirements(root: Path) -> None:
    """Write build/oldest.txt, the bounds and what stands beside them."""
    path = root / REQUIREMENTS
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([*lower_bounds(root), *pins(root, BESIDE)]) + "\n", encoding="utf-8")


def fitting_python() -> str | None:
    """Find a Python that is old enough: the one at work here, else one by name."""
    fits = f"import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= {NEWEST})"
    for python in (sys.executable, "python3.11", "python3.12"):
        try:
            if subprocess.run([python, "-c", fits], capture_output=True, check=False).returncode == 0:
                return python
        except OSError:
            continue
    return None


def main() -> int:
    """Make the environment and run the tests in it; returns the exit code."""
    python = fitting_python()
    if python is None:
        say("the oldest versions have no build for this Python; install Python 3.11 or 3.12, then")
        say("make oldest PYTHON=python3.12")
        return 1
    if python != sys.executable:
        os.execvp(python, [python, __file__])  # noqa: S606
    write_requirements(ROOT)
    environment = Environment(ROOT, FOLDER, REQUIREMENTS)
    if code := make(environment):
        return code
    elsewhere = [f"--ignore={path}" for path in ELSEWHERE]
    if " " in str(ROOT):
        say("torch of that time cannot compile in a folder whose path has a space: those tests are left out")
        elsewhere += ["-m", "not needs_compiler"]
    workers = str(min(os.cpu_count() or 1, 8))
    command = [str(environment.python), "-m", "pytest", "-q", "-n", workers, *OLD, *elsewhere, "tests"]
    settings = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=ROOT, env=settings, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
