"""How full the rooms and the site are, and what is left to do after closing."""

from collections.abc import Callable, Iterator

from sim.measures.counted import closing_times
from sim.measures.facts import Facts
from sim.measures.figure import Figure, HourFigure, HourRow, Interval, Pair, Row, summed
from sim.measures.integrals import highest_figures, hourly, over, per_week
from sim.measures.levels import QUEUES
from sim.measures.series import ROOMS, WHILE_OPEN, Key
from sim.scenario.scenario import Scenario

_STATES = {
    "occupied": "a person on their stay",
    "blocked": "a person after their stay: an overdose, or waiting for aftercare",
    "cleaning": "cleaning",
    "unusable": "nobody, for want of staff to watch it",
    "idle": "nobody",
}


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


def place_figures(scenario: Scenario) -> Iterator[Figure]:
    """Use of places, by room and over all rooms."""
    for by, key in _rooms(scenario):
        for state, meaning in _STATES.items():
            definition = f"Share of the open minutes of all places with {meaning}"
            row = Row("places", state, by, "share", definition, most=1.0)
            yield Figure(row, summed(over((key, state), (key, "open"))))
        definition = "Share of open time with every place occupied, blocked or being cleaned"
        row = Row("places", "full", by, "share", definition, most=1.0)
        yield Figure(row, summed(over((key, "full"), (key, "is_open"))))
        definition = "Open minutes of all places per use: the rule of thumb says 45 to 50"
        row = Row("places", "open_minutes_per_use", by, "min", definition)
        number = None if by == "all" else list(scenario.rooms).index(by.removeprefix("room:"))
        yield Figure(row, _open_minutes_per_use(key, number))
    for metric, series, what in _WITHOUT_STAFF:
        for by, key in _rooms(scenario):
            room = "some open room" if by == "all" else "the open room"
            definition = f"Minutes per week in which {what.format(room=room)}"
            row = Row(metric, "minutes_per_week", by, "min/week", definition)
            yield Figure(row, per_week((key, series)))


def crowd_figures(scenario: Scenario) -> Iterator[Figure]:
    """How many people are inside, waiting and in aftercare."""
    yield from _number("inside", "all", ("all", "inside"), "people inside")
    yield from _number("waiting", "all", ("all", "waiting"), "people waiting")
    for queue in QUEUES:
        key, what = ("all", f"waiting_{queue}"), "people waiting, by what they wait for"
        yield from _number("waiting", f"queue:{queue}", key, what)
    for room in scenario.rooms:
        by = f"room:{room}"
        yield from _number("waiting", by, (by, "waiting"), "people waiting who prefer the room")
    if scenario.aftercare is not None:
        yield from _number("aftercare", "all", ("all", "aftercare"), "aftercare seats in use")


def closing_figures(scenario: Scenario) -> Iterator[Figure]:
    """What is left to do when the doors close; nothing for a site that never closes."""
    if not len(closing_times(scenario)):
        return
    definition = "Minutes from closing until everybody who was inside was out, mean of closings"
    yield Figure(Row("past_closing", "mean", "all", "min", definition), _minutes_late)
    definition = "Longest time from closing until everybody was out, over all replications"
    row = Row("past_closing", "highest", "all", "min", definition, Interval.HIGHEST)
    yield Figure(row, lambda facts: (float(facts.closings.late.max(initial=0.0)), 1.0))
    definition = "People still inside when those sent away at closing had gone, mean of closings"
    yield Figure(Row("inside_at_closing", "mean", "all", "people", definition), _people_late)
    definition = "Most people still inside at a closing, over all replications"
    row = Row("inside_at_closing", "highest", "all", "people", definition, Interval.HIGHEST)
    yield Figure(row, lambda facts: (float(facts.closings.inside.max(initial=0.0)), 1.0))


def place_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Use of places and numbers of people by hour."""
    for by, key in _rooms(scenario):
        for state, meaning in _STATES.items():
            definition = f"Share of the open minutes of all places with {meaning}"
            row = HourRow(f"places_{state}", by, "share", definition, most=1.0)
            yield HourFigure(row, over((key, state), (key, "open")))
        definition = "Share of open time with every place occupied, blocked or being cleaned"
        row = HourRow("places_full", by, "share", definition, most=1.0)
        yield HourFigure(row, over((key, "full"), (key, "is_open")))
    for metric, series, what in _WITHOUT_STAFF:
        for by, key in _rooms(scenario):
            room = "some open room" if by == "all" else "the open room"
            definition = f"Share of the hour in which {what.format(room=room)}"
            yield hourly(metric, by, "share", definition, (key, series))
    for room in scenario.rooms:
        by = f"room:{room}"
        definition = "Mean number of people waiting who prefer the room"
        yield hourly("waiting", by, "people", definition, (by, "waiting"))
    yield hourly("waiting", "all", "people", "Mean number waiting", ("all", "waiting"))
    yield hourly("inside", "all", "people", "Mean number inside", ("all", "inside"))


def _rooms(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """The `by` of the table and what the quantities are kept under."""
    if scenario.rooms:
        yield "all", ROOMS
    yield from ((f"room:{room}", f"room:{room}") for room in scenario.rooms)


def _number(metric: str, by: str, key: Key, what: str) -> Iterator[Figure]:
    row = Row(metric, "mean", by, "people", f"Mean number of {what}, over the site's open time")
    yield Figure(row, summed(over((key[0], key[1] + WHILE_OPEN), ("all", "open"))))
    yield from highest_figures(metric, by, key, what)


def _open_minutes_per_use(key: str, room: int | None) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        visits = facts.visits
        used = visits.got_place if room is None else visits.room == room
        return facts.total(key, "open"), visits.total(used)

    return pair


def _minutes_late(facts: Facts) -> Pair:
    return float(facts.closings.late.sum()), float(len(facts.closings.late))


def _people_late(facts: Facts) -> Pair:
    return float(facts.closings.inside.sum()), float(len(facts.closings.inside))
