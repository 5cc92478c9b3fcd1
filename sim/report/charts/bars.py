"""Bars and dots with intervals, a line each; the fan of a figure over worlds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan

from markupsafe import Markup

from sim.report.page.document import Chart, Picture, Table
from sim.report.page.drawing import BLUE, GRID, INK, MUTED, Drawing, bar, figure
from sim.report.page.svg import Canvas, width_of
from sim.report.page.words import (
    SHARE,
    Words,
    axis_unit,
    estimate,
    shown_as,
    signed,
)
from sim.study.estimate.intervals import Estimate

_ROW, _EDGES = 34, 90
"""Pixels: of a line, and around all of them."""
_LONG = 24
"""Characters of a label on one line."""


@dataclass(frozen=True)
class Bar:
    """One line of a chart: a part and its figure."""

    name: str
    known: Estimate
    mark: str = ""
    """A word about it, such as a verdict, drawn beside it."""


@dataclass(frozen=True)
class Stack:
    """One line of a stacked chart: a part and its pieces, in the order of the legend."""

    name: str
    pieces: tuple[Estimate, ...]


def interval_bars(bars: Sequence[Bar], unit: str, chart: Chart, words: Words) -> Chart:
    """Horizontal bars with their intervals.

    Args:
        bars: from top to bottom.
        unit: of all figures, as in the tables.
        chart: with key, title and sentence, to be filled in.
        words: the language.
    """
    shown = [one for one in bars if one.known.is_known]
    if not shown:
        return chart.saying(words["chart.nothing"])
    rows = tuple((one.name, estimate(words, one.known, unit)) for one in shown)
    table = Table(chart.title, (words["axis.part"], axis_unit(words, unit)), rows)
    if not any(one.known.value for one in shown):
        return replace(chart, says=f"{chart.says} {words['chart.all_zero']}", table=table)
    known = [shown_as(one.known, unit) for one in shown]
    drawn = figure(_ROW * len(shown) + _EDGES, separators=words["unit.separators"])
    drawn.add(
        "bar",
        x=[one.value for one in known],
        y=list(range(len(shown))),
        orientation="h",
        width=0.6,
        marker={**bar(0), "color": BLUE},
        error_x=whiskers(known),
        customdata=[f"{one.name}: {estimate(words, one.known, unit)}" for one in shown],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    drawn.x_axis(title={"text": axis_unit(words, unit)}, rangemode="tozero", nticks=7)
    _name_rows(drawn, [_broken(one.name) for one in shown])
    return chart.drawn(drawn, table)


def interval_dots(
    bars: Sequence[Bar], unit: str, chart: Chart, words: Words, margin: float = 0.0
) -> Chart:
    """Differences as dots with their intervals, around a line at 0.

    Args:
        bars: from top to bottom.
        unit: of all figures.
        chart: with key, title and sentence, to be filled in.
        words: the language.
        margin: the smallest difference that matters, drawn as a grey strip.
    """
    shown = [one for one in bars if one.known.is_known]
    if not shown or all(one.known == Estimate(0, 0, 0) for one in shown):
        return chart.saying(words["chart.no_difference" if shown else "chart.nothing"])
    drawn = figure(_ROW * len(shown) + _EDGES, separators=words["unit.separators"])
    if margin:
        half = shown_as(Estimate(margin), unit).value
        grey = {"fillcolor": GRID, "opacity": 0.5, "line": {"width": 0}, "layer": "below"}
        drawn.strip(-half, half, **grey)
    drawn.strip(0, 0, line={"color": INK, "width": 1})
    known = [shown_as(one.known, unit) for one in shown]
    drawn.add(
        "scatter",
        x=[one.value for one in known],
        y=list(range(len(shown))),
        mode="markers",
        marker={"size": 10, "color": BLUE},
        error_x=whiskers(known),
        customdata=[f"{one.name}: {signed(words, one.known, unit)} {one.mark}" for one in shown],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    drawn.x_axis(title={"text": axis_unit(words, unit)}, nticks=6)
    marked = [f"{one.name}<br><i>{one.mark}</i>" if one.mark else one.name for one in shown]
    _name_rows(drawn, [_broken(name) for name in marked])
    drawn.lay_out(height=(_ROW + 10) * len(shown) + _EDGES)
    rows = tuple((one.name, signed(words, one.known, unit), one.mark) for one in shown)
    head = (words["axis.option"], words["axis.difference"], words["page.verdict"])
    return chart.drawn(drawn, Table(chart.title, head, rows))


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
        return chart.saying(words["chart.nothing"])
    texts = [[estimate(words, piece, SHARE) for piece in one.pieces] for one in shown]
    drawn = figure(_ROW * len(shown) + _EDGES + 30, separators=words["unit.separators"])
    for number, name in enumerate(names):
        values = [shown_as(one.pieces[number], SHARE).value for one in shown]
        drawn.add(
            "bar",
            x=[0 if isnan(value) else value for value in values],
            y=list(range(len(shown))),
            orientation="h",
            width=0.6,
            name=name,
            marker=bar(number),
            customdata=[
                f"{one.name}, {name}: {pieces[number]}"
                for one, pieces in zip(shown, texts, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    drawn.lay_out(barmode="stack", legend={"traceorder": "normal"})
    drawn.x_axis(title={"text": words["unit.%"]}, range=[0, 100])
    _name_rows(drawn, [_broken(one.name) for one in shown])
    rows = tuple((one.name, *pieces) for one, pieces in zip(shown, texts, strict=True))
    return chart.drawn(drawn, Table(chart.title, (words["axis.part"], *names), rows))


def whiskers(
    known: Sequence[Estimate], thickness: float = 1.5, width: int = 5
) -> dict[str, object]:
    """The intervals of some figures, as plotly draws them; of none where there is none."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [0 if isnan(one.high) else one.high - one.value for one in known],
        "arrayminus": [0 if isnan(one.low) else one.value - one.low for one in known],
        "color": INK,
        "thickness": thickness,
        "width": width,
    }


