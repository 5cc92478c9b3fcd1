"""What no computer can play, and what a file can do to the program that reads it, is refused."""

import json
import os
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sim.cli import main
from sim.scenario import ScenarioError
from sim.scenario.city.model import schema_text
from sim.scenario.derived.budget import MOST_VISITS, beyond, heavy, too_long
from sim.scenario.derived.outlook import outlook
from sim.scenario.errors.problem import Place, Problem
from sim.scenario.errors.problem import ScenarioError as Problems
from sim.scenario.load import load_scenario, read_scenario, scenario_from_text
from sim.scenario.text.files import only_its_folder
from sim.scenario.text.names import folder_fault, name_fault
from sim.study import Plan, StudyError, run_study
from tests import ROOT

H17 = ROOT / "scenarios" / "h17.yaml"
SITE = """\
name: site
horizon: {weeks: 1}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 80, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: 25
rooms:
  injecting: {places: 10}
supervision:
  - {rooms: [injecting], roles: [nurse], minimum: 1}
overdose:
  preempts: true
  severities:
    any: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {cost_per_hour: 30}}
  rota:
    - {role: nurse, from: 10:00, to: "18:00"}
"""


def problems_of(text, sets=()):
    with pytest.raises(ScenarioError) as raised:
        scenario_from_text(text, sets)
    return str(raised.value).splitlines()


IN_A_LIST = "--set staff.rota.0.days=[0]: staff.rota.0.days.0: must be daily, or weekdays from"
OF_A_WEEKDAY = (
    "--set opening.hours={0: 10:00-18:00}: opening.hours.0: must be daily, or weekdays from"
)


def refused(key, value):
    """The one line that a value at a path is refused with."""
    found = problems_of(SITE, [f"{key}={value}"])
    assert len(found) == 1, found
    return found[0].partition(f": {key}: ")[2] or found[0]


def numbers_in(node, path=""):
    """Each number of a JSON Schema, with where it is."""
    if isinstance(node, list):
        for number, part in enumerate(node):
            yield from numbers_in(part, f"{path}/{number}")
    if not isinstance(node, dict):
        return
    kinds = node.get("type")
    if {"number", "integer"} & set(kinds if isinstance(kinds, list) else [kinds]):
        yield path, node
    for key, part in node.items():
        if key not in ("default", "examples", "const", "enum", "required"):
            yield from numbers_in(part, f"{path}/{key}")


@pytest.mark.slow
def test_every_number_of_the_schema_has_a_lowest_and_a_highest_value():
    found = list(numbers_in(json.loads(schema_text())))
    assert len(found) > 100
    for path, node in found:
        low, high = node.get("minimum"), node.get("maximum")
        assert low is not None, path
        assert high is not None, path
        assert -1e9 <= low < high <= 1e9, path


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("rooms.injecting.places", "'6'", "must be a whole number, not '6'; write it without"),
        ("rooms.injecting.places", "6.0", "must be a whole number, not 6.0; write 6"),
        ("rooms.injecting.places", "1e1", "must be a whole number, not 1e1; write 10"),
        ("rooms.injecting.places", "6.5", "must be a whole number, not 6.5"),
        ("rooms.injecting.places", "true", "must be a whole number, not true"),
        ("rooms.injecting.places", "~", "must be a whole number, not ~"),
        ("horizon.weeks", "'1'", "must be a whole number, not '1'; write it without quotes: 1"),
        ("horizon.weeks", "2026-01-05", "must be a whole number, not 2026-01-05"),
        ("horizon.weeks", "false", "must be a whole number, not false"),
        ("visits.inject.priority", "true", "must be a whole number, not true"),
        ("visits.inject.priority", "1.0", "must be a whole number, not 1.0; write 1"),
        ("visits.inject.share", "'1'", "must be a number, not '1'; write it without quotes: 1"),
        ("visits.inject.share", "true", "must be a number, not true"),
        ("demand.factor", "'1.5'", "must be a number, not '1.5'; write it without quotes: 1.5"),
        ("demand.factor", "yes", "must be a number, not 'yes'"),
        ("visits.inject.stay", "'25'", "must be minutes, or a duration such as"),
        ("visits.inject.stay", "true", "must be minutes, or a duration"),
        ("overdose.preempts", "1", "must be true or false, not 1"),
        ("overdose.preempts", "on", "must be true or false, not on"),
        ("overdose.preempts", "'true'", "must be true or false, not true"),
        ("horizon.start", "0", "must be a date such as 2026-12-24, not 0"),
        ("title", "5", "must be text, not 5; put it in quotes"),
        ("staff.rota.0.days", "0", "must be daily, or weekdays from"),
        ("staff.rota.0.days", "true", "must be daily, or weekdays from"),
        ("staff.rota.0.days", "[0]", IN_A_LIST),
        ("staff.rota.0.from", "10", "must be a time such as '07:30', not the number 10"),
        ("staff.rota.0.from", "true", "must be a time such as '07:30', not true"),
        ("opening.hours", "{0: 10:00-18:00}", OF_A_WEEKDAY),
        ("opening.hours", "true", "must be hours such as '07:30-23:30', or closed; not true"),
    ],
)
def test_whole_numbers_switches_and_text_are_what_they_are_written_as(key, value, message):
    assert refused(key, value).startswith(message)


