"""Shifts that a plan may use: those that fit a site's hours, and when who works them is there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures.figures.cost import usual_cost, usual_hours
from sim.rota.check.working_time import night_minutes
from sim.rota.files.entries import EVERY_WEEK, Moment, merged
from sim.scenario.derived.calendar import Floats
from sim.scenario.model.hours import DAY, DAYS, HOUR, WEEK, clock_text
from sim.scenario.model.rota_rules import AllowedBreak, AllowedShift, Limits, RotaRules
from sim.scenario.model.staff import Shift, Staff

Mask = NDArray[np.bool_]

EVERY_DAY = -1
"""In place of a weekday: the shift is worked on all of them."""


# --- patterns -----------------------------------------------------------------------------------


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

    @property
    def anytime(self) -> "Pattern":
        """The shift without the times of its breaks, which cost nothing."""
        return replace(self, rests=None)

    def shift(self, rule: AllowedShift) -> Shift:
        """The shift as a line of a rota."""
        days = range(len(DAYS)) if self.day == EVERY_DAY else (self.day,)
        return shift_line(self, rule, tuple(days), (self.week + 1,), 1)


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


def masks(rows: Iterable[Mask]) -> Mask:
    """(patterns, minutes), from a line of minutes for each pattern."""
    return np.array(list(rows), dtype=np.bool_)


def at_work(
    choices: tuple[Pattern, ...],
    rules: RotaRules,
    period: int,
    present: Mask,
    unrelieved: frozenset[int],
) -> Mask:
    """Who counts for the need: those on a break that nobody need stand in for do, too."""
    found = present
    if unrelieved or not rules.cover_breaks:
        relieved = {one: rules.cover_breaks and one.allowed not in unrelieved for one in choices}
        found = masks(on_shift(one, rules, period, breaks=relieved[one]) for one in choices)
    if rules.handover:
        found = found & ~masks(handing_over(one, rules, period) for one in choices)
    return found


def rota_lines(choices: tuple[Pattern, ...], people: Floats, rules: RotaRules) -> tuple[Shift, ...]:
    """Lines of a rota: days of the same number of people together, and weeks of the same days."""
    kinds: dict[tuple[object, ...], dict[Moment, tuple[Pattern, int]]] = {}
    for one, number in zip(choices, people, strict=True):
        if number:
            key = (one.role, one.allowed, one.start, one.length, one.rests)
            kind = kinds.setdefault(key, {})
            for day in range(len(DAYS)) if one.day == EVERY_DAY else (one.day,):
                week = EVERY_WEEK if one.day == EVERY_DAY else one.week + 1
                kind[week, day] = (one, int(number))
    lines = []
    for moments in kinds.values():
        numbers = {moment: number for moment, (_, number) in moments.items()}
        first = next(iter(moments.values()))[0]
        for days, weeks, number in merged(numbers, rules.cycle_weeks):
            lines.append(shift_line(first, rules.shifts[first.allowed], days, weeks, number))
    return tuple(lines)


# --- shifts that fit a site's hours -------------------------------------------------------------

HALF = 30
"""Shifts begin on the half hour, and first so many minutes before opening; a break takes as long.
Assumptions."""
SHORTEST, SHORTEST_NIGHT, LONGEST = 6 * HOUR, 8 * HOUR, 10 * HOUR
"""Minutes of a shift, and of one at night. Assumptions."""
SMALL_HOURS = (1 * HOUR, 5 * HOUR)
"""Between these no shift begins or ends, unless the site opens or closes then. An assumption."""
_SHORT_DAY = 12 * HOUR
"""At a site that is open no longer a shift may last half hours too; else whole hours, or until the
last person is out."""
_ACROSS = 3 * HOUR
"""A shift may go on through closed hours of the day that are no longer. An assumption."""
_DAYTIME = (8 * HOUR, 20 * HOUR)


class Span(NamedTuple):
    """A stretch of opening hours; minutes from Monday 00:00, the last may pass the week's end."""

    opens: int
    closes: int
    empty: int
    """When the last person is out, on most days."""


