"""Whether those with names work as the law wants it: their days, rest and hours.

Working Time Directive 2003/88/EC, or the law of `rota_rules.set`, with `rota_rules.limits`. Shifts
of one person that touch or overlap are one; a working day is what lies between two daily rests. A
rota that repeats is a circle: what holds over its cycle holds for ever. Of a rota of dates nothing
is known before the first shift and after the last; there everybody rests.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple

import numpy as np

from sim.measures.figures.staff import shift_labels
from sim.rota.check.rules import Breach, Rule, rules_of, span_text, staff_of
from sim.rota.check.working_day import OnShift, Stretch, day_breaches, hours_text
from sim.scenario.derived.roster import Period, period_of, rostered, shift_days
from sim.scenario.errors.told import Listed, Name, told
from sim.scenario.model.hours import DAY, DAYS, HOUR, WEEK
from sim.scenario.model.rota_rules import Limits
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift

_WEEK_DAYS = 7


def people_breaches(scenario: Scenario) -> Iterator[Breach]:
    """Working days, rest and hours of those who have names."""
    staff, limits, period = staff_of(scenario), rules_of(scenario).limits, period_of(scenario)
    written = _written(scenario)
    for person, shifts in _people(scenario).items():
        yield from _overlaps(person, written[person], period)
        yield from _person_breaches(person, _Linear.of(shifts, period), staff.rota, limits)


class Worked(NamedTuple):
    """One shift as it was worked; minutes from the first midnight of a horizon."""

    start: int
    end: int
    line: int
    name: str
    """Empty for somebody without one."""
    midnight: int


def worked_breaches(scenario: Scenario, worked: Sequence[Worked]) -> Iterator[Breach]:
    """What the time that people worked in one play of the horizon breaks.

    Of somebody without a name each shift is looked at by itself.
    """
    staff, limits = staff_of(scenario), rules_of(scenario).limits
    labels = shift_labels(staff)
    period = Period(scenario.horizon.start, scenario.horizon.total_days * DAY)
    people: dict[str, list[OnShift]] = {}
    for one in worked:
        shift = OnShift(one.start, one.end, labels[one.line], one.line, one.midnight)
        if one.name:
            people.setdefault(one.name, []).append(shift)
            continue
        stretch = Stretch(one.start, one.end, (shift,))
        if one.end - one.start > limits.longest_shift:
            yield Breach(Rule.LONGEST_SHIFT, Name(shift.shift), "", "", minute=one.start)
        for rule, what in day_breaches((stretch,), staff.rota, limits):
            yield Breach(rule, Name(shift.shift), "", what, minute=one.start)
    for person, shifts in people.items():
        time = _Linear.of(sorted(shifts), period)
        yield from _person_breaches(person, time, staff.rota, limits)


def _people(scenario: Scenario) -> dict[str, list[OnShift]]:
    """The shifts of each named person in order, none at the same time as another."""
    labels = shift_labels(staff_of(scenario))
    found: dict[str, list[OnShift]] = {}
    for one in rostered(scenario):
        if one.name:
            worked = OnShift(one.start, one.end, labels[one.line], one.line, one.midnight)
            found.setdefault(one.name, []).append(worked)
    return {person: sorted(worked) for person, worked in found.items()}


def _written(scenario: Scenario) -> dict[str, list[OnShift]]:
    """The shifts of each named person as the rota says them."""
    staff = staff_of(scenario)
    found: dict[str, list[OnShift]] = {}
    for line, (shift, label) in enumerate(zip(staff.rota, shift_labels(staff), strict=True)):
        for midnight in shift_days(scenario, shift):
            one = OnShift(midnight + shift.start, midnight + shift.end, label, line, midnight)
            for person in shift.people or ():
                found.setdefault(person, []).append(one)
    return {person: sorted(worked) for person, worked in found.items()}


def _overlaps(person: str, shifts: Sequence[OnShift], period: Period) -> Iterator[Breach]:
    around = list(shifts)
    if period.first is None:
        around.append(_later(shifts[0], period.minutes))
    for one, other in pairwise(around):
        if other.start < one.end:
            what = told(
                "overlap",
                "{one} and {other} overlap by {time}",
                one=Name(one.shift),
                other=Name(other.shift),
                time=hours_text(one.end - other.start),
            )
            yield Breach(Rule.OVERLAP, person, span_text(period, other.start, other.start), what)


def _later(one: OnShift, minutes: int) -> OnShift:
    return one._replace(
        start=one.start + minutes, end=one.end + minutes, midnight=one.midnight + minutes
    )


class _Linear(NamedTuple):
    """The shifts of one person as a line of time."""

    period: Period
    stretches: tuple[Stretch, ...]
    """Of a cycle, one turn of it that begins after the longest rest."""
    turn: float
    """After how many minutes they repeat."""

    @classmethod
    def of(cls, shifts: Sequence[OnShift], period: Period) -> "_Linear":
        """Cut the circle of a cycle at its longest rest; a rota of dates is a line already."""
        if period.first is not None:
            return cls(period, tuple(_stretches(shifts)), inf)
        ends = [shifts[-1].end - period.minutes, *(one.end for one in shifts[:-1])]
        rests = [one.start - end for one, end in zip(shifts, ends, strict=True)]
        first = int(np.argmax(rests))
        turned = [*shifts[first:], *(_later(one, period.minutes) for one in shifts[:first])]
        return cls(period, tuple(_stretches(turned)), float(period.minutes))

    def around(self, turns: int) -> list[Stretch]:
        """The stretches, of a cycle so many turns of it."""
        if self.period.first is not None:
            return list(self.stretches)
        return [
            Stretch(
                one.start + turn * self.period.minutes,
                one.end + turn * self.period.minutes,
                one.shifts,
            )
            for turn in range(turns)
            for one in self.stretches
        ]


def _stretches(shifts: Sequence[OnShift]) -> Iterator[Stretch]:
    together: list[OnShift] = []
    for one in shifts:
        if together and one.start > together[-1].end:
            yield Stretch(together[0].start, together[-1].end, tuple(together))
            together = []
        together.append(one)
    yield Stretch(together[0].start, together[-1].end, tuple(together))


def _working_days(stretches: Sequence[Stretch], limits: Limits) -> Iterator[tuple[Stretch, ...]]:
    """Stretches between which there is no daily rest, up to 24 h from the first one's beginning."""
    day: list[Stretch] = []
    for one in stretches:
        rested = day and one.start - day[-1].end >= limits.daily_rest
        if day and (rested or one.start >= day[0].start + DAY):
            yield tuple(day)
            day = []
        day.append(one)
    yield tuple(day)