def test_a_number_may_be_whole_and_a_text_may_be_a_numeral():
    scenario = scenario_from_text(SITE, ["demand.factor=2", "title='5'", "visits.inject.stay=7.5"])
    assert scenario.demand.factor == 2
    assert scenario.title == "5"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("visits.inject.stay", "1e17", "must be at most 525600, not 1e17"),
        ("visits.inject.stay", "1e300 d", "must be at most 525600"),
        ("visits.inject.stay", "-1", "must be at least 0, not -1"),
        ("visits.inject.stay", "{distribution: exponential, mean: 0}", "must be more than 0"),
        ("visits.inject.stay", "{distribution: exponential, mean: 1e-9}", "must be at least 0.001"),
        ("visits.inject.stay", "{distribution: gamma, mean: 9, cv: 1e-200}", "must be at least"),
        ("visits.inject.stay", "{distribution: gamma, mean: 9, cv: 1e200}", "must be at most 20"),
        ("visits.inject.stay", "{distribution: lognormal, mean: 9, cv: 1e200}", "must be at most"),
        ("visits.inject.stay", "{distribution: weibull, mean: 9, shape: 0.01}", "must be at least"),
        (
            "visits.inject.stay",
            "{distribution: weibull, mean: 9, shape: 500}",
            "must be at most 20",
        ),
        ("rooms.injecting.places", "1000000", "must be at most 10000, not 1000000"),
        ("rooms.injecting.places", "9" * 30, "must be at most 10000"),
        ("rooms.injecting.places", "9" * 5000, "has 5000 digits; a number may have 100"),
        ("horizon.weeks", "1000000", "must be at most 2087"),
        ("horizon.weeks", "0", "must be at least 1"),
        ("horizon.start", "9999-12-31", "must be a date from 1900-01-01 to 2200-12-31"),
        ("horizon.start", "0001-01-01", "must be a date from 1900-01-01 to 2200-12-31"),
        ("demand.visits_per_day", "1e9", "must be at most 100000, not 1e9"),
        ("demand.visits_per_day", "1e-300", "must be at least 0.001"),
        ("demand.visits_per_day", "0", "must be more than 0, not 0"),
        ("demand.visits_per_day", "-3", "must be more than 0, not -3"),
        ("demand.factor", "1e308", "must be at most 1000"),
        ("demand.day_to_day_cv", "1e-200", "must be 0, or at least 0.001, not 1e-200"),
        ("demand.day_to_day_cv", "1e200", "must be at most 5"),
        ("demand.groups", "{1000000: 1}", "as a key must be at most 1000"),
        ("demand.clients", "{number: 1000000000}", "must be at most 1000000"),
        ("demand.profile", "[" + "1e-300, " * 23 + "0]", "has only zeros"),
        ("visits.inject.priority", 2**64, "must be at most 1000"),
        ("visits.inject.priority", -(2**64), "must be at least -1000"),
        ("staff.roles.nurse.cost_per_hour", "1e308", "must be at most 1000000000"),
        ("staff.roles.nurse.contract_hours", "1e-9", "must be at least 1, not 1e-9"),
        ("staff.rota.0.count", "1000000", "must be at most 1000"),
        ("staff.cycle_weeks", "1000000", "must be at most 104"),
        ("supervision.0.places_per_staff", "1e-300", "must be at least 0.001"),
        ("costs", "{opening_hour: 1e308}", "must be at most 1000000000"),
        ("rota_rules", "{need: {waiting: 1e-300}}", "must be at least 1e-06"),
        ("rota_rules", "{limits: {week_hours: 1e9}}", "must be at most 168"),
    ],
)
def test_numbers_that_no_site_has_are_refused_where_they_are_written(key, value, message):
    line = refused(key, value)
    assert message in line
    assert len(line) < 700


