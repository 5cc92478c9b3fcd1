"""How many staff are present of those who may supervise the rooms, hour by hour."""

from collections.abc import Callable, Iterator

import numpy as np

from sim.measures.facts import Facts
from sim.measures.figure import HourFigure, HourPair, HourRow
from sim.scenario.scenario import Scenario


def cover_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """For each supervision rule the staff present who count for it.

    Taken away the rule's minimum, this is the margin of cover.
    """
    for number, rule in enumerate(scenario.supervision):
        definition = (
            "Mean number of people present whose role counts for the supervision rule, not on a "
            "break nor at an overdose, in hours in which the site is open throughout"
        )
        row = HourRow("cover", f"rule:{number + 1}", "people", definition)
        yield HourFigure(row, _present(rule.roles))


def _present(roles: tuple[str, ...]) -> Callable[[Facts], HourPair]:
    def pair(facts: Facts) -> HourPair:
        whole = (facts.hours["all", "open"] >= facts.exposure) & (facts.exposure > 0)
        present = sum((facts.hours[f"role:{role}", "present"] for role in roles), np.zeros(1))
        return np.where(whole, present, 0.0), np.where(whole, facts.exposure, 0.0)

    return pair
