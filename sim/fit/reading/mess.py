"""What logs have in them that did not happen so, rule by rule: counted, told, never filled in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.fit.reading.calendar import Calendar
from sim.fit.reading.columns import Fate
from sim.fit.reading.register import (
    Bools,
    Finding,
    Floats,
    Ints,
    Register,
    Shape,
    file_of,
    finding,
    line_text,
)
from sim.fit.reading.services import together
from sim.scenario.errors.problem import Place, Problem, ScenarioError
from sim.scenario.errors.told import Listed, told
from sim.scenario.model.hours import DAY, HOUR

MOST_LOST = 0.05
"""Share of rows that may be of no use: with more of them the rest is not to be relied on."""
_MOST_LOST_OF_COUNTS = 0.01
_LONGEST_STAY = 12 * HOUR
AT_THE_DOOR = 30.0
"""Minutes before the opening at which somebody may wait at the door."""
_TOUCH = 5.0
"""Minutes between two uses of a client that are of one visit; rows of visits must overlap."""
_REGISTERED = 180.0
"""Minutes between the row of a registration and that of the place."""
_STEPS = (60, 30, 15, 10)
_MOST_OF, _HALF_OF = 0.7, 0.5
_FEWEST = 50
"""Times of which the last digits tell whether they are rounded."""
_PILE, _TIMES_NEAR, _AUTOMATIC = 0.01, 5.0, 60.0
"""A pile-up of stays: its share of all ends, how many times its neighbours it is, and the length
above which it is an automatic end, not a limit."""
_FEWEST_PILED, _SAME = 5, 0.01
_MANY_MISSING = 0.2
_ONE_FOR_ALL, _FEWEST_CODED = 0.05, 100
"""Share of all visits above which a code may be nobody's, and visits from which on that is seen."""
_TWICE, _MOST_A_DAY, _FAR_MORE = 0.1, 10, 3
"""Share of a code's visits that begin while another lasts, visits on a day that it comes, and times
as many as the next code has, above which it is of nobody."""
_PLACEHOLDERS = 10
_USED = ("services", "rested")
"""What either row of a visit may say."""


@dataclass(frozen=True)
class Cleaned:
    """A log in order, and what was seen on the way."""

    register: Register
    findings: tuple[Finding, ...]
    end_missing: Bools
    """Of each visit: whether its stay began and is not known to have ended."""
    step: float
    """Minutes to which stays are rounded; 1 if they are not."""


def cleaned(register: Register, calendar: Calendar, read: Sequence[Finding]) -> Cleaned:
    """Put a log in order.

    Args:
        register: as it was read.
        calendar: when the site was open.
        read: what was seen on reading, lost rows among it.

    Raises:
        ScenarioError: too many rows are of no use.
    """
    findings: list[Finding] = []
    rows = len(register) + sum(one.count for one in read if one.lost)
    register = _placeholders(register, findings)
    # A code of several people would make one visit of theirs that overlap.
    for rule in (_codes, _doubled, _backwards, _joined, _outside):
        register = rule(register, calendar, findings)
    _stop_if_lost(register, [*read, *findings], rows)
    register = _automatic(register, findings)
    missing = np.isnan(register.left) & ~np.isnan(register.entered) & register.served
    if "left" in register.has or "minutes" in register.has or register.shape is Shape.EVENTS:
        _tell_missing(register, missing, findings)
    step = _rounded(register, findings)
    return Cleaned(register, tuple(findings), missing, step)


def _stop_if_lost(register: Register, findings: Sequence[Finding], rows: int) -> None:
    of_no_use = [one for one in findings if one.lost]
    lost = sum(one.count for one in of_no_use)
    of_counts = register.shape is Shape.COUNTS
    most = _MOST_LOST_OF_COUNTS if of_counts else MOST_LOST
    rows = max(rows, len(register) + lost)
    if lost <= most * rows:
        return
    why = Listed.of(
        (
            told(
                "lost_rows",
                "{why} {count:,} (line {line_text})",
                why=_WHY[one.rule],
                count=one.count,
                line_text=_first_of(one),
            )
            for one in of_no_use
        ),
        "comma",
    )
    raise ScenarioError(
        [
            Problem(
                Place(register.file),
                "",
                told(
                    "of_rows_are_of_no_use_at",
                    "{lost:,} of {rows:,} rows ({lost_2:.1%}) are of no use: {why}; at "
                    "most {most:.0%} may be. Are the opening hours of the site's file those of "
                    "the log, and its columns what they were taken for?",
                    lost=lost,
                    rows=rows,
                    lost_2=lost / rows,
                    why=why,
                    most=most,
                ),
            )
        ]
    )


