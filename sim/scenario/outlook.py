"""What a scenario implies before anything is simulated: a planner's check of their own figures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenario.design import costs_moved
from sim.scenario.hours import DAY, DAYS, HOUR, WEEK, Hours, clock_text
from sim.scenario.offered import STEP, Load, admits, loads, rates_of_week
from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Cover:
    """What the rota puts on duty, of one role."""

    role: str
    hours_per_week: float
    lowest: int
    """Fewest on duty while the site is open."""
    highest: int


@dataclass(frozen=True)
class Outlook:
    """What a scenario implies."""

    opening: tuple[str, ...]
    """The hours, a line for each run of days that are alike."""
    hours_per_week: float
    visits_per_day: float
    """Mean over the horizon of visits that come while the door lets people in."""
    visits_refused_per_day: float
    """Mean over the horizon of visits that come when it does not."""
    loads: tuple[Load, ...]
    """Each set of rooms that some kinds are confined to."""
    cover: tuple[Cover, ...]
    warnings: tuple[str, ...]


def outlook(scenario: Scenario) -> Outlook:
    """What a scenario implies, with a warning for each thing that cannot work."""
    on_rooms = loads(scenario)
    let_in, refused = _visits_per_day(scenario)
    return Outlook(
        opening=_opening_lines(scenario.opening.hours),
        hours_per_week=scenario.opening.hours.minutes_per_week() / HOUR,
        visits_per_day=let_in,
        visits_refused_per_day=refused,
        loads=on_rooms,
        cover=_cover(scenario),
        warnings=(*_load_warnings(on_rooms), *_staff_warnings(scenario), *_other(scenario)),
    )


# --- opening and demand ------------------------------------------------------------------------


def _opening_lines(hours: Hours) -> tuple[str, ...]:
    """The week in as few lines as it takes: `mon-fri 08:00-20:00`."""
    runs: list[tuple[int, int]] = []
    for day in range(len(DAYS)):
        if runs and hours.week[runs[-1][0]] == hours.week[day]:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    lines = []
    for first, last in runs:
        name = DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"
        name = "every day" if (first, last) == (0, len(DAYS) - 1) else name
        text = ", ".join(str(interval) for interval in hours.week[first]) or "closed"
        lines.append(f"{name} {text}")
    return tuple(lines)


def _visits_per_day(scenario: Scenario) -> tuple[float, float]:
    """Mean visits per day that are let in, and that come when the door is shut."""
    door_open, days = admits(scenario), scenario.horizon.total_days
    by_day = rates_of_week(scenario).reshape(len(DAYS), -1) * STEP
    open_by_day = door_open.reshape(len(DAYS), -1)
    let_in = refused = 0.0
    if scenario.demand.arrivals is not None:
        step = [int(arrival.at % WEEK) // STEP for arrival in scenario.demand.arrivals]
        offset = scenario.horizon.start.weekday() * (DAY // STEP)
        inside = sum(bool(door_open[(n + offset) % len(door_open)]) for n in step)
        return inside / days, (len(step) - inside) / days
    for day in range(days):
        on = scenario.horizon.date_of(day)
        factor = np.prod([s.visits for s in scenario.demand.special_days if s.falls_on(on)])
        visits, door = by_day[on.weekday()] * factor, open_by_day[on.weekday()]
        let_in += float(visits[door].sum())
        refused += float(visits[~door].sum())
    return let_in / days, refused / days


# --- staff -------------------------------------------------------------------------------------


def on_duty(scenario: Scenario) -> dict[str, NDArray[np.int64]]:
    """People on duty per role for every minute of the rota's cycle, from a Monday."""
    if scenario.staff is None:
        return {}
    length = WEEK * scenario.staff.cycle_weeks
    duty = {role: np.zeros(length, dtype=np.int64) for role in scenario.staff.roles}
    for shift in scenario.staff.rota:
        for week in range(scenario.staff.cycle_weeks):
            if shift.weeks and week + 1 not in shift.weeks:
                continue
            for day in shift.days:
                start = week * WEEK + day * DAY + shift.start
                minutes = np.arange(start, start + shift.end - shift.start) % length
                duty[shift.role][minutes] += shift.count
    return duty


def open_minutes(scenario: Scenario, length: int) -> NDArray[np.bool_]:
    """Whether the site is open in each of so many minutes of ordinary weeks, from a Monday."""
    open_at = np.zeros(WEEK, dtype=np.bool_)
    for day, intervals in enumerate(scenario.opening.hours.week):
        for start, end in intervals:
            open_at[np.arange(day * DAY + start, day * DAY + end) % WEEK] = True
    return np.resize(open_at, length)


