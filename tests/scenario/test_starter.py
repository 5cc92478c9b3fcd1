"""The starter, for every kind of site; and the values to start from, which are in one place."""

import re
from pathlib import Path

import pytest

from sim.cli.commands.new import with_remarks
from sim.report.page.words import catalogue
from sim.scenario import load_scenario, read_scenario
from sim.scenario.derived.outlook import outlook
from sim.scenario.load import scenario_from_text
from sim.scenario.model.durations import Lognormal
from sim.scenario.model.hours import DAY
from sim.scenario.starter import KINDS, Site, StarterError, defaults, starter_text
from sim.scenario.text.notes import notes
from sim.scenario.uncertainty.comments import assumptions
from tests import ROOT

SITES = (
    *(Site(kind) for kind in KINDS),
    *(Site(kind, served=100) for kind in KINDS),
    Site("small-town", "09-21", (8, 4), 150),
    Site("long-hours", "24/7"),
    Site("city-day", "18-02"),
    Site("city-day", "00-06"),
    Site("small-town", "12:30-17:30", (1, 1), 2.5),
)
DOCS = "".join((ROOT / "docs" / name).read_text("utf-8") for name in ("scenarios.md", "sizing.md"))


@pytest.fixture(params=SITES, ids=str)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(starter_text("site", request.param, "dcr-sim"), "utf-8")
    return path


@pytest.mark.slow
def test_it_is_sound_and_staffed_while_it_is_open(file: Path):
    scenario = load_scenario(file)
    served = ("demand.unserved=0.1",) if scenario.demand.is_unknown else ()
    found = outlook(load_scenario(file, served)).warnings
    # Places and hours that were told may not carry what was told to be served.
    assert [one for one in found if "places" not in one] == []


def test_every_assumption_has_a_range_and_no_instruction_is_a_source(file: Path):
    source = read_scenario(file).source
    found, not_varied = assumptions(source)
    assert [one.reason for one in not_varied] == []
    keys = {one.key for one in found}
    assert {"visits.inject.stay.mean", "visits.inject.stay.cv", "check_in.desks"} <= keys
    assert len(keys) > 40
    told = notes(source)
    assert len(told) > 40
    for note in told:
        assert not re.search(r"##|; or:|dcr-sim|how many|whatever", note.text), note


def test_told_what_it_is_of():
    told = scenario_from_text(
        starter_text("my-site", Site("small-town", "09-21", (8, 4), 150), "x")
    )
    assert told.name == "my-site"
    assert [room.places for room in told.rooms.values()] == [8, 4]
    assert told.opening.hours.minutes_per_week() == 7 * 12 * 60
    assert (told.demand.served_per_day, told.demand.is_unknown) == (150, True)
    assert told.demand.shape is not None
    assert told.demand.shape.shape == "small-town"
    assert told.demand.day_to_day_cv == 0.22
    usual = scenario_from_text(starter_text("my-site", Site(), "x"))
    assert usual.demand.shape is not None
    assert usual.demand.shape.shape == "city-day"
    assert all(room.time_limit is None for room in usual.rooms.values())
    always = scenario_from_text(starter_text("x", Site("long-hours", "24/7"), "x"))
    assert always.opening.hours.minutes_per_week() == 7 * DAY
    assert always.horizon.warmup_weeks == 1


@pytest.mark.parametrize(
    "hours", ["9", "25-30", "09-21-23", "24-06", "morning", "09-24:30", "9:7-12"]
)
def test_hours_that_are_none(hours: str):
    with pytest.raises(StarterError, match="hours must be such as 09-21"):
        starter_text("x", Site(hours=hours), "x")


# --- in one place ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", defaults())
def test_each_value_is_within_its_range_and_has_what_it_must(name: str):
    for kind in ("", *KINDS):
        one = defaults(kind)[name]
        assert one.low <= one.value <= one.high
        assert one.low < one.high
        assert one.shape
        assert one.grade in {"S", "N", "D", "A"}
        assert (one.grade == "A") or one.why


def test_the_range_of_demand_that_was_found_is_that_of_the_values():
    queues = scenario_from_text(
        starter_text("x", Site(served=100), "x"), ["demand.unserved={found: 0.2}"]
    )
    one = defaults()["served_times"]
    assert queues.demand.times_served == (one.value, one.low, one.high)


@pytest.mark.parametrize("name", ["copenhagen-2013-one-house", "skyen", "h17"])
def test_the_examples_have_the_values(name: str):
    loaded, values = read_scenario(ROOT / "scenarios" / f"{name}.yaml"), defaults()
    scenario = loaded.scenario
    stays = ("inject", "smoke", "sniff") if "sniff" in scenario.visits else ("inject", "smoke")
    for kind in stays:
        stay = scenario.visits[kind].stay
        assert isinstance(stay, Lognormal)
        assert (stay.mean(), stay.cv) == (values[f"{kind}_stay"].value, values["stay_cv"].value)
    assert scenario.demand.day_to_day_cv == values["day_to_day_cv"].value
    assert scenario.demand.special_days[0].visits == values["benefit_visits"].value
    for room in scenario.rooms.values():
        assert room.time_limit is None
        assert room.cleaning is not None
        assert room.cleaning.duration.mean() == values["cleaning"].value
    ranges = {one.key: (one.low, one.high) for one in assumptions(loaded.source)[0]}
    for key, value in (
        ("visits.smoke.stay.mean", "smoke_stay"),
        ("visits.inject.stay.cv", "stay_cv"),
        ("visits.inject.patience.median", "patience"),
        ("demand.day_to_day_cv", "day_to_day_cv"),
        ("visits.smoke.balking.per_person_ahead", "balking"),
    ):
        assert ranges[key] == (values[value].low, values[value].high)


@pytest.mark.parametrize("name", defaults())
def test_the_docs_have_the_values(name: str):
    for kind in ("", "small-town"):
        one = defaults(kind)[name]
        assert f"{one.value:g} ({one.range_text})" in DOCS.replace(" min ", " ").replace(" %", "")


@pytest.mark.parametrize("site", SITES, ids=str)
def test_its_remarks_are_in_the_planner_s_language_and_it_reads_the_same(site: Site):
    text, words = starter_text("site", site, "dcr-sim"), catalogue("da")
    told = with_remarks(text, words)
    assert with_remarks(text, catalogue("en")) == text
    title = {"title": "A site"}
    mine, other = (scenario_from_text(one) for one in (text, told))
    assert mine.title != other.title
    assert mine.model_copy(update=title) == other.model_copy(update=title)
    for before, after in zip(text.splitlines(), told.splitlines(), strict=True):
        typed = re.match(r"## ( *place|costs:| *opening_hour|$)", before) or before == "##"
        assert (before == after) == (" ## " not in f" {before}" or bool(typed)), before
        assert before.partition(" ##")[0].startswith("title") or (
            before.partition("##")[0] == after.partition("##")[0]
        )


def test_every_remark_that_is_translated_is_there():
    text = "\n".join(starter_text("site", site, "dcr-sim") for site in SITES)
    mine = [key.removeprefix("starter.") for key in catalogue("da").texts if "starter." in key]
    assert [one for one in mine if one not in text] == []
