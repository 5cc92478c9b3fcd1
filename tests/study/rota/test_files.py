"""Rotas in and out of files: exact round trips, dates, and broken files cell by cell."""

import csv
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import icalendar
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.cli.commands.rota import _exported
from sim.measures.figures.cost import cost_per_week, hours_per_week, posts
from sim.rota.check.check import check_rota
from sim.rota.check.rules import Rule, staff_of
from sim.rota.files.entries import break_text, read_breaks
from sim.rota.files.read import read_rota
from sim.rota.need.need import on_duty_by_hour
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.derived.outlook import outlook
from sim.scenario.derived.roster import on_duty, staff_present
from sim.scenario.errors.problem import Place
from sim.scenario.load import scenario_from_text
from sim.scenario.model.staff import Shift
from sim.scenario.tables.sheet import Cell
from sim.study import Plan, run_study
from tests.support.command import call

SITE = """\
name: site
horizon: {start: 2026-01-05, weeks: 4}
opening: {hours: 24/7}
demand: {visits_per_day: 50, profile: flat}
visits: {inject: {rooms: [injecting], stay: 30}}
rooms: {injecting: {places: 5}}
staff:
  cycle_weeks: 2
  roles: {nurse: {}, helper: {}}
  rota:
    - {role: nurse, name: day, from: 07:00, to: "15:00", count: 2,
       breaks: [{length: 30, from: 10:00, to: 12:00, minimum_left: 1},
                {length: 12.5, from: 13:00, to: 14:00, recallable: false}]}
    - {role: nurse, name: night, from: 22:00, to: 07:00 next day, days: [mon, thu], weeks: [2],
       people: [Anna], breaks: [{length: 30, from: 01:00, to: 03:00}]}
    - {role: helper, from: 07:00, to: "15:00", days: mon-fri, people: [Bo, Cy], count: 2}
    - {role: helper, from: 07:00, to: "15:00", days: mon-fri}
    - {role: helper, from: 15:00, to: "24:00", count: 3, weeks: [1, 2]}
"""
ARGUMENTS = {
    "long.csv": (),
    "grid.csv": ("--layout", "grid"),
    "long.xlsx": (),
    "grid.xlsx": ("--layout", "grid"),
    "all.ics": (),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(SITE, "utf-8")
    return tmp_path


def said(rota):
    """A rota as it is, weeks that are all weeks said one way."""
    return [
        line.model_copy(update={"weeks": () if set(line.weeks) == {1, 2} else line.weeks})
        for line in rota
    ]


# --- round trips -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ARGUMENTS)
def test_what_is_written_reads_back_the_same(monkeypatch, name):
    assert call(monkeypatch, "rota", "export", "site.yaml", name, *ARGUMENTS[name]) == 0
    assert call(monkeypatch, "rota", "import", name, "--scenario", "site.yaml") == 0
    before, after = load_scenario("site.yaml"), load_scenario(Path(name).with_suffix(".yaml"))
    assert said(staff_of(after).rota) == said(staff_of(before).rota)
    assert staff_of(after).cycle_weeks == 2
    assert after.name == f"site-{Path(name).stem}"
    plain = {"name": "site", "staff": staff_of(before)}
    assert after.model_copy(update=plain) == before


clock = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02d}:{quarter % 4 * 15:02d}")


@st.composite
def shifts(draw):
    start, hours = draw(st.integers(0, 95)) * 15, draw(st.integers(1, 96)) * 15
    end = start + hours
    text = (
        f"{end // 60:02d}:{end % 60:02d}"
        if end <= 1440
        else (f"{(end - 1440) // 60:02d}:{(end - 1440) % 60:02d} next day")
    )
    return {
        "role": draw(st.sampled_from(["nurse", "helper"])),
        "name": draw(st.sampled_from(["", "day", "late shift"])),
        "from": f"{start // 60:02d}:{start % 60:02d}",
        "to": text,
        "days": tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        "weeks": draw(st.sampled_from([[], [1], [2]])),
        "count": draw(st.integers(1, 3)),
    }


