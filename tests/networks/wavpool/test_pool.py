"""WavPool: the published counts, a naive oracle on PyWavelets, gradients, and life inside larger programs."""

from pathlib import Path

import numpy as np
import pytest
import pywt
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from wavelets_course import laws
from wavelets_course.networks import MicroWav, WavPool
from wavelets_course.transforms import wavedec2


def count(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def images(*shape: int, dtype: torch.dtype = torch.float64, seed: int = 7) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def oracle(model: WavPool, x: Tensor) -> Tensor:
    """As a reader of the paper would write it: a PyWavelets call a level, a loop over directions, cubes."""
    levels = len(model.hidden_sizes)
    block = torch.zeros(len(x), model.hidden, 3, levels, dtype=x.dtype)
    for place in range(levels):  # 0 is the coarsest
        bands = pywt.wavedec2(x.numpy(), "db1", mode="symmetric", level=levels)[place + 1]
        micro = model.levels[levels - 1 - place]
        for direction, band in enumerate(bands):
            inputs = torch.from_numpy(np.ascontiguousarray(band)).flatten(1)
            answer = inputs @ micro.weight[direction].T + micro.bias[direction]
            block[:, model.hidden - micro.hidden :, direction, place] = answer
    pool = functional.max_pool3d if model.pooling == "max" else functional.avg_pool3d
    pooled = pool(block, model.pool_size)  # four axes: the batch counts as channels
    return pooled.flatten(1) @ model.readout.weight.T + model.readout.bias


# ---- published counts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "hidden", "pool_size", "published"),
    [(28, 264, 3, 182_192), (32, 264, 3, 235_964), (28, 268, 2, 186_722), (32, 224, 2, 201_672)],
)
def test_parameters_are_as_many_as_published(side: int, hidden: int, pool_size: int, published: int) -> None:
    assert count(WavPool((side, side), hidden, pool_size)) == published
    assert count(WavPool((side, side), hidden, pool_size, hidden_layer_scaling=False)) > published


def test_hidden_widths_of_the_published_network() -> None:
    assert WavPool((32, 32), 224).hidden_sizes == (224, 112, 74, 56, 44)
    assert WavPool((32, 32), 224, hidden_layer_scaling=False).hidden_sizes == (224,) * 5
    assert [level.size for level in WavPool((28, 28), 264).levels] == [(14, 14), (7, 7), (4, 4), (2, 2)]


# ---- the oracle -----------------------------------------------------------------------------


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("scaling", [True, False])
@pytest.mark.parametrize("pool_size", [1, 2, 3])
@pytest.mark.parametrize("shape", [(28, 28), (32, 32), (17, 31), (9, 50)])
def test_equals_a_pywavelets_call_a_level_and_loops(
    shape: tuple[int, int], pool_size: int, scaling: bool, pooling: str, generator: torch.Generator
) -> None:
    model = WavPool(shape, 23, pool_size, pooling, scaling, generator=generator).double()
    x = images(4, 1, *shape)
    torch.testing.assert_close(model(x), oracle(model, x))


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(2, 40),
    width=st.integers(2, 40),
    hidden=st.integers(6, 15),
    channels=st.integers(1, 3),
    batch=st.integers(0, 3),
)
def test_any_size_gives_the_oracle_and_its_count(
    height: int, width: int, hidden: int, channels: int, batch: int
) -> None:
    generator = torch.Generator().manual_seed(3)
    model = WavPool((height, width), hidden, 1, classes=4, in_channels=channels, generator=generator).double()
    x = images(batch, channels, height, width)
    answer = model(x)
    assert answer.shape == (batch, 4)
    if batch:
        torch.testing.assert_close(answer, oracle(model, x))


def test_the_oracle_sees_every_slip(generator: torch.Generator) -> None:
    """Zeros behind instead of in front, levels in the other order, directions swapped: all are noticed."""
    model, x = WavPool((28, 28), 20, 2, generator=generator).double(), images(3, 1, 28, 28)
    expected = oracle(model, x)
    assert laws.relative_error(model(x), expected) < 1e-12
    block = model.block(x)
    behind = block.clone()
    for place, level in enumerate(reversed(model.levels)):
        behind[..., place] = block[..., place].roll(level.hidden - model.hidden, 1)
    for broken in (behind, block.flip(-1), block[:, :, [0, 2, 1]], block.abs()):
        pooled = functional.max_pool3d(broken, 2).flatten(1)
        assert laws.relative_error(model.readout(pooled), expected) > 1e-3


