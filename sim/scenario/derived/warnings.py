"""Warnings of demand, doors and places that do not go together: what, when, and what to do."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived.calendar import site_spans
from sim.scenario.derived.entering import entering
from sim.scenario.derived.flow import Flow, together
from sim.scenario.derived.offered import Load, coming_kinds, inside_spans, pieces_of, places_of
from sim.scenario.derived.rates import rates_of
from sim.scenario.model.hours import DAY, DAYS, HOUR, HOURS_OF_WEEK, WEEK, clock_text
from sim.scenario.model.scenario import Scenario

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_CLOSED = 0.02
"""Share of visits that come while the site is shut, from which that is likely to be a mistake."""
_CLOSED_KNOWN = 0.1
"""The same where demand is given for every hour, so that somebody has thought of the night; or
listed."""
_AT_DOOR = 0.05
"""Share of visits that wait at the door for the opening, from which it is told."""
_SHORT = 15.0
"""Minutes a week that are not worth a word."""
_NEARLY_FULL = 0.9


def demand_warnings(scenario: Scenario) -> list[str]:
    """Demand while the site is shut, none while it is open, and people who wait at the door."""
    if told := _never_in(scenario):
        return [told]
    return [*_shut(scenario), *_nobody_comes(scenario), *_at_door(scenario)]


def place_warnings(scenario: Scenario, loads: Sequence[Load]) -> list[str]:
    """Kinds of visit that find no place open, and sets of rooms that are asked for too much."""
    return [*_no_place(scenario), *_overloads(scenario, loads)]


# --- demand and the door -----------------------------------------------------------------------


def _counted(scenario: Scenario, flow: Flow) -> tuple[float, str]:
    """Visits a day of a flow over the days counted, and the hour of the week with most of them."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    counts = flow.counts(np.arange(since, until + 1, HOUR))
    hour = (np.arange(len(counts)) + 24 * scenario.horizon.start.weekday()) % HOURS_OF_WEEK
    by_hour = np.bincount(hour, counts, minlength=HOURS_OF_WEEK)
    most = int(np.argmax(np.round(by_hour, 9)))
    return float(counts.sum()) * DAY / (until - since), when(most * HOUR)


def when(minute: float) -> str:
    """A minute of the week, such as `mon 07:30`."""
    return f"{DAYS[int(minute // DAY) % 7]} {clock_text(minute % DAY)}"


