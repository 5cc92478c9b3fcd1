"""The work a scenario gives to staff in the course of a week, if nobody ever had to wait.

Every visit flows through its stages; each stage that takes staff gives work to a list of roles.
The delays before a stage count: cleaning follows the arrival by the length of a stay. That no one
waits, turns round or leaves makes it what would be wanted, not what a crowded site gets; the
refinement by simulation knows what does happen there.

Rates are piecewise constant over steps of `STEP` minutes of a circular week. The mean number of
people in a stage is m(t) = integral over u of rate(t - u) P(duration > u), the mean of an
infinite-server queue (Eick, Massey & Whitt 1993, Operations Research 41); with such rates it is
exact at the edges of the steps. Those who leave a stage feed the next one: a Poisson flow through
infinite-server stages stays a Poisson flow.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sim.rota.check.rules import Roles
from sim.scenario.derived.appointments import appointments
from sim.scenario.derived.calendar import STEP, Floats, ordinary, week_edges
from sim.scenario.derived.entering import entering
from sim.scenario.derived.flow import Durations, Flow, booked_flow
from sim.scenario.derived.stays import Attended, attended, own_minutes
from sim.scenario.model.durations import DurationShape
from sim.scenario.model.hours import WEEK
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import CheckInTimes, Service
from sim.scenario.model.staff import OverdoseResponse, Severity
from sim.scenario.model.visits import VisitKind

# --- flows through stages -----------------------------------------------------------------------

STRATA = 20_000
"""Equally likely durations that stand for a distribution."""
_NOISE = 1e-12
"""Smaller results are rounding errors of the Fourier transform."""


def minutes_of(law: DurationShape) -> Floats:
    """A distribution as equally likely durations in minutes, with the distribution's mean."""
    minutes = law.quantile((np.arange(STRATA) + 0.5) / STRATA)
    # The middle of the last stratum is no mean of a long tail.
    minutes[-1] += max(0.0, STRATA * (law.mean() - float(minutes.mean())))
    return minutes


def present(rates: Floats, minutes: Floats) -> Floats:
    """Mean number in a stage at the beginning of each step.

    Args:
        rates: of entering it, per minute, one per step of the week.
        minutes: equally likely durations.
    """
    edges = _edges(minutes)
    return _circular(rates, np.diff(Durations.of(minutes).spent(edges)), first=1)


def leaving(rates: Floats, minutes: Floats) -> Floats:
    """Rate of leaving a stage, per minute, mean over each step; arguments as `present`."""
    edges = _edges(minutes)
    # The integral of P(duration <= x); its second differences are what leaves within a step.
    gone = edges - Durations.of(minutes).spent(edges)
    kernel = np.diff(gone, n=2, prepend=0.0) / STEP
    return _circular(rates, kernel, first=0)


