"""Options in the same worlds: what is shared, what an option says for itself, what is printed."""

import numpy as np
import pandas as pd
import pytest

from sim.report.page.phrases import Phrases
from sim.report.page.words import catalogue
from sim.report.several.choice import (
    advice_texts,
    in_worlds,
    least_text,
    per_hundred,
    standing_text,
)
from sim.scenario import read_scenario
from sim.scenario.uncertainty.draws import draw_worlds
from sim.scenario.uncertainty.ranges import read_unknowns
from sim.study import Plan
from sim.study.worlds.choice import Outcomes
from sim.study.worlds.compared import compared_in_worlds, hourly_pay, known_in
from sim.study.worlds.options import Decide, Question
from tests.support.command import command

SITE = """\
name: site
horizon: {weeks: 1}
opening: {hours: 24/7}
demand: {visits_per_day: 150, profile: flat}
visits:
  short:
    share: 0.6
    rooms: [room]
    stay: {distribution: exponential, mean: 15}
    patience: {distribution: weibull, shape: 1.2, median: 12}
  long:
    share: 0.4
    rooms: [room]
    stay: {distribution: exponential, mean: 28}
    patience: {distribution: weibull, shape: 1.2, median: 12}
rooms: {room: {places: 3}}
staff:
  roles: {nurse: {cost_per_hour: 40}}
  rota: [{role: nurse, from: 00:00, to: 24:00}]
uncertainty:
  ranges:
    demand.visits_per_day: 100-200
    visits.short.stay.mean: 10-20
    visits.short.share: 0.4-0.8
"""
DEPENDS = "depends on what we do not know: better in 50 of 100 worlds, no matter in 30, worse in 20"
UNSERVED = ("unserved", "per_day", "all")


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(SITE, "utf-8")
    return path


def drawn_for(loaded, worlds=4):
    unknowns = read_unknowns(loaded.scenario, loaded.source)
    return draw_worlds(unknowns, loaded.scenario, loaded.source, worlds, 1)


def test_an_option_like_the_base_meets_the_same_people(site):
    loaded = read_scenario(site)
    found = compared_in_worlds([("a", loaded), ("b", loaded)], Plan(), 4)
    assert found is not None
    assert found.differences
    assert all(one.mean == 0 and set(one.fan) == {0} for one in found.differences)


def test_more_places_are_better_in_every_world(site):
    more = read_scenario(site, ["rooms.room.places=5"])
    options = [("three", read_scenario(site)), ("five", more)]
    found = compared_in_worlds(options, Plan(), 8, Question(Decide.UNSERVED))
    assert found is not None
    (apart,) = found.of(UNSERVED)
    assert apart.fan[-1] < 0
    assert apart.outcomes.worse == 0
    assert found.decision is not None
    assert found.decision.chosen == 1
    assert found.decision.perfect == 0
    assert found.worlds == 8
    assert found.plays >= 16


def test_what_an_option_sets_is_known_in_it(site):
    base = read_scenario(site)
    longer = read_scenario(site, ["visits.short.stay.mean=18"])
    drawn = drawn_for(base)
    assert known_in(base.scenario, base.scenario, drawn) == set()
    assert known_in(longer.scenario, base.scenario, drawn) == {"visits.short.stay.mean"}


def test_shares_are_known_together(site):
    base = read_scenario(site)
    other = read_scenario(site, ["visits.short.share=0.5", "visits.long.share=0.5"])
    known = known_in(other.scenario, base.scenario, drawn_for(base))
    assert known == {"visits.short.share", "visits.long.share"}
    options = [("base", base), ("other", other)]
    found = compared_in_worlds(options, Plan(), 2)
    assert found is not None
    assert found.worlds == 2


def test_without_ranges_there_is_nothing_to_compare(site):
    text = SITE[: SITE.index("uncertainty:")]
    site.write_text(text, "utf-8")
    loaded = read_scenario(site)
    assert compared_in_worlds([("a", loaded), ("b", loaded)], Plan(), 4) is None


def test_pay_of_the_rota(site):
    assert hourly_pay(read_scenario(site).scenario) == pytest.approx(40)


# --- the command ----------------------------------------------------------------------------------

QUICK = ("--worlds", "16", "--replications", "2", "--workers", "1", "--no-cache")
FIVE = ("--alt", "five: rooms.room.places=5")


