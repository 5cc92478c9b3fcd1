"""Sizing a site: everything that is asked of a scenario with targets and a design block."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from sim.size.frontier import Described, Shown, describe, explore
from sim.size.headroom import Headroom, headroom
from sim.size.lab import Lab
from sim.size.pilot import learn
from sim.size.screen import hopeless
from sim.size.search import Found, Rules, Search
from sim.size.selection import select_best
from sim.size.sequential import FIRST_TO_MEET, Floats
from sim.size.space import Design
from sim.size.thumb import Thumb, thumb
from sim.size.watched import Watched, tolerances_of
from sim.study.intervals import ratio


@dataclass(frozen=True)
class Seen:
    """A target of a design: its figure, and the share of the limit's side it is on."""

    wanted: Watched
    figure: Shown
    """In the unit that is observed; of a target for every hour, of the hour nearest to failing."""
    met: bool
    """Whether the figure, as it is known, is on the right side."""
    hour: int | None


@dataclass(frozen=True)
class Price:
    """What a target costs: the cheapest design without it, beside the chosen one."""

    wanted: Watched
    design: Design | None
    """None if even without it none was found."""
    saving: float
    """A year, in the currency of the costs."""


@dataclass(frozen=True)
class Unsure:
    """A design cheaper than the chosen one of which it is not known whether it meets."""

    design: Design
    to_go: int
    """More replications that would tell at the latest."""


@dataclass(frozen=True)
class Short:
    """A target that the best design there is does not meet."""

    seen: Seen
    design: Design
    """The best, the same for all."""


@dataclass(frozen=True, eq=False)
class Sizing:
    """What was found."""

    lab: Lab
    found: Found
    targets: tuple[Seen, ...]
    """Of the chosen design."""
    unsure: tuple[Unsure, ...]
    prices: tuple[Price, ...]
    short: tuple[Short, ...]
    """Empty unless nothing meets all targets."""
    headroom: Headroom | None
    thumbs: tuple[Thumb, ...]
    described: tuple[Described, ...]
    """All designs that were played."""

    @property
    def chosen(self) -> Design | None:
        """The cheapest design that meets all targets."""
        return self.found.met[0] if self.found.met else None


def size(lab: Lab, rules: Rules) -> Sizing:
    """Find the cheapest design, and all that goes with it.

    Args:
        lab: of the scenario's space.
        rules: how sure to be.
    """
    found, search = choose(lab, rules)
    chosen = found.met[0] if found.met else None
    prices = () if chosen is None else _prices(lab, rules, chosen)
    short = _short(lab, search, rules.confidence) if chosen is None else ()
    explore(lab)
    unsure = tuple(Unsure(one, search.verdict(one).to_go) for one in found.unsure)
    return Sizing(
        lab=lab,
        found=found,
        targets=() if chosen is None else seen(lab, chosen),
        unsure=unsure,
        prices=prices,
        short=short,
        headroom=None if chosen is None else headroom(lab, chosen, rules.confidence),
        thumbs=() if chosen is None else thumb(lab, chosen),
        described=tuple(describe(lab, one) for one in lab.played),
    )


def choose(lab: Lab, rules: Rules) -> tuple[Found, Search]:
    """The search alone, with a pilot before it if the lab has had none."""
    if lab.coefficients is None:
        lab.coefficients = learn(lab)
    search = Search(lab, rules, hopeless(lab.space, _counting(lab, rules)))
    return search.run(), search


def _counting(lab: Lab, rules: Rules) -> Sequence[Watched]:
    wanted = lab.means.wanted
    return wanted if rules.wanted is None else [wanted[number] for number in rules.wanted]


def seen(lab: Lab, design: Design) -> tuple[Seen, ...]:
    """Each target's figure in the replications of a design, with its 95 % interval."""
    record = lab.record(design)
    found = []
    for one in lab.means.wanted:
        pairs = record.pairs[:, :, one.columns]
        estimate = ratio(pairs[:, 0], pairs[:, 1])
        margins = one.sign * (estimate.value - one.limit)
        known = ~np.isnan(margins)
        if not known.any():
            found.append(Seen(one, Shown(nan, nan, nan), met=True, hour=None))
            continue
        place = int(np.nanargmin(margins))
        figure = Shown(*(float(part[place]) for part in estimate))
        hour = place if margins.size > 1 else one.target.hour
        found.append(Seen(one, figure, met=bool(margins[place] >= 0), hour=hour))
    return tuple(found)


def _prices(lab: Lab, rules: Rules, chosen: Design) -> tuple[Price, ...]:
    """For each target, the cheapest design if it were not there; only one is then no price."""
    wanted, cost = lab.means.wanted, lab.space.cost
    if not wanted[1:]:
        return ()
    found = []
    for number, one in enumerate(wanted):
        others = tuple(other for other in range(len(wanted)) if other != number)
        without, _ = choose(lab, replace(rules, wanted=others, answers=1))
        design = without.met[0] if without.met else None
        saving = nan if design is None else float(cost[chosen] - cost[design])
        found.append(Price(one, design, saving))
    return tuple(found)


def _short(lab: Lab, search: Search, confidence: float) -> tuple[Short, ...]:
    """What the best that can be had still misses, the target that binds most first."""
    tops, wanted = search.tops(), lab.means.wanted
    lab.take(tops, FIRST_TO_MEET)
    worst = [_worst(lab, design) for design in tops]
    column = worst[int(np.argmax([margin for margin, _ in worst]))][1]
    tolerance = float(tolerances_of(wanted)[column])

    def sample(number: int, count: int) -> Floats:
        lab.take([tops[number]], count)
        values: Floats = lab.values(tops[number])[0][:count, column]
        return values

    best = tops[select_best(sample, len(tops), tolerance, confidence=confidence).number]
    missed = [one for one in seen(lab, best) if not one.met]
    binding = next(one for one in wanted if one.columns.start <= column < one.columns.stop)
    missed.sort(key=lambda one: one.wanted is not binding)
    return tuple(Short(one, best) for one in missed)


def _worst(lab: Lab, design: Design) -> tuple[float, int]:
    """The column nearest to failing, in tolerances."""
    margins = lab.values(design)[0].mean(axis=0) / tolerances_of(lab.means.wanted)
    column = int(np.argmin(margins))
    return float(margins[column]), column
