"""The sites whose logs are fitted, and what is true of them."""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from sim.engine import Engine
from sim.fit.as_log import LogForm, as_log
from sim.fit.fit import Choice, Fitted, fit_log
from sim.fit.reading.read import read_log
from sim.fit.reading.rows import Said
from sim.measures import visits_table
from sim.scenario import Scenario
from sim.scenario.load import scenario_from_text
from sim.study.run.replication import simulate_replication

BUSY = """\
name: busy
horizon: {start: 2026-01-26, weeks: 4}
opening: {hours: "10:00-22:00"}
demand:
  visits_per_day: 90
  profile: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 2, 2, 1, 1, 0, 0]
  weekday: {sat: 1.2, sun: 0.7}
  day_to_day_cv: 0.14
  crowd_at_opening: 0.04
  special_days: [{name: benefit, days_of_month: [1, 2, 3], visits: 1.25}]
  clients: {number: 400, sigma: 1.2}
visits:
  inject:
    share: 0.6
    rooms: [injecting]
    stay: {distribution: lognormal, mean: 25, cv: 0.5}
    patience: {distribution: weibull, median: 20, shape: 1.2}
    overdose: {per_1000: 15, onset: 4}
  smoke:
    share: 0.4
    rooms: [smoking]
    stay: {distribution: gamma, mean: 18, cv: 0.5}
    patience: {distribution: weibull, median: 20, shape: 1.2}
rooms:
  injecting:
    places: 4
    time_limit: {limit: 40, comply: 0.8, overrun: {distribution: exponential, mean: 8}}
  smoking: {places: 2}
overdose:
  severities:
    any: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {}}
  rota:
    - {role: nurse, count: 2, from: "10:00", to: "22:00"}
"""
TRUTH = {
    ("demand.visits_a_day", "all"): 90 * 6.9 / 7,
    ("demand.day_to_day_cv", "all"): 0.14,
    ("demand.crowd_at_opening", "all"): 0.04,
    ("demand.special_days.visits", "benefit"): 1.25,
    ("visits.share", "inject"): 0.6,
    ("visits.stay.mean", "inject"): 25.0,
    ("visits.stay.mean", "smoke"): 18.0,
    ("rooms.time_limit.comply", "injecting"): 0.8,
    ("rooms.time_limit.overrun.mean", "injecting"): 8.0,
    ("visits.patience.median", "all"): 20.0,
    ("visits.patience.shape", "all"): 1.2,
    ("visits.overdose.per_1000", "inject"): 15.0,
}
"""By input and what of."""
QUEUE = """\
name: queue
horizon: {start: 2026-01-05, weeks: 3}
opening: {hours: 24/7}
demand: {visits_per_day: 57.6, profile: flat}
visits:
  use:
    rooms: [booth]
    stay: {distribution: exponential, mean: 20}
    patience: {distribution: exponential, mean: 30}
rooms: {booth: {places: 1}}
"""
QUEUE_TRUTH = {
    ("demand.visits_a_day", "all"): 57.6,
    ("visits.stay.mean", "use"): 20.0,
    ("visits.patience.median", "all"): 30 * math.log(2),
    ("visits.patience.shape", "all"): 1.0,
}


SERVED = """\
name: served
horizon: {start: 2026-01-26, weeks: 2}
opening: {hours: "10:00-22:00"}
demand: {visits_per_day: 60, profile: flat}
visits:
  inject:
    share: 0.6
    rooms: [injecting]
    stay: {distribution: lognormal, mean: 20, cv: 0.5}
    services: {advice: 0.04, wound_care: 0.1}
    aftercare: {share: 0.5, stay: 10}
  smoke:
    share: 0.35
    rooms: [smoking]
    stay: {distribution: gamma, mean: 18, cv: 0.5}
    services: {advice: 0.02}
  dressing:
    share: 0.05
    services: {wound_care: 1}
rooms:
  injecting: {places: 12}
  smoking: {places: 8}
services:
  advice: {duration: 10, roles: [nurse]}
  wound_care: {duration: 15, roles: [nurse]}
aftercare: {}
staff:
  roles: {nurse: {}}
  rota:
    - {role: nurse, count: 4, from: "10:00", to: "22:00"}
"""
SERVED_TRUTH = {
    ("visits.services", "inject, advice"): 0.04,
    ("visits.services", "inject, wound_care"): 0.1,
    ("visits.services", "smoke, advice"): 0.02,
    ("visits.aftercare.share", "inject"): 0.5,
}


def busy(weeks: int = 4) -> Scenario:
    """A site with queues, for so many weeks."""
    return scenario_from_text(BUSY.replace("weeks: 4", f"weeks: {weeks}"))


def queue() -> Scenario:
    """One place, and people who leave: M/M/1 + M."""
    return scenario_from_text(QUEUE)


def served() -> Scenario:
    """Places for all, two services after the stay and aftercare: some 200 visits of a kind."""
    return scenario_from_text(SERVED)


def played(site: Scenario, seed: int) -> pd.DataFrame:
    """The visits of a log: one play."""
    log = simulate_replication(site, seed, 0, Engine.FAST)
    frame: pd.DataFrame = visits_table(site, log, 0).to_pandas()
    return frame


def fit_of(
    site: Scenario, visits: pd.DataFrame, seed: int, form: LogForm, folder: Path, choice: Choice
) -> Fitted:
    """Visits, written down as a log, read and fitted."""
    files = as_log(visits, site.horizon.start, form, seed)
    for name, contents in files.items():
        (folder / name).write_bytes(contents)
    said = Said()
    read = read_log(folder / "log.csv", site, said)
    gone = None
    if "unserved.csv" in files:
        gone = read_log(folder / "unserved.csv", site, said, unserved=True)
    return fit_log(read, gone, site, choice)


def p90_and_unserved(site: Scenario, replications: int) -> tuple[float, float]:
    """90 in 100 waits are shorter, minutes; and how many a day are not served."""
    waits, gone = [], 0
    for number in range(replications):
        visits = simulate_replication(site, 424_242, number, Engine.FAST).visits
        has_place = ~np.isnan(visits["entered"])
        waits.append(visits["waited"][has_place])
        gone += int((~has_place).sum())
    days = site.horizon.total_days * replications
    return float(np.quantile(np.concatenate(waits), 0.9)), gone / days
