"""What pydantic says of a scenario, put as problems: placed, in plain words, each once."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError
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
    KIND,
    MOST_TOLD,
    FaultsWithinError,
    Key,
    KeyPath,
    Problem,
    ScenarioError,
    Source,
    closest,
    did_you_mean,
    path_text,
    shorten,
    show,
)
from sim.scenario.errors.told import Told, told

_A_MAP = "settings, as `key: value` lines"
_A_LIST = "a list"
_NUMBER = told("a_number", "a number")
_WHOLE = told("a_whole_number", "a whole number")
_SWITCH = "true or false"
_DATE = "a date such as 2026-12-24"
_TIME = "a time such as 07:30"
_WANTS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
        **dict.fromkeys(("float_type", "float_parsing", "decimal_type"), _NUMBER),
        "finite_number": "an ordinary number",
        **dict.fromkeys(("bool_type", "bool_parsing"), _SWITCH),
        **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), "text"),
        "string_too_short": "text of at least {min_length} characters",
        "string_too_long": "text of at most {max_length} characters",
        "string_pattern_mismatch": "text of the form {pattern}",
        "multiple_of": "a multiple of {multiple_of}",
        **dict.fromkeys(
            ("model_type", "model_attributes_type", "dict_type", "mapping_type"), _A_MAP
        ),
        **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), _A_LIST),
        **dict.fromkeys(("iterable_type", "recursion_loop"), _A_LIST),
        **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), _DATE),
        **dict.fromkeys(("date_from_datetime_inexact", "datetime_type"), _DATE),
        **dict.fromkeys(("time_type", "time_parsing"), _TIME),
        "none_required": "null",
    }
)
_LIMITS: Mapping[str, Callable[[object], Told]] = MappingProxyType(
    {
        "greater_than": lambda limit: told("more_than", "more than {limit}", limit=limit),
        "greater_than_equal": lambda limit: told("at_least", "at least {limit}", limit=limit),
        "less_than": lambda limit: told("less_than", "less than {limit}", limit=limit),
        "less_than_equal": lambda limit: told("at_most", "at most {limit}", limit=limit),
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
        return Finding(case.path, message=str(failure), at_key=_is_of_key(case))
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(case)
    if kind == "greater_than_equal" and _is_below_nothing(case):
        return _wanted(case, told("more_than", "more than {limit}", limit=0))
    if kind in _LIMITS:
        (limit,) = (_number(one) for one in case.context.values())
        return _wanted(case, _LIMITS[kind](limit))
    if kind in _WANTS:
        want = _WANTS[kind]
        return _wanted(case, want if "{" not in want else _filled_in(want, case.context))
    message = case.detail["msg"].replace("Input should", "must")
    return Finding(case.path, message=message, at_key=_is_of_key(case))


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
        message = f"as a key {must_be(want, show(got, quotes=True))}{hint}"
        return Finding(case.path, message=message, at_key=True)
    return Finding(case.path, want=want, got=_got(case, got), hint=hint, may_follow=bool(case.rest))


def must_be(want: str, got: str) -> str:
    """`must be more than 0, not -3`; what was got is empty where nothing is written."""
    if not got:
        return f"must be {want}, but nothing is written"
    mark = ";" if "," in want else ","
    if not isinstance(want, Told):
        return f"must be {want}{mark} not {got}"
    return told("must_be", "must be {want}{mark} not {got}", want=want, mark=mark, got=got)


def _filled_in(want: str, context: Mapping[str, Any]) -> str:
    return _singular(want.format(**{key: _number(value) for key, value in context.items()}))


def _singular(text: str) -> str:
    for many, one in (("entries", "entry"), ("items", "item"), ("characters", "character")):
        text = re.sub(rf"\b1 {many}", f"1 {one}", text)
    return text


def _number(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _got(case: PlacedError, value: object) -> str:
    """What was written, as it was written where that is known."""
    if isinstance(value, dict | list | tuple):
        return "a list" if isinstance(value, list | tuple) else "a map of settings"
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
    if want == "text" and not isinstance(got, dict | list | None):
        return "; put it in quotes"
    if want == _WHOLE and isinstance(got, float) and got.is_integer() and abs(got) < _MOST_EXACT:
        written = case.source.written.get(case.path, "")
        thousands = written.replace(".", "") if _THOUSANDS.fullmatch(written) else ""
        return f"; write {int(got)}" + f", or {thousands} if thousands are meant" * bool(thousands)
    if case.context.get("le") == 1 and isinstance(got, int | float) and 1 < got <= _ALL:
        plain = _PLAIN_NUMBER.fullmatch(case.source.written.get(case.path, ""))
        return f"; did you mean {got / _ALL:.6g}?" if plain else ""
    return ""


def _hint_of_text(want: str, got: str, case: PlacedError) -> str:
    if want in (_NUMBER, _WHOLE):
        return _number_meant(got)
    if want == _SWITCH and (meant := switch_meant(got)):
        return did_you_mean_any([meant])
    if want == _A_MAP:
        return _pair_meant(got) or _amount_meant(got, case)
    if want == _A_LIST and str(case.name) in _OF_NAMES and _NAMES.fullmatch(got):
        return f"{_IN_BRACKETS}{straight(got)}]"
    return ""


_IN_BRACKETS = "; write ["
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
        return f"; put a space after the colon: `{found[1]}: {found[2]}`"
    return f"; write a colon and a space: `{found[1]}: {found[2]}`"


def _amount_meant(got: str, case: PlacedError) -> str:
    """A text in place of settings that is a number of what one of them counts: `4 weeks`."""
    found = _AMOUNT.fullmatch(in_plain_signs(got))
    if found is None:
        return ""
    word = found["word"]
    keys = known_keys(case.model, case.source.data, case.path) or ()
    meant = [word, f"{word}s", *keys_meant(word)]
    key = next((key for key in meant if key in keys), closest(word, keys))
    return f"; write `{{{key}: {found['number']}}}`" if key else ""


def _number_meant(got: str) -> str:
    """What a text in place of a number is likely to be."""
    if _PLAIN_NUMBER.fullmatch(straight(got)):
        return f"; write it without quotes: {straight(got)}"
    if ends := range_meant(got):
        low, high = ends
        return f"; write one number, and the range beside it: `# assumption ({low}-{high})`"
    return did_you_mean_any(numbers_meant(got))


def _missing(case: PlacedError) -> Finding:
    if isinstance(case.name, int):
        message = f"must have at least {case.name + 1} items"
        return Finding(case.path, message=message)
    under = f"under `{path_text(case.path)}`" if case.path else "at the top level"
    return Finding((*case.path, case.name), message=f"is required; add it {under}")


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
        message=f"is not a known key{advice}{_listed(known)}",
        at_key=True,
        meant=meant,
    )


def _listed(known: tuple[str, ...]) -> str:
    return f" (known: {', '.join(known)})" if known else ""


def _advice(case: PlacedError, key: str, meant: str) -> str:
    """What to do with an unknown key: put a space after a colon, rename it, move it."""
    word, colon, value = key.partition(":")
    if colon and word == meant and not value:
        return f"; it has a colon too many: `{word}: …`"
    if colon and word == meant:
        return f"; put a space after the colon: `{word}: {value}`"
    if meant:
        return f"; did you mean `{meant}`?"
    if parted := _parted_number(case, key):
        return f"; a comma ends a value within braces: write `{parted}`"
    if ":" in key and hours_meant(key):
        return f"; hours with a comma in them need quotes within braces: '…, {straight(key)}'"
    elsewhere = homes(case.model, key, case.path[:-1])
    return f"; it belongs under {' or '.join(f'`{home}`' for home in elsewhere)}" * bool(elsewhere)


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
            hint = f"; write a line for each weekday: {', '.join(several)}"
    return _wanted(case, _choice(words), hint)


def _words(expected: str) -> list[str]:
    """The words in pydantic's `'finish', 'stop' or 'hand over'`."""
    found = [single or double for single, double in _QUOTED.findall(expected)]
    return found or re.split(r", | or ", expected)


