"""Scenarios beside each other as files: a comparison, plans of rotas, a sweep, a tornado."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from sim.results.files import names_of, null_if_nan, write_csv, write_json, write_tables
from sim.results.folder import writing
from sim.results.manifest import Run, played, write_manifest
from sim.results.scenario import scenario_sha256, variants_yaml, write_notes, write_scenario
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.names import in_letters_of_files
from sim.scenario.text.notes import Note
from sim.scenario.uncertainty.comments import Assumed, NotVaried
from sim.study import LEVEL, StudyResult
from sim.study.compare.best import Best
from sim.study.compare.comparison import ComparedFigure, Comparison, EqualCost, Studied, hours_table
from sim.study.compare.options import Change, changes, demand_changes
from sim.study.compare.sweep import Sweep
from sim.study.compare.tornado import Tornado, tornado_table
from sim.study.estimate.summary import key_of
from sim.study.estimate.targets import judge, targets_table
from sim.study.run.workers import Progress, silent
from sim.study.worlds.options import FAN_NAMES, Decision, OptionsInWorlds

SCENARIOS = "scenarios"
"""Folder of the options' scenarios."""
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 60


def write_comparison(
    comparison: Comparison,
    best: Sequence[Best],
    costs: Sequence[EqualCost],
    run: Run,
    folder: Path,
    notes: Sequence[Note] = (),
) -> None:
    """Write all tables, the scenarios and the manifest; the manifest has a checksum of each.

    All but the manifest depend on the scenarios, the seed and the number of replications only.
    `equal_cost.csv` is written if an option has another rota or pay, `targets.csv` if a scenario
    has targets.

    Args:
        comparison: what the options differ in.
        best: which may be the best, of the headline figures.
        costs: differences at equal cost.
        run: how it was run, for the manifest.
        folder: an existing folder, such as a draft of new results.
        notes: what the planner wrote beside the numbers of the base.

    Raises:
        ResultsError: a file cannot be written.
    """
    everybody = (comparison.base, *comparison.options)
    tables = {"comparison": comparison.table, "comparison_by_hour": hours_table(comparison)}
    if costs:
        tables["equal_cost"] = _equal_cost(costs)
    if any(one.scenario.targets for one in everybody):
        tables["targets"] = _targets(everybody)
    write_tables(tables, folder)
    with writing(folder):
        write_json(comparison_contents(comparison, best), folder / "comparison.json")
        write_notes(notes, folder)
        (folder / SCENARIOS).mkdir()
        for number, one in enumerate(everybody):
            write_scenario(one.scenario, folder / _scenario_file(number, one))
        options = {one.name: scenario_sha256(one.scenario) for one in everybody}
        base = comparison.base
        write_manifest(folder, base.scenario, played(base.result), run, {"options": options})


def write_plans(
    scenario: Scenario, variants: Mapping[str, Mapping[str, object]], folder: Path
) -> None:
    """Write `plans.yaml`, the scenario with a variant for each plan of its rota.

    Args:
        scenario: whose rota the plans replace.
        variants: by name, what each changes.
        folder: an existing folder, such as a draft of new results.

    Raises:
        ResultsError: a file cannot be written.
    """
    with writing(folder):
        write_scenario(scenario, folder / "plans.yaml", variants_yaml(variants))


def change_records(changes: Iterable[Change]) -> list[dict[str, object]]:
    """Each value that differs, old and new; null where it is not set."""
    return [{"path": one.where, "old": one.old, "new": one.new} for one in changes]


def _scenario_file(number: int, one: Studied) -> str:
    name = _NOT_IN_A_NAME.sub("_", in_letters_of_files(one.name))[:_LONGEST]
    return f"{SCENARIOS}/{number}-{name}.yaml"


def comparison_contents(comparison: Comparison, best: Sequence[Best] = ()) -> dict[str, object]:
    """What `comparison.json` holds: what the table's figures mean, and what each option changes."""
    base = comparison.base
    return {
        "base": {
            "name": base.name,
            "scenario": base.scenario.name,
            "file": _scenario_file(0, base),
        },
        "options": [
            {
                "name": one.name,
                "scenario": one.scenario.name,
                "file": _scenario_file(number, one),
                "changes": change_records(comparison.changes[one.name]),
                **({"other_people": True} if demand_changes(comparison.changes[one.name]) else {}),
            }
            for number, one in enumerate(comparison.options, start=1)
        ],
        "seed": base.result.seed,
        "replications": base.result.count,
        "confidence": LEVEL,
        "confidence_of_each_interval": comparison.level,
        "intervals": (
            "Differences, option minus base, of the same people. Ratios: jackknife over paired "
            "replications; quantiles: bootstrap over paired replications. With several options "
            "the intervals of one figure hold together (Bonferroni)."
        ),
        "may_be_best": [
            {
                **names_of(one.row),
                "better": one.better.name.lower(),
                "leader": one.leader,
                "may_be_best": list(one.names),
            }
            for one in best
        ],
        "rows": [_row(lines) for lines in _by_figure(comparison)],
    }


