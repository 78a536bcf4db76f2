"""Folders of pictures: subfolders are classes, broken pictures are named."""

from pathlib import Path

import pytest
import torch
from torch.testing import assert_close
from torchvision.transforms.functional import to_pil_image

from wavelets_course.datasets import DamagedFileError, MissingFileError, image_folder


@pytest.fixture
def pets(tmp_path: Path, generator: torch.Generator) -> Path:
    folder = tmp_path / "my pets"
    for name, count in (("dogs", 1), ("cats", 2)):
        (folder / name).mkdir(parents=True)
        for k in range(count):
            pixels = torch.randint(0, 256, (3, 40, 31 + k), generator=generator, dtype=torch.uint8)
            to_pil_image(pixels).save(folder / name / f"{k}.png")
    return folder


def test_classes_in_alphabetical_order_and_bytes_kept(pets: Path, generator: torch.Generator) -> None:
    pictures = image_folder(pets)
    assert pictures.classes == ["cats", "dogs"]
    assert [label for _, label in pictures] == [0, 0, 1]
    assert [tuple(image.shape) for image, _ in pictures] == [(3, 40, 31), (3, 40, 32), (3, 40, 31)]
    generator.manual_seed(20261121)
    dog = torch.randint(0, 256, (3, 40, 31), generator=generator, dtype=torch.uint8)
    assert_close(pictures[2][0], dog / 255, atol=0, rtol=0)


def test_grey_pictures_get_three_channels(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    to_pil_image(torch.full((1, 5, 7), 51, dtype=torch.uint8)).save(tmp_path / "one" / "grey.png")
    assert_close(image_folder(str(tmp_path))[0][0], torch.full((3, 5, 7), 0.2))


@pytest.mark.untyped
@pytest.mark.parametrize("keep", [0, 20, 1000])
def test_a_truncated_picture_is_named_not_half_read(keep: int, pets: Path) -> None:
    path = pets / "cats" / "1.png"
    path.write_bytes(path.read_bytes()[:keep])
    pictures = image_folder(pets)
    assert len(pictures[0]) == 2
    with pytest.raises(
        DamagedFileError, match=r"cats/1\.png cannot be read to its end as a picture.*delete it"
    ):
        pictures[1]


@pytest.mark.untyped
def test_a_picture_that_has_gone_says_so(pets: Path) -> None:
    pictures = image_folder(pets)
    (pets / "cats" / "0.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"0\.png"):
        pictures[0]


@pytest.mark.untyped
def test_missing_flat_and_empty_folders(pets: Path, tmp_path: Path) -> None:
    with pytest.raises(
        MissingFileError, match=r"there is no folder .*nowhere; expected one subfolder for each class"
    ):
        image_folder(tmp_path / "nowhere")
    with pytest.raises(MissingFileError, match="expected one subfolder for each class"):
        image_folder(pets / "cats")
    (pets / "mice").mkdir()
    with pytest.raises(MissingFileError, match=r"mice.*expected one subfolder"):
        image_folder(pets)
