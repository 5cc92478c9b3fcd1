"""The bound on unserved visits: no key of the language forgotten, never above the simulation."""

import re
import typing

import numpy as np
import pytest
from pydantic import BaseModel

from sim.scenario.load import scenario_from_text
from sim.scenario.model.scenario import Scenario
from sim.size.bound import Bound, unproven
from tests import ROOT
from tests.bound_many import data_of, judged, scenario_of
from tests.support.size_maker import keys_in

DOCS = ROOT / "docs" / "sizing.md"
SITE = """\
name: site
horizon: {weeks: 2}
opening: {hours: 10:00-20:00}
demand: {visits_per_day: 240, profile: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  0, 0, 0, 0]}
visits: {use: {rooms: [a], stay: 30, patience: 20}}
rooms: {a: {places: 4}, b: {places: 4}}
"""


def models(of):
    """The models in a type."""
    if isinstance(of, type) and issubclass(of, BaseModel):
        return {of}
    parts = [*typing.get_args(of), *([of.__value__] if hasattr(of, "__value__") else [])]
    return {one for part in parts for one in models(part)}


def keys(model, prefix=""):
    """All keys of a model, those of distributions left out."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        yield key
        for one in models(field.annotation):
            if not one.__module__.endswith(".durations"):
                yield from keys(one, f"{key}.")


def named():
    """Keys that the table names: `a.b`, or `a` (`b`, `c`); and those of which all is meant."""
    text = DOCS.read_text("utf-8")
    table = text[text.index("| key | the bound | why |") :].split("\n\n")[0]
    found, whole = set(), set()
    for line in table.splitlines()[2:]:
        cell = line.split("|")[1]
        for key, inside in re.findall(r"`([\w.]+)`(?: \(([^)]*)\))?", cell):
            found.add(key)
            found |= {f"{key}.{part}" for part in re.findall(r"`(\w+)`", inside)}
            if "all of it" in inside:
                whole.add(key)
    return found, whole


def test_no_key_of_the_language_is_missing_from_the_table():
    found, whole = named()
    missing = {
        key
        for key in keys(Scenario)
        if key not in found
        and not any(key.startswith(f"{one}.") for one in whole)
        # Parts of a scenario that are no more than their keys.
        and key not in ("horizon", "opening", "demand", "visits", "rooms")
    }
    assert missing == set()


def test_no_key_in_the_table_that_the_language_lacks():
    assert named()[0] - set(keys(Scenario)) == set()


def unserved(text, **places):
    scenario = scenario_from_text(text)
    known = {name: room.places for name, room in scenario.rooms.items()}
    return Bound.of(scenario).unserved(known | places)


TWO_ROOMS = SITE.replace("rooms: [a]", "rooms: [a, b]")


def test_by_hand():
    # 13 of 14 days count: 240 visits each. A place of 600 minutes takes (600 + c) / min(30, c) at
    # most, which is least for c = 30: 21. Four places: 84 of 240, so 156 are unserved, of 240 on
    # each of 14 days.
    assert unserved(TWO_ROOMS, b=0) == pytest.approx(13 * (240 - 84) / (14 * 240))
    assert unserved(TWO_ROOMS) == pytest.approx(13 * (240 - 168) / (14 * 240))


BUSY = """\
name: site
horizon: {weeks: 2}
opening: {hours: 10:00-20:00}
demand: {visits_per_day: 600, profile: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  0, 0, 0, 0]}
visits: {use: {rooms: [a], stay: 30KIND}}
rooms: {a: {places: 4ROOM}OTHER}
"""
OVERDOSE = "overdose: {severities: {any: {share: 1, team: [], intensive: 5}}}\n"
SWITCH = ", switch: {after: 1, probability: 1, room: b, stay: 15}"


@pytest.mark.parametrize(
    ("kind", "room", "other", "came", "served"),
    [
        ("", "", "", 600, 4 * 21),
        # A switch lets them into the other room, with a stay of its own: c = 30 is best for both.
        (SWITCH, "", ", b: {places: 4}", 600, 4 * 21 + 4 * 42),
        # Hours of the room shorter than the site's: who comes later is closed, not unserved.
        ("", ", hours: 10:00-15:00", "", 300, 4 * 11),
        # Cleaning holds the place too, and so do those who stay longer than they should.
        ("", ", cleaning: {duration: 30}", "", 600, 4 * 11),
        ("", ", time_limit: {limit: 15}", "", 600, 4 * 41),
        ("", ", time_limit: {limit: 15, comply: 0, overrun: 15}", "", 600, 4 * 21),
        # One in ten has an overdose, which may free the place at once.
        (", overdose: {per_1000: 100, onset: 1}", "", "", 600, 4 * 21 + 60),
    ],
    ids=["plain", "switch", "own hours", "cleaning", "limit", "overrun", "overdoses"],
)
def test_what_the_language_adds(kind, room, other, came, served):
    text = BUSY.replace("KIND", kind).replace("ROOM", room).replace("OTHER", other)
    text += OVERDOSE if "overdose" in kind else ""
    assert unserved(text) == pytest.approx(13 * (came - served) / (14 * came))


@pytest.mark.parametrize(
    "change",
    [
        ("hours: 10:00-20:00", "hours: 10:00-20:00, at_close: stop"),
        ("hours: 10:00-20:00", "hours: 10:00-20:00, queue_at_close: serve"),
        ("hours: 10:00-20:00", "hours: 24/7"),
    ],
)
def test_where_it_is_switched_off(change):
    text = TWO_ROOMS.replace(*change)
    assert unproven(scenario_from_text(text))
    assert unserved(text) == 0
    assert not unproven(scenario_from_text(TWO_ROOMS))


def test_weather_switches_it_off_for_whoever_may_use_the_room():
    text = TWO_ROOMS.replace("b: {places: 4}", "b: {places: 4, kind: open_air, usable_share: 0.5}")
    assert unserved(text) == 0


@pytest.mark.slow
def test_every_key_of_the_language_is_in_the_random_scenarios():
    """The bound is tried on these, and the referee, whose targets are its own."""
    written = set()
    for seed in range(250):
        written |= set(keys_in(Scenario.model_validate(data_of(seed))))
    # What nobody knows is no rule of the site: worlds have it drawn. Where people come back `size`
    # does not search.
    simulated = {
        one
        for one in keys(Scenario)
        if one.partition(".")[0] != "uncertainty"
        and not one.startswith(("visits.returns", "visits.attempts"))
    }
    assert simulated - written == set()


@pytest.mark.slow
def test_never_above_the_simulation():
    """A few of those that `python -m tests.bound_many` goes through; of half of them it speaks."""
    says = 0
    for seed in range(24):
        bound, value, error = judged(scenario_of(seed))
        if np.isnan(value):  # nobody came
            continue
        says += bound > 0
        assert bound <= value + 4 * error + 1e-9
    assert says >= 8
