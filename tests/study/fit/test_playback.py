"""A fitted site gives its log back: bands are exact, a play is seen as a log is, suspects told."""

import math

import numpy as np
import pytest

from sim.engine import Engine
from sim.fit.as_log import LogForm, as_log
from sim.fit.estimates.counts import counted
from sim.fit.estimates.demand import open_week, product_week
from sim.fit.fit import Choice, fit_log
from sim.fit.lacking import lacking
from sim.fit.playback.play import (
    FEWEST,
    USUAL,
    Figure,
    Hours,
    PlayedBack,
    Playing,
    compared,
    play_back,
)
from sim.fit.playback.suspects import suspects
from sim.fit.playback.view import View
from sim.fit.reading.calendar import calendar_of
from sim.fit.reading.read import read_log
from sim.fit.reading.rows import Said
from sim.fit.write import trial_scenario
from sim.measures import visits_table
from sim.scenario.load import read_scenario, scenario_from_text
from sim.study.run.replication import simulate_replication
from tests.study.fit.test_round_trip import SITE
from tests.support.site_logs import SITE as QUIET
from tests.support.site_logs import uses, visits_lines, write_log

SHORT = SITE.replace("weeks: 8", "weeks: 4")


def kept(folder, site, log, **form):
    """A play written down, read and fitted."""
    visits = visits_table(site, log, 0).to_pandas()
    form = {"shape": "visits", **form}
    files = as_log(visits, site.horizon.start, LogForm(**form), 1)
    for name, contents in files.items():
        (folder / name).write_bytes(contents)
    gone = None
    if "unserved.csv" in files:
        gone = read_log(folder / "unserved.csv", site, Said(), unserved=True)
    return fit_log(read_log(folder / "log.csv", site, Said()), gone, site, Choice())


def loaded(folder, text=SHORT):
    path = folder / "site.yaml"
    path.write_text(text)
    return path, read_scenario(path)


# --- bands --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    """How a log of four weeks is looked at."""
    folder = tmp_path_factory.mktemp("log")
    _, site = loaded(folder)
    log = simulate_replication(site.scenario, 1, 0, Engine.FAST)
    return View.of(kept(folder, site.scenario, log), latest=True)


@pytest.mark.parametrize("plays", [FEWEST, USUAL])
def test_a_band_holds_one_more_play_95_times_of_100_whatever_its_law(plays, view):
    """20,000 hours of a skewed law: the log is one more play of each."""
    rng = np.random.default_rng(4)
    drawn = rng.lognormal(0, 1.2, (120, plays + 1, 168))
    several = [compared({("wait", "all"): one[0]}, one[1:], view) for one in drawn]
    assert np.mean([one.share for one in several]) == pytest.approx(
        0.95, abs=4 * 0.22 / math.sqrt(120 * 168)
    )
    # Of its own plays 19 in 20 have at least so many inside, each against all others.
    assert all(0.88 < one.usual < 0.95 for one in several)


def test_a_share_inside_is_usual_in_19_of_20(view):
    rng = np.random.default_rng(5)
    met = 0
    for _ in range(200):
        # Hours hang together: a whole play is high or low.
        drawn = rng.normal(0, 1, (USUAL + 1, 168)) + rng.normal(0, 1, (USUAL + 1, 1))
        met += compared({("in_use", "room"): drawn[0]}, drawn[1:], view).verdict == "yes"
    assert met / 200 == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 200))


def test_an_hour_in_which_nothing_happens_is_not_counted(view):
    seen = np.zeros((USUAL, 168))
    seen[:, 10] = np.arange(USUAL)
    values = np.zeros(168)
    values[[10, 20]] = 1.0, 2.0
    found = compared({("visits", "all"): values}, seen, view)
    assert found.counted == 2
    # k = 2 of 79: from the second to the last but one. 1 is inside; 2 where nobody comes is not.
    (hours,) = found.hours
    assert (hours.low[10], hours.high[10]) == (1, USUAL - 2)
    assert hours.inside.sum() == 1
    assert hours.furthest == 20


# --- a play is seen as the log is -----------------------------------------------------------------


FORMS: tuple[dict[str, object], ...] = (
    {},
    {"round": 5},
    {"shape": "uses"},
    {"shape": "events"},
    {"shape": "counts"},
    {"clients": "none"},
)


@pytest.mark.parametrize(
    "form", [pytest.param(one, marks=[pytest.mark.slow] * (one != {})) for one in FORMS], ids=str
)
def test_a_play_is_seen_as_its_own_log_is(tmp_path, form):
    """The same replication, written down and read, has the same hours to the last digit."""
    _, site = loaded(tmp_path)
    log = simulate_replication(site.scenario, 3, 0, Engine.FAST)
    found = kept(tmp_path, site.scenario, log, **form)
    view = View.of(found, latest=True)
    ours, theirs = view.of_log(found), view.of_play(log)
    assert list(ours) == list(theirs)
    # Rounded, a few rows are alike, and one of them is left out.
    near = 0.6 if "round" in form else 1e-9
    for key, values in ours.items():
        assert values == pytest.approx(theirs[key], abs=near, nan_ok=True), key


