"""Designs as pictures: a map of two settings, and the best that can be had at each cost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from sim.report.page.document import Picture, Table
from sim.report.page.svg import Canvas, width_of
from sim.report.page.verdict import Mark
from sim.report.page.words import Words, heading

_LOOKS = {Mark.NO: "short", Mark.CANNOT_SAY: "just-pale", Mark.YES: "enough-pale"}
_SIGNS = {"not_played": "–", "ruled_out": "×", "unsafe": "!"}
"""What stands in a cell without a figure."""
_CELL, _LINE, _KEY = 34.0, 62.0, 20.0
"""Pixels: height of a cell, its most width, and a line of the key."""
_SMALL, _ROOMY = 12.0, 30.0
_WIDTHS = (540.0, 344.0, 344.0)
"""Of a screen, of half a sheet of paper and of a phone."""


# --- the map --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapCell:
    """A design on the map."""

    mark: Mark | None
    """Whether it meets the targets; None if it was not played."""
    number: str
    """The figure of the target that decides most of the map."""
    known: str = ""
    """Its range."""
    fails: str = ""
    """Short name of the target that fails first."""
    why_empty: str = ""
    """`not_played`, `ruled_out` (proven) or `unsafe`."""


@dataclass(frozen=True)
class Axis:
    """One of the two settings."""

    name: str
    values: tuple[str, ...]


Place = tuple[int, int]
"""Numbers of the values across and up."""


@dataclass(frozen=True, eq=False)
class DesignMap:
    """Designs that differ in two settings."""

    across: Axis
    up: Axis
    cells: Mapping[Place, MapCell]
    chosen: Place | None
    chosen_is: str
    """`chosen`, or `nearest` where nothing is an answer."""
    thumbs: Sequence[Place]
    """What the rule of thumb would have built."""

    @property
    def fails(self) -> tuple[str, ...]:
        """The targets that fail first somewhere, the one in most cells first."""
        all_of = [one.fails for one in self.cells.values() if one.fails]
        return tuple(sorted(dict.fromkeys(all_of), key=lambda one: -all_of.count(one)))


def map_picture(about: DesignMap, title: str, says: str, words: Words) -> Picture:
    """The map, for a screen, for paper and for a phone."""
    alone = f"{title} {says}"
    svg = tuple(_map(about, width, words).markup(alone) for width in _WIDTHS)
    return Picture("map", title, says, svg, _map_table(about, words))


def _map(about: DesignMap, width: float, words: Words) -> Canvas:
    left = max(width_of(one) for one in about.up.values) + 12
    wide = min((width - left - 4) / len(about.across.values), _LINE)
    keys = list(_keys(about, words))
    lines = _rows_of(keys, width)
    top = _KEY * len(lines) + 28
    height = top + _CELL * len(about.up.values) + 46
    canvas = Canvas(width, height)
    for number, line in enumerate(lines):
        _draw_key(canvas, line, _KEY * number)
    canvas.text(0, top - 10, heading(about.up.name), "strong")
    for place, cell in about.cells.items():
        x, y = _corner(about, place, left, top, wide)
        _draw_cell(canvas, cell, (x, y, wide), named=bool(about.fails[1:]))
    _draw_edge(canvas, about, left, top, wide)
    for place in about.thumbs:
        x, y = _corner(about, place, left, top, wide)
        solid = about.cells[place].mark is Mark.NO
        canvas.rect(x + 3, y + 3, wide - 7, _CELL - 7, "thumb-on" if solid else "thumb", round_=3)
    if about.chosen is not None:
        x, y = _corner(about, about.chosen, left, top, wide)
        canvas.rect(x - 1, y - 1, wide + 1, _CELL + 1, "ring", round_=4)
    if about.fails[1:]:
        for name in about.fails:
            _name_region(canvas, about, name, (left, top, wide))
    _label(canvas, about, left, top, wide)
    return canvas


def _corner(
    about: DesignMap, place: Place, left: float, top: float, wide: float
) -> tuple[float, float]:
    return left + wide * place[0], top + _CELL * (len(about.up.values) - 1 - place[1])


def _draw_cell(
    canvas: Canvas, cell: MapCell, where: tuple[float, float, float], *, named: bool
) -> None:
    x, y, wide = where
    middle, line = x + wide / 2 - 0.5, y + _CELL / 2 + (0 if named and cell.fails else 4)
    if cell.mark is None:
        canvas.rect(x + 0.5, y + 0.5, wide - 2, _CELL - 2, "hair", round_=2)
        canvas.text(middle, line, _SIGNS[cell.why_empty], "note", anchor="middle")
        return
    canvas.rect(x, y, wide - 1, _CELL - 1, _LOOKS[cell.mark], round_=2)
    if cell.mark is Mark.CANNOT_SAY:
        canvas.rect(x, y, wide - 1, _CELL - 1, "hatch-just", round_=2)
    look = "strong on" if cell.mark is Mark.NO else "strong"
    canvas.text(
        middle, line, cell.number, look, anchor="middle", size=13 if wide > _ROOMY else _SMALL
    )


def _draw_edge(canvas: Canvas, about: DesignMap, left: float, top: float, wide: float) -> None:
    """A line around what is surely met, where something beside it is not."""
    for (column, row), cell in about.cells.items():
        if cell.mark is not Mark.YES:
            continue
        x, y = _corner(about, (column, row), left, top, wide)
        x, y = x - 0.5, y - 0.5
        for beside, ends in (
            ((column - 1, row), ((x, y), (x, y + _CELL))),
            ((column + 1, row), ((x + wide, y), (x + wide, y + _CELL))),
            ((column, row - 1), ((x, y + _CELL), (x + wide, y + _CELL))),
            ((column, row + 1), ((x, y), (x + wide, y))),
        ):
            other = about.cells.get(beside)
            if other is not None and other.mark in {Mark.NO, Mark.CANNOT_SAY}:
                canvas.line(ends, "edge-enough")


def _name_region(
    canvas: Canvas, about: DesignMap, name: str, where: tuple[float, float, float]
) -> None:
    """Write the target that fails first into the widest row of its cells, if there is room."""
    left, top, wide = where
    runs = list(_runs(about, name))
    run = max(runs, key=lambda one: (len(one), one[0][1]))
    if width_of(name, _SMALL) > wide * len(run) - 4:
        return
    x, y = _corner(about, run[0], left, top, wide)
    canvas.text(x + wide * len(run) / 2, y + _CELL - 5, name, "on", anchor="middle", size=_SMALL)


def _runs(about: DesignMap, name: str) -> Iterator[list[Place]]:
    """Cells beside one another that fail by the same target."""
    for row in range(len(about.up.values)):
        run: list[Place] = []
        for column in range(len(about.across.values) + 1):
            cell = about.cells.get((column, row))
            if cell is not None and cell.fails == name:
                run.append((column, row))
            elif run:
                yield run
                run = []


def _label(canvas: Canvas, about: DesignMap, left: float, top: float, wide: float) -> None:
    rows = len(about.up.values)
    for number, value in enumerate(about.up.values):
        y = top + _CELL * (rows - 1 - number) + _CELL / 2 + 4
        canvas.text(left - 8, y, value, anchor="end")
    bottom = top + _CELL * rows
    for number, value in enumerate(about.across.values):
        canvas.text(left + wide * (number + 0.5), bottom + 17, value, anchor="middle")
    middle = left + wide * len(about.across.values) / 2
    canvas.text(middle, bottom + 38, heading(about.across.name), "strong", anchor="middle")


def _keys(about: DesignMap, words: Words) -> Iterator[tuple[str, str]]:
    """Only what is on the map is explained."""
    cells = about.cells.values()
    for mark, key in ((Mark.NO, "no"), (Mark.CANNOT_SAY, "cannot-say"), (Mark.YES, "yes")):
        if any(one.mark is mark for one in cells):
            yield _LOOKS[mark], words[f"size.key_{key}"]
    if about.chosen is not None:
        yield "ring", words[f"size.key_{about.chosen_is}"]
    if about.thumbs:
        yield "thumb", words["size.key_thumb"]
    for why, sign in _SIGNS.items():
        if any(one.why_empty == why for one in cells):
            yield sign, words[f"size.key_{why}"]


def _rows_of(keys: Sequence[tuple[str, str]], width: float) -> list[list[tuple[float, str, str]]]:
    """The key on as many lines as it needs."""
    lines: list[list[tuple[float, str, str]]] = [[]]
    x = 0.0
    for look, text in keys:
        long = 24 + width_of(text, _SMALL) + 16
        if x and x + long - 16 > width:
            lines.append([])
            x = 0.0
        lines[-1].append((x, look, text))
        x += long
    return lines


def _draw_key(canvas: Canvas, line: Sequence[tuple[float, str, str]], y: float) -> None:
    for x, look, text in line:
        if look in _SIGNS.values():
            canvas.text(x + 9, y + 13, look, "note", anchor="middle")
        elif look in {"ring", "thumb"}:
            canvas.rect(x + 1.5, y + 2.5, 15, 11, look, round_=2)
        else:
            canvas.rect(x, y + 1, 18, 14, look, round_=2)
            if look == _LOOKS[Mark.CANNOT_SAY]:
                canvas.rect(x, y + 1, 18, 14, "hatch-just", round_=2)
        canvas.text(x + 24, y + 13, text, "note", size=_SMALL)


def _map_table(about: DesignMap, words: Words) -> Table:
    rows = tuple(
        (
            value,
            *(
                _cell_text(about.cells[column, row], words)
                for column in range(len(about.across.values))
            ),
        )
        for row, value in enumerate(about.up.values)
    )
    corner = words.say("size.map_corner", up=about.up.name, across=about.across.name)
    return Table("", (corner, *about.across.values), rows)


def _cell_text(cell: MapCell, words: Words) -> str:
    if cell.mark is None:
        return words[f"size.key_{cell.why_empty}"]
    known = f" ({cell.known})" if cell.known else ""
    word = words[f"mark.{cell.mark}"]
    fails = f", {cell.fails}" if cell.fails else ""
    return f"{cell.number}{known}: {word}{fails}"


# --- cost against service -------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """One of the designs that no other betters at its cost."""

    cost: float
    """In what the axis counts."""
    value: float
    meets: bool
    """Whether its figure is on the right side of the target."""
    says: str
    """What it has, for the table."""
    label: str = ""
    """What it teaches, beside its point; few have one."""
    of_staff: bool = False
    is_chosen: bool = False


@dataclass(frozen=True)
class Frontier:
    """Points from the cheapest to the dearest, and what they are held against."""

    points: tuple[Point, ...]
    cost_name: str
    value_name: str
    limit: float | None
    limit_name: str
    cost_shown: tuple[str, ...]
    """Each point's cost and figure, written."""
    value_shown: tuple[str, ...]
    written: Callable[[Sequence[float]], list[str]]
    """The numbers beside an axis."""
    answer: Point | None = None
    """The answer, where another design of its cost is a little better in this figure."""


