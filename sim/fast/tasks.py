"""Routine work, the most urgent that someone can do first.

There is a queue for each duty, and the more urgent duty comes first. Every visit has a task of
each duty; of those during its stay one at a time.
"""

from sim.compiled import inlined, part
from sim.fast.joint import (
    dismiss_all,
    find_team,
    free_others,
    give_all,
    give_chosen,
    has_own_place,
    leave_own_place,
    take_own_place,
    watch_held,
)
from sim.fast.memory.agenda import STEP_OF_DUTY, complete_at
from sim.fast.memory.codes import (
    CHECK_IN,
    CHECK_IN_START,
    CLEAN,
    DUTIES,
    LATER,
    NEVER,
    NONE,
    NOW,
    PLACE_OF_DUTY,
    ROOM,
    SERVICE,
    STARTED,
    STAY_TASK,
    TASK_ASKED,
    TASK_BITS,
    TASK_DUTIES,
    TASK_ENDED,
    TASK_STARTED,
    WAITING_FOR,
)
from sim.fast.memory.people import Person, Task
from sim.fast.memory.reach import (
    chosen,
    drawn_for_stay_task,
    due_row,
    insert_task,
    mark,
    person_row,
    queue_row,
    remove_task,
    role_list,
    seat_row,
    service_row,
    service_stamp,
    stamp,
    stay_task_row,
    stay_task_stamp,
    stay_task_times,
    task_row,
    visit_row,
)
from sim.fast.memory.record import add
from sim.fast.memory.rows import Site
from sim.fast.work import best_for_task, give


@inlined
def task_of(number: int, duty: int) -> int:
    """The task of a duty for a visit."""
    return (number << TASK_BITS) + PLACE_OF_DUTY[duty]


@inlined
def stand(site: Site, number: int, turn: int, resumed_turn: int, due: float) -> None:
    """Say where a task will stand in line; of duties other than services all stand alike."""
    task = task_row(site, number)
    task.turn, task.resumed_turn, task.due = turn, resumed_turn, due


@inlined
def ask(site: Site, number: int, roles: int, minutes: float) -> None:
    """Put a task in the queue."""
    task = task_row(site, number)
    task.duty = TASK_DUTIES[number & ((1 << TASK_BITS) - 1)]
    task.roles, task.remaining = roles, minutes
    task.ticket = site.tasks_tickets
    site.tasks_tickets += 1
    task.waited = 0.0
    task.running = task.begun = False
    task.person = task.joint = NONE
    _join(site, number)


@inlined
def ask_service(site: Site, number: int, index: int, minutes: float) -> None:
    """Put the task of a service in the queue, which may take several at once."""
    service = service_row(site, index)
    ask(site, number, service.roles, minutes)
    if service.joint:
        task = task_row(site, number)
        task.joint, task.in_place = index, False


@inlined
def withdraw(site: Site, number: int) -> None:
    """Take back a task that waits or is in hand."""
    task = task_row(site, number)
    if task.running:
        _end_stint(site, number)
        _dismiss(site, number)
    else:
        _leave(site, number)
        if task.joint != NONE:
            dismiss_all(site, number)
    if task.joint != NONE:
        leave_own_place(site, task)


@inlined
def assign_tasks(site: Site) -> bool:
    """Start what can be started, the most urgent first. Returns whether anything was."""
    if not site.stirred_tasks:
        return False
    site.stirred_tasks = started = False
    for duty in range(CHECK_IN, DUTIES):
        number, in_vain = queue_row(site, duty).first, NONE
        while number != NONE:
            task = task_row(site, number)
            behind = task.behind
            if task.joint != NONE:
                started |= _start_or_hold(site, number)
            elif task.roles != in_vain:
                room = room_to_clean(site, number, duty) if site.choosy else NONE
                person = _starter(site, duty, task.roles, task.remaining, room)
                if person != _NOBODY:
                    _leave(site, number)
                    _start(site, number, person)
                    started = True
                elif not site.choosy:
                    in_vain = task.roles
            number = behind
    return started


@inlined
def room_to_clean(site: Site, number: int, duty: int) -> int:
    """The room of the place that a task is to clean; NONE for other tasks."""
    return mark(site, ROOM, number >> TASK_BITS).value if duty == CLEAN else NONE


@inlined
def could_start(site: Site, duty: int, roles: int, minutes: float, room: int) -> bool:
    """Whether a task could start now: a desk and someone free, where they are needed."""
    return _starter(site, duty, roles, minutes, room) != _NOBODY


