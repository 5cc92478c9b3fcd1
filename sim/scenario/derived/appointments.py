"""When people are booked: the times of the appointments of a horizon, and who they are."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sim.scenario.derived import once
from sim.scenario.derived.calendar import Floats, Integers, inside_spans, site_spans
from sim.scenario.derived.roster import people_on_shift
from sim.scenario.errors.told import Listed, Name, told
from sim.scenario.model.hours import DAY, clock_of, weekday_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import Appointments


@once
def appointments(scenario: Scenario) -> dict[str, Appointments]:
    """By kind of visit that comes by appointment, what is said of it."""
    return {
        service.appointments.kind: service.appointments
        for service in scenario.services.values()
        if service.appointments is not None
    }


@once
def appointment_times(scenario: Scenario) -> Mapping[str, Integers]:
    """By kind, the minutes after the first midnight at which there are appointments, in order.

    They are those of its hours at which the site is open, dates included; nobody is booked for a
    time at which it is shut.
    """
    found = {}
    for kind, booked in appointments(scenario).items():
        times = [np.empty(0, dtype=np.int64)]
        for day in range(-1, scenario.horizon.total_days):
            for start, end in booked.hours.week[scenario.horizon.date_of(day).weekday()]:
                times.append(np.arange(start, end, int(booked.every)) + day * DAY)
        every = np.unique(np.concatenate(times))
        every = every[(every >= 0) & (every < scenario.horizon.minutes)]
        found[kind] = every[inside_spans(site_spans(scenario), every.astype(np.float64))]
    return found


_PARTS = 16
"""Equally likely minutes of lateness that stand for all of them."""


class Expected(NamedTuple):
    """Those who are expected for appointments, as parts of a person."""

    comes: Floats
    """When they come, minutes after the first midnight, in order."""
    time: Floats
    """For which time they are booked."""
    people: Floats


def expected_to_come(scenario: Scenario, kind: str) -> Expected:
    """Who is expected of a kind that comes by appointment, those left out who do not come."""
    booked, times = appointments(scenario)[kind], appointment_times(scenario)[kind]
    late = np.zeros(1) if booked.lateness is None else booked.lateness.equally_likely(_PARTS)
    comes = np.maximum(times[:, np.newaxis] - booked.early + late, 0.0).ravel()
    time = np.repeat(times.astype(np.float64), len(late))
    people = np.full(len(comes), booked.number * (1 - booked.no_show) / len(late))
    order = np.argsort(comes, kind="stable")
    order = order[comes[order] < scenario.horizon.minutes]
    return Expected(comes[order], time[order], people[order])


def booked_a_day(scenario: Scenario, kind: str) -> float:
    """Mean appointments of a kind on a day counted."""
    horizon = scenario.horizon
    counted = appointment_times(scenario)[kind] >= horizon.counted_from
    number = appointments(scenario)[kind].number * int(counted.sum())
    return number * DAY / (horizon.minutes - horizon.counted_from)


def booked_together(scenario: Scenario) -> list[str]:
    """Services for which staff have several booked at one time, and how many."""
    return [
        told(
            "booked_together",
            "{service}: {number} every {every:g} min",
            service=Name(name),
            number=service.appointments.number,
            every=service.appointments.every,
        )
        for name, service in scenario.services.items()
        if service.appointments is not None
        and service.appointments.number > 1
        and any(service.seats)
    ]


def appointment_warnings(scenario: Scenario) -> list[str]:
    """Appointments that nobody can be given, or keep: no time, nobody on duty, too many at once."""
    found: list[str] = []
    for name, service in scenario.services.items():
        if (booked := service.appointments) is None:
            continue
        times = appointment_times(scenario)[booked.kind]
        if not len(times):
            form = "{service}: none of its appointments is in opening hours; nobody is booked"
            found.append(told("none_booked", form, service=Name(name)))
        if len(times):
            for roles in service.seats:
                found += _unkept(scenario, name, roles, times)
    return list(dict.fromkeys(found))


def _unkept(scenario: Scenario, name: str, roles: tuple[str, ...], times: Integers) -> list[str]:
    """Appointments at which none of some roles is on duty, or too few are."""
    service = scenario.services[name]
    booked = service.appointments
    assert booked is not None  # the caller has looked
    names, on = Listed.of(roles, "or"), _on_duty(scenario, roles, times)
    found: list[str] = []
    if len(nobody := times[on == 0]):
        found.append(
            told(
                "booked_with_nobody",
                "{service}: {number} of {of} appointments are at times at which no {roles} is on "
                "duty (first {first})",
                service=Name(name),
                number=len(nobody),
                of=len(times),
                roles=names,
                first=_when(scenario, int(nobody[0])),
            )
        )
    minutes = booked.number * (1 - booked.no_show) * service.duration.mean()
    if len(many := times[(on > 0) & (minutes > booked.every * on)]):
        found.append(
            told(
                "booked_too_close",
                "{service}: the appointments of {every:g} minutes take {minutes:.3g} on average, "
                "more than the {roles} on duty have (first {first}): those booked later wait "
                "longer and longer",
                service=Name(name),
                every=booked.every,
                minutes=minutes,
                roles=names,
                first=_when(scenario, int(many[0])),
            )
        )
    return found


def _on_duty(scenario: Scenario, roles: tuple[str, ...], times: Integers) -> Integers:
    """How many of some roles are on duty at each of some times, absence left out."""
    rota = scenario.staff.rota if scenario.staff is not None else ()
    people = [one for one in people_on_shift(scenario) if rota[one.line].role in roles]
    starts, ends = (np.sort([getattr(one, name) for one in people]) for name in ("start", "end"))
    begun = np.searchsorted(starts, times, side="right")
    return np.asarray(begun - np.searchsorted(ends, times, side="right"), dtype=np.int64)


def _when(scenario: Scenario, time: int) -> str:
    on = scenario.horizon.date_of(time // DAY)
    day = told("day_date", "{day} {date}", day=weekday_of(on.weekday()), date=on)
    return told("date_time", "{date} {time}", date=day, time=clock_of(time % DAY))