def _person_breaches(
    person: str, time: _Linear, rota: Sequence[Shift], limits: Limits
) -> Iterator[Breach]:
    """What is too much, or too little, of the time that one person works."""
    yield from _one_go(person, time, limits)
    for day in _working_days(time.stretches, limits):
        for rule, what in day_breaches(day, rota, limits):
            shown = span_text(time.period, day[0].start, day[-1].end)
            yield Breach(rule, person, shown, what, minute=day[0].start)
    yield from _daily_rest(person, time, limits)
    yield from _weekly_rest(person, time, limits)
    yield from _week_hours(person, time, limits)
    yield from _night_hours(person, time, limits)


def _one_go(person: str, time: _Linear, limits: Limits) -> Iterator[Breach]:
    """Shifts that are too long, those that touch together."""
    for one in time.stretches:
        length = one.end - one.start
        if length > limits.longest_shift:
            what = told(
                "one_go",
                "{length} in one go ({shifts}); at most {limit}",
                length=hours_text(length),
                shifts=Listed.of(dict.fromkeys(shift.shift for shift in one.shifts), "comma"),
                limit=hours_text(limits.longest_shift),
            )
            if length < DAY:
                left = hours_text(DAY - length)
                form = "{what}: only {rest} of rest in 24 h"
                what = told("rest_left", form, what=what, rest=left)
            shown = span_text(time.period, one.start, one.end)
            yield Breach(Rule.LONGEST_SHIFT, person, shown, what, minute=one.start)


