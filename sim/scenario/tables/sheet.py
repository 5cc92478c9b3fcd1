"""Tables as people keep them: text with separators, Excel or OpenDocument; one reader for all.

Every table of every command is read here, as text that knows in which cell it stands. That a row
has as many cells as the table has columns is looked at row by row: a decimal comma in a file that
is separated by commas would else be read as another number.
"""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple, overload

from sim.scenario.errors.problem import Place, Problem, ScenarioError, did_you_mean, shorten, show
from sim.scenario.tables.workbook import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    RawSheet,
    Value,
    WorkbookError,
    column_letters,
    number_text,
    read_workbook,
)
from sim.scenario.text.read import ordinary_file

EXCEL = ".xlsx"
WORKBOOKS = (EXCEL, ".xlsm", ".ods")
"""Endings of files with sheets."""
LARGEST_TABLE = 50_000_000
"""Bytes of a file with a table."""
LONGEST_CELL = 32_767
"""Characters in a cell, as in Excel."""
_LONGEST_LINE = 2_000_000
MOST_PROBLEMS = 100
"""Of one table; how many more there are is told."""
_SHOWN = 60
"""Characters of a cell that are repeated in a message."""
_NO_SUCH_FILE = "there is no such file"


# --- cells --------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+(?:[.,][0-9]+)?")
"""What may be a whole number in groups of three digits."""
_ONE_GROUP = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,])[0-9]{3}")
_MARK = re.compile(r"[+-]?[0-9]*([.,])[0-9]+")
_MOST_DIGITS = 100


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and where."""

    text: str
    """Without spaces around it; times as 07:30, dates as 2026-01-05."""
    place: Place
    at: str = ""
    """Its place within the table: `line 5`, `C7`."""
    value: float | None = field(default=None, compare=False, repr=False)
    """The number it is, where a workbook says so."""
    table: "Sheet | None" = field(default=None, compare=False, repr=False)

    def problem(self, message: str, column: str = "") -> Problem:
        """What is wrong with it; of a long text only the beginning is repeated."""
        if len(self.text) > _SHOWN:
            message = message.replace(self.text, shorten(self.text, _SHOWN))
        return Problem(self.place, column, shorten(message, 1000))

    def number(self) -> float:
        """The number in it, with a decimal point or a decimal comma.

        Raises:
            ValueError: there is none, or it may be either of two.
        """
        if self.value is not None and abs(self.value) < float("inf"):
            return self.value
        text, shown = self.text, shorten(self.text, _SHOWN)
        if not text:
            raise ValueError("must be a number, but is empty")
        if _ONE_GROUP.fullmatch(text):
            return self._of_one_group(text)
        if _GROUPS.fullmatch(text) and not _NUMBER.fullmatch(text):
            raise ValueError(f"must be a number without separators of thousands, not '{shown}'")
        if not _NUMBER.fullmatch(text) or len(text) > _MOST_DIGITS:
            raise ValueError(f"must be a number, not '{shown}'")
        return float(text.replace(",", "."))

    def _of_one_group(self, text: str) -> float:
        """`1,234` is 1.234 only where the table leaves no doubt of it."""
        mark = "," if "," in text else "."
        seen = frozenset() if self.table is None else self.table.decimal_marks
        usual = self.table is None or mark in self.table.usual_marks
        if seen != {mark} and (seen or not usual):
            plain = text.replace(mark, "")
            raise ValueError(
                f"may be {text.replace(mark, '.')} or {plain}: '{text}'; write {plain}, or "
                f"{text}0, so that there is no doubt"
            )
        return float(text.replace(",", "."))

    def whole(self) -> int:
        """The whole number in it; `8.0` is one too.

        Raises:
            ValueError: there is none.
        """
        number = self.number()
        if not number.is_integer() or abs(number) >= 1e15:  # noqa: PLR2004  digits of a float
            raise ValueError(f"must be a whole number, not '{shorten(self.text, _SHOWN)}'")
        return int(number)


class _Line(NamedTuple):
    """A row, with the number that it has in the file."""

    number: int
    values: list[Value]


class _Rows(Sequence[tuple[Cell, ...]]):
    """The rows of a table; cells are made as they are asked for, since a log has many."""

    def __init__(self, sheet: "Sheet", lines: Sequence[_Line]) -> None:
        self._sheet, self._lines = sheet, lines

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, number: int) -> tuple[Cell, ...]: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[tuple[Cell, ...]]: ...

    def __getitem__(self, number: int | slice) -> tuple[Cell, ...] | Sequence[tuple[Cell, ...]]:
        if isinstance(number, slice):
            return _Rows(self._sheet, self._lines[number])
        line = self._lines[number]
        width = len(self._sheet.headings)
        values = line.values[:width] + [""] * (width - len(line.values))
        return tuple(
            self._sheet.cell(line.number, column, value)
            for column, value in enumerate(values, start=1)
        )


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table: a line of headings, and rows of as many cells."""

    file: str
    name: str
    """Of the sheet; empty where a file is one table."""
    separator: str = ""
    """Between cells; empty for a workbook."""
    _lines: list[_Line] = field(default_factory=list, repr=False)
    """Those in which anything stands, the headings first."""
    _faults: tuple[Problem, ...] = ()
    """What makes the file unfit to be read, such as merged cells."""

    @cached_property
    def headings(self) -> tuple[Cell, ...]:
        """The names of the columns."""
        if not self._lines:
            return ()
        line = self._lines[0]
        width = max(number for number, value in enumerate(line.values, start=1) if value != "")
        return tuple(
            self.cell(line.number, column, value)
            for column, value in enumerate(line.values[:width], start=1)
        )

    @property
    def rows(self) -> Sequence[tuple[Cell, ...]]:
        """Those in which anything stands."""
        return _Rows(self, self._lines[1:])

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What makes the table unfit to be read."""
        return limited((*self._faults, *self._shape()), self.file)

    def cell(self, line: int, column: int, value: Value) -> Cell:
        """A cell of the table.

        Args:
            line: number of the line or row, from 1.
            column: from 1.
            value: what stands in it.
        """
        number = None if isinstance(value, str) else value
        text = value if isinstance(value, str) else number_text(value)
        if self.separator:
            return Cell(text, Place(self.file, line, column), f"line {line}", number, self)
        at = f"{column_letters(column)}{line}"
        return Cell(text, Place(f"{self.file}:{self.name}!{at}"), at, number, self)

    def column(self, *names: str) -> int | None:
        """The number of the first of these columns that there is."""
        return next((self._columns[name] for name in names if name in self._columns), None)

    @cached_property
    def _columns(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, heading in enumerate(self.headings):
            found.setdefault(heading.text.casefold(), number)
        return found

    @property
    def usual_marks(self) -> str:
        """The decimal marks that a number may have without further evidence."""
        return "," if self.separator == ";" else "."

    @cached_property
    def decimal_marks(self) -> frozenset[str]:
        """Those that stand in a number of the table of which there is no doubt."""
        found = set()
        for _, values in self._lines[1:]:
            for value in values:
                if not isinstance(value, str) or not ("," in value or "." in value):
                    continue
                said = _MARK.fullmatch(value)
                if said is not None and not _ONE_GROUP.fullmatch(value):
                    found.add(said[1])
        return frozenset(found)

    def _shape(self) -> Iterator[Problem]:
        """Columns that stand there twice, and rows that do not fit the columns."""
        names = [heading.text.casefold() for heading in self.headings]
        for heading, name in zip(self.headings, names, strict=True):
            if name and names.count(name) > 1:
                yield heading.problem(f"'{heading.text}' stands here twice")
        nameless = [number for number, name in enumerate(names) if not name]
        for line, values in self._lines[1:]:
            beyond = next((at for at in range(len(names), len(values)) if values[at] != ""), None)
            if beyond is not None:
                yield self._surplus(line, beyond, values)
            elif self.separator and len(values) < len(names):
                yield self.cell(line, len(values), "").problem(
                    f"the row ends here: it has {len(values)} cells, but the table has "
                    f"{len(names)} columns; an empty cell needs its {_NAMES[self.separator]} too"
                )
            for column in nameless:
                if column < len(values) and values[column] != "":
                    cell = self.cell(line, column + 1, values[column])
                    yield cell.problem(f"'{cell.text}' stands in a column without a name")

    def _surplus(self, line: int, column: int, values: list[Value]) -> Problem:
        cell = self.cell(line, column + 1, values[column])
        if not self.separator:
            return cell.problem(f"'{cell.text}' stands in no column: the first line has none here")
        advice = f'; a cell with a {_NAMES[self.separator]} in it needs quotes, as in "5,2"'
        return cell.problem(
            f"'{cell.text}' stands in no column: the row has {len(values)} cells, but the table "
            f"has {len(self.headings)} columns" + (advice if self.separator == "," else "")
        )


class _Names(dict[str, str]):
    """What separators are called."""

    def __missing__(self, separator: str) -> str:
        return f"'{separator}'"


_NAMES = _Names({",": "comma", ";": "semicolon", "\t": "tab"})


def limited(problems: Iterable[Problem], file: str) -> tuple[Problem, ...]:
    """The problems of a table, and of very many the first, with how many there are."""
    found = tuple(dict.fromkeys(problems))
    if len(found) <= MOST_PROBLEMS:
        return found
    message = f"{len(found):,} things are wrong with this table; these are the first"
    return (Problem(Place(file), "", message), *found[:MOST_PROBLEMS])


# --- text that no spreadsheet takes for a formula -----------------------------------------------

_FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")  # noqa: RUF001  wide ones count too
_ESCAPED = re.compile(r"'+(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")  # noqa: RUF001
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def harmless(text: str) -> str:
    """The text as a cell of a CSV file, so that a spreadsheet cannot take it for a formula.

    What begins with = + - @ or a tab gets an apostrophe before it, and so does what begins with
    such apostrophes already, so that `as_meant` gives back exactly what was written. Numbers stay.
    """
    if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def as_meant(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if _ESCAPED.match(text) else text


# --- files --------------------------------------------------------------------------------------


def file_and_sheet(path: Path) -> tuple[Path, str]:
    """The file and the name of the sheet that `rota.xlsx#January` means.

    A file that is really called so is meant itself, and has no sheet.
    """
    if "#" not in path.name or _is_there(path):
        return path, ""
    parts = path.name.split("#")
    splits = [
        (path.with_name("#".join(parts[:number])), "#".join(parts[number:]))
        for number in range(1, len(parts))
        if "#".join(parts[:number])
    ]
    there = next((split for split in splits if _is_there(split[0])), None)
    books = (split for split in splits if split[0].suffix.lower() in WORKBOOKS)
    return there or next(books, (path, ""))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """All tables of a file in which anything stands; of text, and where a sheet is named, one.

    Args:
        path: the file; `rota.xlsx#January` is one sheet of it.

    Raises:
        ScenarioError: it cannot be read.
    """
    file, wanted = file_and_sheet(path)
    try:
        raw = ordinary_file(file, LARGEST_TABLE)
        sheets = _sheets(raw, file)
    except FileNotFoundError:
        raise _error(path, _NO_SUCH_FILE) from None
    except IsADirectoryError:
        raise _error(path, "is a folder; name the table in it") from None
    except PermissionError:
        raise _error(path, "you may not read this file; ask its owner") from None
    except OSError as error:
        raise _error(path, f"cannot be read: {error.strerror or error}") from None
    except WorkbookError as error:
        raise _error(path, str(error)) from None
    return (_named(sheets, wanted, file),) if wanted else sheets


def _error(path: Path, message: str) -> ScenarioError:
    return ScenarioError([Problem(Place(str(path)), "", message)])


def _named(sheets: tuple[Sheet, ...], wanted: str, file: Path) -> Sheet:
    if sheets and sheets[0].separator:
        raise _error(file, f"is text and has no sheets; leave out #{wanted}")
    found = [one for one in sheets if one.name.casefold() == wanted.casefold()]
    exact = [one for one in found if one.name == wanted]
    if not found:
        names = [one.name for one in sheets]
        known = f"; its sheets: {_listed(sheets)}" if names else "; all its sheets are empty"
        message = f"has no sheet {show(wanted, quotes=True)} in which anything stands"
        raise _error(file, message + (did_you_mean(wanted, names) or known))
    return (exact or found)[0]


def _listed(sheets: Iterable[Sheet]) -> str:
    return shorten(", ".join(show(one.name, quotes=True) for one in sheets), 300)


def one_of(sheets: Sequence[Sheet], what: str) -> Sheet:
    """The only sheet that there is.

    Args:
        sheets: those that may be meant, at least one.
        what: what they may be, such as `a rota`.

    Raises:
        ScenarioError: there are several; it names them.
    """
    if len(sheets) == 1:
        return sheets[0]
    file = Path(sheets[0].file)
    raise _error(
        file,
        f"has {len(sheets)} sheets that may be {what}: {_listed(sheets)}; name the one that is "
        f"meant, as in '{file.name}#{sheets[0].name}', or empty the others",
    )


def _sheets(raw: bytes, file: Path) -> tuple[Sheet, ...]:
    suffix = file.suffix.lower()
    if raw.startswith(b"PK\x03\x04"):
        return tuple(_of_workbook(one, str(file)) for one in read_workbook(raw))
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise WorkbookError(
            "is an old Excel file (.xls), or is protected by a password; save it as .xlsx, without"
        )
    if suffix in WORKBOOKS:
        kind = "an OpenDocument spreadsheet" if suffix == ".ods" else "an Excel file"
        raise WorkbookError(f"is not {kind} ({suffix})")
    return (_of_text(raw, str(file)),)


def _of_workbook(raw: RawSheet, file: str) -> Sheet:
    def at(cell: str) -> Place:
        return Place(f"{file}:{raw.name}!{cell}")

    faults = [
        Problem(
            at(one.partition(":")[0]),
            "",
            f"cells {one} are merged; split them, and write what holds into each of them",
        )
        for one in raw.merged
    ]
    faults += [
        Problem(at(f"{column_letters(column)}{row}"), "", message)
        for row, column, message in raw.faults
    ]
    lines = [_Line(number, raw.rows[number]) for number in sorted(raw.rows)]
    sheet = Sheet(file, raw.name, "", lines)
    return Sheet(file, raw.name, "", lines, (*faults, *_too_long(sheet, lines)))


def _too_long(sheet: Sheet, lines: Iterable[_Line]) -> Iterator[Problem]:
    for number, values in lines:
        for column, value in enumerate(values, start=1):
            if isinstance(value, str) and len(value) > LONGEST_CELL:
                message = f"has {len(value):,} characters; at most {LONGEST_CELL:,} are read"
                yield sheet.cell(number, column, "").problem(message)


# --- text ---------------------------------------------------------------------------------------

_SEPARATORS = (",", ";", "\t")
_SEP = re.compile(r'"?sep=(.)"?[,;\t ]*', re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF8_PAIR = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_SAMPLE = 4000


class _TextError(ValueError):
    """Text is no table; the message says why, and in which line."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def _of_text(raw: bytes, file: str) -> Sheet:
    try:
        encoding = _encoding(raw)
        with TextIOWrapper(BytesIO(raw), encoding=encoding, newline="") as stream:
            separator, lines = _parsed(stream)
    except _TextError as error:
        place = Place(file, error.line, 1 if error.line else 0)
        raise ScenarioError([Problem(place, "", str(error))]) from None
    except UnicodeError:
        raise ScenarioError([Problem(Place(file), "", "is damaged: no whole text")]) from None
    sheet = Sheet(file, "", separator, lines)
    return Sheet(file, "", separator, lines, tuple(_too_long(sheet, lines)))


