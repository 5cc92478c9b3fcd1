"""The verdict on a difference, in plain words."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, floor, isnan, log10

from sim.study.compare_matters import Better


class Finding(StrEnum):
    """What can be said of a difference."""

    BETTER = "better"
    WORSE = "worse"
    CHEAPER = "cheaper"
    """Better, of a cost."""
    DEARER = "dearer"
    """Worse, of a cost."""
    DIFFERS = "differs"
    """Of a figure of which neither more nor less is better."""
    SAME = "no difference that matters"
    UNSURE = "cannot tell yet"
    NONE = ""
    """There is no interval, or no direction and no sure difference."""


_OF_MONEY = {Finding.BETTER: Finding.CHEAPER, Finding.WORSE: Finding.DEARER}

MOST_MORE = 10_000
"""Nobody runs more replications than this to tell two options apart."""
_LIKELY = 1 + 0.8416 / 1.9600
"""How many times narrower an interval must be than would bring it just clear, were the figure to
stay where it is, for it to come clear in 80 % of cases (normal quantiles of 0.8 and 0.975)."""
_FIGURES = 2
"""Figures to which the number of further replications is rounded up: it is a guess."""


@dataclass(frozen=True)
class Verdict:
    """A finding, and what it would take to find out."""

    finding: Finding
    more: int | None = None
    """Of UNSURE: about so many more replications would tell, at most MOST_MORE; None if nobody
    knows."""

    def of_money(self) -> "Verdict":
        """The same of a cost, in the words for it."""
        return replace(self, finding=_OF_MONEY.get(self.finding, self.finding))

    @property
    def words(self) -> str:
        """As it stands in the table."""
        if self.finding is not Finding.UNSURE:
            return self.finding.value
        if self.more is None:
            return self.finding.value
        about = "about" if self.more < MOST_MORE else "more than"
        return f"{self.finding.value} ({about} {self.more} more replications would)"


def verdict(
    difference: float,
    low: float,
    high: float,
    better: Better,
    margin: float,
) -> Verdict:
    """What a difference and its interval say; of UNSURE, without how many more would tell.

    * All of the interval within the margin: no difference that matters, even where it is sure
      that there is one.
    * All of it above 0, or all below: better or worse.
    * Otherwise nobody can tell yet.

    Args:
        difference: option minus base.
        low: lower end of the interval; NaN without one.
        high: upper end.
        better: the direction in which the figure improves.
        margin: the smallest difference that matters, 0 or more.
    """
    if isnan(difference) or isnan(low) or isnan(high):
        return Verdict(Finding.NONE)
    if low == high == 0 or (better is not Better.NEITHER and -margin <= low and high <= margin):
        return Verdict(Finding.SAME)
    sure = low > 0 or high < 0
    if better is Better.NEITHER:
        return Verdict(Finding.DIFFERS if sure else Finding.NONE)
    if sure:
        return Verdict(Finding.BETTER if difference * better > 0 else Finding.WORSE)
    return Verdict(Finding.UNSURE)


def replications_to_tell(
    difference: float, half: float, margin: float, replications: int, rate: float
) -> int:
    """How many more replications would probably tell; MOST_MORE if it would take that or more.

    The interval must either leave 0 out or come to lie within the margin m, whichever is sooner:
    at a half-width of w = max(|d|, m − |d|), should the difference d stay what it is. Half-widths
    narrow with a power of the number of replications, so n (h ÷ w)^(1 / rate) are needed, times
    what makes it likely rather than even odds.

    Args:
        difference: option minus base.
        half: half-width of its interval.
        margin: the smallest difference that matters.
        replications: behind the interval.
        rate: power with which it narrows, usually ½.
    """
    wanted = max(abs(difference), margin - abs(difference))
    if wanted <= 0:
        return MOST_MORE
    needed = replications * (_LIKELY * half / wanted) ** (1 / rate)
    return min(_round_up(max(1.0, needed - replications)), MOST_MORE)


def _round_up(number: float) -> int:
    step = 10.0 ** max(0, floor(log10(number)) - _FIGURES + 1)
    return int(ceil(number / step) * step)
