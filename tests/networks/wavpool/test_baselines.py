"""The networks beside WavPool: published counts, plain oracles, errors."""

from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from wavelets_course.networks import LinearMLP, VanillaCNN


def count(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def images(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize(
    ("side", "hidden", "published"), [(28, 272, 216_250), (28, 273, 217_045), (32, 208, 215_290)]
)
def test_dense_parameters_are_as_many_as_published(side: int, hidden: int, published: int) -> None:
    assert count(LinearMLP((side, side), hidden)) == published


@pytest.mark.parametrize(
    ("side", "channels", "kernel", "published"),
    [
        (28, (19, 12), 3, 96_375),
        (28, (15, 17), 2, 154_154),
        (32, (19, 12), 3, 125_175),
        (32, (1, 1), 2, 11_582),
    ],
)
def test_convolutional_parameters_are_as_many_as_published(
    side: int, channels: tuple[int, int], kernel: int, published: int
) -> None:
    assert count(VanillaCNN((side, side), channels, kernel)) == published


def test_two_dense_layers_without_activation_are_one(generator: torch.Generator) -> None:
    model, x = (
        LinearMLP((5, 7), 6, 3, in_channels=2, generator=generator).double(),
        images(4, 2, 5, 7).double(),
    )
    matrix = model.second.weight @ model.first.weight
    offset = model.second.weight @ model.first.bias + model.second.bias
    torch.testing.assert_close(model(x), x.flatten(1) @ matrix.T + offset)


@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
def test_the_cnn_is_what_its_docstring_says(kernel: int, generator: torch.Generator) -> None:
    model = VanillaCNN((6, 9), (4, 5), kernel, 3, generator=generator).eval()
    x = images(2, 1, 6, 9)
    wanted = x
    for layer, norm in ((model.features[0], model.features[1]), (model.features[3], model.features[4])):
        wanted = nn.functional.conv2d(wanted, layer.weight, padding=1)
        wanted = norm(wanted).clamp_min(0)
    wanted = wanted.flatten(1) @ model.readout.weight.T + model.readout.bias
    torch.testing.assert_close(model(x), wanted)


def test_weights_are_drawn_as_torch_draws_a_convolution(generator: torch.Generator) -> None:
    layer = VanillaCNN((8, 8), (64, 64), 3, generator=generator).features[3]
    bound = (64 * 9) ** -0.5
    assert 0.98 * bound < float(layer.weight.detach().abs().max()) <= bound


@pytest.mark.parametrize(
    "make",
    [lambda g: LinearMLP((8, 8), 6, generator=g), lambda g: VanillaCNN((8, 8), (3, 4), 3, generator=g)],
)
def test_seeds_files_modes_and_empty_batches(make: object, tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    model, again, other = (make(torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))  # type: ignore[operator]
    assert torch.equal(torch.random.get_rng_state(), state)
    x = images(4, 1, 8, 8)
    assert torch.equal(model.eval()(x), again.eval()(x))
    safetensors.torch.save_model(model, str(tmp_path / "model.safetensors"))
    safetensors.torch.load_model(other, str(tmp_path / "model.safetensors"))
    assert torch.equal(other.eval()(x), model(x))
    assert model(x[:0]).shape == (0, 10)
    model.train()(x).sum().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters())
    with torch.autocast("cpu", torch.bfloat16):
        assert model(x).isfinite().all()


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: LinearMLP((28, 28), 0), "LinearMLP: hidden must be at least 1, got 0"),
        (lambda: LinearMLP((28, 28), 4)(torch.zeros(1, 28, 28)), "LinearMLP: expected images"),
        (lambda: VanillaCNN((4, 4), (2, 2), 7), "nothing of a 4x4 image; use kernel <= 4"),
        (lambda: VanillaCNN((4, 4), (0, 2), 3), "channels must be at least 1"),
        (lambda: VanillaCNN((4, 4), (2, 2), 3)(torch.zeros(2, 3, 4, 4)), r"\(batch, 1, 4, 4\), got"),
    ],
)
def test_errors_say_what_to_do(make: object, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        make()  # type: ignore[operator]


def test_the_largest_kernel_leaves_one_pixel() -> None:
    assert VanillaCNN((4, 4), (2, 2), 4)(torch.zeros(2, 1, 4, 4)).shape == (2, 10)
    assert VanillaCNN((5, 5), (2, 2), 5)(torch.zeros(2, 1, 5, 5)).shape == (2, 10)