def shifts_of(rules: RotaRules, spans: tuple[Span, ...]) -> tuple[AllowedShift, ...]:
    """The shifts that a plan may use at a site whose rules name none.

    Of 6 to 10 hours, at night (`limits.night_worker` or more of the night time) 8 to 10, beginning
    on the half hour, not before half an hour before opening, and over when the last person is out;
    none begins or ends between 01:00 and 05:00 unless the site opens or closes then. Those above
    `limits.break_after` have a break of half an hour in their middle third.

    Args:
        rules: whose limits count.
        spans: opening hours; none for a site that never closes: shifts of 8 to 10 hours.
    """
    starts: dict[int, dict[int, set[int]]] = {}
    for begin, length in _fitting(rules.limits, spans):
        day, clock = divmod(begin % WEEK, DAY)
        starts.setdefault(length, {}).setdefault(clock, set()).add(day)
    found = []
    for length, clocks in sorted(starts.items()):
        of_days: dict[tuple[int, ...], list[int]] = {}
        for clock, days in sorted(clocks.items()):
            of_days.setdefault(tuple(sorted(days)), []).append(clock)
        found += [
            AllowedShift.model_construct(
                lengths=(float(length),),
                starts=tuple(clocks_of),
                days=days,
                breaks=lawful_breaks(length, rules.limits),
            )
            for days, clocks_of in of_days.items()
        ]
    return tuple(found)


def lawful_breaks(length: int, limits: Limits) -> tuple[AllowedBreak, ...]:
    """The break that working time demands of a shift, to begin in its middle third."""
    if length <= limits.break_after:
        return ()
    rest = max(HALF, limits.shortest_break)
    third = length / 3
    after = -(-third // HALF) * HALF
    before = max(after, (2 * third - rest) // HALF * HALF)
    return (AllowedBreak.model_construct(length=float(rest), after=after, before=before),)


def with_breaks(rules: RotaRules) -> tuple[RotaRules, frozenset[int]]:
    """Rules whose shifts have the break that working time demands; and which were given one.

    Args:
        rules: as the scenario names them; a shift that names breaks keeps them.
    """
    shifts: list[AllowedShift] = []
    given: set[int] = set()
    for shift in rules.shifts:
        for length in shift.lengths if not shift.breaks else shift.lengths[:1]:
            found = () if shift.breaks else lawful_breaks(round(length), rules.limits)
            if found:
                given.add(len(shifts))
            changes = {"breaks": found, "lengths": (length,)} if not shift.breaks else {}
            shifts.append(shift.model_copy(update=changes))
    return rules.model_copy(update={"shifts": tuple(shifts)}), frozenset(given)


def _fitting(limits: Limits, spans: tuple[Span, ...]) -> Iterator[tuple[int, int]]:
    """Begin, from Monday, and length of every shift."""
    if not spans:
        for begin in range(0, WEEK, HALF):
            for length in range(SHORTEST_NIGHT, LONGEST + 1, HOUR):
                if not (_small(begin) or _small(begin + length)):
                    yield begin, length
        return
    for window in _windows(spans):
        yield from _within(limits, window)


class _Window(NamedTuple):
    """From when to when people may be at work, and where in the small hours a shift may begin."""

    first: int
    last: int
    begins: frozenset[int]
    ends: frozenset[int]


def _windows(spans: tuple[Span, ...]) -> Iterator[_Window]:
    merged: list[list[Span]] = []
    for span in sorted(spans):
        if merged and _goes_on(merged[-1][-1], span):
            merged[-1].append(span)
        else:
            merged.append([span])
    for run in merged:
        last = -(-run[-1].empty // HALF) * HALF
        begins = {moment for one in run for moment in (one.opens - HALF, one.opens)}
        ends = {moment for one in run for moment in range(one.closes, last + 1, HALF)}
        yield _Window(run[0].opens - HALF, last, frozenset(begins), frozenset({*ends, last}))


def _goes_on(one: Span, other: Span) -> bool:
    """Whether a shift may go on from one stretch of the day to the next."""
    early, late = _DAYTIME
    by_day = all(early <= moment % DAY <= late for moment in (one.closes, other.opens))
    return by_day and other.opens - one.closes <= _ACROSS


def _within(limits: Limits, window: _Window) -> Iterator[tuple[int, int]]:
    begins = sorted({window.first, *range(-(-window.first // HALF) * HALF, window.last, HALF)})
    whole = window.last - window.first
    found = False
    for begin in begins:
        step = HALF if whole <= _SHORT_DAY else HOUR
        ends = sorted({*range(begin + SHORTEST, begin + LONGEST + 1, step), window.last})
        for end in ends:
            length = end - begin
            night = night_minutes(begin, end, limits) >= limits.night_worker
            if (
                end <= window.last
                and (SHORTEST_NIGHT if night else SHORTEST) <= length <= LONGEST
                and (not _small(begin) or begin in window.begins)
                and (not _small(end) or end in window.ends)
            ):
                found = True
                yield begin, length
    if not found and whole <= LONGEST:
        yield window.first, whole


def _small(minute: int) -> bool:
    first, last = SMALL_HOURS
    return first <= minute % DAY <= last
