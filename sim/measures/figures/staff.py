"""How busy staff are, by role and by line of the rota: work, overtime, breaks and absence."""

from collections import Counter
from collections.abc import Callable, Iterator

from sim.log import Duty
from sim.measures.facts.facts import Facts, Shifts
from sim.measures.facts.groups import Group, having
from sim.measures.figures.figure import (
    Figure,
    HourFigure,
    HourRow,
    Interval,
    Number,
    Pair,
    Row,
    exposure,
    figure,
    hour_figure,
    integral,
    over,
    over_week,
    weeks,
)
from sim.scenario.derived.roster import shift_name
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift, Staff

EVERYBODY: Group[Shifts] = Group("all", lambda shifts: shifts.line >= 0)
_DUTY = "at work on the duty (overtime included) ÷ minutes rostered and filled"
_DUTIES = tuple(duty.name.lower() for duty in Duty)


def duties_of(scenario: Scenario) -> tuple[str, ...]:
    """The duties that there are figures of."""
    task = Duty.STAY_TASK.name.lower()
    return tuple(duty for duty in _DUTIES if duty != task or scenario.stay_tasks)


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
    if (staff := scenario.staff) is None:
        return
    lines = list(_by_line(staff))
    yield from _busy_shifts(EVERYBODY, ())
    for role in staff.roles:
        yield from _busy_role(f"role:{role}", duties_of(scenario))
    for line in lines:
        yield from _busy_shifts(line, duties_of(scenario))
    for group in (EVERYBODY, *_by_role(staff), *lines):
        yield from _overtime(group)
        yield from _breaks(group)
        meaning, of = "Shifts per week that went unfilled", over(_sum(group, "absent"), weeks)
        yield figure("shifts_absent.per_week", group.by, "shifts/week", meaning, of)


def staff_hours(scenario: Scenario) -> Iterator[HourFigure]:
    """Staff on duty, present and busy, by hour."""
    for role in scenario.staff.roles if scenario.staff else ():
        by = f"role:{role}"
        for name, meaning in (
            ("on_duty", "Mean number of people rostered and there"),
            ("present", "Of these, not on a break nor at an overdose"),
            ("busy", "Mean number at work on some duty, overtime included"),
        ):
            of = over(integral(f"{by}:{name}"), exposure)
            yield hour_figure(f"staff_{name}", by, "people", meaning, of)
        of = over(integral(f"{by}:busy"), integral(f"{by}:on_duty"))
        yield HourFigure(HourRow("staff_busy_share", by, "share", f"Minutes {_DUTY}"), of)


def _by_role(staff: Staff) -> Iterator[Group[Shifts]]:
    for number, role in enumerate(staff.roles):
        yield having(f"role:{role}", lambda shifts: shifts.role, number)


def _by_line(staff: Staff) -> Iterator[Group[Shifts]]:
    for number, label in enumerate(shift_labels(staff)):
        yield having(f"shift:{label}", lambda shifts: shifts.line, number)


def _busy_role(by: str, duties: tuple[str, ...]) -> Iterator[Figure]:
    """From the time integrals, so that shifts cut by the window's ends count in part."""
    on_duty = integral(f"{by}:on_duty")
    of = over_week(integral(f"{by}:busy"), on_duty)
    yield _busy(by, "Minutes at work ÷ minutes rostered and filled", of)
    for duty in duties:
        of = over_week(integral(f"{by}:{duty}"), on_duty)
        yield _busy(f"{by}/duty:{duty}", f"Minutes {_DUTY}", of)


def _busy_shifts(group: Group[Shifts], duties: tuple[str, ...]) -> Iterator[Figure]:
    """From the shifts, of which those count that lie wholly within the window."""
    whole, rostered = "of shifts that lie wholly within the time counted", _sum(group, "rostered")
    meaning = f"Minutes at work ÷ minutes rostered and filled, {whole}"
    yield _busy(group.by, meaning, over(_sum(group, *_DUTIES), rostered))
    for duty in duties:
        of = over(_sum(group, duty), rostered)
        yield _busy(f"{group.by}/duty:{duty}", f"Minutes {_DUTY}, {whole}", of)


def _busy(by: str, meaning: str, of: Callable[[Facts], Pair]) -> Figure:
    """A share of the time rostered, to which overtime comes on top: it may be more than 1."""
    return Figure(Row("staff_busy", "share", by, "share", meaning), of)


def _overtime(group: Group[Shifts]) -> Iterator[Figure]:
    meaning = "Minutes per week worked after the end of the shift"
    of = over(_sum(group, "overtime"), weeks)
    yield figure("overtime.minutes_per_week", group.by, "min/week", meaning, of)
    meaning = "Share of the shifts worked that ended late"
    of = over(_sum(group, "late"), _sum(group, "worked"))
    yield figure("overtime.share_of_shifts", group.by, "share", meaning, of, Interval.EVENTS)


def _breaks(group: Group[Shifts]) -> Iterator[Figure]:
    for name, meaning in (
        ("due", "Breaks due per week"),
        ("deferred", "Breaks per week begun after their window"),
        ("missed", "Breaks per week that were never taken"),
    ):
        of = over(_sum(group, f"breaks_{name}"), weeks)
        yield figure(f"breaks.{name}_per_week", group.by, "breaks/week", meaning, of)
    meaning = "Longest time without a break in a shift, mean of the shifts worked"
    of = over(_sum(group, "longest_stretch"), _sum(group, "worked"))
    yield figure("longest_stretch.mean", group.by, "min", meaning, of)


def _sum(group: Group[Shifts], *names: str) -> Number:
    """What some sums of the shifts of a group come to together."""
    return lambda facts: sum((facts.shifts.total(group, name) for name in names), 0.0)