def _first_of(seen: Finding) -> str:
    """The lines of which something was seen, of many the first."""
    more = " …" if seen.count > len(seen.lines) else ""
    return ", ".join(line_text(one) for one in seen.lines) + more


_WHY = {
    "no_date": told("no_date", "no date"),
    "doubled": told("written_twice", "written twice"),
    "backwards": told("end_before_the_start_or_over_12", "end before the start, or over 12 hours"),
    "outside": told("outside_opening_hours", "outside opening hours"),
}


# --- rules --------------------------------------------------------------------------------------


def _placeholders(register: Register, findings: list[Finding]) -> Register:
    """Midnight far more often than the times beside it is no time: the date is kept."""
    clock = register.arrived % DAY
    step = step_of(clock[register.timed])
    at = [int(np.sum(register.timed & (clock == one % DAY))) for one in (0, step, -step)]
    if step >= HOUR or at[0] <= max(_PLACEHOLDERS, _TIMES_NEAR * max(at[1:])):
        return register
    which = register.timed & (clock == 0)
    findings += finding("placeholder", register, which)
    nothing = np.where(which, np.nan, 0.0)
    columns = {
        name: getattr(register, name) + nothing for name in ("checked_in", "entered", "left")
    }
    noon = np.where(which, register.arrived + DAY / 2, register.arrived)
    return register.with_columns({**columns, "arrived": noon, "timed": register.timed & ~which})


def _doubled(register: Register, _: Calendar, findings: list[Finding]) -> Register:
    """The same row again: of one client, with three equal times, or in another file."""
    stamps = np.column_stack([register.arrived, register.entered, register.left, register.kind])
    stamps = np.nan_to_num(np.column_stack([stamps, register.client, register.fate]), nan=-1.0)
    first, which_of = np.unique(stamps, axis=0, return_index=True, return_inverse=True)[1:]
    file = file_of(register.line)
    other = file != file[first[which_of.ravel()]]
    again = np.ones(len(register), dtype=np.bool_)
    again[first] = False
    full = ~np.isnan(register.left) & (register.entered > register.arrived)
    which = again & ((register.client >= 0) | full) & register.timed & ~other
    register = _with_services_of(register, np.flatnonzero(which), first[which_of.ravel()])
    if register.shape is Shape.COUNTS:
        return register
    findings += finding("doubled", register, which, lost=True)
    findings += finding("overlap", register, other)
    return register.where(~which & ~other)


def _with_services_of(register: Register, rows: Ints, first: Ints) -> Register:
    """A visit that is written twice used what either row says: some write a row a service."""
    found = {name: getattr(register, name).copy() for name in _USED}
    for said in found.values():
        for row in rows.tolist():
            said[first[row]] = together(said[first[row]], said[row])
    return register.with_columns(found)


def _backwards(register: Register, _: Calendar, findings: list[Finding]) -> Register:
    """Ends before their starts, and stays of more than twelve hours."""
    stay = register.left - register.entered
    wait = register.entered - register.arrived
    which = (stay < 0) | (stay > _LONGEST_STAY) | (wait < 0) | (wait > _LONGEST_STAY)
    if register.shape is Shape.EVENTS:
        which &= ~(wait > _LONGEST_STAY)
    findings += finding("backwards", register, which, lost=True)
    return register.where(~which)


def _joined(register: Register, _: Calendar, findings: list[Finding]) -> Register:
    """Rows of one client that overlap or touch are one visit."""
    known = np.flatnonzero((register.client >= 0) & register.timed)
    if not len(known):
        return register
    order = known[np.lexsort((register.arrived[known], register.client[known]))]
    columns = {
        name: getattr(register, name).copy()
        for name in ("arrived", "entered", "left", "out", *_USED)
    }
    kept = np.ones(len(register), dtype=np.bool_)
    touch = _TOUCH if register.shape is Shape.USES else 0.0
    before = order[0]
    for row in order[1:].tolist():
        if register.client[row] == register.client[before]:
            if _registered(register, columns, before, row):
                kept[before] = False
                columns["arrived"][row] = columns["arrived"][before]
                _use(columns, before, row, row)
            elif columns["entered"][row] <= columns["left"][before] + touch:
                kept[row] = False
                _join(columns, before, row)
                continue
        before = row
    findings += finding("joined", register, ~kept)
    return register.where(kept).with_columns({name: one[kept] for name, one in columns.items()})


