"""The bundle is whole, checks itself, and is the same for the same files."""

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def scripts(load: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = load("offline")
    files = {
        "LICENSE": "free",
        "site/index.html": "<p>",
        "site/_static/a.js": "1",
        "book/chapters/haar.ipynb": "{}",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "wheel").mkdir()
    (tmp_path / "wheel" / "wavelets_course-1-py3-none-any.whl").write_bytes(b"wheel")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "SITE", tmp_path / "site")
    return module


def test_every_file_is_there_with_its_sum(scripts: ModuleType, tmp_path: Path) -> None:
    bundle = tmp_path / "build" / "offline.zip"
    assert scripts.write(bundle, tmp_path / "wheel") == 6
    with zipfile.ZipFile(bundle) as archive:
        sums = archive.read("wavelets_course/SHA256SUMS").decode().splitlines()
        named = {name: digest for digest, name in (line.split("  ") for line in sums)}
        for name, digest in named.items():
            assert hashlib.sha256(archive.read(f"wavelets_course/{name}")).hexdigest() == digest
        assert {name.removeprefix("wavelets_course/") for name in archive.namelist()} == {
            *named,
            "SHA256SUMS",
        }
    assert {"site/index.html", "site/_static/a.js", "notebooks/haar.ipynb", "README.txt"} <= set(named)
    assert any(name.startswith("wheel/") for name in named)


def test_same_files_same_bytes(scripts: ModuleType, tmp_path: Path) -> None:
    first, second = tmp_path / "b" / "1.zip", tmp_path / "b" / "2.zip"
    scripts.write(first, tmp_path / "wheel")
    scripts.write(second, tmp_path / "wheel")
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in first.parent.iterdir()) == ["1.zip", "2.zip"]
