"""A scenario as numbers: all of it that every replication begins with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import nan

import numpy as np

from sim.fast.memory.codes import FINISH, FINISH_POOLED, HAND_OVER, NEVER, NONE
from sim.fast.memory.people import Break, Part, Person, Seat, Severity
from sim.fast.memory.rooms import Room, Rule, Service, StayTask
from sim.fast.memory.rows import Table, new_table
from sim.fast.memory.visits import Kind
from sim.fast.memory.world import World
from sim.log import OUT_OF_ORDER, Duty, series_names
from sim.rules.numbered import Numbered, numbered
from sim.rules.timetable import Roster, roster
from sim.scenario.derived import once
from sim.scenario.derived.roster import parts_of_team
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import Room as ScenarioRoom
from sim.scenario.model.site import Service as Described

_ENDS = {"finish": FINISH, "finish_pooled": FINISH_POOLED, "hand_over": HAND_OVER}


@dataclass(frozen=True, eq=False)
class Blueprint:
    """A scenario as numbers: everything of it that every replication begins with."""

    world: "World"
    """With the settings of the site's row, and the tables that follow from the scenario."""
    changed: tuple[str, ...]
    """Those of these tables that the loop changes: each replication has its own copy."""


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


@once
def blueprint(scenario: Scenario) -> Blueprint:
    """Turn a scenario into numbers."""
    lists, numbers, staff = _Lists(), numbered(scenario), roster(scenario)
    tables = {
        "kinds": _kinds(scenario, lists, numbers),
        "stay_tasks": _stay_tasks(scenario, lists, numbers),
        "duty_roles": np.array([lists.roles(numbers.duties.get(duty, ())) for duty in Duty]),
    }
    parts: list[dict[str, float]] = []
    services, seats = _services(scenario, lists, numbers, parts)
    tables |= _teams(scenario, lists, numbers, seats, parts)
    accepted = 1 + max(len(rooms) for rooms in numbers.kinds)
    templates = {
        "rooms": _rooms(scenario, lists, numbers),
        "services": services,
        "rules": _rules(lists, numbers),
        "people": _people(staff),
        "breaks": _breaks(staff, lists),
    }
    world = World()
    for name, setting in (_settings(scenario) | {"accepted_width": accepted}).items():
        world.set(name, setting)
    for name, table in (tables | lists.tables() | templates).items():
        world.lay(name, table)
    _count(world)
    return Blueprint(world, tuple(templates))


def _table(kind: type, records: Sequence[Mapping[str, float]]) -> Table:
    """A table from rows that name the fields they fill; the others are 0."""
    table = new_table(kind, len(records))
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
        "stay_until_empty": staff is not None and staff.stay_until_empty,
        "begin_late": staff is None or staff.begin_late,
        "choosy": staff is not None and not staff.begin_late,
        "breaks_first": staff is not None and staff.break_when == "as_soon_as_covered",
        "preempts": response is not None and response.preempts,
        "full_team": response is not None and response.start == "full_team",
    }


def _seats(scenario: Scenario) -> int:
    """Seats in aftercare; NONE for no limit."""
    if scenario.aftercare is None:
        return 0
    return NONE if scenario.aftercare.seats is None else scenario.aftercare.seats


def _kinds(scenario: Scenario, lists: _Lists, numbers: Numbered) -> Table:
    records = []
    kinds = zip(
        scenario.visits.values(), numbers.kinds, numbers.switches, numbers.booked, strict=True
    )
    for kind, rooms, switch, books in kinds:
        first, end = lists.add(rooms)
        record: dict[str, float] = {
            "first_room": first,
            "end_rooms": end,
            "priority": kind.priority,
            "switch": NONE if switch is None else switch,
            "books": NONE if books is None else books,
        }
        if (balking := kind.balking) is not None:
            record |= {
                "balks": True,
                "when_full": balking.when_full,
                "per_person_ahead": balking.per_person_ahead,
                "at_most": balking.at_most,
                "above": NONE if balking.above is None else balking.above,
            }
        records.append(record)
    return _table(Kind, records)


def _services(
    scenario: Scenario, lists: _Lists, numbers: Numbered, parts: list[dict[str, float]]
) -> tuple[Table, list[dict[str, float]]]:
    """The services, and the seats of what they take; the parts of these are added to others."""
    records: list[dict[str, float]] = []
    seats: list[dict[str, float]] = []
    for service, able in zip(scenario.services.values(), numbers.services, strict=True):
        first, first_part = len(seats), len(parts)
        seats += _seats_of(able, lists)
        parts += _parts_of(able, lists, numbers)
        records.append(
            {
                "after": service.when == "after",
                "roles": lists.roles(able[0] if able else ()),
                **_turns(service),
                "joint": len(able) > 1 or service.places is not None,
                "first_seat": first,
                "end_seats": len(seats),
                "first_part": first_part,
                "end_parts": len(parts),
                "holds": service.gather == "hold",
                "places": NONE if service.places is None else service.places,
            }
        )
    return _table(Service, records), seats


def _seats_of(able: Sequence[tuple[int, ...]], lists: _Lists) -> list[dict[str, float]]:
    """Seats, each with the one that is filled at its position: the pickiest first."""
    pickiest_first = sorted(range(len(able)), key=lambda seat: len(able[seat]))
    return [
        {"roles": lists.roles(roles), "next": seat}
        for roles, seat in zip(able, pickiest_first, strict=True)
    ]


def _parts_of(
    able: Sequence[tuple[int, ...]], lists: _Lists, numbers: Numbered
) -> list[dict[str, float]]:
    """For each set of roles that some seats are confined to, how many these are."""
    names = list(numbers.roles)
    team = tuple(tuple(names[role] for role in roles) for roles in able)
    return [
        {"roles": lists.roles(tuple(numbers.roles[role] for role in roles)), "number": number}
        for roles, number in parts_of_team(team)
    ]


