"""Figures of needs: how many were met and where, who went from where to where, and after how long.

A need counts where it arose within the counted time. Met means that a place was entered, or a
service had by who came for that only; at a facility without supervision it is managed, and not met.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import product

import numpy as np

from sim.log import CityLog, Columns, NeedOutcome, Way
from sim.measures.figure import HourPair, HourRow, Interval, Pair, Row, SampleRow, quantile_pair
from sim.measures.histogram import Histogram, histogram_of
from sim.measures.steps import HOUR, Bools, Floats, Integers, Window, sum_by_hour, window_of
from sim.scenario.city.system import REFUSALS, System

Part = tuple[str, Callable[["NeedFacts"], Bools]]
"""What a figure is about, as tables have it, and which needs belong to it."""

MET = (NeedOutcome.FIRST_WISH, NeedOutcome.ELSEWHERE, NeedOutcome.CAME_BACK)
NEARBY = (5, 10, 20)
"""Minutes of walk within which it is told whether a facility was open."""
_QUANTILES = {"median": 0.5, "p90": 0.9}


@dataclass(frozen=True, eq=False)
class NeedFacts:
    """One replication of a system as the figures of needs see it."""

    system: System
    log: CityLog
    window: Window
    needs: Columns
    """Those counted."""
    attempts: Columns
    """Those of the needs counted."""
    hour: Integers
    """Of each need the hour of the week in which it arose."""
    _of: dict[str, Bools] = field(default_factory=dict)

    @classmethod
    def from_log(cls, system: System, log: CityLog) -> "NeedFacts":
        """What of a log is counted."""
        window = window_of(system.people)
        rows = window.rows(log.needs["arrival"])
        needs = {name: column[rows] for name, column in log.needs.items()}
        mine = (log.attempts["need"] >= rows.start) & (log.attempts["need"] < rows.stop)
        attempts = {name: column[mine] for name, column in log.attempts.items()}
        return cls(system, log, window, needs, attempts, window.hour_of_week(needs["arrival"]))

    def of(self, part: Part) -> Bools:
        """Which needs belong to a part; nobody may change it."""
        name, belongs = part
        if name not in self._of:
            self._of[name] = belongs(self)
        return self._of[name]

    @cached_property
    def managed(self) -> Bools:
        """Met at a facility without supervision."""
        supervised = np.array([*self.system.supervised, True])  # the last for who got to none
        there: Bools = supervised[self.needs["facility"]]
        return self.has(*MET) & ~there

    def has(self, *outcomes: NeedOutcome) -> Bools:
        """Which needs ended in one of these ways."""
        found: Bools = np.isin(self.needs["outcome"], outcomes)
        return found

    @cached_property
    def ways(self) -> dict[str, Bools]:
        """How each need ended: in one of these ways; `met` is the first three together."""
        supervised = ~self.managed
        return {
            "met": self.has(*MET) & supervised,
            "first_wish": self.has(NeedOutcome.FIRST_WISH) & supervised,
            "elsewhere": self.has(NeedOutcome.ELSEWHERE) & supervised,
            "came_back": self.has(NeedOutcome.CAME_BACK) & supervised,
            "managed": self.managed,
            "unmet": self.has(NeedOutcome.UNMET),
            "closed_everywhere": self.has(NeedOutcome.CLOSED_EVERYWHERE),
            "cut_short": self.has(NeedOutcome.CUT_SHORT),
            "at_end": self.has(NeedOutcome.INSIDE_AT_END, NeedOutcome.ON_THE_WAY_AT_END),
        }

    @cached_property
    def to_place(self) -> Floats:
        """Minutes from each need to the place or the service that met it; NaN if none did."""
        return np.where(self.has(*MET), self.needs["met"] - self.needs["arrival"], np.nan)

    @cached_property
    def nearest_open(self) -> Floats:
        """Minutes of walk from where each need arose to the nearest open facility that serves it.

        Infinite where none is open. Without origins it arises at the facility wished first.
        """
        choice = self.system.choice
        found = np.full(len(self.hour), np.inf)
        kind, wish = self.needs["kind"], self.needs["wish"]
        for number, log in enumerate(self.log.sites):
            times, values = log.by_series[0] if len(log.by_series) else (np.empty(0), np.empty(0))
            at = np.searchsorted(times, self.needs["arrival"], side="right")
            is_open = np.append(0.0, values)[at] > 0
            serves = self.system.kind_at[number][kind] >= 0
            walk = choice.walk[wish, number]
            found = np.minimum(found, np.where(is_open & serves, walk, np.inf))
        return found


EVERY: Part = ("all", lambda facts: np.ones(len(facts.hour), dtype=np.bool_))


def need_parts(system: System) -> tuple[Part, ...]:
    """All needs, and those of each kind."""
    if len(system.kinds) == 1:
        return (EVERY,)
    return (EVERY, *(_of_kind(number, name) for number, name in enumerate(system.kinds)))


def _of_kind(number: int, name: str) -> Part:
    return f"kind:{name}", lambda facts: np.equal(facts.needs["kind"], number)


@dataclass(frozen=True)
class NeedFigure:
    """A row of the summary and how it is computed from one replication."""

    row: Row
    of: Callable[[NeedFacts], Pair]


@dataclass(frozen=True)
class NeedHours:
    """A row of the by-hour table and how it is computed from one replication."""

    row: HourRow
    of: Callable[[NeedFacts], HourPair]


@dataclass(frozen=True)
class NeedSample:
    """Durations of which quantiles are told."""

    row: SampleRow
    of: Callable[[NeedFacts], Histogram]


WAYS = {
    "first_wish": "met at the facility wished first",
    "elsewhere": "met at another facility",
    "came_back": "met after coming back later",
    "managed": "met at a facility without supervision",
    "unmet": "given up after being turned away",
    "closed_everywhere": "for which nothing was open",
    "cut_short": "cut short at closing",
    "at_end": "not yet over when the replication ended",
}
"""How needs end, each with what it is."""


def _ways(system: System) -> dict[str, str]:
    """Those that there may be."""
    left_out = set()
    if not system.is_city:
        left_out |= {"elsewhere"}
    if all(system.supervised):
        left_out |= {"managed"}
    if not any(one.share for one in system.choice.returning):
        left_out |= {"came_back"}
    return {way: text for way, text in WAYS.items() if way not in left_out}


def need_figures(system: System) -> Iterator[NeedFigure | NeedSample]:
    """The summary's figures of needs, in the order of its rows."""
    for part in need_parts(system):
        by, every = part[0], _number(part)
        meaning = "Needs that arise, per day"
        yield _figure("needs.per_day", by, "needs/day", meaning, (every, _days))
        for way, text in _ways(system).items():
            yield from _ended(part, f"needs_{way}", f"needs {text}", _number(part, way))
        yield from _ended(part, "needs_met", _MET_HERE, _number(part, "met"))
        yield from _minutes(part)
        meaning = "Visits to a door that a need makes"
        yield _figure("attempts.per_need", by, "visits/need", meaning, (_attempts(part), every))
    if system.is_city:
        yield from _by_facility(system)
    yield from _refused()
    if system.is_city:
        yield from _flows(system)
        yield from _nearby()


