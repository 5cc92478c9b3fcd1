"""The rows of visits: their kinds, and those under way."""


class Kind:
    """A kind of visit. Its rooms and the room it may switch to go by position in `lists`."""

    first_room: int
    end_rooms: int
    priority: int
    balks: bool
    when_full: float
    per_person_ahead: float
    at_most: float
    above: int
    """NONE for no such limit."""
    switch: int
    books: int
    """The service for which they come by appointment; NONE for those who walk in."""


class Due:
    """A task during the stay of a visit under way."""

    at: float
    """When it is to be asked for; NEVER if it does not come any more."""
    time: int
    """How often it has come before."""


class Visit:
    """A visit under way."""

    number: int
    drawn: int
    """Its row in what chance has drawn for those who may come."""
    balk: int
    """Its row among the numbers that decide about turning round."""
    need: int
    """Whose visit it is, where several facilities share one demand."""
    spent: float
    """Minutes of patience used up before, at other doors."""
    kind: int
    stage: int
    service: int
    """Which service it waits for or receives."""
    received: int
    """How many services it has received."""
    accepts: int
    """How many rooms will do; which, is in the table of accepted rooms."""
    room: int
    place: int
    """The place it is in."""
    response: int
    ahead: int
    behind: int
    """Its neighbours in the queue for a place or for a seat in aftercare; `behind` somebody gone is
    who left before."""
    earlier: int
    later: int
    """Its neighbours among the visits under way, in order of arrival."""
    since: float
    """Joined the queue for a place."""
    gives_up: float
    """When patience runs out; known from joining the first queue, NaN before."""
    tires: float
    """When they leave the line they are in."""
    timer: float
    """For when the last timer of patience is on the agenda."""
    turn: int
    """How often something has been waited for in the stay; tells an outdated event from the real
    one."""
    ends: float
    """End of the stay, where there are tasks during stays."""
    stay_task: int
    """The task during the stay that is waited for or being done, or the next one."""
    asked: float
    """When that one was asked for."""
    after: bool
    """On the stages after the stay."""
    blocks: bool
    """Holds the place although the stay is over."""
    has_seat: bool
    """Holds a seat in aftercare."""
    inside: bool
    overdosed: bool
    cleaning: bool
    """The place is still being cleaned after it."""
