"""The rota unrolled: every person on every shift, their working days, and who is there when."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import combinations, pairwise
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived import once, once_for
from sim.scenario.derived.calendar import open_minutes, site_spans
from sim.scenario.errors.told import told
from sim.scenario.model.dates import OnHolidays, date_runs
from sim.scenario.model.hours import DAY, DAYS, HOUR, WEEK, clock_text
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Break, Shift

DAILY_REST = 11 * HOUR
"""A rest of this length ends a working day: Directive 2003/88/EC, article 3."""


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


OF_THE_ROTA = (
    "horizon",
    "holidays.days",
    *(f"staff.{name}" for name in ("rota", "cycle_weeks", "holidays")),
)
"""What it follows from who is on which shift."""


@once_for(*OF_THE_ROTA)
def people_on_shift(scenario: Scenario) -> tuple[PersonOnShift, ...]:
    """Everybody who is on duty at some time of the horizon or the day after it, in order of start.

    The day after is included because a site may still be emptying when the horizon ends. Nobody is
    on two shifts at once: where lines that name one person overlap, the later one holds.
    """
    if scenario.staff is None:
        return ()
    days = range(-1, scenario.horizon.total_days + 1)
    found = [
        PersonOnShift(
            float(day * DAY + shift.start), line, member, float(day * DAY + shift.end), day
        )
        for line, shift in enumerate(scenario.staff.rota)
        for day in _days_worked(scenario, shift, days)
        for member in range(shift.count)
    ]
    return tuple(sorted(one for one in _one_at_a_time(scenario, found) if one.end > 0))


def _days_worked(scenario: Scenario, shift: Shift, days: Iterable[int]) -> Iterator[int]:
    """Those of some days of the horizon on which a shift starts."""
    assert scenario.staff is not None  # the caller has looked
    monday, cycle = scenario.horizon.start.weekday(), scenario.staff.cycle_weeks
    dates = frozenset(shift.dates)
    says = shift.holidays or scenario.staff.holidays or "also"
    for day in days:
        if dates:
            worked = scenario.horizon.date_of(day) in dates
        else:
            week, weekday = divmod(day + monday, len(DAYS))
            worked = weekday in shift.days and (not shift.weeks or week % cycle + 1 in shift.weeks)
        if worked and _holds_on(scenario, says, day):
            yield day


def _holds_on(scenario: Scenario, says: OnHolidays, day: int) -> bool:
    """Whether what says so of public holidays holds on a day of the horizon."""
    if says == "also":
        return True
    return (scenario.horizon.date_of(day) in public_holidays(scenario)) == (says == "only")


def public_holidays(scenario: Scenario) -> Mapping[date, str]:
    """The public holidays of the horizon and of the days before and after it, with their names."""
    return {} if scenario.holidays is None else scenario.holidays.days or {}


def name_of(scenario: Scenario, one: PersonOnShift) -> str:
    """The name of who is on a shift; empty for somebody without one."""
    people = scenario.staff.rota[one.line].people if scenario.staff is not None else None
    return people[one.member] if people else ""


def _one_at_a_time(scenario: Scenario, shifts: Iterable[PersonOnShift]) -> list[PersonOnShift]:
    """The shifts, those of one named person cut so that none overlaps another."""
    found: list[PersonOnShift] = []
    named: dict[str, list[PersonOnShift]] = {}
    for one in shifts:
        name = name_of(scenario, one)
        if name:
            named.setdefault(name, []).append(one)
        else:
            found.append(one)
    for mine in named.values():
        found += _cut(sorted(mine))
    return found


def _cut(shifts: list[PersonOnShift]) -> Iterator[PersonOnShift]:
    """Shifts of one person without overlaps: at any time the one that began last holds."""
    if all(one.end <= other.start for one, other in pairwise(shifts)):
        yield from shifts
        return
    pieces: list[PersonOnShift] = []
    for start, end in pairwise(sorted({edge for one in shifts for edge in (one.start, one.end)})):
        there = [one for one in shifts if one.start <= start < one.end]
        if not there:
            continue
        holds = max(there)
        if pieces and pieces[-1].end == start and _same_shift(pieces[-1], holds):
            pieces[-1] = pieces[-1]._replace(end=end)
        else:
            pieces.append(holds._replace(start=start, end=end))
    yield from pieces


def _same_shift(one: PersonOnShift, other: PersonOnShift) -> bool:
    return (one.line, one.member, one.day) == (other.line, other.member, other.day)


@once_for(*OF_THE_ROTA)
def breaks_on_shift(scenario: Scenario) -> tuple[tuple[Break, ...], ...]:
    """The breaks of each of `people_on_shift`: where a shift is cut in two, of its first part."""
    rota = scenario.staff.rota if scenario.staff is not None else ()
    known: set[tuple[int, int, int]] = set()
    found = []
    for one in people_on_shift(scenario):
        shift = (one.line, one.member, one.day)
        found.append(() if shift in known else rota[one.line].breaks)
        known.add(shift)
    return tuple(found)


# --- the time in which a rota is looked at --------------------------------------------------------


class Period(NamedTuple):
    """The time over which a rota is looked at, and means are taken."""

    first: date | None
    """The first day of the horizon, for a rota of dates; None for one that repeats: its cycle, from
    a Monday, whose end is its beginning."""
    minutes: int


@once
def period_of(scenario: Scenario) -> Period:
    """The rota's cycle; or the days of the horizon, where some line gives dates.

    So it is too where the rota or its cost is another on public holidays, and there are some.
    """
    staff, horizon = scenario.staff, scenario.horizon
    if staff is not None and (any(shift.dates for shift in staff.rota) or _has_holidays(scenario)):
        return Period(horizon.start, horizon.total_days * DAY)
    return Period(None, WEEK * (staff.cycle_weeks if staff is not None else 1))


def _has_holidays(scenario: Scenario) -> bool:
    """Whether there are public holidays by which the rota or its cost goes."""
    staff = scenario.staff
    if staff is None or not public_holidays(scenario):
        return False
    said = [staff.holidays, *(one.holidays for one in staff.rota)]
    said += [one.holidays for one in staff.unsocial]
    return any(one not in {None, "also"} for one in said)


class Rostered(NamedTuple):
    """Some people on one shift; minutes from the beginning of the rota's period."""

    start: int
    """Of a rota of dates it may be on the day before, less than 0."""
    end: int
    """May be past the period's end."""
    line: int
    people: int
    """How many: 1 where they have names."""
    member: int
    """Number of the first of them in their line."""
    name: str
    midnight: int
    """Of the day on which the shift starts, whatever of it is left."""


