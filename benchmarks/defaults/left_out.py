"""Each site predicted from what the others say: what is not known is drawn, and weighed.

Of each site some hundred possible worlds are drawn from wide priors: the minutes that a use takes a
place, by mode, and how much they vary; how long people wait before they leave, and how many turn
round; the shape of the day, how much days differ, the crowd at the opening; the share of the places
that can be used. In each world as many come as it takes that the published uses are served, if that
can be. Sites scatter about common means. A common mean counts by how well worlds near it give what
the *other* sites say; the worlds of the site that is left out then count by that.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import ceil, floor, nan
from typing import Literal, NamedTuple, get_args
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.defaults.played import figure_of
from benchmarks.defaults.seen import SEED, Seen, seen_in, visits_of
from benchmarks.defaults.sites import Reading, Site, modes, scenario_of
from sim.scenario import Scenario
from sim.scenario.model.demand import MOST_UNSERVED, Found, Shape, ShapeName
from sim.scenario.model.durations import Fixed, Lognormal, Weibull
from sim.scenario.model.site import Cleaning, Room, RoomOnDate
from sim.scenario.model.visits import Balking, VisitKind
from sim.validation.trials import Replication

Floats = NDArray[np.float64]

POOLED = ("inject", "smoke", "patience")
"""What sites have in common but for some scatter."""
MEDIAN = {"inject": 26.0, "smoke": 22.0, "patience": 22.0}
SPREAD = {"inject": 0.31, "smoke": 0.41, "patience": 0.79}
"""Of the common means, lognormal: 80 % of them are 18-40, 13-37 and 8-60 minutes."""
SCATTER = (0.15, 0.4)
"""Of sites about the common mean, lognormal sigma."""
_DRAWN_SCATTER = 0.3
"""Of what is drawn for sites, before it is weighed."""
COMMON = 4000
"""Common means that are tried."""
_CLEANING = 4.0
"""Minutes of those that a use takes a place."""
_VISITS = 8_000
"""In each world."""
_NEAR, _TRIES = 0.015, 7
_FURTHER, _STEP = 1.8, 0.02
SOFT = {"p90_busiest": 3.0}
"""How soft the limits of a reading are, in its unit; shares 0.08."""
_SOFT = 0.08
FLOORS = {False: 0.05, True: 0.3}
"""What a world counts that is far from a reading, since words may mean something else; more where
it is only that nobody complained."""
SHAPES: Mapping[str, tuple[ShapeName, ...]] = {
    "city-day": ("daytime", "city-day"),
    "small-town": ("daytime", "small-town"),
    "long-hours": ("daytime", "long-hours"),
}
FIGURES = ("use", "use_busiest", "over_5_busiest", "p90_busiest", "unserved", "reading")


class World(NamedTuple):
    """What is not known of a site, as it might be."""

    inject: float
    """Minutes that a use takes a place, the next person's sitting down included."""
    smoke: float
    patience: float
    """Median, minutes."""
    stay_cv: float
    balking: float
    shape: ShapeName
    day_cv: float
    crowd: float
    usable: float
    """Share of places."""


def worlds(site: Site, number: int) -> list[World]:
    """Worlds of a site, always the same."""
    random = np.random.default_rng([SEED, crc32(site.file.encode())])
    pooled = {
        name: MEDIAN[name] * np.exp(_drawn_spread(name) * random.standard_normal(number))
        for name in POOLED
    }
    stay_cv = 0.53 * np.exp(0.32 * random.standard_normal(number))
    balking = random.triangular(0, 0.06, 0.15, number)
    shape = random.integers(0, 2, number)
    day_cv = 0.13 * np.exp(0.5 * random.standard_normal(number))
    crowd = random.uniform(0, 0.1, number) if site.crowd else np.zeros(number)
    usable = random.triangular(0.7, 0.92, 1.0, number)
    return [
        World(
            inject=float(pooled["inject"][n]),
            smoke=float(pooled["smoke"][n]),
            patience=float(pooled["patience"][n]),
            stay_cv=float(stay_cv[n]),
            balking=float(balking[n]),
            shape=SHAPES[site.kind][shape[n]],
            day_cv=float(day_cv[n]),
            crowd=float(crowd[n]),
            usable=float(usable[n]),
        )
        for n in range(number)
    ]


def _drawn_spread(name: str) -> float:
    return float(np.hypot(SPREAD[name], _DRAWN_SCATTER))


# --- playing a world ----------------------------------------------------------------------------


def _in_world(base: Scenario, world: World, share: float, part: float = 1.0) -> Scenario:
    """The site as it would be.

    Args:
        base: the site with any set of values.
        world: what is not known of it.
        share: of visits that are not served.
        part: of the places that there are.
    """
    mode = modes(base)
    kinds = {
        name: _kind(kind, world, world.inject if mode[name] == "inject" else world.smoke)
        if name in mode
        else kind
        for name, kind in base.visits.items()
    }
    random = np.random.default_rng([SEED, base.horizon.total_days])
    rooms = {name: _room(base, room, world, part, random) for name, room in base.rooms.items()}
    demand = base.demand.model_copy(
        update={
            "unserved": Found(found=share),
            "profile": Shape(shape=world.shape),
            "day_to_day_cv": world.day_cv,
            "crowd_at_opening": world.crowd,
        }
    )
    return base.model_copy(update={"visits": kinds, "rooms": rooms, "demand": demand})


