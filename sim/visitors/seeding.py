"""Where a stream begins: NumPy's SeedSequence and the start of its PCG64, for many at once.

Making the two of NumPy for every stream took longer than drawing all the numbers of a week. The
words of a seed are stirred into a pool of four, from which the generator's first state is taken
(O'Neill 2015, Developing a seed_seq alternative; NumPy says what it makes of it).
"""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part

Seeds = NDArray[np.uint32]
"""What each of several streams is seeded with, a line each of at least four words."""
Words = NDArray[np.uint64]
"""128-bit numbers in halves, the upper one first."""

MULTIPLIER = 0x2360ED051FC65DA4, 0x4385DF649FCCF645
"""What PCG64 multiplies its state by."""
_POOL = 4
_LOWER = 0xFFFFFFFF
_POURED_IN = 0x43B0D7E5, 0x931E8875
_TAKEN_OUT = 0x8B51F9DD, 0x58F38DED
"""What words are stirred with first, and what that is multiplied by from word to word."""
_MIXED = 0xCA01F9DD, 0x4973F715
"""What two words are multiplied by to be mixed."""


@part
def begin(seed: Seeds, words: Words) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
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
    by_upper, by_lower = np.uint64(MULTIPLIER[0]), np.uint64(MULTIPLIER[1])
    state = step(carried, total, by_upper, by_lower, upper, lower)
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
def step(
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
