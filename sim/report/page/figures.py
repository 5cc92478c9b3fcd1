"""Figures written with their interval, in the reader's language."""

from collections.abc import Hashable, Mapping
from math import isnan
from typing import Any

import pandas as pd

from sim.report.page.words import DASH, Words
from sim.results.numbers import decimals
from sim.scenario.model.targets import minutes_within, probability_of
from sim.study.estimate.intervals import Estimate

SHARE = "share"
_HUNDRED = 100
_JOINED = "\u2060"
"""Between two parts of a line that are not to be torn apart."""


def known_of(row: Mapping[Hashable, Any] | pd.Series, value: str = "value") -> Estimate:
    """The figure of a row of a table, in the column of that name."""
    return Estimate(*(float(row[name]) for name in (value, "ci_low", "ci_high")))


def shown_as(known: Estimate, unit: str) -> Estimate:
    """As it is written and drawn: a share in per cent."""
    return known.times(_HUNDRED) if unit == SHARE else known


def estimate(words: Words, known: Estimate, unit: str = "") -> str:
    """`2.38 (2.21–2.55) min`, with as many decimals as three figures of the value need."""
    if not known.is_known:
        return DASH
    shown = shown_as(known, unit)
    digits = decimals(shown.value)
    text = words.number(shown.value, digits)
    if not isnan(shown.low):
        text += f" ({_range(words, shown, digits)})"
    return in_unit(words, text, unit)


def interval(words: Words, known: Estimate, unit: str = "") -> str:
    """Its interval alone, such as `2.21–2.55`."""
    if isnan(known.low):
        return words["unit.no_interval"]
    shown = shown_as(known, unit)
    return _range(words, shown, decimals(shown.value))


def _range(words: Words, shown: Estimate, digits: int) -> str:
    low, high = (words.number(one, digits) for one in (shown.low, shown.high))
    return f"{low}{DASH}{_JOINED}{high}"


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
        share = words.percent(_exactly(_HUNDRED * probability, words))
        return words.say("duration.quantile", what=what, share=share)
    if (minutes := minutes_within(statistic)) is None:
        return None
    if statistic.endswith("s"):
        time = f"{_exactly(60 * minutes, words)} {words['unit.s']}"
    else:
        time = in_unit(words, _exactly(minutes, words), "min")
    return words.say("duration.within", what=what, time=time)


def _exactly(number: float, words: Words) -> str:
    """A number with all the decimals it was written with, and no more."""
    return words.number(number, len(f"{number:.10g}".partition(".")[2]))


def heading(text: str) -> str:
    """A text as a heading, its first letter large."""
    return text[:1].upper() + text[1:]


def part_name(words: Words, by: str) -> str:
    """`room:smoking` as `smoking room`; parts of parts are joined with commas."""
    if by in {"all", "crowd", "staff", "places", "opening"}:
        return words[f"part.{by}"]
    names = [one.partition(":")[::2] for one in by.split("/")]
    return ", ".join(words.texts.get(f"{kind}.{own}", words.name(own)) for kind, own in names)
