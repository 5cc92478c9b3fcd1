"""Systems of facilities whose results are known exactly, from the stationary distribution of a
Markov chain: overflow between loss systems, people who come back, the shorter of two queues.

Stays are exponential, nothing is cleaned, nobody is on duty; `waiting_area.seats: 0` makes a loss
system.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine, simulate_system
from sim.log import CityLog, NeedOutcome, Outcome, Way, series_names
from sim.measures.city.laws import check_system_laws
from sim.scenario.city.system import System
from sim.visitors.needs import draw_needs
from tests.support.cities import Wishes, always, system_of_sites

Floats = NDArray[np.float64]
DAY = 1440.0
MEAN = 20.0
"""Minutes of a stay."""
FIRST = 1e-9
"""Weight of the facility that is only wished second."""
STAY = f"{{distribution: exponential, mean: {MEAN:g}}}"


def site(places: int, *kinds: str, waits: bool = False) -> str:
    share = 1 / len(kinds)
    visits = ", ".join(
        f"{kind}: {{share: {share}, rooms: [booths], stay: {STAY}}}" for kind in kinds
    )
    seats = "" if waits else "waiting_area: {seats: 0}\n"
    rooms = f"rooms: {{booths: {{places: {places}}}}}"
    return f"opening: {{hours: 24/7}}\nvisits: {{{visits}}}\n{rooms}\n{seats}"


@dataclass(frozen=True)
class Seen:
    """What was counted in one replication, after warming up."""

    system: System
    log: CityLog
    warm_up: float
    """Minutes."""

    @property
    def end(self) -> float:
        return self.system.people.horizon.minutes

    def needs(self, kind: int | None = None) -> NDArray[np.bool_]:
        """Those that arose long enough before the end."""
        table = self.log.needs
        counted = (table["arrival"] >= self.warm_up) & (table["arrival"] < self.end - DAY)
        return counted if kind is None else counted & (table["kind"] == kind)

    def unmet(self, kind: int | None = None) -> tuple[float, float]:
        mine = self.needs(kind)
        unmet = self.log.needs["outcome"] == NeedOutcome.UNMET
        return float((unmet & mine).sum()), float(mine.sum())

    def attempts(self) -> tuple[float, float]:
        """Per need."""
        mine = self.needs()
        return float(self.log.needs["attempts"][mine].sum()), float(mine.sum())

    def refused(self, facility: int, way: Way | None = None) -> tuple[float, float]:
        """Of those at a facility's door, and of those who came to it so."""
        attempts, visits = self.log.attempts, self.log.sites[facility].visits
        mine = (attempts["facility"] == facility) & (attempts["arrival"] >= self.warm_up)
        if way is not None:
            mine &= attempts["way"] == way
        outcome = visits["outcome"][attempts["visit"][mine]]
        return float((outcome == Outcome.NO_SPACE).sum()), float(mine.sum())

    def over_time(self, facility: int, value: Callable[[Floats], Floats]) -> tuple[float, float]:
        """Of the places in use, over time."""
        name, scenario = "room:booths:occupied", list(self.system.sites.values())[facility]
        series = series_names(scenario).index(name)
        time, places = self.log.sites[facility].by_series[series]
        until = np.append(time[1:], self.end)
        minutes = np.clip(until, self.warm_up, self.end) - np.clip(time, self.warm_up, self.end)
        return float((value(places) * minutes).sum()), self.end - self.warm_up

    def waited(self) -> tuple[float, float]:
        """Minutes, of those served anywhere."""
        found = [
            one.visits["waited"][
                (one.visits["arrival"] >= self.warm_up) & (one.visits["room"] >= 0)
            ]
            for one in self.log.sites
        ]
        return float(sum(map(np.sum, found))), float(sum(map(len, found)))

    def had_to_wait(self) -> tuple[float, float]:
        found = [
            one.visits["waited"][
                (one.visits["arrival"] >= self.warm_up) & (one.visits["room"] >= 0)
            ]
            > 0
            for one in self.log.sites
        ]
        return float(sum(map(np.sum, found))), float(sum(map(len, found)))

    def away(self) -> tuple[float, float]:
        """How many are to come back, over time."""
        attempts = self.log.attempts
        order = np.argsort(attempts["need"], kind="stable")
        arrival, way = attempts["arrival"][order], attempts["way"][order]
        back = np.flatnonzero((way == Way.RETURNED) & (arrival >= self.warm_up))
        # Who is refused leaves the door at once.
        gone = np.maximum(arrival[back - 1], self.warm_up)
        return float((arrival[back] - gone).sum()), self.end - self.warm_up


@dataclass(frozen=True)
class Case:
    """A system, and what is known of it."""

    sites: Mapping[str, str]
    wishes: Wishes
    per_hour: float
    known: Mapping[str, tuple[float, Callable[[Seen], tuple[float, float]]]]
    shares: Mapping[str, float] = field(default_factory=lambda: {"use": 1.0})
    warm_up: int = 2
    """Days."""

    def system(self, days: int) -> System:
        return system_of_sites(
            self.sites,
            self.wishes,
            demand=f"{{visits_per_day: {24 * self.per_hour:g}, profile: flat}}",
            horizon=f"{{days: {days}}}",
            shares=self.shares,
        )


def is_full(places: int) -> Callable[[Floats], Floats]:
    return lambda taken: (taken == places).astype(np.float64)


def as_is(taken: Floats) -> Floats:
    return taken


