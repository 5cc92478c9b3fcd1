"""The cheapest shifts that cover the need, and near-best ones that are better in another way.

An integer programme, solved by HiGHS: so many people on each allowed shift, such that in every
minute each set of roles has the people it needs, at the lowest cost. Then, for at most a little
more (`near`), the fewest shifts, the fewest different shifts, and the most people to spare.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, identity, vstack

from sim.rota.lines import EVERY_WEEK, Moment, merged
from sim.rota.need import Counts, NeedError
from sim.rota.patterns import (
    EVERY_DAY,
    Pattern,
    alike_every_day,
    patterns,
    shift_line,
    there,
    week_cost,
)
from sim.rota.work import Roles
from sim.scenario.hours import DAY, DAYS, HOUR, HOURS_OF_WEEK, WEEK
from sim.scenario.offered import Floats
from sim.scenario.rota_rules import RotaRules
from sim.scenario.staff import Shift, Staff


class _Effort(NamedTuple):
    """How far to look; a limit of nodes, not of time: the same plans on every machine."""

    gap: float
    nodes: int


_CHEAPEST, _NEAR = _Effort(1e-4, 5_000), _Effort(0.02, 100)
"""Near-best plans need not be the very best in their way."""
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


def covers(staff: Staff, rules: RotaRules, wanted: Mapping[Roles, Counts]) -> tuple[Cover, ...]:
    """The cheapest plan and near-best ones, those that are alike once.

    Args:
        staff: roles and what they cost.
        rules: which shifts are allowed.
        wanted: by set of roles, people present in each of the 168 hours of the week.

    Raises:
        NeedError: the allowed shifts cannot cover the need.
    """
    problem = _Problem.of(staff, rules, wanted)
    first = problem.cheapest()
    if first is None:
        raise NeedError(
            "no allowed shifts cover what is needed: see rota_rules.shifts; "
            f"uncovered: {problem.first_gap()}"
        )
    least = float(problem.costs @ first[0])
    limit = least * (1 + rules.near) + 1e-6
    others = {
        ("fewest-shifts", "fewest shifts worked"): problem.fewest_shifts(limit),
        ("fewest-kinds", "fewest different shifts"): problem.fewest_kinds(limit),
        ("most-spare", "one more there for longest"): problem.most_spare(limit),
    }
    near = {name: solved for name, solved in others.items() if solved is not None}
    # Where HiGHS had to stop early, another search may have come upon a cheaper plan.
    people = min((first, *near.values()), key=lambda one: float(problem.costs @ one[0]))[0]
    possible = least * (1 - first[1])
    gap = max(0.0, 1 - possible / float(problem.costs @ people)) if least else 0.0
    found = [problem.plan("cheapest", "the cheapest", people, gap)]
    found += [problem.plan(name, words, *solved) for (name, words), solved in near.items()]
    rotas = [one.rota for one in found]
    return tuple(one for place, one in enumerate(found) if one.rota not in rotas[:place])


Solution = tuple[Floats, float]
"""People on each pattern, and the gap."""
_NONE = np.zeros(0, dtype=np.int64)


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
    cover: csr_array
    """(moments × sets, patterns): people there."""
    needed: Floats
    """(moments × sets)."""
    minutes: Floats
    """(moments × sets): how long each lasts, for the set of all roles where it is needed."""
    when: Floats
    """(moments × sets): minute of the period."""

    @classmethod
    def of(cls, staff: Staff, rules: RotaRules, wanted: Mapping[Roles, Counts]) -> "_Problem":
        """The programme of a need."""
        daily = alike_every_day(rules) and all(
            bool((number.reshape(len(DAYS), -1) == number[: DAY // HOUR]).all())
            for number in wanted.values()
        )
        period = DAY if daily else WEEK * rules.cycle_weeks
        choices = patterns(staff, rules, daily=daily)
        presence = np.array([there(one, rules, period) for one in choices]).reshape(-1, period)
        edges = np.flatnonzero((np.diff(presence, axis=1) != 0).any(axis=0)) + 1
        moments = np.unique(np.concatenate((edges, np.arange(0, period, HOUR))))
        lasting = np.diff(np.append(moments, period))
        everybody = frozenset(staff.roles)
        parts, needed, minutes = [], [], []
        for roles, number in wanted.items():
            mine = np.array([one.role in roles for one in choices], dtype=np.float64)
            parts.append(csr_array((presence[:, moments] * mine[:, None]).T))
            needed.append(number[moments // HOUR % HOURS_OF_WEEK].astype(np.float64))
            minutes.append(lasting * (needed[-1] > 0) * (roles == everybody))
        known = [week_cost(one, staff, rules) for one in choices]
        return cls(
            staff=staff,
            rules=rules,
            choices=choices,
            hours=np.array([hours for hours, _ in known]),
            costs=np.array([cost for _, cost in known]),
            shifts=np.array(
                [7.0 if one.day == EVERY_DAY else 1 / rules.cycle_weeks for one in choices]
            ),
            cover=csr_array(vstack(parts)),
            needed=np.concatenate(needed),
            minutes=np.concatenate(minutes),
            when=np.tile(moments, len(wanted)).astype(np.float64),
        )

    def cheapest(self) -> Solution | None:
        """The plan of the lowest cost."""
        return self._solved(self.costs, self._constraints(None), _CHEAPEST)

    def fewest_shifts(self, limit: float) -> Solution | None:
        """The plan with the fewest shifts worked."""
        aim = self.shifts + self._slight(limit)
        return self._solved(aim, self._constraints(limit), _NEAR)

    def _slight(self, limit: float) -> Floats:
        return _SLIGHT * self.costs / max(limit, 1.0)

    def fewest_kinds(self, limit: float) -> Solution | None:
        """The plan with the fewest different shifts: role, hours and length."""
        keys = [(one.role, one.allowed, one.start, one.length) for one in self.choices]
        kinds = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        count = len(self.choices)
        used = csr_array(
            (np.full(count, self.most), (np.arange(count), [kinds[key] for key in keys])),
            shape=(count, len(kinds)),
        )
        linked = hstack((identity(count), -used))
        rows = [*self._constraints(limit, len(kinds)), LinearConstraint(linked, -np.inf, 0)]
        aim = np.concatenate((self._slight(limit), np.ones(len(kinds))))
        return self._solved(aim, rows, _NEAR, np.ones(len(kinds), dtype=np.int64))

    def most_spare(self, limit: float) -> Solution | None:
        """The plan with the longest time in which one more than needed is there."""
        moments = np.flatnonzero(self.minutes)
        count = len(moments)
        spare = hstack((self.cover[moments], -identity(count)))
        enough = LinearConstraint(spare, self.needed[moments], np.inf)
        aim = np.concatenate((np.zeros(len(self.choices)), -self.minutes[moments]))
        rows = [*self._constraints(limit, count), enough]
        return self._solved(aim, rows, _NEAR, np.zeros(count, dtype=np.int64))

    @property
    def most(self) -> float:
        """More people than any one pattern is of use for."""
        some = self.cover.data[self.cover.data > 0]
        return float(ceil(self.needed.max(initial=0.0) / (some.min() if len(some) else 1.0)))

    def _constraints(self, limit: float | None, extra: int = 0) -> list[LinearConstraint]:
        """Cover, shares of part-time lines and cost, with so many further variables."""

        def wide(rows: csr_array) -> csr_array:
            return csr_array(hstack((rows, csr_array((rows.shape[0], extra)))))

        # A fraction of a person less than needed is a rounding error.
        found = [LinearConstraint(wide(self.cover), self.needed - 1e-6, np.inf)]
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
    ) -> Solution | None:
        """The solution; of the further variables, each 0 to 1, `extra` says which are whole."""
        count = len(self.choices)
        solved = milp(
            aim,
            integrality=np.concatenate((np.ones(count, dtype=np.int64), extra)),
            bounds=Bounds(0, np.concatenate((np.full(count, self.most), np.ones(len(extra))))),
            constraints=rows,
            options={"mip_rel_gap": effort.gap, "node_limit": effort.nodes},
        )
        if solved.x is None:
            return None
        return np.rint(solved.x[:count]), float(solved.mip_gap or 0.0)

    def first_gap(self) -> str:
        """The first moment that no allowed shift covers."""
        reached = self.cover.max(axis=1).toarray().ravel()
        short = np.flatnonzero((reached == 0) & (self.needed > 0))
        if not len(short):
            return "nothing by itself; part-time shares (at_most) leave too little"
        minute = int(self.when[short[0]])
        day, clock = divmod(minute % WEEK, DAY)
        return f"{DAYS[day]} {clock // HOUR:02d}:{clock % HOUR:02d}"

    def plan(self, name: str, words: str, people: Floats, gap: float) -> Cover:
        """The plan that puts so many people on each pattern."""
        daily = bool(self.choices) and self.choices[0].day == EVERY_DAY
        return Cover(
            name=name,
            words=words,
            rota=_lines(self.choices, people, self.rules),
            cycle_weeks=1 if daily else self.rules.cycle_weeks,
            hours=float(self.hours @ people),
            cost=float(self.costs @ people),
            shifts=float(self.shifts @ people),
            gap=gap,
        )


def _lines(choices: tuple[Pattern, ...], people: Floats, rules: RotaRules) -> tuple[Shift, ...]:
    """Lines of a rota: days of the same number of people together, and weeks of the same days."""
    kinds: dict[tuple[str, int, int, int], dict[Moment, tuple[Pattern, int]]] = {}
    for one, number in zip(choices, people, strict=True):
        if number:
            kind = kinds.setdefault((one.role, one.allowed, one.start, one.length), {})
            for day in range(len(DAYS)) if one.day == EVERY_DAY else (one.day,):
                week = EVERY_WEEK if one.day == EVERY_DAY else one.week + 1
                kind[week, day] = (one, int(number))
    lines = []
    for (_, allowed, _, _), moments in kinds.items():
        numbers = {moment: number for moment, (_, number) in moments.items()}
        first = next(iter(moments.values()))[0]
        for days, weeks, number in merged(numbers, rules.cycle_weeks):
            lines.append(shift_line(first, rules.shifts[allowed], days, weeks, number))
    return tuple(lines)
