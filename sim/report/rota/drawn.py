"""A rota as it is drawn: a bar a person, breaks as gaps, who is there against who is needed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.report.charts.rota import PersonBar, RoleDay, RotaDay, rota_picture
from sim.report.page.document import Picture
from sim.report.page.wording import people_of
from sim.report.page.words import Words, heading
from sim.rota.check.rules import least_present, staff_of
from sim.scenario.derived.roster import breaks_taken, open_then, period_of, rostered, staff_present
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift

Needed = Mapping[str, Sequence[int]]
"""Of each role so many people in each of the 168 hours."""
MANY = 2
"""People of a role of whom one speaks in the plural."""
DAYS_A_WEEK, HOURS_A_WEEK = 7, 168


def needed_of(table: pd.DataFrame | None) -> dict[str, list[int]]:
    """People needed by role and hour, of the first column that says it; only whole roles."""
    if table is None:
        return {}
    column = next(one for one in ("needed", "simulated", "formula") if one in table)
    found = {}
    for role, rows in table.groupby("role", sort=False):
        hours = rows.sort_values("hour_of_week")[column]
        if role and len(hours) == HOURS_A_WEEK and hours.notna().all():
            found[str(role)] = [int(one) for one in hours]
    return found


@dataclass(frozen=True, eq=False)
class Rota:
    """A rota with what is needed."""

    name: str
    scenario: Scenario
    needed: Needed
    words: Words

    def roles(self) -> list[str]:
        """Those that are on the rota or needed."""
        on_rota = {line.role for line in staff_of(self.scenario).rota}
        return [
            one
            for one in staff_of(self.scenario).roles
            if one in on_rota or any(self.needed.get(one, ()))
        ]

    @property
    def begins(self) -> int:
        """Minute of the day of the first shift, to the full hour."""
        starts = [line.start % DAY for line in staff_of(self.scenario).rota]
        return min(starts, default=0) // HOUR * HOUR

    def day(self, number: int) -> RotaDay:
        """The 24 hours from the first shift of a day on."""
        found = tuple(self._role(role, number) for role in self.roles())
        found = tuple(role for role in found if role.bars or any(role.needed or ()))
        together = tuple(self._together(number))
        if any(role.needed is not None for role in found):
            together = tuple(role for role in together if role.short_minutes)
        return RotaDay(self.begins, (*found, *together))

    def _minutes(self, number: int) -> np.ndarray:
        length = period_of(self.scenario).minutes
        return (number * DAY + self.begins + np.arange(DAY)) % length

    def _role(self, role: str, number: int) -> RoleDay:
        minutes = self._minutes(number)
        there = staff_present(self.scenario)[role][minutes]
        needed = self._need(role, minutes)
        name = heading(people_of(role, MANY, self.words).partition(" ")[2])
        return RoleDay(name, tuple(self._bars(role, number)), tuple(there.tolist()), needed)

    def _need(self, role: str, minutes: np.ndarray) -> tuple[int, ...] | None:
        if role in self.needed:
            hours = np.array(self.needed[role])[(minutes // HOUR) % HOURS_A_WEEK]
            return tuple(int(one) for one in hours)
        for one in () if self.needed else least_present(self.scenario):
            if one.roles == (role,):
                return tuple((open_then(self.scenario)[minutes] * one.number).tolist())
        return None

    def _together(self, number: int) -> Iterator[RoleDay]:
        """What is asked of several roles together, where the rules alone say who is needed."""
        if self.needed:
            return
        minutes, there = self._minutes(number), staff_present(self.scenario)
        for one in least_present(self.scenario):
            if len(one.roles) == 1:
                continue
            present = np.sum([there[role][minutes] for role in one.roles], axis=0)
            needed = open_then(self.scenario)[minutes] * one.number
            names = [self.words.name(role) for role in one.roles]
            everybody = set(one.roles) == set(staff_of(self.scenario).roles)
            name = self.words["rota.together"] if everybody else heading(" + ".join(names))
            yield RoleDay(name, (), tuple(present.tolist()), tuple(needed.tolist()))

    def _bars(self, role: str, number: int) -> Iterator[PersonBar]:
        staff, period = staff_of(self.scenario), period_of(self.scenario)
        begin = number * DAY + self.begins
        turns = (-period.minutes, 0, period.minutes) if period.first is None else (0,)
        found = []
        for one in rostered(self.scenario):
            if staff.rota[one.line].role != role:
                continue
            for turn in turns:
                start, end = one.start + turn - begin, one.end + turn - begin
                if end <= 0 or start >= DAY:
                    continue
                for member in range(one.member, one.member + one.people):
                    rests = [
                        (rest.start + other - begin, rest.end + other - begin)
                        for rest in breaks_taken(self.scenario)
                        for other in turns
                        if (rest.line, rest.member) == (one.line, member)
                    ]
                    pieces = tuple(_without(max(start, 0), min(end, DAY), rests))
                    text = one.name or shift_text(staff.rota[one.line], self.words)
                    if pieces:
                        found.append((start, one.line, member, PersonBar(text, pieces)))
        return iter(one[-1] for one in sorted(found, key=lambda one: one[:3]))

    def worst_day(self) -> tuple[int, bool]:
        """The day on which too few are there for longest, and whether all days are alike."""
        days = [self.day(number) for number in range(min(DAYS_A_WEEK, self._days))]
        alike = all(
            [(r.bars, r.present, r.needed) for r in day.roles]
            == [(r.bars, r.present, r.needed) for r in days[0].roles]
            for day in days
        )
        short = [sum(role.short_minutes for role in day.roles) for day in days]
        return int(np.argmax(short)), alike

    def missing(self) -> dict[str, float]:
        """By role the hours of a week in which somebody is missing, breaks too, people each."""
        there, found = staff_present(self.scenario), dict.fromkeys(self.needed, 0.0)
        for number in range(min(DAYS_A_WEEK, self._days)):
            minutes = self._minutes(number)
            for role in found:
                short = np.array(self._need(role, minutes) or 0) - there[role][minutes]
                found[role] += float(short.clip(min=0).sum()) / HOUR
        return found

    @property
    def _days(self) -> int:
        return period_of(self.scenario).minutes // DAY

    def picture(self, key: str) -> Picture:
        """The worst day, drawn."""
        number, alike = self.worst_day()
        day, words = self.day(number), self.words
        name = words["rota.every_day"] if alike else self.day_name(number)
        says = words.say("rota.says", day=name)
        if self.needed and any(role.short_minutes for role in day.roles):
            says = f"{says} {words['rota.wanted']}"
        return rota_picture(day, key, shortage(day, words), says, words)

    def day_name(self, number: int) -> str:
        """The weekday, or the date of a rota of dates."""
        first = period_of(self.scenario).first
        if first is None:
            return heading(self.words.weekdays()[number % DAYS_A_WEEK])
        return self.words.date(first.fromordinal(first.toordinal() + number))


def _without(start: int, end: int, rests: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """A stretch without some others."""
    for begins, ends in sorted(rests):
        if ends <= start or begins >= end:
            continue
        if begins > start:
            yield start, begins
        start = max(start, ends)
    if start < end:
        yield start, end


def shift_text(shift: Shift, words: Words) -> str:
    """A shift by its name and hours: `evening 15:30–23:30`."""
    name = f"{words.name(shift.name)} " if shift.name else ""
    return f"{name}{clock_of(shift.start, words)}–{clock_of(shift.end, words)}"


def clock_of(minute: float, words: Words) -> str:
    """A time of the day, in a drawing: of full hours the hour alone."""
    at = int(minute) % DAY
    hour = words.number(at // HOUR, 0)
    return hour if at % HOUR == 0 else words.clock(at)


def shortage(day: RotaDay, words: Words) -> str:
    """What a day of a rota shows: whether all who are needed are there, else who is not."""
    if all(role.needed is None for role in day.roles):
        return words["rota.who_is_there"]
    short = [role for role in day.roles if role.short_minutes]
    if not short:
        return words["rota.all_there"]
    worst = max(short, key=lambda role: role.short_minutes)
    start, end, missing = max(worst.short(), key=lambda one: one[1] - one[0])
    return words.say(
        "rota.title_short",
        role=worst.name,
        number=words.number(missing, 0),
        start=clock_of(day.begins + start, words),
        end=clock_of(day.begins + end, words),
    )
