"""The staff as a whole: the order in which work is given out, and what shifts bring."""

from sim.compiled import inlined
from sim.fast.codes import HAND_OVER, NOBODY_FREE, NONE
from sim.fast.memory import person_row, task_row
from sim.fast.record import put
from sim.fast.rows import Site
from sim.fast.tasks import assign_tasks, ends_now, roles_in_hand, take_from_task
from sim.fast.teams import anyone_for_overdose, assign_teams
from sim.fast.work import (
    assign_covered_breaks,
    assign_forced_breaks,
    breaks_of_shift_over,
    come_on_shift,
    finish_shift,
    give,
    may_do,
)


@inlined
def assign(site: Site) -> bool:
    """Give out work, the most urgent first, and breaks. Returns whether anything was given."""
    given = site.gathering_count > 0 and assign_teams(site)
    given |= site.due_count > 0 and assign_forced_breaks(site)
    given |= assign_tasks(site)
    given |= site.due_count > 0 and assign_covered_breaks(site)
    return given


@inlined
def note_nobody_free(site: Site) -> None:
    """Bring up to date whether the site is open and nobody could go to an overdose."""
    if site.responding_any:
        put(site, NOBODY_FREE, 1 if site.is_open and not anyone_for_overdose(site) else 0)


@inlined
def begin_shift(site: Site, number: int) -> None:
    """Someone's shift begins. From another role they hand over what this one cannot do."""
    shift = person_row(site, number)
    person = person_row(site, shift.body)
    changes = person.on_shift and person.role != shift.role and person.task != NONE
    if changes and not may_do(site, shift.role, roles_in_hand(site, person)):
        _hand_over(site, shift.body)
    come_on_shift(site, number)


@inlined
def end_shift(site: Site, number: int) -> None:
    """Someone's shift ends: they leave, hand over, or finish what they have in hand."""
    person = person_row(site, number).body
    breaks_of_shift_over(site, person)
    _hand_over(site, person)
    finish_shift(site, person)


@inlined
def _hand_over(site: Site, number: int) -> None:
    """Someone puts down a task, if that is how shifts end; and what they are but held for."""
    task = person_row(site, number).task
    if task == NONE or ends_now(site, task):
        return
    if site.end_of_shift == HAND_OVER or not task_row(site, task).running:
        take_from_task(site, task, number)
        give(site, number, NONE, NONE)
