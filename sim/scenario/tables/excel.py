"""Sheets of an Excel file, .xlsx or .xlsm."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import PurePosixPath

from sim.scenario.errors.told import told
from sim.scenario.tables.workbook import (
    MOST_CELLS,
    NEVER,
    Filler,
    Listener,
    Parts,
    RawSheet,
    Value,
    WorkbookError,
    moment_text,
    time_text,
)


class _Related(Listener):
    """The parts that a part names: by id, their kind and where they are."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.found: dict[str, tuple[str, str]] = {}

    def opened(self, name: str, given: Mapping[str, str]) -> None:
        """Take a relationship."""
        if name != "Relationship" or given.get("TargetMode") == "External":
            return
        target = given["Target"]
        path = PurePosixPath(self._base, target)
        if target.startswith("/"):
            path = PurePosixPath(target[1:])
        names: list[str] = []
        for one in path.parts:
            names = names[:-1] if one == ".." else [*names, one]
        self.found[given["Id"]] = (given["Type"].rpartition("/")[2], "/".join(names))

    def of_kind(self, kind: str) -> str | None:
        """The first part of a kind."""
        return next((path for one, path in self.found.values() if one == kind), None)


def _related(parts: Parts, part: str) -> _Related:
    path = PurePosixPath(part)
    found = _Related("" if str(path.parent) == "." else str(path.parent))
    name = str(path.parent / "_rels" / f"{path.name}.rels") if part else "_rels/.rels"
    if parts.has(name):
        parts.parse(name, found)
    return found


class _Book(Listener):
    """The names of the sheets, and which day is day 0."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False

    def opened(self, name: str, given: Mapping[str, str]) -> None:
        """Take a sheet, or a setting."""
        if name == "sheet":
            tied = (value for key, value in given.items() if key.rpartition(":")[2] == "id")
            self.sheets.append((given["name"], next(tied, "")))
        elif name == "workbookPr":
            self.from_1904 = given.get("date1904") in {"1", "true"}


class _Strings(Listener):
    """The texts that cells share."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self._parts = parts
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._takes = self._aside = False

    def opened(self, name: str, _given: Mapping[str, str], /) -> None:
        """A text begins, or what is said of its pronunciation."""
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._aside = True
        elif name == "t":
            self._takes = not self._aside

    def closed(self, name: str) -> None:
        """A text ends."""
        self._takes = False
        if name == "rPh":
            self._aside = False
        elif name == "si":
            self.found.append("".join(self._pieces))
            if len(self.found) > MOST_CELLS:
                self._parts.count(len(self.found))

    def data(self, text: str) -> None:
        """A piece of it."""
        if self._takes:
            self._pieces.append(text)


_KNOWN_FORMATS = {
    **dict.fromkeys((*range(14, 18), *range(27, 37), *range(50, 59)), "date"),
    **dict.fromkeys((18, 19, 20, 21, 45, 47), "time"),
    22: "date",
    46: "elapsed",
}
"""What Excel's own number formats show."""
_NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|am/pm|a/p|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def _shows(code: str) -> str:
    """What a format shows: `date`, `time`, `elapsed` (hours beyond 24), or nothing of these."""
    plain = _NO_CODE.sub("", code).partition(";")[0].casefold()
    if plain == "general" or not set(plain) & set("ydhms"):
        return ""
    if "[" in plain:
        return "elapsed"
    return "time" if set(plain) & set("hs") and not set(plain) & set("yd") else "date"


class _Styles(Listener):
    """What the formats of cells show."""

    def __init__(self) -> None:
        super().__init__()
        self.shows: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        self._within = False

    def opened(self, name: str, given: Mapping[str, str]) -> None:
        """Take a format, or a style that uses one."""
        if name == "numFmt":
            self._codes[given["numFmtId"]] = _shows(given.get("formatCode", ""))
        elif name == "cellXfs":
            self._within = True
        elif name == "xf" and self._within:
            used = given.get("numFmtId", "0")
            known = _KNOWN_FORMATS.get(int(used), "") if used.isdecimal() else ""
            self.shows[str(len(self.shows))] = self._codes.get(used, known)

    def closed(self, name: str) -> None:
        """The styles of cells end."""
        if name == "cellXfs":
            self._within = False


