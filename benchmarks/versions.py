"""Is one version as fast as another? `python -m benchmarks.versions FOLDER SITE [SITE …]`.

FOLDER is another version of this project (`git worktree add FOLDER COMMIT`), SITE a scenario that
both read. Two programs, one of each version, play the same replications in turn, first one and
then the other, so that both meet the same hours of the machine; the ratios are of processor time,
pair by pair.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

HERE = Path(__file__).parents[1]
PARTS = ("draw", "simulate", "measure", "whole")
_PLAYER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from sim import draw, load_scenario, measure, simulate
from sim.cli import keep_freed_memory

keep_freed_memory()
scenario, batch = load_scenario(sys.argv[2]), int(sys.argv[3])

def play(number):
    times = [time.process_time()]
    visitors = draw(scenario, 1, number)
    times.append(time.process_time())
    log = simulate(scenario, visitors)
    times.append(time.process_time())
    measure(scenario, log)
    times.append(time.process_time())
    return [later - earlier for earlier, later in zip(times, times[1:])] + [times[-1] - times[0]]

play(0)
print(flush=True)
for line in sys.stdin:
    pair = int(line)
    played = [play(pair * batch + one + 1) for one in range(batch)]
    print(*map(sum, zip(*played)), flush=True)
"""


def player(folder: Path, site: Path, batch: int) -> subprocess.Popen[str]:
    """A program of a version that plays a batch when it reads its number; ready when it returns."""
    command = [sys.executable, "-c", _PLAYER, str(folder), str(site), str(batch)]
    pipe = subprocess.PIPE
    found = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=folder)
    _read(found)
    return found


def _read(one: subprocess.Popen[str]) -> list[float]:
    assert one.stdout is not None
    return [float(word) for word in one.stdout.readline().split()]


def _ask(one: subprocess.Popen[str], pair: int) -> list[float]:
    assert one.stdin is not None
    one.stdin.write(f"{pair}\n")
    one.stdin.flush()
    return _read(one)


def ratios(folder: Path, site: Path, pairs: int, batch: int) -> list[list[float]]:
    """Of each part, the time that it takes here over that which it takes there, pair by pair."""
    there, here = player(folder, site, batch), player(HERE, site, batch)
    found = []
    for pair in range(pairs):
        if pair % 2:
            ours, theirs = _ask(here, pair), _ask(there, pair)
        else:
            theirs, ours = _ask(there, pair), _ask(here, pair)
        found.append([one / other for one, other in zip(ours, theirs, strict=True)])
    for one in (there, here):
        one.communicate()
    return [list(part) for part in zip(*found, strict=True)]


def main(words: Sequence[str]) -> None:
    """Print for each site and part the median ratio and its quartiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sites", type=Path, nargs="+", metavar="site")
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--batch", type=int, default=2, help="replications at a time")
    given = parser.parse_args(words)
    for site in given.sites:
        sys.stdout.write(f"{site}\n")
        found = ratios(given.folder.resolve(), site.resolve(), given.pairs, given.batch)
        for name, part in zip(PARTS, found, strict=True):
            low, middle, high = quantiles(part, n=4)
            sys.stdout.write(f"  {name:9} {middle:.3f}  ({low:.3f} to {high:.3f})\n")


if __name__ == "__main__":
    main(sys.argv[1:])
