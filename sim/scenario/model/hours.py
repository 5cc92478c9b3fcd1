"""Clock times, weekdays and opening hours: a week of intervals, with dated exceptions."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from sim.scenario.errors.hours_meant import (
    clock_meant,
    days_meant,
    each_day_meant,
    hours_meant,
    week_meant,
)
from sim.scenario.errors.meant import did_you_mean_any
from sim.scenario.errors.problem import Fault, FaultsWithinError, Key, message_of, show
from sim.scenario.errors.told import Listed, TimeOfDay, Told, Weekday, Written, told
from sim.scenario.text.osm import is_osm, week_of

HOUR = 60
"""Minutes in an hour."""
DAY = 1440
"""Minutes in a day."""
WEEK = 7 * DAY
"""Minutes in a week."""
HOURS_OF_WEEK = 168
DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[DayName, ...] = get_args(DayName)
MOST_INTERVALS = 12
"""Of opening hours in one day."""

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_NEXT_DAY = re.compile(r"\s+next day$")


def parse_clock(value: object, *, end: bool = False) -> int:
    """Minutes after midnight from `07:30`; `24:00` is the end of the day.

    Args:
        value: as it was written.
        end: whether something ends then, and midnight is 24:00.

    Raises:
        ValueError: not a time of day.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(_be_a_time(show(value)))
    if not isinstance(value, str):
        meant = clock_meant(_as_clock(value), end=end)
        hint = did_you_mean_any([f"'{meant}'"] * bool(meant))
        form = "must be a time such as '07:30', not the number {got}{hint}"
        raise ValueError(told("be_a_time_number", form, got=str(value), hint=hint))
    found = _CLOCK.fullmatch(str(value).strip())
    if found is None:
        meant = clock_meant(value, end=end)
        hint = did_you_mean_any([meant] * bool(meant))
        raise ValueError(_be_a_time(f"'{value}'", hint))
    hour, minute = int(found[1]), int(found[2])
    if minute >= HOUR or hour * HOUR + minute > DAY:
        form = "'{got}' is not a time of day; times run from 00:00 to 24:00"
        raise ValueError(told("no_time_of_day", form, got=str(value)))
    return hour * HOUR + minute


def _be_a_time(got: str, hint: str = "") -> str:
    return told("be_a_time", "must be a time such as '07:30', not {got}{hint}", got=got, hint=hint)


def _as_clock(value: float) -> str:
    """What somebody may have typed of which YAML made a number: `0800`, `08.30`."""
    hour, _, minute = str(value).partition(".")
    return f"{hour}.{minute:0<2}" if minute else hour


def parse_end_clock(value: object) -> int:
    """As parse_clock; `07:00 next day` is 1440 minutes later."""
    if isinstance(value, str) and (found := _NEXT_DAY.search(value)):
        return parse_clock(value[: found.start()]) + DAY
    return parse_clock(value, end=True)


def to_midnight(end: int) -> int:
    """The end of opening hours or of a shift: nobody goes home for the last minute of a day."""
    return DAY if end == DAY - 1 else end


def clock_text(minutes: float) -> str:
    """`07:30` for 450; `07:00 next day` for 1860."""
    later = minutes > DAY
    hour, minute = divmod(round(minutes) - (DAY if later else 0), 60)
    return f"{hour:02d}:{minute:02d}" + (" next day" if later else "")


def clock_of(minutes: float) -> TimeOfDay:
    """A time of day that is told."""
    return TimeOfDay.of(clock_text(minutes), minutes)


def weekday_of(day: int) -> Weekday:
    """A day of the week that is told; Monday is 0."""
    return Weekday(DAYS[day])


