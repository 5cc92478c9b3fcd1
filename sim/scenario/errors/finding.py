"""What one error of pydantic says of a scenario: what would be right, and what was meant."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from sim.scenario.errors.hours_meant import (
    days_meant,
    each_day_meant,
    hours_meant,
    weekdays_in,
)
from sim.scenario.errors.keys import child, homes, known_keys, known_tags
from sim.scenario.errors.meant import (
    did_you_mean_any,
    in_plain_signs,
    keys_meant,
    numbers_meant,
    range_meant,
    straight,
    switch_meant,
)
from sim.scenario.errors.problem import (
    FaultsWithinError,
    KeyPath,
    Source,
    closest,
    did_you_mean,
    message_of,
    path_text,
    shorten,
    show,
)
from sim.scenario.errors.told import Listed, Written, told

_A_MAP = told("want_map", "settings, as `key: value` lines")
_A_LIST = told("want_list", "a list")
_NUMBER = told("want_number", "a number")
_WHOLE = told("want_whole", "a whole number")
_SWITCH = told("want_switch", "true or false")
_DATE = told("want_date", "a date such as 2026-12-24")
_TIME = told("want_time", "a time such as 07:30")
_TEXT = told("want_text", "text")
_WANTS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
        **dict.fromkeys(("float_type", "float_parsing", "decimal_type"), _NUMBER),
        "finite_number": told("want_ordinary", "an ordinary number"),
        **dict.fromkeys(("bool_type", "bool_parsing"), _SWITCH),
        **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), _TEXT),
        **dict.fromkeys(
            ("model_type", "model_attributes_type", "dict_type", "mapping_type"), _A_MAP
        ),
        **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), _A_LIST),
        **dict.fromkeys(("iterable_type", "recursion_loop"), _A_LIST),
        **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), _DATE),
        **dict.fromkeys(("date_from_datetime_inexact", "datetime_type"), _DATE),
        **dict.fromkeys(("time_type", "time_parsing"), _TIME),
        "none_required": Written("null"),
    }
)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_PLAIN_NUMBER = re.compile(r"\s*[-+]?\d{1,15}(?:\.\d{1,15})?\s*")
_MOST_EXACT = 1e15
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_ALL = 100.0
"""Percent that are a whole."""


@dataclass(frozen=True)
class Finding:
    """One thing pydantic found: what would be right, or, without that, a message of its own."""

    path: KeyPath
    want: str = ""
    got: str = ""
    hint: str = ""
    message: str = ""
    at_key: bool = False
    may_follow: bool = False
    """Whether this may be wrong only because something inside the setting is."""
    meant: str = ""
    """The key that an unknown one was probably meant to be."""


@dataclass(frozen=True)
class PlacedError:
    """An error of pydantic, with the part of its location that is in the data."""

    detail: ErrorDetails
    path: KeyPath
    rest: tuple[int | str, ...]
    """The end of the location that is not in the data."""
    source: Source
    model: type[BaseModel]

    @property
    def context(self) -> Mapping[str, Any]:
        """Pydantic's details."""
        return self.detail.get("ctx", {})

    @property
    def name(self) -> int | str:
        """The last part of the location."""
        return self.detail["loc"][-1] if self.detail["loc"] else ""


def find(case: PlacedError) -> list[Finding]:
    """What the error says of the scenario: of a value that has parts, what is wrong with each."""
    failure = case.context.get("error")
    if isinstance(failure, FaultsWithinError):
        return [
            Finding((*case.path, *one.path), message=one.message, at_key=one.at_key)
            for one in failure.faults
        ]
    return [_one(case)]


def _one(case: PlacedError) -> Finding:
    kind = case.detail["type"]
    failure = case.context.get("error")
    if isinstance(failure, Exception):  # raised by a validator of ours, in our words
        return Finding(case.path, message=message_of(failure), at_key=_is_of_key(case))
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(case)
    if kind == "greater_than_equal" and _is_below_nothing(case):
        return _wanted(case, _BOUNDS["greater_than"](Written(0)))
    if kind in _WANTS:
        return _wanted(case, _WANTS[kind])
    if kind in _BOUNDS:
        limit = Written(_number(next(iter(case.context.values()))))
        return _wanted(case, _BOUNDS[kind](limit))
    message = case.detail["msg"].replace("Input should", "must")
    return Finding(case.path, message=message, at_key=_is_of_key(case))


def plain_fault(detail: ErrorDetails, *, own: bool = False) -> str:
    """What pydantic says of a value that stands in no scenario, such as one of a table.

    Args:
        detail: what it says.
        own: whether English is as pydantic has it.
    """
    failure = detail.get("ctx", {}).get("error")
    if isinstance(failure, Exception):
        return message_of(failure)
    said = detail["msg"]
    if not own:
        said = re.sub("^(Input|String|Tuple) should", "must", said)
    if detail["type"] not in PLAIN:
        return said
    form = said.replace("{", "{{").replace("}", "}}")
    return told(f"plain_{detail['type']}", form, **detail.get("ctx", {}))


