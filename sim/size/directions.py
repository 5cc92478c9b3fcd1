"""What more of something is taken to do to a figure, where a space is too large to do without.

That more places or staff never make a target harder to meet is no theorem. With more places more
people use the site, more overdoses overlap and the one nurse comes later; more of them share the
staff, the desk and the seats of aftercare, which can make even waits longer. So small spaces are
searched without it. In a large one a target is judged for a whole box of designs by that corner of
it which is taken to be the easiest for this target; where nothing is known of a figure it is
judged design by design. What was taken is said beside the answer, and looked at again afterwards.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model.design import path_keys
from sim.size.space import Parameter
from sim.size.watched import Watched, columns_of

Signs = NDArray[np.int8]

_PLACES, _STAFF, _DESKS, _SEATS = "places", "staff", "desks", "seats"
_AXES = {
    ("rooms", "*", "places"): _PLACES,
    ("staff", "rota", "*", "count"): _STAFF,
    ("check_in", "desks"): _DESKS,
    ("aftercare", "seats"): _SEATS,
}
_UP, _DOWN = 1, -1

_EFFECTS: tuple[tuple[str, dict[str, int]], ...] = (
    ("wait_joined.within_*", {_PLACES: _UP, _STAFF: _UP, _DESKS: _UP, _SEATS: _UP}),
    ("wait_joined.*", {_PLACES: _DOWN, _STAFF: _DOWN, _DESKS: _DOWN, _SEATS: _DOWN}),
    ("wait_place.*", {_PLACES: _DOWN, _STAFF: _DOWN, _SEATS: _DOWN}),
    ("wait_check_in.*", {_STAFF: _DOWN, _DESKS: _DOWN}),
    ("wait_service.within_*", {_PLACES: _DOWN, _STAFF: _UP}),
    ("wait_service.*", {_PLACES: _UP, _STAFF: _DOWN}),
    ("wait.within_*", {_PLACES: _UP, _STAFF: _UP, _DESKS: _UP, _SEATS: _UP}),
    ("wait.*", {_PLACES: _DOWN, _STAFF: _DOWN, _DESKS: _DOWN, _SEATS: _DOWN}),
    ("waiting.*", {_PLACES: _DOWN, _STAFF: _DOWN, _SEATS: _DOWN}),
    ("unserved.*", {_PLACES: _DOWN, _STAFF: _DOWN, _DESKS: _DOWN, _SEATS: _DOWN}),
    ("uses.*", {_PLACES: _UP, _STAFF: _UP, _DESKS: _UP, _SEATS: _UP}),
    ("response_*.within_*", {_PLACES: _DOWN, _STAFF: _UP, _DESKS: _DOWN}),
    ("response_*.reached", {_PLACES: _DOWN, _STAFF: _UP, _DESKS: _DOWN}),
    ("response_*.*", {_PLACES: _UP, _STAFF: _DOWN, _DESKS: _UP}),
    ("nobody_free.*", {_PLACES: _UP, _STAFF: _DOWN, _DESKS: _UP}),
    ("below_cover.*", {_PLACES: _UP, _STAFF: _DOWN, _DESKS: _UP}),
    ("role_missing.*", {_PLACES: _UP, _STAFF: _DOWN, _DESKS: _UP}),
    ("intake_paused.*", {_PLACES: _UP, _STAFF: _DOWN, _DESKS: _UP}),
    ("place_unusable.*", {_PLACES: _UP, _STAFF: _DOWN}),
    ("staff_busy.*", {_PLACES: _UP, _STAFF: _DOWN}),
    ("rostered.*", {_STAFF: _UP}),
    ("cost.per_week", {_PLACES: _UP, _STAFF: _UP}),
    ("cost.per_year", {_PLACES: _UP, _STAFF: _UP}),
)
"""Whether a figure rises or falls with more of something; of all else nothing is taken as known.
The first line whose pattern fits a figure is the figure's."""


def directions(parameters: Sequence[Parameter], wanted: Sequence[Watched]) -> Signs:
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


def _sign(parameter: Parameter, target: Watched) -> int:
    effects = {_effect(path, target) for path in parameter.paths}
    if not parameter.ordered or len(effects) > 1:
        return 0
    (effect,) = effects
    return -effect if target.target.operator.is_upper else effect


def _effect(path: str, target: Watched) -> int:
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
