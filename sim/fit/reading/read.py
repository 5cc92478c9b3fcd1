"""Logs as sites keep them, CSV, Excel or Parquet, read into one table of visits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.fit.reading.columns import (
    EMERGENCY,
    Columns,
    Fate,
    columns_of,
    fate_of,
    folded,
    yes_or_no,
)
from sim.fit.reading.events import visits_of_events, with_ends
from sim.fit.reading.register import (
    COLUMNS,
    MOST_LINES,
    TIMES,
    Finding,
    Floats,
    Ints,
    Register,
    Shape,
    appended,
    later_file,
)
from sim.fit.reading.rows import MOMENTS, Rows, Said
from sim.fit.reading.services import (
    columns_read,
    for_a_service,
    rested,
    services_used,
    with_services,
)
from sim.fit.reading.table import log_table
from sim.scenario.errors.problem import Problem, ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.sheet import limited, without_totals

_MOST_AN_HOUR = 100_000


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


def read_log(
    path: Path, site: Scenario, said: Said, *, unserved: bool = False, empty: str | None = None
) -> Read:
    """Read a log.

    Args:
        path: the file; a sheet of it is named after `#`.
        site: whose kinds, rooms and opening hours the log's are.
        said: what the planner says of it.
        unserved: whether it is the list of those who were not served.
        empty: what is said of a table without a row, if more than that.

    Raises:
        ScenarioError: it cannot be read, each thing with its cell.
    """
    sheet = log_table(path, said.columns, said.where, empty)
    columns = columns_of(sheet, said.columns)
    shape = _shape_of(columns, unserved=unserved)
    if shape is Shape.COUNTS:
        rest, totals = without_totals(sheet)
        if totals:
            columns = columns_of(rest, said.columns)
    of_visits = shape in (Shape.VISITS, Shape.USES) and not unserved
    columns = with_services(columns, site, said.names, read=of_visits)
    return _Reader(columns, site, said, shape, unserved=unserved).read()


def _shape_of(columns: Columns, *, unserved: bool) -> Shape:
    heading = columns.sheet.headings[0]
    is_event = columns.has("event") or (columns.has("phase") and columns.has("time"))
    if is_event and not unserved:
        if not columns.has("client", "visit"):
            message = told(
                "a_log_of_events_needs_a_column",
                "a log of events needs a column client or visit: whose event it is",
            )
            raise ScenarioError([heading.problem(message)])
        return Shape.EVENTS
    if columns.has("visits") and columns.has("date") and not columns.has("client", "left"):
        return Shape.COUNTS
    if not columns.has("date", "arrived", "entered", "time"):
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
    is_use = columns.has("entered") and not columns.has("arrived")
    return Shape.USES if is_use and not unserved else Shape.VISITS


class _Reader(Rows):
    """Rows on their way into a register."""

    def __init__(
        self, columns: Columns, site: Scenario, said: Said, shape: Shape, *, unserved: bool
    ) -> None:
        super().__init__(columns, site, said)
        self._shape, self._unserved = shape, unserved

    def read(self) -> Read:
        """The register, and what was seen on the way.

        Raises:
            ScenarioError: something in a cell cannot be meant.
        """
        register = self._counts() if self._shape is Shape.COUNTS else self._visits()
        if self.problems:
            raise ScenarioError(limited(self.problems, self.columns.sheet.file))
        return Read(register, self.columns, tuple(self.findings))

    def _fates(self, entered: Floats) -> Ints:
        """What became of each visit; without a word of it those who took a place were served."""
        texts = self.texts("outcome" if self.has("outcome") else "unserved")
        if self._unserved:
            known = {one: fate_of(one) for one in dict.fromkeys(texts)}
            return np.array([Fate.LEFT if (one := known[text]) is None else one for text in texts])
        without = Fate.LEFT if self._shape is Shape.VISITS and self.has("entered") else Fate.SERVED
        fates = np.where(np.isnan(entered), without, Fate.SERVED).astype(np.int64)
        for text in filter(None, dict.fromkeys(texts)):
            rows = np.array([one == text for one in texts])
            fate = fate_of(text)
            if fate is None and not self.has("outcome"):
                fate = Fate.LEFT if yes_or_no(text) else None
            if fate is not None:
                fates[rows] = fate
            elif self.has("outcome") and np.isnan(entered[rows]).any():
                cell = self.columns.cell("outcome", texts.index(text))
                known_ones = told(
                    "served_left_refused_or_as_in_docs",
                    "served, left, refused, or as in docs/fit.md",
                )
                self.problems.append(
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

    def _visits(self) -> Register:
        times = self.times()
        nothing = np.full(self.size, np.nan)
        columns = {name: times.get(name, nothing) for name in MOMENTS}
        for other in ("time", "date"):
            columns["arrived"] = _either(columns["arrived"], times.get(other, nothing))
        if self.has("minutes"):
            end = columns["entered"] + self.numbers("minutes")
            columns["left"] = _either(columns["left"], end)
        if self._unserved or self._shape is Shape.USES:
            columns["arrived"] = _either(columns["arrived"], columns["entered"])
        clients = self.clients("client" if self.has("client") else "visit")
        overdose = self.flags("overdose") > 0
        if self.has("outcome"):
            overdose |= np.array([folded(one) == EMERGENCY for one in self.texts("outcome")])
        rest = {
            "line": self.lines,
            "kind": self.named("kind", list(self.site.visits)),
            "room": self.named("room", list(self.site.rooms))
            if self._shape is not Shape.EVENTS
            else np.full(self.size, -1, dtype=np.int64),
            "client": clients,
            "first": self.flags("first_visit"),
            "overdose": overdose,
        }
        rest["services"], strange = services_used(self.columns, self.site, self.said.names)
        rest["rested"], others = rested(self.columns)
        self.problems += [*strange, *others]
        if self._shape is Shape.EVENTS:
            return self._of_events(columns["arrived"], rest)
        rest["fate"] = self._fates(columns["entered"])
        if self._shape is Shape.VISITS:
            arrived = _either(columns["arrived"], columns["entered"])
            columns["arrived"] = arrived
            if not (self._unserved or self.has("outcome", "unserved")):
                came = for_a_service(columns["entered"], rest, self.site)
                rest["fate"] = np.where(came, Fate.SERVICE, rest["fate"])
        kept = np.ones(self.size, dtype=np.bool_)
        if self._shape is Shape.VISITS and not self._unserved:
            columns, kept, orphans = with_ends(columns, clients)
            self.note("orphans", orphans)
        every = {name: one[kept] for name, one in {**columns, **rest}.items()}
        return self._register(every, times["day"][kept])

    def _of_events(self, time: Floats, rest: Mapping[str, Ints]) -> Register:
        if self.has("visit"):
            rest = {**rest, "client": self.clients("visit")}
        texts = {name: self.texts(name) for name in ("event", "phase", "room")}
        found, orphans = visits_of_events(time, texts, rest, self.site, self.said.names)
        self.note("orphans", orphans)
        if not len(found["arrived"]):
            heading = self.columns.sheet.headings[0]
            self.problems.append(
                heading.problem(
                    told("no_event_of_the_log_begins_a", "no event of the log begins a visit")
                )
            )
            return _empty(self.columns.sheet.file)
        return self._register(found, np.floor_divide(found["arrived"], DAY))

    def _register(self, columns: dict[str, Any], day: Floats) -> Register:
        """The register, from its first day on; rows without a date are lost."""
        timed = ~np.isnan(columns["arrived"])
        noon = day * DAY + DAY / 2
        columns["arrived"] = np.where(timed, columns["arrived"], noon)
        lost = np.isnan(columns["arrived"])
        if lost.any():
            lines = tuple(columns["line"][lost][:MOST_LINES].tolist())
            self.findings.append(Finding("no_date", int(lost.sum()), lines, lost=True))
        if lost.all():
            if not self.problems:
                cell = self.columns.sheet.headings[0]
                self.problems.append(
                    cell.problem(
                        told("no_row_has_a_date_that_can", "no row has a date that can be read")
                    )
                )
            return _empty(self.columns.sheet.file)
        kept = {name: one[~lost] for name, one in {**columns, "timed": timed}.items()}
        first = int(np.min(kept["arrived"]) // DAY)
        for name in MOMENTS:
            kept[name] = kept[name] - first * DAY
        register = Register(
            file=self.columns.sheet.file,
            shape=self._shape,
            start=_date(first),
            days=int(np.max(kept["arrived"]) // DAY) + 1,
            has=columns_read(self.columns),
            step=float(HOUR) if self.has("hour") and self._shape is not Shape.EVENTS else 1.0,
            **kept,
        )
        return register.with_columns({})

    def _counts(self) -> Register:
        times = self.times()
        hourly = self.has("hour")
        numbers = self.numbers("visits")
        gone = self.numbers("unserved") if self.has("unserved") else np.zeros(self.size)
        gone = np.nan_to_num(numbers if self._unserved else gone)
        self._check_counts(numbers)
        if self.problems:
            return _empty(self.columns.sheet.file)
        when = times["date"] if hourly else times["day"] * DAY + DAY / 2
        size = np.nan_to_num(numbers).astype(np.int64)
        rows = np.repeat(np.arange(self.size), size)
        nobody = np.concatenate([np.arange(each) for each in size] or [np.zeros(0)])
        fate = np.where(nobody < gone[rows], Fate.LEFT, Fate.SERVED).astype(np.int64)
        columns = {
            **{name: np.full(len(rows), np.nan) for name in MOMENTS},
            "arrived": when[rows],
            "line": self.lines[rows],
            "kind": self.named("kind", list(self.site.visits))[rows],
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
            cell = self.columns.cell("visits", int(row))
            self.problems.append(
                cell.problem(
                    told(
                        "visits_must_be_whole_not",
                        "visits must be whole, not '{text}'",
                        text=cell.text,
                    )
                )
            )
        for row in np.flatnonzero(numbers > _MOST_AN_HOUR):
            cell = self.columns.cell("visits", int(row))
            self.problems.append(
                cell.problem(
                    told(
                        "is_more_than_any_hour_has",
                        "'{text}' is more than any hour has",
                        text=cell.text,
                    )
                )
            )
        if not np.nansum(numbers) and not self.problems:
            cell = self.columns.sheet.headings[self.columns.of["visits"]]
            self.problems.append(
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
        columns = {name: getattr(found, name) + shift for name in MOMENTS}
        return replace(
            found,
            start=_date(first),
            days=len(logged),
            logged=logged,
            timed=np.full(len(found), hourly),
            **columns,
        )


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
