"""When a facility lets in people of a kind: what a door does agrees, minute by minute."""

import numpy as np
import pytest

from sim.log import Outcome
from sim.rules.letting_in import letting_in
from sim.rules.timetable import timetable
from tests.support.played import play

SITE = """
opening: {hours: [01:00-02:00, 03:00-05:00], last_entry: 10, wait_at_door: 15}
visits:
  use: {rooms: [booths], stay: 0.2}
  smoke: {share: 0, rooms: [smoking, booths], stay: 0.2}
  late: {share: 0, rooms: [smoking], stay: 0.2}
  talk: {share: 0, services: {advice: 1}}
rooms:
  booths: {places: 9}
  smoking: {places: 9, hours: [03:30-04:00, 04:30-04:40]}
services: {advice: {duration: 0.2, roles: [nurse]}}
staff:
  roles: {nurse: {cost_per_hour: 1}}
  rota: [{role: nurse, from: 00:00, to: 24:00, count: 9}]
"""
KINDS = ("use", "smoke", "late", "talk")


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize(
    "sets", [(), ("opening.wait_at_door=0",), ("opening.last_entry=70",)], ids=str
)
def test_it_lets_in_whom_the_door_does_not_refuse_as_closed(number: int, sets: tuple[str, ...]):
    minutes = np.arange(0.5, 400)
    played = play(SITE, *sets, arrivals=[(float(at), KINDS[number]) for at in minutes])
    visitors = played.visitors
    hours = timetable(
        played.scenario,
        visitors.absent,
        visitors.bad_weather,
        (visitors.failure_time, visitors.failure_repair),
    )
    intervals = letting_in(played.scenario, hours)[number]
    inside = [bool(((intervals[:, 0] <= at) & (at < intervals[:, 1])).any()) for at in minutes]
    assert inside == (played.log.visits["outcome"] != Outcome.CLOSED).tolist()
    assert any(inside)


def test_the_intervals_worked_out_by_hand():
    played = play(SITE, arrivals=[])
    nothing = np.empty(0), np.empty(0)
    visitors = played.visitors
    hours = timetable(played.scenario, visitors.absent, visitors.bad_weather, nothing)
    use, smoke, late, talk = (each.tolist() for each in letting_in(played.scenario, hours))
    # Open 60-120 and 180-300; 15 minutes at the door, last entry 10 minutes before closing.
    assert use == smoke == talk == [[45, 110], [165, 290]]
    # The smoking room opens at 210 and 270, and closes for the day at 280.
    assert late == [[165, 280]]
