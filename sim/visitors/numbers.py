"""Numbers of a stream by their place in it, so that those nobody needs are not drawn.

The streams are NumPy's PCG64 (O'Neill 2014, PCG: the XSL RR variant): a state of 128 bits goes
from x to a x + c, and 64 of its bits, stirred, are put out. Steps taken together are a step of
the same sort: n of them lead to aⁿ x + (1 + a + … + aⁿ⁻¹) c, so that any state can be reached at
once (Brown 1994, Random number generation with arbitrary strides). Here it takes two steps: to
the page that the number is on, which is reached from the page before, and to its place there.
"""

from typing import NamedTuple

import numpy as np

from sim.compiled import compiled, part
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
    upper, lower = step(
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
    by_upper, by_lower = np.uint64(MULTIPLIER[0]), np.uint64(MULTIPLIER[1])
    total, power = (zero, zero), (zero, one)
    for place in range(PAGE):
        laid.sum_upper[place], laid.sum_lower[place] = total
        total = step(total[0], total[1], by_upper, by_lower, zero, one)
        power = step(power[0], power[1], by_upper, by_lower, zero, zero)
    page, room = 0, np.empty(8, np.uint64)
    for stream in range(len(seeds)):
        upper, lower, more_upper, more_lower = begin(seeds[stream], room)
        # A number is made of the state after the step that leads to it.
        x = step(upper, lower, by_upper, by_lower, more_upper, more_lower)
        after = step(x[0], x[1], by_upper, by_lower, more_upper, more_lower)
        d = after[0] - x[0] - np.uint64(after[1] < x[1]), after[1] - x[1]
        for _ in range(pages[stream]):
            laid.x_upper[page], laid.x_lower[page] = x
            laid.d_upper[page], laid.d_lower[page] = d
            x = step(total[0], total[1], d[0], d[1], x[0], x[1])
            d = step(power[0], power[1], d[0], d[1], zero, zero)
            page += 1
    return laid


@part
def _stirred(upper: np.uint64, lower: np.uint64) -> float:
    """The number made of a state: the halves folded, turned by the top 6 bits, 53 bits of it."""
    folded, turn = upper ^ lower, upper >> np.uint64(58)
    back = (np.uint64(64) - turn) & np.uint64(63)
    turned = (folded >> turn) | (folded << back)
    return np.int64(turned >> np.uint64(11)) / _TWO_TO_53