_NOBODY = NONE - 1
"""Stands for nobody who could start a task; NONE for one that starts without anybody."""


@inlined
def _starter(site: Site, duty: int, roles: int, minutes: float, room: int) -> int:
    """Who would start a task now; where they are needed also a desk must be free."""
    if duty == CHECK_IN and site.at_desks == site.desks:
        return _NOBODY
    first, end = role_list(site, roles)
    person = best_for_task(site, roles, minutes, room)
    return _NOBODY if person == NONE and first < end else person


@inlined
def ends_now(site: Site, number: int) -> bool:
    """Whether a task in hand ends at this very instant."""
    task = task_row(site, number)
    return task.running and task.since + task.remaining <= site.now


@part
def take_from_task(site: Site, number: int, person: int) -> None:
    """Take someone from a task in hand, or from one for which they are held.

    One in hand goes back to the head of its queue, with what is left to do, and the others who do
    it are free. The person is left to the caller, who has other work for them, or sends them home.
    """
    task = task_row(site, number)
    if not task.running:
        person_row(site, person).seat = NONE
        return
    _end_stint(site, number)
    task.remaining -= site.now - task.since
    task.person = NONE
    task.turn, task.due = task.resumed_turn, 0.0
    if task.joint != NONE:
        free_others(site, number, person)
    _join(site, number)


@inlined
def roles_in_hand(site: Site, person: Person) -> int:
    """The roles that will do for what somebody has in hand, or is held for."""
    task = task_row(site, person.task)
    if task.joint == NONE:
        return task.roles
    return seat_row(site, service_row(site, task.joint).first_seat + person.seat).roles


@inlined
def finish_task(site: Site, number: int) -> None:
    """A task is done."""
    _end_stint(site, number)
    _dismiss(site, number)
    task = task_row(site, number)
    if task.joint != NONE:
        leave_own_place(site, task)


@inlined
def _join(site: Site, number: int) -> None:
    task = task_row(site, number)
    task.since = site.now
    ahead = queue_row(site, task.duty).last
    while ahead != NONE and _sooner(task, task_row(site, ahead)):
        ahead = task_row(site, ahead).ahead
    insert_task(site, task.duty, number, ahead)
    _count(site, task.duty, 1)
    site.stirred_tasks = True


@inlined
def _sooner(task: Task, other: Task) -> bool:
    """Whether a task comes before another of the same duty."""
    if task.turn != other.turn:
        return task.turn < other.turn
    if task.due != other.due:
        return task.due < other.due
    return task.ticket < other.ticket


@inlined
def _leave(site: Site, number: int) -> None:
    task = task_row(site, number)
    task.waited += site.now - task.since
    remove_task(site, task.duty, number)
    _count(site, task.duty, -1)


@inlined
def _count(site: Site, duty: int, change: int) -> None:
    """Keep the counts of visitors who wait."""
    if WAITING_FOR[duty] != NONE:
        add(site, WAITING_FOR[duty], change)


@inlined
def _start(site: Site, number: int, person: int) -> None:
    task = task_row(site, number)
    task.since, task.running, task.person = site.now, True, person
    task.stint += 1
    if task.duty == CHECK_IN:
        site.at_desks += 1
    if person != NONE:
        give(site, person, number, NONE)
    if task.joint != NONE:
        give_all(site, number)
    if not task.begun:
        task.begun = True
        _stamp_start(site, number)
    ends, step = site.now + task.remaining, STEP_OF_DUTY[task.duty]
    complete_at(site, ends, number >> TASK_BITS, step, task.stint)


@inlined
def _stamp_start(site: Site, number: int) -> None:
    """Note when work on a task starts for the first time."""
    visit, duty = number >> TASK_BITS, task_row(site, number).duty
    if duty == CHECK_IN:
        stamp(site, CHECK_IN_START, visit).value = site.now
    elif duty == SERVICE:
        service_stamp(site, STARTED, visit_row(site, visit).service, visit).value = site.now
    elif duty == STAY_TASK:
        its_task = visit_row(site, visit).stay_task
        stay_task_stamp(site, TASK_STARTED, visit, its_task).value = site.now


@inlined
def _end_stint(site: Site, number: int) -> None:
    task = task_row(site, number)
    task.running = False
    if task.duty == CHECK_IN:
        site.at_desks -= 1
        site.stirred_tasks = True


@inlined
def _dismiss(site: Site, number: int) -> None:
    task = task_row(site, number)
    if task.person != NONE:
        give(site, task.person, NONE, NONE)
        task.person = NONE
    if task.joint != NONE:
        dismiss_all(site, number)