def _use(columns: Mapping[str, Any], before: int, row: int, visit: int) -> None:
    """Let a visit have used what either of two rows says."""
    for name in _USED:
        said = columns[name]
        said[visit] = together(said[before], said[row])


def _join(columns: Mapping[str, Any], before: int, row: int) -> None:
    """Let a visit end with a later row; nobody is twice at once: its end is then not known."""
    _use(columns, before, row, before)
    twice = columns["entered"][row] < columns["left"][before]
    columns["left"][before] = np.nan if twice else columns["left"][row]
    columns["out"][before] = max(columns["out"][[before, row]])


def _registered(register: Register, columns: Mapping[str, Any], before: int, row: int) -> bool:
    """Whether one row is of the registration, and the other of the place that followed."""
    if register.shape is not Shape.VISITS or "outcome" in register.has:
        return False
    apart = columns["arrived"][row] - columns["arrived"][before]
    later = bool(columns["entered"][row] == columns["arrived"][row]) and apart <= _REGISTERED
    return later and bool(np.isnan(columns["entered"][before]))


def _outside(register: Register, calendar: Calendar, findings: list[Finding]) -> Register:
    """Those before the opening wait at the door; others outside the hours are mistakes."""
    timed = register.timed & (register.fate != Fate.CLOSED)
    out = timed & ~calendar.inside(register.arrived)
    opens = calendar.next_opening(register.arrived)
    door = out & (opens - register.arrived <= AT_THE_DOOR)
    lost = out & ~door
    findings += finding("door", register, door)
    findings += finding("outside", register, lost, lost=True)
    arrived = np.where(door, opens, register.arrived)[~lost]
    return register.where(~lost).with_columns({"arrived": arrived})


def _automatic(register: Register, findings: list[Finding]) -> Register:
    """Ends that a program made at one exact length are no ends."""
    stay = register.left - register.entered
    ended = stay[~np.isnan(stay)]
    ends = [length for length in piles(ended) if length > _AUTOMATIC]
    if not ends:
        return register
    near = np.abs(stay[:, np.newaxis] - np.array(ends)) < _SAME
    which = np.asarray(near.any(axis=1))
    findings += finding("automatic", register, which, minutes=ends[0])
    return register.with_columns({"left": np.where(which, np.nan, register.left)})


def _codes(register: Register, _: Calendar, findings: list[Finding]) -> Register:
    """A code of many visits is of nobody, such as 0000, where no person could have made them.

    That somebody has many says nothing: of fifteen people who come to a small site each does.
    """
    known = register.client >= 0
    if known.sum() < _FEWEST_CODED:
        return register
    of_code = np.bincount(register.client[known])
    common = np.flatnonzero(of_code > _ONE_FOR_ALL * len(register)).tolist()
    others = {code: np.delete(of_code, code).max(initial=0) for code in common}
    nobody = [
        code
        for code in common
        if _of_several(register.where(register.client == code), int(others[code]))
    ]
    which = np.isin(register.client, nobody)
    findings += finding("one_code", register, which)
    return register.with_columns({"client": np.where(which, -1, register.client)})


