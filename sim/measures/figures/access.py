"""How many come, what becomes of them, and how long they wait."""

from collections.abc import Callable, Iterator

import numpy as np

from sim.log import Outcome
from sim.measures.facts.facts import Facts
from sim.measures.facts.groups import (
    AT_DOOR,
    EVERYONE,
    GOT_PLACE,
    LET_IN,
    Classes,
    Group,
    by_crowd,
    by_first_choice,
    by_kind,
    by_outcome,
    by_room,
)
from sim.measures.facts.visits import (
    CHECKED_IN,
    DOOR_MINUTES,
    GAVE_UP,
    JOINED,
    KNOWN,
    LEFT,
    LIMITS,
    STAYED,
    WAITED,
    WITHIN,
    Stamps,
)
from sim.measures.figures.figure import (
    QUANTILES,
    ByHour,
    Durations,
    Figure,
    HourFigure,
    Interval,
    Quantity,
    Sample,
    Timed,
    days,
    figure,
    hour_figure,
    hours_counted,
    less,
    number,
    number_by_hour,
    over,
    over_week,
)
from sim.measures.steps import Floats
from sim.scenario.model.scenario import Scenario

UNSERVED_OUTCOMES = (
    Outcome.RENEGED,
    Outcome.BALKED,
    Outcome.NO_SPACE,
    Outcome.DISMISSED_AT_CLOSE,
)
"""Of those who came while the doors were open and got nothing."""
UNSERVED: Group[Classes] = Group("all", lambda visits: visits.came_to(UNSERVED_OUTCOMES))
CLOSED: Group[Classes] = Group("all", lambda visits: np.equal(visits.outcome, Outcome.CLOSED))
DOORS_OPEN = ~CLOSED
GAVE_UP_AT_DOOR: Group[Classes] = Group("all", lambda visits: np.equal(visits.way, GAVE_UP))
INSIDE_AT_END: Group[Classes] = Group(
    "all", lambda visits: np.equal(visits.outcome, Outcome.INSIDE_AT_END)
)
QUEUED = LET_IN & ~(INSIDE_AT_END & ~GOT_PLACE)
"""Who was let in and had done with queueing when the replication ended."""

_HOUR = "by the hour in which they arrived (before opening: the hour of the opening)"
_CAME = "Of the visits that came while the doors were open, or waited at the door for it"
_UNSERVED = "that got nothing: reneged, balked, no space, or dismissed at closing"


# --- visits -------------------------------------------------------------------------------------


def visit_figures(scenario: Scenario) -> Iterator[Figure]:
    """Visits by outcome and kind, those left unserved, and uses of places."""
    for group in (EVERYONE, *by_kind(scenario), *by_outcome()):
        meaning = "Visits per calendar day, whether or not the site was open"
        yield figure("visits.per_day", group.by, "visits/day", meaning, over(number(group), days))
    for group in by_outcome():
        of = over(number(group), number(EVERYONE))
        yield figure("visits.share", group.by, "share", "Share of all visits", of)
    groups = (EVERYONE, *by_first_choice(scenario), *by_kind(scenario), *by_crowd(scenario))
    for group in groups:
        meaning = f"Visits per calendar day {_UNSERVED} (of a room: those that prefer it)"
        of = over(number(group & UNSERVED), days)
        yield figure("unserved.per_day", group.by, "visits/day", meaning, of)
        meaning = f"{_CAME}, the share {_UNSERVED}"
        of = over(number(group & UNSERVED & DOORS_OPEN), number(group & DOORS_OPEN))
        yield figure("unserved.share", group.by, "share", meaning, of, Interval.EVENTS)
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        meaning, of = "Places entered per calendar day", over(number(group & GOT_PLACE), days)
        yield figure("uses.per_day", group.by, "uses/day", meaning, of)


