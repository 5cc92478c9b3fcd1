"""Settings and changes in words: no key, no list index and no code is left over."""

import re
from pathlib import Path

import pandas as pd
import pytest

from sim.report.page.phrases import Phrases
from sim.report.page.settings import MINUTES, PATTERNS, SHARES, Changed, path_of
from sim.report.page.words import catalogue
from sim.report.pages.about import notes_table
from sim.scenario import load_scenario
from sim.scenario.city.model import City
from sim.scenario.load import read_scenario
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.notes import notes
from sim.study.compare.options import changes

ROOT = Path(__file__).parents[2]
EN, DA = catalogue("en"), catalogue("da")
H17 = load_scenario(ROOT / "scenarios" / "h17.yaml")
BOOK, BOG = Phrases(H17, EN), Phrases(H17, DA)

SAID = [
    ("rooms.flexible.places", 6, 8, "8 flexible places instead of 6"),
    ("rooms.injecting.places", 2, 1, "1 injecting place instead of 2"),
    ("rooms.quiet_room.places", 2, 3, "3 places (quiet room) instead of 2"),
    ("check_in.desks", 3, 4, "4 check-in desks instead of 3"),
    ("check_in.desks", None, 4, "4 check-in desks instead of none set"),
    ("waiting_area.seats", 36, 50, "50 seats to wait in instead of 36"),
    ("opening.last_entry", 30.0, 15.0, "last entry 15 instead of 30 min before closing"),
    ("opening.hours", "07:30-23:30", "07:30-01:30 next day", "open until 1:30 instead of 23:30"),
    ("opening.hours", "07:30-23:30", "09:00-23:30", "open from 9:00 instead of 7:30"),
    ("opening.hours", "07:30-23:30", "09:00-22:00", "open 9:00–22:00 instead of 7:30–23:30"),
    ("opening.hours", "07:30-23:30", {"mon": "09:00-12:00"}, "other opening hours"),
    ("demand.visits_per_day", 520.0, 650.0, "650 visits a day instead of 520"),
    ("demand.profile", {"shape": "city-day"}, "flat", "visits spread evenly over the day"),
    ("visits.smoke.stay.mean", 23.0, 18.0, "people who smoke stay 18 instead of 23 min"),
    ("visits.owl.stay.mean", 23.0, 18.0, "visits “owl” stay 18 instead of 23 min"),
    (
        "visits.inject.patience.median",
        25.0,
        40.0,
        "people who inject wait 40 instead of 25 min before they leave",
    ),
    ("visits.smoke.share", 0.52, 0.8, "people who smoke: 80 instead of 52 in 100 visits"),
    (
        "rooms.injecting.cleaning.duration.value",
        4.0,
        2.0,
        "cleaning (injecting room) takes 2 instead of 4 min",
    ),
    ("staff.rota.4.count", 2, 1, "evening: 1 nurse instead of 2"),
    ("staff.rota.5.count", 3, 4, "evening: 4 social educators instead of 3"),
    (
        "staff.roles.nurse.cost_per_hour",
        255.0,
        280.0,
        "an hour of work costs 280 instead of 255 DKK (nurse)",
    ),
    (
        "visits.smoke.stay.cv",
        0.5,
        0.8,
        "people who smoke, stay, spread: 0.8 instead of 0.5",
    ),
    ("opening.at_close", "finish", "stop", "opening"),
    ("rota_rules.handover", 0, 15, "other rules for the rota"),
]


@pytest.mark.parametrize(("path", "old", "new", "said"), SAID)
def test_a_change_is_told_in_words(path, old, new, said):
    text = BOOK.change(Changed(path_of(path), old, new))
    assert text == said or (said == "opening" and "leave at once" in text)
    danish = BOG.change(Changed(path_of(path), old, new))
    assert danish != text
    for one in (text, danish):
        assert not re.search(r"[\[\]{}_]|\b(rota|rooms|visits)\.", one), one


def test_a_shift_that_moves_as_a_whole_is_told_once():
    """All four lines of the evening end later; then only the educators' do."""
    lines = [Changed(path_of(f"staff.rota.{n}.to"), "23:45", "01:45 next day") for n in range(4, 8)]
    assert BOOK.changes(lines) == ["evening shift until 1:45"]
    assert BOG.changes(lines) == ["aftenvagt til 1.45"]
    assert BOOK.changes(lines[1:2]) == ["social educators, evening until 1:45"]


def test_shifts_that_come_and_go_are_told():
    line = {"role": "nurse", "from": "16:00", "to": "20:00", "count": 2}
    more = Changed(path_of("staff.rota.10"), None, line)
    less = Changed(path_of("staff.rota.10"), line, None)
    assert BOOK.change(more) == "one more shift: 2 nurses, 16:00–20:00"
    assert BOOK.change(less) == "one shift fewer: 2 nurses, 16:00–20:00"


