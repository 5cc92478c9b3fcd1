"""What every part of a scenario shares: frozen models, counts, shares and durations."""

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from sim.scenario.problems import show


class Frozen(BaseModel):
    """A part of a scenario: cannot be changed once read, refuses keys it does not know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_default=True,
        defer_build=True,
    )


ROUNDING = 1e-6
"""How far shares that are to add to 1 may be off."""

_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1 / 60),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 1.0),
    **dict.fromkeys(("h", "hour", "hours"), 60.0),
    **dict.fromkeys(("d", "day", "days"), 1440.0),
}
_DURATION = re.compile(r"\s*([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*([a-z]+)\s*")


def parse_minutes(value: object) -> object:
    """A duration in minutes from a number, or from text with a unit: `30 s`, `8 h`, `45 min`.

    Raises:
        ValueError: the text is not a number followed by seconds, minutes, hours or days.
    """
    if isinstance(value, bool):
        raise ValueError(f"must be minutes, or a duration such as '30 s' or '8 h'; not {value}")
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value)
    if found is None or found[2] not in _UNITS:
        raise ValueError(
            f"must be minutes, or a duration such as '30 s', '45 min' or '8 h'; not '{value}'"
        )
    return float(found[1]) * _UNITS[found[2]]


def _not_a_switch(value: object) -> object:
    """Python reads true as 1; a planner who writes `places: true` has made a mistake."""
    if isinstance(value, bool):
        raise ValueError(f"must be a number, not {str(value).lower()}")
    return value


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _is_a_day(value: object) -> object:
    """Pydantic reads a number as seconds since 1970; a planner means no such thing."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value.strip())):
        return value
    raise ValueError(f"must be a date such as 2026-12-24, not {show(value)}")


def _is_a_switch(value: object) -> object:
    """Pydantic reads 1, `no` and `off` as well; YAML does not, and so they are slips."""
    if isinstance(value, bool):
        return value
    raise ValueError(f"must be true or false, not {show(value)}")


_duration_schema = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": r"^\s*[0-9.]+\s*\w+$"},
        ]
    }
)
_Number = BeforeValidator(_not_a_switch)
"""Stands behind the bounds: ahead of them, editors that read the schema would not know them."""

Minutes = Annotated[float, Field(ge=0), BeforeValidator(parse_minutes), _duration_schema]
"""A duration, 0 or more: minutes, or text with a unit."""

PositiveMinutes = Annotated[float, Field(gt=0), BeforeValidator(parse_minutes), _duration_schema]
"""A duration above 0: minutes, or text with a unit."""

_MOST = 1_000_000
"""More than this of anything is a slip of the keyboard, and more than a computer can hold."""
Count = Annotated[int, Field(ge=0, le=_MOST), _Number]
PositiveCount = Annotated[int, Field(ge=1, le=_MOST), _Number]
Share = Annotated[float, Field(ge=0, le=1), _Number]
Chance = Annotated[float, Field(gt=0, lt=1), _Number]
Factor = Annotated[float, Field(ge=0), _Number]
Money = Annotated[float, Field(ge=0, le=1e9), _Number]
"""An amount in the scenario's currency; no site of this kind costs a thousand million a year."""
Day = Annotated[date, BeforeValidator(_is_a_day)]
"""A date, year-month-day."""
Switch = Annotated[bool, BeforeValidator(_is_a_switch)]
"""True or false."""
Currency = Annotated[str, Field(min_length=1, max_length=12)]
"""What a currency is called, such as DKK."""
PositiveFactor = Annotated[float, Field(gt=0), _Number]
