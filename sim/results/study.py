"""A study's tables as files."""

from collections.abc import Sequence
from pathlib import Path

from sim.results.files import null_if_nan, write_json, write_tables
from sim.results.folder import writing
from sim.results.manifest import Run, played, write_manifest
from sim.results.scenario import write_notes, write_scenario
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.notes import Note
from sim.study import LEVEL, StudyResult
from sim.study.estimate.control import control_table
from sim.study.estimate.spread import at_once, by_kind_of_day, by_time_of_day, within
from sim.study.estimate.targets import judge, targets_table


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
    judged = judge(scenario, result) if scenario.targets else []
    optional = {
        "at_once": at_once(result),
        "control": control_table(result.rows, result.pooled, result.summary),
        "targets": targets_table(judged, result.count),
    }
    write_tables(
        {
            "summary": result.summary,
            "by_hour": result.by_hour,
            "replications": result.replications,
            "by_time_of_day": by_time_of_day(result),
            "within": within(result),
            "by_kind_of_day": by_kind_of_day(result, scenario),
            **{name: table for name, table in optional.items() if len(table)},
        },
        folder,
    )
    with writing(folder):
        write_notes(notes, folder)
        write_json(_summary(result, scenario), folder / "summary.json")
        write_scenario(scenario, folder / "scenario.yaml")
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
            {str(key): null_if_nan(value) for key, value in record.items()}
            | {"interval": row.interval.value, "definition": row.definition}
            for record, row in zip(records, result.rows, strict=True)
        ],
        "by_hour": [
            {"metric": row.metric, "by": row.by, "unit": row.unit, "definition": row.definition}
            for row in result.hour_rows
        ],
    }
