"""Who must be present at the least, breaks taken: rules of supervision, and teams for overdoses."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.rota.check import check_rota
from sim.rota.check_cover import spans
from sim.rota.need import rules_of, staff_of
from sim.rota.rules import told
from sim.rota.work import Roles
from sim.scenario.derived.roster import open_then, period_of, staff_present, teams_needed
from sim.scenario.model.scenario import Scenario


class Least(NamedTuple):
    """Fewest of some roles who must be present while anybody is inside."""

    roles: Roles
    number: int
    why: str
    """The rule, in the scenario's words."""


def least_present(scenario: Scenario) -> tuple[Least, ...]:
    """What must hold in every minute, the strictest of each set of roles."""
    found: dict[Roles, Least] = {}
    for one in _rules(scenario):
        if one.number > found.get(one.roles, Least(one.roles, 0, "")).number:
            found[one.roles] = one
    return tuple(found.values())


def _rules(scenario: Scenario) -> Iterator[Least]:
    rules = rules_of(scenario)
    yield Least(frozenset(staff_of(scenario).roles), rules.minimum, "rota_rules.minimum")
    for role, number in rules.at_least.items():
        yield Least(frozenset((role,)), number, "rota_rules.at_least")
    for rule in scenario.supervision:
        yield Least(frozenset(rule.roles), rule.minimum, "supervision.minimum")
        for role, number in rule.at_least.items():
            yield Least(frozenset((role,)), number, "supervision.at_least")
    for roles, number, name in teams_needed(scenario):
        yield Least(frozenset(roles), number, f"overdose.severities.{name}.team")


def breaches_with_breaks(scenario: Scenario) -> tuple[str, ...]:
    """Every rule that a rota breaks: those of a check, and who is present with breaks taken.

    Args:
        scenario: whose rota it is; breaks are taken one after another, as late as they may be.

    Returns:
        One line each: the rule, where or whom it is about, when, and what is the matter.
    """
    checked = check_rota(scenario).breaches
    return (
        *(f"{one.rule.words}: {one.where}, {one.when}: {one.what}" for one in checked),
        *_short(scenario),
    )


def _short(scenario: Scenario) -> Iterator[str]:
    there, period = staff_present(scenario), period_of(scenario)
    is_open = open_then(scenario)
    for one in least_present(scenario):
        present = np.sum([there[role] for role in one.roles], axis=0)
        for start, end in spans((present < one.number) & is_open, circle=period.first is None):
            fewest = int(present[np.arange(start, end) % period.minutes].min())
            yield (
                f"present with breaks taken: {told(period, start, end)}: {fewest} present, "
                f"{one.number} needed ({' or '.join(sorted(one.roles))}; {one.why})"
            )
