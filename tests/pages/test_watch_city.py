"""A city on the page: everybody in one place at a time, walks and counters as in the log."""

import json
import os
import re
from datetime import date
from itertools import pairwise
from math import ceil, inf
from typing import Any

import numpy as np
import pytest

from sim.engine import Engine
from sim.log import CityLog, NeedOutcome
from sim.measures.city.needs import MET, WAYS, NeedFacts
from sim.report.page.words import catalogue
from sim.report.watch.between import NOWHERE, Trip, as_came, fates, trips
from sim.report.watch.courses import Area
from sim.report.watch.data import watch_data
from sim.report.watch.day import BUSIEST, Day, choose_day, days_of, visits_on, visits_that_come
from sim.report.watch.finding import Case, of_city
from sim.report.watch.playing import played_city_days
from sim.report.watch.watch_page import Design, watch_page
from sim.scenario import load_scenario
from sim.scenario.city.model import City
from sim.scenario.city.system import System, system_of
from sim.study.run.replication import play_system
from sim.visitors.needs import Needs, draw_needs
from tests.pages.test_watch_two import QUIET
from tests.support.cities import ALL, Wishes, always, exactly
from tests.support.city_played import play_city, simulate
from tests.support.command import call
from tests.support.random_cities import tried_on_systems
from tests.support.two_houses import write_town

SITE = """
opening: {hours: 00:00-10:00}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 1}}
"""
SMALL = SITE + "waiting_area: {seats: 0}\n"
"""Turns away whoever finds its one place taken."""
SHUT = SMALL.replace("00:00-10:00", "closed")
Span = tuple[float, float]


def all_of(log: CityLog) -> Day:
    """All that was played as one day."""
    end = float(ceil(max(one.end for one in log.sites))) + 1
    return Day(0, date(2026, 1, 5), 0.0, end, whole=True)


# --- between the houses, worked out by hand -------------------------------------------------------


def test_who_finds_no_space_is_on_the_way_until_the_next_door():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(walk={"a": {"b": 5}}, diverts=always()),
        arrivals=[0, 1, 2],
        order=["a b"] * 3,
    )
    # 0 has a's place; 1 is at b at 6, and has it; 2 is at b at 7, and gives up there.
    assert trips(found.system, found.log, all_of(found.log)) == [
        Trip(need=1, kind="use", start=1, end=6, leaves=0, visit=1, to=1),
        Trip(need=2, kind="use", start=2, end=7, leaves=0, visit=2, to=1),
    ]
    assert fates(found.system, found.log, all_of(found.log)) == {
        "arose": [0, 1, 2],
        "first_wish": [0],
        "elsewhere": [6],
        "came_back": [],
        "managed": [],
        "unmet_reneged": [],
        "unmet_balked": [],
        "unmet_no_space": [7],
        "unmet_dismissed_at_close": [],
        "unmet_closed": [],
        "closed_everywhere": [],
        "cut_short": [],
    }


def test_who_comes_back_is_away_until_then_and_a_walk_of_no_time_is_known():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(diverts=always(), returns=1, after=exactly(30), attempts=4),
        arrivals=[0, 0, 5],
        order=["a b", "b a", "a b"],
    )
    # Both are full at 5; 2 is back at a at 35, whose place is free since 20.
    assert trips(found.system, found.log, all_of(found.log)) == [
        Trip(need=2, kind="use", start=5, end=5, leaves=0, visit=1, to=1),
        Trip(need=2, kind="use", start=5, end=35, leaves=1, visit=1, to=NOWHERE),
    ]
    assert fates(found.system, found.log, all_of(found.log))["came_back"] == [35]


def test_who_walks_at_the_end_is_on_the_way_for_ever():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(walk=ALL, diverts=always()),
        arrivals=[0, 1],
        order=["a b"] * 2,
    )
    assert trips(found.system, found.log, all_of(found.log)) == [
        Trip(need=1, kind="use", start=1, end=inf, leaves=0, visit=1, to=NOWHERE)
    ]


