"""The pages without a browser: the tables' own numbers, the same bytes, clear errors."""

import html
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from random import Random

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs_version

from sim import __version__
from sim.report.charts.bars import Bar, Stack, interval_bars, interval_dots, stacked_bars
from sim.report.charts.curves import Curve, Span, within_curves
from sim.report.charts.day import OPEN, Panel, bands_of, day_bands
from sim.report.charts.scatter import Point, frontier
from sim.report.charts.week import Map, difference_map, hour_name, hours_of, week_map
from sim.report.page.document import Chart, Picture, Table
from sim.report.page.words import (
    catalogue,
    estimate,
    plain,
    signed,
    with_range,
)
from sim.report.report import write_report
from sim.results import ResultsError
from sim.results.read import read_results
from sim.study.estimate.intervals import Estimate
from tests.damaged import damaged, drawn, without_checksums
from tests.support.command import command
from tests.support.saved_results import SITE, results

WORDS = catalogue("en")
CHART = Chart("one", "One", "It shows one thing.")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return results(tmp_path_factory.mktemp("site"))


def table(folder, name):
    return pd.read_csv(folder / name)


def traces(chart):
    """What a chart draws."""
    assert chart.figure is not None
    return go.Figure(chart.figure.data, chart.figure.layout).data


def rows(chart):
    """The same as a table."""
    assert chart.table is not None
    return chart.table.rows


def text_of(page):
    """What is written on a page, scripts and styles left out."""
    return html.unescape(re.sub(r"(?s)<(script|style)[^>]*>.*?</\1>|<[^>]+>", " ", page)).replace(
        "\u00a0", " "
    )


