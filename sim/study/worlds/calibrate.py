"""Calibration: which of the worlds that are thought possible give the outcomes that were published.

Worlds are played, weighted by how well they meet the outcomes, and new ones drawn about the
heaviest, wave after wave; every world ever played counts (adaptive multiple importance sampling:
Cornuet, Marin, Mira & Robert 2012, Scandinavian Journal of Statistics 39). How far a world is from
an outcome is measured in what is known of the outcome, the chance of play and the error of the
model together: its implausibility (Vernon, Goldstein & Bower 2010, Bayesian Analysis 5).

Inputs are worked with as normal scores z of their random numbers u, so that what was thought
before is the standard normal distribution whatever the ranges are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, inf, log, pi

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.scenario.errors.told import told
from sim.study.worlds.variance import pooled_variance

Floats = NDArray[np.float64]

_NORMAL = 1.96
"""An interval of 95 % is so many standard errors to either side."""
_PILOT, _OF_PILOT = 50, 2
"""So many worlds are played so often, to see what chance does."""
_MOST_PLAYS = 8
_FINE = 2
"""Chance may be this many times smaller than what is known of an outcome."""
_FREEDOM = 5.0
"""Degrees of freedom of the t distribution that new worlds are drawn from."""
_WIDER = 1.5
"""How many times wider than the worlds at hand it is."""
_TEMPER = 1.3
_FLATTEST = 1e12
"""Far beyond any misfit."""
_FEW = (30, 8)
"""Fewer effective worlds than the larger of the first and so many an input say no direction."""
ENOUGH = 100
"""Effective worlds that are enough."""
_WAVES = (2, 6)
"""At least and at most."""
PLAUSIBLE = 3.0
"""A world further off than this from any outcome is implausible (three standard errors)."""
_NEAR_END = 2.0**-40
_RIDGE = 1e-9


@dataclass(frozen=True)
class Published:
    """An outcome that is known, with its 95 % interval."""

    name: str
    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high or not self.low <= self.value <= self.high:
            raise ValueError(
                told(
                    "needs_low_value_high_and_low_high",
                    "{name}: needs low <= value <= high and low < high",
                    name=self.name,
                )
            )

    @property
    def spread(self) -> float:
        """Standard error of what is known."""
        return (self.high - self.low) / 2 / _NORMAL


@dataclass(frozen=True, eq=False)
class Played:
    """What worlds gave."""

    worlds: Floats
    """The outcomes of each world, of all its plays together; NaN where nothing was to measure."""
    plays: Floats
    """The same of each play: world, play, outcome."""


Play = Callable[[Floats, int, int], Played]
"""Plays worlds of these u (a row a world), the first of this number, so many times each."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """All worlds played, with their weights."""

    published: tuple[Published, ...]
    u: Floats
    figures: Floats
    """A row a world, a column an outcome."""
    apart: Floats
    """Implausibility of each world by each outcome."""
    weights: Floats
    """Of all worlds, adding up to 1."""
    first: int
    """How many worlds were drawn from what was thought before."""
    plays: int
    """Of each world."""
    played: int
    """Plays in all."""
    waves: int
    chance: Floats
    """Variance of each outcome from play to play."""

    @property
    def effective(self) -> float:
        """Effective number of worlds (ESS)."""
        return effective(self.weights)

    @property
    def furthest(self) -> Floats:
        """Of each world its largest implausibility."""
        return np.asarray(self.apart.max(axis=1))

    @property
    def nearest(self) -> int:
        """The world whose largest implausibility is least."""
        return int(self.furthest.argmin())

    @property
    def plausible(self) -> float:
        """Share of the worlds drawn from what was thought before that meet every outcome."""
        return float((self.furthest[: self.first] < PLAUSIBLE).mean())

    @property
    def out_of_reach(self) -> tuple[int, ...]:
        """Outcomes that no world in the ranges gives, each by itself."""
        return _out_of_reach(self.published, self.figures[: self.first], self.apart[: self.first])

    @property
    def conflict(self) -> bool:
        """Whether no world meets all outcomes together."""
        return bool(self.apart.size and self.furthest.min() > PLAUSIBLE)

    def without(self, outcome: int) -> float:
        """The least largest implausibility if an outcome were left out; 0 if it is the only one."""
        others = np.delete(self.apart, outcome, axis=1)
        return float(others.max(axis=1).min()) if others.shape[1] else 0.0

    @property
    def most_helpful(self) -> int:
        """The outcome without which the others are met best."""
        return int(np.argmin([self.without(one) for one in range(len(self.published))]))

    def rows(self, count: int, seed: int) -> NDArray[np.int64]:
        """Numbers of worlds drawn by weight (systematic resampling)."""
        start = np.random.Generator(np.random.Philox(seed)).random()
        places = (np.arange(count) + start) / count
        reached = np.cumsum(self.weights)
        found = np.searchsorted(reached / reached[-1], places)
        return np.minimum(found, len(self.weights) - 1).astype(np.int64)

    def correlations(self, inputs: Floats) -> Floats:
        """Correlations of inputs over the weighted worlds.

        Args:
            inputs: a row a world, a column an input.
        """
        moved = inputs - self.weights @ inputs
        covariance = (moved * self.weights[:, None]).T @ moved
        size = np.sqrt(np.diag(covariance))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(covariance / np.outer(size, size))


def calibrate(
    published: Sequence[Published],
    first: Floats,
    play: Play,
    seed: int = 1,
    model_error: float = 0.0,
) -> Calibration:
    """Find the worlds that give the outcomes.

    Args:
        published: at least one outcome.
        first: u of the worlds of the first wave, spread evenly over what was thought before; every
            later wave has as many.
        play: plays worlds.
        seed: of the worlds drawn.
        model_error: what the model may be off by itself, as a share of each outcome.
    """
    chance = np.random.Generator(np.random.Philox(seed))
    now = _begin(published, first, play, model_error)
    target = max(_FEW[0], _FEW[1] * first.shape[1])
    while now.waves < _WAVES[1]:
        if now.waves == 1 and _out_of_reach(published, now.figures, now.apart):
            break
        if now.waves >= _WAVES[0] and effective(now.weights()) >= ENOUGH:
            break
        centre = _moments(now.z, now.tempered(target))
        now.add(_about(centre, len(first), chance), centre, play)
    return now.result(len(first))


# --- one wave after the other ---------------------------------------------------------------------


@dataclass(eq=False)
class _State:
    published: tuple[Published, ...]
    known: Floats
    """Variance of each outcome, of what is known of it, the chance of play and the model."""
    chance: Floats
    plays: int
    z: Floats
    figures: Floats
    played: int
    centres: list[tuple[Floats, Floats]] = field(default_factory=list)
    """What each later wave was drawn about: mean and scale."""

    @property
    def waves(self) -> int:
        return 1 + len(self.centres)

    @property
    def apart(self) -> Floats:
        wanted = np.array([one.value for one in self.published])
        found = np.abs(self.figures - wanted) / np.sqrt(self.known)
        return np.asarray(np.where(np.isnan(found), inf, found))

    def logs(self, temper: float = 1.0) -> Floats:
        """Logarithms of the weights, not made to add up to 1."""
        normal = _log_normal(self.z)
        drawn = [normal, *(_log_t(self.z, *one) for one in self.centres)]
        mixed = special.logsumexp(np.array(drawn), axis=0) - log(len(drawn))
        misfit = (self.apart**2).sum(axis=1) / 2
        return np.asarray(normal - mixed - misfit / temper)

    def weights(self, temper: float = 1.0) -> Floats:
        logs = self.logs(temper)
        if not np.isfinite(logs).any():
            return np.full(len(logs), 1 / len(logs))
        return np.asarray(special.softmax(logs))

    def tempered(self, target: float) -> Floats:
        """Weights for the next draw, flattened until enough worlds count."""
        target, temper = min(target, len(self.z) / 2), 1.0
        weights = self.weights()
        while effective(weights) < target and temper < _FLATTEST:
            temper *= _TEMPER
            weights = self.weights(temper)
        return weights

    def add(self, z: Floats, centre: tuple[Floats, Floats], play: Play) -> None:
        found = play(numbers(z), len(self.z), self.plays)
        self.z = np.vstack([self.z, z])
        self.figures = np.vstack([self.figures, found.worlds])
        self.played += self.plays * len(z)
        self.centres.append((centre[0], _WIDER * centre[1]))

    def result(self, first: int) -> Calibration:
        return Calibration(
            published=self.published,
            u=numbers(self.z),
            figures=self.figures,
            apart=self.apart,
            weights=self.weights(),
            first=first,
            plays=self.plays,
            played=self.played,
            waves=self.waves,
            chance=self.chance,
        )


def _begin(published: Sequence[Published], first: Floats, play: Play, model_error: float) -> _State:
    """The first wave: some worlds twice, to see how often all must be played."""
    spread = np.array([one.spread for one in published])
    pilot = play(first[:_PILOT], 0, _OF_PILOT)
    chance = np.array([_chance(pilot.plays[:, :, one]) for one in range(len(published))])
    needed = float((chance / (spread / _FINE) ** 2).max())
    plays = min(max(1, ceil(needed)), _MOST_PLAYS)
    figures, played = _first_wave(first, pilot, play, plays)
    off = model_error * np.abs([one.value for one in published])
    return _State(
        published=tuple(published),
        known=spread**2 + chance / plays + off**2,
        chance=chance,
        plays=plays,
        z=scores(first),
        figures=figures,
        played=played,
    )


def _chance(plays: Floats) -> float:
    found = pooled_variance(plays)
    return 0.0 if np.isnan(found) else found


def _first_wave(first: Floats, pilot: Played, play: Play, plays: int) -> tuple[Floats, int]:
    """Outcomes of the first worlds, and plays made; the pilot's plays are used where they serve."""
    began = _OF_PILOT * len(pilot.worlds)
    if plays > _OF_PILOT:
        return play(first, 0, plays).worlds, began + plays * len(first)
    done = pilot.worlds if plays > 1 else pilot.plays[:, 0]
    if len(first) <= len(done):
        return done, began
    rest = play(first[len(done) :], len(done), plays)
    return np.vstack([done, rest.worlds]), began + plays * (len(first) - len(done))


