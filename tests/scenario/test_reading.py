"""Reading scenarios: positions, YAML 1.2, files that extend others, settings, every bad input."""

import os
import pickle
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from ruamel.yaml import YAML

from sim.scenario.errors.problem import Place, Problem, ScenarioError, Source
from sim.scenario.text.files import ordinary_file
from sim.scenario.text.read import Models, read_source, read_text

Write = Callable[[str, str], Path]

CLINIC = """\
# A clinic
name: clinic
rooms:
  injecting: {places: 6, hours: [08:00-12:00, "13:00-20:00"]}
  smoking room:
    places:   4
    note:
staff:
  rota:
  - role: nurse
    count: 2
  -   role: "peer"
  - # nobody yet
  - - deep
2026-12-24: closed
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file in the folder that relative names start from."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> Path:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
        return Path(name)

    return write


def lines_of(read: Callable[[], Source]) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read()
    return str(caught.value).splitlines()


def faults(text: str, *sets: str, model: type[BaseModel] | None = None) -> list[str]:
    models = None if model is None else Models(model, model, ())
    return lines_of(lambda: read_text(text, "a.yaml", sets, models))


# Positions


@pytest.mark.parametrize(
    ("path", "key_at", "value_at"),
    [
        ((), (2, 1), (2, 1)),
        (("name",), (2, 1), (2, 7)),
        (("rooms",), (3, 1), (4, 3)),
        (("rooms", "injecting"), (4, 3), (4, 14)),
        (("rooms", "injecting", "places"), (4, 15), (4, 23)),
        (("rooms", "injecting", "hours", 0), (4, 34), (4, 34)),
        (("rooms", "injecting", "hours", 1), (4, 47), (4, 47)),
        (("rooms", "smoking room", "places"), (6, 5), (6, 15)),
        (("rooms", "smoking room", "note"), (7, 5), (7, 5)),  # nothing is written: the key's
        (("staff", "rota"), (9, 3), (10, 3)),
        (("staff", "rota", 0), (10, 5), (10, 5)),
        (("staff", "rota", 0, "count"), (11, 5), (11, 12)),
        (("staff", "rota", 1, "role"), (12, 7), (12, 13)),
        (("staff", "rota", 2), (13, 4), (13, 4)),  # nothing is written: after the dash
        (("staff", "rota", 3, 0), (14, 7), (14, 7)),
        ((date(2026, 12, 24),), (15, 1), (15, 13)),
    ],
)
def test_every_key_and_value_has_its_position(path, key_at, value_at):
    source = read_text(CLINIC, "clinic.yaml")
    assert source.places[path] == Place("clinic.yaml", *key_at)
    assert source.values[path] == Place("clinic.yaml", *value_at)


def test_exactly_the_paths_of_the_data_have_positions():
    def paths(data: Any, path: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
        parts = (
            data
            if isinstance(data, dict)
            else dict(enumerate(data))
            if isinstance(data, list)
            else {}
        )
        return {path}.union(*(paths(part, (*path, key)) for key, part in parts.items()))

    source = read_text(CLINIC)
    assert set(source.places) == set(source.values) == paths(source.data)


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_positions_do_not_depend_on_line_endings_or_a_byte_order_mark(tmp_path, ending):
    file = tmp_path / "clinic.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + CLINIC.replace("\n", ending).encode())
    source, plain = read_source(file), read_text(CLINIC, str(file))
    assert (source.data, source.places, source.values) == (plain.data, plain.places, plain.values)


def test_what_an_alias_repeats_is_placed_where_it_is_written():
    source = read_text("a: &x {b: [1]}\nc: *x\nd: {<<: *x, e: 2}\n")
    assert source.data == {"a": {"b": [1]}, "c": {"b": [1]}, "d": {"b": [1], "e": 2}}
    assert source.places["c",] == Place("scenario", 2, 1)
    assert source.values["c", "b", 0] == Place("scenario", 1, 12)
    assert source.places["d", "b"] == Place("scenario", 1, 8)
    source.data["c"]["b"].append(2)
    assert source.data["a"]["b"] == [1]  # no two parts of the data are the same object


def test_a_problem_is_placed_at_the_value_at_a_key_or_at_the_nearest_parent():
    source = read_text(CLINIC, "clinic.yaml")
    places = ("rooms", "smoking room", "places")
    assert str(source.problem(places, "too few")) == (
        "clinic.yaml:6:15: rooms.smoking room.places: too few"
    )
    assert source.problem(places, "odd", at_key=True).place == Place("clinic.yaml", 6, 5)
    assert source.problem(("rooms", "injecting"), "odd").place == Place("clinic.yaml", 4, 3)
    missing = source.problem(("staff", "rota", 0, "breaks", 2, "from"), "is required")
    assert missing == Problem(
        Place("clinic.yaml", 10, 5), "staff.rota.0.breaks.2.from", "is required"
    )
    assert source.problem(("opening",), "is required").place == Place("clinic.yaml", 2, 1)


# YAML 1.2


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *[(text, text) for text in ("07:30", "7:30", "10:30", "24:00", "22:00-06:00", "22:00:00")],
        *[(text, text) for text in ("no", "on", "off", "yes", "y", "N", "=", "-_", "1.2.3")],
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("1_000", 1000),
        ("-5", -5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("2026-12-24", date(2026, 12, 24)),
        ("'2026-12-24'", "2026-12-24"),
        ("!!str 5", "5"),
        ('"07:30"', "07:30"),
    ],
)
@pytest.mark.parametrize("head", ["", "%YAML 1.1\n---\n"])
def test_single_values_are_read_as_yaml_1_2(head, written, value):
    found = read_text(f"{head}key: {written}\n").data["key"]
    assert found == value
    assert type(found) is type(value)


def test_numbers_are_kept_as_they_were_typed():
    written = read_text("a: [1e3, 010, -3.0, ~, 07:30]\nb:\n").written
    assert list(written.values()) == ["1e3", "010", "-3.0", "~", "07:30", ""]


def test_a_number_that_is_none_is_left_to_validation():
    assert str(read_text("a: .nan").data["a"]) == "nan"


# Text that is not a scenario


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "a.yaml: is empty; a scenario is written"),
        ("# only a remark\n", "a.yaml: is empty"),
        ("---\n", "a.yaml: is empty"),
        (
            "\n- a\n- b\n",
            "a.yaml:2:1: must be `key: value` lines (with a space after each colon), n",
        ),
        ("name:clinic\n", "a.yaml:1:1: has no space after the colon; write `name: clinic`"),
        ("a:\n\tb: 1\n", "a.yaml:2:1: has a tab here; YAML takes only spaces"),
        ("a: b\nc:\td\n", "a.yaml:2:3: has a tab here"),
        ("a:\n  b: 1\n c: 2\n", "a.yaml:3:2: is not indented like the lines it belongs to"),
        ("a: 1\n  b: 2\n", "a.yaml:2:3: stands further in than `a: 1` above it; line the two up"),
        ("a: b: c\n", "a.yaml:1:5: has a colon where no key can be"),
        ("a: 1\nb 2\nc: 3\n", "a.yaml:2:1: has no colon after its key"),
        ("a: [1, 2\nb: 3\n", "a.yaml:1:4: opens a [ list; then a comma or the ] is missing"),
        ("a: {b: 1\n", "a.yaml:1:4: opens a { map; then a comma or the } is missing"),
        ("a: {b: 1}}\n", "a.yaml:1:10: has a } that no { opens"),
        ("a: 1\nb: 'x\n", "a.yaml:2:4: opens a quote that is never closed"),
        ('a: "x" y\n', "a.yaml:1:8: has text that belongs to no key"),
        ("a: @b\n", "a.yaml:1:4: has text that starts with a special character; put the text in q"),
        ("a: & b\n", "a.yaml:1:4: has text that starts with a special character"),
        ("a: > 5 people\n", "a.yaml:1:4: has text that starts with a special character"),
        ("a: *b\n", "a.yaml:1:4: uses a *name that no &name before it gives"),
        ('a: "\\q"\n', "a.yaml:1:6: has an unknown \\ escape"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2:1: starts a second document; a scenario is a single one"),
        ("a: &x [1, *x]\n", "a.yaml:1:4: a.1: contains itself: the alias *x"),
        ("a: !thing 5\n", "a.yaml:1:4: a: has the tag !thing; scenarios use no tags"),
        ("a: x\nb: y\x07\n", "a.yaml:2:5: has the invisible character U+0007; delete it"),
        ('a: "\\ud800"\n', "a.yaml:1:4: a: contains half a character"),
        (
            'a: "\\UFFFFFFFF"\n',
            "a.yaml:1:5: cannot be read as YAML; remove any %YAML line, and \\U",
        ),
        ("%YAML 1.3\n---\na: 1\n", "a.yaml:1:1: cannot be read as YAML; remove any %YAML line"),
        ("a: " + "[" * 100, "a.yaml:1:63: is nested too deeply to be a scenario"),
        ("a: 2026-13-01\n", "a.yaml:1:4: a: 2026-13-01 is not in the calendar; a date is"),
        ("a: " + "9" * 5000, "a.yaml:1:4: a: has 5000 digits; a number may have 100"),
        ("a:\n  [b]: 1\n", "a.yaml:2:3: a: has a list or map as a key"),
        ("a:\n  true: 1\n", "a.yaml:2:3: a: has true as a key; put it in quotes to make it text"),
        ("a: {1.5: 1}\n", "a.yaml:1:5: a: has 1.5 as a key"),
        ("a:\n  : 1\n", "a.yaml:2:3: a: has no key before a colon"),
        ("a: {<<: 5}\n", "a.yaml:1:9: a.<<: must name a map, or a list of maps"),
        ("extends: b.yaml\n", "a.yaml:1:10: extends: works only in a file"),
    ],
)
def test_text_that_is_no_scenario_is_one_problem_with_its_place(text, line):
    found = faults(text)
    assert len(found) == 1
    assert found[0].startswith(line)


def test_all_keys_written_twice_are_told_with_both_places():
    assert faults("a: 1\nb: {c: 1, d: 2, c: 3}\n'a': 2\n5: x\n5: y\na: 3\n") == [
        "a.yaml:2:17: b.c: is written twice, the first time in line 2, column 5; keep one of them",
        "a.yaml:3:1: a: is written twice, the first time in line 1, column 1; keep one of them",
        "a.yaml:5:1: 5: is written twice, the first time in line 4, column 1; keep one of them",
        "a.yaml:6:1: a: is written twice, the first time in line 1, column 1; keep one of them",
    ]


def test_aliases_of_aliases_cannot_fill_the_memory():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert faults("\n".join(lines)) == [
        "a.yaml:6:5: a5: holds more than 300,000 values; use fewer aliases (*name)",
        "a.yaml:12:6: a11: holds more than 300,000 values; use fewer aliases (*name)",
    ]
    chain = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 80)]
    assert "a.yaml:60:6: a59: holds more than 60 levels; use fewer aliases (*name)" in faults(
        "\n".join(chain)
    )


# Files


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("clinik.yaml", "clinik.yaml: there is no such file; did you mean `clinic.yaml`?"),
        ("x/other.yaml", "x/other.yaml: there is no such file"),
        (".", ".: is a folder; name the scenario file in it"),
        ("clinic.yaml/a.yaml", "clinic.yaml/a.yaml: cannot be read: Not a directory"),
        ("a\0b", "a\\x00b: cannot be read: embedded null byte"),
        ("n" * 300, "n" * 300 + ": cannot be read: File name too long"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem(write, name, line):
    write("clinic.yaml", CLINIC)
    assert lines_of(lambda: read_source(Path(name))) == [line]


def test_a_file_that_may_not_be_read_is_one_problem(write, monkeypatch):
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    file = write("clinic.yaml", CLINIC)
    monkeypatch.setattr(os, "open", refuse)
    line = "clinic.yaml: you may not read this file; ask its owner"
    assert lines_of(lambda: read_source(file)) == [line]


def test_only_ordinary_files_are_read_and_no_more_than_the_limit(tmp_path):
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.write_bytes(b"x" * 100)
    assert ordinary_file(file, 100) == b"x" * 100
    file.write_bytes(b"x" * 2_000_001)
    with pytest.raises(OSError, match="larger than 2 MB, the most that is read"):
        ordinary_file(file, 2_000_000)
    os.mkfifo(pipe)  # nobody writes into it: to open it plainly would wait for ever
    for endless in (pipe, Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(OSError, match="no ordinary file, but a pipe or a device"):
            ordinary_file(endless, 100)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a: 1\r\nb: \xc3\xa9t\xe9\r\n", "a.yaml:2:6: has a byte (0xe9) that is not UTF-8 text"),
        (b"\xef\xbb\xbf\xff", "a.yaml:1:1: has a byte (0xff) that is not UTF-8 text; save the fil"),
        ("a: 1".encode("utf-16"), "a.yaml: is text in UTF-16; save it as UTF-8"),
    ],
)
def test_a_file_that_is_not_utf8_is_one_problem(write, content, line):
    file = write("a.yaml", "")
    file.write_bytes(content)
    (found,) = lines_of(lambda: read_source(file))
    assert found.startswith(line)


# Files that extend others

BASE = """\
name: base
rooms:
  injecting: {places: 6, reach: 0}
  smoking: {places: 4}
