"""The cheapest design for many worlds, against all designs played in all worlds."""

from math import nan
from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest

from sim.report.page.words import catalogue
from sim.report.pages.fates import _insured_section
from sim.report.pages.sized import Sized
from sim.report.pages.worlds import confirmed_text
from sim.report.report import write_report
from sim.scenario import read_scenario
from sim.scenario.load import Original
from sim.scenario.uncertainty.draws import draw_worlds
from sim.scenario.uncertainty.ranges import read_unknowns
from sim.study import Plan
from sim.study.worlds.insure import Candidate, Insurer, needed
from sim.study.worlds.measured import asked_of
from sim.study.worlds.play import Option, play_worlds
from tests.support.command import command

SITE = """\
name: site
horizon: {weeks: 1}
opening: {hours: 08:00-20:00, last_entry: 30 min}
demand: {visits_per_day: 120, profile: flat}
visits:
  inject: {share: 0.5, rooms: [injecting], stay: {distribution: exponential, mean: 20}}
  smoke: {share: 0.5, rooms: [smoking], stay: {distribution: exponential, mean: 25}}
rooms: {injecting: {places: 3}, smoking: {places: 4}}
costs: {place: {injecting: 9000, smoking: 12000}}
targets: [wait.mean of room injecting <= 6 min, wait.p90 of room smoking <= 20 min]
design: {vary: {rooms.injecting.places: 2:5, rooms.smoking.places: 3:6}}
uncertainty:
  ranges: {demand.visits_per_day: 80-180, visits.smoke.stay.mean: 20-32}
"""
WORLDS = 24


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "site.yaml"
    found.write_text(SITE, "utf-8")
    return found


def candidates():
    designs = [(a, b) for a in range(2, 6) for b in range(3, 7)]
    return sorted(
        (
            Candidate(
                number,
                {"rooms.injecting.places": a, "rooms.smoking.places": b},
                9000 * a + 12000 * b,
            )
            for number, (a, b) in enumerate(designs)
        ),
        key=lambda one: one.cost,
    )


def drawn(path):
    loaded = read_scenario(path)
    unknowns = read_unknowns(loaded.scenario, loaded.source)
    worlds = [
        draw_worlds(unknowns, loaded.scenario, loaded.source, WORLDS, 1, first)
        for first in (0, WORLDS)
    ]
    return loaded, worlds


def shares(loaded, worlds, every):
    """In how many worlds each design meets both targets, by brute force."""
    options = [Option(Original(loaded), also=one.values) for one in every]
    asked = asked_of(loaded.scenario)
    found = play_worlds(options, worlds, asked, Plan(), fixed=[1] * worlds.count)
    late = ("target", "wait.p90 of room smoking <= 20 min", "room:smoking")
    return [
        int(((one.of(("wait", "mean", "room:injecting"))[1] <= 6) & (one.of(late)[1] >= 0)).sum())
        for one in found
    ]


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [0.5, 0.9])
def test_it_is_the_cheapest_that_brute_force_finds(path, wanted):
    loaded, (worlds, again) = drawn(path)
    every = candidates()
    central = next(one for one in every if one.values["rooms.injecting.places"] == 3)
    found = Insurer(Original(loaded), Plan(), wanted).insure(central, every, worlds, again)
    met = shares(loaded, worlds, every)
    enough = [one for one, number in zip(every, met, strict=True) if number >= needed(24, wanted)]
    assert found.chosen is not None
    assert found.chosen.candidate == enough[0]
    assert found.chosen.met == met[every.index(enough[0])]
    assert found.central.met == met[every.index(central)]
    assert found.dropped == every.index(enough[0])
    assert found.confirmed is not None
    assert [found.confirmed.met] == shares(loaded, again, enough[:1])


def test_so_many_worlds_are_needed():
    assert [needed(256, share) for share in (0.8, 0.5, 1)] == [205, 128, 256]
    assert needed(10, 0.3) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("path")
def test_size_tells_what_the_insurance_costs(tmp_path, capsys):
    few = ("--max-replications", "60", "--workers", "1", "--no-cache")
    more = ("--uncertainty", "--worlds", "16", "--share-of-worlds", "0.9")
    assert command(tmp_path, "size", "site.yaml", *few, *more) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Targets met in 90 of 100 worlds" in told
    assert "For the values as written: rooms.injecting.places" in told
    assert "which had no part in the search" in told
    table = pd.read_csv(tmp_path / "results" / "site-size" / "insurance.csv")
    assert table["for"].tolist() == ["written", "worlds"]
    assert table["cost_per_year"].is_monotonic_increasing
    assert table["met"].iloc[1] >= 0.9
    folder = tmp_path / "results" / "site-size"
    costs = table["cost_per_year"]
    extra = costs[1] - costs[0]
    assert extra > 0
    for lang, words in (
        ("en", f"The insurance costs {extra:,.0f} EUR a year."),
        ("da", f"Forsikringen koster {extra:,.0f} EUR om året.".replace(",", ".")),
    ):
        page = write_report(folder, lang).read_text("utf-8").replace("\u2060", "")
        assert words in page
        assert "no part in the search" in page or "ikke var med i søgningen" in page


def section(rows, lang="en"):
    """The part of a page that a table of insurance makes."""
    words = catalogue(lang)
    sized = SimpleNamespace(
        words=words,
        names=("places",),
        key=lambda row: row["places"],
        settings=SimpleNamespace(said=lambda _, value: f"{value} places"),
        money=lambda amount: words.money(amount, "DKK"),
    )
    return _insured_section(cast("Sized", sized), pd.DataFrame(rows))


WRITTEN = {
    "for": "written",
    "places": 5,
    "cost_per_year": 9000.0,
    "met": 0.5,
    "wanted": 0.8,
    "worlds": 256,
    "confirmed": nan,
    "dropped": 3,
    "all_tried": True,
}


@pytest.mark.parametrize(
    ("other", "said", "rows"),
    [
        ({"places": 6, "cost_per_year": 9900.0}, "The insurance costs 900 DKK a year.", 2),
        ({"places": 4, "cost_per_year": 8000.0}, "it is 1,000 DKK a year cheaper", 2),
        ({"places": 6}, "The insurance costs nothing", 2),
        ({}, "no insurance is needed", 1),
        (None, "None of the 3 designs tried meets them in so many worlds.", 1),
    ],
)
def test_the_page_says_what_the_insurance_costs(other, said, rows):
    found = {**WRITTEN, "for": "worlds", "met": 0.8125, "confirmed": 0.78}
    made = section([WRITTEN] if other is None else [WRITTEN, {**found, **other}])
    assert said in made.finding.replace("\u2060", "")
    assert made.title == "Targets met in 80 of 100 worlds"
    assert len(made.tables[0].rows) == rows
    assert made.tables[0].rows[0][-1] == "50 of 100 worlds (256 played)"
    assert ("in 78 of 100" in " ".join(made.intro)) == (other is not None)
    danish = section([WRITTEN] if other is None else [WRITTEN, {**found, **other}], "da")
    assert "the" not in danish.finding.lower().split()


def test_all_worlds_are_never_a_hundred_of_a_hundred():
    english = catalogue("en")
    assert confirmed_text(1.0, 256, english).endswith("it meets them in all 256.")
    assert confirmed_text(0.999, 256, english).endswith("in 99 of 100.")
    assert confirmed_text(1.0, 256, catalogue("da")).endswith("opfylder den dem i alle 256.")
