"""The figures of one replication: of a site, or of a system of facilities and of each of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
from numba import typeof

from sim.compiled import compile_ahead, is_cached, must_compile
from sim.log import CityLog, Log
from sim.measures.city.laws import find_faults, no_faults
from sim.measures.city.needs import (
    NeedFacts,
    NeedFigure,
    NeedHours,
    NeedSample,
    need_figures,
    need_hours,
)
from sim.measures.city.sums import add_up_needs, no_needs
from sim.measures.figures.clock import CountRow, count_rows_of_site
from sim.measures.figures.figure import HourRow, Interval, Row, SampleRow, quantile_pair
from sim.measures.histogram import Histogram, merge
from sim.measures.steps import HOURS, Floats
from sim.measures.tally import (
    LOOPS,
    Tally,
    hour_rows_of_site,
    measure_site,
    responses_of_site,
    rows_of_site,
    sample_rows_of_site,
    visits_of_site,
)
from sim.scenario.city.system import System, is_system, system_of
from sim.scenario.derived import forget, once
from sim.scenario.model.scenario import Scenario

TOGETHER = {
    "uses": ("per_day",),
    "overdoses": ("per_year",),
    "nobody_free": ("minutes_per_week",),
    "below_cover": ("minutes_per_week",),
    "role_missing": ("minutes_per_week",),
    "rostered": ("hours_per_week",),
    "cost": ("per_week", "per_year"),
}
"""Figures that are told of all facilities together: the sums of theirs."""
POOLED = {
    "overdoses": ("per_1000_uses",),
    "response_first": ("mean", "reached", "within_1", "within_3", "within_5", "p95"),
    "response_team": ("mean", "reached", "within_1", "within_3", "within_5", "p95"),
    "wait": ("mean", "share_waiting", "within_10", "within_20", "median", "p90", "p95"),
    "cost": ("per_use",),
}
"""The same, of what happened at any of them; a visit is one to a door."""


_FACILITY = "facility:"


def part_of(facility: str, by: str) -> str:
    """What a figure of a facility is about, as the tables of a city have it."""
    return f"{_FACILITY}{facility}" if by == "all" else f"{_FACILITY}{facility}/{by}"


# --- rows ---------------------------------------------------------------------------------------


@once
def metric_rows(scenario: Scenario) -> tuple[Row, ...]:
    """The rows of the summary table: the same for every replication of a scenario."""
    if not is_system(scenario):
        return rows_of_site(scenario)
    system = system_of(scenario)
    needs = (one.row for one in needs_of(scenario) if isinstance(one, NeedFigure))
    together = (one.row for one in together_of(scenario))
    return (*needs, *together, *_of_each(system, rows_of_site))


@once
def hour_rows(scenario: Scenario) -> tuple[HourRow, ...]:
    """The rows of the by-hour table, each 168 lines long."""
    if not is_system(scenario):
        return hour_rows_of_site(scenario)
    system = system_of(scenario)
    sites = _of_each(system, hour_rows_of_site)
    return (*(one.row for one in _need_hours(scenario)), *(_sampled(one) for one in sites))


@once
def sample_rows(scenario: Scenario) -> tuple[SampleRow, ...]:
    """The sets of durations of which quantiles are reported."""
    if not is_system(scenario):
        return sample_rows_of_site(scenario)
    system = system_of(scenario)
    needs = (one.row for one in needs_of(scenario) if isinstance(one, NeedSample))
    together = (row for row, _ in _samples_together(system))
    return (*needs, *together, *_of_each(system, sample_rows_of_site))


@once
def count_rows(scenario: Scenario) -> tuple[CountRow, ...]:
    """The numbers that are counted, the same in every replication of a scenario."""
    if not is_system(scenario):
        return count_rows_of_site(scenario)
    return tuple(_of_each(system_of(scenario), count_rows_of_site))


Named = TypeVar("Named", Row, HourRow, SampleRow, CountRow)


def _of_each(system: System, rows: Callable[[Scenario], Sequence[Named]]) -> Iterator[Named]:
    """Rows of each facility, by its name; of a single site as they are."""
    for name, site in system.sites.items():
        for row in rows(site):
            yield replace(row, by=part_of(name, row.by)) if system.is_city else row


def _sampled(row: HourRow) -> HourRow:
    """A row whose durations are found by the name that they have here."""
    facility, _, _ = row.by.partition("/")
    if row.sample is None or not facility.startswith(_FACILITY):
        return row
    by = part_of(facility.removeprefix(_FACILITY), row.sample.by)
    return replace(row, sample=replace(row.sample, by=by))


@once
def needs_of(scenario: Scenario) -> tuple[NeedFigure | NeedSample, ...]:
    """Figures of needs, each with how it is computed."""
    return tuple(need_figures(system_of(scenario)))


@once
def _need_hours(scenario: Scenario) -> tuple[NeedHours, ...]:
    return tuple(need_hours(system_of(scenario)))


class Together(NamedTuple):
    """A figure of all facilities together."""

    row: Row
    of: tuple[tuple[int, int], ...]
    """Where it is made of: facility and row of its summary."""
    adds_up: bool
    """Whether the denominators are the same everywhere, as days are."""


@once
def together_of(scenario: Scenario) -> tuple[Together, ...]:
    """Figures of all facilities together, each with what it is made of."""
    return tuple(_of_all(system_of(scenario)))


def _of_all(system: System) -> Iterator[Together]:
    """Figures of all facilities together, in the order of their metrics."""
    if not system.is_city:
        return
    sites = [rows_of_site(site) for site in system.sites.values()]
    for chosen, adds_up in ((TOGETHER, True), (POOLED, False)):
        for metric, statistics in chosen.items():
            for statistic in statistics:
                found = [
                    (facility, number)
                    for facility, rows in enumerate(sites)
                    for number, row in enumerate(rows)
                    if (row.metric, row.statistic, row.by) == (metric, statistic, "all")
                ]
                if found:
                    row = sites[found[0][0]][found[0][1]]
                    told = f"{row.definition}; all facilities together"
                    yield Together(replace(row, definition=told), tuple(found), adds_up)


def _samples_together(system: System) -> Iterator[tuple[SampleRow, tuple[tuple[int, int], ...]]]:
    """Durations at all facilities together, each with where they are: facility and sample."""
    if not system.is_city:
        return
    sites = [sample_rows_of_site(site) for site in system.sites.values()]
    for metric in POOLED:
        row = SampleRow(metric, "all")
        found = tuple(
            (facility, rows.index(row)) for facility, rows in enumerate(sites) if row in rows
        )
        if found:
            yield row, found


def asked_for(scenario: Scenario) -> tuple[tuple[str, ...], ...]:
    """Metric, statistic, part and, if so, `hour` of what only targets ask for: a figure's name."""
    if not scenario.targets:
        return ()
    usual = scenario.model_copy(update={"targets": ()})
    known = {(row.metric, row.statistic, row.by) for row in metric_rows(usual)}
    more = [(row.metric, row.statistic, row.by) for row in metric_rows(scenario)]
    hours = {(row.metric, row.by) for row in hour_rows(usual)}
    forget(usual)  # it is asked for nothing more
    return (
        *(name for name in more if name not in known),
        *(
            (row.metric, "hour", row.by)
            for row in hour_rows(scenario)
            if (row.metric, row.by) not in hours
        ),
    )


