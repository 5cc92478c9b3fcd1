"""Services and tasks during the stay: how many are given, how long they wait, and appointments."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from sim.measures.facts.facts import Asked, Booked, Facts
from sim.measures.figures.figure import (
    QUANTILES,
    ByHour,
    Durations,
    Figure,
    HourFigure,
    HourPair,
    Interval,
    Pair,
    Sample,
    Timed,
    days,
    figure,
    hour_figure,
    over,
    over_week,
    total,
    weeks,
)
from sim.measures.steps import HOURS, Bools, Floats, closing_times
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.visits import VisitKind


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
