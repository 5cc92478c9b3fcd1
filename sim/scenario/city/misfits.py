"""Whether the parts of a city fit together: names, shares, walks, and each facility by itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any

from sim.scenario.city.model import OF_THE_CITY, SAID_BY_EACH, Choice, City, Facility
from sim.scenario.city.system import booked_at, is_used, of_city, walk_between
from sim.scenario.consistency import adding_to_one, endless, inconsistencies, unknown_name
from sim.scenario.derived.budget import beyond
from sim.scenario.errors.problem import (
    KeyPath,
    Misfit,
    Source,
    did_you_mean,
    key_text,
    path_text,
    show,
)
from sim.scenario.errors.told import Listed, told
from sim.scenario.model.base import LONGEST
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import Target
from sim.scenario.text.names import name_fault
from sim.scenario.text.read import FACILITIES


def city_misfits(city: City) -> Iterator[Misfit]:
    """What does not fit together, as (path in the city, sentence for a planner)."""
    if not city.open_facilities:
        yield (
            ("facilities",),
            told(
                "has_no_facility_left_all_of_them",
                "has no facility left: all of them are taken away",
            ),
        )
        return
    for path, message in inconsistencies(city, partial(_site_of, city)):
        if path[0] not in SAID_BY_EACH:  # told already
            yield path, message
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


def idle_settings(city: City, source: Source) -> Iterator[Misfit]:
    """Settings of the command line that change nothing: the city says it, or nobody comes for it.

    In files, and where a whole kind is set, they stand, as parts of a site that is no city's:
    `check` tells which are not used.

    Args:
        city: the city.
        source: where what is written is known.
    """
    for path in source.written:
        keys = [key_text(key) for key in path]
        if path_text(path[:5]) not in source.values[path].file or is_used(city, keys):
            continue
        kind, *rest = keys[3:]
        if kind in city.visits:
            key = ".".join(["visits", kind, rest[0]])
            form = "is said of the whole city: write {key} at the top level"
            yield path, told("is_said_of_the_whole_city_write", form, key=key)
        else:
            form = "is of no kind of need of this city ({known}): nobody comes for it"
            yield path, told("is_of_no_kind_of_need", form, known=", ".join(city.visits))


_EACH_ITSELF = told(
    "is_what_each_facility_says_for_itself",
    "is what each facility says for itself: write it under facilities.NAME, or "
    "in the facility's file",
)


_OF_A_FACILITY = ("room", "role", "service", "stay_task", "severity")
"""Parts that each facility has of its own."""
_ANYWHERE = ("need", "return")
"""Where people of a flow come from who come from no facility."""


def astray(data: Mapping[str, Any]) -> Iterator[Misfit]:
    """What a city cannot say, and facilities that are none, before a city is made of them.

    What else is wrong with these is not worth telling.

    Args:
        data: of a scenario, the files of its facilities in their places.
    """
    facilities = data.get(FACILITIES)
    if not isinstance(facilities, Mapping):
        return
    for key in ("opening", *SAID_BY_EACH):
        if data.get(key):
            yield (key,), _EACH_ITSELF
    demand = data.get("demand")
    if isinstance(demand, Mapping) and demand.get("served_per_day") is not None:
        yield (
            ("demand",),
            told(
                "cannot_be_said_of_a_city_where",
                "has served_per_day, which cannot be said of a city, where who is turned away may "
                "be served elsewhere; give visits_per_day, the needs that arise in a day",
            ),
        )
    whole = [
        str(name)
        for name, one in facilities.items()
        if isinstance(one, Mapping) and one.keys() >= _SITE
    ]
    for name, one in facilities.items():
        here: KeyPath = (FACILITIES, name)
        fault = name_fault(name) if isinstance(name, str) else None
        if fault:
            yield here, fault
        elif isinstance(one, str):
            yield (
                here,
                told(
                    "must_be_settings_as_in_not",
                    "must be settings, as in `{{file: {one}}}`; not {one_2}",
                    one=one,
                    one_2=show(one, quotes=True),
                ),
            )
        elif isinstance(one, Mapping):
            yield from _strange(here, one, [other for other in whole if other != name])


_SITE = {"opening", "visits"}
"""What every site says."""


def _strange(here: KeyPath, one: Mapping[Any, Any], others: Sequence[str]) -> Iterator[Misfit]:
    """Keys of a facility that are its city's, or a file's, and a facility that is none."""
    if "extends" in one:
        yield (
            (*here, "extends"),
            told("is_of_whole_files_write_in_its", "is of whole files; write `file:` in its place"),
        )
    elif "file" in one:  # that of a file was put in its place
        yield (
            (*here, "file"),
            told(
                "can_only_be_written_in_a_file",
                "can only be written in a file: in the city's, or in a variant of it",
            ),
        )
    elif not _SITE & one.keys():
        known = did_you_mean(str(here[-1]), others) or told(
            "facilities", "; facilities: {listed}", listed=", ".join(others)
        )
        yield (
            here,
            told(
                "names_no_site_write_or_change_one",
                "names no site; write `file: site.yaml`, or change one that there is{known}",
                known=known,
            ),
        )
    for key in OF_THE_CITY:
        if key in one:
            yield (
                (*here, key),
                told(
                    "is_said_of_the_whole_city_write",
                    "is said of the whole city: write {key} at the top level",
                    key=key,
                ),
            )


def _site_of(city: City, target: Target) -> Scenario | None:
    """What a target is about: a facility, or the city; None where it does not say which."""
    parts = target.named_parts()
    if "facility" in parts:
        return city.open_facilities.get(parts["facility"])
    return None if any(part in parts for part in _OF_A_FACILITY) else city


def _targets(city: City) -> Iterator[Misfit]:
    """Targets about facilities that there are none of, or about a part of no facility."""
    known = city.open_facilities
    for number, target in enumerate(city.targets):
        path: KeyPath = ("targets", number)
        parts = target.named_parts()
        for word in ("facility", "from", "to"):
            if word in parts and not (word == "from" and parts[word] in _ANYWHERE):
                yield from unknown_name(path, parts[word], known, "facility")
        own = next((part for part in _OF_A_FACILITY if part in parts), None)
        if own is not None and "facility" not in parts:
            meant = told(
                "of_facility",
                "of facility {next}, {own} {part}",
                next=next(iter(known)),
                own=own,
                part=parts[own],
            )
            yield (
                path,
                told(
                    "must_say_at_which_facility_as_in",
                    "'{text}' must say at which facility, as in '{meant}'",
                    text=target.text,
                    meant=meant,
                ),
            )


def _demand(city: City) -> Iterator[Misfit]:
    """What follows one facility's opening hours or register cannot be said of several."""
    demand = city.demand
    if len(city.facilities) == 1:
        return
    if demand.shape is not None:
        yield (
            ("demand", "profile"),
            (
                told(
                    "follows_the_opening_hours_of_a_site",
                    "{shape} follows the opening hours of a site, and each facility has its "
                    "own; give 24 weights from midnight, or flat",
                    shape=demand.shape.shape,
                )
            ),
        )
    if demand.crowd_at_opening:
        yield (
            ("demand", "crowd_at_opening"),
            told(
                "cannot_be_said_of_a_city_whose",
                "cannot be said of a city, whose facilities open at different times; leave it out",
            ),
        )


