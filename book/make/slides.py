"""Make the lectures' slides: each deck ``lectures/NAME.ipynb`` becomes a page that needs no network.

A slide begins at each text cell that opens with ``#`` or ``##``, and holds all cells up to the next. It shows
texts and results; the code of a cell only if it has the tag ``show-code``. A cell whose slide type is *notes*
is for the speaker (key S), *fragment* comes at the next step. reveal.js comes out of the package
sphinx-revealjs and MathJax out of sphinx-mathjax-offline: nbconvert's own template would load four networks.
"""

from __future__ import annotations

import html
import posixpath
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import jinja2
import nbformat
from nbconvert.filters import Highlight2HTML, markdown2html
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
STARTS_SLIDE = re.compile(r"\s*##? ")
LINK = re.compile(r'(?<=href=")(?![a-z]+:|#)([^"#]*?/?[^"#./]+)(?:\.ipynb|\.md)?(?=["#])')
CLASSES = {"fragment": "fragment", "notes": "notes"}


@dataclass
class Slide:
    """One slide: the HTML of its cells, in order."""

    parts: list[str] = field(default_factory=list)


def package_folder(name: str, *inside: str) -> Path:
    """Find a folder inside an installed package."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"slides: the package {name} is missing; `make environment` installs it")
    return Path(spec.origin).parent.joinpath(*inside)


def slides_of(notebook: NotebookNode, folder: str, book: str) -> list[Slide]:
    """Cut a deck into slides; `book` leads from the slides to the site's root, `folder` is the deck's own."""
    made: list[Slide] = []
    for cell in notebook.cells:
        if (cell.cell_type == "markdown" and STARTS_SLIDE.match(cell.source)) or not made:
            made.append(Slide())
        part = _text(cell, folder, book) if cell.cell_type == "markdown" else "".join(_results(cell))
        kind = CLASSES.get(cell.metadata.get("slideshow", {}).get("slide_type", ""))
        if part and kind:
            tag = "aside" if kind == "notes" else "div"
            part = f'<{tag} class="{kind}">{part}</{tag}>'
        made[-1].parts += [part] if part else []
    return [slide for slide in made if slide.parts]


def _text(cell: NotebookNode, folder: str, book: str) -> str:
    """A text cell; links to pages of the book lead to the site."""

    def to_site(match: re.Match[str]) -> str:
        return book + posixpath.normpath(posixpath.join(folder, match[1])) + ".html"

    text = re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", str(markdown2html(cell.source)))
    return LINK.sub(to_site, text)


def _results(cell: NotebookNode) -> Iterator[str]:
    """A code cell's code, where it is shown, and its results."""
    if cell.cell_type == "code":
        if "show-code" in cell.metadata.get("tags", []):
            yield Highlight2HTML(pygments_lexer="ipython3")(cell.source)
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                alt = output.metadata["image/png"]["alt"]
                png = data["image/png"].strip()
                yield f'<img src="data:image/png;base64,{png}" alt="{html.escape(alt)}">'
            else:
                yield f"<pre>{html.escape(output.get('text') or data.get('text/plain', ''))}</pre>"


def title_of(notebook: NotebookNode, name: str) -> str:
    """Give the deck's first heading."""
    headings = (re.search(r"^# (.+)$", cell.source, re.MULTILINE) for cell in notebook.cells)
    return next((heading[1].strip() for heading in headings if heading), name)


def make(deck: Path, target: Path, *, mathjax: str, book: str) -> int:
    """Write the slides of one deck and return their number."""
    notebook = nbformat.read(deck, as_version=4)
    slides = slides_of(notebook, deck.parent.name, book)
    template = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True).get_template(
        "slides.html.j2"
    )
    page = f"{book}{deck.parent.name}/{deck.stem}.html"
    text = template.render(title=title_of(notebook, deck.stem), slides=slides, mathjax=mathjax, page=page)
    target.write_text(text, encoding="utf-8")
    return len(slides)


def copy_reveal(folder: Path) -> None:
    """Lay reveal.js and our own style beside the slides."""
    reveal = package_folder("sphinx_revealjs", "_static", "revealjs")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js", "LICENSE"):
        shutil.copy(reveal / name, folder / Path(name).name)
    shutil.copy(HERE / "slides.css", folder / "slides.css")


def copy_mathjax(folder: Path) -> None:
    """Lay what MathJax needs for TeX beside the slides: one program and its fonts."""
    mathjax = package_folder("sphinx-mathjax-offline", "static", "mathjax")
    fonts = Path("output", "chtml", "fonts")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(mathjax / "tex-chtml.js", folder)
    shutil.copytree(mathjax / fonts, folder / fonts, dirs_exist_ok=True)


def make_all(root: Path, target: Path, *, mathjax: str, book: str, copy: bool) -> dict[str, int]:
    """Write the slides of every deck of `root` into `target`; return the number of slides by deck.

    `mathjax` and `book` lead from `target` to MathJax and to the site's root; `copy` lays MathJax there.
    """
    copy_reveal(target / "reveal")
    if copy:
        copy_mathjax(target / mathjax)
    decks = sorted((root / "lectures").glob("*.ipynb"))
    return {deck.stem: make(deck, target / f"{deck.stem}.html", mathjax=mathjax, book=book) for deck in decks}


def main() -> int:
    """Make the slides on their own, say what became of them, and return the exit code."""
    target = ROOT / "_build" / "slides"
    shutil.rmtree(target, ignore_errors=True)
    made = make_all(ROOT, target, mathjax="mathjax", book="../html/", copy=True)
    for name, number in made.items():
        print(f"slides: {(target / name).relative_to(ROOT)}.html: {number} slides; open it in a browser")
    if not made:
        print("slides: there is no executed deck in lectures; `make notebooks` makes them")
    return int(not made)


if __name__ == "__main__":
    sys.exit(main())
