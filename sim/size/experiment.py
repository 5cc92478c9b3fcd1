"""What was played of each design, and playing more; finished observations are kept on disk.

All designs of a batch meet the same people, replication by replication.

**How observations change with who comes** is learnt from replications of their own. More people
than expected make every target harder to meet, whatever the design. What a replication has too much
of them is known (`sim.size.observation`) and is taken out of its observations: with a coefficient
b, value − b × (what there was − what was expected) has the same mean and less variance (Lavenberg &
Welch 1981, Management Science 27). b is learnt here from replications that are never judged, so
that it is a constant to the test, whose guarantee holds for any b. One b for all designs is enough:
those near the targets' limits are much alike.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine, simulate
from sim.scenario.model.scenario import Scenario
from sim.size.city.house import HouseObserver
from sim.size.observation import (
    CONTROL_NAMES,
    DESCRIBED,
    LATEST,
    LONGEST,
    STEP,
    Counts,
    Expectation,
    Observation,
    ObservedTarget,
    Observer,
    columns_of,
    observations,
    tolerances_of,
)
from sim.size.sequential import FIRST_TO_MISS
from sim.size.space import Design, Space
from sim.study.estimate.intervals import Floats
from sim.study.run.cache import ENTRY, Cache, Entry, content_sha256
from sim.study.run.replication import play_system
from sim.study.run.workers import Pool, in_order
from sim.visitors.crowd import Crowd


@dataclass(frozen=True, eq=False)
class Record:
    """The replications of one design, from the first on."""

    pairs: Floats
    """(replications, 2, columns)."""
    waits: Counts
    """(replications, steps)."""
    late: Counts
    """(replications, 2, minutes)."""
    controls: Floats
    """(replications, controls)."""

    @property
    def count(self) -> int:
        """How many replications."""
        return len(self.pairs)

    def until(self, count: int) -> "Record":
        """So many of them."""
        return Record(
            self.pairs[:count], self.waits[:count], self.late[:count], self.controls[:count]
        )


# --- playing ------------------------------------------------------------------------------------

PORTION = 16
"""Replications that all designs play before the next, so that who comes to them is drawn once."""


@dataclass(frozen=True)
class Player:
    """Plays one design; what that takes is made ready once."""

    scenario: Scenario
    wanted: tuple[ObservedTarget, ...]
    facility: str | None = None
    """Of a city the one that is designed."""

    @cached_property
    def ready(self) -> tuple[Crowd, Observer] | HouseObserver:
        """Who comes to it, and who observes it; of a city who observes the facility."""
        if self.facility is not None:
            return HouseObserver(self.scenario, self.facility, self.wanted)
        return Crowd.of(self.scenario), Observer(self.scenario, self.wanted)

    def __getstate__(self) -> dict[str, object]:
        """Only what it was made of goes to other processes; they make ready themselves."""
        return {"scenario": self.scenario, "wanted": self.wanted, "facility": self.facility}

    def play(self, seed: int, replication: int, engine: Engine) -> Observation:
        """One replication."""
        if isinstance(self.ready, HouseObserver):
            return self.ready.observe(play_system(self.scenario, seed, replication, engine))
        crowd, observer = self.ready
        visitors = crowd.meets(self.scenario, seed, replication)
        log = simulate(self.scenario, visitors, engine)
        return observer.observe(log, _controls(crowd, seed, replication))


@dataclass(frozen=True)
class Batch:
    """Designs that are played together."""

    players: tuple[Player, ...]
    seed: int
    engine: Engine

    def run(self, replication: int) -> tuple[Observation, ...]:
        """One replication of each design."""
        return tuple(one.play(self.seed, replication, self.engine) for one in self.players)


@lru_cache(maxsize=1024)
def _controls(crowd: Crowd, seed: int, replication: int) -> Floats:
    """What the visitors do beyond what is to be expected of them."""
    return _usual(crowd).beyond(crowd.meets(crowd.scenario, seed, replication))


@lru_cache(maxsize=16)
def _usual(crowd: Crowd) -> Expectation:
    return Expectation.of(crowd.scenario)


def play(
    pool: Pool, batch: Batch, replications: Sequence[int]
) -> Iterator[tuple[Observation, ...]]:
    """Each replication of all designs of a batch, in order.

    Args:
        pool: who plays them.
        batch: the designs.
        replications: their numbers.
    """
    if pool.elsewhere:
        yield from pool.results(batch, replications)
        return

    def begin(task: tuple[Player, int]) -> Future[Observation]:
        player, number = task
        _ = player.ready  # before threads share it
        return pool.executor.submit(player.play, batch.seed, number, batch.engine)

    firsts = range(0, len(replications), PORTION)
    portions = [replications[first : first + PORTION] for first in firsts]
    tasks = [
        (player, number) for portion in portions for player in batch.players for number in portion
    ]
    # While one player is made ready, those before it play.
    seen = in_order(begin, tasks, lambda: pool.ahead(PORTION))
    for portion in portions:
        of_each = [list(islice(seen, len(portion))) for _ in batch.players]
        yield from zip(*of_each, strict=True)


# --- what was played ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Setup:
    """By whom and how designs are played."""

    pool: Pool
    seed: int
    engine: Engine
    wanted: tuple[ObservedTarget, ...]
    cache: Cache | None
    """Where finished observations are kept and looked for."""
    first: int = 0
    """Number of the first replication; every experiment counts its own from 0."""


class Experiment:
    """Plays designs of a space, and remembers what it saw."""

    def __init__(self, space: Space, setup: Setup) -> None:
        """Begin without having seen anything but what was kept on disk."""
        self.space = space
        self.setup = setup
        self.coefficients: Floats | None = None
        """(controls, columns): how observations change with the controls; from other replications
        than those that are judged, so that judging them is not biased."""
        self.near: Design | None = None
        """A design near the targets' limits."""
        self._records: dict[Design, Record] = {}
        self._taken: dict[Design, int] = {}
        self._players: dict[Design, Player] = {}

    @property
    def played(self) -> tuple[Design, ...]:
        """All designs of which something was taken, in that order."""
        return tuple(self._taken)

    @property
    def finished(self) -> tuple[Design, ...]:
        """Those of which replications are there: all, unless what was taken was interrupted."""
        return tuple(one for one in self._taken if one in self._records)

    def has_played(self, design: Design) -> bool:
        """Whether anything was taken of a design."""
        return design in self._taken

    def recosted(self, space: Space) -> "Experiment":
        """The same designs at other costs: what was played of them still holds."""
        other = Experiment(space, self.setup)
        other.coefficients, other.near = self.coefficients, self.near
        other._records, other._players = self._records, self._players
        return other

    def elsewhere(self, space: Space) -> "Experiment":
        """The same designs under other circumstances: nothing is played, but coefficients hold."""
        other = Experiment(space, self.setup)
        other.coefficients, other.near = self.coefficients, self.near
        return other

    def scenario(self, design: Design) -> Scenario:
        """The site as designed, or the whole city with the facility as designed."""
        return self._player(design).scenario

    def _player(self, design: Design) -> Player:
        if design not in self._players:
            self._players[design] = self.player_of(self.space.scenario(design))
        return self._players[design]

    def player_of(self, scenario: Scenario) -> Player:
        """Who plays a design, or a scenario like one."""
        return Player(scenario, self.setup.wanted, self.space.facility)

    def take(self, designs: Iterable[Design], until: int) -> None:
        """Play designs until each has so many replications."""
        short: dict[int, list[Design]] = {}
        for design in dict.fromkeys(designs):
            have = self._have(design)
            self._taken[design] = max(until, self._taken.get(design, 0))
            if have < until:
                short.setdefault(have, []).append(design)
        for have, group in sorted(short.items()):
            self._play(group, range(self.setup.first + have, self.setup.first + until))

    def record(self, design: Design) -> Record:
        """What was taken of a design, however much more an earlier run has kept."""
        return self._records[design].until(self._taken[design])

    def values(self, design: Design) -> tuple[Floats, Floats]:
        """Observations of all columns, and what their variances are at least.

        What the visitors did beyond what was to be expected is taken out as far as
        `coefficients` say; its mean is 0, so that the observations' means are as they were.
        """
        record = self.record(design)
        values, least = observations(self.setup.wanted, record.pairs, FIRST_TO_MISS)
        if self.coefficients is not None:
            # Where nothing can be observed there is nothing that chance could have moved.
            width = values.shape[1]
            observed = record.pairs[:FIRST_TO_MISS, 1, :width].any(axis=0)
            values = values - record.controls @ self.coefficients * observed
        return values, least

    def _have(self, design: Design) -> int:
        if design in self._records:
            return self._records[design].count
        entry = self._entry(design)
        found = None if entry is None else entry.get()
        if found is None:
            return 0
        self._records[design] = Record(**found)
        return self._records[design].count

    def _entry(self, design: Design) -> Entry | None:
        """Where the observations of a design are kept: by scenario, seed and targets."""
        setup = self.setup
        if setup.cache is None:
            return None
        key = {
            "scenario": content_sha256(self.scenario(design)),
            "seed": [setup.seed, setup.first],
            "observed": [(one.target.text, one.limit, one.within) for one in setup.wanted],
            "beside": [DESCRIBED, STEP, LONGEST, LATEST, CONTROL_NAMES],
        }
        if self.space.facility is not None:
            key["facility"] = self.space.facility
        return Entry(setup.cache.folder_of(key) / f"size{ENTRY}")

    def _play(self, designs: Sequence[Design], replications: range) -> None:
        setup = self.setup
        players = tuple(self._player(one) for one in designs)
        seen: list[tuple[Observation, ...]] = []
        batch = Batch(players, setup.seed, setup.engine)
        seen += play(setup.pool, batch, replications)
        for number, design in enumerate(designs):
            mine = [found[number] for found in seen]
            record = joined(self._records.get(design), mine)
            self._records[design] = record
            if (entry := self._entry(design)) is not None:
                entry.put(vars(record))


