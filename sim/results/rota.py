"""What the rota commands found, as files."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sim.results.comparison import write_csv, write_json
from sim.results.folder import MANIFEST, writing
from sim.results.manifest import Run, record
from sim.scenario.scenario import Scenario


def write_tables(
    tables: Mapping[str, pd.DataFrame],
    scenario: Scenario,
    played: Mapping[str, object],
    run: Run,
    folder: Path,
) -> None:
    """Write tables as CSV files, and the manifest, which lists every file there.

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
        files = [*(path.name for path in folder.iterdir()), MANIFEST]
        write_json(record(scenario, played, run, files), folder / MANIFEST)
