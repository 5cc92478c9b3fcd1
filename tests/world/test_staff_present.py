"""Who is there in each minute of a rota as it is written: breaks worked out by hand."""

import numpy as np
import pytest

from sim.scenario.derived.roster import staff_present
from sim.scenario.load import scenario_from_text
from sim.scenario.model.hours import DAY, WEEK

SITE = """\
name: site
opening: {hours: 08:00-20:00}
demand: {visits_per_day: 50, profile: flat}
visits: {inject: {rooms: [injecting], stay: 30}}
rooms: {injecting: {places: 5}}
staff:
  roles: {ROLES}
  cycle_weeks: CYCLE
  rota:
"""


def there(lines, cycle=1):
    roles = "nurse: {}, helper: {}" if "helper" in lines else "nurse: {}"
    site = SITE.replace("CYCLE", str(cycle)).replace("ROLES", roles)
    return staff_present(scenario_from_text(site + lines))


def changes(counts, day=0):
    """`hh:mm number` wherever the number changes within a day."""
    minutes = counts[day * DAY : (day + 1) * DAY]
    at = [0, *(np.flatnonzero(np.diff(minutes)) + 1).tolist()]
    return [f"{one // 60:02d}:{one % 60:02d} {minutes[one]}" for one in at]


def test_one_after_another_each_as_late_as_the_window_allows():
    found = there(
        "    - {role: nurse, from: 08:00, to: 16:00, count: 2,"
        " breaks: [{length: 30, from: 10:00, to: 12:00}]}\n"
        "    - {role: helper, from: 08:00, to: 16:00,"
        " breaks: [{length: 45, from: 10:00, to: 12:15}]}\n"
    )
    # The helper's may begin latest, at 12:15; the nurses' end when that begins, or each other's.
    assert changes(found["helper"]) == [
        "00:00 0", "08:00 1", "12:15 0", "13:00 1", "16:00 0",
    ]  # fmt: skip
    assert changes(found["nurse"]) == [
        "00:00 0", "08:00 2", "11:15 1", "12:15 2", "16:00 0",
    ]  # fmt: skip


def test_roles_overlap_before_people_of_one_role_do():
    """A window of one length holds one break after another of each role, not of both."""
    found = there(
        "    - {role: nurse, from: 08:00, to: 16:00, count: 2,"
        " breaks: [{length: 30, from: 11:30, to: 12:00}]}\n"
        "    - {role: helper, from: 08:00, to: 16:00,"
        " breaks: [{length: 30, from: 11:30, to: 12:00}]}\n"
    )
    assert changes(found["nurse"]) == ["00:00 0", "08:00 2", "11:30 1", "12:30 2", "16:00 0"]
    assert changes(found["helper"]) == ["00:00 0", "08:00 1", "12:00 0", "12:30 1", "16:00 0"]


def test_at_the_end_of_too_short_a_window_all_go():
    """As in the simulation, where a window's end does not ask who is left."""
    found = there(
        "    - {role: nurse, from: 08:00, to: 16:00, count: 2,"
        " breaks: [{length: 30, from: 11:50, to: 12:00}]}\n"
    )
    assert changes(found["nurse"]) == ["00:00 0", "08:00 2", "12:00 0", "12:30 2", "16:00 0"]


@pytest.mark.parametrize(
    ("left", "begins"),
    [(0, "13:00"), (1, "12:29"), (2, "13:00")],
    ids=["nobody need be left", "another is there until 12:30", "two others are never there"],
)
def test_minimum_left_counts_those_who_are_there_when_it_begins(left, begins):
    found = there(
        "    - {role: nurse, from: 06:00, to: 12:30}\n"
        "    - {role: nurse, from: 08:00, to: 16:00,"
        f" breaks: [{{length: 30, from: 10:00, to: 13:00, minimum_left: {left}}}]}}\n"
    )
    alone = {"13:00": ["12:30 1", "13:00 0", "13:30 1"], "12:29": ["12:29 1", "12:30 0", "12:59 1"]}
    assert changes(found["nurse"]) == ["00:00 0", "06:00 1", "08:00 2", *alone[begins], "16:00 0"]


def test_nights_weeks_and_the_end_of_the_cycle_are_a_circle():
    found = there(
        "    - {role: nurse, from: 22:00, to: 06:00 next day, days: sun, weeks: [2],"
        " breaks: [{length: 30, from: 01:00, to: 02:00}]}\n",
        cycle=2,
    )["nurse"]
    assert len(found) == 2 * WEEK
    assert changes(found, day=13) == ["00:00 0", "22:00 1"]
    assert changes(found) == ["00:00 1", "02:00 0", "02:30 1", "06:00 0"]
    assert found.sum() == 8 * 60 - 30


def test_a_break_ends_with_its_shift_and_parts_of_minutes_count_whole():
    found = there(
        "    - {role: nurse, from: 08:00, to: 16:00,"
        " breaks: [{length: 30.5, from: 14:00, to: 15:50}]}\n"
    )["nurse"]
    assert changes(found) == ["00:00 0", "08:00 1", "15:50 0"]


def test_nobody_without_staff():
    assert staff_present(scenario_from_text(SITE[: SITE.index("staff:")])) == {}
