"""Play the simple facility with every simulator, in turn, and compare what it costs."""

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.engines import in_ciw, in_simpy
from benchmarks.engines.site import Outcome, Site, scenario
from sim.cli import keep_freed_memory
from sim.engine import Engine, compile_engine, simulate
from sim.log import Log
from sim.log import Outcome as Ended
from sim.measures import measure
from sim.visitors import draw

Play = Callable[[Site, int], Outcome]
"""One replication of a site with a seed."""


@dataclass(frozen=True)
class Other:
    """A simulator that is installed for benchmarks only."""

    module: str

    def load(self) -> None:
        """Import it.

        Cimba must be imported before Numba compiles anything, as it does for us where nothing is
        kept yet: Cimba's package has Numba take the fields of its records for references, and
        comes too late once Numba has its own way with records (0.9.6: "Aftercare.facility:
        expected a model reference").
        """
        import_module(f"benchmarks.engines.{self.module}")

    def __call__(self, site: Site, seed: int) -> Outcome:
        """One replication."""
        found: Outcome = import_module(f"benchmarks.engines.{self.module}").play(site, seed)
        return found


@dataclass(frozen=True)
class Ours:
    """This project: visitors drawn, played and measured, all tables included."""

    engine: Engine
    measured: bool = True
    """Whether the figures are worked out too."""

    def __call__(self, site: Site, seed: int) -> Outcome:
        """One replication."""
        plan = scenario(site)
        log = simulate(plan, draw(plan, seed, 0), self.engine)
        if self.measured:
            measure(plan, log)
        return _outcome(log)


def _outcome(log: Log) -> Outcome:
    ended, waited = log.visits["outcome"], log.visits["waited"]
    left = ended == Ended.RENEGED
    waiting = left | ~np.isnan(log.visits["entered"])
    return Outcome(len(ended), int(left.sum()), float(waited[waiting].mean()))


PLAYERS: dict[str, Play] = {
    "SimPy, as in its documentation": in_simpy.play,
    "SimPy, measured": in_simpy.play_measured,
    "Ciw (less to do: no nurses)": in_ciw.play,
    "salabim": Other("in_salabim"),
    "Cimba, by its package for Python": Other("in_cimba"),
    "this project, SimPy": Ours(Engine.SIMPY, measured=False),
    "this project, compiled": Ours(Engine.FAST, measured=False),
    "this project, compiled, measured": Ours(Engine.FAST),
}
BASE = next(iter(PLAYERS))
_AGAIN, _QUICK = 5, 2.0
"""A simulator plays up to so often in a round, until it has taken so many seconds."""


@dataclass
class Timed:
    """What a simulator took, round by round, and found."""

    seconds: list[float] = field(default_factory=list)
    found: list[Outcome] = field(default_factory=list)


def _timed(play: Play, site: Site, seed: int) -> tuple[float, Outcome]:
    """Seconds of processor time for a replication, and what it found.

    Replications follow one another in a study. So a quick simulator plays the same one again and
    the least counts: the first has to find its memory anew after another simulator's turn, which
    for ours is a tenth of its time.
    """
    seconds = list[float]()
    while True:
        clock = time.process_time()
        outcome = play(site, seed)
        seconds.append(time.process_time() - clock)
        if sum(seconds) >= _QUICK or len(seconds) == _AGAIN:
            return min(seconds), outcome


def race(site: Site, rounds: int, players: dict[str, Play]) -> dict[str, Timed]:
    """Each simulator in turn, round after round, so that all meet the same noise.

    One that fails is left out of the race with a word, whatever it throws; the others go on.
    """
    timed = {name: Timed() for name in players}
    for seed in range(1, rounds + 1):
        for name in list(timed):
            try:
                seconds, outcome = _timed(players[name], site, seed)
            except Exception as error:  # noqa: BLE001  another program's: it can be anything
                _leave_out(name, error)
                del timed[name]
                continue
            timed[name].seconds.append(seconds)
            timed[name].found.append(outcome)
    return timed


def loaded(players: dict[str, Play]) -> dict[str, Play]:
    """The simulators that are installed and can be imported, imported; the others with a word."""
    found = {}
    for name, play in players.items():
        try:
            if isinstance(play, Other):
                play.load()
        except Exception as error:  # noqa: BLE001  another program's: it can be anything
            _leave_out(name, error)
            continue
        found[name] = play
    return found


def _leave_out(name: str, error: Exception) -> None:
    words = " ".join(str(error).split()) or "no reason given"
    sys.stderr.write(f"{name} is left out, it failed: {type(error).__name__}: {words}\n")


def table(timed: dict[str, Timed]) -> pd.DataFrame:
    """Seconds of processor time, how many times faster than the first, and what was found.

    The ratio is the median over rounds of the ratio within a round.
    """
    base = timed[BASE].seconds if BASE in timed else next(iter(timed.values())).seconds
    return pd.DataFrame(
        [
            {
                "simulator": name,
                "seconds": min(one.seconds),
                "times faster": statistics.median(
                    other / own for other, own in zip(base, one.seconds, strict=True)
                ),
                "visits": statistics.mean(found.visits for found in one.found),
                "left %": 100 * statistics.mean(f.left / f.visits for f in one.found),
                "mean wait": statistics.mean(found.mean_wait for found in one.found),
            }
            for name, one in timed.items()
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=28, help="simulated, by each of them")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without", action="append", default=[], help="leave out, by first word")
    parser.add_argument("--out", type=Path, help="a CSV file for the table")
    options = parser.parse_args(arguments)
    chosen = {
        name: play
        for name, play in PLAYERS.items()
        if name == BASE or name.split()[0].rstrip(",") not in options.without
    }
    keep_freed_memory()  # as the program does
    chosen = loaded(chosen)  # before anything is compiled
    compile_engine(Engine.FAST)
    found = table(race(Site(days=options.days), options.rounds, chosen))
    sys.stdout.write(
        f"{options.days} days of 700 visits, {options.rounds} rounds, {platform.processor()} "
        f"Python {platform.python_version()}; seconds of processor time, the least of the rounds\n"
    )
    sys.stdout.write(found.round(3).to_string(index=False) + "\n")
    if options.out is not None:
        found.to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
