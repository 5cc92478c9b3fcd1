"""Rules of a rota by name and source, breaches of them, and who must be present at the least."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from sim.scenario.city.model import City
from sim.scenario.derived.roster import Period, teams_needed
from sim.scenario.errors.told import Listed, Name, told
from sim.scenario.model.hours import DAY, WEEK, clock_of, weekday_of
from sim.scenario.model.rota_rules import RotaRules, Stress
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Staff

Roles = frozenset[str]
"""Roles any of which will do."""


class NeedError(ValueError):
    """The need of a scenario cannot be worked out; the message says why."""


def staff_of(scenario: Scenario) -> Staff:
    """The scenario's staff.

    Raises:
        NeedError: it has none.
    """
    if scenario.staff is None:
        raise NeedError(
            told(
                "the_scenario_has_no_staff_name_the",
                "the scenario has no staff; name the roles under staff",
            )
        )
    return scenario.staff


def rules_of(scenario: Scenario) -> RotaRules:
    """The scenario's rules for rotas, or the default ones."""
    return scenario.rota_rules or RotaRules()


def stress_of(scenario: Scenario) -> Stress:
    """How hard bad times are: of a city as hard as the hardest that one of its houses asks for."""
    if not isinstance(scenario, City):
        return rules_of(scenario).stress
    asked = [rules_of(one).stress for one in scenario.open_facilities.values()]
    worst = {name: max(getattr(one, name) for one in asked) for name in Stress.model_fields}
    return Stress.model_validate(worst)


# --- rules and breaches -------------------------------------------------------------------------


class Rule(Enum):
    """What is checked: its name, and where the rule comes from."""

    TOGETHER = ("two-person rule", "rota_rules.minimum; Sydney's MSIC, sydneymsic.com")
    COVER = ("minimum cover", "supervision.minimum")
    SKILL = ("skill mix", "at_least of supervision or rota_rules")
    BREAK_COVER = ("cover of breaks", "as minimum cover, during a break")
    HANDOVER = ("handover", "rota_rules.handover")
    LONGEST_SHIFT = ("shift length", "Directive 2003/88/EC, article 3")
    LONGEST_WORK = ("work in a day", "rota_rules.limits.longest_work")
    BREAK = ("breaks", "Directive 2003/88/EC, article 4")
    STRETCH = ("work in one go", "rota_rules.limits.longest_stretch")
    OVERLAP = ("one place at a time", "nobody works two shifts at once")
    DAILY_REST = ("daily rest", "Directive 2003/88/EC, article 3")
    WEEKLY_REST = ("weekly rest", "Directive 2003/88/EC, article 5")
    WEEK_HOURS = ("48 h average", "Directive 2003/88/EC, article 6")
    NIGHT_HOURS = ("night average", "Directive 2003/88/EC, article 8")
    DAY_OFF = ("day off in place", "rota_rules.limits: sunday_rest_weeks, holiday_rest_weeks")

    @property
    def words(self) -> str:
        """What it is called."""
        return self.value[0]

    @property
    def source(self) -> str:
        """Where it comes from, if no country's law is named."""
        return told(f"source_{self.name.lower()}", self.value[1])


_LAWS: Mapping[str, Mapping[Rule, str]] = {
    "danish": {
        Rule.LONGEST_SHIFT: "arbejdsmiljøloven § 50",
        Rule.BREAK: "arbejdstidsloven § 3",
        Rule.DAILY_REST: "arbejdsmiljøloven § 50",
        Rule.WEEKLY_REST: "arbejdsmiljøloven § 51",
        Rule.WEEK_HOURS: "arbejdstidsloven § 4",
        Rule.NIGHT_HOURS: "arbejdstidsloven § 5",
    },
    "german": {
        Rule.LONGEST_SHIFT: "Arbeitszeitgesetz § 5",
        Rule.LONGEST_WORK: "Arbeitszeitgesetz § 3",
        Rule.BREAK: "Arbeitszeitgesetz § 4",
        Rule.STRETCH: "Arbeitszeitgesetz § 4",
        Rule.DAILY_REST: "Arbeitszeitgesetz § 5",
        Rule.WEEKLY_REST: "Arbeitszeitgesetz §§ 9, 11",
        Rule.WEEK_HOURS: "Arbeitszeitgesetz § 3",
        Rule.NIGHT_HOURS: "Arbeitszeitgesetz § 6",
        Rule.DAY_OFF: "Arbeitszeitgesetz § 11",
    },
}
"""Where the rules come from, by the named law."""