PLAIN = frozenset(
    {
        *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number"),
        *("string_too_short", "string_too_long", "too_short", "too_long", "missing"),
        *("int_parsing", "int_from_float", "float_parsing", "bool_parsing", "literal_error"),
        *("enum", "string_pattern_mismatch"),
    }
)
"""Faults that other languages have words for, as pydantic calls them."""


def _is_below_nothing(case: PlacedError) -> bool:
    """Whether a number that must be above 0 is not: to name the smallest would be of no help."""
    least, got = case.context["ge"], case.detail["input"]
    return 0 < least < 1 and isinstance(got, int | float) and got <= 0


def _is_of_key(case: PlacedError) -> bool:
    return case.name == "[key]"


def _wanted(case: PlacedError, want: str, hint: str = "") -> Finding:
    got = case.detail["input"]
    hint = hint or _hint(want, got, case)
    if _is_of_key(case):
        said = must_be(want, show(got, quotes=True))
        message = told("as_a_key", "as a key {said}{hint}", said=said, hint=hint)
        return Finding(case.path, message=message, at_key=True)
    return Finding(case.path, want=want, got=_got(case, got), hint=hint, may_follow=bool(case.rest))


def must_be(want: str, got: str) -> str:
    """`must be more than 0, not -3`; what was got is empty where nothing is written."""
    if not got:
        return told("must_be_written", "must be {want}, but nothing is written", want=want)
    if "," in want:
        return told("must_be_listed", "must be {want}; not {got}", want=want, got=got)
    return told("must_be", "must be {want}, not {got}", want=want, got=got)


def _characters(number: object) -> str:
    return (
        told("character", "character") if str(number) == "1" else told("characters", "characters")
    )


_BOUNDS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "string_too_short": lambda limit: told(
            "want_longer",
            "text of at least {limit} {characters}",
            limit=limit,
            characters=_characters(limit),
        ),
        "string_too_long": lambda limit: told(
            "want_shorter",
            "text of at most {limit} {characters}",
            limit=limit,
            characters=_characters(limit),
        ),
        "string_pattern_mismatch": lambda limit: told(
            "want_pattern", "text of the form {limit}", limit=limit
        ),
        "greater_than": lambda limit: told("want_more", "more than {limit}", limit=limit),
        "greater_than_equal": lambda limit: told("want_least", "at least {limit}", limit=limit),
        "less_than": lambda limit: told("want_less", "less than {limit}", limit=limit),
        "less_than_equal": lambda limit: told("want_most", "at most {limit}", limit=limit),
        "multiple_of": lambda limit: told("want_multiple", "a multiple of {limit}", limit=limit),
    }
)
"""What pydantic's bounds ask for; numbers as they are written in a scenario."""


def _number(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _got(case: PlacedError, value: object) -> str:
    """What was written, as it was written where that is known."""
    if isinstance(value, dict | list | tuple):
        if isinstance(value, list | tuple):
            return told("got_list", "a list")
        return told("got_map", "a map of settings")
    written = case.source.written.get(case.path)
    same = written is not None and _at(case.source.data, case.path) is value
    if same and not isinstance(value, str):
        return shorten(written or "")
    return shorten(show(value, quotes=True))


def _at(data: object, path: KeyPath) -> object:
    for key in path:
        data = child(data, key)
    return data


def _hint(want: str, got: object, case: PlacedError) -> str:
    if isinstance(got, str):
        return _hint_of_text(want, got, case)
    if want == _TEXT and not isinstance(got, dict | list | None):
        return told("hint_quotes", "; put it in quotes")
    if want == _WHOLE and isinstance(got, float) and got.is_integer() and abs(got) < _MOST_EXACT:
        written = case.source.written.get(case.path, "")
        thousands = written.replace(".", "") if _THOUSANDS.fullmatch(written) else ""
        if thousands:
            form = "; write {one}, or {other} if thousands are meant"
            return told("hint_thousands", form, one=Written(int(got)), other=thousands)
        return told("hint_write", "; write {one}", one=Written(int(got)))
    if case.context.get("le") == 1 and isinstance(got, int | float) and 1 < got <= _ALL:
        plain = _PLAIN_NUMBER.fullmatch(case.source.written.get(case.path, ""))
        return did_you_mean_any([f"{got / _ALL:.6g}"]) if plain else ""
    return ""


def _hint_of_text(want: str, got: str, case: PlacedError) -> str:
    if want in (_NUMBER, _WHOLE):
        return _number_meant(got)
    if want == _SWITCH and (meant := switch_meant(got)):
        return did_you_mean_any([meant])
    if want == _A_MAP:
        return _pair_meant(got) or _amount_meant(got, case)
    if want == _A_LIST and str(case.name) in _OF_NAMES and _NAMES.fullmatch(got):
        return told("hint_brackets", "; write [{names}]", names=straight(got))
    return ""


_OF_NAMES = frozenset({"rooms", "roles", "people", "minimum_left_of"})
"""Keys of lists of names."""
_WEEKDAYS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
_NAMES = re.compile(r"[^\W\d][\w ]*(?:, *[^\W\d][\w ]*)*")
_PAIR = re.compile(r"([^\W\d]\w*)\s*[:=]\s*(\S.*)", re.DOTALL)
_AMOUNT = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<word>[^\W\d]\w*)")


