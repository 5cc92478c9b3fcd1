"""Rosters as people keep them: each kind of mess three times, read right or told in words."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sim.rota.files.read import read_rota
from sim.rota.files.write import grid_tables
from sim.scenario import ScenarioError
from sim.scenario.derived.roster import name_of, people_on_shift
from sim.scenario.load import scenario_from_text

SITE = """\
name: site
horizon: {{start: {start}, days: {days}}}
opening: {{hours: 24/7}}
demand: {{visits_per_day: 10, profile: flat}}
visits: {{care: {{services: {{care: 1}}}}}}
services: {{care: {{duration: 20, roles: [{roles}]}}}}
staff:
  roles: {{{kinds}}}
  rota: [{rota}]
"""


def site(start="2026-01-05", days=7, roles=("nurse",)):
    line = "{{role: {}, from: 00:00, to: '24:00'}}"
    return scenario_from_text(
        SITE.format(
            start=start,
            days=days,
            roles=", ".join(roles),
            kinds=", ".join(f"{role}: {{}}" for role in roles),
            rota=", ".join(line.format(role) for role in roles),
        )
    )


def shifts(path, scenario, codes=None, zone=""):
    """`Ada 05 08:00-16:00`: who, on which day of the month, from when until when."""
    found = read_rota(Path(path), scenario, None if codes is None else Path(codes), zone)
    whole = scenario.model_copy(update={"staff": found.staff})
    midnight = datetime.combine(scenario.horizon.start, time())
    told = []
    for one in people_on_shift(whole):
        if not 0 <= one.day < scenario.horizon.total_days:
            continue
        start, end = (midnight + timedelta(minutes=at) for at in (one.start, one.end))
        told.append(f"{name_of(whole, one)} {start:%d %H:%M}-{end:%H:%M}")
    return sorted(told), found


def told(path, scenario, codes=None, zone=""):
    with pytest.raises(ScenarioError) as refused:
        read_rota(Path(path), scenario, None if codes is None else Path(codes), zone)
    return str(refused.value)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("rota-codes.csv").write_text(CODES, "utf-8")


CODES = "code,start,end\nD,08:00,16:00\nE,16:00,23:00\nN,23:00,07:00\n"
D5, D6 = "Ada 05 08:00-16:00", "Ada 06 08:00-16:00"
BO5, BO6 = "Bo 05 08:00-16:00", "Bo 06 08:00-16:00"
WEEK = "mon,tue,wed,thu,fri,sat,sun"

RIGHT = {
    # Titles above the headings, and totals.
    "a title": ("Ward 3, week 2\nname,mon,tue\nAda,D,D\n", [D5, D6]),
    "titles and blanks": ("Rota\n\nPrinted 2 Jan\n\nname;mon;tue\nAda;D;\n", [D5]),
    "a title with cells": ("Rota,,,\nname,mon,tue,wed\nAda,D,,\n", [D5]),
    "a total row": ("name,mon,tue\nAda,D,D\nTotal,1,1\n", [D5, D6]),
    "totals among": ("name,mon,tue\nAda,D,\nSum,1,0\nBo,D,\nI alt,2,0\n", [D5, BO5]),
    "a total column": ("name,mon,tue,Total hours\nAda,D,D,16\n", [D5, D6]),
    # A grid by weekday, in four languages.
    "danish": ("navn;man;tir;ons;tor;fre;lør;søn\nAda;D;F;;;;;\n", [D5]),
    "danish, two letters": ("navn;ma;ti;on;to;fr;lø;sø\nAda;D;;;;;;\n", [D5]),
    "danish, whole": ("medarbejder;mandag;tirsdag\nAda;D;fri\n", [D5]),
    "german": ("Name;Mo;Di;Mi;Do;Fr;Sa;So\nAda;D;frei;;;;;\n", [D5]),
    "german, whole": ("Mitarbeiter;Montag;Dienstag\nAda;D;Urlaub\n", [D5]),
    "german, points": ("Name;Mo.;Di.\nAda;D;D\n", [D5, D6]),
    "french": ("nom;lun;mar;mer;jeu;ven;sam;dim\nAda;D;repos;;;;;\n", [D5]),
    "french, whole": ("nom;lundi;mardi\nAda;D;congé\n", [D5]),
    "french, two letters": ("nom;lu;ma;me;je;ve;sa;di\nAda;D;D;;;;;\n", [D5, D6]),
    # A grid by date.
    "iso dates": ("name,2026-01-05,2026-01-06\nAda,D,\n", [D5]),
    "dates with points": ("name,05.01.2026,06.01.2026\nAda,D,\n", [D5]),
    "dates without a year": ("name,5.1.,6.1.\nAda,D,\n", [D5]),
    "dates with a month": ("name,5 Jan,6 Jan\nAda,D,\n", [D5]),
    "dates with a weekday": ("name,Mon 5/1,Tue 6/1\nAda,D,\n", [D5]),
    "american dates": ("name,1/5/2026,1/6/2026\nAda,D,D\n", [D5, D6]),
    "dates over weekdays": ("name,05.01.,06.01.\n,Mo,Di\nAda,D,\n", [D5]),
    # By day number.
    "day numbers": ("January 2026,,\nname,5,6\nAda,D,D\n", [D5, D6]),
    "weekdays over day numbers": ("name,Mon,Tue\n,5,6\nAda,D,\n", [D5]),
    "day numbers with weekdays": ("name,5 Mon,6 Tue\nAda,D,\n", [D5]),
    # Times in cells, and two lines a person.
    "hours": (f"name,{WEEK}\nAda,8-16,OFF,-,,,,\n", [D5]),
    "hours with points": ("name;mon;tue\nAda;08.00-16.00;8.00 - 16.00\n", [D5, D6]),
    "hours with a long dash": ("name,mon,tue\nAda,08:00–16:00,0800-1600\n", [D5, D6]),
    "start over end": ("name,mon,tue\nAda,08:00,OFF\n,16:00,\n", [D5]),
    "start over end, hours": ("name,mon,tue\nAda,8,8\n,16,16\n", [D5, D6]),
    "start over end, two": ("name,mon,tue\nAda,08:00,\n,16:00,\nBo,,08:00\n,,16:00\n", [D5, BO6]),
    # Two columns a day.
    "from and to": ("name,mon from,mon to,tue from,tue to\nAda,08:00,16:00,off,\n", [D5]),
    "from and to, danish": ("navn;man fra;man til;tir fra;tir til\nAda;8;16;8.00;16.00\n",
                            [D5, D6]),
    "from and to, first": ("name,from mon,to mon,from tue,to tue\nAda,,,08:00,16:00\n", [D6]),
    "from and to, dates": ("Name;05.01. (von);05.01. (bis);6.1. (von);6.1. (bis)\nAda;8;16;;\n",
                           [D5]),
    "from and to, two lines": ("name;Mo;;Di;\n;von;bis;von;bis\nAda;08:00;16:00;frei;frei\n",
                               [D5]),
    "from and to, a code": ("name,mon start,mon end,tue start,tue end\nAda,D,,08:00,16:00\n",
                            [D5, D6]),
    "from and to, over midnight": ("name,tue start,tue end,wed start,wed end\nAda,,,22:00,06:00\n",
                                   ["Ada 07 22:00-06:00"]),
    # Days off.
    "off": ("name,mon,tue\nAda,D,OFF\n", [D5]),
    "00:00-00:00": ("name,mon,tue\nAda,D,00:00-00:00\n", [D5]),
    "FRI": ("navn;man;tir\nAda;D;FRI\n", [D5]),
    # Several people, and parts of a day.
    "two with a comma": ('name,mon\n"Ada, Bo",D\n', [D5, BO5]),
    "two with a line break": ('name,mon\n"Ada\nBo",D\n', [D5, BO5]),
    "names in cells": ("shift,mon,tue\nD,Ada/Bo,Ada og Bo\n", [D5, D6, BO5, BO6]),
    "names in cells by hours": ("start,end,mon,tue\n08:00,16:00,Ada & Bo,Ada + Bo\n",
                                [D5, D6, BO5, BO6]),
    "names, semicolons": ("vagt;man;tir\nD;Ada und Bo;Ada\n", [D5, D6, BO5]),
    "a split shift": ("name,mon\nAda,08:00-12:00 13:00-16:00\n",
                      ["Ada 05 08:00-12:00", "Ada 05 13:00-16:00"]),
    "a split shift, plus": ("name,mon\nAda,8-12+13-16\n",
                            ["Ada 05 08:00-12:00", "Ada 05 13:00-16:00"]),
    "a split shift, two lines": ("name,mon,tue\nAda,8-12,\n,13-16,8-16\n",
                                 ["Ada 05 08:00-12:00", "Ada 05 13:00-16:00", D6]),
    # Long lists.
    "long, danish": ("navn;dato;fra;til\nAda;05-01-2026;08.00;16.00\n", [D5]),
    "long, german": ("Name;Datum;von;bis;Pause\nAda;05.01.2026;8:00;16:00;30\n", [D5]),
    "long, french": ("nom;date;début;fin\nAda;05/01/2026;8h;16h\n", [D5]),
    "long, codes": ("date,name,shift\n2026-01-05,Ada,D\n2026-01-06,Ada,OFF\n", [D5]),
    "long, seconds": ("name,date,start,end\nAda,2026-01-05,08:00:00,16:00:00\n", [D5]),
    "long, a span": ("name,date,time\nAda,2026-01-05,08:00-16:00\n", [D5]),
    "long, moments": ("employee,start,end\nAda,2026-01-05 08:00,2026-01-05 16:00\n", [D5]),
    "long, am and pm": ("employee,date,start,end\nAda,1/5/2026,8am,4pm\n", [D5]),
    "long, both": ("name,date,day,start,end\nAda,2026-01-05,Monday,8:00,16:00\n", [D5]),
    "long, two people": ('name,day,from,to\n"Ada & Bo",mon,08:00,16:00\n', [D5, BO5]),
    "long, quoted": ('name,day,from,to\n"""Ada & Bo""",mon,08:00,16:00\n',
                     ["Ada & Bo 05 08:00-16:00"]),
    "long, weekdays": ("navn;dag;fra;til\nAda;man-tir;8.00;16.00\n", [D5, D6]),
    "long, pipes": ("name|day|from|to\nAda|mon|08:00|16:00\n", [D5]),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT)
def test_read_right(case):
    text, expected = RIGHT[case]
    Path("rota.csv").write_text(text, "utf-8")
    assert shifts("rota.csv", site())[0] == sorted(expected)


def test_windows_text_and_a_byte_order_mark():
    text = "navn;man;lør\nÅse;D;F\n"
    for encoding in ("cp1252", "utf-8-sig", "utf-16"):
        Path("rota.csv").write_bytes(text.encode(encoding))
        assert shifts("rota.csv", site())[0] == ["Åse 05 08:00-16:00"]


TOLD = {
    "dates of two kinds": ("name,01/02/2026,02/02/2026\nAda,D,\n", ("2026-01-01", 59),
                           "rota.csv:1:2: '01/02/2026' may be 2026-02-01 or 2026-01-02"),
    "a weekday that does not fit": ("name,Tue 5/1\nAda,D\n", ("2026-01-05", 7),
                                    "'Tue 5/1': the weekday does not fit; 2026-01-05 is a mon"),
    "beyond the horizon": ("name,2026-02-05\nAda,D\n", ("2026-01-05", 7),
                           "would be within horizon: {start: 2026-01-05, days: 32}"),
    "no month": ("name,5,6\nAda,D,\n", ("2026-01-01", 59), "write the month over the table"),
    "no such day": ("Feb 2026,,\nname,29,30\nAda,,D\n", ("2026-02-01", 28),
                    "the month has no day 30"),
    "a start without an end": ("name,mon,tue\nAda,08:00,08:00\n,16:00,\n", ("2026-01-05", 7),
                               "2:3: '08:00' has no end (line 3 says '')"),
    "a from without a to": ("name,mon from,mon to,tue from,tue to\nAda,08:00,,,\n",
                            ("2026-01-05", 7), "2:2: '08:00' has no end (line 2 says '')"),
    "a to beside a day off": ("name,mon from,mon to,tue from,tue to\nAda,off,16:00,,\n",
                              ("2026-01-05", 7), "2:3: '16:00' has no start (line 2 says 'off')"),
    "an unknown code": ("name,mon\nAda,X\n", ("2026-01-05", 7),
                        "2:2: 'X' is not a code of a shift; known: D, E, N"),
    "half an hour of two kinds": ("name,day,from,to\nAda,mon,8.5,16\n", ("2026-01-05", 7),
                                  "2:3: '8.5' may be 08:30 or 08:50"),
    "a quarter of a day": ("name,day,from,to\nAda,mon,0.25,16\n", ("2026-01-05", 7),
                           "'0.25' may be 00:25, or 06:00 as a spreadsheet keeps times"),
    "a duration that does not fit": ("name,date,start,end,duration\nAda,2026-01-05,8:00,16:00,9\n",
                                     ("2026-01-05", 7), "'9', but from start to end it is 8 h"),
    "a wrong weekday": ("name,date,day,start,end\nAda,2026-01-05,Tuesday,8:00,16:00\n",
                        ("2026-01-05", 7), "'Tuesday', but 2026-01-05 is a mon"),
    "two names": ("name,employee,mon\nAda,Bo,D\n", ("2026-01-05", 7),
                  "1:2: 'employee' is the person; 'name' (line 1) may be the person too"),
    "a misspelt column": ("persno,date,start,end\nAda,2026-01-05,8,16\n", ("2026-01-05", 7),
                          "1:1: 'persno' is not a column of this table; did you mean `person`?"),
    "monday or tuesday": ("name,ma\nAda,D\n", ("2026-01-05", 7), "'ma' may be mon or tue"),
    "days twice": ("name,mon,tue,tue\nAda,D,D,D\n", ("2026-01-05", 7),
                   "1:4: 'tue' stands here twice"),
}  # fmt: skip


LEGENDS = {
    "a line each": "\nD = 08:00-16:00\nE = 16:00-23:00\n",
    "a title, colons": "\nCodes:\nD: 8-16\nE: 16-23\nX: off\n",
    "one line": '\n"D = 8-16, E = 16-23"\n',
    "two cells": "D,8-16,,\nE,16-23,,\n",
    "three cells": "\nKoder,,,\nD,08:00,16:00,\nE,16:00,23:00,\n",
}


@pytest.mark.parametrize("case", LEGENDS)
def test_codes_explained_below_the_grid(case):
    Path("rota-codes.csv").unlink()
    grid = "name,mon,tue,wed\nAda,D,D,\nBo,E,,\nTotal,2,1,0\n"
    Path("rota.csv").write_text(grid + LEGENDS[case], "utf-8")
    assert shifts("rota.csv", site())[0] == [D5, D6, "Bo 05 16:00-23:00"]


def test_people_below_the_others_are_no_codes():
    Path("rota-codes.csv").unlink()
    Path("rota.csv").write_text("name,mon,tue\nAda,8-16,8-16\n\nBo,8-16,\n", "utf-8")
    assert shifts("rota.csv", site())[0] == [D5, D6, BO5]


@pytest.mark.parametrize("case", TOLD)
def test_told(case):
    text, horizon, words = TOLD[case]
    Path("rota.csv").write_text(text, "utf-8")
    assert words in told("rota.csv", site(*horizon))


# --- workbooks ---------------------------------------------------------------------------------


def book(path, *sheets, merge=()):
    found = openpyxl.Workbook()
    found.remove(found.worksheets[0])
    for name, rows in sheets:
        sheet: Any = found.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for name, cells in merge:
        found[name].merge_cells(cells)
    found.save(path)


CODE_ROWS = [["code", "start", "end"], ["D", time(8), time(16)], ["F", None, None]]


def test_merged_heads_of_weeks_and_a_title():
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    rows = [
        ["Rota of ward 3"],
        [None, "Week 1", *[None] * 6, "Week 2", *[None] * 6],
        ["name", *days, *days],
        ["Ada", "D", *["F"] * 6, None, "D", *[None] * 5],
    ]
    merged = [("Plan", "A1:O1"), ("Plan", "B2:H2"), ("Plan", "I2:O2")]
    book("rota.xlsx", ("Plan", rows), ("codes", CODE_ROWS), merge=merged)
    found, read = shifts("rota.xlsx", site(days=14))
    assert found == [D5, "Ada 13 08:00-16:00"]
    assert read.staff.cycle_weeks == 2
    assert "14 weekdays are 2 weeks, after which the rota repeats" in read.read_as


def test_a_merged_role_holds_for_all_its_rows():
    rows = [
        ["role", "name", "mon"],
        ["nurse", "Ada", "D"],
        [None, "Bo", "D"],
        ["helper", "Cy", "D"],
    ]
    book("rota.xlsx", ("P", rows), ("codes", CODE_ROWS), merge=[("P", "A2:A3")])
    staff = read_rota(Path("rota.xlsx"), site(roles=("nurse", "helper"))).staff
    assert [(line.role, line.people) for line in staff.rota] == [
        ("nurse", ("Ada", "Bo")),
        ("helper", ("Cy",)),
    ]


def test_two_lines_of_headings_merged():
    rows = [["name", "Mon", "Tue"], [None, date(2026, 1, 5), date(2026, 1, 6)], ["Ada", "D", None]]
    book("rota.xlsx", ("P", rows), ("codes", CODE_ROWS), merge=[("P", "A1:A2")])
    assert shifts("rota.xlsx", site())[0] == [D5]


def test_times_and_dates_as_excel_keeps_them():
    rows: list[list[Any]] = [
        ["name", "date", "start", "end"],
        ["Ada", date(2026, 1, 5), time(8), time(16)],
        ["Ada", datetime(2026, 1, 6), timedelta(hours=8), timedelta(hours=16)],
        ["Bo", 46027, 1 / 3, 2 / 3],
        ["Bo", "06.01.2026", "08:00", "16.00"],
    ]
    book("rota.xlsx", ("P", rows))
    found, read = shifts("rota.xlsx", site())
    assert found == [D5, D6, BO5, BO6]
    assert any(note.startswith("numbers that are times") for note in read.read_as)


@pytest.mark.parametrize(("number", "words"), [(8.5, "08:30 or 08:50"), (1, "01:00 or 24:00")])
def test_a_number_that_may_be_two_times(number, words):
    book("rota.xlsx", ("P", [["name", "day", "start", "end"], ["Ada", "mon", number, time(16)]]))
    message = told("rota.xlsx", site())
    assert message.startswith("rota.xlsx:P!C2: ")
    assert words in message


def test_several_sheets_are_told_of_and_one_is_named():
    rows = [["name", "mon"], ["Ada", "D"]]
    other = [["name", "tue"], ["Ada", "D"]]
    book("rota.xlsx", ("January", rows), ("February", other), ("codes", CODE_ROWS))
    message = told("rota.xlsx", site())
    assert "has 2 sheets that may be the rota: 'January', 'February'" in message
    assert shifts("rota.xlsx#February", site())[0] == [D6]
    assert "did you mean `January`?" in told("rota.xlsx#Januar", site())


def test_a_sheet_that_is_no_rota_is_told_of():
    rows = [["name", "mon"], ["Ada", "D"]]
    book("rota.xlsx", ("Plan", rows), ("Notes", [["Ring the bell"]]), ("codes", CODE_ROWS))
    found, read = shifts("rota.xlsx", site())
    assert found == [D5]
    assert "sheets not read, as no rota: 'Notes'" in read.read_as


def test_a_workbook_with_macros_is_read_as_the_others():
    book("rota.xlsm", ("Plan", [["name", "mon"], ["Ada", "D"]]), ("codes", CODE_ROWS))
    assert shifts("rota.xlsm", site())[0] == [D5]


def test_the_month_is_that_of_the_sheet():
    book("plan.xlsx", ("Januar 2026", [["name", 5, 6], ["Ada", "D", "D"]]), ("codes", CODE_ROWS))
    assert shifts("plan.xlsx", site())[0] == [D5, D6]


def test_merged_shifts_are_refused_at_their_cell():
    rows = [["name", "mon", "tue"], ["Ada", "D", None]]
    book("rota.xlsx", ("P", rows), ("codes", CODE_ROWS), merge=[("P", "B2:C2")])
    assert told("rota.xlsx", site()).startswith("rota.xlsx:P!B2: cells B2:C2 are merged")


def test_a_month_from_a_thursday_that_goes_on_into_the_next():
    days = [*range(29, 32), *range(1, 5)]
    rows = ["name," + ",".join(map(str, days)), "Ada,D,,,D,,,"]
    Path("plan-2026-01.csv").write_text("\n".join(rows), "utf-8")
    found, _ = shifts("plan-2026-01.csv", site("2026-01-29"), "rota-codes.csv")
    assert found == ["Ada 01 08:00-16:00", "Ada 29 08:00-16:00"]


def test_four_weeks_of_weekdays_from_a_thursday():
    days = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"] * 4
    rows = ["name," + ",".join(days), "Ada,D" + "," * 26 + ",D"]
    Path("rota.csv").write_text("\n".join(rows), "utf-8")
    staff = read_rota(Path("rota.csv"), site()).staff
    assert [(line.days, line.weeks) for line in staff.rota] == [((2, 3), (1,))]


def test_rows_over_others_that_name_their_role():
    Path("rota.csv").write_text("name,mon\nNurse,\nAda,D\nHelper,\nBo,D\n", "utf-8")
    staff = read_rota(Path("rota.csv"), site(roles=("nurse", "helper"))).staff
    assert [(line.role, line.people) for line in staff.rota] == [
        ("nurse", ("Ada",)),
        ("helper", ("Bo",)),
    ]


def test_codes_that_nothing_explains_are_told_once():
    Path("plan.csv").write_text("name,mon,tue\nAda,D,A\nBo,A,F\n", "utf-8")
    message = told("plan.csv", site())
    assert message.startswith("plan.csv:2:2: the codes of shifts are not explained ('D', 'A'): ")
    assert "plan-codes.csv" in message
    assert len(message.splitlines()) == 1


# --- days down the first column ----------------------------------------------------------------


def test_days_down_and_people_across():
    text = "Dato;Ada;Bo\n05-01-2026;D;N\n06-01-2026;D;F\n07-01-2026;;\n"
    Path("rota.csv").write_text(text, "utf-8")
    found, read = shifts("rota.csv", site())
    assert found == [D5, D6, "Bo 05 23:00-07:00"]
    assert read.read_as[0] == "days down the first column, people or shifts across"


def test_days_down_and_roles_across():
    text = "Day;nurse;nurse;helper\nmon;8-16;15-23;\ntue;;15-23;10-14\nwed;;;\nthu;;;\n"
    Path("rota.csv").write_text(text, "utf-8")
    staff = read_rota(Path("rota.csv"), site(roles=("nurse", "helper"))).staff
    assert [(line.role, line.start, line.end, line.days, line.count) for line in staff.rota] == [
        ("nurse", 480, 960, (0,), 1),
        ("nurse", 900, 1380, (0, 1), 1),
        ("helper", 600, 840, (1,), 1),
    ]


def test_days_down_and_shifts_across():
    text = "day,D,16-23\nmon,Ada/Bo,Cy\ntue,Ada,\nwed,,\n"
    Path("rota.csv").write_text(text, "utf-8")
    assert shifts("rota.csv", site())[0] == [D5, D6, BO5, "Cy 05 16:00-23:00"]


def test_days_down_and_roles_over_people():
    rows: list[list[Any]] = [["Dag", "Ada", "Bo"], ["rolle", "nurse", "helper"], ["man", "D", None]]
    rows += [["tir", None, "D"], ["ons", "X", None], ["tor", None, None]]
    book("rota.xlsx", ("P", rows), ("codes", CODE_ROWS))
    two = site(roles=("nurse", "helper"))
    assert told("rota.xlsx", two).startswith("rota.xlsx:P!B5: 'X' is not a code of a shift")
    rows[4][1] = "F"
    book("rota.xlsx", ("P", rows), ("codes", CODE_ROWS))
    staff = read_rota(Path("rota.xlsx"), two).staff
    assert [(line.role, line.people, line.days) for line in staff.rota] == [
        ("nurse", ("Ada",), (0,)),
        ("helper", ("Bo",), (1,)),
    ]


# --- files that were met with -------------------------------------------------------------------

EXPORTED = """\
Participant,Date,Day,Start Time,End Time,Duration (h),Worker IDs,Worker Names,Location,Ratio
P1,2025-10-06,Monday,06:00,08:00,2,"135, 125","Ada, Bo",Home,2:1
P1,2025-10-06,Monday,08:00,14:00,6,"125, 130","Bo, Cy",Home,2:1
P1,2025-10-06,Monday,14:00,22:00,8,"127, 126","Di, Ed",Home,2:1
P1,2025-10-06,Monday,22:00,06:00,8,"138, 132","Fo, Gu",Home,2:1
"""


def test_the_export_of_a_care_roster_names_two_at_a_time():
    Path("care.csv").write_text(EXPORTED, "utf-8")
    found, read = shifts("care.csv", site("2025-10-06", roles=("worker",)))
    assert len(found) == 8
    assert sum((line.end - line.start) / 60 * line.count for line in read.staff.rota) == 48
    assert "columns not read: 'Participant', 'Worker IDs', 'Location', 'Ratio'" in read.read_as


MONTH = """\
Name,6,7,8,9,10,11,12
Person A,09:00,09:00,OFF,09:00,09:00,OFF,OFF
,17:00,17:00,,17:00,17:00,,
Person B,OFF,OFF,09:00,OFF,OFF,vac,09:00
,,,17:00,,,,17:00
"""


def test_a_month_of_starts_over_ends_with_days_off():
    Path("schedule_2025_01.csv").write_text(MONTH, "utf-8")
    found, read = shifts("schedule_2025_01.csv", site("2025-01-06"))
    assert found == [
        *(f"Person A {day:02d} 09:00-17:00" for day in (6, 7, 9, 10)),
        *(f"Person B {day:02d} 09:00-17:00" for day in (8, 12)),
    ]
    assert read.read_as == (
        "days by their number: 6 and on are 2025-01-06 to 2025-01-12 (schedule_2025_01.csv)",
        "everybody without a role is a nurse, the only one there is",
        "days off, no shift: OFF, vac",
    )


def test_codes_without_times_are_days_off():
    for line in ("OFF,00:00,00:00\nvac,00:00,00:00\n", "OFF,,\nvac,,\n"):
        Path("rota.csv").write_text(f"person,{WEEK}\nAda,D,OFF,vac,,,,\n", "utf-8")
        Path("rota-codes.csv").write_text(CODES + line, "utf-8")
        assert shifts("rota.csv", site())[0] == [D5]


DANISH = """\
Medarbejder;Stilling;man;tir;ons;tor;fre;lør;søn
AA;sygeplejerske;D;D;A;F;N;N;F
BB;pædagog;A;A;F;D;D;F;F
"""


def test_a_danish_grid_in_the_code_page_of_excel():
    Path("vagtplan.csv").write_bytes(DANISH.encode("cp1252"))
    codes = "kode;fra;til\nD;07.00;15.00\nA;15.00;23.00\nN;23.00;07.00\n"
    Path("vagtplan-codes.csv").write_text(codes, "utf-8")
    found, read = shifts("vagtplan.csv", site(roles=("sygeplejerske", "pædagog")))
    assert len(found) == 9
    assert "AA 09 23:00-07:00" in found
    assert read.read_as == ("days off, no shift: F",)


def test_the_codes_of_a_table_are_those_that_are_written():
    Path("rota.csv").write_text(
        "name,2026-01-05,2026-01-06,2026-01-07\nAda,D,N,\nBo,,,D\n", "utf-8"
    )
    scenario = site()
    staff = read_rota(Path("rota.csv"), scenario).staff
    assert [line.name for line in staff.rota] == ["D", "D", "N"]
    _, codes = grid_tables(scenario.model_copy(update={"staff": staff}))
    assert [row[0] for row in codes] == ["code", "D", "N"]
