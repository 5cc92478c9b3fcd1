"""`fit`: from a log to a scenario that can be run, whole or not at all."""

import re

import numpy as np
import pandas as pd
import pytest

from sim.scenario.load import load_scenario
from tests.support.broken_logs import LONGEST, WAYS, broken
from tests.support.command import command
from tests.support.site_logs import SITE, moment, small_site, uses, visits_lines, write_log


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "site.yaml").write_text(SITE)
    known = uses(np.random.default_rng(1))
    write_log(tmp_path, list(visits_lines(*known)))
    return tmp_path


def files(folder):
    return sorted(path.name for path in folder.iterdir())


WRITTEN = [
    "site-fitted.draws.csv",
    "site-fitted.fit.csv",
    "site-fitted.fit.html",
    "site-fitted.fit_check.csv",
    "site-fitted.week.csv",
    "site-fitted.yaml",
]


@pytest.mark.slow
def test_a_scenario_that_extends_the_site(folder, capsys):
    assert command(folder, "fit", "log.csv", "--site", "site.yaml") == 0
    assert files(folder) == ["log.csv", *WRITTEN, "site.yaml"]
    text = (folder / "site-fitted.yaml").read_text()
    assert re.search(r"# fitted: .* \(95 %: .*\) a day, 1,\d\d\d visits, 28 days", text)
    found = load_scenario(folder / "site-fitted.yaml")
    assert found.name == "site-fitted"
    assert found.demand.week is not None
    assert sum(found.demand.week) / 7 == pytest.approx(40, rel=0.1)
    assert found.demand.weekday == {}
    assert found.visits["inject"].share == pytest.approx(0.6, abs=0.05)
    stay = found.visits["inject"].stay
    assert stay is not None
    assert stay.mean() == pytest.approx(20, rel=0.1)
    assert found.rooms == small_site().rooms
    table = pd.read_csv(folder / "site-fitted.fit.csv")
    assert list(table.columns) == ["input", "by", "estimate", "low", "high", "n", "method", "note"]
    out = capsys.readouterr().out
    assert "took a place" in out
    assert "Next: python run.py check site-fitted.yaml" in out
    assert command(folder, "check", "site-fitted.yaml") == 0


def test_in_danish(folder, capsys):
    assert command(folder, "fit", "log.csv", "--site", "site.yaml", "--lang", "da") == 0
    out = capsys.readouterr().out
    assert "fik en plads" in out
    assert "besøg pr. dag" in out


def test_comments_are_in_the_planner_s_language_and_the_file_reads_the_same(folder):
    few = ("--plays", "0", "--no-report")
    for lang in ("en", "da"):
        out = ("--lang", lang, "--out", f"{lang}/fitted.yaml")
        assert command(folder, "fit", "log.csv", "--site", "site.yaml", *few, *out) == 0
    english, danish = ((folder / lang / "fitted.yaml").read_text() for lang in ("en", "da"))
    assert load_scenario(folder / "en" / "fitted.yaml") == load_scenario(
        folder / "da" / "fitted.yaml"
    )
    assert "# tilpasset: " in danish
    pairs = list(zip(english.splitlines(), danish.splitlines(), strict=True))
    assert [one.partition("#")[0] for one, _ in pairs] == [
        one.partition("#")[0] for _, one in pairs
    ]
    for one, other in pairs:
        assert ("#" not in one) or one != other, one


@pytest.mark.slow
def test_the_same_log_gives_the_same_bytes(folder):
    for _ in range(2):
        assert command(folder, "fit", "log.csv", "--site", "site.yaml") == 0
    first = [(folder / name).read_bytes() for name in WRITTEN]
    assert command(folder, "fit", "log.csv", "--site", "site.yaml") == 0
    assert [(folder / name).read_bytes() for name in WRITTEN] == first


def test_only_some_parts(folder):
    arguments = ("--only", "stays", "--out", "out/stays.yaml", "--plays", "0", "--no-report")
    assert command(folder, "fit", "log.csv", "--site", "site.yaml", *arguments) == 0
    found = load_scenario(folder / "out" / "stays.yaml")
    assert found.demand == small_site().demand
    assert files(folder / "out") == [
        "stays.draws.csv",
        "stays.fit.csv",
        "stays.yaml",
    ]


