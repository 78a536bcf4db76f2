"""Make the site ``_build/html`` from the committed notebooks: any warning, missing page or dead link fails.

Nothing is executed: the notebooks carry their outputs, and nbval checks those. The site is built aside and
put in place whole, so a failed build leaves the old one. It works from a folder without a network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import slides
import yaml
from links import problems

ROOT = Path(__file__).resolve().parents[2]
SLIDES = Path("lectures") / "slides"


def pages(root: Path) -> list[str]:
    """List the pages that ``_toc.yml`` names, in reading order, without suffix."""
    return list(_files(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))))


def _files(entry: Any) -> Iterator[str]:
    if isinstance(entry, list):
        for item in entry:
            yield from _files(item)
    elif isinstance(entry, dict):
        yield from (str(entry[key]) for key in ("root", "file") if key in entry)
        for key in ("parts", "chapters", "sections"):
            yield from _files(entry.get(key, []))


def missing(root: Path) -> list[str]:
    """Say for each page of ``_toc.yml`` that has no source what is missing and how to make it."""
    found = []
    for page in pages(root):
        text, notebook = (root / f"{page}{suffix}" for suffix in (".md", ".ipynb"))
        executed = page.startswith(("book/chapters/", "lectures/"))
        if executed and not notebook.exists():
            way_out = f"make notebooks CHAPTER={text.stem}" if text.exists() else f"write {page}.md first"
            found.append(f"{page}.ipynb is missing, _toc.yml names it: {way_out}")
        elif not executed and not text.exists():
            way_out = "wavelets-course claims page" if page == "book/claims" else f"write {page}.md"
            found.append(f"{page}.md is missing, _toc.yml names it: {way_out}, or take it out of _toc.yml")
    return found


def build(root: Path, aside: Path) -> int:
    """Run Jupyter Book without a word but its warnings, and return its exit code."""
    book = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    options = ["-W", "-n", "--keep-going", "--all", "-q", "--path-output", str(aside)]
    command = [sys.executable, "-P", "-c", book, "build", str(root), *options]
    surroundings = os.environ | {"PYTHONWARNINGS": "ignore", "NO_COLOR": "1"}
    run = subprocess.run(command, cwd=root, env=surroundings, text=True, capture_output=True, check=False)
    if run.returncode:
        print(run.stdout, run.stderr, sep="\n")
    return run.returncode


def make(root: Path, target: Path) -> list[str]:
    """Make the site of `root` in the folder `target`, whole or not at all; return what is wrong with it."""
    if wrong := missing(root):
        return wrong
    aside = target.with_name(f".{target.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    if build(root, aside):
        return ["Jupyter Book stopped: the first WARNING or ERROR above names the page and the line"]
    html = aside / "_build" / "html"
    slides.make_all(root, html / SLIDES, mathjax="../../_static/mathjax", book="../../", copy=False)
    wrong = [f"{page}.html was not made" for page in pages(root) if not (html / f"{page}.html").exists()]
    wrong += problems(html)
    if not wrong:
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        html.replace(target)
        shutil.rmtree(aside)
    return wrong


def main() -> int:
    """Make the site, say what became of it, and return the exit code."""
    target = ROOT / "_build" / "html"
    print(f"book: making {len(pages(ROOT))} pages; nothing is executed", flush=True)
    start = time.monotonic()
    wrong = make(ROOT, target)
    for problem in wrong:
        print(f"book: {problem}")
    if wrong:
        print("book: FAILED, the site was not replaced; mend the above, then `make book`")
        return 1
    megabytes = sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) / 1e6
    seconds = time.monotonic() - start
    print(f"book: {target.relative_to(ROOT)}/index.html is ready ({megabytes:.0f} MB, {seconds:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
