"""Data lie where the environment says, else in the system's cache."""

from pathlib import Path

import platformdirs
import pytest

from wavelets_course.datasets import data_folder


def test_environment_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WAVELETS_COURSE_DATA", str(tmp_path / "with a space"))
    assert data_folder() == tmp_path / "with a space"
    assert not data_folder().exists()


def test_home_and_relative_paths_become_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/reader")
    monkeypatch.setenv("WAVELETS_COURSE_DATA", "~/data")
    assert data_folder() == Path("/home/reader/data")
    monkeypatch.setenv("WAVELETS_COURSE_DATA", "data")
    assert data_folder() == tmp_path / "data"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_cache_otherwise(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is None:
        monkeypatch.delenv("WAVELETS_COURSE_DATA", raising=False)
    else:
        monkeypatch.setenv("WAVELETS_COURSE_DATA", value)
    assert data_folder() == platformdirs.user_cache_path("wavelets-course", appauthor=False)
    assert data_folder().is_absolute()
