"""What a log leaves open, and what to write down for how long: from the fit's own intervals."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sim.fit.estimates.unserved import RAISED
from sim.fit.fit import Fitted
from sim.fit.public import FEWEST, is_few
from sim.fit.reading.columns import Fate
from sim.fit.reading.register import Shape
from sim.scenario.model.scenario import Scenario

_WEEK, _TALLY_WEEKS, _WAIT_WEEKS = 7, 4, 2
_WIDE_STAY, _WIDE_PATIENCE = 0.05, 0.2
"""Relative half-widths above which more is worth writing down: of a mean stay, of patience."""
_STAYS, _LEAVERS = 385, 96
"""Stays and leavers by which means are known so well: a stay with a CV of .5, patience."""
_KINDS = 385
"""Visits by which a share is known to 5 points: kinds, who rests."""
_FIRSTS = 1_475
"""Visits by which a share of 4 in 100 is known to a point: first visits, users of a service."""
_OVERDOSES = 15
"""By which their rate is known to a half."""
_DAYS = 28
"""Of a log, from which on a longer one hardly tells the level of the month to come better."""
_ENDS = 0.05
_OVER_A_YEAR = 53
_KNOWN = 0.5


@dataclass(frozen=True)
class Lack:
    """Something that the log leaves open."""

    rule: str
    """A word of the catalogue."""
    form: str
    """What to write down: another."""
    weeks: int
    """For how long."""
    values: Mapping[str, float] = field(default_factory=dict)
    """The numbers of its sentence."""
    by: str = ""
    """The kind that is meant, if one is."""


def lacking(found: Fitted) -> list[Lack]:
    """What to start writing down, what matters most for waits first."""
    parts = (_unserved(found), _waits(found), _stays(found), _who(found), _rare(found))
    return [one for part in parts for one in part]


def public_lacks(lacks: Sequence[Lack], days: int) -> list[Lack]:
    """What to start writing down, without what its weeks and widths say of few visits."""
    found = []
    for one in lacks:
        count = one.values.get("count", 0.0)
        if not is_few(count):
            found.append(one)
            continue
        weeks, values = one.weeks, dict(one.values)
        if one.rule == "few_leavers":
            weeks, values["half"] = _OVER_A_YEAR, 1.0
        elif one.rule == "few_overdoses":
            weeks = math.ceil((_OVERDOSES / FEWEST - 1) * days / _WEEK)
        found.append(replace(one, weeks=weeks, values=values))
    return found


def _weeks(number: float, a_day: float) -> int:
    """Weeks in which so many more are written down."""
    return max(1, math.ceil(number / max(a_day, 1e-9) / _WEEK))


def _days(found: Fitted) -> int:
    return int(found.logged.sum())


def _half(low: float, value: float, high: float) -> float:
    """Half the width of an interval, relative to its value; 1 where that is all that is known."""
    half = (high - low) / 2 / value if value else math.nan
    return half if math.isfinite(half) else 1.0


def _unserved(found: Fitted) -> Iterator[Lack]:
    gone = float((found.register.fate == Fate.LEFT).sum()) / _days(found)
    if found.unserved == "unknown":
        part = 1 / (1 - 1 / RAISED[1])
        yield Lack("unserved_unknown", "tally", _TALLY_WEEKS, {"part": part})
    elif found.matched is not None:
        a_day = found.matched.a_day
        yield Lack("only_tally", "leavers", _weeks(_LEAVERS, a_day), {"tally": a_day})
    elif found.patience is None and gone:
        yield Lack("leaving_times", "leavers", _weeks(_LEAVERS, gone))
    elif found.patience is None or found.unserved == "nobody":
        yield Lack("nobody_told", "tally", _TALLY_WEEKS)
    else:
        yield from _patience(found)
        turns = any(kind.balking for kind in found.site.visits.values())
        if turns and not found.balking and not found.not_replayed:
            turned = float((found.register.fate == Fate.TURNED).sum())
            yield Lack("no_turning", "turning", _TALLY_WEEKS, {"count": turned})


def _patience(found: Fitted) -> Iterator[Lack]:
    seen = set[int]()
    for name, one in (found.patience or {}).items():
        if id(one) in seen or not one.leavers:
            continue
        seen.add(id(one))
        known = one.mean if one.law is None else one.law.median
        half = _half(known.low, known.value, known.high)
        if half > _WIDE_PATIENCE:
            more = one.leavers * ((half / _WIDE_PATIENCE) ** 2 - 1)
            values = {"count": float(one.leavers), "half": half}
            weeks = _weeks(more, one.leavers / _days(found))
            yield Lack("few_leavers", "log", weeks, values, "" if one.pooled else name)


def _waits(found: Fitted) -> Iterator[Lack]:
    register = found.register
    timed = "arrived" in register.has or register.shape is Shape.EVENTS
    if register.shape is Shape.USES or not timed or np.isnan(register.entered).all():
        yield Lack("no_waits", "arrivals", _WAIT_WEEKS)


def _stays(found: Fitted) -> Iterator[Lack]:
    register, days = found.register, _days(found)
    served = register.where(register.served)
    a_day = len(served) / days
    kinds = [name for name, one in found.site.visits.items() if one.stay is not None]
    if not found.stays:
        yield Lack("no_ends", "ends", _weeks(_STAYS * max(len(kinds), 1), a_day))
        return
    began = ~np.isnan(served.entered)
    missing = float(np.mean(np.isnan(served.left[began]))) if began.any() else 0.0
    if missing > _ENDS:
        weeks = _weeks(_STAYS * len(kinds), a_day)
        yield Lack("ends_missing", "ends", weeks, {"share": missing})
    for name in kinds:
        stay = found.stays.get(name)
        if stay is None or not stay.number:
            continue
        each = (stay.number + stay.censored) / days
        mean = stay.mean
        half = _half(mean.low, mean.value, mean.high) if mean.is_known else 1.0
        if half > _WIDE_STAY:
            more = stay.number * ((half / _WIDE_STAY) ** 2 - 1)
            values = {"count": float(stay.number), "half": half}
            yield Lack("few_stays", "log", _weeks(more, each), values, name)


def _who(found: Fitted) -> Iterator[Lack]:
    """Of who comes when, and for what."""
    register, days = found.register, _days(found)
    a_day = len(register) / days
    if found.kinds is None and len(found.site.visits) > 1:
        yield Lack("no_kinds", "kinds", _weeks(_KINDS, a_day))
    if np.mean(register.timed) < _KNOWN:
        yield Lack("no_hours", "times", _TALLY_WEEKS)
    demand = found.demand
    if demand is not None and days < _DAYS:
        level = demand.a_day
        values = {"days": float(days), "half": _half(level.low, level.value, level.high)}
        yield Lack("few_days", "log", math.ceil((_DAYS - days) / _WEEK), values)
    if _asks_first_visits(found.site):
        number, falls = found.firsts[1:] if found.firsts else (0, False)
        if not number or falls:
            yield Lack("no_firsts", "firsts", _weeks(_FIRSTS, a_day))
    served = float(register.served.sum()) / days
    if asks_services(found.site) and found.services is None:
        yield Lack("no_services", "services", _weeks(_FIRSTS, served))
    if asks_rests(found.site) and found.rests is None:
        yield Lack("no_rests", "rests", _weeks(_KINDS, served))


def _asks_first_visits(site: Scenario) -> bool:
    times = site.check_in.times if site.check_in else None
    return times is not None and times.first_visit is not None


def asks_services(site: Scenario) -> bool:
    """Whether somebody who takes a place uses a service."""
    return any(kind.rooms and kind.services for kind in site.visits.values())


def asks_rests(site: Scenario) -> bool:
    """Whether somebody rests in aftercare."""
    return site.aftercare is not None and any(kind.aftercare for kind in site.visits.values())


def _rare(found: Fitted) -> Iterator[Lack]:
    """Of overdoses, which take long to count."""
    kinds = found.site.visits.values()
    by_file = sum(one.share * one.overdose.per_1000 for one in kinds if one.overdose) / 1000
    if not by_file:
        return
    uses = int(found.register.served.sum()) / _days(found)
    cases = found.overdoses
    if cases is None:
        yield Lack("no_overdoses", "overdoses", _weeks(_OVERDOSES, by_file * uses))
    elif cases.count < _OVERDOSES:
        rate = cases.count / cases.uses if cases.count else by_file
        weeks = _weeks(_OVERDOSES - cases.count, rate * uses)
        yield Lack("few_overdoses", "log", weeks, {"count": float(cases.count)})
