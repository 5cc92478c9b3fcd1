"""All words of the pages, language by language, with numbers and dates as its readers write them.

One file a language in `languages/`; every file has the same keys.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib import import_module, resources
from math import ceil, floor, isnan
from numbers import Real
from string import Formatter
from typing import TYPE_CHECKING, Any

from sim.report import ENGLISH
from sim.report.page.numbers import decimals
from sim.report.page.numbers import signed as written_signed
from sim.scenario.errors.problem import Problem, message_of
from sim.scenario.errors.told import Listed, Name, TimeOfDay, Told, Weekday
from sim.scenario.model.hours import DAY, DAYS, HOUR
from sim.scenario.model.targets import minutes_within, probability_of
from sim.study.estimate.intervals import Estimate

if TYPE_CHECKING:
    import pandas as pd
    from babel import Locale

LANGUAGES = {ENGLISH: "en_GB", "da": "da_DK"}
"""Languages that there are, and the locale of each."""
MINUS, DASH = "−", "–"
_HUNDRED = 100
_LARGE_MONEY = 100_000
_CLOCK = re.compile(r"\b([0-9]{2}):([0-9]{2})\b")
JOINED = "\u2060"
"""Between two parts of a line that are not to be torn apart."""
_FACILITY = "facility"
"""Section of what facilities are called, which is of no language but of a city."""
_ARTICLE = re.compile("(The|An?|Den|Det|De|En|Et) ")
"""In a title, whose language need not be that of the page."""
_SHORT = 28
"""Letters of a title by which a facility is called."""
_TEN, _ONE = 9.95, 0.995
"""From here on a number is written as at least 10, or 1."""


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    lang: str
    """Such as `da`, as HTML names it."""
    texts: Mapping[str, str]

    @property
    def locale(self) -> "Locale":
        """The locale of its readers."""
        return _locale(self.lang)

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
        return f"{low}{DASH}{JOINED}{high}"

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
        """`a, b and c`; all but the first stand within the sentence."""
        texts = [*texts[:1], *map(within_sentence, texts[1:])]
        # Babel is loaded where it is wanted: most of `check` does without.
        found: str = import_module("babel.lists").format_list(list(texts), locale=self.locale)
        return found

    def date(self, day: date) -> str:
        """A date in full, such as `5 January 2026`."""
        found: str = import_module("babel.dates").format_date(day, "long", locale=self.locale)
        return found

    def weekdays(self) -> tuple[str, ...]:
        """Short names of the days, Monday first."""
        dates = import_module("babel.dates")
        names = dates.get_day_names("abbreviated", locale=self.locale)
        return tuple(str(names[number]).rstrip(".") for number in range(7))

    def clock(self, minute: int) -> str:
        """A time of day from minutes after midnight, such as `07:30`; 1440 is `24:00`."""
        return self.say("unit.clock", hour=f"{minute // 60:02}", minute=f"{minute % 60:02}")

    def name(self, own: str) -> str:
        """A planner's own name of a room, role or the like; usual ones are translated."""
        usual = self.texts.get(f"name.{own}")
        return own.replace("_", " ") if usual is None else usual

    def facility(self, own: str) -> str:
        """A facility of a city: as `with_facilities` calls it, else its name with a capital."""
        called = self.texts.get(f"{_FACILITY}.{own}")
        return heading(self.name(own)) if called is None else called

    def facility_within(self, own: str) -> str:
        """The same within a sentence, an article that it begins with small: `the mobile room`."""
        return within_sentence(self.facility(own))

    def with_facilities(self, titles: Mapping[str, str]) -> "Words":
        """The same words, which call facilities by their titles up to the first comma.

        Where that is long, or two have the same, they are called by their names.

        Args:
            titles: of the facilities, by name; empty where there is none.
        """
        short = {name: title.split(",")[0].strip() for name, title in titles.items()}
        often = Counter(short.values())
        called = {
            f"{_FACILITY}.{name}": title
            if 0 < len(title) <= _SHORT and often[title] == 1
            else self.facility(name)
            for name, title in short.items()
        }
        return replace(self, texts={**self.texts, **called}) if called else self

    def of_needs(self) -> "Words":
        """The same words, where a facility is sized by its city's needs, and not by its visits."""
        told = {
            f"{section}.{key.removeprefix(own)}": text
            for section in ("size", "screen_size")
            for own in (f"{section}.needs_",)
            for key, text in self.texts.items()
            if key.startswith(own)
        }
        return replace(self, texts={**self.texts, **told})

    # --- on the screen ----------------------------------------------------------------------------

    def tell(self, key: str, **values: object) -> str:
        """A text whose gaps say how their numbers are written, such as `{cost:,.0f}`."""
        return _Filled(self).format(self[key], **values)

    def plural(self, key: str, number: int, **values: object) -> str:
        """The same of `key.one` or `key.other`, with the number as `{number}`."""
        return self.tell(f"{key}.{'one' if number == 1 else 'other'}", number=number, **values)

    def local(self, text: str) -> str:
        """A number as Python writes it, `1,234.5` or `88%`, as its readers do."""
        marks = str.maketrans(",.", self["unit.thousands_decimal"])
        return re.sub("(?<=[0-9])%", self["unit.tight_percent"], text.translate(marks))

    def signed(self, difference: Estimate, times: float = 1) -> str:
        """A difference on the screen: `+1.2 (+0.8 to +1.6)`."""
        return self.local(written_signed(difference, times, self["unit.from_to"]))

    def level(self, value: object) -> str:
        """A value as somebody set it, which is a number, a time of day, a word or all the rest."""
        text = str(value)
        if self.lang == ENGLISH:
            return text
        if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", text):
            hour, _, minute = text.partition(":")
            return self.time(HOUR * int(hour) + int(minute))
        if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?( ?%| min)?", text):
            return self.local(text)
        return self.texts.get(f"choice.{text}", text)

    def own(self, name: str) -> str:
        """A planner's own name, or several words with such names among them, on the screen.

        Names in a scenario are English words, so in English they stand as they are typed.
        """
        if self.lang == ENGLISH:
            return name
        if f"name.{name}" in self.texts or not re.search("[ ,+]", name):
            return self.name(name)
        parts = re.split(r"([ ,+]+)", _CLOCK.sub(self._clock, name))
        return "".join(
            self._word(one) if number % 2 == 0 else one for number, one in enumerate(parts)
        )

    def _word(self, word: str) -> str:
        return self[f"weekday.{word}"] if word in DAYS else self.name(word)

    def _clock(self, found: re.Match[str]) -> str:
        return self.time(HOUR * int(found[1]) + int(found[2]))

    def time(self, minute: float) -> str:
        """A time of day on the screen: `07:30`, in Danish `7.30`."""
        later = minute > DAY
        hour, rest = divmod(round(minute) - (DAY if later else 0), HOUR)
        return self.tell("unit.time_next_day" if later else "unit.time", hour=hour, minute=rest)

    def day(self, number: int) -> str:
        """A day of the week on the screen, Monday is 0: `mon`."""
        return self[f"weekday.{DAYS[number]}"]

    def week_hour(self, hour: int) -> str:
        """An hour of the week on the screen: `mon 08:00`."""
        return f"{self.day(hour // 24)} {self.time(hour % 24 * HOUR)}"

    def told(self, text: str) -> str:
        """What a room below the pages tells, in words; in English as it stands in the tables."""
        if self.lang == ENGLISH:
            return text
        found: str = text
        match text:
            case Told():
                # Rules have their names among the words of rotas.
                key = f"rota.{text.kind}" if text.kind.startswith("rule_") else f"told.{text.kind}"
                found = _Filled(self).format(self[key], **text.values)
            case Listed():
                found = self[f"told.{text.joint}"].join(map(self.told, text.items))
            case Name():
                found = self.own(text)
            case TimeOfDay():
                found = self.time(text.minute)
            case Weekday():
                found = self[f"weekday.{text}"]
            case _:
                pass
        return found


