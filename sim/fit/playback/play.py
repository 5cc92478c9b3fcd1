"""Does the fitted site give its log back? The log's own days played many times over, hour by hour.

Of every hour of the week the log has one value, a mean over its days: how many came, how many
places were in use, how long the served waited, how many were not served. The fitted site is played
for the same days, closed days and days without a log among them, and looked at as the log is. If
the site is as it was fitted, the log is one more play of it: so it lies between the ordered plays
k and n + 1 - k with a probability of 1 - 2k / (n + 1), whatever the law of an hour. That band is
of a single log, not of a mean, and holds 95 of 100 hours.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.engine import Engine
from sim.fit.fit import Fitted
from sim.fit.playback.view import GONE, IN_USE, MEASURES, VISITS, WAIT, Key, Seen, View
from sim.fit.reading.register import Bools, Floats
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import LEVEL
from sim.study.run.replication import simulate_replication
from sim.study.run.workers import Progress, silent, this_machine

FEWEST, USUAL = 39, 79
"""Plays: with fewer no band of 95 % is exact."""
_MANY = 60_000
"""Visits of a log from which on it is played fewer times: what it leaves to chance is little."""
_SEED = 20_260_107
_FAR = 3.0
"""Spreads of the plays by which a figure of the whole log is no chance."""
_FEW_HOURS = 3
"""Hours outside below which nothing is suspected: somebody came once where nobody ever does."""
NEARLY, _NEAR = 0.8, 0.1
"""Share of hours inside, and of a mean, by which a log that does not come back is near."""
_UNITS = {
    VISITS: "visits/h",
    IN_USE: "places",
    WAIT: "min",
    GONE: "visits/h",
    "visits_a_day": "visits/day",
    "spread_of_days": "",
    "share": "share",
    "stay": "min",
    "wait_mean": "min",
    "wait_p90": "min",
    "unserved_a_day": "visits/day",
}
"""Of what is compared, as the table has them."""


@dataclass(frozen=True, eq=False)
class Hours:
    """One measure over the week: what the log has, and where the plays lie."""

    measure: str
    by: str
    log: Floats
    """(168,); NaN where the log has nothing."""
    low: Floats
    middle: Floats
    high: Floats
    counted: Bools
    """Hours in which something can differ."""
    usual: float
    """Share of hours inside that 19 of 20 plays have at least."""
    least: float
    """The smallest share that any play has."""
    mean_off: float
    """By how many spreads of the plays the log's mean is above theirs."""

    @property
    def inside(self) -> Bools:
        """The hours that count and lie within the band."""
        found: Bools = self.counted & (self.log >= self.low) & (self.log <= self.high)
        return found

    @property
    def share(self) -> float:
        """Share of the hours that count which lie within it."""
        return float(self.inside.sum() / self.counted.sum()) if self.counted.any() else math.nan

    @property
    def differs(self) -> bool:
        """Whether it is further off than any play, by its hours or in the mean."""
        outside = int(self.counted.sum() - self.inside.sum())
        return (self.share < self.least and outside >= _FEW_HOURS) or abs(self.mean_off) > _FAR

    @property
    def up(self) -> bool:
        """Whether the log has more than the plays."""
        if abs(self.mean_off) > _FAR:
            return self.mean_off > 0
        above = (self.log > self.high)[self.counted].sum()
        return bool(above > (self.log < self.low)[self.counted].sum())

    @property
    def furthest(self) -> int:
        """The hour of the week that is furthest out of the band."""
        width = np.maximum(self.high - self.low, 1e-9)
        out = np.maximum(self.log - self.high, self.low - self.log) / width
        return int(np.argmax(np.where(self.counted, np.nan_to_num(out, nan=-np.inf), -np.inf)))


@dataclass(frozen=True)
class Figure:
    """A figure of the whole log, and where the plays lie."""

    name: str
    by: str
    log: float
    low: float
    middle: float
    high: float
    off: float
    """By how many spreads of the plays the log is above their mean."""

    @property
    def agrees(self) -> bool:
        """Whether it lies within the band of 95 %."""
        return self.low <= self.log <= self.high

    @property
    def far(self) -> bool:
        """Whether it is no chance that it does not."""
        return abs(self.off) > _FAR

    @property
    def near(self) -> bool:
        """Whether it is less than a tenth away from the plays, be that chance or not."""
        return abs(self.log - self.middle) <= _NEAR * abs(self.middle)