def test_on_their_first_way_people_come_from_elsewhere():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(walk=5, origins={"station": (1.0, {"a": 7, "b": 9})}),
        arrivals=[0],
        order=["a b"],
    )
    assert trips(found.system, found.log, all_of(found.log)) == [
        Trip(need=0, kind="use", start=0, end=7, leaves=NOWHERE, visit=-1, to=0)
    ]


def test_what_ends_before_a_day_or_begins_after_it_is_not_of_the_day():
    found = play_city(
        {"a": SMALL, "b": SMALL},
        Wishes(walk=5, diverts=always()),
        arrivals=[0, 1, 2, 3],
        order=["a b"] * 4,
    )
    day = all_of(found.log)

    def of(start: float, end: float) -> list[int]:
        some = Day(0, day.date, start, end, whole=True)
        return [one.need for one in trips(found.system, found.log, some)]

    assert of(0, 100) == [1, 2, 3]  # until 6, 7 and 8
    assert of(6, 100) == [2, 3]
    assert of(0, 3) == [1, 2]
    assert of(8, 100) == []


# --- everybody is in one place --------------------------------------------------------------------


def whereabouts(system: System, needs: Needs, log: CityLog, day: Day) -> dict[int, list[Span]]:
    """From when until when each need is anywhere on a page: at a house, or between two."""
    found: dict[int, list[Span]] = {}
    need_of: list[dict[int, int]] = [{} for _ in system.sites]
    doors = (log.attempts[name].tolist() for name in ("facility", "visit", "need"))
    for house, visit, need in zip(*doors, strict=True):
        need_of[house][visit] = need
    for house, site in enumerate(system.sites.values()):
        data = watch_data(site, as_came(needs, log, house), log.sites[house], day)
        for visit, _, _, came, path in data["visits"]:
            out = path[-1][0] if path[-1][1] == Area.GONE else inf
            found.setdefault(need_of[house][visit], []).append((came, out))
    for one in trips(system, log, day):
        found.setdefault(one.need, []).append((one.start, one.end))
    return {
        need: sorted(span for span in spans if span[0] < span[1]) for need, spans in found.items()
    }


def check_one_place(system: System, needs: Needs, log: CityLog, day: Day) -> int:
    """Nobody vanishes between two houses or is in two; how many were looked at."""
    seen = whereabouts(system, needs, log, day)
    looked_at = 0
    for need in range(len(needs)):
        outcome = NeedOutcome(int(log.needs["outcome"][need]))
        if outcome in {NeedOutcome.INSIDE_AT_END, NeedOutcome.ON_THE_WAY_AT_END}:
            ends = inf
        elif outcome in {NeedOutcome.UNMET, NeedOutcome.CLOSED_EVERYWHERE}:
            ends = float(log.needs["over"][need])
        else:
            house, visit = (int(log.needs[name][need]) for name in ("facility", "visit"))
            out = float(log.sites[house].visits["out"][visit])
            ends = inf if np.isnan(out) else out
        arose = float(log.needs["arrival"][need])
        spans = seen.get(need, [])
        if arose >= day.end or ends <= day.start or arose == ends:
            assert spans == [], need
            continue
        looked_at += 1
        for (_, before), (after, _) in pairwise(spans):
            assert before == after, (need, spans)
        assert spans[0][0] <= max(arose, day.start), (need, spans)
        assert spans[0][0] >= arose
        assert spans[-1][1] == ends or (spans[-1][1] >= day.end), (need, spans)
    return looked_at


@pytest.mark.slow
@tried_on_systems(30)
def test_everybody_is_in_one_place_in_any_city(system: System) -> None:
    needs = draw_needs(system, 1, 0)
    log = simulate(system, needs)
    check_one_place(system, needs, log, all_of(log))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> City:
    found = load_scenario(write_town(tmp_path_factory.mktemp("town")))
    assert isinstance(found, City)
    return found


def test_everybody_is_in_one_place_on_each_day_of_a_week(town: City):
    system = system_of(town)
    needs = draw_needs(system, 1, 0)
    log = play_system(town, 1, 0)
    days = days_of(town, log)
    looked_at = [check_one_place(system, needs, log, day) for day in days]
    assert sum(looked_at) >= np.isin(log.needs["outcome"], MET).sum() > 400
    assert sum(one.to != NOWHERE for day in days for one in trips(system, log, day)) > 30


