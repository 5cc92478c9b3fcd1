"""From a scenario, a seed and a replication's number to the visitors. Pure; all chance is here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.compiled import compile_ahead, is_cached, must_compile
from sim.scenario.derived import once
from sim.scenario.model.demand import Arrival
from sim.scenario.model.durations import Distribution, Fixed
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import StayTask, TimeLimit
from sim.visitors.arrivals import Arrivals, draw_arrivals, gamma_factors, thin
from sim.visitors.site import absences, failures, weather
from sim.visitors.streams import Seeds, Streams, look_up, numbers_at
from sim.visitors.visitors import Floats, Integers, Visitors

Rows = NDArray[np.intp]
"""Numbers of visits, increasing."""
_FEW = 8
"""Edges that are faster looked at one after the other than searched among."""


@dataclass(frozen=True, eq=False)
class Column:
    """One uniform number per visit for a named attribute, drawn for those who are asked for.

    Streams are independent, so a column that nobody asks for changes nothing.
    """

    streams: Streams
    arrivals: Arrivals
    attribute: str

    @cached_property
    def _seeds(self) -> Seeds:
        return self.arrivals.seeds(self.streams, self.attribute)

    @cached_property
    def numbers(self) -> Floats:
        """One for each visit."""
        return numbers_at(self._seeds, self.arrivals.pages, self.arrivals.positions)

    def at(self, rows: Rows) -> Floats:
        """Those of some visits; the others are not drawn."""
        if not len(rows):
            return np.empty(0)
        positions = self.arrivals.positions.take(rows)
        return numbers_at(self._seeds, self.arrivals.pages, positions)

    def durations(self, of: Distribution, rows: Rows | None = None) -> Floats:
        """Minutes, for all visits or for some."""
        if isinstance(of, Fixed):
            return np.full(len(self.arrivals.time if rows is None else rows), of.value)
        return of.quantile(self.numbers if rows is None else self.at(rows))


Uniform = Callable[[str], Column]
"""The column of a named attribute."""


@dataclass(frozen=True, eq=False)
class Comers:
    """Who comes to a site, and where the numbers behind all else that they do are."""

    arrivals: Arrivals
    kind: Integers
    """By the site's own numbers."""
    client: Integers
    listed: tuple[Arrival, ...] | None
    """The list by whose rows the arrivals' places are numbered, if they come from one."""
    uniform: Uniform


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
    comers = Comers(arrivals, kind, client, scenario.demand.arrivals, uniform)
    return visitors_of(scenario, comers, streams, streams)