class _Filled(Formatter):
    """Fills the gaps of a text with numbers and names as the readers of a language write them."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def format_field(self, value: object, format_spec: str) -> str:
        """One gap filled."""
        if isinstance(value, bool) or not isinstance(value, Real):
            text = message_of(value) if isinstance(value, Exception) else value
            if isinstance(value, Problem):
                text = value.said(self.words.told)
            return format(self.words.told(text) if isinstance(text, str) else text, format_spec)
        return self.words.local(format(value, format_spec))


def _brief_decimals(value: float) -> int:
    return 0 if abs(value) >= _TEN or value == 0 else 1 if abs(value) >= _ONE else 2


@lru_cache(maxsize=10_000)
def _written(value: float, digits: int, locale: "Locale") -> str:
    """A page repeats most of its thousands of numbers, and Babel takes its time over each."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    numbers = import_module("babel.numbers")
    text: str = numbers.format_decimal(value, pattern, locale=locale)
    return text.replace("-", MINUS)


@lru_cache
def _locale(lang: str) -> "Locale":
    found: Locale = import_module("babel").Locale.parse(LANGUAGES[lang])
    return found


@lru_cache
def catalogue(lang: str) -> Words:
    """The words of a language.

    Args:
        lang: one of LANGUAGES.

    Raises:
        KeyError: there is no such language.
    """
    if lang not in LANGUAGES:
        raise KeyError(lang)
    file = resources.files("sim.report") / "languages" / f"{lang}.toml"
    return Words(lang, _Texts(file.read_text(encoding="utf-8")))


