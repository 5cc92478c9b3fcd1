"""Named streams of random numbers, the only place where chance enters, and their numbers by place.

The streams are NumPy's: PCG64, seeded with a SeedSequence. Those nobody needs are not drawn, and
the numbers of a stream can be looked up by their place in it. Making the generators of NumPy for
every stream took longer than drawing all the numbers of a week.

PCG64 (O'Neill 2014, PCG: the XSL RR variant) goes from a state x of 128 bits to a x + c, and 64 of
its bits, stirred, are put out. Steps taken together are a step of the same sort: n of them lead to
aⁿ x + (1 + a + … + aⁿ⁻¹) c, so that any state can be reached at once (Brown 1994, Random number
generation with arbitrary strides). Here it takes two steps: to the page that the number is on,
which is reached from the page before, and to its place there. A seed's words are stirred into a
pool of four, from which the first state is taken (O'Neill 2015, Developing a seed_seq alternative;
NumPy says what it makes of it).
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled, part
from sim.visitors.visitors import Floats, Integers

Seeds = NDArray[np.uint32]
"""What each of several streams is seeded with, a line each of at least four words."""
Words = NDArray[np.uint64]
"""128-bit numbers in halves, the upper one first."""

PAGE = 64
"""Numbers on a page of a stream."""
_KEY = 4
"""Words of 32 bits that a name becomes."""


class Streams:
    """The random numbers of one replication, one independent stream per name.

    A stream depends on the seed, the replication and its own name alone, never on which other
    streams exist or in what order they are asked for. So a new attribute changes no other.
    """

    def __init__(self, seed: int, replication: int, of: str = "") -> None:
        """Take the study's seed (0 or more) and the replication's number (from 0).

        Args:
            seed: the study's.
            replication: its number.
            of: what all names begin with, where streams of the same names are to differ.
        """
        self._root = np.concatenate([_words(seed), _words(replication)])
        self._of = of
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
        wanted = tuple(names)
        for name in wanted:
            self._use(name)
        keys = _keys_of(tuple(f"{self._of}{name}" for name in wanted) if self._of else wanted)
        found = np.empty((len(keys), len(self._root) + _KEY), dtype=np.uint32)
        found[:, : len(self._root)] = self._root
        found[:, len(self._root) :] = keys
        return found

    def generator(self, name: str) -> np.random.Generator:
        """The stream itself, for a reader that cannot know how many numbers it needs.

        Raises:
            ValueError: the name was used before.
        """
        self._use(name)
        seed = np.concatenate([self._root, _key_of(self._of + name)])
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))

    def _use(self, name: str) -> None:
        if name in self._used:
            raise ValueError(f"the random stream '{name}' is used twice")
        self._used.add(name)


@lru_cache(maxsize=1024)
def _key_of(name: str) -> NDArray[np.uint32]:
    """The same names come in every replication."""
    digest = hashlib.sha256(name.encode()).digest()
    return np.frombuffer(digest, dtype="<u4", count=_KEY).astype(np.uint32)


@lru_cache(maxsize=1024)
def _keys_of(names: tuple[str, ...]) -> Seeds:
    """The same of several names, a line each; nobody changes it."""
    return np.array([_key_of(name) for name in names], dtype=np.uint32).reshape(-1, _KEY)


def _words(number: int) -> NDArray[np.uint32]:
    """What a seed sequence makes of a number: as many words of 32 bits as it takes."""
    count = max(1, -(-number.bit_length() // 32))
    return np.frombuffer(number.to_bytes(4 * count, "little"), dtype="<u4").astype(np.uint32)


# --- numbers by their place ---------------------------------------------------------------------


def pages_of(count: int) -> int:
    """How many pages so many numbers need."""
    return -(-count // PAGE)


def numbers_at(seeds: Seeds, pages: Integers, positions: Integers) -> Floats:
    """Uniform numbers in [0, 1) out of several streams, as `Generator.random` gives them.

    Args:
        seeds: of the streams.
        pages: how many pages each stream is asked for.
        positions: places of the numbers wanted, in any order, from 0 at the first number of the
            first stream; each stream begins on a new page after those of the one before.
    """
    numbers = np.empty(len(positions))
    look_up(seeds, pages, positions, numbers)
    return numbers


class Laid(NamedTuple):
    """What the numbers of some pages are worked out from.

    On a page that begins with state x, the difference from a state to the next is multiplied by
    a from step to step. So the state n steps on is (1 + a + … + aⁿ⁻¹) d + x.
    """

    sum_upper: Words
    """The sums of powers, one for each place on a page: 0, 1, 1 + a …"""
    sum_lower: Words
    d_upper: Words
    """The first difference on each page."""
    d_lower: Words
    x_upper: Words
    """The state that makes the first number of each page."""
    x_lower: Words


@compiled
def look_up(seeds: Seeds, pages: Integers, positions: Integers, numbers: Floats) -> None:
    """As `numbers_at`, into an array."""
    laid = lay_pages(seeds, pages)
    for place in range(len(positions)):
        numbers[place] = number_at(laid, positions[place])


@part
def number_at(laid: Laid, position: int) -> float:
    """One number of the pages."""
    at, page_size = np.uint64(position), np.uint64(PAGE)  # an index without a sign is faster
    page, place = at // page_size, at % page_size
    upper, lower = _step(
        laid.sum_upper[place],
        laid.sum_lower[place],
        laid.d_upper[page],
        laid.d_lower[page],
        laid.x_upper[page],
        laid.x_lower[page],
    )
    return _stirred(upper, lower)


@part
def lay_pages(seeds: Seeds, pages: Integers) -> Laid:
    """Prepare pages, as many of each stream as are said."""
    count = 0
    for of_stream in pages:  # `sum` would have Numba import much before it reads what is cached
        count += of_stream
    laid = Laid(
        np.empty(PAGE, np.uint64),
        np.empty(PAGE, np.uint64),
        np.empty(count, np.uint64),
        np.empty(count, np.uint64),
        np.empty(count, np.uint64),
        np.empty(count, np.uint64),
    )
    zero, one = np.uint64(0), np.uint64(1)
    by_upper, by_lower = np.uint64(_MULTIPLIER[0]), np.uint64(_MULTIPLIER[1])
    total, power = (zero, zero), (zero, one)
    for place in range(PAGE):
        laid.sum_upper[place], laid.sum_lower[place] = total
        total = _step(total[0], total[1], by_upper, by_lower, zero, one)
        power = _step(power[0], power[1], by_upper, by_lower, zero, zero)
    page, room = 0, np.empty(8, np.uint64)
    for stream in range(len(seeds)):
        upper, lower, more_upper, more_lower = _begin(seeds[stream], room)
        # A number is made of the state after the step that leads to it.
        x = _step(upper, lower, by_upper, by_lower, more_upper, more_lower)
        after = _step(x[0], x[1], by_upper, by_lower, more_upper, more_lower)
        d = after[0] - x[0] - np.uint64(after[1] < x[1]), after[1] - x[1]
        for _ in range(pages[stream]):
            laid.x_upper[page], laid.x_lower[page] = x
            laid.d_upper[page], laid.d_lower[page] = d
            x = _step(total[0], total[1], d[0], d[1], x[0], x[1])
            d = _step(power[0], power[1], d[0], d[1], zero, zero)
            page += 1
    return laid


# --- the generator ------------------------------------------------------------------------------

_MULTIPLIER = 0x2360ED051FC65DA4, 0x4385DF649FCCF645
"""What PCG64 multiplies its state by."""
_POOL = 4
_LOWER = 0xFFFFFFFF
_TWO_TO_53 = 2.0**53
_POURED_IN = 0x43B0D7E5, 0x931E8875
_TAKEN_OUT = 0x8B51F9DD, 0x58F38DED
"""What words are stirred with first, and what that is multiplied by from word to word."""
_MIXED = 0xCA01F9DD, 0x4973F715
"""What two words are multiplied by to be mixed."""


@part
def _begin(seed: Seeds, words: Words) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """The state before the first number of a stream, and the increment; in halves, upper first.

    Args:
        seed: of the one stream.
        words: room for eight.
    """
    _stir(seed, words)
    upper, lower = words[6] << np.uint64(1) | words[7] >> np.uint64(63), words[7] << np.uint64(1)
    lower |= np.uint64(1)
    total = words[5] + lower
    carried = words[4] + upper + np.uint64(total < lower)
    by_upper, by_lower = np.uint64(_MULTIPLIER[0]), np.uint64(_MULTIPLIER[1])
    state = _step(carried, total, by_upper, by_lower, upper, lower)
    return state[0], state[1], upper, lower


@part
def _stir(seed: Seeds, words: Words) -> None:
    """Fill the first four words with the pool, and the four next with what is taken out of it."""
    pool, constant = words[:_POOL], np.uint64(_POURED_IN[0])
    by, half = np.uint64(_POURED_IN[1]), np.uint64(32)
    for place in range(_POOL):
        pool[place], constant = _hashed(np.uint64(seed[place]), constant, by)
    for source in range(len(seed)):
        for place in range(_POOL):
            if source >= _POOL:
                poured, constant = _hashed(np.uint64(seed[source]), constant, by)
                pool[place] = _mixed(pool[place], poured)
            elif source != place:
                poured, constant = _hashed(pool[source], constant, by)
                pool[place] = _mixed(pool[place], poured)
    constant, by = np.uint64(_TAKEN_OUT[0]), np.uint64(_TAKEN_OUT[1])
    for place in range(_POOL):
        lower, constant = _hashed(pool[2 * place % _POOL], constant, by)
        upper, constant = _hashed(pool[2 * place % _POOL + 1], constant, by)
        words[_POOL + place] = upper << half | lower


@part
def _hashed(word: np.uint64, constant: np.uint64, by: np.uint64) -> tuple[np.uint64, np.uint64]:
    """A word of 32 bits stirred, and the constant for the next."""
    after = constant * by & np.uint64(_LOWER)
    stirred = (word ^ constant) * after & np.uint64(_LOWER)
    return stirred ^ stirred >> np.uint64(16), after


@part
def _mixed(one: np.uint64, other: np.uint64) -> np.uint64:
    """Two words of 32 bits made one."""
    mixed = np.uint64(_MIXED[0]) * one - np.uint64(_MIXED[1]) * other & np.uint64(_LOWER)
    return mixed ^ mixed >> np.uint64(16)


@part
def _stirred(upper: np.uint64, lower: np.uint64) -> float:
    """The number made of a state: the halves folded, turned by the top 6 bits, 53 bits of it."""
    folded, turn = upper ^ lower, upper >> np.uint64(58)
    back = (np.uint64(64) - turn) & np.uint64(63)
    turned = (folded >> turn) | (folded << back)
    return np.int64(turned >> np.uint64(11)) / _TWO_TO_53


@part
def _step(
    upper: np.uint64,
    lower: np.uint64,
    by_upper: np.uint64,
    by_lower: np.uint64,
    more_upper: np.uint64,
    more_lower: np.uint64,
) -> tuple[np.uint64, np.uint64]:
    """Multiply and add, modulo 2¹²⁸."""
    half, mask = np.uint64(32), np.uint64(0xFFFFFFFF)
    high, low, by_high, by_low = lower >> half, lower & mask, by_lower >> half, by_lower & mask
    middle = high * by_low + ((low * by_low) >> half)
    other = low * by_high + (middle & mask)
    carried = high * by_high + (middle >> half) + (other >> half)
    total = lower * by_lower + more_lower
    carried += np.uint64(total < more_lower)
    return carried + upper * by_lower + lower * by_upper + more_upper, total
