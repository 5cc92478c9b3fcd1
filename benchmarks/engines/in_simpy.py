"""The simple facility in SimPy as its documentation teaches it: a process for each visitor."""

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import pandas as pd
import simpy
from simpy.resources.resource import Release, Request

from benchmarks.engines.site import Outcome, Site

Process = Generator[simpy.Event, Any, None]
MINUTES_AN_HOUR = 60
HOURS_A_WEEK = 168


class Monitored(simpy.Resource):
    """A resource that notes how it stands, by the documentation's guide to monitoring."""

    def __init__(self, env: simpy.Environment, capacity: int) -> None:
        """Nothing has happened yet."""
        super().__init__(env, capacity)
        self.noted: list[tuple[float, int, int]] = []
        """When, how many are in use, how many are waited for."""

    def request(self) -> Request:
        """Ask for one."""
        found = super().request()
        self._note()
        return found

    def release(self, request: Request) -> Release:
        """Give one back."""
        found = super().release(request)
        self._note()
        return found

    def _note(self) -> None:
        self.noted.append((self._env.now, self.count, len(self.queue)))


class Facility:
    """Resources and tallies."""

    def __init__(
        self,
        env: simpy.Environment,
        site: Site,
        seed: int,
        resource: Callable[[simpy.Environment, int], simpy.Resource] = simpy.Resource,
    ) -> None:
        """Open."""
        self.env, self.site, self.random = env, site, np.random.default_rng(seed)
        self.desk = resource(env, site.desks)
        self.rooms = [resource(env, places) for places in site.places]
        self.nurses = resource(env, site.nurses)
        self.seats = resource(env, site.seats)
        self.visits = self.gave_up_at_desk = 0
        self.queued: list[tuple[float, int, float, bool]] = []
        """Arrival, room, how long in the queue for a place, whether in vain."""

    def arrivals(self) -> Process:
        """Somebody comes, again and again."""
        while True:
            yield self.env.timeout(self.random.exponential(self.site.gap))
            self.visits += 1
            self.env.process(self.visit())

    def visit(self) -> Process:
        """From the door to the door."""
        site, random = self.site, self.random
        kind = int(random.random() >= site.injecting_share)
        arrived = self.env.now
        patience = self.env.timeout(random.exponential(site.patience))
        with self.desk.request() as desk:
            yield desk | patience
            if not desk.triggered:
                self.gave_up_at_desk += 1
                return
            yield self.env.timeout(random.exponential(site.check_in))
        room, asked = self.rooms[kind], self.env.now
        place = room.request()
        yield place | patience
        self.queued.append((arrived, kind, self.env.now - asked, not place.triggered))
        if not place.triggered:
            place.cancel()
            return
        yield self.env.timeout(random.exponential(site.stay[kind]))
        self.env.process(self.cleaning(room, place))
        if random.random() < site.aftercare_share and self.seats.count < site.seats:
            with self.seats.request() as seat:
                yield seat
                yield self.env.timeout(random.exponential(site.aftercare))

    def cleaning(self, room: simpy.Resource, place: simpy.resources.resource.Request) -> Process:
        """A nurse makes the place ready for the next visitor."""
        with self.nurses.request() as nurse:
            yield nurse
            yield self.env.timeout(self.site.cleaning)
        room.release(place)


def play(site: Site, seed: int) -> Outcome:
    """One replication."""
    return outcome(run(site, seed, simpy.Resource))


def play_measured(site: Site, seed: int) -> Outcome:
    """One replication, and what there is to know of its waits and resources by hour of the week."""
    facility = run(site, seed, Monitored)
    waits_by_hour(facility)
    for resource in (facility.desk, *facility.rooms, facility.nurses, facility.seats):
        if isinstance(resource, Monitored):
            means_by_hour(resource, site.minutes)
    return outcome(facility)


def run(
    site: Site, seed: int, resource: Callable[[simpy.Environment, int], simpy.Resource]
) -> Facility:
    """The facility after one replication."""
    env = simpy.Environment()
    facility = Facility(env, site, seed, resource)
    env.process(facility.arrivals())
    env.run(until=site.minutes)
    return facility


def outcome(facility: Facility) -> Outcome:
    """What the facility has found."""
    waits = [wait for _, _, wait, _ in facility.queued]
    left = facility.gave_up_at_desk + sum(in_vain for _, _, _, in_vain in facility.queued)
    return Outcome(facility.visits, left, float(np.mean(waits)))


def waits_by_hour(facility: Facility) -> pd.DataFrame:
    """Visits, mean wait, median, 90th percentile and share in vain, by room and hour."""
    queued = pd.DataFrame(facility.queued, columns=["arrived", "room", "wait", "in_vain"])
    hour = (queued["arrived"] // MINUTES_AN_HOUR % HOURS_A_WEEK).astype(int).rename("hour")
    by_hour = queued.groupby(["room", hour])
    found = by_hour["wait"].agg(["count", "mean"])
    found["median"], found["p90"] = by_hour["wait"].median(), by_hour["wait"].quantile(0.9)
    return found.join(by_hour["in_vain"].mean())


def means_by_hour(resource: Monitored, minutes: float) -> pd.DataFrame:
    """How many are in use and waited for on average, by hour of the week."""
    hours = pd.Index(np.arange(0.0, minutes, MINUTES_AN_HOUR))
    noted = pd.DataFrame(resource.noted, columns=["time", "used", "waiting"])
    noted = noted.groupby("time").last()  # of several changes at one instant
    noted = noted.reindex(noted.index.union(hours)).ffill().fillna(0)
    held = np.diff(noted.index.to_numpy(), append=minutes)
    hour = (noted.index // MINUTES_AN_HOUR % HOURS_A_WEEK).astype(int)
    total = noted.mul(held, axis=0).groupby(hour).sum()
    return total.div(pd.Series(held).groupby(hour).sum(), axis=0)