def joined(before: Record | None, more: Sequence[Observation]) -> Record:
    """A record with more replications after those there are."""
    found = Record(
        np.array([one.pairs for one in more]),
        np.array([one.waits for one in more]),
        np.array([one.late for one in more]),
        np.array([one.controls for one in more]),
    )
    if before is None:
        return found
    return Record(
        np.concatenate([before.pairs, found.pairs]),
        np.concatenate([before.waits, found.waits]),
        np.concatenate([before.late, found.late]),
        np.concatenate([before.controls, found.controls]),
    )


# --- the pilot ----------------------------------------------------------------------------------

PILOT_FIRST = 1_000_000
"""Number of the first replication of a pilot: no study has as many."""
_ALONE = 0.35
"""Share of a control's variance that one of the pilot's replications may have at most."""
_LOOK, _LEARN = 5, 40
"""Replications to see whether a design meets the targets, and to learn from."""


def learn(experiment: Experiment) -> None:
    """Give an experiment its coefficients, and a design near the targets' limits.

    Args:
        experiment: whose designs; what the pilot plays is not counted as played by it.
    """
    if experiment.space.facility is not None:  # of which there are no controls
        experiment.coefficients = np.zeros((0, columns_of(experiment.setup.wanted)))
        return
    pilot = Experiment(experiment.space, replace(experiment.setup, first=PILOT_FIRST))
    design = _near_the_limits(pilot)
    pilot.take([design], _LEARN)
    values, _ = pilot.values(design)
    controls = pilot.record(design).controls
    varying = _in_many(controls)
    found = np.zeros((controls.shape[1], values.shape[1]))
    centred = controls[:, varying] - controls[:, varying].mean(axis=0)
    found[varying] = np.linalg.lstsq(centred, values - values.mean(axis=0), rcond=None)[0]
    experiment.coefficients, experiment.near = found, design


