"""Who is at work: people, their shifts and breaks, and what each of them is counted as."""

from math import isnan, nan

from sim.compiled import inlined, part
from sim.fast.memory.agenda import CALENDAR, at
from sim.fast.memory.codes import (
    BUSY,
    FINISH_POOLED,
    LATER,
    NONE,
    NOW,
    ON_BREAK,
    ON_DUTY,
    OVERTIME,
    PRESENT,
    RESPOND,
)
from sim.fast.memory.people import Person
from sim.fast.memory.reach import (
    break_row,
    due,
    here,
    idle_row,
    insert_idle,
    listed,
    lowest_bit,
    person_row,
    remove_idle,
    role_list,
    room_row,
    task_row,
    worked,
)
from sim.fast.memory.record import add, of_role, value
from sim.fast.memory.rows import Site


@inlined
def is_free(person: Person) -> bool:
    """On duty with nothing to do."""
    return person.on_shift and not at_work(person) and person.on_break == NONE


@inlined
def at_work(person: Person) -> bool:
    """Whether someone has a task or an overdose in hand."""
    return person.task != NONE or person.response != NONE


@inlined
def duty_of(site: Site, person: Person) -> int:
    """What someone at work is doing."""
    return RESPOND if person.response != NONE else task_row(site, person.task).duty


@inlined
def who(site: Site, position: int) -> int:
    """The number of someone here, in order of number."""
    return here(site, position).value


@inlined
def come_on_shift(site: Site, number: int) -> None:
    """A shift begins; whoever is at work already goes on from one to the next."""
    shift = person_row(site, number)
    person = person_row(site, shift.body)
    if person.here:
        _go_on(site, shift.body, number)
        return
    person.idle_since = person.rested = site.now
    _come(site, shift.body, number)


@inlined
def _go_on(site: Site, number: int, next_shift: int) -> None:
    """The next shift of someone begins who is on the one before, or has work left of it."""
    person, shift = person_row(site, number), person_row(site, next_shift)
    before = person_row(site, person.shift)
    if at_work(person):
        duty = duty_of(site, person)
        worked(site, person.shift, duty).value += site.now - person.counted
    elif person.on_break != NONE:
        before.break_minutes += site.now - person.counted
    person.counted = site.now
    before.left = site.now
    if before.goes_on:
        shift.longest_stretch, before.longest_stretch = before.longest_stretch, nan
    else:
        _stretch(site, person, site.now)
    if person.role != shift.role or person.order != shift.day:
        _hide(site, number)
    _go(site, number)
    _come(site, number, next_shift)


@inlined
def _come(site: Site, number: int, shift: int) -> None:
    """Join those who are here, in order."""
    person, order = person_row(site, number), person_row(site, shift).day
    person.shift, person.order, person.role = shift, order, person_row(site, shift).role
    person.here = person.on_shift = True
    _stay_no_longer(site, person)
    position = site.here_count
    while position > 0 and person_row(site, who(site, position - 1)).order > order:
        here(site, position).value = who(site, position - 1)
        position -= 1
    here(site, position).value = number
    site.here_count += 1
    _show(site, number)


@inlined
def _go(site: Site, number: int) -> None:
    """Take someone from those who are here."""
    position = 0
    while who(site, position) != number:
        position += 1
    site.here_count -= 1
    for later in range(position, site.here_count):
        here(site, later).value = who(site, later + 1)


@inlined
def finish_shift(site: Site, number: int) -> None:
    """Someone's shift ends; they leave, or stay while they have work in hand."""
    end_break(site, number)
    person = person_row(site, number)
    person.on_shift = False
    _stay_no_longer(site, person)
    if not at_work(person):
        _leave(site, number)
    _show(site, number)


@inlined
def stay_on(site: Site, number: int) -> None:
    """Someone's shift ends, and they stay on duty for those inside."""
    end_break(site, number)
    person_row(site, number).stays = site.choosy = True
    site.stayers += 1
    _show(site, number)


@inlined
def _stay_no_longer(site: Site, person: Person) -> None:
    """Whoever was on duty after their shift goes, or is on the next one."""
    if person.stays:
        person.stays = False
        site.stayers -= 1
        site.choosy = not site.begin_late or site.stayers > 0


@part
def give(site: Site, number: int, task: int, response: int) -> None:
    """Put someone to work, or take them off it; off work after their shift they leave."""
    person = person_row(site, number)
    if at_work(person):
        worked(site, person.shift, duty_of(site, person)).value += site.now - person.counted
    person.task, person.response = task, response
    if at_work(person):
        person.since = person.counted = site.now
    elif person.on_shift:
        person.idle_since = site.now
    else:
        _leave(site, number)
    _show(site, number)


@inlined
def begin_break(site: Site, number: int) -> None:
    """Someone goes on a break."""
    pause = break_row(site, number)
    person = person_row(site, pause.person)
    if isnan(pause.since):
        pause.begun_late = site.now > pause.latest
    pause.since = person.counted = site.now
    person.on_break = number
    _stretch(site, person, site.now)
    _show(site, pause.person)


