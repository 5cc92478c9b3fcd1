"""A fit that others may read: nothing in it rests on fewer than five visits.

What does is held back, and stays as in the site's file; hours and kinds that are too few go with
others. Where what is left would tell a number by subtraction, the next smallest goes with it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sim.fit.estimates.demand import Demand, open_week
from sim.fit.estimates.limits import Limit
from sim.fit.estimates.patience import Patience
from sim.fit.estimates.shares import Kinds, Overdoses, Use
from sim.fit.estimates.stays import Law, Stays
from sim.fit.fit import Fitted
from sim.fit.reading.register import Bools, Finding, Floats
from sim.scenario.errors.problem import Place, Problem, ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimate

FEWEST = 5
"""Visits below which nothing is told of them."""
_SPECIAL_DAYS = 3
"""That a factor rests on at least."""


def is_few(count: float) -> bool:
    """Whether a number of visits is too small to be told; that there are none may be."""
    return 0 < count < FEWEST


def hidden(counts: Floats) -> Bools:
    """Which numbers of a table are not told: those under five, and what would give them away.

    Of a table whose total is known five visits or more are held back together, or none.
    """
    few: Bools = (counts > 0) & (counts < FEWEST)
    while few.any() and counts[few].sum() < FEWEST and (rest := (counts > 0) & ~few).any():
        few = few.copy()
        few[np.argmin(np.where(rest, counts, np.inf))] = True
    return few


def public(found: Fitted) -> Fitted:
    """A fit as it may be published.

    Raises:
        ScenarioError: the whole log has fewer than five visits.
    """
    if len(found.register) < FEWEST:
        message = told(
            "has_fewer_than_visits_nothing_of_it",
            "has fewer than {fewest} visits: nothing of it may be published (--public)",
            fewest=FEWEST,
        )
        raise ScenarioError([Problem(Place(found.register.file), "", message)])
    demand, pooled = _demand(found)
    kinds, firsts, overdoses = _kinds(found), found.firsts, found.overdoses
    if firsts is not None and _tells(firsts[0], firsts[1]):
        firsts = None
    if overdoses is not None and _few_overdoses(overdoses):
        overdoses = None
    limits = {name: one for name, one in (found.limits or {}).items() if not _few_at(one)}
    open_to_all = replace(
        found,
        demand=demand,
        kinds=kinds,
        stays=found.stays and {name: _stays(one) for name, one in found.stays.items()},
        limits=None if found.limits is None else limits,
        patience=_patience(found.patience),
        firsts=firsts,
        overdoses=overdoses,
        services=found.services and {name: _told(one) for name, one in found.services.items()},
        rests=found.rests and _told(found.rests),
        is_public=True,
    )
    counts = (("few_hours", pooled), ("held_back", _held_back(found, open_to_all)))
    seen = (Finding(rule, count) for rule, count in counts if count)
    return replace(open_to_all, findings=(*found.findings, *seen))


def _held_back(found: Fitted, told: Fitted) -> int:
    """How many numbers are no longer told, or are no longer those of the log."""

    def measured(one: Fitted) -> set[tuple[str, str]]:
        return {
            (row.input, row.by)
            for row in one.rows()
            if row.method not in ("file", "km") and row.estimate.is_known
        }

    return len(measured(found) - measured(told))


# --- demand -------------------------------------------------------------------------------------


def _demand(found: Fitted) -> tuple[Demand | None, int]:
    """Demand whose hours rest on five visits each, and how many hours were put together."""
    if (demand := found.demand) is None:
        return None, 0
    exposure = np.zeros_like(demand.week.rate)
    np.add.at(
        exposure, found.calendar.weekdays(), found.calendar.open * found.logged[:, np.newaxis]
    )
    rate = demand.week.rate.ravel()
    counts = rate * exposure.ravel()
    together = pooled_rates(rate, counts, open_week(found.site).ravel())
    week = replace(demand.week, rate=together.reshape(exposure.shape))
    by_weekday = (demand.week.rate * exposure).sum(axis=1)
    if hidden(by_weekday).any():
        week = replace(week, weekday=np.empty(0))
    special = {
        name: one
        for name, one in demand.special.items()
        if one.value * demand.a_day.value * _SPECIAL_DAYS >= FEWEST
    }
    crowd = demand.crowd
    if crowd.is_known and is_few(crowd.value * demand.visits):
        crowd = Estimate()
    held = replace(demand, week=week, special=special, crowd=crowd)
    return held, int((np.abs(together - rate) > 0).sum())


def pooled_rates(rate: Floats, counts: Floats, weights: Floats) -> Floats:
    """Rates of which each rests on five visits: an hour of fewer with those that follow.

    As many come as before; hours in which nobody came stay as they are.

    Args:
        rate: visits an hour of each hour of the week.
        counts: visits that each rests on.
        weights: share of each hour that is open.
    """
    groups: list[list[int]] = []
    sums: list[float] = []
    for hour in np.flatnonzero(counts > 0).tolist():
        if groups and sums[-1] < FEWEST:
            groups[-1].append(hour)
            sums[-1] += float(counts[hour])
        else:
            groups.append([hour])
            sums.append(float(counts[hour]))
    if len(groups) > 1 and sums[-1] < FEWEST:
        last = groups.pop()
        groups[-1] += last
    found = rate.copy()
    for group in groups:
        if len(group) > 1:
            found[group] = np.average(rate[group], weights=np.maximum(weights[group], 1e-9))
    return found


# --- shares -------------------------------------------------------------------------------------


def _tells(share: Estimate, number: float) -> bool:
    """Whether a share tells that there were fewer than five, or all but fewer than five."""
    if not number:
        return False
    count = round(share.value * number)
    return is_few(number) or is_few(count) or is_few(number - count)


def _told(used: Mapping[str, Use]) -> dict[str, Use]:
    """Those that enough visits use, and enough do not."""
    return {name: one for name, one in used.items() if not _tells(one.share, one.number)}


def _kinds(found: Fitted) -> Kinds | None:
    """Shares; kinds that are too few have one together, in the proportions of the site's file."""
    if (kinds := found.kinds) is None or kinds.number < FEWEST:
        return None
    shown = [name for name, one in kinds.shares.items() if math.isfinite(one.low)]
    rest = max(1 - kinds.not_shown, 1e-9)
    counts = np.array([round(kinds.shares[name].value / rest * kinds.number) for name in shown])
    few = [name for name, is_one in zip(shown, hidden(counts.astype(float)), strict=True) if is_one]
    together = sum(kinds.shares[name].value for name in few)
    parts = _proportions(found.site, few)
    return replace(
        kinds, shares={**kinds.shares, **{name: Estimate(together * parts[name]) for name in few}}
    )


