"""The needs of one replication of a system: everything that chance decides, as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.visitors.visitors import Floats, Integers, Visitors


@dataclass(frozen=True, eq=False)
class Needs:
    """One row a need, in order of time; minutes.

    Attempts of one need are numbered from 0. `K` attempts are drawn; `longer` draws more.
    """

    arrival: Floats
    """When the need arises, minutes after midnight of the first day."""
    kind: Integers
    """Index into the system's kinds."""
    client: Integers
    """Which client; -1 without clients."""
    origin: Integers
    """Index into the origins; 0 without any."""
    order: Integers
    """(facilities, n): the facility that is wished first, second …; -1 beyond those that serve."""
    informed: NDArray[np.bool_]
    """Whether they know the queues."""
    divert: Floats
    """(K, n): uniform; goes elsewhere after this attempt when the chance of it exceeds it."""
    come_back: Floats
    """(K, n): uniform; comes back after this attempt when the chance of it exceeds it."""
    delay: Floats
    """(K, n): minutes until then; NaN for a kind that never comes back."""
    balk: Floats
    """(K, n): uniform, as `Visitors.balk`, of each attempt."""
    sites: tuple[Visitors, ...]
    """By facility: what its visitors are made of, a row for each need of a kind that it serves. Its
    `arrival` is that of the need and its `balk` that of the first attempt. What chance does to
    the facility (absences, weather, failures) is the facility's own."""
    row: Integers
    """(facilities, n): the need's row among those of the facility; -1 where it is not served."""

    def __len__(self) -> int:
        return len(self.arrival)
