"""What is told of rooms before anything is played: dates on which they differ, places that fail."""

from collections.abc import Iterator
from datetime import date

from sim.scenario.model.dates import dates_text
from sim.scenario.model.hours import DAY, HOUR, day_text
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import RoomOnDate

_DATES = 5
"""So many stretches of dates that are alike are told one by one."""
_OFTEN = 0.2
"""Share of a room's places out of order, from which it is likely to be a mistake."""


def room_lines(scenario: Scenario) -> Iterator[str]:
    """`booths: closed on 2026-06-08 to 2026-06-14`, and how often places fail; a line each."""
    yield from _on_dates(scenario)
    yield from _failures(scenario)


def room_warnings(scenario: Scenario) -> Iterator[str]:
    """What is likely to be a mistake."""
    yield from _more_than_there_are(scenario)
    yield from _seldom_in_order(scenario)


def _on_dates(scenario: Scenario) -> Iterator[str]:
    """Of the dates of the horizon, those that are alike together."""
    horizon = scenario.horizon
    last = horizon.date_of(horizon.total_days - 1)
    for name, room in scenario.rooms.items():
        differing: dict[str, list[date]] = {}
        for on, one in room.dates.items():
            if horizon.start <= on <= last:
                differing.setdefault(_of_date(one), []).append(on)
        for said, dates in differing.items():
            shown = dates_text(dates)
            more = f" and {len(shown) - _DATES} more" if len(shown) > _DATES else ""
            yield f"{name}: {said} on {', '.join(shown[:_DATES])}{more}"


def _of_date(one: RoomOnDate) -> str:
    said = [] if one.hours is None else [day_text(one.hours)]
    if one.places is not None:
        said.append("1 place" if one.places == 1 else f"{one.places} places")
    return ", ".join(said)


def _failures(scenario: Scenario) -> Iterator[str]:
    for name, room in scenario.rooms.items():
        if (failures := room.failures) is None:
            continue
        number = room.places if failures.places == "all" else failures.places
        what = "1 place" if number == 1 else f"up to {number} places"
        yield (
            f"{name}: every {_time(failures.every)} on average {what} out of order, for "
            f"{_time(failures.repair.mean())}"
        )


def _time(minutes: float) -> str:
    for unit, long in (("days", DAY), ("hours", HOUR)):
        if minutes >= 2 * long:
            return f"{minutes / long:.3g} {unit}"
    return f"{minutes:.3g} min"


def _more_than_there_are(scenario: Scenario) -> Iterator[str]:
    """Dates on which a room is to have more places than it has."""
    for name, room in scenario.rooms.items():
        more = [on for on, one in room.dates.items() if (one.places or 0) > room.places]
        if more:
            yield (
                f"{name}: rooms.{name}.dates gives it more than its {room.places} places on "
                f"{more[0]}{f' and {len(more) - 1} more' if len(more) > 1 else ''}, and it has "
                f"{room.places} then too: dates can only take places away"
            )


def _seldom_in_order(scenario: Scenario) -> Iterator[str]:
    """Places that are often out of order, or for so long that the beginning tells too little."""
    for name, room in scenario.rooms.items():
        if (failures := room.failures) is None or not room.places:
            continue
        number = room.places if failures.places == "all" else min(failures.places, room.places)
        repair = failures.repair.mean()
        # Without failures that find nothing in order this many would be out of order.
        if number * repair / failures.every > _OFTEN * room.places:
            yield (
                f"{name}: places fail so often, and for so long, that more than "
                f"{100 * _OFTEN:.0f} % of them are out of order much of the time: see whether "
                "failures.every is of the room and not of a place"
            )
        elif repair >= DAY and scenario.horizon.warmup_weeks == 0:
            yield (
                f"{name}: every place is in order at the beginning, and repairs take "
                f"{repair / DAY:.1f} days on average: set warmup_weeks: 1 or more, or the first "
                "days are too good"
            )
