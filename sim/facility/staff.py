"""The staff as a whole: the rota turned into people, and the order in which work is given out."""

import numpy as np

from sim.facility.agenda import Agenda
from sim.facility.breaks import Breaks
from sim.facility.floor import Floor
from sim.facility.state import State
from sim.facility.tasks import Tasks
from sim.facility.teams import Teams
from sim.facility.work import Person, Rest, Task
from sim.log import PERSON_COLUMNS, Columns, Duty
from sim.scenario.hours import DAY
from sim.scenario.rota import PersonOnShift, break_window, people_on_shift
from sim.scenario.scenario import Scenario
from sim.scenario.staff import Break, Shift
from sim.visitors import Visitors


class Staff:
    """People on shift, their tasks, their breaks and the teams they form."""

    def __init__(
        self, scenario: Scenario, visitors: Visitors, agenda: Agenda, state: State
    ) -> None:
        """Nobody is on duty yet; the calendar calls `begin_shift`."""
        staff, response = scenario.staff, scenario.overdose
        end_of_shift = staff.end_of_shift if staff is not None else "finish"
        self.people = _people(scenario, visitors)
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

    def end_shift(self, person: Person) -> None:
        """Someone's shift ends: they leave, hand over, or finish what they have in hand."""
        self.breaks.shift_over(person)
        work = person.work
        if self._hands_over and isinstance(work, Task) and not self.tasks.is_done(work):
            self.tasks.interrupt(work)
            self.floor.give(person, None)
        self.floor.finish_shift(person)

    def columns(self) -> Columns:
        """One row a person and shift."""
        rows = [_row(person) for person in self.people]
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(PERSON_COLUMNS))
        return {name: table[:, index] for index, name in enumerate(PERSON_COLUMNS)}


def _people(scenario: Scenario, visitors: Visitors) -> list[Person]:
    if scenario.staff is None:
        return []
    rota = scenario.staff.rota
    role_number = {role: index for index, role in enumerate(scenario.staff.roles)}
    return [
        Person(
            number=number,
            role=role_number[rota[on.line].role],
            line=on.line,
            member=on.member,
            start=on.start,
            end=on.end,
            absent=bool(visitors.absent[number]),
            rests=[_rest(on, rota[on.line], rest) for rest in rota[on.line].breaks],
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


def _row(person: Person) -> tuple[float, ...]:
    worked = not person.absent and not np.isnan(person.left)
    return (
        person.role,
        person.line,
        person.member,
        person.start,
        person.end,
        person.absent,
        person.left,
        *(person.busy[duty] for duty in Duty),
        len(person.rests) * worked,
        sum(rest.begun_late for rest in person.rests),
        sum(not rest.taken for rest in person.rests) * worked,
        person.break_minutes,
        person.longest_stretch,
    )
