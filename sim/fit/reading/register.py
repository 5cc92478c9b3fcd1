"""A log as it was read: one frozen table of visits, whatever shape it had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.fit.reading.columns import UNSERVED, Fate
from sim.scenario.model.hours import DAY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Shape(StrEnum):
    """What a row of a log is."""

    VISITS = "visits"
    USES = "uses"
    """A stay in a place."""
    EVENTS = "events"
    COUNTS = "counts"
    """An hour or a day."""


@dataclass(frozen=True, eq=False)
class Register:
    """The visits of a log, in order of arrival; times are minutes after the midnight of `start`."""

    file: str
    shape: Shape
    start: date
    """Of the first row."""
    days: int
    """From the first row's day to the last one's."""
    line: Ints
    """In the file."""
    arrived: Floats
    """Of a log of uses when the place was entered: it knows no other time."""
    timed: Bools
    """Whether the time of day is known; else the row has its date only."""
    checked_in: Floats
    entered: Floats
    left: Floats
    out: Floats
    kind: Ints
    """Index into the site's kinds; -1 where it is not said."""
    room: Ints
    """Index into the site's rooms; -1."""
    fate: Ints
    client: Ints
    """A number for each code, in order of first sight; -1 where there is none."""
    first: Ints
    """1 for a first visit, 0 for another, -1 where it is not said."""
    overdose: Bools
    services: Ints
    """A bit for each service of the site that was used, the first the lowest; -1 where it is not
    said."""
    rested: Ints
    """1 for who rested in aftercare, 0 for who did not, -1 where it is not said."""
    has: frozenset[str]
    """What the log has columns for."""
    step: float = 1.0
    """Minutes to which arrivals are known."""
    logged: Bools | None = field(default=None, repr=False)
    """(days, 24): the hours of which a log of counts has a row."""

    def __len__(self) -> int:
        return len(self.arrived)

    @property
    def day(self) -> Ints:
        """The day of each visit, from 0."""
        return np.floor_divide(self.arrived, DAY).astype(np.int64)

    @property
    def served(self) -> Bools:
        """Whether a visit had a place."""
        found: Bools = self.fate == Fate.SERVED
        return found

    @property
    def unserved(self) -> Bools:
        """Whether somebody went without."""
        return np.isin(self.fate, UNSERVED)

    def date_of(self, day: int) -> date:
        """The date of a day."""
        return self.start + timedelta(days=day)

    def where(self, kept: Bools) -> "Register":
        """The visits for which something holds."""
        rows = np.flatnonzero(kept)
        return self.with_columns({name: getattr(self, name).take(rows) for name in COLUMNS})

    def with_columns(self, columns: Mapping[str, Any]) -> "Register":
        """The register with other columns, in order of arrival."""
        found: Register = replace(self, **dict(columns))
        if (found.arrived[1:] >= found.arrived[:-1]).all():
            return found
        order = np.argsort(found.arrived, kind="stable")
        return replace(found, **{name: getattr(found, name)[order] for name in COLUMNS})

    def within(self, first: int, last: int) -> "Register":
        """Only the days from one to another, which become all there are."""
        day = self.day
        cut = self.where((day >= first) & (day <= last))
        times = {name: getattr(cut, name) - first * DAY for name in TIMES}
        logged = None if self.logged is None else self.logged[first : last + 1]
        moved = replace(cut, start=self.date_of(first), days=last - first + 1, logged=logged)
        return replace(moved, **times)

    def of_weeks(self, weeks: Sequence[int]) -> "Register":
        """Some whole weeks, from 0, one after the other; some of them more than once."""
        day = self.day
        rows = [np.flatnonzero(day // 7 == week) for week in weeks]
        shift = np.repeat(
            [(n - one) * 7 * DAY for n, one in enumerate(weeks)], list(map(len, rows))
        )
        taken = np.concatenate(rows)
        columns = {name: getattr(self, name)[taken] for name in COLUMNS}
        columns |= {name: columns[name] + shift for name in TIMES}
        logged = self.logged
        if logged is not None:
            logged = np.concatenate([logged[7 * one : 7 * one + 7] for one in weeks])
        return replace(self, days=7 * len(weeks), logged=logged).with_columns(columns)

    def beside(self, other: "Register") -> "Register":
        """Both, as one log: rows of the other count within the days of this one."""
        shift = (other.start - self.start).days * DAY
        theirs = {name: getattr(other, name) for name in COLUMNS}
        theirs |= {name: theirs[name] + shift for name in TIMES}
        theirs["client"] = np.full(len(other), -1, dtype=np.int64)
        return self.with_columns(
            {name: np.concatenate([getattr(self, name), one]) for name, one in theirs.items()}
        )


def appended(registers: Sequence[Register]) -> Register:
    """Logs of several files as one, over the days of all of them."""
    first, *others = registers
    if not others:
        return first
    start = min(one.start for one in registers)
    shifts = [(one.start - start).days for one in registers]
    days = max(one.days + shift for one, shift in zip(registers, shifts, strict=True))
    logged = None
    if first.logged is not None:
        logged = np.zeros((days, 24), dtype=np.bool_)
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for number, (one, shift) in enumerate(zip(registers, shifts, strict=True)):
        if logged is not None and one.logged is not None:
            logged[shift : shift + one.days] |= one.logged
        for name, parts in columns.items():
            more = {"line": number * _OF_FILE} | dict.fromkeys(TIMES, shift * DAY)
            parts.append(getattr(one, name) + more[name] if name in more else getattr(one, name))
    names = [first.file, *(Path(one.file).name for one in others)]
    whole = replace(
        first,
        file=", ".join(names),
        start=start,
        days=days,
        has=frozenset().union(*(one.has for one in registers)),
        step=max(one.step for one in registers),
        logged=logged,
    )
    return whole.with_columns({name: np.concatenate(one) for name, one in columns.items()})


_OF_FILE = 100_000_000
"""What the lines of each further file begin at."""


def later_file(line: int, number: int) -> int:
    """A line of one of several files, from 0."""
    return line + number * _OF_FILE


def file_of(line: Ints) -> Ints:
    """Of which of several files lines are, from 0."""
    found: Ints = line // _OF_FILE
    return found


def line_text(line: int) -> str:
    """A line as it is told: of the second file and later ones with the file's number, `2:15`."""
    number, rest = divmod(line, _OF_FILE)
    return f"{number + 1}:{rest}" if number else str(rest)


TIMES = ("arrived", "checked_in", "entered", "left", "out")
COLUMNS = (
    *(*TIMES, "line", "timed", "kind", "room", "fate", "client", "first", "overdose"),
    *("services", "rested"),
)


@dataclass(frozen=True)
class Finding:
    """Something that was seen in a log, and what was made of it."""

    rule: str
    """Its name in the catalogue of words."""
    count: int
    lines: tuple[int, ...] = ()
    """Where in the file, of many the first."""
    lost: bool = False
    """Whether these rows could not be used at all."""
    more: Mapping[str, object] = field(default_factory=dict)
    """Other numbers and names of its sentence."""


MOST_LINES = 8
"""Of what was seen, so many lines are told."""


def finding(
    rule: str, register: Register, which: Bools, *, lost: bool = False, **more: object
) -> list[Finding]:
    """What was seen in some visits; nothing if there are none."""
    count = int(which.sum())
    lines = tuple(sorted(register.line[which].tolist())[:MOST_LINES])
    return [Finding(rule, count, lines, lost, more)] if count else []


def numbered(texts: Sequence[str | None], names: Sequence[str]) -> Ints:
    """The index of each name; -1 of none."""
    place = {name: number for number, name in enumerate(names)}
    return np.array([-1 if text is None else place[text] for text in texts], dtype=np.int64)
