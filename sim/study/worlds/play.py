"""Worlds played: of each a few figures, as what is added up over its plays.

World k, play j is replication k + j × 2²⁰: other people in every world, so that their luck averages
out, and the same people for all options in a world, so that differences are of the options. The
first worlds are played twice, which tells how much of the spread is chance; where that is much, all
are played more often. Worlds are patched onto the scenario that was read, nothing is read again,
and the lists of figures are made once for all of them.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from math import isnan

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine, simulate
from sim.log import CityLog, Log
from sim.measures import Interval, Row, metric_rows
from sim.measures.histogram import Histogram, merge
from sim.measures.laws import check_laws
from sim.scenario.city.system import is_system
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.load import Original, Version
from sim.scenario.model.design import Level
from sim.scenario.model.scenario import Scenario
from sim.scenario.uncertainty.draws import Worlds
from sim.study.estimate.summary import Key, key_of
from sim.study.run.cache import ENTRY, Entry, content_sha256
from sim.study.run.replication import play_system
from sim.study.run.runner import Plan, StudyInterrupted
from sim.study.run.workers import Pool, Progress, StudyError, in_order, processes, silent
from sim.study.worlds.measured import Asked, Floats, Measures, measures_of
from sim.study.worlds.variance import components
from sim.visitors import Visitors, draw
from sim.visitors.crowd import Crowd, to_site

PLAY = 2**20
"""Between the numbers of two plays of a world; no ordinary study has as many replications."""
TWICE = 64
"""Worlds that are played twice from the beginning, the first ones: they fill all ranges."""
_LITTLE, _MUCH = 0.10, 0.33
"""Shares of chance: up to the first one play does; up to the second two do."""
MOST_PLAYS = 8
JUDGED = (
    ("wait", "mean", "all"),
    ("wait", "p90", "all"),
    ("unserved", "share", "all"),
    ("needs_unmet", "share", "all"),
)
"""Figures by whose chance it is decided how often worlds are played."""
_FEW, _WORTH = 4, 4.0
"""Worlds that are played here first; seconds of work from which processes are worth starting."""


# --- one world ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PlayedWorld:
    """What is kept of one world of one option."""

    pairs: Floats
    """(plays, columns, 2): numerators and denominators; of quantiles the minutes, and 1."""
    quantiles: Floats
    """Of each quantile that is asked for, of all plays together."""


@dataclass(frozen=True)
class Option:
    """A scenario that is played in all worlds."""

    original: Original
    known: frozenset[str] = frozenset()
    """Paths that it sets itself: no world changes them."""
    also: Mapping[str, Level] = field(default_factory=dict)
    """Values that it has in every world, such as those of a design."""

    @property
    def scenario(self) -> Scenario:
        """As it is written."""
        return self.original.loaded.scenario


@dataclass(frozen=True)
class Turn:
    """A world that is to be played: sent to a worker, all that it needs beside the job."""

    number: int
    """Of the world, and of its first replication."""
    plays: int
    settings: tuple[Mapping[str, Level], ...]
    """Of each option, what differs in this world."""

    @classmethod
    def of(cls, options: Sequence[Option], worlds: Worlds, world: int, plays: int) -> "Turn":
        """The world at a place among some."""
        drawn = worlds.settings(world)
        settings = tuple(
            {path: value for path, value in drawn.items() if path not in one.known} | {**one.also}
            for one in options
        )
        return cls(worlds.first + world, plays, settings)


@dataclass(frozen=True)
class WorldsJob:
    """What all worlds have in common."""

    options: tuple[Option, ...]
    """The scenario as it is first."""
    seed: int
    engine: Engine
    asked: Asked

    @cached_property
    def measures(self) -> tuple[Measures, ...]:
        """How each option's figures are found."""
        return tuple(measures_of(one.scenario, self.asked) for one in self.options)

    def __getstate__(self) -> dict[str, object]:
        """Lists of figures stay here; other processes make their own."""
        return {key: value for key, value in vars(self).items() if key != "measures"}

    def run(self, turn: Turn) -> tuple[PlayedWorld, ...]:
        """Play a world: of each option what is kept.

        Raises:
            StudyError: what was drawn makes no scenario.
        """
        scenarios = [self._scenario(turn, option) for option in range(len(self.options))]
        play = _Played(self.seed, self.engine, scenarios)
        pairs: list[list[Floats]] = [[] for _ in scenarios]
        lengths: list[list[list[Histogram]]] = [[] for _ in scenarios]
        for number in range(turn.number, turn.number + turn.plays * PLAY, PLAY):
            for option, log in enumerate(play.logs(number)):
                found = self.measures[option].found(scenarios[option], log)
                pairs[option].append(found.pairs)
                lengths[option].append(found.lengths)
        return tuple(
            PlayedWorld(np.array(pairs[option]), self._quantiles(option, lengths[option]))
            for option in range(len(scenarios))
        )

    def _scenario(self, turn: Turn, option: int) -> Scenario:
        version = Version(turn.settings[option], ("uncertainty",))
        try:
            return self.options[option].original.scenario(version)
        except ScenarioError as error:
            why = told(
                "world_makes_no_scenario",
                "world {number} makes no scenario: {problem}",
                number=turn.number,
                problem=error.problems[0],
            )
            raise StudyError(why) from None

    def _quantiles(self, option: int, lengths: Sequence[Sequence[Histogram]]) -> Floats:
        together = [merge(each) for each in zip(*lengths, strict=True)]
        found = zip(self.measures[option].quantiles, together, strict=True)
        return np.array([one.quantile(row.probability) for row, one in found])


