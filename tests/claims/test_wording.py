"""The ledger in words: the lines say what the page says, fit a terminal, and never pass for a new run."""

from dataclasses import replace

import pytest

from wavelets_course.claims import CLAIMS, markdown, stored, summary
from wavelets_course.claims.measurement import Measurement
from wavelets_course.claims.registry import Claim, Source, at_most

CLAIM = Claim(
    "X1",
    Source("A lecture", "A talk"),
    "haar",
    "Small in every case that was looked at",
    "It is small.",
    "about 1",
    (),
    {"error": at_most("the error", 2)},
    lambda seed: {"error": 1},
)
CORRECTED = replace(CLAIM, corrected="It is small at times.")
CITED = replace(CLAIM, scale="cite", measure=None, why="It needs a week.")
HOLDS = Measurement("X1", "measured", {"error": 1}, "holds")
FAILS = Measurement("X1", "measured", {"error": 3}, "fails")
BROKEN = Measurement("X1", "measured", {}, "fails", "ZeroDivisionError: no pixels")
STORED = replace(HOLDS, status="not re-run here", note="it needs --scale gpu")
NEVER = Measurement("X1", "not re-run here")


@pytest.mark.parametrize(
    ("claim", "result", "line"),
    [
        (CLAIM, HOLDS, "X1  ✓ holds               Small in every case that was looked at"),
        (CORRECTED, HOLDS, "X1  ✓ holds as corrected  Small in every case that was looked at"),
        (CORRECTED, FAILS, "X1  ✗ fails               Small in every case that was looked at"),
        (CLAIM, BROKEN, "X1  ✗ fails               Small in every case that was looked at"),
        (CLAIM, STORED, "X1  – not re-run here (stored: ✓ holds)  Small in every case that was …"),
        (CORRECTED, STORED, "X1  – not re-run here (stored: ✓ holds as corrected)  Small in every …"),
        (CLAIM, replace(STORED, verdict="fails"), "X1  – not re-run here (stored: ✗ fails)  Small in every"),
        (CLAIM, NEVER, "X1  – not re-run here     Small in every case that was looked at"),
        (
            CITED,
            Measurement("X1", "cited"),
            "X1  – cited               Small in every case that was looked at",
        ),
    ],
)
def test_a_line_for_every_outcome(claim: Claim, result: Measurement, line: str) -> None:
    shown = summary([result], [claim])
    assert shown.startswith(line)
    assert "\n" not in shown
    assert len(shown) <= 72
    assert ("✓" in shown[:6]) == result.passed


def test_the_lines_are_those_of_the_page() -> None:
    page = markdown()
    lines = summary(stored().values()).splitlines()
    assert len(lines) == len(stored()) >= 7
    for line in lines:
        identity, verdict, title = line[:3].strip(), line[4:24].strip(), line[26:]
        assert f"| [{identity}](#claim-{identity.lower()}) | {title} | {verdict} |" in page


def test_every_claim_fits_a_line_even_where_it_is_not_re_run() -> None:
    recalled = [replace(NEVER, id=claim.id, verdict="holds") for claim in CLAIMS]
    lines = summary(recalled).splitlines()
    assert [line.split()[0] for line in lines] == [claim.id for claim in CLAIMS]
    assert max(map(len, lines)) <= 72


def test_order_and_text_are_those_of_the_measurements() -> None:
    results = list(stored().values())
    assert summary(reversed(results)).splitlines() == summary(results).splitlines()[::-1]
    again = [replace(result, seconds=9.0, date="2030-01-01", device="another") for result in results]
    assert summary(again) == summary(results)
    assert summary([]) == ""


def test_a_claim_that_nobody_made() -> None:
    with pytest.raises(ValueError, match="summary: 'X1' is none of the claims F6, W1, W2"):
        summary([HOLDS])
