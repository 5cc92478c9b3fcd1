"""Hours and weekdays as people write them, `8am-8pm`, `man-fre`, put as a scenario has them.

Nothing is read this way: it is what a message offers to whoever wrote it.
"""

import re

from sim.scenario.errors.meant import in_plain_signs

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CALLED = (
    "mo mon monday mondays ma man mandag mandage montag montags lun lundi mån måndag",
    "tu tue tues tuesday tuesdays ti tir tirs tirsdag tirsdage di die dienstag dienstags mar mardi",
    "we wed weds wednesday wednesdays on ons onsdag onsdage mi mit mittwoch mittwochs mer mercredi",
    "th thu thur thurs thursday thursdays tor tors torsdag torsdage do don donnerstag jeu jeudi",
    "fr fri friday fridays fre fredag fredage frei freitag freitags ven vendredi",
    "sa sat saturday saturdays lø lør lor loer lørdag lordag loerdag sam samstag samstags samedi",
    "su sun sunday sundays sø søn soen søndag sondag soendag so son sonntag sonntags dim dimanche",
)
"""Monday first: in English, Danish, German and French, short and in full."""
_DAY_CALLED = {
    word: day
    for number, (day, words) in enumerate(zip(_DAYS, _CALLED, strict=True), start=1)
    for word in (str(number), *words.split())
}
_SETS = {
    **dict.fromkeys(
        (
            *("weekday", "weekdays", "week days", "workday", "workdays", "working days"),
            *(
                "business days",
                "hverdag",
                "hverdage",
                "werktag",
                "werktags",
                "werktage",
                "wochentags",
            ),
        ),
        "mon-fri",
    ),
    **dict.fromkeys(
        ("weekend", "weekends", "week-end", "weekenden", "wochenende", "am wochenende"), "sat-sun"
    ),
    **dict.fromkeys(
        (
            *(
                "daily",
                "every day",
                "everyday",
                "each day",
                "all",
                "all days",
                "all week",
                "any day",
            ),
            *("dagligt", "hver dag", "alle dage", "hele ugen", "täglich", "taeglich", "jeden tag"),
            *("alle tage", "tous les jours", "24/7", "week", "always"),
        ),
        "daily",
    ),
}
_CLOSED = frozenset(
    {
        *("closed", "close", "shut", "off", "none", "no", "-", "lukket", "lukke", "fri"),
        *("geschlossen", "zu", "ruhetag", "fermé", "ferme"),
    }
)
_ALWAYS = frozenset(
    {
        *("24/7", "24-7", "24x7", "24h", "24 h", "24 hours", "24 hrs", "24 timer", "24 stunden"),
        *("24/24", "always", "always open", "open", "round the clock", "around the clock"),
        *("all day", "døgnåbent", "døgnet rundt", "hele døgnet", "rund um die uhr", "non-stop"),
        *("nonstop", "7/24", "24h/7", "24/7/365"),
    }
)
_NOON = frozenset({"noon", "midday", "middag", "mittag", "midi", "12 noon"})
_MIDNIGHT = frozenset({"midnight", "midnat", "mitternacht", "minuit", "12 midnight"})
_TO = re.compile(r"\s*-\s*|\s+(?:to|til|bis|until|till|à)\s+|\s*\.\.+\s*")
_AND = re.compile(r"\s*[,;&+]\s*|\s+(?:and|og|und|et)\s+|\s*/\s*")
_BEFORE = re.compile(r"^(?:(?:from|fra|von|de|open|åbent?|klokken|at|um)\s+|kl\.?\s*(?=\d))")
_CLOCK = re.compile(
    r"(?:kl\.?\s*|klokken\s+|at\s+|um\s+|ca\.?\s*)?(?P<hour>\d{1,2})"
    r"(?:\s*[:.,h]\s*(?P<minute>\d{2})(?:[:.]\d{2})?|(?P<packed>\d{2}))?"
    r"\s*(?P<half>[ap]\.?\s?m?\.?)?\s*(?:h|hrs?|hours?|uhr|u|o'clock|horas?|heures?)?\.?"
)
_NEXT_DAY = re.compile(
    r"\s*(?:\(?\+1\)?|\(?(?:the )?next day\)?|\(?næste dag\)?|\(?nächster tag\)?|am nächsten tag)$"
)
_HOUR, _DAY, _HALF = 60, 1440, 720
_NOON_HOUR = 12
_BOTH = 2
"""Ends that an interval has."""
_MIDNIGHTS = (0, _DAY - 1)
"""Minutes that mean the end of the day, if something ends then."""


def clock_meant(text: str, *, end: bool = False) -> str:
    """The time of day that a text is likely to be, such as `20:00` for `8pm`; empty if none.

    Args:
        text: as it was typed.
        end: whether something ends then: midnight is then 24:00.
    """
    found = _minutes(in_plain_signs(_NEXT_DAY.sub("", text)))
    return "" if found is None else _clock(_DAY if end and found in _MIDNIGHTS else found)


