"""How figures are written, on the screen and on pages: decimals, intervals and differences."""

import re
from math import isnan

from sim.study.estimate.intervals import Estimate

_LIMITS = (10, 100)
"""From each of these on, one decimal fewer."""
_IN_FIGURE = re.compile(r"(?<=\d) (?=\([+−-]?\d)|(?<=[\d)]) (?=%)")
"""The spaces in `3.56 (3.11-4.23) %` that stand before its interval and before its sign."""
_COUNTED = re.compile(r"(?<=\d) (?=\w)")
"""Between a number and what it counts."""
UNBROKEN = "\u00a0"
"""A space at which no line ends."""


def decimals(value: float) -> int:
    """Three figures are plenty: 0.25, 2.50, 25.0, 250."""
    return len(_LIMITS) - sum(abs(value) >= limit for limit in _LIMITS)


def percent(unit: str) -> tuple[int, str]:
    """What figures of a unit are multiplied by to be shown, and their unit then."""
    return (100, "%") if unit == "share" else (1, unit)


def plain(value: float, times: float = 1, *, thousands: str = ",") -> str:
    """A figure alone; `-` if it is not known.

    Args:
        value: the figure.
        times: what it is multiplied by, such as 100 for percent.
        thousands: what stands between thousands; nothing if empty.
    """
    return "-" if isnan(value) else f"{times * value:{thousands}.{decimals(times * value)}f}"


def with_interval(
    figure: Estimate, times: float = 1, *, thousands: str = ",", exact: bool = False
) -> str:
    """`12.7 (12.2-13.2)`: a figure, with its interval if one is known.

    Args:
        figure: the figure.
        times: what it is multiplied by, such as 100 for percent.
        thousands: what stands between thousands; nothing if empty.
        exact: whether an interval without width says that the figure follows from the scenario,
            and is left out.
    """
    if isnan(figure.value):
        return "-"
    places = decimals(times * figure.value)
    value, low, high = (f"{times * one:{thousands}.{places}f}" for one in figure)
    bare = isnan(figure.low) or (exact and figure.low == figure.high)
    return value if bare else f"{value} ({low}-{high})"


def with_half(figure: Estimate, times: float = 1) -> str:
    """`12.7±0.46`: a figure with half its interval, if it has one of any width."""
    value, low, high = (times * one for one in figure)
    half = (high - low) / 2
    bare = isnan(value) or isnan(half) or half == 0
    return plain(value) if bare else f"{plain(value)}±{half:.{decimals(value)}f}"


def signed(difference: Estimate, times: float = 1, interval: str = " ({low} to {high})") -> str:
    """`+1.2 (+0.8 to +1.6)`: a difference, with as many decimals as its widest part needs.

    Args:
        difference: the difference.
        times: what it is multiplied by, such as 100 for percent.
        interval: how its interval is written behind it.
    """
    if isnan(difference.value):
        return "-"
    value, low, high = (times * one for one in difference)
    parts = [value] if isnan(low) else [value, low, high]
    places = decimals(max(parts, key=abs))
    # Adding 0 turns a rounded -0 into 0.
    texts = [f"{round(one, places) + 0.0:+,.{places}f}" if one else "0" for one in parts]
    if isnan(low) or low == high:
        return texts[0]
    return texts[0] + interval.format(low=texts[1], high=texts[2])


def whole_figures(text: str) -> str:
    """A text in which no line ends within a figure, its interval and its sign of per cent."""
    return _IN_FIGURE.sub(UNBROKEN, text)


def not_torn(text: str) -> str:
    """A title in which no line ends between a number and what it counts either."""
    return _COUNTED.sub(UNBROKEN, whole_figures(text))
