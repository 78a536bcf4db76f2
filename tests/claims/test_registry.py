"""Expectations, verdicts, and entries that cannot be judged."""

import math
import re
from dataclasses import replace

import pytest

from wavelets_course.claims.ledger import CLAIMS, find
from wavelets_course.claims.registry import (
    Claim,
    Expected,
    Source,
    around,
    at_least,
    at_most,
    exactly,
    in_figures,
    reported,
)

TALK = Source("A lecture", "A talk")
FOUR = Claim(
    "X1",
    TALK,
    "haar",
    "Two and two",
    "It is four.",
    "4",
    (),
    {"total": exactly("sum", 4)},
    lambda seed: {"total": 4},
)


@pytest.mark.parametrize(
    ("expected", "inside", "outside", "words"),
    [
        (exactly("n", 799), [799], [798, 800, math.nan], "exactly 799"),
        (at_most("e", 1e-6), [0, 1e-6], [1.01e-6, math.inf, math.nan], "at most 1e-06"),
        (at_least("e", 2.5), [2.5, math.inf], [2.4, math.nan], "at least 2.5"),
        (around("r", 1.025, 5e-4), [1.0246], [1.0244, 1.0256, math.nan], "from 1.0245 to 1.0255"),
        (reported("r"), [0, -1e9, math.nan], [], "reported"),
    ],
)
def test_intervals(expected: Expected, inside: list[float], outside: list[float], words: str) -> None:
    assert expected.interval == words
    assert all(expected.admits(value) for value in inside)
    assert not any(expected.admits(value) for value in outside)


@pytest.mark.untyped
def test_an_interval_has_its_ends_in_order() -> None:
    with pytest.raises(ValueError, match=r"'r' needs low <= high, got \[2, 1\]; swap the two ends"):
        Expected("r", 2, 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (58800, "58,800"), (0.3475, "0.3475"), (-2.0, "-2"), (2.23e-16, "2.2e-16"), (math.inf, "inf")],
)
def test_numbers_in_words(value: float, text: str) -> None:
    assert in_figures(value) == text


def test_verdict_follows_from_the_numbers() -> None:
    assert FOUR.judge({"total": 4}) == "holds"
    assert FOUR.judge({"total": 4.0001}) == "fails"
    assert FOUR.judge({"total": math.nan}) == "fails"
    assert replace(FOUR, timing=True).judge({"total": 1e9}) == "holds"
    for unmeasured in (math.nan, math.inf):
        assert replace(FOUR, timing=True).judge({"total": unmeasured}) == "fails"


@pytest.mark.untyped
def test_an_undeclared_number_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"X1: expected numbers named \['total'\], the measure gave \['sum'\]; declare"
    ):
        FOUR.judge({"sum": 4})


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"scale": "huge"}, "scale is 'huge'; use one of quick, laptop, gpu, cite"),
        ({"scale": "cite"}, "a claim of scale 'cite' has no measure"),
        ({"measure": None}, "a claim of scale 'cite' has no measure"),
        ({"measure": None, "scale": "cite"}, "say in `why`"),
        ({"expected": {"total": reported("sum")}}, "no number is judged"),
    ],
)
def test_entries_that_cannot_be_judged(change: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        replace(FOUR, **change)


def test_ids_are_unique_and_complete() -> None:
    ids = [claim.id for claim in CLAIMS]
    assert len(set(ids)) == len(ids)
    assert {"W1", "W2", "S1", "S2", "S3"} <= set(ids)


def test_find_takes_either_case_and_keeps_the_order() -> None:
    assert [claim.id for claim in find(["s2", "W1"])] == ["S2", "W1"]
    assert find() == list(CLAIMS)
    assert [claim.id for claim in find(["w1", "S2", "W1"])] == ["W1", "S2"]


@pytest.mark.untyped
def test_find_lists_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"find: 'W9' is not in the ledger; it has F6, W1, W2, "):
        find(["W1", "W9"])
