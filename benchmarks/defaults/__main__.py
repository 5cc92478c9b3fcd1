"""What the values to start from say of published sites: `python -m benchmarks.defaults`.

Plays every site of sim/validation/published/sites.toml with the old values and with the new ones;
predicts each site from the others; sizes sites for 60 to 600 visits a day. What is played is kept
in benchmarks/defaults/results, and docs/defaults.md is written of it; with --page the page alone is
written anew, of what was kept.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.defaults import left_out, page, places, played
from benchmarks.defaults.sites import sites

PAGE = Path(__file__).parents[2] / "docs" / "defaults.md"
WORLDS = 300


def main(arguments: Sequence[str] | None = None) -> None:
    """Play, keep and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="write the page of what was kept")
    parser.add_argument("--worlds", type=int, default=WORLDS, help="drawn for each site")
    parser.add_argument("--drawn", type=Path, help="a file for the worlds, used again if there")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    if not asked.page:
        page.keep(_play(asked.worlds, asked.drawn, asked.workers))
    PAGE.write_text(page.render(page.kept()), encoding="utf-8", newline="\n")


def _play(number: int, file: Path | None, workers: int) -> page.Tables:
    say = sys.stderr.write
    known = sites()
    speaking = [site for site in known if site.reading is not None]
    found = {
        "sites": played.table(known, workers, lambda name: say(f"{name}\n")),
        "bottlenecks": played.bottlenecks(known, workers),
    }
    say("sizing\n")
    found["places"] = places.table(workers)
    say(f"{number} worlds of each of {len(speaking)} sites\n")
    if file is not None and file.exists():
        worlds = pd.read_csv(file)
    else:
        worlds = left_out.drawn(speaking, number, workers)
        if file is not None:
            worlds.to_csv(file, index=False)
    found["left_out"] = left_out.left_out(speaking, worlds)
    found["common"] = left_out.pooled(speaking, worlds)
    return found


if __name__ == "__main__":
    main()
