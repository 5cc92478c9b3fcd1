"""Tables of every kind: how they may be written, what is wrong with them, what is too much."""

import codecs
import csv
import io
import os
import re
import struct
import time
import tracemalloc
import zipfile
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pandas as pd
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from sim.results.files import write_csv
from sim.rota.check.rules import staff_of
from sim.rota.files.read import read_rota
from sim.rota.files.write import csv_text, write_excel
from sim.rota.need.tables import read_need
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.tables.excel import excel_moment
from sim.scenario.tables.files import file_and_sheet, read_sheets
from sim.scenario.tables.sheet import as_meant, harmless
from tests.support.command import call

SITE = """\
name: site
horizon: {start: 2026-01-05, weeks: 1}
opening: {hours: 24/7}
demand: DEMAND
visits:
  inject: {share: 0.5, rooms: [injecting], stay: 30}
  smoke: {share: 0.5, rooms: [injecting], stay: 20}
rooms: {injecting: {places: 5}}
staff:
  roles: {nurse: {}, "=cmd": {}}
  rota:
    - {role: nurse, from: 00:00, to: "24:00"}
    - {role: "=cmd", from: 00:00, to: "24:00"}
"""
FLAT = "{visits_per_day: 50, profile: flat}"
RATES = [round(0.25 + hour % 24 / 8, 3) for hour in range(168)]
"""Some have one, some three decimals: 1.125 may be taken for a thousand and more."""
WEEK = [["hour_of_week", "visits_per_hour"], *([hour, rate] for hour, rate in enumerate(RATES))]
ARRIVALS = [
    ["at", "kind", "stay", "patience"],
    [5, "inject", "", ""],
    [60.5, "smoke", 12.25, ""],
    [1234, "inject", "", 7],
]
ROTA = [
    ["role", "day", "start", "end", "person"],
    ["nurse", "mon-fri", "07:30", "15:00", "Søren Ægir"],
    ["nurse", "sat", "22:00", "06:00", "Bo"],
    ["=cmd", "mon", "08:00", "16:00", ""],
]
NEED = [["from", "to", "needed"], ["00:00", "12:00", 2], ["12:00", "00:00", 3]]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_site(FLAT)
    return tmp_path


def write_site(demand):
    Path("site.yaml").write_text(SITE.replace("DEMAND", demand), "utf-8")


# --- writers of tables, none of them the product's ------------------------------------------------


def text_of(rows, separator, mark=".", newline="\n"):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=newline)
    for row in rows:
        writer.writerow([str(v).replace(".", mark) if isinstance(v, float) else v for v in row])
    return out.getvalue()


