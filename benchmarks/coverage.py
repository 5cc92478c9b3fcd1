"""How often do 95 % intervals hold the truth? `python -m benchmarks.coverage`.

Case C1 of the validation: five places, one arrival a minute, stays exponential with mean 4,
open 480 minutes from an empty start, everyone inside is served. Its figures are known exactly,
also when the rate of arrivals varies from day to day. Studies are made in their thousands by a
recursion that follows the same visitors through the same rules as the simulator (a test checks
that it gives the same waits, visitor by visitor), and in their hundreds by the simulator itself.
Everything after that is the program's own: accumulator, intervals, rule for precision, controls.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import integrate, optimize, sparse, stats
from scipy.sparse.linalg import expm_multiply

from sim.cli.session import QUICK
from sim.measures import Row, Tally, count_rows, hour_rows, metric_rows, sample_rows
from sim.measures.facts.visits import LIMITS
from sim.measures.histogram import EMPTY, histogram_of
from sim.measures.steps import HOURS, SAME
from sim.scenario import Scenario, load_scenario
from sim.study import Accumulator, Plan, run_study
from sim.study.estimate.control import adjusted
from sim.study.estimate.precision import PrecisionRule, furthest, next_count, standings
from sim.study.estimate.summary import Pooled, estimates

Floats = NDArray[np.float64]

CASE = Path(__file__).parents[1] / "sim/validation/exact/scenarios/c1.yaml"
PLACES, OPEN, STAY = 5, 480.0, 4.0
"""Of the case: places, minutes open, mean stay in minutes; one arrival a minute on average."""
FIGURES = ("mean", "share_waiting", "within_5", "median", "p90", "p95")
"""Statistics of the wait that are checked."""
_NOBODY_IS_MORE = 400
"""More people are never present, for all that can be computed."""
_STEP = 0.25
"""Minutes between the instants at which the number present is worked out."""


# --- the truth -----------------------------------------------------------------------------------


def exact(cv: float = 0.0) -> dict[str, float]:
    """The figures, from Kolmogorov's equations of the number present.

    Who arrives when n are present, 5 or more, waits for n − 4 departures, each after an
    exponential time of mean 4/5: an Erlang law. A figure is of all visits, so a day counts by its
    number of visits.

    Args:
        cv: coefficient of variation of the gamma factor on the rate of each day.
    """
    if cv == 0:
        factors, weights = np.ones(1), np.ones(1)
    else:
        nodes, weights = np.polynomial.legendre.leggauss(32)
        factors = 1 + 6 * cv * nodes  # further out there is nothing to speak of
        weights = weights * stats.gamma(1 / cv**2, scale=cv**2).pdf(factors) * factors
    found = np.array([_found_by_arrivals(float(factor)) for factor in factors])
    found = (weights / weights.sum()) @ found
    ahead = np.arange(len(found)) - PLACES + 1  # departures to wait for, where above 0
    waits = ahead > 0
    each = STAY / PLACES

    def no_longer(minutes: float) -> float:
        erlang = stats.gamma.cdf(minutes, ahead[waits], scale=each)
        return float(found[~waits].sum() + found[waits] @ erlang)

    def quantile(probability: float) -> float:
        return float(optimize.brentq(lambda x: no_longer(x) - probability, 0, 300))

    return {
        "mean": float(found[waits] @ ahead[waits]) * each,
        "share_waiting": float(found[waits].sum()),
        "within_5": no_longer(5),
        "median": quantile(0.5),
        "p90": quantile(0.9),
        "p95": quantile(0.95),
    }


def _found_by_arrivals(rate: float) -> Floats:
    """The share of a day's arrivals that find 0, 1, 2 … people present."""
    number = np.arange(_NOBODY_IS_MORE)
    up, down = np.full(len(number) - 1, rate), np.minimum(number[1:], PLACES) / STAY
    stays = -np.append(up, 0) - np.insert(down, 0, 0)
    generator = sparse.csc_array(np.diag(up, -1) + np.diag(stays) + np.diag(down, 1))
    empty = (number == 0).astype(np.float64)
    steps = int(OPEN / _STEP) + 1
    present = expm_multiply(generator, empty, start=0, stop=OPEN, num=steps, endpoint=True)
    return np.asarray(integrate.simpson(present, dx=_STEP, axis=0)) / OPEN


# --- studies by recursion ------------------------------------------------------------------------