def visit_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Visits by the hour of arrival."""
    meaning = "Visits per hour, whether or not the site was open"
    for kind, group in ((None, EVERYONE), *enumerate(by_kind(scenario))):
        of = over(_arrivals(group, kind), hours_counted)
        yield hour_figure("arrivals", group.by, "visits/hour", meaning, of)
    meaning = "Visits per hour outside opening hours or after last call"
    of = over(number_by_hour(CLOSED), hours_counted)
    yield hour_figure("closed", "all", "visits/hour", meaning, of)
    for group in (EVERYONE, *by_first_choice(scenario)):
        meaning = f"Visits per hour {_UNSERVED}, {_HOUR}"
        of = over(number_by_hour(group & UNSERVED), hours_counted)
        yield hour_figure("unserved", group.by, "visits/hour", meaning, of)
    meaning = f"{_CAME}, the share {_UNSERVED}, {_HOUR}"
    of = over(number_by_hour(UNSERVED & DOORS_OPEN), number_by_hour(DOORS_OPEN))
    yield hour_figure("unserved_share", "all", "share", meaning, of, Interval.EVENTS)


def _arrivals(group: Group[Classes], kind: int | None) -> ByHour:
    """By the hour of the week in which they arrived, whatever hour they belong to."""
    belong = number_by_hour(group)
    return Quantity.made_of(lambda facts: belong(facts) + facts.visits.moved(kind), belong)


# --- waits --------------------------------------------------------------------------------------

_WAIT = (
    "minutes queueing, for check-in, services before the stay and a place together, from arrival "
    "or, if later, from opening; waiting again after an interruption counts, being served does not"
)
_GOT = "visits that got a place"
_IN = "all visits that were let in, whether or not they were served"
_EARLY = "those who came before the opening and waited at the door for it"


def wait_figures(scenario: Scenario) -> Iterator[Figure | Sample]:
    """Waits of those who got a place, of everybody let in, and at the single stages."""
    for group in _placed(scenario):
        yield from _waits("wait", group, _GOT)
        yield from _durations("wait", group, _GOT).figures(*QUANTILES)
    for group in _joined(scenario):
        yield from _waits("wait_joined", group, _IN)
    yield from _durations("wait_joined", QUEUED, _IN).figures(*QUANTILES)
    for group in _early(scenario):
        yield from _door(group)
    if scenario.check_in is not None:
        meaning = (
            "Minutes from coming in to the first start of check-in, mean of visits that had one; "
            "waiting again after an interruption is only in `wait`"
        )
        yield _mean("wait_check_in", EVERYONE, meaning, CHECKED_IN)
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        meaning = "Minutes in the queue for a place, mean of visits that got one"
        yield _mean("wait_place", group, meaning, JOINED)


def wait_durations(scenario: Scenario) -> Iterator[Durations]:
    """All waits, of which a target may want any quantile, or the share within any time."""
    for group in _placed(scenario):
        yield _durations("wait", group, _GOT)
    for group in _joined(scenario):
        yield _durations("wait_joined", group, _IN)
    for group in _early(scenario):
        yield _door_durations(group)
    if scenario.check_in is not None:
        what = "Minutes from coming in to the first start of check-in, of visits that had one"
        yield Durations("wait_check_in", "all", what, _timed(EVERYONE, _until_check_in))
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        what = "Minutes in the queue for a place, of visits that got one"
        in_queue = _timed(group, lambda stamps: stamps.entered - stamps.joined)
        yield Durations("wait_place", group.by, what, in_queue)


def wait_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Waits by the hour of arrival."""
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        yield from _waits_by_hour("wait", group & GOT_PLACE, _GOT)
    yield from _waits_by_hour("wait_joined", QUEUED, "all visits that were let in")
    if scenario.opening.wait_at_door > 0:
        meaning = f"Minutes at the door before the opening, mean of {_EARLY}, by its hour"
        yield hour_figure("door_wait_mean", "all", "min", meaning, over(*_mean_at_door(AT_DOOR)))


def stay_figures(scenario: Scenario) -> Iterator[Figure]:
    """How long people stay."""
    for group in (EVERYONE, *by_room(scenario)) if scenario.rooms else ():
        meaning = "Minutes from entering a place to leaving it, mean of visits that got one"
        yield _mean("time_in_place", group, meaning, STAYED)
    meaning = "Minutes from arrival to leaving the site, mean of visits that were let in and left"
    yield _mean("time_on_site", LET_IN & ~INSIDE_AT_END, meaning, LEFT)


def _placed(scenario: Scenario) -> Iterator[Group[Classes]]:
    """Whose wait for a place is given."""
    groups = (
        EVERYONE,
        *by_room(scenario),
        *by_kind(scenario, with_room=True),
        *by_crowd(scenario),
    )
    yield from (group & GOT_PLACE for group in groups if scenario.rooms)


def _joined(scenario: Scenario) -> Iterator[Group[Classes]]:
    """Whose wait is given, whether or not they got anything."""
    groups = (EVERYONE, *by_kind(scenario), *by_crowd(scenario))
    yield from (group & QUEUED for group in groups)


def _early(scenario: Scenario) -> Iterator[Group[Classes]]:
    """Whose wait at the door is given."""
    if scenario.opening.wait_at_door > 0:
        yield EVERYONE
        yield from by_kind(scenario)


