"""A study's tables as files."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from sim.results.folder import writing
from sim.results.manifest import Run, played, write_manifest
from sim.results.notes import write_notes
from sim.results.resolved import write_scenario
from sim.results.table import save_csv
from sim.scenario.scenario import Scenario
from sim.scenario.source_notes import Note
from sim.study import LEVEL, StudyResult
from sim.study.control import control_table
from sim.study.spread import at_once, by_time_of_day, within
from sim.study.targets import judge, targets_table


def write_results(
    result: StudyResult, scenario: Scenario, run: Run, folder: Path, notes: Sequence[Note] = ()
) -> None:
    """Write all tables, the scenario and the manifest; the manifest has a checksum of each.

    All but the manifest depend on the scenario, the seed and the number of replications only.
    `targets.csv` is written if there are targets, `control.csv` if there are controls,
    `at_once.csv` if there were overdoses, `notes.csv` if there are notes.

    Args:
        result: what the study found.
        scenario: what it simulated.
        run: how it was run, for the manifest.
        folder: an existing folder, such as a draft of new results.
        notes: what the planner wrote beside the numbers.

    Raises:
        ResultsError: a file cannot be written.
    """
    with writing(folder):
        _write_csv(result.summary, folder / "summary.csv")
        _write_csv(result.by_hour, folder / "by_hour.csv")
        _write_csv(result.replications, folder / "replications.csv")
        _write_csv(by_time_of_day(result), folder / "by_time_of_day.csv")
        _write_csv(within(result), folder / "within.csv")
        together = at_once(result)
        if len(together):
            _write_csv(together, folder / "at_once.csv")
        write_notes(notes, folder)
        _write_json(_summary(result, scenario), folder / "summary.json")
        write_scenario(scenario, folder / "scenario.yaml")
        controlled = control_table(result.rows, result.pooled, result.summary)
        if len(controlled):
            _write_csv(controlled, folder / "control.csv")
        if scenario.targets:
            judged = judge(scenario, result)
            _write_csv(targets_table(judged, result.count), folder / "targets.csv")
        write_manifest(folder, scenario, played(result), run)


def _summary(result: StudyResult, scenario: Scenario) -> dict[str, object]:
    """The summary with what a table has no room for: definitions and kinds of interval."""
    records = result.summary.to_dict(orient="records")
    return {
        "scenario": scenario.name,
        "seed": result.seed,
        "replications": result.count,
        "confidence": LEVEL,
        "rows": [
            {str(key): _null_if_nan(value) for key, value in record.items()}
            | {"interval": row.interval.value, "definition": row.definition}
            for record, row in zip(records, result.rows, strict=True)
        ],
        "by_hour": [
            {"metric": row.metric, "by": row.by, "unit": row.unit, "definition": row.definition}
            for row in result.hour_rows
        ],
    }


def _null_if_nan(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    # Floats are written in full, so that reading them gives the same numbers; NaN is empty.
    save_csv(table, path)


def _write_json(contents: Mapping[str, object], path: Path) -> None:
    text = json.dumps(contents, indent=2, ensure_ascii=False, allow_nan=False)
    _write_text(text + "\n", path)


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
