"""Logs as sites keep them: shapes, languages, dates, encodings; and what cannot be read."""

import re
from datetime import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from sim.fit.fit import Choice, fit_log
from sim.fit.reading.columns import columns_of, kind_of, meanings_given
from sim.fit.reading.moments import column_of, is_month_first, written
from sim.fit.reading.read import read_log, read_logs
from sim.fit.reading.register import COLUMNS, Shape, line_text
from sim.fit.reading.rows import Said
from sim.fit.reading.tally import tally_of
from sim.scenario.errors.problem import Place, ScenarioError
from sim.scenario.tables.files import read_sheets
from sim.scenario.tables.sheet import Cell
from tests.support.site_logs import clock, fitted, moment, small_site, uses, visits_lines, write_log

HEAD = Cell("Date", Place("log.csv", 1, 1))


def read(path, said=None, **kw):
    return read_log(path, small_site(), said or Said(), **kw)


def problems(path, said=None):
    with pytest.raises(ScenarioError) as caught:
        read(path, said)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "day", "minutes"),
    [
        ("2026-01-05", "2026-01-05", None),
        ("05.01.2026", "2026-01-05", None),
        ("5/1-2026", "2026-01-05", None),
        ("05-01-26", "2026-01-05", None),
        ("20260105", "2026-01-05", None),
        ("5. januar 2026", "2026-01-05", None),
        ("Jan 5, 2026", "2026-01-05", None),
        ("Mon 05.01.2026", "2026-01-05", None),
        ("46027", "2026-01-05", None),
        ("46027.5", "2026-01-05", 720),
        ("2026-01-05T07:05:30Z", "2026-01-05", 425.5),
        ("05.01.2026 07.05", "2026-01-05", 425),
        ("05/01/2026 7:05 PM", "2026-01-05", 1145),
        ("00:10", None, 10),
        ("00.10", None, 10),
        ("kl. 7.05", None, 425),
        ("0730", None, 450),
        ("7:05 PM", None, 1145),
        ("12:05 am", None, 5),
        ("25:30", None, 1530),
        ("0.3125", None, 450),
        ("07:30 Uhr", None, 450),
    ],
)
def test_moments(text, day, minutes):
    found = written(text)
    assert found is not None
    expected = None if day is None else pd.Timestamp(day).toordinal()
    assert found.day_first == expected
    assert np.isnan(found.clock) if minutes is None else found.clock == pytest.approx(minutes)


@pytest.mark.parametrize("text", ["soon", "32.01.2026", "2026-13-01", "10:75", "30:00", "5.1", ""])
def test_no_moments(text):
    found = written(text)
    assert found is None or (found.day_first is None and np.isnan(found.clock))


def test_day_and_month_are_told_apart_over_the_whole_column():
    assert not is_month_first([["05/01/2026", "13/01/2026"]], None, HEAD)
    assert is_month_first([["05/01/2026"], ["01/13/2026"]], None, HEAD)
    assert not is_month_first([["05.01.2026", "2026-01-05"]], None, HEAD)
    assert is_month_first([["05/01/2026"]], "month", HEAD)
    with pytest.raises(ScenarioError, match="--dates day"):
        is_month_first([["05/01/2026", "06/01/2026"]], None, HEAD)
    column = column_of(["05/01/2026 10:00", "", "later"], month_first=True)
    assert column.day[0] == pd.Timestamp("2026-05-01").toordinal()
    assert column.unreadable.tolist() == [False, False, True]


def english(times, stays, kinds):
    return "visits", list(visits_lines(times, stays, kinds))


def german(times, stays, kinds):
    """A register of uses, as a program of German rooms exports it."""
    names = {"inject": "intravenös", "smoke": "inhalativ"}
    lines = ["Datum;Uhrzeit;Dauer (min);Konsumform;Status"]
    for time, stay, kind in zip(times, stays, kinds, strict=True):
        day = pd.Timestamp(moment(time)[:10])
        row = f"{day:%d.%m.%Y};{clock(time % 1440)};{stay:.0f},0;{names[kind]};BEENDET"
        lines.append(row)
    return "uses", lines


def events(times, stays, kinds):
    lines = ["client,event,time,kind"]
    for number, (time, stay, kind) in enumerate(zip(times, stays, kinds, strict=True)):
        lines.append(f"c{number},in,{moment(time)},{kind}")
        lines.append(f"c{number},start,{moment(time)},{kind}")
        lines.append(f"c{number},end,{moment(time + stay)},{kind}")
    return "events", lines


