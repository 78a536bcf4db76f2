"""The scripts of the make targets are no package: this fixture loads one by its name."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    def by_name(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, ROOT / "book" / "make" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module

    return by_name


@pytest.fixture
def root() -> Path:
    return ROOT
