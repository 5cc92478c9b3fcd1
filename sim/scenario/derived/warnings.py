"""What cannot work, or is likely to be a mistake, of demand, doors and places, and what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.scenario.derived.appointments import appointment_times
from sim.scenario.derived.calendar import Bools, Floats, inside_spans, rates_of, site_spans, when
from sim.scenario.derived.entering import entering
from sim.scenario.derived.flow import Flow, together
from sim.scenario.derived.offered import Load, coming_kinds, pieces_of, places_of
from sim.scenario.derived.rooms import room_warnings
from sim.scenario.errors.problem import KeyPath, Source
from sim.scenario.errors.told import Listed, Name, told
from sim.scenario.model.dates import parse_dates
from sim.scenario.model.hours import DAY, HOUR, HOURS_OF_WEEK, WEEK
from sim.scenario.model.scenario import Scenario

_CLOSED = 0.02
"""Share of visits that come while the site is shut, from which that is likely to be a mistake."""
_CLOSED_KNOWN = 0.1
"""The same where demand is given for every hour, so that somebody has thought of the night; or
listed."""
_MOST = 0.5
"""Share of these on dates with other hours, above which it is told of the dates."""
_AT_DOOR = 0.05
"""Share of visits that wait at the door for the opening, from which it is told."""
_SHORT = 15.0
"""Minutes a week that are not worth a word."""
_NEARLY_FULL = 0.9


def demand_warnings(scenario: Scenario) -> list[str]:
    """Demand while the site is shut, none while it is open, and people who wait at the door."""
    if never := _never_in(scenario):
        return [never]
    return [*_shut(scenario), *_nobody_comes(scenario), *_at_door(scenario)]


WAITS = frozenset({"wait", "wait_joined"})
"""Metrics that count those alone who got a place."""


def target_warnings(scenario: Scenario) -> list[str]:
    """Targets on waits beside none on those who are not served, where somebody may leave."""
    metrics = {target.metric for target in scenario.targets}
    if not metrics & WAITS or any(metric.startswith("unserved") for metric in metrics):
        return []
    impatient = any(kind.patience or kind.balking for kind in scenario.visits.values())
    if not impatient and scenario.waiting_area is None:
        return []
    return [
        told(
            "targets_on_waits",
            "targets limit waits and say nothing of unserved visits: those who leave, or are "
            "turned away, do not wait, so that a site much too small may meet them; add a target "
            "such as `unserved <= 5 %`",
        )
    ]


def place_warnings(scenario: Scenario, loads: Sequence[Load]) -> list[str]:
    """Kinds of visit that find no place open, and sets of rooms that are asked for too much."""
    return [*_no_place(scenario), *_overloads(scenario, loads), *room_warnings(scenario)]


def date_warnings(scenario: Scenario, source: Source, within: KeyPath = ()) -> list[str]:
    """Dates with hours or places of their own that are all beyond the horizon, where written.

    Args:
        scenario: a site.
        source: what was read.
        within: where the site stands in it, if it is a facility of a city.
    """
    rooms: list[KeyPath] = [("rooms", name, "dates") for name in scenario.rooms]
    paths = [("opening", "dates"), *rooms]
    found = (_beyond(scenario, source, (*within, *path)) for path in paths)
    return [one for one in found if one]


def _beyond(scenario: Scenario, source: Source, path: KeyPath) -> str:
    """What is to be said of a map by dates, at the first that is beyond the horizon; or nothing."""
    written: Mapping[Any, Any] = source.data
    for key in path:
        written = written.get(key) or {}
    horizon = scenario.horizon
    # A day begins to count the evening before, and one under way at the end runs on.
    first, last = horizon.date_of(-1), horizon.date_of(horizon.total_days)
    beyond = [key for key in written if not any(first <= day <= last for day in parse_dates(key))]
    if not beyond:
        return ""
    return told(
        "dates_beyond",
        "{where}: is beyond the horizon, with {number} of {of} entries: nothing goes by it from "
        "{start} to {end}; change the date, or horizon.start, weeks or days",
        where=str(source.problem((*path, beyond[0]), "", at_key=True)),
        number=len(beyond),
        of=len(written),
        start=horizon.start,
        end=horizon.date_of(horizon.total_days - 1),
    )


# --- demand and the door -----------------------------------------------------------------------


def _counted(scenario: Scenario, flow: Flow) -> tuple[float, str]:
    """Visits a day of a flow over the days counted, and the hour of the week with most of them."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    counts = flow.counts(np.arange(since, until + 1, HOUR))
    hour = (np.arange(len(counts)) + 24 * scenario.horizon.start.weekday()) % HOURS_OF_WEEK
    by_hour = np.bincount(hour, counts, minlength=HOURS_OF_WEEK)
    most = int(np.argmax(np.round(by_hour, 9)))
    return float(counts.sum()) * DAY / (until - since), when(most * HOUR)