def _cover(scenario: Scenario) -> tuple[Cover, ...]:
    found = []
    for role, count in on_duty(scenario).items():
        inside = count[open_minutes(scenario, len(count))]
        lowest, highest = (int(inside.min()), int(inside.max())) if len(inside) else (0, 0)
        hours = float(count.sum()) / HOUR / (len(count) / WEEK)
        found.append(Cover(role, hours, lowest, highest))
    return tuple(found)


# --- warnings ----------------------------------------------------------------------------------


def _load_warnings(on_rooms: tuple[Load, ...]) -> list[str]:
    """Sets of rooms whose own visitors exceed, or nearly fill, all the places they can use."""
    nearly_full = 0.9
    found = []
    for load in on_rooms:
        names = " + ".join(load.rooms)
        if load.load >= load.places:
            found.append(
                f"{names}: {load.load:.1f} places are needed on average at {load.when}, but there "
                f"are {load.places:g}: the queue grows until people leave or demand falls"
            )
        elif load.load > nearly_full * load.places:
            found.append(
                f"{names}: {load.load:.1f} of {load.places:g} places are in use on average at "
                f"{load.when}: expect long waits"
            )
    return found


def _staff_warnings(scenario: Scenario) -> list[str]:
    duty = on_duty(scenario)
    found = []
    for rule in scenario.supervision:
        needs = [(rule.roles, rule.minimum), *(((r,), n) for r, n in rule.at_least.items())]
        for roles, number in needs:
            if gap := _gap(scenario, duty, roles, number):
                names, rooms = " or ".join(roles), ", ".join(rule.rooms)
                found.append(
                    f"supervision of {rooms} needs {number} {names}, but the rota has fewer {gap}"
                )
    severities = scenario.overdose.severities if scenario.overdose else {}
    for name, severity in severities.items():
        able = tuple(sorted({role for roles in severity.team for role in roles}))
        if able and (gap := _gap(scenario, duty, able, len(severity.team))):
            found.append(
                f"an overdose ({name}) needs {len(severity.team)} of {', '.join(able)}, "
                f"but the rota has fewer {gap}"
            )
    if scenario.check_in is not None and scenario.check_in.roles:
        roles = scenario.check_in.roles
        if gap := _gap(scenario, duty, roles, 1):
            found.append(f"check-in needs {' or '.join(roles)}, but the rota has none {gap}")
    return found


def _gap(
    scenario: Scenario, duty: dict[str, NDArray[np.int64]], roles: tuple[str, ...], number: int
) -> str:
    """When, while the site is open, fewer of these roles are on duty; empty if never."""
    total = sum((duty[role] for role in roles), np.zeros(1, dtype=np.int64))
    short = np.flatnonzero((total < number) & open_minutes(scenario, len(total)))
    if not len(short):
        return ""
    minute = int(short[0] % WEEK)
    hours = len(short) / HOUR / (len(total) / WEEK)
    first = f"{DAYS[minute // DAY]} {clock_text(minute % DAY)}"
    return f"for {hours:.3g} open hours a week (first {first})"


def _cost_warnings(scenario: Scenario) -> list[str]:
    found = [moved] if (moved := costs_moved(scenario.design)) else []
    priced = scenario.site_costs.place
    if priced and (free := [room for room in scenario.rooms if room not in priced]):
        found.append(f"costs.place has no price for {', '.join(free)}: places there count as free")
    return found


def _other(scenario: Scenario) -> list[str]:
    found = _cost_warnings(scenario)
    always_open = scenario.opening.hours == Hours.parse("24/7")
    if always_open and scenario.horizon.warmup_weeks == 0 and scenario.demand.arrivals is None:
        found.append("open round the clock without warm-up: it starts empty; set warmup_weeks: 1")
    at_risk = any(kind.overdose for kind in scenario.visits.values())
    if (
        at_risk
        and scenario.overdose
        and not any(severity.team for severity in scenario.overdose.severities.values())
    ):
        found.append("no overdose needs any staff: give each severity a team")
    if scenario.horizon.minutes < WEEK and scenario.demand.arrivals is None:
        # Measured, see docs/statistics.md: 91-92 of 100 with single days.
        found.append(
            "the horizon is shorter than a week: days differ so much that intervals of mean waits "
            "hold the truth less often than 95 times in 100; set weeks: 1 or more"
        )
    return found
