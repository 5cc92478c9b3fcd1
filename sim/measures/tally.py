"""What is kept of a replication: its figures, made to be added up, and its visits as a table."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa

from sim.log import RESPONSE_COLUMNS, VISIT_COLUMNS, Log, Outcome, Where
from sim.measures.facts.changes import empty_changes, follow
from sim.measures.facts.facts import Facts
from sim.measures.facts.groups import Sought, add_hours, classes_of, no_hours
from sim.measures.facts.visits import add_up, empty_visits
from sim.measures.figures import access, cost, places, safety, services, staff
from sim.measures.figures.clock import count_by_quarter, count_clock, nothing_counted
from sim.measures.figures.figure import (
    Durations,
    Figure,
    HourFigure,
    HourRow,
    Quantity,
    Row,
    Sample,
    SampleRow,
)
from sim.measures.histogram import Histogram
from sim.measures.steps import HOURS, Floats
from sim.scenario.derived import once
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import minutes_within, probability_of

FIGURES = (
    safety.overdose_figures,
    safety.response_figures,
    safety.strain_figures,
    safety.below_cover_figures,
    access.wait_figures,
    access.visit_figures,
    places.client_figures,
    access.stay_figures,
    places.place_figures,
    places.crowd_figures,
    services.service_figures,
    services.appointment_figures,
    services.stay_task_figures,
    places.closing_figures,
    staff.staff_figures,
    cost.cost_figures,
)
"""All figures of the summary, in the order of its rows."""
HOUR_FIGURES = (
    access.visit_hours,
    access.wait_hours,
    services.service_hours,
    places.place_hours,
    safety.overdose_hours,
    safety.below_cover_hours,
    safety.cover_hours,
    staff.staff_hours,
)
"""All figures by hour of the week."""
DURATIONS = (
    safety.response_durations,
    access.wait_durations,
    services.service_durations,
    services.appointment_durations,
)
"""Durations of which targets may be about other quantiles and shares than the usual ones."""


@dataclass(frozen=True, eq=False)
class Tally:
    """The figures of one replication, each as a numerator and a denominator.

    Over replications a figure is Σ numerator / Σ denominator; see `Interval` for the exceptions.
    """

    numerator: Floats
    """One element per row of `rows_of_site`."""
    denominator: Floats
    """One element per row of `rows_of_site`; 0 where there was nothing to measure."""
    hour_numerator: Floats
    """One line per row of `hour_rows_of_site`, 168 hours each."""
    hour_denominator: Floats
    """One line per row of `hour_rows_of_site`, 168 hours each."""
    histograms: tuple[Histogram, ...]
    """One per row of `sample_rows_of_site`."""
    counts: tuple[Histogram, ...]
    """One per row of `count_rows`."""


def measure_site(scenario: Scenario, log: Log) -> Tally:
    """The figures of one replication. Pure.

    Only visits that arrive within the counted time, from the end of the warm-up to the horizon's
    end, are measured, and integrals are over that time.

    Args:
        scenario: the site that was simulated.
        log: what happened.
    """
    facts = Facts(scenario, log, _sought(scenario))
    pairs = np.array([figure.of(facts) for figure in summary_figures(scenario)])
    hours = np.array([figure.of(facts) for figure in hour_figures(scenario)]).reshape(-1, 2, HOURS)
    return Tally(
        numerator=pairs[:, 0],
        denominator=pairs[:, 1],
        hour_numerator=hours[:, 0],
        hour_denominator=hours[:, 1],
        histograms=tuple(sample.histogram(facts) for sample in samples(scenario)),
        counts=count_clock(facts),
    )


@once
def _sought(scenario: Scenario) -> Sought:
    """What all figures want of the visits."""
    figures = (one.of for one in summary_figures(scenario))
    made = [
        of
        for of in (*figures, *(one.of for one in hour_figures(scenario)))
        if isinstance(of, Quantity)
    ]
    totals = (wanted for of in made for wanted in of.totals)
    by_hour = (wanted for of in made for wanted in of.hourly)
    return Sought.of(classes_of(scenario), totals, by_hour)


# --- rows and figures ---------------------------------------------------------------------------


def rows_of_site(scenario: Scenario) -> tuple[Row, ...]:
    """The rows of the summary table: the same for every replication of a scenario."""
    return tuple(figure.row for figure in summary_figures(scenario))


def hour_rows_of_site(scenario: Scenario) -> tuple[HourRow, ...]:
    """The rows of the by-hour table, each 168 lines long."""
    return tuple(figure.row for figure in hour_figures(scenario))


def sample_rows_of_site(scenario: Scenario) -> tuple[SampleRow, ...]:
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
    usual = [one for figures in HOUR_FIGURES for one in figures(scenario)]
    known = {(one.row.metric, one.row.by) for one in usual}
    found: list[HourFigure | Sample] = []
    for durations, statistic in _asked(scenario, by_hour=True):
        if (f"{durations.metric}_{statistic}", durations.by) not in known:
            found += durations.hours(statistic)
    return (*usual, *_once_each(found))


@once
def _all(scenario: Scenario) -> tuple[Figure | Sample, ...]:
    """The usual figures, and after those of the same metric and part what targets ask for too."""
    found = [one for figures in FIGURES for one in figures(scenario)]
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


def _asked(scenario: Scenario, *, by_hour: bool) -> Iterator[tuple[Durations, str]]:
    """The durations and statistics that targets are about, if these can be any."""
    for target in scenario.targets:
        metric, statistic = target.figure
        if (target.hour is not None) is not by_hour or not _is_free(statistic):
            continue
        for durations in (one for every in DURATIONS for one in every(scenario)):
            if (durations.metric, durations.by) == (metric, target.by):
                yield durations, statistic


def _is_free(statistic: str) -> bool:
    return minutes_within(statistic) is not None or probability_of(statistic) is not None


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


LOOPS: Mapping[Callable[..., object], Callable[[], tuple[object, ...]]] = {
    follow: empty_changes,
    add_up: empty_visits,
    add_hours: no_hours,
    count_by_quarter: nothing_counted,
}
"""The compiled functions, and what of these types each is given."""


# --- the log as tables --------------------------------------------------------------------------


def visits_of_site(scenario: Scenario, log: Log, replication: int) -> pa.Table:
    """One row a visit, the warm-up's too; times in minutes after midnight of the first day.

    Args:
        scenario: the site that was simulated.
        log: what happened.
        replication: number of the replication, for its own column.
    """
    named = {
        "kind": _names(log.visits["kind"], scenario.visits),
        "outcome": _names(log.visits["outcome"], (outcome.name.lower() for outcome in Outcome)),
        "room": _names(log.visits["room"], scenario.rooms),
        "overdose": _names(log.visits["overdose"], _places_of_overdose()),
        "client": log.visits["client"].astype(np.float64),  # as readers of results know it
        "place": log.visits["place"].astype(np.int64),
    }
    of_services = {
        f"{stamp}:{name}": times[number]
        for number, name in enumerate(scenario.services)
        for stamp, times in (
            ("service_asked", log.service_asked),
            ("service_start", log.service_start),
            ("service_end", log.service_end),
        )
    }
    if any(service.appointments for service in scenario.services.values()):
        of_services = {"appointment": _appointments(log), **of_services}
    # Who accepted another room is told of where somebody may.
    switch = any(kind.switch is not None for kind in scenario.visits.values())
    names = [name for name in VISIT_COLUMNS if switch or name != "switched"]
    columns = {name: named.get(name, log.visits[name]) for name in names}
    numbers = np.arange(len(log.visits["arrival"]))
    return _table(replication, {"visit": numbers, **columns, **of_services})


def _appointments(log: Log) -> Floats:
    """Of each visit the time for which it was booked; NaN of those who walked in."""
    time, visit = log.bookings["time"], log.bookings["visit"]
    found = np.full(len(log.visits["arrival"]), np.nan)
    found[visit[visit >= 0]] = time[visit >= 0]
    return found


def responses_of_site(scenario: Scenario, log: Log, replication: int) -> pa.Table:
    """One row an overdose, off site too; `visit` is the number in the table of visits."""
    severities = scenario.overdose.severities if scenario.overdose else ()
    named = {
        "visit": log.responses["visit"].astype(np.int64),
        "where": _names(log.responses["where"], _places_of_overdose()),
        "room": _names(log.responses["room"], scenario.rooms),
        "severity": _names(log.responses["severity"], severities),
        "others": log.responses["others"].astype(np.float64),
        "interrupted": log.responses["interrupted"].astype(np.float64),
    }
    columns = {name: named.get(name, log.responses[name]) for name in RESPONSE_COLUMNS}
    return _table(replication, columns)


def _table(replication: int, columns: dict[str, Floats | pa.Array]) -> pa.Table:
    numbers = np.full(len(columns["visit"]), replication)
    known = {name: _known(column) for name, column in columns.items()}
    return pa.table({"replication": numbers, **known})


def _known(column: Floats | pa.Array) -> pa.Array:
    """A column of the log as it lies there, not copied; what is NaN is missing."""
    return pa.array(column, mask=np.isnan(column)) if isinstance(column, np.ndarray) else column


def _places_of_overdose() -> Iterable[str]:
    return (where.name.lower() for where in Where if where is not Where.NONE)


def _names(numbers: Floats, names: Iterable[str]) -> pa.DictionaryArray:
    """Names by number; below 0 is none."""
    codes = pa.array(numbers.astype(np.int32), mask=numbers < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.large_string()))
