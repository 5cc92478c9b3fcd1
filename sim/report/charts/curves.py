"""How many have waited, or been reached, within so many minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import pandas as pd

from sim.report.page.document import Chart, Table
from sim.report.page.drawing import BAND, MUTED, Drawing, figure, line
from sim.report.page.words import SHARE, Words, estimate, known_of

_HEIGHT = 340
_HUNDRED = 100
_HALF, _ROOM = 0.5, 0.05
"""Where all shares are above the half the axis begins a little below the lowest."""
_NEARLY_ALL = 0.995
"""The axis of minutes ends where all curves have come this far."""


@dataclass(frozen=True)
class Curve:
    """One line of the chart."""

    metric: str
    by: str
    name: str


@dataclass(frozen=True)
class Span:
    """The axis of minutes."""

    least: float
    """Minutes that are shown at any rate."""
    shape: str = "linear"
    """How points are joined: by lines, or by steps (`hv`) where many minutes are the same."""


def within_curves(
    table: pd.DataFrame, curves: Sequence[Curve], chart: Chart, words: Words, span: Span
) -> Chart:
    """Share within t minutes, t from 0, one curve each, with intervals around them.

    Args:
        table: as `within.csv`.
        curves: which lines.
        chart: with key, title and sentence, to be filled in.
        words: the language.
        span: of the axis of minutes.
    """
    found = {curve: _of(table, curve) for curve in curves}
    known = {curve: mine for curve, mine in found.items() if mine["value"].notna().any()}
    if not known:
        return chart.saying(words["chart.nothing"])
    last = max(span.least, *(_far_enough(mine) for mine in known.values()))
    drawn = figure(_HEIGHT, separators=words["unit.separators"])
    for number, (curve, mine) in enumerate(known.items()):
        shown = mine[mine["minutes"] <= last]
        _add(drawn, shown, curve.name, {**line(number), "shape": span.shape})
    drawn.x_axis(range=[0, last], title={"text": words["axis.minutes"]}, rangemode="tozero")
    lowest = min(
        float(np.nanmin(mine[["value", "ci_low"]].to_numpy(dtype=float))) for mine in known.values()
    )
    drawn.y_axes(
        range=[_HUNDRED * (lowest - _ROOM) if lowest > _HALF else 0, _HUNDRED + 1],
        title={"text": words["axis.share"]},
        linecolor=MUTED,
    )
    return chart.drawn(drawn, _table(known, last, chart, words))


def _add(drawn: Drawing, shown: pd.DataFrame, name: str, line: Mapping[str, object]) -> None:
    """A curve, and the band of its interval."""
    minutes = shown["minutes"].tolist()
    for bound, fill in (("ci_low", None), ("ci_high", "tonexty")):
        drawn.add(
            "scatter",
            x=minutes,
            y=_percent(shown[bound]),
            mode="lines",
            line={"width": 0, "shape": line["shape"]},
            fill=fill,
            fillcolor=BAND if fill else None,
            hoverinfo="skip",
            showlegend=False,
        )
    drawn.add(
        "scatter",
        x=minutes,
        y=_percent(shown["value"]),
        mode="lines",
        name=name,
        line=line,
        hovertemplate="%{x}: %{y:.1f} %<extra>%{fullData.name}</extra>",
    )


def _of(table: pd.DataFrame, curve: Curve) -> pd.DataFrame:
    mine = table[(table["metric"] == curve.metric) & (table["by"] == curve.by)]
    return mine.sort_values("minutes", ignore_index=True)


def _far_enough(mine: pd.DataFrame) -> float:
    top = float(mine["value"].max())
    reached = mine[mine["value"] >= min(_NEARLY_ALL, top)]
    return float(reached["minutes"].min())


def _percent(values: pd.Series) -> list[float | None]:
    return [None if isnan(one) else _HUNDRED * one for one in values.astype(float)]


def _table(found: dict[Curve, pd.DataFrame], last: float, chart: Chart, words: Words) -> Table:
    first = next(iter(found.values()))
    minutes = [float(one) for one in first["minutes"] if one <= last]
    columns = [
        [estimate(words, known_of(row), SHARE) for row in mine.to_dict("records")]
        for mine in found.values()
    ]
    rows = (
        (_minutes(words, minute), *(column[place] for column in columns))
        for place, minute in enumerate(minutes)
    )
    head = (words["axis.within"], *(curve.name for curve in found))
    return Table(chart.title, head, tuple(rows))


def _minutes(words: Words, minute: float) -> str:
    return words.number(minute, 0 if minute.is_integer() else 2)
