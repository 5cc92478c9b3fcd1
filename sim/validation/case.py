"""A case: a scenario file, and the figures that are known of it."""

from dataclasses import dataclass

from sim.validation.readings import Reading

QUICK_LIMIT = 0.05
"""Highest relative standard error of a figure when the suite is run quickly."""


@dataclass(frozen=True)
class Figure:
    """A figure that is known, and where the program says it."""

    name: str
    exact: float
    reading: Reading
    limit: float = 0.01
    """Highest relative standard error that will do; 0 for a figure that must be met exactly."""
    exact_error: float = 0.0
    """Standard error of `exact`, when it is itself from a simulation."""

    def limit_when(self, *, quick: bool) -> float:
        """The highest relative standard error that will do in a full or a quick run."""
        if not quick or self.limit == 0:
            return self.limit
        return max(QUICK_LIMIT, 5 * self.limit) if self.limit > QUICK_LIMIT / 2 else QUICK_LIMIT


@dataclass(frozen=True)
class Case:
    """A scenario of which figures are known."""

    id: str
    """As in the documentation, such as `S1`."""
    file: str
    """The scenario, a file of the folder `validation`."""
    exercises: str
    """What part of the program it is about."""
    figures: tuple[Figure, ...]
    replications: int = 1
    """How many of them bring the standard errors below the limits."""
    quick: int = 1
    """How many when the suite is run quickly."""

    def replications_when(self, *, quick: bool) -> int:
        """How many replications in a full or a quick run."""
        return self.quick if quick else self.replications
