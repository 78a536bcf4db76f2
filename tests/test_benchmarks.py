"""The benchmarks run, compare equal answers, and time what they say."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]


def run(*options: str) -> subprocess.CompletedProcess[str]:
    surroundings = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks", *options]
    return subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)


def test_every_case_runs_and_both_sides_give_the_same_answer() -> None:
    answer = run("--quick", "--json")
    assert answer.returncode == 0, answer.stderr
    report = json.loads(answer.stdout)
    assert {result["peer"] for result in report["results"]} == {"PyWavelets", "ptwt", "kymatio"}
    assert {"device", "threads", "date", "versions"} <= set(report["where"])
    for result in report["results"]:
        assert result["ratio"] == pytest.approx(result["peer_ms"] / result["ours_ms"])
        assert result["gap"] is None or result["gap"] < 1e-5, result


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_an_absent_device_is_refused_with_the_way_out() -> None:
    answer = run("--device", "cuda")
    assert answer.returncode == 1
    assert "leave --device out" in answer.stderr


def test_the_faster_side_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.timing import side_by_side

    calls: list[str] = []

    def ours() -> None:
        calls.append("ours")
        time.sleep(0.002)

    def peer() -> None:
        calls.append("peer")
        time.sleep(0.02)

    found = side_by_side(ours, peer, rounds=4, least=0, device=torch.device("cpu"))
    assert 3 < found.ratio < 11
    assert calls[-8:] == ["ours", "peer", "peer", "ours"] * 2  # in turn, each first as often