def _by_figure(comparison: Comparison) -> Iterable[tuple[ComparedFigure, ...]]:
    keys = dict.fromkeys(key_of(line.row) for line in comparison.lines)
    return (comparison.of(key) for key in keys)


def _row(lines: Sequence[ComparedFigure]) -> dict[str, object]:
    row, matter = lines[0].row, lines[0].matter
    base_value = lines[0].base_value
    margin = matter.margin_of(0.0 if math.isnan(base_value) else base_value)
    return {
        **names_of(row),
        "unit": row.unit,
        "definition": row.definition,
        "better": matter.better.name.lower(),
        "margin": margin,
        "base_value": null_if_nan(base_value),
        "options": {
            line.option: {
                "value": null_if_nan(line.value),
                "difference": null_if_nan(line.difference),
                "ci_low": null_if_nan(line.low),
                "ci_high": null_if_nan(line.high),
                "unpaired_half_width": null_if_nan(line.unpaired),
                "verdict": line.verdict.finding.value,
                "more_replications": line.verdict.more,
                **({"alike": True} if line.unmoved else {}),  # in every replication
            }
            for line in lines
        },
    }


def _equal_cost(costs: Sequence[EqualCost]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                **names_of(one.row),
                "option": one.option,
                "extra_hours": one.extra_hours,
                "extra_cost": one.extra_cost,
                "per_hour": one.per_hour.value,
                "per_hour_low": one.per_hour.low,
                "per_hour_high": one.per_hour.high,
                "per_cost": one.per_cost.value,
                "per_cost_low": one.per_cost.low,
                "per_cost_high": one.per_cost.high,
                "unit": one.row.unit,
            }
            for one in costs
        ]
    )


def _targets(everybody: Sequence[Studied]) -> pd.DataFrame:
    tables = [
        targets_table(judge(one.scenario, one.result), one.result.count).assign(option=one.name)
        for one in everybody
        if one.scenario.targets
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["option", *(name for name in table.columns if name != "option")]]


# --- over all that is not known -------------------------------------------------------------------


def write_in_worlds(found: OptionsInWorlds, folder: Path) -> None:
    """Write what options differ in over all that is not known, before the manifest.

    `worlds_differences.csv` has each difference with its range over the worlds, `worlds_best.csv`
    how often each option is best; where something is to be decided, `worlds_choice.csv` what
    choosing each costs and `worth_knowing.csv` what knowing each input is worth.

    Args:
        found: the options over worlds.
        folder: an existing folder, such as a draft of new results.

    Raises:
        ResultsError: a file cannot be written.
    """
    tables = {"worlds_differences": _in_worlds(found), "worlds_best": _best_in_worlds(found)}
    decision = found.decision
    if decision is not None:
        tables["worlds_choice"] = pd.DataFrame(
            {
                "option": decision.names,
                "loss": decision.losses,
                "regret": decision.regrets,
                "best": decision.best,
                "unit": decision.unit,
            }
        )
        tables["worth_knowing"] = worth_table(decision)
    write_tables(tables, folder)
    with writing(folder):
        write_json(worlds_contents(found), folder / "worlds.json")


def worth_table(decision: Decision) -> pd.DataFrame:
    """What knowing each input is worth, the most valuable first: `worth_knowing.csv`."""
    table = pd.DataFrame(
        {
            "input": decision.inputs,
            "value": [one.value for one in decision.known],
            "error": [one.error for one in decision.known],
            "measure_first": [name in decision.first for name in decision.inputs],
            "unit": decision.unit,
        }
    )
    return table.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def _in_worlds(found: OptionsInWorlds) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                **dict(zip(("metric", "statistic", "by"), one.key, strict=True)),
                "option": one.option,
                "base_value": one.base,
                "difference": one.mean,
                **dict(zip(FAN_NAMES, one.fan, strict=True)),
                **one.outcomes._asdict(),
                "standing": one.standing.value,
                "unit": one.unit,
                "worlds": found.worlds,
            }
            for one in found.differences
        ]
    )


