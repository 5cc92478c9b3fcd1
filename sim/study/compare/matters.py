"""What is better of a figure, how much matters, and the verdict on a difference.

The margins are judgements, not measurements: half a minute of mean wait, one visit in 200. They
are to be overridden where a planner sees it otherwise (`--margin wait.mean=1`). A figure that has
no line here, or a line that says neither, is a description: more people inside is neither better
nor worse.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from fnmatch import fnmatchcase
from math import ceil, floor, isnan, log10

from sim.measures import Row


class Better(IntEnum):
    """The direction in which a figure improves."""

    LESS = -1
    NEITHER = 0
    MORE = 1


@dataclass(frozen=True)
class Matter:
    """For the figures of a pattern: what is better, and how large a difference matters."""

    metric: str
    """Pattern such as `wait*`; `*` stands for anything."""
    statistic: str
    """Pattern, as for the metric."""
    better: Better
    margin: float = 0.0
    """Smallest difference that matters, in the figure's own unit."""
    relative: float = 0.0
    """The same as a share of the base's figure; the larger of the two counts."""
    by: str = "*"
    """Pattern of the part."""
    rare: bool = False
    """Whether it is a mean over rare events: that a few were alike then proves nothing."""
    money: bool = False
    """Whether it is a cost: less is cheaper, more is dearer."""

    def is_of(self, metric: str, statistic: str, by: str) -> bool:
        """Whether this is about a figure."""
        return (
            fnmatchcase(metric, self.metric)
            and fnmatchcase(statistic, self.statistic)
            and fnmatchcase(by, self.by)
        )

    def margin_of(self, base_value: float) -> float:
        """The smallest difference that matters where the base has this value."""
        return max(self.margin, self.relative * abs(base_value))


_LESS, _MORE = Better.LESS, Better.MORE

