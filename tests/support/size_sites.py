"""Sizing: a small site, and a made-up one whose truth is known exactly."""

from typing import Any, cast

import numpy as np

from sim.scenario.model.targets import parse_target
from sim.size.experiment import Record
from sim.size.observation import ObservedTarget
from sim.size.space import Parameter, Space

SITE = """\
name: small
horizon: {weeks: 1}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 300, profile: flat}
visits:
  inject:
    share: 0.6
    rooms: [injecting, flexible]
    stay: {distribution: exponential, mean: 25} # assumption (24-26)
    patience: {distribution: exponential, mean: 25}
  smoke:
    share: 0.4
    rooms: [smoking, flexible]
    stay: {distribution: exponential, mean: 20}
    patience: {distribution: exponential, mean: 25}
rooms:
  injecting: {places: 3}
  smoking: {places: 2}
  flexible: {places: 2}
targets:
  - wait.p90 <= 10 min
  - unserved <= 8 %
design:
  vary:
    rooms.injecting.places: 2:6
    rooms.smoking.places: 1:4
    rooms.flexible.places: 1:3
  costs: {place: {injecting: 60, smoking: 80, flexible: 90}}
"""
"""60 designs. The cheapest that meets both targets has 4 injecting, 2 smoking and 1 flexible place,
for 490 a year: benchmarks/selection.py plays all of them for long."""


def target(text: str, limit: float, tolerance: float, column: int) -> ObservedTarget:
    """A target of a made-up site."""
    return ObservedTarget(
        target=parse_target(text),
        unit="min",
        limit=limit,
        tolerance=tolerance,
        sign=1,
        columns=slice(column, column + 1),
        is_count=False,
    )


class Setup:
    """What a search asks of a lab's means."""

    def __init__(self, wanted: tuple[ObservedTarget, ...]) -> None:
        self.wanted = wanted


class MadeUp:
    """A lab whose designs have normal observations of known means, the same chance for all."""

    def __init__(
        self, means: np.ndarray[Any, Any], cost: np.ndarray[Any, Any], sd: float, seed: int
    ) -> None:
        """Take the means, an axis per parameter and one for the targets, of tolerance 1."""
        self._true, self._sd = means, sd
        rng = np.random.default_rng(seed)
        self._common = rng.normal(size=(2000, means.shape[-1]))
        self._own = np.random.default_rng([seed, 1])
        self._seen: dict[tuple[int, ...], np.ndarray[Any, Any]] = {}
        self._taken: dict[tuple[int, ...], int] = {}
        parameters = tuple(
            Parameter(f"p{n}", (f"p{n}",), tuple(range(levels)), ordered=True, cost_per_year=0.0)
            for n, levels in enumerate(cost.shape)
        )
        self.space = Space(cast("Any", None), parameters, cost, {})
        self.setup = Setup(
            tuple(target(f"wait.mean >= {n}", 0, 1.0, n) for n in range(means.shape[-1]))
        )

    @property
    def finished(self) -> tuple[tuple[int, ...], ...]:
        return self.played

    @property
    def played(self) -> tuple[tuple[int, ...], ...]:
        return tuple(self._taken)

    def take(self, designs: Any, until: int) -> None:
        for design in designs:
            if design not in self._seen:
                # Half of the variance is everybody's, half is a design's own.
                own = self._own.normal(size=self._common.shape)
                noise = (self._common + own) / np.sqrt(2)
                self._seen[design] = self._true[design] + self._sd * noise
            self._taken[design] = max(until, self._taken.get(design, 0))

    def record(self, design: tuple[int, ...]) -> Record:
        nothing = np.zeros((self._taken[design], 1))
        late = np.zeros((self._taken[design], 2, 1), dtype=np.int32)
        return Record(nothing, nothing.astype(np.int32), late, nothing)

    def values(self, design: tuple[int, ...]) -> tuple[Any, Any]:
        return self._seen[design][: self._taken[design]], np.zeros(self._true.shape[-1])
