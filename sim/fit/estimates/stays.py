"""How long places are taken: laws of stays by likelihood, time limits, and what rounding did."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special

from sim.fit.estimates.limits import EXACT, Limit, limit_of, overrun
from sim.fit.reading.mess import piles
from sim.fit.reading.register import Bools, Floats, Ints, Register
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import LEVEL, Estimate

FEWEST = 30
"""Stays of a kind from which on their law is fitted; below, the site file's is scaled."""
_FEWEST_SCALED = 5
_TELLS = 2.0
"""Difference of AIC below which the data do not choose."""
_ENOUGH, _TRIES, _REJECTED, _MOST_TRIED = 200, 99, 0.02, 1000
"""Stays from which on laws may be rejected; samples of the bootstrap; below which share of them;
stays that are looked at, since with very many no law is true."""
_QUANTILES, _TAIL = 200, 100_000
"""Values of a law that is the stays themselves; draws of a law by which its tail goes on."""
_FEWEST_DAYS = 14
"""Days from which on it is seen whether stays of one day are alike."""
_Z = float(special.ndtri((1 + LEVEL) / 2))
_LEAST, _NEVER, _BY = 1e-3, 1e6, 1e-3
_SAMPLES = 20_250_615
"""Seed of the bootstrap: the same log gives the same answer."""


def unrounded_variance(variance: float, step: float, ends: int = 2) -> float:
    """The variance of stays without what rounding has added to it.

    Args:
        variance: of the rounded stays.
        step: minutes to which times are rounded.
        ends: how many of the times are: start and end, or 1 for a duration written as such.
    """
    return variance - ends * step**2 / 12 if step > 1 else variance


def unrounded(stays: Floats, step: float, ends: int) -> Floats:
    """Stays drawn together about their mean, so that they vary as they did before rounding."""
    if step <= 1 or len(stays) <= 1:
        return np.maximum(stays, step / 4 if step > EXACT else _LEAST)
    stays = np.where(stays <= 0, step / 2, stays)
    variance = float(np.var(stays, ddof=1))
    left = max(0.0, unrounded_variance(variance, step, ends)) / variance if variance > 0 else 1.0
    mean = stays.mean()
    found: Floats = np.maximum(mean + (stays - mean) * math.sqrt(left), step / 4)
    return found


# --- laws ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Family:
    """A law of the scenario, by parameters on the whole real line."""

    name: str
    logpdf: Callable[[Floats, Floats], Floats]
    logsf: Callable[[Floats, Floats], Floats]
    begin: Callable[[float, float], Floats]
    """Parameters from mean and CV."""
    moments: Callable[[Floats], tuple[float, float]]
    """Mean and CV from parameters."""


def _lognormal_logpdf(x: Floats, at: Floats) -> Floats:
    sigma = math.exp(at[1])
    z = (np.log(x) - at[0]) / sigma
    found: Floats = -0.5 * z**2 - np.log(x) - at[1] - 0.5 * math.log(2 * math.pi)
    return found


def _gamma_logpdf(x: Floats, at: Floats) -> Floats:
    shape, scale = math.exp(at[0]), math.exp(at[1])
    found: Floats = (shape - 1) * np.log(x) - x / scale - special.gammaln(shape) - shape * at[1]
    return found


LOGNORMAL = _Family(
    "lognormal",
    _lognormal_logpdf,
    lambda x, at: special.log_ndtr(-(np.log(x) - at[0]) / math.exp(at[1])),
    lambda mean, cv: np.array(
        [math.log(mean) - math.log1p(cv**2) / 2, math.log(math.log1p(cv**2)) / 2]
    ),
    lambda at: (
        math.exp(at[0] + math.exp(2 * at[1]) / 2),
        math.sqrt(math.expm1(min(math.exp(2 * at[1]), 50.0))),
    ),
)
_GAMMA = _Family(
    "gamma",
    _gamma_logpdf,
    lambda x, at: np.log(
        np.maximum(special.gammaincc(math.exp(at[0]), x / math.exp(at[1])), 1e-300)
    ),
    lambda mean, cv: np.array([-2 * math.log(cv), math.log(mean * cv**2)]),
    lambda at: (math.exp(at[0] + at[1]), math.exp(-at[0] / 2)),
)
_EXPONENTIAL = _Family(
    "exponential",
    lambda x, at: -at[0] - x / math.exp(at[0]),
    lambda x, at: -x / math.exp(at[0]),
    lambda mean, _: np.array([math.log(mean)]),
    lambda at: (math.exp(at[0]), 1.0),
)
FAMILIES = (LOGNORMAL, _GAMMA, _EXPONENTIAL)