def frontier_picture(about: Frontier, title: str, says: str, words: Words) -> Picture:
    """The best of the designs played at each cost, as steps."""
    alone = f"{title} {says}"
    svg = tuple(_frontier(about, width).markup(alone) for width in _WIDTHS)
    head = (words["size.design"], heading(about.cost_name), heading(about.value_name))
    rows = tuple(
        (point.says, cost, value)
        for point, cost, value in zip(
            about.points, about.cost_shown, about.value_shown, strict=True
        )
    )
    return Picture("frontier", title, says, svg, Table("", head, rows))


_LEFT, _TOP, _PLOT, _FOOT = 40.0, 36.0, 300.0, 44.0
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _frontier(about: Frontier, width: float) -> Canvas:
    plot = _Plot(about, width)
    plot.axes()
    places = [plot.at(point.cost, point.value) for point in about.points]
    plot.taken += [_around(x, y, 6) for x, y in places]
    path = [places[0]]
    for x, y in places[1:]:
        path += [(x, path[-1][1]), (x, y)]
    plot.taken += [_around_line(a, b) for a, b in pairwise(path)]
    plot.canvas.line(path, "base")
    plot.limit()
    shown = list(zip(about.points, places, strict=True))
    if about.answer is not None:
        shown.append((about.answer, plot.at(about.answer.cost, about.answer.value)))
    for point, (x, y) in shown:
        plot.canvas.circle(x, y, 4, "enough" if point.meets else "short")
        if point.is_chosen:
            plot.canvas.circle(x, y, 9, "ring")
            plot.taken.append(_around(x, y, 11))
    for point, place in sorted(shown, key=lambda one: not one[0].is_chosen):
        if point.label:
            look = "strong staff-text" if point.of_staff else "strong"
            plot.label(point.label, place, look)
    return plot.canvas