def _about(centre: tuple[Floats, Floats], count: int, chance: np.random.Generator) -> Floats:
    """Worlds from a t distribution about the heaviest ones."""
    mean, covariance = centre
    root = np.linalg.cholesky(_WIDER * covariance)
    normal = chance.standard_normal((count, len(mean))) @ root.T
    scale = np.sqrt(_FREEDOM / chance.chisquare(_FREEDOM, (count, 1)))
    return np.asarray(mean + normal * scale)


def _out_of_reach(
    published: Sequence[Published], figures: Floats, apart: Floats
) -> tuple[int, ...]:
    found = []
    for place, one in enumerate(published):
        values = figures[:, place]
        values = values[~np.isnan(values)]
        beyond = (values > one.value).all() or (values < one.value).all()
        if beyond and apart[:, place].min() > PLAUSIBLE:
            found.append(place)
    return tuple(found)


# --- weights, scores and densities ----------------------------------------------------------------


def effective(weights: Floats) -> float:
    """Of how many equal weights these are worth."""
    return float(1 / (weights @ weights))


def scores(u: Floats) -> Floats:
    """Normal scores of random numbers."""
    return np.asarray(special.ndtri(u))


def numbers(z: Floats) -> Floats:
    """Random numbers of normal scores, strictly between 0 and 1."""
    return np.asarray(np.clip(special.ndtr(z), _NEAR_END, 1 - _NEAR_END))


