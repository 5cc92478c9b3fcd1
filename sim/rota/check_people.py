"""Whether shifts are as the law wants them: length and breaks; and of named people rest and hours.

Working Time Directive 2003/88/EC, with the limits of `rota_rules.limits`. A rota repeats, so its
cycle is a circle: what holds over it holds for ever.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sim.measures.staff import shift_labels
from sim.rota.need import rules_of, staff_of
from sim.rota.rules import Breach, Rule, when
from sim.scenario.hours import DAY, HOUR, WEEK
from sim.scenario.rota_rules import Limits
from sim.scenario.scenario import Scenario

_WEEK_DAYS = 7


class _Worked(NamedTuple):
    """One shift of one person; minutes from the beginning of the cycle."""

    start: int
    end: int
    shift: str


def shift_breaches(scenario: Scenario) -> Iterator[Breach]:
    """Shifts that are too long, or long without a break."""
    staff, limits = staff_of(scenario), rules_of(scenario).limits
    for shift, label in zip(staff.rota, shift_labels(staff), strict=True):
        length = shift.end - shift.start
        if length > limits.longest_shift:
            what = f"{_hours(length)} long; at most {_hours(limits.longest_shift)}"
            yield Breach(Rule.LONGEST_SHIFT, label, "every time", what)
        longest = max((rest.length for rest in shift.breaks), default=0.0)
        if length > limits.break_after and longest < limits.shortest_break:
            what = (
                f"{_hours(length)} without a break of {limits.shortest_break:g} min; over "
                f"{_hours(limits.break_after)} there must be one"
            )
            yield Breach(Rule.BREAK, label, "every time", what)


def people_breaches(scenario: Scenario) -> Iterator[Breach]:
    """Rest and hours of those who have names."""
    staff, limits = staff_of(scenario), rules_of(scenario).limits
    length = staff.cycle_weeks * WEEK
    for person, worked in _people(scenario).items():
        yield from _rest(person, worked, length, limits)
        yield from _weekly_rest(person, worked, length, limits)
        yield from _week_hours(person, worked, staff.cycle_weeks, limits)
        yield from _night_hours(person, worked, staff.cycle_weeks, limits)


def _people(scenario: Scenario) -> dict[str, list[_Worked]]:
    """The shifts of each named person, in order."""
    staff = staff_of(scenario)
    found: dict[str, list[_Worked]] = {}
    for shift, label in zip(staff.rota, shift_labels(staff), strict=True):
        for week in shift.weeks or range(1, staff.cycle_weeks + 1):
            for day in shift.days:
                midnight = (week - 1) * WEEK + day * DAY
                one = _Worked(midnight + shift.start, midnight + shift.end, label)
                for person in shift.people or ():
                    found.setdefault(person, []).append(one)
    return {person: sorted(worked) for person, worked in found.items()}


def _rest(person: str, worked: Sequence[_Worked], length: int, limits: Limits) -> Iterator[Breach]:
    around = [*worked, _Worked(worked[0].start + length, worked[0].end + length, worked[0].shift)]
    for one, other in pairwise(around):
        rest = other.start - one.end
        if rest < 0:
            what = f"{one.shift} and {other.shift} overlap by {_hours(-rest)}"
            yield Breach(Rule.OVERLAP, person, when(other.start, other.start, length), what)
        elif rest < limits.daily_rest:
            what = (
                f"{_hours(rest)} between {one.shift} and {other.shift}; "
                f"at least {_hours(limits.daily_rest)}"
            )
            yield Breach(Rule.DAILY_REST, person, when(one.end, other.start, length), what)


def _weekly_rest(
    person: str, worked: Sequence[_Worked], length: int, limits: Limits
) -> Iterator[Breach]:
    """The longest rest in each week from Monday to Sunday.

    One that reaches into a neighbouring week counts in full for each week that holds the day of it
    (35 h less the daily rest of 11), and else as far as it lies there.
    """
    day = limits.weekly_rest - limits.daily_rest
    ends = [one.end - length for one in worked] + [one.end for one in worked]
    starts = [one.start for one in worked] + [one.start + length for one in worked]
    rests = [(end, start) for end, start in zip(ends[len(worked) - 1 :], starts, strict=False)]
    for week in range(length // WEEK):
        monday, sunday = week * WEEK, (week + 1) * WEEK
        here = [(start - end, min(start, sunday) - max(end, monday)) for end, start in rests]
        mine = [whole if part >= day else part for whole, part in here]
        if max(mine) < limits.weekly_rest:
            what = f"longest rest {_hours(max(mine))}; at least {_hours(limits.weekly_rest)}"
            yield Breach(Rule.WEEKLY_REST, person, f"week {week + 1}", what)


def _week_hours(
    person: str, worked: Sequence[_Worked], cycle_weeks: int, limits: Limits
) -> Iterator[Breach]:
    mean, weeks = _most(_by_week(worked, cycle_weeks), limits.reference_weeks)
    if mean > limits.week_hours:
        what = f"{mean:.4g} h a week on average; at most {limits.week_hours:g}"
        yield Breach(Rule.WEEK_HOURS, person, weeks, what, mean - limits.week_hours)


def _night_hours(
    person: str, worked: Sequence[_Worked], cycle_weeks: int, limits: Limits
) -> Iterator[Breach]:
    """Hours in 24 h, the weekly day of rest left out, of those who usually work at night."""
    nights = sum(_night_minutes(one, limits) >= limits.night_worker for one in worked)
    if nights * 2 < len(worked):
        return
    mean, weeks = _most(_by_week(worked, cycle_weeks), limits.reference_weeks)
    if mean / (_WEEK_DAYS - 1) > limits.night_hours:
        what = (
            f"{mean / (_WEEK_DAYS - 1):.3g} h in 24 h on average, in a week with a day of rest; "
            f"a night worker's are at most {limits.night_hours:g}"
        )
        yield Breach(Rule.NIGHT_HOURS, person, weeks, what)


def _night_minutes(one: _Worked, limits: Limits) -> int:
    """Minutes of a shift in night time."""
    until = limits.night_to + (DAY if limits.night_to <= limits.night_from else 0)
    total = 0
    for day in range(one.start // DAY - 1, one.end // DAY + 1):
        start, end = day * DAY + limits.night_from, day * DAY + until
        total += max(0, min(one.end, end) - max(one.start, start))
    return total


def _by_week(worked: Sequence[_Worked], cycle_weeks: int) -> list[float]:
    hours = [0.0] * cycle_weeks
    for one in worked:
        hours[one.start // WEEK] += (one.end - one.start) / HOUR
    return hours


def _most(hours: Sequence[float], reference_weeks: int) -> tuple[float, str]:
    """The highest mean of any reference period of a cycle that repeats, and its weeks."""
    cycle = len(hours)
    if cycle <= reference_weeks:
        # A period that holds the cycle more than once: whole cycles, by their mean.
        return sum(hours) / cycle, "the whole cycle"
    doubled = np.array([*hours, *hours])
    means = [float(doubled[first : first + reference_weeks].mean()) for first in range(cycle)]
    first = int(np.argmax(means))
    last = (first + reference_weeks - 1) % cycle
    return means[first], f"weeks {first + 1} to {last + 1}"


def _hours(minutes: float) -> str:
    return f"{minutes / HOUR:.4g} h"
