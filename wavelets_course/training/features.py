"""A frozen stem applied once to a data set, its features kept on disk for all epochs and runs to come.

A network whose first part is not trained computes the same thing for the same picture in every epoch. Kept on
disk, it is computed once. That is right only while each picture is always the same: with random crops or
flips the features of yesterday's crop say nothing of today's, so a data set that draws at random is refused.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Subset
from tqdm import tqdm

from ..datasets import MissingFileError
from .identity import data_identity, stem_identity
from .seeds import kept_random_states, seed_everything
from .stored_chunks import FeatureTable, add_chunk, check_chunk, read_table

LOOKS = 16
DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16)


class StoredFeatures(Dataset[tuple[Tensor, int]]):
    """Features on disk, by number; a map-style data set, as `Data` takes it.

    The files are mapped into memory: what is not asked for is not read, and what several processes read is
    there once.

    Parameters
    ----------
    folder : path
        What `store_features` filled.
    verify : bool
        Compare each file with its SHA-256 now; False compares lengths only.

    Raises
    ------
    MissingFileError
        If there are no features, or only part of them.
    DamagedFileError
        If a file is not what was written.

    Examples
    --------
    >>> StoredFeatures("/nowhere")
    Traceback (most recent call last):
    ...
    wavelets_course.datasets.verification.MissingFileError: StoredFeatures: there are no features in ...
    """

    def __init__(self, folder: str | os.PathLike[str], *, verify: bool = True) -> None:
        self.folder = Path(folder).expanduser().absolute()
        table = read_table(self.folder)
        if table is None:
            raise MissingFileError(
                f"StoredFeatures: there are no features in {self.folder}; store_features makes them."
            )
        if table.held < table.samples:
            raise MissingFileError(
                f"StoredFeatures: {self.folder} holds {table.held:,} of {table.samples:,} samples: "
                "store_features was stopped; call it again, it goes on where it was."
            )
        for chunk in table.chunks:
            check_chunk(self.folder, chunk, whole=verify)
        self.table, self.identity = table, f"features {table.stem} {table.data} {table.dtype}"
        self._open: dict[int, Any] = {}

    def __len__(self) -> int:
        return self.table.samples

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        number, within = divmod(range(len(self))[index], self.table.chunk_samples)
        if number not in self._open:
            opened: Any = safe_open(self.folder / self.table.chunks[number].name, framework="pt")
            self._open[number] = opened.get_slice("features"), opened.get_tensor("labels").tolist()
        features, labels = self._open[number]
        return features[within], labels[within]

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_open": {}}  # a worker maps the files itself


def store_features(
    stem: nn.Module,
    samples: Any,
    folder: str | os.PathLike[str],
    *,
    augment: Any = None,
    batch_size: int = 64,
    chunk_samples: int = 1024,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
    workers: int = 0,
    progress: bool | None = None,
) -> StoredFeatures:
    """Apply a frozen stem once to every picture of a data set, and keep the results.

    Every `chunk_samples` pictures a file is written, brought to the disk and noted with its SHA-256. Stopped
    at any moment, a second call goes on after the last whole file; complete, it returns at once. What is
    there is used only if it comes from the same stem, data and dtype: compared by `stem_identity` and
    `data_identity`.

    Parameters
    ----------
    stem : nn.Module
        Pictures ``(batch, channels, height, width)`` to features ``(batch, *shape)``, such as a scattering
        layer. None of its parameters may require a gradient. Run in evaluation mode, without gradients.
    samples : map-style data set
        Pairs of picture and label, one or more. Nothing in it may draw at random.
    folder : path
        Made if needed; one folder for one stem and one data set.
    augment : None
        Give the `Data.augment` that training will use: anything but None is refused.
    batch_size, chunk_samples : int
        Pictures a call of the stem, and pictures a file.
    dtype : torch.dtype
        What is stored; float16 and bfloat16 take half the space, with 11 and 8 significant bits.
    device : torch.device, optional
        Where to compute; by default where the stem lies. The stem is moved there.
    workers : int
        Processes that load pictures.
    progress : bool, optional
        Show a bar on stderr; by default only if stderr is a terminal.

    Returns
    -------
    StoredFeatures

    Raises
    ------
    ValueError
        If the stem is not frozen, the data are drawn at random, or the folder holds features of another
        stem or other data.
    FloatingPointError
        If a feature is NaN or infinite in `dtype`.
    DamagedFileError
        If a file that is there is not what was written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from torch.utils.data import TensorDataset
    >>> samples = TensorDataset(torch.arange(12.0).reshape(3, 1, 2, 2), torch.tensor([0, 1, 0]))
    >>> with TemporaryDirectory() as folder:
    ...     features = store_features(nn.AvgPool2d(2), samples, folder)
    ...     len(features), features[1]
    (3, (tensor([[[5.5000]]]), 1))
    """
    place = Path(folder).expanduser().absolute()
    _check(stem, samples, augment, batch_size, chunk_samples, dtype)
    wanted = FeatureTable(
        stem_identity(stem), data_identity(samples), str(dtype), len(samples), chunk_samples
    )
    table = _continue(place, wanted)
    if device is not None:
        stem.to(device)
    silent = None if progress is None else not progress
    with (
        _evaluating(stem),
        tqdm(total=len(samples), initial=table.held, desc="store_features", disable=silent) as bar,
    ):
        while table.held < table.samples:
            rows = range(table.held, min(table.held + chunk_samples, table.samples))
            features, labels = _compute(stem, Subset(samples, rows), batch_size, dtype, workers)
            table = add_chunk(place, table, features, labels)
            bar.update(len(rows))
    return StoredFeatures(place, verify=False)  # what was there is checked above, the rest was just written


def _compute(
    stem: nn.Module, rows: "Subset[Any]", batch_size: int, dtype: torch.dtype, workers: int
) -> tuple[Tensor, Tensor]:
    """Features and labels of one chunk."""
    here = next((held.device for held in [*stem.parameters(), *stem.buffers()]), torch.device("cpu"))
    kept, known = [], []
    for pictures, labels in DataLoader(rows, batch_size, num_workers=workers, generator=torch.Generator()):
        features = stem(pictures.to(here)).to(dtype).cpu()
        if not bool(features.isfinite().all()):
            raise FloatingPointError(
                f"store_features: a feature of samples {rows.indices[0]} to {rows.indices[-1]} is NaN or "
                f"infinite in {dtype}; store them in torch.float32, or look for a division by 0 in the stem."
            )
        kept.append(features)
        known.append(torch.as_tensor(labels).long())
    return torch.cat(kept), torch.cat(known)


def _continue(place: Path, wanted: FeatureTable) -> FeatureTable:
    """What is there already, checked, if it belongs to what is wanted."""
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob(".*.safetensors-*"):  # of a run that was killed
        left.unlink()
    found = read_table(place)
    if found is None:
        return wanted
    for name in ("stem", "data", "dtype", "samples", "chunk_samples"):
        before, now = getattr(found, name), getattr(wanted, name)
        if before != now:
            raise ValueError(
                f"store_features: {place} holds features with {name} = {before}, now it is {now}: they would "
                "be mixed up. Give another folder, or remove this one."
            )
    for chunk in found.chunks:
        check_chunk(place, chunk)
    return found


def _check(
    stem: nn.Module, samples: Any, augment: Any, batch_size: int, chunk_samples: int, dtype: torch.dtype
) -> None:
    if augment is not None:
        raise ValueError(_RANDOM.format("augment is given"))
    trained = [name for name, parameter in stem.named_parameters() if parameter.requires_grad]
    if trained:
        raise ValueError(
            f"store_features: the stem is not frozen, {trained[0]} and {len(trained) - 1} other parameters "
            "would be trained, and the stored features old after one step; call stem.requires_grad_(False), "
            "or do without a store."
        )
    if dtype not in DTYPES or batch_size < 1 or chunk_samples < 1 or len(samples) < 1:
        raise ValueError(
            f"store_features: expected samples, batch_size >= 1, chunk_samples >= 1 and a real dtype; got "
            f"{len(samples)}, {batch_size}, {chunk_samples}, {dtype}."
        )
    with kept_random_states():
        for index in range(0, len(samples), max(1, len(samples) // LOOKS)):
            if not _same_again(samples, index):
                raise ValueError(_RANDOM.format(f"sample {index} was not the same twice"))


def _same_again(samples: Any, index: int) -> bool:
    looks = []
    for seed in range(4):
        seed_everything(seed)
        looks.append(torch.as_tensor(samples[index][0]))
    first, *others = looks
    return all(first.shape == other.shape and torch.equal(first, other) for other in others)


_RANDOM = (
    "store_features: {}: a stored feature would belong to one random view, and training sees another each "
    "time. Store the features of pictures without random crops and flips, or train through the stem."
)


@contextmanager
def _evaluating(stem: nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in stem.modules()]
    stem.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode
