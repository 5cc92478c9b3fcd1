"""Rotas as iCalendars: what other programs write, and what is written here read back."""

from pathlib import Path

import pytest

from sim.cli.commands.rota import _exported
from sim.rota.files.read import read_rota
from tests.study.rota.test_files_as_kept import shifts, site, told

EVENT = "BEGIN:VEVENT\r\nUID:{}@x\r\n{}\r\nEND:VEVENT\r\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def ics(*events, head=""):
    body = "".join(EVENT.format(number, "\r\n".join(lines)) for number, lines in enumerate(events))
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{head}{body}END:VCALENDAR\r\n"
    Path("rota.ics").write_bytes(text.encode())
    return "rota.ics"


def event(start="20260105T080000", end="20260105T160000", summary="Ada", *more):
    colon = "" if start.startswith(";") else ":"
    return [f"DTSTART{colon}{start}", f"DTEND{colon}{end}", f"SUMMARY:{summary}", *more]


def test_the_calendar_of_a_shift_programme():
    name = ics(
        event("20260105T070000", "20260105T150000", "worker day (Ada)"),
        event("20260105T230000", "20260106T070000", "worker night (Bo)"),
    )
    found, read = shifts(name, site(roles=("worker",)))
    assert found == ["Ada 05 07:00-15:00", "Bo 05 23:00-07:00"]
    assert [line.name for line in read.staff.rota] == ["day", "night"]
    assert read.read_as == (
        (
            "events: 'worker day (Ada)' is Ada, worker, shift 'day', "
            "'worker night (Bo)' is Bo, worker, shift 'night'"
        ),
    )


@pytest.mark.parametrize(
    ("summary", "people", "shift"),
    [
        ("Ada", ["Ada"], ""),
        ("Ada: late", ["Ada"], "late"),
        ("Ada - nurse", ["Ada"], ""),
        ("Nurse late (Ada, Bo)", ["Ada", "Bo"], "late"),
        ("Ada & Bo", ["Ada", "Bo"], ""),
    ],
)
def test_who_and_which_shift_is_in_the_summary(summary, people, shift):
    found, read = shifts(ics(event(summary=summary.replace(",", "\\,"))), site())
    assert found == [f"{person} 05 08:00-16:00" for person in people]
    assert read.staff.rota[0].name == shift


def test_role_and_people_from_categories_and_attendees():
    more = [
        "CATEGORIES:helper",
        "ATTENDEE;CN=Ada Lund:mailto:ada@x.org",
        "ATTENDEE:mailto:bo@x.org",
    ]
    _, read = shifts(ics(event("20260105T080000", "20260105T160000", "Late", *more),
                         event("20260106T080000", "20260106T160000", "nurse Cy")),
                     site(roles=("nurse", "helper")))  # fmt: skip
    assert [(line.role, line.people, line.name) for line in read.staff.rota] == [
        ("helper", ("Ada Lund", "bo@x.org"), "Late"),
        ("nurse", ("Cy",), ""),
    ]


def test_an_event_without_a_role_is_told_of_at_its_line():
    message = told(ics(event()), site(roles=("nurse", "helper")))
    assert message.startswith("rota.ics:4:1: 'Ada' names no role")
    assert "roles of site: nurse, helper" in message


def test_weekly_with_days_left_out_and_one_moved():
    weekly = [*event(), "RRULE:FREQ=WEEKLY;BYDAY=MO,TU", "EXDATE:20260106T080000"]
    moved = [*event("20260114T100000", "20260114T180000"), "RECURRENCE-ID:20260113T080000"]
    text = Path(ics(weekly, moved)).read_text("utf-8").replace("UID:1@x", "UID:0@x")
    Path("rota.ics").write_text(text, "utf-8")
    assert shifts("rota.ics", site(days=14))[0] == [
        "Ada 05 08:00-16:00",
        "Ada 12 08:00-16:00",
        "Ada 14 10:00-18:00",
    ]


def test_folded_lines_and_a_duration():
    folded = "SUMMARY:nurse late (Ada\r\n  Lund)"
    name = ics(["DTSTART:20260105T080000", "DURATION:PT8H", folded])  # fmt: skip
    assert shifts(name, site())[0] == ["Ada Lund 05 08:00-16:00"]


