"""Lines: of visits for a place or a seat in aftercare, of tasks by duty, of free staff by role."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from sim.compiled import inlined
from sim.fast.codes import NONE
from sim.fast.memory import idle_row, line_row, person_row, task_row, visit_row
from sim.fast.rows import Line
from sim.fast.site_row import Site


class _Member(Protocol):
    """What stands in a line; in one at most."""

    ahead: int
    behind: int


class _Lines(NamedTuple):
    """How to put a member into a line behind another, or first when that is NONE; and out."""

    insert: Callable[[Site, int, int, int], None]
    """Takes the line, the member and the one ahead."""
    remove: Callable[[Site, int, int], None]
    """Takes the line and the member."""


def _lines(line_row: Callable[[Site, int], Line], row: Callable[[Site, int], _Member]) -> _Lines:
    """The lines of one kind of members."""

    @inlined
    def insert(site: Site, line: int, number: int, ahead: int) -> None:
        behind = line_row(site, line).first if ahead == NONE else row(site, ahead).behind
        member = row(site, number)
        member.ahead, member.behind = ahead, behind
        join(site, line, ahead, number)
        join(site, line, number, behind)

    @inlined
    def remove(site: Site, line: int, number: int) -> None:
        member = row(site, number)
        join(site, line, member.ahead, member.behind)

    @inlined
    def join(site: Site, line: int, ahead: int, behind: int) -> None:
        """Make two members neighbours; NONE is the end of the line."""
        if ahead == NONE:
            line_row(site, line).first = behind
        else:
            row(site, ahead).behind = behind
        if behind == NONE:
            line_row(site, line).last = ahead
        else:
            row(site, behind).ahead = ahead

    return _Lines(insert, remove)


insert_visit, remove_visit = _lines(line_row, visit_row)
insert_task, remove_task = _lines(line_row, task_row)
insert_idle, remove_idle = _lines(idle_row, person_row)
