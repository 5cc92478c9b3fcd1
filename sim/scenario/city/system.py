"""Facilities that share one demand, with everything numbered that decides who goes where.

A site to which people come back is a system of one facility.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model.durations import Distribution
from sim.scenario.model.scenario import Scenario

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RECALLS = 4.0
"""Means of `returns.after` for which people who come back while nothing is open wait for an opening
(assumption; nobody has published any such figure)."""


@dataclass(frozen=True, eq=False)
class Returning:
    """Coming back of one kind of need."""

    share: float
    """Of those who got nothing and do not go elsewhere."""
    after: Distribution | None
    """Minutes until then; None where nobody comes back."""
    attempts: int | None
    """At most so many doors are tried; None for any number."""


@dataclass(frozen=True, eq=False)
class Choice:
    """Who goes where. Facilities and kinds are numbered as in their system."""

    weights: Floats
    """(origins, kinds, facilities): of the first wish; 0 where a facility does not serve a kind.
    Without origins there is one of them."""
    origins: Floats
    """Shares of the origins, which add to 1."""
    from_origin: Floats
    """(origins, facilities): minutes of walk to the facility first chosen."""
    walk: Floats
    """(facilities, facilities): minutes from one to the other."""
    knows_hours: bool
    """Facilities that are closed are passed over without walking there."""
    informed: float
    """Share of people who know the queues."""
    diverts: Floats
    """By number of the Outcome: chance to try the next wish."""
    returning: tuple[Returning, ...]
    """By kind."""
    carries_over: bool
    """What was waited before counts against patience."""


@dataclass(frozen=True, eq=False)
class System:
    """Facilities that share one demand, in the order of the file."""

    name: str
    """Of the city, or of the site."""
    sites: Mapping[str, Scenario]
    """By name: the facility with the system's horizon and demand, and the kinds that it serves."""
    kinds: tuple[str, ...]
    """Names of the kinds of need, in the order of the file."""
    kind_at: Integers
    """(facilities, kinds): the number of a kind among the facility's own; -1 if not served."""
    supervised: tuple[bool, ...]
    """By facility; what happens in an unsupervised one is managed, and no more."""
    people: Scenario
    """Of whom arrivals, kinds and clients are drawn: the site itself, where there is one only."""
    choice: Choice

    @property
    def is_city(self) -> bool:
        """Whether there are several facilities."""
        return len(self.sites) > 1
