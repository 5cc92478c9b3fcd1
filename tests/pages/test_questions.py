"""What a run's page decides: verdicts and sentences at their thresholds, and from whole pages."""

import html
import re

import numpy as np
import pandas as pd
import pytest

from sim.report.page.verdict import Mark, held, worst
from sim.report.page.words import catalogue
from sim.report.pages.questions import (
    Asked,
    finding,
    how_often,
    in_100,
    met_text,
    peak_hours,
    picture_title,
    places_card,
    questions,
    safety_card,
    staff_card,
    who_leaves,
)
from sim.scenario import load_scenario
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Summary
from tests.support.command import command
from tests.support.saved_results import SITE

EN, DA = catalogue("en"), catalogue("da")


@pytest.mark.parametrize(
    ("known", "mark"),
    [
        ((5, 4, 6), Mark.YES),
        ((9, 8.5, 9.5), Mark.YES),  # a margin of 1 below the limit
        ((9.1, 8.6, 9.6), Mark.JUST),  # surely below, by less than what matters
        ((9.9, 9.2, 10.6), Mark.JUST),  # on one side or the other, by less than what matters
        ((10.5, 10.2, 10.8), Mark.JUST),  # surely above, by less than what matters
        ((11.1, 10.2, 12), Mark.NO),
        ((11, 10.2, 11.8), Mark.JUST),
        ((10, 8.5, 11.5), Mark.CANNOT_SAY),
        ((8, 5, 11.5), Mark.CANNOT_SAY),
        ((15, 8.9, 21), Mark.CANNOT_SAY),
        ((float("nan"),) * 3, Mark.CANNOT_SAY),
        ((5, float("nan"), float("nan")), Mark.CANNOT_SAY),  # played once
    ],
)
def test_a_limit_is_kept_by_more_than_what_matters_or_just(known, mark):
    assert held(Estimate(*known), 10, at_most=True, margin=1) is mark
    mirrored = Estimate(-known[0], -known[2], -known[1])
    assert held(mirrored, -10, at_most=False, margin=1) is mark


def test_nothing_at_a_limit_of_nothing_is_a_yes():
    assert held(Estimate(0, 0, 0), 0, at_most=True, margin=10) is Mark.YES
    assert held(Estimate(1, 1, 1), 1, at_most=False, margin=0.01) is Mark.YES


def test_the_worst_answer_is_the_answer():
    assert worst([Mark.YES, Mark.JUST]) is Mark.JUST
    assert worst([Mark.JUST, Mark.CANNOT_SAY]) is Mark.CANNOT_SAY
    assert worst([Mark.CANNOT_SAY, Mark.NO, Mark.YES]) is Mark.NO
    assert worst([]) is Mark.CANNOT_SAY


def test_shares_are_told_as_people_say_them():
    shares = (0.04, 0.05, 0.149, 0.151, 0.5, 0.94, 0.951)
    assert [how_often(one, EN) for one in shares] == [
        "hardly ever",
        "one minute in ten",
        "one minute in ten",
        "two minutes in ten",
        "half of the time",
        "nine minutes in ten",
        "nearly all of the time",
    ]
    assert [in_100(one, EN) for one in (0.0312, 0.0995, 0.123, 0)] == [
        "3.1 in 100",
        "10 in 100",
        "12 in 100",
        "0 in 100",
    ]


def test_all_of_the_events_seen_are_told_without_a_hundred_per_cent():
    text, known = met_text(Estimate(1.0, 0.9755, 1.0), 146, EN)
    assert text == "All 146 overdoses played were met within 1 minute"
    assert known == "at least 97 in 100"  # rounded down
    text, known = met_text(Estimate(0.95, 0.91, 0.98), 1146, EN)
    assert text == "95 in 100 of 1,146 overdoses played were met within 1 minute"
    assert known == "91–\u206098"


