"""Paths of settings: which of them have a sentence of their own, and what their values are.

Also changes to them, as the results keep them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Steps = tuple[str, ...]
USUAL = ("mean", "median", "value", "mode")
"""Of a duration, what is meant where nothing else is said."""
_DURATION, _ANY = "~", "*"
"""In a pattern: a duration as a whole, or one of `USUAL` of it; any one key."""

PATTERNS: tuple[tuple[str, str, str], ...] = (
    ("rooms.*.places", "places", "number"),
    ("check_in.desks", "desks", "number"),
    ("waiting_area.seats", "waiting_seats", "number"),
    ("aftercare.seats", "aftercare_seats", "number"),
    ("opening.last_entry", "last_entry", "min"),
    ("opening.wait_at_door", "wait_at_door", "min"),
    ("demand.visits_per_day", "visits_per_day", "number"),
    ("demand.served_per_day", "served_per_day", "number"),
    ("demand.factor", "factor", "times"),
    ("demand.crowd_at_opening", "crowd", "share"),
    ("demand.day_to_day_cv", "day_to_day", "number"),
    ("demand.unserved", "unserved", "share"),
    ("demand.unserved.found", "unserved", "share"),
    ("demand.special_days.*.visits", "special_visits", "times"),
    ("demand.special_days.*.overdoses", "special_overdoses", "times"),
    ("visits.*.stay.~", "stay", "min"),
    ("visits.*.patience.~", "patience", "min"),
    ("visits.*.share", "share", "share"),
    ("visits.*.overdose.per_1000", "per_1000", "number"),
    ("visits.*.overdose.onset.~", "onset", "min"),
    ("visits.*.balking.per_person_ahead", "balking", "share"),
    ("visits.*.aftercare.share", "aftercare_share", "share"),
    ("visits.*.aftercare.stay.~", "aftercare_stay", "min"),
    ("visits.*.services.*", "uses_service", "share"),
    ("visits.*.stay_tasks.*", "needs_task", "share"),
    ("rooms.*.cleaning.duration.~", "cleaning", "min"),
    ("rooms.*.reach", "reach", "min"),
    ("rooms.*.time_limit.limit", "time_limit", "min"),
    ("services.*.duration.~", "service", "min"),
    ("services.*.patience.~", "service_patience", "min"),
    ("services.*.appointments.no_show", "no_show", "share"),
    ("services.*.appointments.lateness.~", "lateness", "min"),
    ("services.*.appointments.every", "appointments_every", "min"),
    ("stay_tasks.*.duration.~", "service", "min"),
    ("stay_tasks.*.after.~", "task_after", "min"),
    ("check_in.times.known.~", "check_in", "min"),
    ("check_in.times.first_visit.~", "first_check_in", "min"),
    ("check_in.times.first_visit_share", "first_share", "share"),
    ("overdose.severities.*.share", "severity", "share"),
    ("overdose.severities.*.intensive.~", "intensive", "min"),
    ("overdose.severities.*.observation.~", "observation", "min"),
    ("staff.absence", "absence", "share"),
    ("staff.roles.*.cost_per_hour", "cost_role", "money"),
    ("costs.place.*", "cost_place", "money"),
    ("costs.opening_hour", "cost_hour", "money"),
    ("supervision.*.minimum", "minimum", "number"),
    ("supervision.*.places_per_staff", "places_per_staff", "number"),
    ("staff.rota.*.count", "count", "number"),
    ("staff.rota.*.from", "from", "clock"),
    ("staff.rota.*.to", "to", "clock"),
)
"""What is changed often: its path, its sentence, and what its value is."""

HOLDERS = frozenset(
    {
        *("rooms", "visits", "services", "stay_tasks", "severities", "roles", "place", "rota"),
        *("supervision", "special_days", "weekday", "at_least", "dates", "groups"),
    }
)
"""Maps and lists whose own keys are names that planners give, or numbers."""
SILENT = frozenset({"opening", "demand", "horizon", "staff", "times", "costs", "place", "choice"})
"""Keys that say nothing beside what stands in them."""
WHOLE = frozenset({"rota_rules", "targets", "design", "uncertainty"})
"""Parts of a scenario of which it is told only that they are other ones."""
MINUTES = frozenset(
    {
        *("mean", "median", "value", "mode", "low", "high", "sd", "plus", "limit", "duration"),
        *("overrun", "early", "late_after", "length", "lateness", "after", "every", "repair"),
        *("onset", "intensive", "observation", "ambulance", "known", "first_visit", "reach"),
    }
)
"""Keys whose bare number is minutes."""
SHARES = frozenset(
    {
        *("share", "usable_share", "first_visit_share", "no_show", "comply", "probability"),
        *("absence", "headroom", "when_full", "crowd_at_opening"),
        *("informed", "closed", "no_space", "balked", "reneged", "dismissed_at_close"),
    }
)
LONGEST = 3
"""Values of a list, or entries of a map, that are told one by one."""
_SEGMENT = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^.]+))\s*(?:\.|$)""")
CLOCK = re.compile(r"(\d{2}):(\d{2})( next day)?")
"""A time of day, as the results have it."""


def path_of(text: str) -> Steps:
    """A path as it is written for `--set`, key by key."""
    return tuple(next(one for one in found.groups() if one) for found in _SEGMENT.finditer(text))


@dataclass(frozen=True)
class Changed:
    """One value that differs, as the results have it."""

    path: Steps
    old: Any
    new: Any


def changed(records: Sequence[Mapping[str, Any]]) -> list[Changed]:
    """The changes of an option, or of a design, as `comparison.json` and `sweep.json` have them."""
    return [Changed(path_of(str(one["path"])), one["old"], one["new"]) for one in records]


def fits(path: Steps, pattern: Sequence[str]) -> bool:
    """Whether a path is one of a pattern's."""
    if pattern[-1] == _DURATION:
        if path[len(pattern) - 1 :] not in {(), *((one,) for one in USUAL)}:
            return False
        pattern, path = pattern[:-1], path[: len(pattern) - 1]
    if len(path) != len(pattern):
        return False
    return all(one in {_ANY, step} for step, one in zip(path, pattern, strict=True))


def as_number(value: object) -> float | None:
    """A number, or one written as text, with or without `min`."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value.removesuffix(" min"))
        except ValueError:
            return None
    return None
