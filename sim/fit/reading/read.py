"""Logs as sites keep them, CSV, Excel or Parquet, read into one table of visits.

Codes of clients are hashed as they are read, with a salt that is made for the reading and never
kept; from then on a client is a number.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.fit.reading.calendar import nights
from sim.fit.reading.columns import (
    EMERGENCY,
    Columns,
    Fate,
    columns_of,
    fate_of,
    folded,
    kind_of,
    yes_or_no,
)
from sim.fit.reading.events import visits_of_events, with_ends
from sim.fit.reading.moments import Column, column_of, is_month_first
from sim.fit.reading.register import (
    COLUMNS,
    MOST_LINES,
    TIMES,
    Bools,
    Finding,
    Floats,
    Ints,
    Register,
    Shape,
    appended,
    later_file,
    numbered,
)
from sim.fit.reading.services import (
    columns_read,
    for_a_service,
    rested,
    services_used,
    with_services,
)
from sim.fit.reading.table import log_table
from sim.scenario.errors.problem import Problem, ScenarioError, message_of
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.sheet import Sheet, limited, without_totals

_MOMENTS = ("arrived", "checked_in", "entered", "left", "out")
_MOST_AN_HOUR, _MOST = 100_000, 1e6


class _Codes:
    """A number for each client of a log, in order of first sight; the codes go no further."""

    def __init__(self) -> None:
        self._salt, self._numbers = secrets.token_bytes(16), dict[bytes, int]()

    def number(self, text: str) -> int:
        """Of one client."""
        code = hashlib.blake2b(text.encode(), key=self._salt, digest_size=16).digest()
        return self._numbers.setdefault(code, len(self._numbers))


@dataclass(frozen=True)
class Said:
    """What the planner says of a log that it does not say itself."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Headings by meaning."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Kinds, rooms and services of the site by what the log calls them, folded."""
    where: tuple[str, str] | None = None
    """Only rows with this in that column."""
    dates: str | None = None
    """`day` or `month`: which stands first."""
    codes: _Codes = field(default_factory=_Codes, repr=False)
    """Of clients, the same in all files."""


class Read(NamedTuple):
    """A log as it was read."""

    register: Register
    columns: Columns
    findings: tuple[Finding, ...]


def read_logs(paths: Sequence[Path], site: Scenario, said: Said) -> Read:
    """Read a log that is kept in several files, such as one a month; rows in two are one.

    Args:
        paths: the files.
        site: whose kinds, rooms and opening hours the log's are.
        said: what the planner says of it.

    Raises:
        ScenarioError: one cannot be read, or they are not of one shape.
    """
    reads, problems = list[Read](), list[Problem]()
    for path in paths:
        try:
            reads.append(read_log(path, site, said))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    shapes = [one.register.shape for one in reads]
    for read, shape in zip(reads, shapes, strict=True):
        if shape is not shapes[0]:
            message = told(
                "is_a_log_of_another_shape",
                "is a log of {shape}, and {file} one of {other}",
                shape=told(f"shape_{shape.value}", shape.value),
                file=paths[0].name,
                other=told(f"shape_{shapes[0].value}", shapes[0].value),
            )
            raise ScenarioError([read.columns.sheet.headings[0].problem(message)])
    findings = [
        replace(one, lines=tuple(later_file(line, number) for line in one.lines))
        for number, read in enumerate(reads)
        for one in read.findings
    ]
    return Read(appended([one.register for one in reads]), reads[0].columns, tuple(findings))


def read_log(path: Path, site: Scenario, said: Said, *, unserved: bool = False) -> Read:
    """Read a log.

    Args:
        path: the file; a sheet of it is named after `#`.
        site: whose kinds, rooms and opening hours the log's are.
        said: what the planner says of it.
        unserved: whether it is the list of those who were not served.

    Raises:
        ScenarioError: it cannot be read, each thing with its cell.
    """
    sheet = log_table(path, said.columns, said.where)
    columns = columns_of(sheet, said.columns)
    return _Reader(sheet, columns, site, said, unserved=unserved).read()


class _Reader:
    """Reads the rows of a table into a register."""

    def __init__(
        self, sheet: Sheet, columns: Columns, site: Scenario, said: Said, *, unserved: bool
    ) -> None:
        self._columns, self._site, self._said = columns, site, said
        self._unserved = unserved
        self._problems: list[Problem] = []
        self._findings: list[Finding] = []
        self._shape = self._shape_of()
        if self._shape is Shape.COUNTS:
            rest, totals = without_totals(sheet)
            if totals:
                self._columns = columns_of(rest, said.columns)
        of_visits = self._shape in (Shape.VISITS, Shape.USES) and not unserved
        self._columns = with_services(self._columns, site, said.names, read=of_visits)
        self._size = len(self._columns.sheet.lines) - 1
        self._lines = np.array([one.number for one in self._columns.sheet.lines[1:]])

    def read(self) -> Read:
        """The register, and what was seen on the way.

        Raises:
            ScenarioError: something in a cell cannot be meant.
        """
        register = self._counts() if self._shape is Shape.COUNTS else self._visits()
        if self._problems:
            raise ScenarioError(limited(self._problems, self._columns.sheet.file))
        return Read(register, self._columns, tuple(self._findings))

    def _has(self, *names: str) -> bool:
        return any(name in self._columns.of for name in names)

    def _shape_of(self) -> Shape:
        heading = self._columns.sheet.headings[0]
        is_event = self._has("event") or (self._has("phase") and self._has("time"))
        if is_event and not self._unserved:
            if not self._has("client", "visit"):
                message = told(
                    "a_log_of_events_needs_a_column",
                    "a log of events needs a column client or visit: whose event it is",
                )
                raise ScenarioError([heading.problem(message)])
            return Shape.EVENTS
        if self._has("visits") and self._has("date") and not self._has("client", "left"):
            return Shape.COUNTS
        if not self._has("date", "arrived", "entered", "time"):
            message = told(
                "the_table_has_no_column_that_says",
                "the table has no column that says when somebody came: arrived, or date",
            )
            raise ScenarioError(
                [
                    heading.problem(
                        told(
                            "columns_arrived_names_it",
                            "{message}; --columns arrived=… names it",
                            message=message,
                        )
                    )
                ]
            )
        is_use = self._has("entered") and not self._has("arrived")
        return Shape.USES if is_use and not self._unserved else Shape.VISITS

    # --- columns --------------------------------------------------------------------------------

    def _texts(self, name: str) -> list[str]:
        return self._columns.texts(name) if self._has(name) else [""] * self._size

    def _moments(self) -> dict[str, Column]:
        names = [one for one in ("date", "time", *_MOMENTS) if self._has(one)]
        texts = {name: self._columns.texts(name, moments=True) for name in names}
        cell = self._columns.sheet.headings[self._columns.of[names[0]]]
        month_first = is_month_first(texts.values(), self._said.dates, cell)
        return {name: column_of(texts[name], month_first=month_first) for name in names}

    def _times(self) -> dict[str, Floats]:
        """Minutes of each moment since the calendar's first day; NaN where it is not known."""
        columns = self._moments()
        base = next((one for one in ("arrived", "entered", "time", "date") if one in columns), "")
        day = columns["date"].day if "date" in columns else columns[base].day
        unreadable = np.zeros(self._size, dtype=np.bool_)
        first = columns[base]
        clock = self._hours() if self._has("hour") and base == "date" else first.clock
        own = np.where(np.isnan(first.day), day, first.day)
        apart = "date" in columns and base != "date"
        moved = nights(own, clock, self._site) if apart else np.zeros(self._size)
        self._note("night", moved > 0)
        found = {base: own * DAY + moved + clock, "day": own}
        for name in _MOMENTS:
            if name in columns and name != base:
                found[name] = _after(found[base], columns[name], own)
        for name in columns:
            unreadable |= columns[name].unreadable
        self._note_unreadable(columns, unreadable)
        return found

    def _note_unreadable(self, columns: Mapping[str, Column], which: Bools) -> None:
        """Note cells that are no moment; a column without any that is one cannot be meant."""
        for name, one in columns.items():
            if one.unreadable.any() and one.unreadable.sum() * 2 > self._size:
                cell = self._columns.cell(name, int(np.argmax(one.unreadable)))
                kind = told("a_date_or_a_time_such_as", "a date or a time such as 2026-01-05 07:30")
                self._problems.append(
                    cell.problem(
                        told(
                            "must_be_not", "must be {kind}, not '{text}'", kind=kind, text=cell.text
                        )
                    )
                )
        self._note("unreadable", which)

    def _note(self, rule: str, which: Bools, *, lost: bool = False) -> None:
        """Note what was seen in some rows; nothing if there are none."""
        if which.any():
            lines = tuple(self._lines[which][:MOST_LINES].tolist())
            self._findings.append(Finding(rule, int(which.sum()), lines, lost))

    def _hours(self) -> Floats:
        """The middle of the hour that a row names."""
        found = np.full(self._size, np.nan)
        for row, text in enumerate(self._texts("hour")):
            digits = text.replace(".", ":").partition(":")[0].partition("-")[0].strip()
            if digits.isascii() and digits.isdigit() and int(digits) < DAY // HOUR + 6:
                found[row] = int(digits) * HOUR + HOUR / 2
            elif text:
                cell = self._columns.cell("hour", row)
                self._problems.append(
                    cell.problem(
                        told(
                            "must_be_an_hour_from_0_to",
                            "must be an hour from 0 to 23, not '{text}'",
                            text=text,
                        )
                    )
                )
        return found

    def _numbers(self, name: str) -> Floats:
        found = np.full(self._size, np.nan)
        known: dict[str, float] = {}
        for row, text in enumerate(self._texts(name)):
            if text and text not in known:
                known[text] = self._number(name, row)
            found[row] = known.get(text, np.nan)
        return found

    def _number(self, name: str, row: int) -> float:
        cell = self._columns.cell(name, row)
        said = cell.text.split(":")
        if name == "minutes" and len(said) in (2, 3) and all(one.isdigit() for one in said):
            return float(sum(int(one) * HOUR ** (1 - at) for at, one in enumerate(said)))
        try:
            found = cell.number()
        except ValueError as error:
            self._problems.append(cell.problem(f"{name} " + message_of(error)))
            return float("nan")
        if not 0 <= found < _MOST:
            self._problems.append(
                cell.problem(
                    told(
                        "must_be_0_or_more_not",
                        "{name} must be 0 or more, not '{text}'",
                        name=name,
                        text=cell.text,
                    )
                )
            )
        return found

    def _named(self, name: str, names: Sequence[str]) -> Ints:
        """The kind or room of each row; what the site lacks is told, once for each name."""
        texts = self._texts(name)
        by_text = {one: kind_of(one, names, self._said.names) for one in dict.fromkeys(texts)}
        for text, found in by_text.items():
            if found is not None or not text:
                continue
            row = texts.index(text)
            count, option = texts.count(text), f"--{name}s"
            self._problems.append(
                self._columns.cell(name, row).problem(
                    told(
                        "rows_is_no_of_which_has_say",
                        "'{text}' ({count:,} rows) is no {name} of {name_2}, which has {listed}; "
                        "say which it is, as in {option} '{text}={name_3}'",
                        text=text,
                        count=count,
                        name=name,
                        name_2=self._site.name,
                        listed=", ".join(names),
                        option=option,
                        name_3=names[0],
                    )
                )
            )
        if self._problems:
            return np.full(self._size, -1, dtype=np.int64)
        return numbered([by_text[one] for one in texts], names)

    def _flags(self, name: str) -> Ints:
        by_text = {one: yes_or_no(one) for one in dict.fromkeys(self._texts(name))}
        missing = {"": -1}
        return np.array(
            [
                missing.get(one, -1 if by_text[one] is None else int(by_text[one] or False))
                for one in self._texts(name)
            ],
            dtype=np.int64,
        )

    def _fates(self, entered: Floats) -> Ints:
        """What became of each visit; without a word of it those who took a place were served."""
        texts = self._texts("outcome" if self._has("outcome") else "unserved")
        if self._unserved:
            known = {one: fate_of(one) for one in dict.fromkeys(texts)}
            return np.array([Fate.LEFT if (one := known[text]) is None else one for text in texts])
        without = Fate.LEFT if self._shape is Shape.VISITS and self._has("entered") else Fate.SERVED
        fates = np.where(np.isnan(entered), without, Fate.SERVED).astype(np.int64)
        for text in filter(None, dict.fromkeys(texts)):
            rows = np.array([one == text for one in texts])
            fate = fate_of(text)
            if fate is None and not self._has("outcome"):
                fate = Fate.LEFT if yes_or_no(text) else None
            if fate is not None:
                fates[rows] = fate
            elif self._has("outcome") and np.isnan(entered[rows]).any():
                cell = self._columns.cell("outcome", texts.index(text))
                known_ones = told(
                    "served_left_refused_or_as_in_docs",
                    "served, left, refused, or as in docs/fit.md",
                )
                self._problems.append(
                    cell.problem(
                        told(
                            "is_no_known_outcome",
                            "'{text}' is no known outcome: {known_ones}",
                            text=text,
                            known_ones=known_ones,
                        )
                    )
                )
        return fates

    def _clients(self, name: str) -> Ints:
        """A number for each code; the codes themselves go no further than here."""
        found = np.full(self._size, -1, dtype=np.int64)
        for row, text in enumerate(self._texts(name)):
            if text:
                found[row] = self._said.codes.number(text)
        return found

    # --- shapes ---------------------------------------------------------------------------------

    def _visits(self) -> Register:
        times = self._times()
        nothing = np.full(self._size, np.nan)
        columns = {name: times.get(name, nothing) for name in _MOMENTS}
        for other in ("time", "date"):
            columns["arrived"] = _either(columns["arrived"], times.get(other, nothing))
        if self._has("minutes"):
            end = columns["entered"] + self._numbers("minutes")
            columns["left"] = _either(columns["left"], end)
        if self._unserved or self._shape is Shape.USES:
            columns["arrived"] = _either(columns["arrived"], columns["entered"])
        clients = self._clients("client" if self._has("client") else "visit")
        overdose = self._flags("overdose") > 0
        if self._has("outcome"):
            overdose |= np.array([folded(one) == EMERGENCY for one in self._texts("outcome")])
        rest = {
            "line": self._lines,
            "kind": self._named("kind", list(self._site.visits)),
            "room": self._named("room", list(self._site.rooms))
            if self._shape is not Shape.EVENTS
            else np.full(self._size, -1, dtype=np.int64),
            "client": clients,
            "first": self._flags("first_visit"),
            "overdose": overdose,
        }
        rest["services"], strange = services_used(self._columns, self._site, self._said.names)
        rest["rested"], others = rested(self._columns)
        self._problems += [*strange, *others]
        if self._shape is Shape.EVENTS:
            return self._of_events(columns["arrived"], rest)
        rest["fate"] = self._fates(columns["entered"])
        if self._shape is Shape.VISITS:
            arrived = _either(columns["arrived"], columns["entered"])
            columns["arrived"] = arrived
            if not (self._unserved or self._has("outcome", "unserved")):
                came = for_a_service(columns["entered"], rest, self._site)
                rest["fate"] = np.where(came, Fate.SERVICE, rest["fate"])
        kept = np.ones(self._size, dtype=np.bool_)
        if self._shape is Shape.VISITS and not self._unserved:
            columns, kept, orphans = with_ends(columns, clients)
            self._note("orphans", orphans)
        every = {name: one[kept] for name, one in {**columns, **rest}.items()}
        return self._register(every, times["day"][kept])

    def _of_events(self, time: Floats, rest: Mapping[str, Ints]) -> Register:
        if self._has("visit"):
            rest = {**rest, "client": self._clients("visit")}
        texts = {name: self._texts(name) for name in ("event", "phase", "room")}
        found, orphans = visits_of_events(time, texts, rest, self._site, self._said.names)
        self._note("orphans", orphans)
        if not len(found["arrived"]):
            heading = self._columns.sheet.headings[0]
            self._problems.append(
                heading.problem(
                    told("no_event_of_the_log_begins_a", "no event of the log begins a visit")
                )
            )
            return _empty(self._columns.sheet.file)
        return self._register(found, np.floor_divide(found["arrived"], DAY))

    def _register(self, columns: dict[str, Any], day: Floats) -> Register:
        """The register, from its first day on; rows without a date are lost."""
        timed = ~np.isnan(columns["arrived"])
        noon = day * DAY + DAY / 2
        columns["arrived"] = np.where(timed, columns["arrived"], noon)
        lost = np.isnan(columns["arrived"])
        if lost.any():
            lines = tuple(columns["line"][lost][:MOST_LINES].tolist())
            self._findings.append(Finding("no_date", int(lost.sum()), lines, lost=True))
        if lost.all():
            if not self._problems:
                cell = self._columns.sheet.headings[0]
                self._problems.append(
                    cell.problem(
                        told("no_row_has_a_date_that_can", "no row has a date that can be read")
                    )
                )
            return _empty(self._columns.sheet.file)
        kept = {name: one[~lost] for name, one in {**columns, "timed": timed}.items()}
        first = int(np.min(kept["arrived"]) // DAY)
        for name in _MOMENTS:
            kept[name] = kept[name] - first * DAY
        register = Register(
            file=self._columns.sheet.file,
            shape=self._shape,
            start=_date(first),
            days=int(np.max(kept["arrived"]) // DAY) + 1,
            has=columns_read(self._columns),
            step=float(HOUR) if self._has("hour") and self._shape is not Shape.EVENTS else 1.0,
            **kept,
        )
        return register.with_columns({})

    def _counts(self) -> Register:
        times = self._times()
        hourly = self._has("hour")
        numbers = self._numbers("visits")
        gone = self._numbers("unserved") if self._has("unserved") else np.zeros(self._size)
        gone = np.nan_to_num(numbers if self._unserved else gone)
        self._check_counts(numbers)
        if self._problems:
            return _empty(self._columns.sheet.file)
        when = times["date"] if hourly else times["day"] * DAY + DAY / 2
        size = np.nan_to_num(numbers).astype(np.int64)
        rows = np.repeat(np.arange(self._size), size)
        nobody = np.concatenate([np.arange(each) for each in size] or [np.zeros(0)])
        fate = np.where(nobody < gone[rows], Fate.LEFT, Fate.SERVED).astype(np.int64)
        columns = {
            **{name: np.full(len(rows), np.nan) for name in _MOMENTS},
            "arrived": when[rows],
            "line": self._lines[rows],
            "kind": self._named("kind", list(self._site.visits))[rows],
            "fate": fate,
            **{
                name: np.full(len(rows), -1, dtype=np.int64)
                for name in ("room", "client", "first", "services", "rested")
            },
            "overdose": np.zeros(len(rows), dtype=np.bool_),
        }
        found = self._register(columns, times["day"][rows])
        return self._covered(found, when, numbers, hourly=hourly)

    def _check_counts(self, numbers: Floats) -> None:
        for row in np.flatnonzero((numbers % 1 != 0) & ~np.isnan(numbers)):
            cell = self._columns.cell("visits", int(row))
            self._problems.append(
                cell.problem(
                    told(
                        "visits_must_be_whole_not",
                        "visits must be whole, not '{text}'",
                        text=cell.text,
                    )
                )
            )
        for row in np.flatnonzero(numbers > _MOST_AN_HOUR):
            cell = self._columns.cell("visits", int(row))
            self._problems.append(
                cell.problem(
                    told(
                        "is_more_than_any_hour_has",
                        "'{text}' is more than any hour has",
                        text=cell.text,
                    )
                )
            )
        if not np.nansum(numbers) and not self._problems:
            cell = self._columns.sheet.headings[self._columns.of["visits"]]
            self._problems.append(
                cell.problem(told("no_row_counts_a_visit", "no row counts a visit"))
            )

    def _covered(self, found: Register, when: Floats, numbers: Floats, *, hourly: bool) -> Register:
        """The hours of which the log has a row, those without a visit too."""
        there = ~np.isnan(when) & ~np.isnan(numbers)
        days = np.floor_divide(when[there], DAY).astype(np.int64)
        first, last = int(days.min()), int(days.max())
        logged = np.zeros((last - first + 1, DAY // HOUR), dtype=np.bool_)
        hours = np.floor_divide(when[there] % DAY, HOUR).astype(np.int64)
        logged[days - first, hours if hourly else slice(None)] = True
        if not hourly:
            logged[days - first] = True
        shift = (found.start.toordinal() - first) * DAY
        columns = {name: getattr(found, name) + shift for name in _MOMENTS}
        return replace(
            found,
            start=_date(first),
            days=len(logged),
            logged=logged,
            timed=np.full(len(found), hourly),
            **columns,
        )


def _after(base: Floats, column: Column, day: Floats) -> Floats:
    """A later moment of the same row; a time without a date is the next that follows."""
    at = day * DAY + column.clock
    midnight = np.floor_divide(base, DAY) * DAY
    same = midnight + column.clock
    follows = np.where(same < base, same + DAY, same)
    bare = np.where(np.isnan(base), at, follows)
    return np.where(np.isnan(column.day), bare, column.day * DAY + column.clock)


def _either(first: Floats, other: Floats) -> Floats:
    return np.where(np.isnan(first), other, first)


def _date(day: int) -> date:
    return date.fromordinal(day)


def _empty(file: str) -> Register:
    """In place of a register that could not be made; what is wrong is told."""
    kinds: dict[str, type[np.generic]] = dict.fromkeys(COLUMNS, np.int64) | dict.fromkeys(
        TIMES, np.float64
    )
    kinds |= {"timed": np.bool_, "overdose": np.bool_}
    columns: dict[str, Any] = {name: np.empty(0, dtype=kind) for name, kind in kinds.items()}
    return Register(
        file=file, shape=Shape.VISITS, start=date.min, days=0, has=frozenset(), **columns
    )
