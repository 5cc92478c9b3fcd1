"""What a site is: opening, check-in, rooms and services, supervision, and what it costs."""

from collections.abc import Mapping
from itertools import combinations
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from sim.scenario.errors.told import told
from sim.scenario.model.base import (
    MOST_PLACES,
    Count,
    Currency,
    Frozen,
    LongMinutes,
    Minutes,
    Money,
    Name,
    PositiveCount,
    PositiveFactor,
    PositiveMinutes,
    Rank,
    Share,
    Switch,
)
from sim.scenario.model.dates import ByDate, HolidayHours
from sim.scenario.model.durations import Distribution, Fixed
from sim.scenario.model.hours import DayIntervals, Hours
from sim.scenario.text.osm import apart_from_holidays

MOST_ROOMS, MOST_KINDS, MOST_SERVICES, MOST_ROLES = 20, 50, 20, 20
"""Of one site."""
MOST_AT_ONCE = 6
"""Members of staff that one service takes at once."""
MOST_TASKS = 20
"""Of those that staff have during the stays at one site."""
MOST_TIMES = 100
"""How often a task comes in one stay: every five minutes for eight hours."""


class Opening(Frozen):
    """When the site is open, and how a day ends."""

    hours: Hours
    """Opening hours: `24/7`, `07:30-23:30`, a list, or a map of weekdays."""
    dates: ByDate[DayIntervals] = Field(default_factory=dict)
    """Dates, or stretches such as `2026-06-08 to 2026-06-14`, with other hours, or `closed`; a date
    named alone beats a stretch."""
    holidays: HolidayHours | None = None
    """Hours on public holidays (`holidays`): `closed`, hours, or a weekday such as `sun` whose
    hours they have. Dates that are named under `dates` keep what is said there."""
    last_entry: Minutes = 0.0
    """Last call: nobody is let in during this many minutes before closing."""
    wait_at_door: Minutes = 0.0
    """People who come up to this many minutes before opening wait at the door."""
    queue_at_close: Literal["dismiss", "serve"] = "dismiss"
    """At closing, people still waiting are sent away, or are served before the site empties."""
    at_close: Literal["finish", "stop"] = "finish"
    """At closing, people in a place finish their stay, or must leave at once."""

    @model_validator(mode="before")
    @classmethod
    def _holidays_of_its_hours(cls, data: object) -> object:
        """`Mo-Fr 08:00-20:00; PH off`, as OpenStreetMap has it, says hours and holidays."""
        if not isinstance(data, Mapping) or data.get("holidays") is not None:
            return data
        hours = data.get("hours")
        found = apart_from_holidays(hours) if isinstance(hours, str) else None
        return data if found is None else {**data, "hours": found[0], "holidays": found[1]}


class WaitingArea(Frozen):
    """The waiting area."""

    seats: Count
    """People who would have to wait when this many are waiting are refused (`no_space`)."""


class CheckInTimes(Frozen):
    """How long registration takes."""

    known: Distribution
    """Minutes for someone who is registered."""
    first_visit: Distribution | None = None
    """Minutes for someone's first visit."""
    first_visit_share: Share = 0.0
    """Share of visits that are a first visit."""

    @model_validator(mode="after")
    def _first_visits_have_a_duration(self) -> Self:
        if self.first_visit_share > 0 and self.first_visit is None:
            raise ValueError(
                told(
                    "has_a_first_visit_share_but_no",
                    "has a first_visit_share but no first_visit duration",
                )
            )
        return self

    def mean(self) -> float:
        """Mean minutes of a check-in."""
        first = self.first_visit.mean() if self.first_visit is not None else 0.0
        return self.known.mean() * (1 - self.first_visit_share) + first * self.first_visit_share


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
            raise ValueError(
                told(
                    "lets_some_overstay_comply_below_1_but",
                    "lets some overstay (comply below 1) but gives no overrun",
                )
            )
        return self


class Cleaning(Frozen):
    """Cleaning a place after each use."""

    duration: Distribution
    """Minutes."""
    roles: tuple[str, ...] = Field(default=(), max_length=MOST_ROLES)
    """Staff roles that do it, the preferred one first; none means no staff time is needed."""


def _or_in_short(schema: dict[str, Any]) -> None:
    """Tell editors of what may stand in place of the keys."""
    del schema["type"]
    schema["anyOf"] = [
        *({"type": kind} for kind in ("string", "array", "object")),
        {"type": "integer", "minimum": 1, "maximum": MOST_PLACES},
    ]
    schema["examples"] = ["closed", "12:00-16:00", 4, {"hours": "12:00-16:00", "places": 4}]