class Nesting(HTMLParser):
    """Complains of an element that is not closed, or not where it should be."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, _):
        if tag not in {"meta", "link", "br", "wbr"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run", "compare", "sweep", "tornado"])
def test_drawing_again_gives_the_same_bytes(folders, name, tmp_path):
    folder = folders[name]
    page = folder / "report.html"
    before, manifest = page.read_bytes(), (folder / "manifest.json").read_bytes()
    assert len(before) < 6_000_000
    lang = "da" if name == "sweep" else "en"
    assert command(tmp_path, "report", str(folder), "--lang", lang) == 0
    assert page.read_bytes() == before
    assert (folder / "manifest.json").read_bytes() == manifest
    assert "report.html" in json.loads(manifest)["files"]
    nesting = Nesting()
    nesting.feed(before.decode())
    assert nesting.open == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run", "compare", "sweep"])
def test_plotly_knows_everything_that_is_drawn(folders, name):
    page = (folders[name] / "report.html").read_text("utf-8")
    figures = re.findall(r'(?s)class="drawing" data-plot="[^"]+">(.*?)</script>', page)
    assert len(figures) == page.count('class="plot"')
    assert figures or name == "compare"  # of one option there is nothing to explore
    for one in figures:
        drawn = json.loads(one)
        assert json.loads(go.Figure(drawn).to_json())["data"] == drawn["data"]
    with pytest.raises(ValueError, match="colour"):
        go.Figure({"data": [{"type": "bar", "colour": "red"}]})


def test_the_script_that_pages_carry_is_one_that_the_package_knows(folders):
    """`make kept` fetches that of the same version; its licence stands in it."""
    page = (folders["run"] / "report.html").read_text("utf-8")
    version = re.search(r"plotly\.js \(basic - minified\) v(\d+)\.", page)
    assert version is not None
    assert version[1] == get_plotlyjs_version().partition(".")[0]
    assert "Licensed under the MIT license" in page
    assert "SIL Open Font License" in page


def test_a_page_names_nothing_outside_itself(folders):
    page = (folders["run"] / "report.html").read_text("utf-8")
    own = re.sub(r'(?s)<script( type="text/plain" id="plotly")?>.*?</script>', "", page)
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", own)
    assert not re.search(r"url\((?!data:|#)", own)
    assert page.count("Plotly.newPlot(") <= 2
    assert len(page.encode()) < 2_000_000


def test_what_a_planner_wrote_is_text_not_html(folders):
    page = (folders["run"] / "report.html").read_text("utf-8")
    assert "<title>A small site &amp; its &lt;visitors&gt;</title>" in page
    assert "<li>A small site &amp; its &lt;visitors&gt;</li>" in page
    assert "<visitors>" not in page


def test_the_answers_are_those_of_the_summary(folders):
    folder = folders["run"]
    summary = table(folder, "summary.csv").set_index(["metric", "statistic", "by"])
    text = text_of((folder / "report.html").read_text("utf-8"))
    for key, unit, written in (
        (("wait", "mean", "room:injecting"), "", estimate),
        (("visits", "share", "outcome:served"), "share", estimate),
        (("response_first", "mean", "all"), "min", estimate),
        (("staff_busy", "share", "role:nurse"), "share", estimate),
        (("wait", "mean", "all"), "", with_range),
        (("overdoses", "per_year", "all"), "", with_range),
    ):
        known = Estimate(*summary.loc[key, ["value", "ci_low", "ci_high"]])
        assert written(WORDS, known, *((unit,) if written is estimate else ())) in text, key
    targets = table(folder, "targets.csv")
    assert list(targets["verdict"]) == ["pass", "fail"]
    assert re.search(r"Yes\s+left unserved \(all\): at most 60.0 %", text)
    assert re.search(r"No\s+nine in ten wait at most \(all\): at most 1.00 min", text)


def test_every_language_is_drawn_with_its_numbers(folders, tmp_path):
    copy = tmp_path / "small"
    shutil.copytree(folders["run"], copy)
    text = text_of(write_report(copy, "da").read_text("utf-8"))
    assert "2. marts 2026" in text
    assert "Er der pladser nok?" in text
    assert "Are there enough" not in text
    assert re.search(r"\d,\d+ \(\d+,\d+–\u2060\d+,\d+\)", text)


def test_the_tornado_of_the_same_scenario_is_shown_with_the_run(folders, tmp_path):
    assert 'id="sensitivity"' in (folders["run"] / "report.html").read_text("utf-8")
    other = tmp_path / "small-tornado"
    shutil.copytree(folders["run"], tmp_path / "small")
    shutil.copytree(folders["tornado"], other)
    manifest = json.loads((other / "manifest.json").read_text("utf-8"))
    text = json.dumps(manifest | {"scenario_sha256": "of another scenario"})
    (other / "manifest.json").write_text(text, "utf-8")
    page = write_report(tmp_path / "small").read_text("utf-8")
    assert 'id="sensitivity"' not in page


def test_assumptions_stand_on_the_page_with_their_sources(folders):
    text = text_of((folders["run"] / "report.html").read_text("utf-8"))
    assert "assumption (70-110)" in text
    assert "Counted at the door for two weeks, 2025." in text
    assert "How long people who inject stay" in text
    assert "exponential: mean 25 min" in text
    page = (folders["run"] / "report.html").read_text("utf-8")
    # As it is called in the file, in small print that is not torn within a word.
    assert '<small class="key">visits.<wbr>inject.<wbr>stay</small>' in page


def test_what_would_change_the_answer_names_the_shift_as_one_speaks(folders):
    text = " ".join(text_of((folders["run"] / "report.html").read_text("utf-8")).split())
    assert "1 nurse instead of 2, 10:00–18:00" in text


def test_danish_has_one_word_for_a_design():
    told = [
        re.sub(r"{.*?}|`.*?`|design\.\w+|designs\.csv", "", one)
        for one in catalogue("da").texts.values()
    ]
    assert not [one for one in told if re.search("design", one, re.IGNORECASE)]


@pytest.mark.slow
def test_no_report_is_drawn_if_none_is_wanted(folders, tmp_path):
    shutil.copy(folders["run"].parents[1] / "small.yaml", tmp_path)
    few = ("--replications", "1", "--workers", "1", "--no-cache")
    assert command(tmp_path, "run", "small.yaml", "--no-report", *few) == 0
    folder = tmp_path / "results" / "small"
    assert not (folder / "report.html").exists()
    page = write_report(folder).read_text("utf-8")  # of one replication: nothing has an interval
    assert WORDS["sure.single"] in page


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (shutil.rmtree, "is not a folder"),
        (lambda folder: (folder / "manifest.json").unlink(), "holds no results"),
        (lambda folder: (folder / "manifest.json").write_text("{", "utf-8"), "manifest.json is"),
        (lambda folder: (folder / "summary.csv").unlink(), "summary.csv is not there any more"),
        (lambda folder: (folder / "by_hour.csv").unlink(), "by_hour.csv is not there any more"),
        (
            lambda folder: (folder / "summary.csv").write_text("", "utf-8"),
            "summary.csv was changed",
        ),
        (lambda folder: (folder / "replications.csv").write_text("", "utf-8"), "replications.csv"),
        (lambda folder: (folder / "manifest.json").write_text("{}", "utf-8"), "manifest.json is"),
        (lambda folder: (folder / "scenario.yaml").write_text("name: x\n", "utf-8"), "was changed"),
        (lambda folder: says(folder, seed=2), "manifest.json was changed"),
        (lambda folder: says(folder, schema=9), "a later version of dcr-sim wrote it (schema 9"),
        (lambda folder: says(folder, sha256={}), "manifest.json was changed"),
        (lambda folder: says(folder, sha256={"../x": "0" * 64}), "manifest.json is damaged"),
        (lambda folder: says(folder, seed=float("nan")), "NaN is no number"),
        (lambda folder: says(folder, files=10**400), "manifest.json is damaged: files"),
    ],
)
def test_a_broken_folder_ends_with_status_2(folders, tmp_path, capsys, damage, message):
    folder = tmp_path / "small"
    shutil.copytree(folders["run"], folder)
    (folder / "report.html").unlink()
    damage(folder)
    assert command(tmp_path, "report", "small") == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert not (folder / "report.html").exists()


def says(folder, **more):
    """Have a manifest say something else."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | more), "utf-8")


