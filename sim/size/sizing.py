"""Sizing a site: everything that is asked of a scenario with targets and a design block."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, nan

import numpy as np

from sim.rota.check.check import check_rota
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.size.alternatives import (
    Bottleneck,
    Described,
    RuleOfThumb,
    bottleneck,
    describe,
    explore,
    explore_map,
    rules_of_thumb,
)
from sim.size.experiment import Experiment, highest, learn
from sim.size.observation import ObservedTarget, tolerances_of
from sim.size.robustness import Headroom, cheaper_unsafe, headroom
from sim.size.safety import Broken, safety_of
from sim.size.screening import SafetyGuard
from sim.size.search import (
    GLANCE,
    Search,
    SearchResult,
    SearchRules,
    choose,
    errors_of,
    prepare,
)
from sim.size.sequential import FIRST_TO_MEET, FIRST_TO_MISS, select_best, squared_h
from sim.size.space import Design
from sim.study.estimate.intervals import UNKNOWN, Estimate, Floats, ratio, share_of_events
from sim.study.run.workers import Progress, Watch, shares, unwatched

_YEAR = 365 * DAY
_FINALISTS = 8
"""Designs among which the best is selected where none meets the targets."""


@dataclass(frozen=True)
class ObservedFigure:
    """A target of a design: its figure, and the share of the limit's side it is on."""

    wanted: ObservedTarget
    figure: Estimate
    """In the unit that is observed; of a target for every hour, of the hour nearest to failing."""
    met: bool
    """Whether the figure, as it is known, is on the right side."""
    hour: int | None

    @property
    def verdict(self) -> str:
        """On which side of its limit the figure surely is: `met`, `missed` or `not sure`."""
        sign, limit = self.wanted.sign, self.wanted.limit
        ends = [sign * (end - limit) for end in self.figure if not isnan(end)]
        if not ends or min(ends) >= 0:  # nothing to measure stands in nobody's way
            return "met"
        return "missed" if max(ends) < 0 else "not sure"


@dataclass(frozen=True)
class Price:
    """What a target costs: the cheapest design without it, beside the chosen one."""

    wanted: ObservedTarget
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

    seen: ObservedFigure
    design: Design
    """The best, the same for all."""


@dataclass(frozen=True)
class Undecided:
    """A target that so few replications cannot decide, whatever the design."""

    number: int
    """Of the target."""
    wanted: ObservedTarget
    years: float
    """Years that must be played of one design to tell on which side of its limit it is."""


@dataclass(frozen=True)
class SafetyReport:
    """Whether a design keeps the safety rules."""

    shortage: float
    """Open minutes a week in which the rota as written leaves a rule or a team unmet."""
    broken: tuple[Broken, ...]
    last_out: float
    """Minutes after closing by which on 95 % of days the last person is out."""
    unattended: str
    """Who is missing then, which the design is allowed to lack; empty if nobody is."""
    left_alone: float
    """Share of days on which somebody is still in the building when the last shift has gone."""
    breaches: int
    """Rules of `rota check` that are broken, whether or not the scenario states any."""
    permitted: tuple[Broken, ...] = ()
    """What it breaks because the scenario allows it."""


@dataclass(frozen=True)
class Unfinished:
    """How far a sizing had come when it was interrupted."""

    searching: bool
    """Whether the cheapest design was not found yet; else only what goes with it was not."""
    floor: float = 0.0
    """A cost a year below which no design was left to be looked at."""
    best: Design | None = None
    """The cheapest design known to do: the answer costs no more."""
    is_sure: bool = False
    """Whether that is as sure as an answer; else its intervals say so by themselves."""


