"""Block diagrams: every step is there, every arrow leads from one box to the next, nothing spills over."""

from functools import partial
from itertools import pairwise

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.text import Text

from wavelets_course.figures import microwav, wavpool

DIAGRAMS = {
    "microwav": microwav,
    "wavpool": wavpool,
    "one level": partial(wavpool, 1),
    "six levels": partial(wavpool, 6),
}


def boxes(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]


def names(figure):
    return [box.get_label() for box in boxes(figure)]


def on_the_rim(point, box, gap=1e-9):
    x, y = (point[0] - box.get_x(), point[1] - box.get_y())
    inside = -gap <= x <= box.get_width() + gap and -gap <= y <= box.get_height() + gap
    return inside and min(abs(x), abs(y), abs(x - box.get_width()), abs(y - box.get_height())) <= gap


def links(figure):
    """The names of the boxes that each arrow leaves and enters; an arrow that ends in the air fails here."""
    found = []
    for arrow in figure.axes[0].patches:
        if isinstance(arrow, FancyArrowPatch):
            ends = [[b.get_label() for b in boxes(figure) if on_the_rim(p, b)] for p in arrow._posA_posB]
            assert [len(end) for end in ends] == [1, 1], ends
            found.append((ends[0][0], ends[1][0]))
    return found


def test_microwav_gives_each_detail_a_dense_layer_of_its_own():
    figure = microwav()
    level, stack = "Haar level j", "stack\n\n(batch,\nhidden, 3)"
    expected = set()
    for name, letter in (("horizontal", "H"), ("vertical", "V"), ("diagonal", "D")):
        detail, dense = f"{name} {letter}", f"dense layer {letter}"
        expected |= {(level, detail), (detail, dense), (dense, stack)}
    assert set(links(figure)) == expected
    assert len(links(figure)) == len(expected)
    assert {text.get_text() for text in figure.axes[0].texts} >= {"no weights shared, no activation", stack}


@pytest.mark.parametrize("levels", [1, 2, 4, 6])
def test_wavpool_has_one_micro_wav_a_level(levels):
    figure = wavpool(levels)
    level = [name for name in names(figure) if name.startswith("j = ")]
    micro = [name for name in names(figure) if name.startswith("MicroWav")]
    assert len(level) == len(micro) == levels
    down = list(zip(["image", *level], level, strict=False))
    across = list(zip(level, micro, strict=True))
    into = [(name, "") for name in micro]
    after = ["", "3-D max pooling\nover hidden width,\ndirection and level", "dense layer", "classes"]
    expected = {*down, *across, *into, *pairwise(after)}
    assert set(links(figure)) == expected
    assert len(links(figure)) == 3 * levels + 3


def test_coarser_levels_are_narrower_and_padded_in_front():
    bars = [patch for patch in wavpool(4).axes[0].patches if str(patch.get_label()).startswith("width")]
    assert all(isinstance(bar, Rectangle) for bar in bars)
    assert [bar.get_label() for bar in bars] == ["width 0", "width 1", "width 2", "width 3"]
    widths = [bar.get_width() / bars[0].get_width() for bar in bars]
    assert widths == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    ends = [bar.get_x() + bar.get_width() for bar in bars]
    assert ends == pytest.approx([ends[0]] * 4)
    assert "MicroWav 3\nhidden width h/4" in names(wavpool(4))


@pytest.mark.parametrize("name", DIAGRAMS)
@pytest.mark.parametrize("width", [6.5, 9.75])
def test_text_stays_in_its_box_and_is_ten_points_or_more(name, width):
    figure = DIAGRAMS[name](width=width)
    FigureCanvasAgg(figure).draw()
    places = {box.get_label(): box.get_window_extent() for box in boxes(figure)}
    for text in figure.findobj(Text):
        if text.get_text():
            assert text.get_fontsize() >= 10
            place, said = places.get(text.get_text(), figure.bbox), text.get_window_extent()
            assert place.x0 + 2 <= said.x0 <= said.x1 <= place.x1 - 2, text
            assert place.y0 + 1 <= said.y0 <= said.y1 <= place.y1 - 1, text


@pytest.mark.parametrize("name", DIAGRAMS)
def test_boxes_do_not_overlap(name):
    places = [box.get_window_extent() for box in boxes(DIAGRAMS[name]())]
    for k, place in enumerate(places):
        for other in places[k + 1 :]:
            assert (
                place.x1 <= other.x0 or other.x1 <= place.x0 or place.y1 <= other.y0 or other.y1 <= place.y0
            )


def test_an_arrow_in_the_air_is_seen():
    figure = microwav()
    arrow = next(patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch))
    arrow.set_positions((1.3, 0.3), (1.5, 0.3))
    with pytest.raises(AssertionError):
        links(figure)


def test_alt_follows_the_levels_and_may_be_given():
    assert "each of its 3 levels" in wavpool(3).alt
    assert "(batch, h, 3, 3)" in wavpool(3).alt
    assert "its 1 level," in wavpool(1).alt
    assert "(batch, hidden, 3)" in microwav().alt
    assert microwav(alt="Three tails.").alt == "Three tails."
    assert wavpool(2, alt="Two levels.").alt == "Two levels."


@pytest.mark.untyped
@pytest.mark.parametrize("levels", [0, -2])
def test_less_than_one_level_is_refused(levels):
    with pytest.raises(ValueError, match=f"wavpool: levels must be at least 1, got {levels}; a 28x28 image"):
        wavpool(levels)


@pytest.mark.parametrize("draw", [microwav, wavpool])
def test_too_narrow_a_figure_is_refused(draw):
    with pytest.raises(ValueError, match=r"a width of 4 inches is too narrow for the text; use 6\.5 or more"):
        draw(width=4)
    with pytest.raises(ValueError, match="too narrow"):
        draw(width=float("nan"))
