"""Errors as lines for planners: where, what, what would be right, each once; and comments."""

import enum
from datetime import date
from io import StringIO
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML

from sim.results.scenario import write_notes
from sim.scenario import ScenarioError
from sim.scenario.errors.explain import explain
from sim.scenario.load import read_scenario, scenario_from_text
from sim.scenario.text.notes import notes
from sim.scenario.text.read import Models, read_text
from tests.support.saved_results import SITE


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Fixed(Part):
    distribution: Literal["fixed"]
    value: Annotated[float, Field(ge=0)]


class Lognormal(Part):
    distribution: Literal["lognormal"]
    mean_minutes: Annotated[float, Field(alias="mean", gt=0)]
    cv: float


def _fixed_if_bare(value: Any) -> Any:
    return {"distribution": "fixed", "value": value} if isinstance(value, int | float) else value


Stay = Annotated[
    Annotated[Fixed | Lognormal, Field(discriminator="distribution")],
    BeforeValidator(_fixed_if_bare),
]


class Air(enum.Enum):
    FAN = "fan"
    NONE = "none"


class Room(Part):
    places: Annotated[int, Field(gt=0)]
    at_close: Literal["finish", "stop"] = "finish"
    air: Air = Air.FAN
    stay: Stay | None = None
    usable: Annotated[float, Field(ge=0, le=1)] = 1


class Opening(Part):
    last_entry: float = 0
    dates: dict[date, Annotated[str, Field(min_length=2)]] = {}
    profile: Literal["flat"] | tuple[float, ...] = "flat"


class Shift(Part):
    role: str
    start: Annotated[str, Field(alias="from")] = "08:00"


class Staff(Part):
    rota: Annotated[tuple[Shift, ...], Field(min_length=1)]
    pair: tuple[int, int] = (1, 2)
    absence: Annotated[float, Field(lt=0.5, multiple_of=0.25)] = 0
    paid: bool = True

    @model_validator(mode="after")
    def _two_shifts(self) -> "Staff":
        if len(self.rota) == 2:
            raise ValueError("has two shifts;\nwrite one or three")
        return self


class Site(Part):
    name: Annotated[str, Field(pattern="^[a-z]+$")] = "site"
    rooms: dict[str, Room] = {}
    opening: Opening | None = None
    staff: Staff | None = None
    groups: dict[Annotated[int, Field(ge=1)], float] = {}


def explained(text: str, *sets: str) -> list[str]:
    source = read_text(text, "a.yaml", sets, Models(Site, Site, ()))
    with pytest.raises(ValidationError) as caught:
        Site.model_validate(source.data)
    return [str(problem) for problem in explain(caught.value, source, Site)]


