"""The pages of sweeps and tornados: what is drawn, what is left out, and the sentences."""

from typing import Any

import pandas as pd
import pytest

from sim.report.charts.maps import Design, Designs, Setting, designs_picture
from sim.report.charts.tornado import tornado_pictures
from sim.report.page.document import Picture
from sim.report.page.phrases import Phrases
from sim.report.page.verdict import Mark
from sim.report.page.words import catalogue
from sim.report.several.sweep import sweep_page, told_apart
from sim.report.several.swept import asked_of
from sim.report.several.tornado import tornado_page
from sim.results.read import read_results
from sim.study.compare.matters import HEADLINES
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Summary
from tests.support.saved_results import results

EN, DA = catalogue("en"), catalogue("da")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return results(tmp_path_factory.mktemp("site"))


def setting(name, *levels, base: object = None) -> Setting:
    texts = {one: str(one) for one in levels}
    return Setting(name, levels, texts, {one: f"{one} {name}" for one in levels}, base)


def designs(*settings, limit=5.0, best=None) -> Designs:
    """A grid whose figure grows with the first setting and falls with the others."""
    found: list[Any] = [()]
    for one in settings:
        found = [(*before, level) for before in found for level in one.levels]
    made: list[Design] = []
    for levels in found:
        value = 5.0 + levels[0] - sum(levels[1:])
        mark = Mark.YES if value < 4 else Mark.NO if value > 6 else Mark.JUST
        made.append(Design(levels, Estimate(value, value - 0.5, value + 0.5), mark, str(levels)))
    return Designs("d", "figure", "min", limit, True, settings, tuple(made), best)


def picture_of(found) -> Any:
    """Its picture, of which a test knows that it has a table."""
    return designs_picture(found, "Title.", EN)


def test_two_settings_are_a_map_with_the_base_ringed():
    found = designs(setting("a", 1, 2, 3, base=2), setting("b", 0, 4, base=0), best=(1, 4))
    picture = picture_of(found)
    wide = str(picture.svg[0])
    assert wide.count('class="ring"') == 2  # in the map, and in the key
    assert wide.count("ring dashed") == 2
    assert wide.count('class="short"') == 2 + 1  # 7 and 8 are more than the limit; and the key
    for one in found.designs:
        assert f">{EN.brief(one.known.value)}</text>" in wide
    assert picture.table.rows[0][1] == "6.00 (5.50–\u20606.50) min"
    assert len(picture.table.rows) == 6


def test_more_settings_are_small_maps_and_what_makes_no_grid_is_dots():
    found = designs(setting("a", 1, 2, 3), setting("b", 0, 4), setting("c", 0, 1))
    wide = str(designs_picture(found, "Title.", EN).svg[0])
    assert wide.count(">0 c</text>") == wide.count(">1 c</text>") == 1
    cut = Designs("d", "f", "min", 5.0, True, found.settings, found.designs[1:])
    assert str(designs_picture(cut, "Title.", EN).svg[0]).count("<circle") == 3 * 11


def test_one_setting_is_a_line_with_its_limit():
    wide = str(designs_picture(designs(setting("a", 1, 2, base=1)), "Title.", EN).svg[0])
    assert wide.count("<circle") == 2 + 1  # two levels, and the ring
    assert "limit: 5" in wide


def test_limits_are_the_scenario_s_own_or_the_usual():
    usual = {(one.metric, one.statistic): one.limit for one in asked_of(None)}
    assert usual == {
        ("wait", "p90"): 10.0,
        ("unserved", "share"): 0.05,
        ("response_first", "within_1"): 0.9,
    }


def test_a_sweep_s_page_is_its_finding_and_a_map(folders):
    saved = read_results(folders["sweep"])
    page: Any = sweep_page(saved, EN)
    table = saved.need("sweep.csv").query("by == 'all' and statistic == 'p90' and metric == 'wait'")
    title = page.title.replace("\u00a0", " ")
    kept, best = title.split("\n")
    assert kept == "4 of 6 designs keep the limits."
    assert best == "The cheapest: 5 injecting places and 1 nurse, 0.1 m EUR a year."
    shown = page.pictures[0].table.rows
    assert len(shown) == 6
    own = [one for one in asked_of(saved.scenario()) if one.metric in {"wait", "unserved"}]
    assert {(one.metric, one.limit) for one in own} == {("wait", 1.0), ("unserved", 0.6)}
    values = {EN.brief(one) for one in table["value"]}
    drawn = "".join(str(one.svg[0]) for one in page.pictures)
    if "place within" in page.pictures[0].title:
        assert all(f">{one}</text>" in drawn for one in values)
    assert any("injecting places" in one for one in page.lead)


def test_the_table_has_what_tells_designs_apart_and_fits_on_paper():
    def design(**figures):
        rows = [
            {
                "metric": key.partition("__")[0],
                "statistic": key.partition("__")[2],
                "by": "all",
                "value": value,
                "ci_low": value,
                "ci_high": value,
                "unit": "",
                "replications": 3,
            }
            for key, value in figures.items()
        ]
        return Summary(pd.DataFrame(rows))

    same = {"uses__per_day": 100.0, "cost__per_week": 1000.0, "nobody_free__minutes_per_week": 0.0}
    one = design(**same, wait__mean=1.0, unserved__share=0.05)
    # Half a minute of wait matters, a thousandth of the visits does not.
    other = design(**same, wait__mean=1.5, unserved__share=0.051)
    found = [(each.metric, each.statistic) for each in told_apart([one, other])]
    assert found == [("wait", "mean")]
    all_other = {f"{each.metric}__{each.statistic}": 1e4 for each in HEADLINES}
    assert len(told_apart([design(**dict.fromkeys(all_other, 1.0)), design(**all_other)])) == 6


def test_a_tornado_has_words_with_both_ends(folders):
    page: Any = tornado_page(read_results(folders["tornado"]), EN)
    drawn = [one for one in (*page.pictures, *page.sections[0].charts) if isinstance(one, Picture)]
    assert drawn
    text = "".join(str(one.svg[0]) for one in drawn)
    assert "70 or 110 visits a day instead of 90" in text
    assert page.title.startswith("Measure first: ")


def line(field, end, value, half, verdict):
    start, to = 10, {"low": 5, "high": 20}[end]
    return {
        "rank": 1,
        "field": field,
        "end": end,
        "from": start,
        "to": to,
        "metric": "wait",
        "statistic": "mean",
        "by": "all",
        "base_value": 2.0,
        "value": 2.0 + value,
        "difference": value,
        "ci_low": value - half,
        "ci_high": value + half,
        "verdict": verdict,
        "unit": "min",
        "replications": 3,
    }


def test_rows_that_are_chance_are_left_out_and_said():
    table = pd.DataFrame(
        [
            line("demand.visits_per_day", "low", -1, 0.1, "better"),
            line("demand.visits_per_day", "high", 3, 0.1, "worse"),
            line("waiting_area.seats", "low", 0.1, 0.5, "cannot tell yet"),
            line("check_in.desks", "high", 0.1, 0.05, "no difference that matters"),
        ]
    )
    for words, visits in ((EN, "visits a day"), (DA, "besøg om dagen")):
        picture: Any
        (picture,) = tornado_pictures(table, Phrases(None, words), words)
        assert picture.title.endswith(f"{visits}.")
        assert words.count("tornado.left", 2) in picture.says
        assert len(picture.table.rows) == 1
        assert str(picture.svg[0]).count('class="short"') == 1
    nothing = table[2:]
    (chart,) = tornado_pictures(nothing, Phrases(None, EN), EN)
    assert chart.says == EN["tornado.nothing"]