_TURNS = 4
"""How many ways there are to stand in line with one priority, from `_BEGUN` on."""
_BEGUN, _AHEAD, _WALKED_IN, _BEHIND = range(-2, 2)
_BOOKED = {"booked": _AHEAD, "by_coming": _WALKED_IN, "walk_ins": _BEHIND}


def _turns(service: Described) -> dict[str, float]:
    """Where people stand in the line for a service, by its priority and who goes first."""
    of_priority, booked = _TURNS * service.priority, service.appointments
    if booked is None:
        return dict.fromkeys(("turn", "booked_turn", "resumed_turn"), of_priority)
    return {
        "turn": of_priority + _WALKED_IN,
        "booked_turn": of_priority + _BOOKED[booked.first],
        "resumed_turn": of_priority + _BEGUN,
        "by_time": booked.first != "by_coming",
        "early": booked.early,
        "late_after": NEVER if booked.late_after is None else booked.late_after,
        "seen_early": booked.seen_early,
    }


def _stay_tasks(scenario: Scenario, lists: _Lists, numbers: Numbered) -> Table:
    tasks = zip(scenario.stay_tasks.values(), numbers.stay_tasks, strict=True)
    return _table(
        StayTask,
        [
            {
                "roles": lists.roles(roles),
                "priority": task.priority,
                "waits": task.stay == "waits",
            }
            for task, roles in tasks
        ],
    )


def _rooms(scenario: Scenario, lists: _Lists, numbers: Numbered) -> Table:
    records, first_place = [], 0
    series = {name: index for index, name in enumerate(series_names(scenario))}
    names = list(scenario.rooms)
    for number, room in enumerate(scenario.rooms.values()):
        first_rule, end_rules = lists.add(
            one for one, rule in enumerate(numbers.supervision) if number in rule.rooms
        )
        records.append(
            {
                "places": room.places,
                "first_place": first_place,
                "cleaners": lists.roles(numbers.cleaning[number]),
                "reach": room.reach,
                "first_rule": first_rule,
                "end_rules": end_rules,
                "free": room.places,
                "limit": room.places,
                "fails": _fails(room),
                "out_series": series.get(f"room:{names[number]}:{OUT_OF_ORDER}", NONE),
            }
        )
        first_place += room.places
    return _table(Room, records)


def _fails(room: ScenarioRoom) -> int:
    """How many places a failure puts out of order, at most."""
    if room.failures is None:
        return 0
    return room.places if room.failures.places == "all" else min(room.failures.places, room.places)


def _rules(lists: _Lists, numbers: Numbered) -> Table:
    records = []
    for rule in numbers.supervision:
        first_need, end_needs = lists.add(chain.from_iterable(rule.at_least))
        records.append(
            {
                "roles": lists.roles(rule.roles),
                "minimum": rule.minimum,
                "first_need": first_need,
                "end_needs": end_needs,
                "places_per_staff": nan if rule.places_per_staff is None else rule.places_per_staff,
            }
        )
    return _table(Rule, records)


def _teams(
    scenario: Scenario,
    lists: _Lists,
    numbers: Numbered,
    seats: list[dict[str, float]],
    parts: list[dict[str, float]],
) -> dict[str, Table]:
    """The severities, the seats of their teams after those of services, and who responds at all."""
    severities: list[dict[str, float]] = []
    found = scenario.overdose.severities.values() if scenario.overdose else ()
    for severity, able in zip(found, numbers.teams, strict=True):
        first = len(seats)
        seats += _seats_of(able, lists)
        first_part = len(parts)
        parts += _parts_of(able, lists, numbers)
        severities.append(
            {
                "first_seat": first,
                "end_seats": len(seats),
                "observers": severity.observers,
                "first_part": first_part,
                "end_parts": len(parts),
            }
        )
    responding = np.zeros(len(numbers.roles), dtype=np.bool_)
    responding[list(numbers.responding)] = True
    return {
        "severities": _table(Severity, severities),
        "seats": _table(Seat, seats),
        "parts": _table(Part, parts),
        "responding": responding,
    }


def _people(staff: Roster) -> Table:
    people = new_table(Person, len(staff.shifts))
    for name in ("end", "until", "role", "body", "day", "goes_on"):
        people[name] = staff.shifts[name]
    for name in ("task", "response", "on_break"):
        people[name] = NONE
    people["left"] = nan
    return people


def _breaks(staff: Roster, lists: _Lists) -> Table:
    breaks = new_table(Break, len(staff.breaks))
    for name in ("shift", "latest", "minimum_left", "recallable"):
        breaks[name] = staff.breaks[name]
    left_of = [*map(lists.roles, staff.left_of), NONE]
    breaks["left_of"] = [left_of[one] for one in staff.breaks["left_of"]]
    breaks["person"] = staff.shifts["body"][staff.breaks["shift"]]
    breaks["remaining"], breaks["since"] = staff.breaks["length"], nan
    return breaks


def _count(world: World) -> None:
    """Tell how long the tables are, and that all is to be looked at."""
    for name in (
        *("kinds", "services", "stay_tasks", "rooms", "rules", "people", "breaks"),
        *("severities", "seats", "parts"),
    ):
        world.set(f"{name}_count", len(world[name]))
    world.set("lists_count", len(world["lists"]))
    world.set("role_lists_count", len(world["role_lists"]) - 1)
    world.set("roles_count", len(world["responding"]))
    world.set("responding_any", bool(world["responding"].any()))
    for name in ("stirred_tasks", "stirred_queue", "stirred_counts", "stirred_cover"):
        world.set(name, 1)
    world.set("newcomer", NONE)
    world.set("gone", NONE)
