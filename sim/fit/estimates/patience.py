"""How long people wait before they leave: those who were served waited at least as long.

From those who left alone patience comes out far too short: the patient were served. So who was
served counts as somebody who would have waited longer. Patience runs from the first line that is
joined, registration included, and strikes only in a line: who leaves as registration ends has lost
patience some time in it, and of who was given a place as registration ended it is known only that
it had not run out when registration began.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import optimize, special

from sim.fit.estimates.stays import covariance
from sim.fit.reading.calendar import Calendar
from sim.fit.reading.columns import Fate
from sim.fit.reading.mess import step_of
from sim.fit.reading.register import Bools, Floats, Register
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import LEVEL, Estimate

ENOUGH = 30
"""Leavers from which on the law is a Weibull."""
_Z = float(special.ndtri((1 + LEVEL) / 2))
_AT_ONCE = 1.0
"""Minutes between the end of registration and the place, or leaving, that are no wait."""
_LEAST = 1e-3
_SHAPES = (0.1, 20.0)
"""That a scenario may have."""
WAITED = (5, 10, 20, 30)
"""Minutes at which the share that would still wait is told."""


@dataclass(frozen=True, eq=False)
class Waits:
    """How long people waited, and how that ended."""

    low: Floats
    """Of who left: minutes that they waited at least."""
    high: Floats
    """The same: at most. Both are one number where it is known exactly."""
    served: Floats
    """Of who was served: minutes that they would have waited at least."""

    @property
    def queued(self) -> float:
        """Minutes that all of them together are known to have waited."""
        return float(((self.low + self.high) / 2).sum() + self.served.sum())


def waits_of(register: Register, calendar: Calendar, site: Scenario, kinds: Bools) -> Waits:
    """The waits of a log.

    Args:
        register: the visits.
        calendar: by which those are known who stood at the door: how long, nobody wrote down.
        site: whose registration takes how long.
        kinds: which kinds are meant.
    """
    at_door = calendar.next_opening(register.arrived) == register.arrived
    meant = np.append(kinds, True)[register.kind] & register.timed & ~at_door
    gone = register.where(meant & (register.fate == Fate.LEFT) & ~np.isnan(register.out))
    had = register.where(meant & register.served & ~np.isnan(register.entered))
    step = step_of(np.concatenate([gone.arrived, had.arrived]))
    half = step / 2
    check_in = site.check_in.times.mean() if site.check_in else 0.0
    # One of 0 was half a step at most: taken for anything up to a whole one, those who leave soon
    # are too few, and the shape comes out a seventh too high with times to 5 minutes.
    left = np.maximum(gone.out - gone.arrived, 0.0)
    low, high = np.maximum(left - half, 0.0), left + half
    on_joining = gone.out - gone.checked_in <= max(_AT_ONCE, half)
    began = np.maximum(gone.checked_in - gone.arrived - check_in, 0.0)
    low = np.where(on_joining, np.minimum(began, low), low)
    return Waits(low, high, queued_at_least(had, site, half))


def queued_at_least(had: Register, site: Scenario, half: float = _AT_ONCE) -> Floats:
    """How long patience had not run out, of those who had a place.

    Args:
        had: their visits.
        site: whose registration takes how long.
        half: minutes by which a time may be off.
    """
    check_in = site.check_in.times.mean() if site.check_in else 0.0
    wait = np.maximum(had.entered - had.arrived, 0.0)
    at_once = had.entered - had.checked_in <= max(_AT_ONCE, half)
    began = np.maximum(had.checked_in - had.arrived - check_in, 0.0)
    return np.where(at_once, np.minimum(began, wait), wait)


# --- estimators ---------------------------------------------------------------------------------


class Still(NamedTuple):
    """After a length of waiting at which somebody left."""

    minutes: float
    share: float
    """Of all, who would still wait."""
    spread: float
    """Greenwood's sum."""


def kaplan_meier(left: Floats, served: Floats) -> list[Still]:
    """The share that would still wait after each length at which somebody left.

    Args:
        left: minutes after which people left.
        served: minutes after which others were served.
    """
    still, spread, found = 1.0, 0.0, []
    for at in np.unique(left).tolist():
        risk = int((left >= at).sum() + (served >= at).sum())
        gone = int((left == at).sum())
        still *= 1 - gone / risk
        spread += gone / (risk * (risk - gone)) if risk > gone else 0.0
        found.append(Still(at, still, spread))
    return found


def still_waiting(waits: Waits, minutes: float) -> Estimate:
    """The share that would wait longer than so many minutes, by Kaplan and Meier.

    NaN where nobody is known to have waited so long; Greenwood's interval on log(−log).
    """
    left = (waits.low + waits.high) / 2
    if not ((left >= minutes).any() or (waits.served >= minutes).any()):
        return Estimate()
    steps = [one for one in kaplan_meier(left, waits.served) if one.minutes <= minutes]
    if not steps or not 0 < steps[-1].share < 1:
        return Estimate(steps[-1].share if steps else 1.0)
    _, still, spread = steps[-1]
    half = _Z * math.sqrt(spread) / abs(math.log(still))
    return Estimate(still, still ** math.exp(half), still ** math.exp(-half))


