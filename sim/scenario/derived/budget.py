"""Whether a scenario can be played: bounds on what its numbers make together.

Each number has bounds of its own, in the models. Within these a site may still bring more visits,
shifts or pieces of the calendar than memory holds, so that their products have bounds too. The
sizes are those at which one replication took some gigabytes, or some minutes, when it was measured
(`docs/scenarios.md` has the list); a year at 7,000 visits a day and thirty years of an ordinary
site lie within them.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import ceil, gcd

from sim.scenario.errors.problem import KeyPath, Misfit
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, DAYS
from sim.scenario.model.scenario import Scenario

MOST_VISITS = 8_000_000
"""Visits of one replication; a million take 0.3 to 0.7 GB and some seconds."""
MOST_PLAYED = 20_000_000_000
"""Visits of all replications together: about six hours of one processor."""
MOST_PEOPLE = 5_000
"""People on all lines of a rota."""
MOST_SHIFTS = 1_000_000
"""Shifts of one replication, a break counted as another."""
MOST_LINES = 50_000
"""Lines of a rota times the days of its cycle on which they are worked."""
MOST_SPANS = 60_000
"""Pieces of opening hours of the site and its rooms over the horizon."""
MOST_FAILURES = 1_000_000
"""Of the places of a room in one replication."""
MOST_STEPS = 20_000_000
"""Steps of the demand's profile over the horizon, for each kind of visit."""
MOST_SETS = 64
"""Sets of rooms that kinds of visit are confined to."""
MOST_OPEN_AIR = 6
"""Rooms that the weather can close: each doubles the kinds of day."""


def beyond(scenario: Scenario) -> Iterator[Misfit]:
    """What would take too much memory or time, at the line that makes it so."""
    yield from _visits(scenario)
    yield from _shifts(scenario)
    yield from _calendar(scenario)
    yield from _failures(scenario)
    yield from _rooms(scenario)


def too_long(scenario: Scenario, replications: int) -> str:
    """Why so many replications would never end; empty if they would."""
    visits = _visits_in_all(scenario) * replications
    if visits <= MOST_PLAYED:
        return ""
    fewer = max(1, int(MOST_PLAYED / _visits_in_all(scenario)))
    return told(
        "too_long_to_play",
        "{replications:,} replications are some {visits:,.0f} visits to play, which would take "
        "days; ask for {fewer:,} or fewer",
        replications=replications,
        visits=visits,
        fewer=fewer,
    )


def heavy(scenario: Scenario) -> str:
    """A warning where one replication takes more memory than usual machines spare."""
    visits = _visits_in_all(scenario)
    gigabytes = 0.3 + visits * _BYTES_A_VISIT / 1e9
    if gigabytes <= _MUCH:
        return ""
    return told(
        "heavy",
        "one replication has some {visits:,.0f} visits and takes about {gigabytes:.1f} GB of "
        "memory for each worker: fewer weeks and more replications say as much",
        visits=visits,
        gigabytes=gigabytes,
    )


_BYTES_A_VISIT = 600
_MUCH = 1.0
"""Gigabytes."""


# --- visits ------------------------------------------------------------------------------------


def _visits_in_all(scenario: Scenario) -> float:
    """About how many come in one replication, whether or not it is open."""
    return _walking_in_all(scenario) + sum(_booked_a_week(scenario).values()) * (
        scenario.horizon.total_days / len(DAYS)
    )


def _booked_a_week(scenario: Scenario) -> dict[str, float]:
    """By service, appointments in an ordinary week, whether or not the site is open then."""
    return {
        name: booked.number
        * sum(ceil((end - start) / booked.every) for day in booked.hours.week for start, end in day)
        for name, service in scenario.services.items()
        if (booked := service.appointments) is not None
    }


def _walking_in_all(scenario: Scenario) -> float:
    """About how many come in one replication without an appointment."""
    demand, horizon = scenario.demand, scenario.horizon
    if demand.arrivals is not None:
        return float(len(demand.arrivals))
    of_weekday = [_of_weekday(scenario, weekday) for weekday in range(len(DAYS))]
    if not demand.special_days:
        return sum(of_weekday) / len(DAYS) * horizon.total_days
    dates = (horizon.date_of(day) for day in range(horizon.total_days))
    return sum(of_weekday[on.weekday()] * demand.visit_factor(on) for on in dates)


