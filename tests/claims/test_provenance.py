"""Provenance: from a checkout, from a wheel, without git."""

import re
from pathlib import Path

import pytest

from wavelets_course.claims import provenance


def test_a_wheel_names_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path / "site-packages" / "wavelets_course")
    assert re.fullmatch(r"version \d+\.\d+.*", provenance.commit())


def test_without_git_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance.shutil, "which", lambda _: None)
    assert provenance.commit().startswith("version ")


@pytest.mark.skipif(not (provenance.PACKAGE.parent / ".git").exists(), reason="not a checkout")
def test_a_checkout_names_its_commit() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}\+?|version .*", provenance.commit())