def _of_several(visits: Register, next_most: int) -> bool:
    """Whether the visits of one code are of several people.

    Nobody is there twice at once, nor comes more than so many times on a day. Where no visit has an
    end a code is told by how much more often it comes than any other.

    Args:
        visits: of the code.
        next_most: how many the next has.
    """
    begin, end = np.fmin(visits.arrived, visits.entered), np.fmax(visits.left, visits.out)
    begin, end = np.unique(np.column_stack([begin, np.nan_to_num(end, nan=-np.inf)]), axis=0).T
    twice = begin[1:] < np.maximum.accumulate(end)[:-1]
    days = len(np.unique(begin // DAY))
    if len(begin) > _MOST_A_DAY * days or np.sum(twice) > _TWICE * len(begin):
        return True
    return bool(np.isinf(end).all()) and len(begin) > _FAR_MORE * next_most


def _tell_missing(register: Register, missing: Bools, findings: list[Finding]) -> None:
    began = int((~np.isnan(register.entered)).sum())
    if began and missing.any():
        share = float(missing.sum() / began)
        rule = "many_ends_missing" if share > _MANY_MISSING else "ends_missing"
        findings += finding(rule, register, missing, share=share)


def _rounded(register: Register, findings: list[Finding]) -> float:
    """The step to which the ends of stays are rounded."""
    arrivals = register.arrived[register.timed]
    step = max(step_of(arrivals), register.step)
    if step > 1 and register.shape is not Shape.COUNTS:
        findings.append(Finding("rounded", len(arrivals), (), more={"step": step}))
    stays = register.left - register.entered
    entered = register.entered[~np.isnan(register.entered)]
    return min(step_of(entered), step_of(stays[~np.isnan(stays)]))


_EXACT = 1e-8
"""Minutes: what is no further from a step is on it."""


def step_of(times: Floats) -> float:
    """Minutes to which times are rounded: 5, 10, 15, 30 or 60; 1 if they are not."""
    if len(times) < _FEWEST:
        return 1.0

    def share(step: float) -> float:
        return float(np.mean(times % step <= _EXACT))

    for step in _STEPS:
        if share(step) > _MOST_OF:
            return float(step)
    return 5.0 if share(5) > _HALF_OF else 1.0


def piles(stays: Floats) -> list[float]:
    """Lengths at which far more stays end than beside them, the most frequent first."""
    if not len(stays):
        return []
    step = step_of(stays)
    lengths, counts = np.unique(np.round(stays / step).astype(np.int64), return_counts=True)
    of_length = dict(zip(lengths.tolist(), counts.tolist(), strict=True))

    def stands_out() -> Iterator[tuple[int, int]]:
        for length, count in of_length.items():
            near = [of_length.get(length + by, 0) for by in (-2, -1, 1, 2)]
            enough = count > max(_PILE * len(stays), _FEWEST_PILED)
            if length > 1 and enough and count > _TIMES_NEAR * max(near):
                yield count, length

    return [length * step for _, length in sorted(stands_out(), reverse=True)]


# --- the days -----------------------------------------------------------------------------------

_SURE = 1e-4
"""Chance of so few visits on a day, below which its log was not kept."""
_NEIGHBOURS = 0.2
_FEWEST_DAYS = 7


@dataclass(frozen=True)
class Days:
    """Which days of a log count."""

    logged: Bools
    findings: tuple[Finding, ...]


def kept_days(register: Register, calendar: Calendar, closed: frozenset[int]) -> Days:
    """Days without a row though others like it have many are left out, and a part of a day too.

    Args:
        register: the visits, in order.
        calendar: when the site was open.
        closed: days of which the planner says that it was closed, or that no log was kept.
    """
    counts = np.bincount(register.day, minlength=register.days)[: register.days]
    is_open = calendar.open.sum(axis=1) > 0
    logged = is_open.copy()
    if register.logged is not None:
        logged &= register.logged.any(axis=1)
    logged[[day for day in closed if 0 <= day < register.days]] = False
    hours = calendar.open.sum(axis=1)
    findings = []
    if logged.sum() >= _FEWEST_DAYS and register.logged is None:
        typical = _typical(counts, logged, calendar.weekdays(), hours)
        empty = logged & (counts == 0) & (np.exp(-typical) < _SURE)
        edge = np.zeros(len(counts), dtype=np.bool_)
        edge[[0, -1]] = True
        part = edge & logged & (counts > 0) & (counts < typical * _NEIGHBOURS)
        for rule, which in (("no_log", empty), ("part_of_a_day", part)):
            dates = [register.date_of(int(day)) for day in np.flatnonzero(which)]
            if dates:
                findings.append(Finding(rule, len(dates), (), more={"dates": dates}))
            logged &= ~which
    return Days(logged, tuple(findings))


def _typical(counts: Ints, logged: Bools, weekdays: Ints, hours: Floats) -> Floats:
    """Visits that days of the same weekday have, by the median."""
    per_hour = counts / np.maximum(hours, 1e-9)
    found = np.zeros(len(counts))
    for weekday in range(7):
        same = logged & (weekdays == weekday)
        if same.any():
            # Of a weekday that is there once its own count tells nothing: all days do.
            like = same if same.sum() > 1 else logged
            found[weekdays == weekday] = np.median(per_hour[like])
    return found * hours
