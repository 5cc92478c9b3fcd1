"""Shares and rates that need no simulation: kinds, first visits, overdoses."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.fit.reading.register import Floats, Register, Shape
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimate, binomial, poisson

_SURE = 3.0
"""Standard errors by which the share of first visits may fall over a log."""
_FEWEST_KIND = 10
"""Overdoses of each kind from which on kinds are told apart."""


def share(successes: int, trials: int) -> Estimate:
    """A share of visits, with its exact interval."""
    return binomial(np.array([float(successes)]), np.array([float(trials)])).at(0)


def rate(events: int, uses: int) -> Estimate:
    """Events per 1,000 uses, with the exact interval of a Poisson count."""
    return poisson(np.array([float(events)]), np.array([uses / 1000])).at(0)


@dataclass(frozen=True)
class Kinds:
    """Shares of the kinds of visit."""

    shares: Mapping[str, Estimate]
    """Of all visits, those that the log cannot show included."""
    number: int
    """Visits whose kind is known."""
    not_shown: float
    """Share of all visits that is of kinds the log cannot show: to services only."""


def kinds_of(register: Register, site: Scenario) -> Kinds | None:
    """The shares of kinds; None if the log does not say them."""
    known = register.kind[register.kind >= 0]
    if not len(known):
        return None
    counts = np.bincount(known, minlength=len(site.visits))
    hidden = {
        name: kind.share
        for (name, kind), count in zip(site.visits.items(), counts, strict=True)
        if not count and not kind.rooms
    }
    rest = 1 - sum(hidden.values())
    found = {
        name: Estimate(hidden[name])
        if name in hidden
        else share(int(count), len(known)).times(rest)
        for name, count in zip(site.visits, counts, strict=True)
    }
    return Kinds(found, len(known), 1 - rest)


def first_visits(register: Register) -> tuple[Estimate, int, bool]:
    """The share of first visits, of how many visits, and whether it is of the log only.

    A register that has just begun calls everybody new whom it has not seen: the share then falls
    over the log, and says nothing of new clients.
    """
    known = register.first[register.first >= 0]
    if not len(known):
        return Estimate(), 0, False
    half = len(known) // 2
    early, late = float(known[:half].sum()), float(known[half:].sum())
    falls = early - late > _SURE * math.sqrt(early + late) if half else False
    return share(int(known.sum()), len(known)), len(known), falls


@dataclass(frozen=True)
class Overdoses:
    """Overdoses per 1,000 uses, by kind."""

    all: Estimate
    count: int
    uses: int
    by_kind: Mapping[str, Estimate]
    """By kind where each has enough, else in the proportions of the site's file."""
    apart: bool = False
    """Whether kinds were told apart."""


def overdoses_of(
    register: Register, site: Scenario, listed: Register | None = None
) -> Overdoses | None:
    """The rates of overdose; None if the log does not say them, or no kind has any by the file.

    Args:
        register: the log.
        site: whose kinds have a risk.
        listed: the overdoses of the same days, where they are in a list of their own.
    """
    used = register.where(register.served)
    told = "overdose" in register.has or bool(register.overdose.any())
    if not len(used) or (listed is None and (not told or register.shape is Shape.COUNTS)):
        return None
    cases = used.where(used.overdose) if listed is None else listed
    risky = {name: one.overdose.per_1000 for name, one in site.visits.items() if one.overdose}
    if not any(risky.values()):
        return None
    count, uses = len(cases), len(used)
    of_kind = [int((used.kind == number).sum()) for number in range(len(site.visits))]
    seen = [int((cases.kind == number).sum()) for number in range(len(site.visits))]
    whole = rate(count, uses)
    named = {name: (of_kind[n], seen[n]) for n, name in enumerate(site.visits) if name in risky}
    if all(seen >= _FEWEST_KIND for _, seen in named.values()):
        rates = {name: rate(k, n) for name, (n, k) in named.items()}
        return Overdoses(whole, count, uses, rates, apart=True)
    return Overdoses(whole, count, uses, _in_proportion(whole, named, risky, site, uses))


def _in_proportion(
    whole: Estimate,
    named: Mapping[str, tuple[int, int]],
    risky: Mapping[str, float],
    site: Scenario,
    uses: int,
) -> dict[str, Estimate]:
    """The rates of the site's file, all times as high as the log says."""
    known = sum(number for number, _ in named.values())
    shares: Mapping[str, float] = {name: site.visits[name].share for name in named}
    mix: Floats = np.array([named[n][0] / uses if known else shares[n] for n in named])
    by_file = float(mix @ np.array([risky[name] for name in named]))
    factor = 1 / by_file if by_file > 0 else 0.0
    return {name: whole.times(risky[name] * factor) for name in named}
