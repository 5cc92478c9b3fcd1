"""Studies behind the page: first a quick look, then more, then until the figures are precise.

A window has one study at a time: a new one ends the one before. What was played of what it is
compared with is kept in memory, so that only the move itself is played.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

from sim.engine import Engine
from sim.report.page.words import Words
from sim.scenario import Scenario
from sim.serve.answers import Answers, answers, as_it_is
from sim.serve.moves import Settings, Site
from sim.study import Plan, StudyResult
from sim.study.compare.comparison import Studied
from sim.study.compare.options import changes
from sim.study.estimate.precision import PrecisionRule
from sim.study.run.cache import Cache
from sim.study.run.runner import run_study

QUICK = 2
"""Replications of a quick look."""
STAGES = (QUICK, 10, 20, 40)
"""After each of them there are answers; the last ones only until the figures are precise."""
_KEPT = 8
"""Studies of what moves are compared with that are kept in memory: those of two windows."""
_TOLD_EVERY = 0.1
"""Seconds between two words on how far a study is."""
_LONG = 30.0
"""Seconds that are left from which on a study is said to take long."""


class StoppedError(Exception):
    """Nobody wants the study any more."""


@dataclass(frozen=True)
class Progress:
    """How far a stage is, both studies of it taken together."""

    done: float
    """Replications."""
    of: int
    left: float
    """Seconds; negative where nobody knows yet."""

    @property
    def is_long(self) -> bool:
        """Whether whoever waits should know that it takes long."""
        return self.left > _LONG


@dataclass(frozen=True)
class Stage:
    """The answers after so many replications."""

    answers: Answers
    count: int
    is_last: bool
    is_precise: bool


Tell = Callable[[Progress], None]


@dataclass(frozen=True, eq=False)
class Asked:
    """What is wanted: a move, and what it is compared with."""

    before: Site
    """The text of what it is compared with."""
    base: Settings
    site: Site
    """The text of the move."""
    now: Settings
    quick: bool = False
    """Whether a quick look is enough, as while something is being moved."""


@dataclass(frozen=True, eq=False)
class Study:
    """A study that is under way."""

    window: str
    stopped: Event = field(default_factory=Event)

    def check(self) -> None:
        """End it if it is no longer wanted."""
        if self.stopped.is_set():
            raise StoppedError


class Studies:
    """The studies of all windows."""

    def __init__(
        self,
        engine: Engine,
        seed: int,
        workers: int,
        cache: Cache | None,
        stages: Sequence[int] = STAGES,
    ) -> None:
        """Take what plays, where finished replications are kept, and when there are answers."""
        self.seed = seed
        self.engine = engine
        self._stages = tuple(stages)
        self._plan = Plan(seed=seed, workers=workers, engine=engine)
        self._cache = cache
        self._lock = Lock()
        self._current: dict[str, Study] = {}
        self._results: OrderedDict[tuple[str, int], StudyResult] = OrderedDict()

    @property
    def under_way(self) -> int:
        """How many studies there are at this moment."""
        with self._lock:
            return len(self._current)

    @contextmanager
    def of(self, window: str) -> Iterator[Study]:
        """A study of a window; the one that it had is stopped."""
        study = Study(window)
        with self._lock:
            before = self._current.get(window)
            self._current[window] = study
        if before is not None:
            before.stopped.set()
        try:
            yield study
        finally:
            with self._lock:
                if self._current.get(window) is study:
                    del self._current[window]

    def stop(self, window: str) -> None:
        """Stop the study of a window, if it has one."""
        with self._lock:
            study = self._current.get(window)
        if study is not None:
            study.stopped.set()

    def stop_all(self) -> None:
        """Stop all of them, as at the end of the program."""
        with self._lock:
            found = list(self._current.values())
        for one in found:
            one.stopped.set()

    def stages(self, study: Study, asked: Asked, words: Words, tell: Tell) -> Iterator[Stage]:
        """The answers after more and more replications.

        Args:
            study: that of the window.
            asked: the move.
            words: the language.
            tell: is told how far it is.

        Raises:
            ScenarioError: the move, or what it is compared with, cannot be.
            StoppedError: nobody wants it any more.
            StudyError: it would take days.
        """
        base, now = asked.before.scenario(asked.base), asked.site.scenario(asked.now)
        alike = not changes(base, now)
        for count in self._stages[:1] if asked.quick else self._stages:
            counted = _Counted(study, tell, count, 1 if alike else 2)
            key = asked.before.key_of(asked.base)
            known = self._result(key, base, counted, quick=asked.quick, kept=True)
            before = Studied(base.name, base, known)
            result = known
            if alike:
                found = as_it_is(before, words)
            else:
                counted.begin(count)
                key = asked.site.key_of(asked.now)
                result = self._result(key, now, counted, quick=asked.quick)
                found = answers(before, Studied(_named(asked.now), now, result), words)
            study.check()
            precise = result.precision is not None and result.precision.reached
            last = precise or count == self._stages[-1] or asked.quick
            yield Stage(found, count, last, precise)
            if last:
                return

    def studied(
        self, study: Study, sites: Sequence[tuple[str, Site, Settings]], count: int, tell: Tell
    ) -> list[Studied]:
        """Several moves of the same number of replications, each by its name.

        Raises:
            ScenarioError: one of them cannot be.
            StoppedError: nobody wants it any more.
            StudyError: it would take days.
        """
        counted = _Counted(study, tell, count, len(sites))
        found = []
        for number, (name, site, settings) in enumerate(sites):
            counted.begin(number * count)
            scenario = site.scenario(settings)
            result = self._result(site.key_of(settings), scenario, counted, quick=False)
            found.append(Studied(name, scenario, result))
        return found

    def _result(
        self,
        name: str,
        scenario: Scenario,
        counted: "_Counted",
        *,
        quick: bool,
        kept: bool = False,
    ) -> StudyResult:
        """A study of a scenario; of what moves are compared with, one that was played lately."""
        count = counted.count
        key = (name, count)
        with self._lock:
            found = self._results.get(key)
            if found is not None:
                self._results.move_to_end(key)
                return found
        found = run_study(scenario, self._plan_of(count, quick=quick), progress=counted.show)
        with self._lock:
            if kept:
                self._results[key] = found
            while len(self._results) > _KEPT:
                self._results.popitem(last=False)
        return found

    def _plan_of(self, count: int, *, quick: bool) -> Plan:
        """So many replications; whether they are enough is said of more than a quick look."""
        plan, cache = self._plan, None if quick else self._cache
        rule = PrecisionRule(least=count, most=count) if count > QUICK else None
        return Plan(
            seed=plan.seed,
            replications=count,
            workers=plan.workers,
            engine=plan.engine,
            precision=rule,
            cache=cache,
        )


def _named(settings: Settings) -> str:
    """What a move is called in its table: as `--alt` names it."""
    return "; ".join(f"{path}={value}" for path, value in settings.items()) or "="


class _Counted:
    """How far the two studies of a stage are, told now and then; stops what is not wanted."""

    def __init__(self, study: Study, tell: Tell, count: int, studies: int) -> None:
        self._study, self._tell, self.count = study, tell, count
        self._of, self._before = count * studies, 0
        self._began, self._told = time.monotonic(), 0.0

    def begin(self, before: int) -> None:
        """Go on to the second study, so many replications having been for the first."""
        self._before = before

    def show(self, done: int, _: int) -> None:
        """Be told that so many replications are done."""
        self._study.check()
        now = time.monotonic()
        if now - self._told < _TOLD_EVERY:
            return
        self._told, taken = now, now - self._began
        whole = self._before + done
        left = taken * (self._of - whole) / max(whole, 1)
        self._tell(Progress(self.count * whole / self._of, self.count, left))
