"""A day as it usually goes, and a bad one: bands over the time of day."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd

from sim.report.page.document import Chart, Table
from sim.report.page.drawing import BAND, BLUE, GRID, INK, MUTED, Drawing, figure
from sim.report.page.words import DASH, Words

OPEN, WORST = "open", "worst"
"""Days, as in the table."""
_PANEL, _GAP, _EDGES = 130, 34, 60
"""Pixels: of one panel, between two, and around them."""
_DAY = 24 * 60
_HOUR = 60
_LABELS = 6.5
"""How many hours can be named on the axis, about."""


@dataclass(frozen=True)
class Panel:
    """One quantity, above or below others on the same axis of time."""

    metric: str
    by: str
    title: str
    against: tuple[str, str] | None = None
    """Metric and title of what limits it, drawn as a dashed line."""


Bands = Mapping[tuple[Hashable, ...], pd.DataFrame]
"""By days, metric and `by`: minutes as index, statistics as columns."""


def bands_of(table: pd.DataFrame) -> Bands:
    """The bands of a table like `by_time_of_day.csv`."""
    which: list[Hashable] = ["days", "metric", "by"]
    # Nothing to add up, for which `pivot_table` would take five times as long.
    wide = table.pivot(index=[*which, "minute"], columns="statistic", values="value")
    return {key: band.droplevel(which) for key, band in wide.groupby(level=which)}


def day_bands(
    bands: Bands, panels: Sequence[Panel], days: str, chart: Chart, words: Words
) -> Chart:
    """Median and 5 to 95 % of the days at every quarter-hour, panel below panel.

    Args:
        bands: of `by_time_of_day.csv`.
        panels: what is shown, the first on top.
        days: OPEN or WORST.
        chart: with key, title and sentence, to be filled in.
        words: the language.
    """
    mine = [bands.get((days, panel.metric, panel.by)) for panel in panels]
    drawable = [band for band in mine if band is not None and not band["median"].isna().all()]
    if len(drawable) < len(panels):
        return chart.saying(words["chart.nothing"])
    first, last = _shown(bands)
    height = _PANEL * len(panels) + _GAP * (len(panels) - 1) + _EDGES
    drawn = figure(height, separators=words["unit.separators"], showlegend=False)
    for number, (panel, band) in enumerate(zip(panels, drawable, strict=True)):
        limit = None if panel.against is None else bands.get((days, panel.against[0], panel.by))
        _add(drawn, panel, band, limit, (number, len(panels)))
        top = _highest(bands, panel)
        axis = {"range": [0, 1.08 * max(top, 1)], "domain": list(_domain(number, len(panels)))}
        drawn.lay_out(**{_axis("yaxis", number): {**axis, "nticks": 5, "automargin": True}})
    _time_axis(drawn, (first, last), len(panels), words)
    shown = [band[(band.index >= first) & (band.index < last)] for band in drawable]
    return chart.drawn(drawn, _table(panels, shown, chart, words))


def _shown(bands: Bands) -> tuple[int, int]:
    """From the full hour before anybody is inside to that after it."""
    inside = [band for (_, metric, _), band in bands.items() if metric == "inside"]
    busy = [int(minute) for band in inside for minute in band.index[band["p95"] > 0]]
    if not busy:
        return 0, _DAY
    first = max(0, min(busy) // _HOUR * _HOUR - _HOUR)
    last = min(_DAY, -(-max(busy) // _HOUR) * _HOUR + _HOUR)
    return first, last


def _highest(bands: Bands, panel: Panel) -> float:
    """Over both kinds of day, so that they can be compared by eye."""
    metrics = {panel.metric, *(panel.against or ())[:1]}
    mine = [band for (_, metric, by), band in bands.items() if metric in metrics and by == panel.by]
    values = [band.drop(columns="mean", errors="ignore").to_numpy(dtype=float) for band in mine]
    return max(float(np.nanmax(one, initial=0.0)) for one in values)


def _domain(number: int, of: int) -> tuple[float, float]:
    """Share of the height that a panel takes, from the top."""
    whole = _PANEL * of + _GAP * (of - 1)
    top = 1 - number * (_PANEL + _GAP) / whole
    return max(top - _PANEL / whole, 0.0), top


def _axis(name: str, number: int) -> str:
    return name if number == 0 else f"{name}{number + 1}"


def _add(
    drawn: Drawing,
    panel: Panel,
    band: pd.DataFrame,
    limit: pd.DataFrame | None,
    place: tuple[int, int],
) -> None:
    number, of = place
    minutes = [int(minute) for minute in band.index]
    common = {"x": minutes, "mode": "lines", "yaxis": _axis("y", number), "hoverinfo": "skip"}
    edge = {"color": BLUE, "width": 1, "dash": "dot", "shape": "hv"}
    drawn.add("scatter", y=band["p5"].tolist(), line=edge, **common)
    drawn.add(
        "scatter", y=band["p95"].tolist(), line=edge, fill="tonexty", fillcolor=BAND, **common
    )
    drawn.add(
        "scatter",
        y=band["median"].tolist(),
        line={"color": BLUE, "width": 2.5, "shape": "hv"},
        **common,
    )
    if limit is not None and not limit.empty:
        capacity = {"color": INK, "width": 2, "dash": "dash", "shape": "hv"}
        drawn.add("scatter", y=limit["median"].tolist(), line=capacity, **common)
    drawn.note(
        text=f"<b>{panel.title}</b>",
        xref="paper",
        yref="paper",
        x=0,
        y=_domain(number, of)[1],
        yanchor="bottom",
        xanchor="left",
        showarrow=False,
    )


def _time_axis(drawn: Drawing, span: tuple[int, int], panels: int, words: Words) -> None:
    first, last = span
    hours = range(first // _HOUR, last // _HOUR + 1)
    step = max(2, ceil(len(hours) / _LABELS))
    ticks = [hour for hour in hours if hour % step == 0]
    drawn.x_axis(
        range=[first, last],
        tickvals=[_HOUR * hour for hour in ticks],
        ticktext=[str(hour) for hour in ticks],
        title={"text": words["axis.time"]},
        anchor=_axis("y", panels - 1),
    )
    drawn.y_axes(gridcolor=GRID, linecolor=MUTED, zeroline=False)
    drawn.lay_out(margin={"t": 28})


def _table(
    panels: Sequence[Panel], bands: Sequence[pd.DataFrame], chart: Chart, words: Words
) -> Table:
    times = [words.clock(int(minute)) for minute in bands[0].index]
    rows = zip(times, *(_cells(words, band) for band in bands), strict=True)
    head = (words["axis.time"], *(panel.title for panel in panels))
    return Table(f"{chart.title}: {words['chart.median_band']}", head, tuple(rows))


def _cells(words: Words, band: pd.DataFrame) -> Iterator[str]:
    for known in band[["p5", "median", "p95"]].to_numpy(dtype=float).tolist():
        low, middle, high = (words.number(one, 0) for one in known)
        yield f"{middle} ({low}{DASH}{high})"
