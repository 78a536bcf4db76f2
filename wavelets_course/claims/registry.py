"""What an entry of the ledger is: a sentence from a source, and the numbers it must show.

With this file you can: write down a claim before anything is measured, as data: who said it, which
number was published, which number would confirm it, and which function measures it.

A verdict is never written by hand. `Claim.judge` derives it from the declared expectations.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Scale: TypeAlias = Literal["quick", "laptop", "gpu", "cite"]
Outcome: TypeAlias = Literal["holds", "fails"]
Number: TypeAlias = int | float
Measure: TypeAlias = Callable[[int], Mapping[str, Number]]

SCALES: tuple[Scale, ...] = get_args(Scale)


@dataclass(frozen=True)
class Source:
    """A lecture of the course: the talk or paper that makes the claims.

    Attributes
    ----------
    title : str
        The lecture's title in the book.
    work : str
        The source in words, for readers.
    """

    title: str
    work: str


@dataclass(frozen=True)
class Expected:
    """One measured quantity and the closed interval it was expected in, fixed before measuring.

    An interval that is open on both sides states no expectation: the number is reported, not judged.

    Attributes
    ----------
    label : str
        The quantity in words.
    low, high : float
        Both ends belong to the interval. NaN is outside every interval.

    Examples
    --------
    >>> bound = at_most("reconstruction error", 1e-6)
    >>> bound.admits(3e-8), bound.admits(float("nan"))
    (True, False)
    >>> print(bound.interval)
    at most 1e-06
    """

    label: str
    low: Number = -math.inf
    high: Number = math.inf

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(
                f"Expected: {self.label!r} needs low <= high, got [{self.low}, {self.high}]; "
                "swap the two ends."
            )

    @property
    def judged(self) -> bool:
        """Whether the interval excludes anything."""
        return self.low > -math.inf or self.high < math.inf

    @property
    def interval(self) -> str:
        """The interval in words."""
        if not self.judged:
            return "reported"
        if self.low == self.high:
            return f"exactly {in_figures(self.low)}"
        if self.low == -math.inf:
            return f"at most {in_figures(self.high)}"
        if self.high == math.inf:
            return f"at least {in_figures(self.low)}"
        return f"from {in_figures(self.low)} to {in_figures(self.high)}"

    def admits(self, value: Number) -> bool:
        """Whether a measured value lies in the interval; NaN never does where one is declared."""
        return not self.judged or self.low <= value <= self.high


def exactly(label: str, value: Number) -> Expected:
    """Expect one number, as for counts."""
    return Expected(label, value, value)


def at_most(label: str, value: Number) -> Expected:
    """Expect no more than ``value``, as for errors."""
    return Expected(label, high=value)


def at_least(label: str, value: Number) -> Expected:
    """Expect no less than ``value``."""
    return Expected(label, low=value)


def around(label: str, value: Number, margin: Number) -> Expected:
    """Expect ``value`` up to ``margin`` on either side."""
    return Expected(label, value - margin, value + margin)


def reported(label: str) -> Expected:
    """Expect nothing: the number is shown beside the others."""
    return Expected(label)


@dataclass(frozen=True)
class Claim:
    """A sentence of a source as an executable entry.

    Attributes
    ----------
    id : str
        Short name, as in ``"W1"``.
    source : Source
        The lecture it belongs to.
    chapter : str
        Name of the chapter that shows it.
    title : str
        Three to eight words.
    sentence : str
        What the source says.
    published : str
        The published numbers with their units, as text.
    citation : tuple of str
        Keys of ``book/references.bib``.
    expected : mapping of str to Expected
        One entry for each measured number, set in advance.
    measure : callable or None
        ``seed -> {name: number}`` with the names of ``expected``; None for claims that are only cited.
    scale : {"quick", "laptop", "gpu", "cite"}
        Seconds without a download; minutes on two cores; one GPU; not re-run at all.
    needs : tuple of str
        Names of `needs.NEEDS` that must be present.
    why : str
        Why a ``"cite"`` claim is not re-run. Markdown, as all texts here.
    corrected : str
        Where the source's sentence needs repair, the repaired one, with the reason; the sentence itself
        stays as it was said, and the expectations then judge the repaired one.
    timing : bool
        The numbers are seconds: shown, but only checked to have been measured (NaN and infinity are not).

    Raises
    ------
    ValueError
        If the entry cannot be judged: no expectation, no measure, or a citation without its reason.
    """

    id: str
    source: Source
    chapter: str
    title: str
    sentence: str
    published: str
    citation: tuple[str, ...]
    expected: Mapping[str, Expected]
    measure: Measure | None = None
    scale: Scale = "quick"
    needs: tuple[str, ...] = ()
    why: str = ""
    corrected: str = ""
    timing: bool = False

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise ValueError(f"Claim {self.id}: scale is {self.scale!r}; use one of {', '.join(SCALES)}.")
        if (self.scale == "cite") != (self.measure is None):
            raise ValueError(
                f"Claim {self.id}: a claim of scale 'cite' has no measure and every other one has; "
                f"got scale {self.scale!r} with measure {self.measure}."
            )
        if self.scale == "cite" and not self.why:
            raise ValueError(f"Claim {self.id}: say in `why` what keeps it from being re-run.")
        judged = any(expectation.judged for expectation in self.expected.values())
        if self.scale != "cite" and not judged and not self.timing:
            raise ValueError(
                f"Claim {self.id}: no number is judged; declare at least one interval in `expected`."
            )

    def judge(self, values: Mapping[str, Number]) -> Outcome:
        """Verdict on measured numbers.

        Parameters
        ----------
        values : mapping of str to float
            One number for each name in ``expected``.

        Returns
        -------
        {"holds", "fails"}
            "holds" if every number lies in its interval (timing claims: if every number is finite).

        Raises
        ------
        ValueError
            If the names are not those of ``expected``.

        Examples
        --------
        >>> talk = Source("A lecture", "a talk")
        >>> claim = Claim("X1", talk, "haar", "Two and two", "It is four.", "4", (),
        ...               {"total": exactly("two and two", 4)}, lambda seed: {"total": 2 + 2})
        >>> claim.judge({"total": 4}), claim.judge({"total": 5})
        ('holds', 'fails')
        """
        if set(values) != set(self.expected):
            raise ValueError(
                f"Claim {self.id}: expected numbers named {sorted(self.expected)}, the measure gave "
                f"{sorted(values)}; declare each of them in `expected`, with `reported` if it is not judged."
            )
        if self.timing:
            return "holds" if all(map(math.isfinite, values.values())) else "fails"
        return (
            "holds" if all(self.expected[name].admits(value) for name, value in values.items()) else "fails"
        )


def in_figures(value: Number) -> str:
    """Write a number for readers: counts with thousands separated, others to five significant digits.

    Examples
    --------
    >>> in_figures(58800), in_figures(1.01362), in_figures(2.2204e-16)
    ('58,800', '1.0136', '2.2e-16')
    """
    if value == int(value) if math.isfinite(value) else False:
        return f"{int(value):,}"
    if 0 < abs(value) < 1e-3:
        return f"{value:.2g}"
    return f"{value:.5g}"
