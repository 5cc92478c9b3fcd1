"""What a comparison says of rotas beside its figures: rules broken, and the hours of the week.

And stress tests: does the better rota stay the better one when things go badly?
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd

from sim.measures.figures.cost import hours_per_week
from sim.rota.check.check import breaches_table, check_rota
from sim.rota.check.rules import Breach, stress_of
from sim.scenario.city.model import City
from sim.scenario.derived.roster import people_on_shift, working_days
from sim.scenario.errors.told import Name, told
from sim.scenario.model.demand import SpecialDays
from sim.scenario.model.hours import HOUR
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import Opening
from sim.study.compare.best import Best, may_be_best
from sim.study.compare.comparison import Studied
from sim.study.estimate.summary import Key, key_of

# --- rules and hours ----------------------------------------------------------------------------

BY_HOUR = (
    *("staff_busy_share", "staff_present", "below_cover", "role_missing", "nobody_free"),
    *("intake_paused", "place_unusable"),
)
"""Of the by-hour table, what is about staff."""


def breaches_of(options: Sequence[Studied]) -> dict[str, tuple[Breach, ...]]:
    """By option, the rules that its rota breaks; none for a site without staff."""
    return {
        one.name: check_rota(one.scenario).breaches
        for one in options
        if one.scenario.staff is not None
    }


def all_breaches(breaches: dict[str, tuple[Breach, ...]]) -> pd.DataFrame:
    """`option, rule, where, when, what, hours_per_week, source`."""
    tables = {name: breaches_table(found) for name, found in breaches.items()}
    return _together(tables)


def hours_table(options: Sequence[Studied]) -> pd.DataFrame:
    """The by-hour rows about staff of every option, with their intervals."""
    return _together({one.name: _of_staff(one.result.by_hour) for one in options})


def _of_staff(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["metric"].isin(BY_HOUR)]


def _together(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tables of the options below each other, the option's name in the first column."""
    parts = [table.copy() for table in tables.values()]
    for name, part in zip(tables, parts, strict=True):
        part.insert(0, "option", name)
    return pd.concat(parts, ignore_index=True)


def busiest_hour(option: Studied) -> tuple[str, int, float] | None:
    """The role, hour of the week and share of the hour in which staff are busiest."""
    table = option.result.by_hour
    mine = table[(table["metric"] == "staff_busy_share") & table["value"].notna()]
    if mine.empty:
        return None
    row = mine.iloc[int(mine["value"].to_numpy().argmax())]
    return str(row["by"]).removeprefix("role:"), int(row["hour_of_week"]), float(row["value"])


# --- stress tests -------------------------------------------------------------------------------

_MOST_PER_1000 = 1000.0
_WEEK_DAYS = 7
_SHUT = ("shut (", ")")
"""What stands around the name of the house that is shut, in the name of a test."""
_NEVER = {"mon-sun": "closed"}


@dataclass(frozen=True)
class Stress:
    """One way in which things go badly."""

    name: str
    words: str
    change: Callable[[Scenario], Scenario]


@dataclass(frozen=True)
class Survival:
    """What becomes of one figure's ranking under one stress."""

    stress: Stress
    calm: Best
    """The options that may be the best as things are."""
    now: Best | None
    """The same under stress; None where not all options have the figure."""

    @property
    def survives(self) -> bool:
        """Whether the leader as things are may still be the best."""
        return self.now is not None and self.calm.leader in self.now.names


def stresses(scenario: Scenario) -> tuple[Stress, ...]:
    """The tests that apply to a scenario, as hard as its rules say.

    In a city people are absent at each house, and each house is shut in turn.
    """
    hard = stress_of(scenario)
    houses = dict(scenario.open_facilities) if isinstance(scenario, City) else {}
    sites: list[Scenario] = [*houses.values()] or [scenario]
    found = []
    if scenario.demand.arrivals is None:
        words = told("stress_demand", "{times:g} times the visits", times=hard.demand)
        if houses:
            words = told("stress_needs", "{times:g} times the needs", times=hard.demand)
        found.append(Stress("demand", words, lambda one: _demand(one, hard.demand)))
    if any(one.staff is not None and one.staff.rota for one in sites):
        words = told("stress_absence", "{number:g} more absent a day", number=hard.absent_a_day)
        if houses:
            form = "{number:g} more absent a day at each facility"
            words = told("stress_absence_each", form, number=hard.absent_a_day)
        found.append(Stress("absence", words, lambda one: _absence(one, hard.absent_a_day)))
    if any(kind.overdose for one in (scenario, *sites) for kind in one.visits.values()):
        words = told("stress_overdoses", "{times:g} times the overdoses", times=hard.overdoses)
        found.append(Stress("overdoses", words, lambda one: _overdoses(one, hard.overdoses)))
        form = "a week of {times:g} times the overdoses"
        words = told("stress_bad_batch", form, times=hard.bad_batch)
        found.append(Stress("bad-batch", words, lambda one: _bad_batch(one, hard.bad_batch)))
    for name in houses if len(houses) > 1 else ():
        words = told("stress_shut", "{facility} is shut", facility=Name(name))
        found.append(Stress(name.join(_SHUT), words, partial(_shut, name)))
    return tuple(found)