def _pair_meant(got: str) -> str:
    """A text in place of settings that has a key and a value in it."""
    found = _PAIR.fullmatch(got)
    if found is None:
        return ""
    if ":" in got:
        return _space_after(found[1], found[2])
    form = "; write a colon and a space: `{key}: {value}`"
    return told("hint_colon", form, key=found[1], value=found[2])


def _space_after(key: str, value: str) -> str:
    form = "; put a space after the colon: `{key}: {value}`"
    return told("hint_space", form, key=key, value=value)


def _amount_meant(got: str, case: PlacedError) -> str:
    """A text in place of settings that is a number of what one of them counts: `4 weeks`."""
    found = _AMOUNT.fullmatch(in_plain_signs(got))
    if found is None:
        return ""
    word = found["word"]
    keys = known_keys(case.model, case.source.data, case.path) or ()
    meant = [word, f"{word}s", *keys_meant(word)]
    key = next((key for key in meant if key in keys), closest(word, keys))
    pair = f"{{{key}: {found['number']}}}"
    return told("hint_write_code", "; write `{one}`", one=pair) if key else ""


def _number_meant(got: str) -> str:
    """What a text in place of a number is likely to be."""
    if _PLAIN_NUMBER.fullmatch(straight(got)):
        return told("hint_no_quotes", "; write it without quotes: {one}", one=straight(got))
    if ends := range_meant(got):
        low, high = ends
        form = "; write one number, and the range beside it: `# assumption ({low}-{high})`"
        return told("hint_range", form, low=Written(low), high=Written(high))
    return did_you_mean_any(numbers_meant(got))


def _missing(case: PlacedError) -> Finding:
    if isinstance(case.name, int):
        return Finding(case.path, message=_too_few(case.name + 1))
    message = told("is_required_top", "is required; add it at the top level")
    if case.path:
        where = path_text(case.path)
        message = told("is_required", "is required; add it under `{where}`", where=where)
    return Finding((*case.path, case.name), message=message)


def _too_few(least: int) -> str:
    return told("items_least", "must have at least {least} items", least=least)


def _extra(case: PlacedError) -> Finding:
    key = str(case.name)
    # An unknown key of a shorthand that a validator expanded is not itself in the data.
    in_data = bool(case.path) and not case.rest
    parent = case.path[:-1] if in_data else case.path
    known = known_keys(case.model, case.source.data, parent) or ()
    written = _at(case.source.data, parent)
    free = [word for word in known if not isinstance(written, Mapping) or word not in written]
    translated = [word for word in keys_meant(key) if word in free]
    meant = closest(key, free) or closest(key.partition(":")[0], free) or ""
    meant = translated[0] if translated and in_plain_signs(meant) != in_plain_signs(key) else meant
    # A key that is written already may still be the one that was meant, with `--set` above all.
    advice = _advice(case, key, meant or closest(key, known) or "")
    return Finding(
        case.path if in_data else (*parent, key),
        message=told(
            "unknown_key", "is not a known key{advice}{known}", advice=advice, known=_listed(known)
        ),
        at_key=True,
        meant=meant,
    )


def _listed(known: tuple[str, ...]) -> str:
    return told("known_keys", " (known: {keys})", keys=", ".join(known)) if known else ""


def _advice(case: PlacedError, key: str, meant: str) -> str:
    """What to do with an unknown key: put a space after a colon, rename it, move it."""
    if meant:
        return _renamed(key, meant)
    if parted := _parted_number(case, key):
        form = "; a comma ends a value within braces: write `{parted}`"
        return told("hint_comma", form, parted=parted)
    if ":" in key and hours_meant(key):
        form = "; hours with a comma in them need quotes within braces: '…, {hours}'"
        return told("hint_hours_comma", form, hours=straight(key))
    elsewhere = homes(case.model, key, case.path[:-1])
    if not elsewhere:
        return ""
    there = Listed.of((Written(f"`{home}`") for home in elsewhere), "or")
    return told("belongs_under", "; it belongs under {there}", there=there)


