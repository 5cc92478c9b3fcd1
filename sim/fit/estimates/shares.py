"""Shares and rates that need no simulation: kinds, first visits, services, overdoses."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sim.fit.reading.register import Finding, Floats, Ints, Register, Shape, finding
from sim.fit.reading.services import services_told
from sim.scenario.derived.appointments import appointments
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


def booked(site: Scenario) -> Ints:
    """Numbers of the kinds that come by appointment, which are no share of those who walk in."""
    by_appointment = appointments(site)
    return np.array(
        [number for number, name in enumerate(site.visits) if name in by_appointment],
        dtype=np.int64,
    )


def walking_in(register: Register, site: Scenario) -> tuple[Register, list[Finding]]:
    """A log without those who came by appointment: who is booked when is the site's file's."""
    which = np.isin(register.kind, booked(site))
    return register.where(~which), finding("booked", register, which)


def kinds_of(register: Register, site: Scenario) -> Kinds | None:
    """The shares of kinds; None if the log does not say them."""
    known = register.kind[register.kind >= 0]
    if not len(known):
        return None
    counts = np.bincount(known, minlength=len(site.visits))
    hidden = {
        name: kind.share
        for (name, kind), count in zip(site.visits.items(), counts, strict=True)
        if not count and (not kind.rooms or name in appointments(site))
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


# --- services -----------------------------------------------------------------------------------

_FEWEST_USERS = 30
"""Visits of a kind below which its shares are those of the site's file."""


@dataclass(frozen=True)
class Use:
    """How many visits of a kind use a service, or rest in aftercare."""

    share: Estimate
    """Of visits that took a place."""
    number: int
    """Of how many."""
    note: str = ""
    """A word of the catalogue: `few_used`: as in the site's file; `received`: of those who got it,
    less those who gave up waiting for it; `no_rest`: the file has no time of rest for this kind."""

    @property
    def is_fitted(self) -> bool:
        """Whether it is of the log, not of the site's file."""
        return self.note != "few_used"

    @property
    def is_set(self) -> bool:
        """Whether a scenario can have it."""
        return self.note not in ("few_used", "no_rest")


def services_of(register: Register, site: Scenario) -> dict[str, dict[str, Use]] | None:
    """The services that visits of each kind use; None if the log does not say them.

    Only of who took a place it is seen whether they use what comes after it. Who comes for a
    service alone does use it: those kinds stay as they are.

    Args:
        register: the log.
        site: whose services they are.
    """
    told = register.where(register.served & (register.services >= 0))
    if not len(told):
        return None
    kept = services_told(register.has, site)
    found: dict[str, dict[str, Use]] = {}
    for name, mine in _of_kinds(told, site):
        known, used = site.visits[name].services, dict[str, Use]()
        for bit, (service, one) in enumerate(site.services.items()):
            if service not in kept:
                continue
            count = int((mine.services >> bit & 1).sum())
            if not count and service not in known:
                continue
            partly = one.when == "before" or one.patience is not None
            used[service] = _use(count, len(mine), known.get(service, 0.0), partly=partly)
        if used:
            found[name] = used
    return found


def rests_of(register: Register, site: Scenario) -> dict[str, Use] | None:
    """Visits of each kind whose person rests in aftercare; None if the log does not say it."""
    told = register.where(register.served & (register.rested >= 0))
    room = site.aftercare
    if not len(told) or room is None:
        return None
    partly = room.seats is not None and room.when_full == "skip"
    found: dict[str, Use] = {}
    for name, mine in _of_kinds(told, site):
        rest, count = site.visits[name].aftercare, int(mine.rested.sum())
        if rest is not None:
            found[name] = _use(count, len(mine), rest.share, partly=partly)
        elif count:
            found[name] = Use(share(count, len(mine)), len(mine), "no_rest")
    return found


def _of_kinds(told: Register, site: Scenario) -> Iterator[tuple[str, Register]]:
    """The visits of each kind that takes a place; of the only one all, named or not."""
    alone = len(site.visits) == 1 and not (told.kind >= 0).any()
    for number, (name, kind) in enumerate(site.visits.items()):
        mine = told if alone else told.where(told.kind == number)
        if kind.rooms and len(mine):
            yield name, mine


def _use(count: int, number: int, by_file: float, *, partly: bool) -> Use:
    if number < _FEWEST_USERS:
        return Use(Estimate(by_file), number, "few_used")
    return Use(share(count, number), number, "received" if partly else "")


# --- overdoses ----------------------------------------------------------------------------------


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
