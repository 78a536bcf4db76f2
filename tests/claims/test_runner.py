"""Running: scales, absent needs, crashes, the comparison with what was stored."""

from dataclasses import replace
from pathlib import Path

import pytest

from wavelets_course.claims import ledger, needs, runner
from wavelets_course.claims.measurement import Measurement, save, stored
from wavelets_course.claims.registry import Claim, Source, at_most, exactly
from wavelets_course.claims.runner import compare, run


def crash(seed: int) -> dict[str, float]:
    raise ZeroDivisionError("no pixels")


TALK = Source("A lecture", "A talk")
QUICK = Claim(
    "Q1",
    TALK,
    "haar",
    "Seed",
    "It is small.",
    "1",
    (),
    {"seed": at_most("seed", 5)},
    lambda seed: {"seed": seed},
)
LEDGER = (
    QUICK,
    replace(QUICK, id="Q2", expected={"seed": exactly("seed", 99)}),
    replace(QUICK, id="Q3", measure=crash),
    replace(QUICK, id="N1", needs=("nothing",)),
    replace(QUICK, id="L1", scale="laptop"),
    replace(QUICK, id="G1", scale="gpu", needs=("nothing",)),
    replace(QUICK, id="C1", scale="cite", measure=None, why="It needs a week."),
    replace(QUICK, id="T1", expected={"seed": at_most("seconds", -1)}, timing=True),
)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small ledger, a need that is never met, and a store with one old result."""
    monkeypatch.setattr(ledger, "CLAIMS", LEDGER)
    monkeypatch.setattr(needs, "NEEDS", {"nothing": lambda: False})
    path = tmp_path / "results.json"
    save([Measurement("N1", "measured", {"seed": 3}, "holds", date="2026-01-02", device="a GPU")], path)
    return path


def test_everything_has_its_status(path: Path) -> None:
    results = {m.id: m for m in run(path=path)}
    assert list(results) == [claim.id for claim in LEDGER]
    assert {i: (m.status, m.verdict) for i, m in results.items()} == {
        "Q1": ("measured", "holds"),
        "Q2": ("measured", "fails"),
        "Q3": ("measured", "fails"),
        "N1": ("not re-run here", "holds"),
        "L1": ("not re-run here", None),
        "G1": ("not re-run here", None),
        "C1": ("cited", None),
        "T1": ("measured", "holds"),
    }
    assert [i for i, m in results.items() if m.passed] == ["Q1", "T1"]


def test_reasons_are_given(path: Path) -> None:
    results = {m.id: m for m in run(path=path)}
    assert results["Q3"].note == "ZeroDivisionError: no pixels"
    assert results["N1"].note == "nothing is not here"
    assert (results["N1"].values, results["N1"].date, results["N1"].device) == (
        {"seed": 3},
        "2026-01-02",
        "a GPU",
    )
    assert results["L1"].note == "it needs --scale laptop"
    assert results["C1"].note == "It needs a week."


def test_a_larger_scale_runs_the_smaller_ones_too(path: Path) -> None:
    assert [m.status for m in run(["Q1", "L1"], "laptop", path=path)] == ["measured", "measured"]
    assert run("G1", "gpu", path=path)[0].note == "nothing is not here"


def test_a_measurement_says_how_to_repeat_it(path: Path) -> None:
    [result] = run("q1", path=path, seed=4)
    assert result.values == {"seed": 4}
    assert (result.seed, result.scale) == (4, "quick")
    assert result.device.startswith("CPU")
    assert result.commit
    assert set(result.versions) == {"numpy", "python", "torch", "wavelets-course"}
    assert len(result.date) == 10
    assert result.seconds >= 0


def test_only_store_writes(path: Path) -> None:
    before = path.read_text()
    run("Q1", path=path)
    assert path.read_text() == before
    run(["Q1", "N1"], path=path, store=True)
    assert set(stored(path)) == {"N1", "Q1"}
    assert stored(path)["N1"].date == "2026-01-02"


def test_comparison_names_what_changed(path: Path) -> None:
    measured = run(path=path)
    known = {m.id: m for m in measured}
    assert compare(measured, known) == []
    known["Q2"] = replace(known["Q2"], verdict="holds", date="2026-01-02")
    del known["Q1"]
    assert compare(measured, known) == [
        "Q1 has no stored result; run `wavelets-course claims run Q1 --save`.",
        "Q2 was stored as 'holds' (2026-01-02) and now 'fails': seed 0.",
    ]


def test_comparison_leaves_out_what_was_not_re_run(path: Path) -> None:
    assert compare(run(["N1", "C1"], path=path), {}) == []


def test_progress_goes_to_stderr(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("Q1", path=path)
    assert capsys.readouterr() == ("", "")  # not a terminal
    run("Q1", progress=True, path=path)
    out, err = capsys.readouterr()
    assert out == ""
    assert "1/1" in err


@pytest.mark.untyped
def test_unknown_scale_and_id(path: Path) -> None:
    with pytest.raises(ValueError, match=r"run: scale is 'cite'; use one of quick, laptop, gpu\."):
        runner.run(scale="cite", path=path)
    with pytest.raises(ValueError, match=r"'Z1' is not in the ledger; it has Q1, Q2"):
        run("Z1", path=path)
