"""The staff as a whole: the rota turned into people, and the order in which work is given out."""

from math import nan

import numpy as np

from sim.facility.agenda import Agenda
from sim.facility.breaks import Breaks
from sim.facility.floor import Floor
from sim.facility.state import State
from sim.facility.tasks import Tasks
from sim.facility.teams import Teams
from sim.facility.work import Person, Rest, Task, Worked
from sim.log import PERSON_COLUMNS, Columns, Duty
from sim.scenario.derived.roster import (
    PersonOnShift,
    break_window,
    breaks_on_shift,
    people_on_shift,
    working_days,
)
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Break, Shift
from sim.visitors import Visitors


class Staff:
    """People on shift, their tasks, their breaks and the teams they form."""

    def __init__(
        self, scenario: Scenario, visitors: Visitors, agenda: Agenda, state: State
    ) -> None:
        """Nobody is on duty yet; the calendar calls `begin_shift`."""
        staff, response = scenario.staff, scenario.overdose
        end_of_shift = staff.end_of_shift if staff is not None else "finish"
        self.shifts = _shifts(scenario, visitors)
        self.floor = Floor(agenda, state, pooled=end_of_shift == "finish_pooled")
        desks = scenario.check_in.desks if scenario.check_in is not None else None
        self.tasks = Tasks(agenda, state, self.floor, desks)
        self.breaks = Breaks(agenda, self.floor)
        self.teams = Teams(
            agenda,
            self.floor,
            self.tasks,
            self.breaks,
            preempts=response is not None and response.preempts,
            full_team=response is not None and response.start == "full_team",
        )
        self._hands_over = end_of_shift == "hand_over"

    def assign(self) -> bool:
        """Give out what can be given, the most urgent first. Returns whether anything was."""
        given = self.teams.assign()
        given |= self.breaks.assign(forced=True)
        given |= self.tasks.assign()
        given |= self.breaks.assign(forced=False)
        return given

    def begin_shift(self, shift: Worked) -> None:
        """Someone's shift begins. From another role they hand over what this one cannot do."""
        person = shift.person
        if person.on_shift and person.role != shift.role:
            work = person.work
            if isinstance(work, Task) and shift.role not in work.roles:
                self._hand_over(person)
        self.floor.arrive(shift)

    def end_shift(self, shift: Worked) -> None:
        """Someone's shift ends: they leave, hand over, or finish what they have in hand."""
        person = shift.person
        self.breaks.shift_over(person)
        self._hand_over(person)
        self.floor.finish_shift(person)

    def _hand_over(self, person: Person) -> None:
        work = person.work
        if self._hands_over and isinstance(work, Task) and not self.tasks.is_done(work):
            self.tasks.interrupt(work)
            self.floor.give(person, None)

    def columns(self) -> Columns:
        """One row a person and shift."""
        rows = [_row(shift) for shift in self.shifts]
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(PERSON_COLUMNS))
        return {name: table[:, index] for index, name in enumerate(PERSON_COLUMNS)}


def _shifts(scenario: Scenario, visitors: Visitors) -> list[Worked]:
    if scenario.staff is None:
        return []
    rota, days = scenario.staff.rota, working_days(scenario)
    role_number = {role: index for index, role in enumerate(scenario.staff.roles)}
    people = [Person() for _ in days.body]
    breaks = breaks_on_shift(scenario)
    return [
        Worked(
            person=people[days.body[number]],
            number=number,
            day=int(days.day[number]),
            role=role_number[rota[on.line].role],
            line=on.line,
            member=on.member,
            start=on.start,
            end=on.end,
            absent=bool(visitors.absent[number]),
            rests=[_rest(on, rota[on.line], rest) for rest in breaks[number]],
            goes_on=bool(days.goes_on[number]),
        )
        for number, on in enumerate(people_on_shift(scenario))
    ]


def _rest(on: PersonOnShift, shift: Shift, rest: Break) -> Rest:
    earliest, latest = break_window(shift, rest)
    return Rest(
        earliest=float(on.day * DAY + earliest),
        latest=float(on.day * DAY + latest),
        remaining=rest.length,
        minimum_left=rest.minimum_left,
        recallable=rest.recallable,
    )


def _row(shift: Worked) -> tuple[float, ...]:
    worked = not shift.absent and not np.isnan(shift.left)
    return (
        shift.role,
        shift.line,
        shift.member,
        shift.start,
        shift.end,
        shift.absent,
        shift.left,
        *(shift.busy[duty] for duty in Duty),
        len(shift.rests) * worked,
        sum(rest.begun_late for rest in shift.rests),
        sum(not rest.taken for rest in shift.rests) * worked,
        shift.break_minutes,
        nan if shift.goes_on else shift.longest_stretch,
    )
