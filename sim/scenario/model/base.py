"""What every part of a scenario shares: frozen models, counts, shares and durations."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from sim.scenario.errors.meant import (
    dates_meant,
    did_you_mean_any,
    minutes_meant,
    minutes_range_meant,
    switch_meant,
)
from sim.scenario.errors.problem import show
from sim.scenario.errors.told import told


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
        form = "must be minutes, or a duration such as '30 s' or '8 h'; not {got}"
        raise ValueError(told("be_a_duration", form, got=show(value)))
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value)
    if found is None or found[2] not in _UNITS:
        raise ValueError(no_duration(value, _duration_meant(value)))
    return float(found[1]) * _UNITS[found[2]]


def no_duration(got: str, hint: str = "") -> str:
    """That a text is no duration, and what was meant."""
    form = "must be minutes, or a duration such as '30 s', '45 min' or '8 h'; not '{got}'{hint}"
    return told("be_a_duration_text", form, got=got, hint=hint)


def _duration_meant(text: str) -> str:
    if meant := minutes_meant(text):
        return did_you_mean_any([meant])
    ends = minutes_range_meant(text)
    if ends is None:
        return ""
    low, high = (one.partition(" ")[0] for one in ends)
    form = "; write one duration, and the range beside it: `# assumption ({low}-{high})`"
    return told("hint_duration_range", form, low=low, high=high)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _is_a_day(value: object) -> object:
    """Pydantic reads a number as seconds since 1970; a planner means no such thing."""
    if not (isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value.strip()))):
        meant = dates_meant(str(value))
        form = "must be a date such as 2026-12-24, not {got}{hint}"
        hint = did_you_mean_any(meant)
        raise ValueError(told("be_a_date", form, got=show(value), hint=hint))
    return value


def _within_the_calendar(day: date) -> date:
    """Horizons and their ends stay within the years that a computer's calendar has."""
    if not FIRST_DAY <= day <= LAST_DAY:
        form = "must be a date from {first} to {last}, not {day}"
        ends = {"first": str(FIRST_DAY), "last": str(LAST_DAY)}
        raise ValueError(told("be_a_date_within", form, **ends, day=str(day)))
    return day


def _is_a_switch(value: object) -> object:
    """Pydantic reads 1, `no` and `off` as well; YAML does not, and so they are slips."""
    if isinstance(value, bool):
        return value
    meant = switch_meant(value)
    hint = did_you_mean_any([meant] * bool(meant))
    form = "must be true or false, not {got}{hint}"
    raise ValueError(told("be_a_switch", form, got=show(value), hint=hint))


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
MOST_DAYS = 14_610
"""Of a horizon: 40 years."""
MOST_WEEKS = MOST_DAYS // 7
LONGEST = 525_600.0
"""Minutes of a year: no visit, wait, task or shift is longer."""
SHORTEST = 0.001
"""Minutes: what takes any time takes 60 milliseconds."""
LONGEST_NAME = 80
"""Characters of what planners give names: kinds of visit, rooms, services, roles, shifts."""


def _printable(text: str) -> str:
    """Names stand in tables, pages and on the screen, where control characters do harm."""
    if not text.isprintable():
        form = "has a character that cannot be printed: {got}"
        raise ValueError(told("not_printable", form, got=show(text, quotes=True)))
    return text


def _number_of_a_key(value: object) -> object:
    """A map's key as a number: files that keep maps as JSON does have all keys as text."""
    return (
        int(value) if isinstance(value, str) and re.fullmatch("[1-9][0-9]{0,8}", value) else value
    )


def _nothing_or_enough(value: float) -> float:
    if 0 < value < SHORTEST:
        raise ValueError(
            told(
                "must_be_0_or_at_least_not",
                "must be 0, or at least {shortest}, not {value:g}",
                shortest=SHORTEST,
                value=value,
            )
        )
    return value


def _duration_schema(least: float, most: float) -> WithJsonSchema:
    number = {"type": "number", "minimum": least, "maximum": most}
    text = {"type": "string", "pattern": r"^\s*[0-9.]+\s*\w+$"}
    return WithJsonSchema({"anyOf": [number, text]})


