"""Tables for spreadsheets: European CSV and one workbook, each read back to the same table."""

import csv
import sys
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from sim.cli import main
from sim.results import spreadsheets
from sim.results.read import read_results
from sim.results.spreadsheets import excel_csv, usual_csv, write_workbook
from sim.scenario.load import load_scenario
from sim.scenario.tables.files import read_sheets
from tests.support.command import SMALL
from tests.support.size_sites import SITE as SIZED

TABLES = ("summary", "by_hour", "within", "at_once", "by_time_of_day", "notes")
PLAY = ("--engine", "simpy", "--workers", "1", "--no-cache")


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    noted = SMALL.replace("places: 3}", "places: 3} # assumption; =SUM(A1) (2-4)")
    Path("small.yaml").write_text(noted, "utf-8")
    return tmp_path


def rows_of(path: Path, sheet: str = "") -> list[list[str]]:
    """A table as our own reader of what planners keep gives it."""
    (found,) = [one for one in read_sheets(path) if not sheet or one.name == sheet]
    assert not found.problems
    return [[cell.text for cell in row] for row in (found.headings, *found.rows)]


def as_numbers(rows: list[list[str]]) -> list[list[float | str]]:
    """The same with numbers in place of what is one with a point or a comma."""

    def read(text: str) -> float | str:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return text

    return [[read(text) for text in row] for row in rows]


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_a_run_for_excel_holds_the_same_tables_and_its_report_is_drawn(monkeypatch, capsys):
    once = ("run", "small.yaml", "--replications", "2", *PLAY)
    assert call(monkeypatch, *once, "--no-report", "--out", "plain") == 0
    capsys.readouterr()
    assert call(monkeypatch, *once, "--csv", "excel", "--xlsx", "--out", "excel") == 0
    told = capsys.readouterr().out
    assert told.endswith("Workbook: excel/tables.xlsx\n")
    assert max(map(len, told.splitlines())) <= 80
    plain, excel = read_results(Path("plain")), read_results(Path("excel"))
    for name in TABLES:
        path = Path("excel", f"{name}.csv")
        assert path.read_bytes().startswith("\ufeff".encode())
        pd.testing.assert_frame_equal(excel.need(path.name), plain.need(path.name))
        if name in ("by_hour", "by_time_of_day"):  # long ones, of the same making
            continue
        rows = as_numbers(rows_of(Path("plain", path.name)))
        assert as_numbers(rows_of(path)) == rows
        assert as_numbers(rows_of(Path("excel/tables.xlsx"), name)) == rows
    summary = Path("excel/summary.csv").read_text("utf-8-sig").splitlines()
    assert summary[0] == "metric;statistic;by;value;ci_low;ci_high;unit;replications"
    assert any("," in line for line in summary[1:])
    assert not any("." in line.split(";")[3] for line in summary[1:])


