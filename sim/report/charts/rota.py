"""A rota as a picture: a bar a person, breaks as gaps, and who is there against who is needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sim.report.page.document import Picture, Table
from sim.report.page.svg import Canvas, broken, width_of
from sim.report.page.words import Words

_Value = TypeVar("_Value")
_DAY, _HOUR = 1440, 60
_LINE, _BAR, _STEP, _GAP = 20.0, 16.0, 14.0, 22.0
"""Pixels: of a person, of its bar, of a person needed or there, and between roles."""
_MOST_STEP = 90.0
_TOP, _ROOMY = 24.0, 500.0


@dataclass(frozen=True)
class PersonBar:
    """One person on one shift of the day; minutes after the midnight with which it begins."""

    name: str
    pieces: tuple[tuple[int, int], ...]
    """From and to: the shift without its breaks."""


@dataclass(frozen=True, eq=False)
class RoleDay:
    """A role on one day: the shifts, who is there, and who is needed."""

    name: str
    bars: tuple[PersonBar, ...]
    present: tuple[int, ...]
    """In each minute from the beginning of what is drawn."""
    needed: tuple[int, ...] | None
    """In each minute; None where nothing says it."""

    def short(self) -> Iterator[tuple[int, int, int]]:
        """Runs of minutes in which too few are there, and how many are missing at most."""
        if self.needed is None:
            return
        start, most = None, 0
        for minute, (there, need) in enumerate(zip(self.present, self.needed, strict=True)):
            if need > there:
                start, most = (minute if start is None else start), max(most, need - there)
            elif start is not None:
                yield start, minute, most
                start, most = None, 0
        if start is not None:
            yield start, len(self.present), most

    @property
    def short_minutes(self) -> int:
        """Minutes in which too few are there."""
        return sum(end - start for start, end, _ in self.short())


@dataclass(frozen=True, eq=False)
class RotaDay:
    """A day of a rota, from its first shift on."""

    begins: int
    """Minute of the day with which the drawing begins."""
    roles: tuple[RoleDay, ...]

    @property
    def lasts(self) -> int:
        """Minutes that are drawn: until nobody is there or needed any more, in full hours."""
        last = 0
        for role in self.roles:
            for values in (role.present, role.needed or ()):
                last = max(last, max((n + 1 for n, one in enumerate(values) if one), default=0))
        return -(-last // _HOUR) * _HOUR or _DAY


def rota_picture(day: RotaDay, key: str, title: str, says: str, words: Words) -> Picture:
    """Bars and steps, for a screen, for paper and for a phone."""
    alone = f"{title} {says}"
    drawn = ((1120.0, 150.0), (690.0, 120.0), (360.0, 8.0))
    svg = tuple(_draw(day, width, left, words).markup(alone) for width, left in drawn)
    return Picture(key, title, says, svg, _table(day, words))


def _draw(day: RotaDay, width: float, left: float, words: Words) -> Canvas:
    heights = [_height(role) for role in day.roles]
    canvas = Canvas(width, _TOP + sum(heights) + 8)
    drawing = _Drawing(canvas, day, left, width, words)
    drawing.hours(_TOP + sum(heights))
    top = _TOP
    for role, height in zip(day.roles, heights, strict=True):
        drawing.role(role, top)
        top += height
    return canvas


def _has_steps(role: RoleDay) -> bool:
    """Whether who is there is drawn apart: bars alone say it where nothing says who is needed."""
    return role.needed is not None or not role.bars


def _height(role: RoleDay) -> float:
    most = _most(role)
    if not _has_steps(role):
        return 20 + _LINE * len(role.bars) + _GAP
    return 20 + _LINE * len(role.bars) + 12 + _step(most) * most + _GAP


def _most(role: RoleDay) -> int:
    return max((*role.present, *(role.needed or ()), 1))


def _step(most: int) -> float:
    return min(_STEP, _MOST_STEP / most)


@dataclass(frozen=True, eq=False)
class _Drawing:
    canvas: Canvas
    day: RotaDay
    left: float
    width: float
    words: Words

    def x(self, minute: float) -> float:
        """Of a minute from the beginning of the drawing."""
        return self.left + (self.width - self.left) * minute / self.day.lasts

    def _minute(self, x: float) -> int:
        """The minute that is drawn there."""
        return round((x - self.left) / (self.width - self.left) * self.day.lasts)

    def hours(self, bottom: float) -> None:
        """A line and a number every few hours."""
        every = 2 if self.width > _ROOMY else 4
        first = -(-self.day.begins // _HOUR)
        for hour in range(first, first + 25):
            minute = hour * _HOUR - self.day.begins
            if hour % every or not 0 <= minute <= self.day.lasts:
                continue
            x = self.x(minute)
            self.canvas.line(((x, _TOP - 4), (x, bottom)), "hair")
            anchor = "start" if minute == 0 else "end" if minute == self.day.lasts else "middle"
            self.canvas.text(x, 13, str(hour % 24), "note", anchor=anchor, size=12)

    def role(self, role: RoleDay, top: float) -> None:
        """Its people, then who is there against who is needed."""
        beside = self.left > 2 * _LINE
        self.canvas.text(0, top + 14, role.name, "name")
        y = top + 20
        for bar in role.bars:
            self._bar(bar, y)
            y += _LINE
        if not _has_steps(role):
            return
        if beside:
            for number, line in enumerate(broken(self.words["rota.steps"], self.left - 24, 12)):
                self.canvas.text(0, y + 22 + 14 * number, line, "note", size=12)
        self._steps(role, y + 12)

    def _bar(self, bar: PersonBar, y: float) -> None:
        for start, end in bar.pieces:
            x = self.x(max(start, 0))
            self.canvas.rect(
                x, y, self.x(min(end, self.day.lasts)) - x - 1, _BAR, "staff", round_=3
            )
        start, end = max(bar.pieces, key=lambda one: one[1] - one[0])
        text = bar.name
        if width_of(text, 12) + 10 < self.x(min(end, self.day.lasts)) - self.x(max(start, 0)):
            self.canvas.text(self.x(max(start, 0)) + 6, y + 12, text, "on", size=12)

    def _steps(self, role: RoleDay, top: float) -> None:
        most = _most(role)
        step = _step(most)
        floor = top + step * most
        for start, end, there in _runs(role.present[: self.day.lasts]):
            x = self.x(start)
            self.canvas.rect(x, floor - step * there, self.x(end) - x, step * there, "staff-pale")
        self.canvas.line(((self.left, floor), (self.width, floor)), "base-thin")
        if role.needed is not None:
            self._needed(role, floor, step)
        for number in {0, most}:
            if self.left > 2 * _LINE:
                y = floor - step * number + 4
                self.canvas.text(self.left - 6, y, str(number), "note", anchor="end", size=12)

    def _needed(self, role: RoleDay, floor: float, step: float) -> None:
        assert role.needed is not None  # the caller has looked
        pairs = list(zip(role.present, role.needed, strict=True))[: self.day.lasts]
        for start, end, (there, need) in _runs(pairs):
            if need > there:
                x, y = self.x(start), floor - step * need
                self.canvas.rect(x, y, self.x(end) - x, step * (need - there), "hatch-short")
        path: list[tuple[float, float]] = []
        for start, end, need in _runs(role.needed[: self.day.lasts]):
            path += [(self.x(start), floor - step * need), (self.x(end), floor - step * need)]
        self.canvas.line(path, "limit")
        placed: list[float] = []
        for start, end, missing in sorted(role.short(), key=lambda one: one[0] - one[1])[:3]:
            text = self.words.say("rota.short", number=self.words.number(missing, 0))
            wide = width_of(text, 12, bold=True)
            middle = self.x((start + end) / 2)
            middle = min(max(middle, self.left + wide / 2), self.width - wide / 2)
            if all(abs(middle - one) > wide + 8 for one in placed):
                # Above the line wherever it passes, also beside the hours that are short.
                first, last = (self._minute(middle + one * wide / 2) for one in (-1, 1))
                y = floor - step * max(role.needed[min(first, start) : max(last, end)]) - 4
                look = "strong short-text"
                self.canvas.text(middle, y, text, look, anchor="middle", size=12)
                placed.append(middle)


def _runs(values: Sequence[_Value]) -> Iterator[tuple[int, int, _Value]]:
    """Stretches of equal values: from, to and which."""
    start = 0
    for place in range(1, len(values) + 1):
        if place == len(values) or values[place] != values[start]:
            yield start, place, values[start]
            start = place


def _table(day: RotaDay, words: Words) -> Table:
    """The fewest present and the most needed in each hour."""
    head = [words["axis.hour"]]
    for role in day.roles:
        head.append(words.say("rota.present_of", role=role.name))
        if role.needed is not None:
            head.append(words.say("rota.needed_of", role=role.name))
    rows = []
    for start in range(0, day.lasts, _HOUR):
        at = (day.begins + start) % _DAY
        cells = [f"{words.clock(at)}–{words.clock((at + _HOUR) % _DAY or _DAY)}"]
        for role in day.roles:
            cells.append(words.number(min(role.present[start : start + _HOUR]), 0))
            if role.needed is not None:
                cells.append(words.number(max(role.needed[start : start + _HOUR]), 0))
        rows.append(tuple(cells))
    return Table("", tuple(head), tuple(rows))
