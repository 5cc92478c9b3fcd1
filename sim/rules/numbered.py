"""A scenario's names as numbers: which rooms and roles a visit, a duty, a team or a rule means.

Numbers count from 0 in the order of the scenario file; they are those of the log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.log import Duty
from sim.scenario.derived import once
from sim.scenario.model.scenario import Scenario

Numbers = tuple[int, ...]


@dataclass(frozen=True)
class Supervision:
    """A supervision rule."""

    rooms: Numbers
    roles: Numbers
    minimum: int
    at_least: tuple[tuple[int, int], ...]
    """Pairs of a role and how many of it must be present."""
    places_per_staff: float | None


@dataclass(frozen=True)
class Numbered:
    """Rooms and roles by number, wherever the scenario names them."""

    rooms: Mapping[str, int]
    roles: Mapping[str, int]
    kinds: tuple[Numbers, ...]
    """By kind of visit, the rooms that will do, in order of preference."""
    switches: tuple[int | None, ...]
    """By kind of visit, the room accepted after a while in the queue."""
    booked: tuple[int | None, ...]
    """By kind of visit, the service for which they come by appointment."""
    duties: Mapping[Duty, Numbers]
    """Roles by duty, the preferred one first as in all that follow; of those for which it is the
    same wherever and whatever for."""
    services: tuple[tuple[Numbers, ...], ...]
    """By service, the roles that will do for each member of staff that it takes."""
    stay_tasks: tuple[Numbers, ...]
    """By task during the stay."""
    cleaning: tuple[Numbers, ...]
    """By room."""
    teams: tuple[tuple[Numbers, ...], ...]
    """By severity of an overdose, the roles that will do for each member of the team."""
    responding: frozenset[int]
    """Roles that respond at all."""
    supervision: tuple[Supervision, ...]


@once
def numbered(scenario: Scenario) -> Numbered:
    """The numbers of a scenario's names."""
    rooms = _numbers(scenario.rooms)
    roles = role_numbers(scenario)
    severities = scenario.overdose.severities.values() if scenario.overdose else ()
    teams = tuple(tuple(_of(names, roles) for names in one.team) for one in severities)
    kinds = scenario.visits.values()
    return Numbered(
        rooms=rooms,
        roles=roles,
        kinds=tuple(_of(kind.rooms, rooms) for kind in kinds),
        switches=tuple(None if kind.switch is None else rooms[kind.switch.room] for kind in kinds),
        booked=tuple(_booked(scenario, kind) for kind in scenario.visits),
        duties={Duty.CHECK_IN: _of(scenario.check_in.roles if scenario.check_in else (), roles)},
        services=tuple(
            tuple(_of(names, roles) for names in service.seats)
            for service in scenario.services.values()
        ),
        stay_tasks=tuple(_of(task.roles, roles) for task in scenario.stay_tasks.values()),
        cleaning=tuple(
            _of(room.cleaning.roles if room.cleaning else (), roles)
            for room in scenario.rooms.values()
        ),
        teams=teams,
        responding=frozenset(role for team in teams for member in team for role in member),
        supervision=tuple(_supervision(scenario, rooms, roles)),
    )


def role_numbers(scenario: Scenario) -> dict[str, int]:
    """The numbers of the roles."""
    return _numbers(scenario.staff.roles if scenario.staff else ())


def _booked(scenario: Scenario, kind: str) -> int | None:
    for number, service in enumerate(scenario.services.values()):
        if service.appointments is not None and service.appointments.kind == kind:
            return number
    return None


def _supervision(
    scenario: Scenario, rooms: Mapping[str, int], roles: Mapping[str, int]
) -> Iterable[Supervision]:
    for rule in scenario.supervision:
        yield Supervision(
            rooms=_of(rule.rooms, rooms),
            roles=_of(rule.roles, roles),
            minimum=rule.minimum,
            at_least=tuple((roles[name], number) for name, number in rule.at_least.items()),
            places_per_staff=rule.places_per_staff,
        )


def _numbers(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def _of(names: Iterable[str], numbers: Mapping[str, int]) -> Numbers:
    return tuple(numbers[name] for name in names)