def waits(arrival: Floats, stay: Floats) -> Floats:
    """Waits of visitors of many days at once, each served in turn by the place that frees first.

    Args:
        arrival: (days, visitors), increasing; infinite where a day has no more.
        stay: the same shape.
    """
    free = np.zeros((len(arrival), PLACES))
    waited = np.zeros_like(arrival)
    for visitor in range(arrival.shape[1]):
        comes = np.isfinite(arrival[:, visitor])
        at = np.where(comes, arrival[:, visitor], 0.0)
        start = np.maximum(at, free[:, 0])
        waited[:, visitor] = np.where(comes, start - at, np.nan)
        free[:, 0] = np.where(comes, start + stay[:, visitor], free[:, 0])
        free.sort(axis=1)
    return waited


@dataclass(frozen=True)
class Case:
    """What a replication consists of."""

    days: int
    cv: float = 0.0
    """Of the gamma factor on each day's rate."""

    @property
    def name(self) -> str:
        """In words."""
        length = "1 day" if self.days == 1 else f"{self.days} days"
        return f"{length}, alike" if self.cv == 0 else f"{length}, CV {self.cv:g}"


def replications(case: Case, tally: "Blank", seed: int) -> Iterator[tuple[Tally, Floats]]:
    """Replications without end, made a batch of days at a time."""
    random = np.random.default_rng([seed, case.days])
    batch = max(1, 2000 // case.days)
    while True:
        factor = np.ones(batch * case.days)
        if case.cv:
            factor = random.gamma(1 / case.cv**2, case.cv**2, len(factor))
        number = random.poisson(OPEN * factor)
        arrival = random.uniform(0, OPEN, (len(number), number.max()))
        comes = np.arange(arrival.shape[1]) < number[:, np.newaxis]
        arrival = np.sort(np.where(comes, arrival, np.inf), axis=1)
        stay = random.exponential(STAY, arrival.shape)
        waited = waits(arrival, stay)
        for first in range(0, len(number), case.days):
            of = slice(first, first + case.days)
            visits, longer = number[of].sum(), (stay[of][comes[of]] - STAY).sum()
            controls = np.array([visits - OPEN * case.days, longer])
            yield tally.filled(waited[of][comes[of]]), controls


class Blank:
    """A tally of the scenario in which only waits are filled in, and nobody is unserved."""

    def __init__(self, scenario: Scenario) -> None:
        """Take the case's scenario."""
        self._rows = metric_rows(scenario)
        self._samples = sample_rows(scenario)
        self._counts = tuple(EMPTY for _ in count_rows(scenario))
        self._hours = np.zeros((len(hour_rows(scenario)), HOURS))

    def filled(self, waited: Floats) -> Tally:
        """The tally of a replication with these waits."""
        number = float(len(waited))
        values: dict[tuple[str, str], float] = {("unserved", "share"): 0.0}
        for metric in ("wait", "wait_joined"):
            values[metric, "mean"] = float(waited.sum())
            values[metric, "share_waiting"] = float((waited > SAME).sum())
            for limit in LIMITS[1:]:
                values[metric, f"within_{limit}"] = float((waited <= limit + SAME).sum())
        keys = [(row.metric, row.statistic) for row in self._rows]
        histogram = histogram_of(waited)
        return Tally(
            numerator=np.array([values.get(key, 0.0) for key in keys]),
            denominator=np.array([number if key in values else 0.0 for key in keys]),
            hour_numerator=self._hours,
            hour_denominator=self._hours,
            histograms=tuple(histogram for _ in self._samples),
            counts=self._counts,
        )


def study(
    scenario: Scenario, source: Iterator[tuple[Tally, Floats]], rule: PrecisionRule
) -> Pooled:
    """The replications of a study as `run` makes it, of replications that come from elsewhere."""
    figures = Accumulator(scenario)
    until = rule.least
    while True:
        while figures.count < until:
            figures.add(*next(source))
        worst = furthest(standings(rule, figures.rows, figures.estimates))
        if worst is None or worst.shortfall <= 1 or until == rule.most:
            return figures.pooled()
        until = next_count(rule, until, worst.shortfall)


METHODS = {"plain": estimates, "controls": adjusted}
"""As in summary.csv, and as in control.csv."""


# --- coverage ------------------------------------------------------------------------------------


@dataclass
class Count:
    """How often intervals held the truth."""

    studies: int = 0
    held: int = 0
    width: float = 0.0
    replications: int = 0

    def add(self, truth: float, low: float, high: float, replications: int) -> None:
        """One more study."""
        self.studies += 1
        self.held += low <= truth <= high
        self.width += high - low
        self.replications += replications


def coverage(
    studies: Iterator[Pooled], rows: Sequence[Row], number: int, truth: dict[str, float]
) -> dict[tuple[str, str], Count]:
    """Count, by figure and method, over a number of studies."""
    counts = {(f, method): Count() for f in FIGURES for method in METHODS}
    names = [(row.metric, row.statistic, row.by) for row in rows]
    chosen = [names.index(("wait", figure, "all")) for figure in FIGURES]
    for _ in range(number):
        pooled = next(studies)
        for method, estimate in METHODS.items():
            _, low, high = estimate(rows, pooled, chosen)
            for figure, bottom, top in zip(FIGURES, low, high, strict=True):
                counts[figure, method].add(truth[figure], bottom, top, len(pooled.numerators))
    return counts


def table(name: str, rule: str, counts: dict[tuple[str, str], Count]) -> pd.DataFrame:
    """A line for each figure and method."""
    return pd.DataFrame(
        [
            {
                "replication": name,
                "replications": rule,
                "figure": figure,
                "method": method,
                "studies": count.studies,
                "mean_replications": count.replications / count.studies,
                "coverage": count.held / count.studies,
                "mean_half_width": count.width / count.studies / 2,
            }
            for (figure, method), count in counts.items()
            if count.studies
        ]
    )


def by_recursion(
    case: Case, rule: PrecisionRule, number: int, truth: dict[str, float]
) -> pd.DataFrame:
    """Coverage over studies made by the recursion."""
    scenario = load_scenario(CASE)
    source = replications(case, Blank(scenario), seed=1)

    def studies() -> Iterator[Pooled]:
        while True:
            yield study(scenario, source, rule)

    counts = coverage(studies(), metric_rows(scenario), number, truth)
    return table(case.name, _words(rule), counts)


def by_simulator(
    case: Case, rule: PrecisionRule, number: int, truth: dict[str, float]
) -> pd.DataFrame:
    """Coverage over studies made by the program as a whole, each with a seed of its own."""
    sets = [f"horizon.days={case.days}", "horizon.weeks=null", f"demand.day_to_day_cv={case.cv}"]
    scenario = load_scenario(CASE, sets)
    studies = (run_study(scenario, Plan(seed, precision=rule)).pooled for seed in range(number))
    counts = coverage(studies, metric_rows(scenario), number, truth)
    return table(f"{case.name}, simulator", _words(rule), counts)


def _words(rule: PrecisionRule) -> str:
    return str(rule.least) if rule.least == rule.most else f"{rule.least} to {rule.most}"


def _fixed(count: int) -> PrecisionRule:
    return PrecisionRule(least=count, most=count)


DEFAULT = replace(PrecisionRule(), most=QUICK)
"""What `run` does unless it is told otherwise."""
PLANS: Sequence[tuple[Case, PrecisionRule]] = (
    (Case(42), DEFAULT),
    (Case(42), _fixed(20)),
    (Case(7), DEFAULT),
    (Case(1), DEFAULT),
    (Case(1), _fixed(20)),
    (Case(28, cv=0.14), DEFAULT),
    (Case(28, cv=0.14), _fixed(20)),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Coverage of nominal 95 % intervals on case C1.")
    parser.add_argument("--studies", type=int, default=2000, help="by recursion, of each kind")
    parser.add_argument("--simulated", type=int, default=200, help="by the simulator itself")
    parser.add_argument("--out", type=Path, help="a CSV file for the table")
    options = parser.parse_args(arguments)
    truths = {cv: exact(cv) for cv in {case.cv for case, _ in PLANS}}
    for cv, truth in truths.items():
        figures = ", ".join(f"{name} {value:.6f}" for name, value in truth.items())
        sys.stdout.write(f"Exact, CV {cv:g}: {figures}\n")
    todo: list[Callable[[], pd.DataFrame]] = [
        partial(by_recursion, case, rule, options.studies, truths[case.cv]) for case, rule in PLANS
    ]
    todo.append(partial(by_simulator, Case(1), DEFAULT, options.simulated, truths[0.0]))
    found = []
    for measure in todo:
        found.append(measure())
        sys.stdout.write(found[-1].round(4).to_string(index=False) + "\n")
        sys.stdout.flush()
    if options.out is not None:
        pd.concat(found).to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