@dataclass(frozen=True)
class Law:
    """A law of stays, as the scenario has it."""

    family: str
    mean: Estimate
    cv: float
    aic: float
    values: tuple[float, ...] = ()
    """Equally likely ones, of a law that is empirical."""


def fit_law(family: _Family, stays: Floats, censored: Floats) -> Law:
    """A law by likelihood.

    Args:
        family: the law.
        stays: those that ended of themselves, minutes.
        censored: those that a limit ended, or that had not ended: how long they had lasted.
    """
    at, lost = _likeliest(family, stays, censored)
    mean, cv = family.moments(at)
    freedom = max(len(stays) - len(at), 1)
    wider = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * math.sqrt(len(stays) / freedom)
    half = wider * _error_of_log_mean(family, at, stays, censored)
    interval = Estimate(mean, mean * math.exp(-half), mean * math.exp(half))
    return Law(family.name, interval, cv, 2 * lost + 2 * len(at))


def _likeliest(family: _Family, stays: Floats, censored: Floats) -> tuple[Floats, float]:
    """The parameters, and minus the logarithm of their likelihood."""
    stays = np.maximum(stays, _LEAST)
    lost = _lost(family, stays, censored)
    if family.name == "exponential":
        at = np.array([math.log((stays.sum() + censored.sum()) / len(stays))])
        return at, lost(at)
    if not len(censored):
        at = _closed(family, stays)
        return at, lost(at)
    mean = (stays.sum() + censored.sum()) / len(stays)
    begin = family.begin(mean, min(2.0, max(0.2, float(stays.std() / stays.mean()))))
    found = optimize.minimize(
        lost, begin, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-8}
    )
    return np.asarray(found.x), float(found.fun)


def _lost(family: _Family, stays: Floats, censored: Floats) -> Callable[[Floats], float]:
    """Minus the logarithm of the likelihood; of whole minutes each length is looked at once."""
    lengths, times = np.unique(stays, return_counts=True)
    cut, cuts = np.unique(censored, return_counts=True)

    def lost(at: Floats) -> float:
        if np.any(np.abs(at) > math.log(_NEVER)):
            return math.inf
        found = times @ family.logpdf(lengths, at)
        return -float(found + (cuts @ family.logsf(cut, at) if len(cut) else 0.0))

    return lost


def _closed(family: _Family, stays: Floats) -> Floats:
    """Without censoring: of a lognormal at once, of a gamma by a few steps."""
    logs = np.log(stays)
    if family.name == "lognormal":
        return np.array([logs.mean(), math.log(max(float(logs.std()), _LEAST))])
    mean = float(stays.mean())
    apart = max(math.log(mean) - float(logs.mean()), 1e-9)
    shape = (3 - apart + math.sqrt((apart - 3) ** 2 + 24 * apart)) / (12 * apart)
    for _ in range(5):
        over = math.log(shape) - float(special.digamma(shape)) - apart
        shape -= over / (1 / shape - float(special.polygamma(1, shape)))
    return np.array([math.log(shape), math.log(mean / shape)])


def _error_of_log_mean(family: _Family, at: Floats, stays: Floats, censored: Floats) -> float:
    """Standard error of the logarithm of the mean, from the curvature of the likelihood."""
    by = _BY
    spread = covariance(_lost(family, np.maximum(stays, _LEAST), censored), at)
    steps = np.eye(len(at)) * by
    slope = np.array(
        [
            math.log(family.moments(at + one)[0] / family.moments(at - one)[0]) / (2 * by)
            for one in steps
        ]
    )
    variance = float(slope @ spread @ slope)
    return math.sqrt(variance) if variance > 0 else math.inf


