"""Reading shards: each sample once, in an order that can be stopped anywhere and taken up."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from wavelets_course.datasets import DamagedFileError
from wavelets_course.training import shard_reader
from wavelets_course.training.shard_reader import ShardReader, Shards, shard_order
from wavelets_course.training.shards import write_shards

COUNT, EACH, BATCH = 23, 4, 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("shards")
    write_shards(((torch.tensor([float(k)]), k) for k in range(COUNT)), place, shard_samples=EACH)
    return place


def labels(reader: ShardReader) -> list[list[int]]:
    return [numbers.tolist() for _, numbers in reader]


def flat(batches: list[list[int]]) -> list[int]:
    return [label for batch in batches for label in batch]


def test_every_sample_by_its_number(folder: Path) -> None:
    samples = Shards(folder)
    assert len(samples) == COUNT
    assert [(int(tensor), label) for tensor, label in (samples[k] for k in range(COUNT))] == [
        (k, k) for k in range(COUNT)
    ]
    assert samples[-1][1] == COUNT - 1
    with pytest.raises(IndexError):
        samples[COUNT]


def test_each_epoch_holds_each_sample_once_in_its_own_order(folder: Path) -> None:
    reader = ShardReader(Shards(folder), BATCH, seed=1, window=2)
    epochs = [flat(labels(reader)) for _ in range(3)]
    assert all(sorted(epoch) == list(range(COUNT)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]
    assert (reader.epoch, reader.step) == (3, 0)
    again = ShardReader(Shards(folder), BATCH, seed=1, window=2)
    assert [flat(labels(again)) for _ in range(3)] == epochs
    assert flat(labels(ShardReader(Shards(folder), BATCH, seed=2, window=2))) != epochs[0]
    assert flat(labels(ShardReader(Shards(folder), BATCH, shuffle=False))) == list(range(COUNT))


def test_a_window_reads_few_shards_at_a_time() -> None:
    for window in (1, 2, 4):
        order = shard_order([10] * 8, seed=0, window=window)
        for first in range(0, 80, 10 * window):
            assert len({k // 10 for k in order[first : first + 10 * window].tolist()}) == window
    assert not torch.equal(order, order.sort().values)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_processes_and_workers_share_each_batch(processes: int, workers: int, folder: Path) -> None:
    whole = labels(ShardReader(Shards(folder), BATCH, seed=4))
    settings: dict[str, Any] = {"seed": 4, "processes": processes, "workers": workers}
    parts = [labels(ShardReader(Shards(folder), BATCH, process=k, **settings)) for k in range(processes)]
    joined = [flat(list(step)) for step in zip(*parts, strict=True)]
    assert joined == whole


def test_drop_last_keeps_processes_in_step(folder: Path) -> None:
    readers = [ShardReader(Shards(folder), 9, process=k, processes=6, drop_last=True) for k in range(6)]
    assert [len(labels(reader)) for reader in readers] == [2] * 6 == [len(reader) for reader in readers]
    loose = [len(labels(ShardReader(Shards(folder), 9, process=k, processes=6))) for k in range(6)]
    assert loose == [3, 3, 3, 3, 3, 2]  # a last batch of 5 does not reach the sixth


@pytest.mark.parametrize("workers", [0, 2])
def test_it_goes_on_from_every_position(workers: int, folder: Path) -> None:
    whole = ShardReader(Shards(folder), BATCH, seed=7)
    expected = labels(whole) + labels(whole)
    for stop in range(0, len(expected), 1 if workers == 0 else 4):
        first = ShardReader(Shards(folder), BATCH, seed=7, workers=workers)
        seen: list[list[int]] = []
        while len(seen) < stop:
            for _, numbers in first:
                seen.append(numbers.tolist())
                if len(seen) == stop:
                    break
        state = json.loads(json.dumps(first.state_dict()))
        second = ShardReader(Shards(folder), BATCH, seed=7, workers=2 - workers)
        second.load_state_dict(state)
        assert seen + labels(second) + (labels(second) if stop <= len(whole) else []) == expected, stop


def test_it_goes_on_with_another_number_of_processes(folder: Path) -> None:
    expected = labels(ShardReader(Shards(folder), BATCH, seed=7))
    pair = [ShardReader(Shards(folder), BATCH, seed=7, process=k, processes=2) for k in range(2)]
    iterators = [iter(reader) for reader in pair]
    seen = [flat([next(it)[1].tolist() for it in iterators]) for _ in range(2)]
    alone = ShardReader(Shards(folder), BATCH, seed=7)
    alone.load_state_dict(pair[1].state_dict())
    assert seen + labels(alone) == expected


@pytest.mark.untyped
def test_a_position_among_other_samples_is_refused(folder: Path, tmp_path: Path) -> None:
    state = ShardReader(Shards(folder), BATCH).state_dict()
    with pytest.raises(
        ValueError, match=r"taken with batch_size = 5, this reader has 6: the position would mean"
    ):
        ShardReader(Shards(folder), 6).load_state_dict(state)
    write_shards([(torch.zeros(1), 0)], tmp_path)
    with pytest.raises(ValueError, match="taken with identity"):
        ShardReader(Shards(tmp_path), BATCH).load_state_dict(state)
    for settings in ({"batch_size": 0}, {"window": 0}, {"process": 2, "processes": 2}, {"workers": -1}):
        with pytest.raises(
            ValueError, match="expected batch_size >= 1, window >= 1, 0 <= process < processes"
        ):
            ShardReader(Shards(folder), **({"batch_size": 2} | settings))  # type: ignore[arg-type]


def noisy(tensor: torch.Tensor) -> torch.Tensor:
    return tensor + torch.rand(1)


def test_what_is_drawn_follows_from_seed_epoch_and_sample(folder: Path) -> None:
    def values(workers: int, skip: int) -> list[float]:
        reader = ShardReader(Shards(folder, noisy), BATCH, workers=workers)
        reader.step = skip
        return [float(value) for batch, _ in reader for value in batch]

    state = torch.random.get_rng_state()
    expected = values(0, 0)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert values(2, 0) == expected
    assert values(0, 2) == expected[2 * BATCH :]
    assert len({value % 1 for value in expected}) == COUNT


def test_it_can_be_sent_to_worker_processes(folder: Path) -> None:
    samples = Shards(folder)
    samples[0]
    assert len(pickle.dumps(samples)) < 5000
    assert pickle.loads(pickle.dumps(samples))[5][1] == 5
    loader = DataLoader(samples, batch_size=4, num_workers=2)
    assert [label for _, numbers in loader for label in numbers.tolist()] == list(range(COUNT))


def test_few_files_stay_open(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_reader, "OPEN_FILES", 2)
    opened = Path("/proc/self/fd")
    if not opened.exists():
        pytest.skip("needs Linux's list of open files")
    before = len(list(opened.iterdir()))
    samples = Shards(folder)
    assert [samples[k][1] for k in (0, 9, 20, 1, 13)] == [0, 9, 20, 1, 13]
    assert len(list(opened.iterdir())) <= before + 2
    del samples
    assert len(list(opened.iterdir())) <= before


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    picture = Image.effect_noise((40, 40), 50)
    write_shards([(picture, 0), (picture, 1)], tmp_path, shard_samples=1)
    path = tmp_path / "000001.tar"
    content = bytearray(path.read_bytes())
    content[900] ^= 255
    path.write_bytes(content)
    return tmp_path


@pytest.mark.untyped
def test_a_damaged_shard_is_never_read(damaged: Path) -> None:
    samples = Shards(damaged, mode="L")
    assert tuple(samples[0][0].shape) == (1, 40, 40)
    with pytest.raises(DamagedFileError, match=r"000001\.tar is damaged and was not read: its SHA-256 is"):
        samples[1]
    with pytest.raises(DamagedFileError, match="is damaged and was not read"):
        labels(ShardReader(samples, 1, shuffle=False))


@pytest.mark.untyped
def test_unverified_damage_is_still_named(damaged: Path) -> None:
    with pytest.raises(
        DamagedFileError, match=r"sample 0 of .*000001\.tar cannot be decoded \(.*write the shards"
    ):
        Shards(damaged, verify=False)[1]
    (damaged / "000001.tar").write_bytes(b"\0" * (damaged / "000001.tar").stat().st_size)
    with pytest.raises(DamagedFileError, match=r"000001\.tar is no whole shard \(.*copy it again"):
        Shards(damaged, verify=False)[1]