def weighted_quantiles(values: Floats, weights: Floats, at: Sequence[float]) -> Floats:
    """Quantiles of weighted worlds, interpolated between the middles of their weights."""
    heavy = weights > 0
    values, weights = values[heavy], weights[heavy]
    order = np.argsort(values, kind="stable")
    middles = np.cumsum(weights[order]) - weights[order] / 2
    return np.asarray(np.interp(at, middles / weights.sum(), values[order]))


def _moments(z: Floats, weights: Floats) -> tuple[Floats, Floats]:
    mean = weights @ z
    moved = z - mean
    covariance = (moved * weights[:, None]).T @ moved
    return np.asarray(mean), np.asarray(covariance + _RIDGE * np.eye(z.shape[1]))


def _log_normal(z: Floats) -> Floats:
    return np.asarray(-(z**2).sum(axis=1) / 2 - z.shape[1] / 2 * log(2 * pi))


def _log_t(z: Floats, mean: Floats, scale: Floats) -> Floats:
    """Log density of the multivariate t distribution of _FREEDOM degrees of freedom."""
    size = z.shape[1]
    root = np.linalg.cholesky(scale)
    moved = np.linalg.solve(root, (z - mean).T)
    constant = (
        special.gammaln((_FREEDOM + size) / 2)
        - special.gammaln(_FREEDOM / 2)
        - size / 2 * log(_FREEDOM * pi)
        - np.log(np.diag(root)).sum()
    )
    power = (_FREEDOM + size) / 2
    return np.asarray(constant - power * np.log1p((moved**2).sum(axis=0) / _FREEDOM))
