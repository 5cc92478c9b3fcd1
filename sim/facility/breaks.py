"""Breaks: begun in their window when cover allows, at its end in any case."""

from sim.facility.agenda import Agenda, Rank
from sim.facility.floor import Floor
from sim.facility.work import Person, Rest


class Breaks:
    """The breaks that are due."""

    def __init__(self, agenda: Agenda, floor: Floor) -> None:
        """Start with none due."""
        self._agenda, self._floor = agenda, floor
        self._due: list[tuple[Person, Rest]] = []

    def fall_due(self, person: Person, rest: Rest) -> None:
        """The window of someone's break begins."""
        if person.on_shift:
            self._due.append((person, rest))

    def shift_over(self, person: Person) -> None:
        """Someone's shift ends: a break not begun is missed."""
        self._due = [(one, rest) for one, rest in self._due if one is not person]

    def assign(self, *, forced: bool) -> bool:
        """Send people on their breaks. Returns whether anyone went.

        Args:
            forced: only breaks whose window is over, whatever the cover; otherwise only breaks
                within their window, when enough others of the role are present.
        """
        went = False
        for person, rest in list(self._due):
            over = self._agenda.now >= rest.latest
            if person.free and forced == over and (over or self._covered(person, rest)):
                self._due.remove((person, rest))
                self._begin(person, rest)
                went = True
        return went

    def recall(self, person: Person) -> None:
        """An overdose ends someone's break; the rest of it is due again."""
        rest = person.rest
        self._floor.end_rest(person)
        if rest is not None and rest.remaining > 0:
            self._due.append((person, rest))

    def _covered(self, person: Person, rest: Rest) -> bool:
        return self._floor.present(person.role) - 1 >= rest.minimum_left

    def _begin(self, person: Person, rest: Rest) -> None:
        self._floor.begin_rest(person, rest)
        began, ends = rest.since, self._agenda.now + rest.remaining

        def end() -> None:
            if person.rest is rest and rest.since == began:
                self._floor.end_rest(person)

        self._agenda.at(ends, Rank.CALENDAR, 1 + person.number, 0, end)