class _ExcelSheet(Filler):
    """The cells of a sheet, as they come; the tags of cells first, since there are so many."""

    def __init__(
        self, sheet: RawSheet, parts: Parts, strings: _Strings, styles: _Styles, *, late: bool
    ) -> None:
        super().__init__(parts)
        self.sheet = sheet
        self._strings, self._shows, self._late = strings.found, styles.shows, late
        self._row = self._column = 0
        self._digits = ""
        self._address: str | None = None
        self._given: Mapping[str, str] = {}
        self._columns: dict[str, int] = {}
        self._pieces: list[str] | None = None
        self._text: list[str] = []
        self._in_cell = self._formula = self._aside = False

    def start(self, name: str, given: dict[str, str]) -> None:
        """A cell, its value or something else begins."""
        if name == "c":
            self._begin(given)
        elif name == "v":
            self.opened(name, given)
        else:
            super().start(name, given)

    def _begin(self, given: Mapping[str, str]) -> None:
        """Note a cell; most of those that are merely coloured are never looked at again."""
        if self._in_cell:
            raise WorkbookError(
                told("is_damaged_a_cell_within_a_cell", "is damaged (a cell within a cell)")
            )
        address = given.get("r")
        if address is None:
            self._settle()
            self._column += 1
        self._in_cell, self._address, self._given = True, address, given

    def _settle(self) -> None:
        """Work out where the cell is that was noted last."""
        if self._address is not None:
            self._place(self._address)
            self._address = None

    def end(self, name: str) -> None:
        """The same ends."""
        if name in {"c", "v"}:
            self.closed(name)
        else:
            super().end(name)

    def opened(self, name: str, given: Mapping[str, str]) -> None:
        """The same, and a row, or what comes after all of them."""
        if name == "c":
            self._begin(given)
        elif name == "v":
            if self._pieces is not None:
                raise WorkbookError(
                    told("is_damaged_a_value_within_a_value", "is damaged (a value within a value)")
                )
            self._pieces = self._text
        elif name == "t" and not self._aside:
            self._pieces = self._text
        elif name == "f":
            self._formula = True
        elif name == "row":
            said = given.get("r")
            self._row = int(said) if said is not None else self._row + 1
            self._digits, self._column, self._address = str(self._row), 0, None
        elif name == "rPh":
            self._aside = True
        elif name == "mergeCell":
            self._parts.count(1)
            self.sheet.merged.append(given["ref"])

    def closed(self, name: str) -> None:
        """It ends."""
        if name in {"v", "t"}:
            self._pieces = None
        elif name == "c":
            self._in_cell = False
            if self._text or self._formula:
                self._finish("".join(self._text))
        elif name == "rPh":
            self._aside = False

    def data(self, text: str) -> None:
        """A piece of a value."""
        if self._pieces is not None:
            self._pieces.append(text)

    def _finish(self, text: str) -> None:
        self._settle()
        if text:
            self.put(self._row, self._column, self._value(text))
        elif self._given.get("t") != "str":
            self._parts.count(1)
            self.sheet.faults.append((self._row, self._column, NEVER))
        self._text, self._formula = [], False

    def _place(self, address: str) -> None:
        letters = address.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_number(letters)
        if address != letters + self._digits:
            self._digits = address[len(letters) :][:9]
            self._row = int(self._digits)
        self._column = column

    def _value(self, text: str) -> Value:
        kind = self._given.get("t", "n")
        if kind == "n":
            number = float(text)
            shown = self._shows.get(self._given.get("s", ""), "")
            return excel_moment(number, shown, late=self._late) if shown else number
        if kind == "s":
            return self._strings[int(text)]
        if kind == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"
        return moment_text(text) if kind == "d" else text


def column_number(letters: str) -> int:
    """The number of a column from 1, by its letters."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise WorkbookError(
            told(
                "is_damaged_a_column_called",
                "is damaged (a column called {letter!r})",
                letter=letters[:20],
            )
        )
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


_DAY_AFTER_9999, _DAY_THAT_NEVER_WAS = 2_958_466, 60
"""As Excel counts days: 1 January 10000, and the 29 February that 1900 did not have."""
_SECONDS = 86_400
"""Of a day."""


def excel_moment(number: float, shows: str, *, late: bool = False) -> Value:
    """A date or time that Excel keeps as a number of days.

    Args:
        number: days since the last of 1899 (and as if 1900 had had a 29 February).
        shows: what its format shows, `date`, `time` or `elapsed`.
        late: whether days are counted from 1904 instead.
    """
    if not 0 <= number < _DAY_AFTER_9999:
        return number
    seconds = round(number * _SECONDS)
    days, rest = divmod(seconds, _SECONDS)
    if shows == "elapsed" or days == 0 or (shows == "time" and seconds == _SECONDS):
        return time_text(seconds)
    if late:
        day = date(1904, 1, 1) + timedelta(days)
    elif days == _DAY_THAT_NEVER_WAS:
        return number
    else:
        day = date(1899, 12, 30 if days > _DAY_THAT_NEVER_WAS else 31) + timedelta(days)
    return f"{day} {time_text(rest)}" if rest else str(day)


def excel_sheets(parts: Parts) -> list[RawSheet]:
    """All sheets of an Excel file.

    Raises:
        WorkbookError: it is none, or larger than the limits.
    """
    start = _related(parts, "").of_kind("officeDocument")
    if start is None or not parts.has(start):
        raise WorkbookError(
            told("is_no_spreadsheet_xlsx_xlsm_or_ods", "is no spreadsheet (.xlsx, .xlsm or .ods)")
        )
    if start.endswith(".bin"):
        raise WorkbookError(
            told(
                "is_a_binary_workbook_xlsb_save_it",
                "is a binary workbook (.xlsb); save it as .xlsx",
            )
        )
    book, strings, styles = _Book(), _Strings(parts), _Styles()
    parts.parse(start, book)
    related = _related(parts, start)
    for kind, handlers in (("sharedStrings", strings), ("styles", styles)):
        part = related.of_kind(kind)
        if part is not None and parts.has(part):
            parts.parse(part, handlers)
    found = []
    for name, tied in book.sheets:
        kind, part = related.found.get(tied, ("", ""))
        if kind != "worksheet":
            continue
        sheet = RawSheet(name)
        late = book.from_1904
        parts.parse(part, _ExcelSheet(sheet, parts, strings, styles, late=late))
        found.append(sheet)
    if not book.sheets:
        raise WorkbookError(
            told(
                "is_no_spreadsheet_xlsx_xlsm_or_ods_excel",
                "is no spreadsheet (.xlsx, .xlsm or .ods): it has no sheets",
            )
        )
    return found