def busy(folder):
    """Three places of each sort, which as many as come fill."""
    site = SITE.replace("places: 20", "places: 2")
    (folder / "busy.yaml").write_text(site)
    times, stays, kinds = uses(np.random.default_rng(2), a_day=120)
    lines = [one for one in visits_lines(times, stays, kinds) if "refused" not in one]
    write_log(folder, lines, "served.csv")
    return ("fit", "served.csv", "--site", "busy.yaml")


def test_a_log_of_the_served_that_shows_queues_is_refused(folder, capsys):
    asked = busy(folder)
    before = files(folder)
    assert command(folder, *asked) == 2
    told = capsys.readouterr().err
    assert "the log shows that people queue" in told
    assert "--unserved-unknown" in told
    assert files(folder) == before


def test_where_nobody_knows_more_are_taken_to_come(folder, capsys):
    assert command(folder, *busy(folder), "--unserved-unknown") == 0
    assert load_scenario(folder / "busy-fitted.yaml").demand.factor == 1.25
    assert "no forecast" in " ".join(capsys.readouterr().out.split())
    text = (folder / "busy-fitted.yaml").read_text()
    assert "# assumption (1-1.5)" in text


@pytest.mark.slow
def test_a_list_of_the_unserved_joins_the_log(folder, capsys):
    asked = busy(folder)
    lines = ["Dato;Kl.;Afvist eller gik igen;Indtagelsesform"]
    for day in range(28):
        on = pd.Timestamp(moment(day * 1440)[:10])
        lines += [f"{on:%d-%m-%Y};{hour}.10;gik igen;rygning" for hour in (11, 15, 19)]
    write_log(folder, lines, "gone.csv", "utf-8-sig")
    assert command(folder, *asked, "--unserved", "gone.csv") == 0
    served = pd.read_csv(folder / "served.csv")
    found = load_scenario(folder / "busy-fitted.yaml")
    assert found.demand.week is not None
    assert sum(found.demand.week) / 7 == pytest.approx(len(served) / 28 + 3, rel=1e-4)
    assert "a list of its own" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--only", "stay"), "none of demand"),
        (("--weeks", "2026-02-02"), "two dates"),
        (("--weeks", "2027-02-02:2027-03-02"), "the log runs from 2026-01-05"),
        (("--weeks", "2026-03-02:2026-02-02"), "ends before it begins"),
        (("--closed", "tuesday"), "takes dates"),
        (("--kinds", "sniff=snort"), "--kinds takes"),
        (("--where", "H17"), "--where takes"),
        (("--columns", "arived=x"), "did you mean `arrived`"),
        (("--out", "site.yaml"), "the site's own file"),
        (("--out", "site.txt"), "must be a scenario's file"),
        (("--unserved-unknown",), "somebody wrote down"),
        (("--unserved", "no.csv", "--unserved-unknown"), "contradict"),
        (("--unserved", "no.csv"), "no such file"),
    ],
)
def test_what_cannot_be_asked_for(folder, capsys, arguments, message):
    before = files(folder)
    assert command(folder, "fit", "log.csv", "--site", "site.yaml", *arguments) == 2
    assert message in capsys.readouterr().err
    assert files(folder) == before


def refused(folder, capsys, seeds):
    """Broken logs: each is told of at its line or cell, with status 2, and nothing is written."""
    lines = (folder / "log.csv").read_text().splitlines()[:300]
    once = ("--plays", "0", "--draws", "0", "--no-report")
    for seed in seeds:
        way, (name, content, placed) = broken(lines, seed)
        (folder / name).write_bytes(content)
        before = files(folder)
        assert command(folder, "fit", name, "--site", "site.yaml", *once) == 2, (seed, way)
        said = capsys.readouterr().err
        assert name in said, (seed, way, said)
        assert "Traceback" not in said, (seed, way, said)
        if placed:
            assert re.search(rf"{re.escape(name)}(:\d+|:\w+!\w\d+|.*line \d+)", said), (way, said)
        assert files(folder) == before, (seed, way)


def test_a_broken_file_is_told_of_and_nothing_is_written(folder, capsys):
    refused(folder, capsys, [one for one in range(WAYS) if one != LONGEST])


@pytest.mark.slow
def test_300_broken_files_are_told_of_and_nothing_is_written(folder, capsys):
    refused(folder, capsys, range(300))