@once
def rostered(scenario: Scenario) -> tuple[Rostered, ...]:
    """Every shift of the rota's period, by line.

    Nobody is on two shifts at once: where lines that name one person overlap, the later one holds.
    """
    if scenario.staff is None:
        return ()
    found: list[Rostered] = []
    named: list[PersonOnShift] = []
    period = period_of(scenario)
    for line, shift in enumerate(scenario.staff.rota):
        for midnight in shift_days(scenario, shift):
            start, end = midnight + shift.start, midnight + shift.end
            if shift.people is None:
                found.append(Rostered(start, end, line, shift.count, 0, "", midnight))
                continue
            for member in range(shift.count):
                # Of a cycle also what came before and comes after: it has no end.
                for turn in (-1, 0, 1) if period.first is None else (0,):
                    later = turn * period.minutes
                    day = (midnight + later) // DAY
                    named.append(
                        PersonOnShift(float(start + later), line, member, float(end + later), day)
                    )
    for one in _one_at_a_time(scenario, named):
        if period.first is not None or 0 <= one.start < period.minutes:
            name = name_of(scenario, one)
            times = int(one.start), int(one.end)
            found.append(Rostered(*times, one.line, 1, one.member, name, one.day * DAY))
    return tuple(sorted(found, key=lambda one: (one.line, one.start, one.member)))


