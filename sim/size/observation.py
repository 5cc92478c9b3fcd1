"""What is observed of a design, replication by replication, to judge its targets.

Replications are independent, visits within one are not, so that each replication gives one
observation a target, of a form whose mean is above 0 exactly where the target is met:

    a mean, rate or share      limit × denominator − numerator       (for <=; else the reverse)
    a quantile, P90 <= 10 min  visits within 10 min − 0.9 × visits   (P90 <= 10 min says no more
                               than that 90 % of the visits wait 10 minutes or less)
    in every hour              the same for each hour of the week in which the site is open

An hour in which nothing could be observed, because the design is closed then or nobody ever came,
stands in nobody's way: its observations are 0, which is met. So is a figure that a design does not
have, such as the wait at the door where nobody may wait there. But where nobody can ever get a
place, a target on waits for one is missed, though there are none to measure.

Observed too is what the visitors of a replication do beyond what was to be expected of them.
Beside the controls of every study (visits and stays, `sim.study.estimate.control`) overdoses: one
takes several staff from the room, and where a shift has a single nurse the room lets nobody in
meanwhile, so that their number, and the time of day, may move waits and unserved visits more than
how many people come. Whether a visit would have an overdose is drawn with a chance that its kind
and its day give; so what there are more than the sum of these chances has mean 0, however visits
are grouped by who comes and when.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc

from sim.log import Log
from sim.measures import hour_rows, metric_rows
from sim.measures.facts.facts import Facts
from sim.measures.facts.groups import GOT_PLACE
from sim.measures.figures.figure import Figure, HourPair, Interval, Row, Sample, Timed
from sim.measures.steps import HOURS, SAME, Bools, closing_times, open_hours, sum_by_hour
from sim.measures.tally import hour_figures, samples, summary_figures
from sim.scenario.derived.calendar import site_spans
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import EVERY_HOUR, Target, usual_name
from sim.study.compare.matters import matter_of
from sim.study.estimate.control import CONTROLS, Expected, expected
from sim.study.estimate.intervals import Floats
from sim.study.estimate.named_figure import TargetError, TargetFigure, find
from sim.visitors import Visitors

Counts = NDArray[np.int32]

STEP = 0.25
"""Minutes by which waits are counted, for reading quantiles off."""
LONGEST = 180
"""Minutes; longer waits are counted together."""
_SHARE = 0.01
"""Tolerance of shares, and of quantiles, which are shares of visits: one in a hundred."""
_OTHER = 0.05
"""Tolerance of figures of which nothing says what matters, as a share of the limit."""

_OF_THE_SERVED = ("wait", "wait_place")
"""Waits of those who got a place."""
_FAR = 1e6
"""Further from a limit than any figure is."""

LATEST = 720
"""Minutes after closing; who leaves a place later is counted with those who leave then."""

DESCRIBED = (
    ("unserved", "share"),
    ("wait", "mean"),
    ("uses", "per_day"),
    ("intake_paused", "minutes_per_week"),
    ("overtime", "minutes_per_week"),
    ("cost", "overtime_per_week"),
)
"""Metric and statistic of what is observed of every design beside its targets."""


@dataclass(frozen=True)
class ObservedTarget:
    """One target as it is observed."""

    target: Target
    unit: str
    """Of the observed figure; of a quantile the share of visits."""
    limit: float
    """Of the observed figure."""
    tolerance: float
    """How near to the limit either answer is right."""
    sign: int
    """1 where the figure must be at least the limit, −1 where at most."""
    columns: slice
    """Where its observations stand: one column, or one for each hour of the week."""
    is_count: bool
    """Whether it is a share of countable events."""
    within: float | None = None
    """Of a quantile: minutes that its share of the visits may wait."""
    name: str = ""
    """Metric and statistic of the figure, such as `wait.p90`."""


def observed_targets(
    scenario: Scenario, tolerances: Mapping[str, float]
) -> tuple[ObservedTarget, ...]:
    """The targets of a scenario as they are observed.

    Args:
        scenario: with targets that were checked (`sim.study.estimate.targets.check_targets`).
        tolerances: by `metric.statistic`, instead of the smallest differences that matter.
    """
    rows, hours = metric_rows(scenario), hour_rows(scenario)
    tolerances = {".".join(usual_name(name)): one for name, one in tolerances.items()}
    found, start = [], 0
    for target in scenario.targets:
        about = find(target, rows, hours)
        width = HOURS if target.hour == EVERY_HOUR else 1
        found.append(_observed(target, about, slice(start, start + width), tolerances))
        start += width
    return tuple(found)


def _observed(
    target: Target, about: TargetFigure, columns: slice, tolerances: Mapping[str, float]
) -> ObservedTarget:
    figure = about.figure
    said = tolerances.get(".".join(target.figure), tolerances.get(figure.name))
    upper = target.operator.is_upper
    if figure.interval is Interval.QUANTILE:
        share = figure.probability
        return ObservedTarget(
            target=target,
            unit="share",
            limit=share,
            tolerance=said or _SHARE,
            sign=1 if upper else -1,
            columns=columns,
            is_count=True,
            within=about.limit + SAME if upper else about.limit - SAME,
            name=figure.name,
        )
    row = Row(figure.metric, figure.statistic, figure.by, figure.unit, "")
    usual = matter_of(row).margin or (_SHARE if figure.unit == "share" else 0.0)
    return ObservedTarget(
        target=target,
        unit=figure.unit,
        limit=about.limit,
        tolerance=said or usual or _OTHER * abs(about.limit) or _OTHER,
        sign=-1 if upper else 1,
        columns=columns,
        is_count=figure.interval is Interval.EVENTS,
        name=figure.name,
    )


@dataclass(frozen=True, eq=False)
class Observation:
    """What one replication of one design showed."""

    pairs: Floats
    """(2, columns): numerators and denominators, the targets' columns, then DESCRIBED."""
    waits: Counts
    """Visits that got a place by their wait, in steps of STEP minutes; the last is all longer."""
    late: Counts
    """(2, minutes): closings by the minute after them in which the last person left a place, and
    the building; 0 if nobody was there, LATEST and later together."""
    controls: Floats
    """What its visitors did beyond what was to be expected of them ; of mean 0
    whatever the design."""


