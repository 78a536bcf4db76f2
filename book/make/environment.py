"""Make the environment: ``.venv`` with the pinned packages and this one, only if missing or out of date.

It runs before anything is installed, so it uses the standard library alone. What an environment was made from
is written in its ``.stamp`` last of all: without a stamp nothing is trusted, so an interrupted run is redone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GIGABYTES = 8  # what a finished environment and its downloads take on Linux; torch and CUDA mostly
PAUSES = (5, 20, 60)  # seconds before each new try, when the network fails

VENV = ("-m", "venv", "--prompt", "wavelets_course")

Run = Callable[[Sequence[str]], None]


@dataclass(frozen=True)
class Environment:
    """A folder of packages, and what it is made from."""

    root: Path
    folder: str = ".venv"
    requirements: str = "requirements.txt"

    @property
    def path(self) -> Path:
        return self.root / self.folder

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.path / ".stamp"

    @property
    def unfinished(self) -> Path:
        return self.path / ".unfinished"

    def wanted(self) -> dict[str, str]:
        """What the environment must be made from: Python, place, pins, and how this package installs."""
        pyproject = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        project = [pyproject.get(table) for table in ("build-system", "project")]
        project.append(pyproject.get("tool", {}).get("hatch"))
        return {
            "python": f"{sys.version_info.major}.{sys.version_info.minor}",
            "place": str(self.path.resolve()),
            "requirements": digest((self.root / self.requirements).read_text(encoding="utf-8")),
            "project": digest(json.dumps(project, sort_keys=True)),
        }

    def found(self) -> dict[str, str]:
        """What the environment was made from, as its stamp says; empty without one."""
        try:
            return dict(json.loads(self.stamp.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def work_to_do(environment: Environment) -> str:
    """``"nothing"``, ``"project"`` (this package only), ``"packages"`` (pins changed) or ``"everything"``."""
    wanted, found = environment.wanted(), environment.found()
    if environment.unfinished.exists() or version_of(environment.python) != wanted["python"]:
        return "everything"
    if found and found.get("place") != wanted["place"]:  # its scripts name the folder they were made in
        return "everything"
    if found.get("requirements") != wanted["requirements"]:
        return "packages"
    return "nothing" if found == wanted else "project"


def version_of(python: Path) -> str:
    """The minor version of an interpreter, ``"3.12"``; empty if it is missing or broken."""
    if not python.exists():
        return ""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False).stdout.strip()


def prepare(environment: Environment, run: Run | None = None) -> str:
    """Bring the environment up to date and return what was done. Two runs at a time wait for each other."""
    with one_at_a_time(environment.root):
        work, start = work_to_do(environment), time.monotonic()
        if work == "nothing":
            return work
        run = run or with_retries
        environment.stamp.unlink(missing_ok=True)
        if work == "everything":
            make_anew(environment)
        if work in ("everything", "packages"):
            say(f"installing the packages of {environment.requirements} into {environment.folder}")
            run(pip(environment, "-r", environment.requirements))
        say("installing this package (editable)")
        run(pip(environment, "--no-deps", "--no-build-isolation", "--editable", "."))
        environment.stamp.write_text(json.dumps(environment.wanted(), indent=1), encoding="utf-8")
        environment.unfinished.unlink(missing_ok=True)
        say(f"{environment.folder} is ready ({time.monotonic() - start:.0f} s)")
    return work


def make_anew(environment: Environment) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    say(f"making {environment.folder} with Python {version}: some minutes, and about {GIGABYTES} GB of disk")
    free = shutil.disk_usage(environment.root).free / 1e9
    if free < GIGABYTES:
        say(f"careful: only {free:.1f} GB are free here")
    if not environment.path.is_dir():
        environment.path.unlink(missing_ok=True)
    environment.path.mkdir(parents=True, exist_ok=True)
    environment.unfinished.touch()
    # Under .venv's own Python, `venv` must be run by the Python that .venv was made from.
    base = getattr(sys, "_base_executable", sys.executable)
    remove_contents(environment.path, but=environment.unfinished)
    subprocess.run([base, *VENV, environment.path.resolve()], cwd=environment.root, check=True)


def remove_contents(folder: Path, but: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path != but:
            path.unlink()


def pip(environment: Environment, *arguments: str) -> list[str]:
    """A pip command line, run by the environment's Python whatever the caller's ``PYTHONPATH`` is."""
    loudness = ["--progress-bar", "on"] if sys.stderr.isatty() else ["-qq", "--progress-bar", "off"]
    quietly = ["--disable-pip-version-check", *loudness]
    return [str(environment.python), "-I", "-m", "pip", "install", *quietly, *arguments]


def with_retries(command: Sequence[str]) -> None:
    """Run a pip command; a failed one is tried again, since most failures are the network's."""
    settings = os.environ | {"PIP_USER": "0", "PIP_RETRIES": "10", "PIP_DEFAULT_TIMEOUT": "60"}
    for pause in PAUSES:
        if subprocess.run(command, cwd=ROOT, env=settings, check=False).returncode == 0:
            return
        say(f"that failed; trying again in {pause} s")
        time.sleep(pause)
    subprocess.run(command, cwd=ROOT, env=settings, check=True)


@contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is at work on it; waiting")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def say(text: str) -> None:
    print(f"environment: {text}", flush=True)


def main(environment: Environment | None = None) -> int:
    """Prepare the environment and say how to go on when that fails; returns the exit code."""
    try:
        prepare(environment or Environment(ROOT))
    except KeyboardInterrupt:
        say("interrupted; the same command starts this step again")
        return 130
    except (OSError, subprocess.CalledProcessError) as failure:
        say(f"failed: {failure}")
        say("see the message above; check the network and the disk, then run the same command again")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
