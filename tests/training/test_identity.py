"""Checksums change with everything that counts, and with nothing else."""

import copy
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import nn
from torch.utils.data import ConcatDataset, Subset, TensorDataset

from wavelets_course.datasets import image_folder
from wavelets_course.scattering import Scattering2D
from wavelets_course.training.identity import data_identity, stem_identity
from wavelets_course.training.shard_reader import Shards
from wavelets_course.training.shards import write_shards


def conv(**settings: Any) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3, **settings), nn.ReLU())


def test_equal_stems_have_equal_sums_in_any_mode() -> None:
    assert stem_identity(conv()) == stem_identity(conv().eval()) == stem_identity(copy.deepcopy(conv()))
    assert stem_identity(Scattering2D(2, (16, 16))) == stem_identity(Scattering2D(2, (16, 16)))


def test_every_setting_and_number_counts() -> None:
    nudged = conv()
    with torch.no_grad():
        next(nudged.parameters()).view(-1)[0].nextafter_(torch.tensor(9.0))
    stems = [
        conv(),
        nudged,
        conv(stride=2),
        conv(padding=1),
        conv().double(),
        nn.Sequential(conv(), nn.Identity()),
    ]
    stems += [Scattering2D(2, (16, 16)), Scattering2D(2, (16, 18)), Scattering2D(2, (16, 16), max_order=1)]
    stems += [Scattering2D(2, (16, 16), frame="tight"), nn.Dropout(0.1), nn.Dropout(0.2)]
    assert len({stem_identity(stem) for stem in stems}) == len(stems)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    for name in ("cats", "dogs"):
        (tmp_path / name).mkdir()
        Image.new("L", (6, 4)).save(tmp_path / name / "1.png")
    return tmp_path


def double(picture: Any) -> Any:
    return picture


def test_every_kind_of_data_counts_what_it_holds(
    pets: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ones, zeros = TensorDataset(torch.ones(4)), TensorDataset(torch.zeros(4))
    folders = [tmp_path_factory.mktemp(str(k)) for k in range(2)]
    for k, folder in enumerate(folders):
        write_shards([(torch.full((2,), float(k)), 0)], folder)
    sets = [ones, zeros, Subset(ones, [0, 1]), Subset(ones, [1, 0]), Subset(zeros, [0, 1])]
    sets += [ConcatDataset([ones, zeros]), ConcatDataset([zeros, ones]), *map(Shards, folders)]
    sets += [image_folder(pets), image_folder(pets, transform=None), image_folder(pets, transform=double)]
    sets += [
        image_folder(pets, transform=lambda picture: picture),
        image_folder(pets, transform=lambda picture: 1),
    ]
    sums = [data_identity(data) for data in sets]
    assert len(set(sums)) == len(sets)
    assert [data_identity(data) for data in sets] == sums


def test_a_changed_picture_changes_the_sum(pets: Path) -> None:
    before = data_identity(image_folder(pets))
    os.utime(pets / "cats/1.png", ns=(0, 0))
    assert data_identity(image_folder(pets)) != before


@pytest.mark.untyped
def test_what_has_no_identity_must_be_named() -> None:
    with pytest.raises(TypeError, match=r"a list can be anything; name it: give it an attribute `identity`"):
        data_identity([(1, 2)])