def test_places_in_use_by_hand(view):
    """From 10:30 to 12:15, and from 11:00 to 11:30: 0.5, 1.5 and 0.25 places on one Monday of 4."""
    taken = view._taken(np.array([630.0, 660.0]), np.array([735.0, 690.0]))
    assert taken[0, 10:13].tolist() == [0.5, 1.5, 0.25]
    assert view._a_week(taken)[10:13].tolist() == [0.125, 0.375, 0.0625]


# --- known truth ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_fitted_site_gives_its_log_back(tmp_path):
    path, site = loaded(tmp_path)
    for seed in (11, 12):
        log = simulate_replication(site.scenario, seed, 0, Engine.FAST)
        found = kept(tmp_path, site.scenario, log)
        back = play_back(found, trial_scenario(found, site, path), Playing())
        assert isinstance(back, PlayedBack)
        assert back.verdict == "yes"
        assert back.share > 0.93
        assert suspects(back) == []
        rows = list(back.rows())
        assert len(rows) == back.counted + len(back.figures)
        assert {one["measure"] for one in rows} >= {"visits", "in_use", "wait", "unserved"}


WRONG = {
    "stays_longer": (SHORT.replace("mean: 25, cv", "mean: 18, cv"), ("demand", "patience")),
    "places_more": (SHORT.replace("places: 4", "places: 3"), None),
    "places_fewer": (SHORT.replace("places: 4", "places: 7"), None),
    "patience": (SHORT.replace("median: 20", "median: 4"), ("demand", "stays")),
    "hours": (SHORT.replace("3, 3, 2, 2, 1, 1, 0, 0", "1, 1, 2, 2, 3, 3, 0, 0"), ("stays",)),
}


@pytest.mark.slow
@pytest.mark.parametrize("rule", WRONG)
def test_where_it_fails_the_wrong_input_is_suspect(tmp_path, rule):
    """A log of the true site, read with a site's file in which one thing is wrong."""
    path, true = loaded(tmp_path)
    log = simulate_replication(true.scenario, 21, 0, Engine.FAST)
    visits = visits_table(true.scenario, log, 0).to_pandas()
    files = as_log(visits, true.scenario.horizon.start, LogForm(shape="visits"), 1)
    (tmp_path / "log.csv").write_bytes(files["log.csv"])
    text, only = WRONG[rule]
    path, wrong = loaded(tmp_path, text)
    parts = Choice() if only is None else Choice(only=frozenset((*only, "shares", "overdoses")))
    read = read_log(tmp_path / "log.csv", wrong.scenario, Said())
    found = fit_log(read, None, wrong.scenario, parts)
    back = play_back(found, trial_scenario(found, wrong, path), Playing())
    assert isinstance(back, PlayedBack)
    (first, *_) = suspects(back)
    assert first.rule.startswith(rule), (first, back.share)


def hours(measure, *, off=0.0, share=1.0):
    log = np.zeros(168)
    counted = np.ones(168, dtype=bool)
    high = np.where(np.arange(168) < 168 * share, 1.0, -1.0)
    return Hours(measure, "all", log, high - 2, high - 1, high, counted, 0.9, 0.85, off)


def back_of(*parts, figures=()):
    return PlayedBack(USUAL, 28, parts, figures, 0.9)


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        ((hours("visits"), hours("wait"), hours("unserved")), None),
        ((hours("visits", share=0.8), hours("wait", off=5)), "hours"),
        ((hours("visits"), hours("wait", off=5), hours("unserved", off=4)), "places_fewer"),
        ((hours("visits"), hours("wait", off=5), hours("unserved", off=-4)), "patience_longer"),
        ((hours("visits"), hours("wait", off=-5), hours("unserved", off=4)), "patience_shorter"),
        ((hours("visits"), hours("wait", off=-5), hours("unserved")), "places_more"),
        ((hours("visits"), hours("wait"), hours("unserved", off=4)), "more_leave"),
        ((hours("visits"), hours("wait"), hours("unserved", off=-4)), "fewer_leave"),
        ((hours("visits"), hours("in_use", share=0.5), hours("wait")), "rooms"),
    ],
)
def test_rules_of_suspicion(parts, rule):
    assert [one.rule for one in suspects(back_of(*parts))] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("name", "by", "off", "rule"),
    [
        ("visits_a_day", "all", 4.0, "more_come"),
        ("visits_a_day", "all", -4.0, "fewer_come"),
        ("spread_of_days", "all", 4.0, "days_differ_more"),
        ("share", "inject", 4.0, "kinds"),
        ("stay", "inject", -4.0, "stays_shorter"),
        ("stay", "inject", 2.0, None),
    ],
)
def test_figures_of_the_whole_log_are_suspected_first(name, by, off, rule):
    figures = (Figure(name, by, 1, 2, 3, 4, off),)
    found = suspects(back_of(hours("visits"), hours("wait", off=0), figures=figures))
    assert [one.rule for one in found] == ([rule] if rule else [])


# --- what is missing ------------------------------------------------------------------------------


