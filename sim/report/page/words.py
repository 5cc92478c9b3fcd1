"""All words of the pages, language by language, with numbers and dates as its readers write them.

One file a language in `languages/`; every file has the same keys.
"""

import tomllib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from math import isnan
from typing import Any

import pandas as pd
from babel import Locale
from babel.dates import format_date, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal

from sim.report import ENGLISH
from sim.results.numbers import decimals
from sim.scenario.model.targets import minutes_within, probability_of
from sim.study.estimate.intervals import Estimate

LANGUAGES = {ENGLISH: "en_GB", "da": "da_DK"}
"""Languages that there are, and the locale of each."""
MINUS, DASH = "−", "–"
_HUNDRED = 100
_LARGE_MONEY = 100_000
_JOINED = "\u2060"
"""Between two parts of a line that are not to be torn apart."""
_TEN, _ONE = 9.95, 0.995
"""From here on a number is written as at least 10, or 1."""


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    lang: str
    """Such as `da`, as HTML names it."""
    locale: Locale
    texts: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        """A text, such as `page.summary`.

        Raises:
            KeyError: the catalogue has no such key.
        """
        return self.texts[key]

    def say(self, key: str, **values: object) -> str:
        """A text with its gaps, such as `{days}`, filled; numbers are to be written before."""
        return self[key].format(**values)

    def count(self, key: str, number: int, **values: object) -> str:
        """`1 day`, `2 days`: the text `key.one` or `key.other`, whichever the language wants."""
        plural = "one" if self.locale.plural_form(number) == "one" else "other"
        return self.say(f"{key}.{plural}", number=self.number(number, 0), **values)

    def number(self, value: float, digits: int) -> str:
        """A number with that many decimals; a dash for NaN."""
        if isnan(value):
            return DASH
        return _written(round(value, digits) + 0.0, digits, self.locale)

    def figures(self, value: float) -> str:
        """A number with three figures or so, as the command line prints it."""
        return self.number(value, decimals(value))

    def exact(self, value: float) -> str:
        """A number that somebody wrote, with all the decimals it was written with and no more."""
        return self.number(value, len(f"{value:.10g}".partition(".")[2]))

    def brief(self, value: float) -> str:
        """A number with two digits that count, three from 100 up: `0.24`, `2.4`, `13`, `249`."""
        return self.number(value, _brief_decimals(value))

    def brief_range(self, known: Estimate, times: float = 1.0) -> str:
        """The interval beside a brief number, `2.3–2.5`; empty where it says nothing more."""
        value, low, high = (times * one for one in known)
        if isnan(low):
            return ""
        digits = _brief_decimals(value)
        ends = [self.number(one, digits) for one in (low, high)]
        if set(ends) == {self.number(value, digits)}:
            return ""
        return self.between(*ends) if low >= 0 else self.say("unit.to", low=ends[0], high=ends[1])

    def between(self, low: str, high: str) -> str:
        """Two written numbers as a range that is not torn apart."""
        return f"{low}{DASH}{_JOINED}{high}"

    def money(self, value: float, currency: str) -> str:
        """An amount: `15.6 m DKK`, from 100,000 up in millions; below in whole ones."""
        if abs(value) < _LARGE_MONEY:
            return f"{self.number(value, 0)} {currency}"
        millions = value / 1e6
        return self.say(
            "unit.million",
            number=self.number(millions, 0 if abs(millions) >= _HUNDRED else 1),
            currency=currency,
        )

    def share(self, value: float, digits: int = 1) -> str:
        """A share as a percentage."""
        return self.percent(self.number(_HUNDRED * value, digits))

    def percent(self, text: str) -> str:
        """A percentage that is written already, with its sign."""
        return text if text == DASH else self.say("unit.percent", number=text)

    def hour(self, hour: int) -> str:
        """An hour of the day in a sentence, such as `16`; midnight at the end of a day is 24."""
        return self.number(hour, 0)

    def listed(self, texts: Sequence[str]) -> str:
        """`a, b and c`."""
        return format_list(list(texts), locale=self.locale)

    def date(self, day: date) -> str:
        """A date in full, such as `5 January 2026`."""
        return format_date(day, "long", locale=self.locale)

    def weekdays(self) -> tuple[str, ...]:
        """Short names of the days, Monday first."""
        names = get_day_names("abbreviated", locale=self.locale)
        return tuple(str(names[number]).rstrip(".") for number in range(7))

    def clock(self, minute: int) -> str:
        """A time of day from minutes after midnight, such as `07:30`; 1440 is `24:00`."""
        return self.say("unit.clock", hour=f"{minute // 60:02}", minute=f"{minute % 60:02}")

    def name(self, own: str) -> str:
        """A planner's own name of a room, role or the like; usual ones are translated."""
        usual = self.texts.get(f"name.{own}")
        return own.replace("_", " ") if usual is None else usual


def _brief_decimals(value: float) -> int:
    return 0 if abs(value) >= _TEN or value == 0 else 1 if abs(value) >= _ONE else 2


