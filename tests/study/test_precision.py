"""When a study is precise enough: relative or absolute, several figures at once."""

from math import inf, nan

import numpy as np
import pytest

from sim.measures import Row, metric_rows
from sim.study.estimate.precision import GOALS, Goal, PrecisionRule, furthest, next_count, standings
from tests.support.handmade_logs import make_scenario, staffed_site

WAIT = Row("wait", "mean", "all", "min", "")
ROOM = Row("wait", "mean", "room:booths", "min", "")
SHARE = Row("unserved", "share", "all", "share", "")
GOAL = Goal("wait", "mean", ("all", "room"), absolute=0.25, relative=0.05)


def stand(rows, values, halves, goals=(GOAL,)):
    value, half = np.array(values), np.array(halves)
    return standings(
        PrecisionRule(goals=goals),
        rows,
        lambda numbers: np.array([value, value - half, value + half])[:, list(numbers)],
    )


@pytest.mark.parametrize(
    ("value", "half", "shortfall"),
    [
        (2.0, 0.25, 1.0),  # 5 % would be 0.1
        (2.0, 0.5, 2.0),
        (20.0, 1.0, 1.0),  # 5 % is more than a quarter of a minute
        (20.0, 0.1, 0.1),
        (0.0, 0.0, 0.0),
        (nan, nan, 0.0),  # nothing to measure
        (3.0, nan, inf),  # no interval yet
    ],
)
def test_relative_or_absolute_whichever_is_reached_first(value, half, shortfall):
    (found,) = stand([WAIT], [value], [half])
    assert found.shortfall == pytest.approx(shortfall)


def test_every_room_counts_and_the_worst_decides():
    found = stand([SHARE, WAIT, ROOM], [0.1, 2.0, 2.0], [0.9, 0.2, 0.3])
    assert [standing.row for standing in found] == [WAIT, ROOM]
    assert furthest(found) is found[1]
    assert furthest(()) is None
    assert furthest(stand([WAIT], [nan], [nan])) is None


def test_an_interval_that_is_not_symmetric_counts_by_half_its_width():
    (found,) = standings(
        PrecisionRule(goals=(GOAL,)), [WAIT], lambda _: np.array([[1.0], [0.9], [1.5]])
    )
    assert found.half_width == pytest.approx(0.3)


def test_the_headline_figures_of_a_site():
    rows = metric_rows(staffed_site(services={"talk": {"duration": 10}}))
    chosen = [row for row in rows if any(goal.is_of(row) for goal in GOALS)]
    assert [(row.metric, row.statistic, row.by) for row in chosen] == [
        ("response_first", "within_1", "all"),
        ("wait", "mean", "all"),
        ("wait", "p90", "all"),
        ("wait", "mean", "room:booths"),
        ("wait", "p90", "room:booths"),
        ("unserved", "share", "all"),
        ("wait_service", "mean", "service:talk"),
        ("staff_busy", "share", "role:nurse"),
        ("staff_busy", "share", "role:social worker"),
    ]
    assert not any(
        goal.is_of(row)
        for goal in GOALS
        for row in metric_rows(make_scenario())
        if row.metric == "staff_busy"
    )


def test_the_next_batch_follows_from_the_root_law():
    rule = PrecisionRule(most=200)
    assert next_count(rule, 10, 1.2) == 15  # 10 x 1.44 = 14.4
    assert next_count(rule, 10, 5.0) == 20  # at most doubled: the first guess is rough
    assert next_count(rule, 10, inf) == 20
    assert next_count(rule, 10, 1.0001) == 11  # but always a step
    assert next_count(rule, 150, 3.0) == 200


@pytest.mark.parametrize("wrong", [{"least": 1}, {"least": 30, "most": 20}])
def test_a_rule_must_make_sense(wrong):
    with pytest.raises(ValueError, match="needs 1 < least <= most"):
        PrecisionRule(**wrong)
