"""Special days, bad months and seats: counted as the log has them, and told by rule."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.log import Outcome, Where, series_names
from sim.measures.facts.facts import Facts
from sim.measures.figures.clock import Days, count_clock, count_rows_of_site
from sim.measures.histogram import BASE
from sim.report.page.words import catalogue
from sim.report.pages.bad_days import (
    Kinds,
    Months,
    bad_section,
    month_sentence,
    months_of,
    seats_section,
    seats_sentence,
    special_sentence,
)
from sim.scenario.load import scenario_from_text
from sim.study import Plan, run_study
from sim.study.estimate.spread import by_kind_of_day
from sim.study.run.replication import simulate_replication
from tests.support.handmade_logs import make_log, make_scenario
from tests.support.saved_results import SITE

EN, DA = catalogue("en"), catalogue("da")
DAY = 1440
SPECIAL = SITE.replace(
    "  profile: flat\n",
    "  profile: flat\n  special_days:\n"
    "    - {name: benefit days, dates: [2026-03-04, 2026-03-05], visits: 2}\n",
).replace("horizon: {start: 2026-03-02, days: 14}", "horizon: {start: 2026-03-02, weeks: 2}")


# --- counted --------------------------------------------------------------------------------------


def each_day(scenario, log):
    """By metric, the number of each open day."""
    return {
        row.metric: {int(tick) // BASE: int(tick) % BASE for tick in found.ticks}
        for row, found in zip(
            count_rows_of_site(scenario), count_clock(Facts(scenario, log)), strict=True
        )
        if row.days is Days.EACH
    }


def test_the_most_at_one_time_adds_the_queues_and_leaves_out_what_held_for_no_time():
    scenario = make_scenario(horizon={"days": 3})
    changes = {
        "site:waiting_check_in": [(600, 1), (660, 0), (700, 9), (700, 2), (705, 0)],
        "site:waiting_place": [(630, 2), (645, 0), (DAY - 10, 4), (DAY + 10, 0)],
        "site:waiting_service": [(640, 1), (650, 0)],
    }
    found = each_day(scenario, make_log(scenario, changes=changes))
    assert found["most_waiting"] == {0: 4, 1: 4, 2: 0}


def test_days_are_counted_as_the_log_has_them():
    scenario = scenario_from_text(SPECIAL)
    log = simulate_replication(scenario, 7, 0)
    found = each_day(scenario, log)
    visits = pd.DataFrame(dict(log.visits))
    visits["day"] = (visits["arrival"] // DAY).astype(int)
    mine = visits[visits["arrival"] < 14 * DAY]
    lost = [Outcome.RENEGED, Outcome.BALKED, Outcome.NO_SPACE, Outcome.DISMISSED_AT_CLOSE]
    expected = {
        "visits": mine["outcome"] != Outcome.CLOSED,
        "unserved": mine["outcome"].isin(lost),
        "uses": mine["room"] >= 0,
        "overdoses": mine["overdose"].isin([Where.PLACE, Where.AFTERCARE]),
    }
    for metric, chosen in expected.items():
        by_day = mine["day"][chosen].value_counts()
        assert found[metric] == {day: int(by_day.get(day, 0)) for day in range(14)}, metric
    names, waiting = series_names(scenario), dict.fromkeys(("check_in", "place", "service"), 0)
    most, before = [0] * 14, 0.0
    for time, number, value in zip(*log.changes.values(), strict=True):
        if time > before:  # what has held since the change before
            for day in range(int(before // DAY), min(int(-(-time // DAY)), 14)):
                most[day] = max(most[day], sum(waiting.values()))
        before = float(time)
        name = names[number].removeprefix("site:waiting_")
        if name in waiting:
            waiting[name] = int(value)
    assert [found["most_waiting"][day] for day in range(14)] == most


def test_kinds_of_days_add_up_to_the_run():
    scenario = scenario_from_text(SPECIAL)
    result = run_study(scenario, Plan(seed=7, replications=4, workers=1))
    table = by_kind_of_day(result, scenario)
    kinds = Kinds(table, EN)
    assert kinds.special == ["benefit days"]
    assert [kinds.played(one) for one in ("all", "ordinary", "benefit days")] == [56, 48, 8]
    for metric, statistic in (("unserved", "share"), ("uses", "per_day"), ("unserved", "per_day")):
        told, found = kinds.of(metric, statistic), result.figures.of(metric, statistic)
        assert tuple(told) == pytest.approx(tuple(found))
    special, usual = (
        kinds.of("visits", "per_day", one).value for one in ("benefit days", "ordinary")
    )
    assert 1.7 < special / usual < 2.3
    assert (8 * special + 48 * usual) / 56 == pytest.approx(kinds.of("visits", "per_day").value)
    alone = scenario_from_text(SITE)
    rest = by_kind_of_day(run_study(alone, Plan(seed=7, replications=2, workers=1)), alone)
    assert set(rest["days"]) == {"all"}


# --- told -----------------------------------------------------------------------------------------


def kinds_of(**days) -> Kinds:
    """Days by kind: visits a day, share that leaves and half the width of its interval."""
    rows = []
    for name, (visits, leave, half) in days.items():
        for metric, statistic, value, wide in (
            ("visits", "per_day", visits, 1.0),
            ("unserved", "share", leave, half),
        ):
            rows.append((metric, name, statistic, value, value - wide, value + wide, 30, 10))
    columns = ["metric", "days", "statistic", "value", "ci_low", "ci_high", "played"]
    return Kinds(pd.DataFrame(rows, columns=[*columns, "replications"]), EN)


@pytest.mark.parametrize(
    ("leave", "half", "said"),
    [
        (0.045, 0.001, "and no larger share of them leaves without a place."),
        (0.0449, 0.1, "and no larger share of them leaves without a place."),
        (0.0453, 0.001, "and 4.5 in 100 of them leave without a place instead of 4.0."),
        (0.06, 0.018, "and 6.0 in 100 of them leave without a place instead of 4.0."),
        (0.06, 0.021, "Whether more of them leave without a place cannot be said: 30 days were"),
        (0.03, 0.001, "and only 3.0 in 100 of them leave without a place instead of 4.0."),
    ],
)
def test_special_days_in_a_sentence(leave, half, said):
    kinds = kinds_of(all=(110, 0.041, 0.001), ordinary=(100, 0.04, 0.001), busy=(150, leave, half))
    told = special_sentence(kinds)
    assert told.startswith("On busy 150 people come instead of 100")
    assert said in told
    danish = special_sentence(replace(kinds, words=DA))
    assert danish.startswith("På busy kommer 150 mennesker i stedet for 100")


def test_of_several_kinds_of_days_the_one_is_told_on_which_most_leave():
    days = {"all": (1, 0.1, 0.01), "ordinary": (1, 0.1, 0.01), "a": (1, 0.2, 0.01)}
    assert special_sentence(kinds_of(**days, b=(1, 0.3, 0.01))).startswith("On b ")
    assert special_sentence(kinds_of(all=(1, 0.1, 0.01))) == ""


def months(number, days=28):
    values = np.arange(1, number + 1) / 100
    return Months({("unserved", "share"): values.tolist()}, days, EN)


@pytest.mark.parametrize(
    ("number", "days", "said"),
    [
        (
            5,
            28,
            "In the worst of 5 months 5.0 in 100 leave without a place, in the middle",
        ),
        (
            19,
            31,
            "In the worst of 19 months 19 in 100 leave without a place, in the middle",
        ),
        (20, 28, "In one month of ten 19 in 100 or more leave without a place, in the middle one"),
        (40, 26, "In one month of ten 37 in 100 or more leave without a place, in the middle one"),
        (5, 14, "In the worst of 5 times 14 days 5.0 in 100 leave"),
        (20, 35, "One time in ten 35 days are so bad that 19 in 100 or more leave"),
    ],
)
def test_months_in_a_sentence(number, days, said):
    assert month_sentence(months(number, days)).startswith(said)


def test_of_fewer_than_five_months_nothing_is_said():
    scenario = scenario_from_text(SITE)
    table = pd.DataFrame(
        [(n, "unserved", "share", "all", n / 100) for n in range(5)],
        columns=["replication", "metric", "statistic", "by", "value"],
    )
    assert months_of(table[:4], scenario, EN) is None
    assert months_of(None, scenario, EN) is None
    found = months_of(table, scenario, EN)
    assert found is not None
    assert found.number == 5
    assert bad_section(None, None, EN) is None


def seats(enough, metric="most_waiting", **more) -> Kinds:
    values = {"median": 0, "p90": 0, "p95": enough, "p99": enough} | more
    rows = [(metric, "all", name, value, value, value, 30, 10) for name, value in values.items()]
    columns = ["metric", "days", "statistic", "value", "ci_low", "ci_high", "played"]
    return Kinds(pd.DataFrame(rows, columns=[*columns, "replications"]), EN)


ALL = "All 12 seats for people waiting are taken at some moment on"


@pytest.mark.parametrize(
    ("kinds", "there", "said"),
    [
        (seats(12), None, "12 seats for people waiting are enough on 19 of 20 days."),
        (seats(1), None, "1 seat for people waiting is enough on 19 of 20 days."),
        (seats(0), 5, "Nobody waits on 19 of 20 days."),
        (seats(12), 13, "Of the 13 seats for people waiting 12 are enough on 19 of 20 days."),
        (
            seats(12),
            12,
            "{all} one day in 20",
        ),
        (
            seats(12, p90=12),
            12,
            "{all} one day in ten",
        ),
        (
            seats(12, p90=12, median=12),
            12,
            "{all} half of the days",
        ),
        (seats(12, "most_aftercare"), None, "12 seats of aftercare are enough on 19 of 20 days."),
    ],
)
def test_seats_in_a_sentence(kinds, there, said):
    metric = kinds.table["metric"].iloc[0]
    assert seats_sentence(kinds, metric, there).startswith(said.format(all=ALL))


def test_the_table_of_seats_has_what_the_sentence_says():
    scenario = scenario_from_text(SPECIAL)
    result = run_study(scenario, Plan(seed=7, replications=4, workers=1))
    table = by_kind_of_day(result, scenario)
    for words in (EN, DA):
        section = seats_section(table, scenario, words)
        assert section is not None
        peak = Kinds(table, words).of("most_waiting", "p95")
        assert section.finding.startswith(words.number(peak.value, 0))
        assert str(section.tables[0].rows[0][3]).startswith(words.number(peak.value, 0))
        bad = bad_section(table, None, words)
        assert bad is not None
        assert bad.tables[0].rows[-1][1:] == ("48", "8")
