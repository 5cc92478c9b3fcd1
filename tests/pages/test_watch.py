"""A day's page says what the log says: everybody's whereabouts, every stamp, every count."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from sim.engine import simulate
from sim.log import Log, Outcome, Where
from sim.report.page.words import catalogue
from sim.report.watch.courses import Area
from sim.report.watch.data import watch_data
from sim.report.watch.day import (
    Crowd,
    DayError,
    Visits,
    choose_day,
    day_begins,
    days_of,
    visits_on,
)
from sim.report.watch.watch_page import Design, rounded, staff_letters, that_fit, watch_page
from sim.scenario import load_scenario
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors, draw
from tests import ROOT
from tests.support.played import Played, play
from tests.support.random_sites import scenarios
from tests.support.watch_day_seen import (
    Seen,
    check_counts,
    check_stamps,
    page_of,
    see,
    shown_day,
)

SCENARIOS = ROOT / "scenarios"
SITES = ("h17", "skyen", "copenhagen-2013-one-house")
NOT_WANTED = float("nan")
"""Instead of the minutes of a service."""


def site(name: str, *sets: str, weeks: int = 1) -> tuple[Scenario, Visitors, Log]:
    scenario = load_scenario(SCENARIOS / f"{name}.yaml", [f"horizon.weeks={weeks}", *sets])
    visitors = draw(scenario, seed=1, replication=0)
    return scenario, visitors, simulate(scenario, visitors)


def only_day(played: Played) -> Seen:
    day = days_of(played.scenario, played.log)[0]
    return see(played.scenario, played.visitors, played.log, day)


def path_of(seen: Seen, visit: int) -> list[tuple[float, str, int, int]]:
    path = next(row[-1] for row in seen.data["visits"] if row[0] == visit)
    return [(time, Area(area).name.lower(), number, slot) for time, area, number, slot in path]


# --- agrees with the log --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", SITES)
def test_the_examples_agree_with_their_logs(name):
    scenario, visitors, log = site(name, weeks=2)
    seen = see(scenario, visitors, log, choose_day(scenario, log, "overdose"))
    check_counts(seen)
    check_stamps(seen, visitors)
    assert len(seen.data["overdoses"]) >= 1


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(scenarios())
def test_any_site_agrees_with_its_log(scenario):
    visitors = draw(scenario, seed=1, replication=0)
    log = simulate(scenario, visitors)
    for day in days_of(scenario, log):
        seen = see(scenario, visitors, log, day)
        check_counts(seen)
        check_stamps(seen, visitors)
        json.dumps(seen.data, allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", SITES[:2])
def test_the_days_counts_add_up_to_the_logs_outcomes(name):
    scenario, visitors, log = site(name)
    days = days_of(scenario, log)
    outcomes = np.zeros(len(Outcome))
    for day in days:
        seen = see(scenario, visitors, log, day)
        last = ((row, row[4][-1]) for row in seen.data["visits"])
        ended = [row for row, (time, area, *_) in last if area == Area.GONE and time <= day.end]
        outcomes += np.bincount([row[2] for row in ended], minlength=len(Outcome))
        assert {row[0] for row in seen.data["visits"]} - {row[0] for row in ended} == set(
            seen.where(day.end)
        )
    before = int((log.visits["out"] <= days[0].start).sum())
    after = int((~(log.visits["out"] <= days[-1].end)).sum())
    assert outcomes.sum() + before + after == len(visitors)
    whole = (log.visits["out"] > days[0].start) & (log.visits["out"] <= days[-1].end)
    assert (
        outcomes.tolist()
        == np.bincount(log.visits["outcome"][whole].astype(int), minlength=len(Outcome)).tolist()
    )


@pytest.mark.slow
def test_every_overdose_is_on_the_page_of_its_day():
    scenario, visitors, log = site("h17", "visits.inject.overdose.per_1000=30")
    days = days_of(scenario, log)
    onsets = log.responses["onset"]
    assert (log.responses["where"] == Where.OFF_SITE).any()
    for day in days:
        data: Any = watch_data(scenario, visitors, log, day)
        mine = (onsets >= day.start) & (onsets < day.end)
        assert [one["onset"] for one in data["overdoses"] if one["onset"] >= day.start] == onsets[
            mine
        ].tolist()
        for name in ("first", "team", "stable", "end"):
            expected = [None if np.isnan(t) else t for t in log.responses[name][mine].tolist()]
            told = [one[name] for one in data["overdoses"] if one["onset"] >= day.start]
            assert told == expected


def test_staff_are_those_of_the_log():
    scenario, visitors, log = site("skyen")
    seen = see(scenario, visitors, log, choose_day(scenario, log, "wed"))
    for role in seen.data["roles"]:
        for name, (times, values) in role["series"].items():
            steps = seen.series[f"role:{role['name']}:{name}"]
            assert values == steps.at(np.array(times)).tolist()
            inside = (steps.times > seen.day.start) & (steps.times < seen.day.end)
            assert times[1:] == steps.times[inside].tolist()
    # Two shifts of two nurses and two educators, and a night of one nurse and three educators.
    assert sum(role["rostered"] for role in seen.data["roles"]) == 3 * 4
    assert ["nurse", "night", 22 * 60.0, 1] in [
        [role, name, start - seen.day.midnight, count]
        for role, name, start, _, count, _ in seen.data["shifts"]
    ]


# --- worked out by hand ---------------------------------------------------------------------------

CLINIC = """
opening: {hours: 10:00-12:00, wait_at_door: 15}
visits:
  use:
    rooms: [booths]
    stay: 20
    services: {talk: 1}
    aftercare: {share: 1, stay: 8}
