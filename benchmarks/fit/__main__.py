"""Fits of logs against the truth: `python -m benchmarks.fit coverage`, or another table."""

import argparse
import sys

import pandas as pd

from benchmarks.fit import balking, coverage, forecast, playback


def main() -> None:
    """Print the table that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", choices=("coverage", "forecast", "playback", "balking"))
    parser.add_argument(
        "--logs",
        type=int,
        help="clean logs (1000, played back 60, balking 100), or of each length (20)",
    )
    parser.add_argument("--of-mess", type=int, default=200, help="logs of each mess")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    asked = parser.parse_args()
    if asked.table == "coverage":
        found = coverage.table(asked.logs or 1000, asked.of_mess, asked.workers, _say)
    elif asked.table == "playback":
        found = playback.table(asked.logs or 60, asked.of_mess, _say)
    elif asked.table == "balking":
        found = balking.table(asked.logs or 100, asked.workers, _say)
    else:
        found = forecast.table(asked.logs or 20, _say)
    _say(found)


def _say(found: pd.DataFrame) -> None:
    sys.stdout.write(found.round(3).to_string(index=False) + "\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
