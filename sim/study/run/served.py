"""How many come to a site of which it is known how many are served.

A register counts those who got in. Where people queue, some leave, and more come than it says: that
many more that so many are served. Who is served of so many is played, always with the same people,
of the site as its file describes it: what is tried out on it afterwards meets the same demand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from math import ceil
from pathlib import Path

from sim.log import Outcome
from sim.scenario.derived.calendar import expected_visits
from sim.scenario.errors.problem import ScenarioError, message_of
from sim.scenario.errors.told import told
from sim.scenario.load import read_scenario
from sim.scenario.model.demand import MOST_UNSERVED, Demand, Found
from sim.scenario.model.scenario import Scenario
from sim.study.run.runner import Plan, run_study
from sim.study.run.workers import Progress, StudyError, Watch, silent, unwatched

_SEED = 1
"""Always the same, whatever is played afterwards, so that demand is always the same."""
_VISITS = 100_000
"""So many are played each time: the share is then known to a few thousandths."""
_FEWEST, _MOST = 4, 200
"""Replications."""
_NEAR = 1e-3
"""Share of those served by which the answer may be off."""
_TRIES = 12
_FURTHER, _STEP = 1.8, 0.02
"""How far beyond what is missing the next share is tried, and how far at least."""
_DIGITS = 4
_KEY = "demand.unserved"
_NOT_SERVED = (
    Outcome.RENEGED,
    Outcome.BALKED,
    Outcome.NO_SPACE,
    Outcome.CLOSED,
    Outcome.DISMISSED_AT_CLOSE,
)


class TooFewServedError(StudyError):
    """However many come, fewer are served than the scenario says."""


def share_unserved(scenario: Scenario, plan: Plan, progress: Progress = silent) -> float:
    """The share of visits that are not served when as many are as the scenario says.

    Args:
        scenario: a site with `served_per_day`; the factor on its demand is left out.
        plan: who does the work; seed and replications are its own.
        progress: is told how many shares were tried.

    Raises:
        TooFewServedError: however many come, fewer are served.
    """
    served = scenario.demand.served_per_day
    assert served is not None  # the caller has looked
    number = count(1)

    def tried(share: float) -> _Tried:
        found = _tried(scenario, share, plan)
        progress(next(number), 0)
        return found

    low = tried(0.0)
    high = low
    while high.surplus < -_NEAR and high.share < MOST_UNSERVED:
        low = high
        # More than are missing: of those who come in addition not all are served.
        further = max(-_FURTHER * low.surplus, _STEP)
        high = tried(min(low.share + further, MOST_UNSERVED))
    if abs(high.surplus) <= _NEAR:
        return round(high.share, _DIGITS)
    if high.surplus < 0:
        raise TooFewServedError(
            told(
                "a_day_cannot_be_served_however_many",
                "{served:g} a day cannot be served, however many come: the site as its "
                "file describes it can take about {one:.0f}; look at its places, hours, "
                "stays, desks and staff, and at what was counted",
                served=served,
                one=(1 + high.surplus) * served,
            )
        )
    return round(_between(low, high, tried), _DIGITS)


@dataclass(frozen=True)
class _Tried:
    share: float
    surplus: float
    """Those served ÷ those who should be, less 1."""


def _tried(scenario: Scenario, share: float, plan: Plan) -> _Tried:
    demand = scenario.demand.model_copy(update={"unserved": Found(found=share), "factor": 1.0})
    site = scenario.model_copy(update={"demand": demand, "targets": (), "design": None})
    visits = max(expected_visits(site), 1.0)
    number = min(max(ceil(_VISITS / visits), _FEWEST), _MOST)
    own = replace(plan, seed=_SEED, replications=number, precision=None)
    figures = run_study(site, own).figures
    shares = (figures.of("visits", "share", f"outcome:{one.name.lower()}") for one in _NOT_SERVED)
    return _Tried(share, (1 - sum(one.value for one in shares)) / (1 - share) - 1)


def _between(low: _Tried, high: _Tried, tried: Callable[[float], _Tried]) -> float:
    """The share at which as many are served as should be.

    By false position; the end that stays counts half (the Illinois method).
    """
    found, (below, above) = low, (low.surplus, high.surplus)
    for _ in range(_TRIES):
        found = tried((low.share * above - high.share * below) / (above - below))
        if abs(found.surplus) <= _NEAR:
            break
        if found.surplus < 0:
            low, below, above = found, found.surplus, above / 2
        else:
            high, below, above = found, below / 2, found.surplus
    return found.share


def with_demand(scenario: Scenario, plan: Plan) -> Scenario:
    """The scenario with the demand that it takes, where that is unknown.

    Raises:
        TooFewServedError: however many come, fewer are served.
    """
    if not scenario.demand.is_unknown:
        return scenario
    found = Found(found=share_unserved(scenario, plan))
    demand = scenario.demand.model_copy(update={"unserved": found})
    return scenario.model_copy(update={"demand": demand})


@dataclass(frozen=True)
class HeldDemand:
    """Demand that is found once, and held for everything that is tried out."""

    plan: Plan
    watch: Watch = unwatched
    """Begins the search for it."""
    _known: dict[str, float] = field(default_factory=dict)
    """Shares by what is said of demand: files that say the same meet the same people."""

    def sets(self, path: Path, sets: Sequence[str], variant: str | None = None) -> tuple[str, ...]:
        """The settings, and one that holds the demand where it is unknown.

        It is found for the site as the file describes it, without settings and variant, but for
        what these say of how many are served.

        Raises:
            ScenarioError: everything that is wrong with it; however many come, fewer are served.
        """
        loaded = read_scenario(path, sets, variant)
        demand = loaded.scenario.demand
        if not demand.is_unknown:
            return tuple(sets)
        name = demand.model_copy(update={"factor": 1.0}).model_dump_json()
        if name not in self._known:
            site = _described(path, demand) or loaded.scenario
            try:
                with self.watch(
                    told("count_numbers_of_visits_tried", "numbers of visits tried")
                ) as progress:
                    self._known[name] = share_unserved(site, self.plan, progress)
            except TooFewServedError as error:
                place = ("demand", "served_per_day")
                raise ScenarioError([loaded.source.problem(place, message_of(error))]) from None
        return over(sets, (f"{_KEY}={{found: {self._known[name]:g}}}",))


def over(sets: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Settings and more of them; where these say how many are not served, what held it goes."""
    keys = [one.partition("=")[0].strip() for one in more]
    said = any(key == _KEY or key.startswith(f"{_KEY}.") for key in keys)
    kept = (one for one in sets if not (said and one.partition("=")[0].strip() == _KEY))
    return (*kept, *more)


def _described(path: Path, wanted: Demand) -> Scenario | None:
    """The site as its file describes it; None if it is not whole, or of other demand."""
    try:
        site = read_scenario(path).scenario
    except ScenarioError:
        return None
    if site.demand.served_per_day is None:
        return None
    said = {"served_per_day": wanted.served_per_day, "unserved": wanted.unserved}
    return site.model_copy(update={"demand": site.demand.model_copy(update=said)})