def columns_of(wanted: Sequence[ObservedTarget]) -> int:
    """How many columns the targets have."""
    return wanted[-1].columns.stop if wanted else 0


def columns_among(
    targets: Sequence[ObservedTarget], wanted: Sequence[int] | None = None
) -> NDArray[np.intp]:
    """The numbers of the columns of some targets; of all without `wanted`."""
    chosen = range(len(targets)) if wanted is None else wanted
    numbers = np.arange(columns_of(targets))
    parts = [numbers[targets[number].columns] for number in chosen]
    return np.concatenate(parts).astype(np.intp) if parts else np.empty(0, dtype=np.intp)


class Observer:
    """Observes replications of one design."""

    def __init__(self, scenario: Scenario, wanted: Sequence[ObservedTarget]) -> None:
        """Find the figures that a scenario's targets are about."""
        figures, hours = summary_figures(scenario), hour_figures(scenario)
        rows, by_hour = [one.row for one in figures], [one.row for one in hours]
        is_open = open_hours(scenario)
        taken = {
            (one.row.metric, one.row.by): one for one in samples(scenario) if not one.row.hourly
        }
        timed = {one.row: one.timed for one in samples(scenario) if one.timed is not None}
        self._scenario = scenario
        self._closings = closing_times(scenario)
        opens = np.array([start for start, _ in site_spans(scenario)])
        after = np.searchsorted(opens, self._closings, side="left")
        self._next_opening = np.append(opens, np.inf)[after]
        self._width = columns_of(wanted) + len(DESCRIBED)
        self._taken: list[tuple[slice, Callable[[Facts], HourPair]]] = []
        for one in wanted:
            try:
                about = find(one.target, rows, by_hour).figure
            except TargetError:
                continue  # nothing of it can be observed in this design
            hour = one.target.hour
            if hour is None and nobody_enters(scenario, one.target):
                self._taken.append((one.columns, missed(one.sign)))
                continue
            if one.within is not None and hour is not None:
                durations = hours[about.number].row.sample
                assert durations is not None  # as of every quantile
                of = _no_longer_by_hour(timed[durations], one.within)
                of = _some_hours(of, hour, is_open)
            elif one.within is not None:
                of = _no_longer(taken[about.metric, about.by], one.within)
            elif hour is None:
                of = _single(figures[about.number])
            else:
                of = _some_hours(hours[about.number].of, hour, is_open)
            self._taken.append((one.columns, of))
        described = {
            (one.metric, one.statistic): n for n, one in enumerate(rows) if one.by == "all"
        }
        for place, name in enumerate(DESCRIBED, start=columns_of(wanted)):
            if name in described:
                of = _single(figures[described[name]])
                self._taken.append((slice(place, place + 1), of))

    def observe(self, log: Log, controls: Floats) -> Observation:
        """What a replication shows.

        Args:
            log: what happened.
            controls: what its visitors did beyond what was to be expected.
        """
        facts = Facts(self._scenario, log)
        pairs = np.zeros((2, self._width))
        for columns, of in self._taken:
            pairs[0, columns], pairs[1, columns] = of(facts)
        visits = facts.visits
        waited = visits.one_by_one(visits.stamps.waited, GOT_PLACE)
        steps = np.ceil((waited - SAME) / STEP).clip(0, LONGEST / STEP + 1).astype(np.int64)
        counted = np.bincount(steps, minlength=int(LONGEST / STEP) + 2)
        late = np.array([_by_minute(self._late(log)), _by_minute(facts.visit_sums.late)])
        return Observation(pairs, counted.astype(np.int32), late, controls)

    def _late(self, log: Log) -> Floats:
        """How long after each closing the last person left a place; minutes."""
        entered, left = log.visits["entered"], log.visits["left"]
        left = np.where(np.isnan(left) & ~np.isnan(entered), log.end, left)
        # The last closing before it; those who entered after the opening after it have another.
        closing = np.searchsorted(self._closings, left, side="left") - 1
        found = np.zeros(len(self._closings))
        mine = (closing >= 0) & ~np.isnan(left)
        mine[mine] &= entered[mine] < self._next_opening[closing[mine]]
        np.maximum.at(found, closing[mine], left[mine] - self._closings[closing[mine]])
        return found