@inlined
def end_break(site: Site, number: int) -> None:
    """Someone's break ends or is interrupted; what is left of it stays in `remaining`."""
    person = person_row(site, number)
    if person.on_break == NONE:
        return
    pause = break_row(site, person.on_break)
    pause.remaining -= site.now - pause.since
    person_row(site, person.shift).break_minutes += site.now - person.counted
    person.on_break = NONE
    person.idle_since = person.rested = site.now
    _show(site, number)


@inlined
def best(site: Site, roles: int) -> int:
    """The free person to choose: by order of the roles, longest idle, lowest number."""
    first, end = role_list(site, roles)
    for position in range(first, end):
        person = idle_row(site, listed(site, position)).first
        if person != NONE:
            return person
    return NONE


@inlined
def best_for_task(site: Site, roles: int, minutes: float, room: int) -> int:
    """The same, of those who may start a task of so many minutes; in a room, if it is to clean.

    Only `finish_pooled` holds a role back: while as many are busy, people in overtime included,
    as are on duty.
    """
    first, end = role_list(site, roles)
    for position in range(first, end):
        role = listed(site, position)
        person = idle_row(site, role).first
        if site.choosy:
            person = first_who_may(site, person, minutes, room, NOW)
        if person != NONE and may_take_more(site, role, 0):
            return person
    return NONE


@part
def first_who_may(site: Site, first: int, minutes: float, room: int, start: int) -> int:
    """Of those free from one of them on, the first who may begin a task NOW; or LATER.

    After closing whatever somebody inside still needs is begun, for whoever does it would stay for
    it; and by those who stay nothing else is. Otherwise, unless tasks are begun late, nobody
    begins one that would end after their shift, or is held for one that they must begin by now.
    """
    needed = site.closing_down and (room == NONE or room_row(site, room).awaited)
    while first != NONE and not needed:
        person = person_row(site, first)
        if start == LATER:
            in_time = latest_start(site, person, minutes) > site.now
        else:
            in_time = site.now + minutes <= person_row(site, person.shift).until
        if not person.stays and (site.begin_late or in_time):
            break
        first = person.behind
    return first


@inlined
def latest_start(site: Site, person: Person, minutes: float) -> float:
    """When someone must begin a task of so many minutes that is not to end after their shift."""
    return person_row(site, person.shift).until - minutes


@inlined
def may_take_more(site: Site, role: int, chosen: int) -> bool:
    """Whether one of a role may start a task, beside so many who are chosen for the same one."""
    return site.end_of_shift != FINISH_POOLED or _has_level(site, role, chosen)


@inlined
def _stand_by(site: Site, number: int) -> None:
    """Join those of the role who are free: behind whoever has been so for longer."""
    person = person_row(site, number)
    ahead = idle_row(site, person.role).last
    while ahead != NONE and _goes_before(person, person_row(site, ahead)):
        ahead = person_row(site, ahead).ahead
    insert_idle(site, person.role, number, ahead)


@inlined
def _goes_before(person: Person, other: Person) -> bool:
    """Whether someone has been free for longer, or as long with a lower number."""
    if person.idle_since != other.idle_since:
        return person.idle_since < other.idle_since
    return person.order < other.order


@inlined
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


@inlined
def on_recallable(site: Site, person: Person) -> bool:
    """Whether someone is on a break that an overdose may end."""
    return person.on_break != NONE and break_row(site, person.on_break).recallable


@inlined
def may_do(site: Site, role: int, roles: int) -> bool:
    """Whether a role is one of some."""
    first, end = role_list(site, roles)
    position = first
    while position < end and listed(site, position) != role:
        position += 1
    return position < end


@part
def _has_level(site: Site, role: int, chosen: int) -> bool:
    busy = chosen
    for duty in BUSY:
        busy += value(site, of_role(site, role, duty))
    on_duty = value(site, of_role(site, role, ON_DUTY))
    if site.stayers > 0:
        on_duty += _stay_of(site, role)
    return busy < on_duty - value(site, of_role(site, role, ON_BREAK))


@inlined
def _stay_of(site: Site, role: int) -> int:
    """How many of a role are on duty after their shift."""
    found = 0
    for position in range(site.here_count):
        person = person_row(site, who(site, position))
        if person.stays and person.role == role:
            found += 1
    return found


@part
def on_duty_of(site: Site, roles: int) -> int:
    """People of some roles on duty, whatever they do."""
    found = 0
    for position in range(site.here_count):
        person = person_row(site, who(site, position))
        if person.on_shift and may_do(site, person.role, roles):
            found += 1
    return found


@inlined
def on_duty_with(site: Site, role: int) -> int:
    """People of a role on duty, whatever they do."""
    found = 0
    for position in range(site.here_count):
        person = person_row(site, who(site, position))
        if person.on_shift and person.role == role:
            found += 1
    return found


