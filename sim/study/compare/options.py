"""Options of a comparison: what was typed, read as scenarios; and in what two scenarios differ."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

from sim.scenario.city.model import OF_THE_CITY
from sim.scenario.errors.problem import (
    KeyPath,
    Place,
    Problem,
    ScenarioError,
    path_text,
    shorten,
    show,
)
from sim.scenario.errors.told import told
from sim.scenario.load import Loaded, read_scenario
from sim.scenario.model.hours import DAYS
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.names import option_fault
from sim.scenario.text.read import FACILITIES
from sim.scenario.text.sets import split_outside
from sim.scenario.text.tree import HOURS
from sim.study.estimate.targets import check_targets
from sim.study.run.served import over

# --- what was typed -----------------------------------------------------------------------------

_NAMED = (
    re.compile(r"(?P<name>\"[^\"]+\"|'[^']+'|[^=\"']+?)\s*:\s+(?P<rest>[^=]+=.*)", re.DOTALL),
    re.compile(
        r"(?P<name>\"[^\"]+\"|'[^']+'|[^=\"'.]+?)\s*=\s*(?P<rest>[^=\s\[{]+\.[^=\[{]+=.*)",
        re.DOTALL,
    ),
)
"""`NAME: settings`, and `NAME=settings`."""


Hold = Callable[[Path, Sequence[str], str | None], Sequence[str]]
"""From a file, settings and a variant to settings that hold demand which was unknown."""


@dataclass(frozen=True)
class Option:
    """One option of a comparison."""

    name: str
    """What it is called there; no two alike."""
    loaded: Loaded


def read_options(
    base: Path,
    files: Sequence[Path],
    alternatives: Sequence[str],
    sets: Sequence[str],
    hold: Hold | None = None,
) -> tuple[Option, ...]:
    """The base, then its alternatives; without any, all variants of the base.

    Args:
        base: a scenario file.
        files: other scenario files.
        alternatives: each a variant's name, or settings of the base such as
            `rooms.smoking.places=8; rooms.injecting.places=4`, with a name before them if wanted:
            `eight: rooms.smoking.places=8`.
        sets: settings that override all options.
        hold: finds demand that is unknown; the alternatives to the base meet that of the base.

    Raises:
        ScenarioError: everything that is wrong with any of them, or there is no alternative.
    """
    first, alike = _held(base, sets, hold)
    asked: list[tuple[str | None, Callable[[], Loaded]]] = [
        (None, lambda: first),
        *((None, _file(path, sets, hold)) for path in files),
        *(_alternative(base, text, alike) for text in alternatives),
    ]
    if not asked[1:]:
        asked += [_alternative(base, name, alike) for name in first.source.variants]
    if not asked[1:]:
        message = told(
            "has_no_variants_and_nothing_else_to",
            "has no variants, and nothing else to compare with was named; give another "
            'scenario file, or settings such as --alt "rooms.smoking.places=8"',
        )
        raise ScenarioError([Problem(Place(str(base)), "", message)])
    names: list[str] = []
    found: list[Option] = []
    problems: list[Problem] = []
    for name, read in asked:
        is_named = name is not None and "=" not in name
        if is_named and (fault := option_fault(name or "")):
            problems.append(Problem(Place(f"--alt {name}"), "", fault))
            continue
        try:
            loaded = read()
            check_targets(loaded.scenario, loaded.source)
        except ScenarioError as error:
            problems += error.problems
            continue
        names.append(_unique(loaded.scenario.name if name is None else name, names))
        found.append(Option(names[-1], loaded))
    if problems:
        raise ScenarioError(problems)
    return tuple(found)


def _held(path: Path, sets: Sequence[str], hold: Hold | None) -> tuple[Loaded, Sequence[str]]:
    """A scenario, and the settings with which its alternatives meet the same demand."""
    loaded = read_scenario(path, sets)
    if hold is None or not loaded.scenario.demand.is_unknown:
        return loaded, sets
    sets = hold(path, sets, None)
    return read_scenario(path, sets), sets


def _file(path: Path, sets: Sequence[str], hold: Hold | None) -> Callable[[], Loaded]:
    return lambda: _held(path, sets, hold)[0]


def _alternative(
    base: Path, text: str, sets: Sequence[str]
) -> tuple[str | None, Callable[[], Loaded]]:
    if "=" not in text:
        return text.strip(), lambda: read_scenario(base, sets, text.strip())
    named = _named(text.strip())
    settings = tuple(_settings(text if named is None else named["rest"]))
    name = "; ".join(settings) if named is None else named["name"].strip("\"'")
    return name, lambda: read_scenario(base, over(sets, settings))


def _named(text: str) -> re.Match[str] | None:
    """The name before an alternative's settings; `title=a.b=c` sets the title."""
    for form in _NAMED:
        found = form.fullmatch(text)
        if found is not None and found["name"] not in Scenario.model_fields:
            return found
    return None


