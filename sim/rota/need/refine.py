"""The need by simulation: start with ample staff, and take away what is not needed.

The iterative staffing algorithm of Feldman, Mandelbaum, Massey & Whitt (2008, Management Science
54, 324-338): simulate, set each hour to the smallest number of staff with which at most the target
share of the tasks asked for in that hour finds that many others wanted, simulate that, and so on
until nothing changes. It is the tasks that are counted and not the time: where people come in
groups or as a crowd, more tasks wait than the time in which everybody is busy tells. It knows what
a formula does not: places that are full, people who leave, breaks in demand, work that comes in
bursts. At last what was found is played as it is, by as many further replications: those of the
search have been chosen by, and promise too much. Where more tasks wait than wanted, one more member
of staff is asked for until that is no longer so; whoever was added in all of these hours at once,
and turns out not to be needed, is taken away again.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine
from sim.measures.steps import window_of
from sim.rota.check.rules import rules_of, staff_of
from sim.rota.need.need import Asked, Counts, Requirement, allot, open_hours, staffed
from sim.rota.need.tasks import Wanted, together, wanted
from sim.scenario.model.hours import HOURS_OF_WEEK
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimates, ratio, share
from sim.study.run.replication import simulate_replication
from sim.study.run.runner import Plan
from sim.study.run.workers import Pool, Progress, this_machine

_DAY_HOURS = 24
MOST_ROUNDS = 10
"""Rounds after which the most of them is taken; two to four are usual."""
MOST_CHECKS = 20
"""Times that what was found is played and added to; one or two are usual."""
_MORE, _AT_LEAST = 2, 5
"""Ample: so many times the need by formula, and so many more."""
_APART = 3
"""Every so many hours one is tried with fewer staff, at the same time: what an hour leaves over for
the next is done by then."""
_ROUNDING = 1e-9
_LIKELY = 0.4
"""Confidence of the interval whose upper end must keep to the target: what is found then holds in
seven of ten hours that are just at it. An assumption."""


@dataclass(frozen=True, eq=False)
class Refined:
    """The need by simulation."""

    by_set: tuple[Counts, ...]
    """Staff that each set of roles must have, in the order of the requirement's sets."""
    by_role: dict[str, Counts]
    """People of each role present in each of the 168 hours of the week."""
    chance: Estimates
    """Share of the tasks asked for in each hour that waited when exactly these staff were there:
    (sets, 168), with the interval over replications, within 0 and 1."""
    replications: int
    rounds: int
    settled: bool
    """Whether the last round changed nothing; otherwise the most of the rounds was where the proof
    began."""
    added: int
    """Staff-hours a week that were added to what the rounds came to because too many tasks waited;
    below 0, if fewer are enough than the most of rounds that did not settle."""
    holds: bool
    """Whether in no hour more tasks waited than wanted."""

    def hours_per_week(self, role: str) -> int:
        """Hours of a role."""
        return int(self.by_role[role].sum())


def refine(
    scenario: Scenario,
    formula: Requirement,
    plan: Plan,
    progress: Progress = lambda *_: None,
) -> Refined:
    """The need by simulation.

    Hours that the formula finds alike (of the same clock time, with the same load and floors)
    are taken together: what is needed at ten o'clock is then known from seven mornings a week.

    Args:
        scenario: the site; its rota does not matter.
        formula: what the formula says; its floors hold here as well.
        plan: replications of each round, over the scenario's horizon, and their seed.
        progress: is told of every replication done, of how many; of 0 once nobody knows.
    """
    with this_machine(plan.engine, plan.workers)() as pool:
        rounds = _Rounds(scenario, formula, plan, pool, progress)
        return rounds.proved(rounds.search())


class _Found(NamedTuple):
    """What the rounds of a search came to."""

    by_set: tuple[Counts, ...]
    least: tuple[Counts, ...]
    """The least that any of the rounds that went in circles asked for."""
    rounds: int
    settled: bool


