"""The page of a sizing: sentences at their thresholds, and every figure that of the tables."""

import json
import re
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.report.charts.designs import (
    Axis,
    DesignMap,
    Frontier,
    MapCell,
    Point,
    frontier_picture,
    map_picture,
    overlap,
    ticks,
)
from sim.report.page.verdict import Mark
from sim.report.page.wording import Settings, TargetWords, target_words
from sim.report.page.words import catalogue
from sim.report.pages.designs import map_title
from sim.report.pages.size import alert, growth_text, mark_of, targets_title, title
from sim.report.pages.sized import Judged, Sized, how_sure
from sim.report.report import write_report
from sim.results.read import read_results
from sim.scenario.load import scenario_from_text
from sim.study.estimate.intervals import UNKNOWN, Estimate
from tests.support.command import command
from tests.support.saved_results import SITE

EN, DA = catalogue("en"), catalogue("da")
COSTED = SITE.replace("unserved.share <= 60 %\n  - wait.p90 <= 1 min", "unserved <= 20 %") + (
    "costs:\n  place: {injecting: 9000}\n"
    "design:\n  vary: {rooms.injecting.places: '3:5', staff.rota.0.count: '1:2'}\n"
)
"""One nurse has a break and leaves nobody: that is cheaper, and not safe."""


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unit", "english", "danish"),
    [
        (
            "unserved <= 5 %",
            "share",
            "at most 5 in 100 leave without a place",
            "højst 5 ud af 100 går uden at få en plads",
        ),
        ("unserved.share <= 0.05", "share", "at most 5 in 100 leave without a place", ""),
        ("wait.p90 <= 10 min", "share", "9 in 10 get a place within 10 min", ""),
        ("wait.p95 <= 7.5 min", "share", "19 in 20 get a place within 7.5 min", ""),
        ("wait.within_10 >= 90 %", "share", "9 in 10 get a place within 10 min", ""),
        (
            "response.within_1 >= 90 %",
            "share",
            "in 9 in 10 overdoses somebody is there within 1 min",
            "ved 9 ud af 10 overdoser er der nogen inden for 1 min",
        ),
        ("wait.mean <= 3 min", "min", "mean wait: at most 3 min", ""),
        ("breaks.missed_per_week <= 2", "", "breaks missed a week: at most 2", ""),
        ("no such <= target", "", "no such <= target", "no such <= target"),
    ],
)
def test_a_target_stands_in_words(text, unit, english, danish):
    assert target_words(text, unit, EN).says == english
    if danish:
        assert target_words(text, unit, DA).says == danish


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (Estimate(1.0, 0.978, 1.0), ("all", "at least 97 in 100")),
        (Estimate(0.0, 0.0, 0.011), ("none", "at most 2 in 100")),
        (Estimate(0.0491, 0.048, 0.051), ("4.9 in 100", "4.8–5.1")),
        (UNKNOWN, ("nothing to measure", "")),
    ],
)
def test_all_and_none_are_words(known, said):
    figure, ends = TargetWords("", "", "", "share").figure(known, EN)
    assert (figure, ends.replace("\u2060", "")) == said


def test_a_setting_stands_in_words():
    site = scenario_from_text(SITE)
    for words, said, more, last in (
        (EN, "2 nurses (10:00–18:00)", "+1 smoking place", "last entry 15 min before closing"),
        (
            DA,
            "2 sygeplejersker (10.00–18.00)",
            "+1 rygeplads",
            "sidste indgang 15 min før lukketid",
        ),
    ):
        settings = Settings(site, words, {"nurses at night": ("staff.rota.0.count",)})
        nurses = settings.said("staff.rota.0.count", 2).replace("\u2060", "")
        assert nurses == said
        assert settings.changed("rooms.smoking.places", 2, 3) == more
        assert settings.said("opening.last_entry", 15) == last
        assert settings.said("nurses at night", 3) == "nurses at night: 3"
        assert settings.changed("rooms.injecting.places", 5, 3).startswith("−2 ")
        assert "rota" not in settings.axis("staff.rota.0.count")