def test_a_duration_that_may_last_beyond_any_calendar_needs_a_cap():
    heavy_tail = "{distribution: lognormal, mean: 400000, cv: 20}"
    assert "which is beyond any calendar; give at_most" in refused("visits.inject.stay", heavy_tail)
    capped = heavy_tail.replace("}", ", at_most: 60}")
    assert scenario_from_text(SITE, [f"visits.inject.stay={capped}"]).rooms


@pytest.mark.parametrize(
    "stay",
    [
        *("0.001", "525600", "{distribution: fixed, value: 0}"),
        *(
            f"{{distribution: {name}, mean: {mean}, cv: {cv}, at_most: 525600}}"
            for name in ("lognormal", "gamma")
            for mean in (0.001, 525600)
            for cv in (0.001, 20)
        ),
        *(
            f"{{distribution: weibull, {size}: {minutes}, shape: {shape}, at_most: 525600}}"
            for size in ("mean", "median")
            for minutes in (0.001, 525600)
            for shape in (0.1, 20)
        ),
        *(f"{{distribution: exponential, mean: {mean}}}" for mean in (0.001, 525600)),
        *(f"{{distribution: gamma, mean: 20, cv: {cv}}}" for cv in (0.001, 20)),
    ],
)
def test_every_duration_within_the_bounds_can_be_drawn_and_played(stay):
    scenario = scenario_from_text(SITE, [f"visits.inject.stay={stay}", "horizon.weeks=1"])
    kind = scenario.visits["inject"]
    assert kind.stay is not None
    drawn = kind.stay.quantile(np.array([0.0, 1e-12, 0.5, 1 - 2.0**-53]))
    assert np.isfinite(drawn).all()
    assert np.isfinite(kind.stay.mean())
    assert all(one <= other for one, other in pairwise(drawn))
    assert outlook(scenario).loads
    run_study(scenario, Plan(replications=1))