def _never_in(scenario: Scenario) -> str:
    """Why nobody is ever let in; empty if somebody is."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    if any(one.door.let_in.total(since, until) > 0 for one in entering(scenario).values()):
        return ""
    spans = site_spans(scenario)
    if not spans:
        return "the site is never open: give opening.hours"
    if all(end - start <= scenario.opening.last_entry for start, end in spans):
        return "nobody is ever let in: opening.last_entry is as long as it is open"
    return "nobody ever comes while the site is open: compare demand with opening.hours"


def _shut(scenario: Scenario) -> list[str]:
    every = entering(scenario).values()
    come, _ = _counted(scenario, together(flow for one in every for flow in one.door.everybody))
    shut, most = _counted(scenario, together(one.door.outside for one in every))
    demand = scenario.demand
    known = demand.arrivals is not None or bool((rates_of(scenario).ordinary > 0).all())
    if shut <= (_CLOSED_KNOWN if known else _CLOSED) * come:
        return []
    told = (
        f"{shut:.1f} of {come:.1f} visits a day come while the site is shut (most at {most}) and "
        "count as closed"
    )
    if demand.arrivals is not None:
        return [f"{told}: compare opening.hours with the list of visits"]
    if demand.shape is not None:
        return [
            (
                f"{told}: the profile runs on between the pieces of a day's hours; if fewer people "
                "come on such a day, lower demand.visits_per_day or demand.weekday"
            )
        ]
    if demand.week is not None:
        return [f"{told}: give these hours 0 in demand.week if nobody would come then"]
    return [
        (
            f"{told}: if nobody would come then, write `profile: daytime`, which follows the "
            "opening hours, or give these hours the weight 0"
        )
    ]


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
    idle = (rate == 0) & inside_spans(spans, middle)
    found = _hours(scenario, edges, idle)
    if not found:
        return []
    if scenario.demand.shape is not None:
        return [f"nobody is expected {found}: look at demand.weekday and special_days, or close"]
    return [
        (
            f"nobody is expected {found}: give these hours weight in the demand, or close then; "
            "`demand.profile: daytime` follows the opening hours"
        )
    ]


def _hours(scenario: Scenario, edges: Floats, which: Bools) -> str:
    """How much of the open time some pieces of it are; empty if it is not worth a word."""
    minutes = np.diff(edges)[which].sum() * WEEK
    a_week = float(minutes) / (scenario.horizon.minutes - scenario.horizon.counted_from)
    if a_week < _SHORT:
        return ""
    first = edges[:-1][which][0] + DAY * scenario.horizon.start.weekday()
    return f"for {a_week / HOUR:.3g} open hours a week (first {when(first % WEEK)})"


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
        (
            f"{waiting:.1f} visits a day come before the door opens and wait for it, {minutes:.0f} "
            f"minutes on average (most at {most}): opening earlier would spare them that"
        )
    ]


# --- places ------------------------------------------------------------------------------------


def _no_place(scenario: Scenario) -> list[str]:
    pieces, spans = pieces_of(scenario), site_spans(scenario)
    middle = (pieces.edges[:-1] + pieces.edges[1:]) / 2
    counted = middle > scenario.horizon.counted_from
    last_call = scenario.opening.last_entry
    admitted = inside_spans([(start, end - last_call) for start, end in spans], middle) & counted
    found = []
    for name in coming_kinds(scenario):
        kind = scenario.visits[name]
        rooms = " and ".join(kind.rooms)
        usable = [room for room in kind.rooms if places_of(scenario, room) > 0]
        if not usable:
            found.append(
                f"{name}: there is no place in {rooms}, so that nobody of this kind can be served; "
                f"give it places, or share: 0"
            )
            continue
        none = admitted & ~np.logical_or.reduce([pieces.open[room] for room in usable])
        if told := _hours(scenario, pieces.edges, none):
            found.append(
                f"{name}: no place in {rooms} is open {told}: who comes then waits for one or is "
                "sent away; let a room open with the site, or name another under rooms"
            )
    return found


def _overloads(scenario: Scenario, loads: Sequence[Load]) -> list[str]:
    """Sets of rooms whose own visitors exceed, or nearly fill, all the places they can use."""
    found = []
    for load in loads:
        names = " + ".join(load.rooms)
        if load.load >= load.places > 0:
            after = (
                "those at the door when it opens queue for a place"
                if load.at_opening
                else "the queue grows until people leave or demand falls"
            )
            found.append(
                f"{names}: {load.load:.1f} places are needed on average at {load.when}, but there "
                f"are {load.places:g}: {after}{_switching(scenario, load)}"
            )
        elif load.load > _NEARLY_FULL * load.places > 0 and not load.at_opening:
            found.append(
                f"{names}: {load.load:.1f} of {load.places:g} places are in use on average at "
                f"{load.when}: expect long waits{_switching(scenario, load)}"
            )
    return found


def _switching(scenario: Scenario, load: Load) -> str:
    """Who of those confined to some rooms may still go elsewhere, which loads leave out."""
    told = [
        f"; but {kind.switch.probability:.0%} of {name} also accept {kind.switch.room} after "
        f"{kind.switch.after:g} min in the queue".replace("%", " %")
        for name, kind in scenario.visits.items()
        if kind.rooms
        and set(kind.rooms) <= set(load.rooms)
        and kind.share > 0
        and kind.switch is not None
        and kind.switch.probability > 0
        and kind.switch.room not in load.rooms
        and places_of(scenario, kind.switch.room) > 0
    ]
    return "".join(told)