class Interval(NamedTuple):
    """From `start` until just before `end`, minutes after midnight of the day it starts on."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{clock_text(self.start)}-{clock_text(self.end)}"


def check_order(start: int, end: int) -> None:
    """Refuse an interval that ends before it starts: only `next day` passes midnight.

    Raises:
        ValueError: says how to write an interval past midnight.
    """
    if end <= start:
        early, late = clock_text(end), clock_text(start)
        if end == 0:
            form = (
                "ends (00:00) before it starts ({late}); "
                "midnight as an end is written 24:00, so '{late}-24:00'"
            )
            raise ValueError(told("ends_at_midnight", form, late=late))
        form = (
            "ends ({early}) before it starts ({late}); "
            "past midnight is written '{late}-{early} next day'"
        )
        raise ValueError(told("ends_before", form, early=early, late=late))
    if end - start > DAY:
        hours = (end - start) / 60
        raise ValueError(
            told("hours_long", "is {hours:g} hours long; at most 24 hours", hours=hours)
        )


def check_from_to(start: int, end: int) -> None:
    """As check_order, of `from:` and `to:`; it is said of `to`.

    Raises:
        FaultsWithinError: says how to write an end past midnight.
    """
    early, late = clock_text(end), clock_text(start)
    if end <= start and end % DAY == 0:
        form = "ends (00:00) before it starts ({late}); midnight as an end is written 24:00"
        message = told("to_at_midnight", form, late=late)
    elif end <= start:
        form = (
            "ends ({early}) before it starts ({late}); past midnight is written '{early} next day'"
        )
        message = told("to_before", form, early=early, late=late)
    elif end - start > DAY:
        hours = (end - start) / 60
        message = told("hours_later", "is {hours:g} hours later; at most 24 hours", hours=hours)
    else:
        return
    raise FaultsWithinError([Fault(("to",), message)])


def parse_interval(value: object) -> Interval:
    """An interval from `07:30-23:30` or `22:00-06:00 next day`.

    Raises:
        ValueError: not two times of day, or the end is not after the start.
    """
    first, _, last = str(value).partition("-")
    ends = (first, _NEXT_DAY.sub("", last))
    if not isinstance(value, str) or not all(_CLOCK.fullmatch(one.strip()) for one in ends):
        if value is None:
            form = "must be hours such as '07:30-23:30', or closed, but nothing is written"
            raise ValueError(told("be_hours_written", form))
        meant = hours_meant(value) if isinstance(value, str) else ()
        form = "must be hours such as '07:30-23:30', or closed; not {got}{hint}"
        got, hint = show(value, quotes=True), did_you_mean_any(meant)
        raise ValueError(told("be_hours", form, got=got, hint=hint))
    interval = Interval(parse_clock(first), to_midnight(parse_end_clock(last.strip())))
    try:
        check_order(*interval)
    except ValueError as error:
        what = told("value_is", "'{got}' {what}", got=value, what=message_of(error))
        raise ValueError(what) from None
    if interval.start == DAY:
        form = "'{got}' starts at 24:00; write 00:00 of the day after"
        raise ValueError(told("starts_at_24", form, got=value))
    return interval


def parse_intervals(value: object) -> tuple[Interval, ...]:
    """The intervals of one day: `closed`, one interval, or a list of them.

    Raises:
        ValueError: an interval is wrong, or two overlap.
    """
    if value == "closed":
        return ()
    if not isinstance(value, list | tuple):
        return (value if isinstance(value, Interval) else parse_interval(value),)
    if len(value) > MOST_INTERVALS:
        raise ValueError(
            told(
                "has_intervals_a_day_may_have",
                "has {number} intervals; a day may have {most_intervals}",
                number=len(value),
                most_intervals=MOST_INTERVALS,
            )
        )
    found, faults = list[Interval](), list[Fault]()
    for number, item in enumerate(value):
        try:
            found.append(item if isinstance(item, Interval) else parse_interval(item))
        except ValueError as error:
            faults.append(Fault((number,), message_of(error)))
    if faults:
        raise FaultsWithinError(faults)
    found.sort()
    for one, other in pairwise(found):
        if other.start < one.end:
            both = {"one": str(one), "other": str(other)}
            raise ValueError(told("hours_overlap", "{one} and {other} overlap", **both))
    return tuple(found)


def parse_days(value: object) -> tuple[int, ...]:
    """Weekdays as numbers, Monday 0, from `daily`, `mon-fri`, `sat` or a list of these.

    Raises:
        ValueError: not a weekday, or one named twice.
    """
    if isinstance(value, tuple):  # from a program: a scenario's lists are lists
        found = [day for day in value if day in range(len(DAYS))]
        if len(found) < len(value):
            raise ValueError(
                told(
                    "must_be_numbers_from_0_to_6",
                    "must be numbers from 0 to 6, not {value}",
                    value=show(value),
                )
            )
    else:
        found = _days_of_list(value) if isinstance(value, list) else _days_of(value)
    if len(set(found)) < len(found):
        raise ValueError(
            told("names_a_weekday_twice", "names a weekday twice: {value}", value=show(value))
        )
    return tuple(sorted(found))


def _days_of_list(items: list[object]) -> list[int]:
    found, faults = list[int](), list[Fault]()
    for number, item in enumerate(items):
        try:
            found += _days_of(item)
        except ValueError as error:
            faults.append(Fault((number,), message_of(error)))
    if faults:
        raise FaultsWithinError(faults)
    return found


def _days_of(text: object) -> list[int]:
    if text == "daily":
        return list(range(7))
    first, dash, last = str(text).partition("-")
    last = last if dash else first
    for name in (first, last):
        if name not in DAYS:
            meant = days_meant(text) if isinstance(text, str) else ""
            hint = did_you_mean_any([meant] * bool(meant))
            raise ValueError(_no_days(show(text, quotes=True), hint))
    start, count = DAYS.index(first), (DAYS.index(last) - DAYS.index(first)) % len(DAYS) + 1
    return [(start + k) % len(DAYS) for k in range(count)]


def _no_days(shown: str, hint: str = "") -> str:
    return told(
        "must_be_daily_or_weekdays_from_not",
        "must be daily, or weekdays from {listed}; not {text}{hint}",
        listed=", ".join(DAYS),
        text=shown,
        hint=hint,
    )


def day_text(intervals: Iterable[Interval]) -> str:
    """The hours of one day."""
    found = [
        told("until", "{first}-{time}", first=clock_of(one.start), time=clock_of(one.end))
        for one in intervals
    ]
    return Listed.of(found, "comma") if found else told("closed", "closed")


def days_text(days: Iterable[int]) -> list[str]:
    """The weekdays' names."""
    return [DAYS[day] for day in days]


