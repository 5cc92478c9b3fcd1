"""The rows of what a site offers: rooms, who must watch them, services, tasks during stays."""


class Room:
    """A room and its places."""

    places: int
    first_place: int
    """Position of its places in the table of all places."""
    cleaners: int
    """Roles that clean it."""
    reach: float
    first_span: int
    end_spans: int
    first_rule: int
    end_rules: int
    takes_people: bool
    occupied: int
    """Places with a person in them, whether on their stay or blocking the place."""
    free: int
    """How many places are free, and not closed for the day."""
    lowest: int
    """No place with a lower number is free."""
    limit: int
    """Places with this number, or a higher one, are closed for the day."""
    closed: int
    """How many of those that would be free are."""
    in_hours: bool
    fails: int
    """How many places a failure puts out of order."""
    out: int
    """How many are out of order."""
    out_open: int
    """How many of these would be open."""
    out_series: int
    """The series that counts them; NONE where none fails."""
    wanted: int
    """How many in the queue accept it."""
    awaited: bool
    """After closing: somebody inside may still get a place of it."""


class Size:
    """How many places a room has from some instant on."""

    room: int
    places: int


class Outage:
    """A place that fails."""

    room: int
    place: int
    repair: float
    failed: float
    out: float
    """Since when it is out of order; NaN while it is in use."""
    back: float


class Rule:
    """A supervision rule."""

    roles: int
    minimum: int
    first_need: int
    end_needs: int
    """Pairs of a role and a number."""
    places_per_staff: float
    """NaN for no limit."""
    occupied: int
    """Places with a person in them, over the rooms of the rule."""
    watchable: int
    """How many people the staff present can watch; 0 if either of the next two is so."""
    short: bool
    """Fewer are present than the minimum."""
    role_missing: bool
    """Fewer of some role are present than are needed."""


class Service:
    """A service."""

    after: bool
    """After the stay, or before the queue for a place."""
    roles: int
    """Of the one member of staff that most take."""
    joint: bool
    """Whether it takes several at once: members of staff, or one of its own places."""
    first_seat: int
    end_seats: int
    first_part: int
    end_parts: int
    """Of the members of staff that it takes, in the table of seats."""
    holds: bool
    """Whether those found first are held until it has all that it takes."""
    places: int
    """Of its own; NONE for no limit."""
    taken: int
    turn: int
    """Where those who walk in stand in line: lower goes first."""
    booked_turn: int
    """Where those stand who are booked."""
    resumed_turn: int
    """Where somebody stands who was interrupted."""
    by_time: bool
    """Whether those who are booked go by their times."""
    early: float
    """How long before their time those who are booked mean to be there."""
    late_after: float
    """How late one may be and keep one's time; NEVER for however late."""
    seen_early: bool


class StayTask:
    """A task during the stay."""

    roles: int
    priority: int
    waits: bool
    """Whether the stay's clock stands still for it."""