ONE_WAY = Wishes(by_kind={"x": {"a": 1, "b": FIRST}}, diverts=always("no_space"))
BOTH = Wishes(
    by_kind={"x": {"a": 1, "b": FIRST}, "y": {"a": FIRST, "b": 1}}, diverts=always("no_space")
)
LEFT = Wishes(prefer={"a": 1, "b": FIRST}, diverts=always("no_space"))
TWO_QUEUES = {"a": site(3, "use", waits=True), "b": site(3, "use", waits=True)}


def comes_back(share: float, after: float) -> Wishes:
    return Wishes(returns=share, after=after, attempts=None)


CASES = {
    # Overflow: peaked, so that b refuses twice as many as of Poisson arrivals (0.122848).
    "all want a": Case(
        {"a": site(5, "use"), "b": site(3, "use")},
        LEFT,
        15,
        {
            "refused at a": (0.284868, lambda seen: seen.refused(0)),
            "refused at b": (0.245896, lambda seen: seen.refused(1)),
            "unmet": (0.070048, Seen.unmet),
        },
    ),
    "what a does not take": Case(
        {"a": site(5, "use"), "b": site(60, "use")},
        LEFT,
        15,
        {
            "mean": (1.424339, lambda seen: seen.over_time(1, as_is)),
            "mean square": (
                2.333179 + 1.424339**2,
                lambda seen: seen.over_time(1, np.square),
            ),
        },
    ),
    "one of two overflows": Case(
        {"a": site(4, "x"), "b": site(4, "x", "y")},
        ONE_WAY,
        15,
        {
            "unmet of x": (0.051757, lambda seen: seen.unmet(0)),
            "unmet of y": (0.160773, lambda seen: seen.unmet(1)),
            "busy at a": (2.381679, lambda seen: seen.over_time(0, as_is)),
            "busy at b": (2.141503, lambda seen: seen.over_time(1, as_is)),
        },
        shares={"x": 0.6, "y": 0.4},
    ),
    "both overflow": Case(
        {"a": site(4, "x", "y"), "b": site(4, "x", "y")},
        BOTH,
        15,
        {
            "unmet": (0.070048, Seen.unmet),
            "a is full": (0.236407, lambda seen: seen.over_time(0, is_full(4))),
            "b is full": (0.167620, lambda seen: seen.over_time(1, is_full(4))),
        },
        shares={"x": 0.6, "y": 0.4},
    ),
    "a large one overflows": Case(
        {"a": site(5, "x"), "b": site(3, "x", "y")},
        ONE_WAY,
        18,
        {
            "unmet of x": (0.109723, lambda seen: seen.unmet(0)),
            "unmet of y": (0.246558, lambda seen: seen.unmet(1)),
        },
        shares={"x": 5 / 6, "y": 1 / 6},
    ),
    "half to each": Case(
        TWO_QUEUES,
        Wishes(),
        12,
        {"wait": (8.888889, Seen.waited), "P(wait)": (0.444444, Seen.had_to_wait)},
    ),
    "seven in ten to one": Case(
        TWO_QUEUES, Wishes(prefer={"a": 7, "b": 3}), 12, {"wait": (61.838, Seen.waited)}, warm_up=30
    ),
    "to the shorter queue": Case(
        TWO_QUEUES, Wishes(informed=1), 12, {"wait": (3.2185, Seen.waited)}
    ),
    "to the shorter of two single places": Case(
        {"a": site(1, "use", waits=True), "b": site(1, "use", waits=True)},
        Wishes(informed=1),
        4.8,
        {"wait": (1.95574 * MEAN, Seen.waited)},
    ),
    "all come back": Case(
        {"a": site(1, "use")},
        comes_back(1, 40),
        1.5,
        {
            "first refused": (0.5, lambda seen: seen.refused(0, Way.FIRST)),
            "away": (1.5, Seen.away),
            "attempts": (2.5, Seen.attempts),
        },
    ),
    "all come back to two": Case(
        {"a": site(2, "use")},
        comes_back(1, 60),
        3,
        {
            "first refused": (0.299751, lambda seen: seen.refused(0, Way.FIRST)),
            "away": (1.601990, Seen.away),
            "attempts": (1.533997, Seen.attempts),
        },
    ),
    "one in ten comes back": Case(
        {"a": site(8, "use")},
        comes_back(0.1, 30),
        21,
        {
            "first refused": (0.186147, lambda seen: seen.refused(0, Way.FIRST)),
            "unmet": (1 - 0.827624, Seen.unmet),
        },
    ),
}


def sums(name: str, days: int, replications: range) -> dict[str, list[tuple[float, float]]]:
    """Numerator and denominator of each result of a case, by replication."""
    case, seed = CASES[name], list(CASES).index(name)  # no two cases meet the same people
    system = case.system(days)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in case.known}
    for replication in replications:
        needs = draw_needs(system, seed, replication)
        log = simulate_system(system, needs, Engine.FAST)
        check_system_laws(system, needs, log)
        for what, (_, measure) in case.known.items():
            found[what].append(measure(Seen(system, log, DAY * case.warm_up)))
    return found


def with_error(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """A ratio of sums, and its standard error."""
    above, below = np.array(pairs).T
    ratio = above.sum() / below.sum()
    spread = np.std(above - ratio * below, ddof=1) / np.sqrt(len(pairs))
    return float(ratio), float(spread / below.mean())
