"""What staff who stay after closing work beyond the rota, by play; and which rules that breaks.

The rota as it is written says nothing of it: whoever is needed stays until nobody is inside. So a
few replications are played, and working time is looked at as it was worked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine
from sim.log import Log
from sim.measures.figures.staff import shift_labels
from sim.rota.check.rules import Rule, staff_of
from sim.rota.check.working_time import Worked, worked_breaches
from sim.scenario.derived.budget import too_long
from sim.scenario.derived.calendar import site_spans
from sim.scenario.derived.roster import name_of, people_on_shift
from sim.scenario.derived.staffing import closings, stay
from sim.scenario.model.hours import DAY, WEEK
from sim.scenario.model.scenario import Horizon, Scenario
from sim.study.estimate.intervals import Estimate, ratio
from sim.study.run.replication import simulate_replication
from sim.study.run.runner import Plan
from sim.study.run.workers import Progress, StudyError, silent, this_machine

WEEKS_PLAYED = 20
"""So many weeks are played, or more: enough to see what happens every few weeks."""
_FEWEST, _MOST = 5, 20
"""Replications."""
_LONGEST = 364
"""Days of a replication, so that a check of many years stays quick."""

Floats = NDArray[np.float64]


class NotPlayedError(StudyError):
    """Too much would have to be played; the message says what."""


@dataclass(frozen=True)
class LineOvertime:
    """What those of one line of the rota work after the ends of their shifts."""

    line: str
    minutes: Estimate
    """A week, of each person of the line."""
    late: float
    """Share of the shifts worked that end late."""
    latest: float
    """Minutes after the end of a shift, at most."""


@dataclass(frozen=True)
class Risk:
    """A rule that the rota keeps as it is written, and that overtime may break."""

    rule: Rule
    where: str
    """Line or person."""
    broken: int
    """Weeks in which it was; of a mean replications."""
    of: int
    """Weeks played; of a mean replications."""
    mean: bool = False
    """Whether it is about a mean over all weeks of a replication."""


@dataclass(frozen=True)
class PlayedOvertime:
    """What was played, and what came of it."""

    seed: int
    replications: int
    days: int
    """Counted, of each replication."""
    lines: tuple[LineOvertime, ...]
    """Those with any."""
    risks: tuple[Risk, ...]


def may_stay(scenario: Scenario) -> bool:
    """Whether somebody is on duty at a closing whose shift ends before the next opening."""
    if not stay(scenario):
        return False
    opens = [start for start, _ in site_spans(scenario)]
    if opens:  # and after the last of the horizon as on its first day
        opens.append(opens[0] + DAY * ceil((scenario.horizon.minutes - opens[0]) / DAY))
    ends = np.array([one.end for one in people_on_shift(scenario)])
    starts = np.array([one.start for one in people_on_shift(scenario)])
    for closing in closings(scenario):
        reopens = opens[np.searchsorted(opens, closing.time, side="left")]
        if ((starts < closing.time) & (ends >= closing.time) & (ends < reopens)).any():
            return True
    return False


def play_overtime(scenario: Scenario, plan: Plan, progress: Progress = silent) -> PlayedOvertime:
    """Play a few replications, and look at the working time as it was worked.

    Args:
        scenario: whose rota it is.
        plan: seed, workers and engine; how many replications follows from the horizon.
        progress: is told of every replication done.

    Raises:
        NotPlayedError: that would take days.
    """
    horizon = scenario.horizon
    if horizon.total_days > _LONGEST:
        warmup = min(horizon.warmup_weeks, _LONGEST // 14)
        horizon = Horizon(start=horizon.start, days=_LONGEST, warmup_weeks=warmup)
        scenario = scenario.model_copy(update={"horizon": horizon})
    days = horizon.total_days - 7 * horizon.warmup_weeks
    replications = min(max(ceil(7 * WEEKS_PLAYED / days), _FEWEST), _MOST)
    if why := too_long(scenario, replications):
        raise NotPlayedError(why)
    found = []
    with this_machine(plan.engine, plan.workers)() as pool:
        job = _Overtime(scenario, plan.seed, plan.engine)
        for number, one in enumerate(pool.results(job, range(replications)), start=1):
            found.append(one)
            progress(number, replications)
    lines = tuple(_lines(scenario, found, days / 7))
    risks = tuple(_risks(found, ceil(days / 7)))
    return PlayedOvertime(plan.seed, replications, days, lines, risks)


@dataclass(frozen=True, eq=False)
class _Played:
    """Of one replication, by line of the rota; and the rules that were broken."""

    minutes: Floats
    late: Floats
    worked: Floats
    latest: Floats
    broken: frozenset[tuple[Rule, str, int | None]]
    """Rule, line or person, and week; None for a mean."""


@dataclass(frozen=True)
class _Overtime:
    """What is worked after the ends of shifts, replication by replication."""

    scenario: Scenario
    seed: int
    engine: Engine

    def run(self, replication: int) -> _Played:
        """Play one."""
        log = simulate_replication(self.scenario, self.seed, replication, self.engine)
        return _played(self.scenario, log)


def _played(scenario: Scenario, log: Log) -> _Played:
    horizon, people = scenario.horizon, log.people
    lines = len(staff_of(scenario).rota)
    start, end, left = people["start"], people["end"], people["left"]
    came = ~people["absent"].astype(bool) & ~np.isnan(left)
    counted = came & (start >= horizon.counted_from) & (start < horizon.minutes)
    over = np.where(counted, np.fmax(left - end, 0.0), 0.0)
    line = people["line"]
    latest = np.zeros(lines)
    np.maximum.at(latest, line[counted], over[counted])
    return _Played(
        minutes=np.bincount(line, over, minlength=lines).astype(float),
        late=np.bincount(line, over > 0, minlength=lines).astype(float),
        worked=np.bincount(line, counted, minlength=lines).astype(float),
        latest=latest,
        broken=_broken(scenario, end + over, came) - _broken(scenario, end, came),
    )


def _broken(
    scenario: Scenario, ends: Floats, came: NDArray[np.bool_]
) -> frozenset[tuple[Rule, str, int | None]]:
    """Which rules the shifts that people came to break, with these ends."""
    worked = [
        Worked(int(one.start), ceil(end), one.line, name_of(scenario, one), one.day * DAY)
        for one, end, there in zip(people_on_shift(scenario), ends, came, strict=True)
        if there and one.start < scenario.horizon.minutes
    ]
    since = scenario.horizon.counted_from
    return frozenset(
        (one.rule, one.where, None if one.minute is None else int((one.minute - since) // WEEK))
        for one in worked_breaches(scenario, worked)
        if one.minute is None or one.minute >= since
    )


def _lines(scenario: Scenario, found: Sequence[_Played], weeks: float) -> Iterator[LineOvertime]:
    staff = staff_of(scenario)
    minutes = np.array([one.minutes for one in found])
    people = np.array([line.count for line in staff.rota], dtype=float)
    a_week = ratio(minutes, np.broadcast_to(weeks * people, minutes.shape))
    late, worked, latest = (
        np.array([getattr(one, name) for one in found]) for name in ("late", "worked", "latest")
    )
    for number, label in enumerate(shift_labels(staff)):
        if minutes[:, number].any():
            share = float(late[:, number].sum() / worked[:, number].sum())
            week = a_week.at(number)
            week = week._replace(low=max(week.low, 0.0))
            yield LineOvertime(label, week, share, float(latest[:, number].max()))


def _risks(found: Sequence[_Played], weeks: int) -> Iterator[Risk]:
    """Each rule and whom it is about, in the order of the rules."""
    known = {(rule, where, week is None) for one in found for rule, where, week in one.broken}
    for rule, where, mean in sorted(known, key=lambda one: (list(Rule).index(one[0]), one[1])):
        broken = sum(
            (one_rule, one_where, week is None) == (rule, where, mean)
            for one in found
            for one_rule, one_where, week in one.broken
        )
        yield Risk(rule, where, broken, len(found) * (1 if mean else weeks), mean)
