"""The people on shift: who is here, who is free, and what each is counted as."""

from math import isnan

from sim.fast.codes import (
    BUSY,
    FINISH_POOLED,
    NONE,
    ON_BREAK,
    ON_DUTY,
    OVERTIME,
    PRESENT,
    RESPOND,
)
from sim.fast.compiled import compiled, shared
from sim.fast.lines import insert_idle, remove_idle
from sim.fast.memory import (
    here,
    idle_row,
    listed,
    lowest_bit,
    person_row,
    rest_row,
    role_list,
    task_row,
    worked,
)
from sim.fast.rows import Person
from sim.fast.site_row import Site
from sim.fast.state import add, of_role, value


@compiled
def is_free(person: Person) -> bool:
    """On duty with nothing to do."""
    return person.on_shift and not at_work(person) and person.rest == NONE


@compiled
def at_work(person: Person) -> bool:
    """Whether someone has a task or an overdose in hand."""
    return person.task != NONE or person.case != NONE


@compiled
def duty_of(site: Site, person: Person) -> int:
    """What someone at work is doing."""
    return RESPOND if person.case != NONE else task_row(site, person.task).duty


@compiled
def who(site: Site, position: int) -> int:
    """The number of someone here, in order of number."""
    return here(site, position).value


@compiled
def shift_begins(site: Site, number: int) -> None:
    """Someone's shift begins."""
    person = person_row(site, number)
    person.on_shift = True
    person.idle_since = person.rested = site.now
    position = site.here_count
    while position > 0 and who(site, position - 1) > number:
        here(site, position).value = who(site, position - 1)
        position -= 1
    here(site, position).value = number
    site.here_count += 1
    _show(site, number)


@compiled
def finish_shift(site: Site, number: int) -> None:
    """Someone's shift ends; they leave, or stay while they have work in hand."""
    end_rest(site, number)
    person = person_row(site, number)
    person.on_shift = False
    if not at_work(person):
        _leave(site, number)
    _show(site, number)


@shared
def give(site: Site, number: int, task: int, case: int) -> None:
    """Put someone to work, or take them off it; off work after their shift they leave."""
    person = person_row(site, number)
    if at_work(person):
        worked(site, number, duty_of(site, person)).value += site.now - person.since
    person.task, person.case = task, case
    if at_work(person):
        person.since = site.now
    elif person.on_shift:
        person.idle_since = site.now
    else:
        _leave(site, number)
    _show(site, number)


@compiled
def begin_rest(site: Site, number: int) -> None:
    """Someone goes on a break."""
    rest = rest_row(site, number)
    person = person_row(site, rest.person)
    if isnan(rest.since):
        rest.begun_late = site.now > rest.latest
    rest.since = site.now
    person.rest = number
    person.longest_stretch = max(person.longest_stretch, site.now - person.rested)
    _show(site, rest.person)


@compiled
def end_rest(site: Site, number: int) -> None:
    """Someone's break ends or is interrupted; what is left of it stays in `remaining`."""
    person = person_row(site, number)
    if person.rest == NONE:
        return
    rest = rest_row(site, person.rest)
    rest.remaining -= site.now - rest.since
    person.break_minutes += site.now - rest.since
    person.rest = NONE
    person.idle_since = person.rested = site.now
    _show(site, number)


@compiled
def best(site: Site, roles: int) -> int:
    """The free person to choose: by order of the roles, longest idle, lowest number."""
    first, end = role_list(site, roles)
    for position in range(first, end):
        person = longest_idle(site, listed(site, position))
        if person != NONE:
            return person
    return NONE


@compiled
def best_for_task(site: Site, roles: int) -> int:
    """The same, of those roles that may start a task.

    Only `finish_pooled` holds a role back: while as many are busy, people in overtime included,
    as are on duty.
    """
    first, end = role_list(site, roles)
    for position in range(first, end):
        role = listed(site, position)
        person = longest_idle(site, role)
        if person != NONE and (site.end_of_shift != FINISH_POOLED or _has_level(site, role)):
            return person
    return NONE


