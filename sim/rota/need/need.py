"""How many of which role are needed in each hour of the week, by formula.

For each set of roles that some work is confined to:

* tasks: the offered load, peak within the hour, and the fewest staff for whom Erlang C gives at
  most the wanted chance of waiting (Jennings, Mandelbaum, Massey & Whitt 1996, Management Science
  42: staffing by the load of the infinite-server queue, never by the rates of the same hour);
  where people come in groups, the chance that a task waits in the queue with batches;
* watching: rules of supervision and of `rota_rules`, and places in use that must be watched;
* overdoses: enough that another one at the same time leaves a whole team.

People at work on tasks watch as well, so the largest of the three counts. From the numbers for
sets follow those for roles: the cheapest that satisfy all sets.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, count
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import Bounds, LinearConstraint, milp

from sim.queueing import crowd_waits, people_quantile, staff_for, staff_for_overdoses
from sim.rota.check.rules import NeedError, Roles, rules_of, staff_of
from sim.rota.need.work import Response, Week, week_of
from sim.scenario.derived.appointments import appointments
from sim.scenario.derived.calendar import STEP, Floats, opens, ordinary, week_edges
from sim.scenario.derived.entering import entering
from sim.scenario.derived.roster import on_duty, period_of
from sim.scenario.derived.stays import own_minutes, tasks_a_stay
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, DAYS, HOUR, HOURS_OF_WEEK
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift, Staff
from sim.scenario.model.visits import VisitKind

_DAY_HOURS = DAY // HOUR


def staffed(scenario: Scenario, counts: Mapping[str, NDArray[np.int64]]) -> Scenario:
    """The scenario with so many people of each role in each hour, present without a break.

    Nobody starts a task until no more are busy than are on duty (`finish_pooled`), so that tasks
    finished after a shift do not add staff beyond the number asked for.

    Args:
        scenario: with staff.
        counts: by role, 168 numbers from Monday 00:00.
    """
    assert scenario.staff is not None  # the caller asks for staff
    rota = tuple(line for role, number in counts.items() for line in _lines(role, number))
    staff = scenario.staff.model_copy(
        update={"rota": rota, "cycle_weeks": 1, "end_of_shift": "finish_pooled", "absence": 0.0}
    )
    return scenario.model_copy(update={"staff": staff})


def on_duty_by_hour(scenario: Scenario) -> dict[str, NDArray[np.float64]]:
    """Mean number on duty by role in each of the 168 hours, over the weeks of the rota's period.

    Of a rota of dates NaN in hours of the week that its days do not have.
    """
    period = period_of(scenario)
    before = 0 if period.first is None else period.first.weekday() * _DAY_HOURS
    hour = (before + np.arange(period.minutes // HOUR)) % HOURS_OF_WEEK
    times = np.bincount(hour, minlength=HOURS_OF_WEEK).astype(np.float64)
    times[times == 0] = np.nan
    return {
        role: np.bincount(hour, minutes.reshape(-1, HOUR).mean(axis=1), HOURS_OF_WEEK) / times
        for role, minutes in on_duty(scenario).items()
    }


def _lines(role: str, numbers: NDArray[np.int64]) -> list[Shift]:
    """As few lines as it takes: one for each level and run of hours, its days together."""
    days: dict[tuple[int, int], list[int]] = defaultdict(list)
    for level in range(1, int(numbers.max(initial=0)) + 1):
        for start, length in _runs(numbers >= level):
            days[start % _DAY_HOURS, length].append(start // _DAY_HOURS)
    lines = []
    for (start, length), starts in sorted(days.items()):
        counts = [starts.count(day) for day in range(len(DAYS))]
        for many in sorted(set(counts) - {0}):
            shift = {
                "role": role,
                "from": _clock(start),
                "to": _clock(start + length),
                "days": tuple(day for day in range(len(DAYS)) if counts[day] == many),
                "count": many,
            }
            lines.append(Shift.model_validate(shift))
    return lines


def _runs(needed: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Start and length of each run of hours in the circular week, none longer than a day."""
    hours = len(needed)
    starts = [hour for hour in range(hours) if needed[hour] and not needed[hour - 1]]
    for start in [0] if needed.all() else starts:
        lasts = (hour for hour in range(1, hours + 1) if not needed[(start + hour) % hours])
        length = next(lasts, hours)
        for gone in range(0, length, _DAY_HOURS):
            yield (start + gone) % hours, min(_DAY_HOURS, length - gone)


