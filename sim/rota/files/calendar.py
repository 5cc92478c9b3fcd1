"""A rota from an iCalendar (RFC 5545): the people on shift by date, or a cycle of weeks.

What was written by us is read back to the same lines: beside what calendars show, each event says
which line of the rota it is of, and the calendar after how many weeks that repeats. Calendars of
other programs give dates.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from importlib import import_module
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sim.rota.check.rules import staff_of
from sim.rota.files.columns import Reading
from sim.rota.files.dates import is_within
from sim.rota.files.entries import (
    Entry,
    Moment,
    ReadRota,
    ShiftKind,
    first_monday,
    read_breaks,
)
from sim.rota.files.events import CALENDAR, NEEDS_CALENDAR, OWN, Component, is_own, plain, said_by
from sim.scenario.errors.problem import Place, Problem, ScenarioError, shorten
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY
from sim.scenario.tables.files import LARGEST_TABLE, no_file
from sim.scenario.tables.sheet import Cell
from sim.scenario.text.files import ordinary_file

_MOST_EVENTS, _MOST_WEEKS = 100_000, 104
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}


def is_calendar(path: Path) -> bool:
    """Whether a file is a calendar, by its ending."""
    return path.suffix.lower() in {CALENDAR, ".ical", ".icalendar"}


def read_calendar(path: Path, reading: Reading, zone: str = "") -> ReadRota:
    """What a calendar says of the days of the horizon.

    Args:
        path: the file.
        reading: where to note what is wrong, and how it was read.
        zone: name of the time zone in which the site is, where the calendar names none.

    Raises:
        ScenarioError: it cannot be read at all.
    """
    found, lines = _parsed(path)
    events = found.walk("VEVENT")
    if len(events) > _MOST_EVENTS:
        raise _error(
            path,
            told(
                "has_more_than_events_the_most_that",
                "has more than {most_events:,} events, the most that are read",
                most_events=_MOST_EVENTS,
            ),
        )
    own = str(found.get(f"{OWN}cycle-weeks", ""))
    for number, (event, line) in enumerate(zip(events, lines, strict=False)):
        event.add(f"{OWN}number", str(number))
        event.add(f"{OWN}at", str(line))
    reading.problems += _without_times(events, path)
    if reading.problems:
        return ReadRota((), dated=True)
    calendar_of = _Calendar(path, reading, _zone_of(found, events, zone, reading, path))
    first, days = reading.scenario.horizon.start, reading.scenario.horizon.total_days
    repeating = own.isdecimal() and 0 < int(own) <= _MOST_WEEKS
    if repeating:
        try:
            first, days = date.fromisoformat(found[f"{OWN}from"]), int(found[f"{OWN}days"])
        except (KeyError, ValueError):
            repeating = False
    times = calendar_of.occurrences(found, first, days)
    entries = [one for event in times for one in calendar_of.entries(event)]
    _tell_of_others(events, times, reading)
    if reading.problems:
        return ReadRota((), dated=True)
    if repeating and (cycle := _cycle(entries, first, days, int(own))) is not None:
        return ReadRota(tuple(cycle), dated=False, cycle_weeks=int(own))
    if repeating:
        reading.note(
            told(
                "the_calendar_no_longer_repeats_after_weeks",
                "the calendar no longer repeats after {own} weeks: its dates",
                own=own,
            )
        )
    return ReadRota(tuple(_dated(entries, reading)), dated=True)


def _error(path: Path, message: str, line: int = 0) -> ScenarioError:
    return ScenarioError([Problem(Place(str(path), line, 1 if line else 0), "", message)])


def _parsed(path: Path) -> tuple[Component, list[int]]:
    """The calendar, and in which line each event begins."""
    try:
        icalendar = import_module("icalendar")
        import_module("recurring_ical_events")
    except ImportError as error:
        raise _error(path, NEEDS_CALENDAR) from error
    try:
        raw = ordinary_file(path, LARGEST_TABLE)
    except OSError as error:
        raise _error(path, no_file(error)) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    written = text.splitlines()
    lines = [
        number
        for number, line in enumerate(written, start=1)
        if line.strip().upper() == "BEGIN:VEVENT"
    ]
    first = next((line.strip().upper() for line in written if line.strip()), "")
    if first != "BEGIN:VCALENDAR":
        raise _error(
            path,
            told(
                "is_no_calendar_it_must_begin_with",
                "is no calendar: it must begin with BEGIN:VCALENDAR",
            ),
            1,
        )
    try:
        found = icalendar.Calendar.from_ical(text)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise _error(
            path, told("is_damaged", "is damaged: {error}", error=shorten(str(error), 200))
        ) from None
    if not lines:
        raise _error(
            path,
            told("has_no_events_so_no_shift_begin", "has no events, so no shift (BEGIN:VEVENT)"),
        )
    return found, lines


def _without_times(events: Sequence[Component], path: Path) -> Iterator[Problem]:
    """Events of which it cannot be read when they begin and end."""
    for event in events:
        try:
            _ = event.start, event.end
        except Exception as error:  # noqa: BLE001  what a calendar may hold has no end
            place = Place(str(path), int(str(event[f"{OWN}at"])), 1)
            message = told(
                "when_it_begins_and_ends_cannot_be",
                "when it begins and ends cannot be read: {error}",
                error=shorten(str(error), 200),
            )
            yield Problem(place, "", message)


def _zone_of(
    found: Component, events: Sequence[Component], said: str, reading: Reading, path: Path
) -> tzinfo | None:
    """The time zone of the site: named by the user, by the calendar, or that of all its events."""
    name = said or str(found.get("x-wr-timezone", ""))
    if name:
        try:
            named = ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            message = told(
                "is_no_time_zone_write_one_such",
                "'{name}' is no time zone; write one such as Europe/Copenhagen",
                name=name,
            )
            raise _error(path, message) from None
        reading.note(told("times_are_those_of", "times are those of {name}", name=name))
        return named
    zones: dict[str, tzinfo] = {
        str(other): other
        for event in events
        if (other := getattr(getattr(event.get("dtstart"), "dt", None), "tzinfo", None)) is not None
        and not _is_utc(other)
    }
    if len(zones) == 1:
        ((name, known),) = zones.items()
        reading.note(told("times_are_those_of", "times are those of {name}", name=name))
        return known
    return None


def _is_utc(zone: tzinfo | None) -> bool:
    return str(zone).upper() in {"UTC", "UTC+00:00", "Z", "ETC/UTC", "GMT"}


class _Occurrence(NamedTuple):
    """One person on one shift on a date."""

    kind: ShiftKind
    on: date
    person: str
    cell: Cell


class _Calendar:
    """A calendar on its way in."""

    def __init__(self, path: Path, reading: Reading, zone: tzinfo | None) -> None:
        self._path, self._reading, self._zone = path, reading, zone

    def occurrences(self, found: Component, first: date, days: int) -> list[Component]:
        """The events of some days and of the night before them, in the order of the file."""
        for event in found.walk("VEVENT"):
            rule = event.get("rrule")
            for one in rule if isinstance(rule, list) else [rule] if rule else []:
                often = {str(what).upper() for what in one.get("FREQ", [])}
                if not often <= _FREQUENCIES:
                    message = told(
                        "an_event_cannot_recur",
                        "an event cannot recur {lower}",
                        lower=", ".join(sorted(often)).lower(),
                    )
                    self._reading.problems.append(self._cell(event).problem(message))
        if self._reading.problems:
            return []
        recurring = import_module("recurring_ical_events")
        since, until = first - timedelta(days=1), first + timedelta(days=days)
        try:
            times = list(recurring.of(found).between(since, until))
        except Exception as error:  # noqa: BLE001  what a calendar may hold has no end
            message = told(
                "cannot_be_read_why",
                "cannot be read: {one}",
                one=shorten(str(error) or type(error).__name__, 200),
            )
            self._reading.problems.append(Problem(Place(str(self._path)), "", message))
            return []
        times.sort(key=lambda one: (int(str(one.get(f"{OWN}number", 0))), _sortable(one)))
        return times

    def _cell(self, event: Component) -> Cell:
        line = int(str(event.get(f"{OWN}at", 0)))
        at = told("at_line", "line {line}", line=line)
        return Cell(plain(event, "summary"), Place(str(self._path), line, 1), at)

    def entries(self, event: Component) -> Iterator[_Occurrence]:
        """The people of an event, on its shift."""
        cell = self._cell(event)
        if plain(event, "status").upper() == "CANCELLED":
            self._reading.note(
                told("events_that_are_cancelled_left_out", "events that are cancelled, left out"),
                f"'{cell.text}' (" + cell.at + ")",
            )
            return
        times = self._times(event, cell)
        if times is None:
            return
        if isinstance(times, Problem):
            self._reading.problems.append(times)
            return
        start, end = times
        on, minute = start.date(), start.hour * 60 + start.minute
        length = round((end - start).total_seconds() / 60)
        horizon = self._reading.scenario.horizon
        if end <= datetime.combine(horizon.start, datetime.min.time()) and not is_own(event):
            return  # of the night before, and over by then
        said = said_by(event, cell, self._reading)
        if isinstance(said, Problem):
            self._reading.problems.append(said)
            return
        written = Cell(said.breaks, cell.place, cell.at)
        roles = tuple(staff_of(self._reading.scenario).roles)
        breaks = read_breaks(written, minute, minute + length, roles)
        if isinstance(breaks, Problem):
            self._reading.problems.append(breaks)
            return
        kind = ShiftKind(said.role, minute, minute + length, said.shift, breaks, said.line)
        for person in said.people or ("",):
            yield _Occurrence(kind, on, person, cell)

    def _times(self, event: Component, cell: Cell) -> tuple[datetime, datetime] | Problem | None:
        """When an event starts and ends, by the site's clocks; None if it has no hours."""
        start, end = event.start, event.end
        if not isinstance(start, datetime) or not isinstance(end, datetime):
            self._reading.note(
                told("events_of_whole_days_no_shift", "events of whole days, no shift"),
                f"'{cell.text}' (" + cell.at + ")",
            )
            return None
        local = []
        for one in (start, end):
            if one.tzinfo is None:
                local.append(one)
            elif self._zone is None:
                what = "UTC" if _is_utc(one.tzinfo) else str(one.tzinfo)
                return cell.problem(
                    told(
                        "its_times_are_in_and_the_site",
                        "its times are in {what}, and the site's time zone is not known; name it "
                        "with --timezone, such as Europe/Copenhagen",
                        what=what,
                    )
                )
            else:
                local.append(one.astimezone(self._zone).replace(tzinfo=None))
        start, end = local
        if start.second or end.second:
            return cell.problem(
                told(
                    "begins_or_ends_within_a_minute_write",
                    "begins or ends within a minute; write whole minutes",
                )
            )
        minutes = (end - start).total_seconds() / 60
        if not 0 < minutes <= DAY:
            hours = f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
            return cell.problem(
                told(
                    "lasts_hours_a_shift_lasts_up_to",
                    "lasts {minutes:g} hours ({hours}); a shift lasts up to 24",
                    minutes=minutes / 60,
                    hours=hours,
                )
            )
        return start, end


