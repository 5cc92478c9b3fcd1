"""How every page ends: assumptions with their sources, method and words, and the manifest."""

from collections.abc import Iterator, Mapping
from datetime import date

import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sim.report.page.document import Section, Table
from sim.report.page.phrases import Phrases
from sim.report.page.settings import HOLDERS, Steps
from sim.report.page.words import Words, heading
from sim.results.folder import ResultsError
from sim.results.read import Saved
from sim.results.scenario import BY_PLAY, NOTES
from sim.scenario.model.scenario import Scenario

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
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WISHES = ("choice", "prefer")
_OF_FACILITIES = (_WISHES, ("choice", "walk"))
"""Settings whose own keys are facilities."""
_LONGEST = 7
"""Values of a list that are told one by one."""
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
    yield _assumptions(saved.table(NOTES), Phrases(scenario_of(saved), words))
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


def scenario_of(saved: Saved) -> Scenario | None:
    """The scenario that was simulated, or varied; None where it cannot be read any more."""
    try:
        return saved.scenario()
    except ResultsError:
        return None


def _assumptions(notes: pd.DataFrame | None, phrases: Phrases) -> Section:
    words = phrases.words
    if notes is None:
        return Section(
            "assumptions", words["notes.title"], (words["notes.none"],), is_appendix=True
        )
    assumed = notes[notes["assumption"]]
    sourced = notes[~notes["assumption"] & (notes["note"] != "")]
    by_play = notes["file"] == BY_PLAY
    typed = notes[(notes["note"] == "") & ~by_play]
    tables = [
        notes_table(words[f"notes.{name}"], some, phrases)
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


def notes_table(caption: str, notes: pd.DataFrame, phrases: Phrases) -> Table:
    """Settings and their values in words, each with its note; what the file calls them below.

    Args:
        caption: above it.
        notes: settings as they were typed: `field`, `value` and `note`.
        phrases: of their scenario.
    """
    words, keys = phrases.words, tuple(str(field) for field in notes["field"])
    paths = [phrases.path(key) for key in keys]
    rows = tuple(
        (heading(phrases.name(path)), _typed(phrases, path, str(value)), str(note))
        for path, value, note in zip(paths, notes["value"], notes["note"], strict=True)
    )
    head = (words["axis.setting"], words["axis.value"], words["axis.note"])
    return Table(caption, head, rows, is_text=True, cards=True, keys=keys)


def _typed(phrases: Phrases, path: Steps, text: str) -> str:
    """A value in words, as it was typed; of one that is too long, where it is found."""
    reader = YAML(typ="safe", pure=True)
    while text and "&" not in text:  # an anchor: what it stands for is written elsewhere
        try:
            found = reader.load(text)
        except (YAMLError, ValueError):
            if text[-1] not in "]}":
                return phrases.words["notes.in_file"]
            text = text[:-1]  # what closes an earlier line stands at the end of this one
        else:
            return _in_words(phrases, path, found) or phrases.words["notes.in_file"]
    return phrases.words["notes.in_file"] if text else ""


def _in_words(phrases: Phrases, path: Steps, value: object) -> str:
    """A value in words; empty where it is too long."""
    words = phrases.words
    if isinstance(value, Mapping):
        return _entries(phrases, path, value)
    if isinstance(value, list):
        if value and all(isinstance(one, list) for one in value):  # one of each, of a team
            return "; ".join(" / ".join(words.name(str(role)) for role in one) for one in value)
        texts = [_in_words(phrases, path, one) for one in value[:_LONGEST]]
        return words.listed(texts) if len(value) <= _LONGEST else ""
    if isinstance(value, date):
        return words.date(value)
    if isinstance(value, str) and (days := _days(value, words)):
        return days
    is_share = path[:2] == _WISHES or path[-2:] == ("balking", "at_most")
    kind = "share" if is_share else phrases.kind(path)
    if isinstance(value, str) and value.endswith(" min"):
        kind = "min"
    return phrases.value(value, kind)


def _entries(phrases: Phrases, path: Steps, value: Mapping[str, object]) -> str:
    """What stands in a pair of braces: `lognormal: mean 20 min, spread 0.5`."""
    parts = [
        (_key(phrases, path, str(key)), _in_words(phrases, (*path, str(key)), one))
        for key, one in value.items()
        if key != "distribution"
    ]
    spread = value.get("distribution")
    if spread is not None:
        told = ", ".join(" ".join(one) for one in parts)
        return f"{phrases.value(spread)}: {told}" if told else phrases.value(spread)
    if all(f"field.{key}" in phrases.words.texts for key in value):
        return "; ".join(": ".join(one) for one in parts)
    return ", ".join(" ".join(one) for one in parts)


def _key(phrases: Phrases, path: Steps, key: str) -> str:
    """What a key within a value is called."""
    words = phrases.words
    if path[:2] in _OF_FACILITIES:
        return words.facility(key)
    if path[-1:] and path[-1] in HOLDERS:
        return words.name(key)
    return _days(key, words) or words.texts.get(f"field.{key}", words.name(key))


def _days(text: str, words: Words) -> str:
    """Days of the week, such as `Mon–Fri`; empty if it is something else."""
    ends = text.split("-")
    if not all(one in _WEEK for one in ends):
        return ""
    return "–".join(words.weekdays()[_WEEK.index(one)] for one in ends)


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
