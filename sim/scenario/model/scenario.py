"""The scenario: everything a planner writes about one site, and its JSON Schema for editors."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    field_validator,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from sim.scenario.errors.told import told
from sim.scenario.model.base import MOST_DAYS, MOST_WEEKS, USUAL_CURRENCY, Day, Frozen, Name
from sim.scenario.model.dates import Holidays, around
from sim.scenario.model.demand import Demand, SpecialDays
from sim.scenario.model.design import Design, Uncertainty
from sim.scenario.model.hours import DAY, DAYS
from sim.scenario.model.rota_rules import RotaRules
from sim.scenario.model.site import (
    MOST_KINDS,
    MOST_ROOMS,
    MOST_SERVICES,
    MOST_TASKS,
    Aftercare,
    CheckIn,
    Costs,
    Opening,
    Room,
    Service,
    SiteCosts,
    StayTask,
    Supervision,
    WaitingArea,
)
from sim.scenario.model.staff import OverdoseResponse, Staff
from sim.scenario.model.targets import TargetText
from sim.scenario.model.visits import VisitKind
from sim.scenario.text.names import name_fault


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
            raise ValueError(
                told("gives_both_weeks_and_days_give_one", "gives both weeks and days; give one")
            )
        if self.warmup_weeks * 7 >= self.total_days:
            raise ValueError(
                told(
                    "has_warm_up_weeks_of_days_in",
                    "has {warmup_weeks} warm-up weeks of {total_days} days in all; nothing "
                    "would be left to count",
                    warmup_weeks=self.warmup_weeks,
                    total_days=self.total_days,
                )
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
    holidays: Holidays | None = None
    """Public holidays, by country and region, that opening hours, rota, unsocial hours and demand
    may go by."""
    opening: Opening
    """When the site is open."""
    demand: Demand
    """How many visits come, and when."""
    visits: Mapping[Name, VisitKind] = Field(min_length=1, max_length=MOST_KINDS)
    """Visit kinds, by name."""
    rooms: dict[Name, Room] = Field(default_factory=dict, max_length=MOST_ROOMS)
    """Rooms with places, by name."""
    waiting_area: WaitingArea | None = None
    """The waiting area; without it there is room for everybody."""
    check_in: CheckIn | None = None
    """Registration; without it there is none."""
    services: dict[Name, Service] = Field(default_factory=dict, max_length=MOST_SERVICES)
    """Services beside the rooms, by name, in the order in which a visitor uses them."""
    stay_tasks: dict[Name, StayTask] = Field(default_factory=dict, max_length=MOST_TASKS)
    """What staff do for visitors during the stay, by name."""
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
    uncertainty: Uncertainty | None = None
    """What nobody knows: ranges of values, for answers over many worlds; changes nothing about the
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

    @model_validator(mode="wrap")
    @classmethod
    def _with_holidays(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Turn what is said of holidays into dates."""
        found = handler(data)
        return found if found.holidays is None else found.model_copy(update=_dated(found))

    @field_validator("name")
    @classmethod
    def _fit_for_a_folder(cls, name: str) -> str:
        if fault := name_fault(name):
            raise ValueError(fault)
        return name


def _dated(scenario: Scenario) -> dict[str, object]:
    """What differs on public holidays, as dates: hours and demand. The rota is unrolled by them.

    What is dated already, as in results that are read again, stays as it is.
    """
    assert scenario.holidays is not None  # the caller has looked
    opening, demand = scenario.opening, scenario.demand
    dates = around(scenario.horizon.start, scenario.horizon.total_days)
    holidays = scenario.holidays.found(*dates)
    days = holidays.days or {}
    if (said := opening.holidays) is not None:
        hours = opening.hours.week[DAYS.index(said)] if isinstance(said, str) else said
        dated = {**dict.fromkeys(days, hours), **opening.dates}
        opening = opening.model_copy(update={"dates": dict(sorted(dated.items()))})
    if demand.holidays is not None and days:
        factors = demand.holidays.model_dump()
        special = SpecialDays(name="public holidays", dates=tuple(days), **factors)
        if special not in demand.special_days:
            more = (*demand.special_days, special)
            demand = demand.model_copy(update={"special_days": more})
    return {"holidays": holidays, "opening": opening, "demand": demand}


# --- its schema ---------------------------------------------------------------------------------


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a scenario, or of a kind of scenario, with what the source says of each key."""
    return model.model_json_schema(by_alias=True, schema_generator=_Described)


class _Described(GenerateJsonSchema):
    """Describes each key by what the source says below it.

    Pydantic can do so itself (`use_attribute_docstrings`), but reads the sources whenever the
    program starts, which took 45 ms of every run.
    """

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A part of a scenario, its keys described."""
        found = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        for name, text in _texts(model).items():
            key = model.model_fields[name].alias or name
            found["properties"][key]["description"] = text
        return found


def _texts(model: type[BaseModel]) -> dict[str, str]:
    """What stands below each field of a model, and of those that it extends."""
    texts = dict[str, str]()
    for part in reversed(model.__mro__):
        if issubclass(part, BaseModel) and part is not BaseModel:
            texts |= _texts_of_class(part)
    return texts


def _texts_of_class(model: type[BaseModel]) -> dict[str, str]:
    source = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(source, ast.ClassDef)
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(source.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
