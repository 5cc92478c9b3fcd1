"""What was played of each design, and playing more; finished observations are kept on disk."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.engine import Engine
from sim.scenario.scenario import Scenario
from sim.size.kept import Kept
from sim.size.play import Batch, play
from sim.size.sequential import Floats
from sim.size.space import Design, Space
from sim.size.watched import Counts, Observation, Watched
from sim.study.cluster import Pool

Told = Callable[[int], None]
"""Is told how many more replications have been played."""


@dataclass(frozen=True, eq=False)
class Record:
    """The replications of one design, from the first on."""

    pairs: Floats
    """(replications, 2, columns)."""
    waits: Counts
    """(replications, steps)."""

    @property
    def count(self) -> int:
        """How many replications."""
        return len(self.pairs)


@dataclass(frozen=True)
class Means:
    """By whom and how designs are played."""

    pool: Pool
    seed: int
    engine: Engine
    wanted: tuple[Watched, ...]
    kept: Kept | None
    told: Told


class Lab:
    """Plays designs of a space, and remembers what it saw."""

    def __init__(self, space: Space, means: Means) -> None:
        """Begin without having seen anything but what was kept on disk."""
        self.space = space
        self.means = means
        self._records: dict[Design, Record] = {}
        self._taken: dict[Design, int] = {}
        self._scenarios: dict[Design, Scenario] = {}

    @property
    def played(self) -> tuple[Design, ...]:
        """All designs of which something was taken, in that order."""
        return tuple(self._taken)

    def scenario(self, design: Design) -> Scenario:
        """The site as designed."""
        if design not in self._scenarios:
            self._scenarios[design] = self.space.scenario(design)
        return self._scenarios[design]

    def take(self, designs: Iterable[Design], until: int) -> None:
        """Play designs until each has so many replications."""
        short: dict[int, list[Design]] = {}
        for design in dict.fromkeys(designs):
            have = self._have(design)
            self._taken[design] = max(until, self._taken.get(design, 0))
            if have < until:
                short.setdefault(have, []).append(design)
        for have, group in sorted(short.items()):
            self._play(group, range(have, until))

    def record(self, design: Design) -> Record:
        """What was taken of a design, however much more an earlier run has kept."""
        whole, count = self._records[design], self._taken[design]
        return Record(whole.pairs[:count], whole.waits[:count])

    def _have(self, design: Design) -> int:
        if design in self._records:
            return self._records[design].count
        kept = self.means.kept
        found = None if kept is None else kept.get(self.scenario(design), self.means)
        if found is None:
            return 0
        self._records[design] = Record(*found)
        return self._records[design].count

    def _play(self, designs: Sequence[Design], replications: range) -> None:
        means = self.means
        scenarios = tuple(self.scenario(one) for one in designs)
        seen: list[tuple[Observation, ...]] = []
        for found in play(
            means.pool, Batch(scenarios, means.seed, means.wanted, means.engine), replications
        ):
            seen.append(found)
            means.told(len(designs))
        for number, design in enumerate(designs):
            mine = [found[number] for found in seen]
            record = _joined(self._records.get(design), mine)
            self._records[design] = record
            if means.kept is not None:
                means.kept.put(scenarios[number], means, record.pairs, record.waits)


def _joined(before: Record | None, more: Sequence[Observation]) -> Record:
    pairs = np.array([one.pairs for one in more])
    waits = np.array([one.waits for one in more])
    if before is None:
        return Record(pairs, waits)
    return Record(np.concatenate([before.pairs, pairs]), np.concatenate([before.waits, waits]))
