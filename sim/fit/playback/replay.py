"""The log's own arrivals and stays, played through the site as its file describes it.

Nothing of the fit is in it: it tests the site's file, by the waits of those who were served. And it
says what a log does not: how many were ahead of each who came, how many places could be used, and
whether somebody was free to register them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import NamedTuple

import numpy as np

from sim.engine import Engine
from sim.fit.estimates.balking import Doors, fit_balking
from sim.fit.estimates.beside import beside
from sim.fit.estimates.check_in import check_ins_of
from sim.fit.estimates.patience import queued_at_least
from sim.fit.fit import Fitted
from sim.fit.playback.view import View
from sim.fit.reading.calendar import calendar_of
from sim.fit.reading.columns import Fate
from sim.fit.reading.mess import step_of
from sim.fit.reading.register import Bools, Floats, Ints, Register, Shape
from sim.log import Log, series_names
from sim.scenario.model.base import LONGEST
from sim.scenario.model.demand import MOST_ARRIVALS, Arrival, Demand
from sim.scenario.model.durations import Distribution, Exponential, Weibull
from sim.scenario.model.scenario import Scenario
from sim.study.run.replication import simulate_replication
from sim.study.run.workers import Progress, silent, this_machine

_REPLAYS, _FEWER, _MANY = 10, 3, 60_000
"""How often a log is replayed; one of so many visits and more fewer times."""
_COARSE = 15.0
"""Minutes to which times are rounded, above which nobody knows who was there when."""
_ENDS, _TIMED = 0.8, 0.95
"""Shares of stays with an end, and of visits with a time, that it takes."""
_SEED = 20_260_108
_GRID = 4000
"""Points at which a law of patience is known."""
_SHORTEST = 0.5
"""Minutes of a stay that is 0 in a log."""


def replayed(found: Fitted, workers: int = 1, progress: Progress = silent) -> Fitted:
    """The fit with what a replay of its log says: waits, turning round, registration.

    Args:
        found: what was fitted.
        workers: how many threads share the work.
        progress: told of each replay.
    """
    if why := _why_not(found):
        return replace(found, not_replayed=why)
    list_of = _Listed.of(found)
    number = _REPLAYS if len(found.register) < _MANY else _FEWER
    job = _Job(_scenario(found, list_of), list_of, View.of(found, latest=False))
    with this_machine(Engine.FAST, workers)() as pool:
        seen = []
        for one in pool.results(job, range(number)):
            seen.append(one)
            progress(len(seen), number)
    only = found.choice.only
    register = found.register
    waits = beside(
        _recorded(found, job.view), np.array([one.wait for one in seen]), register.arrived
    )
    found = replace(found, waits=waits)
    if "balking" in only and found.unserved in ("log", "list"):
        doors = _doors(register, list_of, seen, found.site)
        found = replace(found, balking=fit_balking(doors, found.site))
    if "check_in" in only and found.check_ins is not None and found.check_ins.alone:
        free: Bools = np.all([one.registered_at_once for one in seen], axis=0)
        found = replace(found, check_ins=check_ins_of(register, found.site, free))
    return found


def _why_not(found: Fitted) -> str:
    """Why a log cannot be replayed, a word of the catalogue; nothing if it can."""
    register = found.register
    if found.site.demand.arrivals is not None:
        return "listed"
    if register.shape is Shape.COUNTS or np.mean(register.timed) < _TIMED:
        return "times"
    if register.shape is Shape.USES or not (
        "arrived" in register.has or register.shape is Shape.EVENTS
    ):
        return "arrivals"
    if max(step_of(register.arrived[register.timed]), register.step) > _COARSE:
        return "rounded"
    began = register.served & ~np.isnan(register.entered)
    if not began.any() or np.mean(~np.isnan(register.left[began])) < _ENDS:
        return "ends"
    return "many" if len(register) > MOST_ARRIVALS else ""


# --- the list -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Listed:
    """Who of a log comes to the replayed site, and when."""

    at: Floats
    """Of each visit of the log: those within one step one after the other."""
    kind: Ints
    """Of each; of those that the log does not say, drawn."""
    rows: Ints
    """The visits of the list, in order of time."""
    stay: Floats
    patience: Floats
    """Of each visit of the list; NaN where the site's file says it."""

    @classmethod
    def of(cls, found: Fitted) -> "_Listed":
        """Who turned round, or was refused at once, is not in the list: they were in no line."""
        register = found.register
        rng = np.random.default_rng(_SEED)
        at = _spread(register, found)
        kind = _kinds(register, found.site, rng)
        waited = register.out - register.arrived
        refused = (register.fate == Fate.REFUSED) & ~(waited > 1)
        gone = np.isin(register.fate, (Fate.TURNED, Fate.CLOSED)) | refused
        rows = np.flatnonzero(~gone & register.timed)
        rows = rows[np.argsort(at[rows], kind="stable")]
        patience = np.maximum(waited, 0.0)
        had = register.served & ~np.isnan(register.entered)
        queued = queued_at_least(register, found.site)
        for number, law in enumerate(_patience(found)):
            mine = had & (kind == number)
            patience[mine] = _longer(law, queued[mine], rng)
        return cls(at, kind, rows, _stays(register, kind, rng)[rows], patience[rows])

    def arrivals(self, names: Sequence[str]) -> tuple[Arrival, ...]:
        """The list as a scenario has it."""
        columns = (self.at[self.rows], self.kind[self.rows], self.stay, self.patience)
        return tuple(
            Arrival.model_construct(
                at=at,
                kind=names[kind],
                stay=None if isnan(stay) else stay,
                patience=None if isnan(patience) else patience,
            )
            for at, kind, stay, patience in zip(*(one.tolist() for one in columns), strict=True)
        )


