"""The page of a fit: its sentences follow from the figures, its dots are the hours outside."""

import os
import re
import signal
from html import unescape

import numpy as np
import pandas as pd
import pytest

from sim.report.page.words import catalogue
from sim.results import ResultsError
from sim.results.folder import new_files
from tests.support.command import command
from tests.support.site_logs import SITE, uses, visits_lines, write_log

EN = catalogue("en")
INTERRUPTED = 130
ARGUMENTS = ("fit", "log.csv", "--site", "site.yaml", "--plays", "39", "--workers", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("site")
    (home / "site.yaml").write_text(SITE, "utf-8")
    write_log(home, list(visits_lines(*uses(np.random.default_rng(1)))))
    assert command(home, *ARGUMENTS) == 0
    return home


def text_of(html):
    body = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u2060", "").split())


def test_the_verdict_is_that_of_the_table(folder):
    table = pd.read_csv(folder / "site-fitted.fit_check.csv")
    hours = table[table["hour_of_week"].notna()]
    inside, counted = int(hours["inside"].sum()), len(hours)
    text = text_of((folder / "site-fitted.fit.html").read_text("utf-8"))
    title = EN.say("fit_page.title_yes", inside=inside, counted=counted)
    assert title in text
    assert {"visits", "in_use"} <= set(hours["measure"])
    for _, mine in hours.groupby("measure"):
        said = EN.say("fit_page.card_known", inside=int(mine["inside"].sum()), counted=len(mine))
        assert said in text
    assert (
        (table["log"] >= table["low"]) & (table["log"] <= table["high"]) == table["inside"]
    ).all()
    assert (table["low"] <= table["median"]).all()
    assert (table["median"] <= table["high"]).all()


def test_a_dot_is_an_hour_outside(folder):
    table = pd.read_csv(folder / "site-fitted.fit_check.csv")
    hours = table[table["hour_of_week"].notna()]
    html = (folder / "site-fitted.fit.html").read_text("utf-8")
    for (measure, by), mine in hours.groupby(["measure", "by"]):
        figure = html[html.index(f'id="band-{measure}-{by}"') :]
        svg = figure[figure.index("<svg") : figure.index("</svg>")]
        assert svg.count("<circle") == int((~mine["inside"]).sum()), (measure, by)


def test_every_number_is_on_it_with_its_interval(folder):
    text = text_of((folder / "site-fitted.fit.html").read_text("utf-8"))
    table = pd.read_csv(folder / "site-fitted.fit.csv")
    (row,) = table[table["input"] == "demand.visits_a_day"].to_dict("records")
    ends = EN.between(*(EN.figures(row[name]) for name in ("low", "high"))).replace("\u2060", "")
    assert f"{EN.figures(row['estimate'])} ({ends})" in text
    for said in ("Visits a day", "lognormal, by likelihood", "What to start writing down"):
        assert said in text


def test_without_plays_or_a_page(folder, capsys):
    asked = ("fit", "log.csv", "--site", "site.yaml", "--plays", "0", "--out", "bare/site.yaml")
    assert command(folder, *asked, "--no-report") == 0
    names = {path.name for path in (folder / "bare").iterdir()}
    assert not {"site.fit.html", "site.fit_check.csv"} & names
    assert EN["playback.title"] not in capsys.readouterr().out
    assert command(folder, *asked) == 0
    assert EN["fit_page.title_none"] in (folder / "bare" / "site.fit.html").read_text("utf-8")
    assert command(folder, *asked[:-3], "10", *asked[-2:]) == 2
    assert "give 39 or more" in capsys.readouterr().err


def test_where_nobody_knows_who_was_not_served_nothing_is_played(tmp_path, capsys):
    (tmp_path / "site.yaml").write_text(SITE, "utf-8")
    lines = [one for one in visits_lines(*uses(np.random.default_rng(1))) if "refused" not in one]
    write_log(tmp_path, lines)
    assert command(tmp_path, *ARGUMENTS, "--unserved-unknown") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "nobody knows how many were not served" in printed
    assert "patience and 1 in 5 of your demand are guesses. For 4 weeks: one tally a day" in printed
    text = text_of((tmp_path / "site-fitted.fit.html").read_text("utf-8"))
    assert EN["fit_page.title_unknown"] in text
    assert "One tally a day of those who leave without a place" in text


# --- broken off -----------------------------------------------------------------------------------


def write(names, then=lambda: None):
    with new_files(names) as drafts:
        for draft in drafts:
            draft.write_text("whole")
        then()


@pytest.fixture
def interrupts():
    """Ctrl-C as in a terminal: what was started in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_files_are_written_all_of_them_or_none(tmp_path):
    names = [tmp_path / name for name in ("one", "two")]
    with pytest.raises(KeyboardInterrupt):
        write(names, then=lambda: os.kill(os.getpid(), signal.SIGINT))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "two").mkdir()
    with pytest.raises(ResultsError):
        write(names)
    assert [path.name for path in tmp_path.iterdir()] == ["two"]


@pytest.mark.usefixtures("interrupts")
def test_ctrl_c_while_they_take_their_places_waits(tmp_path, monkeypatch):
    names = [tmp_path / name for name in ("one", "two")]
    replace = type(tmp_path).replace

    def broken_off(self, target):
        os.kill(os.getpid(), signal.SIGINT)
        return replace(self, target)

    monkeypatch.setattr(type(tmp_path), "replace", broken_off)
    with pytest.raises(KeyboardInterrupt):
        write(names)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
    assert signal.getsignal(signal.SIGINT) is not None


def test_a_fit_that_is_broken_off_writes_nothing(folder, monkeypatch):
    def broken_off(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.fit.playback.play.compared", broken_off)
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert command(folder, *ARGUMENTS) == INTERRUPTED
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
