"""The needs of one replication of a system: everything that chance decides, as columns.

Numbers belong to the need, and are drawn once for all facilities: who is slow here is slow there.
Only what a facility does with them (its stays, its risks) is its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from math import log
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from sim.compiled import compile_ahead, compiled, is_cached, must_compile, part
from sim.scenario.city.system import System
from sim.scenario.model.durations import Distribution
from sim.visitors.arrivals import Arrivals, BookedAt, draw_arrivals, thin
from sim.visitors.columns import Column, Comers, Rows, Uniform, fill, pick
from sim.visitors.draw import clients_of, kinds_of, visitors_of
from sim.visitors.streams import PAGE, Seeds, Streams, lay_pages, look_up, number_at
from sim.visitors.visitors import Bookings, Floats, Integers, Visitors

_ATTEMPTS = 3
"""Attempts that are drawn at first; few people make more."""
_MANY = 4
"""Of what share of all needs the numbers are looked up one by one: a quarter, or fewer."""


@dataclass(frozen=True, eq=False)
class Attempts:
    """What decides what follows each attempt of each need: (K, n) each."""

    divert: Floats
    come_back: Floats
    delay: Floats
    balk: Floats


@dataclass(frozen=True, eq=False)
class Needs:
    """One row a need, in order of time; minutes.

    Attempts of one need are numbered from 0. `K` attempts are drawn; `longer` draws more.
    """

    arrival: Floats
    """When the need arises, minutes after midnight of the first day."""
    kind: Integers
    """Index into the system's kinds."""
    client: Integers
    """Which client; -1 without clients."""
    origin: Integers
    """Index into the origins; 0 without any."""
    order: Integers
    """(facilities, n): the facility that is wished first, second …; -1 beyond those that serve."""
    informed: NDArray[np.bool_]
    """Whether they know the queues."""
    divert: Floats
    """(K, n): uniform; goes elsewhere after this attempt when the chance of it exceeds it. It is 1,
    as are those below, where nothing depends on it."""
    come_back: Floats
    """(K, n): uniform; comes back after this attempt when the chance of it exceeds it."""
    delay: Floats
    """(K, n): minutes until then; NaN for those who do not."""
    balk: Floats
    """(K, n): uniform, as `Visitors.balk`, of each attempt."""
    sites: tuple[Visitors, ...]
    """By facility: what its visitors are made of, a row for each need of a kind that it serves. Its
    `arrival` is that of the need and its `balk` that of the first attempt. What chance does to
    the facility (absences, weather, failures) is the facility's own."""
    row: Integers
    """(facilities, n): the need's row among those of the facility; -1 where it is not served."""
    drawn: Callable[[int], Attempts] = field(repr=False)
    """So many attempts, of which the first are those above."""

    def __len__(self) -> int:
        return len(self.arrival)

    def longer(self) -> "Needs":
        """The same needs with twice as many attempts."""
        return replace(self, **vars(self.drawn(2 * len(self.balk))))


def draw_needs(system: System, seed: int, replication: int) -> Needs:
    """Everything that chance decides in one replication of a system.

    Args:
        system: the facilities and their demand.
        seed: the study's seed, 0 or more.
        replication: the replication's number, from 0.
    """
    streams = Streams(seed, replication)
    arrivals = draw_arrivals(system.people, streams, _booked_at(system))
    wholes = dict[str, _Whole]()

    def uniform(attribute: str) -> _Whole:
        if attribute not in wholes:
            wholes[attribute] = _Whole(streams, arrivals, attribute)
        return wholes[attribute]

    kind = kinds_of(system.people, uniform, arrivals)
    client = clients_of(system.people, uniform, len(kind))
    needs = _Drawn(system, seed, replication, arrivals, kind, client)
    origin, informed = _origins(system, uniform, len(kind)), _informed(system, uniform, len(kind))
    served = dict[bytes, _Served]()
    sites, row = [], np.empty((len(system.sites), len(kind)), dtype=np.int64)
    for number, kinds in enumerate(system.kind_at):
        alike = kinds.tobytes()
        if alike not in served:
            served[alike] = needs.served(kinds, uniform)
        row[number] = served[alike].row
        sites.append(needs.at(number, served[alike]))
    attempts = needs.attempts(uniform, _first_attempts(system))
    return Needs(
        arrival=arrivals.time,
        kind=kind,
        client=client,
        origin=origin,
        order=_orders(system, uniform, arrivals, kind, origin),
        informed=informed,
        **vars(attempts),
        sites=tuple(sites),
        row=row,
        drawn=needs.drawn_anew,
    )


