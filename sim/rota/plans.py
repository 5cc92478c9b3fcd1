"""Plans as scenarios and as a table."""

import pandas as pd

from sim.measures.cost import cost_per_week, hours_per_week
from sim.measures.staff import shift_labels
from sim.rota.cover import Cover
from sim.rota.need import staff_of
from sim.scenario.hours import days_text
from sim.scenario.scenario import Scenario


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


def plans_table(scenario: Scenario, plans: tuple[Cover, ...]) -> pd.DataFrame:
    """One row a line of each plan's rota; hours and cost are those of a week.

    `plan, role, shift, from, to, days, weeks, count, hours_per_week, cost_per_week, gap`: a plan
    that is cheaper, or better in its way, by more than the gap is impossible.
    """
    rows = []
    for plan in plans:
        staff = staff_of(planned(scenario, plan))
        for number, (line, label) in enumerate(zip(staff.rota, shift_labels(staff), strict=True)):
            written = line.model_dump(mode="json", by_alias=True)
            rows.append(
                {
                    "plan": plan.name,
                    "role": line.role,
                    "shift": label,
                    "from": written["from"],
                    "to": written["to"],
                    "days": " ".join(days_text(line.days)),
                    "weeks": " ".join(str(week) for week in line.weeks),
                    "count": line.count,
                    "hours_per_week": hours_per_week(staff, number),
                    "cost_per_week": cost_per_week(staff, number),
                    "gap": plan.gap,
                }
            )
    return pd.DataFrame(rows)
