"""Designs beside the answer: what better service costs, what holds it up, the rule of thumb.

German rooms have about one use per place for every 45 minutes that it is open (Cologne Neumarkt:
12 places, 12 hours, 190 uses a day; Kölner Stadt-Anzeiger 2024). Planners turn it round: uses a
day × 45 to 50 minutes ÷ minutes of opening a day = places. That is right near 200 uses a day. A
small site needs more minutes a use, since chance weighs more there, and a large one fewer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import ceil, floor, isnan

import numpy as np

from sim.scenario.derived.calendar import site_spans
from sim.scenario.derived.entering import entering
from sim.scenario.derived.offered import coming_kinds
from sim.scenario.load import Version
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.size.city.house import facility_in, with_facility
from sim.size.experiment import Batch, Experiment, Record, joined, play
from sim.size.observation import (
    DESCRIBED,
    LONGEST,
    Observation,
    columns_of,
    observations,
    quantile_of,
)
from sim.size.screening import Mask, lost_by_formula
from sim.size.sequential import FIRST_TO_MISS
from sim.size.space import Design, Parameter, Space
from sim.study.estimate.intervals import Estimate, Estimates, Floats, ratio

# --- the frontier -------------------------------------------------------------------------------

P90 = 0.9
_BUDGETS = 12
"""Costs at which designs are tried beside those of the search."""


@dataclass(frozen=True)
class Described:
    """A design and what it does for those who come."""

    design: Design
    cost: float
    replications: int
    unserved: Estimate
    """Share of the visits."""
    mean_wait: Estimate
    uses_per_day: Estimate
    p90: Estimate
    """Minutes; infinite where it is longer than LONGEST."""
    paused: Estimate
    """Minutes a week in which intake is paused."""
    overtime: Estimate
    """Minutes a week worked after the ends of shifts; what they cost is in no design's cost."""
    overtime_cost: Estimate
    """Of a week."""


def describe(experiment: Experiment, design: Design) -> Described:
    """What was seen of a design."""
    record = experiment.record(design)
    start = columns_of(experiment.setup.wanted)
    figures = {
        name: _shown(ratio(record.pairs[:, 0, start + n], record.pairs[:, 1, start + n]))
        for n, name in enumerate(DESCRIBED)
    }
    return Described(
        design=design,
        cost=float(experiment.space.cost[design]),
        replications=record.count,
        unserved=figures["unserved", "share"],
        mean_wait=figures["wait", "mean"],
        uses_per_day=figures["uses", "per_day"],
        p90=_p90(record),
        paused=figures["intake_paused", "minutes_per_week"],
        overtime=figures["overtime", "minutes_per_week"],
        overtime_cost=figures["cost", "overtime_per_week"],
    )


def _shown(found: Estimates) -> Estimate:
    """None of these figures can be below 0."""
    return Estimate(float(found.value), max(float(found.low), 0.0), float(found.high))


def _p90(record: Record) -> Estimate:
    """Woodruff's interval, as for the summary's quantiles, of counts by quarters of a minute."""
    pooled = record.waits.sum(axis=0)
    value = _counted(quantile_of(pooled, P90))
    if isnan(value) or record.count == 1:
        return Estimate(value)
    step = int(np.searchsorted(np.cumsum(pooled), P90 * pooled.sum(), side="left"))
    below = record.waits[:, : step + 1].sum(axis=1).astype(np.float64)
    share = ratio(below, record.waits.sum(axis=1).astype(np.float64))
    half = float(share.high - share.value)
    low, high = (_counted(quantile_of(pooled, min(max(P90 + h, 0.0), 1.0))) for h in (-half, half))
    return Estimate(value, low, high)


def _counted(minutes: float) -> float:
    """A wait as far as it is known: longer ones are counted together."""
    return np.inf if minutes > LONGEST else minutes


def explore(experiment: Experiment) -> None:
    """Play designs that Erlang A thinks best at several costs, so that the picture has no gaps."""
    cost, expected = experiment.space.cost, lost_by_formula(experiment.space)
    if expected is None:
        return
    edges = np.quantile(cost, np.linspace(0, 1, _BUDGETS + 1))
    chosen: list[Design] = []
    for low, high in pairwise(edges.tolist()):
        flat = np.flatnonzero((cost >= low) & (cost <= high))
        if not len(flat):  # few designs, far apart
            continue
        # Erlang A knows nothing of staff: with the same places once the fewest, once the most.
        for sign in (1, -1):
            order = np.lexsort((sign * cost.ravel()[flat], expected.ravel()[flat]))
            best = np.unravel_index(flat[order[0]], cost.shape)
            chosen.append(tuple(int(n) for n in best))
    experiment.take(dict.fromkeys(chosen), FIRST_TO_MISS)


# --- the map --------------------------------------------------------------------------------------

