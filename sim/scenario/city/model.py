"""A city: what its file says of its facilities, of whom they share, and of who goes where."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator

from sim.scenario.errors.told import told
from sim.scenario.model.base import Factor, Frozen, Minutes, Name, Rank, Share, Switch
from sim.scenario.model.dates import Holidays
from sim.scenario.model.demand import Demand
from sim.scenario.model.scenario import Horizon, Scenario, schema_of
from sim.scenario.model.site import MOST_KINDS, Opening
from sim.scenario.model.targets import Target
from sim.scenario.model.visits import Attempts, Returns, VisitKind

MOST_FACILITIES = 12
"""Of a city."""
MOST_ORIGINS = 50
USUAL_ATTEMPTS = 3
"""Doors that somebody tries for one need, at most (assumption, 1-5)."""
OF_THE_FACILITY = ("rooms", "stay", "check_in", "services", "stay_tasks", "aftercare", "switch")
"""Keys of a kind that each facility says for itself."""
OF_THE_CITY = ("horizon", "demand", "targets", "uncertainty")
"""Keys of a site's file in whose place its city's hold."""


class CityKind(VisitKind):
    """One kind of need.

    What it leaves out of patience, balking, overdose and priority is each facility's own.
    """

    # A site's kind always has one. Pydantic reads what stands here; mypy asks for the same type.
    priority: Rank | None = None  # type: ignore[assignment]
    """Lower goes first in the queue for a place; without it as each facility says."""

    @model_validator(mode="after")
    def _rooms_go_with_a_stay(self) -> Self:
        """Said of a visit at a site; here all of that is the facility's."""
        given = [field for field in OF_THE_FACILITY if getattr(self, field)]
        if given:
            raise ValueError(
                told(
                    "gives_which_each_facility_says_for_itself",
                    "gives {listed}, which each facility says for itself: write it in the "
                    "facility's file, at its kind of the same name",
                    listed=", ".join(given),
                )
            )
        return self


class Facility(Scenario):
    """A site within a city: as its own file says, but for whom it shares with the others."""

    demand: Demand = Demand(visits_per_day=1, profile="flat")
    """Not used: the city's holds."""
    supervised: Switch = True
    """Whether somebody watches over use there. What happens in an unsupervised facility, such as
    an open-air space, is managed and not supervised."""


class Origin(Frozen):
    """Where needs arise, and how far the facilities are from there."""

    share: Share
    """Share of all needs."""
    walk: dict[Name, Minutes] = Field(min_length=1, max_length=MOST_FACILITIES)
    """Minutes of walk to each facility."""


class Diverts(Frozen):
    """Chance to try the next wish, by why the last try failed.

    All are assumptions: no source gives the share of people refused who go elsewhere.
    """

    closed: Share = 0.9
    """Found the door closed."""
    no_space: Share = 0.6
    """The waiting area was full."""
    balked: Share = 0.6
    """Turned round at the door on seeing the queue."""
    reneged: Share = 0.3
    """Left after waiting."""
    dismissed_at_close: Share = 0.5
    """Still waiting at closing and sent away."""


Preferences = dict[Name, Factor]


class Choice(Frozen):
    """Who goes to which facility, and what people do who got nothing there."""

    prefer: dict[Name, Factor | Preferences] = Field(
        default_factory=dict, max_length=max(MOST_FACILITIES, MOST_KINDS)
    )
    """Share of people who wish each facility first, of those that serve their kind; or by kind.
    Those it does not name are tried last. With origins: how attractive each facility is at the same
    distance, 1 where it is not named."""
    origins: dict[Name, Origin] = Field(default_factory=dict, max_length=MOST_ORIGINS)
    """Where needs arise: wishes then go by attraction and walk, and people walk from there."""
    walk: dict[Name, Minutes | dict[Name, Minutes]] = Field(
        default_factory=dict, max_length=MOST_FACILITIES
    )
    """Minutes of walk from a facility to others, both ways unless the reverse is given; or one
    number from everywhere."""
    knows_hours: Switch = True
    """Facilities that are closed are passed over without walking there."""
    informed: Share = 0.0
    """Share of people who know the queues, and go where least people are per usable place."""
    diverts: Diverts = Diverts()
    """Chance to try the next wish."""
    returns: Returns | None = None
    """Coming back later of those who do not go elsewhere; a kind's own wins. Nobody does without
    it."""
    attempts: Attempts = USUAL_ATTEMPTS
    """Doors that somebody tries for one need, at most, or `unlimited`; a kind's own wins."""
    patience: Literal["anew", "carries_over"] = "anew"
    """Whether what was waited at earlier doors counts against patience."""