def test_a_setting_has_both_ends_of_its_range():
    path = path_of("visits.smoke.stay.mean")
    assert BOOK.between(path, 23, [14, 32]) == "people who smoke stay 14 or 32 instead of 23 min"
    assert BOOK.between(path, "23 min", ["14 min"]) == "people who smoke stay 14 instead of 23 min"
    assert BOG.between(path, 23, [14, 32]).endswith("14 eller 32 i stedet for 23 min")


def test_a_line_of_the_rota_is_found_by_its_name():
    assert BOOK.path("staff.rota.evening.nurse.count") == ("staff", "rota", "4", "count")
    assert BOOK.setting(BOOK.path("staff.rota.evening.nurse.count"), 2) == "evening: 2 nurses"
    assert BOOK.setting(path_of("rooms.injecting.places"), 1) == "1 injecting place"


def test_what_scenarios_differ_in_is_told_without_a_key():
    """Every change between two real scenarios, in both languages."""
    other = load_scenario(ROOT / "scenarios" / "skyen.yaml")
    found = [Changed(tuple(map(str, one.path)), one.old, one.new) for one in changes(H17, other)]
    assert len(found) > 20
    for book in (BOOK, BOG):
        for text in book.changes(found):
            assert text
            assert not re.search(r"[\[\]{}]|_|None|True|\.\d\.", text), text


def schema_keys(schema):
    """The keys of all parts of a scenario, with what editors are told of each."""
    for part in (schema, *schema["$defs"].values()):
        yield from part.get("properties", {}).items()


def test_every_key_and_choice_of_a_scenario_has_words():
    schema = Scenario.model_json_schema(by_alias=True)
    whole = {"RotaRules", "Limits", "Need", "Stress", "AllowedShift", "AllowedBreak", "BreakTier"}
    unknown = {"Uncertainty", "Ranged", "Together", "Correlated", "Shape", "Shares"}
    left = whole | unknown | {"Design", "Varied", "Allowed"}
    city = City.model_json_schema(by_alias=True)["$defs"]
    parts = {**schema["$defs"], **{one: city[one] for one in ("Choice", "CityKind", "Diverts")}}
    for name, part in parts.items():
        if name in left or name.startswith("SiteCosts"):
            continue
        for key, about in part.get("properties", {}).items():
            assert key == "name" or f"field.{key}" in EN.texts, (name, key)
            for choice in about.get("enum", ()):
                assert f"choice.{choice}" in EN.texts, (name, choice)


def test_bare_numbers_of_durations_and_shares_have_their_unit():
    schema = Scenario.model_json_schema(by_alias=True)
    for name in ("TimeLimit", "Appointments", "OverdoseRisk", "Severity", "Lognormal", "Break"):
        for key, about in schema["$defs"][name]["properties"].items():
            kinds = about.get("anyOf", [about])
            if any("pattern" in one for one in kinds) and key not in {"from", "to"}:
                assert key in MINUTES or key in {"plus", "at_most"}, (name, key)
            if kinds[0].get("maximum") == 1 and kinds[0].get("type") == "number":
                assert key in SHARES, (name, key)


def test_every_usual_setting_has_its_words():
    for _, key, _ in PATTERNS:
        assert f"change.{key}" in EN.texts
        assert f"setting.{key}" in EN.texts


def test_a_rota_of_other_lines_is_told_as_one_change():
    """Line by line it would say that the night became an evening, and who `name` is."""
    found = [
        Changed(path_of("staff.rota.1.name"), "evening", "middle"),
        Changed(path_of("staff.rota.1.from"), "15:15", "11:00"),
        Changed(path_of("staff.rota.9.count"), None, 2),
        Changed(path_of("rooms.flexible.places"), 6, 8),
    ]
    assert BOOK.changes(found) == ["another rota", "8 flexible places instead of 6"]
    assert BOG.changes(found[:3]) == ["en anden vagtplan"]
    other = [Changed(path_of("staff.rota.1.role"), "nurse", "doctor")]
    assert BOOK.changes(other) == ["another rota"]
    assert BOOK.changes(found[1:2]) != ["another rota"]


def test_lines_of_a_facility_that_are_other_lines_are_told_as_those_of_a_site():
    """Once, as another rota, and what else is changed beside it."""
    city = load_scenario(ROOT / "scenarios" / "copenhagen-city.yaml")
    line = ("facilities", "skyen", "staff", "rota", "0")
    found = [
        Changed(("choice", "attempts"), 3, 2),
        Changed(("facilities", "h17", "rooms", "flexible", "places"), 6, 8),
        Changed((*line, "name"), "morning", "day"),
        Changed((*line, "count"), 2, 3),
        Changed(("facilities", "mobile"), {"title": "The mobile room"}, None),
    ]
    words = EN.with_facilities({"h17": "H17", "skyen": "Skyen", "mobile": "The mobile room"})
    assert Phrases(city, words).changes(found) == [
        "doors tried at most: 2 instead of 3",
        "H17: 8 flexible places instead of 6",
        "Skyen: another rota",
        "without the mobile room",
    ]


