"""Folders of results of a small site, as the commands write them."""

from pathlib import Path

from tests.support.command import command

SITE = """\
name: small
title: A small site & its <visitors>
description: Three places, a nurse and a clinic.
horizon: {start: 2026-03-02, days: 14}
opening: {hours: 10:00-18:00, last_entry: 15}
demand:
  visits_per_day: 90 # assumption (70-110)
  # Counted at the door for two weeks, 2025.
  profile: flat
visits:
  inject:
    rooms: [injecting]
    stay: {distribution: exponential, mean: 25} # assumption (20-30)
    patience: {distribution: exponential, mean: 20}
    overdose: {per_1000: 20, onset: 4}
    services: {wound_care: 0.1}
rooms:
  injecting: {places: 3, cleaning: {duration: 2}}
services:
  wound_care: {duration: 10, roles: [nurse], patience: 30}
supervision:
  - {rooms: [injecting], roles: [nurse], minimum: 1}
overdose:
  severities:
    any: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {cost_per_hour: 40}}
  rota:
    - {role: nurse, from: 10:00, to: "18:00", count: 2,
       breaks: [{length: 30, from: 12:00, to: 14:00}]}
targets:
  - unserved.share <= 60 %
  - wait.p90 <= 1 min
"""


def results(folder: Path) -> dict[str, Path]:
    """A run, a comparison, a sweep and a tornado, each with its page, by name of the command."""
    (folder / "small.yaml").write_text(SITE, "utf-8")
    few = ("--replications", "3", "--workers", "1", "--no-cache")
    commands = {
        "tornado": ("sweep", "small.yaml", "--tornado", "--out", "results/small-tornado"),
        "run": ("run", "small.yaml"),
        "compare": ("compare", "small.yaml", "--alt", "more: rooms.injecting.places=4"),
        "sweep": (
            *("sweep", "small.yaml", "--vary", "rooms.injecting.places=3:5"),
            *("--vary", "staff.rota.0.count=1,2", "--lang", "da"),
        ),
    }
    for name, arguments in commands.items():
        assert command(folder, *arguments, *few) == 0, name
    names = {"run": "small", "tornado": "small-tornado"}
    return {name: folder / "results" / names.get(name, f"small-{name}") for name in commands}
