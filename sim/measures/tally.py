"""One replication in figures: small, and made to be added up."""

from dataclasses import dataclass, replace

import numpy as np

from sim.log import Log
from sim.measures.clock import count_clock
from sim.measures.figures import hour_figures, samples, summary_figures
from sim.measures.gather import gather
from sim.measures.histogram import Histogram
from sim.measures.steps import HOURS, Floats
from sim.scenario.model.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Tally:
    """The figures of one replication, each as a numerator and a denominator.

    Over replications a figure is Σ numerator / Σ denominator; see `Interval` for the exceptions.
    """

    numerator: Floats
    """One element per row of `metric_rows`."""
    denominator: Floats
    """One element per row of `metric_rows`; 0 where there was nothing to measure."""
    hour_numerator: Floats
    """One line per row of `hour_rows`, 168 hours each."""
    hour_denominator: Floats
    """One line per row of `hour_rows`, 168 hours each."""
    histograms: tuple[Histogram, ...]
    """One per row of `sample_rows`."""
    counts: tuple[Histogram, ...]
    """One per row of `count_rows`."""


def measure(scenario: Scenario, log: Log) -> Tally:
    """The figures of one replication. Pure.

    Only visits that arrive within the counted time, from the end of the warm-up to the horizon's
    end, are measured, and integrals are over that time.

    Args:
        scenario: the site that was simulated.
        log: what happened.
    """
    facts = gather(scenario, log)
    histograms = {sample.row: sample.counted(facts) for sample in samples(scenario)}
    facts = replace(facts, histograms=histograms)
    pairs = np.array([figure.of(facts) for figure in summary_figures(scenario)])
    hours = np.array([figure.of(facts) for figure in hour_figures(scenario)]).reshape(-1, 2, HOURS)
    return Tally(
        numerator=pairs[:, 0],
        denominator=pairs[:, 1],
        hour_numerator=hours[:, 0],
        hour_denominator=hours[:, 1],
        histograms=tuple(histograms.values()),
        counts=count_clock(scenario, log),
    )
