"""Spreadsheet files, .xlsx, .xlsm and .ods, read cell by cell in bounded time and memory.

Both are zip files of XML. They are read as a stream, and only cells in which something stands are
kept: a row that is merely coloured, a million rows down, costs nothing. What does not fit into the
limits below is refused as soon as that is seen, whatever the file says of its own size; a document
type, with which a few lines of XML can grow without end, is refused at once.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import PurePosixPath
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 500_000, 2_000, 3_000_000
"""Of a table; cells of a workbook are counted together, empty ones before a full one too."""
LARGEST_UNPACKED = 120_000_000
"""Bytes of what is read of a workbook, unpacked."""
_MOST_PARTS, _MOST_DEPTH = 10_000, 100
_LONGEST_TOKEN = 10_000_000
"""Bytes of a tag, or of anything else in which the parser cannot pause."""
_CHUNK = 1 << 16
_UNPACKED = (ZIP_STORED, ZIP_DEFLATED)
_NEVER = "is a formula that was never worked out; open the file in a spreadsheet and save it"

Value = str | float
"""What stands in a cell: a number where the file says that it is one, else text."""


class WorkbookError(ValueError):
    """A workbook cannot be read; the message says why."""


@dataclass
class RawSheet:
    """The cells of a sheet."""

    name: str
    rows: dict[int, list[Value]] = field(default_factory=dict)
    """By number of the row, from 1: its cells from the first column to the last full one."""
    merged: list[str] = field(default_factory=list)
    """Ranges such as `C2:E2`."""
    faults: list[tuple[int, int, str]] = field(default_factory=list)
    """Row and column, from 1, and what is wrong there."""


def read_workbook(raw: bytes) -> list[RawSheet]:
    """All sheets of a workbook in which anything stands, in their order.

    Raises:
        WorkbookError: it is none, is damaged, or is larger than the limits.
    """
    if raw.count(b"PK\x01\x02") > _MOST_PARTS:
        raise WorkbookError(f"has more than {_MOST_PARTS:,} parts; no spreadsheet has as many")
    try:
        with ZipFile(BytesIO(raw)) as file:
            parts = _Parts(file)
            kind = _kind(parts)
            found = kind(parts)
    except WorkbookError:
        raise
    except (BadZipFile, expat.ExpatError, zlib.error, struct.error) as error:
        raise WorkbookError(f"is damaged ({error})") from error
    except (EOFError, IndexError, KeyError, OSError, RuntimeError, ValueError) as error:
        raise WorkbookError(f"is damaged ({error})") from error
    return [one for one in found if one.rows or one.merged or one.faults]


def column_letters(number: int) -> str:
    """The name of a column by its number from 1: A, B … Z, AA and so on."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def number_text(value: float) -> str:
    """A number as it is written: whole ones without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004


class _Listener:
    """What listens to the XML of a part; names come to it without their prefixes."""

    def __init__(self) -> None:
        self._depth = 0

    def start(self, name: str, given: dict[str, str]) -> None:
        """A tag opens, as the parser says it."""
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise WorkbookError(f"is damaged (tags within tags, {_MOST_DEPTH} deep)")
        self.opened(name.rpartition(":")[2], given)

    def end(self, name: str) -> None:
        """A tag closes, as the parser says it."""
        self._depth -= 1
        self.closed(name.rpartition(":")[2])

    def data(self, text: str) -> None:
        """Text between tags, in pieces."""

    def opened(self, name: str, given: Mapping[str, str]) -> None:
        """A tag opens."""

    def closed(self, name: str) -> None:
        """A tag closes."""


class _Parts:
    """The parts of a zip file, of which no more is unpacked than the limit."""

    def __init__(self, file: ZipFile) -> None:
        self._file = file
        self._left = LARGEST_UNPACKED
        self.cells = 0
        """Cells read so far."""

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self._file.NameToInfo

    def read(self, name: str) -> Iterator[bytes]:
        """A part, unpacked piece by piece."""
        part = self._file.getinfo(name)
        if part.flag_bits & 1:
            raise WorkbookError("is protected by a password; save it without one")
        if part.compress_type not in _UNPACKED:
            raise WorkbookError("is packed in an unusual way; open and save it in a spreadsheet")
        with self._file.open(part) as stream:
            while piece := stream.read(_CHUNK):
                self._left -= len(piece)
                if self._left < 0:
                    raise WorkbookError(
                        f"is larger than {LARGEST_UNPACKED / 1e6:g} MB when unpacked, the most "
                        "that is read; save the table alone, or as CSV"
                    )
                yield piece

    def parse(self, name: str, listener: _Listener) -> None:
        """Read the XML of a part."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = listener.start, listener.end
        parser.CharacterDataHandler = listener.data
        parser.StartDoctypeDeclHandler = _refuse
        given = 0
        for piece in self.read(name):
            parser.Parse(piece)
            given += len(piece)
            if given - parser.CurrentByteIndex > _LONGEST_TOKEN:
                raise WorkbookError("is damaged (a tag without an end)")
        parser.Parse(b"", True)  # noqa: FBT003  a C function

    def count(self, cells: int) -> None:
        """Note that so many cells are kept."""
        self.cells += cells
        if self.cells > MOST_CELLS:
            raise WorkbookError(f"has more than {MOST_CELLS:,} cells, the most that are read")


