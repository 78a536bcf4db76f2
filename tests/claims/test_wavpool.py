"""W3 to W8 fail when what they measure is broken; the protocol is the authors'."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from wavelets_course.claims import find, wavpool, wavpool_costs, wavpool_protocol
from wavelets_course.networks import WavPool
from wavelets_course.training import Data, History, Record


class Wider(WavPool):
    """One unit wider than it says."""

    def __init__(self, shape: tuple[int, int], hidden: int, pool_size: int) -> None:
        super().__init__(shape, hidden + 1, pool_size)


def fake(**means: float) -> Callable[..., tuple[float, ...]]:
    """Accuracies of three runs, .002 apart, the CNN's .02 apart."""

    def accuracies(network: str, pictures: str, seed: int) -> tuple[float, ...]:
        mean = means.get(f"{network}_{pictures}", means.get(network, 0.5))
        step = 0.02 if network == "cnn" else 0.002
        return mean - step, mean, mean + step

    return accuracies


PUBLISHED = {
    f"{network}_{pictures}": value
    for network, row in wavpool.TABLE.items()
    for pictures, value in row.items()
}


def outcome(identity: str) -> tuple[str, dict[str, float]]:
    [claim] = find(identity)
    assert claim.measure is not None
    values = dict(claim.measure(0))
    return claim.judge(values), values


def test_another_width_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert outcome("W3")[0] == "holds"
    monkeypatch.setattr(wavpool, "WavPool", Wider)
    assert outcome("W3")[0] == "fails"


def test_published_accuracies_hold_and_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wavpool, "accuracies", fake(**PUBLISHED))
    verdict, values = outcome("W4")
    assert verdict == "holds"
    assert values["wavpool_mnist_spread"] == pytest.approx(0.002)
    for name in PUBLISHED:
        monkeypatch.setattr(wavpool, "accuracies", fake(**PUBLISHED | {name: PUBLISHED[name] + 0.016}))
        assert outcome("W4")[0] == "fails"


def test_a_lead_of_less_than_four_points_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wavpool, "accuracies", fake(wavpool=0.95, mlp=0.905))
    verdict, values = outcome("W5")
    assert (verdict, values["fewer_parameters"]) == ("holds", 216_250 - 186_722)
    monkeypatch.setattr(wavpool, "accuracies", fake(wavpool=0.94, mlp=0.905))
    assert outcome("W5")[0] == "fails"


def test_a_wider_spread_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wavpool, "accuracies", fake())
    verdict, values = outcome("W7")
    assert (verdict, values["cifar10_ratio"]) == ("holds", pytest.approx(0.1))
    swapped = fake()
    names = {"wavpool": "cnn", "cnn": "wavpool"}
    monkeypatch.setattr(wavpool, "accuracies", lambda n, p, s: swapped(names[n], p, s))
    assert outcome("W7")[0] == "fails"


def test_work_done_besides_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert outcome("W6")[0] == "holds"
    monkeypatch.setattr(wavpool_costs, "_convolution", lambda *_: 0)
    verdict, values = outcome("W6")
    assert verdict == "fails"
    assert values["convolution_gap"] == 64 * 3 * 7**2 * 32**2
    assert values["whole_kernel_gap"] == 2 * 3 * 11**4
    assert wavpool_costs.haar_operations(2) == 12  # four along y, four halvings, four along x


def test_the_reference_design_gives_our_details(monkeypatch: pytest.MonkeyPatch) -> None:
    from wavelets_course.transforms import wavedec2

    x = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    details = wavedec2(x, "haar").details
    for theirs, ours in zip(wavpool_costs.a_call_a_level(x), reversed(details), strict=True):
        torch.testing.assert_close(theirs, torch.stack(tuple(ours)))
    monkeypatch.setattr(wavpool_costs, "BATCH", 2)
    monkeypatch.setattr(wavpool_costs, "TURNS", 2)
    values = wavpool_costs.speed(0)
    assert values["ratio_28"] == values["theirs_28"] / values["ours_28"] > 0
    monkeypatch.setattr(wavpool_costs, "wavedec2", lambda x, _: wavpool_costs.a_call_a_level(x) * 2)
    assert outcome("W8")[0] == "fails"


# ---- the protocol ---------------------------------------------------------------------------


