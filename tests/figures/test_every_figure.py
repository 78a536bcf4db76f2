"""What all figures share: text that can be read, text that can be heard, a small file, untouched inputs."""

import io
from collections.abc import Callable

import numpy as np
import pytest
import torch
from matplotlib.text import Text
from PIL import Image

from wavelets_course import figures, filters, scattering, transforms
from wavelets_course.figures import Figure

RANDOM = torch.Generator().manual_seed(0)
IMAGE = torch.rand(64, 48, generator=RANDOM)
PACKETS = torch.randn(8, 16, 16, dtype=torch.complex128, generator=torch.Generator().manual_seed(1))
BANK = filters.morlet_bank_2d((32, 32), J=2, L=4)
COUNTS = [1, 4, 16, 64]
BLOB = scattering.Blob(torch.tensor([[9.0, 2.0], [2.0, 4.0]]), torch.tensor([16.0, 16.0]), torch.tensor(1.0))
CURVELETS = transforms.Curvelet2d((64, 64), J=2)
SCATTERING = torch.rand(1 + 2 * 4, 8, 8, generator=RANDOM)


def pyramid_of(image: torch.Tensor) -> transforms.Pyramid2d:
    """A Haar-sized pyramid whose bands are crops: the figures do not ask where numbers come from."""
    rows, columns = image.shape
    bands = [image[: rows >> j, : columns >> j] - 0.5 for j in (1, 2, 3)]
    return transforms.Pyramid2d(bands[-1], tuple(transforms.Detail2d(b, 2 * b, 3 * b) for b in bands))


PYRAMID = pyramid_of(IMAGE)
EVERY: dict[str, Callable[[], Figure]] = {
    "image_grid": lambda: figures.image_grid(
        [IMAGE, IMAGE[:32]], ["whole", "upper\nhalf"], alt="Two random images.", colourbar=True
    ),
    "colour": lambda: figures.image_grid(torch.rand(1, 3, 8, 8, generator=RANDOM), alt="One colour image."),
    "phase": lambda: figures.image_grid(
        [IMAGE], alt="Angles.", colour="phase", row_labels=["j = 0"], width=3
    ),
    "curves": lambda: figures.curves(
        {"a": ([1, 2, 3], [1.0, 10.0, 100.0]), "b": (range(1, 4), [2, 4, 8])},
        alt="Two lines.",
        xlabel="x",
        ylabel="y",
        title="Growth",
        log="xy",
        levels={"bound": 5},
        marks={"here": 2},
    ),
    "bars": lambda: figures.bars({"one": 1, "two": -2.5}, xlabel="value", title="Bars", levels={"zero": 0}),
    "histogram": lambda: figures.histogram(
        {"a": IMAGE.flatten(), "b": IMAGE.flatten() ** 2}, xlabel="grey", log=True
    ),
    "trade_offs": lambda: figures.trade_offs({"a": (1, 0.2), "long name": (4, 0.1)}),
    "growth": lambda: figures.growth(
        {"seconds": {"a": ([1, 10, 100], [1, 10, 100]), "b": ([1, 10], [2, 9])}}, xlabel="pixels"
    ),
    "microwav": figures.microwav,
    "wavpool": lambda: figures.wavpool(3),
    "wavpool_block": lambda: figures.wavpool_block(IMAGE[:7, :9].reshape(7, 3, 3) - 0.5, 2),
    "pyramid": lambda: figures.pyramid(PYRAMID, title="Nested"),
    "subbands": lambda: figures.subbands(PYRAMID),
    "filter_grid": lambda: figures.filter_grid(BANK),
    "frequency_plane": lambda: figures.frequency_plane(BANK),
    "curvelet_tiling": lambda: figures.curvelet_tiling(CURVELETS.bank),
    "curvelet_atoms": lambda: figures.curvelet_atoms(CURVELETS),
    "curvelet_energies": lambda: figures.curvelet_energies(
        CURVELETS(torch.eye(64)), CURVELETS.bank, title="Wedges"
    ),
    "littlewood_paley": lambda: figures.littlewood_paley(BANK),
    "residual_groups": lambda: figures.residual_groups(
        {"ResNet-50": [(56, 3, 64), (28, 4, 128)], "ScatResNet-50": [(28, 5, 128)]}
    ),
    "scattering_maps": lambda: figures.scattering_maps(SCATTERING, 2, 4),
    "scattering_rose": lambda: figures.scattering_rose(SCATTERING, 2, 4, theta=BANK.theta, title="Rose"),
    "shift_comparison": lambda: figures.shift_comparison(
        [0, 1, 2], {"pixels": [0, 0.5, 1], "scattering": [0, 0.1, 0.2]}
    ),
    "kernel_mosaic": lambda: figures.kernel_mosaic({"noise": PACKETS.real[:, None]}, columns=4),
    "hilbert_pair": lambda: figures.hilbert_pair(torch.arange(16.0).cos(), torch.arange(16.0).sin()),
    "folded_spectra": lambda: figures.folded_spectra({"a": IMAGE[0], "b": IMAGE[1]}, 4),
    "packet_tree": lambda: figures.packet_tree(3),
    "packet_plane": lambda: figures.packet_plane({"J = 1": PACKETS, "again": PACKETS}),
    "packet_kernels": lambda: figures.packet_kernels(PACKETS),
    "gap_planes": lambda: figures.gap_planes({"one": IMAGE[:17, :9], "two": IMAGE[17:34, :9]}),
    "pooled_wave": lambda: figures.pooled_wave(torch.polar(torch.ones(32), 1.2 * torch.arange(32.0)), 3),
    "boundary_modes": lambda: figures.boundary_modes(torch.tensor([1.0, 3.0, 2.0, 4.0, 5.0])),
    "error_decay": lambda: figures.error_decay(
        COUNTS, {"a": 1 / torch.tensor(COUNTS), "b": torch.tensor([1.0, 0.5, 0.4, 0.0])}, {"a": (4, 64)}
    ),
    "n_term_gallery": lambda: figures.n_term_gallery(
        IMAGE, {"one": {10: IMAGE + 0.1, 100: IMAGE + 0.01}, "two": {10: IMAGE + 0.2, 100: IMAGE + 0.02}}
    ),
    "kept_frequencies": lambda: figures.kept_frequencies(IMAGE, [20, 200]),
    "edge_covers": figures.edge_covers,
    "reconstructions": lambda: figures.reconstructions(IMAGE, {"J = 2": IMAGE + 0.01, "J = 3": 0.9 * IMAGE}),
    "blob_outlines": lambda: figures.blob_outlines(
        [IMAGE[:32, :32]],
        [{"true": BLOB, "found": BLOB._replace(covariance=2 * BLOB.covariance)}],
    ),
    "detections": lambda: figures.detections(
        [IMAGE, IMAGE[:40]],
        [
            {"boxes": torch.tensor([[2.0, 4, 30, 40]]), "labels": torch.tensor([1]), "scores": torch.ones(1)},
            {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0), "scores": torch.zeros(0)},
        ],
        classes=["disk"],
    ),
    "precision_recall": lambda: figures.precision_recall({"disk": torch.linspace(1, 0, 101)}),
    "compression": lambda: figures.compression(IMAGE, {100: IMAGE + 0.01, 10: IMAGE + 0.1, 1: IMAGE + 0.5}),
    "memory_parts": lambda: figures.memory_parts(
        {"small": {"weights": 1, "activations": 3}, "a longer name": {"weights": 2, "activations": 9}},
        levels={"16 GiB": 16},
    ),
    "reading_orders": lambda: figures.reading_orders(
        {"stored": range(40), "back": range(40)[::-1]}, [10] * 4
    ),
    "stopped_run": lambda: figures.stopped_run([3.0, 2.0, 1.5, 1.2], [3.0, 2.0], [1.5, 1.2]),
}
DERIVED = set(EVERY) - {"image_grid", "colour", "phase", "curves"}


