"""What is known of designs before they are played: what cannot carry the load, what is not safe."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import prod

import numpy as np

from sim.scenario.derived.offered import SetLoad, set_loads
from sim.scenario.load import Original
from sim.scenario.model.scenario import Scenario
from sim.size.bound import Bound
from sim.size.erlang import lost_share
from sim.size.lab import Lab
from sim.size.safety import DAYS_SURE, Broken, Safety, safety_of
from sim.size.search import Mask, Screens
from sim.size.sequential import FIRST_TO_MISS, Floats
from sim.size.space import Design, Parameter, Space, read_space
from sim.size.watched import Watched, last_out, watched

Formula = Callable[[Mapping[str, int]], float]
"""From the places of each room to a share of visits."""

_MOST = 200
"""Combinations of opening hours and the like for which loads are worked out."""
_MOST_ROTAS = 2_000
"""Combinations of rotas and opening hours that are checked before anything is played; where there
are more, a design is when it is played."""
_MOST_PLAYED = 60
"""Combinations for which it is played when the last person leaves, before a large search."""


class Rotas:
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
            self._known[alike] = safety_of(self._space.scenario(alike))
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


class Guard(Rotas):
    """Whether designs keep the safety rules, those that depend on when people leave among them."""

    def __init__(self, lab: Lab) -> None:
        """Of a lab's designs."""
        super().__init__(lab.space)
        self._lab = lab

    def last_out(self, design: Design) -> float:
        """Minutes after closing by which on 95 % of days the last person has left a place."""
        return last_out(self._lab.record(design).late[:, 0].sum(axis=0), DAYS_SURE)

    def left_alone(self, design: Design) -> float:
        """Share of days on which somebody is still in the building when the last shift has gone."""
        gone = self.of(design).nobody_after
        building = self._lab.record(design).late[:, 1].sum(axis=0)
        return float(building[gone + 1 :].sum() / max(building.sum(), 1))

    def broken(self, design: Design) -> tuple[Broken, ...]:
        """All that a design that was played breaks."""
        known = self.of(design)
        late = known.late(self.last_out(design))
        return known.broken if late is None else (*known.broken, late)

    def broken_as_known(self, design: Design) -> tuple[Broken, ...]:
        """All that a design breaks; when people leave only as far as that was played."""
        if self._lab.has_played(design):
            return self.broken(design)
        known, fewest = self.of(design), self._without_places(design)
        late = known.late(self.last_out(fewest)) if self._lab.has_played(fewest) else None
        return known.broken if late is None else (*known.broken, late)

    def leaves_early(self, unsafe: Mask) -> Mask:
        """Designs whose staff go before the last person even with the fewest places.

        With more places more people are inside at closing, so that the last of them leaves later.
        """
        found = self._nowhere()
        open_to = [place for place in np.ndindex(found.shape) if self.of(place).words]
        if len(open_to) <= _MOST_PLAYED:
            asked = [place for place in open_to if not unsafe[place]]
            self._lab.take(asked, FIRST_TO_MISS)
            for place in asked:
                found[place] = self.of(place).late(self.last_out(place)) is not None
        return np.broadcast_to(found, self._space.shape)


def screens(lab: Lab, rules: Sequence[Watched] | None = None, *, large: bool = False) -> Screens:
    """All that is known of a lab's designs before they are played.

    Args:
        lab: whose designs.
        rules: the targets that count; all without it.
        large: whether there are too many designs to look at each when it has met its targets.
    """
    guard = Guard(lab)
    unsafe = guard.unsafe()
    if large and unsafe is not None:
        unsafe = unsafe | guard.leaves_early(unsafe)
    return Screens(
        hopeless=hopeless(lab.space, lab.means.wanted if rules is None else rules),
        unsafe=unsafe,
        breaks=lambda design: bool(guard.broken(design)),
        promise=lost(lab.space),
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
    wanted = watched(scenario, scenario.design.tolerances)
    found = []
    limits = _unserved_limits(wanted)
    if limits and (shares := _each(space, lambda site: Bound.of(site).unserved)) is not None:
        least = float(shares.min())
        found += [
            f"no design under design.vary can meet `{one.target.text}`: with any of them at least "
            f"{100 * least:.3g} % of the visits stay unserved"
            for one in limits
            if least > one.limit + one.tolerance
        ]
    rotas = Rotas(space)
    unsafe = rotas.unsafe()
    if unsafe is not None and unsafe.all():
        dearest = np.unravel_index(int(np.argmax(space.cost)), space.shape)
        first = rotas.of(tuple(int(level) for level in dearest)).broken[0]
        found.append(
            f"every design under design.vary breaks a safety rule, so that `size` will have no "
            f"answer: even in the dearest {first.words}"
        )
    return found


def _out_of_reach(scenario: Scenario) -> list[str]:
    wanted = watched(scenario, {})
    places = {name: room.places for name, room in scenario.rooms.items()}
    least = Bound.of(scenario).unserved(places) if _unserved_limits(wanted) else 0.0
    return [
        f"`{one.target.text}` cannot be met with these places: at least {100 * least:.3g} % of the "
        "visits stay unserved"
        for one in _unserved_limits(wanted)
        if least > one.limit
    ]


def _unserved_limits(wanted: Sequence[Watched]) -> list[Watched]:
    """The targets on the share of all visits that may stay unserved, at most."""
    return [
        one
        for one in wanted
        if (one.name, one.target.by, one.unit) == ("unserved.share", "all", "share")
        and one.target.hour is None
        and one.target.operator.is_upper
    ]


def hopeless(space: Space, wanted: Sequence[Watched]) -> Mask | None:
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


def lost(space: Space) -> Floats | None:
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
    if not space.original.loaded.scenario.rooms or prod(shape[n] for n in others) > _MOST:
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
