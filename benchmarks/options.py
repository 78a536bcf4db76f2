"""What `make bench BENCH="..."` understands."""

import argparse
from pathlib import Path

import torch

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
STDOUT = Path("-")


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="benchmarks",
        description="Time the package beside its peers, in one process, and beside what bounds it.",
        epilog='With make: make bench BENCH="--only haar". Interrupted: the same command with --resume.',
    )
    parser.add_argument(
        "what", nargs="?", choices=("run", "page"), default="run", help="page: write book/speed.md again"
    )
    parser.add_argument("--quick", action="store_true", help="small images, two turns: that it runs")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose name contains this")
    parser.add_argument("--compile", action="store_true", help="the compiled cases too (a minute each)")
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--dtype", choices=DTYPES, action="append", help="default: float32; on cuda, both")
    parser.add_argument(
        "--json",
        nargs="?",
        type=Path,
        const=STDOUT,
        metavar="FILE",
        help="write JSON, to stdout without FILE",
    )
    parser.add_argument(
        "--save", action="store_true", help="compile too, keep the results, and write the book's page"
    )
    parser.add_argument("--resume", action="store_true", help="leave out what the file has of this commit")
    parser.add_argument(
        "--growth", action="store_true", help="time and memory against size, kept for the page"
    )
    parser.add_argument(
        "--profile", action="store_true", help="what our side of each case spends its time on"
    )
    parser.add_argument("--list", action="store_true", help="name the cases, measure nothing")
    options = parser.parse_args(given)
    if options.quick and options.save:
        parser.error("--quick measures small images, which are not for --save; use --json FILE to keep them")
    options.compile |= options.save
    options.device = torch.device(options.device)
    names = options.dtype or (["float32"] if options.device.type == "cpu" else list(DTYPES))
    options.dtypes = [DTYPES[name] for name in names]
    return options
