"""A commented scenario to start from, for a kind of site; and the values that it starts from.

Nobody has published most of what a planner must say of a site. What is written here for them has a
range, and the word "assumption" where there is no source, so that a tornado can show what of it
matters. All such values are in `defaults.toml`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import ceil

import jinja2

from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, HOUR, clock_text

Number = int | float


@dataclass(frozen=True)
class Default:
    """A value to start from, and the range to test."""

    name: str
    value: Number
    low: Number
    high: Number
    shape: str
    """What varies so."""
    grade: str
    """S, N, D or A, as `defaults.toml` explains."""
    part: str = ""
    """The key that the range is about, where a line has several."""
    why: str = ""

    @property
    def range_text(self) -> str:
        """`16-28`, as it stands in a comment."""
        return f"{self.low:g}-{self.high:g}"


@cache
def defaults(kind: str = "") -> Mapping[str, Default]:
    """All values to start from, by name.

    Args:
        kind: of site, one of KINDS; without it, what most have.
    """
    text = (files("sim.scenario") / "defaults.toml").read_text(encoding="utf-8")
    found = {}
    for name, said in tomllib.loads(text).items():
        own = said.pop("kinds", {}).get(kind, {})
        found[name] = Default(name, **said | own)
    return found


# --- kinds of site ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """What a site of a kind is like unless it is told."""

    title: str
    hours: str
    injecting: int
    smoking: int
    visits: int
    low: int
    high: int
    why: str
    """Of the number of visits."""


KINDS: Mapping[str, Kind] = {
    "city-day": Kind(
        *("A city's site, open by day", "10:00-22:00", 6, 8, 200, 100, 300),
        "Cologne 2024, 190 served; similar sites 100-270",
    ),
    "long-hours": Kind(
        *("A city's site, open day and night", "06:00-05:00 next day", 9, 10, 600, 300, 900),
        "Skyen about 2017, 500-700 served",
    ),
    "small-town": Kind(
        *("A small town's site", "09:00-16:00", 4, 4, 60, 20, 120),
        "Danish towns 2014-15, 10-40 people a day; Strasbourg 50-80",
    ),
}
"""By the shape of their day."""

_OF_A_DESK = 150
"""Visits a day from which one desk, of two minutes a visit, would hold people up."""
_CLIENTS = 5.8
"""Different people for each visit a day: 110 of some 1,100 come on a day with 190 uses."""
ALWAYS = "24/7"
_TIME = r"(\d{1,2})(?::?([0-5]\d))?"
_HOURS = re.compile(rf"{_TIME}\s*[-–]\s*{_TIME}(?: next day)?")


class StarterError(ValueError):
    """What was asked for cannot be; the message says what would be right."""


@dataclass(frozen=True)
class Site:
    """What a starter is to be of."""

    kind: str = "city-day"
    hours: str = ""
    """Of every day: `09-21`, `09:00-21:00`, `06-05` past midnight, `24/7`; or as the kind has."""
    places: tuple[int, int] | None = None
    """Injecting and smoking; or as the kind has."""
    served: Number | None = None
    """Served a day, where that was counted."""


def starter_text(name: str, site: Site, program: str) -> str:
    """The starter, as it is written into a file.

    Args:
        name: of the scenario.
        site: what it is of.
        program: what the command is called.

    Raises:
        StarterError: there are no such hours.
    """
    kind, values = KINDS[site.kind], defaults(site.kind)
    hours = _hours(site.hours or kind.hours)
    injecting, smoking = site.places or (kind.injecting, kind.smoking)
    places = injecting + smoking
    visits = site.served or kind.visits
    watching = max(2, ceil(places / 7))
    environment = jinja2.Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    text = (files("sim.scenario") / "starter.yaml.j2").read_text(encoding="utf-8")
    return environment.from_string(text).render(
        name=name,
        program=program,
        kind=site.kind,
        title=kind.title,
        hours=hours.text,
        always=hours.text == ALWAYS,
        served=None if site.served is None else f"{site.served:g}",
        visits=kind.visits,
        visits_why=kind.why,
        visits_low=kind.low,
        visits_high=kind.high,
        clients=max(10, round(_CLIENTS * visits / 10) * 10),
        injecting=injecting,
        smoking=smoking,
        seats=places,
        resting=ceil(0.75 * places),
        desks=min(3, ceil(visits / _OF_A_DESK) or 1),
        roles=(("nurse", 2), ("social_worker", watching)),
        shifts=list(_shifts(hours)),
        v={name: f"{one.value:g}" for name, one in values.items()},
        note=lambda *names: _note(*(values[one] for one in names)),
    )


def _note(*found: Default) -> str:
    """`Insite 2016; assumption (mean 16-28, cv 0.35-0.8)`."""
    why = "; ".join(one.why for one in found if one.why)
    ranges = ", ".join(f"{one.part} {one.range_text}".strip() for one in found)
    return f"{why}{'; ' if why else ''}assumption ({ranges})"


# --- hours and shifts ---------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenHours:
    """Hours of every day."""

    text: str
    """As a scenario has them."""
    opens: int
    closes: int
    """Minutes after midnight; past midnight more than a day."""


def _hours(text: str) -> OpenHours:
    if text.strip() == ALWAYS:
        return OpenHours(ALWAYS, 0, DAY)
    found = _HOURS.fullmatch(text.strip())
    numbers = [int(one or 0) for one in found.groups()] if found else []
    if found is None or max(numbers[::2]) > DAY // HOUR:
        raise StarterError(
            told(
                "hours_must_be_such_as_09_21",
                "hours must be such as 09-21, 10:00-22:30, 06-05 or 24/7, not '{text}'",
                text=text,
            )
        )
    opens, closes = (HOUR * numbers[at] + numbers[at + 1] for at in (0, 2))
    if opens >= DAY or closes > DAY:
        raise StarterError(
            told(
                "hours_must_be_such_as_09_21",
                "hours must be such as 09-21, 10:00-22:30, 06-05 or 24/7, not '{text}'",
                text=text,
            )
        )
    if opens == closes or (opens, closes) == (0, DAY):
        return OpenHours(ALWAYS, 0, DAY)
    if closes > opens:
        return OpenHours(f"{clock_text(opens)}-{clock_text(closes)}", opens, closes)
    past = f"{clock_text(opens)}-{clock_text(closes)} next day"
    return OpenHours(past, opens, closes + DAY)


@dataclass(frozen=True)
class Shift:
    """When some of the staff work, as a rota has it."""

    name: str
    begin: str
    end: str
    break_from: str
    break_to: str


_BESIDE, _OVERLAP, _BREAK = 30, 30, 30
"""Minutes before opening and after closing; with the next shift; of a break."""
_LONGEST = 8 * HOUR + 30
_STEP = 15
_NAMES = {1: ("day",), 2: ("early", "late"), 3: ("morning", "evening", "night")}


def _shifts(hours: OpenHours) -> Iterator[Shift]:
    """One to three shifts of the same length that cover the hours."""
    begin = max(0, hours.opens - _BESIDE)
    whole = min(hours.closes + _BESIDE - begin, DAY)
    number = min(3, ceil(whole / _LONGEST))
    overlap = 0 if whole == DAY else _OVERLAP
    begin = 7 * HOUR if hours.text == ALWAYS else begin
    length = ceil((whole + (number - 1) * overlap) / number / _STEP) * _STEP
    for at in range(number):
        since = begin + at * (length - overlap)
        until = min(since + length, begin + whole)
        middle = since + (until - since - _BREAK) // 2 // _STEP * _STEP
        window = middle - HOUR, middle + HOUR
        yield Shift(_NAMES[number][at], *_span(since, until), *_span(*window))


def _span(since: int, until: int) -> tuple[str, str]:
    """Two times as a rota has them, the second one perhaps of the next day."""
    day = since // DAY * DAY
    return clock_text(since - day), clock_text(until - day)
