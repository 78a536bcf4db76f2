"""`make test` runs on after a failure, says how to go on, and ends with the closing lines."""

import sys
from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.fixture
def scripts(load: Callable[[str], ModuleType]) -> ModuleType:
    return load("check")


def prints(text: str, code: int = 0) -> tuple[str, ...]:
    return (sys.executable, "-c", f"print({text!r}); raise SystemExit({code})", "pytest")


def test_goes_on_after_a_failure_and_ends_with_the_sum(
    scripts: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = (
        scripts.Step("one", "the first", (prints("== 2 passed, 1 failed in 3.00s ==", 1),), "mend it"),
        scripts.Step("two", "the second", (prints("4 passed, 1 skipped in 1.00s"),), ""),
        scripts.Step("three", "the third", (prints("never"),), "", needs="one"),
    )
    monkeypatch.setattr(scripts, "STEPS", steps)
    assert scripts.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("--- one: FAILED; mend it") for line in lines)
    assert any(line.split()[:3] == ["three", "not", "run"] for line in lines)
    assert "never" not in lines
    assert lines[-3:-1] == ["one: 2 passed, 1 failed in 3.00s", "two: 4 passed, 1 skipped in 1.00s"]
    assert lines[-1].startswith("== 6 passed, 1 skipped, 1 failed in ")
    assert lines[-1].endswith("; not passed: one, three ==")


def test_one_step_by_name(scripts: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (
        scripts.Step("bad", "", (prints("", 1),), ""),
        scripts.Step("good", "", (prints(""),), "", needs="bad"),
    )
    monkeypatch.setattr(scripts, "STEPS", steps)
    assert scripts.main(["good"]) == 0
    assert scripts.main(["good", "better"]) == 2


def test_all_commands_of_a_step_run_and_each_counts(scripts: ModuleType, tmp_path: object) -> None:
    outcome = scripts.take(scripts.Step("both", "", (prints("1 passed", 1), prints("2 passed")), ""), {})
    assert outcome.verdict == "FAILED"
    assert outcome.closing == ["1 passed", "2 passed"]


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([], "== 0 passed, 0 skipped, 0 failed in 7 s =="),
        (
            ["3 passed in 1s", "1 error in 1s", "2 errors"],
            "== 3 passed, 0 skipped, 0 failed, 3 errors in 7 s ==",
        ),
    ],
)
def test_the_sum(scripts: ModuleType, lines: list[str], total: str) -> None:
    assert scripts.closing_line(lines, 7.2) == total


def test_each_run_compiles_afresh_on_one_thread_a_worker(scripts: ModuleType, root: object) -> None:
    from pathlib import Path

    settings = scripts.surroundings(Path("scratch"))
    assert settings["OMP_NUM_THREADS"] == "1"
    assert settings["TORCHINDUCTOR_CACHE_DIR"].startswith("scratch")
