"""Play one replication: put the calendar and the arrivals on the agenda and run it."""

from functools import partial
from itertools import groupby
from math import inf
from operator import itemgetter

from sim.facility.record import columns
from sim.facility.site import Site
from sim.log import BOOKING_COLUMNS, OUTAGE_COLUMNS, Log
from sim.rules.order import Change, Rank, Step
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors


def simulate(scenario: Scenario, visitors: Visitors) -> Log:
    """What happens at a site when these visitors come. Pure: nothing here is random.

    Visitors arrive until the horizon ends. A site that is then closed is played on, for a day
    at most, until it is empty; one that is open is left as it is.
    """
    site = Site(scenario, visitors)
    plan_calendar(site)
    _plan_arrivals(site)
    while not is_over(site):
        site.agenda.step()
    return log_of(site)


def is_over(site: Site) -> bool:
    """Whether nothing is to come, or nothing but what is past the horizon and counts no more."""
    due, horizon = site.agenda.peek(), site.scenario.horizon.minutes
    return due == inf or (due > horizon and (site.door.is_open or site.is_empty()))


def log_of(site: Site) -> Log:
    """The log of a site that is over."""
    horizon = site.scenario.horizon.minutes
    end = horizon if site.door.is_open else max(horizon, site.agenda.now)
    site.staff.crew.close(end)
    return Log(
        visits=site.record.visit_columns(),
        service_asked=site.record.service_table("asked"),
        service_start=site.record.service_table("start"),
        service_end=site.record.service_table("end"),
        stay_tasks=site.record.stay_task_columns(),
        responses=site.record.response_columns(),
        people=site.staff.columns(),
        changes=site.state.columns(),
        end=end,
        bookings={name: getattr(site.visitors.bookings, name) for name in BOOKING_COLUMNS},
        outages=columns(
            {name: [getattr(one, name) for one in site.places.outages] for name in OUTAGE_COLUMNS},
            OUTAGE_COLUMNS,
        ),
    )


def _plan_arrivals(site: Site) -> None:
    """Each arrival puts the next one on the agenda, which so stays short."""
    times = site.visitors.arrival

    def arrive(number: int) -> None:
        plan(number + 1)
        site.arrive(number)

    def plan(number: int) -> None:
        if number < len(times):
            site.agenda.at(
                float(times[number]), Rank.ARRIVAL, number, Step.DOOR, partial(arrive, number)
            )

    plan(0)


def plan_calendar(site: Site) -> None:
    """All calendar changes of one instant are one event, in their order."""
    changes = site.timetable.changes.tolist()
    for time, at_once in groupby(changes, key=itemgetter(0)):
        due = [(what, number) for _, what, number in at_once]
        site.agenda.at(time, Rank.CALENDAR, 0, 0, partial(_do, site, due))


def _do(site: Site, changes: list[tuple[int, int]]) -> None:
    for what, number in changes:
        site.change(Change(what), number)
