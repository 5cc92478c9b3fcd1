"""The scenario: everything a planner writes about one site."""

import re
from datetime import date, timedelta
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from sim.scenario.errors.problem import show
from sim.scenario.model.base import MOST_DAYS, MOST_WEEKS, Day, Frozen, Name
from sim.scenario.model.costs import USUAL_CURRENCY, Costs, SiteCosts
from sim.scenario.model.demand import Demand
from sim.scenario.model.design import Design
from sim.scenario.model.hours import DAY
from sim.scenario.model.rota_rules import RotaRules
from sim.scenario.model.site import (
    Aftercare,
    CheckIn,
    Opening,
    Room,
    Service,
    Supervision,
    WaitingArea,
)
from sim.scenario.model.staff import OverdoseResponse, Staff
from sim.scenario.model.targets import TargetText
from sim.scenario.model.visits import MOST_KINDS, MOST_ROOMS, MOST_SERVICES, VisitKind


class Horizon(Frozen):
    """The stretch of calendar that one replication plays."""

    start: Day = date(2026, 1, 5)
    """First day. The default is a Monday without meaning: only dated hours and days need it."""
    weeks: Annotated[int, Field(strict=True, ge=1, le=MOST_WEEKS)] | None = None
    """How many weeks. Give this or `days`; without either, 4 weeks."""
    days: Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS)] | None = None
    """How many days. Give this or `weeks`."""
    warmup_weeks: Annotated[int, Field(strict=True, ge=0, le=MOST_WEEKS)] = 0
    """Weeks at the start that are played but not counted; a site open round the clock needs
    them, a site that empties at night does not."""

    @model_validator(mode="after")
    def _length_once(self) -> Self:
        if self.weeks is not None and self.days is not None:
            raise ValueError("gives both weeks and days; give one")
        if self.warmup_weeks * 7 >= self.total_days:
            raise ValueError(
                f"has {self.warmup_weeks} warm-up weeks of {self.total_days} days in all; "
                "nothing would be left to count"
            )
        return self

    @property
    def total_days(self) -> int:
        """Days played, warm-up included."""
        return self.days if self.days is not None else 7 * (4 if self.weeks is None else self.weeks)

    @property
    def minutes(self) -> float:
        """Minutes played, warm-up included."""
        return float(self.total_days * DAY)

    @property
    def counted_from(self) -> float:
        """Minute at which counting starts."""
        return float(self.warmup_weeks * 7 * DAY)

    def date_of(self, day: int) -> date:
        """The date of a day, day 0 being the first."""
        return self.start + timedelta(days=day)


LONGEST_FILE_NAME = 120
"""Characters of a scenario's name: what is put behind it must fit a file system's 255 as well."""
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever follows after a dot."""


def name_fault(text: str) -> str:
    """Why a text cannot name a scenario, and with it files and folders; empty if it can."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text) is None:
        allowed = "use letters, digits, '-', '_' and '.', without spaces"
        return f"'{text}' cannot be a name; {allowed}"
    if len(text) > LONGEST_FILE_NAME:
        return f"has {len(text)} characters; a name may have {LONGEST_FILE_NAME}"
    if text.endswith("."):
        return f"'{text}' cannot be a name, as it ends with a dot; leave it out"
    if _DEVICES.fullmatch(text):
        return (
            f"'{text}' cannot be a name: Windows keeps it for a device; use one such as site-{text}"
        )
    return ""


def is_name(text: str) -> bool:
    """Whether a text can be a scenario's name, which also names files and folders."""
    return not name_fault(text)


def folder_fault(name: str) -> str:
    """Why no folder that every file system takes can have a name; empty if one can."""
    unfit = sorted(one for one in set(name) if one in '<>:"|?*\\/' or not one.isprintable())
    if unfit:
        return f"{show(name, quotes=True)} has {show(unfit[0], quotes=True)} in it; leave that out"
    if len(name.encode()) > LONGEST_FILE_NAME:
        return f"has {len(name)} characters; a folder's name may have {LONGEST_FILE_NAME}"
    if name.endswith((".", " ")):
        return f"'{name}' ends with a dot or a space; leave it out"
    if _DEVICES.fullmatch(name):
        return f"'{name}' is a name that Windows keeps for a device; use one such as site-{name}"
    return ""


def _keys_of_files(schema: dict[str, Any]) -> None:
    """Tell editors of the keys that a file may have beside those of the scenario itself."""
    schema["properties"] |= {
        "extends": {
            "description": "Another scenario file, which this one changes.",
            "type": "string",
        },
        "variants": {
            "description": "Named changes to this scenario, each to be run or compared by its name",
            "type": "object",
            "additionalProperties": {"type": "object"},
        },
    }
    # A file that extends another writes only what differs.
    schema["if"] = {"required": ["extends"]}
    schema["else"] = {"required": schema.pop("required")}


class Scenario(Frozen):
    """A drug consumption room, its visitors and its staff."""

    model_config = ConfigDict(json_schema_extra=_keys_of_files)

    name: str
    """A short name without spaces; results are written to a folder of this name."""
    title: Annotated[str, Field(max_length=500)] = ""
    """One line about the site."""
    description: Annotated[str, Field(max_length=10_000)] = ""
    """What this scenario stands for, and where it comes from."""
    horizon: Horizon = Horizon()
    """The stretch of calendar that one replication plays."""
    opening: Opening
    """When the site is open."""
    demand: Demand
    """How many visits come, and when."""
    visits: dict[Name, VisitKind] = Field(min_length=1, max_length=MOST_KINDS)
    """Visit kinds, by name."""
    rooms: dict[Name, Room] = Field(default_factory=dict, max_length=MOST_ROOMS)
    """Rooms with places, by name."""
    waiting_area: WaitingArea | None = None
    """The waiting area; without it there is room for everybody."""
    check_in: CheckIn | None = None
    """Registration; without it there is none."""
    services: dict[Name, Service] = Field(default_factory=dict, max_length=MOST_SERVICES)
    """Services beside the rooms, by name, in the order in which a visitor uses them."""
    aftercare: Aftercare | None = None
    """The aftercare room; without it nobody uses aftercare."""
    supervision: tuple[Supervision, ...] = Field(default=(), max_length=50)
    """Staff that must be present for rooms to take people in."""
    overdose: OverdoseResponse | None = None
    """How an overdose is met."""
    staff: Staff | None = None
    """Who works here, and when."""
    costs: Costs | None = None
    """What the site costs beside its staff; changes nothing about the simulation."""
    rota_rules: RotaRules | None = None
    """What a rota must be like, for `rota` and for stress tests; it changes nothing about the
    simulation. Without it every rule is as its default says."""
    targets: tuple[TargetText, ...] = Field(default=(), max_length=200)
    """What the results must be, such as `wait.p90 of room injecting <= 10 min`; they change
    nothing about the simulation."""
    design: Design | None = None
    """What may be varied to meet the targets at the lowest cost; changes nothing about the
    simulation."""

    @property
    def site_costs(self) -> SiteCosts:
        """What is said of costs beside the staff, also where they stood before, under `design`."""
        before = (self.design.costs if self.design else None) or SiteCosts()
        return (self.costs or SiteCosts()).with_others(before)

    @property
    def currency(self) -> str:
        """Of all costs."""
        if self.staff is not None:
            return self.staff.currency
        return (self.costs.currency if self.costs else None) or USUAL_CURRENCY

    @field_validator("name")
    @classmethod
    def _fit_for_a_folder(cls, name: str) -> str:
        if fault := name_fault(name):
            raise ValueError(fault)
        return name
