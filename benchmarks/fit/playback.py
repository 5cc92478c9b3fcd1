"""How much of a log the site that made it gives back: `python -m benchmarks.fit playback`."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.fit.coverage import CLEAN, MESSES, Kept
from benchmarks.fit.sites import BUSY, busy, fit_of, played
from sim.fit.as_log import LogForm
from sim.fit.fit import Choice
from sim.fit.playback.play import PlayedBack, Playing, play_back
from sim.fit.playback.suspects import suspects
from sim.fit.reading.register import Shape
from sim.fit.write import trial_scenario
from sim.scenario.load import read_scenario


def _both(kept: Kept, seed: int) -> dict[str, PlayedBack]:
    """A log, played back by the true site and by the one that is fitted to it."""
    form = LogForm.model_validate({"shape": Shape.VISITS, **kept.form})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "site.yaml"
        path.write_text(BUSY)
        loaded = read_scenario(path)
        found = fit_of(busy(), played(busy(), seed), seed, form, Path(folder), Choice())
        scenarios = {"true": loaded.scenario, "fitted": trial_scenario(found, loaded, path)}
    plays = {name: play_back(found, one, Playing()) for name, one in scenarios.items()}
    return {name: one for name, one in plays.items() if isinstance(one, PlayedBack)}


def table(logs: int, of_mess: int, told: Callable[[pd.DataFrame], None]) -> pd.DataFrame:
    """By how a log is kept: its hours inside, how often it comes back, and what is suspected.

    Args:
        logs: clean ones.
        of_mess: of each mess.
        told: of what is known so far, as it takes a while.
    """
    rows = []
    for kept in (CLEAN, *MESSES):
        number = logs if kept is CLEAN else of_mess
        found = [_both(kept, seed) for seed in range(1, number + 1)]
        for name in ("true", "fitted") if found else ():
            several = [one[name] for one in found]
            rows.append(
                {
                    "log": kept.name,
                    "site": name,
                    "logs": number,
                    "inside": np.mean([one.share for one in several]),
                    "least": min(one.share for one in several),
                    "come back": sum(one.verdict == "yes" for one in several),
                    "suspected": sum(bool(suspects(one)) for one in several),
                }
            )
        told(pd.DataFrame(rows))
    return pd.DataFrame(rows)
