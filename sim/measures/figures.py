"""Every figure of a scenario, in the order of the tables: safety, access, staff, cost."""

from collections.abc import Iterator
from typing import TypeVar

from sim.measures.access import stay_figures, wait_durations, wait_figures, wait_hours
from sim.measures.clients import client_figures
from sim.measures.cover import cover_hours
from sim.measures.demand import demand_hours, visit_figures
from sim.measures.facts import SampleRow
from sim.measures.figure import Durations, Figure, HourFigure, HourRow, Row, Sample
from sim.measures.places import closing_figures, crowd_figures, place_figures, place_hours
from sim.measures.safety import (
    cover_figures,
    overdose_figures,
    overdose_hours,
    response_durations,
    response_figures,
    strain_figures,
)
from sim.measures.services import service_durations, service_figures, service_hours
from sim.measures.staff import cost_figures, staff_figures, staff_hours
from sim.scenario.once import once
from sim.scenario.scenario import Scenario
from sim.scenario.targets import minutes_within, probability_of


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
    every = (*_all(scenario), *_hourly(scenario))
    return tuple(sample for sample in every if isinstance(sample, Sample))


@once
def hour_figures(scenario: Scenario) -> tuple[HourFigure, ...]:
    """The by-hour rows and how each is computed."""
    return tuple(figure for figure in _hourly(scenario) if isinstance(figure, HourFigure))


@once
def _hourly(scenario: Scenario) -> tuple[HourFigure | Sample, ...]:
    usual = (
        *demand_hours(scenario),
        *wait_hours(scenario),
        *service_hours(scenario),
        *place_hours(scenario),
        *overdose_hours(scenario),
        *cover_hours(scenario),
        *staff_hours(scenario),
    )
    known = {(one.row.metric, one.row.by) for one in usual}
    found: list[HourFigure | Sample] = []
    for durations, statistic in _asked(scenario, by_hour=True):
        if (f"{durations.metric}_{statistic}", durations.by) not in known:
            found += durations.hours(statistic)
    return (*usual, *_once_each(found))


@once
def _all(scenario: Scenario) -> tuple[Figure | Sample, ...]:
    """The usual figures, and after those of the same metric and part what targets ask for too."""
    found = list(_each(scenario))
    known = {
        (one.row.metric, one.row.statistic, one.row.by) for one in found if isinstance(one, Figure)
    }
    for durations, statistic in _asked(scenario, by_hour=False):
        name = durations.metric, statistic, durations.by
        if name not in known:
            known.add(name)
            last = _last_like(found, durations)
            found[last + 1 : last + 1] = durations.figures(statistic)
    return _once_each(found)


def asked_for(scenario: Scenario) -> tuple[tuple[str, ...], ...]:
    """Metric, statistic, part and, if so, `hour` of what only targets ask for: a figure's name."""
    usual = scenario.model_copy(update={"targets": ()})
    known = {(row.metric, row.statistic, row.by) for row in metric_rows(usual)}
    more = [(row.metric, row.statistic, row.by) for row in metric_rows(scenario)]
    hours = {(row.metric, row.by) for row in hour_rows(usual)}
    return (
        *(name for name in more if name not in known),
        *(
            (row.metric, "hour", row.by)
            for row in hour_rows(scenario)
            if (row.metric, row.by) not in hours
        ),
    )


def _asked(scenario: Scenario, *, by_hour: bool) -> Iterator[tuple[Durations, str]]:
    """The durations and statistics that targets are about, if these can be any."""
    for target in scenario.targets:
        metric, statistic = target.figure
        if (target.hour is not None) is not by_hour or not _is_free(statistic):
            continue
        for durations in _durations(scenario):
            if (durations.metric, durations.by) == (metric, target.by):
                yield durations, statistic


def _is_free(statistic: str) -> bool:
    return minutes_within(statistic) is not None or probability_of(statistic) is not None


def _durations(scenario: Scenario) -> Iterator[Durations]:
    yield from response_durations(scenario)
    yield from wait_durations(scenario)
    yield from service_durations(scenario)


def _last_like(found: list[Figure | Sample], durations: Durations) -> int:
    """Where the last figure of the same metric and part stands; or else of the same metric."""
    rows = [(one.row.metric, one.row.by) for one in found]
    mine = [place for place, row in enumerate(rows) if row == (durations.metric, durations.by)]
    return (mine or [place for place, row in enumerate(rows) if row[0] == durations.metric])[-1]


Kind = TypeVar("Kind", Figure | Sample, HourFigure | Sample)


def _once_each(found: list[Kind]) -> tuple[Kind, ...]:
    """Without the samples and by-hour figures that are there already."""
    kept: dict[Row | HourRow | SampleRow, Kind] = {}
    for one in found:
        kept.setdefault(one.row, one)
    return tuple(kept.values())


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
