"""The rota unrolled: every person on every shift of the horizon."""

from collections.abc import Iterator
from typing import NamedTuple

from sim.scenario.hours import DAY, DAYS, clock_text
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
