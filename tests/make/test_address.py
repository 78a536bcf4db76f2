"""The repository's address is one setting: nothing names the old one after a move."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def scripts(load: Callable[[str], ModuleType]) -> ModuleType:
    return load("address")


@pytest.fixture
def copy(scripts: ModuleType, root: Path, tmp_path: Path) -> Path:
    """A copy of every text file of this repository that git knows or would add."""
    for path, text in scripts.texts(root):
        target = tmp_path / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def test_every_place_derives_from_the_setting(scripts: ModuleType, root: Path) -> None:
    address = scripts.setting(root)
    assert scripts.written(root) == address, "run `make address`"
    for file in ("README.md", "CONTRIBUTING.md", "CITATION.cff"):
        assert address.repository in (root / file).read_text(encoding="utf-8")
    config = root / "_config.yml"
    assert address.site in config.read_text(encoding="utf-8")
    assert address.repository in config.read_text(encoding="utf-8")


def test_a_move_reaches_every_place_and_back(scripts: ModuleType, copy: Path) -> None:
    old, new = scripts.setting(copy), scripts.Address("Some-One", "waves.of_all")
    before = dict(scripts.texts(copy))
    changed = scripts.move(copy, new.repository)
    assert {copy / "README.md", copy / "CITATION.cff", copy / "pyproject.toml"} <= set(changed)
    for path, text in scripts.texts(copy):
        assert not any(pattern.search(text) for pattern, _ in old.forms()), (
            f"{path} still names {old.repository}"
        )
    assert scripts.setting(copy) == scripts.written(copy) == new
    assert new.site == "https://some-one.github.io/" + "waves.of_all/"
    assert new.site in (copy / "README.md").read_text()
    assert scripts.move(copy) == []
    scripts.move(copy, old.repository)
    assert dict(scripts.texts(copy)) == before


def test_a_setting_edited_by_hand_is_carried_on(scripts: ModuleType, copy: Path) -> None:
    old, pyproject = scripts.setting(copy), copy / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace(old.repository, "https://github.com/a/b"))
    assert copy / "README.md" in scripts.move(copy)
    assert scripts.written(copy).repository == "https://github.com/a/b"


@pytest.mark.parametrize("url", ["https://gitlab.com/a/b", "github.com/a/b", "https://github.com/a", ""])
def test_another_host_is_refused(scripts: ModuleType, url: str) -> None:
    with pytest.raises(
        ValueError, match=r"expected https://github\.com/OWNER/NAME .* call `make address URL="
    ):
        scripts.Address.parse(url)


def test_only_whole_names_are_replaced(scripts: ModuleType) -> None:
    old, new = scripts.Address("a", "b"), scripts.Address("c", "d")
    text = "github.com/a/b, /github/a/b/blob, a.github.io/b/x; not aa/b, a/bc, x-a/b, a/b-c"
    expected = "github.com/c/d, /github/c/d/blob, c.github.io/d/x; not aa/b, a/bc, x-a/b, a/b-c"
    assert scripts.rewrite(text, old, new) == expected
