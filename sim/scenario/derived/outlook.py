"""What a scenario implies before anything is simulated: a planner's check of their own figures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from sim.scenario.derived.appointments import appointment_warnings, booked_a_day
from sim.scenario.derived.budget import heavy
from sim.scenario.derived.calendar import site_spans
from sim.scenario.derived.entering import entering
from sim.scenario.derived.offered import Load, coming_kinds, loads
from sim.scenario.derived.rooms import room_lines
from sim.scenario.derived.roster import on_duty, open_then, period_of, public_holidays, rostered
from sim.scenario.derived.staffing import less_attended, staff_warnings
from sim.scenario.derived.stays import occupancy, stay_minutes
from sim.scenario.derived.warnings import demand_warnings, place_warnings, target_warnings
from sim.scenario.model.dates import date_runs
from sim.scenario.model.demand import Found
from sim.scenario.model.design import costs_moved
from sim.scenario.model.hours import DAY, DAYS, HOUR, WEEK, Hours, Interval, day_text
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.addresses import addresses, item_of

_TENTH = 0.1
"""Minutes of a stay that are worth a word."""
_FULL = 0.9
"""Places needed ÷ places, in the busiest hour, from which people queue and some leave."""
_HOLIDAYS = 12
"""So many public holidays are shown by name."""
_DATES = 5
"""So many dates with hours of their own are shown one by one."""


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
    """The hours, a line for each run of days that are alike, then one for each date of the horizon
    that differs; of many dates the first ones and how many more."""
    hours_per_week: float
    """Of an ordinary week, in which no date differs."""
    visits_per_day: float
    """Mean over the horizon of visits that come while the door lets people in."""
    visits_refused_per_day: float
    """Mean over the horizon of visits that come when it does not."""
    visits_waiting_per_day: float
    """Mean over the horizon of visits that are let in after waiting at the door for the opening."""
    booked: tuple[str, ...]
    """Who is booked for what: a line for each service with appointments."""
    rooms: tuple[str, ...]
    """What is told of rooms: dates on which they differ, failures of their places; a line each."""
    loads: tuple[Load, ...]
    """Each set of rooms that some kinds are confined to, in its busiest hour."""
    cover: tuple[Cover, ...]
    warnings: tuple[str, ...]
    """What cannot work or is likely to be a mistake, a sentence each."""

    def warned(self, also: Iterable[str]) -> "Outlook":
        """The same with more warnings, such as those that need more than the scenario."""
        return replace(self, warnings=(*self.warnings, *also))


def longer_without_staff(base: Scenario, other: Scenario, named: str) -> list[str]:
    """A word where another scenario is open with nobody of a role for longer than the base is.

    Args:
        base: the scenario as it is.
        other: what is made of it.
        named: what to call the base.
    """
    found = less_attended(base, other)
    if not found:
        return []
    by_hours: dict[str, list[str]] = {}
    for role, hours in found.items():
        by_hours.setdefault(f"{hours:.3g}", []).append(role)
    listed = ", and ".join(
        f"no {' and no '.join(roles)} on duty for {hours} hours a week"
        for hours, roles in by_hours.items()
    )
    line = _line_of(other, next(iter(found)))
    return [
        (
            f"it is open with {listed} more than {named}: let shifts begin earlier or end later "
            f"too, such as {line}"
        )
    ]


def _line_of(scenario: Scenario, role: str) -> str:
    """A path to the end of the last shift of a role, as `--set` takes it."""
    rota = scenario.staff.rota if scenario.staff is not None else ()
    items = [item_of(line.model_dump(mode="json", by_alias=True)) for line in rota]
    mine = [number for number, line in enumerate(rota) if line.role == role]
    if not mine:
        return "a line of the rota"
    last = max(mine, key=lambda number: rota[number].end)
    return f"staff.rota.{addresses(items)[last]}.to"


def outlook(scenario: Scenario) -> Outlook:
    """What a scenario implies, with a warning for each thing that cannot work."""
    on_rooms = loads(scenario)
    let_in, refused = visits_a_day(scenario)
    duty = on_duty(scenario)
    return Outlook(
        opening=(
            *_opening_lines(scenario.opening.hours),
            *_dated_lines(scenario),
            *_holiday_lines(scenario),
        ),
        hours_per_week=scenario.opening.hours.minutes_per_week() / HOUR,
        visits_per_day=let_in,
        visits_refused_per_day=refused,
        visits_waiting_per_day=_waiting_a_day(scenario),
        booked=tuple(_booked_lines(scenario)),
        rooms=tuple(room_lines(scenario)),
        loads=on_rooms,
        cover=_cover(scenario),
        warnings=(
            *demand_warnings(scenario),
            *place_warnings(scenario, on_rooms),
            *appointment_warnings(scenario),
            *target_warnings(scenario),
            *staff_warnings(scenario, duty, open_then(scenario)),
            *_other(scenario),
        ),
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
        lines.append(f"{name} {day_text(hours.week[first])}")
    return tuple(lines)


def _dated_lines(scenario: Scenario) -> Iterator[str]:
    """`thu 2026-12-24 closed`, for the dates whose hours are not those of their weekday.

    A stretch of dates that are alike is a line: `mon 2026-06-08 to sun 2026-06-14 closed`.
    """
    opening, horizon = scenario.opening, scenario.horizon
    last = horizon.date_of(horizon.total_days - 1)
    differing = [
        (on, intervals)
        for on, intervals in sorted(opening.dates.items())
        if horizon.start <= on <= last and intervals != opening.hours.week[on.weekday()]
    ]
    alike = [(text, [on for on, _ in dates]) for text, dates in groupby(differing, _hours_on)]
    runs = [(text, run) for text, dates in alike for run in date_runs(dates)]
    shown = runs if len(runs) <= _DATES + 1 else runs[:_DATES]
    for text, run in shown:
        named = [f"{DAYS[on.weekday()]} {on}" for on in dict.fromkeys(run)]
        yield f"{' to '.join(named)} {text}"
    if rest := runs[len(shown) :]:
        number = sum((last - first).days + 1 for _, (first, last) in rest)
        closed = all(text == day_text(()) for text, _ in rest)
        yield f"and on {number} more dates {day_text(()) if closed else 'other hours'}"


def _holiday_lines(scenario: Scenario) -> Iterator[str]:
    """`public holidays (DK): fri 2026-12-25 Christmas Day; 40 of 56 h of the rota are worked`."""
    if scenario.holidays is None:
        return
    horizon = scenario.horizon
    last = horizon.date_of(horizon.total_days - 1)
    days = [
        f"{DAYS[on.weekday()]} {on} {name}".rstrip()
        for on, name in public_holidays(scenario).items()
        if horizon.start <= on <= last
    ]
    more = [f"and {len(days) - _HOLIDAYS} more"] if len(days) > _HOLIDAYS + 1 else []
    shown = days[:_HOLIDAYS] if more else days
    said = scenario.holidays
    where = ", ".join(filter(None, (said.country, said.region, said.source)))
    yield f"public holidays ({where or 'named'}): {', '.join((*shown, *more)) or 'none'}"


def _hours_on(dated: tuple[date, tuple[Interval, ...]]) -> str:
    return day_text(dated[1])


def visits_a_day(scenario: Scenario) -> tuple[float, float]:
    """Mean visits per day counted that are let in, and that are refused as `closed`."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    let_in = refused = 0.0
    for one in entering(scenario).values():
        let_in += one.let_in.total(since, until)
        for flow in (one.door.outside, one.door.last_call, one.shut):
            refused += flow.total(since, until)
    days = (until - since) / DAY
    return let_in / days, refused / days


