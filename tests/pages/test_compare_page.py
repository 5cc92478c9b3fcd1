"""The page of a comparison: verdicts and sentences at their thresholds, and its numbers."""

import html
import json
import re
import shutil
from math import nan
from typing import Any

import pytest

from sim.report.charts.difference import hour_by_hour
from sim.report.page.document import Cell
from sim.report.page.verdict import Mark
from sim.report.page.words import catalogue
from sim.report.several.compare import compare_page, undivided, unpriced
from sim.report.several.compared import may_be_best
from sim.report.several.gains import card, cell, difference, finding
from sim.report.several.options import Figure, Option, everybody_met, shown_rows
from sim.results.read import read_results
from sim.scenario.load import scenario_from_text
from sim.study.compare.matters import Finding, headlines, matter_named, verdict
from sim.study.estimate.intervals import Estimate
from tests.damaged import without_checksums
from tests.support.command import command
from tests.support.saved_results import SITE, results

EN, DA = catalogue("en"), catalogue("da")
HEADLINES = {(one.metric, one.statistic): one for one in headlines(rotas=True)}
MET = ("response_first", "within_1")
USES, LEAVE = ("uses", "per_day"), ("unserved", "share")
RULE, FREE = ("role_missing", "minutes_per_week"), ("nobody_free", "minutes_per_week")
YEAR, BREAK = ("cost", "per_year"), ("longest_stretch", "mean")
UNITS = {USES: "uses/day", LEAVE: "share", YEAR: "DKK/year"}


def figure(key, value, half=0.0, base=100.0, *, alike=False):
    """One figure of an option, judged as `compare` judges it."""
    matter = matter_named(*key)
    margin = matter.margin_of(base)
    judged = verdict(value, value - half, value + half, matter.better, margin)
    found = (judged.of_money() if matter.money else judged).finding
    known = Estimate(value, value - half, value + half)
    return Figure(
        HEADLINES[key], base, base + value, known, found, UNITS.get(key, "min/week"), margin, alike
    )


def option(*figures, name="X", other_demand=False):
    found = {one.key: one for one in figures}
    return Option(name, name, (), "", found, other_people=False, other_demand=other_demand)


@pytest.mark.parametrize(
    ("figures", "name"),
    [
        # Uses: a difference of half a use matters where there are 100.
        ([(USES, 0.4, 0.05)], "same"),
        ([(USES, 0.4, 0.2)], "little"),  # surely more, not surely too little to matter
        ([(USES, 1.4, 0.1)], "little"),
        ([(USES, 1.6, 0.1)], "better"),  # three of the smallest that matter
        ([(USES, -1.6, 0.1)], "worse"),
        ([(USES, 1.0, 3.0)], "cannot-say"),
        # Money: a hundredth of a million a year matters; three make a small gain dearer.
        ([(USES, 1.6, 0.1), (YEAR, 11_000, 0, 1e6)], "dearer_too"),
        ([(USES, 1.0, 0.1), (YEAR, 11_000, 0, 1e6)], "little"),
        ([(USES, 1.0, 0.1), (YEAR, 31_000, 0, 1e6)], "dearer_too"),
        ([(USES, 0.1, 0.1), (YEAR, 9_000, 0, 1e6)], "same"),
        ([(USES, 0.1, 0.1), (YEAR, 11_000, 0, 1e6)], "dearer"),
        ([(USES, 0.1, 0.1), (YEAR, -11_000, 0, 1e6)], "cheaper"),
        ([(USES, -1.6, 0.1), (YEAR, -11_000, 0, 1e6)], "worse"),
        # A rule: ten minutes a week matter.
        ([(USES, 9, 0.1), (RULE, 9.9, 5)], "worse"),  # surely more, by less than what matters
        ([(USES, 9, 0.1), (RULE, 10, 5)], "breaks"),
        ([(USES, 9, 0.1), (RULE, 5, 1)], "better"),
        ([(USES, 9, 0.1), (FREE, 20, 1)], "worse"),  # what is lost in safety comes first
        ([(FREE, -20, 1)], "little"),
        # One side outweighs the other where it is three times as large.
        ([(USES, 1.6, 0.1), (LEAVE, 0.005, 0.001)], "better"),  # 3.2 against 1
        ([(USES, 1.4, 0.1), (LEAVE, 0.005, 0.001)], "both"),  # 2.8 against 1
        ([(USES, 0.6, 0.1), (LEAVE, 0.03, 0.001)], "worse"),  # 1.2 against 6
        # The staff's work decides only where nothing else does.
        ([(USES, 1.6, 0.1), (BREAK, 30, 1)], "better"),
        ([(USES, 0.1, 0.1), (BREAK, 30, 1)], "worse"),
    ],
)
def test_an_option_has_one_verdict(figures, name):
    assert option(*(figure(*one) for one in figures)).judged.name == name


