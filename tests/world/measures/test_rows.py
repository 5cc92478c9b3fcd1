"""The rows of the tables, what kind of interval each has, and logs as tables of names."""

import numpy as np
import pytest

from sim.log import Where
from sim.measures import (
    HourRow,
    Interval,
    Row,
    hour_rows,
    measure,
    metric_rows,
    responses_table,
    sample_rows,
    visits_table,
)
from sim.measures.figures.safety import events_are_poisson
from tests.support.handmade_logs import make_log, staffed_site

SITE = staffed_site()
USES: list[dict[str, float]] = [
    {"arrival": 600, "room": 0, "entered": 600, "left": 620, "out": 620},
    {"arrival": 610, "room": 0, "entered": 610, "left": 630, "out": 630},
    {"arrival": 900, "outcome": 4},
]
RESPONSES: list[dict[str, float]] = [
    {"visit": 0, "onset": 603, "first": 603, "team": 605},
    {"visit": 1, "onset": 640, "room": -1, "where": Where.AFTERCARE, "severity": 1},
]
PEOPLE: list[dict[str, float]] = [{"start": 600, "end": 1080, "left": 1090, "service": 100}]


def test_rows_depend_on_the_scenario_alone_and_none_comes_twice():
    rows = metric_rows(SITE)
    assert len({(row.metric, row.statistic, row.by) for row in rows}) == len(rows)
    hours = hour_rows(SITE)
    assert len({(row.metric, row.by) for row in hours}) == len(hours)
    for log in (make_log(SITE), make_log(SITE, visits=USES, responses=RESPONSES, people=PEOPLE)):
        tally = measure(SITE, log)
        assert tally.numerator.shape == tally.denominator.shape == (len(rows),)
        assert tally.hour_numerator.shape == tally.hour_denominator.shape == (len(hours), 168)
        assert len(tally.histograms) == len(sample_rows(SITE))
        assert np.isfinite([tally.numerator, tally.denominator]).all()
        assert np.isfinite([tally.hour_numerator, tally.hour_denominator]).all()


def test_every_row_says_what_it_is():
    rows: list[Row | HourRow] = [*metric_rows(SITE), *hour_rows(SITE)]
    for row in rows:
        assert row.unit
        assert row.definition[0].isupper()
        assert (row.unit == "share") >= (row.most == 1.0)


def test_quantiles_have_their_durations():
    asked = {(r.metric, r.by) for r in metric_rows(SITE) if r.interval is Interval.QUANTILE}
    assert asked == {(row.metric, row.by) for row in sample_rows(SITE)}


@pytest.mark.parametrize(
    ("part", "poisson"),
    [
        ({}, True),
        ({"demand": {"visits_per_day": 10, "profile": "flat", "day_to_day_cv": 0.2}}, False),
        ({"demand": {"visits_per_day": 10, "profile": "flat", "groups": {1: 0.5, 2: 0.5}}}, False),
        ({"rooms": {"booths": {"places": 2, "kind": "open_air", "usable_share": 0.5}}}, False),
    ],
)
def test_when_overdoses_are_a_poisson_process(part, poisson):
    site = staffed_site(**part)
    assert events_are_poisson(site) is poisson
    kinds = {row.interval for row in metric_rows(site) if row.metric == "overdoses"}
    assert kinds == {Interval.COUNT if poisson else Interval.CLUSTERED}


def test_clusters_of_overdoses_are_not_a_poisson_process():
    site = staffed_site()
    assert site.overdose is not None
    severities = {name: one.model_dump() for name, one in site.overdose.severities.items()}
    overdose = {"severities": severities, "clustering": {"cv": 0.5}}
    assert not events_are_poisson(staffed_site(overdose=overdose))


def test_tables_have_names_instead_of_numbers():
    log = make_log(SITE, visits=USES, responses=RESPONSES)
    visits, responses = (
        table(SITE, log, 7).to_pandas() for table in (visits_table, responses_table)
    )
    assert visits["outcome"].tolist() == ["served", "served", "closed"]
    assert visits["room"].tolist()[:2] == ["booths", "booths"]
    assert visits["room"].isna().tolist() == [False, False, True]
    assert visits["visit"].tolist() == [0, 1, 2]
    assert set(visits["replication"]) == {7}
    assert responses["where"].tolist() == ["place", "aftercare"]
    assert responses["severity"].tolist() == ["mild", "deep"]
    assert responses["visit"].tolist() == [0, 1]