def _settings(text: str) -> Iterator[str]:
    yield from (part for part in split_outside(text, ";") if part)


def _unique(name: str, taken: Sequence[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


# --- in what scenarios differ -------------------------------------------------------------------

_NOT_SET = object()
_LABELS = frozenset({"name", "title", "description"})
_HOURS = frozenset({("opening", "hours"), ("opening", "dates"), ("opening", "holidays")})
_ACCOUNTS = frozenset(
    {
        *("cost_per_hour", "contract_hours", "headroom", "unsocial", "currency"),
        *("people", "rota_rules", "targets"),
    }
)
"""Keys under which nothing stands that could change what happens at the site."""
_ABOUT_MONEY = frozenset({"costs", "design"})
"""The same, where they stand at the top of a scenario."""


_DAYS = frozenset(DAYS)


@dataclass(frozen=True)
class Change:
    """One value that differs."""

    path: KeyPath
    old: object
    """As plain data; None where it is not set."""
    new: object
    tied: bool = False
    """Whether they are opening hours, and a profile is tied to these."""

    @property
    def where(self) -> str:
        """The path as `--set` takes it."""
        return path_text(self.path)

    def __str__(self) -> str:
        old, new = (text or "not set" for text in written(*_days_apart(self.old, self.new)))
        return f"{self.where}: {old} → {new}"


def _days_apart(old: object, new: object) -> tuple[object, object]:
    """Of hours that are not the same every day those of the weekdays that differ."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping) and set(old) | set(new) <= _DAYS):
        return old, new
    apart = [day for day in DAYS if old.get(day) != new.get(day)]
    return {day: _of_day(old.get(day)) for day in apart}, {
        day: _of_day(new.get(day)) for day in apart
    }


def _of_day(hours: object) -> object:
    if isinstance(hours, list):
        return "closed" if not hours else hours[0] if len(hours) == 1 else hours
    return hours


def written(old: object, new: object) -> tuple[str | None, str | None]:
    """Two values on one short line each, None where it is not set.

    Whole numbers stand without decimals (300 → 100), unless the other has some (1.0 → 1.2).
    """
    whole = all(one.is_integer() for one in (old, new) if isinstance(one, float))
    texts = (
        None if one is None else show(int(one) if isinstance(one, float) and whole else one)
        for one in (old, new)
    )
    first, second = (None if text is None else shorten(text) for text in texts)
    return first, second


def changes(base: Scenario, other: Scenario) -> tuple[Change, ...]:
    """Every value in which two scenarios differ, names and descriptions aside.

    Items of a list that were put in or taken out are told of by themselves, at the place where
    they stand in the list that has them.
    """
    old, new = (_without_labels(_plain(one)) for one in (base, other))
    tied = any(one.demand.shape is not None for one in (base, other))
    moved = _facilities_moved(old, new)
    for name in moved:
        old, new = (_without_facility(one, name) for one in (old, new))
    return (*moved.values(), *_in_all_else(old, new, tied=tied))


def _without_labels(data: Mapping[str, object]) -> dict[str, object]:
    """Without names and descriptions, a city's facilities also without what the city says."""
    left = {key: part for key, part in data.items() if key not in _LABELS}
    if facilities := _facilities(data):
        left[FACILITIES] = {
            name: {
                key: part
                for key, part in one.items()
                if key not in {*_LABELS, *OF_THE_CITY, "design"}
            }
            for name, one in facilities.items()
            if isinstance(one, Mapping)
        }
    return left


def _facilities_moved(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, Change]:
    """Facilities that only one of two cities has, each told of as a whole."""
    before, after = (_facilities(one) for one in (old, new))
    found = {}
    for name in dict.fromkeys((*before, *after)):
        if name not in before or name not in after:
            path: KeyPath = (FACILITIES, name)
            was, is_ = ("open" if name in one else None for one in (before, after))
            found[name] = Change(path, was, is_)
    return found


def _facilities(data: Mapping[str, object]) -> Mapping[str, object]:
    found = data.get(FACILITIES)
    return found if isinstance(found, Mapping) else {}


def _without_facility(data: Mapping[str, object], name: str) -> dict[str, object]:
    """A city's data without a facility, nor what is said of who prefers which."""
    left = {key: one for key, one in _facilities(data).items() if key != name}
    choice = data.get("choice")
    said = dict(choice) if isinstance(choice, Mapping) else {}
    for key in ("prefer", "walk", "origins"):  # which follow from who is left
        said.pop(key, None)
    return {**data, FACILITIES: left, "choice": said}


def _in_all_else(
    old: Mapping[str, object], new: Mapping[str, object], *, tied: bool
) -> tuple[Change, ...]:
    return tuple(
        replace(change, tied=tied and change.path[:2] in _HOURS)
        for change in _changes(old, new, ())
    )


def demand_changes(found: tuple[Change, ...]) -> tuple[Change, ...]:
    """Those of the changes that make other people come."""
    return tuple(change for change in found if change.tied or _is_demand(change.path))


def rota_changes(found: tuple[Change, ...]) -> tuple[Change, ...]:
    """Those of the changes that are of the rota: who works when."""
    return tuple(
        change
        for change in found
        if change.path[:2] in {("staff", "rota"), ("staff", "cycle_weeks")}
        and not {"name", "people"} & set(change.path)
    )


def same_course(found: tuple[Change, ...]) -> bool:
    """Whether nothing else can happen at the site after these changes: they are about money."""
    return all(change.path[0] in _ABOUT_MONEY or _ACCOUNTS & set(change.path) for change in found)


def _is_demand(path: KeyPath) -> bool:
    return path[0] in {"demand", "horizon"} or (path[0] == "visits" and path[2:] == ("share",))


def _plain(scenario: Scenario) -> dict[str, object]:
    return scenario.model_dump(mode="json", by_alias=True, exclude_none=True)


def _changes(old: object, new: object, path: KeyPath) -> Iterator[Change]:
    if path[-1:] == (HOURS,):
        if old != new:
            yield Change(path, _hours(old), _hours(new))
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            here = (*path, key)
            yield from _changes(old.get(key, _NOT_SET), new.get(key, _NOT_SET), here)
    elif isinstance(old, list) and isinstance(new, list) and _is_of_maps(old, new):
        yield from _in_lists(old, new, path)
    elif old != new:
        first, second = (None if one is _NOT_SET else one for one in (old, new))
        yield Change(path, first, second)


def _hours(value: object) -> object:
    """Hours of a week that are the same every day, as those of a day."""
    if isinstance(value, Mapping) and len({repr(day) for day in value.values()}) == 1:
        value = next(iter(value.values()))
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return None if value is _NOT_SET else value


def _is_of_maps(old: list[object], new: list[object]) -> bool:
    """Lists such as a rota; a list of values, such as a profile, is one thing."""
    return all(isinstance(item, Mapping) for item in (*old, *new))


def _in_lists(old: list[object], new: list[object], path: KeyPath) -> Iterator[Change]:
    before, after = ([repr(item) for item in one] for one in (old, new))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, begin, end, start, stop in matcher.get_opcodes():
        if what == "equal":
            continue
        alike = min(end - begin, stop - start)
        for number in range(alike):
            here = (*path, start + number)
            yield from _changes(old[begin + number], new[start + number], here)
        for number in range(begin + alike, end):
            yield Change((*path, number), old[number], None)
        for number in range(start + alike, stop):
            yield Change((*path, number), None, new[number])
