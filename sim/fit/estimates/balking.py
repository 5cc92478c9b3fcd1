"""Who turns round at the door, by what they met there: people ahead, and places that can be used.

A log shows neither: breaks and responses take places away, and who is being registered waits for
none. Both are read from the log's own arrivals and stays, played through the site as its file
describes it. That play is not what was, minute by minute; so it is asked how many turn round in
all, which is right where people ahead are right on average, and not who.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import optimize, special

from sim.fit.reading.columns import Fate
from sim.fit.reading.mess import step_of
from sim.fit.reading.register import Bools, Floats, Ints, Register
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.visits import Balking
from sim.study.estimate.intervals import LEVEL, Estimate

FEWEST, ENOUGH = 10, 30
"""Who turned round, below which the site's file is kept, and of each kind from which on kinds are
told apart."""
_AT_ONCE, _TIMES_NEXT = 1.0, 2.0
"""Minutes within which somebody leaves who turns round; and how many times as many must leave in
them as in the next, so that it is no patience that ran out."""
_USUAL = Balking(per_person_ahead=0.0, at_most=0.9)
"""Where the site's file has none."""
_RANGE = (1e-6, 1e3)
_Z = float(special.ndtri((1 + LEVEL) / 2))


@dataclass(frozen=True, eq=False)
class Doors:
    """What each met who came to a door that was open, in each of some replays."""

    turned: Bools
    """(n,): whether they turned round."""
    kind: Ints
    """(n,)"""
    ahead: Floats
    """(replays, n): people who wait for a place that would do, or for registration."""
    usable: Floats
    """(replays, n): places that would do and are in use, or can take somebody."""
    full: Bools
    """(replays, n): whether none of these is free."""

    def where(self, kept: Bools) -> "Doors":
        """Some of those who came."""
        parts = (self.ahead[:, kept], self.usable[:, kept], self.full[:, kept])
        return Doors(self.turned[kept], self.kind[kept], *parts)


class Turning(NamedTuple):
    """Turning round, of a kind or of all kinds together."""

    per_person: Estimate
    """Added chance for each person ahead and usable place."""
    turned: int
    came: int
    pooled: bool


def gone_at_once(register: Register, site: Scenario) -> Bools:
    """Who turned round, in a log that says of all who were not served that they left.

    Patience that ran out in the first minute is rarer than in the second: where far more leave in
    the minute in which they come, these turned round. Who was refused at once did, too, where there
    is no waiting area that could be full.
    """
    nobody = np.zeros(len(register), dtype=np.bool_)
    gone = (register.fate == Fate.LEFT) & register.timed & np.isnan(register.checked_in)
    if site.waiting_area is None:
        gone |= (register.fate == Fate.REFUSED) & register.timed
    stayed = register.out - register.arrived
    first, second = (gone & (stayed >= at) & (stayed < at + _AT_ONCE) for at in (0.0, _AT_ONCE))
    told = (register.fate == Fate.TURNED).any() or step_of(register.arrived[register.timed]) > 1
    many = first.sum() >= FEWEST and first.sum() > _TIMES_NEXT * second.sum()
    return nobody if told or not many else first


def fit_balking(doors: Doors, site: Scenario) -> Mapping[str, Turning]:
    """How readily people turn round, by kind; none where too few did.

    Args:
        doors: what they met.
        site: whose file says what else makes people turn round, and how many do at most.
    """
    names = [name for name, kind in site.visits.items() if kind.rooms]
    numbers = {name: list(site.visits).index(name) for name in names}
    each = {name: doors.where(doors.kind == number) for name, number in numbers.items()}
    came = {name: one for name, one in each.items() if len(one.turned)}
    if came and all(one.turned.sum() >= ENOUGH for one in came.values()):
        found = {name: _turning(one, site, pooled=False) for name, one in came.items()}
    else:
        found = dict.fromkeys(names, _turning(doors, site, pooled=True))
    return {name: one for name, one in found.items() if one is not None}


def law_of(site: Scenario, name: str) -> Balking:
    """Who of a kind turns round by the site's file."""
    return site.visits[name].balking or _USUAL


def _turning(doors: Doors, site: Scenario, *, pooled: bool) -> Turning | None:
    """As many turn round as did, if each person ahead and place makes so many of them."""
    turned = int(doors.turned.sum())
    if turned < FEWEST:
        return None
    laws = [law_of(site, name) for name in site.visits]

    def chances(each: float) -> Floats:
        """Of each who came: (replays, n)."""
        return np.concatenate(
            [
                _chance(doors.where(doors.kind == number), law, each)
                for number, law in enumerate(laws)
            ],
            axis=1,
        )

    def lacking(log_of_each: float) -> float:
        return float(chances(math.exp(log_of_each)).mean(axis=0).sum()) - turned

    low, high = map(math.log, _RANGE)
    if lacking(low) >= 0 or lacking(high) <= 0:
        return None
    at = float(optimize.brentq(lacking, low, high, xtol=1e-9))
    # By chance, and by how much replays differ of which what was is one more.
    chance = chances(math.exp(at))
    mean = chance.mean(axis=0)
    totals = chance.sum(axis=1)
    replays = len(totals)
    spread = float((mean * (1 - mean)).sum())
    spread += float(totals.var(ddof=1)) * (1 + 1 / replays) if replays > 1 else 0.0
    slope = (lacking(at + 1e-4) - lacking(at - 1e-4)) / 2e-4
    half, value = _Z * math.sqrt(spread) / slope, math.exp(at)
    known = Estimate(value, value * math.exp(-half), value * math.exp(half))
    return Turning(known, turned, len(doors.turned), pooled)


def _chance(doors: Doors, law: Balking, each: float) -> Floats:
    """(replays, n): of turning round."""
    with np.errstate(divide="ignore", invalid="ignore"):
        more = np.where(doors.ahead > 0, each * doors.ahead / doors.usable, 0.0)
    found = np.minimum(law.when_full * doors.full + more, law.at_most)
    return found if law.above is None else np.where(doors.ahead > law.above, 1.0, found)


def with_turned(register: Register, which: Bools) -> Register:
    """The log with those as turned round who left at once."""
    fate = np.where(which, int(Fate.TURNED), register.fate)
    return replace(register, fate=fate) if which.any() else register