def _booked_at(system: System) -> list[BookedAt]:
    """The facilities, each with the numbers of those of its kinds that come to it alone."""
    found = []
    for number, (name, site) in enumerate(system.sites.items()):
        kind_at = system.kind_at[number].tolist()
        numbers = {kind: kind_at.index(own) for own, kind in enumerate(site.visits)}
        found.append(BookedAt(site, numbers, f"{name}: " if system.is_city else ""))
    return found


# --- who goes where -------------------------------------------------------------------------------


def _first_attempts(system: System) -> int:
    most = (_ATTEMPTS if one.attempts is None else one.attempts for one in system.choice.returning)
    return max(1, min(_ATTEMPTS, max(most, default=1)))


def _origins(system: System, uniform: Uniform, needs: int) -> Integers:
    if len(system.choice.origins) == 1:
        return np.zeros(needs, dtype=np.int64)
    return pick(system.choice.origins.tolist(), uniform("origin").numbers)


def _informed(system: System, uniform: Uniform, needs: int) -> NDArray[np.bool_]:
    share = system.choice.informed
    if share in (0, 1):
        return np.full(needs, share == 1)
    return np.less(uniform("knows the queues").numbers, share)


def _orders(
    system: System, uniform: Uniform, arrivals: Arrivals, kind: Integers, origin: Integers
) -> Integers:
    """Facilities in the order of wishes.

    Each has an exponential time of its weight as rate, and the earliest come first: so first
    wishes have the shares of the weights, and no facility changes the order of the others.
    """
    served = np.where(system.kind_at.T >= 0, 1.0, 0.0)
    weights, facilities = system.choice.weights * served, len(system.sites)
    cells = origin * weights.shape[1] + kind
    if facilities == 1:
        return np.where(weights.ravel().take(cells) > 0, 0, -1)[np.newaxis]
    slowness = np.full((facilities, weights[..., 0].size), -np.inf)
    found = np.ascontiguousarray(weights.reshape(-1, facilities).T)
    np.divide(-1.0, found, out=slowness, where=found > 0)
    seeds = np.concatenate([uniform(f"wish for {name}").seeds for name in system.sites])
    return rank(seeds, arrivals.pages, arrivals.positions, slowness, cells)


_BLOCK = 256
"""Needs that are put in order together: what is found of them stays near to the processor."""
_LN_2 = 0.6931471805599453
_ONE, _MANTISSA, _ROOT_OF_HALF = 0x3FF0000000000000, 52, 0x3FE6A09E667F3BCD
"""The bits of 1 and of √½, and how many of them stand below the exponent."""
_WHOLE_ABOVE, _MAGIC = 2.0**52 + 1023, 0x4330000000000000
"""A number of which the lowest bits are a whole one, 1023 more than an exponent."""
_APART = 1e-7
"""Logarithms that differ by more are told apart: each is found to 4e-8."""


