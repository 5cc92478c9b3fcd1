"""Scenarios that are played to be compared: the replications, and what is read off them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import islice
from math import nan
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, SupportsFloat, TypeVar

import numpy as np
from scipy import special

from sim.engine import Engine
from sim.log import CityLog, Log
from sim.measures import Interval, Tally, measure
from sim.measures.steps import Bools, window_of
from sim.scenario import Scenario, load_scenario
from sim.scenario.city.system import is_system
from sim.study.estimate.intervals import LEVEL, Estimate, Floats, jackknife, ratio
from sim.study.estimate.summary import BATCHES, Accumulator, StudyResult
from sim.study.run.replication import play_system, simulate_replication
from sim.study.run.workers import Progress, in_order, silent, this_machine
from sim.visitors import Visitors, draw

Returned = TypeVar("Returned")


@dataclass(frozen=True, eq=False)
class Replication:
    """One replication, of which no more is drawn, played and measured than is asked for."""

    scenario: Scenario
    seed: int
    number: int
    engine: Engine = Engine.FAST

    @cached_property
    def visitors(self) -> Visitors:
        """Everything chance decided, in the order of the visits."""
        return draw(self.scenario, self.seed, self.number)

    @cached_property
    def log(self) -> Log:
        """What happened at a site.

        Raises:
            LawError: the replication broke a law that every replication obeys.
        """
        return simulate_replication(self.scenario, self.seed, self.number, self.engine)

    @cached_property
    def system(self) -> CityLog:
        """What happened in a city, or at a site to which people come back.

        Raises:
            LawError: the replication broke a law that every replication obeys.
        """
        return play_system(self.scenario, self.seed, self.number, self.engine)

    @cached_property
    def tally(self) -> Tally:
        """Its numerators and denominators."""
        log = self.system if is_system(self.scenario) else self.log
        return measure(self.scenario, log)

    @property
    def arrival(self) -> Floats:
        """Of every visit, the warm-up's too; minutes after midnight of the first day."""
        return self.log.visits["arrival"]

    @property
    def counted(self) -> Bools:
        """Visits after the warm-up."""
        return window_of(self.scenario).holds(self.arrival)

    @property
    def got_place(self) -> Bools:
        """Counted visits that entered a place."""
        entered: Bools = self.counted & (self.log.visits["room"] >= 0)
        return entered

    def of_kind(self, kind: str) -> Bools:
        """Visits of one kind."""
        mine: Bools = np.equal(self.log.visits["kind"], list(self.scenario.visits).index(kind))
        return mine


class Simulated(NamedTuple):
    """A simulated figure, with its 95 % interval if that is known, and its standard error."""

    figure: Estimate
    error: float


class Reading(Protocol):
    """Where a figure comes from; equal readings are equal."""

    def take(self, one: Replication, /) -> Floats:
        """What is kept of one replication."""
        ...

    def estimate(self, taken: Floats, study: StudyResult | None, /) -> Simulated:
        """The figure over all replications.

        Args:
            taken: what was kept of them, a line each.
            study: the study that `run` would have made of them; None if no reading needs one.
        """
        ...


@dataclass(frozen=True)
class FromSummary:
    """A row of the summary table; the standard error is that of its interval."""

    metric: str
    statistic: str = "mean"
    by: str = "all"
    times: float = 1.0
    """To give the figure in the unit of its source."""
    complement: bool = False
    """Whether the figure is 1 less the row's value."""

    def take(self, _: Replication, /) -> Floats:
        """Nothing: the study keeps what it needs."""
        return np.empty(0)

    def estimate(self, taken: Floats, study: StudyResult | None, /) -> Simulated:
        """The row's value."""
        assert study is not None  # which is made where a reading is of this kind
        key = (self.metric, self.statistic, self.by)
        found, replications = study.figures.of(*key), len(taken)
        if study.rows[study.figures.numbers[key]].interval is Interval.QUANTILE:
            replications = min(replications, BATCHES)
        error = 0.0
        if replications > 1:
            half = (found.high - found.low) / 2
            error = half / float(special.stdtrit(replications - 1, (1 + LEVEL) / 2))
        found = found.rest() if self.complement else found
        return Simulated(found.times(self.times), error * self.times)


@dataclass(frozen=True)
class Call(Generic[Returned]):
    """A function and what it is given beside its first argument; unlike partials comparable."""

    function: Callable[..., Returned]
    given: tuple[object, ...] = ()

    def __call__(self, first: object) -> Returned:
        """What the function returns."""
        return self.function(first, *self.given)


def quotient(sums: Floats) -> float:
    """The first sum divided by the second; NaN where that is 0."""
    return float(sums[0] / sums[1]) if sums[1] else nan


