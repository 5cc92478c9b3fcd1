"""The rota as numbers: people, breaks, and what the calendar does with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from sim.fast.codes import BREAK_DUE, BREAK_LATEST, NONE, SHIFT_BEGINS, SHIFT_ENDS
from sim.fast.memory import PERSON, REST
from sim.fast.rows import Table, new_table
from sim.scenario.derived.roster import break_window, breaks_on_shift, people_on_shift, working_days
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift

CHANGE = np.dtype(
    [
        ("time", np.float64),
        ("what", np.int64),
        ("number", np.int64),  # of the room, person or break
        ("turn", np.int64),  # what comes first of the same kind
        ("person", np.int64),  # whose absence cancels it
    ]
)
"""A change of the calendar, before all of them are put in order."""

_BREAKS_OF_ONE = 100
"""Leaves room for so many breaks of one person between those of the next."""


@dataclass(frozen=True, eq=False)
class StaffPlan:
    """The rota as numbers."""

    people: Table
    role: NDArray[np.int64]
    line: NDArray[np.int64]
    member: NDArray[np.int64]
    rests: Table
    changes: Table
    """What the calendar does with people and breaks."""


def plan_staff(scenario: Scenario) -> StaffPlan:
    """Turn the rota into numbers."""
    staff, on_shift = scenario.staff, people_on_shift(scenario)
    rota = staff.rota if staff is not None else ()
    roles = {name: number for number, name in enumerate(staff.roles if staff is not None else ())}
    start, line, member, end, day = np.array(on_shift, dtype=float).reshape(len(on_shift), 5).T
    line, member = line.astype(np.int64), member.astype(np.int64)
    people = new_table(PERSON, len(on_shift))
    people["start"], people["end"], people["left"] = start, end, nan
    people["role"] = np.array([roles[shift.role] for shift in rota], dtype=np.int64)[line]
    for name in ("task", "case", "rest"):
        people[name] = NONE
    days = working_days(scenario)
    people["body"], people["day"], people["goes_on"] = days.body, days.day, days.goes_on
    rests, windows = _rests(rota, line, day, people["body"], _with_breaks(scenario))
    changes = np.concatenate([_shifts(people), windows])
    come = start <= scenario.horizon.minutes + DAY
    role = people["role"].copy()
    return StaffPlan(people, role, line, member, rests, changes[come[changes["person"]]])


def _with_breaks(scenario: Scenario) -> NDArray[np.bool_]:
    """Which shifts have the breaks of their line: not the second part of one cut in two."""
    return np.array([bool(breaks) for breaks in breaks_on_shift(scenario)], dtype=np.bool_)


def _rests(
    rota: Sequence[Shift],
    line: NDArray[np.int64],
    day: NDArray[np.float64],
    body: NDArray[np.int64],
    with_breaks: NDArray[np.bool_],
) -> tuple[Table, Table]:
    """The breaks, and the changes that their windows bring."""
    rests, windows, count = [new_table(REST, 0)], [np.zeros(0, CHANGE)], 0
    for number, shift in enumerate(rota):
        people = np.flatnonzero((line == number) & with_breaks)
        for position, rest in enumerate(shift.breaks):
            earliest, latest = break_window(shift, rest)
            table = new_table(REST, len(people))
            table["person"], table["shift"] = body[people], people
            table["latest"] = DAY * day[people] + latest
            table["remaining"], table["since"] = rest.length, nan
            table["minimum_left"], table["recallable"] = rest.minimum_left, rest.recallable
            due = np.zeros(len(people), CHANGE)
            due["time"], due["what"] = DAY * day[people] + earliest, BREAK_DUE
            due["number"], due["person"] = np.arange(count, count + len(people)), people
            due["turn"] = _BREAKS_OF_ONE * people + position
            over = due.copy()
            over["time"], over["what"] = table["latest"], BREAK_LATEST
            begins = table["latest"] > 0
            rests.append(table)
            windows += [due[begins], over[begins]]
            count += len(people)
    return np.concatenate(rests), np.concatenate(windows)


def _shifts(people: Table) -> Table:
    """The changes that shifts bring."""
    begin = np.zeros(len(people), CHANGE)
    begin["number"] = begin["turn"] = begin["person"] = np.arange(len(people))
    end = begin.copy()
    begin["time"], begin["what"] = people["start"], SHIFT_BEGINS
    end["time"], end["what"] = people["end"], SHIFT_ENDS
    return np.concatenate([begin, end[~people["goes_on"]]])
