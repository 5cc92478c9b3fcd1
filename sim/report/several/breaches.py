"""Rules that rotas break, where and when: a table of one rota, and a section of several."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sim.report.page.document import Cell, Section, Table
from sim.report.page.verdict import Mark
from sim.report.page.words import Words, heading
from sim.results.folder import ResultsError
from sim.results.read import Saved
from sim.rota.check.check import check_rota
from sim.rota.check.rules import Breach, Rule

BREACHES = "breaches.csv"
"""The table, where options differ in who works when."""
MOST = 40
"""Breaches that are listed; all of them are in the table on disk."""


def rule_name(rule: Rule, words: Words) -> str:
    """A rule in words."""
    return words[f"rota.rule_{rule.name.lower()}"]


def breaches_in(saved: Saved, contents: Mapping[str, Any]) -> dict[str, tuple[Breach, ...]] | None:
    """By option what its rota breaks, the base first.

    They are checked again, as a table has no room for what makes sentences of other languages.

    Args:
        saved: a folder of options.
        contents: its `comparison.json`.

    Returns:
        Nothing where options do not differ in who works when, or cannot be read any more.
    """
    if not (saved.folder / BREACHES).is_file():
        return None
    found = {}
    for one in (contents["base"], *contents["options"]):
        try:
            scenario = saved.other_scenario(str(one.get("file", "")))
        except ResultsError:
            return None
        known = scenario.staff is not None
        found[str(one["name"])] = check_rota(scenario).breaches if known else ()
    return found


def where_table(breaches: Sequence[Breach], words: Words) -> Table | None:
    """Which rule is broken where, when and how; None where none is."""
    if not breaches:
        return None
    rows = tuple(
        (
            heading(rule_name(one.rule, words)),
            heading(words.told(one.where).replace("_", " ")),
            *map(words.told, (one.when, one.what)),
        )
        for one in breaches[:MOST]
    )
    caption = words["rota.where_table"]
    if len(breaches) > MOST:
        caption = words.say(
            "rota.where_most",
            shown=words.number(MOST, 0),
            number=words.number(len(breaches), 0),
        )
    head = tuple(words[f"rota.{one}"] for one in ("rule", "broken_where", "broken_when", "what"))
    return Table(caption, head, rows, is_text=True, cards=True)


def rules_section(
    found: Mapping[str, Sequence[Breach]] | None, names: Mapping[str, str], words: Words
) -> Section | None:
    """Which option's rota breaks which rule how often, where and when.

    Args:
        found: by option; None where they do not differ in who works when.
        names: of each option its name in words, by its own.
        words: the language.
    """
    if found is None:
        return None
    rules = {one.rule for each in found.values() for one in each}
    broken = [rule for rule in Rule if rule in rules]
    kept = [name for own, name in names.items() if not found.get(own)]
    told = words["rota.all_keep"] if not broken else words["rota.none_keeps"]
    if broken and kept:
        told = words.count("rota.keep", len(kept), options=words.listed(kept))
    tables = [_counts(found, broken, names, words)] if broken else []
    folded = [
        Table(heading(names[own]), one.head, one.rows, is_text=True, cards=True)
        for own, each in found.items()
        if own in names and (one := where_table(each, words)) is not None
    ]
    title = words["rota.rules"]
    return Section("rules", title, tables=tuple(tables), folded=tuple(folded), finding=told)


def _counts(
    found: Mapping[str, Sequence[Breach]],
    broken: Sequence[Rule],
    names: Mapping[str, str],
    words: Words,
) -> Table:
    """A row a rule, a column an option."""
    counts = {own: Counter(one.rule for one in found.get(own, ())) for own in names}
    rows: tuple[tuple[str | Cell, ...], ...] = tuple(
        (heading(rule_name(rule, words)), *(_count(counts[own][rule], words) for own in names))
        for rule in broken
    )
    head = (words["rota.rule"], *map(heading, names.values()))
    return Table("", head, rows, is_text=True, cards=True)


def _count(number: int, words: Words) -> Cell:
    mark = Mark.NO if number else Mark.YES
    return Cell(mark, words.count("rota.times", number) if number else words["rota.kept_it"])
