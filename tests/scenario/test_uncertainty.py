"""What nobody knows: its block, its shapes, and worlds drawn from it."""

import re

import numpy as np
import pytest

from sim.results.scenario import write_scenario
from sim.scenario import ScenarioError, load_scenario, read_scenario
from sim.scenario.load import Original, Version, example_folder, with_bases
from sim.scenario.model.design import Shape
from sim.scenario.uncertainty.draws import draw_worlds, points, rows_of
from sim.scenario.uncertainty.ranges import lognormal_suits, read_unknowns
from sim.scenario.uncertainty.shapes import Curve
from sim.scenario.uncertainty.shares import (
    concentration,
    dirichlet,
    exceeding,
    giving_way,
    range_of,
    ranges_of_shares,
    together,
)
from tests.support.command import call, command

SITE = """\
name: site
horizon: {days: 2}
opening: {hours: 10:00-18:00, last_entry: 30 min}
demand:
  visits_per_day: 150 # assumption (120-200)
  profile: flat
visits:
  inject:
    share: 0.6
    rooms: [injecting]
    stay: {distribution: lognormal, mean: 25, cv: 0.5} # assumption (mean 18-32)
    patience: {distribution: weibull, median: 20, shape: 1.2} # assumption (10-45)
  smoke:
    share: 0.3
    rooms: [injecting]
    stay: 12 # assumption
    patience: {distribution: weibull, median: 20, shape: 1.2}
  sniff: {share: 0.1, rooms: [injecting], stay: 8}
rooms:
  injecting: {places: 4, reach: 1 min}
staff:
  roles: {nurse: {}}
  rota:
    - {name: day, role: nurse, from: 09:30, to: 18:30}
"""


@pytest.fixture
def read(tmp_path):
    def of(block, *sets):
        path = tmp_path / "site.yaml"
        path.write_text(f"{SITE}{block}", "utf-8")
        return read_scenario(path, sets)

    return of


def unknowns_of(loaded):
    return read_unknowns(loaded.scenario, loaded.source)


def drawn(loaded, worlds=64, seed=1, first=0):
    return draw_worlds(unknowns_of(loaded), loaded.scenario, loaded.source, worlds, seed, first)


# --- shapes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("curve", "at", "values"),
    [
        (
            Curve(Shape.PERT, 400, 560, 1000),
            (0.05, 0.5, 0.95),
            (449.6001, 595.7211, 801.4008),
        ),
        (
            Curve(Shape.TRIANGULAR, 400, 560, 1000),
            (0.05, 0.5, 0.95),
            (469.2820, 636.6820, 885.1087),
        ),
        (Curve(Shape.LOGNORMAL, 10, 25, 90), (0.25, 0.75), (17.1696, 42.2725)),
        (Curve(Shape.LOGNORMAL, 10, 25, 90), (0.05, 0.95, 1e-9), (10, 90, 4)),
        (Curve(Shape.UNIFORM, 2, 3, 6), (0.25, 0.5), (3, 4)),
        (Curve(Shape.UNIFORM, 2, 3, 6, 1), (0.01, 0.19, 0.21, 0.99), (2, 2, 3, 6)),
    ],
)
def test_quantiles_are_exact(curve, at, values):
    assert curve.quantile(np.array(at)) == pytest.approx(values, abs=6e-5)


def test_whole_numbers_keep_the_share_of_their_ends():
    u = (np.arange(200_000) + 0.5) / 200_000
    found, number = np.unique(Curve(Shape.PERT, 4, 6, 10, 1).quantile(u), return_counts=True)
    assert found.tolist() == [4, 5, 6, 7, 8, 9, 10]
    exact = [0.0733, 0.2197, 0.2735, 0.2330, 0.1419, 0.0527, 0.0060]
    assert number / len(u) == pytest.approx(exact, abs=6e-5)


def test_shares_drawn_together_are_exact():
    wanted = {0.6: (0.4, 0.8), 0.3: (0.2, 0.4), 0.1: (0.05, 0.15)}
    found = [concentration(mean, *ends) for mean, ends in wanted.items()]
    assert found == pytest.approx([15.1880, 55.4056, 91.3654], abs=6e-5)
    closely = together(found)
    assert closely == pytest.approx(42.5218, abs=6e-5)
    ranges = [end for mean in wanted for end in range_of(mean, closely)]
    exact = [0.47503, 0.71956, 0.19123, 0.41959, 0.03726, 0.18417]
    assert ranges == pytest.approx(exact, abs=6e-6)
    shares = dirichlet(list(wanted), 20, np.array([[0.5, 0.5]]))
    assert shares[0] == pytest.approx([0.603397, 0.305983, 0.090620], abs=6e-7)