stay: {distribution: lognormal, mean: 25, cv: 0.5}
onset: {distribution: fixed, value: 5}
profile: [1, 2, 3]
limit: {minutes: 30}
seats: 8
"""
WINTER = """\
extends: parts/base.yaml
name: winter
rooms:
  injecting: {places: 8}
  tent: {places: 2}
stay: {distribution: fixed, value: 5.0}
onset: {value: 6}
profile: [1]
limit:
seats: {count: 8}
"""


def test_a_file_is_merged_over_the_one_it_extends(write):
    write("parts/base.yaml", BASE)
    source = read_source(write("winter.yaml", WINTER))
    assert source.data == {
        "name": "winter",
        "rooms": {
            "injecting": {"places": 8, "reach": 0},
            "smoking": {"places": 4},
            "tent": {"places": 2},
        },
        "stay": {"distribution": "fixed", "value": 5.0},
        "onset": {"distribution": "fixed", "value": 6},
        "profile": [1],
        "limit": None,
        "seats": {"count": 8},
    }
    assert source.files == (Path("winter.yaml"), Path("parts/base.yaml"))
    assert source.changes == (
        "name: base → winter (winter.yaml)",
        "rooms.injecting.places: 6 → 8 (winter.yaml)",
        "rooms.tent: not set → {places: 2} (winter.yaml)",
        (
            "stay: {distribution: lognormal, mean: 25, cv: 0.5} → {distribution: fixed, "
            "value: 5.0} "
            "(winter.yaml)"
        ),
        "onset.value: 5 → 6 (winter.yaml)",
        "profile: [1, 2, 3] → [1] (winter.yaml)",
        "limit: {minutes: 30} → null (winter.yaml)",
        "seats: 8 → {count: 8} (winter.yaml)",
    )
    places = source.values
    assert places["rooms", "injecting", "places"] == Place("winter.yaml", 4, 23)
    assert places["rooms", "injecting", "reach"] == Place("parts/base.yaml", 3, 33)
    assert source.folder(("rooms", "injecting", "reach")) == Path("parts")
    assert source.folder(("rooms", "tent", "places")) == Path()


def test_a_chain_is_merged_from_its_far_end_and_settings_come_last(write):
    write("a.yaml", "x: 1\ny: 1\nz: 1\nsame: 5\n")
    write("b/b.yaml", "extends: ../a.yaml\ny: 2\nz: 2\nsame: 5\n")
    source = read_source(write("c.yaml", "z: 3\nextends: b/b.yaml\n"), ["z=4", "same=5"])
    assert source.data == {"x": 1, "y": 2, "z": 4, "same": 5}
    assert source.changes == (
        "y: 1 → 2 (b/b.yaml)",
        "z: 1 → 2 (b/b.yaml)",
        "z: 2 → 3 (c.yaml)",
        "z: 3 → 4 (--set)",
    )
    assert source.values["z",] == Place("--set z=4")
    assert source.folder(("z",)) == Path()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "extends: b/b.yaml",
            "b/b.yaml:1:10: extends: goes round in a circle: a.yaml → b/b.yaml → b",
        ),
        ("extends: a.yaml", "a.yaml:1:10: extends: goes round in a circle: a.yaml → a.yaml"),
        ("x: 1\nextends: no.yaml", "a.yaml:2:10: extends: there is no such file (no.yaml)"),
        ("extends: b", "a.yaml:1:10: extends: is a folder (b); name the scenario file in it"),
        (
            "extends: [b.yaml]",
            "a.yaml:1:10: extends: must be the name of one scenario file, not [b",
        ),
        ("extends:", "a.yaml:1:1: extends: must be the name of one scenario file, not null"),
        ("extends: ''", "a.yaml:1:10: extends: must be the name of one scenario file, not ''"),
    ],
)
def test_an_extended_file_that_cannot_be_had_is_one_problem(write, text, line):
    write("b/b.yaml", "extends: ../a.yaml\n")
    file = write("a.yaml", text)
    (found,) = lines_of(lambda: read_source(file))
    assert found.startswith(line)


def test_faults_of_all_files_and_settings_are_told_at_once(write):
    write("base.yaml", "b: 1\nb: 2\n")
    file = write("main.yaml", "extends: base.yaml\na: 1\na: 2\n")
    starts = [line.split(" is ")[0] for line in lines_of(lambda: read_source(file, ["foo", "x="]))]
    assert starts == [
        (
            "--set foo: must be a path, `=` and a value, for example --set "
            "rooms.injecting.places=10 "
            "or --set 'visits.\"St. John\".share=0.1'"
        ),
        "--set x=: x: has no value after the `=`; write null for none",
        "base.yaml:2:1: b:",
        "main.yaml:3:1: a:",
    ]


# Settings of the command line

SITE = """\
rooms:
  injecting: {places: 6}
