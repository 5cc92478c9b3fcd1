"""Files with tables, and which sheet of them is meant; tables that are text with separators."""

import codecs
import csv
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO, TextIOWrapper
from itertools import islice, pairwise
from pathlib import Path
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from sim.scenario.errors.problem import (
    Place,
    Problem,
    ScenarioError,
    did_you_mean,
    message_of,
    of_system,
    shorten,
    show,
)
from sim.scenario.errors.told import told
from sim.scenario.tables.excel import column_number, excel_sheets
from sim.scenario.tables.opendocument import open_document_sheets
from sim.scenario.tables.sheet import MOST_TITLES, Merged, Row, Sheet, as_meant
from sim.scenario.tables.workbook import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
    Parts,
    RawSheet,
    Value,
    WorkbookError,
    column_letters,
)
from sim.scenario.text.files import ordinary_file

EXCEL = ".xlsx"
WORKBOOKS = (EXCEL, ".xlsm", ".ods")
"""Endings of files with sheets."""
LARGEST_TABLE = 50_000_000
"""Bytes of a file with a table."""
_LONGEST_LINE = 2_000_000
_NO_SUCH_FILE = told("no_such_file", "there is no such file{file}{near}", file="", near="")


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
    except OSError as error:
        raise _error(path, no_file(error)) from None
    except WorkbookError as error:
        raise _error(path, message_of(error)) from None
    return (_named(sheets, wanted, file),) if wanted else sheets


def no_file(error: OSError) -> str:
    """Why a file cannot be read, in words."""
    if isinstance(error, FileNotFoundError):
        return _NO_SUCH_FILE
    if isinstance(error, IsADirectoryError):
        return told("is_a_folder_table", "is a folder; name the file in it")
    if isinstance(error, PermissionError):
        return told("may_not_read", "you may not read this file{file}; ask its owner", file="")
    return told("cannot_be_read_why", "cannot be read: {one}", one=of_system(error))


def _error(path: Path, message: str) -> ScenarioError:
    return ScenarioError([Problem(Place(str(path)), "", message)])


def _named(sheets: tuple[Sheet, ...], wanted: str, file: Path) -> Sheet:
    if sheets and sheets[0].separator:
        raise _error(
            file,
            told(
                "is_text_and_has_no_sheets_leave",
                "is text and has no sheets; leave out #{wanted}",
                wanted=wanted,
            ),
        )
    found = [one for one in sheets if one.name.casefold() == wanted.casefold()]
    exact = [one for one in found if one.name == wanted]
    if not found:
        names = [one.name for one in sheets]
        known = (
            told("its_sheets", "; its sheets: {listed}", listed=_listed(sheets))
            if names
            else told("all_its_sheets_are_empty", "; all its sheets are empty")
        )
        message = told(
            "has_no_sheet_in_which_anything_stands",
            "has no sheet {wanted} in which anything stands",
            wanted=show(wanted, quotes=True),
        )
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
        told(
            "has_sheets_that_may_be_name_the",
            "has {number} sheets that may be {what}: {listed}; name the one that is "
            "meant, as in '{name}#{name_2}', or empty the others",
            number=len(sheets),
            what=what,
            listed=_listed(sheets),
            name=file.name,
            name_2=sheets[0].name,
        ),
    )


def _sheets(raw: bytes, file: Path) -> tuple[Sheet, ...]:
    suffix = file.suffix.lower()
    if raw.startswith(b"PK\x03\x04"):
        return tuple(_of_workbook(one, str(file)) for one in read_workbook(raw))
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise WorkbookError(
            told(
                "is_an_old_excel_file_xls_or",
                "is an old Excel file (.xls), or is protected by a password; save it as "
                ".xlsx, without",
            )
        )
    if suffix in WORKBOOKS:
        kind = (
            told("an_opendocument_spreadsheet", "an OpenDocument spreadsheet")
            if suffix == ".ods"
            else told("an_excel_file", "an Excel file")
        )
        raise WorkbookError(told("is_not", "is not {kind} ({suffix})", kind=kind, suffix=suffix))
    return (_of_text(raw, str(file)),)