def test_more_people_are_no_gain():
    """Where more come, more use it; what they wait and who leaves still counts."""
    figures = [figure(USES, 80, 1), figure(LEAVE, 0.05, 0.001)]
    assert option(*figures).judged.name == "better"
    more = option(*figures, other_demand=True)
    assert more.judged.name == "worse"
    assert cell(more, USES, EN) == Cell(Mark.DEARER, "more", "+80", "79–\u206081")
    assert card(more, "DKK", EN).foot == EN["option.other_people"]


def test_every_verdict_has_its_words_in_both_languages():
    names = ("better", "little", "dearer_too", "both", "worse", "breaks", "same", "cannot-say")
    for words in (EN, DA):
        for name in (*names, "cheaper", "dearer"):
            assert words[f"option.{name}"]
            assert "{option}" in words[f"option.title_{name}"]
        for key, headline in HEADLINES.items():
            assert words[f"option.{'_'.join(key)}"], headline


@pytest.mark.parametrize("key", list(HEADLINES))
def test_what_can_be_better_can_be_said_both_ways(key):
    if matter_named(*key).better == 0 or key == ("simultaneous", "share"):
        return
    for value in (20, -20):
        text, _ = difference(figure(key, value, 0.1), "DKK", EN)
        assert text
        assert len(text.split()) <= 14
        assert difference(figure(key, value, 0.1), "DKK", DA)[0] != text


def test_a_difference_is_turned_in_a_sentence_and_keeps_its_sign_in_the_table():
    less = figure(USES, -10.2, 0.9)
    assert difference(less, "DKK", EN) == ("10 fewer uses a day", "9–\u206011")
    assert cell(option(less), USES, EN) == Cell(Mark.WORSE, "worse", "−10", "−11 to −9")
    assert cell(option(less), USES, DA).word == "dårligere"
    same = figure(USES, 0.1, 0.1)
    assert cell(option(same), USES, EN) == Cell(Mark.SAME, "same", "+0.10")
    assert cell(option(), USES, EN).mark is Mark.CANNOT_SAY
    dearer = figure(YEAR, 1_500_000, 0, 15_600_000)
    assert cell(option(dearer), YEAR, EN) == Cell(Mark.DEARER, "dearer", "+1.5")
    assert difference(dearer, "DKK", EN) == ("1.5 m DKK a year", "")


def test_a_card_says_what_is_gained_and_paid():
    found = option(
        figure(USES, 13, 0.5), figure(YEAR, 1_500_000, 0, 15_600_000), figure(BREAK, 39, 0.5)
    )
    shown = card(found, "DKK", EN)
    assert (shown.mark, shown.answer) == (Mark.JUST, "Better, and dearer")
    assert [(one.label, one.strong) for one in shown.lines] == [
        ("You gain", "13 more uses a day"),
        ("You pay", "1.5 m DKK a year"),
        ("", "39 min longer without a break"),
    ]
    assert shown.foot == "316 DKK for each use gained"  # 1,500,000 ÷ 365 ÷ 13
    assert card(option(figure(USES, 0.1, 0.1)), "DKK", EN).lines[0].strong == "nothing that matters"


SHARED, WAITS = ("simultaneous", "share"), ("wait", "p90")


@pytest.mark.parametrize("words", [EN, DA])
@pytest.mark.parametrize(
    ("figures", "unsure", "same"),
    [
        ([(USES, 1.0, 3.0)], ["uses"], []),
        ([(USES, 0.1, 0.1), (SHARED, 0.01, 0.05)], ["safety"], ["uses"]),
        ([(MET, 0, 0.001), (SHARED, 0.01, 0.05), (USES, 9, 0.1)], ["safety"], []),
        ([(WAITS, 0.1, 0.1), (USES, 1, 3), (YEAR, 90_000, 0, 1e6)], ["uses"], ["waits"]),
        ([(USES, 0.1, 0.1), (YEAR, 9_000, 20_000, 1e6)], ["cost"], ["uses"]),
        # Of a single replication nobody can say that nothing differs.
        ([(USES, 0.1, nan)], ["uses"], []),
        ([(USES, 0.1, 0.1), (WAITS, 0.1, 0.1)], [], ["uses", "waits"]),
    ],
)
def test_a_card_does_not_say_of_what_is_unsure_that_nothing_differs(figures, unsure, same, words):
    found = option(*(figure(*one) for one in figures))
    shown = card(found, "DKK", words)
    said = " ".join([*(one.strong for one in shown.lines), shown.foot])
    assert list(found.topics(Finding.UNSURE)) == unsure
    assert list(found.topics(Finding.SAME)) == same
    topics = words.listed([words[f"option.topic_{one}"] for one in unsure])
    assert (words.say("option.unsure", topics=topics) in said) == bool(unsure)
    assert (words["option.nothing"] in said) == (not unsure)
    if found.judged.name == "same":
        assert not unsure
    below = undivided(found, words)
    if unsure:
        assert below[0] == Cell(Mark.CANNOT_SAY, words["option.cell_cannot"])
    else:
        assert below == (Cell(Mark.SAME, words["option.cell_same"]), words["compare.in_all"])
    if not {"better", "dearer_too"} & {found.judged.name}:
        assert (found.judged.mark is Mark.CANNOT_SAY) == bool(unsure)