@compiled
def rank(
    seeds: Seeds, pages: Integers, positions: Integers, slowness: Floats, cells: Integers
) -> Integers:
    """Facilities in order of when they are due, the earliest first, the first of equal ones.

    They are due after an exponential time of rate 1, -ln(1 - u), times their slowness. A logarithm
    found to a few digits tells most of them apart, and takes a quarter of the time; those of needs
    for which it does not are found in full.

    Args:
        seeds: of the streams of the first facility, the second …, one for each block of arrivals.
        pages: how many pages each stream of a facility is asked for.
        positions: (n,): where the numbers of each need are.
        slowness: (facilities, cells): below 0; minus infinity for one that is never due.
        cells: (n,): to which each need belongs.

    Returns:
        (facilities, n): the numbers of those that are ever due, in order; then -1.
    """
    facilities, needs, streams = len(slowness), len(positions), len(pages)
    of_all, of_one = np.empty(facilities * streams, np.int64), 0
    for stream in range(streams):
        of_one += pages[stream] * PAGE
        for one in range(facilities):
            of_all[one * streams + stream] = pages[stream]
    laid = lay_pages(seeds, of_all)
    order, close = np.empty((facilities, needs), np.int64), np.empty(_BLOCK, np.bool_)
    due, slack = np.empty((facilities, _BLOCK)), np.empty((facilities, _BLOCK))
    places = np.empty((facilities, _BLOCK), np.int64)
    for begin in range(0, needs, _BLOCK):
        size = min(_BLOCK, needs - begin)
        whose, where = cells[begin : begin + size], positions[begin : begin + size]
        for one in range(facilities):
            for need in range(size):
                due[one, need] = 1.0 - number_at(laid, one * of_one + where[need])
            _find_logarithms(due[one, :size])
            _slow_down(due[one], slack[one], slowness[one], whose)
        _count_earlier(due, slack, places, close)
        for need in range(size):
            if close[need]:
                for one in range(facilities):
                    due[one, need] = log(1.0 - number_at(laid, one * of_one + where[need]))
                _slow_down_one(due[:, need], slowness[:, whose[need]])
                _count_in_full(due[:, need], places[:, need])
        _put_in_order(places, order[:, begin : begin + size])
    return order


@part
def _slow_down(due: Floats, slack: Floats, slowness: Floats, cells: Integers) -> None:
    """When a facility is due, of logarithms, and how much of that may be wrong."""
    for need in range(len(cells)):
        slow = slowness[cells[need]]
        ever = slow > -np.inf
        due[need] = due[need] * slow if ever else np.inf
        slack[need] = -slow * _APART if ever else 0.0


@part
def _slow_down_one(due: Floats, slowness: Floats) -> None:
    """The same of one need and each facility."""
    for one in range(len(due)):
        due[one] = due[one] * slowness[one] if slowness[one] > -np.inf else np.inf


@part
def _put_in_order(places: Integers, order: Integers) -> None:
    """The facilities by their places, of each need; then -1."""
    facilities, needs = order.shape
    for turn in range(facilities):
        found = order[turn]
        found[:] = -1
        for one in range(facilities):
            place = places[one]
            for need in range(needs):
                found[need] += one + 1 if place[need] == turn else 0


@part
def _find_logarithms(numbers: Floats) -> None:
    """Put in place of numbers from 2⁻⁵³ to 1 their logarithms, to 4e-8.

    A number is 2ᵏ m, m from √½ to √2, and ln m = 2 (s + s³/3 + s⁵/5 + …), s = (m - 1) / (m + 1).
    The first term left out is 2 s⁹/9, below 3e-8.
    """
    bits, exponents = numbers.view(np.uint64), np.empty(_BLOCK, np.uint64)
    one, below, more = np.uint64(_ONE), np.uint64(_MANTISSA), np.uint64(_ONE - _ROOT_OF_HALF)
    for place in range(len(numbers)):
        exponent = (bits[place] + more) >> below
        bits[place] = bits[place] + one - (exponent << below)
        exponents[place] = exponent | np.uint64(_MAGIC)
    wholes = exponents.view(np.float64)
    for place in range(len(numbers)):
        s = (numbers[place] - 1.0) / (numbers[place] + 1.0)
        square = s * s
        series = 1.0 + square * (1.0 / 3.0 + square * (0.2 + square * (1.0 / 7.0)))
        numbers[place] = (wholes[place] - _WHOLE_ABOVE) * _LN_2 + 2.0 * s * series


@part
def _count_earlier(due: Floats, slack: Floats, places: Integers, close: NDArray[np.bool_]) -> None:
    """How many facilities are due before each, and whether any two are due too close to tell.

    One that is never due comes after all.
    """
    facilities, needs = due.shape
    close[:needs] = False
    for one in range(facilities):
        for need in range(needs):
            places[one, need] = 0
    for one in range(facilities):
        mine, place, its = due[one], places[one], slack[one]
        for other in range(one + 1, facilities):
            theirs, their_place, their_slack = due[other], places[other], slack[other]
            for need in range(needs):
                first = mine[need] <= theirs[need]
                place[need] += not first
                their_place[need] += first
                apart = abs(mine[need] - theirs[need])
                close[need] |= apart <= its[need] + their_slack[need]
    for one in range(facilities):
        for need in range(needs):
            places[one, need] = places[one, need] if due[one, need] < np.inf else facilities


