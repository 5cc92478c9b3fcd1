"""Whether a log shows that people queue: then somebody goes without, whether or not it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.fit.estimates.demand import open_week
from sim.fit.estimates.stays import with_rooms
from sim.fit.reading.register import Floats, Register
from sim.scenario.model.hours import DAYS, HOUR, clock_text
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimate

_BUSY, _LONG = 0.85, 2.0
"""Share of places in use in some hour of the week, and minutes of mean wait, above which people
queue."""
RAISED = (1.0, 1.25, 1.5)
"""How many times as many come as are served where nobody knows: least, most likely, most."""


@dataclass(frozen=True)
class Queues:
    """By what a log shows that people queue."""

    in_use: float
    """Share of places in use in the busiest hour of the week."""
    hour: int
    """That hour, from Monday 00:00."""
    wait: float
    """Mean minutes from arrival or check-in to the place; NaN where the log does not say."""

    @property
    def are_shown(self) -> bool:
        """Whether people queue."""
        return self.in_use > _BUSY or self.wait > _LONG

    @property
    def when(self) -> str:
        """The busiest hour, such as `fri 17:00`."""
        return f"{DAYS[self.hour // 24]} {clock_text(self.hour % 24 * HOUR)}"


def queues_of(register: Register, site: Scenario, week: Floats) -> Queues:
    """How full the places are, with the time they are cleaned, and how long people wait.

    Args:
        register: the visits.
        site: whose places they are.
        week: (7, 24): visits an hour.
    """
    used = with_rooms(register.where(register.served), site)
    stays, counts = used.left - used.entered, np.bincount(used.room + 1, minlength=1)
    rates = (week * (open_week(site) > 0)).ravel()
    # Of visits whose room is not known each room has its part.
    known = max(int(counts[1:].sum()), 1)
    load = np.zeros_like(rates)
    for number, (name, room) in enumerate(site.rooms.items()):
        mine = stays[(used.room == number) & ~np.isnan(stays)]
        share = float((used.room == number).sum()) / known
        if not counts[1:].sum():
            share = room.places / sum(one.places for one in site.rooms.values())
        minutes = float(mine.mean()) if len(mine) else _by_file(site, name)
        minutes += room.cleaning.duration.mean() if room.cleaning else 0.0
        places = max(room.places * room.usable_share, 1e-9)
        load = np.maximum(load, rates * share * minutes / HOUR / places)
    hour = int(np.argmax(load))
    return Queues(float(load[hour]), hour, _mean_wait(register, site))


def _by_file(site: Scenario, room: str) -> float:
    """Mean stay in a room by the site's file, of the kinds that use it first."""
    kinds = [one for one in site.visits.values() if one.stay and one.rooms[:1] == (room,)]
    share = sum(one.share for one in kinds)
    minutes = sum(one.share * one.stay.mean() for one in kinds if one.stay)
    return minutes / share if share else 0.0


def _mean_wait(register: Register, site: Scenario) -> float:
    """From the end of check-in where it is known, else from the arrival less a mean check-in."""
    if "entered" not in register.has or "arrived" not in register.has:
        return float("nan")
    used = register.where(register.served & ~np.isnan(register.entered) & register.timed)
    if not len(used):
        return float("nan")
    check_in = site.check_in.times.mean() if site.check_in else 0.0
    since = np.where(np.isnan(used.checked_in), used.arrived + check_in, used.checked_in)
    return float(np.maximum(used.entered - since, 0.0).mean())


class AtTally(NamedTuple):
    """What is matched to one tally of those who were not served."""

    a_day: float
    level: float
    """Visits of a week."""
    cv: float
    kinds: Mapping[str, float]
    """Shares."""
    patience: float
    """Mean minutes."""


@dataclass(frozen=True)
class Matched:
    """How demand and patience were matched to a tally of the unserved."""

    a_day: float
    """Of those who were not served."""
    rounds: int
    near: bool
    """Whether what was played came as near to the log as was wanted."""
    days: int
    """On which they were counted."""
    served: Estimate
    """Visits a day by the served alone."""
    patience: Mapping[str, Estimate] = field(default_factory=dict)
    """Mean, by kind."""
    points: tuple[AtTally, ...] = ()
    """At tallies that might have been, from the lowest; none where no draws are wanted."""