@pytest.mark.slow
def test_the_command_writes_its_tables_and_its_page(site, tmp_path, capsys):
    out = tmp_path / "out"
    decided = ("--decide", "money", "--price", "2", "--measuring-costs", "1000", "--lasts", "10")
    asked = (*decided, "--lang", "da", "--out", "out")
    assert command(tmp_path, "compare", site.name, *FIVE, *QUICK, *asked) == 0
    screen = " ".join(capsys.readouterr().out.split())
    assert "På tværs af det, vi ikke ved" in screen
    assert "over det bedste" in screen
    differences = pd.read_csv(out / "worlds_differences.csv")
    shares = differences[["better", "same", "worse"]].dropna()
    assert np.allclose(shares.sum(axis=1), 1)
    assert (differences["p5"] <= differences["p95"]).all()
    choice, worth = (pd.read_csv(out / f"{one}.csv") for one in ("worlds_choice", "worth_knowing"))
    assert choice["best"].sum() == pytest.approx(1)
    assert set(worth["input"]) == {
        "demand.visits_per_day",
        "visits.short.stay.mean",
        "visits.short.share",
    }
    page = (out / "report.html").read_text("utf-8")
    assert 'id="worlds"' in page
    assert "på tværs af det, vi ikke ved" in page.casefold()
    assert command(tmp_path, "report", "out", "--lang", "en") == 0
    assert "Across what we do not know" in (out / "report.html").read_text("utf-8")
    without = ("--no-uncertainty", "--out", "out")
    assert command(tmp_path, "compare", site.name, *FIVE, *QUICK, *without) == 0
    assert not (out / "worlds.json").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--price", "5"), "--decide, which is missing"),
        (("--decide", "money"), "needs --price"),
        (("--decide", "wait", "--price", "5"), "needs --price"),
        (("--decide", "wait", "--no-uncertainty"), "with --uncertainty"),
    ],
)
def test_what_does_not_go_together_is_said(site, options, says, capsys):
    assert command(site.parent, "compare", site.name, *FIVE, *QUICK, *options) == 2
    assert says in " ".join(capsys.readouterr().err.split())


# --- words ----------------------------------------------------------------------------------------


def test_numbers_per_hundred_worlds():
    assert per_hundred((0.333, 0.333, 0.334)) == [33, 33, 34]
    assert sum(per_hundred((0.005, 0.99, 0.005))) == 100
    english = catalogue("en")
    assert in_worlds(english, 1.0, 256) == "in all 256 worlds played"
    assert in_worlds(english, 0.999, 256) == "in 99 of 100 worlds"
    assert in_worlds(english, 0.001, 256) == "in 1 of 100 worlds"
    assert in_worlds(english, 0.0, 256) == "in none of the 256 worlds played"


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ((1.0, 0.0, 0.0), "better whatever we assume (in all 256 worlds played)"),
        ((0.97, 0.03, 0.0), "better whatever we assume (in 97 of 100 worlds)"),
        ((0.87, 0.12, 0.01), "better in 87 of 100 worlds, no matter in 12, worse in 1"),
        ((0.5, 0.3, 0.2), DEPENDS),
        ((0.2, 0.6, 0.2), "does not matter in 60 of 100 worlds, better in 20, worse in 20"),
        ((0.0, 1.0, 0.0), "does not matter in any of the 256 worlds played"),
        ((0.0, 0.1, 0.9), "worse in 90 of 100 worlds, no matter in 10, better in 0"),
        ((0.0, 0.0, 1.0), "worse whatever we assume (in all 256 worlds played)"),
    ],
)
def test_what_is_said_of_an_option(found, says):
    assert standing_text(catalogue("en"), Outcomes(*found), 256) == says


# --- what is worth measuring, in words ------------------------------------------------------------

MONEY = {
    "decide": "money",
    "unit": "DKK/week",
    "chosen": "b",
    "best_in": 0.62,
    "regret": 400.0,
    "knowing_everything": 1040.0,
    "worth_measuring_from": 180.0,
    "measuring_costs": 18_720.0,
    "weeks": 104.0,
    "measure_first": ["demand.visits_per_day"],
}
WORTH = pd.DataFrame({"input": ["demand.visits_per_day", "drift"], "value": [870.0, 200.0]})


def said(lang="en", **other):
    found = MONEY | other
    return " ".join(advice_texts(found, WORTH, "plan B", Phrases(None, catalogue(lang)), 256))


def test_measure_first_in_words():
    assert said(advice="measure first") == (
        "Measure first: visits a day. Knowing it would spare 870 DKK a week on average (of 1,040 "
        "DKK a week if everything were known), since in 38 of 100 worlds another choice would be "
        "better."
    )
    both = said(advice="measure first", measure_first=["demand.visits_per_day", "drift"])
    assert "Measure first: visits a day and how demand drifts." in both
    assert "870 DKK a week; 200 DKK a week" in both


def test_nothing_is_worth_measuring_in_words():
    nothing = said(advice="nothing is worth measuring", best_in=0.95, regret=90.0)
    assert nothing.startswith("Nothing is worth measuring for this choice. plan B is best in 95 of")
    assert "costs 90.0 DKK a week on average" in nothing
    sure = said(advice="nothing is worth measuring", best_in=1.0, regret=0.0)
    assert "plan B is best in all 256 worlds played: nothing that could be learnt" in sure
    assert said(advice="only several together").startswith("Only several together")
    assert said("da", advice="measure first").startswith("Mål først: besøg om dagen.")


def test_what_a_measurement_must_spare_in_words():
    english = catalogue("en")
    assert "180 DKK a week or more: 18,720 for a measurement" in least_text(english, MONEY)
    unserved = MONEY | {"decide": "unserved", "worth_measuring_from": 0.25}
    assert "0.25 visits unserved a day or more, a quarter" in least_text(english, unserved)