def _clock(hour: int) -> str:
    """An hour after midnight of the first day, as the scenario writes it."""
    if hour <= _DAY_HOURS:
        return f"{hour:02d}:00"
    return f"{hour - _DAY_HOURS:02d}:00 next day"


Counts = NDArray[np.int64]

_STEPS = HOUR // STEP
_IDLE = 0.05
"""Outside opening hours nobody is needed for a load below this: the last stays are ending, and
one in twenty of the hours would have work."""
_BETWEEN_EQUALS = 1e-6
"""Of roles that cost the same the first is taken."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What a set of roles is asked for, in each of the 168 hours of the week."""

    roles: Roles
    load: Floats
    """Mean number of people at work, peak of the hour."""
    tasks: Counts
    """Staff so that tasks hardly wait."""
    watch: Counts
    """Staff to watch, by the rules."""
    overdoses: Counts
    """Staff so that another overdose hardly finds too few."""

    @property
    def least(self) -> Counts:
        """What is needed however little there is to do."""
        return np.maximum(self.watch, self.overdoses)

    @property
    def staff(self) -> Counts:
        """What is needed."""
        return np.maximum(self.tasks, self.least)


@dataclass(frozen=True, eq=False)
class Requirement:
    """Who is needed when."""

    asked: tuple[Asked, ...]
    by_role: dict[str, Counts]
    """People of each role present in each of the 168 hours of the week."""

    def hours_per_week(self, role: str) -> int:
        """Hours of a role."""
        return int(self.by_role[role].sum())


def requirement(scenario: Scenario) -> Requirement:
    """Who is needed when, by formula.

    Raises:
        NeedError: the scenario has no staff, or no rates of demand.
    """
    staff = staff_of(scenario)
    if scenario.demand.arrivals is not None:
        raise NeedError(
            told(
                "demand_arrivals_lists_single_visits_what_is",
                "demand.arrivals lists single visits; what is needed in each hour of a "
                "week follows from rates: give visits_per_day, served_per_day or week",
            )
        )
    week, open_now = week_of(scenario), open_hours(scenario)
    asked = tuple(_asked(scenario, roles, week, open_now) for roles in _sets(scenario, week))
    return Requirement(asked, allot(staff, {one.roles: one.staff for one in asked}))


def open_hours(scenario: Scenario) -> NDArray[np.bool_]:
    """Hours of the week in which the site is open at some time."""
    by_hour = opens(scenario.opening.hours).reshape(HOURS_OF_WEEK, -1)
    found: NDArray[np.bool_] = np.logical_or.reduce(by_hour, axis=1)
    return found


def allot(staff: Staff, wanted: dict[Roles, Counts]) -> dict[str, Counts]:
    """The cheapest numbers of each role that give every set of roles what it needs.

    Args:
        staff: roles and what they cost.
        wanted: by set of roles, the number in each hour.
    """
    roles = tuple(staff.roles)
    sets = tuple(tuple(role in one for role in roles) for one in wanted)
    costs = tuple(
        staff.roles[role].cost_per_hour + 1 + place * _BETWEEN_EQUALS
        for place, role in enumerate(roles)
    )
    hours = np.array(list(wanted.values()), dtype=np.int64).reshape(len(sets), -1)
    found = [_cheapest(sets, costs, tuple(hour)) for hour in hours.T.tolist()]
    table = np.array(found, dtype=np.int64).reshape(-1, len(roles))
    if not len(table):
        table = np.zeros((HOURS_OF_WEEK, len(roles)), dtype=np.int64)
    return {role: table[:, place] for place, role in enumerate(roles)}