def read_workbook(raw: bytes) -> list[RawSheet]:
    """All sheets of a workbook in which anything stands, in their order.

    Raises:
        WorkbookError: it is none, is damaged, or is larger than the limits.
    """
    if raw.count(b"PK\x01\x02") > MOST_PARTS:
        raise WorkbookError(
            told(
                "has_more_than_parts_no_spreadsheet_has",
                "has more than {most_parts:,} parts; no spreadsheet has as many",
                most_parts=MOST_PARTS,
            )
        )
    try:
        with ZipFile(BytesIO(raw)) as file:
            parts = Parts(file)
            kind = _reader_of(parts)
            found = kind(parts)
    except WorkbookError:
        raise
    except (BadZipFile, expat.ExpatError, zlib.error, struct.error) as error:
        raise WorkbookError(told("is_damaged_why", "is damaged ({error})", error=error)) from error
    except (EOFError, IndexError, KeyError, OSError, RuntimeError, ValueError) as error:
        raise WorkbookError(told("is_damaged_why", "is damaged ({error})", error=error)) from error
    return [one for one in found if one.rows or one.merged or one.faults]


def _reader_of(parts: Parts) -> Callable[[Parts], list[RawSheet]]:
    if parts.has("_rels/.rels"):
        return excel_sheets
    if parts.has("content.xml"):
        return open_document_sheets
    raise WorkbookError(
        told(
            "is_a_zip_file_but_no_spreadsheet",
            "is a zip file, but no spreadsheet (.xlsx, .xlsm or .ods)",
        )
    )


def _of_workbook(raw: RawSheet, file: str) -> Sheet:
    def at(cell: str) -> Place:
        return Place(f"{file}:{raw.name}!{cell}")

    faults = tuple(
        Problem(at(f"{column_letters(column)}{row}"), "", message)
        for row, column, message in raw.faults
    )
    lines = [Row(number, raw.rows[number]) for number in sorted(raw.rows)]
    return Sheet(file, raw.name, "", lines, faults, tuple(_merged(one) for one in raw.merged))


_CORNERS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")


def _merged(text: str) -> Merged:
    """Cells such as `C2:E2`."""
    said = _CORNERS.fullmatch(text)
    if said is None:
        raise WorkbookError(
            told("is_damaged_merged_cells", "is damaged (merged cells {text!r})", text=text[:20])
        )
    left, top = column_number(said[1]), int(said[2])
    return Merged(top, left, int(said[4] or top), column_number(said[3]) if said[3] else left)


# --- text ---------------------------------------------------------------------------------------

