"""What a moment of the day says, as a sentence: the title over the picture, made by rule.

Of one design it is what stands out most; of two, in what they differ most; of a city, where people
wait and whether they are on their way.
"""

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.log import Outcome, Where
from sim.measures.steps import Floats
from sim.report.page.words import Words, heading, within_sentence
from sim.report.watch.beside import Apart
from sim.report.watch.courses import Area
from sim.report.watch.data import Data

MATTERS = 3
"""People by whom two designs must differ before the title says so."""
_WITHOUT = (Outcome.RENEGED, Outcome.BALKED, Outcome.NO_SPACE, Outcome.DISMISSED_AT_CLOSE)
Counts = NDArray[np.int64]


class Case(NamedTuple):
    """An overdose that is under way."""

    onset: float
    staff: int
    """Who are with the person; 0 while nobody has come."""
    stable: bool


class Moment(NamedTuple):
    """What is counted at a site at one minute."""

    is_open: bool
    opens_at: float | None
    """When it opens next on this day; None if it does not."""
    at_door: int
    inside: int
    at_check_in: int
    """In line there."""
    waiting: int
    """In line for a place or a service."""
    used: int
    places: int
    """Open ones."""
    full: tuple[str, ...]
    """Rooms of which every open place is in use."""
    paused: bool
    """Nobody new is let into some open room, for want of staff."""
    left: int
    """Without a place, so far."""
    case: Case | None


class Apiece(NamedTuple):
    """How many wait in each of two designs who do not in the other."""

    left: int
    right: int


# --- the rules ------------------------------------------------------------------------------------


def sentence(now: Moment, clock: str, opens: str, words: Words) -> str:
    """The title of one design at a moment.

    Args:
        now: what is counted.
        clock: when the overdose that is under way began, as it is written.
        opens: when it opens next, as it is written.
        words: the language.
    """
    if now.case is not None and not now.case.stable:
        if not now.case.staff:
            return words.say("watch.title_overdose_alone", time=clock)
        return words.count("watch.title_overdose", now.case.staff, time=clock)
    return _in_hours(now, words) if now.is_open else _closed(now, opens, words)


def _closed(now: Moment, opens: str, words: Words) -> str:
    if now.at_door and opens:
        return words.count("watch.title_at_door", now.at_door, time=opens)
    if now.inside:
        return words.count("watch.title_still_inside", now.inside)
    return words.say("watch.title_opens", time=opens) if opens else words["watch.title_closed"]


def _in_hours(now: Moment, words: Words) -> str:
    if now.paused:
        return words["watch.title_paused"]
    if now.at_check_in > now.waiting:
        return words.count("watch.title_check_in", now.at_check_in)
    if now.waiting and now.full:
        rooms = words.listed([words.name(one) for one in now.full])
        return words.count("watch.title_full", now.waiting, rooms=rooms)
    in_use = words.count("watch.in_use", now.used, places=words.number(now.places, 0))
    if now.waiting:
        return words.count("watch.title_waiting", now.waiting, in_use=in_use)
    return words.say("watch.title_nobody_waits", in_use=in_use)


def difference(
    two: Sequence[Moment], apiece: Apiece, names: Sequence[str], clock: str, words: Words
) -> str:
    """The title of two designs at a moment: the largest difference between them.

    Whether they are open; then the larger of how many wait in only one of them and by how many
    places in use they differ, from MATTERS people on; then whether people are let in; then by how
    many people have left; else that there is none.

    Args:
        two: what is counted in each.
        apiece: how many wait in only one of them.
        names: of the designs.
        clock: when an overdose that is under way began, as it is written.
        words: the language.
    """
    left, right = two
    if left.is_open != right.is_open:
        first, second = names if left.is_open else reversed(names)
        return words.say("watch.title_one_open", open=first, closed=second)
    now = _now_apart(left, right, apiece, names, clock, words)
    return now or _else_apart(left, right, names, words) or _alike(left, clock, words)


def _now_apart(
    left: Moment, right: Moment, apiece: Apiece, names: Sequence[str], clock: str, words: Words
) -> str:
    used = right.used - left.used
    waits = max(apiece)
    if waits >= MATTERS and waits >= abs(used):
        worse = 0 if apiece.left > apiece.right else 1
        key = "watch.title_apart_overdose" if clock else "watch.title_apart"
        return words.count(key, waits, worse=names[worse], better=names[1 - worse], time=clock)
    if abs(used) >= MATTERS:
        more = 1 if used > 0 else 0
        return words.count("watch.title_used", abs(used), more=names[more], less=names[1 - more])
    return ""


