"""The ledger in words.

With this file you can: say of a claim how it came out, in the same words on the page, in a chapter and on a
terminal.
"""

from collections.abc import Iterable
from textwrap import shorten

from .ledger import CLAIMS
from .measurement import Measurement
from .registry import Claim

LINE = 72
LONGEST_VERDICT = "✓ holds as corrected"


def summary(measurements: Iterable[Measurement], claims: Iterable[Claim] = CLAIMS) -> str:
    """Say in one line each how claims came out: id, verdict, title.

    Parameters
    ----------
    measurements : iterable of Measurement
        What `run` gave, or ``stored().values()``. The lines keep their order.
    claims : iterable of Claim
        The entries they belong to; by default the ledger's.

    Returns
    -------
    str
        One line of at most 72 characters for each measurement, the same for the same verdicts. A title that
        does not fit ends in "…". A stored verdict is never shown as if it had been measured again.

    Raises
    ------
    ValueError
        If a measurement belongs to none of the claims.

    Examples
    --------
    >>> from .measurement import stored
    >>> print(summary([stored()["W1"]]))
    W1  ✓ holds as corrected  The Haar transform loses nothing
    """
    by_id = {claim.id: claim for claim in claims}
    lines = []
    for measurement in measurements:
        if measurement.id not in by_id:
            raise ValueError(
                f"summary: {measurement.id!r} is none of the claims {', '.join(by_id)}; "
                "hand its entry over in `claims`."
            )
        lines.append(_line(by_id[measurement.id], measurement))
    return "\n".join(lines)


def verdict(claim: Claim, result: Measurement | None) -> str:
    """Say how a claim came out, in the words of the page.

    Parameters
    ----------
    claim : Claim
        An entry of the ledger.
    result : Measurement or None
        Its measurement, stored or new; None if there is none.

    Returns
    -------
    str
        "✓ holds", "✓ holds as corrected", "✗ fails", "– cited" or "– not measured".

    Examples
    --------
    >>> verdict(CLAIMS[0], None)
    '– not measured'
    """
    if claim.measure is None:
        return "– cited"
    if result is None or result.verdict is None:
        return "– not measured"
    if result.verdict == "fails":
        return "✗ fails"
    return LONGEST_VERDICT if claim.corrected else "✓ holds"


def _line(claim: Claim, result: Measurement) -> str:
    outcome = verdict(claim, result)
    if result.status == "not re-run here":
        outcome = f"– not re-run here (stored: {outcome})" if result.verdict else "– not re-run here"
    start = f"{claim.id:<3} {outcome:<{len(LONGEST_VERDICT)}}  "
    return start + shorten(claim.title, LINE - len(start), placeholder=" …")
