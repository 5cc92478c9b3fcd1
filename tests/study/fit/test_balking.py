"""Turning round, and recorded waits, by a replay of a log through its site's file."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.fit.balking import log_alone, one_log
from benchmarks.fit.sites import played
from sim.fit.as_log import LogForm, as_log
from sim.fit.draws import draws_of
from sim.fit.estimates.balking import ENOUGH, FEWEST, Doors, fit_balking, gone_at_once
from sim.fit.estimates.beside import beside
from sim.fit.playback.replay import replayed
from sim.fit.reading.columns import Fate
from sim.fit.reading.register import Shape
from sim.scenario.load import load_scenario, scenario_from_text
from tests.support.command import command
from tests.support.site_logs import SITE, fitted, moment, small_site, uses, visits_lines, write_log

DAY = 1440


def doors(turned, ahead, usable, *, full=False, kind=0):
    """Of one replay."""
    turned = np.asarray(turned, dtype=bool)
    size = (1, len(turned))
    met = (np.full(size, ahead, dtype=float), np.full(size, usable, dtype=float))
    return Doors(turned, np.full(len(turned), kind), *met, np.full(size, full))


def turns(text=""):
    """A site of one room whose people turn round."""
    site = SITE.replace("    rooms: [injecting]\n", f"    rooms: [injecting]\n{text}")
    return scenario_from_text(site)


def test_by_hand():
    """40 of 1,000 with one ahead for each two places: .04 = b / 2; a Poisson-binomial spread."""
    each = fit_balking(doors([True] * 40 + [False] * 960, 1, 2), turns())["inject"].per_person
    assert each.value == pytest.approx(0.08)
    half = 1.959964 * math.sqrt(1000 * 0.04 * 0.96) / 40
    assert (each.low, each.high) == pytest.approx((0.08 * math.exp(-half), 0.08 * math.exp(half)))


def test_who_finds_no_place_at_all_has_the_highest_chance():
    """20 who meet no usable place have .9, whatever b is: 18 of 38; 20 of 500 have b x 1 / 4."""
    some = doors([True] * 38 + [False] * 482, [1.0] * 520, [0.0] * 20 + [4.0] * 500)
    found = fit_balking(some, turns("    balking: {per_person_ahead: 0.1, at_most: 0.9}\n"))
    assert found["inject"].per_person.value == pytest.approx(20 / 500 * 4)


def test_what_the_file_says_of_a_full_site_stays():
    """.02 of all 1,000 turn round as it is full: 20 of 60."""
    full = doors([True] * 60 + [False] * 940, 1, 2, full=True)
    found = fit_balking(full, turns("    balking: {when_full: 0.02}\n"))["inject"]
    assert found.per_person.value == pytest.approx(0.08)
    many = turns("    balking: {when_full: 0.1}\n")
    assert not fit_balking(full, many)


def test_few_say_nothing_and_kinds_are_told_apart_where_both_have_enough():
    assert not fit_balking(doors([True] * (FEWEST - 1) + [False] * 100, 1, 2), turns())
    turned = [True] * ENOUGH + [False] * 270
    joined = replace(doors(turned * 2, 1, 1), kind=np.repeat([0, 1], 300))
    apart = fit_balking(joined, turns())
    assert not apart["inject"].pooled
    assert apart["smoke"].per_person.value == pytest.approx(0.1)
    one = replace(joined, turned=joined.turned & (joined.kind == 0))
    assert fit_balking(one, turns())["smoke"].pooled


def test_recorded_beside_replayed_by_hand():
    """Ten days of three waits, 2 minutes longer or 4 by turns: 3 longer, by the spread of days."""
    arrived = np.repeat(np.arange(10.0), 3) * DAY + 600
    replay = np.tile([0.0, 5.0, 10.0], 10)
    longer = np.repeat(np.tile([2.0, 4.0], 5), 3)
    found = beside(replay + longer, np.array([replay, replay]), arrived)
    assert found is not None
    assert (found.recorded, found.replayed, found.visits) == pytest.approx((8, 5, 30))
    # s = sqrt(10 / 9) of ten days; Student's t of 9 degrees of freedom: 2.26216.
    assert found.more.value == pytest.approx(3)
    assert found.more.high - 3 == pytest.approx(2.26216 * math.sqrt(10 / 9 / 10), rel=1e-5)
    assert found.differ == 1
    assert list(found.hours) == [10]
    same = beside(replay, np.array([replay]), arrived)
    assert same is not None
    assert same.differ == 0
    assert beside(replay[:29], np.array([replay[:29]]), arrived[:29]) is None


def small(seed, *, extra="", at_once=0):
    """A log of a site where all have a place at once, and some leave in the minute they come."""
    rng = np.random.default_rng(seed)
    times, stays, kinds = uses(rng, days=14)
    lines = list(visits_lines(times, stays, kinds))
    lines = [lines[0] + ",out", *(f"{one}," for one in lines[2:])]
    for number in range(at_once):
        when = moment(number % 14 * DAY + 700 + number)
        lines.append(f"{when},,,inject,left,{when}")
    lines += [f"{moment(800)},,,inject,left,{moment(800 + 5 * wait)}" for wait in range(1, 9)]
    return lines + ([extra] if extra else [])


def test_who_leaves_in_the_minute_in_which_they_come_turned_round(tmp_path):
    found = fitted(write_log(tmp_path, small(1, at_once=20)))
    assert {one.rule: one.count for one in found.findings}["turned_round"] == 20
    assert (found.register.fate == Fate.TURNED).sum() == 20
    assert not gone_at_once(
        fitted(write_log(tmp_path, small(1, at_once=8))).register, small_site()
    ).any()
    named = small(1, extra=f"{moment(900)},,,inject,balked,{moment(900)}", at_once=20)
    assert "turned_round" not in {one.rule for one in fitted(write_log(tmp_path, named)).findings}


def test_where_nobody_waits_recorded_and_replayed_are_alike(tmp_path):
    found = replayed(fitted(write_log(tmp_path, small(1))))
    assert found.waits is not None
    assert (found.waits.recorded, found.waits.replayed, found.waits.differ) == (0, 0, 0)
    assert not found.balking


def by_half_hours():
    """Whole half hours, of which no queue can be made."""
    yield "arrived,entered,left,outcome"
    for at in (day * DAY + 600 + 30 * n for day in range(7) for n in range(20)):
        yield f"{moment(at)},{moment(at)},{moment(at + 30)},served"


def without_ends():
    """Only one stay in eight has an end."""
    yield "arrived,entered,left,outcome"
    for at in range(600, 640):
        yield f"{moment(at)},{moment(at)},{'' if at % 8 else moment(at + 9)},served"


@pytest.mark.parametrize(
    ("why", "lines"),
    [
        ("times", ["date,visits", *(f"{moment(day * DAY)[:10]},5" for day in range(10))]),
        ("ends", list(without_ends())),
        ("rounded", list(by_half_hours())),
    ],
)
def test_logs_that_cannot_be_replayed(tmp_path, why, lines):
    found = replayed(fitted(write_log(tmp_path, lines), unserved_unknown=True))
    assert found.not_replayed == why
    assert found.waits is None


@pytest.mark.slow
def test_a_replay_says_it_and_the_log_alone_does_not():
    """Two logs of two weeks of a site with breaks: .06 a person; the benchmark has many."""
    site = load_scenario("scenarios/skyen.yaml")
    days = site.horizon.model_copy(update={"weeks": 2})
    site = site.model_copy(update={"horizon": days})
    for seed in (1, 2):
        found = one_log(seed, site)
        by_replay, alone = (found[f"balking, {how}"] for how in ("replay", "log alone"))
        assert by_replay.low < 0.06 < by_replay.high
        assert alone.low > 0.08
        assert not found["told to differ"].value
        desk = found["registration, replay"]
        assert desk.value == pytest.approx(2.1, rel=0.05)


LINE = """\
name: line
horizon: {start: 2026-01-05, weeks: 4}
opening: {hours: "10:00-22:00"}
demand: {visits_per_day: 180, profile: flat}
visits:
  use:
    rooms: [booths]
    stay: {distribution: gamma, mean: 20, cv: 0.5}
    patience: {distribution: weibull, median: 20, shape: 1.2}
    balking: {per_person_ahead: 0.3, at_most: 0.9}