@pytest.mark.parametrize("words", [EN, DA])
def test_a_card_does_not_say_that_it_cannot_tell_of_what_it_tells(words):
    met, given_up = ("needs_met", "share"), ("needs_unmet", "share")
    found = option(figure(met, -0.1, 0.002), figure(given_up, 0.005, 0.02), figure(USES, 1, 3))
    shown = card(found, "DKK", words)
    assert [one.strong for one in shown.lines][-1] == difference(found.of(met), "DKK", words)[0]
    assert shown.foot == words.say("option.unsure", topics=words["option.topic_uses"])
    unknown = option(figure(met, -0.001, 0.02), figure(given_up, 0.005, 0.02))
    topics = words["option.topic_needs"]
    assert card(unknown, "DKK", words).foot == words.say("option.unsure", topics=topics)


def test_the_title_is_the_best_and_the_worst():
    good = option(figure(USES, 13, 0.5), name="Longer")
    little = option(figure(USES, 1, 0.1), name="More")
    bad = option(figure(RULE, 249, 13), name="Fewer")
    same = option(figure(USES, 0.1, 0.1), name="Same")
    unsure = option(figure(USES, 1, 3), name="Odd")

    def title(*options):
        return finding(options, "DKK", EN).replace("\u00a0", " ")

    assert title(little, good, bad) == "Longer: 13 more uses a day.\nFewer breaks a rule."
    assert title(bad, same) == "No option is better.\nFewer breaks a rule."
    assert title(same) == "Same makes no difference that matters."
    assert title(same, same) == "No option makes a difference that matters."
    assert title(unsure, same) == "Whether any option is better cannot be said yet."
    assert title(unsure) == "Whether Odd is better cannot be said yet."


def test_rows_in_which_nothing_is_sure_are_folded():
    one = option(figure(USES, 13, 0.5), figure(LEAVE, 0, 0.02), figure(FREE, 0, 0))
    moved, still = shown_rows([one])
    assert moved == [USES]
    assert set(still) == {LEAVE, FREE}
    assert not everybody_met([one])


# --- whole pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("costs", "path", "said"),
    [
        ("", "rooms.injecting.places", ["unpriced_places"]),
        ("costs: {place: {injecting: 9000}}\n", "rooms.injecting.places", []),
        ("", "opening.hours", ["unpriced_hours"]),
        ("costs: {opening_hour: 300}\n", "opening.hours", []),
        ("", "staff.rota.0.count", []),
    ],
)
def test_what_has_no_price_is_not_shown_as_free(costs, path, said):
    contents = {"options": [{"changes": [{"path": path}]}]}
    found = unpriced(scenario_from_text(SITE + costs), contents, EN)
    assert list(found) == [EN[f"compare.{one}"] for one in said]


def test_only_figures_in_which_options_may_be_told_apart_are_listed():
    options = [option(name="X"), option(name="Y")]
    base = {"name": "b"}
    every = {"metric": "wait", "statistic": "mean", "may_be_best": ["b", "X", "Y"]}
    one = {"metric": "wait", "statistic": "p90", "may_be_best": ["X"]}
    found = may_be_best({"base": base, "may_be_best": [every, one]}, options, EN)
    assert len(found.tables[0].rows) == 1
    assert found.finding == "In 1 of 2 figures one option is surely the best."
    assert found.intro[-1] == "Any option may be the best in 1 more figure."
    nothing = may_be_best({"base": base, "may_be_best": [every]}, options, EN)
    assert (nothing.tables, nothing.finding) == ((), EN["compare.best_none"])


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return results(tmp_path_factory.mktemp("site"))


def page_of(saved, words) -> Any:
    """A page, of whose parts a test knows that they are there."""
    return compare_page(saved, words)


def text_of(folder):
    page = (folder / "report.html").read_text("utf-8")
    return html.unescape(re.sub(r"(?s)<(script|style)[^>]*>.*?</\1>|<[^>]+>", " ", page))


