"""Every shift that a plan may use, and when whoever works it is there."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.measures.cost import cost_per_week, hours_per_week
from sim.scenario.hours import DAY, DAYS, HOUR, WEEK, clock_text
from sim.scenario.offered import Floats
from sim.scenario.rota_rules import AllowedShift, RotaRules
from sim.scenario.staff import Shift, Staff

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
                    **_window(pattern.start + rest.after, pattern.start + rest.before),
                    "minimum_left": rest.minimum_left,
                }
                for rest in rule.breaks
            ],
        }
    )


def _window(earliest: float, latest: float) -> dict[str, str]:
    """A break's window: clock times before the shift's start are on the next day."""
    later = DAY if earliest >= DAY else 0
    return {"from": clock_text(earliest - later), "to": clock_text(latest - later)}


def patterns(staff: Staff, rules: RotaRules, *, daily: bool) -> tuple[Pattern, ...]:
    """All patterns that the rules allow.

    Args:
        staff: roles.
        rules: which shifts are allowed.
        daily: only shifts that are worked on every day, of one week.
    """
    return tuple(_patterns(staff, rules, daily=daily))


def _patterns(staff: Staff, rules: RotaRules, *, daily: bool) -> Iterator[Pattern]:
    for role in staff.roles:
        for number, rule in enumerate(rules.shifts):
            if rule.roles and role not in rule.roles:
                continue
            weeks = [week - 1 for week in rule.weeks] or list(range(rules.cycle_weeks))
            for start in rule.starts or range(0, DAY, HOUR):
                for length in rule.lengths:
                    for week in weeks[:1] if daily else weeks:
                        for day in (EVERY_DAY,) if daily else rule.days:
                            yield Pattern(role, number, start, round(length), day, week)


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
    hours, cost = hours_per_week(alone, 0), cost_per_week(alone, 0)
    free = all(role.cost_per_hour == 0 for role in staff.roles.values())
    return hours, hours if free else cost


def there(pattern: Pattern, rules: RotaRules, period: int) -> Floats:
    """How much of a person is there in each minute of a circular period.

    The end that overlaps with the next shift is for handing over. A break takes its length off
    the window in which it may lie, in equal parts: people in turn.
    """
    rule = rules.shifts[pattern.allowed]
    present = np.ones(pattern.length)
    if rules.handover:
        present[pattern.length - min(pattern.length, round(rules.handover)) :] = 0.0
    for rest in rule.breaks if rules.cover_breaks else ():
        window = slice(round(rest.after), round(rest.before + rest.length))
        present[window] *= 1 - rest.length / (rest.before - rest.after + rest.length)
    found = np.zeros(period)
    places = (pattern.begins + np.arange(pattern.length)) % period
    found[places] = present
    return found
