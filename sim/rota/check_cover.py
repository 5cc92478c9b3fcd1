"""Whether enough of the right people are on duty, minute by minute of the rota's cycle."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.rota.need import rules_of, staff_of
from sim.rota.rules import Breach, Rule, when
from sim.scenario.hours import DAY, HOUR, WEEK, clock_text
from sim.scenario.outlook import on_duty, open_minutes
from sim.scenario.rota import break_window, shift_name
from sim.scenario.scenario import Scenario
from sim.scenario.staff import Shift

Minutes = NDArray[np.int64]


def cover_breaches(scenario: Scenario) -> Iterator[Breach]:
    """Minimum cover, skill mix, the two-person rule, cover of breaks, and handovers."""
    duty = on_duty(scenario)
    length = len(next(iter(duty.values()), np.zeros(0)))
    if not length:
        return
    is_open = open_minutes(scenario, length)
    for rule, where, roles, least in _demands(scenario):
        there: Minutes = np.sum([duty[role] for role in roles], axis=0)
        yield from _short(rule, where, roles, least, (there, is_open))
        yield from _breaks(scenario, where, roles, least, (there, is_open))
    yield from _handovers(scenario, duty, is_open)


def _demands(scenario: Scenario) -> Iterator[tuple[Rule, str, tuple[str, ...], int]]:
    """Which rule wants how many of which roles while the site is open, and where."""
    rules, staff = rules_of(scenario), staff_of(scenario)
    everybody = tuple(staff.roles)
    if rules.minimum:
        yield Rule.TOGETHER, "site", everybody, rules.minimum
    for role, least in rules.at_least.items():
        yield Rule.SKILL, "site", (role,), least
    for supervision in scenario.supervision:
        where = ", ".join(supervision.rooms)
        if supervision.minimum:
            yield Rule.COVER, where, supervision.roles, supervision.minimum
        for role, least in supervision.at_least.items():
            yield Rule.SKILL, where, (role,), least


def _short(
    rule: Rule,
    where: str,
    roles: tuple[str, ...],
    least: int,
    minutes: tuple[Minutes, NDArray[np.bool_]],
) -> Iterator[Breach]:
    there, is_open = minutes
    for start, end in spans((there < least) & is_open):
        fewest = int(there[np.arange(start, end) % len(there)].min())
        names = " or ".join(roles)
        yield Breach(
            rule,
            where,
            when(start, end, len(there)),
            f"{fewest} on duty, {least} needed ({names})",
            (end - start) / HOUR / (len(there) / WEEK),
        )


def _breaks(
    scenario: Scenario,
    where: str,
    roles: tuple[str, ...],
    least: int,
    minutes: tuple[Minutes, NDArray[np.bool_]],
) -> Iterator[Breach]:
    """Breaks that leave too few wherever in their window they are taken."""
    there, is_open = minutes
    staff = staff_of(scenario)
    for shift in staff.rota:
        if shift.role not in roles:
            continue
        for rest in shift.breaks:
            first, last = break_window(shift, rest)
            short = []
            for start in _starts(shift, staff.cycle_weeks):
                window = np.arange(start + first, start + last + round(rest.length)) % len(there)
                # Enough at some time of the window, for as long as the break lasts?
                enough = (there[window] - 1 >= least) | ~is_open[window]
                if not _long_run(enough, round(rest.length)) and (there[window] >= least).all():
                    short.append(start + first)
            if short:
                yield Breach(
                    Rule.BREAK_COVER,
                    where,
                    f"{clock_text(first % DAY)}-{clock_text(last % DAY)}",
                    f"a break of {shift_name(shift)} leaves fewer than {least} "
                    f"({' or '.join(roles)})",
                    len(short) * rest.length / HOUR / staff.cycle_weeks,
                )


def _starts(shift: Shift, cycle_weeks: int) -> Iterator[int]:
    """Midnights of the days on which a shift starts, minutes from the cycle's beginning."""
    for week in shift.weeks or range(1, cycle_weeks + 1):
        for day in shift.days:
            yield (week - 1) * WEEK + day * DAY


def _long_run(enough: NDArray[np.bool_], minutes: int) -> bool:
    padded = np.concatenate(([0], enough.astype(np.int64), [0]))
    edges = np.flatnonzero(np.diff(padded))
    return bool((edges[1::2] - edges[::2] >= minutes).any())


def _handovers(
    scenario: Scenario, duty: dict[str, Minutes], is_open: NDArray[np.bool_]
) -> Iterator[Breach]:
    """Ends of shifts before which the relief of the same role has not been there long enough."""
    rules, staff = rules_of(scenario), staff_of(scenario)
    wanted = round(rules.handover)
    if not wanted:
        return
    for role, there in duty.items():
        lines = [shift for shift in staff.rota if shift.role == role]
        spans_of = [
            (start + shift.start, start + shift.end)
            for shift in lines
            for start in _starts(shift, staff.cycle_weeks)
        ]
        length = len(there)
        for end in sorted({until % length for _, until in spans_of}):
            goes_on = [
                (end - start) % length
                for start, until in spans_of
                if 0 < (until - end) % length <= until - start and (end - start) % length < DAY
            ]
            if there[end] and is_open[end] and goes_on and max(goes_on) < wanted:
                yield Breach(
                    Rule.HANDOVER,
                    role,
                    when(end, end, length),
                    f"{max(goes_on)} min of overlap, {wanted} needed",
                    (wanted - max(goes_on)) / HOUR / staff.cycle_weeks,
                )


def spans(short: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Runs of true values in a circle, as (from, until); the last may pass the end."""
    length = len(short)
    if short.all():
        yield 0, length
        return
    starts = np.flatnonzero(short & ~np.roll(short, 1))
    ends = np.flatnonzero(~short & np.roll(short, 1))
    for start in starts.tolist():
        later = ends[ends > start]
        yield start, int(later[0]) if len(later) else int(ends[0]) + length