# --- a replication ------------------------------------------------------------------------------


def measure(scenario: Scenario, log: Log | CityLog) -> Tally:
    """The figures of one replication. Pure.

    Only visits (and needs) that come within the counted time, from the end of the warm-up to the
    horizon's end, are measured, and integrals are over that time.

    Args:
        scenario: what was simulated.
        log: what happened: of a site, or of a system.
    """
    if isinstance(log, Log):
        return measure_site(scenario, log)
    system = system_of(scenario)
    sites = [
        measure_site(site, one) for site, one in zip(system.sites.values(), log.sites, strict=True)
    ]
    facts, figures = NeedFacts.from_log(system, log), needs_of(scenario)
    of_needs = np.array([one.of(facts) for one in figures if isinstance(one, NeedFigure)])
    merged = {row.metric: _merged(found, sites) for row, found in _samples_together(system)}
    together = np.array([_sum(one, sites, merged) for one in together_of(scenario)]).reshape(-1, 2)
    hours = np.array([one.of(facts) for one in _need_hours(scenario)]).reshape(-1, 2, HOURS)
    return Tally(
        numerator=_end_to_end([of_needs[:, 0], together[:, 0], *(one.numerator for one in sites)]),
        denominator=_end_to_end(
            [of_needs[:, 1], together[:, 1], *(one.denominator for one in sites)]
        ),
        hour_numerator=_end_to_end([hours[:, 0], *(one.hour_numerator for one in sites)]),
        hour_denominator=_end_to_end([hours[:, 1], *(one.hour_denominator for one in sites)]),
        histograms=(
            *(one.of(facts) for one in figures if isinstance(one, NeedSample)),
            *merged.values(),
            *(histogram for one in sites for histogram in one.histograms),
        ),
        counts=tuple(histogram for one in sites for histogram in one.counts),
    )


