"""The store: round trips, half-written files, files that are something else."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from wavelets_course.claims.measurement import Measurement, save, stored

ONE = Measurement(
    "X1",
    "measured",
    {"a": 1, "b": 0.1, "c": math.inf},
    "fails",
    "",
    0.25,
    "CPU",
    "2026-01-02",
    "abc",
    {"torch": "2"},
)


def test_round_trip_keeps_every_field(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    save([ONE], path)
    assert stored(path) == {"X1": ONE}
    assert isinstance(stored(path)["X1"].values["a"], int)
    json.loads(path.read_text(), parse_constant=pytest.fail)  # strict JSON: no NaN, no Infinity


def test_nan_comes_back_as_nan(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    save([replace(ONE, values={"a": math.nan}, seconds=math.nan)], path)
    assert math.isnan(stored(path)["X1"].values["a"])


def test_saving_keeps_other_entries_and_ignores_what_was_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    save([ONE, replace(ONE, id="X2")], path)
    save([replace(ONE, id="X2", verdict="holds"), replace(ONE, status="not re-run here", verdict=None)], path)
    assert {i: m.verdict for i, m in stored(path).items()} == {"X1": "fails", "X2": "holds"}


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.json"
    save([ONE], path)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save([replace(ONE, verdict="holds")], path)
    assert stored(path) == {"X1": ONE}
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.json"]


def test_no_file_is_an_empty_ledger(tmp_path: Path) -> None:
    assert stored(tmp_path / "results.json") == {}


@pytest.mark.untyped
@pytest.mark.parametrize("text", ["{", "[1]", '{"X1": {"id": "X1"}}', '{"X1": 3}'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(
        ValueError, match=r"results.json is not a file of results .*; restore it with `git checkout`"
    ):
        stored(path)


def test_a_stored_value_never_counts_as_passed() -> None:
    good = replace(ONE, verdict="holds")
    assert good.passed
    assert not replace(good, status="not re-run here").passed
    assert not replace(good, status="cited").passed
    assert not ONE.passed
