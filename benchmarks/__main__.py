"""The command: ``make bench``, or ``python -m benchmarks --help``."""

import sys

import torch

from . import page
from .cases import entries
from .options import arguments
from .run import run, run_growth


def main(given: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    options = arguments(given)
    if options.what == "page":
        page.save()
        return 0
    if options.list:
        for entry in entries(compiled=True, only=options.only):
            print(f"{entry.name:<26} {entry.group}: {entry.title}")
        return 0
    if options.device.type == "cuda" and not torch.cuda.is_available():
        print("benchmarks: torch finds no CUDA device here; leave --device out", file=sys.stderr)
        return 1
    return run_growth(options) if options.growth else run(options)


if __name__ == "__main__":
    sys.exit(main())
