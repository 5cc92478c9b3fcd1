"""Rules that rotas break, where and when: a table of one rota, and a section of several."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.report.page.document import Cell, Section, Table
from sim.report.page.verdict import Mark
from sim.report.page.words import Words, heading
from sim.rota.check.rules import Breach, Rule

BREACHES = "breaches.csv"
"""The table, where options differ in who works when."""
MOST = 40
"""Breaches that are listed; all of them are in the table on disk."""


@dataclass(frozen=True)
class Broken:
    """A rule broken, as a page tells of it."""

    rule: Rule
    where: str
    when: str
    what: str

    @classmethod
    def of(cls, one: Breach) -> "Broken":
        """What a check found."""
        return cls(one.rule, one.where, one.when, one.what)


def rule_name(rule: Rule, words: Words) -> str:
    """A rule in words."""
    return words[f"rota.rule_{rule.name.lower()}"]


def broken_by(table: pd.DataFrame | None) -> Mapping[str, list[Broken]]:
    """By option what its rota breaks.

    Args:
        table: as `breaches.csv`; None where none was written.
    """
    known = {rule.words: rule for rule in Rule}
    found: dict[str, list[Broken]] = {}
    for one in () if table is None else table.to_dict(orient="records"):
        broken = Broken(known[str(one["rule"])], *(str(one[key]) for key in _TOLD))
        found.setdefault(str(one["option"]), []).append(broken)
    return found


_TOLD = ("where", "when", "what")


def where_table(broken: Iterable[Broken], words: Words) -> Table | None:
    """Which rule is broken where, when and how; None where none is."""
    found = list(broken)
    if not found:
        return None
    rows = tuple(
        (heading(rule_name(one.rule, words)), heading(words.name(one.where)), one.when, one.what)
        for one in found[:MOST]
    )
    caption = words["rota.where_table"]
    if len(found) > MOST:
        caption = words.say(
            "rota.where_most",
            shown=words.number(MOST, 0),
            number=words.number(len(found), 0),
        )
    head = tuple(words[f"rota.{one}"] for one in ("rule", "broken_where", "broken_when", "what"))
    return Table(caption, head, rows, is_text=True, cards=True)


def rules_section(
    table: pd.DataFrame | None, names: Mapping[str, str], words: Words
) -> Section | None:
    """Which option's rota breaks which rule how often, where and when.

    Args:
        table: as `breaches.csv`; None where options do not differ in who works when.
        names: of each option its name in words, by its own.
        words: the language.
    """
    if table is None:
        return None
    found = broken_by(table)
    rules = {one.rule for each in found.values() for one in each}
    broken = [rule for rule in Rule if rule in rules]
    kept = [name for own, name in names.items() if own not in found]
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
    found: Mapping[str, Sequence[Broken]],
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