def _choice(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"one of {', '.join(words)}"


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
    message = "is required" + (f"; one of {', '.join(map(str, words))}" if words else "")
    if near is not None:
        message += f"; did you mean it by `{near}`?"
    return Finding((*case.path, discriminator), message=message)


def _count(case: PlacedError) -> Finding:
    least, most = case.context.get("min_length"), case.context.get("max_length")
    limit = f"at least {least}" if least is not None else f"at most {most}"
    entries = "entries" if case.context["field_type"] == "Dictionary" else "items"
    actual = case.context["actual_length"]
    held = case.detail["input"]
    if actual is None and isinstance(held, dict | list | tuple):  # pydantic stops counting
        actual = len(held)
    message = f"must have {limit} {entries}, not {actual}"
    return Finding(case.path, message=_singular(message), may_follow=least is not None)


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


# --- all of them --------------------------------------------------------------------------------


Location = tuple[int | str, ...]


def explain(error: ValidationError, source: Source, model: type[BaseModel]) -> list[Problem]:
    """A problem for each setting that pydantic found wrong in the source's data, up to a number.

    Args:
        error: what validating `source.data` with the model raised.
        source: the scenario as it was read.
        model: the model it was validated with.

    Returns:
        At least one problem, in the order of the file.
    """
    details = error.errors(include_url=False)
    findings = [
        finding for detail in details[:MOST_TOLD] for finding in find(_case(detail, source, model))
    ]
    by_path: dict[KeyPath, list[Finding]] = {}
    for finding in _without_echoes(findings):
        by_path.setdefault(finding.path, []).append(finding)
    problems = (
        source.problem(path, _message(found), at_key=any(one.at_key for one in found))
        for path, found in by_path.items()
    )
    beyond = len(details) - MOST_TOLD
    file = source.problem((), "").place
    more = Problem(None, file.file if file else "", f"has {beyond:,} more mistakes of these kinds")
    return list(ScenarioError((*problems, *([more] * (beyond > 0)))).problems)


def _case(detail: ErrorDetails, source: Source, model: type[BaseModel]) -> PlacedError:
    path, rest = _in_data(source.data, detail["loc"])
    return PlacedError(detail, path, rest, source, model)


def _in_data(data: object, location: Location) -> tuple[KeyPath, Location]:
    """The longest path through the data that the location names, and what comes after it.

    Pydantic puts words of its own into a location: the kind of a union's member, `[key]`, the
    name of a validator. Which parts those are only the data can tell.
    """
    if location and location[0] == child(data, KIND):
        location = location[1:]  # the kind, even where a key has the same name
    best: tuple[KeyPath, Location] = ((), location)
    for number, part in enumerate(location):
        key = _key_in(data, part)
        if key is None:
            continue
        path, rest = _in_data(child(data, key), location[number + 1 :])
        if 1 + len(path) > len(best[0]):
            best = ((key, *path), rest)
    return best


def _key_in(data: object, part: int | str) -> Key | None:
    if isinstance(data, list | tuple):
        return part if isinstance(part, int) and part < len(data) else None
    if not isinstance(data, Mapping):
        return None
    if part in data:
        return part
    dates = (key for key in data if isinstance(key, date))
    return next((key for key in dates if repr(key) == part), None)


def _without_echoes(findings: list[Finding]) -> Iterable[Finding]:
    """Leave out what follows from another finding.

    A misspelt key is also missing under its right name. And where a setting has several forms
    (`flat`, or a list), a mistake inside one of them is also a mistake by not being the other;
    and an item with a mistake does not count among the items of a list.
    """
    renamed = {(*finding.path[:-1], finding.meant) for finding in findings if finding.meant}
    inside = {finding.path[:end] for finding in findings for end in range(len(finding.path))}
    for finding in findings:
        if finding.path in renamed or (finding.may_follow and finding.path in inside):
            continue
        yield finding


def _message(findings: list[Finding]) -> str:
    """One message for all that was found at one place."""
    texts = dict.fromkeys(finding.message for finding in findings if finding.message)
    wanted = [finding for finding in findings if finding.want]
    return _joined([*texts, *([_all_wanted(wanted)] if wanted else [])], "; ")


def _all_wanted(findings: list[Finding]) -> str:
    wants = _joined(list(dict.fromkeys(finding.want for finding in findings)), " or ")
    found = [finding.hint for finding in findings]
    if len(found) > 1:  # of several forms, brackets alone do not make it the list
        found = [hint for hint in found if not hint.startswith(_IN_BRACKETS)]
    hints = "".join(dict.fromkeys(found))
    message = must_be(wants, findings[0].got)
    return message + hints if hints else message


def _joined(texts: Sequence[str], joint: str) -> str:
    """Texts in one; a single one as it is, with what it remembers."""
    return texts[0] if len(texts) == 1 else joint.join(texts)