class _Plot:
    """Where points stand, and where nothing can be written any more."""

    def __init__(self, about: Frontier, width: float) -> None:
        """Of a drawing so wide."""
        self.about, self.right = about, width - 14
        self.canvas = Canvas(width, _TOP + _PLOT + _FOOT)
        self.costs = ticks(
            min(one.cost for one in about.points), max(one.cost for one in about.points), 5
        )
        highest = max([one.value for one in about.points] + [about.limit or 0.0])
        self.values = ticks(0.0, highest, 4)
        self.taken: list[Box] = []

    def at(self, cost: float, value: float) -> tuple[float, float]:
        """In pixels."""
        across = (cost - self.costs[0]) / (self.costs[-1] - self.costs[0])
        up = (value - self.values[0]) / (self.values[-1] - self.values[0])
        return _LEFT + (self.right - _LEFT) * across, _TOP + _PLOT * (1 - up)

    def axes(self) -> None:
        """Both axes, with few lines."""
        canvas, about = self.canvas, self.about
        canvas.text(0, 13, heading(about.value_name), "strong")
        for value, shown in zip(self.values, about.written(self.values), strict=True):
            _, y = self.at(self.costs[0], value)
            canvas.line(((_LEFT, y), (self.right, y)), "hair")
            canvas.text(_LEFT - 8, y + 4, shown, "note", anchor="end")
        for cost, shown in zip(self.costs, about.written(self.costs), strict=True):
            x, y = self.at(cost, self.values[0])
            canvas.text(x, y + 18, shown, "note", anchor="middle")
        middle = (_LEFT + self.right) / 2
        canvas.text(middle, _TOP + _PLOT + 38, about.cost_name, "strong", anchor="middle")

    def limit(self) -> None:
        """The target, as the darkest line."""
        if self.about.limit is None:
            return
        _, y = self.at(self.costs[0], self.about.limit)
        self.canvas.line(((_LEFT, y), (self.right, y)), "limit dashed")
        self.taken.append((_LEFT, y - 2, self.right, y + 2))
        long = width_of(self.about.limit_name, bold=True)
        for base in (y - 7, y + 17):
            box = (self.right - long, base - 12, self.right, base + 4)
            if not any(overlap(box, other) for other in self.taken):
                self.canvas.text(self.right, base, self.about.limit_name, "strong", anchor="end")
                self.taken.append(box)
                return

    def label(self, text: str, place: tuple[float, float], look: str) -> None:
        """Write beside a point where nothing else is; nowhere if there is no such place."""
        long = width_of(text, bold=True)
        for side in _AROUND:
            left, base = _offset(place, long, side)
            box = (left - 2, base - 12, left + long + 2, base + 4)
            inside = (
                box[0] >= _LEFT
                and box[1] >= _TOP - 8
                and box[2] <= self.right + 14
                and box[3] <= _TOP + _PLOT - 2
            )
            if not inside or any(overlap(box, other) for other in self.taken):
                continue
            near = min(max(place[0], box[0]), box[2]), min(max(place[1], box[1]), box[3])
            if abs(near[0] - place[0]) + abs(near[1] - place[1]) > _FAR:
                self.canvas.line((place, near), "hair")
            self.canvas.text(left, base, text, look)
            self.taken.append(box)
            return


