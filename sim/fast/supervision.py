"""How many people the staff present can watch."""

from math import isnan

from sim.compiled import inlined
from sim.fast.floor import present
from sim.fast.memory import listed, role_list, rule_row
from sim.fast.rows import Rule
from sim.fast.site_row import Site

_MANY = 1e15
"""More people than can come: a float above it is no exact whole number."""


@inlined
def room_to_watch(site: Site, number: int) -> int:
    """How many more people the staff present may let in under a rule."""
    return max(0, watchable(site, number) - rule_row(site, number).occupied)


@inlined
def watchable(site: Site, number: int) -> int:
    """How many people the staff present can watch under a rule; 0 if too few are there."""
    return cover(site, number).watchable


@inlined
def is_unmet(site: Site, number: int) -> bool:
    """Whether a rule is unmet: too few staff, a role missing, or more people than are watched.

    Staff who may watch nobody at all are too few, whether or not anybody is in a place.
    """
    rule = cover(site, number)
    if rule.short or rule.role_missing:
        return True
    limited = not isnan(rule.places_per_staff)
    return limited and (rule.watchable == 0 or rule.occupied > rule.watchable)


@inlined
def cover(site: Site, number: int) -> Rule:
    """A rule, with how far the staff present satisfy it."""
    if site.stirred_cover:
        site.stirred_cover = False
        for one in range(site.rules_count):
            _look_at(site, rule_row(site, one))
    return rule_row(site, number)


@inlined
def _look_at(site: Site, rule: Rule) -> None:
    staff, (first, end) = 0, role_list(site, rule.roles)
    for position in range(first, end):
        staff += present(site, listed(site, position))
    rule.short, rule.role_missing = staff < rule.minimum, _needs_more(site, rule)
    if rule.short or rule.role_missing:
        rule.watchable = 0
    elif isnan(rule.places_per_staff):
        rule.watchable = site.all_places
    else:
        rule.watchable = int(min(_MANY, rule.places_per_staff * staff))


@inlined
def _needs_more(site: Site, rule: Rule) -> bool:
    for position in range(rule.first_need, rule.end_needs, 2):
        if present(site, listed(site, position)) < listed(site, position + 1):
            return True
    return False
