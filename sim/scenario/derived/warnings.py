"""What cannot work, or is likely to be a mistake: what, when, and what to do.

Demand, doors and places that do not go together, and work for which the rota has too few.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived.appointments import appointment_times
from sim.scenario.derived.calendar import Bools, Floats, inside_spans, rates_of, site_spans
from sim.scenario.derived.closing import closing_warnings, closings, stay, watching
from sim.scenario.derived.entering import entering
from sim.scenario.derived.flow import Flow, together
from sim.scenario.derived.offered import Load, coming_kinds, inside_at, pieces_of, places_of
from sim.scenario.derived.rooms import room_warnings
from sim.scenario.derived.roster import people_on_shift, period_of
from sim.scenario.model.hours import DAY, DAYS, HOUR, HOURS_OF_WEEK, WEEK, clock_text
from sim.scenario.model.scenario import Scenario

_CLOSED = 0.02
"""Share of visits that come while the site is shut, from which that is likely to be a mistake."""
_CLOSED_KNOWN = 0.1
"""The same where demand is given for every hour, so that somebody has thought of the night; or
listed."""
_MOST = 0.5
"""Share of these on dates with other hours, above which it is told of the dates."""
_AT_DOOR = 0.05
"""Share of visits that wait at the door for the opening, from which it is told."""
_SHORT = 15.0
"""Minutes a week that are not worth a word."""
_NEARLY_FULL = 0.9


def demand_warnings(scenario: Scenario) -> list[str]:
    """Demand while the site is shut, none while it is open, and people who wait at the door."""
    if told := _never_in(scenario):
        return [told]
    return [*_shut(scenario), *_nobody_comes(scenario), *_at_door(scenario)]


_WAITS = frozenset({"wait", "wait_joined"})


def target_warnings(scenario: Scenario) -> list[str]:
    """Targets on waits beside none on those who are not served, where somebody may leave."""
    metrics = {target.metric for target in scenario.targets}
    if not metrics & _WAITS or any(metric.startswith("unserved") for metric in metrics):
        return []
    impatient = any(kind.patience or kind.balking for kind in scenario.visits.values())
    if not impatient and scenario.waiting_area is None:
        return []
    return [
        (
            "targets limit waits and say nothing of unserved visits: those who leave, or are "
            "turned away, do not wait, so that a site much too small may meet them; add a target "
            "such as `unserved <= 5 %`"
        )
    ]


def place_warnings(scenario: Scenario, loads: Sequence[Load]) -> list[str]:
    """Kinds of visit that find no place open, and sets of rooms that are asked for too much."""
    return [*_no_place(scenario), *_overloads(scenario, loads), *room_warnings(scenario)]


# --- demand and the door -----------------------------------------------------------------------


def _counted(scenario: Scenario, flow: Flow) -> tuple[float, str]:
    """Visits a day of a flow over the days counted, and the hour of the week with most of them."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    counts = flow.counts(np.arange(since, until + 1, HOUR))
    hour = (np.arange(len(counts)) + 24 * scenario.horizon.start.weekday()) % HOURS_OF_WEEK
    by_hour = np.bincount(hour, counts, minlength=HOURS_OF_WEEK)
    most = int(np.argmax(np.round(by_hour, 9)))
    return float(counts.sum()) * DAY / (until - since), when(most * HOUR)


def when(minute: float) -> str:
    """A minute of the week, such as `mon 07:30`."""
    return f"{DAYS[int(minute // DAY) % 7]} {clock_text(minute % DAY)}"


def _never_in(scenario: Scenario) -> str:
    """Why nobody is ever let in; empty if somebody is."""
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    if any(one.door.let_in.total(since, until) > 0 for one in entering(scenario).values()):
        return ""
    spans = site_spans(scenario)
    if not spans:
        return "the site is never open: give opening.hours"
    if all(end - start <= scenario.opening.last_entry for start, end in spans):
        return "nobody is ever let in: opening.last_entry is as long as it is open"
    return "nobody ever comes while the site is open: compare demand with opening.hours"


