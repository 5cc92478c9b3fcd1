"""What a page is made of: sections of charts, each with its table, and plain tables."""

from dataclasses import dataclass

from sim.report.page.drawing import Drawing


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its heading."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_text: bool = False
    """Whether its cells are text; else they are numbers, and stand at the right."""


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


@dataclass(frozen=True, eq=False)
class Section:
    """A part of the page, with a heading."""

    key: str
    title: str
    intro: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    folded: tuple[Table, ...] = ()
    """Tables that open on demand."""
    terms: tuple[tuple[str, str], ...] = ()
    """Words and what they mean."""


@dataclass(frozen=True)
class Answer:
    """One of the questions that a planner has, answered in sentences."""

    title: str
    figure: str
    """The one number that says most."""
    caption: str
    """What that number is."""
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """A target and whether it is met."""

    verdict: str
    """`pass`, `fail` or `not-sure`, for the style sheet."""
    word: str
    target: str
    known: str
    remark: str


@dataclass(frozen=True, eq=False)
class Page:
    """A whole page."""

    title: str
    lead: tuple[str, ...]
    """What was simulated, in plain words."""
    answers: tuple[Answer, ...]
    judgements: tuple[Judgement, ...]
    sections: tuple[Section, ...]
    marks: tuple[str, ...] = ()
    """What must be known before anything on it is believed."""
    drawn_from: str = ""
    """Checksum of the results; empty where they have none."""
    warnings: tuple[str, ...] = ()
    """What whoever draws it should know; not on the page itself."""
