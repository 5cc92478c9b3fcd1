"""The aftercare room: seats, and those who wait for one in their place."""

from sim.compiled import inlined
from sim.fast.codes import AFTERCARE, FOR_SEAT, NONE
from sim.fast.lines import insert_visit, remove_visit
from sim.fast.memory import line_row
from sim.fast.site_row import Site
from sim.fast.state import add, value


@inlined
def seat_is_free(site: Site) -> bool:
    """Whether a seat is free; NONE seats means no limit."""
    return site.aftercare_seats == NONE or value(site, AFTERCARE) < site.aftercare_seats


@inlined
def take_seat(site: Site) -> None:
    """Take a free seat."""
    add(site, AFTERCARE, 1)


@inlined
def leave_seat(site: Site) -> None:
    """Give a seat back."""
    add(site, AFTERCARE, -1)


@inlined
def wait_for_seat(site: Site, number: int) -> None:
    """Wait for a seat, behind all others."""
    insert_visit(site, FOR_SEAT, number, line_row(site, FOR_SEAT).last)


@inlined
def stop_waiting_for_seat(site: Site, number: int) -> None:
    """Wait no longer, with or without a seat."""
    remove_visit(site, FOR_SEAT, number)