def _shut(scenario: Scenario) -> list[str]:
    every = entering(scenario).values()
    come, _ = _counted(scenario, together(flow for one in every for flow in one.door.everybody))
    outside = together(one.door.outside for one in every)
    shut, most = _counted(scenario, outside)
    demand = scenario.demand
    known = demand.arrivals is not None or bool((rates_of(scenario).ordinary > 0).all())
    if shut <= (_CLOSED_KNOWN if known else _CLOSED) * come:
        return []
    told = (
        f"{shut:.1f} of {come:.1f} visits a day come while the site is shut (most at {most}) and "
        "count as closed"
    )
    dated = _on_dates(scenario, outside) if demand.shape is None else 0.0
    if dated > _MOST * shut:
        return [_shut_on_dates(scenario, come, shut, dated)]
    if demand.arrivals is not None:
        return [f"{told}: compare opening.hours with the list of visits"]
    if demand.shape is not None:
        return [
            (
                f"{told}: the profile runs on between the pieces of a day's hours; if fewer people "
                "come on such a day, lower demand.visits_per_day or demand.weekday"
            )
        ]
    if demand.week is not None:
        return [f"{told}: give these hours 0 in demand.week if nobody would come then"]
    return [
        (
            f"{told}: if nobody would come then, write `profile: city-day`, a shape that "
            "follows the opening hours, or give these hours the weight 0"
        )
    ]


def _on_dates(scenario: Scenario, outside: Flow) -> float:
    """Visits a day that come while the site is shut and would find it open in an ordinary week."""
    opening = scenario.opening
    if not opening.dates:
        return 0.0
    ordinary = scenario.model_copy(update={"opening": opening.model_copy(update={"dates": {}})})
    since, until = scenario.horizon.counted_from, scenario.horizon.minutes
    spans = site_spans(ordinary)
    edges = np.unique(np.clip(np.ravel(spans), since, until))
    inside = inside_spans(spans, (edges[:-1] + edges[1:]) / 2)
    return float(outside.counts(edges)[inside].sum()) * DAY / (until - since)


def _shut_on_dates(scenario: Scenario, come: float, shut: float, dated: float) -> str:
    """Of visits that come while the site is shut, most of them on dates."""
    told = (
        f"{shut:.1f} of {come:.1f} visits a day come while the site is shut and count as closed, "
        f"{dated:.1f} of them on dates with hours of their own"
    )
    if scenario.demand.arrivals is not None:
        return f"{told}: compare opening.dates with the list of visits"
    follows = ", or write `profile: city-day`, a shape that follows the hours of dates too"
    if scenario.demand.week is not None:
        follows = ""
    return (
        f"{told}: if nobody would come then, name these dates under demand.special_days with "
        f"`visits: 0`{follows}"
    )


