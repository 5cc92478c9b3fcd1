"""The cheapest shifts that cover the need, and near-best ones that are better in another way.

An integer programme, solved by HiGHS: so many people on each allowed shift with its breaks at each
time that they may begin, such that in every minute each set of roles has the people it needs, and
no rule of supervision is broken while somebody is on a break, at the lowest cost. Then, for at most
a little more (`near`), the fewest shifts, the fewest different shifts, and the most people to
spare.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, hstack, identity, vstack

from sim.rota.check.rules import NeedError, Roles
from sim.rota.files.entries import EVERY_WEEK
from sim.rota.need.need import Counts
from sim.rota.plan.shifts import (
    EVERY_DAY,
    Mask,
    Pattern,
    alike_every_day,
    at_work,
    masks,
    on_shift,
    patterns,
    rota_lines,
    week_cost,
)
from sim.scenario.derived.calendar import Floats
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, DAYS, HOUR, HOURS_OF_WEEK, WEEK
from sim.scenario.model.rota_rules import AllowedShift, RotaRules
from sim.scenario.model.staff import Shift, Staff
from sim.study.run.workers import Progress, silent


class _Effort(NamedTuple):
    """How far to look; a limit of nodes, not of time: the same plans on every machine."""

    gap: float
    nodes: int


_CHEAPEST, _LARGE, _NEAR = _Effort(1e-4, 5_000), _Effort(2e-3, 500), _Effort(0.02, 50)
"""Near-best plans need not be the very best in their way, nor the last ducat be saved where there
are very many ways."""
_MANY = 800
"""Patterns from which on a programme is large."""
_SOME = 200
"""The same where kinds of shifts are counted, which is harder."""
_KINDS = _Effort(0.05, 20)
_TRIED = 150
"""So many of its patterns are tried for near-best plans: those that are cheapest for what they
cover, by the prices of the linear programme."""
_NEEDED, _AT_ALL_TIMES = (
    told("by_the_need", "by the need"),
    told("who_must_be_present_while_anybody_is", "who must be present while anybody is inside"),
)
_STEPS = 4
"""Of a search: the cheapest plan, and three near-best ones."""
_WHOLE = 1e-6
"""A fraction of a person less than needed is a rounding error."""
_SLIGHT = 1e-3
"""What all of the cost weighs beside one shift: of equals the cheaper."""


@dataclass(frozen=True)
class Cover:
    """One plan."""

    name: str
    words: str
    """What it is best in."""
    rota: tuple[Shift, ...]
    cycle_weeks: int
    hours: float
    """Rostered hours a week."""
    cost: float
    """Cost a week; hours where no role costs anything."""
    shifts: float
    """Shifts worked a week."""
    gap: float
    """How much better a plan there may be, as a share: HiGHS had looked at so many nodes."""


class UncoveredError(NeedError):
    """The allowed shifts cannot cover the need."""

    def __init__(self, words: str, minute: int | None, why: str = "") -> None:
        """Take the first moment that none covers, in words and as a minute of the week."""
        also = "; " + why if why else ""
        super().__init__(
            told(
                "no_allowed_shifts_cover_what_is_needed",
                "no allowed shifts cover what is needed: see rota_rules.shifts; uncovered: "
                "{words}{also}",
                words=words,
                also=also,
            )
        )
        self.words, self.minute = words, minute


def covers(
    staff: Staff,
    rules: RotaRules,
    wanted: Mapping[Roles, Counts],
    least: Mapping[Roles, Counts] | None = None,
    unrelieved: frozenset[int] = frozenset(),
    progress: Progress = silent,
) -> tuple[Cover, ...]:
    """The cheapest plan and near-best ones, those that are alike once.

    Args:
        staff: roles and what they cost.
        rules: which shifts are allowed; where they name none, 8 hours from any full hour.
        wanted: by set of roles, people in each of the 168 hours, or each minute, of the week.
        least: the same of those who must be present with breaks taken, whatever the need.
        unrelieved: numbers of allowed shifts whose breaks may leave fewer than are wanted, though
            not fewer than `least`; all of them, where `cover_breaks` is false.
        progress: is told of every step of the search.

    Raises:
        NeedError: the allowed shifts cannot cover the need.
    """
    if not rules.shifts:
        rules = rules.model_copy(update={"shifts": (AllowedShift(),)})
    progress(0, _STEPS)
    problem = _Problem.of(staff, rules, wanted, least or {}, unrelieved)
    first = problem.cheapest()
    if first is None:
        raise UncoveredError(*problem.first_gap())
    lowest = float(problem.costs @ first[0])
    limit = lowest * (1 + rules.near) + 1e-6
    progress(1, _STEPS)
    tried, of_kinds = (problem.worth_trying(first, many) for many in (_MANY, _SOME))
    others = (
        (
            ("fewest-shifts", told("fewest_shifts", "fewest shifts worked")),
            problem.fewest_shifts,
            tried,
        ),
        (
            ("fewest-kinds", told("fewest_kinds", "fewest different shifts")),
            problem.fewest_kinds,
            of_kinds,
        ),
        (
            ("most-spare", told("most_spare", "one more there for longest")),
            problem.most_spare,
            tried,
        ),
    )
    near: dict[tuple[str, str], Solution] = {}
    for number, (name, search, patterns_of) in enumerate(others, start=2):
        if (solved := search(limit, patterns_of)) is not None:
            near[name] = solved
        progress(number, _STEPS)
    # Where HiGHS had to stop early, another search may have come upon a cheaper plan.
    people = min((first, *near.values()), key=lambda one: float(problem.costs @ one[0]))[0]
    possible = lowest * (1 - first[1])
    gap = max(0.0, 1 - possible / float(problem.costs @ people)) if lowest else 0.0
    found = [problem.plan("cheapest", told("cheapest", "the cheapest"), people, gap)]
    found += [problem.plan(*name, *solved) for name, solved in near.items()]
    rotas = [_hours_of(one) for one in found]
    return tuple(
        one
        for place, one in enumerate(found)
        if rotas[place] not in rotas[:place] and not _is_no_better(one, found[0])
    )


def _is_no_better(plan: Cover, cheapest: Cover) -> bool:
    """Whether a plan is not what it is called: the cheapest has as few shifts, or kinds of them."""
    if plan.name == "fewest-shifts":
        return plan.shifts >= cheapest.shifts
    kinds = [
        len({(line.role, line.start, line.end) for line in one.rota}) for one in (plan, cheapest)
    ]
    return plan.name == "fewest-kinds" and kinds[0] >= kinds[1]


def _hours_of(plan: Cover) -> Counter[tuple[object, ...]]:
    """Who works from when to when, whenever their breaks are."""
    found: Counter[tuple[object, ...]] = Counter()
    for line in plan.rota:
        for week in line.weeks or (EVERY_WEEK,):
            for day in line.days:
                found[line.role, line.start, line.end, week, day] += line.count
    return found


def _by_minute(number: Counts) -> Counts:
    """Numbers for each minute of a week, from those for each hour, or as they are."""
    found: Counts = np.repeat(number, HOUR) if len(number) == HOURS_OF_WEEK else number
    return found


def _moments(tables: Iterable[Mask], numbers: Iterable[Counts], period: int) -> NDArray[np.int64]:
    """The minutes from which something is no longer as it was: all that need be looked at."""
    changes = np.zeros(period, dtype=np.bool_)
    changes[0] = True
    for table in tables:
        changes[1:] |= (table[:, 1:] != table[:, :-1]).any(axis=0)
    for number in numbers:
        of_period = np.resize(number, period)
        changes[1:] |= of_period[1:] != of_period[:-1]
    return np.flatnonzero(changes)


Solution = tuple[Floats, float]
"""People on each pattern, and the gap."""
_NONE = np.zeros(0, dtype=np.int64)


class _Asked(NamedTuple):
    """Who is wanted when: an element for each set of roles and moment at which it is asked for."""

    cover: csr_array
    """(moments × sets, patterns): people there."""
    needed: Floats
    """(moments × sets)."""
    minutes: Floats
    """(moments × sets): how long each lasts, for the set of all roles where it is needed."""
    when: Floats
    """(moments × sets): minute of the period."""
    who: tuple[tuple[Roles, str], ...]
    """(moments × sets): the set, and what it is wanted for."""

    @classmethod
    def of(
        cls,
        choices: tuple[Pattern, ...],
        everybody: Roles,
        asked: tuple[tuple[Mask, Mapping[Roles, Counts], str], ...],
    ) -> "_Asked":
        """The moments at which anything changes.

        Args:
            choices: the patterns.
            everybody: all roles.
            asked: who is there, (patterns, minutes); by set of roles how many must be, in each
                minute of a week; and what for.
        """
        period = asked[0][0].shape[1]
        numbers = [number for _, wanted, _ in asked for number in wanted.values()]
        moments = _moments([table for table, _, _ in asked], numbers, period)
        lasting = np.diff(np.append(moments, period))
        parts, needed, minutes, when, who = [], [], [], [], []
        for table, wanted, why in asked:
            for roles, number in wanted.items():
                those = number[moments % WEEK].astype(np.float64)
                some = np.flatnonzero(those > 0)
                mine = np.array([one.role in roles for one in choices], dtype=np.float64)
                parts.append(csr_array((table[:, moments[some]] * mine[:, None]).T))
                needed.append(those[some])
                spared = roles == everybody and why == _NEEDED
                minutes.append(lasting[some] * float(spared))
                when.append(moments[some].astype(np.float64))
                who += [(roles, why)] * len(some)
        return cls(
            cover=csr_array(vstack(parts)),
            needed=np.concatenate(needed),
            minutes=np.concatenate(minutes),
            when=np.concatenate(when),
            who=tuple(who),
        )


@dataclass(frozen=True, eq=False)
class _Problem:
    """The integer programme."""

    staff: Staff
    rules: RotaRules
    choices: tuple[Pattern, ...]
    hours: Floats
    """Of each pattern: hours a week."""
    costs: Floats
    """Cost a week."""
    shifts: Floats
    """Shifts worked a week."""
    asked: _Asked
    need: dict[Roles, Counts]
    """What is wanted in each minute of the period."""
    on_duty: Mask
    """(patterns, minutes): on shift, at work or on a break."""
    resting: Mask
    """(patterns, minutes): on a break."""
    unrelieved: Mask
    """Of each pattern: whether it has a break that nobody need stand in for."""

    @classmethod
    def of(
        cls,
        staff: Staff,
        rules: RotaRules,
        wanted: Mapping[Roles, Counts],
        least: Mapping[Roles, Counts],
        unrelieved: frozenset[int],
    ) -> "_Problem":
        """The programme of a need."""
        need = {roles: _by_minute(number) for roles, number in wanted.items()}
        safe = {roles: _by_minute(number) for roles, number in least.items()}
        daily = alike_every_day(rules) and all(
            bool((number.reshape(len(DAYS), DAY) == number[:DAY]).all())
            for number in (*need.values(), *safe.values())
        )
        period = DAY if daily else WEEK * rules.cycle_weeks
        planned = rules.cover_breaks or bool(least)
        choices = patterns(staff, rules, daily=daily, planned=planned)
        present = masks(on_shift(one, rules, period, breaks=True) for one in choices)
        on_duty = masks(on_shift(one, rules, period, breaks=False) for one in choices)
        counting = at_work(choices, rules, period, present, unrelieved)
        asked = ((counting, need, _NEEDED), (present, safe, _AT_ALL_TIMES))
        priced = {one.anytime: one for one in choices}
        prices = {key: week_cost(one, staff, rules) for key, one in priced.items()}
        known = [prices[one.anytime] for one in choices]
        return cls(
            staff=staff,
            rules=rules,
            choices=choices,
            hours=np.array([hours for hours, _ in known]),
            costs=np.array([cost for _, cost in known]),
            shifts=np.array(
                [7.0 if one.day == EVERY_DAY else 1 / rules.cycle_weeks for one in choices]
            ),
            asked=_Asked.of(choices, frozenset(staff.roles), asked),
            need={roles: number[np.arange(period) % WEEK] for roles, number in need.items()},
            on_duty=on_duty,
            resting=on_duty & ~present,
            unrelieved=np.array(
                [
                    bool(one.rests) and (not rules.cover_breaks or one.allowed in unrelieved)
                    for one in choices
                ]
            ),
        )

    def cheapest(self) -> Solution | None:
        """The plan of the lowest cost."""
        effort = _CHEAPEST if len(self.choices) < _MANY else _LARGE
        return self._solved(self.costs, self._constraints(None), effort)

    def worth_trying(self, known: Solution, many: int) -> Mask:
        """The patterns to look at for near-best plans: all, or of very many the likeliest.

        Args:
            known: a plan whose patterns are among them.
            many: from so many on, not all are tried.
        """
        count = len(self.choices)
        if count < many:
            return np.ones(count, dtype=np.bool_)
        relaxed = linprog(
            self.costs, A_ub=-self.asked.cover.toarray(), b_ub=-self.asked.needed, method="highs-ds"
        )
        dear = np.argsort(relaxed.lower.marginals.round(6), kind="stable")[_TRIED:]
        tried = np.ones(count, dtype=np.bool_)
        tried[dear] = False
        return tried | (known[0] > 0)

    def fewest_shifts(self, limit: float, tried: Mask) -> Solution | None:
        """The plan with the fewest shifts worked."""
        aim = self.shifts + self._slight(limit)
        return self._solved(aim, self._constraints(limit), _NEAR, tried=tried)

    def _slight(self, limit: float) -> Floats:
        return _SLIGHT * self.costs / max(limit, 1.0)

    def fewest_kinds(self, limit: float, tried: Mask) -> Solution | None:
        """The plan with the fewest different shifts: role, hours and length."""
        keys = [(one.role, one.allowed, one.start, one.length) for one in self.choices]
        kinds = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        count = len(self.choices)
        people = csr_array(
            (np.ones(count), ([kinds[key] for key in keys], np.arange(count))),
            shape=(len(kinds), count),
        )
        linked = hstack((people, -self.most * identity(len(kinds))))
        rows = [*self._constraints(limit, len(kinds)), LinearConstraint(linked, -np.inf, 0)]
        aim = np.concatenate((self._slight(limit), np.ones(len(kinds))))
        return self._solved(aim, rows, _KINDS, np.ones(len(kinds), dtype=np.int64), tried)

    def most_spare(self, limit: float, tried: Mask) -> Solution | None:
        """The plan with the longest time in which one more than needed is there."""
        moments = np.flatnonzero(self.asked.minutes)
        count = len(moments)
        spare = hstack((self.asked.cover[moments], -identity(count)))
        enough = LinearConstraint(spare, self.asked.needed[moments], np.inf)
        aim = np.concatenate((np.zeros(len(self.choices)), -self.asked.minutes[moments]))
        rows = [*self._constraints(limit, count), enough]
        return self._solved(aim, rows, _NEAR, np.zeros(count, dtype=np.int64), tried)

    @property
    def most(self) -> float:
        """More people than any one pattern is of use for."""
        return float(self.asked.needed.max(initial=0.0))

    def _constraints(self, limit: float | None, extra: int = 0) -> list[LinearConstraint]:
        """Cover, shares of part-time lines and cost, with so many further variables."""

        def wide(rows: csr_array) -> csr_array:
            return csr_array(hstack((rows, csr_array((rows.shape[0], extra)))))

        found = [LinearConstraint(wide(self.asked.cover), self.asked.needed - _WHOLE, np.inf)]
        for role in self.staff.roles:
            for number, rule in enumerate(self.rules.shifts):
                if rule.at_most < 1:
                    mine = np.array([one.role == role for one in self.choices])
                    these = np.array([one.allowed == number for one in self.choices])
                    row = self.hours * mine * (these - rule.at_most)
                    found.append(LinearConstraint(wide(csr_array(row[None])), -np.inf, 1e-6))
        if limit is not None:
            found.append(LinearConstraint(wide(csr_array(self.costs[None])), -np.inf, limit))
        return found

    def _solved(
        self,
        aim: Floats,
        rows: list[LinearConstraint],
        effort: _Effort,
        extra: Counts = _NONE,
        tried: Mask | None = None,
    ) -> Solution | None:
        """The solution; of the further variables, each 0 to 1, `extra` says which are whole."""
        count = len(self.choices)
        most = np.full(count, self.most) if tried is None else self.most * tried
        solved = milp(
            aim,
            integrality=np.concatenate((np.ones(count, dtype=np.int64), extra)),
            bounds=Bounds(0, np.concatenate((most, np.ones(len(extra))))),
            constraints=rows,
            options={"mip_rel_gap": effort.gap, "node_limit": effort.nodes},
        )
        if solved.x is None:
            return None
        return np.rint(solved.x[:count]), float(solved.mip_gap or 0.0)

    def first_gap(self) -> tuple[str, int | None]:
        """The first moment that no allowed shift covers, in words and as a minute of the week."""
        reached = self.asked.cover.max(axis=1).toarray().ravel()
        short = np.flatnonzero((reached == 0) & (self.asked.needed > 0))
        if not len(short):
            return told(
                "nothing_by_itself_part_time_shares_at",
                "nothing by itself; part-time shares (at_most) leave too little",
            ), None
        first = short[np.argmin(self.asked.when[short])]
        day, clock = divmod(int(self.asked.when[first]) % WEEK, DAY)
        roles, why = self.asked.who[first]
        names = " or ".join(sorted(roles))
        words = f"{DAYS[day]} {clock // HOUR:02d}:{clock % HOUR:02d} ({names}, {why})"
        return words, int(self.asked.when[first]) % WEEK

    def _spread(self, people: Floats) -> Floats:
        """The same shifts, breaks that nobody stands in for at the times when most can be spared.

        One after another gets the break that leaves the most beyond the need; if that broke a rule
        of who must be present, the breaks stay as they were.
        """
        if not self.unrelieved.any():
            return people
        there = {role: np.zeros(len(self.resting[0]), dtype=np.int64) for role in self.staff.roles}
        ways: dict[Pattern, list[int]] = {}
        for place, one in enumerate(self.choices):
            there[one.role] += int(people[place]) * self.on_duty[place]
            if self.unrelieved[place]:
                ways.setdefault(one.anytime, []).append(place)
        spare = {
            roles: np.sum([there[role] for role in roles], axis=0) - number
            for roles, number in self.need.items()
        }
        found = people.copy()
        for shift, places in ways.items():
            mine = [roles for roles in spare if shift.role in roles]
            found[places] = 0
            for _ in range(int(people[places].sum())):
                least = [
                    min((int(spare[one][self.resting[place]].min()) for one in mine), default=0)
                    for place in places
                ]
                best = places[int(np.argmax(least))]
                found[best] += 1
                for roles in mine:
                    spare[roles] = spare[roles] - self.resting[best]
        kept = self.asked.cover @ found >= self.asked.needed - _WHOLE
        return found if kept.all() else people

    def plan(self, name: str, words: str, people: Floats, gap: float) -> Cover:
        """The plan that puts so many people on each pattern."""
        daily = bool(self.choices) and self.choices[0].day == EVERY_DAY
        people = self._spread(people)
        return Cover(
            name=name,
            words=words,
            rota=rota_lines(self.choices, people, self.rules),
            cycle_weeks=1 if daily else self.rules.cycle_weeks,
            hours=float(self.hours @ people),
            cost=float(self.costs @ people),
            shifts=float(self.shifts @ people),
            gap=gap,
        )
