"""Tables for spreadsheets: CSV as Excel in most of Europe opens it, and one workbook of all tables.

Both are made of the CSV files of a draft, the last thing before its manifest. The workbook is
written here and not by a library: the same tables are the same bytes, as everywhere in results; no
package is needed, and a table of 100,000 rows takes a second.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd

from sim.results.files import write_csv, write_text
from sim.results.folder import new_file
from sim.scenario.tables.sheet import as_meant
from sim.scenario.tables.workbook import column_letters

WORKBOOK = "tables.xlsx"
"""The workbook's name in a folder of results."""
BYTE_ORDER_MARK = "\ufeff"
"""By which Excel knows UTF-8."""
_OF_A_SCENARIO = "arrivals-"
"""How tables begin that a scenario of the results reads again, and that stay as they are."""
_WHOLE = r"(?:0|[1-9][0-9]*)"
"""No number of a person or a shift, which may begin with 0."""
_NUMBER = re.compile(rf"-?(?:{_WHOLE}(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|inf)")
_COMMA_NUMBER = re.compile(rf"-?(?:{_WHOLE}(?:,[0-9]+)?(?:[eE][+-]?[0-9]+)?|inf)")
_FIRST = ("summary", "comparison", "designs", "sweep", "tornado", "need")
"""The table that a command is about stands first in the workbook."""
_MOST_ROWS = 1_048_575
"""Of a sheet, below its heading."""
_LONGEST_SHEET_NAME, _LONGEST_CELL = 31, 32_767
_NARROWEST, _WIDEST = 8, 60
"""Of a column, in letters."""
_MEASURED = 1_000
"""Rows by which a column's width is found."""


@dataclass(frozen=True)
class Form:
    """In what form tables are wanted beside the usual one."""

    excel_csv: bool = False
    """CSV with semicolons, decimal commas and a byte-order mark in place of the usual."""
    workbook: bool = False
    """All tables in one workbook as well."""


USUAL = Form()
"""CSV files, as every other program reads them."""


def for_spreadsheets(folder: Path, form: Form) -> None:
    """Write the workbook of all tables of a draft, and its tables anew as Excel opens them.

    Args:
        folder: with all its tables, before their checksums are taken.
        form: what was asked for.

    Raises:
        OSError: a file cannot be read or written.
    """
    if not (form.workbook or form.excel_csv):
        return
    paths = sorted(
        (path for path in folder.glob("*.csv") if not path.name.startswith(_OF_A_SCENARIO)),
        key=lambda path: (path.stem not in _FIRST, path.stem),
    )
    tables = {path.stem: list(_rows(path.read_text(encoding="utf-8"))) for path in paths}
    if form.workbook:
        write_workbook(tables, folder / WORKBOOK)
    if form.excel_csv:
        for path in paths:
            write_text(excel_csv(tables[path.stem]), path)


def _rows(text: str, separator: str = ",") -> Iterator[list[str]]:
    yield from csv.reader(StringIO(text, newline=""), delimiter=separator)


# --- CSV ----------------------------------------------------------------------------------------


