"""A case: a scenario file, and the figures that are known of it."""

from dataclasses import dataclass

from sim.validation.readings import Reading

ORDINARY = 0.01
"""Highest relative standard error of a figure."""
HEAVY = 0.02
"""The same in heavy traffic, where a site remembers for days."""
HOURLY = 0.05
"""The same for a single hour of the day."""


@dataclass(frozen=True)
class Figure:
    """A figure that is known, and where the program says it."""

    name: str
    exact: float
    reading: Reading
    limit: float = ORDINARY
    """Highest relative standard error that will do; 0 for a figure that must be met exactly."""
    exact_error: float = 0.0
    """Standard error of `exact`, when it is itself from a simulation."""

    def limit_when(self, *, quick: bool) -> float:
        """The highest relative standard error that will do in a full or a quick run."""
        if not quick:
            return self.limit
        return 5 * (ORDINARY if self.limit == HEAVY else self.limit)


@dataclass(frozen=True)
class Case:
    """A scenario of which figures are known."""

    id: str
    """As in the documentation, such as `S1`; several scenarios may share one."""
    file: str
    """The scenario, a file of the folder `validation`."""
    exercises: str
    """What part of the program it is about."""
    figures: tuple[Figure, ...]
    replications: int = 1
    """How many of them bring the standard errors below the limits; 1 where nothing is random."""
    quick: int = 1
    """How many in a quick run; 0 for a case that has no place in one. With fewer than some 30 the
    standard error is itself so uncertain that 4 of them are no longer far; and they bring what is
    to be expected of it to three quarters of the limit, since it varies by a seventh."""

    def replications_when(self, *, quick: bool) -> int:
        """How many replications in a full or a quick run."""
        return self.quick if quick else self.replications
