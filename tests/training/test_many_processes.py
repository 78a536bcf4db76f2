"""The same global batch gives the same steps in one, two and four processes, however they are launched."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

SCRIPT = Path(__file__).with_name("many.py")
# Sums over processes are taken in another order, so float32 differs in its last bits: the tolerance is
# assert_close's own for float32 (1.3e-6 relative, 1e-5 absolute).


def launch(*command: str) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    done = subprocess.run(
        [sys.executable, "-W", "error", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    folder = tmp_path_factory.mktemp("many")
    launch(str(SCRIPT), str(folder))

    def read(name: str, rank: int = 0) -> dict[str, Any]:
        result: dict[str, Any] = json.loads((folder / f"{name}-{rank}.json").read_text())
        return result

    return read


def assert_alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    for what in ("losses", "penalties", "weights", "top1", "confusion", "loss"):
        torch.testing.assert_close(torch.tensor(one[what]), torch.tensor(other[what]), msg=what)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("two", "one"),
        ("four", "one"),
        ("two in pieces", "one"),
        ("four with AdamW", "one with AdamW"),
        ("two, second part", "one"),
        ("four, second part", "one"),
    ],
)
def test_as_in_one_process(name: str, reference: str, found: Any) -> None:
    assert len(found(reference)["losses"]) == 9
    assert_alike(found(name), found(reference))


def test_the_comparison_can_fail(found: Any) -> None:
    with pytest.raises(AssertionError, match="losses"):
        assert_alike(found("one with AdamW"), found("one"))


@pytest.mark.parametrize(("name", "count"), [("two", 2), ("four", 4), ("two with batch norms", 2)])
def test_every_process_knows_the_same(name: str, count: int, found: Any) -> None:
    for rank in range(1, count):
        assert found(name, rank) == found(name)


def test_two_processes_that_were_stopped_end_with_the_same_bits(found: Any) -> None:
    assert found("two, second part") == found("two")


def test_a_loss_that_one_process_spoils_stops_all_with_one_text(found: Any) -> None:
    said = found("two, broken")["error"]
    assert "the loss is nan at step" in said
    assert found("two, broken", 1)["error"] == said


def test_launched_by_torchrun(tmp_path: Path, found: Any) -> None:
    run = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    launch(*run, str(SCRIPT), str(tmp_path), "--launched")
    for rank in (0, 1):
        assert json.loads((tmp_path / f"launched-{rank}.json").read_text()) == found("two")


def test_launched_by_accelerate(tmp_path: Path, found: Any) -> None:
    """One process: on CPUs `accelerate launch` needs MPI for more."""
    run = ("-m", "accelerate.commands.launch", "--cpu", "--num_processes", "1", "--num_machines", "1")
    rest = ("--mixed_precision", "no", "--dynamo_backend", "no")
    launch(*run, *rest, str(SCRIPT), str(tmp_path), "--launched")
    assert json.loads((tmp_path / "launched-0.json").read_text()) == found("one")
