"""Every shift that a plan may use, and when whoever works it is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import ceil

import numpy as np
from numpy.typing import NDArray

from sim.measures.cost import usual_cost, usual_hours
from sim.scenario.model.hours import DAY, DAYS, HOUR, WEEK, clock_text
from sim.scenario.model.rota_rules import AllowedShift, RotaRules
from sim.scenario.model.staff import Shift, Staff

Mask = NDArray[np.bool_]

EVERY_DAY = -1
"""In place of a weekday: the shift is worked on all of them."""


@dataclass(frozen=True)
class Pattern:
    """One person on one shift."""

    role: str
    allowed: int
    """Number of the rule that allows it."""
    start: int
    """Minutes after midnight."""
    length: int
    """Minutes."""
    day: int
    """Weekday on which it starts, or EVERY_DAY."""
    week: int
    """Week of the cycle, from 0."""
    rests: tuple[int, ...] | None = None
    """When each break begins, minutes after the shift's start; None if that is left open."""

    @property
    def begins(self) -> int:
        """Minutes from the beginning of the period: of a day if it is worked on all of them."""
        return self.week * WEEK + max(self.day, 0) * DAY + self.start

    def shift(self, rule: AllowedShift, count: int = 1) -> Shift:
        """The shift as a line of a rota, of so many people."""
        days = range(len(DAYS)) if self.day == EVERY_DAY else (self.day,)
        return shift_line(self, rule, tuple(days), (self.week + 1,), count)


def shift_line(
    pattern: Pattern,
    rule: AllowedShift,
    days: tuple[int, ...],
    weeks: tuple[int, ...],
    count: int,
) -> Shift:
    """A rota line of that pattern on these days and weeks; no weeks means every week."""
    return Shift.model_validate(
        {
            "role": pattern.role,
            "name": rule.name,
            "from": clock_text(pattern.start),
            "to": clock_text(pattern.start + pattern.length),
            "days": days,
            "weeks": weeks,
            "count": count,
            "breaks": [
                {
                    "length": rest.length,
                    **_window(pattern.start + after, pattern.start + before),
                    "minimum_left": rest.minimum_left if pattern.rests is None else 0,
                }
                for rest, (after, before) in zip(rule.breaks, _begins(pattern, rule), strict=True)
            ],
        }
    )


def _begins(pattern: Pattern, rule: AllowedShift) -> list[tuple[float, float]]:
    """When each break may begin, after the shift's start: at one time, where it is planned."""
    if pattern.rests is None:
        return [(rest.after, rest.before) for rest in rule.breaks]
    return [(begin, begin) for begin in pattern.rests]


def _window(earliest: float, latest: float) -> dict[str, str]:
    """A break's window: clock times before the shift's start are on the next day."""
    later = DAY if earliest >= DAY else 0
    return {"from": clock_text(earliest - later), "to": clock_text(latest - later)}


def patterns(staff: Staff, rules: RotaRules, *, daily: bool, planned: bool) -> tuple[Pattern, ...]:
    """All patterns that the rules allow.

    Args:
        staff: roles.
        rules: which shifts are allowed.
        daily: only shifts that are worked on every day, of one week.
        planned: whether breaks have their times; each time is a pattern of its own.
    """
    return tuple(_patterns(staff, rules, daily=daily, planned=planned))


def _patterns(staff: Staff, rules: RotaRules, *, daily: bool, planned: bool) -> Iterator[Pattern]:
    for role in staff.roles:
        for number, rule in enumerate(rules.shifts):
            if rule.roles and role not in rule.roles:
                continue
            weeks = [week - 1 for week in rule.weeks] or list(range(rules.cycle_weeks))
            times = rest_times(rule) if planned else [None]
            for start in rule.starts or range(0, DAY, HOUR):
                for length in rule.lengths:
                    for week in weeks[:1] if daily else weeks:
                        for day in (EVERY_DAY,) if daily else rule.days:
                            for rests in times:
                                yield Pattern(role, number, start, round(length), day, week, rests)


def rest_times(rule: AllowedShift) -> list[tuple[int, ...] | None]:
    """When the breaks of a shift may begin, after its start: step by step through their windows.

    A step is as long as the break, at most half an hour; no two breaks of a person overlap.
    """
    choices = []
    for rest in rule.breaks:
        step = min(ceil(rest.length), HOUR // 2)
        choices.append(range(ceil(rest.after), int(rest.before) + 1, step) or [ceil(rest.after)])
    lengths = [ceil(rest.length) for rest in rule.breaks]
    return [
        times
        for times in product(*choices)
        if all(
            other >= one + length or one >= other + later
            for (one, length), (other, later) in combinations(zip(times, lengths, strict=True), 2)
        )
    ]


def alike_every_day(rules: RotaRules) -> bool:
    """Whether every shift may be worked on any day of any week."""
    return all(len(rule.days) == len(DAYS) and not rule.weeks for rule in rules.shifts)


def week_cost(pattern: Pattern, staff: Staff, rules: RotaRules) -> tuple[float, float]:
    """Hours a week and cost a week of one person on it, mean of the cycle's weeks.

    Where no role costs anything, hours stand in for money.
    """
    line = pattern.shift(rules.shifts[pattern.allowed])
    weeks = 1 if pattern.day == EVERY_DAY else rules.cycle_weeks
    alone = staff.model_copy(update={"rota": (line,), "cycle_weeks": weeks})
    hours, cost = usual_hours(alone, 0), usual_cost(alone, 0)
    free = all(role.cost_per_hour == 0 for role in staff.roles.values())
    return hours, hours if free else cost


def on_shift(pattern: Pattern, rules: RotaRules, period: int, *, breaks: bool) -> Mask:
    """Whether someone is there in each minute of a circular period.

    Args:
        pattern: whose breaks have their times, or are not to be taken off.
        rules: which shifts are allowed.
        period: minutes, of a day or of the cycle.
        breaks: whether they are taken off.
    """
    present = np.ones(pattern.length, dtype=np.bool_)
    if breaks:
        rests = rules.shifts[pattern.allowed].breaks
        for begin, rest in zip(pattern.rests or (), rests, strict=False):
            present[begin : begin + ceil(rest.length)] = False
    found = np.zeros(period, dtype=np.bool_)
    found[(pattern.begins + np.flatnonzero(present)) % period] = True
    return found


def handing_over(pattern: Pattern, rules: RotaRules, period: int) -> Mask:
    """The last minutes of a shift, in which its work is handed to the next one."""
    found = np.zeros(period, dtype=np.bool_)
    last = min(pattern.length, round(rules.handover))
    found[(pattern.begins + np.arange(pattern.length - last, pattern.length)) % period] = True
    return found
