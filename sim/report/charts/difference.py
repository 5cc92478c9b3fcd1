"""The hours of the largest difference between the base and one of its alternatives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim.measures.steps import Floats
from sim.report.charts.capacity import average_day
from sim.report.charts.week import HOURS
from sim.report.page.document import Picture, Table
from sim.report.page.svg import Canvas, broken, width_of
from sim.report.page.words import Words, heading

_TIMES = {"intake_paused": 60.0}
"""A share of the hour is drawn in minutes."""
_HEIGHT, _HEAD, _LINE, _FOOT, _BARE = 190.0, 54.0, 16.0, 24.0, 20.0
"""Pixels: of the bars, of one line of words above them, of each further one, and below; and above
where there are no words."""
_TELLING = 1 / 3
"""Hours whose difference is at least this share of the largest have their number."""
_WIDE, _SMALL = 26.0, 16.0
"""Pixels of an hour from which on every hour, or every second one, has its name below."""


@dataclass(frozen=True, eq=False)
class HourByHour:
    """A figure hour by hour of an average day, of the base and of one option."""

    metric: str
    base: Floats
    """(24,), NaN where nothing is measured."""
    other: Floats

    @property
    def apart(self) -> Floats:
        """(24,), option minus base; where only one of them is open, what that one has."""
        both = np.where(np.isnan(self.base) & np.isnan(self.other), np.nan, 0.0)
        return both + np.nan_to_num(self.other) - np.nan_to_num(self.base)

    @property
    def top(self) -> int:
        """The hour of the largest difference, among those in which both are open."""
        known = ~np.isnan(self.base) & ~np.isnan(self.other)
        return int(np.argmax(np.where(known, np.abs(np.nan_to_num(self.apart)), -1.0)))

    @property
    def hours(self) -> range:
        """From the first to the last hour in which anything happens."""
        known = np.flatnonzero((np.nan_to_num(self.base) > 0) | (np.nan_to_num(self.other) > 0))
        return range(int(known[0]), int(known[-1]) + 1) if len(known) else range(0)


def hour_by_hour(hours: pd.DataFrame, metric: str, option: str) -> HourByHour | None:
    """A figure of an option over an average day; None where it has none, or does not differ.

    Args:
        hours: as `comparison_by_hour.csv`.
        metric: such as `unserved`.
        option: its name there.
    """
    found = average_hours(hours, metric, option)
    if found is None:
        return None
    known = found.apart[~np.isnan(found.apart)]
    return found if len(known) and np.abs(known).max() > 0 else None


def average_hours(hours: pd.DataFrame, metric: str, option: str) -> HourByHour | None:
    """A figure of an option over an average day; None where it has none.

    Args:
        hours: as `comparison_by_hour.csv`.
        metric: such as `unserved`.
        option: its name there.
    """
    mine = hours[(hours["metric"] == metric) & (hours["option"] == option) & (hours["by"] == "all")]
    mine = mine.sort_values("hour_of_week")
    if len(mine) != 7 * HOURS:
        return None
    times = _TIMES.get(metric, 1.0)
    base, other = (
        times * average_day(mine[name].to_numpy(dtype=float)) for name in ("base_value", "value")
    )
    return HourByHour(metric, base, other)


_WIDTHS = (1120.0, 690.0, 360.0)


def difference_picture(
    found: HourByHour,
    look: str,
    title: str,
    names: tuple[str, str],
    words: Words,
    widths: Sequence[float] = _WIDTHS,
) -> Picture:
    """Bars of the option with the base as a grey line.

    Args:
        found: what is drawn.
        look: of the bars, such as `short`.
        title: what it finds.
        names: of the base and of the option; empty where it is said elsewhere which is which.
        words: the language.
        widths: in which it is drawn.
    """
    draw = _Drawing(found, look, names, words)
    says = words[f"difference.{found.metric}"]
    svg = tuple(draw.markup(width, f"{title} {says}") for width in widths)
    return Picture("largest-difference", title, says, svg, _table(found, says, names, words))


@dataclass(frozen=True, eq=False)
class _Drawing:
    found: HourByHour
    look: str
    names: tuple[str, str]
    words: Words

    def markup(self, width: float, says: str) -> Markup:
        """The picture in one width."""
        names = broken(self.names[1], width - 24)
        is_named = any(self.names)
        head = _HEAD + _LINE * (len(names) - 1) if is_named else _BARE
        canvas = Canvas(width, head + _HEIGHT + _FOOT)
        hours = self.found.hours
        step, floor = width / len(hours), head + _HEIGHT
        base, other = (
            np.nan_to_num(one[hours.start : hours.stop])
            for one in (self.found.base, self.found.other)
        )
        most = max(float(base.max()), float(other.max())) or 1.0
        tops = floor - _HEIGHT * other / most
        for number, top in enumerate(tops):
            canvas.rect(step * number + 1, float(top), step - 2, floor - float(top), self.look)
        level = floor - _HEIGHT * base / most
        edges = [
            (step * (number + side), float(y)) for number, y in enumerate(level) for side in (0, 1)
        ]
        canvas.line(edges, "halo")
        canvas.line(edges, "base")
        canvas.line(((0, floor), (width, floor)), "limit thin")
        self._numbers(canvas, step, list(tops), list(level))
        self._clock(canvas, step, floor)
        if is_named:
            self._key(canvas, names)
        return canvas.markup(says)

    def _numbers(
        self, canvas: Canvas, step: float, tops: Sequence[float], level: Sequence[float]
    ) -> None:
        """Above the bars of the hours that tell."""
        apart = np.abs(np.nan_to_num(self.found.apart))
        top = apart[self.found.top]
        for number, hour in enumerate(self.found.hours):
            value = self.found.other[hour]
            text = self.words.brief(float(value))
            fits = width_of(text, 13, bold=True) <= step - 2
            if (
                apart[hour] < _TELLING * top
                or np.isnan(value)
                or not (fits or hour == self.found.top)
            ):
                continue
            y = min(tops[number], level[number]) - 6
            canvas.text(step * (number + 0.5), y, text, "strong", anchor="middle")

    def _clock(self, canvas: Canvas, step: float, floor: float) -> None:
        every = 1 if step >= _WIDE else 2 if step >= _SMALL else 4
        for number, hour in enumerate(self.found.hours):
            if hour % every == 0 and step * number <= canvas.width - 14:
                canvas.text(step * number, floor + 17, str(hour), "note", size=12)

    def _key(self, canvas: Canvas, names: Sequence[str]) -> None:
        """Which is which, above: in words, the line and the area beside them."""
        base = self.names[0]
        canvas.line(((0, 8), (18, 8)), "base")
        canvas.text(24, 12, base, "note")
        x, y = 24 + width_of(base) + 20, 12.0
        if len(names) > 1 or x + 20 + width_of(names[0], bold=True) > canvas.width:
            x, y = 0.0, 30.0
        canvas.rect(x, y - 10, 14, 10, self.look)
        for number, text in enumerate(names):
            canvas.text(x + 20, y + _LINE * number, text, "strong")


def _table(found: HourByHour, says: str, names: tuple[str, str], words: Words) -> Table:
    rows = tuple(
        (
            f"{words.clock(60 * hour)}–{words.clock(60 * hour + 60)}",
            words.figures(float(found.base[hour])),
            words.figures(float(found.other[hour])),
        )
        for hour in found.hours
    )
    return Table(says, (words["axis.hour"], *map(heading, names)), rows)