def _spread(register: Register, found: Fitted) -> Floats:
    """Arrivals of one step one after the other over it, in the order of the log."""
    times = register.arrived
    step = max(step_of(times[register.timed]), 1.0)
    if not np.allclose(times[register.timed] % 1, 0):
        return times
    _, first, group, count = np.unique(
        times, return_index=True, return_inverse=True, return_counts=True
    )
    place = np.arange(len(times)) - first[group]
    begin = times if step == 1 else times - step / 2
    at = begin + (place + 0.5) / count[group] * step
    calendar = calendar_of(found.site, register.start, register.days)
    return np.where(calendar.inside(np.maximum(at, 0.0)), np.maximum(at, 0.0), times)


def _kinds(register: Register, site: Scenario, rng: np.random.Generator) -> Ints:
    shares = np.array([one.share for one in site.visits.values()])
    drawn = rng.choice(len(shares), len(register), p=shares / shares.sum())
    return np.where(register.kind >= 0, register.kind, drawn)


def _patience(found: Fitted) -> Iterator[Distribution | None]:
    """Of each kind: as it was fitted, else as in the site's file."""
    for name, kind in found.site.visits.items():
        one = (found.patience or {}).get(name)
        if one is None or not one.leavers:
            yield kind.patience
        elif one.law is None:
            yield Exponential(distribution="exponential", mean=one.mean.value)
        else:
            median, shape = one.law.median.value, one.law.shape.value
            yield Weibull(distribution="weibull", median=median, shape=shape)


def _longer(law: Distribution | None, waited: Floats, rng: np.random.Generator) -> Floats:
    """Patience of those who waited so long and were served: more than that, and not for ever.

    With patience for ever whoever would have left a longer queue stays in one that is longer in the
    replay by chance, and queues come out half as long again.
    """
    if law is None:
        return np.full(len(waited), LONGEST)
    grid = np.linspace(0.0, 1.0, _GRID + 1)[1:-1]
    before = np.interp(waited, law.quantile(grid), grid, left=0.0, right=grid[-1])
    found = law.quantile(before + (1 - before) * rng.random(len(waited)) * (1 - 1e-9))
    return np.clip(np.maximum(found, waited), 0.0, LONGEST)


def _stays(register: Register, kind: Ints, rng: np.random.Generator) -> Floats:
    """As the log has them; those without an end are drawn from the others of their kind."""
    stay = np.maximum(register.left - register.entered, _SHORTEST)
    for one in np.unique(kind).tolist():
        known = stay[(kind == one) & ~np.isnan(stay)]
        lacking = (kind == one) & np.isnan(stay)
        if len(known) and lacking.any():
            stay[lacking] = rng.choice(known, int(lacking.sum()))
    return stay


def _scenario(found: Fitted, listed: _Listed) -> Scenario:
    """The site as its file has it, for the days of the log and those who came on them."""
    site = found.site
    days = {"start": found.register.start, "weeks": None, "days": found.register.days}
    without = {"balking": None, "returns": None}
    return site.model_copy(
        update={
            "horizon": site.horizon.model_copy(update={**days, "warmup_weeks": 0}),
            "demand": Demand.model_construct(arrivals=listed.arrivals(list(site.visits))),
            "visits": {k: one.model_copy(update=without) for k, one in site.visits.items()},
            # Stays have ended already as they did, and nobody was refused who is in the list.
            "rooms": {
                name: one.model_copy(update={"time_limit": None})
                for name, one in site.rooms.items()
            },
            "waiting_area": None,
        }
    )