@pytest.mark.slow
@given(st.lists(shifts(), min_size=1, max_size=6))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_rota_reads_back_the_same(tmp_path, lines):
    scenario = scenario_from_text(SITE)
    rota = tuple(Shift.model_validate(line) for line in lines)
    for role in {"nurse", "helper"} - {line.role for line in rota}:
        rota += (Shift.model_validate({"role": role, "from": "08:00", "to": "09:00"}),)
    staff = staff_of(scenario).model_copy(update={"rota": rota})
    scenario = scenario.model_copy(update={"staff": staff})
    for layout, ending in (("long", "csv"), ("grid", "csv"), ("long", "ics")):
        path = tmp_path / f"{layout}.{ending}"
        for target, write in _exported(scenario, path, layout):
            write(target)
        assert read_rota(path, scenario).staff.rota == rota


def test_export_is_the_same_every_time(folder, monkeypatch):
    for name in ("one.csv", "two.csv"):
        call(monkeypatch, "rota", "export", "site.yaml", name)
    assert Path("one.csv").read_bytes() == Path("two.csv").read_bytes()
    assert {path.name for path in folder.iterdir()} == {"site.yaml", "one.csv", "two.csv"}


@pytest.mark.slow
def test_the_calendar_has_everybody_on_every_shift(monkeypatch):
    assert call(monkeypatch, "rota", "export", "site.yaml", "rota.ics") == 0
    events: Any = icalendar.Calendar.from_ical(Path("rota.ics").read_bytes()).walk("VEVENT")
    # Two nurses by day, three helpers on weekdays and three in the evening for four weeks; Anna on
    # two nights of two of the weeks.
    assert len(events) == 4 * 7 * 2 + 4 * 5 * 3 + 4 * 7 * 3 + 2 * 2
    anna = [event for event in events if event["summary"].startswith("Anna")]
    assert [event["dtstart"].dt for event in anna] == [
        datetime(2026, 1, 12, 22),
        datetime(2026, 1, 15, 22),
        datetime(2026, 1, 26, 22),
        datetime(2026, 1, 29, 22),
    ]
    assert (anna[0]["dtend"].dt - anna[0]["dtstart"].dt).total_seconds() == 9 * 3600
    assert len({event["uid"] for event in events}) == len(events)


# --- files as people keep them -----------------------------------------------------------------


def rota_from(text, name="rota.csv"):
    Path(name).write_text(text, "utf-8")
    return staff_of_rota(name)


def staff_of_rota(name):
    return read_rota(Path(name), load_scenario("site.yaml")).staff


def test_a_row_for_each_date_becomes_lines_of_dates():
    rows = [f"nurse,2026-01-{day:02d},07:00,15:00,Anna" for day in range(5, 12)]
    rows += ["helper,2026-01-31,22:00,06:00,Bo"]
    staff = rota_from("role,date,start,end,name\n" + "\n".join(rows) + "\n")
    assert staff.cycle_weeks == 1
    anna, bo = staff.rota
    assert anna.dates == tuple(date(2026, 1, day) for day in range(5, 12))
    assert anna.people == ("Anna",)
    assert (bo.dates, bo.end) == ((date(2026, 1, 31),), 30 * 60)


def test_days_are_put_together_and_people_counted():
    staff = rota_from(
        "role;day;from;to;break\nnurse;mon;7:00;15:00;30\nnurse;mon;7:00;15:00;30\n"
        "nurse;tue;7:00;15:00;30\nhelper;daily;07:00;15:00;\n"
    )
    assert [(line.days, line.count) for line in staff.rota] == [
        ((0,), 2),
        ((1,), 1),
        ((0, 1, 2, 3, 4, 5, 6), 1),
    ]
    rest = staff.rota[0].breaks[0]
    assert (rest.length, rest.earliest, rest.latest) == (30, 7 * 60 + 160, 7 * 60 + 320)