def _else_apart(left: Moment, right: Moment, names: Sequence[str], words: Words) -> str:
    if left.paused != right.paused:
        lets, stops = names if right.paused else reversed(names)
        return words.say("watch.title_one_paused", worse=stops, better=lets)
    gone = right.left - left.left
    if abs(gone) < MATTERS:
        return ""
    worse = 1 if gone > 0 else 0
    return words.count("watch.title_left", abs(gone), worse=names[worse], better=names[1 - worse])


def _alike(both: Moment, clock: str, words: Words) -> str:
    if not both.is_open:
        return words["watch.title_both_closed"]
    if both.paused:
        return words["watch.title_both_paused"]
    key = "watch.title_alike_overdose" if clock else "watch.title_alike"
    return words.say(key, time=clock)


def of_city(
    houses: Sequence[Moment],
    walking: int,
    names: Sequence[str],
    clock: str,
    opens: str,
    words: Words,
) -> str:
    """The title of a city at a moment.

    An overdose to which not all is done; else that all is closed; else where nobody new is let in,
    or how many wait and where, and how many are on the way to another house, or how many places are
    in use.

    Args:
        houses: what is counted in each.
        walking: people who left one house for another and are not there yet.
        names: of the houses.
        clock: when the overdose that is under way began, as it is written.
        opens: when the first house opens next, as it is written.
        words: the language.
    """
    named = list(zip(map(within_sentence, names), houses, strict=True))
    for name, now in named:
        if now.case is not None and not now.case.stable:
            if not now.case.staff:
                return words.say("watch.title_city_overdose_alone", time=clock, house=name)
            return words.count("watch.title_city_overdose", now.case.staff, time=clock, house=name)
    if not any(now.is_open for now in houses):
        return _city_closed(houses, opens, words)
    paused = [name for name, now in named if now.is_open and now.paused]
    if paused:
        first = words.say("watch.title_city_paused", house=heading(paused[0]))
    else:
        first = _city_waits([(name, _wait(now)) for name, now in named], words)
    if walking:
        return words.count("watch.title_city_walking", walking, first=first)
    if paused:
        return first
    used, places = sum(now.used for now in houses), sum(now.places for now in houses)
    in_use = words.count("watch.in_use", used, places=words.number(places, 0))
    return words.say("watch.title_city", first=first, in_use=in_use)


def _wait(now: Moment) -> int:
    return now.at_check_in + now.waiting + now.at_door


def _city_waits(waits: Sequence[tuple[str, int]], words: Words) -> str:
    """How many wait, and at which house; or in how many, if they are no more than half at one."""
    total, (name, most) = sum(one for _, one in waits), max(waits, key=lambda one: one[1])
    if not total:
        return words["watch.title_city_nobody"]
    if most == total:
        return words.count("watch.title_city_waits", total, house=name)
    if 2 * most > total:
        return words.count("watch.title_city_waits_most", total, house=name)
    return words.count("watch.title_city_waits_many", total)


def _city_closed(houses: Sequence[Moment], opens: str, words: Words) -> str:
    at_door, inside = (sum(getattr(now, one) for now in houses) for one in ("at_door", "inside"))
    if at_door and opens:
        return words.count("watch.title_city_at_door", at_door, time=opens)
    if inside:
        return words.count("watch.title_city_still_inside", inside)
    return (
        words.say("watch.title_city_opens", time=opens)
        if opens
        else words["watch.title_city_closed"]
    )


# --- minute by minute -----------------------------------------------------------------------------


def titles(
    days: Sequence[Data], people: Sequence[Apart], names: Sequence[str], words: Words
) -> list[tuple[float, str]]:
    """The titles of a day: each holds from its minute until the next.

    Args:
        days: what was found of the day, in one design or in two.
        people: those in the difference between two.
        names: of the designs.
        words: the language.
    """
    minutes = _minutes(days[0])
    apiece = [
        _covered(minutes, [(one.start, one.end) for one in people if one.waits_in == which])
        for which in (0, 1)
    ]

    def told(number: int, now: Sequence[Moment], clock: str, opens: str) -> str:
        if len(now) == 1:
            return sentence(now[0], clock, opens, words)
        here = Apiece(*(int(one[number]) for one in apiece))
        return difference(now, here, names, clock, words)

    return _by_minute(days, told, words)


def city_titles(
    houses: Sequence[Data], walks: Sequence[tuple[float, float]], names: Sequence[str], words: Words
) -> list[tuple[float, str]]:
    """The same of a city.

    Args:
        houses: what was found of the day in each.
        walks: from when until when people are on the way from one house to another.
        names: of the houses.
        words: the language.
    """
    walking = _covered(_minutes(houses[0]), walks)

    def told(number: int, now: Sequence[Moment], clock: str, opens: str) -> str:
        return of_city(now, int(walking[number]), names, clock, opens, words)

    return _by_minute(houses, told, words)


def _minutes(day: Data) -> Floats:
    return np.arange(ceil(day["start"]), day["end"])


