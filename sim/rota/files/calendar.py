"""A rota as an iCalendar (RFC 5545), in and out.

What is written is read back to the same lines: beside what calendars show, each event says which
line of the rota it is of, and the calendar after how many weeks that repeats. Calendars of other
programs give dates; role, name and shift are taken from categories, attendees and the summary.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from sim.measures.figures.staff import shift_labels
from sim.rota.check.rules import staff_of
from sim.rota.files.columns import Reading
from sim.rota.files.dates import is_within
from sim.rota.files.entries import (
    Entry,
    ExportError,
    Moment,
    ReadRota,
    ShiftKind,
    break_text,
    first_monday,
    read_breaks,
)
from sim.scenario.derived.roster import name_of, people_on_shift, period_of
from sim.scenario.errors.problem import Place, Problem, ScenarioError, shorten
from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.files import LARGEST_TABLE, no_file
from sim.scenario.tables.sheet import Cell
from sim.scenario.tables.words import several
from sim.scenario.text.read import ordinary_file

CALENDAR = ".ics"
NEEDS_CALENDAR = told(
    "needs_the_packages_icalendar_and_recurring_ical",
    "needs the packages 'icalendar' and 'recurring-ical-events', which are not "
    "installed; install them with: python -m pip install 'dcr-sim[calendar]'",
)
Component: TypeAlias = Any
"""A part of a calendar: icalendar is only imported where it is needed."""
_OWN = "x-dcr-sim-"
"""How the properties begin that other programs pass over."""
_MOST_EVENTS, _MOST_WEEKS = 100_000, 104
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}


# --- out ----------------------------------------------------------------------------------------


def calendar(scenario: Scenario) -> bytes:
    """Every person on every shift of the horizon, and of a whole cycle of the rota, in local time.

    Raises:
        ExportError: icalendar is not installed.
    """
    try:
        icalendar = import_module("icalendar")
    except ImportError as error:
        raise ExportError(NEEDS_CALENDAR) from error
    staff, labels = staff_of(scenario), shift_labels(staff_of(scenario))
    midnight = datetime.combine(scenario.horizon.start, datetime.min.time())
    found = icalendar.Calendar()
    found.add("prodid", "-//dcr-sim//rota//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", scenario.title or scenario.name)
    shown = scenario
    if period_of(scenario).first is None:
        days = max(scenario.horizon.total_days, 7 * staff.cycle_weeks)
        longer = {"weeks": 1, "warmup_weeks": 0, "days": days}
        shown = scenario.model_copy(update={"horizon": scenario.horizon.model_copy(update=longer)})
        found.add(f"{_OWN}cycle-weeks", str(staff.cycle_weeks))
        found.add(f"{_OWN}from", f"{scenario.horizon.start}")
        found.add(f"{_OWN}days", str(days))
    for person in people_on_shift(shown):
        line = staff.rota[person.line]
        if person.day >= shown.horizon.total_days:
            continue
        name = name_of(shown, person)
        event = icalendar.Event()
        summary = f"{name or f'{line.role} {person.member + 1}'}: {labels[person.line]}"
        event.add("summary", summary)
        event.add("dtstart", midnight + timedelta(minutes=person.start))
        event.add("dtend", midnight + timedelta(minutes=person.end))
        # The same rota gives the same file: no time of writing in it.
        event.add("dtstamp", midnight)
        key = f"{scenario.name} {person.line} {person.member} {person.day}"
        event.add("uid", f"{sha256(key.encode()).hexdigest()[:24]}@dcr-sim")
        if line.breaks:
            event.add("description", f"Breaks: {break_text(line.breaks)}")
        said = {"role": line.role, "line": str(person.line + 1), "shift": line.name}
        said |= {"person": name, "breaks": break_text(line.breaks), "summary": summary}
        for what, text in said.items():
            event.add(f"{_OWN}{what}", text)
        found.add_component(event)
    return bytes(found.to_ical())


# --- in -----------------------------------------------------------------------------------------


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
    own = str(found.get(f"{_OWN}cycle-weeks", ""))
    for number, (event, line) in enumerate(zip(events, lines, strict=False)):
        event.add(f"{_OWN}number", str(number))
        event.add(f"{_OWN}at", str(line))
    reading.problems += _without_times(events, path)
    if reading.problems:
        return ReadRota((), dated=True)
    calendar_of = _Calendar(path, reading, _zone_of(found, events, zone, reading, path))
    first, days = reading.scenario.horizon.start, reading.scenario.horizon.total_days
    repeating = own.isdecimal() and 0 < int(own) <= _MOST_WEEKS
    if repeating:
        try:
            first, days = date.fromisoformat(found[f"{_OWN}from"]), int(found[f"{_OWN}days"])
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
            place = Place(str(path), int(str(event[f"{_OWN}at"])), 1)
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


class _Said(NamedTuple):
    """Who is on shift, as an event says it."""

    role: str
    people: tuple[str, ...]
    shift: str
    line: str = ""
    breaks: str = ""


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
        times.sort(key=lambda one: (int(str(one.get(f"{_OWN}number", 0))), _sortable(one)))
        return times

    def _cell(self, event: Component) -> Cell:
        line = int(str(event.get(f"{_OWN}at", 0)))
        at = told("at_line", "line {line}", line=line)
        return Cell(_plain(event, "summary"), Place(str(self._path), line, 1), at)

    def entries(self, event: Component) -> Iterator[_Occurrence]:
        """The people of an event, on its shift."""
        cell = self._cell(event)
        if _plain(event, "status").upper() == "CANCELLED":
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
        if end <= datetime.combine(horizon.start, datetime.min.time()) and not _is_own(event):
            return  # of the night before, and over by then
        said = self._said(event, cell)
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

    def _said(self, event: Component, cell: Cell) -> _Said | Problem:
        """Role, people and shift of an event."""
        if _is_own(event) and _plain(event, f"{_OWN}summary") == cell.text:
            own = {
                what: _plain(event, f"{_OWN}{what}")
                for what in ("role", "person", "shift", "line", "breaks")
            }
            roles = staff_of(self._reading.scenario).roles
            if own["role"] in roles:
                people = (own["person"],) if own["person"] else ()
                return _Said(own["role"], people, own["shift"], own["line"], own["breaks"])
        return self._guessed(event, cell)

    def _guessed(self, event: Component, cell: Cell) -> _Said | Problem:
        """The same of another program's event: from its categories, attendees and summary."""
        roles = tuple(staff_of(self._reading.scenario).roles)
        summary = cell.text
        role = ""
        for text in (_categories(event), summary, _plain(event, "description")):
            named = [one for one in roles if _role_in(one, text)]
            if len(named) == 1:
                role = named[0]
                break
            if len(named) > 1:
                message = told(
                    "names_several_roles",
                    "'{text}' names several roles: {listed}",
                    text=shorten(text, 60),
                    listed=", ".join(named),
                )
                return cell.problem(message)
        if not role:
            if len(roles) > 1:
                return cell.problem(
                    told(
                        "names_no_role_in_its_summary_categories",
                        "'{summary}' names no role in its summary, categories or description; "
                        "roles of {name}: {listed}",
                        summary=summary,
                        name=self._reading.scenario.name,
                        listed=", ".join(roles),
                    )
                )
            role = roles[0]
            self._reading.note(
                told(
                    "everybody_without_a_role_is_a_the",
                    "everybody without a role is a {role}, the only one there is",
                    role=role,
                )
            )
        rest = _without_role(summary, role)
        people = _attendees(event)
        if people:
            for one in people:
                rest = rest.replace(one, "")
            shift = _tidy(rest)
        else:
            people, shift = _name_and_shift(rest)
        self._reading.note(
            told("events", "events"),
            told(
                "event_is",
                "'{summary}' is {people}, {role}{of_shift}",
                summary=summary,
                people=Listed.of(map(Written, people), "and")
                if people
                else told("somebody", "somebody"),
                role=role,
                of_shift=told("of_shift", ", shift '{shift}'", shift=shift) if shift else "",
            ),
        )
        return _Said(role, people, shift)