@part
def _count_in_full(due: Floats, places: Integers) -> None:
    """The same of one need, of which it is known when each is due."""
    for one in range(len(due)):
        places[one] = 0 if due[one] < np.inf else len(due)
        for other in range(len(due)):
            places[one] += due[other] < due[one] or (due[other] == due[one] and other < one)


# --- what they do there ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Whole(Column):
    """An attribute of all needs, of which facilities have their parts."""

    known: list[tuple[Distribution, Rows | None, Floats]] = field(default_factory=list)
    """Durations of some needs, or of all of them."""

    def at(self, rows: Rows) -> Floats:
        """The numbers of some needs."""
        if "numbers" in vars(self) or _MANY * len(rows) > len(self.arrivals.time):
            return self.numbers.take(rows)
        return super().at(rows)

    def durations(self, of: Distribution, rows: Rows | None = None) -> Floats:
        """Minutes, worked out once where several facilities have the same."""
        for known, those, minutes in self.known:
            if _same_rows(those, rows) and known == of:
                return minutes
        found = super().durations(of, rows)
        self.known.append((of, rows, found))
        return found


def _same_rows(one: Rows | None, other: Rows | None) -> bool:
    if one is None or other is None:
        return one is other
    return len(one) == len(other) and bool(np.array_equal(one, other))


@dataclass(frozen=True, eq=False)
class _Part(Column):
    """An attribute of the needs that some facilities serve."""

    whole: _Whole
    needs: Rows
    """Their numbers."""

    @cached_property
    def numbers(self) -> Floats:
        return self.whole.at(self.needs)

    def at(self, rows: Rows) -> Floats:
        return self.whole.at(self.needs.take(rows))

    def durations(self, of: Distribution, rows: Rows | None = None) -> Floats:
        return self.whole.durations(of, self.needs if rows is None else self.needs.take(rows))


