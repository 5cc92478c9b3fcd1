"""How many people the staff present can watch."""

from math import isnan

from sim.fast.compiled import compiled
from sim.fast.floor import present
from sim.fast.memory import listed, role_list, rule_row
from sim.fast.rows import Rule
from sim.fast.site_row import Site

_MANY = 1e15
"""More people than can come: a float above it is no exact whole number."""


@compiled
def room_to_watch(site: Site, number: int) -> int:
    """How many more people the staff present may let in under a rule."""
    return max(0, watchable(site, number) - rule_row(site, number).occupied)


@compiled
def watchable(site: Site, number: int) -> int:
    """How many people the staff present can watch under a rule; 0 below its minimum."""
    if site.stirred_cover:
        site.stirred_cover = False
        for one in range(site.rules_count):
            rule = rule_row(site, one)
            rule.watchable = _count_watchable(site, rule)
    return rule_row(site, number).watchable


@compiled
def _count_watchable(site: Site, rule: Rule) -> int:
    staff, (first, end) = 0, role_list(site, rule.roles)
    for position in range(first, end):
        staff += present(site, listed(site, position))
    if staff < rule.minimum or _needs_more(site, rule):
        return 0
    if isnan(rule.places_per_staff):
        return site.all_places
    return int(min(_MANY, rule.places_per_staff * staff))


@compiled
def _needs_more(site: Site, rule: Rule) -> bool:
    for position in range(rule.first_need, rule.end_needs, 2):
        if present(site, listed(site, position)) < listed(site, position + 1):
            return True
    return False
