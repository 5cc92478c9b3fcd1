"""A scenario as numbers: everything of it that no replication changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from sim.fast.codes import FINISH, FINISH_POOLED, HAND_OVER, NONE
from sim.fast.memory import KIND, ROOM, RULE, SEAT, SERVICE, SEVERITY
from sim.fast.plan_staff import StaffPlan, plan_staff
from sim.fast.rows import Row, Rows, Table, new_table
from sim.log import series_names
from sim.scenario.derived.calendar import Span, room_spans, site_spans
from sim.scenario.model.scenario import Scenario

_ENDS = {"finish": FINISH, "finish_pooled": FINISH_POOLED, "hand_over": HAND_OVER}


@dataclass(frozen=True, eq=False)
class Plan:
    """A scenario as numbers."""

    settings: Mapping[str, float]
    """Fields of the site's row."""
    tables: Mapping[str, Table]
    """Tables that the loop only reads."""
    templates: Mapping[str, Table]
    """Tables that the loop changes: each replication has its own copy."""
    spans: Sequence[Span]
    room_spans: Sequence[Sequence[Span]]
    """In fine weather."""
    staff: StaffPlan


class _Lists:
    """Lists of rooms and roles, laid end to end; lists of roles have a number each."""

    def __init__(self) -> None:
        self.entries: list[int] = []
        self._numbers: dict[tuple[int, ...], int] = {}
        self._starts: list[int] = []

    def add(self, numbers: Iterable[int]) -> tuple[int, int]:
        """Add a list; gives where it begins and ends."""
        first = len(self.entries)
        self.entries += numbers
        return first, len(self.entries)

    def roles(self, numbers: tuple[int, ...]) -> int:
        """The number of a list of roles."""
        return self._numbers.setdefault(numbers, len(self._numbers))

    def tables(self) -> dict[str, Table]:
        """The lists as tables."""
        bounds = [self.add(numbers) for numbers in self._numbers]
        starts = [first for first, _ in bounds] + [len(self.entries)]
        return {
            "lists": np.array(self.entries, dtype=np.int64),
            "role_lists": np.array(starts, dtype=np.int64),
        }


