"""Reading shards: any sample by its number, or all of them in an order that can be stopped and taken up."""

import io
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Int64
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..datasets import DamagedFileError, as_tensor
from .seeds import derive_seed
from .shards import Shard, ShardIndex, check_shard, read_index

PICTURES = ("jpg", "jpeg", "png", "webp")
OPEN_FILES = 64
SETTINGS = ("seed", "batch_size", "shuffle", "window")
State: TypeAlias = dict[str, int | bool | str]


class _Table(NamedTuple):
    """Where the fields of a shard's samples lie: start and length, ``(samples, fields, 2)``."""

    extensions: tuple[str, ...]
    places: npt.NDArray[np.int64]


class Shards(Dataset[tuple[Any, int]]):
    """The samples of a folder of shards, by number; a map-style data set, as `Data` takes it.

    A shard is compared with its SHA-256 when a process first reads from it. After that a sample costs one
    read for each field.

    Parameters
    ----------
    folder : path
        What `write_shards` filled.
    transform : callable, optional
        Applied to each picture: a PIL picture, or the tensor that was stored. By default pictures become
        float32 in [0, 1], and tensors stay as they are.
    mode : str, optional
        Pillow's mode that pictures are converted to; None leaves them as they were stored.
    verify : bool
        False trusts the shards, after `verify_shards`.

    Attributes
    ----------
    index : ShardIndex
        What is there.
    classes : tuple of str
        Names of the labels, where they were given.

    Raises
    ------
    MissingFileError, DamagedFileError
        As for `read_index`; later, when a sample is read, where a shard or a picture is damaged.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from wavelets_course.training.shards import write_shards
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_shards(((torch.full((2,), float(k)), k) for k in range(5)), folder, shard_samples=2)
    ...     samples = Shards(folder)
    ...     len(samples), samples[3]
    (5, (tensor([3., 3.]), 3))
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        transform: Callable[[Any], Any] | None = None,
        *,
        mode: str | None = "RGB",
        verify: bool = True,
    ) -> None:
        self.index: ShardIndex = read_index(folder)
        self.classes, self.transform, self.mode, self.verify = self.index.classes, transform, mode, verify
        self.starts = np.cumsum([0] + [shard.samples for shard in self.index.shards])
        self._tables: dict[int, _Table] = {}
        self._files: dict[int, int] = {}

    def __len__(self) -> int:
        return self.index.samples

    def __getitem__(self, index: int) -> tuple[Any, int]:
        index = range(len(self))[index]
        number = int(np.searchsorted(self.starts, index, side="right")) - 1
        within = index - int(self.starts[number])
        shard = self.index.shards[number]
        try:
            return self._decode(self._fields(number, within))
        except DamagedFileError:
            raise
        except (OSError, ValueError, KeyError, SyntaxError, EOFError) as error:
            raise DamagedFileError(
                f"shards: sample {within} of {self.index.folder / shard.name} cannot be decoded ({error}); "
                "write the shards anew from intact pictures."
            ) from error

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_tables": {}, "_files": {}}  # a worker opens its own files

    def __del__(self) -> None:
        for handle in getattr(self, "_files", {}).values():
            os.close(handle)

    def _fields(self, number: int, within: int) -> Mapping[str, bytes]:
        handle = self._file(number)  # opening is what checks
        extensions, places = self._tables[number]
        pairs = zip(extensions, places[within].tolist(), strict=True)
        return {extension: os.pread(handle, length, start) for extension, (start, length) in pairs}

    def _file(self, number: int) -> int:
        if number not in self._files:
            shard = self.index.shards[number]
            if number not in self._tables:
                if self.verify:
                    check_shard(self.index, shard)
                self._tables[number] = _scan(self.index, shard)
            while len(self._files) >= OPEN_FILES:
                os.close(self._files.pop(next(iter(self._files))))
            self._files[number] = os.open(self.index.folder / shard.name, os.O_RDONLY)
        return self._files[number]

    def _decode(self, fields: Mapping[str, bytes]) -> tuple[Any, int]:
        label = int(fields["cls"])
        if "npy" in fields:
            stored: Any = torch.from_numpy(np.load(io.BytesIO(fields["npy"]), allow_pickle=False))
            return stored if self.transform is None else self.transform(stored), label
        [content] = [fields[extension] for extension in PICTURES if extension in fields]
        with Image.open(io.BytesIO(content)) as opened:
            opened.load()
            picture = opened if self.mode is None else opened.convert(self.mode)
        return (as_tensor if self.transform is None else self.transform)(picture), label


class ShardReader:
    """Batches of shards, in an order that follows from a seed and an epoch, from any position on.

    In each epoch the shards come in a new order, `window` of them at a time, and the samples of a window
    are mixed: disks read long runs, and classes that lie together in a shard are spread as far as a window
    reaches. Batch ``k`` of an epoch is the same whatever the number of processes and workers, and every
    sample is in exactly one. So a run can stop anywhere and go on, on other machines too.

    Iterating goes from the present position to the end of the epoch; the next iteration is the next epoch.

    Parameters
    ----------
    shards : Shards
        What to read.
    batch_size : int
        Samples of one step, all processes together, as in `TrainingConfig`; each process takes its part.
    seed : int
        Of the order, and of what transforms draw from torch's generator: that follows from seed, epoch and
        sample alone.
    shuffle : bool
        False keeps the stored order.
    window : int
        Shards that are mixed at a time.
    process, processes : int
        Which of how many, as ``RANK`` and ``WORLD_SIZE`` of torchrun say.
    workers : int
        Processes that load and decode.
    drop_last : bool
        Leave out a last batch that is not full. Where processes move in step, as in
        ``DistributedDataParallel``, set it: else some of them can be left without a part of the last one.

    Attributes
    ----------
    epoch, step : int
        The position: the next batch is `step` of `epoch`.

    Raises
    ------
    ValueError
        If a number makes no sense.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from wavelets_course.training.shards import write_shards
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_shards(((torch.zeros(1), k) for k in range(6)), folder, shard_samples=2)
    ...     reader = ShardReader(Shards(folder), batch_size=2)
    ...     batches = iter(reader)
    ...     first, state = next(batches), reader.state_dict()
    ...     rest = [labels.tolist() for _, labels in batches]
    ...     again = ShardReader(Shards(folder), batch_size=2)
    ...     again.load_state_dict(state)
    ...     rest == [labels.tolist() for _, labels in again]
    True
    """

    def __init__(
        self,
        shards: Shards,
        batch_size: int,
        *,
        seed: int = 0,
        shuffle: bool = True,
        window: int = 8,
        process: int = 0,
        processes: int = 1,
        workers: int = 0,
        drop_last: bool = False,
    ) -> None:
        if batch_size < 1 or window < 1 or not 0 <= process < processes or workers < 0:
            raise ValueError(
                "ShardReader: expected batch_size >= 1, window >= 1, 0 <= process < processes and workers "
                f">= 0, got {batch_size}, {window}, {process} of {processes}, {workers}."
            )
        self.shards, self.batch_size, self.seed, self.shuffle = shards, batch_size, seed, shuffle
        self.window, self.process, self.processes = window, process, processes
        self.workers, self.drop_last = workers, drop_last
        self.epoch, self.step = 0, 0

    def __len__(self) -> int:
        """Batches of one epoch."""
        whole, rest = divmod(len(self.shards), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        keyed = _Keyed(self.shards, self.seed, self.epoch)
        loader = DataLoader(
            keyed,
            batch_sampler=list(self._parts()),
            num_workers=self.workers,
            generator=torch.Generator(),  # else it would draw from the caller's
        )
        for batch in loader:
            self.step += 1  # what workers have loaded ahead does not count
            yield batch
        self.epoch, self.step = self.epoch + 1, 0

    def state_dict(self) -> State:
        """The position, and what it is a position in.

        Returns
        -------
        dict
            Whole numbers, truth values and text: it can be written as JSON.
        """
        settings = {name: getattr(self, name) for name in SETTINGS}
        return settings | {"epoch": self.epoch, "step": self.step, "identity": self.shards.index.identity}

    def load_state_dict(self, state: State) -> None:
        """Go to a position. The number of processes and of workers may be others than before.

        Parameters
        ----------
        state : dict
            What `state_dict` gave.

        Raises
        ------
        ValueError
            If it belongs to other shards or another order.
        """
        here = self.state_dict()
        for name in (*SETTINGS, "identity"):
            if state.get(name) != here[name]:
                raise ValueError(
                    f"ShardReader: the state was taken with {name} = {state.get(name)!r}, this reader has "
                    f"{here[name]!r}: the position would mean other samples. Make the reader as it was."
                )
        self.epoch, self.step = int(state["epoch"]), int(state["step"])

    def _parts(self) -> Iterator[list[int]]:
        """Parts of this process in each batch from the position on."""
        order = shard_order(
            [shard.samples for shard in self.shards.index.shards],
            seed=derive_seed(self.seed, self.epoch),
            shuffle=self.shuffle,
            window=self.window,
        )
        for step in range(self.step, len(self)):
            batch = order[step * self.batch_size : (step + 1) * self.batch_size]
            part = batch.tensor_split(self.processes)[self.process].tolist()
            if part:
                yield part


def shard_order(
    sizes: list[int], *, seed: int, shuffle: bool = True, window: int = 8
) -> Int64[Tensor, " samples"]:
    """Order of samples that mixes them without jumping over the whole disk.

    Parameters
    ----------
    sizes : list of int
        Samples of each shard.
    seed : int
        Equal seeds give equal orders.
    shuffle : bool
        False gives 0, 1, 2, ...
    window : int
        Shards whose samples are mixed with each other.

    Returns
    -------
    Tensor
        Every sample's number once.

    Examples
    --------
    >>> order = shard_order([3, 3, 3], seed=1, window=1)
    >>> sorted(order.tolist()) == list(range(9)), {k // 3 for k in order[:3].tolist()}
    (True, {1})
    """
    if not shuffle:
        return torch.arange(sum(sizes))
    generator = torch.Generator().manual_seed(seed)
    runs = torch.split(torch.arange(sum(sizes)), sizes)
    mixed = [runs[shard] for shard in torch.randperm(len(sizes), generator=generator).tolist()]
    parts = []
    for first in range(0, len(mixed), window):
        part = torch.cat(mixed[first : first + window])
        parts.append(part[torch.randperm(len(part), generator=generator)])
    return torch.cat(parts)


class _Keyed(Dataset[Any]):
    """Samples whose random draws follow from seed, epoch and number, whoever loads them."""

    def __init__(self, shards: Shards, seed: int, epoch: int) -> None:
        self.shards, self.seed, self.epoch = shards, seed, epoch

    def __getitem__(self, index: int) -> Any:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derive_seed(self.seed, self.epoch, index))
            return self.shards[index]


def _scan(index: ShardIndex, shard: Shard) -> _Table:
    """Read a shard's headers: which bytes belong to which sample."""
    path = index.folder / shard.name
    samples: dict[str, dict[str, tuple[int, int]]] = {}
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                stem, _, extension = member.name.partition(".")
                samples.setdefault(stem, {})[extension] = (member.offset_data, member.size)
        extensions = tuple(next(iter(samples.values())))
        places = np.array([[fields[extension] for extension in extensions] for fields in samples.values()])
        if len(samples) != shard.samples:
            raise ValueError(f"{len(samples)} samples instead of {shard.samples}")
    except (tarfile.TarError, KeyError, ValueError, StopIteration) as error:
        raise DamagedFileError(
            f"shards: {path} is no whole shard ({error or 'it is empty'}); copy it again, or write the "
            "shards anew."
        ) from error
    return _Table(extensions, places)
