"""Facilities that share one demand, with everything numbered that decides who goes where.

A site to which people come back is a system of one facility.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sim.scenario.city.model import Choice as CityChoice
from sim.scenario.city.model import City, CityKind, Facility
from sim.scenario.derived import once
from sim.scenario.model.base import LONGEST
from sim.scenario.model.durations import Distribution
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import Target
from sim.scenario.model.visits import VisitKind

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RECALLS = 4.0
"""Means of `returns.after` for which people who come back while nothing is open wait for an opening
(assumption; nobody has published any such figure)."""


@dataclass(frozen=True, eq=False)
class Returning:
    """Coming back of one kind of need."""

    share: float
    """Of those who got nothing and do not go elsewhere."""
    after: Distribution | None
    """Minutes until then; None where nobody comes back."""
    attempts: int | None
    """At most so many doors are tried; None for any number."""


@dataclass(frozen=True, eq=False)
class Choice:
    """Who goes where. Facilities and kinds are numbered as in their system."""

    weights: Floats
    """(origins, kinds, facilities): of the first wish; 0 where a facility does not serve a kind.
    Without origins there is one of them."""
    origins: Floats
    """Shares of the origins, which add to 1."""
    from_origin: Floats
    """(origins, facilities): minutes of walk to the facility first chosen."""
    walk: Floats
    """(facilities, facilities): minutes from one to the other."""
    knows_hours: bool
    """Facilities that are closed are passed over without walking there."""
    informed: float
    """Share of people who know the queues."""
    diverts: Floats
    """By number of the Outcome: chance to try the next wish."""
    returning: tuple[Returning, ...]
    """By kind."""
    carries_over: bool
    """What was waited before counts against patience."""


@dataclass(frozen=True, eq=False)
class System:
    """Facilities that share one demand, in the order of the file."""

    name: str
    """Of the city, or of the site."""
    sites: Mapping[str, Scenario]
    """By name: the facility with the system's horizon and demand, and the kinds that it serves."""
    kinds: tuple[str, ...]
    """Names of the kinds of need, in the order of the file; in a city then those of people who are
    booked at a facility, such as `h17: doctor`: they come to no other, and once."""
    kind_at: Integers
    """(facilities, kinds): the number of a kind among the facility's own; -1 if not served."""
    supervised: tuple[bool, ...]
    """By facility; what happens in an unsupervised one is managed, and no more."""
    people: Scenario
    """Of whom arrivals, kinds and clients are drawn: the site itself, where there is one only."""
    choice: Choice
    several: bool | None = None
    """Whether the file has several facilities, although one only may be left of them; None: as
    there are."""

    @property
    def is_city(self) -> bool:
        """Whether there are several facilities; figures are then told by their names."""
        return len(self.sites) > 1 if self.several is None else self.several


# --- from a scenario ----------------------------------------------------------------------------

NEAR = 20.0
"""Minutes of walk over which what draws people to a facility falls to 1/e (assumption, 10-40)."""
NEVER_FIRST = 1e-9
"""Weight of a facility that nobody prefers: it is tried after all others."""
REFUSALS: Mapping[str, int] = MappingProxyType(
    {"reneged": 1, "balked": 2, "no_space": 3, "closed": 4, "dismissed_at_close": 5}
)
"""Ways of being turned away, by the numbers that logs have for them."""
_OUTCOMES = 9


def is_system(scenario: Scenario) -> bool:
    """Whether needs are played, which may make several visits, and not visits alone."""
    return isinstance(scenario, City) or any(
        kind.returns is not None for kind in scenario.visits.values()
    )


@once
def system_of(scenario: Scenario) -> System:
    """A city, or a site to which people come back, as a system; every facility with what it shares.

    Args:
        scenario: one whose parts agree.
    """
    sites: dict[str, Scenario]
    if isinstance(scenario, City):
        sites = {
            name: shared(scenario, name, one) for name, one in scenario.open_facilities.items()
        }
        choice = scenario.choice
        supervised = tuple(one.supervised for one in scenario.open_facilities.values())
    else:
        sites, choice, supervised = {scenario.name: scenario}, CityChoice(), (True,)
    kinds = (*scenario.visits, *_booked_kinds(scenario, sites))
    kind_at = np.array(
        [[_number(name, site, kind) for kind in kinds] for name, site in sites.items()],
        dtype=np.int64,
    )
    several = isinstance(scenario, City) and len(scenario.facilities) > 1
    return System(
        name=scenario.name,
        sites=sites,
        kinds=kinds,
        kind_at=kind_at,
        supervised=supervised,
        people=scenario if several else next(iter(sites.values())),
        choice=_choice(
            choice,
            tuple(sites),
            [(kind, scenario.visits.get(kind)) for kind in kinds],
            np.transpose(kind_at >= 0),
        ),
        several=several,
    )


def shared(city: City, name: str, facility: Facility) -> Scenario:
    """A facility with the city's horizon, demand and kinds, as far as it serves them."""
    served = {one: kind for one, kind in city.visits.items() if one in facility.visits}
    whole = sum(kind.share for kind in served.values()) or 1.0
    visits = {
        one: of_city(kind, facility.visits[one]).model_copy(update={"share": kind.share / whole})
        for one, kind in served.items()
    }
    booked = booked_at(facility)
    visits |= {one: facility.visits[one] for one in facility.visits if one in booked}
    update = {
        "horizon": city.horizon,
        "demand": city.demand,
        "visits": visits,
        "targets": tuple(_targets_of(city, name)),
        "design": None,
        "uncertainty": None,
    }
    parts = {one: getattr(facility, one) for one in Scenario.model_fields}
    return Scenario.model_construct(**{**parts, **update})


