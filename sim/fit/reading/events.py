"""A log of events, one thing that happened a row, as visits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np

from sim.fit.reading.columns import Fate, fate_of, folded, kind_of
from sim.fit.reading.register import Bools, Floats, Ints
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario

_NAN = float("nan")
_APART = DAY / 2
"""Minutes between two events of a client that are of two visits, where none says `in`."""


class _Step(Enum):
    """What an event is in a visit."""

    ARRIVED = auto()
    CHECKED_IN = auto()
    ENTERED = auto()
    LEFT = auto()
    OUT = auto()
    FATE = auto()


def _words(text: str) -> frozenset[str]:
    return frozenset(folded(one) for one in text.split(", "))


_IN = _words(
    "in, ind, arrived, arrival, check-in, registration, registered, sign in, ankomst, ankommet, "
    "registrering, eintritt, ankunft, anmeldung, arrivee, entree, inscription"
)
_OUT = _words(
    "out, ud, udgang, departed, departure, check-out, sign out, afgang, austritt, abmeldung, "
    "depart, sortie"
)
_ENTER = _words("start, entered, begin, begins, beginn, booth in, ind i rum, plads, debut")
_LEAVE = _words("end, ends, left, stop, complete, slut, booth out, ud af rum, ende, fin")
_USE = _words("use, using, booth, session, consumption, indtag, forbrug, konsum, konsumvorgang")


@dataclass
class _Visit:
    """A visit as its events are put together."""

    row: int
    """Of its first event."""
    times: dict[_Step, float] = field(default_factory=dict)
    last: float = _NAN
    room: int = -1
    fate: Fate | None = None


def visits_of_events(
    time: Floats,
    texts: Mapping[str, Sequence[str]],
    rest: Mapping[str, Ints],
    site: Scenario,
    names: Mapping[str, str],
) -> tuple[dict[str, Floats | Ints | Bools], Bools]:
    """The visits of a log of events, and which rows belong to none.

    A client's visit begins with an event that says `in`, or, where no event of the log does, with
    the first after half a day without any.

    Args:
        time: of each event.
        texts: what it was, and its phase and room, if the log says them.
        rest: the other columns, of which each visit has those of its first event.
        site: whose rooms an activity may be.
        names: rooms of the site by what the log calls them.
    """
    rooms = list(site.rooms)
    steps = _steps(texts, rooms, names)
    some_arrive = any(step is _Step.ARRIVED for step, _, _ in steps)
    order = np.lexsort((np.arange(len(time)), time))
    current: dict[int, _Visit] = {}
    visits: list[_Visit] = []
    orphans = np.zeros(len(time), dtype=np.bool_)
    clients = rest["client"]
    for row in order.tolist():
        step, room, fate = steps[row]
        at, client = float(time[row]), int(clients[row])
        if np.isnan(at) or client < 0:
            orphans[row] = True
            continue
        visit = current.get(client)
        if _begins(step, visit, at, some_arrive=some_arrive):
            visit = current[client] = _Visit(row)
            visits.append(visit)
        if visit is None:
            orphans[row] = True
            continue
        visit.last = at
        visit.fate = fate or visit.fate
        visit.room = room if room >= 0 else visit.room
        if step is not None:
            visit.times.setdefault(step, at)
    return _columns(visits, time, rest), orphans


def with_ends(
    columns: Mapping[str, Floats], client: Ints
) -> tuple[dict[str, Floats], Bools, Bools]:
    """Visits whose end stands in a row of its own, with only the time at which somebody left.

    Such a row is of the last visit of its client, within half a day, that has no end yet.

    Returns:
        The columns with the ends, which rows are visits, and which ends belong to none.
    """
    found = {name: one.copy() for name, one in columns.items()}
    start = np.fmin(found["arrived"], found["entered"])
    end = np.fmin(found["left"], found["out"])
    only = np.isnan(start) & ~np.isnan(end)
    orphans = only.copy()
    if not only.any():
        return found, ~only, orphans
    begun: dict[int, list[int]] = {}
    for row in np.lexsort((only, np.where(only, end, start))).tolist():
        whose = begun.setdefault(int(client[row]), [])
        if client[row] < 0 or (np.isnan(start[row]) and not only[row]):
            continue
        if not only[row]:
            if np.isnan(end[row]):
                whose.append(row)
        elif whose and end[row] - start[whose[-1]] <= _APART:
            visit = whose.pop()
            orphans[row] = False
            for name in ("left", "out"):
                found[name][visit] = found[name][row]
    return found, ~only, orphans


def _begins(step: _Step | None, visit: _Visit | None, at: float, *, some_arrive: bool) -> bool:
    if some_arrive:
        return step is _Step.ARRIVED
    if step in (_Step.LEFT, _Step.OUT):
        return False
    again = visit is not None and step is _Step.ENTERED and step in visit.times
    return visit is None or again or at - visit.last > _APART


def _steps(
    texts: Mapping[str, Sequence[str]], rooms: Sequence[str], names: Mapping[str, str]
) -> list[tuple[_Step | None, int, Fate | None]]:
    """What each event is, in which room, and how the visit ended by it."""
    known: dict[tuple[str, str, str], tuple[_Step | None, int, Fate | None]] = {}
    found = []
    for row in zip(texts["event"], texts["phase"], texts["room"], strict=True):
        if row not in known:
            known[row] = _step(*row, rooms, names)
        found.append(known[row])
    return found


def _step(
    event: str, phase: str, room: str, rooms: Sequence[str], names: Mapping[str, str]
) -> tuple[_Step | None, int, Fate | None]:
    what, when = folded(event), folded(phase)
    place = kind_of(room, rooms, names) if room else kind_of(event, rooms, names)
    number = -1 if place is None else rooms.index(place)
    if not what:
        what, when = when, ""
    begins, ends = when in _ENTER | _IN, when in _LEAVE | _OUT
    if what in _IN:
        return (_Step.CHECKED_IN if ends else _Step.ARRIVED), number, None
    if what in _OUT:
        return (None if begins else _Step.OUT), number, None
    if not when and what in _ENTER | _LEAVE:
        return (_Step.ENTERED if what in _ENTER else _Step.LEFT), number, None
    if (place is not None or what in _USE) and (begins or ends):
        return (_Step.ENTERED if begins else _Step.LEFT), number, None
    fate = fate_of(event)
    return (None if fate is None else _Step.FATE), number, fate


def _columns(
    visits: Sequence[_Visit], time: Floats, rest: Mapping[str, Ints]
) -> dict[str, Floats | Ints | Bools]:
    """The visits as columns of a register."""
    rows = np.array([one.row for one in visits], dtype=np.int64)

    def stamps(step: _Step) -> Floats:
        return np.array([one.times.get(step, _NAN) for one in visits])

    first = time[rows] if len(rows) else np.empty(0)
    left = stamps(_Step.LEFT)
    entered = stamps(_Step.ENTERED)
    return {
        **{name: column[rows] for name, column in rest.items()},
        "arrived": first,
        "checked_in": stamps(_Step.CHECKED_IN),
        "entered": entered,
        "left": np.where(np.isnan(entered), np.nan, left),
        "out": stamps(_Step.OUT),
        "room": np.array([one.room for one in visits], dtype=np.int64),
        "fate": np.array(
            [Fate.SERVED if one.fate is None else one.fate for one in visits], dtype=np.int64
        ),
    }
