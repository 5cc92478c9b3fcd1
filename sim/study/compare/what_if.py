"""What would change the answer: a few changes that a planner would ask of next, chosen by rule.

More people, one person fewer on the dearest line of the rota that has two, and more places in the
room that is full most: each meets the same people as the site as it is.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isnan, nan
from typing import Any

import pandas as pd

from sim.measures.figures.cost import cost_per_week, hours_per_week
from sim.measures.figures.staff import shift_labels
from sim.scenario.model.scenario import Scenario
from sim.study.compare.comparison import Studied, compare
from sim.study.compare.matters import matter_named
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Key, StudyResult, Summary, key_of
from sim.study.run.runner import Plan, study_each
from sim.study.run.workers import Progress, silent

MORE = 1.15
"""Times the visits."""
REPLICATIONS = 10
"""Of each, at most; fewer where the study has fewer."""
_MANY = 8
"""Places of a site from which on two are added to a room, else one."""
FIGURES: tuple[Key, ...] = (
    ("unserved", "share", "all"),
    ("wait", "p90", "all"),
    ("wait_joined", "p90", "all"),
    ("response_first", "within_1", "all"),
    ("nobody_free", "minutes_per_week", "all"),
    ("below_cover", "minutes_per_week", "all"),
    ("role_missing", "minutes_per_week", "all"),
    ("uses", "per_day", "all"),
    ("cost", "per_year", "all"),
)
"""What is said of each, as far as the site has it."""
_TELLING = FIGURES[:-2]
"""Of these the one that is told is chosen: a change brings uses or money in any case."""


class Step(StrEnum):
    """What is changed."""

    MORE_VISITS = "more visits"
    FEWER_STAFF = "fewer staff"
    MORE_PLACES = "more places"


@dataclass(frozen=True)
class WhatIf:
    """A change, and the scenario that it makes."""

    step: Step
    about: str
    """The room, or the line of the rota as the tables call it; empty of visits."""
    old: float
    """Visits a day, people on the line, or places."""
    new: float
    scenario: Scenario


def what_ifs(scenario: Scenario, result: StudyResult) -> tuple[WhatIf, ...]:
    """The changes that a site's own figures ask for, those it can have.

    Args:
        scenario: the site as it is.
        result: what a study of it found.
    """
    found = (_more_visits(scenario, result), _fewer_staff(scenario), _more_places(scenario, result))
    return tuple(one for one in found if one is not None)


def _more_visits(scenario: Scenario, result: StudyResult) -> WhatIf | None:
    """A seventh more people, at the same hours."""
    demand = scenario.demand
    visits = result.figures.of("visits", "per_day").value
    if demand.arrivals is not None or not visits > 0:
        return None
    changed = demand.model_copy(update={"factor": demand.factor * MORE})
    more = scenario.model_copy(update={"demand": changed})
    return WhatIf(Step.MORE_VISITS, "", visits, visits * MORE, more)


def _fewer_staff(scenario: Scenario) -> WhatIf | None:
    """One person fewer on the line whose people cost most, of those that have more than one."""
    staff = scenario.staff
    if staff is None:
        return None
    lines = [
        (cost_per_week(scenario, number) / line.count, hours_per_week(scenario, number), -number)
        for number, line in enumerate(staff.rota)
        if line.count > 1 and line.people is None
    ]
    if not lines:
        return None
    number = -max(lines)[2]
    line = staff.rota[number]
    rota = list(staff.rota)
    rota[number] = line.model_copy(update={"count": line.count - 1})
    fewer = staff.model_copy(update={"rota": tuple(rota)})
    label = shift_labels(staff)[number]
    changed = scenario.model_copy(update={"staff": fewer})
    return WhatIf(Step.FEWER_STAFF, label, line.count, line.count - 1, changed)


def _more_places(scenario: Scenario, result: StudyResult) -> WhatIf | None:
    """Places in the room that is full for the largest share of its time."""
    full = [
        (known.value, name)
        for name in scenario.rooms
        if (known := result.figures.of("places", "full", f"room:{name}")).value > 0
    ]
    if not full:
        return None
    _, name = max(full)
    room = scenario.rooms[name]
    added = 2 if sum(one.places for one in scenario.rooms.values()) >= _MANY else 1
    larger = room.model_copy(update={"places": room.places + added})
    changed = scenario.model_copy(update={"rooms": {**scenario.rooms, name: larger}})
    return WhatIf(Step.MORE_PLACES, name, room.places, room.places + added, changed)


def next_table(
    scenario: Scenario, result: StudyResult, plan: Plan, progress: Progress = silent
) -> pd.DataFrame:
    """What each change does to the figures that decide, a row a figure.

    Args:
        scenario: the site as it is.
        result: what its study found.
        plan: of that study; of each change at most REPLICATIONS are played, with the same seed.
        progress: is told of every replication done.

    Returns:
        `step, about, old, new, metric, statistic, by, base_value, value, difference, ci_low,
        ci_high, unit, played`; no rows where nothing can be changed.

    Raises:
        StudyError: a worker died, or cannot be used.
        StudyInterrupted: Ctrl-C was pressed.
    """
    chosen = what_ifs(scenario, result)
    count = min(REPLICATIONS, result.count)
    short = replace(plan, replications=count, precision=None)
    of = count * (len(chosen) + 1)
    rows: list[tuple[object, ...]] = []
    if chosen:
        sites = (scenario, *(one.scenario for one in chosen))
        results = study_each(
            sites, short, lambda number: lambda done, _: progress(number * count + done, of)
        )
        base, *others = (
            Studied(str(number), site, found)
            for number, (site, found) in enumerate(zip(sites, results, strict=True))
        )
        rows = list(_rows(chosen, base, others, count))
    return pd.DataFrame(rows, columns=list(COLUMNS))


COLUMNS = (
    *("step", "about", "old", "new", "metric", "statistic", "by"),
    *("base_value", "value", "difference", "ci_low", "ci_high", "unit", "played"),
)


def _rows(
    chosen: Sequence[WhatIf], base: Studied, others: Sequence[Studied], count: int
) -> Iterator[tuple[object, ...]]:
    for one, other in zip(chosen, others, strict=True):
        for line in compare(base, [other]).lines:
            if key_of(line.row) in FIGURES:
                yield (
                    *(one.step.value, one.about, one.old, one.new),
                    *key_of(line.row),
                    *(line.base_value, line.value, line.difference, line.low, line.high),
                    *(line.row.unit, count),
                )


@dataclass(frozen=True)
class Said:
    """The one figure that says most of a change."""

    step: Step
    about: str
    old: float
    new: float
    key: Key
    unit: str
    before: float
    """Of the whole study."""
    after: Estimate
    """That, and the difference that the change makes to the same people; with its interval."""
    matters: bool
    """Whether the difference is one that matters."""
    cost: float
    """What it adds to the cost of a year; NaN without one."""


def said_of(table: pd.DataFrame, figures: Summary) -> tuple[Said, ...]:
    """Of each change the figure that it moves most, by what matters of each.

    Args:
        table: as `next_table` makes it.
        figures: of the study whose answer the changes would change.
    """
    found = []
    for _, rows in table.groupby("step", sort=False):
        lines = rows.to_dict(orient="records")
        money = [float(one["difference"]) for one in lines if one["metric"] == "cost"]
        told = [one for one in lines if (one["metric"], one["statistic"], one["by"]) in _TELLING]
        if not told:
            continue
        weight, best = max(((_weight(one), one) for one in told), key=lambda pair: pair[0])
        key = (str(best["metric"]), str(best["statistic"]), str(best["by"]))
        before = figures.of(*key).value
        shift = [before + float(best[name]) for name in ("difference", "ci_low", "ci_high")]
        lowest, highest = (max(one, 0.0) for one in shift[1:])
        found.append(
            Said(
                step=Step(str(best["step"])),
                about="" if pd.isna(best["about"]) else str(best["about"]),
                old=float(best["old"]),
                new=float(best["new"]),
                key=key,
                unit=str(best["unit"]),
                before=before,
                after=Estimate(max(shift[0], 0.0), lowest, highest),
                matters=weight >= 1,
                cost=money[0] if money else nan,
            )
        )
    return tuple(found)


def _weight(one: Mapping[Hashable, Any]) -> float:
    """A difference in units of what matters; nothing for what is not known."""
    difference = abs(float(one["difference"]))
    matter = matter_named(str(one["metric"]), str(one["statistic"]), str(one["by"]))
    margin = matter.margin_of(float(one["base_value"]))
    return 0.0 if isnan(difference) or not margin else difference / margin
