"""Whether a rota keeps the rules: every breach with where and when."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from sim.measures.cost import cost_per_week, hours_per_week, posts
from sim.rota.check_cover import cover_breaches
from sim.rota.check_people import people_breaches, shift_breaches
from sim.rota.need import rules_of, staff_of
from sim.rota.rules import Breach, Rule, source_of
from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Checked:
    """What a check found."""

    breaches: tuple[Breach, ...]
    unchecked: tuple[Rule, ...]
    """Rules that need names, where there are none."""
    posts: pd.DataFrame
    """`role, hours_per_week, cost_per_week, contract_hours, headroom, wte`; WTE = rostered hours ÷
    (contract hours × (1 − headroom))."""


OF_NAMES = (
    Rule.OVERLAP,
    Rule.DAILY_REST,
    Rule.WEEKLY_REST,
    Rule.WEEK_HOURS,
    Rule.NIGHT_HOURS,
)
"""Rules about single people."""


def check_rota(scenario: Scenario) -> Checked:
    """Hold a scenario's rota against its rules; nothing is simulated.

    Raises:
        NeedError: the scenario has no staff.
    """
    staff = staff_of(scenario)
    law = rules_of(scenario).law
    breaches = tuple(
        replace(one, source=source_of(one.rule, law))
        for found in (
            cover_breaches(scenario),
            shift_breaches(scenario),
            people_breaches(scenario),
        )
        for one in found
    )
    named = any(shift.people for shift in staff.rota)
    return Checked(breaches, () if named else OF_NAMES, _posts(scenario))


def breaches_table(breaches: Iterable[Breach]) -> pd.DataFrame:
    """`rule, where, when, what, hours_per_week, source`."""
    columns = ["rule", "where", "when", "what", "hours_per_week", "source"]
    rows = [
        (one.rule.words, one.where, one.when, one.what, one.hours, one.source) for one in breaches
    ]
    return pd.DataFrame(rows, columns=columns)


def _posts(scenario: Scenario) -> pd.DataFrame:
    staff = staff_of(scenario)
    rows = []
    for role, terms in staff.roles.items():
        lines = [number for number, shift in enumerate(staff.rota) if shift.role == role]
        rows.append(
            {
                "role": role,
                "hours_per_week": sum(hours_per_week(scenario, line) for line in lines),
                "cost_per_week": sum(cost_per_week(scenario, line) for line in lines),
                "contract_hours": terms.contract_hours,
                "headroom": terms.headroom,
                "wte": posts(scenario, role),
            }
        )
    return pd.DataFrame(rows)
