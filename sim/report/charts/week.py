"""The week as heat maps: a row a day, a column an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import pandas as pd

from sim.measures.steps import Floats
from sim.report.page.document import Chart, Picture, Table
from sim.report.page.svg import Canvas
from sim.report.page.words import (
    SHARE,
    Words,
    axis_unit,
    estimate,
    known_of,
    plain,
    signed,
)

DAYS, HOURS = 7, 24
_HUNDRED = 100


@dataclass(frozen=True)
class Map:
    """What is mapped."""

    key: str
    """Of the chart."""
    title: str
    meaning: str
    unit: str
    top: float | None = None
    """Value of the darkest colour; without it the highest there is."""
    least_matters: bool = False
    """Whether the lowest hour is what to look at, not the highest."""


def hours_of(by_hour: pd.DataFrame, metric: str, by: str = "all") -> pd.DataFrame:
    """The 168 lines of one row of the by-hour table; none if there is no such row."""
    found = by_hour[(by_hour["metric"] == metric) & (by_hour["by"] == by)]
    return found.sort_values("hour_of_week", ignore_index=True)


def week_map(hours: pd.DataFrame, about: Map, words: Words) -> Chart | Picture:
    """A week as a grid of hours: one row of the by-hour table, the stronger the more.

    The strongest colour is the 95th percentile of the hours, so that one of them does not wash out
    all others; the highest or lowest is named.

    Args:
        hours: 168 lines with `value, ci_low, ci_high`.
        about: what it shows.
        words: the language.
    """
    values = hours["value"].to_numpy(dtype=float)
    if not len(values) or np.isnan(values).all():
        return Chart(about.key, about.title, words["chart.nothing"])
    if not np.nan_to_num(values).any() and not about.least_matters:
        return Chart(about.key, about.title, f"{about.meaning} {words['chart.all_zero']}")
    place = int(np.nanargmin(values) if about.least_matters else np.nanargmax(values))
    known = known_of(hours.iloc[place])
    which = "chart.least" if about.least_matters else "chart.most"
    most = words.say(which, when=hour_name(words, place), known=estimate(words, known, about.unit))
    says = f"{about.meaning} {most}"
    if not about.least_matters and _is_chance(hours):
        says = f"{says} {words['chart.seldom']}"
        return Chart(about.key, about.title, says, table=_table(values, about, words))
    svg = _grid_of(values, about, place, words).markup(f"{about.title}. {says}")
    return Picture(about.key, about.title, says, (svg,), _table(values, about, words), small=True)


def _is_chance(hours: pd.DataFrame) -> bool:
    """Whether it is 0 in most hours, and surely above 0 in no more than chance has it."""
    known = hours[hours["value"].notna()]
    sure = int((known["ci_low"] > 0).sum())
    return bool((known["value"] == 0).mean() > _HALF and sure <= _CHANCE * len(known))


_LEFT, _TOP, _CELL, _LINE = 44.0, 4.0, 20.0, 22.0
"""Pixels: beside and above the grid, and of a cell."""
_FAINTEST, _HALF = 0.06, 0.5
_CHANCE = 0.025
"""Share of 95 % intervals that lie wholly above 0 by chance."""


def _grid_of(values: Floats, about: Map, named: int, words: Words) -> Canvas:
    """A row a day, a column an hour; a cell that nothing was measured in stays empty."""
    top = about.top or float(np.nanpercentile(values, 95)) or float(np.nanmax(values)) or 1.0
    canvas, boxes = _empty_grid(values, words)
    for hour, box in boxes.items():
        value = float(values[hour])
        if value <= 0:
            continue
        strength = _FAINTEST + (1 - _FAINTEST) * min(value / top, 1.0)
        says = f"{hour_name(words, hour)}: {plain(words, value, about.unit)}"
        canvas.shade(box, strength, "people", says)
    _ring(canvas, boxes[named])
    return canvas


_Boxes = dict[int, tuple[float, float, float, float]]
"""By the hour of the week left and upper edge, width and height of its cell."""


def _empty_grid(values: Floats, words: Words) -> tuple[Canvas, _Boxes]:
    """The cells of the hours in which something was measured, with days and hours beside them."""
    canvas = Canvas(_LEFT + HOURS * _CELL + 12, _TOP + DAYS * _LINE + 20)
    for day, name in enumerate(words.weekdays()):
        canvas.text(0, _TOP + _LINE * day + 16, name, "note", size=12)
    boxes = {
        hour: (_LEFT + _CELL * (hour % HOURS), _TOP + _LINE * (hour // HOURS), _CELL - 1, _LINE - 1)
        for hour, value in enumerate(values.tolist())
        if not isnan(value)
    }
    canvas.boxes(list(boxes.values()), "sunk")
    for hour in range(0, HOURS + 1, 4):
        x, y = _LEFT + _CELL * hour, _TOP + DAYS * _LINE + 14
        canvas.text(x, y, str(hour), "note", anchor="middle", size=12)
    return canvas, boxes


def _ring(canvas: Canvas, box: tuple[float, float, float, float]) -> None:
    """Around the hour that is named."""
    canvas.rect(box[0] - 0.5, box[1] - 0.5, _CELL, _LINE, "ring-thin")


def difference_map(hours: pd.DataFrame, about: Map, words: Words) -> Chart | Picture:
    """A week of differences, option minus base, with a sign where the interval leaves 0 out.

    More is worse in all that is mapped: what is red. The strongest colour is the 95th percentile.

    Args:
        hours: 168 lines with `difference, ci_low, ci_high`.
        about: what it shows.
        words: the language.
    """
    values = hours["difference"].to_numpy(dtype=float)
    if not len(values) or not np.nan_to_num(values).any():
        return Chart(about.key, about.title, words["chart.no_difference"])
    place = int(np.nanargmax(np.abs(values)))
    known = known_of(hours.iloc[place], "difference")
    most = words.say(
        "chart.most_apart", when=hour_name(words, place), known=signed(words, known, about.unit)
    )
    says = f"{about.meaning} {most}"
    sure = np.where(hours["ci_low"] > 0, "+", np.where(hours["ci_high"] < 0, "−", ""))
    canvas = _apart_grid(values, sure.tolist(), about, place, words)
    svg = canvas.markup(f"{about.title}. {says}")
    return Picture(about.key, about.title, says, (svg,), _table(values, about, words), small=True)


def _apart_grid(
    values: Floats, signs: Sequence[str], about: Map, named: int, words: Words
) -> Canvas:
    sizes = np.abs(values[~np.isnan(values) & (values != 0)])
    top = float(np.percentile(sizes, 95))
    canvas, boxes = _empty_grid(values, words)
    for hour, (x, y, width, height) in boxes.items():
        value = float(values[hour])
        if value == 0:
            continue
        says = f"{hour_name(words, hour)}: {plain(words, value, about.unit)}"
        strength = _FAINTEST + (1 - _FAINTEST) * min(abs(value) / top, 1.0)
        look = "short" if value > 0 else "enough"
        canvas.shade((x, y, width, height), strength, look, says)
        if signs[hour]:
            on = "strong on" if strength > _HALF else "strong"
            canvas.text(x + width / 2, y + 15, signs[hour], on, anchor="middle", size=12)
    _ring(canvas, boxes[named])
    return canvas


def hour_name(words: Words, hour: int) -> str:
    """`Fri 17:00–18:00`."""
    day, start = words.weekdays()[hour // HOURS], 60 * (hour % HOURS)
    return f"{day} {words.clock(start)}–{words.clock(start + 60)}"


def _grid(values: Floats, about: Map) -> list[list[float]]:
    """A row a day, as it is drawn and written."""
    times = _HUNDRED if about.unit == SHARE else 1
    grid: list[list[float]] = (times * values).reshape(DAYS, HOURS).tolist()
    return grid


def _table(values: Floats, about: Map, words: Words) -> Table:
    by_hour = zip(*_grid(values, about), strict=True)
    return Table(
        caption=f"{about.title} ({axis_unit(words, about.unit)})",
        head=(words["axis.hour"], *words.weekdays()),
        rows=tuple(
            (
                f"{words.clock(60 * hour)}–{words.clock(60 * hour + 60)}",
                *(words.figures(one) for one in row),
            )
            for hour, row in enumerate(by_hour)
        ),
    )
