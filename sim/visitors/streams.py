"""Named streams of random numbers: the only place where chance enters."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.visitors.numbers import Words

_LOWER = 2**64 - 1


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

    def begins(self, names: Iterable[str]) -> Words:
        """Where streams begin, to look up their numbers in any order.

        Returns:
            (names, 4): for each the state before the first number and the increment, of 128 bits
            each and in halves, the upper one first.

        Raises:
            ValueError: a name was used before.
        """
        states = [self._bits(name).state["state"] for name in names]
        wide = [(state["state"], state["inc"]) for state in states]
        halves = [(x >> 64, x & _LOWER, c >> 64, c & _LOWER) for x, c in wide]
        return np.array(halves, dtype=np.uint64).reshape(-1, 4)

    def generator(self, name: str) -> np.random.Generator:
        """The stream itself, for a reader that cannot know how many numbers it needs.

        Raises:
            ValueError: the name was used before.
        """
        return np.random.Generator(self._bits(name))

    def _bits(self, name: str) -> np.random.PCG64:
        if name in self._used:
            raise ValueError(f"the random stream '{name}' is used twice")
        self._used.add(name)
        return np.random.PCG64(np.random.SeedSequence(np.concatenate([self._root, _key(name)])))


@lru_cache(maxsize=1024)
def _key(name: str) -> NDArray[np.uint32]:
    """The same names come in every replication."""
    digest = hashlib.sha256(name.encode()).digest()
    return _words(int.from_bytes(digest[:16], "little"))


def _words(number: int) -> NDArray[np.uint32]:
    """What a seed sequence makes of a number: as many words of 32 bits as it takes."""
    count = max(1, -(-number.bit_length() // 32))
    return np.frombuffer(number.to_bytes(4 * count, "little"), dtype="<u4").astype(np.uint32)
