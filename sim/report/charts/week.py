"""The week as heat maps: a row a day, a column an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import pandas as pd

from sim.report.page.document import Chart, Table
from sim.report.page.drawing import Drawing
from sim.report.page.figures import SHARE, Known, estimate, plain, signed, unit_name
from sim.report.page.look import HEAT, INK, WORSE_BETTER, figure, scale
from sim.report.page.words import Words

DAYS, HOURS = 7, 24
_HEIGHT = 270
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


def week_map(hours: pd.DataFrame, about: Map, words: Words) -> Chart:
    """A heat map of one row of the by-hour table.

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
    known = Known(*(float(hours[name][place]) for name in ("value", "ci_low", "ci_high")))
    which = "chart.least" if about.least_matters else "chart.most"
    most = words.say(which, when=hour_name(words, place), known=estimate(words, known, about.unit))
    drawn = _figure(values, about, words)
    says = f"{about.meaning} {most}"
    table = _table(values, about, words)
    return Chart(about.key, about.title, says, drawn, table, narrow=True)


def difference_map(hours: pd.DataFrame, about: Map, words: Words) -> Chart:
    """A heat map of differences, option minus base, with a sign where the interval leaves 0 out.

    Args:
        hours: 168 lines with `difference, ci_low, ci_high`.
        about: what it shows.
        words: the language.
    """
    values = hours["difference"].to_numpy(dtype=float)
    if not len(values) or not np.nan_to_num(values).any():
        return Chart(about.key, about.title, words["chart.no_difference"])
    low, high = (hours[name].to_numpy(dtype=float) for name in ("ci_low", "ci_high"))
    place = int(np.nanargmax(np.abs(values)))
    known = Known(float(values[place]), float(low[place]), float(high[place]))
    most = words.say(
        "chart.most_apart", when=hour_name(words, place), known=signed(words, known, about.unit)
    )
    top = float(np.nanmax(np.abs(values)))
    drawn = _figure(values, about, words, bottom=-top, top=top, colours=WORSE_BETTER)
    marks = np.where(low > 0, "+", np.where(high < 0, "−", "")).reshape(DAYS, HOURS)
    drawn.data[0].update(text=marks.tolist(), texttemplate="%{text}", textfont={"color": INK})
    says = f"{about.meaning} {most}"
    table = _table(values, about, words)
    return Chart(about.key, about.title, says, drawn, table, narrow=True)


def hour_name(words: Words, hour: int) -> str:
    """`Fri 17:00–18:00`."""
    day, start = words.weekdays()[hour // HOURS], 60 * (hour % HOURS)
    return f"{day} {words.clock(start)}–{words.clock(start + 60)}"


def _figure(
    values: np.ndarray,
    about: Map,
    words: Words,
    *,
    bottom: float = 0.0,
    top: float | None = None,
    colours: Sequence[str] = HEAT,
) -> Drawing:
    times = _HUNDRED if about.unit == SHARE else 1
    highest = top if top is not None else (about.top or float(np.nanmax(values)))
    days = words.weekdays()
    grid = [
        [None if isnan(one) else times * one for one in row] for row in values.reshape(DAYS, HOURS)
    ]
    hover = [
        [
            f"{hour_name(words, HOURS * day + hour)}: {plain(words, row[hour], about.unit)}"
            for hour in range(HOURS)
        ]
        for day, row in enumerate(values.reshape(DAYS, HOURS).tolist())
    ]
    drawn = figure(_HEIGHT, separators=words["unit.separators"])
    drawn.add(
        "heatmap",
        z=grid,
        x=[hour + 0.5 for hour in range(HOURS)],
        y=list(range(DAYS)),
        zmin=times * bottom,
        zmax=times * highest or 1,
        colorscale=scale(tuple(colours)),
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=1,
        ygap=1,
        colorbar={
            "thickness": 12,
            "outlinewidth": 0,
        },
    )
    ticks = list(range(0, HOURS + 1, 3))
    drawn.x_axis(
        tickvals=ticks,
        ticktext=[str(one) for one in ticks],
        range=[0, HOURS],
        showgrid=False,
        title={"text": words["axis.hour"]},
    )
    drawn.y_axes(
        tickvals=list(range(DAYS)), ticktext=list(days), range=[DAYS - 0.5, -0.5], showgrid=False
    )
    return drawn


def _table(values: np.ndarray, about: Map, words: Words) -> Table:
    unit = words["unit.%"] if about.unit == SHARE else unit_name(words, about.unit)
    times = _HUNDRED if about.unit == SHARE else 1
    hours = values.reshape(DAYS, HOURS)
    return Table(
        caption=f"{about.title} ({unit})",
        head=(words["axis.hour"], *words.weekdays()),
        rows=tuple(
            (
                f"{words.clock(60 * hour)}–{words.clock(60 * hour + 60)}",
                *(words.figures(times * float(one)) for one in hours[:, hour]),
            )
            for hour in range(HOURS)
        ),
    )
