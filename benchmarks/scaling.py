"""How the cost of a study grows, and where it goes: `python -m benchmarks.scaling`.

Seconds are of processor time, the least of some rounds, unless it says "elapsed".
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.engines.site import Site, scenario
from sim.cli import keep_freed_memory
from sim.engine import Engine, compile_engine, simulate
from sim.measures import measure, responses_table, visits_table
from sim.measures.laws import check_laws
from sim.scenario import Scenario, load_scenario
from sim.visitors import draw

ROOT = Path(__file__).parents[1]
H17 = ROOT / "scenarios" / "h17.yaml"
YEAR = "horizon.weeks=52"
STEPS = ("draw", "simulate", "check laws", "measure", "tables")


def steps(site: Scenario, replication: int) -> tuple[float, ...]:
    """Seconds for each of STEPS, of one replication."""
    clock = [time.process_time()]
    visitors = draw(site, 1, replication)
    clock.append(time.process_time())
    log = simulate(site, visitors)
    clock.append(time.process_time())
    check_laws(site, log)
    clock.append(time.process_time())
    measure(site, log)
    clock.append(time.process_time())
    visits_table(site, log, replication)
    responses_table(site, log, replication)
    clock.append(time.process_time())
    return tuple(np.diff(clock).tolist())


def by_step(name: str, site: Scenario, rounds: int) -> dict[str, object]:
    """A line: the least seconds of each step, and microseconds a visit of all but the tables."""
    steps(site, 0)  # what is worked out once per scenario
    least = np.min([steps(site, replication) for replication in range(rounds)], axis=0)
    visits = len(draw(site, 1, 0))
    each = 1e6 * least[:-1].sum() / visits
    return {"": name, "visits": visits} | dict(zip(STEPS, least, strict=True)) | {"µs/visit": each}


def larger(times: float) -> Site:
    """The simple facility with so many times the visits, places, desks, seats and nurses."""
    one = Site()

    def grown(number: int) -> int:
        return max(1, round(number * times))

    return replace(
        one,
        visits_per_day=one.visits_per_day * times,
        desks=grown(one.desks),
        places=(grown(one.places[0]), grown(one.places[1])),
        nurses=grown(one.nurses),
        seats=grown(one.seats),
    )


def growth(rounds: int) -> pd.DataFrame:
    """Visits a day and length of the horizon; and a year of H17."""
    lines = [
        by_step(f"{round(700 * times)} visits a day, 28 days", scenario(site), rounds)
        for times in (0.1, 1, 10)
        for site in (replace(larger(times), days=28),)
    ]
    lines += [
        by_step(f"700 visits a day, {days} days", scenario(Site(days=days)), rounds)
        for days in (91, 364)
    ]
    lines.append(by_step("H17, a year", load_scenario(H17, [YEAR]), rounds))
    return pd.DataFrame(lines)


# --- whole programs ------------------------------------------------------------------------------


def command(folder: Path, *options: str, compiled: Path | None = None) -> tuple[float, float]:
    """Elapsed seconds of `run`, and the most memory it took in MiB."""
    arguments = [sys.executable, str(ROOT / "run.py"), "run", *options, "--no-cache"]
    environment = dict(os.environ)
    if compiled is not None:
        environment["NUMBA_CACHE_DIR"] = str(compiled)
    began = time.perf_counter()
    # A process of its own for each: the most memory of children is that of the largest so far.
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], check=True, stdout=-3, stderr=-3);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--out", str(folder / "out")],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - began, int(ran.stdout) / 1024


def programs(rounds: int) -> Iterator[tuple[str, float, float]]:
    """Description, elapsed seconds and MiB of runs from start to end."""
    small = (str(H17), "--set", "horizon.weeks=1", "--replications", "1")
    year = (str(H17), "--set", YEAR, "--replications")
    month = (str(H17), "--replications")
    runs: Sequence[tuple[str, tuple[str, ...]]] = (
        ("one week of H17", small),
        ("30 years of H17, all tables and visits", (*year, "30", "--visits")),
        ("30 years of H17, one worker", (*year, "30", "--visits", "--workers", "1")),
        ("10 times 4 weeks of H17", (*month, "10")),
        ("40 times 4 weeks of H17", (*month, "40")),
        ("160 times 4 weeks of H17", (*month, "160")),
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield ("one week of H17, first time: compiles", *command(folder, *small, compiled=folder))
        for what, options in runs:
            took = [command(folder, *options) for _ in range(rounds)]
            yield (what, *np.min(took, axis=0).tolist())


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--whole", action="store_true", help="only runs from start to end")
    options = parser.parse_args(arguments)
    keep_freed_memory()  # as the program does
    compile_engine(Engine.FAST)
    sys.stdout.write(f"Python {platform.python_version()}, {os.cpu_count()} processors\n")
    if not options.whole:
        sys.stdout.write(growth(options.rounds).round(4).to_string(index=False) + "\n")
    for what, seconds, memory in programs(min(options.rounds, 3)):
        sys.stdout.write(f"{what}: {seconds:.2f} s elapsed, {memory:.0f} MiB\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
