"""Who runs replications: this process, its threads, several processes, or a cluster.

And compiling whatever the first replication would compile.
"""

import gc
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    Executor,
    Future,
    InvalidStateError,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Event, Thread
from typing import Any, Generic, Protocol, Self, TypeVar, cast
from weakref import WeakSet

from sim.compiled import is_cached
from sim.engine import Engine, compile_engine, must_compile
from sim.measures import compile_measures, measures_must_compile
from sim.scenario.errors.told import told
from sim.visitors import compile_drawing, drawing_must_compile

Item = TypeVar("Item")
Result = TypeVar("Result")
Item_contra = TypeVar("Item_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)

_STOP = None if sys.platform == "win32" else signal.SIGUSR1
"""Tells a worker process to stop; SIGTERM would be sent by Python too, and must end it at once."""
_THEIRS = frozenset({"asyncio", "concurrent", "distributed", "tornado"})
"""Packages whose exceptions are about the connection to a cluster."""
AHEAD = 2
"""Replications per worker that are begun before the oldest of them is fetched: enough to keep
the workers busy, few enough that what they hand back does not pile up."""
_PATIENCE = "10 s"
"""How long a scheduler, and its first worker, may keep us waiting."""
_LOOKS_EVERY, _SILENT_FOR = 0.5, 10.0
"""Seconds: how often a connection is looked at, and how long it may be gone."""


# --- news of the work ---------------------------------------------------------------------------

Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many; of 0 where that is not known beforehand."""
Watch = Callable[[str], AbstractContextManager[Progress]]
"""Begins a stretch of work, by the name of what is counted in it; gives what is told of it."""


def silent(done: int, of: int) -> None:
    """No news."""


@contextmanager
def unwatched(_what: str) -> Iterator[Progress]:
    """Nobody watches the work, whatever it is."""
    yield silent


def shares(progress: Progress, number: int) -> Iterator[Progress]:
    """For each of so many pieces of work what is told of it, as an equal share of the whole.

    Args:
        progress: is told of the whole.
        number: of the pieces.
    """

    def of_piece(piece: int) -> Progress:
        return lambda done, of: progress(piece * of + done, number * of)

    return map(of_piece, range(number))


# --- jobs and who does them ---------------------------------------------------------------------


class StudyError(Exception):
    """A study could not be finished; the message says why."""


class Job(Protocol[Item_contra, Result_co]):
    """What many pieces of work have in common, such as the replications of a study."""

    def run(self, item: Item_contra, /) -> Result_co:
        """Do one of them, such as the replication of that number."""


@dataclass(frozen=True)
class PackedJob(Generic[Item, Result]):
    """A job as it is sent to another process, perhaps on another machine."""

    version: str
    """Of the program that sends it."""
    content: bytes

    @classmethod
    def of(cls, job: Job[Item, Result]) -> "PackedJob[Item, Result]":
        """The job, packed."""
        return cls(_version(), pickle.dumps(job))

    def run(self, item: Item) -> Result:
        """As `Job.run`.

        Raises:
            StudyError: the program here is another version, whose figures may differ.
        """
        if self.version != _version():
            raise StudyError(
                told(
                    "a_worker_has_dcr_sim_but_this",
                    "a worker has dcr-sim {version}, but this is {version_2}; install the same "
                    "version on all of them",
                    version=_version(),
                    version_2=self.version,
                )
            )
        job = cast("Job[Item, Result]", _unpacked(self.content))
        return job.run(item)


@lru_cache(maxsize=4)
def _unpacked(content: bytes) -> object:
    """Whatever job was packed: a worker unpacks it once for all its work."""
    return pickle.loads(content)


@cache
def _version() -> str:
    try:
        return version("dcr-sim")
    except PackageNotFoundError:
        return "(not installed)"


@dataclass(frozen=True)
class Pool:
    """Somebody who runs replications."""

    executor: Executor
    """Anything with the interface of `concurrent.futures`."""
    workers: int
    """How many replications it runs at the same time."""
    elsewhere: bool = True
    """Whether in other processes, to which the work must be sent."""

    def results(self, job: Job[Item, Result], items: Iterable[Item]) -> Generator[Result]:
        """What a job gives for each item, in the order of the items."""
        run = self.sent(job)
        return in_order(lambda item: self.executor.submit(run, item), items, self.ahead)

    def sent(self, job: Job[Item, Result]) -> Callable[[Item], Result]:
        """What its workers are to call: the job, packed once for those in other processes."""
        return PackedJob[Item, Result].of(job).run if self.elsewhere else job.run

    def ahead(self, each: int = AHEAD) -> int:
        """Items that may be begun before the oldest of them is fetched: so many a worker."""
        return max(1, each * self.workers)


def in_order(
    begin: Callable[[Item], Future[Result]],
    items: Iterable[Item],
    ahead: Callable[[], int],
    finish: Callable[[Item, Future[Result]], None] = lambda *_: None,
) -> Generator[Result]:
    """The results of some work in its own order, whatever order it is finished in.

    Args:
        begin: begins the work on an item.
        items: what is to be done.
        ahead: how many may be begun before the oldest of them is fetched.
        finish: is told of every finished item; when the results are no longer wanted, as after an
            interruption, of those that are finished by then.
    """
    waiting = iter(items)
    begun: deque[tuple[Item, Future[Result]]] = deque()
    try:
        while True:
            for item in waiting:
                begun.append((item, begin(item)))
                if len(begun) >= ahead():
                    break
            if not begun:
                return
            result = begun[0][1].result()
            finish(*begun.popleft())
            yield result
    finally:
        # What others have finished meanwhile is not thrown away.
        for item, future in begun:
            if future.done() and not future.cancelled() and future.exception() is None:
                finish(item, future)


# --- pools --------------------------------------------------------------------------------------

PoolOpener = Callable[[], AbstractContextManager[Pool]]
"""Makes a pool for the time of a `with` block; an error within it ends what is under way."""


def this_machine(engine: Engine, workers: int) -> PoolOpener:
    """So many threads or processes of this machine, as suits the engine; for one, neither."""
    if workers == 1:
        return _here
    return (lambda: _threads(workers)) if engine.threads else (lambda: processes(workers))


def dask_cluster(address: str) -> PoolOpener:
    """The workers of a Dask cluster that is already there.

    A worker that is lost is done without: what it had not finished is given to the others. Its
    replications come out the same wherever they run, as long as the packages are the same.

    Args:
        address: of the scheduler, such as `tcp://10.0.0.5:8786`.
    """
    return lambda: _dask(address)


class _Here(Executor):
    """Does at once, in this process, what it is given."""

    def submit(
        self, fn: Callable[..., Result], /, *args: object, **kwargs: object
    ) -> Future[Result]:
        """The call, finished; what goes wrong in it is raised."""
        future = Future[Result]()
        future.set_result(fn(*args, **kwargs))
        return future


@contextmanager
def _here() -> Iterator[Pool]:
    yield Pool(_Here(), 0, elsewhere=False)


@contextmanager
def _threads(workers: int) -> Iterator[Pool]:
    executor = ThreadPoolExecutor(workers)
    try:
        yield Pool(executor, workers, elsewhere=False)
    finally:
        # What is under way cannot be broken off, but takes a moment only.
        executor.shutdown(cancel_futures=True)


class _Stop:
    """What a worker process does when it is told to stop: it breaks off the work in hand.

    Killed in the middle of sending a result it would leave half of it, for the rest of which the
    program would wait for ever.
    """

    def __init__(self) -> None:
        self.asked = self.at_work = False

    def __call__(self, *_: object) -> None:
        self.asked = True
        if self.at_work:
            raise SystemExit

    def run(self, fn: Callable[..., Result], /, *args: object, **kwargs: object) -> Result:
        self.at_work = True
        try:
            if self.asked:
                raise SystemExit
            return fn(*args, **kwargs)
        finally:
            self.at_work = False


def _outlive_nobody() -> None:
    """End this process when the program that started it has gone, however it went."""
    program = parent_process()
    assert program is not None  # it was started by one
    program.join()
    os._exit(1)


def _begin_process() -> None:
    # What is there from the start, modules and models, stays: nobody need look whether it is waste.
    gc.freeze()
    Thread(target=_outlive_nobody, daemon=True).start()
    # Ctrl-C reaches the workers as well; they leave it to the program, which tells them to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _STOP is not None:
        signal.signal(_STOP, _Stop())


def _until_stopped(fn: Callable[..., Result], /, *args: object, **kwargs: object) -> Result:
    stop = None if _STOP is None else signal.getsignal(_STOP)
    return stop.run(fn, *args, **kwargs) if isinstance(stop, _Stop) else fn(*args, **kwargs)


def _tell_to_stop(process: BaseProcess) -> None:
    """End a worker process; one that has not begun to listen dies, as does any on Windows."""
    if _STOP is None or process.pid is None:
        process.terminate()
        return
    with suppress(ProcessLookupError):  # gone already
        os.kill(process.pid, _STOP)


class _Processes(ProcessPoolExecutor):
    """Processes that can be told to stop at any time."""

    def submit(
        self, fn: Callable[..., Result], /, *args: object, **kwargs: object
    ) -> Future[Result]:
        """The call, to be made by one of the processes."""
        return super().submit(_until_stopped, fn, *args, **kwargs)


@contextmanager
def processes(workers: int) -> Iterator[Pool]:
    """So many other processes of this machine."""
    others = set(active_children())
    # Fresh processes on every system: a forked copy of a program with threads may hang.
    executor = _Processes(workers, mp_context=get_context("spawn"), initializer=_begin_process)
    try:
        yield Pool(executor, workers)
    except BrokenProcessPool as error:
        raise StudyError(
            told(
                "a_worker_process_died_perhaps_for_want",
                "a worker process died, perhaps for want of memory",
            )
        ) from error
    except BaseException:
        # Replications under way would be waited for; nobody wants them any more.
        for process in set(active_children()) - others:
            _tell_to_stop(process)
        raise
    finally:
        executor.shutdown(cancel_futures=True)


class _Watched(Executor):
    """An executor elsewhere, whose work fails if nothing was heard of it for a while.

    What is given to Dask at the moment at which its scheduler goes may never be answered.
    """

    def __init__(self, executor: Executor, is_there: Callable[[], bool], address: str) -> None:
        self._executor, self._is_there, self._address = executor, is_there, address
        self._waiting: WeakSet[Future[Any]] = WeakSet()
        self._over = Event()
        self._watcher = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watcher.join()

    def submit(
        self, fn: Callable[..., Result], /, *args: object, **kwargs: object
    ) -> Future[Result]:
        """The call, under way elsewhere."""
        future = self._executor.submit(fn, *args, **kwargs)
        self._waiting.add(future)
        return future

    def _watch(self) -> None:
        silent = 0.0
        while not self._over.wait(_LOOKS_EVERY):
            silent = 0.0 if self._is_there() else silent + _LOOKS_EVERY
            if silent < _SILENT_FOR:
                continue
            for future in list(self._waiting):
                with suppress(InvalidStateError):  # it has come after all
                    future.set_exception(_gone(self._address))


def _gone(address: str) -> StudyError:
    return StudyError(
        told(
            "the_dask_scheduler_at_is_gone_or",
            "the Dask scheduler at {address} is gone, or its connection; finished "
            "replications are kept, and the same command goes on from there",
            address=address,
        )
    )


@contextmanager
def _dask(address: str) -> Iterator[Pool]:
    try:
        distributed = import_module("distributed")  # large, and of use to few
    except ImportError as error:
        raise StudyError(
            told(
                "cluster_needs_the_package_distributed_which_is",
                "--cluster needs the package 'distributed', which is not installed; "
                "install it with: python -m pip install 'dcr-sim[cluster]'",
            )
        ) from error
    try:
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise StudyError(
            told(
                "no_dask_scheduler_answers_at",
                "no Dask scheduler answers at {address}: {error}",
                address=address,
                error=error,
            )
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise StudyError(
                told(
                    "the_dask_scheduler_at_has_no_workers",
                    "the Dask scheduler at {address} has no workers; start some",
                    address=address,
                )
            ) from error
        workers = sum(client.nthreads().values())
        executor = client.get_executor(pure=False)
        try:
            with _Watched(executor, lambda: client.status == "running", address) as watched:
                yield Pool(watched, workers)
        except distributed.KilledWorker as error:
            raise StudyError(
                told(
                    "the_dask_workers_died_again_and_again",
                    "the Dask workers died again and again, perhaps for want of memory: {error}",
                    error=error,
                )
            ) from error
        except BaseException as error:
            # What Dask throws when its scheduler goes differs by the moment: errors of its own,
            # of its connections, or work that is cancelled, which is no Exception.
            if type(error).__module__.partition(".")[0] not in _THEIRS:
                raise
            raise _gone(address) from error
        finally:
            executor.shutdown(wait=False)


# --- compiling before the first replication -----------------------------------------------------

_WHOLE = 0.5
"""What the whole engine takes to compile after its parts, in the time that they took."""


def anything_must_compile(engine: Engine, *, systems: bool = False) -> bool:
    """Whether the next replication first takes some seconds to compile, or even half a minute."""
    return (
        must_compile(engine, systems=systems)
        or measures_must_compile(systems=systems)
        or drawing_must_compile(systems=systems)
    )


def compile_all(
    engine: Engine,
    progress: Callable[[int, int], None] | None = None,
    *,
    systems: bool = False,
) -> bool:
    """Compile the engine, and what draws and measures.

    Another process sees to the latter in the meantime, and keeps it; this one then reads it. One
    process alone compiles one thing at a time, whatever its threads.

    Args:
        engine: of the replications to come.
        progress: is told how many steps of the work are done, of about how many.
        systems: whether systems are played, and not sites.

    Returns:
        Whether it is kept for the programs that start after this one.
    """
    if not must_compile(engine, systems=systems):
        return _compile_rest(systems=systems)

    def tell(done: int, of: int) -> None:
        if progress is not None:
            progress(done, round(of * (1 + _WHOLE)))

    if not (is_cached(compile_drawing) and is_cached(compile_measures)):
        # What another process compiles would be lost with it.
        return all([_compile_rest(systems=systems), compile_engine(engine, tell, systems=systems)])
    with processes(1) as beside:
        beside.executor.submit(_compile_rest, systems=systems)
        kept = compile_engine(engine, tell, systems=systems)
    return _compile_rest(systems=systems) and kept


def _compile_rest(*, systems: bool) -> bool:
    return all([compile_drawing(systems=systems), compile_measures(systems=systems)])
