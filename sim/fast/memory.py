"""Reaching a row of a table: all tables are reached through the site's row.

Handing every function the tables it needs would mean a dozen arguments each, and a tuple of them
is copied and counted at every call. So the site's row says where each table lies, and a row is
reached from there without a call. With NUMBA_BOUNDSCHECK=1 every reach is checked.
"""

from collections.abc import Callable, MutableSequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, config, from_dtype, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from sim.fast.codes import DUTIES, VISIT_WIDTH
from sim.fast.compiled import compiled
from sim.fast.rows import (
    Address,
    CalendarChange,
    Case,
    Count,
    Event,
    Kind,
    Line,
    Member,
    Person,
    Rest,
    Room,
    Row,
    Rows,
    Rule,
    Seat,
    Service,
    Severity,
    Task,
    Visit,
    rows_of,
)
from sim.fast.site_row import Site

SITE = rows_of(Site)
EVENT, CALENDAR_CHANGE, COUNT = rows_of(Event), rows_of(CalendarChange), rows_of(Count)
KIND, ROOM, RULE, SERVICE = rows_of(Kind), rows_of(Room), rows_of(Rule), rows_of(Service)
SEVERITY, SEAT, CASE, MEMBER = rows_of(Severity), rows_of(Seat), rows_of(Case), rows_of(Member)
PERSON, REST, TASK, LINE = rows_of(Person), rows_of(Rest), rows_of(Task), rows_of(Line)
VISIT = rows_of(Visit)
FLOAT, INTEGER, FLAG = np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_)


Untyped = Any
"""What Numba and LLVM hand over while they compile; neither carries types."""


def _made_by_hand(function: Callable[..., Untyped]) -> Untyped:
    """Numba's `intrinsic`: a function that says itself of which machine instructions it is made."""
    return intrinsic(function)


def _reach(table: str, count: str, dtype: Rows[Row], mask: str = "") -> Callable[[Site, int], Row]:
    """A function that gives a row of a table.

    Args:
        table: the field of the site that says where the table lies.
        count: the field of the site that says how many rows it has.
        dtype: what is in a row.
        mask: for a ring, the field of the site that says which bits of a number tell its row.
    """
    row = from_dtype(dtype)

    @_made_by_hand
    def reach(_: Untyped, site: Untyped, _number: Untyped) -> Untyped:
        def code(context: Untyped, builder: Untyped, _signature: Untyped, args: Untyped) -> Untyped:
            base, number = args
            if mask:
                number = builder.and_(number, _load(builder, base, site.offset(mask)))
            if config.BOUNDSCHECK:
                rows = _load(builder, base, site.offset(count))
                outside = builder.icmp_unsigned(">=", number, rows)
                with builder.if_then(outside, likely=False):
                    context.call_conv.return_user_exc(builder, IndexError, (table,))
            start = _load(builder, base, site.offset(table))
            where = builder.add(start, builder.mul(number, ir.Constant(number.type, row.size)))
            return builder.inttoptr(where, context.get_value_type(row))

        return row(site, types.int64), code

    found: Callable[[Site, int], Row] = reach
    return found


def _load(builder: Untyped, base: Untyped, offset: int) -> Untyped:
    """The whole number at an offset within a row."""
    start = builder.bitcast(base, ir.IntType(8).as_pointer())
    field = builder.gep(start, [ir.Constant(ir.IntType(64), offset)])
    return builder.load(builder.bitcast(field, ir.IntType(64).as_pointer()))


