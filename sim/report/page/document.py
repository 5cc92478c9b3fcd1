"""A page: sections of charts, each with its table; plain tables; how every page ends; its HTML.

The HTML is one file, with its style, its script and all of plotly's within it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from importlib import resources

import jinja2
import pandas as pd
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from sim.report.page.drawing import DARK, Drawing
from sim.report.page.words import Words
from sim.results.read import Saved
from sim.results.scenario import BY_PLAY, NOTES


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

    def saying(self, says: str) -> "Chart":
        """The same with another sentence."""
        return replace(self, says=says)

    def drawn(self, figure: Drawing, table: Table) -> "Chart":
        """The same with a figure, and its numbers as a table."""
        return replace(self, figure=figure, table=table)


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


def render(page: Page, words: Words) -> str:
    """The page's HTML; the same page gives the same bytes.

    Args:
        page: what is on it.
        words: the language it is written in.
    """
    figures = any(chart.figure for section in page.sections for chart in section.charts)
    return template("page").render(
        page=page,
        words=words,
        style=file("page", "style.css"),
        script=file("page", "figures.js"),
        plotly=Markup(get_plotlyjs().replace("</script", "<\\/script")) if figures else None,
        dark=_json(DARK),
        figure_json=_figure,
    )


def template(room: str) -> jinja2.Template:
    """The template of the pages of a room of `sim.report`, with what is written in it escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(partial(_read, room)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def file(room: str, name: str) -> Markup:
    """A style, a script or another file beside a room's template, to be put into it as it is."""
    return Markup(_read(room, name))


def _read(room: str, name: str) -> str:
    folder = resources.files("sim.report") / room / "templates"
    return (folder / name).read_text(encoding="utf-8")


def _figure(figure: Drawing) -> Markup:
    return _json({"data": figure.data, "layout": figure.layout})


def _json(contents: object) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(contents, ensure_ascii=False, allow_nan=False, default=_plain)
    return Markup(text.replace("<", "\\u003c"))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value)} cannot be drawn")


DEFINED = (
    *(
        "visit",
        "wait",
        "door_wait",
        "unserved",
        "occupied",
        "full",
        "response",
        "nobody_free",
        "cover",
    ),
    *("busy", "overtime", "typical", "worst"),
)
"""Words that every run's page explains, in this order."""
COMPARED = ("difference", "verdict", "wait", "unserved", "response", "nobody_free", "cover", "cost")
"""Words that the pages of several designs explain."""
_LEFT_OUT = ("schema", "files", "packages", "precision", "manifest_sha256")


def about_sections(
    saved: Saved, words: Words, defined: tuple[str, ...] = DEFINED
) -> Iterator[Section]:
    """Assumptions with their sources, method and definitions, and the manifest.

    Args:
        saved: the folder of the results.
        words: the language.
        defined: which words are explained.
    """
    yield _assumptions(saved.table(NOTES), words)
    texts = ("model", "chance", "intervals", "limits", *(("older",) if saved.is_older else ()))
    yield Section(
        "method",
        words["method.title"],
        tuple(words[f"method.{name}"] for name in texts),
        terms=tuple((words[f"define.{name}"], words[f"define.{name}_is"]) for name in defined),
    )
    yield _manifest(saved, words)


def _assumptions(notes: pd.DataFrame | None, words: Words) -> Section:
    if notes is None:
        return Section("assumptions", words["notes.title"], (words["notes.none"],))
    assumed = notes[notes["assumption"]]
    sourced = notes[~notes["assumption"] & (notes["note"] != "")]
    by_play = notes["file"] == BY_PLAY
    typed = notes[(notes["note"] == "") & ~by_play]
    tables = [
        _notes_table(words[f"notes.{name}"], some, words)
        for name, some in (
            ("assumed", assumed),
            ("sourced", sourced),
            ("set", typed),
            ("found", notes[by_play]),
        )
        if len(some)
    ]
    intro = words.say(
        "notes.intro",
        assumed=words.number(len(assumed), 0),
        sourced=words.number(len(sourced), 0),
    )
    return Section("assumptions", words["notes.title"], (intro,), folded=tuple(tables))


def _notes_table(caption: str, notes: pd.DataFrame, words: Words) -> Table:
    rows = tuple(notes[["field", "value", "note"]].itertuples(index=False, name=None))
    head = (words["axis.setting"], words["axis.value"], words["axis.note"])
    return Table(caption, head, rows, is_text=True)


def _manifest(saved: Saved, words: Words) -> Section:
    rows = [
        (words.texts.get(f"manifest.{key}", key), str(value))
        for key, value in saved.manifest.items()
        if key not in _LEFT_OUT and not isinstance(value, dict)
    ]
    packages = saved.manifest.get("packages", {})
    rows.append(
        (
            words["manifest.packages"],
            ", ".join(f"{name} {version}" for name, version in packages.items()),
        )
    )
    head = (words["axis.what"], words["axis.value"])
    table = Table(words["manifest.table"], head, tuple(rows), is_text=True)
    return Section("manifest", words["manifest.title"], (words["manifest.intro"],), folded=(table,))