def _edges(minutes: Floats) -> Floats:
    return np.arange(int(minutes.max() // STEP) + 3, dtype=np.float64) * STEP


def _circular(rates: Floats, kernel: Floats, first: int) -> Floats:
    """Σ rates[t − first − k] × kernel[k], the week being a circle."""
    steps = len(rates)
    places = (np.arange(len(kernel)) + first) % steps
    weights = np.bincount(places, kernel, minlength=steps)
    found = np.fft.irfft(np.fft.rfft(rates) * np.fft.rfft(weights), steps)
    return np.where(found > _NOISE, found, 0.0)


# --- work ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Work:
    """One kind of work."""

    roles: Roles
    """Who can do it."""
    load: Floats
    """Mean number of people at work on it, at the beginning of each step of the week."""
    at_desk: bool = False
    """Whether it is done at a check-in desk."""


@dataclass(frozen=True, eq=False)
class Response:
    """Overdoses of one severity."""

    severity: Severity
    intensive: Floats
    """Mean number in the intensive phase, at the beginning of each step."""
    observed: Floats
    """Mean number observed afterwards."""


@dataclass(frozen=True, eq=False)
class Week:
    """What staff have to do in an ordinary week, and to watch."""

    work: tuple[Work, ...]
    responses: tuple[Response, ...]
    watched: dict[str, Floats]
    """By room: mean number of people in its places."""


def week_of(scenario: Scenario) -> Week:
    """The work of an ordinary week; special days and dates are left out.

    Who comes before the opening comes in when it opens, which for this is a matter of some minutes.

    Args:
        scenario: with rates of demand; listed arrivals make no ordinary week.
    """
    watched = {room: np.zeros(WEEK // STEP) for room in scenario.rooms}
    work: list[Work] = []
    responses: list[Response] = []
    onsets = np.zeros(WEEK // STEP)
    for name, one in entering(ordinary(scenario)).items():
        kind = scenario.visits[name]
        flow = _rates(one.let_in)
        if name in appointments(scenario):
            work += _booked(scenario, name, flow)
            continue
        flow = yield_to(work, _check_in(scenario, kind, flow), flow)
        for service in _services(scenario, kind, "before"):
            flow = _given(work, *service, flow)
        if kind.rooms:
            flow = np.zeros_like(onsets)
            for room, starts in one.starts.items():
                found = attended(scenario, kind, own_minutes(scenario, kind, room))
                stay, begun = found.minutes, _rates(starts)
                work += _stay_tasks(scenario, found, begun)
                watched[room] = watched[room] + present(begun, stay)
                onsets = onsets + _onsets(kind, begun)
                left = leaving(begun, stay)
                work += _cleaning(scenario, room, left)
                flow = flow + left
        for service in _services(scenario, kind, "after"):
            flow = _given(work, *service, flow)
    if scenario.overdose is not None:
        responses = list(_responses(scenario.overdose, onsets))
    for response in responses:
        work += _seats(response)
    return Week(tuple(work), tuple(responses), watched)


def _booked(scenario: Scenario, name: str, flow: Floats) -> list[Work]:
    """What those who come by appointment are to have: check-in as they come, then at their time."""
    kind, found = scenario.visits[name], list[Work]()
    yield_to(found, _check_in(scenario, kind, flow), flow)
    delay = 0.0
    if scenario.check_in is not None:
        delay = (kind.check_in or scenario.check_in.times).mean()
    week = ordinary(scenario)
    flow = _rates(booked_flow(week, name, at_time=True, delay=delay))
    for when in ("before", "after"):
        for service in _services(scenario, kind, when):
            flow = _given(found, *service, flow)
    return found


def _rates(flow: Flow) -> Floats:
    """People a minute in each step of the ordinary week; those who come at once, within a step."""
    return flow.counts(week_edges(STEP)) / STEP


def yield_to(work: list[Work], stage: "tuple[Work | None, Floats] | None", flow: Floats) -> Floats:
    """Note a stage's work; the flow after it, or the same flow where there is no such stage."""
    if stage is None:
        return flow
    done, after = stage
    if done is not None:
        work.append(done)
    return after


def _check_in(
    scenario: Scenario, kind: VisitKind, flow: Floats
) -> tuple[Work | None, Floats] | None:
    if scenario.check_in is None:
        return None
    minutes = _registering(kind.check_in or scenario.check_in.times)
    done = _staffed(scenario.check_in.roles, flow, minutes)
    at_desk = None if done is None else replace(done, at_desk=True)
    return at_desk, leaving(flow, minutes)


def _registering(times: CheckInTimes) -> Floats:
    known = minutes_of(times.known)
    if times.first_visit is None or not times.first_visit_share:
        return known
    first = round(STRATA * times.first_visit_share)
    strata = (np.arange(first) + 0.5) / max(first, 1)
    rest = (np.arange(STRATA - first) + 0.5) / max(STRATA - first, 1)
    return np.concatenate((times.known.quantile(rest), times.first_visit.quantile(strata)))


def _services(scenario: Scenario, kind: VisitKind, when: str) -> Iterator[tuple[Service, float]]:
    for name, service in scenario.services.items():
        if name in kind.services and service.when == when:
            yield service, kind.services[name]


def _given(work: list[Work], service: Service, share: float, flow: Floats) -> Floats:
    """Note the work of a service, of each who gives it; gives the flow after it."""
    minutes = minutes_of(service.duration)
    users = share * flow
    load = present(users, minutes)
    work += [Work(frozenset(roles), load) for roles in service.seats]
    return flow - users + leaving(users, minutes)


def _stay_tasks(scenario: Scenario, stays: Attended, flow: Floats) -> Iterator[Work]:
    """Tasks during stays: at work are as many as have begun, less those that are done."""
    for name, begun in stays.begun.items():
        roles = scenario.stay_tasks[name].roles
        if roles and len(begun):
            times = flow * (len(begun) / len(stays.minutes))
            load = present(times, stays.done[name]) - present(times, begun)
            yield Work(frozenset(roles), np.maximum(load, 0.0))


def _cleaning(scenario: Scenario, room: str, flow: Floats) -> Iterator[Work]:
    cleaning = scenario.rooms[room].cleaning
    if cleaning is not None:
        done = _staffed(cleaning.roles, flow, minutes_of(cleaning.duration))
        if done is not None:
            yield done


def _staffed(roles: tuple[str, ...], flow: Floats, minutes: Floats) -> Work | None:
    return Work(frozenset(roles), present(flow, minutes)) if roles else None


def _onsets(kind: VisitKind, flow: Floats) -> Floats:
    """Overdoses per minute; those that begin off site are counted too, to be on the safe side."""
    if kind.overdose is None:
        return np.zeros_like(flow)
    return leaving(flow * kind.overdose.per_1000 / 1000, minutes_of(kind.overdose.onset))


def _responses(overdose: OverdoseResponse, onsets: Floats) -> Iterator[Response]:
    for severity in overdose.severities.values():
        begun = severity.share * onsets
        intensive = minutes_of(severity.intensive)
        over = leaving(begun, intensive)
        yield Response(severity, present(begun, intensive), present(over, _observation(severity)))


def _observation(severity: Severity) -> Floats:
    """Minutes of observation; with an ambulance, what is left of its time on average."""
    if severity.ambulance is not None:
        left = minutes_of(severity.ambulance) - severity.intensive.mean()
        return np.maximum(left, 0.0)
    if severity.observation is not None:
        return minutes_of(severity.observation)
    return np.zeros(1)


def _seats(response: Response) -> Iterator[Work]:
    """The team at work; of those who observe, the first of the team."""
    for seat, roles in enumerate(response.severity.team):
        observing = seat < response.severity.observers
        load = response.intensive + response.observed if observing else response.intensive
        yield Work(frozenset(roles), load)
