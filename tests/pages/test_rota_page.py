"""Pages of rotas: bars, gaps and shortages are those of the rota, and sentences follow by rule."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.report.charts.rota import PersonBar, RoleDay, RotaDay, rota_picture
from sim.report.page.svg import width_of
from sim.report.page.words import catalogue, heading
from sim.report.report import checked_page
from sim.report.rota.check import check_page
from sim.report.rota.drawn import Rota, shortage
from sim.report.rota.need import need_title
from sim.report.rota.plan import Option, plan_title
from sim.report.rota.wall import wall_section, who_table
from sim.report.several.breaches import rules_section, where_table
from sim.rota.check.check import check_rota
from sim.rota.check.rules import Rule
from sim.scenario import Scenario
from sim.scenario.derived.roster import breaks_taken, on_duty, staff_present
from sim.scenario.load import scenario_from_text
from tests.support.command import command
from tests.support.saved_results import SITE

EN, DA = catalogue("en"), catalogue("da")
NEEDED = {"nurse": [3 if 12 <= hour % 24 < 14 else 1 for hour in range(168)]}


def site(text: str = SITE) -> Scenario:
    return scenario_from_text(text)


def plain(html: str) -> str:
    body = re.sub(r"<(style|script)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("\u2060", "").split())


def test_bars_have_gaps_where_breaks_are_taken():
    rota = Rota("today", site(), NEEDED, EN)
    assert rota.begins == 600
    (nurse,) = rota.day(0).roles
    assert nurse.name == "Nurses"
    assert len(nurse.bars) == 2
    taken = sorted((one.start, one.end) for one in breaks_taken(site()) if one.start < 1440)
    gaps = [
        (before[1] + 600, after[0] + 600)
        for bar in nurse.bars
        for before, after in zip(bar.pieces, bar.pieces[1:], strict=False)
    ]
    assert sorted(gaps) == taken
    assert all(end - start == 30 for start, end in gaps)
    # Bars, minute by minute, are who is there.
    there = [
        sum(start <= minute < end for bar in nurse.bars for start, end in bar.pieces)
        for minute in range(1440)
    ]
    assert tuple(there) == nurse.present


def test_who_is_on_a_break_is_not_present():
    there, duty = staff_present(site())["nurse"], on_duty(site())["nurse"]
    lasting = sum(one.end - one.start for one in breaks_taken(site()))
    assert int((duty - there).sum()) == lasting == 7 * 2 * 30


def test_a_shortage_is_where_more_are_needed_than_there():
    rota = Rota("today", site(), NEEDED, EN)
    (nurse,) = rota.day(0).roles
    assert nurse.needed is not None
    short = [need > there for need, there in zip(nurse.needed, nurse.present, strict=True)]
    assert nurse.short_minutes == sum(short) >= 120
    title = shortage(rota.day(0), EN)
    assert title.startswith("Nurses: ")
    assert "hatch-short" in rota.picture("rota").svg[0]


def role(present, needed):
    return RoleDay("Nurses", (PersonBar("a", ((0, 60),)),), tuple(present), needed)


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        (None, "Who is there, hour by hour"),
        ((1,) * 1440, "Everybody who is needed is there, at every minute"),
        ((1,) * 60 + (3,) * 120 + (1,) * 1260, "Nurses: 2 short from 7 to 9"),
        ((2,) * 1440, "Nurses: 1 short from 6 to 6"),
    ],
)
def test_a_day_in_a_sentence(needed, said):
    assert shortage(RotaDay(360, (role([1] * 1440, needed),)), EN) == said


@pytest.mark.parametrize("seed", range(12))
def test_how_many_are_short_is_written_above_the_line_and_within_the_drawing(seed):
    """Also at its edges, and where more are needed in the hours beside those that are short."""
    rng = np.random.default_rng(seed)
    hours = np.repeat(rng.integers(1, 5, 24), 60)
    there = np.maximum(hours - np.repeat(rng.random(24) < 0.3, 60), 0)
    hours[-30:], there[-30:] = 2, 0
    role = RoleDay("Nurses", (), tuple(there.tolist()), tuple(hours.tolist()))
    for words in (EN, DA):
        picture = rota_picture(RotaDay(420, (role,)), "rota", "", "", words)
        for svg, width in zip(picture.svg, (1120.0, 690.0, 360.0), strict=True):
            (line,) = re.findall(r'<path class="limit" d="([^"]+)"', svg)
            points = [float(one) for one in re.findall(r"[\d.]+", line)]
            found = re.findall(
                r'<text x="([\d.]+)" y="([\d.]+)" class="strong short-text"[^>]*>([^<]+)', svg
            )
            assert found
            for x, y, text in found:
                half = width_of(text, 12, bold=True) / 2
                assert half - 0.1 <= float(x) <= width - half + 0.1
                begins, ends = points[0::4], points[2::4]
                covered = [
                    level
                    for begin, end, level in zip(begins, ends, points[1::4], strict=True)
                    if begin < float(x) + half - 1 and end > float(x) - half + 1
                ]
                assert covered
                assert float(y) <= min(covered) - 3


def test_who_is_wanted_is_told_from_what_a_rule_asks_for():
    """A need that was worked out is no rule; the rules' own is."""
    rota = Rota("", site(), NEEDED, EN)
    assert EN["rota.wanted"] in rota.picture("rota").says
    assert EN["rota.wanted"] not in Rota("", site(), {}, EN).picture("rota").says