@dataclass(frozen=True)
class _Played:
    """Scenarios that are played with the same people, once for each number of a replication."""

    seed: int
    engine: Engine
    scenarios: Sequence[Scenario]

    @cached_property
    def _crowds(self) -> list[str]:
        """Of each site, who come; empty of a system, whose needs are drawn as it is played."""
        several = len(self.scenarios) > 1
        return [
            Crowd.of(one).digest if several and not is_system(one) else "" for one in self.scenarios
        ]

    def logs(self, number: int) -> Iterator[Log | CityLog]:
        """What happens in each."""
        people: dict[str, Visitors] = {}
        for crowd, one in zip(self._crowds, self.scenarios, strict=True):
            if is_system(one):
                yield play_system(one, self.seed, number, self.engine)
                continue
            if crowd not in people:
                people[crowd] = draw(one, self.seed, number)
            visitors = to_site(people[crowd], one, self.seed, number)
            log = simulate(one, visitors, self.engine)
            check_laws(one, log)
            yield log


# --- all worlds ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PlayedWorlds:
    """The worlds of one option, as the estimators take them."""

    worlds: Worlds
    rows: Mapping[Key, Row]
    """Of the figures."""
    names: tuple[Key, ...]
    """What the columns are: figures, then margins of targets."""
    plays: Floats
    """(worlds, plays, columns): each play by itself; NaN where none was, or nothing to measure."""
    figures: Floats
    """(worlds, columns): of all plays of a world together."""
    counts: NDArray[np.int64]
    """Plays of each world."""

    def of(self, key: Key) -> tuple[Floats, Floats]:
        """Of a figure (worlds, plays), and (worlds)."""
        column = self.names.index(key)
        return self.plays[:, :, column], self.figures[:, column]

    def has(self, key: Key) -> bool:
        """Whether there is such a figure."""
        return key in self.names


def play_worlds(
    options: Sequence[Option],
    worlds: Worlds,
    asked: Asked,
    plan: Plan,
    *,
    progress: Progress = silent,
    fixed: Sequence[int] | None = None,
) -> tuple[PlayedWorlds, ...]:
    """Play worlds, the same people for all options in each; the result is the same by any workers.

    Args:
        options: the scenario as it is first; each was read, and is patched.
        worlds: what is drawn.
        asked: the figures.
        plan: seed, workers, engine and cache; replications are without meaning.
        progress: is told of every world.
        fixed: how often each world is played; without it as often as chance asks for.

    Raises:
        ScenarioError: a range reaches to what its value cannot be.
        StudyError: what was drawn makes no scenario; a worker died.
        StudyInterrupted: Ctrl-C was pressed; worlds finished by then are kept.
    """
    options[0].original.check_ends(worlds.unknowns)
    job = WorldsJob(tuple(options), plan.seed, plan.engine, asked)
    plays = [2 if world < TWICE else 1 for world in range(worlds.count)] if fixed is None else fixed
    table = _Table(job, worlds, plan)
    try:
        with table.stack:
            table.play(list(enumerate(plays)), progress)
            found = table.options(plays)
            while fixed is None and (needed := _plays(found)) > min(plays):
                again = [(world, needed) for world, before in enumerate(plays) if before < needed]
                table.play(again, progress)
                plays = [max(before, needed) for before in plays]
                found = table.options(plays)
    except KeyboardInterrupt:
        raise StudyInterrupted(table.kept) from None
    if plan.cache is not None and table.kept:
        plan.cache.prune()
    return found


def _plays(found: Sequence[PlayedWorlds]) -> int:
    """How often each world should be played, by the share of chance in one play."""
    chances = [components(*one.of(key)) for one in found for key in JUDGED if one.has(key)]
    chance = max((one.chance for one in chances if not isnan(one.chance)), default=0.0)
    if chance <= _LITTLE:
        return 1
    if chance <= _MUCH:
        return 2
    # Of the mean of four plays chance has c ÷ 4 for c of one.
    of_four = chance / 4 / (chance / 4 + 1 - chance)
    return 4 if of_four <= _MUCH else MOST_PLAYS


