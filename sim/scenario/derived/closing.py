"""Who is on duty when the site closes: whoever is needed then stays until nobody is inside."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from sim.scenario.derived import once
from sim.scenario.derived.calendar import site_spans
from sim.scenario.derived.roster import people_on_shift
from sim.scenario.model.hours import DAY, DAYS, WEEK, clock_text
from sim.scenario.model.scenario import Scenario

Roles = tuple[str, ...]


class Closing(NamedTuple):
    """A closing, and the roles of those on duty: shifts that end with it are on duty still."""

    time: float
    """Minutes after midnight of the first day."""
    roles: frozenset[str]


@once
def closings(scenario: Scenario) -> tuple[Closing, ...]:
    """The closings of the days counted."""
    rota = scenario.staff.rota if scenario.staff is not None else ()
    shifts = [(one.start, one.end, rota[one.line].role) for one in people_on_shift(scenario)]
    return tuple(
        Closing(time, frozenset(role for start, end, role in shifts if start < time <= end))
        for _, time in site_spans(scenario)
        if scenario.horizon.counted_from < time <= scenario.horizon.minutes
    )


def stay(scenario: Scenario) -> bool:
    """Whether staff stay after closing until nobody is inside."""
    return scenario.staff is not None and scenario.staff.stay_until_empty


def watching(scenario: Scenario) -> frozenset[str]:
    """Roles that stay for everybody inside: for supervision, or to meet an overdose."""
    rules = [role for rule in scenario.supervision for role in (*rule.roles, *rule.at_least)]
    severities = scenario.overdose.severities.values() if scenario.overdose else ()
    return frozenset((*rules, *(role for one in severities for seat in one.team for role in seat)))


def closing_warnings(scenario: Scenario) -> list[str]:
    """What is left undone after closing, as no shift lasts until then that could do it."""
    if not stay(scenario):
        return []
    found = []
    there = _ever_there(scenario)
    for what, roles, follows in _needed(scenario):
        if not roles & there:
            continue  # what nobody ever does is told of elsewhere
        without = [one for one in closings(scenario) if not one.roles & roles]
        if without:
            minute = (without[0].time + DAY * scenario.horizon.start.weekday()) % WEEK
            when = f"{DAYS[int(minute // DAY)]} {clock_text(minute % DAY)}"
            often = f"at {len(without)} of {len(closings(scenario))} closings (first {when})"
            found.append(
                f"{often} nobody is on duty {what}: {follows}. A shift that ends before closing "
                "is not prolonged: let one end with it, or later"
            )
    return found


def _ever_there(scenario: Scenario) -> set[str]:
    """Roles that are on duty at some time while the site is open."""
    rota = scenario.staff.rota if scenario.staff is not None else ()
    starts = [opens for opens, _ in site_spans(scenario)]
    found = set()
    for one in people_on_shift(scenario):
        if rota[one.line].role not in found:
            last = bisect_left(starts, one.end) - 1
            if last >= 0 and site_spans(scenario)[last][1] > one.start:
                found.add(rota[one.line].role)
    return found


def _needed(scenario: Scenario) -> Iterator[tuple[str, frozenset[str], str]]:
    """For what somebody must be on duty at closing, who, and what follows if nobody is."""
    if roles := watching(scenario):
        what = "who counts for supervision or could meet an overdose"
        yield what, roles, "whoever is inside then is alone"
    used = {name for kind in scenario.visits.values() if kind.share > 0 for name in kind.services}
    for name, service in scenario.services.items():
        if service.roles and service.when == "after" and name in used:
            follows = "who has had a place and not had it goes without"
            yield f"who could give {name}", frozenset(service.roles), follows
    for name, task in scenario.stay_tasks.items():
        if task.roles:
            follows = "whoever is in a place then goes without"
            yield f"who could do {name}", frozenset(task.roles), follows
    if scenario.opening.queue_at_close == "dismiss":
        return
    if scenario.check_in is not None and scenario.check_in.roles:
        roles = frozenset(scenario.check_in.roles)
        yield "who could register people", roles, "who is still in line is sent away"
    for name, room in scenario.rooms.items():
        if room.cleaning is not None and room.cleaning.roles and room.places:
            follows = "who waits for a place that is not clean is sent away"
            yield f"who could clean {name}", frozenset(room.cleaning.roles), follows