@pytest.mark.slow
@pytest.mark.parametrize("cap", [0.5, 3, 45, 480, 5_000, 100_000, 525_600])
@pytest.mark.parametrize(
    "shape",
    [
        "lognormal, mean: 25, cv: 0.5",
        "lognormal, mean: 0.01, cv: 0.5",
        "lognormal, mean: 25, cv: 5",
        "lognormal, mean: 0.001, cv: 0.001",
        "gamma, mean: 25, cv: 1.5",
        "gamma, mean: 0.01, cv: 5",
        "exponential, mean: 5",
        "exponential, mean: 0.01",
        "weibull, mean: 25, shape: 1.2",
        "weibull, median: 10, shape: 0.3",
        "triangular, low: 1, mode: 2, high: 4",
        "uniform, low: 1, high: 400",
    ],
)
def test_a_mean_is_right_however_far_the_cap_is(shape, cap):
    """Against the mean of evenly spaced quantiles, the last hundred-thousandth cut finer."""
    scenario = scenario_from_text(
        SITE, [f"visits.inject.stay={{distribution: {shape}, at_most: {cap}}}"]
    )
    stay = scenario.visits["inject"].stay
    assert stay is not None
    steps, tail = 200_000, 1e-5
    usual = (np.arange(steps) + 0.5) / steps * (1 - tail)
    seldom = 1 - tail + usual * tail
    exact = stay.quantile(usual).mean() * (1 - tail) + stay.quantile(seldom).mean() * tail
    assert stay.mean() == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize(
    ("sets", "path", "says"),
    [
        (
            ["demand.visits_per_day=100000", "horizon.weeks=104"],
            "demand.visits_per_day",
            "100,000 visits a day for 728 days are 72,800,000",
        ),
        (
            ["demand.visits_per_day=5000", "horizon.weeks=2080"],
            "horizon.weeks",
            "5,000 visits a day for 14,560 days are 72,800,000",
        ),
        (
            ["demand.factor=1000", "horizon.weeks=null", "horizon.days=364"],
            "demand.factor",
            "80,000 visits a day for 364 days are 29,120,000",
        ),
        (
            [
                "demand.special_days=[{name: x, days_of_month: [1, 2], visits: 1000}]",
                "horizon.weeks=104",
                "demand.visits_per_day=5000",
            ],
            "demand.special_days.0.visits",
            "one replication can hold 8,000,000",
        ),
        (["staff.rota.0.count=1000", "horizon.weeks=500"], "staff.rota.0", "3,500,000 shifts"),
        (
            [
                "opening.hours=[" + ", ".join(f"{h}:00-{h}:30" for h in range(10, 22)) + "]",
                "horizon.weeks=1000",
            ],
            "horizon.weeks",
            "84,000 pieces of opening hours",
        ),
        (
            ["demand.profile=[" + "1, " * 1439 + "1]", "horizon.weeks=2080"],
            "horizon.weeks",
            "1 kinds of visit whose demand changes up to 1440 times a day",
        ),
    ],
)
def test_products_that_are_too_much_are_told_at_the_line_that_makes_them_so(sets, path, says):
    found = problems_of(SITE, sets)
    assert len(found) == 1, found
    assert f": {path}" in found[0]
    assert says in found[0]


def _site_of(rooms, kinds):
    return (
        "name: many\nopening: {hours: 10:00-18:00}\n"
        "demand: {visits_per_day: 80, profile: flat}\n"
        f"visits:\n{kinds}rooms:\n{rooms}"
    )


@pytest.mark.slow
def test_rooms_kinds_and_roles_are_counted():
    for number, room in ((20, True), (21, False), (3000, False)):
        rooms = "".join(f"  r{n}: {{places: 2}}\n" for n in range(number))
        names = ", ".join(f"r{n}" for n in range(min(number, 20)))
        text = _site_of(rooms, f"  use: {{rooms: [{names}], stay: 25}}\n")
        if room:
            assert len(scenario_from_text(text).rooms) == number
        else:
            assert f"must have at most 20 entries, not {number}" in problems_of(text)[0]
    kinds = "".join(f"  k{n}: {{share: 0.001, rooms: [a], stay: 1}}\n" for n in range(1000))
    assert (
        "must have at most 50 entries, not 1000"
        in problems_of(_site_of("  a: {places: 2}\n", kinds))[0]
    )


def test_sets_of_rooms_that_double_with_each_kind_are_refused():
    rooms = "".join(f"  r{n}: {{places: 2}}\n" for n in range(10))
    kinds = "".join(f"  k{n}: {{share: {1 / 9}, rooms: [r{n}, r9], stay: 9}}\n" for n in range(9))
    found = problems_of(_site_of(rooms, kinds))
    assert ": visits.k6.rooms: is too much to play" in found[0]
    assert "more than 64 different sets of rooms" in found[0]
    outside = rooms.replace("places: 2", "places: 2, kind: open_air, usable_share: 0.5")
    apart = "".join(f"  k{n}: {{share: 0.1, rooms: [r{n}], stay: 9}}\n" for n in range(10))
    found = problems_of(_site_of(outside, apart))
    assert ": rooms.r6.usable_share: is the 10th room that the weather can close" in found[0]


