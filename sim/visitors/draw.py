"""From a scenario, a seed and a replication's number to the visitors. Pure; all chance is here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.scenario.derived import once, once_for
from sim.scenario.model.durations import Distribution
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import CheckInTimes, StayTask, TimeLimit
from sim.scenario.model.staff import Clustering, Severity
from sim.scenario.model.visits import AftercareUse, ModeSwitch, OverdoseRisk
from sim.visitors.arrivals import Arrivals, draw_arrivals, gamma_factors
from sim.visitors.columns import Column, Comers, Edges, Rows, Uniform, chance, fill, pick
from sim.visitors.site import absences, failures, weather
from sim.visitors.streams import Streams
from sim.visitors.visitors import Bookings, Floats, Integers, Visitors


def draw(scenario: Scenario, seed: int, replication: int) -> Visitors:
    """Everything chance decides in one replication.

    Args:
        scenario: the site.
        seed: the study's seed, 0 or more.
        replication: the replication's number, from 0.
    """
    streams = Streams(seed, replication)
    arrivals = draw_arrivals(scenario, streams)

    def uniform(attribute: str) -> Column:
        return Column(streams, arrivals, attribute)

    kind = kinds_of(scenario, uniform, arrivals)
    client = clients_of(scenario, uniform, len(kind))
    comers = Comers(arrivals, kind, client, scenario.demand.arrivals, uniform, lambda: streams)
    return visitors_of(scenario, comers, arrivals.bookings, streams)


def visitors_of(
    scenario: Scenario, comers: Comers, bookings: Bookings, of_site: Streams
) -> Visitors:
    """All that those who come to a site will do there, and what chance does to the site.

    Args:
        scenario: the site.
        comers: who comes, to this site or to any of several.
        bookings: its appointments.
        of_site: of what happens to the site.
    """
    made, visits, rooms = comers.made, list(scenario.visits.values()), scenario.rooms
    onset, response = _overdoses(scenario, comers)
    limits = [(name, room.time_limit) for name, room in rooms.items()]
    stay = made(_stays, limits, [(visit.rooms, visit.stay, visit.switch) for visit in visits])
    tasks = made(_stay_tasks, scenario.stay_tasks, [visit.stay_tasks for visit in visits], stay)
    desk, services = scenario.check_in, scenario.services
    times = [visit.check_in or desk.times for visit in visits] if desk is not None else None
    cleaning = [room.cleaning.duration if room.cleaning else None for room in rooms.values()]
    durations = {name: service.duration for name, service in services.items()}
    service_patience = {name: service.patience for name, service in services.items()}
    return Visitors(
        arrival=comers.arrivals.time,
        kind=comers.kind,
        client=comers.client,
        check_in=made(_check_in, times),
        patience=made(_patience, [visit.patience for visit in visits]),
        balk=comers.uniform("balking").numbers,
        stay=stay,
        cleaning=made(_cleaning, cleaning),
        switch_after=made(_switch, [visit.switch for visit in visits]),
        aftercare=made(_aftercare, [visit.aftercare for visit in visits]),
        service=made(_services, durations, [visit.services for visit in visits]),
        service_patience=made(_service_patience, service_patience),
        stay_task_times=tasks.times,
        stay_task_first=tasks.first,
        stay_task_after=tasks.after,
        stay_task_minutes=tasks.minutes,
        onset=onset,
        severity=response.severity,
        intensive=response.intensive,
        observation=response.observation,
        ambulance=response.ambulance,
        appointment=made(_appointment, bookings),
        bookings=bookings,
        absent=absences(scenario, of_site),
        bad_weather=weather(scenario, of_site),
        **failures(scenario, of_site),
    )


def kinds_of(scenario: Scenario, uniform: Uniform, arrivals: Arrivals) -> Integers:
    """The kind of each visit, drawn, listed or booked."""
    if scenario.demand.arrivals is None:
        kind = pick((kind.share for kind in scenario.visits.values()), uniform("kind").numbers)
    else:
        number = {name: index for index, name in enumerate(scenario.visits)}
        listed = [number[arrival.kind] for arrival in scenario.demand.arrivals]
        kind = _of_listed(arrivals, np.array(listed, dtype=np.int64), 0)
    booked = arrivals.bookings.visit >= 0
    kind[arrivals.bookings.visit[booked]] = arrivals.bookings.kind[booked]
    return kind


def _of_listed(arrivals: Arrivals, values: NDArray[Any], otherwise: float) -> NDArray[Any]:
    """What the list says of each visit; something else of those who are booked."""
    found = np.full(len(arrivals.time), otherwise, dtype=values.dtype)
    walking = np.flatnonzero(arrivals.booking < 0)
    found[walking] = values[arrivals.positions[walking]]
    return found


def _appointment(comers: Comers, bookings: Bookings) -> Floats:
    """The time for which each is booked; NaN for those who walk in."""
    found, booked = np.full(len(comers), np.nan), bookings.visit >= 0
    found[bookings.visit[booked]] = bookings.time[booked]
    return found


def _listed(comers: Comers, field: str) -> Floats | None:
    """A column of the explicit arrivals, NaN where it says nothing; None without them."""
    if comers.listed is None:
        return None
    values = [getattr(arrival, field) for arrival in comers.listed]
    known = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return _of_listed(comers.arrivals, known, np.nan)


def _check_in(comers: Comers, times: Sequence[CheckInTimes] | None) -> Floats:
    """By the times of each kind; without a desk there are none."""
    if times is None:
        return np.zeros(len(comers))
    kind, uniform = comers.kind, comers.uniform
    minutes = fill(uniform("check-in, known"), [time.known for time in times], kind, 0.0)
    share = np.array([time.first_visit_share for time in times])
    first = chance(uniform("first visit"), share, kind)
    if not len(first):
        return minutes
    column, durations = uniform("check-in, first visit"), [time.first_visit for time in times]
    minutes = minutes.copy()  # several facilities may have the very same column
    minutes[first] = fill(column, durations, kind, 0.0, first)[first]
    return minutes


def _patience(comers: Comers, patience: Sequence[Distribution | None]) -> Floats:
    """By that of each kind."""
    drawn = fill(comers.uniform("patience"), patience, comers.kind, np.inf)
    listed = _listed(comers, "patience")
    return drawn if listed is None else np.where(np.isnan(listed), drawn, listed)


Limits = list[tuple[str, TimeLimit | None]]
"""Of each room its time limit."""
Stay = tuple[tuple[str, ...], Distribution | None, ModeSwitch | None]
"""Of a kind its rooms, its stay in them and to which other room it may switch."""


def _stays(comers: Comers, limits: Limits, visits: list[Stay]) -> Floats:
    """Stays by room. One uniform number serves all rooms: who is slow here is slow there.

    Args:
        comers: who comes.
        limits: the rooms.
        visits: the kinds.
    """
    stays = np.full((len(limits), len(comers)), np.nan)
    column, rooms = comers.uniform("stay"), [name for name, _ in limits]
    for number, (usual, stays_for, switch) in enumerate(visits):
        in_rooms: dict[str, Distribution | None] = dict.fromkeys(usual, stays_for)
        if switch is not None and switch.room not in in_rooms:
            in_rooms[switch.room] = switch.stay
        mine = comers.made(_of_kind, number)
        drawn: dict[Distribution, Floats] = {}
        for room, stay in in_rooms.items():
            if stay is not None:
                if stay not in drawn:
                    drawn[stay] = column.durations(stay, mine)
                stays[rooms.index(room)][mine] = drawn[stay]
    if (listed := _listed(comers, "stay")) is not None:
        stays = np.where(np.isnan(listed) | np.isnan(stays), stays, listed)
    return _limited(comers, limits, stays)


def _of_kind(comers: Comers, number: int) -> Rows:
    return np.flatnonzero(comers.kind == number)


def _limited(comers: Comers, limits: Limits, stays: Floats) -> Floats:
    """Stays with the time limits of the rooms."""
    complies, overrun = comers.uniform("keeps to the limit"), comers.uniform("overrun")
    longest: dict[TimeLimit, Floats] = {}
    for stay, (_, limit) in zip(stays, limits, strict=True):
        if limit is not None:
            if limit not in longest:
                longest[limit] = _longest(limit, complies, overrun)
            np.minimum(stay, longest[limit], out=stay)
    return stays


def _longest(limit: TimeLimit, complies: Column, overrun: Column) -> Floats:
    longest = np.full(len(complies.arrivals.time), limit.limit)
    if limit.overrun is not None and limit.comply < 1:
        late = np.flatnonzero(complies.numbers >= limit.comply)
        longest[late] += overrun.durations(limit.overrun, late)
    return longest


def _cleaning(comers: Comers, durations: Sequence[Distribution | None]) -> Floats:
    """By that of each room."""
    column, table = comers.uniform("cleaning"), np.zeros((len(durations), len(comers)))
    for minutes, duration in zip(table, durations, strict=True):
        if duration is not None:
            minutes[:] = column.durations(duration)
    return table


def _switch(comers: Comers, switches: Sequence[ModeSwitch | None]) -> Floats:
    """By that of each kind."""
    probability = np.array([switch.probability if switch else 0.0 for switch in switches])
    after = np.array([switch.after if switch else np.inf for switch in switches])
    switching = chance(comers.uniform("mode switch"), probability, comers.kind)
    minutes = np.full(len(comers), np.inf)
    minutes[switching] = after[comers.kind[switching]]
    return minutes


def _aftercare(comers: Comers, uses: Sequence[AftercareUse | None]) -> Floats:
    """By that of each kind."""
    share = np.array([use.share if use else 0.0 for use in uses])
    wants = chance(comers.uniform("aftercare wanted"), share, comers.kind)
    stays = [use.stay if use else None for use in uses]
    return fill(comers.uniform("aftercare"), stays, comers.kind, np.nan, wants)


def _services(
    comers: Comers, durations: Mapping[str, Distribution], shares: Sequence[Mapping[str, float]]
) -> Floats:
    """By the duration of each service, and the shares of each kind that use them."""
    table, uniform = np.full((len(durations), len(comers)), np.nan), comers.uniform
    for minutes, (name, duration) in zip(table, durations.items(), strict=True):
        share = np.array([of_kind.get(name, 0.0) for of_kind in shares])
        uses = chance(uniform(f"service {name}: used"), share, comers.kind)
        minutes[uses] = uniform(f"service {name}: duration").durations(duration, uses)
    return table


def _service_patience(comers: Comers, patience: Mapping[str, Distribution | None]) -> Floats:
    """By that of each service."""
    table = np.full((len(patience), len(comers)), np.inf)
    for minutes, (name, of_service) in zip(table, patience.items(), strict=True):
        if of_service is not None:
            minutes[:] = comers.uniform(f"service {name}: patience").durations(of_service)
    return table


class StayTasks(NamedTuple):
    """The columns of visitors of the same names, `stay_task_` before them."""

    times: Integers
    first: Integers
    after: Floats
    minutes: Floats


def _stay_tasks(
    comers: Comers,
    tasks: Mapping[str, StayTask],
    shares: Sequence[Mapping[str, float]],
    stay: Floats,
) -> StayTasks:
    """Tasks during the stay, each time that they may come in a column of its own."""
    rooms, visits = stay.shape
    if not tasks:
        none = np.empty((0, visits), dtype=np.int64)
        return StayTasks(none, none, np.empty(0), np.empty(0))
    uniform = comers.uniform
    longest = np.zeros(visits) if not rooms else np.fmax.reduce(stay, axis=0)
    drawn = [
        list(_times(uniform, name, task, rows, longest))
        for name, task in tasks.items()
        for share in [np.array([of_kind.get(name, 0.0) for of_kind in shares])]
        for rows in [chance(uniform(f"stay task {name}: used"), share, comers.kind)]
    ]
    times = np.zeros((len(drawn), visits), dtype=np.int64)
    for count, each in zip(times, drawn, strict=True):
        for rows, _, _ in each:
            count[rows] += 1
    first = np.cumsum(times).reshape(times.shape) - times
    after, minutes = (np.empty(int(times.sum())) for _ in range(2))
    for begin, each in zip(first, drawn, strict=True):
        for number, (rows, wait, work) in enumerate(each):
            after[begin[rows] + number], minutes[begin[rows] + number] = wait, work
    return StayTasks(times, first, after, minutes)


_FURTHER = 1e-6
"""Minutes: so much longer than the stay a sum of parts of it may be by rounding."""


def _times(
    uniform: Uniform, name: str, task: StayTask, rows: Rows, longest: Floats
) -> Iterator[tuple[Rows, Floats, Floats]]:
    """Each time that a task comes: to which visits, after how long, and how long it takes.

    Args:
        uniform: the columns.
        name: the task's.
        task: the task.
        rows: the visits that have it.
        longest: each visit's longest stay: where it runs on, what begins later never begins.
    """
    again, column = task.again, f"stay task {name}"
    after, minutes = uniform(f"{column}: after"), uniform(f"{column}: duration")
    wait, begun = task.after, np.zeros(len(longest))
    for number in range(1 if again is None else 1 + again.at_most):
        if number and again is not None:
            comes = uniform(f"{column}: again {number}").at(rows) < again.share
            rows, wait = rows[comes], again.after
            after = uniform(f"{column}: after again {number}")
            minutes = uniform(f"{column}: duration again {number}")
        until, work = after.durations(wait, rows), minutes.durations(task.duration, rows)
        if task.stay == "runs_on":
            soon = begun[rows] + until <= longest[rows] + _FURTHER
            rows, until, work = rows[soon], until[soon], work[soon]
        if not len(rows):
            return
        begun[rows] += until + work
        yield rows, until, work


def _overdoses(scenario: Scenario, comers: Comers) -> tuple[Floats, "Response"]:
    """Onset of overdoses, and what they take."""
    overdose, kinds = scenario.overdose, scenario.visits.values()
    if overdose is None:
        onset = comers.made(_no_onset)
        return onset, comers.made(_responses, [], onset)
    risks, special = [visit.overdose for visit in kinds], _special_risk(scenario)
    onset = comers.made(_onset, risks, special, overdose.clustering)
    return onset, comers.made(_responses, list(overdose.severities.values()), onset)


def _no_onset(comers: Comers) -> Floats:
    return np.full(len(comers), np.inf)


def _onset(
    comers: Comers,
    risks: Sequence[OverdoseRisk | None],
    special: Floats,
    clustering: Clustering | None,
) -> Floats:
    """Onset for those with an overdose.

    Args:
        comers: who comes.
        risks: of each kind.
        special: the factor of special days on the risk, by day.
        clustering: that of the period.
    """
    risk = np.array([risk.per_1000 / 1000 if risk else 0.0 for risk in risks])
    factor = special
    if clustering is not None:
        period = np.arange(len(special)) // (7 if clustering.period == "week" else 30)
        name, count = "overdose clustering", int(period[-1]) + 1
        factor = special * gamma_factors(comers.of_all(), name, clustering.cv, count)[period]
    column, kind = comers.uniform("overdose"), comers.kind
    # Few are below the highest risk of any day; only for these is it looked up whose it is.
    few = np.flatnonzero(column.numbers < risk.max() * factor.max())
    day = (comers.arrivals.time[few] // DAY).astype(np.intp)
    rows = few[column.numbers[few] < risk[kind[few]] * factor[day]]
    onsets = [risk.onset if risk else None for risk in risks]
    return fill(comers.uniform("onset"), onsets, kind, np.inf, rows)


@once_for("horizon", "demand")
def _special_risk(scenario: Scenario) -> Floats:
    """The factor of special days on overdose risk, for each day of the horizon."""
    days = map(scenario.horizon.date_of, range(scenario.horizon.total_days))
    return np.array([scenario.demand.overdose_factor(on) for on in days], dtype=np.float64)


class Response(NamedTuple):
    """The columns of visitors of the same names."""

    severity: Integers
    intensive: Floats
    observation: Floats
    ambulance: Floats


def _responses(comers: Comers, severities: Sequence[Severity], onset: Floats) -> Response:
    """Severity and what it takes, for those with an overdose."""
    uniform = comers.uniform
    severity, rows = np.full(len(onset), -1), np.flatnonzero(onset < np.inf)
    severity[rows] = pick((one.share for one in severities), uniform("severity").at(rows))

    def column(name: str, durations: list[Distribution | None], otherwise: float) -> Floats:
        return fill(uniform(name), durations, severity, otherwise, rows)

    return Response(
        severity,
        column("intensive phase", [one.intensive for one in severities], 0.0),
        column("observation", [one.observation for one in severities], 0.0),
        column("ambulance", [one.ambulance for one in severities], np.nan),
    )


def clients_of(scenario: Scenario, uniform: Uniform, visits: int) -> Integers:
    """Whose each visit is; -1 without clients."""
    clients = scenario.demand.clients
    if clients is None:
        return np.full(visits, -1)
    return _client_edges(scenario).among(uniform("client").numbers)


@once
def _client_edges(scenario: Scenario) -> Edges:
    """Between the shares of all visits that each client makes.

    They are a lognormal spread of how often people come, as evenly spaced quantiles: were the
    weights drawn, one extreme client could now and then make most visits of a replication.
    """
    clients = scenario.demand.clients
    assert clients is not None  # or nobody asks
    weight = np.exp(clients.sigma * ndtri((np.arange(clients.number) + 0.5) / clients.number))
    return Edges.of(np.cumsum(weight / weight.sum())[:-1])
