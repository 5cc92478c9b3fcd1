"""Demand and patience of a log of the served, and a tally of the unserved: matched by play.

The unserved come in the busiest hours and on the busiest days, so that those served show a flatter
day, and days that differ less. To scale demand evenly leaves waits a third too short. So the site
is played, and visits by hour and weekday, kinds, the spread of days and one mean patience are moved
until the visits that are served, and the share that is not, are those of the log.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import special

from sim.engine import Engine
from sim.fit.estimates.demand import Demand, excess
from sim.fit.estimates.shares import Kinds, booked
from sim.fit.estimates.unserved import AtTally, Matched
from sim.fit.fit import Fitted
from sim.fit.reading.calendar import HOURS
from sim.fit.reading.register import Floats, Shape
from sim.fit.write import trial_scenario
from sim.log import Log, Outcome
from sim.scenario.errors.problem import Place, Problem, ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.load import Loaded
from sim.scenario.model.durations import Exponential
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimate, poisson
from sim.study.run.replication import simulate_replication

Progress = Callable[[int, int], None]
ROUNDS, _ROUNDS_OF_POINT = 12, 3
_TALLIES = (0.025, 0.25, 0.75, 0.975)
"""Beside the tally that was counted, quantiles of those that might have been."""
_ENOUGH_DAYS = 280
"""Days that are played in a round, over all replications."""
_NEAR, _NEAR_SHARE, _NEAR_CV = 0.01, 0.02, 0.1
"""How far what is played may be from the log: visits by hour and kinds, the share unserved, and the
CV of days."""
_FLATTENED = 1.3
_FIRST_PATIENCE, _LEAST_PATIENCE = 20.0, 0.2
_MOST_AT_ONCE = 3.0
"""Times by which patience is moved in a round, at most."""
_SEED = 20_260_105
_GONE = (Outcome.RENEGED, Outcome.BALKED, Outcome.NO_SPACE, Outcome.DISMISSED_AT_CLOSE)


@dataclass(frozen=True, eq=False)
class _Seen:
    """What a log shows, or a play of the same days."""

    hours: Floats
    """Served by hour of the day, over all days."""
    weekdays: Floats
    kinds: Floats
    beyond: float
    """Square of the CV by which days differ beyond chance; those of a full site by less.

    NaN of a log of too few days: they differ as in the site's file.
    """
    unserved: float
    """Share of those who came while it was open."""


@dataclass(frozen=True, eq=False)
class _Guess:
    """What is moved."""

    rate: Floats
    """(7, 24)"""
    kinds: Floats
    cv: float
    patience: float


def matched(
    found: Fitted,
    loaded: Loaded,
    site: Path,
    a_day: float,
    progress: Progress,
    *,
    spread: bool = False,
) -> Fitted:
    """The fit with demand and patience matched to a tally of the unserved.

    Args:
        found: what those who were served say.
        loaded: the site's file as it was read.
        site: that file.
        a_day: how many were not served, a day.
        progress: told of each round.
        spread: whether it is matched to tallies that might have been, too, for draws.

    Raises:
        ScenarioError: nobody waits on this site, so nobody can leave.
    """
    demand, kinds = found.demand, found.kinds
    assert demand is not None  # a tally is matched to demand
    base = trial_scenario(found, loaded, site)
    target = _of_log(found, a_day)
    mix = np.array([one.share for one in base.visits.values()])
    cv = demand.cv.value if demand.cv.is_known else base.demand.day_to_day_cv
    guess = _Guess(demand.week.rate, mix, cv, _FIRST_PATIENCE)
    best, off, rounds = _search(base, guess, found, target, progress)
    days = found.choice.tallied_days or int(found.logged.sum())
    how = Matched(a_day, rounds, off <= 1, days, demand.a_day)
    if spread:
        how = replace(how, points=tuple(_points(base, best, found, how)))
    return _with(found, demand, kinds, best, how)


def _search(
    base: Scenario, guess: _Guess, found: Fitted, target: _Seen, progress: Progress
) -> tuple[_Guess, float, int]:
    """The guess that comes nearest, how far it is off, and of how many rounds.

    Raises:
        ScenarioError: nobody waits on this site, so nobody can leave.
    """
    best, off = guess, math.inf
    rounds = 0
    for rounds in range(1, ROUNDS + 1):
        progress(rounds - 1, ROUNDS)
        seen = _play(base, guess, found)
        apart = _apart(seen, target)
        if apart < off:
            best, off = guess, apart
        if apart <= 1:
            break
        guess = _moved(guess, seen, target)
        if guess.patience <= _LEAST_PATIENCE and seen.unserved < target.unserved / 2:
            days = int(found.logged.sum())
            a_day = target.unserved / (1 - target.unserved) * target.hours.sum() / days
            raise _nobody_waits(found, float(a_day), seen.unserved)
    progress(ROUNDS, ROUNDS)
    return best, off, rounds


def _points(base: Scenario, best: _Guess, found: Fitted, how: Matched) -> Iterator[AtTally]:
    """Matched again to tallies that might have been, from where the one that was counted is."""
    names = list(found.site.visits)
    below, above = list[AtTally](), list[AtTally]()
    for share in _TALLIES:
        tally = float(special.gammaincinv(how.a_day * how.days + 0.5, share)) / how.days
        guess = best
        for _ in range(_ROUNDS_OF_POINT):
            seen, target = _play(base, guess, found), _of_log(found, tally)
            if _apart(seen, target) <= 1:
                break
            guess = _moved(guess, seen, target)
        (below if tally < how.a_day else above).append(_at(tally, guess, names))
    yield from (*below, _at(how.a_day, best, names), *above)


def _at(tally: float, guess: _Guess, names: Sequence[str]) -> AtTally:
    kinds = dict(zip(names, guess.kinds.tolist(), strict=True))
    return AtTally(tally, float(guess.rate.sum()), guess.cv, kinds, guess.patience)


def _nobody_waits(found: Fitted, a_day: float, played: float) -> ScenarioError:
    message = told(
        "a_day_are_said_not_to_be",
        "{a_day:g} a day are said not to be served, but the site as its file "
        "describes it serves nearly everybody ({played:.1%} are not): nobody can "
        "leave a queue where nobody waits. Are its places those that can be used, "
        "and the stays those of the log?",
        a_day=a_day,
        played=played,
    )
    return ScenarioError([Problem(Place(found.register.file), "", message)])


# --- what is seen -------------------------------------------------------------------------------


def _of_log(found: Fitted, a_day: float) -> _Seen:
    register = found.register
    assert found.demand is not None
    served = register.where(register.served)
    days = int(found.logged.sum())
    kinds = np.bincount(served.kind[served.kind >= 0], minlength=len(found.site.visits))
    share = a_day / (a_day + len(served) / days)
    hours, weekdays = _binned(served.arrived, found)
    return _Seen(hours, weekdays, kinds / max(kinds.sum(), 1), found.demand.cv.value**2, share)


def _binned(time: Floats, found: Fitted) -> tuple[Floats, Floats]:
    """Visits by hour of the day and by weekday, on the days that count."""
    day = np.floor_divide(time, DAY).astype(np.int64)
    inside = (day >= 0) & (day < found.register.days)
    day, hour = day[inside], (time[inside] % DAY // HOUR).astype(np.int64)
    kept = found.logged[day]
    weekday = (found.register.start.weekday() + day[kept]) % 7
    hours = np.bincount(hour[kept], minlength=HOURS).astype(float)
    return hours, np.bincount(weekday, minlength=7).astype(float)


def _play(base: Scenario, guess: _Guess, found: Fitted) -> _Seen:
    """The days of the log, played some times over by the same people."""
    site = _scenario(base, guess, found)
    days = found.register.days
    times = max(2, math.ceil(_ENOUGH_DAYS / days))
    logs = [simulate_replication(site, _SEED, one, Engine.FAST) for one in range(times)]
    each = [_of_play(log, found) for log in logs]
    totals = np.array([one[2] for one in each])[:, found.logged]
    expected = np.tile(totals.mean(axis=0), times)
    freedom = float((times - 1) * totals.shape[1])
    beyond = excess(totals.ravel().astype(float), expected, freedom)
    served = sum(float(one[0].sum()) for one in each)
    gone = sum(one[4] for one in each)
    kinds = np.sum([one[3] for one in each], axis=0)
    return _Seen(
        np.sum([one[0] for one in each], axis=0) / times,
        np.sum([one[1] for one in each], axis=0) / times,
        kinds / max(kinds.sum(), 1),
        beyond,
        gone / max(gone + served, 1.0),
    )


def _of_play(log: Log, found: Fitted) -> tuple[Floats, Floats, Floats, Floats, float]:
    """Served by hour, weekday, day and kind; and how many were not."""
    visits, uses = log.visits, found.register.shape is Shape.USES
    walks_in = ~np.isin(visits["kind"], booked(found.site))
    served = walks_in & ~np.isnan(visits["entered"])
    time = visits["entered"] if uses else visits["let_in"]
    hours, weekdays = _binned(time[served], found)
    day = np.floor_divide(time[served], DAY).astype(np.int64)
    daily = np.bincount(day[day < found.register.days], minlength=found.register.days)
    kinds = np.bincount(visits["kind"][served], minlength=len(found.site.visits))
    gone = visits["arrival"][walks_in & np.isin(visits["outcome"], _GONE)]
    return (
        hours,
        weekdays,
        daily.astype(float),
        kinds.astype(float),
        float(_binned(gone, found)[0].sum()),
    )


def _scenario(base: Scenario, guess: _Guess, found: Fitted) -> Scenario:
    """The site with a guess, over the days of the log; nobody turns round at the door."""
    week = tuple(float(one) for one in guess.rate.ravel())
    law = Exponential(distribution="exponential", mean=guess.patience)
    kinds = {
        name: kind.model_copy(
            update={
                "share": float(share),
                "balking": None,
                **({"patience": law} if kind.rooms else {}),
            }
        )
        for (name, kind), share in zip(base.visits.items(), guess.kinds, strict=True)
    }
    horizon = {"start": found.register.start, "weeks": None, "days": found.register.days}
    return base.model_copy(
        update={
            "horizon": base.horizon.model_copy(update={**horizon, "warmup_weeks": 0}),
            "demand": base.demand.model_copy(update={"week": week, "day_to_day_cv": guess.cv}),
            "visits": kinds,
        }
    )


# --- the next guess -----------------------------------------------------------------------------


def _apart(seen: _Seen, target: _Seen) -> float:
    """How far a play is from the log, 1 being near enough."""
    total = target.hours.sum()
    by_hour = float(np.abs(seen.hours - target.hours).sum() / total) / (2 * _NEAR)
    kinds = float(np.abs(seen.kinds - target.kinds).sum()) / (2 * _NEAR)
    cv = 0.0
    if not math.isnan(target.beyond):
        wanted = math.sqrt(target.beyond)
        cv = abs(math.sqrt(max(seen.beyond, 0.0)) - wanted) / max(_NEAR, _NEAR_CV * wanted)
    gone = abs(seen.unserved / target.unserved - 1) / _NEAR_SHARE
    return max(by_hour, kinds, cv, gone)


def _ratio(target: Floats, seen: Floats) -> Floats:
    found = np.divide(target, seen, out=np.ones_like(target), where=(seen > 0) & (target > 0))
    return np.clip(found, 1 / _MOST_AT_ONCE, _MOST_AT_ONCE)


def _moved(guess: _Guess, seen: _Seen, target: _Seen) -> _Guess:
    hours = _ratio(target.hours, seen.hours)
    # The level moves with the hours; weekdays only against each other.
    weekdays = _ratio(target.weekdays / target.weekdays.sum(), seen.weekdays / seen.weekdays.sum())
    kinds = guess.kinds * _ratio(target.kinds, seen.kinds)
    moved = np.clip(seen.unserved / target.unserved, 1 / _MOST_AT_ONCE, _MOST_AT_ONCE)
    # A full site flattens its days: what comes must differ by more than what is lacking.
    square = guess.cv**2
    if not math.isnan(target.beyond):
        square = square + _FLATTENED * (target.beyond - seen.beyond) if target.beyond > 0 else 0.0
    return _Guess(
        guess.rate * hours * weekdays[:, np.newaxis],
        kinds / kinds.sum(),
        math.sqrt(max(square, 0.0)),
        max(float(guess.patience * moved), _LEAST_PATIENCE),
    )


def _with(found: Fitted, demand: Demand, kinds: Kinds | None, best: _Guess, how: Matched) -> Fitted:
    """The fit with what was matched; the interval of demand with that of the tally."""
    known = poisson(np.array([how.a_day * how.days]), np.array([float(how.days)])).at(0)
    before, after = demand.week.rate.sum(), best.rate.sum()
    level = float(after / before) * demand.a_day.value
    spread = [
        math.hypot(end - demand.a_day.value, other - known.value)
        for end, other in ((demand.a_day.low, known.low), (demand.a_day.high, known.high))
    ]
    a_day = Estimate(level, level - spread[0], level + spread[1])
    patience = {
        name: Estimate(best.patience) for name, kind in found.site.visits.items() if kind.rooms
    }
    if kinds is not None:
        shares: Mapping[str, Estimate] = {
            name: Estimate(
                float(share),
                one.low + float(share) - one.value,
                one.high + float(share) - one.value,
            )
            for (name, one), share in zip(kinds.shares.items(), best.kinds, strict=True)
        }
        kinds = replace(kinds, shares=shares)
    cv = demand.cv
    if cv.is_known:
        cv = Estimate(best.cv, *(best.cv + end - demand.cv.value for end in demand.cv[1:]))
        cv = cv._replace(low=max(cv.low, 0.0))
    week = replace(demand.week, rate=best.rate)
    return replace(
        found,
        demand=replace(demand, week=week, a_day=a_day, cv=cv),
        kinds=kinds,
        matched=replace(how, patience=patience),
    )
