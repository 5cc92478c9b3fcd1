"""How full the rooms and the site are, who uses them, and what is left to do after closing."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from sim.log import OUT_OF_ORDER, failing_rooms
from sim.measures.facts.changes import QUEUES
from sim.measures.facts.facts import Facts, Outages, Visits
from sim.measures.facts.groups import EVERYONE, GOT_PLACE, Group, by_room, having
from sim.measures.figures.figure import (
    Figure,
    HourFigure,
    Interval,
    Number,
    Pair,
    days,
    exposure,
    figure,
    highest,
    hour_figure,
    integral,
    number,
    over,
    over_week,
    replications,
    total,
    weeks,
)
from sim.measures.histogram import counted
from sim.measures.steps import Integers, closing_times, once_a_log
from sim.scenario.derived.calendar import inside_spans, places_at, places_on_days, room_spans
from sim.scenario.model.scenario import Scenario

_STATES = {
    "occupied": "a person on their stay",
    "blocked": "a person after their stay: an overdose, or waiting for aftercare",
    "cleaning": "cleaning",
    "unusable": "nobody, for want of staff to watch it",
    "idle": "nobody",
}
_STATE = "Share of the open minutes of all places with"
_FULL = "Share of open time with every place occupied, blocked or being cleaned"
_WITHOUT_STAFF = (
    (
        "intake_paused",
        "paused",
        (
            "{room} took nobody in because a supervision rule that covers it was unmet, places "
            "free or not: fewer present than `minimum` or than `at_least` of a role, or more "
            "places in use than those present may watch"
        ),
    ),
    (
        "place_unusable",
        "none_usable",
        "{room} had free places and could use none of them for want of staff",
    ),
)
"""Metric, series and meaning of what rooms miss when supervision is wanting."""
_OUT = "out of order in the hours of their room; they are not open meanwhile"


def place_figures(scenario: Scenario) -> Iterator[Figure]:
    """Use of places, by room and over all rooms."""
    users = {group.by: group for group in (EVERYONE, *by_room(scenario))}
    for by, room in _rooms(scenario):
        places = integral(f"{room}:open")
        for state, meaning in _STATES.items():
            of = over_week(integral(f"{room}:{state}"), places)
            yield figure(f"places.{state}", by, "share", f"{_STATE} {meaning}", of)
        of = over_week(integral(f"{room}:full"), integral(f"{room}:is_open"))
        yield figure("places.full", by, "share", _FULL, of)
        meaning = "Open minutes of all places per use: the rule of thumb says 45 to 50"
        of = over(total(places), number(users[by] & GOT_PLACE))
        yield figure("places.open_minutes_per_use", by, "min", meaning, of)
    for metric, series, what in _WITHOUT_STAFF:
        for by, room in _rooms(scenario):
            meaning = f"Minutes per week in which {_in_words(what, by)}"
            of = over(total(integral(f"{room}:{series}")), weeks)
            yield figure(f"{metric}.minutes_per_week", by, "min/week", meaning, of)
    for by, room in _failing(scenario):
        of = over(total(integral(f"{room}:{OUT_OF_ORDER}")), weeks)
        unit, meaning = "min/week", f"Minutes per week, added up over places, {_OUT}"
        yield figure("out_of_order.minutes_per_week", by, unit, meaning, of)
    yield from _outages(scenario)
    yield from _closed_on_dates(scenario)


def _outages(scenario: Scenario) -> Iterator[Figure]:
    """How often places fail, for how long, and whether somebody was in them."""
    names = list(scenario.rooms)
    groups = [
        having(f"room:{name}", _room_of, names.index(name)) for name in failing_rooms(scenario)
    ]
    for group in (_EVERY_OUTAGE, *groups) if groups else ():
        meaning = "Places that failed, per week; of a failure of several each counts"
        of, by = over(_count(group), weeks), group.by
        yield figure("outages.per_week", by, "places/week", meaning, of, Interval.CLUSTERED)
        meaning = "Minutes out of order until repaired, mean of the places that failed"
        yield figure(
            "outages.mean", by, "min", meaning, over(_minutes_out(group), _repaired(group))
        )
        meaning = (
            "Share of the places that failed in which somebody was, or that were being cleaned; "
            "they went out of order when they were left and clean"
        )
        of = over(_in_use(group), _count(group))
        yield figure("outages.share_in_use", by, "share", meaning, of, Interval.EVENTS)


def _room_of(outages: Outages) -> Integers:
    return outages.room


_EVERY_OUTAGE: Group[Outages] = Group("all", lambda outages: outages.room >= 0)


def _count(group: Group[Outages]) -> Number:
    return lambda facts: float(facts.outages.of(group).sum())


def _in_use(group: Group[Outages]) -> Number:
    return lambda facts: float((facts.outages.in_use & facts.outages.of(group)).sum())


def _minutes_out(group: Group[Outages]) -> Number:
    return lambda facts: float(np.nansum(facts.outages.minutes[facts.outages.of(group)]))


def _repaired(group: Group[Outages]) -> Number:
    def number(facts: Facts) -> float:
        return float(np.isfinite(facts.outages.minutes[facts.outages.of(group)]).sum())

    return number


def _closed_on_dates(scenario: Scenario) -> Iterator[Figure]:
    """What rooms have less of because of their dates; it follows from the scenario."""
    minutes = {name: _less(scenario, name) for name, room in scenario.rooms.items() if room.dates}
    meaning = (
        "Minutes per week of places that are closed, or in a closed room, because of the room's "
        "dates, added up over places; days of bad weather left out"
    )
    parts = {f"room:{name}": less for name, less in minutes.items()}
    for by, less in ({"all": sum(minutes.values())} | parts if minutes else {}).items():
        of = over(partial(_constant, less), weeks)
        yield figure("closed_on_dates.minutes_per_week", by, "min/week", meaning, of)


def _constant(value: float, _: Facts) -> float:
    return value


def _less(scenario: Scenario, name: str) -> float:
    """Open minutes of the places of a room in the time counted, less because of its dates."""
    room, horizon = scenario.rooms[name], scenario.horizon
    found = 0.0
    for sign, dates in ((1, {}), (-1, room.dates)):
        fine = room.model_copy(update={"dates": dates, "usable_share": 1.0})
        one = scenario.model_copy(update={"rooms": {**scenario.rooms, name: fine}})
        spans, changes = room_spans(one, name), [time for time, _ in places_on_days(one)[name]]
        edges = np.concatenate([np.ravel(spans), changes])
        edges = np.unique(np.clip(edges, horizon.counted_from, horizon.minutes))
        middle = (edges[:-1] + edges[1:]) / 2
        places = places_at(one, name, middle) * inside_spans(spans, middle)
        found += sign * float((np.diff(edges) * places).sum())
    return found


def crowd_figures(scenario: Scenario) -> Iterator[Figure]:
    """How many people are inside, waiting and in aftercare."""
    yield from _people("inside", "all", "site:inside", "people inside")
    yield from _people("waiting", "all", "site:waiting", "people waiting")
    for queue in QUEUES:
        by, what = f"queue:{queue}", "people waiting, by what they wait for"
        yield from _people("waiting", by, f"site:waiting_{queue}", what)
    for room in scenario.rooms:
        by, what = f"room:{room}", "people waiting who prefer the room"
        yield from _people("waiting", by, f"{by}:waiting", what)
    if scenario.aftercare is not None:
        yield from _people("aftercare", "all", "site:aftercare", "aftercare seats in use")


def closing_figures(scenario: Scenario) -> Iterator[Figure]:
    """What is left to do when the doors close; nothing for a site that never closes."""
    if not len(closing_times(scenario)):
        return
    meaning = "Minutes from closing until everybody who was inside was out, mean of closings"
    yield figure("past_closing.mean", "all", "min", meaning, over(_minutes_late, _closings))
    meaning = "Longest time from closing until everybody was out, over all replications"
    of = over(_latest, replications)
    yield figure("past_closing.highest", "all", "min", meaning, of, Interval.HIGHEST)
    meaning = "People still inside when those sent away at closing had gone, mean of closings"
    yield figure("inside_at_closing.mean", "all", "people", meaning, over(_people_late, _closings))
    meaning = "Most people still inside at a closing, over all replications"
    of = over(_most_late, replications)
    yield figure("inside_at_closing.highest", "all", "people", meaning, of, Interval.HIGHEST)


def place_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Use of places and numbers of people by hour."""
    for by, room in _rooms(scenario):
        for state, meaning in _STATES.items():
            of = over(integral(f"{room}:{state}"), integral(f"{room}:open"))
            yield hour_figure(f"places_{state}", by, "share", f"{_STATE} {meaning}", of)
        of = over(integral(f"{room}:full"), integral(f"{room}:is_open"))
        yield hour_figure("places_full", by, "share", _FULL, of)
    for metric, series, what in _WITHOUT_STAFF:
        for by, room in _rooms(scenario):
            meaning = f"Share of the hour in which {_in_words(what, by)}"
            of = over(integral(f"{room}:{series}"), exposure)
            yield hour_figure(metric, by, "share", meaning, of)
    for by, room in _failing(scenario):
        of = over(integral(f"{room}:{OUT_OF_ORDER}"), exposure)
        yield hour_figure("out_of_order", by, "places", f"Mean number of places {_OUT}", of)
    for room in scenario.rooms:
        meaning = "Mean number of people waiting who prefer the room"
        of = over(integral(f"room:{room}:waiting"), exposure)
        yield hour_figure("waiting", f"room:{room}", "people", meaning, of)
    for metric in ("waiting", "inside"):
        of = over(integral(f"site:{metric}"), exposure)
        yield hour_figure(metric, "all", "people", f"Mean number {metric}", of)