# --- days and counters ----------------------------------------------------------------------------


def test_the_ends_of_needs_are_those_of_the_summary(town: City):
    system, log = system_of(town), play_system(town, 1, 0)
    told = fates(system, log, all_of(log))
    numbers = dict(
        zip(WAYS, (sum(one[:-1]) for one in NeedFacts.from_log(system, log).ended), strict=True)
    )
    unmet = sum(len(times) for name, times in told.items() if name.startswith("unmet_"))
    assert len(told["arose"]) == len(log.needs["arrival"])
    assert unmet == numbers["unmet"] > 0
    for name in ("first_wish", "elsewhere", "came_back", "managed", "closed_everywhere"):
        assert len(told[name]) == numbers[name], name
    assert numbers["managed"] > 0


def test_a_day_of_a_city_counts_needs(town: City):
    log = play_system(town, 1, 0)
    day = choose_day(town, log, BUSIEST)
    arose = log.needs["arrival"]
    counts = [((arose >= one.start) & (arose < one.end)).sum() for one in days_of(town, log)]
    assert visits_on(town, log, day).number == max(counts[:-1])
    closed = log.needs["outcome"] == NeedOutcome.CLOSED_EVERYWHERE
    mine = (arose >= day.start) & (arose < day.end)
    assert visits_that_come(log, day) == (mine & ~closed).sum()


# --- the page -------------------------------------------------------------------------------------


def handed_by(page: str) -> Any:
    return json.loads(page.partition('id="handed">')[2].partition("</script>")[0])


def page_of(city: City, wanted: str = BUSIEST, lang: str = "en") -> str:
    sites = system_of(city).sites
    words = catalogue(lang).with_facilities({name: one.title for name, one in sites.items()})
    designs = [Design(words.facility(name), one) for name, one in sites.items()]
    days = list(played_city_days(city, [0], [wanted], 1, Engine.FAST))[:1]
    return watch_page(designs, days, 1, words, city=city)


def test_a_walk_on_the_page_begins_and_ends_as_in_the_log(town: City):
    log = play_system(town, 1, 0)
    shown = handed_by(page_of(town))["days"][0]["between"]["trips"]
    attempts = log.attempts
    rows = {
        (need, house): row
        for row, (need, house, comes) in enumerate(
            zip(attempts["need"], attempts["facility"], attempts["come_from"], strict=True)
        )
        if comes >= 0
    }
    walks = [one for one in shown if one[4] != NOWHERE and one[6] != NOWHERE]
    assert len(walks) > 10
    for need, _, start, end, leaves, visit, to in walks:
        row = rows[need, to]
        assert start == pytest.approx(attempts["set_out"][row], abs=6e-5)
        assert end == pytest.approx(attempts["arrival"][row], abs=6e-5)
        assert leaves == attempts["come_from"][row]
        out = log.sites[leaves].visits["out"][visit]
        assert start == pytest.approx(out, abs=6e-5)


CLOSED = {"is_open": False, "inside": 0, "used": 0, "places": 0}
IN_USE = "8 of 48 places are in use"