def _waits(metric: str, group: Group[Classes], whose: str) -> Iterator[Figure]:
    known = number(group, KNOWN)
    of = over_week(number_by_hour(group, WAITED), number_by_hour(group, KNOWN))
    yield figure(f"{metric}.mean", group.by, "min", f"Mean wait of {whose}: {_WAIT}", of)
    meaning, of = f"Share of {whose} that had to wait at all", over_week(*_longer(group, 0))
    yield figure(f"{metric}.share_waiting", group.by, "share", meaning, of, Interval.EVENTS)
    for column, limit in enumerate(LIMITS[1:], start=WITHIN + 1):
        meaning = f"Share of {whose} that waited {limit} minutes or less"
        name, of = f"{metric}.within_{limit}", over(number(group, column), known)
        yield figure(name, group.by, "share", meaning, of, Interval.EVENTS)


def _waits_by_hour(metric: str, group: Group[Classes], whose: str) -> Iterator[HourFigure]:
    meaning = f"Share of {whose} that had to wait at all, {_HOUR}"
    of = over(*_longer(group, 0))
    yield hour_figure(f"{metric}_share_waiting", group.by, "share", meaning, of, Interval.EVENTS)
    mean = over(number_by_hour(group, WAITED), number_by_hour(group, KNOWN))
    yield hour_figure(f"{metric}_mean", group.by, "min", f"Mean wait of {whose}, {_HOUR}", mean)
    meaning = f"Share of {whose} that waited more than 10 minutes, {_HOUR}"
    of = over(*_longer(group, 10))
    yield hour_figure(f"{metric}_over_10", group.by, "share", meaning, of, Interval.EVENTS)


def _longer(group: Group[Classes], limit: int) -> tuple[ByHour, ByHour]:
    """Those who waited longer than the limit, and all."""
    every = number_by_hour(group, KNOWN)
    return less(every, number_by_hour(group, WITHIN + LIMITS.index(limit))), every


def _mean(metric: str, group: Group[Classes], meaning: str, column: int) -> Figure:
    """Mean of a duration that stands in a column, after the one of how many there are."""
    of = over(number(group, column + 1), number(group, column))
    return figure(f"{metric}.mean", group.by, "min", meaning, of)


def _durations(metric: str, group: Group[Classes], whose: str) -> Durations:
    return Durations(
        metric,
        group.by,
        f"Wait of {whose}",
        _timed(group, lambda stamps: stamps.waited),
        counted=lambda facts: facts.visits.waits_by_length(group),
    )


def _timed(group: Group[Classes], minutes: Callable[[Stamps], Floats]) -> Callable[[Facts], Timed]:
    """Minutes of each visit of a group."""

    def timed(facts: Facts) -> Timed:
        rows = facts.visits.rows_of(group)
        return minutes(facts.visits.stamps).take(rows), facts.visits.hours_of(rows)

    return timed


def _until_check_in(stamps: Stamps) -> Floats:
    came = np.where(np.isnan(stamps.let_in), stamps.arrival, stamps.let_in)
    return stamps.check_in_start - came


# --- at the door before the opening -------------------------------------------------------------


def _door(group: Group[Classes]) -> Iterator[Figure | Sample]:
    """How long people wait at the door before the opening, and how many do."""
    meaning = f"Minutes at the door before the opening, mean of {_EARLY}"
    yield figure(
        "door_wait.mean", group.by, "min", meaning, over_week(*_mean_at_door(group & AT_DOOR))
    )
    meaning = (
        "Of the visits that came while the doors were open, or waited at the door for it, the "
        "share that waited at the door"
    )
    of = over(number(group & DOORS_OPEN & AT_DOOR), number(group & DOORS_OPEN))
    yield figure("door_wait.share", group.by, "share", meaning, of, Interval.EVENTS)
    meaning = "Visits per calendar day that gave up at the door before the opening"
    of = over(number(group & GAVE_UP_AT_DOOR), days)
    yield figure("door_wait.gave_up_per_day", group.by, "visits/day", meaning, of)
    within = (f"within_{limit}" for limit in LIMITS[1:])
    yield from _door_durations(group).figures(*within, *QUANTILES)


def _door_durations(group: Group[Classes]) -> Durations:
    what = f"Minutes at the door of {_EARLY}"
    return Durations("door_wait", group.by, what, lambda facts: facts.visits.door_minutes(group))


def _mean_at_door(group: Group[Classes]) -> tuple[ByHour, ByHour]:
    return number_by_hour(group, DOOR_MINUTES), number_by_hour(group)
