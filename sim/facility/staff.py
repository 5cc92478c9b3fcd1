"""The staff as a whole: the rota turned into people, and the order in which work is given out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan

from numpy.typing import ArrayLike

from sim.facility.agenda import Agenda
from sim.facility.record import State, columns
from sim.facility.tasks import Seats, Task, Tasks
from sim.facility.teams import Teams
from sim.facility.work import BreakOnShift, Breaks, Crew, Person, ShiftWorked
from sim.log import PERSON_COLUMNS, Columns, Duty
from sim.rules.timetable import Roster, roster
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors


@dataclass(frozen=True)
class Need:
    """What people must be on duty for, as long as anybody is inside."""

    seats: tuple[tuple[int, ...], ...]
    """Roles that will do for each of those who are needed at once."""
    unwatched: Callable[[int], int] = lambda _: 0
    """How many people in places so many of them could not watch; all seats have the same roles."""
    roles: tuple[int, ...] = ()
    """Of those who watch."""

    def lacks(self, people: Sequence[Person]) -> tuple[int, int]:
        """How many seats these people leave empty at best, and how many people unwatched."""
        watching = sum(one.role in self.roles for one in people)
        return len(self.seats) - self._filled(people), self.unwatched(watching)

    def _filled(self, people: Sequence[Person]) -> int:
        """The most seats that can be filled: one after another, others moving where that helps.

        Kuhn's method for matchings.
        """
        seat_of: dict[int, int] = {}

        def seat(number: int, asked: set[int]) -> bool:
            for one, person in enumerate(people):
                if person.role in self.seats[number] and one not in asked:
                    asked.add(one)
                    if one not in seat_of or seat(seat_of[one], asked):
                        seat_of[one] = number
                        return True
            return False

        return sum(seat(number, set()) for number in range(len(self.seats)))


class Staff:
    """People on shift, their tasks, their breaks and the teams they form."""

    def __init__(
        self, scenario: Scenario, visitors: Visitors, agenda: Agenda, state: State
    ) -> None:
        """Nobody is on duty yet; the calendar calls `begin_shift`."""
        staff, response = scenario.staff, scenario.overdose
        end_of_shift = staff.end_of_shift if staff is not None else "finish"
        self._roster = roster(scenario)
        self._shifts = _shifts(self._roster, visitors)
        self._breaks = _breaks(self._roster, self._shifts)
        self.crew = Crew(agenda, state, pooled=end_of_shift == "finish_pooled")
        desks = scenario.check_in.desks if scenario.check_in is not None else None
        begin_late = staff is None or staff.begin_late
        self.tasks = Tasks(agenda, state, self.crew, desks, begin_late=begin_late)
        self.breaks = Breaks(agenda, self.crew)
        self.teams = Teams(
            agenda,
            self.crew,
            self.tasks,
            self.breaks,
            preempts=response is not None and response.preempts,
            full_team=response is not None and response.start == "full_team",
        )
        self._hands_over = end_of_shift == "hand_over"
        self._breaks_first = staff is not None and staff.break_when == "as_soon_as_covered"
        self.stay = staff is not None and staff.stay_until_empty
        """Whether staff stay after closing until nobody is inside."""

    def assign(self) -> bool:
        """Give out what can be given, the most urgent first. Returns whether anything was."""
        given = self.teams.assign()
        given |= self.breaks.assign(forced=True)
        if self._breaks_first:
            given |= self.breaks.assign(forced=False)
        given |= self.tasks.assign()
        if not self._breaks_first:
            given |= self.breaks.assign(forced=False)
        return given

    def begin_shift(self, number: int) -> None:
        """Someone's shift begins. From another role they hand over what this one cannot do."""
        shift = self._shifts[number]
        person = shift.person
        if person.on_shift and person.role != shift.role:
            work = person.work
            if isinstance(work, Task) and shift.role not in work.roles_of(person):
                self._hand_over(person)
        self.crew.arrive(shift)

    def end_shift(self, number: int, *, stays: bool) -> None:
        """Someone's shift ends: they leave, hand over, or finish what they have in hand.

        Args:
            number: of the shift.
            stays: whether somebody is inside after closing: then `let_go` sees who is needed.
        """
        person = self._shifts[number].person
        self.breaks.shift_over(person)
        if self.stay and stays:
            self.crew.stay(person)
        else:
            self._go_home(person)

    def _go_home(self, person: Person) -> None:
        self._hand_over(person)
        self.crew.finish_shift(person)

    def could_do(self, seats: Seats) -> bool:
        """Whether those on duty, whatever they do now, are enough for a task."""
        on_duty = [person for person in self.crew.here if person.on_shift]
        return Need(seats).lacks(on_duty) == (0, 0)

    def let_go(self, needs: Sequence[Need]) -> bool:
        """Send home who is on duty after their shift and can be spared. Returns whether anyone was.

        Those whose shift ended first go first, of them the highest number; who is on a break does
        not count as there. So nobody stays who could be spared, and of those alike the latest end
        and the lowest number do.

        Args:
            needs: what people are needed for; without any nobody is.
        """
        there = [person for person in self.crew.here if person.on_shift and not person.on_break]
        after = [person for person in there if person.stays]
        went = False
        for person in sorted(after, key=lambda one: (one.shift.end, -one.number)):
            others = [one for one in there if one is not person]
            if all(need.lacks(there) == need.lacks(others) for need in needs):
                there = others
                self._go_home(person)
                went = True
        return went

    def break_due(self, number: int) -> None:
        """The window of someone's break begins."""
        self.breaks.fall_due(self._breaks[number])

    def _hand_over(self, person: Person) -> None:
        """Someone puts down a task, if that is how shifts end; and what they are but held for."""
        work = person.work
        if not isinstance(work, Task) or self.tasks.is_done(work):
            return
        if self._hands_over or not work.running:
            self.tasks.take_from(work, person)
            self.crew.give(person, None)

    def columns(self) -> Columns:
        """One row a person and shift."""
        shifts = self._shifts
        found: dict[str, ArrayLike] = {
            **{name: self._roster.shifts[name] for name in ("role", "line", "member")},
            **{name: self._roster.shifts[name] for name in ("start", "end")},
            "absent": [shift.absent for shift in shifts],
            "left": [shift.left for shift in shifts],
            **{duty.name.lower(): [shift.busy[duty] for shift in shifts] for duty in Duty},
            "breaks_due": [len(shift.breaks) * shift.came for shift in shifts],
            "breaks_deferred": [sum(one.begun_late for one in shift.breaks) for shift in shifts],
            "breaks_missed": [
                sum(not one.taken for one in shift.breaks) * shift.came for shift in shifts
            ],
            "break_minutes": [shift.break_minutes for shift in shifts],
            "longest_stretch": [
                nan if shift.goes_on else shift.longest_stretch for shift in shifts
            ],
        }
        return columns(found, PERSON_COLUMNS)


def _shifts(found: Roster, visitors: Visitors) -> list[ShiftWorked]:
    people = [Person() for _ in found.shifts]
    return [
        ShiftWorked(
            person=people[shift["body"]],
            day=int(shift["day"]),
            role=int(shift["role"]),
            end=float(shift["end"]),
            until=float(shift["until"]),
            absent=bool(absent),
            goes_on=bool(shift["goes_on"]),
        )
        for shift, absent in zip(found.shifts, visitors.absent, strict=True)
    ]


def _breaks(found: Roster, shifts: list[ShiftWorked]) -> list[BreakOnShift]:
    """The breaks that the roster has, each also among those of its shift."""
    breaks = []
    for row in found.breaks:
        shift = shifts[row["shift"]]
        pause = BreakOnShift(
            person=shift.person,
            latest=float(row["latest"]),
            remaining=float(row["length"]),
            minimum_left=int(row["minimum_left"]),
            left_of=found.left_of[row["left_of"]] if row["left_of"] >= 0 else None,
            recallable=bool(row["recallable"]),
        )
        shift.breaks.append(pause)
        breaks.append(pause)
    return breaks