def visitors_of(scenario: Scenario, comers: Comers, streams: Streams, of_site: Streams) -> Visitors:
    """All that those who come to a site will do there, and what chance does to the site.

    Args:
        scenario: the site.
        comers: who comes.
        streams: of what is drawn for all of them, and not for each.
        of_site: of what happens to the site.
    """
    arrivals, kind, uniform = comers.arrivals, comers.kind, comers.uniform
    onset = _onset(scenario, streams, uniform, arrivals, kind)
    severity, intensive, observation, ambulance = _responses(scenario, uniform, onset)
    stay = _stays(scenario, comers)
    tasks = _stay_tasks(scenario, uniform, kind, stay)
    return Visitors(
        arrival=arrivals.time,
        kind=kind,
        client=comers.client,
        check_in=_check_in(scenario, uniform, kind),
        patience=_patience(scenario, comers),
        balk=uniform("balking").numbers,
        stay=stay,
        cleaning=_cleaning(scenario, uniform, len(kind)),
        switch_after=_switch(scenario, uniform, kind),
        aftercare=_aftercare(scenario, uniform, kind),
        service=_services(scenario, uniform, kind),
        service_patience=_service_patience(scenario, uniform, len(kind)),
        stay_task_times=tasks.times,
        stay_task_first=tasks.first,
        stay_task_after=tasks.after,
        stay_task_minutes=tasks.minutes,
        onset=onset,
        severity=severity,
        intensive=intensive,
        observation=observation,
        ambulance=ambulance,
        appointment=_appointment(arrivals),
        bookings=arrivals.bookings,
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


def _appointment(arrivals: Arrivals) -> Floats:
    """The time for which each is booked; NaN for those who walk in."""
    found, booked = np.full(len(arrivals.time), np.nan), arrivals.bookings.visit >= 0
    found[arrivals.bookings.visit[booked]] = arrivals.bookings.time[booked]
    return found


def _chance(column: Column, probability: Floats, kind: Integers) -> Rows:
    """The visits to which something happens with the probability of their kind."""
    if not probability.any():
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(column.numbers < probability.take(kind))


def _listed(comers: Comers, field: str) -> Floats | None:
    """A column of the explicit arrivals, NaN where it says nothing; None without them."""
    if comers.listed is None:
        return None
    values = [getattr(arrival, field) for arrival in comers.listed]
    known = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return _of_listed(comers.arrivals, known, np.nan)


def _check_in(scenario: Scenario, uniform: Uniform, kind: Integers) -> Floats:
    desk = scenario.check_in
    if desk is None:
        return np.zeros(len(kind))
    times = [visit.check_in or desk.times for visit in scenario.visits.values()]
    # A copy: several facilities may have the very same column.
    minutes = fill(uniform("check-in, known"), [time.known for time in times], kind, 0.0).copy()
    share = np.array([time.first_visit_share for time in times])
    first = _chance(uniform("first visit"), share, kind)
    column, durations = uniform("check-in, first visit"), [time.first_visit for time in times]
    minutes[first] = fill(column, durations, kind, 0.0, first)[first]
    return minutes


def _patience(scenario: Scenario, comers: Comers) -> Floats:
    patience = [visit.patience for visit in scenario.visits.values()]
    drawn = fill(comers.uniform("patience"), patience, comers.kind, np.inf)
    listed = _listed(comers, "patience")
    return drawn if listed is None else np.where(np.isnan(listed), drawn, listed)


def _stays(scenario: Scenario, comers: Comers) -> Floats:
    """Stays by room. One uniform number serves all rooms: who is slow here is slow there."""
    kind, uniform = comers.kind, comers.uniform
    stays = np.full((len(scenario.rooms), len(kind)), np.nan)
    column, rooms = uniform("stay"), list(scenario.rooms)
    for number, visit in enumerate(scenario.visits.values()):
        in_rooms: dict[str, Distribution | None] = dict.fromkeys(visit.rooms, visit.stay)
        if visit.switch is not None and visit.switch.room not in in_rooms:
            in_rooms[visit.switch.room] = visit.switch.stay
        mine = np.flatnonzero(kind == number)
        drawn: dict[Distribution, Floats] = {}
        for room, stay in in_rooms.items():
            if stay is not None:
                if stay not in drawn:
                    drawn[stay] = column.durations(stay, mine)
                stays[rooms.index(room)][mine] = drawn[stay]
    if (listed := _listed(comers, "stay")) is not None:
        stays = np.where(np.isnan(listed) | np.isnan(stays), stays, listed)
    return _limited(scenario, uniform, stays)


def _limited(scenario: Scenario, uniform: Uniform, stays: Floats) -> Floats:
    """Stays with the time limits of the rooms."""
    complies, overrun = uniform("keeps to the limit"), uniform("overrun")
    longest: dict[TimeLimit, Floats] = {}
    for stay, room in zip(stays, scenario.rooms.values(), strict=True):
        if (limit := room.time_limit) is not None:
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


def _cleaning(scenario: Scenario, uniform: Uniform, visits: int) -> Floats:
    column, table = uniform("cleaning"), np.zeros((len(scenario.rooms), visits))
    for index, room in enumerate(scenario.rooms.values()):
        if room.cleaning is not None:
            table[index] = column.durations(room.cleaning.duration)
    return table


def _switch(scenario: Scenario, uniform: Uniform, kind: Integers) -> Floats:
    switches = [visit.switch for visit in scenario.visits.values()]
    probability = np.array([switch.probability if switch else 0.0 for switch in switches])
    after = np.array([switch.after if switch else np.inf for switch in switches])
    switching = _chance(uniform("mode switch"), probability, kind)
    minutes = np.full(len(kind), np.inf)
    minutes[switching] = after[kind[switching]]
    return minutes


def _aftercare(scenario: Scenario, uniform: Uniform, kind: Integers) -> Floats:
    uses = [visit.aftercare for visit in scenario.visits.values()]
    share = np.array([use.share if use else 0.0 for use in uses])
    wants = _chance(uniform("aftercare wanted"), share, kind)
    stays = [use.stay if use else None for use in uses]
    return fill(uniform("aftercare"), stays, kind, np.nan, wants)


def _services(scenario: Scenario, uniform: Uniform, kind: Integers) -> Floats:
    table = np.full((len(scenario.services), len(kind)), np.nan)
    for index, (name, service) in enumerate(scenario.services.items()):
        share = np.array([visit.services.get(name, 0.0) for visit in scenario.visits.values()])
        uses = _chance(uniform(f"service {name}: used"), share, kind)
        column = uniform(f"service {name}: duration")
        table[index][uses] = column.durations(service.duration, uses)
    return table


def _service_patience(scenario: Scenario, uniform: Uniform, visits: int) -> Floats:
    table = np.full((len(scenario.services), visits), np.inf)
    for index, (name, service) in enumerate(scenario.services.items()):
        if service.patience is not None:
            table[index] = uniform(f"service {name}: patience").durations(service.patience)
    return table


class StayTasks(NamedTuple):
    """The columns of visitors of the same names, `stay_task_` before them."""

    times: Integers
    first: Integers
    after: Floats
    minutes: Floats


def _stay_tasks(scenario: Scenario, uniform: Uniform, kind: Integers, stay: Floats) -> StayTasks:
    """Tasks during the stay, each time that they may come in a column of its own."""
    rooms, visits = stay.shape
    if not scenario.stay_tasks:
        none = np.empty((0, visits), dtype=np.int64)
        return StayTasks(none, none, np.empty(0), np.empty(0))
    longest = np.zeros(visits) if not rooms else np.fmax.reduce(stay, axis=0)
    drawn = [
        list(_times(uniform, name, task, rows, longest))
        for name, task in scenario.stay_tasks.items()
        for share in [[visit.stay_tasks.get(name, 0.0) for visit in scenario.visits.values()]]
        for rows in [_chance(uniform(f"stay task {name}: used"), np.array(share), kind)]
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


def _onset(
    scenario: Scenario, streams: Streams, uniform: Uniform, arrivals: Arrivals, kind: Integers
) -> Floats:
    """Onset for those with an overdose. The risk has the factors of the day and of the period."""
    if scenario.overdose is None:
        return np.full(len(kind), np.inf)
    risks = [visit.overdose for visit in scenario.visits.values()]
    risk = np.array([risk.per_1000 / 1000 if risk else 0.0 for risk in risks])
    factor = _risk_factors(scenario, streams)
    column = uniform("overdose")
    # Few are below the highest risk of any day; only for these is it looked up whose it is.
    few = np.flatnonzero(column.numbers < risk.max() * factor.max())
    day = (arrivals.time[few] // DAY).astype(np.intp)
    rows = few[column.numbers[few] < risk[kind[few]] * factor[day]]
    onsets = [risk.onset if risk else None for risk in risks]
    return fill(uniform("onset"), onsets, kind, np.inf, rows)


def _risk_factors(scenario: Scenario, streams: Streams) -> Floats:
    """The factor on overdose risk for each day of the horizon."""
    factor = _special_risk(scenario)
    clustering = scenario.overdose.clustering if scenario.overdose else None
    if clustering is None:
        return factor
    period = np.arange(len(factor)) // (7 if clustering.period == "week" else 30)
    clusters = gamma_factors(streams, "overdose clustering", clustering.cv, int(period[-1]) + 1)
    return factor * clusters[period]


@once
def _special_risk(scenario: Scenario) -> Floats:
    """The factor of the special days alone."""
    days = map(scenario.horizon.date_of, range(scenario.horizon.total_days))
    return np.array([scenario.demand.overdose_factor(on) for on in days], dtype=np.float64)


def _responses(
    scenario: Scenario, uniform: Uniform, onset: Floats
) -> tuple[Integers, Floats, Floats, Floats]:
    """Severity and what it takes, for those with an overdose."""
    severities = list(scenario.overdose.severities.values()) if scenario.overdose else []
    severity, rows = np.full(len(onset), -1), np.flatnonzero(onset < np.inf)
    severity[rows] = pick((one.share for one in severities), uniform("severity").at(rows))

    def column(name: str, durations: list[Distribution | None], otherwise: float) -> Floats:
        return fill(uniform(name), durations, severity, otherwise, rows)

    return (
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
def _client_edges(scenario: Scenario) -> "Edges":
    """Between the shares of all visits that each client makes.

    They are a lognormal spread of how often people come, as evenly spaced quantiles: were the
    weights drawn, one extreme client could now and then make most visits of a replication.
    """
    clients = scenario.demand.clients
    assert clients is not None  # or nobody asks
    weight = np.exp(clients.sigma * ndtri((np.arange(clients.number) + 0.5) / clients.number))
    return Edges.of(np.cumsum(weight / weight.sum())[:-1])


# --- what numbers become --------------------------------------------------------------------------


_SLICES = 2**14
"""A power of two, so that nothing is rounded where a number is looked up by its slice."""


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges between many shares, in order, by slices of equal length from 0 to 1.

    Few slices have an edge within them, where many of the shares are small: in all others it is
    known at once between which edges a number lies, which takes a fifth of the time of a search.
    """

    edges: Floats
    below: Integers
    """How many edges there are at the beginning of each slice, or below it."""
    divided: NDArray[np.bool_]
    """Whether there are any within it."""

    @classmethod
    def of(cls, edges: Floats) -> "Edges":
        """Edges by their slices."""
        ends = np.arange(_SLICES + 1) / _SLICES
        below = np.searchsorted(edges, ends[:-1], side="right")
        return cls(edges, below, below < np.searchsorted(edges, ends[1:], side="left"))

    def among(self, uniform: Floats) -> Integers:
        """How many edges each number reaches: `searchsorted` from the right."""
        slices = (uniform * _SLICES).astype(np.intp)
        found = self.below.take(slices)
        rest = np.flatnonzero(self.divided.take(slices))
        found[rest] = np.searchsorted(self.edges, uniform.take(rest), side="right")
        return found


def pick(shares: Iterable[float], uniform: Floats) -> Integers:
    """Which of several, by their shares, for each uniform number."""
    edges = np.cumsum(list(shares))[:-1]
    if len(edges) > _FEW:
        return np.searchsorted(edges, uniform, side="right").astype(np.int64)
    found = np.zeros(len(uniform), dtype=np.int64)
    for edge in edges:
        found += uniform >= edge
    return found


def fill(
    column: Column,
    choices: Sequence[Distribution | None],
    chosen: Integers,
    otherwise: float,
    rows: Rows | None = None,
) -> Floats:
    """A duration per visit from the distribution of what was chosen for it.

    Args:
        column: the numbers behind it.
        choices: the distribution of each choice, if it has one.
        chosen: number of the choice, one per visit.
        otherwise: for those without a distribution, and outside `rows`.
        rows: the visits to which it is given; without it all.
    """
    alike: dict[Distribution, list[int]] = {}
    for number, distribution in enumerate(choices):
        if distribution is not None:
            alike.setdefault(distribution, []).append(number)
    if len(alike) == 1 and None not in choices:
        minutes = column.durations(next(iter(alike)), rows)
        if rows is None:
            return minutes
        filled = np.full(len(chosen), otherwise)
        filled[rows] = minutes
        return filled
    filled = np.full(len(chosen), otherwise)
    among = chosen if rows is None else chosen.take(rows)
    for distribution, numbers in alike.items():
        is_one = np.zeros(len(choices), dtype=np.bool_)
        is_one[numbers] = True
        mine = np.flatnonzero(is_one.take(among))
        mine = mine if rows is None else rows.take(mine)
        filled[mine] = column.durations(distribution, mine)
    return filled


# --- compiling ------------------------------------------------------------------------------------

_FLOAT, _FLOATS, _INTEGERS = types.float64, types.float64[::1], types.int64[::1]
_SEEDS = types.uint32[:, ::1]
_PARTS: dict[Callable[..., object], tuple[Any, ...]] = {
    look_up: (_SEEDS, _INTEGERS, _INTEGERS, _FLOATS),
    thin: (_FLOATS, _FLOATS, _FLOAT, types.UniTuple(_FLOAT, 2), _SEEDS),
}
"""What each compiled function is given."""


def drawing_must_compile() -> bool:
    """Whether drawing the next visitors first takes some seconds to compile."""
    return any(must_compile(part) for part in _PARTS)


def compile_drawing() -> bool:
    """Compile it, or read it if it is cached; returns whether it is cached from now on."""
    for part, given in _PARTS.items():
        compile_ahead(part, *given)
    return all(is_cached(part) for part in _PARTS)