def _daily_rest(person: str, time: _Linear, limits: Limits) -> Iterator[Breach]:
    """A rest in each 24 h from the beginning of a working day."""
    around = time.around(2)
    stop = around[0].start + time.turn
    place, since = 0, float(around[0].start)
    while place < len(around) and since < stop:
        until = since + DAY
        rests = []
        for number in range(place, len(around)):
            ends = max(around[number].end, since)
            begins = around[number + 1].start if number + 1 < len(around) else inf
            if ends < until:
                rests.append((min(begins, until) - ends, ends, begins, number))
        enough = next((one for one in rests if one[0] >= limits.daily_rest), None)
        if enough is not None:
            place = enough[3] + 1
            since = float(around[place].start) if place < len(around) else inf
            continue
        longest, begins, ends, _ = max(rests, default=(0.0, since, since, place))
        first = around[place]
        too_long = (
            first.start == since
            and first.end - first.start > limits.longest_shift
            and ends - begins >= limits.daily_rest
            and begins == first.end
        )
        if not too_long:  # of which the shift's length is told
            shown = span_text(time.period, int(begins), int(min(ends, until)))
            day = span_text(time.period, int(since), int(since))
            what = told(
                "daily_rest",
                "{longest} of rest in the 24 h from {day}; at least {limit}",
                longest=hours_text(longest),
                day=day,
                limit=hours_text(limits.daily_rest),
            )
            yield Breach(Rule.DAILY_REST, person, shown, what, minute=since)
        while place < len(around) and around[place].end <= until:
            place += 1
        since = max(until, float(around[place].start)) if place < len(around) else inf


