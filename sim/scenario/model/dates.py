"""Dates, single ones and stretches, and what differs by date."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from sim.scenario.errors.meant import dates_meant, did_you_mean_any, stretch_meant
from sim.scenario.errors.problem import show
from sim.scenario.model.base import FIRST_DAY, LAST_DAY

_DATES = re.compile(r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\s+to\s+([0-9]{4}-[0-9]{2}-[0-9]{2}))?\s*")
_MOST_DATES = 3660
"""Ten years of days; more is a slip of the keyboard."""


def parse_dates(value: object) -> tuple[date, ...]:
    """Dates in order, from `2026-06-08`, `2026-06-08 to 2026-06-14` or a list of these.

    Raises:
        ValueError: not a date, a stretch that ends before it begins, or a date named twice.
    """
    found: list[date] = []
    for item in list(value) if isinstance(value, list | tuple) else [value]:
        found += _dates_of(item)
        if len(found) > _MOST_DATES:
            raise ValueError(f"names more than {_MOST_DATES} dates, of ten years")
    known: set[date] = set()
    for day in found:
        if day in known:
            raise ValueError(f"names {day} twice")
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError(f"must be dates from {FIRST_DAY} to {LAST_DAY}, not {day}")
        known.add(day)
    return tuple(sorted(found))


def _dates_of(item: object) -> list[date]:
    if isinstance(item, date) and not isinstance(item, datetime):
        return [item]
    said = _DATES.fullmatch(item) if isinstance(item, str) else None
    try:
        first = date.fromisoformat(said[1]) if said else None
        last = date.fromisoformat(said[2]) if said and said[2] else first
    except ValueError:
        first = last = None
    if first is None or last is None:
        meant = (stretch_meant(str(item)),) if stretch_meant(str(item)) else dates_meant(str(item))
        raise ValueError(
            f"must be dates such as 2026-06-08, or 2026-06-08 to 2026-06-14; not {show(item)}"
            f"{did_you_mean_any(meant)}"
        )
    days = (last - first).days
    if not 0 <= days < _MOST_DATES:
        wrong = "ends before it begins" if days < 0 else "is longer than ten years"
        raise ValueError(f"{first} to {last} {wrong}")
    return [first + timedelta(days=number) for number in range(days + 1)]


def date_runs(dates: Iterable[date]) -> list[tuple[date, date]]:
    """Dates in order as stretches of days that follow each other: first and last."""
    runs: list[tuple[date, date]] = []
    for day in dates:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def dates_text(dates: Iterable[date]) -> list[str]:
    """Dates as they are written in a scenario."""
    return [f"{one}" if one == last else f"{one} to {last}" for one, last in date_runs(dates)]


Dates = Annotated[
    tuple[date, ...],
    BeforeValidator(parse_dates),
    PlainSerializer(dates_text),
    WithJsonSchema(
        {
            "type": ["string", "array"],
            "examples": ["2026-06-08 to 2026-06-14", ["2026-06-08", "2026-06-20 to 2026-06-22"]],
        }
    ),
]
"""A set of dates, in order."""

MOST_DATED = 10_000
"""Dates that differ from their weekdays."""

_Value = TypeVar("_Value")


class _ByDate:
    """Reads a map by dates and stretches of dates into one by single dates."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Keys are read here, values as their type says."""
        written = core_schema.dict_schema(
            core_schema.no_info_before_validator_function(
                parse_dates,
                core_schema.any_schema(),
                serialization=core_schema.plain_serializer_function_ser_schema(str),
            ),
            handler.generate_schema(get_args(source)[1]),
        )
        return core_schema.no_info_after_validator_function(_by_single_dates, written)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """What a key looks like, for editors."""
        return {**handler(schema), "propertyNames": {"pattern": f"^{_DATES.pattern}$"}}


def _by_single_dates(written: Mapping[tuple[date, ...], _Value]) -> dict[date, _Value]:
    """A date named alone beats a stretch that holds it."""
    found: dict[date, _Value] = {}
    in_stretch: set[date] = set()
    for days, value in written.items():
        if len(days) > 1:
            if again := sorted(in_stretch.intersection(days)):
                raise ValueError(f"has {again[0]} in two stretches of dates")
            in_stretch.update(days)
            found |= dict.fromkeys(days, value)
    if len(found) + len(written) > MOST_DATED:
        raise ValueError(f"names more than {MOST_DATED} dates")
    alone = [(days[0], value) for days, value in written.items() if len(days) == 1]
    return dict(sorted((found | dict(alone)).items()))


ByDate = Annotated[dict[date, _Value], _ByDate()]
"""A map whose keys are dates, and stretches such as `2026-06-08 to 2026-06-14`."""
