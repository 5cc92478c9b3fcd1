"""How busy staff are, by role and by line of the rota, and what the rota costs."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sim.log import Duty
from sim.measures.cost import (
    MEANING,
    STAFF,
    constant,
    cost_per_week,
    hours_per_week,
    site_cost_figures,
)
from sim.measures.facts import Facts, Shifts
from sim.measures.figure import Figure, HourFigure, HourRow, Interval, Pair, Row, summed
from sim.measures.integrals import hourly, over
from sim.measures.steps import Bools, Floats
from sim.scenario.rota import shift_name
from sim.scenario.scenario import Scenario
from sim.scenario.staff import Shift, Staff

_DUTY = "at work on the duty (overtime included) ÷ minutes rostered and filled"


@dataclass(frozen=True)
class _Group:
    """Some of the shifts."""

    by: str
    of: Callable[[Shifts], Bools]


def shift_labels(staff: Staff) -> tuple[str, ...]:
    """A name for each line of the rota, no two the same."""
    names = [shift_name(shift) for shift in staff.rota]
    names = [_with_role(name, shift, names) for name, shift in zip(names, staff.rota, strict=True)]
    return tuple(
        f"{name} ({names[:number].count(name) + 1})" if names.count(name) > 1 else name
        for number, name in enumerate(names)
    )


def _with_role(name: str, shift: Shift, names: list[str]) -> str:
    shared = Counter(names)[name] > 1 and not name.startswith(shift.role)
    return f"{shift.role} {name}" if shared else name


def staff_figures(scenario: Scenario) -> Iterator[Figure]:
    """Work, overtime, breaks and absence, by role and by line of the rota."""
    if scenario.staff is None:
        return
    everybody = _Group("all", _everybody)
    yield next(_busy_shift(everybody))
    for role in scenario.staff.roles:
        yield from _busy_role(f"role:{role}")
    for number, label in enumerate(shift_labels(scenario.staff)):
        yield from _busy_shift(_Group(f"shift:{label}", _line(number)))
    for group in (everybody, *_groups(scenario.staff)):
        yield from _overtime(group)
        yield from _breaks(group)
        definition = "Shifts per week that went unfilled"
        row = Row("shifts_absent", "per_week", group.by, "shifts/week", definition)
        yield Figure(row, _per_week(group, lambda shifts: shifts.absent))


def cost_figures(scenario: Scenario) -> Iterator[Figure]:
    """Rostered hours, posts and cost of an average week of the rota, and what the site costs."""
    if scenario.staff is not None:
        yield from _rota_figures(scenario, scenario.staff)
    yield from site_cost_figures(scenario)


def _rota_figures(scenario: Scenario, staff: Staff) -> Iterator[Figure]:
    labels = shift_labels(staff)
    for by, lines in _parts(staff, labels):
        hours = sum(hours_per_week(scenario, line) for line in lines)
        definition = "Rostered hours per week, absences included, mean of the rota's weeks"
        yield constant(Row("rostered", "hours_per_week", by, "hours/week", definition), hours)
        if by != "all":
            cost = sum(cost_per_week(scenario, line) for line in lines)
            definition = f"Cost per week: {MEANING[STAFF]}"
            yield constant(Row("cost", "per_week", by, f"{staff.currency}/week", definition), cost)
    for by, roles in (("all", tuple(staff.roles)), *((f"role:{r}", (r,)) for r in staff.roles)):
        definition = "Rostered hours per week ÷ (contract hours × (1 − headroom))"
        number = sum(posts(scenario, role) for role in roles)
        yield constant(Row("wte", "posts", by, "posts", definition), number)


def staff_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Staff on duty, present and busy, by hour."""
    for role in scenario.staff.roles if scenario.staff else ():
        by = f"role:{role}"
        for name, definition in (
            ("on_duty", "Mean number of people rostered and there"),
            ("present", "Of these, not on a break nor at an overdose"),
            ("busy", "Mean number at work on some duty, overtime included"),
        ):
            yield hourly(f"staff_{name}", by, "people", definition, (by, name))
        definition = f"Minutes {_DUTY}"
        row = HourRow("staff_busy_share", by, "share", definition)
        yield HourFigure(row, over((by, "busy"), (by, "on_duty")))


def _groups(staff: Staff) -> Iterator[_Group]:
    for number, role in enumerate(staff.roles):
        yield _Group(f"role:{role}", _role(number))
    for number, label in enumerate(shift_labels(staff)):
        yield _Group(f"shift:{label}", _line(number))


