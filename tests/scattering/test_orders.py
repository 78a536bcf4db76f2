"""The formula, fast: equal to the plain one in float64, for every bank, order, and block."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from wavelets_course.filters import FilterBank2d, gabor_bank_2d, morlet_bank_2d
from wavelets_course.laws import relative_error
from wavelets_course.scattering import scattering_2d
from wavelets_course.scattering.orders import modulus, orders
from wavelets_course.scattering.prepared import PreparedBank, prepared

Plain = Callable[[Tensor, FilterBank2d, int], Tensor]


def any_bank(shape: tuple[int, int], J: int, L: int, generator: torch.Generator) -> FilterBank2d:
    """Filters without any symmetry, and an average that is no product of two."""
    bank = morlet_bank_2d(shape, J, L)
    noise = (torch.randn(f.shape, dtype=f.dtype, generator=generator) for f in (bank.psi_hat, bank.phi_hat))
    return replace(bank, psi_hat=next(noise), phi_hat=next(noise))


@pytest.mark.parametrize("max_order", [0, 1, 2])
@pytest.mark.parametrize(
    ("shape", "J", "L"),
    [((16, 24), 1, 8), ((24, 16), 2, 3), ((40, 32), 3, 4), ((32, 48), 4, 1), ((4, 4), 2, 2)],
)
def test_equal_to_the_plain_formula(
    shape: tuple[int, int], J: int, L: int, max_order: int, plain: Plain, generator: torch.Generator
) -> None:
    x = torch.randn(shape, dtype=torch.float64, generator=generator)
    banks = [
        morlet_bank_2d(shape, J, L),
        morlet_bank_2d(shape, J, L, frame="tight"),
        gabor_bank_2d(shape, J, L),
    ]
    for bank in [*banks, any_bank(shape, J, L, generator)]:
        assert_close(scattering_2d(x, bank, max_order), plain(x, bank, max_order), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("sabotage", ["sine", "pair", "average"])
def test_the_plain_formula_rejects(sabotage: str, plain: Plain, generator: torch.Generator) -> None:
    x = torch.randn(16, 16, dtype=torch.float64, generator=generator)
    bank = morlet_bank_2d((16, 16), 2, 4)
    ready = PreparedBank.of(bank, 2, margin=0, dtype=torch.float64)
    if sabotage == "sine":
        ready.first[1].folding[:, 1].mul_(-1).add_(1e-3)
    elif sabotage == "pair":
        ready.first[0].folding.copy_(ready.first[0].folding.flip(-1))
    else:
        ready.averages[1].rows.copy_(ready.averages[1].rows.flip(0))
    assert relative_error(orders(x[None], ready)[0], plain(x, bank, 2)) > 1e-4


def test_margin_is_dropped(generator: torch.Generator) -> None:
    x = torch.randn(1, 32, 24, dtype=torch.float64, generator=generator)
    for bank in (morlet_bank_2d((32, 24), 2, 2), any_bank((32, 24), 2, 2, generator)):
        whole, inner = (orders(x, PreparedBank.of(bank, 2, margin=m, dtype=torch.float64)) for m in (0, 1))
        assert_close(inner, whole[..., 1:-1, 1:-1])


@pytest.mark.parametrize("room", [1, 20_000, 100_000])
def test_blocks_of_filters(room: int, generator: torch.Generator) -> None:
    x = torch.randn(2, 16, 24, dtype=torch.float64, generator=generator)
    ready = PreparedBank.of(morlet_bank_2d((16, 24), 3, 5), 2, margin=0, dtype=torch.float64)
    assert_close(orders(x, ready, room), orders(x, ready), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("max_order", [0, 1, 2])
def test_a_bank_from_its_tables_and_numbers(max_order: int, generator: torch.Generator) -> None:
    x = torch.randn(2, 32, 24, generator=generator)
    for bank in (morlet_bank_2d((32, 24), 3, 3), any_bank((32, 24), 3, 3, generator)):
        ready = PreparedBank.of(bank, max_order, margin=1)
        tables, numbers = ready.flat()
        assert torch.equal(orders(x, PreparedBank.from_flat(tables, numbers)), orders(x, ready))
        other = PreparedBank.from_flat([2 * table for table in tables], numbers)
        assert not torch.equal(orders(x, other), orders(x, ready))


def test_lower_orders_come_first(generator: torch.Generator) -> None:
    x = torch.randn(16, 16, generator=generator)
    bank = morlet_bank_2d((16, 16), 2, 4)
    S = scattering_2d(x, bank)
    for order, channels in ((0, 1), (1, 9)):
        assert torch.equal(scattering_2d(x, bank, order), S[:channels])


def test_blocks_of_the_spectrum_that_no_filter_reaches_are_left_out(
    plain: Plain, generator: torch.Generator
) -> None:
    bank = morlet_bank_2d((64, 64), 4, 4)
    single, double = (
        PreparedBank.of(bank, 1, margin=0, dtype=d).first for d in (torch.float32, torch.float64)
    )
    assert len(single[3].places) < len(double[3].places) < 64
    x = torch.randn(64, 64, dtype=torch.float64, generator=generator)
    assert_close(scattering_2d(x, bank, 1), plain(x, bank, 1), rtol=1e-12, atol=1e-12)


def test_each_filter_is_multiplied_where_it_reaches() -> None:
    bank = morlet_bank_2d((64, 64), 3, 8)
    for dtype in (torch.float32, torch.float64):
        coarse = PreparedBank.of(bank, 1, margin=0, dtype=dtype).first[2]
        largest = coarse.folding.abs().amax((1, 3, 4, 5)) / coarse.folding.abs().max()
        for f, blocks in enumerate(coarse.reached):
            left_out = [place for block, place in coarse.places.items() if block not in blocks]
            assert (largest[left_out, f] <= torch.finfo(dtype).eps).all()
            assert [4 * row + column for row, column, _ in coarse.terms(range(f, f + 1))] == blocks
    assert min(map(len, PreparedBank.of(bank, 1, margin=0).first[2].reached)) < 16


def test_filters_that_are_zero(generator: torch.Generator) -> None:
    bank = morlet_bank_2d((16, 16), 2, 4)
    nothing = replace(bank, psi_hat=torch.zeros_like(bank.psi_hat))
    S = scattering_2d(torch.randn(16, 16, generator=generator), nothing)
    assert S[0].abs().min() > 0
    assert torch.equal(S[1:], torch.zeros_like(S[1:]))


def test_modulus_and_its_gradients_at_zero() -> None:
    z = torch.tensor([[0.0, 0.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)
    value = modulus(*z.T)
    assert_close(value, torch.tensor([0.0, 5.0], dtype=torch.float64))
    (first,) = torch.autograd.grad(value.sum(), z, create_graph=True)
    assert_close(first, torch.tensor([[0.0, 0.0], [0.6, 0.8]], dtype=torch.float64))
    (second,) = torch.autograd.grad(first[:, 0].sum(), z)
    assert_close(second[0], torch.zeros(2, dtype=torch.float64))
    assert_close(second[1], torch.tensor([0.128, -0.096], dtype=torch.float64))  # (b^2, -a b) / 5^3


def test_a_bank_is_prepared_once_and_again_when_it_changes(plain: Plain, generator: torch.Generator) -> None:
    x = torch.randn(16, 16, dtype=torch.float64, generator=generator)
    bank = morlet_bank_2d((16, 16), 2, 4)
    first = prepared(bank, 2, 0, x)
    assert prepared(bank, 2, 0, x) is first
    assert prepared(bank, 1, 0, x) is not first
    assert prepared(bank, 2, 0, x.float()).averages[0].rows.dtype == torch.float32
    for change in (bank.psi_hat, bank.phi_hat):
        scattering_2d(x, bank)
        change.mul_(1.5)
        assert_close(scattering_2d(x, bank), plain(x, bank, 2), rtol=1e-12, atol=1e-12)
    with torch.inference_mode():
        frozen = morlet_bank_2d((16, 16), 2, 4)
        assert_close(scattering_2d(x, frozen), plain(x, frozen, 2), rtol=1e-12, atol=1e-12)