def _end_to_end(parts: Iterable[Floats]) -> Floats:
    return np.concatenate(list(parts))


def _sum(
    one: Together, sites: Sequence[Tally], merged: Mapping[str, Histogram]
) -> tuple[float, float]:
    """Numerator and denominator of all facilities together."""
    if one.row.interval is Interval.QUANTILE:
        return quantile_pair(merged[one.row.metric].quantile(one.row.probability))
    numerators = sum(float(sites[site].numerator[row]) for site, row in one.of)
    denominators = [float(sites[site].denominator[row]) for site, row in one.of]
    return numerators, denominators[0] if one.adds_up else sum(denominators)


def _merged(found: Sequence[tuple[int, int]], sites: Sequence[Tally]) -> Histogram:
    return merge([sites[site].histograms[sample] for site, sample in found])


_LOOPS = {**LOOPS, add_up_needs: no_needs, find_faults: no_faults}


def measures_must_compile(*, systems: bool = False) -> bool:
    """Whether measuring the next replication first takes some seconds to compile.

    Args:
        systems: whether systems are measured, and not sites.
    """
    return any(must_compile(loop) for loop in (_LOOPS if systems else LOOPS))


def compile_measures(*, systems: bool = False) -> bool:
    """Compile now what measuring the first replication would compile.

    Args:
        systems: whether systems are measured, and not sites.

    Returns:
        Whether it is kept for the programs that start after this one.
    """
    loops = _LOOPS if systems else LOOPS
    for loop, nothing in loops.items():
        compile_ahead(loop, *(typeof(one) for one in nothing()))
    return all(is_cached(loop) for loop in loops)


# --- the log as tables --------------------------------------------------------------------------


def visits_table(scenario: Scenario, log: Log | CityLog, replication: int) -> pa.Table:
    """One row a visit, the warm-up's too; times in minutes after midnight of the first day.

    Of a system they have the need that they are of, the number of the attempt, and in a city the
    facility, one after the other.

    Args:
        scenario: what was simulated.
        log: what happened.
        replication: number of the replication, for its own column.
    """
    if isinstance(log, Log):
        return visits_of_site(scenario, log, replication)
    system = system_of(scenario)
    tables = []
    for number, (name, site) in enumerate(system.sites.items()):
        table = visits_of_site(site, log.sites[number], replication)
        mine = np.flatnonzero(log.attempts["facility"] == number)
        mine = mine[np.argsort(log.attempts["visit"][mine], kind="stable")]
        for column in ("need", "number"):
            named = "attempt" if column == "number" else column
            table = table.append_column(named, pa.array(log.attempts[column][mine]))
        tables.append(_of_facility(table, name) if system.is_city else table)
    return pa.concat_tables(tables, promote_options="permissive")


def responses_table(scenario: Scenario, log: Log | CityLog, replication: int) -> pa.Table:
    """One row an overdose, off site too; `visit` is the number in the table of visits."""
    if isinstance(log, Log):
        return responses_of_site(scenario, log, replication)
    system = system_of(scenario)
    tables = [
        responses_of_site(site, one, replication)
        for site, one in zip(system.sites.values(), log.sites, strict=True)
    ]
    if not system.is_city:
        return tables[0]
    named = (_of_facility(table, name) for name, table in zip(system.sites, tables, strict=True))
    return pa.concat_tables(named, promote_options="permissive")


def _of_facility(table: pa.Table, name: str) -> pa.Table:
    """A table whose second column is the facility; words as text, which facilities share."""
    for number, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(
                number, field.name, table.column(number).cast(pa.large_string())
            )
    names = pa.array([name] * len(table), pa.large_string())
    return table.add_column(1, "facility", names)