MATTERS = (
    # Safety: minutes, shares of overdoses, minutes a week.
    Matter("response_*", "mean", _LESS, 0.25, rare=True),
    Matter("response_*", "median", _LESS, 0.5),
    Matter("response_*", "p*", _LESS, 0.5),
    Matter("response_*", "within_*", _MORE, 0.01),
    Matter("response_*", "reached", _MORE, 0.01),
    Matter("simultaneous", "*", _LESS, 0.02, rare=True),
    Matter("nobody_free", "minutes_per_week", _LESS, 10),
    Matter("nobody_free", "share", _LESS, 0.001),
    Matter("below_cover", "minutes_per_week", _LESS, 10),
    Matter("role_missing", "minutes_per_week", _LESS, 10),
    # Access: minutes, shares of visits, visits a day.
    Matter("wait_service", "mean", _LESS, 1),
    Matter("wait_service", "median", _LESS, 1),
    Matter("wait_service", "p*", _LESS, 2),
    Matter("wait_booked", "mean", _LESS, 1),
    Matter("wait_booked", "median", _LESS, 1),
    Matter("wait_booked", "p*", _LESS, 2),
    Matter("wait_walk_in", "mean", _LESS, 1),
    Matter("wait_walk_in", "median", _LESS, 1),
    Matter("wait_walk_in", "p*", _LESS, 2),
    Matter("wait_stay_task", "mean", _LESS, 1),
    Matter("wait_stay_task", "median", _LESS, 1),
    Matter("wait_stay_task", "p*", _LESS, 2),
    Matter("wait*", "mean", _LESS, 0.5),
    Matter("wait*", "median", _LESS, 0.5),
    Matter("wait*", "p*", _LESS, 1),
    Matter("wait*", "share_waiting", _LESS, 0.01),
    Matter("wait*", "within_*", _MORE, 0.01),
    Matter("door_wait", "mean", _LESS, 0.5),
    Matter("door_wait", "median", _LESS, 0.5),
    Matter("door_wait", "p*", _LESS, 1),
    Matter("door_wait", "within_*", _MORE, 0.01),
    Matter("door_wait", "gave_up_per_day", _LESS, 1),
    Matter("visits", "per_day", _MORE, 0.5, 0.005, by="outcome:serv*"),
    Matter("visits", "share", _MORE, 0.005, by="outcome:serv*"),
    Matter("visits", "per_day", Better.NEITHER, by="outcome:inside_at_end"),
    Matter("visits", "share", Better.NEITHER, by="outcome:inside_at_end"),
    Matter("visits", "per_day", _LESS, 1, by="outcome:*"),
    Matter("visits", "share", _LESS, 0.005, by="outcome:*"),
    Matter("unserved", "per_day", _LESS, 1),
    Matter("unserved", "share", _LESS, 0.005),
    Matter("uses", "per_day", _MORE, 0.5, 0.005, by="all"),
    Matter("clients", "per_day", _MORE, 0.5),
    Matter("places", "full", _LESS, 0.01),
    Matter("places", "blocked", _LESS, 0.01),
    Matter("places", "unusable", _LESS, 0.01),
    Matter("intake_paused", "minutes_per_week", _LESS, 10),
    Matter("place_unusable", "minutes_per_week", _LESS, 10),
    Matter("out_of_order", "minutes_per_week", _LESS, 60),
    Matter("waiting", "mean", _LESS, 0.2),
    Matter("services", "per_day", _MORE, 0.5),
    Matter("services", "share_given", _MORE, 0.01),
    Matter("stay_tasks", "per_day", _MORE, 0.5),
    Matter("stay_tasks", "share_given", _MORE, 0.01),
    # Needs, in a city or where people come back: shares and numbers a day, minutes.
    Matter("needs_met", "share", _MORE, 0.005),
    Matter("needs_met", "per_day", _MORE, 0.5, 0.005),
    Matter("needs_managed", "share", Better.NEITHER),
    Matter("needs_first_wish", "share", _MORE, 0.005),
    Matter("needs_unmet", "share", _LESS, 0.005),
    Matter("needs_unmet", "per_day", _LESS, 1),
    Matter("needs_unmet_at", "per_day", _LESS, 1),
    Matter("needs_closed_everywhere", "share", _LESS, 0.005),
    Matter("needs_closed_everywhere", "per_day", _LESS, 1),
    Matter("needs_cut_short", "share", _LESS, 0.005),
    Matter("need_to_place", "mean", _LESS, 0.5),
    Matter("need_to_place", "median", _LESS, 0.5),
    Matter("need_to_place", "p*", _LESS, 1),
    Matter("facility_open", "within_*", _MORE, 0.01),
    # Staff: minutes a week, shares of shifts, breaks a week, minutes.
    Matter("past_closing", "mean", _LESS, 1),
    Matter("overtime", "minutes_per_week", _LESS, 10),
    Matter("overtime", "share_of_shifts", _LESS, 0.02),
    Matter("breaks", "deferred_per_week", _LESS, 0.5),
    Matter("breaks", "missed_per_week", _LESS, 0.5),
    Matter("longest_stretch", "mean", _LESS, 5),
    # Cost: as a share of the base's.
    Matter("cost", "overtime_per_week", _LESS, relative=0.1, money=True),
    Matter("cost", "*", _LESS, relative=0.01, money=True),
)
"""The first line whose patterns fit a row is the row's."""

NOTHING = Matter("*", "*", Better.NEITHER)
"""Of a row that no line fits."""


def matter_named(metric: str, statistic: str, by: str = "all") -> Matter:
    """What is better of a figure, and what matters, by what it is called."""
    return next((one for one in MATTERS if one.is_of(metric, statistic, by)), NOTHING)


def is_near(metric: str, statistic: str, value: float, limit: float) -> bool:
    """Whether a figure is nearer to a limit than what matters: then it is only just met."""
    return abs(value - limit) < matter_named(metric, statistic).margin_of(limit)