def excel_csv(rows: Sequence[Sequence[str]]) -> str:
    """A table, its heading first, as text that Excel in most of Europe opens by a click."""
    are_numbers = [_are_all(column, _NUMBER) for column in _columns(rows)]
    lines = StringIO()
    writer = csv.writer(lines, delimiter=";", lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows[1:]:
        writer.writerow(
            text.replace(".", ",") if is_number else text
            for text, is_number in zip(row, are_numbers, strict=True)
        )
    return BYTE_ORDER_MARK + lines.getvalue()


def usual_csv(text: str) -> str:
    """The table as it was before `excel_csv`; the text itself if it never was.

    Raises:
        csv.Error: it is no table.
    """
    if not text.startswith(BYTE_ORDER_MARK):
        return text
    rows = list(_rows(text.removeprefix(BYTE_ORDER_MARK), ";"))
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        return text.removeprefix(BYTE_ORDER_MARK)  # what is wrong is told by who reads it
    are_numbers = [_are_all(column, _COMMA_NUMBER) for column in _columns(rows)]
    lines = StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows[1:]:
        writer.writerow(
            one.replace(",", ".") if is_number else one
            for one, is_number in zip(row, are_numbers, strict=True)
        )
    return lines.getvalue()


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """The cells below each heading."""
    return zip(*rows[1:], strict=True) if rows[1:] else iter([()] * len(rows[0]))


def _are_all(cells: Sequence[str], form: re.Pattern[str]) -> bool:
    return all(form.fullmatch(text) for text in cells if text)


# --- one workbook -------------------------------------------------------------------------------

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_FROZEN = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NO_DATE = (1980, 1, 1, 0, 0, 0)
"""The first that a zip file knows: no time of writing."""


def write_workbook(tables: dict[str, list[list[str]]], path: Path) -> None:
    """Write tables as an .xlsx file, a sheet each: real numbers, a frozen heading, fitting columns.

    Args:
        tables: by name, each with its heading first, as they stand in CSV files.
        path: the file.

    Raises:
        OSError: it cannot be written.
    """
    sheets = dict(_sheets(tables))
    names = list(sheets)
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        _put(file, "[Content_Types].xml", _types(len(names)))
        _put(file, "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        _put(file, "xl/workbook.xml", _book(names))
        parts = [("worksheet", f"worksheets/sheet{number}.xml") for number in _from_one(names)]
        _put(file, "xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
        _put(file, "xl/styles.xml", _HEAD + _STYLES)
        for number, rows in zip(_from_one(names), sheets.values(), strict=True):
            _put(file, f"xl/worksheets/sheet{number}.xml", "".join(_sheet(rows)))


def write_as_workbook(table: pd.DataFrame, path: Path) -> None:
    """Write one table as an .xlsx file, whole or not at all.

    Raises:
        ResultsError: it cannot be written.
    """
    with new_file(path) as draft:
        write_csv(table, draft)
        rows = list(_rows(draft.read_text(encoding="utf-8")))
        write_workbook({path.stem: rows}, draft)


def _from_one(names: Sequence[str]) -> range:
    return range(1, len(names) + 1)


def _sheets(tables: dict[str, list[list[str]]]) -> Iterator[tuple[str, list[list[str]]]]:
    """Names and rows of sheets; a table that is too long for one goes on in the next."""
    for name, rows in tables.items():
        head, below = rows[0], rows[1:]
        for number, start in enumerate(range(0, max(len(below), 1), _MOST_ROWS), start=1):
            end = f" {number}" if number > 1 else ""
            part = [head, *below[start : start + _MOST_ROWS]]
            yield f"{name[: _LONGEST_SHEET_NAME - len(end)]}{end}", part


def _put(file: ZipFile, name: str, text: str) -> None:
    info = ZipInfo(name, _NO_DATE)
    info.compress_type = ZIP_DEFLATED
    file.writestr(info, text.encode("utf-8"))


def _types(sheets: int) -> str:
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" '
        f'ContentType="{_KIND}.worksheet+xml"/>'
        for number in range(1, sheets + 1)
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{parts}</Types>'
    )


def _relations(parts: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _book(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{escape(name, _QUOTE)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
    )


_QUOTE = {'"': "&quot;"}
_HEADING, _OF_NUMBERS = "heading", "numbers"


def _sheet(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    are_numbers = [_OF_NUMBERS * _are_all(column, _NUMBER) for column in _columns(rows)]
    letters = [column_letters(number) for number in range(1, len(rows[0]) + 1)]
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}">{_FROZEN}<cols>'
    for number, width in enumerate(_widths(rows), start=1):
        yield f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
    yield "</cols><sheetData>"
    for line, row in enumerate(rows, start=1):
        kinds = [_HEADING] * len(row) if line == 1 else are_numbers
        cells = (
            _cell(f"{letter}{line}", text, kind)
            for letter, text, kind in zip(letters, row, kinds, strict=True)
            if text
        )
        yield f'<row r="{line}">{"".join(cells)}</row>'
    yield f'</sheetData><autoFilter ref="A1:{letters[-1]}{len(rows)}"/></worksheet>'


def _cell(at: str, text: str, kind: str) -> str:
    if kind == _OF_NUMBERS and not text.endswith("inf"):  # which a cell cannot hold as a number
        return f'<c r="{at}"><v>{text}</v></c>'
    shown = escape(_NOT_IN_XML.sub("\ufffd", as_meant(text)[:_LONGEST_CELL]))
    style = ' s="1"' if kind == _HEADING else ""
    return f'<c r="{at}"{style} t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _widths(rows: Sequence[Sequence[str]]) -> Iterator[int]:
    for cells in zip(*rows[:_MEASURED], strict=True):
        yield min(_WIDEST, max(_NARROWEST, *(len(text) for text in cells)) + 2)
