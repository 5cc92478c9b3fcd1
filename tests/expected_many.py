"""Expected visits and offered load against simulation: `python -m tests.expected_many 500 [seed]`.

Random sites with places, staff and patience for everybody, so that nobody waits or leaves and the
places in use are those of an infinite-server queue. What `check` expects of each must be what is
simulated, but for chance: within four standard errors, and in 95 of 100 cases within the 95 %
interval. Of thousands of hours a few lie farther off by chance, above all where few people come and
days differ much, so that means are skewed: such a site is played again, with other people and 20
times as often, and then has to be within four standard errors.
"""

import sys
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from numpy.typing import NDArray
from scipy.stats import norm, t

from sim.engine import Engine, simulate
from sim.log import Log, Outcome
from sim.scenario.derived.calendar import Span, site_spans
from sim.scenario.derived.offered import coming_kinds, load_of_kind, mean_by_hour_of_week
from sim.scenario.derived.outlook import visits_a_day
from sim.scenario.model.hours import DAY, HOUR, HOURS_OF_WEEK, WEEK
from sim.scenario.model.scenario import Horizon, Scenario
from sim.visitors import Visitors, draw
from tests.support.random_sites import scenarios

Floats = NDArray[np.float64]
_WEEKS_HOURS = np.arange(HOURS_OF_WEEK)
REPLICATIONS = 60
_AGAIN = 20
"""Times as many for a site of which something was farther off than four standard errors."""
_FAR = 4.0
_FEW = 20
"""An hour of the week is looked at if so many visits are expected in it, over all replications."""