def covariance(lost: Callable[[Floats], float], at: Floats) -> Floats:
    """Of likeliest parameters, from the curvature of the likelihood; infinite where it has none.

    Args:
        lost: minus the logarithm of the likelihood.
        at: where it is smallest.
    """
    steps = np.eye(len(at)) * _BY
    corners = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
    curve = np.array(
        [[sum(s * lost(at + i * a + j * b) for i, j, s in corners) for b in steps] for a in steps]
    ) / (4 * _BY**2)
    if not np.isfinite(curve).all() or np.linalg.det(curve) <= 0:
        return np.full((len(at), len(at)), np.inf)
    return np.asarray(np.linalg.inv(curve), dtype=np.float64)


# --- which law ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stays:
    """What a log says of the stays of a kind."""

    law: Law | None
    """None where the site file's law is kept, scaled or as it is."""
    mean: Estimate
    number: int
    """That are known to have ended."""
    censored: int
    """That a limit ended."""
    note: str = ""
    """`open_choice`, `empirical`, `few` or `none`: a word of the catalogue."""
    cap: float = math.nan
    """Length at which nobody stays on, of this kind alone."""


def choose_law(
    stays: Floats, censored: Floats, step: float = EXACT, ends: int = 2
) -> tuple[Law, str]:
    """The law with the smallest AIC, or the stays themselves if none of them is likely."""
    laws = sorted((fit_law(one, stays, censored) for one in FAMILIES), key=lambda law: law.aic)
    note = "open_choice" if laws[1].aic - laws[0].aic < _TELLS else ""
    if len(stays) < _ENOUGH:
        return laws[0], note
    by_name = {one.name: one for one in FAMILIES}
    for law in laws:
        if not is_rejected(by_name[law.family], stays, censored, step, ends):
            return law, note if law is laws[0] else ""
    return _empirical(stays, censored, laws[0]), "empirical"


def _empirical(stays: Floats, censored: Floats, nearest: Law) -> Law:
    """The stays themselves; what a limit cut off goes on by the law that is nearest.

    Those at the limit would have stayed longer: a mean of what is seen is too short, and its
    interval did not hold the truth in any log of a room with a limit.
    """
    both = np.concatenate([stays, *_beyond(censored, nearest)])
    at = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    values = np.quantile(both, at, method="averaged_inverted_cdf")
    values *= both.mean() / values.mean()
    mean = float(both.mean())
    half = _Z * float(both.std(ddof=1)) / math.sqrt(len(both))
    if len(censored):
        half = max(half, mean * math.log(nearest.mean.high / nearest.mean.value))
    cv = float(both.std(ddof=1)) / mean
    return Law("empirical", Estimate(mean, mean - half, mean + half), cv, math.nan, tuple(values))


def _beyond(censored: Floats, law: Law) -> Iterator[Floats]:
    """Where stays that a limit ended would have ended by a law: its quantiles beyond the limit."""
    family = next(one for one in FAMILIES if one.name == law.family)
    at = family.begin(law.mean.value, law.cv)
    drawn = _sample(family, at, _TAIL, np.random.default_rng(_SAMPLES))
    for limit, count in zip(*np.unique(censored, return_counts=True), strict=True):
        longer = drawn[drawn > limit]
        parts = (np.arange(count) + 0.5) / count
        yield np.quantile(longer, parts) if len(longer) else np.full(count, limit)


