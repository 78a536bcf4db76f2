"""Each notebook as Colab runs it: the built wheel alone, in another folder, without the repository."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted([*(ROOT / "book" / "chapters").glob("*.ipynb"), *(ROOT / "lectures").glob("*.ipynb")])

# PYTHONPATH stands before the environment's editable install; the run proves that it did not win.
RUN = """\
import json, sys
import wavelets_course
assert wavelets_course.__file__.startswith({packages!r}), wavelets_course.__file__
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
for source in json.load(open("cells.json")):
    shell.run_cell(source, store_history=True).raise_error()
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the package as its wheel brings it, and nothing else."""
    scratch = tmp_path_factory.mktemp("wheel")
    source = scratch / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "wavelets_course", source / "wavelets_course")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    wheel = ["wheel", "--no-deps", "--no-build-isolation", "-w", str(scratch), str(source)]
    subprocess.run([*pip, *wheel], check=True)
    (built,) = scratch.glob("*.whl")
    target = scratch / "packages"
    subprocess.run([*pip, "install", "--no-deps", "--target", str(target), str(built)], check=True)
    return target


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebook_runs_with_the_wheel_alone(tmp_path: Path, packages: Path, notebook: Path) -> None:
    cells = nbformat.read(notebook, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    (tmp_path / "cells.json").write_text(json.dumps(sources), encoding="utf-8")
    settings = os.environ | {
        "PYTHONPATH": str(packages),
        "WAVELETS_COURSE_SCALE": "quick",
        "IPYTHONDIR": str(tmp_path / ".ipython"),
        "OMP_NUM_THREADS": "1",
    }
    code = RUN.format(packages=str(packages))
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=settings, text=True, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
