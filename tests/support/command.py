"""The command line, run in the process of the tests, and a small site for it."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sim.cli import main

SMALL = """\
name: small
horizon: {days: 7}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 90, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: {distribution: exponential, mean: 25}
    patience: {distribution: exponential, mean: 20}
    overdose: {per_1000: 20, onset: 4}
rooms:
  injecting: {places: 3}
overdose:
  severities:
    any: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {}}
  rota:
    - {role: nurse, from: 10:00, to: "18:00"}
"""


def _started(patch: pytest.MonkeyPatch, arguments: Sequence[str]) -> None:
    """As `python run.py`, however the tests themselves were started."""
    patch.setattr(sys, "argv", ["run.py", *arguments])
    patch.setattr(sys.modules["__main__"], "__package__", None, raising=False)


def call(monkeypatch, *arguments):
    """Run the command line in this process and give its exit status."""
    _started(monkeypatch, arguments)
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def command(folder: Path, *arguments: str) -> int:
    """Run the command line in a folder, in this process; gives its exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        _started(patch, arguments)
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    return code if isinstance(code, int) else 1
