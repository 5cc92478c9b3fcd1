"""What a city implies before anything is simulated: who goes where, and when nothing is open."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

import numpy as np
from numpy.typing import NDArray

from sim.scenario.city.model import OF_THE_CITY, City, Diverts
from sim.scenario.city.system import System, system_of
from sim.scenario.derived.calendar import Span, rates_of, room_spans, site_spans
from sim.scenario.derived.entering import Intervals, door_intervals
from sim.scenario.derived.outlook import Outlook, outlook
from sim.scenario.derived.warnings import WAITS, date_warnings, target_warnings
from sim.scenario.errors.problem import Source
from sim.scenario.errors.told import Listed, Name, Told, Written, told
from sim.scenario.model.hours import DAY, DAYS, WEEK, Interval, clock_of, day_text, weekday_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import Operator

_OF_DEMAND = {
    "shut_listed",
    "shut_shape",
    "shut_week",
    "shut_profile",
    "dates_listed",
    "dates_week",
    "dates_profile",
    "nobody_expected",
    "nobody_expected_shape",
    "nobody_ever_comes",
    "targets_on_waits",
}
"""Warnings of a site about demand while it is shut, which in a city goes elsewhere, and about
targets without one on visits unserved, where needs count."""
_NOBODY = 1e-6
"""Share of those who wish a facility first, of one that nobody prefers."""
_OF_UNMET = ("needs_", "unserved")
"""How figures begin that tell of those who got nothing."""
_NEAR = 0.01
"""What a share worked out before anything is played may be off."""
_FEW = 8
"""Stretches in which nothing is open that are told one by one."""


@dataclass(frozen=True)
class AtFacility:
    """What a city implies for one of its facilities."""

    name: str
    supervised: bool
    wished: float
    """Needs a day whose first wish it is."""
    places: int
    """Of all its rooms."""
    outlook: Outlook
    """Of the facility, if those came and no others."""


@dataclass(frozen=True)
class CityOutlook:
    """What a city implies."""

    needs: Mapping[str, float]
    """A day, by kind."""
    facilities: tuple[AtFacility, ...]
    choice: tuple[str, ...]
    """Who goes where, a sentence each."""
    closed: tuple[str, ...]
    """When in the week nothing is open for a kind, a sentence a kind."""
    warnings: tuple[str, ...]
    """What cannot work or is likely to be a mistake, at the city or at a facility."""


def city_outlook(city: City) -> CityOutlook:
    """What a city implies, with a warning for each thing that cannot work."""
    system = system_of(city)
    first = first_wishes(system)
    kinds, a_day = city.visits, _needs_a_day(city)
    shares = np.array([one.share for one in kinds.values()])
    facilities = []
    for number, (name, facility) in enumerate(city.open_facilities.items()):
        wished = float((shares * first[: len(shares), number]).sum()) * a_day
        site = _visited(system.sites[name], shares * first[: len(shares), number])
        places = sum(room.places for room in facility.rooms.values())
        found = outlook(site)
        facilities.append(AtFacility(name, facility.supervised, wished, places, found))
    return CityOutlook(
        needs={name: one.share * a_day for name, one in kinds.items()},
        facilities=tuple(facilities),
        choice=tuple(_choice_lines(city)),
        closed=tuple(_closed_lines(city)),
        warnings=(
            *_of_city(city),
            *(
                told("at_facility", "{facility}: {warning}", facility=Name(one.name), warning=text)
                for one in facilities
                for text in one.outlook.warnings
                if getattr(text, "kind", "") not in _OF_DEMAND
            ),
        ),
    )


def warnings_of(scenario: Scenario) -> tuple[str, ...]:
    """What cannot work or is likely to be a mistake, of a site or of a city."""
    if isinstance(scenario, City):
        return city_outlook(scenario).warnings
    return outlook(scenario).warnings


def first_wishes(system: System) -> NDArray[np.float64]:
    """(kinds, facilities): the share of needs of each kind that wish each facility first."""
    weights = system.choice.weights
    whole = weights.sum(axis=2, keepdims=True)
    shares = np.divide(weights, whole, out=np.zeros_like(weights), where=whole > 0)
    found: NDArray[np.float64] = np.tensordot(system.choice.origins, shares, axes=1)
    return found


def _needs_a_day(city: City) -> float:
    demand = city.demand
    if demand.visits_a_day is not None:
        return sum(demand.visits_of_weekday(day) for day in range(len(DAYS))) / len(DAYS)
    if demand.week is not None:
        return sum(demand.week) * demand.factor / len(DAYS)
    return len(demand.arrivals or ()) / city.horizon.total_days


def _visited(site: Scenario, wished: NDArray[np.float64]) -> Scenario:
    """A facility as if only those came who wish it first.

    Args:
        site: with the demand of the whole city.
        wished: by kind of the city, the share of all needs.
    """
    demand, total = site.demand, float(wished.sum())
    if demand.arrivals is not None or total <= 0:
        return site.model_copy(update={"demand": demand.model_copy(update={"factor": 1e-9})})
    factor = demand.factor * total
    return site.model_copy(update={"demand": demand.model_copy(update={"factor": factor})})


# --- who goes where -----------------------------------------------------------------------------


def _choice_lines(city: City) -> Iterator[str]:
    choice = city.choice
    if choice.informed:
        yield told("informed", "{share:.0%} know the queues", share=choice.informed)
    if choice.knows_hours:
        yield told("knows_hours", "people know the hours and pass over what is closed")
    else:
        yield told("not_knows_hours", "people do not know the hours and may find a door closed")
    listed = Listed.of(_diverting(choice.diverts), "comma")
    yield told("diverts", "who gets nothing tries another: {listed}", listed=listed)
    returns = [one.returns or choice.returns for one in city.visits.values()]
    if not any(returns):
        yield told("nobody_returns", "nobody comes back later; try 0-50 % (choice.returns)")
    for name, one in city.visits.items():
        if (said := one.returns or choice.returns) is not None:
            yield told(
                "returns",
                "{kind}: {share:.0%} of the others come back, after {mean:.4g} min on average",
                kind=Name(name),
                share=said.share,
                mean=said.after.mean(),
            )


def _diverting(chance: Diverts) -> tuple[Told, ...]:
    """Who goes on to another facility, by how they were turned away."""
    return (
        told("diverts_closed", "{share:.0%} of those who find it closed", share=chance.closed),
        told(
            "diverts_no_space",
            "{share:.0%} of those for whom there is no room",
            share=chance.no_space,
        ),
        told(
            "diverts_balked",
            "{share:.0%} of those who see the queue and turn round",
            share=chance.balked,
        ),
        told(
            "diverts_reneged", "{share:.0%} of those who leave after waiting", share=chance.reneged
        ),
        told(
            "diverts_dismissed_at_close",
            "{share:.0%} of those sent away at closing",
            share=chance.dismissed_at_close,
        ),
    )


def _of_city(city: City) -> Iterator[str]:
    """What is likely to be a mistake in who goes where."""
    first = first_wishes(system_of(city))
    for number, name in enumerate(city.open_facilities):
        if first[: len(city.visits), number].max() <= _NOBODY:
            yield told(
                "nobody_wishes",
                "nobody wishes {facility} first: it is tried after all others "
                "(choice.prefer does not name it)",
                facility=Name(name),
            )
    for number, kind in enumerate(city.visits):
        if not first[number].any():
            yield told(
                "nobody_serves",
                "no facility that is left serves {kind}: all of these needs find nothing open",
                kind=Name(kind),
            )
    yield from warnings_of_targets(city)


def warnings_of_targets(scenario: Scenario) -> Iterator[str]:
    """Targets on waits beside none on who gets nothing, at a site or in a city."""
    if not isinstance(scenario, City):
        yield from target_warnings(scenario)
        return
    metrics = {target.metric for target in scenario.targets}
    if metrics & WAITS and not any(one.startswith(_OF_UNMET) for one in metrics):
        yield told(
            "city_targets_on_waits",
            "targets limit waits and say nothing of needs that are not met: those who leave, or "
            "are turned away, do not wait, so that facilities much too small may meet them; add a "
            "target such as `needs_met.share >= 95 %`",
        )
    yield from _out_of_hours(scenario)


def _out_of_hours(city: City) -> Iterator[str]:
    """Targets on needs met that no number of places can meet: too many arise with nothing open."""
    wanted = [
        target
        for target in city.targets
        if target.figure == ("needs_met", "share")
        and (target.by, target.hour) == ("all", None)
        and target.operator in (Operator.AT_LEAST, Operator.ABOVE)
    ]
    if not wanted or not city.choice.knows_hours or city.demand.arrivals is not None:
        return
    if any(one.opening.dates for one in city.open_facilities.values()):
        return  # no week is like the first
    missed = _nothing_open(city)
    for target in wanted:
        limit = target.limit.number / (100 if target.limit.unit == "%" else 1)
        if limit > 1 - missed + _NEAR:
            yield told(
                "cannot_be_met_out_of_hours",
                "`{target}` cannot be met by more places or staff: about {share:.0%} of needs "
                "arise while nothing is open; open longer, or at other hours",
                target=Written(target.text),
                share=missed,
            )


def _nothing_open(city: City) -> float:
    """The share of needs that arise while nothing is open for them."""
    rates = rates_of(city).per_hour
    first, steps = city.horizon.start.weekday(), rates.shape[1]
    arising = np.zeros((len(DAYS), steps))
    for day, hourly in enumerate(rates):
        arising[(first + day) % len(DAYS)] += hourly
    whole, missed = float(arising.sum()), 0.0
    for kind, one in city.visits.items():
        closed = np.zeros(WEEK)
        for start, end in closed_everywhere(city, kind):
            closed[start:end] = 1
        by_step = closed.reshape(len(DAYS), steps, -1).mean(axis=2)
        missed += one.share * float((arising * by_step).sum())
    return missed / whole if whole else 0.0


# --- when nothing is open -----------------------------------------------------------------------


def _closed_lines(city: City) -> Iterator[str]:
    """For each kind the stretches of the week in which nothing is open for it."""
    for kind in city.visits:
        gaps = closed_everywhere(city, kind)
        minutes = sum(end - start for start, end in gaps)
        if not minutes:
            yield told("always_open", "{kind}: always something open", kind=Name(kind))
            continue
        shown = _by_day(gaps)
        more = shown[_FEW:]
        texts: list[str] = list(shown[:_FEW])
        if more:
            texts.append(told("and_more", "and {number} more", number=len(more)))
        length, listed = float(minutes), Listed.of(texts, "comma")
        if any(one.opening.wait_at_door for one in city.open_facilities.values()):
            form = (
                "{kind}: nothing open, nor a door to wait at, for {minutes:,.0f} minutes of the "
                "week: {gaps}"
            )
            yield told("nothing_open_nor_door", form, kind=Name(kind), minutes=length, gaps=listed)
        else:
            form = "{kind}: nothing open for {minutes:,.0f} minutes of the week: {gaps}"
            yield told("nothing_open", form, kind=Name(kind), minutes=length, gaps=listed)


def closed_everywhere(city: City, kind: str) -> list[tuple[int, int]]:
    """Minutes of a week like the horizon's first, from Monday 00:00, with nobody let in for a kind.

    After last entry a door is shut, and open as long before its opening as people wait there. Bad
    weather and supervision are left out of it.
    """
    is_open = np.zeros(WEEK, dtype=np.bool_)
    first = city.horizon.start.weekday() * DAY
    for facility in system_of(city).sites.values():
        if kind not in facility.visits:
            continue
        opening = facility.opening
        site = _as_intervals(site_spans(facility))
        rooms = [_as_intervals(room_spans(facility, one)) for one in facility.visits[kind].rooms]
        for start, end in door_intervals(site, rooms, opening.wait_at_door, opening.last_entry):
            if start < WEEK:  # by the middle of each minute
                minutes = np.arange(ceil(start - 0.5), ceil(min(end, start + WEEK) - 0.5))
                is_open[(minutes + first) % WEEK] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[True], is_open, [True]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _as_intervals(found: Sequence[Span]) -> Intervals:
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def _by_day(gaps: Iterable[tuple[int, int]]) -> list[Told]:
    """`mon-fri 06:30-07:45`; stretches at the same time of following days together."""
    gaps = list(gaps)
    if len(gaps) > 1 and (gaps[0][0], gaps[-1][1]) == (0, WEEK):  # one, around Sunday midnight
        gaps = [*gaps[1:-1], (gaps[-1][0], WEEK + gaps[0][1])]
    times = [(start % DAY, end - start, start // DAY) for start, end in gaps]
    found = []
    for (clock, length), alike in groupby(sorted(times), key=lambda one: one[:2]):
        if clock + length >= 2 * DAY:  # to the day after the next, or beyond
            found += [_over_days(day * DAY + clock, length) for _, _, day in alike]
            continue
        days = [day for _, _, day in alike]
        runs = [list(run) for _, run in groupby(enumerate(days), key=lambda one: one[1] - one[0])]
        for run in runs:
            first, last = run[0][1], run[-1][1]
            named: str = weekday_of(first)
            if (first, last) == (0, len(DAYS) - 1):
                named = told("every_day", "every day")
            elif first != last:
                ends = {"first": weekday_of(first), "last": weekday_of(last)}
                named = told("days", "{first}-{last}", **ends)
            hours = day_text((Interval(clock, clock + length),))
            found.append(told("day_hours", "{days} {hours}", days=named, hours=hours))
    return found


def _over_days(start: int, length: int) -> Told:
    """`sat 18:00-mon 09:00`."""
    if length == WEEK:
        return told("the_whole_week", "the whole week")
    first, last = (
        told("day_hours", "{days} {hours}", days=weekday_of(day % len(DAYS)), hours=clock_of(clock))
        for day, clock in (divmod(start, DAY), divmod(start + length, DAY))
    )
    return told("days", "{first}-{last}", first=first, last=last)


def dates_beyond(city: City, source: Source) -> list[str]:
    """Warnings of dates of facilities that are all beyond the horizon."""
    found = []
    for name, site in system_of(city).sites.items():
        found += date_warnings(site, source, ("facilities", name))
    return found


# --- what of site files is not used ---------------------------------------------------------------


def unused(city: City, source: Source) -> list[str]:
    """What is told of the parts of facilities' files that are not used.

    Args:
        city: the city.
        source: what was read, which knows what was left out.
    """
    found: list[str] = []
    asked = [text for text in source.data.get("targets") or () if isinstance(text, str)]
    kept = {target.text for target in city.targets}
    if gone := [text for text in asked if " ".join(text.split()) not in kept]:
        form = "targets of facilities that are taken away are left out: {targets}"
        listed = Listed.of([Name(text) for text in gone], "comma")
        found.append(told("targets_gone", form, targets=listed))
    for name, facility in city.open_facilities.items():
        parts = [key for key in OF_THE_CITY if (name, key) in source.left_out]
        parts += [
            f"visits.{kind}.{key}"
            for kind, visit in facility.visits.items()
            for key in ("returns", "attempts")
            if getattr(visit, key) is not None
        ]
        parts += [f"visits.{kind}" for kind in facility.visits if kind not in _kinds_of(city, name)]
        parts.append("visits.*.share")
        form = "{facility}: its own {parts} are not used; the city's hold"
        listed = Listed.of([Name(part) for part in parts], "comma")
        found.append(told("not_used", form, facility=Name(name), parts=listed))
    return found


def _kinds_of(city: City, facility: str) -> Collection[str]:
    """Kinds of visit that come to a facility."""
    return system_of(city).sites[facility].visits
