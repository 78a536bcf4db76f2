"""The benchmarks: every case runs, answers agree, ratios are honest, results survive, the page is current."""

import json
import math
import os
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]
PEERS = {"PyWavelets", "ptwt", "kymatio", "curvelets, torch", "curvelets, NumPy", "pywph"}
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)


def run(*options: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *options]
    variables = os.environ | {"OMP_NUM_THREADS": "1"} | surroundings
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)


def result(**changes: Any) -> Any:
    from benchmarks.case import Target
    from benchmarks.results import Result
    from benchmarks.timing import Spread

    made = Result(
        case="copy",
        group="Copies",
        title="A copy",
        dtype="float32",
        unit="s",
        ours=Spread(0.002, 0.0019, 0.0022, 9),
        peers={"slow": Spread(0.02, 0.019, 0.021, 9), "fast": Spread(0.008, 0.008, 0.009, 9)},
        limits={"one read": Spread(0.001, 0.001, 0.001, 9)},
        gaps={"slow": 1e-7},
        targets=(Target("peer", 5), Target("limit", 2)),
        date="2026-01-02",
        commit="abc",
    )
    return replace(made, **changes)


# Whole runs.


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str, str]:
    file = tmp_path_factory.mktemp("benchmarks") / "speed.json"
    answer = run("--quick", "--json", str(file))
    assert answer.returncode == 0, answer.stderr
    return json.loads(file.read_text(encoding="utf-8")), answer.stdout, answer.stderr


def test_every_case_runs_and_both_sides_give_the_same_answer(quick: Any) -> None:
    report, _, _ = quick
    assert report["absent"] == {}
    assert {name for one in report["results"] for name in one["peers"]} == PEERS
    for one in report["results"]:
        assert all(gap < 1e-5 for gap in one["gaps"].values()), one
        assert one["ours"]["median"] > 0, one
        assert one["unit"] in ("s", "B")
    compared = [one["case"] for one in report["results"] if one["gaps"]]
    assert {"haar-analysis", "scattering-1", "scattering-2", "gradient-1", "inversion-step"} <= set(compared)


def test_limits_and_quartiles_are_positive_and_in_order(quick: Any) -> None:
    report, _, _ = quick
    limited = [one for one in report["results"] if one["limits"]]
    assert len(limited) >= 15
    for one in report["results"]:
        for spread in [one["ours"], *one["peers"].values(), *one["limits"].values()]:
            assert 0 < spread["low"] <= spread["median"] <= spread["high"]
            assert spread["runs"] >= 1


def test_the_report_says_where_it_was_measured(quick: Any) -> None:
    report, _, _ = quick
    machine = report["machine"]
    assert machine["device"]
    assert {"torch", "numpy", "kymatio", "ptwt", "PyWavelets", "curvelets", "pywph"} <= set(
        machine["versions"]
    )
    assert machine["threads"] == 1
    assert machine["memory_bytes"] > 1e8
    assert machine["date"] == report["results"][0]["date"]
    assert len(machine["commit"]) >= 7


def test_the_terminal_shows_a_line_a_peer_and_how_far_the_run_is(quick: Any) -> None:
    report, shown, told = quick
    assert shown.splitlines()[0].split()[:3] == ["case", "ours", "quartiles"]
    for one in report["results"]:
        assert shown.count(f"{one['case']} ") >= max(1, len(one["peers"]))
        assert f"{one['case']} float32: " in told


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_an_absent_device_is_refused_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.__main__ import main

    assert main(["--device", "cuda"]) == 1
    assert "leave --device out" in capsys.readouterr().err


def test_no_such_case_is_refused_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.__main__ import main

    assert main(["--only", "fourrier"]) == 1
    assert "--list names them" in capsys.readouterr().err
    assert main(["--list", "--only", "haar"]) == 0
    assert "haar-compiled" in capsys.readouterr().out


def test_small_images_are_not_for_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.__main__ import main

    with pytest.raises(SystemExit, match="2"):
        main(["--quick", "--save"])
    assert "use --json FILE to keep them" in capsys.readouterr().err


