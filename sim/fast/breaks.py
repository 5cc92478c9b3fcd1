"""Breaks: begun in their window when cover allows, at its end in any case."""

from sim.compiled import inlined
from sim.fast.agenda import CALENDAR, at
from sim.fast.floor import begin_rest, end_rest, present
from sim.fast.memory import due, person_row, rest_row
from sim.fast.site_row import Site


@inlined
def fall_due(site: Site, number: int) -> None:
    """The window of someone's break begins."""
    if person_row(site, rest_row(site, number).person).on_shift:
        due(site, site.due_count).value = number
        site.due_count += 1


@inlined
def breaks_of_shift_over(site: Site, person: int) -> None:
    """Someone's shift ends: a break not begun is missed."""
    kept = 0
    for position in range(site.due_count):
        number = due(site, position).value
        if rest_row(site, number).person != person:
            due(site, kept).value = number
            kept += 1
    site.due_count = kept


@inlined
def assign_forced_breaks(site: Site) -> bool:
    """Send people on breaks whose window is over, whatever the cover. Returns if anyone went."""
    went, position = False, 0
    while position < site.due_count:
        number = due(site, position).value
        rest = rest_row(site, number)
        if site.now >= rest.latest and person_row(site, rest.person).free:
            _begin(site, position)
            went = True
        else:
            position += 1
    return went


@inlined
def assign_covered_breaks(site: Site) -> bool:
    """Send people on breaks within their window, when enough others of the role are present."""
    went, position = False, 0
    while position < site.due_count:
        number = due(site, position).value
        rest = rest_row(site, number)
        person = person_row(site, rest.person)
        covered = present(site, person.role) - 1 >= rest.minimum_left
        if site.now < rest.latest and person.free and covered:
            _begin(site, position)
            went = True
        else:
            position += 1
    return went


@inlined
def recall(site: Site, person: int) -> None:
    """An overdose ends someone's break; the rest of it is due again."""
    number = person_row(site, person).rest
    end_rest(site, person)
    if rest_row(site, number).remaining > 0:
        due(site, site.due_count).value = number
        site.due_count += 1


@inlined
def break_ends(site: Site, number: int) -> bool:
    """Someone's break ends, unless it was ended before. Returns whether it ends now."""
    person = rest_row(site, number).person
    if person_row(site, person).rest != number or rest_row(site, number).ends != site.now:
        return False
    end_rest(site, person)
    return True


@inlined
def _begin(site: Site, position: int) -> None:
    number = due(site, position).value
    site.due_count -= 1
    for later in range(position, site.due_count):
        due(site, later).value = due(site, later + 1).value
    rest = rest_row(site, number)
    begin_rest(site, number)
    rest.ends = site.now + rest.remaining
    at(site, rest.ends, CALENDAR, 1 + person_row(site, rest.person).order, 0, number)
