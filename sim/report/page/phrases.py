"""Settings of a scenario, and changes to them, in words: `8 flexible places instead of 6`.

What is changed often has a sentence of its own (`change.…` in the languages, and `setting.…` for
its name alone); of all else the words for its key (`field.…`) and its value are put together. No
key, no list index and no code is left over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from sim.report.page.settings import (
    CLOCK,
    HOLDERS,
    LONGEST,
    MINUTES,
    PATTERNS,
    SHARES,
    SILENT,
    USUAL,
    WHOLE,
    Changed,
    Steps,
    as_number,
    fits,
    path_of,
)
from sim.report.page.words import Words, heading
from sim.scenario.city.model import City
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift
from sim.scenario.text.addresses import AddressError, find_item, item_of
from sim.scenario.text.read import FACILITIES
from sim.scenario.uncertainty.comments import AND


@dataclass(frozen=True)
class Phrases:
    """The phrase book of one scenario in one language."""

    scenario: Scenario | None
    """The one that is changed; None where it cannot be read any more."""
    words: Words

    def path(self, text: str) -> Steps:
        """A path as it was written, a line that is called by its name by its number."""
        steps = path_of(text)
        if inner := self._within(steps):
            there, rest = inner
            return (*steps[:2], *there.path(".".join(rest)))
        if self.scenario is None or steps[:2] != ("staff", "rota") or steps[2:3] == ():
            return steps
        staff = self.scenario.staff
        if staff is None or steps[2].isdigit():
            return steps
        lines = [item_of(one.model_dump(mode="json", by_alias=True)) for one in staff.rota]
        try:
            number, used = find_item(lines, steps[2:])
        except AddressError:
            return steps
        return (*steps[:2], str(number), *steps[2 + used :])

    # --- changes ----------------------------------------------------------------------------------

    def changes(self, found: Sequence[Changed]) -> list[str]:
        """Each change in words; those of one shift's lines that are alike are told once."""
        texts: list[str] = []
        if any(self._within(one.path) for one in found):
            # Of a city: what is changed at one facility is told together.
            for where, some in groupby(found, key=lambda one: _where(one.path)):
                group = list(some)
                if not where or not self._within(group[0].path):
                    texts += [self.change(one) for one in group]
                    continue
                inner = [Changed(one.path[2:], one.old, one.new) for one in group]
                said = self._of(where[1]).changes(inner)
                texts += [self._said_at(group[0].path, text) for text in said]
            return texts
        others = [one for one in found if one.path[:2] != ("staff", "rota")]
        if any(one.path[3:] in {("name",), ("role",)} for one in found if one not in others):
            # Lines that are other lines cannot be told one by one.
            texts, found = [self.words["change.rota"]], others
        whole = {
            key
            for key, group in self._by_shift(found).items()
            if self._is_whole_shift(key[0], len(group))
        }
        for one in self._first_of_shifts(found):
            text = self.change(one)
            if self._pattern(one.path)[0] in {"from", "to"} and one.new is not None:
                key = (self._shift_name(one.path[2]), one.path[3], str(one.new))
                if key not in whole:
                    text = self.words.say(
                        f"change.{one.path[3]}_of",
                        of_shift=self._of_shift(one.path[2]),
                        new=self._clock(str(one.new)),
                    )
            if text not in texts:
                texts.append(text)
        return texts

    def is_usual(self, one: Changed) -> bool:
        """Whether a change is one of those that have a sentence of their own."""
        return bool(self._special(one) or self._pattern(one.path)[0])

    def change(self, one: Changed) -> str:
        """One change: `8 flexible places instead of 6`; of a city, at which facility."""
        if one.path[:1] == (FACILITIES,) and len(one.path) > 1:
            return self._at_facility(one)
        if one.path[:1] and one.path[0] in WHOLE:
            return self.words[f"change.{one.path[0]}"]
        special = self._special(one)
        if special:
            return special
        key, kind, names = self._pattern(one.path)
        if key and not isinstance(one.new, dict | list) and not isinstance(one.old, dict | list):
            return self._patterned(key, kind, names, one)
        return self._plain(one)

    def _at_facility(self, one: Changed) -> str:
        """A change at a facility of a city, or that there is one more or one less."""
        _, name, *rest = one.path
        if not rest:
            key = "city.without" if one.new is None else "city.with"
            return self.words.say(key, name=self.words.facility_within(name))
        text = self._of(name).change(Changed(tuple(rest), one.old, one.new))
        return self._said_at(one.path, text)

    def _within(self, path: Steps) -> "tuple[Phrases, Steps] | None":
        """The phrases of the facility that a path leads into, and the path from there."""
        if path[:1] != (FACILITIES,) or not path[2:]:
            return None
        return self._of(path[1]), path[2:]

    def _said_at(self, path: Steps, text: str) -> str:
        """What is said of a setting of a facility, and where."""
        names = self.words.listed([self.words.facility_within(one) for one in path[1].split(AND)])
        return self.words.say("city.at", name=heading(names), text=text)

    def _of(self, name: str) -> "Phrases":
        """The phrases of a facility, or of the first of several that share a value."""
        city, first = self.scenario, name.partition(AND)[0]
        facility = city.open_facilities.get(first) if isinstance(city, City) else None
        return Phrases(facility, self.words)

    def between(self, path: Steps, value: object, ends: Sequence[object]) -> str:
        """A setting at the ends of its range: `people who smoke stay 14 or 32 instead of 23 min`.

        Args:
            path: of the setting.
            value: as it is.
            ends: of the range, those that differ from it.
        """
        if inner := self._within(path):
            there, rest = inner
            return self._said_at(path, there.between(rest, value, ends))
        key, kind, names = self._pattern(path)
        kind = kind or self._kind(path)
        texts = [self._number(one, kind) for one in ends]
        new = (
            texts[0]
            if len(texts) == 1
            else self.words.say("change.or", one=texts[0], other=texts[-1])
        )
        old = self._with_unit(value, kind)
        if key == "count":
            texts = [self.staff(self._role_key(path[2]), int(as_number(one) or 0)) for one in ends]
            new = (
                texts[0]
                if len(texts) == 1
                else self.words.say("change.or", one=texts[0], other=texts[-1])
            )
            return self._count(path[2], new, old)
        if key:
            places = self._places(path, None) if key == "places" else ""
            return self.words.say(f"change.{key}", new=new, old=old, places=places, **names)
        return self.words.say("change.plain", name=self.name(path), new=new, old=old)

    def _patterned(self, key: str, kind: str, names: Mapping[str, str], one: Changed) -> str:
        if one.old is None or one.new is None:
            old, new = (self._with_unit(value, kind) for value in (one.old, one.new))
        else:
            old, new = self._with_unit(one.old, kind), self._number(one.new, kind)
        places = self._places(one.path, one.new) if key == "places" else ""
        return self.words.say(f"change.{key}", new=new, old=old, places=places, **names)

    def _places(self, path: Steps, number: object) -> str:
        """What so many places of a room are called."""
        plural = "other"
        if isinstance(number, int | float):
            plural = "one" if self.words.locale.plural_form(number) == "one" else "other"
        known = f"places_of.{path[1]}.{plural}"
        if known in self.words.texts:
            return self.words[known]
        return self.words.say(f"places_of.own.{plural}", room=self.words.name(path[1]))

    def _plain(self, one: Changed) -> str:
        name = self.name(one.path)
        if one.old is not None and one.new is None:
            return self.words.say("change.gone", name=name)
        kind = self._kind(one.path)
        old, new = (self.value(value, kind) for value in (one.old, one.new))
        if one.old is None:
            return self.words.say("change.set", name=name, new=new)
        if not old or not new or old == new:
            return self.words.say("change.other", name=name)
        return self.words.say("change.plain", name=name, new=new, old=old)

    def _special(self, one: Changed) -> str:
        """Opening hours, the shape of a day, and whole shifts."""
        words, path = self.words, one.path
        if path == ("opening", "hours"):
            return self._other_hours(one)
        if self._pattern(path)[0] == "count" and one.old and one.new:
            staff = self.staff(self._role_key(path[2]), int(one.new))
            return self._count(path[2], staff, words.number(float(one.old), 0))
        if path == ("demand", "profile"):
            return words["change.flat" if one.new == "flat" else "change.profile"]
        if path[:-1] == ("staff", "rota") and not (one.old and one.new):
            line = one.new or one.old
            if isinstance(line, dict):
                return self._shift("change.shift_more" if one.new else "change.shift_less", line)
        return ""

    def _other_hours(self, one: Changed) -> str:
        words = self.words
        old, new = (self._hours(value) for value in (one.old, one.new))
        if not old or not new:
            return words["change.other_hours"]
        before, _, until = old.partition("–")
        start, _, end = new.partition("–")
        if until and end and before == start:
            return words.say("change.hours_until", old=until, new=end)
        if end and until == end:
            return words.say("change.hours_from", old=before, new=start)
        return words.say("change.hours", old=old, new=new)

    def _count(self, number: str, staff: str, old: str) -> str:
        shift = self._which_shift(number)
        key = "change.count" if shift else "change.count_of_all"
        return self.words.say(key, shift=shift, staff=staff, old=old)

    def _shift(self, key: str, line: Mapping[str, Any]) -> str:
        number, role = int(line.get("count", 1)), str(line["role"])
        hours = f"{self._clock(str(line['from']))}–{self._clock(str(line['to']))}"
        return self.words.say(key, staff=self.staff(role, number), hours=hours)

    def _by_shift(self, found: Sequence[Changed]) -> dict[tuple[str, str, str], list[Changed]]:
        """Other beginnings and ends, by the shift's name, which of the two, and the new time."""
        times: dict[tuple[str, str, str], list[Changed]] = {}
        for one in found:
            if self._pattern(one.path)[0] in {"from", "to"}:
                key = (self._shift_name(one.path[2]), one.path[3], str(one.new))
                times.setdefault(key, []).append(one)
        return times

    def _first_of_shifts(self, found: Sequence[Changed]) -> list[Changed]:
        """The same, of several lines of a shift with the same new time only one, for all of it."""
        times = self._by_shift(found)
        whole = {key for key, group in times.items() if self._is_whole_shift(key[0], len(group))}
        twice = {id(one) for key in whole for one in times[key][1:]}
        return [one for one in found if id(one) not in twice]

    def _is_whole_shift(self, name: str, number: int) -> bool:
        """Whether so many lines are all that a shift has."""
        staff = self.scenario.staff if self.scenario else None
        lines = [] if staff is None else [one for one in staff.rota if one.name]
        return number == sum(self.words.name(one.name) == name for one in lines)

    # --- names and values -------------------------------------------------------------------------

    def name(self, path: Steps) -> str:
        """What a setting is called: `flexible places`, `last entry before closing`."""
        if inner := self._within(path):
            there, rest = inner
            return self._said_at(path, there.name(rest))
        if path[:1] and path[0] in WHOLE:
            return self.words[f"field.{path[0]}"]
        key, _, names = self._pattern(path)
        if key:
            places = self._places(path, None) if key == "places" else ""
            text = self.words.say(f"setting.{key}", places=places, **names)
            return text.replace(",,", ",").rstrip(",")
        parts: list[str] = []
        for number, step in enumerate(path):
            above = path[number - 1] if number else ""
            if above in HOLDERS and above not in {"groups", "dates"}:
                parts.append(self._named(above, step, path[:number]).rstrip(","))
            elif not (
                step.isdigit()
                or step in SILENT
                or step in USUAL
                or (step in HOLDERS and path[number + 1 :])
            ):
                parts.append(self.words.texts.get(f"field.{step}", self.words.name(step)))
        if not parts:
            return self.words.texts.get(f"field.{path[-1]}", self.words["field.value"])
        return ", ".join(dict.fromkeys(parts))

    def axis(self, path: Steps) -> str:
        """What a setting is called beside values without their unit."""
        if inner := self._within(path):
            there, rest = inner
            return self._said_at(path, there.axis(rest))
        kind = self._pattern(path)[1] or self._kind(path)
        key = f"setting.unit_{kind}"
        if key not in self.words.texts:
            return self.name(path)
        currency = self.scenario.currency if self.scenario else ""
        return self.words.say(key, name=self.name(path), currency=currency)

    def setting(self, path: Steps, value: object) -> str:
        """A setting with its value, as of a design: `6 injecting places`."""
        if inner := self._within(path):
            there, rest = inner
            return self._said_at(path, there.setting(rest, value))
        key, kind, names = self._pattern(path)
        if key == "count":
            staff = self.staff(self._role_key(path[2]), int(as_number(value) or 0))
            known = self._which_shift(path[2])
            which = "design.count" if known else "design.count_of_all"
            return self.words.say(which, shift=known, staff=staff)
        if f"design.{key}" in self.words.texts:
            places = self._places(path, value) if key == "places" else ""
            shown = self._with_unit(value, kind)
            return self.words.say(f"design.{key}", value=shown, places=places, **names)
        shown = self.value(value, kind or self._kind(path))
        return self.words.say("design.plain", name=self.name(path), value=shown)

    def value(self, value: object, kind: str = "") -> str:
        """A value in words; empty where it is too much for them."""
        words = self.words
        if isinstance(value, bool) or value is None:
            return words["choice.none" if value is None else "choice.yes" if value else "choice.no"]
        if isinstance(value, str) and f"choice.{value}" in words.texts:
            return words[f"choice.{value}"]
        if as_number(value) is not None:
            return self._with_unit(value, kind)
        return self._text(value) if isinstance(value, str) else self._several(value, kind)

    def _several(self, value: object, kind: str) -> str:
        """A short list, or the middle of a duration."""
        if isinstance(value, list) and 0 < len(value) <= LONGEST:
            texts = [self.value(one, kind) for one in value]
            return self.words.listed(texts) if all(texts) else ""
        if isinstance(value, Mapping):
            usual = next((value[one] for one in USUAL if one in value), None)
            return "" if usual is None else self._with_unit(usual, "min")
        return ""

    def number(self, path: Steps, value: object) -> str:
        """A value alone, without its unit: beside an axis that names it."""
        if inner := self._within(path):
            there, rest = inner
            return there.number(rest, value)
        _, kind, _ = self._pattern(path)
        return self._number(value, kind or self._kind(path))

    def kind(self, path: Steps) -> str:
        """What a setting's values are: `min`, `share`, `money`, `number` and so on."""
        if inner := self._within(path):
            there, rest = inner
            return there.kind(rest)
        return self._pattern(path)[1] or self._kind(path)

    def staff(self, role: str, number: int) -> str:
        """So many of a role: `2 nurses`."""
        many = self.words.number(number, 0)
        plural = self.words.texts.get(f"roles.{role}")
        if plural is None and number != 1:
            return f"{many} × {self.words.name(role)}"
        return f"{many} {self.words.name(role) if number == 1 else plural}"

    # --- within -----------------------------------------------------------------------------------

    def _pattern(self, path: Steps) -> tuple[str, str, dict[str, str]]:
        """The sentence that a path has, what its value is, and the names in it."""
        for text, key, kind in PATTERNS:
            pattern = text.split(".")
            if fits(path, pattern):
                return key, kind, self._names(path)
        return "", "", {}

    def _names(self, path: Steps) -> dict[str, str]:
        words, texts = self.words, {"currency": self.scenario.currency if self.scenario else ""}
        for number, (above, step) in enumerate(pairwise(path), start=1):
            if above in HOLDERS:
                texts[above] = self._named(above, step, path[:number])
        if path[0] == "rooms" or path[:2] == ("costs", "place"):
            texts["room"] = words.name(path[1] if path[0] == "rooms" else path[2])
        if path[0] in {"services", "stay_tasks"}:
            texts["what"] = words.name(path[1])
        if path[:2] == ("staff", "rota"):
            texts["role"] = self._role(path[2])
            texts["shift"] = self._shift_name(path[2]) or texts["role"]
            texts["of_shift"] = self._of_shift(path[2])
        return texts

    def _named(self, above: str, step: str, before: Steps) -> str:
        """What a planner's own name, or the number of something in a list, is called."""
        words = self.words
        if above == "visits" and before == ("visits",):
            return words.texts.get(f"who.{step}", words.say("who.kind", name=words.name(step)))
        if above == "rota":
            name = self._shift_name(step)
            return f"{name}, {self._role(step)}" if name else self._role(step)
        if above == "special_days" and self.scenario and step.isdigit():
            days = self.scenario.demand.special_days
            if int(step) < len(days) and days[int(step)].name:
                return words.name(days[int(step)].name)
        if above == "weekday":
            names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            return words.weekdays()[names.index(step)] if step in names else step
        if step.isdigit():
            return words.say("change.number", what=words[f"field.{above}"], number=int(step) + 1)
        return words.name(step)

    def _line(self, number: str) -> Shift | None:
        staff = self.scenario.staff if self.scenario else None
        if staff is None or not number.isdigit() or int(number) >= len(staff.rota):
            return None
        return staff.rota[int(number)]

    def _role_key(self, number: str) -> str:
        line = self._line(number)
        return line.role if line else "staff"

    def _role(self, number: str) -> str:
        line = self._line(number)
        return self.words.name(line.role) if line else self.words["field.staff"]

    def _shift_name(self, number: str) -> str:
        line = self._line(number)
        return self.words.name(line.name) if line and line.name else ""

    def _which_shift(self, number: str) -> str:
        """Its name; of one without a name that is not the only one of its role, its hours."""
        line, name = self._line(number), self._shift_name(number)
        staff = self.scenario.staff if self.scenario else None
        if name or line is None or staff is None:
            return name
        if sum(one.role == line.role for one in staff.rota) == 1:
            return ""
        start, end = self.words.clock(line.start), self.words.clock(line.end % DAY or DAY)
        return self.words.between(start, end)

    def _of_shift(self, number: str) -> str:
        """Who, and in which shift: `nurses in the evening` has no words for own names."""
        line = self._line(number)
        if line is None:
            return self.words["field.staff"]
        role = self.words.texts.get(f"roles.{line.role}", self.words.name(line.role))
        return f"{role}, {self.words.name(line.name)}" if line.name else role

    def _kind(self, path: Steps) -> str:
        last = path[-1] if path else ""
        if last in SHARES:
            return "share"
        return "min" if last in MINUTES else "number"

    def _number(self, value: object, kind: str) -> str:
        if isinstance(value, str) and kind == "clock":
            return self._clock(value)
        number = as_number(value)
        if number is None:
            return self.value(value)
        return self.words.exact(100 * number if kind == "share" else number)

    def _with_unit(self, value: object, kind: str) -> str:
        if value is None:
            return self.words["choice.none"]
        text = self._number(value, kind)
        if as_number(value) is None:
            return text
        currency = self.scenario.currency if self.scenario else ""
        units = {"min": "change.min", "share": "change.in_100", "times": "change.times"}
        if kind in units:
            return self.words.say(units[kind], number=text)
        return f"{text} {currency}".strip() if kind == "money" else text

    def _text(self, value: str) -> str:
        """A name, or a time of the day."""
        hours = self._hours(value)
        return hours or (self._clock(value) if CLOCK.fullmatch(value) else self.words.name(value))

    def _hours(self, value: object) -> str:
        """Hours that are the same every day; empty where they are not."""
        if not isinstance(value, str) or value.count("-") != 1:
            return self.words["choice.24/7"] if value == "24/7" else ""
        ends = [part.strip() for part in value.split("-")]
        if not all(CLOCK.fullmatch(one) for one in ends):
            return ""
        return f"{self._clock(ends[0])}–{self._clock(ends[1])}"

    def _clock(self, text: str) -> str:
        """A time of day without a zero before it: `7:30`."""
        found = CLOCK.fullmatch(text)
        if found is None:
            return text
        return self.words.clock(60 * int(found[1]) + int(found[2])).removeprefix("0")


def _where(path: Steps) -> Steps:
    """The facility that a setting is of, and whether it is within it; empty of a city's own."""
    return (*path[:2], str(bool(path[2:]))) if path[:1] == (FACILITIES,) else ()


def headed(texts: Sequence[str]) -> str:
    """Changes as a heading, the first letter large."""
    return heading("; ".join(texts))
