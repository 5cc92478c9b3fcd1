"""Every figure of a scenario, in the order of the tables: safety, access, staff, cost."""

from collections.abc import Iterator

from sim.measures.clients import client_figures
from sim.measures.cover import cover_hours
from sim.measures.demand import demand_hours, visit_figures
from sim.measures.facts import SampleRow
from sim.measures.overdoses import (
    cover_figures,
    overdose_figures,
    overdose_hours,
    response_figures,
    strain_figures,
)
from sim.measures.places import closing_figures, crowd_figures, place_figures, place_hours
from sim.measures.rows import Figure, HourFigure, HourRow, Row, Sample
from sim.measures.services import service_figures, service_hours
from sim.measures.staff import cost_figures, staff_figures, staff_hours
from sim.measures.waits import stay_figures, wait_figures, wait_hours
from sim.scenario.once import once
from sim.scenario.scenario import Scenario


def metric_rows(scenario: Scenario) -> tuple[Row, ...]:
    """The rows of the summary table: the same for every replication of a scenario."""
    return tuple(figure.row for figure in summary_figures(scenario))


def hour_rows(scenario: Scenario) -> tuple[HourRow, ...]:
    """The rows of the by-hour table, each 168 lines long."""
    return tuple(figure.row for figure in hour_figures(scenario))


def sample_rows(scenario: Scenario) -> tuple[SampleRow, ...]:
    """The sets of durations of which quantiles are reported."""
    return tuple(sample.row for sample in samples(scenario))


@once
def summary_figures(scenario: Scenario) -> tuple[Figure, ...]:
    """The summary's rows and how each is computed."""
    return tuple(figure for figure in _all(scenario) if isinstance(figure, Figure))


@once
def samples(scenario: Scenario) -> tuple[Sample, ...]:
    """The sets of durations and how each is taken."""
    return tuple(sample for sample in _all(scenario) if isinstance(sample, Sample))


@once
def hour_figures(scenario: Scenario) -> tuple[HourFigure, ...]:
    """The by-hour rows and how each is computed."""
    return (
        *demand_hours(scenario),
        *wait_hours(scenario),
        *service_hours(scenario),
        *place_hours(scenario),
        *overdose_hours(scenario),
        *cover_hours(scenario),
        *staff_hours(scenario),
    )


@once
def _all(scenario: Scenario) -> tuple[Figure | Sample, ...]:
    return tuple(_each(scenario))


def _each(scenario: Scenario) -> Iterator[Figure | Sample]:
    yield from overdose_figures(scenario)
    yield from response_figures(scenario)
    yield from strain_figures(scenario)
    yield from cover_figures(scenario)
    yield from wait_figures(scenario)
    yield from visit_figures(scenario)
    yield from client_figures(scenario)
    yield from stay_figures(scenario)
    yield from place_figures(scenario)
    yield from crowd_figures(scenario)
    yield from service_figures(scenario)
    yield from closing_figures(scenario)
    yield from staff_figures(scenario)
    yield from cost_figures(scenario)
