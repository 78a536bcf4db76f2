"""Re-measuring the ledger.

With this file you can: run claims at a scale, see progress, and compare with what was stored.
"""

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from . import provenance
from .ledger import find
from .measurement import RESULTS, Measurement, save, stored
from .needs import absent
from .registry import SCALES, Claim, Number, Scale, in_figures


def run(
    ids: Iterable[str] | str | None = None,
    scale: Scale = "quick",
    progress: bool | None = None,
    *,
    store: bool = False,
    seed: int = 0,
    path: Path = RESULTS,
) -> list[Measurement]:
    """Measure claims.

    A claim above the scale, or one whose data set or device is absent, is returned as "not re-run here"
    with its stored numbers. A measure that raises gives a failing measurement that carries the error.

    Parameters
    ----------
    ids : iterable of str, str or None
        Claims to measure, in this order; None means the whole ledger.
    scale : {"quick", "laptop", "gpu"}
        The largest scale to run.
    progress : bool or None
        Show a bar on stderr; None means "if stderr is a terminal".
    store : bool
        Write what was measured into ``path``.
    seed : int
        Handed to every measure.
    path : Path
        The store; also the origin of the stored numbers.

    Returns
    -------
    list of Measurement

    Raises
    ------
    ValueError
        If an id or the scale is unknown.

    Examples
    --------
    >>> [result] = run("S2")
    >>> result.verdict, result.values["numbers_out"]
    ('holds', 58800)
    """
    if scale not in SCALES[:3]:
        raise ValueError(f"run: scale is {scale!r}; use one of {', '.join(SCALES[:3])}.")
    claims = find(ids)
    known = stored(path)
    bar = tqdm(
        claims,
        unit="claim",
        file=sys.stderr,
        disable=not (sys.stderr.isatty() if progress is None else progress),
    )
    results = []
    for claim in bar:
        bar.set_description(claim.id)
        reason = _obstacle(claim, scale)
        results.append(_recall(claim, known, reason) if reason else _measure(claim, seed))
    if store:
        save(results, path)
    return results


def compare(measured: Iterable[Measurement], known: Mapping[str, Measurement] | None = None) -> list[str]:
    """Say where a run disagrees with the stored verdicts.

    Parameters
    ----------
    measured : iterable of Measurement
        The outcome of `run`. What was not re-run is not compared.
    known : mapping of str to Measurement or None
        The stored results; None reads the ledger's own.

    Returns
    -------
    list of str
        One sentence for each claim whose verdict changed or was never stored; empty if all stand.

    Examples
    --------
    >>> compare(run("S2"))
    []
    """
    known = stored() if known is None else known
    return [
        sentence
        for result in measured
        if result.status == "measured" and (sentence := _disagreement(result, known.get(result.id)))
    ]


def _disagreement(result: Measurement, before: Measurement | None) -> str:
    if before is None or before.verdict is None:
        return f"{result.id} has no stored result; run `wavelets-course claims run {result.id} --save`."
    if result.verdict == before.verdict:
        return ""
    numbers = ", ".join(f"{name} {in_figures(value)}" for name, value in result.values.items()) or result.note
    return (
        f"{result.id} was stored as '{before.verdict}' ({before.date}) and now '{result.verdict}': {numbers}."
    )


def _obstacle(claim: Claim, scale: Scale) -> str:
    """Why a claim cannot be measured here; empty if it can."""
    if claim.measure is None:
        return claim.why
    if SCALES.index(claim.scale) > SCALES.index(scale):
        return f"it needs --scale {claim.scale}"
    missing = absent(claim.needs)
    return f"{', '.join(missing)} is not here" if missing else ""


def _recall(claim: Claim, known: Mapping[str, Measurement], reason: str) -> Measurement:
    if claim.measure is None:
        return Measurement(claim.id, "cited", note=reason, scale=claim.scale)
    before = known.get(claim.id, Measurement(claim.id, "measured", scale=claim.scale))
    return replace(before, status="not re-run here", note=reason)


def _measure(claim: Claim, seed: int) -> Measurement:
    assert claim.measure is not None
    start = time.perf_counter()
    try:
        values = {name: _plain(value) for name, value in claim.measure(seed).items()}
        verdict, note = claim.judge(values), ""
    except Exception as error:  # a crash is a result to show, and the other claims still run
        values, verdict, note = {}, "fails", f"{type(error).__name__}: {error}"
    return Measurement(
        claim.id,
        "measured",
        values,
        verdict,
        note,
        seconds=round(time.perf_counter() - start, 2),
        device=provenance.device(claim.needs),
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        commit=provenance.commit(),
        versions=provenance.versions(),
        scale=claim.scale,
        seed=seed,
    )


def _plain(value: Number) -> Number:
    """Integers stay integers; bools and NumPy or torch scalars become plain numbers."""
    number = float(value)
    return int(number) if isinstance(value, int) else number