@dataclass(frozen=True, eq=False)
class PlayedBack:
    """How a fitted site gives its log back."""

    plays: int
    days: int
    """That are compared."""
    hours: tuple[Hours, ...]
    figures: tuple[Figure, ...]
    usual: float
    """Share of all hours inside that 19 of 20 plays have at least."""
    notes: tuple[str, ...] = ()
    """Why something is not compared: words of the catalogue."""

    @property
    def counted(self) -> int:
        """Hours, of all measures together."""
        return sum(int(one.counted.sum()) for one in self.hours)

    @property
    def inside(self) -> int:
        """How many of them lie within their band."""
        return sum(int(one.inside.sum()) for one in self.hours)

    @property
    def share(self) -> float:
        """The same as a share."""
        return self.inside / self.counted if self.counted else math.nan

    @property
    def verdict(self) -> str:
        """Whether the log comes back: `yes` if as much as in 19 of 20 plays of the site itself.

        A long log tells differences that matter to nobody: `nearly` if 4 of 5 hours are inside.
        """
        if self.share >= self.usual:
            return "yes"
        return "nearly" if self.share >= NEARLY else "no"

    def rows(self) -> Iterator[dict[str, object]]:
        """A table: a line a figure of the whole log, then one an hour of the week and measure."""
        for one in self.figures:
            values = (one.log, one.low, one.middle, one.high)
            yield _line((one.name, one.by), "", values, inside=one.agrees)
        for each in self.hours:
            for hour in np.flatnonzero(each.counted).tolist():
                values = (each.log[hour], each.low[hour], each.middle[hour], each.high[hour])
                inside = bool(each.inside[hour])
                yield _line((each.measure, each.by), str(hour), values, inside=inside)


def _line(key: Key, hour: str, values: tuple[float, ...], *, inside: bool) -> dict[str, object]:
    names = ("log", "low", "median", "high")
    return {
        "measure": key[0],
        "by": key[1],
        "hour_of_week": hour,
        "unit": _UNITS[key[0]],
        **{name: float(value) for name, value in zip(names, values, strict=True)},
        "inside": inside,
    }


# --- played -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Playing:
    """How a log is played back."""

    latest: bool = True
    """Whether the level of a log with a trend is that of its last weeks."""
    plays: int | None = None
    """How often; None for as often as the log's length asks for."""
    workers: int = 1
    """How many threads share the work."""


def play_back(
    found: Fitted, fitted: Scenario, how: Playing, progress: Progress = silent
) -> PlayedBack | str:
    """Play the days of a log by the site that was fitted to it.

    Args:
        found: the fit.
        fitted: the scenario that it gives.
        how: how often, by how many.
        progress: told of each play.

    Returns:
        How it gives the log back; or why it cannot be played, a word of the catalogue.
    """
    if found.unserved == "unknown":
        return "unknown"
    if fitted.demand.arrivals is not None:
        return "listed"
    view = View.of(found, latest=how.latest)
    log = view.of_log(found)
    number = how.plays or (USUAL if len(found.register) < _MANY else FEWEST)
    job = Job(_of_days(fitted, found), view, tuple(log))
    seen = np.empty((number, len(job.flat(log))))
    with this_machine(Engine.FAST, how.workers)() as pool:
        for place, one in enumerate(pool.results(job, range(number))):
            seen[place] = one
            progress(place + 1, number)
    return compared(log, seen, view)


def _of_days(scenario: Scenario, found: Fitted) -> Scenario:
    """The scenario over the days of the log."""
    horizon = {"start": found.register.start, "weeks": None, "days": found.register.days}
    days = scenario.horizon.model_copy(update={**horizon, "warmup_weeks": 0})
    return scenario.model_copy(update={"horizon": days})


@dataclass(frozen=True)
class Job:
    """All plays have this in common."""

    scenario: Scenario
    view: View
    keys: tuple[Key, ...]

    def run(self, replication: int) -> Floats:
        """Play once, and look at it as at the log."""
        log = simulate_replication(self.scenario, _SEED, replication, Engine.FAST)
        return self.flat(self.view.of_play(log))

    def flat(self, seen: Seen) -> Floats:
        """All values in a row."""
        return np.concatenate([seen[key] for key in self.keys])