def _of_weekday(scenario: Scenario, weekday: int) -> float:
    demand = scenario.demand
    if demand.visits_a_day is not None:
        return demand.visits_of_weekday(weekday)
    return sum((demand.week or ())[weekday * 24 : weekday * 24 + 24]) * demand.factor


def _visits(scenario: Scenario) -> Iterator[Misfit]:
    expected = _visits_in_all(scenario)
    if expected <= MOST_VISITS:
        return
    days = scenario.horizon.total_days
    sizes = [(_length(scenario), days / 728), *_of_demand(scenario)]
    yield (
        _largest(sizes),
        (
            told(
                "is_too_much_to_play_visits_a",
                "is too much to play: {expected:,.0f} visits a day for {days:,} days are "
                "{expected_2:,.0f}, and one replication can hold {most_visits:,}; play "
                "fewer weeks (more replications say as much), or see whether "
                "visits_per_day is of one day",
                expected=expected / days,
                days=days,
                expected_2=expected,
                most_visits=MOST_VISITS,
            )
        ),
    )


def _of_demand(scenario: Scenario) -> Iterator[tuple[KeyPath, float]]:
    """What multiplies visits, each with how many times what is usual it is."""
    demand = scenario.demand
    for name in ("visits_per_day", "served_per_day"):
        if (visits := getattr(demand, name)) is not None:
            yield ("demand", name), visits / 700
    if demand.week is not None:
        yield ("demand", "week"), sum(demand.week) / 4900
    for service, number in _booked_a_week(scenario).items():
        yield ("services", service, "appointments"), number / 4900
    yield ("demand", "factor"), demand.factor
    for day, factor in demand.weekday.items():
        yield ("demand", "weekday", day), factor
    for number, special in enumerate(demand.special_days):
        yield ("demand", "special_days", number, "visits"), special.visits


def _length(scenario: Scenario) -> KeyPath:
    return ("horizon", "days" if scenario.horizon.days is not None else "weeks")


def _largest(sizes: Sequence[tuple[KeyPath, float]]) -> KeyPath:
    return max(sizes, key=lambda one: one[1])[0]


# --- staff -------------------------------------------------------------------------------------


def _shifts(scenario: Scenario) -> Iterator[Misfit]:
    staff = scenario.staff
    if staff is None or not staff.rota:
        return
    lines = list(enumerate(staff.rota))
    weeks = [len(set(shift.weeks)) or staff.cycle_weeks for _, shift in lines]
    most = max(lines, key=lambda one: one[1].count * (1 + len(one[1].breaks)))[0]
    line: KeyPath = ("staff", "rota", most)
    people = sum(shift.count for _, shift in lines)
    if people > MOST_PEOPLE:
        yield (
            (*line, "count"),
            (
                told(
                    "is_too_much_to_play_all_lines",
                    "is too much to play: all lines of the rota together have {people:,} "
                    "people; at most {most_people:,}",
                    people=people,
                    most_people=MOST_PEOPLE,
                )
            ),
        )
    unrolled = sum(len(shift.days) * of for (_, shift), of in zip(lines, weeks, strict=True))
    if unrolled > MOST_LINES:
        yield (
            ("staff", "cycle_weeks" if staff.cycle_weeks > 1 else "rota"),
            (
                told(
                    "is_too_much_to_play_lines_over",
                    "is too much to play: {number:,} lines over {cycle_weeks} weeks are "
                    "{unrolled:,} days of them; at most {most_lines:,}",
                    number=len(lines),
                    cycle_weeks=staff.cycle_weeks,
                    unrolled=unrolled,
                    most_lines=MOST_LINES,
                )
            ),
        )
    cycles = scenario.horizon.total_days / (7 * staff.cycle_weeks)
    shifts = cycles * sum(
        shift.count * (1 + len(shift.breaks)) * len(shift.days) * of
        for (_, shift), of in zip(lines, weeks, strict=True)
    )
    if shifts > MOST_SHIFTS:
        sizes = [(_length(scenario), scenario.horizon.total_days / 728), (line, people / 100)]
        yield (
            _largest(sizes),
            (
                told(
                    "is_too_much_to_play_shifts_and",
                    "is too much to play: {shifts:,.0f} shifts and breaks over {total_days:,} "
                    "days; at most {most_shifts:,}",
                    shifts=shifts,
                    total_days=scenario.horizon.total_days,
                    most_shifts=MOST_SHIFTS,
                )
            ),
        )


# --- the calendar and the rooms ----------------------------------------------------------------