def test_level_by_level_is_what_a_dense_layer_gives(generator: torch.Generator) -> None:
    [detail] = wavedec2(images(5, 2, 12, 10), "haar", J=1).details
    micro = MicroWav((6, 5), 7, in_channels=2, generator=generator).double()
    for direction, band in enumerate(detail):
        layer = nn.Linear(60, 7).double()
        layer.load_state_dict({"weight": micro.weight[direction], "bias": micro.bias[direction]})
        torch.testing.assert_close(micro(detail)[..., direction], layer(band.flatten(1)))


# ---- what it is -----------------------------------------------------------------------------


def test_average_pooling_is_affine_and_max_pooling_is_not(generator: torch.Generator) -> None:
    a, b = images(2, 5, 1, 28, 28)
    for pooling, affine in (("average", True), ("max", False)):
        model = WavPool((28, 28), 24, 2, pooling, generator=generator).double()
        gap = laws.relative_error(model((a + b) / 2), (model(a) + model(b)) / 2)
        assert (gap < 1e-12) == affine


def test_the_approximation_is_never_seen(generator: torch.Generator) -> None:
    """A brighter image has the same details, so the same answer."""
    model, x = WavPool((32, 32), 24, generator=generator).double(), images(3, 1, 32, 32)
    torch.testing.assert_close(model(x + 0.25), model(x))


@pytest.mark.parametrize(
    ("shape", "hidden", "pool_size", "scaling", "silent"),
    [
        ((28, 28), 268, 2, True, 61_344),
        ((32, 32), 224, 2, True, 181_610),
        ((28, 28), 264, 3, True, 156_024),
        ((32, 32), 264, 3, True, None),
        ((28, 28), 23, 2, True, None),
        ((28, 28), 11, 3, False, None),
        ((28, 28), 20, 1, True, 0),
    ],
)
def test_silent_weights_are_those_without_a_gradient(
    shape: tuple[int, int], hidden: int, pool_size: int, scaling: bool, silent: int | None
) -> None:
    """With average pooling every unit that is heard has a gradient, which its bias shows."""
    model = WavPool(
        shape, hidden, pool_size, "average", scaling, generator=torch.Generator().manual_seed(5)
    ).double()
    model(images(8, 1, *shape)).square().sum().backward()
    without = sum(int((m.bias.grad == 0).sum()) * (m.weight.shape[-1] + 1) for m in model.levels)
    assert model.silent_weights() == without
    assert silent is None or without == silent


def test_mirrored_rows_have_no_detail(generator: torch.Generator) -> None:
    """A side of 7 becomes 8 by repeating its last pixel, so that its last difference is always 0."""
    horizontal, vertical, diagonal = wavedec2(images(3, 1, 28, 28), "haar").details[2]
    assert not torch.stack(
        [horizontal[..., 3, :], vertical[..., 3], diagonal[..., 3, :], diagonal[..., 3]]
    ).any()
    assert torch.stack([horizontal[..., :3, 3], vertical[..., 3, :3]]).all()


def test_gradients_are_those_of_finite_differences(generator: torch.Generator) -> None:
    for pooling in ("max", "average"):
        model = WavPool((5, 6), 5, 2, pooling, classes=2, generator=generator).double()
        x = images(2, 1, 5, 6).requires_grad_()
        assert torch.autograd.gradcheck(model, (x,))
        assert torch.autograd.gradcheck(lambda *_, model=model, x=x: model(x), tuple(model.parameters()))


def test_input_stays_and_training_mode_changes_nothing(generator: torch.Generator) -> None:
    model, x = WavPool((28, 28), 12, generator=generator), images(3, 1, 28, 28, dtype=torch.float32)
    before = x.clone()
    assert torch.equal(model.train()(x), model.eval()(x))
    assert torch.equal(x, before)


def test_the_generator_alone_decides_the_weights() -> None:
    def made(seed: int) -> dict[str, Tensor]:
        return WavPool((28, 28), 12, generator=torch.Generator().manual_seed(seed)).state_dict()

    state = torch.random.get_rng_state()
    first, again, other = made(1), made(1), made(2)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in first)


def test_weights_are_spread_as_torch_spreads_those_of_dense_layers() -> None:
    model = WavPool((28, 28), 268, generator=torch.Generator().manual_seed(0))
    for parameters, inputs in ((model.levels[0], 196), (model.levels[3], 4), (model.readout, 268)):
        for p in parameters.parameters():
            bound = inputs**-0.5
            assert 0.9 * bound < float(p.detach().abs().max()) <= bound
            assert abs(float(p.detach().mean())) < 0.25 * bound