def test_shares_give_way_in_proportion_and_are_scaled_where_they_are_more_than_everything():
    named = {"a": np.array([0.5, 0.8]), "b": np.array([0.1, 0.4])}
    found = giving_way(named, {"a": 0.4, "b": 0.2, "c": 0.3, "d": 0.1, "e": 0})
    assert found["c"] == pytest.approx([0.3, 0])
    assert found["d"] == pytest.approx([0.1, 0])
    assert found["a"] == pytest.approx([0.5, 0.8 / 1.2])
    assert sum(found.values()) == pytest.approx([1, 1])
    assert exceeding(named) == 1


# --- points -------------------------------------------------------------------------------------


def test_a_new_input_and_more_worlds_leave_the_draws_as_they_are():
    few = points(["a", "b"], 100, 1)
    assert np.array_equal(points(["a", "b", "c"], 256, 1)[:100, :2], few)
    assert np.array_equal(points(["a", "b"], 60, 1, first=40), few[40:])
    assert np.array_equal(points(["a"], 1, 1), few[:1, :1])
    assert not np.array_equal(points(["a", "b"], 100, 2), few)
    assert ((few > 0) & (few < 1)).all()
    filled = np.sort(points(["a", "b"], 256, 1), axis=0)
    assert (np.floor(filled * 256) == np.arange(256)[:, np.newaxis]).all()


def test_each_row_of_a_fit_is_taken_once_before_any_is_taken_again():
    rows = rows_of(25, 10, 1)
    assert sorted(rows[:10]) == sorted(rows[10:20]) == list(range(1, 11))
    assert rows[:10].tolist() != rows[10:20].tolist()
    assert rows_of(12, 10, 1, first=13).tolist() == rows[13:].tolist()


# --- the block ----------------------------------------------------------------------------------

BLOCK = """\
uncertainty:
  ranges:
    rooms.injecting.places: {low: 3, high: 6, source: drawings}
    opening.last_entry: 0.25-1 h
    staff.rota.day.to: 18:00-19:30
    visits.smoke.share: 20-40 %
    demand.factor: [0.9, 1, 1.2]
    visits.sniff.stay: 0.5-2 times
  together:
    patience: [visits.inject.patience.median, visits.smoke.patience.median]
    pace: {paths: [visits.inject.stay.mean], against: [visits.sniff.stay]}
  correlation: [{between: [patience, demand.visits_per_day], r: -0.9}]
  drift_cv: 0.05
"""


def test_the_block_and_the_comments_that_it_does_not_name(read):
    block = BLOCK.replace("  together", "    visits.smoke.patience.median: 10-40\n  together")
    found = unknowns_of(read(block))
    assert {one.key: (one.low, one.high, one.step) for one in found.ranges} == {
        "rooms.injecting.places": (3, 6, 1),
        "opening.last_entry": (15, 60, 0),
        "staff.rota.0.to": (1080, 1170, 15),
        "visits.smoke.share": (0.2, 0.4, 0),
        "demand.factor": (0.9, 1.2, 0),
        "visits.sniff.stay": (4, 16, 0),
        "visits.smoke.patience.median": (10, 40, 0),
        "demand.visits_per_day": (120, 200, 0),
        "visits.inject.stay.mean": (18, 32, 0),
        "visits.inject.patience.median": (10, 45, 0),
    }
    assert [one.name for one in found.inputs] == [
        *("rooms.injecting.places", "opening.last_entry", "staff.rota.0.to"),
        *("visits.smoke.share", "demand.factor", "pace", "patience", "demand.visits_per_day"),
        "drift",
    ]
    assert [(one.place.line, one.reason) for one in found.not_varied] == [(16, "has no range")]
    assert found.ranges[0].source == "drawings"