def _nobody_comes(scenario: Scenario) -> list[str]:
    """Open hours, but for last call, in which no demand is given."""
    if scenario.demand.arrivals is not None or scenario.demand.crowd_at_opening == 1:
        return []
    rates = rates_of(scenario).per_hour.ravel()
    step = DAY * scenario.horizon.total_days / len(rates)
    spans = [(start, end - scenario.opening.last_entry) for start, end in site_spans(scenario)]
    edges = np.concatenate([np.arange(len(rates) + 1) * step, np.ravel(spans)])
    edges = np.unique(np.clip(edges, scenario.horizon.counted_from, scenario.horizon.minutes))
    middle = (edges[:-1] + edges[1:]) / 2
    rate = rates[np.minimum((middle // step).astype(np.int64), len(rates) - 1)]
    booked = [np.empty(0), *appointment_times(scenario).values()]
    nobody = np.histogram(np.concatenate(booked), edges)[0] == 0
    idle = (rate == 0) & nobody & inside_spans(spans, middle)
    found = _hours(scenario, edges, idle)
    if not found:
        return []
    if scenario.demand.shape is not None:
        return [f"nobody is expected {found}: look at demand.weekday and special_days, or close"]
    return [
        (
            f"nobody is expected {found}: give these hours weight in the demand, or close then; "
            "`demand.profile: city-day`, as every shape, follows the opening hours"
        )
    ]


def _hours(scenario: Scenario, edges: Floats, which: Bools) -> str:
    """How much of the open time some pieces of it are; empty if it is not worth a word."""
    minutes = np.diff(edges)[which].sum() * WEEK
    a_week = float(minutes) / (scenario.horizon.minutes - scenario.horizon.counted_from)
    if a_week < _SHORT:
        return ""
    first = edges[:-1][which][0] + DAY * scenario.horizon.start.weekday()
    return f"for {a_week / HOUR:.3g} open hours a week (first {when(first % WEEK)})"


def _at_door(scenario: Scenario) -> list[str]:
    every = entering(scenario).values()
    let_in, _ = _counted(scenario, together(one.let_in for one in every))
    came = together(one.door.came for one in every)
    waiting, most = _counted(scenario, came)
    if waiting <= _AT_DOOR * let_in:
        return []
    opened = together(one.door.waited for one in every)
    minutes = (opened.moment() - came.moment()) / came.total()
    return [
        (
            f"{waiting:.1f} visits a day come before the door opens and wait for it, {minutes:.0f} "
            f"minutes on average (most at {most}): opening earlier would spare them that"
        )
    ]


# --- places ------------------------------------------------------------------------------------


def _no_place(scenario: Scenario) -> list[str]:
    pieces, spans = pieces_of(scenario), site_spans(scenario)
    middle = (pieces.edges[:-1] + pieces.edges[1:]) / 2
    counted = middle > scenario.horizon.counted_from
    last_call = scenario.opening.last_entry
    admitted = inside_spans([(start, end - last_call) for start, end in spans], middle) & counted
    found = []
    for name in coming_kinds(scenario):
        kind = scenario.visits[name]
        rooms = " and ".join(kind.rooms)
        usable = [room for room in kind.rooms if places_of(scenario, room) > 0]
        if not usable:
            found.append(
                f"{name}: there is no place in {rooms}, so that nobody of this kind can be served; "
                f"give it places, or share: 0"
            )
            continue
        none = admitted & ~np.logical_or.reduce([pieces.open[room] for room in usable])
        if told := _hours(scenario, pieces.edges, none):
            found.append(
                f"{name}: no place in {rooms} is open {told}: who comes then waits for one or is "
                "sent away; let a room open with the site, or name another under rooms"
            )
    return found


def _overloads(scenario: Scenario, loads: Sequence[Load]) -> list[str]:
    """Sets of rooms whose own visitors exceed, or nearly fill, all the places they can use."""
    found = []
    for load in loads:
        names = " + ".join(load.rooms)
        if load.load >= load.places > 0:
            after = (
                "those at the door when it opens queue for a place"
                if load.at_opening
                else "the queue grows until people leave or demand falls"
            )
            found.append(
                f"{names}: {load.load:.1f} places are needed on average at {load.when}, but there "
                f"are {load.places:g}: {after}{_switching(scenario, load)}"
            )
        elif load.load > _NEARLY_FULL * load.places > 0 and not load.at_opening:
            found.append(
                f"{names}: {load.load:.1f} of {load.places:g} places are in use on average at "
                f"{load.when}: expect long waits{_switching(scenario, load)}"
            )
    return found


def _switching(scenario: Scenario, load: Load) -> str:
    """Who of those confined to some rooms may still go elsewhere, which loads leave out."""
    told = [
        f"; but {kind.switch.probability:.0%} of {name} also accept {kind.switch.room} after "
        f"{kind.switch.after:g} min in the queue".replace("%", " %")
        for name, kind in scenario.visits.items()
        if kind.rooms
        and set(kind.rooms) <= set(load.rooms)
        and kind.share > 0
        and kind.switch is not None
        and kind.switch.probability > 0
        and kind.switch.room not in load.rooms
        and places_of(scenario, kind.switch.room) > 0
    ]
    return "".join(told)


# --- staff --------------------------------------------------------------------------------------


Counts = NDArray[np.int64]

_LEFT_ALONE = 0.05
"""Share of closings after which somebody is still in a place when the last shift ends."""


@dataclass(frozen=True, eq=False)
class Duty:
    """Who is on duty while the site is open, minute by minute."""

    scenario: Scenario
    by_role: Mapping[str, Counts]
    open: Bools
    """Whether the site is open."""
    dated: bool
    """Whether minutes are those of the horizon, and not of the rota's cycle from a Monday."""

    @classmethod
    def of(cls, scenario: Scenario, cycle: Mapping[str, Counts], open_then: Bools) -> "Duty":
        """The rota's cycle; or the horizon, where dates have hours or shifts of their own.

        Args:
            scenario: the site.
            cycle: people on duty per role for every minute of the rota's period.
            open_then: whether the site is open in each.
        """
        if not scenario.opening.dates and period_of(scenario).first is None:
            return cls(scenario, cycle, open_then, dated=False)
        minutes = np.arange(int(scenario.horizon.minutes))
        duty = {role: np.zeros(len(minutes) + 1, dtype=np.int64) for role in cycle}
        for person in people_on_shift(scenario):
            role = scenario.staff.rota[person.line].role if scenario.staff else ""
            ends = np.clip((person.start, person.end), 0, len(minutes)).astype(np.int64)
            np.add.at(duty[role], ends, (1, -1))
        by_role = {role: np.cumsum(change)[:-1] for role, change in duty.items()}
        is_open = inside_spans(site_spans(scenario), minutes.astype(np.float64))
        return cls(scenario, by_role, is_open, dated=True)

    def on_duty(self, roles: Iterable[str]) -> Counts:
        """People of some roles together."""
        none = np.zeros(len(self.open), dtype=np.int64)
        return sum((self.by_role[role] for role in roles), none)

    def most(self, roles: Iterable[str]) -> int:
        """The most of some roles at one time while it is open."""
        return int(self.on_duty(roles)[self.open].max(initial=0))

    def short(self, roles: Iterable[str], number: int) -> Bools:
        """Minutes in which it is open with fewer of these roles."""
        return self.open & (self.on_duty(roles) < number)

    def gap(self, short: Bools) -> str:
        """When that is; empty if never."""
        minutes = np.flatnonzero(short)
        if not len(minutes):
            return ""
        hours = len(minutes) / HOUR / (len(short) / WEEK)
        first = int(minutes[0])
        if self.dated:
            on = self.scenario.horizon.start + timedelta(days=first // DAY)
            return f"for {hours:.3g} open hours a week (first {on} {clock_text(first % DAY)})"
        return f"for {hours:.3g} open hours a week (first {when(first % WEEK)})"


@dataclass(frozen=True)
class Wanted:
    """So many of some roles, for something."""

    what: str
    roles: tuple[str, ...]
    number: int
    never: str
    """What it means that there are never so many."""
    always: bool = True
    """Whether it is wanted throughout the opening hours, or at some time at least."""


def staff_warnings(scenario: Scenario, cycle: Mapping[str, Counts], open_then: Bools) -> list[str]:
    """Gaps in the rota, and what nobody on it could ever do.

    Args:
        scenario: the site.
        cycle: people on duty per role for every minute of the rota's period.
        open_then: whether the site is open in each.
    """
    duty = Duty.of(scenario, cycle, open_then)
    found = [*days_without(scenario), *_nobody_responds(scenario, duty)]
    for one in (*_rules(scenario), *_tasks(scenario, duty), *_teams(scenario, duty)):
        names, most = _listed(one.roles), duty.most(one.roles)
        if not duty.open.any():
            continue
        if most < one.number:
            have = f"never more than {most} are on duty" if most else "none is ever on duty"
            found.append(
                f"{one.what} needs {one.number} {names}, but {have} while the site is open: "
                f"{one.never}"
            )
        elif one.always and (gap := duty.gap(duty.short(one.roles, one.number))):
            found.append(f"{one.what} needs {one.number} {names}, but the rota has fewer {gap}")
    # A rule's minimum and its `at_least` may ask for the same.
    after = (*closing_warnings(scenario), *_left_alone(scenario))
    return list(dict.fromkeys([*found, *after]))


def days_without(scenario: Scenario) -> list[str]:
    """Of a rota of dates: open days of the horizon without a shift, and dates beyond it."""
    period = period_of(scenario)
    if period.first is None or scenario.staff is None:
        return []
    days = period.minutes // DAY
    alone = np.ones(period.minutes, dtype=np.bool_)
    begins = np.zeros(days, dtype=np.bool_)
    for one in people_on_shift(scenario):
        alone[max(0, int(one.start)) : int(one.end)] = False
        if 0 <= one.start < period.minutes:
            begins[int(one.start) // DAY] = True
    minutes = np.arange(period.minutes, dtype=np.float64)
    alone &= inside_spans(site_spans(scenario), minutes)
    told = []
    if (without := np.flatnonzero(alone.reshape(days, DAY).any(axis=1) & ~begins)).size:
        first = scenario.horizon.date_of(int(without[0]))
        told.append(
            f"the rota has no shift on {without.size} of the {days} days of the horizon "
            f"(first {first}): let the horizon be the days that the rota is of (horizon.start, "
            "horizon.days), or give shifts for all of it"
        )
    last = scenario.horizon.date_of(days)
    named = {day for shift in scenario.staff.rota for day in shift.dates}
    if beyond := sorted(day for day in named if not scenario.horizon.date_of(-1) <= day <= last):
        told.append(
            f"{len(beyond)} of the {len(named)} dates of the rota are beyond the horizon "
            f"(first {beyond[0]}): nobody works then; change horizon.start, weeks or days"
        )
    return told


def _listed(names: Iterable[str]) -> str:
    return " or ".join(names)


# --- what is wanted ----------------------------------------------------------------------------


def _rules(scenario: Scenario) -> Iterator[Wanted]:
    for rule in scenario.supervision:
        rooms = ", ".join(rule.rooms)
        never = f"nobody is ever let into {rooms}; put more on the rota, or lower the rule"
        what = f"supervision of {rooms}"
        least = max(rule.minimum, 1 if rule.places_per_staff is not None else 0)
        yield Wanted(what, rule.roles, least, never)
        for role, number in rule.at_least.items():
            yield Wanted(what, (role,), number, never)


def _tasks(scenario: Scenario, duty: Duty) -> Iterator[Wanted]:
    if scenario.check_in is not None and scenario.check_in.roles:
        never = "nobody is ever registered; name a role that is there, or no roles"
        yield Wanted("check-in", scenario.check_in.roles, 1, never)
    for name, room in scenario.rooms.items():
        if room.places and room.cleaning is not None and room.cleaning.roles:
            never = "each of its places is used once; name a role that is there, or no roles"
            yield Wanted(f"cleaning of {name}", room.cleaning.roles, 1, never, always=False)
    for name, service in scenario.services.items():
        if service.seats:
            never = "nobody ever gets it; name a role that is there, or no roles"
            if len(service.seats) > 1:
                never = "nobody ever gets it; put more on the rota, or ask for fewer at once"
            roles, number = max(
                _parts(service.seats), key=lambda part: part[1] - duty.most(part[0])
            )
            yield Wanted(name, roles, number, never, always=False)
    for name, task in scenario.stay_tasks.items():
        if task.roles:
            waits = (
                "whoever has it never ends their stay" if task.stay == "waits" else "nobody has it"
            )
            never = f"{waits}; name a role that is there, or no roles"
            yield Wanted(f"{name} (during the stay)", task.roles, 1, never, always=False)


def _teams(scenario: Scenario, duty: Duty) -> Iterator[Wanted]:
    """Teams for overdoses; equal ones together, each with those of its members who lack most."""
    severities = scenario.overdose.severities if scenario.overdose else {}
    teams: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for name, severity in severities.items():
        if severity.team:
            teams.setdefault(severity.team, []).append(name)
    for team, names in teams.items():
        roles, number = max(_parts(team), key=lambda part: int(duty.short(*part).sum()))
        never = "a whole team can never come; put more on the rota, or ask for a smaller team"
        yield Wanted(f"an overdose ({', '.join(names)})", roles, number, never)


def _parts(team: tuple[tuple[str, ...], ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every part of a team as all roles that will do in it, and how many: Hall's condition."""
    for number in range(len(team), 0, -1):
        for seats in combinations(team, number):
            yield tuple(dict.fromkeys(role for roles in seats for role in roles)), number


def _nobody_responds(scenario: Scenario, duty: Duty) -> list[str]:
    at_risk = any(kind.overdose and kind.share > 0 for kind in scenario.visits.values())
    severities = scenario.overdose.severities.values() if scenario.overdose else ()
    able = {role for severity in severities for roles in severity.team for role in roles}
    if not at_risk or not able:
        return []
    gap = duty.gap(duty.short(able, 1))
    if not gap:
        return []
    return [
        (
            f"the site is open with nobody on duty who could respond to an overdose {gap}: "
            f"put a {_listed(sorted(able))} on the rota then, or close"
        )
    ]


# --- after closing -----------------------------------------------------------------------------


def _left_alone(scenario: Scenario) -> list[str]:
    """People who are still in a place when the last shift after a closing has gone."""
    gone = _last_shifts(scenario)
    if not len(gone):
        return []
    inside = inside_at(scenario, gone)
    places = sum(room.places for room in scenario.rooms.values())
    chance = 1 - np.exp(-np.minimum(inside, places))
    share = float(chance.mean())
    if share <= _LEFT_ALONE:
        return []
    worst = int(np.argmax(np.round(chance, 9)))
    minute = (gone[worst] + DAY * scenario.horizon.start.weekday()) % WEEK
    return [
        (
            f"on {100 * share:.0f} of 100 days somebody is still in a place when the last shift "
            f"ends ({inside[worst]:.1f} people on average at {when(minute)}): let that shift end "
            "later, or last entry be earlier"
        )
    ]


def _last_shifts(scenario: Scenario) -> NDArray[np.float64]:
    """Of each closing within the days counted: until when somebody is there since before it.

    Nothing of those after which somebody stays until nobody is inside.
    """
    stays = watching(scenario) if stay(scenario) else frozenset()
    seen_through = {one.time for one in closings(scenario) if one.roles & stays}
    shifts = [(person.start, person.end) for person in people_on_shift(scenario)]
    starts = [start for start, _ in shifts]
    spans = site_spans(scenario)
    found = []
    for number, (_, closes) in enumerate(spans):
        counted = scenario.horizon.counted_from < closes <= scenario.horizon.minutes
        if not counted or closes in seen_through:
            continue
        opens = spans[number + 1][0] if number + 1 < len(spans) else closes + DAY
        # No shift is longer than a day, and they are in the order of their starts.
        near = shifts[bisect_left(starts, closes - DAY) : bisect_right(starts, opens)]
        until = closes if any(start < closes <= end for start, end in near) else None
        for start, end in near:
            if until is not None and start <= until < end:
                until = end
        if until is not None and until < opens:
            found.append(until)
    return np.array(found, dtype=np.float64)