rooms: {booths: {places: 3}}
"""


@pytest.fixture(scope="module")
def of_line(tmp_path_factory):
    """A log of a site with a line, and its folder."""
    folder = tmp_path_factory.mktemp("line")
    (folder / "site.yaml").write_text(LINE)
    site = scenario_from_text(LINE)
    files = as_log(played(site, 5), site.horizon.start, LogForm(shape=Shape.VISITS), 5)
    (folder / "log.csv").write_bytes(files["log.csv"])
    return folder


@pytest.mark.slow
def test_it_is_written_drawn_and_told(of_line, capsys):
    asked = ("fit", "log.csv", "--site", "site.yaml", "--plays", "0", "--draws", "20")
    assert command(of_line, *asked) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "turning round, per" in said
    assert "Does the site's file give the recorded waits?" in said
    assert "That is alike." in said
    assert "Turning round at the door is as" not in said
    kind = load_scenario(of_line / "site-fitted.yaml").visits["use"]
    assert kind.balking is not None
    assert kind.balking.per_person_ahead == pytest.approx(0.3, rel=0.25)
    assert kind.balking.at_most == 0.9
    page = (of_line / "site-fitted.fit.html").read_text()
    assert "Each visit of the log comes when it came" in page
    table = (of_line / "site-fitted.draws.csv").read_text().splitlines()[0]
    assert "visits.use.balking.per_person_ahead" in table
    found = replayed(fitted(of_line / "log.csv", scenario_from_text(LINE)))
    assert found.balking
    drawn = draws_of(found, 4000)["visits.use.balking.per_person_ahead"]
    known = found.balking["use"].per_person
    assert np.quantile(drawn[1:], [0.025, 0.975]) == pytest.approx(known[1:], rel=0.05)


@pytest.mark.slow
def test_a_file_with_more_places_than_there_were_is_seen(of_line, capsys):
    more = LINE.replace("places: 3", "places: 4")
    for text, differ in ((more, 1), (LINE.replace("places: 3", "places: 2"), -1)):
        waits = replayed(fitted(of_line / "log.csv", scenario_from_text(text))).waits
        assert waits is not None
        assert waits.differ == differ
    (of_line / "more.yaml").write_text(more)
    asked = ("fit", "log.csv", "--site", "more.yaml", "--plays", "0", "--draws", "0", "--no-report")
    assert command(of_line, *asked, "--lang", "da") == 0
    assert "filen har mere, end der var" in " ".join(capsys.readouterr().out.split())


def test_replays_are_the_same_for_any_number_of_workers(of_line):
    found = fitted(of_line / "log.csv", scenario_from_text(LINE))
    one, two = (replayed(found, workers) for workers in (1, 2))
    assert one.waits == two.waits
    assert one.balking == two.balking
    assert log_alone(found).value > 0
