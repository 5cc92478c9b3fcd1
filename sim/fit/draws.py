"""What a log leaves open, as draws of the inputs that it gave: row 0 the best estimate.

From four weeks on whole weeks of the log are drawn, with some more than once, and all is fitted
again: what moves together from week to week does so in the draws. Of shorter logs each input is
drawn by the spread of its own estimator, apart from the others.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import special

from sim.fit.estimates.check_in import MINUTES, factor_of, laws_of, scaled
from sim.fit.estimates.clients import drawn_anew
from sim.fit.estimates.stays import Stays
from sim.fit.estimates.unserved import Matched
from sim.fit.fit import Fitted, fit_weeks
from sim.fit.reading.register import Floats
from sim.scenario.errors.problem import path_text
from sim.study.estimate.intervals import LEVEL, Estimate

DRIFT_CV = 0.05
"""How much demand drifts from the months that were logged to the month to come: on five years of an
emergency department the next four weeks were off by 3-4 % (median) and 7-9 % (one in ten), however
long the log."""
_Z = float(special.ndtri((1 + LEVEL) / 2))
_SEED = 20_260_106
_LEAST = 0.001
_MOST_CV, _SHAPES = 5.0, (0.1, 20.0)

_WEEK, FEWEST_WEEKS = 7, 4
_CLIENTELES = 20
"""That are drawn anew from the law of clients; more draws have them more than once."""
_LEVEL = "demand.factor"
_RARE, _PLAIN = "per_1000", ("day_to_day_cv", "comply")

Drawn = dict[str, list[float]]
"""By path: the best estimate, and the draws."""
_Draw = Callable[[Estimate], list[float]]
_Change = tuple[Callable[[float, Floats], Floats], Callable[[Floats, float], Floats]]
"""How values are made of what they differ by, and that of values."""


def draws_of(found: Fitted, number: int) -> Drawn:
    """So many draws of all that was fitted and has a spread.

    None of the level where nobody knows how many were not served: its range is with it.
    """
    if not number:
        return {}
    drawn = _by_spread(found, number)
    drawn = _by_weeks(found, drawn) if by_weeks(found) else drawn
    return drawn if found.matched is None else _of_tally(found.matched, drawn, number)


def by_weeks(found: Fitted) -> bool:
    """Whether whole weeks of a log are drawn."""
    return found.register.days // _WEEK >= FEWEST_WEEKS


def _by_weeks(found: Fitted, own: Drawn) -> Drawn:
    """Whole weeks of the log drawn, and all fitted again.

    Few weeks that are drawn from themselves differ by less than weeks do, and it is chance by how
    much: each input differs by at least what its own estimator says. Overdoses and services are too
    few in a week, and the level of the last weeks of a log with a trend is not that of weeks in any
    order: these stay as they are.
    """
    weeks = found.register.days // _WEEK
    number = len(next(iter(own.values()), [0])) - 1
    rng = np.random.default_rng(_SEED)
    middle = _values(fit_weeks(found, range(weeks)))
    again = [
        _values(fit_weeks(found, np.sort(rng.integers(0, weeks, weeks)).tolist()))
        for _ in range(number)
    ]
    kept = {_LEVEL} if found.demand and not math.isnan(found.demand.trend) else set()
    kept |= _services(found, rng, 0).keys()
    drawn = dict(own)
    for path, (value, *others) in own.items():
        if path in kept or path.endswith(_RARE) or path not in middle:
            continue
        seen = np.array([one.get(path, middle[path]) for one in again])
        plain = path.endswith(_PLAIN) or value <= 0
        change: _Change = (_plus, _minus) if plain else (_by_times, _ratio)
        off, spread = change[1](seen, middle[path]), change[1](np.array(others), value)
        off *= math.sqrt(weeks / (weeks - 1))
        size = float(np.sqrt(np.mean(off**2)))
        wider = max(1.0, float(np.sqrt(np.mean(spread**2))) / size) if size > 0 else 1.0
        moved = change[0](value, off * wider) if size > 0 else np.array(others)
        drawn[path] = [value, *_inside(path, moved)]
    return drawn


def _minus(values: Floats, middle: float) -> Floats:
    return values - middle


def _plus(value: float, off: Floats) -> Floats:
    return value + off


def _ratio(values: Floats, middle: float) -> Floats:
    found: Floats = np.log(np.maximum(values, _LEAST) / middle)
    return found


def _by_times(value: float, off: Floats) -> Floats:
    found: Floats = value * np.exp(off)
    return found


def _inside(path: str, values: Floats) -> list[float]:
    """Values that a scenario may have."""
    found = np.maximum(values, _LEAST)
    if path.endswith("day_to_day_cv"):
        found = np.where(values < _LEAST, 0.0, np.minimum(values, _MOST_CV))
    elif path.endswith(("comply", "share")):
        found = np.clip(values, 0.0, 1.0)
    elif path.endswith("shape"):
        found = np.clip(values, *_SHAPES)
    return [float(one) for one in found]


def _values(found: Fitted) -> dict[str, float]:
    """The estimates by path; of the level visits a day."""
    values = {path: drawn[0] for path, drawn in _by_spread(found, 0).items()}
    if _LEVEL in values and found.demand is not None:
        values[_LEVEL] = found.demand.a_day.value
    return values


def _by_spread(found: Fitted, number: int) -> Drawn:
    """Each input by the spread of its own estimator."""
    rng = np.random.default_rng(_SEED)

    def times(one: Estimate) -> list[float]:
        """About a positive number, on its logarithm, as far to each side as its interval goes."""
        z = rng.standard_normal(number)
        up, down = (abs(math.log(end / one.value)) / _Z for end in (one.high, max(one.low, 1e-9)))
        drawn = one.value * np.exp(z * np.where(z > 0, up, down))
        return [one.value, *np.maximum(drawn, _LEAST).tolist()]

    return {
        **_demand(found, times, rng, number),
        **_kinds(found, rng, number),
        **_stays(found, times, rng, number),
        **_overdoses(found, times, rng, number),
        **_patience(found, times),
        **_balking(found, times),
        **_check_ins(found, rng, number),
        **_clients(found, rng, number),
        **_services(found, rng, number),  # last: what was drawn before them stays as it was
    }


def _demand(found: Fitted, times: _Draw, rng: np.random.Generator, number: int) -> Drawn:
    if (demand := found.demand) is None:
        return {}
    drawn: Drawn = {}
    served = demand.a_day if found.matched is None else found.matched.served
    level = Estimate(*(end / served.value for end in served))
    if found.unserved != "unknown":
        drawn["demand.factor"] = times(level)
    if demand.cv.is_known:
        z = rng.standard_normal(number)
        up, down = (abs(end - demand.cv.value) / _Z for end in (demand.cv.high, demand.cv.low))
        cv = np.clip(demand.cv.value + z * np.where(z > 0, up, down), 0.0, _MOST_CV)
        drawn["demand.day_to_day_cv"] = [demand.cv.value, *np.where(cv < _LEAST, 0.0, cv).tolist()]
    return drawn


def _kinds(found: Fitted, rng: np.random.Generator, number: int) -> Drawn:
    """Shares as a Dirichlet with half a visit more of each; those the log cannot show stay."""
    kinds = found.kinds
    if kinds is None:
        return {}
    shown = [name for name, one in kinds.shares.items() if math.isfinite(one.low) and one.value > 0]
    if len(shown) <= 1:
        return {}
    rest = sum(kinds.shares[name].value for name in shown)
    counts = np.array([kinds.shares[name].value / rest * kinds.number + 0.5 for name in shown])
    drawn = rng.dirichlet(counts, number) * rest
    return {
        path_text(("visits", name, "share")): [kinds.shares[name].value, *drawn[:, column].tolist()]
        for column, name in enumerate(shown)
    }


def _stays(found: Fitted, times: _Draw, rng: np.random.Generator, number: int) -> Drawn:
    drawn: Drawn = {}
    for name, stay in (found.stays or {}).items():
        if stay.law is None or stay.law.family == "empirical":
            continue
        drawn[path_text(("visits", name, "stay", "mean"))] = times(stay.law.mean)
        if stay.law.family != "exponential":
            half = _Z * _error_of_log_cv(stay)
            value = max(stay.law.cv, _LEAST)
            cv = Estimate(value, value * math.exp(-half), value * math.exp(half))
            drawn[path_text(("visits", name, "stay", "cv"))] = times(cv)
    for room, limit in (found.limits or {}).items():
        stayed = round(limit.reached * (1 - limit.comply.value)) if limit.reached else 0
        if stayed:
            comply = rng.beta(limit.reached - stayed + 0.5, stayed + 0.5, number)
            path = path_text(("rooms", room, "time_limit", "comply"))
            drawn[path] = [limit.comply.value, *comply.tolist()]
        if limit.overrun.is_known:
            drawn[path_text(("rooms", room, "time_limit", "overrun", "mean"))] = times(
                limit.overrun
            )
    return drawn


def _overdoses(found: Fitted, times: _Draw, rng: np.random.Generator, number: int) -> Drawn:
    """Of a gamma of half a case more; kinds in the proportions of the site's file move as one."""
    cases = found.overdoses
    if cases is None or not cases.count:
        return {}
    gamma = rng.gamma(cases.count + 0.5, size=number) / cases.count
    return {
        path_text(("visits", name, "overdose", "per_1000")): times(rate)
        if cases.apart
        else [rate.value, *(rate.value * gamma).tolist()]
        for name, rate in cases.by_kind.items()
        if rate.value > 0
    }


