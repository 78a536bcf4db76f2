"""Five kills at random moments, two of them in the middle of a file; `kill.py` does fifty."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
ROOT = Path(__file__).parents[2]


def test_a_run_that_is_killed_goes_on_to_the_same_bits() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.training.kill", "--kills", "5", "--seed", "1"],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = re.match(r"5 kills \((\d) in the middle .* steps in the end: the same bits", done.stdout)
    assert found is not None, done.stdout
    assert int(found[1]) >= 2
