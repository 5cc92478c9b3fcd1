"""What was played of each design, and playing more; finished observations are kept on disk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.engine import Engine
from sim.scenario.scenario import Scenario
from sim.size.kept import Kept, Record
from sim.size.play import Batch, Player, play
from sim.size.sequential import FIRST_TO_MISS, Floats
from sim.size.space import Design, Space
from sim.size.watched import Observation, Watched, observations
from sim.study.run.workers import Pool


@dataclass(frozen=True)
class Means:
    """By whom and how designs are played."""

    pool: Pool
    seed: int
    engine: Engine
    wanted: tuple[Watched, ...]
    kept: Kept | None
    first: int = 0
    """Number of the first replication; every lab counts its own from 0."""


class Lab:
    """Plays designs of a space, and remembers what it saw."""

    def __init__(self, space: Space, means: Means) -> None:
        """Begin without having seen anything but what was kept on disk."""
        self.space = space
        self.means = means
        self.coefficients: Floats | None = None
        """(controls, columns): how observations change with the controls; from other replications
        than those that are judged, so that judging them is not biased."""
        self.near: Design | None = None
        """A design near the targets' limits."""
        self._records: dict[Design, Record] = {}
        self._taken: dict[Design, int] = {}
        self._players: dict[Design, Player] = {}

    @property
    def played(self) -> tuple[Design, ...]:
        """All designs of which something was taken, in that order."""
        return tuple(self._taken)

    def has_played(self, design: Design) -> bool:
        """Whether anything was taken of a design."""
        return design in self._taken

    def recosted(self, space: Space) -> "Lab":
        """The same designs at other costs: what was played of them still holds."""
        other = Lab(space, self.means)
        other.coefficients, other.near = self.coefficients, self.near
        other._records, other._players = self._records, self._players
        return other

    def elsewhere(self, space: Space) -> "Lab":
        """The same designs under other circumstances: nothing is played, but coefficients hold."""
        other = Lab(space, self.means)
        other.coefficients, other.near = self.coefficients, self.near
        return other

    def scenario(self, design: Design) -> Scenario:
        """The site as designed."""
        return self._player(design).scenario

    def _player(self, design: Design) -> Player:
        if design not in self._players:
            self._players[design] = Player(self.space.scenario(design), self.means.wanted)
        return self._players[design]

    def take(self, designs: Iterable[Design], until: int) -> None:
        """Play designs until each has so many replications."""
        short: dict[int, list[Design]] = {}
        for design in dict.fromkeys(designs):
            have = self._have(design)
            self._taken[design] = max(until, self._taken.get(design, 0))
            if have < until:
                short.setdefault(have, []).append(design)
        for have, group in sorted(short.items()):
            self._play(group, range(self.means.first + have, self.means.first + until))

    def record(self, design: Design) -> Record:
        """What was taken of a design, however much more an earlier run has kept."""
        return self._records[design].until(self._taken[design])

    def values(self, design: Design) -> tuple[Floats, Floats]:
        """Observations of all columns, and what their variances are at least.

        What the visitors did beyond what was to be expected is taken out as far as
        `coefficients` say; its mean is 0, so that the observations' means are as they were.
        """
        record = self.record(design)
        values, least = observations(self.means.wanted, record.pairs, FIRST_TO_MISS)
        if self.coefficients is not None:
            # Where nothing can be observed there is nothing that chance could have moved.
            width = values.shape[1]
            observed = record.pairs[:FIRST_TO_MISS, 1, :width].any(axis=0)
            values = values - record.controls @ self.coefficients * observed
        return values, least

    def _have(self, design: Design) -> int:
        if design in self._records:
            return self._records[design].count
        kept = self.means.kept
        found = None if kept is None else kept.get(self.scenario(design), self.means)
        if found is None:
            return 0
        self._records[design] = found
        return self._records[design].count

    def _play(self, designs: Sequence[Design], replications: range) -> None:
        means = self.means
        players = tuple(self._player(one) for one in designs)
        seen: list[tuple[Observation, ...]] = []
        batch = Batch(players, means.seed, means.engine)
        seen += play(means.pool, batch, replications)
        for number, design in enumerate(designs):
            mine = [found[number] for found in seen]
            record = joined(self._records.get(design), mine)
            self._records[design] = record
            if means.kept is not None:
                means.kept.put(players[number].scenario, means, record)


def joined(before: Record | None, more: Sequence[Observation]) -> Record:
    """A record with more replications after those there are."""
    found = Record(
        np.array([one.pairs for one in more]),
        np.array([one.waits for one in more]),
        np.array([one.late for one in more]),
        np.array([one.controls for one in more]),
    )
    if before is None:
        return found
    return Record(
        np.concatenate([before.pairs, found.pairs]),
        np.concatenate([before.waits, found.waits]),
        np.concatenate([before.late, found.late]),
        np.concatenate([before.controls, found.controls]),
    )
