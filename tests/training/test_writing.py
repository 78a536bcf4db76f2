"""A file is whole or not there."""

import os
import stat
from pathlib import Path

import pytest

from wavelets_course.training.writing import write_atomically


def test_content_and_rights_are_those_of_an_ordinary_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"whole")
    (tmp_path / "b").write_bytes(b"whole")
    assert (tmp_path / "a").read_bytes() == b"whole"
    rights = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "ab"]
    assert rights[0] == rights[1]


def test_the_bytes_reach_the_disk_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    sync, rename = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("sync"), sync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda path, to: (steps.append("rename"), rename(path, to))[1])
    write_atomically(tmp_path / "a", b"new")
    assert steps == ["sync", "rename", "sync"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(tmp_path / "a", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"old")]