@inlined
def present(site: Site, role: int) -> int:
    """People of a role on duty, neither on a break nor at an overdose."""
    return value(site, of_role(site, role, PRESENT))


@inlined
def close_crew(site: Site) -> None:
    """At the end of the replication: count the work in hand, and breaks, up to now."""
    for position in range(site.here_count):
        number = who(site, position)
        person = person_row(site, number)
        shift = person_row(site, person.shift)
        if at_work(person):
            duty = duty_of(site, person)
            worked(site, person.shift, duty).value += site.end - person.counted
        elif person.on_break != NONE:
            shift.break_minutes += site.end - person.counted
        shift.left = max(site.end, shift.end)
        _stretch(site, person, site.end)


@inlined
def _leave(site: Site, number: int) -> None:
    person = person_row(site, number)
    person_row(site, person.shift).left = site.now
    _stretch(site, person, site.now)
    person.here = False
    _go(site, number)


@inlined
def _stretch(site: Site, person: Person, until: float) -> None:
    """Someone has been at work without a break until now."""
    shift = person_row(site, person.shift)
    shift.longest_stretch = max(shift.longest_stretch, until - person.rested)


@inlined
def _series(site: Site, person: Person) -> int:
    """The series that should count someone, as bits."""
    found = 0
    if person.on_shift:
        found |= 1 << (OVERTIME if person.stays else ON_DUTY)
        if person.on_break != NONE:
            found |= 1 << ON_BREAK
        elif person.response == NONE:
            found |= 1 << PRESENT
    elif at_work(person):
        found |= 1 << OVERTIME
    if at_work(person):
        found |= 1 << BUSY[duty_of(site, person)]
    return found


@inlined
def _hide(site: Site, number: int) -> None:
    """Count someone nowhere, until they are shown again."""
    person = person_row(site, number)
    left = person.shown
    while left:
        series = lowest_bit(left)
        left &= left - 1
        add(site, of_role(site, person.role, series), -1)
    person.shown = 0
    if person.free:
        person.free = False
        remove_idle(site, person.role, number)


@inlined
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


# --- breaks ---------------------------------------------------------------------------------------


@inlined
def fall_due(site: Site, number: int) -> None:
    """The window of someone's break begins."""
    if person_row(site, break_row(site, number).person).on_shift:
        due(site, site.due_count).value = number
        site.due_count += 1


@inlined
def breaks_of_shift_over(site: Site, person: int) -> None:
    """Someone's shift ends: a break not begun is missed."""
    kept = 0
    for position in range(site.due_count):
        number = due(site, position).value
        if break_row(site, number).person != person:
            due(site, kept).value = number
            kept += 1
    site.due_count = kept


@part
def assign_forced_breaks(site: Site) -> bool:
    """Send people on breaks whose window is over, whatever the cover. Returns if anyone went."""
    went, position = False, 0
    while position < site.due_count:
        number = due(site, position).value
        pause = break_row(site, number)
        if site.now >= pause.latest and person_row(site, pause.person).free:
            _begin(site, position)
            went = True
        else:
            position += 1
    return went


@part
def assign_covered_breaks(site: Site) -> bool:
    """Send people on breaks within their window, when enough others are present."""
    went, position = False, 0
    while position < site.due_count:
        number = due(site, position).value
        pause = break_row(site, number)
        person = person_row(site, pause.person)
        covered = _others_present(site, person.role, pause.left_of) >= pause.minimum_left
        if site.now < pause.latest and person.free and covered:
            _begin(site, position)
            went = True
        else:
            position += 1
    return went


@inlined
def _others_present(site: Site, role: int, roles: int) -> int:
    """How many others of someone's role are present, or of some roles if these are named."""
    if roles == NONE:
        return present(site, role) - 1
    found, (first, end) = 0, role_list(site, roles)
    for position in range(first, end):
        found += present(site, listed(site, position))
    return found - 1 if may_do(site, role, roles) else found


@inlined
def recall(site: Site, person: int) -> None:
    """An overdose ends someone's break; the rest of it is due again."""
    number = person_row(site, person).on_break
    end_break(site, person)
    if break_row(site, number).remaining > 0:
        due(site, site.due_count).value = number
        site.due_count += 1


@part
def break_ends(site: Site, number: int) -> bool:
    """Someone's break ends, unless it was ended before. Returns whether it ends now."""
    person = break_row(site, number).person
    if person_row(site, person).on_break != number or break_row(site, number).ends != site.now:
        return False
    end_break(site, person)
    return True


@inlined
def _begin(site: Site, position: int) -> None:
    number = due(site, position).value
    site.due_count -= 1
    for later in range(position, site.due_count):
        due(site, later).value = due(site, later + 1).value
    pause = break_row(site, number)
    begin_break(site, number)
    pause.ends = site.now + pause.remaining
    at(site, pause.ends, CALENDAR, 1 + person_row(site, pause.person).order, 0, number)
