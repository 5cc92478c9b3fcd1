"""What of a scenario may be otherwise: ranges of its block and of its comments, and their groups.

A value that the command line, a variant or a later file has set is known; its range is left out. So
is a range without width.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from sim.scenario.errors.keys import child
from sim.scenario.errors.problem import (
    Key,
    KeyPath,
    Place,
    Problem,
    Source,
    did_you_mean,
    key_text,
    message_of,
    path_text,
)
from sim.scenario.errors.told import Written, told
from sim.scenario.model.demand import Found
from sim.scenario.model.design import Ranged, Shape, Uncertainty, path_keys
from sim.scenario.model.hours import clock_text, parse_clock
from sim.scenario.model.scenario import Scenario
from sim.scenario.paths import leads_nowhere, lost_in, part_at
from sim.scenario.text.addresses import AddressError, numbered
from sim.scenario.uncertainty.comments import CLOCK, Assumed, NotVaried, assumptions, number_of
from sim.scenario.uncertainty.houses import each_house, usual_ranges, within
from sim.scenario.uncertainty.inputs import (
    BLOCK,
    SAME,
    Groups,
    Input,
    Member,
    correlated,
    inputs_of,
)

_FOUND: KeyPath = ("demand", "unserved", "found")
_QUARTER = 15.0
"""Minutes in which times of day move."""
_OF_WHOLE_MINUTES = ["appointments", "every"]
"""The one duration that a scenario has in whole minutes."""
_FIXED = "value"
_KNOWN = told(
    "is_set_after_its_range_was_written", "is set after its range was written, and so known"
)
MINUTES = {"s": 1 / 60, "sec": 1 / 60, "min": 1.0, "h": 60.0, "d": 1440.0}
WIDE = 5.0
"""Times the lower end from which on a lognormal range is suggested."""


@dataclass(frozen=True)
class Unknowns:
    """All that is not known of a scenario."""

    ranges: tuple[Assumed, ...] = ()
    """Of the block in its order, then those of comments, in the order of the files."""
    inputs: tuple[Input, ...] = ()
    """In their order; drift last."""
    correlation: tuple[tuple[int, int, float], ...] = ()
    """Numbers of two inputs, and how they go together."""
    dirichlet: Mapping[str, float] | None = None
    """Means of the shares of visit kinds that are drawn together, by kind."""
    drift_cv: float = 0.0
    draws: str = ""
    """The file of draws, as it is named."""
    rows: int = 0
    """How many draws it has, once it was read."""
    not_varied: tuple[NotVaried, ...] = ()
    """Marks of comments without a range, and ranges that are left out, with the reason."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the block."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that could be otherwise."""
        return not (self.inputs or self.draws)

    def only(self, names: Sequence[str]) -> "Unknowns":
        """Only some inputs, by name; all else is as it is written.

        Shares that are drawn together must be among them all or not at all.
        """
        places = [place for place, one in enumerate(self.inputs) if one.name in names]
        inputs = tuple(self.inputs[place] for place in places)
        kept = {member.of.key for one in inputs for member in one.members}
        shares = self.dirichlet
        if shares is not None and not any(not one.members for one in inputs):
            shares = None
        known = {path_text(("visits", kind, "share")) for kind in shares or ()}
        return replace(
            self,
            ranges=tuple(one for one in self.ranges if one.key in kept | known),
            inputs=inputs,
            correlation=tuple(
                (places.index(one), places.index(other), r)
                for one, other, r in self.correlation
                if one in places and other in places
            ),
            dirichlet=shares,
            drift_cv=0.0,
            draws="",
        )

    def without(self, paths: Sequence[str]) -> "Unknowns":
        """The same but for some paths, which are known: their draws are made, and not used."""
        inputs = tuple(
            replace(one, members=tuple(of for of in one.members if of.of.key not in paths))
            for one in self.inputs
        )
        return replace(self, inputs=inputs)


def read_unknowns(scenario: Scenario, source: Source) -> Unknowns:
    """What may be otherwise, and what is wrong with how that is written.

    Args:
        scenario: as it was read.
        source: where everything is written.
    """
    # As it is written: once read, a scenario has the ranges of comments in its block too.
    written = source.data.get(BLOCK)
    block = Uncertainty() if written is None else Uncertainty.model_validate(written)
    ranges: list[Assumed] = []
    unused: list[NotVaried] = []
    problems: list[Problem] = []
    for name, ranged in block.ranges.items():
        here = (BLOCK, "ranges", name)
        found = _of_block(name, ranged, scenario, source)
        if isinstance(found, str) and _is_set(_as_written(name), source):
            place = source.problem(here, "", at_key=True).place or Place("")
            unused.append(NotVaried(place, name, _KNOWN))
        elif isinstance(found, str):
            problems.append(source.problem(here, found, at_key=True))
        elif any(set(found.places) & set(other.places) for other in ranges):
            message = told(
                "has_a_range_twice_keep_one_of",
                "{key} has a range twice; keep one of them",
                key=found.name,
            )
            problems.append(source.problem(here, message, at_key=True))
        elif _is_set(found.path, source):
            place = source.problem(here, "", at_key=True).place or Place("")
            unused.append(NotVaried(place, found.name, _KNOWN))
            ranges.append(found)
        else:
            ranges.append(found)
    named = {path_text(path) for one in ranges for path in one.places}
    commented, marks = assumptions(source)
    unused += [one for one in marks if one.key not in named]
    more = chain(commented, _share_unserved(scenario), usual_ranges(scenario, source))
    ranges += [_whole(one, scenario) for one in _not_named(more, named)]
    ranges, not_used = within(scenario, ranges)
    unused += not_used
    groups, faults = _grouped(block, ranges, scenario, source)
    inputs, dirichlet = inputs_of(block, ranges, groups, scenario)
    correlation, more_faults = correlated(block, inputs, source)
    wide = tuple(one for one in ranges if one.high > one.low)
    every = (*problems, *faults, *more_faults)
    return Unknowns(
        *(wide, inputs, correlation, dirichlet, block.drift_cv, block.draws or ""),
        not_varied=tuple(unused),
        problems=every,
    )


def with_all_ranges(scenario: Scenario, unknowns: Unknowns) -> Scenario:
    """The scenario with ranges of comments in its block, for where it is written without these.

    Args:
        scenario: one that has a block.
        unknowns: what was read of it.
    """
    block = scenario.uncertainty or Uncertainty()
    every = {one.name: _as_block(one) for one in unknowns.ranges if one.path != _FOUND}
    full = block.model_copy(update={"ranges": every})
    return scenario.model_copy(update={"uncertainty": full})


def _as_block(one: Assumed) -> Ranged:
    """A range as the block has it; as a multiple of a value that is written with a unit.

    Written out again the value is in minutes.
    """
    if one.unit == CLOCK:
        ends = {"low": clock_text(one.low), "high": clock_text(one.high)}
        return Ranged.model_validate({**ends, "shape": one.shape, "source": one.source})
    unit = "times" if one.unit and one.value else ""
    by = one.value if unit else 1.0
    mode = None if one.mode is None else one.mode / by
    return Ranged(
        low=one.low / by,
        high=one.high / by,
        mode=mode,
        unit=unit,
        shape=one.shape,
        source=one.source,
    )


# --- ranges -------------------------------------------------------------------------------------


def _not_named(found: Iterable[Assumed], named: Collection[str]) -> Iterator[Assumed]:
    """Ranges without the places that have one in the block."""
    for one in found:
        left = tuple(path for path in one.places if path_text(path) not in named)
        if left:
            yield one if left == one.places else replace(one, path=left[0], places=left)


def _of_block(name: str, ranged: Ranged, scenario: Scenario, source: Source) -> Assumed | str:
    """The range of a path, or of one value at several houses, or what is wrong with it."""
    houses = each_house(name)
    # Where a house's value was set after, or the house taken away, it is known there.
    first, *others = [one for one in houses if not _is_set(_as_written(one), source)] or houses
    found = _at_path(name, first, ranged, scenario, source)
    for other in others:
        beside = _at_path(name, other, ranged, scenario, source)
        if isinstance(found, str) or isinstance(beside, str):
            return found if isinstance(found, str) else str(beside)
        if (beside.value, beside.unit) != (found.value, found.unit):
            return told(
                "is_not_one_value",
                "is not one value: {one} and {other}; give each house a range, and put them "
                "`together`",
                one=Written(found.text(found.value)),
                other=Written(beside.text(beside.value)),
            )
        found = replace(found, places=(*found.places, beside.path))
    return found


def _at_path(
    name: str, path_of: str, ranged: Ranged, scenario: Scenario, source: Source
) -> Assumed | str:
    """The same of one path, as it is named in the block."""
    key = _key(path_of, scenario, source)
    if not isinstance(key, str):
        return message_of(key)
    keys = path_keys(key)
    path = _written(source.data, keys)
    value = _value(source.data, path, part_at(scenario, keys))
    if value is None:
        return told(
            "is_no_single_number_duration_or_time",
            "{keys} is no single number, duration or time that could be another",
            keys=path_text(keys),
        )
    number, unit = value
    ends = _ends(ranged, number, unit)
    if isinstance(ends, str):
        return ends
    low, mode, high = ends
    if _is_set(path, source):
        return Assumed(path, (path,), number, number, number, unit)
    if fault := _misfit(ranged.shape, number, unit, ends):
        return fault
    place = source.problem((BLOCK, "ranges", name), "", at_key=True).place
    found = Assumed(path, (path,), number, low, high, unit, 0.0, ranged.shape, mode)
    found = replace(found, source=ranged.source, place=place, of_block=True)
    return _whole(found, scenario)


def _misfit(shape: Shape, value: float, unit: str, ends: tuple[float, float | None, float]) -> str:
    """Why a value and its range do not fit; empty if they do."""
    low, mode, high = ends
    slack = SAME * abs(value)
    most_likely = value if mode is None else mode
    if not low - slack <= most_likely <= high + slack:
        what = (
            told("its_value", "its value")
            if mode is None
            else told("its_most_likely_value", "its most likely value")
        )
        numbers = (most_likely, low, high)
        said = [clock_text(one) if unit == CLOCK else f"{one:g}" for one in numbers]
        value_said, low_said, high_said = map(Written, said)
        return told(
            "is_not_between",
            "{what} {value} is not between {low} and {high}; widen the range",
            what=what,
            value=value_said,
            low=low_said,
            high=high_said,
        )
    if shape is Shape.LOGNORMAL and min(low, most_likely) <= 0 < high:
        return told(
            "a_lognormal_range_is_of_numbers_above",
            "a lognormal range is of numbers above 0; write another low, or another shape",
        )
    return ""


def _is_set(path: KeyPath, source: Source) -> bool:
    """Whether the command line, a variant or a later file says what a value is.

    A range that is written there too counts.
    """
    place = source.values.get(path)
    if place is not None and place.line == 0:
        return True
    key = path_text(path)
    changed = [one.partition(": ")[0] for one in source.changes]
    if any(one.startswith(f"{BLOCK}.ranges.") and key in one for one in changed):
        return False
    return any(key == one or key.startswith(f"{one}.") for one in changed)


def _as_written(name: str) -> KeyPath:
    try:
        return tuple(path_keys(name))
    except ValueError:
        return ()


def _written(data: object, keys: Sequence[str]) -> KeyPath:
    """A path with its keys as the file has them: numbers of items, dates."""
    path: list[Key] = []
    for text in keys:
        key: Key = text
        if isinstance(data, list) and text.isdigit() and int(text) < len(data):
            key, data = int(text), data[int(text)]
        elif isinstance(data, Mapping):
            key = next((one for one in data if key_text(one) == text), text)
            data = data.get(key)
        else:
            data = None
        path.append(key)
    return tuple(path)


def _value(data: object, path: KeyPath, read: object) -> tuple[float, str] | None:
    """What is written at a path, or else the default that holds."""
    at: object = data
    for key in path:
        if (isinstance(at, Mapping) and key not in at) or not isinstance(at, Mapping | list):
            return number_of(read)
        at = child(at, key)
    if isinstance(at, str) and ":" in at:
        try:
            return float(parse_clock(at)), CLOCK
        except ValueError:
            return None
    return number_of(at)


def _ends(ranged: Ranged, value: float, unit: str) -> tuple[float, float | None, float] | str:
    """Low, mode and high in the unit of the value, or why there are none."""
    ends = (ranged.low, ranged.mode, ranged.high)
    if any(isinstance(one, str) for one in ends) != (unit == CLOCK):
        want = (
            told("times_such_as_21_30_23_00", "times, such as 21:30-23:00")
            if unit == CLOCK
            else told("numbers_such_as_16_28", "numbers, such as 16-28")
        )
        is_time, time = unit == CLOCK, told("a_time", "a time")
        return told(
            "its_value_is",
            "its value is {what}; give {want}",
            what=time if is_time else told("want_number", "a number"),
            want=want,
        )
    times = 1.0
    if ranged.unit == "times":
        times = value
    elif ranged.unit == "%":
        times = 0.01
    elif ranged.unit and ranged.unit != unit:
        if unit not in MINUTES:
            return told(
                "has_a_range_in_but_a_value",
                "has a range in {unit}, but a value without that unit",
                unit=ranged.unit,
            )
        times = MINUTES[ranged.unit] / MINUTES[unit]
    low, mode, high = (
        float(parse_clock(one)) if isinstance(one, str) else None if one is None else one * times
        for one in ends
    )
    assert low is not None  # only the one in the middle may be left out
    assert high is not None
    return low, mode, high


def _whole(found: Assumed, scenario: Scenario) -> Assumed:
    """The range with the step in which its value moves."""
    if found.unit == CLOCK:
        return replace(found, step=_QUARTER)
    keys = [key_text(key) for key in found.path]
    if keys[-2:] == _OF_WHOLE_MINUTES:
        return replace(found, step=1 / MINUTES.get(found.unit, 1.0))
    at = part_at(scenario, keys)
    counts = isinstance(at, int) and not isinstance(at, bool) and not found.unit
    fits = float(found.low).is_integer() and float(found.high).is_integer()
    return replace(found, step=1.0) if counts and fits else found


def _share_unserved(scenario: Scenario) -> Iterator[Assumed]:
    """The share not served, where it was found: nobody knows it well."""
    demand = scenario.demand
    if isinstance(demand.unserved, Found):
        _, low, high = demand.times_served
        share = demand.share_unserved
        yield Assumed(_FOUND, (_FOUND,), share, 1 - 1 / low, 1 - 1 / high, "")


def lognormal_suits(found: Assumed) -> bool:
    """Whether a range of positive numbers is so wide that a lognormal shape suits it better."""
    wide = found.low > 0 and found.high > WIDE * found.low
    return wide and not (found.shape is Shape.LOGNORMAL or found.step or found.usual)


# --- groups -------------------------------------------------------------------------------------


def _grouped(
    block: Uncertainty, ranges: Sequence[Assumed], scenario: Scenario, source: Source
) -> tuple[Groups, list[Problem]]:
    """The members of each group, and what is wrong with them."""
    known = {path_text(path): one for one in ranges for path in one.places}
    known |= {one.name: one for one in ranges}
    groups: dict[str, tuple[Member, ...]] = {}
    taken: dict[str, str] = {}
    problems: list[Problem] = []
    for name, group in block.together.items():
        here: KeyPath = (BLOCK, "together", name)
        members: list[Member] = []
        for path, against in (
            *((path, False) for path in group.paths),
            *((path, True) for path in group.against),
        ):
            key = _key(each_house(path)[0], scenario, source)
            fault = ""
            written = key if isinstance(key, str) else path
            if key not in known and (not source.files or _is_set(_as_written(written), source)):
                continue  # of a text without a file comments are not read
            if not isinstance(key, str):
                fault = f"{path}: " + message_of(key)
            elif key not in known:
                hint = did_you_mean(key, list(known))
                fault = told(
                    "has_no_range_write_one_under_or",
                    "{path} has no range{hint}; write one under `ranges`, or in a comment",
                    path=path,
                    hint=hint,
                )
            elif known[key].key in taken:
                fault = told(
                    "moves_with_already_keep_one_of_them",
                    "{path} moves with '{taken}' already; keep one of them",
                    path=path,
                    taken=taken[known[key].key],
                )
            if fault:
                problems.append(source.problem(here, fault, at_key=True))
                continue
            assert isinstance(key, str)  # else it was a fault
            taken[known[key].key] = name
            members.append(Member(known[key], against))
        groups[name] = tuple(members)
    return groups, problems


def _key(path: str, scenario: Scenario, source: Source) -> str | ValueError:
    """A path as the key of a range, or what is wrong with it."""
    try:
        keys = path_keys(numbered(path, source.data))
    except (ValueError, AddressError) as error:
        return ValueError(message_of(error))
    if fault := leads_nowhere(scenario, keys):
        return ValueError(fault)
    at: object = source.data
    for key in _written(source.data, keys):
        at = child(at, key)
    if isinstance(at, Mapping) and number_of(at.get(_FIXED)) is not None:
        keys = (*keys, _FIXED)  # a duration without spread, written out
    return path_text(keys)


def lost_ranges(source: Source) -> list[Problem]:
    """Paths of the block that lead nowhere, where other mistakes keep the scenario from being."""
    block = source.data.get(BLOCK)
    ranges = block.get("ranges") if isinstance(block, Mapping) else None
    problems = []
    for name in ranges if isinstance(ranges, Mapping) else ():
        try:
            fault = lost_in(source.data, path_keys(numbered(str(name), source.data)))
        except (ValueError, AddressError) as error:
            fault = message_of(error)
        if fault:
            problems.append(source.problem((BLOCK, "ranges", name), fault, at_key=True))
    return problems
