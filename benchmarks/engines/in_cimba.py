"""The simple facility in Cimba, a simulation library in C, by way of its package for Python.

The package compiles what stands here; a timer is set only for those who have to wait, as someone
who knows Cimba would. It notes how each resource is used, and waits.
"""

from functools import cache

import cimba
from cimba import random

from benchmarks.engines.site import Outcome, Site

_OUT_OF_PATIENCE = 17
"""The signal of a visitor's timer; 0 says that what was waited for is there."""


class Facility(cimba.Model):
    """Resources and tallies."""

    gap: cimba.Param[float]
    injecting_share: cimba.Param[float]
    check_in: cimba.Param[float]
    stay_injecting: cimba.Param[float]
    stay_smoking: cimba.Param[float]
    patience: cimba.Param[float]
    cleaning: cimba.Param[float]
    aftercare_share: cimba.Param[float]
    aftercare: cimba.Param[float]
    desk: cimba.Resource
    injecting: cimba.Resource
    smoking: cimba.Resource
    nurses: cimba.Resource
    seats: cimba.Resource
    waits: cimba.Dataset
    visits: cimba.Output[int]
    left: cimba.Output[int]
    mean_wait: cimba.Output[float]

    @cimba.process
    def arrivals(self) -> None:
        """Somebody comes, again and again."""
        while True:
            cimba.hold(random.exponential(self.gap))
            self.visits += 1
            cimba.spawn(Visit, facility=self)

    @cimba.on_end
    def close(self) -> None:
        """Work out what is asked for."""
        self.mean_wait = self.waits.sample_mean()


class Visit(cimba.Model):
    """From the door until the place is clean again: who holds a place has to give it back."""

    facility: cimba.Ref[Facility]

    @cimba.process
    def visit(self) -> None:
        """Check-in, the place, its cleaning."""
        facility, me = self.facility, cimba.this_process()
        injecting = random.uniform() < facility.injecting_share
        until = cimba.now() + random.exponential(facility.patience)
        if facility.desk.available() == 0:
            me.timer_set(until - cimba.now(), _OUT_OF_PATIENCE)
            if facility.desk.acquire() != 0:
                facility.left += 1
                return
            me.timers_clear()
        else:
            facility.desk.acquire()
        cimba.hold(random.exponential(facility.check_in))
        facility.desk.release()
        asked = cimba.now()
        room = facility.injecting if injecting else facility.smoking
        if room.available() == 0:
            me.timer_set(max(0.0, until - asked), _OUT_OF_PATIENCE)
            signal = room.acquire()
            facility.waits.record(cimba.now() - asked)
            if signal != 0:
                facility.left += 1
                return
            me.timers_clear()
        else:
            room.acquire()
            facility.waits.record(0.0)
        stay = facility.stay_injecting if injecting else facility.stay_smoking
        cimba.hold(random.exponential(stay))
        if random.uniform() < facility.aftercare_share and facility.seats.available() > 0:
            cimba.spawn(Aftercare, facility=facility)
        facility.nurses.acquire()
        cimba.hold(facility.cleaning)
        facility.nurses.release()
        room.release()


class Aftercare(cimba.Model):
    """The visitor goes on while the place is cleaned."""

    facility: cimba.Ref[Facility]

    @cimba.process
    def rest(self) -> None:
        """In a seat."""
        self.facility.seats.acquire()
        cimba.hold(random.exponential(self.facility.aftercare))
        self.facility.seats.release()


@cache
def _facility(site: Site) -> Facility:
    """The site as Cimba reads it: once, as in a study."""
    facility = Facility()
    facility.gap, facility.patience = site.gap, site.patience
    facility.injecting_share, facility.check_in = site.injecting_share, site.check_in
    facility.stay_injecting, facility.stay_smoking = site.stay
    facility.cleaning = site.cleaning
    facility.aftercare_share, facility.aftercare = site.aftercare_share, site.aftercare
    facility.desk = cimba.Resource(capacity=site.desks)
    facility.injecting, facility.smoking = (cimba.Resource(capacity=n) for n in site.places)
    facility.nurses = cimba.Resource(capacity=site.nurses)
    facility.seats = cimba.Resource(capacity=site.seats)
    return facility


def play(site: Site, seed: int) -> Outcome:
    """One replication, by one processor."""
    facility, window = _facility(site), cimba.Window(duration=site.minutes)
    found = cimba.Experiment(facility, window=window, seed=seed).run(workers=1)[facility]
    visits, left, wait = (
        float(column.values[0, 0]) for column in (found.visits, found.left, found.mean_wait)
    )
    return Outcome(int(visits), int(left), wait)
