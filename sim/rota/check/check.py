"""Whether a rota keeps the rules: every breach with where and when, minute by minute."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.measures.figures.cost import cost_per_week, hours_per_week, posts
from sim.rota.check.days_off import days_off_breaches
from sim.rota.check.rules import (
    Breach,
    Rule,
    demanded,
    least_present,
    rules_of,
    source_of,
    span_text,
    staff_of,
)
from sim.rota.check.working_day import shift_breaches
from sim.rota.check.working_time import people_breaches
from sim.scenario.derived.roster import (
    Period,
    Timeline,
    break_window,
    on_duty,
    open_then,
    period_of,
    rostered,
    shift_days,
    shift_name,
    staff_present,
)
from sim.scenario.errors.told import Listed, Name, told
from sim.scenario.model.hours import DAY, HOUR, WEEK, clock_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Break, Shift

Minutes = NDArray[np.int64]
_Value = TypeVar("_Value", np.int64, np.bool_)


# --- cover, minute by minute --------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Cover:
    """The minutes of the rota's period: who is on duty, and whether the site is open."""

    scenario: Scenario
    time: Timeline
    there: Minutes
    """So many of the roles that a rule is about."""
    open: NDArray[np.bool_]

    @property
    def period(self) -> Period:
        """The rota's period."""
        return self.time.period

    @property
    def weeks(self) -> float:
        """Weeks of it."""
        return self.period.minutes / WEEK

    def spans(self, short: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
        """Runs of true values."""
        return spans(short, circle=self.period.first is None)


def cover_breaches(scenario: Scenario) -> Iterator[Breach]:
    """Minimum cover, skill mix, the two-person rule, cover of breaks, and handovers."""
    duty = on_duty(scenario)
    if not duty:
        return
    time, is_open = Timeline.of(period_of(scenario)), open_then(scenario)
    around = {role: _around(time, there) for role, there in duty.items()}
    for one in demanded(scenario):
        if one.rule is None:  # a team is no rule of a rota
            continue
        there: Minutes = np.sum([duty[role] for role in one.roles], axis=0)
        found = _Cover(scenario, time, there, is_open)
        yield from _below(one.rule, one.where, one.roles, one.number, found)
        yield from _breaks(one.where, one.roles, one.number, found, around)
    yield from _too_few_left(scenario, time, around)
    yield from _handovers(scenario, duty, is_open)


def _below(
    rule: Rule, where: str, roles: tuple[str, ...], least: int, minutes: _Cover
) -> Iterator[Breach]:
    there = minutes.there
    for start, end in minutes.spans((there < least) & minutes.open):
        fewest = int(there[np.arange(start, end) % len(there)].min())
        what = told(
            "on_duty",
            "{there} on duty, {least} needed ({roles})",
            there=fewest,
            least=least,
            roles=Listed.of(roles, "or"),
        )
        yield Breach(
            rule,
            where,
            span_text(minutes.period, start, end),
            what,
            (end - start) / HOUR / minutes.weeks,
        )


def _breaks(
    where: str, roles: tuple[str, ...], least: int, minutes: _Cover, around: dict[str, Minutes]
) -> Iterator[Breach]:
    """Breaks that leave too few wherever in their window they may be taken."""
    scenario, time = minutes.scenario, minutes.time
    there, is_open = _around(time, minutes.there), _around(time, minutes.open)
    for shift in staff_of(scenario).rota:
        if shift.role not in roles:
            continue
        for rest in shift.breaks:
            first, last = break_window(shift, rest)
            short = []
            for start in shift_days(scenario, shift):
                window = time.places(start + first, start + last + _lasts(rest))
                # Enough at some time of the window, for as long as the break lasts?
                enough = (there[window] - 1 >= least) | ~is_open[window]
                begins = _covered(shift, rest, time.places(start + first, start + last + 1), around)
                begins[-1] = True  # at the end of its window it does whoever is left
                fits = (begins & _long_enough(enough, len(begins))).any()
                if not fits and (there[window] >= least).all():
                    short.append(start + first)
            if short:
                what = told(
                    "break_leaves",
                    "a break of {shift} leaves fewer than {least} ({roles})",
                    shift=Name(shift_name(shift)),
                    least=least,
                    roles=Listed.of(roles, "or"),
                )
                yield Breach(
                    Rule.BREAK_COVER,
                    where,
                    _window(first, last),
                    what,
                    len(short) * rest.length / HOUR / minutes.weeks,
                )


def _window(first: int, last: int) -> str:
    return told("until", "{first}-{time}", first=clock_of(first % DAY), time=clock_of(last % DAY))


def _around(time: Timeline, values: NDArray[_Value]) -> NDArray[_Value]:
    """With the days before and after those of a rota of dates: nobody is there, nothing open."""
    found = np.zeros(time.length, dtype=values.dtype)
    found[time.places(0, time.period.minutes)] = values
    return found


def _lasts(rest: Break) -> int:
    return max(1, round(rest.length))


def _long_enough(enough: NDArray[np.bool_], starts: int) -> NDArray[np.bool_]:
    """Whether it is so for as long as a break lasts, from each of the first minutes on."""
    lasts = len(enough) - starts + 1
    before = np.concatenate(([0], np.cumsum(enough)))
    found: NDArray[np.bool_] = before[lasts:] - before[:-lasts] == lasts
    return found


def _covered(
    shift: Shift, rest: Break, starts: Minutes, around: dict[str, Minutes]
) -> NDArray[np.bool_]:
    """At which minutes `minimum_left` lets a break begin, as the rota is written."""
    roles = dict.fromkeys(rest.minimum_left_of or (shift.role,))
    others = sum(around[role][starts] for role in roles) - (shift.role in roles)
    return np.asarray(others >= rest.minimum_left)


def _too_few_left(
    scenario: Scenario, time: Timeline, around: dict[str, Minutes]
) -> Iterator[Breach]:
    """Breaks that can begin only when their window ends, as too few others are ever there."""
    weeks = time.period.minutes / WEEK
    for shift in staff_of(scenario).rota:
        for rest in shift.breaks:
            first, last = break_window(shift, rest)
            short = [
                start
                for start in shift_days(scenario, shift)
                if not _covered(
                    shift, rest, time.places(start + first, start + last + 1), around
                ).any()
            ]
            if short:
                what = told(
                    "break_never_leaves",
                    "a break of {shift} never leaves the {least} ({roles}) of its minimum_left, "
                    "and so begins when its window ends",
                    shift=Name(shift_name(shift)),
                    least=rest.minimum_left,
                    roles=Listed.of(rest.minimum_left_of or (shift.role,), "or"),
                )
                yield Breach(
                    Rule.BREAK_COVER,
                    Name(shift.role),
                    _window(first, last),
                    what,
                    len(short) * rest.length / HOUR / weeks,
                )


def _handovers(
    scenario: Scenario, duty: dict[str, Minutes], is_open: NDArray[np.bool_]
) -> Iterator[Breach]:
    """Ends of shifts before which the relief of the same role has not been there long enough."""
    wanted, time = round(rules_of(scenario).handover), Timeline.of(period_of(scenario))
    if not wanted:
        return
    for role, there in duty.items():
        shifts = list(_without_change(scenario, role))
        for end in sorted({until % time.length for _, until in shifts}):
            if end >= len(there):
                continue  # past the last of the dates
            goes_on = [
                (end - start) % time.length
                for start, until in shifts
                if 0 < (until - end) % time.length <= until - start
                and (end - start) % time.length < DAY
            ]
            if there[end] and is_open[end] and goes_on and max(goes_on) < wanted:
                what = told(
                    "overlap_short",
                    "{minutes} min of overlap, {wanted} needed",
                    minutes=int(max(goes_on)),
                    wanted=wanted,
                )
                yield Breach(
                    Rule.HANDOVER,
                    Name(role),
                    span_text(time.period, end, end),
                    what,
                    (wanted - max(goes_on)) / HOUR / (len(there) / WEEK),
                )


def _without_change(scenario: Scenario, role: str) -> Iterator[tuple[int, int]]:
    """From when until when people are at work in a role: nobody hands over to themselves."""
    rota, length = staff_of(scenario).rota, Timeline.of(period_of(scenario)).length
    mine = [one for one in rostered(scenario) if rota[one.line].role == role]
    starts = {(one.name, one.start % length): one for one in mine if one.name}
    ends = {(one.name, one.end % length) for one in mine if one.name}
    for one in mine:
        if (one.name, one.start % length) in ends and one.end - one.start < length:
            continue  # goes on from an earlier one
        start, end, last = one.start, one.end, one
        while (
            later := starts.get((one.name, last.end % length))
        ) is not None and end - start < DAY:
            end, last = end + later.end - later.start, later
        yield start, end


def spans(short: NDArray[np.bool_], *, circle: bool = True) -> Iterator[tuple[int, int]]:
    """Runs of true values as (from, until); in a circle the last may pass the end."""
    length = len(short)
    if short.all():
        yield 0, length
        return
    if not circle:
        edges = np.flatnonzero(np.diff(short, prepend=False, append=False))
        yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        return
    starts = np.flatnonzero(short & ~np.roll(short, 1))
    ends = np.flatnonzero(~short & np.roll(short, 1))
    for start in starts.tolist():
        later = ends[ends > start]
        yield start, int(later[0]) if len(later) else int(ends[0]) + length


# --- all rules ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckedRota:
    """What a check found."""

    breaches: tuple[Breach, ...]
    unchecked: tuple[Rule, ...]
    """Rules that need names, where there are none."""
    posts: pd.DataFrame
    """`role, hours_per_week, cost_per_week, contract_hours, headroom, wte`; WTE = rostered hours ÷
    (contract hours × (1 − headroom))."""


OF_NAMES = (
    Rule.OVERLAP,
    Rule.DAILY_REST,
    Rule.WEEKLY_REST,
    Rule.WEEK_HOURS,
    Rule.NIGHT_HOURS,
    Rule.DAY_OFF,
)
"""Rules about single people."""


def check_rota(scenario: Scenario) -> CheckedRota:
    """Hold a scenario's rota against its rules; nothing is simulated.

    Raises:
        NeedError: the scenario has no staff.
    """
    staff = staff_of(scenario)
    law = rules_of(scenario).law
    breaches = tuple(
        replace(one, source=source_of(one.rule, law))
        for found in (
            cover_breaches(scenario),
            shift_breaches(scenario),
            people_breaches(scenario),
            days_off_breaches(scenario),
        )
        for one in found
    )
    named = any(shift.people for shift in staff.rota)
    return CheckedRota(breaches, () if named else OF_NAMES, _posts_table(scenario))


def breaches_table(breaches: Iterable[Breach], tell: Callable[[str], str] = str) -> pd.DataFrame:
    """`rule, where, when, what, hours_per_week, source`.

    Args:
        breaches: what breaks a rule.
        tell: puts what is told in another language; columns are called alike in each.
    """
    columns = ["rule", "where", "when", "what", "hours_per_week", "source"]
    rows = [
        (
            tell(told(f"rule_{one.rule.name.lower()}", one.rule.words)),
            *map(tell, (one.where, one.when, one.what)),
            one.hours,
            tell(one.source),
        )
        for one in breaches
    ]
    return pd.DataFrame(rows, columns=columns)


def _posts_table(scenario: Scenario) -> pd.DataFrame:
    staff = staff_of(scenario)
    rows = []
    for role, terms in staff.roles.items():
        lines = [number for number, shift in enumerate(staff.rota) if shift.role == role]
        rows.append(
            {
                "role": role,
                "hours_per_week": sum(hours_per_week(scenario, line) for line in lines),
                "cost_per_week": sum(cost_per_week(scenario, line) for line in lines),
                "contract_hours": terms.contract_hours,
                "headroom": terms.headroom,
                "wte": posts(scenario, role),
            }
        )
    return pd.DataFrame(rows)


def breach_line(one: Breach) -> str:
    """`handover: nurse, mon 15:30: 0 min of overlap, 15 needed`."""
    rule = told(f"rule_{one.rule.name.lower()}", one.rule.words)
    form = "{rule}: {where}, {when}: {what}"
    return told("breach", form, rule=rule, where=one.where, when=one.when, what=one.what)


# --- with breaks taken --------------------------------------------------------------------------


def breaches_with_breaks(scenario: Scenario) -> tuple[str, ...]:
    """Every rule that a rota breaks: those of a check, and who is present with breaks taken.

    Args:
        scenario: whose rota it is; breaks are taken one after another, as late as they may be.

    Returns:
        One line each: the rule, where or whom it is about, when, and what is the matter.
    """
    checked = check_rota(scenario).breaches
    return (
        *(breach_line(one) for one in checked),
        *_absent(scenario),
    )


def _absent(scenario: Scenario) -> Iterator[str]:
    there, period = staff_present(scenario), period_of(scenario)
    is_open = open_then(scenario)
    for one in least_present(scenario):
        present = np.sum([there[role] for role in one.roles], axis=0)
        for start, end in spans((present < one.number) & is_open, circle=period.first is None):
            fewest = int(present[np.arange(start, end) % period.minutes].min())
            yield told(
                "absent",
                "present with breaks taken: {when}: {fewest} present, {number} needed ({roles}; "
                "{why})",
                when=span_text(period, start, end),
                fewest=fewest,
                number=one.number,
                roles=Listed.of(sorted(one.roles), "or"),
                why=one.why,
            )