def excel(path, sheets, **ranges):
    """Written by openpyxl; `ranges` are cells to merge, by name of the sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet: Any = book.create_sheet(name)
        for row in rows:
            sheet.append([None if value == "" else value for value in row])
            for cell in sheet[sheet.max_row]:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
        if name in ranges:
            sheet.merge_cells(ranges[name])
    book.save(path)


OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    f'xmlns:office="{OFFICE}" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<office:body><office:spreadsheet>BODY</office:spreadsheet></office:body>"
    "</office:document-content>"
)
MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)


def ods_cell(value):
    if value == "":
        return "<table:table-cell/>"
    if isinstance(value, float | int):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value!r}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    spaced = re.sub("  +", lambda run: f'<text:s text:c="{len(run[0])}"/>', escape(value))
    paragraphs = "".join(f"<text:p>{one}</text:p>" for one in spaced.split("\n"))
    return f'<table:table-cell office:value-type="string">{paragraphs}</table:table-cell>'


def ods_body(sheets):
    return "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(
            f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows
        )
        # What every spreadsheet program ends with: the rest of the sheet.
        + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table>'
        for name, rows in sheets.items()
    )


def ods(path, body, manifest=MANIFEST):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", 0)
        file.writestr("content.xml", CONTENT.replace("BODY", body))
        file.writestr("META-INF/manifest.xml", manifest)


TYPES = "http://schemas.openxmlformats.org/officeDocument/2006"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"


def raw_excel(path, sheet, *, strings="", styles="", prolog="", workbook=""):
    """An .xlsx file from the XML of its only sheet."""
    related = f'<Relationships xmlns="{RELS}">'
    kinds = {"worksheet": "worksheets/s.xml", "sharedStrings": "strings.xml", "styles": "/xl/s.xml"}
    links = "".join(
        f'<Relationship Id="r{number}" Type="{TYPES}/relationships/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(kinds.items())
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "_rels/.rels",
            f'{related}<Relationship Id="a" Type="{TYPES}/relationships/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        file.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns:r="{TYPES}/relationships">{workbook}'
            '<sheets><sheet name="S" sheetId="1" r:id="r0"/></sheets></workbook>',
        )
        file.writestr("xl/_rels/workbook.xml.rels", f"{related}{links}</Relationships>")
        file.writestr("xl/strings.xml", f"<sst>{strings}</sst>")
        file.writestr("xl/s.xml", f"<styleSheet>{styles}</styleSheet>")
        with file.open("xl/worksheets/s.xml", "w", force_zip64=True) as part:
            for piece in [f"{prolog}<worksheet>", *sheet, "</worksheet>"]:
                part.write(piece.encode())


TEXTS = {
    f"{name}-{encoding}{'-sep' if said else ''}": (separator, mark, encoding, said)
    for name, separator, mark in (
        ("comma", ",", "."),
        ("comma, decimal commas in quotes", ",", ","),
        ("semicolon", ";", "."),
        ("semicolon, decimal commas", ";", ","),
        ("tab", "\t", "."),
        ("tab, decimal commas", "\t", ","),
        ("bar", "|", ","),
    )
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32")
    for said in (False, True)
    if said or separator != "|"  # which nobody would guess
}
BOOKS = (".xlsx", ".xlsm", ".ods")


def write_table(rows, form):
    """The rows in one of the forms; gives the name of the file."""
    if form in BOOKS:
        name = f"table{form}"
        if form == ".ods":
            ods(name, ods_body({"Sheet1": rows}))
        else:
            excel(name, {"Sheet1": rows})
        return name
    separator, mark, encoding, said = TEXTS[form]
    before = f"sep={separator}\r\n" if said else ""
    text = before + text_of(rows, separator, mark, "\r\n")
    Path("table.csv").write_bytes(text.encode(encoding))
    return "table.csv"


# --- how a table may be written -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("form", [*TEXTS, *BOOKS])
def test_every_form_of_every_table_says_the_same(form):
    name = write_table(WEEK, form)
    write_site(f"{{week: {{file: {name}}}}}")
    assert load_scenario("site.yaml").demand.week == tuple(RATES)

    name = write_table(ARRIVALS, form)
    write_site(f"{{arrivals: {{file: {name}}}}}")
    listed = load_scenario("site.yaml").demand.arrivals or ()
    assert [(one.at, one.kind, one.stay, one.patience) for one in listed] == [
        (5, "inject", None, None),
        (60.5, "smoke", 12.25, None),
        (1234, "inject", None, 7),
    ]

    write_site(FLAT)
    site = load_scenario("site.yaml")
    lines = read_rota(Path(write_table(ROTA, form)), site).staff.rota
    assert [(one.role, one.start, one.end, one.days, one.people) for one in lines] == [
        ("nurse", 450, 900, (0, 1, 2, 3, 4), ("Søren Ægir",)),
        ("nurse", 1320, 1800, (5,), ("Bo",)),
        ("=cmd", 480, 960, (0,), None),
    ]
    (numbers,) = read_need(Path(write_table(NEED, form)), site).values()
    assert numbers.tolist() == ([2] * 720 + [3] * 720) * 7


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", ["", "\n\n", ";;\n", "sep=;\n\n"])
def test_lines_end_as_they_like_and_places_are_those_of_the_file(newline, before):
    text = f"{before}at;kind\n5;inject\n;;\n\nx;inject\n".replace("\n", newline)
    Path("log.csv").write_bytes(text.encode())
    write_site("{arrivals: {file: log.csv}}")
    line = 5 + before.count("\n")
    assert problems_of_site() == [
        f"log.csv:{line}:1: demand.arrivals.file: at must be a number, not 'x'"
    ]


def test_a_cell_of_several_lines_does_not_move_the_others():
    Path("rota.csv").write_text(
        'role,day,start,end,shift\nnurse,mon,07:00,15:00,"day\nshift"\nnurse,mon,77,15:00,x\n',
        "utf-8",
    )
    (problem,) = problems_of_rota("rota.csv")
    assert problem.startswith("rota.csv:4:3: ")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(
            ("5", 5),
            ("5.25", 5.25),
            ("5,25", 5.25),
            ("0,125", 0.125),
            ("-0,5", -0.5),
            ("1e3", 1000),
        ),
        *((",5", 0.5), ("+5", 5), ("5,", 5), ("12.3456", 12.3456), ("1,2345", 1.2345)),
        *(("1.234", 1.234), ("0.125", 0.125)),
        *(("1,234", None), ("12,345,678", None), ("1.234,5", None), ("1,234.5", None)),
        *(("", None), ("x", None), ("nan", None), ("inf", None), ("1_000", None), ("٣", None)),
        *(("1 234", None), ("0x10", None), ("5 min", None), ("--5", None), ("1e99999", None)),
        *(("9" * 5000, None), ("TRUE", None), ("5%", None), ("1,2,3", None)),
    ],
)
def test_numbers_as_people_write_them(text, number):
    """In a file that is separated by commas, so with quotes where there is a comma."""
    Path("t.csv").write_text(text_of([["a", "b"], [text, "x"]], ","), "utf-8")
    cell = read_sheets(Path("t.csv"))[0].rows[0][0]
    if number is not None:
        assert cell.number() == number
        return
    with pytest.raises(ValueError, match=r"^(must|may) be "):
        cell.number()


@pytest.mark.parametrize(
    ("separator", "column", "last"),
    [
        # Beside 5,2 a comma is a decimal mark, and a point may be anything.
        *((";", ["5,2", "1,234"], 1.234), (";", ["5,2", "1.234"], None)),
        *((",", ["5,2", "1,234"], 1.234), ("\t", ["5,2", "1.234"], None)),
        # Beside 5.2 it is the other way round.
        *((";", ["5.2", "1.234"], 1.234), (";", ["5.2", "1,234"], None)),
        *((",", ["5.2", "1,234"], None), ("\t", ["5.2", "1.234"], 1.234)),
        # Nothing beside it: what is usual where the separator is used.
        *((";", ["7", "1,234"], 1.234), (";", ["7", "1.234"], None)),
        *((",", ["7", "1.234"], 1.234), (",", ["7", "1,234"], None)),
        *(("\t", ["7", "1.234"], 1.234), ("\t", ["7", "1,234"], None)),
        # Both marks are in use.
        (";", ["5,2", "5.2", "1,234"], None),
    ],
)
def test_a_thousand_is_never_taken_for_one(separator, column, last):
    Path("t.csv").write_text(text_of([["a", "b"], *([one, "x"] for one in column)], separator))
    cell = read_sheets(Path("t.csv"))[0].rows[-1][0]
    if last is not None:
        assert cell.number() == last
        return
    with pytest.raises(ValueError, match="so that there is no doubt"):
        cell.number()


# --- the shape, row by row ------------------------------------------------------------------------


def problems_of_site():
    with pytest.raises(ScenarioError) as raised:
        load_scenario("site.yaml")
    return [str(one) for one in raised.value.problems]


def problems_of_rota(name):
    with pytest.raises(ScenarioError) as raised:
        read_rota(Path(name), load_scenario("site.yaml"))
    return [str(one) for one in raised.value.problems]


def problems_of_log(text):
    Path("log.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    write_site("{arrivals: {file: log.csv}}")
    return problems_of_site()


def test_decimal_commas_in_a_comma_file_are_surplus_cells_and_not_other_numbers():
    """5,2,9 was once read as 2."""
    rows = "".join(f"{hour},{hour % 5},2\n" for hour in range(168))
    Path("week.csv").write_text(f"hour_of_week,visits_per_hour\n{rows}", "utf-8")
    write_site("{week: {file: week.csv}}")
    found = problems_of_site()
    assert len(found) == 101
    assert "168 things are wrong with this table; these are the first" in "\n".join(found)
    assert (
        "week.csv:2:3: demand.week.file: '2' stands in no column: the row has 3 cells, but the "
        'table has 2 columns; a cell with a comma in it needs quotes, as in "5,2"'
    ) in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at,kind\n5,2,inject\n", ["2:3: demand.arrivals.file: 'inject' stands in no column"]),
        ("at,kind\n5,inject,\n6,inject,,9\n", ["3:4: demand.arrivals.file: '9' stands in no"]),
        ("at,kind,stay\n5,inject,3\n6,inject\n7\n", ["3:2: ", "4:1: "]),
        ("at,kind,at\n5,inject,6\n", ["1:1: ", "1:3: "]),
        ("at,kind,At \n5,inject,6\n", ["1:1: ", "1:3: "]),
        ("at,kind,,stay\n5,inject,6,\n5,inject,,3\n", ["2:3: demand.arrivals.file: '6' stands in"]),
        ("at,kind,colour,size\n5,inject,r,1\n", ["1:3: ", "1:4: "]),
        ("at,kindd\n5,inject\n", ["1:1: ", "1:2: demand.arrivals.file: 'kindd' is not a column"]),
        ("at,kind\nx,inject\n5,\ny,\n", ["2:1: ", "3:2: ", "4:1: ", "4:2: "]),
        ("at;kind\n5,inject\n", ["2:1: demand.arrivals.file: the row ends here: it has 1 cells"]),
        ('at,kind\n5,"inject\n6,inject\n', ["2:1: demand.arrivals.file: a quotation mark is op"]),
        ('at,kind\n5,in"ject\n6,"in"ject\n', ["3:1: demand.arrivals.file: something follows a"]),
        ("at,kind\n5,inj\0ect\n", ["2:1: "]),
        ("sep=;;\nat;kind\nx;inject\n", ["3:1: "]),
        ("name\nroot:x:0:0\n", ["1:1: demand.arrivals.file: the first line names none of the"]),
        ("sep=\nat,kind\n", ["1:1: demand.arrivals.file: must name one character"]),
        ("sep=ab\nat,kind\n", ["1:1: demand.arrivals.file: must name one character"]),
        ("", [""]),
        ("\n \n,,\n", [""]),
        ("<html><table>\n", [""]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", [""]),
        (
            b"at,kind\n5,inject\n" + "6,smøke\n".encode("cp1252") + "7,smøke".encode(),
            ["3:1"],
        ),
        ("at,kind\n5,inject\n".encode("utf-16")[:-1], [""]),
        (b"at,kind\n5," + b"x" * 200_000 + b"\n", ["2:1: demand.arrivals.file: a cell that begin"]),
        (b"at,kind\n" + b"x" * 3_000_000 + b"\n", ["2:1: demand.arrivals.file: the line has more"]),
        (b"a," * 3000 + b"\n", ["1:1: demand.arrivals.file: the table is larger than 500,000"]),
    ],
)
def test_what_is_wrong_is_told_at_its_place(text, expected):
    found = problems_of_log(text)
    if expected == [""]:
        (problem,) = found
        assert problem.startswith("site.yaml:4:27: demand.arrivals.file: ")
        assert problem.endswith("(log.csv)")
        return
    assert len(found) == len(expected), found
    for problem, beginning in zip(found, expected, strict=True):
        assert problem.startswith(f"log.csv:{beginning}"), found


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=5), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t"]),
)
@settings(max_examples=60, deadline=None)
def test_a_row_is_as_long_as_the_first_line_or_it_is_told(rows, separator):
    """A surplus cell, unless it is empty, and a missing one are each told at their row."""
    heading = ["a", "b", "c"]
    texts = [["" if one == 0 else str(one) for one in row] for row in rows]
    path = Path("shape.csv")
    path.write_text("\n".join(separator.join(row) for row in [heading, *texts]), "utf-8")
    (sheet,) = read_sheets(path)
    wrong = {
        number
        for number, row in enumerate(texts, start=2)
        if any(row) and (len(row) < 3 or any(row[3:]))
    }
    assert {one.place.line for one in sheet.problems if one.place} == wrong
    kept = [row for row in texts if any(row)]
    assert [[cell.text for cell in row] for row in sheet.rows] == [
        [*row[:3], *[""] * (3 - len(row))] for row in kept
    ]


def test_a_long_value_is_not_repeated_whole(monkeypatch, capsys):
    long = "x" * 30_000
    for rows in (
        [["at", "kind"], [long, "inject"]],
        [["at", "kind"], [5, long]],
        [["at", "kind", long], [5, "inject", 1]],
    ):
        (problem,) = problems_of_log(text_of(rows, ","))
        assert len(problem) < 700
    rota = [row[:] for row in ROTA]
    for column in range(4):
        rota[2] = [*ROTA[2][:column], long, *ROTA[2][column + 1 :]]
        Path("rota.csv").write_text(text_of(rota, ","), "utf-8")
        write_site(FLAT)
        assert call(monkeypatch, "rota", "import", "rota.csv", "--scenario", "site.yaml") == 2
        assert len(capsys.readouterr().err) < 600


def test_very_many_faults_are_counted_and_not_all_told():
    found = problems_of_log("at,kind\n" + "x,inject\n" * 5000)
    assert len(found) == 101
    assert "5,000 things are wrong with this table; these are the first" in "\n".join(found)


@pytest.mark.parametrize("name", ["5", "[a.csv]", "null", "''", "true"])
def test_a_table_is_named_by_text(name):
    write_site(f"{{week: {{file: {name}}}}}")
    assert "demand.week.file: must be the name of one file" in problems_of_site()[0]


def test_numbers_and_hours_of_a_rota_and_a_need():
    Path("need.csv").write_text("hour_of_week;needed\n0;2,0\n1;2.5\n168;1\n0;3\n-1;1\n1,0;1\n")
    with pytest.raises(ScenarioError) as raised:
        read_need(Path("need.csv"), load_scenario("site.yaml"))
    lines = [str(one) for one in raised.value.problems]
    assert [line.split(": ")[0] for line in lines] == [
        f"need.csv:{at}" for at in ("3:2", "4:1", "5:1", "6:1")
    ]
    assert "line 2 has already said" in lines[2]
    rota = [[*ROTA[0], "count"], *([*row, ""] for row in ROTA[1:])]
    for count, right in (("2", 2), ("2.0", 2), ("2,0", 2), ("0", 0), ("2,5", 0), ("9" * 5000, 0)):
        rota[3][5] = count
        Path("rota.csv").write_text(text_of(rota, ";"), "utf-8")
        if right:
            staff = read_rota(Path("rota.csv"), load_scenario("site.yaml")).staff
            assert staff.rota[2].count == right
        else:
            (problem,) = problems_of_rota("rota.csv")
            assert problem.startswith("rota.csv:4:6: ")
            assert "must be a whole number from 1 to 1000" in problem


@pytest.mark.parametrize("day", ["0 mon", "1001 mon", "9" * 5000 + " mon", "week 0 mon"])
def test_weeks_that_no_cycle_has(day):
    Path("grid.csv").write_text(f"role,{day}\nnurse,D\n", "utf-8")
    Path("grid-codes.csv").write_text("code,start,end\nD,07:00,15:00\n", "utf-8")
    (problem,) = problems_of_rota("grid.csv")
    assert problem.startswith("grid.csv:1:2: ")


# --- sheets ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_several_sheets_are_named_and_one_can_be_chosen(monkeypatch, capsys):
    other: Any = [*WEEK]
    other[1] = [other[1][0], 99]
    excel("week.xlsx", {"Jan": WEEK, "Notes": [["by Søren"]], "Empty": []})
    ods("week.ods", ods_body({"Jan": WEEK, "Feb. 2026": other}))
    for file, names in (("week.xlsx", "'Jan', 'Notes'"), ("week.ods", "'Jan', 'Feb. 2026'")):
        write_site(f"{{week: {{file: {file}}}}}")
        (problem,) = problems_of_site()
        assert problem.startswith("site.yaml:4:23: demand.week.file: has 2 sheets that may be the")
        assert f"{names}; name the one that is meant, as in '{file}#Jan'" in problem
        for chosen in ("Jan", "jan"):
            write_site(f"{{week: {{file: {file}#{chosen}}}}}")
            assert load_scenario("site.yaml").demand.week == tuple(RATES)
    write_site("{week: {file: 'week.ods#Feb. 2026'}}")
    assert (load_scenario("site.yaml").demand.week or ())[0] == 99
    for name, words in (
        ("week.ods#Jann", "did you mean `Jan`?"),
        ("week.xlsx#Empty", "has no sheet 'Empty' in which anything stands; its sheets: 'Jan'"),
        ("site.yaml#Jan", "is text and has no sheets"),
        ("nowhere.xlsx#Jan", "there is no such file"),
    ):
        write_site(f"{{week: {{file: '{name}'}}}}")
        (problem,) = problems_of_site()
        assert words in problem
    write_site(FLAT)
    excel("rota.xlsx", {"Jan. 1": ROTA, "Feb": ROTA})
    assert call(monkeypatch, "rota", "import", "rota.xlsx", "--scenario", "site.yaml") == 2
    assert "has 2 sheets that may be the rota: 'Jan. 1', 'Feb'" in capsys.readouterr().err
    assert call(monkeypatch, "rota", "import", "rota.xlsx#Jan. 1", "--scenario", "site.yaml") == 0
    assert len(staff_of(load_scenario("rota.yaml")).rota) == 3
    excel("need.xlsx", {"a": NEED, "b": NEED})
    with pytest.raises(ScenarioError, match="may be the need: 'a', 'b'"):
        read_need(Path("need.xlsx"), load_scenario("site.yaml"))
    assert read_need(Path("need.xlsx#b"), load_scenario("site.yaml"))


def test_the_codes_of_a_grid_are_found_wherever_they_are():
    grid = [["role", "mon"], ["nurse", "D"], ["=cmd", "D"]]
    codes = [["code", "start", "end"], ["D", "07:00", "15:00"]]
    late = [["code", "start", "end"], ["D", "08:00", "16:00"]]
    excel("one.xlsx", {"Grid": grid, "Codes": codes})
    excel("two.xlsx", {"Grid": grid, "Next": grid, "Codes": codes, "Late": late})
    excel("none.xlsx", {"Grid": grid})
    ods("codes.ods", ods_body({"Late": late}))
    site = load_scenario("site.yaml")
    for rota, beside, start in (
        ("one.xlsx", None, 420),
        ("one.xlsx#Grid", None, 420),
        ("one.xlsx", "codes.ods", 480),
        ("two.xlsx#Next", "two.xlsx#Codes", 420),
        ("two.xlsx#Next", "two.xlsx#Late", 480),
        ("none.xlsx", "codes.ods", 480),
    ):
        staff = read_rota(Path(rota), site, None if beside is None else Path(beside)).staff
        assert {line.start for line in staff.rota} == {start}
    assert "sheets that may be the table of codes" in problems_of_rota("two.xlsx#Grid")[0]
    assert "the codes of shifts are not explained" in problems_of_rota("none.xlsx")[0]


def test_a_name_with_a_hash_is_a_name_if_there_is_such_a_file():
    for name in ("a#b.csv", "a.xlsx"):
        Path(name).touch()
    assert file_and_sheet(Path("x/a.csv")) == (Path("x/a.csv"), "")
    assert file_and_sheet(Path("a#b.csv")) == (Path("a#b.csv"), "")
    assert file_and_sheet(Path("a#b.csv#S")) == (Path("a#b.csv"), "S")
    assert file_and_sheet(Path("a.xlsx#S#1")) == (Path("a.xlsx"), "S#1")
    assert file_and_sheet(Path("no.ods#S")) == (Path("no.ods"), "S")
    assert file_and_sheet(Path("no#5")) == (Path("no#5"), "")
    assert file_and_sheet(Path("#5.xlsx")) == (Path("#5.xlsx"), "")


# --- spreadsheets, cell by cell -------------------------------------------------------------------


def cells_of(path):
    return {
        sheet.name: {
            cell.place.file.rpartition("!")[2]: cell.text
            for row in (sheet.headings, *sheet.rows)
            for cell in row
            if cell.text
        }
        for sheet in read_sheets(Path(path))
    }


def test_what_excel_keeps_as_numbers_is_read_as_it_is_shown():
    book = openpyxl.Workbook()
    sheet: Any = book.active
    shown = [
        (0.3125, "hh:mm", "07:30"),
        (0.3125, "[h]:mm", "07:30"),
        (1.0, "hh:mm", "24:00"),
        (1.25, "[h]:mm", "30:00"),
        (0.312_511_6, "hh:mm", "07:30:01"),
        (45_000, "yyyy-mm-dd", "2023-03-15"),
        (45_000.5, 'd"d"/m yy h:mm', "2023-03-15 12:00"),
        (45_000, "[$-406]d. mmmm yyyy;@", "2023-03-15"),
        (45_000, "[Red]0.00", "45000"),
        (5.5, '0.0 "days"', "5.5"),
        (5, "#,##0 [$kr.-406]", "5"),
        (5, "0.00E+00", "5"),
        (0.5, "0%", "0.5"),
        (0.1 + 0.2, "General", "0.3"),  # to the 16 digits that were written
        (True, "General", "TRUE"),
        (12_345_678_901, "0", "12345678901"),
        (-1, "yyyy-mm-dd", "-1"),
        (1e9, "yyyy-mm-dd", "1000000000"),
    ]
    for row, (value, code, _) in enumerate(shown, start=1):
        cell = sheet.cell(row, 1, value)
        cell.number_format = code
    book.save("shown.xlsx")
    found = cells_of("shown.xlsx")["Sheet"]
    assert [found[f"A{row}"] for row in range(1, len(shown) + 1)] == [text for *_, text in shown]


def test_days_of_excel():
    """Day 60 is 29 February 1900, which never was; from then on days are those since 30 Dec."""
    assert excel_moment(59, "date") == "1900-02-28"
    assert excel_moment(60, "date") == 60
    assert excel_moment(61, "date") == "1900-03-01"
    assert excel_moment(2_958_465, "date") == "9999-12-31"
    assert excel_moment(0, "date", late=True) == "00:00"
    assert excel_moment(1, "date", late=True) == "1904-01-02"
    for days in range(61, 100_000, 997):
        assert excel_moment(days, "date") == str(date(1899, 12, 30) + timedelta(days))


def test_excel_as_other_programs_write_it():
    """Without addresses, with prefixes, texts in pieces, notes of pronunciation, 1904."""
    raw_excel(
        "odd.xlsx",
        [
            "<sheetData><row><c t='inlineStr'><is><t>a</t></is></c><c t='s'><v>0</v></c></row>",
            "<row r='3'><c r='B3' t='s'><v>1</v></c><c><v> 5.50 </v></c></row>",
            "<x:row xmlns:x='u'><x:c t='str'><x:f>A1</x:f><x:v>=A1</x:v></x:c>",
            "<x:c t='e'><x:v>#N/A</x:v></x:c><x:c s='1'><x:v>1</x:v></x:c></x:row>",
            "<row><c t='d'><v>2026-01-05T07:30:00</v></c><c t='b'><v>1</v></c></row></sheetData>",
        ],
        strings=(
            "<si><r><t>b</t></r><r><t xml:space='preserve"
            "'> c</t></r><rPh><t>no</t></rPh></si><si><t>d</t></si>"
        ),
        styles="<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs>",
        workbook="<workbookPr date1904='1'/>",
    )
    assert cells_of("odd.xlsx")["S"] == {
        "A1": "a",
        "B1": "b c",
        "B3": "d",
        "A4": "=A1",
        "B4": "#N/A",
        "A5": "2026-01-05 07:30",
        "B5": "TRUE",
    }
    problems = [str(one) for one in read_sheets(Path("odd.xlsx"))[0].problems]
    assert [one.split(": ")[0] for one in problems] == ["odd.xlsx:S!C3", "odd.xlsx:S!C4"]


def test_a_formula_that_was_never_worked_out_is_no_empty_cell():
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in [["at", "kind", "stay"], [5, "inject", "=2+3"]]:
        sheet.append(row)
    book.save("formula.xlsx")
    write_site("{arrivals: {file: formula.xlsx}}")
    (problem,) = problems_of_site()
    assert problem.startswith("formula.xlsx:Sheet!C2: demand.arrivals.file: is a formula that was")
    ods(
        "formula.ods",
        '<table:table table:name="S"><table:table-row><table:table-cell '
        'table:formula="of:=2"/></table:table-row></table:table>',
    )
    (sheet,) = read_sheets(Path("formula.ods"))
    assert str(sheet.problems[0]).startswith("formula.ods:S!A1: is a formula that was never")


def test_an_open_document_with_all_that_it_may_have():
    ods(
        "all.ods",
        '<table:table table:name="S"><table:table-column table:number-columns-repeated="9"/>'
        "<table:table-header-rows><table:table-row>"
        + "".join(ods_cell(name) for name in "abcdefgh")
        + "</table:table-row></table:table-header-rows>"
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        '<table:table-row table:number-rows-repeated="2">'
        '<table:table-cell table:number-columns-repeated="2" office:value-type="float" '
        'office:value="5.5"><text:p>5,50</text:p></table:table-cell>'
        '<table:table-cell office:value-type="date" office:date-value="2026-01-05"/>'
        '<table:table-cell office:value-type="date" office:date-value="2026-01-05T07:30:00"/>'
        '<table:table-cell office:value-type="time" office:time-value="PT07H30M00S"/>'
        '<table:table-cell office:value-type="time" office:time-value="PT24H00M00S"/>'
        '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
        '<table:table-cell office:value-type="string" calcext:value-type="string">'
        "<office:annotation><dc:creator>me</dc:creator><text:p>a note</text:p></office:annotation>"
        '<text:p>one<text:s/>two<text:s text:c="2"/><text:span>three</text:span></text:p>'
        "<draw:frame><text:p>a picture</text:p></draw:frame><text:p>four</text:p>"
        "</table:table-cell></table:table-row>"
        '<table:table-row><table:table-cell office:value-type="string" '
        'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell></table:table-row>'
        "</table:table>"
        "<table:table table:name=\"'file:///x.ods'#$S\"><table:table-row>"
        + ods_cell("of another file")
        + "</table:table-row></table:table>",
    )
    expected = dict(zip([f"{one}1" for one in "ABCDEFGH"], "abcdefgh", strict=True))
    for row in (5, 6):
        values = ["5.5", "5.5", "2026-01-05", "2026-01-05 07:30", "07:30", "24:00", "TRUE"]
        values += ["one two  three\nfour"]
        expected |= dict(zip([f"{one}{row}" for one in "ABCDEFGH"], values, strict=True))
    assert cells_of("all.ods") == {"S": {**expected, "A7": "#DIV/0!"}}


def test_merged_cells_of_an_open_document():
    ods(
        "merged.ods",
        '<table:table table:name="S"><table:table-row>'
        '<table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="2" '
        'office:value-type="string"><text:p>a</text:p></table:table-cell><table:covered-table-cell/>'
        "</table:table-row></table:table>",
    )
    (problem,) = read_sheets(Path("merged.ods"))[0].problems
    assert str(problem).startswith("merged.ods:S!A1: cells A1:B2 are merged; split them")


value = st.one_of(
    st.just(""),
    st.integers(-(10**9), 10**9),
    st.floats(-1e6, 1e6).map(lambda x: round(x, 6)),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" \n"),
        max_size=8,
    ).map(lambda text: re.sub(" *\n *", "\n", re.sub("\n+", "\n", text.strip()))),
)


def shown(value):
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


@pytest.mark.slow
@given(st.lists(st.lists(value, min_size=1, max_size=5), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_spreadsheets_hold_what_others_wrote_and_read(rows):
    """Written by openpyxl, and by hand; read by us and, as a witness, by calamine."""
    expected = {
        f"{'ABCDE'[column]}{number}": shown(one)
        for number, row in enumerate(rows, start=1)
        for column, one in enumerate(row)
        if one != ""
    }
    excel("any.xlsx", {"S": rows})
    ods("any.ods", ods_body({"S": rows}))
    for name in ("any.xlsx", "any.ods"):
        sheets = read_sheets(Path(name))
        found = {
            cell.place.file.rpartition("!")[2]: cell.text
            for sheet in sheets
            for line in sheet._lines
            for column, one in enumerate(line.values, start=1)
            if (cell := sheet.cell(line.number, column, one)).text
        }
        assert found == expected
        sheet = python_calamine.load_workbook(name).get_sheet_by_index(0)
        witness = {
            f"{'ABCDE'[column]}{number}": shown(one).strip()
            for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1)
            for column, one in enumerate(row)
            if one != ""
        }
        assert witness == expected


def test_dates_and_times_are_those_that_a_witness_reads():
    moments = [datetime(2026, 1, 5) + timedelta(minutes=7919 * n) for n in range(60)]
    excel("dates.xlsx", {"S": [[one, one.date(), one.time()] for one in moments]})
    found = cells_of("dates.xlsx")["S"]
    rows = python_calamine.load_workbook("dates.xlsx").get_sheet_by_index(0).to_python()
    for number, (moment, row) in enumerate(zip(moments, rows, strict=True), start=1):
        midnight = moment.time() == datetime.min.time()
        assert row == [moment.date() if midnight else moment, moment.date(), moment.time()]
        there = (
            f"{moment:%Y-%m-%d %H:%M}"
            if moment.time() != datetime.min.time()
            else f"{moment:%Y-%m-%d}"
        )
        assert [found[f"{column}{number}"] for column in "ABC"] == [
            there,
            f"{moment:%Y-%m-%d}",
            f"{moment:%H:%M}",
        ]


# --- limits ---------------------------------------------------------------------------------------


def refused(path, words, megabytes=100, seconds=20.0):
    """That a file is refused in a line, soon, and without filling the memory.

    Where millions of cells are counted first, watching the memory takes longer than counting.
    """
    tracemalloc.start()
    began = time.perf_counter()
    try:
        with pytest.raises(ScenarioError) as raised:
            raise ScenarioError(one for sheet in read_sheets(Path(path)) for one in sheet.problems)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seconds is None or time.perf_counter() - began < seconds
    assert peak < megabytes * 1e6
    (problem, *_) = raised.value.problems  # at least one
    assert words in str(problem)
    assert str(problem).startswith(str(path))


def test_a_formatted_empty_last_row_costs_nothing():
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in WEEK:
        sheet.append(row)
    for column in range(1, 50):
        sheet.cell(1_048_576, column).number_format = "0.00"
    sheet["XFD500000"].font = Font(bold=True)
    book.save("week.xlsx")
    write_site("{week: {file: week.xlsx}}")
    assert load_scenario("site.yaml").demand.week == tuple(RATES)
    tracemalloc.start()
    try:
        read_sheets(Path("week.xlsx"))
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("cell", ["XFD1", "BXY2", "A1048577", "ZZZ9999999"])
def test_a_cell_far_away_is_told_of(cell):
    raw_excel(
        "far.xlsx",
        [f"<sheetData><row><c r='A1'><v>1</v></c><c r='{cell}'><v>1</v></c></row></sheetData>"],
    )
    refused("far.xlsx", f"S!{cell}: this cell is not empty, but only 2,000 columns")


@pytest.mark.slow
def test_cells_without_number():
    many = "<c><v>1</v></c>" * 1000
    raw_excel("cells.xlsx", ["<sheetData>", *([f"<row>{many}</row>"] * 3100), "</sheetData>"])
    refused("cells.xlsx", "has more than 3,000,000 cells", megabytes=150, seconds=None)
    sparse = [f"<row r='{row}'><c r='BXW{row}'><v>1</v></c></row>" for row in range(1, 4000)]
    raw_excel("sparse.xlsx", ["<sheetData>", *sparse, "</sheetData>"])
    refused("sparse.xlsx", "has more than 3,000,000 cells")
    rows = ["<row><c><v>1</v></c></row>"] * 500_002
    raw_excel("rows.xlsx", ["<sheetData>", *rows, "</sheetData>"])
    refused("rows.xlsx", "has more than 500,000 rows", seconds=None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('number-rows-repeated="1048576"><table:table-cell', "has more than 500,000 rows"),
        ('><table:table-cell table:number-columns-repeated="16384"', "only 2,000 columns"),
        (
            'number-rows-repeated="9000"><table:table-cell table:number-columns-repeated="2000"',
            "has more than 3,000,000 cells",
        ),
        ('number-rows-repeated="99999999999999"><table:table-cell', "is damaged"),
        ('number-rows-repeated="x"><table:table-cell', "is damaged"),
    ],
)
def test_cells_that_repeat_themselves(body, words):
    start = "<table:table-row table:" if body[0] != ">" else "<table:table-row"
    ods(
        "repeated.ods",
        f'<table:table table:name="S">{start}{body} office:value-type="string">'
        "<text:p>x</text:p></table:table-cell></table:table-row></table:table>",
    )
    refused("repeated.ods", words, megabytes=200, seconds=None)


BOMB = '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in pairwise("abcdefghij")
)


def test_xml_that_grows_and_xml_that_asks_for_files():
    cell = "<sheetData><row><c t='inlineStr'><is><t>&j;</t></is></c></row></sheetData>"
    for name, prolog in (
        ("laughs.xlsx", f"{BOMB}]>"),
        ("asks.xlsx", '<!DOCTYPE b [<!ENTITY j SYSTEM "file:///etc/passwd">]>'),
        ("plain.xlsx", "<!DOCTYPE worksheet>"),
    ):
        raw_excel(name, [cell], prolog=prolog)
        refused(name, "holds a document type")
    raw_excel("unknown.xlsx", [cell])
    refused("unknown.xlsx", "is damaged (undefined entity")


@pytest.mark.slow
def test_what_unpacks_to_very_much():
    raw_excel("zeros.xlsx", (" " * 1_000_000 for _ in range(250)))
    refused("zeros.xlsx", "is larger than 120 MB when unpacked")
    raw_excel("tag.xlsx", ["<a b='", *(["x" * 1_000_000] * 30), "'/>"])
    refused("tag.xlsx", "is damaged (a tag without an end)")
    raw_excel("deep.xlsx", ["<a>" * 100_000])
    refused("deep.xlsx", "is damaged (tags within tags")
    raw_excel("lies.xlsx", (" " * 1_000_000 for _ in range(20)))
    raw = Path("lies.xlsx").read_bytes()
    size, lie = struct.pack("<L", 20_000_023), struct.pack("<L", 100)
    assert size in raw
    Path("lies.xlsx").write_bytes(raw.replace(size, lie))
    refused("lies.xlsx", "is damaged")
    with zipfile.ZipFile("parts.xlsx", "w") as file:
        for number in range(10_001):
            file.writestr(str(number), "")
    refused("parts.xlsx", "has more than 10,000 parts")
    with zipfile.ZipFile("packed.xlsx", "w", zipfile.ZIP_LZMA) as file:
        file.writestr("_rels/.rels", "<a/>")
    refused("packed.xlsx", "is packed in an unusual way")


def test_files_that_are_no_tables(tmp_path):
    excel("good.xlsx", {"S": WEEK})
    raw = Path("good.xlsx").read_bytes()
    for cut in (10, 100, len(raw) // 2, len(raw) - 10):
        Path("cut.xlsx").write_bytes(raw[:cut])
        refused("cut.xlsx", "is damaged")
    for name, contents, words in (
        ("text.xlsx", b"a,b\n", "is not an Excel file (.xlsx)"),
        ("text.ods", b"a,b\n", "is not an OpenDocument spreadsheet (.ods)"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9, "is an old Excel file (.xls), or is"),
        ("pic.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\xff", "is not text"),
    ):
        Path(name).write_bytes(contents)
        refused(name, words)
    with zipfile.ZipFile("zip.xlsx", "w") as file:
        file.writestr("a", "b")
    refused("zip.xlsx", "is a zip file, but no spreadsheet")
    with zipfile.ZipFile("text.odt.ods", "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        file.writestr("content.xml", "<a/>")
    refused("text.odt.ods", "is no spreadsheet, but 'application/vnd.oasis.opendocument.text'")
    ods(
        "secret.ods", "", MANIFEST.replace("/>", "><manifest:encryption-data/></manifest:manifest>")
    )
    refused("secret.ods", "is protected by a password")
    os.mkfifo("pipe.csv")
    refused("pipe.csv", "no ordinary file, but a pipe or a device", seconds=1)
    refused("/dev/zero", "no ordinary file", seconds=1)
    refused(tmp_path, "is a folder; name the file in it")
    refused("n" * 300 + ".csv", "File name too long")
    with Path("large.csv").open("wb") as sparse:
        sparse.truncate(60_000_000)
    refused("large.csv", "it is larger than 50 MB, the most that is read", megabytes=5, seconds=1)


@pytest.mark.slow
@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_whatever_bytes_are_a_table_or_an_error(raw):
    for name, head in (("any.csv", b""), ("any.csv", codecs.BOM_UTF16_LE), ("any.xlsx", b"PK\3\4")):
        Path(name).write_bytes(head + raw)
        read_or_refuse(name)


def read_or_refuse(name):
    """Cells as wide as the headings, or an error of that file."""
    told: str | None = None
    try:
        sheets = read_sheets(Path(name))
    except ScenarioError as error:
        told, sheets = str(error), ()
    assert told is None or told.startswith(name)
    for sheet in sheets:
        assert {len(row) for row in sheet.rows} <= {len(sheet.headings)}
        assert all(str(problem).startswith(name) for problem in sheet.problems)


@given(st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_workbook_is_a_table_or_an_error(data):
    if not Path("good.xlsx").exists():
        excel("good.xlsx", {"S": WEEK[:9], "T": ROTA}, T="A2:B2")
        ods("good.ods", ods_body({"S": WEEK[:9]}))
    name = data.draw(st.sampled_from(["good.xlsx", "good.ods"]))
    with zipfile.ZipFile(name) as file:
        parts = {one: file.read(one) for one in file.namelist()}
    part = data.draw(st.sampled_from(sorted(parts)))
    contents = bytearray(parts[part])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(contents)))
        contents[at : at + data.draw(st.integers(0, 9))] = data.draw(
            st.sampled_from([b"", b"<", b"9", b"-1", b"1e400", b"nan", b'"', b"&x;", b"\0", b"A1"])
        )
    with zipfile.ZipFile(f"bad{Path(name).suffix}", "w") as file:
        for one, kept in parts.items():
            file.writestr(one, bytes(contents) if one == part else kept)
    read_or_refuse(f"bad{Path(name).suffix}")


# --- formulas -------------------------------------------------------------------------------------

WIDE = "\uff1d\uff0b\uff0d\uff20"
"""= + - @ as wide as a Chinese character, which some spreadsheets take for the same."""
DANGEROUS = ["=1+1", "+49 30", "-x", "@me", "=cmd|' /C calc'!A0", "\tx", "\rx", " =1", "-"]
DANGEROUS += [f"{mark}1" for mark in WIDE]


@given(
    st.text(max_size=12)
    | st.sampled_from(DANGEROUS).flatmap(lambda one: st.sampled_from([one, f"'{one}", f"''{one}"]))
)
def test_no_text_is_a_formula_and_each_is_read_as_it_was(text):
    written = harmless(text)
    assert as_meant(written) == text
    number = re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text, re.ASCII)
    assert number or written.lstrip()[:1] not in set(f"=+-@{WIDE}")
    assert written[:1] not in set("\t\r\n") or not written


def test_numbers_and_ordinary_texts_stay():
    for text in ("-5", "+5", "-0.5", "1e-3", "Anna", "30 min 10:00-12:00", "'quoted'", "a=b", ""):
        assert harmless(text) == text


@pytest.mark.parametrize("layout", ["long", "grid"])
@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_names_that_look_like_formulas_come_back(monkeypatch, name, layout):
    people = ["=1+1", "+Bo", "-Cy", "@Dee", "'=Ed", "#N/A", "=SUM(A1:A9)", "'Flo", "TRUE", "07:30"]
    quoted = ", ".join(f'"{one}"' for one in people)
    rota = (
        f'  rota:\n    - {{role: nurse, name: "=day", from: 00:00, to: "24:00", '
        f"people: [{quoted}], count: {len(people)}}}"
    )
    Path("site.yaml").write_text(SITE.replace("DEMAND", FLAT).replace("  rota:", rota), "utf-8")
    assert call(monkeypatch, "rota", "export", "site.yaml", name, "--layout", layout) == 0
    before = staff_of(load_scenario("site.yaml")).rota
    assert read_rota(Path(name), load_scenario("site.yaml")).staff.rota == before
    if name == "out.csv":
        with Path(name).open(encoding="utf-8", newline="") as file:
            texts = [one for row in csv.reader(file) for one in row]
        assert '"=1+1"' in texts  # in quotation marks it is one name, and no formula
        assert not [one for one in texts if one[:1] in set("=+-@")]
    else:
        for sheet in openpyxl.load_workbook(name):
            cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
            assert {cell.data_type for cell in cells} == {"s"}
            assert all(cell.quotePrefix for cell in cells if str(cell.value)[:1] in set("=+-@"))
            assert [cell for cell in cells if str(cell.value)[:1] == "="]


@pytest.mark.slow
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=6).map(str.strip)
        | st.sampled_from(DANGEROUS),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=100, deadline=None)
def test_what_we_write_we_read(texts):
    texts = [text.replace("\0", "").strip() for text in texts]
    rows = [["a", *("bcdef"[: len(texts) - 1])], texts]
    Path("own.csv").write_text(csv_text(rows), "utf-8", newline="")
    (sheet,) = read_sheets(Path("own.csv"))
    found = [[cell.text for cell in row] for row in sheet.rows]
    assert found == ([texts] if any(texts) else [])
    plain = [re.sub(r"[\x00-\x1f\ufffe\uffff]", "", text).strip() for text in texts]
    write_excel([("own", [rows[0], plain])], Path("own.xlsx"))
    (sheet,) = read_sheets(Path("own.xlsx"))
    found = [[cell.text for cell in row] for row in sheet.rows]
    assert found == ([plain] if any(plain) else [])


@pytest.mark.slow
def test_tables_of_results_hold_no_formulas_and_are_read_as_they_were(monkeypatch):
    texts = [*DANGEROUS, "'=1", "plain", "a\rb", 'a "b", c']
    write_csv(pd.DataFrame({"note": texts, "value": [-1.5] * len(texts)}), Path("t.csv"))
    again = pd.read_csv("t.csv", keep_default_na=False)
    assert again["value"].tolist() == [-1.5] * len(texts)
    assert [as_meant(one) for one in again["note"]] == texts
    assert not [one for one in again["note"] if one[:1] in set("=+-@\t\r")]
    site = SITE.replace("DEMAND", FLAT).replace("places: 5}}", 'places: 5}}  # =HYPERLINK("x")')
    Path("site.yaml").write_text(site, "utf-8")
    assert call(monkeypatch, "run", "site.yaml", "--out", "out", "--replications", "2") == 0
    for path in Path("out").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for one in row:
                    assert one[:1] not in set("=@"), (path, one)
                    assert one[:1] not in set("+-") or re.fullmatch(r"[-+][0-9.e+-]+|-inf", one)
    assert "'=HYPERLINK" in (Path("out") / "notes.csv").read_text("utf-8")
    page = (Path("out") / "report.html").read_text("utf-8")
    assert "=HYPERLINK" in page
    assert "'=HYPERLINK" not in page.replace("&#39;", "'")


# --- titles and totals --------------------------------------------------------------------------


def test_titles_over_a_table_of_demand_and_a_total_below_it():
    rows = "".join(f"{hour},{hour % 5}\n" for hour in range(168))
    total = sum(hour % 5 for hour in range(168))
    for separator in (",", ";"):
        text = f"Visits, 2025\n\nhour_of_week,visits_per_hour\n{rows}Total,{total}\n"
        Path("week.csv").write_text(text.replace(",", separator), "utf-8")
        write_site("{week: {file: week.csv}}")
        assert (load_scenario("site.yaml").demand.week or ())[7] == 2
    Path("week.csv").write_text(f"hour_of_week,visits_per_hour\n{rows}I alt,400\n", "utf-8")
    (problem,) = problems_of_site()
    assert problem.startswith("week.csv:170:2: ")
    assert f"the total is 400, but the rows above add up to {total}" in problem


def test_titles_over_arrivals_and_their_number_below():
    rows = [["Log of the door"], [], ["at", "kind"], [600, "inject"], [700, "inject"], ["Total", 2]]
    excel("log.xlsx", {"Log": rows})
    write_site("{arrivals: {file: log.xlsx}}")
    assert [one.at for one in load_scenario("site.yaml").demand.arrivals or ()] == [600, 700]


def test_titles_over_a_need():
    text = "Need of the ward;;\nfrom;to;needed\n08:00;16:00;2\nTotal;;2\n"
    Path("need.csv").write_text(text, "utf-8")
    write_site("{visits_per_day: 10, profile: flat}")
    wanted = read_need(Path("need.csv"), load_scenario("site.yaml"))
    assert sum(int(number.sum()) for number in wanted.values()) == 2 * 8 * 60 * 7