@pytest.mark.parametrize(
    ("north", "south", "walking", "title"),
    [
        ({}, {}, 0, f"Nobody waits, and {IN_USE}"),
        ({}, {}, 1, "Nobody waits, and one person is on the way to another house"),
        ({"waiting": 1}, {}, 0, f"One person waits at North, and {IN_USE}"),
        (
            {"waiting": 3},
            {"at_check_in": 2},
            0,
            f"5 people wait, most of them at North, and {IN_USE}",
        ),
        ({"waiting": 2}, {"at_door": 2}, 0, f"4 people wait in several houses, and {IN_USE}"),
        (
            {},
            {"waiting": 3},
            2,
            "3 people wait at South, and 2 people are on the way to another house",
        ),
        ({}, {"paused": True}, 0, "South lets nobody new in: too few staff are in its rooms"),
        (
            {},
            {"paused": True},
            2,
            (
                "South lets nobody new in: too few staff are in its rooms, and 2 people are on the "
                "way to another house"
            ),
        ),
        (
            {},
            {"case": Case(900, 0, stable=False)},
            2,
            "An overdose at 15:00 at South: nobody is with the person yet",
        ),
        (
            {},
            {"case": Case(900, 2, stable=False)},
            0,
            "An overdose at 15:00 at South: 2 members of staff are with the person",
        ),
        ({}, {"case": Case(900, 2, stable=True)}, 0, f"Nobody waits, and {IN_USE}"),
        (CLOSED, {}, 0, "Nobody waits, and 4 of 24 places are in use"),
        (CLOSED, CLOSED, 0, "Every house is closed until 07:30"),
        (
            CLOSED,
            CLOSED | {"at_door": 2},
            1,
            "Every house is closed; 2 people wait at the doors, and the first opens at 07:30",
        ),
        (
            CLOSED,
            CLOSED | {"inside": 1},
            0,
            "Every house is closed, and one person is still inside",
        ),
    ],
)
def test_the_title_of_a_city_says_where_people_wait_and_who_walks(north, south, walking, title):
    houses = (QUIET._replace(**north), QUIET._replace(**south))
    names, words = ("North", "South"), catalogue("en")
    assert of_city(houses, walking, names, "15:00", "07:30", words) == title


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_town(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "en",
            [
                "side by side: Huset på Vesterbro, the house in the south and Gården",
                "while a house is open for them",
            ],
        ),
        pytest.param(
            "da",
            [
                "side om side: Huset på Vesterbro, the house in the south og Gården",
                "af dem mens et hus er åbent for dem",
            ],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_it_writes_a_page_of_all_houses_and_says_which(folder, monkeypatch, capsys, lang, told):
    arguments = ("watch", "town.yaml", "--day", "sat", "--lang", lang, "--out", "city.html")
    assert call(monkeypatch, *arguments) == 0
    printed = " ".join(capsys.readouterr().out.split())
    for one in told:
        assert one in printed
    assert "2026-03-07" in printed
    page = (folder / "city.html").read_text("utf-8")
    handed = handed_by(page)
    assert [one["name"] for one in handed["designs"]] == [
        *("Huset på Vesterbro", "The house in the south", "Gården"),
    ]
    assert all(len(one["designs"]) == 3 for one in handed["days"])
    assert len(page.encode()) < 2_000_000


@pytest.mark.slow
def test_both_engines_write_the_same_page(folder, monkeypatch):
    pages = []
    for engine in ("fast", "simpy"):
        arguments = ("watch", "town.yaml", "--date", "2026-03-04", "--engine", engine)
        assert call(monkeypatch, *arguments, "--out", f"{engine}.html") == 0
        pages.append((folder / f"{engine}.html").read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--alt", "facilities.south=null"], "two of a city are not: leave out the second"),
        (["house.yaml"], "two of a city are not: leave out the second"),
        (["--plan", "plan.svg"], "--plan is of one house: add --facility, one of north, south"),
        (["--facility", "nort"], "there is no nort; did you mean"),
        (["--date", "2027-01-01"], "is not in the horizon, which is 2026-03-02 to"),
    ],
)
def test_what_cannot_be_shown_of_a_city_is_said_plainly(
    folder, monkeypatch, capsys, arguments, words
):
    before = {path.name for path in folder.iterdir()}
    assert call(monkeypatch, "watch", "town.yaml", *arguments, "--out", "city.html") == 2
    error = " ".join(capsys.readouterr().err.split())
    assert words in error.replace(os.sep, "/")
    assert "Traceback" not in error
    assert {path.name for path in folder.iterdir()} == before


def test_every_word_of_the_page_is_one_that_people_use(town: City):
    for lang in ("en", "da"):
        page = re.sub(
            r"<script.*?</script>|<style.*?</style>", "", page_of(town, lang=lang), flags=re.DOTALL
        )
        text = re.sub(r"<[^>]+>", " ", page)
        assert not re.findall(r"\{\w+\}|\b[a-z]+_[a-z_]+\b", text)