def shift_days(scenario: Scenario, shift: Shift) -> Iterator[int]:
    """Midnights of the days on which a shift starts, minutes from the beginning of the period.

    Of a rota of dates also that of the day before, if the shift runs into the first day.
    """
    assert scenario.staff is not None  # it has a shift
    period = period_of(scenario)
    if period.first is None:
        for week in shift.weeks or range(1, scenario.staff.cycle_weeks + 1):
            for day in shift.days:
                yield (week - 1) * WEEK + day * DAY
        return
    for day in _days_worked(scenario, shift, range(-1, period.minutes // DAY)):
        if day >= 0 or shift.end > DAY:
            yield day * DAY


def open_then(scenario: Scenario) -> NDArray[np.bool_]:
    """Whether the site is open in each minute of the rota's period.

    The cycle of a rota that repeats is one of ordinary weeks; a rota of dates goes by the dates.
    """
    period = period_of(scenario)
    if period.first is None:
        return open_minutes(scenario, period.minutes)
    found = np.zeros(period.minutes, dtype=np.bool_)
    for start, end in site_spans(scenario):
        found[int(start) : int(min(end, period.minutes))] = True
    return found


class Timeline(NamedTuple):
    """Minutes of a period as places in an array.

    A cycle is a circle; dates have a day on either side, for shifts that begin before the first and
    end after the last.
    """

    period: Period
    before: int
    length: int

    @classmethod
    def of(cls, period: Period) -> "Timeline":
        """The places of a period."""
        before = 0 if period.first is None else DAY
        return cls(period, before, period.minutes + 2 * before)

    def places(self, start: int, end: int) -> NDArray[np.int64]:
        """The places of some minutes."""
        return np.arange(start + self.before, end + self.before, dtype=np.int64) % self.length

    def within(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """What an array holds for the minutes of the period itself."""
        return values[self.before : self.before + self.period.minutes]


# --- working days ---------------------------------------------------------------------------------


class WorkingDays(NamedTuple):
    """Which of `people_on_shift` are the same person, and on the same working day."""

    body: NDArray[np.int64]
    """Number of the first shift of the same person."""
    day: NDArray[np.int64]
    """Number of the first shift of the same working day: those that touch, and those between which
    there is no rest of 11 h, up to 24 h after its beginning."""
    goes_on: NDArray[np.bool_]
    """Whether the same person's next shift begins as this one ends."""


@once_for(*OF_THE_ROTA)
def working_days(scenario: Scenario) -> WorkingDays:
    """Who is who among the people on shift; somebody without a name is on one shift only."""
    people = people_on_shift(scenario)
    body = np.arange(len(people))
    day, goes_on = body.copy(), np.zeros(len(people), dtype=np.bool_)
    last: dict[str, int] = {}
    for number, one in enumerate(people):
        name = name_of(scenario, one)
        if not name:
            continue
        if (before := last.get(name)) is not None:
            body[number] = body[before]
            first, rest = day[before], one.start - people[before].end
            goes_on[before] = rest == 0
            if rest <= 0 or (rest < DAILY_REST and one.start < people[first].start + DAY):
                day[number] = first
        last[name] = number
    return WorkingDays(body, day, goes_on)


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
    if shift.dates:
        first, last = shift.dates[0], shift.dates[-1]
        run = len(date_runs(shift.dates)) == 1
        many = (
            told("to_roster", " to {last}", last=last)
            if run
            else told("and_more_roster", " and {number} more", number=len(shift.dates) - 1)
        )
        on = f" {first}{many if last != first else ''}"
        return f"{shift.role} {clock_text(shift.start)}-{clock_text(shift.end)}{on}"
    days = "" if len(shift.days) == len(DAYS) else " " + "+".join(DAYS[day] for day in shift.days)
    return f"{shift.role} {clock_text(shift.start)}-{clock_text(shift.end)}{days}"


class _DueBreak(NamedTuple):
    """A break of one person on one shift; minutes from the beginning of the rota's cycle."""

    latest: int
    """When it begins at the latest."""
    line: int
    member: int
    earliest: int
    length: int
    role: str
    left: int
    """Others who must be present for it to begin."""
    until: int
    """End of the shift."""
    left_of: tuple[str, ...]
    """Roles of those who count for it."""


def staff_present(scenario: Scenario) -> dict[str, NDArray[np.int64]]:
    """People present of each role in every minute of the rota's period.

    As the rota is written: nobody is absent, nobody is at an overdose, and breaks are taken one
    after another, each as late as its window and `minimum_left` allow. Where a window is too short
    for that, breaks of different roles overlap, then those of one role, and at last they begin
    when the window ends, as they do in the simulation. Who is on a break is not present.
    """
    time = Timeline.of(period_of(scenario))
    there = _on_duty(scenario, time)
    for one in breaks_taken(scenario):
        there[one.role][time.places(one.start, one.end)] -= 1
    return {role: time.within(count) for role, count in there.items()}


class TakenBreak(NamedTuple):
    """A break of one person; minutes from the beginning of the rota's period."""

    start: int
    end: int
    line: int
    member: int
    role: str
    """Of the shift in which it is taken."""


@once
def breaks_taken(scenario: Scenario) -> tuple[TakenBreak, ...]:
    """When everybody has their breaks, as `staff_present` has them; the latest first."""
    if scenario.staff is None:
        return ()
    time = Timeline.of(period_of(scenario))
    there = _on_duty(scenario, time)
    resting = {role: np.zeros(time.length, dtype=np.bool_) for role in scenario.staff.roles}
    found = []
    for one in sorted(_rests(scenario), reverse=True):
        begin = _begin(one, time, there, resting)
        end = min(begin + one.length, one.until)
        minutes = time.places(begin, end)
        there[one.role][minutes] -= 1
        resting[one.role][minutes] = True
        found.append(TakenBreak(begin, end, one.line, one.member, one.role))
    return tuple(found)


def on_duty(scenario: Scenario) -> dict[str, NDArray[np.int64]]:
    """People on duty per role for every minute of the rota's period."""
    time = Timeline.of(period_of(scenario))
    return {role: time.within(count) for role, count in _on_duty(scenario, time).items()}


def _on_duty(scenario: Scenario, time: Timeline) -> dict[str, NDArray[np.int64]]:
    if scenario.staff is None:
        return {}
    there = {role: np.zeros(time.length, dtype=np.int64) for role in scenario.staff.roles}
    for one in rostered(scenario):
        there[scenario.staff.rota[one.line].role][time.places(one.start, one.end)] += one.people
    return there


def _rests(scenario: Scenario) -> Iterator[_DueBreak]:
    """Every break of every person; of a named one it may be taken in the shift that follows."""
    assert scenario.staff is not None  # the caller has looked
    mine: dict[str, list[Rostered]] = {}
    for one in rostered(scenario):
        mine.setdefault(one.name, []).append(one)
    cycle = Timeline.of(period_of(scenario)).length
    known: set[tuple[int, int, int]] = set()
    for one in rostered(scenario):
        shift = scenario.staff.rota[one.line]
        key = (one.line, one.member, one.midnight % cycle)
        if key in known:
            continue  # a shift cut in two by another has its breaks once
        known.add(key)
        for rest in shift.breaks:
            earliest, latest = (one.midnight + at for at in break_window(shift, rest))
            then = one
            if one.name and not one.start <= latest < one.end:
                then = _holds(mine[one.name], one, latest, cycle)
            for member in range(one.member, one.member + one.people):
                yield _DueBreak(
                    latest=latest,
                    line=one.line,
                    member=member,
                    earliest=earliest,
                    length=ceil(rest.length),
                    role=scenario.staff.rota[then.line].role,
                    left=rest.minimum_left,
                    until=one.end if then is one else latest + (then.end - latest) % cycle,
                    left_of=rest.minimum_left_of or (scenario.staff.rota[then.line].role,),
                )


def _holds(shifts: list[Rostered], one: Rostered, minute: int, cycle: int) -> Rostered:
    """The shift of a person that holds at a minute; the one given if they are not there then."""
    there = (one for one in shifts if (minute - one.start) % cycle < one.end - one.start)
    return next(there, one)


def _begin(
    one: _DueBreak,
    time: Timeline,
    there: dict[str, NDArray[np.int64]],
    resting: dict[str, NDArray[np.bool_]],
) -> int:
    """When a break begins, those that begin later having been placed."""
    starts = np.arange(one.earliest, one.latest + 1)
    within = time.places(one.earliest, one.latest + 1)
    others_there = sum(there[role][within] for role in dict.fromkeys(one.left_of))
    enough = others_there - (one.role in one.left_of) >= one.left
    anybody = np.logical_or.reduce(list(resting.values()))
    window = time.places(one.earliest, one.latest + one.length)
    for others in (anybody, resting[one.role]):
        before = np.concatenate(([0], np.cumsum(~others[window])))
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
        for roles, least in parts_of_team(severity.team) if severity.share else ():
            if least > asked.get(roles, (0, ""))[0]:
                asked[roles] = least, name
    for roles, (least, name) in asked.items():
        yield roles, least, name


@lru_cache(maxsize=256)
def parts_of_team(team: tuple[tuple[str, ...], ...]) -> tuple[tuple[tuple[str, ...], int], ...]:
    """For each set of roles that some members of a team are confined to, how many these are."""
    known = {frozenset(member) for member in team}
    while more := {one | other for one, other in combinations(known, 2)} - known:
        known |= more
    return tuple(
        (tuple(sorted(roles)), sum(set(member) <= roles for member in team))
        for roles in sorted(known, key=lambda roles: (len(roles), sorted(roles)))
    )