def test_worlds_are_sound_scenarios(read):
    block = BLOCK.replace("  together", "    visits.smoke.patience.median: 10-40\n  together")
    loaded = read(block)
    worlds, original = drawn(loaded), Original(loaded)
    sites = [original.scenario(Version(worlds.settings(k), ())) for k in range(worlds.count)]
    assert {site.rooms["injecting"].places for site in sites} == {3, 4, 5, 6}
    ends = {site.staff.rota[0].end for site in sites if site.staff is not None}
    assert {end % 15 for end in ends} == {0}
    assert min(ends) >= 1080
    assert max(ends) <= 1170
    for site in sites:
        assert sum(kind.share for kind in site.visits.values()) == pytest.approx(1)
        assert site.visits["inject"].share == pytest.approx(6 * site.visits["sniff"].share)
    lasting = [site.opening.last_entry for site in sites]
    assert 15 <= min(lasting) < 20
    assert 50 < max(lasting) <= 60
    patience = [worlds.values[f"visits.{kind}.patience.median"] for kind in ("inject", "smoke")]
    assert (np.argsort(patience[0]) == np.argsort(patience[1])).all()
    pace = worlds.values["visits.inject.stay.mean"], worlds.values["visits.sniff.stay"]
    assert (np.argsort(pace[0]) == np.argsort(-pace[1])).all()
    r = np.corrcoef(patience[0], worlds.values["demand.visits_per_day"])[0, 1]
    assert -0.97 < r < -0.75
    drift = worlds.values["demand.factor"]
    assert drift.mean() == pytest.approx(1.0167, abs=0.02)


def test_what_is_set_on_the_command_line_is_known(read):
    found = unknowns_of(
        read("uncertainty: {ranges: {rooms.injecting.places: 3-6}}\n", "rooms.injecting.places=9")
    )
    assert "rooms.injecting.places" not in {one.key for one in found.ranges}
    assert found.not_varied[0].reason == "is set after its range was written, and so known"


def test_what_a_later_file_or_a_setting_replaces_leaves_groups_sound(read, tmp_path):
    block = """\
uncertainty:
  ranges: {rooms.injecting.places: 3-6, visits.smoke.patience.median: 10-40}
  together:
    patience: [visits.inject.patience.median, visits.smoke.patience.median]
"""
    read(block)
    found = unknowns_of(read(block, "visits.inject.patience.median=15"))
    assert [len(one.members) for one in found.inputs if one.name == "patience"] == [1]
    found = unknowns_of(read(block, "visits.smoke.patience={distribution: exponential, mean: 9}"))
    assert "visits.smoke.patience.median" not in {one.key for one in found.ranges}
    later = tmp_path / "later.yaml"
    changes = "extends: site.yaml\nname: later\nrooms: {injecting: {places: 9}}\n"
    later.write_text(changes, "utf-8")
    assert "rooms.injecting.places" not in {
        one.key for one in unknowns_of(read_scenario(later)).ranges
    }
    later.write_text(changes + "uncertainty: {ranges: {rooms.injecting.places: 8-10}}\n", "utf-8")
    found = unknowns_of(read_scenario(later))
    assert found.ranges[0].low == 8


def test_ranges_without_width_leave_nothing_unknown(read):
    block = """\
uncertainty:
  ranges:
    demand.visits_per_day: 150-150
    visits.inject.stay.mean: 25-25
    visits.inject.patience.median: [20, 20, 20]
"""
    assert unknowns_of(read(block)).is_empty


def test_shares_are_drawn_together_where_that_is_wanted(read):
    block = "uncertainty: {shares: dirichlet, ranges: {visits.inject.share: 0.5-0.7}}\n"
    loaded = read(block)
    worlds = drawn(loaded, 512)
    shares = np.array([worlds.values[f"visits.{kind}.share"] for kind in loaded.scenario.visits])
    assert shares.sum(axis=0) == pytest.approx(np.ones(512))
    low, high = ranges_of_shares(worlds.unknowns)["visits.inject.share"]
    assert (low, high) == pytest.approx((0.5, 0.7), abs=0.01)
    assert np.quantile(shares[0], (0.05, 0.95)) == pytest.approx([low, high], abs=0.004)


