"""One house of a city as it is sized: the whole city is played, and its targets are observed.

Whatever a house is designed to be, people who are turned away elsewhere come to it, and people whom
it turns away go elsewhere: visits are never held as they were. So each replication is one of all
facilities with the same needs, and what is observed of a target is made of the figures that `run`
has of a city. Beside the targets the needs not met are observed, and of the house itself waits,
pauses, overtime and when the last person leaves.

What people do beyond what was to be expected of them is not taken out of observations, as it is at
a site: of needs nothing of that kind is known exactly.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from sim.log import CityLog
from sim.measures import Tally, hour_rows, measure, metric_rows, sample_rows
from sim.measures.figures.figure import HourPair, SampleRow
from sim.measures.histogram import Histogram, of_hour
from sim.measures.steps import HOURS
from sim.scenario.city.model import City, Facility
from sim.scenario.city.system import system_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import EVERY_HOUR, Target
from sim.size.observation import (
    DESCRIBED,
    Observation,
    ObservedTarget,
    Observer,
    columns_of,
    missed,
    nobody_enters,
)
from sim.study.estimate.intervals import Floats
from sim.study.estimate.named_figure import TargetError, find

_NOT_MET = ("needs_unmet", "needs_closed_everywhere")
"""Needs given up, and needs for which nothing was open."""


def house_of(city: Scenario, facility: str) -> Scenario:
    """A facility as a site: with its city's demand, kinds and horizon, and its own design.

    Args:
        city: that has it.
        facility: its name.
    """
    design = facility_in(city, facility).design
    name = f"{city.name}-{facility}"
    return system_of(city).sites[facility].model_copy(update={"design": design, "name": name})


def facility_in(city: Scenario, facility: str) -> Facility:
    """A facility as its city's file says it."""
    assert isinstance(city, City)  # a site has no facilities
    return city.open_facilities[facility]


def with_facility(city: Scenario, facility: str, other: Scenario) -> Scenario:
    """A city with another facility in the place of one."""
    assert isinstance(city, City)  # a site has no facilities
    return city.model_copy(update={"facilities": {**city.facilities, facility: other}})


class HouseObserver:
    """Observes replications of a city in which one house is designed."""

    def __init__(self, city: Scenario, facility: str, wanted: Sequence[ObservedTarget]) -> None:
        """Find the figures that the city's targets are about."""
        house, system = house_of(city, facility), system_of(city)
        self._city = city
        self._number = list(system.sites).index(facility)
        self._house = Observer(house, ())
        rows, hours = metric_rows(city), hour_rows(city)
        samples = {(one.metric, one.by, one.hourly): n for n, one in enumerate(sample_rows(city))}
        keys = [(row.metric, row.statistic, row.by) for row in rows]
        self._not_met = [keys.index((one, "share", "all")) for one in _NOT_MET]
        self._width = columns_of(wanted)
        self._taken: list[tuple[slice, Callable[[Tally], HourPair]]] = []
        for one in wanted:
            try:
                about = find(one.target, rows, hours).figure
            except TargetError:
                continue  # nothing of it can be observed in this design
            if one.target.hour is None and nobody_enters(house, _of_site(one.target, facility)):
                self._taken.append((one.columns, missed(one.sign)))
            elif one.within is not None:
                row = hours[about.number].sample if one.target.hour is not None else None
                sample = row or SampleRow(about.metric, about.by)
                place = samples[sample.metric, sample.by, sample.hourly]
                self._taken.append((one.columns, _no_longer(place, one.within, one.target.hour)))
            else:
                self._taken.append((one.columns, _pair(about.number, one.target.hour)))

    def observe(self, log: CityLog) -> Observation:
        """What a replication shows."""
        tally = measure(self._city, log)
        seen = self._house.observe(log.sites[self._number], np.empty(0))
        pairs = np.zeros((2, self._width + len(DESCRIBED)))
        pairs[:, self._width :] = seen.pairs
        pairs[:, self._width + DESCRIBED.index(("unserved", "share"))] = self._of_needs(tally)
        for columns, of in self._taken:
            pairs[0, columns], pairs[1, columns] = of(tally)
        return replace(seen, pairs=pairs)

    def _of_needs(self, tally: Tally) -> Floats:
        """Needs not met, and all needs."""
        first = self._not_met[0]
        above = tally.numerator[self._not_met].sum()
        return np.array([above, tally.denominator[first]])


def _of_site(target: Target, facility: str) -> Target:
    """What a city's target asks of one of its facilities; of another what it asks of none."""
    first, _, rest = target.by.partition("/")
    return replace(target, by=rest or "all") if first == f"facility:{facility}" else target


def _pair(number: int, hour: int | None) -> Callable[[Tally], HourPair]:
    """A figure's numerator and denominator; of a figure by the hour one of them, or all."""
    if hour is None:
        chosen = slice(number, number + 1)
        return lambda tally: (tally.numerator[chosen], tally.denominator[chosen])
    hours = slice(None) if hour == EVERY_HOUR else slice(hour, hour + 1)
    return lambda tally: (
        tally.hour_numerator[number, hours],
        tally.hour_denominator[number, hours],
    )


def _no_longer(sample: int, within: float, hour: int | None) -> Callable[[Tally], HourPair]:
    """How many durations were no longer than this, and how many there were."""

    def pair(tally: Tally) -> HourPair:
        counted = tally.histograms[sample]
        every = range(HOURS) if hour == EVERY_HOUR else [hour]
        found: list[Histogram] = [
            counted if one is None else of_hour(counted, one) for one in every
        ]
        top = np.array([float(one.at_most(within)) for one in found])
        return top, np.array([float(one.total) for one in found])

    return pair
