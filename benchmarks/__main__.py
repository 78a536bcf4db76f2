"""Time the package beside its peers, in one process: ``make bench``, or ``python -m benchmarks --help``."""

import argparse
import json
import platform
import sys
import warnings
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import torch

from .cases import Case, cases
from .timing import side_by_side

PACKAGES = ("wavelets-course", "torch", "numpy", "PyWavelets", "ptwt", "kymatio")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small images, few rounds: that it runs, not how fast"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose name contains this")
    return parser.parse_args()


def measure(case: Case, device: torch.device, *, quick: bool) -> dict[str, Any]:
    """Compare one case: milliseconds, ratio, and how far the two answers are apart."""
    rounds, least = (3, 0.001) if quick else (9, 0.2)
    gap = case.gap() if case.gap else None
    seconds = side_by_side(case.ours, case.peer, rounds=rounds, least=least, device=device)
    return {
        "case": case.name,
        "peer": case.peer_name,
        "ours_ms": seconds.ours * 1e3,
        "peer_ms": seconds.peer * 1e3,
        "ratio": seconds.ratio,
        "gap": gap,
    }


def surroundings(device: torch.device) -> dict[str, Any]:
    """Where this was measured: without it the numbers mean nothing."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return {
        "device": f"{device.type} ({name})",
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {package: version(package) for package in PACKAGES},
    }


def row(result: dict[str, Any]) -> str:
    gap = "" if result["gap"] is None else f"{result['gap']:9.0e}"
    times = f"{result['ours_ms']:10.3f} {result['peer_ms']:10.3f} {result['ratio']:7.2f}"
    return f"{result['case']:<44} {result['peer']:<11} {times} {gap:>9}"


def main() -> int:
    options = arguments()
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        print("benchmarks: torch finds no CUDA device here; leave --device out", file=sys.stderr)
        return 1
    warnings.simplefilter("ignore")  # kymatio's, about SciPy and shapes; they are not what is measured
    if not options.json:
        print(
            f"{'case':<44} {'peer':<11} {'ours ms':>10} {'peer ms':>10} {'ratio':>7} {'gap':>9}", flush=True
        )
    results = []
    for case in cases(device, quick=options.quick):
        if options.only in case.name:
            results.append(measure(case, device, quick=options.quick))
            if not options.json:
                print(row(results[-1]), flush=True)
    where = surroundings(device)
    if options.json:
        print(json.dumps({"where": where, "results": results}, indent=1))
    else:
        print(f"ratio > 1: we are that many times faster. {where['device']}, {where['threads']} threads")
    return 0


if __name__ == "__main__":
    sys.exit(main())