def test_the_same_visits_in_three_shapes_are_the_same_tables(tmp_path):
    known = uses(np.random.default_rng(1), days=14)
    keys = {"demand.visits_a_day", "visits.share", "visits.stay.mean", "demand.day_to_day_cv"}
    tables = []
    for make, encoding in ((english, "utf-8-sig"), (german, "cp1252"), (events, "utf-16")):
        shape, lines = make(*known)
        lines = [one for one in lines if "refused" not in one]
        found = fitted(write_log(tmp_path, lines, f"{shape}.csv", encoding))
        assert found.read.register.shape == Shape(shape)
        tables.append([row for row in found.rows() if row.input in keys])
    assert tables[0] == tables[1] == tables[2]


def test_counts_by_the_hour(tmp_path):
    lines = ["date,hour,visits"]
    lines += [f"2026-01-{day:02d},{hour},3" for day in range(5, 19) for hour in range(10, 22)]
    found = fitted(write_log(tmp_path, lines))
    assert found.read.register.shape is Shape.COUNTS
    assert found.demand is not None
    assert found.demand.a_day.value == pytest.approx(36)
    assert found.stays is None


def test_counts_by_the_day_keep_the_hours_of_the_site(tmp_path):
    site = small_site()
    lines = ["Dato;Antal", *(f"{day:02d}.01.2026;{20 + day % 2}" for day in range(5, 19))]
    found = fitted(write_log(tmp_path, lines), site)
    assert found.demand is not None
    assert found.demand.a_day.value == pytest.approx(20.5, rel=1e-3)
    open_hours = found.demand.week.rate[0, 10:22]
    assert open_hours == pytest.approx(np.full(12, open_hours[0]))


def test_danish_and_french_columns(tmp_path):
    danish = ["Dato;Kl.;Indtagelsesform;Udfald", "05-01-2026;10.05;rygning;betjent"]
    danish += ["13-01-2026;10.07;injektion;gik igen"]
    found = read(write_log(tmp_path, danish, "da.csv")).register
    assert found.arrived.tolist() == [605, 8 * 1440 + 607]
    assert found.kind.tolist() == [1, 0]
    assert found.unserved.tolist() == [False, True]
    french = ["Date;Heure d'arrivée;Mode de consommation", "05.01.2026;10h05;fumé"]
    french += ["06.01.2026;10h07;injection"]
    found = read(write_log(tmp_path, french, "fr.csv")).register
    assert found.arrived.tolist() == [605, 1440 + 607]


def test_an_excel_file(tmp_path):
    frame = pd.DataFrame(
        {
            "Ankomst": pd.to_datetime(["2026-01-05 10:05", "2026-01-06 11:15"]),
            "Form": ["fix", "ryge"],
        }
    )
    frame.to_excel(tmp_path / "log.xlsx", index=False)
    said = Said(columns=meanings_given(["kind=Form"]))
    found = read(tmp_path / "log.xlsx", said).register
    assert found.arrived.tolist() == [605, 1440 + 675]
    assert found.kind.tolist() == [0, 1]


def test_titles_above_the_headings(tmp_path):
    lines = ["Register of H17,,", "", "arrived,kind,room", "2026-01-05 10:05,inject,injecting"]
    assert len(read(write_log(tmp_path, lines)).register) == 1


def test_codes_of_clients_go_no_further(tmp_path):
    lines = [
        "arrived,client,kind",
        "2026-01-05 10:05,ABC123,inject",
        "2026-01-05 11:05,ABC123,smoke",
    ]
    lines += ["2026-01-05 12:05,XYZ,smoke"]
    found = read(write_log(tmp_path, lines))
    assert found.register.client.tolist() == [0, 0, 1]
    fit = fitted(tmp_path / "log.csv")
    assert "ABC123" not in repr(fit.register)
    assert "ABC123" not in repr(fit.rows())


def test_kinds_are_known_by_many_names():
    names = ["inject", "smoke", "sniff"]
    assert kind_of("INTRAVEN_S", names, {}) == "inject"
    assert kind_of("Folie", names, {}) == "smoke"
    assert kind_of("intranasal", names, {}) == "sniff"
    assert kind_of("oral", names, {}) is None
    assert kind_of("oral", names, {"oral": "sniff"}) == "sniff"


