"""What one replication adds to a published figure: a numerator and a denominator."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.log import Outcome, Where
from sim.measures import metric_rows
from sim.measures.steps import Bools, Floats, Integers, window_of
from sim.scenario.model.hours import DAY
from sim.validation.trials import Replication, pair

HOUR = 60

# --- at some hours of the day --------------------------------------------------------------------


def wait_between(one: Replication, begins: int, ends: int) -> Floats:
    """Minutes waited by those who came in these hours and got a place; and their number."""
    waited = _waits(one, begins, ends)
    return pair(waited.sum(), len(waited))


def long_waits_between(one: Replication, begins: int, ends: int) -> Floats:
    """Of those who came in these hours and got a place, those who waited half an hour."""
    waited = _waits(one, begins, ends)
    return pair((waited >= HOUR / 2).sum(), len(waited))


def lost_between(one: Replication, begins: int, ends: int) -> Floats:
    """Of those who came in these hours, those who turned round or gave up."""
    chosen = one.counted & _came_between(one, begins, ends)
    lost = _ended(one, Outcome.BALKED, Outcome.RENEGED)
    return pair((chosen & lost).sum(), chosen.sum())


def held_between(one: Replication, begins: int, ends: int) -> Floats:
    """Place-minutes in these hours that were held for a use or its cleaning; and all."""
    (room,) = one.scenario.rooms.values()
    cleaning = room.cleaning.duration.mean() if room.cleaning is not None else 0.0
    visits = one.log.visits
    used = visits["room"] >= 0
    entered, left = visits["entered"][used], visits["left"][used]
    free = np.where(np.isnan(left), np.inf, left) + cleaning
    held = 0.0
    for day in range(_days(one)):
        first, last = day * DAY + begins * HOUR, day * DAY + ends * HOUR
        held += np.clip(np.minimum(free, last) - np.maximum(entered, first), 0, None).sum()
    return pair(held, room.places * _days(one) * (ends - begins) * HOUR)


def _waits(one: Replication, begins: int, ends: int) -> Floats:
    """Of those who came in these hours and got a place."""
    return one.log.visits["waited"][one.got_place & _came_between(one, begins, ends)]


def _came_between(one: Replication, begins: int, ends: int) -> Bools:
    hour = one.arrival % DAY / HOUR
    between: Bools = (hour >= begins) & (hour < ends)
    return between


# --- visits and uses -----------------------------------------------------------------------------


def served(one: Replication) -> Floats:
    """Visits that got what they came for; and days."""
    done = _ended(one, Outcome.SERVED, Outcome.SERVICE_ONLY)
    return pair((done & one.counted).sum(), _days(one))


def uses_per_open_day(one: Replication) -> Floats:
    """Places entered; and days on which any was."""
    days = _days_of_uses(one)
    return pair(len(days), len(np.unique(days)))


def uses_in(one: Replication, span: int) -> Floats:
    """Places entered; and the days they were counted in as a part of so many days."""
    return pair(one.got_place.sum(), _days(one) / span)


def uses_per_place_year(one: Replication, kind: str) -> Floats:
    """Uses of one kind; and the place-years of the room that they prefer."""
    places = one.scenario.rooms[one.scenario.visits[kind].rooms[0]].places
    uses = one.got_place & one.of_kind(kind)
    return pair(uses.sum(), places * _days(one) / 365)


def uses_per_place(one: Replication, kind: str, other: str) -> Floats:
    """Uses per place-year of one kind and of another."""
    (uses, years), (other_uses, other_years) = (
        uses_per_place_year(one, name) for name in (kind, other)
    )
    return pair(uses / years, other_uses / other_years)


def people_per_open_day(one: Replication) -> Floats:
    """Different people who enter a place on a day, added over days; and days with any use."""
    days = _days_of_uses(one)
    who = np.column_stack((days, one.log.visits["client"][one.got_place]))
    return pair(len(np.unique(who, axis=0)), len(np.unique(days)))


def uses_per_person_and_day(one: Replication) -> Floats:
    """Places entered; and different people on each day, added over the days."""
    return pair(one.got_place.sum(), people_per_open_day(one)[0])


def uses_on_busiest_day(one: Replication) -> Floats:
    """Places entered on the busiest day; over 1."""
    return pair(np.bincount(_days_of_uses(one)).max(), 1)


def _ended(one: Replication, *outcomes: Outcome) -> Bools:
    return np.isin(one.log.visits["outcome"], outcomes)


def _days(one: Replication) -> int:
    """Days counted."""
    return int(window_of(one.scenario).days)


def _days_of_uses(one: Replication) -> Integers:
    """On which day each use began."""
    return (one.arrival[one.got_place] // DAY).astype(np.int64)


# --- overdoses and staff -------------------------------------------------------------------------


def began_in(one: Replication, where: str) -> Floats:
    """Of the overdoses that began on site, those that began somewhere."""
    began = one.log.responses["where"]
    return pair((began == Where[where.upper()]).sum(), _on_site(one).sum())


def of_severity(one: Replication, *names: str) -> Floats:
    """Of the overdoses that began on site, those of some severities."""
    overdose = one.scenario.overdose
    known = list(overdose.severities) if overdose else []
    chosen = np.isin(one.log.responses["severity"], [known.index(name) for name in names])
    return pair((_on_site(one) & chosen).sum(), _on_site(one).sum())


def staff_time(one: Replication, duty: str) -> Floats:
    """Hours of all staff that go to one duty, absences apart; and the hours rostered."""
    values = {
        (row.metric, row.by): one.tally.numerator[number] / one.tally.denominator[number]
        for number, row in enumerate(metric_rows(one.scenario))
        if row.metric in {"rostered", "staff_busy"}
    }
    roles = sorted(by for metric, by in values if metric == "rostered" and by.startswith("role:"))
    hours = np.array([values["rostered", role] for role in roles])
    shares = np.array([values["staff_busy", f"{role}/duty:{duty}"] for role in roles])
    return pair((shares * hours).sum(), hours.sum())


def _on_site(one: Replication) -> Bools:
    return np.isin(one.log.responses["where"], (Where.PLACE, Where.AFTERCARE))


# --- who comes how often: from the visitors alone ------------------------------------------------


def came_at_least(one: Replication, times: int) -> Floats:
    """Of the people who came at all, those who came so often."""
    visits = _visits_of_people(one)
    return pair((visits >= times).sum(), len(visits))


def made_by_busiest(one: Replication, share: float) -> Floats:
    """Visits made by the busiest people, a share of those who came at all; and all visits."""
    visits = np.sort(_visits_of_people(one))[::-1]
    return pair(visits[: round(share * len(visits))].sum(), visits.sum())


def visits_per_person(one: Replication) -> Floats:
    """Visits; and the people who came at all."""
    visits = _visits_of_people(one)
    return pair(visits.sum(), len(visits))


def _visits_of_people(one: Replication) -> Integers:
    """Visits of each person who came at all."""
    counts = np.bincount(one.visitors.client)
    return counts[counts > 0]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        wait_between,
        long_waits_between,
        lost_between,
        held_between,
        served,
        uses_per_open_day,
        uses_in,
        uses_per_place_year,
        uses_per_place,
        people_per_open_day,
        uses_per_person_and_day,
        uses_on_busiest_day,
        began_in,
        of_severity,
        staff_time,
        came_at_least,
        made_by_busiest,
        visits_per_person,
    )
}
"""What checks.toml may name."""
