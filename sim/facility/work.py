"""What staff are made of: people on shift, tasks, breaks, and the response to an overdose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isnan, nan

from sim.facility.agenda import Signal, Step
from sim.log import Duty


def nothing() -> None:
    """Do nothing."""


@dataclass(eq=False, slots=True)
class Task:
    """A piece of routine work for one member of staff, or for nobody when it has no roles."""

    duty: Duty
    roles: tuple[int, ...]
    """Roles that can do it, the preferred one first; none means no staff is needed."""
    visit: int
    step: Step
    remaining: float
    """Minutes of work left."""
    done: Signal
    priority: int = 0
    begins: Callable[[], None] = nothing
    """Called when work on it starts for the first time."""
    ticket: int = 0
    """Order of asking; kept when interrupted, so that it returns to the head of its queue."""
    running: bool = False
    begun: bool = False
    stint: int = 0
    """How often work on it has started; tells an outdated end from the real one."""
    since: float = 0.0
    """Start of the present stint of work, or of the present wait for it."""
    waited: float = 0.0
    """Minutes in the queue so far, those after an interruption included."""
    person: Person | None = None

    def urgency(self) -> tuple[int, int, int]:
        """Sorts the tasks that wait: by duty, priority, order of asking."""
        return self.duty, self.priority, self.ticket


@dataclass(eq=False, slots=True)
class Rest:
    """A break that a person is to have."""

    earliest: float
    latest: float
    remaining: float
    minimum_left: int
    recallable: bool
    since: float = nan
    """When it began, or went on after a recall."""
    begun_late: bool = False

    @property
    def taken(self) -> bool:
        """Whether it has begun."""
        return not isnan(self.since)


@dataclass(eq=False, slots=True)
class Worked:
    """One shift of one person, and what they did on it."""

    person: Person
    number: int
    """In the order of the log."""
    day: int
    """Number of the first shift of the same working day."""
    role: int
    line: int
    member: int
    start: float
    end: float
    absent: bool
    rests: list[Rest]
    goes_on: bool = False
    """Whether the person's next shift begins as this one ends."""
    left: float = nan
    busy: list[float] = field(default_factory=lambda: [0.0] * len(Duty))
    """Minutes by duty."""
    break_minutes: float = 0.0
    longest_stretch: float = 0.0
    """Of shifts that go on into each other of the last one; of the others it is unknown."""


@dataclass(eq=False, slots=True)
class Person:
    """One member of staff: somebody without a name has one shift only."""

    number: int = -1
    """Of the first shift of the working day: of people alike the lowest goes first."""
    role: int = -1
    shift: Worked = field(init=False)
    """The shift they are on, or were on last."""
    here: bool = False
    """Whether they are at work, on shift or after it."""
    on_shift: bool = False
    work: Task | Case | None = None
    rest: Rest | None = None
    """The break they are on."""
    since: float = 0.0
    """Start of the present work."""
    counted: float = 0.0
    """Until when it is counted among the minutes of a shift."""
    idle_since: float = 0.0
    rested: float = 0.0
    """When they last came on duty or back from a break."""
    shown: frozenset[str] = frozenset()
    """The series that count them now."""

    @property
    def free(self) -> bool:
        """On duty with nothing to do."""
        return self.on_shift and self.work is None and self.rest is None

    def series(self) -> frozenset[str]:
        """The series that should count them."""
        found = set()
        if self.on_shift:
            found.add("on_duty")
            if self.rest is not None:
                found.add("on_break")
            elif not isinstance(self.work, Case):
                found.add("present")
        elif self.work is not None:
            found.add("overtime")
        if self.work is not None:
            found.add(self.work.duty.name.lower())
        return frozenset(found)


@dataclass(eq=False, slots=True)
class Case:
    """An overdose, and the team that comes to it."""

    visit: int
    where: int
    room: int
    severity: int
    onset: float
    reach: float
    """Minutes that staff need to get there."""
    seats: list[tuple[int, ...]]
    """Roles that will do, one entry per member of the team."""
    begun: Signal
    """Fires when the intensive phase can begin."""
    others: int
    duty: Duty = Duty.RESPOND
    team: list[Person | None] = field(default_factory=list)
    arrived: list[bool] = field(default_factory=list)
    first: float = nan
    complete: float = nan
    stable: float = nan
    end: float = nan
    interrupted: int = 0

    def __post_init__(self) -> None:
        """Start with nobody."""
        self.team = [None] * len(self.seats)
        self.arrived = [False] * len(self.seats)