ROOM_KEYS = "(known: places, at_close, air, stay, usable)"
SITE_KEYS = "(known: name, rooms, opening, staff, groups)"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        # numbers, text, switches, as they were typed
        ("rooms: {a: {places: abc}}", "1:21: rooms.a.places: must be a whole number, not 'abc'"),
        ("rooms: {a: {places: 6.50}}", "1:21: rooms.a.places: must be a whole number, not 6.50"),
        ("rooms: {a: {places: -03}}", "1:21: rooms.a.places: must be more than 0, not -03"),
        ("rooms: {a: {places: ~}}", "1:21: rooms.a.places: must be a whole number, not ~"),
        (
            "rooms:\n  a:\n    places:\n",
            "3:5: rooms.a.places: must be a whole number, but nothing is written",
        ),
        ("rooms: {a: {places: [6]}}", "1:13: rooms.a.places: must be a whole number, not a list"),
        (
            "rooms: {a: {places: 1, usable: 2e0}}",
            "1:32: rooms.a.usable: must be at most 1, not 2e0",
        ),
        (
            "rooms: {a: {places: 1, usable: .nan}}",
            "1:32: rooms.a.usable: must be an ordinary number, not .nan",
        ),
        (
            "rooms: {a: {places: 1, usable: '0,5'}}",
            "1:32: rooms.a.usable: must be a number, not '0,5'; did you mean 0.5?",
        ),
        (
            "rooms: {a: {places: 1, usable: 20 %}}",
            "1:32: rooms.a.usable: must be a number, not '20 %'; did you mean 0.2?",
        ),
        (
            "staff: {rota: [{role: n}], absence: 0.5}",
            "1:37: staff.absence: must be less than 0.5, not 0.5",
        ),
        (
            "staff: {rota: [{role: n}], absence: 0.1}",
            "1:37: staff.absence: must be a multiple of 0.25, not 0.1",
        ),
        (
            "staff: {rota: [{role: n}], paid: maybe}",
            "1:34: staff.paid: must be true or false, not 'maybe'",
        ),
        (
            "staff: {rota: [{role: 5}]}",
            "1:23: staff.rota.0.role: must be text, not 5; put it in quotes",
        ),
        (
            "staff: {rota: [{role: 2026-12-24}]}",
            "1:23: staff.rota.0.role: must be text, not 2026-12-24; put it in quotes",
        ),
        ("name: A b", "1:7: name: must be text of the form ^[a-z]+$, not 'A b'"),
        (
            "opening: {dates: {2026-12-24: x}}",
            "1:31: opening.dates.2026-12-24: must be text of at least 2 characters, not 'x'",
        ),
        # words
        (
            "rooms: {a: {places: 1, at_close: halt}}",
            "1:34: rooms.a.at_close: must be one of finish, stop; not 'halt'",
        ),
        (
            "rooms: {a: {places: 1, air: fann}}",
            "1:29: rooms.a.air: must be one of fan, none; not 'fann'; did you mean `fan`?",
        ),
        # maps and lists
        (
            "rooms: {a: 5}",
            "1:12: rooms.a: must be settings, as `key: value` lines; not 5",
        ),
        (
            "rooms: {a: {places: 1}}\nstaff: {rota: nurse}",
            "2:15: staff.rota: must be a list, not 'nurse'",
        ),
        ("staff: {rota: []}", "1:9: staff.rota: must have at least 1 item, not 0"),
        (
            "staff: {rota: [{role: n}], pair: [1]}",
            "1:28: staff.pair: must have at least 2 items",
        ),
        (
            "staff: {rota: [{role: n}], pair: [1, 2, 3]}",
            "1:28: staff.pair: must have at most 2 items, not 3",
        ),
        # kinds of a distribution; what pydantic calls them is not in the path
        (
            "rooms: {a: {places: 1, stay: {distribution: lognormal, mean: -1, cv: 1}}}",
            "1:62: rooms.a.stay.mean: must be more than 0, not -1",
        ),
        ("rooms: {a: {places: 1, stay: -5}}", "1:30: rooms.a.stay: must be at least 0, not -5"),
        (
            "rooms: {a: {places: 1, stay: {distribution: fixed}}}",
            "1:24: rooms.a.stay.value: is required; add it under `rooms.a.stay`",
        ),
        (
            "rooms: {a: {places: 1, stay: {distribution: fixd, value: 1}}}",
            (
                "1:45: rooms.a.stay.distribution: must be one of fixed, lognormal; not 'fixd'; "
                "did you mean `fixed`?"
            ),
        ),
        (
            "rooms: {a: {places: 1, stay: {distribution: , value: 1}}}",
            (
                "1:31: rooms.a.stay.distribution: must be one of fixed, lognormal, but nothing is "
                "written"
            ),
        ),
        (
            "rooms: {a: {places: 1, stay: {mean: 1}}}",
            "1:24: rooms.a.stay.distribution: is required; one of fixed, lognormal",
        ),
        (
            "rooms: {a: {places: 1, stay: {distibution: fixed}}}",
            (
                "1:24: rooms.a.stay.distribution: is required; one of fixed, lognormal; "
                "did you mean it by `distibution`?"
            ),
        ),
        (
            "rooms: {a: {places: 1, stay: {distribution: fixed, value: 1, mean: 2}}}",
            "1:62: rooms.a.stay.mean: is not a known key (known: distribution, value)",
        ),
        # one of several forms: only the form that was begun is spoken of
        ("opening: {profile: [1, x]}", "1:24: opening.profile.1: must be a number, not 'x'"),
        (
            "opening: {profile: flt}",
            "1:20: opening.profile: must be flat or a list, not 'flt'; did you mean `flat`?",
        ),
        (
            "opening: {profile: {a: 1}}",
            "1:11: opening.profile: must be flat or a list, not a map of settings",
        ),
        # keys
        (
            "rooms: {a: {place: 1}}",
            f"1:13: rooms.a.place: is not a known key; did you mean `places`? {ROOM_KEYS}",
        ),
        (
            "rooms: {a: {places: 1, At-Close: stop}}",
            f"1:24: rooms.a.At-Close: is not a known key; did you mean `at_close`? {ROOM_KEYS}",
        ),
        (
            "rooms: {a: {places:6}}",
            "1:13: rooms.a.places:6: is not a known key; put a space after the colon: `places: 6` "
            + ROOM_KEYS,
        ),
        (
            "last_entry: 30",
            f"1:1: last_entry: is not a known key; it belongs under `opening` {SITE_KEYS}",
        ),
        (
            "places: 30",
            f"1:1: places: is not a known key; it belongs under `rooms.<name>` {SITE_KEYS}",
        ),
        (
            "from: '07:30'",
            f"1:1: from: is not a known key; it belongs under `staff.rota.<number>` {SITE_KEYS}",
        ),
        ("5: x", f"1:1: 5: is not a known key {SITE_KEYS}"),
        ("xyz: 1", f"1:1: xyz: is not a known key {SITE_KEYS}"),
        ("groups: {0: 1}", "1:10: groups.0: as a key must be at least 1, not 0"),
        ("groups: {many: 1}", "1:10: groups.many: as a key must be a whole number, not 'many'"),
        ("rooms: {5: {places: 1}}", "1:9: rooms.5: as a key must be text, not 5; put it in quotes"),
        (
            "opening: {dates: {xmas: closed}}",
            "1:19: opening.dates.xmas: as a key must be a date such as 2026-12-24, not 'xmas'",
        ),
        ("rooms: {a: {stay: 5}}", "1:9: rooms.a.places: is required; add it under `rooms.a`"),
        (
            "staff:\n  rota:\n  - {}\n",
            "3:5: staff.rota.0.role: is required; add it under `staff.rota.0`",
        ),
        # our own words, on one line
        (
            "staff: {rota: [{role: a}, {role: b}]}",
            "1:1: staff: has two shifts; write one or three",
        ),
    ],
)
def test_an_error_is_one_line_for_a_planner(text, line):
    assert explained(text) == [f"a.yaml:{line}"]