@lru_cache(maxsize=4096)
def _cheapest(
    sets: tuple[tuple[bool, ...], ...], costs: tuple[float, ...], least: tuple[int, ...]
) -> tuple[int, ...]:
    if not any(least):
        return (0,) * len(costs)
    enough = LinearConstraint(np.array(sets, dtype=np.float64), np.array(least), np.inf)
    solved = milp(
        np.array(costs),
        integrality=np.ones(len(costs), dtype=np.int64),
        bounds=Bounds(0, np.inf),
        constraints=enough,
        options={"mip_rel_gap": 0.0},
    )
    if solved.x is None:
        raise NeedError(
            told(
                "no_numbers_of_staff_give_what_is",
                "no numbers of staff give what is needed: {message}",
                message=solved.message,
            )
        )
    return tuple(round(number) for number in solved.x)


# --- sets of roles -----------------------------------------------------------------------------


def _sets(scenario: Scenario, week: Week) -> list[Roles]:
    """Roles that some work or rule is confined to, and unions of those that overlap."""
    everybody = frozenset(staff_of(scenario).roles)
    rules = rules_of(scenario)
    found = {work.roles for work in week.work}
    found |= {frozenset(rule.roles) for rule in scenario.supervision}
    found |= {frozenset((role,)) for rule in scenario.supervision for role in rule.at_least}
    found |= {frozenset((role,)) for role in rules.at_least} | {everybody}
    while more := {one | other for one, other in combinations(found, 2) if one & other} - found:
        found |= more
    return sorted(found, key=lambda roles: (len(roles), sorted(roles)))


def _asked(scenario: Scenario, roles: Roles, week: Week, open_now: NDArray[np.bool_]) -> Asked:
    mine = [work.load for work in week.work if work.roles <= roles]
    peak = peaks(np.sum(mine, axis=0)) if mine else np.zeros(HOURS_OF_WEEK)
    wanted, batches = rules_of(scenario).need.waiting, batches_of(scenario, roles)
    idle = ~open_now & (peak < _IDLE)
    tasks = [
        0 if off else _staff_for(round(float(load), 9), wanted, batches)
        for load, off in zip(peak, idle, strict=True)
    ]
    beside = [work.load for work in week.work if work.roles <= roles and not work.at_desk]
    elsewhere = peaks(np.sum(beside, axis=0)) if beside else np.zeros(HOURS_OF_WEEK)
    desks = scenario.check_in.desks if scenario.check_in is not None else None
    for hour, least in _for_crowds(scenario, roles, float(np.sum(mine))):
        # The load of that hour has the crowd in it, as if it came as single people do.
        tasks[hour] = least
        if desks is not None:
            # Who waits for a desk does not wait for staff; what is done elsewhere wants its own.
            others = _staff_for(round(float(elsewhere[hour]), 9), wanted, batches)
            tasks[hour] = min(least, desks + others)
    return Asked(
        roles=roles,
        load=peak,
        tasks=np.array(tasks, dtype=np.int64),
        watch=np.where(open_now, _watch(scenario, roles, week), 0),
        overdoses=np.where(open_now, _overdoses(scenario, roles, week.responses), 0),
    )


@lru_cache(maxsize=4096)
def _staff_for(load: float, waiting: float, batches: tuple[float, ...]) -> int:
    return staff_for(load, waiting, batches)