@dataclass(frozen=True, eq=False)
class Sizing:
    """What was found."""

    experiment: Experiment
    found: SearchResult
    undecided: tuple[Undecided, ...]
    guard: SafetyGuard
    search: Search
    targets: tuple[ObservedFigure, ...] = ()
    """Of the chosen design."""
    prices: tuple[Price, ...] = ()
    short: tuple[Short, ...] = ()
    """Empty unless nothing meets all targets."""
    headroom: Headroom | None = None
    bottleneck: Bottleneck | None = None
    """Of the chosen design."""
    thumbs: tuple[RuleOfThumb, ...] = ()
    described: tuple[Described, ...] = ()
    """All designs that were played."""
    unsafe: Design | None = None
    """A cheaper design that would meet the targets, by estimates, and breaks a safety rule."""
    unfinished: Unfinished | None = None
    """None if it came to its end."""

    @property
    def unsure(self) -> tuple[Unsure, ...]:
        """Cheaper designs of which it is not known whether they meet the targets."""
        search = self.search
        return tuple(
            Unsure(one, search.verdict(one, search.must).to_go) for one in self.found.unsure
        )

    @property
    def shown(self) -> Design | None:
        """The design that all else is told beside: the answer, or what comes nearest to one."""
        if self.unfinished is not None and self.unfinished.searching:
            return self.unfinished.best
        return _shown(self.found, self.short)

    @property
    def decided(self) -> tuple[int, ...]:
        """Numbers of the targets that the search could decide."""
        left = {one.number for one in self.undecided}
        return tuple(n for n in range(len(self.experiment.setup.wanted)) if n not in left)

    @property
    def unknown(self) -> tuple[int, ...]:
        """Numbers of the targets of which it is not known whether the chosen design meets them."""
        return () if self.chosen is None else self.search.unknown(self.chosen)

    def places(self, design: Design) -> int:
        """Places of a design, all rooms together."""
        return sum(room.places for room in self.experiment.space.site_of(design).rooms.values())

    @property
    def chosen(self) -> Design | None:
        """The cheapest design that meets all targets."""
        return self.found.met[0] if self.found.met else None


class SizingInterrupted(KeyboardInterrupt):
    """A sizing was interrupted after something was known."""

    def __init__(self, known: Sizing) -> None:
        super().__init__()
        self.known = known


def size(experiment: Experiment, rules: SearchRules, watch: Watch = unwatched) -> Sizing:
    """Find the cheapest design, and all that goes with it.

    Args:
        experiment: of the scenario's space.
        rules: how sure to be.
        watch: begins each stretch of the work, such as `designs decided`.

    Raises:
        SizingInterrupted: it was, after something was known; it has what was.
    """
    with watch(told("count_designs_decided", "designs decided")) as progress:
        if experiment.coefficients is None:
            learn(experiment)
        undecided = undecidable(experiment, rules)
        rules = replace(rules, open=tuple(one.number for one in undecided))
        search = prepare(experiment, rules, progress)
        try:
            search.run()
        except KeyboardInterrupt as stop:
            raise SizingInterrupted(_stopped(experiment, search, undecided)) from stop
    found = search.so_far()
    targets = seen(experiment, found.met[0]) if found.met else ()
    known = Sizing(experiment, found, undecided, SafetyGuard(experiment), search, targets)
    try:
        for stretch in (_priced, _explored, _beside):
            known = stretch(known, rules, watch)
    except KeyboardInterrupt as stop:
        stopped = Unfinished(searching=False)
        described = _described(experiment)
        raise SizingInterrupted(replace(known, described=described, unfinished=stopped)) from stop
    return known


def _stopped(experiment: Experiment, search: Search, undecided: tuple[Undecided, ...]) -> Sizing:
    """What is known when the search is interrupted."""
    guard, found = SafetyGuard(experiment), search.so_far()
    known = Sizing(experiment, found, undecided, guard, search, described=_described(experiment))
    if found.met and not search.by_boxes:  # all that is cheaper was decided; the next best was not
        stopped = Unfinished(searching=False)
        return replace(known, targets=seen(experiment, found.met[0]), unfinished=stopped)
    best = next(iter(found.met), None) or _seems_to_meet(experiment, search, guard)
    open_to = (float(experiment.space.cost[one]) for one in (*found.met, *found.unsure))
    stopped = Unfinished(
        searching=True,
        floor=min([search.floor, *open_to]),
        best=best,
        is_sure=bool(found.met),
    )
    return replace(known, found=replace(found, met=()), unfinished=stopped)


def _seems_to_meet(experiment: Experiment, search: Search, guard: SafetyGuard) -> Design | None:
    """The cheapest safe design of those played whose intervals are all on the right side."""
    cost = experiment.space.cost
    for one in sorted(experiment.finished, key=lambda one: float(cost[one])):
        enough = experiment.record(one).count >= GLANCE
        may_be = enough and search.may_be(one) and not guard.broken(one)
        if may_be and all(target.verdict == "met" for target in seen(experiment, one)):
            return one
    return None


def _described(experiment: Experiment) -> tuple[Described, ...]:
    """Designs that were played, as far as two replications or more are there."""
    played = (one for one in experiment.finished if experiment.record(one).count > 1)
    return tuple(describe(experiment, one) for one in played)


