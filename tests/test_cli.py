"""The command line: what it prints, where, and its exit codes; user mistakes end in one sentence."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import wavelets_course
from wavelets_course import datasets
from wavelets_course.cli import app

Run = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.untyped


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process: exit code, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            app(list(arguments), prog_name="wavelets-course")
        captured = capsys.readouterr()
        return int(stopped.value.code or 0), captured.out, captured.err

    return call


@dataclass(frozen=True)
class Result:
    """The fields of `claims.Measurement` that the command line reads."""

    id: str
    status: str = "measured"
    values: dict[str, float] = field(default_factory=dict)
    verdict: str | None = "holds"
    note: str = ""
    seconds: float = 0.25


class Ledger:
    """A stand-in for `wavelets_course.claims` with three claims: one each for quick, gpu and cite."""

    def __init__(self) -> None:
        error = SimpleNamespace(label="worst error", interval="at most 0.1")
        count = SimpleNamespace(label="numbers out", interval="exactly 58,800")
        self.claims = [
            SimpleNamespace(
                id="W1",
                scale="quick",
                needs=(),
                title="Haar loses nothing",
                expected={"error": error, "count": count},
            ),
            SimpleNamespace(
                id="S3", scale="gpu", needs=("cuda",), title="Deeper is better", expected={"error": error}
            ),
            SimpleNamespace(id="P9", scale="cite", needs=(), title="Forty years", expected={}),
        ]
        self.known = {"W1": Result("W1", values={"error": 0.01}), "S3": Result("S3", values={"error": 0.02})}
        self.outcome = Result("W1", values={"error": 0.0123, "count": 58800})
        self.saved: list[Result] = []
        self.asked: tuple[Any, ...] = ()

    def find(self, ids: list[str] | None = None) -> list[Any]:
        by_id = {claim.id: claim for claim in self.claims}
        if unknown := [name for name in ids or [] if name not in by_id]:
            raise ValueError(f"find: {unknown[0]!r} is not in the ledger; it has {', '.join(by_id)}.")
        return [by_id[name] for name in ids or by_id]

    def stored(self) -> dict[str, Result]:
        return self.known

    def run(self, ids: list[str], scale: str, seed: int) -> list[Result]:
        self.asked = (ids, scale, seed)
        results = {
            "W1": self.outcome,
            "S3": replace(self.known["S3"], status="not re-run here", note="it needs --scale gpu"),
            "P9": Result("P9", status="cited", verdict=None, note="needs forty years", seconds=math.nan),
        }
        return [results[name] for name in ids]

    def compare(self, results: list[Result], known: dict[str, Result]) -> list[str]:
        return [
            f"{result.id} was '{known[result.id].verdict}' and now '{result.verdict}'."
            for result in results
            if result.status == "measured" and result.verdict != known[result.id].verdict
        ]

    def save(self, results: list[Result]) -> None:
        self.saved = results

    def markdown(self) -> str:
        return "# Claims\n"


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    made = Ledger()
    monkeypatch.setitem(vars(wavelets_course), "claims", made)
    return made


class TestClaims:
    def test_list_shows_scale_needs_and_stored_verdict(self, run: Run, ledger: Ledger) -> None:
        code, out, _ = run("claims", "list")
        assert code == 0
        assert [line.split() for line in out.splitlines()] == [
            ["id", "scale", "needs", "stored", "claim"],
            ["W1", "quick", "-", "holds", "Haar", "loses", "nothing"],
            ["S3", "gpu", "cuda", "holds", "Deeper", "is", "better"],
            ["P9", "cite", "-", "-", "Forty", "years"],
        ]

    def test_run_ends_in_a_table_and_a_tally(self, run: Run, ledger: Ledger) -> None:
        code, out, err = run("claims", "run")
        assert code == 0
        assert ledger.asked == (["W1", "S3", "P9"], "quick", 0)
        rows = out.splitlines()
        assert [re.split(r"\s{2,}", row) for row in rows] == [
            ["id", "verdict", "seconds", "measured", "expected", "quantity"],
            ["W1", "holds", "0.25", "0.0123", "at most 0.1", "worst error"],
            ["", "58,800", "exactly 58,800", "numbers out"],
            ["S3", "not re-run here (stored: holds)", "0.25", "0.02", "at most 0.1", "worst error"],
            ["", "it needs --scale gpu"],
            ["P9", "cited", "needs forty years"],
        ]
        assert err.strip() == "1 measured: 1 hold, 0 fail; 2 not re-run here"

    def test_ids_scale_and_seed_are_passed_on(self, run: Run, ledger: Ledger) -> None:
        assert run("claims", "run", "S3", "W1", "--scale", "gpu", "--seed", "5")[0] == 0
        assert ledger.asked == (["S3", "W1"], "gpu", 5)

    def test_changed_verdict_fails_and_is_shown(self, run: Run, ledger: Ledger) -> None:
        ledger.outcome = replace(ledger.outcome, values={"error": 0.5}, verdict="fails")
        code, out, err = run("claims", "run", "W1")
        assert code == 1
        assert "fails" in out
        assert "W1 was 'holds' and now 'fails'." in err

    def test_a_claim_recorded_as_failing_agrees_when_it_fails(self, run: Run, ledger: Ledger) -> None:
        ledger.known["W1"] = ledger.outcome = replace(ledger.outcome, verdict="fails")
        code, out, err = run("claims", "run", "W1")
        assert code == 0
        assert "fails" in out
        assert "0 hold, 1 fail" in err

    def test_a_crash_fails_and_is_never_saved(self, run: Run, ledger: Ledger) -> None:
        crash = Result("W1", verdict="fails", note="RuntimeError: no", values={})
        ledger.known["W1"] = ledger.outcome = crash
        code, out, _ = run("claims", "run", "W1", "--save")
        assert code == 1
        assert "RuntimeError: no" in out
        assert ledger.saved == []

    def test_save_records_the_new_verdict_and_succeeds(self, run: Run, ledger: Ledger) -> None:
        ledger.outcome = replace(ledger.outcome, verdict="fails")
        code, _, err = run("claims", "run", "W1", "--save")
        assert code == 0
        assert ledger.saved == [ledger.outcome]
        assert "W1 was 'holds' and now 'fails'." in err

    def test_without_save_nothing_is_stored(self, run: Run, ledger: Ledger) -> None:
        run("claims", "run")
        assert ledger.saved == []

    def test_json_is_all_that_standard_output_holds(self, run: Run, ledger: Ledger) -> None:
        ledger.outcome = replace(ledger.outcome, values={"error": math.inf})
        code, out, _ = run("claims", "run", "--json")
        assert code == 0
        first, _, last = json.loads(out, parse_constant=pytest.fail)
        assert first["values"] == {"error": "inf"}
        assert (last["status"], last["seconds"]) == ("cited", "nan")

    def test_unknown_id_lists_the_known_ones(self, run: Run, ledger: Ledger) -> None:
        code, out, err = run("claims", "run", "X7")
        assert (code, out) == (2, "")
        assert err == "error: find: 'X7' is not in the ledger; it has W1, S3, P9.\n"

    def test_unknown_scale_lists_the_known_ones(self, run: Run, ledger: Ledger) -> None:
        code, _, err = run("claims", "run", "--scale", "huge")
        assert code == 2
        assert all(scale in err for scale in ("quick", "laptop", "gpu"))

    def test_page_to_the_terminal_and_to_a_file(self, run: Run, ledger: Ledger, tmp_path: Path) -> None:
        assert run("claims", "page") == (0, "# Claims\n", "")
        target = tmp_path / "a page.md"
        assert run("claims", "page", "--output", str(target)) == (0, "", "")
        assert target.read_text() == "# Claims\n"

    def test_page_that_cannot_be_written(self, run: Run, ledger: Ledger, tmp_path: Path) -> None:
        code, _, err = run("claims", "page", "--output", str(tmp_path / "no" / "page.md"))
        assert code == 1
        assert err.startswith("error: ")
        assert "No such file or directory" in err

    def test_on_a_terminal_the_table_is_drawn(
        self, run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "160")
        _, out, _ = run("claims", "list")
        assert "━" in out
        assert "Haar loses nothing" in out


class TestTheRealLedger:
    """The stand-in above has the shape of the ledger itself."""

    def test_list(self, run: Run) -> None:
        code, out, _ = run("claims", "list")
        assert code == 0
        assert {"W1", "W2", "S1", "S2", "S3"} <= {line.split()[0] for line in out.splitlines()}

    def test_run_one(self, run: Run) -> None:
        _, out, err = run("claims", "run", "s2", "--json")
        (result,) = json.loads(out)
        assert (result["id"], result["status"], result["verdict"]) == ("S2", "measured", "holds")
        assert result["values"]["numbers_out"] == 58800
        assert "1 measured: 1 hold, 0 fail; 0 not re-run here" in err

    def test_unknown_id(self, run: Run) -> None:
        code, _, err = run("claims", "run", "nonsense")
        assert code == 2
        assert re.match(r"error: .*'nonsense' is not in the ledger; it has .*W1, W2", err)

    def test_page(self, run: Run) -> None:
        code, out, _ = run("claims", "page")
        assert code == 0
        assert out.startswith("# ")
        assert out.endswith("\n")


class TestData:
    @pytest.fixture(autouse=True)
    def _empty_folder(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("WAVELETS_COURSE_DATA", str(tmp_path / "my data"))

    def test_list_shows_sizes_and_states(self, run: Run, tmp_path: Path) -> None:
        code, out, err = run("data", "list")
        assert code == 0
        assert "12 MB" in out
        assert out.count("not here") == 4
        assert err == f"data folder: {tmp_path / 'my data'}\n"

    @pytest.mark.parametrize("command", [("list",), ("check",), ("fetch", "mnist")])
    def test_a_file_is_no_folder(self, command: tuple[str, ...], run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        code, out, err = run("data", *command, "--root", str(tmp_path / "file"))
        assert (code, out) == (2, "")
        assert "is a file" in " ".join(err.replace("│", " ").split())

    def test_damage_shows_in_the_list_and_fails_the_check(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "my data" / "cifar-10-batches-py" / "data_batch_3"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"half")
        assert "1 of 7 files damaged" in run("data", "list")[1]
        code, out, err = run("data", "check")
        assert code == 1
        assert out.count("damaged") == 1
        assert "cifar10: 6 of 7 files are missing" in err
        assert "mnist" not in err

    def test_check_of_all_passes_over_what_is_not_here(self, run: Run) -> None:
        code, out, err = run("data", "check")
        assert (code, err) == (0, "")
        assert out.count("missing") == 27

    def test_check_by_name_wants_it_here(self, run: Run, tmp_path: Path) -> None:
        code, _, err = run("data", "check", "Fashion-MNIST")
        assert code == 1
        assert f"4 of 4 files are missing from {tmp_path / 'my data'}" in err
        assert "`wavelets-course data fetch fashion_mnist`" in err

    @pytest.mark.parametrize("command", ["check", "fetch"])
    def test_unknown_name(self, command: str, run: Run) -> None:
        code, out, err = run("data", command, "imagenet")
        assert (code, out) == (2, "")
        assert (
            err
            == "error: there is no data set 'imagenet'; choose one of mnist, fashion_mnist, cifar10, kodak.\n"
        )

    def test_fetch_without_a_name(self, run: Run) -> None:
        code, _, err = run("data", "fetch")
        assert code == 2
        assert "NAMES" in err

    def test_fetch_says_where_the_files_are(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(datasets, "fetch", lambda name, root: root)
        code, out, err = run("data", "fetch", "mnist", "fashion-mnist", "--root", str(tmp_path))
        assert code == 0
        assert out.splitlines() == [
            f"mnist: all files are in {tmp_path} and intact",
            f"fashion_mnist: all files are in {tmp_path} and intact",
        ]
        assert "mnist: fetching up to 12 MB" in err

    def test_failed_fetch_is_one_sentence(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(name: str, root: Path | None) -> Path:
            raise datasets.DownloadError(f"{name}: the download failed.")

        monkeypatch.setattr(datasets, "fetch", fail)
        code, out, err = run("data", "fetch", "mnist")
        assert (code, out) == (1, "")
        assert err.splitlines()[-1] == "error: mnist: the download failed."


class TestProgram:
    def test_version(self, run: Run) -> None:
        assert run("--version") == (0, f"wavelets-course {wavelets_course.__version__}\n", "")

    def test_unknown_command(self, run: Run) -> None:
        code, _, err = run("wavelet")
        assert code == 2
        assert "No such command 'wavelet'" in err

    @pytest.mark.parametrize("group", ["claims", "data"])
    def test_help_names_the_commands(self, group: str, run: Run) -> None:
        code, out, _ = run(group, "--help")
        assert code == 0
        assert all(
            name in out
            for name in {"claims": ("list", "run", "page"), "data": ("list", "check", "fetch")}[group]
        )

    def test_both_ways_to_start_it(self, tmp_path: Path) -> None:
        """As a module and as the installed program, from another folder whose name has a space."""
        elsewhere = tmp_path / "some where"
        elsewhere.mkdir()
        program = shutil.which("wavelets-course", path=str(Path(sys.executable).parent))
        assert program is not None
        environment = os.environ | {"WAVELETS_COURSE_DATA": str(elsewhere)}
        for command in ([sys.executable, "-m", "wavelets_course"], [program]):
            done = subprocess.run(
                [*command, "--version"],
                cwd=elsewhere,
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            assert done.stdout == f"wavelets-course {wavelets_course.__version__}\n"

    def test_version_does_not_wait_for_torch(self) -> None:
        code = "import sys, wavelets_course.cli; sys.exit('torch' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
