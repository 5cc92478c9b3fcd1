"""Plans for a site: shifts that fit its hours, cover a need and keep the rules; and as tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine import Engine
from sim.measures.figures.cost import cost_per_week, hours_per_week
from sim.measures.figures.staff import shift_labels
from sim.rota.check.check import breaches_with_breaks, spans
from sim.rota.check.rules import NeedError, Roles, least_present, rules_of, staff_of
from sim.rota.files.entries import break_text
from sim.rota.need.need import Counts, staffed
from sim.rota.plan.cover import Cover, UncoveredError, covers
from sim.rota.plan.shifts import Span, shifts_of, with_breaks
from sim.scenario.derived.calendar import open_minutes
from sim.scenario.derived.staffing import stay
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, HOUR, HOURS_OF_WEEK, WEEK, clock_text, days_text
from sim.scenario.model.scenario import Scenario
from sim.study.run.replication import simulate_replication
from sim.study.run.runner import Plan
from sim.study.run.workers import Progress, silent, this_machine

Mask = NDArray[np.bool_]

# --- until when somebody is inside --------------------------------------------------------------

MOST_DAYS = 0.95
"""Share of days on which everybody is out by the time taken as the last one's. An assumption."""


def spans_of(scenario: Scenario, minutes_after: Mapping[int, int]) -> tuple[Span, ...]:
    """The stretches of an ordinary week in which the site is open; none if it always is.

    Args:
        scenario: the site.
        minutes_after: by clock time of closing, minutes until the last person is out.
    """
    return tuple(
        Span(opens, closes, closes + minutes_after.get(closes % DAY, 0))
        for opens, closes in _open_spans(scenario)
    )


def _open_spans(scenario: Scenario) -> Iterator[tuple[int, int]]:
    """From when until when it is open in an ordinary week; none where it never shuts."""
    is_open = open_minutes(scenario, WEEK)
    return iter(()) if is_open.all() else spans(is_open)


def in_use(scenario: Scenario, spans: tuple[Span, ...]) -> Mask:
    """In which minutes of a week somebody must be rostered: the site is open, or not yet empty.

    Where staff stay until nobody is inside, those on duty at closing see to the rest.
    """
    found = open_minutes(scenario, WEEK)
    for span in () if stay(scenario) else spans:
        found[np.arange(span.closes, span.empty) % WEEK] = True
    return found


def minutes_after_closing(
    scenario: Scenario, counts: Mapping[str, Counts], plan: Plan, progress: Progress = silent
) -> dict[int, int]:
    """By clock time of closing, minutes after which on most days everybody has left.

    The site is played with the staff that are needed: who is inside at closing, waits for a place
    or for staff, or rests in aftercare is in the log.

    Args:
        scenario: the site.
        counts: people of each role present in each of the 168 hours.
        plan: replications, seed, workers and engine.
        progress: is told of every replication done.
    """
    closings = tuple(closes for _, closes in _open_spans(scenario))
    if not closings:
        return {}
    job = _LastOut(staffed(scenario, counts), plan.seed, plan.engine, closings)
    found: dict[int, list[float]] = {}
    with this_machine(plan.engine, plan.workers)() as pool:
        for number, one in enumerate(pool.results(job, range(plan.replications)), start=1):
            progress(number, plan.replications)
            for clock, minutes in one.items():
                found.setdefault(clock, []).extend(minutes)
    return {
        clock: int(np.ceil(np.quantile(minutes, MOST_DAYS, method="higher")))
        for clock, minutes in found.items()
    }


