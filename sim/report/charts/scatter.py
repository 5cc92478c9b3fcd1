"""Cost against service: one point a design, and the designs that no other one beats."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from sim.report.charts.bars import whiskers
from sim.report.page.document import Chart, Table
from sim.report.page.drawing import BLUE, INK, Drawing, figure
from sim.report.page.words import Words, axis_unit, estimate, headline_name, shown_as
from sim.study.estimate.intervals import Estimate

COST = ("cost", "per_week")
SERVICE = (
    ("needs_met", "share"),
    ("wait", "p90"),
    ("unserved", "share"),
    ("response_first", "within_1"),
)
"""What is drawn against cost; the first of a city only."""
_HEIGHT = 380
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
    service: Estimate


def frontier(points: Sequence[Point], *, more_is_better: bool) -> tuple[Point, ...]:
    """The designs that no other beats in both cost and service, the cheapest first."""
    best: list[Point] = []
    sign = -1 if more_is_better else 1
    for one in sorted(points, key=lambda point: (point.cost, sign * point.service.value)):
        if not best or sign * one.service.value < sign * best[-1].service.value:
            best.append(one)
    return tuple(best)


def _is_gain(metric: str, statistic: str) -> bool:
    return metric == "needs_met" or statistic.startswith("within")


def cost_chart(
    points: Sequence[Point], metric: str, statistic: str, unit: str, words: Words
) -> Chart:
    """Cost a week against one figure of service, with the frontier.

    Args:
        points: the designs.
        metric: of the figure of service.
        statistic: of the figure of service.
        unit: of the figure of service.
        words: the language.
    """
    title = words.say("scatter.title", figure=headline_name(words, metric, statistic))
    chart = Chart(f"cost-{metric}-{statistic}".replace("_", "-"), title, words["scatter.says"])
    shown = [one for one in points if one.service.is_known and not isnan(one.cost)]
    if not shown or not any(one.cost for one in shown):
        return chart.saying(words["scatter.no_cost"])
    best = frontier(shown, more_is_better=_is_gain(metric, statistic))
    drawn = figure(_HEIGHT, separators=words["unit.separators"])
    drawn.add(
        "scatter",
        x=[one.cost for one in best],
        y=[shown_as(one.service, unit).value for one in best],
        mode="lines",
        line={"color": INK, "dash": "dash", "width": 1.5},
        name=words["scatter.frontier"],
        hoverinfo="skip",
    )
    _add_designs(drawn, shown, best, unit, words)
    costs = [one.cost for one in shown]
    pad = 0.15 * (max(costs) - min(costs)) or 0.1 * max(costs)
    drawn.x_axis(
        title={"text": words["axis.cost"]}, range=[min(costs) - pad, max(costs) + pad], nticks=6
    )
    drawn.y_axes(title={"text": axis_unit(words, unit)})
    rows = tuple(
        (
            one.name,
            words.figures(one.cost),
            estimate(words, one.service, unit),
            words["scatter.on_frontier"] if one in best else "",
        )
        for one in shown
    )
    names = ("axis.option", "axis.cost", "axis.value", "scatter.frontier")
    return chart.drawn(drawn, Table(chart.title, tuple(words[name] for name in names), rows))


def _add_designs(
    drawn: Drawing, shown: Sequence[Point], best: Sequence[Point], unit: str, words: Words
) -> None:
    """A point each, those on the frontier of another shape."""
    named = {one.name for one in (shown if len(shown) <= _MOST_NAMES else best[:_MOST_NAMES])}
    known = [shown_as(one.service, unit) for one in shown]
    costs = [one.cost for one in shown]
    middle = (min(costs) + max(costs)) / 2  # beyond it a name has room only before its point
    drawn.add(
        "scatter",
        x=[one.cost for one in shown],
        y=[one.value for one in known],
        error_y=whiskers(known, thickness=1, width=4),
        mode="markers+text",
        text=[_short(one.label) if one.name in named else "" for one in shown],
        textposition=["middle left" if one.cost > middle else "middle right" for one in shown],
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


def _short(name: str) -> str:
    longest = 28
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