def test_hours_after_midnight_under_the_date_before(tmp_path):
    """Open 18:00-02:00: 00:30 under Monday's date is of the night after Monday."""
    site = small_site()
    site = site.model_copy(
        update={"opening": site.opening.model_validate({"hours": "18:00-02:00 next day"})}
    )
    lines = ["date,arrived,kind"]
    for day in range(5, 19):
        lines += [f"2026-01-{day:02d},{at},inject" for at in ("18:30", "23:50", "00:30", "01:10")]
    got = read_log(write_log(tmp_path, lines), site, Said())
    assert [one.rule for one in got.findings] == ["night"]
    assert got.register.arrived.max() == 14 * 1440 + 70
    assert got.register.arrived.min() == 1110
    other = [one.replace("00:30", "24:30").replace("01:10", "25:10") for one in lines]
    again = read_log(write_log(tmp_path, other, "other.csv"), site, Said())
    assert again.findings == ()
    assert (again.register.arrived == got.register.arrived).all()


# --- what cannot be read ------------------------------------------------------------------------

BROKEN = {
    "empty": ([""], "is empty"),
    "no_headings": (["2026-01-05 10:00,inject", "2026-01-05 10:05,smoke"], "no line of headings"),
    "no_rows": (["arrived,kind"], r"log.csv:1:1: the table has headings, but no rows"),
    "no_arrival": (["kind,room", "inject,injecting"], "no column that says when somebody came"),
    "kind": (
        ["arrived,kind", "2026-01-05 10:00,swallow"],
        r"log.csv:2:2: .*no kind of small.*--kinds",
    ),
    "room": (["arrived,room", "2026-01-05 10:00,cellar"], r"log.csv:2:2: .*no room of small"),
    "dates": (["arrived,kind", "05/01/2026 10:00,inject"], "--dates day"),
    "unreadable": (["arrived,kind", "soon,inject", "later,inject"], r"log.csv:2:1: must be a date"),
    "twice": (["arrived,arrival,kind", "2026-01-05 10:00,,inject"], r"log.csv:1:1: .*--columns"),
    "same_heading": (["arrived,kind,kind", "2026-01-05 10:00,a,b"], "stands here twice"),
    "minutes": (
        ["date,start,duration,kind", "2026-01-05,10:00,long,inject"],
        r"log.csv:2:3: minutes must be a number",
    ),
    "counts": (["date,hour,visits", "2026-01-05,10,2.5"], r"log.csv:2:3: visits must be whole"),
    "hour": (["date,hour,visits", "2026-01-05,noon,2"], r"log.csv:2:2: must be an hour"),
    "outcome": (
        ["arrived,entered,outcome", "2026-01-05 10:00,,vanished"],
        r"log.csv:2:3: 'vanished' is no known outcome",
    ),
    "sites": (
        ["arrived,site", "2026-01-05 10:00,H17", "2026-01-05 10:00,Skyen"],
        "the log is of 2 sites.*--where",
    ),
    "short_row": (["arrived,kind,room", "2026-01-05 10:00,inject"], "the row ends here"),
    "quote": (["arrived,kind", '2026-01-05 10:00,"inject'], "quotation mark"),
    "events": (["event,time", "in,2026-01-05 10:00"], "needs a column client"),
    "no_begin": (["client,event,time", "a,hum,"], "no event of the log begins a visit|must be"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_told_with_its_cell(tmp_path, name):
    lines, message = BROKEN[name]
    assert re.search(message, problems(write_log(tmp_path, lines)))


def test_no_such_file_and_no_parquet(tmp_path):
    assert "no such file" in problems(tmp_path / "none.csv")
    assert "no such file" in problems(tmp_path / "none.parquet")
    (tmp_path / "bad.parquet").write_text("no parquet")
    assert "no Parquet file" in problems(tmp_path / "bad.parquet")
    (tmp_path / "log.csv").write_bytes(b"arrived,kind\n2026-01-05 10:00,r\xf8d\nx,\xc3\xa6\n")
    assert "UTF-8" in problems(tmp_path / "log.csv")


def test_rows_of_one_site_only(tmp_path):
    lines = ["arrived,site", "2026-01-05 10:00,H17", "2026-01-05 11:00,Skyen"]
    path = write_log(tmp_path, lines)
    assert len(read(path, Said(where=("site", "Skyen"))).register) == 1
    assert "no row has" in problems(path, Said(where=("site", "Mars")))
    assert "no column" in problems(path, Said(where=("city", "Mars")))


def test_what_is_said_of_columns():
    assert meanings_given(["arrived=Kommet,kind=Form"]) == {"arrived": "Kommet", "kind": "Form"}
    with pytest.raises(ScenarioError, match="did you mean `arrived`"):
        meanings_given(["arived=Kommet"])


@pytest.mark.slow
def test_a_million_empty_lines(tmp_path):
    path = Path(tmp_path / "log.csv")
    path.write_text("arrived,kind\n" + "\n" * 1_000_000 + "2026-01-05 10:00,inject\n")
    got = read(path)
    assert got.register.line.tolist() == [1_000_002]


def test_columns_that_two_names_may_mean(tmp_path):
    path = write_log(tmp_path, ["Check-in tid,Varighed i minutter,Bem.", "x,y,z"])
    found = columns_of(read_sheets(path)[0], {})
    assert dict(found.of) == {"arrived": 0, "minutes": 1}
    assert found.unused == ("Bem.",)


def test_times_of_an_unformatted_workbook_are_parts_of_a_day():
    """0.25 of a column of such numbers is six o'clock; beside 7.05 it is 25 past midnight."""
    parts = column_of(["0.25", "0.3125", "0,5", "0", ""], month_first=False)
    assert parts.clock[:4].tolist() == [360, 450, 720, 0]
    clocks = column_of(["0.25", "7.05", "00.10"], month_first=False)
    assert clocks.clock.tolist() == [25, 425, 10]


def test_numbers_of_a_workbook_among_times_are_parts_of_a_day(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("log", 0)
    sheet.append(["Dato", "Ankomst", "Indtagelsesform"])
    for day, at in ((5, datetime(2026, 1, 5, 10, 30).time()), (6, 0.5), (7, "12:15")):
        sheet.append([datetime(2026, 1, day), at, "fix"])
    book.save(tmp_path / "log.xlsx")
    read = read_log(tmp_path / "log.xlsx", small_site(), Said())
    assert (read.register.arrived % 1440).tolist() == [630, 720, 735]


def test_an_end_in_a_row_of_its_own_is_of_the_last_visit(tmp_path):
    lines = ["date,arrived,out,client", "2026-01-05,10:00,,A", "2026-01-05,10:05,,B"]
    lines += ["2026-01-05,,10:40,B", "2026-01-05,,10:50,A", "2026-01-05,,11:00,C"]
    read = read_log(write_log(tmp_path, lines), small_site(), Said())
    assert (read.register.arrived % 1440).tolist() == [600, 605]
    assert (read.register.out % 1440).tolist() == [650, 640]
    assert {one.rule: one.count for one in read.findings} == {"orphans": 1}


# --- tallies, and logs of several files ---------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "a_day", "days"),
    [
        (["date,refused", "2026-01-05,3", "2026-01-06,0", "2026-01-07,", "2026-01-08,6"], 3, 3),
        (["Dato;Afvist", "05-01-2026;21", "12-01-2026;35", "19-01-2026;28"], 4, 21),
        (["Uge,Afvist", "2,7", "3,14"], 1.5, 14),
        (["Woche;Abweisungen", "KW 2;7", "Summe;7"], 1, 7),
        (["date,refused", "2026-01-05,4", "2027-01-05,90", "Total,94"], 4, 1),
    ],
)
def test_tallies_by_day_and_by_week(tmp_path, lines, a_day, days):
    log = read(write_log(tmp_path, list(visits_lines(*uses(np.random.default_rng(1))))))
    found = tally_of(write_log(tmp_path, lines, "gone.csv"), Said(), log.register)
    assert found is not None
    assert (found.a_day, found.days) == (a_day, days)


def test_a_list_is_no_tally(tmp_path):
    log = read(write_log(tmp_path, list(visits_lines(*uses(np.random.default_rng(1))))))
    for lines in (
        ["date,arrived,unserved", "2026-01-05,11:00,left"],
        ["date,unserved", "2026-01-05,gik igen"],
        ["date,hour,unserved", "2026-01-05,11,2"],
    ):
        assert tally_of(write_log(tmp_path, lines, "gone.csv"), Said(), log.register) is None


def test_those_not_served_hour_by_hour_join_the_log(tmp_path):
    path = write_log(tmp_path, ["date,hour,visits", "2026-01-05,11,2", "2026-01-05,12,1"])
    register = read(path, unserved=True).register
    assert register.unserved.sum() == len(register) == 3


@pytest.mark.parametrize("row", ["2026-01-05,many", "2026-01-05,-2", "2027-01-05,3"])
def test_tallies_that_cannot_be(tmp_path, row):
    log = read(write_log(tmp_path, list(visits_lines(*uses(np.random.default_rng(1))))))
    path = write_log(tmp_path, ["date,refused", "2027-01-06,3", row], "gone.csv")
    with pytest.raises(ScenarioError, match=r"gone\.csv"):
        tally_of(path, Said(), log.register)


def test_numbers_of_a_tally_and_of_a_log_have_bounds(tmp_path):
    log = read(write_log(tmp_path, list(visits_lines(*uses(np.random.default_rng(1))))))
    lines = ["date,refused", "2026-01-06,999999", "2026-01-07,2e6", "2026-01-08,-4"]
    bounds = "must be 0 or more and below 1,000,000, not"
    told = rf"csv:3:2: unserved {bounds} '2e6'\n.*csv:4:2: unserved {bounds} '-4'$"
    with pytest.raises(ScenarioError, match=told):
        tally_of(write_log(tmp_path, lines, "gone.csv"), Said(), log.register)
    lines = ["date,arrived,minutes", "2026-01-06,11:00,1e6", "2026-01-07,11:00,-1"]
    told = rf"csv:2:3: minutes {bounds} '1e6'\n.*csv:3:3: minutes {bounds} '-1'$"
    with pytest.raises(ScenarioError, match=told):
        read(write_log(tmp_path, lines, "stays.csv"))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["date,arrived"], "lists nobody: .* leave --unserved out; .* --unserved-unknown"),
        ([""], "lists nobody: .* leave --unserved out"),
        (["date,refused", "2026-01-06,0"], "lists nobody: .* leave --unserved out"),
        (["date,refused", "2027-01-06,3"], "counts on no day of the log, .* --unserved-per-day"),
    ],
)
def test_a_tally_or_list_of_nobody_says_what_would_be_right(tmp_path, lines, says):
    log = read(write_log(tmp_path, list(visits_lines(*uses(np.random.default_rng(1))))))
    path = write_log(tmp_path, lines, "gone.csv")
    with pytest.raises(ScenarioError, match=says):
        tally_of(path, Said(), log.register)


