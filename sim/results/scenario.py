"""The scenario beside its results: as it was simulated, the notes on it, and what extends it."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import pandas as pd

from sim.results.files import write_csv, write_text, yaml_text
from sim.scenario.derived import once
from sim.scenario.model.demand import Arrival
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Staff
from sim.scenario.text.notes import Note
from sim.scenario.text.read import FACILITIES

NOTES = "notes.csv"
BY_PLAY = "found by play"
"""In place of the name of a file."""
_HEADING = "# The scenario as it was simulated: every file, setting and default in one.\n"
_MOST_IN_YAML = 1_000
"""Listed arrivals; more are a table of their own, which is written and read in a second: as YAML,
a year of a site's log takes minutes and is longer than a scenario file may be."""


@once
def scenario_yaml(scenario: Scenario) -> str:
    """The scenario as YAML 1.2; reading it gives an equal scenario.

    More than 1,000 listed arrivals are a file beside it, which is named by what is in it:
    `write_scenario` writes both.
    """
    # Defaults are written out: a later version of the program may have others.
    apart = {"demand": {"arrivals"}} if _is_long(scenario) else None
    data = scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=apart)
    if apart:
        data["demand"]["arrivals"] = {"file": _arrivals(scenario)[0]}
    return _HEADING + yaml_text(data)


def write_scenario(scenario: Scenario, path: Path, more: str = "") -> None:
    """Write that text, and a long list of arrivals as a table beside it.

    Args:
        scenario: as it was simulated.
        path: of the file.
        more: YAML to stand below it, such as variants.

    Raises:
        OSError: it cannot be written.
    """
    write_text(scenario_yaml(scenario) + more, path)
    if _is_long(scenario):
        name, table = _arrivals(scenario)
        write_csv(table, path.with_name(name))


def scenario_sha256(scenario: Scenario) -> str:
    """SHA-256 of that text, as `sha256sum scenario.yaml` prints it."""
    return sha256(scenario_yaml(scenario).encode()).hexdigest()


def _is_long(scenario: Scenario) -> bool:
    return len(scenario.demand.arrivals or ()) > _MOST_IN_YAML


def _arrivals(scenario: Scenario) -> tuple[str, pd.DataFrame]:
    """The table of arrivals, and its name: the same list has the same, another another."""
    columns = list(Arrival.model_fields)
    rows = [one.model_dump() for one in scenario.demand.arrivals or ()]
    table = pd.DataFrame(rows, columns=columns).dropna(axis=1, how="all")
    content = table.to_csv(index=False, lineterminator="\n")
    return f"arrivals-{sha256(content.encode()).hexdigest()[:12]}.csv", table


def write_notes(notes: Sequence[Note], folder: Path) -> None:
    """Write `notes.csv`, if there are notes: each setting with its comment and where it stands.

    Of a file only its name is told, so that the table is the same wherever the scenario is kept.

    Raises:
        OSError: it cannot be written.
    """
    if not notes:
        return
    table = pd.DataFrame(
        {
            "field": [one.field for one in notes],
            "value": [one.value for one in notes],
            "note": [one.text for one in notes],
            "assumption": [one.is_assumption for one in notes],
            "file": [_written_in(one) for one in notes],
            "line": [one.place.line for one in notes],
        }
    )
    write_csv(table, folder / NOTES)


def _written_in(note: Note) -> str:
    if note.is_found:
        return BY_PLAY
    return Path(note.place.file).name if note.place.line else "--set"


def variants_yaml(variants: Mapping[str, Mapping[str, object]]) -> str:
    """Variants as they stand at the end of a scenario file."""
    return yaml_text({"variants": {name: dict(changes) for name, changes in variants.items()}})


def extending_yaml(base: str, name: str, staff: Staff, facility: str | None = None) -> str:
    """A scenario file that has another rota than the one it extends.

    Args:
        base: the other file, as seen from this one.
        name: of the new scenario.
        staff: whose rota and cycle it takes.
        facility: of a city, whose rota it is.
    """
    lines = [
        line.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
        for line in staff.rota
    ]
    changes = {"staff": {"rota": lines, "cycle_weeks": staff.cycle_weeks}}
    if facility is not None:
        changes = {FACILITIES: {facility: changes}}
    return yaml_text({"extends": base, "name": name, **changes})
