"""A figure as plotly.js takes it, in plain dictionaries.

The names are those of plotly.js. Plotly's own classes would check every one of them each time a
page is drawn, which takes longer than all the rest of it; a test has them check ours instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
