"""Laws of a system: needs and attempts are conserved, between them and with the facilities' visits.

The tables of needs and attempts are made from what an engine notes of people between doors, and
visits by the facilities: so each is held against the other.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.compiled import compiled, inlined, part
from sim.log import (
    ATTEMPT_COLUMNS,
    NEED_COLUMNS,
    VISIT_COLUMNS,
    CityLog,
    NeedOutcome,
    Outcome,
    Way,
)
from sim.measures.laws import LawError, broken_laws
from sim.measures.steps import Bools, Floats, Integers, column
from sim.scenario.city.system import System
from sim.visitors.needs import Needs

LAWS = (
    "attempts where the kind is not served",
    "attempts at another time than the visit",
    "visits of another client",
    "doors reached before setting out, or at the end",
    "who comes from a facility is not diverted, or the reverse",
    "more attempts than the kind makes",
    "attempts that are numbered wrongly",
    "first attempts that are not the first",
    "attempts before the one before was over",
    "attempts after the need was met",
    "who is diverted comes from elsewhere than the last door",
    "facilities tried twice in one round",
    "needs with other attempts than were made",
    "needs with other returns than were made",
    "needs whose last visit ended otherwise",
    "needs met without being served, or the reverse",
    "needs cut_short but not the visit, or the reverse",
    "needs inside_at_end but not the visit, or the reverse",
    "needs over at no time, or before they arose",
)
"""What is told of each, in the order in which they are checked."""
_MET = int(NeedOutcome.CAME_BACK)
"""The last of the ways in which needs are met, which come first."""
_NEEDS, _OUTCOMES = len(NeedOutcome), len(Outcome)
_UNMET, _CLOSED = int(NeedOutcome.UNMET), int(NeedOutcome.CLOSED_EVERYWHERE)
_NEED_CUT, _NEED_INSIDE = int(NeedOutcome.CUT_SHORT), int(NeedOutcome.INSIDE_AT_END)
_SERVED, _SERVICE_ONLY = int(Outcome.SERVED), int(Outcome.SERVICE_ONLY)
_CUT, _INSIDE = int(Outcome.CUT_SHORT), int(Outcome.INSIDE_AT_END)
_FIRST, _DIVERTED, _RETURNED = int(Way.FIRST), int(Way.DIVERTED), int(Way.RETURNED)
_SHOWN = 3
"""Needs that a broken law names."""


class Attempts(NamedTuple):
    """Columns of the attempts, in order of arrival."""

    need: Integers
    number: Integers
    facility: Integers
    visit: Integers
    way: Integers
    come_from: Integers
    set_out: Floats
    arrival: Floats


class Visits(NamedTuple):
    """Columns of the visits, those of one facility after those of the other."""

    arrival: Floats
    outcome: Integers
    out: Floats
    client: Integers


class Told(NamedTuple):
    """Columns of the needs, as the log tells of them."""

    arrival: Floats
    outcome: Integers
    attempts: Integers
    returns: Integers
    last: Integers
    over: Floats


class Known(NamedTuple):
    """What is known without the log."""

    first: Integers
    """By facility, where its visits begin; and where the last end."""
    row: Integers
    """(facilities, needs): as what visitor each would come; -1 where the kind is not served."""
    kind: Integers
    client: Integers
    """By need."""
    most: Floats
    """By kind, how many attempts are made."""
    end: float
    """Of the horizon, minutes."""


def check_system_laws(system: System, needs: Needs, log: CityLog) -> None:
    """Check the laws on a log of a system, and those of each facility on its own.

    Raises:
        LawError: names every law that is broken.
    """
    broken = [
        f"{name}: {law}"
        for (name, site), of_site in zip(system.sites.items(), log.sites, strict=True)
        for law in broken_laws(site, of_site)
    ]
    broken += _broken(system, needs, log)
    if broken:
        raise LawError("the simulation broke its own laws: " + "; ".join(broken))


def _broken(system: System, needs: Needs, log: CityLog) -> Iterator[str]:
    count, visits = len(needs), [len(one.visits["outcome"]) for one in log.sites]
    told = Told(*(column(log.needs[name], NEED_COLUMNS[name]) for name in Told._fields))
    if len(told.outcome) != count or not ((told.outcome >= 0) & (told.outcome < _NEEDS)).all():
        yield "needs without an outcome"
        return
    most = (np.inf if one.attempts is None else one.attempts for one in system.choice.returning)
    known = Known(
        first=np.cumsum([0, *visits]),
        row=np.ascontiguousarray(needs.row, dtype=np.int64),
        kind=column(needs.kind, np.int64),
        client=column(needs.client, np.int64),
        most=np.array([*most], dtype=np.float64),
        end=float(system.people.horizon.minutes),
    )
    tries = (column(log.attempts[name], ATTEMPT_COLUMNS[name]) for name in Attempts._fields)
    made, doors = Attempts(*tries), len(log.attempts["need"])
    of_visits = (
        column(np.concatenate([one.visits[name] for one in log.sites]), VISIT_COLUMNS[name])
        for name in Visits._fields
    )
    matched, faults, broken = find_faults(made, Visits(*of_visits), told, known)
    if not matched:
        yield f"{doors} attempts, but {known.first[-1]} visits at the facilities"
        return
    for law in np.flatnonzero(faults):
        whose = np.flatnonzero(broken & (1 << law))[:_SHOWN]
        yield f"{LAWS[law]} ({faults[law]} times, of need {', '.join(map(str, whose.tolist()))})"


class Links(NamedTuple):
    """Which visit each attempt is, and which come after which."""

    place: Integers
    """Of each attempt the place of its visit among all."""
    before: Integers
    """Of each attempt the one before of the same need; -1 for none."""
    latest: Integers
    """Of each need its last attempt; -1 for none."""
    doors: Integers
    returns: Integers
    """Of each need how many attempts it made, and how many of these were returns."""


@inlined
def _note(law: int, broken_by: int, need: int, faults: Integers, broken: Integers) -> None:
    """Note a law as broken, or not, by a need."""
    faults[law] += broken_by
    broken[need] |= np.int64(broken_by) << law


@part
def _link(made: Attempts, known: Known, seen: Bools, links: Links) -> bool:
    """Find which visit each attempt is; whether each visit is one, and every need there is."""
    count, facilities = len(links.latest), len(known.first) - 1
    for row in range(len(made.need)):
        need, facility = made.need[row], made.facility[row]
        if not (0 <= need < count and 0 <= facility < facilities):
            return False
        place = known.first[facility] + made.visit[row]
        if not known.first[facility] <= place < known.first[facility + 1] or seen[place]:
            return False
        seen[place], links.place[row] = True, place
        links.before[row], links.latest[need] = links.latest[need], row
        links.doors[need] += 1
        links.returns[need] += made.way[row] == _RETURNED
    return len(made.need) == len(seen)


@part
def _check_attempts(
    made: Attempts,
    visits: Visits,
    known: Known,
    links: Links,
    found: tuple[Integers, Integers],
) -> None:
    """Each by itself, and against those before of the same need."""
    faults, broken = found
    for row in range(len(made.need)):
        need, facility, way, number = (
            made.need[row],
            made.facility[row],
            made.way[row],
            made.number[row],
        )
        arrival, set_out, last = made.arrival[row], made.set_out[row], links.before[row]
        place, diverted, again = links.place[row], way == _DIVERTED, last >= 0
        _note(0, known.row[facility, need] < 0, need, faults, broken)
        _note(1, arrival != visits.arrival[place], need, faults, broken)
        _note(2, visits.client[place] != known.client[need], need, faults, broken)
        _note(3, arrival >= known.end or arrival < set_out, need, faults, broken)
        _note(4, (made.come_from[row] >= 0) != diverted, need, faults, broken)
        _note(5, number >= known.most[known.kind[need]], need, faults, broken)
        _note(6, number != (made.number[last] + 1 if again else 0), need, faults, broken)
        _note(7, (way == _FIRST) == again, need, faults, broken)
        if again:
            out, ended = visits.out[links.place[last]], visits.outcome[links.place[last]]
            _note(8, not set_out >= out, need, faults, broken)
            over = ended in (_SERVED, _SERVICE_ONLY, _CUT, _INSIDE)
            _note(9, over, need, faults, broken)
        elsewhere = not again or made.come_from[row] != made.facility[last]
        _note(10, diverted and elsewhere, need, faults, broken)
        # Those before it in the same round, back to the one that was not diverted.
        twice = False
        while diverted and last >= 0:
            twice = twice or made.facility[last] == facility
            diverted, last = made.way[last] == _DIVERTED, links.before[last]
        _note(11, twice, need, faults, broken)


@part
def _check_needs(
    told: Told, visits: Visits, links: Links, found: tuple[Integers, Integers]
) -> None:
    """Needs against their attempts."""
    faults, broken = found
    for need in range(len(told.outcome)):
        outcome, last, over = told.outcome[need], links.latest[need], told.over[need]
        ended = -1 if last < 0 else visits.outcome[links.place[last]]
        is_met, received = outcome <= _MET, ended in (_SERVED, _SERVICE_ONLY)
        ends = is_met or outcome in (_UNMET, _CLOSED)
        _note(12, links.doors[need] != told.attempts[need], need, faults, broken)
        _note(13, links.returns[need] != told.returns[need], need, faults, broken)
        _note(14, ended != told.last[need], need, faults, broken)
        _note(15, is_met != received, need, faults, broken)
        _note(16, (outcome == _NEED_CUT) != (ended == _CUT), need, faults, broken)
        _note(17, (outcome == _NEED_INSIDE) != (ended == _INSIDE), need, faults, broken)
        _note(18, ends and not over >= told.arrival[need], need, faults, broken)


@compiled
def find_faults(
    made: Attempts, visits: Visits, told: Told, known: Known
) -> tuple[bool, Integers, Integers]:
    """Check the laws, in a pass over the attempts and one over the needs.

    Args:
        made: the attempts.
        visits: that they are.
        told: the needs, each with an outcome.
        known: beside the log.

    Returns:
        Whether each visit is one attempt, without which nothing is checked further; how often each
        of LAWS is broken; and of each need a bit for each law that it breaks.
    """
    count, tries = len(told.outcome), len(made.need)
    faults, broken = np.zeros(len(LAWS), np.int64), np.zeros(count, np.int64)
    links = Links(
        place=np.empty(tries, np.int64),
        before=np.empty(tries, np.int64),
        latest=np.full(count, -1),
        doors=np.zeros(count, np.int64),
        returns=np.zeros(count, np.int64),
    )
    matched = _link(made, known, np.zeros(len(visits.outcome), np.bool_), links)
    if matched:
        _check_attempts(made, visits, known, links, (faults, broken))
        _check_needs(told, visits, links, (faults, broken))
    return matched, faults, broken


def no_faults() -> tuple[object, ...]:
    """What `find_faults` is given, of these types, without any needs."""
    whole = column(np.empty(0), np.int64)
    tables = (Attempts, ATTEMPT_COLUMNS), (Visits, VISIT_COLUMNS), (Told, NEED_COLUMNS)
    first, row = np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.int64)
    return (
        *(
            table(*(column(np.empty(0), types[name]) for name in table._fields))
            for table, types in tables
        ),
        Known(first, row, whole, whole, np.empty(0), 0.0),
    )