def _renamed(key: str, meant: str) -> str:
    word, colon, value = key.partition(":")
    if not colon or word != meant:
        return told("did_you_mean_key", "; did you mean `{near}`?", near=meant)
    if value:
        return _space_after(word, value)
    return told("hint_colon_too_many", "; it has a colon too many: `{key}: …`", key=word)


def _parted_number(case: PlacedError, key: str) -> str:
    """The setting whose decimals are this key: `shape: 1.2` of `{shape: 1,2}`."""
    parent = case.path[:-1] if case.path and str(case.path[-1]) == key else case.path
    held = _at(case.source.data, parent)
    keys = [str(one) for one in held] if isinstance(held, Mapping) else []
    if not re.fullmatch(r"\d+|-", key) or key not in keys[1:]:
        return ""
    before = keys[keys.index(key) - 1]
    value = case.source.written.get((*parent, before), "")
    digits = value.replace(".", "") if _THOUSANDS.fullmatch(value) else value  # 1.255,50
    if not digits.isdecimal():
        return ""
    return f"{before}: {digits}.{key}" if key != "-" else f"{before}: {digits}"


def _one_of(case: PlacedError) -> Finding:
    words = _words(case.context["expected"])
    got = case.detail["input"]
    hint = did_you_mean(got, words) if isinstance(got, str) else ""
    if isinstance(got, str) and set(words) == _WEEKDAYS and (days := days_meant(got)):
        several = [day for part in each_day_meant(got) or (days,) for day in weekdays_in(part)]
        hint = did_you_mean_any([f"`{days}`"])
        if len(several) > 1:
            form = "; write a line for each weekday: {days}"
            hint = told("hint_weekdays", form, days=", ".join(several))
    return _wanted(case, _choice(words), hint)


def _words(expected: str) -> list[str]:
    """The words in pydantic's `'finish', 'stop' or 'hand over'`."""
    found = [single or double for single, double in _QUOTED.findall(expected)]
    return found or re.split(r", | or ", expected)


def _choice(words: list[str]) -> str:
    if len(words) == 1:
        return Written(words[0])
    return told("want_one_of", "one of {words}", words=", ".join(words))


def _unknown_kind(case: PlacedError) -> Finding:
    discriminator = case.context["discriminator"].strip("'")
    words, tag = _words(case.context["expected_tags"]), str(case.context["tag"])
    path = (*case.path, discriminator)
    detail: ErrorDetails = {**case.detail, "input": _at(case.source.data, path)}
    at_tag = replace(case, detail=detail, path=path)
    return _wanted(at_tag, _choice(words), did_you_mean(tag, words))


def _no_kind(case: PlacedError) -> Finding:
    discriminator = case.context["discriminator"].strip("'")
    words = known_tags(case.model, case.source.data, case.path, discriminator)
    written = _at(case.source.data, case.path)
    keys = [key for key in written if isinstance(key, str)] if isinstance(written, Mapping) else []
    near = closest(discriminator, keys)
    near = near or next((key for key in keys if discriminator in keys_meant(key)), None)
    parts: list[str] = [told("is_required_word", "is required")]
    if words:
        parts.append(told("want_one_of", "one of {words}", words=", ".join(map(str, words))))
    if near is not None:
        parts.append(told("meant_by", "did you mean it by `{near}`?", near=near))
    return Finding((*case.path, discriminator), message=Listed.of(parts, "semicolon"))


def _count(case: PlacedError) -> Finding:
    least, most = case.context.get("min_length"), case.context.get("max_length")
    actual = case.context["actual_length"]
    held = case.detail["input"]
    if actual is None and isinstance(held, dict | list | tuple):  # pydantic stops counting
        actual = len(held)
    number = least if least is not None else most
    noun = _entries(is_one=number == 1, is_map=case.context["field_type"] == "Dictionary")
    parts = {"number": Written(number), "entries": noun, "actual": Written(actual)}
    if least is not None:
        message = told(
            "count_least", "must have at least {number} {entries}, not {actual}", **parts
        )
    else:
        message = told("count_most", "must have at most {number} {entries}, not {actual}", **parts)
    return Finding(case.path, message=message, may_follow=least is not None)


def _entries(*, is_one: bool, is_map: bool) -> str:
    if is_map:
        return told("an_entry", "entry") if is_one else told("entries", "entries")
    return told("an_item", "item") if is_one else told("items", "items")


_SPECIAL: Mapping[str, Callable[[PlacedError], Finding]] = MappingProxyType(
    {
        "missing": _missing,
        "extra_forbidden": _extra,
        "invalid_key": _extra,
        "literal_error": _one_of,
        "enum": _one_of,
        "union_tag_invalid": _unknown_kind,
        "union_tag_not_found": _no_kind,
        "too_short": _count,
        "too_long": _count,
    }
)
