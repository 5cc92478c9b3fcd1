"""What the load alone says of designs, before anything is played."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.scenario.offered import SetLoad, set_loads
from sim.scenario.scenario import Scenario
from sim.size.erlang import least_unserved, lost_share
from sim.size.sequential import Floats
from sim.size.space import Parameter, Space
from sim.size.watched import Watched

Formula = Callable[[Scenario, Sequence[SetLoad], Mapping[str, int]], float]
"""From a site, its load and the places of each room to a share of visits."""

_MOST = 200
"""Combinations of opening hours and the like for which loads are worked out."""


def hopeless(space: Space, wanted: Sequence[Watched]) -> NDArray[np.bool_] | None:
    """Designs of which it is proven that more people stay unserved than the targets allow.

    Args:
        space: all designs.
        wanted: the targets.

    Returns:
        An element for each design; None where there is no such target, or no proof.
    """
    limits = [
        one.limit + one.tolerance
        for one in wanted
        if (one.target.metric, one.target.by, one.unit) == ("unserved", "all", "share")
        and one.target.hour is None
        and one.target.operator.is_upper
    ]
    shares = _each(space, least_unserved) if limits else None
    return None if shares is None else shares > min(limits)


def lost(space: Space) -> Floats | None:
    """Share of the visits of each design that Erlang A expects to leave; None without places."""
    return _each(space, lambda _, sets, places: lost_share(sets, places))


def _each(space: Space, of: Formula) -> Floats | None:
    """A formula of load and places for each design; staff are nothing to it."""
    axes = [_kind(one) for one in space.parameters]
    others = [axis for axis, kind in enumerate(axes) if kind == "other"]
    shape = space.shape
    if not space.original.loaded.scenario.rooms or np.prod([shape[n] for n in others]) > _MOST:
        return None
    found = np.zeros([1 if kind == "staff" else n for n, kind in zip(shape, axes, strict=True)])
    loads: dict[tuple[int, ...], tuple[Scenario, tuple[SetLoad, ...]]] = {}
    known: dict[tuple[tuple[int, ...], tuple[int, ...]], float] = {}
    for place in np.ndindex(found.shape):
        hours = tuple(place[axis] for axis in others)
        if hours not in loads:
            scenario = space.scenario(place)
            loads[hours] = scenario, set_loads(scenario)
        scenario, sets = loads[hours]
        places = _places(space, scenario, place)
        key = hours, tuple(sum(places[room] for room in one.rooms) for one in sets)
        if key not in known:
            known[key] = of(scenario, sets, places)
        found[place] = known[key]
    return np.broadcast_to(found, shape)


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
