"""A rota from a long table: a row for each shift, or for each day or date of it."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sim.rota.files.cells import Codes, kind_of, read_people, read_shifts, row_hours
from sim.rota.files.columns import LONG, Columns, Headed, Reading, columns_of, left_out
from sim.rota.files.dates import Order, Written, moment_of, order_of, written_date
from sim.rota.files.entries import EVERY_WEEK, Entry, Moment, ReadRota, ShiftKind, read_role
from sim.scenario.errors.problem import Problem, message_of
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAYS, parse_days, weekday_of
from sim.scenario.tables.sheet import Cell
from sim.scenario.tables.words import weekdays_of

Got = TypeVar("Got")
_MOST = 1000
"""People of one row, and weeks of a cycle."""
_COLUMNS = (*LONG, "time", "code", "duration")


def read_long(table: Headed, codes: Codes, reading: Reading) -> ReadRota:
    """What a table with a row for each shift says."""
    columns = columns_of(table.sheet, reading, _COLUMNS)
    left_out(columns, columns.others, LONG, reading)
    timed = {"start", "end"} <= columns.of.keys() or {"time", "code"} & columns.of.keys()
    if not timed and ("shift" not in columns.of or {"start", "end"} & columns.of.keys()):
        for name in ("start", "end"):
            if name not in columns.of:
                message = told(
                    "the_table_has_no_column", "the table has no column '{name}'", name=name
                )
                reading.problems.append(table.sheet.headings[0].problem(message))
    long = _Long(columns, codes, reading)
    dated = long.dated
    if not dated and "day" not in columns.of:
        message = told(
            "the_table_needs_a_column_day_or", "the table needs a column 'day' or a column 'date'"
        )
        reading.problems.append(table.sheet.headings[0].problem(message))
    if reading.problems:
        return ReadRota((), dated)
    return ReadRota(tuple(long.entries()), dated)


class _Long:
    """A long table on its way in."""

    def __init__(self, columns: Columns, codes: Codes, reading: Reading) -> None:
        self._columns, self._codes, self._reading = columns, codes, reading
        self._rows = list(columns.sheet.rows)
        name = "date" if "date" in columns.of else "start"
        self._written = [
            written_date(columns.cell(row, name), reading.scenario) if name in columns.of else None
            for row in self._rows
        ]
        with_dates = [one for one in self._written if one is not None]
        if name == "start":
            with_dates = [one for one in with_dates if one.time is not None]
        elif "day" not in columns.of and not with_dates and self._are_days("date"):
            columns.of["day"] = columns.of.pop("date")  # weekdays under 'date'
        self.dated = "date" in columns.of or bool(with_dates)
        """Whether it gives dates."""
        if "date" not in columns.of and "day" in columns.of and not with_dates:
            self.dated = self._take_dates_of_days()
        order = order_of([one for one in self._written if one is not None], reading.scenario)
        if self.dated and order.unclear is not None:
            reading.problems.append(order.unclear)
        if self.dated and order.note:
            reading.note("dates", order.note)
        self._order: Order = order

    def _are_days(self, name: str) -> bool:
        texts = [self._columns.cell(row, name).text for row in self._rows]
        return any(texts) and all(_weekdays(text) is not None for text in texts if text)

    def _take_dates_of_days(self) -> bool:
        """Dates under a heading such as `day`."""
        cells = [self._columns.cell(row, "day") for row in self._rows]
        found = [written_date(cell, self._reading.scenario) for cell in cells]
        if not any(found) or any(_weekdays(cell.text) is not None for cell in cells if cell.text):
            return False
        self._written = found
        self._columns.of["date"] = self._columns.of.pop("day")
        return True

    def entries(self) -> Iterator[Entry]:
        """What each row says; what is wrong with it is noted."""
        for row, written in zip(self._rows, self._written, strict=True):
            yield from self._row(row, written)

    def _take(self, found: Got | Problem) -> Got | None:
        if isinstance(found, Problem):
            self._reading.problems.append(found)
            return None
        return found

    def _row(self, row: Sequence[Cell], written: Written | None) -> Iterator[Entry]:
        columns = self._columns
        role = self._take(self._role(row))
        kinds = self._take(self._kinds(row, role or ""))
        if kinds == ():
            return
        moments = self._take(self._moments(row, written))
        count = self._number(columns.cell(row, "count"), 1)
        people = self._take(read_people(columns.cell(row, "person"), self._reading))
        if people and (count or 1) not in {1, len(people)}:
            cell = columns.cell(row, "count")
            what = (
                told("is_one_person", "{people} is one person", people=people[0])
                if len(people) == 1
                else told("are_named", "{number} are named", number=len(people))
            )
            self._take(
                cell.problem(
                    told(
                        "leave_the_count_out_or_the_name",
                        "{what}; leave the count out, or the name",
                        what=what,
                    )
                )
            )
        if not role or not kinds or not moments or not count or people is None:
            return
        at = next(name for name in ("start", "time", "code", "shift") if name in columns.of)
        cell = columns.cell(row, at)
        for kind in kinds:
            for moment in moments:
                for person in people or ("",):
                    yield Entry(kind, moment, 1 if people else count, person, cell)

    def _role(self, row: Sequence[Cell]) -> str | Problem:
        cell, staff = self._columns.cell(row, "role"), self._reading.scenario.staff
        if "role" in self._columns.of and cell.text:
            return read_role(cell, self._reading.scenario)
        roles = tuple(staff.roles) if staff is not None else ()
        if len(roles) == 1:
            self._reading.note(
                told(
                    "everybody_without_a_role_is_a_the",
                    "everybody without a role is a {role}, the only one there is",
                    role=roles[0],
                )
            )
            return roles[0]
        if "role" in self._columns.of:
            return read_role(cell, self._reading.scenario)
        return self._columns.sheet.headings[0].problem(
            told(
                "the_table_has_no_column_role_roles_read",
                "the table has no column 'role'; roles of {name}: {listed}",
                name=self._reading.scenario.name,
                listed=", ".join(roles),
            )
        )

    def _kinds(self, row: Sequence[Cell], role: str) -> tuple[ShiftKind, ...] | Problem:
        """The shifts of a row; none on a day off."""
        columns, reading = self._columns, self._reading
        line = columns.cell(row, "line").text
        code = columns.cell(row, "code" if "code" in columns.of else "shift")
        if {"start", "end"} <= columns.of.keys() or "time" in columns.of:
            hours = row_hours(columns, row, reading)
            if isinstance(hours, Problem):
                return hours
            if not hours:
                reading.note(
                    told("rows_without_times_days_off", "rows without times, days off"), row[0].at
                )
        elif "start" in columns.of:
            hours = row_hours(columns, row, reading)
            if isinstance(hours, Problem):
                return hours
        else:
            return read_shifts(code, role, self._codes, reading)
        wrong = self._duration(row, hours)
        if wrong is not None:
            return wrong
        found = []
        for start, end in hours:
            plain = ShiftKind(role, start, end, line=line)
            kind = kind_of(columns, row, plain, reading.scenario)
            if isinstance(kind, Problem):
                return kind
            found.append(kind)
        return tuple(found)

    def _duration(self, row: Sequence[Cell], hours: tuple[tuple[int, int], ...]) -> Problem | None:
        """What is wrong with how long the row says that the shift is."""
        cell = self._columns.cell(row, "duration")
        if not cell.text or not hours:
            return None
        said = _minutes_said(cell)
        long = sum(end - start for start, end in hours)
        if said is None or round(said) == long:
            return None
        if 0 < long - said < long / 2:
            self._reading.note(
                told(
                    "an_unpaid_break_not_read",
                    "{heading} is less than from start to end: an unpaid break, not read",
                    heading=self._columns.heading("duration"),
                ),
                row[0].at,
            )
            return None
        return cell.problem(
            told(
                "but_from_start_to_end_it_is",
                "'{text}', but from start to end it is {long:g} h",
                text=cell.text,
                long=long / 60,
            )
        )

    def _moments(self, row: Sequence[Cell], written: Written | None) -> list[Moment] | Problem:
        columns, reading = self._columns, self._reading
        if not self.dated:
            return self._days(columns.cell(row, "day"), columns.cell(row, "week"))
        cell = columns.cell(row, "date" if "date" in columns.of else "start")
        if written is None:
            said = f"'{cell.text}'" if cell.text else told("is_empty_it", "is empty; it")
            return cell.problem(
                told(
                    "must_be_a_date_such_as_2026",
                    "{said} must be a date such as 2026-01-05, or weekdays such as mon",
                    said=said,
                )
            )
        on = self._order.date(written)
        if isinstance(on, Problem):
            return on
        day = columns.cell(row, "day")
        named = _weekdays(day.text) if day.text and "day" in columns.of else None
        if named is not None and on.weekday() not in named:
            return day.problem(
                told(
                    "but_is_a",
                    "'{text}', but {on} is a {days}",
                    text=day.text,
                    on=on,
                    days=weekday_of(on.weekday()),
                )
            )
        moment = moment_of(on, cell, reading.scenario)
        return moment if isinstance(moment, Problem) else [moment]

    def _days(self, cell: Cell, week: Cell) -> list[Moment] | Problem:
        number = self._number(week, EVERY_WEEK)
        if not cell.text:
            return cell.problem(
                told(
                    "is_empty_write_weekdays_such_as_mon",
                    "is empty; write weekdays such as mon, mon-fri or daily",
                )
            )
        days = _weekdays(cell.text)
        if days is None:
            try:
                parse_days(cell.text.casefold().replace("+", " ").replace(",", " ").split())
            except ValueError as error:
                return cell.problem(message_of(error))
            return cell.problem(
                told(
                    "must_be_weekdays_such_as_mon_mon",
                    "'{text}' must be weekdays such as mon, mon-fri or daily",
                    text=cell.text,
                )
            )
        return [(number or EVERY_WEEK, day) for day in days]

    def _number(self, cell: Cell, otherwise: int) -> int | None:
        """A whole number from 1 on."""
        if not cell.text:
            return otherwise
        try:
            if 1 <= (number := cell.whole()) <= _MOST:
                return number
        except ValueError:
            pass
        return self._take(
            cell.problem(
                told(
                    "must_be_a_whole_number_from_1",
                    "'{text}' must be a whole number from 1 to {most}",
                    text=cell.text,
                    most=_MOST,
                )
            )
        )


def _minutes_said(cell: Cell) -> float | None:
    """How long a cell says that something is: hours, or a time such as 07:30."""
    hours, colon, minutes = cell.text.partition(":")
    if colon and hours.isdecimal() and minutes[:2].isdecimal():
        return int(hours) * 60.0 + int(minutes[:2])
    try:
        return cell.number() * 60
    except ValueError:
        return None


def _weekdays(text: str) -> tuple[int, ...] | None:
    """Weekdays such as `mon`, `man-fre`, `Mo, Di`, `daily`; None if it is something else."""
    folded = text.casefold().replace("+", " ").replace(",", " ").replace("&", " ")
    found: list[int] = []
    for part in folded.split():
        if part in {"daily", "dagligt", "taglich", "täglich", "quotidien"}:
            found += range(len(DAYS))
            continue
        ends = part.replace("\u2013", "-").split("-")
        days = weekdays_of(ends) if ends[1:] in ([], ends[-1:]) else [None]
        if None in days:
            return None
        first, last = days[0] or 0, days[-1] or 0
        found += [(first + more) % 7 for more in range((last - first) % 7 + 1)]
    return tuple(sorted(found)) if found and len(set(found)) == len(found) else None