_FAR = 16
"""Pixels from which on a label is joined to its point by a line."""
_AROUND = tuple(
    f"{side}-{away}"
    for away in (0, 14, 28, 46, 70, 100)
    for side in ("right", "left", "above", "below", "right-above", "right-below", "left-below")
)


def _offset(place: tuple[float, float], long: float, side: str) -> tuple[float, float]:
    """Left end and base line of a label beside a place."""
    x, y = place
    *name, last = side.split("-")
    away = 12 + float(last)
    found = {
        "right": (x + away, y + 4),
        "left": (x - away - long, y + 4),
        "above": (x - long / 2, y - away),
        "below": (x - long / 2, y + away + 10),
        "right-above": (x + away * 0.7, y - away * 0.7),
        "right-below": (x + away * 0.7, y + away * 0.7 + 10),
        "left-below": (x - away * 0.7 - long, y + away * 0.7 + 10),
    }
    return found["-".join(name)]


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have an area in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _around(x: float, y: float, by: float) -> Box:
    return x - by, y - by, x + by, y + by


def _around_line(a: tuple[float, float], b: tuple[float, float]) -> Box:
    return min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers that enclose two, about so many.

    Args:
        low: the least.
        high: the most.
        most: steps between them, at most.
    """
    if high <= low:
        high = low + (abs(low) or 1.0)
    rough = (high - low) / most
    scale = 10 ** floor(log10(rough))
    step = next(scale * one for one in (1, 2, 2.5, 5, 10, 20) if scale * one >= rough - 1e-12)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(step * number, 10) for number in range(first, last + 1)]
