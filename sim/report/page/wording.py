"""What a scenario says in keys, in a planner's words: settings, how two differ, and targets.

No key, no number of a list and no code stands on a page: `staff.rota.4.count` = 2 is "2 nurses
(evening)", and `unserved <= 5 %` is "at most 5 in 100 leave without a place".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, isnan

from sim.report.page.words import (
    MINUS,
    SHARE,
    Words,
    duration_name,
    in_unit,
    part_name,
    unit_name,
)
from sim.scenario.model.design import Level
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import (
    EVERY_HOUR,
    Operator,
    Target,
    minutes_within,
    parse_target,
    probability_of,
)
from sim.study.estimate.intervals import Estimate

_HUNDRED, _DAY_MINUTES = 100, 1440
_OPERATORS = {
    Operator.AT_MOST: "at_most",
    Operator.BELOW: "below",
    Operator.AT_LEAST: "at_least",
    Operator.ABOVE: "above",
}


# --- settings -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Settings:
    """What is set of a site, in the words of a language."""

    scenario: Scenario
    words: Words
    paths: Mapping[str, tuple[str, ...]]
    """Of each setting's name the paths that it sets; a path by itself is its own."""

    def said(self, name: str, value: Level) -> str:
        """What a setting is, such as `2 nurses (evening)` or `last entry 30 min before closing`."""
        counted = self._counted(name, value)
        if counted is not None:
            return counted
        if name == "opening.last_entry" and _is_number(value):
            return self.words.say("thing.last_entry", minutes=self.words.exact(float(value)))
        return self.words.say("thing.other", what=self._own_name(name), value=_text(value))

    def changed(self, name: str, old: Level, new: Level) -> str:
        """How it differs from another: `+2 smoking places`, else old and new."""
        if _is_number(old) and _is_number(new):
            more = float(new) - float(old)
            counted = self._counted(name, abs(more))
            if counted is not None:
                return f"{'+' if more > 0 else MINUS}{counted}"
        if name == "opening.last_entry" and _is_number(old) and _is_number(new):
            ends = [self.words.exact(float(one)) for one in (old, new)]
            return self.words.say("thing.last_entry_from", old=ends[0], new=ends[1])
        what = self._own_name(name)
        return self.words.say("thing.from", what=what, old=_text(old), new=_text(new))

    def axis(self, name: str) -> str:
        """What the values of a setting are, beside an axis: `smoking places`."""
        what, _ = self._thing(name)
        if what:
            return self.words[f"thing.{what}.axis"]
        match name.split("."):
            case ["rooms", room, "places"]:
                return self.words.say("thing.places.axis", room=self.words.name(room))
            case ["staff", "rota", line, "count"]:
                return self._shift(int(line), None)
            case ["opening", "last_entry"]:
                return self.words["thing.last_entry_axis"]
            case _:
                pass
        return self._own_name(name)

    def is_count(self, name: str) -> bool:
        """Whether it is a number of places or people."""
        return self._counted(name, 1) is not None

    def is_staff(self, name: str) -> bool:
        """Whether it is a number of people."""
        return name.startswith("staff.")

    def _thing(self, name: str) -> tuple[str, str]:
        match name.split("."):
            case ["rooms", room, "places"] if f"thing.{room}.one" in self.words.texts:
                return room, room
            case ["aftercare", "seats"]:
                return "seats", ""
            case ["check_in", "desks"]:
                return "desks", ""
            case _:
                return "", ""

    def _counted(self, name: str, value: Level) -> str | None:
        if not _is_number(value) or float(value) != int(value):
            return None
        number = int(value)
        what, _ = self._thing(name)
        if what:
            return self.words.count(f"thing.{what}", number)
        match name.split("."):
            case ["rooms", room, "places"]:
                text = self.words.count("thing.places", number)
                return text.replace("{room}", self.words.name(room))
            case ["staff", "rota", line, "count"] if self.scenario.staff is not None:
                return self._shift(int(line), number)
            case _:
                return None

    def _shift(self, line: int, number: int | None) -> str:
        """So many people of a line of the rota, or only who they are."""
        staff = self.scenario.staff
        if staff is None or line >= len(staff.rota):
            return self._own_name(f"staff.rota.{line}.count")
        shift = staff.rota[line]
        people = people_of(shift.role, 2 if number is None else number, self.words)
        if number is None:
            people = people.partition(" ")[2]
        hours = self.words.between(
            *(self.words.clock(one % _DAY_MINUTES) for one in (shift.start, shift.end))
        )
        return f"{people} ({self.words.name(shift.name) if shift.name else hours})"

    def _own_name(self, name: str) -> str:
        """A name that the planner gave, or the last words of a path."""
        if name not in self.paths.get(name, (name,)) or " " in name:
            return name
        keys = [one for one in name.split(".") if not one.isdigit()]
        return ", ".join(self.words.name(one) for one in keys)