class City(Scenario):
    """Several facilities that share one demand.

    It stands where a scenario does. What a scenario says of rooms, staff and hours is said by each
    facility.
    """

    opening: Opening = Field(default=Opening(hours="24/7"), exclude=True)
    """Each facility has its own: not to be given."""
    visits: Mapping[Name, CityKind] = Field(min_length=1, max_length=MOST_KINDS)
    """Kinds of need, by name."""
    facilities: dict[Name, Facility | None] = Field(min_length=1, max_length=MOST_FACILITIES)
    """The facilities, by name: each with the `file` of a site, and what is to be otherwise; `null`
    takes one away."""
    choice: Choice = Choice()
    """Who goes where."""

    @property
    def open_facilities(self) -> dict[str, Facility]:
        """Those that were not taken away."""
        return {name: one for name, one in self.facilities.items() if one is not None}

    @property
    def currency(self) -> str:
        """Of all costs: that of the first facility."""
        return next((one.currency for one in self.open_facilities.values()), super().currency)

    @model_validator(mode="wrap")
    @classmethod
    def _without_those_taken_away(
        cls, data: object, handler: ModelWrapValidatorHandler[Self]
    ) -> Self:
        """Leave facilities that are `null` out of the choice and the targets.

        Before that, facilities are given what the city says of the calendar.
        """
        found = handler(_with_calendar(data))
        gone = {name for name, one in found.facilities.items() if one is None}
        if not gone:
            return found
        targets = tuple(one for one in found.targets if not facilities_of(one) & gone)
        choice = _without(found.choice, gone)
        return found.model_copy(update={"choice": choice, "targets": targets})


def facilities_of(target: Target) -> set[str]:
    """The facilities that a target names."""
    parts = target.named_parts()
    return {parts[word] for word in ("facility", "from", "to") if word in parts}


def _with_calendar(data: object) -> object:
    """The data of a city whose facilities have its horizon, and its holidays if none of their own.

    What is wrong with either is the city's mistake, and is not told of each facility.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("facilities"), Mapping):
        return data
    said = {key: data[key] for key in ("horizon", "holidays") if data.get(key) is not None}
    try:
        _Calendar.model_validate(said)
    except ValidationError:
        return data
    horizon = {key: value for key, value in said.items() if key == "horizon"}
    facilities = {
        name: {**said, **one, **horizon} if isinstance(one, Mapping) else one
        for name, one in data["facilities"].items()
    }
    return {**data, "facilities": facilities}


class _Calendar(Frozen):
    """What facilities have of their city."""

    horizon: Horizon | None = None
    holidays: Holidays | None = None


SAID_BY_EACH = (
    "rooms",
    "waiting_area",
    "check_in",
    "services",
    "stay_tasks",
    "aftercare",
    "staff",
    "supervision",
    "overdose",
    "costs",
    "rota_rules",
    "design",
)
"""Keys that each facility says for itself."""


def _without(choice: Choice, gone: Collection[str]) -> Choice:
    """The choice where facilities are taken away: shares of the others grow alike."""
    origins = {
        name: one.model_copy(update={"walk": _left(one.walk, gone)})
        for name, one in choice.origins.items()
    }
    walk = {
        name: _left(to, gone) if isinstance(to, dict) else to
        for name, to in _left(choice.walk, gone).items()
    }
    prefer = {
        name: _others(of_kind, gone) if isinstance(of_kind, dict) else of_kind
        for name, of_kind in choice.prefer.items()
    }
    if not any(isinstance(one, dict) for one in prefer.values()):
        prefer = _others(choice.prefer, gone)
    return choice.model_copy(update={"prefer": prefer, "origins": origins, "walk": walk})


Held = TypeVar("Held")


def _left(named: Mapping[str, Held], gone: Collection[str]) -> dict[str, Held]:
    return {name: one for name, one in named.items() if name not in gone}


def _others(shares: Mapping[str, Any], gone: Collection[str]) -> dict[str, Any]:
    """Shares of those that are left, which add to what all added to."""
    left = _left(shares, gone)
    whole = sum(shares.values()) / sum(left.values()) if sum(left.values()) else 1.0
    return {name: share * whole for name, share in left.items()}


# --- its schema ---------------------------------------------------------------------------------


def schema_text() -> str:
    """The schema of scenarios as a file, those of sites and of cities."""
    site, city = schema_of(Scenario), schema_of(City)
    for key in ("facilities", "choice"):
        site["properties"][key] = city["properties"][key]
    site["$defs"] |= {name: one for name, one in city["$defs"].items() if name not in site["$defs"]}
    facility = site["$defs"][Facility.__name__]
    facility["properties"] |= {
        "file": {"description": "A site's scenario file.", "type": "string"},
        "variant": {"description": "One of that file's variants.", "type": "string"},
    }
    facility.pop("required", None)  # its file says the rest
    site["if"] = {"anyOf": [{"required": ["extends"]}, {"required": ["facilities"]}]}
    return json.dumps(site, indent=2) + "\n"