def test_excel_keeps_times_and_dates_as_such():
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["role", "date", "start", "end", "count"])
    sheet.append(["nurse", date(2026, 1, 6), time(7), time(15, 30), 2])
    sheet.append(["helper", datetime(2026, 1, 6), time(15), time(23), 1.0])
    book.save("typed.xlsx")
    nurse, helper = staff_of_rota("typed.xlsx").rota
    assert nurse.dates == helper.dates == (date(2026, 1, 6),)
    assert (nurse.start, nurse.end, nurse.count) == (420, 930, 2)
    assert helper.count == 1


# --- broken files ------------------------------------------------------------------------------

GRID = [
    ["role", "person", "mon", "tue", "wed"],
    ["nurse", "Anna", "D", "D", "X"],
    ["nurse", "Bo", "D+L", "N", ""],
    ["helper", "", "D", "H", "-"],
    ["helpr", "", "H", "", ""],
]
CODES = [
    ["code", "role", "shift", "start", "end", "break"],
    ["D", "nurse", "day", "07:00", "15:00", "30 min 10:00-12:00"],
    ["L", "nurse", "late", "14:00", "22:00", ""],
    ["N", "nurse", "night", "22:00", "24:00 next day", ""],
    ["H", "helper", "", "08:00", "16:00", "soon"],
]


def workbook(name, grid, codes, merge=None):
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "Sheet1"
    for row in grid:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    other = book.create_sheet("Codes")
    for row in codes:
        other.append(row)
    book.save(name)


def problems(monkeypatch, capsys, name):
    """Import a file that is broken: what is told, and that nothing is written."""
    before = {path.name for path in Path().iterdir()}
    assert call(monkeypatch, "rota", "import", name, "--scenario", "site.yaml") == 2
    assert {path.name for path in Path().iterdir()} == before
    return capsys.readouterr().err.splitlines()


def test_a_broken_workbook_is_told_of_cell_by_cell(monkeypatch, capsys):
    workbook("bad.xlsx", GRID, CODES)
    found = problems(monkeypatch, capsys, "bad.xlsx")
    assert [line.split(": ")[0] for line in found] == ["bad.xlsx:Codes!E4", "bad.xlsx:Codes!F5"]
    assert "26 hours" in found[0]
    assert "'soon' must be a break" in found[1]
    right = [row[:] for row in CODES]
    right[3][4], right[4][5] = "07:00", ""
    workbook("bad.xlsx", GRID, right)
    found = problems(monkeypatch, capsys, "bad.xlsx")
    assert [line.split(": ", 1)[0] for line in found] == [
        "bad.xlsx:Sheet1!A5",
        "bad.xlsx:Sheet1!C4",
        "bad.xlsx:Sheet1!E2",
    ]
    assert "'helpr' is not a role of site; did you mean `helper`?" in found[0]
    assert "'D' is a shift of a nurse, this row is of a helper" in found[1]
    assert "'X' is not a code of a shift; known: D, L, N, H" in found[2]


def test_two_shifts_of_one_person_at_once(monkeypatch, capsys):
    codes = [row[:] for row in CODES]
    codes[3][4], codes[4][5] = "07:00", ""
    grid = [GRID[0], ["nurse", "Anna", "D", "", ""], ["nurse", "Bo", "D+L", "N", "D"]]
    grid += [["helper", "", "H", "", ""]]
    workbook("twice.xlsx", grid, codes)
    found = problems(monkeypatch, capsys, "twice.xlsx")
    assert len(found) == 1
    assert found[0].startswith("twice.xlsx:Sheet1!C3: Bo is on two shifts at once: mon 14:00-22:00")


def test_merged_cells(monkeypatch, capsys):
    workbook("merged.xlsx", GRID, CODES, merge="C2:E2")
    found = problems(monkeypatch, capsys, "merged.xlsx")
    assert len(found) == 1
    assert found[0].startswith("merged.xlsx:Sheet1!C2: cells C2:E2 are merged; split them")


