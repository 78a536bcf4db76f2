"""Make the notebooks: each text ``NAME.md`` of the chapters and lectures becomes ``NAME.ipynb``, executed.

``notebooks.py`` makes all, ``notebooks.py haar scattering`` only those. The text is what people edit; the
notebook is what Colab opens, nbval checks and the site shows. Every notebook runs in a folder of its own, so
it can lean on nothing that stands beside it. What has not changed keeps its ids and outputs, byte for byte.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import colab
import jupytext
import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from outputs import UnfitError, cleaned, kept_where_same, size
from traitlets import default

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("book/chapters", "lectures")
SECONDS_PER_CELL = 120
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_METADATA = ("tags", "mystnb", "slideshow")


def texts(root: Path) -> dict[str, Path]:
    """Find the MyST texts, by name, in reading folders' order."""
    return {path.stem: path for folder in FOLDERS for path in sorted((root / folder).glob("*.md"))}


def read_twin(path: Path) -> NotebookNode:
    """Read a MyST text as a notebook without outputs: plain metadata, ids derived from the cells.

    A cell's id depends on its kind, its source and how many equal cells stand before it, so an edit changes
    the id of the edited cell alone.
    """
    notebook = jupytext.read(path, fmt="md:myst")
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:10]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        cell.metadata = NotebookNode(
            {key: cell.metadata[key] for key in CELL_METADATA if key in cell.metadata}
        )
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


class OwnKernelManager(AsyncKernelManager):
    """Start the kernel of this environment, whatever kernels the reader has installed elsewhere."""

    @default("kernel_spec_manager")
    def _own_kernels(self) -> KernelSpecManager:
        return KernelSpecManager(kernel_dirs=[str(Path(sys.prefix) / "share" / "jupyter" / "kernels")])


def execute(notebook: NotebookNode) -> None:
    """Run the cells in a fresh kernel of this environment, in an empty folder, at the quick scale.

    Raises
    ------
    UnfitError
        If a cell raises, takes more than `SECONDS_PER_CELL`, or shows what may not be committed.
    """
    with tempfile.TemporaryDirectory(prefix="wavelets-course-") as folder:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            kernel_manager_class=OwnKernelManager,
            timeout=SECONDS_PER_CELL,
            record_timing=False,
            coalesce_streams=True,
            extra_arguments=["--log-level=40"],
            resources={"metadata": {"path": folder}},
        )
        try:
            client.execute(env=surroundings(Path(folder)))
        except CellExecutionError as error:
            raise UnfitError(f"a cell raises {error.ename}: {error.evalue}\n\n{error}") from None
        except CellTimeoutError as error:
            raise UnfitError(f"a cell takes over {SECONDS_PER_CELL} s at the quick scale: {error}") from None
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            try:
                cell.outputs = cleaned(cell)
            except UnfitError as problem:
                raise UnfitError(f"cell {number} {problem}\n\n{cell.source}") from None


def surroundings(folder: Path) -> dict[str, str]:
    """The kernel's environment variables: the quick scale, no profile of the reader's own."""
    own = {"WAVELETS_COURSE_SCALE": "quick", "IPYTHONDIR": str(folder / ".ipython"), "NO_COLOR": "1"}
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | own


def keep(old: NotebookNode, new: NotebookNode) -> None:
    """Put the old outputs back into `new` wherever they show the same."""
    before = {cell.id: cell for cell in old.cells if cell.cell_type == "code" and "id" in cell}
    for cell in new.cells:
        if cell.cell_type == "code" and cell.id in before:
            cell.outputs = kept_where_same(before[cell.id].outputs, cell.outputs)


def make(path: Path, root: Path) -> str:
    """Bring a text's install cell up to date, execute it, write the notebook, and say what became of it."""
    text = path.read_text(encoding="utf-8")
    write(path, colab.with_install_cell(text, colab.install_cell(root)))
    notebook = read_twin(path)
    execute(notebook)
    target = path.with_suffix(".ipynb")
    if target.exists():
        keep(nbformat.read(target, as_version=4), notebook)
    nbformat.validate(notebook)
    changed = write(target, nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n")
    return f"{'written' if changed else 'unchanged'}, {size(target)}"


def write(path: Path, text: str) -> bool:
    """Write a file whole or not at all; an equal file is left alone. Say whether it changed."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
    return True


def main(names: Sequence[str], root: Path = ROOT) -> int:
    """Make the named notebooks (all, if none is named) and return the exit code."""
    there = texts(root)
    unknown = sorted(set(names) - set(there))
    if unknown or not there:
        wanted = ", ".join(unknown) or "a text in book/chapters or lectures"
        print(f"notebooks: there is no {wanted}; there are: {', '.join(there) or 'none'}")
        return 2
    failures = 0
    for name in names or there:
        print(f"notebooks: {name}: executing", flush=True)
        start = time.monotonic()
        try:
            became = make(there[name], root)
        except (UnfitError, ValueError) as problem:
            became, failures = f"FAILED, the old notebook stands: {problem}", failures + 1
        print(f"notebooks: {name}: {became} ({time.monotonic() - start:.0f} s)", flush=True)
    if failures:
        print(f"notebooks: {failures} failed; mend the text, then `make notebooks CHAPTER=NAME`")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
