"""How a log is looked at: what it has by the hour of the week, and in all.

A play is looked at in the same way, with the times that the register would have, so that both can
be held against each other.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.fit.estimates.shares import booked
from sim.fit.estimates.stays import with_rooms
from sim.fit.fit import Fitted
from sim.fit.public import hidden
from sim.fit.reading.calendar import Calendar, calendar_of
from sim.fit.reading.columns import UNSERVED, Fate
from sim.fit.reading.mess import AT_THE_DOOR, step_of
from sim.fit.reading.register import Bools, Floats, Ints, Shape
from sim.log import Columns, Log, Outcome
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario

_LATEST = 28
"""Days whose level a log with a trend has."""
_ENDS_MISSING = 0.05
"""Share of stays without an end above which nobody knows how many places were in use."""
_KNOWN = 0.5
_SEEN = {
    Outcome.SERVED: Fate.SERVED,
    Outcome.CUT_SHORT: Fate.SERVED,
    Outcome.INSIDE_AT_END: Fate.SERVED,
    Outcome.RENEGED: Fate.LEFT,
    Outcome.BALKED: Fate.TURNED,
    Outcome.NO_SPACE: Fate.REFUSED,
    Outcome.DISMISSED_AT_CLOSE: Fate.REFUSED,
    Outcome.SERVICE_ONLY: Fate.SERVICE,
    Outcome.CLOSED: Fate.CLOSED,
}
_FATES = np.array([_SEEN[one] for one in Outcome], dtype=np.int64)
VISITS, IN_USE, WAIT, GONE = "visits", "in_use", "wait", "unserved"
MEASURES = (VISITS, IN_USE, WAIT, GONE)
"""What is compared by the hour, in the order in which one follows from another."""

Key = tuple[str, str]
"""What is compared, and of which room or kind; `all`."""
Seen = Mapping[Key, Floats]
"""What is seen of a log or a play: an hour of the week a value, or one figure of the whole."""


@dataclass(frozen=True, eq=False)
class Visits:
    """Visits as a register has them."""

    arrived: Floats
    since: Floats
    """From when the wait counts."""
    entered: Floats
    left: Floats
    kind: Ints
    room: Ints
    fate: Ints
    stand_for: float = 1.0
    """Visits that each stands for, where of others only the date is known."""
    ended: float = 1.0
    """Share of stays whose end a register would have."""


@dataclass(frozen=True, eq=False)
class View:
    """How a log is looked at, so that a play is looked at in the same way."""

    site: Scenario
    calendar: Calendar
    counted: Bools
    """(days, 24): the hours that were logged, and are compared."""
    step: float
    """Minutes to which times are rounded; 0 where they are exact."""
    floors: bool
    """Whether a time is that of the whole minute, or hour, before it; else of the nearest."""
    uses: bool
    """Whether only the time of a place is known."""
    all_come: bool
    """Whether who was not served is in the log, with the time."""
    from_check_in: bool
    waits: bool
    rooms: tuple[str, ...]
    """Whose places in use are known; none, or all together as `all`."""
    ended: float
    """Share of stays whose end is known."""
    kinds: bool
    stays: bool
    by_date: bool
    """Whether no time of day is known."""
    notes: tuple[str, ...]
    """Why something is not compared: words of the catalogue."""

    @classmethod
    def of(cls, found: Fitted, *, latest: bool) -> "View":
        """As the log of a fit allows."""
        register, site = found.register, found.site
        calendar = calendar_of(site, register.start, register.days)
        counted = _counted(found, calendar, latest=latest)
        stay = register.served & ~np.isnan(register.entered)
        ended = float(np.mean(~np.isnan(register.left[stay]))) if stay.any() else 0.0
        uses = register.shape is Shape.USES
        waits = "arrived" in register.has or register.shape is Shape.EVENTS
        known = ~np.isnan(register.checked_in[stay])
        times = register.arrived[register.timed]
        whole = bool(np.allclose(times % 1, 0))
        step = max(step_of(times), register.step)
        by_date = bool(np.mean(register.timed) < _KNOWN)
        rooms = with_rooms(register.where(stay), site).room
        named = tuple(site.rooms) if len(rooms) and (rooms >= 0).all() else ("all",)
        missing = ended < 1 - _ENDS_MISSING or by_date
        waits = waits and not uses and bool(stay.any()) and not by_date
        notes = (
            *(("ends" if stay.any() else "stays",) if missing else ()),
            *(("waits",) if not waits else ()),
            *(("unserved",) if found.unserved in ("tally", "nobody") else ()),
            *(("dates",) if by_date else ()),
        )
        return cls(
            site,
            calendar,
            counted,
            step if whole else 0.0,
            step <= 1 or register.shape is Shape.COUNTS,
            uses,
            found.unserved in ("log", "list"),
            bool(known.any() and np.mean(known) > _KNOWN),
            waits,
            () if missing else named,
            ended,
            bool((register.kind >= 0).all()),
            not missing and register.shape is not Shape.COUNTS,
            by_date,
            notes,
        )

    def of_log(self, found: Fitted) -> dict[Key, Floats]:
        """What the log has to say; of a fit that others may read not what few visits say."""
        visits = self._visits(found)
        seen = self._seen(visits)
        if not found.is_public:
            return seen
        behind = self._behind(visits)
        return {
            key: np.where(hidden(behind[key]), np.nan, values) if key in behind else values
            for key, values in seen.items()
        }

    def _visits(self, found: Fitted) -> Visits:
        register, stand_for = found.register, 1.0
        if not self.by_date:
            stand_for = len(register) / max(int(register.timed.sum()), 1)
            register = register.where(register.timed)
        since = register.checked_in if self.from_check_in else register.arrived
        room = with_rooms(register, self.site).room
        columns = (register.entered, register.left, register.kind, room, register.fate)
        return Visits(register.arrived, since, *columns, stand_for)

    def _behind(self, visits: Visits) -> dict[Key, Floats]:
        """How many visits each value rests on."""
        served, gone = visits.fate == Fate.SERVED, np.isin(visits.fate, UNSERVED)
        come = served | (visits.fate == Fate.SERVICE) | (gone & self.all_come)
        stay = served & ~np.isnan(visits.left - visits.entered)
        waited = served & ~np.isnan(visits.entered - visits.since)
        found = {
            (VISITS, "all"): self._in_a_week(visits.arrived[come]),
            (GONE, "all"): self._in_a_week(visits.arrived[gone]),
            (WAIT, "all"): self._in_a_week(visits.arrived[waited]),
            ("unserved_a_day", "all"): _number_of(gone),
            ("wait_mean", "all"): _number_of(waited),
            ("wait_p90", "all"): _number_of(waited),
        }
        for number, name in enumerate(self.rooms):
            mine = stay & (visits.room == number) if name != "all" else stay
            found[IN_USE, name] = self._there(visits.entered[mine], visits.left[mine])
        counts = np.bincount(
            visits.kind[come & (visits.kind >= 0)], minlength=len(self.site.visits)
        )
        few = hidden(counts.astype(float))
        for number, name in enumerate(self.site.visits):
            # With a kind that is not told others are not told: as if one had come for each.
            found["share", name] = np.array([1.0 if few[number] else float(come.sum())])
            found["stay", name] = _number_of(stay & (visits.kind == number))
        return found

    def _in_a_week(self, time: Floats) -> Floats:
        """(168,): how many, over all days that are compared."""
        found = np.zeros((7, DAY // HOUR))
        np.add.at(found, self.calendar.weekdays(), self._number(time))
        return found.ravel()

    def _there(self, entered: Floats, left: Floats) -> Floats:
        """(168,): how many were in a place in some part of an hour, over all days."""
        edges = np.arange(self.counted.size + 1, dtype=np.float64) * HOUR
        came = np.searchsorted(np.sort(entered), edges[1:])
        gone = np.searchsorted(np.sort(left), edges[:-1])
        there = ((came - gone).reshape(self.counted.shape) * self.counted).astype(float)
        found = np.zeros((7, DAY // HOUR))
        np.add.at(found, self.calendar.weekdays(), there)
        return found.ravel()

    def of_play(self, log: Log) -> dict[Key, Floats]:
        """What a play has, as the same register would have it."""
        visits = log.visits
        times = {
            name: self._written(visits[name])
            for name in ("arrival", "check_in_end", "entered", "left")
        }
        fate = _FATES[visits["outcome"]]
        taken = self.uses & (fate == Fate.SERVED)
        arrived = np.where(taken, times["entered"], times["arrival"])
        opens = self.calendar.next_opening(arrived)
        door = ~self.calendar.inside(arrived) & (opens - arrived <= AT_THE_DOOR)
        arrived = np.where(door, opens, arrived)
        walks_in = ~np.isin(visits["kind"], booked(self.site))
        meant = (
            walks_in
            & (fate != Fate.CLOSED)
            & self.calendar.inside(np.nan_to_num(arrived, nan=-1.0))
        )
        since = times["check_in_end"] if self.from_check_in else arrived
        columns = (times["entered"], times["left"], visits["kind"], visits["room"], fate)
        kept = (one[meant] for one in (arrived, since, *columns))
        return self._seen(replace(Visits(*kept), ended=self.ended))

    def waits_of(self, visits: Columns) -> Floats:
        """Waits of a play's visits as the register would have them; NaN without a place."""
        since = visits["check_in_end"] if self.from_check_in else visits["arrival"]
        found: Floats = np.maximum(self._written(visits["entered"]) - self._written(since), 0.0)
        return found

    def _written(self, time: Floats) -> Floats:
        if not self.step:
            return time
        if self.floors:
            return np.floor(time / self.step) * self.step
        return np.round(time / self.step) * self.step

    def _seen(self, visits: Visits) -> dict[Key, Floats]:
        served = visits.fate == Fate.SERVED
        gone = np.isin(visits.fate, UNSERVED)
        come = served | (visits.fate == Fate.SERVICE)
        come = come | gone if self.all_come else come
        number = self._number(visits.arrived[come]) * visits.stand_for
        days = number.sum(axis=1)[self.counted.any(axis=1)]
        found: dict[Key, Floats] = {("visits_a_day", "all"): np.array([days.mean()])}
        if len(days) > 1:
            spread = float(days.std(ddof=1)) / max(float(days.mean()), 1e-9)
            found["spread_of_days", "all"] = np.array([spread])
        if self.kinds and len(self.site.visits) > 1:
            counts = np.bincount(visits.kind[come], minlength=len(self.site.visits))
            for name, count in zip(self.site.visits, counts.tolist(), strict=True):
                found["share", name] = np.array([count / max(int(come.sum()), 1)])
        if not self.by_date:
            found[VISITS, "all"] = self._a_week(number)
        found |= self._places(visits, served)
        found |= self._waits(visits, served)
        if self.all_come:
            lost = self._number(visits.arrived[gone]) * visits.stand_for
            found["unserved_a_day", "all"] = np.array([lost.sum() / len(days)])
            if not self.by_date:
                found[GONE, "all"] = self._a_week(lost)
        return found

    def _places(self, visits: Visits, served: Bools) -> dict[Key, Floats]:
        """Places in use, and how long they are taken."""
        stay = visits.left - visits.entered
        known = served & ~np.isnan(stay)
        found: dict[Key, Floats] = {}
        for number, name in enumerate(self.rooms):
            mine = known & (visits.room == number) if name != "all" else known
            taken = self._taken(visits.entered[mine], visits.left[mine])
            found[IN_USE, name] = self._a_week(taken * visits.stand_for * visits.ended)
        if not self.stays:
            return found
        for number, name in enumerate(self.site.visits):
            mine = known & (visits.kind == number)
            if self.kinds and self.site.visits[name].rooms:
                mean = float(stay[mine].mean()) if mine.any() else math.nan
                found["stay", name] = np.array([mean])
        return found

    def _waits(self, visits: Visits, served: Bools) -> dict[Key, Floats]:
        """Mean waits of the served by the hour in which they came; the first column is known."""
        if not self.waits:
            return {}
        wait = np.maximum(visits.entered - visits.since, 0.0)
        known = served & ~np.isnan(wait) & self._here(visits.arrived)
        number = self._a_week(self._number(visits.arrived[known]))
        minutes = self._a_week(self._number(visits.arrived[known], wait[known]))
        mean = np.divide(minutes, number, out=np.full_like(minutes, np.nan), where=number > 0)
        waits = wait[known] if known.any() else np.array([np.nan])
        return {
            (WAIT, "all"): mean,
            ("wait_mean", "all"): np.array([waits.mean()]),
            ("wait_p90", "all"): np.array([np.quantile(waits, 0.9)]),
        }

    def _here(self, time: Floats) -> Bools:
        """Whether instants are of hours that are compared."""
        hour = np.floor_divide(time, HOUR).astype(np.int64)
        inside = (hour >= 0) & (hour < self.counted.size)
        found: Bools = inside & self.counted.ravel()[np.where(inside, hour, 0)]
        return found

    def _number(self, time: Floats, weights: Floats | None = None) -> Floats:
        """(days, 24): how many, or what they add up to, in hours that are compared."""
        here = self._here(time)
        hour = np.floor_divide(time[here], HOUR).astype(np.int64)
        of = None if weights is None else weights[here]
        found: Floats = np.bincount(hour, of, self.counted.size).astype(float)
        return found.reshape(self.counted.shape)

    def _taken(self, entered: Floats, left: Floats) -> Floats:
        """(days, 24): places taken on average in each hour."""
        edges = np.arange(self.counted.size + 1, dtype=np.float64) * HOUR
        minutes = _upto(np.sort(entered), edges) - _upto(np.sort(left), edges)
        taken: Floats = np.diff(minutes).reshape(self.counted.shape) / HOUR
        return taken * self.counted

    def _a_week(self, by_day: Floats) -> Floats:
        """(168,): the mean over the days that are compared; NaN of hours that none has."""
        weekday = self.calendar.weekdays()
        total, number = np.zeros((7, DAY // HOUR)), np.zeros((7, DAY // HOUR))
        np.add.at(total, weekday, by_day)
        np.add.at(number, weekday, self.counted.astype(float))
        mean = np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)
        return mean.ravel()


def _counted(found: Fitted, calendar: Calendar, *, latest: bool) -> Bools:
    """The hours that were logged; of a log with a trend those of which the level is."""
    logged = found.logged.copy()
    demand = found.demand
    if latest and demand is not None and not math.isnan(demand.trend) and logged.sum() > _LATEST:
        logged[: np.flatnonzero(logged)[-_LATEST]] = False
    counted: Bools = np.repeat(logged[:, np.newaxis], DAY // HOUR, axis=1)
    if found.register.logged is not None:
        counted &= found.register.logged
    assert counted.shape == calendar.open.shape
    return counted


def _number_of(which: Bools) -> Floats:
    return np.array([float(which.sum())])


def _upto(times: Floats, edges: Floats) -> Floats:
    """Minutes since all instants that lie before each edge, added up."""
    number = np.searchsorted(times, edges)
    before = np.concatenate([[0.0], np.cumsum(times)])
    found: Floats = edges * number - before[number]
    return found
