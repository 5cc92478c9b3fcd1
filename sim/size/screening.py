"""What is known of designs before they are played: what cannot carry the load, what is not safe.

**What more of something is taken to do to a figure**, where a space is too large to do without.
That more places or staff never make a target harder to meet is no theorem. With more places more
people use the site, more overdoses overlap and the one nurse comes later; more of them share the
staff, the desk and the seats of aftercare, which can make even waits longer. So small spaces are
searched without it. In a large one a target is judged for a whole box of designs by that corner of
it which is taken to be the easiest for this target; where nothing is known of a figure it is
judged design by design. What was taken is said beside the answer, and looked at again afterwards.

**Formulas** say which designs are worth playing for the picture of cost against waits; no design is
ever left out on their account. Where demand varies, the arrival rate of an hour is the offered load
divided by the mean stay (modified offered load; Jennings, Mandelbaum, Massey & Whitt 1996,
Management Science 42).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from sim.queueing import erlang_a
from sim.scenario.derived.offered import SetLoad, set_loads
from sim.scenario.errors.told import told
from sim.scenario.load import Original
from sim.scenario.model.design import path_keys
from sim.scenario.model.scenario import Scenario
from sim.size.bound import Bound
from sim.size.experiment import Experiment
from sim.size.observation import ObservedTarget, columns_of, last_out, observed_targets
from sim.size.safety import DAYS_SURE, Broken, Safety, safety_of
from sim.size.sequential import FIRST_TO_MISS
from sim.size.space import Design, Parameter, Space, read_space
from sim.study.estimate.intervals import Floats

# --- formulas -----------------------------------------------------------------------------------

_LONG_PATIENCE = 600.0
"""Minutes that stand for not leaving at all."""
_SMALL = 1e-12


def lost_share(sets: Sequence[SetLoad], places: Mapping[str, int]) -> float:
    """Share of the visits that would leave, by Erlang A for each set of rooms; the worst set's.

    The rooms of a set are taken for one, whose places serve whoever comes.

    Args:
        sets: the load on each set of rooms.
        places: of each room.
    """
    return max((_lost_of(one, sum(places[room] for room in one.rooms)) for one in sets), default=0)


@lru_cache(maxsize=1024)
def _lost_of(one: SetLoad, places: int) -> float:
    """Of all visits, those that a set of rooms would lose."""
    patience = min(one.patience, _LONG_PATIENCE) / max(one.stay, _SMALL)
    levels, counts = np.unique(np.round(one.load, 1), return_counts=True)
    lost = sum(
        count * load * erlang_a(load, places, patience).lost
        for load, count in zip(levels.tolist(), counts.tolist(), strict=True)
    )
    of_these = lost / max(float(one.load.sum()), _SMALL)
    return float(of_these * one.visits / max(one.all_visits, _SMALL))


# --- what more does -----------------------------------------------------------------------------

Signs = NDArray[np.int8]

_MORE_PLACES, _STAFF, _DESKS, _SEATS = "places", "staff", "desks", "seats"
_AXES = {
    ("rooms", "*", "places"): _MORE_PLACES,
    ("staff", "rota", "*", "count"): _STAFF,
    ("check_in", "desks"): _DESKS,
    ("aftercare", "seats"): _SEATS,
}
_UP, _DOWN = 1, -1

_EFFECTS: tuple[tuple[str, dict[str, int]], ...] = (
    ("wait_joined.within_*", {_MORE_PLACES: _UP, _STAFF: _UP, _DESKS: _UP, _SEATS: _UP}),
    ("wait_joined.*", {_MORE_PLACES: _DOWN, _STAFF: _DOWN, _DESKS: _DOWN, _SEATS: _DOWN}),
    ("wait_place.*", {_MORE_PLACES: _DOWN, _STAFF: _DOWN, _SEATS: _DOWN}),
    ("wait_check_in.*", {_STAFF: _DOWN, _DESKS: _DOWN}),
    ("wait_service.within_*", {_MORE_PLACES: _DOWN, _STAFF: _UP}),
    ("wait_service.*", {_MORE_PLACES: _UP, _STAFF: _DOWN}),
    ("wait_stay_task.within_*", {_MORE_PLACES: _DOWN, _STAFF: _UP}),
    ("wait_stay_task.*", {_MORE_PLACES: _UP, _STAFF: _DOWN}),
    ("wait.within_*", {_MORE_PLACES: _UP, _STAFF: _UP, _DESKS: _UP, _SEATS: _UP}),
    ("wait.*", {_MORE_PLACES: _DOWN, _STAFF: _DOWN, _DESKS: _DOWN, _SEATS: _DOWN}),
    ("waiting.*", {_MORE_PLACES: _DOWN, _STAFF: _DOWN, _SEATS: _DOWN}),
    ("unserved.*", {_MORE_PLACES: _DOWN, _STAFF: _DOWN, _DESKS: _DOWN, _SEATS: _DOWN}),
    ("uses.*", {_MORE_PLACES: _UP, _STAFF: _UP, _DESKS: _UP, _SEATS: _UP}),
    ("response_*.within_*", {_MORE_PLACES: _DOWN, _STAFF: _UP, _DESKS: _DOWN}),
    ("response_*.reached", {_MORE_PLACES: _DOWN, _STAFF: _UP, _DESKS: _DOWN}),
    ("response_*.*", {_MORE_PLACES: _UP, _STAFF: _DOWN, _DESKS: _UP}),
    ("nobody_free.*", {_MORE_PLACES: _UP, _STAFF: _DOWN, _DESKS: _UP}),
    ("below_cover.*", {_MORE_PLACES: _UP, _STAFF: _DOWN, _DESKS: _UP}),
    ("role_missing.*", {_MORE_PLACES: _UP, _STAFF: _DOWN, _DESKS: _UP}),
    ("intake_paused.*", {_MORE_PLACES: _UP, _STAFF: _DOWN, _DESKS: _UP}),
    ("place_unusable.*", {_MORE_PLACES: _UP, _STAFF: _DOWN}),
    ("staff_busy.*", {_MORE_PLACES: _UP, _STAFF: _DOWN}),
    ("rostered.*", {_STAFF: _UP}),
    ("cost.per_week", {_MORE_PLACES: _UP, _STAFF: _UP}),
    ("cost.per_year", {_MORE_PLACES: _UP, _STAFF: _UP}),
)
"""Whether a figure rises or falls with more of something; of all else nothing is taken as known.
The first line whose pattern fits a figure is the figure's."""