def _proportions(site: Scenario, names: Sequence[str]) -> dict[str, float]:
    whole = sum(site.visits[name].share for name in names)
    return {
        name: site.visits[name].share / whole if whole > 0 else 1 / len(names) for name in names
    }


def _few_overdoses(one: Overdoses) -> bool:
    return is_few(one.count) or is_few(one.uses)


# --- how long -----------------------------------------------------------------------------------


def _few_at(one: Limit) -> bool:
    return _tells(one.comply, one.reached)


def _stays(one: Stays) -> Stays:
    if one.number < FEWEST:
        return Stays(None, Estimate(), 0, 0, "none")
    law = one.law
    if law is not None and law.family == "empirical":
        law = _blocks(law, one.number)
    return replace(one, law=law, censored=0 if is_few(one.censored) else one.censored)


def _blocks(law: Law, number: int) -> Law:
    """The stays themselves as means of so many of them that five are behind each."""
    size = math.ceil(FEWEST * len(law.values) / number)
    parts = np.array_split(np.sort(law.values), max(len(law.values) // size, 1))
    # A value stands for as many as there were: a mean of blocks of unlike size would be another.
    values = [float(part.mean()) for part in parts for _ in part]
    return replace(law, values=tuple(values))


def _patience(found: Mapping[str, Patience] | None) -> dict[str, Patience] | None:
    """Without kinds of which few left, and without the steps of Kaplan and Meier."""
    told: dict[int, Patience] = {}
    for one in (found or {}).values():
        if id(one) not in told and not is_few(one.leavers):
            told[id(one)] = replace(one, still={})
    kept = {name: told[id(one)] for name, one in (found or {}).items() if id(one) in told}
    return kept or None
