"""Below a sizing's first screen: how sure, the next best, the rule of thumb, assumptions."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from math import isinf
from typing import Any

import pandas as pd

from sim.report.page.document import Cell, Section, Table
from sim.report.page.verdict import Mark
from sim.report.page.words import SHARE, Words, heading
from sim.report.pages.sized import HUNDRED, Sized, how_sure, is_empty, value_text
from sim.report.pages.worlds import confirmed_text, per_100
from sim.study.estimate.intervals import Estimate

_FATES = (
    "misses",
    "ruled out",
    "ruled out by load",
    "breaks a rule",
    "meets",
    "not sure",
    "not looked at",
)


def size_sections(sized: Sized) -> Iterator[Section]:
    """All that is folded, in the order in which it is asked."""
    words = sized.words
    if sized.is_found:
        yield _sure_section(sized)
        insured = sized.saved.table("insurance.csv")
        if insured is not None:
            yield _insured_section(sized, insured)
        yield _next_section(sized)
    thumbs = sized.saved.table("thumbs.csv")
    if thumbs is not None:
        yield _thumb_section(sized, thumbs)
    again = sized.saved.table("assumptions.csv")
    if again is not None:
        yield _again_section(sized, again)
    if not sized.is_found:
        fates = _fates(sized, sized.designs)
        yield Section("fates", words["size.fates_title"], tables=(fates,))


def _sure_section(sized: Sized) -> Section:
    words, contents = sized.words, sized.contents
    near = [
        words.say(
            "size.near",
            target=target.says,
            tolerance=_tolerance(float(one["tolerance"]), str(one["unit"]), words),
        )
        for one, target in zip(contents["targets"], sized.targets, strict=True)
        if one["decided"]
    ]
    intro = [how_sure(sized)]
    if near:
        intro.append(words.say("size.but_for", near="; ".join(near)))
    if left := int(contents["cheaper_designs_left_out_unplayed"]):
        again = words.number(float(contents["of_those_left_out_looked_at_again"]), 0)
        intro.append(words.say("size.assumed", left=words.number(left, 0), again=again))
    broken = int(contents["safety"][0]["rules_of_rota_check_broken"])
    if broken and sized.scenario.rota_rules is None:
        intro.append(words.count("size.no_rota_rules", broken))
    cost = float(sized.row["cost_per_year"]) if sized.row is not None else 0.0
    cheaper = sized.designs[sized.designs["cost_per_year"] < cost]
    tables = (_fates(sized, cheaper),) if len(cheaper) else ()
    finding = words.count("size.cheaper", len(cheaper)) if len(cheaper) else words["size.cheapest"]
    return Section("sure", words["sure.title"], tuple(intro), tables=tables, finding=finding)


def _tolerance(value: float, unit: str, words: Words) -> str:
    if unit == SHARE:
        return words.say("decide.in_100", number=words.exact(HUNDRED * value))
    return f"{words.exact(value)} {words.texts.get(f'unit.{unit}', unit)}".strip()


def _fates(sized: Sized, designs: pd.DataFrame) -> Table:
    """What became of designs, and of how many."""
    words, number = sized.words, Counter(str(one) for one in designs["status"])
    rows = tuple(
        (words[f"size.fate_{fate.replace(' ', '_')}"], words.number(number[fate], 0))
        for fate in _FATES
        if number[fate]
    )
    return Table(words["size.fates"], (words["size.fate"], words["size.designs_head"]), rows)


def _next_section(sized: Sized) -> Section:
    """The answer beside the next best."""
    words = sized.words
    met = [sized.rows[sized.key(one)] for one in sized.contents["meets"]]
    rows: list[tuple[str, ...]] = [
        (heading(sized.settings.axis(name)), *(value_text(row[name], words) for row in met))
        for name in sized.names
    ]
    rows.append((words["size.cost_a_year"], *(sized.money(float(r["cost_per_year"])) for r in met)))
    figures = [("size.leave", "unserved_share", float(HUNDRED)), ("size.p90", "wait_p90", 1.0)]
    if sized.scenario.staff is not None:
        figures.append(("size.paused", "intake_paused", 1.0))
    for key, column, times in figures:
        cells = [_known_cell(row, column, times, words) for row in met]
        rows.append((heading(words[key]), *cells))
    head = (words["size.setting"], words["size.cheapest_head"], words["size.next_head"])
    finding = words["size.only_one"]
    if len(met) > 1:
        more = float(met[1]["cost_per_year"]) - float(met[0]["cost_per_year"])
        changes = sized.changes({str(k): v for k, v in met[0].items()}, met[1])
        finding = words.say("size.next_is", amount=sized.money(more), changes=changes)
        if round(more) == 0:
            finding = words.say("size.next_same", changes=changes)
    table = Table("", head[: 1 + len(met)], tuple(rows))
    return Section("next", words["size.next_title"], tables=(table,), finding=finding)


def _insured_section(sized: Sized, insured: pd.DataFrame) -> Section:
    """What it costs to meet the targets in most worlds, and not only for the values as written."""
    words = sized.words
    written, *found = insured.to_dict(orient="records")
    wanted = per_100(float(written["wanted"]), words)
    rows = []
    for name, row in zip(("written", "worlds"), (written, *found), strict=False):
        design = words.listed([sized.settings.said(one, row[one]) for one in sized.names])
        number = words.number(int(row["worlds"]), 0)
        met = words.say("insure.of_100", met=per_100(float(row["met"]), words), worlds=number)
        label = words.say(f"insure.for_{name}", wanted=wanted)
        rows.append((label, design, sized.money(float(row["cost_per_year"])), met))
    if not found:
        key = "insure.none" if bool(written["all_tried"]) else "insure.none_yet"
        finding = words.say(key, number=words.number(int(written["dropped"]), 0))
        intro = [words["insure.intro"]]
    else:
        extra = float(found[0]["cost_per_year"]) - float(written["cost_per_year"])
        finding = words.say(
            "insure.costs" if extra > 0 else "insure.saves", money=sized.money(abs(extra))
        )
        if sized.key(written) == sized.key(found[0]):
            finding = words["insure.same"]
            del rows[1]
        elif extra == 0:
            finding = words["insure.free"]
        confirmed = confirmed_text(float(found[0]["confirmed"]), int(found[0]["worlds"]), words)
        intro = [words["insure.intro"], confirmed]
    head = (words["insure.for"], words["insure.design"], words["size.cost_a_year"])
    table = Table("", (*head, words["insure.met"]), tuple(rows), is_text=True, cards=True)
    title = words.say("insure.heading", wanted=wanted)
    return Section("insured", title, tuple(intro), tables=(table,), finding=finding, is_open=True)


def _known_cell(row: Mapping[Hashable, Any], column: str, times: float, words: Words) -> str:
    known = Estimate(*(float(row[f"{column}{end}"]) for end in ("", "_low", "_high")))
    if isinf(known.value):
        return words["size.very_long"]
    if any(map(isinf, known)):
        known = Estimate(known.value)
    ends = words.brief_range(known, times)
    number = words.brief(times * known.value)
    return f"{number} ({ends})" if ends else number


def _thumb_section(sized: Sized, thumbs: pd.DataFrame) -> Section:
    """What the rule of thumb would have built, and what that would have meant."""
    words = sized.words
    rooms = [
        str(name).removeprefix("places_") for name in thumbs if str(name).startswith("places_")
    ]
    by_text = {one.text: one for one in sized.targets}
    rows: list[tuple[str | Cell, ...]] = []
    misses = 0
    for row in thumbs.to_dict(orient="records"):
        missed = [by_text[one].says for one in str(row["misses"] or "").split("; ") if one]
        misses += bool(missed)
        minutes = words.exact(float(row["minutes_per_use"]))
        name = words.say("size.thumb_corrected" if row["corrected"] else "size.thumb", min=minutes)
        mark = Mark.NO if missed else Mark.YES
        word = words.say("size.thumb_misses", targets="; ".join(missed)) if missed else ""
        total = sum(int(row[f"places_{room}"]) for room in rooms)
        rows.append(
            (
                name,
                *(words.number(int(row[f"places_{room}"]), 0) for room in rooms),
                words.number(total, 0),
                Cell(mark, words[f"mark.{mark}"], word),
            )
        )
    head = (
        words["size.rule"],
        *(heading(words.name(room)) for room in rooms),
        words["size.all_places"],
        words["size.thumb_meets"],
    )
    table = Table("", head, tuple(rows), cards=True)
    finding = words.say(
        "size.thumb_finding", number=words.number(misses, 0), of=words.number(len(rows), 0)
    )
    intro = (words["size.thumb_intro"],)
    return Section("thumb", words["size.thumb_title"], intro, tables=(table,), finding=finding)


def _again_section(sized: Sized, again: pd.DataFrame) -> Section:
    """Where the answer would be another with an assumption at an end of its range."""
    words = sized.words
    assert sized.shown is not None  # there is an answer
    stays = int(again["stays"].sum())
    rows = []
    for row in again[~again["stays"]].to_dict(orient="records"):
        known = not any(is_empty(row[name]) for name in sized.names)
        what = sized.changes(sized.shown, row) if known else words["size.plan_nothing_meets"]
        assumed = ", ".join(words.name(one) for one in str(row["field"]).split("."))
        rows.append((assumed, str(row["value"]), what))
    head = (words["size.assumption"], words["axis.value"], words["size.then"])
    tables = (Table("", head, tuple(rows), is_text=True, cards=True),) if rows else ()
    finding = words.say("size.stays", number=words.number(stays, 0), of=words.number(len(again), 0))
    intro = (words["size.again_intro"],)
    return Section("again", words["size.again_title"], intro, tables=tables, finding=finding)
