"""Named streams of random numbers: the only place where chance enters."""

import hashlib

import numpy as np
from numpy.typing import NDArray


class Streams:
    """The random numbers of one replication, one independent stream per name.

    A stream depends on the seed, the replication and its own name alone, never on which other
    streams exist or in what order they are asked for. So a new attribute changes no other.
    """

    def __init__(self, seed: int, replication: int) -> None:
        """Take the study's seed (0 or more) and the replication's number (from 0)."""
        self._root = (seed, replication)
        self._used: set[str] = set()

    def uniform(self, name: str, count: int) -> NDArray[np.float64]:
        """`count` uniform numbers in [0, 1). A longer stream begins with the shorter one.

        Raises:
            ValueError: the name was used before, which would make two attributes the same.
        """
        return self.generator(name).random(count)

    def fill(self, name: str, numbers: NDArray[np.float64]) -> None:
        """As `uniform`, into an array.

        Raises:
            ValueError: the name was used before.
        """
        self.generator(name).random(out=numbers)

    def generator(self, name: str) -> np.random.Generator:
        """The stream itself, for a reader that cannot know how many numbers it needs.

        Raises:
            ValueError: the name was used before.
        """
        if name in self._used:
            raise ValueError(f"the random stream '{name}' is used twice")
        self._used.add(name)
        digest = hashlib.sha256(name.encode()).digest()
        key = int.from_bytes(digest[:16], "little")
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([*self._root, key])))