def test_the_numbers_of_the_page_are_the_table_s(folders):
    saved = read_results(folders["compare"])
    page = page_of(saved, EN)
    (differs,) = page.beside
    rows = {row[0]: row[1:] for row in (*differs.table.rows, *differs.folded[0].rows)}
    found = saved.need("comparison.csv").query("by == 'all' and metric == 'uses'")
    uses = found.to_dict(orient="records")[0]
    base, shown = rows["Uses a day"]
    assert base == EN.brief(uses["base_value"])
    assert shown.text == f"+{EN.brief(uses['difference'])}"
    assert shown.mark is Mark.BETTER
    assert any(
        f"{EN.brief(uses['difference'])} more uses" in one.strong for one in page.cards[0].lines
    )
    assert page.cards[0].title == "More"
    assert page.cards[0].under == "4 injecting places instead of 3"


def test_every_cell_of_an_option_begins_with_its_verdict(folders):
    page = page_of(read_results(folders["compare"]), EN)
    for row in (*page.beside[0].table.rows, *page.beside[0].folded[0].rows):
        assert all(isinstance(one, Cell) for one in row[2:])


@pytest.mark.parametrize("lang", ["en", "da"])
def test_what_no_draw_moves_is_folded_away(folders, lang):
    words = catalogue(lang)
    (differs,) = page_of(read_results(folders["compare"]), words).beside
    met = words.say("option.response_first_within_1", unit="")
    assert met not in {row[0] for row in differs.table.rows}
    (still,) = [row for row in differs.folded[0].rows if row[0] == met]
    assert still[2] == Cell(Mark.SAME, words["option.cell_same"])


def test_a_comparison_that_names_nothing_alike_is_drawn_whole(folders, tmp_path):
    """As those of earlier versions, which do not say where the base's scenario is either."""
    folder = tmp_path / "small-compare"
    shutil.copytree(folders["compare"], folder)
    without_checksums(folder)
    contents = json.loads((folder / "comparison.json").read_text("utf-8"))
    for row in contents["rows"]:
        for one in row["options"].values():
            one.pop("alike", None)
    contents["base"].pop("file")
    (folder / "comparison.json").write_text(json.dumps(contents), "utf-8")
    page = page_of(read_results(folder), EN)
    (still,) = [row for row in page.beside[0].folded[0].rows if row[0].startswith("Overdoses met")]
    assert still[2].mark is Mark.CANNOT_SAY
    assert page.cards[0].under == "4 injecting places instead of 3"


def test_each_option_s_targets_are_judged_on_the_page(folders):
    page = page_of(read_results(folders["compare"]), EN)
    (section,) = (one for one in page.sections if one.key == "targets-of-all")
    (table,) = section.tables
    assert table.head == ("Target", "as it is", "More")
    assert len(table.rows) == 2
    assert all(isinstance(cell, Cell) for row in table.rows for cell in row[1:])


def test_the_picture_has_the_numbers_of_the_hours(folders):
    saved = read_results(folders["compare"])
    hours = saved.need("comparison_by_hour.csv")
    drawn = hour_by_hour(hours, "unserved", "more")
    assert drawn is not None
    mine = hours.query("metric == 'unserved' and hour_of_week % 24 == 12")
    assert drawn.base[12] == pytest.approx(mine["base_value"].mean())
    assert drawn.other[12] == pytest.approx(mine["value"].mean())
    (picture,) = page_of(saved, EN).pictures
    assert "More: " in picture.title
    assert len(picture.svg) == 3


def test_no_key_and_no_word_of_another_language_stands_on_the_pages(folders, tmp_path):
    """On a Danish page no sentence of the English catalogue, and no key."""
    keys = re.compile(r"rooms\.|staff\.rota|demand\.|_per_|unserved\.share|wait\.(mean|p90)")
    same = {text for key, text in EN.texts.items() if DA.texts[key] == text}
    english = {
        text
        for key, text in EN.texts.items()
        if key.split(".")[0] in {"option", "compare", "sweep", "tornado", "change", "varied"}
        and len(text) > 12
        and "{" not in text
        and text not in same
    }
    for name in ("compare", "sweep", "tornado"):
        folder = tmp_path / name
        shutil.copytree(folders[name], folder)
        assert command(tmp_path, "report", str(folder), "--lang", "da") == 0
        whole = text_of(folder)
        first = whole[: whole.index(DA["method.title"])]
        told = first[: first.index(DA["notes.title"])] if DA["notes.title"] in first else first
        assert not keys.search(told), keys.search(told)
        assert not [text for text in english if text in told]
