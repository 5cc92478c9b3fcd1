"""Screens in Danish: no word of the English catalogue, no key, numbers and times as in Denmark.

One small site that has all that is told of; each command is run as a planner types it.
"""

import re

import pytest

from sim.report import ENGLISH
from sim.report.page.words import catalogue
from tests.support.command import command

EN, DA = catalogue(ENGLISH), catalogue("da")
SITE = """\
name: havnen
title: Havnen
horizon: {days: 7}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 90, profile: city-day}
visits:
  inject:
    rooms: [injecting]
    share: 0.6
    stay: {distribution: exponential, mean: 25} # assumption (20-30)
    patience: {distribution: exponential, mean: 20}
    overdose: {per_1000: 20, onset: 4}
  smoke:
    rooms: [smoking]
    services: {wound_care: 0.1}
    share: 0.4
    stay: {distribution: exponential, mean: 15}
    patience: {distribution: exponential, mean: 20}
rooms:
  injecting: {places: 3, cleaning: {duration: 4}}
  smoking: {places: 2}
supervision:
  - {rooms: [injecting, smoking], roles: [nurse, social_educator], minimum: 2}
services:
  wound_care: {duration: 10, roles: [nurse]}
overdose:
  severities:
    naloxone: {share: 1, team: [[nurse], [nurse, social_educator]], intensive: 10}
costs: {place: {injecting: 50000, smoking: 60000}, opening_hour: 250}
staff:
  currency: DKK
  roles:
    nurse: {cost_per_hour: 300}
    social_educator: {cost_per_hour: 250}
  rota:
    - {name: day, role: nurse, from: 10:00, to: "18:00"}
    - {role: social_educator, from: 10:00, to: "17:30", count: 2}
targets: [unserved <= 5 %, wait.p90 <= 10 min]
design:
  vary: {rooms.injecting.places: 3:4, rooms.smoking.places: 2:3}
"""
NAMED = SITE.replace("horizon: {days: 7}", "horizon: {weeks: 1}").replace(
    """- {role: social_educator, from: 10:00, to: "17:30", count: 2}""",
    """- {role: social_educator, from: 06:00, to: "21:00", count: 2, people: [Anna, Bo]}""",
)
FEW = ("--replications", "2", "--workers", "1", "--no-cache", "--no-report")
COMMANDS = {
    "check": ("check", "havnen.yaml"),
    "run": ("run", "havnen.yaml", *FEW),
    "worlds": ("run", "havnen.yaml", "--uncertainty", "--worlds", "4", *FEW),
    "compare": ("compare", "havnen.yaml", "--alt", "rooms.injecting.places=4", *FEW),
    "sweep": ("sweep", "havnen.yaml", "--vary", "rooms.injecting.places=3:4", *FEW),
    "tornado": ("sweep", "havnen.yaml", "--tornado", *FEW),
    "size": ("size", "havnen.yaml", "--max-replications", "20", *FEW[2:]),
    "rota check": ("rota", "check", "havnen.yaml"),
    "rota names": ("rota", "check", "named.yaml"),
    "rota need": ("rota", "need", "havnen.yaml", "--replications", "0", "--no-report"),
    "fit": (
        *("fit", "log/log.csv", "--site", "havnen.yaml", "--unserved", "log/unserved.csv"),
        *("--plays", "39"),
    ),
    "export": ("rota", "export", "havnen.yaml", "rota.csv"),
    "new": ("new", "nyt", "--hours", "09-21", "--places", "4,2"),
}
SLOW = {"fit", "run", "worlds", "compare", "sweep", "tornado", "size"}
TYPED = re.compile(
    r"`[^`]*`|results/\S*|\[[a-z_, ]+\]|--[a-z-]+|[\w./-]+\.(?:yaml|csv|json|md|html|py)|"
    r"python \S+ \w+ .*|"
    r"(?:rota_rules|supervision|overdose|design|demand|opening|costs|horizon|staff)\.[\w.]+"
)
"""What a planner types or looks up as it is: commands, files, keys to be changed in the file."""
ALIKE = {"rota", "check", "havnen", "time", "plan", "site", "code", "dage", "under", "over"}
"""Names of commands, and Danish words that happen to be English ones."""


def screen(folder, capfd, name):
    """What a command prints in Danish, whatever is counted on the way left out."""
    (folder / "havnen.yaml").write_text(SITE, "utf-8")
    (folder / "named.yaml").write_text(NAMED, "utf-8")
    if name == "fit":
        (folder / "havnen.yaml").write_text(SITE.replace("days: 7", "weeks: 4"), "utf-8")
        logged = ("--as-log", "uses", "--log-with", "language=da", "--out", "log")
        assert command(folder, "run", "havnen.yaml", *FEW, "--replications", "1", *logged) == 0
        capfd.readouterr()
    assert command(folder, *COMMANDS[name], "--lang", "da") in {0, 1}
    printed = capfd.readouterr()
    assert "Traceback" not in printed.err
    told = [line for line in printed.err.splitlines() if line.startswith(("advarsel", "sat "))]
    return printed.out + "\n".join(told)


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=[pytest.mark.slow] * (one in SLOW)) for one in COMMANDS]
)
def test_a_danish_screen_has_no_english_and_no_key(tmp_path, capfd, monkeypatch, name):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    text = screen(tmp_path, capfd, name)
    assert max(len(line) for line in text.splitlines()) <= 80 or name in {"export", "new", "fit"}
    seen = set(re.findall(r"[a-zæøå]{4,}", TYPED.sub(" ", text.replace("\n", " ")).lower()))
    english = set(re.findall(r"[a-z]{4,}", " ".join(EN.texts.values()).lower()))
    danish = set(re.findall(r"[a-zæøå]{4,}", " ".join(DA.texts.values()).lower()))
    assert seen & (english - danish - ALIKE) == set()
    assert not re.search(r"\b[a-z]+_[a-z_]+\b", TYPED.sub(" ", text)), "a key"
    assert not re.search(r"\b(?:wait|unserved|rooms|visits)\.[a-z]", TYPED.sub(" ", text))
    assert not re.search(r"\b[0-2][0-9]:[0-5][0-9]\b", TYPED.sub(" ", text)), "an English time"


def test_the_environment_changes_nothing(tmp_path, capfd, monkeypatch):
    found = set()
    for value in ("C.UTF-8", "da_DK.UTF-8", "de_DE.UTF-8"):
        for name in ("LC_ALL", "LANG", "LANGUAGE"):
            monkeypatch.setenv(name, value)
        (tmp_path / "havnen.yaml").write_text(SITE, "utf-8")
        assert command(tmp_path, "check", "havnen.yaml") == 0
        found.add(capfd.readouterr().out)
    assert len(found) == 1
    assert "Places needed in the busiest hour" in found.pop()


def test_numbers_times_and_units_are_danish(tmp_path, capfd):
    text = screen(tmp_path, capfd, "check")
    for said in ("10.00-18.00", "56 timer om ugen", "DKK om året", "25,0 min i snit", "advarsel:"):
        assert said in text
    assert re.search(r"[0-9]{1,3}\.[0-9]{3}(?:\.[0-9]{3})? DKK om året", text)


def test_what_breaks_a_rule_is_told_in_danish(tmp_path, capfd):
    text = " ".join(screen(tmp_path, capfd, "rota names").split())
    assert "Anna, man 6.00-21.00: 15 t i ét stræk (pædagog 6.00-21.00); højst 13 t" in text
    assert "arbejde med ingen pause" in text or "uden pause" in text
