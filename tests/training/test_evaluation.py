"""Scores against counting by hand; one crop, ten crops; the model and its modes are left as they were."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from wavelets_course.training import evaluate

CLASSES = 7


@pytest.fixture
def samples(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Scores of seven classes, and labels."""
    return torch.randn(45, CLASSES, generator=generator), torch.randint(CLASSES, (45,), generator=generator)


@pytest.mark.parametrize("batch_size", [1, 8, 100])
def test_scores_are_what_counting_gives(samples: tuple[Tensor, Tensor], batch_size: int) -> None:
    guesses, labels = samples
    scores = evaluate(nn.Identity(), samples, classes=CLASSES, batch_size=batch_size)
    ranks = (guesses > guesses.gather(1, labels[:, None])).sum(1)
    assert scores.top1 == pytest.approx((ranks < 1).float().mean().item())
    assert scores.top5 == pytest.approx((ranks < 5).float().mean().item())
    assert scores.loss == pytest.approx(cross_entropy(guesses, labels).item())
    confusion = torch.zeros(CLASSES, CLASSES, dtype=torch.int64)
    for label, guess in zip(labels, guesses.argmax(1), strict=True):
        confusion[label, guess] += 1
    torch.testing.assert_close(scores.confusion, confusion)


def test_with_fewer_than_five_classes_all_are_among_the_first() -> None:
    scores = evaluate(nn.Identity(), (torch.eye(3), torch.tensor([1, 0, 2])), classes=3)
    assert scores.top1 == pytest.approx(1 / 3)
    assert scores.top5 == 1


class Corner(nn.Module):
    """Two scores: the brightness of a picture's first pixel, and nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []

    def forward(self, images: Tensor) -> Tensor:
        self.seen.append(images)
        return torch.stack((images[:, 0, 0, 0], torch.zeros(len(images))), 1)


def test_one_crop_looks_at_the_centre_and_ten_at_corners_and_mirrors() -> None:
    image = torch.arange(36.0, dtype=torch.float64).reshape(1, 1, 6, 6)
    labels = torch.tensor([0])
    model = Corner()
    evaluate(model, (image, labels), classes=2, crop=4)
    torch.testing.assert_close(model.seen[0], image[..., 1:5, 1:5])
    model = Corner()
    scores = evaluate(model, (image, labels), classes=2, crop=4, ten_crop=True)
    views = [
        image[..., :4, :4],
        image[..., :4, 2:],
        image[..., 2:, :4],
        image[..., 2:, 2:],
        image[..., 1:5, 1:5],
    ]
    expected = views + [view.flip(-1) for view in views]
    found = sorted(view.flatten().tolist() for view in model.seen)
    assert found == sorted(view.flatten().tolist() for view in expected)
    first = torch.stack([view[0, 0, 0, 0] for view in expected])
    probability = torch.stack((first, torch.zeros(10)), 1).softmax(1).mean(0)
    assert scores.loss == pytest.approx(-probability[0].log().item())


@pytest.mark.untyped
def test_what_does_not_fit_is_refused(samples: tuple[Tensor, Tensor]) -> None:
    image = torch.zeros(1, 1, 6, 6), torch.tensor([0])
    with pytest.raises(ValueError, match=r"ten_crop needs the side of the squares; give crop=224"):
        evaluate(Corner(), image, classes=2, ten_crop=True)
    with pytest.raises(ValueError, match=r"squares of side 8 do not fit into images \(6, 6\)"):
        evaluate(Corner(), image, classes=2, crop=8)
    with pytest.raises(ValueError, match=r"45 images and 9 classes, \(45, 9\), got \(45, 7\)"):
        evaluate(nn.Identity(), samples, classes=9)
    with pytest.raises(ValueError, match="classes = 3 allows 0 to 2"):
        evaluate(nn.Identity(), samples, classes=3)
    with pytest.raises(ValueError, match="there are no samples"):
        evaluate(nn.Identity(), (samples[0][:0], samples[1][:0]), classes=CLASSES)


def test_model_modes_and_random_state_are_left_as_they_were(samples: tuple[Tensor, Tensor]) -> None:
    model = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(CLASSES))
    model[1].eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.random.get_rng_state()
    scores = evaluate(model, samples, classes=CLASSES)
    assert [module.training for module in model.modules()] == [True, True, False]
    torch.testing.assert_close(model.state_dict(), state)
    torch.testing.assert_close(torch.random.get_rng_state(), random)
    assert scores.top1 == pytest.approx(evaluate(nn.Identity(), samples, classes=CLASSES).top1)


def test_bf16_is_close(samples: tuple[Tensor, Tensor]) -> None:
    model = nn.Linear(CLASSES, CLASSES)
    exact = evaluate(model, samples, classes=CLASSES)
    rounded = evaluate(model, samples, classes=CLASSES, precision="bf16")
    assert rounded.loss != exact.loss
    assert rounded.loss == pytest.approx(exact.loss, rel=0.02)


def test_progress_goes_to_stderr_only_when_asked(
    samples: tuple[Tensor, Tensor], capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate(nn.Identity(), samples, classes=CLASSES)
    assert capsys.readouterr() == ("", "")
    evaluate(nn.Identity(), samples, classes=CLASSES, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "evaluate: 100%" in err
