"""The page of a tornado: the assumptions of a scenario, one at a time."""

import pandas as pd

from sim.report.charts.tornado import moved, tornado_pictures
from sim.report.page.document import Page, Picture, Section, Table
from sim.report.page.phrases import Phrases
from sim.report.page.words import Words, heading
from sim.report.pages.about import COMPARED, about_sections, scenario_of
from sim.results.read import Saved

_TO_MEASURE = 3
"""Assumptions that the title names."""


def tornado_page(saved: Saved, words: Words) -> Page:
    """Which assumptions move the answer.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    table, contents = saved.need("tornado.csv"), saved.contents("tornado.json")
    scenario = scenario_of(saved)
    phrases = Phrases(scenario, words)
    lead = words.say(
        "tornado.lead",
        number=words.number(len(contents["assumptions"]), 0),
        replications=words.count("unit.replications", int(contents["replications"])),
        seed=contents["seed"],
    )
    found = tuple(tornado_pictures(table, phrases, words))
    first = [one for one in found if isinstance(one, Picture)][:1]
    others = tuple(one for one in found if one not in first)
    names = [
        phrases.name(phrases.path(one["field"]))
        for one in contents["assumptions"]
        if one["largest_sure_effect_in_margins"] >= 1
    ]
    title = words["tornado.weak"]
    if names:
        title = words.say("tornado.first", fields=words.listed(names[:_TO_MEASURE]))
    facts = (scenario.title if scenario and scenario.title else str(contents["scenario"]),)
    section = Section(
        "sensitivity",
        words["tornado.title"],
        (words["tornado.intro"],),
        charts=others,
        finding=words.count("tornado.others", len(others)) if others else "",
        folded=(_all(table, phrases, words),),
    )
    return Page(
        title=title,
        tab=words.say("tornado.page", name=contents["scenario"]),
        facts=facts,
        lead=(lead,),
        pictures=tuple(first),
        sections=(section, *about_sections(saved, words, COMPARED)),
    )


def _all(table: pd.DataFrame, phrases: Phrases, words: Words) -> Table:
    """Every assumption with its range in words."""
    (_, mine), *_ = list(table.groupby(["metric", "statistic"], sort=False))
    rows = tuple((heading(row.name), row.text) for _, row in moved(mine, phrases))
    return Table(
        words["tornado.all"], (words["axis.assumption"], words["tornado.range"]), rows, is_text=True
    )
