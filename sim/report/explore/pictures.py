"""Small pictures of one figure over one question: their scales, and where every design stands.

The page joins points that are given here; it works out no place of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, isnan, log10, nan
from typing import Any

from sim.report.explore.explored import Explored, Question, value_of
from sim.report.page.svg import width_of
from sim.report.page.words import Words
from sim.report.several.options import COST, HOURS, Key
from sim.report.several.swept import Asked
from sim.study.compare.matters import Headline, headlines
from sim.study.estimate.intervals import Estimate

WIDTH, HEIGHT = 350.0, 214.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 16.0, 26.0, 42.0
"""Pixels around the points."""
MOST = 3
"""Pictures that there are room for."""
_LINES = 4
"""Lines of the grid at most, that at zero among them."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_LABEL = 15.0
"""Pixels that two labels at the side must be apart."""


@dataclass(frozen=True)
class Scale:
    """From a figure to pixels."""

    top: float
    ticks: tuple[float, ...]

    def y(self, value: float) -> float:
        """Pixels from the upper edge."""
        high = HEIGHT - TOP - BOTTOM
        share = value / self.top if self.top else 0.0
        return round(TOP + high * (1 - min(max(share, 0.0), 1.0)), 1)


def scale_of(values: Sequence[float]) -> Scale:
    """A scale from zero to just above the largest value, with few lines at round numbers."""
    most = max((one for one in values if not isnan(one)), default=0.0)
    if most <= 0:
        return Scale(1.0, (0.0,))
    size = 10.0 ** floor(log10(most / _LINES))
    step = next(size * one for one in (*_STEPS, 20.0, 25.0) if most / (size * one) < _LINES)
    ticks = tuple(step * number for number in range(_LINES) if step * number <= most)
    return Scale(max(most, ticks[-1]), ticks)


def pictures(found: Explored) -> Iterator[dict[str, Any]]:
    """What the page needs to draw each picture; the most telling first."""
    asked = {(one.metric, one.statistic): one for one in found.swept.shown}
    keys = [key for key in asked if key in found.keys]
    keys += [
        key for key in (COST, HOURS, *_others(found)) if key not in keys and _differs(found, key)
    ]
    for key in keys[:MOST]:
        yield _picture(found, key, asked.get(key))


def _others(found: Explored) -> list[Key]:
    """The other figures, in the order in which they are told."""
    known: Sequence[Headline] = headlines(rotas=False)
    names = {(one.metric, one.statistic) for one in known}
    return [key for key in found.keys if key in names]


def _differs(found: Explored, key: Key) -> bool:
    """Whether the designs differ in a figure by as much as matters, in any two of them."""
    if key not in found.keys:
        return False
    values = [one.of(*key).value for one in found.swept.figures]
    known = [one for one in values if not isnan(one)]
    options = [one.figures[key] for one in found.options if key in one.figures]
    margin = max((one.margin for one in options), default=0.0)
    return bool(known) and max(known) - min(known) > margin


def _picture(found: Explored, key: Key, asked: Asked | None) -> dict[str, Any]:
    words, times = found.words, found.times(key)
    known = [value_of(found, number, key) for number in range(len(found.places))]
    limit = nan if asked is None or asked.limit is None else asked.limit * times
    base = found.base_of(key) * times
    highs = [one.value if isnan(one.high) else one.high for one in known]
    scale = scale_of([*highs, base, limit])
    return {
        "key": "-".join(key).replace("_", "-"),
        "figure": found.keys.index(key),
        "title": found.label(key),
        "ticks": [[scale.y(one), words.exact(float(f"{one:.6g}"))] for one in scale.ticks],
        "limit": _labelled(scale, limit, "varied.limit", words, base),
        "base": _labelled(scale, base, "explore.base_line", words, limit),
        "points": [_point(scale, one) for one in known],
    }


def _labelled(
    scale: Scale, value: float, key: str, words: Words, beside: float
) -> list[object] | None:
    """A line across: where it is, where its words stand, above or below it, and what they say.

    Of two lines that are near each other the words stand on their outer sides.
    """
    if isnan(value):
        return None
    text = words.say(key, limit=words.exact(float(f"{value:.3g}")))
    y = scale.y(value)
    below = not isnan(beside) and value < beside and y - scale.y(beside) < _LABEL
    return [y, round(y + 14 if below else y - 5, 1), text]


def _point(scale: Scale, known: Estimate) -> list[float] | None:
    """Where a figure stands, and the ends of its range."""
    if not known.is_known:
        return None
    if isnan(known.low):
        return [scale.y(known.value)]
    return [scale.y(one) for one in (known.value, known.low, known.high)]


def axis(question: Question) -> Mapping[str, list[Any]]:
    """Where the levels of a question stand in a picture, and which have room for a label."""
    wide = WIDTH - LEFT - RIGHT
    places = [round(LEFT + wide * one, 1) for one in question.places]
    if len(places) == 1:
        places = [LEFT + wide / 2]
    halves = [width_of(text) / 2 + 3 for text in question.texts]
    last = len(places) - 1
    shown = [last] if last else []
    taken = places[last] - halves[last]
    before = 0.0
    for number, place in enumerate(places):
        fits = place - halves[number] >= before and place + halves[number] <= taken
        if number == 0 or (number < last and fits):
            shown.append(number)
            before = place + halves[number]
    return {"x": places, "shown": sorted(set(shown))}