class _Served(NamedTuple):
    """The needs of the kinds that some facilities serve, all of these the same."""

    comers: Comers
    row: Integers
    """Of each need, its row among these; -1 where it is not served."""


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Needs, of which facilities get those that they serve."""

    system: System
    seed: int
    replication: int
    arrivals: Arrivals
    kind: Integers
    client: Integers

    def served(self, kinds: Integers, uniform: Callable[[str], _Whole]) -> _Served:
        """The needs that come to facilities which serve the same kinds.

        Args:
            kinds: of each kind, its number at these facilities; -1 if they do not serve it.
            uniform: attributes of all needs.
        """
        listed = self.system.people.demand.arrivals
        of_all = partial(Streams, self.seed, self.replication)
        arrivals, kind, client = self.arrivals, kinds.take(self.kind), self.client
        needs = np.flatnonzero(kind >= 0)
        if len(needs) == len(kind):
            comers = Comers(arrivals, kind, client, listed, uniform, of_all)
            return _Served(comers, np.arange(len(kind)))
        row, parts, arrivals = np.full(len(kind), -1), dict[str, _Part](), _only(arrivals, needs)
        row[needs] = np.arange(len(needs))

        def served(attribute: str) -> Column:
            if attribute not in parts:
                whole = uniform(attribute)
                parts[attribute] = _Part(whole.streams, arrivals, attribute, whole, needs)
            return parts[attribute]

        own, clients = kind.take(needs), client.take(needs)
        return _Served(Comers(arrivals, own, clients, listed, served, of_all), row)

    def at(self, facility: int, served: _Served) -> Visitors:
        """The visitors that a facility may have.

        Args:
            facility: its number.
            served: the needs that it serves.
        """
        name, scenario = list(self.system.sites.items())[facility]
        bookings = self.arrivals.bookings
        if len(bookings.kind):
            bookings = _booked(bookings, self.system.kind_at[facility], served.row)
        prefix = f"{name}: " if self.system.is_city else ""
        of_site = Streams(self.seed, self.replication, prefix)
        return visitors_of(scenario, served.comers, bookings, of_site)

    def drawn_anew(self, count: int) -> Attempts:
        """So many attempts."""
        streams = Streams(self.seed, self.replication)
        return self.attempts(lambda name: Column(streams, self.arrivals, name), count)

    def attempts(self, uniform: Uniform, count: int) -> Attempts:
        """So many attempts, each from streams of its own; what nobody asks for is not drawn.

        Nobody goes on after the last attempt, goes elsewhere where there is nothing else, comes
        back where nobody does, or turns round where nobody does.
        """
        needs, returning = len(self.kind), self.system.choice.returning
        come_back, divert, delay, balk = (np.empty((count, needs)) for _ in range(4))
        share = np.array([one.share for one in returning]).take(self.kind)
        after, sites = [one.after for one in returning], self.system.sites.values()
        most = max((one.attempts or np.inf for one in returning), default=np.inf)
        balks = any(kind.balking for site in sites for kind in site.visits.values())
        returns = any(one.share > 0 for one in returning)

        def draw(room: Floats, attribute: str, *, asked_for: bool) -> None:
            if asked_for:
                uniform(attribute).write(room)
            else:
                room[:] = 1.0

        for number in range(count):
            which, goes_on = f"attempt {number + 1}", number + 1 < most
            balking = f"balking, {which}" if number else "balking"
            draw(balk[number], balking, asked_for=balks or not number)
            draw(divert[number], f"diverts, {which}", asked_for=goes_on and self.system.is_city)
            draw(come_back[number], f"comes back, {which}", asked_for=goes_on and returns)
            back = np.flatnonzero(come_back[number] < share)
            column = uniform(f"comes back after, {which}")
            delay[number] = fill(column, after, self.kind, np.nan, back)
        return Attempts(divert, come_back, delay, balk)


def _only(arrivals: Arrivals, rows: Rows) -> Arrivals:
    """Some of those who come."""
    return replace(
        arrivals,
        time=arrivals.time.take(rows),
        positions=arrivals.positions.take(rows),
        booking=arrivals.booking.take(rows),
    )


def _booked(all_of_them: Bookings, own: Integers, row: Integers) -> Bookings:
    """Those of one facility, by its own numbers of kinds and visitors."""
    mine = own.take(all_of_them.kind) >= 0
    visit = all_of_them.visit[mine]
    came = visit >= 0
    visit[came] = row[visit[came]]
    return Bookings(own.take(all_of_them.kind[mine]), all_of_them.time[mine], visit)


# --- compiling ------------------------------------------------------------------------------------

_FLOAT, _FLOATS, _INTEGERS = types.float64, types.float64[::1], types.int64[::1]
_SEEDS, _TABLE = types.uint32[:, ::1], types.float64[:, ::1]
_PARTS: dict[Callable[..., object], tuple[Any, ...]] = {
    look_up: (_SEEDS, _INTEGERS, _INTEGERS, _FLOATS),
    thin: (_FLOATS, _FLOATS, _FLOAT, types.UniTuple(_FLOAT, 2), _SEEDS),
}
"""What each compiled function is given."""
_PARTS_OF_SYSTEMS = {**_PARTS, rank: (_SEEDS, _INTEGERS, _INTEGERS, _TABLE, _INTEGERS)}


def drawing_must_compile(*, systems: bool = False) -> bool:
    """Whether drawing the next visitors first takes some seconds to compile.

    Args:
        systems: whether the needs of systems are drawn, and not the visitors of sites.
    """
    return any(must_compile(one) for one in (_PARTS_OF_SYSTEMS if systems else _PARTS))


def compile_drawing(*, systems: bool = False) -> bool:
    """Compile it, or read it if it is cached; returns whether it is cached from now on.

    Args:
        systems: as above.
    """
    parts = _PARTS_OF_SYSTEMS if systems else _PARTS
    for one, given in parts.items():
        compile_ahead(one, *given)
    return all(is_cached(one) for one in parts)
