"""Every site with the old values and with the new ones, and Porto with bottlenecks of its own."""

from collections.abc import Callable, Iterator, Sequence
from math import nan

import pandas as pd

from benchmarks.defaults.seen import Seen, play
from benchmarks.defaults.sites import Reading, Site, Values, scenario_of, settings
from sim.scenario import Scenario, load_scenario
from sim.scenario.derived.calendar import site_spans
from sim.scenario.model.hours import DAY, DAYS
from sim.study import Plan, StudyError, with_demand

VALUES: tuple[Values, ...] = ("old", "new")
_VISITS = 120_000


def figure_of(reading: Reading, scenario: Scenario, seen: Seen) -> float:
    """The figure that a reading is about; NaN for `left`, which needs another scenario."""
    room = 0 if reading.room == "all" else 1 + list(scenario.rooms).index(reading.room)
    found = {
        "full": seen.all_taken(room),
        "use": seen.use(room),
        "use_busiest": seen.use_busiest(room),
        "over_5_busiest": seen.over_5_busiest,
        "p90_busiest": seen.p90_busiest,
    }
    return found.get(reading.figure, nan)


def halved(scenario: Scenario) -> Scenario:
    """The scenario with half of its places, and the same people."""
    rooms = {
        name: room.model_copy(update={"places": room.places // 2})
        for name, room in scenario.rooms.items()
    }
    return scenario.model_copy(update={"rooms": rooms})


def open_minutes_a_use(site: Site, scenario: Scenario) -> float:
    """Open place-minutes over the uses served, on the days on which it is open."""
    horizon, weekday = scenario.horizon, scenario.demand.weekday
    spans = [(begin, min(end, horizon.minutes)) for begin, end in site_spans(scenario)]
    served = 0.0
    for day in range(horizon.total_days):
        if any(begin < (day + 1) * DAY and end > day * DAY for begin, end in spans):
            name = DAYS[horizon.date_of(day).weekday()]
            served += site.served * weekday.get(name, 1.0)
    places = sum(room.places for room in scenario.rooms.values())
    return places * sum(end - begin for begin, end in spans) / served


def table(
    sites: Sequence[Site], workers: int, say: Callable[[str], object] = print
) -> pd.DataFrame:
    """A line for each site and set of values."""
    lines = []
    for site in sites:
        say(site.name)
        lines += [_played(site, which, workers) for which in VALUES]
    return pd.DataFrame(lines)


def _played(site: Site, which: Values, workers: int) -> dict[str, object]:
    plan = Plan(workers=workers)
    base = scenario_of(site, which)
    line: dict[str, object] = {
        "site": site.file,
        "values": which,
        "open_minutes_a_use": open_minutes_a_use(site, base),
    }
    try:
        scenario = with_demand(base, plan)
    except StudyError:  # however many come, fewer are served
        return line
    seen = play(scenario, _VISITS, workers)
    reading = nan
    if site.reading is not None:
        reading = figure_of(site.reading, scenario, seen)
        if site.reading.figure == "left":
            reading = _left(scenario, workers)
    return line | {
        "come": 1 / (1 - scenario.demand.share_unserved),
        "use": seen.use(),
        "use_busiest": seen.use_busiest(),
        "over_5_busiest": seen.over_5_busiest,
        "p90_busiest": seen.p90_busiest,
        "unserved": seen.unserved,
        "reading": reading,
    }


def _left(scenario: Scenario, workers: int) -> float:
    """Share of uses that are left with half of the places."""
    found = [play(one, _VISITS, workers) for one in (halved(scenario), scenario)]
    halves, whole = (one.served / one.visits[0] for one in found)
    return float(halves / whole)


# --- bottlenecks --------------------------------------------------------------------------------

PORTO = "porto-2023"
_WATCHER = (
    "supervision=[{rooms: [injecting, smoking], roles: [watcher], places_per_staff: 7}]",
    "staff.roles={watcher: {cost_per_hour: 20}}",
    "staff.rota=[{name: day, role: watcher, from: 10:00, to: 20:00}]",
)
BOTTLENECKS: dict[str, tuple[str, ...]] = {
    "as published, with the new values": (),
    "ten places at once, not fifteen": (
        "rooms.injecting.places=4",
        "rooms.smoking.places=6",
    ),
    "one desk, 2.5 minutes a visit": (
        "check_in.times.known={distribution: triangular, low: 1, mode: 2.5, high: 4}",
        "check_in.desks=1",
    ),
    "one member of staff, who watches seven places": _WATCHER,
}
"""What might hold up Porto, one at a time; all assumptions but the first."""


def bottlenecks(sites: Sequence[Site], workers: int) -> pd.DataFrame:
    """A line for each of Porto's bottlenecks; the published uses are served in each."""
    (site,) = (one for one in sites if one.file == PORTO)
    return pd.DataFrame(list(_bottlenecks(site, workers)))


def _bottlenecks(site: Site, workers: int) -> Iterator[dict[str, object]]:
    own = tuple(dict.fromkeys(settings(site, "new")))
    for name, more in BOTTLENECKS.items():
        base = load_scenario(site.path, (*own, *more))
        try:
            seen = play(with_demand(base, Plan(workers=workers)), _VISITS, workers)
        except StudyError:
            yield {"what": name}
            continue
        yield {
            "what": name,
            "use": seen.use(),
            "use_busiest": seen.use_busiest(),
            "over_5_busiest": seen.over_5_busiest,
            "p90_busiest": seen.p90_busiest,
            "unserved": seen.unserved,
        }
