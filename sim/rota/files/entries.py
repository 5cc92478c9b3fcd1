"""What a file says of one person, or some people, on one shift; and the lines of a rota."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import TypeVar

from pydantic import ValidationError

from sim.scenario.derived.roster import break_window
from sim.scenario.errors.finding import plain_fault
from sim.scenario.errors.problem import Problem, ScenarioError, did_you_mean, show
from sim.scenario.errors.told import Written, told
from sim.scenario.model.hours import DAY, DAYS, WEEK, clock_text, weekday_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Break, Shift
from sim.scenario.tables.sheet import Cell

EVERY_WEEK = 0
"""In place of the number of a week."""
Moment = tuple[int, int]
"""Week of the cycle from 1, or EVERY_WEEK; and weekday, Monday 0."""
Value = TypeVar("Value", bound=Hashable)


def merged(
    values: Mapping[Moment, Value], cycle_weeks: int
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], Value]]:
    """Days, weeks (none: every week) and the value that holds on them, in order of appearance.

    Args:
        values: what holds on a day, such as a number of people.
        cycle_weeks: after how many weeks the rota repeats.
    """
    of_week: dict[tuple[int, Value], list[int]] = {}
    for (week, day), value in values.items():
        of_week.setdefault((week, value), []).append(day)
    weeks: dict[tuple[tuple[int, ...], Value], list[int]] = {}
    for (week, value), days in of_week.items():
        weeks.setdefault((tuple(sorted(days)), value), []).append(week)
    for (on, value), found in weeks.items():
        every = EVERY_WEEK in found or len(found) == cycle_weeks
        yield on, () if every else tuple(sorted(found)), value


_BREAK = re.compile(
    r"(?P<length>\d+(?:\.\d+)?)(?:\s*min)?"
    r"(?:\s+(?P<from>\d{1,2}:\d\d)-(?P<to>\d{1,2}:\d\d(?: next day)?))?"
    r"(?:\s+left\s+(?P<left>\d+)(?:\s+of\s+(?P<of>.+?))?)?(?P<fixed>\s+fixed)?"
)
_PIECE = re.compile(r'(?:"[^"]*"|[^;"])+')
"""One break of several; a name in quotes may have a semicolon in it."""
_ROLE = re.compile(r'\s*(?:"([^"]*)"|([^",]*[^",\s]))\s*(?:,|$)')
_PLAIN_NAME = re.compile(r"(?!.*\sfixed$)[^\s\",;](?:[^\",;]*[^\s\",;])?")
"""A name that needs no quotes."""


_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?")
"""A length such as 00:30, as a spreadsheet keeps it."""


@dataclass(frozen=True)
class ShiftKind:
    """A shift as such: who, when, called what, with which breaks."""

    role: str
    start: int
    end: int
    name: str = ""
    breaks: tuple[Break, ...] = ()
    line: str = ""
    """What keeps lines apart that are alike otherwise: a number, or a code."""


@dataclass(frozen=True)
class Entry:
    """One cell's worth of a rota."""

    kind: ShiftKind
    moment: Moment
    count: int
    person: str
    """Empty for somebody without a name."""
    cell: Cell
    """Where it is written."""


@dataclass(frozen=True)
class ReadRota:
    """What a file says."""

    entries: tuple[Entry, ...]
    dated: bool
    """Whether it gives dates rather than weekdays."""
    cycle_weeks: int | None = None
    """After how many weeks it repeats, where the file says so."""


class ExportError(Exception):
    """The rota cannot be written in this form; the message says why."""


def shift_hours(first: int, last: int, start: Cell, end: Cell) -> tuple[int, int] | Problem:
    """When a shift starts and ends, minutes after midnight; an earlier end is on the next day.

    Args:
        first: when it starts, as it is written.
        last: when it ends, the same.
        start: where its start is written.
        end: where its end is.
    """
    if first == DAY:
        return start.problem(
            told(
                "a_shift_cannot_start_at_24_00",
                "a shift cannot start at 24:00; write 00:00 of the day after",
            )
        )
    if last <= first:
        last += DAY
    if last - first > DAY:
        return end.problem(
            told(
                "the_shift_is_hours_long_to_at",
                "the shift is {last:g} hours long ({clock_text} to {clock_text_2}); at "
                "most 24 hours",
                last=(last - first) / 60,
                clock_text=clock_text(first),
                clock_text_2=clock_text(last),
            )
        )
    return first, last


