"""When the site and its rooms take people in, over a whole horizon."""

from sim.scenario.hours import DAY, spans
from sim.scenario.scenario import Scenario

Span = tuple[float, float]


def site_spans(scenario: Scenario) -> list[Span]:
    """The site's opening spans that begin within the horizon, minutes after its first midnight.

    A span under way at the end runs on: its end is beyond the horizon.
    """
    opening, horizon = scenario.opening, scenario.horizon
    found = spans(opening.hours, opening.dates, horizon.start, horizon.total_days + 1)
    return [(float(start), float(end)) for start, end in found if start < horizon.minutes]


def room_spans(scenario: Scenario, room: str, bad_days: frozenset[int] = frozenset()) -> list[Span]:
    """A room's opening spans: its own hours within the site's, less days of bad weather.

    Args:
        scenario: the site.
        room: name of the room.
        bad_days: days, from 0, on which an open-air room cannot be used.
    """
    hours = scenario.rooms[room].hours
    site = site_spans(scenario)
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


def _common(one: list[Span], other: list[Span]) -> list[Span]:
    """The time that two lists of spans share."""
    shared = [(max(start, from_), min(end, until)) for start, end in one for from_, until in other]
    return sorted(span for span in shared if span[0] < span[1])


def _joined(found: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in found:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
