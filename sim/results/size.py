"""A sizing as files."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from math import isinf
from pathlib import Path

import pandas as pd

from sim.results.files import write_json, write_tables
from sim.results.folder import MANIFEST, writing
from sim.results.manifest import Run, write_manifest
from sim.results.scenario import write_notes, write_scenario
from sim.scenario.text.notes import Note
from sim.size.alternatives import map_axes
from sim.size.observation import ObservedTarget
from sim.size.robustness import AssumptionChoice, Stage
from sim.size.sizing import Sizing, safety_report
from sim.size.space import Design
from sim.size.tables import (
    assumptions_table,
    designs_table,
    frontier_table,
    headroom_table,
    judged_table,
    levels_of,
    outcome,
    plan_table,
    prices_table,
    targets_table,
    thumbs_table,
)

_UNFINISHED = "unfinished"
"""Of what was interrupted, how far it had come."""


def write_sizing(
    found: Sizing,
    stages: Sequence[Stage],
    again: Sequence[AssumptionChoice],
    run: Run,
    folder: Path,
    notes: Sequence[Note] = (),
) -> None:
    """Write the tables, the scenario and the manifest.

    Args:
        found: what the sizing found.
        stages: the build-up plan, if one was wanted.
        again: the decisions at the ends of the assumptions' ranges, if wanted.
        run: how it was run.
        folder: an existing folder, such as a draft of new results.
        notes: what the planner wrote beside the numbers.

    Raises:
        ResultsError: a file cannot be written.
    """
    space, base = found.experiment.space, found.experiment.space.original.loaded.scenario
    write_tables(_tables(found, stages, again), folder)
    with writing(folder):
        write_json(_contents(found), folder / "size.json")
        write_notes(notes, folder)
        write_scenario(base, folder / "scenario.yaml")
        if found.chosen is not None:
            write_scenario(space.scenario(found.chosen), folder / "chosen.yaml")
        write_manifest(folder, base, {"seed": found.experiment.setup.seed}, run)


def _tables(
    found: Sizing, stages: Sequence[Stage], again: Sequence[AssumptionChoice]
) -> dict[str, pd.DataFrame]:
    space = found.experiment.space
    tables = {
        "designs": designs_table(found),
        "frontier": frontier_table(found),
        "headroom": headroom_table(found),
        "judged": judged_table(found),
    }
    if found.thumbs:
        tables["thumbs"] = thumbs_table(found)
    if found.chosen is not None:
        count = found.experiment.record(found.chosen).count
        tables |= {
            "targets": targets_table(found.targets, count),
            "prices": prices_table(found),
        }
    if stages:
        tables["plan"] = plan_table(space, stages)
    if again:
        tables["assumptions"] = assumptions_table(space, again)
    return tables


def _contents(found: Sizing) -> dict[str, object]:
    space, search = found.experiment.space, found.found
    return {
        "scenario": space.original.loaded.scenario.name,
        "facility": space.facility,
        "seed": found.experiment.setup.seed,
        "confidence": search.confidence,
        "currency": space.currency,
        "answer": outcome(found),
        "shown": None if found.shown is None else levels_of(space, found.shown),
        "map": [space.parameters[axis].name for axis in map_axes(space)],
        "designs": space.size,
        "designs_played": len(found.described),
        "cheaper_designs_left_out_unplayed": search.assumed,
        "of_those_left_out_looked_at_again": search.again,
        "error_per_target_of_ruling_out": search.errors.miss,
        "error_per_design_of_accepting": search.errors.meet,
        "parameters": [
            {
                "name": one.name,
                "set": list(one.paths),
                "levels": list(one.levels),
                "better": "more" if one.said else "by target" if one.ordered else "unknown",
            }
            for one in space.parameters
        ],
        "targets": [
            _target(one, decided=_is_decided(found, number))
            for number, one in enumerate(found.experiment.setup.wanted)
        ],
        "safety": [_safety(found, design) for design in search.met],
        "cheaper_but_unsafe": _unsafe(found, found.unsafe),
        "nearest_is_unsafe": _unsafe(found, None if found.chosen else found.shown),
        "meets": [
            {
                **levels_of(space, design),
                "cost_per_year": float(space.cost[design]),
                **_to_build(found, design),
            }
            for design in search.met
        ],
        "bottleneck": None if found.bottleneck is None else asdict(found.bottleneck),
        **_nearest(found),
        **_unfinished(found),
    }


def _unfinished(found: Sizing) -> dict[str, object]:
    """How far it had come when it was interrupted; nothing if it came to its end."""
    stopped, space = found.unfinished, found.experiment.space
    if stopped is None:
        return {}
    best = stopped.best
    known: dict[str, object] = {
        "searching": stopped.searching,
        "no_design_left_below": stopped.floor,
        "by_what_more_is_taken_to_do": found.search.by_boxes,
        "does": None if best is None else levels_of(space, best),
        "does_at_cost_per_year": None if best is None else float(space.cost[best]),
        "does_surely": stopped.is_sure,
    }
    return {_UNFINISHED: known}


def holds_finished(folder: Path) -> bool:
    """Whether results stand in a folder that came to their end."""
    try:
        contents = json.loads((folder / "size.json").read_text("utf-8"))
    except (OSError, ValueError):
        return (folder / MANIFEST).is_file()
    return not (isinstance(contents, dict) and _UNFINISHED in contents)


def _to_build(found: Sizing, design: Design) -> dict[str, object]:
    """Where not all places can be used: how many are needed, and how many are to be built."""
    block = found.experiment.space.site.design
    if block is None or block.usable is None:
        return {}
    needed = found.places(design)
    return {"places_needed": needed, "places_to_build": block.to_build(needed)}


def _is_decided(found: Sizing, number: int) -> bool:
    return number in found.decided or (found.chosen is not None and number not in found.unknown)


def _target(one: ObservedTarget, *, decided: bool) -> dict[str, object]:
    return {
        "target": one.target.text,
        "limit": one.limit,
        "tolerance": one.tolerance,
        "unit": one.unit,
        "decided": decided,
    }


def _safety(found: Sizing, design: Design) -> dict[str, object]:
    one = safety_report(found, design)
    return {
        **levels_of(found.experiment.space, design),
        "minutes_a_week_below_the_rules": one.shortage,
        "breaks": [rule.words for rule in one.broken],
        "breaks_as_allowed": [{"rule": one.kind, "words": one.words} for one in one.permitted],
        "rules_of_rota_check_broken": one.breaches,
        "last_out_of_a_place_minutes": None if isinf(one.last_out) else one.last_out,
        "share_of_days_somebody_is_left_alone": one.left_alone,
    }


def _unsafe(found: Sizing, design: Design | None) -> dict[str, object] | None:
    """A design that is no answer, because it breaks a rule of safety; None if it breaks none."""
    broken = () if design is None else found.guard.broken_as_known(design)
    if design is None or not broken:
        return None
    return {
        **levels_of(found.experiment.space, design),
        "cost_per_year": float(found.experiment.space.cost[design]),
        "minutes_a_week_below_the_rules": found.guard.of(design).shortage,
        "breaks": [{"rule": one.kind, "words": one.words} for one in broken],
    }


def _nearest(found: Sizing) -> dict[str, object]:
    """What comes nearest where nothing meets the targets, and what is built by rule of thumb."""
    return {
        "best_that_can_be_had": [
            {
                "target": one.seen.wanted.target.text,
                "value": one.seen.figure.value,
                "limit": one.seen.wanted.limit,
                **levels_of(found.experiment.space, one.design),
            }
            for one in found.short
        ],
        "rule_of_thumb": [
            {
                "minutes_per_use": one.minutes,
                "corrected": one.corrected,
                "places": one.places,
                "meets": bool((one.margins >= 0).all()),
            }
            for one in found.thumbs
        ],
    }
