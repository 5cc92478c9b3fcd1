"""Whether a working day is too long or has too few breaks: a shift, or several of one person."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from sim.measures.figures.staff import shift_labels
from sim.rota.check.rules import Breach, Rule, rules_of, staff_of
from sim.scenario.derived.roster import break_window
from sim.scenario.errors.told import Name, told
from sim.scenario.model.hours import HOUR
from sim.scenario.model.rota_rules import Limits
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift

_EVERY_TIME = told("every_time", "every time")


class OnShift(NamedTuple):
    """One shift of one person; minutes from the beginning of the rota's period."""

    start: int
    end: int
    shift: str
    line: int
    midnight: int


class Stretch(NamedTuple):
    """Shifts of one person that touch: time at work in one go."""

    start: int
    end: int
    shifts: tuple[OnShift, ...]


class _Pause(NamedTuple):
    """A break, or time off between two shifts; it begins within its window."""

    earliest: float
    latest: float
    length: float


def shift_breaches(scenario: Scenario) -> Iterator[Breach]:
    """Shifts of nobody with a name that are too long or have too few breaks."""
    staff, limits = staff_of(scenario), rules_of(scenario).limits
    for number, (shift, label) in enumerate(zip(staff.rota, shift_labels(staff), strict=True)):
        if shift.people is not None:
            continue
        length = shift.end - shift.start
        if length > limits.longest_shift:
            what: str = told(
                "too_long",
                "{length} long; at most {limit}",
                length=hours_text(length),
                limit=hours_text(limits.longest_shift),
            )
            yield Breach(Rule.LONGEST_SHIFT, Name(label), _EVERY_TIME, what)
        one = OnShift(shift.start, shift.end, label, number, 0)
        for rule, what in day_breaches((Stretch(one.start, one.end, (one,)),), staff.rota, limits):
            yield Breach(rule, Name(label), _EVERY_TIME, what)


def day_breaches(
    day: Sequence[Stretch], rota: Sequence[Shift], limits: Limits
) -> Iterator[tuple[Rule, str]]:
    """What a working day has too much of: work, and time without a break."""
    pauses = _pauses(day, rota, limits)
    breaks = sum(pause.length for pause in pauses)
    off = sum(later.start - one.end for one, later in pairwise(day) if _counts(one, later, limits))
    work = sum(one.end - one.start for one in day) - (breaks - off)
    if limits.longest_work is not None and work > limits.longest_work:
        what = told(
            "too_much_work",
            "{work} of work; at most {limit} in a working day",
            work=hours_text(work),
            limit=hours_text(limits.longest_work),
        )
        yield Rule.LONGEST_WORK, what
    tiers = [(limits.break_after, limits.shortest_break)]
    tiers += [(tier.over, tier.total) for tier in limits.breaks]
    over, wanted = max(
        ((over, total) for over, total in tiers if work > over),
        key=lambda tier: tier[1],
        default=(0.0, 0.0),
    )
    if breaks < wanted:
        have = told("no_break", "no break")
        if breaks:
            have = told("breaks_in_all", "breaks of {minutes:g} min in all", minutes=breaks)
        what = told(
            "too_few_breaks",
            "{work} of work with {have}; over {over} at least {wanted:g} min",
            work=hours_text(work),
            have=have,
            over=hours_text(over),
            wanted=wanted,
        )
        if limits.shortest_break < wanted:
            form = "{what}, in pieces of at least {least:g}"
            what = told("in_pieces", form, what=what, least=limits.shortest_break)
        yield Rule.BREAK, what
    elif limits.longest_stretch is not None:
        longest = _in_one_go(day, pauses, limits.longest_stretch)
        if longest > limits.longest_stretch:
            what = told(
                "without_break",
                "{longest} without a break; at most {limit}",
                longest=hours_text(longest),
                limit=hours_text(limits.longest_stretch),
            )
            yield Rule.STRETCH, what


def _pauses(day: Sequence[Stretch], rota: Sequence[Shift], limits: Limits) -> list[_Pause]:
    """Breaks of a working day that are long enough to count, and time off between its shifts."""
    found = [
        _Pause(one.end, one.end, later.start - one.end)
        for one, later in pairwise(day)
        if _counts(one, later, limits)
    ]
    known: set[tuple[int, int]] = set()
    for stretch in day:
        for one in stretch.shifts:
            if (one.line, one.midnight) in known:
                continue  # a shift cut in two by another has its breaks once
            known.add((one.line, one.midnight))
            shift = rota[one.line]
            for rest in shift.breaks:
                earliest, latest = (one.midnight + at for at in break_window(shift, rest))
                length = min(rest.length, stretch.end - earliest)
                if length > 0 and length >= limits.shortest_break:
                    found.append(_Pause(earliest, latest, length))
    return sorted(found)


def _counts(one: Stretch, later: Stretch, limits: Limits) -> bool:
    """Whether the time off between two stretches is long enough for a break."""
    return later.start - one.end >= limits.shortest_break


def _in_one_go(day: Sequence[Stretch], pauses: Sequence[_Pause], limit: float) -> float:
    """The longest time without a break, wherever in their windows breaks are best taken.

    Each break as late as may be leaves the most time after it; so if any times will do, these do.
    """
    since, longest = float(day[0].start), 0.0
    for pause in pauses:
        begins = max(pause.earliest, since, min(pause.latest, since + limit))
        longest = max(longest, begins - since)
        since = begins + pause.length
    return max(longest, day[-1].end - since)


def hours_text(minutes: float) -> str:
    """Minutes as hours, such as `7.5 h`."""
    return told("hours", "{hours:.4g} h", hours=float(minutes / HOUR))
