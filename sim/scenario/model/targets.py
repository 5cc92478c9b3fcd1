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

from sim.scenario.errors.meant import did_you_mean_any
from sim.scenario.errors.problem import did_you_mean, show
from sim.scenario.errors.told import told
from sim.scenario.model.base import parse_minutes
from sim.scenario.model.hours import DAYS

EXAMPLE = "wait.p90 of room injecting <= 10 min"

EVERY_HOUR = -1
"""In place of the number of an hour: the target holds for each hour of the week."""
PARTS = (
    "facility",
    "room",
    "kind",
    "role",
    "duty",
    "shift",
    "service",
    "stay_task",
    "outcome",
    "severity",
    "where",
    "queue",
    "from",
    "to",
)
"""What a figure may be about: the words before the colon in the tables' `by`."""
WHOLES = ("all", "crowd", "staff", "places", "opening")
"""What a figure may be about that has no name of its own; the last three are of the cost."""
SHORT = {"response": "response_first"}
"""Names that a planner may use for a metric, and the metric."""
RENAMED: dict[str, str] = {}
"""Names that metrics (`wait`) and figures (`wait.p90`) had in an earlier version, and their new
ones."""
NOW_MEANS = {
    "intake_paused": told(
        "intake_paused",
        "now counts all open minutes; what it counted until 0.1.0 is `place_unusable`",
    )
}
"""Metrics whose name stayed while what they count changed, and how."""
_MEDIAN = 50
PERCENTILES = (1.0, 99.9)
"""The lowest and the highest of which a target may be."""
PERIODS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "year": 365.0}
"""Days in what a rate may be per."""

HOURS_OF_DAY = 24

