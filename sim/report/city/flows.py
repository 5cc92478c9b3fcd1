"""Who goes where: the facilities as boxes, people on the way between them, how needs end."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, isnan, pi, sin

from markupsafe import Markup

from sim.measures.city.needs import WAYS
from sim.measures.city.tally import part_of
from sim.report.page.document import Picture, Table
from sim.report.page.svg import Canvas, apart, broken
from sim.report.page.words import Words, estimate, heading
from sim.scenario.city.system import System
from sim.study.estimate.summary import Summary

_BOX, _GAP, _HEAD = 92.0, 30.0, 34.0
"""Pixels: height of a facility's box, between two of them, and above the first."""
_LEAST = 0.05
"""People a day, below which a way is not drawn."""
_LOOKS = {
    "first_wish": "enough",
    "elsewhere": "people",
    "came_back": "people-pale",
    "managed": "just-pale",
    "unmet": "short",
    "closed_everywhere": "quiet",
    "cut_short": "just",
    "at_end": "sunk",
}
"""Of how needs end."""
_STEPS = 24
_THINNEST = 0.0005
"""Share of needs that is still drawn."""


@dataclass(frozen=True)
class Flow:
    """People who went on from one facility to another."""

    start: int
    end: int
    a_day: float


def flows_picture(found: Summary, system: System, title: str, words: Words) -> Picture:
    """The facilities, who came to them and went on, and how needs ended.

    Args:
        found: the figures.
        system: the facilities.
        title: what it finds.
        words: the language.
    """
    draw = _Drawing(found, system, words)
    says = words["city.flows_says"]
    text = f"{title} {says}"
    svg = (draw.wide(1120, text), draw.wide(690, text), draw.phone(360, text))
    return Picture("flows", title, says, svg, flows_table(found, system, words))


def flows_table(found: Summary, system: System, words: Words) -> Table:
    """The same in numbers: a row a facility, a column for where people came from."""
    names = list(system.sites)
    head = (
        words["city.facility"],
        words["city.chose_first"],
        *(words.say("city.from", name=words.name(name)) for name in names),
        words["city.returned"],
        words["city.met_there"],
        words["city.given_up"],
    )
    rows = []
    for end in names:
        came = [found.of("flow", "per_day", f"from:{start}/to:{end}") for start in names]
        rows.append(
            (
                words.name(end),
                estimate(words, found.of("flow", "per_day", f"from:need/to:{end}")),
                *(
                    "–" if start == end else estimate(words, one)
                    for start, one in zip(names, came, strict=True)
                ),
                estimate(words, found.of("flow", "per_day", f"from:return/to:{end}")),
                estimate(words, found.of("needs_met_at", "per_day", part_of(end, "all"))),
                estimate(words, found.of("needs_unmet_at", "per_day", part_of(end, "all"))),
            )
        )
    return Table(words["city.flows_table"], head, tuple(rows), cards=True)


def ends_table(found: Summary, words: Words) -> Table:
    """How needs end, a day and of all."""
    rows = [
        (
            heading(words[f"needs.{way}"]),
            estimate(words, found.of(f"needs_{way}", "per_day")),
            estimate(words, found.of(f"needs_{way}", "share"), "share"),
        )
        for way in WAYS
        if found.has(f"needs_{way}", "per_day")
    ]
    head = (words["city.needs"], words["city.a_day"], words["city.of_all"])
    return Table(words["city.ends_table"], head, tuple(rows), cards=True)