def _kinds(city: City) -> Iterator[Misfit]:
    """Kinds that are served nowhere; a facility that was taken away may have served them."""
    if None in city.facilities.values():
        return
    for name in city.visits:
        if not any(name in one.visits for one in city.open_facilities.values()):
            served = {kind for one in city.open_facilities.values() for kind in one.visits}
            yield (
                ("visits", name),
                (
                    told(
                        "no_facility_serves_this_kind_they_serve",
                        "no facility serves this kind; they serve {listed}: write it in a "
                        "facility's file under `visits:`",
                        listed=", ".join(sorted(served)),
                    )
                ),
            )


def _facility(city: City, name: str, facility: Facility) -> Iterator[Misfit]:
    """Whether a facility could be a site of its own."""
    here: KeyPath = ("facilities", name)
    if not any(kind in city.visits for kind in facility.visits):
        known = ", ".join(city.visits)
        yield (
            here,
            told(
                "serves_no_kind_of_this_city_name",
                "serves no kind of this city ({known}): name one under its `visits:`",
                known=known,
            ),
        )
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
    for kind in booked_at(facility) & city.visits.keys():
        yield (
            ("visits", kind),
            told(
                "comes_to_by_appointment_and_is_no",
                "comes to {name} by appointment, and is no need of the city: leave it out here",
                name=name,
            ),
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
                    told(
                        "is_but_has_its_costs_in_and",
                        "is {currency}, but {first} has its costs in {first_2}, and a city has one "
                        "currency: give all costs in {first_2}",
                        currency=currency,
                        first=first[0],
                        first_2=first[1],
                    )
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
            yield (
                (*here, kind),
                told(
                    "is_one_number_where_others_are_shares",
                    "is one number where others are shares by kind; give it shares too",
                ),
            )
            continue
        yield from unknown_name(
            (*here, kind), kind, city.visits, told("kind_of_need", "kind of need")
        )
        yield from _known((*here, kind), one, city)
        yield from _adding((*here, kind), one, city.choice)
        for name in one:
            facility = city.open_facilities.get(name)
            if kind in city.visits and facility is not None and kind not in facility.visits:
                served = ", ".join(facility.visits)
                yield (
                    (*here, kind, name),
                    told(
                        "does_not_serve_it_serves",
                        "{name} does not serve {kind}; it serves {served}",
                        name=name,
                        kind=kind,
                        served=served,
                    ),
                )


def _adding(path: KeyPath, shares: Mapping[str, float], choice: Choice) -> Iterator[Misfit]:
    """Shares of first wishes; with origins they say how attractive facilities are."""
    if not choice.origins:
        yield from adding_to_one(path, shares, told("first_wishes", "first wishes"))
    elif shares and not any(shares.values()):
        yield (
            path,
            told(
                "makes_no_facility_attractive_with_origins_give",
                "makes no facility attractive; with origins give numbers above 0, such as 1",
            ),
        )


def _origins(city: City) -> Iterator[Misfit]:
    origins = city.choice.origins
    here: KeyPath = ("choice", "origins")
    yield from adding_to_one(
        here, {name: one.share for name, one in origins.items()}, told("the_origins", "origins")
    )
    for origin, one in origins.items():
        yield from _known((*here, origin, "walk"), one.walk, city)
        missing = [name for name in city.open_facilities if name not in one.walk]
        if missing:
            yield (
                (*here, origin, "walk"),
                told(
                    "does_not_say_how_far_it_is",
                    "does not say how far it is to {listed}; give minutes of walk",
                    listed=", ".join(missing),
                ),
            )


def _walks(city: City) -> Iterator[Misfit]:
    here: KeyPath = ("choice", "walk")
    for name, to in city.choice.walk.items():
        yield from unknown_name((*here, name), name, city.open_facilities, "facility")
        if isinstance(to, dict):
            yield from _known((*here, name), to, city)
            if name in to:
                yield (
                    (*here, name, name),
                    told(
                        "is_a_walk_to_where_one_is",
                        "is a walk to where one is already; leave it out",
                    ),
                )
    missing = [
        told("from_to_misfits", "from {one} to {two}", one=one, two=two)
        for (one, first), (two, second) in combinations(city.open_facilities.items(), 2)
        if set(first.visits) & set(second.visits) & set(city.visits)
        and walk_between(city.choice, one, two) == LONGEST
    ]
    if missing:
        example = missing[0].split()
        yield (
            here,
            (
                told(
                    "does_not_say_how_far_it_is_misfits",
                    "does not say how far it is {listed}; give minutes of walk, such as "
                    "`{example}: {{{example_2}: 10}}`",
                    listed=Listed.of(missing, "comma"),
                    example=example[1],
                    example_2=example[3],
                )
            ),
        )
