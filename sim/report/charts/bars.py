"""Bars and dots with intervals: one line a part."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from sim.report.page.document import Chart, Table
from sim.report.page.drawing import Drawing
from sim.report.page.figures import SHARE, Known, estimate, signed, unit_name
from sim.report.page.look import BLUE, GRID, INK, MUTED, bar, figure
from sim.report.page.words import Words

_ROW, _EDGES = 34, 90
"""Pixels: of a line, and around all of them."""
_HUNDRED = 100
_LONG = 24
"""Characters of a label on one line."""


@dataclass(frozen=True)
class Line:
    """One line of a chart: a part and its figure."""

    name: str
    known: Known
    mark: str = ""
    """A word about it, such as a verdict, drawn beside it."""


@dataclass(frozen=True)
class Stack:
    """One line of a stacked chart: a part and its pieces, in the order of the legend."""

    name: str
    pieces: tuple[Known, ...]


def interval_bars(lines: Sequence[Line], unit: str, chart: Chart, words: Words) -> Chart:
    """Horizontal bars with their intervals.

    Args:
        lines: from top to bottom.
        unit: of all figures, as in the tables.
        chart: with key, title and sentence, to be filled in.
        words: the language.
    """
    shown = [one for one in lines if one.known.is_known]
    if not shown:
        return Chart(chart.key, chart.title, words["chart.nothing"], narrow=chart.narrow)
    if not any(one.known.value for one in shown):
        return Chart(
            chart.key,
            chart.title,
            f"{chart.says} {words['chart.all_zero']}",
            table=_table(shown, unit, chart, words),
            narrow=chart.narrow,
        )
    times = _HUNDRED if unit == SHARE else 1
    drawn = figure(_ROW * len(shown) + _EDGES, separators=words["unit.separators"])
    drawn.add(
        "bar",
        x=[times * one.known.value for one in shown],
        y=list(range(len(shown))),
        orientation="h",
        width=0.6,
        marker={**bar(0), "color": BLUE},
        error_x=_errors([one.known.times(times) for one in shown]),
        customdata=[f"{one.name}: {estimate(words, one.known, unit)}" for one in shown],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    drawn.x_axis(title={"text": _unit(words, unit)}, rangemode="tozero", nticks=7)
    _name_lines(drawn, [one.name for one in shown])
    return Chart(
        chart.key, chart.title, chart.says, drawn, _table(shown, unit, chart, words), chart.narrow
    )


def interval_dots(
    lines: Sequence[Line], unit: str, chart: Chart, words: Words, margin: float = 0.0
) -> Chart:
    """Differences as dots with their intervals, around a line at 0.

    Args:
        lines: from top to bottom.
        unit: of all figures.
        chart: with key, title and sentence, to be filled in.
        words: the language.
        margin: the smallest difference that matters, drawn as a grey strip.
    """
    shown = [one for one in lines if one.known.is_known]
    if not shown or all(one.known == Known(0, 0, 0) for one in shown):
        says = words["chart.nothing"] if not shown else words["chart.no_difference"]
        return Chart(chart.key, chart.title, says, narrow=chart.narrow)
    times = _HUNDRED if unit == SHARE else 1
    drawn = figure(_ROW * len(shown) + _EDGES, separators=words["unit.separators"])
    if margin:
        drawn.strip(
            -times * margin,
            times * margin,
            fillcolor=GRID,
            opacity=0.5,
            line={"width": 0},
            layer="below",
        )
    drawn.strip(0, 0, line={"color": INK, "width": 1})
    drawn.add(
        "scatter",
        x=[times * one.known.value for one in shown],
        y=list(range(len(shown))),
        mode="markers",
        marker={"size": 10, "color": BLUE},
        error_x=_errors([one.known.times(times) for one in shown]),
        customdata=[f"{one.name}: {signed(words, one.known, unit)} {one.mark}" for one in shown],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    drawn.x_axis(title={"text": _unit(words, unit)}, nticks=6)
    _name_lines(
        drawn, [f"{one.name}<br><i>{one.mark}</i>" if one.mark else one.name for one in shown]
    )
    drawn.lay_out(height=(_ROW + 10) * len(shown) + _EDGES)
    rows = tuple((one.name, signed(words, one.known, unit), one.mark) for one in shown)
    head = (words["axis.option"], words["axis.difference"], words["page.verdict"])
    return Chart(
        chart.key, chart.title, chart.says, drawn, Table(chart.title, head, rows), chart.narrow
    )


def stacked_bars(
    stacks: Sequence[Stack], names: Sequence[str], chart: Chart, words: Words
) -> Chart:
    """Shares that add up, as horizontal bars of pieces.

    Args:
        stacks: from top to bottom.
        names: of the pieces.
        chart: with key, title and sentence, to be filled in.
        words: the language.
    """
    shown = [one for one in stacks if any(piece.is_known for piece in one.pieces)]
    if not shown:
        return Chart(chart.key, chart.title, words["chart.nothing"], narrow=chart.narrow)
    drawn = figure(_ROW * len(shown) + _EDGES + 30, separators=words["unit.separators"])
    for number, name in enumerate(names):
        drawn.add(
            "bar",
            x=[
                0 if isnan(one.pieces[number].value) else _HUNDRED * one.pieces[number].value
                for one in shown
            ],
            y=list(range(len(shown))),
            orientation="h",
            width=0.6,
            name=name,
            marker=bar(number),
            customdata=[
                f"{one.name}, {name}: {estimate(words, one.pieces[number], SHARE)}" for one in shown
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    drawn.lay_out(barmode="stack", legend={"traceorder": "normal"})
    drawn.x_axis(title={"text": words["unit.%"]}, range=[0, 100])
    _name_lines(drawn, [one.name for one in shown])
    rows = tuple(
        (one.name, *(estimate(words, piece, SHARE) for piece in one.pieces)) for one in shown
    )
    table = Table(chart.title, (words["axis.part"], *names), rows)
    return Chart(chart.key, chart.title, chart.says, drawn, table, chart.narrow)


def _errors(known: Sequence[Known]) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [0 if isnan(one.high) else one.high - one.value for one in known],
        "arrayminus": [0 if isnan(one.low) else one.value - one.low for one in known],
        "color": INK,
        "thickness": 1.5,
        "width": 5,
    }


def _name_lines(drawn: Drawing, names: Sequence[str]) -> None:
    drawn.y_axes(
        tickvals=list(range(len(names))),
        ticktext=[_broken(name) for name in names],
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
        ticks="",
        linecolor=MUTED,
    )


def _broken(name: str) -> str:
    """A long label on two lines."""
    if len(name) <= _LONG or "<br>" in name or " " not in name:
        return name
    words = name.split(" ")
    cut = min(range(1, len(words)), key=lambda at: abs(len(" ".join(words[:at])) - len(name) / 2))
    return f"{' '.join(words[:cut])}<br>{' '.join(words[cut:])}"


def _table(lines: Sequence[Line], unit: str, chart: Chart, words: Words) -> Table:
    rows = tuple((one.name, estimate(words, one.known, unit)) for one in lines)
    return Table(chart.title, (words["axis.part"], _unit(words, unit)), rows)


def _unit(words: Words, unit: str) -> str:
    return words["unit.%"] if unit == SHARE else unit_name(words, unit)