def _by_minute(
    days: Sequence[Data], told: Callable[[int, Sequence[Moment], str, str], str], words: Words
) -> list[tuple[float, str]]:
    """What is told at each minute, where it changes.

    Args:
        days: what was found of the day, design by design.
        told: of the number of the minute, what is counted, when an overdose began that is under
            way, and when a door opens next.
        words: the language.
    """
    minutes, midnight = _minutes(days[0]), days[0]["midnight"]

    def clock(time: float | None) -> str:
        return "" if time is None else words.clock(int(time - midnight) % 1440)

    found: list[tuple[float, str]] = []
    for number, now in enumerate(zip(*(_moments(one, minutes) for one in days), strict=True)):
        cases = sorted(
            (one.case for one in now if one.case is not None), key=lambda one: one.stable
        )
        onset = cases[0].onset if cases else None
        opens = min((one.opens_at for one in now if one.opens_at is not None), default=None)
        text = told(number, now, clock(onset), clock(opens))
        if not found or found[-1][1] != text:
            found.append((float(minutes[number]), text))
    return found


def _covered(minutes: Floats, spans: Sequence[tuple[float, float]]) -> Counts:
    """How many of the spans hold at each minute; each from its start, until before its end."""
    change = np.zeros(len(minutes) + 1, dtype=np.int64)
    for way, times in ((1, [one for one, _ in spans]), (-1, [one for _, one in spans])):
        np.add.at(change, np.searchsorted(minutes, times), way)
    return np.cumsum(change)[:-1]


def _sum(counts: Sequence[Counts], minutes: Floats) -> Counts:
    found: Counts = np.sum([np.zeros(len(minutes), dtype=np.int64), *counts], axis=0)
    return found


def _at(steps: Sequence[Sequence[float]], minutes: Floats) -> Floats:
    times, values = (np.asarray(one, dtype=np.float64) for one in steps)
    found: Floats = values[np.maximum(np.searchsorted(times, minutes, side="right") - 1, 0)]
    return found


def _moments(day: Data, minutes: Floats) -> Iterator[Moment]:
    spans = _spans(day)
    within = {area: _covered(minutes, spans.get((area, -1), [])) for area in Area}
    inside = _sum([within[area] for area in Area if area not in {Area.GONE, Area.STREET}], minutes)
    rooms = day["rooms"]
    places = [_at(one["series"]["open"], minutes) for one in rooms]
    used = [
        _sum(
            [_covered(minutes, spans.get((area, number), [])) for area in (Area.PLACE, Area.HELD)],
            minutes,
        )
        for number in range(len(rooms))
    ]
    paused = [_at(one["series"]["paused"], minutes) for one in rooms]
    is_open = _at(day["series"]["open"], minutes)
    gone = sorted(path[-1][0] for _, _, how, _, path in day["visits"] if how in _WITHOUT)
    left = np.searchsorted([one for one in gone if one >= day["start"]], minutes, side="right")
    for now, minute in enumerate(minutes.tolist()):
        yield Moment(
            bool(is_open[now]),
            _next_opening(day, minute),
            int(within[Area.STREET][now]),
            int(inside[now]),
            int(within[Area.DESK_LINE][now]),
            int(within[Area.LINE][now] + within[Area.SERVICE_LINE][now]),
            int(sum(one[now] for one in used)),
            int(sum(one[now] for one in places)),
            tuple(
                room["name"]
                for room, taken, there in zip(rooms, used, places, strict=True)
                if there[now] and taken[now] >= there[now]
            ),
            any(one[now] and there[now] for one, there in zip(paused, places, strict=True)),
            int(left[now]),
            _case(day, minute),
        )


def _spans(day: Data) -> dict[tuple[int, int], list[tuple[float, float]]]:
    """From when until when people are in each area, and in each room (else -1)."""
    found: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for *_, path in day["visits"]:
        ends = [step[0] for step in path[1:]] + [day["end"]]
        for (time, area, number, _), end in zip(path, ends, strict=True):
            for key in {(area, -1), (area, number)}:
                found.setdefault(key, []).append((time, end))
    return found


def _next_opening(day: Data, minute: float) -> float | None:
    times, values = day["series"]["open"]
    return next((t for t, value in zip(times, values, strict=True) if value and t > minute), None)


def _case(day: Data, minute: float) -> Case | None:
    """The latest overdose on site that is under way."""
    for one in reversed(day["overdoses"]):
        ended = one["end"] is not None and one["end"] <= minute
        if one["where"] == Where.OFF_SITE or one["onset"] > minute or ended:
            continue
        come, all_come = (
            one[name] is not None and one[name] <= minute for name in ("first", "team")
        )
        stable = one["stable"] is not None and one["stable"] <= minute
        return Case(one["onset"], one["team_size"] if all_come else int(come), stable)
    return None