def make_plan(scenario: Scenario) -> Plan:
    """Turn a scenario into numbers."""
    lists, rooms = _Lists(), _numbered(scenario.rooms)
    roles = _numbered(scenario.staff.roles if scenario.staff else {})
    tables = {
        "kinds": _kinds(scenario, lists, rooms),
        "services": _services(scenario, lists, roles),
        **_teams(scenario, lists, roles),
    }
    settings = _settings(scenario) | {"desk_roles": _desk_roles(scenario, lists, roles)}
    settings["accepted_width"] = 1 + max(len(kind.rooms) for kind in scenario.visits.values())
    spans = [room_spans(scenario, name) for name in scenario.rooms]
    staff = plan_staff(scenario)
    templates = {
        "rooms": _rooms(scenario, lists, roles),
        "rules": _rules(scenario, lists, roles),
        "people": staff.people,
        "rests": staff.rests,
    }
    return Plan(settings, tables | lists.tables(), templates, site_spans(scenario), spans, staff)


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def _of(names: Iterable[str], numbers: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(numbers[name] for name in names)


def _table(rows: Rows[Row], records: Sequence[Mapping[str, float]]) -> Table:
    """A table from rows that name the fields they fill; the others are 0."""
    table = new_table(rows, len(records))
    for row, record in zip(table, records, strict=True):
        for name, value in record.items():
            row[name] = value
    return table


def _settings(scenario: Scenario) -> dict[str, float]:
    opening, aftercare, area = scenario.opening, scenario.aftercare, scenario.waiting_area
    desk, response, staff = scenario.check_in, scenario.overdose, scenario.staff
    return {
        "horizon": scenario.horizon.minutes,
        "series": len(series_names(scenario)),
        "last_entry": opening.last_entry,
        "wait_at_door": opening.wait_at_door,
        "serves_queue": opening.queue_at_close == "serve",
        "stops": opening.at_close == "stop",
        "area": NONE if area is None else area.seats,
        "all_places": sum(room.places for room in scenario.rooms.values()),
        "has_check_in": desk is not None,
        "desks": NONE if desk is None or desk.desks is None else desk.desks,
        "aftercare_seats": _seats(scenario),
        "aftercare_waits_in_place": (
            aftercare is not None and aftercare.when_full == "wait_in_place"
        ),
        "end_of_shift": _ENDS[staff.end_of_shift] if staff is not None else FINISH,
        "preempts": response is not None and response.preempts,
        "full_team": response is not None and response.start == "full_team",
    }


def _seats(scenario: Scenario) -> int:
    """Seats in aftercare; NONE for no limit."""
    if scenario.aftercare is None:
        return 0
    return NONE if scenario.aftercare.seats is None else scenario.aftercare.seats


def _desk_roles(scenario: Scenario, lists: _Lists, roles: Mapping[str, int]) -> int:
    return lists.roles(_of(scenario.check_in.roles if scenario.check_in else (), roles))


def _kinds(scenario: Scenario, lists: _Lists, rooms: Mapping[str, int]) -> Table:
    records = []
    for kind in scenario.visits.values():
        first, end = lists.add(_of(kind.rooms, rooms))
        record: dict[str, float] = {
            "first_room": first,
            "end_rooms": end,
            "priority": kind.priority,
            "switch": NONE if kind.switch is None else rooms[kind.switch.room],
        }
        if (balking := kind.balking) is not None:
            record |= {
                "balks": True,
                "per_person_ahead": balking.per_person_ahead,
                "at_most": balking.at_most,
                "above": NONE if balking.above is None else balking.above,
            }
        records.append(record)
    return _table(KIND, records)


def _services(scenario: Scenario, lists: _Lists, roles: Mapping[str, int]) -> Table:
    return _table(
        SERVICE,
        [
            {
                "after": service.when == "after",
                "roles": lists.roles(_of(service.roles, roles)),
                "priority": service.priority,
            }
            for service in scenario.services.values()
        ],
    )


def _rooms(scenario: Scenario, lists: _Lists, roles: Mapping[str, int]) -> Table:
    records, first_place = [], 0
    for name, room in scenario.rooms.items():
        first_rule, end_rules = lists.add(
            number for number, rule in enumerate(scenario.supervision) if name in rule.rooms
        )
        cleaners = room.cleaning.roles if room.cleaning is not None else ()
        records.append(
            {
                "places": room.places,
                "first_place": first_place,
                "cleaners": lists.roles(_of(cleaners, roles)),
                "reach": room.reach,
                "first_rule": first_rule,
                "end_rules": end_rules,
                "free": room.places,
            }
        )
        first_place += room.places
    return _table(ROOM, records)


def _rules(scenario: Scenario, lists: _Lists, roles: Mapping[str, int]) -> Table:
    records = []
    for rule in scenario.supervision:
        first_need, end_needs = lists.add(
            one for name, number in rule.at_least.items() for one in (roles[name], number)
        )
        records.append(
            {
                "roles": lists.roles(_of(rule.roles, roles)),
                "minimum": rule.minimum,
                "first_need": first_need,
                "end_needs": end_needs,
                "places_per_staff": nan if rule.places_per_staff is None else rule.places_per_staff,
            }
        )
    return _table(RULE, records)


def _teams(scenario: Scenario, lists: _Lists, roles: Mapping[str, int]) -> dict[str, Table]:
    """The severities, the seats of their teams, and the roles that respond at all."""
    severities: list[dict[str, float]] = []
    seats: list[dict[str, float]] = []
    responding = np.zeros(len(roles), dtype=np.bool_)
    for severity in scenario.overdose.severities.values() if scenario.overdose else ():
        able = [_of(names, roles) for names in severity.team]
        pickiest_first = sorted(range(len(able)), key=lambda seat: len(able[seat]))
        first = len(seats)
        seats += [
            {"roles": lists.roles(numbers), "next": seat}
            for numbers, seat in zip(able, pickiest_first, strict=True)
        ]
        severities.append(
            {"first_seat": first, "end_seats": len(seats), "observers": severity.observers}
        )
        for numbers in able:
            responding[list(numbers)] = True
    return {
        "severities": _table(SEVERITY, severities),
        "seats": _table(SEAT, seats),
        "responding": responding,
    }
