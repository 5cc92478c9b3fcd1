"""The questions: what can be moved of a scenario, each between the ends of its range.

Some stand on the page from the start (places, hours, demand, people on shift, how long people
stay); all else that is a number or a choice is found by typing. A range is what `design:` says may
be varied; else what is written beside the assumption; else from half to double.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from math import floor, log10
from typing import Literal, get_args, get_origin

from pydantic import BaseModel

from sim.report.page.phrases import Phrases
from sim.report.page.settings import SHARES, fits
from sim.report.page.words import Words, heading
from sim.scenario import Scenario
from sim.scenario.errors.problem import KeyPath, key_text, path_text
from sim.scenario.model.hours import DAY, Hours
from sim.scenario.uncertainty.comments import assumptions
from sim.serve.moves import Site

Range = tuple[float, float, float]
"""From, to, and the step; a step of 0 where any will do."""


class Group(StrEnum):
    """Under which heading a question stands."""

    STAFF = "staff"
    PLACES = "places"
    HOURS = "hours"
    WHO = "who"
    MORE = "more"


@dataclass(frozen=True)
class Question:
    """One thing that can be moved."""

    path: str
    """As `--set` takes it."""
    name: str
    """In a planner's words."""
    value: float | str
    """As the scenario has it, in the unit that is shown; of a choice, what is chosen."""
    kind: Literal["number", "opens", "closes", "choice"] = "number"
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    times: float = 1.0
    """What is shown is so many times what is set: shares are shown in per cent."""
    unit: str = ""
    written: str = ""
    """The unit that stands after the number in the scenario, such as `min`."""
    choices: tuple[tuple[str, str], ...] = ()
    """What can be chosen: as it is set, and in words."""
    group: Group = Group.MORE


_NOT_ASKED = frozenset(
    {
        *("name", "title", "description", "design", "targets", "rota_rules", "holidays"),
        *("extends", "variants", "uncertainty", "profile", "week", "arrivals", "groups"),
    }
)
"""Parts of a scenario that are no numbers of the site, or lists of many."""
_COUNTS = (
    "rooms.*.places",
    "staff.rota.*.count",
    "check_in.desks",
    "waiting_area.seats",
    "aftercare.seats",
    "supervision.*.minimum",
    "supervision.*.at_least.*",
    "overdose.severities.*.observers",
    "staff.rota.*.breaks.*.minimum_left",
    "horizon.*",
    "services.*.rooms",
    "services.*.appointments.number",
)
_AT_LEAST_ONE = ("rooms.*.places", "staff.rota.*.count", "horizon.weeks", "horizon.days")
_FEW = 4
"""Of a small count the range goes at least so far beyond."""
_STEPS = 40
"""About so many steps has a range of its own."""
_MOST_ROOMS, _MOST_LINES, _MOST = 3, 2, 10
_EARLIER, _LATER, _STEP = 6 * 60, 6 * 60, 30
"""Minutes that opening and closing can be moved."""
_DIGITS = 10


def questions(site: Site, known: Mapping[str, Range], words: Words) -> tuple[Question, ...]:
    """All that can be moved, what stands on the page from the start first.

    Args:
        site: the scenario as it is tried on.
        known: the ranges that its file says.
        words: the language.
    """
    scenario = site.loaded.scenario
    phrases = Phrases(scenario, words)
    numbers = [
        _number(path, value, unit, known, phrases)
        for path, value, unit in _numbers(site.loaded.source.data, ())
    ]
    choices = [_choice(path, value, options, phrases) for path, value, options in _choices(site)]
    first = _first(scenario, {one.path: one for one in numbers}, words)
    left = {(one.path, one.kind) for one in first}
    rest = [one for one in (*numbers, *choices) if (one.path, one.kind) not in left]
    return (*first, *_distinct(rest))


def _distinct(found: Sequence[Question]) -> list[Question]:
    """Two that are called alike are told apart by their paths."""
    names = [one.name for one in found]
    return [
        replace(one, name=f"{one.name} ({one.path})") if names.count(one.name) > 1 else one
        for one in found
    ]


# --- what there is --------------------------------------------------------------------------------


def _numbers(data: object, path: KeyPath) -> Iterator[tuple[KeyPath, float, str]]:
    """Single numbers, with the unit that stands after them."""
    if isinstance(data, Mapping):
        for key, part in data.items():
            if key not in _NOT_ASKED:
                yield from _numbers(part, (*path, key))
    elif isinstance(data, list):
        yield from _in_list(data, path)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield path, float(data), ""
    elif isinstance(data, str) and path[-1:] != ("hours",):
        number, _, unit = data.strip().partition(" ")
        if unit in {"min", "h", "s"} and number.replace(".", "", 1).isdigit():
            yield path, float(number), unit


