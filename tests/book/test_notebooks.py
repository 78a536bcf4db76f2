"""The committed notebooks: equal to their texts, small, of no machine, and written as a chapter should be."""

import ast
import io
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "book" / "chapters").glob("*.md"))
TEXTS = [*CHAPTERS, *sorted((ROOT / "lectures").glob("*.md"))]
LIMIT = 1_000_000
LIMIT_OF_ALL = 15_000_000
LINES_OF_A_FUNCTION = 12
SECTIONS = ("question", "exercises", "further reading")
NAMED_TUPLE = {"_asdict", "_fields", "_make", "_replace"}  # public, whatever their names say


def notebook_of(text: Path) -> Any:
    return nbformat.read(text.with_suffix(".ipynb"), as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: Any) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def pictures(notebook: Any) -> Iterator[Any]:
    for cell in code_cells(notebook):
        yield from (output for output in cell.outputs if "image/png" in output.get("data", {}))


def trees(notebook: Any) -> Iterator[ast.AST]:
    for cell in code_cells(notebook):
        python = re.sub(r"^(\s*)%\S.*$", r"\1pass", cell.source, flags=re.MULTILINE)
        yield from ast.walk(ast.parse(python))


def each(texts: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("text", texts, ids=[text.stem for text in texts])


def test_there_are_chapters_and_a_lecture() -> None:
    assert CHAPTERS
    assert len(TEXTS) > len(CHAPTERS)


@each(TEXTS)
def test_notebook_has_the_cells_of_its_text(maker: Callable[[str], ModuleType], text: Path) -> None:
    def content(notebook: Any) -> list[tuple[object, ...]]:
        return [
            (
                cell.cell_type,
                cell.source,
                *(cell.metadata.get(key) for key in ("tags", "mystnb", "slideshow")),
            )
            for cell in notebook.cells
        ]

    assert content(notebook_of(text)) == content(maker("notebooks").read_twin(text)), "run: make notebooks"


@each(TEXTS)
def test_first_code_cell_is_the_install_cell(maker: Callable[[str], ModuleType], text: Path) -> None:
    first = code_cells(notebook_of(text))[0]
    assert first.source == maker("colab").install_cell(ROOT), "run: make notebooks"
    assert "install" in first.metadata.tags


@each(TEXTS)
def test_notebook_is_small_valid_and_run_from_top_to_bottom(text: Path) -> None:
    notebook = notebook_of(text)
    nbformat.validate(notebook)
    assert text.with_suffix(".ipynb").stat().st_size <= LIMIT
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert {"kernelspec", "language_info"} == set(notebook.metadata)
    assert [cell.id for cell in notebook.cells if "execution" in cell.metadata] == []


def test_notebooks_are_small_in_all() -> None:
    assert sum(text.with_suffix(".ipynb").stat().st_size for text in TEXTS) <= LIMIT_OF_ALL


@each(TEXTS)
def test_outputs_are_text_and_png_of_no_machine(maker: Callable[[str], ModuleType], text: Path) -> None:
    for cell in code_cells(notebook_of(text)):
        assert maker("outputs").cleaned(cell) == cell.outputs


@each(TEXTS)
def test_pictures_are_there_at_96_dots_with_a_text(text: Path) -> None:
    shown = list(pictures(notebook_of(text)))
    assert shown
    for output in shown:
        alt = output.metadata["image/png"]["alt"]
        assert len(alt.split()) >= 4, alt
        assert output.data["text/plain"] == alt
        with Image.open(io.BytesIO(b64decode(output.data["image/png"]))) as image:
            assert image.format == "PNG"
            assert round(image.info["dpi"][0]) == 96
            assert image.width <= 1100


@each(TEXTS)
def test_cells_only_call(text: Path) -> None:
    for node in trees(notebook_of(text)):
        assert not isinstance(node, ast.ClassDef), node.name
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno
            assert node.end_lineno - node.lineno < LINES_OF_A_FUNCTION, node.name
        if isinstance(node, ast.Attribute):
            private = re.match(r"_(?!_)", node.attr) and node.attr not in NAMED_TUPLE
            assert not private, f"private name {node.attr}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            assert not any("pyplot" in name or name.split(".")[0] == "kymatio" for name in names), names


@each(CHAPTERS)
def test_chapter_has_the_shape_of_a_chapter(text: Path) -> None:
    words = prose(notebook_of(text))
    titles = [
        title.lower() for title in re.findall(r"^(?:#+|:{3,}\{admonition\}) *(.+)$", words, re.MULTILINE)
    ]
    for section in SECTIONS:
        assert any(section in title for title in titles), f"no section called {section!r} in {titles}"
    assert "predict" in words.lower()
    assert re.search(r"able to|you can", words, re.IGNORECASE), "say what the reader will be able to do"
    number = len(re.findall(r"^:{3,}\{exercise(?:-start)?\}", words, re.MULTILINE))
    solutions = len(re.findall(r"^:{3,}\{solution(?:-start)?\}", words, re.MULTILINE))
    assert 2 <= number <= 4
    assert solutions == number


@each(TEXTS)
def test_prose_uses_colon_fences(text: Path) -> None:
    """Colab shows the body of a colon fence as text, and a backtick directive as code."""
    assert re.findall(r"^`{3,}\{.*$", prose(notebook_of(text)), re.MULTILINE) == []


@each([text for text in TEXTS if text not in CHAPTERS])
def test_every_slide_links_a_chapter(maker: Callable[[str], ModuleType], text: Path) -> None:
    slides = maker("slides").slides_of(notebook_of(text), "lectures", "../../")
    assert len(slides) > 3
    for number, slide in enumerate(slides[1:], start=2):
        assert "../../book/" in "".join(slide.parts), f"slide {number} links no chapter"
