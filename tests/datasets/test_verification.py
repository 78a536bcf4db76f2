"""A file that is not what was published is named and refused, never half-read."""

import hashlib
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from wavelets_course.datasets import DamagedFileError, MissingFileError, check_files, data_folder, verify

from .conftest import TinySet


def flip_one_bit(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "one flipped bit": flip_one_bit,
    "last byte missing": lambda content: content[:-1],
    "half missing": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "one byte too many": lambda content: content + b"\0",
    "same size, all zero": lambda content: bytes(len(content)),
}


def test_intact_files_pass(tiny: TinySet, tmp_path: Path) -> None:
    tiny.write(tmp_path)
    assert verify(tiny.name, tmp_path) == tmp_path
    assert {report.state for report in check_files(tiny.name, tmp_path)} == {"intact"}


@pytest.mark.parametrize("kind", DAMAGE)
def test_every_damage_to_every_file_is_refused(kind: str, tiny: TinySet, tmp_path: Path) -> None:
    tiny.write(tmp_path)
    for path, content in tiny.files.items():
        broken = DAMAGE[kind](content)
        (tmp_path / path).write_bytes(broken)
        with pytest.raises(DamagedFileError) as caught:
            verify(tiny.name, tmp_path)
        text = str(caught.value)
        assert str(tmp_path / path) in text
        assert hashlib.sha256(content).hexdigest() in text
        assert hashlib.sha256(broken).hexdigest() in text
        assert f"wavelets-course data fetch {tiny.name} --root {shlex.quote(str(tmp_path))}" in text
        assert "Delete it and fetch it again" in text
        assert ("bytes are there" in text) == (len(broken) < len(content))
        (tmp_path / path).write_bytes(content)
    assert verify(tiny.name, tmp_path) == tmp_path


@pytest.mark.untyped
def test_truncation_is_counted(make_tiny: Callable[[str], TinySet], tmp_path: Path) -> None:
    tiny = make_tiny("mnist")
    tiny.write(tmp_path)
    path = tmp_path / "MNIST/raw/train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:1234])
    with pytest.raises(DamagedFileError, match=r"Only 1,234 of its 3,936 bytes are there"):
        verify("mnist", tmp_path)


@pytest.mark.untyped
def test_every_missing_file_is_named(tiny: TinySet, tmp_path: Path) -> None:
    tiny.write(tmp_path)
    first, second, *_ = tiny.files
    (tmp_path / first).unlink()
    (tmp_path / second).unlink()
    with pytest.raises(MissingFileError, match=rf"2 of \d files are missing from .*{first}, {second}\."):
        verify(tiny.name, tmp_path)


@pytest.mark.untyped
def test_missing_comes_before_damaged(make_tiny: Callable[[str], TinySet], tmp_path: Path) -> None:
    """Both ask for the same command; the longer list is the more useful one."""
    tiny = make_tiny("mnist")
    tiny.write(tmp_path)
    (tmp_path / "MNIST/raw/train-images-idx3-ubyte").write_bytes(b"")
    (tmp_path / "MNIST/raw/t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(MissingFileError, match="1 of 4 files are missing"):
        verify("mnist", tmp_path)
    assert [report.state for report in check_files("mnist", tmp_path)] == [
        "damaged",
        "intact",
        "intact",
        "missing",
    ]


@pytest.mark.untyped
@pytest.mark.parametrize("deeper", ["MNIST", "MNIST/raw"])
def test_folder_one_level_too_deep_is_noticed(
    deeper: str, make_tiny: Callable[[str], TinySet], tmp_path: Path
) -> None:
    make_tiny("mnist").write(tmp_path)
    with pytest.raises(MissingFileError) as caught:
        verify("mnist", tmp_path / deeper)
    assert f"They are in {tmp_path}: give that folder instead." in str(caught.value)


@pytest.mark.untyped
def test_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(
        MissingFileError, match=r"cifar10: 7 of 7 files are missing from .*There is no such folder"
    ):
        verify("cifar10", tmp_path / "not" / "here")


@pytest.mark.untyped
def test_a_folder_in_place_of_a_file_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "MNIST/raw/train-images-idx3-ubyte").mkdir(parents=True)
    with pytest.raises(MissingFileError, match="4 of 4"):
        verify("mnist", tmp_path)


@pytest.mark.untyped
def test_the_command_is_short_for_the_usual_folder(make_tiny: Callable[[str], TinySet]) -> None:
    make_tiny("mnist")
    with pytest.raises(MissingFileError) as caught:
        verify("mnist")
    assert f"are missing from {data_folder()}: MNIST/raw/train-images-idx3-ubyte, " in str(caught.value)
    assert "Fetch them with `wavelets-course data fetch mnist` or mnist(download=True)" in str(caught.value)
    assert "set WAVELETS_COURSE_DATA" in str(caught.value)


@pytest.mark.untyped
def test_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"no data set 'imagenet'; choose one of mnist, fashion_mnist, cifar10, kodak"
    ):
        verify("imagenet", tmp_path)
