"""The catalogue: complete in every language, every word used, numbers and dates as people write."""

import re
import string
import tomllib
from datetime import date
from threading import Thread

import pytest

from sim.log import Duty, Outcome
from sim.report import ENGLISH
from sim.report.page.document import Card, Page, render
from sim.report.page.numbers import not_torn, whole_figures
from sim.report.page.phrases import Phrases
from sim.report.page.settings import Changed
from sim.report.page.svg import broken
from sim.report.page.verdict import Mark
from sim.report.page.words import LANGUAGES, _Texts, catalogue, estimate, part_name
from sim.study.compare.matters import HEADLINES, ROTA_HEADLINES, Finding
from sim.study.estimate.intervals import Estimate
from tests import ROOT

EN, DA = catalogue("en"), catalogue("da")
ROOMS = tuple(ROOT / "sim" / room for room in ("report", "serve", "cli"))
CODE = "\n".join(
    path.read_text("utf-8")
    for room in ROOMS
    for path in sorted(room.rglob("*"))
    if path.suffix in {".py", ".html"}
)


def gaps(text):
    """The gaps of a text, and how often."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != ENGLISH])
def test_every_language_says_the_same(lang):
    english, other = catalogue(ENGLISH).texts, catalogue(lang).texts
    # What rooms below tell is English there, for the tables, and help where options are.
    assert [key for key in other if not key.startswith(("told.", "help.", "starter."))] == list(
        english
    )
    for key, text in english.items():
        assert gaps(other[key]) == gaps(text), key
        assert other[key].strip(), key


def test_every_word_that_the_code_wants_is_there():
    known = catalogue(ENGLISH).texts
    quoted = set(
        re.findall(r"""words(?:\[|\.(?:say|tell|count|plural)\(\s*)["']([^"'{]+)["']""", CODE)
    )
    assert len(quoted) > 100
    for key in quoted:
        assert key in known or f"{key}.other" in known, key
    for outcome in Outcome:
        assert f"outcome.{outcome.name.lower()}" in known
    for duty in Duty:
        assert f"duty.{duty.name.lower()}" in known
    for headline in (*HEADLINES, *ROTA_HEADLINES):
        assert f"headline.{headline.metric}.{headline.statistic}" in known
    for finding in Finding:
        assert not finding or f"finding.{finding.value.replace(' ', '-')}" in known


LOOKED_UP = (
    "parser",
    "name",
    "place",
    "often",
    "bad",
    "glossary",
    "unknown",
    "sweep",
    "operator",
    "compare",
    "unit",
    "outcome",
    "duty",
    "duration",
    "headline",
    "hourly",
    "serve",
    "finding",
    "manifest",
    "watch",
    "who",
    "roles",
    "places",
    "places_of",
    "change",
    "setting",
    "design",
    "playback",
    "lack",
    "choice",
    "field",
    "option",
    "difference",
    "explore",
    "varied",
    "thing",
    "size",
    "rota",
    "row",
    "column",
    "weekday",
    "screen_run",
    "screen_compare",
    "screen_rota",
    "screen_size",
    "screen_validate",
    "screen_check",
)
"""Sections whose words are looked up by what stands in the tables."""


@pytest.mark.slow
def test_every_word_of_the_catalogue_is_used():
    for key in catalogue(ENGLISH).texts:
        section, _, last = key.partition(".")
        name = last.removesuffix(".one").removesuffix(".other").removesuffix("_never")
        literal = f'"{section}.{name}"' in CODE or f"'{section}.{name}'" in CODE
        # Such as words[f"define.{name}_is"]: its last part is quoted somewhere.
        built = re.search(rf"""[f\[(]["']{section}\.[^"']*\{{""", CODE) is not None
        parts = [name, name.removesuffix("_is"), *name.split("_", 1), *name.rsplit("_", 1)]
        assert literal or section in LOOKED_UP or built, key
        if built and not literal and section not in LOOKED_UP:
            assert any(f'"{part}"' in CODE or part in {"open", "worst"} for part in parts), key


LONG = ("screen_need.", "screen_size.", "bad.", "knowing.", "fit.")
"""Whose sentences may be longer: screens as they were, and what has several numbers in a row."""


def test_a_sentence_of_a_page_has_twenty_words_at_most():
    for key, text in catalogue(ENGLISH).texts.items():
        for sentence in re.split(r"(?<=[.?!;:])\s+", text):
            assert len(sentence.split()) <= 20 or key.startswith(LONG), (key, sentence)


def test_numbers_and_dates_are_written_as_people_write_them():
    english, danish = catalogue("en"), catalogue("da")
    assert english.number(-12345.678, 1) == "−12,345.7"
    assert danish.number(-12345.678, 1) == "−12.345,7"
    assert [words.share(0.1234) for words in (english, danish)] == ["12.3 %", "12,3 %"]
    day = date(2026, 1, 5)
    assert [words.date(day) for words in (english, danish)] == ["5 January 2026", "5. januar 2026"]
    assert [words.clock(450) for words in (english, danish)] == ["07:30", "07.30"]
    assert [words.weekdays()[0] for words in (english, danish)] == ["Mon", "man"]
    assert [english.count("unit.days", number) for number in (1, 28)] == ["1 day", "28 days"]
    assert [danish.count("unit.days", number) for number in (1, 28)] == ["1 dag", "28 dage"]


def test_rounding_leaves_no_minus_before_a_zero_and_no_number_a_dash():
    words = catalogue(ENGLISH)
    assert words.number(-0.004, 2) == "0.00"
    assert words.number(float("nan"), 2) == "–"
    assert words.share(float("nan")) == "–"


def test_a_planner_s_own_names_stay():
    assert catalogue("da").name("nurse") == "sygeplejerske"
    assert catalogue("da").name("quiet_room") == "quiet room"


def test_a_missing_word_is_an_error():
    with pytest.raises(KeyError):
        catalogue(ENGLISH)["page.no_such_word"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_line_ends_within_a_figure(lang):
    words = catalogue(lang)
    text = estimate(words, Estimate(0.0388, 0.0356, 0.0423), "share")
    card = Card("Room", Mark.YES, "Yes", strong=text)
    page = render(Page(text, (text,), (), cards=(card,)), words)
    shown = re.findall(r">([^<>]*3.88[^<>]*)<", page)
    assert set(shown) == {text.replace(" ", "\u00a0")}
    assert len(shown) == 4


def test_a_title_is_not_torn_between_a_number_and_what_it_counts():
    said = "5.8 (5.5–6.2) of 100 needs: +3 (+1 to +5) %, in 6 rooms (24 h)"
    assert whole_figures(said).replace("\u00a0", "_") == (
        "5.8_(5.5–6.2) of 100 needs: +3_(+1 to +5)_%, in 6 rooms (24 h)"
    )
    assert not_torn(said).replace("\u00a0", "_") == (
        "5.8_(5.5–6.2) of 100_needs: +3_(+1_to +5)_%, in 6_rooms (24_h)"
    )
    for width in range(10, 300, 10):
        assert " ".join(broken(said, width)) == said


def test_a_facility_is_named_as_a_heading_and_within_a_sentence():
    titles = {"van": "The mobile room, at the station", "bil": "Den mobile", "there": "Therapy"}
    for words in (EN.with_facilities(titles), DA.with_facilities(titles)):
        assert [words.facility(one) for one in titles] == [
            "The mobile room",
            "Den mobile",
            "Therapy",
        ]
        within = [words.facility_within(one) for one in titles]
        assert within == ["the mobile room", "den mobile", "Therapy"]
    words = EN.with_facilities(titles)
    assert part_name(words, "from:van/to:there") == "from the mobile room to Therapy"
    assert part_name(words, "facility:van/role:nurse") == "The mobile room, nurse"
    path = ("facilities", "van", "check_in", "desks")
    assert Phrases(None, words).change(Changed(path, 1, 2)) == (
        "The mobile room: 2 check-in desks instead of 1"
    )
    assert Phrases(None, words).change(Changed(path[:2], {}, None)) == "without the mobile room"
    said = words.listed([words.facility(one) for one in titles])
    assert said == "The mobile room, den mobile and Therapy"


def test_a_line_of_a_rota_is_named_in_the_language_of_the_page():
    assert part_name(EN, "shift:clinic_nurse evening") == "clinic nurse evening"
    assert part_name(DA, "shift:clinic_nurse evening") == "kliniksygeplejerske aftenvagt"


def test_a_section_that_is_being_read_is_there_for_who_tells_of_progress(monkeypatch):
    texts, loads, found = _Texts('[told]\nprogress_of = "of"\n'), tomllib.loads, []

    def read_meanwhile(text):
        monkeypatch.setattr(tomllib, "loads", loads)
        other = Thread(target=lambda: found.append(texts.get("told.progress_of")))
        other.start()
        other.join()
        return loads(text)

    monkeypatch.setattr(tomllib, "loads", read_meanwhile)
    assert texts["told.progress_of"] == "of"
    assert found == ["of"]