def _kind(kind: VisitKind, world: World, minutes: float) -> VisitKind:
    mean = max(minutes - _CLEANING, 2.0)
    return kind.model_copy(
        update={
            "stay": Lognormal(distribution="lognormal", mean=mean, cv=world.stay_cv),
            "patience": Weibull(distribution="weibull", shape=1.2, median=world.patience),
            "balking": Balking(per_person_ahead=world.balking, at_most=0.9),
        }
    )


def _room(
    base: Scenario, room: Room, world: World, part: float, random: np.random.Generator
) -> Room:
    """The room with as many places on each day as make the mean; limits are in the minutes."""
    places = ceil(room.places * part)
    wanted = room.places * part * world.usable
    low = floor(wanted)
    more = random.random(base.horizon.total_days) < wanted - low
    dates = {
        base.horizon.date_of(day): RoomOnDate(places=min(max(low + int(one), 1), places))
        for day, one in enumerate(more)
    }
    cleaning = room.cleaning or Cleaning(duration=Fixed(value=_CLEANING))
    cleaning = cleaning.model_copy(update={"duration": Fixed(value=_CLEANING)})
    update = {"places": places, "dates": dates, "time_limit": None, "cleaning": cleaning}
    return room.model_copy(update=update)


def _solved(base: Scenario, world: World) -> tuple[float, Seen] | None:
    """The share that is not served when the published uses are, and what is then seen."""
    tried: list[tuple[float, float]] = []
    share = 0.0
    for _ in range(_TRIES):
        one = Replication(_in_world(base, world, share), SEED, 0)
        came, served = visits_of(one)
        surplus = served / came / (1 - share) - 1
        if abs(surplus) <= _NEAR:
            return share, seen_in(one)
        tried.append((share, surplus))
        share = _next(tried)
        if not 0 <= share < MOST_UNSERVED:
            return None
    return None


def _next(tried: Sequence[tuple[float, float]]) -> float:
    share, surplus = tried[-1]
    if len(tried) == 1:
        return share + max(-_FURTHER * surplus, _STEP)
    below = max((one for one in tried if one[1] < 0), default=None, key=lambda one: one[0])
    above = min((one for one in tried if one[1] > 0), default=None, key=lambda one: one[0])
    if below is None or above is None:
        return share + max(-_FURTHER * surplus, _STEP)
    (low, under), (high, over) = below, above
    return low + (high - low) * under / (under - over)


def _played(site: Site, base: Scenario, world: World) -> dict[str, float]:
    """The figures of a world; NaN where the published uses cannot be served."""
    solved = _solved(base, world)
    if solved is None:
        return dict.fromkeys(FIGURES, nan)
    share, seen = solved
    reading = nan
    if site.reading is not None and site.reading.figure == "left":
        half = Replication(_in_world(base, world, share, 0.5), SEED, 0)
        reading = visits_of(half)[1] / seen.served
    elif site.reading is not None:
        reading = figure_of(site.reading, base, seen)
    return {
        "use": seen.use(),
        "use_busiest": seen.use_busiest(),
        "over_5_busiest": seen.over_5_busiest,
        "p90_busiest": seen.p90_busiest,
        "unserved": share,
        "reading": reading,
    }


def _base(site: Site) -> Scenario:
    """The site with a horizon of so many weeks that enough come."""
    base = scenario_of(site, "new")
    weeks = min(max(round(_VISITS / (7 * site.served)), 2), 26)
    horizon = base.horizon.model_copy(
        update={"weeks": weeks + base.horizon.warmup_weeks, "days": None}
    )
    return base.model_copy(update={"horizon": horizon})


def _some(site: Site, some: Sequence[World]) -> list[dict[str, float]]:
    base = _base(site)
    return [_played(site, base, world) for world in some]


_PORTION = 25


def drawn(sites: Sequence[Site], number: int, workers: int) -> pd.DataFrame:
    """The worlds of sites, with what is seen in each: a line for each world.

    Args:
        sites: those that say something of how full they are.
        number: of worlds of each site.
        workers: how many processes share them.
    """
    jobs = []
    for site in sites:
        all_of_it = worlds(site, number)
        jobs += [(site, all_of_it[at : at + _PORTION]) for at in range(0, number, _PORTION)]
    with ProcessPoolExecutor(workers) as pool:
        found = pool.map(_some, *zip(*jobs, strict=True))
        lines = [
            {"site": site.file, **world._asdict(), **figures}
            for (site, some), seen in zip(jobs, found, strict=True)
            for world, figures in zip(some, seen, strict=True)
        ]
    return pd.DataFrame(lines)


