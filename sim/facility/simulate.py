"""Play one replication: put the calendar and the arrivals on the agenda and run it."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from math import inf

from sim.facility.agenda import Rank, Step
from sim.facility.site import Site
from sim.log import Log
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors

Change = Callable[[], None]

# What comes first when several calendar changes fall on one minute: leaving before coming, so
# that a room or a person is never counted twice.
_SITE_CLOSES, _ROOM_CLOSES, _SHIFT_ENDS, _SITE_OPENS, _ROOM_OPENS, _SHIFT_BEGINS, _BREAK = range(7)


def simulate(scenario: Scenario, visitors: Visitors) -> Log:
    """What happens at a site when these visitors come. Pure: nothing here is random.

    Visitors arrive until the horizon ends. A site that is then closed is played on, for a day
    at most, until it is empty; one that is open is left as it is.
    """
    site = Site(scenario, visitors)
    horizon = scenario.horizon.minutes
    _plan_calendar(site, horizon)
    _plan_arrivals(site)
    agenda = site.agenda
    while agenda.peek() < inf and not _over(site, horizon):
        agenda.step()
    end = horizon if site.door.is_open else max(horizon, agenda.now)
    site.staff.floor.close(end)
    return Log(
        visits=site.record.columns(),
        service_asked=site.record.service_table("asked"),
        service_start=site.record.service_table("start"),
        service_end=site.record.service_table("end"),
        responses=site.record.responses(),
        people=site.staff.columns(),
        changes=site.state.columns(),
        end=end,
    )


def _over(site: Site, horizon: float) -> bool:
    """Whether the next event is past the horizon and would change nothing that counts."""
    return site.agenda.peek() > horizon and (site.door.is_open or site.is_empty())


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


def _plan_calendar(site: Site, horizon: float) -> None:
    """All calendar changes of one instant are one event, in a fixed order."""
    changes: dict[float, list[tuple[int, int, Change]]] = defaultdict(list)
    for time, order, number, change in _changes(site, horizon):
        changes[max(0.0, time)].append((order, number, change))
    for time, at_once in changes.items():
        ordered = sorted(at_once, key=lambda change: change[:2])
        site.agenda.at(time, Rank.CALENDAR, 0, 0, partial(_do_all, [c for *_, c in ordered]))


def _do_all(changes: list[Change]) -> None:
    for change in changes:
        change()


def _changes(site: Site, horizon: float) -> Iterator[tuple[float, int, int, Change]]:
    """Every calendar change as time, order, number and what to do."""
    for opens, closes in site.spans:
        yield opens, _SITE_OPENS, 0, site.open
        yield closes, _SITE_CLOSES, 0, site.close
    for room, spans in enumerate(site.room_spans):
        for opens, closes in spans:
            yield opens, _ROOM_OPENS, room, partial(site.open_room, room)
            yield closes, _ROOM_CLOSES, room, partial(site.close_room, room)
    staff = site.staff
    for shift in staff.shifts:
        if shift.absent or shift.start > horizon + DAY:
            continue
        yield shift.start, _SHIFT_BEGINS, shift.number, partial(staff.begin_shift, shift)
        if not shift.goes_on:
            yield shift.end, _SHIFT_ENDS, shift.number, partial(staff.end_shift, shift)
        for number, rest in enumerate(shift.rests):
            if rest.latest > 0:
                due = partial(staff.breaks.fall_due, shift.person, rest)
                yield rest.earliest, _BREAK, 100 * shift.number + number, due
                yield rest.latest, _BREAK, 100 * shift.number + number, _settle_only


def _settle_only() -> None:
    """Nothing but what follows every event: a break whose window is over may now start."""
