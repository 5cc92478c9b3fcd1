"""Small systems of facilities, put together by hand: sites from text, and who goes where."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np

from sim.log import Outcome
from sim.scenario.city.system import Choice, Returning, System
from sim.scenario.load import scenario_from_text
from sim.scenario.model.demand import Demand
from sim.scenario.model.durations import Distribution, Exponential, Fixed
from sim.scenario.model.scenario import Scenario
from tests.support.played import Arrival, said

ALL = 365 * 1440.0
"""A walk that is never over."""
TURNED_AWAY = ("closed", "no_space", "balked", "reneged", "dismissed_at_close")
Walks = float | Mapping[str, Mapping[str, float]]
"""Minutes between any two facilities, or from one to the other, by their names."""


@dataclass(frozen=True)
class Wishes:
    """Who goes where."""

    prefer: Mapping[str, float] = field(default_factory=dict)
    """Weights of the facilities; 1 of those that are not named."""
    by_kind: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """The same of one kind."""
    walk: Walks = 0.0
    knows_hours: bool = False
    informed: float = 0.0
    diverts: Mapping[str, float] = field(default_factory=dict)
    returns: float = 0.0
    after: float | Distribution = 60.0
    """Minutes, the mean of an exponential time; or any distribution."""
    attempts: int | None = 3
    carries_over: bool = False
    origins: Mapping[str, tuple[float, Mapping[str, float]]] = field(default_factory=dict)
    """Share, and minutes to each facility."""


def always(*outcomes: str) -> dict[str, float]:
    """Who was turned away in these ways, or in any, goes to the next."""
    return dict.fromkeys(outcomes or TURNED_AWAY, 1.0)


def exactly(minutes: float) -> Distribution:
    """They come back after so long."""
    return Fixed(value=minutes)


def system_of_sites(
    sites: Mapping[str, str],
    wishes: Wishes | None = None,
    *,
    demand: str = "",
    arrivals: Sequence[Arrival] | None = None,
    horizon: str = "{days: 1}",
    open_air: Iterable[str] = (),
    sets: Mapping[str, Sequence[str]] | None = None,
    shares: Mapping[str, float] | None = None,
) -> System:
    """Facilities that share one demand.

    Args:
        sites: the facilities, as a scenario says them; without name, horizon and demand.
        wishes: who goes where.
        demand: as a scenario says it.
        arrivals: the needs, in its place.
        horizon: as a scenario says it.
        open_air: those that are not supervised.
        sets: settings that override a facility.
        shares: of the kinds; without it as the first site that serves one says.
    """
    said_of = demand or json.dumps({"arrivals": [said(one) for one in arrivals or ()]})
    found = {
        name: scenario_from_text(
            f"name: {name}\nhorizon: {horizon}\ndemand: {{arrivals: []}}\n{text}",
            (sets or {}).get(name, ()),
        )
        for name, text in sites.items()
    }
    first = next(iter(found.values()))
    kinds = dict(first.visits)
    for one in found.values():
        kinds |= {name: kind for name, kind in one.visits.items() if name not in kinds}
    for name, share in (shares or {}).items():
        kinds[name] = kinds[name].model_copy(update={"share": share})
    people = first.model_copy(update={"visits": kinds, "demand": _demand(said_of, kinds, horizon)})
    return System(
        name="city",
        sites={
            name: one.model_copy(update={"demand": people.demand}) for name, one in found.items()
        },
        kinds=tuple(kinds),
        kind_at=np.array(
            [
                [list(one.visits).index(kind) if kind in one.visits else -1 for kind in kinds]
                for one in found.values()
            ]
        ),
        supervised=tuple(name not in set(open_air) for name in found),
        people=people if len(found) > 1 else first.model_copy(update={"demand": people.demand}),
        choice=_choice(found, tuple(kinds), wishes or Wishes()),
    )


def _demand(text: str, kinds: Iterable[str], horizon: str) -> Demand:
    visits = {kind: {"share": 1.0 if not number else 0.0} for number, kind in enumerate(kinds)}
    site = {"opening": {"hours": "24/7"}, "rooms": {"any": {"places": 1}}}
    named = {kind: {**one, "rooms": ["any"], "stay": 1} for kind, one in visits.items()}
    rest = json.dumps({"name": "people", **site, "visits": named})
    whole = f"{{horizon: {horizon}, demand: {text}, {rest[1:]}"
    return scenario_from_text(whole).demand


def _choice(sites: Mapping[str, Scenario], kinds: tuple[str, ...], wishes: Wishes) -> Choice:
    origins = wishes.origins or {"anywhere": (1.0, dict.fromkeys(sites, 0.0))}
    weights = np.array(
        [
            [_weight(wishes, kind, name) * (kind in site.visits) for name, site in sites.items()]
            for kind in kinds
        ]
    )
    mean = wishes.after
    after = (
        Exponential(distribution="exponential", mean=mean)
        if isinstance(mean, int | float)
        else mean
    )
    diverts = np.zeros(len(Outcome))
    for outcome, chance in wishes.diverts.items():
        diverts[Outcome[outcome.upper()]] = chance
    returning = Returning(wishes.returns, after if wishes.returns else None, wishes.attempts)
    return Choice(
        weights=np.repeat(weights[np.newaxis], len(origins), axis=0),
        origins=np.array([share for share, _ in origins.values()]),
        from_origin=np.array([[far[name] for name in sites] for _, far in origins.values()]),
        walk=np.array([[_walk(wishes.walk, one, other) for other in sites] for one in sites]),
        knows_hours=wishes.knows_hours,
        informed=wishes.informed,
        diverts=diverts,
        returning=(returning,) * len(kinds),
        carries_over=wishes.carries_over,
    )


def _weight(wishes: Wishes, kind: str, name: str) -> float:
    return wishes.by_kind.get(kind, {}).get(name, wishes.prefer.get(name, 1.0))


def _walk(walks: Walks, one: str, other: str) -> float:
    if one == other:
        return 0.0
    if not isinstance(walks, Mapping):
        return walks
    there = walks.get(one, {}).get(other)
    return walks.get(other, {}).get(one, inf) if there is None else there
