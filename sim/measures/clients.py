"""The people behind the uses: how many different ones, and how unequal their use is."""

from collections.abc import Iterator

import numpy as np

from sim.measures.facts import Facts
from sim.measures.figure import Figure, Pair, Row
from sim.scenario.hours import DAY
from sim.scenario.scenario import Scenario

BUSIEST = 0.2
"""The share of clients whose part of all uses is reported."""


def client_figures(scenario: Scenario) -> Iterator[Figure]:
    """People who used a place, by day and over the replication; none without clients."""
    if scenario.demand.clients is None or not scenario.rooms:
        return
    meaning = "Different people who entered a place on a calendar day, mean over days"
    yield Figure(Row("clients", "per_day", "all", "people/day", meaning), _per_day)
    meaning = "Different people who entered a place in a replication"
    yield Figure(Row("clients", "number", "all", "people", meaning), _number)
    meaning = "Places entered per person who entered any, in a replication"
    yield Figure(Row("clients", "uses_each", "all", "uses/person", meaning), _uses_each)
    meaning = (
        f"Of all uses of a replication, the share by the {BUSIEST:.0%} of people who came, "
        "who used it most"
    )
    row = Row("clients", "share_by_busiest", "all", "share", meaning, most=1.0)
    yield Figure(row, _share_by_busiest)


def _per_day(facts: Facts) -> Pair:
    visits = facts.visits
    day = visits.one_by_one(visits.stamps.arrival, visits.got_place) // DAY
    client = visits.one_by_one(visits.client, visits.got_place)
    # One number for both: sorting pairs takes fifty times as long.
    both = day * (1 + client.max(initial=0)) + client
    return float(len(np.unique(both))), facts.window.days


def _number(facts: Facts) -> Pair:
    return float(len(_uses(facts))), 1.0


def _uses_each(facts: Facts) -> Pair:
    uses = _uses(facts)
    return float(uses.sum()), float(len(uses))


def _share_by_busiest(facts: Facts) -> Pair:
    uses = np.sort(_uses(facts))[::-1]
    return float(uses[: round(BUSIEST * len(uses))].sum()), float(uses.sum())


def _uses(facts: Facts) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Places entered, by each person who entered any."""
    visits = facts.visits
    clients = visits.one_by_one(visits.client, visits.got_place).astype(np.int64)
    counts = np.bincount(clients)
    return counts[counts > 0]