def _calendar(scenario: Scenario) -> Iterator[Misfit]:
    days = scenario.horizon.total_days
    hours: list[tuple[KeyPath, int]] = [(("opening", "hours"), scenario.opening.hours.per_week())]
    hours += [
        (("rooms", name, "hours"), room.hours.per_week())
        for name, room in scenario.rooms.items()
        if room.hours is not None
    ]
    dated = list(_dated(scenario))
    spans = sum(number for _, number in hours) * days / len(DAYS)
    spans += sum(number for _, number in dated)
    if spans > MOST_SPANS:
        sizes = [(_length(scenario), days / 728), *((path, each / 14) for path, each in hours)]
        sizes += [(path, each / 728) for path, each in dated]
        yield (
            _largest(sizes),
            (
                told(
                    "is_too_much_to_play_pieces_of",
                    "is too much to play: {spans:,.0f} pieces of opening hours over {days:,} "
                    "days; at most {most_spans:,}",
                    spans=spans,
                    days=days,
                    most_spans=MOST_SPANS,
                )
            ),
        )
    kinds = len(scenario.visits) - len(_booked_a_week(scenario))
    steps = _steps_a_day(scenario) * days * kinds
    if steps > MOST_STEPS:
        yield (
            _length(scenario),
            (
                told(
                    "is_too_much_to_play_kinds_of",
                    "is too much to play: {kinds} kinds of visit whose demand changes up to "
                    "{steps_a_day} times a day for {days:,} days; play fewer",
                    kinds=kinds,
                    steps_a_day=_steps_a_day(scenario),
                    days=days,
                )
            ),
        )


def _dated(scenario: Scenario) -> Iterator[tuple[KeyPath, int]]:
    """Pieces of the opening hours that dates have."""
    yield ("opening", "dates"), sum(len(hours) for hours in scenario.opening.dates.values())
    for name, room in scenario.rooms.items():
        yield ("rooms", name, "dates"), sum(len(one.hours or ()) for one in room.dates.values())


def _failures(scenario: Scenario) -> Iterator[Misfit]:
    for name, room in scenario.rooms.items():
        if (failures := room.failures) is None:
            continue
        each = room.places if failures.places == "all" else min(failures.places, room.places)
        found = scenario.horizon.minutes / failures.every * each
        if found > MOST_FAILURES:
            yield (
                ("rooms", name, "failures", "every"),
                (
                    told(
                        "is_too_much_to_play_places_fail",
                        "is too much to play: places fail {found:,.0f} times over {total_days:,} "
                        "days; at most {most_failures:,}",
                        found=found,
                        total_days=scenario.horizon.total_days,
                        most_failures=MOST_FAILURES,
                    )
                ),
            )


def _steps_a_day(scenario: Scenario) -> int:
    demand = scenario.demand
    if demand.arrivals is not None:
        return 0
    if demand.shape is not None:
        opening = scenario.opening
        days = (*opening.hours.week, *opening.dates.values())
        return DAY // gcd(5, *(time for day in days for interval in day for time in interval))
    return len(demand.profile) if isinstance(demand.profile, tuple) else 24


def _rooms(scenario: Scenario) -> Iterator[Misfit]:
    outside = [name for name, room in scenario.rooms.items() if room.usable_share < 1]
    if len(outside) > MOST_OPEN_AIR:
        yield (
            ("rooms", outside[MOST_OPEN_AIR], "usable_share"),
            (
                told(
                    "is_the_th_room_that_the_weather",
                    "is the {number}th room that the weather can close; at most "
                    "{most_open_air}: write rooms that the weather closes together as one",
                    number=len(outside),
                    most_open_air=MOST_OPEN_AIR,
                )
            ),
        )
    if (kind := _one_set_too_many(scenario)) is not None:
        yield (
            ("visits", kind, "rooms"),
            (
                told(
                    "is_too_much_to_play_with_it",
                    "is too much to play: with it the kinds of visit are confined to more than "
                    "{most_sets} different sets of rooms; write rooms that serve the same "
                    "people as one",
                    most_sets=MOST_SETS,
                )
            ),
        )


def _one_set_too_many(scenario: Scenario) -> str | None:
    """The kind of visit with which the sets of rooms become too many, if they do."""
    found: set[frozenset[str]] = set()
    for name, kind in scenario.visits.items():
        found |= {frozenset(kind.rooms)} if kind.rooms else set()
        while more := {one | two for one, two in combinations(found, 2) if one & two} - found:
            found |= more
            if len(found) > MOST_SETS:
                return name
        if len(found) > MOST_SETS:
            return name
    return None
