"""Many designs of one site: a map of two settings, small maps of more, a line of one.

A figure is held against its limit: kept, not kept, or too near to say. The site as it is has a
ring.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import isnan

from markupsafe import Markup

from sim.report.page.document import Picture, Table
from sim.report.page.svg import Canvas, broken, width_of
from sim.report.page.verdict import Mark
from sim.report.page.words import SHARE, Words, estimate, heading
from sim.study.estimate.intervals import Estimate

MOST_PANELS = 12
_PANEL = 300.0
"""Pixels of a panel of dots, at least."""
_CELL, _SMALL_CELL, _LEAST = 96.0, 56.0, 30.0
"""Pixels: of a cell of one map at most, of one of several, and below which it has no number."""
_HIGH = 34.0
_KEY, _TITLE, _AXIS = 26.0, 24.0, 44.0
"""Pixels: of the line that says what colours mean, of a panel's title, and below its cells."""
_LINE_HEIGHT = 220.0
_HUNDRED = 100
_LOOKS = {
    Mark.YES: "enough-pale",
    Mark.JUST: "just-pale",
    Mark.CANNOT_SAY: "just-pale",
    Mark.NO: "short",
}
_DOTS = {Mark.YES: "enough", Mark.JUST: "just", Mark.CANNOT_SAY: "just", Mark.NO: "short"}


@dataclass(frozen=True)
class Setting:
    """Something that was varied."""

    name: str
    """Beside values without their unit."""
    levels: tuple[object, ...]
    """From low to high."""
    texts: Mapping[object, str]
    """Of each level, without its unit."""
    whole: Mapping[object, str]
    """The same as a design is told by it: `evening: 1 nurse`."""
    base: object = None
    """Its value as it is."""


@dataclass(frozen=True)
class Design:
    """One design, and one figure of it."""

    levels: tuple[object, ...]
    """Of each setting."""
    known: Estimate
    """The figure, as it is drawn."""
    mark: Mark | None
    """Whether it keeps the limit; None without one."""
    name: str
    """In words."""


@dataclass(frozen=True, eq=False)
class Designs:
    """What is drawn: the settings, and one figure of every design."""

    key: str
    figure: str
    """What it is called."""
    unit: str
    limit: float | None
    """As it is drawn; None of a figure that has none: colours then tell how high it is."""
    at_most: bool
    settings: tuple[Setting, ...]
    designs: tuple[Design, ...]
    best: tuple[object, ...] | None = None
    """The levels of the design to be pointed out."""

    @cached_property
    def by_levels(self) -> dict[tuple[object, ...], Design]:
        """Each design by its levels."""
        return {one.levels: one for one in self.designs}

    @property
    def is_grid(self) -> bool:
        """Whether every combination of levels was played."""
        number = 1
        for one in self.settings:
            number *= len(one.levels)
        return number == len(self.by_levels)

    def look(self, one: Design) -> str:
        """Of a design's cell: whether it keeps the limit, or how high it is."""
        if one.mark is not None:
            return _LOOKS.get(one.mark, "quiet-pale")
        values = [each.known.value for each in self.designs if not isnan(each.known.value)]
        if isnan(one.known.value) or max(values) == min(values):
            return "quiet-pale"
        return f"heat-{round(4 * (one.known.value - min(values)) / (max(values) - min(values)))}"

    def dot(self, one: Design) -> str:
        """The same of a dot."""
        return "people" if one.mark is None else _DOTS.get(one.mark, "quiet")

    @property
    def base(self) -> tuple[object, ...]:
        """The levels of the site as it is."""
        return tuple(one.base for one in self.settings)


def designs_picture(found: Designs, title: str, words: Words) -> Picture:
    """A picture of one figure of all designs.

    Args:
        found: what is drawn.
        title: what it finds.
        words: the language.
    """
    says = words.say("varied.says", figure=heading(found.figure))
    draw = _maps if _has_maps(found) else _line if len(found.settings) == 1 else _dots
    svg = tuple(draw(found, width, title, words) for width in (1120.0, 690.0, 360.0))
    return Picture(found.key, title, says, svg, _table(found, words))


