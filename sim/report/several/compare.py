"""The page of a comparison: what each option gains and pays, and whether it is real."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from sim.report.charts.difference import difference_picture, hour_by_hour
from sim.report.page.document import (
    Beside,
    Block,
    Cell,
    Page,
    Picture,
    Section,
    Table,
)
from sim.report.page.phrases import Phrases
from sim.report.page.verdict import Mark
from sim.report.page.words import Words, heading
from sim.report.pages.about import COMPARED, about_sections
from sim.report.several.choice import choice_sections
from sim.report.several.compared import rankings, sections_below, targets_of_all
from sim.report.several.gains import base_text, card, cell, finding, label, months
from sim.report.several.options import (
    Figure,
    Key,
    Option,
    everybody_met,
    read_options,
    shown_rows,
)
from sim.results.folder import ResultsError
from sim.results.read import Saved
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import load_scenario
from sim.scenario.model.scenario import Scenario
from sim.study.compare.matters import Finding

_BY_HOUR: Mapping[str, tuple[Key, ...]] = {
    "intake_paused": (
        ("intake_paused", "minutes_per_week"),
        ("role_missing", "minutes_per_week"),
        ("below_cover", "minutes_per_week"),
    ),
    "unserved": (("unserved", "share"),),
    "wait_mean": (("wait", "p90"), ("wait", "mean")),
}
"""What is known hour by hour, and the figures of which one must surely differ to have it drawn."""
_MOST_ON_A_SHEET = 3
"""Options whose cards, table and picture fit on one sheet; of more the table is on the next."""
_MOST_ROWS = 8
"""And so of a table of more rows."""


def compare_page(saved: Saved, words: Words) -> Page:
    """All that a comparison says.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    table = saved.need("comparison.csv")
    contents = saved.contents("comparison.json")
    base = base_scenario(saved, contents)
    options = read_options(table, contents, Phrases(base, words))
    currency = _currency(base, table)
    hours = saved.table("comparison_by_hour.csv")
    picture = _picture(hours, options, words)
    differs = _differs(options, currency, _base_name(base, contents, words), words)
    rows = len(differs.table.rows) if differs.table is not None else 0
    few, free = len(options) <= _MOST_ON_A_SHEET, tuple(unpriced(base, contents, words))
    fits = few and rows <= _MOST_ROWS
    if not few:  # their cards leave no room above
        differs = replace(differs, sentences=(*differs.sentences, *free))
    return Page(
        title=finding(options, currency, words),
        tab=words.say("compare.title", base=_base_name(base, contents, words)),
        facts=tuple(_facts(base, contents, options, words)),
        lead=(_lead(base, contents, options, words), *(free if few else ())),
        cards=tuple(card(one, currency, words) for one in options),
        beside=(differs,),
        pictures=() if picture is None else (picture,),
        picture_last=fits,
        beside_later=not fits,
        foot=_foot(contents, saved, words),
        sections=(
            *_worlds(saved, base, contents, options, words),
            *rankings(saved, contents, options, base, words),
            *sections_below(table, contents, hours, options, words),
            *targets_of_all(saved, options, contents, words),
            *about_sections(saved, words, COMPARED),
        ),
    )


def _worlds(
    saved: Saved,
    base: Scenario | None,
    contents: Mapping[str, Any],
    options: Sequence[Option],
    words: Words,
) -> Iterator[Section]:
    names = {one.own: one.name for one in options}
    names[str(contents["base"]["name"])] = words["compare.as_it_is"]
    return choice_sections(saved, names, Phrases(base, words), words)


def base_scenario(saved: Saved, contents: Mapping[str, Any]) -> Scenario | None:
    """The scenario with which the others are compared; None where it cannot be read any more."""
    path = saved.folder / str(contents["base"].get("file", ""))
    try:
        return load_scenario(path) if path.is_file() else None
    except (ScenarioError, ResultsError):
        return None


def _currency(base: Scenario | None, table: pd.DataFrame) -> str:
    """Of all costs, as the table has it."""
    units = table[table["metric"] == "cost"]["unit"]
    if len(units):
        return str(units.iloc[0]).partition("/")[0]
    return "" if base is None else base.currency


def _base_name(base: Scenario | None, contents: Mapping[str, Any], words: Words) -> str:
    """What the base is called in a sentence: its title up to the first comma."""
    title = (base.title if base is not None else "").split(",")[0].strip()
    return title or words.name(str(contents["base"]["name"]))


def _facts(
    base: Scenario | None, contents: Mapping[str, Any], options: Sequence[Option], words: Words
) -> Iterator[str]:
    yield base.title if base is not None and base.title else str(contents["base"]["name"])
    yield words.count("compare.options", len(options))
    if base is not None:
        horizon = base.horizon
        days = horizon.total_days - 7 * horizon.warmup_weeks
        number = months(int(contents["replications"]), days, words)
        yield words.say("compare.months", number=number)
    if not any(one.other_people for one in options):
        yield words["compare.same_people"]


