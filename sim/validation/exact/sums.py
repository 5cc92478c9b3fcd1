"""Sums over one replication that the summary table has not, for figures that are known exactly."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.log import Outcome, Way, series_names
from sim.measures import hour_rows, metric_rows
from sim.measures.steps import Floats, Steps, Window, steps_from, window_of
from sim.scenario.city.system import system_of
from sim.scenario.derived.calendar import site_spans
from sim.scenario.model.hours import DAY
from sim.validation.trials import Replication, pair

SAME = 1e-6
"""Minutes: durations closer than this are the same."""
MOST = 200
"""More people than are ever present at the sites without limit."""
PER_DAY = 2 * np.pi / DAY
"""Angular frequency of a day."""

# --- of the figures that the tables are made of --------------------------------------------------


def at_hour(one: Replication, metric: str, hour: int) -> Floats:
    """A metric of the by-hour table at one hour of the day, all days of the week together."""
    names = [(row.metric, row.by) for row in hour_rows(one.scenario)]
    row, hours = names.index((metric, "all")), slice(hour, None, 24)
    tally = one.tally
    return pair(tally.hour_numerator[row, hours].sum(), tally.hour_denominator[row, hours].sum())


def per_use(one: Replication, metric: str, statistic: str) -> Floats:
    """A total of the summary table; and the visits that entered a place."""
    names = [(row.metric, row.statistic, row.by) for row in metric_rows(one.scenario)]
    total, uses = (
        one.tally.numerator[names.index((*name, "all"))]
        for name in ((metric, statistic), ("uses", "per_day"))
    )
    return pair(total, uses)


# --- of visits and overdoses ---------------------------------------------------------------------


def waited_at_most(one: Replication, seconds: float) -> Floats:
    """Visits that got a place after at most so many seconds; and all that got one."""
    waited = one.log.visits["waited"][one.got_place]
    return pair((waited <= seconds / 60 + SAME).sum(), len(waited))


def wait_of_those_who_wait(one: Replication) -> Floats:
    """Minutes waited; and the visits that waited at all."""
    waited = one.log.visits["waited"][one.got_place]
    return pair(waited.sum(), (waited > SAME).sum())


def daily_mean_wait(one: Replication) -> Floats:
    """Mean waits of the days; and the days."""
    visits = one.log.visits
    served = visits["outcome"] == Outcome.SERVED
    day = (visits["arrival"] // DAY).astype(np.int64)[served]
    means = np.bincount(day, weights=visits["waited"][served]) / np.bincount(day)
    return pair(means.sum(), one.scenario.horizon.total_days)


def minutes_on_site(one: Replication, kind: str) -> Floats:
    """Minutes from arrival to leaving, and the number, of the visits of one kind."""
    visits = one.log.visits
    mine = one.counted & (visits["outcome"] != Outcome.INSIDE_AT_END) & one.of_kind(kind)
    return pair((visits["out"] - visits["arrival"])[mine].sum(), mine.sum())


def delayed_overdoses(one: Replication) -> Floats:
    """Overdoses whose team was not complete at once; and all."""
    responses = one.log.responses
    counted = window_of(one.scenario).holds(responses["onset"])
    delay = (responses["team"] - responses["onset"])[counted]
    return pair((delay > SAME).sum(), (~np.isnan(delay)).sum())


# --- of the number present -----------------------------------------------------------------------


def number_present(one: Replication) -> Floats:
    """Minutes with 0, 1, 2 … people on site."""
    _, values, minutes = _pieces(one)
    found = np.bincount(values.astype(np.int64), weights=minutes, minlength=MOST)
    return found.astype(np.float64)


def share_at_least(minutes: Floats, number: int) -> float:
    """The share of the time in which so many are present."""
    return float(minutes[number:].sum() / minutes.sum())


def number_quantile(minutes: Floats, probability: float) -> float:
    """The lowest number that is not exceeded for this share of the time."""
    return float(np.searchsorted(np.cumsum(minutes) / minutes.sum(), probability))


def daily_swing(one: Replication) -> Floats:
    """Number present and arrivals as waves of one day: (∫N cos, ∫N sin, Σcos, Σsin, minutes)."""
    begins, values, minutes = _pieces(one)
    ends = begins + minutes
    cosine = (np.sin(PER_DAY * ends) - np.sin(PER_DAY * begins)) / PER_DAY
    sine = (np.cos(PER_DAY * begins) - np.cos(PER_DAY * ends)) / PER_DAY
    angle = PER_DAY * one.arrival[one.counted]
    window = window_of(one.scenario)
    waves = (values * cosine).sum(), (values * sine).sum(), np.cos(angle).sum(), np.sin(angle).sum()
    return np.array((*waves, window.end - window.start))


def amplitude(swing: Floats) -> float:
    """How far the number present swings about its mean."""
    return float(2 * np.hypot(swing[0], swing[1]) / swing[4])


def minutes_behind(swing: Floats) -> float:
    """How long after the arrivals the number present swings."""
    present, arrivals = np.arctan2(-swing[0], swing[1]), np.arctan2(-swing[2], swing[3])
    return float((present - arrivals) / PER_DAY)


def present_at(one: Replication, hour: int) -> Floats:
    """People on site at an hour of the day, added over the days; and the days."""
    days = np.arange(one.scenario.horizon.total_days, dtype=np.float64)
    return pair(_present(one).at(60 * hour + days * DAY).sum(), len(days))


def empty_after(one: Replication, minutes: float) -> Floats:
    """Closings at which nobody is left so many minutes later; and all closings."""
    closings = np.array([closes for _, closes in site_spans(one.scenario)], dtype=np.float64)
    return pair((_present(one).at(closings + minutes) == 0).sum(), len(closings))


def _present(one: Replication) -> Steps:
    """The number of people on site."""
    changes = one.log.changes
    mine = changes["series"] == series_names(one.scenario).index("site:inside")
    return steps_from((changes["time"][mine], changes["value"][mine]))


def _pieces(one: Replication) -> tuple[Floats, Floats, Floats]:
    """The window cut where the number present changes: begin, number and length of each piece."""
    return _cut(_present(one), window_of(one.scenario))


def _cut(steps: Steps, window: Window) -> tuple[Floats, Floats, Floats]:
    within = steps.times[(steps.times > window.start) & (steps.times < window.end)]
    cuts = np.concatenate(([window.start], within, [window.end]))
    return cuts[:-1], steps.at(cuts[:-1]), np.diff(cuts)


# --- of needs, which may make several visits -----------------------------------------------------


def first_refused(one: Replication) -> Floats:
    """First attempts for which there was no room; and all first attempts."""
    attempts, window = one.system.attempts, window_of(one.scenario)
    first = (attempts["way"] == Way.FIRST) & window.holds(attempts["arrival"])
    refused = 0
    for number, site in enumerate(one.system.sites):
        visits = attempts["visit"][first & (attempts["facility"] == number)]
        refused += int((site.visits["outcome"][visits] == Outcome.NO_SPACE).sum())
    return pair(refused, first.sum())


def away(one: Replication) -> Floats:
    """Minutes for which people are away who come back, they leave a full site at once; and all."""
    attempts, window = one.system.attempts, window_of(one.scenario)
    order = np.lexsort((attempts["arrival"], attempts["need"]))
    arrival, way = attempts["arrival"][order], attempts["way"][order]
    back = np.flatnonzero(way == Way.RETURNED)
    until, since = arrival[back], arrival[back - 1]
    minutes = np.clip(until, window.start, window.end) - np.clip(since, window.start, window.end)
    return pair(minutes.sum(), window.end - window.start)


def places_in_use(one: Replication, facility: str, room: str) -> Floats:
    """Minutes with 0, 1, 2 … places of a facility's room in use."""
    sites = system_of(one.scenario).sites
    series = series_names(sites[facility]).index(f"room:{room}:occupied")
    log = one.system.sites[list(sites).index(facility)]
    _, values, minutes = _cut(steps_from(log.by_series[series]), window_of(one.scenario))
    found = np.bincount(values.astype(np.int64), weights=minutes, minlength=MOST)
    return found.astype(np.float64)


