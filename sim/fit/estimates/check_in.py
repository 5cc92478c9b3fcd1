"""How long registration takes, where the log has its end beside the arrival."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from sim.fit.estimates.stays import alike
from sim.fit.reading.register import Bools, Floats, Register
from sim.scenario.model.durations import DurationShape
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import CheckInTimes
from sim.study.estimate.intervals import LEVEL, Estimate

MINUTES = {"mean", "median", "sd", "low", "mode", "high", "value", "at_most", "plus"}
"""Settings of a law that are minutes."""
FEWEST = 30
"""Registrations below which the times of the site's file are kept."""


class CheckIns(NamedTuple):
    """Mean minutes of a registration."""

    means: Mapping[str, tuple[Estimate, int]]
    """And of how many: `known` and `first_visit` where the log tells them apart, else `all`."""
    alone: bool
    """Whether only those count who found nobody registering: others may have waited for it."""
    minutes: Mapping[str, Floats]
    """Of each registration that counts."""
    wider: Mapping[str, float]
    """How many times as far a mean may be off as that of as many that are drawn apart."""
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
    rows = {name: counted & which for name, which in told.items()}
    rows = {name: which for name, which in rows.items() if which.sum() >= FEWEST}
    if not rows:
        return None
    each = {name: minutes[which] for name, which in rows.items()}
    wider = {name: math.sqrt(alike(each[name], register.day[rows[name]])) for name in rows}
    means = {name: _mean(each[name], wider[name]) for name in rows}
    return CheckIns(means, alone, each, wider, alone and free is not None)


def _finds_nobody(register: Register) -> Bools:
    """Whether all who came before have been registered, or have left, a minute earlier at least."""
    gone = np.fmin(register.checked_in, register.out)
    end = np.where(np.isnan(gone), register.arrived, gone)
    before = np.concatenate([[-np.inf], np.maximum.accumulate(end)[:-1]])
    found: Bools = register.arrived > before
    return found


def scaled(law: DurationShape, factor: float) -> dict[str, Any]:
    """A law with all its minutes so many times as long."""
    found = law.model_dump(by_alias=True, exclude_none=True, mode="json")
    for key in MINUTES & found.keys():
        found[key] *= factor
    if "values" in found:
        found["values"] = [one * factor for one in found["values"]]
    return found


def laws_of(found: CheckIns, times: CheckInTimes) -> Iterator[tuple[str, DurationShape, str]]:
    """The laws of the site's file that are scaled: whose, the law, and to which mean."""
    for name, law in (("known", times.known), ("first_visit", times.first_visit)):
        of = name if name in found.means else "all"
        if law is None or of not in found.means:
            continue
        before = times.mean() if of == "all" else law.mean()
        if before > 0 and found.means[of][0].value > 0:
            yield name, law, of


def factor_of(found: CheckIns, times: CheckInTimes, law: DurationShape, of: str) -> float:
    """How many times as long a law of the site's file is."""
    return found.means[of][0].value / (times.mean() if of == "all" else law.mean())


def _mean(minutes: Floats, wider: float) -> tuple[Estimate, int]:
    """The mean, which rounding of both ends leaves as it is, with Student's interval."""
    count, mean = len(minutes), float(minutes.mean())
    error = float(minutes.std(ddof=1)) * wider / math.sqrt(count)
    half = float(special.stdtrit(count - 1, (1 + LEVEL) / 2)) * error
    return Estimate(mean, max(0.0, mean - half), mean + half), count
