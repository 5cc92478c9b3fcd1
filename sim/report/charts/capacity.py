"""The week against capacity: what is in use of the places there are, room by room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim.measures.steps import Floats
from sim.report.charts.week import DAYS, HOURS, hours_of
from sim.report.page.document import Picture, Table
from sim.report.page.svg import Canvas, broken, width_of
from sim.report.page.words import SHARE, Words, axis_unit, heading
from sim.scenario.model.scenario import Scenario

_FULL = 1 / 3
"""Share of an hour from which on a room counts as full in it."""
_HIGHEST, _ROOM = 260.0, 14.0
"""Pixels: of all places on top of one another, and the most for one."""
_GAP, _HEAD, _FOOT = 24.0, 40.0, 22.0
"""Pixels: between rooms, above them, and below them."""
_LINE = 14.0
"""Pixels: of a second line of the key, on a phone."""
_WIDE = 110.0
"""Pixels of a day from which on it has room for an hour in four."""


@dataclass(frozen=True, eq=False)
class RoomWeek:
    """A room in an average week: shares of its open places, and of the hour, hour by hour."""

    name: str
    places: int
    used: Floats
    """(168,), by somebody on or after their stay."""
    cleaning: Floats
    """(168,)."""
    full: Floats
    """(168,), of the hour."""

    @property
    def is_open(self) -> np.ndarray:
        """(168,), whether there is anything to measure."""
        return ~np.isnan(self.used)


def room_weeks(by_hour: pd.DataFrame, scenario: Scenario, words: Words) -> list[RoomWeek]:
    """The rooms of a scenario, as the by-hour table has them."""
    found = []
    for name, room in scenario.rooms.items():
        values = {
            metric: hours_of(by_hour, metric, f"room:{name}")["value"].to_numpy(dtype=float)
            for metric in ("places_occupied", "places_blocked", "places_cleaning", "places_full")
        }
        if any(len(one) != DAYS * HOURS for one in values.values()):
            continue
        used = values["places_occupied"] + np.nan_to_num(values["places_blocked"])
        found.append(
            RoomWeek(
                words.name(name),
                room.places,
                used,
                values["places_cleaning"],
                values["places_full"],
            )
        )
    return found


def average_day(values: Floats) -> Floats:
    """(24,): the mean of an hour over the days on which it is open; NaN where it never is."""
    days = values.reshape(DAYS, HOURS)
    known = ~np.isnan(days)
    with np.errstate(invalid="ignore"):
        return np.where(known.any(axis=0), np.nansum(days, axis=0) / known.sum(axis=0), np.nan)


def capacity_picture(rooms: Sequence[RoomWeek], title: str, words: Words) -> Picture:
    """What is in use of the places there are: a week on a screen and paper, a day on a phone.

    Args:
        rooms: from top to bottom.
        title: what it finds.
        words: the language.
    """
    is_open = np.any([room.is_open.reshape(DAYS, HOURS).any(axis=0) for room in rooms], axis=0)
    hours = np.flatnonzero(is_open)
    first, last = (int(hours[0]), int(hours[-1]) + 1) if len(hours) else (0, HOURS)
    draw = _Drawing(rooms, range(first, last), words)
    says = f"{title} {words['capacity.says']}"
    svg = (draw.week(1120, 118.0, says), draw.week(690, 96.0, says), draw.day(360, 96.0, says))
    return Picture("capacity", title, words["capacity.says"], svg, _table(rooms, words))


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Rooms one below the other, a place as high in every one."""

    rooms: Sequence[RoomWeek]
    hours: range
    words: Words

    @property
    def place(self) -> float:
        """Pixels of a place."""
        places = sum(room.places for room in self.rooms)
        return min(_HIGHEST / max(places, 1), _ROOM)

    @property
    def height(self) -> float:
        """Of all rooms with what stands around them."""
        return _HEAD + sum(self._room(one) + _GAP for one in self.rooms) + _FOOT

    def _room(self, room: RoomWeek) -> float:
        return max(self.place * room.places, 34.0)

    def week(self, width: float, left: float, says: str) -> Markup:
        """Seven panels beside one another."""
        canvas = Canvas(width, self.height)
        panel = (width - left + 6) / DAYS
        for day, name in enumerate(self.words.weekdays()):
            canvas.text(left + panel * day, 14, name, "strong")
        self._key(canvas, left)
        top = _HEAD
        for room in self.rooms:
            self._name(canvas, room, top, left)
            for day in range(DAYS):
                part = slice(day * HOURS, (day + 1) * HOURS)
                values = tuple(one[part] for one in (room.used, room.cleaning, room.full))
                self._panel(canvas, room, values, (left + panel * day, top, panel - 6))
            top += self._room(room) + _GAP
        for day in range(DAYS):
            every = 4 if panel > _WIDE else 8
            self._clock(canvas, left + panel * day, top - 6, panel - 6, every)
        return canvas.markup(says)

    def day(self, width: float, left: float, says: str) -> Markup:
        """One panel: an average day."""
        canvas = Canvas(width, self.height + _LINE)
        canvas.text(left, 14, self.words["capacity.average_day"], "strong")
        self._key(canvas, left)
        top = _HEAD + _LINE
        for room in self.rooms:
            self._name(canvas, room, top, left)
            values = tuple(map(average_day, (room.used, room.cleaning, room.full)))
            self._panel(canvas, room, values, (left, top, width - left))
            top += self._room(room) + _GAP
        self._clock(canvas, left, top - 6, width - left, 4)
        return canvas.markup(says)

    def _key(self, canvas: Canvas, left: float) -> None:
        """What the colours mean, on one line."""
        x, y = left, 30.0
        for look, key in (
            ("people", "capacity.in_use"),
            ("people-pale", "capacity.cleaning"),
            ("just", "capacity.full"),
        ):
            text = self.words[key]
            wide = 14 + width_of(text, 12) + 14
            if x + wide - 14 > canvas.width:
                x, y = left, y + 14
            canvas.rect(x, y - 8, 10, 8, look)
            canvas.text(x + 14, y, text, "note", size=12)
            x += wide

    def _name(self, canvas: Canvas, room: RoomWeek, top: float, left: float) -> None:
        middle = top + self._room(room) / 2
        lines = broken(heading(room.name), left - 8, 14)
        start = max(middle - 8 * len(lines) + 8, top + 10)
        for number, one in enumerate(lines):
            canvas.text(0, start + 16 * number, one, "name", size=14)
        places = self.words.count("unit.places", room.places)
        canvas.text(0, start + 16 * len(lines) - 1, places, "note", size=12)

    def _panel(
        self,
        canvas: Canvas,
        room: RoomWeek,
        values: tuple[Floats, ...],
        place: tuple[float, float, float],
    ) -> None:
        """One day of one room."""
        left, top, width = place
        used, cleaning, full = (one[self.hours.start : self.hours.stop] for one in values)
        known = ~np.isnan(used)
        used, cleaning, full = (np.nan_to_num(one) for one in (used, cleaning, full))
        height, floor = self._room(room), top + self._room(room)
        edges = [left + width * number / len(used) for number in range(len(used) + 1)]
        canvas.steps(edges, [top if one else floor for one in known], floor, "sunk")
        both = np.minimum(used + cleaning, 1.0)
        canvas.steps(edges, list(floor - height * both), floor, "people-pale")
        canvas.steps(edges, list(floor - height * np.minimum(used, 1.0)), floor, "people")
        canvas.steps(edges, [top - 7 if one >= _FULL else top for one in full], top, "just")
        for left_edge, right_edge in _runs(edges, known):
            canvas.line(((left_edge, top), (right_edge, top)), "limit")

    def _clock(self, canvas: Canvas, left: float, y: float, width: float, every: int) -> None:
        for hour in self.hours:
            if hour % every == 0:
                x = left + width * (hour - self.hours.start) / len(self.hours)
                anchor = "start" if hour == self.hours.start else "middle"
                canvas.text(x, y, str(hour), "note", anchor=anchor, size=12)


def _runs(edges: Sequence[float], known: np.ndarray) -> list[tuple[float, float]]:
    """Where a room is open: from and to."""
    changes = np.flatnonzero(np.diff(np.concatenate(([False], known, [False]))))
    return [
        (edges[start], edges[end]) for start, end in zip(changes[::2], changes[1::2], strict=True)
    ]


def _table(rooms: Sequence[RoomWeek], words: Words) -> Table:
    """An average day: what is in use of each room, and how long it is full."""
    columns = [
        (heading, average_day(values))
        for room in rooms
        for heading, values in (
            (words.say("capacity.used_of", room=room.name), room.used),
            (words.say("capacity.cleaning_of", room=room.name), room.cleaning),
            (words.say("capacity.full_of", room=room.name), room.full),
        )
    ]
    rows = tuple(
        (
            f"{words.clock(60 * hour)}–{words.clock(60 * hour + 60)}",
            *(words.figures(100 * values[hour]) for _, values in columns),
        )
        for hour in range(HOURS)
        if any(not np.isnan(values[hour]) for _, values in columns)
    )
    head = (words["axis.hour"], *(name for name, _ in columns))
    return Table(words.say("capacity.table", unit=axis_unit(words, SHARE)), head, rows)
