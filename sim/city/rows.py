"""The rows of the tables of a system's loop, as those of a facility are in sim.fast.memory.

The system has one row, from which all its tables are reached, those of its facilities among them.
"""

import numpy as np

from sim.fast.memory.reach import reach
from sim.fast.memory.rows import Address, Site, rows_of


class Facility:
    """What the system knows of a facility, beside what the facility knows of itself.

    No more than this: it is looked at for every event, of each facility.
    """

    next: float
    """When something next happens there, arrivals apart; NaN once nothing happens any more."""


class Kind:
    """A kind of need."""

    share: float
    """Of those who got nothing and do not go elsewhere, those who come back."""
    recalls: float
    """So long after they meant to come back they wait for an opening, at most."""
    attempts: int
    """At most so many doors are tried; NONE for any number."""


class Hours:
    """When a facility takes in a kind: intervals in order, by their numbers."""

    now: int
    """The first that is not over."""
    end: int


class Need:
    """A need, and how far it has come."""

    attempts: int
    tried: int
    """Facilities tried since they came first or came back, as bits."""
    spent: float
    """Minutes at doors so far."""
    goes_to: int
    """The facility to which they walk; NONE while they are to choose."""
    way: int
    """To the door that they choose next."""
    come_from: int
    set_out: float
    back: float
    """When they came back."""
    nothing_open: bool
    """When the need arose."""


class OnTheWay:
    """Somebody who walks to a facility, or is to choose one."""

    time: float
    need: int


class System:
    """Facilities that share one demand, in one replication."""

    horizon: float
    sites: Address
    facilities: Address
    facilities_count: int
    acts: int
    """Whose turn it is to choose or to arrive; NONE while something happens at a facility."""
    time: float
    """When that is."""
    short_of: int
    """The facility for which there is not enough room."""

    # Who goes where.
    kinds: Address
    kinds_count: int
    kind_at: Address
    hours: Address
    hours_count: int
    opens: Address
    closes: Address
    opens_count: int
    walk: Address
    from_origin: Address
    origins_count: int
    diverts: Address
    outcomes_count: int
    knows_hours: bool
    carries_over: bool

    # The needs: columns that chance has drawn.
    needs_count: int
    needs_begun: int
    arrival: Address
    kind: Address
    origin: Address
    order: Address
    informed: Address
    drawn: int
    """Attempts of each need for which chance has drawn."""
    divert: Address
    come_back: Address
    delay: Address
    balk: Address
    row: Address

    # The needs under way, and what has come of them.
    needs: Address
    outcome: Address
    over: Address
    on_the_way: Address
    on_the_way_count: int
    made: Address
    """The attempts: the columns that are whole numbers, and the times."""
    made_at: Address
    attempts_room: int
    attempts_count: int


NEEDS = rows_of(Need, np.int32)
"""In short numbers, so that a row of so long a table is no longer than a line of memory."""

site_row = reach("sites", "facilities_count", Site)
facility_row = reach("facilities", "facilities_count", Facility)
kind_row = reach("kinds", "kinds_count", Kind)
need_row = reach("needs", "needs_count", Need, whole=np.int32)
on_the_way_row = reach("on_the_way", "needs_count", OnTheWay)
hours_row = reach("hours", "hours_count", Hours)
