"""Reaching a row of a table: all tables are reached through the site's row.

Handing every function the tables it needs would mean a dozen arguments each, and a tuple of them
is copied and counted at every call. So the site's row says where each table lies, and a row is
reached from there without a call. With NUMBA_BOUNDSCHECK=1 every reach is checked.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from llvmlite import ir
from numba import config, from_dtype, types
from numba.extending import intrinsic

from sim.compiled import Untyped, inlined
from sim.fast.memory.codes import DUTIES, MARKS, NONE, STAMPS
from sim.fast.memory.people import Break, Member, Part, Person, Response, Seat, Severity, Task
from sim.fast.memory.rooms import Outage, Room, Rule, Service, Size, StayTask
from sim.fast.memory.rows import (
    Address,
    CalendarChange,
    Cell,
    Count,
    Event,
    Flag,
    Queue,
    Site,
    Whole,
    rows_of,
)
from sim.fast.memory.visits import Due, Kind, Visit
from sim.log import CHANGE_TYPES

Row = TypeVar("Row")


def _made_by_hand(function: Callable[..., Untyped]) -> Untyped:
    """Numba's `intrinsic`: a function that says itself of which machine instructions it is made."""
    return intrinsic(function)


def reach(
    table: str,
    count: str,
    kind: type[Row],
    *,
    mask: str = "",
    whole: type[np.number[Any]] = np.int64,
) -> Callable[[Any, int], Row]:
    """A function that gives a row of a table of the site, or of what else is handed over.

    Args:
        table: the field of the site that says where the table lies.
        count: the field of the site that says how many rows it has.
        kind: what is in a row.
        mask: for a ring, the field of the site that says which bits of a number tell its row.
        whole: of what type its whole numbers are.
    """
    row = from_dtype(rows_of(kind, whole))

    @_made_by_hand
    def row_at(_: Untyped, site: Untyped, _number: Untyped) -> Untyped:
        def code(context: Untyped, builder: Untyped, _signature: Untyped, args: Untyped) -> Untyped:
            base, number = args
            if mask:
                number = builder.and_(number, _load(builder, base, site.offset(mask)))
            rows = _load(builder, base, site.offset(count))
            start = _load(builder, base, site.offset(table))
            return _row(context, builder, row, start, rows, number)

        return row(site, types.int64), code

    found: Callable[[Any, int], Row] = row_at
    return found


def reach_at(kind: type[Row]) -> Callable[[Address, int, int], Row]:
    """A function that gives a row of the table at an address, which has so many rows."""
    row = from_dtype(rows_of(kind))

    @_made_by_hand
    def row_at(_: Untyped, address: Untyped, count: Untyped, number: Untyped) -> Untyped:
        def code(context: Untyped, builder: Untyped, _signature: Untyped, args: Untyped) -> Untyped:
            return _row(context, builder, row, *args)

        return row(address, count, number), code

    found: Callable[[Address, int, int], Row] = row_at
    return found


def _row(
    context: Untyped, builder: Untyped, row: Untyped, start: Untyped, rows: Untyped, number: Untyped
) -> Untyped:
    """Where a row lies."""
    if config.BOUNDSCHECK:
        outside = builder.icmp_unsigned(">=", number, rows)
        with builder.if_then(outside, likely=False):
            context.call_conv.return_user_exc(builder, IndexError, ("there is no such row",))
    where = builder.add(start, builder.mul(number, ir.Constant(number.type, row.size)))
    return builder.inttoptr(where, context.get_value_type(row))


def _load(builder: Untyped, base: Untyped, offset: int) -> Untyped:
    """The whole number at an offset within a row: one that the loop never changes."""
    start = builder.bitcast(base, ir.IntType(8).as_pointer())
    field = builder.gep(start, [ir.Constant(ir.IntType(64), offset)])
    found = builder.load(builder.bitcast(field, ir.IntType(64).as_pointer()))
    found.set_metadata("invariant.load", builder.module.add_metadata([]))
    return found


event_row = reach("events", "events_room", Event)
change_row = reach("calendar", "calendar_count", CalendarChange)
count_row = reach("counts", "series", Count)
visit_row = reach("visits", "ring", Visit, mask="ring_mask")
kind_row = reach("kinds", "kinds_count", Kind)
room_row = reach("rooms", "rooms_count", Room)
size_row = reach("sizes", "sizes_count", Size)
outage_row = reach("outages", "outages_room", Outage)
rule_row = reach("rules", "rules_count", Rule)
service_row = reach("services", "services_count", Service)
stay_task_row = reach("stay_tasks", "stay_tasks_count", StayTask)
_due_row = reach("dues", "dues_count", Due)
task_row = reach("tasks", "tasks_count", Task, mask="tasks_mask")
person_row = reach("people", "people_count", Person)
break_row = reach("breaks", "breaks_count", Break)
severity_row = reach("severities", "severities_count", Severity)
part_row = reach("parts", "parts_count", Part)
seat_row = reach("seats", "seats_count", Seat)
response_row = reach("responses", "responses_room", Response)
member_row = reach("members", "members_room", Member)
cell, whole, flag = reach_at(Cell), reach_at(Whole), reach_at(Flag)
"""One value of a column."""
logged_time = reach("change_time", "change_room", Cell)
logged_series = reach("change_series", "change_room", Whole, whole=CHANGE_TYPES["series"])
logged_value = reach("change_value", "change_room", Whole, whole=CHANGE_TYPES["value"])
"""One value of a column of the log of changes."""
queue_row = reach("queues", "queues_count", Queue)
idle_row = reach("idle", "roles_count", Queue)


