"""The text alternative of a notebook's figure reaches the page, through the parser itself."""

from importlib.metadata import entry_points
from typing import Any

import nbformat
import pytest
from docutils import nodes
from docutils.core import publish_doctree

from wavelets_course.figures import Figure

pytest.importorskip("myst_nb")
ALT = "A line from 0 to 1, rising."


def page(tmp_path: Any, *, plugin: str = "wavelets_course", cell_alt: str | None = None) -> list[str | None]:
    """Read a notebook with one figure and one bare PNG; give the alt of each image of the page."""
    from myst_nb.docutils_ import Parser

    figure = Figure(alt=ALT, height=1.0)
    figure.subplots().plot([0, 1])
    data, metadata = figure._repr_mimebundle_()
    outputs = [
        nbformat.v4.new_output("display_data", data=data, metadata=metadata),
        nbformat.v4.new_output("display_data", data={"image/png": data["image/png"]}),
    ]
    cell = nbformat.v4.new_code_cell("figure", outputs=outputs)
    if cell_alt:
        cell.metadata["mystnb"] = {"image": {"alt": cell_alt}}
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    settings = {
        "nb_execution_mode": "off",
        "nb_render_plugin": plugin,
        "nb_output_folder": str(tmp_path),
        "nb_merge_streams": False,
        "output_encoding": "unicode",
    }
    doctree = publish_doctree(nbformat.writes(notebook), parser=Parser(), settings_overrides=settings)
    return [image.get("alt") for image in doctree.findall(nodes.image)]


def test_entry_point_names_the_renderer():
    (entry,) = entry_points(group="myst_nb.renderers", name="wavelets_course")
    assert entry.load().__name__ == "FigureRenderer"


def test_alt_reaches_the_page_and_a_bare_image_gets_none(tmp_path):
    assert page(tmp_path) == [ALT, None]


def test_the_parsers_own_renderer_drops_it(tmp_path):
    assert page(tmp_path, plugin="default") == [None, None]


def test_an_authors_alt_wins(tmp_path):
    assert page(tmp_path, cell_alt="Mine.") == ["Mine.", "Mine."]