_MAP_NAMES = ("rooms.injecting.places", "rooms.smoking.places")
_MOST_LEVELS = 12
"""Values of a parameter that are on the map; more would be too small to read."""


def map_axes(space: Space) -> tuple[int, ...]:
    """The numbers of the two parameters that span the map, or of the only one.

    Injecting and smoking places where both are varied; else of those that are places, and then of
    all others, the two with the most values.
    """
    names = [one.name for one in space.parameters]
    if set(_MAP_NAMES) <= set(names):
        return tuple(names.index(one) for one in _MAP_NAMES)
    order = sorted(
        range(len(names)),
        key=lambda n: (not _is_places(space.parameters[n]), -len(space.parameters[n].levels), n),
    )
    return tuple(sorted(n for n in order[:2] if len(space.parameters[n].levels) > 1))


def _is_places(parameter: Parameter) -> bool:
    return all(one.startswith("rooms.") and one.endswith(".places") for one in parameter.paths)


def map_designs(space: Space, about: Design) -> Iterator[Design]:
    """The designs of the map around one: all else as in it.

    Of a parameter with many values those nearest to that design's.
    """
    axes = map_axes(space)
    spans = []
    for axis in axes:
        count = len(space.parameters[axis].levels)
        first = min(max(about[axis] - _MOST_LEVELS // 2, 0), max(count - _MOST_LEVELS, 0))
        spans.append(range(first, min(first + _MOST_LEVELS, count)))
    for levels in product(*spans):
        beside = dict(zip(axes, levels, strict=True))
        yield tuple(beside.get(axis, level) for axis, level in enumerate(about))


def explore_map(experiment: Experiment, about: Design, left_out: Mask) -> None:
    """Play the designs of the map around one, but for those known not to be an answer."""
    designs = [one for one in map_designs(experiment.space, about) if not left_out[one]]
    experiment.take(designs, FIRST_TO_MISS)


# --- cost against service -------------------------------------------------------------------------


def frontier(described: Sequence[Described], figure: str) -> Iterator[Described]:
    """The designs than which no cheaper or equally dear one has a lower figure, by cost.

    Args:
        described: designs that were played.
        figure: `unserved` or `p90`.
    """
    best: float | None = None
    known = [one for one in described if not isnan(_value(one, figure))]
    for one in sorted(known, key=lambda one: (one.cost, _value(one, figure))):
        if best is None or _value(one, figure) < best:
            best = _value(one, figure)
            yield one


def _value(one: Described, figure: str) -> float:
    found: Estimate = getattr(one, figure)
    return found.value


# --- the bottleneck ----------------------------------------------------------------------------

_A_POINT = 0.002
"""Share of visits; a difference below it is none."""
_HALF_A_MINUTE = 0.5
_NEARLY = 0.9


@dataclass(frozen=True)
class Without:
    """What a design would do if one thing never were short."""

    what: str
    """`places`, `desk`, `supervision` or `staff`."""
    unserved: float
    """Share of the visits."""
    p90: float
    """Minutes."""


@dataclass(frozen=True)
class Bottleneck:
    """What holds up a design."""

    what: str
    """`places`, `desk`, `supervision` or `staff`; empty where nothing does that is worth a word."""
    now: Without
    without: tuple[Without, ...]


def bottleneck(experiment: Experiment, design: Design) -> Bottleneck:
    """Which of its limits a design owes its unserved visits to, or else its waits.

    Each is taken away in turn, with the same people: three times the places, any number of desks,
    no rule of supervision, three times the staff. Where two of them do nearly as much, it is the
    one that is named first.

    Args:
        experiment: whose people come.
        design: one that was played.
    """
    whole, facility = experiment.scenario(design), experiment.space.facility
    site = whole if facility is None else facility_in(whole, facility)
    found = [
        _without(experiment, what, one if facility is None else with_facility(whole, facility, one))
        for what, one in (("", site), *_relaxed(site))
    ]
    now, *others = found
    for gains in (
        {one.what: (now.unserved - one.unserved) / _A_POINT for one in others},
        {one.what: (now.p90 - one.p90) / _HALF_A_MINUTE for one in others},
    ):
        most = max(gains.values(), default=0.0)
        if most >= 1:
            what = next(what for what, gain in gains.items() if gain >= _NEARLY * most)
            return Bottleneck(what, now, tuple(others))
    return Bottleneck("", now, tuple(others))


def _without(experiment: Experiment, what: str, scenario: Scenario) -> Without:
    record = _replications(experiment, scenario)
    column = columns_of(experiment.setup.wanted) + DESCRIBED.index(("unserved", "share"))
    above, below = record.pairs[:, 0, column].sum(), record.pairs[:, 1, column].sum()
    minutes = quantile_of(record.waits.sum(axis=0), P90)
    return Without(what, float(above / below) if below else 0.0, minutes)


def _relaxed(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """The site with more than enough of one thing, in the order in which they are named."""
    rooms = {
        name: room.model_copy(update={"places": _PLENTY * room.places})
        for name, room in scenario.rooms.items()
    }
    if rooms:
        yield "places", scenario.model_copy(update={"rooms": rooms})
    desk = scenario.check_in
    if desk is not None:
        free = desk.model_copy(update={"desks": None, "roles": ()})
        yield "desk", scenario.model_copy(update={"check_in": free})
    if scenario.supervision:
        yield "supervision", scenario.model_copy(update={"supervision": ()})
    if scenario.staff is not None:
        rota = tuple(
            line.model_copy(update={"count": _PLENTY * line.count, "people": ()})
            for line in scenario.staff.rota
        )
        staff = scenario.staff.model_copy(update={"rota": rota})
        yield "staff", scenario.model_copy(update={"staff": staff})


_PLENTY = 3

# --- the rule of thumb --------------------------------------------------------------------------

MINUTES = (45.0, 50.0)
"""Place-minutes of opening per use, as planners use the rule."""
_USES, _CORRECTED = (100.0, 200.0, 300.0), (67.5, 50.0, 40.0)
"""Uses a day that come, and the minutes per use at which 90 % wait 10 minutes at most and 5 % are
left unserved: two rooms, twelve hours; docs/sizing.md says how that was found."""


def corrected_minutes(uses: float) -> float:
    """Place-minutes of opening per use for so many uses a day that come."""
    return float(np.interp(uses, _USES, _CORRECTED))


@dataclass(frozen=True, eq=False)
class RuleOfThumb:
    """What one form of the rule would have built, and what that would have meant."""

    minutes: float
    corrected: bool
    """Whether it goes by how many come; else it is the rule as planners use it."""
    places: dict[str, int]
    """By room."""
    total: int
    margins: Floats
    """Of each target's column: mean observation, above 0 where it is met."""
    record: Record


def rules_of_thumb(experiment: Experiment, like: Design) -> tuple[RuleOfThumb, ...]:
    """The rule's designs, played; staff and all else as in another design.

    The rule says nothing of which room gets the places: they are shared out in proportion to what
    the scenario itself has.

    Args:
        experiment: whose people come.
        like: the design whose staff and hours these have.
    """
    if experiment.space.facility is not None:  # the rule knows nothing of who comes from elsewhere
        return ()
    base = experiment.space.original.loaded.scenario
    uses = _uses_per_day(base)
    minutes_open = _minutes_open(base)
    if not base.rooms or not uses or not minutes_open:
        return ()
    found = []
    rules = [(minutes, False) for minutes in MINUTES] + [(corrected_minutes(uses), True)]
    for minutes, corrected in rules:
        total = ceil(uses * minutes / minutes_open - 1e-9)
        places = _shared_out(total, {name: room.places for name, room in base.rooms.items()})
        record = _replications(experiment, _with_places(experiment, like, places))
        values, _ = observations(experiment.setup.wanted, record.pairs, FIRST_TO_MISS)
        found.append(RuleOfThumb(minutes, corrected, places, total, values.mean(axis=0), record))
    return tuple(found)


def _uses_per_day(scenario: Scenario) -> float:
    """Visits a day that come for a place while the door lets people in."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    kinds = entering(scenario)
    uses = sum(kinds[name].let_in.total(since, until) for name in coming_kinds(scenario))
    return uses * DAY / (until - since)


def _minutes_open(scenario: Scenario) -> float:
    """Minutes a day for which it is open, dates included."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    spans = site_spans(scenario)
    minutes = sum(max(0.0, min(end, until) - max(start, since)) for start, end in spans)
    return minutes * DAY / (until - since)


def _shared_out(total: int, now: dict[str, int]) -> dict[str, int]:
    """Whole places in proportion, the largest remainders rounded up."""
    weight = sum(now.values()) or 1
    exact = {room: total * places / weight for room, places in now.items()}
    found = {room: floor(number) for room, number in exact.items()}
    by_rest: Sequence[str] = sorted(exact, key=lambda room: found[room] - exact[room])
    for room in by_rest[: total - sum(found.values())]:
        found[room] += 1
    return found


def _with_places(experiment: Experiment, like: Design, places: dict[str, int]) -> Scenario:
    space = experiment.space
    values = dict(space.also)
    for one, level in zip(space.parameters, space.levels(like), strict=True):
        values |= dict.fromkeys(one.paths, level)
    values |= {f"rooms.{room}.places": number for room, number in places.items()}
    return space.original.scenario(Version(values, ("design",)))


def _replications(experiment: Experiment, scenario: Scenario) -> Record:
    setup = experiment.setup
    batch = Batch((experiment.player_of(scenario),), setup.seed, setup.engine)
    seen: list[Observation] = []
    for (observed,) in play(setup.pool, batch, range(FIRST_TO_MISS)):
        seen.append(observed)
    return joined(None, seen)