# --- tasks that take several at once --------------------------------------------------------------


@part
def _start_or_hold(site: Site, number: int) -> bool:
    """Start a task that takes several, or hold those whom it lacks not. Returns if that is new."""
    task = task_row(site, number)
    service = service_row(site, task.joint)
    if not task.in_place and not has_own_place(service):
        return False
    if find_team(site, service, number, task.remaining, NOW):
        _leave(site, number)
        _start(site, number, NONE)
        return True
    if service.holds and site.gathers in (NONE, number):
        if not site.begin_late:
            find_team(site, service, number, task.remaining, LATER)
        new = not task.in_place and service.places != NONE
        for seat in range(service.end_seats - service.first_seat):
            person = chosen(site, seat).value
            new |= person != NONE and person_row(site, person).task != number
        if new:
            site.gathers = number
            take_own_place(task, service)
            give_chosen(site, service, number)
            watch_held(site)
        return new
    return False


# --- tasks during the stay ------------------------------------------------------------------------


@part
def plan_stay_tasks(site: Site, number: int) -> None:
    """When the tasks of a stay that begins are to be asked for."""
    for task in range(site.stay_tasks_count):
        due_row(site, number, task).time = 0
        _plan(site, number, task)


@inlined
def _plan(site: Site, number: int, task: int) -> None:
    due = due_row(site, number, task)
    due.at = NEVER
    if due.time < stay_task_times(site, number, task):
        due.at = site.now + drawn_for_stay_task(site, site.stay_task_after, number, task)


@part
def next_stay_task(site: Site, number: int) -> int:
    """The task that is asked for next; NONE if none comes any more.

    A stay that runs on is over before what is to be asked for at its end.
    """
    chosen, soonest, ends = NONE, NEVER, visit_row(site, number).ends
    for task in range(site.stay_tasks_count):
        at = due_row(site, number, task).at
        if at < soonest and (max(at, site.now) < ends or stay_task_row(site, task).waits):
            chosen, soonest = task, at
    return chosen


@inlined
def ask_stay_task(site: Site, number: int) -> None:
    """Ask for the task that is due."""
    visit = visit_row(site, number)
    task = stay_task_row(site, visit.stay_task)
    visit.asked = site.now
    stay_task_stamp(site, TASK_ASKED, number, visit.stay_task).value = site.now
    minutes = drawn_for_stay_task(site, site.stay_task_minutes, number, visit.stay_task)
    stand(site, task_of(number, STAY_TASK), task.priority, task.priority, 0.0)
    ask(site, task_of(number, STAY_TASK), task.roles, minutes)


@inlined
def give_up_stay_task(site: Site, number: int) -> None:
    """The stay ended before the task began; it comes no more."""
    withdraw(site, task_of(number, STAY_TASK))
    due_row(site, number, visit_row(site, number).stay_task).at = NEVER


@inlined
def skip_stay_task(site: Site, number: int) -> None:
    """Nobody is there who could do the task: it comes no more, and the stay goes on."""
    visit = visit_row(site, number)
    if not task_row(site, task_of(number, STAY_TASK)).begun:
        stay_task_stamp(site, TASK_ENDED, number, visit.stay_task).value = site.now
    _let_clock_go_on(site, number)
    due_row(site, number, visit.stay_task).at = NEVER


@part
def stay_task_is_to_come(site: Site, number: int, task: int) -> bool:
    """Whether a task is still to be asked for during the stay that goes on."""
    at = due_row(site, number, task).at
    if at == NEVER:
        return False
    ends = visit_row(site, number).ends
    return max(at, site.now) < ends or stay_task_row(site, task).waits


@part
def stay_task_is_done(site: Site, number: int) -> None:
    """It may come again."""
    visit = visit_row(site, number)
    stay_task_stamp(site, TASK_ENDED, number, visit.stay_task).value = site.now
    _let_clock_go_on(site, number)
    due_row(site, number, visit.stay_task).time += 1
    _plan(site, number, visit.stay_task)


@part
def _let_clock_go_on(site: Site, number: int) -> None:
    """What the clock of the stay stood still for is later."""
    visit = visit_row(site, number)
    if stay_task_row(site, visit.stay_task).waits:
        if visit.ends > visit.asked:
            visit.ends = site.now + (visit.ends - visit.asked)
        for task in range(site.stay_tasks_count):
            due = due_row(site, number, task)
            if visit.asked < due.at < NEVER:
                due.at = site.now + (due.at - visit.asked)
