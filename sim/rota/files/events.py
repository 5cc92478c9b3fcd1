"""What an event of a calendar says of a shift: whose it is, in which role, what it is called.

Our own events say it outright; of those of other programs role, name and shift are taken from
categories, attendees and the summary.
"""

import re
from typing import Any, NamedTuple, TypeAlias

from sim.rota.check.rules import staff_of
from sim.rota.files.columns import Reading
from sim.scenario.errors.problem import Problem, shorten
from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.tables.sheet import Cell
from sim.scenario.tables.words import several

CALENDAR = ".ics"
NEEDS_CALENDAR = told(
    "needs_the_packages_icalendar_and_recurring_ical",
    "needs the packages 'icalendar' and 'recurring-ical-events', which are not "
    "installed; install them with: python -m pip install 'dcr-sim[calendar]'",
)
Component: TypeAlias = Any
"""A part of a calendar: icalendar is only imported where it is needed."""
OWN = "x-dcr-sim-"
"""How the properties begin that other programs pass over."""


class Said(NamedTuple):
    """Who is on shift, as an event says it."""

    role: str
    people: tuple[str, ...]
    shift: str
    line: str = ""
    breaks: str = ""


def said_by(event: Component, cell: Cell, reading: Reading) -> Said | Problem:
    """Role, people and shift of an event."""
    if is_own(event) and plain(event, f"{OWN}summary") == cell.text:
        own = {
            what: plain(event, f"{OWN}{what}")
            for what in ("role", "person", "shift", "line", "breaks")
        }
        roles = staff_of(reading.scenario).roles
        if own["role"] in roles:
            people = (own["person"],) if own["person"] else ()
            return Said(own["role"], people, own["shift"], own["line"], own["breaks"])
    return _guessed(event, cell, reading)


def _guessed(event: Component, cell: Cell, reading: Reading) -> Said | Problem:
    """The same of another program's event: from its categories, attendees and summary."""
    roles = tuple(staff_of(reading.scenario).roles)
    summary = cell.text
    role = ""
    for text in (_categories(event), summary, plain(event, "description")):
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
                    name=reading.scenario.name,
                    listed=", ".join(roles),
                )
            )
        role = roles[0]
        reading.note(
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
    reading.note(
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
    return Said(role, people, shift)


def plain(event: Component, name: str) -> str:
    """A property as text; the first of several."""
    found = event.get(name, "")
    return str(found[0] if isinstance(found, list) and found else found).strip()


def is_own(event: Component) -> bool:
    """Whether an event was written by this program."""
    return f"{OWN}summary" in event


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
