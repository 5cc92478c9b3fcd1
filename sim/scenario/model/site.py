"""Where people go on site: opening, door, check-in, rooms, services and aftercare."""

from typing import Literal, Self

from pydantic import Field, model_validator

from sim.scenario.model.base import (
    Count,
    Day,
    Frozen,
    Minutes,
    Name,
    PositiveCount,
    PositiveFactor,
    Rank,
    Share,
)
from sim.scenario.model.distributions import Distribution
from sim.scenario.model.hours import DayIntervals, Hours
from sim.scenario.model.visits import MOST_ROLES, MOST_ROOMS, CheckInTimes


class Opening(Frozen):
    """When the site is open, and how a day ends."""

    hours: Hours
    """Opening hours: `24/7`, `07:30-23:30`, a list, or a map of weekdays."""
    dates: dict[Day, DayIntervals] = Field(default_factory=dict, max_length=10_000)
    """Dates with other hours, or `closed`."""
    last_entry: Minutes = 0.0
    """Last call: nobody is let in during this many minutes before closing."""
    wait_at_door: Minutes = 0.0
    """People who come up to this many minutes before opening wait at the door."""
    queue_at_close: Literal["dismiss", "serve"] = "dismiss"
    """At closing, people still waiting are sent away, or are served before the site empties."""
    at_close: Literal["finish", "stop"] = "finish"
    """At closing, people in a place finish their stay, or must leave at once."""


class WaitingArea(Frozen):
    """The waiting area."""

    seats: Count
    """People who would have to wait when this many are waiting are refused (`no_space`)."""


class CheckIn(Frozen):
    """Registration at the door."""

    times: CheckInTimes
    """How long it takes; a visit kind may have its own."""
    roles: tuple[str, ...] = Field(default=(), max_length=MOST_ROLES)
    """Staff roles that do it, the preferred one first; none means no staff is needed."""
    desks: PositiveCount | None = None
    """How many can be registered at once; without it as many as staff allow."""


class TimeLimit(Frozen):
    """A limit on the stay in a room."""

    limit: Minutes
    """Minutes."""
    comply: Share = 1.0
    """Share of visitors who leave when their time is up."""
    overrun: Distribution | None = None
    """Minutes that the others stay beyond the limit, at most."""

    @model_validator(mode="after")
    def _overrun_is_given(self) -> Self:
        if self.comply < 1 and self.overrun is None:
            raise ValueError("lets some overstay (comply below 1) but gives no overrun")
        return self


class Cleaning(Frozen):
    """Cleaning a place after each use."""

    duration: Distribution
    """Minutes."""
    roles: tuple[str, ...] = Field(default=(), max_length=MOST_ROLES)
    """Staff roles that do it, the preferred one first; none means no staff time is needed."""


class Room(Frozen):
    """A room with places (booths, seats)."""

    places: Count
    """How many people can use it at once."""
    kind: Literal["indoor", "open_air"] = "indoor"
    """Open-air places can be used only in a share of their hours; see `usable_share`."""
    usable_share: Share = 1.0
    """Open air only: share of the days of each week on which the weather lets it be used."""
    hours: Hours | None = None
    """Its own opening hours, within the site's; without it the site's."""
    time_limit: TimeLimit | None = None
    """A limit on the stay."""
    cleaning: Cleaning | None = None
    """Cleaning after each use."""
    reach: Minutes = 0.0
    """Minutes that staff need to reach a person here, such as airing a smoking room."""

    @model_validator(mode="after")
    def _weather_is_outdoors(self) -> Self:
        if self.kind == "indoor" and self.usable_share < 1:
            raise ValueError("has a usable_share but is indoor; usable_share is for open_air")
        return self


class Service(Frozen):
    """A service beside the rooms: drug checking, wound care, a talk with a social worker."""

    duration: Distribution
    """Minutes of staff time."""
    roles: tuple[str, ...] = Field(default=(), max_length=MOST_ROLES)
    """Staff roles that give it, the preferred one first; none means no staff is needed."""
    when: Literal["before", "after"] = "after"
    """Before the queue for a place, or after the stay."""
    priority: Rank = 0
    """Among waiting services lower goes first."""
    patience: Distribution | None = None
    """Minutes that a visitor will wait for it before going on without; none: for ever."""


class Aftercare(Frozen):
    """The room where people rest after use, with someone near."""

    seats: Count | None = None
    """How many at once; without it no limit."""
    when_full: Literal["wait_in_place", "skip"] = "skip"
    """When no seat is free: stay in the place (which stays blocked), or do without."""


class Supervision(Frozen):
    """Staff that must be present for a set of rooms to take people in."""

    rooms: tuple[str, ...] = Field(min_length=1, max_length=MOST_ROOMS)
    """The rooms, counted together."""
    roles: tuple[str, ...] = Field(min_length=1, max_length=MOST_ROLES)
    """Roles that count."""
    minimum: Count = 1
    """With fewer present nobody new is let in."""
    at_least: dict[Name, PositiveCount] = Field(default_factory=dict, max_length=MOST_ROLES)
    """Of these roles at least so many, such as `{nurse: 1}`."""
    places_per_staff: PositiveFactor | None = None
    """Occupied places, over all the rooms, that one member of staff can watch."""
