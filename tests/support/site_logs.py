"""Logs as sites keep them, small ones made up row by row, and a site for them."""

import math

import numpy as np

from sim.fit.fit import Choice, fit_log
from sim.fit.reading.read import read_log
from sim.fit.reading.rows import Said
from sim.scenario.load import scenario_from_text

SITE = """\
name: small
horizon: {start: 2026-01-05, weeks: 2}
opening: {hours: "10:00-22:00"}
demand:
  visits_per_day: 40
  profile: flat
  weekday: {sun: 0.5}
visits:
  inject:
    share: 0.6
    rooms: [injecting]
    stay: {distribution: lognormal, mean: 20, cv: 0.5, at_most: 45}
    overdose: {per_1000: 2, onset: 4}
  smoke:
    share: 0.4
    rooms: [smoking]
    stay: {distribution: triangular, low: 5, mode: 10, high: 30}
rooms:
  injecting: {places: 20}
  smoking: {places: 20}
overdose:
  severities:
    any: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {}}
  rota:
    - {role: nurse, from: "10:00", to: "22:00"}
"""


def small_site(more=""):
    return scenario_from_text(SITE + more)


def write_log(folder, lines, name="log.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def clock(minutes):
    return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}"


def moment(minutes, month=1, first=5):
    """`2026-01-05 10:07`, minutes after the midnight of the first Monday."""
    day, rest = divmod(int(minutes), 1440)
    return f"{np.datetime64(f'2026-{month:02d}-{first:02d}') + day} {clock(rest)}"


def uses(rng, days=28, a_day=40, mean=20.0, cv=0.5):
    """Arrivals, stays and kinds of a site where nobody waits."""
    sigma = math.sqrt(math.log1p(cv**2))
    times = []
    for day in range(days):
        count = rng.poisson(a_day)
        times += (day * 1440 + 600 + np.sort(rng.uniform(0, 720, count))).tolist()
    stays = rng.lognormal(math.log(mean) - sigma**2 / 2, sigma, len(times))
    kinds = np.where(rng.random(len(times)) < 0.6, "inject", "smoke")
    return np.floor(times), np.maximum(1, np.round(stays)), kinds


def visits_lines(times, stays, kinds):
    """A row a visit, in English; one that was refused, so that the unserved are known."""
    yield "arrived,entered,left,kind,outcome"
    yield f"{moment(times[0])},,,inject,refused"
    for time, stay, kind in zip(times, stays, kinds, strict=True):
        yield f"{moment(time)},{moment(time)},{moment(time + stay)},{kind},served"


def fitted(path, site=None, said=None, unserved=None, **choice):
    """A log read and fitted."""
    site, said = site or small_site(), said or Said()
    gone = None if unserved is None else read_log(unserved, site, said, unserved=True)
    return fit_log(read_log(path, site, said), gone, site, Choice(**choice))


def rules(found):
    return {one.rule: one.count for one in found.findings}