def test_the_workbook_has_real_numbers_a_frozen_heading_and_no_time_of_writing(tmp_path):
    rows = [
        ["name", "value", "of"],
        ["a" * 70, "1.5", "'=SUM(A1)"],
        ["b & <c>", "", "007"],
        ["d", "-2e-07", " e "],
    ]
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    for path in (one, two):
        write_workbook({"summary": rows, "Åben & lukket": rows[:1]}, path)
    assert one.read_bytes() == two.read_bytes()
    book = openpyxl.load_workbook(one)
    assert book.sheetnames == ["summary", "Åben & lukket"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet["A1"].font.bold
        assert sheet.column_dimensions["B"].width == 10
    assert book["summary"].column_dimensions["A"].width == 60
    assert [[cell.value for cell in row] for row in book["summary"].iter_rows(min_row=2)] == [
        ["a" * 70, 1.5, "=SUM(A1)"],
        ["b & <c>", None, "007"],
        ["d", -2e-07, " e "],
    ]
    assert book["summary"]["C2"].data_type == "s"  # a text, and no formula
    calamine = python_calamine.CalamineWorkbook.from_path(str(one))
    assert calamine.get_sheet_by_name("summary").to_python()[1] == ["a" * 70, 1.5, "=SUM(A1)"]


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_a_comparison_has_both_too(monkeypatch):
    alternative = ("--alt", "+Åben, længere: rooms.injecting.places=4")
    arguments = ("compare", "small.yaml", *alternative, "--replications", "2", *PLAY)
    assert call(monkeypatch, *arguments, "--csv", "excel", "--xlsx", "--out", "both") == 0
    table = read_results(Path("both")).need("comparison.csv")
    assert set(table["option"]) == {"+Åben, længere"}
    cells = rows_of(Path("both/tables.xlsx"), "comparison")
    assert cells[0][:4] == ["metric", "statistic", "by", "option"]
    assert cells[1][3] == "+Åben, længere"
    assert openpyxl.load_workbook("both/tables.xlsx").sheetnames[0] == "comparison"


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_size_and_rota_have_both_too(monkeypatch):
    Path("sized.yaml").write_text(SIZED, "utf-8")
    for arguments, first in (
        (("size", "sized.yaml", *PLAY[2:]), "designs"),
        (("sweep", "small.yaml", "--vary", "rooms.injecting.places=2:3", *PLAY), "sweep"),
        (("sweep", "small.yaml", "--tornado", *PLAY), "tornado"),
        (("rota", "need", "small.yaml", "--replications", "0"), "need"),
        (("rota", "plan", "small.yaml", "--need-replications", "0"), "comparison"),
    ):
        out = "-".join(arguments[:2])
        assert call(monkeypatch, *arguments, "--csv", "excel", "--xlsx", "--out", out) == 0
        assert openpyxl.load_workbook(f"{out}/tables.xlsx").sheetnames[0] == first
        heading = Path(out, f"{first}.csv").read_text("utf-8")
        assert heading.startswith("\ufeff")
        assert rows_of(Path(out, f"{first}.csv"))[0] == rows_of(Path(out, "tables.xlsx"), first)[0]


@pytest.mark.usefixtures("folder")
def test_breaches_of_a_rota_may_be_a_workbook(monkeypatch):
    alone = ("--set", "staff.rota.nurse.to=24:00", "--set", "staff.rota.nurse.from=00:00")
    call(monkeypatch, "rota", "check", "small.yaml", *alone, "--out", "breaches.xlsx")
    call(monkeypatch, "rota", "check", "small.yaml", *alone, "--out", "breaches.csv")
    rows = as_numbers(rows_of(Path("breaches.csv")))
    assert len(rows) > 1
    assert as_numbers(rows_of(Path("breaches.xlsx"))) == rows


@pytest.mark.usefixtures("folder")
def test_a_rota_for_excel_is_read_back_to_the_same_rota(monkeypatch):
    assert call(monkeypatch, "rota", "export", "small.yaml", "rota.csv", "--csv", "excel") == 0
    assert (
        Path("rota.csv").read_text("utf-8").startswith("\ufeffline;role;shift;week;day;start;end")
    )
    read = ("rota", "import", "rota.csv", "--scenario", "small.yaml", "--out", "back.yaml")
    assert call(monkeypatch, *read) == 0
    small, back = (load_scenario(f"{name}.yaml").staff for name in ("small", "back"))
    assert small is not None
    assert back is not None
    assert [(one.role, one.start, one.end, one.days) for one in back.rota] == [
        (one.role, one.start, one.end, one.days) for one in small.rota
    ]


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
cells = texts.map(lambda text: f"x{text}") | st.sampled_from(["'=1+1", "a;b", 'say "x"', "007", ""])
numbers = st.floats(allow_nan=False).map(repr) | st.just("")


@given(st.lists(st.tuples(cells, numbers, st.integers().map(str)), min_size=1, max_size=6))
def test_any_table_comes_back_from_excels_form(rows):
    table = [["name", "value", "count"], *map(list, rows)]
    back = csv.reader(StringIO(usual_csv(excel_csv(table)), newline=""))
    assert list(back) == table


def test_a_table_without_rows_and_one_that_is_too_long_for_a_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheets, "_MOST_ROWS", 2)
    path = tmp_path / "long.xlsx"
    tables = {"none": [["a", "b"]], "a" * 40: [["n"], *([str(n)] for n in range(5))]}
    write_workbook(tables, path)
    found = {
        one.name: [[cell.text for cell in row] for row in one.rows] for one in read_sheets(path)
    }
    assert found == {
        "none": [],
        "a" * 31: [["0"], ["1"]],
        "a" * 29 + " 2": [["2"], ["3"]],
        "a" * 29 + " 3": [["4"]],
    }
    assert usual_csv(excel_csv(tables["none"])) == "a,b\n"


@pytest.mark.usefixtures("folder")
def test_a_rota_as_a_workbook_has_no_time_of_writing(monkeypatch):
    assert call(monkeypatch, "rota", "export", "small.yaml", "rota.xlsx") == 0
    with ZipFile("rota.xlsx") as book:
        assert {part.date_time for part in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert book.read("docProps/core.xml").count(b">1980-01-01T00:00:00Z<") == 2
    sheet = openpyxl.load_workbook("rota.xlsx")["rota"]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["B"].width == 7
