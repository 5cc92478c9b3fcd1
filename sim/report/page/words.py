"""All words of the pages, language by language, with numbers and dates as its readers write them.

One file a language in `languages/`; every file has the same keys.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.numbers import format_decimal

from sim.report import ENGLISH
from sim.results.numbers import decimals

LANGUAGES = {ENGLISH: "en_GB", "da": "da_DK"}
"""Languages that there are, and the locale of each."""
MINUS, DASH = "−", "–"
_HUNDRED = 100


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

    def count(self, key: str, number: int) -> str:
        """`1 day`, `2 days`: the text `key.one` or `key.other`, whichever the language wants."""
        plural = "one" if self.locale.plural_form(number) == "one" else "other"
        return self.say(f"{key}.{plural}", number=self.number(number, 0))

    def number(self, value: float, digits: int) -> str:
        """A number with that many decimals; a dash for NaN."""
        if math.isnan(value):
            return DASH
        return _written(round(value, digits) + 0.0, digits, self.locale)

    def figures(self, value: float) -> str:
        """A number with three figures or so, as the command line prints it."""
        return self.number(value, decimals(value))

    def share(self, value: float, digits: int = 1) -> str:
        """A share as a percentage."""
        return self.percent(self.number(_HUNDRED * value, digits))

    def percent(self, text: str) -> str:
        """A percentage that is written already, with its sign."""
        return text if text == DASH else self.say("unit.percent", number=text)

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