def test_nothing_is_hatched_where_all_are_there():
    kept = Rota("today", site(), {"nurse": [0] * 168}, EN)
    assert "hatch-short" not in kept.picture("rota").svg[0]


@pytest.mark.parametrize(
    ("breaches", "cost", "said"),
    [
        (0, 90.0, "The cheapest plan keeps every rule that can be checked. It costs 10 EUR a year"),
        (0, 110.0, "It costs 10 EUR a year more than today."),
        (0, 100.9, "It costs what the rota of today costs."),
        (1, 100.0, "The cheapest plan breaks 1 rule."),
        (3, 100.0, "The cheapest plan breaks rules 3 times."),
        (0, float("nan"), "The cheapest plan keeps every rule that can be checked."),
    ],
)
def test_a_plan_in_a_sentence(breaches, cost, said):
    rota = Rota("x", site(), {}, EN)
    today = Option(rota, True, 0, 112.0, 100.0, 3.0, 0.1)
    best = replace(today, is_today=False, breaches=breaches, cost=cost)
    assert said in plan_title(today, best, "EUR", EN)


def test_the_wall_has_names_if_the_rota_has():
    table = wall_section(Rota("x", site(), {}, EN)).tables[0]
    assert table.head == ("Shift", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    assert table.rows == (("Nurses, 10–18", *(["2"] * 7)),)
    named = SITE.replace("count: 2,", "count: 2, people: [Ane, Bo], days: mon-fri,")
    table = wall_section(Rota("x", site(named), {}, EN)).tables[0]
    assert table.rows[0] == ("Ane (Nurses)", *(["10–18"] * 5), "–", "–", "40")
    assert table.head[-1] == "Hours"
    assert table.caption == "A small site & its <visitors>: the first week of the rota"
    assert "Ane, Bo" in who_table(Rota("x", site(named), {}, EN)).rows[0]


def test_a_check_in_both_languages():
    one = SITE.replace("count: 2,", "count: 1,")
    english, danish = plain(checked_page(site(one), "en")), plain(checked_page(site(one), "da"))
    assert "The rota breaks" in english
    assert "Vagtplanen bryder" in danish
    assert "cover of breaks" in english
    keys = re.compile(r"\b\w+_\w+\b|rota_rules|\brota\b")
    assert not keys.search(danish.split("small")[0])
    assert "break" not in danish
    assert "nurse" not in danish.lower()


def test_a_page_of_a_check_is_written(tmp_path):
    (tmp_path / "small.yaml").write_text(SITE, "utf-8")
    assert command(tmp_path, "rota", "check", "small.yaml", "--page", "rota.html") in {0, 1}
    assert "<svg" in (tmp_path / "rota.html").read_text("utf-8")


def test_where_and_when_rules_are_broken():
    one = site(SITE.replace("count: 2,", "count: 1,"))
    breaches = check_rota(one).breaches
    assert breaches
    for words in (EN, DA):
        table = where_table(breaches, words)
        assert table is not None
        assert len(table.rows) == len(breaches)
        for row, breach in zip(table.rows, breaches, strict=True):
            assert row[0] == heading(words[f"rota.rule_{breach.rule.name.lower()}"])
            assert row[2:] == (words.told(breach.when), words.told(breach.what))
        page = check_page(one, words)
        (section,) = [each for each in page.sections if each.key == "where"]
        assert section.finding == words.count("rota.times_in_all", len(breaches))
    assert where_table((), EN) is None
    kept = site(SITE.replace("count: 2,", "count: 4,"))
    assert not check_rota(kept).breaches
    page = check_page(kept, EN)
    assert not [each for each in page.sections if each.key == "where"]
    assert page.sections[0].tables[0].head == ("Kept?", "Rule")
    long = where_table(breaches * 50, EN)
    assert long is not None
    assert len(long.rows) == 40
    assert long.caption == f"The first 40 of {50 * len(breaches)} times that a rule is broken"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ((), "Every rota keeps every rule that can be checked."),
        (("now",), "Every rule is kept by one rota only: later."),
        (("now", "later"), "No rota keeps every rule."),
    ],
)
def test_which_of_several_rotas_keep_the_rules(broken, said):
    breaches = check_rota(site(SITE.replace("count: 2,", "count: 1,"))).breaches
    found = {name: breaches if name in broken else () for name in ("now", "later")}
    section = rules_section(found, {"now": "today", "later": "later"}, EN)
    assert section is not None
    assert section.finding == said
    assert len(section.folded) == len(broken)
    if broken:
        numbers = Counter(one.rule for one in breaches)
        assert len(section.tables[0].rows) == len(numbers)
    assert rules_section(None, {}, EN) is None