check_in: {times: {known: 2}}
services:
  talk: {duration: 5, roles: [nurse]}
aftercare: {seats: 1, when_full: wait_in_place}
rooms:
  booths: {places: 2, cleaning: {duration: 3}}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 09:00, to: 13:00}]
"""


def test_a_visit_goes_from_the_door_through_everything():
    seen = only_day(play(CLINIC, arrivals=[590, 600]))
    assert path_of(seen, 0) == [
        (590, "street", 0, 0),
        (600, "desk", 0, 0),
        (602, "place", 0, 0),
        (622, "service", 0, 0),
        (627, "seat", 0, 0),
        (635, "gone", 0, 0),
    ]
    # The seat is taken until 635, and there is no place to wait in any more.
    assert path_of(seen, 1)[2:] == [
        (622, "service_line", 0, 0),
        (627, "service", 0, 0),
        (632, "elsewhere", 0, 0),
        (635, "seat", 0, 0),
        (643, "gone", 0, 0),
    ]
    assert seen.data["rooms"][0]["cleaning"] == [[0, 622, 625], [1, 622, 625]]
    check_counts(seen)


def test_who_waits_in_the_place_for_a_seat_is_held_there():
    seen = only_day(play(CLINIC, arrivals=[600, 600], service=[[NOT_WANTED] * 2]))
    assert path_of(seen, 0)[1:] == [(602, "place", 0, 0), (622, "seat", 0, 0), (630, "gone", 0, 0)]
    assert path_of(seen, 1)[1:] == [
        (602, "place", 0, 1),
        (622, "held", 0, 1),
        (630, "seat", 0, 0),
        (638, "gone", 0, 0),
    ]
    check_counts(seen)


def test_the_place_that_is_entered_next_was_ready_first():
    # Both places are left at 20; one is clean at 21, the other at 30. Who comes at 25 gets the
    # one that is clean, which must be the first to be ready in the picture too.
    text = """
opening: {hours: 00:00-02:00}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 2, cleaning: {duration: 5}}}
"""
    seen = only_day(play(text, arrivals=[0, 0, 25], cleaning=[[10, 1, 1]]))
    assert path_of(seen, 2) == [(25, "place", 0, 1), (45, "gone", 0, 0)]
    assert sorted(seen.data["rooms"][0]["cleaning"]) == [[0, 20, 30], [1, 20, 21], [1, 45, 46]]


def test_an_overdose_is_observed_in_aftercare():
    text = """
opening: {hours: 00:00-02:00}
visits: {use: {rooms: [booths], stay: 20, overdose: {per_1000: 0, onset: 5}}}
rooms: {booths: {places: 1}}
aftercare: {seats: 2}
overdose:
  severities:
    usual: {share: 1, team: [[nurse], [nurse]], intensive: 10, observation: 15, observers: 1}
staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 00:00, to: 04:00, count: 2}]}
"""
    seen = only_day(play(text, arrivals=[0], onset=[5], observation=[15]))
    assert path_of(seen, 0) == [(0, "place", 0, 0), (15, "seat", 0, 0), (30, "gone", 0, 0)]
    one = seen.data["overdoses"][0]
    assert (one["room"], one["place"], one["team_size"], one["observers"]) == (0, 0, 2, 1)
    assert [one[name] for name in ("onset", "first", "team", "stable", "end")] == [5, 5, 5, 15, 30]
    check_counts(seen)


@pytest.mark.parametrize(
    ("clerk_from", "steps"),
    [
        ("01:00", [(80, "desk", 0, 0), (82, "service_line", 0, 0), (90, "service", 0, 0)]),
        # Nobody is at the desk: they wait for it until it closes, and never for the doctor.
        ("05:00", [(80, "desk_line", 0, 0), (180, "gone", 0, 0)]),
    ],
)
def test_who_is_booked_waits_for_their_time_once_they_are_past_the_desk(clerk_from, steps):
    text = f"""
