"""Numbers of a stream by their place in it, so that those nobody needs are not drawn.

The streams are NumPy's PCG64 (O'Neill 2014, PCG: the XSL RR variant): a state of 128 bits goes
from x to a x + c, and 64 of its bits, stirred, are put out. Steps taken together are a step of
the same sort: n of them lead to aⁿ x + (1 + a + … + aⁿ⁻¹) c, so that any state can be reached at
once (Brown 1994, Random number generation with arbitrary strides). Here it takes two steps: to
the page that the number is on, which is reached from the page before, and to its place there.
"""

import numpy as np
from numpy.typing import NDArray

from sim.kept import kept
from sim.visitors.visitors import Floats, Integers

Words = NDArray[np.uint64]
"""128-bit numbers in halves, the upper one first."""

PAGE = 64
"""Numbers on a page of a stream."""
_MULTIPLIER = 0x2360ED051FC65DA4, 0x4385DF649FCCF645
"""What PCG64 multiplies its state by."""
_TWO_TO_53 = 2.0**53


def pages_of(count: int) -> int:
    """How many pages so many numbers need."""
    return -(-count // PAGE)


def numbers_at(begins: Words, pages: Integers, positions: Integers) -> Floats:
    """Uniform numbers in [0, 1) out of several streams, as `Generator.random` gives them.

    Args:
        begins: (streams, 4): the state before the first number, and the increment.
        pages: how many pages each stream is asked for.
        positions: places of the numbers wanted, in any order, from 0 at the first number of the
            first stream; each stream begins on a new page after those of the one before.
    """
    numbers = np.empty(len(positions))
    look_up(begins, pages, positions, numbers)
    return numbers


@kept
def look_up(begins: Words, pages: Integers, positions: Integers, numbers: Floats) -> None:
    """As `numbers_at`, into an array."""
    page_size = np.uint64(PAGE)
    power = np.zeros((PAGE + 1, 2), np.uint64)
    shift = np.zeros((len(begins), PAGE + 1, 2), np.uint64)
    _fill_strides(begins, power, shift)
    count = 0
    for stream in range(len(pages)):
        count += pages[stream]
    page_state, page_stream = np.empty((count, 2), np.uint64), np.empty(count, np.uint64)
    _fill_pages(begins, pages, power, shift, page_state, page_stream)
    for place in range(len(positions)):
        position = np.uint64(positions[place])  # an index without a sign is faster to use
        page, number = position // page_size, position % page_size
        upper, lower = _step(
            page_state[page, 0],
            page_state[page, 1],
            power[number, 0],
            power[number, 1],
            shift[page_stream[page], number, 0],
            shift[page_stream[page], number, 1],
        )
        numbers[place] = _stirred(upper, lower)


@kept
def _fill_strides(begins: Words, power: Words, shift: Words) -> None:
    """For 0 to PAGE steps: aⁿ, and for each stream what is added, (1 + a + … + aⁿ⁻¹) c."""
    power[0, 1] = np.uint64(1)
    upper, lower = np.uint64(_MULTIPLIER[0]), np.uint64(_MULTIPLIER[1])
    for step in range(PAGE):
        power[step + 1, 0], power[step + 1, 1] = _step(
            power[step, 0], power[step, 1], upper, lower, np.uint64(0), np.uint64(0)
        )
        for stream in range(len(begins)):
            shift[stream, step + 1, 0], shift[stream, step + 1, 1] = _step(
                shift[stream, step, 0],
                shift[stream, step, 1],
                upper,
                lower,
                begins[stream, 2],
                begins[stream, 3],
            )


@kept
def _fill_pages(
    begins: Words,
    pages: Integers,
    power: Words,
    shift: Words,
    page_state: Words,
    page_stream: Words,
) -> None:
    """For every page: the state that makes its first number, and its stream."""
    page = 0
    for stream in range(len(begins)):
        upper, lower = begins[stream, 2], begins[stream, 3]
        # A number is made of the state after the step that leads to it.
        state = _step(begins[stream, 0], begins[stream, 1], power[1, 0], power[1, 1], upper, lower)
        upper, lower = shift[stream, PAGE, 0], shift[stream, PAGE, 1]
        for _ in range(pages[stream]):
            page_state[page, 0], page_state[page, 1] = state
            page_stream[page] = stream
            state = _step(state[0], state[1], power[PAGE, 0], power[PAGE, 1], upper, lower)
            page += 1


@kept
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


@kept
def _stirred(upper: np.uint64, lower: np.uint64) -> float:
    """The number made of a state: the halves folded, turned by the top 6 bits, 53 bits of it."""
    folded, turn = upper ^ lower, upper >> np.uint64(58)
    back = (np.uint64(64) - turn) & np.uint64(63)
    turned = (folded >> turn) | (folded << back)
    return np.int64(turned >> np.uint64(11)) / _TWO_TO_53
