"""What one replication adds to a figure: from its visits and overdoses, or its visitors."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.scenario.scenario import Scenario
from sim.visitors import Visitors, draw

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Pair = tuple[float, float]
"""Numerator and denominator."""

DAY = 1440
HOUR = 60


@dataclass(frozen=True, eq=False)
class Replication:
    """One replication of a study; the tables are empty where only visitors are drawn."""

    scenario: Scenario
    seed: int
    number: int
    visits: pd.DataFrame
    """One row a visit, in order of arrival; the warm-up's too."""
    responses: pd.DataFrame
    """One row an overdose."""

    @cached_property
    def visitors(self) -> Visitors:
        """Everything chance decided, in the order of the visits."""
        return draw(self.scenario, self.seed, self.number)

    @property
    def counted(self) -> Bools:
        """Visits after the warm-up."""
        return self.arrival >= self.scenario.horizon.counted_from

    @property
    def arrival(self) -> Floats:
        """Minutes after midnight of the first day."""
        return self.visits["arrival"].to_numpy()

    @property
    def got_place(self) -> Bools:
        """Counted visits that entered a place."""
        return self.counted & self.visits["room"].notna().to_numpy()

    @property
    def days(self) -> int:
        """Days counted."""
        horizon = self.scenario.horizon
        return int(horizon.minutes - horizon.counted_from) // DAY


Sums = Callable[[Replication], Pair]
"""What one replication adds to a figure's numerator and denominator."""


@dataclass(frozen=True)
class Block:
    """Hours of the day."""

    begins: int
    ends: int

    def wait(self, one: Replication) -> Pair:
        """Minutes waited by those who came in these hours and got a place; and their number."""
        chosen = one.got_place & self._holds(one.arrival)
        return float(one.visits["waited"].to_numpy()[chosen].sum()), float(chosen.sum())

    def long_wait(self, one: Replication) -> Pair:
        """Of those who came in these hours and got a place, those who waited half an hour."""
        chosen = one.got_place & self._holds(one.arrival)
        waited = one.visits["waited"].to_numpy()[chosen]
        return float((waited >= HOUR / 2).sum()), float(chosen.sum())

    def left(self, one: Replication) -> Pair:
        """Of those who came in these hours, those who turned round or gave up."""
        chosen = one.counted & self._holds(one.arrival)
        lost = one.visits["outcome"].isin(("balked", "reneged")).to_numpy()
        return float((chosen & lost).sum()), float(chosen.sum())

    def held(self, one: Replication) -> Pair:
        """Place-minutes in these hours that were held for a use or its cleaning; and all."""
        (room,) = one.scenario.rooms.values()
        cleaning = room.cleaning.duration.mean() if room.cleaning is not None else 0.0
        used = one.visits["room"].notna().to_numpy()
        entered = one.visits["entered"].to_numpy()[used]
        left = one.visits["left"].fillna(np.inf).to_numpy()[used] + cleaning
        held = 0.0
        for day in range(one.days):
            begins, ends = day * DAY + self.begins * HOUR, day * DAY + self.ends * HOUR
            held += np.clip(np.minimum(left, ends) - np.maximum(entered, begins), 0, None).sum()
        return held, float(room.places * one.days * (self.ends - self.begins) * HOUR)

    def _holds(self, times: Floats) -> Bools:
        hour = times % DAY / HOUR
        return (hour >= self.begins) & (hour < self.ends)


def served(one: Replication) -> Pair:
    """Visits that got what they came for; and days."""
    done = one.visits["outcome"].isin(("served", "service_only")).to_numpy()
    return float((done & one.counted).sum()), float(one.days)


def uses_per_open_day(one: Replication) -> Pair:
    """Places entered; and days on which any was."""
    return float(one.got_place.sum()), float(len(np.unique(one.arrival[one.got_place] // DAY)))


@dataclass(frozen=True)
class UsesIn:
    """Places entered in so many days."""

    span: int

    def __call__(self, one: Replication) -> Pair:
        """The number, and the days they were counted in as a part of the span."""
        return float(one.got_place.sum()), one.days / self.span


@dataclass(frozen=True)
class UsesPerPlaceYear:
    """Uses of one kind per year and place of the room that they prefer."""

    kind: str

    def __call__(self, one: Replication) -> Pair:
        """The number, and the place-years."""
        places = one.scenario.rooms[one.scenario.visits[self.kind].rooms[0]].places
        mine = one.got_place & one.visits["kind"].eq(self.kind).to_numpy()
        return float(mine.sum()), places * one.days / 365


@dataclass(frozen=True)
class PerPlace:
    """How many times as often a place is used by one kind as by another."""

    kind: str
    other: str

    def __call__(self, one: Replication) -> Pair:
        """Uses per place-year of both."""
        uses, place_years = UsesPerPlaceYear(self.kind)(one)
        other_uses, other_place_years = UsesPerPlaceYear(self.other)(one)
        return uses / place_years, other_uses / other_place_years


def people_per_open_day(one: Replication) -> Pair:
    """Different people who enter a place on a day, added over days; and days with any use."""
    day = one.arrival[one.got_place] // DAY
    client = one.visits["client"].to_numpy()[one.got_place]
    pairs = np.unique(np.column_stack((day, client)), axis=0)
    return float(len(pairs)), float(len(np.unique(day)))


def uses_per_person_and_day(one: Replication) -> Pair:
    """Places entered; and different people on each day, added over the days."""
    return float(one.got_place.sum()), people_per_open_day(one)[0]


def uses_on_busiest_day(one: Replication) -> Pair:
    """Places entered on the busiest day; over 1."""
    return float(np.bincount((one.arrival[one.got_place] // DAY).astype(np.int64)).max()), 1.0


@dataclass(frozen=True)
class BeganIn:
    """Of the overdoses that began on site, those that began somewhere."""

    where: str

    def __call__(self, one: Replication) -> Pair:
        """The two numbers."""
        where = one.responses["where"]
        return float(where.eq(self.where).sum()), float(where.isin(("place", "aftercare")).sum())


@dataclass(frozen=True)
class OfSeverity:
    """Of the overdoses that began on site, those of some severities."""

    names: tuple[str, ...]

    def __call__(self, one: Replication) -> Pair:
        """The two numbers."""
        on_site = one.responses["where"].isin(("place", "aftercare"))
        return float((on_site & one.responses["severity"].isin(self.names)).sum()), float(
            on_site.sum()
        )


# --- who comes how often: from the visitors alone -----------------------------------------------


@dataclass(frozen=True)
class UsedAtLeast:
    """Of the people who came at all, those who came so often."""

    times: int

    def __call__(self, one: Replication) -> Pair:
        """The two numbers."""
        counts = _counts(one)
        return float((counts >= self.times).sum()), float(len(counts))


@dataclass(frozen=True)
class MadeByBusiest:
    """Visits made by the busiest people; and all."""

    share: float
    """Of the people who came at all."""

    def __call__(self, one: Replication) -> Pair:
        """The two numbers."""
        counts = np.sort(_counts(one))[::-1]
        return float(counts[: round(self.share * len(counts))].sum()), float(counts.sum())


def visits_per_person(one: Replication) -> Pair:
    """Visits; and the people who came at all."""
    counts = _counts(one)
    return float(counts.sum()), float(len(counts))


def _counts(one: Replication) -> NDArray[np.int64]:
    """Visits of each person who came at all."""
    counts = np.bincount(one.visitors.client)
    return counts[counts > 0]