class RoomOnDate(Frozen):
    """A room on some dates. What it does not say is as on other days."""

    model_config = ConfigDict(json_schema_extra=_or_in_short)

    hours: DayIntervals | None = None
    """Its hours, within the site's, or `closed`."""
    places: PositiveCount | None = None
    """How many people can use it at once; no more than its places."""

    @model_validator(mode="before")
    @classmethod
    def _said_in_short(cls, value: object) -> object:
        """`closed` or hours, or a number of places, without a key."""
        if isinstance(value, str | list | tuple):
            return {"hours": value}
        if isinstance(value, int) and not isinstance(value, bool):
            return {"places": value}
        return value

    @model_validator(mode="after")
    def _differs(self) -> Self:
        if self.hours is None and self.places is None:
            raise ValueError(
                told(
                    "says_neither_hours_nor_places_write_closed",
                    "says neither hours nor places; write closed, hours or a number",
                )
            )
        return self


class Failures(Frozen):
    """How often places of a room get out of order, and for how long."""

    every: LongMinutes
    """Mean minutes between failures of the room, by day and night, open or closed; exponential."""
    repair: Distribution
    """Minutes that a place is out of order, from when nobody is in it and it is clean."""
    places: PositiveCount | Literal["all"] = 1
    """How many places one failure puts out of order, or `all` of them: free ones first, of these
    the lowest numbers."""


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
    dates: ByDate[RoomOnDate] = Field(default_factory=dict)
    """Dates, or stretches such as `2026-06-08 to 2026-06-14`, on which it is `closed`, has other
    hours or fewer places; a date named alone beats a stretch."""
    failures: Failures | None = None
    """Places that get out of order; without it none does."""
    time_limit: TimeLimit | None = None
    """A limit on the stay."""
    cleaning: Cleaning | None = None
    """Cleaning after each use."""
    reach: Minutes = 0.0
    """Minutes that staff need to reach a person here, such as airing a smoking room."""

    @model_validator(mode="after")
    def _weather_is_outdoors(self) -> Self:
        if self.kind == "indoor" and self.usable_share < 1:
            raise ValueError(
                told(
                    "has_a_usable_share_but_is_indoor",
                    "has a usable_share but is indoor; usable_share is for open_air",
                )
            )
        return self


