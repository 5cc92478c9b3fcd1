"""The calendar of one replication, and the order of events at one instant.

What comes first at one instant is written into one integer: rank, then number, then step. So
events have their order whoever planned them first. An event that has become pointless stays on
the agenda and is passed over when its time comes.
"""

from sim.compiled import inlined, part
from sim.fast.memory.codes import NEVER, NONE
from sim.fast.memory.reach import event_row
from sim.fast.memory.rows import Event, Site
from sim.log import Duty
from sim.rules.order import STEP_OF, Rank, Step

CALENDAR, REPAIR, COMPLETION = int(Rank.CALENDAR), int(Rank.REPAIR), int(Rank.COMPLETION)
ONSET, PATIENCE = int(Rank.ONSET), int(Rank.PATIENCE)
"""What comes first at one instant; arrivals come last, and are not on the agenda."""

STEP_STAY, STEP_AFTERCARE, STEP_DOOR = int(Step.STAY), int(Step.AFTERCARE), int(Step.DOOR)
STEP_TASK_DUE = int(Step.TASK_DUE)
STEP_INTENSIVE, STEP_OBSERVATION = int(Step.INTENSIVE), int(Step.OBSERVATION)
STEP_ONSET, STEP_SWITCH, STEP_PATIENCE = int(Step.ONSET), int(Step.SWITCH), int(Step.PATIENCE)
STEP_APPOINTMENT, STEP_HELD = int(Step.APPOINTMENT), int(Step.HELD)
STEP_REACH = int(Step.REACH)
"""And above, one for each member of a response team."""
STEP_OF_DUTY = tuple(int(STEP_OF.get(duty, NONE)) for duty in Duty)
"""What a task of a duty completes."""
DUTY_OF_STEP = tuple(
    next((int(duty) for duty, its in STEP_OF.items() if its == step), NONE)
    for step in range(STEP_REACH)
)
"""The duty of the task that a step completes; NONE of other steps."""

_RANK, _NUMBER, _STEP = 56, 8, 255


@inlined
def rank_of(event: Event) -> int:
    """The rank of an event."""
    return event.order >> _RANK


@inlined
def number_of(event: Event) -> int:
    """The number of the visit, 1 + that of the person, or that of the place, of an event."""
    return (event.order & ((1 << _RANK) - 1)) >> _NUMBER


@inlined
def step_of(event: Event) -> int:
    """The step of an event."""
    return event.order & _STEP


@inlined
def at(site: Site, time: float, rank: int, number: int, step: int, token: int) -> None:
    """Plan an event at an absolute time."""
    _plan(site, time, (rank << _RANK) + (number << _NUMBER) + step, token)


@inlined
def complete_at(site: Site, time: float, number: int, step: int, token: int) -> None:
    """Plan a completion."""
    at(site, time, COMPLETION, number, step, token)


@inlined
def first(site: Site) -> Event:
    """The next event; NEVER is the time of the first of the table, which stays there."""
    return event_row(site, site.event_count - 1)


@inlined
def drop_first(site: Site) -> None:
    """Take the next event off the agenda."""
    site.event_count -= 1


@part
def _plan(site: Site, time: float, order: int, token: int) -> None:
    """Put an event where it belongs: the next one is the last of the table."""
    if time == NEVER:
        return
    site.last = max(site.last, time)
    gap = site.event_count
    if gap == site.events_room:
        site.full = True
        return
    while True:
        sooner = event_row(site, gap - 1)
        if sooner.time >= time and (sooner.time > time or sooner.order >= order):
            break
        _move(event_row(site, gap), sooner)
        gap -= 1
    event = event_row(site, gap)
    event.time, event.order, event.token = time, order, token
    site.event_count += 1


@inlined
def _move(to: Event, event: Event) -> None:
    to.time, to.order, to.token = event.time, event.order, event.token
