"""What a day's page draws, as intervals read from the log; nothing is simulated."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import inf, isfinite, isnan
from typing import Any

import numpy as np

from sim.log import OUT_OF_ORDER, ROLE_SERIES, Log, Outcome, Where
from sim.measures.steps import ChangeLog, Steps
from sim.report.watch.courses import (
    SLOTTED,
    WAITING,
    Area,
    Course,
    cleaned,
    courses,
    queues_of,
    with_slots,
)
from sim.report.watch.day import Day
from sim.scenario.derived.calendar import places_on_days
from sim.scenario.derived.roster import working_days
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import Service
from sim.visitors import Visitors

Data = dict[str, Any]

_SITE_SERIES = (
    *("open", "inside", "nobody_free", "below_cover", "role_missing"),
    *("waiting_check_in", "waiting_place", "waiting_service"),
)
_ROOM_SERIES = ("open", "unusable", "paused")


def watch_data(scenario: Scenario, visitors: Visitors, log: Log, day: Day) -> Data:
    """All that the page draws, ready to be written as JSON.

    Times are minutes after midnight of the horizon's first day, the very stamps of the log.
    `visits` are rows of (row in the log, kind, outcome, arrival, path), a path being rows of
    (time, area, room or service, slot) as in `paths`; `series` are pairs of times and
    values, of which a value holds from its time until the next.

    Args:
        scenario: what was simulated.
        visitors: those who came, for how long each wanted to stay.
        log: what happened.
        day: the day to draw.
    """
    visits = with_slots(courses(scenario, visitors, log, day))
    counts, rooms = ChangeLog(scenario, log), list(scenario.rooms)
    return {
        "start": day.start,
        "end": day.end,
        "midnight": day.midnight,
        "areas": {area.name.lower(): area.value for area in Area},
        "outcomes": [outcome.name.lower() for outcome in Outcome],
        "rooms": [_room(scenario, log, day, counts, number) for number in range(len(rooms))],
        "lines": [[rooms.index(name) for name in names] for names in queues_of(scenario)],
        "kinds": [
            {"name": name, "priority": kind.priority} for name, kind in scenario.visits.items()
        ],
        "services": list(scenario.services),
        "givers": [_givers(one) for one in scenario.services.values()],
        "tasks": list(_tasks(scenario, log, day)),
        "slots": _slots(scenario, visits, day, counts),
        "visits": [
            [
                visit,
                int(log.visits["kind"][visit]),
                int(log.visits["outcome"][visit]),
                float(log.visits["arrival"][visit]),
                [list(step) for step in path],
            ]
            for visit, path in visits
        ],
        "overdoses": list(_overdoses(scenario, log, day)),
        "roles": _roles(scenario, log, day, counts),
        "shifts": _shifts(scenario, log, day),
        "series": {name: _steps(counts.steps(f"site:{name}"), day) for name in _SITE_SERIES},
    }


def _steps(steps: Steps, day: Day) -> tuple[list[float], list[float]]:
    """What holds during a day: the value at its start, then every change."""
    within = (steps.times > day.start) & (steps.times < day.end)
    first = float(steps.at(np.array([day.start]))[0])
    return [day.start, *steps.times[within].tolist()], [first, *steps.values[within].tolist()]


def _room(scenario: Scenario, log: Log, day: Day, counts: ChangeLog, number: int) -> Data:
    name = list(scenario.rooms)[number]
    room = scenario.rooms[name]
    dirty = cleaned(log, number, counts.steps(f"room:{name}:cleaning"))
    return {
        "name": name,
        "places": room.places,
        "limit": room.time_limit.limit if room.time_limit is not None else None,
        "cleaned_by_staff": room.cleaning is not None and bool(room.cleaning.roles),
        "cleaning": [
            [one.place, one.start, one.end if isfinite(one.end) else None]
            for one in dirty
            if one.start < day.end and one.end > day.start
        ],
        "out": list(_out_of_order(log, day, number)),
        "limits": _steps(_limits(scenario, name), day),
        "series": {
            one: _steps(counts.steps(f"room:{name}:{one}"), day)
            for one in (*_ROOM_SERIES, *([OUT_OF_ORDER] if room.failures else []))
        },
    }


def _out_of_order(log: Log, day: Day, room: int) -> Iterator[list[object]]:
    """Places that are out of order on the day: which, since when and until when, if it is known."""
    columns = log.outages
    for row in ((columns["room"] == room) & (columns["out"] < day.end)).nonzero()[0]:
        start, end = float(columns["out"][row]), float(columns["back"][row])
        if not end <= day.start:
            yield [int(columns["place"][row]), start, _known(end)]


def _limits(scenario: Scenario, room: str) -> Steps:
    """How many places a room has: those with higher numbers are closed for the day."""
    changes = places_on_days(scenario)[room]
    return Steps(
        np.array([-inf, *(time for time, _ in changes)]),
        np.array([float(scenario.rooms[room].places), *(float(places) for _, places in changes)]),
    )


# --- queues and slots -----------------------------------------------------------------------------


def _slots(scenario: Scenario, visits: Sequence[Course], day: Day, counts: ChangeLog) -> Data:
    """How much room the picture needs: desks, seats, staff and the longest that each line gets."""
    highest: Counter[tuple[Area, int]] = Counter()
    for _, path in visits:
        for step in path:
            if step.area in SLOTTED:
                key = (step.area, step.number)
                highest[key] = max(highest[key], step.slot + 1)
    longest, services = _longest(visits), range(len(scenario.services))
    desks = scenario.check_in.desks if scenario.check_in is not None else None
    seats = scenario.aftercare.seats if scenario.aftercare is not None else None
    return {
        "desks": max(desks or 0, highest[Area.DESK, 0]),
        "seats": max(seats or 0, highest[Area.SEAT, 0]),
        "seat_limit": seats,
        "elsewhere": highest[Area.ELSEWHERE, 0],
        "services": [highest[Area.SERVICE, one] for one in services],
        "street": longest[Area.STREET, 0],
        "desk_line": longest[Area.DESK_LINE, 0],
        "staff": _most(counts, scenario, day, "on_duty", "overtime"),
        "resting": _most(counts, scenario, day, "on_break"),
        "service_lines": [longest[Area.SERVICE_LINE, one] for one in services],
        "line": longest[Area.LINE, -1],
        "lines": [longest[Area.LINE, one] for one in range(len(queues_of(scenario)))],
    }


def _most(counts: ChangeLog, scenario: Scenario, day: Day, *what: str) -> int:
    """The most of all staff who are at once at what is named, such as `on_break`."""
    roles = scenario.staff.roles if scenario.staff is not None else {}
    steps = [counts.steps(f"role:{role}:{name}") for role in roles for name in what]
    if not steps:
        return 0
    times = np.unique(np.concatenate([[day.start], *(_steps(one, day)[0] for one in steps)]))
    return int(np.sum([one.at(times) for one in steps], axis=0).max())


def _longest(visits: Sequence[Course]) -> Counter[tuple[Area, int]]:
    """The most people at once in each line, and (-1) in all of a kind together."""
    changes: list[tuple[float, int, tuple[Area, int]]] = []
    for _, path in visits:
        for number, step in enumerate(path):
            if step.area in WAITING:
                for key in ((step.area, step.number), (step.area, -1)):
                    changes.append((step.time, 1, key))
                    changes += [(after.time, -1, key) for after in path[number + 1 : number + 2]]
    now: Counter[tuple[Area, int]] = Counter()
    longest: Counter[tuple[Area, int]] = Counter()
    for _, change, key in sorted(changes):  # who leaves at an instant before who comes
        now[key] += change
        longest[key] = max(longest[key], now[key])
    return longest


# --- overdoses and staff --------------------------------------------------------------------------


def _overdoses(scenario: Scenario, log: Log, day: Day) -> Iterator[Data]:
    """Those that are under way on the day, in order of onset; those off site by their onset."""
    severities = scenario.overdose.severities if scenario.overdose is not None else {}
    names = list(severities)
    for row in range(len(log.responses["visit"])):
        of = {name: float(column[row]) for name, column in log.responses.items()}
        last = (
            of["onset"]
            if isnan(of["first"]) and of["where"] == Where.OFF_SITE
            else _last(of["end"])
        )
        if of["onset"] >= day.end or last < day.start:
            continue
        severity = severities[names[int(of["severity"])]]
        place = int(log.visits["place"][int(of["visit"])])
        yield {
            "visit": int(of["visit"]),
            "where": int(of["where"]),
            "room": int(of["room"]),
            "place": place if of["room"] >= 0 else -1,
            "severity": names[int(of["severity"])],
            "team_size": len(severity.team),
            "observers": severity.observers,
            "ambulance": severity.ambulance is not None,
            **{name: _known(of[name]) for name in ("onset", "first", "team", "stable", "end")},
            "others": int(of["others"]),
            "interrupted": int(of["interrupted"]),
        }


def _last(end: float) -> float:
    return inf if isnan(end) else end


def _known(time: float) -> float | None:
    return None if isnan(time) else time


def _givers(service: Service) -> list[str]:
    """The roles that give a service, whichever of its team they are."""
    return list(dict.fromkeys((*service.roles, *(role for one in service.team for role in one))))


def _tasks(scenario: Scenario, log: Log, day: Day) -> Iterator[list[object]]:
    """Tasks of staff during stays that are under way on the day: visit, start, end, roles."""
    of = log.stay_tasks
    roles = [list(task.roles) for task in scenario.stay_tasks.values()]
    ends = np.where(np.isnan(of["end"]), np.inf, of["end"])
    for row in ((of["start"] < day.end) & (ends > day.start)).nonzero()[0]:
        doers = roles[int(of["task"][row])]
        if doers:
            end = _known(float(of["end"][row]))
            yield [int(of["visit"][row]), float(of["start"][row]), end, doers]


def _roles(scenario: Scenario, log: Log, day: Day, counts: ChangeLog) -> list[Data]:
    """Roles that are rostered on the day, with the number of people at each activity."""
    if scenario.staff is None:
        return []
    people, who = log.people, working_days(scenario).body
    today = (people["start"] < day.end) & (people["end"] > day.start)
    found: list[Data] = []
    for number, role in enumerate(scenario.staff.roles):
        mine = today & (people["role"] == number)
        steps = {name: _steps(counts.steps(f"role:{role}:{name}"), day) for name in ROLE_SERIES}
        # Whoever has several shifts is one person.
        rostered = len(np.unique(who[mine]))
        if rostered or any(steps["overtime"][1]):
            absent = len(np.unique(who[mine & (people["absent"] == 1)]))
            found.append({"name": role, "rostered": rostered, "absent": absent, "series": steps})
    return found


def _shifts(scenario: Scenario, log: Log, day: Day) -> list[list[object]]:
    """Shifts that touch the day: role, name, start, end, people, absent; those alike together."""
    if scenario.staff is None:
        return []
    rota, people = scenario.staff.rota, log.people
    count: Counter[tuple[float, float, int]] = Counter()
    absent: Counter[tuple[float, float, int]] = Counter()
    for row in ((people["start"] < day.end) & (people["end"] > day.start)).nonzero()[0]:
        times = float(people["start"][row]), float(people["end"][row])
        key = (*times, int(people["line"][row]))
        count[key] += 1
        absent[key] += int(people["absent"][row])
    return [
        [rota[line].role, rota[line].name, start, end, number, absent[start, end, line]]
        for (start, end, line), number in sorted(count.items())
    ]