def variance(minutes: Floats) -> float:
    """Of a number over time."""
    numbers = np.arange(len(minutes))
    mean = np.average(numbers, weights=minutes)
    return float(np.average((numbers - mean) ** 2, weights=minutes))


# --- of days worked out by hand: a time or a number over 1, numbered from 1 ----------------------


def of_visit(one: Replication, visit: int, column: str, minus: str = "") -> Floats:
    """A time or duration of one visit; `minus` is another of its columns."""
    visits = one.log.visits
    value = visits[column][visit - 1]
    return pair(value - (visits[minus][visit - 1] if minus else 0.0), 1)


def end_of_service(one: Replication, visit: int) -> Floats:
    """When the only service of one visit ends."""
    return pair(one.log.service_end[0, visit - 1], 1)


def end_of_response(one: Replication, overdose: int) -> Floats:
    """When the response to one overdose ends."""
    return pair(one.log.responses["end"][overdose - 1], 1)


def overtime(one: Replication, person: int) -> Floats:
    """Minutes that one person works after the shift."""
    people = one.log.people
    return pair(people["left"][person - 1] - people["end"][person - 1], 1)


def ended(one: Replication, outcome: str) -> Floats:
    """How many visits end with an outcome."""
    return pair((one.log.visits["outcome"] == Outcome[outcome.upper()]).sum(), 1)


def last_out(one: Replication) -> Floats:
    """When the last of those who had come in leaves."""
    return pair(np.nanmax(one.log.visits["left"]), 1)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        at_hour,
        per_use,
        waited_at_most,
        wait_of_those_who_wait,
        daily_mean_wait,
        minutes_on_site,
        delayed_overdoses,
        number_present,
        share_at_least,
        number_quantile,
        daily_swing,
        amplitude,
        minutes_behind,
        present_at,
        empty_after,
        first_refused,
        away,
        places_in_use,
        variance,
        of_visit,
        end_of_service,
        end_of_response,
        overtime,
        ended,
        last_out,
    )
}
"""What cases.toml may name."""