@pytest.mark.parametrize(
    "change",
    [
        ("summary.csv", "metric,", "what,", "it has no metric"),
        ("summary.csv", "\noverdoses,", "\noverdoses,overdoses,", "row 2: Expected 8 columns"),
        ("summary.csv", "per_year,all,", "per_year,all,nan", "row 2: value is 'nan"),
        ("summary.csv", "per_year,all,", "per_year,all,1e308", "row 2: value is '1e308"),
        ("summary.csv", ",3\n", ",4\n", "row 2 is of 4 replications, and the manifest of 3"),
        ("summary.csv", "per_1000_uses", "per_year", "row 3 stands there twice"),
        ("by_hour.csv", "all,0,", "all,168,", "row 2: hour_of_week is '168', out of bounds"),
        ("by_hour.csv", "arrivals,all,0,", "arrivals,al,0,", "it has 1 rows of arrivals, al"),
        ("targets.csv", ",pass,", ",perhaps,", "verdict is 'perhaps', which no version wrote"),
        ("targets.csv", ",<=,", ",=<,", "operator is '=<'"),
        ("notes.csv", ",True,", ",yes,", "assumption is 'yes', neither True nor False"),
        ("summary.json", '"seed": 1', '"seed": 2', "its seed is 2"),
        ("scenario.yaml", "name: small", "name: [", "scenario.yaml"),
    ],
)
def test_what_no_version_writes_is_refused_as_it_is_too(folders, tmp_path, capsys, change):
    name, old, new, message = change
    folder = tmp_path / "small"
    shutil.copytree(folders["run"], folder)
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    assert command(tmp_path, "report", "small", "--as-is") == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert name in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("name", ["summary.csv", "by_hour.csv"])
def test_a_table_cut_off_between_two_figures_is_named(folders, tmp_path, name):
    """Nothing in it is wrong; it ends too soon."""
    folder = tmp_path / "small"
    shutil.copytree(folders["run"], folder)
    lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
    rows = 168 if name == "by_hour.csv" else 1
    (folder / name).write_text("".join(lines[:-rows]), "utf-8")
    with pytest.raises(ResultsError, match=f"{name} is damaged: it does not end where"):
        write_report(folder, as_is=True)


@pytest.mark.slow
def test_what_was_changed_is_read_as_it_is_and_the_page_says_so(folders, tmp_path, capsys):
    folder = tmp_path / "small"
    shutil.copytree(folders["run"], folder)
    text = (folder / "summary.csv").read_text("utf-8")
    (folder / "summary.csv").write_text(text.replace("wait,mean,all,", "wait,mean,all,9"), "utf-8")
    (folder / "within.csv").unlink()
    assert command(tmp_path, "report", "small") == 2
    said = capsys.readouterr().err
    assert "summary.csv was changed after the results were written (and 1 more files)" in said
    assert "--as-is" in said
    for lang, changed, gone in (
        ("en", "Read although summary.csv was changed", "Read although within.csv is not there"),
        ("da", "Læst, selv om summary.csv er ændret", "Læst, selv om within.csv ikke længere"),
    ):
        assert command(tmp_path, "report", "small", "--as-is", "--lang", lang) == 0
        page = text_of((folder / "report.html").read_text("utf-8"))
        assert changed in page
        assert gone in page
    assert "warning" in capsys.readouterr().err
    assert command(tmp_path, "report", "small") == 2