def _in_list(items: Sequence[object], path: KeyPath) -> Iterator[tuple[KeyPath, float, str]]:
    """Those of a list of parts, such as a rota; plain lists are one thing."""
    for number, part in enumerate(items):
        if not isinstance(part, Mapping):
            return
        if path == ("staff", "rota") and not {"count", "people"} & set(part):
            yield (*path, number, "count"), 1.0, ""  # who writes none means one
        yield from _numbers(part, (*path, number))


def _choices(site: Site) -> Iterator[tuple[KeyPath, str, tuple[str, ...]]]:
    """What is one of a few words, or yes or no."""
    for path, value, options in _chosen(site.loaded.scenario, ()):
        if path[0] in _NOT_ASKED or len(path) == 1:
            continue
        above = value_at_all(site.loaded.source.data, path[:-1])
        if isinstance(above, Mapping):
            yield path, value, options


def value_at_all(data: object, path: KeyPath) -> object:
    """What stands at a path, whatever it is; None for nothing."""
    for key in path:
        if isinstance(data, Mapping):
            data = next((data[one] for one in data if key_text(one) == key_text(key)), None)
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data


def _chosen(part: object, path: KeyPath) -> Iterator[tuple[KeyPath, str, tuple[str, ...]]]:
    if isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            key = field.alias or name
            value = getattr(part, name)
            options = _options(field.annotation)
            if options and isinstance(value, str | bool):
                chosen = str(value).lower() if isinstance(value, bool) else value
                yield (*path, key), chosen, options
            else:
                yield from _chosen(value, (*path, key))
    elif isinstance(part, Mapping):
        for key, one in part.items():
            yield from _chosen(one, (*path, key))
    elif isinstance(part, tuple) and all(isinstance(one, BaseModel) for one in part):
        for number, one in enumerate(part):
            yield from _chosen(one, (*path, number))


def _options(annotation: object) -> tuple[str, ...]:
    """The words of which one is to be chosen; none where it is no such thing."""
    if annotation is bool:
        return "true", "false"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(one.value for one in annotation)
    if get_origin(annotation) is Literal:
        found = get_args(annotation)
        return found if len(found) > 1 and all(isinstance(one, str) for one in found) else ()
    return ()


# --- one question ---------------------------------------------------------------------------------


def ranges(site: Site) -> dict[str, Range]:
    """What the scenario itself says of how far its numbers may go."""
    found: dict[str, Range] = {}
    for one in assumptions(site.loaded.source)[0]:
        for path in one.places:
            found[path_text(path)] = (one.low, one.high, 0.0)
    design = site.loaded.scenario.design
    for name, varied in (design.vary if design else {}).items():
        numbers = [one for one in varied.values if isinstance(one, int | float)]
        if len(numbers) < len(varied.values):
            continue
        steps = {round(after - before, _DIGITS) for before, after in pairwise(sorted(numbers))}
        for own in varied.paths or (name,):
            found[own] = (min(numbers), max(numbers), min(steps, default=0.0))
    return found


def _number(
    path: KeyPath, value: float, written: str, known: Mapping[str, Range], phrases: Phrases
) -> Question:
    own = path_text(path)
    steps = tuple(map(key_text, path))
    is_count = any(fits(steps, one.split(".")) for one in _COUNTS)
    is_share = steps[-1] in SHARES or steps[-2:-1] in {("services",), ("stay_tasks",)}
    least = 1.0 if any(fits(steps, one.split(".")) for one in _AT_LEAST_ONE) else 0.0
    low, high, step = known.get(own) or _half_to_double(value, least, is_count=is_count)
    low, high = min(low, value), max(high, value)
    if is_share:
        low, high = max(low, 0.0), max(min(high, 1.0), value)
    times = 100.0 if is_share else 1.0
    low, high, step = _on_steps(low, high, step, value, whole=is_count)
    unit = "%" if is_share else phrases.words.texts.get(f"serve.unit_{_unit(steps, phrases)}", "")
    return Question(
        own,
        heading(phrases.name(steps)),
        round(times * value, _DIGITS),
        low=round(times * low, _DIGITS),
        high=round(times * high, _DIGITS),
        step=round(times * step, _DIGITS),
        times=times,
        unit=written or unit,
        written=written,
    )


def _unit(steps: Sequence[str], phrases: Phrases) -> str:
    if fits(tuple(steps), ["staff", "rota", "*", "count"]):
        return "on_shift"
    if fits(tuple(steps), ["rooms", "*", "places"]):
        return "places"
    if steps[-1] == "visits_per_day":
        return "a_day"
    return phrases.kind(tuple(steps))