opening: {{hours: 01:00-03:00}}
demand: {{arrivals: []}}
visits: {{booked: {{share: 0, services: {{doctor: 1}}}}, other: {{services: {{doctor: 1}}}}}}
check_in: {{times: {{known: 2}}, roles: [clerk]}}
services:
  doctor:
    duration: 20
    roles: [doctor]
    appointments: {{kind: booked, hours: 01:30-02:00, every: 30, early: 10}}
staff:
  roles: {{doctor: {{}}, clerk: {{}}}}
  rota:
    - {{role: doctor, from: 01:00, to: 03:00}}
    - {{role: clerk, from: "{clerk_from}", to: 06:00}}
"""
    seen = only_day(play(text))
    assert path_of(seen, 0)[: len(steps)] == steps
    check_counts(seen)


# --- which day ------------------------------------------------------------------------------------


def test_a_day_begins_when_the_site_is_quietest():
    assert day_begins(*_for_begin("h17")) == 4 * 60
    # Skyen closes from 5 to 6; people who finish are gone by then, and nobody is at the door.
    assert day_begins(*_for_begin("skyen")) == 6 * 60
    day_site = play("opening: {hours: 10:00-12:00}\nhorizon: {days: 3}\n" + ROOM, arrivals=[700])
    assert day_begins(day_site.scenario, day_site.log) == 0


ROOM = "visits: {use: {rooms: [booths], stay: 20}}\nrooms: {booths: {places: 1}}\n"


def _for_begin(name: str) -> tuple[Scenario, Log]:
    scenario, _, log = site(name)
    return scenario, log


def played_on(days: list[int], *, opening: str = "{hours: 10:00-12:00}") -> Played:
    """One visit each at ten past ten, as often as a day is named."""
    text = f"horizon: {{days: 7}}\nopening: {opening}\n{ROOM}"
    return play(text, arrivals=[610 + day * DAY for day in sorted(days)])


def test_days_are_chosen_by_name():
    # From Monday: 1, 4, 2, 3, 5, 0 and 9 visits; the median is 3.
    played = played_on([0] + [1] * 4 + [2] * 2 + [3] * 3 + [4] * 5 + [6] * 9)
    chosen = {
        wanted: choose_day(played.scenario, played.log, wanted).number
        for wanted in ("typical", "quietest", "busiest", "wed", "sun")
    }
    assert chosen == {"typical": 3, "quietest": 5, "busiest": 6, "wed": 2, "sun": 6}
    assert choose_day(played.scenario, played.log, on=date(2026, 1, 6)).number == 1
    with pytest.raises(DayError, match="no overdose begins on site"):
        choose_day(played.scenario, played.log, "overdose")


@pytest.mark.parametrize(
    ("number", "crowd"),
    [(89, Crowd.QUIET), (90, Crowd.ORDINARY), (110, Crowd.ORDINARY), (111, Crowd.BUSY)],
)
def test_a_day_is_quiet_or_busy_from_a_tenth_beside_the_mean(number, crowd):
    assert Visits(number, 100.0).crowd is crowd


def test_visits_of_a_day_stand_beside_the_mean_of_the_days_it_opens():
    played = played_on([0] + [1] * 4 + [2] * 2 + [3] * 3 + [4] * 5 + [6] * 9)
    days = days_of(played.scenario, played.log)
    found = visits_on(played.scenario, played.log, days[4])
    assert found.number == 5
    assert found.mean == pytest.approx(24 / 7)


def test_a_day_without_opening_is_refused_and_another_named():
    opening = "{hours: {mon-sat: 10:00-12:00, sun: closed}, dates: {2026-01-07: closed}}"
    played = played_on([0, 1], opening=opening)
    with pytest.raises(DayError, match="does not open on any sun of the horizon"):
        choose_day(played.scenario, played.log, "sun")
    with pytest.raises(DayError, match=r"2026-01-07; the nearest .* 2026-01-06"):
        choose_day(played.scenario, played.log, on=date(2026, 1, 7))
    with pytest.raises(DayError, match="2026-02-01 is not in the horizon"):
        choose_day(played.scenario, played.log, on=date(2026, 2, 1))


def test_the_warm_up_and_days_cut_short_come_last():
    scenario, _, log = site("skyen", "horizon.warmup_weeks=1", weeks=3)
    assert choose_day(scenario, log, "mon").number == 7
    # The last Sunday ends on the Monday after the horizon: the one before is whole.
    assert choose_day(scenario, log, "sun").number == 13
    assert not days_of(scenario, log)[-1].whole


# --- the page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "da"])
def test_the_page_is_one_file_that_asks_for_nothing_else(lang):
    scenario, visitors, log = site("skyen")
    day = choose_day(scenario, log)
    page = page_of(day, (scenario, visitors, log), lang=lang)
    assert page == page_of(day, (scenario, visitors, log), lang=lang)
    assert "http:" not in page
    assert "https:" not in page
    assert f'<html lang="{lang}">' in page
    assert len(page) < 500_000
    data = watch_data(scenario, visitors, log, day)
    told = handed(page)["days"][0]["designs"][0]
    assert told == json.loads(json.dumps(rounded(data)))
    # Times are those of the log to a ten-thousandth of a minute.
    for told_visit, visit in zip(told["visits"], data["visits"], strict=True):
        assert told_visit[3] == pytest.approx(visit[3], abs=1e-4)


def handed(page: str) -> Any:
    return json.loads(page.partition('id="handed">')[2].partition("</script>")[0])


FAILING = """
opening: {hours: 10:00-14:00}
visits: {use: {rooms: [booths], stay: 20}}
rooms:
  booths:
    places: 4
    dates: {2026-01-05: 3}
    cleaning: {duration: 5}
    failures: {every: 1 d, repair: 1}