def _never_in(scenario: Scenario) -> str:
    """Why nobody is ever let in; empty if somebody is."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    if any(one.door.let_in.total(since, until) > 0 for one in entering(scenario).values()):
        return ""
    spans = site_spans(scenario)
    if not spans:
        return told("never_open", "the site is never open: give opening.hours")
    if all(end - start <= scenario.opening.last_entry for start, end in spans):
        form = "nobody is ever let in: opening.last_entry is as long as it is open"
        return told("last_entry_too_long", form)
    form = "nobody ever comes while the site is open: compare demand with opening.hours"
    return told("nobody_ever_comes", form)


def _shut(scenario: Scenario) -> list[str]:
    every = entering(scenario).values()
    come, _ = _counted(scenario, together(flow for one in every for flow in one.door.everybody))
    outside = together(one.door.outside for one in every)
    shut, most = _counted(scenario, outside)
    demand = scenario.demand
    known = demand.arrivals is not None or bool((rates_of(scenario).ordinary > 0).all())
    if shut <= (_CLOSED_KNOWN if known else _CLOSED) * come:
        return []
    come_shut = told(
        "come_shut",
        "{shut:.1f} of {come:.1f} visits a day come while the site is shut (most at {most}) and "
        "count as closed",
        shut=shut,
        come=come,
        most=most,
    )
    dated = _on_dates(scenario, outside) if demand.shape is None else 0.0
    if dated > _MOST * shut:
        return [_shut_on_dates(scenario, come, shut, dated)]
    if demand.arrivals is not None:
        form = "{told}: compare opening.hours with the list of visits"
        return [told("shut_listed", form, told=come_shut)]
    if demand.shape is not None:
        form = (
            "{told}: the profile runs on between the pieces of a day's hours; if fewer people "
            "come on such a day, lower demand.visits_per_day or demand.weekday"
        )
        return [told("shut_shape", form, told=come_shut)]
    if demand.week is not None:
        form = "{told}: give these hours 0 in demand.week if nobody would come then"
        return [told("shut_week", form, told=come_shut)]
    form = (
        "{told}: if nobody would come then, write `profile: city-day`, a shape that "
        "follows the opening hours, or give these hours the weight 0"
    )
    return [told("shut_profile", form, told=come_shut)]


def _on_dates(scenario: Scenario, outside: Flow) -> float:
    """Visits a day that come while the site is shut and would find it open in an ordinary week."""
    opening = scenario.opening
    if not opening.dates:
        return 0.0
    ordinary = scenario.model_copy(update={"opening": opening.model_copy(update={"dates": {}})})
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    spans = site_spans(ordinary)
    edges = np.unique(np.clip(np.ravel(spans), since, until))
    inside = inside_spans(spans, (edges[:-1] + edges[1:]) / 2)
    return float(outside.counts(edges)[inside].sum()) * DAY / (until - since)


def _shut_on_dates(scenario: Scenario, come: float, shut: float, dated: float) -> str:
    """Of visits that come while the site is shut, most of them on dates."""
    on_dates = told(
        "come_on_dates",
        "{shut:.1f} of {come:.1f} visits a day come while the site is shut and count as closed, "
        "{dated:.1f} of them on dates with hours of their own",
        shut=shut,
        come=come,
        dated=dated,
    )
    if scenario.demand.arrivals is not None:
        form = "{told}: compare opening.dates with the list of visits"
        return told("dates_listed", form, told=on_dates)
    form = (
        "{told}: if nobody would come then, name these dates under demand.special_days with "
        "`visits: 0`"
    )
    if scenario.demand.week is not None:
        return told("dates_week", form, told=on_dates)
    form += ", or write `profile: city-day`, a shape that follows the hours of dates too"
    return told("dates_profile", form, told=on_dates)


def _nobody_comes(scenario: Scenario) -> list[str]:
    """Open hours, but for last call, in which no demand is given."""
    if scenario.demand.arrivals is not None or scenario.demand.crowd_at_opening == 1:
        return []
    rates = rates_of(scenario).per_hour.ravel()
    step = DAY * scenario.horizon.total_days / len(rates)
    spans = [(start, end - scenario.opening.last_entry) for start, end in site_spans(scenario)]
    edges = np.concatenate([np.arange(len(rates) + 1) * step, np.ravel(spans)])
    edges = np.unique(np.clip(edges, scenario.horizon.counted_from, scenario.horizon.minutes))
    middle = (edges[:-1] + edges[1:]) / 2
    rate = rates[np.minimum((middle // step).astype(np.int64), len(rates) - 1)]
    booked = [np.empty(0), *appointment_times(scenario).values()]
    nobody = np.histogram(np.concatenate(booked), edges)[0] == 0
    idle = (rate == 0) & nobody & inside_spans(spans, middle)
    found = _hours(scenario, edges, idle)
    if not found:
        return []
    if scenario.demand.shape is not None:
        form = "nobody is expected {when}: look at demand.weekday and special_days, or close"
        return [told("nobody_expected_shape", form, when=found)]
    form = (
        "nobody is expected {when}: give these hours weight in the demand, or close then; "
        "`demand.profile: city-day`, as every shape, follows the opening hours"
    )
    return [told("nobody_expected", form, when=found)]


def _hours(scenario: Scenario, edges: Floats, which: Bools) -> str:
    """How much of the open time some pieces of it are; empty if it is not worth a word."""
    minutes = np.diff(edges)[which].sum() * WEEK
    a_week = float(minutes) / (scenario.horizon.minutes - scenario.horizon.counted_from)
    if a_week < _SHORT:
        return ""
    first = edges[:-1][which][0] + DAY * scenario.horizon.start.weekday()
    form = "for {hours:.3g} open hours a week (first {first})"
    return told("for_hours", form, hours=a_week / HOUR, first=when(first % WEEK))


def _at_door(scenario: Scenario) -> list[str]:
    every = entering(scenario).values()
    let_in, _ = _counted(scenario, together(one.let_in for one in every))
    came = together(one.door.came for one in every)
    waiting, most = _counted(scenario, came)
    if waiting <= _AT_DOOR * let_in:
        return []
    opened = together(one.door.waited for one in every)
    minutes = (opened.moment() - came.moment()) / came.total()
    return [
        told(
            "wait_at_door",
            "{waiting:.1f} visits a day come before the door opens and wait for it, {minutes:.0f} "
            "minutes on average (most at {most}): opening earlier would spare them that",
            waiting=waiting,
            minutes=minutes,
            most=most,
        )
    ]


# --- places ------------------------------------------------------------------------------------


def _no_place(scenario: Scenario) -> list[str]:
    pieces, spans = pieces_of(scenario), site_spans(scenario)
    middle = (pieces.edges[:-1] + pieces.edges[1:]) / 2
    counted = middle > scenario.horizon.counted_from
    last_call = scenario.opening.last_entry
    admitted = inside_spans([(start, end - last_call) for start, end in spans], middle) & counted
    found: list[str] = []
    for name in coming_kinds(scenario):
        kind = scenario.visits[name]
        rooms = Listed.of(kind.rooms, "and")
        usable = [room for room in kind.rooms if places_of(scenario, room) > 0]
        if not usable:
            found.append(
                told(
                    "no_place",
                    "{kind}: there is no place in {rooms}, so that nobody of this kind can be "
                    "served; give it places, or share: 0",
                    kind=Name(name),
                    rooms=rooms,
                )
            )
            continue
        none = admitted & ~np.logical_or.reduce([pieces.open[room] for room in usable])
        if hours := _hours(scenario, pieces.edges, none):
            found.append(
                told(
                    "no_place_open",
                    "{kind}: no place in {rooms} is open {when}: who comes then waits for one or "
                    "is sent away; let a room open with the site, or name another under rooms",
                    kind=Name(name),
                    rooms=rooms,
                    when=hours,
                )
            )
    return found


def _overloads(scenario: Scenario, loads: Sequence[Load]) -> list[str]:
    """Sets of rooms whose own visitors exceed, or nearly fill, all the places they can use."""
    found: list[str] = []
    for load in loads:
        values = {
            "rooms": Listed.of(load.rooms, "plus"),
            "load": load.load,
            "places": load.places,
            "when": load.when,
            "others": _switching(scenario, load),
        }
        if load.load >= load.places > 0:
            form = (
                "{rooms}: {load:.1f} places are needed on average at {when}, but there are "
                "{places:g}: "
            )
            if load.at_opening:
                form += "those at the door when it opens queue for a place{others}"
                found.append(told("crowded", form, **values))
            else:
                form += "the queue grows until people leave or demand falls{others}"
                found.append(told("overloaded", form, **values))
        elif load.load > _NEARLY_FULL * load.places > 0 and not load.at_opening:
            form = (
                "{rooms}: {load:.1f} of {places:g} places are in use on average at {when}: expect "
                "long waits{others}"
            )
            found.append(told("nearly_full", form, **values))
    return found


def _switching(scenario: Scenario, load: Load) -> str:
    """Who of those confined to some rooms may still go elsewhere, which loads leave out."""
    found = [
        told(
            "switching",
            "; but {share:.0f} % of {kind} also accept {room} after {minutes:g} min in the queue",
            share=100 * kind.switch.probability,
            kind=Name(name),
            room=Name(kind.switch.room),
            minutes=kind.switch.after,
        )
        for name, kind in scenario.visits.items()
        if kind.rooms
        and set(kind.rooms) <= set(load.rooms)
        and kind.share > 0
        and kind.switch is not None
        and kind.switch.probability > 0
        and kind.switch.room not in load.rooms
        and places_of(scenario, kind.switch.room) > 0
    ]
    return Listed.of(found, "none")
