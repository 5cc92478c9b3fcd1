"""Which assumptions move the answer: a row each, with a bar for either end of its range."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from sim.report.page.document import Chart, Picture, Table
from sim.report.page.phrases import Phrases
from sim.report.page.svg import Canvas, broken, width_of
from sim.report.page.words import SHARE, Words, axis_unit, heading, headline_name, known_of, signed
from sim.study.estimate.intervals import Estimate

MOST = 12
"""Assumptions that are drawn; all of them are in the table on disk."""
_BAR, _LINE, _PAD = 9.0, 17.0, 9.0
"""Pixels: of a bar, of a line of words, and between two rows."""
_HEAD, _FOOT, _SIDE = 26.0, 26.0, 46.0
"""Pixels: above the rows, below them, and beside the bars for the settings."""
_HUNDRED = 100
_LOOKS = {
    "better": "enough",
    "worse": "short",
    "cheaper": "enough",
    "dearer": "short",
    "differs": "people",
}
_TELLING = frozenset(_LOOKS.values())


@dataclass(frozen=True)
class End:
    """An assumption at one end of its range."""

    setting: str
    """Its value there, in words."""
    value: float
    """Of the figure, as it is drawn."""
    known: Estimate
    """Difference to the base, with its interval."""
    look: str
    """`enough` or `short` where it is surely better or worse by as much as matters."""


@dataclass(frozen=True)
class Row:
    """One assumption."""

    text: str
    """With the values of both ends: `people who smoke stay 14 or 32 instead of 23 min`."""
    name: str
    ends: tuple[End, ...]

    @property
    def size(self) -> float:
        """The largest difference that is sure and matters; 0 if none is."""
        told = (abs(one.known.value) for one in self.ends if one.look in _TELLING)
        return max(told, default=0.0)


def tornado_pictures(
    table: pd.DataFrame, phrases: Phrases, words: Words
) -> Iterator[Picture | Chart]:
    """A picture for each figure by which the assumptions are ranked; a sentence if none moves it.

    Args:
        table: as `tornado.csv`.
        phrases: of the scenario.
        words: the language.
    """
    for (metric, statistic), mine in table.groupby(["metric", "statistic"], sort=False):
        name = heading(headline_name(words, str(metric), str(statistic)))
        key = f"tornado-{metric}-{statistic}".replace("_", "-")
        rows = [row for _, row in sorted(moved(mine, phrases), key=lambda one: -one[1].size)]
        sure = [row for row in rows if row.size > 0][:MOST]
        left = len(rows) - len(sure)
        if not sure:
            yield Chart(key, name, words["tornado.nothing"])
            continue
        unit, base = str(mine["unit"].iloc[0]), float(mine["base_value"].iloc[0])
        base = _times(unit) * base
        title = words.say("tornado.finding", figure=name, setting=sure[0].name)
        says = words.say(
            "tornado.says",
            unit=words["axis.minutes"] if unit == "min" else axis_unit(words, unit),
            base=words.brief(base),
        )
        if left:
            says = f"{says} {words.count('tornado.left', left)}"
        draw = _Drawing(sure, base, words)
        svg = (draw.beside(1120, 430, title), draw.beside(690, 290, title), draw.above(360, title))
        yield Picture(key, title, says, svg, _table(sure, unit, words))


def moved(mine: pd.DataFrame, phrases: Phrases) -> list[tuple[str, Row]]:
    """The assumptions with what their ends do to one figure, by their fields.

    Args:
        mine: the lines of one figure.
        phrases: of the scenario.
    """
    unit = str(mine["unit"].iloc[0])
    found = []
    for field, lines in mine.groupby("field", sort=False):
        records = lines.to_dict(orient="records")
        path = phrases.path(str(field))
        ends = tuple(_end(one, unit, phrases, path) for one in records if pd.notna(one["value"]))
        values = [one["to"] for one in records]
        text = heading(phrases.between(path, records[0]["from"], values))
        found.append((str(field), Row(text, phrases.name(path), ends)))
    return found


def _end(one: Mapping[Any, Any], unit: str, phrases: Phrases, path: tuple[str, ...]) -> End:
    known = known_of(one, "difference")
    look = _LOOKS.get(str(one["verdict"]), "quiet")
    setting = phrases.number(path, one["to"])
    return End(setting, _times(unit) * float(one["value"]), known, look)


def _times(unit: str) -> float:
    return _HUNDRED if unit == SHARE else 1.0


@dataclass(frozen=True, eq=False)
class _Drawing:
    rows: Sequence[Row]
    base: float
    words: Words

    def beside(self, width: float, left: float, says: str) -> Markup:
        """The words at the left of the bars."""
        texts = [broken(row.text, left - 16) for row in self.rows]
        heights = [max(len(lines) * _LINE, 2 * _BAR + 2) + _PAD for lines in texts]
        canvas = Canvas(width, _HEAD + sum(heights) + _FOOT)
        self._axis(canvas, left, width, sum(heights))
        top = _HEAD
        for row, lines, height in zip(self.rows, texts, heights, strict=True):
            start = top + (height - _PAD - len(lines) * _LINE) / 2 + 13
            for number, text in enumerate(lines):
                canvas.text(0, start + _LINE * number, text)
            self._bars(canvas, row, top + (height - _PAD) / 2 - _BAR - 1, left, width)
            top += height
        return canvas.markup(says)

    def above(self, width: float, says: str) -> Markup:
        """The words above the bars, as on a phone."""
        texts = [broken(row.text, width) for row in self.rows]
        heights = [len(lines) * _LINE + 2 * _BAR + 12 + _PAD for lines in texts]
        canvas = Canvas(width, _HEAD + sum(heights) + _FOOT)
        self._axis(canvas, 0, width, sum(heights))
        top = _HEAD
        for row, lines, height in zip(self.rows, texts, heights, strict=True):
            canvas.rect(0, top, width, len(lines) * _LINE + 3, "ground")
            for number, text in enumerate(lines):
                canvas.text(0, top + 13 + _LINE * number, text)
            self._bars(canvas, row, top + len(lines) * _LINE + 5, 0, width)
            top += height
        return canvas.markup(says)

    def _bars(self, canvas: Canvas, row: Row, top: float, left: float, width: float) -> None:
        """A bar for either end, with its setting at its tip."""
        base = self._x(self.base, left, width)
        for number, end in enumerate(row.ends):
            x, y = self._x(end.value, left, width), top + (_BAR + 2) * number
            canvas.rect(min(x, base), y, max(abs(x - base), 1), _BAR, end.look)
            side = "end" if x < base else "start"
            canvas.text(
                x + (-4 if x < base else 4), y + _BAR, end.setting, "note", anchor=side, size=12
            )

    def _axis(self, canvas: Canvas, left: float, width: float, height: float) -> None:
        """The base as a line, and the lowest and the highest value below."""
        x = self._x(self.base, left, width)
        canvas.line(((x, _HEAD - 4), (x, _HEAD + height)), "base")
        text = self.words.say("tornado.base", known=self.words.brief(self.base))
        half = width_of(text) / 2
        canvas.text(min(max(x, left + half), width - half), 14, text, "strong", anchor="middle")
        low, high = self._span
        for value in (low, high):
            at = self._x(value, left, width)
            if abs(at - x) > 1:
                shown = self.words.brief(value)
                canvas.text(at, _HEAD + height + 16, shown, "note", anchor="middle", size=12)

    @property
    def _span(self) -> tuple[float, float]:
        values = [self.base, *(end.value for row in self.rows for end in row.ends)]
        return min(values), max(values)

    def _x(self, value: float, left: float, width: float) -> float:
        low, high = self._span
        return left + _SIDE + (width - left - 2 * _SIDE) * (value - low) / ((high - low) or 1.0)


def _table(rows: Sequence[Row], unit: str, words: Words) -> Table:
    found = tuple(
        (
            row.text,
            *(f"{end.setting}: {signed(words, end.known, unit)}" for end in row.ends),
            *("",) * (2 - len(row.ends)),
        )
        for row in rows
    )
    head = (words["axis.assumption"], words["tornado.one_end"], words["tornado.other_end"])
    return Table("", head, found, is_text=True)