@dataclass(frozen=True)
class FromSums:
    """A figure that the summary table does not have."""

    sums: Callable[[Replication], Floats]
    """What one replication adds to."""
    of: Callable[[Floats], float] = quotient
    """The figure from the sums."""
    times: float = 1.0
    """To give the figure in the unit of its source."""

    def take(self, one: Replication, /) -> Floats:
        """The sums."""
        return self.sums(one)

    def estimate(self, taken: Floats, _: StudyResult | None, /) -> Simulated:
        """The function of the sums."""
        value, error = jackknife(taken, self.of)
        low, high = ratio(taken[:, 0], taken[:, 1])[1:] if self.of is quotient else (nan, nan)
        figure = Estimate(value, float(low), float(high))
        return Simulated(figure.times(self.times), error * self.times)


def pair(one: SupportsFloat, other: SupportsFloat) -> Floats:
    """Two sums, of which the first is to be divided by the second."""
    return np.array((float(one), float(other)))


def reading_of(said: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Reading:
    """A reading as the data say it.

    Args:
        said: `row`, such as `wait.p95 of kind:inject`, or `sums`, a function's name and what it is
            given, and perhaps `of`, likewise; also `times`, a number or a fraction, `complement`.
        functions: by name.
    """

    def call(name: str, *given: object) -> Call[Any]:
        return Call(functions[name], given)

    factor = float(Fraction(said.get("times", 1)))
    if "row" in said:
        row, _, by = said["row"].partition(" of ")
        metric, _, statistic = row.partition(".")
        complement = said.get("complement", False)
        return FromSummary(metric, statistic, by or "all", factor, complement)
    of = call(*said["of"]) if "of" in said else quotient
    return FromSums(call(*said["sums"]), of, factor)


_AHEAD = 4
"""Replications per worker that are begun before the oldest of them is fetched."""


@dataclass(frozen=True)
class Trial:
    """A scenario, how often it is played, and what is read off."""

    path: Path
    settings: tuple[str, ...]
    """What overrides the file."""
    seed: int
    replications: int
    readings: tuple[Reading, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario, with its settings."""
        return _scenario(self.path, self.settings)

    @property
    def has_summary(self) -> bool:
        """Whether a reading is of the study's summary table."""
        return any(isinstance(one, FromSummary) for one in self.readings)


@dataclass(frozen=True, eq=False)
class Played:
    """What is kept of a trial."""

    taken: dict[Reading, Floats]
    """By reading a line for each replication."""
    study: StudyResult | None
    """None where no reading is of its tables."""

    def estimate(self, reading: Reading) -> Simulated:
        """A figure."""
        return reading.estimate(self.taken[reading], self.study)


@dataclass(frozen=True, eq=False)
class _Kept:
    """What is kept of one replication."""

    tally: Tally | None
    taken: tuple[Floats, ...]
    """By reading."""


@lru_cache(maxsize=4)
def _scenario(path: Path, settings: tuple[str, ...]) -> Scenario:
    return load_scenario(path, settings)


def play(
    trials: Sequence[Trial],
    *,
    engine: Engine = Engine.FAST,
    workers: int = 1,
    progress: Progress = silent,
) -> Iterator[Played]:
    """The trials in their order, their replications shared between workers.

    Args:
        trials: what is played.
        engine: what plays the visitors.
        workers: how many share the work.
        progress: is told of every replication done.

    Raises:
        LawError: a replication broke a law that every replication obeys.
    """
    total = sum(one.replications for one in trials)
    numbers = ((one, number) for one in trials for number in range(one.replications))
    with this_machine(engine, workers)() as pool:
        played = in_order(
            lambda one: pool.executor.submit(_play_one, *one, engine),
            numbers,
            lambda: pool.ahead(_AHEAD),
        )
        done = 0
        for trial in trials:
            kept: list[_Kept] = []
            for one in islice(played, trial.replications):
                kept.append(one)
                done += 1
                progress(done, total)
            yield _together(trial, kept)


def _play_one(trial: Trial, number: int, engine: Engine) -> _Kept:
    one = Replication(trial.scenario, trial.seed, number, engine)
    taken = tuple(reading.take(one) for reading in trial.readings)
    return _Kept(one.tally if trial.has_summary else None, taken)


def _together(trial: Trial, kept: Sequence[_Kept]) -> Played:
    study = None
    if trial.has_summary:
        figures = Accumulator(trial.scenario)
        for one in kept:
            assert one.tally is not None  # as of every replication of this trial
            figures.add(one.tally)
        study = figures.result(trial.seed)
    taken = zip(*(one.taken for one in kept), strict=True)
    columns = map(np.array, taken)
    return Played(dict(zip(trial.readings, columns, strict=True)), study)