@pytest.mark.slow
def test_what_is_beside_the_results_is_no_damage(folders, tmp_path, capsys):
    """Pages, what somebody put there, and single visits that somebody deleted."""
    (tmp_path / "small.yaml").write_text(SITE.partition("targets:")[0], "utf-8")
    few = ("--replications", "2", "--workers", "1", "--no-cache")
    assert command(tmp_path, "run", "small.yaml", "--visits", *few) == 0
    folder = tmp_path / "results" / "small"
    before = (folder / "report.html").read_bytes()
    (folder / "visits.parquet").unlink()
    (folder / "slides.pptx").write_bytes(b"mine")
    shutil.copy(folders["run"] / "targets.csv", folder)  # of another run: there were no targets
    (folder / "report.html").write_text("mine", "utf-8")
    capsys.readouterr()
    assert command(tmp_path, "report", "results/small") == 0
    assert capsys.readouterr().err == ""
    assert (folder / "report.html").read_bytes() == before
    (folder / "responses.parquet").write_bytes(b"")
    assert command(tmp_path, "report", "results/small") == 2
    assert "responses.parquet was changed" in capsys.readouterr().err


def test_a_page_of_each_language_stays_beside_the_one_last_asked_for(folders, tmp_path):
    folder = tmp_path / "small"
    shutil.copytree(folders["run"], folder)
    english = (folder / "report.html").read_bytes()
    assert (folder / "report.en.html").read_bytes() == english
    assert command(tmp_path, "report", "small", "--lang", "da") == 0
    danish = (folder / "report.html").read_bytes()
    assert danish != english
    assert (folder / "report.da.html").read_bytes() == danish
    assert (folder / "report.en.html").read_bytes() == english


@pytest.mark.slow
def test_new_results_have_the_pages_that_were_there(tmp_path):
    """Drawn anew, or, where no page is wanted, kept and marked if they are of other results."""
    (tmp_path / "small.yaml").write_text(SITE, "utf-8")
    few = ("--replications", "2", "--workers", "1", "--no-cache")
    folder = tmp_path / "results" / "small"

    def pages():
        return {page.name: page.read_text("utf-8") for page in folder.glob("*.html")}

    assert command(tmp_path, "run", "small.yaml", *few, "--lang", "da") == 0
    assert command(tmp_path, "run", "small.yaml", *few, "--seed", "2") == 0
    first = pages()
    assert set(first) == {"report.html", "report.en.html", "report.da.html"}
    for page in first.values():
        assert re.search(r"(seed 2)|(startværdi 2)", page)
    assert command(tmp_path, "run", "small.yaml", *few, "--seed", "2", "--no-report") == 0
    assert pages() == first
    for _ in range(2):
        assert command(tmp_path, "run", "small.yaml", *few, "--seed", "3", "--no-report") == 0
        kept = pages()
        assert set(kept) == set(first)
        assert kept["report.en.html"].count("This page was drawn from earlier results.") == 1
        assert kept["report.da.html"].count("Denne side er tegnet ud fra tidligere") == 1
    assert command(tmp_path, "run", "small.yaml", *few, "--seed", "2", "--no-report") == 0
    assert pages() == first
    assert command(tmp_path, "size", "small.yaml") == 2  # nothing to size: all stays
    assert pages() == first