Clock = Annotated[
    int,
    BeforeValidator(parse_clock),
    PlainSerializer(clock_text),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}$"}),
]
"""A time of day."""

EndClock = Annotated[
    int,
    BeforeValidator(parse_end_clock),
    PlainSerializer(clock_text),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}( next day)?$"}),
]
"""A time of day at which something ends, perhaps on the next day."""

ShiftEnd = Annotated[EndClock, AfterValidator(to_midnight)]
"""The end of working hours: 23:59 is midnight."""

Weekdays = Annotated[
    tuple[int, ...],
    BeforeValidator(parse_days),
    PlainSerializer(days_text),
    WithJsonSchema({"type": ["string", "array"], "examples": ["daily", "mon-fri", ["sat", "sun"]]}),
]
"""A set of weekdays."""

DayIntervals = Annotated[
    tuple[Interval, ...],
    BeforeValidator(parse_intervals),
    PlainSerializer(lambda found: [str(interval) for interval in found] or "closed"),
    WithJsonSchema({"type": ["string", "array"], "examples": ["07:30-23:30", "closed"]}),
]
"""The opening intervals of one day."""


class Hours:
    """Opening hours of a week: seven days of intervals, frozen and comparable."""

    __slots__ = ("week",)
    week: tuple[tuple[Interval, ...], ...]

    def __init__(self, week: Iterable[tuple[Interval, ...]]) -> None:
        """Take seven days of intervals, Monday first."""
        object.__setattr__(self, "week", tuple(week))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("opening hours are frozen")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hours) and other.week == self.week

    def __hash__(self) -> int:
        return hash(self.week)

    def __repr__(self) -> str:
        return f"Hours({self.as_data()!r})"

    def __reduce__(self) -> tuple[type["Hours"], tuple[tuple[tuple[Interval, ...], ...]]]:
        return Hours, (self.week,)

    @classmethod
    def parse(cls, value: object) -> "Hours":
        """Hours from `24/7`, one interval or list for every day, or a map of weekdays.

        Raises:
            ValueError: a weekday is missing or named twice, or an interval is wrong.
        """
        if isinstance(value, Hours):
            return value
        if value == "24/7":
            return cls([(Interval(0, DAY),)] * 7)
        if isinstance(value, str) and is_osm(value) and not _is_like_osm(value):
            return cls(
                _without_overlap([parse_intervals(day or "closed") for day in week_of(value)])
            )
        if isinstance(value, str) and (meant := week_meant(value)):
            raise ValueError(
                told(
                    "must_be_hours_of_weekdays_such_as",
                    "must be hours of weekdays such as {meant}, not '{value}'",
                    meant=meant,
                    value=value,
                )
            )
        if not isinstance(value, Mapping):
            return cls(_without_overlap([parse_intervals(value)] * len(DAYS)))
        return cls(_without_overlap(_week_from_map(value)))

    def as_data(self) -> dict[str, Any]:
        """The hours as they are written in a scenario."""
        return {
            DAYS[day]: [str(interval) for interval in intervals] or "closed"
            for day, intervals in enumerate(self.week)
        }

    def per_week(self) -> int:
        """Intervals in an ordinary week."""
        return sum(len(intervals) for intervals in self.week)

    def minutes_per_week(self) -> int:
        """Minutes open in an ordinary week."""
        return sum(end - start for day in self.week for start, end in day)

    @classmethod
    def __get_pydantic_core_schema__(cls, _: object, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(cls.as_data),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _: CoreSchema, __: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "description": told(
                "forms_of_hours",
                "'24/7', '07:30-23:30', a list of intervals, or a map of weekdays",
            ),
            "type": ["string", "array", "object"],
            "examples": ["24/7", "07:30-23:30", {"mon-sat": "10:00-18:00", "sun": "closed"}],
        }


