"""Spreadsheet files, .xlsx, .xlsm and .ods, read cell by cell in bounded time and memory.

Both are zip files of XML. They are read as a stream, and only cells in which something stands are
kept: a row that is merely coloured, a million rows down, costs nothing. What does not fit into the
limits below is refused as soon as that is seen, whatever the file says of its own size; a document
type, with which a few lines of XML can grow without end, is refused at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sim.scenario.errors.told import told

MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 500_000, 2_000, 3_000_000
"""Of a table; cells of a workbook are counted together, empty ones before a full one too."""
LARGEST_UNPACKED = 120_000_000
"""Bytes of what is read of a workbook, unpacked."""
MOST_PARTS, _MOST_DEPTH = 10_000, 100
_LONGEST_TOKEN = 10_000_000
"""Bytes of a tag, or of anything else in which the parser cannot pause."""
_CHUNK = 1 << 16
_UNPACKED = (ZIP_STORED, ZIP_DEFLATED)
EXACT = 1e15
"""Below it a number has digits enough to tell every whole one from the next, as Excel shows it."""
NEVER = told(
    "is_a_formula_that_was_never_worked",
    "is a formula that was never worked out; open the file in a spreadsheet and save it",
)

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


def column_letters(number: int) -> str:
    """The name of a column by its number from 1: A, B … Z, AA and so on."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def number_text(value: float) -> str:
    """A number as it is written: whole ones without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)


class Listener:
    """What listens to the XML of a part; names come to it without their prefixes."""

    def __init__(self) -> None:
        self._depth = 0

    def start(self, name: str, given: dict[str, str]) -> None:
        """A tag opens, as the parser says it."""
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise WorkbookError(
                told(
                    "is_damaged_tags_within_tags_deep",
                    "is damaged (tags within tags, {most_depth} deep)",
                    most_depth=_MOST_DEPTH,
                )
            )
        self.opened(name.rpartition(":")[2], given)

    def end(self, name: str) -> None:
        """A tag closes, as the parser says it."""
        self._depth -= 1
        self.closed(name.rpartition(":")[2])

    def data(self, text: str) -> None:
        """Text between tags, in pieces."""

    def opened(self, name: str, given: Mapping[str, str], /) -> None:
        """A tag opens."""

    def closed(self, name: str) -> None:
        """A tag closes."""


class Parts:
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
            raise WorkbookError(
                told(
                    "is_protected_by_a_password_save_it",
                    "is protected by a password; save it without one",
                )
            )
        if part.compress_type not in _UNPACKED:
            raise WorkbookError(
                told(
                    "is_packed_in_an_unusual_way_open",
                    "is packed in an unusual way; open and save it in a spreadsheet",
                )
            )
        with self._file.open(part) as stream:
            while piece := stream.read(_CHUNK):
                self._left -= len(piece)
                if self._left < 0:
                    raise WorkbookError(
                        told(
                            "is_larger_than_mb_when_unpacked_the",
                            "is larger than {largest_unpacked:g} MB when unpacked, the most that "
                            "is read; save the table alone, or as CSV",
                            largest_unpacked=LARGEST_UNPACKED / 1e6,
                        )
                    )
                yield piece

    def parse(self, name: str, listener: Listener) -> None:
        """Read the XML of a part."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = listener.start, listener.end
        parser.CharacterDataHandler = listener.data
        parser.StartDoctypeDeclHandler = _refuse
        given = 0
        for piece in chain(self.read(name), [b""]):
            parser.Parse(piece, not piece)  # an empty one says that this is all
            given += len(piece)
            if given - parser.CurrentByteIndex > _LONGEST_TOKEN:
                raise WorkbookError(
                    told("is_damaged_a_tag_without_an_end", "is damaged (a tag without an end)")
                )

    def count(self, cells: int) -> None:
        """Note that so many cells are kept."""
        self.cells += cells
        if self.cells > MOST_CELLS:
            raise WorkbookError(
                told(
                    "has_more_than_cells_the_most_that",
                    "has more than {most_cells:,} cells, the most that are read",
                    most_cells=MOST_CELLS,
                )
            )


def _refuse(*_: object) -> None:
    raise WorkbookError(
        told(
            "holds_a_document_type_doctype_which_no",
            "holds a document type (<!DOCTYPE …>), which no spreadsheet needs",
        )
    )


class Filler(Listener):
    """Puts values into the rows of sheets."""

    def __init__(self, parts: Parts) -> None:
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
                told(
                    "this_cell_is_not_empty_but_only",
                    "{name}!{column_letters}{row}: this cell is not empty, but only "
                    "{most_columns:,} columns and {last_row:,} rows are read",
                    name=self.sheet.name,
                    column_letters=column_letters(column),
                    row=row,
                    most_columns=MOST_COLUMNS,
                    last_row=_LAST_ROW,
                )
            )
        rows = self.sheet.rows
        if len(rows) > MOST_ROWS:
            raise WorkbookError(
                told(
                    "has_more_than_rows_the_most_that",
                    "has more than {most_rows:,} rows, the most that are read",
                    most_rows=MOST_ROWS,
                )
            )
        self._parts.count(0 if self._last is None else len(self._last))
        self._last = rows[row] = []
        return self._last


_LAST_ROW = 1_048_576
"""That a spreadsheet has."""


# --- times --------------------------------------------------------------------------------------


def time_text(seconds: int) -> str:
    """Hours and minutes; seconds only where there are any."""
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text


def moment_text(text: str) -> str:
    """An ISO date or time as the tables have it: 2026-01-05, 2026-01-05 07:30."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    rest = (found - datetime.combine(found.date(), datetime.min.time(), found.tzinfo)).seconds
    return f"{found.date()} {time_text(rest)}" if rest else str(found.date())
