"""The staff as a whole: the order in which work is given out, and what shifts bring."""

from sim.compiled import inlined, part
from sim.fast.memory.codes import CHECK_IN, HAND_OVER, INSIDE, NOBODY_FREE, NONE
from sim.fast.memory.reach import (
    listed,
    part_row,
    person_row,
    role_list,
    roles_of_duty,
    room_row,
    rule_row,
    service_row,
    severity_row,
    stay_task_row,
    task_row,
    there,
    visit_row,
)
from sim.fast.memory.record import put, value
from sim.fast.memory.rows import Site
from sim.fast.places import unwatched
from sim.fast.tasks import assign_tasks, ends_now, roles_in_hand, take_from_task
from sim.fast.teams import anyone_for_overdose, assign_teams
from sim.fast.waiting import needs_check_in, needs_service, needs_stay_task
from sim.fast.work import (
    assign_covered_breaks,
    assign_forced_breaks,
    breaks_of_shift_over,
    come_on_shift,
    finish_shift,
    give,
    may_do,
    stay_on,
    who,
)


@inlined
def assign(site: Site) -> bool:
    """Give out work, the most urgent first, and breaks. Returns whether anything was given."""
    given = site.gathering_count > 0 and assign_teams(site)
    given |= site.due_count > 0 and assign_forced_breaks(site)
    given |= site.due_count > 0 and site.breaks_first and assign_covered_breaks(site)
    given |= assign_tasks(site)
    given |= site.due_count > 0 and not site.breaks_first and assign_covered_breaks(site)
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
    if site.stay_until_empty and not site.is_open and value(site, INSIDE) > 0:
        stay_on(site, person)  # until it is seen who is needed
    else:
        _go_home(site, person)


@part
def _go_home(site: Site, person: int) -> None:
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


# --- who stays after closing ----------------------------------------------------------------------


@part
def let_go(site: Site) -> bool:
    """Send home who is on duty after their shift and can be spared. Returns whether anyone was.

    Those whose shift ended first go first, of them the highest number; who is on a break does not
    count as there. So nobody stays who could be spared, and of those alike the latest end and the
    lowest number do. When nobody is inside any more, or it opens, everybody goes.
    """
    everybody = site.is_open or value(site, INSIDE) == 0
    _count_there(site)
    went, number = False, _next_to_go(site, NONE)
    while number != NONE:
        later, role = _next_to_go(site, number), person_row(site, number).role
        if everybody or _can_be_spared(site, role):
            there(site, role).value -= 1
            _go_home(site, number)
            went = True
        number = later
    return went


@inlined
def _count_there(site: Site) -> None:
    for role in range(site.roles_count):
        there(site, role).value = 0
    for position in range(site.here_count):
        person = person_row(site, who(site, position))
        if person.on_shift and person.on_break == NONE:
            there(site, person.role).value += 1


@inlined
def _next_to_go(site: Site, after: int) -> int:
    """Of those who stay the first to go, or the first after someone."""
    found = NONE
    for position in range(site.here_count):
        number = who(site, position)
        if (
            person_row(site, number).stays
            and (after == NONE or _goes_sooner(site, after, number))
            and (found == NONE or _goes_sooner(site, number, found))
        ):
            found = number
    return found


@inlined
def _goes_sooner(site: Site, number: int, other: int) -> bool:
    """Whether someone who stays goes before another: the earlier end, the higher number."""
    one, two = person_row(site, number), person_row(site, other)
    end, its_end = person_row(site, one.shift).end, person_row(site, two.shift).end
    return end < its_end or (end == its_end and one.order > two.order)


@part
def _can_be_spared(site: Site, role: int) -> bool:
    """Whether nothing lacks one more of those there without someone of a role."""
    for number in range(site.severities_count):
        severity = severity_row(site, number)
        first, end = severity.first_part, severity.end_parts
        if _lacks(site, first, end, role) > _lacks(site, first, end, NONE):
            return False
    for number in range(site.rules_count):
        if _is_watching(site, number, role):
            return False
    for room in range(site.rooms_count):
        if room_row(site, room).awaited and _is_last(site, role, room_row(site, room).cleaners, 1):
            return False
    return not _is_last_for_somebody(site, role)


@inlined
def _lacks(site: Site, first: int, end: int, without: int) -> int:
    """How many members a team lacks at best, without someone of a role if one is named.

    By Hall's theorem as many as are too few for the part of the team for which most are.
    """
    lacks = 0
    for number in range(first, end):
        part_of = part_row(site, number)
        people = _there_of(site, part_of.roles)
        if without != NONE and may_do(site, without, part_of.roles):
            people -= 1
        lacks = max(lacks, part_of.number - people)
    return lacks


@inlined
def _is_watching(site: Site, number: int, role: int) -> bool:
    """Whether a supervision rule lacks one more without someone of a role."""
    rule = rule_row(site, number)
    for need in range(rule.first_need, rule.end_needs, 2):
        if listed(site, need) == role and there(site, role).value <= listed(site, need + 1):
            return True
    if not may_do(site, role, rule.roles):
        return False
    people = _there_of(site, rule.roles)
    return people <= rule.minimum or unwatched(rule, people - 1) > unwatched(rule, people)


@inlined
def _is_last_for_somebody(site: Site, role: int) -> bool:
    """Whether someone of a role is the last who can do what somebody inside still needs."""
    desk = roles_of_duty(site, CHECK_IN)
    number = site.visits_first
    while number != NONE:
        visit = visit_row(site, number)
        if visit.inside:
            if needs_check_in(site, number) and _is_last(site, role, desk, 1):
                return True
            for index in range(site.services_count):
                service = service_row(site, index)
                first, end = service.first_part, service.end_parts
                if needs_service(site, number, index) and (
                    _lacks(site, first, end, role) > _lacks(site, first, end, NONE)
                ):
                    return True
            for task in range(site.stay_tasks_count):
                roles = stay_task_row(site, task).roles
                if needs_stay_task(site, number, task) and _is_last(site, role, roles, 1):
                    return True
        number = visit.later
    return False


@inlined
def _is_last(site: Site, role: int, roles: int, needed: int) -> bool:
    """Whether someone of a role is one of the last so many who can do something."""
    return may_do(site, role, roles) and _there_of(site, roles) <= needed


@inlined
def _there_of(site: Site, roles: int) -> int:
    """How many of some roles are on duty and not on a break."""
    found, (first, end) = 0, role_list(site, roles)
    for position in range(first, end):
        found += there(site, listed(site, position)).value
    return found
