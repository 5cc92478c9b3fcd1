"""Named streams of random numbers: the only place where chance enters."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.visitors.seeding import Seeds

_KEY = 4
"""Words of 32 bits that a name becomes."""


class Streams:
    """The random numbers of one replication, one independent stream per name.

    A stream depends on the seed, the replication and its own name alone, never on which other
    streams exist or in what order they are asked for. So a new attribute changes no other.
    """

    def __init__(self, seed: int, replication: int) -> None:
        """Take the study's seed (0 or more) and the replication's number (from 0)."""
        self._root = np.concatenate([_words(seed), _words(replication)])
        self._used: set[str] = set()

    def uniform(self, name: str, count: int) -> NDArray[np.float64]:
        """`count` uniform numbers in [0, 1). A longer stream begins with the shorter one.

        Raises:
            ValueError: the name was used before, which would make two attributes the same.
        """
        return self.generator(name).random(count)

    def seeds(self, names: Iterable[str]) -> Seeds:
        """What streams are seeded with, to look up their numbers in any order; a line each.

        Raises:
            ValueError: a name was used before.
        """
        keys = [self._key(name) for name in names]
        found = np.empty((len(keys), len(self._root) + _KEY), dtype=np.uint32)
        found[:, : len(self._root)] = self._root
        found[:, len(self._root) :] = np.array(keys, dtype=np.uint32).reshape(-1, _KEY)
        return found

    def generator(self, name: str) -> np.random.Generator:
        """The stream itself, for a reader that cannot know how many numbers it needs.

        Raises:
            ValueError: the name was used before.
        """
        seed = np.concatenate([self._root, self._key(name)])
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))

    def _key(self, name: str) -> NDArray[np.uint32]:
        if name in self._used:
            raise ValueError(f"the random stream '{name}' is used twice")
        self._used.add(name)
        return _key_of(name)


@lru_cache(maxsize=1024)
def _key_of(name: str) -> NDArray[np.uint32]:
    """The same names come in every replication."""
    digest = hashlib.sha256(name.encode()).digest()
    return np.frombuffer(digest, dtype="<u4", count=_KEY).astype(np.uint32)


def _words(number: int) -> NDArray[np.uint32]:
    """What a seed sequence makes of a number: as many words of 32 bits as it takes."""
    count = max(1, -(-number.bit_length() // 32))
    return np.frombuffer(number.to_bytes(4 * count, "little"), dtype="<u4").astype(np.uint32)
