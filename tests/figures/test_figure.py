"""A figure's bytes, its text alternative, and what a real kernel does with both."""

import io
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient
from PIL import Image

from wavelets_course.figures import Figure, curves
from wavelets_course.figures.figure import _fewest_channels, spoken

ALT = "A line from 0 to 1 – rising."


def line() -> Figure:
    figure = Figure(alt=ALT, height=2.0)
    figure.subplots().plot([0, 1])
    return figure


def test_png_is_96_dots_an_inch_and_as_large_as_asked():
    image = Image.open(io.BytesIO(line().png()))
    assert image.size == (624, 192)
    assert tuple(round(value) for value in image.info["dpi"]) == (96, 96)


def test_png_carries_alt_and_nothing_that_changes():
    image = Image.open(io.BytesIO(line().png()))
    assert set(image.info) <= {"dpi", "Description", "transparency"}
    assert image.info["Description"] == ALT


def test_bytes_are_the_same_whatever_the_readers_settings():
    def draw() -> bytes:
        return curves({"a": ([0, 1], [0, 1])}, alt=ALT, xlabel="x", ylabel="y").png()

    plain = draw()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "savefig.dpi": 300}):
        assert draw() == plain
        assert matplotlib.rcParams["font.size"] == 30
    assert draw() == plain


def test_drawing_twice_gives_the_same_bytes():
    figure = line()
    assert figure.png() == figure.png()


@pytest.mark.parametrize(
    ("colours", "mode", "error"), [("grey", "L", 0), ("few", "P", 0), ("near", "P", 40), ("many", "RGB", 0)]
)
def test_compact_storage_stays_close(colours, mode, error):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    if colours == "grey":
        pixels[...] = pixels[..., :1]
    elif colours == "few":
        pixels = pixels.reshape(-1, 3)[np.arange(2000) % 256].reshape(40, 50, 3)
    elif colours == "near":
        pixels[3:] = 200  # a flat picture with a few rare colours: 150 of 2000 pixels
        pixels[:3] %= 24
    image = _fewest_channels(pixels)
    assert image.mode == mode
    assert np.abs(np.asarray(image.convert("RGB")).astype(int) - pixels).max() <= error


def test_save_writes_the_png_and_makes_folders(tmp_path: Path):
    target = line().save(tmp_path / "new" / "line.png")
    assert target.read_bytes() == line().png()


@pytest.mark.untyped
def test_save_refuses_other_formats(tmp_path: Path):
    with pytest.raises(
        ValueError, match=r"Figure.save: writes PNG only, got 'line.svg'; end the name in .png"
    ):
        line().save(tmp_path / "line.svg")


@pytest.mark.parametrize("alt", ["", "  \n"])
@pytest.mark.untyped
def test_empty_alt_is_refused(alt: str):
    with pytest.raises(ValueError, match="alt is empty; say what the figure shows"):
        Figure(alt=alt)


@given(st.text())
def test_spoken_is_one_line_or_refused(text: str):
    if not text.split():
        with pytest.raises(ValueError, match="alt is empty"):
            spoken(text)
    else:
        assert spoken(text).split() == text.split()
        assert "\n" not in spoken(text)


def test_bundle_holds_one_picture_and_its_text():
    data, metadata = line()._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    assert b64decode(data["image/png"]) == line().png()
    assert data["text/plain"] == ALT
    assert metadata == {"image/png": {"alt": ALT}}


MAKE = f"""
from wavelets_course.figures import Figure, curves
figure = Figure(alt={ALT!r}, height=2.0)
figure.subplots().plot([0, 1]);
"""


def test_a_kernel_shows_one_image_with_its_alt_even_after_pyplot():
    before = ["", "import matplotlib.pyplot", "%matplotlib inline"]
    sources = [f"{first}\n{MAKE}\n{last}" for first in before for last in ("figure", "display(figure)")]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    for cell in notebook.cells:
        (output,) = cell.outputs
        assert set(output.data) == {"image/png", "text/plain"}
        assert output.data["text/plain"] == ALT
        assert output.metadata["image/png"]["alt"] == ALT
        assert b64decode(output.data["image/png"]) == line().png()


def test_pyplot_and_the_notebook_parser_stay_out():
    code = (
        "import sys; from wavelets_course import figures\n"
        "figures.curves({'a': ([0, 1], [0, 1])}, alt='x', xlabel='x', ylabel='y').png()\n"
        "assert not {'matplotlib.pyplot', 'myst_nb', 'IPython'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
