"""Opening hours in OpenStreetMap's notation: `Mo-Fr 08:00-20:00; Sa 10:00-18:00; Su off`.

Of that notation what a site's week needs: weekdays, times, `off` and `24/7`. A later rule replaces
what an earlier one says of a day, as https://wiki.openstreetmap.org/wiki/Key:opening_hours has it;
an end before the beginning is on the next day; a day of which nothing is said is closed.
"""

import re

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_ONE = rf"(?:{'|'.join(_DAYS)})(?:\s*-\s*(?:{'|'.join(_DAYS)}))?"
_HOLIDAYS = re.compile(r"\b(PH|SH)\b")
_SELECTOR = re.compile(rf"(?P<days>{_ONE}(?:\s*,\s*{_ONE})*)\s*:?\s+(?P<rest>\S.*)")
_TIMES = re.compile(
    r"[0-9]{1,2}:[0-9]{2}\s*-\s*[0-9]{1,2}:[0-9]{2}(?:\s*,\s*[0-9]{1,2}:[0-9]{2}\s*-\s*[0-9]{1,2}:[0-9]{2})*"
)
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})")
_NEXT_RULE = re.compile(rf"\s*;\s*|\s*,\s+(?={_ONE}\s+[0-9o])")
_BEGINS = re.compile(rf"(?:{_ONE}|PH|SH)\b(?!\s*$)")
_SHUT = ("off", "closed")
_HOUR, _DAY = 60, 1440
NEEDS_DATES = (
    "has {0}, {1}, of which no dates are known here: leave `{2}` out and write them under `dates` "
    "beside the hours, as in `dates: {{2026-12-25: closed}}`"
)
_CALLED = {"PH": "public holidays", "SH": "school holidays"}
_OTHERWISE = (
    "'{0}' is not read; of OpenStreetMap's notation weekdays with times are, as in "
    "'Mo-Fr 08:00-20:00; Sa 10:00-18:00; Su off'"
)


def is_osm(text: str) -> bool:
    """Whether a text is in this notation, right or wrong: it begins with a weekday of it."""
    return bool(_BEGINS.match(text.strip())) or bool("," in text and _TIMES.fullmatch(text.strip()))


def week_of(text: str) -> list[list[str]]:
    """The hours of seven days, Monday first, as a scenario writes them.

    Raises:
        ValueError: a part of it is not read; the message says which.
    """
    week: list[list[str]] = [[] for _ in _DAYS]
    for rule in filter(None, _NEXT_RULE.split(text.strip())):
        if named := _HOLIDAYS.search(rule):
            raise ValueError(NEEDS_DATES.format(named[1], _CALLED[named[1]], rule))
        found = _SELECTOR.fullmatch(rule)
        days, times = (_days(found["days"]), found["rest"]) if found else (range(7), rule)
        hours = _hours(times.strip())
        for day in days:
            week[day] = hours
    return week


def _days(text: str) -> list[int]:
    found = []
    for part in text.split(","):
        first, _, last = (one.strip() for one in part.partition("-"))
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
        raise ValueError(_OTHERWISE.format(text))
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