def test_a_damaged_tornado_costs_nobody_the_page_of_the_run(folders, tmp_path, capsys):
    shutil.copytree(folders["run"], tmp_path / "small")
    shutil.copytree(folders["tornado"], tmp_path / "small-tornado")
    (tmp_path / "small-tornado" / "tornado.csv").write_text("", "utf-8")
    assert command(tmp_path, "report", "small") == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "tornado.csv was changed" in said
    assert "the page is drawn without it" in said
    assert 'id="sensitivity"' not in (tmp_path / "small" / "report.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["run", "compare", "sweep", "tornado"])
def test_folders_without_checksums_are_read_with_a_warning(folders, tmp_path, capsys, name):
    folder = tmp_path / "small"
    shutil.copytree(folders[name], folder)
    without_checksums(folder)
    says(folder, packages={"dcr-sim": "0.1.0"})
    assert command(tmp_path, "report", "small") == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "was written by version 0.1.0 without checksums" in said
    assert "called intake_paused is shown as place_unusable" in said
    (folder / "notes.csv").unlink()
    assert command(tmp_path, "report", "small") == 2
    assert "notes.csv is not there any more" in capsys.readouterr().err


@pytest.mark.parametrize("seed", range(6))
def test_damage_of_any_kind_is_drawn_lawfully_or_named(folders, tmp_path, seed):
    for how in range(3):
        rng = Random(seed)
        copy = tmp_path / f"{how}"
        shutil.copytree(folders[rng.choice(sorted(folders))], copy)
        if how == 1:
            without_checksums(copy)
        what = damaged(rng, copy)
        said = drawn(copy, as_is=how == 2)
        if how == 0 and "nothing changed" not in what:
            assert said != "drawn", what


def test_results_of_an_earlier_version_are_drawn_without_what_they_lack(folders, tmp_path):
    folder = tmp_path / "small"
    shutil.copytree(folders["run"], folder)
    without_checksums(folder)
    lacked = ("by_time_of_day.csv", "by_kind_of_day.csv", "within.csv", "at_once.csv", "notes.csv")
    for name in lacked:
        (folder / name).unlink()
    says(folder, files=[path.name for path in folder.iterdir()])
    text = text_of(write_report(folder).read_text("utf-8"))
    assert WORDS["chart.not_saved"] in text
    assert WORDS["notes.none"] in text


def test_a_page_that_cannot_be_written_is_an_error(folders, tmp_path):
    folder = tmp_path / "small"
    shutil.copytree(folders["run"], folder)
    (folder / "report.html").unlink()
    (folder / "report.html").mkdir()
    with pytest.raises(ResultsError, match="cannot write"):
        write_report(folder)


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (Estimate(1, 1, 1), "100 %"),
        (Estimate(1, 0.976, 1), "100 % (at least 97)"),
        (Estimate(1, 0.9985, 1), "100 % (at least 99.8)"),
        (Estimate(0.9996, 0.9991, 0.9999), "nearly 100 % (at least 99.9)"),
        (Estimate(0.9994, 0.9991, 0.9997), "99.9 (99.9–\u2060100.0) %"),
        (Estimate(0, 0, 0), "0 %"),
        (Estimate(0, 0, 0.031), "0 % (at most 4)"),
        (Estimate(0, 0, 0.00012), "0 % (at most 0.02)"),
        (Estimate(0.00004, 0, 0.0001), "nearly 0 % (at most 0.01)"),
        (Estimate(0.00006, 0, 0.0001), "0.01 (0.00–\u20600.01) %"),
    ],
)
def test_all_and_none_are_said_with_how_far_it_may_be_from_them(known, text):
    assert estimate(WORDS, known, "share") == text


def test_a_table_too_wide_for_a_phone_is_in_blocks_there_but_no_grid_of_hours():
    wide = Table("", ("room", "a", "b", "c"), (("smoking room", *("12.3 (11.2–13.4) %",) * 3),))
    assert wide.is_in_blocks
    assert not Table("", ("room", "mean", "longest"), (("smoking", "1.2", "3.4"),)).is_in_blocks
    hours = ("", *map(str, range(24)))
    assert not Table("", hours, (("Monday", *("10",) * 24),)).is_in_blocks
    assert not replace(wide, rows=wide.rows * 21).is_in_blocks
    assert not replace(wide, head=("room", "", "", "")).is_in_blocks  # a line would have no name


def test_what_is_seldom_is_a_sentence_not_a_map_of_chance():
    about = Map("m", "Paused", "Meaning.", "share")
    hours = pd.DataFrame({"value": 0.0, "ci_low": 0.0, "ci_high": 0.0}, index=range(168))
    hours.loc[:19, ["value", "ci_high"]] = 0.01, 0.03
    hours.loc[:3, "ci_low"] = 0.001  # 4 of 168, as chance has it
    found = week_map(hours, about, WORDS)
    assert isinstance(found, Chart)
    assert found.says.endswith(WORDS["chart.seldom"])
    assert found.table is not None  # its numbers stay
    hours.loc[4, "ci_low"] = 0.001
    assert isinstance(week_map(hours, about, WORDS), Picture)
    most = hours.assign(ci_low=0.0)
    most.loc[:84, "value"] = 0.01  # seldom 0: a pattern, however few were played
    assert isinstance(week_map(most, about, WORDS), Picture)


def test_a_grid_of_hours_has_the_numbers_of_its_table(folders):
    hours = hours_of(table(folders["run"], "by_hour.csv"), "places_occupied")
    chart = week_map(hours, Map("m", "Places", "Meaning.", "share", top=1.0), WORDS)
    assert isinstance(chart, Picture)
    svg = chart.svg[0]
    says = re.findall(r'fill-opacity="([0-9.]+)"><title>([^<]*)</title>', svg)
    known = [(hour, one) for hour, one in enumerate(hours["value"]) if one > 0]
    assert len(says) == len(known)
    assert svg.count("h19v21h-19z") == hours["value"].notna().sum()
    for (hour, value), (strength, text) in zip(known, says, strict=True):
        assert text == f"{hour_name(WORDS, hour)}: {plain(WORDS, value, 'share')}"
        assert float(strength) == pytest.approx(0.06 + 0.94 * value, abs=0.006)
    assert rows(chart)[12][1] == WORDS.figures(100 * hours["value"][12])
    most = int(np.nanargmax(hours["value"]))
    assert f"{WORDS.weekdays()[most // 24]} {most % 24}:00" in chart.says