# --- notes on a scenario --------------------------------------------------------------------------

TYPED = [
    (
        "visits.inject.stay",
        "{distribution: lognormal, mean: 20, cv: 0.5}",
        ("How long people who inject stay", "lognormal: mean 20 min, spread 0.5"),
        (
            "Hvor længe et ophold varer for dem, der injicerer",
            "lognormal fordeling: gennemsnit 20 min, spredning 0,5",
        ),
    ),
    (
        "visits.inject.services",
        "{drug_checking: 0.02, wound_care: 0.04}",
        ("People who inject, services", "drug checking 2 in 100, wound care 4 in 100"),
        ("Dem, der injicerer, ydelser", "stofanalyse 2 ud af 100, sårpleje 4 ud af 100"),
    ),
    (
        "services.wound_care.appointments.hours",
        "{mon-fri: 09:30-11:30, sat-sun: closed}",
        ("Wound care, appointments, hours", "Mon–Fri 9:30–11:30, Sat–Sun closed"),
        ("Sårpleje, aftaler, tider", "man–fre 9.30–11.30, lør–søn lukket"),
    ),
    (
        # What closes the line above it is no part of it.
        "staff.rota.0.breaks",
        "[{length: 30, from: 10:30, to: 13:30}]}",
        ("Day, nurse, breaks", "length: 30 min; from: 10:30; to: 13:30"),
        ("Dagvagt, sygeplejerske, pauser", "længde: 30 min; fra: 10.30; til: 13.30"),
    ),
    (
        "horizon.start",
        "2016-08-01",
        ("When it begins", "1 August 2016"),
        ("Hvornår det begynder", "1. august 2016"),
    ),
    ("demand", "", ("Who comes", ""), ("Hvem der kommer", "")),
    (
        "demand.profile",
        "[1.2, 1.2, 1.2,",
        ("Hours of visits", "see the file"),
        ("Tider for besøg", "se filen"),
    ),
]


@pytest.mark.parametrize(("field", "typed", "en", "da"), TYPED)
def test_a_note_is_told_in_words_with_its_key_beside_it(field, typed, en, da):
    table = pd.DataFrame({"field": [field], "value": [typed], "note": ["assumption"]})
    for book, told in ((BOOK, en), (BOG, da)):
        found = notes_table("", table, book)
        assert found.rows == ((*told, "assumption"),)
        assert found.keys == (field,)


@pytest.mark.parametrize("typed", ["&a [*a]", "*a", "{", "2016-99-99", "!!python/name:os", "]"])
def test_what_is_no_value_is_looked_up_in_the_file(typed):
    table = pd.DataFrame({"field": ["horizon.start"], "value": [typed], "note": [""]})
    assert notes_table("", table, BOOK).rows[0][1] in {"see the file", ""}


@pytest.mark.parametrize("name", ["h17", "copenhagen-city"])
def test_no_note_of_a_shipped_scenario_has_keys_in_its_words(name):
    loaded = read_scenario(ROOT / "scenarios" / f"{name}.yaml")
    found = notes(loaded.source)
    table = pd.DataFrame([(one.field, one.value, one.text) for one in found])
    table.columns = pd.Index(["field", "value", "note"])
    for words in (EN, DA):
        for told, value, _ in notes_table("", table, Phrases(loaded.scenario, words)).rows:
            assert told
            assert not re.search(r"[{}\[\]_]|distribution", f"{told} {value}"), (told, value)


@pytest.mark.parametrize(
    ("line", "says", "siger"),
    [
        # By the name of the shift; by its hours where it has none and is not the only one.
        ({"name": "evening"}, "evening: 1 nurse", "aftenvagt: 1 sygeplejerske"),
        ({}, "16:00–\u206024:00: 1 nurse", "16.00–\u206024.00: 1 sygeplejerske"),
        ({"role": "doctor"}, "1 doctor", "1 læge"),
    ],
)
def test_a_line_of_a_rota_is_told_apart_from_others_of_its_role(line, says, siger):
    scenario = small_site("nurse", **{"role": "nurse", "count": 2} | line)
    path = ("staff", "rota", "1", "count")
    assert Phrases(scenario, EN).setting(path, 1) == says
    assert Phrases(scenario, DA).setting(path, 1) == siger
    changed = Phrases(scenario, EN).change(Changed(path, 2, 1))
    assert changed == f"{says} instead of 2"


def small_site(first, **line):
    rota = [
        {"role": first, "from": "08:00", "to": "16:00"},
        {"from": "16:00", "to": "24:00"} | line,
    ]
    staff = {"roles": {"nurse": {}, "doctor": {}}, "rota": rota}
    return Scenario.model_validate({**H17.model_dump(by_alias=True), "staff": staff})