def _in_many(controls: Floats) -> NDArray[np.bool_]:
    """Controls that vary, and not in one or two replications alone.

    What follows from a single visit, or a single overdose, in all of the pilot says nothing of what
    others do; and in the replications that are judged it may be long in coming.
    """
    beyond = (controls - controls.mean(axis=0)) ** 2
    total = beyond.sum(axis=0)
    found: NDArray[np.bool_] = (total > 0) & (beyond.max(axis=0) < _ALONE * total)
    return found


def _near_the_limits(pilot: Experiment) -> Design:
    """From the most of everything, the least of each that looks good, of the dearest first.

    Chance acts otherwise where two nurses are on shift than where there is one, so that it is
    learnt where the answer is likely to be.
    """
    tolerances, cost = tolerances_of(pilot.setup.wanted), pilot.space.cost

    def looks_good(design: Design) -> bool:
        pilot.take([design], _LOOK)
        return bool(np.all(pilot.values(design)[0].mean(axis=0) / tolerances >= 0))

    design = highest(pilot.space)
    if not looks_good(design):
        return design
    least = [_with(design, axis, 0) for axis in range(len(design))]
    for axis in sorted(range(len(design)), key=lambda axis: cost[least[axis]]):
        if pilot.space.parameters[axis].ordered:
            design = _least_good(design, axis, looks_good)
    return design


def highest(space: Space) -> Design:
    """The most of everything, and of what is not known to be better what is in the middle."""
    return tuple(
        top if one.ordered else top // 2
        for top, one in zip(space.top, space.parameters, strict=True)
    )


def _least_good(design: Design, axis: int, is_good: Callable[[Design], bool]) -> Design:
    """The least of one parameter that is good, by bisection; its highest is not asked."""
    low, high = -1, design[axis]
    while high - low > 1:
        middle = (low + high) // 2
        if is_good(_with(design, axis, middle)):
            high = middle
        else:
            low = middle
    return _with(design, axis, high)


def _with(design: Design, axis: int, level: int) -> Design:
    return (*design[:axis], level, *design[axis + 1 :])