@pytest.mark.parametrize(
    ("number", "written", "ends"),
    [
        (Estimate(2.38, 2.31, 2.48), "2.4", "2.3–\u20602.5"),
        (Estimate(2.38, 2.36, 2.41), "2.4", ""),  # both ends round to the number
        (Estimate(0.24, 0.2, 0.3), "0.24", "0.20–\u20600.30"),
        (Estimate(9.96, 9, 11), "10", "9–\u206011"),
        (Estimate(254.3, 242, 265), "254", "242–\u2060265"),
        (Estimate(1, -2, 4), "1.0", "−2.0 to 4.0"),
        (Estimate(5), "5.0", ""),
    ],
)
def test_numbers_have_two_digits_that_count(number, written, ends):
    assert EN.brief(number.value) == written
    assert EN.brief_range(number) == ends


def test_money_is_a_year_in_millions():
    amounts = (99_400, 100_000, 15_640_000, 123_400_000)
    assert [EN.money(one, "DKK") for one in amounts] == [
        "99,400 DKK",
        "0.1 m DKK",
        "15.6 m DKK",
        "123 m DKK",
    ]
    assert DA.money(15_640_000, "DKK") == "15,6 mio. DKK"


def day(values):
    """A week of the same day, closed where it has no value."""
    hours = np.full(24, np.nan)
    for hour, value in values.items():
        hours[hour] = value
    return np.tile(hours, 7)


def test_a_peak_is_where_a_room_is_fullest_but_for_the_crowd_at_the_opening():
    usual = dict.fromkeys(range(8, 20), 0.1)
    assert peak_hours(day(usual | {16: 0.5, 17: 0.6, 18: 0.4})) == (16, 19)
    assert peak_hours(day(usual | {16: 0.5, 17: 0.6, 18: 0.39})) == (16, 18)  # two thirds of it
    assert peak_hours(day(usual | {8: 0.9, 17: 0.3})) == (17, 18)
    assert peak_hours(day(dict.fromkeys(range(8, 20), 0.0) | {8: 0.9})) == (8, 9)
    assert peak_hours(day(usual)) is None  # all day alike
    assert peak_hours(day(dict.fromkeys(range(8, 20), 0.0))) is None
    assert peak_hours(np.full(168, np.nan)) is None


# --- a whole site, with figures of one's own ----------------------------------------------------