@compiled
def longest_idle(site: Site, role: int) -> int:
    """Who of a role has been free for longest, of several the lowest number; NONE if nobody is."""
    return idle_row(site, role).first


@compiled
def _stand_by(site: Site, number: int) -> None:
    """Join those of the role who are free: last, but for higher numbers of the same instant."""
    person = person_row(site, number)
    ahead = idle_row(site, person.role).last
    while ahead > number and person_row(site, ahead).idle_since == person.idle_since:
        ahead = person_row(site, ahead).ahead
    insert_idle(site, person.role, number, ahead)


@compiled
def on_recallable_break(site: Site, roles: int) -> int:
    """Someone whose break an overdose may end: by order of the roles, lowest number."""
    first, end = role_list(site, roles)
    for position in range(first, end):
        role = listed(site, position)
        for place in range(site.here_count):
            number = who(site, place)
            person = person_row(site, number)
            if person.role == role and on_recallable(site, person):
                return number
    return NONE


@compiled
def on_recallable(site: Site, person: Person) -> bool:
    """Whether someone is on a break that an overdose may end."""
    return person.rest != NONE and rest_row(site, person.rest).recallable


@compiled
def has_role(site: Site, person: Person, roles: int) -> bool:
    """Whether someone has one of some roles."""
    first, end = role_list(site, roles)
    position = first
    while position < end and listed(site, position) != person.role:
        position += 1
    return position < end


@compiled
def _has_level(site: Site, role: int) -> bool:
    busy = 0
    for duty in BUSY:
        busy += value(site, of_role(site, role, duty))
    on_duty = value(site, of_role(site, role, ON_DUTY))
    return busy < on_duty - value(site, of_role(site, role, ON_BREAK))


@compiled
def present(site: Site, role: int) -> int:
    """People of a role on duty, neither on a break nor at an overdose."""
    return value(site, of_role(site, role, PRESENT))


@compiled
def close_floor(site: Site) -> None:
    """At the end of the replication: count the work in hand up to now."""
    for position in range(site.here_count):
        number = who(site, position)
        person = person_row(site, number)
        if at_work(person):
            worked(site, number, duty_of(site, person)).value += site.end - person.since
        person.left = max(site.end, person.end)
        person.longest_stretch = max(person.longest_stretch, site.end - person.rested)


@compiled
def _leave(site: Site, number: int) -> None:
    person = person_row(site, number)
    person.left = site.now
    person.longest_stretch = max(person.longest_stretch, site.now - person.rested)
    position = 0
    while who(site, position) != number:
        position += 1
    site.here_count -= 1
    for later in range(position, site.here_count):
        here(site, later).value = who(site, later + 1)


@compiled
def _series(site: Site, person: Person) -> int:
    """The series that should count someone, as bits."""
    found = 0
    if person.on_shift:
        found |= 1 << ON_DUTY
        if person.rest != NONE:
            found |= 1 << ON_BREAK
        elif person.case == NONE:
            found |= 1 << PRESENT
    elif at_work(person):
        found |= 1 << OVERTIME
    if at_work(person):
        found |= 1 << BUSY[duty_of(site, person)]
    return found


@compiled
def _show(site: Site, number: int) -> None:
    """Keep the counts of every series, and who is free, in step with what someone does."""
    person = person_row(site, number)
    now = _series(site, person)
    changed = left = now ^ person.shown
    while left:
        series = lowest_bit(left)
        left &= left - 1
        add(site, of_role(site, person.role, series), 1 if now >> series & 1 else -1)
    person.shown = now
    free = is_free(person)
    if free != person.free:
        person.free = free
        if free:
            _stand_by(site, number)
        else:
            remove_idle(site, person.role, number)
    if not at_work(person):
        site.stirred_tasks = True
    if changed:
        site.stirred_counts = True
    if changed >> PRESENT & 1:
        site.stirred_queue = site.stirred_cover = True