@pytest.mark.parametrize(
    ("known", "fails", "said"),
    [
        (Estimate(nan, nan, nan), "", "There is no room for growth: a target is just met"),
        (Estimate(1.02, 1.0, 1.1), "x", "Demand may grow by 2 % (0–10)"),
        (Estimate(1.02, nan, 1.1), "x", "Demand may grow by 2 % (0–10)"),
        (Estimate(1.5, 1.3, nan), "x", "Demand may grow by 50 % (30 to beyond 100)"),
        (
            Estimate(2.0, 2.0, nan),
            "",
            "Demand may grow by 100 %, the most that is looked at, or more",
        ),
    ],
)
def test_growth_in_a_sentence(known, fails, said):
    assert growth_text(known, fails, EN).replace("\u2060", "") == said


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ("y", "The target is met"),
        ("yy", "Both targets are met"),
        ("yyy", "All 3 targets are met"),
        ("yjy", "All 3 targets are met, 1 of them only just"),
        ("jj", "All 2 targets are only just met"),
        ("j", "The target is only just met"),
        ("yc", "1 of 2 targets cannot be decided"),
        ("ycn", "Missed: 1 of 3 targets"),
    ],
)
def test_how_many_targets_are_met(marks, said):
    known = {"y": Mark.YES, "j": Mark.JUST, "c": Mark.CANNOT_SAY, "n": Mark.NO}
    assert targets_title([known[one] for one in marks], EN) == said


# --- what size claims -----------------------------------------------------------------------------


class Kept:
    """A folder whose contents are given."""

    def __init__(self, **contents: object) -> None:
        self.manifest: dict[str, object] = {}
        self._contents = {
            "answer": "found",
            "confidence": 0.95,
            "currency": "DKK",
            "cheaper_designs_left_out_unplayed": 0,
            "parameters": [
                {
                    "name": "rooms.injecting.places",
                    "set": ["rooms.injecting.places"],
                    "levels": [3, 4],
                },
                {"name": "staff.rota.0.count", "set": ["staff.rota.0.count"], "levels": [1, 2]},
            ],
            "targets": [
                {"target": "unserved <= 5 %", "unit": "share", "decided": True},
                {"target": "wait.p90 <= 10 min", "unit": "share", "decided": True},
            ],
            "shown": {"rooms.injecting.places": 3, "staff.rota.0.count": 2},
            "safety": [{"breaks_as_allowed": [], "minutes_a_week_below_the_rules": 0.0}],
            "cheaper_but_unsafe": None,
            "nearest_is_unsafe": None,
        } | contents

    def contents(self, name: str) -> dict[str, object]:
        assert name == "size.json"
        return self._contents

    def scenario(self):
        return scenario_from_text(SITE)

    def other_scenario(self, name: str):
        assert name == "chosen.yaml"
        return self.scenario()

    def need(self, name: str) -> pd.DataFrame:
        assert name == "designs.csv"
        rows = [(3, 2, 2_600_000.0, "chosen"), (3, 1, 1_400_000.0, "breaks a rule")]
        columns = ["rooms.injecting.places", "staff.rota.0.count", "cost_per_year", "status"]
        return pd.DataFrame(rows, columns=columns)


def sized(words=EN, **contents):
    kept: Any = Kept(**contents)
    return Sized(kept, words)


def decided(*known):
    return [
        {"target": text, "unit": "share", "decided": one}
        for text, one in zip(("unserved <= 5 %", "wait.p90 <= 10 min"), known, strict=True)
    ]


def test_it_claims_what_the_command_claims():
    assert "With 95 % confidence it meets the targets. No cheaper design that" in how_sure(sized())
    looked = how_sure(sized(cheaper_designs_left_out_unplayed=3))
    assert "and was looked at does" in looked
    assert "it meets the other targets" in how_sure(sized(targets=decided(True, False)))
    assert how_sure(sized(targets=decided(False, False))) == (
        "It is the cheapest design that keeps the safety rules."
    )


def test_the_title_is_the_answer():
    assert title(sized()) == "3 places meet the targets for 2.6 m DKK a year: 3 injecting."
    assert title(sized(DA)) == (
        "3 pladser opfylder målene for 2,6 mio. DKK om året: 3 til injektion."
    )
    some = title(sized(targets=decided(True, False)))
    assert some.startswith("3 places meet the targets that can be decided for")
    none = title(sized(targets=decided(False, False)))
    assert none.startswith("None of the targets can be decided.")
    for answer in ("none meets", "meeting ones are unsafe", "all are unsafe", "not sure"):
        for words in (EN, DA):
            assert title(sized(words, answer=answer)).endswith(".")


