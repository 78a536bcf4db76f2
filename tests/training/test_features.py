"""A feature store: the stem's own values, computed once, never of another stem or of random views."""

import multiprocessing
import pickle
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close
from torch.utils.data import DataLoader, TensorDataset

from wavelets_course.datasets import DamagedFileError, MissingFileError
from wavelets_course.scattering import Scattering2D
from wavelets_course.training import features as module
from wavelets_course.training.augmentation import crop_and_flip
from wavelets_course.training.features import StoredFeatures, store_features
from wavelets_course.training.stored_chunks import read_table

COUNT = 22


@pytest.fixture
def samples(generator: torch.Generator) -> TensorDataset:
    return TensorDataset(torch.rand(COUNT, 1, 16, 16, generator=generator), torch.arange(COUNT) % 10)


@pytest.fixture
def stem() -> Scattering2D:
    return Scattering2D(2, (16, 16), L=4, max_order=1)


class Counting(nn.Module):
    """A stem that says how many pictures it has seen, and can stop the program."""

    def __init__(self, stop_at: int = 10**9) -> None:
        super().__init__()
        self.seen, self._stop_at = [0], stop_at

    def forward(self, x: Tensor) -> Tensor:
        self.__dict__.setdefault("_seen", 0)
        self._seen += len(x)
        if self._seen > self._stop_at:
            raise KeyboardInterrupt
        return x.mean((-2, -1))


def test_values_are_the_stems_own(samples: TensorDataset, stem: Scattering2D, tmp_path: Path) -> None:
    stored = store_features(stem, samples, tmp_path, batch_size=4, chunk_samples=8)
    assert len(stored) == COUNT
    expected = stem(samples.tensors[0])
    for k in range(-1, COUNT):
        features, label = stored[k]
        assert_close(features, expected[k])
        assert label == int(samples.tensors[1][k])
    with pytest.raises(IndexError):
        stored[COUNT]
    assert [chunk.samples for chunk in stored.table.chunks] == [8, 8, 6]


def test_a_second_call_computes_nothing(samples: TensorDataset, tmp_path: Path) -> None:
    stem = Counting()
    store_features(stem, samples, tmp_path)
    store_features(stem, samples, tmp_path)
    assert stem._seen == COUNT