def directions(parameters: Sequence[Parameter], wanted: Sequence[ObservedTarget]) -> Signs:
    """Which end of each parameter is taken to be easier for each column.

    Args:
        parameters: of a space.
        wanted: the targets.

    Returns:
        (columns, parameters): 1 the last level, -1 the first, 0 nobody knows. Where the scenario
        itself says what is better (`better:`), it is 1 for every column.
    """
    found = np.zeros((columns_of(wanted), len(parameters)), dtype=np.int8)
    for axis, one in enumerate(parameters):
        for target in wanted:
            found[target.columns, axis] = 1 if one.said else _sign(one, target)
    return found


def _sign(parameter: Parameter, target: ObservedTarget) -> int:
    effects = {_effect(path, target) for path in parameter.paths}
    if not parameter.ordered or len(effects) > 1:
        return 0
    (effect,) = effects
    return -effect if target.target.operator.is_upper else effect


def _effect(path: str, target: ObservedTarget) -> int:
    keys = path_keys(path)
    axis = next((axis for like, axis in _AXES.items() if _fits(keys, like)), "")
    effects = next((found for like, found in _EFFECTS if _is_of(target.name, like)), {})
    return effects.get(axis, 0)


def _is_of(name: str, like: str) -> bool:
    """Whether a pattern fits a figure's name; by hour metric and statistic are one word."""
    return fnmatchcase(name, like) or fnmatchcase(name, like.replace(".", "_"))


def _fits(keys: Sequence[str], like: Sequence[str]) -> bool:
    return len(keys) == len(like) and all(
        part in ("*", key) for key, part in zip(keys, like, strict=True)
    )


# --- what is known of each design ---------------------------------------------------------------

Mask = NDArray[np.bool_]
Formula = Callable[[Mapping[str, int]], float]
"""From the places of each room to a share of visits."""

_MOST_FORMULAS = 200
"""Combinations of opening hours and the like for which loads are worked out."""
_MOST_ROTAS = 2_000
"""Combinations of rotas and opening hours that are checked before anything is played; where there
are more, a design is when it is played."""
_MOST_PLAYED = 60
"""Combinations for which it is played when the last person leaves, before a large search."""


@dataclass(frozen=True)
class Screening:
    """What is known of designs before, and beside, playing them."""

    hopeless: Mask | None = None
    """Designs whose places cannot carry the load, as is proven."""
    unsafe: Mask | None = None
    """Designs that break a safety rule, as the scenario alone says."""
    breaks: Callable[[Design], bool] = lambda _: False
    """Whether a design that was played breaks a safety rule, such as that staff stay until the
    last person has left."""
    promise: Floats | None = None
    """Of each design; the lower, the more it promises."""

    def excluded(self, shape: tuple[int, ...]) -> Mask:
        """Designs that cannot be the answer, whatever playing them would show."""
        found = np.zeros(shape, dtype=np.bool_)
        for one in (self.hopeless, self.unsafe):
            if one is not None:
                found |= one
        return found