class Appointments(Frozen):
    """People who are booked for a service, beside those who walk in.

    They are of a visit kind of their own and come whatever the demand: no factor, no special day
    and no weather changes how many are booked. Times at which the site is shut are not booked.
    """

    kind: str
    """Who is booked: a visit kind with share 0 that uses this service and no room."""
    hours: Hours
    """When there are appointments, written as opening hours: `{mon-fri: 09:00-12:00, …}`."""
    every: PositiveMinutes
    """Minutes from one time to the next, from the beginning of each interval; whole minutes."""
    number: Annotated[int, Field(strict=True, ge=1, le=100)] = 1
    """People booked for each time."""
    no_show: Share = 0.0
    """Share of those booked who do not come."""
    early: Minutes = 0.0
    """How long before their time people mean to be there."""
    lateness: Distribution | None = None
    """Minutes after that at which they do come; without it none."""
    first: Literal["booked", "walk_ins", "by_coming"] = "booked"
    """Who goes first among those who wait: those booked, by their times; those who walked in; or
    all in order of joining the line."""
    late_after: Minutes | None = None
    """Who joins the line later than this after their time waits as those do who walk in; without
    it a time is kept however late they are. With `first: booked` only."""
    seen_early: Switch = False
    """Whether people who are early may be seen before their time; otherwise they join the line at
    it."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.every != int(self.every):
            raise ValueError(
                told(
                    "has_appointments_every_minutes_give_whole_minute",
                    "has appointments every {every:g} minutes; give whole minutes",
                    every=self.every,
                )
            )
        if self.late_after is not None and self.first != "booked":
            raise ValueError(
                told(
                    "has_a_late_after_which_is_for",
                    "has a late_after, which is for `first: booked`; leave it out",
                )
            )
        return self


class Service(Frozen):
    """A service beside the rooms: drug checking, wound care, a talk with a social worker."""

    duration: Distribution
    """Minutes of staff time."""
    roles: tuple[str, ...] = Field(default=(), max_length=MOST_ROLES)
    """Staff roles that give it, the preferred one first; none means no staff is needed."""
    team: tuple[tuple[str, ...], ...] = Field(default=(), max_length=MOST_AT_ONCE)
    """In place of `roles`, where it takes several members of staff at once: for each of them the
    roles that will do, the preferred one first."""
    places: PositiveCount | None = None
    """Rooms, couches or machines of its own, of which it takes one; without it no limit."""
    gather: Literal["together", "hold"] = "together"
    """Where it takes several at once: it begins when all are free, and nobody is held for it; or
    whoever is free first is held until the others are."""
    when: Literal["before", "after"] = "after"
    """Before the queue for a place, or after the stay."""
    priority: Rank = 0
    """Among waiting services lower goes first."""
    patience: Distribution | None = None
    """Minutes that a visitor will wait for it before going on without; none: for ever."""
    appointments: Appointments | None = None
    """People who are booked for it; without it all walk in."""

    @model_validator(mode="after")
    def _taken_by_somebody(self) -> Self:
        if self.team and self.roles:
            raise ValueError(
                told(
                    "gives_roles_and_a_team_give_a",
                    "gives roles and a team; give a list of roles for each in `team`",
                )
            )
        if not all(self.team):
            raise ValueError(
                told(
                    "has_a_member_of_the_team_without",
                    "has a member of the team without a role; name the roles that will do",
                )
            )
        for one, other in combinations(map(set, self.team), 2):
            if one & other and not (one <= other or other <= one):
                raise ValueError(
                    told(
                        "may_find_no_team_though_there_is",
                        "may find no team though there is one: {listed} and {listed_2} share a "
                        "role, and neither has all of the other's; let one list have all roles of "
                        "the other, or none",
                        listed=_listed(one),
                        listed_2=_listed(other),
                    )
                )
        return self

    @property
    def seats(self) -> tuple[tuple[str, ...], ...]:
        """For each member of staff that it takes, the roles that will do."""
        return self.team or ((self.roles,) if self.roles else ())


class Again(Frozen):
    """How a task during the stay comes again."""

    share: Share
    """Chance that it comes again, each time it has been done."""
    after: Distribution
    """Minutes from its end until it comes again."""
    at_most: Annotated[int, Field(strict=True, ge=1, le=MOST_TIMES)] = MOST_TIMES
    """Times that it comes again in one stay, at most."""


class StayTask(Frozen):
    """What staff do for somebody during the stay in a place: helping, checking, talking."""

    duration: Distribution
    """Minutes of staff time."""
    roles: tuple[str, ...] = Field(default=(), max_length=MOST_ROLES)
    """Staff roles that do it, the preferred one first; none means no staff is needed."""
    after: Distribution = Fixed(value=0)
    """Minutes from the start of the stay until it is asked for; 0 for at its start."""
    again: Again | None = None
    """Whether, and when, it comes again; without it it comes once."""
    priority: Rank = 0
    """Among waiting tasks of this sort lower goes first."""
    stay: Literal["runs_on", "waits"] = "runs_on"
    """Whether the stay runs on while the task is waited for and done, and ends at its time, a task
    then in hand being finished first; or waits: its clock stands still meanwhile, and it does not
    end before the last of these tasks is done."""

    @model_validator(mode="after")
    def _ends_some_day(self) -> Self:
        again = self.again if self.stay == "waits" else None
        if again is not None and again.share == 1 and again.at_most == MOST_TIMES:
            raise ValueError(
                told(
                    "always_comes_again_and_the_stay_waits",
                    "always comes again, and the stay waits for it: it would not end; give "
                    "again.share below 1, or again.at_most",
                )
            )
        return self


def _listed(roles: set[str]) -> str:
    return f"[{', '.join(sorted(roles))}]"


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


# --- costs --------------------------------------------------------------------------------------


class SiteCosts(Frozen):
    """What a site costs beside its staff, whose hours have their costs in `staff.roles`."""

    place: dict[Name, Money] = Field(default_factory=dict, max_length=50)
    """Cost of one place for a year, by room."""
    opening_hour: Money | None = None
    """Cost of an hour of opening, beside the staff; without it none is counted."""

    def with_others(self, others: "SiteCosts") -> "SiteCosts":
        """The costs of both; these where both say something."""
        hour = others.opening_hour if self.opening_hour is None else self.opening_hour
        return SiteCosts(place={**others.place, **self.place}, opening_hour=hour)


class Costs(SiteCosts):
    """What a site costs beside its staff; changes no simulation."""

    currency: Currency | None = None
    """Currency of the costs, EUR without it. With staff it is `staff.currency`, and here the same
    or left out."""