@pytest.mark.parametrize("stop", [1, 8, 9, 17, 21])
def test_stopped_anywhere_it_goes_on(stop: int, samples: TensorDataset, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        store_features(Counting(stop), samples, tmp_path, batch_size=2, chunk_samples=8)
    if stop >= 8:
        with pytest.raises(
            MissingFileError, match=r"holds (8|16) of 22 samples: store_features was stopped; call"
        ):
            StoredFeatures(tmp_path)
    second = Counting()
    stored = store_features(second, samples, tmp_path, batch_size=2, chunk_samples=8)
    assert second._seen == COUNT - stop // 8 * 8
    assert_close(torch.stack([features for features, _ in stored]), samples.tensors[0].mean((-2, -1)))


class Slow(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        time.sleep(0.02)
        return x * 2


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_killed_at_any_moment_it_goes_on_from_whole_files(tmp_path: Path) -> None:
    samples = TensorDataset(torch.arange(200.0).reshape(200, 1), torch.zeros(200).long())
    settings: dict[str, Any] = {"batch_size": 4, "chunk_samples": 4, "progress": False}
    context = multiprocessing.get_context("fork")
    held = [0]
    for seconds in (0.0, 0.013, 0.027):
        running = context.Process(target=store_features, args=(Slow(), samples, tmp_path), kwargs=settings)
        running.start()
        while (table := read_table(tmp_path)) is None or table.held == held[-1]:
            time.sleep(0.005)
        time.sleep(seconds)
        running.kill()
        running.join()
        found = read_table(tmp_path)
        assert found is not None
        held.append(found.held)
    stored = store_features(Slow(), samples, tmp_path, **settings)
    assert [float(features) for features, _ in StoredFeatures(tmp_path)] == [2.0 * k for k in range(200)]
    assert 0 < held[-1] < len(stored)
    assert len(list(tmp_path.iterdir())) == 51


@pytest.mark.untyped
def test_another_stem_other_data_or_dtype_is_refused(
    samples: TensorDataset, stem: Scattering2D, tmp_path: Path
) -> None:
    store_features(stem, samples, tmp_path)
    other = TensorDataset(samples.tensors[0] + 1e-6, samples.tensors[1])
    cases: list[tuple[str, Any, Any, dict[str, Any]]] = [
        ("stem", Scattering2D(2, (16, 16), L=8, max_order=1), samples, {}),
        ("data", stem, other, {}),
        ("dtype", stem, samples, {"dtype": torch.float16}),
        ("chunk_samples", stem, samples, {"chunk_samples": 7}),
    ]
    for what, given, data, settings in cases:
        with pytest.raises(
            ValueError, match=rf"holds features with {what} = .*Give another folder, or remove"
        ):
            store_features(given, data, tmp_path, **settings)


class Cropped(TensorDataset):
    """Views drawn at random, as a data set with an augmenting transform gives them."""

    identity = "cropped"

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        view = crop_and_flip(16, padding=4, mean=(0.5,), std=(0.5,))
        return view(self.tensors[0][index]), self.tensors[1][index]


@pytest.mark.untyped
def test_random_views_and_trained_stems_are_refused(
    samples: TensorDataset, stem: Scattering2D, tmp_path: Path
) -> None:
    with pytest.raises(
        ValueError, match=r"augment is given: a stored feature would belong to one random view"
    ):
        store_features(stem, samples, tmp_path, augment=crop_and_flip())
    state = torch.random.get_rng_state()
    with pytest.raises(ValueError, match=r"sample 0 was not the same twice: a stored feature"):
        store_features(stem, Cropped(*samples.tensors), tmp_path)
    assert torch.equal(torch.random.get_rng_state(), state)
    with pytest.raises(
        ValueError, match=r"not frozen, weight and 1 other parameters .*requires_grad_\(False\)"
    ):
        store_features(nn.Conv2d(1, 2, 3), samples, tmp_path)
    with pytest.raises(ValueError, match=r"a real dtype; got 22, 0, 1024, torch\.float32"):
        store_features(stem, samples, tmp_path, batch_size=0)


@pytest.mark.untyped
def test_what_overflows_is_not_stored(samples: TensorDataset, tmp_path: Path) -> None:
    class Loud(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * 1e6

    with pytest.raises(
        FloatingPointError, match=r"samples 0 to 21 is NaN or infinite in torch\.float16; store"
    ):
        store_features(Loud(), samples, tmp_path, dtype=torch.float16)
    assert not list(tmp_path.glob("*.safetensors"))


@pytest.mark.untyped
def test_damage_is_named(samples: TensorDataset, stem: Scattering2D, tmp_path: Path) -> None:
    store_features(stem, samples, tmp_path, chunk_samples=8)
    path = tmp_path / "000001.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    for again in (
        lambda: StoredFeatures(tmp_path),
        lambda: store_features(stem, samples, tmp_path, chunk_samples=8),
    ):
        with pytest.raises(
            DamagedFileError, match=r"000001\.safetensors is damaged: its SHA-256 is .*remove the"
        ):
            again()
    path.write_bytes(content[:-1])
    with pytest.raises(
        DamagedFileError, match=r"expected [\d,]+ bytes in .*000001\.safetensors, found [\d,]+ bytes"
    ):
        StoredFeatures(tmp_path, verify=False)
    path.unlink()
    with pytest.raises(DamagedFileError, match="found nothing; remove the folder"):
        StoredFeatures(tmp_path)
    (tmp_path / "features.json").write_text("{")
    with pytest.raises(DamagedFileError, match=r"features\.json is no table of features"):
        StoredFeatures(tmp_path)


def test_the_stem_is_left_as_it_was(samples: TensorDataset, tmp_path: Path) -> None:
    stem = nn.Sequential(nn.BatchNorm2d(1), nn.Dropout(0.5)).requires_grad_(False)
    stem[1].eval()
    before = {name: tensor.clone() for name, tensor in stem.state_dict().items()}
    stored = store_features(stem, samples, tmp_path)
    assert [part.training for part in stem] == [True, False]
    for name, tensor in stem.state_dict().items():
        assert_close(tensor, before[name], atol=0, rtol=0)
    assert_close(stored[3][0], samples.tensors[0][3] / (1 + 1e-5) ** 0.5)


def test_workers_read_it(samples: TensorDataset, stem: Scattering2D, tmp_path: Path) -> None:
    stored = store_features(stem, samples, tmp_path, chunk_samples=8, dtype=torch.bfloat16, workers=2)
    stored[0]
    again = pickle.loads(pickle.dumps(stored))
    found = torch.cat([features for features, _ in DataLoader(again, batch_size=5, num_workers=2)])
    assert found.dtype == torch.bfloat16
    assert_close(found.float(), stem(samples.tensors[0]), rtol=2**-8, atol=1e-6)


def test_features_of_features_have_an_identity(
    samples: TensorDataset, stem: Scattering2D, tmp_path: Path
) -> None:
    first = store_features(stem, samples, tmp_path / "first")
    second = store_features(nn.Flatten(), first, tmp_path / "second")
    assert_close(second[2][0], first[2][0].flatten())


def test_every_look_is_a_real_one(samples: TensorDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKS", COUNT)
    assert all(module._same_again(samples, k) for k in range(COUNT))
    cropped = Cropped(*samples.tensors)
    assert not any(module._same_again(cropped, k) for k in range(COUNT))