# --- played -------------------------------------------------------------------------------------


class _Seen(NamedTuple):
    """What one replay has of each visit of the log."""

    wait: Floats
    registered_at_once: Bools
    ahead: Floats
    usable: Floats
    full: Bools


@dataclass(frozen=True)
class _Job:
    """All replays have this in common."""

    scenario: Scenario
    listed: _Listed
    view: View

    def run(self, replication: int) -> _Seen:
        """Play the list once, and look at each visit of the log."""
        log = simulate_replication(self.scenario, _SEED, replication, Engine.FAST)
        size = len(self.listed.at)
        walked_in = np.ones(len(log.visits["kind"]), dtype=np.bool_)
        booked = log.bookings["visit"]
        walked_in[booked[booked >= 0]] = False
        columns = {name: one[walked_in] for name, one in log.visits.items()}
        wait, at_once = np.full(size, np.nan), np.zeros(size, dtype=np.bool_)
        wait[self.listed.rows] = self.view.waits_of(columns)
        at_once[self.listed.rows] = columns["check_in_start"] <= columns["arrival"]
        return _Seen(wait, at_once, *self._doors(log))

    def _doors(self, log: Log) -> tuple[Floats, Floats, Bools]:
        """What each who came met at the door, by kind."""
        kinds = list(self.scenario.visits.values())
        at, size = self.listed.at, len(self.listed.at)
        names = {name: number for number, name in enumerate(series_names(self.scenario))}
        series = log.by_series

        def value(name: str) -> Floats:
            """Of a series just before each came."""
            number = names[name]
            if number >= len(series) or not len(series[number][0]):
                return np.zeros(size)
            times, values = series[number]
            place = np.searchsorted(times, at, side="left") - 1
            return np.where(place >= 0, values[place], 0.0)

        queue = [_waiting(log, number, at) for number in range(len(kinds))]
        usable, free = dict[str, Floats](), dict[str, Floats]()
        for room in self.scenario.rooms:
            open_, occupied, blocked, cleaning, unusable = (
                value(f"room:{room}:{one}")
                for one in ("open", "occupied", "blocked", "cleaning", "unusable")
            )
            usable[room] = open_ - cleaning - unusable
            free[room] = usable[room] - occupied - blocked
        desk = value("site:waiting_check_in")
        ahead, places, full = np.zeros(size), np.zeros(size), np.zeros(size, dtype=np.bool_)
        for number, kind in enumerate(kinds):
            mine = self.listed.kind == number
            if not kind.rooms or not mine.any():
                continue
            others = [
                q for q, one in zip(queue, kinds, strict=True) if {*one.rooms} & {*kind.rooms}
            ]
            rooms = list(kind.rooms)
            ahead[mine] = (np.sum(others, axis=0) + desk)[mine]
            places[mine] = np.sum([usable[one] for one in rooms], axis=0)[mine]
            full[mine] = np.all([free[one] <= 0 for one in rooms], axis=0)[mine]
        return ahead, places, full


def _waiting(log: Log, kind: int, at: Floats) -> Floats:
    """People of a kind who wait for a place, just before some instants."""
    visits = log.visits
    joined = (visits["kind"] == kind) & ~np.isnan(visits["joined"])
    start = np.sort(visits["joined"][joined])
    end = np.where(np.isnan(visits["entered"]), visits["out"], visits["entered"])[joined]
    end = np.sort(np.nan_to_num(end, nan=np.inf))
    return (np.searchsorted(start, at) - np.searchsorted(end, at)).astype(np.float64)


def _recorded(found: Fitted, view: View) -> Floats:
    """Waits of the served as the log has them."""
    register = found.register
    since = register.checked_in if view.from_check_in else register.arrived
    wait = np.maximum(register.entered - since, 0.0)
    return np.where(register.served & register.timed, wait, np.nan)


def _doors(register: Register, listed: _Listed, seen: Sequence[_Seen], site: Scenario) -> Doors:
    """Those who came and could turn round: who was refused was not asked."""
    asked = np.isin(register.fate, (Fate.SERVED, Fate.LEFT, Fate.TURNED))
    waited = (register.fate == Fate.REFUSED) & (register.out - register.arrived > 1)
    for_a_place = np.array([bool(one.rooms) for one in site.visits.values()])[listed.kind]
    came = (asked | waited) & register.timed & for_a_place
    turned = register.fate == Fate.TURNED
    parts = (np.array([getattr(one, name) for one in seen]) for name in ("ahead", "usable", "full"))
    doors = Doors(turned, listed.kind, *parts)
    return doors.where(came)
