"""How long registration takes, where the log has its end beside the arrival."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy import special

from sim.fit.estimates.stays import alike
from sim.fit.reading.register import Bools, Floats, Register
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import LEVEL, Estimate

FEWEST = 30
"""Registrations below which the times of the site's file are kept."""


class CheckIns(NamedTuple):
    """Mean minutes of a registration."""

    means: Mapping[str, tuple[Estimate, int]]
    """And of how many: `known` and `first_visit` where the log tells them apart, else `all`."""
    alone: bool
    """Whether only those count who found nobody registering: others may have waited for it."""
    free: bool = False
    """And of these those for whom, by a replay, a desk and staff were free."""

    @property
    def note(self) -> str:
        """Of whom they are: a word of the catalogue."""
        return "free" if self.free else "alone" if self.alone else ""


def check_ins_of(register: Register, site: Scenario, free: Bools | None = None) -> CheckIns | None:
    """How long registration takes; None if the log or the site has none, or too few are known.

    From the arrival to its end a queue for a desk, or for staff, is in it. How long somebody's own
    takes has nothing to do with who is there: of those who find nobody registering it is the same.

    Args:
        register: the log.
        site: whose registration it is; kinds with times of their own do not count.
        free: of each visit, whether a desk and staff were free for it, where a replay says so.
    """
    if site.check_in is None or "checked_in" not in register.has:
        return None
    own = [one.check_in is not None for one in site.visits.values()]
    common = ~np.array([*own, False])[register.kind]
    minutes = register.checked_in - register.arrived
    alone = site.check_in.desks is not None or bool(site.check_in.roles)
    counted = common & register.timed & ~np.isnan(minutes) & (minutes >= 0)
    if alone:
        counted &= _finds_nobody(register)
        if free is not None:
            counted &= free
    told = {"known": register.first == 0, "first_visit": register.first == 1}
    if not (counted & (register.first >= 0)).any():
        told = {"all": np.ones(len(minutes), dtype=np.bool_)}
    if site.check_in.times.first_visit is None:
        told = {"known": np.ones(len(minutes), dtype=np.bool_)}
    found = {
        name: _mean(minutes[counted & which], register.day[counted & which])
        for name, which in told.items()
        if (counted & which).sum() >= FEWEST
    }
    return CheckIns(found, alone, alone and free is not None) if found else None


def _finds_nobody(register: Register) -> Bools:
    """Whether all who came before have been registered, or have left, a minute earlier at least."""
    gone = np.fmin(register.checked_in, register.out)
    end = np.where(np.isnan(gone), register.arrived, gone)
    before = np.concatenate([[-np.inf], np.maximum.accumulate(end)[:-1]])
    found: Bools = register.arrived > before
    return found


def _mean(minutes: Floats, day: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[Estimate, int]:
    """The mean, which rounding of both ends leaves as it is, with Student's interval."""
    count, mean = len(minutes), float(minutes.mean())
    error = float(minutes.std(ddof=1)) * math.sqrt(alike(minutes, day) / count)
    half = float(special.stdtrit(count - 1, (1 + LEVEL) / 2)) * error
    return Estimate(mean, max(0.0, mean - half), mean + half), count