def test_large_sites_that_planners_do_have_are_not_refused():
    thirty_years = load_scenario(H17, ["horizon.weeks=1560"])
    busy = load_scenario(
        H17, ["horizon.weeks=52", "opening.hours=24/7", "demand.visits_per_day=7000"]
    )
    for scenario in (thirty_years, busy):
        assert not list(beyond(scenario))
        assert not too_long(scenario, 40)
        assert "GB of memory for each worker" in heavy(scenario)
    assert not heavy(load_scenario(H17, ["horizon.weeks=52"]))


def test_replications_that_would_take_days_are_refused_before_anything_is_played():
    scenario = scenario_from_text(SITE, ["demand.visits_per_day=100000"])
    assert too_long(scenario, 100_000).startswith("100,000 replications are some 70,000,000,000")
    with pytest.raises(StudyError, match="ask for 28,571 or fewer"):
        run_study(scenario, Plan(replications=100_000))
    assert not too_long(scenario, 28_571)
    assert too_long(scenario, 28_572)
    assert MOST_VISITS == 8_000_000


# --- files -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_ten_thousand_mistakes_are_told_in_seconds():
    clock = time.process_time()
    found = problems_of(SITE + "".join(f"key{n}: 1\n" for n in range(10_000)))
    assert time.process_time() - clock < 20
    assert len(found) == 101
    assert found[-1] == "scenario: has 9,900 more mistakes of these kinds"
    arrivals = ", ".join("{at: 700, kind: nobody}" for _ in range(2_000))
    text = SITE.replace("{visits_per_day: 80, profile: flat}", f"{{arrivals: [{arrivals}]}}")
    assert len(problems_of(text)) <= 102
    many = Problems(Problem(Place("a.yaml", n + 1, 1), "", "is wrong") for n in range(5_000))
    assert str(many).splitlines()[-1] == "a.yaml: has 4,899 more mistakes"


@pytest.mark.slow
@pytest.mark.parametrize("size", [300, 9_000, 100_000, 400_000])
def test_long_texts_are_not_printed_whole(size):
    long = "x" * size
    for text in (
        SITE.replace("10:00-18:00}", f"'{long}'}}"),
        SITE.replace("stay: 25", f"stay: {long}"),
        SITE.replace("inject:", f"{long}:"),
        SITE.replace("[injecting]", f"[{long}]"),
        SITE.replace("name: site", f"name: {long}"),
        SITE.replace("name: site", f"name: site\ntargets: ['{long}']"),
        SITE.replace("name: site", f"name: site\n{long}: 1"),
    ):
        found = problems_of(text)
        assert all(len(line) < 1_000 for line in found)


def test_names_are_printable_and_short():
    for name in ("a\\0b", "a\\eb", "a\\nb"):
        found = problems_of(SITE.replace("inject:", f'"{name}":'))
        assert "has a character that cannot be printed" in found[0]
    assert "at most 80 characters" in problems_of(SITE.replace("inject:", "i" * 81 + ":"))[0]
    assert scenario_from_text(SITE.replace("inject:", "i" * 80 + ":")).visits


@pytest.mark.slow
def test_deep_nesting_is_told_and_not_followed():
    found = problems_of(f"name: site\ntitle: {'[' * 50_000}")
    assert "is nested too deeply to be a scenario" in found[0]


def test_a_scenario_of_a_hundred_megabytes_is_not_read(tmp_path):
    file = tmp_path / "big.yaml"
    with file.open("wb") as out:
        out.truncate(100_000_000)
    with pytest.raises(ScenarioError, match="larger than 1 MB, the most that is read"):
        read_scenario(file)


