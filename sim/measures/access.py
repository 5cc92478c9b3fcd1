"""How many come, what becomes of them, and how long they wait."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from sim.log import Outcome
from sim.measures.facts import Asked, Booked, Facts
from sim.measures.figure import (
    ByHour,
    Durations,
    Figure,
    HourFigure,
    HourPair,
    Interval,
    Pair,
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
    total,
    weeks,
)
from sim.measures.groups import (
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
from sim.measures.steps import HOURS, Bools, Floats, closing_times
from sim.measures.visits import (
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
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import VisitKind

QUANTILES = ("median", "p90", "p95")
"""Quantiles of waits, by name."""

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


# --- services, and tasks during the stay ---------------------------------------------------------


class _Sort(NamedTuple):
    """Services, or tasks during the stay: what visitors ask for one by one."""

    what: str
    """As in the tables' `by`."""
    figures: str
    wait: str
    """The metrics of what is given, and of the wait for it."""
    name: str
    of: Callable[[Facts], tuple[Asked, ...]]
    users: Callable[[VisitKind], Collection[str]]


_SERVICE = _Sort(
    "service",
    "services",
    "wait_service",
    "service",
    lambda facts: facts.services,
    lambda kind: kind.services,
)
_STAY_TASK = _Sort(
    "stay_task",
    "stay_tasks",
    "wait_stay_task",
    "task during the stay",
    lambda facts: facts.stay_tasks,
    lambda kind: kind.stay_tasks,
)


def _may_be_skipped(scenario: Scenario, sort: _Sort, name: str) -> bool:
    """Whether something can be skipped after closing for want of somebody who could do it."""
    staff = scenario.staff
    if staff is None or not staff.stay_until_empty or not closing_times(scenario).size:
        return False
    if sort is _STAY_TASK:
        return bool(scenario.stay_tasks[name].roles)
    service = scenario.services[name]
    return service.when == "after" and bool(service.roles)


def service_figures(scenario: Scenario) -> Iterator[Figure | Sample]:
    """Services given, their waits and their length."""
    yield from _given_figures(scenario, _SERVICE, scenario.services)


def stay_task_figures(scenario: Scenario) -> Iterator[Figure | Sample]:
    """Tasks done during stays, the waits for them and their length."""
    yield from _given_figures(scenario, _STAY_TASK, scenario.stay_tasks)


def _given_figures(
    scenario: Scenario, sort: _Sort, names: Iterable[str]
) -> Iterator[Figure | Sample]:
    for place, name in enumerate(names):
        by, given = f"{sort.what}:{name}", _asked(sort, place, lambda asked: asked.served)
        of, what = over(total(given), days), sort.figures
        plural = "Services" if sort is _SERVICE else "Tasks during the stay"
        meaning = f"{plural} begun per calendar day"
        yield figure(f"{what}.per_day", by, f"{_UNITS[what]}/day", meaning, of)
        meaning = "Minutes from first beginning to end, mean; interruptions and waiting again count"
        yield figure(f"{what}.mean", by, "min", meaning, _length(sort, place))
        meaning = f"Share of those who asked for the {sort.name} that got it"
        of = over_week(given, _asked(sort, place, lambda asked: asked.number))
        yield figure(f"{what}.share_given", by, "share", meaning, of, Interval.EVENTS)
        if _may_be_skipped(scenario, sort, name):
            meaning = f"{plural} per week that were skipped: nobody was there after closing for it"
            of = over(total(_asked(sort, place, lambda asked: asked.skipped)), weeks)
            yield figure(f"{what}.skipped_per_week", by, f"{_UNITS[what]}/week", meaning, of)
        yield from _waits_for(sort, place, by)
        yield from _durations_of(sort, place, by).figures(*QUANTILES)
        for kind, of_kind in _users(scenario, sort, name):
            yield from _waits_for(sort, place, of_kind, kind)


_UNITS = {"services": "services", "stay_tasks": "tasks"}


def service_durations(scenario: Scenario) -> Iterator[Durations]:
    """Waits for services and tasks, of which a target may want any quantile, or share in time."""
    for sort, names in ((_SERVICE, scenario.services), (_STAY_TASK, scenario.stay_tasks)):
        for place, name in enumerate(names):
            yield _durations_of(sort, place, f"{sort.what}:{name}")
            for kind, of_kind in _users(scenario, sort, name):
                yield _durations_of(sort, place, of_kind, kind)


# --- appointments -------------------------------------------------------------------------------


def appointment_figures(scenario: Scenario) -> Iterator[Figure | Sample]:
    """Appointments, those to which nobody came, and the waits of who is booked and who is not."""
    for place, (name, service) in enumerate(scenario.services.items()):
        if service.appointments is None:
            continue
        by, all_of = f"service:{name}", _appointments(place, lambda one: np.ones(len(one.came)))
        came = _appointments(place, lambda one: one.came)
        meaning = "Appointments per calendar day, whether or not somebody came"
        yield figure("booked.per_day", by, "visits/day", meaning, over(all_of, days))
        meaning = "Appointments per calendar day to which somebody came"
        yield figure("booked.came_per_day", by, "visits/day", meaning, over(came, days))
        missed = _appointments(place, lambda one: ~one.came)
        meaning = "Share of the appointments to which nobody came"
        yield figure(
            "booked.share_no_show", by, "share", meaning, over(missed, all_of), Interval.EVENTS
        )
        seen = _appointments(place, lambda one: ~np.isnan(one.waited))
        meaning = "Share of those who came to their appointment that were seen"
        yield figure("booked.share_seen", by, "share", meaning, over(seen, came), Interval.EVENTS)
        for durations in _waits_apart(scenario, place, name):
            minutes = _minutes_of(durations)
            yield figure(f"{durations.metric}.mean", by, "min", f"{durations.what}, mean", minutes)
            yield from durations.figures(*QUANTILES)


