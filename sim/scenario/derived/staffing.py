"""Whether the rota covers what staff are needed for: to watch, to work, to respond, to close.

Whoever is needed when the site closes then stays until nobody is inside.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived import once
from sim.scenario.derived.calendar import Bools, inside_spans, site_spans, when
from sim.scenario.derived.offered import inside_at
from sim.scenario.derived.roster import on_duty, open_then, people_on_shift, period_of
from sim.scenario.errors.told import Listed, Name, told
from sim.scenario.model.hours import DAY, HOUR, WEEK, clock_of
from sim.scenario.model.scenario import Scenario

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

    @property
    def hours_open(self) -> float:
        """Hours a week in which it is open."""
        return float(self.open.sum()) / HOUR / (len(self.open) / WEEK)

    def hours_without(self, role: str) -> float:
        """Open hours a week with nobody of a role on duty."""
        if role not in self.by_role:
            return self.hours_open
        return float(self.short((role,), 1).sum()) / HOUR / (len(self.open) / WEEK)

    def gap(self, short: Bools) -> str:
        """When that is; empty if never."""
        minutes = np.flatnonzero(short)
        if not len(minutes):
            return ""
        hours = len(minutes) / HOUR / (len(short) / WEEK)
        first, at = int(minutes[0]), when(int(minutes[0]) % WEEK)
        if self.dated:
            on = self.scenario.horizon.start + timedelta(days=first // DAY)
            at = told("date_time", "{date} {time}", date=on, time=clock_of(first % DAY))
        return told(
            "for_hours", "for {hours:.3g} open hours a week (first {first})", hours=hours, first=at
        )


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
            have = told("none_on_duty", "none is ever on duty")
            if most:
                have = told("never_more", "never more than {most} are on duty", most=most)
            found.append(
                told(
                    "needs_never",
                    "{what} needs {number} {roles}, but {have} while the site is open: {never}",
                    what=one.what,
                    number=one.number,
                    roles=names,
                    have=have,
                    never=one.never,
                )
            )
        elif one.always and (gap := duty.gap(duty.short(one.roles, one.number))):
            form = "{what} needs {number} {roles}, but the rota has fewer {gap}"
            fewer = {"what": one.what, "number": one.number, "roles": names, "gap": gap}
            found.append(told("needs_fewer", form, **fewer))
    # A rule's minimum and its `at_least` may ask for the same.
    after = (*_closing_warnings(scenario), *_left_alone(scenario))
    return list(dict.fromkeys([*found, *after]))


def less_attended(base: Scenario, other: Scenario) -> dict[str, float]:
    """Open hours a week with nobody of a role on duty, more than the base has, by role.

    Of roles that something needs and that are there for most of the base's opening hours: a doctor
    who comes for two hours is not meant to be there whenever it is open.
    """
    if (base.opening, base.staff) == (other.opening, other.staff) or other.staff is None:
        return {}
    before, after = (Duty.of(one, on_duty(one), open_then(one)) for one in (base, other))
    wanted = (*_rules(other), *_tasks(other, after), *_teams(other, after))
    found: dict[str, float] = {}
    for role in dict.fromkeys(role for one in wanted for role in one.roles):
        was, now = (one.hours_without(role) for one in (before, after))
        mostly = was <= _MOSTLY * before.hours_open
        if mostly and now > was + 1 / HOUR:
            found[role] = now - was
    return found


_MOSTLY = 0.5
"""Share of the opening hours without a role, up to which it is meant to be there all the time."""


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
    found: list[str] = []
    if (without := np.flatnonzero(alone.reshape(days, DAY).any(axis=1) & ~begins)).size:
        first = scenario.horizon.date_of(int(without[0]))
        found.append(
            told(
                "no_shift",
                "the rota has no shift on {number} of the {days} days of the horizon (first "
                "{first}): let the horizon be the days that the rota is of (horizon.start, "
                "horizon.days), or give shifts for all of it",
                number=without.size,
                days=days,
                first=first,
            )
        )
    last = scenario.horizon.date_of(days)
    named = {day for shift in scenario.staff.rota for day in shift.dates}
    if beyond := sorted(day for day in named if not scenario.horizon.date_of(-1) <= day <= last):
        found.append(
            told(
                "beyond_horizon",
                "{number} of the {of} dates of the rota are beyond the horizon (first {first}): "
                "nobody works then; change horizon.start, weeks or days",
                number=len(beyond),
                of=len(named),
                first=beyond[0],
            )
        )
    return found


def _listed(names: Iterable[str]) -> str:
    return Listed.of(names, "or")


# --- what is wanted ----------------------------------------------------------------------------


def _rules(scenario: Scenario) -> Iterator[Wanted]:
    for rule in scenario.supervision:
        rooms = Listed.of(rule.rooms, "comma")
        form = "nobody is ever let into {rooms}; put more on the rota, or lower the rule"
        never = told("never_let_in", form, rooms=rooms)
        what = told("supervision_of", "supervision of {rooms}", rooms=rooms)
        least = max(rule.minimum, 1 if rule.places_per_staff is not None else 0)
        yield Wanted(what, rule.roles, least, never)
        for role, number in rule.at_least.items():
            yield Wanted(what, (role,), number, never)


def _tasks(scenario: Scenario, duty: Duty) -> Iterator[Wanted]:
    if scenario.check_in is not None and scenario.check_in.roles:
        never = told(
            "never_registered", "nobody is ever registered; name a role that is there, or no roles"
        )
        yield Wanted(told("check_in", "check-in"), scenario.check_in.roles, 1, never)
    for name, room in scenario.rooms.items():
        if room.places and room.cleaning is not None and room.cleaning.roles:
            never = told(
                "never_cleaned",
                "each of its places is used once; name a role that is there, or no roles",
            )
            what = told("cleaning_of", "cleaning of {room}", room=Name(name))
            yield Wanted(what, room.cleaning.roles, 1, never, always=False)
    for name, service in scenario.services.items():
        if service.seats:
            never = told(
                "never_given", "nobody ever gets it; name a role that is there, or no roles"
            )
            if len(service.seats) > 1:
                never = told(
                    "never_enough",
                    "nobody ever gets it; put more on the rota, or ask for fewer at once",
                )
            roles, number = max(
                _parts(service.seats), key=lambda part: part[1] - duty.most(part[0])
            )
            yield Wanted(Name(name), roles, number, never, always=False)
    for name, task in scenario.stay_tasks.items():
        if task.roles:
            waits = told("nobody_has_it", "nobody has it")
            if task.stay == "waits":
                waits = told("never_ends", "whoever has it never ends their stay")
            form = "{waits}; name a role that is there, or no roles"
            never = told("name_a_role", form, waits=waits)
            what = told("during_stay", "{task} (during the stay)", task=Name(name))
            yield Wanted(what, task.roles, 1, never, always=False)


def _teams(scenario: Scenario, duty: Duty) -> Iterator[Wanted]:
    """Teams for overdoses; equal ones together, each with those of its members who lack most."""
    severities = scenario.overdose.severities if scenario.overdose else {}
    teams: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for name, severity in severities.items():
        if severity.team:
            teams.setdefault(severity.team, []).append(name)
    for team, names in teams.items():
        roles, number = max(_parts(team), key=lambda part: int(duty.short(*part).sum()))
        never = told(
            "never_whole",
            "a whole team can never come; put more on the rota, or ask for a smaller team",
        )
        kinds = Listed.of(names, "comma")
        yield Wanted(
            told("an_overdose", "an overdose ({kinds})", kinds=kinds), roles, number, never
        )


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
        told(
            "nobody_responds",
            "the site is open with nobody on duty who could respond to an overdose {gap}: "
            "put a {roles} on the rota then, or close",
            gap=gap,
            roles=_listed(sorted(able)),
        )
    ]


# --- at closing ----------------------------------------------------------------------------------


class Closing(NamedTuple):
    """A closing, and the roles of those on duty: shifts that end with it are on duty still."""

    time: float
    """Minutes after midnight of the first day."""
    roles: frozenset[str]


@once
def closings(scenario: Scenario) -> tuple[Closing, ...]:
    """The closings of the days counted."""
    rota = scenario.staff.rota if scenario.staff is not None else ()
    shifts = [(one.start, one.end, rota[one.line].role) for one in people_on_shift(scenario)]
    return tuple(
        Closing(time, frozenset(role for start, end, role in shifts if start < time <= end))
        for _, time in site_spans(scenario)
        if scenario.horizon.counted_from < time <= scenario.horizon.minutes
    )


def stay(scenario: Scenario) -> bool:
    """Whether staff stay after closing until nobody is inside."""
    return scenario.staff is not None and scenario.staff.stay_until_empty


def watching(scenario: Scenario) -> frozenset[str]:
    """Roles that stay for everybody inside: for supervision, or to meet an overdose."""
    rules = [role for rule in scenario.supervision for role in (*rule.roles, *rule.at_least)]
    severities = scenario.overdose.severities.values() if scenario.overdose else ()
    return frozenset((*rules, *(role for one in severities for seat in one.team for role in seat)))


def _closing_warnings(scenario: Scenario) -> list[str]:
    """What is left undone after closing, as no shift lasts until then that could do it."""
    if not stay(scenario):
        return []
    found: list[str] = []
    there = _ever_there(scenario)
    for what, roles, follows in _needed(scenario):
        if not roles & there:
            continue  # what nobody ever does is told of elsewhere
        without = [one for one in closings(scenario) if not one.roles & roles]
        if without:
            first = when((without[0].time + DAY * scenario.horizon.start.weekday()) % WEEK)
            found.append(
                told(
                    "nobody_at_closing",
                    "at {number} of {of} closings (first {first}) nobody is on duty {what}: "
                    "{follows}. A shift that ends before closing is not prolonged: let one end "
                    "with it, or later",
                    number=len(without),
                    of=len(closings(scenario)),
                    first=first,
                    what=what,
                    follows=follows,
                )
            )
    return found


def _ever_there(scenario: Scenario) -> set[str]:
    """Roles that are on duty at some time while the site is open."""
    rota = scenario.staff.rota if scenario.staff is not None else ()
    starts = [opens for opens, _ in site_spans(scenario)]
    found = set()
    for one in people_on_shift(scenario):
        if rota[one.line].role not in found:
            last = bisect_left(starts, one.end) - 1
            if last >= 0 and site_spans(scenario)[last][1] > one.start:
                found.add(rota[one.line].role)
    return found


def _needed(scenario: Scenario) -> Iterator[tuple[str, frozenset[str], str]]:
    """For what somebody must be on duty at closing, who, and what follows if nobody is."""
    if roles := watching(scenario):
        what = told("who_watches", "who counts for supervision or could meet an overdose")
        yield what, roles, told("is_alone", "whoever is inside then is alone")
    used = {name for kind in scenario.visits.values() if kind.share > 0 for name in kind.services}
    for name, service in scenario.services.items():
        if service.roles and service.when == "after" and name in used:
            follows = told("without_service", "who has had a place and not had it goes without")
            what = told("who_gives", "who could give {service}", service=Name(name))
            yield what, frozenset(service.roles), follows
    for name, task in scenario.stay_tasks.items():
        if task.roles:
            follows = told("without_task", "whoever is in a place then goes without")
            what = told("who_does", "who could do {task}", task=Name(name))
            yield what, frozenset(task.roles), follows
    if scenario.opening.queue_at_close == "dismiss":
        return
    if scenario.check_in is not None and scenario.check_in.roles:
        roles = frozenset(scenario.check_in.roles)
        what = told("who_registers", "who could register people")
        yield what, roles, told("sent_away", "who is still in line is sent away")
    for name, room in scenario.rooms.items():
        if room.cleaning is not None and room.cleaning.roles and room.places:
            follows = told("not_clean", "who waits for a place that is not clean is sent away")
            what = told("who_cleans", "who could clean {room}", room=Name(name))
            yield what, frozenset(room.cleaning.roles), follows


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
        told(
            "left_alone",
            "on {days:.0f} of 100 days somebody is still in a place when the last shift ends "
            "({people:.1f} people on average at {when}): let that shift end later, or last entry "
            "be earlier",
            days=100 * share,
            people=float(inside[worst]),
            when=when(minute),
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
