"""Numbers for names: the compiled loop knows no text."""

from sim.log import (
    ROLE_SERIES,
    ROOM_SERIES,
    SITE_SERIES,
    TIME,
    VISIT_COLUMNS,
    WHOLE,
    Duty,
    Outcome,
    Where,
)
from sim.rules.order import Change

NONE = -1
"""Nobody, nothing, nowhere."""
NEVER = float("inf")
WORD = 6
"""A whole number that stands for a set has 2 to the power of this bits."""

# Columns of the visits: the whole numbers, and the times.
_WHOLE = [name for name, kind in VISIT_COLUMNS.items() if kind is WHOLE]
_TIMES = [name for name, kind in VISIT_COLUMNS.items() if kind is TIME]
KIND, CLIENT, OUTCOME = map(_WHOLE.index, ("kind", "client", "outcome"))
ROOM, PLACE, OVERDOSE = map(_WHOLE.index, ("room", "place", "overdose"))
MARKS = len(_WHOLE)
ARRIVAL, LET_IN, OUT, WAITED = map(_TIMES.index, ("arrival", "let_in", "out", "waited"))
CHECK_IN_START, CHECK_IN_END = map(_TIMES.index, ("check_in_start", "check_in_end"))
JOINED, SWITCHED = map(_TIMES.index, ("joined", "switched"))
ENTERED, LEFT = map(_TIMES.index, ("entered", "left"))
AFTERCARE_START, AFTERCARE_END = map(_TIMES.index, ("aftercare_start", "aftercare_end"))
STAMPS = len(_TIMES)

# Times of a service.
ASKED, STARTED, ENDED = range(3)

# Times of a task during a stay.
TASK_ASKED, TASK_STARTED, TASK_ENDED = range(3)

# How a visit ends.
SERVED, RENEGED, BALKED = int(Outcome.SERVED), int(Outcome.RENEGED), int(Outcome.BALKED)
NO_SPACE, CLOSED = int(Outcome.NO_SPACE), int(Outcome.CLOSED)
DISMISSED_AT_CLOSE = int(Outcome.DISMISSED_AT_CLOSE)
CUT_SHORT, SERVICE_ONLY = int(Outcome.CUT_SHORT), int(Outcome.SERVICE_ONLY)
INSIDE_AT_END = int(Outcome.INSIDE_AT_END)

# Where an overdose begins.
IN_PLACE, IN_AFTERCARE, OFF_SITE = int(Where.PLACE), int(Where.AFTERCARE), int(Where.OFF_SITE)

# What staff do.
RESPOND, CHECK_IN = int(Duty.RESPOND), int(Duty.CHECK_IN)
SERVICE, STAY_TASK, CLEAN = int(Duty.SERVICE), int(Duty.STAY_TASK), int(Duty.CLEAN)
DUTIES = len(Duty)
TASK_DUTIES = STAY_TASK, CHECK_IN, SERVICE, CLEAN
"""Duties that are tasks, by their place in the number of one: so near that the rows of a visit lie
together. Responses are no tasks."""
PLACE_OF_DUTY = tuple(TASK_DUTIES.index(duty) if duty in TASK_DUTIES else NONE for duty in Duty)
TASK_BITS = (len(TASK_DUTIES) - 1).bit_length()
"""Of a number that stands for a visit and a duty."""

# Queues: of tasks by duty, for a place, for a seat in aftercare.
FOR_PLACE, FOR_SEAT = DUTIES, DUTIES + 1
QUEUES = DUTIES + 2

# Series of the site, of a room and of a role.
SITE_OPEN, INSIDE = map(SITE_SERIES.index, ("open", "inside"))
WAITING_CHECK_IN = SITE_SERIES.index("waiting_check_in")
WAITING_PLACE = SITE_SERIES.index("waiting_place")
WAITING_SERVICE = SITE_SERIES.index("waiting_service")
AFTERCARE, RESPONSES = map(SITE_SERIES.index, ("aftercare", "responses"))
NOBODY_FREE, BELOW_COVER = map(SITE_SERIES.index, ("nobody_free", "below_cover"))
ROLE_MISSING = SITE_SERIES.index("role_missing")
WAITING_FOR = tuple(
    SITE_SERIES.index(name) if (name := f"waiting_{duty.name.lower()}") in SITE_SERIES else NONE
    for duty in Duty
)
"""By duty, the visitors who wait for it; NONE where nobody waits."""
SITE_WIDTH = len(SITE_SERIES)

OPEN, OCCUPIED, BLOCKED = map(ROOM_SERIES.index, ("open", "occupied", "blocked"))
CLEANING, UNUSABLE = map(ROOM_SERIES.index, ("cleaning", "unusable"))
NONE_USABLE = ROOM_SERIES.index("none_usable")
PAUSED, WAITING = map(ROOM_SERIES.index, ("paused", "waiting"))
ROOM_WIDTH = len(ROOM_SERIES)

ON_DUTY, PRESENT = map(ROLE_SERIES.index, ("on_duty", "present"))
ON_BREAK, OVERTIME = map(ROLE_SERIES.index, ("on_break", "overtime"))
BUSY = tuple(ROLE_SERIES.index(duty.name.lower()) for duty in Duty)
"""By duty."""
ROLE_WIDTH = len(ROLE_SERIES)

# What the calendar brings.
SITE_CLOSES, SITE_OPENS = int(Change.SITE_CLOSES), int(Change.SITE_OPENS)
ROOM_CLOSES, ROOM_OPENS = int(Change.ROOM_CLOSES), int(Change.ROOM_OPENS)
SHIFT_ENDS, SHIFT_BEGINS = int(Change.SHIFT_ENDS), int(Change.SHIFT_BEGINS)
PLACES_CHANGE, PLACES_FAIL = int(Change.PLACES_CHANGE), int(Change.PLACES_FAIL)
BREAK_DUE = int(Change.BREAK_DUE)

# End of a shift.
FINISH, FINISH_POOLED, HAND_OVER = range(3)

NOW, LATER = range(2)
"""When somebody may begin a task: at once, or after waiting for others of its team."""