_SEPARATORS = (",", ";", "\t", "|")
_SEP = re.compile(r'"?sep=(.)"?[,;\t ]*', re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF8_PAIR = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_NO_TEXT = re.compile(rb"[\x01-\x08\x0e-\x1f\x7f]")
"""Control characters that no table has."""
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
        raise ScenarioError([Problem(place, "", message_of(error))]) from None
    except UnicodeError:
        raise ScenarioError(
            [
                Problem(
                    Place(file), "", told("is_damaged_no_whole_text", "is damaged: no whole text")
                )
            ]
        ) from None
    return Sheet(file, "", separator, lines)


def _encoding(raw: bytes) -> str:
    """UTF-8, UTF-16 or UTF-32, else Windows-1252, as older versions of Excel write."""
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return name
    sample = raw[:_SAMPLE]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(sample) > 1 and sample[first::2].count(0) * 2 > len(sample[first::2]):
            return name
    before, zero, _ = raw.partition(b"\0")
    if zero:
        # Of a picture or a program no line is of any use.
        line = 0 if _NO_TEXT.search(before) else before.count(b"\n") + 1
        raise _TextError(
            told(
                "is_not_text_save_it_as_csv",
                "is not text; save it as CSV, Excel (.xlsx) or OpenDocument (.ods)",
            ),
            line,
        )
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return _windows(raw, error)
    return "utf-8"


def _windows(raw: bytes, error: UnicodeDecodeError) -> str:
    line = raw.count(b"\n", 0, error.start) + 1
    if _UTF8_PAIR.search(raw):
        raise _TextError(
            told(
                "has_a_byte_that_is_not_utf",
                "has a byte ({raw:#04x}) that is not UTF-8 text, as the rest is; save the "
                "file as UTF-8",
                raw=raw[error.start],
            ),
            line,
        )
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError as other:
        raise _TextError(
            told(
                "has_a_byte_that_is_neither_utf",
                "has a byte ({raw:#04x}) that is neither UTF-8 nor Windows-1252 text; save "
                "the file as UTF-8",
                raw=raw[other.start],
            ),
            raw.count(b"\n", 0, other.start) + 1,
        ) from None
    return "cp1252"


def _parsed(stream: TextIOWrapper) -> tuple[str, list[Row]]:
    """What separates the cells, and the rows in which anything stands."""
    before, first, said = 0, "", None
    for first in stream:
        said = _SEP.fullmatch(first.rstrip("\r\n")) if before == 0 else None
        if said is None and first.strip():
            break
        before += 1
        if said is not None:
            break
    held = [] if said else [first, *islice(stream, MOST_TITLES)]
    if first[:4].casefold() == "sep=" and (said is None or said[1].isalnum() or said[1] in "\"'"):
        raise _TextError(
            told(
                "must_name_one_character_that_separates_the",
                "must name one character that separates the cells, as in sep=;",
            ),
            1,
        )
    if first.lstrip()[:1] == "<":
        raise _TextError(
            told(
                "is_html_or_xml_save_it_as",
                "is HTML or XML; save it as CSV, Excel (.xlsx) or OpenDocument (.ods)",
            )
        )
    separator = _separator(held) if said is None else said[1]
    return separator, _read_lines(_checked_lines(stream, held, before), separator, before)


def _separator(lines: list[str]) -> str:
    """The one that makes the most columns of the first line that is no title.

    Of a title over the table the next line has not the columns.
    """
    written = [line for line in lines if line.strip()]
    for line, following in pairwise(written):
        widths = _widths(line)
        most = max(_SEPARATORS, key=lambda one: widths[one])
        if widths[most] > 1 and _widths(following)[most] > 1:
            return most
    widths = _widths(written[0] if written else "")
    return max(_SEPARATORS, key=lambda one: widths[one])


def _widths(line: str) -> dict[str, int]:
    """How many columns each separator makes of a line."""
    try:
        return {one: len(next(csv.reader([line], delimiter=one), [])) for one in _SEPARATORS}
    except csv.Error:
        return {one: line.count(one) for one in _SEPARATORS}


def _checked_lines(stream: TextIOWrapper, given: list[str], before: int) -> Iterator[str]:
    """The lines, those that were read already first."""
    number = before
    for source in (given, stream):
        for line in source:
            number += 1
            if len(line) > _LONGEST_LINE:
                message = told(
                    "the_line_has_more_than_characters_the",
                    "the line has more than {longest_line:,} characters, the most there are",
                    longest_line=_LONGEST_LINE,
                )
                raise _TextError(message, number)
            if "\0" in line:
                raise _TextError(
                    told("has_a_character_nul_that_is_no", "has a character (NUL) that is no text"),
                    number,
                )
            yield line


def _read_lines(lines: Iterator[str], separator: str, before: int) -> list[Row]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    found: list[Row] = []
    same: dict[str, Value] = {}
    start, cells, width = before + 1, 0, None
    try:
        for row in reader:
            values = [same.setdefault(text, as_meant(text.strip())) for text in row]
            if any(values):
                width = len(values) if width is None else width
                found.append(Row(start, values))
                cells += len(values)
            if len(found) > MOST_ROWS + 1 or len(values) > MOST_COLUMNS or cells > MOST_CELLS:
                raise _TextError(
                    told(
                        "the_table_is_larger_than_rows_columns",
                        "the table is larger than {most_rows:,} rows, {most_columns:,} columns or "
                        "{most_cells:,} cells, the most that are read",
                        most_rows=MOST_ROWS,
                        most_columns=MOST_COLUMNS,
                        most_cells=MOST_CELLS,
                    ),
                    start,
                )
            start = before + reader.line_num + 1
    except csv.Error as error:
        raise _TextError(_WHY.get(str(error), _OTHERWISE), start) from None
    return found


_WHY = {
    "unexpected end of data": told(
        "a_quotation_mark_is_opened_here_and", "a quotation mark is opened here and never closed"
    ),
    f"field larger than field limit ({csv.field_size_limit()})": told(
        "a_cell_that_begins_here_is_too",
        "a cell that begins here is too long; perhaps a quotation mark is never closed",
    ),
}
_OTHERWISE = told(
    "something_follows_a_closing_quotation_mark_write",
    "something follows a closing quotation mark; write a quotation mark inside "
    "a cell twice, and quotes around the cell",
)