# --- compared -----------------------------------------------------------------------------------


def compared(log: Seen, seen: Floats, view: View) -> PlayedBack:
    """Where the log lies among the plays."""
    hours: list[Hours] = []
    figures: list[Figure] = []
    inside: list[Floats] = []
    start = 0
    for (name, by), values in log.items():
        part = seen[:, start : start + len(values)]
        start += len(values)
        if name not in MEASURES:
            figures += _figure(name, by, float(values[0]), part[:, 0])
            continue
        one, each = _hours(name, by, values, part)
        if one.counted.any():
            hours.append(one)
            inside.append(each)
    every = np.concatenate(inside, axis=1) if inside else np.ones((len(seen), 1))
    order = {name: place for place, name in enumerate(MEASURES)}
    return PlayedBack(
        len(seen),
        int(view.counted.any(axis=1).sum()),
        tuple(sorted(hours, key=lambda one: order[one.measure])),
        tuple(figures),
        _usual(every.mean(axis=1)),
        view.notes,
    )


def _usual(shares: Floats) -> float:
    """What 19 of 20 have at least."""
    return float(np.quantile(shares, 1 - LEVEL, method="lower"))


def _band(plays: Floats) -> tuple[Floats, Floats, Floats]:
    """The band of 95 % of one more play, and its middle; plays along the first axis."""
    beyond = _beyond(len(plays))
    ordered = np.sort(plays, axis=0)
    middle: Floats = np.median(plays, axis=0)
    return ordered[beyond - 1], middle, ordered[len(plays) - beyond]


def _beyond(plays: int) -> int:
    """The k of the ordered plays between which one more lies with 95 %; 1 with too few of them."""
    return max(int((1 - LEVEL) / 2 * (plays + 1) + 1e-9), 1)


def _figure(name: str, by: str, log: float, plays: Floats) -> Iterator[Figure]:
    known = plays[~np.isnan(plays)]
    if math.isnan(log) or len(known) < FEWEST:
        return
    low, middle, high = (float(one) for one in _band(known))
    yield Figure(name, by, log, low, middle, high, _off(log, known))


def _off(log: float, plays: Floats) -> float:
    """By how many spreads of the plays a log is above their mean; 0 where they are all alike."""
    spread = float(plays.std(ddof=1))
    return (log - float(plays.mean())) / spread if spread > 0 else 0.0


def _hours(measure: str, by: str, log: Floats, plays: Floats) -> tuple[Hours, Floats]:
    """A measure, and which of its hours each play has inside the band of the others."""
    known = ~np.isnan(plays).any(axis=0) & ~np.isnan(log)
    filled = np.where(known, plays, 0.0)
    low, middle, high = _band(filled)
    # An hour in which nothing ever happens cannot differ.
    counted = known & ((high > low) | (log != low))
    each = _each_inside(filled[:, counted])
    shares = each.mean(axis=1) if counted.any() else np.ones(len(plays))
    means = filled[:, counted].mean(axis=1) if counted.any() else np.zeros(len(plays))
    mean = float(log[counted].mean()) if counted.any() else 0.0
    blank = np.where(known, 0.0, np.nan)
    parts = (low + blank, middle + blank, high + blank)
    found = Hours(
        measure, by, log, *parts, counted, _usual(shares), float(shares.min()), _off(mean, means)
    )
    return found, each


def _each_inside(plays: Floats) -> Floats:
    """Of each play and hour whether it lies within the band of all other plays."""
    beyond = _beyond(len(plays))
    ordered = np.sort(plays, axis=0)
    below, above = ordered[beyond], ordered[len(plays) - 1 - beyond]
    # Without itself: of those up to the k-th the band begins one further up.
    low = np.where(plays <= ordered[beyond - 1], below, ordered[beyond - 1])
    high = np.where(plays >= ordered[len(plays) - beyond], above, ordered[len(plays) - beyond])
    found: Floats = ((plays >= low) & (plays <= high)).astype(float)
    return found
