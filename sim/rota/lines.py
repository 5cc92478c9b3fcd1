"""From single days to lines of a rota: days that are alike together, and weeks of the same days."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

EVERY_WEEK = 0
"""In place of the number of a week."""
Moment = tuple[int, int]
"""Week of the cycle from 1, or EVERY_WEEK; and weekday, Monday 0."""
Value = TypeVar("Value", bound=Hashable)


def merged(
    values: Mapping[Moment, Value], cycle_weeks: int
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], Value]]:
    """Days, weeks (none: every week) and the value that holds on them, in order of appearance.

    Args:
        values: what holds on a day, such as a number of people.
        cycle_weeks: after how many weeks the rota repeats.
    """
    of_week: dict[tuple[int, Value], list[int]] = {}
    for (week, day), value in values.items():
        of_week.setdefault((week, value), []).append(day)
    weeks: dict[tuple[tuple[int, ...], Value], list[int]] = {}
    for (week, value), days in of_week.items():
        weeks.setdefault((tuple(sorted(days)), value), []).append(week)
    for (on, value), found in weeks.items():
        every = EVERY_WEEK in found or len(found) == cycle_weeks
        yield on, () if every else tuple(sorted(found)), value
