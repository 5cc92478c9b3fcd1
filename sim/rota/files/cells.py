"""What a cell of a rota says: a time, the hours of a shift, its code, a role, a day off, names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sim.rota.files.columns import Columns, Reading, columns_of, left_out
from sim.rota.files.entries import ShiftKind, check_breaks, read_breaks, read_role, shift_hours
from sim.scenario.errors.problem import Place, Problem, did_you_mean, message_of
from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.model.hours import HOUR, clock_text
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.sheet import Cell, Sheet
from sim.scenario.tables.words import (
    is_day_off,
    is_nothing,
    is_total,
    read_clock,
    read_end_clock,
    read_spans,
    several,
    time_of_number,
)

CODES = ("code", "role", "shift", "start", "end", "time", "break")
"""Columns of a table of codes; code, and start and end or time, are needed."""
_DATE_BEFORE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]+(?=[0-9])")
_PLAIN_HOUR = re.compile("[0-9]{1,2}")
_PART_OF_A_DAY = re.compile(r"0[.,][0-9]{1,2}|[0-9]{1,2}[.,][0-9]|0[.,][0-9]{3,}")
_PARTS = re.compile(r"\s*[+,;/&\n]\s*|\s+(?:og|und|and|et)\s+")
OFF = told("days_off_no_shift", "days off, no shift")
_DIGITS = 2
"""Of the minutes of a time."""
UNKNOWN = told("is_not_a_code_of_a_shift", "is not a code of a shift")


def read_time(cell: Cell, reading: Reading, *, ends: bool = False) -> int | Problem:
    """The time in a cell, minutes after midnight."""
    text = _DATE_BEFORE.sub("", cell.text)
    try:
        if cell.value is not None and (cell.value <= 1 or not _PLAIN_HOUR.fullmatch(text)):
            found = time_of_number(cell.value)
            reading.note(
                told("numbers_that_are_times", "numbers that are times"),
                told(
                    "read_as_time",
                    "{text} is {clock_text}",
                    text=cell.text,
                    clock_text=clock_text(found),
                ),
            )
            return found
        if _PART_OF_A_DAY.fullmatch(text):
            return time_of_text(cell, text, reading)
        found = read_end_clock(text) if ends else read_clock(text)
    except ValueError as error:
        return cell.problem(
            message_of(error)
            if text
            else told("is_empty_write_a_time_such_as", "is empty; write a time such as 07:30")
        )
    if _PLAIN_HOUR.fullmatch(text):
        reading.note(
            told("whole_hours", "whole hours"),
            told("read_as_time", "{text} is {clock_text}", text=text, clock_text=clock_text(found)),
        )
    if text.endswith(":59:59"):
        reading.note(
            told("the_last_second_of_a_day", "the last second of a day"),
            told("read_as_time", "{text} is {clock_text}", text=text, clock_text=clock_text(found)),
        )
    return found


def time_of_text(cell: Cell, text: str, reading: Reading) -> int | Problem:
    """The time in text that may be a part of a day, as a spreadsheet keeps times."""
    value = float(text.replace(",", "."))
    whole, _, part = text.replace(",", ".").partition(".")
    try:
        found = time_of_number(value, text)
    except ValueError as error:
        return cell.problem(message_of(error))
    if len(part) == _DIGITS and int(part) < HOUR:
        other = f"{int(whole):02d}:{part}"
        return cell.problem(
            told(
                "may_be_or_as_a_spreadsheet_keeps",
                "'{text}' may be {other}, or {clock_text} as a spreadsheet keeps times; "
                "write it as 07:30",
                text=text,
                other=other,
                clock_text=clock_text(found),
            )
        )
    reading.note(
        told("numbers_that_are_times", "numbers that are times"),
        told("read_as_time", "{text} is {clock_text}", text=text, clock_text=clock_text(found)),
    )
    return found


@dataclass(frozen=True)
class Codes:
    """What the codes of a table stand for."""

    kinds: dict[str, ShiftKind | None]
    """By code; None for a day off."""
    explained: bool = True
    """Whether there is a table of codes at all."""
    unknown: dict[str, Cell] = field(default_factory=dict)
    """Codes that were met and are not explained, and where first."""

    def of(self, text: str, reading: Reading) -> tuple[ShiftKind | None, ...]:
        """The shift of a code, None for a day off; nothing if it is no code."""
        if text in self.kinds:
            return (self.kinds[text],)
        alike = [code for code in self.kinds if code.casefold() == text.casefold()]
        if len(alike) == 1:
            reading.note(
                told("codes_in_other_letters", "codes in other letters"),
                told("is_cells", "{text} is {alike}", text=text, alike=alike[0]),
            )
            return (self.kinds[alike[0]],)
        return ()


def read_codes(sheet: Sheet, reading: Reading) -> Codes:
    """The table that explains the codes of shifts."""
    before = len(reading.problems)
    columns = columns_of(sheet, reading, CODES)
    left_out(columns, columns.others, CODES, reading)
    if not {"time"} <= columns.of.keys():
        for name in ("start", "end"):
            if name not in columns.of:
                message = told(
                    "the_table_has_no_column", "the table has no column '{name}'", name=name
                )
                reading.problems.append(sheet.headings[0].problem(message))
    found: dict[str, ShiftKind | None] = {}
    for cells in () if len(reading.problems) > before else sheet.rows:
        code = columns.cell(cells, "code")
        if not code.text and not any(one.text for one in cells):
            continue
        if is_nothing(code.text) or "+" in code.text:
            reading.problems.append(
                code.problem(told("cannot_be_a_code", "'{text}' cannot be a code", text=code.text))
            )
        elif code.text in found:
            reading.problems.append(
                code.problem(
                    told("is_explained_twice", "'{text}' is explained twice", text=code.text)
                )
            )
        else:
            kind = _explained(columns, cells, code.text, reading)
            if not isinstance(kind, Problem):
                found[code.text] = kind
            else:
                reading.problems.append(kind)
    return Codes(found)


def _explained(
    columns: Columns, cells: Sequence[Cell], code: str, reading: Reading
) -> ShiftKind | Problem | None:
    """The shift that a row of the table explains; None for a day off."""
    said = columns.cell(cells, "role")
    role = read_role(said, reading.scenario) if said.text else ""
    if isinstance(role, Problem):
        return role
    hours = row_hours(columns, cells, reading)
    if isinstance(hours, Problem):
        return hours
    if not hours:
        reading.note(OFF, code)
        return None
    if len(hours) > 1:
        message = told(
            "has_several_hours_give_each_of_them",
            "has several hours; give each of them a code of its own, and write D+E in a cell",
        )
        return columns.cell(cells, "time").problem(message)
    # Without a column of names the shift is called what it is called in the cells.
    name = "" if "shift" in columns.of else code
    kind = ShiftKind(role, *hours[0], name, line=code)
    return kind_of(columns, cells, kind, reading.scenario)


def kind_of(
    columns: Columns, cells: Sequence[Cell], kind: ShiftKind, scenario: Scenario
) -> ShiftKind | Problem:
    """A shift with the name and breaks that its row gives it."""
    roles = tuple(scenario.staff.roles) if scenario.staff is not None else ()
    breaks = read_breaks(columns.cell(cells, "break"), kind.start, kind.end, roles)
    if isinstance(breaks, Problem):
        return breaks
    named = replace(kind, name=columns.cell(cells, "shift").text or kind.name, breaks=breaks)
    wrong = check_breaks(named, columns.cell(cells, "break"))
    return named if wrong is None else wrong


def row_hours(
    columns: Columns, cells: Sequence[Cell], reading: Reading
) -> tuple[tuple[int, int], ...] | Problem:
    """The hours of a row: of start and end, or of a cell such as `8-16`; none on a day off."""
    if "time" in columns.of and columns.cell(cells, "time").text:
        return hours_of_cell(columns.cell(cells, "time"), reading)
    start, end = columns.cell(cells, "start"), columns.cell(cells, "end")
    if is_day_off(start.text) and is_day_off(end.text):
        return ()
    if not end.text and _spans(start):
        return hours_of_cell(start, reading)
    hours = start_to_end(start, end, reading)
    return (hours,) if isinstance(hours, tuple) and hours else hours or ()


def start_to_end(start: Cell, end: Cell, reading: Reading) -> tuple[int, int] | Problem | None:
    """The hours of two cells; none if they say 00:00 and 00:00."""
    first = read_time(start, reading)
    last = read_time(end, reading, ends=True)
    if isinstance(first, Problem):
        return first
    if isinstance(last, Problem):
        return last
    if first == last == 0:
        reading.note(
            told(
                "midnight_to_midnight",
                "00:00-00:00 is no shift; around the clock is 00:00-24:00",
            )
        )
        return None
    return shift_hours(first, last, start, end)


def _spans(cell: Cell) -> tuple[tuple[int, int], ...] | Problem | None:
    try:
        return read_spans(cell.text)
    except ValueError as error:
        return cell.problem(message_of(error))


def hours_of_cell(cell: Cell, reading: Reading) -> tuple[tuple[int, int], ...] | Problem:
    """The hours in a cell such as `8-16`; several are a shift in parts; none on a day off."""
    if is_day_off(cell.text):
        return ()
    found = _spans(cell)
    if isinstance(found, Problem):
        return found
    if not found:
        return cell.problem(
            told(
                "must_be_hours_such_as_08_00",
                "'{text}' must be hours such as 08:00-16:00",
                text=cell.text,
            )
        )
    kept = []
    for start, end in found:
        if start == end == 0:
            reading.note(
                told(
                    "midnight_to_midnight",
                    "00:00-00:00 is no shift; around the clock is 00:00-24:00",
                )
            )
            continue
        hours = shift_hours(start, end, cell, cell)
        if isinstance(hours, Problem):
            return hours
        kept.append(hours)
    return tuple(kept)


def read_shifts(
    cell: Cell, role: str, codes: Codes, reading: Reading
) -> tuple[ShiftKind, ...] | Problem:
    """The shifts of a cell: codes, hours, or none on a day off."""
    text = cell.text
    if is_nothing(text):
        return ()
    whole = _read_text(cell, text, role, codes, reading)
    if whole is not None:
        return whole
    parts = [part for part in _PARTS.split(text) if part]
    found: list[ShiftKind] = []
    for part in parts if len(parts) > 1 else [text]:
        one = () if is_nothing(part) else _read_text(cell, part, role, codes, reading)
        if one is None or isinstance(one, Problem):
            return one or _unknown(cell, part, codes)
        found += one
    return tuple(found)


def _read_text(
    cell: Cell, text: str, role: str, codes: Codes, reading: Reading
) -> tuple[ShiftKind, ...] | Problem | None:
    """The shifts that a text says; None if it says nothing that is known."""
    for kind in codes.of(text, reading):
        if kind is None:
            reading.note(OFF, text)
            return ()
        if kind.role not in {"", role}:
            return cell.problem(
                told(
                    "is_a_shift_of_a_this_row",
                    "'{text}' is a shift of a {role}, this row is of a {role_2}",
                    text=text,
                    role=kind.role,
                    role_2=role,
                )
            )
        return (replace(kind, role=role),)
    if is_day_off(text):
        reading.note(OFF, text)
        return ()
    part = Cell(text, cell.place, cell.at)
    spans = _spans(part)
    if spans is None:
        return None
    hours = spans if isinstance(spans, Problem) else hours_of_cell(part, reading)
    return hours if isinstance(hours, Problem) else tuple(ShiftKind(role, *one) for one in hours)


def says_hours(cell: Cell) -> bool:
    """Whether a cell says hours such as `8-16`."""
    return bool(_spans(cell))


def is_code(text: str) -> bool:
    """Whether a text can be a code: it says nothing else."""
    return not is_day_off(text) and not is_total(text) and _spans(Cell(text, Place(""))) is None


def _unknown(cell: Cell, text: str, codes: Codes) -> Problem:
    codes.unknown.setdefault(text, cell)
    known = tuple(codes.kinds)
    hint = did_you_mean(text, known) or (
        told("known", "; known: {listed}", listed=", ".join(known)) if known else ""
    )
    advice = (
        ""
        if hint
        else told(
            "explain_it_in_a_table_of_codes",
            "; explain it in a table of codes, or write hours such as 08:00-16:00",
        )
    )
    return cell.problem(f"'{text}' " + UNKNOWN + hint + advice)


def read_people(cell: Cell, reading: Reading) -> tuple[str, ...] | Problem:
    """The names in a cell; none if nobody is named."""
    names = several(cell.text)
    if len(names) > 1:
        shown = " ".join(cell.text.split())
        reading.note(
            told("several_people_in_a_cell", "several people in a cell"),
            told(
                "read_as_people",
                "'{shown}' is {listed}",
                shown=shown,
                listed=Listed.of(map(Written, names), "and"),
            ),
        )
    if len(set(names)) < len(names):
        return cell.problem(
            told("names_somebody_twice", "names somebody twice: {listed}", listed=", ".join(names))
        )
    return names