def people_of(role: str, number: int, words: Words) -> str:
    """`1 nurse`, `2 nurses`; of a role that is the planner's own its name after the number."""
    if f"thing.{role}.one" in words.texts:
        return words.count(f"thing.{role}", number)
    return f"{words.number(number, 0)} {words.name(role)}"


def _is_number(value: Level) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Level) -> str:
    return str(value)


# --- targets --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class TargetWords:
    """A target in words."""

    text: str
    """As a planner wrote it."""
    says: str
    """Such as `at most 5 in 100 leave without a place`."""
    measure: str
    """What its figure counts, such as `leave without a place, in 100`."""
    unit: str
    """Of the figure that is observed."""

    def figure(self, known: Estimate, words: Words) -> tuple[str, str]:
        """The figure, and its range; all and none in words."""
        if isnan(known.value):
            return words["size.nothing"], ""
        if self.unit != SHARE:
            return in_unit(words, words.brief(known.value), self.unit), words.brief_range(known)
        if known.value >= 1 and not isnan(known.low):
            low = words.number(floor(_HUNDRED * known.low), 0)
            return words["size.all"], words.say("size.at_least", number=low)
        if known.value <= 0 and not isnan(known.high):
            high = words.number(ceil(_HUNDRED * known.high), 0)
            return words["size.none"], words.say("size.at_most", number=high)
        number = words.brief(_HUNDRED * known.value)
        return words.say("decide.in_100", number=number), words.brief_range(known, _HUNDRED)


def target_words(text: str, unit: str, words: Words, currency: str = "") -> TargetWords:
    """A target in words; one that a later version would read otherwise as it was written.

    Args:
        text: as it was written, such as `unserved <= 5 %`.
        unit: of the figure that is observed.
        words: the language.
        currency: of costs.
    """
    try:
        target = parse_target(text)
    except ValueError:
        return TargetWords(text, text, text, unit)
    says, measure = _usual(target, words) or _named(target, words, currency, unit)
    beside = "" if target.by == "all" else f" ({part_name(words, target.by)})"
    if target.hour is not None:
        when = words["target.every_hour"] if target.hour == EVERY_HOUR else words["size.one_hour"]
        beside += f", {when}"
    return TargetWords(text, says + beside, measure + beside, unit)


def _usual(target: Target, words: Words) -> tuple[str, str] | None:
    """The targets that nearly everybody has."""
    metric, statistic = target.figure
    limit = target.limit.number
    share, minutes = probability_of(statistic), minutes_within(statistic)
    is_upper = target.operator.is_upper
    if metric == "unserved" and statistic in {"", "share"} and is_upper:
        return (
            words.say("size.leave_most", number=words.exact(limit * _per_cent(target))),
            words["size.leave"],
        )
    if share is not None and is_upper:
        minutes = limit
    elif minutes is not None and not is_upper:
        share = limit * _per_cent(target) / _HUNDRED
    else:
        return None
    known = {"wait": "wait", "response_first": "met", "response_team": "team"}.get(metric)
    if known is None:
        return None
    of = Fraction(share).limit_denominator(_HUNDRED)
    values = {
        "number": words.number(of.numerator, 0),
        "of": words.number(of.denominator, 0),
        "minutes": words.exact(minutes),
    }
    return words.say(f"size.{known}_least", **values), words.say(f"size.{known}", **values)


def _per_cent(target: Target) -> float:
    return 1.0 if target.limit.unit == "%" else float(_HUNDRED)


def _named(target: Target, words: Words, currency: str, unit: str) -> tuple[str, str]:
    metric, statistic = target.figure
    known = words.texts.get(f"headline.{metric}.{statistic}")
    if target.hour is not None:
        known = words.texts.get(f"hourly.{metric}") or known
    name = known or duration_name(words, metric, statistic) or words.name(metric)
    number = words.exact(target.limit.number)
    if metric == "cost":
        number = words.money(target.limit.number, currency)
    elif target.limit.unit == "%":
        number = words.percent(number)
    elif target.limit.unit:
        number = in_unit(words, number, target.limit.unit)
    limit = words.say(f"operator.{_OPERATORS[target.operator]}", limit=number)
    counted = words["size.in_100"] if unit == SHARE else unit_name(words, unit)
    return f"{name}: {limit}", f"{name}, {counted}" if counted else name
