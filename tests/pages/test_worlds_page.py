"""A run over worlds on its page: words before numbers, the fan, what the spread comes from."""

from collections.abc import Hashable
from typing import Any

import pytest

from sim.report.page.words import catalogue
from sim.report.pages.worlds import answer_texts, per_100, target_text
from tests.support.command import command
from tests.support.saved_results import SITE

EN, DA = catalogue("en"), catalogue("da")
FEW = ("--replications", "3", "--workers", "1", "--no-cache", "--no-next")


@pytest.mark.parametrize(
    ("met", "en", "da"),
    [
        (1, "met in all 256 worlds played", "opfyldt i alle 256 spillede verdener"),
        (0.97, "is met in nearly every world, in 97 of 100", "næsten alle verdener, i 97"),
        (0.87, "very likely met, in 87 of 100 worlds", "højst sandsynligt opfyldt, i 87"),
        (0.6, "more likely met than not, in 60", "snarere opfyldt end ikke, i 60"),
        (0.5, "a toss-up, met in 50 of 100 worlds", "plat eller krone, opfyldt i 50"),
        (0.4, "more likely missed than not, met in 40", "snarere ikke opfyldt, kun i 40"),
        (0.13, "very likely missed, met in 13", "højst sandsynligt ikke opfyldt, kun i 13"),
        (0.002, "missed in nearly every world, met in 1 of 100", "næsten nogen verden, kun i 1"),
        (0, "missed in all 256 worlds played", "ikke opfyldt i nogen af de 256"),
    ],
)
def test_how_likely_a_target_is_met_in_words(met, en, da):
    row: dict[Hashable, Any] = {"target": "wait.p90 <= 10 min", "unit": "min", "met": met}
    row["worlds"] = 256
    assert target_text(row, EN, as_typed=True).startswith("wait.p90 <= 10 min: ")
    assert en in target_text(row, EN)
    assert "wait.p90" not in target_text(row, EN)
    assert da in target_text(row, DA)


def test_never_all_or_none_of_a_hundred_unless_it_is_so():
    assert [per_100(share, EN) for share in (0, 0.001, 0.999, 1)] == ["0", "1", "99", "100"]


@pytest.mark.parametrize(
    ("higher", "told"),
    [
        (0.7, "on the kind side: it is higher in 70"),
        (0.5, ""),
        (0.3, "hard side: it is lower in 70"),
    ],
)
def test_both_intervals_and_on_which_side_the_values_are(higher, told):
    row: dict[Hashable, Any] = {
        "metric": "wait",
        "statistic": "mean",
        "by": "all",
        "unit": "min",
        "value": 1.0,
    }
    row |= {"ci_low": 0.96, "ci_high": 1.03, "p5": 0.61, "p95": 2.7, "higher": higher}
    row["mostly_chance"] = False
    text = " ".join(answer_texts(row, EN)).replace("\u2060", "")
    assert text.startswith("Mean wait: 1.0 min (0.96–1.03 if played for ever; 0.61–2.7 across")
    assert told in text
    assert ("side" in text) is bool(told)


@pytest.mark.slow
def test_the_page_has_the_range_on_its_first_screen_and_a_section(tmp_path):
    by_hour = "  - unserved.share in the hour mon 11:00 <= 60 %\n"
    (tmp_path / "small.yaml").write_text(f"{SITE}{by_hour}uncertainty: {{}}\n", "utf-8")
    assert command(tmp_path, "run", "small.yaml", "--worlds", "8", *FEW) == 0
    folder = tmp_path / "results" / "small"
    page = (folder / "report.html").read_text("utf-8").replace("\u2060", "")
    assert page.index("across what we do not know") < page.index('id="more"')
    assert page.index("as written: ") < page.index('id="more"')
    assert 'id="worlds"' in page
    assert "in 90 of 100 worlds" in page
    assert "by the hour a world's few weeks say too little" in page.replace("&#39;", "'")
    assert command(tmp_path, "report", "results/small", "--lang", "da") == 0
    danish = (folder / "report.da.html").read_text("utf-8")
    assert "Hvor sikre vi er" in danish
    assert "over det, vi ikke ved" in danish
