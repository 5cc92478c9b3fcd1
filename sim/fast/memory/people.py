"""The rows of staff: their shifts and breaks, their tasks, and the teams that respond."""


class Severity:
    """A degree of overdose."""

    first_seat: int
    end_seats: int
    observers: int
    first_part: int
    end_parts: int


class Part:
    """Some of the members that a team needs: all those for whom no other roles will do."""

    roles: int
    number: int


class Seat:
    """A member of the team that a severity needs."""

    roles: int
    next: int
    """The seat of the team that is filled at this position: the pickiest first."""


class Person:
    """One shift of one member of staff; in the row of their first shift also the person.

    What the calendar and the log have is of each shift; what changes with the person, from `here`
    to `behind`, stands in the row of their first one. Somebody without a name has one shift only.
    """

    end: float
    role: int
    """Of the shift; in the row of the person, of the shift they are on, or were on last."""
    body: int
    """The row of the person."""
    day: int
    """Number of the first shift of the same working day."""
    goes_on: bool
    """Whether the person's next shift begins as this one ends."""
    until: float
    """End of the last of the shifts that go on into each other."""
    left: float
    break_minutes: float
    longest_stretch: float
    """Of shifts that go on into each other of the last one; NaN of the others."""
    here: bool
    """Whether they are at work, on shift or after it."""
    shift: int
    """The row of the shift they are on, or were on last."""
    order: int
    """Of people alike the lowest goes first: number of the first shift of the working day."""
    on_shift: bool
    stays: bool
    """Whether they are on duty after their shift, for those inside after closing."""
    free: bool
    """As counted in the role's number of free people."""
    shown: int
    """The series that count them now, as bits."""
    task: int
    """In hand; or for which they are held."""
    seat: int
    """The seat that they have in a task that takes several."""
    response: int
    on_break: int
    """The break they are on."""
    since: float
    """Start of the present work."""
    counted: float
    """Until when it is counted among the minutes of a shift."""
    idle_since: float
    rested: float
    """When they last came on duty or back from a break."""
    ahead: int
    behind: int
    """Their neighbours among those of the role who are free."""


class Break:
    """A break that a person is to have."""

    person: int
    """The row of the person."""
    shift: int
    """The row of the shift that it is of."""
    latest: float
    remaining: float
    minimum_left: int
    left_of: int
    """Roles of those who count for it; NONE for the person's own."""
    recallable: bool
    begun_late: bool
    since: float
    """When it began, or went on after a recall; NaN before."""
    ends: float
    """When it will end if it is not ended before."""


class Task:
    """A piece of routine work; every visit has a row for each duty."""

    duty: int
    roles: int
    """Roles that can do it, in the table of role lists."""
    joint: int
    """The service that takes several at once; NONE for all other tasks."""
    in_place: bool
    """Whether it has one of that service's own places."""
    turn: int
    """Where it stands among those of its duty that wait: lower goes first."""
    resumed_turn: int
    """The same once it has begun and was interrupted."""
    due: float
    """The time of the appointment by which it goes among those; 0 where none counts."""
    ticket: int
    """Order of asking; kept when interrupted, so that it returns to the head of its queue."""
    remaining: float
    since: float
    """Start of the present stint of work, or of the present wait for it."""
    waited: float
    person: int
    """Who does it; of one that takes several see what each person has in hand."""
    stint: int
    """How often work on it has started; tells an outdated end from the real one."""
    ahead: int
    behind: int
    """Its neighbours in the queue."""
    running: bool
    begun: bool


class Response:
    """An overdose, and the team that comes to it."""

    visit: int
    where: int
    room: int
    severity: int
    onset: float
    reach: float
    began: float
    first: float
    team: float
    """When the last of the team came."""
    stable: float
    end: float
    others: int
    interrupted: int
    members: int
    """How many have a seat in the team."""
    arrived: int
    """How many have come."""


class Member:
    """A seat in the team of a response, and who has it."""

    person: int
    arrived: bool
