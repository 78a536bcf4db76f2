"""How a notebook is made: a text is executed in an empty folder, and what has not changed stays as it was."""

import io
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_output
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
TEXT = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A title

Some words.

```{code-cell} ipython3
from pathlib import Path

print(len(list(Path.cwd().glob("*.md"))), SCALE)
```

```{code-cell} ipython3
:tags: [hide-input]

1 + 1
```
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, maker: Callable[[str], ModuleType]) -> Path:
    """A small book with one chapter, executed once."""
    folder = tmp_path_factory.mktemp("a book")
    (folder / "book" / "chapters").mkdir(parents=True)
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (folder / "book" / "chapters" / "sample.md").write_text(TEXT, encoding="utf-8")
    assert maker("notebooks").main([], folder) == 0
    return folder


def test_it_runs_in_an_empty_folder_at_the_quick_scale(made: Path) -> None:
    notebook = nbformat.read(made / "book" / "chapters" / "sample.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == [1, 2, 3]
    assert cells[0].outputs == []
    assert cells[1].outputs[0].text == "0 quick\n"
    assert cells[2].outputs[0].data == {"text/plain": "2"}
    assert cells[2].metadata == {"tags": ["hide-input"]}


def test_once_more_changes_nothing(made: Path, maker: Callable[[str], ModuleType]) -> None:
    chapters = made / "book" / "chapters"
    before = {path.name: path.read_bytes() for path in chapters.iterdir()}
    assert maker("notebooks").main(["sample"], made) == 0
    assert {path.name: path.read_bytes() for path in chapters.iterdir()} == before


def test_an_edit_changes_the_id_of_its_cell_alone(tmp_path: Path, maker: Callable[[str], ModuleType]) -> None:
    text = tmp_path / "sample.md"
    ids = []
    for source in (TEXT, TEXT.replace("1 + 1", "2 + 2"), TEXT + "\n```{code-cell} ipython3\n1 + 1\n```\n"):
        text.write_text(source, encoding="utf-8")
        ids.append([cell.id for cell in maker("notebooks").read_twin(text).cells])
    assert [a == b for a, b in zip(ids[0], ids[1], strict=True)] == [True, True, False]
    assert ids[2][:3] == ids[0]
    assert len(set(ids[2])) == 4


def test_an_unknown_name_is_answered_with_those_there_are(
    made: Path, maker: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    assert maker("notebooks").main(["nobody"], made) == 2
    assert "there is no nobody; there are: sample" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "said"),
    [("1 / 0", "ZeroDivisionError"), ("import warnings\nwarnings.warn('old', stacklevel=1)", "stderr")],
)
def test_a_failing_cell_leaves_the_old_notebook(
    tmp_path: Path,
    maker: Callable[[str], ModuleType],
    capsys: pytest.CaptureFixture[str],
    code: str,
    said: str,
) -> None:
    (tmp_path / "lectures").mkdir()
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tmp_path / "lectures" / "bad.md").write_text(TEXT.replace("1 + 1", code), encoding="utf-8")
    old = tmp_path / "lectures" / "bad.ipynb"
    old.write_text("old", encoding="utf-8")
    assert maker("notebooks").main([], tmp_path) == 1
    assert old.read_text(encoding="utf-8") == "old"
    shown = capsys.readouterr().out
    assert said in shown
    assert "make notebooks CHAPTER=NAME" in shown


def png(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", dpi=(96, 96))
    return b64encode(buffer.getvalue()).decode()


def picture(value: int = 100, alt: str | None = "A grey square of four pixels.") -> Any:
    data = {"image/png": png(np.full((2, 2), value, np.uint8)), "text/plain": "<Figure>"}
    return new_output("display_data", data=data, metadata={"image/png": {"alt": alt}} if alt else {})


UNFIT = {
    "stderr": (new_output("stream", name="stderr", text="DeprecationWarning"), "writes to stderr"),
    "path": (new_output("stream", name="stdout", text="in /home/someone/data"), "/home/someone/data"),
    "address": (new_output("execute_result", data={"text/plain": "<f at 0x7f3a2b>"}), "at 0x7f3a2b"),
    "svg": (new_output("display_data", data={"image/svg+xml": "<svg/>"}), "image/svg"),
    "no alt": (picture(alt=None), "without a text"),
    "error": (new_output("error", ename="ValueError", evalue="no", traceback=[]), "raises ValueError"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_what_may_not_be_committed_is_refused(maker: Callable[[str], ModuleType], kind: str) -> None:
    output, said = UNFIT[kind]
    outputs = maker("outputs")
    with pytest.raises(outputs.UnfitError, match=said):
        outputs.cleaned(nbformat.v4.new_code_cell(outputs=[output]))


def test_a_picture_keeps_png_and_its_text_alone(maker: Callable[[str], ModuleType]) -> None:
    (output,) = maker("outputs").cleaned(nbformat.v4.new_code_cell(outputs=[picture()]))
    assert set(output.data) == {"image/png", "text/plain"}
    assert output.data["text/plain"] == output.metadata["image/png"]["alt"]


@pytest.mark.parametrize(("change", "kept"), [(0, True), (8, True), (9, False)])
def test_an_old_picture_stays_where_the_new_shows_the_same(
    maker: Callable[[str], ModuleType], change: int, kept: bool
) -> None:
    old, new = picture(100), picture(100 + change)
    (after,) = maker("outputs").kept_where_same([old], [new])
    assert (after is old) is kept


def test_install_cell_is_renewed_not_repeated(maker: Callable[[str], ModuleType]) -> None:
    colab = maker("colab")
    once = colab.with_install_cell(TEXT, "print('old')")
    twice = colab.with_install_cell(once, "print('new')")
    assert twice.count("install") == 1
    assert "print('new')" in twice
    assert "print('old')" not in twice
    assert twice.index("print('new')") < twice.index("from pathlib")


def test_install_cell_is_guarded_unpinned_and_keeps_torch(maker: Callable[[str], ModuleType]) -> None:
    source = maker("colab").install_cell(ROOT)
    guard, install = source.index('if "google.colab" in sys.modules:'), source.index("%pip")
    assert guard < install
    line = source[install:].splitlines()[0]
    assert "@ git+https://github.com/" in line
    assert "==" not in line
    assert "torch=={version('torch')} torchvision=={version('torchvision')}" in source
    assert "WAVELETS_COURSE_SCALE" in source


def test_a_text_without_a_title_is_refused(maker: Callable[[str], ModuleType]) -> None:
    with pytest.raises(ValueError, match="begin the text with a line '# Title'"):
        maker("colab").with_install_cell("no title", "1")
