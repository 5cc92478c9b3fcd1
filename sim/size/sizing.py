"""Sizing a site: everything that is asked of a scenario with targets and a design block."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from sim.rota.check import check_rota
from sim.scenario.hours import DAY
from sim.size.directions import directions
from sim.size.frontier import Described, Shown, describe, explore
from sim.size.headroom import Headroom, headroom
from sim.size.lab import Lab
from sim.size.pilot import highest, learn
from sim.size.safety import Broken
from sim.size.screen import Guard, screens
from sim.size.search import Found, Rules, Search, errors_of
from sim.size.selection import select_best
from sim.size.sequential import FIRST_TO_MEET, FIRST_TO_MISS, Floats, squared_h
from sim.size.space import Design
from sim.size.thumb import Thumb, thumb
from sim.size.watched import Watched, tolerances_of
from sim.study.estimate.intervals import ratio, share_of_events

_YEAR = 365 * DAY
_FINALISTS = 8
"""Designs among which the best is selected where none meets the targets."""


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


@dataclass(frozen=True)
class Undecided:
    """A target that so few replications cannot decide, whatever the design."""

    number: int
    """Of the target."""
    wanted: Watched
    years: float
    """Years that must be played of one design to tell on which side of its limit it is."""


@dataclass(frozen=True)
class Kept:
    """Whether a design keeps the safety rules."""

    shortage: float
    """Open minutes a week in which the rota as written leaves a rule or a team unmet."""
    broken: tuple[Broken, ...]
    last_out: float
    """Minutes after closing by which on 95 % of days the last person has left a place."""
    unattended: str
    """Who is missing then, which the design is allowed to lack; empty if nobody is."""
    left_alone: float
    """Share of days on which somebody is still in the building when the last shift has gone."""
    breaches: int
    """Rules of `rota check` that are broken, whether or not the scenario states any."""


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
    undecided: tuple[Undecided, ...]
    guard: Guard
    search: Search

    @property
    def decided(self) -> tuple[int, ...]:
        """Numbers of the targets that the search could decide."""
        left = {one.number for one in self.undecided}
        return tuple(n for n in range(len(self.lab.means.wanted)) if n not in left)

    @property
    def unknown(self) -> tuple[int, ...]:
        """Numbers of the targets of which it is not known whether the chosen design meets them."""
        return () if self.chosen is None else self.search.unknown(self.chosen)

    @property
    def chosen(self) -> Design | None:
        """The cheapest design that meets all targets."""
        return self.found.met[0] if self.found.met else None


def size(lab: Lab, rules: Rules, tell: Callable[[int, int], None] = lambda *_: None) -> Sizing:
    """Find the cheapest design, and all that goes with it.

    Args:
        lab: of the scenario's space.
        rules: how sure to be.
        tell: is told how many designs are decided, and of how many.
    """
    if lab.coefficients is None:
        learn(lab)
    undecided = undecidable(lab, rules)
    rules = replace(rules, open=tuple(one.number for one in undecided))
    found, search = choose(lab, rules, tell)
    chosen = found.met[0] if found.met else None
    prices = () if chosen is None else _prices(lab, rules, chosen)
    short = _short(lab, search, rules.confidence) if chosen is None else ()
    explore(lab)
    unsure = tuple(Unsure(one, search.verdict(one, search.must).to_go) for one in found.unsure)
    decided = tuple(n for n in range(len(lab.means.wanted)) if n not in rules.open)
    return Sizing(
        lab=lab,
        found=found,
        targets=() if chosen is None else seen(lab, chosen),
        unsure=unsure,
        prices=prices,
        short=short,
        headroom=None if chosen is None else headroom(lab, chosen, replace(rules, wanted=decided)),
        thumbs=() if chosen is None else thumb(lab, chosen),
        described=tuple(describe(lab, one) for one in lab.played),
        undecided=undecided,
        guard=Guard(lab),
        search=search,
    )


def choose(
    lab: Lab, rules: Rules, tell: Callable[[int, int], None] = lambda *_: None
) -> tuple[Found, Search]:
    """The search alone, with a pilot before it if the lab has had none."""
    if lab.coefficients is None:
        learn(lab)
    wanted = lab.means.wanted
    counting = wanted if rules.wanted is None else [wanted[number] for number in rules.wanted]
    known = screens(lab, counting, large=lab.space.size > rules.alone)
    signs = directions(lab.space.parameters, wanted)
    search = Search(lab, rules, known, signs, tell)
    return search.run(), search


def undecidable(lab: Lab, rules: Rules) -> tuple[Undecided, ...]:
    """Targets of which the replications allowed cannot tell on which side of the limit they are.

    Of 30 overdoses a year, whether 95 % are met in time cannot be told within a point by the
    replications of a search; nor how long a response takes on average, where one in a hundred
    waits for the next morning. Judged by the variance in the design with the most of everything
    and in one near the limits, whichever is less; of shares of countable events it is no less than
    that of independent events at the limit.

    Args:
        lab: whose targets, after its pilot.
        rules: how sure to be, and how many replications are allowed.
    """
    designs = dict.fromkeys([highest(lab.space), lab.near or highest(lab.space)])
    lab.take(designs, FIRST_TO_MEET)
    seen = [lab.values(one) for one in designs]
    least = [np.maximum(values.var(axis=0, ddof=1), lower) for values, lower in seen]
    variance = np.min(least, axis=0)
    errors = errors_of(lab.space, max(len(variance), 1), rules.confidence, boxes=False)
    tolerances = tolerances_of(lab.means.wanted)
    met = squared_h(errors.meet, FIRST_TO_MEET) * variance / (2 * tolerances)
    missed = squared_h(errors.miss, FIRST_TO_MISS) * variance / (2 * tolerances)
    asked = np.ceil((met + missed) / tolerances)  # where the lines of the test cross
    minutes = lab.space.original.loaded.scenario.horizon.minutes
    found = []
    for number, one in enumerate(lab.means.wanted):
        most = float(asked[one.columns].max(initial=0.0))
        if most > rules.most:
            found.append(Undecided(number, one, most * minutes / _YEAR))
    return tuple(found)


def kept(found: Sizing, design: Design) -> Kept:
    """Whether a design that was played keeps the safety rules."""
    known, late = found.guard.of(design), found.guard.last_out(design)
    scenario = found.lab.scenario(design)
    return Kept(
        shortage=known.shortage,
        broken=found.guard.broken(design),
        last_out=late,
        unattended=known.unattended(late),
        left_alone=found.guard.left_alone(design),
        breaches=0 if scenario.staff is None else len(check_rota(scenario).breaches),
    )


def seen(lab: Lab, design: Design) -> tuple[Seen, ...]:
    """Each target's figure in the replications of a design, with its 95 % interval."""
    record = lab.record(design)
    found = []
    for one in lab.means.wanted:
        pairs = record.pairs[:, :, one.columns]
        estimate = (share_of_events if one.is_count else ratio)(pairs[:, 0], pairs[:, 1])
        margins = one.sign * (estimate.value - one.limit)
        known = ~np.isnan(margins)
        if not known.any():
            found.append(Seen(one, Shown(nan, nan, nan), met=True, hour=None))
            continue
        place = int(np.nanargmin(margins))
        value, low, high = (float(part[place]) for part in estimate)
        # No figure is below 0, and no share above 1.
        figure = Shown(value, max(low, 0.0), min(high, 1.0) if one.unit == "share" else high)
        hour = place if margins.size > 1 else one.target.hour
        found.append(Seen(one, figure, met=bool(margins[place] >= 0), hour=hour))
    return tuple(found)


