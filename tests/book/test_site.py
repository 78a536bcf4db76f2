"""How the site is made: what is missing or broken is named, and a page's parts come from its own folder."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[2]


def test_every_page_of_the_reading_order_exists(maker: Callable[[str], ModuleType]) -> None:
    site = maker("site")
    assert "book/index" in site.pages(ROOT)
    assert site.missing(ROOT) == []


def test_a_missing_page_is_named_with_the_way_out(tmp_path: Path, maker: Callable[[str], ModuleType]) -> None:
    (tmp_path / "_toc.yml").write_text(
        "root: book/index\nchapters:\n- file: book/chapters/haar\n- file: book/chapters/later\n",
        encoding="utf-8",
    )
    (tmp_path / "book" / "chapters").mkdir(parents=True)
    (tmp_path / "book" / "chapters" / "haar.md").touch()
    index, haar, later = maker("site").make(tmp_path, tmp_path / "html")
    assert index.startswith("book/index.md is missing")
    assert haar.endswith("make notebooks CHAPTER=haar")
    assert "write book/chapters/later.md" in later


def test_the_site_has_every_page_and_no_dead_link(
    built_site: Path, maker: Callable[[str], ModuleType]
) -> None:
    for page in maker("site").pages(ROOT):
        assert (built_site / f"{page}.html").is_file()
    assert maker("links").problems(built_site) == []
    assert "url=book/index.html" in (built_site / "index.html").read_text(encoding="utf-8")


BROKEN = {
    "<a href='gone.html'>x</a>": "links to gone.html, which is not there",
    "<a href='#nowhere'>x</a>": "links to #nowhere, where there is no such anchor",
    "<a href='other.html#nowhere'>x</a>": "links to other.html#nowhere, where there is no such anchor",
    "<img src='gone.png' alt='x'>": "loads gone.png, which is not there",
    "<script src='https://cdn.example.org/x.js'></script>": "from the network",
    "<link rel='stylesheet' href='//cdn.example.org/x.css'>": "from the network",
}
WHOLE = "<h1 id='here'>x</h1><a href='#here'>x</a><a href='other.html#there'>x</a><a href='https://example.org/'>x</a>"


@pytest.mark.parametrize("part", ["", *BROKEN])
def test_a_broken_page_is_seen(tmp_path: Path, maker: Callable[[str], ModuleType], part: str) -> None:
    (tmp_path / "other.html").write_text("<p id='there'>x</p>", encoding="utf-8")
    (tmp_path / "page.html").write_text(WHOLE + part, encoding="utf-8")
    found = maker("links").problems(tmp_path)
    assert len(found) == bool(part)
    assert all(BROKEN[part] in problem for problem in found)


def test_slides_are_cut_at_headings_and_need_no_network(
    tmp_path: Path, maker: Callable[[str], ModuleType]
) -> None:
    figure = new_output(
        "display_data", data={"image/png": "iVBORw0="}, metadata={"image/png": {"alt": 'The "Haar" wavelet.'}}
    )
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# A lecture"),
            new_markdown_cell(
                "## One\n\n$x_0$ [Haar](../book/chapters/haar.ipynb#top) [claims](../book/claims)"
            ),
            new_code_cell("hidden()", outputs=[figure]),
            new_code_cell("shown()", metadata={"tags": ["show-code"]}),
            new_markdown_cell("## Two\n\n[elsewhere](https://example.org/a.md)"),
            new_markdown_cell("Say this.", metadata={"slideshow": {"slide_type": "notes"}}),
        ]
    )
    (tmp_path / "lectures").mkdir()
    nbformat.write(notebook, tmp_path / "lectures" / "deck.ipynb")
    out = tmp_path / "slides"
    made = maker("slides").make_all(tmp_path, out, mathjax="mathjax", book="../html/", copy=True)
    text = (out / "deck.html").read_text(encoding="utf-8")
    assert made == {"deck": 3}
    assert text.count("<section") == 3
    assert 'href="../html/book/chapters/haar.html#top"' in text
    assert 'href="../html/book/claims.html"' in text
    assert 'href="https://example.org/a.md"' in text
    assert "The &#34;Haar&#34; wavelet." in text or "The &quot;Haar&quot; wavelet." in text
    assert "hidden()" not in text
    assert "shown" in text
    assert '<aside class="notes">' in text
    loaded = [part for part in maker("links").problems(out) if "loads" in part]
    assert loaded == []


def test_the_errata_s_code_prints_what_the_page_says(tmp_path: Path) -> None:
    page = (ROOT / "book" / "errata.md").read_text(encoding="utf-8")
    for code, shown in re.findall(r"```python\n(.*?)```\s*```text\n(.*?)```", page, re.DOTALL):
        run = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, text=True, capture_output=True, check=True
        )
        assert run.stdout == shown


def test_glossary_has_the_terms_that_chapters_use() -> None:
    glossary = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    terms = set(re.findall(r"^(?! |:|#)(\S.*)$", glossary.split(":::{glossary}")[1], re.MULTILINE))
    assert len(terms) >= 25
    for text in (ROOT / "book").rglob("*.md"):
        for label, target in re.findall(
            r"\{term\}`(?:([^`<]*)<)?([^`>]+)>?`", text.read_text(encoding="utf-8")
        ):
            assert target.lower() in {term.lower() for term in terms}, f"{text.name}: {label or target}"


def test_every_work_has_its_address() -> None:
    works = (ROOT / "book" / "references.bib").read_text(encoding="utf-8").split("\n@")
    assert len(works) >= 14
    addresses = (" doi ", "isbn", "note      = {poster")  # a poster has none: its note says what it is
    assert [work.split(",")[0] for work in works if not any(field in work for field in addresses)] == []