def test_a_broken_rule_stands_on_top():
    broken = [{"rule": "supervision_unmet", "words": ""}]
    unsafe = {
        "rooms.injecting.places": 3,
        "staff.rota.0.count": 1,
        "cost_per_year": 1_400_000.0,
        "minutes_a_week_below_the_rules": 210.0,
        "breaks": broken,
    }
    assert alert(sized()) is None
    cheaper = alert(sized(cheaper_but_unsafe=unsafe))
    assert cheaper is not None
    assert cheaper.mark is Mark.NO
    assert cheaper.title.startswith("1.2 m DKK a year less would meet the targets too, but breaks")
    assert cheaper.strong.startswith("It has 1 nurse (")
    assert "For 210 minutes a week" in cheaper.cause
    allowed = alert(
        sized(
            safety=[{"breaks_as_allowed": broken, "minutes_a_week_below_the_rules": 210.0}],
            cheaper_but_unsafe=unsafe,
        )
    )
    assert allowed is not None
    assert allowed.title == "It meets the targets, but breaks a safety rule."


@pytest.mark.parametrize(
    ("margin", "verdict", "is_known", "found", "mark"),
    [
        (1.0, Mark.YES, True, True, Mark.YES),
        (0.99, Mark.YES, True, True, Mark.JUST),
        (-0.99, Mark.CANNOT_SAY, True, True, Mark.JUST),
        (3.0, Mark.YES, False, True, Mark.CANNOT_SAY),
        (-2.0, Mark.NO, True, False, Mark.NO),
        (0.5, Mark.YES, True, False, Mark.JUST),
        (-0.5, Mark.CANNOT_SAY, True, False, Mark.CANNOT_SAY),
    ],
)
def test_a_target_nearer_than_its_tolerance_is_just_met(margin, verdict, is_known, found, mark):
    of = sized(targets=decided(is_known, True), answer="found" if found else "none meets")
    judged = Judged(of.targets[0], Estimate(0.05), verdict, margin)
    assert mark_of(of, 0, judged) is mark


# --- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (0, 15, [0, 5, 10, 15]),
        (13.1, 18.2, [12, 14, 16, 18, 20]),
        (0, 0.11, [0, 0.05, 0.1, 0.15]),
        (5, 5, [4, 6, 8, 10]),
    ],
)
def test_ticks_enclose(low, high, found):
    seen = ticks(low, high, 4)
    assert seen[0] <= low
    assert seen[-1] >= high
    assert len(seen) <= 7
    if low != high:
        assert seen == found


def the_map(cells):
    return DesignMap(
        Axis("injecting places", ("3", "4")),
        Axis("smoking places", ("1", "2")),
        cells,
        (1, 1),
        "chosen",
        [(0, 1)],
    )


def test_cells_that_were_not_played_stay_empty():
    cells = {
        (0, 0): MapCell(Mark.NO, "7.0", fails="leave"),
        (1, 0): MapCell(None, "", why_empty="not_played"),
        (0, 1): MapCell(None, "", why_empty="ruled_out"),
        (1, 1): MapCell(Mark.YES, "4.0", "3.8–4.2"),
    }
    drawn = map_picture(the_map(cells), "Title", "Says.", EN)
    wide = drawn.svg[0]
    for text in ("not played", "ruled out by proof", "meets all", "misses a target", "chosen"):
        assert f">{text}<" in wide
    assert ">cannot say<" not in wide
    assert ">breaks a safety rule<" not in wide
    assert drawn.table is not None
    assert drawn.table.rows == (
        ("1", "7.0: No, leave", "not played"),
        ("2", "ruled out by proof", "4.0 (3.8–4.2): Yes"),
    )
    assert map_title(sized(), the_map(cells)).endswith("at most 5 in 100 leave without a place")


def test_several_targets_are_named_on_their_parts():
    cells = {
        (0, 0): MapCell(Mark.NO, "7.0", fails="leave"),
        (1, 0): MapCell(Mark.NO, "7.0", fails="leave"),
        (0, 1): MapCell(Mark.NO, "4.0", fails="wait"),
        (1, 1): MapCell(Mark.YES, "4.0"),
    }
    about = the_map(cells)
    assert about.fails == ("leave", "wait")
    wide = map_picture(about, "", "", EN).svg[0]
    assert ">leave<" in wide
    assert ">wait<" in wide
    assert map_title(sized(), about).startswith("2 targets decide")


def test_boxes_overlap_where_they_share_an_area():
    assert overlap((0, 0, 2, 2), (1, 1, 3, 3))
    assert not overlap((0, 0, 2, 2), (2, 0, 3, 3))


# --- from the command -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("sized")
    (home / "small.yaml").write_text(COSTED, "utf-8")
    few = ("--workers", "1", "--no-cache", "--lang", "da", "--grow", "1:1.2:0.2")
    assert command(home, "size", "small.yaml", "--out", "sized", *few) == 0
    write_report(home / "sized", "en")
    return home / "sized"


