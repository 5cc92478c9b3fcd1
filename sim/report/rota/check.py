"""The page of a check: which rules a rota keeps, and where and when it breaks the others."""

from collections import Counter
from collections.abc import Iterator

from sim.measures.cost import cost_per_week, hours_per_week, posts
from sim.report.page.document import Cell, Page, Section, Table
from sim.report.page.verdict import Mark
from sim.report.page.words import Words
from sim.report.pages.about import glossary_section
from sim.report.rota.drawn import Rota
from sim.report.rota.wall import wall_section, who_table
from sim.rota.check.check import CheckedRota, check_rota
from sim.rota.check.rules import Rule, staff_of
from sim.scenario.model.scenario import Scenario

_YEAR = 365 / 7
_MOST = 200
"""Breaches that stand on the page."""


def check_page(scenario: Scenario, words: Words) -> Page:
    """Whether a rota keeps its rules.

    Args:
        scenario: whose rota it is.
        words: the language.

    Raises:
        NeedError: it has no staff.
    """
    found = check_rota(scenario)
    rota = Rota(scenario.name, scenario, {}, words)
    number = Counter(one.rule for one in found.breaches)
    hours: dict[Rule, float] = dict.fromkeys(Rule, 0.0)
    for one in found.breaches:
        hours[one.rule] += one.hours
    rows = []
    for rule in sorted(Rule, key=lambda one: -number[one]):
        mark = Mark.NO if number[rule] else Mark.YES
        if rule in found.unchecked:
            mark = Mark.CANNOT_SAY
        text = words.count("rota.times", number[rule]) if number[rule] else ""
        lasts = words.say("rota.short_hours", hours=words.brief(hours[rule])) if hours[rule] else ""
        rows.append((Cell(mark, words[f"mark.{mark}"]), _rule(rule, words), text, lasts))
    broken = len([rule for rule in Rule if number[rule]])
    title = words.count("rota.check_breaks", broken) if broken else words["rota.check_keeps"]
    head = tuple(words[f"rota.{one}"] for one in ("kept", "rule", "broken", "for"))
    staff = staff_of(scenario)
    total = sum(hours_per_week(scenario, line) for line in range(len(staff.rota)))
    cost = sum(cost_per_week(scenario, line) for line in range(len(staff.rota)))
    lead = words.say(
        "rota.check_lead",
        hours=words.brief(total),
        posts=words.number(sum(posts(scenario, role) for role in staff.roles), 1),
        amount=words.money(cost * _YEAR, scenario.currency),
    )
    unchecked = (words["rota.no_names"],) if found.unchecked else ()
    return Page(
        title=title,
        tab=scenario.title or scenario.name,
        facts=(scenario.title or scenario.name,),
        lead=(lead, *unchecked),
        pictures=(rota.picture("rota"),),
        sections=(
            Section(
                "rules",
                words["rota.rules"],
                tables=(Table("", head, tuple(rows), is_text=True, cards=True),),
                is_open=True,
            ),
            *_breaches(found, words),
            Section("who", words["rota.who_title"], tables=(who_table(rota),)),
            wall_section(rota),
            glossary_section(words),
        ),
    )


def _breaches(found: CheckedRota, words: Words) -> Iterator[Section]:
    """Where and when each rule is broken, in a sentence; nothing where none is."""
    if not found.breaches:
        return
    head = tuple(words[f"rota.{one}"] for one in ("rule", "about", "when", "what"))
    rows = tuple(
        (_rule(one.rule, words), *map(words.told, (one.where, one.when, one.what)))
        for one in found.breaches[:_MOST]
    )
    table = Table("", head, rows, is_text=True, cards=True)
    more = len(found.breaches) - _MOST
    intro = (words.tell("rota.more_breaches", number=more),) if more > 0 else ()
    yield Section("breaches", words["rota.breaches_title"], intro, tables=(table,))


def _rule(rule: Rule, words: Words) -> str:
    return words[f"rota.rule_{rule.name.lower()}"]
