"""The rota unrolled: every person on every shift of the horizon, and who is there when."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.hours import DAY, DAYS, WEEK, clock_text
from sim.scenario.once import once
from sim.scenario.scenario import Scenario
from sim.scenario.staff import Break, Shift


class PersonOnShift(NamedTuple):
    """One person on one shift; times are minutes after midnight of the first day."""

    start: float
    line: int
    """Number of the rota line."""
    member: int
    """0, 1 … of the line's count."""
    end: float
    day: int
    """Day on which the shift starts; -1 for a night shift under way at the beginning."""


@once
def people_on_shift(scenario: Scenario) -> tuple[PersonOnShift, ...]:
    """Everybody who is on duty at some time of the horizon or the day after it, in order of start.

    The day after is included because a site may still be emptying when the horizon ends.
    """
    if scenario.staff is None:
        return ()
    last = scenario.horizon.total_days
    found = (
        person
        for line, shift in enumerate(scenario.staff.rota)
        for day in range(-1, last + 1)
        for person in _on_day(scenario, line, shift, day)
    )
    return tuple(sorted(found))


def _on_day(scenario: Scenario, line: int, shift: Shift, day: int) -> Iterator[PersonOnShift]:
    assert scenario.staff is not None  # the caller has looked
    weekday = scenario.horizon.date_of(day).weekday()
    monday_offset = scenario.horizon.start.weekday()
    week = (day + monday_offset) // 7 % scenario.staff.cycle_weeks + 1
    start, end = day * DAY + shift.start, day * DAY + shift.end
    if weekday in shift.days and (not shift.weeks or week in shift.weeks) and end > 0:
        for member in range(shift.count):
            yield PersonOnShift(float(start), line, member, float(end), day)


def break_window(shift: Shift, rest: Break) -> tuple[int, int]:
    """When a break may begin, minutes after midnight of the day on which the shift starts.

    A clock time before the shift's start is on the next day.
    """
    later = 0 if rest.earliest >= shift.start else DAY
    return rest.earliest + later, rest.latest + later


def shift_name(shift: Shift) -> str:
    """The shift's own name, or one made of its role, hours and days."""
    if shift.name:
        return shift.name
    days = "" if len(shift.days) == len(DAYS) else " " + "+".join(DAYS[day] for day in shift.days)
    return f"{shift.role} {clock_text(shift.start)}-{clock_text(shift.end)}{days}"


class _Rest(NamedTuple):
    """A break of one person on one shift; minutes from the beginning of the rota's cycle."""

    latest: int
    """When it begins at the latest."""
    line: int
    member: int
    earliest: int
    length: int
    role: str
    left: int
    """Others of the role who must be present for it to begin."""
    until: int
    """End of the shift."""


def staff_present(scenario: Scenario) -> dict[str, NDArray[np.int64]]:
    """People present of each role in every minute of the rota's cycle, from a Monday.

    As the rota is written: nobody is absent, nobody is at an overdose, and breaks are taken one
    after another, each as late as its window and `minimum_left` allow. Where a window is too short
    for that, breaks of different roles overlap, then those of one role, and at last they begin
    when the window ends, as they do in the simulation. Who is on a break is not present.
    """
    if scenario.staff is None:
        return {}
    length = WEEK * scenario.staff.cycle_weeks
    there = {role: np.zeros(length, dtype=np.int64) for role in scenario.staff.roles}
    rests: list[_Rest] = []
    for number, shift in enumerate(scenario.staff.rota):
        for week in shift.weeks or range(1, scenario.staff.cycle_weeks + 1):
            for day in shift.days:
                midnight = (week - 1) * WEEK + day * DAY
                minutes = np.arange(midnight + shift.start, midnight + shift.end) % length
                there[shift.role][minutes] += shift.count
                rests += _rests(shift, number, midnight)
    resting = {role: np.zeros(length, dtype=np.bool_) for role in scenario.staff.roles}
    for one in sorted(rests, reverse=True):
        begin = _begin(one, there, resting)
        minutes = np.arange(begin, min(begin + one.length, one.until)) % length
        there[one.role][minutes] -= 1
        resting[one.role][minutes] = True
    return there


def _rests(shift: Shift, line: int, midnight: int) -> Iterator[_Rest]:
    for rest in shift.breaks:
        earliest, latest = break_window(shift, rest)
        for member in range(shift.count):
            yield _Rest(
                latest=midnight + latest,
                line=line,
                member=member,
                earliest=midnight + earliest,
                length=ceil(rest.length),
                role=shift.role,
                left=rest.minimum_left,
                until=midnight + shift.end,
            )


def _begin(
    one: _Rest, there: dict[str, NDArray[np.int64]], resting: dict[str, NDArray[np.bool_]]
) -> int:
    """When a break begins, those that begin later having been placed."""
    mine = there[one.role]
    starts = np.arange(one.earliest, one.latest + 1)
    enough = mine[starts % len(mine)] > one.left
    anybody = np.logical_or.reduce(list(resting.values()))
    for others in (anybody, resting[one.role]):
        free = ~others[np.arange(one.earliest, one.latest + one.length) % len(mine)]
        before = np.concatenate(([0], np.cumsum(free)))
        alone = before[one.length :] - before[: -one.length] == one.length
        if (possible := np.flatnonzero(enough & alone)).size:
            return int(starts[possible[-1]])
    possible = np.flatnonzero(enough)
    return int(starts[possible[-1]]) if possible.size else one.latest


def teams_needed(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """Sets of roles, how many of each the team for an overdose needs, and of which severity.

    By Hall's theorem a team can be made up if, for every set of roles that some of its members are
    confined to, there are as many people. Nothing where there is no risk of an overdose.
    """
    at_risk = any(kind.overdose and kind.overdose.per_1000 for kind in scenario.visits.values())
    if scenario.overdose is None or not at_risk:
        return
    asked: dict[tuple[str, ...], tuple[int, str]] = {}
    for name, severity in scenario.overdose.severities.items():
        for roles, least in _parts(severity.team) if severity.share else ():
            if least > asked.get(roles, (0, ""))[0]:
                asked[roles] = least, name
    for roles, (least, name) in asked.items():
        yield roles, least, name


@lru_cache(maxsize=256)
def _parts(team: tuple[tuple[str, ...], ...]) -> tuple[tuple[tuple[str, ...], int], ...]:
    """For each set of roles that some members of a team are confined to, how many these are."""
    known = {frozenset(member) for member in team}
    while more := {one | other for one, other in combinations(known, 2)} - known:
        known |= more
    return tuple(
        (tuple(sorted(roles)), sum(set(member) <= roles for member in team))
        for roles in sorted(known, key=lambda roles: (len(roles), sorted(roles)))
    )
