"""A grid: people or shifts down, days across; in the cells codes, hours, or names.

A row for each person, with the codes or hours of their shifts; or a row for each shift, with the
names of those who work it. A person may have two lines, or a day two columns: when a shift starts,
and when it ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sim.rota.files.cells import (
    Codes,
    kind_of,
    read_people,
    read_shifts,
    row_hours,
    start_to_end,
)
from sim.rota.files.columns import Columns, Headed, Reading, columns_of, left_out
from sim.rota.files.days import Days, day_columns
from sim.rota.files.entries import (
    EVERY_WEEK,
    Entry,
    Moment,
    ReadRota,
    ShiftKind,
    read_role,
)
from sim.scenario.errors.problem import Problem
from sim.scenario.errors.told import told
from sim.scenario.tables.sheet import Cell
from sim.scenario.tables.words import is_day_off, is_nothing, read_clock

GRID = ("role", "person")
"""Columns of a grid before its days."""
_OF_SHIFTS = ("shift", "code", "start", "end", "time", "break", "count")
"""Columns of a grid that has a row for each shift."""
_MOST_WEEKS, _MOST_DIGITS = 104, 6


def read_grid(found: Headed, codes: Codes, reading: Reading) -> ReadRota:
    """What a grid says."""
    columns = columns_of(found.sheet, reading, (*GRID, *_OF_SHIFTS, "week", "line"))
    columns = _without_halves(columns)
    numbers = sorted(set(columns.others) - set(found.ends.values()))
    days, others = day_columns(found, numbers, reading)
    left_out(columns, others, GRID, reading)
    if "shift" in columns.of and "person" in columns.of:
        reading.note(told("columns_not_read", "columns not read"), f"'{columns.heading('shift')}'")
    table = _Grid(columns, days, codes, reading, found.ends)
    if reading.problems:
        return ReadRota((), days.dated)
    by_shift = (
        not found.ends
        and "person" not in columns.of
        and any(one in columns.of for one in _OF_SHIFTS[:5])
    )
    entries = list(table.by_shift() if by_shift else table.by_person())
    order = {code: place for place, code in enumerate(codes.kinds)}
    entries.sort(key=lambda entry: order.get(entry.kind.line, len(order)))
    return ReadRota(tuple(entries), days.dated, days.cycle_weeks)


def _without_halves(columns: Columns) -> Columns:
    """The columns, `to` alone taken for a day: it is Thursday in Danish."""
    if {"start", "end"} <= columns.of.keys():
        return columns
    kept = {name: number for name, number in columns.of.items() if name not in {"start", "end"}}
    gone = tuple(number for name, number in columns.of.items() if name not in kept)
    return Columns(columns.sheet, kept, (*columns.others, *gone))


@dataclass
class _Grid:
    """A grid on its way in."""

    columns: Columns
    days: Days
    codes: Codes
    reading: Reading
    halves: Mapping[int, int]
    """Columns of ends, by number of the column of starts, where a day has two."""
    _told: set[int] = field(default_factory=set)

    # --- a row for each person ---

    def by_person(self) -> Iterator[Entry]:
        """The shifts of rows that are people, of one line or of two."""
        section, role, people = "", "", tuple[str, ...]()
        rows = list(self.columns.sheet.rows)
        place = 0
        while place < len(rows):
            row = rows[place]
            place += 1
            if (title := self._section(row)) is not None:
                section = title
                continue
            if place > 1 and self._goes_on(row):
                self.reading.note(
                    told(
                        "rows_without_a_name_go_on_with",
                        "rows without a name go on with the person above",
                    )
                )
            else:
                known = self._role(row, section)
                names = read_people(self.columns.cell(row, "person"), self.reading)
                if isinstance(names, Problem):
                    self.reading.problems.append(names)
                if known is None or isinstance(names, Problem):
                    continue
                role, people = known, names
            ends = rows[place] if place < len(rows) and self._are_ends(row, rows[place]) else None
            place += ends is not None
            yield from self._of_person(row, ends, role, people)

    def _section(self, row: Sequence[Cell]) -> str | None:
        """The role that a row names over those of its people."""
        written = [cell for cell in row if cell.text]
        staff = self.reading.scenario.staff
        if len(written) != 1 or staff is None or len(staff.roles) == 1:
            return None
        if "role" in self.columns.of and written[0] != self._of(row, "role"):
            return None
        role = read_role(written[0], self.reading.scenario)
        if isinstance(role, Problem) or self._days_of(row):
            return None
        self.reading.note(
            told("rows_over_others_that_name_their_role", "rows over others that name their role"),
            f"'{written[0].text}'",
        )
        return role

    def _of(self, row: Sequence[Cell], name: str) -> Cell:
        return self.columns.cell(row, name)

    def _days_of(self, row: Sequence[Cell]) -> bool:
        """Whether anything stands in the columns of days."""
        return any(row[number].text for number in self.days.moments)

    def _goes_on(self, row: Sequence[Cell]) -> bool:
        """Whether a row is of the person of the row before it."""
        nobody = not self._of(row, "person").text and not self._of(row, "role").text
        return nobody and "person" in self.columns.of and self._days_of(row)

    def _role(self, row: Sequence[Cell], section: str) -> str | None:
        """The role of a row: its own, that of the row over it, or the only one that there is."""
        cell, staff = self._of(row, "role"), self.reading.scenario.staff
        if not cell.text and section:
            return section
        if not cell.text and staff is not None and len(staff.roles) == 1:
            role = next(iter(staff.roles))
            self.reading.note(
                told(
                    "everybody_without_a_role_is_a_the",
                    "everybody without a role is a {role}, the only one there is",
                    role=role,
                )
            )
            return role
        found = read_role(cell, self.reading.scenario)
        if not isinstance(found, Problem):
            return found
        if "role" not in self.columns.of:
            roles = ", ".join(staff.roles if staff is not None else ())
            found = self.columns.sheet.headings[0].problem(
                told(
                    "the_table_has_no_column_role_roles",
                    "the table has no column 'role'; roles of {name}: {roles}",
                    name=self.reading.scenario.name,
                    roles=roles,
                )
            )
        self.reading.problems.append(found)
        return None

    def _are_ends(self, row: Sequence[Cell], below: Sequence[Cell]) -> bool:
        """Whether the line below has the ends of the shifts that start in this one."""
        if self.halves or self._of(below, "person").text or self._of(below, "role").text:
            return False
        starts = [number for number in self.days.moments if self._is_time(row[number])]
        return bool(starts) and all(
            self._is_time(below[number]) or is_day_off(below[number].text)
            for number in self.days.moments
        )

    def _is_time(self, cell: Cell) -> bool:
        """Whether a cell is one time of day alone."""
        if cell.text in self.codes.kinds or is_day_off(cell.text):
            return False
        if cell.value is not None:
            return True
        try:
            read_clock(cell.text)
        except ValueError:
            return False
        return True

    def _of_person(
        self, row: Sequence[Cell], ends: Sequence[Cell] | None, role: str, people: tuple[str, ...]
    ) -> Iterator[Entry]:
        for number in self.days.moments:
            cell, end = row[number], None if ends is None else ends[number]
            if number in self.halves:
                end = row[self.halves[number]]
            kinds = (
                read_shifts(cell, role, self.codes, self.reading)
                if end is None or not (self._is_time(cell) or self._is_time(end))
                else self._from_to(cell, end, role)
            )
            if isinstance(kinds, Problem):
                self.reading.problems.append(kinds)
                continue
            moment = self._moment(number, row) if kinds else None
            for kind in kinds if moment is not None else ():
                for person in people or ("",):
                    yield Entry(kind, moment or (0, 0), 1, person, cell)

    def _from_to(self, start: Cell, end: Cell, role: str) -> tuple[ShiftKind, ...] | Problem:
        """The shift that starts in one line and ends in the next."""
        for one, other, what in ((start, end, "start"), (end, start, "end")):
            if is_day_off(one.text):
                return other.problem(
                    told(
                        "has_no_says",
                        "'{text}' has no {what} ({at} says '{text_2}')",
                        text=other.text,
                        what=told(f"{what}_of_shift", what),
                        at=one.at,
                        text_2=one.text,
                    )
                )
        hours = start_to_end(start, end, self.reading)
        if isinstance(hours, Problem):
            return hours
        return (ShiftKind(role, *hours),) if hours else ()

    def _moment(self, number: int, row: Sequence[Cell]) -> Moment | None:
        """When a column is; a problem is told once."""
        moment = self.days.moments[number]
        if isinstance(moment, Problem):
            if number not in self._told:
                self._told.add(number)
                self.reading.problems.append(moment)
            return None
        week = self._of(row, "week")
        if not week.text or self.days.dated:
            return moment
        try:
            said = week.whole()
        except ValueError:
            said = 0
        if not 1 <= said <= _MOST_WEEKS or moment[0] != EVERY_WEEK:
            self.reading.problems.append(
                week.problem(
                    told(
                        "must_be_a_week_of_the_cycle",
                        "'{text}' must be a week of the cycle, such as 1",
                        text=week.text,
                    )
                )
            )
            return None
        return said, moment[1]

    # --- a row for each shift ---

    def by_shift(self) -> Iterator[Entry]:
        """The shifts of rows that are shifts, with names in the cells."""
        section = ""
        for row in self.columns.sheet.rows:
            if (title := self._section(row)) is not None:
                section = title
                continue
            role = self._role(row, section)
            kinds = self._kinds(row, role or "")
            if isinstance(kinds, Problem):
                self.reading.problems.append(kinds)
                continue
            if role is None:
                continue
            for number in self.days.moments:
                yield from self._named(row, number, kinds)

    def _named(
        self, row: Sequence[Cell], number: int, kinds: Sequence[ShiftKind]
    ) -> Iterator[Entry]:
        """Those whose names stand in a cell."""
        if is_nothing(row[number].text):
            return
        if row[number].text.isdecimal():
            yield from self._so_many(row, number, kinds)
            return
        people = read_people(row[number], self.reading)
        if isinstance(people, Problem):
            self.reading.problems.append(people)
            return
        moment = self._moment(number, row)
        for kind in kinds if moment is not None else ():
            for person in people:
                yield Entry(kind, moment or (0, 0), 1, person, row[number])

    def _so_many(
        self, row: Sequence[Cell], number: int, kinds: Sequence[ShiftKind]
    ) -> Iterator[Entry]:
        """So many people as a cell says, without names."""
        many = int(row[number].text[:_MOST_DIGITS])
        moment = self._moment(number, row) if many else None
        self.reading.note(
            told("numbers_in_place_of_names_are_so", "numbers in place of names are so many people")
        )
        for kind in kinds if moment is not None else ():
            yield Entry(kind, moment or (0, 0), many, "", row[number])

    def _kinds(self, row: Sequence[Cell], role: str) -> tuple[ShiftKind, ...] | Problem:
        """The shift of a row: by its hours, or by its code."""
        if {"start", "end"} <= self.columns.of.keys() or "time" in self.columns.of:
            hours = row_hours(self.columns, row, self.reading)
            if isinstance(hours, Problem):
                return hours
            found = []
            for start, end in hours:
                plain = ShiftKind(role, start, end)
                kind = kind_of(self.columns, row, plain, self.reading.scenario)
                if isinstance(kind, Problem):
                    return kind
                found.append(kind)
            return tuple(found)
        cell = self._of(row, "code") if "code" in self.columns.of else self._of(row, "shift")
        return read_shifts(cell, role, self.codes, self.reading)
