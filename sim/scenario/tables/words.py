"""Words and times that people write in tables: weekdays, months, clocks, names; in four languages.

English, Danish, German and French. Names of days and months are Babel's, and any beginning of them
that is not of another one. What may mean two things is not read: it has two meanings, or raises.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from babel.dates import get_day_names, get_month_names

from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.model.hours import DAY, HOUR, clock_text, parse_clock

_LANGUAGES = ("en", "da", "de", "fr")
_SHORT_DAY, _SHORT_MONTH = 2, 3
"""Fewest letters of the beginning of a name."""
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "å": "a", "ä": "a", "ö": "o", "ü": "u", "é": "e"})
_MORE = str.maketrans({"è": "e", "û": "u", "ê": "e", "ô": "o", "ç": "c", "ß": "ss", "à": "a"})


def plain_word(text: str) -> str:
    """Text in small letters without accents, points and doubled spaces."""
    folded = text.casefold().replace("oe", "o").translate(_LETTERS).translate(_MORE)
    return " ".join(folded.replace(".", " ").replace("\u00a0", " ").split())


def heading_word(text: str) -> str:
    """What a heading says, without what stands in brackets, signs and accents."""
    return plain_word(re.sub(r"[_\-/:*]+", " ", re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text)))


# --- days and months ----------------------------------------------------------------------------


@cache
def _day_names(language: str) -> tuple[str, ...]:
    """Monday first."""
    names = get_day_names("wide", locale=language)
    return tuple(plain_word(names[number]) for number in range(7))


@cache
def _month_names(language: str) -> tuple[str, ...]:
    names = get_month_names("wide", locale=language)
    return tuple(plain_word(names[number]) for number in range(1, 13))


@cache
def weekday_meanings(text: str) -> frozenset[tuple[str, int]]:
    """Language and weekday, Monday 0, of what may be the name of one or its beginning."""
    word = plain_word(text)
    found = set()
    if len(word) < _SHORT_DAY or not word.isalpha():
        return frozenset()
    for language in _LANGUAGES:
        days = [day for day, name in enumerate(_day_names(language)) if name.startswith(word)]
        if len(days) == 1:
            found.add((language, days[0]))
    if word == "sonnabend":
        found.add(("de", 5))
    if not found and word.endswith("s"):  # Mondays, Weds
        return weekday_meanings(word[:-1])
    return frozenset(found)


def weekdays_of(texts: Sequence[str]) -> list[int | None]:
    """The weekday of each text, in the languages in which all of them have one.

    `ma` is Monday in Danish and Tuesday in French: the others beside it tell. None where there is
    none, or more than one.
    """
    meanings = [weekday_meanings(text) for text in texts]
    counts = {
        language: sum(any(one == language for one, _ in found) for found in meanings)
        for language in _LANGUAGES
    }
    most = max(counts.values(), default=0)
    spoken = {language for language, count in counts.items() if count == most}
    result: list[int | None] = []
    for found in meanings:
        days = {day for language, day in found if language in spoken} or {day for _, day in found}
        result.append(days.pop() if len(days) == 1 else None)
    return result


@cache
def month_of(text: str) -> int | None:
    """The month, from 1, whose name or the beginning of it this is."""
    word = plain_word(text)
    if len(word) < _SHORT_MONTH or not word.isalpha():
        return None
    months = set()
    for language in _LANGUAGES:
        names = _month_names(language)
        found = [number for number, name in enumerate(names, 1) if name.startswith(word)]
        if len(found) == 1:
            months.add(found[0])
    if not months and word in {"mrz", "jun", "jul"}:
        return {"mrz": 3, "jun": 6, "jul": 7}[word]
    return months.pop() if len(months) == 1 else None


class Month(NamedTuple):
    """A month that a title, a sheet or a file names."""

    year: int | None
    month: int


_YEAR_MONTH = re.compile(r"(?<!\d)(20\d\d)[-_ ./]?(0[1-9]|1[0-2])(?!\d)")
_MONTH_YEAR = re.compile(r"(?<!\d)(0?[1-9]|1[0-2])[-_ ./](20\d\d)(?!\d)")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


def months_named(text: str) -> frozenset[Month]:
    """The months that a text names, such as `Vagtplan januar 2026` or `schedule_2025_01`."""
    found = {Month(int(year), int(month)) for year, month in _YEAR_MONTH.findall(text)}
    found |= {Month(int(year), int(month)) for month, year in _MONTH_YEAR.findall(text)}
    if found:
        return frozenset(found)
    years = {int(year) for year in _YEAR.findall(text)}
    words = (month_of(word) for word in re.split(r"[\W\d_]+", text))
    months = {month for month in words if month is not None}
    year = years.pop() if len(years) == 1 else None
    return frozenset(Month(year, month) for month in months)


# --- times --------------------------------------------------------------------------------------

_DASHES = re.compile(
    r"\s*[-\u2010-\u2015\u2212]+\s*|\s+(?:til|to|bis|until|a|à|kl)\s+", re.IGNORECASE
)
_CLOCK = (
    r"(?P<{0}digits>[0-9]{{4}})(?:\s*(?:uhr|h)\b)?"
    r"|(?:kl\.?\s*)?(?P<{0}hour>[0-9]{{1,2}})(?:\s*[:.h]\s*(?P<{0}minute>[0-9]{{2}})"
    r"(?::(?P<{0}second>[0-9]{{2}}))?)?(?:\s*(?P<{0}half>[ap](?:\.?m\.?|\b)|uhr\b|h\b))?"
)
_ONE = re.compile(_CLOCK.format(""), re.IGNORECASE)
_NEXT_DAY = re.compile(r"\s+next day$")
_NOON = 12
_LAST_SECOND = 59


def read_clock(text: str) -> int:
    """Minutes after midnight, from `07:30`, `7.30`, `0730`, `7h30`, `7`, `7:30:00` or `7:30 pm`.

    Raises:
        ValueError: it is no time of day, or not one of whole minutes.
    """
    said = _ONE.fullmatch(text.strip())
    if said is None:
        return parse_clock(text)  # which says what is wrong
    if said["digits"]:
        return parse_clock(f"{said['digits'][:2]}:{said['digits'][2:]}")
    hour, half = int(said["hour"]), (said["half"] or "").casefold()[:1]
    if half in {"a", "p"}:
        if not 1 <= hour <= _NOON:
            raise ValueError(
                told(
                    "is_not_a_time_of_day_write",
                    "'{text}' is not a time of day; write a time such as 07:30 or 19:30",
                    text=text,
                )
            )
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    try:
        found = parse_clock(f"{hour:02d}:{said['minute'] or '00'}")
    except ValueError:
        message = told(
            "is_not_a_time_of_day_times",
            "'{text}' is not a time of day; times run from 00:00 to 24:00",
            text=text,
        )
        raise ValueError(message) from None
    second = int(said["second"] or 0)
    if second == _LAST_SECOND and found == DAY - 1:
        return DAY
    if second:
        raise ValueError(
            told(
                "has_seconds_write_a_time_of_whole",
                "'{text}' has seconds; write a time of whole minutes such as 07:30",
                text=text,
            )
        )
    return found


def read_end_clock(text: str) -> int:
    """As read_clock; `07:00 next day` is 1440 minutes later."""
    found = _NEXT_DAY.search(text)
    return read_clock(text[: found.start()]) + DAY if found else read_clock(text)


_SPAN = re.compile(
    "(?:" + _CLOCK.format("a") + r")\s*-\s*(?:" + _CLOCK.format("b") + r")(?P<later> next day)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:[,;+/&\n]|\b(?:og|und|and|et)\b)\s*|\s+", re.IGNORECASE)


def read_spans(text: str) -> tuple[tuple[int, int], ...] | None:
    """Hours such as `8-16` or `08.00-12.00 og 16.00-20.00`; None where this is not what it is.

    An end that is not after its start is on the next day; `00:00-00:00` is no time at all.

    Raises:
        ValueError: it looks so, but a time in it is none.
    """
    rest, found = _DASHES.sub("-", text.strip()), []
    while rest:
        said = _SPAN.match(rest)
        if said is None:
            return None
        first, last = said[0].removesuffix(" next day").split("-")
        start, end = read_clock(first), read_clock(last)
        if said["later"] or (end <= start and (start or end)):
            end += DAY
        found.append((start, end))
        rest = rest[said.end() :]
        gap = _BETWEEN.match(rest)
        if rest and gap is None:
            return None
        rest = rest[gap.end() :] if gap else rest
    return tuple(found)


def time_of_number(value: float, typed: str = "") -> int:
    """The time of a cell that a spreadsheet keeps as a plain number: part of a day, or an hour.

    Args:
        value: the number.
        typed: the text that it was typed as, if it was.

    Raises:
        ValueError: it may be either, or none.
    """
    plain: str = f"'{typed}'" if typed else Written(f"{value:g}")
    shown = plain if typed else told("the_number", "the number {number}", number=plain)
    if 0 < value < 1:
        minutes = value * DAY
        if abs(minutes - round(minutes)) > _NEARLY:
            raise ValueError(
                told(
                    "is_no_time_of_whole_minutes_write",
                    "{shown} is no time of whole minutes; write a time such as 07:30",
                    shown=plain,
                )
            )
        return round(minutes)
    if value in {0.0, 1.0}:
        either = (
            told("midnight_or_none", "00:00 or no time")
            if value == 0
            else Listed.of((Written("01:00"), Written("24:00")), "or")
        )
        raise ValueError(_may_be(shown, either))
    if value.is_integer() and 1 < value <= DAY / HOUR:
        return int(value) * HOUR
    hour, part = divmod(value, 1)
    if hour * HOUR < DAY and value > 0:
        other = f"{int(hour):02d}:{round(part * 100):02d}"
        either = Listed.of((Written(clock_text(value * HOUR)), Written(other)), "or")
        raise ValueError(_may_be(shown, either))
    raise ValueError(
        told(
            "the_number_is_no_time_write_a",
            "{shown} is no time; write a time such as 07:30",
            shown=shown,
        )
    )


def _may_be(shown: str, either: str) -> str:
    return told(
        "the_number_may_be_write_the_time",
        "{shown} may be {either}; write the time, such as 07:30",
        shown=shown,
        either=either,
    )


_NEARLY = 0.02
"""Of a minute: how far a part of a day that was rounded may be from a whole one."""


# --- days off, totals, several in a cell --------------------------------------------------------

_NOTHING = {"", "-", "--", "\u2013", "\u2014", "."}
_OFF = frozenset(
    (
        *("off", "free", "f", "df", "al", "rd", "dayoff", "day off", "days off", "rest"),
        *("rest day", "vac", "vacation", "holiday", "holidays", "leave", "annual leave"),
        *("sick", "sick leave", "fri", "fridag", "fri dag", "ferie", "feriedag", "syg", "sygdom"),
        *("frei", "freier tag", "urlaub", "ferien", "krank"),
        *("repos", "libre", "conge", "conges", "malade", "maladie"),
    )
)
_TOTAL = re.compile(
    r"(?:grand |sub ?)?(?:total|totals|totaux|sum|sums|summe|gesamt|insgesamt|somme|i alt|ialt|"
    r"samlet|zusammen|antal|anzahl|on duty|pa arbejde)(?:\W.*)?|\u03c3.*|\u2211.*",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\s*[,;/&+\n]\s*|\s+(?:og|und|and|et)\s+", re.IGNORECASE)
_QUOTED = re.compile(r'"((?:[^"]|"")+)"')


def is_nothing(text: str) -> bool:
    """Whether a cell is empty, or has a dash in it."""
    return text in _NOTHING


def is_day_off(text: str) -> bool:
    """Whether a cell says that somebody is off: `OFF`, `fri`, `frei`, `F`, `vac`, `-`."""
    return text in _NOTHING or plain_word(text) in _OFF


def is_total(text: str) -> bool:
    """Whether a row or column so called adds up others: `Total`, `I alt`, `Summe`."""
    return _TOTAL.fullmatch(plain_word(text)) is not None


def several(text: str) -> tuple[str, ...]:
    """The names of a cell: `Ada, Bo`, `Ada/Bo`, `Ada & Bo`, `Ada og Bo`, one a line.

    What stands in quotation marks is one name: `"Ada & Bo"`, as `quoted` writes it.
    """
    names: list[str] = []
    rest = text.strip()
    while rest:
        if said := _QUOTED.match(rest):
            names.append(said[1].replace('""', '"'))
            rest = rest[said.end() :]
            gap = _SEVERAL.match(rest)
            rest = rest[gap.end() :] if gap else rest.strip()
            continue
        gap = _SEVERAL.search(rest)
        names.append(rest[: gap.start()] if gap else rest)
        rest = rest[gap.end() :] if gap else ""
    return tuple(filter(None, (name.strip() for name in names)))


def quoted(name: str) -> str:
    """A name as `several` reads it back: in quotation marks where it would be taken for several."""
    return name if not name or several(name) == (name,) else '"' + name.replace('"', '""') + '"'
