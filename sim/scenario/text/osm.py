"""Opening hours in OpenStreetMap's notation: `Mo-Fr 08:00-20:00; Sa 10:00-18:00; Su off`.

Of that notation what a site's week needs: weekdays, times, `off` and `24/7`. A later rule replaces
what an earlier one says of a day, as https://wiki.openstreetmap.org/wiki/Key:opening_hours has it;
an end before the beginning is on the next day; a day of which nothing is said is closed.
"""

import re

from sim.scenario.errors.told import told

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ONE = rf"(?:{'|'.join(_DAYS)})(?:\s*-\s*(?:{'|'.join(_DAYS)}))?"
_ANY = rf"(?:{_ONE}|PH)"
_SELECTOR = re.compile(rf"(?P<days>{_ANY}(?:\s*,\s*{_ANY})*)\s*:?\s+(?P<rest>\S.*)")
_INTERVAL = r"[0-9]{1,2}:[0-9]{2}\s*-\s*[0-9]{1,2}:[0-9]{2}"
_TIMES = re.compile(rf"{_INTERVAL}(?:\s*,\s*{_INTERVAL})*")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})")
_NEXT_RULE = re.compile(rf"\s*;\s*|\s*,\s+(?={_ANY}\s+[0-9o])")
_BEGINS = re.compile(rf"(?:{_ONE}|PH|SH)\b(?!\s*$)")
_HOLIDAYS = re.compile(r"\bPH\b")
_SHUT = ("off", "closed")
_HOUR, _DAY = 60, 1440
_PUBLIC, _SCHOOL = len(_DAYS), re.compile(r"\bSH\b")
"""Public holidays, as if they were a weekday."""


def is_osm(text: str) -> bool:
    """Whether a text is in this notation, right or wrong: it begins with a weekday of it."""
    text = text.strip()
    return bool(_BEGINS.match(text)) or bool("," in text and _TIMES.fullmatch(text))


def week_of(text: str) -> list[list[str]]:
    """The hours of seven days, Monday first, as a scenario writes them.

    Raises:
        ValueError: a part of it is not read; the message says which.
    """
    week, holidays = _read(text)
    if holidays is not None:
        rule = next(one for one in _NEXT_RULE.split(text) if _HOLIDAYS.search(one)).strip()
        raise ValueError(
            told(
                "has_ph_public_holidays_in_leave_it",
                "has PH, public holidays, in '{rule}': leave it out; `opening.holidays` "
                "says when the site is open on them, and other dates stand under `dates` "
                "beside the hours",
                rule=rule,
            )
        )
    return week


def apart_from_holidays(text: str) -> tuple[dict[str, object], object] | None:
    """The hours of the weekdays, and those of public holidays, of hours that name these (`PH`).

    Returns:
        Both as a scenario writes them; nothing where no holidays are named, or it cannot be read.
    """
    try:
        week, holidays = _read(text)
    except ValueError:
        return None
    if holidays is None:
        return None
    by_day = zip(_WEEKDAYS, week, strict=True)
    return {day: hours or "closed" for day, hours in by_day}, holidays or "closed"


def _read(text: str) -> tuple[list[list[str]], list[str] | None]:
    """Seven days, and public holidays where they are named."""
    week: list[list[str]] = [[] for _ in _DAYS]
    holidays: list[str] | None = None
    for rule in filter(None, _NEXT_RULE.split(text.strip())):
        if _SCHOOL.search(rule):
            raise ValueError(
                told(
                    "has_sh_school_holidays_in_leave_it",
                    "has SH, school holidays, in '{rule}': leave it out, and write their dates "
                    "under `dates` beside the hours",
                    rule=rule,
                )
            )
        found = _SELECTOR.fullmatch(rule)
        days, times = (_days(found["days"]), found["rest"]) if found else (range(7), rule)
        hours = _hours(times.strip())
        for day in days:
            if day == _PUBLIC:
                holidays = hours
            else:
                week[day] = hours
    return week, holidays


def _days(text: str) -> list[int]:
    found = []
    for part in text.split(","):
        first, _, last = (one.strip() for one in part.partition("-"))
        if first == "PH":
            found.append(_PUBLIC)
            continue
        start = _DAYS.index(first)
        count = (_DAYS.index(last or first) - start) % len(_DAYS) + 1
        found += [(start + k) % len(_DAYS) for k in range(count)]
    return found


def _hours(text: str) -> list[str]:
    if text in _SHUT:
        return []
    if text == "24/7":
        return ["00:00-24:00"]
    if not _TIMES.fullmatch(text):
        raise ValueError(
            told(
                "is_not_read_osm",
                "'{text}' is not read; of OpenStreetMap's notation weekdays with times are, as in "
                "'Mo-Fr 08:00-20:00; Sa 10:00-18:00; Su off'",
                text=text,
            )
        )
    return [_interval(found) for found in _TIME.finditer(text)]


def _interval(found: re.Match[str]) -> str:
    """`22:00-06:00` and `22:00-30:00` end on the next day."""
    hours = [int(part) for part in found.groups()]
    start, end = hours[0] * _HOUR + hours[1], hours[2] * _HOUR + hours[3]
    if end > _DAY:
        end -= _DAY
    elif end > start:
        return f"{found[1]}:{found[2]}-{found[3]}:{found[4]}"
    later = " next day" if end else ""
    return (
        f"{found[1]}:{found[2]}-{end // _HOUR or (0 if later else 24):02d}:{end % _HOUR:02d}{later}"
    )
