"""Sheets of an OpenDocument file, .ods."""

import re
from collections.abc import Mapping

from sim.scenario.errors.told import told
from sim.scenario.tables.workbook import (
    MOST_COLUMNS,
    NEVER,
    Filler,
    Parts,
    RawSheet,
    Value,
    WorkbookError,
    column_letters,
    moment_text,
    time_text,
)

_TIME = re.compile(
    r"P(?:(?P<d>[0-9]{1,6})D)?T(?:(?P<h>[0-9]{1,6})H)?(?:(?P<m>[0-9]{1,6})M)?"
    r"(?:(?P<s>[0-9]{1,6})(?:[.,][0-9]*)?S)?"
)
_TEXT, _CELLS = "p", frozenset({"table-cell", "covered-table-cell"})
_ASIDE = frozenset({"annotation", "frame", "custom-shape"})
"""What stands over a cell, not in it."""


class _OpenSheets(Filler):
    """The sheets of an OpenDocument file, as they come."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.found: list[RawSheet] = []
        self._in_table = False
        self._row, self._column = 0, 0
        self._rows = 1
        self._given: dict[str, str] = {}
        self._pieces: list[str] | None = None
        self._stack: list[str] = []
        self._aside = 0
        self._line: list[tuple[int, Value]] = []

    def opened(self, name: str, given: Mapping[str, str]) -> None:
        """A table, a row, a cell or something in it begins."""
        above = self._stack[-1] if self._stack else ""
        self._stack.append(name)
        if name in _CELLS:
            self._given, self._pieces = _plain(given), []
        elif name == "table-row":
            self._rows, self._column = _times(_plain(given), "number-rows-repeated"), 0
            self._line = []
        elif name == "table":
            self._begin(_plain(given))
        elif self._pieces is None or self._aside:
            return
        elif name in _ASIDE:
            self._aside = len(self._stack)
        elif name == _TEXT and above in _CELLS:
            self._pieces += ["\n"] if self._pieces else []
        elif name == "s":
            self._pieces.append(" " * min(_times(_plain(given), "c"), 1000))
        elif name in {"tab", "line-break"}:
            self._pieces.append("\t" if name == "tab" else "\n")

    def _begin(self, given: Mapping[str, str]) -> None:
        name = given.get("name", "")
        if self._in_table:
            raise WorkbookError(
                told(
                    "has_a_table_within_a_table",
                    "{name}: has a table within a table",
                    name=self.sheet.name,
                )
            )
        self._in_table, self._row, self.sheet = True, 1, RawSheet(name)
        if not name.startswith("'file:"):  # not what is remembered of other files
            self.found.append(self.sheet)

    def data(self, text: str) -> None:
        """A piece of a paragraph of a cell; not of a note or a drawing beside it."""
        if self._pieces is not None and not self._aside and self._stack[-1] not in _CELLS:
            self._pieces.append(text)

    def closed(self, name: str) -> None:
        """A cell, a row or a table ends."""
        self._stack.pop()
        if len(self._stack) < self._aside:
            self._aside = 0
        if not self._in_table:
            return
        if name in _CELLS:
            self._cell(covered=name != "table-cell")
        elif name == "table-row":
            if self._line:
                for number in range(self._row, self._row + self._rows):
                    for column, value in self._line:
                        self.put(number, column, value)
            self._row += self._rows
        elif name == "table":
            self._in_table = False

    def _cell(self, *, covered: bool) -> None:
        given, times = self._given, _times(self._given, "number-columns-repeated")
        first = self._column + 1
        self._column += times
        text = "".join(self._pieces or ())
        self._pieces = None
        wide, high = (_times(given, f"number-{one}-spanned") for one in ("columns", "rows"))
        if (wide > 1 or high > 1) and not covered:
            self._parts.count(1)
            corner = f"{column_letters(first + wide - 1)}{self._row + high - 1}"
            self.sheet.merged.append(f"{column_letters(first)}{self._row}:{corner}")
        value = _open_value(given, text)
        if value == "" and "formula" in given and not given.get("value-type"):
            self.sheet.faults.append((self._row, first, NEVER))
        if value == "":
            return
        if self._column > MOST_COLUMNS:
            self.put(self._row, self._column, value)  # which refuses it
        self._line += [(column, value) for column in range(first, self._column + 1)]


def _plain(given: Mapping[str, str]) -> dict[str, str]:
    """Attributes without their prefixes; an extension's ones only where they tell of an error."""
    found = {
        key.rpartition(":")[2]: value
        for key, value in given.items()
        if not key.startswith("calcext:")
    }
    return found | {"value-type": "error"} if given.get("calcext:value-type") == "error" else found


_MOST_DIGITS = 9
"""Of how often a cell or row is repeated; what is beyond is no file that people made."""


def _times(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "1")
    if not text.isascii() or not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise WorkbookError(
            told("is_damaged_so", "is damaged ({name} is {text!r})", name=name, text=text[:20])
        )
    return int(text)


def _open_value(given: Mapping[str, str], text: str) -> Value:
    kind = given.get("value-type")
    if kind in {"float", "percentage", "currency"}:
        return float(given["value"])
    if kind == "date":
        return moment_text(given["date-value"])
    if kind == "time":
        said = _TIME.fullmatch(given["time-value"])
        if said is None:
            return given["time-value"]
        days, hours, minutes, seconds = (int(said[part] or 0) for part in "dhms")
        return time_text(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    if kind == "boolean":
        return given["boolean-value"].upper()
    return (given.get("string-value") or text).strip()


def open_document_sheets(parts: Parts) -> list[RawSheet]:
    """All sheets of an OpenDocument file.

    Raises:
        WorkbookError: it is none, or larger than the limits.
    """
    if parts.has("mimetype"):
        said = b"".join(parts.read("mimetype")).decode(errors="replace")
        if "spreadsheet" not in said:
            raise WorkbookError(
                told(
                    "is_no_spreadsheet_but",
                    "is no spreadsheet, but {strip!r}",
                    strip=said[:60].strip(),
                )
            )
    if parts.has("META-INF/manifest.xml"):
        listed = b"".join(parts.read("META-INF/manifest.xml"))
        if b"encryption-data" in listed:
            raise WorkbookError(
                told(
                    "is_protected_by_a_password_save_it",
                    "is protected by a password; save it without one",
                )
            )
    found = _OpenSheets(parts)
    parts.parse("content.xml", found)
    return found.found