def batches_of(scenario: Scenario, roles: Roles) -> tuple[float, ...]:
    """How tasks of a set of roles come together: relative numbers of batches of 1, 2 and more.

    The members of a group ask together for what comes first after the door, each with the chance
    of its kind; for what comes later they ask one by one, as their times differ by then.
    """
    groups = scenario.demand.groups
    at_once = sum(
        kind.share * _first_asked(scenario, kind, roles) for kind in scenario.visits.values()
    )
    if max(groups) == 1 or at_once <= 0:
        return (1.0,)
    later = (
        sum(kind.share * _tasks_of(scenario, kind, roles) for kind in scenario.visits.values())
        - at_once
    )
    members = np.arange(1, max(groups) + 1)
    batches = np.sum(
        [number * stats.binom.pmf(members, size, at_once) for size, number in groups.items()],
        axis=0,
    )
    batches[0] += later * sum(size * number for size, number in groups.items())
    return tuple(batches.tolist())


def _for_crowds(scenario: Scenario, roles: Roles, load: float) -> Iterator[tuple[int, int]]:
    """The hours in which many come in as it opens, and the staff with whom few tasks wait in them.

    These are the crowd at the opening, and those who waited at the door for it.

    Args:
        scenario: the site.
        roles: of the staff.
        load: people at work, added up over the steps of the week.
    """
    wanted = rules_of(scenario).need.waiting
    coming = {name: one.let_in for name, one in entering(ordinary(scenario)).items()}
    kinds = {name: scenario.visits[name] for name in coming}
    first = {name: _first_asked(scenario, kind, roles) for name, kind in kinds.items()}
    tasks = {name: _tasks_of(scenario, kind, roles) for name, kind in kinds.items()}
    begin, end = week_edges(STEP)[[0, -1]].tolist()
    asked = sum(flow.total(begin, end) * tasks[name] for name, flow in coming.items())
    if not asked:
        return
    task = load * STEP / asked
    coming = {name: flow for name, flow in coming.items() if name not in appointments(scenario)}
    for at in np.unique(np.concatenate([flow.at for flow in coming.values()])).tolist():
        if not begin <= at < end:
            continue
        crowd = sum(
            first[name] * float(flow.people[flow.at == at].sum()) for name, flow in coming.items()
        )
        just_after = np.array([at, at + 1.0])
        after = sum(tasks[name] * float(flow.rates(just_after)[0]) for name, flow in coming.items())
        minutes = round(HOUR - at % HOUR)
        if crowd > _IDLE and minutes:
            least = _staff_for_crowd(
                round(crowd, 6), round(after, 9), round(task, 6), minutes, wanted
            )
            yield int((at - begin) // HOUR), least


@lru_cache(maxsize=1024)
def _staff_for_crowd(crowd: float, rate: float, task: float, minutes: int, waiting: float) -> int:
    """The fewest; more never make more tasks wait."""

    def short_of(staff: int) -> float:
        return -crowd_waits(staff, crowd, rate, task, minutes)

    most = next(staff for staff in (2**power for power in count()) if short_of(staff) >= -waiting)
    return bisect_left(range(most), -waiting, key=short_of)


def _tasks_of(scenario: Scenario, kind: VisitKind, roles: Roles) -> float:
    """Tasks that a visit gives to a set of roles, on average."""
    found = 0.0
    if scenario.check_in is not None:
        found += _is_for(scenario.check_in.roles, roles)
    for name, chance in kind.services.items():
        seats = scenario.services[name].seats
        found += chance * sum(_is_for(able, roles) for able in seats)
    if kind.rooms and kind.stay_tasks:
        for name, times in tasks_a_stay(scenario, kind, own_minutes(scenario, kind)).items():
            found += times * _is_for(scenario.stay_tasks[name].roles, roles)
    if kind.rooms and (cleaning := scenario.rooms[kind.rooms[0]].cleaning) is not None:
        found += _is_for(cleaning.roles, roles)
    return found


def _first_asked(scenario: Scenario, kind: VisitKind, roles: Roles) -> float:
    """Chance that the first thing after the door is a task of a set of roles."""
    if scenario.check_in is not None:
        return float(_is_for(scenario.check_in.roles, roles))
    stages = ("before",) if kind.rooms else ("before", "after")
    found, going_on = 0.0, 1.0
    for stage in stages:
        for name, service in scenario.services.items():
            if service.when == stage and (chance := kind.services.get(name, 0.0)):
                first = any(_is_for(able, roles) for able in service.seats)
                found += going_on * chance * first
                going_on *= 1 - chance
    return found


def _is_for(able: tuple[str, ...], roles: Roles) -> bool:
    """Whether staff do it, and only these roles can."""
    return bool(able) and set(able) <= roles


def peaks(load: Floats) -> Floats:
    """The highest value within each hour, both its ends included.

    Args:
        load: at the beginning of each step of the week.
    """
    by_hour = load.reshape(HOURS_OF_WEEK, _STEPS)
    highest: Floats = np.maximum(by_hour.max(axis=1), np.roll(by_hour[:, 0], -1))
    return highest


# --- floors ------------------------------------------------------------------------------------


def _watch(scenario: Scenario, roles: Roles, week: Week) -> Counts:
    """Staff to watch in each hour, as far as this set of roles alone must provide them."""
    rules = rules_of(scenario)
    least = np.zeros(HOURS_OF_WEEK, dtype=np.int64)
    if roles == frozenset(staff_of(scenario).roles):
        least = np.maximum(least, rules.minimum)
    demands = [rules.at_least, *(rule.at_least for rule in scenario.supervision)]
    of_roles = {role: max(one.get(role, 0) for one in demands) for role in roles}
    least = np.maximum(least, sum(of_roles.values()))
    for rule in scenario.supervision:
        if set(rule.roles) <= roles:
            least = np.maximum(least, rule.minimum)
            if rule.places_per_staff is not None:
                load = np.sum([peaks(week.watched[room]) for room in rule.rooms], axis=0)
                places = sum(scenario.rooms[room].places for room in rule.rooms)
                beyond = rules.need.unwatched
                used = [min(places, people_quantile(float(one), beyond)) for one in load]
                watchers = [ceil(one / rule.places_per_staff) for one in used]
                least = np.maximum(least, np.array(watchers, dtype=np.int64))
    return least


def _overdoses(scenario: Scenario, roles: Roles, responses: tuple[Response, ...]) -> Counts:
    """Staff for overdoses in each hour, as far as only these roles will do."""
    if not any(response.severity.team for response in responses) or scenario.overdose is None:
        return np.zeros(HOURS_OF_WEEK, dtype=np.int64)
    clustering = scenario.overdose.clustering
    cv = clustering.cv if clustering is not None else 0.0
    beyond = rules_of(scenario).need.overdose
    seats = [[roles >= set(seat) for seat in one.severity.team] for one in responses]
    asked = [(one.severity.share, sum(mine)) for one, mine in zip(responses, seats, strict=True)]
    if not any(number for _, number in asked):
        return np.zeros(HOURS_OF_WEEK, dtype=np.int64)
    intensive = [peaks(one.intensive) for one in responses]
    observed = [peaks(one.observed) for one in responses]
    found = []
    for hour in range(HOURS_OF_WEEK):
        held = [
            (float(phase[number][hour]), sum(mine[:first]))
            for number, (one, mine) in enumerate(zip(responses, seats, strict=True))
            for phase, first in ((intensive, None), (observed, one.severity.observers))
        ]
        key = tuple((round(mean, 6), number) for mean, number in held)
        found.append(_for_overdoses(key, tuple(asked), beyond, cv))
    return np.array(found, dtype=np.int64)


@lru_cache(maxsize=4096)
def _for_overdoses(
    held: tuple[tuple[float, int], ...],
    asked: tuple[tuple[float, int], ...],
    beyond: float,
    cv: float,
) -> int:
    return staff_for_overdoses(held, asked, beyond, cv)
