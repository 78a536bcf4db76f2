"""The site's own scripts parse: a slip in one would silently take the keyboard's scrolling away."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path.relative_to(ROOT) for path in (ROOT / "book" / "_static").glob("*.js"))

pytestmark = pytest.mark.needs_node


def syntax(path: Path) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node") or shutil.which("nodejs") or "node"
    return subprocess.run([node, "--check", str(path)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("script", SCRIPTS, ids=[path.name for path in SCRIPTS])
def test_script_parses(script: Path) -> None:
    outcome = syntax(ROOT / script)
    assert outcome.returncode == 0, outcome.stderr


def test_a_broken_script_is_noticed(tmp_path: Path) -> None:
    broken = tmp_path / "broken.js"
    broken.write_text("document.addEventListener('load', () => {\n", encoding="utf-8")
    assert syntax(broken).returncode != 0