def _sortable(event: Component) -> str:
    return str(event.start)


def _plain(event: Component, name: str) -> str:
    found = event.get(name, "")
    return str(found[0] if isinstance(found, list) and found else found).strip()


def _is_own(event: Component) -> bool:
    return f"{_OWN}summary" in event


def _categories(event: Component) -> str:
    found = event.get("categories", "")
    many = found if isinstance(found, list) else [found]
    return ", ".join(str(text) for one in many for text in getattr(one, "cats", [one]))


def _attendees(event: Component) -> tuple[str, ...]:
    found = event.get("attendee", [])
    names = []
    for one in found if isinstance(found, list) else [found]:
        name = str(one.params.get("CN", "")) if hasattr(one, "params") else ""
        names.append(name or re.sub("^mailto:", "", str(one), flags=re.IGNORECASE))
    return tuple(dict.fromkeys(name.strip().strip('"') for name in names if name.strip()))


def _role_pattern(role: str) -> "re.Pattern[str]":
    words = (re.escape(word) for word in re.split(r"[\s_-]+", role))
    return re.compile(r"(?<!\w)" + r"[\s_-]+".join(words) + r"s?(?!\w)", re.IGNORECASE)


def _role_in(role: str, text: str) -> bool:
    return _role_pattern(role).search(text) is not None


def _without_role(text: str, role: str) -> str:
    return _role_pattern(role).sub(" ", text)


_BRACKETS = re.compile(r"(.*?)[(\[]([^)\]]+)[)\]](.*)", re.DOTALL)
_COLON = re.compile(r"(.*?)\s*(?::|\s[-\u2013\u2014|]\s)\s*(.*)", re.DOTALL)


def _name_and_shift(text: str) -> tuple[tuple[str, ...], str]:
    """People and shift of a summary: `day (Ada)`, `Ada: day`, `Ada - day`, or names alone."""
    if said := _BRACKETS.fullmatch(text):
        return several(_tidy(said[2])), _tidy(f"{said[1]} {said[3]}")
    if (said := _COLON.fullmatch(text)) and _tidy(said[1]):
        return several(_tidy(said[1])), _tidy(said[2])
    return several(_tidy(text)), ""


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" ,;:-\u2013\u2014|/()")


def _tell_of_others(
    events: Sequence[Component], times: Sequence[Component], reading: Reading
) -> None:
    """Tell of events that are on none of the days."""
    met = {_plain(one, f"{_OWN}number") for one in times}
    others = [one for one in events if _plain(one, f"{_OWN}number") not in met]
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