def test_one_hour_does_not_wash_out_the_others():
    hours = pd.DataFrame({"value": 1.0, "ci_low": 0.0, "ci_high": 2.0}, index=range(168))
    hours.loc[20, "value"] = 100.0
    chart = week_map(hours, Map("m", "Waits", "Meaning.", "min"), WORDS)
    assert isinstance(chart, Picture)
    assert chart.svg[0].count('fill-opacity="1.00"') == 168
    assert "100" in chart.says


def test_empty_maps_are_sentences():
    hours = pd.DataFrame({"value": [float("nan")] * 168, "ci_low": 0.0, "ci_high": 0.0})
    about = Map("m", "Waits", "Meaning.", "min")
    empty = week_map(hours, about, WORDS)
    assert isinstance(empty, Chart)
    assert (empty.figure, empty.says) == (None, WORDS["chart.nothing"])
    nothing = week_map(hours.assign(value=0.0), about, WORDS)
    assert isinstance(nothing, Chart)
    assert (nothing.figure, nothing.says) == (None, f"Meaning. {WORDS['chart.all_zero']}")


def test_a_map_of_differences_marks_what_is_sure():
    hours = pd.DataFrame({"difference": 0.0, "ci_low": -1.0, "ci_high": 1.0}, index=range(168))
    hours.loc[30] = [2.0, 1.0, 3.0]
    hours.loc[31] = [-1.0, -1.5, -0.5]
    picture = difference_map(hours, Map("m", "Waits", "Meaning.", "min"), WORDS)
    assert isinstance(picture, Picture)
    cells = re.findall(
        r'<rect class="(\w+)"[^>]* fill-opacity="([\d.]+)"><title>([^<]*)<', picture.svg[0]
    )
    assert [(look, says.rpartition(":")[0]) for look, _, says in cells] == [
        ("short", "Tue 06:00–07:00"),
        ("enough", "Tue 07:00–08:00"),
    ]
    assert float(cells[0][1]) > float(cells[1][1])
    assert [one for one in re.findall(r">([^<]*)</text>", picture.svg[0]) if one in "+−"] == [
        "+",
        "−",
    ]
    assert "Largest difference: Tue 06:00–07:00" in picture.says


def test_bands_have_the_numbers_of_their_table(folders):
    saved = table(folders["run"], "by_time_of_day.csv")
    panels = [Panel("waiting", "all", "people waiting")]
    chart = day_bands(bands_of(saved), panels, OPEN, CHART, WORDS)
    mine = saved[(saved["metric"] == "waiting") & (saved["days"] == "open")]
    by = mine.pivot_table(index="minute", columns="statistic", values="value")
    for trace, name in zip(traces(chart), ("p5", "p95", "median"), strict=True):
        assert list(trace.y) == list(by[name])
        assert list(trace.x) == list(by.index)


def test_curves_have_the_numbers_of_their_table(folders):
    saved = table(folders["run"], "within.csv")
    curve = Curve("wait", "room:injecting", "injecting room")
    chart = within_curves(saved, [curve], CHART, WORDS, Span(10))
    mine = saved[(saved["metric"] == "wait") & (saved["by"] == "room:injecting")]
    drawn = traces(chart)[2]
    assert list(drawn.y) == pytest.approx([100 * one for one in mine["value"][: len(drawn.y)]])
    assert len(rows(chart)) == len(drawn.y)


def test_bars_show_value_and_interval():
    lines = [Bar("nurse", Estimate(10, 8, 13)), Bar("doctor", Estimate())]
    chart = interval_bars(lines, "min/week", CHART, WORDS)
    drawn = traces(chart)[0]
    assert (drawn.x, drawn.error_x.array, drawn.error_x.arrayminus) == ((10,), (3,), (2,))
    assert rows(chart) == (("nurse", "10.0 (8.0–\u206013.0) min per week"),)
    assert interval_bars(lines[1:], "min", CHART, WORDS).figure is None
    none = interval_bars([Bar("nurse", Estimate(0, 0, 0))], "min", CHART, WORDS)
    assert none.figure is None
    assert WORDS["chart.all_zero"] in none.says


