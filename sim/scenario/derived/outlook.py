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
from sim.scenario.errors.told import Listed, Name, Told, told
from sim.scenario.model.dates import date_runs
from sim.scenario.model.demand import Found
from sim.scenario.model.design import costs_moved
from sim.scenario.model.hours import DAY, DAYS, HOUR, WEEK, Hours, Interval, day_text, weekday_of
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
    listed = [
        told(
            "no_roles",
            "no {roles} on duty for {hours:.3g} hours a week",
            roles=Listed.of(roles, "and_no"),
            hours=float(hours),
        )
        for hours, roles in by_hours.items()
    ]
    return [
        told(
            "longer_without",
            "it is open with {listed} more than {named}: let shifts begin earlier or end later "
            "too, such as {line}",
            listed=Listed.of(listed, "comma_and"),
            named=named,
            line=_line_of(other, next(iter(found))),
        )
    ]


def _line_of(scenario: Scenario, role: str) -> str:
    """A path to the end of the last shift of a role, as `--set` takes it."""
    rota = scenario.staff.rota if scenario.staff is not None else ()
    items = [item_of(line.model_dump(mode="json", by_alias=True)) for line in rota]
    mine = [number for number, line in enumerate(rota) if line.role == role]
    if not mine:
        return told("a_line", "a line of the rota")
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
        name: str = weekday_of(first)
        if (first, last) == (0, len(DAYS) - 1):
            name = told("every_day", "every day")
        elif first != last:
            days = {"first": weekday_of(first), "last": weekday_of(last)}
            name = told("days", "{first}-{last}", **days)
        hours_then = day_text(hours.week[first])
        lines.append(told("day_hours", "{days} {hours}", days=name, hours=hours_then))
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
        named = [_dated(on) for on in dict.fromkeys(run)]
        yield told("day_hours", "{days} {hours}", days=Listed.of(named, "to"), hours=text)
    if rest := runs[len(shown) :]:
        number = sum((last - first).days + 1 for _, (first, last) in rest)
        hours = day_text(())
        if any(text != hours for text, _ in rest):
            hours = told("other_hours", "other hours")
        form = "and on {number} more dates {hours}"
        yield told("more_dates", form, number=number, hours=hours)


def _dated(on: date) -> Told:
    return told("day_date", "{day} {date}", day=weekday_of(on.weekday()), date=on)


def _holiday_lines(scenario: Scenario) -> Iterator[str]:
    """`public holidays (DK): fri 2026-12-25 Christmas Day; 40 of 56 h of the rota are worked`."""
    if scenario.holidays is None:
        return
    horizon = scenario.horizon
    last = horizon.date_of(horizon.total_days - 1)
    days = [
        told("day_named", "{day} {name}", day=_dated(on), name=name) if name else _dated(on)
        for on, name in public_holidays(scenario).items()
        if horizon.start <= on <= last
    ]
    number = len(days) - _HOLIDAYS
    more = [told("and_more", "and {number} more", number=number)] if number > 1 else []
    shown = days[:_HOLIDAYS] if more else days
    said = scenario.holidays
    where = ", ".join(filter(None, (said.country, said.region, said.source)))
    yield told(
        "holidays",
        "public holidays ({where}): {days}",
        where=where or told("named", "named"),
        days=Listed.of((*shown, *more), "comma") or told("nothing", "none"),
    )


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
    values = {"come": demand.visits_a_day, "served": demand.served_per_day, "times": times}
    form = "{come:.1f} come so that {served:g} are served: {times:.2f} times as many"
    if not isinstance(demand.unserved, Found):
        return told("served", form, **values)
    form += " ({low:.1f}-{high:.1f}), found by playing the site as its file describes it"
    return told("served_found", form, **values, low=low, high=high)