def test_what_is_missing_at_the_top_is_placed_at_the_start():
    class Needy(Part):
        demand: int

    source = read_text("\n\nother: 1", "a.yaml")
    with pytest.raises(ValidationError) as caught:
        Needy.model_validate(source.data)
    assert [str(problem) for problem in explain(caught.value, source, Needy)] == [
        "a.yaml:3:1: demand: is required; add it at the top level",
        "a.yaml:3:1: other: is not a known key (known: demand)",
    ]


def test_all_problems_come_at_once_in_the_order_of_the_file_and_settings_by_their_name():
    text = "rooms:\n  a: {places: 0}\n  b: {place: 1, stay: x}\nstaff: {rota: [5], pair: [x, y]}\n"
    assert explained(text, "opening.last_entry=soon") == [
        "--set opening.last_entry=soon: opening.last_entry: must be a number, not 'soon'",
        "a.yaml:2:15: rooms.a.places: must be more than 0, not 0",
        f"a.yaml:3:7: rooms.b.place: is not a known key; did you mean `places`? {ROOM_KEYS}",
        "a.yaml:3:23: rooms.b.stay: must be settings, as `key: value` lines; not 'x'",
        "a.yaml:4:16: staff.rota.0: must be settings, as `key: value` lines; not 5",
        "a.yaml:4:27: staff.pair.0: must be a whole number, not 'x'",
        "a.yaml:4:30: staff.pair.1: must be a whole number, not 'y'",
    ]


def test_a_kind_of_distribution_is_not_taken_for_a_key_of_the_same_name():
    text = "rooms: {fixed: {places: 1, stay: {distribution: fixed, fixed: 1, value: x}}}"
    assert explained(text) == [
        "a.yaml:1:56: rooms.fixed.stay.fixed: is not a known key (known: distribution, value)",
        "a.yaml:1:73: rooms.fixed.stay.value: must be a number, not 'x'",
    ]


def test_alternatives_without_a_discriminator_are_named_together():
    class Loose(Part):
        limit: int | Literal["none"] | Fixed

    source = read_text("limit: nope", "a.yaml")
    with pytest.raises(ValidationError) as caught:
        Loose.model_validate(source.data)
    (problem,) = explain(caught.value, source, Loose)
    assert problem.message == (
        "must be a whole number or none or settings, as `key: value` lines; not 'nope'; "
        "did you mean `none`?"
    )


class Recursive(Part):
    inner: "Recursive | None" = None
    size: int = 0


def test_a_model_inside_itself_is_explained():
    source = read_text("inner: {inner: {sise: 1}}", "a.yaml")
    with pytest.raises(ValidationError) as caught:
        Recursive.model_validate(source.data)
    assert [str(problem) for problem in explain(caught.value, source, Recursive)] == [
        (
            "a.yaml:1:17: inner.inner.sise: is not a known key; did you mean `size`? "
            "(known: inner, size)"
        )
    ]