def test_rows_of_a_file_of_draws_are_set(read, tmp_path, monkeypatch, capsys):
    rows = "row,demand.visits_per_day,visits.inject.stay.mean\n0,150,25\n1,140,24\n2,160,26 \n"
    (tmp_path / "site.draws.csv").write_text(rows, "utf-8")
    loaded = read("uncertainty: {draws: site.draws.csv, ranges: {rooms.injecting.places: 3-5}}\n")
    with pytest.raises(ScenarioError, match="has draws of it already; leave this range out"):
        drawn(loaded)
    plain = SITE.replace(" # assumption (120-200)", "").replace(" # assumption (mean 18-32)", "")
    path = tmp_path / "plain.yaml"
    path.write_text(f"{plain}uncertainty: {{draws: site.draws.csv}}\n", "utf-8")
    worlds = drawn(read_scenario(path), 4)
    assert sorted(worlds.settings(k)["demand.visits_per_day"] for k in (0, 1)) == [140, 160]
    (tmp_path / "site.draws.csv").write_text(rows.replace("stay.mean", "stay.maen"), "utf-8")
    with pytest.raises(ScenarioError, match=r"site\.draws\.csv:1:3: .*did you mean `mean`"):
        drawn(read_scenario(path), 4)
    assert call(monkeypatch, "check", str(path)) == 2
    (tmp_path / "site.draws.csv").write_text(rows, "utf-8")
    capsys.readouterr()
    assert call(monkeypatch, "check", str(path)) == 0
    assert "site.draws.csv: 2 draws of a fit; each world takes one" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "rooms.injcting.places: 3-6",
            "there is no `injcting` in rooms; did you mean `injecting`?",
        ),
        ("rooms.injecting.places: 5-6", "its value 4 is not between 5 and 6; widen the range"),
        ("rooms.injecting.places: 6-5", "goes from 6 down to 5; write the lower first"),
        ("rooms.injecting.places: 5", "Input"),
        ("rooms.injecting: 5-6", "is no single number, duration or time that could be another"),
        ("staff.rota.day.to: 18-19", "its value is a time; give times, such as 21:30-23:00"),
        ("staff.rota.late.to: 18:00-19:00", "none of them is called `late`"),
        ("visits.sniff.stay: {low: 0, high: 9, shape: lognormal}", "is of numbers above 0"),
        ("visits.sniff.stay: 1-2 h", "has a range in h, but a value without that unit"),
        ("visits.sniff.stay: [1, 2]", "has 2 numbers; a list is [low, most likely, high]"),
    ],
)
def test_mistakes_are_told_where_they_are(read, line, told):
    with pytest.raises(ScenarioError) as caught:
        read(f"uncertainty:\n  ranges:\n    {line}\n")
    first = str(caught.value).splitlines()[0]
    if told != "Input":
        assert told in first
    assert "site.yaml:27:" in first


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("opening.last_entry: -1-40", "must be a range"),
        ("visits.inject.patience.shape: 0-3", "reaches to 0, and it must be at least 0.1; narrow"),
        ("visits.sniff.share: 0.05-1.2", "reaches to 1.2, and it can be at most 1; narrow the"),
        (
            "visits.inject.share: {low: 0.5, high: 0.9, shape: lognormal}",
            "reaches to 1.35, and it can be at most 1",  # 0.9² ÷ 0.6
        ),
    ],
)
def test_a_range_that_reaches_to_what_cannot_be_is_told_before_a_world_is_played(read, line, told):
    with pytest.raises(ScenarioError, match=re.escape(told)) as caught:
        read(f"uncertainty:\n  ranges:\n    {line}\n")
    assert "site.yaml:27:" in str(caught.value)


def test_a_range_of_a_comment_is_told_where_it_is_when_worlds_are_asked_for(
    tmp_path, monkeypatch, capsys
):
    text = SITE.replace("share: 0.6\n", "share: 0.6 # assumption (0.5-1.2)\n")
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    few = ("--replications", "2", "--no-report", "--no-next", "--workers", "1", "--no-cache")
    assert call(monkeypatch, "run", "site.yaml", *few, "--uncertainty") == 2
    assert "site.yaml:9:1: visits.inject.share: its range reaches to 1.2" in capsys.readouterr().err


@pytest.mark.parametrize("other", ["opning: {}", "waiting_area: {seats: many}"])
def test_mistakes_of_ranges_are_told_beside_all_others(read, other):
    """A planner mends a file once, whatever else is wrong in it."""
    ranges = "{rooms.injcting.places: 3-6, visits.inject.patience.median: 10-30}"
    with pytest.raises(ScenarioError) as caught:
        read(f"uncertainty:\n  ranges: {ranges}\n{other}\n")
    of_ranges, of_other = sorted(str(caught.value).splitlines())
    assert "site.yaml:26:12: uncertainty.ranges" in of_ranges
    assert "there is no `injcting` in rooms; did you mean `injecting`?" in of_ranges
    assert "site.yaml:27:" in of_other