def _half_to_double(value: float, least: float, *, is_count: bool) -> Range:
    if is_count:
        return max(least, floor(value / 2)), max(2 * value, value + _FEW), 1.0
    if value == 0:
        return 0.0, 1.0, 0.0
    low, high = sorted((value / 2, 2 * value))
    return low, high, 0.0


def _on_steps(low: float, high: float, step: float, value: float, *, whole: bool) -> Range:
    """The range with a step that reads well, and the value on one of its steps."""
    if whole:
        step = max(step, 1.0)
    elif not step:
        step = _well(max(high - low, 1e-6) / _STEPS)
    below = floor((value - low) / step + 1e-9)
    above = floor((high - value) / step + 1e-9)
    return (
        round(value - below * step, _DIGITS),
        round(value + above * step, _DIGITS),
        round(step, _DIGITS),
    )


def _well(step: float) -> float:
    """1, 2 or 5 of some power of ten, about so large."""
    ten: float = 10.0 ** floor(log10(step))
    return next(ten * one for one in (1, 2, 5, 10) if ten * one >= step * (1 - 1e-9))


def _choice(path: KeyPath, value: str, options: Sequence[str], phrases: Phrases) -> Question:
    words = phrases.words
    told = {"true": words["choice.yes"], "false": words["choice.no"]}
    return Question(
        path_text(path),
        heading(phrases.name(tuple(map(key_text, path)))),
        value,
        kind="choice",
        choices=tuple((one, told.get(one) or phrases.value(one)) for one in options),
    )


# --- those that stand on the page from the start --------------------------------------------------


def _first(
    scenario: Scenario, numbers: Mapping[str, Question], words: Words
) -> tuple[Question, ...]:
    found: list[Question] = []
    found += _staff(scenario, numbers)
    rooms = sorted(scenario.rooms, key=lambda one: -scenario.rooms[one].places)[:_MOST_ROOMS]
    in_order = [one for one in scenario.rooms if one in rooms]
    paths = [path_text(("rooms", one, "places")) for one in in_order]
    found += [replace(numbers[one], group=Group.PLACES) for one in paths if one in numbers]
    found += hours_questions(scenario.opening.hours, words)
    last = "opening.last_entry"
    found += [replace(numbers[last], group=Group.HOURS)] if last in numbers else []
    demand = ("demand.visits_per_day", "demand.served_per_day", "demand.factor")
    found += [replace(numbers[one], group=Group.WHO) for one in demand if one in numbers][:1]
    most = max(scenario.visits, key=lambda one: scenario.visits[one].share)
    for key in ("mean", "median", "mode", "value"):
        path = path_text(("visits", most, "stay", key))
        if path in numbers:
            found.append(replace(numbers[path], group=Group.WHO))
            break
    return tuple(found[:_MOST])


def _staff(scenario: Scenario, numbers: Mapping[str, Question]) -> Iterator[Question]:
    """The lines of the role that a rule asks for; else of that with most people."""
    if scenario.staff is None:
        return
    asked = [role for one in scenario.supervision for role in one.at_least]
    lines = list(enumerate(scenario.staff.rota))
    roles = [*asked, *(line.role for _, line in sorted(lines, key=lambda one: -one[1].count))]
    chosen = [number for role in dict.fromkeys(roles) for number, one in lines if one.role == role]
    paths = (f"staff.rota.{number}.count" for number in chosen)
    there = [numbers[one] for one in paths if one in numbers]
    for one in there[:_MOST_LINES]:
        yield replace(one, group=Group.STAFF)


def hours_questions(hours: Hours, words: Words) -> Iterator[Question]:
    """When it opens and closes, where that is the same every day."""
    days = set(hours.week)
    if len(days) != 1 or len(day := next(iter(days))) != 1:
        return
    opens, closes = day[0]
    if closes - opens >= DAY:
        return
    for kind, at in (("opens", opens), ("closes", closes)):
        low, high = max(0, at - _EARLIER), at + _LATER
        if kind == "opens":
            high = min(high, DAY - _STEP, closes - _STEP)
        else:
            low, high = max(low, opens + _STEP), min(high, opens + DAY - _STEP)
        below, above = (at - low) // _STEP, (high - at) // _STEP
        yield Question(
            "opening.hours",
            words[f"serve.{kind}"],
            float(at),
            kind="opens" if kind == "opens" else "closes",
            low=float(at - below * _STEP),
            high=float(at + above * _STEP),
            step=float(_STEP),
            group=Group.HOURS,
        )
