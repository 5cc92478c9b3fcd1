"""A city on the command line, as a planner would have it: whole, changed, asked of one house."""

import re

import pandas as pd
import pytest

from sim.scenario.city.model import City
from sim.scenario.load import load_scenario, read_scenario
from sim.size.city import places
from sim.size.city.house import house_of
from sim.study.run.runner import StudyInterrupted
from tests.support.command import command

SITE = """
name: house
opening: {hours: 08:00-20:00}
demand: {visits_per_day: 40, profile: flat}
visits:
  use:
    rooms: [room]
    stay: {distribution: exponential, mean: 20}
    patience: {distribution: fixed, value: 15}
rooms: {room: {places: 2}}
waiting_area: {seats: 3}
staff:
  currency: DKK
  roles: {nurse: {cost_per_hour: 255}}
  rota:
    - {role: nurse, from: 08:00, to: 14:00}
    - {role: nurse, from: 14:00, to: 20:00}
"""
CITY = """
name: town
title: Two houses
horizon: {weeks: 1}
demand: {visits_per_day: 120, profile: flat}
visits: {use: {share: 1.0}}
facilities:
  north: {file: house.yaml}
  south: {file: house.yaml, opening: {hours: 12:00-24:00}}
choice:
  prefer: {north: 0.5, south: 0.5}
  walk: {north: {south: 5}}
  returns: {share: 0.2, after: {distribution: exponential, mean: 60}}
targets:
  - needs_met.share >= 90 %
  - wait.p80 of facility north, room room <= 10 min
variants:
  late: {facilities: {north: {opening: {hours: 08:00-24:00}}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    there = tmp_path_factory.mktemp("town")
    (there / "house.yaml").write_text(SITE, encoding="utf-8")
    (there / "town.yaml").write_text(CITY, encoding="utf-8")
    return there


FEW = ("--replications", "2", "--workers", "1", "--no-cache", "--engine", "simpy")


@pytest.fixture(scope="module")
def run(folder):
    """A run of the city; the folder of its results."""
    assert command(folder, "run", "town.yaml", *FEW, "--visits", "--no-next", "--out", "ran") == 0
    return folder / "ran"


def test_check_says_who_goes_where_and_what_is_not_used(folder, capsys):
    assert command(folder, "check", "town.yaml") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "120.0 a day: use" in told
    assert "use: nothing open for 3,360 minutes of the week: every day 00:00-08:00" in told
    assert "north: its own demand, visits.*.share are not used; the city's hold" in told
    assert "20% of the others come back, after 60 min on average" in told
    assert "Not known: 6 values have a range" in told  # what people do who get nothing


def test_check_in_danish_has_no_english(folder, capsys):
    assert command(folder, "check", "town.yaml", "--lang", "da") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "intet åbent i 3.360 minutter af ugen: hver dag 0.00-8.00" in told
    assert "`needs_met.share >= 90 %` kan ikke nås med flere pladser" in told
    told = re.sub("`[^`]*`", "", told)  # as it is typed
    for english in ("nothing", "people", "facility", "needs"):
        assert english not in told.casefold(), english


def test_a_run_tells_needs_flows_and_houses_and_writes_them(run, folder, capsys):
    capsys.readouterr()
    assert command(folder, "run", "town.yaml", *FEW, "--no-next", "--out", "told") == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    for line in (
        "met at the first wish",
        "nothing was open",
        "from north to south",
        "came back to",
    ):
        assert line in out
    assert "needs_met.share >= 90 %" in out
    summary = pd.read_csv(run / "summary.csv")
    assert {"facility:north", "facility:south/room:room", "from:north/to:south"} <= set(
        summary["by"]
    )
    assert "p80" in set(summary.query("by == 'facility:north/room:room'")["statistic"])
    visits = pd.read_parquet(run / "visits.parquet")
    assert {"facility", "need", "attempt"} <= set(visits.columns)
    again = visits[visits["attempt"] > 0]
    assert len(again)
    first = visits[visits["attempt"] == 0].set_index(["replication", "need"])["arrival"]
    earlier = first.loc[list(zip(again["replication"], again["need"], strict=True))].to_numpy()
    assert (again["arrival"].to_numpy() > earlier).all()


@pytest.mark.slow
def test_results_of_a_city_can_be_run_again(run, folder):
    assert command(folder, "run", "ran/scenario.yaml", *FEW, "--no-next", "--out", "again") == 0
    assert (folder / "again/summary.csv").read_bytes() == (run / "summary.csv").read_bytes()


def test_options_are_compared_on_the_same_needs(folder, capsys):
    options = ("--alt", "late", "--alt", "facilities.south=null")
    assert command(folder, "compare", "town.yaml", *options, *FEW, "--out", "cmp") == 0
    assert "met %" in capsys.readouterr().out
    table = pd.read_csv(folder / "cmp/comparison.csv")
    needs = table.query("metric == 'needs' and by == 'all'")
    assert (needs["difference"] == 0).all()  # the very same arise
    assert "without south" in (folder / "cmp/report.html").read_text("utf-8").casefold()


@pytest.mark.parametrize(
    ("lang", "less", "more"),
    [("en", "without south", "with south as well"), ("da", "uden south", "med south også")],
)
def test_a_house_more_or_less_is_told_in_words(folder, capsys, lang, less, more):
    (folder / "fewer.yaml").write_text("extends: town.yaml\nfacilities: {south: null}\n", "utf-8")
    for base, other, said in (("town", "fewer", less), ("fewer", "town", more)):
        files = (f"{base}.yaml", f"{other}.yaml")
        options = (*FEW, "--lang", lang, "--no-report", "--out", "other")
        assert command(folder, "compare", *files, *options) == 0
        told = capsys.readouterr().out
        assert said in told
        assert "facilities." not in told
        assert "null" not in told


def test_a_house_of_which_a_target_speaks_can_be_taken_away(folder, capsys):
    gone = ("--alt", "facilities.north=null")
    assert command(folder, "compare", "town.yaml", *gone, *FEW, "--out", "gone") == 0
    told = capsys.readouterr()
    assert "round the clock" not in told.err + told.out  # the houses close, and a city has no hours
    targets = pd.read_csv(folder / "gone/targets.csv")
    of_north = targets[targets["target"].str.contains("facility north")]
    assert len(of_north) == 1  # of the city as it is
    assert len(targets) == 3


def test_what_comes_next_is_for_a_city(folder, capsys):
    assert command(folder, "check", "town.yaml") == 0
    told = capsys.readouterr().out
    assert "--alt facilities.north.rooms.room.places=3" in told
    assert "run.py size town.yaml --add-places 2" in told


def test_a_flow_is_a_target_and_told_in_words(folder, capsys):
    flow = "targets=['flow.per_day of from north, to south <= 90']"
    options = ("--set", flow, "--no-next", "--lang", "da", "--out", "flow")
    assert command(folder, "run", "town.yaml", *options, *FEW) == 0
    told = capsys.readouterr().out.split("Mål")[-1]
    assert "højst 90 (fra north" in told
    assert "til south)" in told


@pytest.mark.slow
def test_a_sweep_over_two_houses(folder):
    vary = [f"--vary=facilities.{name}.rooms.room.places=2,3" for name in ("north", "south")]
    assert command(folder, "sweep", "town.yaml", *vary, *FEW, "--out", "swept") == 0
    assert len(pd.read_csv(folder / "swept/sweep.csv").groupby("design")) == 4


@pytest.mark.slow
def test_a_sweep_some_designs_of_which_have_figures_that_others_have_not(folder):
    for values in ("0.4,0", "0,0.4"):  # where nobody comes back there is no share of them
        vary = ("--vary", f"choice.returns.share={values}")
        assert command(folder, "sweep", "town.yaml", *vary, *FEW, "--out", "back") == 0
        assert command(folder, "report", "back") == 0


@pytest.mark.slow
def test_a_rota_is_asked_of_one_house(folder, capsys):
    assert command(folder, "rota", "check", "town.yaml") == 2
    assert "is a city: add --facility, one of north, south" in capsys.readouterr().err
    assert command(folder, "rota", "check", "town.yaml", "--facility", "nrth") == 2
    assert "did you mean `north`?" in capsys.readouterr().err
    need = ("rota", "need", "town.yaml", "--facility", "north", "--replications", "0")
    assert command(folder, *need, "--engine", "simpy", "--out", "need") == 0
    assert (folder / "need/need.csv").exists()
    assert command(folder, "rota", "need", "house.yaml", "--facility", "north") == 2
    assert "is one site" in capsys.readouterr().err


def houses(path):
    scenario = read_scenario(path).scenario
    assert isinstance(scenario, City)
    return scenario.open_facilities


def test_the_rota_of_one_house_goes_out_and_comes_back_into_the_city(folder, capsys):
    export = ("rota", "export", "town.yaml", "north.csv")
    assert command(folder, *export, "--facility", "north") == 0
    table = pd.read_csv(folder / "north.csv")
    table["count"] += 1
    table.to_csv(folder / "north.csv", index=False)
    bring = ("rota", "import", "north.csv", "--scenario", "town.yaml")
    assert command(folder, *bring) == 2
    assert "is a city: add --facility, one of north, south" in capsys.readouterr().err
    assert not (folder / "north.yaml").exists()
    assert command(folder, *bring, "--facility", "north") == 0
    before, after = houses(folder / "town.yaml"), houses(folder / "north.yaml")
    old, new = before["north"].staff, after["north"].staff
    assert old is not None
    assert new is not None
    assert [line.count for line in new.rota] == [2, 2]
    assert after["south"] == before["south"]
    changed = {"staff": old.model_copy(update={"rota": new.rota})}
    assert after["north"] == before["north"].model_copy(update=changed)
    for asked in (
        ("export", "house.yaml", "out.csv"),
        ("import", "north.csv", "--out", "out.yaml"),
    ):
        scenario = ("--scenario", "house.yaml") if asked[0] == "import" else ()
        assert command(folder, "rota", *asked, *scenario, "--facility", "north") == 2
        assert "is one site" in capsys.readouterr().err


ADD = ("size", "town.yaml", "--add-places", "1", "--max-replications", "20", "--workers", "1")


@pytest.mark.slow
def test_where_to_put_a_place_is_told_and_drawn(folder, capsys):
    assert command(folder, *ADD, "--no-cache", "--out", "placed") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "2 ways to add 1 place (north.room, south.room)" in out
    assert "in 100 needs are" in out
    ways = pd.read_csv(folder / "placed/ways.csv")
    assert list(ways["way"]) == [1, 2]
    assert list(ways[["north.room", "south.room"]].sum(axis=1)) == [1, 1]
    page = (folder / "placed/report.html").read_text("utf-8")
    assert "Where to put 1 more place?" in page
    assert command(folder, "report", "placed", "--lang", "da") == 0
    danish = (folder / "placed/report.html").read_text("utf-8")
    assert "Hvor skal 1 plads til være?" in danish
    assert "Staff, hours" not in danish
    # The city as advised is a scenario, and what is read again is what was written.
    assert command(folder, "check", "placed/chosen.yaml") == 0


def test_places_are_not_shared_out_where_that_makes_no_sense(folder, capsys):
    for asked, said in (
        (("house.yaml", "--add-places", "2"), "--add-places is for a city"),
        (("town.yaml", "--add-places", "2", "--facility", "north"), "cannot have --facility"),
        (("town.yaml", "--add-places", "2", "--grow", "1:1.5"), "cannot have --grow"),
        (("town.yaml", "--add-places", "2", "--into", "nrth"), "did you mean `north`?"),
        (("town.yaml", "--add-places", "0"), "--add-places"),
        (("town.yaml", "--facility", "north", "--step", "2"), "are for --add-places N"),
    ):
        assert command(folder, "size", *asked, "--out", "none") == 2
        assert said in " ".join(capsys.readouterr().err.split())
    assert not (folder / "none").exists()


def test_an_interrupted_sharing_out_leaves_nothing(folder, capsys, monkeypatch):
    def stopped(*_):
        raise StudyInterrupted(3)

    monkeypatch.setattr(places, "study_each", stopped)
    assert command(folder, *ADD, "--out", "stopped") == 130
    assert "finished replications are kept" in capsys.readouterr().err
    assert not (folder / "stopped").exists()


VARY = "facilities.north.design={vary: {rooms.room.places: 2:4}}"


def test_the_size_is_asked_of_one_house(folder, capsys):
    for asked, said in (
        ((), "is a city: add --facility, one of north, south"),
        (("--facility", "nrth"), "did you mean `north`?"),
        (("--facility", "north"), "facilities.north.design: is not there"),
        (("--facility", "north", "--set", VARY, "--set", "targets=[]"), "targets: is not there"),
        (("--facility", "north", "--set", VARY, "--uncertainty"), "cannot have --uncertainty"),
        (("--facility", "north", "--set", VARY.replace("places: 2", "place: 2")), "place"),
        (("--set", "design={vary: {demand.factor: [1, 2]}}"), "is what each facility says"),
    ):
        assert command(folder, "size", "town.yaml", *asked, "--out", "none") == 2
        assert said in " ".join(capsys.readouterr().err.split())
    assert command(folder, "size", "house.yaml", "--facility", "north") == 2
    assert "--facility is for a city; house.yaml is one site" in capsys.readouterr().err
    assert not (folder / "none").exists()


@pytest.mark.slow
def test_a_house_is_sized_and_drawn_in_both_languages(folder, capsys):
    sets = ("--set", VARY, "--set", "targets=[needs_met.share >= 50 %]")
    asked = ("size", "town.yaml", "--facility", "north", *sets, "--max-replications", "20")
    assert command(folder, *asked, "--no-cache", "--workers", "1", "--out", "sized") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "town-north 3 designs" in out
    assert "The whole city is played with every design" in out
    assert "cost a year, all facilities, DKK" in out
    assert "unserved" not in out
    for lang, said in (("en", "in all facilities together"), ("da", "for alle steder tilsammen")):
        assert command(folder, "report", "sized", "--lang", lang) == 0
        page = (folder / "sized/report.html").read_text("utf-8")
        assert said in page
    chosen = load_scenario(folder / "sized/chosen.yaml")
    assert house_of(chosen, "south").rooms["room"].places == 2


@pytest.mark.parametrize(
    "asked",
    [
        ("serve", "town.yaml"),
        ("run", "town.yaml", "--as-log", "visits"),
    ],
)
def test_what_knows_one_site_only_says_so(folder, capsys, asked):
    assert command(folder, *asked, "--out", "none") == 2
    assert "makes this a city" in capsys.readouterr().err
    assert not (folder / "none").exists()


@pytest.mark.slow
def test_bad_times_and_worlds_of_a_city_fit_on_the_screen_and_its_page(folder, capsys):
    few = ("--replications", "2", "--workers", "1", "--no-cache", "--worlds", "4")
    asked = ("--alt", "late", "--stress", "--uncertainty", *few)
    assert command(folder, "compare", "town.yaml", *asked, "--out", "bad") == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "Across what we do not know" in out
    assert "south shut: south is shut" in out
    stress = pd.read_csv(folder / "bad/stress.csv")
    assert {"demand", "absence", "shut (north)", "shut (south)"} == set(stress["stress"])
    shut = stress.query("stress == 'shut (north)' and metric == 'uses' and option == 'town'")
    calm = pd.read_csv(folder / "bad/comparison.csv")
    assert 0 < shut["value"].iloc[0] < calm.query("metric == 'uses'")["base_value"].iloc[0]
    assert "South shut" in (folder / "bad/report.html").read_text("utf-8")
    assert command(folder, "run", "town.yaml", "--uncertainty", *few, "--lang", "da") == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "verdener" in out
    page = (folder / "results/town/report.html").read_text("utf-8")
    assert "Behov" in page


def test_people_who_come_back_to_one_site(folder, capsys):
    back = "visits.use.returns={share: 0.5, after: {distribution: exponential, mean: 60}}"
    options = ("--set", back, "--no-next", "--out", "back")
    assert command(folder, "run", "house.yaml", *options, *FEW) == 0
    out = capsys.readouterr().out
    assert "met after coming back" in out
    assert "Wait for a place" in out  # all that a site is told besides
    assert command(folder, "size", "house.yaml", "--set", back) == 2
    assert "has people come back, which size does not know yet" in capsys.readouterr().err