# --- weighing -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Weighed:
    """The worlds of a site, and how much each counts under each common mean."""

    table: pd.DataFrame
    near: Floats
    """(worlds, common means)."""
    likely: Floats
    """Of the worlds, by what the site says."""

    @property
    def likelihood(self) -> Floats:
        """Of the common means, by what the site says."""
        return np.asarray(self.likely @ self.near) / len(self.likely)


class Common(NamedTuple):
    """Common means that are tried."""

    means: dict[str, Floats]
    scatter: Floats


def common() -> Common:
    """Drawn from the priors, always the same."""
    random = np.random.default_rng(SEED)
    means = {
        name: np.log(MEDIAN[name]) + SPREAD[name] * random.standard_normal(COMMON)
        for name in POOLED
    }
    return Common(means, random.uniform(*SCATTER, COMMON))


def likely(reading: Reading, values: Floats) -> Floats:
    """How well values agree with what is said: 1 well within, the floor far outside."""
    soft = SOFT.get(reading.figure, _SOFT)
    agrees = np.ones(len(values))
    if reading.low is not None:
        agrees = agrees / (1 + np.exp(-(values - reading.low) / soft * 2))
    if reading.high is not None:
        agrees = agrees / (1 + np.exp((values - reading.high) / soft * 2))
    floor_ = FLOORS[reading.weak]
    return np.asarray(np.where(np.isnan(values), 0.0, floor_ + (1 - floor_) * agrees))


def weighed(site: Site, table: pd.DataFrame, tried: Common) -> Weighed:
    """The worlds of a site, weighed."""
    used = set(modes(scenario_of(site, "new")).values()) | {"patience"}
    logs = np.zeros((len(table), COMMON))
    for name in POOLED:
        if name in used:
            value = np.log(table[name].to_numpy(dtype=np.float64))[:, np.newaxis]
            logs += _log_normal(value, tried.means[name], tried.scatter)
            logs -= _log_normal(value, *_as_drawn(name))
    assert site.reading is not None  # sites without one are not asked
    agrees = likely(site.reading, table["reading"].to_numpy(dtype=np.float64))
    return Weighed(table.reset_index(drop=True), np.exp(logs), agrees)


def _as_drawn(name: str) -> tuple[Floats, Floats]:
    """Mean and spread of what was drawn for sites, of logarithms."""
    return np.log(np.array(MEDIAN[name])), np.array(_drawn_spread(name))


def _log_normal(value: Floats, mean: Floats, spread: Floats) -> Floats:
    return np.asarray(-0.5 * ((value - mean) / spread) ** 2 - np.log(spread))


INTERVAL = (0.1, 0.5, 0.9)
Left = Literal["low", "median", "high"]


def left_out(sites: Sequence[Site], table: pd.DataFrame) -> pd.DataFrame:
    """By site and figure, what the other sites predict.

    Args:
        sites: those that say something.
        table: their worlds.
    """
    tried = common()
    found = {site.file: weighed(site, table[table["site"] == site.file], tried) for site in sites}
    logs = {file: np.log(one.likelihood) for file, one in found.items()}
    lines = []
    for site in sites:
        others = sum(one for file, one in logs.items() if file != site.file)
        lines += list(_predicted(site, found[site.file], _normed(np.asarray(others))))
    return pd.DataFrame(lines)


def _predicted(site: Site, own: Weighed, weights: Floats) -> Iterator[dict[str, object]]:
    """Of a site, by what the others say; its served uses are known."""
    counts = own.near @ weights * ~own.table["use"].isna().to_numpy()
    counts = counts / counts.sum()
    for figure in FIGURES:
        values = own.table[figure].to_numpy(dtype=np.float64)
        quantiles = dict(zip(get_args(Left), _quantiles(values, counts), strict=True))
        effective = float(1 / (counts**2).sum())
        yield {"site": site.file, "figure": figure, **quantiles, "worlds": effective}


def pooled(sites: Sequence[Site], table: pd.DataFrame) -> pd.DataFrame:
    """The common means by what all sites say."""
    tried = common()
    found = [weighed(site, table[table["site"] == site.file], tried) for site in sites]
    weights = _normed(np.asarray(sum(np.log(one.likelihood) for one in found)))
    prior = np.full(COMMON, 1 / COMMON)
    lines = []
    for name in POOLED:
        for known, counts in (("before", prior), ("after", weights)):
            values = dict(
                zip(get_args(Left), _quantiles(np.exp(tried.means[name]), counts), strict=True)
            )
            lines.append({"what": name, "known": known, **values})
    return pd.DataFrame(lines)


def _normed(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _quantiles(values: Floats, counts: Floats) -> list[float]:
    known = ~np.isnan(values)
    order = np.argsort(values[known])
    sorted_, cumulated = values[known][order], np.cumsum(counts[known][order])
    places = np.searchsorted(cumulated, np.array(INTERVAL) * cumulated[-1])
    return [float(one) for one in sorted_[np.minimum(places, len(sorted_) - 1)]]