def test_what_says_nothing_is_not_drawn():
    """No row for a role that is neither there nor needed, and no columns where all is kept."""
    text = SITE.replace("roles: {nurse: {cost_per_hour: 40}}", "roles: {nurse: {}, doctor: {}}")
    text = text.replace(
        "  rota:\n", '  rota:\n    - {role: doctor, from: 10:00, to: "18:00", days: [mon]}\n'
    )
    idle, asked = {**NEEDED, "doctor": [0] * 168}, {"doctor": [1] * 168}
    for needed, tuesday in ((idle, ["Nurses"]), (asked, ["Nurses", "Doctors"])):
        rota = Rota("x", site(text), needed, EN)
        assert [role.name for role in rota.day(0).roles] == ["Nurses", "Doctors"]
        assert [role.name for role in rota.day(1).roles] == tuesday


@pytest.mark.parametrize(
    ("missing", "title"),
    [
        ({"nurse": 0.4, "doctor": 0.0}, "The rota has everybody who is needed."),
        ({"nurse": 0.5, "doctor": 0.0}, "Nurses: 0.50 hours a week are missing."),
        (
            {"nurse": 12.0, "social_educator": 196.0},
            "Social educators: 196 hours a week are missing, more than of any other role.",
        ),
    ],
)
def test_the_title_of_a_need_says_who_is_missing(missing, title):
    assert need_title(missing, catalogue("en")) == title


@pytest.mark.slow
def test_a_need_and_a_plan_have_pages(tmp_path):
    (tmp_path / "small.yaml").write_text(SITE, "utf-8")
    few = ("--workers", "1", "--lang", "da")
    assert command(tmp_path, "rota", "need", "small.yaml", "--replications", "0", *few) == 0
    need = tmp_path / "results" / "small-need"
    table = pd.read_csv(need / "need.csv")
    text = plain((need / "report.html").read_text("utf-8"))
    assert f"Der er brug for {table['formula'].sum()} timers personale om ugen." in text
    plan = ("rota", "plan", "small.yaml", "--need-replications", "0", "--replications", "2")
    assert command(tmp_path, *plan, "--with-breaches", *few) == 0
    folder = tmp_path / "results" / "small-plan"
    text = plain((folder / "report.html").read_text("utf-8"))
    assert "Vagtplanen i dag" in text
    for name in pd.read_csv(folder / "plans.csv")["plan"].unique():
        assert DA[f"rota.plan_{name}"] in text
    assert "staff.rota" not in text
    assert "{'" not in text


def test_every_rule_has_words():
    for words in (EN, DA):
        for rule in Rule:
            assert words[f"rota.rule_{rule.name.lower()}"]
