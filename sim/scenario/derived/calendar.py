"""When the site and its rooms take people in, over a whole horizon."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived.once import once
from sim.scenario.model.hours import DAY, spans
from sim.scenario.model.scenario import Scenario

Span = tuple[float, float]


@once
def site_spans(scenario: Scenario) -> tuple[Span, ...]:
    """The site's opening spans that begin within the horizon, minutes after its first midnight.

    A span under way at the end runs on: its end is beyond the horizon.
    """
    opening, horizon = scenario.opening, scenario.horizon
    found = spans(opening.hours, opening.dates, horizon.start, horizon.total_days + 1)
    return tuple((float(start), float(end)) for start, end in found if start < horizon.minutes)


@once
def first_openings(scenario: Scenario) -> NDArray[np.float64]:
    """The minute of each day's first opening; NaN on days without one (closed, or open on)."""
    opens = np.full(scenario.horizon.total_days, np.nan)
    opening, before = scenario.opening, scenario.horizon.date_of(-1)
    # Read from the day before, to tell opening at midnight from staying open through it.
    for start, _ in spans(opening.hours, opening.dates, before, len(opens) + 1):
        day = start // DAY - 1
        if 0 <= day < len(opens) and np.isnan(opens[day]):
            opens[day] = start - DAY
    return opens


def room_spans(scenario: Scenario, room: str, bad_days: frozenset[int] = frozenset()) -> list[Span]:
    """A room's opening spans: its own hours within the site's, less days of bad weather.

    Args:
        scenario: the site.
        room: name of the room.
        bad_days: days, from 0, on which an open-air room cannot be used.
    """
    hours = scenario.rooms[room].hours
    site: Sequence[Span] = site_spans(scenario)
    if hours is not None:
        start, days = scenario.horizon.start, scenario.horizon.total_days + 1
        own = [(float(first), float(last)) for first, last in spans(hours, {}, start, days)]
        site = [span for span in _common(site, own) if span[0] < scenario.horizon.minutes]
    if bad_days:
        good = [
            (float(day * DAY), float((day + 1) * DAY))
            for day in range(scenario.horizon.total_days + 1)
            if day not in bad_days
        ]
        site = _common(site, good)
    return _joined(site)


def _common(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """The time that two lists of spans share; the spans of each are apart and in order."""
    shared: list[Span] = []
    mine = theirs = 0
    while mine < len(one) and theirs < len(other):
        (start, end), (since, until) = one[mine], other[theirs]
        if max(start, since) < min(end, until):
            shared.append((max(start, since), min(end, until)))
        if end <= until:
            mine += 1
        else:
            theirs += 1
    return shared


def _joined(found: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in found:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