def _lead(
    base: Scenario | None, contents: Mapping[str, Any], options: Sequence[Option], words: Words
) -> str:
    key = "compare.lead"
    if any(one.other_demand for one in options):
        key = "compare.lead_others"
    elif any(one.other_people for one in options):
        key = "compare.lead_hours"
    return words.say(
        key,
        options=heading(words.count("compare.options", len(options))),
        base=_base_name(base, contents, words),
    )


def unpriced(base: Scenario | None, contents: Mapping[str, Any], words: Words) -> Iterator[str]:
    """That what options add has no price, where it has none: else it would seem to be free."""
    if base is None:
        return
    costs = base.site_costs
    paths = [str(one["path"]).split(".") for each in contents["options"] for one in each["changes"]]
    places = any(path[0] == "rooms" and path[-1] == "places" for path in paths)
    hours = any(path[:2] == ["opening", "hours"] for path in paths)
    for name, is_changed, is_priced in (
        ("places", places, bool(costs.place)),
        ("hours", hours, bool(costs.opening_hour)),
    ):
        if is_changed and not is_priced:
            yield words[f"compare.unpriced_{name}"]


def _foot(contents: Mapping[str, Any], saved: Saved, words: Words) -> str:
    return words.say(
        "compare.foot",
        replications=words.count("unit.replications", int(contents["replications"])),
        seed=contents["seed"],
        version=saved.manifest.get("version", ""),
    )


# --- what differs ---------------------------------------------------------------------------------


def _differs(options: Sequence[Option], currency: str, base: str, words: Words) -> Beside:
    """The table of what differs, and on demand of what does not."""
    moved, still = shown_rows(options)
    sentences = []
    if everybody_met(options):
        sentences.append(words["compare.all_met"])
    if still:
        sentences.append(words.count("compare.still", len(still)))
    if not moved:
        sentences.insert(0, words["compare.nothing_differs"])
    names = tuple(one.name for one in options)
    head = (words.say("compare.difference_from", base=base), words["compare.as_it_is"], *names)
    rows = tuple(_row(key, options, currency, words) for key in moved)
    folded = tuple(_row(key, options, currency, words) for key in still)
    return Beside(
        "differs",
        words["compare.differs"],
        Table("", head, rows) if rows else None,
        tuple(sentences),
        tuple(_block(one, moved, options, currency, words) for one in options) if rows else (),
        (Table(words["compare.show"], head, folded),) if folded else (),
    )


def _row(
    key: Key, options: Sequence[Option], currency: str, words: Words
) -> tuple[str | Cell, ...]:
    found = [one.of(key) for one in options]
    known = next((one for one in found if one is not None), None)
    first = "" if known is None else base_text(known, words)
    return label(key, found, currency, words), first, *(cell(one, key, words) for one in options)


def _block(
    option: Option, keys: Sequence[Key], options: Sequence[Option], currency: str, words: Words
) -> Block:
    """What differs in one option."""
    lines = tuple(
        (cell(option, key, words), label(key, [each.of(key) for each in options], currency, words))
        for key in keys
        if (one := option.of(key)) is not None and not one.is_same
    )
    return Block(option.name, lines or (undivided(option, words),))


def undivided(option: Option, words: Words) -> tuple[Cell, str]:
    """What is said of an option that differs in no figure that is shown, as its card says it."""
    if unsure := option.topics(Finding.UNSURE):
        topics = words.listed([words[f"option.topic_{one}"] for one in unsure])
        return Cell(Mark.CANNOT_SAY, words["option.cell_cannot"]), heading(topics)
    return Cell(Mark.SAME, words["option.cell_same"]), words["compare.in_all"]


def _picture(hours: pd.DataFrame | None, options: Sequence[Option], words: Words) -> Picture | None:
    """The hours of the largest difference that is sure; None where there is none."""
    if hours is None:
        return None
    found = [
        (figure.weight, option, metric, figure)
        for option in options
        for metric, keys in _BY_HOUR.items()
        for figure in [_sure(option, keys)]
        if figure is not None and hour_by_hour(hours, metric, option.own) is not None
    ]
    if not found:
        return None
    _, option, metric, figure = max(found, key=lambda one: (not one[1].other_demand, one[0]))
    drawn = hour_by_hour(hours, metric, option.own)
    if drawn is None or not len(drawn.hours):
        return None
    top = drawn.top
    way = "more" if drawn.apart[top] > 0 else "less"
    title = words.say(
        f"difference.{metric}_{way}",
        option=option.name,
        number=words.brief(abs(float(drawn.apart[top]))),
        start=words.hour(top),
        end=words.hour(top + 1),
    )
    look = "enough" if figure.finding is Finding.BETTER else "short"
    names = (words["compare.as_it_is"], option.name)
    return difference_picture(drawn, look, title, names, words)


def _sure(option: Option, keys: Sequence[Key]) -> Figure | None:
    """The first of some figures that is surely better or worse."""
    found = (option.of(key) for key in keys)
    return next(
        (
            one
            for one in found
            if one is not None and one.finding in {Finding.BETTER, Finding.WORSE}
        ),
        None,
    )