def _refuse(*_: object) -> None:
    raise WorkbookError("holds a document type (<!DOCTYPE …>), which no spreadsheet needs")


def _kind(parts: _Parts) -> Callable[[_Parts], list[RawSheet]]:
    if parts.has("_rels/.rels"):
        return _excel
    if parts.has("content.xml"):
        return _open_document
    raise WorkbookError("is a zip file, but no spreadsheet (.xlsx, .xlsm or .ods)")


class _Filler(_Listener):
    """Puts values into the rows of sheets."""

    def __init__(self, parts: _Parts) -> None:
        super().__init__()
        self._parts = parts
        self.sheet = RawSheet("")
        self._last: list[Value] | None = None

    def put(self, row: int, column: int, value: Value) -> None:
        """A value into a cell; text with nothing in it is nothing."""
        if value.__class__ is str:
            value = value.strip()
            if not value:
                return
        cells = self.sheet.rows.get(row)
        if cells is None or column > MOST_COLUMNS:
            cells = self._new_row(row, column)
        empty = column - 1 - len(cells)
        if empty < 0:
            cells[column - 1] = value
            return
        if empty:
            cells.extend([""] * empty)
        cells.append(value)

    def _new_row(self, row: int, column: int) -> list[Value]:
        if column > MOST_COLUMNS or not 0 < row <= _LAST_ROW:
            raise WorkbookError(
                f"{self.sheet.name}!{column_letters(column)}{row}: this cell is not empty, but "
                f"only {MOST_COLUMNS:,} columns and {_LAST_ROW:,} rows are read"
            )
        rows = self.sheet.rows
        if len(rows) > MOST_ROWS:
            raise WorkbookError(f"has more than {MOST_ROWS:,} rows, the most that are read")
        self._parts.count(0 if self._last is None else len(self._last))
        self._last = rows[row] = []
        return self._last


_LAST_ROW = 1_048_576
"""That a spreadsheet has."""


# --- Excel --------------------------------------------------------------------------------------


class _Related(_Listener):
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


def _related(parts: _Parts, part: str) -> _Related:
    path = PurePosixPath(part)
    found = _Related("" if str(path.parent) == "." else str(path.parent))
    name = str(path.parent / "_rels" / f"{path.name}.rels") if part else "_rels/.rels"
    if parts.has(name):
        parts.parse(name, found)
    return found


class _Book(_Listener):
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


class _Strings(_Listener):
    """The texts that cells share."""

    def __init__(self, parts: _Parts) -> None:
        super().__init__()
        self._parts = parts
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._takes = self._aside = False

    def opened(self, name: str, given: Mapping[str, str]) -> None:  # noqa: ARG002
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


class _Styles(_Listener):
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


