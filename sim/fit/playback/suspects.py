"""Where a log is not given back: which input may be why."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.fit.playback.play import Figure, Hours, PlayedBack
from sim.fit.playback.view import GONE, IN_USE, MEASURES, VISITS, WAIT, Key


@dataclass(frozen=True)
class Suspect:
    """An input that may be why a log is not given back."""

    rule: str
    """A word of the catalogue."""
    path: str
    """The setting to look at."""
    hour: int = -1
    """The hour of the week that is furthest off; -1 of none."""
    by: str = "all"


def suspects(back: PlayedBack) -> list[Suspect]:
    """Which input may be why a log is not given back.

    What comes first is judged first: who comes, how long they stay, then whether the places are as
    many as the file says, and how long people wait. Where one is off, what follows from it is off
    with it.
    """
    figures = {(one.name, one.by): one for one in back.figures}
    hours = {measure: [one for one in back.hours if one.measure == measure] for measure in MEASURES}
    return _who_comes(hours, figures) or _how_long(figures) or _queue(hours, figures)


_Measures = Mapping[str, list[Hours]]
_Figures = Mapping[Key, Figure]


def _who_comes(hours: _Measures, figures: _Figures) -> list[Suspect]:
    level = figures.get(("visits_a_day", "all"))
    if level is not None and level.far:
        return [Suspect("more_come" if level.off > 0 else "fewer_come", "demand.week")]
    for one in hours[VISITS]:
        if one.differs:
            return [Suspect("hours", "demand.week", one.furthest)]
    days = figures.get(("spread_of_days", "all"))
    if days is not None and days.far:
        rule = "days_differ_more" if days.off > 0 else "days_differ_less"
        return [Suspect(rule, "demand.day_to_day_cv")]
    return [
        Suspect("kinds", f"visits.{one.by}.share", by=one.by)
        for one in figures.values()
        if one.name == "share" and one.far
    ][:1]


def _how_long(figures: _Figures) -> list[Suspect]:
    off = [one for one in figures.values() if one.name == "stay" and one.far]
    return [
        Suspect(
            "stays_longer" if one.off > 0 else "stays_shorter", f"visits.{one.by}.stay", by=one.by
        )
        for one in off
    ]


def _queue(hours: _Measures, figures: _Figures) -> list[Suspect]:
    """Whether places, patience or what is written down is why people wait longer or less."""
    wait = _way(hours[WAIT], figures.get(("wait_mean", "all")))
    gone = _way(hours[GONE], figures.get(("unserved_a_day", "all")))
    if (wait, gone) in _RULES:
        rule, path = _RULES[wait, gone]
        measure = WAIT if wait else GONE
        return [Suspect(rule, path, hours[measure][0].furthest if hours[measure] else -1)]
    return [
        Suspect("rooms", f"rooms.{one.by}", one.furthest, one.by)
        for one in hours[IN_USE]
        if one.differs
    ][:1]


_RULES = {
    (1, 1): ("places_fewer", "rooms.places"),
    (1, 0): ("places_fewer", "rooms.places"),
    (1, -1): ("patience_longer", "visits.patience"),
    (-1, 1): ("patience_shorter", "visits.patience"),
    (-1, 0): ("places_more", "rooms.places"),
    (-1, -1): ("places_more", "rooms.places"),
    (0, 1): ("more_leave", "visits.balking"),
    (0, -1): ("fewer_leave", "visits.patience"),
}
"""By whether the log has longer waits, and more who were not served: 1; less: -1; as played: 0."""


def _way(hours: list[Hours], whole: Figure | None) -> int:
    """Whether a log has more (1) or less (-1) of something than was played."""
    for one in hours:
        if one.differs:
            return 1 if one.up else -1
    if whole is not None and whole.far:
        return 1 if whole.off > 0 else -1
    return 0
