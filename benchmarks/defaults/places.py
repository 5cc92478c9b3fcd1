"""How many places `size` finds for so many visits a day, with the old values and the new ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt

import pandas as pd

from benchmarks.defaults.seen import SEED, play
from benchmarks.defaults.sites import (
    NIGHT,
    Mode,
    Values,
    limit_text,
    value_set,
)
from sim.engine import Engine
from sim.scenario import Scenario
from sim.scenario.load import Loaded, Original, scenario_from_text
from sim.scenario.text.read import read_text
from sim.size.experiment import Experiment, Setup
from sim.size.observation import observed_targets
from sim.size.search import SearchRules, choose
from sim.size.space import read_space
from sim.study.run.workers import this_machine

SHARE: dict[Mode, float] = {"inject": 0.45, "smoke": 0.55}
TARGETS = {"wait": ("wait.p90 <= 10 min",), "both": ("wait.p90 <= 10 min", "unserved <= 5 %")}
_PEAK = 1.7
_VISITS = 100_000


@dataclass(frozen=True)
class Asked:
    """A site that is to be sized."""

    visits: int
    """A day."""
    hours: str
    open: int
    """Minutes a day."""
    kind: str

    @property
    def name(self) -> str:
        """As the page has it."""
        return f"{self.visits}, open {self.open // 60} h"


ASKED = (
    *(Asked(visits, "10:00-22:00", 720, "city-day") for visits in (60, 100, 200, 250, 300, 400)),
    Asked(600, "06:00-05:00 next day", 1380, "long-hours"),
    Asked(60, "09:00-16:00", 420, "small-town"),
)
"""A city's site from 60 to 400 visits a day, one open by night, and a small town's."""
COMBINATIONS: tuple[tuple[Values, str], ...] = (
    ("old", "wait"),
    ("old", "both"),
    ("new", "wait"),
    ("new", "both"),
)

SITE = """\
name: places
horizon: {{start: 2026-06-01, weeks: 4}}
opening: {{hours: {hours}, wait_at_door: 30 min}}
demand:
  visits_per_day: {visits}
  profile: {profile}
  day_to_day_cv: {cv}
  crowd_at_opening: {crowd}
  special_days: [{{name: benefit days, days_of_month: [1, 2, 3], visits: {benefit}}}]
visits:
  inject: {{share: 0.45, rooms: [injecting], stay: {inject}, {leaving}}}
  smoke: {{share: 0.55, rooms: [smoking], stay: {smoke}, {leaving}}}
rooms:
  injecting: {{places: {low[inject]}, cleaning: {{duration: {wipe[inject]}}}, time_limit: {limit}}}
  smoking: {{places: {low[smoke]}, cleaning: {{duration: {wipe[smoke]}}}, time_limit: {limit}}}
targets: [{targets}]
costs: {{place: {{injecting: 1, smoking: 1}}}}
design:
  usable: 0.9
  vary:
    rooms.injecting.places: {low[inject]}:{high[inject]}
    rooms.smoking.places: {low[smoke]}:{high[smoke]}
"""
_LEAVING = (
    "patience: {distribution: weibull, median: 25, shape: 1.2}, "
    "balking: {per_person_ahead: 0.06, at_most: 0.9}"
)


def text_of(asked: Asked, which: Values, targets: tuple[str, ...]) -> str:
    """The site with a set of values, as a scenario."""
    values = value_set(which, asked.kind)
    night = which == "old" and asked.kind == "long-hours"
    low, high = _ranges(asked)
    return SITE.format(
        hours=asked.hours,
        visits=asked.visits,
        profile=NIGHT if night else values.profile,
        cv=values.day_to_day_cv,
        crowd=0 if asked.kind == "long-hours" else values.crowd,
        benefit=values.benefit,
        inject=values.stay["inject"],
        smoke=values.stay["smoke"],
        leaving=_LEAVING,
        wipe=values.cleaning,
        limit=limit_text(values.limit),
        targets=", ".join(targets),
        low=low,
        high=high,
    )


def _ranges(asked: Asked) -> tuple[dict[Mode, int], dict[Mode, int]]:
    """From places that are all in use all day to more than the busiest hours need."""
    low: dict[Mode, int] = {}
    high: dict[Mode, int] = {}
    for mode, share in SHARE.items():
        mean = asked.visits * share * 25 / asked.open
        low[mode] = max(1, int(mean))
        high[mode] = ceil(_PEAK * mean + 1.5 * sqrt(_PEAK * mean) + 1)
    return low, high


def sized(workers: int) -> Iterator[dict[str, object]]:
    """A line for each site, set of values and targets: the cheapest places, and what they do."""
    for asked in ASKED:
        for which, targets in COMBINATIONS:
            yield _sized(asked, which, targets, workers)


def _sized(asked: Asked, which: Values, targets: str, workers: int) -> dict[str, object]:
    text = text_of(asked, which, TARGETS[targets])
    scenario = scenario_from_text(text)
    space = read_space(Original(Loaded(scenario, read_text(text))))
    assert scenario.design is not None  # the text has one
    wanted = observed_targets(scenario, scenario.design.tolerances)
    with this_machine(Engine.FAST, workers)() as pool:
        lab = Experiment(space, Setup(pool, SEED, Engine.FAST, wanted, None))
        found, _ = choose(lab, SearchRules(answers=1))
        chosen: Scenario = lab.scenario(found.met[0])
    places = {name: room.places for name, room in chosen.rooms.items()}
    total = sum(places.values())
    seen = play(chosen, _VISITS, workers)
    return {
        "visits": asked.visits,
        "hours": asked.open / 60,
        "kind": asked.kind,
        "values": which,
        "targets": targets,
        "injecting": places["injecting"],
        "smoking": places["smoking"],
        "places": total,
        "to_build": scenario.design.to_build(total),
        "open_minutes_a_use": total * asked.open / asked.visits,
        "use": seen.use(),
        "use_busiest": seen.use_busiest(),
        "p90_busiest": seen.p90_busiest,
        "unserved": seen.unserved,
    }


def table(workers: int) -> pd.DataFrame:
    """All of them."""
    return pd.DataFrame(list(sized(workers)))
