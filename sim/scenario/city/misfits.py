"""Whether the parts of a city fit together: names, shares, walks, and each facility by itself."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import combinations

from sim.scenario.city.model import Choice, City, Facility
from sim.scenario.city.system import of_city, walk_between
from sim.scenario.consistency import adding_to_one, endless, inconsistencies, unknown_name
from sim.scenario.derived.budget import beyond
from sim.scenario.errors.problem import KeyPath, Misfit
from sim.scenario.model.base import LONGEST
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import Target
from sim.scenario.text.names import name_fault


def city_misfits(city: City) -> Iterator[Misfit]:
    """What does not fit together, as (path in the city, sentence for a planner)."""
    yield from inconsistencies(city, partial(_site_of, city))
    yield from endless(("choice",), city.choice.returns, city.choice.attempts)
    yield from _targets(city)
    yield from _demand(city)
    yield from _kinds(city)
    for name, facility in city.open_facilities.items():
        yield from _facility(city, name, facility)
    yield from _currencies(city)
    yield from _prefer(city)
    yield from _origins(city)
    yield from _walks(city)


def _site_of(city: City, target: Target) -> Scenario:
    """What a target is about: a facility, or the city."""
    name = target.named_parts().get("facility", "")
    return city.open_facilities.get(name, city)


def _targets(city: City) -> Iterator[Misfit]:
    """Targets about facilities that there are none of."""
    for number, target in enumerate(city.targets):
        name = target.named_parts().get("facility")
        if name is not None:
            path: KeyPath = ("targets", number)
            yield from unknown_name(path, name, city.open_facilities, "facility")


def _demand(city: City) -> Iterator[Misfit]:
    """What follows one facility's opening hours or register cannot be said of several."""
    demand = city.demand
    if demand.served_per_day is not None:
        yield (
            ("demand", "served_per_day"),
            (
                "cannot be said of a city, where who is turned away may be served elsewhere; "
                "give visits_per_day, the needs that arise in a day"
            ),
        )
    if len(city.facilities) == 1:
        return
    if demand.shape is not None:
        yield (
            ("demand", "profile"),
            (
                f"{demand.shape.shape} follows the opening hours of a site, and each facility has "
                "its own; give 24 weights from midnight, or flat"
            ),
        )
    if demand.crowd_at_opening:
        yield (
            ("demand", "crowd_at_opening"),
            "cannot be said of a city, whose facilities open at different times; leave it out",
        )


def _kinds(city: City) -> Iterator[Misfit]:
    for name in city.visits:
        if not any(name in one.visits for one in city.open_facilities.values()):
            served = {kind for one in city.open_facilities.values() for kind in one.visits}
            yield (
                ("visits", name),
                (
                    f"no facility serves this kind; they serve {', '.join(sorted(served))}: "
                    "write it in a facility's file under `visits:`"
                ),
            )


def _facility(city: City, name: str, facility: Facility) -> Iterator[Misfit]:
    """Whether a facility could be a site of its own."""
    here: KeyPath = ("facilities", name)
    if fault := name_fault(name):
        yield here, fault
    if not any(kind in city.visits for kind in facility.visits):
        known = ", ".join(city.visits)
        yield here, f"serves no kind of this city ({known}): name one under its `visits:`"
    whole = sum(kind.share for kind in facility.visits.values())
    visits = {
        kind: (of_city(city.visits[kind], one) if kind in city.visits else one).model_copy(
            update={"share": one.share / whole if whole else 1 / len(facility.visits)}
        )
        for kind, one in facility.visits.items()
    }
    alone = facility.model_copy(update={"visits": visits, "horizon": city.horizon})
    found = list(inconsistencies(alone)) or list(beyond(alone))
    for path, message in found:
        yield (*here, *path), message
    booked = {one.appointments.kind for one in facility.services.values() if one.appointments}
    for kind in booked & city.visits.keys():
        yield (
            ("visits", kind),
            f"comes to {name} by appointment, and is no need of the city: leave it out here",
        )


def _currencies(city: City) -> Iterator[Misfit]:
    said = {
        name: one.currency for name, one in city.open_facilities.items() if one.staff or one.costs
    }
    for name, currency in said.items():
        first = next(iter(said.items()))
        if currency != first[1]:
            key = "staff" if city.open_facilities[name].staff else "costs"
            yield (
                ("facilities", name, key, "currency"),
                (
                    f"is {currency}, but {first[0]} has its costs in {first[1]}, and a city has "
                    f"one currency: give all costs in {first[1]}"
                ),
            )


# --- who goes where -----------------------------------------------------------------------------


def _known(path: KeyPath, names: Iterable[str], city: City) -> Iterator[Misfit]:
    for name in names:
        yield from unknown_name((*path, name), name, city.open_facilities, "facility")


def _prefer(city: City) -> Iterator[Misfit]:
    here: KeyPath = ("choice", "prefer")
    prefer = city.choice.prefer
    by_kind = {name: one for name, one in prefer.items() if isinstance(one, dict)}
    if not by_kind:
        shares = {name: one for name, one in prefer.items() if not isinstance(one, dict)}
        yield from _known(here, shares, city)
        yield from _adding(here, shares, city.choice)
        return
    for kind, one in prefer.items():
        if not isinstance(one, dict):
            yield (*here, kind), "is one number where others are shares by kind; give it shares too"
            continue
        yield from unknown_name((*here, kind), kind, city.visits, "kind of need")
        yield from _known((*here, kind), one, city)
        yield from _adding((*here, kind), one, city.choice)
        for name in one:
            facility = city.open_facilities.get(name)
            if kind in city.visits and facility is not None and kind not in facility.visits:
                served = ", ".join(facility.visits)
                yield (*here, kind, name), f"{name} does not serve {kind}; it serves {served}"


def _adding(path: KeyPath, shares: Mapping[str, float], choice: Choice) -> Iterator[Misfit]:
    """Shares of first wishes; with origins they say how attractive facilities are."""
    if not choice.origins:
        yield from adding_to_one(path, shares, "first wishes")


def _origins(city: City) -> Iterator[Misfit]:
    origins = city.choice.origins
    here: KeyPath = ("choice", "origins")
    yield from adding_to_one(here, {name: one.share for name, one in origins.items()}, "origins")
    for origin, one in origins.items():
        yield from _known((*here, origin, "walk"), one.walk, city)
        missing = [name for name in city.open_facilities if name not in one.walk]
        if missing:
            yield (
                (*here, origin, "walk"),
                f"does not say how far it is to {', '.join(missing)}; give minutes of walk",
            )


def _walks(city: City) -> Iterator[Misfit]:
    here: KeyPath = ("choice", "walk")
    for name, to in city.choice.walk.items():
        yield from unknown_name((*here, name), name, city.open_facilities, "facility")
        if isinstance(to, dict):
            yield from _known((*here, name), to, city)
    missing = [
        f"from {one} to {two}"
        for (one, first), (two, second) in combinations(city.open_facilities.items(), 2)
        if set(first.visits) & set(second.visits) & set(city.visits)
        and walk_between(city.choice, one, two) == LONGEST
    ]
    if missing:
        example = missing[0].split()
        yield (
            here,
            (
                f"does not say how far it is {', '.join(missing)}; give minutes of walk, such as "
                f"`{example[1]}: {{{example[3]}: 10}}`"
            ),
        )
