"""How figures look: one layout, few colours, and what they become on a dark page.

Everything is told by more than colour: bands by their edges, lines by their dashes, bars by their
pattern, heat by lightness alone.
"""

from collections.abc import Mapping

from sim.report.page.drawing import Drawing

INK, MUTED, GRID, PAPER = "#1a1a1a", "#595959", "#d9d9d9", "#ffffff"
BLUE, ORANGE, GREEN, RED, GREY = "#1f5fa8", "#a8500a", "#1b6e3a", "#a3221b", "#767676"
BAND = "rgba(31,95,168,0.20)"
HEAT = ("#f2f6fb", "#c3d6eb", "#86acd6", "#3f73b2", "#12335f")
"""Few to many; lighter to darker, so that it survives a photocopier."""
WORSE_BETTER = ("#2b5f94", "#b9d0e8", "#f7f7f7", "#efc9a4", "#a8500a")

DARK: Mapping[str, str] = {
    INK: "#ededed",
    MUTED: "#b8b8b8",
    GRID: "#3c4148",
    PAPER: "#15181c",
    BLUE: "#7db4f0",
    ORANGE: "#f2a55e",
    GREEN: "#6ccb8f",
    RED: "#ff8a80",
    GREY: "#9a9a9a",
    BAND: "rgba(125,180,240,0.25)",
    **dict(zip(HEAT, ("#1b2430", "#2c4a6c", "#4e7fb5", "#8cb9e6", "#e6f1fc"), strict=True)),
    **dict(zip(WORSE_BETTER, ("#a9cdf2", "#3f6287", "#24292f", "#7d5429", "#f7b877"), strict=True)),
}
"""Colours of a dark page, by those of a light one."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
PATTERNS = ("", "/", "x", "-", "\\", ".", "+", "|")
SERIES = (BLUE, ORANGE, GREEN, RED, GREY, INK)


def figure(height: int, **layout: object) -> Drawing:
    """An empty figure in the house style, so many pixels high."""
    drawn = Drawing()
    drawn.lay_out(
        height=height,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        font={
            "family": "system-ui, 'Segoe UI', Roboto, Arial, sans-serif",
            "size": 13,
            "color": INK,
        },
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"bgcolor": PAPER, "bordercolor": MUTED, "font": {"color": INK}},
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "xanchor": "left",
            "traceorder": "normal",
        },
        dragmode=False,
    )
    axis = {
        "automargin": True,
        "gridcolor": GRID,
        "linecolor": MUTED,
        "zeroline": False,
        "fixedrange": True,
        "ticks": "outside",
        "tickcolor": MUTED,
        "title": {"standoff": 8},
    }
    drawn.x_axis(**axis)
    drawn.y_axes(**axis)
    drawn.lay_out(**layout)
    return drawn


def scale(colours: tuple[str, ...]) -> list[list[object]]:
    """A colour scale for plotly, the colours evenly spaced."""
    return [[number / (len(colours) - 1), colour] for number, colour in enumerate(colours)]


def line(number: int, width: float = 2) -> dict[str, object]:
    """The line of the n-th series: another colour and another dash than the others'."""
    return {
        "color": SERIES[number % len(SERIES)],
        "dash": DASHES[number % len(DASHES)],
        "width": width,
    }


def bar(number: int) -> dict[str, object]:
    """The bars of the n-th series: another colour and another pattern than the others'."""
    return {
        "color": SERIES[number % len(SERIES)],
        "line": {"color": PAPER, "width": 1},
        "pattern": {
            "shape": PATTERNS[number % len(PATTERNS)],
            "fgcolor": PAPER,
            "size": 7,
            "fillmode": "overlay",
        },
    }