def test_json_alone_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.__main__ import main

    assert main(["--quick", "--only", "haar-synthesis", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [one["case"] for one in report["results"]] == ["haar-synthesis"]


def test_bf16_runs_beside_peers_in_float32(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.__main__ import main

    assert main(["--quick", "--only", "haar-analysis", "--dtype", "bfloat16", "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)["results"]
    assert one["dtype"] == "bfloat16"
    assert 1e-5 < max(one["gaps"].values()) < 2e-2


def test_what_the_profile_prints_is_our_side(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.__main__ import main

    assert main(["--quick", "--only", "scattering-1", "--profile"]) == 0
    assert "fft" in capsys.readouterr().out


def test_an_interrupted_run_keeps_what_it_has_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import benchmarks.run
    from benchmarks.__main__ import main

    file, real = tmp_path / "speed.json", benchmarks.run.measure

    def stop_at_second(entry: Any, setting: Any) -> Any:
        if entry.name == "db2-analysis":
            raise KeyboardInterrupt
        return real(entry, setting)

    options = ["--quick", "--only=-analysis", "--json", str(file)]
    monkeypatch.setattr(benchmarks.run, "measure", stop_at_second)
    assert main(options) == 130
    assert "--resume goes on" in capsys.readouterr().err
    assert [one["case"] for one in json.loads(file.read_text())["results"]] == ["haar-analysis"]
    monkeypatch.setattr(benchmarks.run, "measure", real)
    assert main([*options, "--resume"]) == 0
    assert "haar-analysis float32: measured before" in capsys.readouterr().err
    names = [one["case"] for one in json.loads(file.read_text())["results"]]
    assert names == ["haar-analysis", "db2-analysis", "db4-analysis", "curvelets-analysis"]


def test_a_broken_case_is_named_and_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import benchmarks.run
    from benchmarks.__main__ import main

    real = benchmarks.run.measure

    def break_first(entry: Any, setting: Any) -> Any:
        if entry.name == "haar-analysis":
            raise RuntimeError("the disk is on fire\nand so on")
        return real(entry, setting)

    monkeypatch.setattr(benchmarks.run, "measure", break_first)
    file = tmp_path / "speed.json"
    assert main(["--quick", "--only", "haar-", "--json", str(file)]) == 0
    assert "left out: it failed: RuntimeError: the disk is on fire" in capsys.readouterr().err
    report = json.loads(file.read_text())
    assert list(report["absent"]) == ["haar-analysis"]
    assert [one["case"] for one in report["results"]] == ["haar-synthesis"]


# Timing and memory.


def test_the_faster_side_is_told() -> None:
    from benchmarks.timing import Patience, side_by_side

    calls: list[str] = []

    def ours() -> None:
        calls.append("ours")
        time.sleep(0.005)

    def peer() -> None:
        calls.append("peer")
        time.sleep(0.05)

    found = side_by_side({"ours": ours, "peer": peer}, Patience(0, 4, 4), CPU)
    assert 3 < found["peer"].median / found["ours"].median < 11
    assert found["ours"].runs == 4
    assert calls[-8:] == ["ours", "peer", "peer", "ours"] * 2  # in turn, each first as often


def test_quartiles_are_those_of_the_values() -> None:
    from benchmarks.timing import Spread

    assert Spread.of([1, 2, 3, 4, 5]) == Spread(3, 2, 4, 5)
    assert Spread.of([7.0]) == Spread(7, 7, 7, 1)


def test_kept_memory_counts_each_storage_once() -> None:
    from benchmarks.memory import kept_for_backward

    x = torch.rand(1000, requires_grad=True)
    assert kept_for_backward(lambda: x.square().sum()) == 4000
    assert kept_for_backward(lambda: (x.square() + x[:10].cos().sum()).sum()) == 4000
    assert kept_for_backward(lambda: x.exp().exp().sum()) == 8000
    assert kept_for_backward(lambda: (2 * x).sum()) < 100


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a peak cannot be reset")
def test_peak_memory_is_that_of_the_call() -> None:
    from benchmarks.memory import peak

    def call() -> None:
        torch.ones(8 * 2**20)  # 32 MiB, then gone

    assert 28 < peak(call, CPU) / 2**20 < 48
    assert peak(lambda: None, CPU) / 2**20 < 8


def test_a_fresh_process_answers() -> None:
    from benchmarks.memory import elsewhere

    assert elsewhere(math.hypot, 3, 4) == 5


# Results and targets.


def test_ratios_are_to_the_best_peer_and_targets_are_judged() -> None:
    from benchmarks.case import Target

    one = result()
    assert one.best == "fast"
    assert one.value("peer") == pytest.approx(4)
    assert one.value("limit") == pytest.approx(2)
    assert [one.met(target) for target in one.targets] == [False, True]
    alone = replace(one, peers={}, limits={})
    assert alone.met(Target("peer", 1)) is None
    assert alone.met(Target("limit", 1)) is None


def test_results_survive_json_and_take_each_others_place() -> None:
    from benchmarks.results import Report, as_json, from_json
    from benchmarks.timing import Spread

    report = Report({"device": "a toy"}, (result(), result(case="other")), {"packets-3": "no such transform"})
    assert from_json(as_json(report)) == report
    newer = report.with_result(result(ours=Spread.of([0.001])))
    assert [one.case for one in newer.results] == ["other", "copy"]
    assert [one.case for one in newer.in_order(["copy", "other"]).results] == ["copy", "other"]
    with pytest.raises(ValueError, match="expected results in format 2, got None; measure again"):
        from_json("{}")


def test_lines_and_numbers_read_well() -> None:
    from benchmarks.table import lines, spread_of, three_digits

    slow, fast, *verdicts = lines(result())
    assert slow.split()[:2] == ["copy", "2.00"]
    assert "10.0" in slow
    assert "1e-07" in slow
    assert "4.00" in fast
    assert verdicts[0].strip() == "✗ missed: at least 5 times as fast as fast: 4.00"
    assert verdicts[1].strip() == "✓ at most 2 times one read: 2.00"
    assert spread_of(result().ours, "s") == "2.00 ms (1.90 to 2.20)"
    assert [three_digits(x) for x in (0.01234, 99.96, 1234.5, 0)] == ["0.0123", "100", "1,230", "0"]


# The page.


def test_the_committed_page_is_what_the_results_say() -> None:
    from benchmarks import page

    assert page.PAGE.read_text(encoding="utf-8") == page.text(), (
        "run `python -m benchmarks page`, then commit book/speed.md and its pictures"
    )


def test_the_committed_pictures_are_the_figures_of_the_results() -> None:
    from PIL import Image

    from benchmarks import page

    for axis, figure in page.figures(page.FOLDER).items():
        with Image.open(ROOT / "book" / "_static" / page.PICTURES[axis]) as picture:
            assert picture.info["Description"] == figure.alt


def test_the_page_of_no_results_says_so(tmp_path: Path) -> None:
    from benchmarks import page

    assert page.text(tmp_path).count(page.NOTHING) == 4
    assert page.NOT_ON_A_GPU in page.text(tmp_path)


def test_the_page_shows_results_verdicts_and_growth(tmp_path: Path) -> None:
    from benchmarks import growth, page
    from benchmarks.machine import machine
    from benchmarks.results import Report, as_json

    here = machine(CPU, measured=False)
    (tmp_path / "cpu.json").write_text(as_json(Report(here, (result(),), {"packets-3": "gone"})))
    points = [
        {"pixels": n, "seconds": 1e-8 * n, "bytes": 8 * n, "bands": 1 + n // 10**6} for n in (65536, 2**20)
    ]
    (tmp_path / "growth-cpu.json").write_text(
        growth.as_json(here, {"side": {"Haar": points}, "batch": {"Haar": points}})
    )
    text = page.text(tmp_path)
    assert "1 of 2 targets are met." in text
    assert "| Copies: A copy | at least 5 times as fast as fast | 4.00 | ✗ missed |" in text
    assert "| A copy | 2.00 ms (1.90 to 2.20) | slow 20.0 ms (19.0 to 21.0); fast" in text
    assert "- Left out: `packets-3`, gone." in text
    assert ":alt: Cost against pixels of one image, from 65,536 to 1,048,576, on" in text
    assert "Slopes, seconds: Haar 1.00; peak memory, MB: Haar 1.00." in text
    assert "Haar at 1,048,576 pixels in 2" in text
    page.save(tmp_path, tmp_path / "book" / "speed.md")
    assert (tmp_path / "book" / "_static" / "speed_growth_side.png").stat().st_size < 100_000


# Growth.


def test_growth_measures_every_transform(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.case import Setting
    from benchmarks.growth import TRANSFORMS, series, shapes

    assert shapes("batch", quick=False)[-1] == (64, 256, 256)
    assert shapes("side", quick=False)[-1] == (1, 4096, 4096)
    for name in TRANSFORMS:
        points = list(series(name, "side", Setting(quick=True)))
        assert [point.pixels for point in points] == [64**2, 128**2]
        assert all(point.seconds > 0 and point.bytes >= 0 and point.bands == 1 for point in points)


def test_a_series_speaks_from_its_own_process() -> None:
    from benchmarks.case import Setting
    from benchmarks.growth import in_own_process

    points = list(in_own_process("Haar", "batch", Setting(quick=True)))
    assert [point["pixels"] for point in points] == [64**2, 2 * 64**2]


def test_bands_cover_the_image_and_follow_the_memory() -> None:
    from benchmarks.growth import OVERLAP, Point, bands_needed, cut

    assert cut(100, 1) == [slice(0, 100)]
    rows = cut(1024, 3)
    assert rows[0].start == 0
    assert rows[-1].stop == 1024
    assert all(low.stop - high.start == 2 * OVERLAP for low, high in pairwise(rows))
    seen = [Point(pixels=100, seconds=1, bytes=600)]
    assert bands_needed([], 10**9, free=1) == 1
    assert bands_needed(seen, 100, free=1000) == 1
    assert bands_needed(seen, 400, free=1000) == 4
