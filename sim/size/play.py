"""Playing many designs of a site, each replication with the same people for all of them."""

import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sim.engine import Engine, simulate
from sim.scenario.scenario import Scenario
from sim.size.controls import Usual
from sim.size.sequential import Floats
from sim.size.watched import Observation, Observer, Watched
from sim.study.run.workers import Pool
from sim.visitors.crowd import Crowd

PORTION = 16
"""Replications that all designs play before the next, so that who comes to them is drawn once."""


@dataclass(frozen=True)
class Player:
    """Plays one design; what that takes is made ready once."""

    scenario: Scenario
    wanted: tuple[Watched, ...]

    @cached_property
    def ready(self) -> tuple[Crowd, Observer]:
        """Who comes to it, and who observes it."""
        return Crowd.of(self.scenario), Observer(self.scenario, self.wanted)

    def __getstate__(self) -> dict[str, object]:
        """Only what it was made of goes to other processes; they make ready themselves."""
        return {"scenario": self.scenario, "wanted": self.wanted}

    def play(self, seed: int, replication: int, engine: Engine) -> Observation:
        """One replication."""
        crowd, observer = self.ready
        visitors = crowd.meets(self.scenario, seed, replication)
        log = simulate(self.scenario, visitors, engine)
        return observer.observe(log, _controls(crowd, seed, replication))


@dataclass(frozen=True)
class Batch:
    """Designs that are played together."""

    players: tuple[Player, ...]
    seed: int
    engine: Engine

    def play(self, replication: int) -> tuple[Observation, ...]:
        """One replication of each design."""
        return tuple(one.play(self.seed, replication, self.engine) for one in self.players)


@lru_cache(maxsize=1024)
def _controls(crowd: Crowd, seed: int, replication: int) -> Floats:
    """What the visitors do beyond what is to be expected of them."""
    return _usual(crowd).beyond(crowd.meets(crowd.scenario, seed, replication))


@lru_cache(maxsize=16)
def _usual(crowd: Crowd) -> Usual:
    return Usual.of(crowd.scenario)


@dataclass(frozen=True)
class PackedBatch:
    """A batch as it is sent to another process."""

    content: bytes

    def play(self, replication: int) -> tuple[Observation, ...]:
        """As `Batch.play`."""
        return _unpacked(self.content).play(replication)


@lru_cache(maxsize=2)
def _unpacked(content: bytes) -> Batch:
    batch = pickle.loads(content)
    assert isinstance(batch, Batch)  # packed below
    return batch


def play(
    pool: Pool, batch: Batch, replications: Sequence[int]
) -> Iterator[tuple[Observation, ...]]:
    """Each replication of all designs of a batch, in order.

    Args:
        pool: who plays them.
        batch: the designs.
        replications: their numbers.
    """
    if pool.elsewhere:
        run = PackedBatch(pickle.dumps(batch)).play
        begun = [pool.executor.submit(run, number) for number in replications]
        yield from (future.result() for future in begun)
        return
    portions = [
        _begin(pool, batch, replications[first : first + PORTION])
        for first in range(0, len(replications), PORTION)
    ]
    for portion in portions:
        yield from (tuple(one.result() for one in row) for row in zip(*portion, strict=True))


def _begin(
    pool: Pool, batch: Batch, replications: Sequence[int]
) -> list[list[Future[Observation]]]:
    """Some replications of each design. While one is made ready, those before it are played."""
    begun = []
    for one in batch.players:
        _ = one.ready  # before threads share it
        begun.append(
            [
                pool.executor.submit(one.play, batch.seed, number, batch.engine)
                for number in replications
            ]
        )
    return begun