def test_differences_are_dots_around_nothing():
    chart = interval_dots([Bar("more", Estimate(-1, -2, 0.5), "better")], "min", CHART, WORDS, 0.5)
    assert traces(chart)[0].x == (-1,)
    assert rows(chart) == (("more", "−1.00 (−2.00 to +0.50) min", "better"),)
    same = interval_dots([Bar("more", Estimate(0, 0, 0))], "min", CHART, WORDS)
    assert (same.figure, same.says) == (None, WORDS["chart.no_difference"])


def test_stacks_are_shares_in_per_cent():
    stacks = [Stack("nurse", (Estimate(0.25, 0.2, 0.3), Estimate()))]
    chart = stacked_bars(stacks, ["respond", "clean"], CHART, WORDS)
    assert [trace.x for trace in traces(chart)] == [(25,), (0,)]
    assert rows(chart) == (("nurse", "25.0 (20.0–\u206030.0) %", "–"),)
    assert traces(chart)[0].marker.pattern.shape != traces(chart)[1].marker.pattern.shape


def test_the_frontier_holds_what_nothing_beats_in_both():
    points = [
        Point(name, name, cost, Estimate(wait))
        for name, cost, wait in (("a", 1, 9), ("b", 2, 5), ("c", 3, 6), ("d", 4, 1), ("e", 2, 7))
    ]
    assert [one.name for one in frontier(points, more_is_better=False)] == ["a", "b", "d"]
    assert [one.name for one in frontier(points, more_is_better=True)] == ["a"]


def test_figures_are_written_with_three_digits_and_their_interval():
    assert estimate(WORDS, Estimate(2.384, 2.21, 2.55), "min") == "2.38 (2.21–\u20602.55) min"
    assert estimate(WORDS, Estimate(0.5), "share") == "50 %"
    assert estimate(WORDS, Estimate(0.512), "share") == "51.2 %"
    assert estimate(WORDS, Estimate(14, 14, 14)) == "14"
    assert estimate(WORDS, Estimate(0, 0, 0), "min") == "0 min"
    assert estimate(WORDS, Estimate(14, 13.9, 14.2)) == "14.0 (13.9–\u206014.2)"
    assert estimate(WORDS, Estimate()) == "–"
    assert estimate(WORDS, Estimate(120, 99.6, 140)) == "120 (100–\u2060140)"
    assert estimate(WORDS, Estimate(7.0, 7.001, 7.004)) == "7.00"
    assert signed(WORDS, Estimate(0.021, -0.1, 0.142), "share") == "+2.1 (−10.0 to +14.2) %"
    assert signed(WORDS, Estimate(3, 3, 3)) == "+3.00"