_ALL = 100
"""Per cent."""
_OPERATORS = {"<=": "<=", "≤": "<=", "<": "<", ">=": ">=", "≥": ">=", ">": ">"}
_SPLIT = re.compile(r"(?P<figure>[^<>=≤≥]*?)\s*(?P<operator><=|>=|[<>≤≥])\s*(?P<limit>[^<>=≤≥]*)")
_SIDES = (
    (
        "<=",
        ("=<", "<==", "at most", "no more than", "not more than", "up to", "max", "højst", "maks"),
    ),
    ("<", ("under", "below", "less than", "fewer than", "mindre end", "færre end")),
    (">=", ("=>", ">==", "at least", "no less than", "not less than", "min", "mindst")),
    (">", ("over", "above", "more than", "mere end", "flere end")),
)
"""Of a target, what people write in place of a sign."""
_SIDE_WORDS = "|".join(
    (r"(?<=\s)" + word.replace(" ", r"\s+") + r"\b" if word[0].isalpha() else re.escape(word))
    for _, words in _SIDES
    for word in words
)
_SIDE = re.compile(
    rf"(?P<figure>\w[^<>=≤≥]*?)\s*(?P<side>{_SIDE_WORDS})\s*(?P<limit>\d[^<>=≤≥]*)", re.IGNORECASE
)
_WHEN = re.compile(
    r"\s+(?:(?P<every>in\s+every\s+hour|by\s+hour)|in\s+(?:the\s+)?hour\s+"
    r"(?P<hour>\w+\s+\d\d?:00))\b"
)
_FIGURE = re.compile(
    r"(?P<metric>\w+)(?:\.(?P<statistic>\w+(?:\.\d\w*)?))?(?:\s+of\s+(?P<by>\S.*))?"
)
_WITHIN = re.compile(r"(?:share_)?within_(?P<number>\d+(?:\.\d+)?)_?(?P<unit>s|sec|min|h)?")
_PERCENTILE = re.compile(r"p(?P<number>[1-9]\d*(?:\.\d+)?)")
_LIKE_PERCENTILE = re.compile(r"[pP]\d[\d_.,]*")
_WITHIN_IS = told(
    "a_share_within_so_many_minutes_or",
    "a share within so many minutes or seconds is written as in within_15 or within_20s",
)
_GROUPS = re.compile(
    r"(?P<first>\d{1,3})(?P<rest>(?:(?P<mark>[,. ])\d{3})(?:(?P=mark)\d{3})*)(?P<unit>\D.*)?"
)
"""A number whose thousands are set apart."""
_MINUTES = {None: 1.0, "min": 1.0, "s": 1 / 60, "sec": 1 / 60, "h": 60.0}
_LIMIT = re.compile(
    r"(?P<number>\d{1,3}(?:_\d{3})+|\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>%|[^\W\d]\w*)?(?:\s*(?:/|\b(?:a|an|per)\b)\s*"
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

    @property
    def figure(self) -> tuple[str, str]:
        """Metric and statistic by their usual names."""
        return SHORT.get(self.metric, self.metric), usual_statistic(self.statistic)

    def named_parts(self) -> dict[str, str]:
        """What the figure is about, such as `{"room": "injecting"}`; empty for all."""
        pairs = (part.partition(":") for part in self.by.split("/") if ":" in part)
        return {word: name for word, _, name in pairs}


def usual_name(text: str) -> tuple[str, str]:
    """Metric and statistic of a figure as somebody wrote it, `response.within_2min`."""
    metric, _, statistic = text.partition(".")
    return SHORT.get(metric, metric), usual_statistic(statistic)


def usual_statistic(text: str) -> str:
    """A statistic by its usual name; one that is none of the following as it is.

    `within_15`, `within_7.5`, `within_20s`: minutes, or seconds where these make no whole minutes;
    `p80`, `p99.5`, and `median` for `p50`.
    """
    if found := _WITHIN.fullmatch(text):
        number = float(found["number"])
        minutes = number * _MINUTES[found["unit"]]
        in_seconds = found["unit"] in ("s", "sec") and number % 60
        usual = f"within_{number:.10g}s" if in_seconds else f"within_{minutes:.10g}"
        return usual if _WITHIN.fullmatch(usual) else text  # not so with an exponent, 1e+11
    if found := _PERCENTILE.fullmatch(text):
        number, (lowest, highest) = float(found["number"]), PERCENTILES
        if number == _MEDIAN:
            return "median"
        return f"p{number:.10g}" if lowest <= number <= highest else text
    return text


def minutes_within(statistic: str) -> float | None:
    """Of `within_15` and the like the minutes; None of any other statistic."""
    found = _WITHIN.fullmatch(statistic)
    return None if found is None else float(found["number"]) * _MINUTES[found["unit"]]


def probability_of(statistic: str) -> float | None:
    """Of a quantile by its usual name, `p80`, the probability; None of any other statistic."""
    if statistic == "median":
        return 0.5
    found, (lowest, highest) = _PERCENTILE.fullmatch(statistic), PERCENTILES
    if found is None or not lowest <= float(found["number"]) <= highest:
        return None
    return round(float(found["number"]) / _ALL, 12)


def why_no_statistic(text: str) -> str | None:
    """What is wrong with a percentile or a share within a time that cannot be read as one."""
    if text.removeprefix("share_").startswith("within"):
        return None if minutes_within(text) is not None else _WITHIN_IS
    if not _LIKE_PERCENTILE.fullmatch(text) or probability_of(usual_statistic(text)) is not None:
        return None
    whole, *decimals = re.split(r"\D", text[1:])
    if not decimals and not whole.endswith("0") and whole[2:]:
        whole, decimals = whole[:2], [whole[2:]]  # as in p995
    meant, (lowest, highest) = ".".join([f"p{int(whole)}", *decimals]), PERCENTILES
    hint = (
        told("did_you_mean_targets", "; did you mean {meant}?", meant=meant)
        if probability_of(usual_statistic(meant))
        else ""
    )
    return told(
        "percentiles_run_from_p_to_p_with",
        "percentiles run from p{lowest:g} to p{highest:g}, with a point where "
        "there are decimals, as in p99.5{hint}",
        lowest=lowest,
        highest=highest,
        hint=hint,
    )


def parse_target(value: object) -> Target:
    """A target from its text.

    Raises:
        ValueError: the text cannot be understood; the message says what would be right.
    """
    if isinstance(value, Target):
        return value
    if not isinstance(value, str):
        raise ValueError(
            told(
                "must_be_text_such_as_not",
                "must be text such as '{example}', not {value}",
                example=EXAMPLE,
                value=show(value, quotes=True),
            )
        )
    text = " ".join(value.split())
    split = _SPLIT.fullmatch(_without_when(text))
    if split is None:
        raise ValueError(
            told(
                "must_say_what_must_be_on_which",
                "'{text}' must say what must be on which side of which limit, as in "
                "'{example}'; the sides are <=, <, >= and >{side_meant}",
                text=text,
                example=EXAMPLE,
                side_meant=_side_meant(text),
            )
        )
    figure = _FIGURE.fullmatch(split["figure"])
    if figure is None:
        statistic = split["figure"].partition(".")[2]
        if why := why_no_statistic(statistic):
            raise ValueError(f"'{split['figure']}': " + why)
        raise ValueError(
            told(
                "must_be_a_metric_and_its_statistic",
                "'{split}' must be a metric and its statistic, such as 'wait.p90', and if "
                "wanted a part, as in 'wait.p90 of room injecting'",
                split=split["figure"],
            )
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


def _side_meant(text: str) -> str:
    """What a target without a side was meant to be: with a sign in place of a word, say."""
    if _LIMIT.fullmatch(text):  # the decimals of the target before it
        return told(
            "a_comma_ends_an_entry_within_brackets",
            "; a comma ends an entry within brackets: write decimals with a point, as in 2.5",
        )
    found = _SIDE.fullmatch(text)
    if found is None:
        return ""
    word = " ".join(found["side"].casefold().split())
    sign = next(sign for sign, words in _SIDES if word in words)
    return told(
        "did_you_mean_targets_2",
        "; did you mean '{found} {sign} {found_2}'?",
        found=found["figure"],
        sign=sign,
        found_2=found["limit"],
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
            told(
                "is_not_a_weekday_use",
                "'{day}' is not a weekday; use {listed}{hint}",
                day=day,
                listed=", ".join(days),
                hint=did_you_mean(day, days),
            )
        )
    hour = int(clock.removesuffix(":00"))
    if hour >= HOURS_OF_DAY:
        raise ValueError(
            told(
                "is_not_an_hour_of_the_day",
                "'{clock}' is not an hour of the day; they run from 00:00 to 23:00",
                clock=clock,
            )
        )
    return days.index(day) * HOURS_OF_DAY + hour


def _by(text: str | None) -> str:
    """`room injecting` as the tables write it; several parts are separated by commas."""
    if text is None or text in WHOLES:
        return text or "all"
    if ":" in text:  # copied from a table
        return text
    parts = [_part(part.strip()) for part in text.split(",")]
    # A facility goes first, as in the tables; `of room smoking, facility south` is as well put.
    return "/".join(sorted(parts, key=lambda part: not part.startswith("facility:")))


def _part(text: str) -> str:
    if text in WHOLES:
        return text
    word, _, name = text.partition(" ")
    if word not in PARTS or not name:
        hint = did_you_mean(word, (*PARTS, *WHOLES)) or told(
            "a_part_is_one_of", " (a part is one of: {listed})", listed=", ".join(PARTS)
        )
        raise ValueError(
            told(
                "of_must_name_a_part_as_in",
                "'of {text}' must name a part, as in 'of room injecting'{hint}",
                text=text,
                hint=hint,
            )
        )
    return f"{word}:{name.strip()}"


def _limit(text: str) -> Limit:
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise ValueError(
            told(
                "must_be_a_number_and_its_unit",
                "'{text}' must be a number and its unit, such as '10 min', '2 %' or '5 a "
                "day'{number_meant}",
                text=text,
                number_meant=_number_meant(text),
            )
        )
    number, unit, per = float(found["number"]), found["unit"] or "", (found["per"] or "").strip()
    with suppress(ValueError):  # unless it is no duration
        minutes = parse_minutes(f"{number!r} {unit}")
        number, unit = float(str(minutes)), "min"
    if unit == "%" and number > _ALL:
        raise ValueError(
            told(
                "is_more_than_everything_shares_end_at",
                "'{text}' is more than everything; shares end at 100 %",
                text=text,
            )
        )
    return Limit(number, unit, per)


def _number_meant(text: str) -> str:
    """What a number with a comma, or with its thousands set apart, is likely to be."""
    meant = []
    if groups := _GROUPS.fullmatch(text):
        digits = re.sub(r"\D", "", groups["rest"])
        meant.append(f"{groups['first']}{digits}{groups['unit'] or ''}")
    if comma := re.fullmatch(r"(\d+),(\d+)([^,\d].*)?", text):
        meant.append(f"{comma[1]}.{comma[2]}{comma[3] or ''}")
    return did_you_mean_any(meant)


TargetText = Annotated[
    Target,
    BeforeValidator(parse_target, json_schema_input_type=str),
    PlainSerializer(lambda target: target.text, return_type=str),
    WithJsonSchema({"type": "string", "examples": [EXAMPLE, "unserved <= 2 %"]}),
]
"""A target, written as text."""
