"""What a site's hours say of its shifts: until when somebody is inside, and which shifts fit."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.rota.hourly import staffed
from sim.rota.need import Counts
from sim.rota.refine import Plan
from sim.scenario.hours import DAY, HOUR, WEEK
from sim.scenario.outlook import open_minutes
from sim.scenario.rota_rules import AllowedBreak, AllowedShift, Limits, RotaRules
from sim.scenario.scenario import Scenario
from sim.study.run.replication import simulate_replication
from sim.study.run.workers import this_machine

Mask = NDArray[np.bool_]

MOST_DAYS = 0.95
"""Share of days on which everybody is out by the time taken as the last one's. An assumption."""
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


# --- until when somebody is inside --------------------------------------------------------------


def spans_of(scenario: Scenario, minutes_after: Mapping[int, int]) -> tuple[Span, ...]:
    """The stretches of an ordinary week in which the site is open; none if it always is.

    Args:
        scenario: the site.
        minutes_after: by clock time of closing, minutes until the last person is out.
    """
    return tuple(
        Span(opens, closes, closes + minutes_after.get(closes % DAY, 0))
        for opens, closes in _runs(open_minutes(scenario, WEEK))
    )


def _runs(is_open: Mask) -> Iterator[tuple[int, int]]:
    """Beginnings and ends of the open stretches of a circular week; none where it never shuts."""
    starts = np.flatnonzero(is_open & ~np.roll(is_open, 1)).tolist()
    ends = np.flatnonzero(~is_open & np.roll(is_open, 1))
    for start in starts:
        later = ends[ends > start]
        yield start, int(later[0]) if len(later) else int(ends[0]) + WEEK


def in_use(scenario: Scenario, spans: tuple[Span, ...]) -> Mask:
    """Whether in each minute of a week the site is open or somebody is still inside."""
    found = open_minutes(scenario, WEEK)
    for span in spans:
        found[np.arange(span.closes, span.empty) % WEEK] = True
    return found


def minutes_after_closing(
    scenario: Scenario, counts: Mapping[str, Counts], plan: Plan
) -> dict[int, int]:
    """By clock time of closing, minutes after which on most days everybody has left.

    The site is played with the staff that are needed: who is inside at closing, waits for a place
    or for staff, or rests in aftercare is in the log.

    Args:
        scenario: the site.
        counts: people of each role present in each of the 168 hours.
        plan: replications, seed, workers and engine.
    """
    closings = [closes for _, closes in _runs(open_minutes(scenario, WEEK))]
    if not closings:
        return {}
    played = staffed(scenario, counts)
    found: dict[int, list[float]] = {}
    with this_machine(plan.engine, plan.workers)() as pool:
        begun: list[Future[dict[int, list[float]]]] = [
            pool.executor.submit(_last_out, played, plan, number, tuple(closings))
            for number in range(plan.replications)
        ]
        for one in begun:
            for clock, minutes in one.result().items():
                found.setdefault(clock, []).extend(minutes)
    return {
        clock: int(np.ceil(np.quantile(minutes, MOST_DAYS, method="higher")))
        for clock, minutes in found.items()
    }


def _last_out(
    scenario: Scenario, plan: Plan, replication: int, closings: tuple[int, ...]
) -> dict[int, list[float]]:
    """By clock time, of each day's closing the minutes until the last person is out."""
    log = simulate_replication(scenario, plan.seed, replication, plan.engine)
    monday = -scenario.horizon.start.weekday() * DAY
    came, out = log.visits["let_in"], log.visits["out"]
    out = np.where(np.isnan(out), log.end, out)
    found: dict[int, list[float]] = {}
    for week in range(-1, scenario.horizon.total_days // 7 + 2):
        for closes in closings:
            at = monday + week * WEEK + closes
            if scenario.horizon.counted_from <= at <= scenario.horizon.minutes:
                inside = out[(came < at) & (out > at)]
                last = float(inside.max(initial=at)) - at
                found.setdefault(closes % DAY, []).append(last)
    return found


# --- shifts that fit ------------------------------------------------------------------------------


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


def night_minutes(start: int, end: int, limits: Limits) -> int:
    """Minutes of a shift that lie in night time.

    Args:
        start: minutes from any midnight.
        end: the same.
        limits: which time is night.
    """
    until = limits.night_to + (DAY if limits.night_to <= limits.night_from else 0)
    total = 0
    for day in range(start // DAY - 1, end // DAY + 1):
        from_, to = day * DAY + limits.night_from, day * DAY + until
        total += max(0, min(end, to) - max(start, from_))
    return total
