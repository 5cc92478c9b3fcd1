"""What is told of rooms before anything is played: dates on which they differ, places that fail."""

from collections.abc import Iterator
from datetime import date

from sim.scenario.errors.told import Listed, Name, told
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
            listed: str = Listed.of(map(_run, shown[:_DATES]), "comma")
            if len(shown) > _DATES:
                number = len(shown) - _DATES
                listed = told(
                    "dates_more", "{dates} and {number} more", dates=listed, number=number
                )
            form = "{room}: {what} on {dates}"
            yield told("room_on_dates", form, room=Name(name), what=said, dates=listed)


def _run(dates: str) -> str:
    """Dates as a scenario has them: one, or from the first to the last."""
    first, _, last = dates.partition(" to ")
    if not last:
        return told("date", "{date}", date=first)
    return told("from_to", "{first} to {last}", first=first, last=last)


def _of_date(one: RoomOnDate) -> str:
    said = [] if one.hours is None else [day_text(one.hours)]
    if one.places is not None:
        said.append(_places(one.places))
    return Listed.of(said, "comma")


def _places(number: int) -> str:
    if number == 1:
        return told("one_place", "1 place")
    return told("places", "{number} places", number=number)


def _failures(scenario: Scenario) -> Iterator[str]:
    for name, room in scenario.rooms.items():
        if (failures := room.failures) is None:
            continue
        number = room.places if failures.places == "all" else failures.places
        what = _places(number)
        if number != 1:
            what = told("up_to", "up to {what}", what=what)
        yield told(
            "room_fails",
            "{room}: every {every} on average {what} out of order, for {repair}",
            room=Name(name),
            every=_time(failures.every),
            what=what,
            repair=_time(failures.repair.mean()),
        )


def _time(minutes: float) -> str:
    for unit, long in (("days", DAY), ("hours", HOUR)):
        if minutes >= 2 * long:
            return told(f"time_{unit}", "{number:.3g} " + unit, number=minutes / long)
    return told("time_min", "{number:.3g} min", number=minutes)


def _more_than_there_are(scenario: Scenario) -> Iterator[str]:
    """Dates on which a room is to have more places than it has."""
    for name, room in scenario.rooms.items():
        more = [on for on, one in room.dates.items() if (one.places or 0) > room.places]
        if more:
            dates: str = told("date", "{date}", date=more[0])
            if more[1:]:
                form = "{dates} and {number} more"
                dates = told("dates_more", form, dates=dates, number=len(more) - 1)
            yield told(
                "more_than_there_are",
                "{room}: rooms.{key}.dates gives it more than its {places} places on {dates}, "
                "and it has {places} then too: dates can only take places away",
                room=Name(name),
                key=name,
                places=room.places,
                dates=dates,
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
            yield told(
                "fail_often",
                "{room}: places fail so often, and for so long, that more than {share:.0f} % of "
                "them are out of order much of the time: see whether failures.every is of the "
                "room and not of a place",
                room=Name(name),
                share=100 * _OFTEN,
            )
        elif repair >= DAY and scenario.horizon.warmup_weeks == 0:
            yield told(
                "in_order_first",
                "{room}: every place is in order at the beginning, and repairs take {days:.1f} "
                "days on average: set warmup_weeks: 1 or more, or the first days are too good",
                room=Name(name),
                days=repair / DAY,
            )
