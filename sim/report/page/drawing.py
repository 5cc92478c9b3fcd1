"""Figures as plotly.js takes them, in plain dictionaries, and how they look.

The names are those of plotly.js. Plotly's own classes would check every one of them each time a
page is drawn, which takes longer than all the rest of it; a test has them check ours instead.

One layout, few colours, and what these become on a dark page. Everything is told by more than
colour: bands by their edges, lines by their dashes, bars by their pattern, heat by lightness alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, eq=False)
class Drawing:
    """Traces and how they are laid out, each by the names of plotly.js."""

    data: list[dict[str, Any]] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=lambda: {"xaxis": {}, "yaxis": {}})

    def add(self, kind: str, **trace: object) -> None:
        """Add a trace, such as a `scatter`; what is None is left out."""
        given = {name: value for name, value in trace.items() if value is not None}
        self.data.append({"type": kind, **given})

    def lay_out(self, **layout: object) -> None:
        """Change what is named, at any depth; the rest of the layout stays."""
        _change(self.layout, layout)

    def x_axis(self, **axis: object) -> None:
        """Change the axis below."""
        self.lay_out(xaxis=axis)

    def y_axes(self, **axis: object) -> None:
        """Change all axes at the side."""
        self.lay_out(**{name: axis for name in self.layout if name.startswith("yaxis")})

    def strip(self, start: float, end: float, **shape: object) -> None:
        """From top to bottom a strip between two places on the axis below; a line where equal."""
        self.layout.setdefault("shapes", []).append(
            {
                "type": "line" if start == end else "rect",
                "xref": "x",
                "x0": start,
                "x1": end,
                "yref": "y domain",
                "y0": 0,
                "y1": 1,
                **shape,
            }
        )

    def note(self, **annotation: object) -> None:
        """Write something on the figure."""
        self.layout.setdefault("annotations", []).append(annotation)


def _change(what: dict[str, Any], changes: Mapping[str, object]) -> None:
    for name, value in changes.items():
        if isinstance(value, Mapping):
            _change(what.setdefault(name, {}), value)
        else:
            what[name] = value


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
