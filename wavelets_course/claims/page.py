"""The ledger as a page of the book.

With this file you can: write ``book/claims.md`` from the claims and their stored results. The page is
Markdown for MyST; it says in words what a colour would say, and each claim is a block that a phone can show.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from .ledger import CLAIMS
from .measurement import Measurement, stored
from .registry import Claim, Expected, Number, Source, in_figures
from .wording import verdict

INTRODUCTION = """\
# Claims, measured

Each entry below is a sentence from one of the lectures' sources, beside the number that this package
measures. What would confirm it was written down as an interval before measuring; the verdict is computed from
these intervals, never written by hand. A claim that fails stays on this page as failing. Where the sentence
itself needs repair, it stands as it was said, with the repaired one under it; the repaired one is measured.

A verdict is one of these:

- **✓ holds**: every judged number lies in its interval; **holds as corrected** where a repaired sentence was
  measured;
- **✗ fails**: at least one does not, or the measurement broke;
- **– cited**, or **– not measured**: there is no number of ours, and the entry says why.

The last line of an entry says where its numbers come from. A commit that ends in `+` had uncommitted changes
in the package: its name alone does not say which code ran.
"""

RERUN = """\
## How to re-run one

```
wavelets-course claims run W1
wavelets-course claims run --scale quick
```

or, in Python:

```python
import wavelets_course as wc

[result] = wc.claims.run("W1")
result.verdict, result.values
```

The scales are *quick* (seconds, no download), *laptop* (minutes on two cores, may need a data set), *gpu*
(one GPU) and *cite* (not re-run). Where a data set or a device is absent, a run shows the stored number as
"not re-run here" and does not count it as passed.
"""


def markdown(claims: Sequence[Claim] = CLAIMS, results: Mapping[str, Measurement] | None = None) -> str:
    """Write the page.

    Parameters
    ----------
    claims : sequence of Claim
        Entries in the order of the page; those of one source stand together.
    results : mapping of str to Measurement or None
        Stored results by id; None reads the ledger's own.

    Returns
    -------
    str
        The text of ``book/claims.md``, the same for the same results on every machine.

    Examples
    --------
    >>> print(markdown().splitlines()[0])
    # Claims, measured
    """
    results = stored() if results is None else results
    sections = [
        _section(source, list(entries), results)
        for source, entries in groupby(claims, key=lambda claim: claim.source)
    ]
    return "\n".join([INTRODUCTION, *sections, RERUN, _not_rerun(claims)])


def _section(source: Source, claims: Iterable[Claim], results: Mapping[str, Measurement]) -> str:
    claims = list(claims)
    rows = [
        f"| [{c.id}](#claim-{c.id.lower()}) | {c.title} | {verdict(c, results.get(c.id))} |" for c in claims
    ]
    table = "\n".join(["| Claim | In short | Verdict |", "| --- | --- | --- |", *rows])
    blocks = [_block(claim, results.get(claim.id)) for claim in claims]
    return "\n".join([f"## {source.title}\n", f"Source: {source.work}.\n", table + "\n", *blocks])


def _block(claim: Claim, result: Measurement | None) -> str:
    citations = ",".join(claim.citation)
    lines = [
        f"(claim-{claim.id.lower()})=",
        f"### {claim.id}: {claim.title}\n",
        f"> {claim.sentence}\n",
        f"**Verdict: {verdict(claim, result)}.** Chapter: {{doc}}`chapters/{claim.chapter}`.\n",
        f"**Published.** {claim.published}" + (f" {{cite:p}}`{citations}`" if citations else "") + ".\n",
    ]
    if claim.corrected:
        lines.append(f"**Corrected.** {claim.corrected}\n")
    if claim.why:
        lines.append(f"**Why it is cited.** {claim.why}\n")
    if result is not None:
        lines += ["**Measured.**\n", *_numbers(claim, result), "", _record(result) + "\n"]
    return "\n".join(lines)


def _numbers(claim: Claim, result: Measurement) -> list[str]:
    if not result.values:
        return [f"- ✗ the measurement broke: {result.note}"]
    # In the order of `expected`; a number the entry no longer declares is left out.
    named = [(claim.expected[name], result.values[name]) for name in claim.expected if name in result.values]
    return [_number(expected, value, claim.timing) for expected, value in named]


def _number(expected: Expected, value: Number, timing: bool) -> str:
    figure = in_figures(value) if math.isfinite(value) else str(value)
    if timing or not expected.judged:
        return f"- – {expected.label}: **{figure}** (reported)"
    mark = "✓" if expected.admits(value) else "✗ outside:"
    return f"- {mark} {expected.label}: **{figure}** (expected {expected.interval})"


def _record(result: Measurement) -> str:
    libraries = ", ".join(f"{name} {number}" for name, number in sorted(result.versions.items()))
    return (
        f"Scale {result.scale}; {result.seconds:.1f} s on {result.device}, {result.date}, "
        f"seed {result.seed}, commit `{result.commit}`; {libraries}."
    )


def _not_rerun(claims: Iterable[Claim]) -> str:
    rare = [claim for claim in claims if claim.scale != "quick"]
    lines = ["## What is not re-run at every change\n"]
    if not rare:
        return lines[0] + "\nNothing: every claim so far is quick, and all are re-measured at every change.\n"
    lines += [f"- [{claim.id}](#claim-{claim.id.lower()}): {_reason(claim)}" for claim in rare]
    return "\n".join(lines) + "\n"


def _reason(claim: Claim) -> str:
    if claim.measure is None:
        return claim.why
    needs = f", needs {', '.join(claim.needs)}" if claim.needs else ""
    return f"scale {claim.scale}{needs}."
