"""Who runs replications: this process, its threads, several processes, or a cluster."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import active_children, get_context
from typing import TypeVar

from sim.engine import Engine
from sim.study.replication import StudyError

Result = TypeVar("Result")

_PATIENCE = "10 s"
"""How long a scheduler, and its first worker, may keep us waiting."""


@dataclass(frozen=True)
class Pool:
    """Somebody who runs replications."""

    executor: Executor
    """Anything with the interface of `concurrent.futures`."""
    workers: int
    """How many replications it runs at the same time."""
    elsewhere: bool = True
    """Whether in other processes, to which the work must be sent."""


PoolOpener = Callable[[], AbstractContextManager[Pool]]
"""Makes a pool for the time of a `with` block; an error within it ends what is under way."""


def this_machine(engine: Engine, workers: int) -> PoolOpener:
    """So many threads or processes of this machine, as suits the engine; for one, neither."""
    if workers == 1:
        return _here
    return (lambda: _threads(workers)) if engine.threads else (lambda: _processes(workers))


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


@contextmanager
def _processes(workers: int) -> Iterator[Pool]:
    others = set(active_children())
    # Fresh processes on every system: a forked copy of a program with threads may hang. Ctrl-C
    # reaches them as well; they leave it to this process, which ends them.
    executor = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        yield Pool(executor, workers)
    except BrokenProcessPool as error:
        raise StudyError("a worker process died, perhaps for want of memory") from error
    except BaseException:
        # Replications under way would be waited for; nobody wants them any more.
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def _dask(address: str) -> Iterator[Pool]:
    try:
        distributed = import_module("distributed")  # large, and of use to few
    except ImportError as error:
        raise StudyError(
            "--cluster needs the package 'distributed', which is not installed; "
            "install it with: python -m pip install 'dcr-sim[cluster]'"
        ) from error
    try:
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise StudyError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise StudyError(
                f"the Dask scheduler at {address} has no workers; start some"
            ) from error
        workers = sum(client.nthreads().values())
        executor = client.get_executor(pure=False)
        try:
            yield Pool(executor, workers)
        except distributed.KilledWorker as error:
            raise StudyError(
                f"the Dask workers died again and again, perhaps for want of memory: {error}"
            ) from error
        finally:
            executor.shutdown(wait=False)