NOTHING_KNOWN = Screening()
"""Of any design."""


class RotaSafety:
    """Which designs break a safety rule whatever happens; places are nothing to it."""

    def __init__(self, space: Space) -> None:
        """Of a space's designs."""
        self._space = space
        self._axes = [n for n, one in enumerate(space.parameters) if _kind(one) != "places"]
        self._known: dict[Design, Safety] = {}

    def of(self, design: Design) -> Safety:
        """What its rota leaves undone."""
        alike = self._without_places(design)
        if alike not in self._known:
            self._known[alike] = safety_of(self._space.site_of(alike))
        return self._known[alike]

    def unsafe(self) -> Mask | None:
        """Designs that break a rule whatever happens; None where there are too many to look at."""
        shape = self._space.shape
        if prod(shape[axis] for axis in self._axes) > _MOST_ROTAS:
            return None
        found = self._nowhere()
        for place in np.ndindex(found.shape):
            found[place] = bool(self.of(place).broken)
        return np.broadcast_to(found, shape)

    def _nowhere(self) -> Mask:
        """False for every combination of what is not places."""
        shape = enumerate(self._space.shape)
        return np.zeros([n if axis in self._axes else 1 for axis, n in shape], np.bool_)

    def _without_places(self, design: Design) -> Design:
        return tuple(level if axis in self._axes else 0 for axis, level in enumerate(design))


class SafetyGuard(RotaSafety):
    """Whether designs keep the safety rules, those that depend on when people leave among them."""

    def __init__(self, experiment: Experiment) -> None:
        """Of an experiment's designs."""
        super().__init__(experiment.space)
        self._experiment = experiment

    def last_out(self, design: Design) -> float:
        """Minutes after closing by which on 95 % of days the last person is out."""
        return last_out(self._experiment.record(design).late[:, 1].sum(axis=0), DAYS_SURE)

    def left_alone(self, design: Design) -> float:
        """Share of days on which somebody is still in the building when the last shift has gone."""
        gone = self.of(design).nobody_after
        building = self._experiment.record(design).late[:, 1].sum(axis=0)
        return float(building[gone + 1 :].sum() / max(building.sum(), 1))

    def broken(self, design: Design) -> tuple[Broken, ...]:
        """All that a design that was played breaks."""
        known = self.of(design)
        late = known.late(self.last_out(design))
        return known.broken if late is None else (*known.broken, late)

    def broken_as_known(self, design: Design) -> tuple[Broken, ...]:
        """All that a design breaks; when people leave only as far as that was played."""
        if self._experiment.has_played(design):
            return self.broken(design)
        known, fewest = self.of(design), self._without_places(design)
        late = known.late(self.last_out(fewest)) if self._experiment.has_played(fewest) else None
        return known.broken if late is None else (*known.broken, late)

    def leaves_early(self, unsafe: Mask) -> Mask:
        """Designs whose staff go before the last person even with the fewest places.

        With more places more people are inside at closing, so that the last of them leaves later.
        """
        found = self._nowhere()
        open_to = [place for place in np.ndindex(found.shape) if self.of(place).words]
        if len(open_to) <= _MOST_PLAYED:
            asked = [place for place in open_to if not unsafe[place]]
            self._experiment.take(asked, FIRST_TO_MISS)
            for place in asked:
                found[place] = self.of(place).late(self.last_out(place)) is not None
        return np.broadcast_to(found, self._space.shape)


def screening(
    experiment: Experiment, rules: Sequence[ObservedTarget] | None = None, *, large: bool = False
) -> Screening:
    """All that is known of an experiment's designs before they are played.

    Args:
        experiment: whose designs.
        rules: the targets that count; all without it.
        large: whether there are too many designs to look at each when it has met its targets.
    """
    guard = SafetyGuard(experiment)
    unsafe = guard.unsafe()
    if experiment.space.facility is not None:  # nothing else is known of who comes to it
        return Screening(unsafe=unsafe, breaks=lambda design: bool(guard.broken(design)))
    if large and unsafe is not None:
        unsafe = unsafe | guard.leaves_early(unsafe)
    return Screening(
        hopeless=hopeless(experiment.space, experiment.setup.wanted if rules is None else rules),
        unsafe=unsafe,
        breaks=lambda design: bool(guard.broken(design)),
        promise=lost_by_formula(experiment.space),
    )