def _error_of_log_cv(stay: Stays) -> float:
    """Standard error of the logarithm of the CV, of as many stays as ended of themselves."""
    assert stay.law is not None
    cv, size = stay.law.cv, stay.number
    if stay.law.family == "gamma":
        shape = 1 / cv**2
        curve = shape * (shape * float(special.polygamma(1, shape)) - 1)
        return 0.5 / math.sqrt(size * curve)
    return math.log1p(cv**2) * (1 + cv**2) / cv**2 / math.sqrt(2 * size)


def _patience(found: Fitted, times: _Draw) -> Drawn:
    """Of kinds that were fitted together the draws are the same."""
    drawn: Drawn = {}
    done: dict[int, Drawn] = {}
    for name, one in (found.patience or {}).items():
        if not one.leavers:
            continue
        if id(one) not in done:
            parts = {"mean": one.mean}
            if one.law is not None:
                parts = {"median": one.law.median, "shape": one.law.shape}
            done[id(one)] = {part: times(value) for part, value in parts.items()}
        for part, values in done[id(one)].items():
            inside = np.clip(values, *_SHAPES).tolist() if part == "shape" else values
            drawn[path_text(("visits", name, "patience", part))] = inside
    return drawn


def _balking(found: Fitted, times: _Draw) -> Drawn:
    """Kinds that were fitted together move as one."""
    drawn: Drawn = {}
    done: dict[int, list[float]] = {}
    for name, one in (found.balking or {}).items():
        values = done.setdefault(id(one), []) or times(one.per_person)
        done[id(one)] = values
        drawn[path_text(("visits", name, "balking", "per_person_ahead"))] = values
    return drawn