def appointment_durations(scenario: Scenario) -> Iterator[Durations]:
    """Waits of who is booked and who is not, of which a target may want any quantile."""
    for place, (name, service) in enumerate(scenario.services.items()):
        if service.appointments is not None:
            yield from _waits_apart(scenario, place, name)


def _waits_apart(scenario: Scenario, service: int, name: str) -> Iterator[Durations]:
    """The waits for a service of those who are booked for it, and of those who walk in."""
    booked = {one.appointments.kind for one in scenario.services.values() if one.appointments}
    walking = [one for one, kind in enumerate(scenario.visits) if kind not in booked]

    def past_time(facts: Facts) -> Timed:
        of = facts.booked[service]
        return of.waited, of.hour

    def walked_in(facts: Facts) -> Timed:
        asked = facts.services[service]
        mine = np.isin(asked.cell // HOURS, walking)
        return asked.wait[mine], asked.cell[mine] % HOURS

    by = f"service:{name}"
    what = "Minutes past their time, or from joining the line if later, of those booked and seen"
    yield Durations("wait_booked", by, what, past_time)
    what = "Minutes from asking for it to its beginning, of those who walked in and got it"
    yield Durations("wait_walk_in", by, what, walked_in)


def _appointments(service: int, of: Callable[[Booked], Bools | Floats]) -> Callable[[Facts], float]:
    return lambda facts: float(of(facts.booked[service]).sum())


def _minutes_of(durations: Durations) -> Callable[[Facts], Pair]:
    """Those that are known, added up, and how many they are."""

    def pair(facts: Facts) -> Pair:
        minutes = durations.of(facts)[0]
        return float(np.nansum(minutes)), float((~np.isnan(minutes)).sum())

    return pair


def service_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Waits for services and tasks by the hour in which they were asked for."""
    for sort, names in ((_SERVICE, scenario.services), (_STAY_TASK, scenario.stay_tasks)):
        for place, name in enumerate(names):
            by, when = f"{sort.what}:{name}", "by the hour in which it was asked for"
            given = _asked(sort, place, lambda asked: asked.served)
            meaning = f"Share of those who got the {sort.name} that had to wait, {when}"
            of = over(_asked(sort, place, lambda asked: asked.had_to_wait), given)
            yield _share(f"{sort.wait}_share_waiting", by, meaning, of)
            meaning = f"Mean wait for the {sort.name} of those who got it, {when}"
            of = over(_asked(sort, place, lambda asked: asked.waited), given)
            yield hour_figure(f"{sort.wait}_mean", by, "min", meaning, of)


def _share(name: str, by: str, meaning: str, of: Callable[[Facts], HourPair]) -> HourFigure:
    return hour_figure(name, by, "share", meaning, of, Interval.EVENTS)


def _users(scenario: Scenario, sort: _Sort, name: str) -> list[tuple[int, str]]:
    """The kinds of visits for which figures of a service are given, if it has several."""
    kinds = enumerate(scenario.visits.items())
    users = [
        (place, f"{sort.what}:{name}/kind:{its_name}")
        for place, (its_name, kind) in kinds
        if name in sort.users(kind)
    ]
    return users if len(users) > 1 else []


def _waits_for(sort: _Sort, which: int, by: str, kind: int | None = None) -> Iterator[Figure]:
    given = _asked(sort, which, lambda asked: asked.served, kind)
    meaning = (
        f"Minutes from asking for the {sort.name} to its first beginning, mean of those who got "
        "it; waiting again after an interruption is not counted"
    )
    of = over_week(_asked(sort, which, lambda asked: asked.waited, kind), given)
    yield figure(f"{sort.wait}.mean", by, "min", meaning, of)
    meaning = f"Share of those who got the {sort.name} that had to wait for it at all"
    of = over_week(_asked(sort, which, lambda asked: asked.had_to_wait, kind), given)
    yield figure(f"{sort.wait}.share_waiting", by, "share", meaning, of, Interval.EVENTS)


def _durations_of(sort: _Sort, which: int, by: str, kind: int | None = None) -> Durations:
    def timed(facts: Facts) -> Timed:
        asked = sort.of(facts)[which]
        mine = slice(None) if kind is None else asked.cell // HOURS == kind
        return asked.wait[mine], asked.cell[mine] % HOURS

    meaning = (
        f"Wait for the {sort.name} of those who got it, from asking to its first beginning "
        "(waiting again after an interruption not counted)"
    )
    return Durations(sort.wait, by, meaning, timed)


def _asked(
    sort: _Sort, which: int, table: Callable[[Asked], Floats], kind: int | None = None
) -> ByHour:
    """A table of a service by hour of the week: of one kind of visits, or of all."""

    def by_hour(facts: Facts) -> Floats:
        found = table(sort.of(facts)[which])
        every: Floats = found.sum(axis=0) if kind is None else found[kind]
        return every

    return by_hour


def _length(sort: _Sort, which: int) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        minutes = sort.of(facts)[which].minutes
        return float(np.nansum(minutes)), float((~np.isnan(minutes)).sum())

    return pair
