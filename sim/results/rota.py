"""What the rota commands found, as files."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import pandas as pd
from ruamel.yaml import YAML

from sim.results.comparison import write_csv
from sim.results.folder import writing
from sim.results.manifest import Run, write_manifest
from sim.results.resolved import write_scenario
from sim.scenario.scenario import Scenario
from sim.scenario.staff import Staff


def write_tables(
    tables: Mapping[str, pd.DataFrame],
    scenario: Scenario,
    played: Mapping[str, object],
    run: Run,
    folder: Path,
) -> None:
    """Write tables as CSV files, and the manifest with a checksum of each.

    All but the manifest depend on the scenario, the seed and the number of replications only.

    Args:
        tables: by the name of the file, without its ending.
        scenario: what they are about.
        played: seed and replications, for the manifest.
        run: how it was run, for the manifest.
        folder: an existing folder, such as a draft of new results.

    Raises:
        ResultsError: a file cannot be written.
    """
    with writing(folder):
        for name, table in tables.items():
            write_csv(table, folder / f"{name}.csv")
        write_manifest(folder, scenario, played, run)


def write_plans(
    scenario: Scenario,
    variants: Mapping[str, Mapping[str, object]],
    tables: Mapping[str, pd.DataFrame],
    folder: Path,
) -> None:
    """Write `plans.yaml`, the scenario with a variant for each plan, and tables.

    Args:
        scenario: whose rota the plans replace.
        variants: by name, what each changes.
        tables: by the name of the file, without its ending.
        folder: an existing folder, such as a draft of new results.

    Raises:
        ResultsError: a file cannot be written.
    """
    with writing(folder):
        write_scenario(scenario, folder / "plans.yaml", variants_yaml(variants))
    write_more(tables, folder)


def write_more(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write tables as CSV files into a draft, before the manifest that lists them.

    Args:
        tables: by the name of the file, without its ending.
        folder: an existing folder.

    Raises:
        ResultsError: a file cannot be written.
    """
    with writing(folder):
        for name, table in tables.items():
            write_csv(table, folder / f"{name}.csv")


def variants_yaml(variants: Mapping[str, Mapping[str, object]]) -> str:
    """Variants as they stand at the end of a scenario file."""
    return _dumped({"variants": {name: dict(changes) for name, changes in variants.items()}})


def extending_yaml(base: str, name: str, staff: Staff) -> str:
    """A scenario file that has another rota than the one it extends.

    Args:
        base: the other file, as seen from this one.
        name: of the new scenario.
        staff: whose rota and cycle it takes.
    """
    lines = [
        line.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
        for line in staff.rota
    ]
    changes = {"rota": lines, "cycle_weeks": staff.cycle_weeks}
    return _dumped({"extends": base, "name": name, "staff": changes})


def _dumped(data: Mapping[str, object]) -> str:
    writer = YAML()
    writer.default_flow_style = None  # lists and maps of plain values on one line
    writer.width = 100
    writer.allow_unicode = True
    text = StringIO()
    writer.dump(dict(data), text)
    return text.getvalue()
