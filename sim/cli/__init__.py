"""The command line: parses, calls and prints."""

import sys

from sim.cli.allocation import keep_freed_memory, keep_what_is_imported

_INTERRUPTED = 130


def main() -> None:
    """Run the command line; wrong input ends with status 2 and no traceback."""
    keep_freed_memory()
    try:
        with keep_what_is_imported():
            # What is imported outside this block would not be kept.
            from sim.cli.app import application, run  # noqa: PLC0415

            program = application(sys.argv[1:])
    except KeyboardInterrupt:  # before anything was begun
        sys.exit(_INTERRUPTED)
    run(program)
