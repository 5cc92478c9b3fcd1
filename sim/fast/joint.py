"""Tasks that take several at once: who is found for them, and held until they can start."""

from sim.compiled import inlined, part
from sim.fast.memory.agenda import PATIENCE, STEP_HELD, at
from sim.fast.memory.codes import NONE, NOW, TASK_BITS
from sim.fast.memory.people import Task
from sim.fast.memory.reach import (
    chosen,
    idle_row,
    listed,
    person_row,
    role_list,
    seat_row,
    service_row,
    task_row,
)
from sim.fast.memory.rooms import Service
from sim.fast.memory.rows import Site
from sim.fast.work import first_who_may, give, latest_start, may_take_more, who


@inlined
def could_start_joint(site: Site, service: Service, minutes: float) -> bool:
    """Whether a task that takes several could start now."""
    return has_own_place(service) and find_team(site, service, NONE, minutes, NOW)


@part
def find_team(site: Site, service: Service, number: int, minutes: float, start: int) -> bool:
    """Find who could take each seat, beside those held for the task. Returns whether all are.

    The pickiest seat is filled first: it has the fewest who could take it.

    Args:
        site: the site.
        service: that the task is of.
        number: of the task; NONE for one that nobody is held for.
        minutes: how long it takes.
        start: NOW, or LATER for those who could wait for it as well.
    """
    complete, seats = True, service.end_seats - service.first_seat
    for seat in range(seats):
        chosen(site, seat).value = _held_for(site, number, seat)
    for position in range(seats):
        seat = seat_row(site, service.first_seat + position).next
        if chosen(site, seat).value == NONE:
            roles = seat_row(site, service.first_seat + seat).roles
            found = _free_besides(site, roles, seats, minutes, start)
            chosen(site, seat).value = found
            complete &= found != NONE
    return complete


@inlined
def _held_for(site: Site, number: int, seat: int) -> int:
    """Who is held for a seat of a task; NONE, or no task, for nobody."""
    for position in range(site.here_count):
        person = person_row(site, who(site, position))
        if number != NONE and person.task == number and person.seat == seat:
            return who(site, position)
    return NONE


@inlined
def _free_besides(site: Site, roles: int, seats: int, minutes: float, start: int) -> int:
    """The free person to choose beside those chosen already for the same task."""
    first, end = role_list(site, roles)
    for position in range(first, end):
        role, of_role = listed(site, position), 0
        for seat in range(seats):
            person = chosen(site, seat).value
            if person != NONE and person_row(site, person).role == role:
                of_role += 1 if person_row(site, person).task == NONE else 0
        person = idle_row(site, role).first
        if site.choosy:
            person = first_who_may(site, person, minutes, NONE, start)
            while person != NONE and _is_chosen(site, person, seats):
                behind = person_row(site, person).behind
                person = first_who_may(site, behind, minutes, NONE, start)
        else:
            for _ in range(of_role):
                person = person_row(site, person).behind
        if person != NONE and may_take_more(site, role, of_role):
            return person
    return NONE


@inlined
def _is_chosen(site: Site, person: int, seats: int) -> bool:
    """Whether someone is found already for a seat of the same task."""
    found = False
    for seat in range(seats):
        found |= chosen(site, seat).value == person
    return found


@inlined
def give_chosen(site: Site, service: Service, number: int) -> None:
    """Put those who are found to the task, or hold them for it."""
    for seat in range(service.end_seats - service.first_seat):
        person = chosen(site, seat).value
        if person != NONE and person_row(site, person).task != number:
            give(site, person, number, NONE)
            person_row(site, person).seat = seat


@part
def watch_held(site: Site) -> None:
    """See to it that nobody is held for what would by then end after their shift.

    Last of what staff do at that instant: what ends with the shift is begun.
    """
    minutes = task_row(site, site.gathers).remaining
    for position in range(site.here_count):
        person = person_row(site, who(site, position))
        latest = latest_start(site, person, minutes)
        if person.task == site.gathers and not site.begin_late and latest > site.now:
            at(site, latest, PATIENCE, site.gathers >> TASK_BITS, STEP_HELD, NONE)


@inlined
def held_too_long(site: Site) -> bool:
    """Whoever could no longer begin what they are held for is not. Returns whether anyone was."""
    return not site.closing_down and site.gathers != NONE and _let_go_late(site)


@part
def work_as_site_opens(site: Site) -> None:
    """What was still needed after closing is work like any other again."""
    if site.gathers != NONE and not site.begin_late:
        _let_go_late(site)
        watch_held(site)  # some have another shift, perhaps, than when first held


@part
def _let_go_late(site: Site) -> bool:
    """Let those go who are held for what would by now end after their shift."""
    minutes, went, position = task_row(site, site.gathers).remaining, False, 0
    while position < site.here_count:
        number = who(site, position)
        person = person_row(site, number)
        late = latest_start(site, person, minutes) <= site.now
        if person.task == site.gathers and late:
            person.seat = NONE
            give(site, number, NONE, NONE)
            went, position = True, 0  # who leaves is no longer here
        else:
            position += 1
    return went


@part
def give_all(site: Site, number: int) -> None:
    """A task that takes several starts with those who are found."""
    task = task_row(site, number)
    service = service_row(site, task.joint)
    if site.gathers == number:
        site.gathers = NONE
        site.stirred_tasks = True  # another may now hold people
    take_own_place(task, service)
    give_chosen(site, service, number)


@part
def dismiss_all(site: Site, number: int) -> None:
    """Let those go who do a task that takes several, or are held for it."""
    if site.gathers == number:
        site.gathers = NONE
        site.stirred_tasks = True
    free_others(site, number, NONE)


@part
def free_others(site: Site, number: int, but: int) -> None:
    """Let those go who do a task, but for one."""
    position = 0
    while position < site.here_count:
        person = who(site, position)
        if person != but and person_row(site, person).task == number:
            give(site, person, NONE, NONE)
            position = 0  # who leaves is no longer here
        else:
            position += 1


@inlined
def has_own_place(service: Service) -> bool:
    """Whether there is a place of the service for one more, where it has places of its own."""
    return service.places == NONE or service.taken < service.places


@inlined
def take_own_place(task: Task, service: Service) -> None:
    """Take a place of the service, unless the task has one."""
    if not task.in_place:
        task.in_place = True
        service.taken += 1


@inlined
def leave_own_place(site: Site, task: Task) -> None:
    """Leave the place of the service, if the task has one."""
    if task.in_place:
        task.in_place = False
        service_row(site, task.joint).taken -= 1
        site.stirred_tasks = True