visits:
  wound care: {share: 0.2, stay: {distribution: lognormal, mean: 20, cv: 1}}
  St. John: {share: 0.1}
staff:
  rota: [{role: nurse, count: 2}, {role: peer, count: 1}]
opening: {dates: {2026-12-24: closed}, hours: 24/7}
groups: {1: 0.7, 2: 0.3}
check_in:
"""


@pytest.mark.parametrize(
    ("setting", "path", "value", "change"),
    [
        ("rooms.injecting.places=10", "rooms injecting places", 10, "6 → 10"),
        (" rooms . injecting . places = 1e1 ", "rooms injecting places", 10.0, "6 → 1e1"),
        ("rooms.injecting.reach=30 s", "rooms injecting reach", "30 s", "not set → 30 s"),
        ("opening.hours=07:30-24:00", "opening hours", "07:30-24:00", "24/7 → 07:30-24:00"),
        ("name=a=b", "name", "a=b", "not set → a=b"),
        ("check_in.times.known=2", "check_in times known", 2, "not set → 2"),
        ("staff.rota.1.count=3", "staff rota 1 count", 3, "1 → 3"),
        (
            "staff.rota=[]",
            "staff rota",
            [],
            "[{role: nurse, count: 2}, {role: peer, count: 1}] → []",
        ),
        (
            "rooms.injecting={places: 1}",
            "rooms injecting",
            {"places": 1},
            "{places: 6} → {places: 1}",
        ),
        ("rooms.injecting=null", "rooms injecting", None, "{places: 6} → null"),
        ("visits.quick=''", "visits quick", "", "not set → ''"),
    ],
)
def test_a_setting_overrides_what_the_file_says(setting, path, value, change):
    source = read_text(SITE, sets=[setting])
    found: Any = source.data
    for key in path.split():
        found = found[int(key) if isinstance(found, list) else key]
    assert found == value
    assert source.changes == (f"{path.replace(' ', '.')}: {change} (--set)",)
    untouched = read_text(SITE).data
    assert [key for key in source.data if source.data[key] != untouched.get(key, "")] == [
        path.split()[0]
    ]


def test_keys_may_be_quoted_dates_numbers_or_hold_spaces():
    sets = [
        'visits."wound care".share=0.3',
        "visits.'St. John'.share=0.4",
        "visits.wound care.priority=1",
        'visits."a=b".share=0.5',
        "opening.dates.2026-12-24=24/7",
        "opening.dates.2026-12-25=closed",
        "groups.2=0.2",
        "groups.3=0.1",
        'groups."4"=0.05',
    ]
    source = read_text(SITE, sets=sets)
    shares = {name: kind["share"] for name, kind in source.data["visits"].items()}
    assert shares == {"wound care": 0.3, "St. John": 0.4, "a=b": 0.5}
    assert source.data["visits"]["wound care"]["priority"] == 1
    dates = {date(2026, 12, 24): "24/7", date(2026, 12, 25): "closed"}
    assert source.data["opening"]["dates"] == dates
    assert source.data["groups"] == {1: 0.7, 2: 0.2, 3: 0.1, "4": 0.05}
    assert 'visits."St. John".share: 0.1 → 0.4 (--set)' in source.changes
    assert 'visits."a=b".share: not set → 0.5 (--set)' in source.changes


def test_a_distribution_of_another_kind_replaces_and_of_the_same_is_amended():
    def stay(*sets: str) -> object:
        prefix = "visits.wound care.stay"
        source = read_text(SITE, sets=[f"{prefix}{setting}" for setting in sets])
        return source.data["visits"]["wound care"]["stay"]

    assert stay("=25") == 25
    assert stay(".mean=30") == {"distribution": "lognormal", "mean": 30, "cv": 1}
    assert stay(".distribution=lognormal", ".mean=3") == {
        "distribution": "lognormal",
        "mean": 3,
        "cv": 1,
    }
    fixed = {"distribution": "fixed", "value": 5}
    assert stay(".distribution=fixed", ".value=5") == fixed
    assert stay(".value=5", ".distribution=fixed") == fixed  # in any order
    assert stay("={distribution: fixed, value: 5}") == fixed


class Room(BaseModel):
    places: int
    cleaning: dict[str, int] = {}
    clearing: dict[str, int] = {}


class Site(BaseModel):
    rooms: dict[str, Room]


def test_a_part_the_model_knows_may_be_new_however_near_to_another():
    text = "rooms: {injecting: {places: 6, cleaning: {minutes: 5}}}"
    setting = "rooms.injecting.clearing.minutes=2"
    assert read_text(text, sets=[setting], models=Models(Site, Site, ())).data["rooms"][
        "injecting"
    ]["clearing"] == {"minutes": 2}
    hint = "is not in the scenario; did you mean `cleaning`?"
    assert faults(text, setting) == [f"--set {setting}: rooms.injecting.clearing: {hint}"]


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        (
            "rooms.injectng.places=1",
            "rooms.injectng: is not in the scenario; did you mean `injecting`?",
        ),
        ("romos.injecting.places=1", "romos: is not in the scenario; did you mean `rooms`?"),
        ("staff.rota.2.count=1", "staff.rota: is a list and has no item `2`; its items are 0 to 1"),
        (
            "staff.rota.-1.count=1",
            "staff.rota: is a list and has no item `-1`; its items are 0 to 1",
        ),
        (
            "staff.rota.nurs.count=1",
            "staff.rota: none of them is called `nurs`; did you mean `nurse`? (known: nurse, peer)",
        ),
        (
            "rooms.injecting.places.x=1",
            "rooms.injecting.places: is 6, a single value; there is no `x`",
        ),
        (
            "rooms.injecting.places=",
            "rooms.injecting.places: has no value after the `=`; write null",
        ),
        ("rooms.injecting.places=[1", "rooms.injecting.places: opens a [ list; then a comma or"),
        ("rooms.x={a: 1, a: 2}", "rooms.x.a: is written twice; keep one of them"),
        ("extends=b.yaml", "extends: can only be written in a file; give the file that extends it"),
        ("places", "must be a path, `=` and a value, for example --set rooms.injecting.places=10"),
        ("=5", "must be a path, `=` and a value"),
        ("rooms..places=5", "must be a path, `=` and a value"),
        ('rooms."x=5', "must be a path, `=` and a value"),
        (".".join("a" * 200) + "=1", "must be a path, `=` and a value"),
        ("", "must be a path, `=` and a value"),
    ],
)
def test_a_setting_that_leads_nowhere_is_one_problem(setting, fault):
    (found,) = faults(SITE, setting)
    assert found.startswith("--set ")
    assert fault in found


def test_an_unknown_part_is_refused_with_the_keys_the_model_knows():
    assert faults(
        "rooms: {a: {places: 6}}", "rooms.a.cleanin.x=1", "room.b.places=1", model=Site
    ) == [
        "--set room.b.places=1: room: is not a known key; did you mean `rooms`? (known: rooms)",
        (
            "--set rooms.a.cleanin.x=1: rooms.a.cleanin: is not a known key; did you "
            "mean `cleaning`? "
            "(known: places, cleaning, clearing)"
        ),
    ]


def test_settings_that_contradict_or_overlap_are_refused():
    assert faults(SITE, "a=1", "a=2", "a=1", "b.c=1", "b={c: 1}", "d=x", 'd="x"') == [
        "--set a=1: a: is also set by --set a=2; keep one of them",
        "--set a=2: a: is also set by --set a=1; keep one of them",
        "--set b={c: 1}: b: is also set by --set b.c=1; keep one of them",
    ]


# Any input at all

# ruamel.yaml does not read keys that start with ? or : as it writes them, `{?x: 1, :y: 2}`.
characters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="?:")
plain_keys = st.text(characters, min_size=1, max_size=200) | st.dates() | st.integers()
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**50), 10**50)
    | st.floats(allow_nan=False)
    | st.dates()
    | st.text(characters)
    | st.sampled_from(
        ["07:30", "no", "on", "1e3", "010", "~", "null", "=", "<<", "- a", "a: b", " "]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_keys, inner, max_size=4),
    max_leaves=15,
)


def as_yaml(data: object, *, flow: bool) -> str:
    yaml, written = YAML(typ="safe", pure=True), StringIO()
    yaml.default_flow_style = flow
    yaml.width = 1_000_000  # it would break a long key in two, which is not YAML
    yaml.dump(data, written)
    return written.getvalue()


top_keys = plain_keys.filter(lambda key: key != "extends")


@pytest.mark.slow
@settings(deadline=None)
@given(st.dictionaries(top_keys, values, min_size=1), st.booleans())
def test_plain_data_written_as_yaml_reads_back_equal(data, flow):
    assert read_text(as_yaml(data, flow=flow)).data == data


alphabet = st.sampled_from(
    [*":-?[]{},#&*!|>'\"%@` \n\t\r\\=~<ab1.0", "\0", "\ufeff", "\ud800", "é"]
)
phrases = st.sampled_from(
    [
        "a: ",
        "\nb: ",
        "\n  - ",
        "---",
        "%YAML 1.",
        "!!int ",
        "&a ",
        "*a",
        "<<: ",
        "\\U",
        "2026-99-99",
    ]
)
any_text = st.text() | st.lists(alphabet | phrases, max_size=25).map("".join)


def problems_of(text: str, sets: list[str]) -> tuple[Problem, ...]:
    try:
        read_text(text, sets=sets)
    except ScenarioError as error:
        return error.problems
    return ()


@pytest.mark.slow
@settings(deadline=None)
@given(any_text, st.lists(any_text, max_size=2))
def test_any_text_is_a_scenario_or_lines_about_it(text, sets):
    for scenario in (text, SITE):
        for problem in problems_of(scenario, sets):
            assert problem.message
            assert str(problem).isprintable()


def test_an_error_survives_the_way_back_from_another_process():
    with pytest.raises(ScenarioError) as caught:
        read_text("a: 1\na: 2\n")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
