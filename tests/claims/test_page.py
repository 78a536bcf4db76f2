"""The page: the committed one is current; every outcome is said in words; what is not re-run says why."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from wavelets_course.claims import CLAIMS, markdown, stored
from wavelets_course.claims.measurement import Measurement
from wavelets_course.claims.registry import Claim, Source, at_most, reported

PAGE = Path(__file__).parents[2] / "book" / "claims.md"
TALK = Source("A lecture", "A talk")
CLAIM = Claim(
    "X1",
    TALK,
    "haar",
    "Small",
    "It is small.",
    "about 1",
    ("mallat2012group", "kymatio2020"),
    {"error": at_most("the error", 2), "count": reported("the count")},
    lambda seed: {"error": 1, "count": 3},
)


def result(error: float, verdict: str) -> Measurement:
    return Measurement(
        "X1",
        "measured",
        {"error": error, "count": 3},
        verdict,
        "",
        1.234,
        "CPU",
        "2026-01-02",
        "abc",
        {"torch": "2.1"},
        "quick",
    )


def test_the_committed_page_is_what_the_ledger_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), (
        "run `wavelets-course claims page --output book/claims.md`, then commit book/claims.md"
    )


def test_every_claim_is_there_with_an_anchor_a_source_and_a_result() -> None:
    text, results = markdown(), stored()
    for claim in CLAIMS:
        assert f"(claim-{claim.id.lower()})=\n### {claim.id}: {claim.title}" in text
        assert f"> {claim.sentence}" in text
        if claim.id in results:
            assert results[claim.id].verdict is not None
        else:
            assert claim.measure is None or claim.scale in ("laptop", "gpu"), claim.id
    assert text.endswith("\n")
    assert not re.search(r"[ \t]\n|\n\n\n", text)


def test_errata_lead_to_entries_of_this_page() -> None:
    links = re.findall(r"\[(\w+)\]\(#(claim-\w+)\)", (PAGE.parent / "errata.md").read_text(encoding="utf-8"))
    assert ("E2", "claim-e2") in links
    for identity, anchor in links:
        assert anchor == f"claim-{identity.lower()}"
        assert f"({anchor})=\n" in markdown()


def test_citations_exist_in_the_bibliography() -> None:
    keys = set(re.findall(r"@\w+\{([^,]+),", (PAGE.parent / "references.bib").read_text(encoding="utf-8")))
    assert {key for claim in CLAIMS for key in claim.citation} <= keys


def test_stored_values_fit_the_expectations_of_today() -> None:
    for identity, measurement in stored().items():
        [claim] = [c for c in CLAIMS if c.id == identity]
        assert claim.judge(measurement.values) == measurement.verdict


def test_a_claim_that_holds() -> None:
    text = markdown([CLAIM], {"X1": result(1, "holds")})
    assert "| [X1](#claim-x1) | Small | ✓ holds |" in text
    assert "**Published.** about 1 {cite:p}`mallat2012group,kymatio2020`." in text
    assert "- ✓ the error: **1** (expected at most 2)" in text
    assert "- – the count: **3** (reported)" in text
    assert "Scale quick; 1.2 s on CPU, 2026-01-02, seed 0, commit `abc`; torch 2.1." in text


def test_a_commit_with_uncommitted_changes_is_explained() -> None:
    text = markdown([CLAIM], {"X1": replace(result(1, "holds"), commit="abc+")})
    assert "commit `abc+`" in text
    assert "A commit that ends in `+` had uncommitted changes" in text.split("\n## ")[0]


def test_a_claim_that_fails_is_shown_as_failing() -> None:
    text = markdown([CLAIM], {"X1": result(2.5, "fails")})
    assert "| ✗ fails |" in text
    assert "**Verdict: ✗ fails.**" in text
    assert "- ✗ outside: the error: **2.5** (expected at most 2)" in text


def test_a_repaired_sentence_keeps_the_old_one() -> None:
    text = markdown([replace(CLAIM, corrected="It is small at times.")], {"X1": result(1, "holds")})
    assert "> It is small.\n" in text
    assert "**Corrected.** It is small at times." in text
    assert "| ✓ holds as corrected |" in text


def test_a_broken_measurement_says_so() -> None:
    broken = replace(result(1, "fails"), values={}, note="ZeroDivisionError: no pixels")
    assert "- ✗ the measurement broke: ZeroDivisionError: no pixels" in markdown([CLAIM], {"X1": broken})


@pytest.mark.parametrize(
    ("claim", "verdict", "reason"),
    [
        (replace(CLAIM, scale="cite", measure=None, why="It needs a week."), "– cited", "It needs a week."),
        (replace(CLAIM, scale="gpu", needs=("mnist",)), "– not measured", "scale gpu, needs mnist."),
    ],
)
def test_what_is_not_re_run_says_why(claim: Claim, verdict: str, reason: str) -> None:
    text = markdown([claim], {})
    assert f"| {verdict} |" in text
    assert f"- [X1](#claim-x1): {reason}" in text