@lru_cache(maxsize=10_000)
def _written(value: float, digits: int, locale: Locale) -> str:
    """A page repeats most of its thousands of numbers, and Babel takes its time over each."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text: str = format_decimal(value, pattern, locale=locale)
    return text.replace("-", MINUS)


@lru_cache
def catalogue(lang: str) -> Words:
    """The words of a language.

    Args:
        lang: one of LANGUAGES.

    Raises:
        KeyError: there is no such language.
    """
    locale = Locale.parse(LANGUAGES[lang])
    file = resources.files("sim.report") / "languages" / f"{lang}.toml"
    return Words(lang, locale, dict(_flat("", tomllib.loads(file.read_text(encoding="utf-8")))))


def _flat(prefix: str, texts: Mapping[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, text in texts.items():
        if isinstance(text, Mapping):
            found += _flat(f"{prefix}{key}.", text)
        else:
            found.append((prefix + key, str(text)))
    return found


# --- figures, as the readers of a language write them ---------------------------------------------

SHARE = "share"


def known_of(row: Mapping[Hashable, Any] | pd.Series, value: str = "value") -> Estimate:
    """The figure of a row of a table, in the column of that name."""
    return Estimate(*(float(row[name]) for name in (value, "ci_low", "ci_high")))


def shown_as(known: Estimate, unit: str) -> Estimate:
    """As it is written and drawn: a share in per cent."""
    return known.times(_HUNDRED) if unit == SHARE else known


def estimate(words: Words, known: Estimate, unit: str = "") -> str:
    """`2.38 (2.21–2.55) min`, with as many decimals as three figures of the value need.

    Where both ends round to the value, they are left out.
    """
    if not known.is_known:
        return DASH
    shown = shown_as(known, unit)
    digits = decimals(shown.value)
    text = words.number(shown.value, digits)
    ends = {words.number(one, digits) for one in (shown.low, shown.high)}
    if not isnan(shown.low) and ends != {text}:
        text += f" ({_range(words, shown, digits)})"
    return in_unit(words, text, unit)


def with_range(words: Words, known: Estimate) -> str:
    """A brief number with its range in brackets, if that says more."""
    ends = words.brief_range(known)
    return f"{words.brief(known.value)} ({ends})" if ends else words.brief(known.value)


def _range(words: Words, shown: Estimate, digits: int) -> str:
    low, high = (words.number(one, digits) for one in (shown.low, shown.high))
    return words.between(low, high)


def plain(words: Words, value: float, unit: str = "") -> str:
    """The value alone."""
    if isnan(value):
        return DASH
    return in_unit(words, words.figures(shown_as(Estimate(value), unit).value), unit)


def signed(words: Words, known: Estimate, unit: str = "") -> str:
    """A difference with its interval, such as `+1.2 (+0.3 to +2.1)`."""
    if not known.is_known:
        return DASH
    shown = shown_as(known, unit)
    parts = [shown.value] if isnan(shown.low) else [shown.value, shown.low, shown.high]
    digits = decimals(max(parts, key=abs))
    texts = [_with_sign(words, one, digits) for one in parts]
    text = texts[0]
    if texts[1:] and shown.low != shown.high:
        text += words.say("unit.from_to", low=texts[1], high=texts[2])
    return in_unit(words, text, unit)


def in_unit(words: Words, text: str, unit: str) -> str:
    """A written number with its unit in the reader's language."""
    if unit in {"", DASH} or text == DASH:
        return text
    if unit == SHARE:
        return words.percent(text)
    return f"{text} {unit_name(words, unit)}"


def unit_name(words: Words, unit: str) -> str:
    """A unit of the tables, such as `visits/day`, in words; of an unknown one its own name."""
    noun, _, per = unit.partition("/")
    names = [words.texts.get(f"unit.{one}", one) for one in (noun, per) if one]
    return f" {words['unit.per']} ".join(names)


def axis_unit(words: Words, unit: str) -> str:
    """A unit as an axis or a column is headed."""
    return words["unit.%"] if unit == SHARE else unit_name(words, unit)


def _with_sign(words: Words, value: float, digits: int) -> str:
    text = words.number(value, digits)
    return f"+{text}" if round(value, digits) > 0 else text


def headline_name(words: Words, metric: str, statistic: str) -> str:
    """What a figure is called in a text; of an unknown one its own name."""
    own = f"{metric}.{statistic}"
    return words.texts.get(f"headline.{own}") or duration_name(words, metric, statistic) or own


def duration_name(words: Words, metric: str, statistic: str) -> str | None:
    """What a mean, any percentile or the share within any time of waits or responses is called."""
    what = words.texts.get(f"duration.{metric}")
    if what is None:
        return None
    if statistic == "mean":
        return words.say("duration.mean", what=what)
    if (probability := probability_of(statistic)) is not None:
        share = words.percent(words.exact(_HUNDRED * probability))
        return words.say("duration.quantile", what=what, share=share)
    if (minutes := minutes_within(statistic)) is None:
        return None
    if statistic.endswith("s"):
        time = f"{words.exact(60 * minutes)} {words['unit.s']}"
    else:
        time = in_unit(words, words.exact(minutes), "min")
    return words.say("duration.within", what=what, time=time)


def heading(text: str) -> str:
    """A text as a heading, its first letter large."""
    return text[:1].upper() + text[1:]


def part_name(words: Words, by: str) -> str:
    """`room:smoking` as `smoking room`; parts of parts are joined with commas."""
    if by in {"all", "crowd", "staff", "places", "opening"}:
        return words[f"part.{by}"]
    names = [one.partition(":")[::2] for one in by.split("/")]
    return ", ".join(words.texts.get(f"{kind}.{own}", words.name(own)) for kind, own in names)