def is_rejected(family: _Family, stays: Floats, censored: Floats, step: float, ends: int) -> bool:
    """Whether stays are further from a law than 98 of 100 samples of it.

    Each sample is rounded and cut off as the stays are, and fitted anew.
    """
    rng = np.random.default_rng(_SAMPLES)
    limit = float(censored.min()) if len(censored) else math.inf
    number = len(stays) + len(censored)
    if number > _MOST_TRIED:
        kept = rng.choice(number, _MOST_TRIED, replace=False)
        stays, censored = (
            stays[kept[kept < len(stays)]],
            censored[: int((kept >= len(stays)).sum())],
        )
        number = _MOST_TRIED
    at, _ = _likeliest(family, stays, censored)
    seen = _distance(family, at, stays, number)
    further = 0
    for tried in range(1, _TRIES + 1):
        drawn = _sample(family, at, number, rng)
        if step > EXACT:
            shift = rng.random(number) - 0.5 if ends > 1 else 0.0
            drawn = np.round(drawn / step + shift) * step
            drawn = unrounded(drawn, step, ends)
        cut = drawn >= limit
        inside, beyond = drawn[~cut], np.full(int(cut.sum()), limit)
        if len(inside) <= 1:
            further += 1
            continue
        again, _ = _likeliest(family, inside, beyond)
        further += _distance(family, again, inside, number) >= seen
        if further > _REJECTED * (_TRIES + 1):  # enough of them: it is likely
            return False
        if tried - further > (1 - _REJECTED) * (_TRIES + 1):
            return True
    return (further + 1) / (_TRIES + 1) <= _REJECTED


def _distance(family: _Family, at: Floats, stays: Floats, number: int) -> float:
    """Kolmogorov and Smirnov's, over the lengths that there are."""
    lengths, counts = np.unique(stays, return_counts=True)
    upto = np.cumsum(counts) / number
    middle = np.append((lengths[1:] + lengths[:-1]) / 2, lengths[-1])
    if len(lengths) > number / 2:  # not rounded
        middle = lengths
    law = 1 - np.exp(family.logsf(np.maximum(middle, _LEAST), at))
    found = np.abs(law - upto)
    return float(found[:-1].max() if len(found) > 1 else found.max())


def _sample(family: _Family, at: Floats, number: int, rng: np.random.Generator) -> Floats:
    if family.name == "lognormal":
        return rng.lognormal(at[0], math.exp(at[1]), number)
    if family.name == "gamma":
        return rng.gamma(math.exp(at[0]), math.exp(at[1]), number)
    return rng.exponential(math.exp(at[0]), number)


# --- of a log -----------------------------------------------------------------------------------


def fit_stays(
    register: Register, site: Scenario, step: float, families: Mapping[str, str] | None = None
) -> tuple[dict[str, Stays], dict[str, Limit]]:
    """The stays of each kind, and the limits of rooms.

    Args:
        register: the visits.
        site: whose kinds and rooms they are.
        step: minutes to which stays are rounded.
        families: the law of each kind, where they are chosen already.
    """
    ended = register.served & ~np.isnan(register.left - register.entered) & ~register.overdose
    used = with_rooms(register.where(ended), site)
    stays = used.left - used.entered
    ends = 1 if "minutes" in register.has and "left" not in register.has else 2
    limits: dict[str, Limit] = {}
    if step <= 1:  # whole minutes, or parts of them
        step = 1.0 if np.allclose(stays % 1, 0) else EXACT
    for number, (name, room) in enumerate(site.rooms.items()):
        said = room.time_limit.limit if room.time_limit else None
        here = stays[used.room == number]
        found = limit_of(here, said, step) if len(here) else None
        if found is not None and (found.given or found.overrun.is_known):
            limits[name] = found
    of_kind = {
        name: _of_kind(stays, used, number, site, _Cut(limits, step, ends, families or {}))
        for number, name in enumerate(site.visits)
        if site.visits[name].stay is not None
    }
    laws = [one.law if (one := of_kind.get(name)) else None for name in site.visits]
    for number, name in enumerate(site.rooms):
        if name in limits and limits[name].overrun.is_known:
            here = used.room == number
            limits[name] = _with_overrun(limits[name], stays[here], used.kind[here], laws, step)
    return of_kind, limits


def _with_overrun(
    limit: Limit, stays: Floats, kinds: Ints, laws: Sequence[Law | None], step: float
) -> Limit:
    """A limit with the overrun of those who stay on, some of whom would have left anyhow."""
    near = step / 2 if step > EXACT else 0.0
    beyond = stays > limit.minutes + step / 2
    ends = np.zeros(int(beyond.sum()))
    for number, law in enumerate(laws):
        mine = kinds[beyond] == number if len(laws) > 1 else np.ones(len(ends), dtype=np.bool_)
        if law is not None:
            ends[mine] = _hazard(law, stays[beyond][mine])
    return replace(limit, overrun=overrun(stays[beyond] - limit.minutes - near, ends))


