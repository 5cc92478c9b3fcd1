"""The need as tables."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.rota.hourly import on_duty_by_hour
from sim.rota.need import Counts, Requirement
from sim.rota.refine import Refined
from sim.rota.work import Roles
from sim.scenario.model.hours import HOURS_OF_WEEK
from sim.scenario.model.scenario import Scenario


def roles_table(scenario: Scenario, formula: Requirement, refined: Refined | None) -> pd.DataFrame:
    """People present: `role, hour_of_week, formula, simulated, on_duty`.

    On duty is the mean of the scenario's own rota, breaks not taken off.
    """
    duty = on_duty_by_hour(scenario)
    parts = [
        pd.DataFrame(
            {
                "role": role,
                "hour_of_week": np.arange(HOURS_OF_WEEK),
                "formula": number,
                "simulated": np.nan if refined is None else refined.by_role[role],
                "on_duty": duty[role],
            }
        )
        for role, number in formula.by_role.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.drop(columns="simulated") if refined is None else table


def given_table(scenario: Scenario, wanted: Mapping[Roles, Counts]) -> pd.DataFrame:
    """A need that was handed down: `role, hour_of_week, needed, on_duty`.

    Where people of any role are needed, the role is empty and all on duty are counted.

    Args:
        scenario: whose rota is on duty.
        wanted: by set of roles, people in each of the 168 hours.
    """
    duty = on_duty_by_hour(scenario)
    parts = [
        pd.DataFrame(
            {
                "role": next(iter(roles)) if len(roles) == 1 < len(duty) else "",
                "hour_of_week": np.arange(HOURS_OF_WEEK),
                "needed": number,
                "on_duty": np.sum([duty[role] for role in roles], axis=0),
            }
        )
        for roles, number in wanted.items()
    ]
    return pd.concat(parts, ignore_index=True)


def work_table(formula: Requirement, refined: Refined | None) -> pd.DataFrame:
    """Why: for each set of roles that some work is confined to, and each hour of the week.

    `roles, hour_of_week, load, tasks, watch, overdoses, formula`, and after a refinement
    `simulated, chance, ci_low, ci_high, replications`: the share of the tasks asked for in that
    hour that waited when exactly the staff found by simulation were there.
    """
    parts = []
    for number, one in enumerate(formula.asked):
        part = pd.DataFrame(
            {
                "roles": "+".join(sorted(one.roles)),
                "hour_of_week": np.arange(HOURS_OF_WEEK),
                "load": one.load,
                "tasks": one.tasks,
                "watch": one.watch,
                "overdoses": one.overdoses,
                "formula": one.staff,
            }
        )
        if refined is not None:
            part = part.assign(
                simulated=refined.by_set[number],
                chance=refined.chance.value[number],
                ci_low=refined.chance.low[number],
                ci_high=refined.chance.high[number],
                replications=refined.replications,
            )
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