def nobody_enters(scenario: Scenario, target: Target) -> bool:
    """Whether a target is on waits for a place that nobody of those meant can ever get."""
    parts = target.named_parts()
    if target.figure[0] not in _OF_THE_SERVED or set(parts) - {"kind"}:
        return False
    kinds = [
        kind
        for name, kind in scenario.visits.items()
        if kind.rooms and (name == parts["kind"] if parts else kind.share > 0)
    ]
    rooms = {room for kind in kinds for room in kind.rooms}
    rooms |= {kind.switch.room for kind in kinds if kind.switch is not None}
    return bool(kinds) and not any(scenario.rooms[room].places for room in rooms)


def missed(sign: int) -> Callable[[object], HourPair]:
    """Observations that miss a target by far, of a figure that is not known."""
    pair = np.array([-sign * _FAR]), np.zeros(1)
    return lambda _: pair


def _by_minute(late: Floats) -> Counts:
    minutes = np.ceil(late - SAME).clip(0, LATEST).astype(np.int64)
    return np.bincount(minutes, minlength=LATEST + 1).astype(np.int32)


def _single(figure: Figure) -> Callable[[Facts], HourPair]:
    def pair(facts: Facts) -> HourPair:
        top, bottom = figure.of(facts)
        return np.array([top]), np.array([bottom])

    return pair


def _no_longer(sample: Sample, within: float) -> Callable[[Facts], HourPair]:
    def pair(facts: Facts) -> HourPair:
        minutes = sample.of(facts)
        minutes = minutes[~np.isnan(minutes)]
        return np.array([np.sum(minutes <= within)]), np.array([float(len(minutes))])

    return pair


def _no_longer_by_hour(
    timed: Callable[[Facts], Timed], within: float
) -> Callable[[Facts], HourPair]:
    def pair(facts: Facts) -> HourPair:
        minutes, hours = timed(facts)
        return sum_by_hour(hours[minutes <= within]), sum_by_hour(hours[~np.isnan(minutes)])

    return pair


def _some_hours(
    of: Callable[[Facts], HourPair], hour: int, is_open: Bools
) -> Callable[[Facts], HourPair]:
    """One hour of the week; or all, and nothing in those in which the site is closed."""

    def pair(facts: Facts) -> HourPair:
        top, bottom = of(facts)
        if hour == EVERY_HOUR:
            return np.where(is_open, top, 0.0), np.where(is_open, bottom, 0.0)
        return top[[hour]], bottom[[hour]]

    return pair