def served_told(scenario: Scenario) -> str:
    """How many come where it is known how many are served; empty where it is not."""
    demand = scenario.demand
    if demand.served_per_day is None or demand.visits_a_day is None:
        return ""
    times, low, high = demand.times_served
    told = f"{demand.visits_a_day:.1f} come so that {demand.served_per_day:g} are served"
    if not isinstance(demand.unserved, Found):
        return f"{told}: {times:.2f} times as many"
    return (
        f"{told}: {times:.2f} times as many ({low:.1f}-{high:.1f}), found by playing the site as "
        "its file describes it"
    )


def stay_lines(scenario: Scenario) -> Iterator[str]:
    """How long stays are on average, after cuts and limits, where that is another time."""
    for name in coming_kinds(scenario):
        kind = scenario.visits[name]
        whole = kind.stay.model_copy(update={"at_most": None}) if kind.stay else None
        if whole is None:
            continue
        for room in kind.rooms:
            mean = float(stay_minutes(scenario, kind, room).mean())
            cut = f" ({whole.mean():.1f} before cuts and limits)"
            taken = float(occupancy(scenario, kind, room).mean())
            cleaned = f", {taken:.1f} with cleaning" if taken > mean else ""
            yield (
                f"{name} {mean:.1f} min on average in {room}"
                f"{cut if whole.mean() - mean > _TENTH else ''}{cleaned}"
            )


