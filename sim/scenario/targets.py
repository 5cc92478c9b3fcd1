"""Targets as a planner writes them: `wait.p90 of room injecting <= 10 min`.

Here the text is taken apart; whether there is such a figure is known only where figures are
measured, and is checked there.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from sim.scenario.base import parse_minutes
from sim.scenario.hours import DAYS
from sim.scenario.problems import did_you_mean, show

EXAMPLE = "wait.p90 of room injecting <= 10 min"

EVERY_HOUR = -1
"""In place of the number of an hour: the target holds for each hour of the week."""
PARTS = (
    "room",
    "kind",
    "role",
    "duty",
    "shift",
    "service",
    "outcome",
    "severity",
    "where",
    "queue",
)
"""What a figure may be about: the words before the colon in the tables' `by`."""
WHOLE_PARTS = ("staff", "places", "opening")
"""Parts that have no name of their own: those of the cost."""
PERIODS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "year": 365.0}
"""Days in what a rate may be per."""

HOURS_OF_DAY = 24

_ALL = 100
"""Per cent."""
_OPERATORS = {"<=": "<=", "≤": "<=", "<": "<", ">=": ">=", "≥": ">=", ">": ">"}
_SPLIT = re.compile(r"(?P<figure>[^<>=≤≥]*?)\s*(?P<operator><=|>=|[<>≤≥])\s*(?P<limit>[^<>=≤≥]*)")
_WHEN = re.compile(
    r"\s+in\s+(?:(?P<every>every\s+hour)|(?:the\s+)?hour\s+(?P<hour>\w+\s+\d\d?:00))\b"
)
_FIGURE = re.compile(r"(?P<metric>\w+)(?:\.(?P<statistic>\w+))?(?:\s+of\s+(?P<by>\S.*))?")
_LIMIT = re.compile(
    r"(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>%|[^\W\d]\w*)?(?:\s*(?:/|\b(?:a|an|per)\b)\s*"
    r"(?P<per>\w[\w ]*))?"
)


class Operator(StrEnum):
    """On which side of the limit the figure must lie."""

    AT_MOST = "<="
    BELOW = "<"
    AT_LEAST = ">="
    ABOVE = ">"

    @property
    def is_upper(self) -> bool:
        """Whether the limit is an upper one."""
        return self in (Operator.AT_MOST, Operator.BELOW)


@dataclass(frozen=True)
class Limit:
    """A number with the unit in which it was written."""

    number: float
    unit: str = ""
    """`%`, `min` (into which other durations are turned), any other word, or nothing."""
    per: str = ""
    """`day`, `week` …, or nothing."""


@dataclass(frozen=True)
class Target:
    """What a figure must be."""

    text: str
    """As it was written."""
    metric: str
    statistic: str
    """Empty if it was left out."""
    by: str
    """As in the tables: `all`, `room:injecting`, `role:nurse/duty:respond`."""
    hour: int | None
    """An hour of the week, 0 to 167, or EVERY_HOUR; None for the whole time."""
    operator: Operator
    limit: Limit

    def named_parts(self) -> dict[str, str]:
        """What the figure is about, such as `{"room": "injecting"}`; empty for all."""
        pairs = (part.partition(":") for part in self.by.split("/") if ":" in part)
        return {word: name for word, _, name in pairs}


def parse_target(value: object) -> Target:
    """A target from its text.

    Raises:
        ValueError: the text cannot be understood; the message says what would be right.
    """
    if isinstance(value, Target):
        return value
    if not isinstance(value, str):
        raise ValueError(f"must be text such as '{EXAMPLE}', not {show(value, quotes=True)}")
    text = " ".join(value.split())
    split = _SPLIT.fullmatch(_without_when(text))
    if split is None:
        raise ValueError(
            f"'{text}' must say what must be on which side of which limit, as in '{EXAMPLE}'; "
            "the sides are <=, <, >= and >"
        )
    figure = _FIGURE.fullmatch(split["figure"])
    if figure is None:
        raise ValueError(
            f"'{split['figure']}' must be a metric and its statistic, such as 'wait.p90', and "
            "if wanted a part, as in 'wait.p90 of room injecting'"
        )
    return Target(
        text=text,
        metric=figure["metric"],
        statistic=figure["statistic"] or "",
        by=_by(figure["by"]),
        hour=_hour(text),
        operator=Operator(_OPERATORS[split["operator"]]),
        limit=_limit(split["limit"].strip()),
    )


def _without_when(text: str) -> str:
    return _WHEN.sub("", text, count=1)


def _hour(text: str) -> int | None:
    found = _WHEN.search(text)
    if found is None:
        return None
    if found["every"]:
        return EVERY_HOUR
    day, clock = found["hour"].split()
    days: tuple[str, ...] = DAYS
    if day not in days:
        raise ValueError(
            f"'{day}' is not a weekday; use {', '.join(days)}{did_you_mean(day, days)}"
        )
    hour = int(clock.removesuffix(":00"))
    if hour >= HOURS_OF_DAY:
        raise ValueError(f"'{clock}' is not an hour of the day; they run from 00:00 to 23:00")
    return days.index(day) * HOURS_OF_DAY + hour


def _by(text: str | None) -> str:
    """`room injecting` as the tables write it; several parts are separated by commas."""
    if text is None or text == "all":
        return "all"
    if ":" in text:  # copied from a table
        return text
    return "/".join(_part(part.strip()) for part in text.split(","))


def _part(text: str) -> str:
    if text in WHOLE_PARTS:
        return text
    word, _, name = text.partition(" ")
    if word not in PARTS or not name:
        hint = did_you_mean(word, PARTS) or f" (a part is one of: {', '.join(PARTS)})"
        raise ValueError(f"'of {text}' must name a part, as in 'of room injecting'{hint}")
    return f"{word}:{name.strip()}"


def _limit(text: str) -> Limit:
    found = _LIMIT.fullmatch(text)
    if found is None:
        comma = re.fullmatch(r"(\d+),(\d+)(.*)", text)
        hint = f"; did you mean {comma[1]}.{comma[2]}{comma[3]}?" if comma else ""
        raise ValueError(
            f"'{text}' must be a number and its unit, such as '10 min', '2 %' or '5 a day'{hint}"
        )
    number, unit, per = float(found["number"]), found["unit"] or "", (found["per"] or "").strip()
    with suppress(ValueError):  # unless it is no duration
        minutes = parse_minutes(f"{number!r} {unit}")
        number, unit = float(str(minutes)), "min"
    if unit == "%" and number > _ALL:
        raise ValueError(f"'{text}' is more than everything; shares end at 100 %")
    return Limit(number, unit, per)


TargetText = Annotated[
    Target,
    BeforeValidator(parse_target, json_schema_input_type=str),
    PlainSerializer(lambda target: target.text, return_type=str),
    WithJsonSchema({"type": "string", "examples": [EXAMPLE, "unserved <= 2 %"]}),
]
"""A target, written as text."""