@dataclass(frozen=True)
class _LastOut:
    """When the last person leaves after each closing, replication by replication."""

    scenario: Scenario
    seed: int
    engine: Engine
    closings: tuple[int, ...]
    """Minutes of the week."""

    def run(self, replication: int) -> dict[int, list[float]]:
        """By clock time, of each day's closing the minutes until the last person is out."""
        log = simulate_replication(self.scenario, self.seed, replication, self.engine)
        horizon = self.scenario.horizon
        monday = -horizon.start.weekday() * DAY
        came, out = log.visits["let_in"], log.visits["out"]
        out = np.where(np.isnan(out), log.end, out)
        found: dict[int, list[float]] = {}
        for week in range(-1, horizon.total_days // 7 + 2):
            for closes in self.closings:
                at = monday + week * WEEK + closes
                if horizon.counted_from <= at <= horizon.minutes:
                    inside = out[(came < at) & (out > at)]
                    last = float(inside.max(initial=at)) - at
                    found.setdefault(closes % DAY, []).append(last)
        return found


# --- plans --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class JudgedPlan:
    """A plan, and the rules that it breaks."""

    plan: Cover
    breaches: tuple[str, ...]


def plans_for(
    scenario: Scenario,
    wanted: Mapping[Roles, Counts],
    spans: tuple[Span, ...],
    progress: Progress = silent,
) -> tuple[JudgedPlan, ...]:
    """The cheapest plan for a need and near-best ones, and what each breaks.

    Args:
        scenario: the site.
        wanted: by set of roles, people in each hour of the week while somebody may be inside; or
            in each of its minutes, at any time.
        spans: its opening hours, and until when the last person is out.
        progress: is told of every step of the search.

    Raises:
        NeedError: the allowed shifts cannot cover the need.
    """
    rules, unrelieved = rules_of(scenario), frozenset[int]()
    inside = in_use(scenario, spans)
    if rules.shifts:
        rules, unrelieved = with_breaks(rules)
    else:
        rules = rules.model_copy(update={"shifts": shifts_of(rules, spans)})
        if not rules.shifts:
            raise NeedError(
                told(
                    "the_site_s_hours_leave_no_room",
                    "the site's hours leave no room for a shift; name some under rota_rules.shifts",
                )
            )
    need = {
        roles: np.repeat(number, HOUR) * inside if len(number) == HOURS_OF_WEEK else number
        for roles, number in wanted.items()
    }
    least = {
        frozenset(one.roles): one.number * inside.astype(np.int64)
        for one in least_present(scenario)
    }
    try:
        found = covers(staff_of(scenario), rules, need, least, unrelieved, progress)
    except UncoveredError as gap:
        why = _why_then(scenario, gap.minute, inside)
        raise UncoveredError(gap.words, gap.minute, why) from None
    return tuple(JudgedPlan(one, breaches_with_breaks(planned(scenario, one))) for one in found)


def _why_then(scenario: Scenario, minute: int | None, inside: Mask) -> str:
    """Why somebody is needed at a minute of the week at which the doors are shut; else nothing."""
    if minute is None or open_minutes(scenario, WEEK)[minute]:
        return ""
    if not inside[minute]:
        return told(
            "the_site_is_shut_then_and_the",
            "the site is shut then, and the need that was handed down asks for somebody",
        )
    out = minute + int(np.argmin(np.roll(inside, -minute)))
    until = clock_text(out % DAY)
    return told(
        "the_doors_are_shut_then_but_until",
        "the doors are shut then, but until {until} somebody may still be inside, "
        "on 1 day in 20 longer: let shifts end then, or last entry be earlier",
        until=until,
    )


def planned(scenario: Scenario, plan: Cover) -> Scenario:
    """The scenario with the plan's rota, named `<name>-<plan>` as a variant of it would be."""
    staff = staff_of(scenario).model_copy(
        update={"rota": plan.rota, "cycle_weeks": plan.cycle_weeks}
    )
    name = f"{scenario.name}-{plan.name}"
    return scenario.model_copy(update={"name": name, "staff": staff})


def changes_of(plan: Cover) -> dict[str, object]:
    """What a variant must say to have the plan's rota."""
    lines = [
        line.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
        for line in plan.rota
    ]
    return {"staff": {"rota": lines, "cycle_weeks": plan.cycle_weeks}}


def plans_table(scenario: Scenario, plans: tuple[JudgedPlan, ...]) -> pd.DataFrame:
    """One row a line of each plan's rota; hours and cost are those of a week.

    `plan, role, shift, from, to, breaks, days, weeks, count, hours_per_week, cost_per_week, gap,
    breaches`: a plan that is cheaper, or better in its way, by more than the gap is impossible;
    breaches are those of the whole plan.
    """
    rows = []
    for plan, breaches in ((one.plan, one.breaches) for one in plans):
        then = planned(scenario, plan)
        staff = staff_of(then)
        for number, (line, label) in enumerate(zip(staff.rota, shift_labels(staff), strict=True)):
            written = line.model_dump(mode="json", by_alias=True)
            rows.append(
                {
                    "plan": plan.name,
                    "role": line.role,
                    "shift": label,
                    "from": written["from"],
                    "to": written["to"],
                    "breaks": break_text(line.breaks),
                    "days": " ".join(days_text(line.days)),
                    "weeks": " ".join(str(week) for week in line.weeks),
                    "count": line.count,
                    "hours_per_week": hours_per_week(then, number),
                    "cost_per_week": cost_per_week(then, number),
                    "gap": plan.gap,
                    "breaches": len(breaches),
                }
            )
    return pd.DataFrame(rows)


_HELP = {
    "breaks": told(
        "give_the_shifts_of_rota_rules_shifts",
        "give the shifts of rota_rules.shifts longer breaks, or shorter lengths",
    ),
    "shift length": told(
        "give_rota_rules_shifts_shorter_lengths", "give rota_rules.shifts shorter lengths"
    ),
    "handover": told(
        "allow_shifts_that_overlap_starts_and_lengths",
        "allow shifts that overlap (starts and lengths of rota_rules.shifts), or "
        "less rota_rules.handover",
    ),
}
_COVER_HELPS = told(
    "allow_more_starts_lengths_or_wider_windows",
    "allow more starts, lengths or wider windows of breaks in "
    "rota_rules.shifts, or leave it out: then shifts follow from the site's "
    "hours",
)


def keeping_rules(plans: tuple[JudgedPlan, ...]) -> tuple[JudgedPlan, ...]:
    """The plans that break no rule.

    Raises:
        NeedError: there is none; says which rule stands in the way, and what would help.
    """
    found = tuple(one for one in plans if not one.breaches)
    if not found:
        breach = plans[0].breaches[0]
        rule = breach.partition(":")[0]
        raise NeedError(
            told(
                "no_plan_of_the_allowed_shifts_keeps",
                "no plan of the allowed shifts keeps the rules; {breach}. What would help: "
                "{get}. --with-breaches shows the plans all the same",
                breach=breach,
                get=_HELP.get(rule, _COVER_HELPS),
            )
        )
    return found