def _encoding(raw: bytes) -> str:
    """UTF-8, UTF-16 or UTF-32, else Windows-1252, as older versions of Excel write."""
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return name
    sample = raw[:_SAMPLE]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(sample) > 1 and sample[first::2].count(0) * 2 > len(sample[first::2]):
            return name
    if b"\0" in raw:
        raise _TextError("is not text; save it as CSV, Excel (.xlsx) or OpenDocument (.ods)")
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return _windows(raw, error)
    return "utf-8"


def _windows(raw: bytes, error: UnicodeDecodeError) -> str:
    line = raw.count(b"\n", 0, error.start) + 1
    if _UTF8_PAIR.search(raw):
        raise _TextError(
            f"has a byte ({raw[error.start]:#04x}) that is not UTF-8 text, as the rest is; save "
            "the file as UTF-8",
            line,
        )
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError as other:
        raise _TextError(
            f"has a byte ({raw[other.start]:#04x}) that is neither UTF-8 nor Windows-1252 text; "
            "save the file as UTF-8",
            raw.count(b"\n", 0, other.start) + 1,
        ) from None
    return "cp1252"


def _parsed(stream: TextIOWrapper) -> tuple[str, list[_Line]]:
    """What separates the cells, and the rows in which anything stands."""
    before, first, said = 0, "", None
    for first in stream:
        said = _SEP.fullmatch(first.rstrip("\r\n")) if before == 0 else None
        if said is None and first.strip():
            break
        before += 1
        if said is not None:
            break
    if first[:4].casefold() == "sep=" and (said is None or said[1].isalnum() or said[1] in "\"'"):
        raise _TextError("must name one character that separates the cells, as in sep=;", 1)
    if first.lstrip()[:1] == "<":
        raise _TextError("is HTML or XML; save it as CSV, Excel (.xlsx) or OpenDocument (.ods)")
    separator = _separator(first) if said is None else said[1]
    lines = _read_lines(_checked_lines(stream, [] if said else [first], before), separator, before)
    return separator, lines