def test_mistakes_of_groups_and_correlations_are_told(read):
    block = """\
uncertainty:
  together:
    one: [visits.inject.patience.median, visits.sniff.stay]
    two: [visits.inject.patience.median, visits.inject.stay.mean]
  correlation:
    - {between: [twoo, demand.visits_per_day], r: 0.5}
"""
    with pytest.raises(ScenarioError) as caught:
        read(block)
    told = str(caught.value)
    assert "one: visits.sniff.stay has no range" in told
    assert "moves with 'one' already; keep one of them" in told
    assert (
        "twoo is neither a path with a range nor the name of a group; did you mean `two`?" in told
    )
    impossible = """\
uncertainty:
  correlation:
    - {between: [demand.visits_per_day, visits.inject.stay.mean], r: 0.9}
    - {between: [visits.inject.stay.mean, visits.inject.patience.median], r: 0.9}
    - {between: [demand.visits_per_day, visits.inject.patience.median], r: -0.9}
"""
    with pytest.raises(ScenarioError, match="cannot be at the same time"):
        read(impossible)


def test_a_wide_range_is_better_lognormal(read):
    found = {one.key: lognormal_suits(one) for one in unknowns_of(read("")).ranges}
    assert not any(found.values())
    wide = unknowns_of(read("uncertainty: {ranges: {visits.sniff.stay: 2-20}}\n"))
    assert lognormal_suits(wide.ranges[0])


def test_the_block_changes_no_play(read, tmp_path):
    with_block = read("uncertainty: {ranges: {visits.sniff.stay: 2-20}}\n").scenario
    path = tmp_path / "plain.yaml"
    path.write_text(SITE, "utf-8")
    assert load_scenario(path) == with_block.model_copy(update={"uncertainty": None})


def test_what_is_written_out_has_the_ranges_of_comments(read, tmp_path):
    """Results keep a scenario without its comments; its groups still have ranges."""
    block = BLOCK.replace("  together", "    visits.smoke.patience.median: 10-40\n  together")
    first = read(block)
    write_scenario(first.scenario, tmp_path / "again.yaml")
    again = read_scenario(tmp_path / "again.yaml")
    before, after = drawn(first), drawn(again)
    places = {one.key: one for one in unknowns_of(again).ranges}
    for one in before.unknowns.ranges:
        minutes = 60 if one.unit == "h" else 1
        written = places[_written_out(one.key)]
        ends = written.low, written.high
        assert ends == pytest.approx((minutes * one.low, minutes * one.high))
    for path, values in before.values.items():
        if path != "opening.last_entry":  # of which the unit is another
            assert after.values[_written_out(path)] == pytest.approx(values)


def _written_out(path):
    return f"{path}.value" if path == "visits.sniff.stay" else path


def test_the_calibrated_example_has_its_draws_and_is_copied_with_them(tmp_path):
    path = example_folder() / "calibrated" / "cologne-neumarkt-2024.yaml"
    loaded = read_scenario(path)
    unknowns = read_unknowns(loaded.scenario, loaded.source)
    drawn = draw_worlds(unknowns, loaded.scenario, loaded.source, 256, 1)
    assert len(drawn.of_rows) == 256
    assert "demand.visits_per_day" not in drawn.values
    visits = [float(drawn.settings(world)["demand.visits_per_day"]) for world in range(256)]
    assert np.median(visits) == pytest.approx(loaded.scenario.demand.visits_a_day, abs=2)
    assert [one.name for one in with_bases(path)] == [
        "cologne-neumarkt-2024.yaml",
        "cologne-neumarkt-2024.draws.csv",
        "cologne-neumarkt-2024.yaml",
    ]
    assert command(tmp_path, "examples", "calibrated/cologne-neumarkt-2024") == 0
    assert (tmp_path / "scenarios" / "calibrated" / "cologne-neumarkt-2024.draws.csv").is_file()
    assert command(tmp_path, "check", "scenarios/calibrated/cologne-neumarkt-2024.yaml") == 0