def _sortable(event: Component) -> str:
    return str(event.start)


def _tell_of_others(
    events: Sequence[Component], times: Sequence[Component], reading: Reading
) -> None:
    """Tell of events that are on none of the days."""
    met = {plain(one, f"{OWN}number") for one in times}
    others = [one for one in events if plain(one, f"{OWN}number") not in met]
    if others and not reading.problems:
        horizon = reading.scenario.horizon
        last = horizon.date_of(horizon.total_days - 1)
        reading.note(
            told(
                "events_beyond_the_horizon_to_left_out",
                "events beyond the horizon, {start} to {last}, left out: {number}",
                start=horizon.start,
                last=last,
                number=len(others),
            )
        )


# --- dates, or a cycle of weeks -----------------------------------------------------------------


def _dated(found: Sequence[_Occurrence], reading: Reading) -> Iterator[Entry]:
    """The entries of dates; those within the horizon, and nights that reach into it."""
    monday, before = first_monday(reading.scenario), 0
    for one in found:
        starts_before = one.on == reading.scenario.horizon.start - timedelta(days=1)
        if not is_within(one.on, reading.scenario) and not starts_before:
            before += 1
            continue
        moment = ((one.on - monday).days // 7 + 1, one.on.weekday())
        yield Entry(one.kind, moment, 1, one.person, one.cell)
    if before:
        reading.note(
            told(
                "shifts_beyond_the_horizon_left_out",
                "shifts beyond the horizon, left out: {before}",
                before=before,
            )
        )


def _cycle(found: Sequence[_Occurrence], first: date, days: int, weeks: int) -> list[Entry] | None:
    """The entries of a cycle of weeks, if all its turns are alike; None if they are not."""
    monday = first - timedelta(days=first.weekday())
    of_date: dict[date, list[_Occurrence]] = {}
    for one in found:
        of_date.setdefault(one.on, []).append(one)
    of_moment: dict[Moment, list[_Occurrence]] = {}
    for number in range(days):
        on = first + timedelta(days=number)
        week, day = divmod((on - monday).days, 7)
        moment = week % weeks + 1, day
        there = of_date.get(on, [])
        known = of_moment.setdefault(moment, there)
        if _alike(known) != _alike(there):
            return None
    if not {on for on in of_date if on >= first} <= {
        first + timedelta(days=number) for number in range(days)
    }:
        return None
    entries = [
        Entry(one.kind, moment, 1, one.person, one.cell)
        for moment, there in sorted(of_moment.items())
        for one in there
    ]
    return sorted(entries, key=lambda one: int(one.kind.line) if one.kind.line.isdecimal() else 0)


def _alike(found: Sequence[_Occurrence]) -> Mapping[tuple[ShiftKind, str], int]:
    counts: dict[tuple[ShiftKind, str], int] = {}
    for one in found:
        key = one.kind, one.person
        counts[key] = counts.get(key, 0) + 1
    return counts