words = st.sampled_from(
    [
        "rooms",
        "opening",
        "staff",
        "stay",
        "places",
        "distribution",
        "fixed",
        "value",
        "rota",
        "x",
        "profile",
        "dates",
        "lognormal",
        "flat",
        "groups",
        "mean",
        "[key]",
        "float",
        "2026-12-24",
        "5",
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.dates(), inner),
    max_leaves=12,
)
somewhat_like_a_site = st.fixed_dictionaries(
    {},
    optional={
        "rooms": st.dictionaries(
            words,
            st.fixed_dictionaries(
                {}, optional={"places": anything, "stay": anything, "x": anything}
            ),
        ),
        "opening": st.fixed_dictionaries({}, optional={"dates": anything, "profile": anything}),
        "staff": st.fixed_dictionaries({}, optional={"rota": anything, "pair": anything}),
        "x": anything,
    },
)


@pytest.mark.slow
@settings(deadline=None)
@given(somewhat_like_a_site)
def test_whatever_is_wrong_is_told_once_a_place_in_our_words(data):
    written = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.width = 1_000_000
    yaml.dump(data, written)
    source = read_text(written.getvalue())
    try:
        Site.model_validate(source.data)
    except ValidationError as error:
        problems = explain(error, source, Site)
        assert problems
        assert len({(problem.place, problem.path) for problem in problems}) == len(problems)
        for problem in problems:
            assert str(problem).isprintable()
            assert "nput should" not in problem.message
            assert "pydantic" not in problem.message


@pytest.mark.parametrize("written", ["0", "1.5e9", "'0'", "5 January", "true"])
def test_a_number_is_no_date(written):
    """Which would be read as seconds since 1970."""
    text = f"""\
name: dated
horizon: {{start: {written}}}
opening: {{hours: 10:00-18:00, dates: {{7: closed}}}}
demand: {{visits_per_day: 60, profile: daytime}}
visits: {{use: {{rooms: [a], stay: 20}}}}
rooms: {{a: {{places: 3}}}}
"""
    with pytest.raises(ScenarioError) as error:
        scenario_from_text(text)
    first, second = (str(one) for one in error.value.problems)
    assert first.startswith("scenario:2:18: horizon.start: must be a date such as 2026-12-24, not ")
    dates = "must be dates such as 2026-06-08, or 2026-06-08 to 2026-06-14; not 7"
    assert second == f"scenario:3:39: opening.dates.7: {dates}"


@pytest.mark.parametrize("written", ["1", "0.0", "yes", "'no'", "off"])
def test_only_true_and_false_are_a_switch(written):
    text = f"""\
name: switched
opening: {{hours: 10:00-18:00}}
demand: {{visits_per_day: 60, profile: daytime}}
visits: {{use: {{rooms: [a], stay: 20}}}}
rooms: {{a: {{places: 3}}}}
rota_rules: {{cover_breaks: {written}}}
"""
    with pytest.raises(ScenarioError, match=r"rota_rules.cover_breaks: must be true or false, not"):
        scenario_from_text(text)


# --- comments, each with what it is about


def test_comments_are_about_what_stands_beside_or_below(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(SITE, "utf-8")
    found = notes(read_scenario(file, ["rooms.injecting.places=4"]).source)
    assert [(note.field, note.value, note.text, note.is_assumption) for note in found] == [
        ("demand.visits_per_day", "90", "assumption (70-110)", True),
        ("demand.profile", "flat", "Counted at the door for two weeks, 2025.", False),
        (
            "visits.inject.stay",
            "{distribution: exponential, mean: 25}",
            "assumption (20-30)",
            True,
        ),
        ("rooms.injecting.places", "4", "", False),
    ]
    assert [note.place.line for note in found] == [7, 9, 13, 0]


def test_what_was_overridden_has_no_comment_any_more(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(SITE, "utf-8")
    found = notes(read_scenario(file, ["demand.visits_per_day=100"]).source)
    assert [note.text for note in found if note.field == "demand.visits_per_day"] == [""]


def test_the_table_names_no_folder(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(SITE, "utf-8")
    write_notes(notes(read_scenario(file).source), tmp_path)
    text = (tmp_path / "notes.csv").read_text("utf-8")
    assert "small.yaml" in text
    assert str(tmp_path) not in text