def read_breaks(
    cell: Cell, start: int, end: int, roles: tuple[str, ...]
) -> tuple[Break, ...] | Problem:
    """Breaks such as `30`, or `30 min 11:00-13:00 left 1; 15 min 17:00-18:00`.

    Without a window a break may begin in the middle third of the shift (assumption); `left 1`:
    one other of the role must stay, `left 1 of nurse, doctor` of these roles; `fixed`: an overdose
    does not end it.

    Args:
        cell: what is written.
        start: of the shift, minutes after midnight.
        end: the same.
        roles: of the scenario.
    """
    found = []
    for part in filter(None, (part.strip() for part in _PIECE.findall(cell.text))):
        if part in {"-", "0", "0 min", "00:00"}:
            continue
        clock = _CLOCK.fullmatch(part)
        said = _BREAK.fullmatch(f"{int(clock[1]) * 60 + int(clock[2])}" if clock else part)
        if said is None:
            return cell.problem(
                told(
                    "must_be_a_break_such_as_30",
                    "'{part}' must be a break such as '30 min', or '30 min 11:00-13:00'",
                    part=part,
                )
            )
        if said["from"] is None:
            earliest, latest = (start + (end - start) * third // 3 for third in (1, 2))
            later = DAY if earliest >= DAY else 0
            window = (clock_text(earliest - later), clock_text(latest - later))
        else:
            window = (said["from"], said["to"])
        left_of = _read_roles(said["of"] or "")
        for role in left_of:
            if role not in roles:
                hint = did_you_mean(role, roles) or told(
                    "known", "; known: {listed}", listed=", ".join(roles)
                )
                return cell.problem(
                    told(
                        "is_about_which_is_not_a_role",
                        "'{part}' is about '{role}', which is not a role{hint}",
                        part=part,
                        role=role,
                        hint=hint,
                    )
                )
        try:
            rest = Break.model_validate(
                {
                    "length": float(said["length"]),
                    "from": window[0],
                    "to": window[1],
                    "minimum_left": int(said["left"] or 0),
                    "minimum_left_of": left_of,
                    "recallable": said["fixed"] is None,
                }
            )
        except ValidationError as error:
            return cell.problem(f"'{part}' " + _plain(error))
        found.append(rest)
    return tuple(found)


def break_text(breaks: Iterable[Break]) -> str:
    """Breaks as `read_breaks` reads them."""
    return "; ".join(
        f"{rest.length:.12g} min {clock_text(rest.earliest)}-{clock_text(rest.latest)}"
        + (f" left {rest.minimum_left}" if rest.minimum_left or rest.minimum_left_of else "")
        + (f" of {_roles_text(rest)}" if rest.minimum_left_of else "")
        + ("" if rest.recallable else " fixed")
        for rest in breaks
    )


def _read_roles(text: str) -> tuple[str, ...]:
    """Names of roles between commas, some of them in quotes."""
    return tuple(quoted or plain for quoted, plain in _ROLE.findall(text))


def _roles_text(rest: Break) -> str:
    names = rest.minimum_left_of
    return ", ".join(one if _PLAIN_NAME.fullmatch(one) else f'"{one}"' for one in names)


def read_role(cell: Cell, scenario: Scenario) -> str | Problem:
    """One of the scenario's roles; capitals do not count, nor a space in place of `_`."""
    roles = tuple(scenario.staff.roles) if scenario.staff is not None else ()
    if cell.text in roles:
        return cell.text
    alike = [role for role in roles if _plain_role(role) == _plain_role(cell.text)]
    if len(alike) == 1:
        return alike[0]
    hint = did_you_mean(cell.text, roles) or told(
        "known", "; known: {listed}", listed=", ".join(roles)
    )
    return cell.problem(
        told(
            "is_not_a_role_of",
            "'{text}' is not a role of {name}{hint}",
            text=cell.text,
            name=scenario.name,
            hint=hint,
        )
        if cell.text
        else told("is_empty_entries", "is empty{hint}", hint=hint)
    )


def _plain_role(text: str) -> str:
    return " ".join(re.sub(r"[_-]", " ", text).casefold().split())


def first_monday(scenario: Scenario) -> date:
    """The Monday of the week in which the horizon begins."""
    start = scenario.horizon.start
    return start - timedelta(days=start.weekday())


def rota_of(
    entries: Iterable[Entry], cycle_weeks: int, monday: date | None = None
) -> tuple[Shift, ...]:
    """The lines of a rota that say what the entries say.

    Args:
        entries: what is written.
        cycle_weeks: after how many weeks the rota repeats.
        monday: of the first week, for a rota of dates.

    Raises:
        ScenarioError: what is together on a line is more than a line may have.
    """
    kinds: dict[tuple[ShiftKind, bool], dict[Moment, list[Entry]]] = {}
    for entry in entries:
        moments = kinds.setdefault((entry.kind, bool(entry.person)), {})
        moments.setdefault(entry.moment, []).append(entry)
    lines, problems = list[Shift](), list[Problem]()
    for (kind, named), moments in kinds.items():
        whole = {
            moment: (tuple(one.person for one in found) if named else sum(o.count for o in found))
            for moment, found in moments.items()
        }
        try:
            lines += _lines(kind, whole, cycle_weeks, monday)
        except ValidationError as error:
            most = max(chain.from_iterable(moments.values()), key=lambda one: one.count)
            problems.append(most.cell.problem(_beyond(error)))
    if problems:
        raise ScenarioError(problems)
    return tuple(lines)


def _lines(
    kind: ShiftKind,
    whole: Mapping[Moment, tuple[str, ...] | int],
    cycle_weeks: int,
    monday: date | None,
) -> Iterator[Shift]:
    """The lines of a shift, from who is on it when."""
    if monday is None:
        for days, weeks, people in merged(whole, cycle_weeks):
            yield _shift(kind, days, weeks, people)
        return
    dates: dict[tuple[str, ...] | int, list[date]] = {}
    for (week, day), people in whole.items():
        dates.setdefault(people, []).append(monday + timedelta(weeks=week - 1, days=day))
    for people, on in dates.items():
        yield _shift(kind, tuple(range(len(DAYS))), (), people, on)


def _beyond(error: ValidationError) -> str:
    """What is more than a line of a rota may have, in words."""
    first = error.errors(include_url=False)[0]
    what: str = Written(first["loc"][0])
    if first["loc"][:1] in {("count",), ("people",)}:
        what = told("people_of_a_line", "people")
    return told(
        "of_one_line",
        "{what} of one line, {shown}, {wrong}",
        what=what,
        shown=Written(show(first["input"])),
        wrong=_plain(error),
    )


def _plain(error: ValidationError) -> str:
    """The first of what is wrong, to stand after what was written."""
    return plain_fault(error.errors(include_url=False)[0])


def _shift(
    kind: ShiftKind,
    days: tuple[int, ...],
    weeks: tuple[int, ...],
    people: tuple[str, ...] | int,
    dates: Iterable[date] = (),
) -> Shift:
    said: dict[str, object] = {
        "role": kind.role,
        "name": kind.name,
        "from": clock_text(kind.start),
        "to": clock_text(kind.end),
        "days": days,
        "weeks": weeks,
        "dates": sorted(dates),
        "breaks": kind.breaks,
        "count": people if isinstance(people, int) else len(people),
    }
    if not isinstance(people, int):
        said["people"] = people
    return Shift.model_validate(said)


def overlaps(
    entries: Iterable[Entry], cycle_weeks: int, *, dated: bool = False
) -> Iterator[Problem]:
    """Shifts of one person at the same time; a cycle is a circle, dates are not."""
    of_person: dict[str, list[tuple[int, int, Entry]]] = {}
    length = cycle_weeks * WEEK
    for entry in entries:
        if not entry.person:
            continue
        week, day = entry.moment
        for number in range(cycle_weeks) if week == EVERY_WEEK and not dated else (week - 1,):
            start = number * WEEK + day * DAY + entry.kind.start
            until = start + entry.kind.end - entry.kind.start
            of_person.setdefault(entry.person, []).append((start, until, entry))
    for person, spans in of_person.items():
        spans.sort(key=lambda one: one[:2])
        seen: set[Cell] = set()
        last = spans[-1]
        around = [(last[0] - length, last[1] - length, last[2]), *spans][dated:]
        for place, (_, until, entry) in enumerate(around[:-1]):
            start, _, other = around[place + 1]
            if start < until and other.cell not in seen:
                seen.add(other.cell)
                yield other.cell.problem(
                    told(
                        "is_on_two_shifts_at_once_and",
                        "{person} is on two shifts at once: {said} and {said_2} ({where})",
                        person=person,
                        said=_said(other),
                        said_2=_said(entry),
                        where=_where(entry.cell),
                    )
                )


def _said(entry: Entry) -> str:
    week, day = entry.moment
    return told(
        "shift_is_on",
        "{day}{weeks} {hours}",
        day=weekday_of(day),
        weeks="" if week == EVERY_WEEK else told("of_week", " of week {week}", week=week),
        hours=f"{clock_text(entry.kind.start)}-{clock_text(entry.kind.end)}",
    )


def _where(cell: Cell) -> str:
    return cell.at


def check_breaks(kind: ShiftKind, cell: Cell) -> Problem | None:
    """A break that would begin after its shift."""
    for rest in kind.breaks:
        line = _shift(kind, (0,), (), 1)
        if break_window(line, rest)[0] >= line.end:
            return cell.problem(
                told(
                    "a_break_from_is_not_within_the",
                    "a break from {clock_text} is not within the shift "
                    "{clock_text_2}-{clock_text_3}",
                    clock_text=clock_text(rest.earliest),
                    clock_text_2=clock_text(kind.start),
                    clock_text_3=clock_text(kind.end),
                )
            )
    return None
