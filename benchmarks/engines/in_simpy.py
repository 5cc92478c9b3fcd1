"""The simple facility in SimPy as its documentation teaches it: a process for each visitor."""

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from benchmarks.engines.site import Outcome, Site

Process = Generator[simpy.Event, Any, None]


class Facility:
    """Resources and tallies."""

    def __init__(self, env: simpy.Environment, site: Site, seed: int) -> None:
        """Open."""
        self.env, self.site, self.random = env, site, np.random.default_rng(seed)
        self.desk = simpy.Resource(env, site.desks)
        self.rooms = [simpy.Resource(env, places) for places in site.places]
        self.nurses = simpy.Resource(env, site.nurses)
        self.seats = simpy.Resource(env, site.seats)
        self.visits = self.left = 0
        self.waits: list[float] = []

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
        until = self.env.now + random.exponential(site.patience)
        with self.desk.request() as desk:
            yield desk
            yield self.env.timeout(random.exponential(site.check_in))
        room, asked = self.rooms[kind], self.env.now
        place = room.request()
        patience = self.env.timeout(max(0.0, until - asked))
        yield place | patience
        self.waits.append(self.env.now - asked)
        if not place.triggered:
            place.cancel()
            self.left += 1
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
    env = simpy.Environment()
    facility = Facility(env, site, seed)
    env.process(facility.arrivals())
    env.run(until=site.minutes)
    return Outcome(facility.visits, facility.left, float(np.mean(facility.waits)))