def page(folder: Path, lang: str) -> str:
    html = (folder / f"report.{lang}.html").read_text("utf-8")
    body = re.sub(r"<(style|script)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("\u2060", "").split())


@pytest.mark.slow
def test_the_page_has_the_tables_numbers(folder):
    told = json.loads((folder / "size.json").read_text("utf-8"))
    designs = pd.read_csv(folder / "designs.csv")
    judged = pd.read_csv(folder / "judged.csv")
    text = page(folder, "en")
    chosen = designs[designs["status"] == "chosen"].iloc[0]
    assert f"for {chosen['cost_per_year']:,.0f} EUR a year" in text
    here = judged[
        (judged["rooms.injecting.places"] == chosen["rooms.injecting.places"])
        & (judged["staff.rota.0.count"] == chosen["staff.rota.0.count"])
    ].iloc[0]
    value, low, high = (EN.brief(100 * here[name]) for name in ("value", "ci_low", "ci_high"))
    assert f"{value} in 100 ({low}–{high})" in text
    # Every design on the map is in the table, with its figure.
    for row in judged.to_dict(orient="records"):
        if row["staff.rota.0.count"] > 1:
            assert EN.brief(100 * row["value"]) in text
    unsafe = told["cheaper_but_unsafe"]
    saving = chosen["cost_per_year"] - unsafe["cost_per_year"]
    assert f"{saving:,.0f} EUR a year less would meet the targets too" in text
    assert f"For {unsafe['minutes_a_week_below_the_rules']:.0f} minutes a week" in text


@pytest.mark.slow
def test_what_cheaper_design_is_unsafe_would_meet_the_targets(folder):
    told = json.loads((folder / "size.json").read_text("utf-8"))
    unsafe, judged = told["cheaper_but_unsafe"], pd.read_csv(folder / "judged.csv")
    row = judged[
        (judged["rooms.injecting.places"] == unsafe["rooms.injecting.places"])
        & (judged["staff.rota.0.count"] == unsafe["staff.rota.0.count"])
    ]
    assert (row["value"] <= row["limit"]).all()
    assert {one["rule"] for one in unsafe["breaks"]} >= {"supervision_unmet"}
    designs = pd.read_csv(folder / "designs.csv")
    broken = designs[designs["status"] == "breaks a rule"]
    assert unsafe["rooms.injecting.places"] in set(broken["rooms.injecting.places"])


@pytest.mark.slow
def test_drawing_it_again_gives_the_same_bytes(folder):
    before = (folder / "report.da.html").read_bytes()
    write_report(folder, "da")
    assert (folder / "report.da.html").read_bytes() == before
    assert read_results(folder).kind.name == "SIZE"


@pytest.mark.slow
def test_no_english_and_no_key_is_on_a_danish_page(folder):
    write_report(folder, "da")
    text = page(folder, "da").split("Antagelser og kilder")[0]
    assert "staff.rota" not in text
    assert "rooms." not in text
    english = set(re.findall(r"[a-z]{4,}", " ".join(EN.texts.values()).lower()))
    danish = set(re.findall(r"[a-zæøå]{4,}", " ".join(DA.texts.values()).lower()))
    own = set(re.findall(r"[a-z]{4,}", SITE.lower()))
    seen = set(re.findall(r"[a-zæøå]{4,}", text.lower()))
    assert seen & (english - danish - own) == set()


@pytest.mark.slow
def test_it_fits_every_screen(browser, folder):
    for lang in ("en", "da"):
        for width in range(320, 1921, 160):
            browser.open(folder / f"report.{lang}.html", width=width)
            wide = browser.run("return document.documentElement.scrollWidth")
            assert wide <= width, (lang, width)
    assert browser.complaints() == []


def test_the_answer_is_ringed_though_another_of_its_cost_is_a_little_better():
    points = tuple(Point(cost, value, meets=True, says="") for cost, value in ((1, 9), (2, 5)))
    answer = Point(2, 5.1, meets=True, says="", label="chosen", is_chosen=True)
    texts = ("1", "2")
    drawn = Frontier(points, "DKK", "leave", 5.0, "target: 5", texts, texts, list_of_texts, answer)
    for svg in frontier_picture(drawn, "Title", "Says.", EN).svg:
        assert svg.count('class="ring"') == 1
        assert ">chosen<" in svg
        assert svg.count("<circle") == 4


def list_of_texts(values):
    return [str(one) for one in values]
