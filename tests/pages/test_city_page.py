"""The pages of a city: figures as in the tables, sentences at thresholds, a drawing to be read."""

import re
from dataclasses import dataclass, fields
from html import unescape

import numpy as np
import pandas as pd
import pytest

from sim.measures.city.needs import WAYS
from sim.report.city.flows import flows_picture, waits
from sim.report.city.run import city_page
from sim.report.page.svg import width_of
from sim.report.page.verdict import Mark
from sim.report.page.words import catalogue, estimate
from sim.report.report import write_explore, write_report
from sim.results.read import Saved, read_results
from sim.scenario.city.model import City
from sim.scenario.city.system import system_of
from sim.scenario.load import load_scenario
from sim.study.estimate.summary import Summary
from tests.support.command import command
from tests.support.two_houses import CHANGES, TOWN, write_town

EN, DA = catalogue("en"), catalogue("da")
SITES = ("north", "south", "yard")
FEW = ("--replications", "2", "--workers", "1", "--no-cache", "--engine", "simpy", "--no-report")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("town")
    write_town(home)
    return home


@pytest.fixture(scope="module")
def ran(folder):
    """A run of the city with its pages."""
    assert command(folder, "run", "town.yaml", *FEW, "--no-next", "--out", "ran") == 0
    write_report(folder / "ran", "da", "en")
    return folder / "ran"


def seen(path) -> str:
    """What a reader sees of a page, drawings aside."""
    html = re.sub(r"<(svg|script|style)\b.*?</\1>", " ", path.read_text("utf-8"), flags=re.DOTALL)
    text = unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u2060", "")
    return " ".join(text.split())