def never_met(original: Original) -> list[str]:
    """What a scenario asks for that no design of it, or itself without designs, can be.

    Raises:
        ScenarioError: a value of the design block cannot be.
    """
    scenario = original.loaded.scenario
    if scenario.design is None:
        return _out_of_reach(scenario)
    space = read_space(original)
    wanted = observed_targets(scenario, scenario.design.tolerances)
    found: list[str] = []
    limits = _unserved_limits(wanted)
    if limits and (shares := _each(space, lambda site: Bound.of(site).unserved)) is not None:
        least = float(shares.min())
        found += [
            told(
                "no_design_meets",
                "no design under design.vary can meet `{target}`: with any of them at least "
                "{share:.3g} % of the visits stay unserved",
                target=one.target.text,
                share=100 * least,
            )
            for one in limits
            if least > one.limit + one.tolerance
        ]
    rotas = RotaSafety(space)
    unsafe = rotas.unsafe()
    if unsafe is not None and unsafe.all():
        dearest = np.unravel_index(int(np.argmax(space.cost)), space.shape)
        first = rotas.of(tuple(int(level) for level in dearest)).broken[0]
        found.append(
            told(
                "every_design_breaks",
                "every design under design.vary breaks a safety rule, so that `size` will have "
                "no answer: even in the dearest {broken}",
                broken=first.words,
            )
        )
    return found


def _out_of_reach(scenario: Scenario) -> list[str]:
    wanted = observed_targets(scenario, {})
    places = {name: room.places for name, room in scenario.rooms.items()}
    least = Bound.of(scenario).unserved(places) if _unserved_limits(wanted) else 0.0
    return [
        told(
            "cannot_be_met",
            "`{target}` cannot be met with these places: at least {share:.3g} % of the visits "
            "stay unserved",
            target=one.target.text,
            share=100 * least,
        )
        for one in _unserved_limits(wanted)
        if least > one.limit
    ]


def _unserved_limits(wanted: Sequence[ObservedTarget]) -> list[ObservedTarget]:
    """The targets on the share of all visits that may stay unserved, at most."""
    return [
        one
        for one in wanted
        if (one.name, one.target.by, one.unit) == ("unserved.share", "all", "share")
        and one.target.hour is None
        and one.target.operator.is_upper
    ]


def hopeless(space: Space, wanted: Sequence[ObservedTarget]) -> Mask | None:
    """Designs of which it is proven that more people stay unserved than the targets allow.

    Args:
        space: all designs.
        wanted: the targets.

    Returns:
        An element for each design; None where there is no such target, or no proof.
    """
    limits = [one.limit + one.tolerance for one in _unserved_limits(wanted)]
    shares = _each(space, lambda site: Bound.of(site).unserved) if limits else None
    return None if shares is None else shares > min(limits)


def lost_by_formula(space: Space) -> Floats | None:
    """Share of the visits of each design that Erlang A expects to leave; None without places."""

    def of(site: Scenario) -> Formula:
        sets: tuple[SetLoad, ...] = set_loads(site)
        return lambda places: lost_share(sets, places)

    return _each(space, of)


def _each(space: Space, of: Callable[[Scenario], Formula]) -> Floats | None:
    """A formula of load and places for each design; staff are nothing to it."""
    axes = [_kind(one) for one in space.parameters]
    others = [axis for axis, kind in enumerate(axes) if kind == "other"]
    shape = space.shape
    if not space.original.loaded.scenario.rooms or prod(shape[n] for n in others) > _MOST_FORMULAS:
        return None
    found = np.zeros([1 if kind == "staff" else n for n, kind in zip(shape, axes, strict=True)])
    known: dict[tuple[int, ...], tuple[Scenario, Formula]] = {}
    for place in np.ndindex(found.shape):
        hours = tuple(place[axis] for axis in others)
        if hours not in known:
            scenario = space.scenario(place)
            known[hours] = scenario, of(scenario)
        scenario, formula = known[hours]
        found[place] = formula(_places(space, scenario, place))
    return np.broadcast_to(found, shape)


@lru_cache(maxsize=256)
def _kind(parameter: Parameter) -> str:
    if all(path.startswith("rooms.") and path.endswith(".places") for path in parameter.paths):
        return "places"
    return "staff" if all(path.startswith("staff.") for path in parameter.paths) else "other"


def _places(space: Space, scenario: Scenario, design: Sequence[int]) -> dict[str, int]:
    """The places of each room in a design."""
    found = {name: room.places for name, room in scenario.rooms.items()}
    for one, level in zip(space.parameters, design, strict=True):
        if _kind(one) == "places":
            found |= {path.split(".")[1]: int(one.levels[level]) for path in one.paths}
    return found