class _ExcelSheet(_Filler):
    """The cells of a sheet, as they come; the tags of cells first, since there are so many."""

    def __init__(
        self, sheet: RawSheet, parts: _Parts, strings: _Strings, styles: _Styles, *, late: bool
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
            raise WorkbookError("is damaged (a cell within a cell)")
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
                raise WorkbookError("is damaged (a value within a value)")
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
            self.sheet.faults.append((self._row, self._column, _NEVER))
        self._text, self._formula = [], False

    def _place(self, address: str) -> None:
        letters = address.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _column_number(letters)
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
        return _moment(text) if kind == "d" else text


def _column_number(letters: str) -> int:
    """The number of a column from 1, by its letters."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise WorkbookError(f"is damaged (a column called {letters[:20]!r})")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def excel_moment(number: float, shows: str, *, late: bool = False) -> Value:
    """A date or time that Excel keeps as a number of days.

    Args:
        number: days since the last of 1899 (and as if 1900 had had a 29 February).
        shows: what its format shows, `date`, `time` or `elapsed`.
        late: whether days are counted from 1904 instead.
    """
    if not 0 <= number < 2_958_466:  # noqa: PLR2004  the year 10000
        return number
    seconds = round(number * 86_400)
    days, rest = divmod(seconds, 86_400)
    if shows == "elapsed" or days == 0 or (shows == "time" and seconds == 86_400):  # noqa: PLR2004
        return _clock(seconds)
    if late:
        day = date(1904, 1, 1) + timedelta(days)
    elif days == 60:  # noqa: PLR2004  a day that never was
        return number
    else:
        day = date(1899, 12, 30 if days > 60 else 31) + timedelta(days)  # noqa: PLR2004
    return f"{day} {_clock(rest)}" if rest else str(day)


def _clock(seconds: int) -> str:
    """Hours and minutes; seconds only where there are any."""
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text


def _moment(text: str) -> str:
    """An ISO date or time as the tables have it: 2026-01-05, 2026-01-05 07:30."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    rest = (found - datetime.combine(found.date(), datetime.min.time(), found.tzinfo)).seconds
    return f"{found.date()} {_clock(rest)}" if rest else str(found.date())


def _excel(parts: _Parts) -> list[RawSheet]:
    start = _related(parts, "").of_kind("officeDocument")
    if start is None or not parts.has(start):
        raise WorkbookError("is no spreadsheet (.xlsx, .xlsm or .ods)")
    if start.endswith(".bin"):
        raise WorkbookError("is a binary workbook (.xlsb); save it as .xlsx")
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
        raise WorkbookError("is no spreadsheet (.xlsx, .xlsm or .ods): it has no sheets")
    return found


# --- OpenDocument -------------------------------------------------------------------------------

_TIME = re.compile(
    r"P(?:(?P<d>[0-9]{1,6})D)?T(?:(?P<h>[0-9]{1,6})H)?(?:(?P<m>[0-9]{1,6})M)?"
    r"(?:(?P<s>[0-9]{1,6})(?:[.,][0-9]*)?S)?"
)
_TEXT, _CELLS = "p", frozenset({"table-cell", "covered-table-cell"})
_ASIDE = frozenset({"annotation", "frame", "custom-shape"})
"""What stands over a cell, not in it."""


class _OpenSheets(_Filler):
    """The sheets of an OpenDocument file, as they come."""

    def __init__(self, parts: _Parts) -> None:
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
            raise WorkbookError(f"{self.sheet.name}: has a table within a table")
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
            self.sheet.faults.append((self._row, first, _NEVER))
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


def _times(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "1")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:  # noqa: PLR2004
        raise WorkbookError(f"is damaged ({name} is {text[:20]!r})")
    return int(text)


def _open_value(given: Mapping[str, str], text: str) -> Value:
    kind = given.get("value-type")
    if kind in {"float", "percentage", "currency"}:
        return float(given["value"])
    if kind == "date":
        return _moment(given["date-value"])
    if kind == "time":
        said = _TIME.fullmatch(given["time-value"])
        if said is None:
            return given["time-value"]
        days, hours, minutes, seconds = (int(said[part] or 0) for part in "dhms")
        return _clock(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    if kind == "boolean":
        return given["boolean-value"].upper()
    return (given.get("string-value") or text).strip()


def _open_document(parts: _Parts) -> list[RawSheet]:
    if parts.has("mimetype"):
        said = b"".join(parts.read("mimetype")).decode(errors="replace")
        if "spreadsheet" not in said:
            raise WorkbookError(f"is no spreadsheet, but {said[:60].strip()!r}")
    if parts.has("META-INF/manifest.xml"):
        listed = b"".join(parts.read("META-INF/manifest.xml"))
        if b"encryption-data" in listed:
            raise WorkbookError("is protected by a password; save it without one")
    found = _OpenSheets(parts)
    parts.parse("content.xml", found)
    return found.found