def _is_like_osm(text: str) -> bool:
    """Whether hours begin as those of OpenStreetMap, and go on as people write: `Mo-Fr 8-20`."""
    try:
        week_of(text)
    except ValueError:
        return bool(week_meant(text))
    return False


def _without_overlap(week: list[tuple[Interval, ...]]) -> list[tuple[Interval, ...]]:
    """The week, unless a day's hours run past midnight into the next day's."""
    for day, (today, tomorrow) in enumerate(zip(week, week[1:] + week[:1], strict=True)):
        if today and tomorrow and today[-1].end > tomorrow[0].start + DAY:
            name, after = DAYS[day], DAYS[(day + 1) % len(DAYS)]
            raise ValueError(
                told(
                    "runs_into_end_it_where_that_starts",
                    "{name} {today} runs into {after} {tomorrow}; end it where that starts",
                    name=name,
                    today=today[-1],
                    after=after,
                    tomorrow=tomorrow[0],
                )
            )
    return week


def _week_from_map(value: Mapping[Any, Any]) -> list[tuple[Interval, ...]]:
    """A day named alone beats a range that includes it; every day must be named."""
    named: dict[int, tuple[bool, tuple[Interval, ...]]] = {}
    faults: list[Fault] = []
    for key, hours in value.items():
        days, intervals = _line(key, hours, faults)
        alone = len(days) == 1
        again = [DAYS[day] for day in days if day in named and named[day][0] == alone]
        if again:
            faults.append(
                Fault(
                    (key,),
                    told(
                        "gives_the_hours_of_twice",
                        "gives the hours of {listed} twice",
                        listed=", ".join(again),
                    ),
                    at_key=True,
                )
            )
        for day in days:
            if day not in named or alone:
                named[day] = (alone, intervals)
    if faults:
        raise FaultsWithinError(faults)
    if missing := [DAYS[day] for day in range(7) if day not in named]:
        raise ValueError(
            told(
                "says_nothing_about_add_hours_or_closed",
                "says nothing about {listed}; add hours, or closed",
                listed=", ".join(missing),
            )
        )
    return [named[day][1] for day in range(7)]


def _line(
    key: Key, hours: object, faults: list[Fault]
) -> tuple[tuple[int, ...], tuple[Interval, ...]]:
    """Weekdays and hours of one line, as far as they can be read; what is wrong is noted."""
    days: tuple[int, ...] = ()
    intervals: tuple[Interval, ...] = ()
    try:
        days = parse_days(key)
    except ValueError as error:
        faults.append(Fault((key,), _about_days(key, error), at_key=True))
    try:
        intervals = parse_intervals(hours)
    except FaultsWithinError as error:
        faults += error.below(key)
    except ValueError as error:
        faults.append(Fault((key,), message_of(error)))
    return days, intervals


_HOLIDAYS = frozenset({"PH", "holiday", "holidays", "helligdag", "helligdage", "Feiertage"})


def _about_days(key: Key, error: ValueError) -> str:
    """What is wrong with the weekdays before hours, which are never a list."""
    if (text := str(key).strip()) in _HOLIDAYS:
        return told(
            "is_no_weekday_write_or_their_hours",
            "{text} is no weekday; write `holidays: closed`, or their hours, beside these hours",
            text=text,
        )
    if several := each_day_meant(text):
        said = message_of(error)
        shown = said.values.get("text") if isinstance(said, Told) else None
        return told(
            "write_a_line_for_each",
            "{wrong}; write a line for each, {lines}",
            wrong=said if shown is None else _no_days(str(shown)),
            lines=Listed.of((Written(f"`{day}: …`") for day in several), "and"),
        )
    return message_of(error)