def _weekly_rest(person: str, time: _Linear, limits: Limits) -> Iterator[Breach]:
    """A rest in each week from Monday to Sunday; the week's end is no border.

    A rest that passes it counts whole for a week that has at least half of the day off in it (24 h:
    35 h less the daily 11). No hour of a day off counts for two weeks.
    """
    first, off = time.period.first, max(limits.weekly_rest - limits.daily_rest, 0.0)
    before = 0 if first is None else first.weekday() * DAY
    weeks = -(-(time.period.minutes + before) // WEEK)
    rests = _rests(time)
    used = -inf
    for number in range(weeks if first is not None else 2 * weeks):
        monday = number * WEEK - before
        starts = [
            start
            for begins, ends in rests
            for start in (max(begins, used, monday - off / 2),)
            if ends - begins >= limits.weekly_rest
            and start + off <= ends
            and start + off / 2 <= monday + WEEK
        ]
        if starts:
            used = min(starts) + off
        elif first is not None or number >= weeks:
            longest = max(_part(begins, ends, monday, off / 2) for begins, ends in rests)
            what = told(
                "weekly_rest",
                "longest rest {longest}; at least {limit}",
                longest=hours_text(longest),
                limit=hours_text(limits.weekly_rest),
            )
            week = told("week", "week {number}", number=number % weeks + 1)
            if first is not None:
                since = span_text(time.period, monday, monday).partition(" ")[0]
                week = told("week_from", "week from {date}", date=since)
            yield Breach(Rule.WEEKLY_REST, person, week, what, minute=monday)
    yield from _between_rests(person, time, limits)


def _rests(time: _Linear) -> list[tuple[float, float]]:
    """From when until when a person rests: of a cycle, over three turns of it and more."""
    around = time.around(4)
    if time.period.first is None:
        shift = -(around[0].start // time.period.minutes + 1) * time.period.minutes
        around = [one._replace(start=one.start + shift, end=one.end + shift) for one in around]
        edges = [one.end for one in around[:-1]], [one.start for one in around[1:]]
        return list(zip(*edges, strict=True))
    ends = [-inf, *(one.end for one in around)]
    return list(zip(ends, [*(one.start for one in around), inf], strict=True))


def _part(begins: float, ends: float, monday: int, half: float) -> float:
    """How much of a rest a week has: all of it if at least half of a day off lies there."""
    inside = min(ends, monday + WEEK) - max(begins, monday)
    return ends - begins if inside >= half else max(inside, 0.0)


def _between_rests(person: str, time: _Linear, limits: Limits) -> Iterator[Breach]:
    """At most so many days from one weekly rest to the next."""
    if limits.days_between_rests is None:
        return
    enough = [one for one in _rests(time) if one[1] - one[0] >= limits.weekly_rest]
    for (_, since), (until, _) in pairwise(enough):
        days = (until - since) / DAY
        if days > limits.days_between_rests and (time.turn == inf or 0 <= since < time.turn):
            what = told(
                "days_without_rest",
                "{days:.3g} days without a weekly rest; at most {limit}",
                days=days,
                limit=limits.days_between_rests,
            )
            shown = span_text(time.period, int(since), int(until))
            yield Breach(Rule.WEEKLY_REST, person, shown, what, minute=since)


def _week_hours(person: str, time: _Linear, limits: Limits) -> Iterator[Breach]:
    mean, weeks = _most(time, limits.reference_weeks)
    if mean > limits.week_hours:
        form = "{hours:.4g} h a week on average; at most {limit:g}"
        what = told("week_hours", form, hours=mean, limit=limits.week_hours)
        yield Breach(Rule.WEEK_HOURS, person, weeks, what)


def _night_hours(person: str, time: _Linear, limits: Limits) -> Iterator[Breach]:
    """Hours in 24 h, the weekly day of rest left out, of those who usually work at night."""
    nights = sum(
        night_minutes(one.start, one.end, limits) >= limits.night_worker for one in time.stretches
    )
    if nights * 2 < len(time.stretches):
        return
    mean, weeks = _most(time, limits.night_weeks or limits.reference_weeks)
    if mean / (_WEEK_DAYS - 1) > limits.night_hours:
        what = told(
            "night_hours",
            "{hours:.3g} h in 24 h on average, in a week with a day of rest; "
            "a night worker's are at most {limit:g}",
            hours=mean / (_WEEK_DAYS - 1),
            limit=limits.night_hours,
        )
        yield Breach(Rule.NIGHT_HOURS, person, weeks, what)


def night_minutes(start: int, end: int, limits: Limits) -> int:
    """Minutes of a shift that lie in night time.

    Args:
        start: minutes from any midnight.
        end: the same.
        limits: which time is night.
    """
    until = limits.night_to + (DAY if limits.night_to <= limits.night_from else 0)
    total = 0
    for day in range(start // DAY - 1, end // DAY + 1):
        from_, to = day * DAY + limits.night_from, day * DAY + until
        total += max(0, min(end, to) - max(start, from_))
    return total


def _most(time: _Linear, reference_weeks: int) -> tuple[float, str]:
    """The highest mean of hours a week in any reference period, and which one it is.

    Of a cycle that repeats, or of the dates; what is shorter than the reference period has its own
    mean.
    """
    length, repeats = time.period.minutes, time.period.first is None
    hours = np.zeros(length // DAY)
    for one in time.stretches:
        for shift in one.shifts:
            day = shift.start // DAY % len(hours) if repeats else shift.start // DAY
            if 0 <= day < len(hours):
                hours[day] += (shift.end - shift.start) / HOUR
    days = reference_weeks * _WEEK_DAYS
    if len(hours) <= days:
        # A period that holds the cycle more than once: whole cycles, by their mean.
        whole = told("whole_cycle", "the whole cycle")
        if not repeats:
            whole = told("all_dates", "all dates")
        return float(hours.sum()) / len(hours) * _WEEK_DAYS, whole
    firsts = range(0, len(hours), _WEEK_DAYS) if repeats else range(len(hours) - days + 1)
    around = np.concatenate([hours, hours])
    means = [float(around[first : first + days].sum()) / reference_weeks for first in firsts]
    first = firsts[int(np.argmax(means))]
    if not repeats:
        last = span_text(time.period, (first + days - 1) * DAY, (first + days - 1) * DAY)
        begins = span_text(time.period, first * DAY, first * DAY)
        days_of = {"first": begins.partition(" ")[0], "last": last.partition(" ")[0]}
        return max(means), told("from_to", "{first} to {last}", **days_of)
    weeks = len(hours) // len(DAYS)
    until = (first // 7 + reference_weeks - 1) % weeks + 1
    return max(means), told("weeks", "weeks {first} to {last}", first=first // 7 + 1, last=until)