def _check_ins(found: Fitted, rng: np.random.Generator, number: int) -> Drawn:
    """Registrations weighted anew (Bayesian bootstrap), wider where those of one day are alike."""
    times = found.site.check_in.times if found.site.check_in else None
    if found.check_ins is None or times is None:
        return {}
    factors: dict[str, Floats] = {}
    for name, minutes in found.check_ins.minutes.items():
        mean, wider = float(minutes.mean()), found.check_ins.wider[name]
        weights = (rng.standard_exponential(len(minutes)) for _ in range(number))
        again = np.array([float(one @ minutes) / float(one.sum()) for one in weights])
        factors[name] = np.maximum(1 + (again / mean - 1) * wider, _LEAST)
    drawn: Drawn = {}
    for name, law, of in laws_of(found.check_ins, times):
        known = scaled(law, factor_of(found.check_ins, times, law, of))
        if "values" in known:  # a list is no setting of its own
            continue
        for key in sorted(MINUTES & known.keys()):
            path = path_text(("check_in", "times", name, key))
            drawn[path] = [known[key], *(known[key] * factors[of]).tolist()]
    return drawn


def _clients(found: Fitted, rng: np.random.Generator, number: int) -> Drawn:
    """People drawn anew from the law that was fitted, and fitted again."""
    people = found.clients
    if people is None or found.site.demand.clients is None:
        return {}
    again = []
    if number:
        visits = int((found.register.client >= 0).sum())
        again = drawn_anew(people, visits, min(number, _CLIENTELES), rng)
    of_each = np.arange(number) % max(len(again), 1)
    if number and not again:
        return {}
    return {
        f"demand.clients.{name}": [
            float(round(known) if name == "number" else known),
            *(float(round(other[one]) if name == "number" else other[one]) for one in of_each),
        ]
        for name, known, other in (
            ("number", people.number.value, [one.number.value for one in again]),
            ("sigma", people.sigma.value, [one.sigma.value for one in again]),
        )
    }