def _best_in_worlds(found: OptionsInWorlds) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                **dict(zip(("metric", "statistic", "by"), one.key, strict=True)),
                "option": name,
                "best": share,
                "worlds": found.worlds,
            }
            for one in found.bests
            for name, share in zip(found.names, one.shares, strict=True)
        ],
        columns=["metric", "statistic", "by", "option", "best", "worlds"],
    )


def worlds_contents(found: OptionsInWorlds) -> dict[str, object]:
    """What `worlds.json` says."""
    decision = found.decision
    return {
        "options": list(found.names),
        "worlds": found.worlds,
        "plays": found.plays,
        "ranges": "5, 10, 25, 50, 75, 90 and 95 % of the worlds, the chance of play taken out",
        "decision": None if decision is None else _decision(decision),
    }


def _decision(decision: Decision) -> dict[str, object]:
    question = decision.question
    return {
        "decide": question.decide.value,
        "price_of_a_visit_unserved": question.price,
        "unit": decision.unit,
        "chosen": decision.names[decision.chosen],
        "best_in": decision.best[decision.chosen],
        "regret": decision.regrets[decision.chosen],
        "knowing_everything": decision.perfect,
        "worth_measuring_from": decision.least,
        "measuring_costs": question.cost_of_measuring,
        "weeks": question.weeks,
        "advice": decision.advice.advice.value,
        "measure_first": list(decision.first),
    }


# --- sweeps and tornados --------------------------------------------------------------------------


def _designs(
    found: Sweep, differs: Sequence[Sequence[Change]], progress: Progress
) -> Iterator[dict[str, object]]:
    """What is said of each design of a sweep."""
    for number, (one, apart) in enumerate(zip(found.played, differs, strict=True), start=1):
        yield {
            "design": number,
            "settings": dict(one.design),
            "changes": change_records(apart),
            "scenario_sha256": scenario_sha256(one.scenario),
        }
        progress(number, len(found.played))


def write_sweep(
    found: Sweep,
    run: Run,
    folder: Path,
    notes: Sequence[Note] = (),
    progress: Progress = silent,
) -> None:
    """Write the tables of a sweep, what they mean, the scenario it started from, the manifest.

    `sweep.csv` has all figures, `sweep_differences.csv` how the headline figures differ from those
    of the scenario as it is; `sweep_targets.csv` is written if it has targets.

    Args:
        found: what the designs found.
        run: how it was run.
        folder: an existing folder, such as a draft of new results.
        notes: what the planner wrote beside the numbers.
        progress: is told of every design written.

    Raises:
        ResultsError: a file cannot be written.
    """
    base, result = found.base.scenario, found.base.result
    differs = [changes(base, one.scenario) for one in found.played]
    # Where a profile follows the opening hours, other people come at other hours.
    tied = any(change.tied for each in differs for change in each)
    with writing(folder):
        write_csv(found.table, folder / "sweep.csv")
        write_csv(_differences(found), folder / "sweep_differences.csv")
        if base.targets:
            write_csv(_targets_of_designs(found), folder / "sweep_targets.csv")
        write_notes(notes, folder)
        contents = {
            "scenario": base.name,
            "seed": result.seed,
            "replications": result.count,
            "confidence": LEVEL,
            "differences": (
                "In sweep_differences.csv: design minus the scenario as it is, of the same "
                "people; each interval by itself, as that of `compare` with one alternative."
            ),
            "design": found.how,
            **({"other_people": True} if tied else {}),
            "designs": list(_designs(found, differs, progress)),
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
        _write_rest(contents, "sweep.json", base, result, run, folder)


def _differences(found: Sweep) -> pd.DataFrame:
    """Design by design the headline figures beside the base's."""
    return pd.DataFrame(
        [
            {
                "design": number,
                **names_of(line.row),
                "base_value": line.base_value,
                "value": line.value,
                "difference": line.difference,
                "ci_low": line.low,
                "ci_high": line.high,
                "verdict": line.verdict.words,
                "alike": line.unmoved,
                "unit": line.row.unit,
                "replications": found.base.result.count,
            }
            for number, one in enumerate(found.played, start=1)
            for line in one.beside
        ]
    )


def _targets_of_designs(found: Sweep) -> pd.DataFrame:
    """Design by design whether each target is met."""
    tables = []
    for number, one in enumerate(found.played, start=1):
        table = targets_table(one.judged, found.base.result.count)
        table.insert(0, "design", number)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


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
