"""What stands between us and Accelerate."""

import re
from pathlib import Path

from wavelets_course import training


def test_accelerate_is_imported_in_one_place() -> None:
    """Its import speaks up in notebooks unless it is kept quiet there."""
    folder = Path(training.__file__).parent
    imports = re.compile(r"^\s*(from|import) accelerate", re.MULTILINE)
    assert [path.name for path in folder.glob("*.py") if imports.search(path.read_text())] == ["processes.py"]
