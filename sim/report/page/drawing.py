"""Figures as plotly.js takes them, in plain dictionaries, and how they look.

The names are those of plotly.js. Plotly's own classes would check every one of them each time a
page is drawn, which takes longer than all the rest of it; a test has them check ours instead.

One layout, few colours, and what these become on a dark page. Everything is told by more than
colour: bands by their edges, lines by their dashes, bars by their pattern.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INK, MUTED, GRID, PAPER = "#14202B", "#4A5763", "#DAD9D2", "#FFFFFF"
BLUE, PURPLE, GREY = "#2171C7", "#4C2882", "#7C868E"
BAND = "rgba(33,113,199,0.20)"

DARK: Mapping[str, str] = {
    INK: "#E9EEF2",
    MUTED: "#AAB6C0",
    GRID: "#2C3842",
    PAPER: "#18222B",
    BLUE: "#5C9FE9",
    GREY: "#8B98A3",
    PURPLE: "#E6D2FF",
    BAND: "rgba(92,159,233,0.25)",
}
"""Colours of a dark page, by those of a light one: those of `tokens.css`, a mark's shade each."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
PATTERNS = ("", "/", "x", "-", "\\", ".", "+", "|")
SERIES = (BLUE, PURPLE, GREY, INK)
"""None of those that judge: green, amber and red say enough, just and short."""


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
            "family": "'Source Sans 3', 'Segoe UI', system-ui, sans-serif",
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
        "exponentformat": "none",
        "separatethousands": True,
    }
    drawn.x_axis(**axis)
    drawn.y_axes(**axis)
    drawn.lay_out(**layout)
    return drawn


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
