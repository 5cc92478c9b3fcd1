"""A page: what it decides, then sections of charts and tables; how every page ends; its HTML.

The HTML is one file, with its style, its font, its script and all of plotly's within it.
"""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from importlib import resources
from itertools import zip_longest

import jinja2
from markupsafe import Markup

from sim.report.page.drawing import DARK, Drawing
from sim.report.page.numbers import not_torn, whole_figures
from sim.report.page.svg import width_of
from sim.report.page.verdict import Mark
from sim.report.page.words import Words

_PHONE, _LETTER, _BETWEEN = 288.0, 15.0, 8.0
"""Pixels: of a table on a small phone, of its letters, and between two columns."""
_MOST_BLOCKS, _MOST_COLUMNS = 20, 9
"""Rows and columns above which a table stays a grid on a phone, and scrolls sideways."""


def _column_width(cells: Iterable[str]) -> float:
    """What a column of numbers takes; its heading breaks between words."""
    heading, *others = cells
    widest = max(heading.split() or [""], key=len)
    return _BETWEEN + max(width_of(one, _LETTER) for one in (widest, *others))


@dataclass(frozen=True)
class Cell:
    """A cell of a table that begins with a verdict."""

    mark: Mark
    word: str
    text: str = ""
    known: str = ""
    """Its range, grey."""


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its heading."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str | Cell, ...], ...]
    is_text: bool = False
    """Whether its cells are text; else they are numbers, and stand at the right."""
    cards: bool = False
    """Whether each row becomes a block on a phone, wide or not."""
    keys: tuple[str, ...] = ()
    """Of each row what it is called in the scenario's file, in small print below its heading."""

    @property
    def is_in_blocks(self) -> bool:
        """Whether each row becomes a block on a phone: it is too wide, and no grid of hours."""
        if self.cards:
            return True
        many = len(self.rows) > _MOST_BLOCKS or len(self.head) > _MOST_COLUMNS
        if self.is_text or many or not all(self.head[1:]):
            return False
        cells = [[one for one in row if isinstance(one, str)] for row in (self.head, *self.rows)]
        return sum(map(_column_width, zip_longest(*cells, fillvalue=""))) > _PHONE


@dataclass(frozen=True, eq=False)
class Picture:
    """An inline drawing that needs no script, with what it finds as its title."""

    key: str
    title: str
    says: str
    """What is drawn, with its unit."""
    svg: tuple[Markup, ...]
    """The same for a wide screen, for paper and for a phone, as far as they differ."""
    table: Table | None = None
    small: bool = False
    """Whether two of them fit beside each other on a wide screen."""


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure with the same numbers as a table; or a sentence where there is nothing to draw."""

    key: str
    """Its name on the page, unlike any other's."""
    title: str
    says: str
    """What it shows, in a sentence or two: below the title, and for those who cannot see it."""
    figure: Drawing | None = None
    table: Table | None = None
    narrow: bool = False
    """Whether two of them fit beside each other on a wide screen."""

    def saying(self, says: str) -> "Chart":
        """The same with another sentence."""
        return replace(self, says=says)

    def drawn(self, figure: Drawing, table: Table) -> "Chart":
        """The same with a figure, and its numbers as a table."""
        return replace(self, figure=figure, table=table)


@dataclass(frozen=True, eq=False)
class Section:
    """A part of the page below its first screen, folded, with what it finds as its heading."""

    key: str
    title: str
    intro: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart | Picture, ...] = ()
    folded: tuple[Table, ...] = ()
    """Tables that open on demand."""
    terms: tuple[tuple[str, str], ...] = ()
    """Words and what they mean."""
    finding: str = ""
    """In a sentence, beside the title."""
    is_open: bool = False
    """Whether it is unfolded from the start."""
    is_appendix: bool = False
    """Whether it stands behind all others on paper: sources, definitions, the manifest."""


@dataclass(frozen=True)
class Line:
    """Part of a card: what it is about, and what is said of it."""

    label: str
    strong: str
    known: str = ""
    """The range of the number in it."""


@dataclass(frozen=True)
class Card:
    """A question or an option: verdict, one number with its range, what makes it so."""

    title: str
    mark: Mark
    answer: str
    """The verdict in a word, or an amount of money."""
    under: str = ""
    """Below the title, small: what an option changes."""
    strong: str = ""
    """The number, in a sentence."""
    known: str = ""
    """Its range."""
    cause: str = ""
    unit: str = ""
    """After the answer, small."""
    lines: tuple[Line, ...] = ()
    foot: str = ""


@dataclass(frozen=True)
class Judgement:
    """A target and whether it is met."""

    mark: Mark
    word: str
    target: str
    known: str
    remark: str


@dataclass(frozen=True)
class Block:
    """A column of a table by itself, for where the table would be too wide."""

    title: str
    lines: tuple[tuple[Cell, str], ...]
    """Verdict and what it is about, in the order of the table."""


