"""Cost against service: one point a design, and the designs that no other one beats."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from sim.report.page.document import Chart, Table
from sim.report.page.figures import SHARE, Known, estimate, unit_name
from sim.report.page.look import BLUE, INK, ORANGE, figure
from sim.report.page.words import Words

_HEIGHT = 380
_HUNDRED = 100
_MOST_NAMES = 8
"""With more points than this only those on the frontier have their names beside them."""


@dataclass(frozen=True)
class Point:
    """One design."""

    name: str
    label: str
    """What stands beside its point."""
    cost: float
    """A week."""
    service: Known


def frontier(points: Sequence[Point], *, more_is_better: bool) -> tuple[Point, ...]:
    """The designs that no other beats in both cost and service, the cheapest first."""
    best: list[Point] = []
    sign = -1 if more_is_better else 1
    for one in sorted(points, key=lambda point: (point.cost, sign * point.service.value)):
        if not best or sign * one.service.value < sign * best[-1].service.value:
            best.append(one)
    return tuple(best)


def cost_chart(
    points: Sequence[Point], unit: str, chart: Chart, words: Words, *, more_is_better: bool = False
) -> Chart:
    """Cost a week against one figure of service, with the frontier.

    Args:
        points: the designs.
        unit: of the figure of service.
        chart: with key, title and sentence, to be filled in.
        words: the language.
        more_is_better: whether a higher figure is the better service.
    """
    shown = [one for one in points if one.service.is_known and not isnan(one.cost)]
    if not shown or not any(one.cost for one in shown):
        return Chart(chart.key, chart.title, words["scatter.no_cost"])
    times = _HUNDRED if unit == SHARE else 1
    best = frontier(shown, more_is_better=more_is_better)
    drawn = figure(_HEIGHT, separators=words["unit.separators"])
    drawn.add(
        "scatter",
        x=[one.cost for one in best],
        y=[times * one.service.value for one in best],
        mode="lines",
        line={"color": ORANGE, "dash": "dash", "width": 1.5},
        name=words["scatter.frontier"],
        hoverinfo="skip",
    )
    named = {one.name for one in (shown if len(shown) <= _MOST_NAMES else best[:_MOST_NAMES])}
    known = [one.service.times(times) for one in shown]
    drawn.add(
        "scatter",
        x=[one.cost for one in shown],
        y=[one.value for one in known],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [0 if isnan(one.high) else one.high - one.value for one in known],
            "arrayminus": [0 if isnan(one.low) else one.value - one.low for one in known],
            "color": INK,
            "thickness": 1,
            "width": 4,
        },
        mode="markers+text",
        text=[_short(one.label) if one.name in named else "" for one in shown],
        textposition="middle right",
        marker={
            "size": 10,
            "color": BLUE,
            "symbol": ["diamond" if one in best else "circle" for one in shown],
        },
        customdata=[
            f"{one.name}: {words.figures(one.cost)}, {estimate(words, one.service, unit)}"
            for one in shown
        ],
        hovertemplate="%{customdata}<extra></extra>",
        name=words["scatter.designs"],
    )
    costs = [one.cost for one in shown]
    pad = 0.15 * (max(costs) - min(costs)) or 0.1 * max(costs)
    drawn.x_axis(
        title={"text": words["axis.cost"]}, range=[min(costs) - pad, max(costs) + pad], nticks=6
    )
    drawn.y_axes(title={"text": words["unit.%"] if unit == SHARE else unit_name(words, unit)})
    rows = tuple(
        (
            one.name,
            words.figures(one.cost),
            estimate(words, one.service, unit),
            words["scatter.on_frontier"] if one in best else "",
        )
        for one in shown
    )
    head = (
        words["axis.option"],
        words["axis.cost"],
        words["axis.value"],
        words["scatter.frontier"],
    )
    return Chart(chart.key, chart.title, chart.says, drawn, Table(chart.title, head, rows))


def _short(name: str) -> str:
    longest = 28
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