_MET_HERE = "needs met under supervision, at the first wish, elsewhere or after coming back"


def _ended(part: Part, metric: str, what: str, some: "Number") -> Iterator[NeedFigure]:
    """How many needs ended in a way, and which share of them."""
    by, share = part[0], (some, _number(part))
    yield _figure(f"{metric}.share", by, "share", f"Share of {what}", share, Interval.EVENTS)
    meaning = f"{what[0].upper()}{what[1:]}, per day"
    yield _figure(f"{metric}.per_day", by, "needs/day", meaning, (some, _days))


def _minutes(part: Part) -> Iterator[NeedFigure | NeedSample]:
    """From need to place."""
    by = part[0]
    meaning = "Minutes from need to place, walks and earlier waits included, of needs met"

    def total(facts: NeedFacts) -> float:
        return float(np.nansum(facts.to_place[facts.of(part)]))

    def met(facts: NeedFacts) -> float:
        return float((~np.isnan(facts.to_place[facts.of(part)])).sum())

    def counted(facts: NeedFacts) -> Histogram:
        return histogram_of(facts.to_place[facts.of(part)])

    yield _figure(f"{_TO_PLACE}.mean", by, "min", meaning, (total, met))
    yield NeedSample(SampleRow(_TO_PLACE, by), counted)
    for statistic, probability in _QUANTILES.items():
        told = f"{meaning}: the shortest that {probability:.0%} did not exceed"
        quantile = Interval.QUANTILE, np.inf, probability
        row = Row(_TO_PLACE, statistic, by, "min", told, *quantile)
        yield NeedFigure(row, _quantile(counted, probability))


_TO_PLACE = "need_to_place"


def _quantile(
    counted: Callable[[NeedFacts], Histogram], probability: float
) -> Callable[[NeedFacts], Pair]:
    return lambda facts: quantile_pair(counted(facts).quantile(probability))


def _by_facility(system: System) -> Iterator[NeedFigure]:
    """Where needs were met, and where people who got nothing tried last."""
    for number, name in enumerate(system.sites):

        def wished(facts: NeedFacts, number: int = number) -> float:
            return float((facts.needs["wish"] == number).sum())

        def met(facts: NeedFacts, number: int = number) -> float:
            return float((facts.has(*MET) & (facts.needs["facility"] == number)).sum())

        def unmet(facts: NeedFacts, number: int = number) -> float:
            there = facts.needs["facility"] == number
            return float((facts.has(NeedOutcome.UNMET) & there).sum())

        for metric, meaning, some in (
            ("needs_wished", "Needs whose first wish it is, per day", wished),
            ("needs_met_at", "Needs met there, per day", met),
            ("needs_unmet_at", "Needs given up after being turned away there, per day", unmet),
        ):
            by = f"facility:{name}"
            yield _figure(f"{metric}.per_day", by, "needs/day", meaning, (some, _days))