def test_results_of_the_first_version_are_read_with_the_names_of_today(folders, tmp_path):
    """What 0.1.0 called `intake_paused` is `place_unusable`; it had nothing else of that name."""
    assert __version__ != "0.1.0"
    folder = tmp_path / "small"
    shutil.copytree(folders["run"], folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["packages"]["dcr-sim"] == __version__
    new = read_results(folder)
    assert not new.is_older
    now = new.need("summary.csv")
    without_checksums(folder)
    says(folder, packages={"dcr-sim": "0.1.0"})
    unknown = {"place_unusable", "role_missing"}
    for name in ("summary.csv", "by_hour.csv"):
        table = pd.read_csv(folder / name, dtype=str, keep_default_na=False)
        table = table[~table["metric"].isin(unknown)]
        table.to_csv(folder / name, index=False)
    old = read_results(folder)
    assert old.is_older
    for name in ("summary.csv", "by_hour.csv"):
        metrics = set(old.need(name)["metric"])
        assert "place_unusable" in metrics
        assert "intake_paused" not in metrics
    was = now[now["metric"] == "intake_paused"]["value"].tolist()
    assert old.need("summary.csv").query("metric == 'place_unusable'")["value"].tolist() == was
    assert command(tmp_path, "report", str(folder)) == 0
    assert "written by version 0.1.0" in (folder / "report.html").read_text("utf-8")


def test_comparisons_of_the_first_version_are_read_so_too(folders, tmp_path):
    folder = tmp_path / "compared"
    shutil.copytree(folders["compare"], folder)
    without_checksums(folder)
    says(folder, packages={"dcr-sim": "0.1.0"})
    table = pd.read_csv(folder / "comparison.csv", dtype=str, keep_default_na=False)
    table = table[~table["metric"].isin(["place_unusable", "role_missing"])]
    table.to_csv(folder / "comparison.csv", index=False)
    contents = json.loads((folder / "comparison.json").read_text("utf-8"))
    contents["may_be_best"].append(
        {"metric": "intake_paused", "statistic": "minutes_per_week", "may_be_best": ["more"]}
    )
    (folder / "comparison.json").write_text(json.dumps(contents), "utf-8")
    assert command(tmp_path, "report", str(folder)) == 0
    page = (folder / "report.html").read_text("utf-8")
    assert "time with free places not usable for want of staff" in page
    assert "time with intake paused" not in page


@pytest.mark.slow
def test_the_page_shows_the_door_and_the_crowd(tmp_path):
    site = SITE.replace("last_entry: 15}", "last_entry: 15, wait_at_door: 30}").replace(
        "  profile: flat", "  profile: flat\n  crowd_at_opening: 0.1"
    )
    (tmp_path / "small.yaml").write_text(site, "utf-8")
    few = ("--replications", "3", "--workers", "1", "--no-cache")
    for lang, texts in (
        (
            "en",
            (
                "in 100 are at the door before it opens and wait",
                "Those at the door as it opens wait",
                "Wait at the door before the opening, minutes",
                "of these: gave up at the door before the opening",
                "share of those at the door as it opens who are unserved",
                "week-door",
                "week-paused",
            ),
        ),
        (
            "da",
            (
                "ud af 100 står ved døren, før der åbnes, og venter",
                "Ventetid ved døren før åbning, minutter",
                "heraf: opgav ved døren før åbning",
            ),
        ),
    ):
        assert command(tmp_path, "run", "small.yaml", *few, "--lang", lang) == 0
        page = (tmp_path / "results" / "small" / "report.html").read_text("utf-8")
        for text in texts:
            assert text in page, text


@pytest.mark.slow
def test_targets_of_any_percentile_time_and_hour_stand_in_words(tmp_path):
    targets = {
        "wait.p80 <= 5 min": (
            "wait, not exceeded by 80 % (all): at most 5.00 min",
            "ventetid, som 80 % ikke overskrider (alle): højst 5,00 min",
        ),
        "wait_joined.p99.5 of kind inject <= 30 min": (
            "wait of all who joined the queue, not exceeded by 99.5 % (inject): at most 30.0 min",
            (
                "ventetid for alle, der stillede sig i kø, som 99,5 % ikke overskrider "
                "(injektion): højst 30,0 min"
            ),
        ),
        "wait.within_20s >= 50 %": (
            "wait, 20 s or less (all): at least 50.0 %",
            "ventetid, højst 20 s (alle): mindst 50,0 %",
        ),
        "wait.within_7.5 >= 50 %": (
            "wait, 7.5 min or less (all): at least 50.0 %",
            "ventetid, højst 7,5 min (alle): mindst 50,0 %",
        ),
        "wait.p90 by hour <= 15 min": (
            "wait, not exceeded by 90 % (all), in every hour: at most 15.0 min",
            "ventetid, som 90 % ikke overskrider (alle), i hver time: højst 15,0 min",
        ),
        "wait.mean in hour mon 12:00 <= 15 min": (
            "mean wait (all), in the hour Mon 12:00–13:00: at most 15.0 min",
            "gennemsnitlig ventetid (alle), i timen man 12.00–13.00: højst 15,0 min",
        ),
    }
    site = SITE + "".join(f"  - {one}\n" for one in targets)
    (tmp_path / "small.yaml").write_text(site, "utf-8")
    few = ("--replications", "3", "--workers", "1", "--no-cache")
    for number, lang in enumerate(("en", "da")):
        assert command(tmp_path, "run", "small.yaml", *few, "--lang", lang) == 0
        page = (tmp_path / "results" / "small" / "report.html").read_text("utf-8")
        text = " ".join(text_of(page).split())
        for one in targets.values():
            assert one[number] in text, one[number]
        assert not re.search(r"wait\w*\.(p|within)", text)


@pytest.mark.slow
def test_who_gave_up_at_the_door_stands_below_those_who_left_the_queue(tmp_path):
    site = SITE.replace("last_entry: 15}", "last_entry: 15, wait_at_door: 30}")
    (tmp_path / "small.yaml").write_text(site, "utf-8")
    few = ("--replications", "3", "--workers", "1", "--no-cache")
    assert command(tmp_path, "run", "small.yaml", *few) == 0
    page = text_of((tmp_path / "results" / "small" / "report.html").read_text("utf-8"))
    table = page[page.index(WORDS["unserved.table"]) :]
    left, gave_up, closed = (
        table.index(WORDS[key]) for key in ("outcome.reneged", "unserved.at_door", "outcome.closed")
    )
    assert left < gave_up < closed
