"""Figures of needs: how many were met and where, who went from where to where, and after how long.

A need counts where it arose within the counted time. Met means that a place was entered, or a
service had by who came for that only; at a facility without supervision it is managed, and not met.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import product

import numpy as np

from sim.log import ATTEMPT_COLUMNS, NEED_COLUMNS, CityLog, NeedOutcome, Way
from sim.measures.city.sums import Attempts, Counted, Needs, NeedSums, add_up_needs
from sim.measures.figures.figure import (
    HourPair,
    HourRow,
    Interval,
    Pair,
    Row,
    SampleRow,
    quantile_pair,
)
from sim.measures.histogram import Histogram, histogram_of, merge
from sim.measures.steps import HOUR, Floats, Integers, Window, column, window_of
from sim.scenario.city.system import REFUSALS, System

Part = tuple[str, int | None]
"""What a figure is about, as tables have it, and the number of the kind; None for all of them."""

MET = (NeedOutcome.FIRST_WISH, NeedOutcome.ELSEWHERE, NeedOutcome.CAME_BACK)
NEARBY = (5, 10, 20)
"""Minutes of walk within which it is told whether a facility was open."""
_QUANTILES = {"median": 0.5, "p90": 0.9}
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
_NUMBERED = {way: number for number, way in enumerate(WAYS)}
_MET = [_NUMBERED[way] for way in ("first_wish", "elsewhere", "came_back", "managed")]
_WAY_OF = np.array(
    [
        _NUMBERED["at_end" if one.name.endswith("_AT_END") else one.name.lower()]
        for one in NeedOutcome
    ]
)
"""By number of the NeedOutcome, the way where what met it is supervised."""
_SITE_OPEN = 0
"""The number of the series that is above 0 while a site is open."""


@dataclass(frozen=True, eq=False)
class NeedFacts:
    """One replication of a system as the figures of needs see it: what is alike added up once."""

    window: Window
    sums: NeedSums
    """Of the needs counted."""
    long: tuple[Integers, Floats]
    """Of the needs met whose minutes to the place are not counted by length in `sums`: their kinds
    and minutes."""
    _lengths: dict[str, Histogram] = field(default_factory=dict)

    @classmethod
    def from_log(cls, system: System, log: CityLog) -> "NeedFacts":
        """What of a log is counted."""
        window = window_of(system.people)
        needs = Needs(*(column(log.needs[one], NEED_COLUMNS[one]) for one in Needs._fields))
        tries = (column(log.attempts[one], ATTEMPT_COLUMNS[one]) for one in Attempts._fields)
        sums = add_up_needs(needs, Attempts(*tries), _counted(system, log, window))
        long = sums.long[: sums.found[0]]
        return cls(window, sums, (needs.kind[long], needs.met[long] - needs.arrival[long]))

    @cached_property
    def ended(self) -> list[list[int]]:
        """(ways, kinds and then all of them): how many needs ended in which way."""
        found = self.sums.numbers.sum(axis=2)
        every: list[list[int]] = np.column_stack([found, found.sum(axis=1)]).tolist()
        return every

    @cached_property
    def arisen(self) -> Integers:
        """(kinds, hours): how many there are."""
        found: Integers = self.sums.numbers.sum(axis=0)
        return found

    @cached_property
    def met(self) -> Integers:
        """(kinds, hours): how many were met, whether or not under supervision."""
        found: Integers = self.sums.numbers[_MET].sum(axis=0)
        return found

    @cached_property
    def minutes_by_hour(self) -> Floats:
        """Minutes counted in each hour of the week."""
        return self.window.minutes_by_hour()

    @cached_property
    def flows(self) -> list[list[list[int]]]:
        """As in `sums`; those from anywhere come after those from nowhere."""
        found = self.sums.flows
        every: list[list[list[int]]] = np.concatenate(
            [found, found.sum(axis=1, keepdims=True)], axis=1
        ).tolist()
        return every

    def lengths(self, part: Part) -> Histogram:
        """Minutes from need to place by length, counted once for all that ask for them."""
        name, kind = part
        if name not in self._lengths:
            (kinds, minutes), short = self.long, self.sums.short
            counts = short.sum(axis=0) if kind is None else short[kind]
            ticks = np.flatnonzero(counts)
            found = Histogram(ticks, counts[ticks].astype(np.int64))
            more = histogram_of(minutes if kind is None else minutes[kinds == kind])
            self._lengths[name] = merge([found, more]) if len(more.ticks) else found
        return self._lengths[name]


def _counted(system: System, log: CityLog, window: Window) -> Counted:
    """What is counted of the needs of a log, and where they had how far to go."""
    rows = window.rows(log.needs["arrival"])
    changes = [
        (one.changes["time"][mine], one.changes["value"][mine] > 0, np.full(len(mine), number))
        for number, one in enumerate(log.sites)
        for mine in [np.flatnonzero(one.changes["series"] == _SITE_OPEN)]
    ]
    times, opens, changing = (np.concatenate(columns) for columns in zip(*changes, strict=True))
    order = np.argsort(times, kind="stable")
    serves = (system.kind_at.T >= 0)[:, np.newaxis]
    return Counted(
        first=rows.start,
        after=rows.stop,
        first_hour=window.first_hour,
        way_of=_WAY_OF,
        managed=_NUMBERED["managed"],
        ways=len(WAYS),
        met=int(max(MET)),
        supervised=np.array(system.supervised, dtype=np.bool_),
        nearby=np.array(NEARBY, dtype=np.float64),
        walk=np.where(serves, system.choice.walk, np.inf),
        changes=np.append(times[order], np.inf),
        changing=changing[order],
        opens=opens[order],
    )


EVERY: Part = ("all", None)


def need_parts(system: System) -> tuple[Part, ...]:
    """All needs, and those of each kind."""
    if len(system.kinds) == 1:
        return (EVERY,)
    return (EVERY, *((f"kind:{name}", number) for number, name in enumerate(system.kinds)))


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
        yield from _ended(part, "needs_met", _MET_HERE, _number(part, *_SUPERVISED))
        yield from _minutes(part)
        meaning = "Visits to a door that a need makes"
        yield _figure("attempts.per_need", by, "visits/need", meaning, (_attempts(part), every))
    if system.is_city:
        yield from _by_facility(system)
    yield from _refused()
    if system.is_city:
        yield from _flows(system)
        yield from _nearby()


_SUPERVISED = ("first_wish", "elsewhere", "came_back")
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
    of = partial(_to_place, part), partial(_met, part)
    yield _figure(f"{_TO_PLACE}.mean", by, "min", meaning, of)
    yield NeedSample(SampleRow(_TO_PLACE, by), lambda facts: facts.lengths(part))
    for statistic, probability in _QUANTILES.items():
        told = f"{meaning}: the shortest that {probability:.0%} did not exceed"
        quantile = Interval.QUANTILE, np.inf, probability
        row = Row(_TO_PLACE, statistic, by, "min", told, *quantile)
        yield NeedFigure(row, partial(_quantile, part, probability))


_TO_PLACE = "need_to_place"


def _to_place(part: Part, facts: NeedFacts) -> float:
    return float(_of(part, facts.sums.minutes).sum())


def _met(part: Part, facts: NeedFacts) -> float:
    return float(_of(part, facts.met).sum())


def _quantile(part: Part, probability: float, facts: NeedFacts) -> Pair:
    return quantile_pair(facts.lengths(part).quantile(probability))


def _by_facility(system: System) -> Iterator[NeedFigure]:
    """Where needs were met, and where people who got nothing tried last."""
    met, unmet = tuple(map(int, MET)), (int(NeedOutcome.UNMET),)
    for number, name in enumerate(system.sites):
        by = f"facility:{name}"
        for metric, meaning, some in (
            ("needs_wished", "Needs whose first wish it is, per day", partial(_wished, number)),
            ("needs_met_at", "Needs met there, per day", partial(_ended_at, met, number)),
            (
                "needs_unmet_at",
                "Needs given up after being turned away there, per day",
                partial(_ended_at, unmet, number),
            ),
        ):
            yield _figure(f"{metric}.per_day", by, "needs/day", meaning, (some, _days))


def _wished(facility: int, facts: NeedFacts) -> float:
    return float(facts.sums.wishes[facility])


def _ended_at(outcomes: tuple[int, ...], facility: int, facts: NeedFacts) -> float:
    return float(facts.sums.places[list(outcomes), facility].sum())


def _refused() -> Iterator[NeedFigure]:
    """Why those whose need is unmet got nothing the last time."""
    for name, number in REFUSALS.items():
        meaning = f"Needs given up, the last visit of which ended as {name}, per day"
        some = partial(_given_up, number)
        yield _figure("needs_unmet.per_day", f"outcome:{name}", "needs/day", meaning, (some, _days))


def _given_up(outcome: int, facts: NeedFacts) -> float:
    return float(facts.sums.refused[outcome])


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
    since = -1 if start is None else start
    return lambda facts: float(facts.flows[way][since][to])


def _nearby() -> Iterator[NeedFigure]:
    """Whether a facility that serves the need was open near by."""
    for number, minutes in enumerate(NEARBY):
        meaning = f"Share of needs with a facility open within {minutes} minutes of walk"
        share, name = (partial(_near, number), _number(EVERY)), f"facility_open.within_{minutes}"
        yield _figure(name, "all", "share", meaning, share, Interval.EVENTS)


def _near(number: int, facts: NeedFacts) -> float:
    return float(facts.sums.near[number])


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


def _of(part: Part, by_kind: Floats | Integers) -> Floats:
    """(hours,) of a part, from (kinds, hours)."""
    kind = part[1]
    found: Floats = by_kind.sum(axis=0) if kind is None else by_kind[kind]
    return found


def _an_hour(part: Part, facts: NeedFacts) -> HourPair:
    return _of(part, facts.arisen), facts.minutes_by_hour / HOUR


def _share_by_hour(part: Part, way: str, facts: NeedFacts) -> HourPair:
    return _of(part, facts.sums.numbers[_NUMBERED[way]]), _of(part, facts.arisen)


def _mean_by_hour(part: Part, facts: NeedFacts) -> HourPair:
    return _of(part, facts.sums.minutes), _of(part, facts.met)


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


def _number(part: Part, *ways: str) -> Number:
    """How many needs there are of a part, of those that ended in some ways."""
    chosen = [_NUMBERED[way] for way in ways or WAYS]
    kind = -1 if part[1] is None else part[1]
    return lambda facts: float(sum(facts.ended[way][kind] for way in chosen))


def _attempts(part: Part) -> Number:
    kind = slice(None) if part[1] is None else part[1]
    return lambda facts: float(facts.sums.doors[kind].sum())
