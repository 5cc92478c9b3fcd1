"""Who goes where: the facilities as boxes, people on the way between them, how needs end."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, isnan, pi, sin

from markupsafe import Markup

from sim.measures.city.needs import WAYS
from sim.measures.city.tally import part_of
from sim.report.page.document import Picture, Table
from sim.report.page.svg import Canvas, apart, broken, width_of
from sim.report.page.words import Words, estimate, heading
from sim.scenario.city.system import System
from sim.study.estimate.summary import Summary

_HEAD, _GAP, _GAP_BRIEF = 34.0, 20.0, 5.0
"""Pixels: above the first box, and between two of them in full and in brief."""
_TITLE, _LINE, _PAD = 19.0, 18.0, 12.0
"""Of a box: lines of its title, other lines, and what is above and below them."""
_TALLEST = 420.0
"""Of the pile of how needs end."""
_MOST_IN_FULL = 4
"""Facilities whose boxes say all; of more they say little, and the table the rest."""
_MOST_ON_PAPER = 2
"""The same where the first screen is to be one sheet."""
_MOST_NAMED = 3
"""Ways from a facility that its box names; the table has all."""
_MOST_ARCS = 12
"""Ways that are drawn, those of most people."""
AT_ONCE = 0.05
"""Minutes; who waits less, and is not told from who does not wait."""
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
    svg = (
        draw.wide(1120, text, _MOST_IN_FULL),
        draw.wide(690, text, _MOST_ON_PAPER),
        draw.phone(360, text),
    )
    return Picture("flows", title, says, svg, flows_table(found, system, words))


def flows_table(found: Summary, system: System, words: Words) -> Table:
    """The same in numbers: a row a facility, a column for where people came from."""
    names = list(system.sites)
    head = (
        words["city.facility"],
        words["city.chose_first"],
        *(words.say("city.from", name=words.facility_within(name)) for name in names),
        words["city.returned"],
        words["city.met_there"],
        words["city.given_up"],
    )
    rows = []
    for end in names:
        came = [found.of("flow", "per_day", f"from:{start}/to:{end}") for start in names]
        rows.append(
            (
                words.facility(end),
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
class _Box:
    """A facility in the drawing."""

    name: str
    lines: tuple[str, ...]
    """Below its title, none too wide."""
    titles: tuple[str, ...]
    top: float

    @property
    def height(self) -> float:
        return _TITLE * len(self.titles) + _LINE * len(self.lines) + _PAD

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


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
        """Who went on, the most first."""
        found = []
        for one, start in enumerate(self._names):
            for other, end in enumerate(self._names):
                a_day = self._value("flow", "per_day", f"from:{start}/to:{end}")
                if one != other and a_day >= _LEAST:
                    found.append(Flow(one, other, a_day))
        return sorted(found, key=lambda flow: (-flow.a_day, flow.start, flow.end))

    def _boxes(self, top: float, width: float, *, brief: bool) -> list[_Box]:
        """The facilities, one below the other, each as high as what it says."""
        boxes = []
        for name, supervised in zip(self._names, self.system.supervised, strict=True):
            title = self.words.facility(name)
            if not supervised:
                title = self.words.say("city.unsupervised", name=title)
            lines = [self._brief(name)] if brief else self._lines(name)
            box = _Box(
                name,
                tuple(part for line in lines for part in broken(line, width - 20, 13)),
                tuple(broken(title, width - 20, 15)),
                top,
            )
            boxes.append(box)
            top += box.height + (_GAP_BRIEF if brief else _GAP)
        return boxes

    def _brief(self, name: str) -> str:
        """What a box says where there are many."""
        here = part_of(name, "all")
        met, unmet = (
            self.words.brief(self._value(metric, "per_day", here))
            for metric in ("needs_met_at", "needs_unmet_at")
        )
        return self.words.say("city.met_and_not", met=met, unmet=unmet)

    def _lines(self, name: str) -> list[str]:
        """What a box says below the name: who is met and waits, who gives up or goes on."""
        words, here = self.words, part_of(name, "all")
        met = words.brief(self._value("needs_met_at", "per_day", here))
        lines = [words.say("city.met_a_day", number=met)]
        wait = self._value("wait", "p90", here)
        if not isnan(wait):
            lines.append(waits(wait, words))
        given_up = self._value("needs_unmet_at", "per_day", here)
        if given_up >= _LEAST:
            lines.append(words.say("city.gives_up", number=words.brief(given_up)))
        leaving = [flow for flow in self._flows() if self._names[flow.start] == name]
        for flow in leaving[:_MOST_NAMED]:
            end = words.facility_within(self._names[flow.end])
            lines.append(words.say("city.goes_on", number=words.brief(flow.a_day), end=end))
        return lines

    def wide(self, width: float, says: str, most_in_full: int) -> Markup:
        """Needs at the left, facilities in the middle, how needs end at the right."""
        words, left = self.words, width * 0.2
        wide = width * 0.36
        boxes = self._boxes(_HEAD, wide, brief=len(self._names) > most_in_full)
        foot = boxes[-1].top + boxes[-1].height
        canvas = Canvas(width, max(foot + 4, 330.0))
        needs, middle = self._value("needs", "per_day"), (_HEAD + foot) / 2
        canvas.text(0, 16, words["city.needs"], "strong")
        canvas.text(left, 16, words["city.facility"], "strong")
        number = words.brief(needs)
        canvas.text(0, middle - 4, number, "name", size=22)
        canvas.text(0, middle + 14, words["city.a_day"], "note")
        start = max(width_of(number, 22, bold=True), width_of(words["city.a_day"])) + 8
        for box in boxes:
            came = self._value("flow", "per_day", f"from:need/to:{box.name}")
            shown = words.brief(came)
            canvas.text(left - 8, box.middle + 4, shown, "note", anchor="end")
            end = left - 14 - width_of(shown)
            if came >= _LEAST:
                self._arrow(canvas, (start, middle), (end, box.middle), came / max(needs, 1e-9))
            self._box(canvas, (left, wide), box)
        self._between(canvas, left + wide, width * 0.14, boxes)
        tall = min(canvas.height - _HEAD - 24, _TALLEST)
        self._ends(canvas, (width * 0.72, _HEAD), tall)
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

    def _box(self, canvas: Canvas, at: tuple[float, float], box: _Box) -> None:
        left, width = at
        supervised = self.system.supervised[self._names.index(box.name)]
        look = "people-tint" if supervised else "sunk"
        canvas.rect(left, box.top, width, box.height, look, round_=6)
        y = box.top + 2
        for texts, look, step in ((box.titles, "name", _TITLE), (box.lines, "note", _LINE)):
            for text in texts:
                y += step
                canvas.text(left + 10, y - 1, text, look)

    def _between(self, canvas: Canvas, edge: float, room: float, boxes: Sequence[_Box]) -> None:
        """Arcs at the right of the boxes for those who go on; how many, the boxes say."""
        flows = self._flows()[:_MOST_ARCS]
        needs = max(self._value("needs", "per_day"), 1e-9)
        ends = {box: _ports(place, flows, box) for place, box in enumerate(boxes)}
        for flow in flows:
            start, end = (ends[boxes[place]][flow] for place in (flow.start, flow.end))
            far = abs(flow.start - flow.end) / max(len(boxes) - 1, 1)
            reach = room * (0.35 + 0.55 * far)
            points = [
                (
                    edge + reach * sin(pi * step / _STEPS),
                    start + (end - start) * (1 - cos(pi * step / _STEPS)) / 2,
                )
                for step in range(_STEPS + 1)
            ]
            canvas.line(points, f"flow {_thick(flow.a_day / needs)}")
            canvas.line([(edge + 9, end - 5), (edge + 1, end), (edge + 9, end + 5)], "arrow")

    def _ends(self, canvas: Canvas, at: tuple[float, float], height: float) -> None:
        """A pile of all needs by how they end."""
        left, top = at
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
            canvas.text(left + 32, place + 15, self.words[f"needs.{way}_brief"], "note")

    def _pile(self) -> list[tuple[str, float]]:
        found = [
            (way, self._value(f"needs_{way}", "share"))
            for way in WAYS
            if self.found.has(f"needs_{way}", "share")
        ]
        return [(way, share) for way, share in found if share >= _THINNEST]

    def phone(self, width: float, says: str) -> Markup:
        """The pile lying down, then the boxes, each with who goes on."""
        words, pile = self.words, self._pile()
        legends = [
            (way, line, number == 0)
            for way, share in pile
            for number, line in enumerate(
                broken(f"{words.share(share)} {words[f'needs.{way}']}", width - 24, 13)
            )
        ]
        boxes = self._boxes(70.0 + 22 * len(legends), width, brief=False)
        canvas = Canvas(width, boxes[-1].top + boxes[-1].height + 4)
        needs = words.brief(self._value("needs", "per_day"))
        canvas.text(0, 16, words.say("city.needs_a_day", number=needs), "strong")
        x, total = 0.0, sum(share for _, share in pile) or 1.0
        for way, share in pile:
            canvas.rect(x, 26, width * share / total, 20, _LOOKS[way])
            x += width * share / total
        y = 66.0
        for way, line, is_first in legends:
            if is_first:
                canvas.rect(0, y - 10, 12, 12, _LOOKS[way])
            canvas.text(20, y, line, "note")
            y += 22
        for box in boxes:
            self._box(canvas, (0, width), box)
        return canvas.markup(says)


def waits(p90: float, words: Words) -> str:
    """How long nine in ten wait at most."""
    if p90 < AT_ONCE:
        return words["city.at_once"]
    return words.say("city.waits", minutes=words.brief(p90))


def _ports(place: int, flows: Sequence[Flow], box: _Box) -> dict[Flow, float]:
    """Where the ways from and to a box touch its edge: in the order of their other ends."""
    mine = [flow for flow in flows if place in {flow.start, flow.end}]
    mine.sort(key=lambda flow: (_other(place, flow), flow.end == place))
    step = box.height / (len(mine) + 1)
    return {flow: box.top + step * (number + 1) for number, flow in enumerate(mine)}


def _other(place: int, flow: Flow) -> int:
    return flow.end if flow.start == place else flow.start


def _thick(strength: float) -> str:
    """Of four widths of a line, by the share of all needs."""
    steps: Sequence[float] = (0.08, 0.25, 0.5)
    return f"flow-{sum(strength > step for step in steps)}"
