"""Turning round and registration by a replay of the log, against the truth.

`python -m benchmarks.fit balking` plays two weeks of `scenarios/skyen.yaml`, with its breaks and
its supervision, and fits each log with and without the replay.
"""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.fit.sites import fit_of, played
from sim.fit.as_log import LogForm
from sim.fit.estimates.balking import Doors, fit_balking
from sim.fit.fit import Choice, Fitted
from sim.fit.playback.replay import replayed
from sim.fit.reading.columns import Fate
from sim.fit.reading.register import Floats, Shape
from sim.scenario import Scenario
from sim.scenario.load import load_scenario
from sim.study.estimate.intervals import Estimate

_SITE = Path(__file__).resolve().parents[2] / "scenarios" / "skyen.yaml"
_PARTS = frozenset(("patience", "balking", "check_in"))
_ALL = "all"
_WEEKS, _TOLD = 2, 10
"""Of each log; and after how many of them what is known so far is told."""


def log_alone(found: Fitted) -> Estimate:
    """How readily people turn round by the log's own queue, and the places of the file."""
    register, site = found.register, found.site
    came = np.isin(register.fate, (Fate.SERVED, Fate.LEFT, Fate.TURNED))
    in_line = came & (register.fate != Fate.TURNED)
    over = np.where(register.served, register.entered, register.out)
    ahead, places = np.zeros(len(register)), np.zeros(len(register))
    for number, kind in enumerate(site.visits.values()):
        others = [bool({*one.rooms} & {*kind.rooms}) for one in site.visits.values()]
        theirs = in_line & np.array(others)[register.kind]
        mine = register.kind == number
        waiting = np.searchsorted(np.sort(register.arrived[theirs]), register.arrived)
        waiting -= np.searchsorted(np.sort(over[theirs]), register.arrived, side="right")
        ahead[mine] = np.maximum(waiting, 0)[mine]
        places[mine] = sum(site.rooms[room].places for room in kind.rooms)
    turned = register.fate == Fate.TURNED
    nobody = np.zeros((1, len(register)), dtype=np.bool_)
    doors = Doors(turned, register.kind, ahead[np.newaxis], places[np.newaxis], nobody)
    return next(iter(fit_balking(doors.where(came), site).values())).per_person


def one_log(seed: int, site: Scenario) -> dict[str, Estimate]:
    """What one log says, with and without the replay."""
    form = LogForm(shape=Shape.VISITS)
    choice = Choice(latest=False, only=_PARTS)
    with tempfile.TemporaryDirectory() as folder:
        found = fit_of(site, played(site, seed), seed, form, Path(folder), choice)
    after = replayed(found)
    assert found.check_ins is not None
    assert after.check_ins is not None
    assert after.balking
    assert after.waits is not None
    return {
        "balking, log alone": log_alone(found),
        "balking, replay": next(iter(after.balking.values())).per_person,
        "registration, log alone": found.check_ins.means[_ALL][0],
        "registration, replay": after.check_ins.means[_ALL][0],
        "wait, recorded less replayed": after.waits.more,
        "P90 of the wait, the same": after.waits.more_p90,
        "told to differ": Estimate(float(after.waits.differ != 0)),
    }


def table(logs: int, workers: int, told: Callable[[pd.DataFrame], None]) -> pd.DataFrame:
    """By estimator: its mean, how often its interval held the truth, and how far it is off.

    Args:
        logs: how many.
        workers: processes.
        told: of what is known so far.
    """
    site = load_scenario(_SITE)
    days = site.horizon.model_copy(update={"weeks": _WEEKS})
    site = site.model_copy(update={"horizon": days})
    kind, desk = next(iter(site.visits.values())), site.check_in
    assert kind.balking is not None
    assert desk is not None
    truth = {"balking": kind.balking.per_person_ahead, "registration": desk.times.mean()}
    with ProcessPoolExecutor(workers) as pool:
        found = list[dict[str, Estimate]]()
        for one in pool.map(partial(one_log, site=site), range(1, logs + 1)):
            found.append(one)
            if len(found) % _TOLD == 0 and len(found) < logs:
                told(pd.DataFrame(_rows(found, truth)))
    return pd.DataFrame(_rows(found, truth))


def _rows(found: list[dict[str, Estimate]], truth: dict[str, float]) -> Iterator[dict[str, object]]:
    for name in found[0]:
        true = truth.get(name.partition(",")[0], 0.0)
        each: Floats = np.array([one[name] for one in found])
        held = (each[:, 1] <= true) & (true <= each[:, 2])
        row = {"estimate": name, "true": true, "logs": len(found), "mean": each[:, 0].mean()}
        yield row | {"sd": each[:, 0].std(ddof=1), "held": int(held.sum())}
