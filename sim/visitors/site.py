"""What chance does to the site, whoever comes: staff who are absent, weather, places that fail."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived import once_for
from sim.scenario.derived.roster import OF_THE_ROTA, people_on_shift, working_days
from sim.scenario.model.durations import log_of_rest
from sim.scenario.model.scenario import Scenario
from sim.visitors.streams import Streams
from sim.visitors.visitors import Floats

_SPARE = 6.0
"""Standard errors by which more failures are drawn at first than are expected."""


def absences(scenario: Scenario, streams: Streams) -> NDArray[np.bool_]:
    """Absence per person on shift, from a stream named after the shift and not its position."""
    staff = scenario.staff
    absent = np.zeros(len(people_on_shift(scenario)), dtype=np.bool_)
    if staff is not None and staff.absence > 0:
        for name, numbers in _shifts(scenario).items():
            absent[numbers] = streams.uniform(name, len(numbers)) < staff.absence
    return absent[working_days(scenario).day]


@once_for(*OF_THE_ROTA)
def _shifts(scenario: Scenario) -> dict[str, list[int]]:
    """The people of each shift, by the name of its stream.

    Who has several shifts in a working day misses all of them or none, by the draw of the first.
    """
    rota = scenario.staff.rota if scenario.staff is not None else ()
    people, days = people_on_shift(scenario), working_days(scenario).day
    ends = {int(day): people[number].end for number, day in enumerate(days)}
    alike: dict[str, list[int]] = {}
    for number, end in ends.items():
        role, start = rota[people[number].line].role, people[number].start
        alike.setdefault(f"absence of {role} {start:g}-{end:g}", []).append(number)
    return alike


def weather(scenario: Scenario, streams: Streams) -> NDArray[np.bool_]:
    """Days on which each open-air room cannot be used."""
    days = scenario.horizon.total_days + 1
    table = np.zeros((len(scenario.rooms), days), dtype=np.bool_)
    for index, (name, room) in enumerate(scenario.rooms.items()):
        if room.usable_share < 1:
            table[index] = streams.uniform(f"weather at {name}", days) >= room.usable_share
    return table


def failures(scenario: Scenario, streams: Streams) -> dict[str, Any]:
    """When places of each room get out of order within the horizon, and for how long."""
    time, room, repair = [np.empty(0)], [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for index, (name, one) in enumerate(scenario.rooms.items()):
        if (of := one.failures) is not None:
            mine = _poisson(streams, f"failures of {name}", of.every, scenario.horizon.minutes)
            time.append(mine)
            room.append(np.full(len(mine), index))
            repair.append(of.repair.quantile(streams.uniform(f"repairs of {name}", len(mine))))
    order = np.argsort(np.concatenate(time), kind="stable")
    return {
        "failure_time": np.concatenate(time)[order],
        "failure_room": np.concatenate(room)[order],
        "failure_repair": np.concatenate(repair)[order],
    }


def _poisson(streams: Streams, name: str, mean: float, until: float) -> Floats:
    """Times that are an exponential time of this mean apart, before an end."""
    generator, numbers = streams.generator(name), np.empty(0)
    expected = until / mean
    while True:
        # A longer stream begins with the shorter one, so that it takes but a few more.
        more = generator.random(int(expected + _SPARE * np.sqrt(expected) + 10))
        numbers = np.concatenate([numbers, more])
        times = np.cumsum(log_of_rest(numbers) * -mean)
        if times[-1] >= until:
            found: Floats = times[times < until]
            return found