def _refused() -> Iterator[NeedFigure]:
    """Why those whose need is unmet got nothing the last time."""
    for name, number in REFUSALS.items():
        meaning = f"Needs given up, the last visit of which ended as {name}, per day"

        def some(facts: NeedFacts, number: int = number) -> float:
            last = facts.needs["last"] == number
            return float((last & facts.has(NeedOutcome.UNMET)).sum())

        by = f"outcome:{name}"
        yield _figure("needs_unmet.per_day", by, "needs/day", meaning, (some, _days))


def _flows(system: System) -> Iterator[NeedFigure]:
    """Who went from where to where."""
    names = list(enumerate(system.sites))
    for (one, start), (other, end) in product(names, repeat=2):
        if one != other:
            meaning = f"People who went on from {start} to {end}, per day"
            yield _flow(f"from:{start}/to:{end}", meaning, _went(Way.DIVERTED, other, one))
    for number, name in names:
        meaning = "People who chose it first, per day"
        yield _flow(f"from:need/to:{name}", meaning, _went(Way.FIRST, number))
        if any(one.share for one in system.choice.returning):
            meaning = "People who came back to it, per day"
            yield _flow(f"from:return/to:{name}", meaning, _went(Way.RETURNED, number))


def _flow(by: str, meaning: str, some: "Number") -> NeedFigure:
    return _figure("flow.per_day", by, "people/day", meaning, (some, _days))


def _went(way: Way, to: int, start: int | None = None) -> "Number":
    """How many came to a facility in a way."""

    def number(facts: NeedFacts) -> float:
        tries = facts.attempts
        these = (tries["way"] == way) & (tries["facility"] == to)
        return float(
            these.sum() if start is None else (these & (tries["come_from"] == start)).sum()
        )

    return number


def _nearby() -> Iterator[NeedFigure]:
    """Whether a facility that serves the need was open near by."""
    for minutes in NEARBY:
        meaning = f"Share of needs with a facility open within {minutes} minutes of walk"

        def near(facts: NeedFacts, minutes: float = minutes) -> float:
            return float((facts.nearest_open <= minutes).sum())

        share, name = (near, _number(EVERY)), f"facility_open.within_{minutes}"
        yield _figure(name, "all", "share", meaning, share, Interval.EVENTS)


def need_hours(system: System) -> Iterator[NeedHours]:
    """The by-hour figures of needs, by the hour in which they arose."""
    for part in need_parts(system):
        by = part[0]
        row = HourRow("needs", by, "needs/hour", "Needs that arise, per hour")
        yield NeedHours(row, partial(_an_hour, part))
        for way, text in _ways(system).items():
            share = f"Share of needs {text}"
            row = HourRow(f"needs_{way}_share", by, "share", share, Interval.EVENTS, 1.0)
            yield NeedHours(row, partial(_share_by_hour, part, way))
        meaning = "Minutes from need to place, of needs met"
        row = HourRow(f"{_TO_PLACE}_mean", by, "min", meaning)
        yield NeedHours(row, partial(_mean_by_hour, part))


def _an_hour(part: Part, facts: NeedFacts) -> HourPair:
    return sum_by_hour(facts.hour[facts.of(part)]), facts.window.minutes_by_hour() / HOUR


def _share_by_hour(part: Part, way: str, facts: NeedFacts) -> HourPair:
    mine = facts.of(part)
    return sum_by_hour(facts.hour[mine & facts.ways[way]]), sum_by_hour(facts.hour[mine])


def _mean_by_hour(part: Part, facts: NeedFacts) -> HourPair:
    hours = facts.hour[facts.of(part) & ~np.isnan(facts.to_place)]
    minutes = facts.to_place[facts.of(part) & ~np.isnan(facts.to_place)]
    return sum_by_hour(hours, minutes), sum_by_hour(hours)


# --- quantities ---------------------------------------------------------------------------------

Number = Callable[[NeedFacts], float]


def _figure(
    name: str,
    by: str,
    unit: str,
    meaning: str,
    of: tuple[Number, Number],
    interval: Interval = Interval.RATIO,
) -> NeedFigure:
    """A figure, a part over a whole."""
    metric, _, statistic = name.partition(".")
    most = 1.0 if unit == "share" else np.inf
    part, whole = of
    row = Row(metric, statistic, by, unit, meaning, interval, most)
    return NeedFigure(row, lambda facts: (part(facts), whole(facts)))


def _days(facts: NeedFacts) -> float:
    return facts.window.days


def _number(part: Part, way: str = "") -> Number:
    """How many needs there are of a part, of those that ended in a way."""
    if way:
        return lambda facts: float((facts.of(part) & facts.ways[way]).sum())
    return lambda facts: float(facts.of(part).sum())


def _attempts(part: Part) -> Number:
    return lambda facts: float(facts.needs["attempts"][facts.of(part)].sum())