def test_a_broken_csv_is_told_of_line_by_line(monkeypatch, capsys):
    Path("bad.csv").write_text(
        "role,date,start,end,count,person\n"
        "nurse,2026-01-05,06:00,08:00 next day,1,\n"
        "nurse,2026-02-02,06:00,14:00,1,\n"
        "helper,31.06.2026,06:00,26:00,0,\n"
        "helper,2026-01-05,,14:00,2,Bo\n",
        "utf-8",
    )
    found = problems(monkeypatch, capsys, "bad.csv")
    assert [line.split(": ")[0] for line in found] == [
        *("bad.csv:2:4", "bad.csv:3:2", "bad.csv:4:2"),
        *("bad.csv:4:4", "bad.csv:4:5", "bad.csv:5:3", "bad.csv:5:5"),
    ]
    assert "the shift is 26 hours long" in found[0]
    assert "2026-02-02 is beyond the horizon of site, 2026-01-05 to 2026-02-01" in found[1]
    assert "Bo is one person" in found[6]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no table of a rota"),
        ("role,day,strat,end\nnurse,mon,8,9\n", "'strat' is not a column of this table"),
        ("role,start,end\nnurse,8:00,9:00\n", "needs a column 'day' or a column 'date'"),
        (
            "role,mon\nnurse,D\n",
            "2:2: the codes of shifts are not explained ('D'): write bad-codes",
        ),
        (
            "role,day,start,end\nnurse,mon,08:00,16:00\n",
            "staff.roles.helper: no rota line puts a helper",
        ),
        (
            "role,day,start,end,break\nnurse,mon,8:00,16:00,30 min 17:00-18:00\n",
            "not within the shift",
        ),
    ],
)
def test_other_broken_tables(monkeypatch, capsys, text, words):
    Path("bad.csv").write_text(text, "utf-8")
    assert words in "\n".join(problems(monkeypatch, capsys, "bad.csv"))


HEADS = "role,day,start,end,count,person,line\n"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            "nurse,mon,08:00,16:00,1000,,\nnurse,mon,08:00,16:00,1,,\n",
            "bad.csv:2:3: people of one line, 1001, must be less than or equal to 1000",
        ),
        (
            "".join(f"nurse,mon,08:00,16:00,1,p{number},\n" for number in range(1_001)),
            "bad.csv:2:3: people of one line, 1001, must be less than or equal to 1000",
        ),
        (
            f"nurse,mon,08:00,16:00,1,,\nnurse,tue,08:00,16:00,1,{'y' * 81},\n",
            f"bad.csv:3:3: people of one line, {'y' * 81}, must have at most 80 characters",
        ),
    ],
)
def test_more_on_a_line_than_a_line_may_have(monkeypatch, capsys, rows, words):
    Path("bad.csv").write_text(HEADS + rows, "utf-8")
    assert words in "\n".join(problems(monkeypatch, capsys, "bad.csv"))


@pytest.mark.slow
def test_no_excel_file_and_no_openpyxl(monkeypatch, capsys):
    Path("fake.xlsx").write_text("role,day", "utf-8")
    assert "is not an Excel file" in problems(monkeypatch, capsys, "fake.xlsx")[0]
    call(monkeypatch, "rota", "export", "site.yaml", "real.xlsx")
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    assert len(staff_of_rota("real.xlsx").rota) == 5  # reading needs no package
    assert call(monkeypatch, "rota", "export", "site.yaml", "out.xlsx") == 2
    assert "dcr-sim[excel]" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "icalendar", None)
    assert call(monkeypatch, "rota", "export", "site.yaml", "out.ics") == 2
    assert "dcr-sim[calendar]" in capsys.readouterr().err
    assert not Path("out.xlsx").exists()


def test_import_replaces_no_file(monkeypatch, capsys):
    call(monkeypatch, "rota", "export", "site.yaml", "site.csv")
    found = problems(monkeypatch, capsys, "site.csv")
    assert "site.yaml is already there" in found[-1]
    with pytest.raises(ScenarioError):
        staff_of_rota("nowhere.csv")