def test_what_to_write_down_is_told_in_weeks_and_forms(tmp_path):
    _, site = loaded(tmp_path)
    log = simulate_replication(site.scenario, 3, 0, Engine.FAST)
    visits = visits_table(site.scenario, log, 0).to_pandas()
    files = as_log(visits, site.scenario.horizon.start, LogForm(shape="uses", clients="none"), 1)
    (tmp_path / "log.csv").write_bytes(files["log.csv"])
    read = read_log(tmp_path / "log.csv", site.scenario, Said())
    found = fit_log(read, None, site.scenario, Choice(unserved_unknown=True))
    by_rule = {one.rule: one for one in lacking(found)}
    unknown = by_rule["unserved_unknown"]
    assert (unknown.form, unknown.weeks) == ("tally", 4)
    assert unknown.values["part"] == pytest.approx(5.0)  # 1.25 times as many: 1 in 5
    assert by_rule["no_waits"].form == "arrivals"
    # 15 overdoses at .6 × 15 in 1,000 uses.
    uses = len(read.register) / 28
    assert by_rule["no_overdoses"].weeks == math.ceil(15 / (0.009 * uses) / 7)
    assert play_back(found, site.scenario, Playing()) == "unknown"


def test_more_of_the_log_is_asked_for_by_its_own_intervals(tmp_path):
    _, site = loaded(tmp_path, SHORT.replace("weeks: 4", "days: 10"))
    log = simulate_replication(site.scenario, 3, 0, Engine.FAST)
    found = kept(tmp_path, site.scenario, log)
    by_rule = {(one.rule, one.by): one for one in lacking(found)}
    assert found.demand is not None
    assert by_rule["few_days", ""].weeks == 3
    level = found.demand.a_day
    assert by_rule["few_days", ""].values["half"] == pytest.approx(
        (level.high - level.low) / 2 / level.value
    )
    # The half-width goes with the root of the number: from h to 5 % takes (h / 5 %)² as many.
    assert found.stays is not None
    for name, stay in found.stays.items():
        half = (stay.mean.high - stay.mean.low) / 2 / stay.mean.value
        asked = by_rule.get(("few_stays", name))
        assert (asked is not None) == (half > 0.05)
        if asked is not None:
            a_week = 7 * (stay.number + stay.censored) / 10
            more = stay.number * ((half / 0.05) ** 2 - 1)
            assert asked.weeks == max(1, math.ceil(more / a_week))


# --- last call ------------------------------------------------------------------------------------


def test_the_time_after_last_call_has_no_exposure():
    """Open 10 to 12, last call half an hour before: 10 and 5 visits are 10 an hour in both."""
    site = scenario_from_text(
        QUIET.replace('hours: "10:00-22:00"', 'hours: "10:00-12:00", last_entry: 30')
    )
    start = site.horizon.start
    calendar = calendar_of(site, start, 14)
    arrived = np.array(
        [
            day * 1440.0 + 600 + by
            for day in range(14)
            for by in (*range(3, 60, 6), *range(63, 90, 6))
        ]
    )
    week = product_week(counted(arrived, calendar, np.ones(14, dtype=bool)), open_week(site))
    assert week.rate[:, 10:12] == pytest.approx(10.0)
    assert (week.rate[:, [9, 12]] == 0).all()
    assert open_week(site)[:, 10:12].tolist() == [[1.0, 0.5]] * 7
    always = scenario_from_text(
        QUIET.replace('hours: "10:00-22:00"', "hours: 24/7, last_entry: 30")
    )
    assert (open_week(always) == 1).all()
    assert (calendar_of(always, start, 7).open == 1).all()


# --- short and odd logs ---------------------------------------------------------------------------


def test_a_log_of_special_days_alone_has_no_factor(tmp_path):
    """Three days, all of them special: nothing is known of others."""
    more = "special_days: [{name: benefits, days_of_month: [5, 6, 7], visits: 1.3}]\n  profile"
    text = SHORT.replace("weeks: 4", "days: 3").replace("profile", more)
    path, site = loaded(tmp_path, text)
    log = simulate_replication(site.scenario, 3, 0, Engine.FAST)
    found = kept(tmp_path, site.scenario, log)
    assert found.demand is not None
    assert found.demand.special == {}
    back = play_back(found, trial_scenario(found, site, path), Playing(plays=FEWEST))
    assert isinstance(back, PlayedBack)
    assert back.days == 3
    # However little is known of it, weeks are whole ones.
    assert all(1 <= one.weeks < 10_000 for one in lacking(found))


def test_a_lost_day_of_a_short_log_is_left_out(tmp_path):
    """Ten days: a Friday that is there once, without a row, has no others like it."""
    lines = [
        one
        for one in visits_lines(*uses(np.random.default_rng(3), days=10))
        if not one.startswith("2026-01-09")
    ]
    path = write_log(tmp_path, lines)
    site = scenario_from_text(QUIET)
    found = fit_log(read_log(path, site, Said()), None, site, Choice())
    assert [one.rule for one in found.findings] == ["no_log"]
    assert np.flatnonzero(~found.logged).tolist() == [4]