def test_a_list_of_other_days_is_not_taken_for_nobody(tmp_path):
    log = read(write_log(tmp_path, list(visits_lines(*uses(np.random.default_rng(1))))))
    path = write_log(tmp_path, ["date,arrived", "2024-02-01,11:00", "2024-02-03,12:00"], "gone.csv")
    gone = read(path, unserved=True)
    with pytest.raises(ScenarioError, match="its rows are of 2024-02-01 to 2024-02-03; give"):
        fit_log(log, gone, small_site(), Choice())


def test_a_log_of_several_files_is_one(tmp_path):
    lines = list(visits_lines(*uses(np.random.default_rng(1))))
    head, *rows = lines
    whole = read(write_log(tmp_path, [head, *(f"{one}" for one in rows)])).register
    half = len(rows) // 2
    paths = [
        write_log(tmp_path, [head, *rows[half:]], "feb.csv"),
        write_log(tmp_path, [head, *rows[:half]], "jan.csv"),
    ]
    both = read_logs(paths, small_site(), Said()).register
    assert (both.start, both.days) == (whole.start, whole.days)
    for name in COLUMNS:
        if name != "line":
            one, other = getattr(both, name), getattr(whole, name)
            assert np.array_equal(one, other, equal_nan=True), name
    assert both.file.endswith("feb.csv, jan.csv")
    assert line_text(int(both.line[0])) == "2:2"
    again = read_logs([paths[1], paths[1]], small_site(), Said())
    found = fit_log(again, None, small_site(), Choice())
    assert {one.rule: one.count for one in found.findings}["overlap"] == half
    assert half - 20 < len(found.register) <= half  # its last day is a part of one


def test_a_client_has_one_number_in_all_files(tmp_path):
    head = "date,arrived,client"
    paths = [
        write_log(tmp_path, [head, f"2026-01-0{day},11:00,A{day}", f"2026-01-0{day},12:00,B"], name)
        for day, name in ((5, "one.csv"), (6, "two.csv"))
    ]
    found = read_logs(paths, small_site(), Said()).register
    assert found.client.tolist() == [0, 1, 2, 1]


def test_files_of_two_shapes_are_no_log(tmp_path):
    paths = [
        write_log(tmp_path, ["date,arrived", "2026-01-05,11:00"], "one.csv"),
        write_log(tmp_path, ["date,visits", "2026-01-06,11"], "two.csv"),
    ]
    with pytest.raises(ScenarioError, match=r"two\.csv.*is a log of counts, and one"):
        read_logs(paths, small_site(), Said())