@dataclass(frozen=True, eq=False)
class _Drawing:
    found: Summary
    system: System
    words: Words

    @property
    def _names(self) -> list[str]:
        return list(self.system.sites)

    def _value(self, metric: str, statistic: str, by: str = "all") -> float:
        return self.found.of(metric, statistic, by).value

    def _flows(self) -> list[Flow]:
        found = []
        for one, start in enumerate(self._names):
            for other, end in enumerate(self._names):
                a_day = self._value("flow", "per_day", f"from:{start}/to:{end}")
                if one != other and a_day >= _LEAST:
                    found.append(Flow(one, other, a_day))
        return sorted(found, key=lambda flow: (min(flow.start, flow.end), flow.start, flow.end))

    def _lines(self, name: str) -> list[str]:
        """What a box says below the name."""
        words, here = self.words, part_of(name, "all")
        lines = [
            words.say(
                "city.met_a_day", number=words.brief(self._value("needs_met_at", "per_day", here))
            )
        ]
        wait = self._value("wait", "p90", here)
        if not isnan(wait):
            lines.append(words.say("city.waits", minutes=words.brief(wait)))
        given_up = self._value("needs_unmet_at", "per_day", here)
        if given_up >= _LEAST:
            lines.append(words.say("city.gives_up", number=words.brief(given_up)))
        return lines

    def wide(self, width: float, says: str) -> Markup:
        """Needs at the left, facilities in the middle, how needs end at the right."""
        names, words = self._names, self.words
        height = _HEAD + len(names) * (_BOX + _GAP)
        canvas = Canvas(width, max(height, 300.0))
        box, left = width * 0.29, width * 0.19
        needs = self._value("needs", "per_day")
        canvas.text(0, 16, words["city.needs"], "strong")
        canvas.text(left, 16, words["city.facility"], "strong")
        middle = _HEAD + (len(names) * (_BOX + _GAP) - _GAP) / 2
        canvas.text(0, middle - 4, words.brief(needs), "name", size=22)
        canvas.text(0, middle + 14, words["city.a_day"], "note")
        for number, name in enumerate(names):
            top = _HEAD + number * (_BOX + _GAP)
            came = self._value("flow", "per_day", f"from:need/to:{name}")
            self._arrow(canvas, (74, middle), (left - 4, top + _BOX / 2), came / max(needs, 1e-9))
            canvas.text(left - 12, top + _BOX / 2 - 8, words.brief(came), "note", anchor="end")
            self._box(canvas, (left, top, box), name)
        self._between(canvas, left + box)
        self._ends(canvas, (width * 0.72, _HEAD), (width * 0.28, canvas.height - _HEAD - _GAP))
        return canvas.markup(says)

    def _arrow(
        self,
        canvas: Canvas,
        start: tuple[float, float],
        end: tuple[float, float],
        strength: float,
    ) -> None:
        (x0, y0), (x1, y1) = start, end
        points = []
        for step in range(_STEPS + 1):
            along = step / _STEPS
            eased = (1 - cos(pi * along)) / 2
            points.append((x0 + (x1 - x0) * along, y0 + (y1 - y0) * eased))
        canvas.line(points, f"flow {_thick(strength)}")

    def _box(self, canvas: Canvas, at: tuple[float, float, float], name: str) -> None:
        left, top, width = at
        supervised = self.system.supervised[self._names.index(name)]
        canvas.rect(left, top, width, _BOX, "people-tint" if supervised else "sunk", round_=6)
        title = self.words.name(name)
        if not supervised:
            title = self.words.say("city.unsupervised", name=title)
        lines = [(title, "name")] + [(line, "note") for line in self._lines(name)]
        for number, (text, look) in enumerate(lines):
            shown = broken(text, width - 20, 15 if look == "name" else 13)[0]
            canvas.text(left + 10, top + 21 + 20 * number, shown, look)

    def _between(self, canvas: Canvas, edge: float) -> None:
        """Arcs at the right of the boxes for those who go on, with their number."""
        flows = self._flows()
        tops = {number: _HEAD + number * (_BOX + _GAP) for number in range(len(self._names))}
        leaves, comes = dict.fromkeys(tops, 0), dict.fromkeys(tops, 0)
        most = max((flow.a_day for flow in flows), default=1.0)
        middles, arcs = [], []
        for flow in flows:
            start = tops[flow.start] + 30 + 13 * leaves[flow.start]
            end = tops[flow.end] + _BOX - 18 - 13 * comes[flow.end]
            leaves[flow.start] += 1
            comes[flow.end] += 1
            reach = 26.0 + 14 * abs(flow.start - flow.end)
            arcs.append((start, end, reach, flow))
            middles.append((start + end) / 2)
        for start, end, reach, flow in arcs:
            points = [
                (
                    edge + reach * sin(pi * step / _STEPS),
                    start + (end - start) * (1 - cos(pi * step / _STEPS)) / 2,
                )
                for step in range(_STEPS + 1)
            ]
            canvas.line(points, f"flow {_thick(flow.a_day / most)}")
            canvas.line([(edge + 9, end - 5), (edge + 1, end), (edge + 9, end + 5)], "arrow")
        places = apart(middles, 16, _HEAD + 10, canvas.height - 8)
        for place, (_, _, reach, flow) in zip(places, arcs, strict=True):
            text = self.words.say(
                "city.goes_on",
                number=self.words.brief(flow.a_day),
                end=self.words.name(self._names[flow.end]),
            )
            canvas.text(edge + reach + 8, place + 4, text, "note")

    def _ends(self, canvas: Canvas, at: tuple[float, float], size: tuple[float, float]) -> None:
        """A pile of all needs by how they end."""
        (left, top), (width, height) = at, size
        canvas.text(left, 16, self.words["city.how_they_end"], "strong")
        pile = self._pile()
        total = sum(share for _, share in pile) or 1.0
        y, middles = top, []
        for way, share in pile:
            tall = height * share / total
            canvas.rect(left, y, 22, max(tall, 1.0), _LOOKS[way])
            middles.append(y + tall / 2)
            y += tall
        for (way, share), place in zip(
            pile, apart(middles, 32, top + 8, top + height), strict=True
        ):
            canvas.text(left + 32, place, f"{self.words.share(share)}", "strong")
            text = broken(self.words[f"needs.{way}"], width - 34, 13)
            canvas.text(left + 32, place + 15, text[0], "note")

    def _pile(self) -> list[tuple[str, float]]:
        found = [
            (way, self._value(f"needs_{way}", "share"))
            for way in WAYS
            if self.found.has(f"needs_{way}", "share")
        ]
        return [(way, share) for way, share in found if share >= _THINNEST]

    def phone(self, width: float, says: str) -> Markup:
        """The pile lying down, then the boxes, each with who goes on."""
        names, words = self._names, self.words
        pile, flows = self._pile(), self._flows()
        leaving = [[flow for flow in flows if flow.start == number] for number in range(len(names))]
        legend = 22.0 * len(pile)
        tall = [_BOX + 18 * len(of) + 14 for of in leaving]
        canvas = Canvas(width, 74 + legend + sum(tall))
        number = words.brief(self._value("needs", "per_day"))
        canvas.text(0, 16, words.say("city.needs_a_day", number=number), "strong")
        x, total = 0.0, sum(share for _, share in pile) or 1.0
        for way, share in pile:
            canvas.rect(x, 26, width * share / total, 20, _LOOKS[way])
            x += width * share / total
        y = 66.0
        for way, share in pile:
            canvas.rect(0, y - 10, 12, 12, _LOOKS[way])
            canvas.text(20, y, f"{words.share(share)} {words[f'needs.{way}']}", "note")
            y += 22
        y += 4
        for place, name in enumerate(names):
            self._box(canvas, (0, y, width), name)
            for line, flow in enumerate(leaving[place]):
                end = words.name(names[flow.end])
                text = words.say("city.goes_on", number=words.brief(flow.a_day), end=end)
                canvas.text(14, y + _BOX + 16 + 18 * line, text, "note")
            y += tall[place]
        return canvas.markup(says)


def _thick(strength: float) -> str:
    """Of four widths of a line."""
    steps: Sequence[float] = (0.08, 0.25, 0.5)
    return f"flow-{sum(strength > step for step in steps)}"