def test_times_of_a_zone_are_the_clock_there_and_utc_needs_one():
    zone = ";TZID=Europe/Copenhagen:"
    zoned = event(f"{zone}20260105T080000", f"{zone}20260105T160000")
    assert shifts(ics(zoned), site())[0] == ["Ada 05 08:00-16:00"]
    utc = event("20260105T070000Z", "20260105T150000Z")
    assert "its times are in UTC" in told(ics(utc), site())
    assert shifts("rota.ics", site(), zone="Europe/Copenhagen")[0] == ["Ada 05 08:00-16:00"]
    name = ics(utc, head="X-WR-TIMEZONE:Europe/Copenhagen\r\n")
    assert shifts(name, site())[0] == ["Ada 05 08:00-16:00"]
    assert "'Middle/Earth' is no time zone" in told(ics(utc), site(), zone="Middle/Earth")
    # By summer time it is 9 there when it is 7 in UTC.
    summer = event("20260706T070000Z", "20260706T150000Z")
    found, _ = shifts(ics(summer), site("2026-07-06"), zone="Europe/Copenhagen")
    assert found == ["Ada 06 09:00-17:00"]


def test_what_is_left_out_is_told():
    name = ics(
        event(),
        [*event(summary="Bo"), "STATUS:CANCELLED"],
        event(";VALUE=DATE:20260106", ";VALUE=DATE:20260107", "Bo leave"),
        event("20260301T080000", "20260301T160000", "Bo"),
    )
    found, read = shifts(name, site())
    assert found == ["Ada 05 08:00-16:00"]
    notes = "\n".join(read.read_as)
    for words in ("cancelled, left out: 'Bo' (line 10)", "whole days, no shift: 'Bo leave'",
                  "beyond the horizon, 2026-01-05 to 2026-01-11, left out: 1"):  # fmt: skip
        assert words in notes


def test_a_night_that_reaches_into_the_horizon_is_of_it():
    _, read = shifts(ics(event("20260104T220000", "20260105T060000")), site())
    assert [str(on) for on in read.staff.rota[0].dates] == ["2026-01-04"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (event("20260105T080000", "20260107T080000"), "lasts 48 hours"),
        (event("20260105T080030"), "within a minute"),
        ([*event(), "RRULE:FREQ=SECONDLY"], "an event cannot recur secondly"),
    ],
)
def test_events_that_are_no_shift(lines, words):
    message = told(ics(lines), site())
    assert words in message
    assert message.startswith("rota.ics:4:1: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("role,day\n", "is no calendar"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "has no events"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:x\nEND:VEVENT\nEND:VCALENDAR\n", "rota.ics"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "rota.ics"),
    ],
)
def test_damaged_calendars(text, words):
    Path("rota.ics").write_text(text, "utf-8")
    assert words in told("rota.ics", site())


def rewritten(scenario, change):
    """Export, change the text, and read it again."""
    for path, write in _exported(scenario, Path("own.ics"), "long"):
        write(path)
    Path("own.ics").write_text(change(Path("own.ics").read_text("utf-8")), "utf-8")
    return read_rota(Path("own.ics"), scenario)


def test_what_somebody_changed_in_the_calendar_counts():
    scenario = site(days=14)
    line = {"role": "nurse", "from": "08:00", "to": "16:00", "days": "mon", "people": ["Ada"]}
    changed = scenario.staff.model_validate(
        {"roles": {"nurse": {}}, "rota": [line, {"role": "nurse", "from": "00:00", "to": "08:00"}]}
    )
    scenario = scenario.model_copy(update={"staff": changed})
    same = rewritten(scenario, lambda text: text)
    assert (same.staff.rota, same.read_as) == (changed.rota, ())
    other = rewritten(scenario, lambda text: text.replace("\nSUMMARY:Ada:", "\nSUMMARY:Bo:"))
    assert {line.people for line in other.staff.rota if line.people} == {("Bo",)}
    moved = rewritten(
        scenario,
        lambda text: text.replace("DTSTART:20260106T000000", "DTSTART:20260106T010000"),
    )
    assert moved.read_as == ("the calendar no longer repeats after 1 weeks: its dates",)
