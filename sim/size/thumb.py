"""The rule of thumb: what 45 to 50 place-minutes of opening per use would have built.

German rooms have about one use per place for every 45 minutes that it is open (Cologne Neumarkt:
12 places, 12 hours, 190 uses a day; Kölner Stadt-Anzeiger 2024). Planners turn it round: uses a
day × 45 to 50 minutes ÷ minutes of opening a day = places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from sim.scenario.derived.calendar import site_spans
from sim.scenario.derived.entering import entering
from sim.scenario.derived.offered import coming_kinds
from sim.scenario.load import Version
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.size.kept import Record
from sim.size.lab import Lab, joined
from sim.size.play import Batch, Player, play
from sim.size.sequential import FIRST_TO_MISS, Floats
from sim.size.space import Design
from sim.size.watched import Observation, observations

MINUTES = (45, 50)
"""Place-minutes of opening per use."""


@dataclass(frozen=True, eq=False)
class Thumb:
    """What one form of the rule would have built, and what that would have meant."""

    minutes: int
    places: dict[str, int]
    """By room."""
    total: int
    margins: Floats
    """Of each target's column: mean observation, above 0 where it is met."""
    record: Record


def thumb(lab: Lab, like: Design) -> tuple[Thumb, ...]:
    """The rule's designs, played; staff and all else as in another design.

    The rule says nothing of which room gets the places: they are shared out in proportion to what
    the scenario itself has.

    Args:
        lab: whose people come.
        like: the design whose staff and hours these have.
    """
    base = lab.space.original.loaded.scenario
    uses = _uses_per_day(base)
    minutes_open = _minutes_open(base)
    if not base.rooms or not uses or not minutes_open:
        return ()
    found = []
    for minutes in MINUTES:
        total = ceil(uses * minutes / minutes_open - 1e-9)
        places = _shared_out(total, {name: room.places for name, room in base.rooms.items()})
        record = _play(lab, like, places)
        values, _ = observations(lab.means.wanted, record.pairs, FIRST_TO_MISS)
        found.append(Thumb(minutes, places, total, values.mean(axis=0), record))
    return tuple(found)


def _uses_per_day(scenario: Scenario) -> float:
    """Visits a day that come for a place while the door lets people in."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    kinds = entering(scenario)
    uses = sum(kinds[name].let_in.total(since, until) for name in coming_kinds(scenario))
    return uses * DAY / (until - since)


def _minutes_open(scenario: Scenario) -> float:
    """Minutes a day for which it is open, dates included."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    spans = site_spans(scenario)
    minutes = sum(max(0.0, min(end, until) - max(start, since)) for start, end in spans)
    return minutes * DAY / (until - since)


def _shared_out(total: int, now: dict[str, int]) -> dict[str, int]:
    """Whole places in proportion, the largest remainders rounded up."""
    weight = sum(now.values()) or 1
    exact = {room: total * places / weight for room, places in now.items()}
    found = {room: floor(number) for room, number in exact.items()}
    by_rest: Sequence[str] = sorted(exact, key=lambda room: found[room] - exact[room])
    for room in by_rest[: total - sum(found.values())]:
        found[room] += 1
    return found


def _play(lab: Lab, like: Design, places: dict[str, int]) -> Record:
    space, means = lab.space, lab.means
    values = dict(space.also)
    for one, level in zip(space.parameters, space.levels(like), strict=True):
        values |= dict.fromkeys(one.paths, level)
    values |= {f"rooms.{room}.places": number for room, number in places.items()}
    scenario = space.original.scenario(Version(values, ("design",)))
    batch = Batch((Player(scenario, means.wanted),), means.seed, means.engine)
    seen: list[Observation] = []
    for (observed,) in play(means.pool, batch, range(FIRST_TO_MISS)):
        seen.append(observed)
    return joined(None, seen)
