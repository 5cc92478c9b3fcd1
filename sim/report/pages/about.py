"""How every page ends: assumptions with their sources, method and words, and the manifest."""

from collections.abc import Iterator

import pandas as pd

from sim.report.page.document import Section, Table
from sim.report.page.words import Words
from sim.results.read import Saved
from sim.results.scenario import BY_PLAY, NOTES

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
        is_appendix=True,
    )
    yield glossary_section(words)
    yield _manifest(saved, words)


def glossary_section(words: Words) -> Section:
    """Words of the field, each in a plain sentence; `docs/glossary.md` has the same."""
    return Section("glossary", words["glossary.title"], terms=glossary(words))


def glossary(words: Words) -> tuple[tuple[str, str], ...]:
    """Each word and what it means, in the order of the alphabet."""
    found = [
        (words[key.removesuffix("_is")], words[key])
        for key in words.texts
        if key.startswith("glossary.") and key.endswith("_is")
    ]
    return tuple(sorted(found, key=lambda one: _alphabetic(one[0])))


def _alphabetic(text: str) -> str:
    """Danish letters come last: æ, ø, å."""
    return text.casefold().translate(str.maketrans("æøå", "{|}"))


def _assumptions(notes: pd.DataFrame | None, words: Words) -> Section:
    if notes is None:
        return Section(
            "assumptions", words["notes.title"], (words["notes.none"],), is_appendix=True
        )
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
    return Section(
        "assumptions", words["notes.title"], (intro,), folded=tuple(tables), is_appendix=True
    )


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
    intro = (words["manifest.intro"],)
    title = words["manifest.title"]
    return Section("manifest", title, intro, folded=(table,), is_appendix=True)