# ---- inside larger programs -----------------------------------------------------------------


def test_halves_under_autocast_and_whole(device: torch.device, generator: torch.Generator) -> None:
    model = WavPool((28, 28), 24, generator=generator).to(device)
    x = images(4, 1, 28, 28, dtype=torch.float32).to(device)
    expected = model(x)
    with torch.autocast(device.type, torch.bfloat16):
        answer = model(x)
    assert answer.dtype == torch.bfloat16
    assert laws.relative_error(answer.float(), expected) < 0.03
    answer.float().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    halved = model.bfloat16()(x.bfloat16())
    assert laws.relative_error(halved.float(), expected) < 0.05


def test_weights_survive_a_file(tmp_path: Path, generator: torch.Generator) -> None:
    model, x = WavPool((28, 28), 24, generator=generator), images(2, 1, 28, 28, dtype=torch.float32)
    safetensors.torch.save_model(model, str(tmp_path / "model.safetensors"))
    other = WavPool((28, 28), 24)
    safetensors.torch.load_model(other, str(tmp_path / "model.safetensors"))
    assert torch.equal(other(x), model(x))
    assert sorted(model.state_dict()) == sorted(
        [f"levels.{j}.{name}" for j in range(4) for name in ("weight", "bias")]
        + ["readout.weight", "readout.bias"]
    )


@pytest.mark.untyped
def test_exports_with_a_free_batch(generator: torch.Generator) -> None:
    model = WavPool((28, 28), 24, generator=generator)
    batch = torch.export.Dim("batch", min=1, max=64)
    x = images(3, 1, 28, 28, dtype=torch.float32)
    program = torch.export.export(model, (x,), dynamic_shapes={"x": {0: batch}})
    more = images(7, 1, 28, 28, dtype=torch.float32, seed=8)
    torch.testing.assert_close(program.module()(more), model(more))


@pytest.mark.untyped
@pytest.mark.needs_compiler
def test_compiles_without_a_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generator: torch.Generator
) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()
    model, x = WavPool((5, 6), 6, generator=generator), images(3, 1, 5, 6, dtype=torch.float32)
    compiled = torch.compile(model, fullgraph=True)
    expected, answer = model(x), compiled(x)
    torch.testing.assert_close(answer, expected)
    gradients = [torch.autograd.grad(y.square().sum(), list(model.parameters())) for y in (answer, expected)]
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


# ---- errors ---------------------------------------------------------------------------------


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: WavPool((1, 9), 4), ValueError, "a 1x9 image has 0 Haar levels.*enlarge the image"),
        (
            lambda: WavPool((8, 8), 4, J=4),
            ValueError,
            "has 3 Haar levels, and 4 were asked for; use J from 1",
        ),
        (lambda: WavPool((8, 8), 4, J=0), ValueError, "0 were asked for"),
        (lambda: WavPool((28, 28), 3), ValueError, "leaves no unit for the coarsest of 4 levels; use"),
        (lambda: WavPool((28, 28), 9, 4), ValueError, r"pool_size = 4 does not fit .* use at most 3"),
        (lambda: WavPool((4, 4), 9, 3), ValueError, r"\(9, 3, 2\); use at most 2"),
        (lambda: WavPool((28, 28), 9, pooling="mean"), ValueError, "'max' or 'average', got 'mean'"),
        (lambda: WavPool((28, 28), 9, classes=0), ValueError, "classes must be at least 1, got 0"),
        (lambda: WavPool((28, 28), 9.5), TypeError, "hidden must be a whole number, got 9.5"),
        (lambda: MicroWav(0, 3), ValueError, "side must be at least 1, got 0"),
        (lambda: WavPool((28, 28), 9)(torch.zeros(2, 28, 28)), ValueError, r"\(2, 28, 28\); make the model"),
        (lambda: WavPool((28, 28), 9)(torch.zeros(2, 1, 32, 32)), ValueError, r"\(batch, 1, 28, 28\), got"),
        (
            lambda: MicroWav(14, 3)(wavedec2(torch.zeros(1, 1, 8, 8), "haar", J=1).details[0]),
            ValueError,
            r"expected details \(batch, 1, 14, 14\), got \(1, 1, 4, 4\); .*MicroWav\(\(4, 4\), hidden\)",
        ),
    ],
)
def test_errors_say_what_to_do(make: object, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()  # type: ignore[operator]
