"""The page's HTML: the questions, the answers to a move, and the files beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from importlib import resources
from itertools import groupby

import jinja2
from markupsafe import Markup

from sim.report.page.document import as_json, file, style, templates
from sim.report.page.verdict import Mark
from sim.report.page.words import Words
from sim.serve.answers import Answers, Beside
from sim.serve.history import Row
from sim.serve.moves import Site
from sim.serve.questions import Group, Question

_FILES = {".js": "text/javascript", ".css": "text/css", ".txt": "text/plain"}
_SPOKEN = "serve.js_"
"""The words that the page's script says."""
_OF_EDITOR = "serve.editor_"


@lru_cache
def _templates() -> jinja2.Environment:
    return templates(_read)


def _read(name: str) -> str:
    if name == "verdict.html":
        return str(file("page", name))
    return (resources.files("sim.serve") / "templates" / name).read_text(encoding="utf-8")


def page(site: Site, asked: Sequence[Question], rows: Sequence[Row], words: Words) -> str:
    """The whole page.

    Args:
        site: the scenario as it was started with.
        asked: what can be moved.
        rows: what was tried.
        words: the language.
    """
    scenario = site.loaded.scenario
    first = [one for one in asked if one.group is not Group.MORE]
    start = {
        "file": site.path.name,
        "locale": words["serve.locale"],
        "questions": [asdict(one) for one in asked],
        "rows": [one.as_json() for one in rows],
        "words": _said(words, _SPOKEN) | {"editor": _said(words, _OF_EDITOR)},
    }
    return (
        _templates()
        .get_template("page.html")
        .render(
            title=scenario.title or words.name(scenario.name),
            groups=[
                (group, list(some)) for group, some in groupby(first, key=lambda one: one.group)
            ],
            marks=list(Mark),
            start=as_json(start),
            words=words,
        )
    )


def _said(words: Words, beginning: str) -> dict[str, object]:
    """The words whose names begin so, by the rest of their names."""
    return {
        key.removeprefix(beginning): text
        for key, text in words.texts.items()
        if key.startswith(beginning)
    }


def answers_html(found: Answers, words: Words) -> Mapping[str, str]:
    """The words of the page that a move changes, by the element that they stand in."""
    return _parts(found, words, "said", "cards")


def beside_html(found: Beside, words: Words) -> Mapping[str, str]:
    """What a move changes below them."""
    return _parts(found, words, "beside", "pictures")


def _parts(found: Answers | Beside, words: Words, *names: str) -> Mapping[str, str]:
    template = _templates().get_template("answers.html")
    parts = vars(template.make_module({"words": words}))  # a module has its macros as attributes
    return {name: str(parts[name](found)) for name in names}


def asset(name: str) -> tuple[str, str] | None:
    """A file beside the page, and what it is; None if there is none of that name."""
    suffix = name[name.rfind(".") :]
    if suffix not in _FILES or "/" in name or name.startswith("."):
        return None
    if name == "style.css":
        return style_sheet(), _FILES[suffix]
    found = resources.files("sim.serve") / "assets" / name
    return (found.read_text(encoding="utf-8"), _FILES[suffix]) if found.is_file() else None


@lru_cache
def style_sheet() -> str:
    """The look of every page, and what only this one has."""
    own = (resources.files("sim.serve") / "assets" / "serve.css").read_text(encoding="utf-8")
    return Markup("\n").join((style(), file("page", "style.css"), Markup(own)))
