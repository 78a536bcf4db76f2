"""Costs of networks that can be counted by hand."""

import math

import pytest
import torch
from torch import Tensor, nn

from wavelets_course.insight import cost_table, kept_for_backward, multiply_adds, parameter_count

X = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def test_convolutions_and_matrices_by_hand():
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=4),
        nn.Flatten(),
        nn.Linear(512, 10),
    )
    by_hand = 2 * (8 * 3 * 9 * 256 + 8 * 2 * 9 * 64 + 5120)
    assert multiply_adds(network, X) == by_hand
    assert parameter_count(network) == 8 * 27 + 8 + 16 + 8 * 18 + 8 + 5130
    assert network.training


def test_resnet_50_is_the_published_number():
    """4.09 G multiply-adds (torchvision's own table, 4.09 GFLOPS in its unit) and 25,557,032 parameters."""
    torchvision = pytest.importorskip("torchvision")
    with torch.device("meta"):
        network = torchvision.models.resnet50()
    count = multiply_adds(network, torch.zeros(1, 3, 224, 224, device="meta"))
    assert count / 1e9 == pytest.approx(4.09, abs=0.005)
    assert parameter_count(network) == 25_557_032


@pytest.mark.parametrize(
    ("transform", "dtype", "expected"),
    [
        (torch.fft.fft2, torch.complex64, 2.5 * 1536 * 8),
        (torch.fft.fft2, torch.float32, 2.5 * 1536 * 8),  # torch makes the image complex first
        (torch.fft.rfft2, torch.float32, 1.25 * 1536 * 8),
        (lambda x: torch.fft.irfft2(x, s=(16, 16)), torch.complex64, 1.25 * 1536 * 8),
        (torch.fft.fft, torch.complex64, 2.5 * 1536 * 4),
        (lambda x: x * x, torch.complex64, 4 * 1536),
        (lambda x: 2 * x, torch.complex64, 2 * 1536),
        (lambda x: x * x, torch.float32, 0),
        (torch.abs, torch.complex64, 2 * 1536),
        (torch.abs, torch.float32, 0),
    ],
)
def test_fourier_and_complex_work_by_hand(transform, dtype, expected):
    assert multiply_adds(transform, X.to(dtype)) == round(expected)


def test_a_counter_without_fourier_would_say_nothing():
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        torch.fft.fft2(X)
    assert counter.get_total_flops() == 0
    assert multiply_adds(torch.fft.fft2, X) > 0


def test_kept_memory_by_hand():
    """ReLU keeps its result, which the next layer keeps too; a batch norm keeps its input and two vectors."""
    assert kept_for_backward(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)), X[:, 0, 0, :4]) == 64
    norm = nn.Sequential(nn.Conv2d(3, 5, 1), nn.BatchNorm2d(5))
    assert kept_for_backward(norm, X) == 4 * (2 * 5 * 256 + 2 * 5)
    assert kept_for_backward(nn.ReLU(), X) == 0  # its input needs no gradient


def test_memory_is_the_same_where_nothing_is_computed():
    torchvision = pytest.importorskip("torchvision")
    here = torchvision.models.resnet18()
    with torch.device("meta"):
        nowhere = torchvision.models.resnet18()
    x = torch.rand(2, 3, 64, 64)
    assert kept_for_backward(nowhere, x.to("meta")) == kept_for_backward(here, x)
    [row] = cost_table({"meta": nowhere}, x).rows
    assert row.kept_bytes == kept_for_backward(here, x)
    assert row.multiply_adds == multiply_adds(here, x)


def test_recomputation_keeps_less():
    from torch.utils.checkpoint import checkpoint

    part = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU(), nn.Conv2d(3, 3, 1), nn.ReLU())

    def recomputed(x: Tensor) -> Tensor:
        return checkpoint(part, x.requires_grad_(), use_reentrant=False)

    assert kept_for_backward(recomputed, X.clone()) < kept_for_backward(part, X.clone())


def test_a_network_is_as_it_was():
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Dropout(0.5))
    network[2].eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    random = torch.get_rng_state()
    cost_table({"network": network}, X, latency=True, repeats=1, progress=False)
    torch.testing.assert_close(network.state_dict(), before, rtol=0, atol=0)
    assert [part.training for part in network.modules()] == [True, True, True, False]
    assert torch.equal(torch.get_rng_state(), random)
    assert all(parameter.grad is None for parameter in network.parameters())


def test_table_in_text_and_markdown():
    table = cost_table({"small": nn.Conv2d(3, 4, 3), "large": nn.Conv2d(3, 400, 3)}, X)
    text = str(table).splitlines()
    assert repr(table) == str(table)
    assert len({len(line) for line in text}) == 1
    assert text[2].split() == ["large", "11,200", "4.23", "M", "0"]
    markdown = table.markdown().splitlines()
    assert markdown[1] == "| :--- | ---: | ---: | ---: |"
    assert markdown[3] == "| large | 11,200 | 4.23 M | 0 |"
    assert not table.timed
    assert math.isnan(table.rows[0].seconds)


def test_times_are_ratios_to_the_first():
    slow = nn.Sequential(*[nn.Conv2d(3, 3, 7, padding=3) for _ in range(30)])
    table = cost_table({"one": slow[0], "thirty": slow}, X, latency=True, repeats=5, progress=False)
    one, thirty = table.relative_times()
    assert one == 1.0
    assert thirty > 5
    assert table.cells()[0][-1] == "time / first"
    assert table.cells()[1][-1] == "1.00"


def test_progress_is_shown_on_request(capsys):
    cost_table({"a": torch.relu}, X, latency=True, repeats=1, progress=True)
    assert "cost_table" in capsys.readouterr().err


def test_networks_of_a_device(device):
    table = cost_table({"a": nn.Conv2d(3, 4, 3).to(device)}, X, latency=True, repeats=1, progress=False)
    assert table.rows[0].multiply_adds == 2 * 4 * 27 * 196


@pytest.mark.untyped
def test_nothing_to_compare_is_refused():
    with pytest.raises(ValueError, match="got no networks"):
        cost_table({}, X)
    with pytest.raises(ValueError, match="repeats must be at least 1, got 0"):
        cost_table({"a": torch.relu}, X, latency=True, repeats=0)
