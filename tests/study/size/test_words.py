"""How two designs differ, in a planner's words."""

from sim.cli.print.design import changes, short
from sim.report import ENGLISH
from sim.report.page.words import catalogue
from sim.scenario.load import Loaded, Original, scenario_from_text
from sim.scenario.text.read import read_text
from sim.size.space import read_space
from tests.support.size_sites import SITE

EN, DA = catalogue(ENGLISH), catalogue("da")
STAFFED = SITE.replace(
    "targets:",
    """\
staff:
  roles: {social_worker: {cost_per_hour: 30}}
  rota: [{name: day, role: social_worker, from: 09:00, to: 18:00, count: 2}]
targets:""",
).replace(
    "    rooms.flexible.places: 1:3",
    """\
    rooms.flexible.places: 1:3
    staff.rota.0.count: 1:3
    opening.last_entry: [30, 15]
    both: {set: [rooms.injecting.cleaning.duration], values: 1:3, better: less}""",
)
STAFFED = STAFFED.replace("{places: 3}", "{places: 3, cleaning: {duration: 2}}", 1)


def space():
    return read_space(Original(Loaded(scenario_from_text(STAFFED), read_text(STAFFED))))


def test_places_and_people_are_counted_and_all_else_is_told():
    one, other = (1, 3, 0, 0, 0, 0), (2, 1, 0, 2, 1, 1)
    assert changes(space(), one, other, EN) == (
        "1 more injecting place, 2 fewer smoking places, 2 more day social workers, "
        "opening.last_entry 30 → 15, both 3 → 2"
    )
    assert changes(space(), one, one, EN) == ""
    assert changes(space(), one, other, DA).startswith("+1 injektionsplads, −2 rygepladser, ")


def test_all_that_a_design_has():
    assert short(space(), (0, 0, 0, 1, 0, 2), EN).startswith("rooms.injecting.places 2, ")
    assert "social_worker day (count) 2" in short(space(), (0, 0, 0, 1, 0, 2), EN)


def test_lines_of_the_rota_without_a_name_are_told_apart_by_their_hours():
    text = STAFFED.replace("name: day, role: social_worker", "role: social_worker")
    unnamed = read_space(Original(Loaded(scenario_from_text(text), read_text(text))))
    assert "social_worker 09:00-18:00 (count) 2" in short(unnamed, (0, 0, 0, 1, 0, 2), EN)
    one, other = (0, 0, 0, 0, 0, 0), (0, 0, 0, 2, 0, 0)
    assert changes(unnamed, one, other, EN) == "2 more social workers 09:00-18:00"