def taken_for_demand(scenario: Scenario, on_rooms: Iterable[Load]) -> list[str]:
    """A word where visits a day fill the site: they may be those who were served."""
    visits = scenario.demand.visits_per_day
    full = [one for one in on_rooms if one.load > _FULL * one.places > 0 and not one.at_opening]
    if visits is None or not full:
        return []
    worst = max(full, key=lambda one: one.load / one.places)
    needs = f"{' + '.join(worst.rooms)} needs {worst.load:.1f} of {worst.places:g} places"
    return [
        (
            f"with {visits:g} visits a day the site would be full at times ({needs} at "
            f"{worst.when}): if that many were served, more came; write `served_per_day: "
            f"{visits:g}` and `unserved: unknown` in place of demand.visits_per_day"
        )
    ]


def _waiting_a_day(scenario: Scenario) -> float:
    """Mean visits per day counted that wait at the door for the opening."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    waited = sum(one.door.waited.total(since, until) for one in entering(scenario).values())
    return waited * DAY / (until - since)


_FIRST = {
    "booked": "before those who walk in",
    "walk_ins": "after those who walk in",
    "by_coming": "with those who walk in, in order of coming",
}


def _booked_lines(scenario: Scenario) -> Iterator[str]:
    """`doctor: 5.7 a day, every 20 min; 20 % do not come; seen before those who walk in`."""
    for name, service in scenario.services.items():
        if (booked := service.appointments) is None:
            continue
        number, kept = f"{booked.number} " if booked.number > 1 else "", booked.late_after
        said = (
            f"{booked_a_day(scenario, booked.kind):.1f} a day, {number}every {booked.every:g} min"
        )
        if booked.no_show:
            said += f"; {100 * booked.no_show:.3g} % do not come"
        said += f"; seen {_FIRST[booked.first]}"
        if kept is not None:
            said += f", unless more than {kept:g} min late"
        yield f"{name}: {said}"


# --- staff -------------------------------------------------------------------------------------


def _cover(scenario: Scenario) -> tuple[Cover, ...]:
    found = []
    is_open = open_then(scenario)
    weeks = period_of(scenario).minutes / WEEK
    rota = scenario.staff.rota if scenario.staff is not None else ()
    for role, count in on_duty(scenario).items():
        inside = count[is_open]
        lowest, highest = (int(inside.min()), int(inside.max())) if len(inside) else (0, 0)
        minutes = sum(
            (one.end - one.start) * one.people
            for one in rostered(scenario)
            if rota[one.line].role == role and one.start >= 0
        )
        found.append(Cover(role, float(minutes) / HOUR / weeks, lowest, highest))
    return tuple(found)


def _cost_warnings(scenario: Scenario) -> list[str]:
    found = [moved] if (moved := costs_moved(scenario.design)) else []
    priced = scenario.site_costs.place
    if priced and (free := [room for room in scenario.rooms if room not in priced]):
        found.append(f"costs.place has no price for {', '.join(free)}: places there count as free")
    return found


def _other(scenario: Scenario) -> list[str]:
    found = _cost_warnings(scenario)
    if much := heavy(scenario):
        found.append(much)
    if (
        _never_closes(scenario)
        and scenario.horizon.warmup_weeks == 0
        and scenario.demand.arrivals is None
    ):
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


def _never_closes(scenario: Scenario) -> bool:
    """Whether one span of opening holds the whole horizon, however the hours are written."""
    spans = site_spans(scenario)
    return len(spans) == 1 and spans[0][0] <= 0 and spans[0][1] > scenario.horizon.minutes