def _everybody(shifts: Shifts) -> Bools:
    return np.ones(len(shifts.line), dtype=np.bool_)


def _line(number: int) -> Callable[[Shifts], Bools]:
    return lambda shifts: np.equal(shifts.line, number)


def _role(number: int) -> Callable[[Shifts], Bools]:
    return lambda shifts: np.equal(shifts.role, number)


def _parts(staff: Staff, labels: tuple[str, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The rota lines that belong to all staff, to a role, to a line."""
    lines = range(len(staff.rota))
    yield "all", tuple(lines)
    for role in staff.roles:
        yield f"role:{role}", tuple(line for line in lines if staff.rota[line].role == role)
    yield from ((f"shift:{label}", (line,)) for line, label in enumerate(labels))


def _busy_role(by: str) -> Iterator[Figure]:
    """From the time integrals, so that shifts cut by the window's ends count in part."""
    row = Row("staff_busy", "share", by, "share", "Minutes at work ÷ minutes rostered and filled")
    yield Figure(row, summed(over((by, "busy"), (by, "on_duty"))))
    for duty in Duty:
        name = duty.name.lower()
        row = Row("staff_busy", "share", f"{by}/duty:{name}", "share", f"Minutes {_DUTY}")
        yield Figure(row, summed(over((by, name), (by, "on_duty"))))


def _busy_shift(group: _Group) -> Iterator[Figure]:
    whole = "of shifts that lie wholly within the time counted"
    definition = f"Minutes at work ÷ minutes rostered and filled, {whole}"
    row = Row("staff_busy", "share", group.by, "share", definition)
    yield Figure(row, _duty_share(group, tuple(Duty)))
    for duty in Duty:
        by = f"{group.by}/duty:{duty.name.lower()}"
        row = Row("staff_busy", "share", by, "share", f"Minutes {_DUTY}, {whole}")
        yield Figure(row, _duty_share(group, (duty,)))


def _duty_share(group: _Group, duties: tuple[Duty, ...]) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        shifts, chosen = facts.shifts, group.of(facts.shifts)
        busy = sum(float(shifts.duties[duty][chosen].sum()) for duty in duties)
        return busy, float(shifts.rostered[chosen].sum())

    return pair


def _overtime(group: _Group) -> Iterator[Figure]:
    definition = "Minutes per week worked after the end of the shift"
    row = Row("overtime", "minutes_per_week", group.by, "min/week", definition)
    yield Figure(row, _per_week(group, lambda shifts: shifts.overtime))
    definition = "Share of the shifts worked that ended late"
    row = Row("overtime", "share_of_shifts", group.by, "share", definition, Interval.EVENTS, 1.0)
    yield Figure(row, _over(group, lambda shifts: (shifts.late, shifts.worked)))


def _breaks(group: _Group) -> Iterator[Figure]:
    for name, definition, counts in (
        ("due", "Breaks due per week", lambda shifts: shifts.breaks_due),
        ("deferred", "Breaks per week begun after their window", lambda s: s.breaks_deferred),
        ("missed", "Breaks per week that were never taken", lambda shifts: shifts.breaks_missed),
    ):
        row = Row("breaks", f"{name}_per_week", group.by, "breaks/week", definition)
        yield Figure(row, _per_week(group, counts))
    definition = "Longest time without a break in a shift, mean of the shifts worked"
    row = Row("longest_stretch", "mean", group.by, "min", definition)
    yield Figure(row, _over(group, lambda shifts: (shifts.longest_stretch, shifts.stretches)))


def _per_week(group: _Group, values: Callable[[Shifts], Floats]) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        chosen = group.of(facts.shifts)
        return float(values(facts.shifts)[chosen].sum()), facts.window.weeks

    return pair


def _over(
    group: _Group, values: Callable[[Shifts], tuple[Floats, Floats]]
) -> Callable[[Facts], Pair]:
    def pair(facts: Facts) -> Pair:
        chosen = group.of(facts.shifts)
        part, whole = values(facts.shifts)
        return float(part[chosen].sum()), float(whole[chosen].sum())

    return pair


def posts(scenario: Scenario, role: str) -> float:
    """Full-time posts of a role: rostered hours ÷ (contract hours × (1 − headroom))."""
    if (staff := scenario.staff) is None:
        return 0.0
    lines = [line for line, shift in enumerate(staff.rota) if shift.role == role]
    post = staff.roles[role].contract_hours * (1 - staff.roles[role].headroom)
    return sum(hours_per_week(scenario, line) for line in lines) / post