def _hazard(law: Law, at: Floats) -> Floats:
    """How many of those still there leave a minute, by a law.

    Of the stays themselves by a lognormal like them.
    """
    family = next((one for one in FAMILIES if one.name == law.family), LOGNORMAL)
    parameters = family.begin(law.mean.value, law.cv)
    found: Floats = np.exp(family.logpdf(at, parameters) - family.logsf(at, parameters))
    return found


@dataclass(frozen=True)
class _Cut:
    """What cuts stays off, and how they are rounded."""

    limits: Mapping[str, Limit]
    step: float
    ends: int
    families: Mapping[str, str]
    """Of kinds whose law is chosen already."""

    @property
    def near(self) -> float:
        """Minutes by which a stay that ends at a limit may seem to be off it."""
        return self.step / 2


def with_rooms(used: Register, site: Scenario) -> Register:
    """The room of each stay, where its kind has only one."""
    rooms = list(site.rooms)
    only = [
        rooms.index(one.rooms[0]) if len(one.rooms) == 1 else -1 for one in site.visits.values()
    ]
    of_kind = np.array([*only, -1], dtype=np.int64)[used.kind]
    return replace(used, room=np.where(used.room < 0, of_kind, used.room))


def _of_kind(stays: Floats, used: Register, kind: int, site: Scenario, cut: _Cut) -> Stays:
    if (used.kind >= 0).any() or len(site.visits) > 1:
        mine: Bools = used.kind == kind
    else:
        mine = np.ones(len(stays), dtype=np.bool_)
    own, near = stays[mine], cut.near
    if len(own) < FEWEST:
        return _few(own)
    wider = math.sqrt(alike(own, used.day[mine]))
    bound = np.full(len(own), math.inf)
    for number, name in enumerate(site.rooms):
        if name in cut.limits:
            bound[used.room[mine] == number] = cut.limits[name].minutes
    cap = next((one for one in piles(own) if not (own > one + near).any()), math.nan)
    bound = np.where(np.isnan(cap), bound, np.minimum(bound, cap))
    censored = own >= bound - near
    free = own[~censored]
    if len(free) < FEWEST:
        return _few(own)
    free = unrounded(free, cut.step, cut.ends)
    known = next((x for x in FAMILIES if x.name == cut.families.get(list(site.visits)[kind])), None)
    if known is not None:
        law, note = fit_law(known, free, bound[censored] - near), ""
    else:
        law, note = choose_law(free, bound[censored] - near, cut.step, cut.ends)
    law = replace(law, mean=_widened(law.mean, wider))
    return Stays(law, law.mean, len(free), int(censored.sum()), note, cap)


def alike(stays: Floats, day: Ints) -> float:
    """How many times the variance of a mean stay is that of as many that are drawn apart.

    More than once where those of one day are alike; never less, which would be chance.
    """
    of_day = np.bincount(day, stays - stays.mean())
    seen = np.bincount(day) > 0
    if seen.sum() < _FEWEST_DAYS:
        return 1.0
    apart = float(((stays - stays.mean()) ** 2).sum())
    days = int(seen.sum())
    return max(1.0, float((of_day**2).sum()) / apart * days / (days - 1)) if apart > 0 else 1.0


def _widened(one: Estimate, times: float) -> Estimate:
    """An interval so many times as wide, on its logarithm."""
    ends = (one.value * (end / one.value) ** times for end in (one.low, one.high))
    return Estimate(one.value, *ends) if one.low > 0 else one


def _few(own: Floats) -> Stays:
    """Too few for a law: their mean, to which the site file's law is scaled."""
    if len(own) < _FEWEST_SCALED:
        return Stays(None, Estimate(), len(own), 0, "none")
    mean = float(own.mean())
    half = float(special.stdtrit(len(own) - 1, (1 + LEVEL) / 2) * own.std(ddof=1)) / math.sqrt(
        len(own)
    )
    return Stays(None, Estimate(mean, max(0.0, mean - half), mean + half), len(own), 0, "few")
