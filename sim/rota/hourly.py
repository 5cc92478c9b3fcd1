"""A rota that puts exactly so many people on duty in each hour of the week."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from sim.scenario.derived.roster import on_duty, period_of
from sim.scenario.model.hours import DAY, DAYS, HOUR, HOURS_OF_WEEK
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.staff import Shift

_DAY_HOURS = DAY // HOUR


def staffed(scenario: Scenario, counts: Mapping[str, NDArray[np.int64]]) -> Scenario:
    """The scenario with so many people of each role in each hour, present without a break.

    Nobody starts a task until no more are busy than are on duty (`finish_pooled`), so that tasks
    finished after a shift do not add staff beyond the number asked for.

    Args:
        scenario: with staff.
        counts: by role, 168 numbers from Monday 00:00.
    """
    assert scenario.staff is not None  # the caller asks for staff
    rota = tuple(line for role, number in counts.items() for line in _lines(role, number))
    staff = scenario.staff.model_copy(
        update={"rota": rota, "cycle_weeks": 1, "end_of_shift": "finish_pooled", "absence": 0.0}
    )
    return scenario.model_copy(update={"staff": staff})


def on_duty_by_hour(scenario: Scenario) -> dict[str, NDArray[np.float64]]:
    """Mean number on duty by role in each of the 168 hours, over the weeks of the rota's period.

    Of a rota of dates NaN in hours of the week that its days do not have.
    """
    period = period_of(scenario)
    before = 0 if period.first is None else period.first.weekday() * _DAY_HOURS
    hour = (before + np.arange(period.minutes // HOUR)) % HOURS_OF_WEEK
    times = np.bincount(hour, minlength=HOURS_OF_WEEK).astype(np.float64)
    times[times == 0] = np.nan
    return {
        role: np.bincount(hour, minutes.reshape(-1, HOUR).mean(axis=1), HOURS_OF_WEEK) / times
        for role, minutes in on_duty(scenario).items()
    }


def _lines(role: str, numbers: NDArray[np.int64]) -> list[Shift]:
    """As few lines as it takes: one for each level and run of hours, its days together."""
    days: dict[tuple[int, int], list[int]] = defaultdict(list)
    for level in range(1, int(numbers.max(initial=0)) + 1):
        for start, length in _runs(numbers >= level):
            days[start % _DAY_HOURS, length].append(start // _DAY_HOURS)
    lines = []
    for (start, length), starts in sorted(days.items()):
        counts = [starts.count(day) for day in range(len(DAYS))]
        for count in sorted(set(counts) - {0}):
            shift = {
                "role": role,
                "from": _clock(start),
                "to": _clock(start + length),
                "days": tuple(day for day in range(len(DAYS)) if counts[day] == count),
                "count": count,
            }
            lines.append(Shift.model_validate(shift))
    return lines


def _runs(needed: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Start and length of each run of hours in the circular week, none longer than a day."""
    hours = len(needed)
    starts = [hour for hour in range(hours) if needed[hour] and not needed[hour - 1]]
    for start in [0] if needed.all() else starts:
        lasts = (hour for hour in range(1, hours + 1) if not needed[(start + hour) % hours])
        length = next(lasts, hours)
        for gone in range(0, length, _DAY_HOURS):
            yield (start + gone) % hours, min(_DAY_HOURS, length - gone)


def _clock(hour: int) -> str:
    """An hour after midnight of the first day, as the scenario writes it."""
    if hour <= _DAY_HOURS:
        return f"{hour:02d}:00"
    return f"{hour - _DAY_HOURS:02d}:00 next day"