def test_exported_csv_is_plain(monkeypatch):
    call(monkeypatch, "rota", "export", "site.yaml", "plain.csv")
    with Path("plain.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["break"] == "30 min 10:00-12:00 left 1; 12.5 min 13:00-14:00 fixed"
    assert {row["person"] for row in rows} == {"", "Anna", "Bo", "Cy"}


LEFT_OF = [
    ((), "left 1 of helper, nurse"),
    ((), "left 1 of helper fixed"),
    (("social worker", "a/b-c.d"), "left 2 of social worker, a/b-c.d"),
    (("a, b", "d;e"), 'left 1 of nurse, "a, b", "d;e"'),
    (("not fixed",), 'left 1 of "not fixed" fixed'),
]


@pytest.mark.parametrize(("roles", "text"), LEFT_OF)
def test_roles_of_those_left_during_a_break_read_back_the_same(roles, text):
    known = ("nurse", "helper", *roles)
    written = f"30 min 10:00-12:00 {text}; 15 min 13:00-14:00"
    breaks = read_breaks(Cell(written, Place("rota.csv", 1, 1)), 420, 900, known)
    assert isinstance(breaks, tuple)
    assert len(breaks) == 2
    assert breaks[0].minimum_left_of
    assert set(breaks[0].minimum_left_of) <= set(known)
    assert break_text(breaks) == written


def test_roles_that_are_none_are_told_at_the_cell():
    line = (
        'role,day,start,end,break\nnurse,daily,07:00,15:00,"30 10:00-12:00 left 1 of nurse, helpr"'
    )
    Path("left.csv").write_text(f"{line}\n", "utf-8")
    with pytest.raises(ScenarioError, match=r"left\.csv:2:.*'helpr', which is not a role; did you"):
        read_rota(Path("left.csv"), load_scenario("site.yaml"))


@pytest.mark.parametrize("layout", [(), ("--layout", "grid")])
def test_who_is_left_is_exported_and_comes_back(monkeypatch, layout):
    lines = SITE.replace("minimum_left: 1}", "minimum_left: 2, minimum_left_of: [nurse, helper]}")
    Path("site.yaml").write_text(
        lines.replace("recallable: false", "minimum_left_of: [helper]"), "utf-8"
    )
    assert call(monkeypatch, "rota", "export", "site.yaml", "left.csv", *layout) == 0
    assert " left 2 of nurse, helper; 12.5 min 13:00-14:00 left 0 of helper" in "".join(
        path.read_text("utf-8") for path in Path().glob("left*.csv")
    )
    before = staff_of(load_scenario("site.yaml"))
    after = read_rota(Path("left.csv"), load_scenario("site.yaml")).staff
    assert said(after.rota) == said(before.rota)


# --- dates -------------------------------------------------------------------------------------

TEN_DAYS = """\
name: from-thursday
horizon: {start: 2026-01-01, days: 10}
opening: {hours: 08:00-18:00}
demand:
  arrivals: [{at: 600, kind: talk}, {at: 10680, kind: talk}, {at: 13560, kind: talk}]
visits:
  talk: {services: {talk: 1}}
services: {talk: {duration: 20, roles: [nurse], patience: 30}}
staff:
  roles: {nurse: {cost_per_hour: 100, contract_hours: 28, headroom: 0}}
  unsocial: [{days: sat, from: 00:00, to: "24:00", multiplier: 2}]
  rota: [{role: nurse, from: 08:00, to: "18:00"}]
"""
DATED_GRID = """\
role,person,2026-01-01,2026-01-02,2026-01-03,2026-01-04,2026-01-05,2026-01-06,2026-01-07,2026-01-08,\
2026-01-09,2026-01-10
nurse,Ada,,,,,,,,D,,
nurse,Bo,N,,,,,,,,,D
"""
DATED_CODES = "code,start,end\nD,08:00,18:00\nN,22:00,06:00\n"


def of_dates(*sets):
    """Ten days from a Thursday, with the rota of a grid of dates."""
    Path("dates.yaml").write_text(TEN_DAYS, "utf-8")
    Path("dates.csv").write_text(DATED_GRID, "utf-8")
    Path("dates-codes.csv").write_text(DATED_CODES, "utf-8")
    site = load_scenario("dates.yaml", sets)
    return site.model_copy(update={"staff": read_rota(Path("dates.csv"), site).staff})


def test_a_table_of_codes_in_which_nothing_stands_is_empty(tmp_path, monkeypatch):
    """It ended with an error: the column that it lacks was to be shown in its headings."""
    monkeypatch.chdir(tmp_path)
    site = of_dates()
    for nothing in ("", "\n\n", ",,\n"):
        Path("dates-codes.csv").write_text(nothing, "utf-8")
        for codes in (None, Path("dates-codes.csv")):
            with pytest.raises(ScenarioError, match=r"dates-codes\.csv: is empty"):
                read_rota(Path("dates.csv"), site, codes)


def test_means_of_a_rota_of_dates_are_of_the_days_that_there_are():
    """18 h and 10 h in ten days: 28 h, 19.6 a week; those of Saturday the 10th cost twice."""
    site = of_dates()
    assert sum(hours_per_week(site, line) for line in range(3)) == pytest.approx(19.6)
    assert sum(cost_per_week(site, line) for line in range(3)) == pytest.approx(3800 * 0.7)
    assert posts(site, "nurse") == pytest.approx(0.7)
    (nurse,) = outlook(site).cover
    assert nurse.hours_per_week == pytest.approx(19.6)
    assert check_rota(site).posts["hours_per_week"].sum() == pytest.approx(19.6)
    by_hour = on_duty_by_hour(site)["nurse"]
    # Thursday comes twice, Saturday too, Wednesday once.
    assert by_hour[3 * 24 + 10] == by_hour[5 * 24 + 10] == 0.5
    assert by_hour[2 * 24 + 10] == 0
    assert by_hour[3 * 24 + 22] == 0.5


def test_a_figure_of_the_run_is_of_these_days_too():
    result = run_study(of_dates(), Plan(replications=1, seed=1, workers=1))
    table = result.summary.set_index(["metric", "statistic", "by"])["value"]
    assert table["rostered", "hours_per_week", "all"] == pytest.approx(19.6)
    assert table["cost", "per_week", "all"] == pytest.approx(2660)
    assert table["wte", "posts", "all"] == pytest.approx(0.7)


def test_warm_up_is_not_in_the_mean():
    site = of_dates("horizon.start=2025-12-25", "horizon.days=17", "horizon.warmup_weeks=1")
    assert sum(hours_per_week(site, line) for line in range(3)) == pytest.approx(19.6)


def test_nobody_there_on_the_dates_that_there_are_and_no_others():
    sets = ("rota_rules.minimum=1", "opening.dates={2026-01-04: closed}")
    found = [one for one in check_rota(of_dates(*sets)).breaches if one.rule is Rule.TOGETHER]
    days = [1, 2, 3, 5, 6, 7, 9]
    assert [one.when for one in found] == [f"2026-01-{day:02d} 08:00-18:00" for day in days]
    assert sum(one.hours for one in found) == pytest.approx(70 * 0.7)
    present = staff_present(of_dates())["nurse"]
    assert len(present) == 14400
    minutes = {day: int(present[(day - 1) * 1440 :][:1440].sum()) for day in range(1, 11)}
    assert {day: n for day, n in minutes.items() if n} == {1: 120, 2: 360, 8: 600, 10: 600}


def test_a_rota_of_dates_that_ends_on_a_sunday_does_not_run_into_its_own_monday():
    rows = "role,date,start,end,name\nnurse,2026-01-05,00:00,06:00,Bo\n"
    rows += "helper,2026-01-06,08:00,12:00,Cy\n"
    staff = rota_from(rows + "nurse,2026-02-01,22:00,04:00,Bo\n")
    site = load_scenario("site.yaml").model_copy(update={"staff": staff})
    assert not [one for one in check_rota(site).breaches if one.where == "Bo"]


def test_a_week_of_dates_in_four_weeks_is_warned_of(monkeypatch, capsys):
    rows = [
        f"nurse,2026-01-{day:02d},{start},{end}"
        for day in range(5, 12)
        for start, end in (("06:00", "14:00"), ("14:00", "22:00"), ("22:00", "06:00"))
    ]
    rows.append("helper,2026-01-05,08:00,12:00")
    Path("week.csv").write_text("role,date,start,end\n" + "\n".join(rows) + "\n", "utf-8")
    assert call(monkeypatch, "rota", "import", "week.csv", "--scenario", "site.yaml") == 0
    words = "the rota has no shift on 21 of the 28 days of the horizon (first 2026-01-12)"
    assert words in capsys.readouterr().out
    assert any(words in one for one in outlook(load_scenario("week.yaml")).warnings)
    assert call(monkeypatch, "rota", "check", "week.yaml") == 1
    assert words in " ".join(capsys.readouterr().out.split())
    one_week = load_scenario("week.yaml", ["horizon.weeks=1"])
    assert not any("no shift on" in one for one in outlook(one_week).warnings)
    elsewhere = outlook(load_scenario("week.yaml", ["horizon.start=2026-03-02"])).warnings
    assert any("7 of the 7 dates of the rota are beyond the horizon" in one for one in elsewhere)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_dates_are_written_as_dates_and_read_back(monkeypatch, name):
    site = of_dates()
    assert call(monkeypatch, "rota", "import", "dates.csv", "--scenario", "dates.yaml",
                "--out", "of.yaml") == 0  # fmt: skip
    assert call(monkeypatch, "rota", "export", "of.yaml", name, *ARGUMENTS[name]) == 0
    assert call(monkeypatch, "rota", "import", name, "--scenario", "dates.yaml") == 0
    after = load_scenario(Path(name).with_suffix(".yaml"))

    def plain(rota):
        return sorted((one.dates, one.start, one.end, one.people) for one in rota)

    assert plain(staff_of(after).rota) == plain(staff_of(site).rota)


def test_dates_in_the_calendar_are_those_of_the_rota(monkeypatch):
    of_dates()
    assert call(monkeypatch, "rota", "import", "dates.csv", "--scenario", "dates.yaml",
                "--out", "of.yaml") == 0  # fmt: skip
    assert call(monkeypatch, "rota", "export", "of.yaml", "of.ics") == 0
    events = icalendar.Calendar.from_ical(Path("of.ics").read_bytes()).walk("VEVENT")
    assert sorted((str(one["summary"])[:3], one.decoded("dtstart")) for one in events) == [
        ("Ada", datetime(2026, 1, 8, 8)),
        ("Bo:", datetime(2026, 1, 1, 22)),
        ("Bo:", datetime(2026, 1, 10, 8)),
    ]


def test_weekdays_beside_dates_are_counted_over_the_horizon():
    """Every day 8-18 for ten days, and 4 h on one date: 104 h, 72.8 a week."""
    Path("dates.yaml").write_text(TEN_DAYS, "utf-8")
    always = "{role: nurse, from: 08:00, to: '18:00'}"
    once = "{role: nurse, from: 10:00, to: '14:00', dates: 2026-01-03}"
    site = load_scenario("dates.yaml", [f"staff.rota=[{always}, {once}]"])
    assert [hours_per_week(site, line) for line in (0, 1)] == pytest.approx([70, 2.8])
    assert int(on_duty(site)["nurse"][2 * 1440 + 660]) == 2


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ("2026-02-30", "2026-02-30 is not in the calendar"),
        ("2026-02-01 to 2026-02-30", "2026-06-08, or 2026-06-08 to 2026-06-14; not"),
        ("2026-02-10 to 2026-02-01", "ends before it begins"),
        ("[2026-02-01, 2026-02-01 to 2026-02-03]", "names 2026-02-01 twice"),
        ("tomorrow", "must be dates such as"),
        ("5", "must be dates such as"),
    ],
)
def test_dates_that_are_none_are_refused(dates, words):
    line = f"{{role: nurse, from: 08:00, to: '18:00', dates: {dates}}}"
    with pytest.raises(ScenarioError) as refused:
        scenario_from_text(TEN_DAYS, [f"staff.rota=[{line}]"])
    assert words in str(refused.value)


def test_dates_and_weekdays_in_one_line_are_refused():
    line = "{role: nurse, from: 08:00, to: '18:00', days: mon, dates: 2026-01-05}"
    with pytest.raises(ScenarioError, match="gives dates, and days or weeks"):
        scenario_from_text(TEN_DAYS, [f"staff.rota=[{line}]"])
