"""Overdose response teams: who goes, who is taken from other work, and when the team is there."""

from math import isnan

from sim.facility.agenda import Agenda, Rank, Step
from sim.facility.breaks import Breaks
from sim.facility.floor import Floor
from sim.facility.tasks import Tasks
from sim.facility.work import Case, Person, Task


class Teams:
    """The overdoses that need staff."""

    def __init__(
        self,
        agenda: Agenda,
        floor: Floor,
        tasks: Tasks,
        breaks: Breaks,
        *,
        preempts: bool,
        full_team: bool,
    ) -> None:
        """Start with none.

        Args:
            agenda: the calendar.
            floor: the people.
            tasks: the routine work that they may be taken from.
            breaks: the breaks that they may be called back from.
            preempts: whether staff leave tasks when too few are free.
            full_team: whether the intensive phase waits for the last of the team.
        """
        self._gathering: list[Case] = []
        self._agenda, self._floor, self._tasks, self._breaks = agenda, floor, tasks, breaks
        self._preempts, self._full_team = preempts, full_team

    def call(self, case: Case) -> None:
        """Ask for a team; earlier overdoses are served first."""
        self._gathering.append(case)

    def assign(self) -> bool:
        """Send whoever can go. Returns whether anyone was sent."""
        sent = False
        for case in self._gathering:
            for find in (self._floor.best, self._floor.on_recallable_break, self._on_task):
                # The pickiest seat is filled first: it has the fewest who could take it.
                for seat, roles in sorted(enumerate(case.seats), key=lambda one: len(one[1])):
                    if case.team[seat] is None and (person := find(roles)) is not None:
                        self._send(person, case, seat)
                        sent = True
        self._gathering = [case for case in self._gathering if None in case.team]
        return sent

    def release(self, case: Case, keep: int) -> None:
        """Let the team go, except the first `keep` of those who have come."""
        if case in self._gathering:
            self._gathering.remove(case)
        kept = 0
        for seat, person in enumerate(case.team):
            if person is None:
                continue
            if case.arrived[seat] and kept < keep:
                kept += 1
            else:
                case.team[seat] = None
                self._floor.give(person, None)

    def anyone_for(self, roles: frozenset[int]) -> bool:
        """Whether anyone of these roles could go to an overdose now."""
        return any(
            person.free
            or (person.rest is not None and person.rest.recallable)
            or (self._preempts and isinstance(person.work, Task))
            for person in self._floor.here
            if person.role in roles
        )

    def _on_task(self, roles: tuple[int, ...]) -> Person | None:
        """Whom to take from a task: the least urgent duty, the latest start, lowest number."""
        if not self._preempts:
            return None
        busy = [
            (-person.work.duty, -person.since, person.number, person)
            for person in self._floor.here
            if isinstance(person.work, Task) and person.role in roles
        ]
        return min(busy)[-1] if busy else None

    def _send(self, person: Person, case: Case, seat: int) -> None:
        if person.rest is not None:
            self._breaks.recall(person)
        if isinstance(person.work, Task):
            self._tasks.interrupt(person.work)
            case.interrupted += 1
        case.team[seat] = person
        self._floor.give(person, case)
        if case.reach == 0:
            self._arrive(case, seat)
            return

        def arrive() -> None:
            if case.team[seat] is person:
                self._arrive(case, seat)

        at = self._agenda.now + case.reach
        self._agenda.at(at, Rank.COMPLETION, case.visit, Step.REACH + seat, arrive)

    def _arrive(self, case: Case, seat: int) -> None:
        now = self._agenda.now
        case.arrived[seat] = True
        if isnan(case.first):
            case.first = now
        if all(case.arrived):
            case.complete = now
        if all(case.arrived) or not self._full_team:
            case.begun.fire()
