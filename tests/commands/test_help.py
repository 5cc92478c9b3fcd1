"""Help, and complaints of the option parser, in Danish: every option has words of its own."""

import re
from collections import defaultdict

import pytest
import typer.main

from sim.cli.app import COMMANDS, application
from sim.cli.parser import complaint, help_key, help_of, without_lang
from sim.report.page.words import catalogue
from tests.support.command import command

DA = catalogue("da")
PROGRAM = typer.main.get_command(application([]))


def commands(one=PROGRAM, names=()):
    """Every command with its names, the program itself first."""
    yield names, one
    for name, part in getattr(one, "commands", {}).items():
        yield from commands(part, (*names, name))


def options():
    """Every option of every command, with the key of its help."""
    for names, one in commands():
        for option in one.params:
            yield help_of(names, option.name, DA.texts), option


def test_every_command_and_option_has_danish_help():
    wanted = {help_key(names, "itself") for names, _ in commands()}
    wanted |= {key for key, _ in options()} | {"help.any.help"}
    for key in wanted:
        assert DA.texts.get(key), key
    known = {key for key in DA.texts if key.startswith("help.")}
    assert {one for one in known - wanted if not one.startswith("help.metavar.")} == set()


def test_one_text_is_not_of_options_that_english_tells_apart():
    english = defaultdict(set)
    for key, option in options():
        english[key].add(option.help)
    assert {key: said for key, said in english.items() if len(said) > 1} == {}


def test_what_is_typed_has_a_danish_name():
    for _, option in options():
        shown = option.metavar
        if shown and re.search("[A-Z]{2}", shown) and shown != "LOG…":
            assert f"help.metavar.{shown}" in DA.texts, shown


ALIKE = {"results", "report", "dage", "time", "plan", "site", "version", "form", "fast", "simpy"}
"""Names of files and words to be typed, and Danish words that happen to be English ones."""


@pytest.mark.parametrize("names", [("run",), ("rota", "check"), ("schema",), ()], ids=" ".join)
@pytest.mark.parametrize("before", [True, False])
def test_help_has_no_english_wherever_the_language_stands(tmp_path, capfd, names, before):
    lang = ("--lang", "da")
    words = (*lang, *names, "--help") if before else (*names, "--help", *lang)
    assert command(tmp_path, *words) == 0
    text = capfd.readouterr().out
    for said in ("Brug: run.py", "Tilvalg", "Vis denne hjælp"):
        assert said in text
    plain = re.sub(r"--[a-z-]+|<[^>]*>|\[ellers: [^\]]*\]|`[^`]*`|\S*[./=]\S*", " ", text)
    seen = set(re.findall(r"[a-zæøå]{4,}", plain.lower()))
    said = " ".join(option.help or "" for _, option in options())
    said += " ".join(one.help or "" for _, one in commands())
    english = set(re.findall(r"[a-z]{4,}", said.lower()))
    danish = set(re.findall(r"[a-zæøå]{4,}", " ".join(DA.texts.values()).lower()))
    assert seen & (english - danish - ALIKE - set(COMMANDS)) == set()


def test_english_help_is_as_it_was(tmp_path, capfd):
    for words in (
        ("--help",),
        ("run", "--help", "--lang", "en"),
        ("--lang", "en", "rota", "need", "--help"),
    ):
        assert command(tmp_path, *words) == 0
        text = capfd.readouterr().out
        assert "Usage: run.py" in text
        assert "Show this message" in text
        assert "Tilvalg" not in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run",), "'SCENARIE' mangler."),
        (("run", "x.yaml", "--seeed", "1"), "Der er intet tilvalg --seeed (mente du --seed"),
        (("run", "x.yaml", "--seed"), "Tilvalget '--seed' skal have en værdi."),
        (("run", "x.yaml", "--seed", "x"), "Forkert værdi for '--seed': 'x' er ikke et helt tal."),
        (("run", "x.yaml", "y.yaml"), "Der er for meget på linjen (y.yaml)"),
        (("run", "x.yaml", "--engine", "q"), "Forkert værdi for '--engine': "),
        (("new", "x", "--kind", "q"), "'q' er ingen af 'city-day'"),
        (("size", "x.yaml", "--confidence", "q"), "det skal være et tal"),
        (("compare", "x.yaml", "--lasts", "0"), "ligger ikke mellem 1 og"),
        (("ru",), "Der er ingen kommando 'ru'. Mente du 'run'?"),
        (("rota", "nee"), "Der er ingen kommando 'nee'. Mente du 'need'?"),
    ],
)
def test_what_the_parser_complains_of_is_danish(tmp_path, capfd, words, said):
    found = {}
    for lang in ("da", "en"):
        assert command(tmp_path, "--lang", lang, *words) == 2
        found[lang] = " ".join(capfd.readouterr().err.replace("│", " ").split())
    assert said in found["da"]
    assert not re.search(r"\b(Usage|Try|Error|Invalid|Missing|such|Input|value)\b", found["da"])


def test_a_complaint_that_is_not_known_stays_as_it_is():
    assert complaint("Something new.", DA) == "Something new."
    assert complaint("Invalid value for '--x': something new", DA) == (
        "Forkert værdi for '--x': something new"
    )


def test_the_language_may_stand_before_the_command():
    assert without_lang(["--lang", "da", "run", "x"]) == (["run", "x"], ["--lang", "da"])
    assert without_lang(["--help", "--lang=da"]) == (["--help"], ["--lang=da"])
    assert without_lang(["run", "--lang", "da"]) == (["run", "--lang", "da"], [])
