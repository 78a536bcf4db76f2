"""Results in words: a line for the terminal, rows for the page."""

from collections.abc import Iterable

from .case import Target, Unit
from .results import Result
from .timing import Spread

HEADER = (
    f"{'case':<26} {'ours':>9} {'quartiles':>17}  {'peer':<18} {'its':>9} {'ratio':>6}"
    f"  {'limit':>9} {'ours/limit':>10} {'gap':>7}"
)
SCALES: dict[Unit, tuple[float, str]] = {"s": (1e3, "ms"), "B": (1e-6, "MB")}


def lines(result: Result) -> list[str]:
    """Lines for the terminal: one a peer, or one if there is none."""
    quartiles = f"{amount(result.ours.low, result.unit)}-{amount(result.ours.high, result.unit)}"
    if result.ours.runs == 1:
        quartiles = ""
    ours = f"{result.case:<26} {amount(result.ours.median, result.unit):>9} {quartiles:>17}"
    limit, share = "", ""
    if result.limit:
        limit = amount(result.limits[result.limit].median, result.unit)
        share = times(result.value("limit"))
    rows = []
    for name, spread in result.peers.items() or [("-", None)]:
        its = amount(spread.median, result.unit) if spread else ""
        ratio = times(spread.median / result.ours.median) if spread else ""
        gap = f"{result.gaps[name]:.0e}" if name in result.gaps else ""
        rows.append(f"{ours}  {name:<18} {its:>9} {ratio:>6}  {limit:>9} {share:>10} {gap:>7}")
    if result.prepared is not None:
        rows.append(f"{'':<26} compiled in {result.prepared:.0f} s")
    return rows + [f"{'':<26} {verdict(result, target)}" for target in result.targets]


def verdict(result: Result, target: Target) -> str:
    """Whether a target is met, with the number: ``"✓ at least 5 times ptwt: 7.2"``."""
    met, value = result.met(target), result.value(target.kind)
    if met is None:
        return f"– {promise(result, target)}: nothing to compare with"
    return f"{'✓' if met else '✗ missed:'} {promise(result, target)}: {times(value)}"


def promise(result: Result, target: Target) -> str:
    """A target in words."""
    if target.kind == "limit" and target.bound == 1:
        return f"no slower than {result.limit or 'the limit'}"
    if target.kind == "limit":
        return f"at most {target.bound:g} times {result.limit or 'the limit'}"
    better = "times as fast as" if result.unit == "s" else "times less than"
    return f"at least {target.bound:g} {better} {result.best or 'the best peer'}"


def amount(value: float, unit: Unit) -> str:
    """Milliseconds or megabytes, three digits, with the unit."""
    scale, name = SCALES[unit]
    return f"{three_digits(value * scale)} {name}"


def spread_of(spread: Spread, unit: Unit) -> str:
    """A median with its quartiles: ``"4.06 ms (3.97 to 4.21)"``."""
    scale, name = SCALES[unit]
    if spread.runs == 1:
        return amount(spread.median, unit)
    low, middle, high = (three_digits(value * scale) for value in (spread.low, spread.median, spread.high))
    return f"{middle} {name} ({low} to {high})"


def times(value: float | None) -> str:
    """A ratio with three digits; nothing for None."""
    return "" if value is None else three_digits(value)


def three_digits(value: float) -> str:
    """Three significant digits, never in powers of ten.

    >>> [three_digits(value) for value in (0.01234, 3.14159, 1234.5, 0)]
    ['0.0123', '3.14', '1,230', '0']
    """
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    text = f"{float(f'{value:.3g}'):#.3g}"
    return text.rstrip(".")


def markdown(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    titles = list(header)
    body = [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}", *body])
