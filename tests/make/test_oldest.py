"""The oldest environment holds exactly the lower bounds."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def scripts(load: Callable[[str], ModuleType]) -> ModuleType:
    load("environment")
    return load("oldest")


def test_lower_bounds_become_pins(scripts: ModuleType, root: Path, tmp_path: Path) -> None:
    for name in ("pyproject.toml", "requirements.txt"):
        (tmp_path / name).write_text((root / name).read_text())
    scripts.write_requirements(tmp_path)
    lines = (tmp_path / scripts.REQUIREMENTS).read_text().splitlines()
    assert all(line.count("==") == 1 for line in lines)
    names = [line.split("==")[0] for line in lines]
    assert len(names) == len(set(names))
    assert {"torch", "numpy", "PyWavelets", "pytest", "kymatio"} <= set(names)
    assert {"accelerate", "safetensors", "torchmetrics", "webdataset", "pycocotools"} <= set(names)
    assert "jupyter-book" not in names


def test_a_bound_of_another_form_is_refused(scripts: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["torch~=2.4", "numpy>=1"]\noptional-dependencies.training = []\n'
    )
    with pytest.raises(ValueError, match=r"expected NAME>=VERSION in pyproject.toml, got \['torch~=2.4'\]"):
        scripts.lower_bounds(tmp_path)


def test_a_python_that_the_oldest_torch_knows(scripts: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "NEWEST", (3, 10))
    assert scripts.fitting_python() is None
    assert scripts.main() == 1
