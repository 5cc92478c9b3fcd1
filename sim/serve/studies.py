"""Studies behind the page: first a quick look, then more, then until the figures are precise.

A window has one study at a time: a new one ends the one before. What was played of what it is
compared with is kept in memory, so that only the move itself is played. Nothing is played twice at
the same time: a move that is let go of goes on with the quick look at it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
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
_KEPT, _LOOKS = 8, 4
"""Studies that are kept in memory: of what moves are compared with, those of two windows; and quick
looks at moves, which are let go of where they were looked at."""
_TOLD_EVERY = 0.1
"""Seconds between two words on how far a study is."""
_LOOKS_EVERY = 0.01
"""Seconds between two looks at what somebody else plays."""
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


@dataclass(eq=False)
class Study:
    """A study that is under way."""

    window: str
    about: str = ""
    """What is asked for, as the page sent it."""
    stopped: Event = field(default_factory=Event)
    heir: "Study | None" = None
    """The next one of the window, where it asks for the same."""

    @property
    def is_wanted(self) -> bool:
        """Whether what it plays is wanted, by itself or by the next one."""
        return not self.stopped.is_set() or (self.heir is not None and self.heir.is_wanted)

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
        self._bases = _Kept(_KEPT)
        self._looks = _Kept(_LOOKS)
        self._playing: dict[_Key, _Playing] = {}

    @property
    def under_way(self) -> int:
        """How many studies there are at this moment."""
        with self._lock:
            return len(self._current)

    @contextmanager
    def of(self, window: str, about: str = "") -> Iterator[Study]:
        """A study of a window; the one that it had is stopped, and handed on if it is the same."""
        study = Study(window, about)
        with self._lock:
            before = self._current.get(window)
            self._current[window] = study
        if before is not None:
            before.heir = study if about and before.about == about else None
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
            result = self._result(key, base, counted, self._bases)
            before = Studied(base.name, base, result)
            study.check()
            if alike:
                found = as_it_is(before, words)
            else:
                counted.begin(count)
                key = asked.site.key_of(asked.now)
                looks = self._looks if count == QUICK else None
                result = self._result(key, now, counted, looks)
                study.check()
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
            result = self._result(site.key_of(settings), scenario, counted, None)
            found.append(Studied(name, scenario, result))
        return found

    def _result(
        self, name: str, scenario: Scenario, counted: "_Counted", kept: "_Kept | None"
    ) -> StudyResult:
        """A study of a scenario: one that is kept, one that is being played, or a new one."""
        key, mine = (name, counted.count), _Playing()
        while True:
            with self._lock:
                found = None if kept is None else kept.get(key)
                if found is not None:
                    return found
                playing = self._playing.setdefault(key, mine)
            if playing is mine:
                break
            found = counted.follow(playing)
            if found is not None:
                return found
        try:
            plan = self._plan_of(counted.count)
            found = run_study(scenario, plan, progress=partial(counted.play, mine))
        except BaseException:
            mine.result.cancel()
            raise
        else:
            mine.result.set_result(found)
            return found
        finally:
            with self._lock:
                del self._playing[key]
                if kept is not None and not mine.result.cancelled():
                    kept.put(key, mine.result.result())

    def _plan_of(self, count: int) -> Plan:
        """So many replications; whether they are enough is said of more than a quick look.

        Those of a quick look are played sooner than they are found on the disk, or put there.
        """
        plan, is_quick = self._plan, count <= QUICK
        return Plan(
            seed=plan.seed,
            replications=count,
            workers=plan.workers,
            engine=plan.engine,
            precision=None if is_quick else PrecisionRule(least=count, most=count),
            cache=None if is_quick else self._cache,
        )


_Key = tuple[str, int]
"""A scenario, and replications."""


class _Kept:
    """The studies that were wanted last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[_Key, StudyResult] = OrderedDict()

    def get(self, key: _Key) -> StudyResult | None:
        found = self._found.get(key)
        if found is not None:
            self._found.move_to_end(key)
        return found

    def put(self, key: _Key, found: StudyResult) -> None:
        self._found[key] = found
        while len(self._found) > self._most:
            self._found.popitem(last=False)


@dataclass(eq=False)
class _Playing:
    """A study that somebody plays; cancelled where it is given up."""

    result: Future[StudyResult] = field(default_factory=Future)
    done: int = 0
    """Replications."""


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

    def play(self, playing: _Playing, done: int, _: int) -> None:
        """Be told that so many replications are done; they go on for the next who wants them."""
        if not self._study.is_wanted:
            raise StoppedError
        playing.done = done
        self._show(done)

    def follow(self, playing: _Playing) -> StudyResult | None:
        """What somebody else plays, when it is done; None where it was given up."""
        while True:
            self._study.check()
            try:
                return playing.result.result(_LOOKS_EVERY)
            except CancelledError:
                return None
            except TimeoutError:
                self._show(playing.done)

    def _show(self, done: int) -> None:
        now = time.monotonic()
        if now - self._told < _TOLD_EVERY:
            return
        self._told, taken = now, now - self._began
        whole = self._before + done
        left = taken * (self._of - whole) / max(whole, 1)
        self._tell(Progress(self.count * whole / self._of, self.count, left))