def _priced(known: Sizing, rules: SearchRules, watch: Watch) -> Sizing:
    """With what each target costs; or with the best that can be had."""
    experiment, chosen = known.experiment, known.chosen
    if chosen is None:
        with watch(
            told("count_looking_for_the_best_that_can", "looking for the best that can be had")
        ):
            return replace(known, short=_short(experiment, known.search, rules.confidence))
    with watch(
        told("count_designs_decided_with_a_target_less", "designs decided with a target less")
    ) as progress:
        prices = _prices(experiment, rules, chosen, progress)
    return replace(known, prices=prices)


def _explored(known: Sizing, _: SearchRules, watch: Watch) -> Sizing:
    """With designs at other costs, and those beside the one that is shown."""
    experiment, search = known.experiment, known.search
    known = replace(known, unsafe=_unsafe(experiment, known.guard, known.found, search))
    with watch(told("count_playing_designs_at_other_costs", "playing designs at other costs")):
        explore(experiment)
        if known.shown is not None:
            left_out = search.screening.excluded(experiment.space.shape)
            explore_map(experiment, known.shown, left_out)
        return replace(
            known, described=tuple(describe(experiment, one) for one in experiment.played)
        )


def _shown(found: SearchResult, short: Sequence[Short]) -> Design | None:
    """The answer; else the cheapest that would be one if it were safe; else the best there is."""
    nearest = (*found.met, *found.left, *(one.design for one in short))
    return nearest[0] if nearest else None


def _unsafe(
    experiment: Experiment, guard: SafetyGuard, found: SearchResult, search: Search
) -> Design | None:
    """The cheapest design that costs less than the answer, meets the targets and is not safe."""
    if not found.met:
        return None
    cost, known = experiment.space.cost, search.screening.unsafe
    cheaper = [one for one in found.left if cost[one] < cost[found.met[0]]]
    if known is not None and known.any():
        other = cheaper_unsafe(experiment, found.met[0], known, search)
        cheaper += [] if other is None or not guard.broken(other) else [other]
    return min(cheaper, key=lambda one: float(cost[one]), default=None)


def _beside(known: Sizing, rules: SearchRules, watch: Watch) -> Sizing:
    """With how far demand may grow, what limits the answer, and what rules had built."""
    experiment, chosen = known.experiment, known.chosen
    if chosen is None:
        return known
    wanted = tuple(n for n in range(len(experiment.setup.wanted)) if n not in rules.open)
    with watch(told("count_growths_of_demand_tried", "growths of demand tried")) as progress:
        room = headroom(experiment, chosen, replace(rules, wanted=wanted), progress)
        known = replace(known, headroom=room)
    with watch(told("count_looking_for_the_bottleneck", "looking for the bottleneck")):
        known = replace(known, bottleneck=bottleneck(experiment, chosen))
    with watch(
        told("count_playing_what_rules_of_thumb_had", "playing what rules of thumb had built")
    ):
        return replace(known, thumbs=rules_of_thumb(experiment, chosen))


def undecidable(experiment: Experiment, rules: SearchRules) -> tuple[Undecided, ...]:
    """Targets of which the replications allowed cannot tell on which side of the limit they are.

    Of 30 overdoses a year, whether 95 % are met in time cannot be told within a point by the
    replications of a search; nor how long a response takes on average, where one in a hundred
    waits for the next morning. Judged by the variance in the design with the most of everything
    and in one near the limits, whichever is less; of shares of countable events it is no less than
    that of independent events at the limit.

    Args:
        experiment: whose targets, after its pilot.
        rules: how sure to be, and how many replications are allowed.
    """
    designs = dict.fromkeys(
        [highest(experiment.space), experiment.near or highest(experiment.space)]
    )
    experiment.take(designs, FIRST_TO_MEET)
    seen = [experiment.values(one) for one in designs]
    least = [np.maximum(values.var(axis=0, ddof=1), lower) for values, lower in seen]
    variance = np.min(least, axis=0)
    errors = errors_of(experiment.space, max(len(variance), 1), rules.confidence, boxes=False)
    tolerances = tolerances_of(experiment.setup.wanted)
    met = squared_h(errors.meet, FIRST_TO_MEET) * variance / (2 * tolerances)
    missed = squared_h(errors.miss, FIRST_TO_MISS) * variance / (2 * tolerances)
    asked = np.ceil((met + missed) / tolerances)  # where the lines of the test cross
    minutes = experiment.space.original.loaded.scenario.horizon.minutes
    found = []
    for number, one in enumerate(experiment.setup.wanted):
        most = float(asked[one.columns].max(initial=0.0))
        if most > rules.most:
            found.append(Undecided(number, one, most * minutes / _YEAR))
    return tuple(found)


