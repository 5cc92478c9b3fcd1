"""The one row that holds the site as a whole: its clock, its settings and where its tables lie."""

from sim.fast.rows import Address


class Site:
    """One facility in one replication."""

    # The clock, the calendar, the agenda.
    now: float
    horizon: float
    last: float
    """The latest time for which anything was planned."""
    end: float
    calendar: Address
    calendar_count: int
    calendar_next: int
    events: Address
    events_room: int
    event_count: int
    newcomer: int
    """Who has joined a line in this event, and may need a timer of patience after it."""
    full: bool
    """A table was too small; the run is worth nothing."""

    # What has become possible, and is to be looked at after the event.
    stirred_tasks: bool
    stirred_queue: bool
    stirred_counts: bool
    stirred_cover: bool

    # The state and its log.
    counts: Address
    series: int
    touched: Address
    """The series that this event has touched, as bits."""
    touched_words: int
    change_time: Address
    change_series: Address
    change_value: Address
    change_count: int
    change_room: int

    # The visitors: columns that chance has drawn.
    visits_count: int
    visits_arrived: int
    arrival: Address
    kind: Address
    client: Address
    check_in: Address
    patience: Address
    balk: Address
    stay: Address
    cleaning: Address
    switch_after: Address
    aftercare: Address
    service: Address
    service_patience: Address
    onset: Address
    severity: Address
    intensive: Address
    observation: Address
    ambulance: Address

    # The visits.
    visits: Address
    ring: int
    """Rows for visits under way, a power of two: those to come take the rows of those gone."""
    ring_mask: int
    visits_first: int
    visits_last: int
    stamps: Address
    service_times: Address
    accepted: Address
    accepted_width: int
    kinds: Address
    kinds_count: int
    lists: Address
    lists_count: int
    role_lists: Address
    role_lists_count: int

    # The door.
    is_open: bool
    closes: float
    last_entry: float
    wait_at_door: float
    serves_queue: bool
    stops: bool
    area: int
    spans_open: Address
    spans_close: Address
    spans_count: int
    room_opens: Address
    room_opens_count: int

    # Rooms.
    rooms: Address
    rooms_count: int
    all_places: int
    free_places: Address
    rules: Address
    rules_count: int

    # Services and aftercare.
    has_check_in: bool
    desk_roles: int
    desks: int
    at_desks: int
    services: Address
    services_count: int
    aftercare_seats: int
    aftercare_waits_in_place: bool

    # Staff.
    tasks: Address
    tasks_count: int
    tasks_mask: int
    lines: Address
    lines_count: int
    tasks_tickets: int
    people: Address
    people_count: int
    here: Address
    here_count: int
    idle: Address
    """By role, the line of those who are free."""
    roles_count: int
    busy: Address
    end_of_shift: int
    rests: Address
    rests_count: int
    due: Address
    due_count: int

    # Overdoses.
    responding: Address
    responding_any: bool
    preempts: bool
    full_team: bool
    severities: Address
    severities_count: int
    seats: Address
    seats_count: int
    cases: Address
    cases_room: int
    cases_count: int
    members: Address
    members_room: int
    members_width: int
    gathering: Address
    gathering_count: int
