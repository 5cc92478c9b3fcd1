"""Until when to go on: each headline figure known to a wanted precision, relative or absolute.

After a batch of replications the half-width of every headline figure's interval is compared with
what is wanted; the size of the next batch follows from the figure that is furthest off. So the
number of replications depends on the scenario, the seed and the rule only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, inf, isnan

from sim.measures import Row
from sim.study.estimate.intervals import Floats


@dataclass(frozen=True)
class Goal:
    """How precisely a figure is wanted: the half-width of its interval, in either of two ways."""

    metric: str
    statistic: str
    parts: tuple[str, ...]
    """Of what: `all`, or one of each `room`, `role`."""
    absolute: float
    """Precise enough in the figure's own unit, which serves small figures."""
    relative: float = 0.0
    """Precise enough as a share of the figure, which serves large ones."""

    def is_of(self, row: Row) -> bool:
        """Whether this is a goal for a row of the summary."""
        part, _, name = row.by.partition(":")
        whole = ":" not in name  # a role, and not one of its duties
        return (row.metric, row.statistic) == (self.metric, self.statistic) and (
            part in self.parts and whole
        )

    def wanted(self, value: float) -> float:
        """The half-width that is precise enough for a figure of this value."""
        return max(self.absolute, self.relative * abs(value))


GOALS = (
    Goal("wait", "mean", ("all", "room"), absolute=0.25, relative=0.05),
    Goal("wait", "p90", ("all", "room"), absolute=1.0, relative=0.05),
    Goal("wait_service", "mean", ("service",), absolute=0.25, relative=0.05),
    Goal("wait_stay_task", "mean", ("stay_task",), absolute=0.25, relative=0.05),
    Goal("unserved", "share", ("all",), absolute=0.005, relative=0.05),
    Goal("response_first", "within_1", ("all",), absolute=0.02),
    Goal("staff_busy", "share", ("role",), absolute=0.02),
)
"""The headline figures: minutes of wait, shares of visits, of overdoses and of staff time."""


@dataclass(frozen=True)
class PrecisionRule:
    """When a study is precise enough."""

    least: int = 10
    """Fewest replications: fewer say too little about how much replications differ."""
    most: int = 200
    """Most replications, precise or not."""
    goals: tuple[Goal, ...] = GOALS

    def __post_init__(self) -> None:
        if not 1 < self.least <= self.most:
            raise ValueError(f"needs 1 < least <= most, not {self.least} and {self.most}")


@dataclass(frozen=True)
class Standing:
    """How precisely one headline figure is known."""

    row: Row
    value: float
    half_width: float
    """NaN while there is no interval."""
    wanted: float

    @property
    def shortfall(self) -> float:
        """Half-width ÷ what is wanted: precise enough at 1 or less.

        A figure that had nothing to measure in any replication holds nothing up: there may be no
        room, or no overdose in all the time simulated.
        """
        if isnan(self.value):
            return 0.0
        return inf if isnan(self.half_width) else self.half_width / self.wanted


@dataclass(frozen=True)
class Precision:
    """How a study until precise ended."""

    reached: bool
    """Whether every headline figure is as precise as wanted."""
    decisive: Standing | None
    """The figure that took longest, as it is now; None if nothing was measured at all."""
    standings: tuple[Standing, ...]
    """All headline figures."""


RowEstimates = Callable[[Sequence[int]], Floats]
"""Positions of rows to value, lower and upper bound: (3, rows)."""


def standings(
    rule: PrecisionRule, rows: Sequence[Row], estimates: RowEstimates
) -> tuple[Standing, ...]:
    """How precisely each headline figure of a scenario is known.

    Args:
        rule: says what is wanted.
        rows: the summary's rows.
        estimates: gives the figures so far.
    """
    found = [(n, goal) for n, row in enumerate(rows) for goal in rule.goals if goal.is_of(row)]
    value, low, high = estimates([number for number, _ in found])
    return tuple(
        Standing(
            rows[number],
            float(value[place]),
            float(high[place] - low[place]) / 2,
            goal.wanted(float(value[place])),
        )
        for place, (number, goal) in enumerate(found)
    )


def furthest(found: Sequence[Standing]) -> Standing | None:
    """The figure that is furthest from being precise enough; None if nothing was measured."""
    measured = [standing for standing in found if not isnan(standing.value)]
    return max(measured, key=lambda standing: standing.shortfall, default=None)


def next_count(rule: PrecisionRule, count: int, shortfall: float) -> int:
    """How many replications to have before looking again.

    Half-widths shrink with the root of the number of replications. No more than doubled, since the
    first half-widths are themselves uncertain.

    Args:
        rule: says how many at most.
        count: replications so far.
        shortfall: of the figure that is furthest off, above 1.
    """
    needed = ceil(count * min(shortfall**2, 2.0))
    return min(max(needed, count + 1), rule.most)