class _Rounds:
    """The rounds of a refinement: what is asked for, and what has been played."""

    def __init__(
        self, scenario: Scenario, formula: Requirement, plan: Plan, pool: Pool, progress: Progress
    ) -> None:
        self._scenario, self._asked, self._plan = scenario, formula.asked, plan
        self._pool, self._progress = pool, progress
        self._sets = tuple(one.roles for one in formula.asked)
        self._alike = _alike(formula.asked)
        self._played = 0

    def search(self) -> _Found:
        """What is enough, by rounds of simulation."""
        counts = self._allot(tuple(_MORE * one.staff + _AT_LEAST for one in self._asked))
        seen: list[tuple[Counts, ...]] = []
        while True:
            by_set = _enough(self._scenario, self._asked, self._play(counts).sum())
            settled = bool(seen) and _same(by_set, seen[-1])
            circle = next((n for n, one in enumerate(seen[:-1]) if _same(by_set, one)), None)
            seen.append(by_set)
            if settled:
                return _Found(by_set, by_set, len(seen), settled=True)
            if circle is not None or len(seen) == MOST_ROUNDS:
                # Of the circle; without one, of the second half of the rounds.
                among = seen[MOST_ROUNDS // 2 if circle is None else circle :]
                most, least = (
                    tuple(extreme.reduce(column) for column in zip(*among, strict=True))
                    for extreme in (np.maximum, np.minimum)
                )
                return _Found(most, least, len(seen), settled=False)
            counts = self._allot(by_set)

    def proved(self, found: _Found) -> Refined:
        """Played as it is; with one more wherever more tasks wait than wanted, until none does.

        Whoever is wanted may be busy with what others could do. More of those who could free them
        may be cheaper, or more of the few who can do it: both are tried, where any are wanted.
        """
        counts = self._allot(found.by_set)
        played = self._play(counts, self._plan.replications)
        if not any(one.any() for one in self._short(played)):
            return self._result(found, found.by_set, played)
        return min(
            (
                self._result(found, *self._enlarged(found.by_set, played, own=own))
                for own in (False, True)
            ),
            key=lambda one: (not one.holds, self._cost(one)),
        )

    def _enlarged(
        self, by_set: tuple[Counts, ...], played: "_Played", *, own: bool
    ) -> "tuple[tuple[Counts, ...], _Played]":
        """With more staff: of any role that could free those wanted, by turns with their own.

        Args:
            by_set: how many each set has.
            played: with these.
            own: whether more are asked for only of those who are wanted.
        """
        for check in range(MOST_CHECKS):
            short = self._short(played)
            if not any(one.any() for one in short):
                break
            if not own and check % 2 == 0:
                short = self._of_supersets(short)
            there = self._there(self._allot(by_set))
            by_set = tuple(
                np.where(more, have + 1, mine)
                for mine, have, more in zip(by_set, there, short, strict=True)
            )
            played = self._play(self._allot(by_set), self._plan.replications)
        return by_set, played

    def _result(self, found: _Found, by_set: tuple[Counts, ...], played: "_Played") -> Refined:
        """What is needed, without those who were added in vain."""
        holds = not any(one.any() for one in self._short(played))
        if holds:
            by_set, played = self._spared(by_set, found.least, played)
        counts = self._allot(by_set)
        return Refined(
            by_set=by_set,
            by_role=counts,
            chance=_chance(played),
            replications=self._plan.replications,
            rounds=found.rounds,
            settled=found.settled,
            added=_hours(counts) - _hours(self._allot(found.by_set)),
            holds=holds,
        )

    def _cost(self, one: Refined) -> float:
        """Of a week, and of equals that of fewer hours."""
        roles = staff_of(self._scenario).roles
        hours = {role: one.hours_per_week(role) for role in roles}
        return sum((roles[role].cost_per_hour + 1) * hours[role] for role in roles)

    def _spared(
        self, by_set: tuple[Counts, ...], least: tuple[Counts, ...], played: "_Played"
    ) -> tuple[tuple[Counts, ...], "_Played"]:
        """The same without those who were added in vain, as others were added as well.

        One fewer is tried in hours that lie apart, from the largest set to the smallest, down to
        what the rounds asked for; where more tasks than wanted wait then, all is left as it was.

        Args:
            by_set: with whom in no hour more tasks wait than wanted.
            least: what each set is asked for at any rate.
            played: with these staff.
        """
        least = tuple(
            np.maximum(few, one.least) for few, one in zip(least, self._asked, strict=True)
        )
        kept = [np.asarray(mine <= few) for mine, few in zip(by_set, least, strict=True)]
        turns = _apart(self._alike)
        while True:
            before = by_set
            for place in reversed(range(len(by_set))):
                for turn in range(_APART):
                    tried = ~kept[place] & (turns == turn) & self._counts(by_set, place)
                    by_set, played, gone = self._without(by_set, place, tried, played)
                    kept[place] |= (tried & ~gone) | (by_set[place] <= least[place])
            if _same(by_set, before):
                return by_set, played

    def _counts(self, by_set: tuple[Counts, ...], place: int) -> NDArray[np.bool_]:
        """Hours in which fewer people would do, if a set asked for one fewer."""
        now, then = self._allot(by_set), self._allot(_less(by_set, place, 1))
        found: NDArray[np.bool_] = np.logical_or.reduce([now[role] != then[role] for role in now])
        return found

    def _without(
        self,
        by_set: tuple[Counts, ...],
        place: int,
        fewer: NDArray[np.bool_],
        played: "_Played",
    ) -> "tuple[tuple[Counts, ...], _Played, NDArray[np.bool_]]":
        """With one fewer of a set in as many of these hours as may be; and in which of them."""
        while fewer.any():
            less = _less(by_set, place, fewer)
            found = self._play(self._allot(less), self._plan.replications)
            over = np.logical_or.reduce(self._short(found))
            if not over.any():
                return less, found, fewer
            fewer = _not_blamed(fewer, over, self._alike)
        return by_set, played, fewer

    def _allot(self, by_set: tuple[Counts, ...]) -> dict[str, Counts]:
        return allot(staff_of(self._scenario), dict(zip(self._sets, by_set, strict=True)))

    def _there(self, counts: dict[str, Counts]) -> tuple[Counts, ...]:
        return tuple(np.sum([counts[role] for role in roles], axis=0) for roles in self._sets)

    def _short(self, played: "_Played") -> tuple[NDArray[np.bool_], ...]:
        """Hours in which more tasks wait than wanted; of sets that share roles the smallest."""
        found = ratio(played.waited, played.asked, _LIKELY)
        # One replication has no interval.
        high = np.where(np.isnan(found.high), found.value, found.high)
        over = high > rules_of(self._scenario).need.waiting + _ROUNDING
        helped: list[NDArray[np.bool_]] = []
        for number, roles in enumerate(self._sets):
            inner = [helped[before] for before in range(number) if self._sets[before] & roles]
            mine = over[number]
            helped.append(mine & ~np.logical_or.reduce(inner) if inner else mine)
        return tuple(helped)

    def _of_supersets(self, short: tuple[NDArray[np.bool_], ...]) -> tuple[NDArray[np.bool_], ...]:
        """The same hours of the largest set that holds each set."""
        found = [np.zeros_like(one) for one in short]
        for roles, mine in zip(self._sets, short, strict=True):
            largest = max(place for place, one in enumerate(self._sets) if roles <= one)
            found[largest] |= mine
        return tuple(found)

    def _play(self, counts: dict[str, Counts], first: int = 0) -> "_Played":
        """As many replications as planned with these staff, from the first on, in their order."""
        job = _Job(
            self._scenario, counts, self._sets, self._alike, self._plan.seed, self._plan.engine
        )
        numbers = range(first, first + self._plan.replications)
        of = (MOST_ROUNDS + 1) * self._plan.replications
        found = []
        for one in self._pool.results(job, numbers):
            found.append(one)
            self._played += 1
            # How many more it takes to prove what was found nobody knows.
            self._progress(self._played, of if self._played <= of else 0)
        return _Played.of(found)


@dataclass(frozen=True, eq=False)
class _Played:
    """A round: what was wanted in each replication, along the first axis; alike hours together."""

    ahead: NDArray[np.float64]
    waited: NDArray[np.float64]
    minutes: NDArray[np.float64]

    @classmethod
    def of(cls, found: list[Wanted]) -> "_Played":
        return cls(
            ahead=together([one.ahead for one in found]),
            waited=np.array([one.waited for one in found]),
            minutes=together([one.minutes for one in found]),
        )

    @property
    def asked(self) -> NDArray[np.float64]:
        """Tasks asked for: (replications, sets, 168)."""
        total: NDArray[np.float64] = self.ahead.sum(axis=-1)
        return total

    def sum(self) -> Wanted:
        """Over all replications."""
        return Wanted(self.ahead.sum(axis=0), self.waited.sum(axis=0), self.minutes.sum(axis=0))


@dataclass(frozen=True, eq=False)
class _Job:
    """What all replications of a round have in common."""

    scenario: Scenario
    counts: dict[str, Counts]
    sets: tuple[frozenset[str], ...]
    alike: NDArray[np.int64]
    seed: int
    engine: Engine

    def run(self, replication: int) -> Wanted:
        """What was wanted, that of alike hours added."""
        played = staffed(self.scenario, self.counts)
        log = simulate_replication(played, self.seed, replication, self.engine)
        found = wanted(played, log, window_of(played), self.sets)
        return Wanted(*(self._together(one) for one in found))

    def _together(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        added = np.zeros((len(self.sets), int(self.alike.max()) + 1, *table.shape[2:]))
        for hour, same in enumerate(self.alike):
            added[:, same] += table[:, hour]
        return added[:, self.alike]


def _alike(asked: tuple[Asked, ...]) -> NDArray[np.int64]:
    """A number for each hour of the week, the same for hours that are alike.

    Where no hour differs from another, all are; else those of the same clock time may be, as what
    went before them counts as well.
    """
    columns = [*(one.load.round(6) for one in asked), *(one.least for one in asked)]
    if any(np.ptp(column) > 0 for column in columns):
        columns.append(np.arange(HOURS_OF_WEEK) % 24)
    _, alike = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    return alike.ravel().astype(np.int64)


def _enough(scenario: Scenario, asked: tuple[Asked, ...], found: Wanted) -> tuple[Counts, ...]:
    """Fewest staff with whom at most the target share of the tasks waits, and the floors.

    In an hour in which nothing is asked for, work that is in hand wants those who do it.
    """
    waiting = rules_of(scenario).need.waiting
    fewest = np.where(
        found.ahead.any(axis=-1),
        (_tails(found.ahead) > waiting).sum(axis=-1),
        (_tails(found.minutes)[..., 1:] > waiting).sum(axis=-1),
    )
    # A horizon of a few days has not all hours of the week.
    unseen = found.minutes.sum(axis=(0, 2)) == 0
    nobody = ~open_hours(scenario)
    return tuple(
        np.where(
            unseen,
            one.staff,
            np.maximum(np.where(nobody & (one.tasks == 0), 0, mine), one.least),
        )
        for one, mine in zip(asked, fewest, strict=True)
    )


def _tails(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of what found at least 0, 1, 2 … wanted."""
    total = numbers.sum(axis=-1, keepdims=True)
    at_least = np.cumsum(numbers[..., ::-1], axis=-1)[..., ::-1]
    shares: NDArray[np.float64] = np.zeros_like(at_least)
    np.divide(at_least, total, out=shares, where=total > 0)
    return shares


def _chance(played: "_Played") -> Estimates:
    """Share of tasks that waited; where none was asked for in an hour that was played, none."""
    found, seen = share(played.waited, played.asked), played.minutes.any(axis=(0, -1))
    none = seen & ~played.asked.any(axis=0)
    return Estimates(*(np.where(none, 0.0, one) for one in found))


def _less(
    by_set: tuple[Counts, ...], place: int, fewer: NDArray[np.bool_] | int
) -> tuple[Counts, ...]:
    """The same, but for one fewer of a set."""
    one = np.maximum(by_set[place] - fewer, 0)
    return (*by_set[:place], one, *by_set[place + 1 :])


def _apart(alike: NDArray[np.int64]) -> NDArray[np.int64]:
    """In which turn each hour is tried; hours that are alike in the same."""
    first = np.unique(alike, return_index=True)[1]
    turns: NDArray[np.int64] = (first % _DAY_HOURS % _APART)[alike]
    return turns


def _not_blamed(
    fewer: NDArray[np.bool_], over: NDArray[np.bool_], alike: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Of the hours with fewer staff those in which, and soon after which, no more tasks wait.

    All of them are blamed, if more wait elsewhere only. Hours that are alike stay alike.
    """
    near = np.logical_or.reduce([np.roll(over, -after) for after in range(_APART)])
    blamed = fewer & (near if (fewer & near).any() else True)
    return fewer & ~np.isin(alike, alike[blamed])


def _hours(counts: dict[str, Counts]) -> int:
    """Staff-hours a week."""
    return sum(int(number.sum()) for number in counts.values())


def _same(ones: tuple[Counts, ...], others: tuple[Counts, ...]) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(ones, others, strict=True))