def stay_lines(scenario: Scenario) -> Iterator[str]:
    """How long stays are on average, after cuts and limits, where that is another time."""
    for name in coming_kinds(scenario):
        kind = scenario.visits[name]
        whole = kind.stay.model_copy(update={"at_most": None}) if kind.stay else None
        if whole is None:
            continue
        for room in kind.rooms:
            mean = float(stay_minutes(scenario, kind, room).mean())
            taken = float(occupancy(scenario, kind, room).mean())
            names = {"kind": Name(name), "room": Name(room)}
            line = told("stay", "{kind} {mean:.1f} min on average in {room}", mean=mean, **names)
            if whole.mean() - mean > _TENTH:
                form = "{line} ({whole:.1f} before cuts and limits)"
                line = told("stay_cut", form, line=line, whole=whole.mean())
            if taken > mean:
                form = "{line}, {taken:.1f} with cleaning"
                line = told("stay_cleaned", form, line=line, taken=taken)
            yield line


def taken_for_demand(scenario: Scenario, on_rooms: Iterable[Load]) -> list[str]:
    """A word where visits a day fill the site: they may be those who were served."""
    visits = scenario.demand.visits_per_day
    full = [one for one in on_rooms if one.load > _FULL * one.places > 0 and not one.at_opening]
    if visits is None or not full:
        return []
    worst = max(full, key=lambda one: one.load / one.places)
    return [
        told(
            "full_at_times",
            "with {visits:g} visits a day the site would be full at times ({rooms} needs "
            "{load:.1f} of {places:g} places at {when}): if that many were served, more came; "
            "write `served_per_day: {typed}` and `unserved: unknown` in place of "
            "demand.visits_per_day",
            visits=visits,
            rooms=Listed.of(worst.rooms, "plus"),
            load=worst.load,
            places=worst.places,
            when=worst.when,
            typed=f"{visits:g}",
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
        values = {
            "service": Name(name),
            "a_day": booked_a_day(scenario, booked.kind),
            "number": booked.number,
            "every": booked.every,
        }
        form = "{service}: {a_day:.1f} a day, every {every:g} min"
        line = told("booked_one", form, **values)
        if booked.number > 1:
            form = "{service}: {a_day:.1f} a day, {number} every {every:g} min"
            line = told("booked_several", form, **values)
        if booked.no_show:
            form = "{line}; {share:.3g} % do not come"
            line = told("booked_no_show", form, line=line, share=100 * booked.no_show)
        first = told(f"first_{booked.first}", _FIRST[booked.first])
        line = told("booked_first", "{line}; seen {first}", line=line, first=first)
        if booked.late_after is not None:
            form = "{line}, unless more than {minutes:g} min late"
            line = told("booked_late", form, line=line, minutes=booked.late_after)
        yield line


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
        form = "costs.place has no price for {rooms}: places there count as free"
        found.append(told("no_price", form, rooms=Listed.of(free, "comma")))
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
        form = "open round the clock without warm-up: it starts empty; set warmup_weeks: 1"
        found.append(told("no_warmup", form))
    at_risk = any(kind.overdose for kind in scenario.visits.values())
    if (
        at_risk
        and scenario.overdose
        and not any(severity.team for severity in scenario.overdose.severities.values())
    ):
        form = "no overdose needs any staff: give each severity a team"
        found.append(told("no_team", form))
    if scenario.horizon.minutes < WEEK and scenario.demand.arrivals is None:
        # Measured, see docs/statistics.md: 91-92 of 100 with single days.
        found.append(
            told(
                "short_horizon",
                "the horizon is shorter than a week: days differ so much that intervals of mean "
                "waits hold the truth less often than 95 times in 100; set weeks: 1 or more",
            )
        )
    return found


def _never_closes(scenario: Scenario) -> bool:
    """Whether one span of opening holds the whole horizon, however the hours are written."""
    spans = site_spans(scenario)
    return len(spans) == 1 and spans[0][0] <= 0 and spans[0][1] > scenario.horizon.minutes