@pytest.fixture(scope="module")
def drawn() -> dict[str, tuple[Figure, bytes]]:
    result = {}
    for name, draw in EVERY.items():
        figure = draw()
        result[name] = figure, figure.png()
    return result


def test_every_public_drawing_is_here():
    assert set(figures.__all__) - {"Figure"} <= set(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_file_is_small_and_has_96_dots_an_inch(name, drawn):
    figure, png = drawn[name]
    image = Image.open(io.BytesIO(png))
    assert len(png) < 150_000
    assert tuple(round(value) for value in image.info["dpi"]) == (96, 96)
    assert image.width == round(96 * figure.get_figwidth())
    assert image.info["Description"] == figure.alt


@pytest.mark.parametrize("name", EVERY)
def test_text_is_at_least_nine_points(name, drawn):
    figure, _ = drawn[name]
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert min(sizes, default=9) >= 9


@pytest.mark.parametrize("name", EVERY)
def test_no_text_is_cut_at_the_edge(name, drawn):
    figure, _ = drawn[name]
    for axis in figure.axes:
        for text in [axis.title, axis.xaxis.label, axis.yaxis.label, *axis.texts]:
            if text.get_text():
                box = text.get_window_extent()
                assert box.x0 >= 0, text
                assert box.y0 >= 0, text
                assert box.x1 <= figure.bbox.x1, text
                assert box.y1 <= figure.bbox.y1, text


@pytest.mark.parametrize("name", EVERY)
def test_card_is_light_whatever_the_page(name, drawn):
    _, png = drawn[name]
    corners = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners >= 248).all()


@pytest.mark.parametrize("name", sorted(DERIVED))
def test_derived_alt_is_a_sentence_with_numbers(name, drawn):
    figure, _ = drawn[name]
    assert figure.alt.endswith(".")
    assert any(character.isdigit() for character in figure.alt)
    assert 30 < len(figure.alt) < 600


@pytest.mark.parametrize("name", EVERY)
def test_the_same_data_give_the_same_bytes(name, drawn):
    if name == "colour":  # drawn from the shared generator
        return
    assert EVERY[name]().png() == drawn[name][1]


def test_inputs_are_left_alone():
    image, coefficients = IMAGE.clone(), SCATTERING.clone()
    for draw in EVERY.values():
        draw()
    assert torch.equal(IMAGE, image)
    assert torch.equal(SCATTERING, coefficients)
