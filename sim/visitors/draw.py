"""From a scenario, a seed and a replication's number to the visitors. Pure; all chance is here."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.scenario.distributions import Distribution
from sim.scenario.hours import DAY
from sim.scenario.rota import people_on_shift
from sim.scenario.scenario import Scenario
from sim.scenario.visits import VisitKind
from sim.visitors.arrivals import Arrivals, draw_arrivals, gamma_factors
from sim.visitors.streams import Streams
from sim.visitors.visitors import Floats, Integers, Visitors

Choice = TypeVar("Choice")

Uniform = Callable[[str], Floats]
"""One uniform number per visit for a named attribute."""


def draw(scenario: Scenario, seed: int, replication: int) -> Visitors:
    """Everything chance decides in one replication.

    Args:
        scenario: the site.
        seed: the study's seed, 0 or more.
        replication: the replication's number, from 0.
    """
    streams = Streams(seed, replication)
    arrivals = draw_arrivals(scenario, streams)

    def uniform(attribute: str) -> Floats:
        return arrivals.uniform(streams, attribute)

    kind = _kinds(scenario, uniform, arrivals)
    severities = tuple(scenario.overdose.severities.values()) if scenario.overdose else ()
    severity = _pick((one.share for one in severities), uniform("severity"))
    return Visitors(
        arrival=arrivals.time,
        kind=kind,
        client=_clients(scenario, uniform),
        check_in=_check_in(scenario, uniform, kind),
        patience=_patience(scenario, uniform, arrivals, kind),
        balk=uniform("balking"),
        stay=_stays(scenario, uniform, arrivals, kind),
        cleaning=_cleaning(scenario, uniform),
        switch_after=_switch(scenario, uniform, kind),
        aftercare=_aftercare(scenario, uniform, kind),
        service=_services(scenario, uniform, kind),
        service_patience=_service_patience(scenario, uniform, len(kind)),
        onset=_onset(scenario, streams, uniform, arrivals, kind),
        severity=severity,
        intensive=_fill(
            severities, severity, uniform("intensive phase"), 0.0, lambda s: s.intensive
        ),
        observation=_fill(
            severities, severity, uniform("observation"), 0.0, lambda s: s.observation
        ),
        ambulance=_fill(severities, severity, uniform("ambulance"), np.nan, lambda s: s.ambulance),
        absent=_absences(scenario, streams),
        bad_weather=_weather(scenario, streams),
    )


def _pick(shares: Iterable[float], uniform: Floats) -> Integers:
    """Which of several, by their shares; -1 when there are none."""
    cumulative = np.cumsum(list(shares))
    if not len(cumulative):
        return np.full(len(uniform), -1)
    found = np.searchsorted(cumulative, uniform, side="right")
    return np.minimum(found, len(cumulative) - 1).astype(np.int64)


def _kinds(scenario: Scenario, uniform: Uniform, arrivals: Arrivals) -> Integers:
    picked = _pick((kind.share for kind in scenario.visits.values()), uniform("kind"))
    if scenario.demand.arrivals is None:
        return picked
    number = {name: index for index, name in enumerate(scenario.visits)}
    listed = np.array(
        [number[arrival.kind] for arrival in scenario.demand.arrivals], dtype=np.int64
    )
    return listed[arrivals.order]


def _fill(
    choices: Iterable[Choice],
    chosen: Integers,
    uniform: Floats,
    otherwise: float,
    duration: Callable[[Choice], Distribution | None],
) -> Floats:
    """A duration per visit from the distribution of what was chosen for it."""
    filled = np.full(len(chosen), otherwise)
    for number, choice in enumerate(choices):
        if (distribution := duration(choice)) is not None:
            mine = chosen == number
            filled[mine] = distribution.quantile(uniform[mine])
    return filled


def _listed(scenario: Scenario, arrivals: Arrivals, field: str) -> Floats:
    """A column of the explicit arrivals, NaN where it says nothing."""
    if scenario.demand.arrivals is None:
        return np.full(len(arrivals.time), np.nan)
    values = [getattr(arrival, field) for arrival in scenario.demand.arrivals]
    return np.array([np.nan if value is None else value for value in values])[arrivals.order]


def _check_in(scenario: Scenario, uniform: Uniform, kind: Integers) -> Floats:
    known_uniform, first_uniform = uniform("check-in, known"), uniform("check-in, first visit")
    is_first = uniform("first visit")
    desk = scenario.check_in
    if desk is None:
        return np.zeros(len(kind))
    known = _fill(
        scenario.visits.values(),
        kind,
        known_uniform,
        0.0,
        lambda visit: (visit.check_in or desk.times).known,
    )
    first = _fill(
        scenario.visits.values(),
        kind,
        first_uniform,
        0.0,
        lambda visit: (visit.check_in or desk.times).first_visit,
    )
    times = [visit.check_in or desk.times for visit in scenario.visits.values()]
    share = np.array([time.first_visit_share for time in times])
    return np.where(is_first < share[kind], first, known)


def _patience(scenario: Scenario, uniform: Uniform, arrivals: Arrivals, kind: Integers) -> Floats:
    drawn = _fill(scenario.visits.values(), kind, uniform("patience"), np.inf, lambda v: v.patience)
    listed = _listed(scenario, arrivals, "patience")
    return np.where(np.isnan(listed), drawn, listed)


def _stays(scenario: Scenario, uniform: Uniform, arrivals: Arrivals, kind: Integers) -> Floats:
    """Stays by room. One uniform number serves all rooms: who is slow here is slow there."""
    number, complies, overrun = uniform("stay"), uniform("keeps to the limit"), uniform("overrun")
    listed = _listed(scenario, arrivals, "stay")
    stays = np.full((len(scenario.rooms), len(kind)), np.nan)
    for index, (name, room) in enumerate(scenario.rooms.items()):
        stay = _fill(scenario.visits.values(), kind, number, np.nan, partial(_stay_in, room=name))
        stay = np.where(np.isnan(listed) | np.isnan(stay), stay, listed)
        if (limit := room.time_limit) is not None:
            beyond = limit.overrun.quantile(overrun) if limit.overrun is not None else 0.0
            longest = np.where(complies < limit.comply, limit.limit, limit.limit + beyond)
            stay = np.minimum(stay, longest)
        stays[index] = stay
    return stays


def _stay_in(kind: VisitKind, *, room: str) -> Distribution | None:
    if room in kind.rooms:
        return kind.stay
    return kind.switch.stay if kind.switch is not None and kind.switch.room == room else None


def _cleaning(scenario: Scenario, uniform: Uniform) -> Floats:
    number = uniform("cleaning")
    table = np.zeros((len(scenario.rooms), len(number)))
    for index, room in enumerate(scenario.rooms.values()):
        if room.cleaning is not None:
            table[index] = room.cleaning.duration.quantile(number)
    return table


def _switch(scenario: Scenario, uniform: Uniform, kind: Integers) -> Floats:
    switches = [visit.switch for visit in scenario.visits.values()]
    probability = np.array([switch.probability if switch else 0.0 for switch in switches])
    after = np.array([switch.after if switch else np.inf for switch in switches])
    return np.where(uniform("mode switch") < probability[kind], after[kind], np.inf)


def _aftercare(scenario: Scenario, uniform: Uniform, kind: Integers) -> Floats:
    wants, number = uniform("aftercare wanted"), uniform("aftercare")
    uses = [visit.aftercare for visit in scenario.visits.values()]
    share = np.array([use.share if use else 0.0 for use in uses])
    stay = _fill(
        scenario.visits.values(),
        kind,
        number,
        np.nan,
        lambda v: v.aftercare.stay if v.aftercare else None,
    )
    return np.where(wants < share[kind], stay, np.nan)


def _services(scenario: Scenario, uniform: Uniform, kind: Integers) -> Floats:
    table = np.full((len(scenario.services), len(kind)), np.nan)
    for index, (name, service) in enumerate(scenario.services.items()):
        share = np.array([visit.services.get(name, 0.0) for visit in scenario.visits.values()])
        uses = uniform(f"service {name}: used") < share[kind]
        minutes = service.duration.quantile(uniform(f"service {name}: duration"))
        table[index] = np.where(uses, minutes, np.nan)
    return table


def _service_patience(scenario: Scenario, uniform: Uniform, visits: int) -> Floats:
    table = np.full((len(scenario.services), visits), np.inf)
    for index, (name, service) in enumerate(scenario.services.items()):
        number = uniform(f"service {name}: patience")
        if service.patience is not None:
            table[index] = service.patience.quantile(number)
    return table


def _onset(
    scenario: Scenario, streams: Streams, uniform: Uniform, arrivals: Arrivals, kind: Integers
) -> Floats:
    """Onset for those with an overdose. The risk has the factors of the day and of the period."""
    number, when = uniform("overdose"), uniform("onset")
    if scenario.overdose is None:
        return np.full(len(kind), np.inf)
    kinds = [visit.overdose for visit in scenario.visits.values()]
    risk = np.array([risk.per_1000 / 1000 if risk else 0.0 for risk in kinds])
    day = (arrivals.time // DAY).astype(np.intp)
    factor = _risk_factors(scenario, streams)[day]
    onset = _fill(
        scenario.visits.values(),
        kind,
        when,
        np.inf,
        lambda v: v.overdose.onset if v.overdose else None,
    )
    return np.where(number < risk[kind] * factor, onset, np.inf)


def _risk_factors(scenario: Scenario, streams: Streams) -> Floats:
    """The factor on overdose risk for each day of the horizon."""
    days = scenario.horizon.total_days
    factor = np.ones(days)
    for day in range(days):
        on = scenario.horizon.date_of(day)
        for special in scenario.demand.special_days:
            if special.falls_on(on):
                factor[day] *= special.overdoses
    clustering = scenario.overdose.clustering if scenario.overdose else None
    if clustering is None:
        return factor
    period = np.arange(days) // (7 if clustering.period == "week" else 30)
    clusters = gamma_factors(streams, "overdose clustering", clustering.cv, int(period[-1]) + 1)
    return factor * clusters[period]


def _clients(scenario: Scenario, uniform: Uniform) -> Integers:
    number = uniform("client")
    clients = scenario.demand.clients
    if clients is None:
        return np.full(len(number), -1)
    # A lognormal spread of how often people come, as evenly spaced quantiles: were the weights
    # drawn, one extreme client could now and then make most visits of a replication.
    weight = np.exp(clients.sigma * ndtri((np.arange(clients.number) + 0.5) / clients.number))
    return _pick((weight / weight.sum()).tolist(), number)


def _absences(scenario: Scenario, streams: Streams) -> NDArray[np.bool_]:
    """Absence per person on shift, from a stream named after the shift and not its position."""
    people = people_on_shift(scenario)
    staff = scenario.staff
    if staff is None or staff.absence == 0:
        return np.zeros(len(people), dtype=np.bool_)
    alike: dict[str, list[int]] = {}
    for number, person in enumerate(people):
        role = staff.rota[person.line].role
        alike.setdefault(f"absence of {role} {person.start:g}-{person.end:g}", []).append(number)
    absent = np.zeros(len(people), dtype=np.bool_)
    for name, numbers in alike.items():
        absent[numbers] = streams.uniform(name, len(numbers)) < staff.absence
    return absent


def _weather(scenario: Scenario, streams: Streams) -> NDArray[np.bool_]:
    """Days on which each open-air room cannot be used."""
    days = scenario.horizon.total_days + 1
    table = np.zeros((len(scenario.rooms), days), dtype=np.bool_)
    for index, (name, room) in enumerate(scenario.rooms.items()):
        if room.usable_share < 1:
            table[index] = streams.uniform(f"weather at {name}", days) >= room.usable_share
    return table
