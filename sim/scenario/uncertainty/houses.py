"""What is not known of a city: values that its houses share, and what people do who get nothing.

A value in a file that several houses name is one value, and not known in all of them at once. It is
called after all of them, `facilities.h17+skyen.rooms.smoking.cleaning.duration`, and may be written
so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from types import MappingProxyType

from sim.scenario.city.model import City
from sim.scenario.city.system import is_used
from sim.scenario.errors.problem import KeyPath, Place, Source, key_text
from sim.scenario.errors.told import told
from sim.scenario.model.scenario import Scenario
from sim.scenario.paths import leads_nowhere, part_at
from sim.scenario.text.read import FACILITIES
from sim.scenario.uncertainty.comments import AND, Assumed, NotVaried

NOT_USED = told("not_used_in_this_city", "is not used in this city")
_USUAL: Mapping[KeyPath, str] = MappingProxyType(
    {
        ("choice", "returns", "share"): "returns_share",
        ("choice", "informed"): "informed",
        ("choice", "diverts", "closed"): "diverts_closed",
        ("choice", "diverts", "no_space"): "diverts_no_space",
        ("choice", "diverts", "balked"): "diverts_balked",
        ("choice", "diverts", "reneged"): "diverts_reneged",
        ("choice", "diverts", "dismissed_at_close"): "diverts_dismissed",
    }
)
"""What nobody has published of any city, and its range among the values to start from."""


def each_house(path: str) -> tuple[str, ...]:
    """The paths that one is short for: `facilities.h17+skyen.x` is that of both."""
    first, _, rest = path.partition(".")
    names, _, rest = rest.partition(".")
    if first != FACILITIES or AND not in names or not rest:
        return (path,)
    return tuple(f"{FACILITIES}.{name.strip()}.{rest}" for name in names.split(AND))


def within(scenario: Scenario, ranges: Sequence[Assumed]) -> tuple[list[Assumed], list[NotVaried]]:
    """The ranges that count, and those that do not, since the city says the value itself.

    Args:
        scenario: of a site all of them count.
        ranges: as they were written.
    """
    if not isinstance(scenario, City):
        return list(ranges), []
    kept: list[Assumed] = []
    left_out: list[NotVaried] = []
    for one in ranges:
        places = one.places
        if not one.usual:
            places = tuple(path for path in places if _counts(scenario, path))
        if places:
            kept.append(replace(one, path=places[0], places=places))
        else:
            left_out.append(NotVaried(one.place or Place(""), one.name, NOT_USED))
    return kept, left_out


def _counts(city: City, path: KeyPath) -> bool:
    keys = [key_text(key) for key in path]
    if leads_nowhere(city, keys):
        return False
    if keys[:2] == ["choice", "prefer"]:
        return None not in city.facilities.values()  # else they follow from who is left
    return is_used(city, keys)


def usual_ranges(scenario: Scenario, source: Source) -> Iterator[Assumed]:
    """Ranges of what people do who get nothing, where a city leaves it to the defaults.

    Args:
        scenario: of a site there are none.
        source: where what is written is known.
    """
    if not isinstance(scenario, City) or len(scenario.open_facilities) == 1:
        return
    # By name: it brings Jinja, of use to few.
    values = import_module("sim.scenario.starter").defaults()
    alone = all(one.returns is not None for one in scenario.visits.values())
    for path, name in _USUAL.items():
        if path in source.written or (alone and "returns" in path):
            continue
        value = part_at(scenario, [key_text(key) for key in path])
        if value is None:
            value = 0.0  # nobody comes back
        assert isinstance(value, float | int)  # a share
        one = values[name]
        yield Assumed(path, (path,), float(value), one.low, one.high, "", usual=True)
