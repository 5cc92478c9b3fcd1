"""Flows of people through stages that take time, if nobody ever waits.

Rates are piecewise constant over steps of `STEP` minutes of a circular week. The mean number of
people in a stage is m(t) = integral over u of rate(t - u) P(duration > u), the mean of an
infinite-server queue (Eick, Massey & Whitt 1993, Operations Research 41); with such rates it is
exact at the edges of the steps. Those who leave a stage feed the next one: a Poisson flow through
infinite-server stages stays a Poisson flow.
"""

import numpy as np

from sim.scenario.derived.calendar import STEP, Floats
from sim.scenario.model.durations import DurationShape

STRATA = 20_000
"""Equally likely durations that stand for a distribution."""
_NOISE = 1e-12
"""Smaller results are rounding errors of the Fourier transform."""


def minutes_of(law: DurationShape) -> Floats:
    """A distribution as equally likely durations in minutes, with the distribution's mean."""
    minutes = law.quantile((np.arange(STRATA) + 0.5) / STRATA)
    # The middle of the last stratum is no mean of a long tail.
    minutes[-1] += max(0.0, STRATA * (law.mean() - float(minutes.mean())))
    return minutes


def present(rates: Floats, minutes: Floats) -> Floats:
    """Mean number in a stage at the beginning of each step.

    Args:
        rates: of entering it, per minute, one per step of the week.
        minutes: equally likely durations.
    """
    edges = _edges(minutes)
    return _circular(rates, np.diff(_capped_mean(np.sort(minutes), edges)), first=1)


def leaving(rates: Floats, minutes: Floats) -> Floats:
    """Rate of leaving a stage, per minute, mean over each step; arguments as `present`."""
    edges = _edges(minutes)
    # The integral of P(duration <= x); its second differences are what leaves within a step.
    gone = edges - _capped_mean(np.sort(minutes), edges)
    kernel = np.diff(gone, n=2, prepend=0.0) / STEP
    return _circular(rates, kernel, first=0)


def _edges(minutes: Floats) -> Floats:
    return np.arange(int(minutes.max() // STEP) + 3, dtype=np.float64) * STEP


def _capped_mean(ordered: Floats, caps: Floats) -> Floats:
    """Mean of the smaller of the duration and each cap."""
    total = np.concatenate(([0.0], np.cumsum(ordered)))
    below = np.searchsorted(ordered, caps, side="right")
    found: Floats = (total[below] + caps * (len(ordered) - below)) / len(ordered)
    return found


def _circular(rates: Floats, kernel: Floats, first: int) -> Floats:
    """Σ rates[t − first − k] × kernel[k], the week being a circle."""
    steps = len(rates)
    places = (np.arange(len(kernel)) + first) % steps
    weights = np.bincount(places, kernel, minlength=steps)
    found = np.fft.irfft(np.fft.rfft(rates) * np.fft.rfft(weights), steps)
    return np.where(found > _NOISE, found, 0.0)