def _services(found: Fitted, rng: np.random.Generator, number: int) -> Drawn:
    """Shares who use a service, or rest: beta, with half a visit more of either sort."""
    used = {
        path_text(("visits", kind, "services", service)): use
        for kind, services in (found.services or {}).items()
        for service, use in services.items()
    }
    used |= {
        path_text(("visits", kind, "aftercare", "share")): use
        for kind, use in (found.rests or {}).items()
    }
    drawn: Drawn = {}
    for path, use in used.items():
        if use.is_set:
            count = use.share.value * use.number
            parts = rng.beta(count + 0.5, use.number - count + 0.5, number)
            drawn[path] = [use.share.value, *parts.tolist()]
    return drawn


def _of_tally(matched: Matched, drawn: Drawn, number: int) -> Drawn:
    """What was matched to a tally, by tallies that might be, on what the served leave open.

    Between the points at which it was matched again an input lies on a line.
    """
    if not matched.points:
        return {}
    rng = np.random.default_rng(_SEED)
    count = matched.a_day * matched.days
    tallies = rng.gamma(count + 0.5, size=number) / matched.days
    at = [one.a_day for one in matched.points]

    def between(values: Sequence[float]) -> Floats:
        """At each tally; first at the one that was counted."""
        found: Floats = np.interp([matched.a_day, *tallies], at, values)
        return found

    found = dict(drawn)
    if _LEVEL in drawn:
        level = between([one.level for one in matched.points])
        found[_LEVEL] = (np.array(drawn[_LEVEL]) * level / level[0]).tolist()
    for path in drawn:
        if path.endswith("day_to_day_cv"):
            cv = between([one.cv for one in matched.points])
            found[path] = _inside(path, np.array(drawn[path]) + cv - cv[0])
    for place, name in enumerate(matched.points[0].kinds):
        path = path_text(("visits", name, "share"))
        if path in drawn:
            share = between([list(one.kinds.values())[place] for one in matched.points])
            found[path] = _inside(path, np.array(drawn[path]) + share - share[0])
    patience = between([one.patience for one in matched.points])
    for name, mean in matched.patience.items():
        path = path_text(("visits", name, "patience", "mean"))
        found[path] = (mean.value * patience / patience[0]).tolist()
    return found