def _rooms(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """The `by` of the table and what the integrals are named after."""
    if scenario.rooms:
        yield "all", "rooms"
    yield from ((f"room:{room}", f"room:{room}") for room in scenario.rooms)


def _failing(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """The same of rooms whose places get out of order; nothing where there is none."""
    if rooms := failing_rooms(scenario):
        yield "all", "rooms"
    yield from ((f"room:{room}", f"room:{room}") for room in rooms)


def _in_words(what: str, by: str) -> str:
    return what.format(room="some open room" if by == "all" else "the open room")


def _people(metric: str, by: str, series: str, what: str) -> Iterator[Figure]:
    meaning = f"Mean number of {what}, over the site's open time"
    of = over_week(integral(f"{series} while open"), integral("site:open"))
    yield figure(f"{metric}.mean", by, "people", meaning, of)
    yield from highest(metric, by, "people", what, series)


def _closings(facts: Facts) -> float:
    return float(len(facts.visit_sums.late))


def _minutes_late(facts: Facts) -> float:
    return float(facts.visit_sums.late.sum())


def _latest(facts: Facts) -> float:
    return float(facts.visit_sums.late.max(initial=0.0))


def _people_late(facts: Facts) -> float:
    return float(facts.visit_sums.inside.sum())


def _most_late(facts: Facts) -> float:
    return float(facts.visit_sums.inside.max(initial=0.0))


# --- the people behind the uses -----------------------------------------------------------------

BUSIEST = 0.2
"""The share of clients whose part of all uses is reported."""


def client_figures(scenario: Scenario) -> Iterator[Figure]:
    """People who used a place, by day and over the replication; none without clients."""
    if scenario.demand.clients is None or not scenario.rooms:
        return
    meaning = "Different people who entered a place on a calendar day, mean over days"
    yield figure("clients.per_day", "all", "people/day", meaning, over(_people_by_day, days))
    meaning = "Different people who entered a place in a replication"
    yield figure("clients.number", "all", "people", meaning, over(_clients, replications))
    meaning = "Places entered per person who entered any, in a replication"
    yield figure("clients.uses_each", "all", "uses/person", meaning, _uses_each)
    meaning = (
        f"Of all uses of a replication, the share by the {BUSIEST:.0%} of people who came, "
        "who used it most"
    )
    yield figure("clients.share_by_busiest", "all", "share", meaning, _share_by_busiest)


def _people_by_day(facts: Facts) -> float:
    visits = facts.visits
    day = facts.window.day(visits.one_by_one(visits.stamps.arrival, GOT_PLACE))
    client = visits.one_by_one(visits.client, GOT_PLACE).astype(np.int64)
    # One number for both: sorting pairs takes fifty times as long.
    return float(len(counted(day * (1 + client.max(initial=0)) + client).ticks))


def _clients(facts: Facts) -> float:
    return float(len(_uses(facts.scenario, facts.visits)))


def _uses_each(facts: Facts) -> Pair:
    uses = _uses(facts.scenario, facts.visits)
    return float(uses.sum()), float(len(uses))


def _share_by_busiest(facts: Facts) -> Pair:
    uses = np.sort(_uses(facts.scenario, facts.visits))[::-1]
    return float(uses[: round(BUSIEST * len(uses))].sum()), float(uses.sum())


@once_a_log
def _uses(_: Scenario, visits: Visits) -> Integers:
    """Places entered, by each person who entered any."""
    counts = np.bincount(visits.one_by_one(visits.client, GOT_PLACE).astype(np.int64))
    return counts[counts > 0]
