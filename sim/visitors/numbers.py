"""Numbers of a stream by their place in it, so that those nobody needs are not drawn.

The streams are NumPy's PCG64 (O'Neill 2014, PCG: the XSL RR variant): a state of 128 bits goes
from x to a x + c, and 64 of its bits, stirred, are put out. Steps taken together are a step of
the same sort: n of them lead to aⁿ x + (1 + a + … + aⁿ⁻¹) c, so that any state can be reached at
once (Brown 1994, Random number generation with arbitrary strides). Here it takes two steps: to
the page that the number is on, which is reached from the page before, and to its place there.
"""

import numpy as np

from sim.kept import kept
from sim.visitors.seeding import MULTIPLIER, Seeds, Words, begin, step
from sim.visitors.visitors import Floats, Integers

PAGE = 64
"""Numbers on a page of a stream."""
_TWO_TO_53 = 2.0**53


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


@kept
def look_up(seeds: Seeds, pages: Integers, positions: Integers, numbers: Floats) -> None:
    """As `numbers_at`, into an array."""
    sums, page = lay_pages(seeds, pages)
    for place in range(len(positions)):
        numbers[place] = number_at(sums, page, positions[place])


@kept
def number_at(sums: Words, page: Words, position: int) -> float:
    """One number, of pages that are laid."""
    at, page_size = np.uint64(position), np.uint64(PAGE)  # an index without a sign is faster
    on, number = at // page_size, at % page_size
    upper, lower = step(
        sums[number, 0], sums[number, 1], page[on, 2], page[on, 3], page[on, 0], page[on, 1]
    )
    return _stirred(upper, lower)


@kept
def lay_pages(seeds: Seeds, pages: Integers) -> tuple[Words, Words]:
    """Work out what the numbers of a page have in common.

    Args:
        seeds: as for `numbers_at`.
        pages: as for `numbers_at`.

    Returns:
        The sums of the powers of a: 0, 1, 1 + a …, one for each place on a page; and for every
        page the state x that makes its first number, and the difference d from it to the next.
        The differences are multiplied by a from step to step, so that the state n steps on is
        (1 + a + … + aⁿ⁻¹) d + x.
    """
    sums, page = np.empty((PAGE, 2), np.uint64), np.empty((pages.sum(), 4), np.uint64)
    zero, one = np.uint64(0), np.uint64(1)
    by_upper, by_lower = np.uint64(MULTIPLIER[0]), np.uint64(MULTIPLIER[1])
    sum_upper, sum_lower, power_upper, power_lower = zero, zero, zero, one
    for place in range(PAGE):
        sums[place, 0], sums[place, 1] = sum_upper, sum_lower
        sum_upper, sum_lower = step(sum_upper, sum_lower, by_upper, by_lower, zero, one)
        power_upper, power_lower = step(power_upper, power_lower, by_upper, by_lower, zero, zero)
    to, room = 0, np.empty(8, np.uint64)
    for stream in range(len(seeds)):
        upper, lower, more_upper, more_lower = begin(seeds[stream], room)
        # A number is made of the state after the step that leads to it.
        x = step(upper, lower, by_upper, by_lower, more_upper, more_lower)
        after = step(x[0], x[1], by_upper, by_lower, more_upper, more_lower)
        d = after[0] - x[0] - np.uint64(after[1] < x[1]), after[1] - x[1]
        for _ in range(pages[stream]):
            page[to, 0], page[to, 1] = x
            page[to, 2], page[to, 3] = d
            x = step(sum_upper, sum_lower, d[0], d[1], x[0], x[1])
            d = step(power_upper, power_lower, d[0], d[1], zero, zero)
            to += 1
    return sums, page


@kept
def _stirred(upper: np.uint64, lower: np.uint64) -> float:
    """The number made of a state: the halves folded, turned by the top 6 bits, 53 bits of it."""
    folded, turn = upper ^ lower, upper >> np.uint64(58)
    back = (np.uint64(64) - turn) & np.uint64(63)
    turned = (folded >> turn) | (folded << back)
    return np.int64(turned >> np.uint64(11)) / _TWO_TO_53