"""


def failing_day() -> Played:
    """Place 1 fails at 610, free; and all that are open at 670, in use until 680, clean at 685."""
    return play(
        FAILING,
        "rooms.booths.failures.places=2",
        arrivals=[600, 660, 660, 660],
        failure_time=[610, 670],
        failure_room=[0, 0],
        failure_repair=[30, 40],
    )


def test_places_out_of_order_are_those_of_the_log():
    played = failing_day()
    seen = only_day(played)
    check_counts(seen)
    check_stamps(seen, played.visitors)
    (room,) = seen.data["rooms"]
    # Free ones fail first, of which the closed place 3 is one.
    assert room["out"] == [[1, 610, 640], [2, 610, 640], [3, 670, 710], [0, 685, 725]]
    assert room["limits"] == ([seen.day.start, 600], [4, 3])
    assert [one for one in room["cleaning"] if one[0] == 0][-1] == [0, 680, 685]


def test_names_in_a_scenario_cannot_break_the_page():
    name = "a</script><b>&"
    text = f"""
title: "{name}"
opening: {{hours: 10:00-12:00}}
visits: {{use: {{rooms: ["{name}"], stay: 20}}}}
rooms: {{"{name}": {{places: 1}}}}
"""
    played = play(text, arrivals=[600])
    day = choose_day(played.scenario, played.log)
    page = page_of(day, (played.scenario, played.visitors, played.log))
    assert name not in page
    assert page.count("</script>") == 2


def test_both_languages_have_the_same_words_with_the_same_gaps():
    gaps = {
        lang: {
            key: sorted(part.partition("}")[0] for part in text.split("{")[1:])
            for key, text in catalogue(lang).texts.items()
            if key.startswith("watch.")
        }
        for lang in ("en", "da")
    }
    assert gaps["en"] == gaps["da"]


def test_every_word_of_the_page_is_used():
    files = (Path(watch_page.__code__.co_filename).parent).rglob("*.*")
    sources = [file for file in files if file.suffix != ".pyc"]
    sources.append(ROOT / "sim" / "cli" / "commands" / "watch.py")
    text = "".join(file.read_text("utf-8") for file in sources)
    # Completed with an outcome, a subject, …
    built = ("event_", "derived_", "crowd_", "day_", "house_", "met_")
    for key in (key.removeprefix("watch.") for key in catalogue("en").texts):
        if "." not in key and f"watch.{key}" in catalogue("en").texts:
            last = key if not key.startswith(built) else key.partition("_")[2]
            assert re.search(rf"\b({key}|{last})\b", text), key


# --- what can be chosen on a page -----------------------------------------------------------------


@pytest.mark.slow
def test_a_page_holds_as_many_days_as_stay_under_two_megabytes():
    scenario, visitors, log = site("h17")
    days = [shown_day(day, (scenario, visitors, log)) for day in days_of(scenario, log)]
    many = days * 3
    kept = that_fit(many)
    assert 5 < len(kept) < len(many)
    assert kept == many[: len(kept)]
    page = watch_page([Design("As it is", scenario)], kept, 1, catalogue("en"))
    assert 1_500_000 < len(page.encode()) < 2_000_000


def test_roles_get_letters_of_their_own():
    names = {
        "nurse": "nurse",
        "clinic_nurse": "clinic nurse",
        "social_worker": "social worker",
        "peer_worker": "peer worker",
        "n": "n",
    }
    assert "".join(staff_letters(list(names), names).values()) == "NCWPN"