@dataclass(frozen=True, eq=False)
class Beside:
    """A short part of the first screen, two of which stand side by side."""

    key: str
    title: str
    table: Table | None = None
    sentences: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    """What the table says column by column: in its place on a phone, and wherever it does not
    fit."""
    folded: tuple[Table, ...] = ()
    """Tables that open on demand."""


@dataclass(frozen=True, eq=False)
class Page:
    """A whole page."""

    title: str
    """What was found, in a sentence or two."""
    lead: tuple[str, ...]
    """Below it."""
    sections: tuple[Section, ...]
    facts: tuple[str, ...] = ()
    """Above it: the site's name, its places, its hours, its visits."""
    alert: Card | None = None
    """A broken rule that nobody may overlook."""
    cards: tuple[Card, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    pictures: tuple[Picture, ...] = ()
    beside: tuple[Beside, ...] = ()
    side_by_side: tuple[Picture, ...] = ()
    """Below these, two in a row where there is room."""
    foot: str = ""
    """What was simulated, at the end of the first screen."""
    marks: tuple[str, ...] = ()
    """What must be known before anything on it is believed."""
    drawn_from: str = ""
    """Checksum of the results; empty where they have none."""
    warnings: tuple[str, ...] = ()
    """What whoever draws it should know; not on the page itself."""
    picture_last: bool = False
    """Whether the first picture stands below what is beside each other, not above."""
    beside_later: bool = False
    """Whether what is beside each other stands below the first screen, on the next sheet."""
    tab: str = ""
    """Its name in the browser's tab, if not the title."""


def render(page: Page, words: Words) -> str:
    """The page's HTML; the same page gives the same bytes.

    Args:
        page: what is on it.
        words: the language it is written in.
    """
    figures = any(
        isinstance(chart, Chart) and chart.figure
        for section in page.sections
        for chart in section.charts
    )
    return template("page").render(
        page=page,
        words=words,
        style=style() + file("page", "style.css"),
        script=file("page", "figures.js"),
        plotly=_plotly() if figures else None,
        dark=as_json(DARK),
        figure_json=_figure,
    )


def style() -> Markup:
    """The look of every page: the font, and colours, sizes and spaces with a meaning."""
    return _font() + file("page", "tokens.css")


@lru_cache
def _font() -> Markup:
    data = (resources.files("sim.report") / _KEPT / "source-sans-3.woff2").read_bytes()
    source = f"data:font/woff2;base64,{base64.b64encode(data).decode()}"
    return Markup(
        "/* Source Sans 3, © Adobe, SIL Open Font License 1.1: openfontlicense.org */\n"
        '@font-face { font-family: "Source Sans 3"; font-weight: 200 900; font-display: block; '
        f"src: url({source}) format('woff2'); }}\n"
    )


@lru_cache
def _plotly() -> Markup:
    """The part of plotly.js that draws lines and bars, made ready to be put into a page."""
    text = (resources.files("sim.report") / _KEPT / "plotly-basic.min.js").read_text("utf-8")
    return Markup(text.replace("</script", "<\\/script"))


@lru_cache
def template(room: str) -> jinja2.Template:
    """The template of the pages of a room of `sim.report`, with what is written in it escaped."""
    return templates(partial(_read, room)).get_template("page.html")


def templates(read: Callable[[str], str]) -> jinja2.Environment:
    """Templates by the names of their files; what is put into them is escaped, and figures whole.

    Args:
        read: gives the text of a file.
    """
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_whole,
    )
    environment.filters["not_torn"] = not_torn
    return environment


def _whole(value: object) -> object:
    """What is put into a page: a text so that no line ends within a figure, all else as it is."""
    return whole_figures(value) if type(value) is str else value


def file(room: str, name: str) -> Markup:
    """A style, a script or another file beside a room's template, to be put into it as it is."""
    return Markup(_read(room, name))


def _read(room: str, name: str) -> str:
    if "/" in name:  # of another room, such as `page/verdict.html`
        room, _, name = name.partition("/")
    folder = resources.files("sim.report") / room / "templates"
    return (folder / name).read_text(encoding="utf-8")


def _figure(figure: Drawing) -> Markup:
    return as_json({"data": figure.data, "layout": figure.layout})


def as_json(contents: object, separators: tuple[str, str] = (", ", ": ")) -> Markup:
    """JSON that cannot end the script element it stands in.

    Args:
        contents: what it holds; dates are written as ISO 8601 has them.
        separators: between items, and between a key and its value.
    """
    text = json.dumps(
        contents, ensure_ascii=False, allow_nan=False, default=_plain, separators=separators
    )
    return Markup(text.replace("<", "\\u003c"))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value)} cannot be drawn")


_KEPT = "page/templates/kept"
"""Where what others made is, each with its licence."""
