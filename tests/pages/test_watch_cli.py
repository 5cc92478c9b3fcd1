"""`watch` on the command line."""

import json
import os

import pytest

from tests.support.command import SMALL, call

TWO_WEEKS = SMALL.replace("{days: 7}", "{weeks: 2}").replace(
    "{hours: 10:00-18:00}", "{hours: {mon-sat: 10:00-18:00, sun: closed}}"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(TWO_WEEKS, "utf-8")
    return tmp_path


def test_it_writes_a_page_and_says_which_day(folder, monkeypatch, capsys):
    assert call(monkeypatch, "watch", "small.yaml", "--day", "sat", "--replication", "1") == 0
    printed = capsys.readouterr().out
    assert "sat 2026-01-10, 00:00-24:00" in printed
    page = folder / "results" / "watch-small-2026-01-10.html"
    assert str(page.relative_to(folder)) in printed
    text = page.read_text("utf-8")
    assert "Saturday 10 January 2026" in text
    assert "replication 1, seed 1" in text
    assert [path.name for path in page.parent.iterdir()] == [page.name]


def test_two_designs_and_several_plays_on_one_page(folder, monkeypatch, capsys):
    arguments = (
        *("--alt", "one-place: rooms.injecting.places=1"),
        *("--replication", "2", "--replication", "4"),
        *("--date", "2026-01-07", "--out", "two.html"),
    )
    assert call(monkeypatch, "watch", "small.yaml", *arguments) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "As it is, beside: One place" in printed
    page = (folder / "two.html").read_text("utf-8")
    handed = json.loads(page.partition('id="handed">')[2].partition("</script>")[0])
    assert [one["name"] for one in handed["designs"]] == ["As it is", "One place"]
    assert list(dict.fromkeys(one["replication"] for one in handed["days"])) == [2, 4]
    assert handed["days"][0]["date"] == "2026-01-07"
    assert all(len(one["designs"]) == 2 for one in handed["days"])
    for one in handed["days"]:
        assert f"replication {one['replication']}, " in printed
        assert one["date"] in printed


@pytest.mark.slow
def test_the_same_command_writes_the_same_page_whatever_the_engine(folder, monkeypatch):
    pages = []
    for number, engine in enumerate(("fast", "fast", "simpy")):
        out = f"{number}.html"
        arguments = ("watch", "small.yaml", "--date", "2026-01-06", "--engine", engine)
        assert call(monkeypatch, *arguments, "--out", out) == 0
        pages.append((folder / out).read_bytes())
    assert pages[0] == pages[1] == pages[2]


def test_in_danish(folder, monkeypatch, capsys):
    assert call(monkeypatch, "watch", "small.yaml", "--day", "sat", "--lang", "da") == 0
    printed = capsys.readouterr().out
    assert "lør 2026-01-10, 00.00-24.00: en " in printed
    for word in ("visits", "overdoses on", "quiet", "ordinary", "busy", "browser:  ", "Open"):
        assert word not in printed
    text = (folder / "results" / "watch-small-2026-01-10.html").read_text("utf-8")
    assert "Lørdag 10. januar 2026" in text
    assert "sygeplejerske" in text
    assert "Afspil" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["small.yaml", "--set", "rooms.injecting.place=3"], "did you mean `places`?"),
        (["small.yaml", "--variant", "none"], "none"),
        (["small.yaml", "--lang", "de"], "--lang"),
        (["small.yaml", "--day", "saturday"], "there is no day 'saturday'; choose from"),
        (["small.yaml", "--day", "sun"], "does not open on any sun of the horizon"),
        (["small.yaml", "--date", "10-1-2026"], "--date must be a date such as 2026-01-10"),
        (["small.yaml", "--date", "2026-01-11"], "does not open on 2026-01-11; the nearest day"),
        (["small.yaml", "--date", "2027-01-11"], "is not in the horizon, which is 2026-01-05 to"),
        (["small.yaml", "--day", "sat", "--date", "2026-01-10"], "both say which day"),
        (["small.yaml", "--replication", "-1"], "--replication: -1 is not in the range from 0"),
        (["small.yaml", "--replication", "x"], "--replication: 'x' is not a whole number"),
        (["small.yaml", "--alt", "none"], "none"),
        (["small.yaml", "--alt", "rooms.injecting.place=3"], "did you mean `places`?"),
        (
            ["small.yaml", "--alt", "rooms.injecting.places=3", "--variant", "none"],
            "--variant is of one design",
        ),
        (
            ["small.yaml", "small.yaml", "--alt", "rooms.injecting.places=3"],
            "two designs fit side by side; give one alternative",
        ),
        (
            ["small.yaml", "--alt", "more: demand.visits_per_day=99"],
            "do not meet the same people",
        ),
        (["small.yaml", "--out", "."], "is a folder; name a file"),
        (["small.yaml", "--out", "small.yaml/page.html"], "cannot write small.yaml/page.html"),
        (["small.yaml", "--out", "x" * 300], "File name too long"),
        (["small.yaml", "--out", "/dev/null"], "is no ordinary file"),
    ],
)
def test_wrong_input_ends_with_status_2_and_writes_nothing(
    folder, monkeypatch, capsys, arguments, words
):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert call(monkeypatch, "watch", *arguments) == 2
    error = capsys.readouterr().err
    assert words in error.replace(os.sep, "/")
    assert "Traceback" not in error
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