@_made_by_hand
def lowest_bit(_: Untyped, bits: Untyped) -> Untyped:
    """Which bit is the lowest of those set."""

    def code(_context: Untyped, builder: Untyped, _signature: Untyped, args: Untyped) -> Untyped:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(bits), code


@_made_by_hand
def fetch(_: Untyped, address: Untyped, number: Untyped) -> Untyped:
    """Have the processor bring a value of a column near; one that is not there does no harm."""

    def code(context: Untyped, builder: Untyped, _signature: Untyped, args: Untyped) -> Untyped:
        start, number = args
        where = builder.add(
            start, builder.mul(number, ir.Constant(number.type, from_dtype(rows_of(Cell)).size))
        )
        pointer, whole_number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer, *[whole_number] * 3])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [pointer], kind)
        # To be written, to be kept as near as can be, and no instruction.
        builder.call(prefetch, [builder.inttoptr(where, pointer), *map(whole_number, (1, 3, 1))])
        return context.get_dummy_value()

    return types.none(address, number), code


# --- the visitors ----------------------------------------------------------------------------


@inlined
def drawn(site: Site, column: Address, number: int) -> float:
    """What chance has drawn for a visitor."""
    return cell(column, site.drawn_count, visit_row(site, number).drawn).value


@inlined
def drawn_of(site: Site, table: Address, which: int, number: int) -> float:
    """What chance has drawn for a visitor and a room or service."""
    count = site.drawn_count
    return cell(table, (which + 1) * count, which * count + visit_row(site, number).drawn).value


# --- the visits ------------------------------------------------------------------------------


@inlined
def mark(site: Site, column: int, number: int) -> Whole:
    """A whole number of a visit in the log."""
    count = site.visits_count
    return whole(site.marks, MARKS * count, column * count + number)


@inlined
def stamp(site: Site, column: int, number: int) -> Cell:
    """A time of a visit in the log."""
    count = site.visits_count
    return cell(site.stamps, STAMPS * count, column * count + number)


@inlined
def service_stamp(site: Site, what: int, service: int, number: int) -> Cell:
    """When a visitor asked for a service, or it started or ended, in the log."""
    services, count = site.services_count, site.visits_count
    return cell(
        site.service_times, 3 * services * count, (what * services + service) * count + number
    )


@inlined
def due_row(site: Site, number: int, task: int) -> Due:
    """A task during the stay of a visit under way."""
    return _due_row(site, (number & site.ring_mask) * site.stay_tasks_count + task)


@inlined
def drawn_for_stay_task(site: Site, column: Address, number: int, task: int) -> float:
    """What chance has drawn for the next time of a task during a visit's stay."""
    return cell(column, site.stay_tasks_drawn, _next_time(site, number, task)).value


@inlined
def stay_task_stamp(site: Site, what: int, number: int, task: int) -> Cell:
    """When a visit's task was asked for, or began or ended this time, in the log."""
    count = site.stay_tasks_drawn
    at = what * count + _next_time(site, number, task)
    return cell(site.stay_task_stamps, 3 * count, at)


@inlined
def stay_task_times(site: Site, number: int, task: int) -> int:
    """How often a task may come during a visit's stay."""
    at, count = _of_stay_task(site, number, task)
    return whole(site.stay_task_times, count, at).value


@inlined
def _next_time(site: Site, number: int, task: int) -> int:
    at, count = _of_stay_task(site, number, task)
    first = whole(site.stay_task_first, count, at).value
    return first + due_row(site, number, task).time


@inlined
def _of_stay_task(site: Site, number: int, task: int) -> tuple[int, int]:
    """Where it stands what chance has drawn for a visit and a task; and how long the table is."""
    count = site.drawn_count
    return task * count + visit_row(site, number).drawn, site.stay_tasks_count * count


@inlined
def accepted(site: Site, number: int, position: int) -> Whole:
    """A room that will do for a visit in the queue, in order of preference."""
    width, row = site.accepted_width, number & site.ring_mask
    return whole(site.accepted, site.ring * width, row * width + position)


