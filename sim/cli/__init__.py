"""The command line: parses, calls and prints.

Memory that a replication has freed is there for the next, and what is imported stays.
"""

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from sim.cli.borders import fault

_TRIM, _MMAP, _ARENAS = -1, -3, -8
"""Settings of glibc's mallopt: when freed memory is given back, what is asked for apart, and how
many places threads get memory from."""
_NEVER = 2**30
_APP = "sim.cli.app"


def keep_freed_memory() -> None:
    """Let the C library keep what is freed, where it is one that can be told.

    A replication fills some ten to a hundred megabytes and frees them. By default glibc gives
    them back at once, and the next replication gets them anew page by page, which took a tenth
    of the time of a search among designs. What a thread other than the first has freed is given
    back whatever the settings, unless all threads share one place; they hardly ever meet there.
    NumPy, which is imported later, is told not to ask for huge pages: making them ready took 0.16
    seconds of the first replication of a year, and they saved nothing afterwards.
    """
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, or none to be had
        return
    mallopt(_TRIM, _NEVER)
    mallopt(_MMAP, _NEVER)
    mallopt(_ARENAS, 1)


@contextmanager
def keep_what_is_imported() -> Iterator[None]:
    """Do not look for garbage within the block, nor later among what it has made.

    Some 500,000 objects are imported, none of them garbage. Python would look through them again
    and again on the way, and at the end of the program: a quarter of the time of a short run.
    """
    if _APP in sys.modules:  # a program that has begun before, such as a test
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


_INTERRUPTED, _WRONG = 130, 2


def main() -> None:
    """Run the command line; wrong input ends with status 2 and no traceback."""
    keep_freed_memory()
    try:
        with keep_what_is_imported():
            # By name, as the commands are: what is imported above would not be kept.
            app = import_module(_APP)
            program = app.application(sys.argv[1:])
    except KeyboardInterrupt:  # before anything was begun
        sys.exit(_INTERRUPTED)
    except Exception as error:  # such as no memory for what is imported
        said = fault(error)
        if said is None or sys.stderr is None:
            raise
        sys.stderr.write(f"dcr-sim: {said}\n")
        sys.exit(_WRONG)
    app.run(program)