def _has_maps(found: Designs) -> bool:
    """Whether its panels are few enough, and every one whole."""
    if len(found.settings) == 1 or not found.is_grid:
        return False
    _, others = _axes(found)
    panels = 1
    for number in others:
        panels *= len(found.settings[number].levels)
    return panels <= MOST_PANELS


def _axes(found: Designs) -> tuple[tuple[int, int], tuple[int, ...]]:
    """The two settings with the most levels, across and up; and the others."""
    order = sorted(range(len(found.settings)), key=lambda one: -len(found.settings[one].levels))
    across, up = sorted(order[:2])
    return (across, up), tuple(one for one in range(len(found.settings)) if one not in (across, up))


# --- maps -----------------------------------------------------------------------------------------


def _maps(found: Designs, width: float, says: str, words: Words) -> Markup:
    """A map, or one for each combination of the settings that are not its axes."""
    (across, up), others = _axes(found)
    one, other = found.settings[across], found.settings[up]
    combinations = list(product(*(found.settings[number].levels for number in others)))
    left = max(width_of(text, 13) for text in other.texts.values()) + 14
    gap = 28.0
    columns = len(combinations)
    while columns > 1 and (width - gap * (columns - 1)) / columns < left + _LEAST * len(one.levels):
        columns -= 1
    room = (width - gap * (columns - 1)) / columns
    most = _CELL if len(combinations) == 1 else _SMALL_CELL
    cell = min((room - left) / len(one.levels), most)
    room = min(room, max(left + cell * len(one.levels), 150.0))
    rows = -(-len(combinations) // columns)
    names = broken(other.name, left + cell * len(one.levels))
    title = _TITLE if others else 0.0
    high = title + len(names) * 16 + 6 + _HIGH * len(other.levels) + _AXIS
    key = _key_height(found, width, words)
    canvas = Canvas(width, key + rows * high)
    _key(canvas, found, words)
    for number, levels in enumerate(combinations):
        place = (number % columns * (room + gap), key + number // columns * high)
        panel = _Panel(found, (across, up), dict(zip(others, levels, strict=True)), words)
        panel.draw(canvas, place, left, cell, names)
    return canvas.markup(says)


@dataclass(frozen=True, eq=False)
class _Panel:
    """One map."""

    found: Designs
    axes: tuple[int, int]
    fixed: Mapping[int, object]
    words: Words

    def draw(
        self,
        canvas: Canvas,
        place: tuple[float, float],
        left: float,
        cell: float,
        names: Sequence[str],
    ) -> None:
        """The map with its axes."""
        x, y = place
        one, other = (self.found.settings[number] for number in self.axes)
        if self.fixed:
            settings = self.found.settings
            text = "; ".join(settings[number].whole[level] for number, level in self.fixed.items())
            canvas.text(x, y + 14, text, "strong")
            y += _TITLE
        for number, text in enumerate(names):
            canvas.text(x, y + 12 + 16 * number, text, "note")
        y += 16 * len(names) + 6
        rings: list[tuple[float, float, str]] = []
        for row, level in enumerate(reversed(other.levels)):
            top = y + _HIGH * row
            canvas.text(x + left - 8, top + 22, other.texts[level], "note", anchor="end")
            for column, across in enumerate(one.levels):
                self._cell(
                    canvas, self._levels(across, level), (x + left + cell * column, top), cell
                )
                rings += self._ring(self._levels(across, level), x + left + cell * column, top)
        for left_edge, top, look in rings:
            canvas.rect(left_edge + 1, top + 1, cell - 2, _HIGH - 2, look, round_=3)
        floor = y + _HIGH * len(other.levels)
        for column, across in enumerate(one.levels):
            middle = x + left + cell * (column + 0.5)
            canvas.text(middle, floor + 16, one.texts[across], "note", anchor="middle")
        canvas.text(x + left, floor + 34, one.name, "note")

    def _levels(self, across: object, up: object) -> tuple[object, ...]:
        at = {self.axes[0]: across, self.axes[1]: up, **self.fixed}
        return tuple(at[number] for number in range(len(self.found.settings)))

    def _cell(
        self, canvas: Canvas, levels: tuple[object, ...], place: tuple[float, float], cell: float
    ) -> None:
        design = self.found.by_levels[levels]
        x, y = place
        box = (x + 1, y + 1, cell - 2, _HIGH - 2)
        canvas.rect(*box, self.found.look(design), round_=2)
        if design.mark in {Mark.JUST, Mark.CANNOT_SAY}:
            canvas.rect(*box, "hatch-just", round_=2)
        text = self.words.brief(design.known.value)
        if width_of(text, 13) <= cell - 4:
            dark = self.found.look(design) in {"short", "heat-3", "heat-4"}
            look = "on strong" if dark else "strong"
            canvas.text(x + cell / 2, y + 22, text, look, anchor="middle")

    def _ring(
        self, levels: tuple[object, ...], x: float, y: float
    ) -> list[tuple[float, float, str]]:
        found = []
        if levels == self.found.best and levels != self.found.base:
            found.append((x, y, "ring dashed"))
        if levels == self.found.base:
            found.append((x, y, "ring"))
        return found


def _entries(found: Designs, words: Words) -> list[tuple[str, str]]:
    """What colours and rings mean, those that are on the picture."""
    marks = {one.mark for one in found.designs}
    limit = "" if found.limit is None else words.exact(round(found.limit, 6))
    more, less = ("more", "less") if found.at_most else ("less", "more")
    entries = []
    if Mark.NO in marks:
        entries.append(("short", words.say(f"varied.{more}", limit=limit)))
    if marks & {Mark.JUST, Mark.CANNOT_SAY}:
        entries.append(("just-pale", words.say("varied.about", limit=limit)))
    if Mark.YES in marks:
        entries.append(("enough-pale", words.say(f"varied.{less}", limit=limit)))
    if found.base in found.by_levels and (_has_maps(found) or len(found.settings) == 1):
        entries.append(("ring", words["varied.base"]))
    if _has_maps(found) and found.best is not None and found.best != found.base:
        entries.append(("ring dashed", words["varied.best"]))
    return entries


def _places(found: Designs, width: float, words: Words) -> list[tuple[float, float, str, str]]:
    x, y, places = 0.0, 0.0, []
    for look, text in _entries(found, words):
        needed = 22 + width_of(text) + 18
        if x and x + needed > width + 18:
            x, y = 0.0, y + 20
        places.append((x, y, look, text))
        x += needed
    return places


def _key_height(found: Designs, width: float, words: Words) -> float:
    places = _places(found, width, words)
    return _KEY + (places[-1][1] if places else 0.0)


def _key(canvas: Canvas, found: Designs, words: Words) -> None:
    for x, y, look, text in _places(found, canvas.width, words):
        canvas.rect(x + 1, y + 2, 14, 12, look, round_=2)
        if look == "just-pale":
            canvas.rect(x + 1, y + 2, 14, 12, "hatch-just", round_=2)
        canvas.text(x + 22, y + 13, text, "note")


# --- one setting, and designs that make no grid ---------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Scale:
    """Where values stand between the floor and the ceiling of a panel."""

    found: Designs
    top: float
    floor: float

    @cached_property
    def most(self) -> float:
        """The highest value there is, the limit among them unless it is far away."""
        values = [one.known.value for one in self.found.designs if not isnan(one.known.value)]
        ends = [one.known.high for one in self.found.designs if not isnan(one.known.high)]
        high = max([*values, *ends])
        limit = self.found.limit
        return high if limit is None or limit > 2 * high else max(high, limit)

    def y(self, value: float) -> float:
        """Of a value."""
        return self.floor - (self.floor - self.top) * value / (self.most or 1.0)

    @property
    def shows_limit(self) -> bool:
        """Whether the limit is on it."""
        return self.found.limit is not None and self.found.limit <= self.most


def _line(found: Designs, width: float, says: str, words: Words) -> Markup:
    """One setting: a point a level with its range, and the limit."""
    (setting,) = found.settings
    key = _key_height(found, width, words)
    scale = _Scale(found, key + 26, key + 26 + _LINE_HEIGHT)
    canvas = Canvas(width, scale.floor + 44)
    _key(canvas, found, words)
    step = (width - 40) / len(setting.levels)
    places = [
        (20 + step * (number + 0.5), found.by_levels.get((level,)))
        for number, level in enumerate(setting.levels)
    ]
    known = [(x, one) for x, one in places if one is not None and not isnan(one.known.value)]
    canvas.line(((0, scale.floor), (width, scale.floor)), "hair")
    canvas.line([(x, scale.y(one.known.value)) for x, one in known], "base")
    for x, one in known:
        y = scale.y(one.known.value)
        if not isnan(one.known.low):
            canvas.line(((x, scale.y(one.known.low)), (x, scale.y(one.known.high))), "base")
        canvas.circle(x, y, 6, found.dot(one))
        if one.levels == found.base:
            canvas.circle(x, y, 11, "ring")
        text = words.brief(one.known.value)
        canvas.text(x + 16, y - 8, text, "strong")
    _limit(canvas, scale, 0, width, words)
    for number, level in enumerate(setting.levels):
        x = 20 + step * (number + 0.5)
        canvas.text(x, scale.floor + 17, setting.texts[level], "note", anchor="middle")
    canvas.text(0, scale.floor + 36, setting.name, "note")
    return canvas.markup(says)


def _limit(canvas: Canvas, scale: _Scale, left: float, right: float, words: Words) -> None:
    limit = scale.found.limit
    if limit is None or not scale.shows_limit:
        return
    y = scale.y(limit)
    canvas.line(((left, y), (right, y)), "limit dashed")
    text = words.say("varied.limit", limit=words.exact(round(limit, 6)))
    canvas.text(left, y - 5, text, "strong")


def _dots(found: Designs, width: float, says: str, words: Words) -> Markup:
    """A panel a setting: a dot a design."""
    number = len(found.settings)
    columns = min(number, max(int(width / _PANEL), 1))
    gap, high = 28.0, 190.0
    room = (width - gap * (columns - 1)) / columns
    key = _key_height(found, width, words)
    canvas = Canvas(width, key + -(-number // columns) * (high + 66))
    _key(canvas, found, words)
    for place, setting in enumerate(found.settings):
        x = place % columns * (room + gap)
        top = key + place // columns * (high + 66) + 16
        scale = _Scale(found, top, top + high)
        canvas.line(((x, scale.floor), (x + room, scale.floor)), "hair")
        _limit(canvas, scale, x, x + room, words)
        for design in found.designs:
            if isnan(design.known.value):
                continue
            at = setting.levels.index(design.levels[place]) + 0.5
            across = x + room * at / len(setting.levels)
            canvas.circle(across, scale.y(design.known.value), 4, found.dot(design))
        first, last = setting.levels[0], setting.levels[-1]
        canvas.text(x, scale.floor + 16, setting.texts[first], "note")
        canvas.text(x + room, scale.floor + 16, setting.texts[last], "note", anchor="end")
        for line, text in enumerate(broken(setting.name, room)[:2]):
            canvas.text(x, scale.floor + 33 + 15 * line, text, "note")
    return canvas.markup(says)


def _table(found: Designs, words: Words) -> Table:
    times = 1 / _HUNDRED if found.unit == SHARE else 1.0
    rows = tuple(
        (
            one.name,
            estimate(words, one.known.times(times), found.unit),
            *(() if one.mark is None else (words[f"mark.{one.mark}"],)),
        )
        for one in found.designs
    )
    kept = () if found.limit is None else (words["varied.kept"],)
    head = (words["axis.design"], found.figure, *kept)
    return Table("", head, rows)