event_row = _reach("events", "events_room", EVENT)
change_row = _reach("calendar", "calendar_count", CALENDAR_CHANGE)
count_row = _reach("counts", "series", COUNT)
visit_row = _reach("visits", "ring", VISIT, mask="ring_mask")
kind_row = _reach("kinds", "kinds_count", KIND)
room_row = _reach("rooms", "rooms_count", ROOM)
rule_row = _reach("rules", "rules_count", RULE)
service_row = _reach("services", "services_count", SERVICE)
task_row = _reach("tasks", "tasks_count", TASK, mask="tasks_mask")
person_row = _reach("people", "people_count", PERSON)
rest_row = _reach("rests", "rests_count", REST)
severity_row = _reach("severities", "severities_count", SEVERITY)
seat_row = _reach("seats", "seats_count", SEAT)
case_row = _reach("cases", "cases_room", CASE)
member_row = _reach("members", "members_room", MEMBER)
line_row = _reach("lines", "lines_count", LINE)


@_made_by_hand
def _pointer(_: Untyped, address: Untyped) -> Untyped:
    """An address as Numba wants it."""

    def code(_context: Untyped, builder: Untyped, _signature: Untyped, args: Untyped) -> Untyped:
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return types.voidptr(address), code


@_made_by_hand
def lowest_bit(_: Untyped, bits: Untyped) -> Untyped:
    """Which bit is the lowest of those set."""

    def code(_context: Untyped, builder: Untyped, _signature: Untyped, args: Untyped) -> Untyped:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(bits), code


@compiled
def floats(address: Address, count: int) -> MutableSequence[float]:
    """A table of times or minutes."""
    table: MutableSequence[float] = carray(_pointer(address), (count,), FLOAT)
    return table


@compiled
def integers(address: Address, count: int) -> MutableSequence[int]:
    """A table of whole numbers."""
    table: MutableSequence[int] = carray(_pointer(address), (count,), INTEGER)
    return table


@compiled
def flags(address: Address, count: int) -> MutableSequence[bool]:
    """A table of flags."""
    table: MutableSequence[bool] = carray(_pointer(address), (count,), FLAG)
    return table


# --- the visitors ----------------------------------------------------------------------------


@compiled
def drawn(site: Site, column: Address, number: int) -> float:
    """What chance has drawn for a visitor."""
    return floats(column, site.visits_count)[number]


@compiled
def drawn_of(site: Site, table: Address, which: int, number: int) -> float:
    """What chance has drawn for a visitor and a room or service."""
    return floats(table, (which + 1) * site.visits_count)[which * site.visits_count + number]


# --- the visits ------------------------------------------------------------------------------


@compiled
def stamps(site: Site) -> NDArray[np.float64]:
    """(columns, visits): the log of the visits."""
    table: NDArray[np.float64] = carray(
        _pointer(site.stamps), (VISIT_WIDTH, site.visits_count), FLOAT
    )
    return table


@compiled
def service_times(site: Site) -> NDArray[np.float64]:
    """(asked, started and ended; services; visits): the log of the services."""
    table: NDArray[np.float64] = carray(
        _pointer(site.service_times), (3, site.services_count, site.visits_count), FLOAT
    )
    return table


@compiled
def accepted(site: Site, number: int) -> MutableSequence[int]:
    """The rooms that will do for a visit in the queue, in order of preference."""
    width, row = site.accepted_width, number & site.ring_mask
    return integers(site.accepted, site.ring * width)[row * width : (row + 1) * width]


@compiled
def listed(site: Site, position: int) -> int:
    """An entry of the lists of rooms and roles."""
    return integers(site.lists, site.lists_count)[position]


@compiled
def role_list(site: Site, number: int) -> tuple[int, int]:
    """Where a list of roles begins and ends."""
    starts = integers(site.role_lists, site.role_lists_count + 1)
    return starts[number], starts[number + 1]


# --- staff and overdoses ---------------------------------------------------------------------


@compiled
def busy_minutes(site: Site) -> NDArray[np.float64]:
    """(people, duties): minutes of work."""
    table: NDArray[np.float64] = carray(_pointer(site.busy), (site.people_count, DUTIES), FLOAT)
    return table


@compiled
def seat_of(site: Site, case: int, seat: int) -> Member:
    """A seat in the team of a case."""
    return member_row(site, case * site.members_width + seat)
