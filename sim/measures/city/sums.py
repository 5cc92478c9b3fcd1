"""What the needs of a replication add up to, found by one compiled loop over them.

A need counts where it arose within the counted time, and its attempts with it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled, part
from sim.log import NeedOutcome, Outcome, Way
from sim.measures.facts.visits import SHORT
from sim.measures.histogram import TICKS
from sim.measures.steps import HOUR, HOURS, Bools, Floats, Integers, column

_UNMET = int(NeedOutcome.UNMET)
_TO_DOORS, _OUTCOMES, _NEED_OUTCOMES = len(Way), len(Outcome), len(NeedOutcome)


class Needs(NamedTuple):
    """Columns of the needs."""

    kind: Integers
    wish: Integers
    outcome: Integers
    attempts: Integers
    facility: Integers
    last: Integers
    arrival: Floats
    met: Floats


class Attempts(NamedTuple):
    """Columns of the attempts."""

    need: Integers
    facility: Integers
    way: Integers
    come_from: Integers


class Counted(NamedTuple):
    """What is counted, in minutes; and what is known of the facilities."""

    first: int
    after: int
    """The needs counted: from one of them on, to before another."""
    first_hour: int
    """Hour of the week that begins at minute 0."""
    way_of: Integers
    """By number of the NeedOutcome, where the facility is supervised."""
    managed: int
    """The way of those who are met at a facility that is not."""
    ways: int
    """How many there are."""
    met: int
    """The last of the outcomes of needs that are met, which come first."""
    supervised: Bools
    """By facility."""
    nearby: Floats
    """Minutes of walk."""
    walk: Floats
    """(kinds, facilities, facilities): from the one wished first to the other; infinite where that
    does not serve the kind."""
    changes: Floats
    """When facilities open and close, in order; then infinity."""
    changing: Integers
    """Which facility it is."""
    opens: Bools
    """Whether it is open from then on."""


class NeedSums(NamedTuple):
    """The needs counted, added up."""

    numbers: Integers
    """(ways, kinds, HOURS): how many needs ended in which way."""
    minutes: Floats
    """(kinds, HOURS): minutes from need to place of needs that were met."""
    doors: Integers
    """(kinds,): doors that were tried."""
    places: Integers
    """(outcomes, facilities + 1): needs by how they ended and where last; the last for none."""
    refused: Integers
    """By number of the Outcome: needs given up, by how the last visit ended."""
    wishes: Integers
    """(facilities + 1,): how many wish each first; the last are those of kinds served nowhere."""
    near: Integers
    """How many had a facility open that serves them within so many minutes of walk, by `nearby`.
    Without origins a need arises at the facility wished first."""
    flows: Integers
    """(ways, facilities + 1, facilities): people by how and whence they came to which door."""
    short: NDArray[np.int32]
    """(kinds, SHORT): minutes from need to place, how many of each length."""
    long: Integers
    """The needs for which that is unknown or of no such length."""
    found: Integers
    """How many they are."""


@part
def _add_near(
    arisen: Integers, is_open: Bools, walk: Floats, nearby: Floats, sums: "NeedSums"
) -> None:
    """Count for how many needs a facility is open near by, and begin to count needs anew.

    Args:
        arisen: (kinds, facilities + 1): how many needs arose since a facility last opened or
            closed, by the one wished first; the last are those of kinds served nowhere.
        is_open: by facility.
        walk: as it is counted.
        nearby: the same.
        sums: what is added to, and how many wish each first.
    """
    kinds, facilities = walk.shape[0], walk.shape[1]
    for kind in range(kinds):
        for wish in range(facilities):
            nearest = np.inf
            for facility in range(facilities):
                if is_open[facility]:
                    nearest = min(nearest, walk[kind, wish, facility])
            for which in range(len(nearby)):
                if nearest <= nearby[which]:
                    sums.near[which] += arisen[kind, wish]
        for wish in range(facilities + 1):
            sums.wishes[wish] += arisen[kind, wish]
            arisen[kind, wish] = 0


@part
def _add_flows(attempts: Attempts, counted: Counted, flows: Integers) -> None:
    """Count who came to which door."""
    for row in range(np.uint64(len(attempts.need))):
        if counted.first <= attempts.need[row] < counted.after:
            way, facility = np.uint64(attempts.way[row]), np.uint64(attempts.facility[row])
            flows[way, attempts.come_from[row], facility] += 1  # -1, for none, is the last


@compiled
def add_up_needs(needs: Needs, attempts: Attempts, counted: Counted) -> NeedSums:
    """Add up needs.

    Args:
        needs: all of them, in order of time.
        attempts: all of them.
        counted: what is counted of them.
    """
    kinds, facilities = counted.walk.shape[0], counted.walk.shape[1]
    sums = NeedSums(
        numbers=np.zeros((counted.ways, kinds, HOURS), dtype=np.int64),
        minutes=np.zeros((kinds, HOURS)),
        doors=np.zeros(kinds, dtype=np.int64),
        places=np.zeros((_NEED_OUTCOMES, facilities + 1), dtype=np.int64),
        refused=np.zeros(_OUTCOMES, dtype=np.int64),
        wishes=np.zeros(facilities + 1, dtype=np.int64),
        near=np.zeros(len(counted.nearby), dtype=np.int64),
        flows=np.zeros((_TO_DOORS, facilities + 1, facilities), dtype=np.int64),
        short=np.zeros((kinds, SHORT), dtype=np.int32),
        long=np.empty(counted.after - counted.first, dtype=np.int64),
        found=np.zeros(1, dtype=np.int64),
    )
    arisen = np.zeros((kinds, facilities + 1), dtype=np.int64)
    is_open = np.zeros(facilities, dtype=np.bool_)
    change = long = hour = 0
    hour_ends = -np.inf
    for row in range(np.uint64(counted.first), np.uint64(counted.after)):
        kind, outcome = np.uint64(needs.kind[row]), np.uint64(needs.outcome[row])
        wish, facility, arrival = needs.wish[row], needs.facility[row], needs.arrival[row]
        if arrival >= hour_ends:
            hours = np.floor(arrival / HOUR)
            hour, hour_ends = (int(hours) + counted.first_hour) % HOURS, (hours + 1) * HOUR
        if arrival >= counted.changes[change]:
            _add_near(arisen, is_open, counted.walk, counted.nearby, sums)
            while arrival >= counted.changes[change]:
                is_open[counted.changing[change]] = counted.opens[change]
                change += 1
        way = counted.way_of[outcome]
        if outcome <= np.uint64(counted.met):
            if facility >= 0 and not counted.supervised[facility]:
                way = counted.managed
            minutes = needs.met[row] - arrival
            sums.minutes[kind, np.uint64(hour)] += minutes
            length = np.rint(minutes * TICKS)
            if 0 <= length < SHORT:
                sums.short[kind, np.uint64(length)] += 1
            else:
                sums.long[long] = row
                long += 1
        elif outcome == np.uint64(_UNMET):
            sums.refused[needs.last[row]] += 1
        sums.numbers[np.uint64(way), kind, np.uint64(hour)] += 1
        sums.places[outcome, facility] += 1
        sums.doors[kind] += needs.attempts[row]
        arisen[kind, wish] += 1  # -1, for none, is the last
    _add_near(arisen, is_open, counted.walk, counted.nearby, sums)
    sums.found[0] = long
    _add_flows(attempts, counted, sums.flows)
    return sums


def no_needs() -> tuple[Needs, Attempts, Counted]:
    """Nothing to add up: of these types of arguments, and no others, the loop is compiled."""
    whole, numbers = column(np.empty(0), np.int64), column(np.empty(0))
    counts = np.empty(0, dtype=np.int64)
    return (
        Needs(whole, whole, whole, whole, whole, whole, numbers, numbers),
        Attempts(*(whole for _ in Attempts._fields)),
        Counted(
            first=0,
            after=0,
            first_hour=0,
            way_of=counts,
            managed=0,
            ways=0,
            met=0,
            supervised=np.empty(0, dtype=np.bool_),
            nearby=np.empty(0),
            walk=np.empty((0, 0, 0)),
            changes=np.empty(0),
            changing=counts,
            opens=np.empty(0, dtype=np.bool_),
        ),
    )