class _Texts(Mapping[str, str]):
    """The texts of a file, of which a section is read when one of its words is wanted.

    A screen needs few of the sections, and to read all takes longer than most of `check`.
    """

    def __init__(self, file: str) -> None:
        parts = re.split(r"^\[(\w+)\]$", file, flags=re.MULTILINE)
        self._sections = dict(zip(parts[1::2], parts[2::2], strict=True))
        self._read: dict[str, dict[str, str]] = {}

    def __getitem__(self, key: str) -> str:
        section, _, name = key.partition(".")
        return self._section(section)[name]

    def __iter__(self) -> Iterator[str]:
        for section in self._sections:
            yield from (f"{section}.{name}" for name in self._section(section))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _section(self, name: str) -> dict[str, str]:
        # What tells of progress is a thread of its own: a section is there before it is read too.
        if name in self._sections and name not in self._read:
            self._read[name] = dict(_flat("", tomllib.loads(self._sections[name])))
        return self._read.get(name, {})


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


def known_of(row: "Mapping[Hashable, Any] | pd.Series", value: str = "value") -> Estimate:
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
    exact = isnan(shown.low) or shown.low == shown.high == shown.value
    if exact and shown.value == int(shown.value):  # counted, or set: no decimals say more
        digits = 0
    text = words.number(shown.value, digits)
    if unit == SHARE and not exact and text in _ends(words, digits):
        return _nearly(words, shown)
    ends = {words.number(one, digits) for one in (shown.low, shown.high)}
    if not isnan(shown.low) and ends != {text}:
        text += f" ({_range(words, shown, digits)})"
    return in_unit(words, text, unit)


def _ends(words: Words, digits: int) -> tuple[str, str]:
    """None and all of a hundred, as they are written."""
    return words.number(0, digits), words.number(_HUNDRED, digits)


def _nearly(words: Words, shown: Estimate) -> str:
    """All or none that were seen, or as good as that, and how far from it the share may be."""
    if shown.value > _HUNDRED / 2:
        key, is_seen = "all", shown.value == _HUNDRED
        digits = 0 if shown.low <= _HUNDRED - 1 else 1
        limit = floor(round(shown.low * 10**digits, 6)) / 10**digits
    else:
        key, is_seen = "none", shown.value == 0
        digits = 0 if shown.high >= 1 else 2
        limit = ceil(round(shown.high * 10**digits, 6)) / 10**digits
    return words.say(
        f"unit.{key}" if is_seen else f"unit.nearly_{key}", limit=words.number(limit, digits)
    )


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


def within_sentence(title: str) -> str:
    """A title within a sentence: an article that it begins with is small, all else as it is."""
    return title[:1].lower() + title[1:] if _ARTICLE.match(title) else title


def part_name(words: Words, by: str) -> str:
    """`room:smoking` as `smoking room`; parts of parts are joined with commas."""
    if by in {"all", "crowd", "staff", "places", "opening"}:
        return words[f"part.{by}"]
    names = [one.partition(":")[::2] for one in by.split("/")]
    if {kind for kind, _ in names} == {"from", "to"}:
        way = {"need": "went_first", "return": "went_back"}.get(dict(names)["from"], "went_on")
        start, end = (within_sentence(_part(words, _FACILITY, own)) for _, own in names)
        return words.say(f"part.{way}", start=start, end=end)
    return ", ".join(_part(words, kind, own) for kind, own in names)


def _part(words: Words, kind: str, own: str) -> str:
    if kind == "shift":  # several names, such as of a role and of its shift
        return words.own(own).replace("_", " ")
    return words.texts.get(f"{kind}.{own}", words.name(own))
