"""The command line: ``wavelets-course claims``, ``wavelets-course data`` and ``wavelets-course train``.

Exit codes: 0 all is well; 1 a claim does not stand as recorded, data are missing, damaged or cannot be
fetched, or training broke off; 2 the command itself was mistaken. Results go to standard output, everything
else to standard error.
"""

import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import __version__

if TYPE_CHECKING:
    from .claims import Claim, Measurement
    from .datasets.verification import FileReport
    from .training import Record

app = typer.Typer(
    help="Wavelets and convolutional networks: measure the claims, look after the data, train networks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
claims_app = typer.Typer(help="The ledger: every claim of the sources, measured again.", no_args_is_help=True)
data_app = typer.Typer(help="The data sets that are not part of the package.", no_args_is_help=True)
app.add_typer(claims_app, name="claims")
app.add_typer(data_app, name="data")


class Scale(StrEnum):
    """How much a run may cost."""

    quick = "quick"
    laptop = "laptop"
    gpu = "gpu"


Ids = Annotated[
    list[str] | None, typer.Argument(help="Ids such as W1 S2; all claims by default.", metavar="[IDS]...")
]
ScaleOption = Annotated[
    Scale, typer.Option(help="quick: seconds, no download. laptop: minutes on two cores. gpu: one GPU.")
]
Root = Annotated[
    Path | None,
    typer.Option(
        help="Data folder; by default WAVELETS_COURSE_DATA, else the system's cache.",
        metavar="FOLDER",
        file_okay=False,
    ),
]
Names = Annotated[list[str] | None, typer.Argument(help="Data sets; all by default.", metavar="[NAMES]...")]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wavelets-course {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Wavelets and convolutional networks: measure the claims, look after the data, train networks."""


@claims_app.command("list")
def list_claims() -> None:
    """Show every claim with its scale, what it needs, and its stored verdict."""
    from . import claims

    known = claims.stored()
    rows = []
    for claim in claims.find():
        verdict = known[claim.id].verdict if claim.id in known else None
        rows.append((claim.id, claim.scale, ", ".join(claim.needs) or "-", verdict or "-", claim.title))
    _show(("id", "scale", "needs", "stored", "claim"), rows)


@claims_app.command("run")
def run_claims(
    ids: Ids = None,
    scale: ScaleOption = Scale.quick,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the results as JSON instead of a table.")
    ] = False,
    save: Annotated[bool, typer.Option("--save", help="Store what was measured, then succeed.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of every random draw.")] = 0,
) -> None:
    """Measure claims again; fail if one no longer stands as it is stored."""
    from . import claims
    from .claims.measurement import portable

    with _mistakes(ValueError):
        chosen = claims.find(ids or None)
    results = claims.run([claim.id for claim in chosen], scale.value, seed=seed)
    with _mistakes(ValueError, OSError, code=1):
        changes = claims.compare(results, claims.stored())
        crashes = [result for result in results if result.status == "measured" and not result.values]
        if save:
            claims.save([result for result in results if result not in crashes])
    if as_json:
        typer.echo(json.dumps([portable(asdict(result)) for result in results], indent=2, allow_nan=False))
    else:
        rows = [row for pair in zip(chosen, results, strict=True) for row in _result_rows(*pair)]
        _show(("id", "verdict", "seconds", "measured", "expected", "quantity"), rows)
    for sentence in changes:
        typer.echo(sentence, err=True)
    typer.echo(_tally(results), err=True)
    raise typer.Exit(1 if crashes or (changes and not save) else 0)


@claims_app.command("page")
def print_page(
    output: Annotated[Path | None, typer.Option(help="Write to this file instead.", metavar="FILE")] = None,
) -> None:
    """Write the book's page of claims, as Markdown."""
    from . import claims

    with _mistakes(ValueError, OSError, code=1):
        text = claims.markdown()
        if output is None:
            typer.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8")


@data_app.command("list")
def list_data(root: Root = None) -> None:
    """Show every data set, its size to download, and whether it is here."""
    from . import datasets

    with _mistakes(OSError, code=1):
        rows = []
        for name in datasets.data_set_names():
            entry, reports = datasets.data_set(name), datasets.check_files(name, root)
            rows.append(
                (name, f"{entry.download_bytes / 1e6:.0f} MB", _summary(reports), entry.title, entry.terms)
            )
    _show(("name", "download", "state", "holds", "terms"), rows)
    typer.echo(f"data folder: {root or datasets.data_folder()}", err=True)


@data_app.command("check")
def check_data(names: Names = None, root: Root = None) -> None:
    """Compare every file with its published checksum; by default, of all data sets that are here."""
    from . import datasets

    wanted = _known_names(names)
    rows, problems = [], []
    with _mistakes(OSError, code=1):
        for name in wanted:
            reports = datasets.check_files(name, root)
            rows += [(name, report.expected.path, report.state) for report in reports]
            absent = all(report.state == "missing" for report in reports)
            try:
                datasets.verify(name, root)
            except (datasets.DamagedFileError, datasets.MissingFileError) as error:
                if names or not absent:
                    problems.append(str(error))
    _show(("name", "file", "state"), rows)
    for problem in problems:
        typer.echo(problem, err=True)
    raise typer.Exit(1 if problems else 0)


@data_app.command("fetch")
def fetch_data(
    names: Annotated[list[str], typer.Argument(help="Data sets to download.", metavar="NAMES...")],
    root: Root = None,
) -> None:
    """Download data sets and check them; what is intact already stays untouched."""
    from . import datasets

    for name in _known_names(names):
        with _mistakes(datasets.DownloadError, OSError, code=1):
            if _summary(datasets.check_files(name, root)) != "intact":
                size = datasets.data_set(name).download_bytes / 1e6
                typer.echo(f"{name}: fetching up to {size:.0f} MB", err=True)
            folder = datasets.fetch(name, root)
        typer.echo(f"{name}: all files are in {folder} and intact")


@app.command("train")
def train_network(
    recipe: Annotated[
        Path | None,
        typer.Argument(
            help="A TOML file with tables network, data, training.", metavar="[RECIPE]", dir_okay=False
        ),
    ] = None,
    network: Annotated[
        str | None, typer.Option(help="A function or class of wavelets_course.networks.", metavar="NAME")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="digits, mnist, cifar10, ..., folder:PATH or shards:PATH.", metavar="NAME"),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Such as training.lr=0.05 or network.hidden=50.", metavar="TABLE.KEY=VALUE"
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Keep checkpoints, best weights and history here.", file_okay=False, metavar="FOLDER"
        ),
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the folder's newest good checkpoint.")] = True,
    root: Root = None,
) -> None:
    """Train a network; run the same command again to go on where it was stopped.

    One process: wavelets-course train --network LinearMLP --set network.hidden=32 --data digits.
    Many, one for each GPU: torchrun --nproc-per-node 4 -m wavelets_course train recipe.toml --folder runs/a,
    or accelerate launch -m wavelets_course train ...
    """
    from . import training
    from .datasets import DamagedFileError
    from .training.processes import leave_processes

    chosen = [f"{key}.name={name}" for key, name in (("network", network), ("data", data)) if name]
    with _mistakes(ValueError, OSError):
        wanted = training.read_recipe(recipe, [*chosen, *(settings or [])])
    broken = training.CheckpointError, training.UnreadableSampleError, training.DeadWorkerError
    stopped = OSError, FloatingPointError, DamagedFileError, *broken
    with _mistakes(ValueError, TypeError), _mistakes(*stopped, code=1):
        _, history = training.follow(wanted, folder=folder, resume=resume, root=root)
    if leave_processes() and history.records:
        titles = ("", "epoch", "training loss", "validation loss", "top-1", "top-5")
        _show(titles, [_record_row("best", history.best), _record_row("last", history.last)])


@contextmanager
def _mistakes(*kinds: type[Exception], code: int = 2) -> Iterator[None]:
    """Turn what the user can mend into one sentence and an exit code."""
    try:
        yield
    except kinds as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(code) from error


def _known_names(names: Sequence[str] | None) -> list[str]:
    from . import datasets

    if not names:
        return list(datasets.data_set_names())
    spelled = [name.lower().replace("-", "_") for name in names]
    with _mistakes(ValueError):
        for name in spelled:
            datasets.data_set(name)
    return spelled


def _summary(reports: "Sequence[FileReport]") -> str:
    states = [report.state for report in reports]
    if "damaged" in states:
        return f"{states.count('damaged')} of {len(states)} files damaged"
    if "missing" not in states:
        return "intact"
    return (
        "not here" if "intact" not in states else f"{states.count('missing')} of {len(states)} files missing"
    )


def _result_rows(claim: "Claim", result: "Measurement") -> list[tuple[str, ...]]:
    """One row for each measured number; the claim's own facts stand in the first."""
    from .claims.registry import in_figures

    verdict: str = result.verdict or ""
    if result.status != "measured":
        verdict = result.status + (f" (stored: {result.verdict})" if result.verdict else "")
    seconds = "" if math.isnan(result.seconds) else f"{result.seconds:.2f}"
    numbers = [
        (in_figures(value), claim.expected[name].interval, claim.expected[name].label)
        for name, value in result.values.items()
        if name in claim.expected
    ]
    notes = [("", "", result.note)] if result.note else []
    first, *others = numbers + notes or [("", "", "")]
    return [(claim.id, verdict, seconds, *first), *[("", "", "", *other) for other in others]]


def _record_row(title: str, record: "Record") -> tuple[str, ...]:
    losses = f"{record.train_loss:.4f}", f"{record.validation_loss:.4f}"
    return title, str(record.epoch), *losses, f"{record.top1:.2%}", f"{record.top5:.2%}"


def _tally(results: "Sequence[Measurement]") -> str:
    measured = [result for result in results if result.status == "measured"]
    holding = sum(result.verdict == "holds" for result in measured)
    rest = len(results) - len(measured)
    return f"{len(measured)} measured: {holding} hold, {len(measured) - holding} fail; {rest} not re-run here"


def _show(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A drawn table on a terminal, plain aligned columns elsewhere."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(*titles)
        for row in rows:
            table.add_row(*map(Text, row))
        Console().print(table)
        return
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    for row in (titles, *rows):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
