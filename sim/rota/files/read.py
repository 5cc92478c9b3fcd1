"""A rota from a table, long or a grid, or from a calendar.

Long: a row for each shift, or for each day or date of it. Grid: a row for each person or shift, a
column for each day. Everything that is wrong is told at once, with the cell in which it stands;
what the file does not say outright, and how it was read, is told too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from sim.rota.files.calendar import is_calendar, read_calendar
from sim.rota.files.cells import (
    UNKNOWN,
    Codes,
    kind_of,
    read_codes,
    read_people,
    read_shifts,
    row_hours,
    says_hours,
)
from sim.rota.files.columns import (
    LONG,
    Columns,
    Headed,
    Reading,
    columns_of,
    headed_either_way,
    left_out,
    meaning,
    score,
)
from sim.rota.files.dates import Order, Written, moment_of, order_of, written_date
from sim.rota.files.entries import (
    EVERY_WEEK,
    Entry,
    Moment,
    ReadRota,
    ShiftKind,
    first_monday,
    overlaps,
    read_role,
    rota_of,
)
from sim.rota.files.grid import read_grid
from sim.scenario.consistency import inconsistencies
from sim.scenario.errors.problem import (
    Place,
    Problem,
    ScenarioError,
    message_of,
    path_text,
    shorten,
    show,
)
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAYS, parse_days, weekday_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Staff
from sim.scenario.tables.files import file_and_sheet, one_of, read_sheets
from sim.scenario.tables.sheet import Cell, Row, Sheet, limited
from sim.scenario.tables.words import weekdays_of

Got = TypeVar("Got")
_MOST = 1000
"""People of one row, and weeks of a cycle."""
_COLUMNS = (*LONG, "time", "code", "duration")
_OF_LONG = ("start", "end", "time", "day", "date")
"""Any of these columns tells a long table from a grid."""


class Imported(NamedTuple):
    """The staff with the rota of a file."""

    staff: Staff
    read_as: tuple[str, ...]
    """What the file does not say outright, and how it was read."""


def read_rota(
    path: Path, scenario: Scenario, codes: Path | None = None, zone: str = ""
) -> Imported:
    """The scenario's staff with the rota of a file.

    Args:
        path: a calendar (.ics), or a file that `sim.scenario.tables` reads; `rota.xlsx#January`
            is one sheet of it.
        scenario: whose roles and horizon the file goes by.
        codes: the table that explains the codes of shifts; without it a sheet of codes in the same
            file, or `<name>-codes.csv` beside a text file.
        zone: time zone of the site, for a calendar that names none.

    Raises:
        ScenarioError: everything that is wrong with the file, cell by cell.
    """
    if scenario.staff is None:
        raise ScenarioError(
            [
                Problem(
                    None, "staff", told("has_no_staff", "{name} has no staff", name=scenario.name)
                )
            ]
        )
    reading = Reading(scenario)
    if is_calendar(path):
        found = read_calendar(path, reading, zone)
    else:
        found = _of_table(path, codes, reading)
    if reading.problems:
        raise ScenarioError(limited(reading.problems, str(path)))
    return Imported(_staff(found, scenario, path), reading.notes())


def _of_table(path: Path, codes: Path | None, reading: Reading) -> ReadRota:
    table, explained = _tables(path, reading)
    if table.sheet.faults:
        raise ScenarioError(table.sheet.faults)
    known = _table_of_codes(path, table.sheet, explained, codes, reading)
    if table.turned:
        table = label_of(table, known, reading.scenario)
    long = is_long(table, reading.scenario)
    found = read_long(table, known, reading) if long else read_grid(table, known, reading)
    if known.unknown and not known.kinds:
        reading.problems[:] = [one for one in reading.problems if UNKNOWN not in one.message]
        listed = ", ".join(show(code, quotes=True) for code in known.unknown)
        message = told(
            "the_codes_of_shifts_are_not_explained",
            "the codes of shifts are not explained ({listed}): {where_codes_belong} "
            "with the columns code, start, end and a row for each, such as D, 07:00, "
            "15:00; a day off has no times",
            listed=shorten(listed, 200),
            where_codes_belong=_where_codes_belong(path, table.sheet),
        )
        reading.problems.append(
            min(known.unknown.values(), key=lambda cell: cell.place).problem(message)
        )
    return found


def label_of(table: Headed, codes: Codes, scenario: Scenario) -> Headed:
    """A table with its days across; the first column is called what it holds."""
    if meaning(table.sheet.headings[0]) == "role":
        return table
    labels = [row[0] for row in table.sheet.rows if row[0].text]
    shifts = all(one.text in codes.kinds or says_hours(one) for one in labels)
    roles = all(not isinstance(read_role(one, scenario), Problem) for one in labels)
    head, *lines = table.sheet.lines
    label = "shift" if shifts else "role" if roles else "person"
    named = Row(head.number, [label, *head.values[1:]])
    return replace(table, sheet=table.sheet.of_lines([named, *lines]))


def _where_codes_belong(path: Path, sheet: Sheet) -> str:
    if sheet.separator:
        file = path.with_name(f"{path.stem}-codes.csv")
        return told("write_codes", "write {file} (or name a file with --codes)", file=file)
    return told("add_a_sheet", "add a sheet")


def is_long(table: Headed, scenario: Scenario) -> bool:
    """Whether a table has a row for each shift."""
    names = {meaning(one) for one in table.sheet.headings}
    if "date" in names or "day" in names:
        return True
    _, days, _ = score(table.sheet.headings, scenario)
    return not days and bool(names & set(_OF_LONG))


def _tables(path: Path, reading: Reading) -> tuple[Headed, list[Headed]]:
    """The table of the rota, and those of codes: one that stands below it, or on other sheets.

    Raises:
        ScenarioError: there is none, or several may be meant.
    """
    sheets = [one for one in read_sheets(path) if one.headings]
    found = {one: headed_either_way(one, Reading(reading.scenario)) for one in sheets}
    codes = [one for one in sheets if _has_codes(one)]
    rota = [one for one in sheets if one not in codes and found[one] is not None]
    if not rota:
        others = [one for one in sheets if one not in codes]
        head = others[0] if others else None
        message = told(
            "has_no_table_of_a_rota_its",
            "has no table of a rota; its first line must name columns: {listed}",
            listed=", ".join(LONG),
        )
        if head is not None and head.headings:
            raise ScenarioError(
                [
                    head.headings[0].problem(
                        told(
                            "or_a_person_and_days",
                            "{message}; or a person and days",
                            message=message,
                        )
                    )
                ]
            )
        raise ScenarioError([Problem(Place(str(path)), "", message)])
    table = one_of(rota, told("the_rota", "the rota"))
    for other in sheets:
        if other is not table and other not in codes:
            reading.note(
                told("sheets_not_read_as_no_rota", "sheets not read, as no rota"),
                show(other.name, quotes=True),
            )
    read = headed_either_way(table, reading)
    assert read is not None  # it is one of those that have headings
    if read.legend is not None:
        return read, [Headed(read.legend)]
    return read, [one for one in (headed_codes(sheet) for sheet in codes) if one is not None]


def _has_codes(sheet: Sheet) -> bool:
    return headed_codes(sheet) is not None


def headed_codes(sheet: Sheet) -> Headed | None:
    """A table of codes, from its headings on; None if it is none."""
    for place, line in enumerate(sheet.lines[:30]):
        cells = [sheet.cell(line.number, n, value) for n, value in enumerate(line.values, 1)]
        names = {meaning(cell) for cell in cells}
        if "code" in names and (names & {"start", "end", "time"}) and not names & {"date", "day"}:
            return Headed(sheet.of_lines(sheet.lines[place:]) if place else sheet)
    return None


def _table_of_codes(
    path: Path, rota: Sheet, beside: list[Headed], named: Path | None, reading: Reading
) -> Codes:
    """What the codes stand for, if there is a table of them.

    Raises:
        ScenarioError: it cannot be read, or several may be meant.
    """
    file, sheet = file_and_sheet(path)
    default = path.with_name(f"{path.stem}-codes.csv")
    if named is not None or (rota.separator and default.exists()):
        codes = named or default
        tables = [one for one in read_sheets(codes) if one.headings]
        if not tables:
            raise ScenarioError([Problem(Place(str(codes)), "", told("is_empty", "is empty"))])
        found = [headed_codes(one) or Headed(one) for one in tables]
    elif sheet and not rota.separator:  # the codes are in a sheet beside the one that was named
        found = [one for one in map(headed_codes, read_sheets(file)) if one is not None]
    else:
        found = beside
    if not found:
        return Codes({})
    table = one_of(
        [one.sheet for one in found],
        told("the_table_of_codes_name_it_with", "the table of codes (name it with --codes)"),
    )
    if table.problems:
        raise ScenarioError(table.problems)
    return read_codes(table, reading)


def _staff(found: ReadRota, scenario: Scenario, path: Path) -> Staff:
    """The staff, if everything fits together."""
    assert scenario.staff is not None  # the caller has looked
    used = max((entry.moment[0] for entry in found.entries), default=1)
    cycle = found.cycle_weeks or max(used, scenario.staff.cycle_weeks)
    monday = first_monday(scenario) if found.dated else None
    problems = list(overlaps(found.entries, cycle, dated=found.dated))
    if problems:
        raise ScenarioError(problems)
    rota = rota_of(found.entries, cycle, monday)
    # Dates do not repeat.
    changes = {"rota": rota, "cycle_weeks": 1 if found.dated else cycle}
    staff = scenario.staff.model_copy(update=changes)
    whole = scenario.model_copy(update={"staff": staff})
    misfits = [
        Problem(Place(str(path)), path_text(where), message)
        for where, message in inconsistencies(whole)
        if where[0] == "staff"
    ]
    if misfits:
        raise ScenarioError(misfits)
    return staff


# --- a long table -------------------------------------------------------------------------------


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
