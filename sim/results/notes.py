"""The planner's comments beside the results that rest on them."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sim.results.table import save_csv
from sim.scenario.text.notes import Note

NOTES = "notes.csv"


def write_notes(notes: Sequence[Note], folder: Path) -> None:
    """Write `notes.csv`, if there are notes: each setting with its comment and where it stands.

    Of a file only its name is told, so that the table is the same wherever the scenario is kept.
    """
    if not notes:
        return
    table = pd.DataFrame(
        {
            "field": [one.field for one in notes],
            "value": [one.value for one in notes],
            "note": [one.text for one in notes],
            "assumption": [one.is_assumption for one in notes],
            "file": [Path(one.place.file).name if one.place.line else "--set" for one in notes],
            "line": [one.place.line for one in notes],
        }
    )
    save_csv(table, folder / NOTES)
