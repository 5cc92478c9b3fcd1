"""Whether the parts of a scenario fit together: names that must exist, shares that must add up."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain

from sim.scenario.derived.roster import break_window
from sim.scenario.errors.problem import (
    KeyPath,
    Misfit,
    did_you_mean,
    message_of,
)
from sim.scenario.errors.told import Told, told
from sim.scenario.model.base import ROUNDING
from sim.scenario.model.design import path_keys
from sim.scenario.model.hours import clock_text
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import Costs, SiteCosts
from sim.scenario.model.targets import Target
from sim.scenario.model.visits import Attempts, Returns
from sim.scenario.paths import known_text, leads_nowhere, names_text

_SOON = 10.0
"""Minutes after which people may come back any number of times."""


def inconsistencies(
    scenario: Scenario, about: Callable[[Target], Scenario | None] | None = None
) -> Iterator[Misfit]:
    """What does not fit together, as (path in the scenario, sentence for a planner).

    Args:
        scenario: what was read.
        about: the site that a target is about, if not this one; None for a target whose parts are
            looked at elsewhere.
    """
    yield from _visit_kinds(scenario)
    for name, kind in scenario.visits.items():
        yield from endless(("visits", name), kind.returns, kind.attempts)
    yield from _rooms(scenario)
    yield from _appointments(scenario)
    yield from _arrivals(scenario)
    yield from _roles(scenario)
    yield from _breaks(scenario)
    yield from _overdose(scenario)
    yield from _rota_rules(scenario)
    yield from _targets(scenario, about or (lambda _: scenario))
    yield from _costs(scenario)
    yield from _design(scenario)
    yield from _holidays(scenario)


def endless(path: KeyPath, returns: Returns | None, attempts: Attempts | None) -> Iterator[Misfit]:
    """Who comes back without end, and soon each time, would stand at a closed door all night."""
    if returns is None or attempts != "unlimited" or returns.after.mean() >= _SOON:
        return
    message = told(
        "is_minutes_in_the_mean_and_people",
        "is {mean:g} minutes in the mean, and people come back without end "
        "(attempts: unlimited); give {soon:g} minutes or more, or a number of "
        "attempts",
        mean=returns.after.mean(),
        soon=_SOON,
    )
    yield (*path, "returns", "after"), message


def _holidays(scenario: Scenario) -> Iterator[Misfit]:
    """Who speaks of public holidays must say which."""
    if scenario.holidays is not None:
        return
    staff = scenario.staff
    said: list[tuple[KeyPath, object]] = [
        (("opening", "holidays"), scenario.opening.holidays),
        (("demand", "holidays"), scenario.demand.holidays),
    ]
    if staff is not None:
        said.append((("staff", "holidays"), staff.holidays))
        rota = (one.holidays for one in staff.rota)
        unsocial = (one.holidays for one in staff.unsocial)
        for key, of_each in (("rota", rota), ("unsocial", unsocial)):
            said += [
                (("staff", key, number, "holidays"), one) for number, one in enumerate(of_each)
            ]
    for path, value in said:
        if value is not None:
            yield (
                path,
                told(
                    "which_holidays",
                    "speaks of public holidays, but the scenario does not say which they are; "
                    "write holidays: {{country: DK}} at its top level",
                ),
            )


def unknown_name(path: KeyPath, name: str, known: Iterable[str], what: str) -> Iterator[Misfit]:
    """A name that nothing has, with what was meant."""
    names = list(known)
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    hint = (
        told("did_you_mean_consistency", "did you mean '{near}'?", near=near[0])
        if near
        else told("known_names", "known: {listed}", listed=names_text(names))
    )
    yield (
        path,
        told(
            "is_not_a_of_this_scenario",
            "'{name}' is not a {what} of this scenario; {hint}",
            name=name,
            what=what if isinstance(what, Told) else told(f"named_{what.replace(' ', '_')}", what),
            hint=hint,
        ),
    )


def _unknown_names(
    path: KeyPath, given: Iterable[str], known: Iterable[str], what: str
) -> Iterator[Misfit]:
    """The same of each name in a list."""
    names = list(known)
    for number, name in enumerate(given):
        yield from unknown_name((*path, number), name, names, what)


def adding_to_one(path: KeyPath, shares: Mapping[str, float], what: str) -> Iterator[Misfit]:
    """Shares of a whole that are not one."""
    total = sum(shares.values())
    if shares and abs(total - 1) > ROUNDING:
        listed = " + ".join(f"{share:g}" for share in shares.values())
        yield (
            path,
            told(
                "shares_add",
                "shares of the {what} add to {total:g} ({listed}); they must add to 1",
                what=what,
                total=total,
                listed=listed,
            ),
        )


def _visit_kinds(scenario: Scenario) -> Iterator[Misfit]:
    if scenario.demand.arrivals is None:
        shares = {name: kind.share for name, kind in scenario.visits.items()}
        yield from adding_to_one(("visits",), shares, told("visit_kinds", "visit kinds"))
    for name, kind in scenario.visits.items():
        path: KeyPath = ("visits", name)
        yield from _unknown_names((*path, "rooms"), kind.rooms, scenario.rooms, "room")
        for service in kind.services:
            yield from unknown_name(
                (*path, "services", service), service, scenario.services, "service"
            )
        for task in kind.stay_tasks:
            known, what = scenario.stay_tasks, told("task_during_the_stay", "task during the stay")
            yield from unknown_name((*path, "stay_tasks", task), task, known, what)
        if kind.switch is not None:
            yield from unknown_name(
                (*path, "switch", "room"), kind.switch.room, scenario.rooms, "room"
            )
            if kind.switch.room in kind.rooms:
                yield (
                    (*path, "switch", "room"),
                    told(
                        "is_a_room_that_this_kind_accepts",
                        "is a room that this kind accepts from the start",
                    ),
                )
        if kind.aftercare is not None and scenario.aftercare is None:
            yield (
                (*path, "aftercare"),
                told(
                    "is_used_but_the_site_has_no",
                    "is used, but the site has no aftercare; add `aftercare:`",
                ),
            )
        if kind.check_in is not None and scenario.check_in is None:
            yield (
                (*path, "check_in"),
                told(
                    "gives_times_but_the_site_has_no",
                    "gives times, but the site has no check-in; add `check_in:`",
                ),
            )


def _rooms(scenario: Scenario) -> Iterator[Misfit]:
    accepted = {room for kind in scenario.visits.values() for room in kind.rooms}
    accepted |= {kind.switch.room for kind in scenario.visits.values() if kind.switch}
    for name in scenario.rooms:
        if name not in accepted:
            yield (
                ("rooms", name),
                told(
                    "no_visit_kind_accepts_this_room_name",
                    "no visit kind accepts this room; name it under `rooms:` of one",
                ),
            )
    used = {service for kind in scenario.visits.values() for service in kind.services}
    for name in scenario.services:
        if name not in used:
            yield (
                ("services", name),
                told("no_visit_kind_uses_this_service", "no visit kind uses this service"),
            )
    had = {task for kind in scenario.visits.values() for task in kind.stay_tasks}
    for name in scenario.stay_tasks:
        if name not in had:
            yield (
                ("stay_tasks", name),
                told(
                    "no_visit_kind_has_this_task_name",
                    "no visit kind has this task; name it at one",
                ),
            )
    for number, rule in enumerate(scenario.supervision):
        path = ("supervision", number, "rooms")
        yield from _unknown_names(path, rule.rooms, scenario.rooms, "room")


def _appointments(scenario: Scenario) -> Iterator[Misfit]:
    """Who is booked comes by appointment only, for one service and nothing but services."""
    booked_for: dict[str, str] = {}
    for name, service in scenario.services.items():
        if service.appointments is None:
            continue
        booked = service.appointments.kind
        here: KeyPath = ("services", name, "appointments", "kind")
        yield from unknown_name(here, booked, scenario.visits, told("visit_kind", "visit kind"))
        if (kind := scenario.visits.get(booked)) is None:
            continue
        if (other := booked_for.setdefault(booked, name)) != name:
            yield (
                here,
                told(
                    "is_booked_for_too_give_each_service",
                    "'{booked}' is booked for {other} too; give each service a kind of its own",
                    booked=booked,
                    other=other,
                ),
            )
        if kind.rooms:
            yield (
                here,
                told(
                    "uses_a_room_who_is_booked_uses",
                    "'{booked}' uses a room; who is booked uses services only",
                    booked=booked,
                ),
            )
        if kind.share > 0:
            yield (
                ("visits", booked),
                told(
                    "is_booked_for_and_so_is_no",
                    "is booked for {name} and so is no share of those who walk in; write share: 0",
                    name=name,
                ),
            )
        if kind.services.get(name) != 1.0:
            yield (
                ("visits", booked, "services"),
                told(
                    "must_use_the_service_that_they_are",
                    "must use the service that they are booked for: write {name}: 1",
                    name=name,
                ),
            )


def _arrivals(scenario: Scenario) -> Iterator[Misfit]:
    booked = {one.appointments.kind for one in scenario.services.values() if one.appointments}
    for number, arrival in enumerate(scenario.demand.arrivals or ()):
        path: KeyPath = ("demand", "arrivals", number)
        yield from unknown_name(
            (*path, "kind"), arrival.kind, scenario.visits, told("visit_kind", "visit kind")
        )
        if arrival.kind in booked:
            yield (
                (*path, "kind"),
                told(
                    "comes_by_appointment_list_others_here",
                    "'{kind}' comes by appointment; list others here",
                    kind=arrival.kind,
                ),
            )
        if arrival.at >= scenario.horizon.minutes:
            yield (
                (*path, "at"),
                told(
                    "minute_is_after_the_horizon_of_days",
                    "minute {at:g} is after the horizon of {total_days} days",
                    at=arrival.at,
                    total_days=scenario.horizon.total_days,
                ),
            )


Duty = tuple[tuple[KeyPath, str], ...]
"""The roles that will do for a duty or a rule, each with where it is named."""


def _duties(scenario: Scenario) -> Iterator[Duty]:
    if scenario.check_in is not None:
        yield _each(("check_in", "roles"), scenario.check_in.roles)
    for name, room in scenario.rooms.items():
        if room.cleaning is not None:
            yield _each(("rooms", name, "cleaning", "roles"), room.cleaning.roles)
    yield from _tasks(scenario)
    for number, rule in enumerate(scenario.supervision):
        yield _each(("supervision", number, "roles"), rule.roles)
        for role in rule.at_least:
            yield ((("supervision", number, "at_least", role), role),)
    for name, severity in (scenario.overdose.severities if scenario.overdose else {}).items():
        for seat, roles in enumerate(severity.team):
            yield _each(("overdose", "severities", name, "team", seat), roles)


def _tasks(scenario: Scenario) -> Iterator[Duty]:
    for name, service in scenario.services.items():
        yield _each(("services", name, "roles"), service.roles)
        for seat, roles in enumerate(service.team):
            yield _each(("services", name, "team", seat), roles)
    for name, task in scenario.stay_tasks.items():
        yield _each(("stay_tasks", name, "roles"), task.roles)


def _each(path: KeyPath, roles: tuple[str, ...]) -> Duty:
    return tuple(((*path, position), role) for position, role in enumerate(roles))


def _roles(scenario: Scenario) -> Iterator[Misfit]:
    roles = scenario.staff.roles if scenario.staff else {}
    rostered = {shift.role for shift in scenario.staff.rota} if scenario.staff else set()
    for number, shift in enumerate(scenario.staff.rota if scenario.staff else ()):
        yield from unknown_name(("staff", "rota", number, "role"), shift.role, roles, "role")
        for place, rest in enumerate(shift.breaks):
            path = ("staff", "rota", number, "breaks", place, "minimum_left_of")
            yield from _unknown_names(path, rest.minimum_left_of, roles, "role")
    for role in roles:
        if role not in rostered and not _spared(scenario, role, rostered):
            yield (
                ("staff", "roles", role),
                told(
                    "no_rota_line_puts_a_on_duty", "no rota line puts a {role} on duty", role=role
                ),
            )
    for where, role in chain.from_iterable(_duties(scenario)):
        yield from unknown_name(where, role, roles, "role")


def _spared(scenario: Scenario, role: str, rostered: set[str]) -> bool:
    """Whether others on the rota can do all that a role could, as where a plan leaves it out."""
    duties = [{able for _, able in duty} for duty in _duties(scenario)]
    found = [able for able in duties if role in able]
    return bool(found) and all(rostered & able for able in found)


def _breaks(scenario: Scenario) -> Iterator[Misfit]:
    for line, shift in enumerate(scenario.staff.rota if scenario.staff else ()):
        for number, rest in enumerate(shift.breaks):
            if break_window(shift, rest)[0] >= shift.end:
                window = told(
                    "to_consistency",
                    "{clock_text} to {clock_text_2}",
                    clock_text=clock_text(rest.earliest),
                    clock_text_2=clock_text(rest.latest),
                )
                hours = f"{clock_text(shift.start)}-{clock_text(shift.end)}"
                path: KeyPath = ("staff", "rota", line, "breaks", number)
                yield (
                    path,
                    told(
                        "is_to_begin_from_but_the_shift",
                        "is to begin from {window}, but the shift is {hours}",
                        window=window,
                        hours=hours,
                    ),
                )


def _overdose(scenario: Scenario) -> Iterator[Misfit]:
    at_risk = [name for name, kind in scenario.visits.items() if kind.overdose]
    response = scenario.overdose
    if response is None:
        if at_risk:
            path: KeyPath = ("visits", at_risk[0], "overdose")
            yield (
                path,
                told(
                    "gives_a_risk_but_the_scenario_does",
                    "gives a risk, but the scenario does not say how it is met; add `overdose:`",
                ),
            )
        return
    shares = {name: severity.share for name, severity in response.severities.items()}
    if not shares:
        yield (
            ("overdose", "severities"),
            told(
                "is_empty_give_at_least_one_severity",
                "is empty; give at least one severity with share 1",
            ),
        )
    yield from adding_to_one(("overdose", "severities"), shares, told("severities", "severities"))
    rostered = Counter[str]()
    for shift in scenario.staff.rota if scenario.staff else ():
        rostered[shift.role] += shift.count
    for name, severity in response.severities.items():
        path = ("overdose", "severities", name, "team")
        if not all(severity.team):
            yield (
                path,
                told(
                    "has_a_member_without_a_role_name",
                    "has a member without a role; name the roles that will do",
                ),
            )
        able = {role for roles in severity.team for role in roles}
        if able <= set(rostered) and len(severity.team) > sum(rostered[role] for role in able):
            yield (
                path,
                told(
                    "needs_staff_but_the_whole_rota_has",
                    "needs {number} staff, but the whole rota has fewer of these roles",
                    number=len(severity.team),
                ),
            )


def _rota_rules(scenario: Scenario) -> Iterator[Misfit]:
    rules = scenario.rota_rules
    if rules is None:
        return
    roles = scenario.staff.roles if scenario.staff else {}
    for role in rules.at_least:
        yield from unknown_name(("rota_rules", "at_least", role), role, roles, "role")
    for number, shift in enumerate(rules.shifts):
        path = ("rota_rules", "shifts", number, "roles")
        yield from _unknown_names(path, shift.roles, roles, "role")


def _targets(scenario: Scenario, about: Callable[[Target], Scenario | None]) -> Iterator[Misfit]:
    """Whether what targets are about exists; which figures there are is known to `study` only."""
    for number, target in enumerate(scenario.targets):
        path: KeyPath = ("targets", number)
        if target in scenario.targets[:number]:
            yield (
                path,
                told("stands_here_twice_days", "'{text}' stands here twice", text=target.text),
            )
        site = about(target)
        if site is None:
            continue
        known: dict[str, tuple[str, Iterable[str]]] = {
            "room": ("room", site.rooms),
            "kind": (told("visit_kind", "visit kind"), site.visits),
            "service": ("service", site.services),
            "stay_task": (told("task_during_the_stay", "task during the stay"), site.stay_tasks),
            "role": ("role", site.staff.roles if site.staff else ()),
            "severity": ("severity", site.overdose.severities if site.overdose else ()),
        }
        for part, name in target.named_parts().items():
            if part in known:
                what, names = known[part]
                yield from unknown_name(path, name, names, what)


def _costs(scenario: Scenario) -> Iterator[Misfit]:
    """Rooms that do not exist, two currencies, and what is said in both places."""
    costs, rooms = scenario.costs or Costs(), scenario.rooms
    before = (scenario.design.costs if scenario.design else None) or SiteCosts()
    paid = scenario.staff.currency if scenario.staff else None
    for path, stated in ((("costs",), costs), (("design", "costs"), before)):
        for room in stated.place:
            if room not in rooms:
                known = did_you_mean(room, list(rooms)) or known_text(rooms)
                yield (
                    (*path, "place", room),
                    told(
                        "is_not_a_room_of_this_scenario",
                        "is not a room of this scenario{known}",
                        known=known,
                    ),
                )
    both: list[tuple[str, ...]] = [("place", room) for room in costs.place if room in before.place]
    if costs.opening_hour is not None and before.opening_hour is not None:
        both.append(("opening_hour",))
    for keys in both:
        name = ".".join(keys)
        yield (
            ("costs", *keys),
            told(
                "is_also_given_as_design_costs_keep",
                "is also given as design.costs.{name}; keep this one",
                name=name,
            ),
        )
        yield (
            ("design", "costs", *keys),
            told(
                "is_also_given_as_costs_leave_it",
                "is also given as costs.{name}; leave it out here",
                name=name,
            ),
        )
    if paid is not None and costs.currency not in (None, paid):
        message = told(
            "is_but_staff_currency_is_and_a",
            "is {currency}, but staff.currency is {paid}, and a site has one currency: "
            "leave it out here, or write `currency: {currency}` under `staff`",
            currency=costs.currency,
            paid=paid,
        )
        yield ("costs", "currency"), message


def _design(scenario: Scenario) -> Iterator[Misfit]:
    """Paths that lead nowhere, things set twice."""
    if (design := scenario.design) is None:
        return
    taken: dict[tuple[str, ...], str] = {}
    for name in design.vary:
        here = ("design", "vary", name)
        for path in design.paths(name):
            try:
                keys = path_keys(path)
            except ValueError as error:
                yield here, message_of(error)
                continue
            if fault := leads_nowhere(scenario, keys):
                yield here, fault
            if other := taken.get(keys):
                yield (
                    here,
                    told(
                        "sets_which_sets_too_keep_one_of",
                        "sets {path}, which '{other}' sets too; keep one of them",
                        path=path,
                        other=other,
                    ),
                )
            taken[keys] = name
