"""A measured claim, and where measurements are kept.

With this file you can: read the stored result of a claim, and write results so that an interrupted
run never leaves half a file.
"""

import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from .registry import Number, Outcome

RESULTS = Path(__file__).with_name("results.json")

Status: TypeAlias = Literal["measured", "not re-run here", "cited"]


@dataclass(frozen=True)
class Measurement:
    """What one run of a claim showed.

    Attributes
    ----------
    id : str
        The claim.
    status : {"measured", "not re-run here", "cited"}
        "not re-run here" carries the stored numbers, with their date and device, where there are any.
    values : dict of str to float
        Measured numbers by name.
    verdict : {"holds", "fails"} or None
        Derived from the claim's expectations; None where nothing was ever measured.
    note : str
        Why it was not re-run, or which error stopped it.
    seconds : float
        Duration of the measurement.
    device, date, commit : str
        Where, when (UTC, ISO 8601) and with which code.
    versions : dict of str to str
        Of torch, numpy, Python and this package.
    scale : str
        Of the claim.
    seed : int
        Handed to the measure.
    """

    id: str
    status: Status
    values: dict[str, Number] = field(default_factory=dict)
    verdict: Outcome | None = None
    note: str = ""
    seconds: Number = math.nan
    device: str = ""
    date: str = ""
    commit: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    scale: str = ""
    seed: int = 0

    @property
    def passed(self) -> bool:
        """Whether it was measured in this run and holds: a stored value is never a pass."""
        return self.status == "measured" and self.verdict == "holds"


def stored(path: Path = RESULTS) -> dict[str, Measurement]:
    """Stored measurements by claim id.

    Parameters
    ----------
    path : Path
        A file written by `save`; none at all is an empty ledger.

    Returns
    -------
    dict of str to Measurement

    Raises
    ------
    ValueError
        If the file is not such a file.

    Examples
    --------
    >>> stored()["W1"].values["coefficients_of_28x28"]
    799
    """
    if not path.exists():
        return {}
    try:
        return {identity: _from_json(entry) for identity, entry in json.loads(path.read_text()).items()}
    except (json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
        raise ValueError(
            f"stored: {path.name} is not a file of results ({error}); restore it with `git checkout`, "
            "or delete it and run `wavelets-course claims run --save`."
        ) from error


def save(measurements: Iterable[Measurement], path: Path = RESULTS) -> None:
    """Write measured claims into the store and keep the entries of all others.

    The file is replaced in one step. What was not re-run changes nothing.

    Parameters
    ----------
    measurements : iterable of Measurement
        Those that were measured and gave numbers are written: a crash is not a result.
    path : Path
        The store.
    """
    entries = stored(path) | {m.id: m for m in measurements if m.status == "measured" and m.values}
    text = json.dumps({i: _to_json(entries[i]) for i in sorted(entries)}, indent=2, allow_nan=False) + "\n"
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def portable(value: Any) -> Any:
    """Write NaN and infinities as text, for JSON has neither; dictionaries are entered, all else is kept.

    Examples
    --------
    >>> portable({"seconds": math.nan, "values": {"error": 0.5}})
    {'seconds': 'nan', 'values': {'error': 0.5}}
    """
    if isinstance(value, dict):
        return {key: portable(entry) for key, entry in value.items()}
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _to_json(measurement: Measurement) -> dict[str, Any]:
    entry = {key: value for key, value in asdict(measurement).items() if key not in ("id", "status")}
    written: dict[str, Any] = portable(entry | {"id": measurement.id})
    return written


def _from_json(entry: Mapping[str, Any]) -> Measurement:
    values = {name: float(v) if isinstance(v, str) else v for name, v in entry["values"].items()}
    known = {f.name for f in fields(Measurement)} - {"status", "values", "seconds"}
    rest = {key: value for key, value in entry.items() if key in known}
    return Measurement(status="measured", values=values, seconds=float(entry["seconds"]), **rest)