def _separator(heading: str) -> str:
    """The one that makes the most columns of the first line."""
    try:
        widths = {one: len(next(csv.reader([heading], delimiter=one), [])) for one in _SEPARATORS}
    except csv.Error:
        widths = {one: heading.count(one) for one in _SEPARATORS}
    return max(_SEPARATORS, key=lambda one: widths[one])


def _checked_lines(stream: TextIOWrapper, given: list[str], before: int) -> Iterator[str]:
    """The lines, those that were read already first."""
    number = before
    for source in (given, stream):
        for line in source:
            number += 1
            if len(line) > _LONGEST_LINE:
                message = f"the line has more than {_LONGEST_LINE:,} characters, the most there are"
                raise _TextError(message, number)
            if "\0" in line:
                raise _TextError("has a character (NUL) that is no text", number)
            yield line


def _read_lines(lines: Iterator[str], separator: str, before: int) -> list[_Line]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    found: list[_Line] = []
    same: dict[str, Value] = {}
    start, cells, width = before + 1, 0, None
    try:
        for row in reader:
            values = [same.setdefault(text, as_meant(text.strip())) for text in row]
            if any(values):
                width = len(values) if width is None else width
                found.append(_Line(start, values))
                cells += len(values)
            if len(found) > MOST_ROWS + 1 or len(values) > MOST_COLUMNS or cells > MOST_CELLS:
                raise _TextError(
                    f"the table is larger than {MOST_ROWS:,} rows, {MOST_COLUMNS:,} columns or "
                    f"{MOST_CELLS:,} cells, the most that are read",
                    start,
                )
            start = before + reader.line_num + 1
    except csv.Error as error:
        raise _TextError(_WHY.get(str(error), _OTHERWISE), start) from None
    return found


_WHY = {
    "unexpected end of data": "a quotation mark is opened here and never closed",
    f"field larger than field limit ({csv.field_size_limit()})": "a cell that begins here is too "
    "long; perhaps a quotation mark is never closed",
}
_OTHERWISE = (
    "something follows a closing quotation mark; write a quotation mark inside a cell twice, and "
    "quotes around the cell"
)