def matter_of(row: Row, margins: Mapping[tuple[str, str], float] | None = None) -> Matter:
    """What is better of a row, and what matters.

    Args:
        row: of the summary.
        margins: margins instead of those of the table, by metric and statistic.
    """
    found = matter_named(row.metric, row.statistic, row.by)
    margin = (margins or {}).get((row.metric, row.statistic))
    return found if margin is None else replace(found, margin=margin, relative=0.0)


# --- headlines ----------------------------------------------------------------------------------


class Area(StrEnum):
    """What a headline figure is about, the weightiest first."""

    SAFETY = "Safety"
    ACCESS = "Access"
    STAFF = "Staff"
    COST = "Cost"


@dataclass(frozen=True)
class Headline:
    """A figure that is printed; the others are in the table on disk."""

    area: Area
    metric: str
    statistic: str
    percent: bool = False
    """Whether it is a share, printed in percent."""
    narrow: bool = False
    """Whether it is among the few that a narrow table has room for."""
    echo: bool = False
    """Whether it says what another headline says, in another unit."""

    def is_of(self, row: Row) -> bool:
        """Whether a row is this headline; rows of parts are none."""
        return (row.metric, row.statistic, row.by) == (self.metric, self.statistic, "all")


HEADLINES = (
    Headline(Area.SAFETY, "response_first", "within_1", percent=True, narrow=True),
    Headline(Area.SAFETY, "response_team", "mean"),
    Headline(Area.SAFETY, "nobody_free", "minutes_per_week"),
    Headline(Area.SAFETY, "below_cover", "minutes_per_week"),
    Headline(Area.SAFETY, "role_missing", "minutes_per_week"),
    Headline(Area.ACCESS, "needs_met", "share", percent=True, narrow=True),
    Headline(Area.ACCESS, "needs_managed", "share", percent=True),
    Headline(Area.ACCESS, "needs_unmet", "share", percent=True),
    Headline(Area.ACCESS, "needs_closed_everywhere", "share", percent=True),
    Headline(Area.ACCESS, "need_to_place", "p90"),
    Headline(Area.ACCESS, "wait", "mean", narrow=True),
    Headline(Area.ACCESS, "wait", "p90", narrow=True),
    Headline(Area.ACCESS, "unserved", "share", percent=True, narrow=True),
    Headline(Area.ACCESS, "uses", "per_day", narrow=True),
    Headline(Area.STAFF, "rostered", "hours_per_week"),
    Headline(Area.COST, "cost", "per_week"),
    Headline(Area.COST, "cost", "per_year", echo=True),
    Headline(Area.COST, "cost", "per_use", narrow=True),
)
"""Headline figures, in the order in which they are printed."""

ROTA_HEADLINES = (
    Headline(Area.SAFETY, "response_first", "p95"),
    Headline(Area.SAFETY, "simultaneous", "share", percent=True),
    Headline(Area.SAFETY, "intake_paused", "minutes_per_week"),
    Headline(Area.STAFF, "staff_busy", "share", percent=True),
    Headline(Area.STAFF, "overtime", "share_of_shifts", percent=True),
    Headline(Area.STAFF, "breaks", "missed_per_week"),
    Headline(Area.STAFF, "longest_stretch", "mean"),
    Headline(Area.COST, "wte", "posts"),
)
"""What else is printed where rotas differ."""


def headlines(*, rotas: bool) -> tuple[Headline, ...]:
    """Headline figures, those of rotas among them if wanted, the weightiest area first."""
    areas = list(Area)
    wanted = (*HEADLINES, *ROTA_HEADLINES) if rotas else HEADLINES
    return tuple(sorted(wanted, key=lambda headline: areas.index(headline.area)))


def headline_of(row: Row) -> Headline | None:
    """The headline that a row is, if any."""
    return next((one for one in headlines(rotas=True) if one.is_of(row)), None)


# --- the verdict --------------------------------------------------------------------------------


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
