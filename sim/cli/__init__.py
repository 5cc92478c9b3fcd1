"""The command line: parses, calls and prints."""

import sys
from importlib import import_module

from sim.cli.allocation import keep_freed_memory, keep_what_is_imported
from sim.cli.borders import fault

_INTERRUPTED, _WRONG = 130, 2


def main() -> None:
    """Run the command line; wrong input ends with status 2 and no traceback."""
    keep_freed_memory()
    try:
        with keep_what_is_imported():
            # By name, as the commands are: what is imported above would not be kept.
            app = import_module("sim.cli.app")
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
