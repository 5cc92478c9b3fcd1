"""A study's tables as files, and those of a calibration."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from sim.results.files import null_if_nan, write_csv, write_json, write_tables
from sim.results.folder import writing
from sim.results.manifest import Run, played, write_manifest
from sim.results.scenario import write_notes, write_scenario
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.notes import Note
from sim.study import LEVEL, StudyResult
from sim.study.estimate.control import control_table
from sim.study.estimate.spread import at_once, by_kind_of_day, by_time_of_day, within
from sim.study.estimate.targets import judge, targets_table
from sim.study.worlds.calibrated import Calibrated, Handed


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


# --- a calibration --------------------------------------------------------------------------------

CALIBRATED, DRAWS = "calibrated.yaml", "draws.csv"
"""The scenario with what was found, and its draws."""
_POINTS = ("p5", "p50", "p95")


def write_calibration(
    found: Calibrated,
    handed: Handed,
    scenario: Scenario,
    played: Mapping[str, object],
    run: Run,
    folder: Path,
) -> None:
    """Write what was found, the calibrated scenario with its draws, and the manifest.

    Args:
        found: the calibration.
        handed: the calibrated scenario.
        scenario: as it was before.
        played: seed, and what else the manifest says.
        run: how it was run.
        folder: an existing folder, such as a draft of new results.

    Raises:
        ResultsError: a file cannot be written.
    """
    write_tables({"calibration": learnt_table(found), "outcomes": outcomes_table(found)}, folder)
    with writing(folder):
        write_csv(handed.draws, folder / DRAWS)
        write_scenario(handed.scenario, folder / CALIBRATED)
        write_scenario(scenario, folder / "scenario.yaml")
        write_json(calibration_contents(found, scenario), folder / "calibration.json")
        write_manifest(folder, scenario, played, run)


def learnt_table(found: Calibrated) -> pd.DataFrame:
    """What is learnt of each input: `calibration.csv`."""
    return pd.DataFrame(
        [
            {
                "input": one.name,
                **{
                    f"before_{name}": value for name, value in zip(_POINTS, one.before, strict=True)
                },
                **{f"after_{name}": value for name, value in zip(_POINTS, one.after, strict=True)},
                "narrowed": one.narrowed,
                "unit": one.unit,
            }
            for one in found.learnt
        ]
    )


def outcomes_table(found: Calibrated) -> pd.DataFrame:
    """Outcomes as published and played again: `outcomes.csv`."""
    return pd.DataFrame(
        [
            {
                "outcome": one.published.name,
                "value": one.published.value,
                "ci_low": one.published.low,
                "ci_high": one.published.high,
                **{f"again_{name}": value for name, value in zip(_POINTS, one.again, strict=True)},
                "nearest": one.nearest,
                "implausibility": one.apart,
                "without": one.without,
                "out_of_reach": one.out_of_reach,
                "unit": one.unit,
            }
            for one in found.met
        ]
    )


def calibration_contents(found: Calibrated, scenario: Scenario) -> dict[str, object]:
    """What `calibration.json` says."""
    of = found.found
    helpful = of.published[of.most_helpful].name if len(of.published) > 1 else None
    return {
        "scenario": scenario.name,
        "worlds": len(of.u),
        "plays": of.played,
        "plays_a_world": of.plays,
        "waves": of.waves,
        "effective_worlds": of.effective,
        "share_plausible": of.plausible,
        "cannot_all_be_met": of.conflict,
        "implausibility_of_the_nearest": float(of.furthest[of.nearest]),
        "most_helpful_without": helpful,
        "tied": [{"one": one, "other": other, "correlation": r} for one, other, r in found.tied],
    }