@dataclass
class _Table:
    """Plays worlds, and remembers what it saw."""

    job: WorldsJob
    worlds: Worlds
    plan: Plan
    stack: ExitStack = field(default_factory=ExitStack)
    kept: int = 0
    """Worlds that are in the cache."""
    _seen: dict[tuple[int, int], tuple[PlayedWorld, ...]] = field(default_factory=dict)
    _pool: Pool | None = None

    def play(self, items: Sequence[tuple[int, int]], progress: Progress) -> None:
        """Play worlds so many times each, as far as no earlier run has."""
        left = []
        for item in items:
            if (found := self._cached(item)) is None:
                left.append(item)
            else:
                self._seen[item] = found
                self.kept += 1
        done, of = len(items) - len(left), len(items)
        progress(done, of)
        for number, (item, found) in enumerate(zip(left, self._results(left), strict=True)):
            self._seen[item] = found
            progress(done + number + 1, of)

    def _results(self, items: Sequence[tuple[int, int]]) -> Iterator[tuple[PlayedWorld, ...]]:
        first, begun = list(items), time.perf_counter()
        if self._pool is None and self.plan.pool is None:
            here, first = first[:_FEW], first[_FEW:]
            for item in here:
                found = self.job.run(self._turn(item))
                self._keep(item, found)
                yield found
            seconds = (time.perf_counter() - begun) / max(1, len(here)) * len(first)
            if self.plan.workers == 1 or seconds < _WORTH:
                for item in first:
                    found = self.job.run(self._turn(item))
                    self._keep(item, found)
                    yield found
                return
        if self._pool is None:
            opener = self.plan.pool or (lambda: processes(self.plan.workers))
            self._pool = self.stack.enter_context(opener())
        pool = self._pool
        run = pool.sent(self.job)
        yield from in_order(
            lambda item: pool.executor.submit(run, self._turn(item)),
            first,
            pool.ahead,
            lambda item, future: self._keep(item, future.result()),
        )

    def _turn(self, item: tuple[int, int]) -> Turn:
        return Turn.of(self.job.options, self.worlds, *item)

    def options(self, plays: Sequence[int]) -> tuple[PlayedWorlds, ...]:
        """What was seen, option by option."""
        return tuple(self._option(option, plays) for option in range(len(self.job.options)))

    def _option(self, option: int, plays: Sequence[int]) -> PlayedWorlds:
        scenario, asked = self.job.options[option].scenario, self.job.asked
        rows = {key_of(row): row for row in metric_rows(scenario)}
        names = asked.names
        of_plays = np.full((len(plays), max(plays, default=1), len(names)), np.nan)
        figures = np.full((len(plays), len(names)), np.nan)
        quantiles = [
            place for place, key in enumerate(asked.keys) if rows[key].interval is Interval.QUANTILE
        ]
        for world, count in enumerate(plays):
            seen = self._seen[world, count][option]
            of_plays[world, :count] = _divided(seen.pairs)
            figures[world] = _divided(seen.pairs.sum(axis=0))
            figures[world, quantiles] = seen.quantiles
        kept = {key: rows[key] for key in asked.keys}
        counts = np.array(plays, dtype=np.int64)
        return PlayedWorlds(self.worlds, kept, names, of_plays, figures, counts)

    # --- what earlier runs have left ---

    def _cached(self, item: tuple[int, int]) -> tuple[PlayedWorld, ...] | None:
        if (entry := self._entry(item)) is None or (arrays := entry.get()) is None:
            return None
        return tuple(
            PlayedWorld(arrays[f"pairs{option}"], arrays[f"quantiles{option}"])
            for option in range(len(self.job.options))
        )

    def _keep(self, item: tuple[int, int], found: Sequence[PlayedWorld]) -> None:
        if (entry := self._entry(item)) is not None:
            arrays = {f"pairs{option}": one.pairs for option, one in enumerate(found)}
            arrays |= {f"quantiles{option}": one.quantiles for option, one in enumerate(found)}
            self.kept += entry.put(arrays)

    def _entry(self, item: tuple[int, int]) -> Entry | None:
        if self.plan.cache is None:
            return None
        turn = self._turn(item)
        digest = sha256(json.dumps(turn.settings).encode()).hexdigest()[:24]
        folder = self.plan.cache.folder_of(self._key)
        return Entry(folder / f"world-{turn.number}-{turn.plays}-{digest}{ENTRY}")

    @cached_property
    def _key(self) -> dict[str, object]:
        options = [content_sha256(one.scenario) for one in self.job.options]
        asked = [list(one) for one in self.job.asked.names]
        limits = [(one.limit, one.probability) for one in self.job.asked.margins]
        return {"worlds": options, "asked": asked, "limits": limits, "seed": self.job.seed}


def _divided(pairs: Floats) -> Floats:
    """Figures of numerators and denominators; NaN where there was nothing to measure."""
    above, below = pairs[..., 0], pairs[..., 1]
    found: Floats = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=below != 0)
    return found