def source_of(rule: Rule, law: str) -> str:
    """Where a rule comes from under a named law, `rota_rules.set`."""
    return _LAWS.get(law, {}).get(rule, rule.source)


@dataclass(frozen=True)
class Breach:
    """A rule broken, where and when."""

    rule: Rule
    where: str
    """Room, role, shift or person."""
    when: str
    """Day and time, or week, of the rota's cycle; or date and time."""
    what: str
    """What is, and what should be."""
    hours: float = 0.0
    """Hours a week that it lasts, where it lasts for a time."""
    source: str = ""
    """Where the rule comes from."""
    minute: float | None = None
    """Of the rota's period, at which what breaks it begins; None where it is a mean."""


def span_text(period: Period, start: int, end: int) -> str:
    """A span of a rota's period: `mon 05:30-06:00`, or of dates `2026-01-08 05:30-06:00`."""
    if period.first is None:
        return when(start, end, period.minutes)
    if (start, end) == (0, period.minutes):
        return told("always", "always")
    day, clock = _date(period.first, start), clock_of(start % DAY)
    first = told("date_time", "{date} {time}", date=day, time=clock)
    if end == start:
        return first
    if (end - 1) // DAY == start // DAY:
        return told("until", "{first}-{time}", first=first, time=clock_of(end % DAY or DAY))
    last = told(
        "date_time", "{date} {time}", date=_date(period.first, end), time=clock_of(end % DAY)
    )
    return told("span", "{first} - {last}", first=first, last=last)


def _date(first: date, minute: int) -> date:
    return first + timedelta(days=minute // DAY)


def when(start: int, end: int, length: int) -> str:
    """A span of a cycle of so many minutes, such as `mon 05:30-06:00` or `week 2 sun 23:00`."""
    week, minute = divmod(start % length, WEEK)
    day, clock = weekday_of(minute // DAY), clock_of(minute % DAY)
    first = told("day_time", "{day} {time}", day=day, time=clock)
    if length > WEEK:
        first = told("week_time", "week {week} {time}", week=week + 1, time=first)
    if end == start:
        return first
    if end - start >= length:
        return told("always", "always")
    minute = end % length % WEEK
    if (end - 1) // DAY == start // DAY:
        return told("until", "{first}-{time}", first=first, time=clock_of(minute % DAY or DAY))
    day, clock = weekday_of(minute // DAY), clock_of(minute % DAY)
    last = told("day_time", "{day} {time}", day=day, time=clock)
    return told("span", "{first} - {last}", first=first, last=last)


# --- who must be present ------------------------------------------------------------------------


class Least(NamedTuple):
    """Fewest of some roles who must be present while anybody is inside."""

    roles: tuple[str, ...]
    number: int
    why: str
    """The rule, in the scenario's words."""
    where: str
    """The rooms that it is about, or `site`; of a team the severity of overdose."""
    rule: Rule | None = None
    """What it is called; None for a team."""


_SITE = told("site", "site")


def demanded(scenario: Scenario) -> Iterator[Least]:
    """Every rule that says who must be present, and the teams that an overdose may need."""
    rules = rules_of(scenario)
    everybody = tuple(staff_of(scenario).roles)
    if rules.minimum:
        yield Least(everybody, rules.minimum, "rota_rules.minimum", _SITE, Rule.TOGETHER)
    for role, number in rules.at_least.items():
        yield Least((role,), number, "rota_rules.at_least", _SITE, Rule.SKILL)
    for one in scenario.supervision:
        where = Listed.of(one.rooms, "comma")
        if one.minimum:
            yield Least(one.roles, one.minimum, "supervision.minimum", where, Rule.COVER)
        for role, number in one.at_least.items():
            yield Least((role,), number, "supervision.at_least", where, Rule.SKILL)
    for roles, number, name in teams_needed(scenario):
        yield Least(roles, number, f"overdose.severities.{name}.team", Name(name))


def least_present(scenario: Scenario) -> tuple[Least, ...]:
    """What must hold in every minute, the strictest of each set of roles."""
    found: dict[Roles, Least] = {}
    for one in demanded(scenario):
        known = found.get(frozenset(one.roles))
        if one.number > (0 if known is None else known.number):
            found[frozenset(one.roles)] = one
    return tuple(found.values())
