"""The first code cell of every notebook: in Colab it installs the package, elsewhere it does nothing.

Its text is derived from pyproject.toml and is the same in all notebooks. It asks pip for the torch and
torchvision that are already there, by their exact versions, so that pip can never replace them.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

TAGS = ("install", "hide-input")

TEMPLATE = """\
# In Colab: install the course beside the torch that is there. Elsewhere: nothing.
import os
import sys
from importlib.metadata import version

if "google.colab" in sys.modules:
    KEEP = f"torch=={{version('torch')}} torchvision=={{version('torchvision')}}"
    %pip install --quiet {{KEEP}} "{name} @ git+{repository}"

SCALE = os.environ.setdefault("WAVELETS_COURSE_SCALE", "quick")  # or "gpu\""""

OPENING = "```{code-cell} ipython3"
BLOCK = re.compile(r"^```\{code-cell\}[^\n]*\n.*?^```[ ]*$", re.MULTILINE | re.DOTALL)
FIRST_HEADING = re.compile(r"^# .*$", re.MULTILINE)


def install_cell(root: Path) -> str:
    """Give the cell's source; the repository's address is the one in ``pyproject.toml``."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return TEMPLATE.format(name=project["name"], repository=project["urls"]["Repository"])


def with_install_cell(text: str, source: str) -> str:
    """Give a MyST notebook's text with the install cell as its first code cell, inserted or renewed.

    Raises
    ------
    ValueError
        If there is neither an install cell nor a title to put it under.
    """
    block = f"{OPENING}\n:tags: [{', '.join(TAGS)}]\n\n{source}\n```"
    for match in BLOCK.finditer(text):
        if re.search(rf"^:tags:.*\b{TAGS[0]}\b", match[0], re.MULTILINE):
            return text[: match.start()] + block + text[match.end() :]
    title = FIRST_HEADING.search(text)
    if title is None:
        raise ValueError("notebooks: no title; begin the text with a line '# Title'")
    first = BLOCK.search(text)
    if first is not None and first.start() < title.start():
        raise ValueError("notebooks: a code cell stands before the title; move it below '# Title'")
    place = first.start() if first else len(text.rstrip()) + 1
    return f"{text[:place].rstrip()}\n\n{block}\n\n{text[place:].lstrip()}".rstrip() + "\n"