def _targets_of(city: City, facility: str) -> Iterator[Target]:
    """What the city asks of a facility, which measures the figures that it takes."""
    for target in city.targets:
        first, _, rest = target.by.partition("/")
        if first == f"facility:{facility}":
            yield replace(target, by=rest or "all")


def of_city(kind: CityKind, at_facility: VisitKind) -> VisitKind:
    """A facility's kind with what the city says of it."""
    said = {name: getattr(kind, name) for name in ("patience", "balking", "overdose", "priority")}
    known = {name: value for name, value in said.items() if value is not None}
    return at_facility.model_copy(update={**known, "returns": None, "attempts": None})


def booked_at(site: Scenario) -> set[str]:
    """Kinds of those who come to a site by appointment."""
    return {one.appointments.kind for one in site.services.values() if one.appointments}


_CITY_SAYS = frozenset({"share", "returns", "attempts"})
"""Keys of a kind that only its city says."""
_IF_CITY_SAYS = frozenset({"patience", "balking", "overdose", "priority"})
"""Keys of a kind that its city says, or else each facility."""


def is_used(city: City, keys: Sequence[str]) -> bool:
    """Whether it matters what a facility says of a kind, as the city may say it in its place.

    Args:
        city: the city.
        keys: a path, such as that of `facilities.north.visits.smoke.share`; or any other.
    """
    if keys[:1] != ["facilities"] or keys[2:3] != ["visits"] or not keys[4:]:
        return True
    kind, key, facility = city.visits.get(keys[3]), keys[4], city.facilities.get(keys[1])
    if kind is None:
        return facility is not None and keys[3] in booked_at(facility)
    return key not in _CITY_SAYS and (key not in _IF_CITY_SAYS or getattr(kind, key) is None)


def _booked_kinds(scenario: Scenario, sites: Mapping[str, Scenario]) -> Iterator[str]:
    """Kinds of those who are booked at a facility of a city, and come to no other."""
    for name, site in sites.items():
        yield from (booked_kind(name, kind) for kind in site.visits if kind not in scenario.visits)


def booked_kind(facility: str, kind: str) -> str:
    """What those are called in a city who are booked at a facility."""
    return f"{facility}: {kind}"


def _number(name: str, site: Scenario, kind: str) -> int:
    """The number of a kind at a site; -1 if it is not served there."""
    names = list(site.visits)
    mine = {**{one: one for one in names}, **{booked_kind(name, one): one for one in names}}
    return names.index(mine[kind]) if kind in mine else -1


def _choice(
    said: CityChoice,
    sites: tuple[str, ...],
    kinds: Sequence[tuple[str, VisitKind | None]],
    served: NDArray[np.bool_],
) -> Choice:
    origins = said.origins.values()
    walks = np.array([[one.walk[site] for site in sites] for one in origins])
    drawn = np.exp(-walks / NEAR) if len(walks) else np.ones((1, len(sites)))
    wished = np.array([[_wished(said, kind, site) for site in sites] for kind, _ in kinds])
    return Choice(
        weights=np.maximum(wished * drawn[:, None, :], NEVER_FIRST) * served,
        origins=np.array([one.share for one in origins] or [1.0]),
        from_origin=walks if len(walks) else np.zeros((1, len(sites))),
        walk=np.array([[walk_between(said, one, two) for two in sites] for one in sites]),
        knows_hours=said.knows_hours,
        informed=said.informed,
        diverts=_diverts(said),
        returning=tuple(_returning(said, kind) for _, kind in kinds),
        carries_over=said.patience == "carries_over",
    )


def _wished(said: CityChoice, kind: str, site: str) -> float:
    """The weight of a facility for a kind, before any walk."""
    by_kind = {name: one for name, one in said.prefer.items() if isinstance(one, dict)}
    alike = {name: one for name, one in said.prefer.items() if not isinstance(one, dict)}
    prefer = by_kind.get(kind, {}) if by_kind else alike
    return prefer.get(site, 1.0 if said.origins or not prefer else 0.0)


def walk_between(said: CityChoice, one: str, two: str) -> float:
    """Minutes of walk from one facility to another; a year where the file does not say."""
    if one == two:
        return 0.0
    for start, end in ((one, two), (two, one)):
        to = said.walk.get(start)
        if isinstance(to, dict) and end in to:
            return to[end]
    everywhere = (said.walk.get(name) for name in (two, one))
    return next((to for to in everywhere if isinstance(to, float | int)), LONGEST)


def _diverts(said: CityChoice) -> Floats:
    found = np.zeros(_OUTCOMES)
    for name, number in REFUSALS.items():
        found[number] = getattr(said.diverts, name)
    return found


def _returning(said: CityChoice, kind: VisitKind | None) -> Returning:
    if kind is None:  # who is booked comes for that one time
        return Returning(share=0.0, after=None, attempts=1)
    returns = kind.returns or said.returns
    attempts = kind.attempts or said.attempts
    return Returning(
        share=returns.share if returns else 0.0,
        after=returns.after if returns else None,
        attempts=None if attempts == "unlimited" else attempts,
    )