@inlined
def place_is_free(site: Site, place: int) -> Flag:
    """Whether a place is free; places are numbered through all rooms."""
    return flag(site.free_places, site.all_places, place)


@inlined
def outage_of(site: Site, place: int) -> Whole:
    """The outage of a place that has failed; places are numbered through all rooms."""
    return whole(site.failed_places, site.all_places, place)


@inlined
def listed(site: Site, position: int) -> int:
    """An entry of the lists of rooms and roles."""
    return whole(site.lists, site.lists_count, position).value


@inlined
def role_list(site: Site, number: int) -> tuple[int, int]:
    """Where a list of roles begins and ends."""
    count = site.role_lists_count + 1
    first = whole(site.role_lists, count, number).value
    return first, whole(site.role_lists, count, number + 1).value


@inlined
def roles_of_duty(site: Site, duty: int) -> int:
    """The list of roles for a duty that is the same for everybody."""
    return whole(site.duty_roles, DUTIES, duty).value


# --- staff and overdoses ---------------------------------------------------------------------


@inlined
def here(site: Site, position: int) -> Whole:
    """Who is here: a place in the list, in order of number."""
    return whole(site.here, site.people_count, position)


@inlined
def there(site: Site, role: int) -> Whole:
    """How many of a role are on duty and not on a break."""
    return whole(site.there, site.roles_count, role)


@inlined
def worked(site: Site, number: int, duty: int) -> Cell:
    """Minutes that someone has worked on a duty."""
    return cell(site.busy, site.people_count * DUTIES, number * DUTIES + duty)


@inlined
def chosen(site: Site, seat: int) -> Whole:
    """Who is found for a seat of a task that takes several."""
    return whole(site.chosen, site.chosen_count, seat)


@inlined
def due(site: Site, position: int) -> Whole:
    """A break that is due: a place in the list."""
    return whole(site.due, site.breaks_count, position)


@inlined
def gathering(site: Site, position: int) -> Whole:
    """A response whose team is not complete: a place in the list, in order of onset."""
    return whole(site.gathering, site.responses_room, position)


@inlined
def seat_of(site: Site, response: int, seat: int) -> Member:
    """A seat in the team of a response."""
    return member_row(site, response * site.members_width + seat)


# --- queues ---------------------------------------------------------------------------------------


class _Member(Protocol):
    """What stands in a queue; in one at most."""

    ahead: int
    behind: int


class _Queues(NamedTuple):
    """How to put a member into a queue behind another, or first when that is NONE; and out."""

    insert: Callable[[Site, int, int, int], None]
    """Takes the queue, the member and the one ahead."""
    remove: Callable[[Site, int, int], None]
    """Takes the queue and the member."""


def _queues(
    queue_row: Callable[[Site, int], Queue], row: Callable[[Site, int], _Member]
) -> _Queues:
    """The queues of one kind of members."""

    @inlined
    def insert(site: Site, queue: int, number: int, ahead: int) -> None:
        behind = queue_row(site, queue).first if ahead == NONE else row(site, ahead).behind
        member = row(site, number)
        member.ahead, member.behind = ahead, behind
        join(site, queue, ahead, number)
        join(site, queue, number, behind)

    @inlined
    def remove(site: Site, queue: int, number: int) -> None:
        member = row(site, number)
        join(site, queue, member.ahead, member.behind)

    @inlined
    def join(site: Site, queue: int, ahead: int, behind: int) -> None:
        """Make two members neighbours; NONE is the end of the queue."""
        if ahead == NONE:
            queue_row(site, queue).first = behind
        else:
            row(site, ahead).behind = behind
        if behind == NONE:
            queue_row(site, queue).last = ahead
        else:
            row(site, behind).ahead = ahead

    return _Queues(insert, remove)


insert_visit, remove_visit = _queues(queue_row, visit_row)
insert_task, remove_task = _queues(queue_row, task_row)
insert_idle, remove_idle = _queues(idle_row, person_row)


# --- the visits under way -------------------------------------------------------------------------


@inlined
def enlist(site: Site, number: int) -> None:
    """Put a visit on the list of those under way."""
    visit = visit_row(site, number)
    visit.earlier, visit.later = site.visits_last, NONE
    if site.visits_last == NONE:
        site.visits_first = number
    else:
        visit_row(site, site.visits_last).later = number
    site.visits_last = number


@inlined
def strike_off(site: Site, number: int) -> None:
    """Take a visit off the list of those under way."""
    visit = visit_row(site, number)
    if visit.earlier == NONE:
        site.visits_first = visit.later
    else:
        visit_row(site, visit.earlier).later = visit.later
    if visit.later == NONE:
        site.visits_last = visit.earlier
    else:
        visit_row(site, visit.later).earlier = visit.earlier
