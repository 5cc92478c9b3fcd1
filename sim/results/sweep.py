"""A sweep or a tornado as files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.results.comparison import change_records
from sim.results.files import names_of, write_csv, write_json
from sim.results.folder import writing
from sim.results.manifest import Run, played, write_manifest
from sim.results.scenario import scenario_sha256, write_notes, write_scenario
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.notes import Note
from sim.study import LEVEL, StudyResult
from sim.study.compare.options import changes
from sim.study.explore.sweep import Sweep
from sim.study.explore.tornado import Assumed, NotVaried, Tornado, tornado_table


def write_sweep(
    found: Sweep, base: Scenario, how: str, run: Run, folder: Path, notes: Sequence[Note] = ()
) -> None:
    """Write `sweep.csv`, what it means, the scenario it started from and the manifest.

    Args:
        found: what the designs found.
        base: the scenario whose values were varied.
        how: the kind of design, such as `full factorial`.
        run: how it was run.
        folder: an existing folder, such as a draft of new results.
        notes: what the planner wrote beside the numbers.

    Raises:
        ResultsError: a file cannot be written.
    """
    differs = [changes(base, one.scenario) for one in found.played]
    # Where a profile follows the opening hours, other people come at other hours.
    tied = any(change.tied for each in differs for change in each)
    with writing(folder):
        write_csv(found.table, folder / "sweep.csv")
        write_notes(notes, folder)
        contents = {
            "scenario": base.name,
            "seed": found.first.seed,
            "replications": found.first.count,
            "confidence": LEVEL,
            "design": how,
            **({"other_people": True} if tied else {}),
            "designs": [
                {
                    "design": number,
                    "settings": dict(one.design),
                    "changes": change_records(apart),
                    "scenario_sha256": scenario_sha256(one.scenario),
                }
                for number, (one, apart) in enumerate(
                    zip(found.played, differs, strict=True), start=1
                )
            ],
            "rows": [
                {
                    **names_of(row),
                    "unit": row.unit,
                    "interval": row.interval.value,
                    "definition": row.definition,
                }
                for row in found.rows
            ],
        }
        _write_rest(contents, "sweep.json", base, found.first, run, folder)


def write_tornado(found: Tornado, run: Run, folder: Path, notes: Sequence[Note] = ()) -> None:
    """Write `tornado.csv`, what it means, the scenario and the manifest.

    Args:
        found: the assumptions and their effects.
        run: how it was run.
        folder: an existing folder, such as a draft of new results.
        notes: what the planner wrote beside the numbers.

    Raises:
        ResultsError: a file cannot be written.
    """
    base = found.base
    with writing(folder):
        write_csv(tornado_table(found), folder / "tornado.csv")
        write_notes(notes, folder)
        contents = {
            "scenario": base.scenario.name,
            "seed": base.result.seed,
            "replications": base.result.count,
            "confidence": LEVEL,
            "ranked_by": [".".join(key[:2]) for key in found.keys],
            "assumptions": [_assumed(one.assumed, one.weight) for one in found.ranked],
            "not_varied": _not_varied(found.not_varied),
        }
        _write_rest(contents, "tornado.json", base.scenario, base.result, run, folder)


def _write_rest(
    contents: Mapping[str, object],
    name: str,
    base: Scenario,
    result: StudyResult,
    run: Run,
    folder: Path,
) -> None:
    write_json(contents, folder / name)
    write_scenario(base, folder / "scenario.yaml")
    write_manifest(folder, base, played(result), run)


def _assumed(one: Assumed, weight: float) -> dict[str, object]:
    return {
        "field": one.key,
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "unit": one.unit,
        "largest_sure_effect_in_margins": weight,
    }


def _not_varied(marks: Sequence[NotVaried]) -> list[dict[str, object]]:
    return [{"line": str(one.place), "field": one.key, "reason": one.reason} for one in marks]
