"""The layer: equal to the functions, three different methods, light and safe to move and cast."""

import copy
import pickle

import pytest
import torch

from wavelets_course import laws
from wavelets_course.signals import BOUNDARY_MODES, BoundaryMode
from wavelets_course.transforms import Wavelet2d, flatten, unflatten, wavedec2, wavedec2_adjoint, waverec2


@pytest.mark.parametrize("mode", BOUNDARY_MODES)
@pytest.mark.parametrize("J", [None, 2])
def test_layer_equals_functions(mode: BoundaryMode, J: int | None, generator: torch.Generator) -> None:
    layer, x = Wavelet2d("db2", J, mode), torch.randn(3, 25, 18, generator=generator)
    pyramid = wavedec2(x, "db2", J, mode=mode)
    for ours in (layer(x), layer.analysis(x)):
        assert laws.relative_error(ours, pyramid) == 0
        assert ours.shape == (25, 18)
    assert torch.equal(layer.synthesis(pyramid), waverec2(pyramid, "db2", mode=mode))
    assert torch.equal(layer.adjoint(pyramid), wavedec2_adjoint(pyramid, "db2", mode=mode))


def test_synthesis_and_adjoint_are_different_methods(generator: torch.Generator) -> None:
    x = torch.randn(32, 32, dtype=torch.float64, generator=generator)
    for mode, same in (("symmetric", False), ("periodization", True)):
        layer = Wavelet2d("db3", J=2, mode=mode)  # type: ignore[arg-type]
        row = flatten(layer(x))
        noise = unflatten(torch.randn(row.shape, dtype=row.dtype, generator=generator), like=layer(x))
        assert laws.reconstruction_error(layer.analysis, layer.synthesis, x) < 1e-13
        assert laws.adjoint_gap(layer.analysis, layer.adjoint, x, noise) < 1e-14
        assert (laws.relative_error(layer.adjoint(noise), layer.synthesis(noise)) < 1e-13) == same


def test_casting_the_module_does_not_round_the_filters(generator: torch.Generator) -> None:
    x = torch.randn(16, 16, dtype=torch.float64, generator=generator)
    layer = Wavelet2d("db4", J=1)
    expected = layer(x)
    network = torch.nn.Sequential(layer).half().to(torch.bfloat16)
    assert laws.relative_error(network(x), expected) == 0
    assert list(network.parameters()) == []
    assert network.state_dict() == {}


def test_copies_and_shows_its_settings(generator: torch.Generator) -> None:
    layer, x = Wavelet2d("db3", J=1, mode="smooth"), torch.randn(12, 12, generator=generator)
    assert repr(layer) == "Wavelet2d('db3', J=1, mode='smooth')"
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert laws.relative_error(twin(x), layer(x)) == 0


def test_gradients_reach_what_comes_before(generator: torch.Generator) -> None:
    before = torch.nn.Conv2d(1, 2, 3, padding=1)
    pyramid = Wavelet2d("haar", J=2)(before(torch.randn(4, 1, 13, 10, generator=generator)))
    flatten(pyramid).square().sum().backward()
    assert before.weight.grad is not None
    assert float(before.weight.grad.abs().sum()) > 0


@pytest.mark.untyped
def test_an_unknown_wavelet_or_mode_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="Wavelet2d: expected 'haar' or 'db1' to 'db38', got 'coif1'"):
        Wavelet2d("coif1")
    with pytest.raises(ValueError, match=r"Wavelet2d: mode must be one of zero, .* got 'mirror'"):
        Wavelet2d("haar", mode="mirror")  # type: ignore[arg-type]


@pytest.mark.untyped
def test_an_impossible_number_of_scales_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="Wavelet2d: J must be a number of scales >= 0, got -1"):
        Wavelet2d("haar", J=-1)
    with pytest.raises(TypeError, match=r"Wavelet2d: J must be a whole number, got 2\.5"):
        Wavelet2d("haar", J=2.5)  # type: ignore[arg-type]