def observations(
    wanted: Sequence[ObservedTarget], pairs: Floats, first: int
) -> tuple[Floats, Floats]:
    """Observations in the figures' units, and what their variance is at least.

    An observation is divided by the mean denominator of the first replications; that changes the
    scale and never the sign. Of a share of countable events the variance is at least that of
    independent events at the limit: that all of a few were alike proves little.

    Args:
        wanted: the targets.
        pairs: (replications, 2, columns).
        first: of so many replications the mean denominator is taken.

    Returns:
        (replications, target columns), and a number for each column.
    """
    width = columns_of(wanted)
    limits, signs, counts = np.zeros(width), np.zeros(width), np.zeros(width)
    for one in wanted:
        limits[one.columns], signs[one.columns] = one.limit, one.sign
        counts[one.columns] = one.is_count
    top, bottom = pairs[:, 0, :width], pairs[:, 1, :width]
    scale = bottom[:first].mean(axis=0)
    observed = scale > 0
    scale = np.where(observed, scale, 1.0)
    least = np.where(observed & (counts > 0) & (limits < 1), limits * (1 - limits) / scale, 0.0)
    return signs * (top - limits * bottom) / scale, least


def tolerances_of(wanted: Sequence[ObservedTarget]) -> Floats:
    """The tolerance of each column."""
    return np.concatenate(
        [np.full(one.columns.stop - one.columns.start, one.tolerance) for one in wanted]
    )


def quantile_of(waits: Counts, probability: float) -> float:
    """Minutes that this share of the waits did not exceed, between steps by a straight line.

    Args:
        waits: counts by step; the first are those who did not wait.
        probability: the share.
    """
    running = np.cumsum(waits)
    if not running[-1]:
        return float("nan")
    aim = probability * float(running[-1])
    step = int(np.searchsorted(running, aim, side="left"))
    if step == 0:
        return 0.0
    before = float(running[step - 1])
    return STEP * (step - 1 + (aim - before) / float(running[step] - before))


def last_out(late: Counts, share: float) -> float:
    """Minutes after closing by which, on this share of days, the last person has left.

    Args:
        late: closings by minute, of any number of replications added up.
        share: above 0, at most 1.

    Returns:
        0 where nothing closes; infinite where it is LATEST or later.
    """
    running = np.cumsum(late)
    if not running[-1]:
        return 0.0
    minute = int(np.searchsorted(running, share * float(running[-1]) - SAME, side="left"))
    return float("inf") if minute == LATEST else float(minute)


# --- what visitors do beyond what was expected --------------------------------------------------

_PARTS = 3
"""Eight hours of the day each, which is about a shift."""
_PART = 24 * HOUR / _PARTS
_LEAST = 1e-12
CONTROL_NAMES = (*CONTROLS, *(f"overdoses.{part}" for part in range(_PARTS)))
"""The controls, in order."""


@dataclass(frozen=True, eq=False)
class Expectation:
    """What is to be expected of the visitors of a replication."""

    of_studies: Expected
    risk: Floats
    """(days, kinds): chance that a visit would have an overdose, long enough stay or not."""

    @classmethod
    def of(cls, scenario: Scenario) -> "Expectation":
        """Of a scenario's visitors."""
        return cls(expected(scenario), _risk(scenario))

    def beyond(self, visitors: Visitors) -> Floats:
        """What is more than expected, one number for each of CONTROL_NAMES; its mean is 0."""
        return np.concatenate([self.of_studies.deviations(visitors), self._overdoses(visitors)])

    def _overdoses(self, visitors: Visitors) -> Floats:
        counted = np.flatnonzero(visitors.arrival >= self.of_studies.counted_from)
        arrival = visitors.arrival[counted]
        risk = self.risk[(arrival // DAY).astype(np.intp), visitors.kind[counted]]
        part = (arrival % DAY // _PART).astype(np.intp)
        more = np.isfinite(visitors.onset[counted]) - risk
        found: Floats = np.bincount(part, more, minlength=_PARTS).astype(np.float64)
        return found


def _risk(scenario: Scenario) -> Floats:
    """The factor of a period, if any, is gamma with mean 1; a chance above 1 is 1."""
    kinds = [kind.overdose for kind in scenario.visits.values()]
    horizon, overdose = scenario.horizon, scenario.overdose
    if overdose is None:
        return np.zeros((horizon.total_days, len(kinds)))
    days = map(horizon.date_of, range(horizon.total_days))
    factor = [scenario.demand.overdose_factor(on) for on in days]
    risk: Floats = np.outer(factor, [one.per_1000 / 1000 if one else 0.0 for one in kinds])
    if overdose.clustering is None or not overdose.clustering.cv:
        return np.minimum(risk, 1.0)
    shape = 1 / overdose.clustering.cv**2
    most = shape / np.maximum(risk, _LEAST)
    found: Floats = risk * gammainc(shape + 1, most) + gammaincc(shape, most)
    return found