@pytest.fixture
def foreign(tmp_path):
    """A folder with a scenario, and secrets beside it."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "site.yaml").write_text(SITE, "utf-8")
    (tmp_path / "passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\nme:x:1:1::/:/bin/sh\n", "utf-8"
    )
    (tmp_path / "secret.yaml").write_text("database: {password: hunter2}\n", "utf-8")
    (tmp_path / "broken.txt").write_text("token %hunter2\n  @hunter3: [", "utf-8")
    (tmp_path / "outside.yaml").write_text(SITE, "utf-8")
    os.mkfifo(inside / "pipe")
    return inside


@pytest.mark.parametrize("named", ["../passwd", "../secret.yaml", "../broken.txt"])
def test_nothing_is_shown_of_a_file_that_is_no_scenario_or_table(foreign, named):
    child = foreign / "child.yaml"
    child.write_text(f"extends: {named}\nname: child\n", "utf-8")
    with pytest.raises(ScenarioError) as raised:
        read_scenario(child)
    (problem,) = raised.value.problems
    assert "child.yaml:1:10: extends: is not a scenario" in str(problem)
    child.write_text(
        f"extends: site.yaml\nname: child\ndemand: {{visits_per_day: null, profile: null, "
        f"week: {{file: {named}}}}}\n",
        "utf-8",
    )
    with pytest.raises(ScenarioError) as raised:
        read_scenario(child)
    told = str(raised.value)
    assert "hunter" not in told
    assert "root" not in told.replace(str(foreign.parent), "")


@pytest.mark.parametrize("device", ["pipe", "/dev/zero", "/dev/null"])
def test_pipes_and_devices_are_not_waited_for(foreign, device):
    child = foreign / "child.yaml"
    table = f"demand: {{visits_per_day: null, profile: null, arrivals: {{file: {device}}}}}\n"
    for text in (f"extends: {device}\nname: child\n", f"extends: site.yaml\nname: child\n{table}"):
        child.write_text(text, "utf-8")
        with pytest.raises(ScenarioError, match="no ordinary file, but a pipe or a device"):
            read_scenario(child)


def test_an_untrusted_scenario_keeps_to_its_folder(foreign):
    own, link = foreign / "own.yaml", foreign / "link.yaml"
    own.write_text("extends: site.yaml\nname: own\n", "utf-8")
    link.symlink_to(foreign.parent / "outside.yaml")
    (foreign / "week.csv").symlink_to(foreign.parent / "passwd")
    (foreign / "loop.yaml").symlink_to(foreign / "loop.yaml")
    outside = foreign.parent / "outside.yaml"
    with only_its_folder():
        assert read_scenario(own).scenario.name == "own"
        for named in ("../outside.yaml", str(outside), "link.yaml", "loop.yaml", "nowhere/../../x"):
            child = foreign / "child.yaml"
            child.write_text(f"extends: {named}\nname: child\n", "utf-8")
            with pytest.raises(ScenarioError, match=r"not in the scenario's folder"):
                read_scenario(child)
        with pytest.raises(ScenarioError, match="not in the scenario's folder"):
            read_scenario(link)
        table = [
            "demand.visits_per_day=null",
            "demand.profile=null",
            "demand.week={file: week.csv}",
        ]
        with pytest.raises(ScenarioError, match="not in the scenario's folder"):
            read_scenario(own, table)
    assert read_scenario(link).scenario.name == "site"


# --- names and the command line ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        *(
            (name, "Windows keeps it for a device; use one such as site-")
            for name in ("con", "NUL")
        ),
        *((name, "Windows keeps it for a device") for name in ("aux.yaml", "Com1", "lpt9.a.b")),
        ("x" * 300, "has 300 characters; a name may have 120"),
        ("x.", "ends with a dot"),
        *(
            (name, "cannot be a name")
            for name in ("x ", "a/b", "a\\b", "..", "", "a:b", "é", "a\0")
        ),
    ],
)
def test_names_that_no_file_system_takes_are_refused(name, says):
    assert says in name_fault(name)
    text = SITE.replace("name: site", f"name: {json.dumps(name)}")
    assert any("cannot be a name" in line or says in line for line in problems_of(text))


@pytest.mark.parametrize(
    "name", ["con", "aux.yaml", "x.", "a/b", "a\\b", "..", "a:b", "é", "x" * 80]
)
def test_a_variant_of_any_name_makes_a_name_that_file_systems_take(tmp_path, name):
    file = tmp_path / "site.yaml"
    file.write_text(SITE + f"variants:\n  {json.dumps(name)}: {{title: other}}\n", "utf-8")
    named = load_scenario(file, variant=name).name
    assert named.startswith("site-")
    assert not name_fault(named)


@pytest.mark.parametrize("name", ["", "a\0", "none", "x" * 81, "a=b", "a;b"])
def test_names_that_no_variant_has_are_refused(name):
    assert problems_of(SITE + f"variants:\n  {json.dumps(name)}: {{title: other}}\n")


@pytest.mark.parametrize("name", ["console", "nul1", "com", "com10", "x.y", "x" * 120, "H17-b_2"])
def test_names_like_these_are_taken(name):
    assert not name_fault(name)
    assert not folder_fault(name)
    assert scenario_from_text(SITE.replace("name: site", f"name: {name}")).name == name


def call(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.parametrize(
    "options",
    [
        *(
            ("--out", name)
            for name in ("con", "a/nul/b", "x" * 300, "dot.", "space ", "a:b", "é" * 80)
        ),
        *(("--replications", number) for number in ("1000000000", "0", "2.0", "1e2", "yes")),
        *(("--seed", number) for number in ("-1", str(2**64), "1.0")),
        *(("--workers", number) for number in ("0", "1000000")),
        ("--max-replications", "1000000000"),
    ],
)
def test_options_have_bounds_too(tmp_path, monkeypatch, options):
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(SITE, "utf-8")
    assert call(monkeypatch, "run", "site.yaml", *options) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["site.yaml"]


@pytest.mark.parametrize(
    "words",
    [
        ("sweep", "site.yaml", "--vary", "rooms.injecting.places=0:1000000000"),
        ("sweep", "site.yaml", "--vary", f"demand.factor=0:1:0.{'0' * 400}1"),
        ("sweep", "site.yaml", "--vary", "rooms.injecting.places=2.0,3.0"),
        ("sweep", "site.yaml", "--vary", "rooms.injecting.places=4:5", "--lhs", "1000000000"),
        ("compare", "site.yaml", "--alt", "none: rooms.injecting.places=8"),
        ("compare", "site.yaml", "--alt", "rooms.injecting.places='8'"),
        ("compare", "site.yaml", "--alt", "rooms.injecting.places=1000000"),
        ("check", "site.yaml", "--set", "design.vary={rooms.injecting.places: '0:1000000000'}"),
        ("check", "site.yaml", "--set", "design.vary={rooms.injecting.places: [true, 3]}"),
        ("new", "con"),
        ("new", "x" * 300),
    ],
)
def test_values_of_options_are_read_as_strictly(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(SITE, "utf-8")
    assert call(monkeypatch, *words) == 2
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    assert len(told.err) < 2_000
    assert [path.name for path in tmp_path.iterdir()] == ["site.yaml"]


@pytest.mark.parametrize(
    "words",
    [
        *(("check",), ("run",), ("compare",), ("sweep", "--vary", "rooms.injecting.places=1:2")),
        *(("size",), ("watch",), ("rota", "need"), ("rota", "plan"), ("rota", "check")),
    ],
)
def test_every_command_that_reads_a_scenario_can_keep_it_to_its_folder(
    foreign, monkeypatch, capsys, words
):
    child = foreign / "child.yaml"
    child.write_text("extends: ../outside.yaml\nname: child\n", "utf-8")
    first = 2 if words[0] == "rota" else 1
    line = (*words[:first], str(child), *words[first:], "--untrusted")
    assert call(monkeypatch, *line) == 2
    assert "not in the scenario's folder" in capsys.readouterr().err
    assert sorted(path.name for path in foreign.iterdir()) == ["child.yaml", "pipe", "site.yaml"]
