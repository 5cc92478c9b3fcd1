"""The tables of a replication turned into its log."""

import numpy as np
from numpy.typing import NDArray

from sim.fast.codes import (
    ARRIVAL,
    CLIENT,
    INSIDE_AT_END,
    KIND,
    NONE,
    OUTCOME,
    OVERDOSE,
    PLACE,
    ROOM,
    WAITED,
)
from sim.fast.plan import Plan
from sim.fast.world import World
from sim.log import (
    CHANGE_TYPES,
    PERSON_COLUMNS,
    RESPONSE_COLUMNS,
    VISIT_COLUMNS,
    ChangeColumns,
    Columns,
    Duty,
    Log,
)
from sim.visitors import Visitors


def write_log(plan: Plan, visitors: Visitors, world: World) -> Log:
    """What happened, as columns."""
    _fill_unarrived(visitors, world)
    asked, start, end = world["service_times"]
    return Log(
        visits=dict(zip(VISIT_COLUMNS, world["stamps"], strict=True)),
        service_asked=asked,
        service_start=start,
        service_end=end,
        responses=_responses(world),
        people=_people(plan, visitors, world),
        changes=_changes(world),
        end=world.get("end"),
    )


def _fill_unarrived(visitors: Visitors, world: World) -> None:
    """The rows of those who would have come after the end."""
    rest = slice(int(world.get("visits_arrived")), None)
    if not len(visitors.arrival[rest]):
        return
    stamps = world["stamps"]
    stamps[:, rest] = world["service_times"][..., rest] = np.nan
    stamps[KIND, rest], stamps[CLIENT, rest] = visitors.kind[rest], visitors.client[rest]
    stamps[ARRIVAL, rest], stamps[OUTCOME, rest] = visitors.arrival[rest], INSIDE_AT_END
    stamps[WAITED, rest] = 0.0
    for column in (ROOM, PLACE, OVERDOSE):
        stamps[column, rest] = NONE


def _responses(world: World) -> Columns:
    """One row an overdose, in order of onset."""
    cases = world["cases"][: int(world.get("cases_count"))]
    cases = cases[np.lexsort((cases["visit"], cases["onset"]))]
    fields = {"team": "complete"}
    return {name: cases[fields.get(name, name)].astype(np.float64) for name in RESPONSE_COLUMNS}


def _people(plan: Plan, visitors: Visitors, world: World) -> Columns:
    """One row a person and shift."""
    people, rests, busy = world["people"], world["rests"], world["busy"]
    absent = visitors.absent
    worked = ~absent & ~np.isnan(people["left"])

    def count(which: NDArray[np.bool_]) -> NDArray[np.intp]:
        return np.bincount(rests["shift"][which], minlength=len(people))

    columns = {
        "role": plan.staff.role,
        "line": plan.staff.line,
        "member": plan.staff.member,
        "absent": absent,
        "longest_stretch": np.where(people["goes_on"], np.nan, people["longest_stretch"]),
        "breaks_due": count(np.ones(len(rests), dtype=np.bool_)) * worked,
        "breaks_deferred": count(rests["begun_late"]),
        "breaks_missed": count(np.isnan(rests["since"])) * worked,
        **{duty.name.lower(): busy[:, duty] for duty in Duty},
    }
    return {
        name: (columns[name] if name in columns else people[name]).astype(np.float64)
        for name in PERSON_COLUMNS
    }


def _changes(world: World) -> ChangeColumns:
    """The log of changes."""
    written = slice(int(world.get("change_count")))
    return {name: world[f"change_{name}"][written] for name in CHANGE_TYPES}