def unlimited(scenario: Scenario) -> Scenario:
    """The same site with room and staff for everybody, for a week, and nobody who leaves."""
    around_the_clock = any(end - start > 3 * DAY for start, end in _week(scenario, 1))
    weeks = 2 if around_the_clock and scenario.demand.arrivals is None else 1
    nights = any(start // DAY < (end - 1) // DAY for start, end in _week(scenario, weeks))
    rooms = {
        name: room.model_copy(
            update={
                "places": 5000,
                "failures": None,
                "dates": {
                    on: one.model_copy(update={"places": None})
                    for on, one in room.dates.items()
                    if one.hours is not None
                },
                "cleaning": room.cleaning and room.cleaning.model_copy(update={"roles": ()}),
                # The weather of one day at a time: no nights.
                **({"kind": "indoor", "usable_share": 1.0} if nights else {}),
            }
        )
        for name, room in scenario.rooms.items()
    }
    alone = {"patience": None, "balking": None, "overdose": None, "switch": None, "aftercare": None}
    visits = {name: kind.model_copy(update=alone) for name, kind in scenario.visits.items()}
    at_ease = {"roles": (), "team": (), "places": None, "patience": None}
    desk = scenario.check_in and scenario.check_in.model_copy(update={"roles": (), "desks": None})
    demand = scenario.demand
    if demand.arrivals is not None:
        listed = tuple(
            one.model_copy(update={"patience": None})
            for one in demand.arrivals
            if one.at < weeks * WEEK
        )
        demand = demand.model_copy(update={"arrivals": listed})
    return scenario.model_copy(
        update={
            "horizon": Horizon(start=scenario.horizon.start, weeks=weeks, warmup_weeks=weeks - 1),
            "rooms": rooms,
            "visits": visits,
            "services": {
                name: one.model_copy(update=at_ease) for name, one in scenario.services.items()
            },
            "stay_tasks": {
                name: one.model_copy(update={"roles": ()})
                for name, one in scenario.stay_tasks.items()
            },
            "check_in": desk,
            "demand": demand,
            "staff": None,
            "supervision": (),
            "overdose": None,
            "aftercare": None,
            "waiting_area": None,
        }
    )


def _week(scenario: Scenario, weeks: int) -> tuple[Span, ...]:
    horizon = Horizon(start=scenario.horizon.start, weeks=weeks)
    return site_spans(scenario.model_copy(update={"horizon": horizon}))


def in_use(scenario: Scenario, visitors: Visitors, log: Log) -> Floats:
    """Places in use, cleaning included, in each hour of the week: mean over the weeks counted."""
    visits = log.visits
    inside = np.flatnonzero(~np.isnan(visits["entered"]))
    room = visits["room"][inside].astype(int)
    start, end = visits["entered"][inside], visits["left"][inside]
    end = np.where(np.isnan(end), log.end, end) + visitors.cleaning[room, inside]
    if scenario.opening.at_close == "stop":
        opens, closes = np.array(site_spans(scenario)).T
        end = np.minimum(end, closes[np.searchsorted(opens, start, side="right") - 1])
    hours = np.arange(0, scenario.horizon.minutes + 1, HOUR)
    return mean_by_hour_of_week(
        scenario, np.diff(_passed(start, hours) - _passed(end, hours)) / HOUR
    )


def _passed(since: Floats, times: Floats) -> Floats:
    """Minutes passed since some instants until each of some times, all together."""
    ordered = np.sort(since)
    number = np.searchsorted(ordered, times)
    passed: Floats = times * number - np.concatenate([[0.0], np.cumsum(ordered)])[number]
    return passed


@dataclass
class Figures:
    """How far what was simulated lies from what was expected, in standard errors."""

    visits: list[float] = field(default_factory=list)
    """Visits let in, and closed."""
    load: list[float] = field(default_factory=list)
    """Places in use, on average over the week."""
    hours: list[float] = field(default_factory=list)
    """Places in use in each hour of the week."""

    def inside(self, which: str) -> float:
        """Share within the 95 % interval."""
        return float(np.mean(np.abs(getattr(self, which)) < norm.isf(0.025)))

    def worst(self, which: str) -> float:
        """The farthest."""
        return float(np.max(np.abs(getattr(self, which)), initial=0.0))

    @property
    def farthest(self) -> float:
        """Of all figures."""
        return max(self.worst(name) for name in ("visits", "load", "hours"))

    def add(self, scenario: Scenario, chance: int, replications: int = REPLICATIONS) -> None:
        """Compare one scenario; with a seed of its own, or alike ones would err together."""
        let_in, closed = visits_a_day(scenario)
        days = scenario.horizon.total_days - 7 * scenario.horizon.warmup_weeks
        seen, used = [], []
        for replication in range(replications):
            visitors = draw(scenario, chance, replication)
            log = simulate(scenario, visitors, Engine.FAST)
            counted = log.visits["arrival"] >= scenario.horizon.counted_from
            refused = (log.visits["outcome"] == Outcome.CLOSED) & counted
            seen.append(((counted & ~refused).sum() / days, refused.sum() / days))
            used.append(in_use(scenario, visitors, log))
        for of, expected in zip(np.array(seen).T, (let_in, closed), strict=True):
            self.visits += far(of, expected)
        load = np.zeros(HOURS_OF_WEEK)
        for name in coming_kinds(scenario):
            load += mean_by_hour_of_week(scenario, load_of_kind(scenario, name))
        table = np.array(used)
        self.load += far(table.mean(axis=1), float(load.mean()))
        for hour in _WEEKS_HOURS:
            if load[hour] * replications > _FEW or not load[hour]:
                self.hours += far(table[:, hour], float(load[hour]))

    def __str__(self) -> str:
        lines = []
        for name in ("visits", "load", "hours"):
            found = getattr(self, name)
            lines.append(
                f"{name}: {len(found)} compared, the farthest {self.worst(name):.2f} standard "
                f"errors off, {self.inside(name):.1%} within the 95 % interval\n"
            )
        return "".join(lines)


def far(seen: Floats, expected: float) -> list[float]:
    """Standard errors between a mean and what was expected; nothing where chance has no part."""
    error = float(np.std(seen, ddof=1)) / np.sqrt(len(seen))
    if error < 1e-9 * max(1.0, abs(expected)):
        assert abs(float(np.mean(seen)) - expected) < 1e-6 * max(1.0, expected), (seen, expected)
        return []
    # As the normal deviate that is as rare as the t value, so that few replications are no excuse.
    value = (float(np.mean(seen)) - expected) / error
    rare = float(t.sf(abs(value), len(seen) - 1))
    return [float(np.sign(value) * norm.isf(rare))]


def distinct(examples: int, number: int) -> list[Scenario]:
    """Random sites with room for everybody, none of them twice."""
    found: dict[str, Scenario] = {}
    for more in count():

        @seed(number + 1000 * more)
        @settings(
            max_examples=200,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(scenarios())
        def collect(scenario: Scenario) -> None:
            one = unlimited(scenario)
            found.setdefault(one.model_dump_json(by_alias=True), one)

        collect()
        if len(found) >= examples:
            break
    return list(found.values())[:examples]


def main(examples: int, number: int) -> None:
    """Compare many; the figures are told."""
    figures, told = Figures(), sys.stdout
    again: list[float] = []
    for place, scenario in enumerate(distinct(examples, number)):
        one = Figures()
        one.add(scenario, 1000 * number + place)
        for name in ("visits", "load", "hours"):
            getattr(figures, name).extend(getattr(one, name))
        if one.farthest > _FAR:
            more = Figures()
            more.add(scenario, 1_000_000 + 1000 * number + place, _AGAIN * REPLICATIONS)
            again.append(more.farthest)
            if more.farthest > _FAR:
                written = scenario.model_dump_json(by_alias=True)
                told.write(f"{more.farthest:.2f} standard errors off: {written}\n")
        if (place + 1) % 100 == 0:
            told.write(f"{place + 1} random scenarios\n{figures}")
            told.flush()
    told.write(f"{examples} random scenarios\n{figures}")
    if again:
        told.write(
            f"{len(again)} of them, of which something was more than {_FAR:g} standard errors off, "
            f"played {_AGAIN} times as often: the farthest {max(again):.2f}\n"
        )


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    main(*(arguments + [500, 1][len(arguments) :])[:2])