def safety_report(found: Sizing, design: Design) -> SafetyReport:
    """Whether a design that was played keeps the safety rules."""
    known, late = found.guard.of(design), found.guard.last_out(design)
    scenario = found.experiment.space.site_of(design)
    return SafetyReport(
        shortage=known.shortage,
        broken=found.guard.broken(design),
        last_out=late,
        unattended=known.unattended(late),
        left_alone=found.guard.left_alone(design),
        breaches=0 if scenario.staff is None else len(check_rota(scenario).breaches),
        permitted=_permitted(scenario, late),
    )


def _permitted(scenario: Scenario, late: float) -> tuple[Broken, ...]:
    """What a design breaks of the rules that its scenario allows it to."""
    if scenario.design is None or not scenario.design.allow:
        return ()
    strict = scenario.design.model_copy(update={"allow": ()})
    known = safety_of(scenario.model_copy(update={"design": strict}))
    gap = known.late(late)
    return known.broken if gap is None else (*known.broken, gap)


def seen(experiment: Experiment, design: Design) -> tuple[ObservedFigure, ...]:
    """Each target's figure in the replications of a design, with its 95 % interval."""
    record = experiment.record(design)
    found = []
    for one in experiment.setup.wanted:
        pairs = record.pairs[:, :, one.columns]
        estimate = (share_of_events if one.is_count else ratio)(pairs[:, 0], pairs[:, 1])
        margins = one.sign * (estimate.value - one.limit)
        known = ~np.isnan(margins)
        if not known.any():
            found.append(ObservedFigure(one, UNKNOWN, met=True, hour=None))
            continue
        place = int(np.nanargmin(margins))
        value, low, high = estimate.at(place)
        # No figure is below 0, and no share above 1.
        figure = Estimate(value, max(low, 0.0), min(high, 1.0) if one.unit == "share" else high)
        hour = place if margins.size > 1 else one.target.hour
        found.append(ObservedFigure(one, figure, met=bool(margins[place] >= 0), hour=hour))
    return tuple(found)


def _prices(
    experiment: Experiment, rules: SearchRules, chosen: Design, progress: Progress
) -> tuple[Price, ...]:
    """For each target, the cheapest design if it were not there; only one is then no price."""
    wanted, cost = experiment.setup.wanted, experiment.space.cost
    priced = [number for number in range(len(wanted)) if number not in rules.open]
    if not wanted[1:]:
        return ()
    found = []
    for number, of_all in zip(priced, shares(progress, len(priced)), strict=True):
        others = tuple(other for other in range(len(wanted)) if other != number)
        without, _ = choose(experiment, replace(rules, wanted=others, answers=1), of_all)
        design = without.met[0] if without.met else None
        saving = nan if design is None else float(cost[chosen] - cost[design])
        found.append(Price(wanted[number], design, saving))
    return tuple(found)


def _short(experiment: Experiment, search: Search, confidence: float) -> tuple[Short, ...]:
    """What the best of the designs played misses, the target that binds most first.

    Nothing if none was played that could be the answer.
    """
    wanted = experiment.setup.wanted
    played = [one for one in experiment.played if search.may_be(one)]
    finalists = sorted(
        played, key=lambda one: (-_worst(search, one)[0], experiment.space.cost[one])
    )
    finalists = finalists[:_FINALISTS]
    if not finalists:
        return ()
    experiment.take(finalists, FIRST_TO_MEET)
    if not search.must:  # none can be told from another within the tolerances
        return _missed(experiment, search, finalists[0])
    # Each by its own target nearest to failing, in tolerances: the best by one alone may be bought
    # with another, as the cheapest is by a target on cost.
    columns, tolerances = [_worst(search, one)[1] for one in finalists], tolerances_of(wanted)

    def sample(number: int, count: int) -> Floats:
        experiment.take([finalists[number]], count)
        column = columns[number]
        values: Floats = (
            experiment.values(finalists[number])[0][:count, column] / tolerances[column]
        )
        return values

    best = finalists[select_best(sample, len(finalists), 1.0, confidence=confidence).number]
    return _missed(experiment, search, best)


def _missed(experiment: Experiment, search: Search, best: Design) -> tuple[Short, ...]:
    """What a design misses, the target that binds most first."""
    wanted = experiment.setup.wanted
    column = _worst(search, best)[1]
    missed = [one for one in seen(experiment, best) if not one.met]
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