def house_shut(test: str) -> str:
    """The house that is shut in a test of this name; empty if none is."""
    before, after = _SHUT
    is_one = test.startswith(before) and test.endswith(after)
    return test.removeprefix(before).removesuffix(after) if is_one else ""


def _at_each_house(city: City, change: Callable[[Scenario], Scenario]) -> City:
    facilities = {
        name: None if one is None else change(one) for name, one in city.facilities.items()
    }
    return city.model_copy(update={"facilities": facilities})


def _shut(name: str, scenario: Scenario) -> Scenario:
    """A house is shut all the time, while everybody there is on shift and paid as before."""
    one = scenario.open_facilities.get(name) if isinstance(scenario, City) else None
    if not isinstance(scenario, City) or one is None:
        return scenario
    shut = one.model_copy(update={"opening": Opening.model_validate({"hours": _NEVER})})
    return scenario.model_copy(update={"facilities": {**scenario.facilities, name: shut}})


def _demand(scenario: Scenario, times: float) -> Scenario:
    demand = scenario.demand
    changed = demand.model_copy(update={"factor": demand.factor * times})
    return scenario.model_copy(update={"demand": changed})


def _absence(scenario: Scenario, a_day: float) -> Scenario:
    """Every shift goes unfilled with the same further chance; on average so many a day do."""
    if isinstance(scenario, City):
        return _at_each_house(scenario, lambda one: _absence(one, a_day))
    staff = scenario.staff
    if staff is None or not staff.rota:
        return scenario
    a_week = sum(
        hours_per_week(scenario, number) / ((line.end - line.start) / HOUR)
        for number, line in enumerate(staff.rota)
    )
    # Whoever misses a working day misses all its shifts.
    shifts, days = people_on_shift(scenario), working_days(scenario).day
    a_week *= len(np.unique(days)) / len(shifts) if shifts else 1.0
    if not a_week:
        return scenario
    further = min(1.0, a_day * _WEEK_DAYS / a_week)
    absence = 1 - (1 - staff.absence) * (1 - further)
    return scenario.model_copy(update={"staff": staff.model_copy(update={"absence": absence})})


def _overdoses(scenario: Scenario, times: float) -> Scenario:
    if isinstance(scenario, City):
        scenario = _at_each_house(scenario, lambda one: _overdoses(one, times))
    visits = {}
    for name, kind in scenario.visits.items():
        visits[name] = kind
        if kind.overdose is not None:
            per_1000 = min(_MOST_PER_1000, kind.overdose.per_1000 * times)
            risk = kind.overdose.model_copy(update={"per_1000": per_1000})
            visits[name] = kind.model_copy(update={"overdose": risk})
    return scenario.model_copy(update={"visits": visits})


def _bad_batch(scenario: Scenario, times: float) -> Scenario:
    """The first week that counts."""
    horizon, demand = scenario.horizon, scenario.demand
    first = horizon.start + timedelta(weeks=horizon.warmup_weeks)
    dates = tuple(first + timedelta(days=day) for day in range(_WEEK_DAYS))
    week = SpecialDays(name="bad batch", dates=dates, overdoses=times)
    changed = demand.model_copy(update={"special_days": (*demand.special_days, week)})
    return scenario.model_copy(update={"demand": changed})


def survivals(
    calm: Sequence[Best],
    stressed: Mapping[Stress, Sequence[Studied]],
    margins: Mapping[tuple[str, str], float],
) -> tuple[Survival, ...]:
    """What becomes of each ranking: figure by figure, test by test.

    Args:
        calm: which options may be the best as things are.
        stressed: by test, all options, the base first.
        margins: smallest differences that matter, instead of the usual.
    """
    keys = [key_of(one.row) for one in calm]
    found = []
    for stress, options in stressed.items():
        now = {_key(one): one for one in may_be_best(options, keys, margins)}
        found += [Survival(stress, one, now.get(_key(one))) for one in calm]
    return tuple(found)


def _key(best: Best) -> Key:
    return key_of(best.row)


def stress_table(
    found: Sequence[Survival], stressed: Mapping[Stress, Sequence[Studied]]
) -> pd.DataFrame:
    """One row a test, figure and option.

    `stress, metric, statistic, by, option, value, ci_low, ci_high, unit, replications,
    may_be_best, leader_before, survives`.
    """
    return pd.DataFrame(row for one in found for row in _rows(one, stressed[one.stress]))


def _rows(one: Survival, options: Sequence[Studied]) -> Iterator[dict[str, object]]:
    row = one.calm.row
    for option in options:
        known = option.result.figures.of(*_key(one.calm))
        yield {
            "stress": one.stress.name,
            "metric": row.metric,
            "statistic": row.statistic,
            "by": row.by,
            "option": option.name,
            **dict(zip(("value", "ci_low", "ci_high"), known, strict=True)),
            "unit": row.unit,
            "replications": option.result.count,
            "may_be_best": one.now is not None and option.name in one.now.names,
            "leader_before": one.calm.leader,
            "survives": one.survives,
        }
