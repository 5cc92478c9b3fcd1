"""Inline drawings that need no script: shapes and words, coloured by the tokens' classes.

Sizes are in CSS pixels at the drawing's own width; it shrinks and grows with the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from sim.report.page.numbers import UNBROKEN, not_torn

_NARROW = set(" .,:;'|ijlftrI()[]!-")


def width_of(text: str, size: float = 13, *, bold: bool = False) -> float:
    """About how wide a text is in the pages' font, in pixels; rather too wide than too narrow."""
    letters = sum(0.3 if one in _NARROW else 0.72 if one.isupper() else 0.54 for one in text)
    return letters * size * (1.06 if bold else 1)


def broken(text: str, width: float, size: float = 13) -> list[str]:
    """A text on as many lines as it needs, broken between words; a long word is not torn."""
    lines = [""]
    for word in not_torn(text).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size, bold=True) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [one.replace(UNBROKEN, " ") for one in lines]


@dataclass(frozen=True, eq=False)
class Canvas:
    """An inline drawing that is being made."""

    width: float
    height: float
    parts: list[Markup] = field(default_factory=list)

    def rect(
        self, x: float, y: float, width: float, height: float, look: str, *, round_: float = 0
    ) -> None:
        """A rectangle; nothing if it has no area."""
        if width <= 0 or height <= 0:
            return
        corner = Markup(' rx="{}"').format(_at(round_)) if round_ else ""
        self.parts.append(
            Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"{}/>').format(
                look, *map(_at, (x, y, width, height)), corner
            )
        )

    def boxes(self, boxes: Sequence[tuple[float, float, float, float]], look: str) -> None:
        """Rectangles that look alike: of each its left and upper edge, its width and height."""
        path = "".join(f"M{_at(x)} {_at(y)}h{_at(w)}v{_at(h)}h{_at(-w)}z" for x, y, w, h in boxes)
        if path:
            self.parts.append(Markup('<path class="{}" d="{}"/>').format(look, path))

    def shade(
        self, box: tuple[float, float, float, float], strength: float, look: str, says: str
    ) -> None:
        """A rectangle of a grid, the fainter the less it stands for.

        Args:
            box: its left and upper edge, its width and height.
            strength: how much of its colour is seen, 0 to 1.
            look: classes of the style sheet.
            says: what it stands for, shown where the mouse rests on it.
        """
        self.parts.append(
            Markup(
                '<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill-opacity="{}">'
                "<title>{}</title></rect>"
            ).format(look, *map(_at, box), f"{strength:.2f}", says)
        )

    def line(self, points: Iterable[tuple[float, float]], look: str) -> None:
        """A line through points."""
        path = "M" + "L".join(f"{_at(x)} {_at(y)}" for x, y in points)
        self.parts.append(Markup('<path class="{}" d="{}"/>').format(look, path))

    def steps(self, edges: Sequence[float], tops: Sequence[float], floor: float, look: str) -> None:
        """An area of steps: between two edges next to each other as high as its top.

        Args:
            edges: from left to right, one more than `tops`.
            tops: the upper edge of each step; at the floor it has none.
            floor: the lower edge of all.
            look: classes of the style sheet.
        """
        path = ""
        for left, right, top in zip(edges, edges[1:], tops, strict=False):
            if top < floor:
                path += f"M{_at(left)} {_at(floor)}V{_at(top)}H{_at(right)}V{_at(floor)}Z"
        if path:
            self.parts.append(Markup('<path class="{}" d="{}"/>').format(look, path))

    def circle(self, x: float, y: float, radius: float, look: str) -> None:
        """A disc or a ring."""
        self.parts.append(
            Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(
                look, *map(_at, (x, y, radius))
            )
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        look: str = "",
        *,
        anchor: str = "start",
        size: float = 0,
    ) -> None:
        """Words, their base line at y.

        Args:
            x: of the start, the middle or the end.
            y: of the base line.
            words: what they say.
            look: classes of the style sheet.
            anchor: `start`, `middle` or `end`.
            size: of the letters; 0 is the style sheet's.
        """
        more = Markup(' style="font-size:{}px"').format(_at(size)) if size else ""
        place = Markup(' text-anchor="{}"').format(anchor) if anchor != "start" else ""
        shown = Markup(' class="{}"').format(look) if look else ""
        self.parts.append(
            Markup('<text x="{}" y="{}"{}{}{}>{}</text>').format(
                _at(x), _at(y), shown, place, more, words
            )
        )

    def markup(self, says: str) -> Markup:
        """The drawing, with what it says for those who cannot see it."""
        return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
            _at(self.width), _at(self.height), says, Markup("").join(self.parts)
        )


def apart(places: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Places of labels moved apart until no two are nearer than `least`, within bounds.

    They keep their order; where there is no room for all, they share what there is.
    """
    order = sorted(range(len(places)), key=places.__getitem__)
    step = min(least, (high - low) / max(len(places) - 1, 1))
    found = [0.0] * len(places)
    floor = low
    for number in order:
        found[number] = floor = max(places[number], floor)
        floor += step
    ceiling = high
    for number in reversed(order):
        found[number] = min(found[number], ceiling)
        ceiling = found[number] - step
    return found


def _at(value: float) -> str:
    """At most one decimal, and none where it is whole."""
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"
