"""The page of a check: which rules a rota keeps, and where and when it breaks the others."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sim.measures.figures.cost import cost_per_week, hours_per_week, posts
from sim.report.page.document import Cell, Page, Section, Table
from sim.report.page.verdict import Mark
from sim.report.page.words import Words
from sim.report.pages.about import glossary_section
from sim.report.rota.drawn import Rota
from sim.report.rota.wall import wall_section, who_table
from sim.report.several.breaches import rule_name, where_table
from sim.rota.check.check import check_rota
from sim.rota.check.rules import Breach, Rule, staff_of
from sim.scenario.model.scenario import Scenario

_YEAR = 365 / 7


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
        told = (text, lasts) if number else ()
        rows.append((Cell(mark, words[f"mark.{mark}"]), rule_name(rule, words), *told))
    broken = len([rule for rule in Rule if number[rule]])
    title = words.count("rota.check_breaks", broken) if broken else words["rota.check_keeps"]
    names = ("kept", "rule", "broken", "for") if broken else ("kept", "rule")
    head = tuple(words[f"rota.{one}"] for one in names)
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
            *_where(found.breaches, words),
            Section("who", words["rota.who_title"], tables=(who_table(rota),)),
            wall_section(rota),
            glossary_section(words),
        ),
    )


def _where(breaches: Sequence[Breach], words: Words) -> Iterator[Section]:
    """Where and when rules are broken; nothing where none is."""
    table = where_table(breaches, words)
    if table is not None:
        told = words.count("rota.times_in_all", len(breaches))
        title = words["rota.where_title"]
        yield Section("where", title, tables=(table,), finding=told, is_open=True)
