"""Sections of a run's page about bad times: special days, bad months, and seats that are enough."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import pandas as pd

from sim.report.page.document import Section, Table
from sim.report.page.words import (
    SHARE,
    Words,
    estimate,
    heading,
    headline_name,
    in_unit,
    known_of,
)
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import UNKNOWN, Estimate
from sim.study.estimate.spread import EVERY, ORDINARY, PEAKS

DAYS, MONTHS = "by_kind_of_day.csv", "replications.csv"
"""The tables behind these sections."""
_FIGURES = {
    ("visits", "per_day"): "",
    ("unserved", "share"): SHARE,
    ("uses", "per_day"): "",
    ("overdoses", "per_day"): "",
    ("most_waiting", "median"): "",
}
"""What is told of each kind of days, and its unit."""
_WHOLE = ("most_waiting", "most_aftercare")
"""Whole numbers of people."""
_OF_MONTHS = (
    ("visits", "per_day"),
    ("unserved", "share"),
    ("wait", "p90"),
    ("intake_paused", "minutes_per_week"),
    ("role_missing", "minutes_per_week"),
)
"""What is told of months; of all of these more is worse, or is told as such."""
LEAST = 0.005
"""A difference in the share that leaves that is smaller than this does not matter."""
FEWEST, MANY, TENTH = 5, 20, 10
"""Months below which nothing is said of the worst; and from which on the tenth part is."""
_MONTH = range(26, 33)
_HUNDRED = 100


@dataclass(frozen=True, eq=False)
class Kinds:
    """What days of each kind bring."""

    table: pd.DataFrame
    words: Words

    def of(self, metric: str, statistic: str, days: str = EVERY) -> Estimate:
        """A figure of days of a kind; unknown if it was not counted."""
        rows = self.table[
            (self.table["metric"] == metric)
            & (self.table["statistic"] == statistic)
            & (self.table["days"] == days)
        ]
        return known_of(rows.iloc[0].to_dict()) if len(rows) else UNKNOWN

    def played(self, days: str) -> int:
        """How many days of a kind were played."""
        return int(self.table[self.table["days"] == days]["played"].iloc[0])

    @property
    def special(self) -> list[str]:
        """The kinds that the scenario names."""
        return [one for one in dict.fromkeys(self.table["days"]) if one not in {EVERY, ORDINARY}]

    def name(self, days: str) -> str:
        """A kind in words."""
        known = {EVERY: "bad.all_days", ORDINARY: "bad.ordinary_days"}
        return self.words[known[days]] if days in known else self.words.name(days)


def special_sentence(kinds: Kinds) -> str:
    """How many come on special days and how many of them leave, beside ordinary days.

    Told of the kind on which the largest share leaves; empty where there is none.
    """
    words = kinds.words
    if not kinds.special or not kinds.of("visits", "per_day", ORDINARY).is_known:
        return ""
    days = max(kinds.special, key=lambda one: kinds.of("unserved", "share", one).value)
    now, usual = (kinds.of("unserved", "share", one) for one in (days, ORDINARY))
    come = [kinds.of("visits", "per_day", one).value for one in (days, ORDINARY)]
    more = now.value - usual.value
    apart = now.low > usual.high or now.high < usual.low
    if abs(more) < LEAST:
        key = "same"
    elif not apart:
        key = "unsure"
    else:
        key = "more" if more > 0 else "fewer"
    return words.say(
        f"bad.special_{key}",
        days=kinds.name(days),
        now=words.brief(come[0]),
        usual=words.brief(come[1]),
        leave=words.brief(_HUNDRED * now.value),
        usually=words.brief(_HUNDRED * usual.value),
        played=words.count("unit.days", kinds.played(days)),
    )


# --- months ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Months:
    """The replications of a run, each as long as its horizon: a month, or so many days."""

    values: Mapping[tuple[str, str], Sequence[float]]
    """Of each figure that of every replication, from the least to the most."""
    days: int
    words: Words

    @property
    def number(self) -> int:
        """How many were played."""
        return max(map(len, self.values.values()), default=0)

    @property
    def name(self) -> str:
        """What one is called, and several."""
        return "month" if self.days in _MONTH else "period"

    def middle(self, key: tuple[str, str]) -> float:
        """That of the middle one; of an even number the lower of the two."""
        found = self.values[key]
        return found[(len(found) - 1) // 2]

    def bad(self, key: tuple[str, str]) -> float:
        """That of the worst; of many the least of the worst tenth."""
        found = self.values[key]
        return found[-(len(found) // TENTH)] if len(found) >= MANY else found[-1]


def months_of(table: pd.DataFrame | None, scenario: Scenario, words: Words) -> Months | None:
    """The replications of a run; None where there are too few to tell a bad one.

    Args:
        table: as `replications.csv`.
        scenario: what was simulated, which says how long each is.
        words: the language.
    """
    if table is None:
        return None
    mine = table[table["by"] == "all"]
    found = {}
    for key in _OF_MONTHS:
        rows = mine[(mine["metric"] == key[0]) & (mine["statistic"] == key[1])]
        values = sorted(float(one) for one in rows["value"].dropna())
        if len(values) >= FEWEST:
            found[key] = values
    horizon = scenario.horizon
    days = horizon.total_days - 7 * horizon.warmup_weeks
    return Months(found, days, words) if found else None


def month_sentence(months: Months | None) -> str:
    """How many leave in a bad month and in the middle one; empty where that is not known."""
    key = ("unserved", "share")
    if months is None or key not in months.values:
        return ""
    words = months.words
    many = "tenth" if months.number >= MANY else "worst"
    return words.say(
        f"bad.{months.name}_{many}",
        number=words.number(months.number, 0),
        days=words.count("unit.days", months.days),
        bad=words.brief(_HUNDRED * months.bad(key)),
        middle=words.brief(_HUNDRED * months.middle(key)),
    )


def bad_section(table: pd.DataFrame | None, months: Months | None, words: Words) -> Section | None:
    """Special days and bad months beside ordinary ones; None where neither is known.

    Args:
        table: as `by_kind_of_day.csv`.
        months: the replications.
        words: the language.
    """
    kinds = None if table is None else Kinds(table, words)
    tables, told = [], []
    if kinds is not None and (sentence := special_sentence(kinds)):
        tables.append(_kinds_table(kinds))
        told.append(sentence)
    if months is not None and (sentence := month_sentence(months)):
        tables.append(_months_table(months))
        told.append(sentence)
    if not tables:
        return None
    return Section("bad", words["bad.title"], tables=tuple(tables), finding=" ".join(told))


def _kinds_table(kinds: Kinds) -> Table:
    words = kinds.words
    columns = [ORDINARY, *kinds.special]
    rows = [
        (
            words[f"bad.{metric}_{statistic}"],
            *(
                _whole(known, words) if metric in _WHOLE else estimate(words, known, unit)
                for one in columns
                for known in [kinds.of(metric, statistic, one)]
            ),
        )
        for (metric, statistic), unit in _FIGURES.items()
        if kinds.of(metric, statistic).is_known
    ]
    played = (words.number(kinds.played(one), 0) for one in columns)
    head = ("", *(heading(kinds.name(one)) for one in columns))
    return Table(words["bad.days_table"], head, (*rows, (words["bad.played"], *played)))


def _months_table(months: Months) -> Table:
    words = months.words
    many = months.number >= MANY
    rows = []
    for key, values in months.values.items():
        unit = {"share": SHARE, "p90": "min", "minutes_per_week": "min/week"}.get(key[1], "")
        found = [values[0], months.middle(key), *([months.bad(key)] if many else []), values[-1]]
        times = _HUNDRED if unit == SHARE else 1
        name = headline_name(words, *key) if key != ("visits", "per_day") else words["bad.visits"]
        rows.append(
            (heading(name), *(in_unit(words, words.brief(times * one), unit) for one in found))
        )
    names = ("least", "middle", *(["tenth"] if many else []), "most")
    head = ("", *(words[f"bad.{one}"] for one in names))
    caption = words.say(
        f"bad.{months.name}s_table",
        number=words.number(months.number, 0),
        days=words.count("unit.days", months.days),
    )
    return Table(caption, head, tuple(rows))


# --- seats ----------------------------------------------------------------------------------------


def seats_section(table: pd.DataFrame | None, scenario: Scenario, words: Words) -> Section | None:
    """How many seats are enough on how many days, for who waits and for aftercare."""
    if table is None:
        return None
    kinds = Kinds(table, words)
    told = list(_seats(kinds, scenario))
    rows = tuple(
        (
            f"{words[f'bad.{metric}']}, {kinds.name(days)}",
            *(_whole(kinds.of(metric, statistic, days), words) for statistic in PEAKS),
        )
        for metric in _WHOLE
        if kinds.of(metric, "p95").is_known
        for days in dict.fromkeys(kinds.table["days"])
    )
    head = ("", *(words[f"bad.on_{statistic}"] for statistic in PEAKS))
    return Section(
        "seats",
        words["bad.seats_title"],
        (words["bad.seats_intro"],),
        tables=(Table(words["bad.seats_table"], head, rows),),
        finding=" ".join(told),
    )


def _whole(known: Estimate, words: Words) -> str:
    """A whole number of people with its range."""
    value, low, high = (words.number(one, 0) for one in known)
    return value if isnan(known.low) or low == high else f"{value} ({words.between(low, high)})"


def _seats(kinds: Kinds, scenario: Scenario) -> Iterator[str]:
    waiting, aftercare = scenario.waiting_area, scenario.aftercare
    yield seats_sentence(kinds, "most_waiting", None if waiting is None else waiting.seats)
    if aftercare is not None:
        yield seats_sentence(kinds, "most_aftercare", aftercare.seats)


def seats_sentence(kinds: Kinds, metric: str, seats: int | None) -> str:
    """How many seats are enough on 19 of 20 days; or how often all there are, are taken.

    Args:
        kinds: what days bring.
        metric: `most_waiting` or `most_aftercare`.
        seats: how many there are; None where there is no limit.
    """
    words = kinds.words
    enough = kinds.of(metric, "p95").value
    if isnan(enough):
        return ""
    number = words.number(enough, 0)
    if enough == 0:
        return words[f"bad.{metric}_none"]
    if seats is None:
        return words.count(f"bad.{metric}_unlimited", round(enough))
    there = words.number(seats, 0)
    full = next((one for one in PEAKS if kinds.of(metric, one).value >= seats), None)
    if enough < seats or full is None:
        return words.say(f"bad.{metric}_enough", number=number, seats=there)
    return words.say(f"bad.{metric}_full", seats=there, often=words[f"bad.often_{full}"])