def exponential(leavers: int, queued: float) -> Estimate:
    """Mean patience where few left: all minutes queued by those who left, with its interval."""
    if not leavers:
        return Estimate(math.nan, at_least(queued), math.nan)
    tails = [float(special.gammaincinv(leavers, (1 + sign * LEVEL) / 2)) for sign in (1, -1)]
    return Estimate(queued / leavers, queued / tails[0], queued / tails[1])


def at_least(queued: float) -> float:
    """The mean that patience has at least if nobody left in so many minutes, at 95 %."""
    return queued / -math.log(1 - LEVEL)


@dataclass(frozen=True)
class Weibull:
    """The usual law of patience."""

    median: Estimate
    shape: Estimate


def weibull(waits: Waits) -> Weibull:
    """By likelihood: who left did so between two times, who was served would have waited longer."""
    ends = np.column_stack([np.maximum(waits.low, 0.0), np.maximum(waits.high, _LEAST)])
    # Of whole minutes each is looked at once, as often as it is there.
    pairs, left = np.unique(ends, axis=0, return_counts=True)
    low, high = pairs.T
    served, times = np.unique(waits.served[waits.served > 0], return_counts=True)

    def lost(at: Floats) -> float:
        scale, shape = math.exp(at[0]), math.exp(at[1])
        if not _SHAPES[0] <= shape <= _SHAPES[1] or abs(at[0]) > math.log(1e6):
            return math.inf
        start, end = (low / scale) ** shape, (high / scale) ** shape
        between = np.log(np.maximum(-np.expm1(start - end), 1e-300)) - start
        return float(times @ (served / scale) ** shape - left @ between)

    begin = math.log(max(waits.queued / len(waits.low), _LEAST))
    found = optimize.minimize(
        lost,
        np.array([begin, 0.0]),
        method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-8, "maxiter": 2000},
    )
    at = np.asarray(found.x)
    spread = covariance(lost, at)
    log_of_two = math.log(math.log(2))
    shape = math.exp(at[1])
    median = math.exp(at[0]) * math.log(2) ** (1 / shape)
    slope = np.array([1.0, -log_of_two / shape])
    halves = [
        _Z * math.sqrt(max(float(one @ spread @ one), 0.0)) for one in (slope, np.array([0.0, 1.0]))
    ]
    return Weibull(
        *(
            Estimate(value, value * math.exp(-half), value * math.exp(half))
            for value, half in zip((median, shape), halves, strict=True)
        )
    )


# --- of a log -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Patience:
    """What a log says of the patience of a kind, or of all kinds together."""

    law: Weibull | None
    """None with few leavers: an exponential of the mean."""
    mean: Estimate
    """Of an exponential; its lower end alone where nobody left."""
    leavers: int
    queued: float
    """Minutes."""
    pooled: bool
    still: dict[int, Estimate]
    """Share that would still wait, by minutes."""


def fit_patience(
    register: Register, calendar: Calendar, site: Scenario, *, curve: bool = True
) -> dict[str, Patience] | None:
    """Patience by kind; None where the log has not what it takes.

    With `curve` it is said too who would still wait, which takes as long as all else together.

    It needs arrivals and places with their times, and when those left who left: a list of them
    without it says nothing of patience.
    """
    timed_leavers = (register.fate == Fate.LEFT) & ~np.isnan(register.out)
    recorded = "outcome" in register.has or bool(register.unserved.any())
    gone = (register.fate == Fate.LEFT).any()
    if not recorded or np.isnan(register.entered).all() or "arrived" not in register.has:
        return None
    if gone and not timed_leavers.any():
        return None
    names = [name for name, kind in site.visits.items() if kind.rooms]
    numbers = np.arange(len(site.visits))
    of_kind = {
        name: waits_of(register, calendar, site, numbers == list(site.visits).index(name))
        for name in names
    }
    seen = [one for one in of_kind.values() if len(one.low) or len(one.served)]
    if seen and all(len(one.low) >= ENOUGH for one in seen):
        return {
            name: _patience(one, curve=curve, pooled=False)
            for name, one in of_kind.items()
            if len(one.low)
        }
    every = _patience(waits_of(register, calendar, site, numbers >= 0), curve=curve, pooled=True)
    return dict.fromkeys(names, every)


def _patience(waits: Waits, *, curve: bool, pooled: bool) -> Patience:
    leavers = len(waits.low)
    return Patience(
        weibull(waits) if leavers >= ENOUGH else None,
        exponential(leavers, waits.queued),
        leavers,
        waits.queued,
        pooled,
        {minutes: still_waiting(waits, minutes) for minutes in WAITED} if curve else {},
    )
