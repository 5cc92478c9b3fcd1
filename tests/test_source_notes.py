"""The comments of a scenario, each with what it is about."""

from sim.results.scenario import write_notes
from sim.scenario.load import read_scenario
from sim.scenario.text.notes import notes
from tests.saved_results import SITE


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