def _prices(lab: Lab, rules: Rules, chosen: Design) -> tuple[Price, ...]:
    """For each target, the cheapest design if it were not there; only one is then no price."""
    wanted, cost = lab.means.wanted, lab.space.cost
    priced = [number for number in range(len(wanted)) if number not in rules.open]
    if not wanted[1:]:
        return ()
    found = []
    for number in priced:
        others = tuple(other for other in range(len(wanted)) if other != number)
        without, _ = choose(lab, replace(rules, wanted=others, answers=1))
        design = without.met[0] if without.met else None
        saving = nan if design is None else float(cost[chosen] - cost[design])
        found.append(Price(wanted[number], design, saving))
    return tuple(found)


def _short(lab: Lab, search: Search, confidence: float) -> tuple[Short, ...]:
    """What the best of the designs played misses, the target that binds most first.

    Nothing if none was played that could be the answer.
    """
    wanted = lab.means.wanted
    played = [one for one in lab.played if search.may_be(one)]
    finalists = sorted(played, key=lambda one: (-_worst(search, one)[0], lab.space.cost[one]))
    finalists = finalists[:_FINALISTS]
    if not finalists:
        return ()
    lab.take(finalists, FIRST_TO_MEET)
    if not search.must:  # none can be told from another within the tolerances
        return _missed(lab, search, finalists[0])
    # Each by its own target nearest to failing, in tolerances: the best by one alone may be bought
    # with another, as the cheapest is by a target on cost.
    columns, tolerances = [_worst(search, one)[1] for one in finalists], tolerances_of(wanted)

    def sample(number: int, count: int) -> Floats:
        lab.take([finalists[number]], count)
        column = columns[number]
        values: Floats = lab.values(finalists[number])[0][:count, column] / tolerances[column]
        return values

    best = finalists[select_best(sample, len(finalists), 1.0, confidence=confidence).number]
    return _missed(lab, search, best)


def _missed(lab: Lab, search: Search, best: Design) -> tuple[Short, ...]:
    """What a design misses, the target that binds most first."""
    wanted = lab.means.wanted
    column = _worst(search, best)[1]
    missed = [one for one in seen(lab, best) if not one.met]
    binding = next(one for one in wanted if one.columns.start <= column < one.columns.stop)
    missed.sort(key=lambda one: one.wanted is not binding)
    return tuple(Short(one, best) for one in missed)


def _worst(search: Search, design: Design) -> tuple[float, int]:
    """How far the column nearest to failing is from its limit, in tolerances, and which it is.

    Of those that must be known to be met; of all where none can be decided.
    """
    places = search.must or range(len(search.counts))
    values, tolerances, _ = search.observed(design)
    margins = (values.mean(axis=0) / tolerances)[list(places)]
    place = int(np.argmin(margins))
    return float(margins[place]), search.counts[places[place]]