FIGURES = {
    ("wait", "p90", "all"): (5, 4.8, 5.2),
    ("unserved", "share", "all"): (0.02, 0.019, 0.021),
    ("unserved", "per_day", "all"): (1.8, 1.7, 1.9),
    ("unserved", "per_day", "crowd"): (0.1, 0, 0.2),
    ("visits", "per_day", "outcome:reneged"): (1.5, 1.4, 1.6),
    ("visits", "per_day", "outcome:balked"): (0.3, 0.2, 0.4),
    ("overdoses", "per_year", "all"): (261, 200, 320),
    ("response_first", "within_1", "all"): (1, 0.97, 1),
    ("nobody_free", "minutes_per_week", "all"): (0, 0, 0),
    ("below_cover", "minutes_per_week", "all"): (0, 0, 0),
    ("role_missing", "minutes_per_week", "all"): (0, 0, 0),
    ("breaks", "missed_per_week", "all"): (0, 0, 0),
    ("staff_busy", "share", "role:nurse"): (0.5, 0.49, 0.51),
    ("cost", "per_year", "all"): (365_000, 365_000, 365_000),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    file = tmp_path_factory.mktemp("asked") / "site.yaml"
    text = SITE[: SITE.index("targets:")].replace(
        "A small site & its <visitors>", "Little House, Odense"
    )
    file.write_text(text, "utf-8")
    return load_scenario(file)


def asked(site, words=EN, replications=26, **changes):
    """A study of 26 times two weeks, a year, with some of its figures changed."""
    figures = dict(FIGURES)
    for key, known in changes.items():
        metric, statistic = key.split("__")[:2]
        found = next(one for one in figures if one[:2] == (metric, statistic))
        figures[found] = known
    rows = [(*key, *known) for key, known in figures.items()]
    columns = ["metric", "statistic", "by", "value", "ci_low", "ci_high"]
    table = pd.DataFrame(rows, columns=columns).assign(unit="")
    return Asked(Summary(table), site, (), replications, None, (), words)


def test_a_site_that_has_all_it_needs(site):
    found = asked(site)
    places, safe, staff, cost = questions(found)
    assert [one.mark for one in (places, safe, staff, cost)] == [
        *[Mark.YES] * 3,
        Mark.MONEY,
    ]
    assert (places.strong, places.known) == (
        "9 in 10 people get a place within 5.0 minutes",
        "4.8–\u20605.2",
    )
    assert places.cause.startswith("2.0 in 100 leave without a place.")
    assert safe.strong == "All 260 overdoses played were met within 1 minute"
    assert staff.strong == "The busiest role, nurse, works 50 minutes in 100"
    assert cost.answer == "0.4 m DKK".replace("DKK", site.currency)
    assert finding(found, (places, safe, staff, cost)) == "Little House has enough places."
    assert who_leaves(found) == (
        "1.8 people a day leave without a place: 1.5 after waiting and 0.30 on seeing how full "
        "it is."
    )
    assert picture_title(found) == "No room is ever full."


def test_who_leaves_decides_where_waits_are_short(site):
    card = places_card(asked(site, unserved__share=(0.12, 0.11, 0.13)))
    assert (card.mark, card.strong, card.known) == (
        Mark.NO,
        "12 in 100 leave without a place",
        "11–\u206013",
    )
    assert card.cause.startswith("9 in 10 people get a place within 5.0 minutes.")
    assert places_card(asked(site, unserved__share=(0.048, 0.046, 0.05))).mark is Mark.JUST
    assert places_card(asked(site, unserved__share=(0.045, 0.044, 0.046))).mark is Mark.YES
    assert places_card(asked(site, unserved__share=(0.05, 0.03, 0.07))).mark is Mark.CANNOT_SAY


def test_few_overdoses_say_nothing(site):
    card = safety_card(asked(site, overdoses__per_year=(9, 4, 14)))
    assert card.mark is Mark.CANNOT_SAY
    assert card.strong == "Only 9 overdoses played: too few to say. Play 1 more months"
    assert safety_card(asked(site, overdoses__per_year=(10.1, 4, 14))).mark is Mark.YES


def test_nobody_to_send_is_a_broken_rule_whatever_else_holds(site):
    card = safety_card(asked(site, nobody_free__minutes_per_week=(40, 30, 50)))
    assert (card.mark, card.strong) == (
        Mark.NO,
        "40 minutes a week nobody is free to go to an overdose",
    )
    near = safety_card(asked(site, nobody_free__minutes_per_week=(8, 6, 10)))
    assert near.mark is Mark.JUST
    rare = safety_card(asked(site, nobody_free__minutes_per_week=(0.4, 0.1, 0.7)))
    assert rare.mark is Mark.YES
    late = safety_card(asked(site, response_first__within_1=(0.8, 0.75, 0.85)))
    assert (late.mark, late.known) == (Mark.NO, "75–\u206085")


def test_a_rota_is_held_against_its_rules_then_breaks_then_work(site):
    below = staff_card(asked(site, role_missing__minutes_per_week=(5, 2, 8)))
    assert (below.mark, below.strong) == (Mark.JUST, "5.0 minutes a week below the rule")
    assert below.cause == "The rule is 1 in the room."
    short = staff_card(asked(site, below_cover__minutes_per_week=(254, 242, 265)))
    assert (short.mark, short.known) == (Mark.NO, "242–\u2060265")
    missed = staff_card(asked(site, breaks__missed_per_week=(0.6, 0.5, 0.7)))
    assert (missed.mark, missed.strong) == (Mark.JUST, "0.60 breaks a week are missed")
    assert staff_card(asked(site, breaks__missed_per_week=(0.5, 0.4, 0.6))).mark is Mark.YES
    assert staff_card(asked(site, staff_busy__share=(0.86, 0.8, 0.9))).mark is Mark.JUST


def test_a_broken_rule_stands_in_the_title(site):
    def title(**changes):
        found = asked(site, **changes)
        return finding(found, questions(found))

    unsafe = title(nobody_free__minutes_per_week=(40, 30, 50))
    assert unsafe == "Overdoses wait for staff. Little House has enough places."
    short = title(below_cover__minutes_per_week=(254, 242, 265))
    assert short == (
        "Little House has enough places. Staff are too few: 254 minutes a week below the rule."
    )
    few = title(unserved__share=(0.12, 0.11, 0.13))
    assert few == "Little House has too few places."
    unsure = title(unserved__share=(0.05, 0.03, 0.07))
    assert unsure == "Whether Little House has enough places cannot be said yet."


def test_the_crowd_at_the_opening_is_told_apart(site):
    crowded = asked(site, unserved__per_day=(1.8, 1.7, 1.9))
    assert "were at the door" not in who_leaves(crowded)
    figures = crowded.figures.table
    figures.loc[figures["by"] == "crowd", "value"] = 1.2
    again = Asked(Summary(figures), site, (), 26, None, (), EN)
    assert who_leaves(again) == (
        "Of 1.8 people a day who leave without a place, 1.2 were at the door as it opened."
    )
    few = asked(site, unserved__per_day=(0.9, 0.8, 1.0))
    assert who_leaves(few) == ""


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "da"])
@pytest.mark.parametrize(
    ("changes", "marks"),
    [
        (
            {
                "places: 3": "places: 6",
                "count: 2,": "count: 4,",
                "to: 14:00}": "to: 14:00, minimum_left: 3}",
            },
            "yes yes yes",
        ),
        ({"places: 3": "places: 1"}, "no just no"),
        ({"places: 3": "places: 6", "per_1000: 20": "per_1000: 0.1"}, "yes cannot-say no"),
        ({'from: 10:00, to: "18:00"': 'from: 10:00, to: "16:00"'}, "no no no"),
        ({}, "no yes no"),
    ],
)
def test_ten_seconds_on_the_first_screen_answer_five_questions(tmp_path, lang, changes, marks):
    """From its text alone: enough places, safe, staff, cost a year, what is narrow."""
    text = SITE[: SITE.index("targets:")]
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "small.yaml").write_text(text, "utf-8")
    few = ("--replications", "12", "--workers", "1", "--no-cache", "--lang", lang)
    assert command(tmp_path, "run", "small.yaml", *few) == 0
    folder = tmp_path / "results" / "small"
    page = (folder / "report.html").read_text("utf-8")
    first = page[page.index('<div id="first">') : page.index('<div id="more">')]
    words = catalogue(lang)
    cards = re.findall(r'(?s)<article class="card ([a-z-]+)">(.*?)</article>', first)
    assert len(cards) == 4
    text_of = [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", card)).split()) for _, card in cards]
    for key, text in zip(("places", "safe", "staff", "cost"), text_of, strict=True):
        assert text.startswith(words[f"decide.{key}"])
    for (mark, _), text in zip(cards[:3], text_of, strict=False):
        assert words[f"mark.{mark}"] in text
    summary = Summary(pd.read_csv(folder / "summary.csv"))
    wait, leave = summary.of("wait", "p90"), summary.of("unserved", "share")
    assert wait.value < 0.05 or words.brief(wait.value) in text_of[0]
    assert words.brief(100 * leave.value) in text_of[0]
    year = summary.of("cost", "per_year").value
    assert words.money(year, "EUR").split()[0] in text_of[3]
    assert words.name("injecting") in " ".join(first.split())
    assert " ".join(mark for mark, _ in cards[:3]) == marks, text_of
