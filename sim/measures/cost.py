"""What the rota costs: hours and money of an average week, from the scenario alone."""

import numpy as np

from sim.measures.steps import HOUR, Floats
from sim.scenario.hours import DAY, WEEK
from sim.scenario.staff import Staff


def hours_per_week(staff: Staff, line: int) -> float:
    """Rostered hours of a rota line, mean of the weeks of the rota's cycle."""
    shift = staff.rota[line]
    minutes = (shift.end - shift.start) * len(shift.days) * shift.count
    return minutes / HOUR * _share_of_weeks(staff, line)


def cost_per_week(staff: Staff, line: int) -> float:
    """Cost of those hours with unsocial multipliers, in the rota's currency."""
    shift = staff.rota[line]
    factor = _multipliers(staff)
    paid = sum(float(factor[_minutes(day, shift.start, shift.end)].sum()) for day in shift.days)
    rate = staff.roles[shift.role].cost_per_hour
    return paid / HOUR * shift.count * rate * _share_of_weeks(staff, line)


def _share_of_weeks(staff: Staff, line: int) -> float:
    weeks = staff.rota[line].weeks
    return len(set(weeks)) / staff.cycle_weeks if weeks else 1.0


def _multipliers(staff: Staff) -> Floats:
    """For each minute of the week the highest multiplier that applies; 1 where none does."""
    factor = np.full(WEEK, -np.inf)
    for unsocial in staff.unsocial:
        for day in unsocial.days:
            minutes = _minutes(day, unsocial.start, unsocial.end)
            factor[minutes] = np.maximum(factor[minutes], unsocial.multiplier)
    return np.where(np.isinf(factor), 1.0, factor)


def _minutes(day: int, start: int, end: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Minutes of the week of an interval that starts on a weekday; Sunday runs into Monday."""
    return np.arange(day * DAY + start, day * DAY + end, dtype=np.int64) % WEEK
