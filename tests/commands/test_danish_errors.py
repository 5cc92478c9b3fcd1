"""What goes wrong is told in Danish too: of the commonest mistakes no word of English is left."""

import re

import pytest

from tests.support.command import command

BAD = """\
name: bad
title: 5
horizon: {days: 2.5, start: soon}
opening: {hours: "18:00-10:00", last_entry: half an hour, plcaes: 3}
demand: {visits_per_day: -4, profile: flot}
visits:
  inject:
    rooms: injecting, smoking
    stay: {distribution: exponentiel, mean: 25}
    patience: 25-30
rooms:
  injecting: {places: "3", hours: 7}
  smoking: 4
check_in: {desks: true}
staff:
  stay_until_empty: ja
  roles: {nurse: {cost_per_hour: 1e99}}
  rota: [{role: nurse, from: "25:10", to: 9.30}]
"""
ENGLISH = (
    *("must", "such", "not", "known", "mean", "required", "nothing", "written", "ends", "before"),
    *("number", "least", "most", "more", "write", "file", "there", "interrupted", "kept"),
)


def told(home, capsys, *arguments):
    """What a command says when it ends badly, without what is quoted from the file."""
    assert command(home, *arguments) in {2, 130}
    return capsys.readouterr().err


@pytest.fixture
def home(tmp_path):
    (tmp_path / "bad.yaml").write_text(BAD, "utf-8")
    return tmp_path


def words_of(text):
    """The words of messages: of each line what follows the setting, without code and quotes."""
    messages = [line.split(": ", 2)[-1] for line in text.splitlines()]
    messages = [re.sub(r"'[^']*'|`[^`]*`", " ", one) for one in messages]
    return set(" ".join(messages).replace(",", " ").replace(";", " ").split())


def test_mistakes_in_a_scenario_are_told_in_danish(home, capsys):
    danish = told(home, capsys, "check", "bad.yaml", "--lang", "da")
    english = told(home, capsys, "check", "bad.yaml")
    # The same mistakes at the same places, in other words.
    places = [[line.split(": ", 2)[:2] for line in text.splitlines()] for text in (danish, english)]
    assert places[0] == places[1]
    assert len(places[0]) >= 15
    assert words_of(danish) & set(ENGLISH) == set()
    for line in (
        "opening.plcaes: er ikke en kendt nøgle (kendte: ",
        "demand.visits_per_day: skal være mere end 0, ikke -4",
        "rooms.injecting.places: skal være et helt tal, ikke '3'; skriv det uden anførselstegn: 3",
        "mente du `flat`?",
        "mente du 30 min?",
        "check_in.times: mangler; tilføj det under `check_in`",
    ):
        assert line in danish


def test_a_file_that_is_not_there_and_options_that_contradict(home, capsys):
    for arguments, said in (
        (("check", "bda.yaml"), "bda.yaml: findes ikke; mente du `bad.yaml`?"),
        (("check", "."), ".: er en mappe; nævn scenariefilen i den"),
        (
            ("run", "bad.yaml", "--replications", "3", "--precision"),
            "--replications siger, hvor mange; udelad --precision og --max-replications",
        ),
        (("report", "bad.yaml", "--explore", "--pdf"), "udelad --pdf"),
    ):
        assert said in told(home, capsys, *arguments, "--lang=da")


def test_without_a_known_language_it_is_english(home, capsys):
    for more in ((), ("--lang", "en")):
        assert "there is no such file" in told(home, capsys, "check", "no.yaml", *more)