def history(losses: list[float]) -> History:
    return History(
        tuple(Record(e, e, 0.1, 1.0, validation_loss=float(loss)) for e, loss in enumerate(losses, 1))
    )


@pytest.mark.parametrize(
    ("losses", "ends"),
    [
        ([1.0, 2, 3, 4, 5], False),  # rises before the fifth epoch do not count
        ([1.0, 2, 3, 4, 5, 6, 7, 8, 9], False),  # four
        ([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10], True),  # five
        ([9.0, 8, 7, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6], True),  # not in a row
        ([9.0, 8, 7, 6, 5, 5, 5, 5, 5, 5, 5, 5], False),  # no rise
        ([], False),
    ],
)
def test_training_ends_after_five_rises_in_all(losses: list[float], ends: bool) -> None:
    assert wavpool_protocol.risen_often(nn.Identity(), history(losses)) is ends


def test_one_run_is_the_authors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 640 in the order of the file, no momentum, the weights drawn by the seed."""
    generator = torch.Generator().manual_seed(1)
    images, labels = torch.rand(1300, 1, 28, 28, generator=generator), torch.arange(1300) % 10
    data = Data((images, labels), (images[:20], labels[:20]))
    monkeypatch.setattr(wavpool_protocol, "read", lambda pictures: data)
    found = wavpool_protocol.train("wavpool", "mnist", seed=4, epochs=2)
    model = WavPool((28, 28), 268, 2, generator=torch.Generator().manual_seed(4))
    losses = []
    for _ in range(2):
        for x, y in zip(images.split(640), labels.split(640), strict=True):
            loss = nn.functional.cross_entropy(model(x), y)
            gradients = torch.autograd.grad(loss, list(model.parameters()))
            with torch.no_grad():
                for p, gradient in zip(model.parameters(), gradients, strict=True):
                    p -= 0.658 * gradient
            losses.append(loss.item())
    assert found.losses == pytest.approx(losses, rel=1e-4)


def test_pictures_are_grey_and_cut_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    class Reader:
        def __init__(self, transform: Callable[[Image.Image], Tensor]) -> None:
            self.transform = transform

        def __getitem__(self, index: int) -> tuple[Tensor, int]:
            return self.transform(Image.new("RGB", (32, 32), (index, 0, 255))), index % 10

    monkeypatch.setitem(wavpool_protocol.READERS, "cifar10", Reader)
    monkeypatch.setattr(wavpool_protocol, "TRAINED", 6)
    monkeypatch.setattr(wavpool_protocol, "VALIDATED", 4)
    data = wavpool_protocol.read.__wrapped__("cifar10")
    assert (len(data.train), len(data.validation)) == (6, 4)
    picture, label = data.validation[1]
    assert picture.shape == (1, 32, 32)
    assert label == 7
    assert picture[0, 0, 0] == pytest.approx((0.299 * 7 + 0.114 * 255) / 255, abs=0.5 / 255)


def test_three_runs_have_three_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []

    def train(network: str, pictures: str, seed: int) -> History:
        seeds.append(seed)
        return History((Record(1, 1, 0.1, 1.0, top1=seed / 10),))

    monkeypatch.setattr(wavpool_protocol, "train", train)
    wavpool_protocol.accuracies.cache_clear()
    assert wavpool_protocol.accuracies("mlp", "mnist", 1) == (0.3, 0.4, 0.5)
    assert wavpool_protocol.accuracies("mlp", "mnist", 1) == (0.3, 0.4, 0.5)
    wavpool_protocol.accuracies.cache_clear()
    assert seeds == [3, 4, 5]


@pytest.mark.parametrize(
    ("network", "pictures", "published"),
    [
        ("mlp", "mnist", 216_250),
        ("mlp", "fashion_mnist", 217_045),
        ("mlp", "cifar10", 215_290),
        ("cnn", "mnist", 96_375),
        ("cnn", "fashion_mnist", 154_154),
        ("cnn", "cifar10", 125_175),
        ("wavpool", "mnist", 186_722),
        ("wavpool", "fashion_mnist", 186_722),
        ("wavpool", "cifar10", 201_672),
    ],
)
def test_settings_have_the_published_counts(network: str, pictures: str, published: int) -> None:
    model = wavpool_protocol.SETTINGS[network, pictures].make(torch.Generator())  # type: ignore[index]
    assert wavpool.count(model) == published