def _name_rows(drawn: Drawing, names: Sequence[str]) -> None:
    drawn.y_axes(
        tickvals=list(range(len(names))),
        ticktext=list(names),
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


# --- a figure over worlds -----------------------------------------------------------------------

_FAN_TOP, _FAN_HIGH, _FAN_HEIGHT, _FAN_SIDE = 34.0, 26.0, 92.0, 30.0
_WIDTHS = (1120.0, 690.0, 360.0)
"""Of a wide screen, of paper and of a phone."""
_LOOKS = ("quiet-pale", "people-pale", "people")
"""Of the widest band first."""


@dataclass(frozen=True)
class Fan:
    """A figure as written, and the ends of bands that hold more and more of the worlds."""

    central: float
    middle: float
    """Half of the worlds are below."""
    bands: tuple[tuple[float, float], ...]
    """The widest first."""
    held: tuple[str, ...]
    """Of a hundred worlds how many are in each band."""


def fan_picture(found: Fan, key: str, title: str, unit: str, words: Words) -> Picture:
    """The fan of a figure, as a line that needs no script.

    Args:
        found: what is drawn, shares in per cent.
        key: its name on the page.
        title: what it finds.
        unit: of the figure.
        words: the language.
    """
    says = words.say("worlds.fan_says", unit=axis_unit(words, unit))
    svg = tuple(_fan(found, width, f"{title} {says}", words) for width in _WIDTHS)
    rows = tuple(
        (words.say("worlds.in_100", number=held), words.between(*map(words.brief, band)))
        for held, band in zip(found.held, found.bands, strict=True)
    )
    more = (
        (words["worlds.middle"], words.brief(found.middle)),
        (words["worlds.written"], words.brief(found.central)),
    )
    head = (words["worlds.of_worlds"], axis_unit(words, unit))
    return Picture(key, title, says, svg, Table("", head, (*rows, *more)))


def _fan(found: Fan, width: float, says: str, words: Words) -> Markup:
    canvas = Canvas(width, _FAN_HEIGHT)
    low = min(found.central, *(band[0] for band in found.bands))
    high = max(found.central, *(band[1] for band in found.bands))

    def at(value: float) -> float:
        return _FAN_SIDE + (width - 2 * _FAN_SIDE) * (value - low) / ((high - low) or 1.0)

    for (left, right), look in zip(found.bands, _LOOKS, strict=True):
        canvas.rect(at(left), _FAN_TOP, max(at(right) - at(left), 1), _FAN_HIGH, look)
    below = _FAN_TOP + _FAN_HIGH
    x = at(found.central)
    canvas.line(((x, _FAN_TOP - 8), (x, below + 8)), "limit")
    text = words.say("worlds.line", value=words.brief(found.central))
    half = width_of(text, bold=True) / 2
    place = min(max(x, half), width - half)
    canvas.text(place, _FAN_TOP - 14, text, "strong", anchor="middle")
    for value in found.bands[0]:
        canvas.text(at(value), below + 22, words.brief(value), "note", anchor="middle", size=12)
    return canvas.markup(says)