# --- what it says -------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [EN, DA])
def test_the_week_and_the_facilities_are_headed_by_what_they_find(ran, words):
    """Found again from the tables, hour by hour and facility by facility."""
    text = seen(ran / f"report.{words.lang}.html")
    hours = pd.read_csv(ran / "by_hour.csv").query("by == 'all'")
    needs, share = (
        hours[hours["metric"] == metric].set_index("hour_of_week")["value"]
        for metric in ("needs", "needs_unmet_share")
    )
    most = int(needs.to_numpy().argmax())
    unmet = (needs * share.fillna(0)).groupby(lambda one: one % 24)
    a_day = unmet.sum() / 7
    day, hour = words.weekdays()[most // 24], most % 24
    when = f"{day} {words.clock(60 * hour)}–{words.clock(60 * hour + 60)}"
    number = words.brief(needs[most])
    assert words.say("city.week_finding", when=when, number=number) in text
    start = int(a_day.to_numpy().argmax())
    told = words.say(
        "city.week_unmet",
        start=words.hour(start),
        end=words.hour(start + 1),
        number=words.brief(a_day[start]),
        all=words.brief(a_day.sum()),
    )
    assert told in text
    figures = Summary(pd.read_csv(ran / "summary.csv"))
    met = {one: figures.of("needs_met_at", "per_day", f"facility:{one}").value for one in SITES}
    assert words.brief(max(met.values())) in text[text.index(words["city.side_by_side"]) :]
    waits_ = {one: figures.of("wait", "p90", f"facility:{one}").value for one in SITES}
    longest = max(waits_, key=waits_.__getitem__)
    assert words.brief(waits_[longest]) in text[text.index(words["city.side_intro"]) - 200 :]
    cost = figures.of("cost", "per_year", "facility:north").value
    assert cost > 1e6
    assert words.money(cost, "EUR") in text[text.index(words["city.cost_year"]) :]


def test_figures_are_those_of_the_tables(ran):
    text, figures = seen(ran / "report.en.html"), Summary(pd.read_csv(ran / "summary.csv"))
    for way in (one for one in WAYS if figures.has(f"needs_{one}", "per_day")):
        a_day = estimate(EN, figures.of(f"needs_{way}", "per_day")).replace("\u2060", "")
        assert f"{EN[f'needs.{way}']} {a_day} ".casefold() in text.casefold(), way
    for name in ("north", "south", "yard"):
        met = figures.of("needs_met_at", "per_day", f"facility:{name}").value
        assert f"{EN.brief(met)} needs met here a day." in text
        for start in ("need", "return"):
            came = figures.of("flow", "per_day", f"from:{start}/to:{name}")
            assert EN.figures(came.value) in text
    year = figures.of("cost", "per_year")
    assert EN.money(year.value, "EUR") in text
    drawn = (ran / "report.en.html").read_text("utf-8")
    needs = figures.of("needs", "per_day").value
    assert f">{EN.brief(needs)}</text>" in drawn
    assert f">{EN.brief(needs)} needs a day</text>" in drawn


def test_facilities_are_called_by_their_titles_where_these_are_short(ran):
    text = seen(ran / "report.en.html")
    for name in ("Huset på Vesterbro", "The house in the south", "Gården"):
        assert name in text
    assert "Åboulevarden" not in text.partition("Assumptions and sources")[0]
    titles = {"h17": "H17, as built", "the_van": "", "a": "Same, one", "b": "Same, two"}
    titles["far"] = "A title that is longer than what a box has room for, or a line"
    town = EN.with_facilities(titles)
    names = [town.facility(name) for name in titles]
    assert names == ["H17", "The van", "A", "B", "Far"]
    assert EN.facility("h17") == "H17"
    assert town.name("h17") == "h17"  # of rooms and roles nothing is called otherwise


def test_the_danish_page_has_no_english_and_no_key(ran):
    text = seen(ran / "report.da.html").partition(DA["notes.title"])[0]
    shown = re.sub("[Tt]he house in the south", "", text)
    for english in ("needs", "people", "facility", "house", "within", "nobody", "wait", "full"):
        assert not re.search(rf"\b{english}\b", shown, re.IGNORECASE), english
    assert not re.search(r"\b(north|south|yard|injecting|\w+_\w+)\b", shown)


@dataclass(frozen=True)
class Changed(Saved):
    """Results whose figures are others, and without targets."""

    summary: pd.DataFrame | None = None

    def table(self, name):
        changed = {"summary.csv": self.summary, "targets.csv": None}
        return changed[name] if name in changed else super().table(name)


def city_of(file) -> City:
    city = load_scenario(file)
    assert isinstance(city, City)
    return city


def called(city, words):
    """The words in which a city's facilities are called by their titles."""
    return words.with_facilities({name: one.title for name, one in city.open_facilities.items()})


def asked(ran, changes=(), words=EN):
    """The page of a run of which some figures are changed."""
    saved = read_results(ran)
    city = city_of(ran / "scenario.yaml")
    summary = saved.need("summary.csv").copy()
    for (metric, statistic, by), known in dict(changes).items():
        here = (summary["metric"] == metric) & (summary["statistic"] == statistic)
        here &= summary["by"] == by
        assert here.sum() == 1, (metric, statistic, by)
        summary.loc[here, ["value", "ci_low", "ci_high"]] = np.array(known, dtype=float)

    parts = {one.name: getattr(saved, one.name) for one in fields(saved)}
    return city_page(Changed(**parts, summary=summary), city, called(city, words))


@pytest.mark.parametrize(
    ("met", "mark", "title"),
    [
        ((0.99, 0.98, 0.995), Mark.YES, "together the facilities are enough."),
        ((0.952, 0.948, 0.956), Mark.JUST, "together the facilities are just enough."),
        ((0.9, 0.89, 0.91), Mark.NO, "together the facilities are not enough."),
        ((0.95, 0.9, 0.99), Mark.CANNOT_SAY, "whether that is enough cannot be said yet."),
    ],
)
def test_the_title_is_what_needs_come_to(ran, met, mark, title):
    page = asked(ran, {("needs_met", "share", "all"): met})
    assert page.cards[0].mark is mark
    assert page.title.endswith(title)
    assert page.title.startswith("Only ") is (mark is Mark.NO)


@pytest.mark.parametrize(
    ("unmet", "closed", "text"),
    [
        (0.04, 0.04, "Hardly anybody gives up, or finds nothing open."),
        (2, 0.04, "2.0 a day give up after being turned away."),
        (0.04, 3, "For 3.0 a day nothing is open."),
        (2, 3, "2.0 a day give up after being turned away, and for 3.0 a day nothing is open."),
    ],
)
def test_who_gets_nothing_is_told_where_there_are_such(ran, unmet, closed, text):
    changes = {
        ("needs_unmet", "per_day", "all"): (unmet,) * 3,
        ("needs_closed_everywhere", "per_day", "all"): (closed,) * 3,
    }
    assert asked(ran, changes).lead[0].endswith(text)


def test_the_house_with_the_longest_wait_is_named_unless_nobody_waits(ran):
    north, south, yard = (
        ("wait", "p90", f"facility:{name}") for name in ("north", "south", "yard")
    )
    long = {north: (4, 3, 5), south: (14, 13, 15), yard: (0, 0, 0)}
    card = asked(ran, long).cards[2]
    assert card.mark is Mark.NO
    assert card.strong == "At the house in the south nine in ten get a place within 14 minutes"
    none = asked(ran, dict.fromkeys((north, south, yard), (0, 0, 0))).cards[2]
    assert (none.mark, none.strong) == (Mark.YES, "Everywhere nine in ten get a place at once")
    assert waits(0.04, EN) == "nine in ten get a place at once"
    assert waits(0.05, EN) == "nine in ten wait at most 0.05 min"


def test_a_place_without_supervision_is_named_and_few_overdoses_say_nothing(ran):
    card = asked(ran, {("overdoses", "per_year", "all"): (9 * 365.25 / 14, 1, 500)}).cards[1]
    assert card.mark is Mark.CANNOT_SAY
    assert card.strong == "Only 9 overdoses played: too few to say"
    assert card.cause.endswith("Nobody watches over use at Gården.")
    enough = {
        ("overdoses", "per_year", "all"): (10 * 365.25 / 14, 100, 500),
        ("response_first", "within_1", "all"): (1, 0.97, 1),
    }
    card = asked(ran, enough).cards[1]
    assert (card.mark, card.known) == (Mark.YES, "at least 97 in 100")


# --- the drawing --------------------------------------------------------------------------------

LETTERS = {"name": 15, "strong": 13, "note": 13}
TEXT = re.compile(r'<text x="([\d.]+)" y="([\d.]+)"([^>]*)>([^<]*)</text>')
LONG = ("Ærøgade ved Østerbro", "The house with a long title", "Ø", "frederiksberg_og_valby")


def boxes_of(svg) -> list[tuple[float, float, float, float, str]]:
    """Of each text of a drawing its left and right, upper and lower edge; rather too wide."""
    found = []
    for x, y, looks, text in TEXT.findall(str(svg)):
        sized = re.search(r"font-size:(\d+)", looks)
        look = looks.partition('class="')[2].partition('"')[0]
        size = float(sized[1]) if sized else LETTERS[look]
        wide = 0.9 * width_of(unescape(text), size)  # which is measured rather too wide
        left = float(x) - (wide if "end" in looks else 0)
        found.append((left, left + wide, float(y) - 0.72 * size, float(y) + 1, text))
    return found


def many(number: int):
    """A city of so many houses, and figures in which everybody goes everywhere."""
    text = TOWN[: TOWN.index("targets:")]
    names = [f"house_{one}" for one in range(number)]
    lines = [
        f"  {name}: {{file: house.yaml, title: '{LONG[one % 4]} {one}'"
        + (", supervised: false}" if one == number - 1 else "}")
        for one, name in enumerate(names)
    ]
    walks = ", ".join(f"{name}: 5" for name in names)
    text = text[: text.index("  north:")] + "\n".join(lines) + f"\nchoice:\n  walk: {{{walks}}}\n"
    rows = [("needs", "per_day", "all", 1234.5)]
    rows += [(f"needs_{way}", "share", "all", 0.125) for way in WAYS]
    rows += [(f"needs_{way}", "per_day", "all", 154.3) for way in WAYS]
    for one in names:
        here = f"facility:{one}"
        rows += [("needs_met_at", "per_day", here, 98.7), ("wait", "p90", here, 12.3)]
        rows += [("needs_unmet_at", "per_day", here, 45.6)]
        rows += [("flow", "per_day", f"from:{kind}/to:{one}", 99.9) for kind in ("need", "return")]
        rows += [("flow", "per_day", f"from:{one}/to:{two}", 9.9) for two in names if one != two]
    table = pd.DataFrame(rows, columns=["metric", "statistic", "by", "value"])
    return text, Summary(table.assign(ci_low=table["value"], ci_high=table["value"], unit=""))


@pytest.mark.parametrize("words", [EN, DA], ids=["en", "da"])
@pytest.mark.parametrize("number", [2, 4, 12])
def test_no_label_of_the_flows_lies_on_another_or_outside(folder, number, words):
    text, found = many(number)
    (folder / f"many-{number}.yaml").write_text(text, "utf-8")
    city = city_of(folder / f"many-{number}.yaml")
    picture = flows_picture(found, system_of(city), "T.", called(city, words))
    for svg in picture.svg:
        width, height = map(float, str(svg).partition('viewBox="0 0 ')[2].split('"')[0].split())
        labels = boxes_of(svg)
        assert len(labels) > 4 + 2 * number
        for place, (left, right, top, bottom, said) in enumerate(labels):
            assert left >= 0, said
            assert right <= width, said
            assert top >= 0, said
            assert bottom <= height, said
            for other in labels[:place]:
                apart = right <= other[0] or other[1] <= left
                assert apart or bottom <= other[2] or other[3] <= top, (said, other[4])


def test_numbers_beside_the_arrows_do_not_lie_on_them(folder):
    text, found = many(12)
    (folder / "arrows.yaml").write_text(text, "utf-8")
    system = system_of(load_scenario(folder / "arrows.yaml"))
    for svg in flows_picture(found, system, "T.", EN).svg[:2]:
        lines = [
            [tuple(map(float, point.split())) for point in path.split("L")]
            for path in re.findall(r'class="flow flow-\d" d="M([^"]*)"', str(svg))
        ]
        arrows = [points for points in lines if len(points) > 2 and points[-1][0] > points[0][0]]
        assert len(arrows) == 12
        numbers = [one for one in boxes_of(svg) if one[4] == "100"]
        assert len(numbers) == 12
        for left, right, top, bottom, _ in numbers:
            for x, y in (point for points in arrows for point in points):
                assert not (left <= x <= right and top <= y <= bottom)


# --- the other pages ----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "da"])
def test_a_comparison_says_what_is_otherwise_at_which_facility(folder, lang):
    there = folder / "compared"
    if not there.exists():
        assert command(folder, "compare", "town.yaml", *CHANGES, *FEW, "--out", "compared") == 0
    write_report(there, lang)
    text = seen(there / f"report.{lang}.html")
    for said in {
        "en": ("Without the house in the south", "Without Gården", "Huset på Vesterbro: 4"),
        "da": ("Uden the house in the south", "Uden Gården", "Huset på Vesterbro: 4"),
    }[lang]:
        assert said in text
    assert "says nothing of cost" not in text
    assert "facilities." not in text.partition(catalogue(lang)["notes.title"])[0]


@pytest.mark.slow
def test_a_sweep_and_its_designs_are_told_in_words(folder):
    vary = ("--vary", "facilities.north.rooms.injecting.places=2,4")
    assert command(folder, "sweep", "town.yaml", *vary, *FEW, "--out", "swept") == 0
    write_report(folder / "swept", "da", "en")
    text = seen(folder / "swept" / "report.en.html")
    assert "Huset på Vesterbro: injecting places" in text
    assert "at least 90 in 100 needs are met" in text  # the city's own target
    told = seen(folder / "swept" / "report.da.html").partition(DA["notes.title"])[0]
    assert "facilities." not in told
    explored = seen(write_explore(folder / "swept", "da"))
    assert "Huset på Vesterbro: injektionspladser" in explored
    assert "facilities." not in explored


@pytest.mark.slow
def test_what_is_assumed_of_a_file_that_two_houses_share_is_told_once(folder):
    assert command(folder, "sweep", "town.yaml", "--tornado", *FEW, "--out", "tornado") == 0
    write_report(folder / "tornado", "en")
    rows = pd.read_csv(folder / "tornado" / "tornado.csv")
    assert not rows.duplicated(["field", "end", "metric", "statistic", "by"]).any()
    text = seen(folder / "tornado" / "report.en.html")
    both = "Huset på Vesterbro and the house in the south"
    assert f"{both}: how long people who inject stay" in text
    notes = pd.read_csv(folder / "tornado" / "notes.csv")
    for name in ("north", "south"):
        assert (notes["field"] == f"facilities.{name}.visits.inject.stay").sum() == 1