def hours_meant(text: str) -> tuple[str, ...]:
    """The hours of a day that a text is likely to be, the likelier first; none if it is no hours.

    Args:
        text: as it was typed, such as `8-20`, `8am to 8pm` or `Lukket`.
    """
    plain = in_plain_signs(text)
    if plain in _CLOSED:
        return ("closed",)
    if plain in _ALWAYS:
        return ("24/7",)
    pieces = [_piece(one) for one in _AND.split(plain)]
    if not all(pieces):
        return ()
    if len(pieces) == 1:
        return pieces[0]
    return (f"[{', '.join(one[0] for one in pieces)}]",)


def _piece(text: str) -> tuple[str, ...]:
    """One interval; two where only whoever wrote it knows which half of the day it ends in."""
    later = bool(_NEXT_DAY.search(text))
    ends = _TO.split(_BEFORE.sub("", _NEXT_DAY.sub("", text)))
    if len(ends) != _BOTH:
        return ()
    start, end = (_minutes(one) for one in ends)
    if start is None or end is None or start == _DAY:
        return ()
    if end in _MIDNIGHTS and not later:
        return (f"{_clock(start)}-24:00",)
    if end > start and not later:
        return (f"{_clock(start)}-{_clock(end)}",)
    over_night = f"{_clock(start)}-{_clock(end)} next day"
    bare = all(one.strip().isdecimal() for one in ends)
    if bare and not later and start <= _HALF and end + _HALF > start:
        return (f"{_clock(start)}-{_clock(end + _HALF)}", over_night)
    return (over_night,)


def _minutes(text: str) -> int | None:
    """Minutes after midnight of a time as somebody wrote it."""
    text = text.strip()
    if text in _NOON:
        return _HALF
    if text in _MIDNIGHT:
        return 0
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or found["packed"] or 0)
    if found["half"]:
        if not 1 <= hour <= _NOON_HOUR:
            return None
        afternoon = found["half"].startswith("p")
        hour = hour % _NOON_HOUR + afternoon * _NOON_HOUR
    total = hour * _HOUR + minute
    return total if minute < _HOUR and total <= _DAY else None


def _clock(minutes: int) -> str:
    return f"{minutes // _HOUR:02d}:{minutes % _HOUR:02d}"


# --- weekdays -----------------------------------------------------------------------------------


def days_meant(text: str) -> str:
    """The weekdays that a text is likely to be: `mon-fri`, `[mon, wed]`, `daily`; empty if none."""
    plain = in_plain_signs(text).removesuffix(".").strip()
    if plain in _SETS:
        return _SETS[plain]
    parts = [_stretch(one) for one in _AND.split(plain)]
    if not all(parts):
        return ""
    return parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"


def _stretch(text: str) -> str:
    if text in _SETS:
        return _SETS[text]
    days = [_day(one) for one in _TO.split(_BEFORE.sub("", text))]
    if not all(days) or len(days) > _BOTH:
        return ""
    return days[0] if len(set(days)) == 1 else "-".join(days)


def _day(text: str) -> str:
    return _DAY_CALLED.get(text.strip(" ."), "")


def each_day_meant(text: str) -> tuple[str, ...]:
    """Weekdays that stand together in one key, such as `mon, wed`, one by one."""
    meant = days_meant(text)
    return tuple(meant.strip("[]").split(", ")) if meant.startswith("[") else ()


# --- a week in one line -------------------------------------------------------------------------

_PART = re.compile(r"\s*[;|\n]\s*|\s*,\s*(?=[^\W\d])")


def week_meant(text: str) -> str:
    """The week that one line is likely to say, as a map of weekdays; empty if it says none.

    Such as `{mon-fri: 08:00-20:00, sat: 10:00-18:00, sun: closed}` for `Mon-Fri 8-20, Sat 10-18`.
    """
    hours: dict[str, str] = {}
    named: list[str] = []
    for part in filter(None, _PART.split(in_plain_signs(text))):
        found = _days_and_hours(part)
        if found is None:
            return ""
        days, meant = found
        for one in each_day_meant(days) or (days,):
            hours[one] = meant
            named += weekdays_in(one)
    closed = [day for day in _DAYS if day not in named]
    if not hours or len(set(named)) < len(named):
        return ""
    hours |= dict.fromkeys(closed, "closed")
    return f"{{{', '.join(f'{days}: {meant}' for days, meant in hours.items())}}}"


def _days_and_hours(part: str) -> tuple[str, str] | None:
    """`mon-fri` and `08:00-20:00` of `mon-fri 8-20`, in whichever order they stand."""
    words = part.replace(": ", " ").split(" ")
    for number in range(1, len(words)):
        first, second = (" ".join(one).strip(" :()") for one in (words[:number], words[number:]))
        for days, hours in ((first, second), (second, first)):
            meant = hours_meant(hours)
            if meant and days_meant(days) and not days[:1].isdecimal():
                return days_meant(days), meant[0]
    return None


def weekdays_in(days: str) -> list[str]:
    """Each weekday of `mon-fri`, `daily` or `sat`."""
    if days == "daily":
        return list(_DAYS)
    first, _, last = days.partition("-")
    start = _DAYS.index(first)
    count = (_DAYS.index(last or first) - start) % len(_DAYS) + 1
    return [_DAYS[(start + number) % len(_DAYS)] for number in range(count)]