# Numbers are strict: text is no number, 6.0 and true are no whole numbers. The bounds are far from
# what a site of this kind can have, and near enough that every sum and product stays a number.

Minutes = Annotated[
    float,
    Field(strict=True, ge=0, le=LONGEST),
    BeforeValidator(parse_minutes),
    _duration_schema(0, LONGEST),
]
"""A duration from nothing to a year: minutes, or text with a unit."""

PositiveMinutes = Annotated[
    float,
    Field(strict=True, ge=SHORTEST, le=LONGEST),
    BeforeValidator(parse_minutes),
    _duration_schema(SHORTEST, LONGEST),
]
"""A duration above 0, to a year: minutes, or text with a unit."""

Instant = Annotated[
    float,
    Field(strict=True, ge=0, le=MOST_DAYS * 1440.0),
    BeforeValidator(parse_minutes),
    _duration_schema(0, MOST_DAYS * 1440.0),
]
"""Minutes since the first midnight of the horizon, or text with a unit."""

LongMinutes = Annotated[
    float,
    Field(strict=True, ge=1, le=MOST_DAYS * 1440.0),
    BeforeValidator(parse_minutes),
    _duration_schema(1, MOST_DAYS * 1440.0),
]
"""From a minute to 40 years: minutes, or text with a unit."""

MOST_PLACES = 10_000
"""Of a room; and desks, seats, people."""
Count = Annotated[int, Field(strict=True, ge=0, le=MOST_PLACES)]
PositiveCount = Annotated[int, Field(strict=True, ge=1, le=MOST_PLACES)]
People = Annotated[int, Field(strict=True, ge=1, le=1_000)]
"""People who work together."""
GroupSize = Annotated[int, Field(strict=True, ge=1, le=1_000), BeforeValidator(_number_of_a_key)]
"""People who come together."""
Clientele = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
"""People who use a site over its horizon."""
CycleWeeks = Annotated[int, Field(strict=True, ge=1, le=104)]
"""Weeks after which a rota repeats, or one of them: at most two years."""
Rank = Annotated[int, Field(strict=True, ge=-1_000, le=1_000)]
"""A priority; lower goes first."""
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Chance = Annotated[float, Field(strict=True, ge=1e-6, le=1 - 1e-6)]
Factor = Annotated[float, Field(strict=True, ge=0, le=1_000)]
PositiveFactor = Annotated[float, Field(strict=True, ge=0.001, le=1_000)]
Weight = Annotated[float, Field(strict=True, ge=0, le=1e9)]
"""One of several of which only the proportions count."""
PositiveWeight = Annotated[float, Field(strict=True, ge=1e-6, le=1e9)]
Visits = Annotated[float, Field(strict=True, ge=0, le=100_000)]
"""Visits in an hour; the largest sites have some 700 a day."""
PositiveVisits = Annotated[float, Field(strict=True, ge=0.001, le=100_000)]
Spread = Annotated[float, Field(strict=True, ge=0, le=5), AfterValidator(_nothing_or_enough)]
"""A coefficient of variation, or a sigma: 0, or 0.001 to 5."""
PositiveSpread = Annotated[float, Field(strict=True, ge=0.001, le=20)]
"""The coefficient of variation of a duration."""
WeekHours = Annotated[float, Field(strict=True, ge=1, le=168)]
"""Hours a week of one person."""
DayHours = Annotated[float, Field(strict=True, ge=0.001, le=24)]
"""Hours a day of one person."""
Money = Annotated[float, Field(strict=True, ge=0, le=1e9)]
"""An amount in the scenario's currency; no site of this kind costs a thousand million a year."""
Day = Annotated[date, BeforeValidator(_is_a_day), AfterValidator(_within_the_calendar)]
"""A date, year-month-day, of the years 1900 to 2200."""
Switch = Annotated[bool, BeforeValidator(_is_a_switch)]
"""True or false."""
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_printable)]
"""What a planner calls a part of the site."""
Label = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(_printable)]
"""A name that may be left out."""
Currency = Annotated[str, Field(min_length=1, max_length=12), AfterValidator(_printable)]
"""What a currency is called, such as DKK."""
USUAL_CURRENCY = "EUR"
"""Where the scenario names none."""
